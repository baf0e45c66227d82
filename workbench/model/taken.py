"""Names that an author may not give to a variable, because something else bears them already."""

from collections.abc import Iterable

from workbench.equations import RESERVED, parse_differential
from workbench.errors import ModelError, RuleError, WorkbenchError
from workbench.model.learning import temporaries
from workbench.model.names import WANTED, arriving_from
from workbench.model.setup import FIRST, Setup

#: What the workbench itself declares, or reads from its clock, in groups of neurons.
IN_NEURONS = frozenset(
    {"spiked", "psi", "psi_gamma", "psi_beta", "emitted", "per_step", "relay", "error", "excess", "share", "target"}
    | {"total", "pooled", "loss", "output_sum", "trial", "total_step", "elapsed", "ends", "in_window", "learning"}
    | {"drive", "greatest"}
)

#: The same in synapses, without what the optimizer adds.
IN_SYNAPSES = frozenset(
    {"w", "gradient", "step", "n_updates", "update_size", "learning_rate", "window_duration", "feedback_decay"}
)


def refuse_taken(setup: Setup) -> None:
    """Refuse variables of a neuron model or rule whose names are taken.

    Raises
    ------
    ModelError
        With the line of the neuron model.
    RuleError
        With the line of the rule, or the name of its signal.
    """
    network, rule = setup.network, setup.rule
    in_neurons = IN_NEURONS | {arriving_from(layer) for layer in network.layers}
    for model in (network.neuron, network.readout):
        in_neurons |= {f"{FIRST}{name}" for name, _ in model.initial}
        _refuse(f"Neuron '{model.name}'", "equations", model.equations, in_neurons | set(model.units()), ModelError)
    if rule.engine != "brian2":
        return
    owner = f"Rule '{rule.name}'"
    neuron = in_neurons | set(network.neuron.units())
    neuron |= _names(network.neuron.equations)
    if rule.signal is not None:
        if rule.signal.name in neuron - {"error"}:
            raise RuleError(f"{owner}, `signal`: '{rule.signal.name}' is taken. Choose another name.")
        neuron |= {rule.signal.name}
    _refuse(owner, "post", rule.post, neuron, RuleError)
    neuron |= _names(rule.post)
    own = _names(network.readout.equations)
    output = in_neurons | own | set(network.readout.units()) | {f"{WANTED}{name}" for name in own} | _names(rule.post)
    for field, step, taken in (("on_step", rule.on_step, neuron), ("output_step", rule.output_step, output)):
        for name in () if step is None else step.state:
            # Synapses have variables of their own, with which those of neurons are read together.
            if name in RESERVED | taken | {"w", "b", "g", "due"}:
                raise RuleError(f"{owner}, `{field}`: '{name}' is taken. Choose another name.")
    _refuse(owner, "pre", rule.pre, neuron | {f"trace_{name}" for name in own}, RuleError)
    for name, _ in rule.numbers:
        if name in RESERVED | neuron | _names(rule.pre) | _names(rule.synapse) or name.endswith(("_pre", "_post")):
            raise RuleError(f"{owner}: parameter '{name}' has a name that is taken. Choose another name.")
    optimizer = setup.optimizer
    synapse = IN_SYNAPSES | set(optimizer.state) | {name for name, _ in optimizer.parameters}
    _refuse(owner, "synapse", rule.synapse, synapse, RuleError)


def _names(text: str) -> set[str]:
    return {item.name for item in parse_differential(text, "")}


def _refuse(owner: str, field: str, text: str, taken: Iterable[str], error: type[WorkbenchError]) -> None:
    equations = parse_differential(text, f"{owner}, `{field}`", error)
    taken = set(taken) | temporaries(item.name for item in equations)
    for item in equations:
        if item.name in taken:
            raise error(f"{owner}, line {item.line} of `{field}`: '{item.name}' is taken. Choose another name.")
