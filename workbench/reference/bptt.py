"""Exact surrogate gradients by backpropagation through time, on the raster that Brian2 recorded."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from workbench.adjoint.sweep import Adjoint
from workbench.common.errors import GradientError, ModelError
from workbench.declare.options import Precision
from workbench.declare.references import EXACT_GRADIENTS, Reset
from workbench.declare.trial_checks import refuse_misfit
from workbench.declare.trials import Trials
from workbench.exact_time.exact_time import ExactTime
from workbench.model.program import Program, read_program
from workbench.model.setup import Setup
from workbench.reference.agreement import refuse_disagreement
from workbench.reference.arguments import arguments
from workbench.reference.blocks import block_length
from workbench.reference.compiled import compiled, to_numpy
from workbench.reference.forward_pass import ForwardPass, padded
from workbench.reference.gradients import Gradients
from workbench.reference.input_events import (
    added_by_events,
    by_weights,
    in_parts,
    most_at_once,
)
from workbench.reference.lowered import in_continuous_time, lowered, swept
from workbench.reference.mode import TOLERANCE, Direction, Mode
from workbench.reference.numbers import numbers_of
from workbench.reference.synapses import Values


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
    def exact_time(self) -> tuple[ExactTime | None, str]:
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
        self.refuse_misfit(trials)
        with self.typed():
            function = compiled(self.program, self.setup.network, Mode("own"), "run", "")
            told: dict[str, Any] = to_numpy(function(*arguments(self, ForwardPass(weights, feedback, trials))[0]))
            return told

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
        return self._by_jax(forward, Mode("given", reset, direction=direction), per_trial, loss, pad)

    def _by_jax(self, forward: ForwardPass, mode: Mode, per_trial: bool, loss: str, pad: int) -> Gradients:
        gradient, told = self.differentiate(forward, mode, "per_trial" if per_trial else "mean", loss, pad)
        count = len(forward.trials)
        losses, differing = told["loss"][loss][:count], int(told["differing"][:count].sum())
        if not per_trial:
            return Gradients(gradient, {}, losses, differing)
        each = {layer: array[:count] for layer, array in gradient.items()}
        return Gradients({layer: array.mean(axis=0) for layer, array in each.items()}, each, losses, differing)

    def differentiate(
        self, forward: ForwardPass, mode: Mode, kind: str, loss: str, pad: int
    ) -> tuple[dict[str, NDArray[np.float64]], dict[str, Any]]:
        """Return gradients of one of the kinds of `compiled`, and what the trials told: see `Trial.run`.

        Parameters
        ----------
        forward, loss, pad
            As of `gradients`; a loss is empty where `kind` is ``local``.
        mode : Mode
            How spikes and resets are treated, and in which direction; the rest follows from the network.
        kind : {"mean", "per_trial", "local"}
            Where ``per_trial``, there is a gradient for each trial that fills up the batch, too.

        Raises
        ------
        GradientError
            Where a decision, loss or readout disagrees with the recording.
        DataError
            Where the trials are not for this network.
        """
        network = self.setup.network
        self.refuse_misfit(forward.trials)
        index, share = padded(len(forward.trials), pad)
        size = min(len(index), most_at_once(network, self.program, mode.direction))
        # Nothing that a step computed is needed later where gradients are carried along.
        block = 0 if mode.direction == "forward" else block_length(network, size, self.precision)
        mode = replace(mode, block=block, tolerance=TOLERANCE[self.coarser])
        function = compiled(self.program, network, mode, kind, loss)

        def of(index: NDArray[np.int64], share: NDArray[np.float64]) -> tuple[Any, Any]:
            with self.typed():
                given, events = arguments(self, forward, index, mode.direction)
                shares = () if kind == "per_trial" else (share.astype(self.precision),)
                slopes, told = to_numpy(function(*given, *shares))
                return by_weights(events, slopes, added_by_events(self.program, mode.direction), kind), told

        gradient, told = in_parts(of, index, share, size, kind)
        if forward.recording is not None:
            readouts = [loss] if loss else [f"{layer}_readout" for layer in network.learning_layers]
            for readout in readouts:
                refuse_disagreement(told, forward.recording, readout, self.coarser)
        return gradient, told

    def refuse_misfit(self, trials: Trials) -> None:
        """Refuse trials that are not for this network, as a simulator does."""
        refuse_misfit(trials, self.setup.format, self.setup.network.loss)

    @property
    def coarser(self) -> Precision:
        """The precision to which the reference and Brian2 can agree."""
        return "float32" if "float32" in (self.precision, self.setup.precision) else "float64"

    def typed(self) -> Any:
        """Return a context in which JAX computes in the reference's precision."""
        return jax.enable_x64(self.precision == "float64")


def reference(setup: Setup, precision: Precision = "float64", compiles: bool = True) -> Reference:
    """Return the reference of a setup, read off its Brian2 objects; see `Reference`."""
    return Reference(setup, read_program(setup), precision, compiles)
