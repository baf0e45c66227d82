"""The refusal of a network in which nothing happens."""

from workbench.common.errors import SilentError
from workbench.declare.recording import Recording
from workbench.measures import performance
from workbench.study.run.assemble import Assembled


def refuse_silence(recording: Recording, parts: Assembled) -> None:
    """Refuse a network of which a hidden layer never spikes.

    Raises
    ------
    SilentError
        Which layer, and what to do.
    """
    silent = performance.silent_layers(recording)
    if silent:
        further = ", or the weights of the projections onto it" if parts.setup.network.projections else ""
        names = ", ".join(f"'{layer}'" for layer in silent)
        raise SilentError(
            f"No neuron of {names} ever spikes on the {len(recording)} validation trials, so nothing can be learned or "
            f"compared. Raise network.weights.hidden_std or hidden_mean{further}."
        )
