"""How much memory the gradient of a trial takes."""

import numpy as np

from workbench.declare.recording import Recording, Spikes
from workbench.declare.trials import Trials
from workbench.reference.arguments import arguments
from workbench.reference.bptt import Reference
from workbench.reference.by_jax import typed
from workbench.reference.compiled import compiled
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.input_events import added_by_events
from workbench.reference.mode import Direction, Mode


def gradient_memory(reference: Reference, trial: Trials, direction: Direction) -> int:
    """Return the bytes that the gradient of a trial takes besides its arguments and itself, nothing computed twice.

    Parameters
    ----------
    reference : Reference
        Of the network.
    trial : Trials
        One, of which only the size counts.
    direction : {"reverse", "forward"}
        As of `Reference.gradients`.
    """
    made = reference.adjoint[0] if direction == "reverse" else None
    if made is not None:
        return made.memory("differentiated")
    network = reference.setup.network
    weights = {name: np.zeros(shape) for name, shape in network.weight_shapes().items()}
    empty = np.zeros(0, dtype=np.int64)
    silent = {layer: Spikes(empty, empty, empty) for layer in network.spiking_layers}
    recording = Recording(np.zeros(1), np.zeros((1, network.n_outputs)), silent)
    with typed(reference):
        given, _ = arguments(reference, ForwardPass(weights, {}, trial, recording), direction=direction)
        function = compiled(reference.program, network, Mode(block=0, direction=direction), "mean", "readout")
        share = np.ones(1, dtype=reference.precision)
        temporary = int(function.lower(*given, share).compile().memory_analysis().temp_size_in_bytes)
    # What inputs add goes in and its gradient comes out, and neither is asked for.
    names = added_by_events(reference.program, direction).values()
    return temporary + 2 * sum(int(given[0][name].nbytes) for name in names)
