"""Whether a rule hears what the answers of its task are worth, and what they are worth in some trials."""

import numpy as np
from numpy.typing import NDArray

from workbench.common.errors import DataError, ModelError
from workbench.declare.rule import Rule
from workbench.declare.trials import Trials
from workbench.model.setup import Setup
from workbench.text.syntax import identifiers, statements


def hears_reward(setup: Setup) -> bool:
    """Return whether a rule hears what the answer brings: in place of the loss, or because its outputs ask."""
    return setup.rule.has_equations and (replaces_loss(setup) or _asks(setup.rule))


def replaces_loss(setup: Setup) -> bool:
    """Return whether what the answer brings is what a pathway carries in place of the loss."""
    return setup.rewarded and setup.rule.signal is not None and setup.pathway.carries == "excess"


def _asks(rule: Rule) -> bool:
    """Return whether statements of the outputs read what the answer is or brings."""
    step = rule.output_step
    texts = [] if step is None else [text for _, text in (*statements(step.code), *step.sums)]
    return any(identifiers(text) & {"answered", "brought"} for text in texts)


def refuse_unanswered(setup: Setup) -> None:
    """Refuse a network that has no answer when its trial is over, where its rule needs one.

    Raises
    ------
    ModelError
        What there is instead.
    """
    decision = setup.network.decision
    if hears_reward(setup) and decision.assigns:
        raise ModelError(
            f"Rule '{setup.rule.name}' learns from what the answer of each trial is worth, and decision "
            f"'{decision.name}' gives none before all trials are over. Set network.decision = \"mean\"."
        )


def rewards_of(setup: Setup, trials: Trials) -> dict[str, NDArray[np.float64]]:
    """Return what answers are worth in some trials, by variable; nothing where no rule hears of it.

    Raises
    ------
    DataError
        Where the trials do not say.
    """
    if not (setup.rewarded and hears_reward(setup)):
        return {}
    if trials.rewards is None:
        raise DataError(
            f"Rule '{setup.rule.name}' learns from what answers are worth, and the trials have no `rewards`. Give some."
        )
    table = np.zeros((setup.trial_capacity, setup.network.n_outputs))
    table[: len(trials)] = trials.rewards.drawn(trials.draw)
    return {"table.rewards": table}
