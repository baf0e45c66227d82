"""Train the network of Diehl and Cook (2015) without labels, and ask afterwards which class each neuron stands for.

python -m studies.unsupervised_digits.measure --out results/unsupervised_digits
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import typer
from numpy.typing import NDArray

from studies.unsupervised_digits.network import DT, first_weights, network_of
from workbench.catalogue.registry import load_registry
from workbench.common.idx import read_idx
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator, simulator
from workbench.engine.state import State
from workbench.figures.style import MM, SINGLE, style
from workbench.measures.label_assignment import assigned, responses, voted
from workbench.model.setup import Setup
from workbench.tables.statistics import t_interval
from workbench.tasks.digits import split
from workbench.tasks.mnist import N_TRAIN, data_folder

Task = Literal["digits", "mnist"]
Split = tuple[NDArray[np.float64], NDArray[np.int64]]

#: Steps of 0.5 ms: 350 ms, as the authors present an image.
STEPS = 700


@dataclass(frozen=True)
class Settings:
    """How a task is shown and learned; chosen on the validation split of the digits, by the first seed.

    Attributes
    ----------
    rate : float
        Of an input of full ink [Hz].
    sum_to : float
        What the weights onto a neuron add up to.
    eta, x_tar : float
        Of the rule.
    epochs : int
        How often all training images are shown.
    """

    rate: float
    sum_to: float
    eta: float = 0.05
    x_tar: float = 0.4
    epochs: int = 3


SETTINGS: dict[Task, Settings] = {
    "digits": Settings(rate=128.0, sum_to=17.0),
    "mnist": Settings(rate=63.75, sum_to=78.0),
}


def images(task: Task) -> tuple[Split, Split]:
    """Return values between 0 and 1 and labels, for training and for the test."""
    if task == "mnist":
        folder = data_folder("")
        pixels = read_idx(folder / "t10k-images-idx3-ubyte.gz", (10_000, 28, 28), "image").reshape(-1, 784) / 255
        labels = read_idx(folder / "t10k-labels-idx1-ubyte.gz", (10_000,), "label", largest=9).astype(np.int64)
        return (pixels[:5000], labels[:5000]), (pixels[N_TRAIN + 1000 :], labels[N_TRAIN + 1000 :])
    from sklearn.datasets import load_digits

    loaded = load_digits()
    train, _, test = split(loaded.target)
    values, labels = loaded.data / 16, loaded.target
    return (values[train], labels[train]), (values[test], labels[test])


def spikes_of(values: NDArray[np.float64], rate: float, generator: np.random.Generator) -> Trials:
    """Return trials in which each input spikes at random, drawn anew at each call."""
    steps, neurons, start = [], [], [0]
    for image in values:
        step, neuron = np.nonzero(generator.random((STEPS, len(image))) < image * rate * DT)
        steps.append(step)
        neurons.append(neuron)
        start.append(start[-1] + len(step))
    target = np.zeros((len(values), 10))
    return Trials(
        np.array(start), np.concatenate(steps).astype(np.int32), np.concatenate(neurons).astype(np.int32), target
    )


def made(task: Task, size: int, eta: float) -> Simulator:
    """Return the network with its rule; a learning rate of 0 lets thresholds rise and weights stay."""
    chosen = SETTINGS[task]
    values = {"eta": eta, "x_tar": chosen.x_tar, "sum_to": chosen.sum_to}
    rule = load_registry().rule("competitive_stdp").with_parameters(values)
    network = network_of(64 if task == "digits" else 784, size, STEPS)
    return simulator(Setup(network=network, rule=rule, feedback="none", trial_capacity=256, event_capacity=1 << 21))


def accuracy(network: Simulator, state: State, rate: float, train: Split, test: Split, seed: int) -> float:
    """Return the share of test images whose class is voted for, with classes assigned on the training images."""
    generator = np.random.default_rng([seed, 1])
    size = network.setup.network.hidden[0]

    def counts(values: NDArray[np.float64]) -> NDArray[np.int64]:
        found = []
        for first in range(0, len(values), 1000):
            recording, _ = network.run(state, spikes_of(values[first : first + 1000], rate, generator), Plan())
            found.append(responses(recording, "hidden1", size))
        return np.concatenate(found)

    classes = assigned(counts(train[0]), train[1], 10)
    return float((voted(counts(test[0]), classes, 10) == test[1]).mean())


def trained(
    network: Simulator, state: State, chosen: Settings, values: NDArray[np.float64], generator: np.random.Generator
) -> State:
    """Return the state after all epochs, with new spikes in each."""
    for _ in range(chosen.epochs):
        order = generator.permutation(len(values))
        for first in range(0, len(order), 1000):
            shown = spikes_of(values[order[first : first + 1000]], chosen.rate, generator)
            _, state = network.run(state, shown, Plan(learning=True, learning_rate=1.0, record_spikes=False))
    return state


def rows(task: Task, size: int, seed: int) -> tuple[list[dict[str, object]], State]:
    """Return the accuracy of random and of learned weights, and the learned state."""
    chosen = SETTINGS[task]
    train, test = images(task)
    network, still = made(task, size, chosen.eta), made(task, size, 0.0)
    weights = first_weights(network.setup.network, chosen.sum_to, np.random.default_rng([seed, 0]))
    begun = State(weights, {}, {})
    states = {
        "random": begun,
        "random, thresholds risen": trained(still, begun, chosen, train[0], np.random.default_rng([seed, 2])),
        "learned": trained(network, begun, chosen, train[0], np.random.default_rng([seed, 2])),
    }
    found: list[dict[str, object]] = []
    for name, state in states.items():
        share = accuracy(network, state, chosen.rate, train, test, seed)
        found.append({"task": task, "size": size, "seed": seed, "weights": name, "accuracy": share})
        print(f"{task}, {size} neurons, seed {seed}, {name}: {share:.3f}", flush=True)
    return found, states["learned"]


def drawn(state: State, path: Path) -> None:
    """Draw the learned weights of the first neurons as images."""
    weights = state.weights["hidden1"]
    side = int(np.sqrt(len(weights)))
    with style():
        figure, axes = plt.subplots(5, 10, figsize=(SINGLE * MM, SINGLE * MM / 2), layout="constrained")
        for number, axis in enumerate(axes.ravel()):
            sns.heatmap(
                weights[:, number].reshape(side, side), cmap="Greys", vmin=0, vmax=1, cbar=False, square=True, ax=axis,
                xticklabels=False, yticklabels=False,
            )  # fmt: skip
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)


def told(values: NDArray[np.float64], unit: str) -> str:
    """Return a mean and half its interval, in hundredths."""
    low, high = t_interval(values)
    return f"{100 * values.mean():.1f} ± {50 * (high - low):.1f} {unit}"


def main(
    out: Annotated[Path, typer.Option(help="Where to write the table and the figure.")],
    task: Annotated[Task, typer.Option(help="Which images.")] = "digits",
    size: Annotated[int, typer.Option(help="Excitatory neurons.")] = 100,
    seeds: Annotated[int, typer.Option(help="How many networks.")] = 5,
) -> None:
    """Train from several seeds, and print accuracies with intervals, and how far learning is above the best random."""
    out.mkdir(parents=True, exist_ok=True)
    table, learned = [], None
    for seed in range(seeds):
        found, learned = rows(task, size, seed)
        table += found
    data = pd.DataFrame(table)
    data.to_csv(out / f"{task}_{size}.csv", index=False)
    if learned is not None:
        drawn(learned, out / f"weights_{task}_{size}")
    by_seed = data.pivot(index="seed", columns="weights", values="accuracy")
    for name, values in by_seed.items():
        print(f"{name}: {told(values.to_numpy(), '%')}")
    random = by_seed.drop(columns="learned")
    best = random[random.mean().idxmax()]
    difference = (by_seed["learned"] - best).to_numpy()
    print(f"learned less {best.name}: {told(difference, 'points')}")


if __name__ == "__main__":
    typer.run(main)
