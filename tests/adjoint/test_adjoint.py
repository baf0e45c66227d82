"""The compiled adjoint is the gradient that JAX takes, in every kind of network; and what it does not know, it says."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.model.test_differing import ALIFS, READOUTS
from tests.model.test_first_values import CONDUCTANCE
from tests.model.test_graph import DENSE, NETWORK
from tests.model.test_outlasting import LASTING
from tests.networks import CAPACITY, FURTHER, RATE, REGISTRY, RULES, SETUPS, assert_alive, error_of, with_numbers
from workbench import Network
from workbench.adjoint import sweep_text
from workbench.adjoint.lines import Displace, Layer, Line
from workbench.adjoint.sweep import adjoint
from workbench.adjoint.sweep_text import Term
from workbench.common.errors import GradientError
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LIF
from workbench.declare.projection import Projection
from workbench.declare.references import EXACT_GRADIENTS, Reset
from workbench.declare.transmission import TSODYKS_MARKRAM
from workbench.engine.presentation import Plan
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case

RESETS: list[Reset] = list(EXACT_GRADIENTS.values())


def of(network: Network, **changes: Any) -> Setup:
    return Setup(network=network, rule=RULES["frozen"], feedback="none", **CAPACITY, **changes)


def layers(neuron: NeuronModel, **changes: Any) -> Setup:
    told: dict[str, Any] = {"n_inputs": 8, "hidden": (7, 6), "n_outputs": 3, "n_steps": 40, "neuron": neuron} | changes
    return of(Network(**told))


#: One graded layer between others that spike, sparse on both sides.
GRADED = replace(
    NETWORK,
    populations=tuple(replace(item, neuron=REGISTRY.neuron("linear_rate")) for item in NETWORK.populations),
    projections=tuple(item for item in NETWORK.projections if item.name != "hidden1_to_inter" and item.receptor == "I"),
)

#: What the networks of the other tests do not have.
OTHERS: dict[str, Setup] = {
    "sparse": of(NETWORK),
    "dense": of(DENSE),
    "graded": of(GRADED),
    "differing": layers(ALIFS, readout=READOUTS),
    "noisy": layers(REGISTRY.neuron("lif_noisy"), recurrent=True),
    "escape": layers(REGISTRY.neuron("lif_escape")),
    "lasting": layers(LASTING),
    "conductance": layers(CONDUCTANCE),
    "shallow": of(Network(n_inputs=8, hidden=(), n_outputs=3, n_steps=40)),
    **{
        f"neuron {name}": layers(offer.item.alike())
        for name, offer in REGISTRY.all(NeuronModel).items()
        if offer.item.output == "" or not offer.item.spiking
    },
}
ALL = SETUPS | FURTHER | {"rate": RATE} | OTHERS


def ran(case: Case) -> ForwardPass:
    """Return what Brian2 did, some of whose trials went on where others ended."""
    recording, _ = case.simulator().run(case.state, case.trials, Plan(carry=True))
    return ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)


@pytest.mark.parametrize("name", ALL)
def test_it_is_the_gradient_of_jax(name: str) -> None:
    setup = ALL[name]
    forward = ran(random_case(setup, count=6, rate=0.12))
    made, plain = reference(setup), reference(setup, compiles=False)
    assert made.adjoint[0] is not None, made.adjoint[1]
    assert plain.adjoint == (None, "it was asked not to compile")
    for reset in RESETS:
        for per_trial in (False, True):
            found = made.gradients(forward, reset=reset, per_trial=per_trial)
            wanted = plain.gradients(forward, reset=reset, per_trial=per_trial)
            np.testing.assert_allclose(found.loss, wanted.loss, rtol=1e-11, atol=1e-13)
            assert found.differing == wanted.differing
            pairs = [*((found.mean[key], wanted.mean[key], key) for key in wanted.mean)]
            pairs += [(found.trials[key], wanted.trials[key], key) for key in wanted.trials]
            for mine, theirs, key in pairs:
                assert error_of(mine, theirs) < 1e-9, (key, reset)


@pytest.mark.parametrize("seed", range(12))
def test_it_is_so_with_any_numbers(seed: int) -> None:
    generator = np.random.default_rng([7, seed])
    name = sorted(SETUPS)[seed % len(SETUPS)]
    setup = with_numbers(SETUPS[name], generator, int(generator.integers(20, 70)))
    case = random_case(setup, seed, count=5, rate=0.15, gain=3.0)
    forward = ran(case)
    for reset in RESETS:
        found = reference(setup).gradients(forward, reset=reset).mean
        wanted = reference(setup, compiles=False).gradients(forward, reset=reset).mean
        for key, array in wanted.items():
            assert error_of(found[key], array) < 1e-9, (name, key, reset)


@pytest.mark.parametrize("reset", RESETS)
@pytest.mark.parametrize(
    ("kind", "factor"), [("Decide", "0.9"), ("Arrive", "0.9"), ("Assign", "1.01"), ("Displace", "0")]
)
def test_a_step_back_that_is_wrong_is_seen(
    kind: str, factor: str, reset: Reset, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing that a line hands back may be another without the gradient being another."""
    setup = SETUPS["chained_2"]
    forward = ran(random_case(setup, count=6, rate=0.12))
    wanted = reference(setup, compiles=False).gradients(forward, reset=reset).mean["hidden1"]
    whole = sweep_text._terms

    def wrong(layer: Layer, line: Line, treated: Reset) -> list[Term]:
        terms = list(whole(layer, line, treated))
        changed = type(line).__name__ == kind
        return [Term(term.to, f"({term.factor}) * {factor}" if changed else term.factor) for term in terms]

    monkeypatch.setattr(sweep_text, "_terms", wrong)
    assert error_of(reference(setup).gradients(forward, reset=reset).mean["hidden1"], wanted) > 1e-4


