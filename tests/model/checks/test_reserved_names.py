"""Two things of one name would overwrite each other in silence, or not: either is refused by name."""

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from brian2 import Synapses

from tests.networks import RULES, SETUPS
from workbench.common.errors import ModelError, RuleError
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import ALIF, LEAKY_INTEGRATOR, LIF
from workbench.declare.optimizer import ADAM, Optimizer
from workbench.declare.options import Form
from workbench.declare.parameter import Parameter
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.declare.surrogate import Surrogate
from workbench.engine.compiled.generate import generate
from workbench.model.brian2_session import numpy_code
from workbench.model.build import build_model
from workbench.model.checks.reserved_names import IN_NEURONS, IN_SYNAPSES, why_not
from workbench.model.checks.setup import check
from workbench.model.setup import Setup
from workbench.text.equations import parse_differential
from workbench.text.syntax import identifiers

RULE = RULES["eprop"]


def setup_of(rule: Rule = RULE, neuron: NeuronModel = LIF, readout: NeuronModel = LEAKY_INTEGRATOR) -> Setup:
    """Return a setup of the form in which each variable is one of a group."""
    network = Network(n_inputs=2, hidden=(2, 2), n_outputs=2, neuron=neuron, readout=readout)
    return Setup(network=network, rule=rule, feedback="symmetric", optimizer=ADAM, form="clock")


def build(rule: Rule = RULE, neuron: NeuronModel = LIF, readout: NeuronModel = LEAKY_INTEGRATOR) -> dict[str, Any]:
    """Return the groups of a network."""
    with numpy_code():
        return build_model(setup_of(rule, neuron, readout)).parts.groups


def more(text: str, name: str, tau: str) -> str:
    return f"{text}\nd{name}/dt = -{name} / {tau} : 1"


def test_names_of_the_author_are_taken_by_nobody() -> None:
    rule = replace(
        RULE,
        pre=more(RULE.pre, "mine", "tau_mem_post"),
        post="dyours/dt = -yours / tau_mem : 1",
        synapse=more(RULE.synapse, "theirs", "tau_mem_readout"),
    )
    groups = build(rule, replace(LIF, equations=more(LIF.equations, "own", "tau_mem")))
    assert {"mine", "yours", "own"} <= groups["hidden1"].variables.keys()
    assert "theirs" in groups["w_hidden2"].variables


@pytest.mark.parametrize("name", ["v", "I", "v_th", "psi", "error", "relay", "trial", "yours"])
def test_trace_with_the_name_of_a_variable_of_the_neuron(name: str) -> None:
    rule = replace(RULE, pre=more(RULE.pre, name, "tau_mem_post"), post="dyours/dt = -yours / tau_mem : 1")
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 3 of `pre`: '{name}' is taken. Choose another name.$"):
        build(rule)


@pytest.mark.parametrize("name", ["v", "tau_mem", "psi", "error", "learning"])
def test_postsynaptic_variable_with_the_name_of_a_variable_of_the_neuron(name: str) -> None:
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 1 of `post`: '{name}' is taken"):
        build(replace(RULE, post=f"d{name}/dt = -{name} / tau_syn : 1"))


@pytest.mark.parametrize("name", [*sorted(IN_SYNAPSES - {"g"}), "mean", "square", "beta1", "p", "psi"])
def test_synaptic_variable_with_the_name_of_the_weight_or_of_an_optimizers_variable(name: str) -> None:
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 4 of `synapse`: '{name}' is taken"):
        build(replace(RULE, synapse=more(RULE.synapse, name, "tau_mem_readout")))


@pytest.mark.parametrize("name", [*sorted(IN_NEURONS), "v_th"])
def test_variable_of_a_neuron_with_a_name_of_the_workbench(name: str) -> None:
    with pytest.raises(ModelError, match=rf"^Neuron 'lif', line 3 of `equations`: '{name}' is taken"):
        build(neuron=replace(LIF, equations=more(LIF.equations, name, "tau_mem")))


#: Synapses read what their target has without a suffix too, and would set it in the place of their own.
OF_SYNAPSES = [*sorted(IN_SYNAPSES), "mean", "square", "beta1"]


