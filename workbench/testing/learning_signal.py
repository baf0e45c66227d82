"""Whether a rule learns by its learning signal, whichever way that comes."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.declare.feedback import FEEDBACK, refusal
from workbench.engine.state import State
from workbench.testing.case import random_case
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject, refuse_dead


def needs_its_signal(subject: Subject) -> str:
    """See that without a learning signal hidden layers do not learn, or not on average where they learn from spikes."""
    if subject.rule.signal is None:
        raise DoesNotApplyError("it takes no learning signal")
    subject.alive()
    setup, count = subject.setup(), 8
    if subject.rule.intervenes:
        # It compares what a neuron did at two times: there are differences by chance, and from the start of a trial.
        setup, count = replace(setup, network=replace(setup.network, n_steps=160)), 400
    case = random_case(setup, count=count)
    feedback = {layer: np.zeros_like(array) for layer, array in case.state.feedback.items()}
    weights = dict(case.state.weights)
    if not feedback:
        # The forward weights carry the signal: those of the readout, where it begins.
        weights["readout"] = np.zeros_like(weights["readout"])
    silenced = replace(case, state=State(weights, feedback, {})).record().gradient
    moving = [layer for layer in silenced if layer != "readout" and silenced[layer].any()]
    if subject.rule.intervenes and moving:
        return "on average: " + ", ".join(_by_chance(silenced[layer], layer) for layer in moving)
    if moving:
        raise FailedError(f"Hidden layer '{moving[0]}' learns although no signal reaches it.")
    return "no estimate in any hidden layer"


def _by_chance(estimates: NDArray[np.float64], layer: str) -> str:
    """Return by how many standard errors the mean over trials is from 0, or raise where that is no chance."""
    each = estimates.sum(axis=(1, 2))
    off = float(each.mean() / (each.std(ddof=1) / np.sqrt(len(each))))
    if abs(off) > 4:
        raise FailedError(
            f"Hidden layer '{layer}' learns although no signal reaches it: {off:.1f} standard errors off."
        )
    return f"{layer} {off:+.1f} standard errors from 0"


def takes_any_pathway(subject: Subject) -> str:
    """See that every feedback pathway makes a network that learns."""
    if subject.rule.signal is None:
        raise DoesNotApplyError("it takes no learning signal")
    setup = subject.setup()
    choices = [
        name
        for name in subject.rule.feedback_choices()
        if not refusal(FEEDBACK[name], setup.network.neuron, setup.network.loss, setup.targets, subject.rule.signal)
    ]
    for feedback in choices:
        recording = random_case(subject.setup(feedback)).record("numpy")
        refuse_dead(recording, f" by feedback '{feedback}'")
    return ", ".join(choices)
