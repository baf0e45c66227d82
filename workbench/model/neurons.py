"""The groups of neurons: inputs, hidden layers, readout."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from brian2 import NeuronGroup

from workbench.declare.neuron import NeuronModel
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.graded import in_proportion, sends_on
from workbench.model.integration import integration
from workbench.model.neuron_text import equations_of
from workbench.model.noise import add_noise
from workbench.model.outlasting import KEPT
from workbench.model.renaming import SPIKED, TARGET, WANTED, Held, declaration, held_of, own_names
from workbench.model.rule_text import RuleText
from workbench.model.setup import FIRST
from workbench.model.transmission import Sending, add_sending, declared_for_sending, sendings, sent_by
from workbench.text.equation_text import Differential
from workbench.text.syntax import with_substituted


@dataclass(frozen=True)
class Layer:
    """Neurons of one kind.

    Attributes
    ----------
    name : str
        ``inputs``, ``hidden1``, ..., ``readout``, or that of terminals.
    size : int
        Number of neurons.
    model : NeuronModel or None
        None for inputs and terminals, which only repeat the spikes that they are given.
    source : str
        ``neuron`` or ``readout``: where the model's numbers are.
    """

    name: str
    size: int
    model: NeuronModel | None = None
    source: str = ""


@dataclass(frozen=True)
class Outgoing:
    """The synapses that leave a layer, as far as the layer keeps traces for them.

    Attributes
    ----------
    rule : RuleText
        By which they learn.
    target : NeuronModel
        Which they reach.
    source : str
        Where the target's numbers are: ``neuron`` or ``readout``.
    """

    rule: RuleText
    target: NeuronModel
    source: str

    @property
    def prefix(self) -> str:
        """Before the names of the target's constants in the layer, which may reach targets of two models."""
        return f"{TARGET}{self.source}_"


def add_neurons(
    parts: Parts,
    layer: Layer,
    outgoing: Sequence[Outgoing],
    extra: Sequence[str] = (),
    rules: Sequence[RuleText] = (),
    cleared: Mapping[str, str] | None = None,
    besides: Sequence[Differential] = (),
) -> None:
    """Add a layer: its neuron model, the traces that its outgoing synapses need, and further variables.

    Parameters
    ----------
    parts : Parts
        Gets the group.
    layer : Layer
        The neurons.
    outgoing : sequence of Outgoing
        The synapses that leave the layer and for which it keeps traces.
    extra : sequence of str
        Declarations of further variables.
    rules : sequence of RuleText
        By which the incoming synapses learn; the layer holds their numbers.
    cleared : mapping of str to str, optional
        Further variables that are 0 at the start of a trial, with their units.
    besides : sequence of Differential
        Further equations of the layer, integrated as its own.
    """
    model, name, cleared = layer.model, layer.name, cleared or {}
    sent = list(sendings(parts, name))
    ways = _ways(layer, outgoing, besides, sent)
    held = _held(layer, outgoing, rules, sent)
    method, entries = integration(parts, name, ways, held)
    equations = [item for some, _ in ways for item in some]
    declared = [f"d{item.name}/dt = {item.expression} : {item.unit}" for item in equations]
    declared += [*_declared(model), *held.declarations(), *entries, *declared_for_sending(sent), *parts.pair_sums(name)]
    outlasting = parts.outlasting.get(name, ())
    declared += [f"{KEPT}{item.name} : {item.unit}" for item in equations if item.name in outlasting]
    declared += [f"{KEPT}{state} : {unit}" for state, unit in cleared.items() if state in outlasting]
    _add_group(parts, layer, "\n".join([*declared, *extra]), method)
    if model is not None:
        add_noise(parts, name, layer.size, model.noise)
    parts.bindings.extend(Binding(f"{name}.{key}", number) for key, number in held.numbers.items())
    first = {key: f"{FIRST}{key}" for one in sent for key in one.first}
    for one in sent:
        add_sending(parts, name, one)
    if equations:
        states = [*(item.name for item in equations), *cleared, *(sent_by(one.projection) for one in sent)]
        _begin(parts, layer, states, besides, first)
    _add_output(parts, layer, outgoing)


def _declared(model: NeuronModel | None) -> list[str]:
    """Return the variables of a model for what it draws and for its first values."""
    if model is None:
        return []
    first = [
        declaration(f"{FIRST}{key}", unit, key in model.differing_first) for key, unit in model.first_units().items()
    ]
    return [*(f"{name} : 1" for name, _ in model.noise), *first]


