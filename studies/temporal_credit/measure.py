"""Measure what eRBP loses where inputs come before the errors that they cause.

    python -m studies.temporal_credit.measure --out results/temporal_credit

The same points of Yin-Yang, once as spikes all along the trial, so that inputs and errors are there together, and once
as one spike an input, whose effect comes later. e-prop, which keeps traces for that, stands beside.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import typer

from workbench.audit.blocks import mean_estimate
from workbench.catalogue.registry import load_registry
from workbench.declare.network import Network
from workbench.declare.neuron_models import LIF
from workbench.declare.recording import join
from workbench.declare.surrogate import FAST_SIGMOID
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.figures.style import GREY, MM, SINGLE, style
from workbench.measures.alignment import cosine
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.study.seeds import stream
from workbench.tables.colours import rule_colour
from workbench.tables.controls import farthest

TRIALS, SEEDS, HIDDEN = 200, range(5), 60
#: Coding -> what it is called, and mean and deviation of the weights with which a neuron spikes a few times a trial.
CODINGS = {"rate": ("spikes all along", 1.6, 1.0), "latency": ("one spike an input", 12.0, 4.0)}
TITLES = {"eprop": "e-prop", "erbp": "eRBP", "random": "random update"}


def cosines(coding: str, seed: int) -> Iterator[dict[str, object]]:
    """Yield the cosine of each rule with the exact gradient of the hidden layer, the reset held constant."""
    registry = load_registry()
    data = registry.task("yin_yang").data(train=1, validation=TRIALS, test=1, coding=coding)
    network = Network(
        n_inputs=data.n_inputs, hidden=(HIDDEN,), n_outputs=data.n_outputs, n_steps=data.n_steps,
        neuron=LIF.with_parameters({"tau_mem": "15 ms", "tau_syn": "5 ms"}),
        surrogate=FAST_SIGMOID.with_parameters({"beta": 5.0}),
    )  # fmt: skip
    _, mean, std = CODINGS[coding]
    drawn_ = stream("weights", "hidden1", seed).standard_normal((data.n_inputs, HIDDEN))
    weights = {
        "hidden1": mean / data.n_inputs + std / np.sqrt(data.n_inputs) * drawn_,
        "readout": 3.0 / np.sqrt(HIDDEN) * stream("weights", "readout", seed).standard_normal((HIDDEN, 3)),
    }
    state = State(weights, {}, {})
    setups, recordings, updates = {}, {}, {}
    for rule in ("eprop", "erbp"):
        # Feedback is symmetric, so that nothing but time tells the two apart.
        own = registry.rule(rule)
        if rule == "erbp":
            # Errors count from the first step, as e-prop's do.
            own = own.with_parameters({"quiet": 0.0})
        setup = Setup(network=network, rule=own, feedback="symmetric", trial_capacity=256, event_capacity=1 << 15)
        parts, estimate = mean_estimate(simulator(setup), state, data.validation)
        setups[rule], recordings[rule], updates[rule] = setup, join(parts), estimate["hidden1"]
    forward = ForwardPass(weights, {}, data.validation, recordings["eprop"])
    exact = reference(setups["eprop"]).gradients(forward, reset="constant").mean["hidden1"]
    recordings["random"] = recordings["erbp"]
    updates["random"] = stream("controls", seed).standard_normal(exact.shape)
    for rule, update in updates.items():
        spikes = len(recordings[rule].spikes["hidden1"].trial) / TRIALS
        row = {"coding": CODINGS[coding][0], "seed": seed, "spikes": spikes}
        yield row | {"rule": TITLES[rule], "cosine": cosine(update, exact).value}


def drawn(table: pd.DataFrame, path: Path) -> None:
    """Draw the cosines of each coding: a dot for each seed, a bar for the mean.

    Parameters
    ----------
    table : DataFrame
        Rows of `cosines`.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    palette = {TITLES["eprop"]: rule_colour("eprop"), TITLES["erbp"]: rule_colour("erbp"), TITLES["random"]: GREY}
    with style():
        figure, axis = plt.subplots(figsize=(SINGLE * MM, 65 * MM), layout="constrained")
        common = {"data": table, "x": "coding", "y": "cosine", "hue": "rule", "palette": palette, "ax": axis}
        sns.pointplot(**common, dodge=0.5, errorbar=None, linestyle="none", marker="_", markersize=14, legend=False)
        sns.stripplot(**common, dodge=True, size=3, alpha=0.7, legend=True)
        axis.axhline(0, color=GREY, linewidth=0.6)
        axis.set(xlabel="", ylabel="cosine with BPTT\n(hidden layer, reset constant)", ylim=(-0.3, 1.08))
        axis.legend(title="", loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=3)
        sns.despine(ax=axis)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)


def main(out: Annotated[Path, typer.Option(help="Where to write the table and the figure.")]) -> None:
    """Measure, draw, and print the means over seeds."""
    out.mkdir(parents=True, exist_ok=True)
    table = pd.DataFrame([row for coding in CODINGS for seed in SEEDS for row in cosines(coding, seed)])
    table.to_csv(out / "cosines.csv", index=False)
    means = table.pivot_table(index="coding", columns="rule", values="cosine", aggfunc=["mean", "min", "max"])
    print(means.round(3).to_string())
    print(table.groupby("coding")["spikes"].mean().round(0).to_string())
    control = farthest("exact_eprop", table.loc[table["rule"] == TITLES["eprop"], "cosine"].to_numpy())
    print(control)
    if not (control.count and control.holds):
        raise SystemExit(1)
    drawn(table, out / "temporal_credit")


if __name__ == "__main__":
    typer.run(main)
