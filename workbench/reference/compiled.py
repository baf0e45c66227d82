"""Compiled functions of many trials, shared by all networks that differ in numbers alone."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from workbench.common.stopwatch import COMPILATION
from workbench.declare.network import Network
from workbench.model.program import Program
from workbench.reference.input_events import added_by_events
from workbench.reference.mode import Mode
from workbench.reference.trial import Trial


def _note(event: str, duration_secs: float, **_: str | int) -> None:
    """Add what JAX says that it spent on compiling."""
    if event.startswith("/jax/core/compile/"):
        COMPILATION.seconds += duration_secs


# JAX compiles at a function's first call, and tells listeners alone how long that took.
jax.monitoring.register_event_duration_secs_listener(_note)


def compiled(program: Program, network: Network, mode: Mode, kind: str, loss: str) -> Any:
    """Return a compiled function of many trials.

    Parameters
    ----------
    program, network, mode
        As of `Trial`.
    kind : {"run", "mean", "per_trial", "local"}
        A run, the gradient of a weighted sum of the trials' losses, or of each trial's; ``local`` is that of a weighted
        sum by the weights onto each hidden layer, each of the loss of the layer's own readout.
    loss : str
        Of which readout; empty for a run and for ``local``.

    Returns
    -------
    callable
        Of the arguments of `Trial.run`, where inputs, rasters, targets and beginnings have a first axis of trials;
        ``mean`` and ``local`` take the weight of each trial too. It is compiled anew for other shapes and types only.
    """
    return _function(_Texts(program, network, mode), kind, loss)


@dataclass(frozen=True, eq=False)
class _Texts:
    """What decides about the compiled function; equal texts share it, whatever the numbers."""

    program: Program
    network: Network
    mode: Mode

    def _key(self) -> tuple[Any, ...]:
        network = self.network
        models = [(model.drive, model.refractory, model.adapts) for model in network.models.values()]
        surrogate = network.surrogate
        numbers = tuple(name for name, _ in surrogate.parameters)
        sizes = tuple((item.name, item.ends, item.connected) for item in network.all_projections)
        owners = tuple(network.owner_of(layer) for layer in network.layers)
        texts = (
            *models,
            surrogate.derivative,
            surrogate.primitive,
            numbers,
            tuple(network.layer_sizes.items()),
            sizes,
            owners,
        )
        return (repr((self.program.operations, self.program.start)), texts, self.mode)

    def __hash__(self) -> int:
        return hash(self._key())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Texts) and self._key() == other._key()


@lru_cache(maxsize=64)
def _function(texts: _Texts, kind: str, loss: str) -> Any:
    run = Trial(texts.program, texts.network, texts.mode).run
    by_events = set(added_by_events(texts.program, texts.mode.direction).values())
    axes = {item.name: 0 if item.name in by_events else None for item in texts.network.all_projections}
    over_trials = (axes, None, 0, 0, None, 0, 0)
    if kind == "run":
        return jax.jit(jax.vmap(run, in_axes=over_trials))

    if kind == "local":
        return jax.jit(_local(jax.vmap(run, in_axes=over_trials), texts.network))

    if texts.mode.direction == "forward":
        return jax.jit(_forward(run, kind, loss))

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


def _local(run: Any, network: Network) -> Any:
    """Return the function for the gradients of all local readouts' losses: forward once, and back for all at a time."""

    def gradients(weights: Any, *rest: Any) -> tuple[Any, Any]:
        *arguments, share = rest

        def losses(weights: Any) -> tuple[Any, Any]:
            told = run(weights, *arguments)
            return {name: (each * share).sum() for name, each in told["loss"].items() if name != "readout"}, told

        sums, back, told = jax.vjp(losses, weights, has_aux=True)
        names = list(sums)
        (slopes,) = jax.vmap(back)(dict(zip(names, jnp.eye(len(names), dtype=share.dtype), strict=True)))
        own = {
            item.name: f"{item.target}_readout"
            for item in network.all_projections
            if item.target in network.learning_layers
        }
        return {name: slopes[name][names.index(readout)] for name, readout in own.items()}, told

    return gradients


def _forward(run: Any, kind: str, loss: str) -> Any:
    """Return the function for gradients that are carried along: of one trial at a time, since each has many."""

    def each(*arguments: Any) -> Any:
        weights, constants, inputs, rasters, in_window, target, outside = arguments

        def of(given: Any) -> Any:
            told = run(weights, constants, *given[:2], in_window, *given[2:])
            return told.pop("gradient")[loss], told

        return jax.lax.map(of, (inputs, rasters, target, outside))

    def mean(*arguments: Any) -> Any:
        gradients, told = each(*arguments[:-1])
        return jax.tree.map(lambda array: jnp.tensordot(arguments[-1], array, axes=1), gradients), told

    return each if kind == "per_trial" else mean


def to_numpy(tree: Any) -> Any:
    """Return a tree of JAX arrays as one of NumPy arrays, of float64 whatever they were computed in."""
    return jax.tree.map(lambda array: np.asarray(array, dtype=np.float64), tree)
