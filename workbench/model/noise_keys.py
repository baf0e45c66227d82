"""For what the noise of a network is drawn."""

import numpy as np
from numpy.typing import NDArray

from workbench.common.counter_noise import key_of
from workbench.declare.noise import Noise
from workbench.declare.trials import Trials
from workbench.model.setup import Setup


def noise_of_feedback(setup: Setup) -> Noise:
    """Return what each feedback weight that changes draws at its updates; nothing where these have no noise."""
    return (("feedback__noise", "normal"),) if setup.feedback_noise and setup.learned_feedback else ()


def _drawn(setup: Setup) -> dict[str, Noise]:
    """Return what each group draws: layers, synapses that learn by a rule, and feedback weights."""
    network = setup.network
    found = {layer: network.model_of(layer).noise for layer in network.layers}
    for item in network.all_projections:
        if setup.learns_by_rule(item) and setup.rule_of(item).noise:
            found[f"w_{item.name}"] = setup.rule_of(item).noise
    if noise_of_feedback(setup):
        found |= {f"b_{layer}": noise_of_feedback(setup) for layer in setup.learned_feedback}
    return found


def noise_keys(setup: Setup) -> dict[str, tuple[int, int]]:
    """Return the keys of all that is drawn, by ``noise.<group>.<name>``."""
    return {
        f"noise.{group}.{name}": key_of("noise", setup.network.seed, group, name)
        for group, noise in _drawn(setup).items()
        for name, _ in noise
    }


def draws_noise(setup: Setup) -> bool:
    """Return whether anything of a network is drawn in each step."""
    return any(_drawn(setup).values())


def draws(setup: Setup, trials: Trials) -> dict[str, NDArray[np.int64]]:
    """Return by which numbers the noise of trials is drawn, by variable; nothing where there is none."""
    if not draws_noise(setup):
        return {}
    held = np.zeros(setup.trial_capacity, dtype=np.int64)
    held[: len(trials)] = trials.draw
    return {"clock._draws": held}