@pytest.mark.parametrize("name", OF_SYNAPSES)
def test_what_neurons_have_with_the_name_of_what_their_synapses_have(name: str) -> None:
    with pytest.raises(ModelError, match=rf"^Neuron 'lif', line 3 of `equations`: '{name}' is taken\."):
        check(setup_of(neuron=replace(LIF, equations=more(LIF.equations, name, "tau_mem"))))
    with pytest.raises(ModelError, match=rf"^Neuron 'lif', `parameters`: '{name}' is taken\."):
        check(setup_of(neuron=replace(LIF, parameters=(*LIF.parameters, (name, 1.0)))))
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 3 of `pre`: '{name}' is taken\."):
        check(setup_of(replace(RULE, pre=more(RULE.pre, name, "tau_mem_post"))))
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', `on_step`: '{name}' is taken\."):
        check(setup_of(replace(RULE, on_step=OnStep(code=f"{name} = 1", state=(name,)))))


@pytest.mark.parametrize("name", ["beta1", "mean", "step", "learning_rate"])
def test_number_of_a_rule_may_have_a_name_of_the_optimizer(name: str) -> None:
    text = f"dg/dt = {name} * error_post * q_pre : second"
    parameters = (Parameter(name=name, default=0.5, doc="Some number."),)
    groups = build(replace(READER, parameters=parameters, synapse=text))
    learnt = next(item for item in groups["w_hidden1"].contained_objects if "_learn" in item.name)
    assert identifiers(learnt.abstract_code.partition("g = ")[2]) >= {f"synapse__rule__{name}", "error_post"}


@pytest.mark.parametrize("feedback", ["random_chained", "sign_symmetric", "learned", "random_direct"])
def test_what_neurons_have_with_the_name_of_feedback_weights(feedback: str) -> None:
    neuron = replace(LIF, parameters=(*LIF.parameters, ("b", 1.0)))
    check(setup_of(neuron=neuron))
    with pytest.raises(ModelError, match=r"^Neuron 'lif', `parameters`: 'b' is taken\."):
        check(replace(setup_of(neuron=neuron), feedback=feedback))


def test_synaptic_variable_with_the_name_of_a_variable_of_the_neuron() -> None:
    gated = replace(LIF, name="gated", equations=more(LIF.equations, "h", "tau_mem"))
    with pytest.raises(RuleError, match=r"^Rule 'eprop', line 1 of `synapse`: 'h' is taken by neuron 'gated'\."):
        check(setup_of(neuron=gated))
    # What is of outputs alone is read by no synapse that learns by this rule.
    check(setup_of(readout=replace(LEAKY_INTEGRATOR, equations=more(LEAKY_INTEGRATOR.equations, "h", "tau_mem"))))


@pytest.mark.parametrize("name", ["loss", "target", "tau_mem"])
def test_variable_of_a_readout_with_a_name_of_the_workbench(name: str) -> None:
    readout = replace(LEAKY_INTEGRATOR, equations=more(LEAKY_INTEGRATOR.equations, name, "tau_syn"))
    with pytest.raises(ModelError, match=rf"^Neuron 'leaky_integrator', line 3 of `equations`: '{name}' is taken"):
        build(readout=readout)


@pytest.mark.parametrize("name", ["v", "psi", "relay", "tau_mem"])
def test_signal_with_the_name_of_a_variable_of_the_neuron(name: str) -> None:
    synapse = RULE.synapse.replace("error_post", f"{name}_post")
    signal = LearningSignal(name=name, relay="psi")
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', `signal`: '{name}' is taken. Choose another name"):
        build(replace(RULE, synapse=synapse, signal=signal))


def test_signal_may_have_another_name() -> None:
    synapse = RULE.synapse.replace("error_post", "third_post")
    signal = LearningSignal(name="third", relay="third * psi")
    assert "third" in build(replace(RULE, synapse=synapse, signal=signal))["hidden1"].variables


@pytest.mark.parametrize("name", ["new_h", "P_h_k", "trace_v", "rule_x"])
def test_names_that_the_workbench_makes_from_others_are_none_that_an_author_may_want(name: str) -> None:
    assert name in build(replace(RULE, synapse=more(RULE.synapse, name, "tau_mem_readout")))["w_hidden1"].variables
    assert name in build(replace(RULE, pre=more(RULE.pre, name, "tau_mem_post")))["hidden1"].variables
    assert name in build(neuron=replace(LIF, equations=more(LIF.equations, name, "tau_mem")))["hidden1"].variables


