"""The groups of neurons: clock, inputs, hidden layers, readouts."""

import re
from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
from brian2 import NeuronGroup, SpikeMonitor, StateMonitor, Synapses, TimedArray, second
from brian2.groups.group import CodeRunner

from workbench.equations import Differential, parse_differential
from workbench.errors import RuleError
from workbench.model import schedule
from workbench.model.integration import integration, scalar_declarations
from workbench.model.parts import Binding, Parts
from workbench.neuron import NeuronModel
from workbench.rule import Rule

#: The readout learns by the exact delta rule: error times the presynaptic spikes, filtered as the readout filters.
DELTA = Rule(
    name="delta",
    title="Delta rule",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    synapse="dg/dt = error_post * p_pre : second",
)

_CLOCK = """run_time : second (shared)
step : integer (shared)
trial : integer (shared)
n_steps : integer (shared)
window_start : integer (shared)
window_stop : integer (shared)
in_window : 1 (shared)
window_duration : second (shared)
trial_start : boolean (shared)
trial_end : boolean (shared)
learning : boolean (shared)
recording : boolean (shared)
record : boolean (shared)
update : boolean (shared)
update_size : integer (shared)
n_updates : integer (shared)
learning_rate : 1 (shared)"""

_TICK = """trial_start = step == 0
trial_end = step == n_steps - 1
in_window = int(step >= window_start and step < window_stop)
update_size = int(update_sizes(trial * second))
update = trial_end and learning and update_size > 0
n_updates = n_updates + int(update)
record = trial_end and recording"""

_TOCK = """trial = trial + int(step == n_steps - 1)
step = (step + 1) % n_steps"""


def table(shape: tuple[int, ...], name: str) -> TimedArray:
    """Return a table that equations read by trial number; its values are passed in before each run."""
    return TimedArray(np.zeros(shape), dt=1 * second, name=f"{name}*")


def add_clock(parts: Parts, sizes: TimedArray) -> None:
    """Add the counter of steps and trials, with the conditions that gate other code."""
    optimizer = dict(parts.setup.optimizer.parameters)
    text = "\n".join([_CLOCK, scalar_declarations(optimizer)])
    namespace = {"update_sizes": sizes, "second": second}
    group = NeuronGroup(1, text, name="trial_clock*", namespace=namespace)
    parts.add("clock", group, "clock")
    parts.run_code("clock", "tick", _TICK, schedule.TICK, "clock")
    parts.run_code("clock", "tock", _TOCK, schedule.TOCK, "clock")
    for name in ("n_steps", "window_start", "window_stop", "window_duration"):
        parts.bindings.append(Binding(f"clock.{name}", name))
    parts.bindings.extend(Binding(f"clock.{name}", f"optimizer.{name}") for name in optimizer)


def constants_of(model: NeuronModel, source: str, prefix: str = "", suffix: str = "") -> dict[str, str]:
    """Return the names of a neuron model's parameters (with a prefix or suffix) -> numbers of the setup."""
    return {f"{prefix}{name}{suffix}": f"{source}.{name}" for name, _ in model.parameters}


#: Brian2 keeps the suffix ``_post`` for the variables of neurons, so a target's constants are held under this prefix.
TARGET = "target_"


def own_names(equations: Iterable[Differential], target: NeuronModel, prefix: str) -> tuple[Differential, ...]:
    """Return equations in which ``tau_..._post`` reads ``<prefix>tau_...``."""
    renamed = []
    for item in equations:
        expression = item.expression
        for name, _ in target.parameters:
            expression = substitute(expression, f"{name}_post", f"{prefix}{name}")
        renamed.append(replace(item, expression=expression))
    return tuple(renamed)