def _ways(
    layer: Layer, outgoing: Sequence[Outgoing], besides: Sequence[Differential], sent: Sequence[Sending]
) -> list[tuple[tuple[Differential, ...], str]]:
    """Return the equations of a layer, each with how it is integrated."""
    own = () if layer.model is None else equations_of(layer.model)
    ways = [((*own, *besides), layer.model.method if layer.model else "exact")]
    ways += [
        (own_names(way.rule.pre, way.target, way.prefix), way.rule.method_of_traces(way.target)) for way in outgoing
    ]
    return ways + [(item.equations, "exact") for item in sent]


def _held(layer: Layer, outgoing: Sequence[Outgoing], rules: Sequence[RuleText], sent: Sequence[Sending]) -> Held:
    """Return the constants of a layer: of its model, of what its synapses reach, and of the rules of both sides."""
    held = Held() if layer.model is None else held_of(layer.model, layer.source)
    for item in sent:
        held = held | item.held
    for way in outgoing:
        held = held | held_of(way.target, way.source, way.prefix).alike() | way.rule.held()
    for rule in rules:
        held = held | rule.held()
    return held


def _add_group(parts: Parts, layer: Layer, equations: str, method: Any) -> None:
    """Add the group of a layer, with its threshold and reset in the pinned slots."""
    model = layer.model
    threshold, reset = None, None
    if model is None:
        threshold, reset = "False", ""
    elif model.spiking:
        refractory = f" and not ({model.refractory})" if model.refractory else ""
        threshold, reset = f"({model.drive}) > 0{refractory}", with_substituted(model.reset, {})
    group = NeuronGroup(
        layer.size, equations, method=method, threshold=threshold, reset=reset, name=f"{layer.name}*", namespace={}
    )
    parts.add(layer.name, group, "forward")
    _pin(group)


def _begin(
    parts: Parts, layer: Layer, states: Sequence[str], besides: Sequence[Differential], further: Mapping[str, str]
) -> None:
    """Let the variables of a layer have their first values at the start of a trial, 0 where none is named."""
    first = {} if layer.model is None else layer.model.first_units()
    parts.bindings.extend(Binding(f"{layer.name}.{FIRST}{key}", f"{layer.source}.{FIRST}{key}") for key in first)
    begins = {key: f"{FIRST}{key}" for key in first} | dict(further)
    begins |= {item.name: begins.get(item.name.removeprefix(WANTED), "0") for item in besides}
    begins |= {state: f"{KEPT}{state}" for state in parts.outlasting.get(layer.name, ())}
    code = "\n".join(f"{state} = {begins.get(state, '0')}" for state in states)
    parts.run_code(layer.name, "clear", code, schedule.TRIAL_START, "start", gate="trial_start")
    add_keeping(parts, layer.name)


def add_keeping(parts: Parts, name: str) -> None:
    """Let a group keep what outlives a trial."""
    states = parts.outlasting.get(name, ())
    if states:
        code = "\n".join(f"{KEPT}{state} = {state}" for state in states)
        parts.run_code(name, "keep", code, schedule.KEEP, "clock", gate="keep")


def _add_output(parts: Parts, layer: Layer, outgoing: Sequence[Outgoing]) -> None:
    """Add what a layer does with its spikes, or in proportion to its output where it has none."""
    name, model = layer.name, layer.model
    graded = model is not None and not model.spiking and sends_on(parts, name, layer.source)
    if graded and model is not None:
        parts.run_code(name, "emit", f"emitted = {model.output} * per_step", schedule.SURROGATE, "forward")
    jumps = [in_proportion(way.rule) if graded else way.rule.pre_on_spike for way in outgoing]
    if any(jumps):
        code = "\n".join(filter(None, jumps))
        parts.run_code(name, "trace", code, schedule.TRACE, "learning", events="" if graded else "_spikespace")


def _pin(group: NeuronGroup) -> None:
    """Put Brian2's own code of a group into the pinned slots."""
    group.state_updater.when, group.state_updater.order = schedule.INTEGRATE
    for thresholder in group.thresholder.values():
        thresholder.when, thresholder.order = schedule.THRESHOLD
    for resetter in group.resetter.values():
        resetter.when, resetter.order = schedule.RESET


def add_spiked(parts: Parts, name: str, graded: bool) -> None:
    """Let a group keep its variable `spiked`: 1 where there is a spike in the step, or the output where there is none.

    Parameters
    ----------
    parts : Parts
        Has the group.
    name : str
        Its name.
    graded : bool
        Whether its neurons have no spikes.
    """
    if graded:
        parts.run_code(name, "spiked", f"{SPIKED} = emitted", schedule.SPIKED, "learning")
        return
    parts.run_code(name, "not_spiked", f"{SPIKED} = 0", schedule.NOT_SPIKED, "learning")
    parts.run_code(name, "spiked", f"{SPIKED} = 1", schedule.SPIKED, "learning", events="_spikespace")
