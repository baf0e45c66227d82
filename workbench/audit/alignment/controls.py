"""The negative controls of an alignment: a random update, and a rule that is told wrong targets."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workbench.audit.blocks import in_blocks, mean_estimate
from workbench.audit.probe import Probe
from workbench.common.errors import GradientError
from workbench.declare.measured import undefined
from workbench.declare.references import BY_DEFAULT, SHUFFLED
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.engine.simulate import Simulator
from workbench.engine.state import State, Weights
from workbench.measures import alignment
from workbench.measures.alignment import Row
from workbench.reference.bptt import Reference
from workbench.reference.followed import followed
from workbench.reference.forward_pass import ForwardPass


def random_update(shape: tuple[int, ...], generator: np.random.Generator) -> NDArray[np.float64]:
    """Return an update without any information: the negative control of every alignment."""
    return generator.standard_normal(shape)


def shuffled_control(
    result: Probe,
    simulator: Simulator,
    reference: Reference,
    state: State,
    trials: Trials,
    generator: np.random.Generator,
) -> list[Row]:
    """Return how well a rule that is told wrong targets agrees with the gradient of the right ones.

    Each trial gets the target of one that wants otherwise, every target as often as before. What is positive of an
    alignment then does not come from the targets. It is no number around 0: of two classes each trial is told the
    other one, and an estimate that follows its targets turns round.

    Parameters
    ----------
    result : Probe
        Of the right targets.
    simulator, reference, state, trials
        As of `probe`.
    generator : numpy.random.Generator
        Of the order.

    Returns
    -------
    list of (layer, "cosine", "shuffled", Measured)
        Against the gradient with the reset differentiated.
    """
    refusal = result.refused.get(BY_DEFAULT, "") or _unshuffled(trials)
    estimate: Weights = {}
    if not refusal:
        told = _shuffled(trials, generator)
        try:
            estimate = _estimate(simulator, reference, state, told)
        except GradientError as error:
            refusal = str(error)
    rows = []
    for layer in state.weights:
        missing = refusal or ("" if layer in estimate else "The rule makes no estimate for this layer.")
        value = undefined(missing) if missing else alignment.cosine(
            estimate[layer], result.exact_mean(BY_DEFAULT, layer)
        )  # fmt: skip
        rows.append((layer, "cosine", SHUFFLED, value))
    return rows


def _wanted(trials: Trials) -> NDArray[np.int64]:
    """Return a number for each trial that those that want the same share."""
    return np.unique(trials.target.reshape(len(trials), -1), axis=0, return_inverse=True)[1].reshape(-1)


def _unshuffled(trials: Trials) -> str:
    """Return why no order of the targets gives every trial another one; empty where some do."""
    counts = np.bincount(_wanted(trials))
    if len(counts) == 1:
        return "All trials want the same, so that there is nothing to shuffle."
    if 2 * counts.max() > len(trials):
        return "More than half of the trials want the same, so that no order of the targets gives each another one."
    return ""


def _shuffled(trials: Trials, generator: np.random.Generator) -> Trials:
    """Return trials with the targets and rewards of others, in an order in which none keeps what it wants."""
    wanted = _wanted(trials)
    counts = np.bincount(wanted)
    # In line by what they want, in an order drawn at random, as far apart as the largest group is long at least.
    line = generator.permutation(len(trials))
    line = line[np.argsort(generator.permutation(len(counts))[wanted[line]], kind="stable")]
    shift = generator.integers(counts.max(), len(trials) - counts.max(), endpoint=True)
    source = np.empty_like(line)
    source[line] = np.roll(line, shift)
    rewards = None if trials.rewards is None else trials.rewards.take(source)
    return replace(trials, target=trials.target[source], rewards=rewards)


def _estimate(simulator: Simulator, reference: Reference, state: State, trials: Trials) -> Weights:
    """Return what a rule estimates, be it Brian2 or the reference that does."""
    if not simulator.setup.rule.follows_reference:
        return mean_estimate(simulator, state, trials)[1]
    total: Weights = {}
    parts = list(in_blocks(simulator.setup.network, trials))
    for _, part in parts:
        recording, _ = simulator.run(state, part, Plan())
        forward = ForwardPass(state.weights, state.feedback, part, recording)
        gradients = followed(reference, forward, pad=len(parts[0][1]))
        for layer in simulator.setup.network.plastic_weights:
            total[layer] = total.get(layer, 0.0) + gradients.mean[layer] * (len(part) / len(trials))
    return total
