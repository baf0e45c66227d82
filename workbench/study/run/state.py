"""A run while it is trained: where it is, and what was measured so far."""

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workbench.common.stopwatch import COMPILATION
from workbench.declare.measure import Measure
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.model.setup import Setup
from workbench.study.file.run_config import RunConfig
from workbench.study.run.assemble import Assembled

if TYPE_CHECKING:
    from workbench.reference.bptt import Reference


@dataclass(frozen=True)
class Others:
    """Rules that are asked what they would do while another one trains.

    Attributes
    ----------
    setups : dict of str to Setup
        By name.
    feedback : dict of str to dict
        Their fixed feedback weights, by name and layer.
    skipped : dict of str to str
        Why others are not asked.
    """

    setups: dict[str, Setup] = field(default_factory=dict)
    feedback: dict[str, Weights] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)


@dataclass
class UnderWay:
    """A run while it is trained.

    Attributes
    ----------
    config : RunConfig
        What to do in its present stage.
    parts : Assembled
        Data, setup of the stage, and first state.
    simulator : Simulator
        What runs the network.
    reference : Reference or None
        What gives exact gradients, where some are needed.
    state : State
        The weights and memory now.
    epochs : int
        Of all stages.
    curves : list of dict
        What was measured so far.
    stage, began : int
        Which of its stages it is in, from 0, and how many epochs were behind it when that began.
    epoch, trial : int
        Epochs that are behind us, and trials of the present one.
    seconds_before, compiled_before : float
        What earlier processes spent on it, and on compiling [second].
    started, compiled_at_start : float
        When this one began, and what it had spent on compiling by then.
    others : Others
        Rules that are asked what they would do.
    measures : tuple of Measure
        All that is to be measured.
    """

    config: RunConfig
    parts: Assembled
    simulator: Simulator
    reference: "Reference | None"
    state: State
    epochs: int
    curves: list[dict[str, Any]] = field(default_factory=list)
    stage: int = 0
    began: int = 0
    epoch: int = 0
    trial: int = 0
    seconds_before: float = 0.0
    compiled_before: float = 0.0
    started: float = field(default_factory=time.perf_counter)
    compiled_at_start: float = field(default_factory=lambda: COMPILATION.seconds)
    others: Others = field(default_factory=Others)
    measures: tuple[Measure, ...] = ()

    @property
    def rate(self) -> float:
        """The learning rate of the epoch."""
        return self.config.train.learning_rate * self.config.train.learning_rate_decay ** (self.epoch - self.began)

    @property
    def ends(self) -> int:
        """How many epochs are behind it when the stage has ended."""
        return self.began + self.config.train.epochs

    @property
    def updates_in_epoch(self) -> int:
        """How many batches the training trials are."""
        return -(-len(self.parts.data.train) // self.config.train.batch)

    @property
    def moment(self) -> tuple[int, ...]:
        """What tells the present state from others of the run, in the names of random numbers."""
        return (self.epoch, self.trial) if self.trial else (self.epoch,)

    @property
    def seconds(self) -> float:
        """How long it has taken, in all processes that had a share in it; compilation apart."""
        here = COMPILATION.seconds - self.compiled_at_start
        return self.seconds_before + time.perf_counter() - self.started - here

    @property
    def compile_seconds(self) -> float:
        """How long it has compiled, in all processes that had a share in it."""
        return self.compiled_before + COMPILATION.seconds - self.compiled_at_start

    def note(self, layer: str, name: str, against: str, value: float, reason: str = "", estimate: str = "") -> None:
        """Add a point to the curves; `estimate` names a rule that does not train."""
        count = len(self.parts.data.train)
        self.curves.append(
            {
                "epoch": self.epoch + self.trial / count,
                "trial": self.epoch * count + self.trial,
                "layer": layer,
                "measure": name,
                "estimate": estimate,
                "reference": against,
                "value": value,
                "reason": reason,
            }
        )
