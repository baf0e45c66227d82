"""The counter of steps and trials, which gates whatever does not run in each step."""

import numpy as np
from brian2 import NeuronGroup, TimedArray, second

from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding
from workbench.model.heard_reward import hears_reward
from workbench.model.integration import scalar_declarations
from workbench.model.noise_keys import draws_noise, noise_of_feedback
from workbench.model.setup import Setup

_CLOCK = """step : integer (shared)
trial : integer (shared)
total_step : integer (shared)
n_steps : integer (shared)
window_start : integer (shared)
window_stop : integer (shared)
in_window : 1 (shared)
window_duration : second (shared)
trial_start : boolean (shared)
trial_end : boolean (shared)
elapsed : 1 (shared)
ends : 1 (shared)
learning : boolean (shared)
recording : boolean (shared)
watching : boolean (shared)
record : boolean (shared)
update : boolean (shared)
updated : boolean (shared)
refresh : boolean (shared)
sweep : boolean (shared)
since : integer (shared)
flush_every : integer (shared)
flush : boolean (shared)
update_size : integer (shared)
n_updates : integer (shared)
learning_rate : 1 (shared)
feedback_decay : 1 (shared)"""

_TICK = """total_step = trial * n_steps + step
trial_start = step == 0
trial_end = step == n_steps - 1
elapsed = (step + 0.5) / n_steps
ends = int(step == n_steps - 1)
in_window = int(step >= window_start and step < window_stop)
update_size = {update_size}
update = learning and {update}
{beside}n_updates = n_updates + int(update)
record = trial_end and recording
refresh = {refresh}
sweep = trial_end and learning
since = step % flush_every
flush = learning and (trial_end or since == flush_every - 1)"""

#: When weights change: when a batch ends, or after so many steps and at the end of a trial.
_BETWEEN_TRIALS = {
    "update_size": "int(update_sizes(trial * second))",
    "update": "trial_end and update_size > 0",
    "refresh": "step == 0 and (trial == 0 or updated)",
}
#: The estimate that is recorded is that of a whole trial.
_WHILE_TIME_RUNS = {
    "update_size": "1",
    "update": "(trial_end or (not recording and (step + 1) % update_every == 0))",
    "refresh": "total_step == 0 or updated",
}

#: The steps of the loss's window, in its last step.
_REWARDING = "int(step == window_stop - 1) * (window_stop - window_start)"

_TOCK = """updated = {updated}
trial = trial + int(step == n_steps - 1)
step = (step + 1) % n_steps"""


def table(shape: tuple[int, ...], name: str) -> TimedArray:
    """Return a table that equations read by trial number; its values are passed in before each run."""
    return TimedArray(np.zeros(shape), dt=1 * second, name=f"{name}*")


def add_clock(parts: Parts, sizes: TimedArray | None) -> None:
    """Add the counter of steps and trials, with the conditions that gate other code.

    Parameters
    ----------
    parts : Parts
        Gets the counter.
    sizes : TimedArray or None
        Trials of the batch that ends with a trial; None where no weights change then.
    """
    optimizer = dict(parts.setup.optimizer.parameters)
    declared, tick = _further(parts)
    text = "\n".join([_CLOCK, *declared, scalar_declarations(optimizer)])
    namespace = {"second": second} | ({} if sizes is None else {"update_sizes": sizes})
    group = NeuronGroup(1, text, name="trial_clock*", namespace=namespace)
    parts.add("clock", group, "clock")
    if draws_noise(parts.setup):
        group.variables.add_array("_draws", size=parts.setup.trial_capacity, dtype=np.int64, index="_draw_number")
    parts.run_code("clock", "tick", tick, schedule.TICK, "clock")
    updated = " or ".join(f"update{mark}" for mark in parts.setup.rules)
    parts.run_code("clock", "tock", _TOCK.format(updated=updated), schedule.TOCK, "clock")
    further: tuple[str, ...] = tuple(
        f"update_every{mark}" for mark in parts.setup.rules if parts.setup.steps_between_updates_of(mark)
    )
    further += ("duration",) if parts.setup.mirrors else ()
    for name in ("n_steps", "flush_every", "window_start", "window_stop", "window_duration", *further):
        parts.bindings.append(Binding(f"clock.{name}", name))
    parts.bindings.extend(Binding(f"clock.{name}", f"optimizer.{name}") for name in optimizer)


def _further(parts: Parts) -> tuple[list[str], str]:
    """Return what a network declares besides, and the statements with which its steps begin."""
    setup = parts.setup
    constraints = [one for item in setup.network.all_projections for one in setup.constraints_on(item.name)]
    conditions = {
        # Where estimates are recorded, no weight changes.
        **{
            f"constrain{mark}": (f"update{mark} and not recording", any(one.at == "update" for one in constraints))
            for mark in setup.rules
        },
        "settle": ("trial_end and learning and not recording", any(one.at == "trial" for one in constraints)),
        "keep": ("trial_end and keeping", bool(parts.outlasting)),
        "mirroring": ("learning and feedback_rate > 0", setup.mirrors),
        "mirror_update": ("update and feedback_rate > 0", setup.mirrors),
    }
    numbers = {"rewarding": _REWARDING} if hears_reward(setup) else {}
    declared = [f"{name} : boolean (shared)" for name, (_, needed) in conditions.items() if needed]
    declared += [f"{name} : 1 (shared)" for name in numbers]
    declared += ["keeping : boolean (shared)"] if parts.outlasting else []
    declared += ["feedback_rate : 1 (shared)", "duration : second (shared)"] if setup.mirrors else []
    declared += ["feedback_noise : 1 (shared)"] if noise_of_feedback(setup) else []
    every = [mark for mark in setup.rules if setup.steps_between_updates_of(mark)]
    declared += [f"update_every{mark} : integer (shared)" for mark in every]
    code = [f"{name} = {condition}" for name, (condition, needed) in conditions.items() if needed]
    code += [f"{name} = {value}" for name, value in numbers.items()]
    told, beside = _beside(setup)
    tick = _TICK.format(beside=beside, **(_WHILE_TIME_RUNS if setup.steps_between_updates else _BETWEEN_TRIALS))
    return declared + told, "\n".join([tick, *code])


def _beside(setup: Setup) -> tuple[list[str], str]:
    """Return what is declared for the updates by rules that some weights have of their own, and when these are."""
    declared, code = ["changing : 1 (shared)"], "changing = int(not recording)\n"
    for mark in setup.marks_beside:
        declared += [f"update{mark} : boolean (shared)", f"update_size{mark} : integer (shared)"]
        declared.append(f"n_updates{mark} : integer (shared)")
        told = _WHILE_TIME_RUNS if setup.steps_between_updates_of(mark) else _BETWEEN_TRIALS
        size = "1" if setup.interval(mark) == "trial" else told["update_size"]
        due = told["update"].replace("update_size", f"update_size{mark}").replace("update_every", f"update_every{mark}")
        code += f"update_size{mark} = {size}\nupdate{mark} = learning and {due}\n"
        code += f"n_updates{mark} = n_updates{mark} + int(update{mark})\n"
    return (declared, code) if setup.network.rules_beside else ([], "")
