"""The decision on spikes, whose derivative is the surrogate's."""

from typing import Any

import jax
import jax.numpy as jnp

from workbench.declare.network import Network
from workbench.model.operation import Operation
from workbench.model.program import Program
from workbench.model.renaming import held_numbers
from workbench.reference.mode import Mode
from workbench.reference.numbers import Values
from workbench.reference.synapses import seen
from workbench.text.expressions import evaluate


@jax.custom_jvp
def _spike(drive: Any, decided: Any, derivative: Any) -> Any:
    """Return the spikes; their derivative by the drive is the surrogate's."""
    del drive, derivative
    return decided


@_spike.defjvp
def _spike_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    _, decided, derivative = primals
    return decided, derivative * tangents[0]


def decide(
    operation: Operation, values: Values, program: Program, network: Network, mode: Mode, raster: Any
) -> tuple[Any, tuple[Any, Any]]:
    """Return a layer's spikes, and how many decisions differ from the raster within and beyond the tolerance.

    Parameters
    ----------
    operation : Operation
        The layer's threshold.
    values : dict of (group, variable) to array
        As they are when the threshold is tested.
    program : Program
        Whose operation it is.
    network : Network
        Whose neuron's drive and surrogate are read.
    mode : Mode
        Whose spikes count: those of the raster, the layer's own, or a smooth function in their place.
    raster : array of bool of shape (n_neurons,) or None
        The recorded spikes of this step; read only where they are the ones that count.
    """
    names = seen(operation, values, program)
    (_, condition) = operation.statements[-1]
    model = network.model_of(operation.owner).plain()
    drive = evaluate(model.drive, names, jnp)
    held = held_numbers(network.surrogate)
    bump = {"drive": drive} | {name: values[operation.owner, variable] for name, variable in held.items()}
    if mode.spike == "smooth":
        return evaluate(network.surrogate.primitive, bump, jnp), (0.0, 0.0)
    decision = evaluate(condition, names, jnp)
    derivative = jax.lax.stop_gradient(evaluate(network.surrogate.derivative, bump, jnp))
    if model.refractory:
        derivative = jnp.where(evaluate(model.refractory, names, jnp), 0.0, derivative)
    if mode.spike == "own":
        return _spike(drive, decision.astype(drive.dtype), derivative), (0.0, 0.0)
    differs = decision != raster
    far = ~(jnp.abs(drive) < mode.tolerance)
    off = ((differs & ~far).sum().astype(drive.dtype), (differs & far).sum().astype(drive.dtype))
    return _spike(drive, raster.astype(drive.dtype), derivative), off
