"""The figure of the study: accuracy by what a rule needs to know, and alignment and accuracy by depth."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes

from studies.credit_assignment.settings import DEPTHS, TASKS
from studies.credit_assignment.table import last_cosines
from workbench.figures import save
from workbench.figures.legend import handles
from workbench.figures.style import DOUBLE, GREY, MM, PALE, letter, style
from workbench.tables.data import prepared
from workbench.tables.looks import Look, looks


def drawn(runs: pd.DataFrame, curves: pd.DataFrame, stem: Path) -> None:
    """Draw the figure: a column for each task.

    Parameters
    ----------
    runs, curves : DataFrame
        Of all studies, the runs with a column `depth`.
    stem : Path
        Without its ending: PDF, PNG, and the numbers behind it as CSV.
    """
    data = last_cosines(runs, curves)
    # Neither depth nor learning rate tells a rule from itself.
    shown = looks(prepared(data.assign(parameters="", network="")))
    data["configuration"] = data["rule"] + "/" + data["feedback"]
    data["accuracy"] *= 100
    with style():
        figure, axes = plt.subplots(3, len(TASKS), figsize=(DOUBLE * MM, 150 * MM), layout="constrained", sharey="row")
        for column, (task, settings) in enumerate(TASKS.items()):
            own = data[data["task"] == task]
            axes[0, column].set_title(settings.title)
            _by_locality(axes[0, column], own[own["depth"] == max(DEPTHS)], shown)
            _by_depth(axes[1, column], own, "accuracy", shown)
            _by_depth(axes[2, column], own, "cosine", shown)
            axes[2, column].axhline(0, color=GREY, linewidth=0.6, linestyle=":")
        for index, axis in enumerate(axes.flat):
            letter(axis, index)
        axes[0, 0].set_ylabel(f"test accuracy (%),\n{max(DEPTHS)} hidden layers")
        axes[1, 0].set_ylabel("test accuracy (%)")
        axes[2, 0].set_ylabel("cosine with BPTT,\nlowest layer, after training")
        sns.despine(fig=figure)
        rules, strokes = handles(list(shown.values()))
        figure.legend(handles=[*rules, *strokes], loc="outside lower center", ncols=5)
        save(figure, data.assign(panel=data["task"]), stem)
        plt.close(figure)


def _by_locality(axis: Axes, data: pd.DataFrame, shown: dict[str, Look]) -> None:
    """Draw accuracy against the number of complaints that hold, with the best of those that need no more."""
    means = data.groupby("configuration")[["complaints", "accuracy"]].mean()
    frozen = data.loc[data["rule"] == "frozen", "accuracy"].mean()
    axis.axhline(frozen, color=shown["frozen/none"].colour, linewidth=0.9, zorder=1)
    known = means.dropna().sort_values(["complaints", "accuracy"], ascending=[True, False])
    front = known[known["accuracy"] > known["accuracy"].cummax().shift(fill_value=-1.0)]
    axis.step([*front["complaints"], 6.4], [*front["accuracy"], front["accuracy"].iloc[-1]], where="post",
              color=PALE, linewidth=2.5, zorder=0)  # fmt: skip
    for name, row in known.iterrows():
        look = shown[str(name)]
        seeds = data.loc[data["configuration"] == name, ["complaints", "accuracy"]]
        axis.plot(seeds["complaints"], seeds["accuracy"], ".", color=look.colour, markersize=2, alpha=0.6)
        axis.plot(row["complaints"], row["accuracy"], marker=look.stroke.marker, color=look.colour, linestyle="",
                  markersize=5 * look.stroke.size, markeredgecolor="white", markeredgewidth=0.4)  # fmt: skip
    axis.set(xlabel="complaints that hold of the rule", xlim=(-0.3, 6.4), xticks=range(7))


def _by_depth(axis: Axes, data: pd.DataFrame, value: str, shown: dict[str, Look]) -> None:
    """Draw a value against depth: means as lines, seeds as dots."""
    for name, look in shown.items():
        own = data[(data["configuration"] == name) & data[value].notna()]
        means = own.groupby("depth")[value].mean()
        axis.plot(own["depth"], own[value], ".", color=look.colour, markersize=2, alpha=0.5)
        axis.plot(means.index, means, color=look.colour, linestyle=look.linestyle, marker=look.stroke.marker,
                  markersize=3.4 * look.stroke.size, markeredgecolor="white", markeredgewidth=0.3)  # fmt: skip
    axis.set(xlabel="hidden layers", xticks=DEPTHS)
