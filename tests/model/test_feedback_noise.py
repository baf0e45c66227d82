"""Feedback weights that change get noise at each update, as by a recurrence by hand."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, REGISTRY, RULES, error_of
from workbench import Network, Pathway
from workbench.common.counter_noise import drawn, key_of
from workbench.common.errors import ModelError
from workbench.declare.neuron_models import LINEAR_RATE
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.testing.case import random_case

HIDDEN, OUTPUTS, STEPS = 7, 4, 40
NETWORK = Network(n_inputs=5, hidden=(HIDDEN,), n_outputs=OUTPUTS, n_steps=STEPS, neuron=LINEAR_RATE, seed=3)
ALIGNED = REGISTRY.named(Pathway, "symmetric_alignment")


def setup_of(feedback: str | Pathway = "learned", noise: float = 0.2, form: Form = "events") -> Setup:
    told: dict[str, Any] = {"feedback_decay": 0.1, "feedback_noise": noise, "form": form}
    return Setup(network=NETWORK, rule=RULES["eprop"], feedback=feedback, **told, **CAPACITY)


def noise_at(trials: NDArray[np.int64]) -> NDArray[np.float64]:
    """Return what is drawn in the last step of trials, of shape (n_trials, n_outputs, n_hidden)."""
    key = key_of("noise", NETWORK.seed, "b_hidden1", "feedback__noise")
    return drawn("normal", key, trials, STEPS - 1, HIDDEN * OUTPUTS).reshape(-1, OUTPUTS, HIDDEN)


def after(
    setup: Setup, count: int = 12, target: Target = "cpp", learning_rate: float = 0.0, feedback_rate: float = 0.0
) -> tuple[State, State]:
    """Return the state before and after trials, every third of which ends a batch."""
    case = random_case(setup, count=count)
    ends = np.where(np.arange(count) % 3 == 2, 3, 0)
    plan = Plan(learning=True, update_after=ends, learning_rate=learning_rate, feedback_rate=feedback_rate)
    return case.state, simulator(setup, target).run(case.state, case.trials, plan)[1]


@pytest.mark.parametrize(("form", "target"), [("events", "cpp"), ("clock", "numpy")])
def test_weights_that_follow_get_it(form: Form, target: Target) -> None:
    begun, found = after(setup_of(form=form), target=target, learning_rate=0.1)
    apart = begun.feedback["hidden1"] - begun.weights["readout"].T
    without = 0.9**4 * apart
    for noise in noise_at(np.array([2, 5, 8, 11])):
        apart = 0.9 * apart + 0.2 * noise
    left = found.feedback["hidden1"] - found.weights["readout"].T
    assert error_of(left, apart) < 1e-12
    assert error_of(left, without) > 0.1


def test_weights_with_a_rule_get_it() -> None:
    begun, found = after(setup_of(ALIGNED), feedback_rate=0.3)
    b = begun.feedback["hidden1"]
    for noise in noise_at(np.array([2, 5, 8, 11])):
        # The estimate is a mean over the three trials of a batch.
        b = b - 0.3 * (b - begun.weights["readout"].T) + 0.2 * noise
    assert error_of(found.feedback["hidden1"], b) < 1e-12


@pytest.mark.parametrize(
    ("feedback", "rates"), [("learned", (0.1, 0.0)), (ALIGNED, (0.0, 0.1))], ids=["learned", "by a rule"]
)
def test_what_noise_leaves_of_the_transpose(feedback: str | Pathway, rates: tuple[float, float]) -> None:
    """Weights of a linear layer that take the steps of others come to their transpose, as do those that read them."""
    for noise, least, most in ((1e-9, 0.9999, 1.0), (3.0, -1.0, 0.9)):
        _, found = after(setup_of(feedback, noise), 300, "cpp", *rates)
        one, other = found.feedback["hidden1"], found.weights["readout"].T
        cosine = (one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other)
        assert least <= cosine <= most


def test_looking_at_gradients_adds_none() -> None:
    case = random_case(setup_of(), count=6)
    recording, found = simulator(case.setup).run(case.state, case.trials, Plan(learning=True, record_gradient=True))
    assert np.abs(recording.gradient["readout"]).max() > 0
    assert np.array_equal(found.feedback["hidden1"], case.state.feedback["hidden1"])


def test_negative_noise_is_refused() -> None:
    with pytest.raises(ModelError, match="`feedback_noise` must be 0 or more, not -1"):
        setup_of(noise=-1.0)
