"""The alignment measures of a probe, with their controls."""

from collections.abc import Iterable, Iterator

import numpy as np

from workbench.audit.alignment.controls import random_update
from workbench.audit.probe import Probe
from workbench.declare.measure import EstimatedGradient, ExactGradient, Measure
from workbench.declare.measured import undefined
from workbench.declare.references import BY_DEFAULT, EXACT_GRADIENTS, RANDOM
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.engine.update import steps
from workbench.measures import alignment
from workbench.measures.alignment import Row
from workbench.measures.evaluated import evaluated
from workbench.measures.records import MEASURES


def measure(
    result: Probe,
    simulator: Simulator,
    state: State,
    generator: np.random.Generator,
    measures: Iterable[Measure] = tuple(MEASURES.values()),
) -> list[Row]:
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
    measures : iterable of Measure
        Those of gradients and estimates among them are taken.

    Returns
    -------
    list of (layer, measure, reference, Measured)
        For each layer and variant all measures, and the cosine of a random update (reference ``random``).
    """
    chosen = [item for item in measures if item.of in ("gradient", "estimate") and item.function is not None]
    means = result.mean()
    made, _ = steps(simulator.setup.optimizer, state, means)
    # An optimizer has no part in what weights do that have a rule of their own.
    made |= {item.name: means[item.name] for item in simulator.setup.network.projections if item.rule is not None}
    missing = result.refused.get(simulator.setup.rule.gradient, "The rule makes no estimate for this layer.")
    rows: list[Row] = []
    for layer, weights in state.weights.items():
        control = random_update(weights.shape, generator)
        for variant in EXACT_GRADIENTS:
            if variant in result.refused:
                rows += [(layer, item.name, variant, undefined(result.refused[variant])) for item in chosen]
                continue
            if variant == BY_DEFAULT:
                rows.append((layer, "cosine", RANDOM, alignment.cosine(control, result.exact_mean(variant, layer))))
            rows += _rows(_found(result, variant, layer, means, made), chosen, missing)
    return rows


def _found(result: Probe, variant: str, layer: str, means: Weights, made: Weights) -> ExactGradient:
    """Return one variant's gradient by one layer's weights, with the rule's estimate where it makes one."""
    exact = result.reference[variant]
    told = (layer, variant, result.exact_mean(variant, layer), len(result.recording))
    sums = (exact.even[layer], exact.odd[layer], exact.squares[layer])
    if layer not in means:
        return ExactGradient(*told, *sums)
    own = (exact.cosines[layer], exact.squared_estimates[layer], exact.squared_errors[layer])
    return EstimatedGradient(*told, *sums, means[layer], made[layer], *own)


def _rows(found: ExactGradient, chosen: Iterable[Measure], missing: str) -> Iterator[Row]:
    """Yield the measures of one layer against one variant; `missing` is why a layer has no estimate."""
    for item in chosen:
        if item.of == "gradient" or isinstance(found, EstimatedGradient):
            for layer, value in evaluated(item, found).items():
                yield layer, item.name, found.reference, value
        else:
            yield found.layer, item.name, found.reference, undefined(missing)
