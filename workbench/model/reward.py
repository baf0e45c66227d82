"""What the answer of a trial is worth, and how outputs hear of it in place of the loss."""

from brian2 import TimedArray, second

from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.heard_reward import replaces_loss

#: What each output holds for it: what it is worth as an answer, whether it is the answer, and what it brings as one.
DECLARED = ("worth : 1", "answered : 1", "brought : 1")


def add_reward(parts: Parts, rewards: TimedArray | None) -> None:
    """Let outputs know in the last step of the loss's window which of them is the answer, and what that brings.

    In place of the loss a readout hands down -r W, with what it brings, r, and the steps W of the window: on average
    over these, -r, where the loss would be.

    Parameters
    ----------
    parts : Parts
        Has the readout, with what `DECLARED` says.
    rewards : TimedArray or None
        What each answer is worth, (trial, output); without it, what the target says.
    """
    setup = parts.setup
    parts.refer("readout", "rewarding", "clock")
    worth = "due" if setup.targets == "spikes" else "target"
    if rewards is not None:
        worth = "worth"
        parts.groups["readout"].namespace.update({"rewards": rewards, "second": second})
        start = "worth = rewards(trial * second, i)"
        parts.run_code("readout", "rewards", start, schedule.TRIAL_START, "clock", gate="trial_start")
    score = "score" if setup.network.decision.code else "output_sum"
    parts.run_template(
        "readout", "answer", "answer", schedule.ANSWER, "learning", gate="learning", code=f"_value = {score}"
    )
    code = f"answered = answered * int(rewarding > 0)\nbrought = answered * {worth}"
    code += "\nexcess = -rewarding * brought" if replaces_loss(setup) else ""
    parts.run_code("readout", "reward", code, schedule.REWARD, "learning", gate="learning")
