"""What answers are worth: on average, by chance, and of which trials."""

from dataclasses import replace

import numpy as np
import pytest

from workbench import Rewards, Task, TaskData, Trials, WorkbenchError
from workbench.common.errors import DataError, StudyError
from workbench.declare.trial_checks import refuse_misfit

WORTH = np.array([[1.0, 3.0], [2.0, -1.0], [0.5, 0.5]])
CHANCE = np.array([[1.0, 0.2], [0.5, 0.5], [0.0, 1.0]])


def trials_of(rewards: Rewards) -> Trials:
    raster = np.zeros((len(rewards), 4, 2))
    raster[:, 1, 0] = 1
    return replace(Trials.from_raster(raster, rewards.target), rewards=rewards)


def test_worth_on_average_and_the_best_answer() -> None:
    certain, chanced = Rewards(WORTH), Rewards(WORTH, CHANCE)
    assert np.array_equal(certain.expected, WORTH)
    assert np.allclose(chanced.expected, [[1.0, 0.6], [1.0, -0.5], [0.0, 0.5]])
    assert certain.target.tolist() == [[0, 1], [1, 0], [1, 0]]
    assert chanced.target.tolist() == [[1, 0], [1, 0], [0, 1]]
    assert np.allclose(chanced.of([1, 0, -1]), [0.6, 1.0, 0.0])


def test_answers_bring_their_worth_as_often_as_chance_has_it() -> None:
    draw = np.arange(20_000)
    rewards = Rewards(np.tile(WORTH[:2], (10_000, 1)), np.tile(CHANCE[:2], (10_000, 1)), seed=3)
    found = rewards.drawn(draw)
    assert np.isin(found, (0.0, 1.0, 3.0, 2.0, -1.0)).all()
    for place in range(2):
        mean, error = found[place::2].mean(axis=0), found[place::2].std(axis=0) / 100
        assert (np.abs(mean - rewards.expected[place]) <= 4 * error).all()
    # The controls: another seed, and other numbers, draw otherwise.
    assert np.array_equal(found, rewards.drawn(draw))
    assert not np.array_equal(found, replace(rewards, seed=4).drawn(draw))
    assert not np.array_equal(found, rewards.drawn(draw + len(draw)))
    assert np.array_equal(Rewards(WORTH).drawn(np.arange(3)), WORTH)


def test_trials_keep_what_their_answers_are_worth() -> None:
    trials = trials_of(Rewards(WORTH, CHANCE))
    some = trials.take([2, 0])
    assert some.rewards is not None
    assert np.array_equal(some.rewards.worth, WORTH[[2, 0]])
    assert some.rewards.chance is not None
    assert np.array_equal(some.rewards.chance, CHANCE[[2, 0]])
    # What is drawn belongs to the trial, whichever beside it is taken.
    assert trials.rewards is not None
    assert np.array_equal(some.rewards.drawn(some.draw), trials.rewards.drawn(trials.draw)[[2, 0]])
    draws = {tuple(trials.rewards.drawn(trials.drawn_anew(epoch).draw).ravel()) for epoch in range(8)}
    assert len(draws) > 1


@pytest.mark.parametrize(
    ("worth", "chance", "told"),
    [
        (WORTH[0], None, "`worth` must be numbers in an array of shape"),
        (WORTH[:, :1], None, r"of two answers or more, not of shape \(3, 1\)"),
        (WORTH * np.nan, None, "`worth` must be finite"),
        (WORTH, CHANCE[:2], r"`chance` must have a number for each worth, \(3, 2\), not \(2, 2\)"),
        (WORTH, CHANCE + 0.5, "`chance` must be from 0 to 1, and holds 1.5"),
    ],
)
def test_what_is_no_worth_is_refused(worth: np.ndarray, chance: np.ndarray | None, told: str) -> None:
    with pytest.raises(DataError, match=told):
        Rewards(worth, chance)


def test_seed_is_a_whole_number() -> None:
    with pytest.raises(DataError, match="Rewards: `seed` must be a whole number from 0, not -1"):
        Rewards(WORTH, CHANCE, seed=-1)


def test_target_is_the_best_answer() -> None:
    rewards = Rewards(WORTH)
    trials = trials_of(rewards)
    with pytest.raises(DataError, match=r"worth most on average, which in trial 1 it is not. Give `Rewards.target`"):
        replace(trials, target=np.array([[0.0, 1], [0, 1], [1, 0]]))
    # Of two that are worth as much, either is.
    assert replace(trials, target=np.array([[0.0, 1], [1, 0], [0, 1]])).rewards is rewards
    with pytest.raises(DataError, match=r"what they are worth, and have shape \(2, 2\)"):
        replace(trials, rewards=Rewards(WORTH[:2]))
    with pytest.raises(DataError, match="`rewards` must be `Rewards`, not"):
        replace(trials, rewards=WORTH)  # type: ignore[arg-type]


def test_rewards_are_of_all_splits_and_of_the_network() -> None:
    trials = trials_of(Rewards(WORTH))
    data = TaskData(2, 2, 4, 1e-3, trials, trials.take([0, 1]), trials.take([1, 2]))
    assert data.format.rewarded
    with pytest.raises(DataError, match="Split 'test' of the task has no rewards, and another has"):
        replace(data, test=replace(trials.take([1]), rewards=None))
    with pytest.raises(DataError, match="they have rewards, and the network is made for none"):
        refuse_misfit(trials, replace(data.format, rewarded=False))
    plain = Task(name="plain", title="Plain", load=lambda: data)
    with pytest.raises(StudyError, match="declares `rewarded` as False, but its data have rewards"):
        plain.data()
    assert replace(plain, rewarded=True).data() is data
    unrewarded = replace(data, **{name: replace(getattr(data, name), rewards=None, format=None)
                                  for name in ("train", "validation", "test")})  # fmt: skip
    with pytest.raises(WorkbenchError, match="declares `rewarded` as True, but its data have no rewards"):
        Task(name="plain", title="Plain", load=lambda: unrewarded, rewarded=True).data()
