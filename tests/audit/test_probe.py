"""What a probe finds, measured: every number there, or NaN with its reason."""

import math
from dataclasses import replace

import numpy as np
import pytest

from tests.networks import RATE, RULES, SETUPS, setup_for
from workbench.audit.alignment.against_exact import measure
from workbench.audit.alignment.comparison import compare
from workbench.audit.gradients import estimate, exact_gradient
from workbench.audit.probe import Probe, probe
from workbench.common.errors import ModelError, SimulationError
from workbench.declare.loss import CROSS_ENTROPY
from workbench.declare.measured import Measured
from workbench.declare.optimizer import ADAM
from workbench.declare.references import EXACT_GRADIENTS
from workbench.measures.alignment import relative_error
from workbench.reference.bptt import reference
from workbench.testing.case import Case, random_case

#: What is known without an estimate.
OF_THE_REFERENCE = {"ceiling", "gradient_norm", "reference_variance"}
MEASURES = OF_THE_REFERENCE | {
    "cosine", "magnitude", "sign_agreement", "cosine_step", "cosine_per_trial", "bias", "variance",
}  # fmt: skip


def looked_at(case: Case) -> Probe:
    return probe(case.simulator(), reference(case.setup), case.state, case.trials)


def measured(case: Case, result: Probe, seed: int = 0) -> dict[tuple[str, str, str], Measured]:
    simulator = replace(case.simulator(), setup=replace(case.setup, optimizer=ADAM))
    rows = measure(result, simulator, case.state, np.random.default_rng(seed))
    found = {(layer, name, against): value for layer, name, against, value in rows}
    assert len(found) == len(rows), "a number is there twice"
    return found


def test_eprop_is_aligned_with_bptt_where_it_is_bptt() -> None:
    case = random_case(SETUPS["eprop_1"], count=12)
    found = measured(case, looked_at(case))
    for layer in ("hidden1", "readout"):
        assert {name for at, name, against in found if at == layer and against == "bptt_constant"} == MEASURES
        for name in ("cosine", "magnitude", "sign_agreement", "cosine_per_trial"):
            assert found[layer, name, "bptt_constant"].value == pytest.approx(1, abs=1e-9)
        assert abs(found[layer, "ceiling", "bptt_constant"].value) < 0.99
        # The first step of Adam is made of signs.
        assert 0.5 < found[layer, "cosine_step", "bptt_constant"].value < 0.999
    assert found["hidden1", "cosine", "bptt_differentiated"].value < 0.999
    assert found["readout", "cosine", "bptt_differentiated"].value == pytest.approx(1, abs=1e-9)
    assert not any(value.reason for value in found.values())


def test_random_update_is_aligned_with_nothing() -> None:
    """Its cosine with anything has mean 0 and variance 1 / number of weights; one draw says little of so few."""
    case = random_case(SETUPS["eprop_1"], count=12)
    result = looked_at(case)
    draws = [measured(case, result, seed) for seed in range(200)]
    for layer, weights in case.state.weights.items():
        found = np.array([drawn[layer, "cosine", "random"].value for drawn in draws])
        assert abs(found.mean()) < 4 / math.sqrt(weights.size * len(found))
        assert found.std() == pytest.approx(1 / math.sqrt(weights.size), rel=0.2)
        # What is aligned is nowhere near.
        assert draws[0][layer, "cosine", "bptt_differentiated"].value > 5 * found.std()


def test_layers_without_an_estimate_have_a_reason() -> None:
    case = random_case(setup_for(RULES["frozen"], "none", 1, CROSS_ENTROPY))
    found = measured(case, looked_at(case))
    for name in MEASURES - OF_THE_REFERENCE:
        assert math.isnan(found["hidden1", name, "bptt_constant"].value)
        assert found["hidden1", name, "bptt_constant"].reason == "The rule makes no estimate for this layer."
        # The readout learns by its gradient, under any rule.
        assert (found["readout", name, "bptt_constant"].value > 0.5) == (name != "bias")
    assert found["hidden1", "ceiling", "bptt_constant"].value != 0


@pytest.mark.parametrize("variant", EXACT_GRADIENTS)
def test_the_exact_gradient_is_what_a_rule_of_the_reference_estimates(variant: str) -> None:
    rule = RULES["bptt"].with_parameters({"reset": EXACT_GRADIENTS[variant]})
    case = random_case(replace(setup_for(rule, "none", 1, CROSS_ENTROPY), rule=rule))
    found = measured(case, looked_at(case))
    (other,) = set(EXACT_GRADIENTS) - {variant}
    assert found["hidden1", "magnitude", variant].value == pytest.approx(1, abs=1e-12)
    assert found["hidden1", "magnitude", other].value != pytest.approx(1, abs=1e-3)


def test_a_refused_gradient_is_no_number() -> None:
    case = random_case(SETUPS["eprop_1"])
    slower = case.setup.network.neuron.with_parameters({"tau_mem": "25 ms"})
    other = replace(case.setup, network=replace(case.setup.network, neuron=slower))
    result = probe(case.simulator(), reference(other), case.state, case.trials)
    assert result.reference == {}
    for value in measured(case, result).values():
        assert math.isnan(value.value)
        assert "decides otherwise than the recorded raster" in value.reason


