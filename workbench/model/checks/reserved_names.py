"""Names that an author may not give to a variable, subexpression or number, because something else bears them already.

Whoever owns it, a name has letters, digits and single underscores and begins with a letter, is no word of Python, C++
or Brian2, and does not end as names do by which a synapse reads others' variables. Names that the workbench makes from
authors' names have a double underscore; the few others are listed here, and a test holds the lists to be complete.
"""

import keyword
import re
from collections.abc import Iterable, Set

from brian2.core.functions import DEFAULT_CONSTANTS, DEFAULT_FUNCTIONS
from brian2.core.namespace import DEFAULT_UNITS

from workbench.common.errors import ModelError, RuleError, WorkbenchError
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.model.setup import Setup
from workbench.text.cpp_keywords import CPP_WORDS
from workbench.text.equation_text import read_equations
from workbench.text.syntax import changes

#: What the workbench itself declares, or reads from its clock, in groups of neurons, and what it is.
OF_NEURONS = {
    "spiked": "1 in the step of a spike, else 0",
    "psi": "the surrogate derivative of the spike by the drive",
    "drive": "how far a hidden neuron is above its threshold",
    "emitted": "what a neuron without spikes sends in the step",
    "per_step": "the length of a step in milliseconds, by which its output is multiplied for that",
    "pooled": "how many neurons of the layer spike in the step",
    "relay": "what a hidden neuron hands down to the layer below",
    "error": "the derivative of the loss by an output, and the usual name of a learning signal",
    "excess": "by how much the loss of an output is above that of an output of 0",
    "worth": "what an output is worth as an answer",
    "answered": "1 for the output that is the answer, in the last step of the loss's window, else 0",
    "brought": "what the answer brings, in that output and step, else 0",
    "rewards": "the table of what all answers are worth",
    "rewarding": "the steps of the loss's window, in its last step, else 0",
    "target": "what is wanted of an output",
    "targets": "the table of all targets",
    "due": "whether a spike is wanted of an output in the step",
    "share": "what an output contributes to the sum over outputs that the loss reads",
    "total": "that sum",
    "greatest": "the largest output",
    "loss": "the loss of an output, added up over the window",
    "output_sum": "the output, added up over the window",
    "score": "by what an output is decided on",
    "in_window": "1 in the window of the loss, else 0",
    "trial": "the number of the trial in the run",
    "total_step": "the number of the step in the run",
    "elapsed": "the share of the trial that is over",
    "ends": "1 in the last step of a trial, else 0",
    "learning": "whether the rule runs",
    "neuron_index": "the neurons of the spikes that a layer is given",
    "spike_number": "the numbers of these spikes",
}

#: The same in synapses, without what the optimizer adds. They read the variables of their target without a suffix too.
OF_SYNAPSES = {
    "w": "the weight",
    "g": "the gradient estimate, which only adds up",
    "gradient": "the estimate for a batch, which the optimizer makes a step of",
    "step": "that step",
    "n_updates": "updates so far",
    "update_size": "trials of the batch",
    "learning_rate": "by what the step is multiplied",
    "window_duration": "the duration of the loss's window",
    "feedback_decay": "what feedback weights that learn lose at an update",
    "mirror": "the place of the weight of the other direction",
}

IN_NEURONS = frozenset(OF_NEURONS)
IN_SYNAPSES = frozenset(OF_SYNAPSES)

#: What Brian2 keeps in each group, or in synapses, besides its functions, constants and units.
OF_BRIAN2 = frozenset({"i", "j", "t", "dt", "t_in_timesteps", "N", "N_incoming", "N_outgoing", "xi", "lastspike"}) | {
    "not_refractory",
    "lastupdate",
    # What its templates are told besides the variables.
    *("variables", "variable_indices", "owner", "dtype", "get_array_name", "template", "code_lines"),
}

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*")

