"""Measure the angle between what random feedback teaches and the gradient, along training.

    python -m studies.feedback_alignment.measure --out results/feedback_alignment

In the linear network of Lillicrap et al. (2016), 30-20-10, and in one of LIF neurons on Yin-Yang; beside each is one
that is trained on the gradient, for which the same feedback weights are asked what they would have taught.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from numpy.typing import NDArray

from studies.feedback_alignment.figure import drawn
from workbench.audit.blocks import mean_estimate
from workbench.catalogue.registry import load_registry
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron_models import LINEAR_RATE
from workbench.declare.optimizer import ADAM, SGD
from workbench.declare.surrogate import FAST_SIGMOID
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator, simulator
from workbench.engine.state import State
from workbench.model.feedback.weights import draw_feedback, feedback_shapes
from workbench.model.setup import Setup
from workbench.study.seeds import stream

#: Updates after which the angle is measured.
LOOKS = (0, 30, 100, 200, 500, 1000, 2000, 3000)
SEEDS = range(10)


@dataclass(frozen=True, eq=False)
class Experiment:
    """A network, what it learns, and how.

    Attributes
    ----------
    name : str
        Of the network.
    setup : Setup
        With the rule, which is the gradient where feedback is symmetric.
    trials : Trials
        To learn from, a batch at a time.
    batch : int
        Trials of an update.
    learning_rate : float
        Of the updates.
    spread : dict of str to float
        Deviation of the initial weights.
    mean : float
        Of those from the input.
    """

    name: str
    setup: Setup
    trials: Trials
    batch: int
    learning_rate: float
    spread: dict[str, float]
    mean: float = 0.0


def linear(seed: int) -> Experiment:
    """Return the linear network, which is to become a random linear map of which inputs spike; one more is a bias."""
    generator = np.random.default_rng([16, seed])
    count, steps = 1000, 60
    present = np.column_stack([generator.random((count, 30)) < 0.5, np.ones(count, dtype=bool)])
    wanted = (present[:, :30] - 0.5) @ generator.uniform(-1, 1, size=(30, 10))
    trial, neuron = np.nonzero(present)
    start = np.searchsorted(trial, np.arange(count + 1)).astype(np.int64)
    trials = Trials(start, np.ones(len(trial), dtype=np.int32), neuron.astype(np.int32), wanted)
    network = Network(
        n_inputs=31, hidden=(20,), n_outputs=10, neuron=LINEAR_RATE, n_steps=steps, loss=SQUARED_ERROR, window=(20, 60)
    )
    setup = Setup(
        network=network, rule=load_registry().rule("eprop"), feedback="symmetric", optimizer=SGD, trial_capacity=1024,
        event_capacity=1 << 15,
    )  # fmt: skip
    return Experiment("linear", setup, trials, 10, 0.02, {"hidden1": 0.03, "readout": 0.03})


def spiking(seed: int) -> Experiment:
    """Return the network of LIF neurons, which is to learn Yin-Yang."""
    del seed
    registry = load_registry()
    data = registry.task("yin_yang").data()
    network = Network(
        n_inputs=data.n_inputs, hidden=(60,), n_outputs=data.n_outputs, n_steps=data.n_steps,
        neuron=registry.neuron("lif").with_parameters({"tau_mem": "15 ms", "tau_syn": "5 ms"}),
        surrogate=FAST_SIGMOID.with_parameters({"beta": 5.0}),
    )  # fmt: skip
    setup = Setup(
        network=network, rule=registry.rule("eprop"), feedback="symmetric", optimizer=ADAM, trial_capacity=1024,
        event_capacity=1 << 13,
    )  # fmt: skip
    return Experiment("LIF", setup, data.train, 32, 0.01, {"hidden1": 4.0 / 5**0.5, "readout": 0.1}, 12.0 / 5)


EXPERIMENTS = (linear, spiking)


def angle(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the angle between two arrays [degree]."""
    return float(np.degrees(np.arccos((one * other).sum() / np.linalg.norm(one) / np.linalg.norm(other))))


def _start(experiment: Experiment, random: Setup, seed: int) -> State:
    network = experiment.setup.network
    weights = {
        name: experiment.mean * (name == "hidden1")
        + experiment.spread[name] * stream("weights", name, seed).standard_normal(shape)
        for name, shape in network.weight_shapes().items()
    }
    shapes = feedback_shapes(network, random.pathway)
    feedback = {
        layer: draw_feedback(random.pathway, shape, 1.0, stream("feedback", layer, seed))
        for layer, shape in shapes.items()
    }
    return State(weights, feedback, {})


def followed(experiment: Experiment, seed: int) -> Iterator[dict[str, object]]:
    """Yield the angle and the loss of a network that learns by random feedback, and of one that learns the gradient."""
    random = replace(experiment.setup, feedback="random_direct")
    ways = {"random feedback": simulator(random), "gradient": simulator(experiment.setup)}
    probe = experiment.trials.take(np.arange(200))
    for trained_by, runner in ways.items():
        state = _start(experiment, random, seed)
        done = 0
        for look in LOOKS:
            state = _trained(runner, experiment, state, seed, done, look)
            done = look
            recordings, wanted = mean_estimate(ways["gradient"], replace(state, memory={}), probe)
            _, taught = mean_estimate(ways["random feedback"], replace(state, memory={}), probe)
            yield {
                "network": experiment.name, "seed": seed, "trained by": trained_by, "updates": look,
                "angle": angle(taught["hidden1"], wanted["hidden1"]),
                "loss": float(np.mean([recording.loss.mean() for recording in recordings])),
            }  # fmt: skip


def _trained(runner: Simulator, experiment: Experiment, state: State, seed: int, first: int, last: int) -> State:
    count = last - first
    if count == 0:
        return state
    order = stream("data order", experiment.name, seed, first).integers(
        len(experiment.trials), size=count * experiment.batch
    )
    ends = np.zeros(len(order), dtype=np.int64)
    ends[experiment.batch - 1 :: experiment.batch] = experiment.batch
    for start in range(0, len(order), 1000 * experiment.batch):
        part = slice(start, start + 1000 * experiment.batch)
        plan = Plan(
            learning=True, update_after=ends[part], learning_rate=experiment.learning_rate, record_spikes=False,
            chunk=1024 - 1024 % experiment.batch,
        )  # fmt: skip
        _, state = runner.run(state, experiment.trials.take(order[part]), plan)
    return state


def main(out: Annotated[Path, typer.Option(help="Where to write the table and the figure.")]) -> None:
    """Measure, draw, and print the means over seeds."""
    out.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame([row for make in EXPERIMENTS for seed in SEEDS for row in followed(make(seed), seed)])
    table.to_csv(out / "angles.csv", index=False)
    for value, digits in (("angle", 1), ("loss", 4)):
        print(f"Mean {value} over seeds, by updates:")
        means = table.pivot_table(index=["network", "trained by"], columns="updates", values=value)
        print(means.round(digits).to_string())
    drawn(table, out / "angles")


if __name__ == "__main__":
    typer.run(main)
