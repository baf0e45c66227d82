"""Whatever was made by other code has another name, and whatever was made by the same code has the same."""

import ast
import functools
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.common import fingerprint as sources
from workbench.engine.compiled import code_hash as remembered

ROOT = Path(sources.__file__).parents[1]
BUILDING = sorted(str(path.relative_to(ROOT)) for path in sources.deciding(sources.BUILDING))
MAKING = sorted(str(path.relative_to(ROOT)) for path in sources.deciding(sources.MAKING_RESULTS))

#: The reader itself, which keeps nothing.
READ = sources._read

#: What shows results, or is tried on rules alone.
SHOWING = (
    "command/main.py",
    "command/printing.py",
    "figures",
    "tables",
    "testing",
    "study/work/verdict.py",
    "audit/cost.py",
)


@functools.cache
def read_content(path: Path, content: bytes) -> object:
    """Read a module, each content of it once."""
    assert path.read_bytes() == content
    return READ(path)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("copied") / "workbench"


@pytest.fixture
def package(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a copy of the workbench in its place, to edit."""
    shutil.rmtree(place, ignore_errors=True)
    shutil.copytree(ROOT, place, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(sources, "_PACKAGE", place)
    monkeypatch.setattr(sources, "_read", lambda path: read_content(path, path.read_bytes()))
    return place


def hashes() -> tuple[str, str]:
    """Return the hashes of the code that builds networks and of the code that makes results."""
    return sources.checksum(sources.BUILDING), sources.checksum(sources.MAKING_RESULTS)


def append(path: Path, text: str) -> None:
    path.write_text(path.read_text() + text)


def test_a_copy_has_the_same_hashes(package: Path) -> None:
    assert hashes() == (remembered.code_that_builds(), remembered.code_that_makes_results())
    assert len(set(hashes())) == 2


def test_what_builds_a_network_makes_results() -> None:
    assert set(BUILDING) < set(MAKING)
    assert {
        "model/build.py",
        "engine/compiled/templates/arithmetic.cpp",
        "model/templates/delay.py_",
        "model/templates/sweep.cpp",
        "declare/rule.py",
    } <= set(BUILDING)
    assert {"model/numbers.py", "study/run/training.py", "reference/bptt.py", "declare/task.py", "__init__.py"} <= set(
        MAKING
    )
    assert not {"study/run/training.py", "reference/bptt.py", "__init__.py"} & set(BUILDING)


@pytest.mark.parametrize("shown", SHOWING)
def test_what_shows_results_makes_none(shown: str) -> None:
    assert (ROOT / shown).exists()
    assert not [name for name in MAKING if name == shown or name.startswith(f"{shown}/")]


def test_an_edit_of_any_code_that_matters_is_seen(package: Path) -> None:
    seen = [hashes()]
    for name in MAKING:
        append(package / name, "EDITED = 1\n")
        seen.append(hashes())
        assert seen[-1][1] != seen[-2][1], name
        assert (seen[-1][0] != seen[-2][0]) == (name in BUILDING), name
    assert len({makes for _, makes in seen}) == len(seen)


def test_an_edit_of_what_only_shows_is_not(package: Path) -> None:
    before = hashes()
    for path in package.rglob("*.py"):
        if str(path.relative_to(package)) not in MAKING:
            append(path, "EDITED = 1\n")
    assert hashes() == before


def reworded(text: str) -> str:
    """Return a module with another docstring, more comments and empty lines, and a text that nobody reads."""
    lines = text.replace('"""', '"""Reworded. ', 1).splitlines()
    return "\n\n# A comment.\n" + "\n".join(lines) + '\n\n"""Said to nobody."""\n# The end.\n'


def test_words_that_python_does_not_run_do_not_matter(package: Path) -> None:
    before = hashes()
    for path in package.rglob("*.py"):
        path.write_text(reworded(path.read_text()))
    assert hashes() == before


CODE = '''
"""A module."""
import math


class Thing:
    """A thing."""

    #: Of all things.
    size: float = 1.5
    """Its size."""

    def grown(self, by: float = 2.0, *rest: int) -> str:
        """Return a larger one."""
        if by < 0:
            raise ValueError(f"It shrinks by {by:.{3}f}.")
        return "large" + str(self.size * by)  # Or so.
'''


def code(text: str) -> str:
    return sources._written(ast.parse(text))


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ('"""A module."""\n', "", True),
        ('    """A thing."""\n\n', "", True),
        ('"""Return a larger one."""', '"""Return\n\n        one that is larger.\n        """', True),
        ('    """Its size."""\n', "", True),
        ("# Or so.", "# Or not.", True),
        ("#: Of all things.", "", True),
        ('"large"', "'large'", True),
        ("self.size * by", "(self.size * by)", True),
        ("2.0, *rest: int) -> str", "2.0,\n *rest: int,\n) -> str", True),
        ("1.5", "1.50", True),
        ("1.5", "1.5000000000000002", False),
        ("2.0", "2", False),
        ("by < 0", "by <= 0", False),
        ("by < 0", "by < False", False),
        ('"large"', '"Large"', False),
        ("It shrinks", "It grows", False),
        (".{3}f", ".{4}f", False),
        ("self.size * by", "by * self.size", False),
        ("size: float = 1.5", "size: int = 1.5", False),
        ("import math", "import cmath as math", False),
        ("def grown", "async def grown", False),
        ('return "large"', 'return """large"""', True),
        ('"""A thing."""', "thing = '''A thing.'''", False),
    ],
)
def test_code_counts_and_how_it_is_written_does_not(old: str, new: str, same: bool) -> None:
    assert CODE.count(old) == 1
    assert (code(CODE.replace(old, new)) == code(CODE)) == same


def test_text_of_code_is_that_of_all_versions_of_python() -> None:
    assert code("def f(a): return f'{a}' or None") == (
        "Module(body=[FunctionDef(name='f',args=arguments(args=[arg(arg='a',)])body=[Return(value=BoolOp(op=Or()values="
        "[JoinedStr(values=[FormattedValue(value=Name(id='a',)conversion=-1,)])Constant()]))])])"
    )


def import_at_the_top(package: Path) -> None:
    append(package / "model" / "build.py", "from workbench.model import new\n")


def import_a_name(package: Path) -> None:
    append(package / "model" / "build.py", "from workbench.model.new import THING as thing\n")


def import_the_whole_name(package: Path) -> None:
    append(package / "model" / "build.py", "import workbench.model.new\n")


def import_later(package: Path) -> None:
    append(package / "model" / "build.py", "def use():\n    if use:\n        from workbench.model import new\n")


def import_by_way_of_another(package: Path) -> None:
    (package / "model" / "between.py").write_text("from workbench.model import new\n")
    append(package / "model" / "build.py", "from workbench.model.between import new\n")


def import_where_types_are_not_checked(package: Path) -> None:
    append(package / "model" / "build.py", "if TYPE_CHECKING:\n    pass\nelse:\n    from workbench.model import new\n")


def import_in_a_package(package: Path) -> None:
    append(package / "model" / "__init__.py", "from workbench.model import new\n")


def import_for_types(package: Path) -> None:
    append(package / "model" / "build.py", "if TYPE_CHECKING:\n    from workbench.model import new\n")


def leave_a_folder_behind(package: Path) -> None:
    (package / "model" / "new" / "__pycache__").mkdir(parents=True)
    import_at_the_top(package)


def import_elsewhere(package: Path) -> None:
    append(package / "command/printing.py", "from workbench.model import new\n")


def import_nowhere(package: Path) -> None:
    append(package / "model" / "build.py", "# from workbench.model import new\n")


@pytest.mark.parametrize(
    ("imported", "counts"),
    [
        *((each, True) for each in (import_at_the_top, import_a_name, import_the_whole_name, import_later)),
        *((each, True) for each in (import_by_way_of_another, import_where_types_are_not_checked, import_in_a_package)),
        (leave_a_folder_behind, True),
        *((each, False) for each in (import_for_types, import_elsewhere, import_nowhere)),
    ],
)
def test_new_module_counts_where_it_is_imported(package: Path, imported: Callable[[Path], None], counts: bool) -> None:
    new = package / "model" / "new.py"
    new.write_text("THING = 1\n")
    imported(package)
    for roots in (sources.BUILDING, sources.MAKING_RESULTS):
        assert (new in sources.deciding(roots)) == counts
    before = hashes()
    new.write_text("THING = 2\n")
    after = hashes()
    assert [one != other for one, other in zip(before, after, strict=True)] == [counts, counts]


def test_letters_of_all_files_count_where_code_is_known_again(package: Path) -> None:
    seen = [sources.as_written()]
    (package / "model" / "__pycache__").mkdir()
    (package / "model" / "__pycache__" / "build.cpython-311.pyc").touch()
    assert sources.as_written() == seen[0]
    for name in ("command/main.py", "model/build.py", "engine/compiled/templates/arithmetic.cpp"):
        append(package / name, "# A comment.\n")
        seen.append(sources.as_written())
    (package / "model" / "templates" / "new").touch()
    seen.append(sources.as_written())
    (package / "model" / "templates" / "new").rename(package / "model" / "new.py")
    seen.append(sources.as_written())
    assert len(set(seen)) == len(seen)


def test_new_template_counts(package: Path) -> None:
    before = hashes()
    (package / "model" / "templates" / "new.cpp").write_text("// C++\n")
    after = hashes()
    assert before[0] != after[0]
    assert before[1] != after[1]


def test_module_by_another_name_is_other_code(package: Path) -> None:
    before = hashes()
    for path in (package / "model").rglob("*.py"):
        path.write_text(path.read_text().replace("workbench.model.readout_rule", "workbench.model.renamed"))
    (package / "model" / "readout_rule.py").rename(package / "model" / "renamed.py")
    after = hashes()
    assert before[0] != after[0]
    assert before[1] != after[1]
