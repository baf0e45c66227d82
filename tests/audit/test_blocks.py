"""Trials are looked at a few at a time; what is found is what all of them at once would give."""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pytest

from tests.networks import RULES, SETUPS, error_of, setup_for
from workbench.audit.alignment.against_exact import measure
from workbench.audit.alignment.comparison import compare
from workbench.audit.blocks import PER_TRIAL, in_blocks, mean_estimate
from workbench.audit.gradients import estimate
from workbench.audit.probe import Probe, probe
from workbench.common.errors import GradientError
from workbench.declare.loss import CROSS_ENTROPY
from workbench.declare.network import Network
from workbench.declare.recording import Recording, Spikes
from workbench.declare.references import EXACT_GRADIENTS, Reset
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.engine.update import steps
from workbench.measures import alignment
from workbench.reference.bptt import Reference, reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.gradients import Gradients
from workbench.testing.case import Case, random_case

#: Uneven, so that even and odd trials change places from block to block, and the last block is shorter.
COUNT = 11

Numbers = dict[tuple[str, str, str], float]


def numbers(case: Case, found: Probe) -> Numbers:
    """Return the value of every measure."""
    rows = measure(found, case.simulator(), case.state, np.random.default_rng(0))
    return {(layer, name, against): value.value for layer, name, against, value in rows}


def at_once(case: Case, exact: dict[str, Gradients], estimates: Weights) -> Numbers:
    """Return the measures, said anew with the arrays of all trials."""
    found: Numbers = {}
    means = {layer: array.mean(axis=0) for layer, array in estimates.items()}
    made, _ = steps(case.setup.optimizer, case.state, means)
    for variant, of_variant in exact.items():
        for layer, trials in of_variant.trials.items():
            halves = trials[::2].mean(axis=0), trials[1::2].mean(axis=0)
            found[layer, "ceiling", variant] = alignment.cosine(*halves).value
            mean = trials.mean(axis=0)
            each = [alignment.cosine(one, other) for one, other in zip(estimates[layer], trials, strict=True)]
            found[layer, "cosine", variant] = alignment.cosine(means[layer], mean).value
            found[layer, "magnitude", variant] = alignment.magnitude(means[layer], mean).value
            found[layer, "sign_agreement", variant] = alignment.sign_agreement(means[layer], mean).value
            found[layer, "cosine_step", variant] = alignment.cosine(made[layer], mean).value
            found[layer, "cosine_per_trial", variant] = float(np.mean([one.value for one in each if not one.reason]))
    return found


def assert_equal(found: Numbers, expected: Numbers) -> None:
    assert set(expected) <= set(found)
    for key, value in expected.items():
        assert found[key] == pytest.approx(value, abs=1e-12), key


@pytest.mark.parametrize("name", ["eprop_1", "direct_2", "bptt"])
def test_measures_are_those_of_all_trials_at_once(name: str) -> None:
    setup = setup_for(RULES["bptt"], "none", 1, CROSS_ENTROPY) if name == "bptt" else SETUPS[name]
    case = random_case(setup, count=COUNT)
    variant = setup.rule.gradient
    model, recording = reference(setup), case.record()
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, recording)
    exact = {key: model.gradients(forward, reset=reset, per_trial=True) for key, reset in EXACT_GRADIENTS.items()}
    expected = at_once(case, exact, exact[variant].trials if variant else recording.gradient)
    assert len(expected) == 6 * len(EXACT_GRADIENTS) * len(setup.network.weight_shapes())
    found: dict[int, Numbers] = {}
    for block in (1, 4, 5, COUNT, 0):
        result = probe(case.simulator(), model, case.state, case.trials, block)
        found[block] = numbers(case, result)
        assert_equal(found[block], expected)
        assert_equal(found[block], found[1])
        assert np.array_equal(result.recording.loss, recording.loss)
        assert np.array_equal(result.recording.output, recording.output)
        for layer, spikes in recording.spikes.items():
            assert np.array_equal(result.recording.spikes[layer].trial, spikes.trial)
            assert np.array_equal(result.recording.spikes[layer].neuron, spikes.neuron)
    fewer = replace(case, trials=case.trials.take(np.arange(COUNT - 1)))
    others = numbers(fewer, probe(fewer.simulator(), model, fewer.state, fewer.trials, 4))
    against = "bptt_constant" if name == "bptt" else "bptt_differentiated"
    for measure_name in ("ceiling", "magnitude", "cosine", "cosine_step", "cosine_per_trial"):
        difference = others["hidden1", measure_name, against] - found[4]["hidden1", measure_name, against]
        assert abs(difference) > 1e-6, f"the control: one trial less does not change {measure_name}"


