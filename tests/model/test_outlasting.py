"""Variables that outlive a trial: carried in training, untouched by evaluation, and constants of the exact gradient."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES, error_of, same_recording, same_state
from workbench import Network
from workbench.common.errors import GradientError, ModelError, RuleError
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import ALIF
from workbench.declare.options import Form
from workbench.engine.presentation import Plan
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.mode import Direction
from workbench.testing.case import Case, random_case

#: A threshold that rises over many trials.
LASTING = replace(ALIF, name="lasting", persistent=("a",)).with_parameters({"tau_a": "2 second", "rise": 0.05})

TRAIN = Plan(learning=True, update_after=np.ones(8, dtype=np.int64), learning_rate=0.05)


def setup_of(neuron: NeuronModel) -> Setup:
    network = Network(n_inputs=8, hidden=(7,), n_outputs=3, n_steps=40, neuron=neuron)
    return Setup(network=network, rule=RULES["eprop"], feedback="symmetric", **CAPACITY)


@pytest.fixture(scope="module")
def case() -> Case:
    """Return a network whose thresholds outlive a trial, and trials."""
    return random_case(setup_of(LASTING))


def test_training_carries_on_however_it_is_cut(case: Case) -> None:
    whole = case.simulator().run(case.state, case.trials, TRAIN)
    state, recordings = case.state, []
    for first, last in ((0, 1), (1, 4), (4, 8)):
        index = np.arange(first, last)
        plan = replace(TRAIN, update_after=TRAIN.update_after[index])  # type: ignore[index]
        recording, state = case.simulator().run(state, case.trials.take(index), plan)
        recordings.append(recording)
    assert same_state(state, whole[1])
    assert np.array_equal(state.outlasting["hidden1.a"], whole[1].outlasting["hidden1.a"])
    assert np.array_equal(np.concatenate([recording.loss for recording in recordings]), whole[0].loss)
    assert (state.outlasting["hidden1.a"] > 0.5).any()
    # A network that forgets between trials does something else.
    forgetful = replace(case, setup=setup_of(replace(LASTING, persistent=())))
    other = forgetful.simulator().run(case.state, case.trials, TRAIN)[0]
    assert np.array_equal(other.loss[0], whole[0].loss[0])
    assert not np.array_equal(other.loss, whole[0].loss)


@pytest.mark.parametrize("plan", [Plan(), Plan(learning=True, record_gradient=True)], ids=["evaluated", "recorded"])
def test_trials_that_teach_nothing_all_begin_alike(case: Case, plan: Plan) -> None:
    _, state = case.simulator().run(case.state, case.trials, TRAIN)
    recording, after = case.simulator().run(state, case.trials, plan)
    assert after is state
    back = np.arange(8)[::-1].copy()
    backwards, _ = case.simulator().run(state, case.trials.take(back), plan)
    assert np.array_equal(backwards.loss[back], recording.loss)
    # They begin where training ended, and not at 0.
    fresh, _ = case.simulator().run(replace(state, outlasting={}), case.trials, plan)
    assert not np.array_equal(fresh.loss, recording.loss)
    carried, _ = case.simulator().run(state, case.trials, replace(Plan(), carry=True))
    assert not np.array_equal(carried.loss, recording.loss)


@pytest.mark.parametrize("form", ["events", "clock"])
def test_numpy_agrees(case: Case, form: Form) -> None:
    own = case.with_setup(form=form)
    compiled, state = own.simulator().run(case.state, case.trials, TRAIN)
    numpy, other = own.simulator("numpy").run(case.state, case.trials, TRAIN)
    assert error_of(numpy.loss, compiled.loss) < 1e-12
    assert error_of(other.outlasting["hidden1.a"], state.outlasting["hidden1.a"]) < 1e-12


def test_gradient_takes_what_a_trial_began_with_as_a_constant(case: Case) -> None:
    begun = np.full(7, 0.3)
    state = replace(case.state, outlasting={"hidden1.a": begun})
    # The same network without memory, whose threshold begins there each time.
    beginning = replace(case, setup=setup_of(replace(LASTING, persistent=(), initial=(("a", 0.3),))))
    gradients = {}
    for name, own, at in (("lasting", case, state), ("beginning", beginning, case.state), ("at 0", case, case.state)):
        recording, _ = own.simulator().run(at, case.trials, Plan())
        found = reference(own.setup).gradients(ForwardPass(at.weights, at.feedback, case.trials, recording))
        gradients[name] = found.mean["hidden1"]
    assert np.isfinite(gradients["lasting"]).all()
    assert error_of(gradients["lasting"], gradients["beginning"]) < 1e-13
    assert error_of(gradients["at 0"], gradients["beginning"]) > 1e-2


@pytest.mark.parametrize("direction", ["reverse", "forward"])
def test_gradient_of_trials_that_begin_differently_is_that_of_each(case: Case, direction: Direction) -> None:
    recording, _ = case.simulator().run(case.state, case.trials, Plan(carry=True))
    assert len(np.unique(recording.begun["hidden1.a"].mean(axis=1))) == 8
    exact = reference(case.setup)

    def gradient(forward: ForwardPass) -> np.ndarray:
        return exact.gradients(forward, per_trial=True, direction=direction).trials["hidden1"]

    together = gradient(ForwardPass(case.state.weights, case.state.feedback, case.trials, recording))
    for trial in (0, 5, 7):
        state = replace(case.state, outlasting={"hidden1.a": recording.begun["hidden1.a"][trial]})
        one = case.trials.take(np.array([trial]))
        alone, _ = case.simulator().run(state, one, Plan())
        expected = gradient(ForwardPass(state.weights, state.feedback, one, alone))[0]
        assert error_of(together[trial], expected) < 1e-13
    # A trial that is said to have begun otherwise does not do what was recorded.
    wrong = replace(recording, begun={"hidden1.a": recording.begun["hidden1.a"] + 0.5})
    with pytest.raises(GradientError, match="the reference decides otherwise than the recorded raster"):
        gradient(ForwardPass(case.state.weights, case.state.feedback, case.trials, wrong))


def test_traces_of_synapses_outlive_a_trial_too() -> None:
    # Eligibility that a reward of the next trial may meet.
    rule = replace(RULES["reward_stdp"], persistent=("x", "y", "c"))
    own = random_case(replace(setup_of(ALIF), rule=rule, feedback="global_scalar"))
    state: State = own.simulator().run(own.state, own.trials, TRAIN)[1]
    assert set(state.outlasting) == {"inputs.x", "hidden1.y", "w_hidden1.c"}
    values = state.outlasting["w_hidden1.c"]
    assert values.shape == (8, 7)
    assert values.any()
    numpy = own.simulator("numpy").run(own.state, own.trials, TRAIN)[1]
    assert error_of(numpy.outlasting["w_hidden1.c"], values) < 1e-12
    recorded = [own.on(own.trials.take(order)).record() for order in (np.arange(8), np.arange(8)[::-1].copy())]
    assert same_recording(recorded[0], own.record())
    assert np.array_equal(recorded[1].gradient["hidden1"][::-1], recorded[0].gradient["hidden1"])


def test_what_is_no_variable_cannot_outlive_a_trial() -> None:
    with pytest.raises(ModelError, match=r"Neuron 'alif', `persistent`: 'b' is none of its variables. There are"):
        replace(ALIF, persistent=("b",))
    with pytest.raises(RuleError, match=r"Rule 'eprop', `persistent`: 'nothing' is none of its variables"):
        replace(RULES["eprop"], persistent=("nothing",))
    with pytest.raises(RuleError, match=r"'g' is none of its variables"):
        replace(RULES["eprop"], persistent=("g",))
