"""Train every rule that shares a network, one to four hidden layers deep, and say what it gives up and what that costs.

    python -m studies.credit_assignment.measure --out results/credit_assignment

Each configuration is given the same few tries at each task and depth, judged on the validation split by a seed that is
not in the table. A killed study goes on where it was.
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
from workbench.study.results import Results
from workbench.study.runner import IncompleteError

#: A learning rate and a factor of the initial weights.
Try = tuple[float, float]
TRIES: tuple[Try, ...] = tuple(itertools.product(RATES, SCALES))


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
    folder = study.parent / "results"
    try:
        return run_study(study, folder, 2)
    except IncompleteError as error:
        statuses = set(error.results.runs["status"])
        # A control that does not hold is not a result.
        if statuses == {"done"}:
            raise
        return error.results


def searched(out: Path, task: str, depth: int) -> dict[int, Try]:
    """Return the try that is best for each configuration, by validation accuracy."""
    best: dict[int, tuple[float, Try]] = {}
    for rate, scale in TRIES:
        folder = out / "search" / f"{task}_{depth}_{rate}_{scale}"
        runs = run(written(folder, task, depth, scale, dict.fromkeys(range(len(RULES)), rate), final=False)).runs
        for number, (rule, feedback) in enumerate(RULES):
            own = runs[(runs["rule"] == rule) & ((runs["feedback"] == feedback) | (feedback == ""))]
            # A try that silences the network, or ruins it, has been spent.
            accuracy = float(own["validation_accuracy"].fillna(-1.0).max())
            if number not in best or accuracy > best[number][0]:
                best[number] = (accuracy, (rate, scale))
    return {number: chosen for number, (_, chosen) in best.items()}


def trained(out: Path, task: str, depth: int, best: dict[int, Try]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return runs and curves of all configurations, each with its best try."""
    runs, curves = [], []
    for scale in SCALES:
        rates = {number: rate for number, (rate, own) in best.items() if own == scale}
        if rates:
            found = run(written(out / "final" / f"{task}_{depth}_{scale}", task, depth, scale, rates, final=True))
            runs.append(found.runs.assign(depth=depth, scale=scale))
            curves.append(found.curves)
    return pd.concat(runs), pd.concat(curves)


def main(
    out: Annotated[Path, typer.Option(help="Where to write all studies, their results, table and figure.")],
) -> None:
    """Search, train, print the table, and draw the figure."""
    parts = [trained(out, task, depth, searched(out, task, depth)) for task in TASKS for depth in DEPTHS]
    runs = pd.concat([part[0] for part in parts], ignore_index=True)
    curves = pd.concat([part[1] for part in parts], ignore_index=True)
    runs.to_parquet(out / "runs.parquet")
    curves.to_parquet(out / "curves.parquet")
    print(tabulated(runs, curves))
    drawn(runs, curves, out / "credit_assignment")


if __name__ == "__main__":
    typer.run(main)
