"""Measure what rules take beside the forward pass, in a network of 784-100-10 neurons: all else `workbench cost` tells.

python -m studies.cost.measure --out results/cost
"""

import time
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from workbench.catalogue.registry import Registry, load_registry
from workbench.common.files import write_atomically
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.study.costs import Sizes, setup_for, trials_for, weights_for


def seconds(registry: Registry) -> pd.DataFrame:
    """Return the median time of each rule with equations, compiled, 256 trials at a time, with and without learning."""
    rows = []
    learn = Plan(learning=True, update_after=np.where(np.arange(256) % 32 == 31, 32, 0), learning_rate=1e-12)
    for name, offer in registry.rules.items():
        if not offer.item.has_equations:
            continue
        setup = setup_for(offer.item, registry, Sizes())
        trials, state, run = trials_for(setup, 256), weights_for(setup), simulator(setup)
        run.run(state, trials, Plan())
        median = {}
        for kind, plan in (("forward", Plan()), ("learning", learn)):
            taken = []
            for _ in range(5):
                begun = time.perf_counter()
                run.run(state, trials, plan)
                taken.append(time.perf_counter() - begun)
            median[kind] = 1e3 * float(np.median(taken)) / len(trials)
        rows.append((name, median["forward"], median["learning"] / median["forward"]))
    return pd.DataFrame(rows, columns=["rule", "ms forward", "learning / forward"])


def main(out: Annotated[Path, typer.Option(help="Where to write the table.")]) -> None:
    """Measure, write the table, and print it."""
    out.mkdir(parents=True, exist_ok=True)
    table = seconds(load_registry())
    write_atomically(out / "seconds.csv", table.to_csv(index=False).encode())
    print(table.round(3).to_string(index=False))


if __name__ == "__main__":
    typer.run(main)
