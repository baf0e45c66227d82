"""BP-STDP on Iris, 4-30-3 and a bias, in five folds, as its authors report it.

python -m studies.iris.measure --out results/iris
"""

from pathlib import Path
from typing import Annotated

import pandas as pd
import typer

from workbench import run_study
from workbench.study.work.verdict import IncompleteError
from workbench.tables.statistics import t_interval
from workbench.tasks.iris import FOLDS

STUDY = """question = "How many flowers of fold {fold} are told apart?"
seeds = [0, 1, 2, 3, 4]
[network]
hidden = [30]
neuron = "if"
readout = "if_train"
loss = "squared_error"
weights = {{ hidden_std = 2.0, readout_std = 0.3 }}
[train]
epochs = 60
batch = 1
optimizer = "sgd"
learning_rate = 0.2
learning_rate_decay = 0.97
[measure]
probe = 0
evaluate_every = 10
[[task]]
name = "iris"
parameters = {{ fold = {fold} }}
[[rule]]
name = "bp_stdp"
"""


def main(out: Annotated[Path, typer.Option(help="Where to write the studies and their results.")]) -> None:
    """Train in each fold, and print the mean over folds of each seed's accuracy."""
    parts = []
    for fold in range(FOLDS):
        folder = out / f"fold{fold}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "study.toml").write_text(STUDY.format(fold=fold))
        # A run that diverged is one of the results.
        try:
            results = run_study(folder / "study.toml", folder / "results", 2)
        except IncompleteError as error:
            results = error.results
        parts.append(results.runs)
    runs = pd.concat(parts)
    runs.to_csv(out / "runs.csv", index=False)
    seeds = 100 * runs.pivot_table(index="seed", values=["accuracy", "validation_accuracy"])
    for split, values in seeds.items():
        low, high = t_interval(values)
        done = f"{(runs['status'] == 'done').sum()} of {len(runs)} runs"
        print(f"{split}: {values.mean():.1f} ± {(high - low) / 2:.1f} % over {FOLDS} folds, {done}")


if __name__ == "__main__":
    typer.run(main)
