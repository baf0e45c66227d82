"""The figures of one trial: what the network did, and what became of one synapse's estimate meanwhile."""

from collections.abc import Sequence
from itertools import groupby, pairwise

import numpy as np
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from workbench.declare.configuration import words
from workbench.declare.example_trial import Array, Course, ExampleTrial
from workbench.figures.style import GREY, MM, PALE, SINGLE, style

#: What is marked: the two neurons that the synapse joins.
PRE, POST = "#0072B2", "#D55E00"

#: How the variables of one panel are told apart.
_LINES = (("#222222", "-"), ("#222222", (0, (3, 1.5))), ("#8A8A8A", "-"), ("#8A8A8A", (0, (1, 1.2))))

#: Beyond this ratio of their largest values, two variables have panels of their own.
_APART = 20.0

#: What is below it all the time is drawn as 0, and not as the rounding of it.
_NOTHING = 1e-12

#: How high the panel of the membrane potential is beside the others.
_POTENTIAL = 1.5

#: What panels are called, by what their variables are to the synapse.
TITLES = {
    "trace": "trace of the presynaptic neuron",
    "neuron": "postsynaptic neuron",
    "signal": "learning signal",
    "eligibility": "eligibility, in the synapse",
    "estimate": "estimate of the synapse",
}

#: Names and factors of units that are drawn, from the smallest: those whose values are below 1 of the next.
_SCALES = {
    "second": ((1e-6, "\u00b5s"), (1e-3, "ms"), (1.0, "s")),
    "volt": ((1e-3, "mV"), (1.0, "V")),
    "1": ((1.0, ""),),
}


def network_trial(trial: ExampleTrial) -> Figure:
    """Draw the spikes of a trial: a panel for the inputs, and one for each population that spikes.

    Parameters
    ----------
    trial : ExampleTrial
        What was recorded.

    Returns
    -------
    Figure
        89 mm wide; the neurons of the synapse that is shown are marked.
    """
    layers = list(trial.spikes)
    with style():
        # As high as the figure beside it, where that does not stretch the panels.
        height = float(np.clip(_height(_panels(trial.courses)), 12 + 27 * len(layers), 12 + 42 * len(layers)))
        figure = Figure(figsize=(SINGLE * MM, height * MM), layout="constrained")
        panels = list(figure.subplots(len(layers), 1, sharex=True, squeeze=False)[:, 0])
        for panel, layer in zip(panels, layers, strict=True):
            marked = []
            if layer == trial.source and trial.pre >= 0:
                marked.append((trial.pre, PRE, f"presynaptic neuron {trial.pre}"))
            if layer == trial.target:
                told = f"{'postsynaptic ' if trial.pre >= 0 else ''}neuron {trial.post}"
                marked.append((trial.post, POST, told))
            _raster(panel, trial, layer, marked)
        _time_axis(panels, trial)
    return figure


def synapse_trial(trial: ExampleTrial) -> Figure:
    """Draw the membrane potential of a neuron, and the variables of a synapse onto it.

    Parameters
    ----------
    trial : ExampleTrial
        What was recorded.

    Returns
    -------
    Figure
        89 mm wide: a panel for each kind of variable that there is, `g` last.
    """
    groups = _panels(trial.courses)
    with style():
        heights = [_POTENTIAL, *([1.0] * len(groups))]
        figure = Figure(figsize=(SINGLE * MM, _height(groups) * MM), layout="constrained")
        panels = list(figure.subplots(len(heights), 1, sharex=True, squeeze=False, height_ratios=heights)[:, 0])
        _potential(panels[0], trial)
        for panel, group in zip(panels[1:], groups, strict=True):
            _courses(panel, trial, group)
        _time_axis(panels, trial)
        figure.align_ylabels(panels)
    return figure


def _height(groups: Sequence[Sequence[Course]]) -> float:
    """Return the height of the figure of a synapse [mm]."""
    return 12 + 18 * (_POTENTIAL + len(groups))


def _time(trial: ExampleTrial) -> Array:
    """Return the ends of all steps [ms]."""
    return np.asarray(1e3 * trial.dt * np.arange(1, trial.n_steps + 1))


def _time_axis(panels: Sequence[Axes], trial: ExampleTrial) -> None:
    """Label the time axis that panels share, and mark the steps in which the loss counts where not all do."""
    start, stop = (1e3 * trial.dt * step for step in trial.window)
    for panel in panels:
        if trial.window != (0, trial.n_steps):
            panel.axvspan(start, stop, color=PALE, alpha=0.5, linewidth=0, zorder=0)
        panel.set_xlim(0, 1e3 * trial.dt * trial.n_steps)
        sns.despine(ax=panel)
    panels[-1].set_xlabel("time in the trial (ms)")