@pytest.mark.parametrize("name", ["v", "tau_mem", "q", "h", "error", "w", "elapsed"])
def test_parameter_with_the_name_of_something_else(name: str) -> None:
    parameter = Parameter(name=name, default=1.0, doc="Nothing.")
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', `parameters`: '{name}' is taken. Choose another name"):
        build(replace(RULE, regularizer=None, parameters=(parameter,)))
    other = build(replace(RULE, regularizer=None, parameters=(replace(parameter, name="factor"),)))
    assert "rule__factor" in other["hidden1"].variables


#: A rule that reads, wherever one may, what is called `mine`.
READER = Rule(
    name="reader",
    title="Reader",
    pre="dq/dt = -q / tau_mem_post : 1",
    post="da/dt = (psi - a) / tau_mem : 1",
    on_step=OnStep(code="u = a", state=("u",)),
    output_step=OnStep(code="o = error", state=("o",)),
    synapse="dg/dt = error_post * q_pre : second",
    signal=LearningSignal(),
)
NUMBER = (Parameter(name="mine", default=2.0, doc="Some number."),)
#: A readout with a number, a variable or a subexpression of that name.
READOUTS = {
    "number": replace(LEAKY_INTEGRATOR, name="own", parameters=(*LEAKY_INTEGRATOR.parameters, ("mine", 3.0))),
    "variable": replace(LEAKY_INTEGRATOR, name="own", equations=more(LEAKY_INTEGRATOR.equations, "mine", "tau_mem")),
    "subexpression": replace(LEAKY_INTEGRATOR, name="own", equations=f"{LEAKY_INTEGRATOR.equations}\nmine = v : 1"),
}
#: What a rule says of the same name, of outputs too, and where; what it says of hidden neurons alone is of nobody else.
OF_OUTPUTS = {
    "`parameters`": {"parameters": NUMBER, "output_step": OnStep(code="o = error * mine", state=("o",))},
    "`output_step`": {"output_step": OnStep(code="mine = error", state=("mine",))},
    "line 1 of `post`": {"trains_readout": True, "post": "dmine/dt = -mine / tau_mem : 1", "on_step": None},
    "`on_step`": {"trains_readout": True, "post": "", "on_step": OnStep(code="mine = psi", state=("mine",))},
}


@pytest.mark.parametrize("of_readout", READOUTS)
@pytest.mark.parametrize(("where", "fields"), OF_OUTPUTS.items(), ids=OF_OUTPUTS)
def test_what_a_rule_says_of_outputs_with_a_name_of_the_readout(
    where: str, fields: dict[str, Any], of_readout: str
) -> None:
    by = "" if where == "`output_step`" else " by neuron 'own'"
    rule = replace(READER, **fields)
    with pytest.raises(RuleError, match=rf"^Rule 'reader', {where}: 'mine' is taken{by}\. Choose another name\.$"):
        check(setup_of(rule, readout=READOUTS[of_readout]))
    check(setup_of(rule))


def test_output_step_of_a_rule_that_trains_the_readout_with_a_name_of_hidden_neurons() -> None:
    # A synapse that reads `a_post` would find the neuron's in one layer, and the rule's in the other.
    rule = replace(READER, trains_readout=True, post="", on_step=None)
    rule = replace(rule, output_step=OnStep(code="a = error", state=("a",)))
    with pytest.raises(RuleError, match=r"^Rule 'reader', `output_step`: 'a' is taken by neuron 'alif'\."):
        build(rule, ALIF)
    assert "a" in build(rule)["readout"].variables
    assert "a" in build(replace(rule, trains_readout=False), ALIF)["readout"].variables


def test_number_of_a_rule_that_says_nothing_of_outputs_may_have_a_name_of_the_readout() -> None:
    rule = replace(READER, output_step=None, parameters=NUMBER, synapse="dg/dt = mine * error_post * q_pre : second")
    groups = build(rule, readout=READOUTS["number"])
    assert "mine" in groups["readout"].variables
    assert {"mine_readout", "synapse__rule__mine"} <= groups["w_hidden1"].variables.keys()


#: Subexpressions stand in the place of their names in the other equations, so that they may have nobody else's.
SUBEXPRESSIONS = {
    "tau_mem": "is taken",
    "psi": "is taken",
    "mine": "is taken",
    "dt": "is kept by Brian2",
    "ms": "is a unit",
    "exp": "is a function",
    "x_post": "ends in '_post'",
}


def of_rule(field: str, line: str) -> Rule:
    """Return a rule with a line before the others of a field."""
    texts: dict[str, Any] = {field: f"{line}\n{getattr(READER, field)}"}
    return replace(READER, **texts)


