"""Layers that learn from readouts of their own are compared with the gradient of what these are told."""

import math
from dataclasses import replace

import pytest

from tests.networks import RULES, SETUPS, setup_for
from workbench.audit.alignment.local_loss import own_loss
from workbench.audit.probe import Probe, probe
from workbench.declare.loss import CROSS_ENTROPY
from workbench.declare.measured import Measured
from workbench.declare.references import OWN_LOSS
from workbench.model.setup import Setup
from workbench.reference.bptt import Reference, reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.local_readout import local_gradients
from workbench.testing.case import Case, random_case

MEASURES = ("cosine", "magnitude", "sign_agreement")


def against_own(case: Case) -> dict[tuple[str, str], Measured]:
    found = probe(case.simulator(), reference(case.setup), case.state, case.trials)
    rows = own_loss(found, case.simulator(), reference(case.setup), case.state, case.trials)
    assert {against for _, _, against, _ in rows} <= {OWN_LOSS}
    return {(layer, name): value for layer, name, _, value in rows}


@pytest.mark.parametrize("name", ["dcll_1", "dcll_2"])
def test_dcll_follows_its_own_loss_and_not_the_networks(name: str) -> None:
    case = random_case(SETUPS[name], count=12)
    found = against_own(case)
    layers = case.setup.network.layers[:-1]
    assert set(found) == {(layer, measure) for layer in layers for measure in MEASURES}
    assert [value.value for value in found.values()] == pytest.approx([1] * len(found), abs=1e-9)
    told = probe(case.simulator(), reference(case.setup), case.state, case.trials)
    for layer in layers:
        assert abs(told.mean()[layer] - told.exact_mean("bptt_constant", layer)).max() > 1e-3


def test_a_rule_that_is_not_exact_follows_it_in_part() -> None:
    """e-prop filters as the network's readout does, which a local readout does not."""
    found = against_own(random_case(setup_for(RULES["eprop"], "local_readout", 2, CROSS_ENTROPY), count=12))
    for layer in ("hidden1", "hidden2"):
        assert 0.3 < found[layer, "cosine"].value < 0.999


def test_gradients_of_all_local_losses_are_those_of_each() -> None:
    """Also by the weights with which a layer reaches itself."""
    base = SETUPS["dcll_2"]
    for setup in (base, replace(base, network=replace(base.network, recurrent=True))):
        case = random_case(setup, count=6)
        exact, recording = reference(setup), case.record()
        forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)
        found = local_gradients(exact, forward, pad=8)
        assert set(found) == set(setup.network.weight_shapes()) - {"readout"}
        for name, gradient in found.items():
            loss = f"{name.removesuffix('_recurrent')}_readout"
            one = exact.gradients(forward, reset="constant", loss=loss).mean[name]
            assert abs(gradient - one).max() < 1e-12 * abs(one).max()


def test_parts_make_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(SETUPS["dcll_2"], count=11)
    whole = against_own(case)
    monkeypatch.setattr("workbench.audit.blocks.PER_TRIAL", 8 * 8 * 8 * 4)
    assert {key: value.value for key, value in against_own(case).items()} == pytest.approx(
        {key: value.value for key, value in whole.items()}, abs=1e-12
    )


def test_other_pathways_have_no_loss_of_their_own() -> None:
    assert against_own(random_case(SETUPS["eprop_2"], count=4)) == {}


def test_a_gradient_that_is_refused_gives_no_number() -> None:
    setup: Setup = SETUPS["dcll_1"]
    case = random_case(setup, count=4)
    found: Probe = probe(case.simulator(), reference(setup), case.state, case.trials)
    # The reference reads another threshold than Brian2 had.
    other: Setup = replace(
        setup, network=replace(setup.network, neuron=setup.network.neuron.with_parameters({"v_th": 2.5}))
    )
    wrong = Reference(other, reference(setup).program)
    rows = own_loss(found, case.simulator(), wrong, case.state, case.trials)
    assert len(rows) == len(MEASURES)
    for _, _, _, value in rows:
        assert math.isnan(value.value)
        assert "the reference decides otherwise than the recorded raster" in value.reason
