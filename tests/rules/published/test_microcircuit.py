"""Dendritic microcircuits by another program: what all neurons do, what each projection learns, and which way."""

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import REGISTRY, RULES
from workbench import Trials, estimate
from workbench.audit.gradients import exact_gradient, setup_for
from workbench.declare.completed import begun, completed, without_circuit
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.rule import NO_RULE
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.measures.alignment import cosine
from workbench.testing.case import Case, random_trials
from workbench.testing.subject import Subject

Array = NDArray[np.float64]
RULE = RULES["microcircuit"]
STEPS, BASAL, APICAL, LEAK, SOMA, CENTRE, WIDTH = 40, 1.0, 0.8, 0.1, 0.8, 0.5, 0.2
ALL, FADE = BASAL + APICAL + LEAK, np.exp(-1 / 3)


def sent(potential: Array) -> Array:
    return np.asarray(1 / (1 + np.exp((CENTRE - potential) / WIDTH)))


class Neurons:
    """Of one layer, in steps of 1 ms; what pulls at the soma besides its basal dendrite is told in each step."""

    def __init__(self, size: int) -> None:
        self.v, self.arrived, self.expected, self.rate = (np.zeros(size) for _ in range(4))
        self.own = np.zeros(size)
        self.other, self.push = np.zeros(size), np.zeros(size)
        self.trace = np.zeros(size)

    def advance(self, kind: str) -> None:
        beside = {
            "pyramidal": APICAL * self.other, "readout": LEAK * self.push, "inter": SOMA * (self.other - self.own)
        }[kind]  # fmt: skip
        towards = (BASAL * self.arrived + beside) / ALL
        alone = BASAL * self.arrived / ALL
        self.v, self.rate = (
            towards + (self.v - towards) * np.exp(-ALL),
            sent(self.v) + (self.rate - sent(self.v)) * FADE,
        )
        self.expected = alone + (self.expected - alone) * np.exp(-ALL)
        self.arrived, self.other, self.own = self.arrived * FADE, self.other * FADE, self.own * FADE
        self.trace = self.trace * FADE + self.rate

    @property
    def unexpected(self) -> Array:
        return sent(self.expected) - sent(self.v)


def estimates(case: Case, trial: int, lateral: float = 1.0) -> dict[str, Array]:
    """Return what each projection is taught in a trial; interneurons may be silenced."""
    weights, target = case.state.weights, case.trials.target[trial]
    raster = case.trials.raster(STEPS, 8)[trial].astype(float)
    pull = float(RULE.values()["pull"])
    made = {name: Neurons(size) for name, size in case.setup.network.layer_sizes.items()}
    stack = ("hidden1", "hidden2", "readout")
    before = np.zeros(8)
    found = {name: np.zeros_like(weights[name]) for name in (*stack, "up1", "up2")}
    for step in range(STEPS):
        for name, neurons in made.items():
            neurons.advance({"h": "pyramidal", "r": "readout", "i": "inter"}[name[0]])
        before = before * FADE + raster[step]
        for name, below in zip(stack, (raster[step], made["hidden1"].rate, made["hidden2"].rate), strict=True):
            made[name].arrived += below @ weights[name]
        for at in (1, 2):
            layer, above, inter = made[f"hidden{at}"], made[stack[at]], made[f"inter{at}"]
            layer.other += above.rate @ weights[f"down{at}"] + lateral * inter.rate @ weights[f"lateral{at}"]
            inter.arrived += layer.rate @ weights[f"up{at}"]
            inter.other += above.rate * weights[f"nudge{at}"]
            inter.own += inter.rate * weights[f"echo{at}"]
        made["readout"].push = pull * (target - made["readout"].rate)
        traces = (before, made["hidden1"].trace, made["hidden2"].trace)
        for name, trace in zip(stack, traces, strict=True):
            found[name] += np.outer(trace, made[name].unexpected) / STEPS
        for at in (1, 2):
            found[f"up{at}"] += np.outer(made[f"hidden{at}"].trace, made[f"inter{at}"].unexpected) / STEPS
    return found


@pytest.fixture(scope="module")
def case() -> Case:
    return Subject(RULE, *REGISTRY.models_for(RULE)).alive()


