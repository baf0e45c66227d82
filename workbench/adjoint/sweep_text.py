"""What goes back through a layer's lines: for each, what the derivative of the loss by its names is made of."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.adjoint.lines import Arrive, Assign, Decide, Displace, Flow, Gather, Layer, Line
from workbench.adjoint.spike_times import crossing, with_flows
from workbench.declare.references import Treatment
from workbench.text.derivative import derivative
from workbench.text.syntax import identifiers, parsed


@dataclass(frozen=True)
class Term:
    """What a name's derivative gets of that of a line.

    Attributes
    ----------
    to : str
        The name whose derivative grows.
    factor : str
        By what the line's is multiplied.
    """

    to: str
    factor: str


@dataclass(frozen=True)
class Back:
    """A line, and what its derivative gives to those of other names.

    Attributes
    ----------
    line : Line
        Which is gone back through.
    terms : tuple of Term
        What it gives.
    """

    line: Line | Flow
    terms: tuple[Term, ...]

    def reads(self) -> set[str]:
        """Return the names whose values the factors need."""
        return {name for term in self.terms for name in identifiers(term.factor)}


def backwards(layer: Layer, treatment: Treatment) -> tuple[Back, ...]:
    """Return the lines of a layer through which something goes back, in the order of the way back.

    Parameters
    ----------
    layer : Layer
        Whose lines they are.
    treatment : {"constant", "differentiated", "spike_times", "separated"}
        Whether gradients see the displacement of a reset as a constant, go through it, or move the spike in time.

    Raises
    ------
    NoDerivativeError
        Where an expression has no derivative.
    """
    # Where nothing comes from later steps, nothing goes back to earlier ones.
    alive = {"loss"} & layer.carried.keys()
    while True:
        found, first = _once(layer, treatment, alive)
        grown = alive | {variable for variable, (begin, _) in layer.carried.items() if begin in first}
        if grown == alive:
            return found
        alive = grown


def _once(layer: Layer, treatment: Treatment, alive: set[str]) -> tuple[tuple[Back, ...], set[str]]:
    """Return what goes back through a step, where something comes back to some variables from the step after."""
    active = {layer.carried[variable][1] for variable in alive} | {layer.spikes, layer.sent} - {""}
    found = []
    lines = with_flows(layer) if treatment == "spike_times" else layer.lines
    for line in reversed(lines):
        if line.to in active:
            terms = tuple(_terms(layer, line, treatment))
            active |= {term.to for term in terms}
            found.append(Back(line, terms))
    return tuple(found), active


def _terms(layer: Layer, line: Line | Flow, treatment: Treatment) -> Iterator[Term]:
    known = {item.to for item in layer.lines} | {begin for begin, _ in layer.carried.values()}
    match line:
        case Assign(text=text):
            for name in sorted(identifiers(text) & known):
                factor = derivative(text, name)
                if factor != "0":
                    yield Term(name, factor)
        case Arrive(before=before):
            if before:
                yield Term(before, "1")
        case Decide(drive=drive) if treatment == "spike_times":
            yield Term(drive, crossing(layer))
        case Decide(drive=drive, slope=slope):
            yield Term(drive, slope)
        case Flow(text=text):
            yield Term(layer.spikes, text)
        case Gather(of=of, how="sum"):
            yield Term(of, "1")
        case Displace() if treatment == "constant" and not line.adapts:
            yield Term(line.before, "1")
        case Displace():
            yield Term(line.before, f"1 - {line.spikes}")
            if treatment != "spike_times":
                yield Term(line.spikes, _difference(layer, line))
            if line.displaced in known:
                yield Term(line.displaced, line.spikes)


def _difference(layer: Layer, line: Displace) -> str:
    """Return by how much a reset displaces a variable."""
    made = next((item.text for item in layer.lines if item.to == line.displaced and isinstance(item, Assign)), "")
    tree = parsed(made) if made else None
    match tree:
        case ast.BinOp(left=ast.Name(id=name), op=ast.Add(), right=right) if name == line.before:
            return ast.unparse(right)
        case ast.BinOp(left=ast.Name(id=name), op=ast.Sub(), right=right) if name == line.before:
            return f"-({ast.unparse(right)})"
    return f"{line.displaced} - {line.before}"