def _raster(panel: Axes, trial: ExampleTrial, layer: str, marked: Sequence[tuple[int, str, str]]) -> None:
    steps, neurons = trial.spikes[layer]
    at = 1e3 * trial.dt * (steps + 1)
    size = trial.sizes[layer]
    length = float(np.clip(110.0 / size, 1.2, 6.0))
    panel.plot(at, neurons, "|", color="#404040", markersize=length, markeredgewidth=0.6)
    for number, colour, _ in marked:
        own = neurons == number
        panel.plot(at[own], neurons[own], "|", color=colour, markersize=max(length, 3.5), markeredgewidth=1.1)
        panel.axhline(number, color=colour, linewidth=0.5, alpha=0.5, zorder=0)
    panel.set_ylim(-0.02 * size - 0.6, size - 0.4 + 0.02 * size)
    panel.yaxis.set_major_locator(MaxNLocator(3, integer=True))
    panel.set_ylabel("neuron")
    panel.set_title(f"{words(layer)}, {len(steps)} spikes", loc="left")
    for _, colour, text in marked:
        panel.set_title(text, loc="right", color=colour)


def _potential(panel: Axes, trial: ExampleTrial) -> None:
    panel.plot(_time(trial), trial.v, color="#222222", linewidth=0.9)
    if np.isfinite(trial.threshold).all():
        panel.plot(_time(trial), trial.threshold, color=GREY, linewidth=0.8, linestyle=(0, (4, 2)))
        panel.annotate("threshold", (_time(trial)[-1], trial.threshold[-1]), xytext=(0, 1.5),
                       textcoords="offset points", ha="right", va="bottom", color=GREY, size="small")  # fmt: skip
    _spike_marks(panel, trial, trial.target, trial.post, POST)
    panel.set_ylabel(trial.potential)
    panel.set_title("membrane potential, after resets", loc="left")
    panel.set_title(f"{words(trial.target)}, neuron {trial.post}", loc="right", color=POST)
    panel.margins(y=0.16)


def _spike_marks(panel: Axes, trial: ExampleTrial, layer: str, neuron: int, colour: str) -> None:
    """Mark the spikes of a neuron above the panel's data."""
    steps, neurons = trial.spikes.get(layer, (np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.int64)))
    for step in steps[neurons == neuron]:
        panel.axvline(1e3 * trial.dt * (step + 1), ymin=0.93, ymax=1.0, color=colour, linewidth=1.0)


def _panels(courses: Sequence[Course]) -> list[list[Course]]:
    """Return what is drawn in each panel: variables of one kind and unit, and of similar size."""
    found: list[list[Course]] = []
    for _, group in groupby(courses, key=lambda item: (item.part, item.unit)):
        panels: list[list[Course]] = []
        for course in group:
            own = next((panel for panel in panels if len(panel) < len(_LINES) and _alike(course, panel[0])), None)
            if own is None:
                panels.append([course])
            else:
                own.append(course)
        found += panels
    return found


def _alike(one: Course, other: Course) -> bool:
    sizes = [float(np.abs(course.values).max()) for course in (one, other)]
    return min(sizes) * _APART >= max(sizes)


def _courses(panel: Axes, trial: ExampleTrial, group: Sequence[Course]) -> None:
    first = group[0]
    largest = max(float(np.abs(course.values).max()) for course in group)
    factor, unit = _scale(first.unit, largest)
    for course, (colour, dashes) in zip(group, _LINES, strict=False):
        panel.plot(_time(trial), course.values / factor, color=colour, linestyle=dashes, linewidth=0.9,
                   label=course.name)  # fmt: skip
    panel.axhline(0, color=GREY, linewidth=0.4, zorder=0)
    if first.part == "trace":
        _spike_marks(panel, trial, trial.source, trial.pre, PRE)
    if len(group) > 1:
        panel.legend(loc="upper right", ncols=len(group), borderaxespad=0.2, handlelength=1.8, columnspacing=1.0)
    # The legend has the names of many.
    names = ", ".join(course.name for course in group) if len(group) < 3 else ""
    panel.set_ylabel(f"{names} ({unit})" if unit else names)
    panel.set_title(TITLES[first.part], loc="left")
    if first.part in {"trace", "neuron"}:
        source = first.part == "trace"
        told = f"{words(trial.source)}, neuron {trial.pre}" if source else f"{words(trial.target)}, neuron {trial.post}"
        panel.set_title(told, loc="right", color=PRE if source else POST)
    panel.yaxis.set_major_locator(MaxNLocator(3))
    panel.margins(y=0.15)
    if largest < _NOTHING:
        panel.set_ylim(-1, 1)


def _scale(unit: str, largest: float) -> tuple[float, str]:
    """Return the factor and the name of the unit in which values are drawn."""
    scales = _SCALES.get(unit, ((1.0, unit),))
    return next((scale for scale, above in pairwise(scales) if largest < above[0]), scales[-1])
