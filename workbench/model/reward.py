"""What the answer of a trial is worth, and how outputs hear of it in place of the loss."""

from brian2 import TimedArray, second

from workbench.model import schedule
from workbench.model.assembly import Parts

#: What each output holds for it: what it is worth as an answer, and whether it is the answer so far.
DECLARED = ("worth : 1", "answered : 1")


def add_reward(parts: Parts, rewards: TimedArray) -> None:
    """Let a readout hand down what its answer lacks in worth, in the last step of the loss's window.

    It is -r W, with the worth r and the steps W of the window: on average over these, -r, where the loss would be.

    Parameters
    ----------
    parts : Parts
        Has the readout, with what `DECLARED` says.
    rewards : TimedArray
        What each answer is worth, (trial, output).
    """
    decision = parts.setup.network.decision
    parts.groups["readout"].namespace.update({"rewards": rewards, "second": second})
    parts.refer("readout", "rewarding", "clock")
    start = "worth = rewards(trial * second, i)"
    parts.run_code("readout", "rewards", start, schedule.TRIAL_START, "clock", gate="trial_start")
    score = "score" if decision.code else "output_sum"
    parts.run_template(
        "readout", "answer", "answer", schedule.ANSWER, "learning", gate="learning", code=f"_value = {score}"
    )
    code = "excess = -rewarding * answered * worth"
    parts.run_code("readout", "excess", code, schedule.REWARD, "learning", gate="learning")
