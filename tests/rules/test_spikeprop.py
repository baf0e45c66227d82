"""SpikeProp by another program: spikes found on a grid and its own formulas, in plain NumPy."""

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from tests.networks import REGISTRY, RULES
from workbench import Network, Population, Projection, estimate, load_results, run_study
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.neuron_models import FIRST_SPIKE, LIF_SINGLE_SPIKE
from workbench.exact_time.exact_time import ExactTime
from workbench.study.file.reading import load_study

Array = NDArray[np.float64]
STUDY = Path(__file__).parents[2] / "studies" / "published" / "spikeprop_xor.toml"

#: In milliseconds; a spike of an input at 0 arrives a step later, and then by each of 16 synapses.
DELAYS, STEP = np.linspace(1, 16, 16), 0.1
TASK = REGISTRY.task("temporal_xor").data(late=6, bias=1, answer="time", duration=40, step=STEP)
ARRIVE = np.array([[a, b, 0.0] for a in (0, 6) for b in (0, 6)]) + STEP
WANTED = np.array([16.0, 10.0, 10.0, 16.0]) + STEP

#: Membrane and synapse, of Booij and Nguyen's neurons.
TAUS = (4.0, 2.0)

#: Of alpha functions; the workbench's two time constants lie this far apart, on either side.
TAU, APART = 7.0, 1e-4

#: Weights of the two layers, each of shape (n_pre, n_post, n_delays); the last hidden neuron is inhibitory.
Weights = tuple[Array, Array]


def kernel(since: Array, taus: tuple[float, float]) -> tuple[Array, Array]:
    """Return the response to a spike since it arrived, and its slope; of equal constants it is an alpha function."""
    mem, syn = taus
    late = np.maximum(since, 0)
    if mem == syn:
        fading = np.exp(-late / mem) / mem
        return late * fading, np.where(since > 0, 1 - late / mem, 0) * fading
    value = syn / (mem - syn) * (np.exp(-late / mem) - np.exp(-late / syn))
    slope = syn / (mem - syn) * (np.exp(-late / syn) / syn - np.exp(-late / mem) / mem)
    return np.where(since > 0, value, 0), np.where(since > 0, slope, 0)


@dataclass(frozen=True)
class Layer:
    """The spikes of a layer [ms], and at each the response and its slope by each synapse, (n_pre, n_post, n_delays)."""

    time: Array
    response: Array
    slope: Array


def fire(times: Array, weights: Array, taus: tuple[float, float]) -> Layer:
    """Return the first spikes of neurons by what spikes of given times bring."""
    arrive = times[:, None] + DELAYS

    def above(time: float, neuron: int) -> float:
        return float((weights[:, neuron] * kernel(np.asarray(time - arrive), taus)[0]).sum()) - 1

    grid = np.linspace(0, 40, 801)
    responses = kernel(np.asarray(grid[:, None, None] - arrive), taus)[0]
    spikes = []
    for neuron in range(weights.shape[1]):
        reached = np.nonzero((responses * weights[:, neuron]).sum(axis=(1, 2)) > 1)[0]
        assert len(reached), "a neuron is silent"
        spikes.append(brentq(above, grid[reached[0] - 1], grid[reached[0]], args=(neuron,), xtol=1e-14, rtol=1e-15))
    since = np.array(spikes)[None, :, None] - arrive[:, None, :]
    return Layer(np.array(spikes), *kernel(since, taus))


def error(times: Array, wanted: float, weights: Weights, taus: tuple[float, float] = TAUS) -> float:
    hidden = fire(times, weights[0], taus)
    return float(0.5 * (fire(hidden.time, weights[1], taus).time[0] - wanted) ** 2)


