"""Measure the window of STDP: pairs of spikes at each lag, through one synapse, as Brian2 runs it.

python -m studies.stdp_window.measure --out results/stdp_window
"""

from pathlib import Path
from typing import Annotated

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
import typer

from workbench.catalogue.registry import load_registry
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.recording import Spikes
from workbench.declare.rule import Rule
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State
from workbench.figures.style import GREY, MM, SINGLE, style
from workbench.model.setup import Setup
from workbench.tables.colours import rule_colour

#: Lags of the postsynaptic spike [ms], which are steps.
LAGS = np.arange(-80, 81)
STEPS = 200


def window(rule: Rule) -> pd.DataFrame:
    """Return what one pair of spikes does to the weight, by lag.

    Parameters
    ----------
    rule : Rule
        Without a learning signal.

    Returns
    -------
    DataFrame
        Columns lag [ms] (postsynaptic less presynaptic) and change [ms], the integral of -g.
    """
    network = Network(n_inputs=1, hidden=(1,), n_outputs=1, n_steps=STEPS, loss=SQUARED_ERROR)
    setup = Setup(
        network=network, rule=rule, feedback="none", trial_capacity=256, event_capacity=512, forced_capacity=512
    )
    count = len(LAGS)
    middle = np.full(count, STEPS // 2)
    zeros = np.zeros(count, dtype=np.int64)
    trials = Trials(np.arange(count + 1), middle.astype(np.int32), zeros.astype(np.int32), np.zeros((count, 1)))
    # The postsynaptic spike is given, so that the window is the rule's and not the neuron's.
    given = {"hidden1": Spikes(np.arange(count), middle + LAGS, zeros)}
    state = State({name: np.zeros(shape) for name, shape in network.weight_shapes().items()}, {}, {})
    recording, _ = simulator(setup).run(state, trials, Plan(learning=True, record_gradient=True), given)
    change = -recording.gradient["hidden1"][:, 0, 0] * STEPS
    return pd.DataFrame({"lag": LAGS, "change": change})


def drawn(table: pd.DataFrame, path: Path) -> None:
    """Draw the window: what was measured, a dot for each lag.

    Parameters
    ----------
    table : DataFrame
        Of `window`.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    with style():
        figure, axis = plt.subplots(figsize=(SINGLE * MM, 60 * MM), layout="constrained")
        axis.axhline(0, color=GREY, linewidth=0.6)
        axis.axvline(0, color=GREY, linewidth=0.6)
        sns.scatterplot(table, x="lag", y="change", s=7, linewidth=0, color=rule_colour("stdp"), ax=axis)
        axis.set(xlabel="postsynaptic less presynaptic spike [ms]", ylabel="change of weight by a pair [ms]")
        sns.despine(ax=axis)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)


def main(out: Annotated[Path, typer.Option(help="Where to write the table and the figure.")]) -> None:
    """Measure the window, and print how far it is from the two exponentials that it should be."""
    rule = load_registry().rule("stdp")
    table = window(rule)
    out.mkdir(parents=True, exist_ok=True)
    table.to_csv(out / "window.csv", index=False)
    drawn(table, out / "window")
    values = rule.values()
    lag = table["lag"] / 1e3
    before = values["potentiation"] * np.exp(-lag.abs() / values["tau_plus"])
    after = -values["depression"] * np.exp(-lag.abs() / values["tau_minus"])
    error = (table["change"] / 1e3 - np.where(lag >= 0, before, after)).abs().max()
    print(f"{len(table)} lags; largest distance from the two exponentials: {1e3 * error:.1e} ms.")
    print(
        f"At lag 0 {table['change'][lag == 0].item():+.2f} ms, at -1 ms {table['change'][lag == -1e-3].item():+.2f} ms."
    )


if __name__ == "__main__":
    typer.run(main)
