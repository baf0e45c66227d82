"""Which rules cost only their events: those whose `g` is a sum over presynaptic spikes, weighted by the target alone.

With traces x of a presynaptic neuron and filters y of a synapse, a step of such a rule is

    x <- P x (+ b at a spike),    y <- y' + dt (C x + M y') with y' = Q y,    g <- g + dt (D x + E y),

where C, M, D and E belong to the postsynaptic neuron; x may hold a pulse, the spike itself, of which nothing is left a
step later. So g is a sum over the spikes, of R at the step of the spike, and
R follows from one sweep back over the trial (`workbench.model.events.replay`).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sympy
from brian2.parsing.sympytools import str_to_sympy, sympy_to_str

from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.model.renaming import IN_SYNAPSE, SPIKED, TARGET, held_of, held_of_readout, own_names
from workbench.model.rule_text import RuleText, rule_text
from workbench.text.equations import linear_system
from workbench.text.linear import LinearSystem
from workbench.text.quantities import IN_EQUATIONS
from workbench.text.syntax import statements

#: Terms of the Taylor series of exp(A dt) that a method of Brian2 amounts to for traces; none for the exact solution.
ORDERS = {"exact": 0, "euler": 1, "rk2": 2, "rk4": 4}

#: Coefficients by the number of what is added to, and of what is multiplied.
Entries = dict[tuple[int, int], str]


class NotLoweredError(Exception):
    """A rule that runs clock-driven; the message says why."""


@dataclass(frozen=True)
class EventForm:
    """A rule as sums over presynaptic spikes.

    Attributes
    ----------
    traces : LinearSystem
        Of a presynaptic neuron; nothing else drives them.
    order : int
        Of their integration; 0 where it is exact.
    pulse : int
        The number under which the spike itself stands beside the traces; -1 where nothing reads it.
    jumps : tuple of str
        What a spike adds to each trace (b), "0" where nothing.
    filters : LinearSystem
        Of a synapse.
    drive : Entries
        C, by filter and trace.
    mixing : Entries
        M, by filter and filter.
    from_trace, from_filter : dict of int to str
        D and E.
    """

    traces: LinearSystem
    order: int
    pulse: int
    jumps: tuple[str, ...]
    filters: LinearSystem
    drive: Entries
    mixing: Entries
    from_trace: dict[int, str]
    from_filter: dict[int, str]


def event_form(rule: RuleText, target: NeuronModel, readout: NeuronModel) -> EventForm:
    """Return the event-driven form of a rule.

    Parameters
    ----------
    rule : RuleText
        As it runs in a network.
    target, readout : NeuronModel
        The neurons that its synapses reach, and those of the readout.

    Raises
    ------
    NotLoweredError
        Where it has none.
    """
    _refuse_outlasting(rule)
    if rule.synapse_sums:
        raise NotLoweredError(f"'{rule.synapse_sums[0][0]}' adds up over the neuron's synapses")
    if rule.pairs:
        raise NotLoweredError(f"'{rule.pairs[0].name}' is kept of pairs of presynaptic neurons")
    held = f"{IN_SYNAPSE}{TARGET}"
    written = own_names(rule.synapse, target, held)
    known = held_of(target, "", held) | held_of_readout(readout) | rule.held(IN_SYNAPSE)
    constants = {*known.numbers, "dt"}
    traces, jumps = _traces(rule, target)
    (estimate,) = [item for item in written if item.name == "g"]
    kept = [item for item in written if item.name != "g"]
    filters = linear_system(kept, constants)
    named = [*(f"{name}_pre" for name in traces.states), f"{SPIKED}_pre"]
    pulse = len(traces.states) if rule.reads(named[-1], "synapse") else -1
    drive: Entries = {}
    mixing: Entries = {}
    for row, state in enumerate(filters.states):
        from_trace, from_filter = _split(filters.rest[state], named, filters.states, constants, state)
        drive |= {(row, column): text for column, text in from_trace.items()}
        mixing |= {(row, column): text for column, text in from_filter.items()}
    read = _split(estimate.expression, named, filters.states, constants, "g")
    method = rule.method_of_traces(target)
    if method not in ORDERS:
        raise NotLoweredError(f"its traces are integrated by '{method}'")
    return EventForm(traces, ORDERS[method], pulse, jumps, filters, drive, mixing, *read)


def _refuse_outlasting(rule: RuleText) -> None:
    """Refuse traces and filters that outlive a trial, whose sums over spikes would have to."""
    own = {item.name for item in (*rule.pre, *rule.synapse)}
    for name in rule.outlasting:
        if name in own:
            raise NotLoweredError(f"'{name}' outlives the trial")


def _traces(rule: RuleText, target: NeuronModel) -> tuple[LinearSystem, tuple[str, ...]]:
    """Return the presynaptic traces and what a spike adds to them."""
    written = own_names(rule.pre, target, TARGET)
    constants = {*(held_of(target, "", TARGET) | rule.held()).numbers}
    system = linear_system(written, constants)
    for state in system.states:
        if system.rest[state] != "0":
            raise NotLoweredError(f"'{state}' in `pre` changes without spikes")
    jumps = dict.fromkeys(system.states, sympy.Integer(0))
    for name, expression in statements(rule.pre_on_spike):
        added = str_to_sympy(expression) - str_to_sympy(name)
        if name not in jumps or not _reads(added) <= constants | IN_EQUATIONS:
            raise NotLoweredError(f"'{name}' in `pre_on_spike` does not grow by a constant")
        jumps[name] += added
    return system, tuple(sympy_to_str(added) if added != 0 else "0" for added in jumps.values())


def _split(
    expression: str, traces: Sequence[str], filters: Sequence[str], constants: Iterable[str], what: str
) -> tuple[dict[int, str], dict[int, str]]:
    """Return the coefficients of traces and of filters in an expression that is linear in them."""
    parts = [{}, {}]  # type: list[dict[int, str]]
    if expression == "0":
        return parts[0], parts[1]
    symbols = [str_to_sympy(name) for name in (*traces, *filters)]
    whole = str_to_sympy(expression).expand()
    try:
        terms = sympy.Poly(whole, *symbols).terms()
    except sympy.PolynomialError as error:
        raise NotLoweredError(f"'{what}' is not linear in the presynaptic traces") from error
    known = {*constants, *IN_EQUATIONS}
    for powers, factor in terms:
        if sum(powers) == 0:
            raise NotLoweredError(f"'{what}' has a part that no presynaptic spike causes")
        if sum(powers) > 1:
            raise NotLoweredError(f"'{what}' is not linear in the presynaptic traces")
        other = sorted(name for name in _reads(factor) - known if not name.endswith("_post"))
        if other:
            raise NotLoweredError(f"'{what}' reads '{other[0]}', which is neither a trace nor the target's")
        number = powers.index(1)
        side, index = (0, number) if number < len(traces) else (1, number - len(traces))
        parts[side][index] = sympy_to_str(factor)
    return parts[0], parts[1]


def _reads(expression: sympy.Expr) -> set[str]:
    return {str(symbol) for symbol in expression.free_symbols}


def changes_at_spikes(rule: RuleText) -> bool:
    """Return whether a rule's synapses have no memory, and their estimate grows in the steps of spikes alone."""
    if len(rule.synapse) != 1 or rule.synapse_sums or rule.pairs:
        return False
    return not _grows_without(rule, f"{SPIKED}_pre", f"{SPIKED}_post")


def grows_at_presynaptic_spikes(rule: RuleText) -> bool:
    """Return whether an estimate grows at presynaptic spikes where there is no postsynaptic one."""
    return _grows_without(rule, f"{SPIKED}_post")


def grows_at_postsynaptic_spikes(rule: RuleText) -> bool:
    """Return whether an estimate grows at postsynaptic spikes where there is no presynaptic one."""
    return _grows_without(rule, f"{SPIKED}_pre")


def _grows_without(rule: RuleText, *silent: str) -> bool:
    (estimate,) = [item for item in rule.synapse if item.name == "g"]
    zero = {str_to_sympy(name): 0 for name in silent}
    return bool(str_to_sympy(estimate.expression).expand().subs(zero) != 0)


def why_clock_driven(rule: Rule, neuron: NeuronModel, readout: NeuronModel) -> str:
    """Return why a rule's synapses are visited in each step, in a network of such models; empty where spikes cost."""
    if not rule.has_equations:
        return ""
    if rule.updates.every not in ("batch", "trial"):
        return "" if changes_at_spikes(rule_text(rule)) else "its weights change while time runs, without spikes too"
    try:
        event_form(rule_text(rule), neuron, readout)
    except NotLoweredError as error:
        return str(error)
    return ""