def gradient(
    times: Array, wanted: float, weights: Weights, least_rise: float = 0.0, synapses: slice = slice(None),
    taus: tuple[float, float] = TAUS,
) -> list[Array]:  # fmt: skip
    """Return the gradient by SpikeProp's formulas [ms]; with `synapses`, the speed of a potential is of these alone."""
    hidden = fire(times, weights[0], taus)
    layers = (hidden, fire(hidden.time, weights[1], taus))
    speeds = [
        np.maximum((matrix * layer.slope)[:, :, synapses].sum(axis=(0, 2)), least_rise)
        for matrix, layer in zip(weights, layers, strict=True)
    ]
    by_output = layers[1].time - wanted
    by_hidden = ((weights[1] * layers[1].slope).sum(axis=2) / speeds[1]) @ by_output
    return [
        -layer.response * (by_time / speed)[None, :, None]
        for layer, by_time, speed in zip(layers, (by_hidden, by_output), speeds, strict=True)
    ]


def each(source: str, target: str, name: str) -> list[Projection]:
    """Return a projection for each delay."""
    return [
        Projection(source=source, target=target, name=f"{name}_{number}" if number > 1 else name, delay=10 * number)
        for number in range(1, len(DELAYS) + 1)
    ]


def network(taus: tuple[float, float] = TAUS) -> Network:
    constants: dict[str, str | float] = {"tau_mem": f"{taus[0]} ms", "tau_syn": f"{taus[1]} ms"}
    return Network.for_task(
        TASK,
        hidden=(4,),
        neuron=LIF_SINGLE_SPIKE.with_parameters(constants),
        readout=FIRST_SPIKE.with_parameters(constants | {"tau_first": "1 ms"}),
        loss=SQUARED_ERROR,
        populations=(Population(name="inhibitory", size=1),),
        projections=(
            *each("inputs", "hidden1", "hidden1"),
            *each("inputs", "inhibitory", "inhibitory"),
            *each("hidden1", "readout", "readout"),
            *each("inhibitory", "readout", "inhibition"),
        ),
    )


def drawn(seed: int = 0) -> Weights:
    generator = np.random.default_rng(seed)
    lower = generator.uniform(-0.5, 1, (3, 5, 16))
    upper = np.concatenate([generator.uniform(0, 1, (4, 1, 16)), generator.uniform(-0.5, 0, (1, 1, 16))])
    return lower, upper


def named(weights: list[Array] | Weights) -> dict[str, Array]:
    """Return weights, or a gradient, by the names of projections."""
    lower, upper = weights
    parts = {"hidden1": lower[:, :4], "inhibitory": lower[:, 4:], "readout": upper[:4], "inhibition": upper[4:]}
    return {
        f"{name}_{number + 1}" if number else name: np.ascontiguousarray(part[:, :, number])
        for name, part in parts.items()
        for number in range(len(DELAYS))
    }


def apart(found: dict[str, Array], wanted: dict[str, Array]) -> float:
    """Return the relative distance of two gradients of all weights."""
    assert found.keys() == wanted.keys()
    size = np.sqrt(sum((array**2).sum() for array in wanted.values()))
    return float(np.sqrt(sum(((found[name] - array) ** 2).sum() for name, array in wanted.items())) / size)


def told(weights: Weights, least_rise: float = 0.0) -> list[dict[str, Array]]:
    """Return the workbench's gradient of each trial."""
    made = ExactTime(network()).run(
        named(weights), TASK.train, gradient=True, per_trial=True, least_rise=1e3 * least_rise
    )
    return [{name: array[trial] for name, array in made.gradients.items()} for trial in range(4)]


def test_gradient_is_that_of_the_formulas() -> None:
    for weights in (drawn(0), drawn(1)):
        for found, times, wanted in zip(told(weights), ARRIVE, WANTED, strict=True):
            assert apart(found, named(gradient(times, wanted, weights))) < 1e-9


