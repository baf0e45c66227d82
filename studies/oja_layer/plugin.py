"""What a layer has learnt without a teacher: how alike its neurons are, and a picture of their weights."""

import json
from collections.abc import Iterator
from typing import Any

import numpy as np

from workbench import Looked, Measure, Measured, StudyFigure, hookimpl

#: Neurons that are shown, the first of the layer, and pixels of a side.
SHOWN, SIDE = 10, 8


def alike(look: Looked) -> dict[str, Measured]:
    """Return the mean absolute cosine between the weights of two neurons."""
    unit = look.weights["hidden1"] / np.linalg.norm(look.weights["hidden1"], axis=0)
    return {"hidden1": Measured(float(np.abs((unit.T @ unit)[np.triu_indices(unit.shape[1], 1)]).mean()))}


def silent(look: Looked) -> dict[str, Measured]:
    """Return the share of neurons that never spike."""
    size = look.network.layer_sizes["hidden1"]
    return {"hidden1": Measured(1 - len(np.unique(look.recording.spikes["hidden1"].neuron)) / size)}


def fields(results: Any) -> Any:
    """Draw the weights from the image to the first neurons of the first seed, a row for each rule and condition."""
    import pandas as pd
    from matplotlib.figure import Figure

    done = results.runs[(results.runs["status"] == "done") & (results.runs["seed"] == results.runs["seed"].min())]
    figure = Figure(figsize=(7.2, 0.62 * len(done)), layout="constrained")
    axes = figure.subplots(len(done), SHOWN, squeeze=False)
    rows = []
    for row, run in zip(axes, done.itertuples(), strict=True):
        weights = results.weights(run.run_id)["hidden1"][:, :SHOWN]
        limit = float(np.quantile(np.abs(weights), 0.99))
        for axis, field in zip(row, weights.T, strict=True):
            axis.imshow(field.reshape(SIDE, SIDE), cmap="RdBu_r", vmin=-limit, vmax=limit)
            axis.set(xticks=[], yticks=[])
        variant = ", ".join(map(str, json.loads(run.condition).values()))
        row[0].set_ylabel(f"{run.title}\n{variant}", rotation="horizontal", ha="right", va="center")
        rows.append({"panel": "a", "rule": run.rule, "variant": variant, "limit": limit})
    return figure, pd.DataFrame(rows)


@hookimpl
def workbench_measures() -> Iterator[Measure]:
    """Yield what tells how alike neurons are, and how many are silent."""
    yield Measure(name="alike", title="cosine between neurons", doc=str(alike.__doc__), of="layer", function=alike)
    yield Measure(name="silent", title="silent neurons", doc=str(silent.__doc__), of="layer", unit="%", function=silent)


@hookimpl
def workbench_figures() -> Iterator[StudyFigure]:
    """Yield the picture of the weights."""
    yield StudyFigure(name="fields", caption="Weights to the first neurons; a scale for each row.", function=fields)