def test_decisions_that_the_network_did_not_make_are_refused() -> None:
    setup = SETUPS["eprop_1"]
    forward = ran(random_case(setup, count=6, rate=0.12))
    assert forward.recording is not None
    spikes = forward.recording.spikes["hidden1"]
    fewer = replace(spikes, trial=spikes.trial[1:], step=spikes.step[1:], neuron=spikes.neuron[1:])
    told = replace(forward, recording=replace(forward.recording, spikes=forward.recording.spikes | {"hidden1": fewer}))
    exact = reference(setup)
    assert exact.adjoint[0] is not None
    with pytest.raises(GradientError, match="decides otherwise than the recorded raster"):
        exact.gradients(told)
    # What was refused leaves nothing behind.
    again = exact.gradients(forward).mean["hidden1"]
    assert error_of(again, reference(setup, compiles=False).gradients(forward).mean["hidden1"]) < 1e-9


@pytest.mark.parametrize("count", [1, 3, 50])
def test_it_does_not_matter_how_many_trials_are_gone_through_at_a_time(
    count: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    setup = SETUPS["delayed_2"]
    forward = ran(random_case(setup, count=7, rate=0.12))
    whole = reference(setup).gradients(forward).mean
    monkeypatch.setattr("workbench.adjoint.sweep._IN_TURN", count)
    monkeypatch.setattr("workbench.adjoint.sweep._AT_ONCE", 1)
    parts = reference(setup).gradients(forward).mean
    assert all(error_of(parts[key], array) < 1e-12 for key, array in whole.items())


def test_what_it_does_not_know_is_said_and_left_to_jax() -> None:
    beside = Projection(source="inputs", target="hidden2", plastic=False, transmits=TSODYKS_MARKRAM)
    transmits = replace(SETUPS["eprop_2"], network=replace(SETUPS["eprop_2"].network, projections=(beside,)))
    graded = replace(RATE, network=replace(RATE.network, recurrent=True))
    told = {
        "a spike sends 'hidden2' something else than a weight": transmits,
        "neurons without spikes come back to themselves": graded,
    }
    for reason, setup in told.items():
        exact = reference(setup)
        assert exact.adjoint == (None, reason)
        forward = ran(random_case(setup, count=3, rate=0.12))
        assert any(array.any() for array in exact.gradients(forward).mean.values())
    assert reference(SETUPS["eprop_1"], "float32").adjoint == (None, "it computes in float32")


def test_expressions_that_have_no_form_are_left_to_jax() -> None:
    odd = replace(LIF, name="odd", drive="v - v_th + 0 * (v % 1)")
    equations = f"{LIF.equations}\ndn/dt = (v % 1) / tau_mem : 1"
    counted = replace(LIF, name="counted", equations=equations, drive="v - v_th - int(n > 1000)", method="euler")
    for neuron, words in ((odd, "has no derivative here"), (counted, "has no form in C++")):
        exact = reference(layers(neuron))
        assert exact.adjoint[0] is None
        assert words in exact.adjoint[1]


def test_trials_that_are_too_long_to_be_kept_are_left_to_jax(monkeypatch: pytest.MonkeyPatch) -> None:
    setup = SETUPS["recurrent_1"]
    kept = reference(setup).adjoint[0]
    assert kept is not None
    size = kept.memory("differentiated")
    forward = ran(random_case(setup, count=7, rate=0.12))
    wanted = reference(setup).gradients(forward).mean
    for most, fits in ((2 * size, True), (size - 1, False)):
        monkeypatch.setattr("workbench.adjoint.sweep._MOST", most)
        exact = reference(setup)
        assert (exact.adjoint[0] is not None) == fits
        assert fits or exact.adjoint[1] == "a trial is too long for all of it to be kept"
        # Two at a time, or by JAX: the same.
        assert all(error_of(array, wanted[key]) < 1e-12 for key, array in exact.gradients(forward).mean.items())


def test_networks_here_are_alive() -> None:
    """All lines are gone through: neurons spike, and some of them adapt."""
    case = random_case(SETUPS["eprop_2"], count=6, rate=0.12)
    assert_alive(case.record(), case.setup)
    exact = reference(OTHERS["differing"])
    assert exact.adjoint[0] is not None
    lines = exact.adjoint[0].code["hidden1", "constant"].layer.lines
    assert any(isinstance(line, Displace) and line.adapts for line in lines)
    assert adjoint(exact.program, OTHERS["differing"].network.plain(), exact.constants({}), ("constant",)) is not None
