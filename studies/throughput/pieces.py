"""The small pieces of a run, each by itself; for pytest-benchmark, as the README beside says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from studies.throughput.cases import Case, random_state, random_trials
from workbench.catalogue.registry import load_registry
from workbench.declare.encoding import latency_coded
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.reference.bptt import reference

#: Times a function with its arguments.
Benchmark = Callable[..., Any]

CASE = Case("eprop", 100, trials=256)


def test_load_the_plugins(benchmark: Benchmark) -> None:
    """Find, import and check whatever is installed."""
    assert benchmark(load_registry).rules


def test_code_a_thousand_images(benchmark: Benchmark) -> None:
    """Turn pixels into spike times."""
    pixels = np.random.default_rng(0).random((1000, 784)) * (np.random.default_rng(1).random((1000, 784)) < 0.2)
    labels = np.zeros(1000, dtype=np.int64)
    assert len(benchmark(latency_coded, pixels, labels, 10, 60, 0.05, False)) == 1000


def test_shuffle_trials(benchmark: Benchmark) -> None:
    """Take trials in another order, as each epoch does."""
    trials = random_trials(CASE)
    order = np.random.default_rng(0).permutation(len(trials))
    assert len(benchmark(trials.take, order)) == len(trials)


def test_look_up_a_compiled_network(benchmark: Benchmark) -> None:
    """Find a network that is compiled already."""
    simulator(CASE.setup)
    assert benchmark(simulator, CASE.setup)


@pytest.mark.parametrize("count", [1, 32, 256])
def test_infer(benchmark: Benchmark, count: int) -> None:
    """Present some trials in one call; what one takes longer than a 256th of 256 is the cost of the call."""
    network, state = simulator(CASE.setup), random_state(CASE.setup)
    trials = random_trials(replace(CASE, trials=count))
    recording, _ = benchmark(network.run, state, trials, Plan(record_spikes=False))
    assert len(recording) == count


@pytest.mark.parametrize("count", [32, 256])
def test_learn(benchmark: Benchmark, count: int) -> None:
    """Train on batches of 32 in one call."""
    network, state = simulator(CASE.setup), random_state(CASE.setup)
    trials = random_trials(replace(CASE, trials=count))
    ends = np.zeros(count, dtype=np.int64)
    ends[31::32] = 32
    plan = Plan(learning=True, update_after=ends, learning_rate=1e-4, record_spikes=False)
    _, after = benchmark(network.run, state, trials, plan)
    assert after.n_updates == count // 32


def test_differentiate_a_batch(benchmark: Benchmark) -> None:
    """Take the exact gradient of 32 trials in the reference."""
    case = replace(CASE, trials=32)
    trials, state, exact = random_trials(case), random_state(case.setup), reference(case.setup)
    recording, _ = simulator(case.setup).run(state, trials, Plan())
    found = benchmark(exact.gradients, state.weights, state.feedback, trials, recording)
    assert np.abs(found.mean["hidden1"]).max() > 0
