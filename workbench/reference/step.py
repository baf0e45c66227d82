"""One trial of a network in JAX, from the operations that were read off its Brian2 objects."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import jax
import jax.numpy as jnp

from workbench.declare.network import Network
from workbench.declare.options import Precision
from workbench.declare.references import Reset
from workbench.model.program import Operation, Program
from workbench.reference.blocks import scan_in_blocks
from workbench.reference.forward import Stepped, by_weight, carry_along
from workbench.reference.synapses import (
    INPUTS,
    Values,
    add,
    add_up,
    arrivals,
    delayed,
    is_known_before,
    kicked,
    lines,
    seen,
    sent,
)
from workbench.text.expressions import evaluate

Spike = Literal["given", "own", "smooth"]
Direction = Literal["reverse", "forward"]

#: How close to threshold a decision may differ from the recorded one, by floating-point type.
TOLERANCE: dict[Precision, float] = {"float64": 1e-9, "float32": 1e-4}


@dataclass(frozen=True)
class Mode:
    """How spikes and resets are treated.

    Attributes
    ----------
    spike : {"given", "own", "smooth"}
        Spikes as recorded, as decided here, or a smooth function in their place (to test gradients).
    reset : {"constant", "differentiated"}
        Whether gradients see the reset's displacement as a constant or go through it.
    block : int
        Steps from one state that is kept for the gradient to the next; see `scan_in_blocks`.
    tolerance : float
        How close to threshold a decision may differ from the recorded one.
    direction : {"reverse", "forward"}
        Whether gradients are taken back through the trial, or carried along with the state.
    """

    spike: Spike = "given"
    reset: Reset = "differentiated"
    block: int = 0
    tolerance: float = TOLERANCE["float64"]
    direction: Direction = "reverse"


@jax.custom_jvp
def _spike(drive: Any, decided: Any, derivative: Any) -> Any:
    """Return the spikes; their derivative by the drive is the surrogate's."""
    del drive, derivative
    return decided


@_spike.defjvp
def _spike_jvp(primals: tuple[Any, ...], tangents: tuple[Any, ...]) -> tuple[Any, Any]:
    _, decided, derivative = primals
    return decided, derivative * tangents[0]


def trial_function(program: Program, network: Network, mode: Mode) -> Callable[..., dict[str, Any]]:
    """Return a function that runs one trial.

    Parameters
    ----------
    program : Program
        The operations of a step.
    network : Network
        Whose texts (drive, surrogate, loss) belong to the program; its numbers are passed in.
    mode : Mode
        How spikes and resets are treated.

    Returns
    -------
    callable
        ``run(weights, constants, inputs, rasters, in_window, target)``, where `weights` is a dict of layer to array
        (n_pre, n_post), `constants` a dict of (group, variable) to array, `inputs` of shape (n_steps, n_inputs) and
        `rasters`, a dict of layer to (n_steps, n_neurons), are of bool, `in_window` is of shape (n_steps,), `target` of
        shape (n_outputs,) or (n_steps, n_outputs). It returns a dict with ``loss`` (a dict of readout to scalar),
        ``output`` (n_outputs,), ``spikes`` (a dict of layer to array (n_steps, n_neurons), where decided here),
        ``differing`` (decisions that differ from the raster within the tolerance) and ``wrong`` (beyond it); where
        gradients are carried along also ``gradient``, a dict of readout to dict of weights to array.
    """
    carried = _written(program)
    read = {(name.owner, name.variable) for operation in program.operations for name in operation.names.values()}
    readouts = [
        operation.owner
        for operation in program.operations
        if any(operation.names[target].variable == "loss" for target, _ in operation.statements)
    ]

    def run(
        weights: dict[str, Any],
        constants: Values,
        inputs: Any,
        rasters: dict[str, Any],
        in_window: Any,
        target: Any,
    ) -> dict[str, Any]:
        fixed = dict(constants) | {(f"w_{layer}", "w"): array for layer, array in weights.items()}
        aims = [(readout, "due" if (readout, "due") in read else "target") for readout in readouts]
        changing = target.ndim == 2
        fixed |= {} if changing else dict.fromkeys(aims, target)
        initial = {key: jnp.zeros(shape) for key, shape in carried.items()}
        for operation in program.start:
            initial |= _apply(operation, fixed | initial, program, mode, ())

        def step(
            carry: tuple[Values, Any, Any], given: tuple[Any, ...], kicks: dict[str, Any] | None = None
        ) -> Stepped:
            state, differing, wrong = carry
            spikes_in, raster, inside, wanted, known = given
            values = fixed | state | {("clock", "in_window"): inside}
            values[INPUTS] = spikes_in.astype(inside.dtype)
            values |= dict.fromkeys(aims, wanted) if changing else {}
            emitted, sources = {}, {}
            for index, operation in enumerate(program.operations):
                if operation.kind == "threshold":
                    layer = operation.owner
                    emitted[layer], off = _decide(operation, values, network, mode, raster.get(layer))
                    values[layer, "spikes"] = emitted[layer]
                    differing, wrong = differing + off[0], wrong + off[1]
                elif operation.kind == "delay":
                    values |= delayed(operation, values)
                elif index in known:
                    values |= add(values, known[index])
                else:
                    values |= _apply(operation, values, program, mode, network.model_of(operation.owner).adapts)
                if kicks is not None and operation.owner in kicks:
                    sources[operation.owner] = sent(operation, values)
                    values |= kicked(operation, values, kicks[operation.owner])
            kept = {key: values[key] for key in state}
            return (kept, differing, wrong), (emitted if mode.spike == "own" else {}, sources)

        def steps(carry: Any, given: tuple[Any, ...]) -> tuple[Any, Any]:
            spikes_in, raster, inside, wanted = given
            spikes_in = spikes_in.astype(inside.dtype)
            # One product for all steps is faster than one in each.
            known = {
                index: arrivals(operation, fixed | {INPUTS: spikes_in})
                for index, operation in enumerate(program.operations)
                if is_known_before(operation, carried)
            }
            after, (emitted, _) = jax.lax.scan(step, carry, (spikes_in, raster, inside, wanted, known))
            return after, emitted

        zero = jnp.zeros(())
        sequence = (inputs, rasters, in_window, target if changing else None)
        window = in_window.sum()
        further: dict[str, Any] = {}
        if mode.direction == "forward":
            alike: Any = (inputs, rasters, in_window, target if changing else None, {})
            (final, differing, wrong), slopes = carry_along(step, (initial, zero, zero), alike, weights)
            by_loss = {readout: slopes[readout, "loss"].sum(axis=1) / window for readout in readouts}
            further["gradient"] = {readout: by_weight(slope, weights) for readout, slope in by_loss.items()}
            spikes: Any = {}
        else:
            (final, differing, wrong), spikes = scan_in_blocks(steps, (initial, zero, zero), sequence, mode.block)
        return further | {
            "loss": {readout: final[readout, "loss"].sum() / window for readout in readouts},
            "output": final["readout", "output_sum"] / window,
            "spikes": spikes,
            "differing": differing,
            "wrong": wrong,
        }

    return run


