"""Let the neurons and synapses of a network draw noise."""

import numpy as np

from workbench.declare.noise import Noise
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
