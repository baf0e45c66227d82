"""How long a trial takes with learning, as a multiple of what it takes without."""

import math
import time
from collections.abc import Iterable

import numpy as np

from workbench.catalogue.registry import Registry
from workbench.declare.rule import Rule
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.study.costs import Sizes, setup_for, trials_for, weights_for

#: Trials from one update to the next, and how often both are timed.
_BATCH, _ROUNDS = 32, 5


def learning_per_forward(rules: Iterable[Rule], registry: Registry, sizes: Sizes | None = None) -> list[float]:
    """Return the time of trials in which rules learn over that of the same trials without, compiled, on this machine.

    Parameters
    ----------
    rules : iterable of Rule
        Each on the neuron models and the pathway that it has by default.
    registry : Registry
        With these.
    sizes : Sizes, optional
        Of the network, as of `rule_costs`.

    Returns
    -------
    list of float
        Of the shortest of several times each; NaN for rules whose gradient the reference computes.
    """
    return [math.nan if rule.follows_reference else _ratio(rule, registry, sizes or Sizes()) for rule in rules]


def _ratio(rule: Rule, registry: Registry, sizes: Sizes) -> float:
    setup = setup_for(rule, registry, sizes)
    trials, state, network = trials_for(setup, sizes.trials), weights_for(setup), simulator(setup)
    ends = np.where(np.arange(sizes.trials) % _BATCH == _BATCH - 1, _BATCH, 0)
    # Weights hardly move, so that the same spikes are learnt from each time.
    plans = (Plan(), Plan(learning=True, update_after=ends, learning_rate=1e-12))
    taken: tuple[list[float], list[float]] = ([], [])
    for _ in range(_ROUNDS):
        for plan, times in zip(plans, taken, strict=True):
            begun = time.perf_counter()
            network.run(state, trials, plan)
            times.append(time.perf_counter() - begun)
    return min(taken[1]) / min(taken[0])
