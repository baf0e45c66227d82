"""Statements about all numbers of some arrays, in one pass over memory in place of one for each operation."""

import ast
import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.compiled.single import library_of
from workbench.text.cpp import HELPERS, in_cpp
from workbench.text.expressions import evaluate
from workbench.text.syntax import changes, identifiers, parsed


@dataclass(frozen=True)
class Elementwise:
    """Statements about arrays of one shape, compiled.

    Attributes
    ----------
    arrays, made : tuple of str
        Names that stand for arrays, and those of them that are set.
    scalars : tuple of str
        Expressions of numbers alone, each found once for all elements.
    code : ctypes.CDLL
        The compiled statements.
    """

    arrays: tuple[str, ...]
    made: tuple[str, ...]
    scalars: tuple[str, ...]
    code: ctypes.CDLL

    def run(
        self, arrays: Mapping[str, NDArray[np.float64]], numbers: Mapping[str, float]
    ) -> dict[str, NDArray[np.float64]]:
        """Run the statements and return what they set, in new arrays.

        Parameters
        ----------
        arrays : mapping of str to ndarray
            All of one shape, each one block of memory.
        numbers : mapping of str to float
            All else that the statements read.
        """
        given = [np.ascontiguousarray(arrays[name], dtype=np.float64) for name in self.arrays]
        made = {name: np.empty_like(given[0]) for name in self.made}
        every = [*given, *made.values()]
        places = (ctypes.c_void_p * len(every))(*(array.ctypes.data for array in every))
        found = [float(evaluate(text, numbers, np)) for text in self.scalars]
        scalars = (ctypes.c_double * max(1, len(found)))(*found)
        self.code.run(ctypes.c_long(given[0].size), places, scalars)
        return made


@lru_cache(maxsize=64)
def elementwise(code: str, arrays: tuple[str, ...]) -> Elementwise:
    """Return statements compiled, from the cache or newly built.

    Parameters
    ----------
    code : str
        Statements; names that they set and that are no arrays are each element's own.
    arrays : tuple of str
        Names that stand for arrays.

    Raises
    ------
    BuildError
        Where there is no compiler, the build fails, or the cache is none to load programs from.
    NoFormError
        Where a statement has no form in C++.
    """
    made = tuple(name for name in arrays if any(target == name for target, *_ in changes(code)))
    source, scalars = _source(code, arrays, made)
    return Elementwise(arrays, made, scalars, library_of("elementwise", source))


def _source(code: str, arrays: Sequence[str], made: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Return the C++ of statements, and the expressions of numbers that it is given."""
    hoist = _Hoist({*arrays, *(target for target, *_ in changes(code))})
    lines, known = list[str](), set(arrays)
    for target, sign, text in changes(code):
        whole = f"{target} {sign} ({text})" if sign else text
        hoisted = ast.unparse(hoist.visit(ast.parse(ast.unparse(parsed(whole)), mode="eval").body))
        written = in_cpp(hoisted, {name: name for name in identifiers(hoisted)})
        lines.append(f"{'' if target in known else 'double '}{target} = {written};")
        known.add(target)
    named = [f"const double given__{number} = scalars[{number}];" for number in range(len(hoist.scalars))]
    places = [f"const double* __restrict__ p_{name} = arrays[{number}];" for number, name in enumerate(arrays)]
    places += [f"double* __restrict__ q_{name} = arrays[{len(arrays) + number}];" for number, name in enumerate(made)]
    loads = [f"double {name} = p_{name}[k];" for name in arrays]
    stores = [f"q_{name}[k] = {name};" for name in made]
    head = f"{_EXPORTED} run(long n, double* const* arrays, const double* scalars)"
    loop = ["#pragma GCC ivdep", "for (long k = 0; k < n; ++k) {", *loads, *lines, *stores, "}"]
    return "\n".join([HELPERS, head, "{", *named, *places, *loop, "}"]), tuple(hoist.scalars)


class _Hoist(ast.NodeTransformer):
    """Puts a name in the place of each expression that reads numbers alone."""

    def __init__(self, own: set[str]) -> None:
        self.own = own
        self.scalars: list[str] = []

    def visit(self, node: ast.AST) -> Any:
        """Return what stands in the place of a part of an expression."""
        if isinstance(node, ast.expr) and not isinstance(node, ast.Constant):
            text = ast.unparse(node)
            if not identifiers(text) & self.own:
                if text not in self.scalars:
                    self.scalars.append(text)
                return ast.Name(f"given__{self.scalars.index(text)}")
        if isinstance(node, ast.Call):
            node.args = [self.visit(argument) for argument in node.args]
            return node
        return self.generic_visit(node)


_EXPORTED = 'extern "C" __attribute__((visibility("default"))) void'
