"""Docstrings of public names are complete, as numpydoc checks them."""

import inspect
from collections.abc import Iterator
from dataclasses import dataclass, fields, is_dataclass
from types import ModuleType
from typing import Any

import pytest
from numpydoc.docscrape import FunctionDoc, NumpyDocString
from numpydoc.validate import ERROR_MSGS, validate

import workbench
import workbench.testing
from workbench.audit.alignment.comparison import Comparison
from workbench.audit.traces import Traces
from workbench.study.results.tables import Results

#: There is a docstring, whose summary is a sentence; sections have names and an order that readers know; parameters are
#: those of the signature, in its order, each with a type and a description; what is yielded, and what is returned for
#: arguments, has a section of its own. What is returned without any arguments is said by the first line.
CHECKED = {
    *("GL01", "GL03", "GL05", "GL06", "GL07", "GL08", "GL10", "SS01", "SS02", "SS03", "SS04", "SS05", "SS06"),
    *("PR01", "PR02", "PR03", "PR04", "PR05", "PR07", "PR08", "PR10", "RT01", "RT03", "RT04", "RT05", "YD01"),
}

#: Where closing quotes stand is the formatter's affair. Not every summary needs more sentences (ES01), an example
#: (EX01, README and hooks have some, which run) or a list of what else there is (SA01 to SA04); nothing is deprecated
#: (GL09), types are in our words (PR06), descriptions may end in code (PR09), what is returned may have a name (RT02).
LEFT_OUT = {"GL02", "ES01", "EX01", "SA01", "SA02", "SA03", "SA04", "GL09", "PR06", "PR09", "RT02"}

#: Of pluggy, which documents it.
_OF_OTHERS = {"hookimpl"}


def public(module: ModuleType) -> Iterator[tuple[str, Any]]:
    """Yield what a module offers, with the public members of its classes."""
    for name in module.__all__:
        item = getattr(module, name)
        if isinstance(item, str) or name in _OF_OTHERS:
            continue
        yield f"{module.__name__}.{name}", item
        if inspect.isclass(item):
            yield from members(f"{module.__name__}.{name}", item)


def members(name: str, kind: type) -> Iterator[tuple[str, Any]]:
    """Yield the public methods and properties of a class."""
    for member, item in vars(kind).items():
        if not member.startswith("_") and (callable(item) or isinstance(item, property | classmethod)):
            yield f"{name}.{member}", item.__func__ if isinstance(item, classmethod) else item


#: What public functions return is public, too.
RETURNED = {f"{kind.__module__}.{kind.__qualname__}": kind for kind in (Comparison, Traces, Results)}

ITEMS = dict([*public(workbench), *public(workbench.testing)])
ITEMS |= RETURNED | dict(pair for name, kind in RETURNED.items() for pair in members(name, kind))


def faults(name: str, item: Any) -> list[str]:
    """Return what a docstring lacks, in numpydoc's words."""
    if isinstance(item, property):
        return [] if (inspect.getdoc(item) or "").endswith(".") else ["A property has a sentence."]
    # A function may have the name of a module.
    found = validate(FunctionDoc(item) if inspect.isfunction(item) else name)["errors"]
    without_arguments = inspect.isfunction(item) and set(inspect.signature(item).parameters) <= {"self", "cls"}
    codes = CHECKED - ({"RT01"} if without_arguments else set())
    # The fields of a dataclass are described as attributes, which is what they are read as.
    codes -= {"PR01"} if inspect.isclass(item) else set()
    return [f"{code} {told}" for code, told in found if code in codes]


def undescribed(kind: type) -> list[str]:
    """Return the fields of a dataclass that its docstring does not describe as attributes, with a type."""
    sections = NumpyDocString(inspect.getdoc(kind) or "")["Attributes"]
    described = {name for item in sections if item.type and item.desc for name in item.name.split(", ")}
    return [item.name for item in fields(kind) if item.name not in described]


@pytest.mark.parametrize("name", sorted(ITEMS))
def test_docstring_is_complete(name: str) -> None:
    assert faults(name, ITEMS[name]) == []


@pytest.mark.parametrize("name", sorted(name for name, item in ITEMS.items() if is_dataclass(item)))
def test_fields_are_described(name: str) -> None:
    assert undescribed(ITEMS[name]) == []


@dataclass
class Poor:
    """A class with one field that it says something of.

    Attributes
    ----------
    told : int
        Some number.
    """

    told: int
    untold: int


def poor(first: int, second: int) -> int:
    """Return a number

    Parameters
    ----------
    second
        A number.
    """
    return first + second


def test_what_is_incomplete_is_found() -> None:
    assert {fault.partition(" ")[0] for fault in faults("poor", poor)} == {"SS03", "PR01", "PR04", "RT01"}
    assert undescribed(Poor) == ["untold"]


def test_every_check_is_made_or_left_out_for_a_reason() -> None:
    assert set(ERROR_MSGS) == CHECKED | LEFT_OUT
    assert not CHECKED & LEFT_OUT
    assert len(ITEMS) > 60
