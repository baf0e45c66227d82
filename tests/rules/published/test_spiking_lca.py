"""Rates of the spiking LCA are LASSO's coefficients, and its rules learn a dictionary, beside scikit-learn's.

Tang, Lin and Davies (2017), doi:10.48550/arXiv.1705.05475: rates from some moment on tend to the minimum of
|x - Phi a|^2 / 2 + sparsity |a| with a >= 0, as 1 / T. scikit-learn finds it by coordinate descent.
"""

import warnings
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.decomposition import MiniBatchDictionaryLearning
from sklearn.linear_model import Lasso

from tests.networks import REGISTRY, RULES, error_of
from workbench import Connectivity, Network, Population, Projection, Trials, by_neuron, rate_coded
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.measure import Looked, Measure
from workbench.declare.recording import Spikes
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.model.setup import Setup
from workbench.tasks.digit_patches import DIGIT_PATCHES

Array = NDArray[np.float64]

PIXELS, ATOMS, SPARSITY, PER_TAU = 16, 32, 0.1, 10
#: In tau: from when on spikes count, and until when.
SETTLED, TIMES = 10, (100, 300, 1000)
CODE, ERROR = REGISTRY.neuron("lca"), REGISTRY.neuron("lca_error")
MEASURES = {name: offer.item for name, offer in REGISTRY.all(Measure).items()}

ONE_TO_ONE = Connectivity(pattern="one_to_one")


def problem(seed: int) -> tuple[Array, Array]:
    """Return a dictionary of atoms of norm 1, and an input of norm 1 without negative numbers."""
    generator = np.random.default_rng(seed)
    atoms, pixels = generator.normal(size=(PIXELS, ATOMS)), np.abs(generator.normal(size=PIXELS))
    return atoms / np.linalg.norm(atoms, axis=0), pixels / np.linalg.norm(pixels)


def lasso(atoms: Array, pixels: Array) -> Array:
    fit = Lasso(alpha=SPARSITY / PIXELS, positive=True, fit_intercept=False, max_iter=100_000, tol=1e-10)
    coefficients: Array = fit.fit(atoms, pixels).coef_
    return coefficients


def coded(pixels: Array, steps: int, most: float) -> Trials:
    trials = rate_coded(pixels, np.zeros(len(pixels), dtype=np.int64), 1, steps, most, False)
    return replace(trials, target=pixels)


def deviations(spikes: Spikes, wanted: Array) -> list[float]:
    """Return the largest deviation of a rate from what is wanted, for each of the durations."""
    found = []
    for time in TIMES:
        counted = (spikes.step >= SETTLED * PER_TAU) & (spikes.step < time * PER_TAU)
        rates = np.bincount(spikes.neuron[counted], minlength=len(wanted)) / (time - SETTLED)
        found.append(float(np.abs(rates - wanted).max()))
    return found


def falls_as_the_inverse(found: Array) -> bool:
    """Return whether ten times the duration leaves a tenth of the deviation, as far as single spikes let it."""
    by_duration = found.mean(axis=0)
    return bool((np.diff(by_duration) < 0).all() and 4 < by_duration[0] / by_duration[-1] < 25)


def lateral_network(bias: Array, steps: int) -> Setup:
    """Return the network in which the code's neurons inhibit each other."""
    lateral = Projection(
        source="hidden1",
        target="hidden1",
        name="lateral",
        connect=Connectivity(pattern="others"),
        receptor="s",
        plastic=False,
    )
    network = Network(
        n_inputs=PIXELS,
        hidden=(ATOMS,),
        n_outputs=PIXELS,
        n_steps=steps,
        loss=SQUARED_ERROR,
        neuron=CODE.with_parameters({"sparsity": SPARSITY, "bias": by_neuron(bias)}),
        projections=(lateral,),
    )
    return Setup(network=network, rule=RULES["frozen"], feedback="none", trial_capacity=1, event_capacity=1 << 16)


def lateral_deviations(seed: int, by_current: bool, lateral: float = 1.0) -> list[float]:
    """Return how far rates are from LASSO where inputs are a constant current, or spikes at equal distances."""
    atoms, pixels = problem(seed)
    steps = TIMES[-1] * PER_TAU
    weights = {
        # Five spikes in tau stand for an input of 1.
        "hidden1": atoms / 5 * (not by_current),
        "lateral": -lateral * (atoms.T @ atoms)[~np.eye(ATOMS, dtype=bool)],
        "readout": np.zeros((ATOMS, PIXELS)),
    }
    run = simulator(lateral_network(pixels @ atoms * by_current, steps))
    recording = run.run(State(weights, {}, {}), coded(pixels[None], steps, 0.5), Plan())[0]
    return deviations(recording.spikes["hidden1"], lasso(atoms, pixels))


