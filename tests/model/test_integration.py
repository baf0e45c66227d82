"""What cannot be integrated, or does not fit, is refused before anything is built."""

from dataclasses import replace

import pytest

from tests.networks import SETUPS, assert_alive, error_of
from workbench.common.errors import ModelError, RuleError, WorkbenchError
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.model.brian2_session import numpy_code
from workbench.model.build import build_model
from workbench.model.setup import Setup
from workbench.model.structure import structure_of
from workbench.testing.case import random_case

SETUP = SETUPS["eprop_1"]


def build(setup: Setup) -> None:
    with numpy_code():
        build_model(setup)


def with_neuron(**changes: str) -> Setup:
    neuron = replace(LIF, **changes)  # type: ignore[arg-type]
    return replace(SETUP, network=replace(SETUP.network, neuron=neuron))


@pytest.mark.parametrize("expression", ["(I - v**2) / tau_mem", "(I - v * I) / tau_mem", "(exp(I) - v) / tau_mem"])
def test_what_is_not_linear_is_not_integrated_exactly(expression: str) -> None:
    setup = with_neuron(equations=f"dv/dt = {expression} : 1\ndI/dt = -I / tau_syn : 1")
    with pytest.raises(ModelError, match=r"is not linear with constant coefficients.*another method, such as 'euler'"):
        build(setup)
    build(replace(setup, network=replace(setup.network, neuron=replace(setup.network.neuron, method="euler"))))


def test_misspelt_method_is_told() -> None:
    with pytest.raises(ModelError, match=r"'eular' is not an integration method. Did you mean 'euler'"):
        build(with_neuron(method="eular"))


def test_g_that_decays_is_refused() -> None:
    rule = replace(SETUP.rule, synapse="dg/dt = -g / tau_syn_readout + error_post * p_pre : second")
    with pytest.raises(
        RuleError, match=r"line 1 of `synapse`: '.*-g / .*' reads 'g', which only adds up until the host takes it"
    ):
        build(replace(SETUP, rule=rule))


@pytest.mark.parametrize("feedback", ["sideways", "none", "symetric"])
def test_feedback_that_is_no_pathway_is_refused(feedback: str) -> None:
    hint = "Did you mean 'symmetric'" if feedback == "symetric" else "There are: 'global_scalar', 'learned'"
    with pytest.raises(RuleError, match=rf"Rule 'eprop': feedback '{feedback}' is none of its pathways. {hint}"):
        build(replace(SETUP, feedback=feedback))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"tau_mem": "-1 ms"}, r"Neuron 'lif': time constant 'tau_mem' must be positive, not -0.001 s"),
        ({"tau_syn": "0 ms"}, r"Neuron 'lif': time constant 'tau_syn' must be positive, not 0 s"),
        ({"tau_mem": 20}, r"lif.tau_mem: '20' is in '1', but 'second' is needed"),
        ({"tau_mem": "20 mV"}, r"lif.tau_mem: '20 mV' is in 'volt', but 'second' is needed"),
        ({"tau_mem": "20 parsec"}, r"lif.tau_mem: '20 parsec' is not a quantity"),
        ({"tau_men": "20 ms"}, r"Neuron 'lif' has no parameter 'tau_men'. Did you mean 'tau_mem'"),
    ],
)
def test_wrong_number_of_a_neuron_is_told(changes: dict[str, str | float], message: str) -> None:
    with pytest.raises(WorkbenchError, match=message):
        LIF.with_parameters(changes)


def test_neuron_spikes_or_has_an_output() -> None:
    with pytest.raises(ModelError, match=r"give `drive` \(it spikes\), `output` \(it is a readout\), or both"):
        NeuronModel(name="neither", equations=LIF.equations)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"hidden": (3, 0)}, "each size in `hidden` must be a whole number from 1, not 0"),
        ({"hidden": 20}, r"`hidden` must be a tuple, each of it a whole number, not 20 .*Write \(20,\)"),
        ({"n_inputs": 2.0}, "`n_inputs` must be a whole number, not 2.0"),
        ({"dt": float("inf")}, "`dt` must be a finite number, not inf"),
        (
            {"dt": 1.0},
            "the length of a step in seconds, must lie above 0 and not above 0.1, not 1. Write 1e-3 for 1 ms",
        ),
        ({"delays": (("hidden1", 1.5),)}, "`delays` must be a tuple, each of it \\(a text, a whole number\\)"),
        ({"n_steps": 0}, "`n_steps` must be a whole number from 1, not 0"),
        ({"dt": -1e-3}, "must lie above 0 and not above 0.1, not -0.001"),
        ({"window": (5, 5)}, r"loss window \(5, 5\) does not lie within the 40 steps"),
        ({"window": (0.02, 0.04)}, r"`window` must be \(a whole number, a whole number\), not"),
        ({"window": (0, 41)}, r"loss window \(0, 41\) does not lie within the 40 steps"),
        ({"readout": LIF}, r"Readout 'lif' has no `output`, which the loss needs"),
    ],
)
def test_wrong_network_is_told(changes: dict[str, object], message: str) -> None:
    with pytest.raises(ModelError, match=message):
        replace(SETUP.network, **changes)  # type: ignore[arg-type]


def test_method_of_a_neuron_is_used() -> None:
    """Euler's steps are near the exact ones, and not the same."""
    exact = random_case(SETUP, count=4, gain=0.8)
    network = replace(exact.setup.network, neuron=replace(LIF, method="euler"), readout=LEAKY_INTEGRATOR)
    stepped = replace(exact, setup=replace(exact.setup, network=network))
    assert structure_of(stepped.setup) != structure_of(exact.setup)
    first, second = exact.record(), stepped.record("numpy")
    assert_alive(first, exact.setup)
    assert 1e-4 < error_of(second.output, first.output) < 1
