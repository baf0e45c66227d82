"""What the trials of a task have in common."""

from dataclasses import dataclass

from workbench.declare.options import Targets


@dataclass(frozen=True)
class TrialFormat:
    """What the trials of a task have in common, and share with the network that runs them.

    Attributes
    ----------
    n_inputs, n_outputs : int
        Numbers of input neurons and of outputs.
    n_steps : int
        Steps of a trial.
    dt : float
        Length of a step [second].
    window : tuple of int
        First step that counts for the loss, and the one after the last.
    targets : {"trial", "step", "spikes"}
        What is wanted of the outputs.
    rewarded : bool
        Whether answers are worth something, as `Rewards` have it.
    """

    n_inputs: int
    n_outputs: int
    n_steps: int
    dt: float
    window: tuple[int, int]
    targets: Targets = "trial"
    rewarded: bool = False

    def difference(self, other: "TrialFormat") -> tuple[str, str]:
        """Return what differs from another format, as it is here and as it is there; empty where nothing does."""
        names = [name for name in vars(self) if getattr(self, name) != getattr(other, name)]
        mine, others = (", ".join(f"{name} = {getattr(each, name)!r}" for name in names) for each in (self, other))
        return mine, others
