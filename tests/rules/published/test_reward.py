"""Rules whose third factor comes from outside, step by step: dopamine, wanted spikes; and efficacies that drift."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import error_of
from tests.rules.published.rules import CALCIUM
from workbench import Claims, Constraint, LearningSignal, Network, OnStep, Parameter, Rule, Trials, Updates
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import SPIKE_TRAIN
from workbench.declare.options import Form, Target
from workbench.declare.recording import Spikes
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup

COUNT, STEPS, PRE, POST = 5, 120, 5, 4

#: Izhikevich 2007 (doi:10.1093/cercor/bhl152), as Brian2's example of it: dw/dt = c d, with a reward that comes later.
DOPAMINE = Rule(
    name="dopamine",
    title="Dopamine",
    pre="dx/dt = -x / tau_plus : 1",
    pre_on_spike="x += 1",
    post="""dy/dt = -y / tau_minus + spiked / dt : 1
            dd/dt = -d / tau_d + reward / dt : 1""",
    output_step=OnStep(state=("given",), code="given = target"),
    synapse="""dc/dt = -c / tau_c + (x_pre * spiked_post - 1.05 * (y_post - spiked_post) * spiked_pre) / dt : 1
               dg/dt = -c * d_post : second""",
    signal=LearningSignal(name="reward", source="given", feedback="uniform", relay="reward"),
    persistent=("x", "y", "d", "c"),
    updates=Updates(
        every="step", per="second", constraints=(Constraint(name="unit", project="w = clip(w, 0.0, 1.0)"),)
    ),
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_plus", default="20 ms", doc="Of pre before post."),
        Parameter(name="tau_minus", default="20 ms", doc="Of post before pre."),
        Parameter(name="tau_c", default="1 second", doc="Of the eligibility."),
        Parameter(name="tau_d", default="200 ms", doc="Of dopamine."),
    ),
)

#: Ponulak and Kasinski 2010 (doi:10.1162/neco.2009.11-08-901), for a readout that spikes.
RESUME = Rule(
    name="resume",
    title="ReSuMe",
    pre="dx/dt = -x / tau_x : 1",
    pre_on_spike="x += 1",
    output_step=OnStep(code="error = spiked - target"),
    synapse="dg/dt = event * error_post * (a + x_pre) / dt : second",
    signal=LearningSignal(name="error", feedback="random_direct"),
    trains_readout=True,
    claims=Claims(estimates="nothing"),
    parameters=(
        Parameter(name="tau_x", default="5 ms", doc="Of the window."),
        Parameter(name="a", default=0.01, doc="The part that no input causes."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return spikes of both sides, and rewards that are rare and late, each of shape (n_trials, n_steps, n)."""
    generator = np.random.default_rng(seed)
    pre, post, reward = (
        (generator.random((COUNT, STEPS, n)) < rate).astype(float) for n, rate in ((PRE, 0.08), (POST, 0.08), (1, 0.02))
    )
    return pre, post, reward


def dopamine(w: np.ndarray, pre: np.ndarray, post: np.ndarray, reward: np.ndarray) -> list[np.ndarray]:
    """Return the weights after each trial, by Euler's method, traces by their exact decay."""
    fade = {tau: np.exp(-1e-3 / tau) for tau in (20e-3, 1.0, 200e-3)}
    x, y, c, d = np.zeros((PRE, 1)), np.zeros((1, POST)), np.zeros((PRE, POST)), 0.0
    found = []
    for trial in range(COUNT):
        for step in range(STEPS):
            sent, spiked = pre[trial, step][:, None], post[trial, step][None, :]
            x, y = x * fade[20e-3] + sent, y * fade[20e-3]
            d = d * fade[200e-3] + reward[trial, step, 0]
            c = c * fade[1.0] + x * spiked - 1.05 * y * sent
            y = y + spiked
            w = np.clip(w + 1e-3 * c * d, 0, 1)
        found.append(w)
    return found


