"""What is measured beside the cases: builds, plain Brian2, several processes, whole studies, and another library."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import brian2
import numpy as np
from numpy.typing import NDArray

from studies.throughput import plain
from studies.throughput.cases import Case, prepared, random_state, random_trials
from workbench.engine.compiled.compile import compile_library
from workbench.engine.compiled.generate import generate
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator

ROOT = Path(__file__).parents[2]
COMPARED = (100, 400)

#: Hidden layers of whole studies.
WHOLE = ((100,), (400,), (400, 400))

STUDY = """question = "How long does a study take, everything included?"
seeds = {seeds}
network = {{ hidden = [{hidden}], weights = {{ hidden_std = 9.0, feedback_std = 60.0 }} }}
train = {{ epochs = 5, learning_rate = {rate}, learning_rate_decay = 0.7 }}
measure = {{ probe = 0 }}

[[task]]
name = "mnist"

[[rule]]
name = "{rule}"
"""


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
        # The makefile that the workbench lets Brian2 write has no flags, since nobody else uses it.
        flags = " ".join(brian2.prefs.codegen.cpp.extra_compile_args_gcc)
        subprocess.run(["make", "-j2", f"OPTIMISATIONS={flags}"], cwd=stock, check=True, capture_output=True)
        found = {"build, stock [s]": time.perf_counter() - begun}
        begun = time.perf_counter()
        compile_library(ours, generate(setup, ours))
        found["build, cold [s]"] = time.perf_counter() - begun
    code = (
        "import time, brian2; from workbench.engine.simulate import simulator;"
        "from studies.throughput.cases import Case; setup = Case('eprop', 400).setup;"
        "begun = time.perf_counter(); simulator(setup); print(time.perf_counter() - begun)"
    )
    simulator(setup)
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return found | {"build, warm [s]": float(told.stdout)}


def in_plain_brian2(hidden: int) -> dict[str, float]:
    """Return trials per second of inference and of naive learning, after a look at whether the spikes are ours.

    Raises
    ------
    RuntimeError
        Where they are not.
    """
    # Brian2 takes the ends of trials for steps of their own from 64 s on.
    case = Case("inference", hidden, trials=512)
    trials, state = random_trials(case), random_state(case.setup)
    ours, _ = simulator(case.setup).run(state, trials, Plan())
    weights = state.weights["hidden1"], state.weights["readout"]

    def presented(count: int) -> plain.Trials:
        part = trials.take(np.arange(count))
        step = np.repeat(np.arange(count) * case.steps, np.diff(part.start)) + part.step.astype(np.int64)
        return plain.Trials(step, part.neuron, part.target, case.steps)

    spikes = ours.spikes["hidden1"]
    rates = {}
    for name, run, count in (("inference", plain.infer, case.trials), ("learning", plain.learn, 4)):
        done = run(*weights, presented(count))
        early = spikes.trial < count
        wanted = np.stack([spikes.trial * case.steps + spikes.step, spikes.neuron])[:, early]
        found = np.stack([done.step, done.neuron])
        same = wanted.shape == found.shape and (_ordered(wanted) == _ordered(found)).all()
        if not same or not np.allclose(done.output, ours.output[:count].sum(axis=0) * case.steps, rtol=1e-6):
            raise RuntimeError(f"{name}, {hidden} hidden neurons: plain Brian2 does not do what the workbench does.")
        rates[name] = done.trials_per_second
    return rates


def _ordered(events: NDArray[np.int64]) -> NDArray[np.int64]:
    return events[:, np.lexsort(events[::-1])]


def trained(hidden: int) -> None:
    """Train for ten seconds, and print the trials per second."""
    run = prepared(Case("eprop", hidden))
    begun, done = time.perf_counter(), 0
    while time.perf_counter() - begun < 10:
        run()
        done += 1024
    print(done / (time.perf_counter() - begun))


def processes(hidden: int, count: int) -> float:
    """Return the trials per second of processes that train side by side."""
    code = f"from studies.throughput.others import trained; trained({hidden})"
    return sum(float(told) for told in _side_by_side([sys.executable, "-c", code], count))


def another(interpreter: str, module: str, sizes: tuple[int, ...], batch: int) -> float:
    """Return the training samples per second of a module beside this one, on two cores in whichever way is faster."""
    command = [interpreter, "-m", f"studies.throughput.{module}", "--hidden", *map(str, sizes)]
    command += ["--batch", str(batch), "--seconds", "8", "--threads"]

    def rate(threads: int, count: int) -> float:
        told = _side_by_side([*command, str(threads)], count)
        return sum(float(json.loads(line)["samples_per_second"]) for line in told)

    return max(rate(2, 1), rate(1, 2))


def _side_by_side(command: list[str], count: int) -> Iterator[str]:
    """Run a command several times at once, and yield what each prints."""
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, text=True) for _ in range(count)]
    for process in running:
        told, _ = process.communicate()
        if process.returncode:
            raise RuntimeError(f"{' '.join(command)} has failed.")
        yield told


def whole_study(rule: str, sizes: tuple[int, ...], runs: int) -> float:
    """Return trained MNIST images per second of ``workbench run``, from its start to its end, runs side by side."""
    rate = {"eprop": 0.03, "dcll": 0.01, "bptt": 0.03}[rule]
    hidden = ", ".join(map(str, sizes))
    with tempfile.TemporaryDirectory() as place:
        study = Path(place) / "study.toml"
        study.write_text(STUDY.format(seeds=list(range(runs)), hidden=hidden, rate=rate, rule=rule))
        program = Path(sys.executable).with_name("workbench")
        begun = time.perf_counter()
        subprocess.run(
            [program, "run", study, "--jobs", str(runs), "--out", Path(place) / "results"],
            check=True,
            capture_output=True,
        )
        return runs * 5 * 7000 / (time.perf_counter() - begun)


def has_mnist() -> bool:
    """Return whether whole studies can be measured."""
    return bool(os.environ.get("WORKBENCH_DATA"))
