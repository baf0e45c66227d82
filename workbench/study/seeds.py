"""Random numbers, drawn from streams that are named by their purpose."""

import hashlib
import json

import numpy as np

from workbench.common.errors import nearest

#: What random numbers are drawn for.
PURPOSES = (
    "data order",
    "weights",
    "connections",
    "neurons",
    "feedback",
    "input noise",
    "neuron noise",
    "probe",
    "controls",
    "search",
)


def stream(purpose: str, *names: str | int) -> np.random.Generator:
    """Return the generator of the random numbers for one purpose.

    The seed is a hash of the names, never a counter: a study that gains a rule keeps every number that it had. A rule's
    name is no part of the names of its data order and initial weights, so every rule of a seed gets the same ones.

    Parameters
    ----------
    purpose : str
        One of `PURPOSES`.
    *names : str or int
        What else tells this stream from others of its purpose: the task, the seed, the layer. ``1`` and ``"1"`` differ.

    Returns
    -------
    numpy.random.Generator
        At the start of its stream.

    Raises
    ------
    ValueError
        Where the purpose is none of `PURPOSES`.
    """
    if purpose not in PURPOSES:
        raise ValueError(f"'{purpose}' is not a purpose of random numbers. {nearest(purpose, PURPOSES)}")
    text = json.dumps([purpose, *(name if isinstance(name, str) else int(name) for name in names)])
    entropy = int.from_bytes(hashlib.sha256(text.encode()).digest(), "big")
    # Named, because `default_rng` may come to mean another bit generator in a later NumPy.
    return np.random.Generator(np.random.PCG64(np.random.SeedSequence(entropy)))
