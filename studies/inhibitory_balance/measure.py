"""Run the network of Vogels et al. (2011) here and as a plain script of Brian2, on the same synapses.

python -m studies.inhibitory_balance.measure --out results/inhibitory_balance
"""

import subprocess
import sys
import time
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import typer
from numpy.typing import NDArray

from studies.inhibitory_balance.network import Sizes, network_of, weights_of
from workbench.catalogue.registry import load_registry
from workbench.declare.network import Network
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.figures.style import DOUBLE, GREY, MM, letter, log_scale, style
from workbench.model.setup import Setup

#: Steps within which every spike must be the same; later, rounding has grown to spikes.
EQUAL_STEPS = 3000

STEP = 1e-4


@dataclass(frozen=True, eq=False)
class Activity:
    """What a network did.

    Attributes
    ----------
    step, neuron : ndarray of int of shape (n_spikes,)
        In the order of time and neuron; inhibitory neurons come after the excitatory ones.
    weights : ndarray of shape (n_synapses,)
        Of the plastic synapses afterwards [nS].
    """

    step: NDArray[np.int64]
    neuron: NDArray[np.int64]
    weights: NDArray[np.float64]

    @classmethod
    def ordered(cls, step: NDArray[np.int64], neuron: NDArray[np.int64], weights: NDArray[np.float64]) -> "Activity":
        """Return it with the spikes in their order."""
        order = np.lexsort((neuron, step))
        return cls(step[order], neuron[order], weights)

    def rates(self, size: int, first: int, last: int) -> NDArray[np.float64]:
        """Return the rate of each neuron between two steps [Hz]."""
        within = (self.step >= first) & (self.step < last)
        return np.asarray(np.bincount(self.neuron[within], minlength=size) / ((last - first) * STEP))


def here(network: Network, eta: float = 0.01) -> Activity:
    """Return what the workbench makes of a network."""
    rule = load_registry().rule("inhibitory_stdp").with_parameters({"eta": eta})
    setup = Setup(network=network, rule=rule, feedback="none", trial_capacity=1, event_capacity=1)
    trial = Trials(np.array([0, 0]), np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros((1, 1)))
    plan = Plan(learning=True, learning_rate=1.0)
    recording, state = simulator(setup).run(State(weights_of(network), {}, {}), trial, plan)
    first = {"exc": 0, "inh": network.layer_sizes["exc"]}
    step = np.concatenate([recording.spikes[name].step for name in first])
    neuron = np.concatenate([recording.spikes[name].neuron + start for name, start in first.items()])
    return Activity.ordered(step, neuron, state.weights["inh_to_exc"])


def plain(network: Network, folder: Path, eta: float = 0.01) -> Activity:
    """Return what a script of Brian2 makes of the same synapses, in a process of its own."""
    told: dict[str, Any] = {"n_steps": network.n_steps, "eta": eta}
    told |= {"n_excitatory": network.layer_sizes["exc"], "n_inhibitory": network.layer_sizes["inh"]}
    for item in network.projections:
        told |= {f"{item.name}.pre": item.indices.pre, f"{item.name}.post": item.indices.post}
    folder.mkdir(parents=True, exist_ok=True)
    pairs, out = folder / "pairs.npz", folder / "plain.npz"
    np.savez(pairs, **told)
    script = "studies.inhibitory_balance.plain_brian2"
    command = [sys.executable, "-m", script, "--pairs", str(pairs), "--out", str(out)]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with np.load(out) as found:
        ran = Activity.ordered(found["step"], found["neuron"], found["weights"])
    pairs.unlink()
    out.unlink()
    return ran


def first_difference(one: Activity, other: Activity) -> int:
    """Return the step of the first spike that one has and the other has not; -1 where all are the same."""
    count = min(len(one.step), len(other.step))
    differs = (one.step[:count] != other.step[:count]) | (one.neuron[:count] != other.neuron[:count])
    if differs.any():
        place = int(np.argmax(differs))
        return int(min(one.step[place], other.step[place]))
    longer = one if len(one.step) > count else other
    return int(longer.step[count]) if len(longer.step) > count else -1


def balance(ran: Activity, network: Network, last: int, target: float) -> tuple[float, float]:
    """Return what plastic synapses add and take in the last steps, of what leaves them alone: 1 where they rest.

    Parameters
    ----------
    ran, network
        What it did, and the network.
    last : int
        How many steps.
    target : float
        The rate that the rule aims at [Hz].

    Returns
    -------
    measured, independent : float
        Of the spikes as they are, and if those of both ends had nothing to do with each other.
    """
    tau, excitatory = 0.02 / STEP, network.layer_sizes["exc"]
    late = ran.step >= network.n_steps - last
    order = np.lexsort((ran.step[late], ran.neuron[late]))
    step, neuron = ran.step[late][order], ran.neuron[late][order]
    edges = np.searchsorted(neuron, np.arange(excitatory + network.layer_sizes["inh"] + 1))
    pre, post = network.projection("inh_to_exc").indices
    chosen = np.random.default_rng(0).choice(len(pre), 5000, replace=False)
    pairs = spikes = chance = 0.0
    for source, goal in zip(pre[chosen] + excitatory, post[chosen], strict=True):
        before, after = (step[edges[end] : edges[end + 1]] for end in (source, goal))
        pairs += np.exp(-np.abs(before[:, None] - after[None, :]) / tau).sum()
        chance += 2 * tau / last * len(before) * len(after)
        spikes += len(before)
    aim = 2 * target * tau * STEP * spikes
    return float(pairs / aim), float(chance / aim)


