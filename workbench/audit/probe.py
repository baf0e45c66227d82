"""One network, some trials: what the rule says each weight should do, and what the exact gradient says."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workbench.engine.plan import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.engine.update import steps
from workbench.errors import GradientError
from workbench.measures import alignment
from workbench.measures.alignment import Measured, undefined
from workbench.recording import Recording
from workbench.reference.bptt import Gradients, Reference
from workbench.reference.step import Reset
from workbench.task import Trials

#: The two treatments of the reset, as `reference` is called in tables.
VARIANTS: dict[str, Reset] = {"bptt_constant": "constant", "bptt_differentiated": "differentiated"}


@dataclass(frozen=True, eq=False)
class Probe:
    """What was found at one set of weights.

    Attributes
    ----------
    recording : Recording
        What the network did.
    estimate : dict of str to ndarray of shape (n_trials, n_pre, n_post)
        The rule's gradient estimates by layer; layers for which it has none are absent.
    reference : dict of str to Gradients
        Exact gradients of the network's loss, by variant.
    refused : dict of str to str
        Why a variant has no gradient.
    """

    recording: Recording
    estimate: Weights
    reference: dict[str, Gradients]
    refused: dict[str, str]


def probe(simulator: Simulator, reference: Reference, state: State, trials: Trials, variant: str = "") -> Probe:
    """Let a rule and the reference look at the same trials, without learning.

    Parameters
    ----------
    simulator : Simulator
        Of the network with the rule.
    reference : Reference
        Of the same setup.
    state : State
        The weights.
    trials : Trials
        What to present.
    variant : str
        For a rule that is trained on the reference: which of `VARIANTS` it takes.

    Returns
    -------
    Probe
        The estimates of a rule of engine "reference" are that reference's gradients.
    """
    recording, _ = simulator.run(state, trials, Plan(learning=True, record_gradient=True))
    found, refused = {}, {}
    for name, reset in VARIANTS.items():
        try:
            found[name] = reference.gradients(
                state.weights, state.feedback, trials, recording, reset=reset, per_trial=True
            )
        except GradientError as error:
            refused[name] = str(error)
    estimate = dict(recording.gradient)
    if variant and variant in found:
        estimate = dict(found[variant].trials)
    return Probe(recording, estimate, found, refused)


def random_update(shape: tuple[int, ...], generator: np.random.Generator) -> NDArray[np.float64]:
    """Return an update without any information: the negative control of every alignment."""
    return generator.standard_normal(shape)


def measure(
    result: Probe, simulator: Simulator, state: State, generator: np.random.Generator
) -> list[tuple[str, str, str, Measured]]:
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
        cosine_per_trial, the ceiling, and the cosine of a random update (reference ``random``).
    """
    optimizer = simulator.setup.optimizer
    means = {layer: array.mean(axis=0) for layer, array in result.estimate.items()}
    made, _ = steps(optimizer, state, means)
    rows: list[tuple[str, str, str, Measured]] = []
    for layer, weights in state.weights.items():
        control = random_update(weights.shape, generator)
        for variant in VARIANTS:
            if variant in result.refused:
                rows += [(layer, name, variant, undefined(result.refused[variant])) for name in _NAMES]
                continue
            exact = result.reference[variant]
            rows.append((layer, "ceiling", variant, alignment.ceiling(exact.trials[layer])))
            if variant == "bptt_differentiated":
                rows.append((layer, "cosine", "random", alignment.cosine(control, exact.mean[layer])))
            if layer not in means:
                none = undefined("The rule makes no estimate for this layer.")
                rows += [(layer, name, variant, none) for name in _NAMES if name != "ceiling"]
                continue
            found = (
                alignment.cosine(means[layer], exact.mean[layer]),
                alignment.magnitude(means[layer], exact.mean[layer]),
                alignment.sign_agreement(means[layer], exact.mean[layer]),
                alignment.cosine(made[layer], exact.mean[layer]),
                alignment.cosine_per_trial(result.estimate[layer], exact.trials[layer]),
            )
            rows += [(layer, name, variant, value) for name, value in zip(_NAMES, found, strict=False)]
    return rows


_NAMES = ("cosine", "magnitude", "sign_agreement", "cosine_step", "cosine_per_trial", "ceiling")
