"""Noise of neurons: what is drawn in each step, and for what."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.common.counter_noise import drawn, key_of
from workbench.declare.network import Network
from workbench.declare.noise import Noise
from workbench.declare.options import Precision
from workbench.declare.trials import Trials
from workbench.model import schedule
from workbench.model.assembly import Parts
from workbench.model.bindings import Binding

#: Before the name of a layer's noise: its key.
_KEY = "_key__"


def add_noise(parts: Parts, group: str, size: int, noise: Noise, role: str = "forward", gate: str = "") -> None:
    """Let a group draw what its equations read of noise, in each step anew.

    Parameters
    ----------
    parts : Parts
        Has the group, with a variable for each noise.
    group : str
        Its name.
    size : int
        Neurons or synapses.
    noise : tuple of (str, str)
        Names and kinds.
    role, gate : str
        As of `Parts.run_code`.
    """
    if not noise:
        return
    variables = parts.groups[group].variables
    variables.add_reference("_draws", parts.groups["clock"], "_draws")
    for name, source in (("_step", "step"), ("_trial", "trial")):
        if name not in variables:
            variables.add_reference(name, parts.groups["clock"], source, index="0")
    told = []
    for name, kind in noise:
        key = f"{_KEY}{name}"
        variables.add_array(key, size=2, dtype=np.int32)
        parts.bindings.append(Binding(f"{group}.{key}", f"noise.{group}.{name}"))
        told.append((variables[name], variables[key], kind))
    needed = [variable.name for to, key, _ in told for variable in (to, key)]
    parts.run_template(group, "draw", "draw", schedule.DRAW, role, gate, needed=needed, size=size, noise=told)


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
