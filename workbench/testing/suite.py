"""All checks of a rule, one after the other, and what came of each."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from workbench.catalogue.registry import load_registry
from workbench.common.errors import WorkbenchError, reason_of
from workbench.declare.neuron import NeuronModel
from workbench.declare.rule import Rule
from workbench.testing.checks import CHECKS
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject


class ConformanceError(WorkbenchError):
    """A rule of which something does not hold that must hold of any."""


@dataclass(frozen=True)
class Outcome:
    """What came of a check.

    Attributes
    ----------
    rule, check : str
        Of which rule, and what must hold of it.
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
    subject = Subject(rule, neuron, readout)
    said: dict[str, str] = {}
    for name, check in CHECKS.items():
        outcome = _outcome(subject, name, check)
        if outcome.result == "passed":
            yield outcome
            continue
        first = said.setdefault(outcome.detail, name)
        yield outcome if first == name else replace(outcome, detail=f"As '{first}'.")


def _outcome(subject: Subject, name: str, check: Callable[[Subject], str]) -> Outcome:
    try:
        return Outcome(subject.rule.name, name, "passed", check(subject))
    except DoesNotApplyError as reason:
        return Outcome(subject.rule.name, name, "does not apply", str(reason))
    except FailedError as reason:
        return Outcome(subject.rule.name, name, "failed", str(reason))
    # The equations are anybody's text, in which Brian2 may stumble anywhere.
    except Exception as error:
        return Outcome(subject.rule.name, name, "failed", reason_of(error))


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
