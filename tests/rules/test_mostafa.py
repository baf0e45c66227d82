"""Mostafa's rule by another program: causal sets and closed forms in plain NumPy, without equations or crossings."""

import itertools
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import RULES
from workbench import Network, OnGradient, Parameter, Rule, Trials, load_results, run_study
from workbench.common.errors import RuleError
from workbench.declare.loss import EXPONENTIAL_TIME_CROSS_ENTROPY
from workbench.declare.neuron_models import IF_FIRST_SPIKE, IF_SINGLE_SPIKE
from workbench.engine.on_gradient import as_trained
from workbench.exact_time.exact_time import ExactTime
from workbench.model.setup import Setup
from workbench.report.rules import _listings
from workbench.study.file.reading import load_study

Array = NDArray[np.float64]
STUDY = Path(__file__).parents[2] / "studies" / "published" / "mostafa_xor.toml"

NETWORK = Network(
    n_inputs=6, hidden=(8, 5), n_outputs=3, n_steps=1000, dt=1e-5, window=(999, 1000),
    neuron=IF_SINGLE_SPIKE, readout=IF_FIRST_SPIKE, loss=EXPONENTIAL_TIME_CROSS_ENTROPY,
)  # fmt: skip


@dataclass(frozen=True)
class Fired:
    """What a layer did: exp(time) of its spikes, and which weights are in causal sets."""

    z: Array
    causal: NDArray[np.bool_]


def fired(z: Array, weights: Array, beyond: int = 0) -> Fired:
    """Return the spikes of a layer; with `beyond`, causal sets have as many inputs too many."""
    order = np.argsort(z)
    out, causal = np.full(weights.shape[1], np.inf), np.zeros(weights.shape, dtype=bool)
    for neuron in range(weights.shape[1]):
        for count in range(1, len(z) + 1):
            members = order[:count]
            total = weights[members, neuron].sum()
            if not np.isfinite(z[members]).all() or total <= 1:
                continue
            spike = weights[members, neuron] @ z[members] / (total - 1)
            if spike < (z[order[count]] if count < len(z) else np.inf):
                members = order[: count + beyond]
                members = members[np.isfinite(z[members])]
                out[neuron] = weights[members, neuron] @ z[members] / (weights[members, neuron].sum() - 1)
                causal[members, neuron] = True
                break
    return Fired(out, causal)


def gradients(
    z: Array, weights: list[Array], target: int, beyond: int = 0, own: float = 1.0
) -> tuple[float, list[Array], list[Fired]]:
    """Return the loss of a trial, its gradient by the closed form, and what layers did; with `own` 0 without a term."""
    layers = [Fired(z, np.zeros((0, 0), dtype=bool))]
    for matrix in weights:
        layers.append(fired(layers[-1].z, matrix, beyond))
    at_end = np.exp(NETWORK.n_steps * NETWORK.dt / 1e-3)
    z_out = np.minimum(layers[-1].z, at_end)
    share = np.exp(z_out.min() - z_out)
    slope = np.where(np.isfinite(layers[-1].z), np.eye(len(z_out))[target] - share / share.sum(), 0.0)
    found = []
    for matrix, below, layer in zip(weights[::-1], layers[-2::-1], layers[::-1], strict=False):
        rest = np.where(layer.causal, matrix, 0).sum(axis=0) - 1
        by_weight = np.zeros_like(matrix)
        rows, columns = np.nonzero(layer.causal)
        by_weight[rows, columns] = (below.z[rows] - own * layer.z[columns]) / rest[columns]
        found.append(by_weight * slope)
        slope = np.where(layer.causal, matrix, 0) / rest @ slope
    return float(np.log(share.sum()) + z_out[target] - z_out.min()), found[::-1], layers


