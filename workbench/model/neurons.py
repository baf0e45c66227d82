"""The groups of neurons: inputs, hidden layers, readout."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from brian2 import NeuronGroup, SpikeMonitor
from brian2.groups.group import CodeRunner

from workbench.common.errors import RuleError
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.integration import integration, scalar_declarations
from workbench.model.renaming import SPIKED, TARGET, WANTED, constants_of, numbers_of, own_names, units_of_numbers
from workbench.model.setup import FIRST, Binding
from workbench.text.equations import Differential, parse_differential
from workbench.text.syntax import changes, with_substituted


@dataclass(frozen=True)
class Outgoing:
    """The synapses that leave a layer, as far as the layer keeps traces for them.

    Attributes
    ----------
    rule : Rule
        By which they learn.
    target : NeuronModel
        Which they reach.
    source : str
        Where the target's numbers are: ``neuron`` or ``readout``.
    """

    rule: Rule
    target: NeuronModel
    source: str

    @property
    def prefix(self) -> str:
        """Before the names of the target's constants in the layer, which may reach targets of two models."""
        return f"{TARGET}{self.source}_"


@dataclass
class _Text:
    """The equations of a layer while they are gathered."""

    equations: list[Differential] = field(default_factory=list)
    traces: list[tuple[tuple[Differential, ...], str]] = field(default_factory=list)
    constants: dict[str, str] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)


def _gather(model: NeuronModel | None, source: str, outgoing: Sequence[Outgoing]) -> _Text:
    text = _Text()
    if model is not None:
        text.equations += parse_differential(model.equations, f"Neuron '{model.name}'")
        text.constants |= constants_of(model, source)
        text.units |= model.units()
    for way in outgoing:
        traces = parse_differential(way.rule.pre, f"Rule '{way.rule.name}', `pre`", RuleError)
        text.traces.append((own_names(traces, way.target, way.prefix), way.target.method))
        text.constants |= constants_of(way.target, way.source, way.prefix)
        text.units |= {f"{way.prefix}{key}": unit for key, unit in way.target.units().items()}
        text.constants |= numbers_of(way.rule)
        text.units |= units_of_numbers(way.rule)
    return text


def add_neurons(
    parts: Parts,
    name: str,
    size: int,
    model: NeuronModel | None,
    source: str,
    outgoing: Sequence[Outgoing],
    extra: Sequence[str] = (),
    rule: Rule | None = None,
    cleared: Sequence[str] = (),
    besides: Sequence[Differential] = (),
) -> None:
    """Add a layer: its neuron model, the traces that its outgoing synapses need, and further variables.

    Parameters
    ----------
    parts : Parts
        Gets the group.
    name : str
        ``inputs``, ``hidden1``, ..., ``readout``.
    size : int
        Number of neurons.
    model : NeuronModel or None
        None for inputs, which only repeat the spikes that they are given.
    source : str
        ``neuron`` or ``readout``: where the model's numbers are.
    outgoing : sequence of Outgoing
        The synapses that leave the layer and for which it keeps traces.
    extra : sequence of str
        Declarations of further variables.
    rule : Rule, optional
        By which the incoming synapses learn; the layer holds its numbers.
    cleared : sequence of str
        Further variables that are 0 at the start of a trial.
    besides : sequence of Differential
        Further equations of the layer, integrated as its own.
    """
    text = _gather(model, source, outgoing)
    if rule is not None:
        text.constants |= numbers_of(rule)
        text.units |= units_of_numbers(rule)
    # Traces filter spikes as the neuron that they reach does, so they take its method.
    ways = [((*text.equations, *besides), model.method if model else "exact"), *text.traces]
    method, entries = integration(parts, name, ways, text.constants)
    everything = [item for equations, _ in ways for item in equations]
    declared = [f"d{item.name}/dt = {item.expression} : {item.unit}" for item in everything]
    declared += [scalar_declarations([key], unit) for key, unit in text.units.items()]
    first = {} if model is None else model.first_units()
    declared += [scalar_declarations([f"{FIRST}{key}"], unit) for key, unit in first.items()]
    threshold, reset = None, None
    if model is None:
        threshold, reset = "False", ""
    elif model.spiking:
        refractory = f" and not ({model.refractory})" if model.refractory else ""
        threshold, reset = f"({model.drive}) > 0{refractory}", with_substituted(model.reset, {})
    group = NeuronGroup(
        size,
        "\n".join([*declared, scalar_declarations(entries), *extra]),
        method=method,
        threshold=threshold,
        reset=reset,
        name=f"{name}*",
        namespace={},
    )
    parts.add(name, group, "forward")
    _pin(group)
    parts.bindings.extend(Binding(f"{name}.{key}", number) for key, number in text.constants.items())
    if everything:
        parts.bindings.extend(Binding(f"{name}.{FIRST}{key}", f"{source}.{FIRST}{key}") for key in first)
        begins = {key: f"{FIRST}{key}" for key in first}
        begins |= {item.name: begins.get(item.name.removeprefix(WANTED), "0") for item in besides}
        states = [*(item.name for item in everything), *cleared]
        code = "\n".join(f"{state} = {begins.get(state, '0')}" for state in states)
        parts.run_code(name, "clear", code, schedule.TRIAL_START, "start", gate="trial_start")
    _add_output(parts, name, model, source, outgoing)


