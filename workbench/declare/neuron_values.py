"""What the parameters of a layer's neurons are, one by one where they differ."""

import hashlib
import json
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import ModelError, WorkbenchError
from workbench.declare.field_types import called
from workbench.declare.neuron import NeuronModel
from workbench.text.quantities import read_quantity
from workbench.text.spreads import read_spread

Numbers = dict[str, float | NDArray[np.float64]]


@called(ModelError)
def by_neuron(values: NDArray[np.float64], unit: str = "1") -> str:
    """Return values, one for each neuron of a layer, as text that a neuron model's parameter can be.

    Parameters
    ----------
    values : ndarray of shape (n_neurons,)
        In `unit`.
    unit : str
        Such as ``"ms"``.

    Returns
    -------
    str
        Such as ``"values(10.0 ms, 12.5 ms)"``.

    Raises
    ------
    ModelError
        Where there are none, or they are not finite.
    """
    if values.ndim != 1 or not len(values) or not np.isfinite(values).all():
        raise ModelError(f"by_neuron: `values` must be finite numbers of shape (n_neurons,), not {values.shape}.")
    read_quantity("1" if unit == "1" else f"1 {unit}", "by_neuron: `unit`")
    ending = "" if unit == "1" else f" {unit}"
    return f"values({', '.join(f'{float(value)!r}{ending}' for value in values)})"


@lru_cache(maxsize=256)
def parameters_in(model: NeuronModel, layer: str, size: int, seed: int) -> Numbers:
    """Return the parameters of a layer's neurons by name, in SI base units.

    Parameters
    ----------
    model : NeuronModel
        Of the layer.
    layer : str
        Its name, from which, with the seed, follows what is drawn.
    size : int
        Number of neurons.
    seed : int
        Of the network.

    Returns
    -------
    dict of str to float or ndarray of shape (size,)
        Not to be changed.

    Raises
    ------
    ModelError
        Where there are not as many values as neurons, or a value may not be.
    """
    found: Numbers = dict(model.values())
    for name, text in model.parameters:
        values = _drawn(model, name, text, layer, size, seed)
        if values is not None:
            found[name] = values
            for extreme in (values.min(), values.max()):
                model.refuse_times(found | {name: float(extreme)}, f" in '{layer}'")
    return found


@lru_cache(maxsize=256)
def first_values_in(model: NeuronModel, layer: str, size: int, seed: int) -> Numbers:
    """Return the first values of a layer's variables by name, as of `parameters_in`."""
    found: Numbers = dict(model.first_values())
    parameters = parameters_in(model, layer, size, seed)
    for name, text in model.initial:
        if text in parameters:
            found[name] = parameters[str(text)]
            continue
        values = _drawn(model, name, text, layer, size, seed)
        if values is not None:
            found[name] = values
    return found


def _drawn(
    model: NeuronModel, name: str, text: str | float, layer: str, size: int, seed: int
) -> NDArray[np.float64] | None:
    where = f"Neuron '{model.name}' in '{layer}', '{name}'"
    spread = read_spread(text, where)
    if spread is None:
        return None
    named = int.from_bytes(hashlib.sha256(json.dumps([seed, layer, name]).encode()).digest(), "big")
    try:
        values = spread.drawn(size, np.random.Generator(np.random.PCG64(np.random.SeedSequence(named))), where)
    except WorkbenchError as error:
        raise ModelError(str(error)) from None
    values.flags.writeable = False
    return values
