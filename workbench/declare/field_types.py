"""What users declare and give: every field and argument of its type, or one sentence that says what is needed."""

import inspect
import types
from collections.abc import Callable, Collection, Hashable, Iterable, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import cache, wraps
from numbers import Integral, Real
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import numpy as np

from workbench.common.arrays import plain
from workbench.common.errors import DataError, WorkbenchError, nearest

Kind = TypeVar("Kind")
Function = TypeVar("Function", bound=Callable[..., Any])

_WORDS: dict[Any, str] = {
    str: "a text",
    float: "a number",
    int: "a whole number",
    bool: "True or False",
    type(None): "None",
    Any: "anything",
}


class _UnfitError(Exception):
    """A value that is not of its type."""


def declared(error: type[WorkbenchError], title: str) -> Callable[[type[Kind]], type[Kind]]:
    """Return a decorator of frozen dataclasses whose fields users write.

    Parameters
    ----------
    error : type
        What to raise where a field is unknown, missing or of another type.
    title : str
        What users call such a thing: the start of the message, before its name.

    Returns
    -------
    callable
        Lists and NumPy's numbers are taken for tuples and Python's.
    """

    def decorate(kind: type[Kind]) -> type[Kind]:
        make: Callable[..., None] = kind.__init__
        known = {item.name: item for item in fields(kind)}  # type: ignore[arg-type]
        needed = [name for name, item in known.items() if item.default is MISSING and item.default_factory is MISSING]

        @wraps(make)
        def initialise(self: Kind, *positional: object, **given: object) -> None:
            name = given.get("name")
            who = f"{title} '{name}'" if isinstance(name, str) else title
            if positional:
                raise error(f"{who}: fields are given by name, as in {kind.__name__}({next(iter(known))}=...).")
            for key in given:
                if key not in known:
                    raise error(f"{who} has no field '{key}'. {_instead(key, known)}")
            hints = _hints(cast(Hashable, kind))
            missing = [key for key in needed if key not in given]
            if missing:
                raise error(f"{who}: `{missing[0]}` is missing; it must be {_described(hints[missing[0]])}.")
            fitting = {}
            for key, value in given.items():
                try:
                    fitting[key] = _fitted(value, hints[key])
                except _UnfitError:
                    must = f"`{key}` must be {_described(hints[key])}"
                    raise error(f"{who}: {must}, not {_shown(value)}.{_remedy(value, hints[key])}") from None
                if twice := _twice(fitting[key]):
                    raise error(f"{who}: `{key}` has '{twice}' twice. Drop one of the two.")
            make(self, **fitting)

        kind.__init__ = initialise  # type: ignore[method-assign, assignment]
        return kind

    return decorate


def _instead(key: str, known: Collection[str]) -> str:
    """Return what a field may have been meant to be, and where one is near also which there are."""
    close = nearest(key, known)
    listed = f" The fields are {', '.join(known)}." if close.startswith("Did") else ""
    return f"{close}{listed}"


def called(error: type[WorkbenchError], **remedies: str) -> Callable[[Function], Function]:
    """Return a decorator of functions that users call.

    Parameters
    ----------
    error : type
        What to raise where an argument is of another type than its annotation says.
    **remedies : str
        By the name of an argument: what to write instead.

    Returns
    -------
    callable
        Lists and NumPy's numbers are taken for sequences and Python's, and nested lists of numbers for arrays.
    """

    def decorate(function: Function) -> Function:
        signature = inspect.signature(function)

        @wraps(function)
        def call(*positional: object, **named: object) -> Any:
            given = signature.bind(*positional, **named)
            for name, value in given.arguments.items():
                hint = signature.parameters[name].annotation
                try:
                    given.arguments[name] = _fitted(value, hint)
                except _UnfitError:
                    remedy = f" {remedies[name]}" if name in remedies else _remedy(value, hint)
                    must = f"`{name}` must be {_described(hint)}"
                    raise error(f"{function.__name__}: {must}, not {_shown(value)}.{remedy}") from None
            return function(*given.args, **given.kwargs)

        return cast(Function, call)

    return decorate


@cache
def _hints(kind: Hashable) -> dict[str, Any]:
    # Not before the first is made: types may be named before they are there.
    return get_type_hints(kind)