@pytest.mark.parametrize("by_current", [True, False], ids=["current", "spikes"])
def test_rates_tend_to_lasso_as_one_over_the_duration(by_current: bool) -> None:
    found = np.array([lateral_deviations(seed, by_current) for seed in range(5)])
    assert (found[:, -1] < 0.005).all()
    assert falls_as_the_inverse(found)
    # Inhibition that is a tenth too weak has another solution, however long it takes.
    wrong = lateral_deviations(0, by_current, lateral=0.9)
    assert min(wrong) > 0.05


def error_network(sparsity: float, steps: int, gain: float = 0.125, rate: float = 0.4) -> Setup:
    """Return the network in which the code is told of errors, as the study of digits' patches has it."""
    projections = [
        Projection(source="code", target="code", connect=ONE_TO_ONE, receptor="s", plastic=False),
        Projection(source="code", target="readout", plastic=False),
    ]
    for kind in ("on", "off"):
        projections += [
            Projection(source="inputs", target=kind, connect=ONE_TO_ONE, plastic=False),
            Projection(source=kind, target="code"),
            Projection(source="code", target=kind, rule=RULES["lca_feedback"], learning_rate=rate),
        ]
    network = Network(
        n_inputs=PIXELS,
        hidden=(),
        n_outputs=PIXELS,
        n_steps=steps,
        window=(steps // 2, steps),
        loss=SQUARED_ERROR,
        populations=(
            Population(name="on", size=PIXELS, neuron=ERROR),
            Population(name="off", size=PIXELS, neuron=ERROR),
            Population(name="code", size=ATOMS, neuron=CODE.with_parameters({"sparsity": sparsity})),
        ),
        projections=tuple(projections),
    )
    rule = RULES["lca_forward"].with_parameters({"gain": gain})
    return Setup(network=network, rule=rule, feedback="none", trial_capacity=128, event_capacity=1 << 17)


def error_weights(forward: Array, back: Array) -> dict[str, Array]:
    """Return weights by which errors reach the code, and predictions the error neurons."""
    # At 2.5 spikes in tau for an input of 1, and four error spikes for an error of 1, half of them of each kind.
    ones = np.full(PIXELS, 0.4)
    return {
        "inputs_to_on": ones,
        "inputs_to_off": -ones,
        "on_to_code": forward / 8,
        "off_to_code": -forward / 8,
        "code_to_on": -back.T,
        "code_to_off": back.T,
        "code_to_code": np.ones(ATOMS),
        "code_to_readout": np.zeros((ATOMS, PIXELS)),
    }


def test_rates_tend_to_lasso_where_errors_are_told() -> None:
    steps = TIMES[-1] * PER_TAU
    run = simulator(error_network(SPARSITY, steps))

    def found(seed: int, share: float) -> list[float]:
        """Return deviations where the error neurons are told of a share of the prediction."""
        atoms, pixels = problem(seed)
        state = State(error_weights(atoms, share * atoms), {}, {})
        spikes = run.run(state, coded(pixels[None], steps, 0.25), Plan())[0].spikes["code"]
        return deviations(spikes, lasso(atoms, pixels))

    right = np.array([found(seed, 1.0) for seed in range(5)])
    assert (right[:, -1] < 0.005).all()
    assert falls_as_the_inverse(right)
    assert min(min(found(seed, 0.9)) for seed in range(3)) > 0.03


def drawn_weights(seed: int) -> dict[str, Array]:
    """Return weights of each way that are drawn by themselves: for the most part the same number."""
    generator = np.random.default_rng(seed)
    weights = error_weights(*(0.125 + 0.025 * generator.normal(size=(2, PIXELS, ATOMS))))
    weights["off_to_code"] = -(0.125 + 0.025 * generator.normal(size=(PIXELS, ATOMS))) / 8
    weights["code_to_off"] = 0.125 + 0.025 * generator.normal(size=(ATOMS, PIXELS))
    return weights


def test_estimates_are_products_of_what_both_neurons_know() -> None:
    """A script filters the code's spikes, and multiplies them with those of error neurons."""
    steps, count = 500, 4
    setup = error_network(0.05, steps)
    trials = DIGIT_PATCHES.data(train=count).train
    weights = drawn_weights(0)
    recording = simulator(setup).run(State(weights, {}, {}), trials, Plan(learning=True, record_gradient=True))[0]
    size = setup.network.layer_sizes
    raster = {name: recording.spikes[name].raster(count, steps, size[name]) for name in ("on", "off", "code")}
    filtered, traces = np.zeros((count, ATOMS)), []
    for step in range(steps):
        filtered = filtered * np.exp(-1 / 30) + raster["code"][:, step] * 10 / 30
        traces.append(filtered)
    trace = np.stack(traces, axis=1)
    assert all(array.sum() > 100 for array in raster.values())
    for kind in ("on", "off"):
        errors = 0.25 * 10 * raster[kind] - 1.0
        product = np.einsum("nti,ntj->nij", errors, trace)
        spiked = trace.sum(axis=1)
        for name, gain, grown, active in (
            (f"{kind}_to_code", 0.125, product, spiked[:, None, :]),
            (f"code_to_{kind}", -1.0, product.swapaxes(1, 2), spiked[:, :, None]),
        ):
            # The window has half of the steps.
            expected = -(gain * grown - 0.05 * active * weights[name]) / (steps / 2)
            assert error_of(recording.gradient[name], expected) < 1e-9, name
            assert error_of(recording.gradient[name], -gain * grown / (steps / 2)) > 1e-3, name
            no_baseline = expected - gain * active / (steps / 2)
            assert error_of(recording.gradient[name], no_baseline) > 0.1, name


def dictionary(
    train: Array, shown: Array, active: float, least: float = 0.04, steps: int = 10, passes: int = 50
) -> tuple[float, float]:
    """Return the squared error of scikit-learn's dictionary where as many atoms are active, and how many are.

    Those are active that would spike once in the window, which is rarer than a coefficient above 0.
    """
    low, high, found = 0.01, 1.0, (np.nan, np.nan)
    with warnings.catch_warnings():
        # It stops after some passes, converged or not.
        warnings.simplefilter("ignore")
        for _ in range(steps):
            middle = float(np.sqrt(low * high))
            fit = MiniBatchDictionaryLearning(
                ATOMS,
                alpha=middle,
                fit_algorithm="cd",
                transform_algorithm="lasso_cd",
                transform_alpha=middle,
                positive_code=True,
                max_iter=passes,
                batch_size=40,
                random_state=0,
            ).fit(train)
            code = fit.transform(shown)
            error = ((shown - code @ fit.components_) ** 2).sum(axis=1).mean()
            found = float(error), float((code > least).sum(axis=1).mean())
            low, high = (middle, high) if found[1] > active else (low, middle)
    return found


def learned(epochs: int, gain: float = 0.125) -> tuple[float, float]:
    """Return the reconstruction error and the number of active neurons on the validation patches after some epochs."""
    setup, data = error_network(0.05, 250, gain), DIGIT_PATCHES.data(steps=250)
    run, state = simulator(setup), State(drawn_weights(1), {}, {})
    generator = np.random.default_rng(0)
    ends = np.where(np.arange(len(data.train)) % 40 == 39, 40, 0)
    for _ in range(epochs):
        trials = data.train.take(generator.permutation(len(data.train)))
        state = run.run(state, trials, Plan(learning=True, update_after=ends, learning_rate=0.4))[1]
    recording = run.run(state, data.validation, Plan())[0]
    look = Looked(setup.network, data.validation, recording, state.weights, {})
    error, active = (MEASURES[name].function for name in ("reconstruction_error", "active_neurons"))
    assert error is not None
    assert active is not None
    return error(look).value, active(look)["code"].value


def test_dictionary_is_on_its_way_to_scikit_learns() -> None:
    """Three short epochs; how near it comes in the end, the study of digits' patches says."""
    data = DIGIT_PATCHES.data(steps=250)
    before, _ = learned(0)
    error, active = learned(3)
    reference, as_many = dictionary(data.train.target, data.validation.target, active, 0.08, steps=6, passes=20)
    assert abs(as_many - active) < 1
    assert reference < error < 4 * reference
    assert error < 0.1 * before
    # Weights onto the code that errors do not reach decay, and those back from it learn nothing of use.
    assert learned(1, gain=0.0)[0] > 0.9 * before
