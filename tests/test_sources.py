"""Whatever was made by other code has another name."""

from pathlib import Path

import pytest

from workbench import sources


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a package of four files in the place of the workbench."""
    for name in ("model/build.py", "study/training.py", "figures/style.py", "rule.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(f"# {name}\n")
    monkeypatch.setattr(sources, "_PACKAGE", tmp_path)
    monkeypatch.setattr(sources, "BUILDING", ("model", "rule.py"))
    monkeypatch.setattr(sources, "SHOWING", ("figures",))
    return tmp_path


def hashes() -> tuple[str, str]:
    """Return the hashes of the code that builds networks and of the code that makes results."""
    sources.code_that_builds.cache_clear()
    sources.code_that_makes_results.cache_clear()
    found = sources.code_that_builds(), sources.code_that_makes_results()
    sources.code_that_builds.cache_clear()
    sources.code_that_makes_results.cache_clear()
    return found


@pytest.mark.parametrize(
    ("edited", "builds", "makes"),
    [
        ("model/build.py", True, True),
        ("rule.py", True, True),
        ("study/training.py", False, True),
        ("model/new.py", True, True),
        ("figures/style.py", False, False),
    ],
)
def test_hash_changes_with_the_code_that_matters(package: Path, edited: str, builds: bool, makes: bool) -> None:
    before = hashes()
    assert hashes() == before
    (package / edited).write_text("# edited\n")
    after = hashes()
    assert (after[0] != before[0], after[1] != before[1]) == (builds, makes)


def test_parts_are_there() -> None:
    root = Path(sources.__file__).parent
    for part in (*sources.BUILDING, *sources.SHOWING):
        assert (root / part).exists(), part
