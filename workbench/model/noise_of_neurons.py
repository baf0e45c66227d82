"""What neurons draw in some trials: the same numbers wherever they are asked for."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.common.counter_noise import drawn, key_of
from workbench.declare.network import Network
from workbench.declare.options import Precision
from workbench.declare.trials import Trials


def noise_of(network: Network, trials: Trials, precision: Precision) -> dict[tuple[str, str], NDArray[Any]]:
    """Return what neurons draw in some trials, each of shape (n_trials, n_steps, n_neurons), by layer and name.

    Parameters
    ----------
    network : Network
        Of the neurons.
    trials : Trials
        Whose `draw` counts.
    precision : {"float64", "float32"}
        To which a network rounds what it draws.
    """
    step = np.arange(network.n_steps)
    return {
        (layer, name): drawn(
            kind, key_of("noise", network.seed, layer, name), trials.draw[:, None], step, size, precision
        )
        for layer, size in network.layer_sizes.items()
        for name, kind in network.model_of(layer).noise
    }
