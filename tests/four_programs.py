"""Four programs that must agree about trials: compiled, NumPy, the reference, and an independent one."""

import re
import warnings
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.independent import answer
from tests.networks import FURTHER, SETUPS
from tests.raw_trials import MOST, Read
from workbench.common.errors import WorkbenchError
from workbench.declare.recording import Recording
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.model.program import Program
from workbench.model.read_program import read_program
from workbench.model.setup import Setup
from workbench.reference.bptt import Reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import Case, random_case

#: Structures; all else is numbers, so that nothing is compiled for an example.
STRUCTURES: dict[str, Setup] = {
    "classes": SETUPS["eprop_1"],
    "values": FURTHER["eprop_1_squared"],
    "steps": replace(FURTHER["eprop_1_squared"], targets="step"),
}


@dataclass(frozen=True)
class Numbers:
    """Of time: those that trials must fit, and those that they have no part in."""

    n_steps: int = 12
    dt: float = 2e-3
    window: tuple[int, int] = (0, 0)

    @property
    def counted(self) -> tuple[int, int]:
        return self.window if self.window != (0, 0) else (0, self.n_steps)


@dataclass(frozen=True)
class Ran:
    """What a network did."""

    case: Case
    recording: Recording


@cache
def program(structure: str) -> Program:
    return read_program(STRUCTURES[structure])


@cache
def case_of(structure: str, numbers: Numbers) -> Case:
    """Return a network with weights of its own, in which most neurons spike."""
    setup = STRUCTURES[structure]
    weighed = replace(setup, network=replace(setup.network, n_steps=12, dt=2e-3))
    network = replace(setup.network, n_steps=numbers.n_steps, dt=numbers.dt, window=numbers.window)
    return replace(random_case(weighed, seed=3, gain=6.0), setup=replace(setup, network=network))


def agree(ran: Ran, structure: str, said: Read, numbers: Numbers) -> None:
    """Fail where the reference or the independent network does something else."""
    network, state, recording = ran.case.setup.network, ran.case.state, ran.recording
    weights = (state.weights["hidden1"], state.weights["readout"])
    of = answer(
        said.dense(numbers.n_steps),
        said.target,
        weights,
        numbers.dt,
        numbers.counted,
        network.loss.name,
        network.surrogate.name,
    )
    assert of.closest > 1e-9, "a neuron is at threshold, and nobody can say whether it spikes"
    spikes = recording.spikes["hidden1"].raster(len(said.events), numbers.n_steps, weights[0].shape[1])
    assert np.array_equal(spikes, of.spikes), "spikes"
    _close(recording.loss, of.loss, "loss")
    _close(recording.output, of.output, "output")
    # It refuses other decisions, losses and readouts than those recorded.
    model = Reference(ran.case.setup, program(structure))
    exact = model.gradients(ForwardPass(state.weights, {}, ran.case.trials, recording), reset="constant", pad=MOST)
    for layer, mine in (("hidden1", of.hidden), ("readout", of.readout)):
        _close(exact.mean[layer], mine, f"gradient of {layer}")
        if layer in recording.gradient:
            _close(recording.gradient[layer].mean(axis=0), mine, f"estimate of {layer}")


def _close(one: NDArray[np.float64], other: NDArray[np.float64], what: str) -> None:
    scale = max(float(np.abs(other).max()), 1e-3)
    np.testing.assert_allclose(one, other, rtol=0, atol=1e-9 * scale, err_msg=what)


def numpy_agrees(together: list[Ran]) -> None:
    """Fail where Brian2's NumPy code does something else with what was presented to one network, all at once."""
    case, parts = together[0].case, [ran.case.trials for ran in together]
    events = np.concatenate([np.diff(trials.start) for trials in parts])
    joined = Trials(
        np.cumsum([0, *events]),
        *(np.concatenate([getattr(each, name) for each in parts]) for name in ("step", "neuron", "target")),
    )
    setup = replace(case.setup, trial_capacity=256, event_capacity=1 << 14)
    found, _ = simulator(setup, "numpy").run(case.state, joined, Plan())
    first = 0
    for ran in together:
        part = slice(first, first := first + len(ran.recording))
        _close(found.loss[part], ran.recording.loss, "loss of NumPy code")
        _close(found.output[part], ran.recording.output, "output of NumPy code")
        spikes, mine = found.spikes["hidden1"], ran.recording.spikes["hidden1"]
        inside = (spikes.trial >= part.start) & (spikes.trial < part.stop)
        assert np.array_equal(spikes.trial[inside] - part.start, mine.trial)
        assert np.array_equal(spikes.step[inside], mine.step)
        assert np.array_equal(spikes.neuron[inside], mine.neuron)


def reason(error: WorkbenchError) -> str:
    """Return what is wrong, without numbers and names; fail where it is not told in one or two sentences."""
    text = str(error)
    assert 1 <= len(re.findall(r"[.?!](?= [A-Z`]|$)", text)) <= 2, text
    assert "\n" not in text
    assert len(text) < 500
    short = re.sub(r"'[^']*'|\[.*\]|\([^)]*\)|-?\b[\d.]+(e[-+]?\d+)?\b|\b(u?int|float|complex)\d+\b", "_", text)
    return f"refused: {short[:64]}"


def tried(
    end_of: Callable[..., str],
    examples: st.SearchStrategy[tuple[Any, ...]],
    count: int,
    number: int = 0,
    groups: int = 1,
    shrunk: bool = True,
) -> Counter[str]:
    """Return how many examples ended in which way, the NumPy code's among them; fail at the first that may not.

    Parameters
    ----------
    end_of : callable
        Returns how an example ends; its last argument takes what a network did.
    examples : strategy
        Of all arguments but the last.
    count : int
        Of examples.
    number : int
        Seed of them.
    groups : int
        Networks whose trials are presented to NumPy code too, those with the most first.
    shrunk : bool
        Whether a smaller example is looked for where one fails.
    """
    ends, kept = Counter[str](), defaultdict[Setup, list[Ran]](list)

    @seed(number)
    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        phases=(Phase.generate, Phase.shrink) if shrunk else (Phase.generate,),
        report_multiple_bugs=False,
        suppress_health_check=list(HealthCheck),
    )
    @given(example=examples)
    def each(example: tuple[Any, ...]) -> None:
        ends[end_of(*example, lambda ran: kept[ran.case.setup].append(ran))] += 1

    each()
    for together in sorted(kept.values(), key=len, reverse=True)[:groups]:
        numpy_agrees(together)
        ends["compared, by NumPy too"] += len(together)
    return ends


def share(ends: Counter[str], of: str) -> float:
    """Return the share of examples that end in some way."""
    counts = {end: count for end, count in ends.items() if "NumPy" not in end}
    return sum(count for end, count in counts.items() if end.startswith(of)) / sum(counts.values())


def print_ends(
    end_of: Callable[..., str], examples: st.SearchStrategy[Any], count: int, number: int = 1, groups: int = 8
) -> None:
    """Try many examples, and print how many ended in which way; see `tried`."""
    warnings.simplefilter("error")
    # As of pytest's: Brian2 spells some of pyparsing's functions the old way.
    warnings.simplefilter("ignore", DeprecationWarning)
    ends = tried(end_of, examples, count, number, groups)
    print(*(f"{ends[end]:7d}  {end}" for end in sorted(ends)), sep="\n")
