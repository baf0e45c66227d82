"""The alignment measures of a probe, with their controls."""

import numpy as np

from workbench.audit.alignment.controls import random_update
from workbench.audit.probe import Probe
from workbench.declare.references import BY_DEFAULT, EXACT_GRADIENTS, RANDOM
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.engine.update import steps
from workbench.measures import alignment
from workbench.measures.alignment import Measured, Row, undefined
from workbench.measures.ceiling import ceiling

_NAMES = (
    "cosine", "magnitude", "sign_agreement", "cosine_step", "cosine_per_trial", "bias", "variance",
    "reference_variance", "ceiling",
)  # fmt: skip
#: What is known without an estimate.
_OF_THE_REFERENCE = ("reference_variance", "ceiling")


def measure(result: Probe, simulator: Simulator, state: State, generator: np.random.Generator) -> list[Row]:
    """Return all alignment measures of a probe.

    Parameters
    ----------
    result : Probe
        What was found.
    simulator : Simulator
        Whose optimizer turns estimates into steps.
    state : State
        With the optimizer's memory.
    generator : numpy.random.Generator
        Of the random control.

    Returns
    -------
    list of (layer, measure, reference, Measured)
        For each layer and variant: cosine, magnitude, sign_agreement and cosine_step of the batch mean,
        cosine_per_trial, bias and variance of single trials, those of the reference itself (reference_variance,
        ceiling), and the cosine of a random update (reference ``random``).
    """
    means = result.mean()
    made, _ = steps(simulator.setup.optimizer, state, means)
    # An optimizer has no part in what weights do that have a rule of their own.
    made |= {item.name: means[item.name] for item in simulator.setup.network.projections if item.rule is not None}
    rows: list[Row] = []
    for layer, weights in state.weights.items():
        control = random_update(weights.shape, generator)
        for variant in EXACT_GRADIENTS:
            if variant in result.refused:
                rows += [(layer, name, variant, undefined(result.refused[variant])) for name in _NAMES]
                continue
            if variant == BY_DEFAULT:
                rows.append((layer, "cosine", RANDOM, alignment.cosine(control, result.exact_mean(variant, layer))))
            missing = result.refused.get(simulator.setup.rule.gradient, "The rule makes no estimate for this layer.")
            values = _measured(result, variant, layer, means, made, missing)
            rows += [(layer, name, variant, values[name]) for name in _NAMES]
    return rows


def _measured(
    result: Probe, variant: str, layer: str, means: Weights, made: Weights, missing: str
) -> dict[str, Measured]:
    """Return the measures of one layer against one variant; `missing` is why a layer has no estimate."""
    exact, count = result.reference[variant], len(result.recording)
    gradient = result.exact_mean(variant, layer)
    found = {
        "ceiling": ceiling(exact.even[layer], exact.odd[layer], count),
        "reference_variance": alignment.variance(exact.squares[layer], gradient, gradient, count),
    }
    if layer not in means:
        none = undefined(missing)
        return dict.fromkeys(_NAMES, none) | found
    estimate = means[layer]
    return found | {
        "cosine": alignment.cosine(estimate, gradient),
        "magnitude": alignment.magnitude(estimate, gradient),
        "sign_agreement": alignment.sign_agreement(estimate, gradient),
        "cosine_step": alignment.cosine(made[layer], gradient),
        "cosine_per_trial": alignment.cosine_per_trial(exact.cosines[layer]),
        "bias": alignment.bias(exact.squared_errors[layer], estimate, gradient, count),
        "variance": alignment.variance(exact.squared_estimates[layer], estimate, gradient, count),
    }