@pytest.mark.parametrize(("form", "target"), [("events", "cpp"), ("clock", "cpp"), ("clock", "numpy")])
def test_delayed_reward_gives_the_weights_of_the_script(form: Form, target: Target) -> None:
    pre, post, reward = drawn(0)
    network = Network(n_inputs=PRE, hidden=(POST,), n_outputs=1, n_steps=STEPS, loss=SQUARED_ERROR)
    setup = Setup(
        network=network, rule=DOPAMINE, feedback="uniform", form=form, targets="step", trial_capacity=8,
        event_capacity=1 << 12, forced_capacity=1 << 12,
    )  # fmt: skip
    begun = np.random.default_rng(1).uniform(0.05, 0.95, (PRE, POST))
    theirs = dopamine(begun, pre, post, reward)
    state = State({"hidden1": begun, "readout": np.zeros((POST, 1))}, {"hidden1": np.ones((1, POST))}, {})
    run, trials = simulator(setup, target), Trials.from_raster(pre, reward)
    for trial in range(COUNT):
        step, neuron = np.nonzero(post[trial])
        forced = {"hidden1": Spikes(np.zeros(len(step), dtype=np.int64), step, neuron)}
        _, state = run.run(state, trials.take([trial]), Plan(learning=True, learning_rate=1.0), forced)
        assert error_of(state.weights["hidden1"], theirs[trial]) < 1e-12
    # Without a reward nothing moves, and with it weights reach a bound.
    assert error_of(dopamine(begun, pre, post, 0 * reward)[-1], begun) == 0
    assert ((theirs[-1] == 0) | (theirs[-1] == 1)).any()


def test_wanted_spikes_give_the_changes_of_the_script() -> None:
    pre, post, _ = drawn(2)
    wanted = drawn(3)[1]
    network = Network(n_inputs=PRE, hidden=(), n_outputs=POST, n_steps=STEPS, readout=SPIKE_TRAIN, loss=SQUARED_ERROR)
    setup = Setup(
        network=network, rule=RESUME, feedback="random_direct", targets="spikes", trial_capacity=8,
        event_capacity=1 << 12, forced_capacity=1 << 12,
    )  # fmt: skip
    trial, step, neuron = np.nonzero(post)
    state = State({"readout": np.ones((PRE, POST))}, {}, {})
    plan = Plan(learning=True, record_gradient=True)
    recording, _ = simulator(setup).run(
        state, Trials.from_raster(pre, wanted), plan, {"readout": Spikes(trial, step, neuron)}
    )
    found = np.zeros((COUNT, PRE, POST))
    for number in range(COUNT):
        x = np.zeros((PRE, 1))
        for at in range(STEPS):
            x = x * np.exp(-1e-3 / 5e-3) + pre[number, at][:, None]
            found[number] += (post[number, at] - wanted[number, at])[None, :] * (0.01 + x)
    assert error_of(recording.gradient["readout"], found / (STEPS * 1e-3)) < 1e-9


def test_noise_of_an_efficacy_has_the_variance_that_it_should() -> None:
    # Graupner and Brunel 2012: sigma sqrt(tau) times white noise, here always on, over the same tau; no spikes.
    noisy = replace(
        CALCIUM,
        name="calcium_noise",
        synapse=CALCIUM.synapse.replace(
            "* int(c > theta_d)) / tau", "* int(c > theta_d)) / tau - event * sigma * eta / sqrt(tau * dt)"
        ),
        noise=(("eta", "normal"),),
        parameters=(*CALCIUM.parameters, Parameter(name="sigma", default=0.02, doc="Size of the noise.")),
    )
    network = Network(n_inputs=40, hidden=(40,), n_outputs=2, n_steps=100)
    setup = Setup(network=network, rule=noisy, feedback="none", trial_capacity=8, event_capacity=16)
    begun = np.full((40, 40), 0.5)
    state = State({"hidden1": begun, "readout": np.zeros((40, 2))}, {}, {})
    silent = Trials.from_raster(np.zeros((1, 100, 40)), np.array([[1.0, 0.0]]))
    _, after = simulator(setup).run(state, silent, Plan(learning=True, learning_rate=1.0))
    change = after.weights["hidden1"] - begun
    wanted = 0.02 * np.sqrt(0.1 / 15.0)
    assert abs(change.std() / wanted - 1) < 4 / np.sqrt(2 * 1600)
    assert abs(change.mean()) < 4 * wanted / 40
