"""The exact rule by which the weights of a readout learn, made from its equations."""

from brian2.parsing.sympytools import str_to_sympy, sympy_to_str

from workbench.common.errors import ModelError
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.model.neuron_text import equations_of, states_of
from workbench.text.equations import linear_system
from workbench.text.quantities import IN_EQUATIONS
from workbench.text.syntax import identifiers, statements, substituted, sum_of

#: Before the names of the readout's variables: traces of their derivatives by the weights.
TRACE = "trace__"


def delta_rule(readout: NeuronModel) -> Rule:
    """Return the exact rule of the readout's weights: error times the presynaptic spikes, filtered as the readout does.

    With e_k the derivative of the loss by output y_k, it is ``dg_jk/dt = e_k dy_k/dw_jk``. The derivatives of the
    readout's variables by a weight follow the same linear equations as these, driven by the spikes of neuron j.

    Parameters
    ----------
    readout : NeuronModel
        With linear equations; each of its variables x gets a trace ``trace__x`` of the same equation, the derivative of
        x by the weight: of the presynaptic neuron, or of the synapse where x filters the readout's own spikes. Where it
        spikes the rule is exact for its reset held constant.

    Raises
    ------
    ModelError
        Where there is no such rule.
    """
    equations = equations_of(readout)
    system = linear_system(equations, readout.units())
    own = filtering(readout)
    of_target = {name: f"{name}_post" for name, _ in readout.parameters}
    traces: list[str] = []
    filters: list[str] = []
    for item, entries in zip(equations, system.matrix, strict=True):
        if identifiers(system.rest[item.name]) & set(system.states):
            raise ModelError(
                f"Readout '{readout.name}': 'd{item.name}/dt = {item.expression}' is not linear in the readout's own "
                "variables, so that no exact rule can train its weights. Make it linear, or fix them."
            )
        # A constant moves the output, but not its derivative by a weight.
        terms = [
            f"({entry}) * {TRACE}{other}" for other, entry in zip(system.states, entries, strict=True) if entry != "0"
        ]
        if item.name in own and own[item.name] != "0":
            terms.append(f"({own[item.name]}) * psi_post * ({_derivative_of_drive(readout)}) / dt")
        expression = substituted(sum_of(terms), of_target) if terms else "0*hertz"
        text = f"d{TRACE}{item.name}/dt = {expression} : {item.unit}"
        (filters if item.name in own else traces).append(text)
    of_synapse = readout.output in own
    read = f"{TRACE}{readout.output}{'' if of_synapse else '_pre'}"
    return Rule(
        name="delta",
        title="Delta rule",
        pre="\n".join(traces),
        pre_on_spike=f"{TRACE}I += 1",
        synapse="\n".join([*filters, f"dg/dt = error_post * {read} : second"]),
    )


def filtering(readout: NeuronModel) -> dict[str, str]:
    """Return the variables of a readout that filter its own spikes, each with what a spike adds to it.

    Raises
    ------
    ModelError
        Where its output filters something else, or a spike does not add a constant.
    """
    if not readout.spiking:
        return {}
    equations = equations_of(readout)
    system = linear_system(equations, readout.units())
    reach = dict(zip(system.states, system.reaches(), strict=True))

    def leads_to(state: str) -> set[str]:
        return {source for source, reached in zip(system.states, reach[state], strict=True) if reached}

    wanted = leads_to(readout.output)
    driving = set[str]().union(*(leads_to(state) for state in identifiers(readout.drive) & set(system.states)))
    if wanted & driving:
        raise ModelError(
            f"Readout '{readout.name}': its output '{readout.output}' must filter its spikes alone, but depends on "
            f"'{min(wanted & driving)}', which decides on spikes."
        )
    jumps = dict.fromkeys((state for state in system.states if state in wanted), "0")
    for name, expression in statements(readout.reset):
        if name in jumps:
            added = str_to_sympy(expression) - str_to_sympy(name)
            changing = {str(symbol) for symbol in added.free_symbols} - {*readout.units(), *IN_EQUATIONS}
            if changing or name not in readout.adapts:
                raise ModelError(
                    f"Readout '{readout.name}': a spike must add a constant to '{name}', which `adapts` must name."
                )
            jumps[name] = sympy_to_str(added)
    return jumps


def _derivative_of_drive(readout: NeuronModel) -> str:
    """Return the derivative of a readout's drive by a weight, in traces of the presynaptic neuron."""
    states = list(states_of(readout))
    drive = str_to_sympy(readout.drive)
    slopes = {state: drive.diff(str_to_sympy(state)) for state in states}
    if any({str(symbol) for symbol in slope.free_symbols} & set(states) for slope in slopes.values()):
        raise ModelError(f"Readout '{readout.name}': its drive '{readout.drive}' must be linear in its variables.")
    return " + ".join(f"({sympy_to_str(slope)}) * {TRACE}{name}_pre" for name, slope in slopes.items() if slope != 0)
