"""A published rule that holds a neuron's rate, in closed loop: spike for spike as plain Brian2 has it.

Weights change within a trial, and by them the spikes that change them.
"""

import brian2
import numpy as np
import pytest
from brian2 import NeuronGroup, SpikeGeneratorGroup, SpikeMonitor, Synapses, ms, prefs, second

from workbench import (
    Claims,
    Connectivity,
    Constraint,
    Network,
    NeuronModel,
    Parameter,
    Projection,
    Rule,
    Trials,
    Updates,
)
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup

DT, COUNT, STEPS = 0.1e-3, 3, 10_000
TAU, UP, DOWN, MOST = 10e-3, 0.05, 0.03, 2.0

#: Spikes arrive in `I`, are added to v in the next step, and are lost while the neuron rests after a spike.
NEURON = NeuronModel(
    name="resting",
    equations="""dv/dt = -v / tau_mem * int(left < 1.5) + I * (1 / one - 1 / tau_mem) * int(left < 0.5) : 1
                 dI/dt = -I / one : 1
                 dleft/dt = -int(left > 0.5) / one : 1""",
    drive="v - 1",
    reset="v = -1 + 0 * v\nI = 0 * I\nleft = 10 + 0 * left",
    refractory="left > 0.5",
    method="euler",
    parameters=(("tau_mem", "10 ms"), ("one", "0.1 ms")),
    persistent=("v", "I", "left"),
)

#: Of Breitwieser's homeostasis, as Brian2's example has it: up at an input's spike, down at the neuron's own.
HOMEOSTASIS = Rule(
    name="homeostasis",
    title="Spike-based homeostasis",
    synapse="""dg/dt = -event * (clip(w + up * spiked_pre, 0, w_max) - w - down * spiked_post) / dt : second""",
    updates=Updates(
        every="step", per="second", constraints=(Constraint(name="up_to_two", project="w = clip(w, 0.0, 2.0)"),)
    ),
    claims=Claims(estimates="nothing", by_steps="weights act on the spikes that change them"),
    parameters=(
        Parameter(name="up", default=UP, doc="At a presynaptic spike."),
        Parameter(name="down", default=DOWN, doc="At a postsynaptic spike."),
        Parameter(name="w_max", default=MOST, doc="The largest weight."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)


#: Either input alone reaches the neuron.
FIRST, SECOND = Connectivity.pairs([0], [0]), Connectivity.pairs([1], [0])


def drawn() -> np.ndarray:
    """Return a steady input, and one whose rate changes from second to second, (n_trials, n_steps, 2)."""
    generator = np.random.default_rng(0)
    rates = np.array([[50.0, 25.0], [50.0, 60.0], [50.0, 5.0]])
    return generator.random((COUNT, STEPS, 2)) < rates[:, None] * DT


def script(raster: np.ndarray, learns: bool = True) -> tuple[np.ndarray, np.ndarray]:
    """Return the steps of the neuron's spikes, and the plastic weight after each trial, by plain Brian2."""
    step, neuron = np.nonzero(raster.reshape(-1, 2))
    prefs.codegen.target = "numpy"
    clock = brian2.Clock(dt=DT * second)
    inputs = SpikeGeneratorGroup(2, neuron, step * DT * second, clock=clock)
    post = NeuronGroup(
        1, "dv/dt = -v / (10*ms) : 1 (unless refractory)", threshold="v > 1", reset="v = -1", method="euler",
        refractory=1 * ms, clock=clock, namespace={"ms": ms},
    )  # fmt: skip
    changed = {"up": UP if learns else 0.0, "down": DOWN if learns else 0.0}
    plastic = Synapses(
        inputs, post, "w : 1", on_pre="v_post += w\nw = clip(w + up, 0, 2)", on_post="w = clip(w - down, 0, 2)",
        clock=clock, namespace=changed,
    )  # fmt: skip
    plastic.connect(i=[0], j=[0], namespace={})
    fixed = Synapses(inputs, post, on_pre="v_post += 2", clock=clock, namespace={})
    fixed.connect(i=[1], j=[0], namespace={})
    spikes = SpikeMonitor(post)
    network = brian2.Network(inputs, post, plastic, fixed, spikes)
    weights = []
    for _ in range(COUNT):
        network.run(STEPS * DT * second, namespace={})
        weights.append(float(plastic.w[0]))
    return np.rint(np.array(spikes.t / second) / DT).astype(int), np.array(weights)


@pytest.mark.parametrize(("form", "target"), [("events", "cpp"), ("clock", "cpp"), ("clock", "numpy")])
def test_homeostasis_is_that_of_plain_brian2_spike_for_spike(form: Form, target: Target) -> None:
    raster = drawn()
    network = Network(
        n_inputs=2, hidden=(1,), n_outputs=2, n_steps=STEPS, dt=DT, neuron=NEURON,
        projections=(
            Projection(source="inputs", target="hidden1", name="hidden1", connect=FIRST),
            Projection(source="inputs", target="hidden1", name="fixed", connect=SECOND, plastic=False),
        ),
    )  # fmt: skip
    setup = Setup(
        network=network, rule=HOMEOSTASIS, feedback="none", form=form, trial_capacity=4, event_capacity=1 << 12
    )
    weights = {"hidden1": np.zeros(1), "fixed": np.full(1, 2.0), "readout": np.zeros((1, 2))}
    run, state = simulator(setup, target), State(weights, {}, {})
    steps, after = [], []
    for trial in range(COUNT):
        shown = Trials.from_raster(raster[[trial]].astype(float), np.eye(2)[[0]])
        recording, state = run.run(state, shown, Plan(learning=True, learning_rate=1.0, record_spikes=True))
        steps.append(recording.spikes["hidden1"].step + trial * STEPS)
        after.append(float(state.weights["hidden1"][0]))
    theirs, their_weights = script(raster)
    assert len(theirs) > 20
    assert np.array_equal(np.concatenate(steps), theirs)
    np.testing.assert_allclose(after, their_weights, rtol=0, atol=1e-12)
    # The weight comes to its bound, and leaves it; without learning the neuron spikes otherwise.
    assert np.ptp(their_weights) > 0.1
    assert not np.array_equal(theirs, script(raster, learns=False)[0])
