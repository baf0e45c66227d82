"""What users write and call: keys of study files, hooks, names in equations, commands."""

import inspect
import json
import re
import typing
from collections.abc import Iterator
from typing import Any

from brian2.core.functions import DEFAULT_FUNCTIONS, Function
from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from docs.markdown import attributes, code, codes, described, summary, table
from workbench.catalogue import hookspecs
from workbench.catalogue.loading import HOOKS
from workbench.command.commands import COMMANDS
from workbench.model.checks.readable_names import READABLE, TEXTS
from workbench.model.checks.reserved_names import OF_BRIAN2, OF_NEURONS, OF_SYNAPSES, SUFFIXES
from workbench.study.file.graph_sections import PopulationSection, ProjectionSection
from workbench.study.file.section import Section
from workbench.study.file.sections import WeightsSection
from workbench.study.file.spec import StudySpec
from workbench.text.quantities import IN_EQUATIONS

#: Tables within others that are explained where these are.
_EXPLAINED = (WeightsSection, PopulationSection, ProjectionSection)


def _section(field: FieldInfo) -> type[Section] | None:
    """Return the section of a study file that a key holds, or a list of which it is."""
    kinds = (field.annotation, *typing.get_args(field.annotation))
    return next((kind for kind in kinds if isinstance(kind, type) and issubclass(kind, Section)), None)


def _default(field: FieldInfo) -> str:
    if field.default is PydanticUndefined:
        return "must be given"
    return code("{ }" if field.default == () else json.dumps(field.default))


def section_keys(kind: type[Section], name: str = "") -> Iterator[str]:
    """Yield the text about a table of a study file, and about those in it that are not explained elsewhere."""
    meaning = attributes(kind)
    rows, inner = [], []
    for key, field in kind.model_fields.items():
        where = f"Key '{key}' of {kind.__name__}"
        section = _section(field)
        default = "" if section else _default(field)
        rows.append([code(key), described(field.description, where), default, described(meaning.get(key), where)])
        if section is not None and (kind is StudySpec or section in _EXPLAINED):
            title = f"[{f'{name}.{key}'.removeprefix('.')}]"
            inner.append((section, f"[{title}]" if "tuple" in str(field.annotation) else title))
    yield table(["key", "must be", "default", "meaning"], rows)
    for section, title in inner:
        yield f"## `{title}`"
        yield summary(section, section.__name__)
        yield from section_keys(section, title.strip("[]"))


def study_keys() -> str:
    """Return all keys of a study file."""
    return "\n\n".join(section_keys(StudySpec))


def hooks() -> str:
    """Return the docstrings of all hooks."""
    parts = []
    for name in HOOKS:
        text = inspect.getdoc(getattr(hookspecs, name)) or ""
        described(text, f"Hook '{name}'")
        parts += [f"## `{name}`", _blocks(text)]
    return "\n\n".join(parts)


def _blocks(text: str) -> str:
    """Return a docstring in which what follows a double colon, indented, is a block of Python."""
    parts = []
    for piece in re.split(r"((?:^(?:    .*)?\n)*(?:    .*))", text, flags=re.MULTILINE):
        if piece.strip() and all(line.startswith("    ") for line in piece.splitlines() if line):
            parts.append(f"```python\n{inspect.cleandoc(piece)}\n```")
        else:
            parts.append(
                re.sub(r"\s*^::$", "", piece.strip(), flags=re.MULTILINE).replace("::", ":").replace("``", "`")
            )
    return "\n\n".join(filter(None, parts))


def readable_names() -> str:
    """Return the names that the texts of a rule may read."""
    rows = [
        [code(item.name), *("x" if text in item.texts else "" for text in TEXTS), described(item.doc, item.name)]
        for item in READABLE
    ]
    return table(["name", *map(code, TEXTS), "meaning"], rows)


def names_of_brian2() -> str:
    """Return the units and functions that equations may read; of its constants they may read none."""
    items = DEFAULT_FUNCTIONS.items()
    functions = sorted(name for name, item in items if not isinstance(item, Function) or item.stateless)
    prefixes = ("f", "p", "n", "u", "m", "k", "M", "G")
    scaled = [unit for unit in sorted(IN_EQUATIONS) if all(f"{prefix}{unit}" in IN_EQUATIONS for prefix in prefixes)]
    others = IN_EQUATIONS - {f"{prefix}{unit}" for prefix in ("", *prefixes) for unit in scaled}
    return "\n".join(
        [
            f"- units: {codes(scaled)}, also after any of {codes(prefixes)}; and {codes(sorted(others))}",
            f"- functions: {codes(functions)}",
        ]
    )


def reserved_names() -> str:
    """Return the names that nobody may give to a variable or parameter."""
    own = [
        table(["name", "what it is"], [[code(name), described(doc, name)] for name, doc in names.items()])
        for names in (OF_NEURONS, OF_SYNAPSES)
    ]
    return "\n\n".join(
        [
            f"Endings: {codes(SUFFIXES)}.",
            f"Kept by Brian2 in its groups: {codes(sorted(OF_BRIAN2))}.",
            f"The workbench's own in neurons:\n\n{own[0]}",
            f"In synapses, with the state and the parameters of the optimizer:\n\n{own[1]}",
        ]
    )


def _arguments(function: Any) -> Iterator[list[str]]:
    """Yield a row for each argument and option of a command."""
    hints = typing.get_type_hints(function, include_extras=True)
    for name, parameter in inspect.signature(function).parameters.items():
        kind, info = typing.get_args(hints[name])[:2]
        what = described(info.help, f"'{name}' of command '{function.__name__}'")
        if typing.get_origin(kind) is typing.Literal:
            what += f" One of {codes(typing.get_args(kind))}."
        # Beside a type, Typer takes the first name for a default.
        options = [text for text in (info.default, *(info.param_decls or ())) if str(text).startswith("--")]
        option = options[0] if options else f"--{name.replace('_', '-')}"
        shown = option if type(info).__name__ == "OptionInfo" else info.metavar or name.upper()
        default = "" if parameter.default is None or parameter.default is False else code(parameter.default)
        yield [code(shown), "must be given" if parameter.default is inspect.Parameter.empty else default, what]


def commands() -> str:
    """Return all commands with their arguments."""
    parts = []
    for function in COMMANDS:
        what = described(inspect.getdoc(function), f"Command '{function.__name__}'")
        parts += [f"## `workbench {function.__name__.replace('_', '-')}`", what]
        parts.append(table(["argument", "default", "meaning"], _arguments(function)))
    return "\n\n".join(parts)
