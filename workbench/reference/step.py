"""One step of a network in JAX: the operations that were read off its Brian2 objects, in their order."""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from workbench.declare.network import Network
from workbench.model.operation import Operation
from workbench.model.program import Program
from workbench.model.transmission import is_transmission
from workbench.reference.forward_mode import Stepped
from workbench.reference.mode import Mode
from workbench.reference.numbers import Values
from workbench.reference.reset import after_reset
from workbench.reference.synapses import (
    INPUTS,
    add,
    add_up,
    arrivals,
    delayed,
    kicked,
    lines,
    seen,
    sent,
)
from workbench.reference.threshold import decide
from workbench.text.expressions import evaluate


class Given(NamedTuple):
    """What a step is given; of many steps, each with a first axis of steps.

    Attributes
    ----------
    inputs : array of shape (n_inputs,)
        Which inputs spike.
    rasters : dict of str to array of shape (n_neurons,)
        Recorded spikes by layer; empty where there is no recording.
    in_window : array of shape ()
        1 within the readout's window, else 0.
    target : array of shape (n_outputs,) or None
        None where it is the same in all steps.
    known : dict of int to array of shape (n_neurons,)
        What the inputs' spikes add, by the number of the operation, as far as it is known before.
    noise : dict of (group, variable) to array of shape (n_neurons,)
        What neurons draw.
    """

    inputs: Any
    rasters: dict[str, Any]
    in_window: Any
    target: Any
    known: dict[int, Any]
    noise: Values


@dataclass(frozen=True, eq=False)
class Step:
    """What happens in a step of a trial.

    Attributes
    ----------
    program : Program
        The operations.
    network : Network
        Whose texts (drive, surrogate, loss) belong to the program; its numbers are passed in.
    mode : Mode
        How spikes and resets are treated.
    """

    program: Program
    network: Network
    mode: Mode

    @cached_property
    def carried(self) -> dict[tuple[str, str], tuple[int, ...]]:
        """The variables that are carried from step to step, with their shapes."""
        written: dict[tuple[str, str], tuple[int, ...]] = dict(lines(self.program))
        for operation in self.program.operations:
            for target, _ in operation.statements:
                name = operation.names[target]
                if name.side != "temporary":
                    written[name.owner, name.variable] = self.program.sizes[name.owner]
        return written

    def divided(self, outside: Values) -> tuple[Values, Values]:
        """Return what is drawn in each step, and what a trial begins with."""
        operations = [operation for operation in self.program.operations if operation.kind == "draw"]
        drawn = {(each.owner, target) for each in operations for target, _ in each.statements}
        noise = {key: value for key, value in outside.items() if key in drawn}
        return noise, {key: value for key, value in outside.items() if key not in drawn}

    @cached_property
    def readouts(self) -> list[str]:
        """The groups that have a loss."""
        return [
            operation.owner
            for operation in self.program.operations
            if any(operation.names[target].variable == "loss" for target, _ in operation.statements)
        ]

    @cached_property
    def targets(self) -> list[tuple[str, str]]:
        """The variables in which the readouts find their targets."""
        operations = self.program.operations
        read = {(name.owner, name.variable) for operation in operations for name in operation.names.values()}
        return [(readout, "due" if (readout, "due") in read else "target") for readout in self.readouts]

    def start(self, fixed: Values) -> Values:
        """Return the carried variables at the start of a trial, from those that do not change."""
        state: Values = {key: jnp.zeros(shape) for key, shape in self.carried.items()}
        for operation in self.program.start:
            state |= self._written(operation, fixed | state)
        return state

    def __call__(
        self, fixed: Values, carry: tuple[Values, Any, Any], given: Given, kicks: dict[str, Any] | None = None
    ) -> Stepped:
        """Run the step.

        Parameters
        ----------
        fixed : dict of (group, variable) to array
            What does not change during the trial.
        carry : tuple
            The carried variables; decisions that have differed from the raster within the tolerance, and beyond it.
        given : Given
            What this step is given.
        kicks : dict of str to array of shape (n_post,), optional
            What is added to the targets of each weights; see `carry_along`.

        Returns
        -------
        carry : tuple
            After the step.
        gave : tuple
            The spikes of each layer, where decided here, and what the sources of each kicked weights sent.
        """
        state, differing, wrong = carry
        values = fixed | state | {("clock", "in_window"): given.in_window}
        values[INPUTS] = given.inputs.astype(given.in_window.dtype)
        values |= given.noise
        values |= {} if given.target is None else dict.fromkeys(self.targets, given.target)
        emitted, sources = {}, {}
        for number, operation in enumerate(self.program.operations):
            owner = operation.owner
            if operation.kind == "threshold":
                emitted[owner], off = decide(
                    operation, values, self.program, self.network, self.mode, given.rasters.get(owner)
                )
                values[owner, "spikes"] = emitted[owner]
                differing, wrong = differing + off[0], wrong + off[1]
            elif number in given.known:
                values |= kicked(operation, values, given.known[number])
            else:
                values |= self._written(operation, values)
            if kicks is not None and owner in kicks:
                sources[owner] = sent(operation, values)
                values |= kicked(operation, values, kicks[owner])
        kept = {key: values[key] for key in state}
        return (kept, differing, wrong), (emitted if self.mode.spike == "own" else {}, sources)

    def _written(self, operation: Operation, values: Values) -> Values:
        """Return the variables that an operation writes, whichever its kind."""
        match operation.kind:
            case "given" | "draw":
                return {}
            case "delay":
                return delayed(operation, values)
            case "transmit":
                return add(values, arrivals(operation, values, self.program))
            case "sum":
                return add_up(operation, values, self.program)
            case "greatest":
                return _greatest(operation, values, self.program)
            case "reset":
                return self._reset(operation, values)
        return _assigned(operation, values, self.program)

    def _reset(self, operation: Operation, values: Values) -> Values:
        """Return the variables of a layer after its reset; gradients always go through what a neuron adapts by."""
        owner = operation.owner
        adapts = self.network.model_of(owner).adapts if owner in self.network.layers else ()
        through = replace(self.mode, reset="differentiated")
        spikes = values[operation.owner, "spikes"]
        return {
            key: after_reset(
                values[key], displaced, spikes, through if key[1] in adapts or is_transmission(key[1]) else self.mode
            )
            for key, displaced in _assigned(operation, values, self.program).items()
        }


def _assigned(operation: Operation, values: Values, program: Program) -> Values:
    """Return what statements assign, one after the other."""
    names = seen(operation, values, program)
    written: Values = {}
    for target, expression in operation.statements:
        names[target] = evaluate(expression, names, jnp)
        name = operation.names[target]
        if name.side != "temporary":
            old = values[name.owner, name.variable]
            names[target] = jnp.broadcast_to(names[target], old.shape).astype(old.dtype)
            written[name.owner, name.variable] = names[target]
    return written


def _greatest(operation: Operation, values: Values, program: Program) -> Values:
    """Return the largest of a group's values, for each of its neurons."""
    ((target, expression),) = operation.statements
    # What is read of it cancels out, and so does its derivative.
    largest = jax.lax.stop_gradient(jnp.max(evaluate(expression, seen(operation, values, program), jnp)))
    key = (operation.owner, operation.names[target].variable)
    return {key: jnp.broadcast_to(largest, values[key].shape)}
