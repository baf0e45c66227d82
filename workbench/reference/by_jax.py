"""A network as a JAX function, and its derivative."""

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from numpy.typing import NDArray

from workbench.reference.agreement import refuse_disagreement
from workbench.reference.arguments import arguments
from workbench.reference.blocks import block_length
from workbench.reference.compiled import compiled, to_numpy
from workbench.reference.forward_pass import ForwardPass, padded
from workbench.reference.gradients import Gradients
from workbench.reference.input_events import added_by_events, by_weights, in_parts, most_at_once
from workbench.reference.mode import TOLERANCE, Mode

if TYPE_CHECKING:
    from workbench.reference.bptt import Reference


def typed(reference: "Reference") -> Any:
    """Return a context in which JAX computes in a reference's precision."""
    return jax.enable_x64(reference.precision == "float64")


def run(reference: "Reference", forward: ForwardPass) -> dict[str, Any]:
    """Run trials on the reference's own decisions; see `Trial.run` for what is returned."""
    reference.refuse_misfit(forward.trials)
    with typed(reference):
        function = compiled(reference.program, reference.setup.network, Mode("own"), "run", "")
        told: dict[str, Any] = to_numpy(function(*arguments(reference, forward)[0]))
        return told


def gradients(
    reference: "Reference", forward: ForwardPass, mode: Mode, per_trial: bool, loss: str, pad: int
) -> Gradients:
    """Return the gradient of the mean loss, and of each trial's where they are asked for; see `Reference.gradients`."""
    gradient, told = differentiate(reference, forward, mode, "per_trial" if per_trial else "mean", loss, pad)
    count = len(forward.trials)
    losses, differing = told["loss"][loss][:count], int(told["differing"][:count].sum())
    if not per_trial:
        return Gradients(gradient, {}, losses, differing)
    each = {layer: array[:count] for layer, array in gradient.items()}
    return Gradients({layer: array.mean(axis=0) for layer, array in each.items()}, each, losses, differing)


def differentiate(
    reference: "Reference", forward: ForwardPass, mode: Mode, kind: str, loss: str, pad: int
) -> tuple[dict[str, NDArray[np.float64]], dict[str, Any]]:
    """Return gradients of one of the kinds of `compiled`, and what the trials told: see `Trial.run`.

    Parameters
    ----------
    reference : Reference
        Of the network.
    forward, loss, pad
        As of `Reference.gradients`; a loss is empty where `kind` is ``local``.
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
    network = reference.setup.network
    reference.refuse_misfit(forward.trials)
    index, share = padded(len(forward.trials), pad)
    size = min(len(index), most_at_once(network, reference.program, mode.direction))
    # Nothing that a step computed is needed later where gradients are carried along.
    block = 0 if mode.direction == "forward" else block_length(network, size, reference.precision)
    mode = replace(mode, block=block, tolerance=TOLERANCE[reference.coarser])
    function = compiled(reference.program, network, mode, kind, loss)

    def of(index: NDArray[np.int64], share: NDArray[np.float64]) -> tuple[Any, Any]:
        with typed(reference):
            given, events = arguments(reference, forward, index, mode.direction)
            shares = () if kind == "per_trial" else (share.astype(reference.precision),)
            slopes, told = to_numpy(function(*given, *shares))
            return by_weights(events, slopes, added_by_events(reference.program, mode.direction), kind), told

    gradient, told = in_parts(of, index, share, size, kind)
    if forward.recording is not None:
        readouts = [loss] if loss else [f"{layer}_readout" for layer in network.learning_layers]
        for readout in readouts:
            refuse_disagreement(told, forward.recording, readout, reference.coarser)
    return gradient, told
