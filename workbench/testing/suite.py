"""All checks of a rule, one after the other, and what came of each."""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Literal, TypeVar

from workbench.catalogue.registry import load_registry
from workbench.common.errors import ModelError, WorkbenchError, reason_of
from workbench.declare.feedback import Pathway
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.testing.checks import CHECKS
from workbench.testing.feedback_rule import PATHWAY_CHECKS
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject

Checked = TypeVar("Checked")


class ConformanceError(WorkbenchError):
    """A rule of which something does not hold that must hold of any."""


@dataclass(frozen=True)
class Outcome:
    """What came of a check.

    Attributes
    ----------
    rule, check : str
        Of which rule, or pathway, and what must hold of it.
    result : {"passed", "failed", "does not apply"}
        What came of it.
    detail : str
        What was measured, or why it failed or does not apply: told once, by the first check that says so.
    """

    rule: str
    check: str
    result: Literal["passed", "failed", "does not apply"]
    detail: str


def examine(rule: Rule, neuron: NeuronModel | None = None, readout: NeuronModel | None = None) -> Iterator[Outcome]:
    """Yield the outcome of each check of a rule.

    Parameters
    ----------
    rule : Rule
        Installed or not. Its equations are run on networks of a few neurons, which are compiled: a minute or less.
    neuron, readout : NeuronModel, optional
        Of the network; by default those that the rule is written for, which then must be installed ones.

    Yields
    ------
    Outcome
        As soon as a check is done.
    """
    if neuron is None or readout is None:
        own = load_registry().models_for(rule)
        neuron, readout = neuron or own[0], readout or own[1]
    yield from _examined(rule.name, Subject(rule, neuron, readout), CHECKS)


def outcomes(rule: Rule, neuron: NeuronModel, readout: NeuronModel, first: Collection[str] = ()) -> Iterator[Outcome]:
    """Yield the outcome of each check of a rule, some of them first.

    Parameters
    ----------
    rule, neuron, readout
        As of `examine`.
    first : collection of str
        The checks to begin with.
    """
    order = sorted(CHECKS, key=lambda name: name not in first)
    yield from _examined(rule.name, Subject(rule, neuron, readout), {name: CHECKS[name] for name in order})


def examine_pathway(pathway: Pathway) -> Iterator[Outcome]:
    """Yield the outcome of each check of a pathway whose feedback weights learn by a rule.

    Parameters
    ----------
    pathway : Pathway
        Installed or not; it is run in a network of a few neurons that spike by their own noise.

    Yields
    ------
    Outcome
        As soon as a check is done.

    Raises
    ------
    ModelError
        Where its feedback weights have no rule.
    """
    if pathway.rule is None:
        raise ModelError(f"Pathway '{pathway.name}' has no rule for its feedback weights that could be checked.")
    yield from _examined(pathway.name, pathway, PATHWAY_CHECKS)


def _examined(owner: str, subject: Checked, checks: Mapping[str, Callable[[Checked], str]]) -> Iterator[Outcome]:
    said: dict[str, str] = {}
    for name, check in checks.items():
        outcome = _outcome(owner, subject, name, check)
        if outcome.result == "passed":
            yield outcome
            continue
        first = said.setdefault(outcome.detail, name)
        yield outcome if first == name else replace(outcome, detail=f"As '{first}'.")


def _outcome(owner: str, subject: Checked, name: str, check: Callable[[Checked], str]) -> Outcome:
    try:
        return Outcome(owner, name, "passed", check(subject))
    except DoesNotApplyError as reason:
        return Outcome(owner, name, "does not apply", str(reason))
    except FailedError as reason:
        return Outcome(owner, name, "failed", str(reason))
    # The equations are anybody's text, in which Brian2 may stumble anywhere.
    except Exception as error:
        return Outcome(owner, name, "failed", reason_of(error))


def check_rule(rule: Rule, neuron: NeuronModel | None = None, readout: NeuronModel | None = None) -> list[Outcome]:
    """Return the outcome of every check of a rule, or raise where one has failed; for the tests of a plugin.

    Parameters
    ----------
    rule : Rule
        Installed or not.
    neuron, readout : NeuronModel, optional
        Of the network; by default those that the rule is written for, which then must be installed ones.

    Returns
    -------
    list of Outcome
        All of them, where none has failed.

    Raises
    ------
    ConformanceError
        With each check that has failed, and why.
    """
    outcomes = list(examine(rule, neuron, readout))
    failed = [f"{outcome.check}: {outcome.detail}" for outcome in outcomes if outcome.result == "failed"]
    if failed:
        raise ConformanceError(f"Rule '{rule.name}' fails {len(failed)} of {len(outcomes)} checks. {' '.join(failed)}")
    return outcomes