def add_neurons(
    parts: Parts,
    name: str,
    size: int,
    model: NeuronModel | None,
    source: str,
    outgoing: tuple[Rule, NeuronModel, str] | None,
    extra: str = "",
    post: str = "",
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
    outgoing : (Rule, NeuronModel, str) or None
        The rule of the synapses that leave the layer, the neuron model that they reach, and where its numbers are.
    extra : str
        Declarations of further variables.
    post : str
        Differential equations that the rule of the incoming synapses adds.
    """
    constants: dict[str, str] = {}
    units: dict[str, str] = {}
    equations: list[Differential] = []
    if model is not None:
        equations += parse_differential(model.equations, f"Neuron '{model.name}'")
        constants |= constants_of(model, source)
        units |= model.units()
    rule = parts.setup.rule
    if post:
        equations += parse_differential(post, f"Rule '{rule.name}', `post`", RuleError)
    traces: tuple[Differential, ...] = ()
    if outgoing is not None and outgoing[0].pre:
        trace_rule, target, target_source = outgoing
        traces = parse_differential(trace_rule.pre, f"Rule '{trace_rule.name}', `pre`", RuleError)
        traces = own_names(traces, target, TARGET)
        constants |= constants_of(target, target_source, TARGET)
        units |= {f"{TARGET}{key}": unit for key, unit in target.units().items()}
        _refuse_shared_names(trace_rule, traces, equations)
    # Traces filter spikes as the neuron that they reach does, so they take its method.
    ways = [(equations, model.method if model else "exact"), (traces, outgoing[1].method if outgoing else "exact")]
    method, entries = integration(parts, name, ways, constants)
    declared = "\n".join(f"d{item.name}/dt = {item.expression} : {item.unit}" for item in (*equations, *traces))
    text = "\n".join(
        [
            declared,
            *(scalar_declarations([key], unit) for key, unit in units.items()),
            scalar_declarations(entries),
            extra,
        ]
    )
    group = NeuronGroup(
        size,
        text,
        method=method,
        threshold=f"{model.drive} > 0" if model is not None and model.spiking else ("False" if model is None else None),
        reset=model.reset if model is not None and model.spiking else ("" if model is None else None),
        name=f"{name}*",
        namespace={},
    )
    parts.add(name, group, "forward")
    _pin(group)
    parts.bindings.extend(Binding(f"{name}.{key}", number) for key, number in constants.items())
    states = [item.name for item in (*equations, *traces)]
    cleared = "\n".join(f"{state} = 0" for state in states)
    parts.refer(name, "trial", "clock")
    parts.refer(name, "in_window", "clock")
    if source == "neuron" and model is not None and not model.spiking:
        parts.run_code(name, "emit", f"emitted = {model.output} * per_step", schedule.SURROGATE, "forward")
    if cleared:
        parts.run_code(name, "clear", cleared, schedule.TRIAL_START, "clock", gate="trial_start")
    if outgoing is not None and outgoing[0].pre_on_spike and traces:
        graded = model is not None and not model.spiking
        trace = _in_proportion(outgoing[0]) if graded else outgoing[0].pre_on_spike
        parts.run_code(name, "trace", trace, schedule.TRACE, "learning", events="" if graded else "_spikespace")


def _in_proportion(rule: Rule) -> str:
    """Return what a neuron without spikes does to its traces in each step: what a spike would do, times its output."""
    lines = []
    for line in filter(None, map(str.strip, rule.pre_on_spike.splitlines())):
        target, plus, amount = line.partition("+=")
        if not plus:
            raise RuleError(
                f"Rule '{rule.name}', `pre_on_spike`: '{line}' has no meaning for neurons without spikes; "
                "only 'x += amount' has."
            )
        lines.append(f"{target.strip()} += ({amount.strip()}) * emitted")
    return "\n".join(lines)


def _refuse_shared_names(rule: Rule, traces: tuple[Differential, ...], equations: list[Differential]) -> None:
    taken = {item.name for item in equations}
    for trace in traces:
        if trace.name in taken:
            raise RuleError(
                f"Rule '{rule.name}', line {trace.line} of `pre`: '{trace.name}' is a variable of the neuron already. "
                "Choose another name."
            )


def _pin(group: NeuronGroup) -> None:
    """Put Brian2's own code of a group into the pinned slots."""
    group.state_updater.when, group.state_updater.order = schedule.INTEGRATE
    for thresholder in group.thresholder.values():
        thresholder.when, thresholder.order = schedule.THRESHOLD
    for resetter in group.resetter.values():
        resetter.when, resetter.order = schedule.RESET


def give_spikes(parts: Parts, name: str, capacity: int) -> None:
    """Let a group emit the spikes that it is given, in place of its own threshold.

    The variables `neuron_index` and `_timebins` (step since the start of the run) are padded to `capacity` and passed
    in before each run.
    """
    group = parts.groups[name]
    for thresholder in list(group.thresholder.values()):
        group.contained_objects.remove(thresholder)
        parts.roles.pop(thresholder.name, None)
    group.thresholder.clear()
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
    parts.roles[source.name] = "given"


def add_loss(parts: Parts, name: str, output: str, targets: TimedArray) -> None:
    """Let a readout compute its error and add up its loss and output, at each step of the window.

    Parameters
    ----------
    parts : Parts
        Has the readout `name` with the variables `target`, `error`, `loss`, `output_sum` and, where the loss needs a
        total, `share`.
    name : str
        The readout.
    output : str
        Its output variable.
    targets : TimedArray
        Table of targets, (trial, output).
    """
    loss = parts.setup.network.loss
    group = parts.groups[name]
    group.namespace.update({"targets": targets, "second": second})
    if loss.total:
        sums = NeuronGroup(1, "total : 1", name=f"{name}_total*", namespace={})
        parts.add(f"{name}_total", sums, "loss")
        parts.run_code(name, "share", "share = " + substitute(loss.total, "y", output), schedule.SHARE, "loss")
        adder = Synapses(group, sums, "total_post = share_pre : 1 (summed)", name=f"{name}_adder*", namespace={})
        adder.connect(i=np.arange(group.N), j=np.zeros(group.N, dtype=int))
        parts.add(f"{name}_adder", adder, "loss")
        pin_summed(adder, "total_post", schedule.TOTAL)
        parts.refer(name, "total", f"{name}_total")
    code = f"""error = in_window * ({substitute(loss.error, "y", output)})
loss = loss + in_window * ({substitute(loss.value, "y", output)})
output_sum = output_sum + in_window * {output}"""
    parts.run_code(name, "error", code, schedule.ERROR, "loss")
    start = "loss = 0\noutput_sum = 0\ntarget = targets(trial * second, i)"
    parts.run_code(name, "present", start, schedule.TRIAL_START, "clock", gate="trial_start")
    monitor = StateMonitor(
        group, ["loss", "output_sum"], record=True, when=schedule.RECORD.when, name=f"{name}_record*"
    )
    parts.add(f"{name}_record", monitor, "record")
    parts.gates[monitor.name] = "trial_end"


def pin_summed(synapses: Synapses, variable: str, slot: schedule.Slot) -> Any:
    """Put the update of a summed variable into a slot, and return it."""
    updater = synapses.summed_updaters[variable]
    updater.when, updater.order = slot
    return updater


def add_spike_monitor(parts: Parts, name: str) -> None:
    """Record a layer's spikes."""
    monitor = SpikeMonitor(parts.groups[name], name=f"{name}_spikes*")
    parts.add(f"{name}_spikes", monitor, "record")


def substitute(expression: str, name: str, text: str) -> str:
    """Return an expression with a name replaced by a piece of text."""
    return re.sub(rf"\b{name}\b", text, expression)
