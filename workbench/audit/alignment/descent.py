"""Whether a small step along an estimate lowers the loss, and by what share of what the exact gradient achieves."""

import numpy as np

from workbench.audit.alignment.controls import random_update
from workbench.audit.blocks import exact_means, in_blocks, mean_estimate
from workbench.declare.measured import Measured, undefined
from workbench.declare.references import BY_DEFAULT, EXACT_GRADIENTS, RANDOM
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.measures import performance
from workbench.measures.alignment import Row
from workbench.reference.bptt import Reference

#: Length of a step, relative to the norm of the weights: the loss of a spiking network changes in jumps, and not at all
#: on shorter ones.
STEP = 1e-2
#: The estimate, and the control, among the directions.
OWN = "own"
#: All layers at once, each by a step of its own length.
WHOLE = "network"


def descent(
    simulator: Simulator,
    reference: Reference,
    state: State,
    trials: Trials,
    generator: np.random.Generator,
) -> list[Row]:
    """Return by how much a step along a rule's estimate lowers the loss of the very trials that it is from.

    With L the mean loss and h the exact gradient, it is of an estimate a

        (L(w) - L(w - s(a))) / (L(w) - L(w - s(h))),    s(d) = STEP norm(w) d / norm(d).

    Parameters
    ----------
    simulator, reference : Simulator, Reference
        Of the network with the rule, and of the same setup.
    state : State
        The weights.
    trials : Trials
        At least 512, since the loss of few changes in jumps.
    generator : numpy.random.Generator
        Of the random direction.

    Returns
    -------
    list of (layer, "descent", reference, Measured)
        The decrease of the mean loss along the estimate as a share of that along each variant of BPTT, by layer and for
        all layers at once (`WHOLE`); with reference ``random`` that along a random direction, as a share of that along
        BPTT with the reset differentiated. Every step has `STEP` times the norm of its layer's weights.
    """
    directions, refused, before = _directions(simulator, reference, state, trials)
    plastic = simulator.setup.network.plastic_weights
    directions[RANDOM] = {name: random_update(state.weights[name].shape, generator) for name in plastic}

    def decrease(direction: Weights, layers: tuple[str, ...]) -> Measured:
        after = _loss_after(simulator, state, trials, direction, layers)
        return after if after.reason else Measured(before - after.value)

    rows: list[Row] = []
    for place, layers in {**{layer: (layer,) for layer in plastic}, WHOLE: plastic}.items():
        found = {name: decrease(direction, layers) for name, direction in directions.items()}
        best = found | {name: undefined(reason) for name, reason in refused.items()}
        rows += [(place, "descent", name, _share(found[OWN], best[name])) for name in EXACT_GRADIENTS]
        rows.append((place, "descent", RANDOM, _share(found[RANDOM], best[BY_DEFAULT])))
    return rows


def _directions(
    simulator: Simulator, reference: Reference, state: State, trials: Trials
) -> tuple[dict[str, Weights], dict[str, str], float]:
    """Return the estimate and the exact gradients by name, why a gradient is refused, and the mean loss."""
    setup = simulator.setup
    recordings, estimate = mean_estimate(simulator, state, trials)
    if setup.rule.intervenes:
        # The gradient is that of the network that is left to itself.
        recordings = [simulator.run(state, part, Plan())[0] for _, part in in_blocks(setup.network, trials)]
    exact, refused = exact_means(reference, state, trials, recordings)
    own = exact.get(setup.rule.gradient, {}) if setup.rule.is_exact_gradient else estimate
    loss = sum(float(recording.loss.sum()) for recording in recordings) / len(trials)
    return {OWN: own, **exact}, refused, loss


def _loss_after(
    simulator: Simulator, state: State, trials: Trials, direction: Weights, layers: tuple[str, ...]
) -> Measured:
    """Return the mean loss after a step down a direction in some layers."""
    if not any(direction[layer].any() for layer in layers if layer in direction):
        return undefined("No step: the estimate is zero or absent here.")
    stepped = state.with_weights(_stepped(state.weights, direction, layers))
    recording, _ = simulator.run(stepped, trials, Plan(record_spikes=False))
    return Measured(performance.loss(recording))


def _stepped(weights: Weights, direction: Weights, layers: tuple[str, ...]) -> Weights:
    """Return the weights after a step down a direction in some layers; those that it leaves out stay."""
    stepped = dict(weights)
    for layer in layers:
        if layer in direction and direction[layer].any():
            scale = STEP * np.linalg.norm(weights[layer]) / np.linalg.norm(direction[layer])
            stepped[layer] = weights[layer] - scale * direction[layer]
    return stepped


def _share(own: Measured, best: Measured) -> Measured:
    """Return a decrease as a share of BPTT's."""
    if best.reason:
        return best
    if best.value <= 0:
        return undefined("A step along BPTT does not lower the loss here.")
    return own if own.reason else Measured(own.value / best.value)
