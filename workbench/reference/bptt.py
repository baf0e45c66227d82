"""Exact surrogate gradients by backpropagation through time, on the raster that Brian2 recorded."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import jax
import numpy as np
from numpy.typing import NDArray

from workbench.errors import GradientError
from workbench.model.numbers import variable_values
from workbench.model.parts import Setup
from workbench.model.program import Program, read_program
from workbench.network import Network
from workbench.recording import Recording
from workbench.reference.step import Mode, Reset, Spike, Values, trial_function
from workbench.task import Trials

#: Relative deviation of loss and readout from Brian2's beyond which no gradient is shown.
AGREEMENT = 1e-9


@dataclass(frozen=True, eq=False)
class Gradients:
    """Gradients of a loss by the weights.

    Attributes
    ----------
    mean : dict of str to ndarray of shape (n_pre, n_post)
        Of the mean loss over trials.
    trials : dict of str to ndarray of shape (n_trials, n_pre, n_post)
        Of each trial's loss; empty where not asked for.
    loss : ndarray of shape (n_trials,)
        The losses.
    differing : int
        Decisions within the tolerance of the threshold in which the reference differs from the recording.
    """

    mean: dict[str, NDArray[np.float64]]
    trials: dict[str, NDArray[np.float64]]
    loss: NDArray[np.float64]
    differing: int


@dataclass(frozen=True)
class Reference:
    """The reference of a setup.

    Attributes
    ----------
    setup : Setup
        Its numbers are passed in at each call; nothing is compiled anew when only numbers change.
    program : Program
        What was read off its Brian2 objects.
    """

    setup: Setup
    program: Program

    def constants(self, feedback: Mapping[str, NDArray[np.float64]]) -> Values:
        """Return the values that do not change during a trial, by (group, variable)."""
        if self.setup.rule.engine != "brian2":
            return self._numbers
        return self._numbers | {(f"b_{layer}", "b"): array for layer, array in feedback.items()}

    @cached_property
    def _numbers(self) -> Values:
        values = variable_values(self.setup, self.program.bindings, self.program.propagators)
        constants: Values = {("defaultclock", "dt"): np.float64(self.setup.network.dt)}
        for variable, value in values.items():
            owner, name = variable.split(".")
            constants[owner, name] = np.float64(value)
        used = {(name.owner, name.variable) for item in self.program.operations for name in item.names.values()}
        used |= {(layer, key) for layer in self.setup.network.layers for key in ("psi_gamma", "psi_beta")}
        return {key: value for key, value in constants.items() if key in used}

    def run(
        self,
        weights: Mapping[str, NDArray[np.float64]],
        feedback: Mapping[str, NDArray[np.float64]],
        trials: Trials,
    ) -> dict[str, Any]:
        """Run trials on the reference's own decisions; see `trial_function` for what is returned."""
        with jax.enable_x64(True):
            function = compiled(self.program, self.setup.network, Mode("own"), "run", "")
            told: dict[str, Any] = to_numpy(
                function(dict(weights), self.constants(feedback), *self.inputs(trials, None))
            )
            return told

    def gradients(
        self,
        weights: Mapping[str, NDArray[np.float64]],
        feedback: Mapping[str, NDArray[np.float64]],
        trials: Trials,
        recording: Recording | None,
        reset: Reset = "differentiated",
        per_trial: bool = False,
        loss: str = "readout",
        spike: Spike = "given",
        pad: int = 0,
    ) -> Gradients:
        """Return the gradient of the mean loss by the weights of every layer.

        Parameters
        ----------
        weights, feedback : mapping of str to ndarray
            As presented to Brian2.
        trials : Trials
            As presented to Brian2.
        recording : Recording or None
            What Brian2 did; None only for ``spike="smooth"``.
        reset : {"constant", "differentiated"}
            Treatment of the reset.
        per_trial : bool
            Whether to return each trial's gradient too.
        loss : str
            ``readout``, or ``hidden1_readout``, ... for the loss of a local readout.
        spike : {"given", "smooth"}
            Spikes as recorded, or a smooth function in their place.
        pad : int
            Fill up to this number of trials, so that batches of different sizes share compiled code.

        Returns
        -------
        Gradients
            Exact for the stated surrogate.

        Raises
        ------
        GradientError
            Where a decision, loss or readout disagrees with the recording.
        """
        mode = Mode(spike, reset)
        count = len(trials)
        size = max(pad, count)
        index = np.concatenate([np.arange(count), np.zeros(size - count, dtype=np.int64)])
        share = np.where(np.arange(size) < count, 1.0 / count, 0.0)
        with jax.enable_x64(True):
            inputs = self.inputs(trials.take(index), recording, index)
            kind = "per_trial" if per_trial else "mean"
            function = compiled(self.program, self.setup.network, mode, kind, loss)
            arguments = (dict(weights), self.constants(feedback), *inputs)
            result = to_numpy(function(*arguments) if per_trial else function(*arguments, share))
        gradient, told = result
        if recording is not None:
            _check(told, recording, count, loss)
        losses = told["loss"][loss][:count]
        differing = int(told["differing"][:count].sum())
        if not per_trial:
            return Gradients(gradient, {}, losses, differing)
        each = {layer: array[:count] for layer, array in gradient.items()}
        return Gradients({layer: array.mean(axis=0) for layer, array in each.items()}, each, losses, differing)

    def inputs(
        self, trials: Trials, recording: Recording | None, index: NDArray[np.int64] | None = None
    ) -> tuple[Any, ...]:
        """Return the last arguments of `trial_function`'s function, for many trials."""
        network = self.setup.network
        start, stop = network.steps_in_window
        steps = np.arange(network.n_steps)
        rasters = {}
        if recording is not None and index is not None and network.neuron.spiking:
            for layer, size in zip(network.layers[:-1], network.hidden, strict=True):
                raster = recording.spikes[layer].raster(len(recording), network.n_steps, size)
                rasters[layer] = raster[index].astype(np.float64)
        window = ((steps >= start) & (steps < stop)).astype(np.float64)
        return trials.raster(network.n_steps, network.n_inputs), rasters, window, trials.target


