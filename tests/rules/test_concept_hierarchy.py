"""Concept hierarchies: the network in continuous time is the model in rounds, and both do what the theory says."""

from collections.abc import Sequence
from fractions import Fraction

import numpy as np
import pytest

from studies.concept_hierarchy import network, rounds
from studies.concept_hierarchy.hierarchy import Bools, Floats, Hierarchy, Ints, Tolerance, bottom_up
from studies.concept_hierarchy.learning import Learned, curves, representatives, shows_until
from studies.concept_hierarchy.recognition import check, presentations, recognized
from studies.concept_hierarchy.single_layer import one_neuron_suffices

#: Has an epsilon of 0.1.
TENTH = Tolerance(Fraction(9, 11), Fraction(1))
#: Two of three children must do, one must not.
MAJORITY = Tolerance(Fraction(1, 2), Fraction(2, 3))
ALL = Tolerance(Fraction(5, 6), Fraction(1))
SMALL = Hierarchy(3, 2)
TABLE = {(2, 1): (3, 4), (2, 2): (7, 7), (2, 3): (10, 10), (4, 1): (5, 8), (4, 2): (12, 15), (4, 3): (18, 21)}


def untrained(hierarchy: Hierarchy) -> list[Floats]:
    return [np.full((hierarchy.n, hierarchy.n), hierarchy.initial_weight) for _ in range(hierarchy.depth)]


def distance(one: Sequence[Floats], other: Sequence[Floats]) -> float:
    return max(float(np.abs(a - b).max()) for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="module")
def majority() -> tuple[Learned, list[Ints]]:
    """Return what the small network learnt in Brian2, and who stands for which concept."""
    schedule = bottom_up(SMALL, shows=20)
    learned = network.learn(SMALL, MAJORITY.threshold(SMALL.k), schedule)
    return learned, representatives(SMALL, schedule, learned.engaged)


@pytest.mark.parametrize(("k", "depth"), TABLE)
def test_shows_until_weights_are_where_they_should_be(k: int, depth: int) -> None:
    hierarchy = Hierarchy(k, depth)
    schedule = bottom_up(hierarchy, shows=24)
    learned = rounds.learn(hierarchy, TENTH.threshold(k), schedule)
    table = curves(hierarchy, schedule, learned)
    assert len(table) == 24 * sum(k**level for level in range(1, depth + 1))
    assert shows_until(table, hierarchy, TENTH, b=1) == TABLE[k, depth]
    assert max(TABLE[k, depth]) < TENTH.bound(hierarchy, b=1)
    assert max(weights.max() for weights in learned.weights) <= hierarchy.largest_relevant


@pytest.mark.parametrize(("k", "depth"), [case for case in TABLE if case != (4, 3)])
def test_continuous_time_is_the_model_in_rounds(k: int, depth: int) -> None:
    hierarchy, threshold = Hierarchy(k, depth), TENTH.threshold(k)
    schedule = bottom_up(hierarchy, shows=max(TABLE[k, depth]))
    discrete, continuous = (module.learn(hierarchy, threshold, schedule) for module in (rounds, network))
    assert distance(discrete.weights, continuous.weights) < 1e-12
    assert np.array_equal(discrete.engaged, continuous.engaged)
    seen = ~np.isnan(continuous.incoming[:, 0])
    assert np.unique(schedule.level[seen]).tolist() == list(range(1, depth + 1))
    np.testing.assert_allclose(continuous.incoming[seen], discrete.incoming[seen], rtol=0, atol=1e-12)
    assert shows_until(curves(hierarchy, schedule, continuous), hierarchy, TENTH, b=1) == TABLE[k, depth]
    # What was learnt is far from where it began; one show less, or another order, is not the same.
    assert distance(discrete.weights, untrained(hierarchy)) > 0.1
    fewer = rounds.learn(hierarchy, threshold, bottom_up(hierarchy, shows=max(TABLE[k, depth]) - 1))
    assert distance(fewer.weights, continuous.weights) > 1e-3
    other = rounds.learn(hierarchy, threshold, bottom_up(hierarchy, shows=max(TABLE[k, depth]), seed=3))
    assert distance(other.weights, continuous.weights) > 0.1


