"""Names that an author may not give to a variable or number, because something else bears them already.

Whoever owns it, a name has letters, digits and single underscores and begins with a letter, is no word of Python, C++
or Brian2, and does not end as names do by which a synapse reads others' variables. Names that the workbench makes from
authors' names have a double underscore; the few others are listed here, and a test holds the lists to be complete.
"""

import keyword
import re
from collections.abc import Iterable

from brian2.core.functions import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS
from brian2.core.namespace import DEFAULT_UNITS

from workbench.cpp_words import CPP_WORDS
from workbench.equations import parse_differential
from workbench.errors import ModelError, RuleError, WorkbenchError
from workbench.model.setup import Setup
from workbench.neuron import NeuronModel
from workbench.rule import Rule
from workbench.syntax import changes

#: What the workbench itself declares, or reads from its clock, in groups of neurons.
IN_NEURONS = frozenset(
    {"spiked", "psi", "psi_gamma", "psi_beta", "emitted", "per_step", "relay", "error", "excess", "share", "target"}
    | {"total", "pooled", "loss", "output_sum", "trial", "total_step", "elapsed", "ends", "in_window", "learning"}
    | {"drive", "due", "neuron_index", "spike_number", "targets", "greatest"}
)

#: The same in synapses, without what the optimizer adds.
IN_SYNAPSES = frozenset(
    {"w", "gradient", "step", "n_updates", "update_size", "learning_rate", "window_duration", "feedback_decay"}
)

#: What Brian2 keeps in each group, or in synapses, besides its functions, constants and units.
_BRIAN2 = frozenset({"i", "j", "t", "dt", "t_in_timesteps", "N", "N_incoming", "N_outgoing", "xi", "lastspike"}) | {
    "not_refractory",
    "lastupdate",
    # What its templates are told besides the variables.
    *("variables", "variable_indices", "owner", "dtype", "get_array_name", "template", "code_lines"),
}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")

_SUFFIXES = ("_pre", "_post", "_readout")


def refuse_taken(setup: Setup) -> None:
    """Refuse variables and numbers of a neuron model or rule whose names are taken.

    Raises
    ------
    ModelError
        With the line of the neuron model.
    RuleError
        With the line of the rule, or the name of its signal.
    """
    network, rule = setup.network, setup.rule
    for model in (network.neuron, network.readout):
        _refuse_of_neuron(model)
    if rule.engine != "brian2":
        return
    taken = IN_NEURONS | _names_of(network.neuron)
    if rule.signal is not None:
        _refuse(f"Rule '{rule.name}', `signal`", rule.signal.name, taken - {"error"}, RuleError)
        taken |= {rule.signal.name}
    _refuse_in("post", rule, rule.post, taken)
    taken |= _names(rule.post)
    outputs = IN_NEURONS | _names_of(network.readout) | _names(rule.post)
    traces = set[str]()
    for field, step, own in (("on_step", rule.on_step, taken), ("output_step", rule.output_step, outputs)):
        for number, name in enumerate(() if step is None else step.state):
            # Synapses have variables of their own, with which those of neurons are read together.
            before = () if step is None else step.state[:number]
            _refuse(f"Rule '{rule.name}', `{field}`", name, {*own, *before, "w", "b", "g", "due"}, RuleError)
            traces.add(name)
    taken |= traces
    _refuse_in("pre", rule, rule.pre, taken)
    optimizer = setup.optimizer
    of_optimizer = {*optimizer.state, *dict(optimizer.parameters), *(name for name, *_ in changes(optimizer.code))}
    _refuse_in("synapse", rule, rule.synapse, IN_SYNAPSES | of_optimizer)
    taken |= _names(rule.pre) | _names(rule.synapse) | {"w"}
    for name, _ in rule.numbers:
        _refuse(f"Rule '{rule.name}', `parameters`", name, taken, RuleError)
        taken |= {name}


def _refuse_of_neuron(model: NeuronModel) -> None:
    owner = f"Neuron '{model.name}'"
    taken = set(IN_NEURONS)
    for name, _ in model.parameters:
        _refuse(f"{owner}, `parameters`", name, taken, ModelError)
        taken.add(name)
    for item in parse_differential(model.equations, f"{owner}, `equations`"):
        _refuse(f"{owner}, line {item.line} of `equations`", item.name, taken, ModelError)


def _refuse_in(field: str, rule: Rule, text: str, taken: Iterable[str]) -> None:
    """Refuse the variables of a rule's equations whose names are taken."""
    for item in parse_differential(text, f"Rule '{rule.name}', `{field}`", RuleError):
        _refuse(f"Rule '{rule.name}', line {item.line} of `{field}`", item.name, taken, RuleError)


def _refuse(where: str, name: str, taken: Iterable[str], error: type[WorkbenchError]) -> None:
    reason = why_not(name) or ("is taken" if name in taken else "")
    if reason:
        raise error(f"{where}: '{name}' {reason}. Choose another name.")


def why_not(name: str) -> str:
    """Return why no author may give a name, whoever owns what it names; empty where he may."""
    if not _NAME.fullmatch(name):
        return "is no name, which has letters, digits and single underscores, and begins with a letter"
    for suffix in _SUFFIXES:
        if name.endswith(suffix):
            return f"ends in '{suffix}', as the names do by which a synapse reads the variables of others"
    owners = {
        "is a word of Python": keyword.iskeyword(name),
        "is a function": name in DEFAULT_FUNCTIONS,
        "is a unit": name in DEFAULT_UNITS,
        "is kept by Brian2": name in DEFAULT_CONSTANTS or name in _BRIAN2 or name.startswith("xi_"),
        "is a word of C++": name in CPP_WORDS,
    }
    return next((reason for reason, holds in owners.items() if holds), "")


def _names_of(model: NeuronModel) -> set[str]:
    return {*model.units(), *_names(model.equations)}


def _names(text: str) -> set[str]:
    return {item.name for item in parse_differential(text, "")}
