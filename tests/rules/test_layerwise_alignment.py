"""Feedback weights of a linear layer turn to the transpose of its weights, as by a recurrence that knows no Brian2."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.linalg import expm

from tests.networks import CAPACITY, REGISTRY, RULES, error_of
from workbench import Network, Pathway, Trials
from workbench.declare.neuron_models import LINEAR_RATE, NOISY
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.noise_of_neurons import noise_of
from workbench.model.setup import Setup
from workbench.testing.case import random_case

Array = NDArray[np.float64]

#: As `linear_rate`, with the noise of `lif_noisy`; so short a time constant that trials have many independent values.
LINEAR = replace(
    LINEAR_RATE,
    name="linear_rate_noisy",
    equations=NOISY.equations,
    parameters=(("tau_mem", "5 ms"), ("tau_syn", "10 ms"), ("sigma", 1.0)),
    noise=NOISY.noise,
)
STEPS, HIDDEN, OUTPUTS = 200, 12, 6
#: Away from a tie of the age with 2 at a step.
MEAN = 30.5
PARAMETERS: dict[str, dict[str, float]] = {
    "weight_mirror": {"gain": 1.0, "decay": 1.0},
    "information_alignment": {"gain": 1.0, "null": 1.0, "decay": 1.0},
    "activation_alignment": {"gain": 1.0, "sparse": 1.0},
    "symmetric_alignment": {"gain": 1.0, "decay": 1.0},
}
#: The rate of a phase, and its trials.
Phases = tuple[tuple[float, int], ...]
RATE = 0.03
PHASES: Phases = ((RATE, 600), (0.003, 1500))


def pathway_of(name: str, **others: float) -> Pathway:
    told: dict[str, str | float] = {**PARAMETERS[name], **others}
    return REGISTRY.named(Pathway, name).with_parameters({**told, "tau_mean": f"{MEAN} ms"})


def setup_of(pathway: Pathway, sigma: float = 1.0) -> Setup:
    neuron = LINEAR.with_parameters({"sigma": sigma})
    network = Network(n_inputs=1, hidden=(HIDDEN,), n_outputs=OUTPUTS, n_steps=STEPS, neuron=neuron)
    return Setup(network=network, rule=RULES["eprop"], feedback=pathway, **CAPACITY)


def trials_of(count: int, spikes: bool = False) -> Trials:
    """Return trials without input, or with one that reaches all neurons alike, at 100 Hz."""
    there = np.random.default_rng(7).random((count, STEPS, 1)) < (0.1 if spikes else 0.0)
    return Trials.from_raster(there, np.eye(OUTPUTS)[np.zeros(count, dtype=int)])


def orthogonal() -> Array:
    """Return weights whose singular values are all 1."""
    return np.linalg.qr(np.random.default_rng(3).standard_normal((HIDDEN, OUTPUTS)))[0]


def run(name: str, weights: Array, phases: Phases = PHASES, spikes: bool = False, **told: float) -> tuple[State, State]:
    """Return the state before and after phases of so many trials at a rate, with these weights onto the readout."""
    sigma = told.pop("sigma", 1.0)
    pathway = pathway_of(name, **told)
    begun = random_case(setup_of(pathway), gain=1.0).state
    begun = after = replace(begun, weights=begun.weights | {"readout": weights, "hidden1": np.ones((1, HIDDEN))})
    for rate, count in phases:
        plan = Plan(learning=True, update_after=np.ones(count, dtype=np.int64), feedback_rate=rate)
        _, after = simulator(setup_of(pathway, sigma)).run(after, trials_of(count, spikes), plan)
    return begun, after


def cosine(one: Array, other: Array) -> float:
    return float((one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other))


def reached(name: str, weights: Array, **told: Any) -> float:
    """Return how feedback weights come to point along the transpose of some weights."""
    return cosine(run(name, weights, **told)[1].feedback["hidden1"], weights.T)


def moments(weights: Array, eta: Array) -> tuple[Array, Array, Array]:
    """Return the integrals of y y^T, y p^T and p p^T over each trial [second], from the noise of the neurons below."""
    shape = len(eta), HIDDEN
    v, q, p, slow_p, slow_y = (np.zeros(shape), *np.zeros((3, *shape)), np.zeros((len(eta), OUTPUTS)))
    # Of q, which is emitted into, p behind it, and the mean of p, over 1 ms.
    matrix = np.array([[-1 / 10, 0, 0], [1 / 20, -1 / 20, 0], [0, 1 / MEAN, -1 / MEAN]])
    step = expm(matrix)
    age = 0.0
    found = [np.zeros((len(eta), *each)) for each in ((OUTPUTS, OUTPUTS), (OUTPUTS, HIDDEN), (HIDDEN, HIDDEN))]
    for noise in eta.swapaxes(0, 1):
        v = np.exp(-1 / 5) * v + (1 - np.exp(-1 / 5)) * np.sqrt(2 * 5) * noise
        slow_p = step[2, 0] * q + step[2, 1] * p + step[2, 2] * slow_p
        p = step[1, 0] * q + step[1, 1] * p
        q = step[0, 0] * q + v
        y = p @ weights
        slow_y = np.exp(-1 / MEAN) * slow_y + y / MEAN
        age += 1 / MEAN
        if age > 2:
            above, below = y - slow_y, p - slow_p
            for total, (left, right) in zip(found, ((above, above), (above, below), (below, below)), strict=True):
                total += 1e-3 * left[:, :, None] * right[:, None, :]
    return found[0], found[1], found[2]


def by_hand(name: str, state: State, eta: Array, **others: float) -> Array:
    """Return the feedback weights after as many trials as there is noise for, of shape (n_outputs, n_hidden)."""
    told = PARAMETERS[name] | others
    weights, b = state.weights["readout"], state.feedback["hidden1"]
    duration = STEPS * 1e-3
    for yy, yp, pp in zip(*moments(weights, eta), strict=True):
        reads = weights.T * duration if name == "symmetric_alignment" else yp
        g = told.get("decay", 0.0) * b * duration - told["gain"] * reads
        g += told.get("null", 0.0) * yy @ b + told.get("sparse", 0.0) * b @ pp
        b = b - RATE * g / duration
    return b


@pytest.mark.parametrize("name", PARAMETERS)
def test_is_what_a_recurrence_by_hand_makes(name: str) -> None:
    weights = np.random.default_rng(4).standard_normal((HIDDEN, OUTPUTS))
    state, after = run(name, weights, ((RATE, 40),))
    network = setup_of(pathway_of(name)).network
    eta = noise_of(network, trials_of(40), "float64")["hidden1", "eta"]
    assert error_of(after.feedback["hidden1"], by_hand(name, state, eta)) < 1e-9
    assert error_of(after.feedback["hidden1"], state.feedback["hidden1"]) > 0.1
    # No term is there for nothing, nor with another sign.
    for key, value in PARAMETERS[name].items():
        assert error_of(after.feedback["hidden1"], by_hand(name, state, eta, **{key: -value})) > 1e-3


@pytest.mark.parametrize("name", PARAMETERS)
def test_turns_to_the_transpose(name: str) -> None:
    weights = orthogonal()
    begun, after = run(name, weights)
    assert abs(cosine(begun.feedback["hidden1"], weights.T)) < 0.3
    assert cosine(after.feedback["hidden1"], weights.T) > 0.99
    # With the wrong sign of the term that teaches, to its opposite.
    assert reached(name, weights, gain=-1.0) < -0.99


@pytest.mark.parametrize("name", PARAMETERS)
def test_without_noise_none_learns_but_what_reads_weights(name: str) -> None:
    begun, after = run(name, orthogonal(), sigma=0.0)
    if name != "symmetric_alignment":
        assert abs(cosine(begun.feedback["hidden1"], after.feedback["hidden1"]) - 1) < 1e-12
    else:
        assert reached(name, orthogonal(), sigma=0.0) > 0.99


def test_where_singular_values_differ_information_alignment_inverts() -> None:
    """Of a linear layer the paper's argument gives the pseudoinverse, and it is another matrix than the transpose."""
    weights = orthogonal() * np.linspace(0.5, 2, OUTPUTS)
    inverse = np.linalg.pinv(weights).astype(np.float64)
    assert cosine(inverse, weights.T) < 0.8
    _, after = run("information_alignment", weights, null=1.0, decay=0.0)
    assert cosine(after.feedback["hidden1"], inverse) > 0.99
    for name in ("symmetric_alignment", "activation_alignment"):
        assert reached(name, weights) > 0.99


def test_neurons_that_vary_together_turn_the_mirror_and_not_activation_alignment() -> None:
    weights = orthogonal()
    assert reached("weight_mirror", weights, spikes=True) < 0.9
    assert reached("activation_alignment", weights, spikes=True) > 0.99
