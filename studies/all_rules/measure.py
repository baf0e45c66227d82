"""Train every rule on Yin-Yang and digits, each with the settings that the same number of draws found best for it.

    python -m studies.all_rules.measure --out results/all_rules

The search is part of the study: draws come from a seed, are judged on the validation split by one seed that is not
among those of the table, and cost every rule the same. A killed study goes on where it was.
"""

from pathlib import Path
from typing import Annotated, Any

import numpy as np
import pandas as pd
import typer

from studies.all_rules.families import BUDGET, FAMILIES, TASKS, Family
from studies.all_rules.table import tabulated
from workbench import run_study
from workbench.study.results.tables import Results
from workbench.study.work.verdict import IncompleteError
from workbench.tables.controls import controls

#: Of the search, and of the table.
SEARCH_SEED, SEEDS = 100, [0, 1, 2, 3, 4]


def draw(family: Family, task: str, number: int) -> dict[str, Any]:
    """Return a draw: what changes in the network, and a learning rate for each configuration of the family."""
    generator = np.random.default_rng([number, *f"{family.name} {task}".encode()])
    scale = float(generator.choice([0.5, 1.0, 2.0]))
    found: dict[str, Any] = {
        "weights": {name: round(scale * value, 6) for name, value in family.weights[task].items()},
        "beta": float(generator.choice([2.0, 5.0, 20.0])),
        "feedback_std": float(generator.choice([0.3, 1.0, 3.0])),
    }
    low, high = np.log(family.rates)
    # One rate for all rules of a draw would fit some of them by chance only.
    found["rates"] = [float(f"{np.exp(generator.uniform(low, high)):.3g}") for _ in family.rules]
    return found


def written(folder: Path, family: Family, task: str, drawn: dict[str, Any], chosen: list[int], final: bool) -> Path:
    """Write the study that trains some configurations of a family with a draw, and return its path."""
    epochs = TASKS[task].epochs if final else TASKS[task].search_epochs
    weights = drawn["weights"] | {"feedback_std": drawn["feedback_std"]}
    lines = [
        'question = "Which rule learns this?"',
        f"seeds = {SEEDS if final else [SEARCH_SEED]}",
        "[network]",
        f"hidden = [{TASKS[task].hidden}]",
        *family.network,
        f"surrogate_parameters = {{ beta = {drawn['beta']} }}",
        "weights = { " + ", ".join(f"{name} = {value}" for name, value in weights.items()) + " }",
        "[train]",
        f"epochs = {epochs}",
        f"batch = {TASKS[task].batch}",
        f"learning_rate_decay = {0.1 ** (1 / epochs):.4f}",
        "[measure]",
        f"probe = {128 if final else 0}",
        f"evaluate_every = {epochs}",
        "[[task]]",
        f'name = "{task}"',
        f'parameters = {{ coding = "{family.coding}" }}',
    ]
    for number in chosen:
        rule, feedback = family.rules[number]
        lines += ["[[rule]]", f'name = "{rule}"', *([f'feedback = "{feedback}"'] if feedback else [])]
        lines.append(f"train = {{ learning_rate = {drawn['rates'][number]} }}")
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "study.toml"
    path.write_text("\n".join(lines) + "\n")
    return path


def _results(study: Path, folder: Path) -> Results:
    """Run a study and return its results; that a run diverged is one of them."""
    try:
        return run_study(study, folder / "results", 2)
    except IncompleteError as error:
        return error.results


def searched(out: Path, family: Family, task: str) -> dict[int, int]:
    """Return the draw that is best for each configuration, by validation accuracy."""
    best: dict[int, tuple[float, int]] = {}
    for number in range(BUDGET):
        folder = out / "search" / f"{task}_{family.name}_{number}"
        study = written(folder, family, task, draw(family, task, number), list(range(len(family.rules))), final=False)
        runs = _results(study, folder).runs
        for index, (rule, feedback) in enumerate(family.rules):
            own = runs[(runs["rule"] == rule) & ((runs["feedback"] == feedback) | (feedback == ""))]
            # A draw that silences the network, or ruins it, has been spent.
            accuracy = own["validation_accuracy"].fillna(-1.0).max()
            if index not in best or accuracy > best[index][0]:
                best[index] = (float(accuracy), number)
    return {index: number for index, (_, number) in best.items()}


def trained(out: Path, family: Family, task: str, best: dict[int, int]) -> Results:
    """Return the results of a family with the best draws, and with each run its cosine with BPTT at the end."""
    runs, curves = [], []
    for number in sorted(set(best.values())):
        folder = out / "final" / f"{task}_{family.name}_{number}"
        chosen = [index for index, value in best.items() if value == number]
        results = _results(written(folder, family, task, draw(family, task, number), chosen, final=True), folder)
        last = results.curves[(results.curves["measure"] == "cosine") & (results.curves["layer"] == "hidden1")]
        last = last[(last["reference"] == "bptt_differentiated") & (last["epoch"] == last["epoch"].max())]
        cosines = last[["run_id", "value"]].rename(columns={"value": "cosine"})
        runs.append(results.runs.merge(cosines, how="left", on="run_id").assign(family=family.name, draw=number))
        curves.append(results.curves)
    return Results(pd.concat(runs), pd.concat(curves))


def main(out: Annotated[Path, typer.Option(help="Where to write all studies, their results and the table.")]) -> None:
    """Search, train, and print the table and the controls."""
    parts = []
    for task in TASKS:
        for family in FAMILIES:
            parts.append(trained(out, family, task, searched(out, family, task)))
    runs = pd.concat([part.runs for part in parts])
    runs.to_csv(out / "runs.csv", index=False)
    print(tabulated(runs))
    print("\n".join(map(str, controls(runs, pd.concat([part.curves for part in parts])))))


if __name__ == "__main__":
    typer.run(main)
