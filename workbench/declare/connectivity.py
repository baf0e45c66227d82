"""Which neurons of two populations are connected, as data."""

import hashlib
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from workbench.common.arrays import whole
from workbench.common.errors import ModelError
from workbench.common.plain_numbers import finite_number, whole_number
from workbench.declare.drawn_pairs import pairs_of_fan_in, pairs_with_probability
from workbench.declare.field_types import declared
from workbench.declare.synapse_ends import Between, Indices


@declared(ModelError, "Connectivity")
@dataclass(frozen=True, kw_only=True)
class Connectivity:
    """Which neurons reach which.

    Attributes
    ----------
    pattern : {"all", "one_to_one", "others"}
        Every neuron reaches each, the one of its own number, or each but that one.
    probability : float
        With which each pair that the pattern has is connected, independently of others.
    fan_in : int
        From how many sources each target is reached, drawn without repetition; 0 for as many as there are.
    itself : bool
        Whether, where a population reaches itself, a neuron may reach itself.
    seed : int
        Of what is drawn; projections of other names draw others.
    given : bytes
        The pairs themselves, as `Connectivity.pairs` packs them; empty where they follow from the above.
    """

    pattern: Literal["all", "one_to_one", "others"] = "all"
    probability: float = 1.0
    fan_in: int = 0
    itself: bool = True
    seed: int = 0
    given: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if not 0 < finite_number(self.probability, "Connectivity: `probability`", ModelError) <= 1:
            raise ModelError(f"Connectivity: `probability` must be above 0 and up to 1, not {self.probability:g}.")
        for name in ("fan_in", "seed"):
            whole_number(getattr(self, name), f"Connectivity: `{name}`", 0, ModelError)
        if len(self.given) % 8:
            raise ModelError("Connectivity: `given` must be what `Connectivity.pairs` makes. Call it.")
        drawn = (self.probability < 1) + (self.fan_in > 0) + (self.pattern != "all") + bool(self.given)
        if drawn > 1:
            raise ModelError(
                "Connectivity: give one of `probability`, `fan_in`, another `pattern` than 'all', or the pairs."
            )

    @classmethod
    def pairs(cls, pre: ArrayLike, post: ArrayLike) -> "Connectivity":
        """Return a connectivity of given pairs, such as ``synapses.i[:]`` and ``synapses.j[:]`` of Brian2.

        Parameters
        ----------
        pre, post : array_like of int of shape (n_synapses,)
            Numbers of neurons, from 0; in any order, none twice.

        Returns
        -------
        Connectivity
            These pairs and no others.

        Raises
        ------
        DataError
            Where they are no whole numbers from 0.
        ModelError
            Where they are no pairs, or some are there twice.
        """
        sources, targets = (
            whole(ends, f"Connectivity: `{name}`", np.int32, "Give numbers of neurons.")
            for ends, name in ((pre, "pre"), (post, "post"))
        )
        if len(sources) != len(targets):
            lengths = f"{len(sources)} and {len(targets)}"
            raise ModelError(f"Connectivity: there must be as many sources as targets, not {lengths}.")
        if not len(sources):
            raise ModelError("Connectivity: there are no pairs, so that no neuron reaches any. Drop the projection.")
        order = np.lexsort((targets, sources))
        sources, targets = sources[order], targets[order]
        twice = (np.diff(sources) == 0) & (np.diff(targets) == 0)
        if twice.any():
            place = int(np.argmax(twice))
            pair = f"{sources[place]} and {targets[place]}"
            raise ModelError(f"Connectivity: the pair of {pair} is there twice. Drop one of the two.")
        return cls(given=np.array([sources, targets], dtype="<i4").tobytes())

    def connects_all(self, between: Between) -> bool:
        """Return whether every neuron reaches each.

        Parameters
        ----------
        between : Between
            The populations.

        Returns
        -------
        bool
            Not where neurons may not reach themselves, of a population that reaches itself.
        """
        anyone = self.pattern == "all" and self.probability == 1 and not self.fan_in and not self.given
        return anyone and not self.leaves_out(between)

    def leaves_out(self, between: Between) -> bool:
        """Return whether neurons do not reach themselves although their population does.

        Parameters
        ----------
        between : Between
            The populations.

        Returns
        -------
        bool
            Never between two of them.
        """
        return between.recurrent and not self.itself

    def indices(self, between: Between) -> Indices:
        """Return the ends of all synapses.

        Parameters
        ----------
        between : Between
            The populations.

        Returns
        -------
        Indices
            Ordered by source and then by target.

        Raises
        ------
        ModelError
            Where no neuron reaches any.
        """
        return _indices(self, between)

    def refuse_sizes(self, between: Between) -> None:
        """Refuse numbers of neurons that do not allow it.

        Parameters
        ----------
        between : Between
            The populations.

        Raises
        ------
        ModelError
            With what they are.
        """
        where, (n_pre, n_post) = f"Projection '{between.name}'", between[:2]
        if self.given:
            ends = np.frombuffer(self.given, dtype="<i4").reshape(2, -1)
            for given, size, what in ((ends[0], n_pre, "source"), (ends[1], n_post, "target")):
                if int(given.max()) >= size:
                    raise ModelError(f"{where}: a pair has {what} {int(given.max())}, and there are {size}, from 0.")
        if self.pattern != "all" and n_pre != n_post:
            raise ModelError(f"{where}: '{self.pattern}' needs as many sources as targets, not {n_pre} to {n_post}.")
        available = n_pre - self.leaves_out(between)
        if self.fan_in > available:
            raise ModelError(f"{where}: `fan_in` is {self.fan_in}, and there are {available} sources.")

    def digest(self, between: Between) -> str:
        """Return what tells these synapses from any others.

        Parameters
        ----------
        between : Between
            The populations.

        Returns
        -------
        str
            A hash of their ends.
        """
        return _digest(self, between)


@lru_cache(maxsize=64)
def _indices(chosen: Connectivity, between: Between) -> Indices:
    n_pre, n_post, _, name = between
    # Named, because `default_rng` may come to mean another bit generator in a later NumPy.
    generator = np.random.Generator(np.random.PCG64([chosen.seed, *name.encode()]))
    loops = not chosen.leaves_out(between)
    if chosen.given:
        pre, post = np.frombuffer(chosen.given, dtype="<i4").reshape(2, -1)
    elif chosen.pattern == "one_to_one":
        pre = post = np.arange(n_pre)
    elif chosen.fan_in:
        pre, post = pairs_of_fan_in(chosen.fan_in, n_pre, n_post, loops, generator)
    else:
        pre, post = pairs_with_probability(chosen.probability, n_pre, n_post, generator)
        if chosen.pattern == "others":
            pre, post = pre[pre != post], post[pre != post]
    if not loops:
        kept = pre != post
        pre, post = pre[kept], post[kept]
    if not len(pre):
        raise ModelError(f"Projection '{name}': no neuron reaches any. Raise the probability, or drop the projection.")
    found = Indices(np.array(pre, dtype=np.int32), np.array(post, dtype=np.int32))
    for ends in found:
        ends.setflags(write=False)
    return found


@lru_cache(maxsize=64)
def _digest(chosen: Connectivity, between: Between) -> str:
    pre, post = _indices(chosen, between)
    return hashlib.blake2b(pre.tobytes() + post.tobytes(), digest_size=16).hexdigest()


#: Every neuron reaches each.
ALL_TO_ALL = Connectivity()