@dataclass(frozen=True)
class Watched(Simulator):
    """Notes how many trials it is given, and moves a spike in some of its runs."""

    sizes: list[int] = field(default_factory=list)
    spoiled: tuple[int, ...] = ()

    def run(
        self, state: State, trials: Trials, plan: Plan, forced: Mapping[str, Spikes] | None = None
    ) -> tuple[Recording, State]:
        recording, state = super().run(state, trials, plan, forced)
        if len(self.sizes) in self.spoiled:
            spikes = recording.spikes["hidden1"]
            step = spikes.step.copy()
            step[3] += 1 if step[3] < self.setup.network.n_steps - 1 else -1
            recording = replace(recording, spikes={"hidden1": replace(spikes, step=step)})
        self.sizes.append(len(trials))
        return recording, state


def watched(case: Case, spoiled: tuple[int, ...] = ()) -> Watched:
    simulator = case.simulator()
    return Watched(simulator.setup, simulator.runner, spoiled=spoiled)


def test_a_block_is_all_that_runs_at_once() -> None:
    case = random_case(SETUPS["eprop_1"], count=COUNT)
    simulator = watched(case)
    found = probe(simulator, reference(case.setup), case.state, case.trials, block=4)
    assert simulator.sizes == [4, 4, 3]
    assert len(found.recording) == COUNT
    assert found.recording.gradient == {}
    shapes = {layer: array.shape for layer, array in case.state.weights.items()}
    exact = found.reference["bptt_constant"]
    for sums in (found.estimate, exact.even, exact.odd):
        assert {layer: array.shape for layer, array in sums.items()} == shapes
    assert {layer: len(cosines) for layer, cosines in exact.cosines.items()} == dict.fromkeys(shapes, COUNT)


def test_a_block_that_is_refused_refuses_the_whole() -> None:
    case = random_case(SETUPS["eprop_1"], count=COUNT)
    model = reference(case.setup)
    found = probe(watched(case, spoiled=(1, 2)), model, case.state, case.trials, block=4)
    assert found.reference == {}
    for variant in EXACT_GRADIENTS:
        expected = r"^Trials 5 to 8 of 11: In 1 of 4 trials the reference decides otherwise than the recorded raster"
        assert re.match(expected, found.refused[variant])
    assert all(math.isnan(value) for value in numbers(case, found).values())
    # What the rule estimates is there all the same.
    whole = probe(case.simulator(), model, case.state, case.trials)
    assert error_of(found.estimate["hidden1"], whole.estimate["hidden1"]) < 1e-12
    assert whole.refused == {}
    once = probe(watched(case, spoiled=(0,)), model, case.state, case.trials, block=COUNT)
    assert once.refused["bptt_constant"].startswith("In 1 of 11 trials the reference decides")


@dataclass(frozen=True)
class Picky(Reference):
    """Refuses one variant in the second block, and reports two differing decisions for each trial."""

    refuses: Reset | None = None

    def gradients(self, forward: ForwardPass, *arguments: Any, **options: Any) -> Gradients:
        if options["reset"] == self.refuses and len(forward.trials) < 6:
            raise GradientError("Not this one.")
        found = super().gradients(forward, *arguments, **options)
        return replace(found, differing=2 * len(forward.trials))


def test_differing_decisions_are_those_of_all_blocks() -> None:
    case = random_case(SETUPS["eprop_1"], count=COUNT)
    model = Picky(case.setup, reference(case.setup).program)
    found = probe(case.simulator(), model, case.state, case.trials, block=6)
    assert {exact.differing for exact in found.reference.values()} == {2 * COUNT}


