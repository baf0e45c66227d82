"""How many trials a second, from what, and against what: two tables.

    python -m studies.throughput.measure --out results/throughput

Every case is measured in each of several rounds, so that all see the same machine; the tables have medians, and ratios
are taken within a round. Random spikes stand for images, except in whole studies: how fast it goes does not depend on
what they mean.
"""

import argparse
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pandas as pd

from studies.throughput.cases import BATCH, SPARSE, Case, bytes_of_weights, cases, prepared
from studies.throughput.others import (
    COMPARED,
    WHOLE,
    another,
    builds,
    has_mnist,
    in_plain_brian2,
    processes,
    whole_study,
)

#: Trials of a batch of others: as many as here, and more.
BATCHES = (BATCH, 4 * BATCH)

#: What was measured -> its number, in one round.
Numbers = dict[str, float]


def measured(rounds: int, interpreter: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return one row per case and round, and one row per comparison and round."""
    runs = {case: prepared(case) for case in cases()}
    rows, compared = [], []
    for number in range(rounds):
        speeds = {case: run() for case, run in runs.items()}
        rows += [
            {"round": number, **vars(case), "trials_per_second": trials, "events_per_second": events}
            for case, (trials, events) in speeds.items()
        ]
        numbers = dict(_comparisons(speeds, interpreter))
        compared += [{"round": number, "what": what, "value": value} for what, value in numbers.items()]
        print(f"round {number + 1} of {rounds}", file=sys.stderr, flush=True)
    return pd.DataFrame(rows), pd.DataFrame(compared)


def _comparisons(speeds: dict[Case, tuple[float, float]], interpreter: str) -> Iterator[tuple[str, float]]:
    """Yield what a round's numbers are beside each other, and beside what is measured elsewhere in the same round."""
    built = builds()
    yield from built.items()
    yield "build, cold / stock", built["build, cold [s]"] / built["build, stock [s]"]
    for hidden in COMPARED:
        eprop, inference = speeds[Case("eprop", hidden)], speeds[Case("inference", hidden)]
        clock = speeds[Case("eprop", hidden, form="clock", trials=16)]
        plain = in_plain_brian2(hidden)
        yield f"{hidden}: inference in plain Brian2 [trials/s]", plain["inference"]
        yield f"{hidden}: naive e-prop in plain Brian2 [trials/s]", plain["learning"]
        for rule in ("eprop", "dcll"):
            learning = speeds[Case(rule, hidden)][0]
            yield f"{hidden}: time of {rule} / inference", inference[0] / learning
            yield f"{hidden}: time of {rule} / inference in plain Brian2", plain["inference"] / learning
        yield f"{hidden}: eprop / naive e-prop in plain Brian2", eprop[0] / plain["learning"]
        yield f"{hidden}: eprop / clock-driven", eprop[0] / clock[0]
        yield f"{hidden}: time of BPTT / eprop", eprop[0] / speeds[Case("bptt", hidden, trials=8 * BATCH)][0]
        yield f"{hidden}: float32 / float64", speeds[Case("eprop", hidden, precision="float32")][0] / eprop[0]
        yield f"{hidden}: two processes / one", processes(hidden, 2) / processes(hidden, 1)
    deep = {what: speeds[Case(what, 400, trials=8 * BATCH, layers=2)][0] for what in ("eprop", "bptt")}
    yield "400-400: time of BPTT / eprop", deep["eprop"] / deep["bptt"]
    for what in ("inference", "eprop"):
        dense, sparse = Case(what, 1000), Case(what, 1000, probability=SPARSE)
        yield f"1000: time of {what}, connected at 10 % / all to all", speeds[dense][0] / speeds[sparse][0]
    yield "1000: memory of weights, connected at 10 % / all to all", bytes_of_weights(sparse) / bytes_of_weights(dense)
    small, large = Case("eprop", 400), Case("eprop", 3200)
    yield "eprop, events/s, 400 / 3200", speeds[small][1] / speeds[large][1]
    yield "eprop less inference, time of 3200 / 400", _learning_time(speeds, 3200) / _learning_time(speeds, 400)
    yield from _whole_studies(interpreter)


def _learning_time(speeds: dict[Case, tuple[float, float]], hidden: int) -> float:
    return 1 / speeds[Case("eprop", hidden)][0] - 1 / speeds[Case("inference", hidden)][0]


def _whole_studies(interpreter: str) -> Iterator[tuple[str, float]]:
    """Yield the speed of whole studies on MNIST, and what it is beside that of other ways to train the same network."""
    for sizes in WHOLE:
        name = "-".join(map(str, sizes))
        ways = {"XLA scan": (sys.executable, "scan"), "snnTorch": (interpreter, "yardstick")}
        asked = [(one, way, size) for one, way in ways.items() if way[0] for size in BATCHES]
        others = {f"{one}, {size} a batch": another(*way, sizes, size) for one, way, size in asked}
        for other, speed in others.items():
            yield f"{name}: {other} [samples/s]", speed
        for rule in ("eprop", "dcll", "bptt") if has_mnist() else ():
            for runs in (1, 2):
                speed = whole_study(rule, sizes, runs)
                what = f"{name}: {rule}, whole study, {runs} at a time"
                yield f"{what} [trials/s]", speed
                for other, theirs in others.items():
                    yield f"{what} / {other}", speed / theirs


def main() -> None:
    """Measure, and write the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("results/throughput"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--yardstick", default="", help="an interpreter that has snnTorch")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    if not has_mnist():
        print("WORKBENCH_DATA names no folder of MNIST: whole studies are not measured.", file=sys.stderr)
    table, compared = measured(arguments.rounds, arguments.yardstick)
    keys = [name for name in vars(Case("", 0)) if name != "trials"]
    medians = table.groupby(keys, sort=False)[["trials_per_second", "events_per_second"]].median().reset_index()
    spread = compared.groupby("what", sort=False)["value"].agg(["median", "min", "max"]).reset_index()
    for name, each in (("throughput", medians), ("comparisons", spread)):
        each.to_csv(arguments.out / f"{name}.csv", index=False, float_format="%.4g")
        print(each.to_string(index=False, float_format=_shown))


_shown: Callable[[float], str] = "{:.4g}".format


if __name__ == "__main__":
    main()