def test_gradient_is_what_central_differences_say() -> None:
    """Of the script's forward pass, along random directions of all weights."""
    weights = drawn()
    generator = np.random.default_rng(2)
    for found, times, wanted in zip(told(weights), ARRIVE, WANTED, strict=True):
        size = np.sqrt(sum((array**2).sum() for array in found.values()))
        for _ in range(3):
            ways = [generator.normal(size=array.shape) for array in weights]
            length = np.sqrt(sum((way**2).sum() for way in ways))

            def loss(step: float, ways: list[Array] = ways, times: Array = times, wanted: float = wanted) -> float:
                lower, upper = (array + step * way for array, way in zip(weights, ways, strict=True))
                return error(times, wanted, (lower, upper))

            slope = (8 * (loss(1e-5) - loss(-1e-5)) - (loss(2e-5) - loss(-2e-5))) / 12e-5
            along = sum((found[name] * way).sum() for name, way in named(ways).items())
            assert abs(slope - along) < 1e-6 * size * length


def test_gradient_is_that_of_alpha_functions() -> None:
    """The difference of two exponentials as an alpha function: what is left of their distance is its square."""
    generator = np.random.default_rng(3)
    weights = (math.e * generator.uniform(-0.1, 0.4, (3, 5, 16)), math.e * generator.uniform(0, 0.3, (5, 1, 16)))
    made = network((TAU / (1 - APART), TAU / (1 + APART)))
    # Of such a difference each weight counts 1 - APART times.
    given = named([array / (1 - APART) for array in weights])
    run = ExactTime(made).run(given, TASK.train, gradient=True, per_trial=True)
    for trial, (times, wanted) in enumerate(zip(ARRIVE, WANTED, strict=True)):
        found = {name: array[trial] / (1 - APART) for name, array in run.gradients.items()}
        assert apart(found, named(gradient(times, wanted, weights, taus=(TAU, TAU)))) < 1e-6
        # The control: exponentials further apart are no alpha function.
        assert apart(found, named(gradient(times, wanted, weights, taus=(1.1 * TAU, 0.9 * TAU)))) > 1e-3


def test_what_the_formulas_would_see() -> None:
    """The control: a potential whose speed at its spike lacks the synapse that is slowest to arrive."""
    weights = drawn()
    without = named(gradient(ARRIVE[0], WANTED[0], weights, synapses=slice(1, None)))
    assert apart(told(weights)[0], without) > 1e-3


def test_a_drive_that_rises_slowly_counts_as_rising_at_the_least() -> None:
    weights, least = drawn(), 0.3
    bounded = told(weights, least)
    for found, exact, times, wanted in zip(bounded, told(weights), ARRIVE, WANTED, strict=True):
        assert apart(found, named(gradient(times, wanted, weights, least))) < 1e-9
        # The control: some rise slower.
        assert apart(found, exact) > 0.01


def test_least_rise_is_a_parameter_of_the_rule() -> None:
    assert RULES["spikeprop"].least_rise == 100
    assert RULES["spikeprop"].with_parameters({"least_rise": "0 Hz"}).least_rise == 0
    assert RULES["eventprop"].least_rise == 0
    # Some rise slower than 300 per second, so that it is another gradient.
    slow = RULES["spikeprop"].with_parameters({"least_rise": "300 Hz"})
    weights, made = drawn(), network()
    for rule, least in ((slow, 300.0), (RULES["eventprop"].with_parameters({"times": "exact"}), 0.0)):
        found = estimate(rule, made, named(weights), TASK.train)
        wanted = ExactTime(made).run(named(weights), TASK.train, gradient=True, least_rise=least).gradient
        assert all(np.array_equal(found[name], wanted[name]) for name in wanted)


def test_exclusive_or_is_learned(tmp_path: Path) -> None:
    study = load_study(STUDY)
    assert study.train.epochs <= 250
    train = study.train.model_copy(update={"epochs": 45})
    run_study(study.model_copy(update={"seeds": (1, 3), "train": train}), out=tmp_path / "out")
    found = load_results(tmp_path / "out")
    assert found.runs["status"].tolist() == ["done"] * 2
    # A sum of squared errors of 1 over the four trials, as published.
    assert (4 * found.runs["loss"] < 1).all()
    losses = found.curves[(found.curves["layer"] == "network") & (found.curves["measure"] == "loss")]
    assert (4 * losses.loc[losses["epoch"] == 0, "value"] > 10).all()