#: Endings by which a synapse reads the variables of others.
SUFFIXES = ("_pre", "_post", "_readout")


def refuse_taken(setup: Setup) -> None:
    """Refuse variables, subexpressions and numbers whose names are taken.

    Raises
    ------
    ModelError
        With the line of the neuron model, or the surrogate or optimizer.
    RuleError
        With the line of the rule, or the name of its signal.
    """
    network, rule, optimizer = setup.network, setup.rule, setup.optimizer
    # All else of these is refused where they are declared.
    for name, _ in network.surrogate.parameters:
        _refuse(f"Surrogate '{network.surrogate.name}', `parameters`", name, (), ModelError)
    for name in sorted({*optimizer.state, *dict(optimizer.parameters), *_set_by(optimizer.code)} - {"step"}):
        _refuse(f"Optimizer '{optimizer.name}'", name, {*IN_SYNAPSES, "b"}, ModelError)
    of_synapses = IN_SYNAPSES | {*optimizer.state, *dict(optimizer.parameters), *_set_by(optimizer.code)}
    if rule.has_equations and rule.signal is not None and setup.pathway.weights != "forward":
        of_synapses |= {"b"}
    for model in network.models.values():
        _refuse_of_neuron(model, IN_NEURONS | of_synapses)
    if rule.has_equations:
        for model in network.hidden_models:
            _refuse_of_rule(rule, model, network.readout, of_synapses)
    for item in network.projections:
        if item.rule is not None:
            beside = item.rule.written_out(whole=True)
            _refuse_of_rule(beside, network.model_of(item.target), network.readout, of_synapses)


def _refuse_of_rule(rule: Rule, neuron: NeuronModel, readout: NeuronModel, of_synapses: Set[str]) -> None:
    taken = IN_NEURONS | of_synapses | _names_of(neuron)
    if rule.signal is not None:
        _refuse(f"Rule '{rule.name}', `signal`", rule.signal.name, taken - {"error"}, RuleError)
        taken |= {rule.signal.name}
    _refuse_in("post", rule, rule.post, taken)
    if rule.trains_readout:
        _refuse_in("post", rule, rule.post, _names_of(readout), readout)
    taken |= _names(rule.post)
    of_output = IN_NEURONS | of_synapses | _names_of(readout) | _names(rule.post)
    taken |= _refuse_of_steps(rule, (neuron, taken), (readout, of_output))
    _refuse_in("pre", rule, rule.pre, taken)
    taken |= _names(rule.pre)
    for model in (neuron, readout) if rule.trains_readout else (neuron,):
        _refuse_in("synapse", rule, rule.synapse, _names_of(model), model)
    _refuse_in("synapse", rule, rule.synapse, taken - {"g"})
    pairs, paired = ("", ()) if rule.pairs is None else (rule.pairs.equations, rule.pairs.sums)
    _refuse_in("pairs", rule, pairs, taken | _names(rule.synapse))
    taken |= _names(pairs)
    summed = [name.removesuffix("_post") for name, _ in (*paired, *rule.sums)]
    for field, names in (("noise", [name for name, _ in rule.noise]), ("sums", summed)):
        for name in names:
            _refuse(f"Rule '{rule.name}', `{field}`", name, taken | _names(rule.synapse), RuleError)
            taken |= {name}
    # Numbers are held under names of their own, which nothing of the optimizer's has.
    taken = (taken - of_synapses) | {"w"} | _names(rule.synapse) | {*dict(rule.noise), *summed}
    for name, _ in rule.numbers:
        where = f"Rule '{rule.name}', `parameters`"
        _refuse(where, name, taken, RuleError)
        if rule.trains_readout or rule.output_step is not None:
            _refuse(where, name, _names_of(readout), RuleError, readout)
        taken |= {name}


