"""Spikes that a group is given or repeats after a delay, in place of its own threshold's, and the record of them."""

import numpy as np
from brian2 import NeuronGroup, SpikeMonitor
from brian2.groups.group import CodeRunner

from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import GIVEN


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

    The variables `neuron_index` and `_timebins` (step since the start of the run) have room for `capacity` spikes, and
    are passed in before each run.
    """
    group = parts.groups[name]
    _without_threshold(parts, group)
    variables = group.variables
    variables.add_arange("spike_number", capacity)
    for key in GIVEN:
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
