"""Exact surrogate gradients by backpropagation through time, on the raster that Brian2 recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from workbench.adjoint.sweep import Adjoint
from workbench.common.errors import GradientError, ModelError
from workbench.declare.options import Precision
from workbench.declare.references import EXACT_GRADIENTS, Reset
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trials import Trials
from workbench.engine.compiled.kept_program import forward_dynamics
from workbench.model.program import Program
from workbench.model.setup import Setup
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.gradients import Gradients
from workbench.reference.lowered import in_continuous_time, lowered, swept
from workbench.reference.mode import TOLERANCE, Direction, Mode
from workbench.reference.numbers import Values, numbers_of

if TYPE_CHECKING:
    from workbench.exact_time.exact_time import ExactTime


@dataclass(frozen=True)
class Reference:
    """The reference of a setup.

    Attributes
    ----------
    setup : Setup
        Its numbers are passed in at each call; nothing is compiled anew when only numbers change.
    program : Program
        What was read off its Brian2 objects.
    precision : {"float64", "float32"}
        In what it computes; results are arrays of float64 either way.
    compiles : bool
        Whether gradients of the readout's loss are swept back by compiled code, where the network has an adjoint; all
        others, and all where it is false, are JAX's.

    Raises
    ------
    ModelError
        Where there is no such precision.
    """

    setup: Setup
    program: Program
    precision: Precision = "float64"
    compiles: bool = True

    def __post_init__(self) -> None:
        if self.precision not in TOLERANCE:
            raise ModelError(f"The reference computes in {' or '.join(TOLERANCE)}, not in '{self.precision}'.")

    def constants(self, feedback: Mapping[str, NDArray[np.float64]]) -> Values:
        """Return the values that do not change during a trial, by (group, variable)."""
        if not self.setup.rule.has_equations:
            return self._numbers
        return self._numbers | {(f"b_{layer}", "b"): array for layer, array in feedback.items()}

    @cached_property
    def adjoint(self) -> tuple[Adjoint | None, str]:
        """The network's compiled adjoint; or none, and why JAX differentiates it."""
        return lowered(self, *EXACT_GRADIENTS.values()) if self.compiles else (None, "it was asked not to compile")

    @cached_property
    def adjoint_of_times(self) -> tuple[Adjoint | None, str]:
        """The same for gradients by the times of spikes, which have no other form."""
        return lowered(self, "spike_times")

    @cached_property
    def adjoint_of_layers(self) -> tuple[Adjoint | None, str]:
        """The same for gradients that go from layer to layer within a step."""
        return lowered(self, "separated")

    @cached_property
    def exact_time(self) -> "tuple[ExactTime | None, str]":
        """The same network in continuous time; or none, and why it has none."""
        return in_continuous_time(self.setup)

    @cached_property
    def _numbers(self) -> Values:
        return numbers_of(self.setup, self.program)

    def run(
        self,
        weights: Mapping[str, NDArray[np.float64]],
        feedback: Mapping[str, NDArray[np.float64]],
        trials: Trials,
    ) -> dict[str, Any]:
        """Run trials on the reference's own decisions; see `Trial.run` for what is returned."""
        from workbench.reference.by_jax import run

        return run(self, ForwardPass(weights, feedback, trials))

    def gradients(
        self,
        forward: ForwardPass,
        reset: Reset = "differentiated",
        per_trial: bool = False,
        loss: str = "readout",
        pad: int = 0,
        direction: Direction = "reverse",
    ) -> Gradients:
        """Return the gradient of the mean loss by the weights of every layer.

        Parameters
        ----------
        forward : ForwardPass
            With its recording: the gradient is of what Brian2 did.
        reset : {"constant", "differentiated"}
            Treatment of the reset.
        per_trial : bool
            Whether to return each trial's gradient too.
        loss : str
            ``readout``, or ``hidden1_readout``, ... for the loss of a local readout.
        pad : int
            Fill up to this number of trials, so that batches of different sizes share compiled code.
        direction : {"reverse", "forward"}
            Back through the trial (BPTT), or carried along (RTRL): the same to rounding, at another cost.

        Returns
        -------
        Gradients
            Exact for the stated surrogate.

        Raises
        ------
        GradientError
            Where there is no recording, or a decision, loss or readout disagrees with it.
        DataError
            Where the trials are not for this network.
        """
        if forward.recording is None:
            raise GradientError("A gradient is of what Brian2 did, and there is no recording. Record the trials first.")
        made = self.adjoint[0] if direction == "reverse" and loss == "readout" else None
        if made is not None:
            return swept(self, made, forward, reset, per_trial)
        # It takes JAX, which what is compiled does without: the larger part of the start of a short run.
        from workbench.reference.by_jax import gradients

        return gradients(self, forward, Mode("given", reset, direction=direction), per_trial, loss, pad)

    def refuse_misfit(self, trials: Trials) -> None:
        """Refuse trials that are not for this network, as a simulator does."""
        refuse_misfit(trials, self.setup.format, self.setup.network.loss)

    @property
    def coarser(self) -> Precision:
        """The precision to which the reference and Brian2 can agree."""
        return "float32" if "float32" in (self.precision, self.setup.precision) else "float64"


def reference(setup: Setup, precision: Precision = "float64", compiles: bool = True) -> Reference:
    """Return the reference of a setup, read off its Brian2 objects; see `Reference`."""
    return Reference(setup, forward_dynamics(setup), precision, compiles)
