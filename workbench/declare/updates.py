"""When the weights of a network change, and what they may be afterwards."""

from dataclasses import dataclass
from typing import Literal

from workbench.common.errors import RuleError
from workbench.declare.constraint import Constraint
from workbench.declare.field_types import declared
from workbench.text.quantities import read_quantity

#: Intervals that have a name; others are durations.
INTERVALS = ("batch", "trial", "step")


@declared(RuleError, "Updates")
@dataclass(frozen=True, kw_only=True)
class Updates:
    """When a rule's weights change, and what they may be afterwards, where a study says nothing else.

    Attributes
    ----------
    every : str
        ``batch`` or ``trial``, when these end; ``step``, while time runs; or a duration such as ``"10 ms"``. Each
        update takes what `g` has grown by since the one before.
    per : {"window", "second"}
        What `g` is divided by: the duration of the loss's window, as that of a gradient is, which is one of a mean over
        time; or a second, so that a weight changes as much by a spike whatever the length of a trial.
    constraints : tuple of Constraint
        What holds of the weights afterwards, one after the other.
    """

    every: str = "batch"
    per: Literal["window", "second"] = "window"
    constraints: tuple[Constraint, ...] = ()

    def __post_init__(self) -> None:
        refuse_interval(self.every, "Updates: `every`", RuleError)


def refuse_interval(every: str, where: str, error: type[Exception]) -> None:
    """Refuse what is no interval from one update to the next.

    Parameters
    ----------
    every : str
        As of `Updates`.
    where : str
        The start of the message.
    error : type
        What to raise.
    """
    if every in INTERVALS:
        return
    seconds, unit = read_quantity(every, where)
    if unit != "second" or seconds <= 0:
        raise error(f"{where} must be 'batch', 'trial', 'step' or a time such as '10 ms', not '{every}'.")


def steps_between(every: str, dt: float, n_steps: int) -> int:
    """Return the steps from one update to the next; 0 where weights change between trials only.

    Parameters
    ----------
    every : str
        As of `Updates`.
    dt : float
        Length of a step [second].
    n_steps : int
        Of a trial: at its end there is an update in any case.

    Raises
    ------
    RuleError
        Where a duration is not whole steps.
    """
    if every in ("batch", "trial"):
        return 0
    if every == "step":
        return 1
    seconds, _ = read_quantity(every, "Updates")
    steps = round(min(seconds / dt, float(n_steps)))
    if seconds < n_steps * dt and (steps < 1 or abs(seconds - steps * dt) > 1e-6 * dt):
        raise RuleError(f"Updates every '{every}' must be whole steps of {dt / 1e-3:g} ms. Take another duration.")
    return steps
