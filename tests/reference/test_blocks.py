"""Long trials are differentiated in blocks: the same gradient, in memory that hardly grows with the steps."""

from dataclasses import replace
from math import isqrt
from typing import Any

import jax
import numpy as np
import pytest

from tests.networks import SETUPS, error_of
from workbench.declare.network import Network
from workbench.declare.options import Precision
from workbench.declare.recording import Recording, Spikes
from workbench.model.program import Program
from workbench.reference import blocks, by_jax
from workbench.reference.arguments import arguments
from workbench.reference.blocks import KEPT, block_length
from workbench.reference.bptt import Reference, reference
from workbench.reference.by_jax import typed
from workbench.reference.compiled import compiled, to_numpy
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.mode import Mode
from workbench.testing.case import Case, random_case

#: Steps of a trial of the networks here, and of blocks: some leave a rest, some do not.
N_STEPS = 40
LENGTHS = (7, 20)


def differentiate(
    model: Reference, case: Case, recording: Recording | None, block: int, kind: str
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return a gradient that is computed in blocks, and what is told besides."""
    count = len(case.trials)
    with typed(model):
        given, _ = arguments(model, ForwardPass(case.state.weights, case.state.feedback, case.trials, recording))
        share = (np.full(count, 1 / count),) if kind == "mean" else ()
        function = compiled(model.program, case.setup.network, Mode(block=block), kind, "readout")
        gradient, told = to_numpy(function(*given, *share))
    return gradient, told


@pytest.mark.parametrize("kind", ["mean", "per_trial"])
@pytest.mark.parametrize("name", ["eprop_2", "frozen_3"])
def test_blocks_give_the_gradient_of_the_whole(name: str, kind: str) -> None:
    case = random_case(SETUPS[name], count=5)
    other = replace(random_case(SETUPS[name], seed=1, count=5), state=case.state)
    assert case.setup.network.n_steps == N_STEPS
    model, recording = reference(case.setup, compiles=False), case.record()
    plain, told = differentiate(model, case, recording, 0, kind)
    another, _ = differentiate(model, other, other.record(), 0, kind)
    for block in LENGTHS:
        found, also = differentiate(model, case, recording, block, kind)
        for layer, gradient in plain.items():
            assert error_of(found[layer], gradient) < 1e-12, (block, layer)
            assert error_of(another[layer], gradient) > 1e-3
        assert error_of(also["loss"]["readout"], told["loss"]["readout"]) < 1e-13
        assert error_of(also["output"], told["output"]) < 1e-13
        assert not also["wrong"].any()


@pytest.mark.parametrize("kind", ["mean", "per_trial"])
def test_the_reference_computes_in_blocks_what_it_computes_at_once(kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    case = random_case(SETUPS["eprop_1"], count=6)
    model, recording = reference(case.setup, compiles=False), case.record()
    lengths, found = [], []

    def noting(program: Program, network: Network, mode: Mode, kind: str, loss: str) -> Any:
        lengths.append(mode.block)
        return compiled(program, network, mode, kind, loss)

    monkeypatch.setattr(by_jax, "compiled", noting)
    for kept in (KEPT, 20_000):
        monkeypatch.setattr(blocks, "KEPT", kept)
        per_trial = kind == "per_trial"
        found.append(model.gradients(ForwardPass(case.state.weights, {}, case.trials, recording), per_trial=per_trial))
    assert lengths == [0, 6]
    for layer in case.state.weights:
        assert error_of(found[1].mean[layer], found[0].mean[layer]) < 1e-12
        assert error_of(found[1].mean[layer][::-1], found[0].mean[layer]) > 1e-3
    assert error_of(found[1].loss, found[0].loss) < 1e-13


def test_a_wrong_decision_is_found_in_every_block() -> None:
    case = random_case(SETUPS["eprop_1"], count=6)
    model, recording = reference(case.setup, compiles=False), case.record()
    spikes = recording.spikes["hidden1"]
    steps = set()
    for index in np.linspace(0, len(spikes.step) - 1, 12).astype(int):
        kept = np.arange(len(spikes.step)) != index
        without = Spikes(spikes.trial[kept], spikes.step[kept], spikes.neuron[kept])
        _, told = differentiate(model, case, replace(recording, spikes={"hidden1": without}), 7, "mean")
        assert told["wrong"][spikes.trial[index]] >= 1
        steps.add(int(spikes.step[index]) // 7)
    assert len(steps) >= 4, "the spikes left out are all in the same blocks"


def temporary(case: Case, block: int, n_steps: int, kind: str) -> int:
    """Return the bytes that the compiled gradient of a case takes besides arguments and results, for longer trials."""
    model = reference(case.setup, compiles=False)

    # Untyped in JAX.
    shape_of: Any = jax.ShapeDtypeStruct

    def longer(array: np.ndarray) -> Any:
        return shape_of([n_steps if size == N_STEPS else size for size in array.shape], array.dtype)

    with typed(model):
        # Which spikes there were is all the same.
        none = {"hidden1": Spikes(*np.zeros((3, 0), dtype=np.int64))}
        recording = Recording(np.zeros(len(case.trials)), np.zeros((len(case.trials), 3)), none)
        given = (
            *arguments(model, ForwardPass(case.state.weights, {}, case.trials, recording))[0],
            np.full(len(case.trials), 1.0),
        )
        shapes = jax.tree.map(longer, given if kind == "mean" else given[:-1])
        function = compiled(model.program, case.setup.network, Mode(block=block), kind, "readout")
        found: int = function.lower(*shapes).compile().memory_analysis().temp_size_in_bytes
    return found


@pytest.mark.parametrize("kind", ["mean", "per_trial"])
def test_memory_hardly_grows_with_the_steps(kind: str) -> None:
    case = random_case(SETUPS["eprop_1"], count=32)
    short, long = 1_600, 25_600
    chosen, root, plain = [], [], []
    for n_steps in (short, long):
        length = block_length(replace(case.setup.network, n_steps=n_steps), len(case.trials), "float64")
        assert 0 < length < n_steps
        chosen.append(temporary(case, length, n_steps, kind))
        root.append(temporary(case, isqrt(n_steps), n_steps, kind))
        plain.append(temporary(case, 0, n_steps, kind))
    assert chosen[0] < 2 * KEPT
    assert chosen[1] < 2 * chosen[0]
    # Where no more than the root of the steps is kept: the root of 16 is 4.
    assert root[1] < 5 * root[0]
    assert plain[1] > 15 * plain[0], "the control: what is kept of all steps grows with them"


@pytest.mark.parametrize(
    ("n_steps", "n_inputs", "hidden", "n_trials", "precision", "length"),
    [
        (100, 5, (40,), 32, "float64", 0),
        (100, 784, (100,), 32, "float64", 20),
        (100, 784, (100,), 32, "float32", 34),
        (100, 784, (400,), 512, "float64", 10),
        (10_000, 784, (400,), 512, "float64", 100),
        (1, 784, (4000,), 10_000, "float64", 1),
        (10_007, 784, (400,), 512, "float64", 100),
    ],
)
def test_blocks_fit_or_are_as_few_as_their_steps(
    n_steps: int, n_inputs: int, hidden: tuple[int, ...], n_trials: int, precision: Precision, length: int
) -> None:
    network = Network(n_inputs=n_inputs, hidden=hidden, n_outputs=10, n_steps=n_steps)
    assert block_length(network, n_trials, precision) == length
