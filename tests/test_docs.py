"""What the pages name is there, and what has to be explained is on them."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from docs.generate import PARTS, parts_of, written
from docs.interfaces import section_keys
from docs.markdown import UndescribedError, attributes, described
from tests.networks import LOSSES
from workbench.audit.locality.complaints import COMPLAINTS
from workbench.declare.feedback import FEEDBACK
from workbench.declare.references import EXACT_GRADIENTS
from workbench.measures.records import MEASURES
from workbench.study.file.section import Section
from workbench.study.file.sections import MeasureSection
from workbench.study.results.columns import CURVE_COLUMNS, RUN_COLUMNS, STATUSES
from workbench.study.seeds import PURPOSES
from workbench.tables.controls import ONES

ROOT = Path(__file__).parents[1]
PAGES = [*sorted((ROOT / "docs").glob("*.md")), *sorted(ROOT.glob("*.md"))]

#: Files of the repository in a text, and links from a page.
_FILE = re.compile(r"`((?:workbench|plugins|studies|tests|docs)/[\w./]+)`")
_LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")


def missing(text: str, folder: Path) -> list[str]:
    """Return the files that a page in a folder names or links to, and that are not there."""
    named = [(path, ROOT / path) for path in _FILE.findall(text)]
    named += [(path, folder / path) for path in _LINK.findall(text)]
    return [name for name, path in named if not path.exists()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_files_that_a_page_names_are_there(page: Path) -> None:
    assert missing(page.read_text(), page.parent) == []


def test_files_that_are_not_there_are_found() -> None:
    text = "`workbench/absent.py` [there](conventions.md) [not there](absent.md#a) `workbench/__init__.py`"
    assert missing(text, ROOT / "docs") == ["workbench/absent.py", "absent.md"]


#: What a page says to make, and what there is to be made.
_MADE = re.compile(r"(?:^    |`)make (\w+)", re.MULTILINE)
TARGETS = set(re.findall(r"^(\w+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_what_a_page_says_to_make_can_be_made(page: Path) -> None:
    assert set(_MADE.findall(page.read_text())) <= TARGETS


def test_what_cannot_be_made_is_found() -> None:
    assert {"study", "test"} <= TARGETS
    assert set(_MADE.findall("    make test    # all\nor `make nothing`, to make sure")) - TARGETS == {"nothing"}


#: A file, and what is said to be defined in it.
_DEFINED = re.compile(r"`([\w/]+\.py)`\s`([A-Za-z_][\w.]*)`")


def definitions(body: list[ast.stmt]) -> Iterator[str]:
    """Yield the names that a module or class defines, and those of the classes in it."""
    for item in body:
        if isinstance(item, ast.FunctionDef | ast.ClassDef):
            yield item.name
        if isinstance(item, ast.ClassDef):
            yield from (f"{item.name}.{name}" for name in definitions(item.body))
        targets = (
            item.targets if isinstance(item, ast.Assign) else [item.target] if isinstance(item, ast.AnnAssign) else []
        )
        yield from (node.id for target in targets for node in ast.walk(target) if isinstance(node, ast.Name))


def undefined(text: str) -> list[str]:
    """Return what a page says to be defined in a file, and is not."""
    known = {file: set(definitions(ast.parse((ROOT / file).read_text()).body)) for file, _ in _DEFINED.findall(text)}
    return [f"{file} {name}" for file, name in _DEFINED.findall(text) if name not in known[file]]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_names_that_a_page_looks_for_in_a_file_are_there(page: Path) -> None:
    assert undefined(page.read_text()) == []


def test_names_that_are_not_there_are_found() -> None:
    text = (
        "`workbench/study/seeds.py` `stream`, `workbench/study/seeds.py`\n`PURPOSES` `workbench/study/seeds.py` `river`"
    )
    assert undefined(text) == ["workbench/study/seeds.py river"]
    assert len(_DEFINED.findall((ROOT / "docs" / "architecture.md").read_text())) > 40


def test_index_answers_each_question_with_a_file() -> None:
    _, _, index = (ROOT / "docs" / "architecture.md").read_text().partition("## Index\n")
    answers = dict(line.strip("| ").split(" | ") for line in index.splitlines() if line.startswith("| "))
    answers.pop("where is")
    assert len(answers) >= 40
    assert [question for question, answer in answers.items() if not re.search(r"`[\w/]+\.py`", answer)] == []


CONVENTIONS = (ROOT / "docs" / "conventions.md").read_text()


@pytest.mark.parametrize(
    "names",
    [
        RUN_COLUMNS,
        CURVE_COLUMNS,
        STATUSES,
        COMPLAINTS,
        PURPOSES,
        FEEDBACK,
        LOSSES,
        MEASURES,
        EXACT_GRADIENTS,
        ONES,
    ],
)
def test_conventions_say_what_names_in_tables_mean(names: dict[str, object]) -> None:
    assert [name for name in names if f"`{name}`" not in CONVENTIONS] == []
    assert len(names) > 1


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_generated_parts_are_what_the_declarations_say(page: Path) -> None:
    text = page.read_text()
    assert written(text) == text, "Run: python -m docs.generate"


def test_every_generated_part_is_on_one_page() -> None:
    assert sorted(name for page in PAGES for name in parts_of(page.read_text())) == sorted(PARTS)


def test_a_part_that_is_not_what_the_declarations_say_is_written_anew() -> None:
    page = ROOT / "docs" / "catalogue.md"
    text = page.read_text()
    assert "squared_error" in text
    assert written(text.replace("squared_error", "squared_terror")) == text


def test_what_nobody_has_described_is_found() -> None:
    class Bare(Section):
        """A table.

        Attributes
        ----------
        other : int
            Some other key.
        """

        key: int = 1

    with pytest.raises(UndescribedError, match=r"^Key 'key' of Bare has no description\.$"):
        list(section_keys(Bare))
    with pytest.raises(UndescribedError, match=r"^Hook 'mine' has no description\.$"):
        described(" ", "Hook 'mine'")
    assert attributes(Bare) == {"other": "Some other key."}
    assert attributes(MeasureSection).keys() == MeasureSection.model_fields.keys()
