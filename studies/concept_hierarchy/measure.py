"""Measure how concept hierarchies are learnt and recognized in continuous time, beside the model in rounds.

python -m studies.concept_hierarchy.measure --out results/concept_hierarchy
"""

from collections.abc import Iterator
from dataclasses import asdict
from fractions import Fraction
from math import sqrt
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from studies.concept_hierarchy import network, rounds
from studies.concept_hierarchy.figure import drawn
from studies.concept_hierarchy.hierarchy import Hierarchy, Tolerance, bottom_up
from studies.concept_hierarchy.learning import curves, representatives, shows_until
from studies.concept_hierarchy.recognition import check, presentations, recognized
from studies.concept_hierarchy.single_layer import one_neuron_suffices
from workbench.common.files import write_atomically

SHOWS = 24
HIERARCHIES = [Hierarchy(k, depth) for k in (2, 4) for depth in (1, 2, 3)]
#: Has an epsilon of 0.1.
TENTH = Tolerance(Fraction(9, 11), Fraction(1))
B = 1
#: For recognition: 3 children, of whom at least (2, 2), (2, 3) and (3, 3) are meant by r1 and r2.
RECOGNIZED = Hierarchy(3, 2)
TOLERANCES = [
    Tolerance(Fraction(1, 2), Fraction(2, 3)),
    Tolerance(Fraction(1, 2), Fraction(1)),
    Tolerance(Fraction(5, 6), Fraction(1)),
]
#: All n neurons of a level add at most n k^-(depth + b) = 1/3 to a potential by irrelevant weights. Thresholds are
#: further than that above what the largest number of children gives that is still too small.
B_RECOGNIZED = 2
RANDOM = 2000


def learnt(hierarchy: Hierarchy) -> tuple[dict[str, object], pd.DataFrame]:
    """Return how long a hierarchy takes to learn, in Brian2 and in rounds, and the weights in Brian2 over shows."""
    threshold, schedule = TENTH.threshold(hierarchy.k), bottom_up(hierarchy, SHOWS)
    discrete, continuous = (module.learn(hierarchy, threshold, schedule) for module in (rounds, network))
    in_rounds, in_brian2 = (curves(hierarchy, schedule, learned) for learned in (discrete, continuous))
    pairs = zip(discrete.weights, continuous.weights, strict=True)
    row: dict[str, object] = {"k": hierarchy.k, "depth": hierarchy.depth}
    row["relevant"], row["irrelevant"] = shows_until(in_brian2, hierarchy, TENTH, B)
    row["relevant_in_rounds"], row["irrelevant_in_rounds"] = shows_until(in_rounds, hierarchy, TENTH, B)
    row["bound"] = TENTH.bound(hierarchy, B)
    largest = max(in_brian2["most_relevant"].max(), *(weights.max() for weights in continuous.weights))
    row["below_1_by"] = 1 - largest * sqrt(hierarchy.k)
    row["distance"] = max(np.abs(one - other).max() for one, other in pairs)
    return row, in_brian2.assign(k=hierarchy.k, depth=hierarchy.depth)


def recognition(tolerance: Tolerance) -> Iterator[dict[str, object]]:
    """Yield right and wrong answers: of the network, untrained, and with thresholds of other tolerances."""
    hierarchy = RECOGNIZED
    own, schedule = tolerance.threshold(hierarchy.k), bottom_up(hierarchy, SHOWS)
    learned = network.learn(hierarchy, own, schedule)
    # Raises where weights are not where recognition needs them.
    shows_until(curves(hierarchy, schedule, learned), hierarchy, tolerance, B_RECOGNIZED)
    neurons = representatives(hierarchy, schedule, learned.engaged)
    untrained = [np.full_like(weights, hierarchy.initial_weight) for weights in learned.weights]
    presented = presentations(hierarchy, RANDOM)
    cases = {"trained": (own, learned.weights), "untrained": (own, untrained)}
    for other in TOLERANCES:
        if other != tolerance:
            cases[f"threshold of {other.r1}, {other.r2}"] = (other.threshold(hierarchy.k), learned.weights)
    for name, (threshold, weights) in cases.items():
        fired = recognized(hierarchy, threshold, weights, neurons, presented)
        row = {"r1": str(tolerance.r1), "r2": str(tolerance.r2), "network": name}
        yield row | asdict(check(hierarchy, tolerance, presented, fired))


def single_layer() -> Iterator[dict[str, str | bool]]:
    """Yield whether one neuron could do it, for every pair of numbers of children that r1 and r2 can mean."""
    k = RECOGNIZED.k
    for at_least in range(1, k + 1):
        for enough in range(at_least, k + 1):
            tolerance = Tolerance(Fraction(2 * at_least - 1, 2 * k), Fraction(enough, k))
            row: dict[str, str | bool] = {"r1": str(tolerance.r1), "r2": str(tolerance.r2)}
            yield row | {f"depth_{depth}": one_neuron_suffices(k, depth, tolerance) for depth in (1, 2)}


def main(out: Annotated[Path, typer.Option(help="Where to write the tables and the figure.")]) -> None:
    """Measure, print and write the tables, and draw the figure."""
    out.mkdir(parents=True, exist_ok=True)
    shows, weights = zip(*map(learnt, HIERARCHIES), strict=True)
    tables = {
        "shows": pd.DataFrame(shows),
        "recognition": pd.DataFrame([row for tolerance in TOLERANCES for row in recognition(tolerance)]),
        "single_layer": pd.DataFrame(single_layer()),
    }
    print(f"Shows until weights are where they should be, epsilon = {TENTH.epsilon:g}, b = {B}:")
    print(tables["shows"].to_string(index=False, float_format="{:.6g}".format))
    every = 2**RECOGNIZED.k**RECOGNIZED.depth
    print(f"Recognition, k = {RECOGNIZED.k}, depth {RECOGNIZED.depth}, {every} subsets and {RANDOM} random ones:")
    print(tables["recognition"].to_string(index=False))
    print(f"Could one threshold neuron do it, k = {RECOGNIZED.k}?")
    print(tables["single_layer"].to_string(index=False))
    tables["weights"] = pd.concat(weights)
    for name, table in tables.items():
        write_atomically(out / f"{name}.csv", table.to_csv(index=False).encode())
    drawn(tables["weights"], 4, TENTH, B, out / "weights")


if __name__ == "__main__":
    typer.run(main)
