"""What JAX is given to run trials: arrays of one type, and the spikes that are summed outside of it."""

from typing import TYPE_CHECKING, Any

import jax
import numpy as np
from numpy.typing import NDArray

from workbench.model.noise_of_neurons import noise_of
from workbench.reference.forward_pass import ForwardPass, begun
from workbench.reference.input_events import added_by_events, arriving, events_of, reads_inputs
from workbench.reference.mode import Direction

if TYPE_CHECKING:
    from workbench.reference.bptt import Reference


def arguments(
    reference: "Reference",
    forward: ForwardPass,
    index: NDArray[np.int64] | None = None,
    direction: Direction = "reverse",
) -> tuple[tuple[Any, ...], Any]:
    """Return the arguments of `compiled`'s function, all of the reference's precision or bool, and `events_of`.

    Parameters
    ----------
    reference : Reference
        Of the network.
    forward : ForwardPass
        Where it has no recording, there are no rasters.
    index : ndarray of int, optional
        The trials to take; all, by default.
    direction : {"reverse", "forward"}
        As of `Reference.gradients`.
    """
    network = reference.setup.network
    start, stop = network.steps_in_window
    steps = np.arange(network.n_steps)
    index = np.arange(len(forward.trials)) if index is None else index
    rasters = forward.rasters(network, index)
    taken = forward.trials.take(index)
    in_window = (steps >= start) & (steps < stop)
    outside = begun(reference.setup, forward, index) | noise_of(network, taken, reference.setup.precision)
    events = events_of(taken, network.n_steps, network.n_inputs)
    weights = dict(forward.weights)
    for name in added_by_events(reference.program, direction).values():
        weights[name] = arriving(events, weights[name], network.n_steps)
    numbers = (weights, reference.constants(forward.feedback), in_window, taken.target, outside)
    # Python's and NumPy's numbers have types of their own, for each of which JAX would compile.
    of_one_type = jax.tree.map(lambda value: np.asarray(value, dtype=reference.precision), numbers)
    weights, constants, inside, target, outside = of_one_type
    inputs = np.zeros((len(taken), network.n_steps, 0), dtype=bool)
    if reads_inputs(reference.program, direction):
        inputs = taken.raster(network.n_steps, network.n_inputs).astype(bool)
    return (weights, constants, inputs, rasters, inside, target, outside), events
