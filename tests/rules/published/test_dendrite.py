"""A dendrite that learns to predict its soma, which spikes by chance: with the same draws, spike for spike as a script.

Urbanczik and Senn 2014 (doi:10.1016/j.neuron.2013.11.030), equations 1 to 5, for currents in place of conductances.
"""

import numpy as np
import pytest

from tests.networks import error_of
from workbench import Claims, Network, NeuronModel, OnStep, Parameter, Population, Projection, Rule, Trials, Updates
from workbench.common.counter_noise import drawn, key_of
from workbench.declare.options import Form, Target
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup

COUNT, STEPS, PRE, POST = 4, 150, 6, 3
TAU, TAU_SYN, TAU_DELTA, RATE = 10e-3, 3e-3, 100e-3, 150.0

NEURON = NeuronModel(
    name="two_compartments",
    equations="""dw_d/dt = (I - w_d) / tau_mem : 1
                 dI/dt = -I / tau_syn : 1
                 du/dt = (-u + coupling * (w_d - u) + nudge) / tau_mem : 1
                 dnudge/dt = -nudge / tau_syn : 1""",
    drive="rate * dt / (1 + exp(beta * (theta - u))) - chance",
    reset="u = 0 * u",
    method="euler",
    noise=(("chance", "uniform"),),
    parameters=(
        *(("tau_mem", "10 ms"), ("tau_syn", "3 ms"), ("coupling", 2.0)),
        *(("rate", "150 Hz"), ("beta", 3.0), ("theta", 0.5)),
    ),
)

DENDRITE = Rule(
    name="dendrite",
    title="Dendritic prediction",
    pre="""dq/dt = -q / tau_syn_post : 1
           dp/dt = (q - p) / tau_mem_post : 1""",
    pre_on_spike="q += 1",
    on_step=OnStep(
        state=("told", "slope"),
        code="""told = spiked - rate * dt / (1 + exp(beta * (theta - w_d * coupling / (1 + coupling))))
                slope = beta * (1 - 1 / (1 + exp(beta * (theta - w_d * coupling / (1 + coupling)))))""",
    ),
    synapse="""dd/dt = -d / tau_delta + told_post * slope_post * p_pre / dt : 1
               dg/dt = -eta * event * d / tau_delta : second""",
    persistent=("d",),
    updates=Updates(every="step", per="second"),
    claims=Claims(estimates="nothing", by_steps="spikes come by chance in each step"),
    parameters=(
        Parameter(name="tau_delta", default="100 ms", doc="Over which changes are averaged."),
        Parameter(name="eta", default=0.5, doc="Of the changes."),
        Parameter(name="event", default="1 second", doc="Unit of g."),
    ),
)

NETWORK = Network(
    n_inputs=PRE,
    hidden=(),
    n_outputs=2,
    n_steps=STEPS,
    populations=(Population(name="cells", size=POST, neuron=NEURON),),
    projections=(
        Projection(source="inputs", target="cells", name="onto_dendrite"),
        Projection(source="inputs", target="cells", name="onto_soma", receptor="nudge", plastic=False),
        Projection(source="cells", target="readout"),
    ),
    seed=5,
)


def script(weights: np.ndarray, soma: np.ndarray, pre: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """Return the weights after each trial, and the spikes, by Euler's method for the neuron."""
    key = key_of("noise", 5, "cells", "chance")
    d, found, spikes = np.zeros((PRE, POST)), [], np.zeros((COUNT, STEPS, POST))
    fade = np.exp(-1e-3 / TAU_DELTA)
    for trial in range(COUNT):
        w_d, current, u, nudge = (np.zeros(POST) for _ in range(4))
        q, p = np.zeros((PRE, 1)), np.zeros((PRE, 1))
        chance = drawn("uniform", key, trial, np.arange(STEPS), POST)
        for step in range(STEPS):
            w_d, current, u, nudge = (
                w_d + 1e-3 * (current - w_d) / TAU,
                current - 1e-3 * current / TAU_SYN,
                u + 1e-3 * (-u + 2 * (w_d - u) + nudge) / TAU,
                nudge - 1e-3 * nudge / TAU_SYN,
            )
            # Traces stand for the neuron's filters, and are integrated as it is.
            q, p = q - 1e-3 * q / TAU_SYN, p + 1e-3 * (q - p) / TAU
            spiked = (RATE * 1e-3 / (1 + np.exp(3 * (0.5 - u))) > chance[step]).astype(float)
            spikes[trial, step] = spiked
            sent = pre[trial, step]
            current, nudge, q = current + sent @ weights, nudge + sent @ soma, q + sent[:, None]
            expected = 1 / (1 + np.exp(3 * (0.5 - w_d * 2 / 3)))
            d = d * fade + (spiked - RATE * 1e-3 * expected) * 3 * (1 - expected) * p
            weights = weights + 1e-3 * 0.5 * d / TAU_DELTA
            u = np.where(spiked > 0, 0.0, u)
        found.append(weights)
    return found, spikes


@pytest.mark.parametrize(("form", "target"), [("events", "cpp"), ("clock", "numpy")])
def test_dendrite_and_soma_are_those_of_the_script(form: Form, target: Target) -> None:
    generator = np.random.default_rng(0)
    pre = (generator.random((COUNT, STEPS, PRE)) < 0.06).astype(float)
    begun, soma = generator.uniform(0, 2, (PRE, POST)), generator.uniform(0, 4, (PRE, POST))
    setup = Setup(network=NETWORK, rule=DENDRITE, feedback="none", form=form, trial_capacity=8, event_capacity=1 << 12)
    weights = {"onto_dendrite": begun, "onto_soma": soma, "cells_to_readout": np.zeros((POST, 2))}
    trials, state = Trials.from_raster(pre, np.eye(2)[[0, 1, 0, 1]]), State(weights, {}, {})
    theirs, spikes = script(begun, soma, pre)
    assert spikes.sum() > 20
    run = simulator(setup, target)
    for trial in range(COUNT):
        recording, state = run.run(state, trials.take([trial]), Plan(learning=True, learning_rate=1.0))
        assert np.array_equal(recording.spikes["cells"].raster(1, STEPS, POST)[0], spikes[trial] > 0)
        assert error_of(state.weights["onto_dendrite"], theirs[trial]) < 1e-11
        assert np.array_equal(state.weights["onto_soma"], soma)
    assert error_of(theirs[-1], begun) > 0.01
