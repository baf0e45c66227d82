"""SuperSpike teaches a neuron when to spike; refractory neurons and filters of wanted spikes are what they say."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import RULES
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron_models import LIF, REFRACTORY, SPIKE_TRAIN
from workbench.declare.optimizer import RMAXPROP
from workbench.declare.surrogate import FAST_SIGMOID
from workbench.declare.task import TaskData
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.model.setup import Setup
from workbench.tasks.spike_train import SPIKE_TRAIN as TASK
from workbench.testing.case import Case, random_case, random_state


def case_of(data: TaskData, seed: int) -> Case:
    """Return one neuron that is wanted to spike; the readout's exact rule, by which it learns, is SuperSpike's."""
    network = Network(
        n_inputs=data.n_inputs, hidden=(), n_outputs=1, readout=SPIKE_TRAIN, loss=SQUARED_ERROR, n_steps=data.n_steps,
        surrogate=FAST_SIGMOID.with_parameters({"beta": 10.0}),
    )  # fmt: skip
    setup = Setup(
        network=network, rule=RULES["superspike"], feedback="symmetric", optimizer=RMAXPROP, targets="spikes",
        trial_capacity=64, event_capacity=1 << 15,
    )  # fmt: skip
    return Case(setup, random_state(setup, np.random.default_rng(seed), gain=1.0), data.test)


@pytest.mark.parametrize("seed", range(3))
def test_a_neuron_learns_when_to_spike(seed: int) -> None:
    data = TASK.data(train=50)
    case = case_of(data, seed)
    run, plan = simulator(case.setup), Plan(learning=True, update_after=np.ones(50, dtype=np.int64))
    state, losses = case.state, []
    for epoch in range(40):
        losses.append(run.run(state, data.test, Plan())[0].loss[0])
        _, state = run.run(state, data.train, replace(plan, learning_rate=0.05 * 0.95**epoch))
    recording, _ = run.run(state, data.test, Plan())
    # The figure to reach: a van Rossum distance below a tenth of its start, and spikes within 2 ms of those wanted.
    assert losses[0] > 1e-3
    assert recording.loss[0] < 0.1 * losses[0]
    wanted = np.flatnonzero(data.test.target[0, :, 0])
    found = recording.spikes["readout"].step
    # A spike of the last step is followed by no loss.
    found = found[found < data.n_steps - 1]
    assert len(found) == len(wanted)
    assert np.abs(found - wanted).max() <= 2


def test_a_silent_neuron_is_as_far_from_its_train_as_the_train_is_from_nothing() -> None:
    """The loss by another program: the wanted spikes alone, through both filters, a step after they are due."""
    data = TASK.data()
    case = case_of(data, 0)
    silent = case.with_weights(readout=np.zeros((100, 1)))
    recording = silent.simulator().run(silent.state, data.test, Plan())[0]
    lags = np.arange(500) - np.flatnonzero(data.test.target[0, :, 0])[:, None]
    kernel = 5.0 / (5.0 - 10.0) * (np.exp(-lags / 5.0) - np.exp(-lags / 10.0)) * (lags >= 0)
    assert recording.loss[0] == pytest.approx(0.5 * np.mean(kernel.sum(axis=0) ** 2), rel=1e-9)


@pytest.mark.parametrize(("t_ref", "shortest"), [("5 ms", 5), ("3 ms", 3)])
def test_neurons_rest_for_their_refractory_period(t_ref: str, shortest: int) -> None:
    setup = Setup(
        network=Network(n_inputs=8, hidden=(20,), n_outputs=3, neuron=LIF, n_steps=80), rule=RULES["frozen"],
        feedback="none", trial_capacity=32, event_capacity=1 << 12,
    )  # fmt: skip
    intervals = {}
    for model in (LIF, REFRACTORY.with_parameters({"t_ref": t_ref})):
        case = random_case(replace(setup, network=replace(setup.network, neuron=model)), gain=12.0, rate=0.3)
        raster = case.record("numpy").spikes["hidden1"].raster(len(case.trials), 80, 20)
        trains = [np.flatnonzero(train) for trial in raster for train in trial.T]
        intervals[model.name] = min(np.diff(train).min(initial=80) for train in trains)
    assert intervals == {"lif": 1, "lif_refractory": shortest}
