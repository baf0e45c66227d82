"""Mistakes in equations are told with the line and the words of whoever wrote them, before anything is built."""

import re
from dataclasses import replace
from typing import Any

import pytest

from tests.networks import RULES, SETUPS
from workbench.common.errors import ModelError, RuleError, WorkbenchError
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF, LINEAR_RATE
from workbench.declare.parameter import Parameter
from workbench.declare.regularizer import Regularizer
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep, WrittenFor
from workbench.model.build import build_model
from workbench.model.checks.setup import check
from workbench.model.setup import Setup

RULE = Rule(
    name="mine",
    title="Mine",
    pre="""dq/dt = -q / tau_syn_post      : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    post="da/dt = (psi - a) / tau_mem : 1",
    synapse="""dh/dt = -h / tau_syn_readout + psi_post * p_pre / dt : 1
               dg/dt = error_post * h * exp(-a_post) : second""",
    signal=LearningSignal(feedback="random_chained", relay="error * psi"),
)

SLOW = replace(LIF, name="slow")

#: Field of the rule and its text -> what is said about it.
RULE_MISTAKES = {
    ("synapse", "dg/dt = error_post * psi_post * p_pre : 1"): (
        "line 1 of `synapse`: 'error_post * psi_post * p_pre' has unit 1, but 'dg/dt' with 'g : 1' needs hertz. "
        "Declare 'g : second', or mend the expression."
    ),
    ("synapse", "dh/dt = psi_post * p_pre : 1\ndg/dt = error_post * h : second"): (
        "line 1 of `synapse`: 'psi_post * p_pre' has unit 1, but 'dh/dt' with 'h : 1' needs hertz."
    ),
    ("synapse", "dg/dt = error_post / tau_mem_post : 1"): (
        "`synapse`: 'g' is in 1, but must be in second; the host divides by time."
    ),
    ("synapse", "dg/dt = eror_post * p_pre : second"): (
        "line 1 of `synapse`: 'eror_post * p_pre' reads 'eror_post', which nothing defines. Did you mean 'error_post'?"
    ),
    ("synapse", "dg/dt = v_pre : second"): "line 1 of `synapse`: 'v_pre' reads 'v_pre', which nothing defines.",
    ("synapse", "dg/dt = p_pre + tau_mem_post : second"): "line 1 of `synapse`: Expression 'p_pre + tau_mem_post' uses",
    ("synapse", "dg/dt = exq(p_pre) : second"): "line 1 of `synapse`: Unknown function exq",
    ("synapse", "dg/dt = p_pre * : second"): "`synapse`, line 1: 'p_pre *' is not an expression (invalid syntax).",
    ("pre", "dq/dt = -q : 1\ndp/dt = (q - p) / tau_mem_post : 1"): (
        "line 1 of `pre`: '-q' has unit 1, but 'dq/dt' with 'q : 1' needs hertz. Declare 'q : second'"
    ),
    ("pre", "dq/dt = -q / tau_syn_post : 1\ndp/dt = (q - p) / tau_men_post : 1"): (
        "line 2 of `pre`: '(q - p) / tau_men_post' reads 'tau_men_post', which nothing defines. "
        "Did you mean 'tau_mem_post'?"
    ),
    ("pre_on_spike", "r += 1"): "line 1 of `pre_on_spike`: sets 'r', which is not its own. There are: 'p', 'q'.",
    ("pre_on_spike", "q += 1\np += r"): "line 2 of `pre_on_spike`: 'p + (r)' reads 'r', which nothing defines.",
    ("pre_on_spike", "q +== 1"): "line 1 of `pre_on_spike`: 'q +== 1' is not a statement of the form 'x = ...'",
    ("pre_on_spike", "q **= 2"): "line 1 of `pre_on_spike`: 'q **= 2' is not a statement of the form 'x = ...'",
    ("post", "da/dt = -a / tau_men : 1"): (
        "line 1 of `post`: '-a / tau_men' reads 'tau_men', which nothing defines. Did you mean 'tau_mem'?"
    ),
    ("signal", LearningSignal(relay="eror * psi")): (
        "line 1 of `relay`: 'eror * psi' reads 'eror', which nothing defines. Did you mean 'error'?"
    ),
}

NEURON_MISTAKES = {
    ("equations", "dv/dt = (I - v) / tau_mem : 1\ndI/dt = -I : 1"): (
        "line 2 of `equations`: '-I' has unit 1, but 'dI/dt' with 'I : 1' needs hertz."
    ),
    ("equations", "dv/dt = -v / tau_mem : 1"): "`equations`: 'I' must be defined, which collects what arrives",
    ("drive", "v - theta"): "line 1 of `drive`: 'v - theta' reads 'theta', which nothing defines.",
    ("equations", "leak = I - v : volt\ndv/dt = leak / tau_mem : 1\ndI/dt = -I / tau_syn : 1"): (
        "line 1 of `equations`: 'I - v' has unit 1, but 'leak' is declared in 'volt'. Declare 'leak = ... : 1'"
    ),
    ("equations", "leak = I - u : 1\ndv/dt = leak / tau_mem : 1\ndI/dt = -I / tau_syn : 1"): (
        "line 2 of `equations`: '(I - u) / tau_mem' reads 'u', which nothing defines."
    ),
    ("equations", "dv/dt = (I - v) / (20*mV) : 1\ndI/dt = -I / tau_syn : 1"): (
        "line 1 of `equations`: '(I - v) / (20*mV)' has unit"
    ),
    ("drive", "v -"): "line 1 of `drive`: 'v -' is not an expression (invalid syntax).",
    (
        "drive",
        "v > v_th",
    ): "`drive`: 'v > v_th' is a condition, and a number is needed, which is compared with 0.",
    ("drive", "not v > v_th"): "`drive`: 'not v > v_th' is a condition, and a number is needed, which is",
    ("drive", "v^2 - v_th"): "line 1 of `drive`: 'v ^ 2 - v_th' has '^', which is no power. Write '**'",
    ("reset", "u -= v_th"): "line 1 of `reset`: sets 'u', which is not its own. There are: 'I', 'v'.",
    ("reset", "v = tau_mem"): "line 1 of `reset`: 'v = tau_mem' sets 'v' in 1 to a second.",
}


def a_setup(rule: Rule = RULE, **network: object) -> Setup:
    return Setup(
        network=Network(n_inputs=1, hidden=(1, 1), n_outputs=1, n_steps=1, **network),  # type: ignore[arg-type]
        rule=rule,
        feedback="random_chained",
    )


@pytest.mark.parametrize("name", SETUPS)
def test_what_is_right_is_not_refused_and_is_so_with_one_letter_else(name: str) -> None:
    setup = SETUPS[name]
    check(setup)
    for role in ("neuron", "readout"):
        model = getattr(setup.network, role)
        misspelt = replace(model, equations=model.equations.replace("/ tau_mem", "/ tau_men"))
        network: dict[str, Any] = {role: misspelt}
        with pytest.raises(ModelError, match=r"reads 'tau_men', which nothing defines\. Did you mean 'tau_mem'\?"):
            check(replace(setup, network=replace(setup.network, **network)))


def test_rule_that_uses_every_field_is_not_refused() -> None:
    rule = replace(
        RULE,
        on_step=OnStep(code="left = a + factor", state=("left",)),
        output_step=OnStep(code="handed = factor * error", state=("handed",)),
        signal=LearningSignal(source="handed", feedback="random_chained", relay="error * psi * left"),
        regularizer=Regularizer(
            strength="factor", post="dr/dt = (psi - r) / tau_mem : 1", synapse="r_post * left_post"
        ),
        parameters=(Parameter(name="factor", default=0.5, doc="Some number."),),
    )
    empty = Rule(name="empty", title="Empty", engine="none")
    fields = ("pre", "pre_on_spike", "post", "on_step", "output_step", "synapse", "signal", "regularizer", "parameters")
    assert all(getattr(rule, field) != getattr(empty, field) for field in fields)
    check(a_setup(rule))
    with pytest.raises(RuleError, match=r"reads 'factor', which nothing defines"):
        check(a_setup(replace(rule, regularizer=None, parameters=())))


@pytest.mark.parametrize(("mistake", "message"), RULE_MISTAKES.items(), ids=[str(key) for key in RULE_MISTAKES])
def test_mistake_of_a_rule(mistake: tuple[str, object], message: str) -> None:
    rule = replace(RULE, **{mistake[0]: mistake[1]})  # type: ignore[arg-type]
    with pytest.raises(RuleError, match=f"^Rule 'mine', {re.escape(message)}"):
        check(a_setup(rule))


@pytest.mark.parametrize(("mistake", "message"), NEURON_MISTAKES.items(), ids=[str(key) for key in NEURON_MISTAKES])
def test_mistake_of_a_neuron_model(mistake: tuple[str, str], message: str) -> None:
    with pytest.raises(ModelError, match=f"^Neuron 'slow', {re.escape(message)}"):
        check(a_setup(neuron=replace(SLOW, **{mistake[0]: mistake[1]})))  # type: ignore[arg-type]


def test_mistake_of_a_readout() -> None:
    readout = replace(LEAKY_INTEGRATOR, name="slow", output="u")
    with pytest.raises(
        ModelError, match=r"^Neuron 'slow': `output` is 'u', which nothing defines. There are: 'I', 'v'"
    ):
        check(a_setup(readout=readout))


def test_pathway_that_a_neuron_model_cannot_serve() -> None:
    setup = replace(a_setup(neuron=LINEAR_RATE), feedback="local_readout")
    with pytest.raises(RuleError, match=r"^Rule 'mine': Feedback 'local_readout' reads spikes, and neuron 'linear_r"):
        check(setup)
    check(replace(setup, feedback="random_direct"))


STEP_MISTAKES = {
    OnStep(code="left = 1"): "line 1 of `on_step`: sets 'left', which is not its own.",
    OnStep(code="left = 1", state=("lefft",)): "sets 'left', which is not its own. Did you mean 'lefft'?",
    OnStep(code="v = 2 * dt", writes=("v",)): "line 1 of `on_step`: 'v = 2 * dt' sets 'v' in 1 to a second.",
    OnStep(code="v = 0 * left", writes=("v",)): "'0 * left' reads 'left', which nothing defines.",
    OnStep(code="v = 0", writes=("vv",)): "`on_step` writes 'vv', which is not of the neuron. Did you mean 'v'?",
    OnStep(code="x = rand()", state=("x",)): "draws random numbers by 'rand'.",
    OnStep(code="psi = 1", state=("psi",)): "`on_step`: 'psi' is taken.",
    OnStep(code="signed = 1", state=("signed",)): "`on_step`: 'signed' is a word of C++.",
}


@pytest.mark.parametrize(("step", "message"), STEP_MISTAKES.items(), ids=[key.code for key in STEP_MISTAKES])
def test_mistake_of_what_neurons_do_in_each_step(step: OnStep, message: str) -> None:
    with pytest.raises(RuleError, match=re.escape(message)):
        check(a_setup(replace(RULE, on_step=step)))


def test_source_of_a_signal_is_a_state_of_the_outputs() -> None:
    signal = LearningSignal(source="spiks")
    outputs = OnStep(code="spikes = error", state=("spikes",))
    with pytest.raises(RuleError, match=r"comes from 'spiks', no state of its `output_step`\. Did you mean 'spikes'"):
        check(a_setup(replace(RULE, signal=signal, output_step=outputs)))
    check(a_setup(replace(RULE, signal=replace(signal, source="spikes"), output_step=outputs)))


def test_wanted_spikes_need_a_readout_that_spikes() -> None:
    with pytest.raises(ModelError, match=r"^The task wants spikes, and readout 'leaky_integrator' has none\. Set netw"):
        check(replace(a_setup(), targets="spikes"))


def test_rule_in_another_network_than_it_is_written_for() -> None:
    """Told before what it reads of the neurons that it is written for, which are not there."""
    own = replace(RULES["eprop"], written_for=WrittenFor(neuron="alif"), synapse="dg/dt = b_post * p_pre : second")
    with pytest.raises(RuleError, match="Rule 'eprop': It is written for neuron 'alif', and the network has 'lif'"):
        check(a_setup(own))


def test_rule_that_trains_the_readout_reads_what_outputs_have() -> None:
    text = "dg/dt = error_post * p_pre : second"
    own = replace(RULE, trains_readout=True, post="", synapse=text, signal=LearningSignal())
    setup = a_setup(own)
    check(setup)
    with pytest.raises(RuleError, match="reads 'psi_post', which nothing defines"):
        check(a_setup(replace(own, synapse=text.replace("error_post", "error_post * psi_post"))))
    check(replace(setup, network=replace(setup.network, recurrent=True)))


def test_nothing_is_built_of_what_is_refused() -> None:
    with pytest.raises(WorkbenchError, match="line 1 of `synapse`"):
        build_model(a_setup(replace(RULE, synapse="dg/dt = error_post * psi_post * p_pre : 1")))


#: Fields of a neuron model with the units of a real membrane -> what is said about them.
VOLTS = "dv/dt = (R * I - v) / tau_mem : volt\ndI/dt = -I / tau_syn : 1"
UNIT_MISTAKES = {
    ("equations", "dv/dt = (I / C - v) / tau_mem : volt\ndI/dt = -I / tau_syn : amp", "drive"): (
        "`equations`: 'I' is in amp, but must be in 1; weights have no unit, so give it one where it is read."
    ),
    ("equations", VOLTS, "drive"): (
        "`drive`: 'v - theta' is in volt, but must be in 1; surrogates have no unit, so divide it by a parameter that "
        "has this one."
    ),
    ("equations", VOLTS, "output"): (
        "`equations`: the output 'v' is in volt, but must be in 1; losses have no unit, so divide its equation by a "
        "parameter that has this one."
    ),
}


@pytest.mark.parametrize(("mistake", "message"), UNIT_MISTAKES.items(), ids=[key[2] for key in UNIT_MISTAKES])
def test_unit_that_weights_surrogates_or_losses_do_not_have(mistake: tuple[str, str, str], message: str) -> None:
    _, equations, role = mistake
    parameters: tuple[tuple[str, str | float], ...] = (
        ("tau_mem", "20 ms"), ("tau_syn", "5 ms"), ("R", "1 mV"), ("C", "1 nS"), ("theta", "15 mV"), ("wide", "1 mV")
    )  # fmt: skip
    spiking = NeuronModel(
        name="slow", equations=equations, drive="v - theta", reset="v = 0 * theta", parameters=parameters
    )
    if role == "output":
        setup = a_setup(readout=replace(spiking, drive="", reset="", output="v"))
    else:
        setup = a_setup(neuron=spiking)
    with pytest.raises(ModelError, match=f"^Neuron 'slow', {re.escape(message)}$"):
        check(setup)
    if role == "drive" and "volt" in message:
        check(a_setup(neuron=replace(spiking, drive="(v - theta) / wide")))


@pytest.mark.parametrize(
    ("field", "text"),
    [("synapse", "dg/dt = error_post * rand() : second"), ("pre_on_spike", "q += randn()"), ("reset", "v = rand()")],
)
def test_random_numbers_in_equations(field: str, text: str) -> None:
    setup = a_setup(neuron=replace(SLOW, reset=text)) if field == "reset" else a_setup(replace(RULE, **{field: text}))  # type: ignore[arg-type]
    with pytest.raises(WorkbenchError, match=rf"line 1 of `{field}`: .* draws random numbers by 'randn?'. Noise belo"):
        check(setup)