@pytest.mark.parametrize("variant", EXACT_GRADIENTS)
def test_a_rule_of_the_reference_falls_back_to_what_the_network_estimates(variant: str) -> None:
    rule = RULES["bptt"].with_parameters({"reset": EXACT_GRADIENTS[variant]})
    case = random_case(replace(setup_for(rule, "none", 1, CROSS_ENTROPY), rule=rule), count=COUNT)
    (other,) = set(EXACT_GRADIENTS) - {variant}
    model = reference(case.setup)
    picky = Picky(case.setup, model.program, refuses=EXACT_GRADIENTS[variant])
    found = probe(case.simulator(), picky, case.state, case.trials, 6)
    assert found.refused == {variant: "Trials 7 to 11 of 11: Not this one."}
    assert set(found.estimate) == {"readout"}
    plain = probe(case.simulator(), model, case.state, case.trials)
    _, of_network = mean_estimate(case.simulator(), case.state, case.trials)
    assert error_of(found.estimate["readout"], COUNT * of_network["readout"]) < 1e-12
    expected, values = numbers(case, plain), numbers(case, found)
    for name in ("cosine_per_trial", "ceiling", "cosine"):
        assert values["readout", name, other] == pytest.approx(expected["readout", name, other], abs=1e-12)
        assert math.isnan(values["readout", name, variant])
    # Where it is not refused it is the estimate.
    assert set(probe(case.simulator(), model, case.state, case.trials, 6).estimate) == {"hidden1", "readout"}


@pytest.mark.parametrize(
    ("sizes", "count", "expected"),
    [
        ((784, 100, 10), 128, [64, 64]),
        ((784, 400, 10), 128, [22, 22, 22, 22, 22, 18]),
        ((5, 10, 3), 128, [128]),
        ((10, 4000, 4000, 2), 3, [1, 1, 1]),
    ],
)
def test_blocks_fit_into_memory(sizes: tuple[int, ...], count: int, expected: list[int]) -> None:
    network = Network(n_inputs=sizes[0], hidden=sizes[1:-1], n_outputs=sizes[-1])
    start = np.zeros(count + 1, dtype=np.int64)
    none = np.zeros(0, dtype=np.int32)
    trials = Trials(start, none, none, np.arange(count * sizes[-1], dtype=float).reshape(count, -1))
    blocks = list(in_blocks(network, trials))
    assert [len(part) for _, part in blocks] == expected
    assert [first for first, _ in blocks] == list(np.cumsum([0, *expected[:-1]]))
    assert np.array_equal(np.concatenate([part.target for _, part in blocks]), trials.target)
    largest = max(np.prod(shape) for shape in network.weight_shapes().values()) * 8
    assert expected[0] * largest <= PER_TRIAL or expected[0] == 1


def test_comparison_in_blocks_is_that_of_all_trials() -> None:
    case = random_case(SETUPS["eprop_1"], count=COUNT)
    setups = {"eprop": case.setup, "frozen": setup_for(RULES["frozen"], "none", 1, CROSS_ENTROPY)}

    def compared(trials: Trials, block: int) -> np.ndarray:
        states = dict.fromkeys(setups, case.state)
        found = compare(setups, states, trials, np.random.default_rng(0), block=block)
        values = [measured.value for matrix in (found.cosine, found.magnitude) for measured in matrix.values()]
        return np.array([*values, found.loss, found.spikes])

    whole = compared(case.trials, 0)
    for block in (1, 4, 5):
        assert np.allclose(compared(case.trials, block), whole, rtol=1e-12, atol=1e-12, equal_nan=True)
    fewer = compared(case.trials.take(np.arange(COUNT - 1)), 4)
    assert not np.allclose(fewer, whole, rtol=1e-3, equal_nan=True), "the control"


def test_estimate_in_blocks_is_that_of_all_trials(monkeypatch: pytest.MonkeyPatch) -> None:
    # As many trials and spikes as make the capacity that other tests have compiled.
    case = random_case(SETUPS["eprop_1"], count=20, gain=0.8, rate=0.4)
    arguments = (RULES["eprop"], case.setup.network, case.state.weights)
    whole = estimate(*arguments, case.trials)
    blocks: list[int] = []

    def noting(network: Network, trials: Trials, block: int = 0) -> Iterator[tuple[int, Trials]]:
        for first, part in in_blocks(network, trials, block):
            blocks.append(len(part))
            yield first, part

    monkeypatch.setattr("workbench.audit.blocks.in_blocks", noting)
    monkeypatch.setattr("workbench.audit.blocks.PER_TRIAL", 8 * 9 * 8 * 6)
    found = estimate(*arguments, case.trials)
    assert blocks == [5, 5, 5, 5]
    for layer, array in whole.items():
        assert error_of(found[layer], array) < 1e-12
    fewer = estimate(*arguments, case.trials.take(np.arange(19)))
    assert error_of(fewer["hidden1"], whole["hidden1"]) > 1e-3
