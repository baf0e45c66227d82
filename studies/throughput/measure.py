"""How many trials a second, from what, and against what: one table and one figure.

    python -m studies.throughput.measure --out results/throughput

Every case is measured in each of several rounds, so that all see the same machine; the table has medians and ratios
within a round. Random spikes stand for images: how fast it goes does not depend on what they mean.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

from studies.throughput.figure import drawn
from workbench.engine import standalone
from workbench.engine.generate import generate
from workbench.engine.plan import Plan
from workbench.engine.simulate import simulator
from workbench.engine.state import State, feedback_shapes
from workbench.model.setup import Setup
from workbench.network import Network
from workbench.optimizers import ADAM
from workbench.reference.bptt import reference
from workbench.registry import load_registry
from workbench.target import Form, Precision
from workbench.task import Trials

HERE = Path(__file__).parent
BATCH, SPIKES, STEPS = 32, 140, 100
SIZES = (100, 200, 400, 800, 1600, 3200)
RULES = {name: offer.item for name, offer in load_registry().rules.items()}


@dataclass(frozen=True)
class Case:
    """What is measured: a rule, or inference, in a form, on trials of some kind."""

    what: str
    hidden: int
    spikes: int = SPIKES
    steps: int = STEPS
    form: Form = "events"
    precision: Precision = "float64"
    trials: int = 1024

    @property
    def setup(self) -> Setup:
        """The network of the case."""
        rule = RULES["frozen" if self.what == "inference" else "eprop" if self.what == "bptt" else self.what]
        return Setup(
            network=Network(n_inputs=784, hidden=(self.hidden,), n_outputs=10, n_steps=self.steps),
            rule=rule,
            feedback=rule.default_feedback,
            optimizer=ADAM,
            trial_capacity=1024,
            event_capacity=1 << 20,
            form=self.form,
            precision=self.precision,
        )


def random_trials(case: Case) -> Trials:
    """Return trials in which some inputs spike once each, in the first six tenths of the trial."""
    generator = np.random.default_rng(0)
    steps, neurons = [], []
    for _ in range(case.trials):
        neuron = generator.choice(784, case.spikes, replace=False)
        step = generator.integers(1, 6 * case.steps // 10 + 1, size=case.spikes)
        order = np.lexsort((neuron, step))
        steps.append(step[order])
        neurons.append(neuron[order])
    start = np.arange(case.trials + 1) * case.spikes
    target = np.eye(10)[generator.integers(10, size=case.trials)]
    return Trials(start, np.concatenate(steps).astype(np.int32), np.concatenate(neurons).astype(np.int32), target)


def random_state(setup: Setup) -> State:
    """Return weights with which a hidden neuron spikes about once a trial."""
    generator = np.random.default_rng(1)
    hidden = setup.network.hidden[0]
    weights = {
        "hidden1": generator.normal(0.5, 3.0, size=(784, hidden)) / 12,
        "readout": generator.normal(0.0, 3.0, size=(hidden, 10)) / np.sqrt(hidden),
    }
    shapes = feedback_shapes(setup.network, setup.feedback)
    return State(weights, {layer: generator.normal(size=shape) for layer, shape in shapes.items()}, {})


def prepared(case: Case) -> Callable[[], tuple[float, float]]:
    """Return a function that runs a case once and returns trials and synaptic events per second."""
    setup, trials = case.setup, random_trials(case)
    state = random_state(setup)
    network = simulator(setup)
    if case.what == "bptt":
        exact = reference(setup)
        recording, _ = network.run(state, trials, Plan())

        def differentiate() -> tuple[float, float]:
            begun = time.perf_counter()
            exact.gradients(state.weights, state.feedback, trials, recording, pad=case.trials)
            return case.trials / (time.perf_counter() - begun), np.nan

        differentiate()
        return differentiate
    ends = np.zeros(case.trials, dtype=np.int64)
    ends[BATCH - 1 :: BATCH] = BATCH
    plan = Plan() if case.what == "inference" else Plan(learning=True, update_after=ends, learning_rate=1e-4)

    def run() -> tuple[float, float]:
        begun = time.perf_counter()
        recording, _ = network.run(state, trials, plan)
        seconds = time.perf_counter() - begun
        # Propagated, and learnt where there is learning.
        events = case.spikes * case.trials * case.hidden + 10 * len(recording.spikes["hidden1"].trial)
        return case.trials / seconds, (1 if case.what == "inference" else 2) * events / seconds

    run()
    return run


def cases() -> list[Case]:
    """Return all that is measured."""
    found = [Case(what, hidden) for hidden in SIZES for what in ("inference", "eprop", "dcll")]
    found += [Case("eprop", 400, spikes=spikes) for spikes in (35, 70, 280, 560)]
    found += [Case("eprop", 400, steps=steps) for steps in (50, 200, 400)]
    found += [Case("eprop", hidden, precision="float32") for hidden in (100, 400, 3200)]
    found += [Case("eprop", hidden, form="causal", trials=256) for hidden in (100, 400)]
    found += [Case(what, hidden, form="clock", trials=16) for hidden in (100, 400) for what in ("eprop", "dcll")]
    found += [Case("bptt", hidden, trials=BATCH) for hidden in (100, 400)]
    return found


def measured(rounds: int) -> pd.DataFrame:
    """Return one row per case and round."""
    runs = {case: prepared(case) for case in cases()}
    rows = []
    for number in range(rounds):
        for case, run in runs.items():
            trials, events = run()
            rows.append({"round": number, **vars(case), "trials_per_second": trials, "events_per_second": events})
        print(f"round {number + 1} of {rounds}", file=sys.stderr)
    return pd.DataFrame(rows)


def naive(hidden: int) -> float:
    """Return trials per second of Brian2's runtime, which updates each synapse in each step; NumPy code."""
    case = Case("eprop", hidden, form="clock", trials=3)
    setup, trials = replace(case.setup, trial_capacity=4, event_capacity=1024), random_trials(case)
    network, state = simulator(setup, "numpy"), random_state(setup)

    def seconds(count: int) -> float:
        begun = time.perf_counter()
        network.run(state, trials.take(np.arange(count)), Plan(learning=True))
        return time.perf_counter() - begun

    one = seconds(1)
    return 2 / (seconds(3) - one)


