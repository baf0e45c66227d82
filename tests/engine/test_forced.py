"""Forced rasters: a network that is given spikes in place of its own obeys, and changes nothing else."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import SETUPS, assert_alive, error_of, same_recording, same_state
from workbench.common.errors import GradientError, SimulationError
from workbench.declare.recording import Recording, Spikes
from workbench.engine.presentation import Plan
from workbench.engine.state import State
from workbench.reference import mode
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case

FREE = SETUPS["eprop_1"]
FORCED = replace(FREE, forced_capacity=2048)

PLAN = Plan(learning=True, record_gradient=True)


def forced(case: Case, spikes: dict[str, Spikes], plan: Plan = PLAN) -> tuple[Recording, State]:
    setup = replace(case.setup, forced_capacity=FORCED.forced_capacity)
    return replace(case, setup=setup).simulator().run(case.state, case.trials, plan, forced=spikes)


@pytest.fixture(scope="module")
def case() -> Case:
    """Return a network and trials."""
    return random_case(FREE, count=7)


def shuffled(spikes: Spikes, n_steps: int) -> Spikes:
    """Return as many spikes of each trial at other times, at most one per neuron and step."""
    generator = np.random.default_rng(3)
    raster = spikes.raster(int(spikes.trial.max()) + 1, n_steps, int(spikes.neuron.max()) + 1)
    return Spikes(*np.nonzero(generator.permuted(raster, axis=1)))


def test_own_spikes_reproduce_everything(case: Case) -> None:
    free = case.record()
    assert_alive(free, case.setup)
    given, _ = forced(case, free.spikes)
    assert same_recording(given, free)
    plan = Plan(learning=True, update_after=np.array([0, 0, 3, 0, 0, 0, 4]), learning_rate=0.1)
    # Learning changes weights, and these no spikes any more: so first see what the free network does.
    recording, state = case.simulator().run(case.state, case.trials, plan)
    again, after = forced(case, recording.spikes, plan)
    assert same_recording(again, recording)
    assert same_state(after, state)


def test_other_spikes_are_obeyed(case: Case) -> None:
    free = case.record()
    others = {"hidden1": shuffled(free.spikes["hidden1"], case.setup.network.n_steps)}
    given, _ = forced(case, others)
    shape = (7, case.setup.network.n_steps, 9)
    wanted = others["hidden1"].raster(*shape)
    assert np.array_equal(given.spikes["hidden1"].raster(*shape), wanted)
    assert not np.array_equal(free.spikes["hidden1"].raster(*shape), wanted)
    assert error_of(given.loss, free.loss) > 1e-3
    assert error_of(given.gradient["hidden1"], free.gradient["hidden1"]) > 1e-3


def test_the_reference_refuses_spikes_that_the_network_would_not_make(case: Case) -> None:
    free = case.record()
    model = reference(case.setup)
    given, _ = forced(case, {"hidden1": shuffled(free.spikes["hidden1"], case.setup.network.n_steps)})
    with pytest.raises(GradientError, match="decides otherwise than the recorded raster"):
        model.gradients(ForwardPass(case.state.weights, {}, case.trials, given))


def test_decisions_within_the_tolerance_are_counted(case: Case, monkeypatch: pytest.MonkeyPatch) -> None:
    """A spike is held back for a step, with a tolerance so wide that it might have been."""
    free = case.record()
    spikes = free.spikes["hidden1"]
    later = spikes.step.copy()
    later[3] += 1
    given, _ = forced(case, {"hidden1": replace(spikes, step=later)})
    model = reference(case.setup)
    monkeypatch.setitem(mode.TOLERANCE, "float64", 1e6)
    assert model.gradients(ForwardPass(case.state.weights, {}, case.trials, free)).differing == 0
    # In the step after, the neuron is above threshold still.
    assert model.gradients(ForwardPass(case.state.weights, {}, case.trials, given)).differing == 1


@pytest.mark.parametrize("chunk", [1, 3])
def test_chunks_cut_forced_spikes_with_their_trials(case: Case, chunk: int) -> None:
    others = {"hidden1": shuffled(case.record().spikes["hidden1"], case.setup.network.n_steps)}
    whole, _ = forced(case, others)
    cut, _ = forced(case, others, replace(PLAN, chunk=chunk))
    assert same_recording(cut, whole)


def test_silence_can_be_forced(case: Case) -> None:
    none = Spikes(*(np.zeros(0, dtype=np.int64) for _ in range(3)))
    given, _ = forced(case, {"hidden1": none})
    assert len(given.spikes["hidden1"].trial) == 0
    assert not given.output.any()


def test_forced_spikes_belong_to_a_network_built_for_them(case: Case) -> None:
    spikes = case.record().spikes
    with pytest.raises(SimulationError, match="Forced spikes need a network built for them"):
        case.simulator().run(case.state, case.trials, PLAN, forced=spikes)
    with pytest.raises(SimulationError, match="such a network needs forced spikes"):
        replace(case, setup=FORCED).simulator().run(case.state, case.trials, PLAN)


def test_too_many_forced_spikes_are_refused(case: Case) -> None:
    small = replace(case, setup=replace(FREE, forced_capacity=8))
    with pytest.raises(SimulationError, match="spikes are too many for 'hidden1', which takes 7 in one run"):
        small.simulator("numpy").run(case.state, case.trials, PLAN, forced=case.record().spikes)
