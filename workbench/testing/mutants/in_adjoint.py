"""Mistakes in the way back through a network's steps."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from workbench.adjoint.lines import Arrive, Assign, Layer
from workbench.adjoint.reading import read_layers
from workbench.adjoint.sweep_text import Back, Term, backwards
from workbench.catalogue.registry import load_registry
from workbench.declare.references import EXACT_GRADIENTS, RECORDED_TIMES, SEPARATED, Treatment
from workbench.declare.rule import Rule
from workbench.reference.bptt import reference
from workbench.testing.mutants.mutant import Mutant, Replaced
from workbench.testing.subject import Subject
from workbench.text.syntax import identifiers, substituted


@dataclass(frozen=True)
class _Mistake:
    """What is wrong about a term that a line's derivative gives to that of another name.

    Attributes
    ----------
    kind : str
        A key of what `_wrong_factors` returns.
    line : type
        Of which kind the line is.
    of, to : str
        The names whose derivatives give and get.
    """

    kind: str
    line: type
    of: str
    to: str

    def made_in(self, back: Back, layer: Layer) -> Back:
        """Return a line with the mistake, where it is the one."""
        if not isinstance(back.line, self.line) or back.line.to != self.of:
            return back
        return replace(back, terms=tuple(self._wrong(item, layer) for item in back.terms))

    def _wrong(self, term: Term, layer: Layer) -> Term:
        if term.to != self.to:
            return term
        return replace(term, factor=_wrong_factors(layer, term).get(self.kind, term.factor))


def wrong_terms(rule: Rule) -> Iterator[Mutant]:
    """Yield a rule that goes back through the steps of the network, by one term that is wrong.

    One that is left out, that has the other sign or is twice as large; a time constant that is twice as long; or values
    of the step before.
    """
    treatment = _treatment(rule)
    if treatment is None:
        return
    setup = Subject(rule, *load_registry().models_for(rule)).setup()
    made = reference(setup)
    layers = read_layers(made.program, setup.network.plain(), made.constants({}))
    found: dict[_Mistake, str] = {}
    for layer in (layers[0], layers[-1]):
        for mistake, told in _mistakes(layer, backwards(layer, treatment)):
            found.setdefault(mistake, told)
    for mistake, told in found.items():
        wrong = Replaced("workbench.adjoint.sweep_text:backwards", _with(mistake, treatment))
        yield Mutant(told, mistake.kind, rule, (wrong,))


def _treatment(rule: Rule) -> Treatment | None:
    """Return what the way back of a rule goes through at a spike; none where it goes back through no steps."""
    if rule.is_exact_gradient and rule.direction == "reverse":
        return EXACT_GRADIENTS[rule.gradient]
    if rule.gradient == SEPARATED:
        return "separated"
    return "spike_times" if rule.gradient == RECORDED_TIMES else None


def _with(mistake: _Mistake, own: Treatment) -> Callable[[Layer, Treatment], tuple[Back, ...]]:
    # By its name in its module, the right one would be the wrong one.
    right = backwards

    def wrong(layer: Layer, treatment: Treatment) -> tuple[Back, ...]:
        found = right(layer, treatment)
        return found if treatment != own else tuple(mistake.made_in(item, layer) for item in found)

    return wrong


def _mistakes(layer: Layer, back: tuple[Back, ...]) -> Iterator[tuple[_Mistake, str]]:
    """Yield what can be wrong about each term by which some weight learns, and how it is told."""
    learnt_by = _learnt_by(layer, back)
    for item in back:
        for term in item.terms:
            if term.to in learnt_by:
                right = f"d_{term.to} += ({term.factor}) * d_{item.line.to}".replace(f"__of__{layer.name}", "")
                for kind in _wrong_factors(layer, term):
                    yield _Mistake(kind, type(item.line), item.line.to, term.to), f"{kind}: {right}"


def _wrong_factors(layer: Layer, term: Term) -> dict[str, str]:
    """Return what may stand in place of a term's factor, by kind of mistake."""
    # What the right factor reads is kept for it, and may be read elsewhere.
    nothing = f"0 * ({term.factor})"
    found = {"sign": f"-({term.factor})", "no term": nothing, "twice": f"2 * ({term.factor})"}
    keeps = {name: f"sqrt({name})" for name in identifiers(term.factor) if _is_of_itself(name)}
    if keeps:
        found["twice the time constant"] = substituted(term.factor, keeps)
    factor = _in_variables(layer, term.factor)
    begun = {begin for begin, _ in layer.carried.values()}
    before = {name: f"{name.rpartition('__')[0]}__0" for name in identifiers(factor)}
    late = substituted(factor, {name: begin for name, begin in before.items() if begin in begun})
    return found if late == factor else found | {"of the step before": f"{late} + {nothing}"}


def _is_of_itself(name: str) -> bool:
    """Return whether a number is what a variable keeps of itself over a step: exp(-dt / tau)."""
    match name.split("__"):
        case ["P", variable, other, *_]:
            return variable == other
    return False


def _in_variables(layer: Layer, factor: str) -> str:
    """Return a factor in terms of variables, without names for how a spike is decided on."""
    texts = {item.to: f"({item.text})" for item in layer.lines if isinstance(item, Assign)}
    decided = {name: text for name, text in texts.items() if "__decided__" in name}
    while identifiers(factor) & decided.keys():
        factor = substituted(factor, decided)
    return factor


def _learnt_by(layer: Layer, back: tuple[Back, ...]) -> set[str]:
    """Return the names whose derivatives come to a weight, in the same step or in one before."""
    found = {item.line.to for item in back if isinstance(item.line, Arrive)}
    while True:
        grown = found | {item.line.to for item in back if found & {term.to for term in item.terms}}
        grown |= {begin for begin, end in layer.carried.values() if end in grown}
        if grown == found:
            return found
        found = grown
