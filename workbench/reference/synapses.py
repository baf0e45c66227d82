"""What spikes do to the neurons that they reach, and what a neuron reads of others."""

from typing import Any

import jax
import jax.numpy as jnp

from workbench.common.errors import ModelError
from workbench.declare.synapse_ends import Indices
from workbench.model.operation import Operation
from workbench.model.program import Program
from workbench.reference.numbers import Values
from workbench.text.expressions import evaluate
from workbench.text.syntax import identifiers

#: Where the spikes of the inputs are found.
INPUTS = ("inputs", "spikes")


#: The variable in which the reference keeps the spikes that are on their way.
_ON_THEIR_WAY = "on_their_way"


def lines(program: Program) -> dict[tuple[str, str], tuple[int, ...]]:
    """Return the variables that keep the spikes on their way, with their shapes (steps, neurons)."""
    delays = (operation for operation in program.operations if operation.kind == "delay")
    return {(item.owner, _ON_THEIR_WAY): (item.delay, *program.sizes[item.owner]) for item in delays}


def delayed(operation: Operation, values: Values) -> Values:
    """Return the spikes that have come to the end of their way, and those that are on it now."""
    key = (operation.owner, _ON_THEIR_WAY)
    line, spikes = values[key], values[operation.source, "spikes"]
    arrived = (operation.owner, "spikes")
    return {arrived: line[0], key: jnp.concatenate([line[1:], spikes[None].astype(line.dtype)])}


def arrivals(operation: Operation, values: Values, program: Program) -> Values:
    """Return what a layer's spikes add to each variable; in each step, where the spikes are those of many steps."""
    ends = program.ends.get(operation.owner)
    spikes = values[operation.source, "spikes"]
    found: Values = {}
    for target, expression in operation.statements:
        name = operation.names[target]
        reads = identifiers(expression) - {target}
        # `x_post = x_post + (f)`: what each spike adds.
        start = f"{target} + "
        if not expression.startswith(start):
            raise ModelError(f"The reference cannot read '{target} = {expression}', which spikes do.")
        amount = expression.removeprefix(start)
        added = evaluate(amount, seen(operation, values, program), jnp)
        if ends is not None:
            size = program.sizes[name.owner][0]

            def arriving(spikes: Any, added: Any, ends: Indices = ends, size: int = size) -> Any:
                return _summed(spikes[..., ends.pre] * added, ends.post, size)

            # What each synapse carried is found again when the gradient needs it: there are more of them than neurons.
            found[name.owner, name.variable] = jax.checkpoint(arriving)(spikes, added)
        elif all(operation.names[read].side == "own" for read in reads):
            # A number is the same for all synapses.
            found[name.owner, name.variable] = spikes @ added if jnp.ndim(added) else spikes.sum() * added
        else:
            found[name.owner, name.variable] = jnp.sum(spikes[:, None] * added, axis=0)
    return found


def add(values: Values, arriving: Values) -> Values:
    """Return the variables that spikes reach, with what the spikes add."""
    return {key: values[key] + array for key, array in arriving.items()}


def sent(operation: Operation, values: Values) -> Any:
    """Return what each source of some weights sends in a step: spikes, or its output where it has none."""
    if operation.kind == "transmit":
        shares = [name for name in operation.names.values() if name.side == "pre"]
        spikes = values[operation.source, "spikes"]
        return spikes * values[shares[0].owner, shares[0].variable] if shares else spikes
    (source,) = [name for name in operation.names.values() if name.side == "pre"]
    return values[source.owner, source.variable]


def kicked(operation: Operation, values: Values, kick: Any) -> Values:
    """Return what an operation writes of its targets, with something added to each."""
    ((target, _),) = operation.statements
    name = operation.names[target]
    return {(name.owner, name.variable): values[name.owner, name.variable] + kick}


def add_up(operation: Operation, values: Values, program: Program) -> Values:
    """Return a sum over the synapses of each neuron, which Brian2 calls a summed variable."""
    ((target, expression),) = operation.statements
    name = operation.names[target]
    names = seen(operation, values, program)
    terms = jnp.broadcast_to(evaluate(expression, names, jnp), program.sizes[operation.owner])
    ends = program.ends.get(operation.owner)
    if ends is not None:
        reached = ends.post if name.side == "post" else ends.pre
        return {(name.owner, name.variable): _summed(terms, reached, program.sizes[name.owner][0])}
    return {(name.owner, name.variable): terms.sum(axis=0 if name.side == "post" else 1)}


def _summed(terms: Any, places: Any, size: int) -> Any:
    """Return the sums of terms of shape (..., n_synapses) over those of each neuron, of shape (..., size)."""
    return jnp.zeros((*terms.shape[:-1], size), terms.dtype).at[..., places].add(terms)


def seen(operation: Operation, values: Values, program: Program) -> dict[str, Any]:
    """Return the values of an operation's identifiers, shaped for broadcasting over neurons or synapses."""
    ends = program.ends.get(operation.owner)
    names = {}
    for identifier, name in operation.names.items():
        key = (name.owner, name.variable)
        if key in values:
            value = values[key]
            if ends is not None and name.side in ("pre", "post"):
                value = value[getattr(ends, name.side)]
            elif name.side == "pre":
                value = value[:, None]
            names[identifier] = value
    return names