def refuse_phases_taken(setup: Setup) -> None:
    """Refuse phases of rules whose names neurons have for something else, before they are written out.

    Raises
    ------
    RuleError
        With the name.
    """
    for rule in setup.rules.values():
        for phase in rule.phases:
            where = f"Rule '{rule.name}', `phases`"
            _refuse(where, phase.name, IN_NEURONS | IN_SYNAPSES, RuleError)
            for model in setup.network.models.values():
                _refuse(where, phase.name, _names_of(model), RuleError, model)


def _set_by(code: str) -> set[str]:
    return {name for name, *_ in changes(code)}


def _refuse_of_steps(
    rule: Rule, hidden: tuple[NeuronModel, Set[str]], output: tuple[NeuronModel, Set[str]]
) -> set[str]:
    """Refuse the variables of a rule's units whose names are taken, and return those of all."""
    found = set[str]()
    ways = (("on_step", rule.on_step, hidden[1], output[0]), ("output_step", rule.output_step, output[1], hidden[0]))
    for field, step, own, other in ways:
        where = f"Rule '{rule.name}', `{field}`"
        named = () if step is None else (*step.state, *(name for name, _ in step.sums))
        for number, name in enumerate(named):
            # Synapses have variables of their own, with which those of neurons are read together.
            before = named[:number]
            _refuse(where, name, {*own, *before, "b", "due"}, RuleError)
            if rule.trains_readout:
                # What a synapse reads of its target is then of either.
                _refuse(where, name, _names_of(other), RuleError, other)
            found.add(name)
    return found


def _refuse_of_neuron(model: NeuronModel, taken: Set[str]) -> None:
    owner = f"Neuron '{model.name}'"
    for name, _ in model.parameters:
        _refuse(f"{owner}, `parameters`", name, taken, ModelError)
        taken |= {name}
    for name, _ in model.noise:
        _refuse(f"{owner}, `noise`", name, taken, ModelError)
        taken |= {name}
    for item in read_equations(model.equations, f"{owner}, `equations`"):
        _refuse(f"{owner}, line {item.line} of `equations`", item.name, taken, ModelError)


def _refuse_in(field: str, rule: Rule, text: str, taken: Iterable[str], by: NeuronModel | None = None) -> None:
    """Refuse the variables and subexpressions of a rule's equations whose names are taken."""
    for item in read_equations(text, f"Rule '{rule.name}', `{field}`", RuleError):
        _refuse(f"Rule '{rule.name}', line {item.line} of `{field}`", item.name, taken, RuleError, by)


def _refuse(
    where: str, name: str, taken: Iterable[str], error: type[WorkbenchError], by: NeuronModel | None = None
) -> None:
    # A rule's author may not know the neuron model.
    owner = "" if by is None else f" by neuron '{by.name}'"
    reason = why_not(name) or (f"is taken{owner}" if name in taken else "")
    if reason:
        raise error(f"{where}: '{name}' {reason}. Choose another name.")


def why_not(name: str) -> str:
    """Return why no author may give a name, whoever owns what it names; empty where he may."""
    if not _NAME.fullmatch(name):
        return "is no name, which has letters, digits and single underscores, and begins with a letter"
    for suffix in SUFFIXES:
        if f"_{name}".endswith(suffix):
            ending = suffix[-len(name) :]
            return f"ends in '{ending}', as the names do by which a synapse reads the variables of others"
    owners = {
        "is a word of Python": keyword.iskeyword(name),
        "is a function": name in DEFAULT_FUNCTIONS,
        "is a unit": name in DEFAULT_UNITS,
        "is kept by Brian2": name in DEFAULT_CONSTANTS or name in OF_BRIAN2 or name.startswith("xi_"),
        "is a word of C++": name in CPP_WORDS,
    }
    return next((reason for reason, holds in owners.items() if holds), "")


def _names_of(model: NeuronModel) -> set[str]:
    return {*model.units(), *_names(model.equations), *(name for name, _ in model.noise)}


def _names(text: str) -> set[str]:
    return {item.name for item in read_equations(text, "")}