def _add_output(parts: Parts, name: str, model: NeuronModel | None, source: str, outgoing: Sequence[Outgoing]) -> None:
    """Add what a layer does with its spikes, or in proportion to its output where it has none."""
    graded = source == "neuron" and model is not None and not model.spiking
    if graded and model is not None:
        parts.run_code(name, "emit", f"emitted = {model.output} * per_step", schedule.SURROGATE, "forward")
    jumps = [_in_proportion(way.rule) if graded else way.rule.pre_on_spike for way in outgoing]
    if any(jumps):
        code = "\n".join(filter(None, jumps))
        parts.run_code(name, "trace", code, schedule.TRACE, "learning", events="" if graded else "_spikespace")


def _in_proportion(rule: Rule) -> str:
    """Return what a neuron without spikes does to its traces in each step: what a spike would do, times its output."""
    lines = []
    for target, sign, amount in changes(rule.pre_on_spike):
        if sign != "+":
            raise RuleError(
                f"Rule '{rule.name}', `pre_on_spike`: '{target} {sign}= {amount}' has no meaning for neurons without "
                "spikes; only 'x += amount' has."
            )
        lines.append(f"{target} += ({amount}) * emitted")
    return "\n".join(lines)


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


def delay_spikes(parts: Parts, name: str, source: str, delay: int) -> None:
    """Let a group repeat the spikes of another some steps later, within the same trial.

    Parameters
    ----------
    parts : Parts
        Has both groups, which are of one size.
    name, source : str
        The group, and that whose spikes it repeats.
    delay : int
        Steps from 1.
    """
    group = parts.groups[name]
    _without_threshold(parts, group)
    variables = group.variables
    # Traces of any name are kept beside these.
    variables.add_reference("_source_spikes", parts.groups[source], "_spikespace")
    variables.add_reference("_step", parts.groups["clock"], "step", index="0")
    variables.add_array("_line", size=delay * (len(group) + 1), dtype=np.int32)
    parts.run_template(name, "delay", "delay", schedule.DELAY, "forward", delay=delay, source=source)


def give_spikes(parts: Parts, name: str, capacity: int) -> None:
    """Let a group emit the spikes that it is given, in place of its own threshold.

    The variables `neuron_index` and `_timebins` (step since the start of the run) are padded to `capacity` and passed
    in before each run.
    """
    group = parts.groups[name]
    _without_threshold(parts, group)
    variables = group.variables
    variables.add_arange("spike_number", capacity)
    for key in ("neuron_index", "_timebins"):
        variables.add_array(key, size=capacity, dtype=np.int32, index="spike_number")
    variables.add_array("_period_bins", size=1, dtype=np.int32, scalar=True)
    variables.add_array("_lastindex", size=1, dtype=np.int32, scalar=True)
    source = CodeRunner(
        group,
        "spikegenerator",
        when=schedule.THRESHOLD.when,
        order=schedule.THRESHOLD.order,
        name=f"{group.name}_given*",
        check_units=False,
    )
    group.contained_objects.append(source)
    # Where a monitor looks for its place in the schedule.
    group.thresholder["spike"] = source
    parts.roles[source.name] = "given"


def _without_threshold(parts: Parts, group: NeuronGroup) -> None:
    for thresholder in list(group.thresholder.values()):
        group.contained_objects.remove(thresholder)
        parts.roles.pop(thresholder.name, None)


def add_spike_monitor(parts: Parts, name: str) -> None:
    """Record a layer's spikes."""
    monitor = SpikeMonitor(parts.groups[name], name=f"{name}_spikes*")
    parts.add(f"{name}_spikes", monitor, "record")
    parts.gates[monitor.name] = "watching"
