"""The figure of the throughput study."""

from pathlib import Path

import matplotlib.pyplot as plt
import pandas as pd
import seaborn as sns

from workbench.figures.style import style

#: What is the same where something else is varied.
SPIKES, STEPS = 140, 100


def drawn(table: pd.DataFrame, path: Path) -> None:
    """Draw trials and events per second over sizes, spikes and steps."""
    with style():
        figure, axes = plt.subplots(2, 2, figsize=(7.0, 5.2))
        usual = table[(table.spikes == SPIKES) & (table.steps == STEPS) & (table.precision == "float64")]
        labels = usual["what"].where(usual["form"] == "events", usual["what"] + ", " + usual["form"] + "-driven")
        usual = usual.assign(
            case=labels.str.replace("causal-driven", "causal").str.replace("bptt", "BPTT in the reference")
        )
        order = ["inference", "eprop", "dcll", "eprop, causal", "eprop, clock-driven", "dcll, clock-driven"]
        order += ["BPTT in the reference"]
        panels = (
            (axes[0, 0], usual, "hidden", "trials_per_second", "trials per second", "hidden neurons"),
            (
                axes[0, 1],
                usual[usual.form == "events"],
                "hidden",
                "events_per_second",
                "synaptic events / s",
                "hidden neurons",
            ),
            (
                axes[1, 0],
                _others(table, "spikes"),
                "spikes",
                "trials_per_second",
                "trials per second",
                "input spikes per trial",
            ),
            (axes[1, 1], _others(table, "steps"), "steps", "trials_per_second", "trials per second", "steps per trial"),
        )
        palette = dict(zip(order, sns.color_palette("colorblind", len(order)), strict=True))
        for axis, data, across, value, label, below in panels:
            data = data if "case" in data else data.assign(case="eprop")
            sns.lineplot(
                data,
                x=across,
                y=value,
                hue="case",
                style="case",
                hue_order=order,
                style_order=order,
                palette=palette,
                markers=True,
                dashes=False,
                estimator="median",
                errorbar=("pi", 100),
                ax=axis,
                legend=axis is axes[0, 0],
            )
            axis.set(xscale="log", yscale="log", xlabel=below, ylabel=label)
            axis.set_xticks(sorted(data[across].unique()), labels=[str(tick) for tick in sorted(data[across].unique())])
            axis.minorticks_off()
        handles, names = axes[0, 0].get_legend_handles_labels()
        axes[0, 0].get_legend().remove()
        figure.legend(handles, names, loc="outside upper center", ncols=4, frameon=False)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"), dpi=200)


def _others(table: pd.DataFrame, across: str) -> pd.DataFrame:
    """Return e-prop at 400 hidden neurons over spikes or steps."""
    fixed = {"spikes": SPIKES, "steps": STEPS}
    del fixed[across]
    chosen = (table.what == "eprop") & (table.hidden == 400) & (table.form == "events") & (table.precision == "float64")
    for name, value in fixed.items():
        chosen &= table[name] == value
    return table[chosen]
