"""Train every rule that shares a network, one to four hidden layers deep, and say what it gives up and what that costs.

    python -m studies.credit_assignment.measure --out results/credit_assignment

Each configuration is given the same learning rates to try at each task and depth, and all of them the same scales of
the initial weights, judged on the validation split by a seed that is not in the table. A killed study goes on.
"""

import itertools
from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from studies.credit_assignment.figure import drawn
from studies.credit_assignment.settings import DEPTHS, RATES, RULES, SCALES, SEARCH_SEED, SEEDS, TASKS
from studies.credit_assignment.table import tabulated
from workbench import run_study
from workbench.study.results.tables import Results
from workbench.study.work.verdict import IncompleteError
from workbench.tables.controls import controls


def written(folder: Path, task: str, depth: int, scale: float, rates: dict[int, float], final: bool) -> Path:
    """Write the study of some configurations, by their number, each with its learning rate; return its path."""
    settings = TASKS[task]
    lines = [
        'question = "What does a rule give up in locality, and what does that cost?"',
        f"seeds = {list(SEEDS) if final else [SEARCH_SEED]}",
        "[network]",
        f"hidden = {[settings.hidden] * depth}",
        f"neuron_parameters = {settings.neuron}",
        "surrogate_parameters = { beta = 5.0 }",
        f"weights = {{ hidden_mean = {scale * settings.mean}, hidden_std = {scale * settings.std} }}",
        "[train]",
        f"epochs = {settings.epochs}",
        f"learning_rate_decay = {0.1 ** (1 / settings.epochs):.4f}",
        "[measure]",
        f"evaluate_every = {settings.epochs}",
        *(["probe = 128", "passive = true", "descent = 512"] if final else ["probe = 0"]),
        "[[task]]",
        f'name = "{task}"',
        f"parameters = {settings.parameters}",
    ]
    for number, rate in rates.items():
        rule, feedback = RULES[number]
        lines += ["[[rule]]", f'name = "{rule}"', *([f'feedback = "{feedback}"'] if feedback else [])]
        lines.append(f"train = {{ learning_rate = {rate} }}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "study.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def run(study: Path) -> Results:
    """Run a study and return its results; that a run diverged, or could not begin, is one of them."""
    try:
        return run_study(study, study.parent / "results", 2)
    except IncompleteError as error:
        return error.results


def searched(out: Path, task: str, depth: int) -> pd.DataFrame:
    """Return the validation accuracy of each configuration (by its number) at each rate and scale."""
    rows = []
    for rate, scale in itertools.product(RATES, SCALES):
        folder = out / "search" / f"{task}_{depth}_{rate}_{scale}"
        runs = run(written(folder, task, depth, scale, dict.fromkeys(range(len(RULES)), rate), final=False)).runs
        for number, (rule, feedback) in enumerate(RULES):
            own = runs[(runs["rule"] == rule) & ((runs["feedback"] == feedback) | (feedback == ""))]
            # A try that silences the network, or ruins it, has been spent.
            accuracy = float(own["validation_accuracy"].fillna(0.0).max())
            rows.append({"number": number, "rate": rate, "scale": scale, "accuracy": accuracy})
    return pd.DataFrame(rows)


def chosen(found: pd.DataFrame) -> tuple[float, dict[int, float]]:
    """Return the scale at which configurations do best on average, each at its best rate, and these rates.

    All share one scale, so that they begin with the same weights and can be asked what they would have done.
    """
    best = found.sort_values("accuracy", ascending=False, kind="stable").drop_duplicates(["number", "scale"])
    accuracy = best.groupby("scale")["accuracy"].mean()
    scale = float(accuracy.index[int(accuracy.argmax())])
    own = best[best["scale"] == scale].sort_values("number")
    return scale, dict(zip(own["number"].astype(int), own["rate"].astype(float), strict=True))


def trained(out: Path, task: str, depth: int, scale: float, rates: dict[int, float]) -> Results:
    """Return runs and curves of all configurations, each at its rate."""
    found = run(written(out / "final" / f"{task}_{depth}", task, depth, scale, rates, final=True))
    return Results(found.runs.assign(depth=depth), found.curves)


def main(
    out: Annotated[Path, typer.Option(help="Where to write all studies, their results, table and figure.")],
) -> None:
    """Search, train, print what was chosen, the table and the controls, and draw the figure."""
    choices = {(task, depth): chosen(searched(out, task, depth)) for task in TASKS for depth in DEPTHS}
    parts = [trained(out, task, depth, *choice) for (task, depth), choice in choices.items()]
    runs = pd.concat([part.runs for part in parts], ignore_index=True)
    curves = pd.concat([part.curves for part in parts], ignore_index=True)
    runs.to_parquet(out / "runs.parquet")
    curves.to_parquet(out / "curves.parquet")
    names = [rule + (f" {feedback}" if feedback else "") for rule, feedback in RULES]
    rows = {
        place: {"scale": scale} | {names[n]: rate for n, rate in rates.items()}
        for place, (scale, rates) in choices.items()
    }
    print(pd.DataFrame(rows).T.to_string())
    print(tabulated(runs, curves))
    print("\n".join(map(str, controls(runs, curves))))
    drawn(runs, curves, out / "credit_assignment")


if __name__ == "__main__":
    typer.run(main)