def test_estimates_are_those_of_the_papers_equations(case: Case) -> None:
    recording = case.record()
    silenced = 0.0
    for trial in (0, 2, 3):
        wanted, without = estimates(case, trial), estimates(case, trial, lateral=0.0)
        assert recording.gradient.keys() == wanted.keys()
        for name, array in wanted.items():
            size = np.abs(array).max()
            assert size > 1e-4
            np.testing.assert_allclose(recording.gradient[name][trial], array, rtol=1e-9, atol=1e-9 * size)
            silenced = max(silenced, np.abs(without[name] - array).max() / size)
    # The control: without interneurons all that comes down is an error.
    assert silenced > 0.1


def test_weights_up_to_interneurons_learn_at_a_rate_of_their_own(case: Case) -> None:
    one, rate = case.on(case.trials.take(np.array([2]))), 0.5
    plan = Plan(learning=True, learning_rate=rate, update_after=np.array([1]))
    _, after = one.simulator().run(one.state, one.trials, plan)
    wanted = estimates(case, 2)
    for name, array in one.state.weights.items():
        changed = after.weights[name] - array
        if name not in wanted:
            assert not changed.any()
            continue
        expected = -(RULE.values()["up_rate"] if name.startswith("up") else rate) * wanted[name]
        np.testing.assert_allclose(changed, expected, rtol=1e-6, atol=1e-9 * np.abs(expected).max())
        assert np.abs(expected).max() > 1e-7
    # The control: at the rate of the others.
    assert np.abs(after.weights["up1"] - one.state.weights["up1"]).max() < 0.5 * rate * np.abs(wanted["up1"]).max()


NEURON, READOUT = REGISTRY.models_for(RULE)
SMALL = Network(
    n_inputs=10, hidden=(12,), n_outputs=3, neuron=NEURON, readout=READOUT, n_steps=STEPS, loss=SQUARED_ERROR,
)  # fmt: skip


def small(factor: float = 1.0) -> tuple[Network, dict[str, Array], Trials]:
    """Return a network with the circuit, its weights and trials; interneurons may send less than comes down."""
    network, generator = completed(SMALL, RULE), np.random.default_rng(3)
    scales = {"hidden1": 0.5, "readout": 0.1}
    drawn = {
        name: scales.get(name, 1.0) * generator.normal(size=shape) for name, shape in network.weight_shapes().items()
    }
    weights = begun(network, RULE, drawn)
    weights["lateral1"] = factor * weights["lateral1"]
    return network, weights, random_trials(network, generator, 16, rate=0.2)


def test_one_hidden_layer_goes_the_way_of_the_gradient() -> None:
    network, weights, trials = small()
    # No other rule could train such a readout.
    untrained = replace(network, fixed=("readout",))
    exact = exact_gradient(untrained, weights, trials)
    # A pull that changes outputs little, as the derivation has it.
    gentle = RULE.with_parameters({"pull": 1.0})
    found = estimate(gentle, network, weights, trials)
    for name in ("hidden1", "readout"):
        assert cosine(found[name], exact[name]).value > 0.9
    # The control: by other weights, what comes down is an error of something else.
    generator = np.random.default_rng(4)
    other = weights | {"down1": generator.normal(size=weights["down1"].shape)}
    other["lateral1"] = -other["down1"]
    away = estimate(gentle, network, other, trials)["hidden1"]
    assert cosine(away, exact_gradient(untrained, other, trials)["hidden1"]).value < 0.5


def outputs(network: Network, weights: dict[str, Array], trials: Trials) -> Array:
    setup, state = setup_for(network, NO_RULE, "none", weights, trials, None)
    return simulator(replace(setup, network=replace(network, fixed=("readout",)))).run(state, trials, Plan())[0].output


def test_without_a_teacher_interneurons_foresee_what_comes_down() -> None:
    network, weights, trials = small()
    bare = without_circuit(network, RULE)
    alone = outputs(bare, {name: weights[name] for name in bare.weight_shapes()}, trials)
    np.testing.assert_allclose(outputs(network, weights, trials), alone, rtol=1e-12)
    # The control: of interneurons that send half, the rest is left.
    assert np.abs(outputs(network, small(0.5)[1], trials) - alone).max() > 1e-3