def builds() -> dict[str, float]:
    """Return the seconds of building a plastic 784-400-10 network: as Brian2 does, as we do, and when it is kept."""
    setup = Case("eprop", 400).setup
    with tempfile.TemporaryDirectory() as place:
        stock, ours = Path(place) / "stock", Path(place) / "ours"
        for folder in (stock, ours):
            folder.mkdir()
        generate(replace(setup, form="clock"), stock)
        (stock / "merged.cpp").unlink()
        begun = time.perf_counter()
        subprocess.run(["make", "-j2"], cwd=stock, check=True, capture_output=True)
        found = {"stock": time.perf_counter() - begun}
        begun = time.perf_counter()
        standalone.compile_library(ours, generate(setup, ours))
        found["cold"] = time.perf_counter() - begun
    code = (
        "import time, brian2; from studies.throughput.measure import Case, simulator;"
        "setup = Case('eprop', 400).setup; t = time.perf_counter(); simulator(setup); print(time.perf_counter() - t)"
    )
    simulator(setup)
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=HERE.parents[1])
    return found | {"warm": float(told.stdout)}


def side_by_side(hidden: int) -> float:
    """Return the trials per second of two processes that train at once, relative to those of one."""
    code = f"from studies.throughput.measure import trained; trained({hidden})"

    def rate(count: int) -> float:
        running = [
            subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, cwd=HERE.parents[1], text=True)
            for _ in range(count)
        ]
        return sum(float(process.communicate()[0]) for process in running)

    return float(np.median([rate(2) / rate(1) for _ in range(3)]))


def trained(hidden: int) -> None:
    """Train for ten seconds, and print the trials per second."""
    run = prepared(Case("eprop", hidden))
    begun, done = time.perf_counter(), 0
    while time.perf_counter() - begun < 10:
        run()
        done += 1024
    print(done / (time.perf_counter() - begun))


def ratio(table: pd.DataFrame, above: Case, below: Case, column: str = "trials_per_second") -> float:
    """Return the median over rounds of the ratio of two cases."""

    def of(case: Case) -> "pd.Series[float]":
        chosen = np.logical_and.reduce([table[name] == value for name, value in vars(case).items()])
        return table[chosen].set_index("round")[column]

    return float((of(above) / of(below)).median())


def main() -> None:
    """Measure, and write the table, the ratios and the figure."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("results/throughput"))
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--yardstick", default="", help="an interpreter that has snnTorch")
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    ratios: dict[str, float] = {f"build, {name} [s]": value for name, value in builds().items()}
    ratios["build, cold / stock"] = ratios["build, cold [s]"] / ratios["build, stock [s]"]
    table = measured(arguments.rounds)
    for hidden in (100, 400):
        eprop, inference = Case("eprop", hidden), Case("inference", hidden)
        ratios[f"{hidden}: inference / eprop"] = ratio(table, inference, eprop)
        ratios[f"{hidden}: inference / dcll"] = ratio(table, inference, Case("dcll", hidden))
        ratios[f"{hidden}: eprop / clock-driven"] = ratio(table, eprop, Case("eprop", hidden, form="clock", trials=16))
        ratios[f"{hidden}: eprop / BPTT in the reference"] = ratio(table, eprop, Case("bptt", hidden, trials=BATCH))
        ratios[f"{hidden}: float32 / float64"] = ratio(table, Case("eprop", hidden, precision="float32"), eprop)
        ratios[f"{hidden}: two processes / one"] = side_by_side(hidden)
    ratios["100: naive Brian2 runtime [trials/s]"] = naive(100)
    large, small = Case("eprop", 3200), Case("eprop", 400)
    ratios["eprop events/s, 400 / 3200"] = ratio(table, small, large, "events_per_second")
    if arguments.yardstick:
        command = [arguments.yardstick, str(HERE / "yardstick.py")]
        for line in subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines():
            told = json.loads(line)
            speed = table[(table.what == "eprop") & (table.hidden == told["hidden"]) & (table.form == "events")]
            speed = speed[(speed.spikes == SPIKES) & (speed.steps == STEPS) & (speed.precision == "float64")]
            ratios[f"{told['hidden']}: snnTorch [samples/s]"] = told["samples_per_second"]
            ratios[f"{told['hidden']}: eprop / snnTorch"] = (
                speed.trials_per_second.median() / told["samples_per_second"]
            )
    keys = [name for name in vars(Case("", 0)) if name != "trials"]
    medians = table.groupby(keys, sort=False)[["trials_per_second", "events_per_second"]].median().reset_index()
    medians.to_csv(arguments.out / "throughput.csv", index=False, float_format="%.4g")
    (arguments.out / "ratios.json").write_text(json.dumps(ratios, indent=2))
    drawn(table, arguments.out / "throughput")
    print(medians.to_string(index=False, float_format=lambda value: f"{value:.4g}"))
    for name, value in ratios.items():
        print(f"{name}: {value:.3g}")


if __name__ == "__main__":
    main()
