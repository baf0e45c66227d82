"""Exact integration of linear equations with numbers that are passed in, not written into the code."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from brian2 import Equations
from brian2.stateupdaters.base import StateUpdateMethod, UnsupportedEquationsException

from workbench.common.errors import ModelError, nearest
from workbench.model.assembly import Parts
from workbench.model.bindings import Propagator
from workbench.model.renaming import Held, declaration
from workbench.text.equation_text import Differential
from workbench.text.equations import linear_system, root_cause
from workbench.text.linear import LinearSystem
from workbench.text.syntax import identifiers


def propagate(
    parts: Parts, owner: str, equations: Sequence[Differential], held: Held, where: str
) -> tuple[str, list[str]]:
    """Return the statements that integrate linear equations over a step, and what declares the variables they read.

    Parameters
    ----------
    parts : Parts
        Gets the propagator, whose entries are variables of the group `owner`.
    owner : str
        The group that will run the statements.
    equations : sequence of Differential
        Linear in their own variables, with coefficients of constants.
    held : Held
        The constants.
    where : str
        For error messages.

    Returns
    -------
    code : str
        Statements; ``x = exp(A dt) x + (integral of exp(A s) over the step) f``.
    declared : list of str
        Equation text of the propagator's entries.

    Raises
    ------
    ModelError
        Where an equation is not linear.
    """
    if not equations:
        return "", []
    system = linear_system(equations, held.numbers)
    _refuse_nonlinear(equations, system, where)
    step = _exact_step(system)
    parts.propagators.append(Propagator(owner, system, dict(held.numbers), step.homogeneous, step.driven))
    return step.code, [declaration(entry, differs=held.differ(system)) for entry in step.entries]


def _refuse_nonlinear(equations: Sequence[Differential], system: LinearSystem, where: str) -> None:
    for item in equations:
        if identifiers(system.rest[item.name]) & set(system.states):
            raise ModelError(
                f"{where}: 'd{item.name}/dt = {item.expression}' is not linear with constant coefficients, so that it "
                "cannot be integrated exactly. Give the neuron model another method, such as 'euler'."
            )


@dataclass(frozen=True)
class _ExactStep:
    """A step of a linear system, by entries of its propagator.

    Attributes
    ----------
    code : str
        Statements.
    entries : list of str
        Names of the entries, in the order in which they are read.
    homogeneous, driven : tuple of (str, int, int)
        Names of those of exp(A dt), and of those of its integral, with row and column.
    """

    code: str
    entries: list[str]
    homogeneous: tuple[tuple[str, int, int], ...]
    driven: tuple[tuple[str, int, int], ...]


def _exact_step(system: LinearSystem) -> _ExactStep:
    """Return a step of a linear system, without the entries that are 0 whatever the numbers are."""
    reach = system.reaches()
    homogeneous, driven, new, entries = [], [], [], []
    for row, state in enumerate(system.states):
        terms = []
        for column, source in enumerate(system.states):
            if not reach[row][column]:
                continue
            name = f"P__{state}__{source}"
            homogeneous.append((name, row, column))
            terms.append(f"{name} * {source}")
            entries.append(name)
            if system.rest[source] != "0":
                name = f"Q__{state}__{source}"
                driven.append((name, row, column))
                terms.append(f"{name} * ({system.rest[source]})")
                entries.append(name)
        new.append(f"new__{state} = {' + '.join(terms)}")
    code = "\n".join(new + [f"{state} = new__{state}" for state in system.states])
    return _ExactStep(code, entries, tuple(homogeneous), tuple(driven))


@lru_cache(maxsize=256)
def stepped(equations: tuple[Differential, ...], method: str) -> str:
    """Return the statements of a step by a method of Brian2's; of many stages, they take it seconds to make.

    Raises
    ------
    ModelError
        Where the method cannot integrate such equations.
    """
    text = "\n".join(f"d{item.name}/dt = {item.expression} : {item.unit}" for item in equations)
    try:
        return str(StateUpdateMethod.stateupdaters[method](Equations(text), {}))
    except UnsupportedEquationsException as error:
        raise ModelError(
            f"Method '{method}' cannot integrate the equations of '{equations[0].name}': {root_cause(error)}"
        ) from error


def integration(
    parts: Parts, owner: str, ways: Iterable[tuple[Sequence[Differential], str]], held: Held
) -> tuple[Callable[..., str], list[str]]:
    """Return an integration method, as Brian2 calls it, for equations that are not all integrated alike.

    Parameters
    ----------
    parts, owner, held
        As of `propagate`.
    ways : iterable of (sequence of Differential, str)
        Equations, and ``"exact"`` or the name of a method of Brian2's.

    Returns
    -------
    method : callable
        For a NeuronGroup.
    declared : list of str
        Equation text of the propagators' entries.
    """
    exact = [item for equations, method in ways if method == "exact" for item in equations]
    fixed, declared = propagate(parts, owner, exact, held, f"Layer '{owner}'")
    others = [(equations, method) for equations, method in ways if method != "exact" and equations]
    for _, method in others:
        if method not in StateUpdateMethod.stateupdaters:
            hint = nearest(method, ["exact", *StateUpdateMethod.stateupdaters])
            raise ModelError(f"Layer '{owner}': '{method}' is not an integration method. {hint}")

    def integrate(_equations: Any, _variables: Any = None, _options: Any = None) -> str:
        return "\n".join(filter(None, [fixed, *(stepped(tuple(equations), method) for equations, method in others)]))

    return integrate, declared


def scalar_declarations(names: Iterable[str], unit: str = "1") -> str:
    """Return Brian2 equation text that declares scalars which are set before a run."""
    return "\n".join(declaration(name, unit) for name in names)
