"""Rules that teach a neuron when to spike, by other programs: their authors' equations, step by step in plain NumPy."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import CAPACITY, RULES, error_of
from workbench import Network
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import ESCAPE_TRAIN, SPIKE_TRAIN
from workbench.declare.options import Form, Target
from workbench.declare.rule import Rule
from workbench.model.setup import Setup
from workbench.testing.case import Case, random_case

Array = NDArray[np.float64]
DT, TAU_MEM, TAU_SYN, STEPS, PRE, POST = 1e-3, 20e-3, 10e-3, 40, 8, 3

#: What is left of potential and current after a step, and what of the current gets into the potential.
MEM, SYN = np.exp(-DT / TAU_MEM), np.exp(-DT / TAU_SYN)
SHARE = TAU_SYN / (TAU_MEM - TAU_SYN) * (MEM - SYN)


def case_of(rule: Rule, form: Form = "events") -> Case:
    """Return outputs that are told when to spike, without a hidden layer."""
    readout = ESCAPE_TRAIN if rule.written_for.readout == ESCAPE_TRAIN.name else SPIKE_TRAIN
    network = Network(
        n_inputs=PRE, hidden=(), n_outputs=POST, n_steps=STEPS, readout=readout, loss=SQUARED_ERROR, seed=3
    )
    return random_case(
        Setup(network=network, rule=rule, feedback="random_direct", form=form, targets="spikes", **CAPACITY)
    )


def rasters(case: Case, target: Target = "cpp") -> tuple[Array, Array, Array]:
    """Return the spikes of inputs and outputs, and what the rule says of each trial, as a change of the weights."""
    recording = case.record(target)
    after = recording.spikes["readout"].raster(len(case.trials), STEPS, POST).astype(np.float64)
    # Some spikes are where they are wanted, others are not.
    assert 0.01 < after.mean() < 0.5
    assert (after != case.trials.target).any()
    return case.trials.raster(STEPS, PRE), after, -recording.gradient["readout"]


def resume(before: Array, after: Array, wanted: Array) -> Array:
    """Return the changes of a trial by Ponulak and Kasinski: (S_d - S_o) (a + integral of A exp(-s / tau) S_in)."""
    trace, change = np.zeros(PRE), np.zeros((PRE, POST))
    for step in range(STEPS):
        trace = trace * np.exp(-DT / 5e-3) + before[step]
        change += np.outer(0.05 + trace, wanted[step] - after[step])
    return change


def normad(before: Array, after: Array, wanted: Array) -> Array:
    """Return the changes of a trial by Anwani and Rajendran: the sum of d / |d| at spikes that are wrong."""
    current, filtered, change = np.zeros(PRE), np.zeros(PRE), np.zeros((PRE, POST))
    short = np.exp(-DT / 1e-3)
    for step in range(STEPS):
        filtered = filtered * short + current * TAU_SYN / (1e-3 - TAU_SYN) * (short - SYN)
        current = current * SYN + before[step]
        norm = np.linalg.norm(filtered)
        if norm > 0:
            change += np.outer(filtered / norm, wanted[step] - after[step])
    return change


@pytest.mark.parametrize(
    ("form", "target"), [("events", "cpp"), ("clock", "cpp"), ("clock", "numpy")], ids=["events", "clock", "numpy"]
)
@pytest.mark.parametrize("script", [resume, normad], ids=lambda script: script.__name__)
def test_changes_are_those_of_the_script(
    script: Callable[[Array, Array, Array], Array], form: Form, target: Target
) -> None:
    case = case_of(RULES[script.__name__], form)
    before, after, found = rasters(case, target)
    expected = np.array(list(map(script, before, after, case.trials.target)))
    assert error_of(found, expected) < 1e-9
    # As if all that is wanted were three steps late.
    late = np.roll(case.trials.target, 3, axis=1)
    assert error_of(found, np.array(list(map(script, before, after, late)))) > 0.1


def log_likelihood(weights: Array, before: Array, wanted: Array) -> float:
    """Return log P(wanted spikes) of neurons that spike by chance, had they spiked then and at no other time."""
    v, current, total = np.zeros(POST), np.zeros(POST), 0.0
    for step in range(STEPS):
        v, current = v * MEM + current * SHARE, current * SYN
        chance = 1 / (1 + np.exp((1 - v) / 0.1))
        total += float(np.log(np.where(wanted[step] > 0, chance, 1 - chance)).sum())
        v, current = v - wanted[step], current + before[step] @ weights
    return total


@pytest.mark.parametrize(("form", "target"), [("events", "cpp"), ("clock", "numpy")], ids=["events", "numpy"])
def test_likelihood_grows_as_its_central_differences_say(form: Form, target: Target) -> None:
    case = case_of(RULES["escape_likelihood"], form)
    weights, small = 0.3 * case.state.weights["readout"], 1e-5
    case = case.with_weights(readout=weights)
    before, after, found = rasters(case, target)
    expected = np.zeros_like(found)
    for trial, wanted in enumerate(case.trials.target):
        for place in np.ndindex(PRE, POST):
            step = np.zeros((PRE, POST))
            step[place] = small
            up, down = (log_likelihood(weights + sign * step, before[trial], wanted) for sign in (1, -1))
            expected[trial][place] = (up - down) / (2 * small)
    assert error_of(found, expected) < 1e-6
    # The likelihood of what the neurons did is another matter.
    own = np.array([log_likelihood(weights, *pair) for pair in zip(before, after, strict=True)])
    other = np.array([log_likelihood(weights, *pair) for pair in zip(before, case.trials.target, strict=True)])
    assert np.abs(own - other).min() > 1
