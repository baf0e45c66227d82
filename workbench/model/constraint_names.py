"""Under which names a network holds what constraints read and keep."""

from workbench.model.setup import Setup

#: Before the number of a constraint, in the names of what it keeps and reads.
CONSTRAINT = "constraint"


def held_as(number: int, name: str) -> str:
    """Return the variable in which a synapse holds what a constraint calls by a name, by the constraint's number."""
    return f"{CONSTRAINT}{number}__{name}"


def total_of(projection: str, number: int) -> str:
    """Return the variable in which a neuron holds what its weights of a name add up to."""
    return f"{CONSTRAINT}{number}__total__{projection}"


def totals_onto(setup: Setup, layer: str) -> list[str]:
    """Return the variables in which a layer holds what weights onto it add up to."""
    return [
        total_of(item.name, number)
        for item in setup.network.all_projections
        if item.target == layer
        for number, constraint in enumerate(setup.constraints_on(item.name))
        if constraint.total
    ]


def memory_of_constraints(setup: Setup, projection: str) -> tuple[str, ...]:
    """Return the variables that the constraints on some weights keep for each of them."""
    constraints = setup.constraints_on(projection)
    return tuple(held_as(number, name) for number, one in enumerate(constraints) for name in one.state)
