"""A delay of a projection: its spikes arrive later, within their trial, and teach when they arrive."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES, SETUPS, assert_alive, error_of, same_recording
from workbench.common.errors import ModelError
from workbench.declare.network import Network
from workbench.declare.neuron_models import LINEAR_RATE
from workbench.declare.options import Form
from workbench.declare.recording import Recording
from workbench.declare.trials import Trials
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case

DELAY = 3


def setup(**network: Any) -> Setup:
    return Setup(
        network=Network(n_inputs=8, hidden=(9,), n_outputs=3, n_steps=40, **network),
        rule=RULES["eprop"],
        feedback="symmetric",
        **CAPACITY,
    )


def later(trials: Trials, steps: int, n_steps: int) -> Trials:
    """Return trials whose spikes come later; those that would come after the end do not come."""
    keep = trials.step < n_steps - steps
    trial = np.repeat(np.arange(len(trials)), np.diff(trials.start))[keep]
    start = np.searchsorted(trial, np.arange(len(trials) + 1)).astype(np.int64)
    return Trials(start, (trials.step[keep] + steps).astype(np.int32), trials.neuron[keep], trials.target)


@pytest.mark.parametrize(
    ("form", "target"), [("replay", "cpp"), ("causal", "cpp"), ("clock", "cpp"), ("clock", "numpy")]
)
def test_delayed_inputs_are_inputs_that_come_later(form: Form, target: Any) -> None:
    delayed = random_case(replace(setup(delays=(("hidden1", DELAY),)), form=form), count=6)
    plain = Case(replace(setup(), form=form), delayed.state, later(delayed.trials, DELAY, 40))
    recording, expected = delayed.record(target), plain.record(target)
    assert_alive(recording, delayed.setup)
    assert same_recording(recording, expected)
    assert not same_recording(recording, plain.on(delayed.trials).record(target))


def test_the_gradient_knows_of_delays() -> None:
    delayed = random_case(setup(delays=(("hidden1", DELAY),)), count=6)
    plain = Case(setup(), delayed.state, later(delayed.trials, DELAY, 40))

    def gradients(case: Case, recording: Recording) -> dict[str, np.ndarray]:
        model = reference(case.setup)
        return model.gradients(
            ForwardPass(case.state.weights, case.state.feedback, case.trials, recording), per_trial=True
        ).trials

    recording = delayed.record()
    found, expected = gradients(delayed, recording), gradients(plain, plain.record())
    for layer in ("hidden1", "readout"):
        assert error_of(found[layer], expected[layer]) < 1e-12
    prompt = plain.on(delayed.trials)
    for layer, gradient in gradients(prompt, prompt.record()).items():
        assert error_of(gradient, expected[layer]) > 1e-2


def test_spikes_on_their_way_at_the_end_of_a_trial_never_arrive() -> None:
    case = random_case(SETUPS["delayed_2"], count=6)
    together = case.record()
    assert_alive(together, case.setup)
    late = together.spikes["hidden2"].step >= case.setup.network.n_steps - 3
    assert late.any(), "no spike is on its way at the end of a trial"
    apart = [case.on(case.trials.take(np.array([number]))).record() for number in range(6)]
    assert np.array_equal(together.loss, np.concatenate([recording.loss for recording in apart]))
    for layer, gradient in together.gradient.items():
        assert np.array_equal(gradient, np.concatenate([recording.gradient[layer] for recording in apart]))


@pytest.mark.parametrize(
    ("network", "message"),
    [
        ({"delays": (("hiden1", 2),)}, "Delays: there are no weights 'hiden1'. Did you mean 'hidden1'"),
        ({"delays": (("hidden1", 40),)}, "0 or more and less than the 40 of a trial, not 40"),
        ({"delays": (("hidden1", -1),)}, "0 or more and less than the 40 of a trial, not -1"),
        ({"delays": (("readout", 1),), "neuron": LINEAR_RATE}, "neuron 'linear_rate' has none"),
    ],
)
def test_wrong_delays_are_refused(network: dict[str, Any], message: str) -> None:
    with pytest.raises(ModelError, match=message.replace("(", "[(]")):
        setup(**network)


def test_a_delay_of_zero_is_none() -> None:
    assert setup(delays=(("hidden1", 0),)).network.all_projections == setup().network.all_projections
