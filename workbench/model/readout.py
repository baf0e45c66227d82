"""What makes a group a readout: what is wanted of it, and the loss of its output."""

from collections.abc import Mapping
from dataclasses import replace

from brian2 import StateMonitor, TimedArray, second

from workbench.declare.decision import Decision
from workbench.declare.loss import Loss
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.heard_reward import hears_reward, replaces_loss
from workbench.model.neuron_text import equations_of
from workbench.model.readout_rule import filtering
from workbench.model.renaming import WANTED
from workbench.model.setup import Setup
from workbench.model.totals import add_total, declared_total
from workbench.text.equation_text import Differential
from workbench.text.syntax import statements, substituted


def variables(parts: Parts) -> str:
    """Return what `add_loss` needs of a readout, as equations."""
    setup = parts.setup
    shares = ["share : 1", "greatest : 1 (shared)", *declared_total(parts, "total")] if setup.network.loss.share else []
    aim = "due" if setup.targets == "spikes" else "target"
    score = ["score : 1"] if setup.network.decision.code else []
    return "\n".join([*shares, *score, f"{aim} : 1", "error : 1", "excess : 1", "loss : 1", "output_sum : 1"])


def add_loss(parts: Parts, name: str, output: str, targets: TimedArray) -> None:
    """Let a readout compute its error and add up its loss and output, at each step of the window.

    Parameters
    ----------
    parts : Parts
        Has the readout `name` with what `variables` returns.
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
    for scalar in ("trial", "in_window", "total_step"):
        parts.refer(name, scalar, "clock")
    held = {"y": output, "target": _add_target(parts, name)}
    value = substituted(loss.value, held)
    if loss.share:
        parts.run_template(name, "greatest", "greatest", schedule.GREATEST, "loss", code=f"_value = {output}")
        parts.run_code(name, "share", f"share = {substituted(loss.share, held)}", schedule.SHARE, "loss")
        add_total(parts, name, "share", "total", schedule.TOTAL, "loss")
    code = f"""error = in_window * ({substituted(loss.error, held)})
loss = loss + in_window * ({value})
output_sum = output_sum + in_window * {output}"""
    parts.run_code(name, "error", code, schedule.ERROR, "loss")
    if name == "readout" and parts.setup.pathway.carries == "excess" and not replaces_loss(parts.setup):
        code = f"excess = in_window * ({value} - ({_of_zero(loss, held)}))"
        parts.run_code(name, "excess", code, schedule.ERROR, "learning", gate="learning")
    start = "loss = 0\noutput_sum = 0"
    recorded = ["loss", "output_sum"]
    decision = parts.setup.network.decision
    if name == "readout" and decision.code:
        start += f"\nscore = {decision.start!r}"
        recorded.append("score")
        _add_score(parts, decision, output)
    if parts.setup.targets == "trial":
        start += "\ntarget = targets(trial * second, i)"
    parts.run_code(name, "present", start, schedule.TRIAL_START, "clock", gate="trial_start")
    monitor = StateMonitor(group, recorded, record=True, when=schedule.RECORD.when, name=f"{name}_record*")
    parts.add(f"{name}_record", monitor, "record")
    parts.gates[monitor.name] = "trial_end"


def _add_score(parts: Parts, decision: Decision, output: str) -> None:
    """Let the readout keep the score of each output, in the steps of the window."""
    if decision.reads("elapsed"):
        parts.refer("readout", "elapsed", "clock")
    found = statements(decision.code)
    names = {"y": output} | {target: f"new__{target}" for target, _ in found}
    lines = ["new__score = score", *(f"new__{target} = {substituted(text, names)}" for target, text in found)]
    # One of the two, and no sum that would be rounded.
    lines.append("score = int(in_window > 0.5) * new__score + int(in_window < 0.5) * score")
    # What the answer is worth, rules may hear of.
    role = "learning" if hears_reward(parts.setup) else "record"
    parts.run_code("readout", "score", "\n".join(lines), schedule.ERROR, role)


def _add_target(parts: Parts, name: str) -> str:
    """Let a readout know what is wanted of it in each step, and return the variable that holds it."""
    setup = parts.setup
    if setup.targets == "trial":
        return "target"
    now = "targets(total_step * second, i)"
    if setup.targets == "step":
        parts.run_code(name, "target", f"target = {now}", schedule.TARGET, "clock")
        return "target"
    parts.run_code(name, "due", f"due = {now}", schedule.TARGET, "clock")
    jumps = filtering(setup.network.readout)
    code = "\n".join(f"{WANTED}{state} += ({jump}) * due" for state, jump in jumps.items() if jump != "0")
    parts.run_code(name, "wanted", code, schedule.RESET, "loss")
    return f"{WANTED}{setup.network.readout.output}"


def wanted_filter(setup: Setup) -> tuple[Differential, ...]:
    """Return the equations that filter wanted spikes as the readout filters its own; none for other targets."""
    if setup.targets != "spikes":
        return ()
    readout = setup.network.readout
    own = filtering(readout)
    found = []
    for item in equations_of(readout):
        if item.name in own:
            expression = substituted(item.expression, {state: f"{WANTED}{state}" for state in own})
            found.append(replace(item, name=f"{WANTED}{item.name}", expression=expression))
    return tuple(found)


def _of_zero(loss: Loss, held: Mapping[str, str]) -> str:
    """Return the loss of an output of 0 among outputs of 0, as an expression."""
    zero = {**held, "y": "0.0", "greatest": "0.0"}
    share = substituted(loss.share, zero) if loss.share else "0.0"
    return substituted(loss.value, zero | {"share": share, "total": f"N * ({share})"})
