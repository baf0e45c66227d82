"""Files and functions stay as long as can be read at once: past that, a second concept is hiding."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("workbench", "plugins", "studies")

MOST_LINES = 250
MOST_LINES_OF_A_FUNCTION = 50
MOST_PARAMETERS = 7

#: What is longer all the same, and why.
EXCEPTIONS = {
    "workbench/audit/gradients.py estimate": "called by users: keywords, each with its documentation",
    "workbench/study/comparison.py compare_rules": "called by users: keywords, each with its documentation",
    "workbench/study/work/runner.py run_study": "called by users: keywords, each with its documentation",
    "workbench/command/rule_commands.py compare": "its parameters are the options of a command",
    "workbench/command/study_commands.py run": "its parameters are the options of a command",
    "workbench/model/assembly.py run_template": "says all that Brian2 must know of a code object",
}


def too_large(text: str, file: str) -> Iterator[tuple[str, str]]:
    """Yield what of a module's text is too large: the file or a function, and by what."""
    count = len(text.splitlines())
    if count > MOST_LINES:
        yield file, f"{count} lines, of at most {MOST_LINES}"
    for node in ast.walk(ast.parse(text)):
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        lines = (node.end_lineno or node.lineno) - node.lineno + 1
        if lines > MOST_LINES_OF_A_FUNCTION:
            yield f"{file} {node.name}", f"{lines} lines, of at most {MOST_LINES_OF_A_FUNCTION}"
        given = [item.arg for item in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)]
        parameters = given[1:] if given[:1] in (["self"], ["cls"]) else given
        if len(parameters) > MOST_PARAMETERS:
            yield f"{file} {node.name}", f"{len(parameters)} parameters, of at most {MOST_PARAMETERS}"


@pytest.fixture(scope="module")
def found() -> list[tuple[str, str]]:
    """Return what is too large in the project."""
    files = [file for folder in FOLDERS for file in sorted((ROOT / folder).rglob("*.py"))]
    assert len(files) > 150, "the files are not where they are looked for"
    return [item for file in files for item in too_large(file.read_text(), file.relative_to(ROOT).as_posix())]


def test_files_and_functions_can_be_read_at_once(found: list[tuple[str, str]]) -> None:
    large = [f"{name}: {how}" for name, how in found if name not in EXCEPTIONS]
    assert not large, "Divide along a concept that has a name of its own:\n" + "\n".join(large)


def test_every_exception_is_needed(found: list[tuple[str, str]]) -> None:
    needed = {name for name, _ in found}
    assert not EXCEPTIONS.keys() - needed, "These are small enough now. Drop them from EXCEPTIONS."


def function(lines: int, parameters: int) -> str:
    """Return a module's text with a method of some lines and parameters."""
    names = ", ".join(["self", *(f"p{number}" for number in range(parameters - 1)), "*", "last"])
    return f"class Large:\n    def f({names}, **further):\n" + "        pass\n" * (lines - 1)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\n" * (MOST_LINES + 1), "file"),
        (function(MOST_LINES_OF_A_FUNCTION + 1, MOST_PARAMETERS), "file f"),
        (function(MOST_LINES_OF_A_FUNCTION, MOST_PARAMETERS + 1), "file f"),
    ],
)
def test_what_is_too_large_is_found(text: str, name: str) -> None:
    assert [found for found, _ in too_large(text, "file")] == [name]


def test_what_is_as_large_as_allowed_is_not() -> None:
    assert not list(too_large("\n" * MOST_LINES, "file"))
    assert not list(too_large(function(MOST_LINES_OF_A_FUNCTION, MOST_PARAMETERS), "file"))