def _written_out(hint: Any) -> Any:
    """Return a type that has a name, as NumPy's ``NDArray`` may be one, as what the name stands for."""
    named = get_origin(hint) or hint
    while hasattr(named, "__value__"):
        hint = named.__value__[get_args(hint)] if get_args(hint) else named.__value__
        named = get_origin(hint) or hint
    return hint


def _fitted(value: Any, hint: Any) -> Any:
    """Return a value as a type has it, or raise where it is none of it."""
    hint = _written_out(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if hint is Any:
        return value
    if origin in (Union, types.UnionType):
        for one in inner:
            try:
                return _fitted(value, one)
            except _UnfitError:
                continue
        raise _UnfitError
    if origin is Literal:
        return value if isinstance(value, str) and value in inner else _refuse()
    if origin is tuple:
        if not isinstance(value, list | tuple):
            raise _UnfitError
        kinds = (inner[0],) * len(value) if inner[1:] == (...,) else inner
        if len(value) != len(kinds):
            raise _UnfitError
        return tuple(_fitted(one, kind) for one, kind in zip(value, kinds, strict=True))
    if origin in (Sequence, Iterable):
        # A text is a sequence of texts; what is meant is a list with one.
        if not isinstance(value, origin) or isinstance(value, str | bytes | Mapping):
            raise _UnfitError
        return tuple(_fitted(one, inner[0]) for one in value)
    if origin is Mapping:
        if not isinstance(value, Mapping):
            raise _UnfitError
        return {_fitted(key, inner[0]): _fitted(one, inner[1]) for key, one in value.items()}
    if origin is np.ndarray:
        return _array(value)
    if hint in (int, float):
        if isinstance(value, bool) or not isinstance(value, Integral if hint is int else Real):
            raise _UnfitError
        return int(value) if isinstance(value, Integral) else float(value)
    return value if isinstance(value, origin or hint) else _refuse()


def _twice(value: object) -> str:
    """Return a name that a tuple has twice, of its pairs or of what has a name; empty where there is none."""
    found = value if isinstance(value, tuple) else ()
    names = [one[0] if isinstance(one, tuple) else getattr(one, "name", "") for one in found]
    return next((name for name in names if isinstance(name, str) and name and names.count(name) > 1), "")


def _array(value: Any) -> Any:
    try:
        array = plain(value, "An array")
    except DataError:
        raise _UnfitError from None
    return array if array.dtype.kind in "iuf" else _refuse()


def _refuse() -> Any:
    raise _UnfitError


def _described(hint: Any) -> str:
    """Return what a type is, in words."""
    hint = _written_out(hint)
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return " or ".join(_described(one) for one in inner)
    if origin is Literal:
        return "one of " + ", ".join(f"'{one}'" for one in inner)
    if origin is tuple:
        if inner[1:] == (...,):
            return f"a tuple, each of it {_described(inner[0])}"
        return f"({', '.join(_described(one) for one in inner)})"
    if origin in (Sequence, Iterable):
        return f"a list, each of it {_described(inner[0])}"
    if origin is Mapping:
        values = "" if inner[1] is object else f" and each value {_described(inner[1])}"
        return f"a dict, each key of it {_described(inner[0])}{values}"
    if origin is np.ndarray:
        return "an array of real numbers (no unit, no mask)"
    if hint in _WORDS:
        return _WORDS[hint]
    return "a function" if origin is Callable else f"a {(origin or hint).__name__}"


def _shown(value: object) -> str:
    text = " ".join(repr(value).split())
    return f"{text if len(text) <= 40 else text[:40] + '...'} ({type(value).__name__})"


def _remedy(value: Any, hint: Any) -> str:
    """Return what to write instead, where that is plain."""
    hint = _written_out(hint)
    origin, inner = get_origin(hint), get_args(hint)
    listed = origin in (Sequence, Iterable)
    # Whether an array is empty is no question that it answers.
    if not (listed or origin is tuple) or isinstance(value, np.ndarray) or not value:
        return ""
    if isinstance(value, dict) and not listed:
        key, number = next(iter(value.items()))
        if get_origin(inner[0]) is tuple:
            return f" Write (({key!r}, {number!r}), ...)."
        return f" Write ({inner[0].__name__}(name={key!r}, default={number!r}, doc='...'), ...)."
    try:
        _fitted(value, inner[0])
    except _UnfitError:
        return ""
    return f" Write [{value!r}]." if listed else f" Write ({value!r},)."
