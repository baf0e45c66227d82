"""Rules of continuous time give the weights that their authors' scripts give, over several trials, bounds and all."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from tests.networks import RULES
from tests.rules.published import scripts
from tests.rules.published.rules import CALCIUM
from tests.rules.published.scripts import Array
from workbench import Network, NeuronModel, Rule, Trials
from workbench.declare.neuron_models import CONDUCTANCE, LIF
from workbench.declare.options import Form, Target
from workbench.declare.recording import Spikes
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator, simulator
from workbench.engine.state import State
from workbench.model.setup import Setup

NETWORK = Network(n_inputs=5, hidden=(4,), n_outputs=2, n_steps=120)

#: Trials, of which each goes on where the one before ended.
COUNT = 6

PLAN = Plan(learning=True, learning_rate=1.0)


@dataclass(frozen=True)
class Published:
    """A rule, the script that it is compared with, and where its weights begin.

    Attributes
    ----------
    rule : Rule
        With the script's constants.
    script : callable
        Returns the weights after each trial.
    low, high : float
        Between which initial weights are drawn.
    neuron : NeuronModel
        Of the script.
    """

    rule: Rule
    script: Callable[[Array, scripts.Spikes], list[Array]]
    low: float = 0.05
    high: float = 0.95
    neuron: NeuronModel = LIF


PAIR = RULES["bounded_stdp"].with_parameters({"a_plus": 0.1, "a_minus": 0.105})

#: Rules with the constants by which six short trials make a difference.
PUBLISHED = {
    "pair": Published(PAIR, lambda w, spikes: scripts.pair(w, spikes, 0.0)),
    "pair_soft": Published(PAIR.with_parameters({"soft": 1.0}), lambda w, spikes: scripts.pair(w, spikes, 1.0)),
    "triplet": Published(RULES["triplet_stdp"].with_parameters({"a2_plus": 5e-3, "a3_minus": 2.3e-3}), scripts.triplet),
    "inhibitory": Published(
        RULES["inhibitory_stdp"].with_parameters({"target_rate": "80 Hz", "eta": 0.05, "w_max": 1.0}),
        scripts.inhibitory,
    ),
    "bcm": Published(RULES["bcm"], scripts.bcm),
    "scaling": Published(RULES["synaptic_scaling"], scripts.scaling),
    "clopath": Published(
        RULES["clopath"].with_parameters({"a_ltd": scripts.A_LTD, "a_ltp": scripts.A_LTP}),
        scripts.clopath,
        neuron=CONDUCTANCE,
    ),
    "calcium": Published(CALCIUM, scripts.calcium),
    "competitive": Published(RULES["competitive_stdp"], scripts.competitive),
}


def spikes_of(seed: int = 0) -> scripts.Spikes:
    """Return dense random spikes, many of them of both sides in one step."""
    generator = np.random.default_rng(seed)
    pre, post = (generator.random((COUNT, NETWORK.n_steps, n)) < 0.08 for n in (NETWORK.n_inputs, NETWORK.hidden[0]))
    return scripts.Spikes(pre.astype(float), post.astype(float), NETWORK.dt)


def presented(spikes: scripts.Spikes) -> tuple[Trials, dict[str, Spikes]]:
    """Return the same as trials, and as what is forced on the hidden layer."""
    trial, step, neuron = np.nonzero(spikes.pre)
    trials = Trials(
        np.searchsorted(trial, np.arange(COUNT + 1)),
        step.astype(np.int32),
        neuron.astype(np.int32),
        np.eye(2)[np.zeros(COUNT, dtype=int)],
    )
    return trials, {"hidden1": Spikes(*np.nonzero(spikes.post))}


def network_of(rule: Rule, form: Form = "events", target: Target = "cpp", neuron: NeuronModel = LIF) -> Simulator:
    setup = Setup(
        network=replace(NETWORK, neuron=neuron), rule=rule, feedback="none", form=form, trial_capacity=8,
        event_capacity=1 << 12, forced_capacity=1 << 12,
    )  # fmt: skip
    return simulator(setup, target)


def begun(published: Published) -> State:
    generator = np.random.default_rng(1)
    shapes = NETWORK.weight_shapes()
    hidden = generator.uniform(published.low, published.high, shapes["hidden1"])
    return State({"hidden1": hidden, "readout": np.zeros(shapes["readout"])}, {}, {})


def learned(published: Published, simulated: Simulator, spikes: scripts.Spikes) -> list[Array]:
    """Return the weights after each trial, one run of the network for each."""
    trials, forced = presented(spikes)
    state, found = begun(published), []
    for index in range(COUNT):
        own = forced["hidden1"].trial == index
        given = Spikes(
            np.zeros(int(own.sum()), dtype=np.int64), forced["hidden1"].step[own], forced["hidden1"].neuron[own]
        )
        _, state = simulated.run(state, trials.take(np.array([index])), PLAN, {"hidden1": given})
        found.append(state.weights["hidden1"])
    return found


def apart(ours: list[Array], theirs: list[Array]) -> float:
    return max(float(np.abs(a - b).max() / np.abs(b).max()) for a, b in zip(ours, theirs, strict=True))


@pytest.mark.parametrize("name", PUBLISHED)
def test_weights_are_those_of_the_script_after_each_trial(name: str) -> None:
    published, spikes = PUBLISHED[name], spikes_of()
    theirs = published.script(begun(published).weights["hidden1"], spikes)
    moved = [np.abs(b - a).max() for a, b in zip([begun(published).weights["hidden1"], *theirs], theirs, strict=False)]
    assert min(moved) > 1e-4
    simulated = network_of(published.rule, neuron=published.neuron)
    assert apart(learned(published, simulated, spikes), theirs) < 1e-12
    # All trials in one run are no other than one by one.
    trials, forced = presented(spikes)
    _, state = simulated.run(begun(published), trials, PLAN, forced)
    assert np.array_equal(state.weights["hidden1"], learned(published, simulated, spikes)[-1])


@pytest.mark.parametrize("name", PUBLISHED)
def test_every_form_and_target_leaves_the_same_bits(name: str) -> None:
    published, spikes = PUBLISHED[name], spikes_of()
    trials, forced = presented(spikes)

    def left(form: Form, target: Target) -> State:
        return network_of(published.rule, form, target, published.neuron).run(begun(published), trials, PLAN, forced)[1]

    events, clock, numpy = left("events", "cpp"), left("clock", "cpp"), left("clock", "numpy")
    assert np.array_equal(events.weights["hidden1"], clock.weights["hidden1"])
    assert apart([numpy.weights["hidden1"]], [clock.weights["hidden1"]]) < 1e-13
    assert set(events.outlasting) == set(clock.outlasting) != set()
    for key, values in events.outlasting.items():
        assert np.array_equal(values, clock.outlasting[key])
        assert values.any()


@pytest.mark.parametrize("name", PUBLISHED)
def test_weights_are_others_where_traces_end_with_the_trial(name: str) -> None:
    published, spikes = PUBLISHED[name], spikes_of()
    theirs = published.script(begun(published).weights["hidden1"], spikes)
    forgetful = replace(published.rule, persistent=())
    assert apart(learned(published, network_of(forgetful, neuron=published.neuron), spikes), theirs) > 1e-4


@pytest.mark.parametrize("name", ["triplet", "inhibitory"])
def test_bounds_are_reached_and_without_them_left(name: str) -> None:
    published, spikes = PUBLISHED[name], spikes_of()
    theirs = published.script(begun(published).weights["hidden1"], spikes)
    assert any(((weights <= 0) | (weights >= 1)).any() for weights in theirs)
    free = replace(published.rule, updates=replace(published.rule.updates, constraints=()))
    assert apart(learned(published, network_of(free), spikes), theirs) > 1e-3


def test_weights_onto_a_neuron_add_up_to_what_they_should() -> None:
    published, spikes = PUBLISHED["competitive"], spikes_of()
    for weights in learned(published, network_of(published.rule, neuron=published.neuron), spikes):
        assert np.abs(weights.sum(axis=0) - 2.5).max() < 1e-12
    bounded = replace(published.rule.updates, constraints=published.rule.updates.constraints[:1])
    free = learned(published, network_of(replace(published.rule, updates=bounded)), spikes)
    assert np.abs(free[-1].sum(axis=0) - 2.5).max() > 0.1


def test_updates_after_each_trial_are_others() -> None:
    published, spikes = PUBLISHED["pair_soft"], spikes_of()
    theirs = published.script(begun(published).weights["hidden1"], spikes)
    late = replace(published.rule, updates=replace(published.rule.updates, every="trial"))
    assert apart(learned(published, network_of(late), spikes), theirs) > 1e-3
