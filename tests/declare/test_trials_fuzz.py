"""Arrays are refused as trials, or four programs agree about them: compiled, NumPy, reference, and one of our own.

`python -m tests.declare.test_trials_fuzz 10000` tries more of them.
"""

import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import strategies as st

from tests.four_programs import STRUCTURES, Numbers, Ran, agree, case_of, print_ends, reason, share, tried
from tests.raw_trials import MOST, N_OUTPUTS, Raw, Read, broken, in_order, read
from workbench.common.errors import WorkbenchError
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator


def end_of(structure: str, numbers: Numbers, raw: Raw, kept: Callable[[Ran], None]) -> str:
    """Return how an example ends; fail where it is taken or refused and may not be, or has two answers."""
    said, network = read(raw), STRUCTURES[structure].network
    case = case_of(structure, numbers)
    fits = said is not None and said.fits(numbers.n_steps, structure == "steps", network.loss.of_classes)
    assert fits or raw.how, "nothing was broken, and it cannot be read"
    try:
        trials = Trials(**raw.arrays())
        # What reaches a program and should not may end it.
        assert said is not None, f"taken: {raw}"
        assert same(trials, said), f"read otherwise: {raw}"
        plan = Plan(learning=True, record_gradient=True, chunk=1 + len(raw.how) % 3)
        recording, _ = simulator(case.setup).run(case.state, trials, plan)
    except WorkbenchError as error:
        refusal = reason(error)
    else:
        refusal = ""
    assert fits != bool(refusal), f"{refusal or 'taken'}: {raw}"
    if refusal or said is None:
        return refusal
    ran = Ran(case.on(trials), recording)
    agree(ran, structure, said, numbers)
    kept(ran)
    kind = "spiking" if len(recording.spikes["hidden1"].step) else "silent" if len(trials.step) else "without input"
    return f"compared, {kind}{', broken' if raw.how else ''}"


def same(trials: Trials, said: Read) -> bool:
    """Return whether trials are what was read, number by number."""
    events = [each for trial in said.events for each in sorted(trial)]
    return (
        trials.start.tolist() == np.cumsum([0, *map(len, said.events)]).tolist()
        and list(zip(trials.step.tolist(), trials.neuron.tolist(), strict=True)) == events
        and np.array_equal(trials.target, said.target)
    )


@st.composite
def examples(draw: st.DrawFn, kinds: tuple[str, ...] = ()) -> tuple[str, Numbers, Raw]:
    """Draw a network, and arrays of which one may be broken; one is where it is said of which kind."""
    structure, n_steps = draw(st.sampled_from(list(STRUCTURES))), draw(st.sampled_from([12, 12, 20]))
    window = draw(st.sampled_from([(0, 0), (0, 1), (3, 9), (n_steps - 1, n_steps)]))
    numbers = Numbers(n_steps, draw(st.sampled_from([1e-3, 2e-3, 5e-3])), window)
    raw = draw(in_order(n_steps, structure == "steps", structure == "classes"))
    breaks = bool(kinds) or draw(st.booleans())
    return structure, numbers, draw(broken(raw, kinds)) if breaks else raw


def test_arrays_are_refused_or_all_programs_agree() -> None:
    ends = tried(end_of, examples(), 100)
    assert share(ends, "compared, spiking") > 0.3
    assert share(ends, "refused") > 0.15
    assert sum(end.startswith("refused") for end in ends) >= 6
    assert ends["compared, by NumPy too"] >= 2


def a_run() -> tuple[Ran, Read]:
    """Return a run that all programs agree about, and what it is of."""
    generator = np.random.default_rng(1)
    dense, target = generator.random((MOST, 12, 8)) < 0.2, np.eye(N_OUTPUTS)[[0, 1, 2, 0]]
    trials, case = Trials.from_raster(dense, target), case_of("classes", Numbers())
    events = [[(int(step), int(neuron)) for step, neuron in np.argwhere(each)] for each in dense]
    return Ran(case.on(trials), case.on(trials).record()), Read(events, target)


MISTAKES: dict[str, Callable[[Read], Read]] = {
    "a step late": lambda said: replace(said, events=[[(s + 1, n) for s, n in each if s < 11] for each in said.events]),
    "the next neuron": lambda said: replace(said, events=[[(s, (n + 1) % 8) for s, n in each] for each in said.events]),
    "the next trial": lambda said: replace(said, events=[*said.events[1:], said.events[0]]),
    "an event less": lambda said: replace(said, events=[said.events[0][1:], *said.events[1:]]),
    "an event twice": lambda said: replace(said, events=[[*said.events[0], said.events[0][0]], *said.events[1:]]),
    "targets of the next trial": lambda said: replace(said, target=np.roll(said.target, 1, axis=0)),
    "targets of the next output": lambda said: replace(said, target=np.roll(said.target, 1, axis=1)),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_of_a_program_are_seen(mistake: str) -> None:
    ran, said = a_run()
    agree(ran, "classes", said, Numbers())
    with pytest.raises(AssertionError, match=r"spikes|loss|output"):
        agree(ran, "classes", MISTAKES[mistake](said), Numbers())


@pytest.mark.parametrize("changes", [{"dt": 2.1e-3}, {"window": (0, 11)}])
def test_other_numbers_are_seen(changes: dict[str, Any]) -> None:
    ran, said = a_run()
    with pytest.raises(AssertionError, match=r"spikes|loss|output"):
        agree(ran, "classes", said, replace(Numbers(), **changes))


#: What the door could leave out, and what is broken where that is seen.
LEFT_OUT: dict[str, tuple[str, Callable[..., object], tuple[str, ...]]] = {
    "order": ("workbench.declare.trials.in_order", lambda start, step, neuron: (step, neuron), ()),
    "masks and units": ("workbench.common.arrays._parts", lambda values: (), ("masked", "unit")),
}


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_the_door_leaves_out_is_seen(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    target, instead, kinds = LEFT_OUT[name]
    monkeypatch.setattr(target, instead)
    with pytest.raises(AssertionError, match="Raw"):
        tried(end_of, examples(kinds), 200, shrunk=False)


if __name__ == "__main__":
    print_ends(end_of, examples(), *map(int, sys.argv[1:]))
