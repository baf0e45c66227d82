"""Whether a small step along an estimate lowers the loss, and by what share of what the exact gradient achieves."""

from collections.abc import Iterable

import numpy as np

from workbench.audit.alignment import Row, random_update
from workbench.audit.gradients import VARIANTS, exact_means, in_blocks, mean_estimate
from workbench.engine.plan import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.measures import performance
from workbench.measures.alignment import Measured, undefined
from workbench.reference.bptt import Reference
from workbench.task import Trials

#: Length of a step, relative to the norm of the weights: the loss of a spiking network changes in jumps, and not at all
#: on shorter ones.
STEP = 1e-2
#: All layers at once, each by a step of its own length.
WHOLE = "network"


def descent(
    simulator: Simulator,
    reference: Reference,
    state: State,
    trials: Trials,
    generator: np.random.Generator,
    variant: str = "",
) -> list[Row]:
    """Return by how much a step along a rule's estimate lowers the loss of the very trials that it is from.

    Parameters
    ----------
    simulator : Simulator
        Of the network with the rule.
    reference : Reference
        Of the same setup.
    state : State
        The weights.
    trials : Trials
        At least 512, since the loss of few changes in jumps.
    generator : numpy.random.Generator
        Of the random direction.
    variant : str
        For a rule that is trained on the reference: which of `VARIANTS` it takes.

    Returns
    -------
    list of (layer, "descent", reference, Measured)
        The decrease of the mean loss along the estimate as a share of that along each variant of BPTT, by layer and for
        all layers at once (`WHOLE`); with reference ``random`` that along a random direction, as a share of that along
        BPTT with the reset differentiated. Every step has `STEP` times the norm of its layer's weights.
    """
    setup = simulator.setup
    recordings, estimate = mean_estimate(simulator, state, trials)
    if setup.rule.intervenes:
        # The gradient is that of the network that is left to itself.
        recordings = [simulator.run(state, part, Plan())[0] for _, part in in_blocks(setup.network, trials)]
    exact, refused = exact_means(reference, state, trials, recordings)
    if variant:
        estimate = exact.get(variant, {})
    control = {layer: random_update(array.shape, generator) for layer, array in state.weights.items()}
    before = sum(float(recording.loss.sum()) for recording in recordings) / len(trials)
    rows: list[Row] = []
    for place, layers in (*((layer, (layer,)) for layer in state.weights), (WHOLE, tuple(state.weights))):

        def decrease(direction: Weights, layers: Iterable[str] = layers) -> float:
            weights = _stepped(state.weights, direction, layers)
            recording, _ = simulator.run(state.with_weights(weights), trials, Plan(record_spikes=False))
            return before - performance.loss(recording)

        best = {name: decrease(gradient) for name, gradient in exact.items()}
        moves = any(estimate[layer].any() for layer in layers if layer in estimate)
        own = decrease(estimate) if moves else None
        for name in VARIANTS:
            rows.append((place, "descent", name, _share(own, best.get(name), refused.get(name, ""))))
        reference_of_control = "bptt_differentiated"
        share = _share(decrease(control), best.get(reference_of_control), refused.get(reference_of_control, ""))
        rows.append((place, "descent", "random", share))
    return rows


def _stepped(weights: Weights, direction: Weights, layers: Iterable[str]) -> Weights:
    """Return the weights after a step down a direction in some layers; those that it leaves out stay."""
    stepped = dict(weights)
    for layer in layers:
        if layer in direction and direction[layer].any():
            scale = STEP * np.linalg.norm(weights[layer]) / np.linalg.norm(direction[layer])
            stepped[layer] = weights[layer] - scale * direction[layer]
    return stepped


def _share(own: float | None, best: float | None, refusal: str) -> Measured:
    if best is None:
        return undefined(refusal)
    if best <= 0:
        return undefined("A step along BPTT does not lower the loss here.")
    if own is None:
        return undefined("The rule changes nothing here.")
    return Measured(own / best)
