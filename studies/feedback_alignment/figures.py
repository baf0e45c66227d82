"""The angle between what random feedback teaches and the gradient, along training."""

from collections.abc import Iterator
from typing import Any

import numpy as np

from workbench import StudyFigure, hookimpl


def angles(results: Any) -> Any:
    """Draw the angle where random feedback trains and where the gradient does."""
    import seaborn as sns
    from matplotlib.figure import Figure

    data = results.curves.merge(results.runs[["run_id", "task_title", "feedback", "seed"]], on="run_id")
    data = data[(data["measure"] == "cosine") & (data["layer"] == "hidden1") & (data["reference"] == "bptt_constant")]
    own = (data["feedback"] == "random_direct") & (data["estimate"] == "")
    asked = (data["feedback"] == "symmetric") & (data["estimate"] == "eprop:random_direct")
    data = data[own | asked].assign(angle=np.degrees(np.arccos(np.clip(data["value"], -1, 1))))
    data["trained by"] = data["feedback"].map({"random_direct": "random feedback", "symmetric": "the gradient"})
    tasks = list(data["task_title"].unique())
    data["panel"] = data["task_title"].map({title: "ab"[place] for place, title in enumerate(tasks)})
    figure = Figure(figsize=(7.2, 2.6), layout="constrained")
    for axis, title in zip(figure.subplots(1, 2, sharey=True), tasks, strict=True):
        part = data[data["task_title"] == title]
        first = title == tasks[0]
        sns.lineplot(
            part, x="epoch", y="angle", hue="trained by", errorbar=("pi", 100), marker="o", ax=axis, legend=first
        )
        axis.set_xscale("symlog", linthresh=0.3)
        axis.set(xlim=(0, 33), ylim=(0, 130), title=title, ylabel="angle to the gradient (degrees)")
        axis.set_xticks([0, 0.3, 1, 3, 10, 30], ["0", "0.3", "1", "3", "10", "30"])
        axis.axhline(90, color="grey", linestyle=":", linewidth=0.8)
    return figure, data[["panel", "task_title", "trained by", "seed", "epoch", "angle"]]


@hookimpl
def workbench_figures() -> Iterator[StudyFigure]:
    """Yield the figure of the angles."""
    caption = "Angle between what random feedback teaches and the gradient. Mean over seeds, with the range of all."
    yield StudyFigure(name="angles", caption=caption, function=angles)
