"""What makes a group a readout: the loss of its output, and the exact rule by which its weights learn."""

import numpy as np
from brian2 import NeuronGroup, StateMonitor, Synapses, TimedArray, second

from workbench.equations import linear_system, parse_differential
from workbench.errors import ModelError
from workbench.expressions import identifiers
from workbench.feedback import FEEDBACK
from workbench.losses import Loss
from workbench.model import schedule
from workbench.model.connections import pin_summed
from workbench.model.names import substitute
from workbench.model.parts import Parts
from workbench.neuron import NeuronModel
from workbench.rule import Rule


def delta_rule(readout: NeuronModel) -> Rule:
    """Return the exact rule of the readout's weights: error times the presynaptic spikes, filtered as the readout does.

    Parameters
    ----------
    readout : NeuronModel
        With linear equations; each of its variables x gets a presynaptic trace ``trace_x`` of the same equation.
    """
    equations = parse_differential(readout.equations, f"Neuron '{readout.name}'")
    system = linear_system(equations, readout.units())
    traces = []
    for item, entries in zip(equations, system.matrix, strict=True):
        if identifiers(system.rest[item.name]) & set(system.states):
            raise ModelError(
                f"Readout '{readout.name}': 'd{item.name}/dt = {item.expression}' is not linear in the readout's own "
                "variables, so that no exact rule can train its weights. Make it linear."
            )
        # A constant moves the output, but not its derivative by a weight.
        expression = " + ".join(
            f"({entry}) * trace_{other}" for other, entry in zip(system.states, entries, strict=True) if entry != "0"
        )
        for name, _ in readout.parameters:
            expression = substitute(expression, name, f"{name}_post")
        traces.append(f"dtrace_{item.name}/dt = {expression or '0*hertz'} : {item.unit}")
    return Rule(
        name="delta",
        title="Delta rule",
        pre="\n".join(traces),
        pre_on_spike="trace_I += 1",
        synapse=f"dg/dt = error_post * trace_{readout.output}_pre : second",
    )


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
    for scalar in ("trial", "in_window"):
        parts.refer(name, scalar, "clock")
    if loss.share:
        parts.run_code(name, "share", "share = " + substitute(loss.share, "y", output), schedule.SHARE, "loss")
        _add_total(parts, name)
    code = f"""error = in_window * ({substitute(loss.error, "y", output)})
loss = loss + in_window * ({substitute(loss.value, "y", output)})
output_sum = output_sum + in_window * {output}"""
    parts.run_code(name, "error", code, schedule.ERROR, "loss")
    if name == "readout" and FEEDBACK[parts.setup.feedback].carries == "excess":
        code = f"excess = in_window * ({substitute(loss.value, 'y', output)} - ({_of_zero(loss)}))"
        parts.run_code(name, "excess", code, schedule.ERROR, "learning", gate="learning")
    start = "loss = 0\noutput_sum = 0\ntarget = targets(trial * second, i)"
    parts.run_code(name, "present", start, schedule.TRIAL_START, "clock", gate="trial_start")
    monitor = StateMonitor(
        group, ["loss", "output_sum"], record=True, when=schedule.RECORD.when, name=f"{name}_record*"
    )
    parts.add(f"{name}_record", monitor, "record")
    parts.gates[monitor.name] = "trial_end"


def _of_zero(loss: Loss) -> str:
    """Return the loss of an output of 0 among outputs of 0, as an expression."""
    value = substitute(loss.value, "y", "0.0")
    share = substitute(loss.share, "y", "0.0")
    return substitute(substitute(value, "total", f"(N * ({share}))"), "share", f"({share})")


def _add_total(parts: Parts, name: str) -> None:
    """Add up the shares of a readout's outputs."""
    group = parts.groups[name]
    if parts.setup.form != "clock":
        told = {"of": group.variables["share"], "to": group.variables["total"], "size": len(group)}
        parts.run_template(name, "sum", "total", schedule.TOTAL, "loss", **told)
        return
    sums = NeuronGroup(1, "total : 1", name=f"{name}_total*", namespace={})
    parts.add(f"{name}_total", sums, "loss")
    adder = Synapses(group, sums, "total_post = share_pre : 1 (summed)", name=f"{name}_adder*", namespace={})
    adder.connect(i=np.arange(group.N), j=np.zeros(group.N, dtype=int), namespace={})
    parts.add(f"{name}_adder", adder, "loss")
    pin_summed(adder, "total_post", schedule.TOTAL)
    parts.refer(name, "total", f"{name}_total")
