"""Presenting trials: no result depends on how they are cut, looking does not change, and what is forced is obeyed."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

import workbench
from tests.networks import SETUPS, error_of, same_recording, same_state, with_numbers
from workbench.common.errors import DataError, DivergedError, ModelError, SimulationError
from workbench.declare.options import Target
from workbench.declare.recording import Recording
from workbench.engine.interpreted.stepwise import stepwise
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Runner, Simulator, simulator
from workbench.engine.state import State, plastic_weights
from workbench.engine.update import update
from workbench.model.bindings import Binding, Propagator
from workbench.reference.bptt import reference
from workbench.testing.case import Case, random_case

#: One structure for each optimizer, with a learning rate: SGD, Adam, RMS.
OPTIMIZED = {"eprop_1": 2.0, "eprop_2": 0.3, "dcll_1": 0.3}

#: 11 trials make batches of 4, 4 and 3.
BATCHES = np.array([0, 0, 0, 4, 0, 0, 0, 4, 0, 0, 3])


def training_case(name: str) -> Case:
    """Return a network with a dt that no floating-point number is, and 11 trials."""
    setup = SETUPS[name]
    network = replace(setup.network, dt=3e-4, n_steps=37, window=(3, 31))
    taus = {"tau_mem": "6 ms", "tau_syn": "3 ms"}
    network = replace(network, neuron=network.neuron.with_parameters(dict(taus)), readout=network.readout)
    return random_case(replace(setup, network=network), count=len(BATCHES))


def trained(case: Case, rate: float, chunk: int = 256) -> tuple[Recording, State]:
    plan = Plan(learning=True, update_after=BATCHES, learning_rate=rate, chunk=chunk)
    return case.simulator().run(case.state, case.trials, plan)


@pytest.mark.parametrize("name", OPTIMIZED)
def test_chunks_change_no_bit(name: str) -> None:
    case, rate = training_case(name), OPTIMIZED[name]
    recording, state = trained(case, rate)
    assert state.n_updates == 3
    for layer, weights in state.weights.items():
        assert error_of(weights, case.state.weights[layer]) > 1e-3, f"{layer} did not learn"
    for chunk in (1, 3, 4, 10):
        cut, after = trained(case, rate, chunk)
        assert same_recording(cut, recording), f"recording differs for chunks of {chunk}"
        assert same_state(after, state), f"state differs for chunks of {chunk}"


def test_runs_that_have_little_room_change_no_bit() -> None:
    case, plan = training_case("eprop_1"), Plan(learning=True, update_after=BATCHES, learning_rate=2.0)
    busiest = int(np.diff(case.trials.start).max())
    recording, state = case.simulator("numpy").run(case.state, case.trials, plan)
    narrow = case.with_setup(event_capacity=busiest + 1).simulator("numpy")
    cut, after = narrow.run(case.state, case.trials, plan)
    assert same_recording(cut, recording)
    assert same_state(after, state)


@pytest.mark.parametrize("name", OPTIMIZED)
def test_learning_shows_within_the_same_presentation(name: str) -> None:
    """The negative control: trials after the first update are not what they are without learning."""
    case, rate = training_case(name), OPTIMIZED[name]
    recording, _ = trained(case, rate)
    still, _ = case.simulator().run(case.state, case.trials, Plan())
    assert np.array_equal(recording.loss[:4], still.loss[:4])
    assert not np.isclose(recording.loss[4:], still.loss[4:]).all()
    assert not same_recording(recording, still)


def test_an_unfinished_batch_is_carried_over() -> None:
    case = training_case("eprop_2")
    simulator = case.simulator()
    _, whole = trained(case, 0.3)
    state = case.state
    for index in (np.arange(6), np.arange(6, 11)):
        plan = Plan(learning=True, update_after=BATCHES[index], learning_rate=0.3)
        _, state = simulator.run(state, case.trials.take(index), plan)
        assert state.n_updates == (1 if index[0] == 0 else 3)
    assert same_state(state, whole)
    assert state.memory["hidden1.g"].shape == (8, 8)
    _, halfway = simulator.run(
        case.state, case.trials.take(np.arange(6)), Plan(learning=True, update_after=BATCHES[:6], learning_rate=0.3)
    )
    assert np.abs(halfway.memory["hidden1.g"]).max() > 0
    assert not whole.memory["hidden1.g"].any()


@dataclass(frozen=True)
class Spy:
    """A runner that reads further variables than it is asked for."""

    runner: Runner
    also: tuple[str, ...]
    seen: dict[str, NDArray[Any]]

    @property
    def bindings(self) -> tuple[Binding, ...]:
        return self.runner.bindings

    @property
    def propagators(self) -> tuple[Propagator, ...]:
        return self.runner.propagators

    def run(self, values: Mapping[str, Any], read: Iterable[str]) -> dict[str, NDArray[Any]]:
        wanted = list(read)
        found = self.runner.run(values, dict.fromkeys([*wanted, *self.also]))
        self.seen.update({name: found[name] for name in self.also})
        return {name: found[name] for name in wanted}


@pytest.mark.parametrize(
    "plan", [Plan(), Plan(learning=True, record_gradient=True, learning_rate=1.0)], ids=["evaluate", "gradient"]
)
def test_looking_changes_nothing(plan: Plan) -> None:
    case = training_case("eprop_2")
    _, state = trained(case, 0.3)
    names = [f"w_{layer}.w" for layer in state.weights]
    memory = [f"w_{layer}.{name}" for layer in plastic_weights(case.setup) for name in ("mean", "square")]
    seen: dict[str, NDArray[Any]] = {}
    plain = case.simulator()
    spied = Simulator(plain.setup, Spy(plain.runner, tuple(names if plan.learning else names + memory), seen))
    _, after = spied.run(state, case.trials, plan)
    assert same_state(after, state)
    for layer, weights in state.weights.items():
        assert np.array_equal(seen[f"w_{layer}.w"], weights.ravel())
    for name in set(memory) & set(seen):
        assert np.array_equal(seen[name], state.memory[name.removeprefix("w_")].ravel())
    again, _ = plain.run(state, case.trials, Plan())
    assert not same_recording(again, plain.run(case.state, case.trials, Plan())[0])


def test_recorded_gradients_do_not_depend_on_their_neighbours() -> None:
    case = training_case("dcll_2")
    plan = Plan(learning=True, record_gradient=True)
    together, _ = case.simulator().run(case.state, case.trials, plan)
    alone, _ = case.simulator().run(case.state, case.trials.take(np.array([7])), plan)
    for layer, gradient in together.gradient.items():
        assert np.abs(gradient[7]).max() > 0
        assert np.array_equal(gradient[7], alone.gradient[layer][0])
        assert not np.array_equal(gradient[7], gradient[6])


@pytest.mark.parametrize("name", OPTIMIZED)
def test_optimizers_of_the_host_are_those_of_the_network(name: str) -> None:
    case, rate = training_case(name), OPTIMIZED[name]
    _, inside = trained(case, rate)
    state = case.state
    for first, last in ((0, 4), (4, 8), (8, 11)):
        trials = case.trials.take(np.arange(first, last))
        recording, _ = case.simulator().run(state, trials, Plan(learning=True, record_gradient=True))
        means = {layer: gradient.mean(axis=0) for layer, gradient in recording.gradient.items()}
        state = update(case.setup, state, means, rate)
    assert state.n_updates == inside.n_updates
    for layer, weights in inside.weights.items():
        moved = weights - case.state.weights[layer]
        assert error_of(state.weights[layer] - case.state.weights[layer], moved) < 1e-12
    for variable in case.setup.optimizer.state:
        for layer in inside.weights:
            key = f"{layer}.{variable}"
            assert error_of(state.memory[key], inside.memory[key]) < 1e-12
    other = update(case.setup, case.state, means, rate)
    assert error_of(other.weights["readout"] - case.state.weights["readout"], moved) > 1e-2


@pytest.mark.parametrize("name", OPTIMIZED)
def test_numpy_code_learns_the_same(name: str) -> None:
    case, rate = training_case(name), OPTIMIZED[name]
    plan = Plan(learning=True, update_after=BATCHES, learning_rate=rate, chunk=6)
    recording, state = case.simulator("numpy").run(case.state, case.trials, plan)
    compiled, expected = trained(case, rate)
    assert error_of(recording.loss, compiled.loss) < 1e-9
    assert state.n_updates == expected.n_updates
    for layer, weights in expected.weights.items():
        start = case.state.weights[layer]
        assert error_of(state.weights[layer] - start, weights - start) < 1e-9


def test_numbers_reach_a_compiled_network() -> None:
    case = training_case("eprop_1")
    before, _ = case.simulator().run(case.state, case.trials, Plan())
    setup = with_numbers(case.setup, np.random.default_rng(1), n_steps=37)
    changed, _ = replace(case, setup=setup).simulator().run(case.state, case.trials, Plan())
    assert not np.array_equal(before.loss, changed.loss)


def test_wrong_shape_is_refused() -> None:
    case = training_case("eprop_1")
    wrong = case.state.with_weights(case.state.weights | {"hidden1": np.zeros((9, 8))})
    with pytest.raises(
        SimulationError, match=r"weights of 'hidden1' have shape \(9, 8\), but the network needs \(8, 9\)"
    ):
        case.simulator().run(wrong, case.trials, Plan())
    local = training_case("dcll_1")
    feedback = replace(local.state, feedback={"hidden1": np.zeros((3, 9))})
    with pytest.raises(SimulationError, match=r"feedback to 'hidden1' have shape \(3, 9\)"):
        local.simulator().run(feedback, local.trials, Plan())


#: What is wrong with trials, and what is said.
MISFITS = {
    "steps": ({"n_steps": 20, "window": (0, 0)}, "Trials: `step` goes up to 3[0-9], but the steps are 0 to 19"),
    "neurons": ({"n_inputs": 5}, "Trials: `neuron` goes up to 7, but the input neurons are 0 to 4"),
    "outputs": ({"n_outputs": 4}, r"Trials: `target` has shape \(3,\) for each trial, .* must have \(4,\)"),
}


@pytest.mark.parametrize("name", MISFITS)
@pytest.mark.parametrize("door", ["cpp", "numpy", "stepwise", "reference", "estimate", "exact"])
def test_trials_that_do_not_fit_reach_no_network(name: str, door: str) -> None:
    case = training_case("eprop_1")
    changes, message = MISFITS[name]
    network = replace(case.setup.network, **changes)  # type: ignore[arg-type]
    setup = replace(case.setup, network=network)
    weights = {layer: np.zeros(shape) for layer, shape in network.weight_shapes().items()}
    state = State(weights, {}, {})
    doors: dict[str, Callable[[], object]] = {
        "cpp": lambda: Simulator(setup, NoRunner()).run(state, case.trials, Plan()),
        "numpy": lambda: simulator(setup, "numpy").run(state, case.trials, Plan()),
        "stepwise": lambda: stepwise(setup, state, case.trials, Plan()).__enter__(),
        "reference": lambda: reference(setup).run(weights, {}, case.trials),
        "estimate": lambda: workbench.estimate(setup.rule, network, weights, case.trials, target="numpy"),
        "exact": lambda: workbench.exact_gradient(network, weights, case.trials, target="numpy"),
    }
    with pytest.raises(DataError, match=message):
        doors[door]()


@dataclass(frozen=True)
class NoRunner:
    """A runner that nothing may reach."""

    bindings: tuple[Binding, ...] = ()
    propagators: tuple[Propagator, ...] = ()

    def run(self, values: Mapping[str, Any], read: Iterable[str]) -> dict[str, NDArray[Any]]:
        raise AssertionError("the trials reached the network")


@pytest.mark.parametrize("sizes", [BATCHES[:-1], np.append(BATCHES, 3), BATCHES[:0]], ids=["short", "long", "none"])
def test_batches_of_other_trials_are_refused(sizes: NDArray[np.int64]) -> None:
    case = training_case("eprop_1")
    with pytest.raises(SimulationError, match=rf"for each of 11 trials whether .*, and is {len(sizes)} numbers\.$"):
        case.simulator("numpy").run(case.state, case.trials, Plan(learning=True, update_after=sizes))


def test_word_for_what_runs_a_network_is_one_of_two() -> None:
    with pytest.raises(ModelError, match=r"^simulator: `target` must be one of 'cpp', 'numpy', not 'c' \(str\)\.$"):
        simulator(SETUPS["eprop_1"], "c")  # type: ignore[arg-type]


def test_too_many_input_spikes_are_refused() -> None:
    case = training_case("eprop_1")
    setup = replace(case.setup, event_capacity=4)
    with pytest.raises(SimulationError, match=r"spikes are too many for 'inputs', which takes 3 in one run"):
        replace(case, setup=setup).simulator("numpy").run(case.state, case.trials, Plan())


def test_divergence_is_told() -> None:
    case = training_case("eprop_1")
    with pytest.raises(DivergedError, match=r"not finite any more. Lower the learning rate"):
        trained(case, 1e307)


@pytest.mark.parametrize("target", ["cpp", "numpy"])
def test_spikes_that_nobody_asked_for_are_not_recorded(target: Target) -> None:
    case = training_case("eprop_1")
    plan = Plan(learning=True, update_after=BATCHES, learning_rate=2.0)
    watched, state = case.simulator(target).run(case.state, case.trials, plan)
    unwatched, same = case.simulator(target).run(case.state, case.trials, replace(plan, record_spikes=False))
    assert len(watched.spikes["hidden1"].trial) > 0
    assert unwatched.spikes == {}
    assert same_state(same, state)
    assert np.array_equal(unwatched.loss, watched.loss)