def case(seed: int = 0) -> tuple[list[Array], Trials, Array]:
    """Return weights, trials in which each input spikes once, and exp(time) of these."""
    generator = np.random.default_rng(seed)
    sizes = (NETWORK.n_inputs, *NETWORK.hidden, NETWORK.n_outputs)
    weights = [generator.normal(2.5 / n, 0.5, (n, m)) for n, m in itertools.pairwise(sizes)]
    steps = np.array([generator.choice(300, NETWORK.n_inputs, replace=False) for _ in range(8)])
    raster = np.zeros((8, NETWORK.n_steps, NETWORK.n_inputs), dtype=bool)
    raster[np.arange(8)[:, None], steps, np.arange(NETWORK.n_inputs)] = True
    trials = Trials.from_raster(raster, np.eye(NETWORK.n_outputs)[generator.integers(3, size=8)])
    return weights, trials, np.exp((steps + 1) * NETWORK.dt / 1e-3)


def error(found: Array, wanted: Array) -> float:
    return float(np.linalg.norm(found - wanted) / np.linalg.norm(wanted))


def test_gradient_is_the_closed_form() -> None:
    weights, trials, z = case()
    named = dict(zip(NETWORK.layers, weights, strict=True))
    told = ExactTime(NETWORK).run(named, trials, gradient=True, per_trial=True)
    partial = 0
    for number, target in enumerate(trials.label):
        loss, wanted, layers = gradients(z[number], weights, int(target))
        assert told.loss[number] == pytest.approx(loss, rel=1e-9)
        for layer, matrix in zip(NETWORK.layers, wanted, strict=True):
            assert error(told.gradients[layer][number], matrix) < 1e-9
        partial += sum(int((layer.causal.any(axis=0) & ~layer.causal.all(axis=0)).sum()) for layer in layers[1:])
    # Some spikes come before all inputs have, or the sets would say nothing.
    assert partial > 20


@pytest.mark.parametrize("wrong", [{"beyond": 1}, {"own": 0.0}])
def test_what_the_closed_form_would_see(wrong: dict[str, int]) -> None:
    """The controls: causal sets with one input too many, and the derivative without its own spike's term."""
    weights, trials, z = case()
    named = dict(zip(NETWORK.layers, weights, strict=True))
    told = ExactTime(NETWORK).run(named, trials, gradient=True, per_trial=True)
    found = gradients(z[0], weights, int(trials.label[0]), **wrong)[1]
    assert min(error(told.gradients[layer][0], each) for layer, each in zip(NETWORK.layers, found, strict=True)) > 0.01


def test_gradient_is_what_central_differences_say() -> None:
    """Of the closed form of the forward pass, which has no equations."""
    weights, trials, z = case()
    named = dict(zip(NETWORK.layers, weights, strict=True))
    told = ExactTime(NETWORK).run(named, trials, gradient=True, per_trial=True)
    number, target = 0, int(trials.label[0])
    for place, layer in enumerate(NETWORK.layers):
        wanted = np.zeros_like(weights[place])
        for index in np.ndindex(wanted.shape):

            def loss(step: float, place: int = place, index: tuple[int, ...] = index) -> float:
                moved = [matrix.copy() for matrix in weights]
                moved[place][index] += step
                return gradients(z[number], moved, target)[0]

            wanted[index] = (8 * (loss(1e-5) - loss(-1e-5)) - (loss(2e-5) - loss(-2e-5))) / 12e-5
        assert error(told.gradients[layer][number], wanted) < 1e-6


def test_a_neuron_spikes_once() -> None:
    weights, trials, _ = case()
    named = dict(zip(NETWORK.layers, [2 * matrix for matrix in weights], strict=True))
    once = ExactTime(NETWORK).run(named, trials).spikes["hidden1"]
    assert np.bincount(once.trial * 8 + once.neuron).max() == 1
    # The control: without the refractory period some spike twice.
    again = replace(IF_SINGLE_SPIKE, name="again", reset="v -= v_th\nspent = 1", refractory="")
    often = ExactTime(replace(NETWORK, neuron=again)).run(named, trials).spikes["hidden1"]
    assert np.bincount(often.trial * 8 + often.neuron).max() > 1