def _written(program: Program) -> dict[tuple[str, str], tuple[int, ...]]:
    """Return the variables that are carried from step to step, with their shapes."""
    written: dict[tuple[str, str], tuple[int, ...]] = dict(lines(program))
    for operation in program.operations:
        for target, _ in operation.statements:
            name = operation.names[target]
            if name.side != "temporary":
                written[name.owner, name.variable] = program.sizes[name.owner]
    return written


def _decide(
    operation: Operation, values: Values, network: Network, mode: Mode, raster: Any
) -> tuple[Any, tuple[Any, Any]]:
    """Return a layer's spikes, and how many decisions differ from the raster within and beyond the tolerance."""
    names = seen(operation, values)
    (_, condition) = operation.statements[-1]
    model = network.model_of(operation.owner).plain()
    drive = evaluate(model.drive, names, jnp)
    bump = names | {
        "drive": drive,
        "gamma": values[operation.owner, "psi_gamma"],
        "beta": values[operation.owner, "psi_beta"],
    }
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


def _apply(operation: Operation, values: Values, program: Program, mode: Mode, adapts: tuple[str, ...]) -> Values:
    if operation.kind == "transmit":
        return add(values, arrivals(operation, values))
    if operation.kind == "sum":
        return add_up(operation, values, program)
    if operation.kind == "given":
        return {}
    names = seen(operation, values)
    if operation.kind == "greatest":
        ((target, expression),) = operation.statements
        # What is read of it cancels out, and so does its derivative.
        largest = jax.lax.stop_gradient(jnp.max(evaluate(expression, names, jnp)))
        key = (operation.owner, operation.names[target].variable)
        return {key: jnp.broadcast_to(largest, values[key].shape)}
    written: Values = {}
    for target, expression in operation.statements:
        names[target] = evaluate(expression, names, jnp)
        name = operation.names[target]
        if name.side != "temporary":
            old = values[name.owner, name.variable]
            names[target] = jnp.broadcast_to(names[target], old.shape).astype(old.dtype)
            written[name.owner, name.variable] = names[target]
    if operation.kind == "reset":
        spikes = values[operation.owner, "spikes"]
        own = replace(mode, reset="differentiated")
        return {
            key: _reset(values[key], new, spikes, own if key[1] in adapts else mode) for key, new in written.items()
        }
    return written


def _reset(old: Any, new: Any, spikes: Any, mode: Mode) -> Any:
    """Return the values after a reset; exactly `new` where there was a spike, whatever the gradient sees."""
    if mode.spike == "smooth":
        moved = spikes * (new - old)
        return old + (jax.lax.stop_gradient(moved) if mode.reset == "constant" else moved)
    after = jnp.where(spikes > 0.5, new, old)
    if mode.reset == "constant":
        return jax.lax.stop_gradient(after) + (old - jax.lax.stop_gradient(old))
    # The first factor is 0, so that its own derivative is all that counts.
    return after + (spikes - jax.lax.stop_gradient(spikes)) * jax.lax.stop_gradient(new - old)
