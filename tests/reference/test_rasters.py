"""Brian2's C++ program, Brian2's NumPy code and the reference decide alike, spike for spike."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import SETUPS, assert_alive, error_of, with_numbers
from workbench.common.errors import GradientError
from workbench.declare.recording import Recording, Spikes
from workbench.reference.bptt import Reference, reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case, random_state

#: Sets of random numbers for each structure.
SETS = 8


def varied_case(name: str, number: int) -> Case:
    """Return a structure with random numbers; the reference compiles for each number of steps, so these are two."""
    generator = np.random.default_rng([number, *name.encode()])
    setup = with_numbers(SETUPS[name], generator, n_steps=(40, 67)[number % 2])
    state = random_state(setup, generator, generator.uniform(1.5, 2.5))
    return replace(random_case(setup, number, count=6), state=state)


def own_decisions(model: Reference, case: Case) -> Recording:
    """Return what the network does by the reference's own decisions."""
    told = model.run(case.state.weights, case.state.feedback, case.trials)
    spikes = {layer: Spikes(*np.nonzero(raster > 0.5)) for layer, raster in told["spikes"].items()}
    return Recording(told["loss"]["readout"], told["output"], spikes)


def assert_same(found: Recording, expected: Recording, case: Case, what: str) -> None:
    network = case.setup.network
    for layer, size in zip(network.layers[:-1], network.hidden, strict=True):
        shape = (len(case.trials), network.n_steps, size)
        differ = found.spikes[layer].raster(*shape) != expected.spikes[layer].raster(*shape)
        assert not differ.any(), f"{what}: {differ.sum()} decisions of {layer} differ"
    assert error_of(found.loss, expected.loss) < 1e-9, what
    assert error_of(found.output, expected.output) < 1e-9, what


@pytest.mark.parametrize("name", SETUPS)
def test_rasters_are_equal(name: str) -> None:
    model = reference(SETUPS[name])
    for number in range(SETS):
        case = varied_case(name, number)
        what = f"{name}, set {number}, {case.setup.network}"
        compiled = case.record()
        assert_alive(compiled, case.setup)
        assert_same(own_decisions(Reference(case.setup, model.program), case), compiled, case, f"reference of {what}")
        interpreted = case.record("numpy")
        assert_same(interpreted, compiled, case, f"NumPy code of {what}")
        for layer, gradient in compiled.gradient.items():
            assert error_of(interpreted.gradient[layer], gradient) < 1e-9, f"g of {layer}, {what}"


def test_the_sets_are_different_enough() -> None:
    cases = [varied_case(name, number) for name in SETUPS for number in range(SETS)]
    assert len(cases) >= 50
    assert len(SETUPS) >= 6
    networks = [case.setup.network for case in cases]
    assert {len(network.hidden) for network in networks} == {1, 2, 3}
    assert len({network.dt for network in networks}) >= 4
    assert any(network.steps_in_window != (0, network.n_steps) for network in networks)
    assert {network.scale_surrogate for network in networks} == {True, False}
    equal = [network.neuron.values()["tau_mem"] == network.neuron.values()["tau_syn"] for network in networks]
    assert 5 <= sum(equal) <= len(equal) - 5


def test_other_numbers_give_other_rasters() -> None:
    """The negative control: the comparison above sees a time constant that is 2 % off."""
    case = varied_case("eprop_1", 0)
    network = case.setup.network
    tau = network.neuron.values()["tau_mem"]
    neuron = network.neuron.with_parameters({"tau_mem": f"{tau * 1.02} second"})
    off = replace(case, setup=replace(case.setup, network=replace(network, neuron=neuron)))
    with pytest.raises(AssertionError, match="decisions of hidden1 differ"):
        assert_same(own_decisions(reference(off.setup), case), case.record(), case, "control")


@pytest.fixture(scope="module")
def recorded() -> tuple[Reference, Case, Recording]:
    """Return a reference, a network and what it did."""
    case = random_case(SETUPS["eprop_1"])
    return reference(case.setup), case, case.record()


def gradients(model: Reference, case: Case, recording: Recording) -> float:
    return float(
        np.abs(model.gradients(ForwardPass(case.state.weights, {}, case.trials, recording)).mean["hidden1"]).max()
    )


def test_a_wrong_raster_is_refused(recorded: tuple[Reference, Case, Recording]) -> None:
    model, case, recording = recorded
    assert gradients(model, case, recording) > 0
    spikes = recording.spikes["hidden1"]
    later = spikes.step.copy()
    later[3] += 1 if later[3] < case.setup.network.n_steps - 1 else -1
    moved = replace(recording, spikes={"hidden1": replace(spikes, step=later)})
    with pytest.raises(
        GradientError, match=r"In 1 of 8 trials the reference decides otherwise than the recorded raster"
    ):
        gradients(model, case, moved)


@pytest.mark.parametrize("what", ["loss", "output"])
def test_a_wrong_loss_or_readout_is_refused(recorded: tuple[Reference, Case, Recording], what: str) -> None:
    model, case, recording = recorded
    told = "loss" if what == "loss" else "readout"
    wrong = replace(recording, **{what: getattr(recording, what) * (1 + 1e-6)})
    with pytest.raises(GradientError, match=rf"The reference's {told} deviates from Brian2's by 1.0e-06 \(relative\)"):
        gradients(model, case, wrong)
    close = replace(recording, **{what: getattr(recording, what) * (1 + 1e-11)})
    assert gradients(model, case, close) > 0


def test_rounding_of_a_loss_near_zero_is_not_refused(recorded: tuple[Reference, Case, Recording]) -> None:
    """Where the right class is far ahead, the cross-entropy is a difference of numbers that are hardly apart."""
    _, case, _ = recorded
    network = replace(case.setup.network, window=(35, 40))
    ahead = random_case(replace(case.setup, network=network), count=1)
    ahead = ahead.with_weights(readout=np.tile([1.4, -1.4, -1.4], (9, 1)))
    ahead = replace(ahead, trials=replace(ahead.trials, target=np.eye(3)[:1]))
    found = ahead.record("numpy")
    assert np.abs(found.output).max() > 10
    assert 0 < found.loss[0] < 1e-12
    own = reference(ahead.setup)
    for rounding in (0, 1e-2, -1e-2):
        rounded = replace(found, loss=found.loss * (1 + rounding))
        assert own.gradients(ForwardPass(ahead.state.weights, {}, ahead.trials, rounded)).loss[0] < 1e-12
    with pytest.raises(GradientError, match="loss deviates"):
        own.gradients(ForwardPass(ahead.state.weights, {}, ahead.trials, replace(found, loss=found.loss + 1e-12)))


def test_other_weights_are_refused(recorded: tuple[Reference, Case, Recording]) -> None:
    model, case, recording = recorded
    weights = {layer: array * 1.5 for layer, array in case.state.weights.items()}
    with pytest.raises(GradientError, match="farther than 1e-09 from threshold"):
        gradients(model, replace(case, state=case.state.with_weights(weights)), recording)


def test_gradient_without_a_recording_is_refused() -> None:
    """In the place of spikes there would be something smooth, and no raster to compare."""
    case = random_case(SETUPS["eprop_1"])
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials)
    with pytest.raises(GradientError, match=r"there is no recording\. Record the trials first\.$"):
        reference(case.setup).gradients(forward)