def by_hand(weights: Array, gradient: Array, cost: float, norm: float) -> Array:
    """Return what the rule makes of a gradient, neuron by neuron."""
    columns = []
    for column, its in zip(weights.T, gradient.T, strict=True):
        whole = its - cost if column.sum() < 1 else its
        length = np.sqrt((whole**2).sum())
        columns.append(whole * norm / length if length > norm else whole)
    return np.array(columns).T


@pytest.mark.parametrize(("cost", "norm"), [(100.0, 1.0), (0.5, 3.0), (0.0, 1e9)])
def test_cost_and_norm_are_those_of_the_weights_onto_a_neuron(cost: float, norm: float) -> None:
    generator = np.random.default_rng(1)
    rule = RULES["mostafa"].with_parameters({"cost": cost, "norm": norm})
    setup = Setup(network=NETWORK, rule=rule, feedback="none")
    weights = {item.name: generator.normal(1 / item.ends[0], 0.5, item.shape) for item in NETWORK.all_projections}
    gradient = {name: generator.normal(0, 1.0, array.shape) for name, array in weights.items()}
    made = as_trained(setup, weights, gradient)
    for name, array in made.items():
        assert np.allclose(array, by_hand(weights[name], gradient[name], cost, norm), rtol=1e-12)
        short = weights[name].sum(axis=0) < 1
        assert short.any()
        assert not short.all()
    # The control: sums over the weights from a neuron are others.
    wrong = by_hand(weights["hidden1"].T, gradient["hidden1"].T, cost, norm).T
    assert (error(made["hidden1"], wrong) > 0.01) == (cost > 0)


def test_exclusive_or_is_solved(tmp_path: Path) -> None:
    study = load_study(STUDY)
    assert len(study.seeds) == 100
    train = study.train.model_copy(update={"epochs": 45})
    run_study(study.model_copy(update={"seeds": (0, 1, 2, 3, 4), "train": train}), out=tmp_path / "out")
    found = load_results(tmp_path / "out")
    assert found.runs["status"].tolist() == ["done"] * 5
    curves = found.curves[found.curves["layer"] == "network"]
    told = curves.pivot_table(index=["run_id", "epoch"], columns="measure", values="value")
    # A wanted output that never spikes has a loss far above.
    solved = (told["accuracy"] == 1) & (told["loss"] < 0.5)
    assert solved.groupby("run_id").any().all()
    # The control: none is at the beginning.
    assert not solved.xs(0, level="epoch").any()


def test_the_page_of_a_study_says_what_becomes_of_the_gradient() -> None:
    (told,) = _listings(RULES["mostafa"])
    assert told.title == "Mean gradient of a batch"
    assert told.lines[0] == "weight = sum(w)"
    assert told.lines[-1].startswith("gradient = gradient * clip(norm")
    assert not list(_listings(RULES["eventprop"]))


BROKEN = [
    (OnGradient(code="gradient = gradient * clip"), "reads 'clip', which nothing defines"),
    (OnGradient(code="scaled = gradient"), "its statements never set 'gradient'"),
    (OnGradient(code="gradient = 0 * w\nw = gradient"), "its statements set 'w', which they may only read"),
    (OnGradient(code="gradient = gradient / total", sums=(("total", "weight**2"),)), "sum 'total' reads 'weight'"),
]


@pytest.mark.parametrize(("said", "words"), BROKEN)
def test_what_training_makes_of_a_gradient_must_be_legible(said: OnGradient, words: str) -> None:
    with pytest.raises(RuleError, match=words):
        Rule(name="mine", title="Mine", engine="bptt", on_gradient=said)


def test_a_rule_with_equations_has_no_gradient_to_be_made_something_of() -> None:
    told = OnGradient(code="gradient = limit * gradient")
    limit = Parameter(name="limit", default=1.0, doc="A factor.")
    with pytest.raises(RuleError, match="is of a gradient that the reference computes, and engine 'none' has none"):
        Rule(name="mine", title="Mine", engine="none", on_gradient=told, parameters=(limit,))