def test_comparison_of_two_rules_and_two_gradients() -> None:
    case = random_case(SETUPS["eprop_1"], count=10)
    setups = {"eprop": case.setup, "frozen": setup_for(RULES["frozen"], "none", 1, CROSS_ENTROPY)}
    found = compare(setups, dict.fromkeys(setups, case.state), case.trials, np.random.default_rng(0))
    assert found.names == ("bptt_constant", "bptt_differentiated", "eprop", "frozen", "random")
    assert found.cosine["hidden1", "eprop", "bptt_constant"].value == pytest.approx(1, abs=1e-9)
    assert abs(found.cosine["hidden1", "random", "bptt_constant"].value) < 4 / math.sqrt(8 * 9)
    assert found.cosine["readout", "frozen", "bptt_constant"].value == pytest.approx(1, abs=1e-9)
    assert found.cosine["hidden1", "frozen", "eprop"].reason == "'frozen' makes no estimate for this layer."
    one = found.cosine["hidden1", "bptt_differentiated", "eprop"]
    assert one.value == pytest.approx(found.cosine["hidden1", "eprop", "bptt_differentiated"].value)
    assert len(found.rows()) == 2 * 5 * 5
    assert found.spikes > 1
    assert found.loss > 0


def test_comparison_of_networks_that_answer_differently_is_refused() -> None:
    """Neurons without spikes have nothing else by which they could differ."""
    case = random_case(RATE, gain=0.3)
    setups = {"eprop": case.setup, "frozen": replace(case.setup, rule=RULES["frozen"], feedback="none")}
    states = {"eprop": case.state, "frozen": case.state}
    assert compare(setups, states, case.trials, np.random.default_rng(0), "numpy").spikes == 0
    nudged = {layer: array * (1 + 1e-6) for layer, array in case.state.weights.items()}
    states["frozen"] = case.state.with_weights(nudged)
    with pytest.raises(SimulationError, match="The readouts of 'eprop' and 'frozen' answered differently"):
        compare(setups, states, case.trials, np.random.default_rng(0), "numpy")


def test_comparison_of_different_or_silent_networks_is_refused() -> None:
    case, deeper = random_case(SETUPS["eprop_1"]), random_case(SETUPS["eprop_2"])
    generator = np.random.default_rng(0)
    with pytest.raises(ModelError, match="'b' and 'a' need different networks"):
        compare({"a": case.setup, "b": deeper.setup}, {"a": case.state, "b": deeper.state}, case.trials, generator)
    silent = random_case(SETUPS["eprop_1"], gain=0.01)
    with pytest.raises(ModelError, match="No neuron of 'hidden1' spikes in these 8 trials"):
        compare({"a": silent.setup}, {"a": silent.state}, silent.trials, generator)


def test_estimates_and_gradients_of_arrays() -> None:
    # As many trials and spikes as make the capacity that the other tests have compiled.
    case = random_case(SETUPS["eprop_1"], count=20, gain=0.8, rate=0.4)
    assert 2048 <= len(case.trials.step) < 4096
    network, weights = case.setup.network, case.state.weights
    found = estimate(RULES["eprop"], network, weights, case.trials)
    exact = exact_gradient(network, weights, case.trials, reset="constant")
    other = exact_gradient(network, weights, case.trials)
    assert relative_error(found["hidden1"], exact["hidden1"]).value < 1e-9
    assert relative_error(found["hidden1"], other["hidden1"]).value > 1e-3
    in_numpy = estimate(RULES["eprop"], network, weights, case.trials, target="numpy")
    assert relative_error(in_numpy["hidden1"], found["hidden1"]).value < 1e-9
    same = exact_gradient(network, weights, case.trials, target="numpy")
    assert relative_error(same["hidden1"], other["hidden1"]).value < 1e-9
    coarse = exact_gradient(network, weights, case.trials, precision="float32")
    assert 1e-12 < relative_error(coarse["hidden1"], other["hidden1"]).value < 1e-5
    with pytest.raises(
        ModelError, match=r"`feedback_weights` for 'random_direct' of 'hidden1' are missing, of shape \(3, 9\)"
    ):
        estimate(RULES["eprop"], network, weights, case.trials, feedback="random_direct")


def test_estimates_and_gradients_need_weights_and_trials() -> None:
    case = random_case(SETUPS["eprop_1"])
    network, weights = case.setup.network, case.state.weights
    none = case.trials.take(np.zeros(0, dtype=np.int64))
    half = {"hidden1": weights["hidden1"]}
    with pytest.raises(ModelError, match=r"^A gradient needs at least one trial\.$"):
        estimate(RULES["eprop"], network, weights, none)
    with pytest.raises(ModelError, match=r"^Weights of 'readout' are missing, .* must be: hidden1, readout\.$"):
        exact_gradient(network, half, case.trials)