def drawn(rates: pd.DataFrame, settled: NDArray[np.float64], target: float, path: Path) -> None:
    """Draw mean rates over time, and rates of single neurons when the weights have come to rest.

    Parameters
    ----------
    rates : DataFrame
        Columns seconds, run, rate [Hz]: the mean over excitatory neurons.
    settled : ndarray of shape (n_excitatory,)
        Rates at the end of the longest run [Hz].
    target : float
        The rate that the rule aims at [Hz].
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    colours = {"workbench": "#0072B2", "plain Brian2": "#D55E00"}
    with style():
        figure, axes = plt.subplots(1, 2, figsize=(DOUBLE * MM, 60 * MM), layout="constrained")
        sns.lineplot(rates, x="seconds", y="rate", hue="run", style="run", palette=colours, ax=axes[0])
        axes[0].axhline(target, color=GREY, linewidth=0.6)
        axes[0].set(xlabel="time [s]", ylabel="mean rate, excitatory [Hz]")
        log_scale(axes[0])
        axes[0].legend(title=None)
        sns.histplot(x=settled, binwidth=0.1, element="step", color=colours["workbench"], ax=axes[1])
        axes[1].axvline(target, color=GREY, linewidth=0.6)
        axes[1].set(xlabel="rate at the end [Hz]", ylabel="excitatory neurons", xlim=(0, None))
        told = {"color": GREY, "textcoords": "offset points"}
        axes[0].annotate(
            f"target {target:g} Hz", (1, target), xycoords=("axes fraction", "data"), xytext=(0, 2), ha="right", **told
        )
        axes[1].annotate(
            f"target {target:g} Hz",
            (target, 1),
            xycoords=("data", "axes fraction"),
            xytext=(-3, -8),
            ha="right",
            **told,
        )
        for number, axis in enumerate(axes):
            letter(axis, number)
            sns.despine(ax=axis)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)


def compared_at_first(sizes: Sizes, out: Path) -> None:
    """Print whether the first spikes are the same, and when they would not be."""
    short = network_of(replace(sizes, n_steps=EQUAL_STEPS))
    ours, theirs, frozen = here(short), plain(short, out), here(short, eta=0.0)
    differs = first_difference(ours, theirs)
    same = "the same" if differs < 0 else f"the same until step {differs}"
    apart = np.abs(ours.weights - theirs.weights).max()
    print(f"First {EQUAL_STEPS * STEP:g} s: {len(ours.step)} spikes, {same}; weights within {apart:.0e} nS.")
    print(f"Without learning the first spike that differs is in step {first_difference(ours, frozen)}.", flush=True)


def compared_over_time(sizes: Sizes, out: Path) -> pd.DataFrame:
    """Print rates at the end of both runs, and return mean rates over time."""
    network = network_of(sizes)
    size, tenth = sizes.excitatory + sizes.inhibitory, round(0.1 / STEP)
    rows = []
    runs = {"workbench": here(network), "plain Brian2": plain(network, out)}
    for name, ran in runs.items():
        for first in range(0, sizes.n_steps, tenth):
            rate = ran.rates(size, first, first + tenth)[: sizes.excitatory].mean()
            rows.append({"seconds": (first + tenth / 2) * STEP, "run": name, "rate": rate})
        rates = ran.rates(size, sizes.n_steps - 10 * tenth, sizes.n_steps)
        quartiles = ", ".join(f"{value:g}" for value in np.quantile(rates[: sizes.excitatory], (0.25, 0.5, 0.75)))
        print(
            f"{name}, last second: excitatory {rates[: sizes.excitatory].mean():.2f} Hz (quartiles {quartiles}), "
            f"inhibitory {rates[sizes.excitatory :].mean():.2f} Hz, plastic weights {ran.weights.mean():.2f} nS."
        )
    differs = first_difference(*runs.values())
    print(
        "All spikes are the same." if differs < 0 else f"The first spike that differs is in step {differs}.", flush=True
    )
    return pd.DataFrame(rows)


def main(
    out: Annotated[Path, typer.Option(help="Where to write tables and figure.")],
    seconds: Annotated[float, typer.Option(help="How long both networks run.")] = 10.0,
    settled: Annotated[
        float, typer.Option(help="How long the workbench's runs, with a learning rate of 0.05.")
    ] = 100.0,
) -> None:
    """Compare spikes, rates and weights, and print what was found."""
    out.mkdir(parents=True, exist_ok=True)
    compared_at_first(Sizes(), out)
    rates = compared_over_time(Sizes(n_steps=round(seconds / STEP)), out)
    rates.to_csv(out / "rates.csv", index=False)
    sizes = Sizes(n_steps=round(settled / STEP))
    network = network_of(sizes)
    begun = time.perf_counter()
    ran = here(network, eta=0.05)
    taken = time.perf_counter() - begun
    target, last = load_registry().rule("inhibitory_stdp").values()["target_rate"], round(10 / STEP)
    end = ran.rates(sizes.excitatory + sizes.inhibitory, sizes.n_steps - last, sizes.n_steps)[: sizes.excitatory]
    np.savetxt(out / "settled.csv", end)
    quartiles = ", ".join(f"{value:.1f}" for value in np.quantile(end, (0.25, 0.5, 0.75)))
    measured, independent = balance(ran, network, last, target)
    print(f"After {settled:g} s, last 10 s: excitatory {end.mean():.2f} Hz (quartiles {quartiles}; target {target:g}).")
    print(f"The workbench took {taken:.0f} s for these {settled:g} s.")
    print(f"Traces at spikes over what leaves weights alone: {measured:.3f}; of independent spikes {independent:.3f}.")
    drawn(rates, end, target, out / "rates")


if __name__ == "__main__":
    typer.run(main)