@pytest.mark.parametrize(("name", "reason"), SUBEXPRESSIONS.items())
@pytest.mark.parametrize("field", ["pre", "post", "equations"])
def test_subexpression_with_the_name_of_something_else(field: str, name: str, reason: str) -> None:
    neuron = replace(LIF, parameters=(*LIF.parameters, ("mine", 2.0)))

    def with_subexpression(name: str) -> tuple[Rule, NeuronModel]:
        line = f"{name} = 7 * ms : second"
        if field == "equations":
            return READER, replace(neuron, equations=f"{line}\n{neuron.equations}")
        return of_rule(field, line), neuron

    with pytest.raises((RuleError, ModelError), match=rf"line 1 of `{field}`: '{name}' {reason}"):
        check(setup_of(*with_subexpression(name)))
    check(setup_of(*with_subexpression("lasting")))


@pytest.mark.parametrize("name", ["x_post", "dt", "ms", "w", "gradient", "step", "mean", "beta1"])
def test_subexpression_of_a_synapse_with_the_name_of_something_else(name: str) -> None:
    with pytest.raises(RuleError, match=rf"^Rule 'reader', line 1 of `synapse`: '{name}' "):
        check(setup_of(of_rule("synapse", f"{name} = q_pre : 1")))


@pytest.mark.parametrize("field", ["pre", "post", "synapse"])
def test_number_of_a_rule_with_the_name_of_its_own_subexpression(field: str) -> None:
    rule = of_rule(field, "mine = 7 * ms : second")
    with pytest.raises(RuleError, match=r"^Rule 'reader', `parameters`: 'mine' is taken\. Choose another name\."):
        check(setup_of(replace(rule, parameters=NUMBER)))
    check(setup_of(rule))


#: What no author may call anything, and why.
FORBIDDEN = {
    "x_post": "ends in '_post'",
    "x_pre": "ends in '_pre'",
    "tau_readout": "ends in '_readout'",
    "pre": "ends in 'pre'",
    "post": "ends in 'post'",
    "x__y": "is no name",
    "_x": "is no name",
    "x_": "is no name",
    "exp": "is a function",
    "int": "is a function",
    "mV": "is a unit",
    "second": "is a unit",
    "amp": "is a unit",
    "e": "is kept by Brian2",
    "t": "is kept by Brian2",
    "dt": "is kept by Brian2",
    "N": "is kept by Brian2",
    "lastspike": "is kept by Brian2",
    "xi_1": "is kept by Brian2",
    "variables": "is kept by Brian2",
    "double": "is a word of C++",
    "new": "is a word of C++",
    "INFINITY": "is a word of C++",
    "M_PI": "is a word of C++",
    "int32_t": "is a word of C++",
    "xor": "is a word of C++",
}


@pytest.mark.parametrize(("name", "reason"), FORBIDDEN.items())
def test_names_that_nobody_may_give(name: str, reason: str) -> None:
    told = rf"'{name}' {re.escape(reason)}.*\. Choose another name.$"
    tau = "tau_mem"
    with pytest.raises(ModelError, match=rf"^Neuron 'lif', line 3 of `equations`: {told}"):
        build(neuron=replace(LIF, equations=more(LIF.equations, name, tau)))
    with pytest.raises(ModelError, match=rf"^Neuron 'lif', `parameters`: {told}"):
        build(neuron=replace(LIF, parameters=(*LIF.parameters, (name, 1.0))))
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', `parameters`: {told}"):
        build(replace(RULE, regularizer=None, parameters=(Parameter(name=name, default=1.0, doc="Nothing."),)))
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 1 of `post`: {told}"):
        build(replace(RULE, post=f"d{name}/dt = -{name} / {tau} : 1"))
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 4 of `synapse`: {told}"):
        build(replace(RULE, synapse=more(RULE.synapse, name, "tau_mem_readout")))
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 3 of `pre`: {told}"):
        build(replace(RULE, pre=more(RULE.pre, name, "tau_mem_post")))
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', `on_step`: {told}"):
        build(replace(RULE, on_step=OnStep(code="", state=(name,))))
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', `signal`: {told}"):
        build(replace(RULE, signal=LearningSignal(name=name, relay="psi")))