def reference(setup: Setup) -> Reference:
    """Return the reference of a setup, read off its Brian2 objects."""
    return Reference(setup, read_program(setup))


def compiled(program: Program, network: Network, mode: Mode, kind: str, loss: str) -> Any:
    """Return a compiled function of many trials: ``run``, or the gradient of a loss, ``mean`` or ``per_trial``."""
    return _function(_Texts(program, network, mode), kind, loss)


@dataclass(frozen=True, eq=False)
class _Texts:
    """What decides about the compiled function; equal texts share it, whatever the numbers."""

    program: Program
    network: Network
    mode: Mode

    def _key(self) -> tuple[Any, ...]:
        network = self.network
        texts = (network.neuron.drive, network.surrogate.derivative, network.surrogate.primitive, network.sizes)
        return (repr(self.program.operations), texts, self.mode)

    def __hash__(self) -> int:
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Texts) and self._key() == other._key()


@lru_cache(maxsize=64)
def _function(texts: _Texts, kind: str, loss: str) -> Any:
    run = trial_function(texts.program, texts.network, texts.mode)
    over_trials = (None, None, 0, 0, None, 0)
    if kind == "run":
        return jax.jit(jax.vmap(run, in_axes=over_trials))

    def one(weights: Any, *rest: Any) -> tuple[Any, Any]:
        told = run(weights, *rest)
        return told["loss"][loss], told

    if kind == "per_trial":
        return jax.jit(jax.vmap(jax.grad(one, has_aux=True), in_axes=over_trials))

    def total(weights: Any, *rest: Any) -> tuple[Any, Any]:
        *arguments, share = rest
        losses, told = jax.vmap(one, in_axes=over_trials)(weights, *arguments)
        return (losses * share).sum(), told

    return jax.jit(jax.grad(total, has_aux=True))


def to_numpy(tree: Any) -> Any:
    """Return a tree of JAX arrays as one of NumPy arrays."""
    return jax.tree.map(np.asarray, tree)


def _check(told: dict[str, Any], recording: Recording, count: int, loss: str) -> None:
    """Refuse a gradient whose forward pass is not the one that Brian2 made."""
    wrong = told["wrong"][:count]
    if wrong.any():
        raise GradientError(
            f"In {int((wrong > 0).sum())} of {count} trials the reference decides otherwise than the recorded raster, "
            f"farther than {1e-9:g} from threshold. The gradient would not be that of the network that ran."
        )
    recorded = recording.loss if loss == "readout" else recording.local_loss[loss.removesuffix("_readout")]
    for what, mine, theirs in (
        ("loss", told["loss"][loss][:count], recorded),
        ("readout", told["output"][:count], recording.output),
    ):
        # A loss near 0 is a difference of larger numbers: its last digits are rounding.
        scale = max(float(np.abs(theirs).max()), 1e-6)
        deviation = float(np.abs(mine - theirs).max()) / scale
        if not deviation < AGREEMENT:
            raise GradientError(
                f"The reference's {what} deviates from Brian2's by {deviation:.1e} (relative), "
                f"but {AGREEMENT:g} is allowed."
            )
