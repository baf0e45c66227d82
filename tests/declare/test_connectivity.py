"""Who is connected to whom: drawn by a seed, one to one, or given; and what cannot be is refused in a sentence."""

from typing import Any

import numpy as np
import pytest

from workbench import Connectivity, Network, Population, Projection
from workbench.common.errors import DataError, ModelError


def of(projection: Projection, sizes: tuple[int, int] = (6, 6)) -> Projection:
    return projection.with_ends(*sizes)


def between(**fields: Any) -> Projection:
    return Projection(source="a", target="b", connect=Connectivity(**fields))


def itself(**fields: Any) -> Projection:
    return Projection(source="a", target="a", connect=Connectivity(**fields))


def test_all_to_all_is_a_matrix() -> None:
    plain = of(between(), (3, 4))
    assert plain.dense
    assert plain.shape == (3, 4)
    assert plain.connected == ""
    # A population that reaches itself need not reach each of its neurons.
    assert not itself(itself=False).dense
    assert between(itself=False).dense


def test_pairs_are_drawn_with_a_probability_and_by_a_seed() -> None:
    drawn = of(between(probability=0.3, seed=4), (200, 300))
    pre, post = drawn.indices
    assert drawn.shape == (len(pre),) == (drawn.n_synapses,)
    # Five deviations of a binomial.
    assert abs(len(pre) - 18000) < 5 * np.sqrt(18000 * 0.7)
    assert (np.diff(pre.astype(int) * 300 + post) > 0).all()
    assert of(between(probability=0.3, seed=4), (200, 300)).connected == drawn.connected
    assert of(between(probability=0.3, seed=5), (200, 300)).connected != drawn.connected
    other = Projection(source="a", target="b", name="other", connect=Connectivity(probability=0.3, seed=4))
    assert of(other, (200, 300)).connected != drawn.connected


@pytest.mark.parametrize("loops", [True, False])
def test_each_target_has_so_many_sources(loops: bool) -> None:
    pre, post = of(itself(fan_in=3, itself=loops), (8, 8)).indices
    assert np.bincount(post).tolist() == [3] * 8
    assert len({*zip(pre.tolist(), post.tolist(), strict=True)}) == 24
    if not loops:
        assert (pre != post).all()


def test_one_to_one_and_all_others_share_out_the_pairs() -> None:
    own, others = of(between(pattern="one_to_one")).indices, of(between(pattern="others")).indices
    assert np.array_equal(own.pre, own.post)
    assert len(own.pre) == 6
    assert len(others.pre) == 30
    assert (others.pre != others.post).all()


def test_given_pairs_are_ordered() -> None:
    given = Projection(source="a", target="b", connect=Connectivity.pairs([2, 0, 2], [1, 5, 0]))
    pre, post = of(given).indices
    assert pre.tolist() == [0, 2, 2]
    assert post.tolist() == [5, 0, 1]


@pytest.mark.parametrize(
    ("make", "error", "words"),
    [
        (lambda: Connectivity(probability=0.0), ModelError, "`probability` must be above 0 and up to 1, not 0"),
        (lambda: Connectivity(fan_in=-1), ModelError, "`fan_in` must be a whole number from 0"),
        (lambda: Connectivity(probability=0.5, fan_in=2), ModelError, "give one of"),
        (lambda: Connectivity.pairs([0, 1], [1]), ModelError, "as many sources as targets, not 2 and 1"),
        (lambda: Connectivity.pairs([0, 0], [1, 1]), ModelError, "the pair of 0 and 1 is there twice"),
        (lambda: Connectivity.pairs([0.5], [1]), DataError, "must hold whole numbers"),
        (lambda: of(between(probability=1e-9)).indices, ModelError, "no neuron reaches any"),
    ],
)
def test_what_is_no_connectivity_is_refused(make: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        make()


BESIDE = (Population(name="beside", size=5),)


def a_network(**fields: Any) -> Network:
    return Network(n_inputs=3, hidden=(4,), n_outputs=2, n_steps=10, **fields)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"projections": (Projection(source="inputs", target="besid"),)}, "there is no 'besid'. Did you mean 'beside'"),
        ({"projections": (Projection(source="beside", target="inputs"),)}, "nothing reaches the inputs"),
        (
            {"projections": (Projection(source="inputs", target="beside", name="hidden1"),)},
            "this is the name of the stack's weights from inputs to hidden1",
        ),
        (
            {"projections": 2 * (Projection(source="inputs", target="beside"),)},
            "`projections` has 'inputs_to_beside' twice",
        ),
        ({"populations": 2 * BESIDE}, "`populations` has 'beside' twice"),
        (
            {
                "projections": (
                    Projection(source="inputs", target="beside", connect=Connectivity(pattern="one_to_one")),
                )
            },
            "'one_to_one' needs as many sources as targets, not 3 to 5",
        ),
        (
            {"projections": (Projection(source="inputs", target="beside", connect=Connectivity(fan_in=4)),)},
            "`fan_in` is 4, and there are 3 sources",
        ),
        (
            {"projections": (Projection(source="inputs", target="beside", connect=Connectivity.pairs([3], [0])),)},
            "a pair has source 3, and there are 3, from 0",
        ),
        (
            {"projections": (Projection(source="inputs", target="beside", delay=10),)},
            "`delay` must be less than the 10 steps of a trial",
        ),
        (
            {
                "projections": (Projection(source="inputs", target="hidden1", name="hidden1"),),
                "delays": (("hidden1", 1),),
            },
            "projection 'hidden1' is given, and has a `delay` of its own",
        ),
    ],
)
def test_what_does_not_fit_a_network_is_refused(fields: dict[str, Any], words: str) -> None:
    with pytest.raises(ModelError, match=words):
        a_network(**{"populations": BESIDE} | fields)


@pytest.mark.parametrize("name", ["", "hidden2", "readout", "two words", "a_b", "1st"])
def test_populations_have_names_of_their_own(name: str) -> None:
    with pytest.raises(ModelError, match="`name` must be letters and digits"):
        Population(name=name, size=3)


def test_inputs_reach_the_readout_where_nothing_else_does() -> None:
    alone = Network(n_inputs=3, hidden=(), n_outputs=2)
    assert list(alone.weight_shapes()) == ["readout"]
    further = (Projection(source="inputs", target="beside"), Projection(source="beside", target="readout"))
    beside = Network(n_inputs=3, hidden=(), n_outputs=2, populations=BESIDE, projections=further)
    assert list(beside.weight_shapes()) == ["inputs_to_beside", "beside_to_readout"]