def test_every_neuron_fires_when_the_model_in_rounds_says() -> None:
    """Weights are random, so that all potentials differ and many neurons fire, in every layer."""
    generator = np.random.default_rng(0)
    weights = [generator.uniform(0, 0.2, size=(SMALL.n, SMALL.n)) for _ in range(SMALL.depth)]
    presented: Bools = generator.random((40, SMALL.n)) < 0.4
    found = network.simulate(SMALL, 1.0, weights, presented, np.zeros(40, dtype=np.int64))
    fired = presented
    for level, below in enumerate(weights, start=1):
        # What fires in a round was brought about by the round before.
        fired = np.vstack([np.zeros((1, SMALL.n), dtype=np.bool_), fired[:-1] @ below >= 1.0])
        assert 0.1 < fired.mean() < 0.9
        assert np.array_equal(found.fired[level], fired)
    assert distance(found.weights, weights) == 0


def test_trained_network_recognizes(majority: tuple[Learned, list[Ints]]) -> None:
    learned, neurons = majority
    threshold = MAJORITY.threshold(SMALL.k)
    presented = presentations(SMALL, random=300)
    assert len(np.unique(presented[:512], axis=0)) == 512
    fired = recognized(SMALL, threshold, learned.weights, neurons, presented)
    right = check(SMALL, MAJORITY, presented, fired)
    assert (right.missed, right.false) == (0, 0)
    assert min(right.due, right.barred) > 1000
    # The same answers are wrong for other tolerances; untrained neurons and another threshold give wrong ones.
    assert check(SMALL, ALL, presented, fired).false > 1000
    naive = check(SMALL, MAJORITY, presented, recognized(SMALL, threshold, untrained(SMALL), neurons, presented))
    assert min(naive.missed, naive.false) > 100
    strict = recognized(SMALL, ALL.threshold(SMALL.k), learned.weights, neurons, presented)
    assert check(SMALL, MAJORITY, presented, strict).missed > 1000


def test_support_is_counted_from_the_leaves() -> None:
    presented = np.zeros((3, SMALL.n), dtype=np.bool_)
    presented[0, [0, 1, 3, 4]] = True
    presented[1, [0, 1, 3, 6]] = True
    presented[2, :9] = True
    assert [found[:, 0].tolist() for found in SMALL.supported(presented, MAJORITY.r2)[1:]] == [
        [True, True, True],
        [True, False, True],
    ]
    assert SMALL.supported(presented, ALL.r2)[2][:, 0].tolist() == [False, False, True]
    assert not any(found[:, 1:].any() for found in SMALL.supported(presented, MAJORITY.r1)[2:])


@pytest.mark.parametrize("k", [2, 3])
def test_one_layer_is_enough_for_one_level_and_not_for_two(k: int) -> None:
    feasible = {}
    for at_least in range(1, k + 1):
        for enough in range(at_least, k + 1):
            tolerance = Tolerance(Fraction(2 * at_least - 1, 2 * k), Fraction(enough, k))
            assert one_neuron_suffices(k, 1, tolerance)
            feasible[at_least, enough] = one_neuron_suffices(k, 2, tolerance)
            # Averaged over its symmetries, a neuron counts leaves: the fewest with which it must fire have to be more
            # than the most with which it must not.
            least, most = enough**2, (at_least - 1) * k + (k - at_least + 1) * (at_least - 1)
            assert feasible[at_least, enough] == (least > most)
    assert [pair for pair, found in feasible.items() if not found] == ([(2, 2)] if k == 3 else [])


def test_what_is_not_learnt_yet_is_said() -> None:
    schedule = bottom_up(SMALL, shows=3)
    learned = rounds.learn(SMALL, MAJORITY.threshold(SMALL.k), schedule)
    with pytest.raises(ValueError, match="After 3 shows of each concept, weights are not yet where they should be"):
        shows_until(curves(SMALL, schedule, learned), SMALL, MAJORITY, b=1)


def test_concepts_that_share_a_neuron_are_refused() -> None:
    schedule = bottom_up(SMALL, shows=1)
    engaged = rounds.learn(SMALL, MAJORITY.threshold(SMALL.k), schedule).engaged
    assert len(representatives(SMALL, schedule, engaged)) == SMALL.depth + 1
    engaged[0] = engaged[1]
    with pytest.raises(ValueError, match="Concepts of level 1 must have one neuron each"):
        representatives(SMALL, schedule, engaged)
