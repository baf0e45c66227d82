"""Hold surrogate gradients to the true gradient of spike times, and train by them.

    python -m studies.surrogates.measure --out results/surrogates

Each configuration tries the same learning rates, judged on the validation split by a seed that is not in the table. A
killed study goes on.
"""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer
from joblib import Parallel, delayed

from studies.surrogates.figure import drawn
from studies.surrogates.networks import (
    data,
    finer,
    network_of,
    pair,
    refuse_dead,
    scores,
    setup_of,
    trained,
    weights_of,
)
from studies.surrogates.settings import (
    COSINE_SEEDS,
    DEPTHS,
    FINER,
    PROBE,
    RATES,
    RESETS,
    SEARCH_SEED,
    SEEDS,
    SHAPES,
    WIDTHS,
    surrogate,
)  # fmt: skip
from studies.surrogates.table import lowest, tabulated
from workbench.engine.presentation import Plan
from workbench.engine.state import State, Weights
from workbench.exact_time.exact_time import ExactTime
from workbench.measures.alignment import cosine
from workbench.reference.bptt import reference
from workbench.reference.followed import followed
from workbench.reference.forward_pass import ForwardPass
from workbench.study.seeds import stream

#: What is no surrogate, and stands beside them.
TIMES = {"recorded times": {"times": "recorded"}, "exact times": {"times": "exact"}}

Row = dict[str, object]


def whole(gradient: Weights) -> Weights:
    """Return a gradient with all hidden layers as one more."""
    hidden = [array.ravel() for name, array in gradient.items() if name != "readout"]
    return gradient | {"hidden": np.concatenate(hidden)}


def cosines(depth: int) -> Iterator[Row]:
    """Yield cosines with the gradient in continuous time, layer by layer, at the start and after training by it."""
    task = data()
    network = network_of(task, depth, surrogate("fast_sigmoid", WIDTHS[0]))
    exact_rule = pair(setup_of(network, "eventprop", TIMES["exact times"]))
    fine, trials = finer(network, task.validation.take(np.arange(PROBE)), FINER)
    exact = ExactTime(fine)
    run, model = pair(setup_of(fine, "eventprop", TIMES["recorded times"]))
    others = {
        (shape, width): reference(replace(model.setup, network=replace(fine, surrogate=surrogate(shape, width))))
        for shape in SHAPES
        for width in WIDTHS
    }
    for seed in COSINE_SEEDS:
        for place in ("start", "trained"):
            weights = weights_of(network, seed)
            if place == "trained":
                weights = trained(exact_rule, task, seed, RATES[1])
            recording, _ = run.run(State(weights, {}, {}), trials, Plan())
            refuse_dead(recording, fine)
            wanted = whole(exact.run(weights, trials, gradient=True).gradient)
            forward = ForwardPass(weights, {}, trials, recording)
            generator = stream("controls", "surrogates", depth, seed)
            random = {name: generator.standard_normal(array.shape) for name, array in weights.items()}
            told: dict[tuple[str, float, str], Weights] = {
                ("recorded times", np.nan, ""): followed(model, forward).mean,
                ("random", np.nan, ""): random,
            }
            for (shape, width), other in others.items():
                for treated in RESETS:
                    told[shape, width, treated] = other.gradients(forward, treated).mean
            for (shape, width, reset), gradient in told.items():
                for name, array in whole(gradient).items():
                    where = {"depth": depth, "seed": seed, "weights_at": place, "layer": name}
                    value = cosine(array, wanted[name])
                    yield where | {"shape": shape, "width": width, "reset": reset, "cosine": value.value}


def accuracies(shape: str, depth: int) -> Iterator[Row]:
    """Yield accuracies of a shape at every width and reset, or of one of `TIMES`, each at its best rate."""
    task = data()
    widths, resets = ((np.nan,), ("",)) if shape in TIMES else (WIDTHS, RESETS)
    for width in widths:
        for reset in resets:
            chosen = surrogate("fast_sigmoid", WIDTHS[0]) if shape in TIMES else surrogate(shape, width)
            rule, parameters = ("eventprop", TIMES[shape]) if shape in TIMES else ("bptt", {"reset": reset})
            made = pair(setup_of(network_of(task, depth, chosen), rule, parameters))
            row = {"shape": shape, "width": width, "reset": reset, "depth": depth}

            tried = {rate: scores(made, task, SEARCH_SEED, rate)["validation"] for rate in RATES}
            best = max(tried, key=lambda rate: np.nan_to_num(tried[rate]))
            for seed in SEEDS:
                found = scores(made, task, seed, best)
                yield row | {"seed": seed, "rate": best, "accuracy": found["test"], "spikes": found["spikes"]}


def kept(path: Path, made: partial[Iterator[Row]]) -> pd.DataFrame:
    """Return a part of the study, made where it is not there yet."""
    if not path.exists():
        part = path.with_suffix(".part")
        pd.DataFrame(made()).to_csv(part, index=False)
        part.rename(path)
    return pd.read_csv(path, keep_default_na=True)


def main(
    out: Annotated[Path, typer.Option(help="Where to write tables and the figure.")],
    jobs: Annotated[int, typer.Option(help="Parts at a time.")] = 2,
) -> None:
    """Measure what is missing, draw, and print the table."""
    parts = out / "parts"
    parts.mkdir(parents=True, exist_ok=True)
    wanted: list[tuple[Path, partial[Iterator[Row]]]] = []
    for depth in reversed(DEPTHS):
        for shape in (*SHAPES, *TIMES):
            name = f"accuracy_{shape}_{depth}.csv".replace(" ", "_")
            wanted.append((parts / name, partial(accuracies, shape, depth)))
        wanted.append((parts / f"cosine_{depth}.csv", partial(cosines, depth)))
    tables = Parallel(n_jobs=jobs)(delayed(kept)(path, made) for path, made in wanted)
    named = [(path.stem.partition("_")[0], table) for (path, _), table in zip(wanted, tables, strict=True)]
    found = {
        kind: pd.concat([table for name, table in named if name == kind], ignore_index=True)
        for kind in ("accuracy", "cosine")
    }
    for kind, table in found.items():
        table.to_csv(out / f"{kind}.csv", index=False)
    print(tabulated(found["cosine"], found["accuracy"]))
    print("Cosines of the weights from the input with the gradient in continuous time, after training by that:")
    after = lowest(found["cosine"], "trained")
    print(after.pivot_table(index="shape", columns="depth", values="cosine").round(2).to_string())
    drawn(found["cosine"], found["accuracy"], out / "surrogates")


if __name__ == "__main__":
    typer.run(main)
