"""The equations of the learning slot: of a postsynaptic neuron and of a synapse, whose input comes as an impulse."""

from collections.abc import Sequence

from workbench.model.assembly import Parts
from workbench.model.bindings import Propagator
from workbench.model.renaming import Held, declaration
from workbench.text.equation_text import Differential
from workbench.text.equations import linear_system


def learning_code(parts: Parts, owner: str, equations: Sequence[Differential], held: Held) -> tuple[str, list[str]]:
    """Return the statements of a step of equations ``dx/dt = A x + f``: exact decay, then ``f*dt`` is added.

    Parameters
    ----------
    parts : Parts
        Gets the propagator, whose entries are variables of the group `owner`.
    owner : str
        The group that will run the statements.
    equations : sequence of Differential
        In any order: all decay, then all inputs are taken, then all are added.
    held : Held
        The constants.

    Returns
    -------
    code : str
        Statements.
    declared : list of str
        Equation text of the variables that they need.
    """
    system = linear_system(equations, held.numbers)
    reach = system.reaches()
    homogeneous, decayed = [], []
    for row, state in enumerate(system.states):
        terms = []
        for column, source in enumerate(system.states):
            if reach[row][column]:
                homogeneous.append((f"P__{state}__{source}", row, column))
                terms.append(f"P__{state}__{source} * {source}")
        decayed.append(f"new__{state} = {' + '.join(terms)}")
    parts.propagators.append(Propagator(owner, system, dict(held.numbers), tuple(homogeneous), ()))
    kept = [f"{state} = new__{state}" for state in system.states]
    driven = [state for state in system.states if system.rest[state] != "0"]
    inputs = [f"input__{state} = {system.rest[state]}" for state in driven]
    added = [f"{state} = {state} + dt * input__{state}" for state in driven]
    declared = [f"{item.name} : {item.unit}" for item in equations]
    declared += [declaration(name, differs=held.differ(system)) for name, _, _ in homogeneous]
    return "\n".join([*decayed, *kept, *inputs, *added]), declared
