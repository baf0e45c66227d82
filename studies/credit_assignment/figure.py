"""The figure of the study: accuracy by what a rule needs to know, and alignment and accuracy by depth."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from studies.credit_assignment.settings import DEPTHS, TASKS
from studies.credit_assignment.table import with_alignment
from workbench.figures import save, trade_off_data
from workbench.figures.depth import draw_means
from workbench.figures.legend import handles
from workbench.figures.style import DOUBLE, GREY, MM, letter, style
from workbench.figures.trade_off import draw_trade_off, key_handles
from workbench.tables.appearance import looks
from workbench.tables.data import prepared


def drawn(runs: pd.DataFrame, curves: pd.DataFrame, stem: Path) -> None:
    """Draw the figure: a column for each task.

    Parameters
    ----------
    runs, curves : DataFrame
        Of all studies, the runs with a column `depth`.
    stem : Path
        Without its ending: PDF, PNG, and the numbers behind it as CSV.
    """
    # Neither depth nor learning rate tells a rule from itself.
    plain = runs.assign(parameters="{}")
    shown = looks(prepared(plain.assign(network="")))
    data = with_alignment(plain, curves)
    data["configuration"] = data["rule"] + "/" + data["feedback"]
    deepest = trade_off_data(plain[plain["depth"] == max(DEPTHS)], curves)
    with style():
        figure, axes = plt.subplots(3, len(TASKS), figsize=(DOUBLE * MM, 155 * MM), layout="constrained", sharey="row")
        for column, (task, settings) in enumerate(TASKS.items()):
            own = data[data["task"] == task]
            axes[0, column].set_title(settings.title)
            draw_trade_off(axes[0, column], deepest[deepest["task"] == task], shown)
            axes[0, column].set_xlabel("complaints that hold of the rule")
            draw_means(axes[1, column], own.assign(value=100 * own["accuracy"]), "depth", shown)
            draw_means(axes[2, column], own.assign(value=own["cosine"]).dropna(subset="value"), "depth", shown)
            axes[2, column].axhline(0, color=GREY, linewidth=0.6, linestyle=":")
            for axis in axes[1:, column]:
                axis.set(xlabel="hidden layers", xticks=DEPTHS)
        for index, axis in enumerate(axes.flat):
            letter(axis, index)
        axes[0, 0].set_ylabel(f"test accuracy (%),\n{max(DEPTHS)} hidden layers")
        axes[1, 0].set_ylabel("test accuracy (%)")
        axes[2, 0].set_ylabel("cosine with BPTT,\nlowest layer, after training")
        sns.despine(fig=figure)
        rules, strokes = handles(list(shown.values()))
        figure.legend(handles=[*rules, *strokes, *key_handles()], loc="outside lower center", ncols=5)
        save(figure, data.assign(panel=data["task"]), stem)
        plt.close(figure)
