"""What inputs add is found from their events alone, wherever that is what they add; and so is the gradient."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import SETUPS, error_of
from workbench import Projection
from workbench.declare.connectivity import Connectivity
from workbench.declare.transmission import TSODYKS_MARKRAM
from workbench.model.read_program import read_program
from workbench.model.setup import Setup
from workbench.reference import input_events
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.input_events import added_by_events, arriving, by_weights, events_of, reads_inputs
from workbench.testing.case import random_case


def with_first(**chosen: object) -> Setup:
    """Return a network whose inputs reach the first layer by a projection of some kind."""
    setup = SETUPS["eprop_2"]
    onto = Projection(source="inputs", target="hidden1", name="hidden1", **chosen)  # type: ignore[arg-type]
    return replace(setup, network=replace(setup.network, projections=(onto,)))


@pytest.mark.parametrize(
    ("setup", "names", "others"),
    [
        (SETUPS["eprop_2"], {"hidden1"}, False),
        (with_first(), {"hidden1"}, False),
        (with_first(connect=Connectivity(probability=0.5)), set(), True),
        (with_first(delay=2), set(), True),
        (with_first(transmits=TSODYKS_MARKRAM), set(), True),
    ],
    ids=["stack", "projection", "sparse", "delayed", "short-term plasticity"],
)
def test_what_inputs_add_is_known_where_it_is_their_weights(setup: Setup, names: set[str], others: bool) -> None:
    program = read_program(setup)
    assert set(added_by_events(program, "reverse").values()) == names
    assert reads_inputs(program, "reverse") == others
    # Carried along, what each weight sends is asked for.
    assert added_by_events(program, "forward") == {}
    assert reads_inputs(program, "forward")


def test_events_are_those_of_the_raster() -> None:
    case = random_case(SETUPS["eprop_2"], count=5)
    raster, weights = case.trials.raster(40, 8), case.state.weights["hidden1"]
    events = events_of(case.trials, 40, 8)
    assert np.array_equal(events.toarray().reshape(5, 40, 8), raster)
    assert error_of(arriving(events, weights, 40), raster @ weights) < 1e-15
    slopes = np.random.default_rng(0).standard_normal((5, 40, 8))
    each = by_weights(events, {"hidden1": slopes}, {3: "hidden1"}, "per_trial")["hidden1"]
    assert error_of(each, np.einsum("ksi,ksj->kij", raster, slopes)) < 1e-14
    whole = by_weights(events, {"hidden1": slopes, "other": slopes}, {3: "hidden1"}, "mean")
    assert error_of(whole["hidden1"], each.sum(axis=0)) < 1e-14
    assert whole["other"] is slopes


@pytest.mark.parametrize("name", SETUPS)
def test_gradient_is_that_of_dense_inputs(name: str) -> None:
    case = random_case(SETUPS[name], count=4)
    recording = case.record("numpy")
    model = reference(case.setup, compiles=False)
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)
    events, dense = (model.gradients(forward, per_trial=True, direction=way) for way in ("reverse", "forward"))
    padded = model.gradients(forward, pad=7).mean
    for layer, array in dense.trials.items():
        if array.any():
            assert error_of(events.trials[layer], array) < 1e-12
            assert error_of(padded[layer], array.mean(axis=0)) < 1e-12
    # Where an input is silent its weights have no gradient, and elsewhere some have.
    heard = case.trials.raster(40, 8).any(axis=1)
    of_inputs = np.abs(events.trials["hidden1"]).sum(axis=2)
    assert not of_inputs[~heard].any()
    assert of_inputs[heard].any()


@pytest.mark.parametrize("per_trial", [False, True])
def test_gradient_in_parts_is_that_of_all(per_trial: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(SETUPS["eprop_2"], count=7)
    model = reference(case.setup, compiles=False)
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, case.record("numpy"))
    whole = model.gradients(forward, per_trial=per_trial)
    # Room for what inputs add in three trials of 40 steps to eight neurons.
    monkeypatch.setattr(input_events, "_AT_ONCE", 3 * 40 * 8 * 8)
    parts = model.gradients(forward, per_trial=per_trial)
    assert input_events.most_at_once(case.setup.network, model.program, "reverse") == 3
    assert np.array_equal(parts.loss, whole.loss)
    for layer, array in whole.mean.items():
        assert error_of(parts.mean[layer], array) < 1e-14
    for layer, array in whole.trials.items():
        assert parts.trials[layer].shape == array.shape
        assert error_of(parts.trials[layer], array) < 1e-14