@pytest.mark.parametrize("form", ["clock", "causal"])
@pytest.mark.parametrize("name", ["eprop_2", "dcll_2", "sign_symmetric_2", "delayed_2", "learned_2", "trains_1"])
def test_every_variable_beside_the_authors_own_is_listed(name: str, form: Form) -> None:
    setup = replace(SETUPS[name], form=form, forced_capacity=4)
    rule = setup.rule
    with numpy_code():
        groups = build_model(setup).parts.groups
    models = (setup.network.neuron, setup.network.readout)
    own = {*(state for model in models for state in (*model.units(), *_states(model.equations)))}
    own |= _states(rule.pre) | _states(rule.post) | ({rule.signal.name} if rule.signal else set())
    for layer in ("inputs", *setup.network.layers):
        for variable in groups[layer].variables:
            if "__" not in variable and not variable.startswith("_") and variable not in own:
                assert variable in IN_NEURONS or why_not(variable), f"nobody is kept from '{variable}' in '{layer}'"
    of_optimizer = {*setup.optimizer.state, *dict(setup.optimizer.parameters)}
    for layer in setup.network.layers:
        synapses = groups[f"w_{layer}"]
        held = set(synapses.variables) - _states(rule.synapse) - of_optimizer
        if form == "clock" and isinstance(synapses, Synapses):
            held -= {"g"} | set(synapses.source.variables) | set(synapses.target.variables)
            assert {v for v in held if "__" not in v and not v.startswith("_") and not why_not(v)} <= IN_SYNAPSES


def _states(text: str) -> set[str]:
    return {item.name for item in parse_differential(text, "")}


@pytest.mark.skipif(shutil.which("g++") is None, reason="there is no compiler")
def test_every_word_that_headers_replace_is_listed(tmp_path: Path) -> None:
    generate(SETUPS["trains_1"], tmp_path)
    command = ["g++", "-std=c++17", "-E", "-dM", "-I.", "-Ibrianlib", "merged.cpp"]
    told = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    words = {found[1] for found in re.finditer(r"^#define ([A-Za-z]\w*)(?=\s|$)", told, re.MULTILINE)}
    assert {"INFINITY", "M_PI"} <= words
    assert {word for word in words if not why_not(word)} == set()


@pytest.mark.parametrize("name", ["random", "bptt_constant", "shuffled", "own_loss"])
def test_rule_with_the_name_of_a_row_of_every_comparison(name: str) -> None:
    with pytest.raises(RuleError, match=rf"^Rule '{name}': the name is taken by a row of every comparison"):
        replace(RULE, name=name)


def test_signal_that_comes_by_no_pathway() -> None:
    with pytest.raises(
        RuleError, match=r"a learning signal cannot come by feedback 'none'. There are: 'global_scalar'"
    ):
        replace(RULE, signal=LearningSignal(feedback="none"))


def test_what_is_relayed_by_default_is_the_signal_times_psi() -> None:
    assert LearningSignal(name="third").relay == "third * psi"
    synapse = RULE.synapse.replace("error_post", "third_post")
    groups = build(replace(RULE, synapse=synapse, signal=LearningSignal(name="third")))
    assert "third" in groups["hidden1"].variables


@pytest.mark.parametrize("name", ["i", "dt", "exp", "slope__", "int", "tau_post"])
def test_number_of_a_surrogate_with_a_name_that_is_taken_is_refused(name: str) -> None:
    text = f"exp(-{name} * abs(drive))" if name not in {"exp", "int"} else "exp(-abs(drive))"
    own = Surrogate(name="own", derivative=text, primitive="drive", parameters=((name, 2.0),))
    setup = setup_of()
    with pytest.raises(ModelError, match=rf"Surrogate 'own', `parameters`: '{name}' .*\. Choose another name\."):
        check(replace(setup, network=replace(setup.network, surrogate=own)))
    free = Surrogate(name="own", derivative="exp(-slope * abs(drive))", primitive="drive", parameters=(("slope", 2.0),))
    check(replace(setup, network=replace(setup.network, surrogate=free)))


@pytest.mark.parametrize("name", ["w", "g", "learning_rate", "t", "b", "mean_pre"])
def test_variable_of_an_optimizer_with_a_name_that_is_taken_is_refused(name: str) -> None:
    own = Optimizer(name="own", code=f"{name} = {name} + gradient\nstep = {name}", state=(name,))
    with pytest.raises(ModelError, match=rf"Optimizer 'own': '{name}' .*\. Choose another name\."):
        check(replace(setup_of(), optimizer=own))
    free = Optimizer(name="own", code="summed = summed + gradient\nstep = summed", state=("summed",))
    check(replace(setup_of(), optimizer=free))
