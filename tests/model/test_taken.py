"""Two things of one name would overwrite each other in silence, or not: either is refused by name."""

from dataclasses import replace

import pytest

from tests.networks import RULES
from workbench.errors import ModelError, RuleError
from workbench.model.build import build_model
from workbench.model.session import numpy_code
from workbench.model.setup import Setup
from workbench.model.taken import IN_NEURONS, IN_SYNAPSES
from workbench.network import Network
from workbench.neuron import LEAKY_INTEGRATOR, LIF, NeuronModel
from workbench.optimizers import ADAM
from workbench.rule import LearningSignal, Parameter, Rule

RULE = RULES["eprop"]


def build(rule: Rule = RULE, neuron: NeuronModel = LIF, readout: NeuronModel = LEAKY_INTEGRATOR) -> None:
    network = Network(n_inputs=2, hidden=(2, 2), n_outputs=2, neuron=neuron, readout=readout)
    with numpy_code():
        build_model(Setup(network=network, rule=rule, feedback="symmetric", optimizer=ADAM))


def more(text: str, name: str, tau: str) -> str:
    return f"{text}\nd{name}/dt = -{name} / {tau} : 1"


def test_names_of_the_author_are_taken_by_nobody() -> None:
    rule = replace(
        RULE,
        pre=more(RULE.pre, "mine", "tau_mem_post"),
        post="dyours/dt = -yours / tau_mem : 1",
        synapse=more(RULE.synapse, "theirs", "tau_mem_readout"),
    )
    build(rule, replace(LIF, equations=more(LIF.equations, "own", "tau_mem")))


@pytest.mark.parametrize("name", ["v", "I", "v_th", "psi", "error", "relay", "trial", "yours"])
def test_trace_with_the_name_of_a_variable_of_the_neuron(name: str) -> None:
    rule = replace(RULE, pre=more(RULE.pre, name, "tau_mem_post"), post="dyours/dt = -yours / tau_mem : 1")
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 3 of `pre`: '{name}' is taken. Choose another name.$"):
        build(rule)


@pytest.mark.parametrize("name", ["v", "tau_mem", "psi", "error", "learning"])
def test_postsynaptic_variable_with_the_name_of_a_variable_of_the_neuron(name: str) -> None:
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 1 of `post`: '{name}' is taken"):
        build(replace(RULE, post=f"d{name}/dt = -{name} / tau_syn : 1"))


@pytest.mark.parametrize("name", [*sorted(IN_SYNAPSES), "mean", "square", "beta1"])
def test_synaptic_variable_with_the_name_of_the_weight_or_of_an_optimizers_variable(name: str) -> None:
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 4 of `synapse`: '{name}' is taken"):
        build(replace(RULE, synapse=more(RULE.synapse, name, "tau_mem_readout")))


@pytest.mark.parametrize("name", [*sorted(IN_NEURONS), "v_th"])
def test_variable_of_a_neuron_with_a_name_of_the_workbench(name: str) -> None:
    with pytest.raises(ModelError, match=rf"^Neuron 'lif', line 3 of `equations`: '{name}' is taken"):
        build(neuron=replace(LIF, equations=more(LIF.equations, name, "tau_mem")))


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
    build(replace(RULE, synapse=synapse, signal=LearningSignal(name="third", relay="third * psi")))


@pytest.mark.parametrize("name", ["new_h", "input_h", "P_h_k"])
def test_synaptic_variable_with_the_name_of_what_learning_keeps_for_a_moment(name: str) -> None:
    with pytest.raises(RuleError, match=rf"^Rule 'eprop', line 4 of `synapse`: '{name}' is taken"):
        build(replace(RULE, synapse=more(RULE.synapse, name, "tau_mem_readout")))


@pytest.mark.parametrize("name", ["v", "tau_mem", "q", "h", "error", "dt", "factor_post"])
def test_parameter_with_the_name_of_something_else(name: str) -> None:
    parameter = Parameter(name=name, default=1.0, doc="Nothing.")
    with pytest.raises(RuleError, match=rf"^Rule 'eprop': parameter '{name}' has a name that is taken"):
        build(replace(RULE, regularizer=None, parameters=(parameter,)))
    build(replace(RULE, regularizer=None, parameters=(replace(parameter, name="factor"),)))


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
    build(replace(RULE, synapse=synapse, signal=LearningSignal(name="third")))
