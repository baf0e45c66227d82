"""Whether an estimate is the exact gradient where a rule claims it."""

from collections.abc import Iterator
from typing import Any

from workbench.declare.claims import ExactFor
from workbench.measures.alignment import relative_error
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.agreement import EXACT, error_of, within
from workbench.testing.case import Case, random_case
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject, refuse_dead


def is_exact_where_it_says(subject: Subject) -> str:
    """See that the gradient is exact in the cases in which the rule claims it."""
    if not subject.rule.claims.exact_for:
        raise DoesNotApplyError("it claims exactness in no case")
    claims = [item for item in subject.rule.claims.exact_for if item.covers(subject.neuron.name, subject.readout.name)]
    if not claims:
        raise DoesNotApplyError(f"it claims none for '{subject.neuron.name}' and readout '{subject.readout.name}'")
    told = []
    for claim in claims:
        for depth in (1, 2) if claim.depth is None else (claim.depth,):
            for with_what, fields in _networks(claim, depth):
                where = f"{depth} hidden layers{with_what}, by feedback '{claim.feedback}'"
                error = _worst(random_case(subject.setup(claim.feedback, depth, **fields), count=6), claim)
                within(error, EXACT, f"With {where}, it is not exact")
                told.append(f"{where}: {error:.0e}")
    return "relative error with " + "; ".join(told)


def _networks(claim: ExactFor, depth: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the networks of a claim: what they have besides, and how they are asked for."""
    yield "", {}
    if delays := _delays(claim, depth):
        yield " and delays", {"delays": delays}
    if claim.recurrent:
        yield " that reach themselves", {"recurrent": True}


def _delays(claim: ExactFor, depth: int) -> tuple[tuple[str, int], ...]:
    """Return as many delays as a claim allows, one other than the next."""
    names = [f"hidden{number + 1}" for number in range(depth)]
    weights = {"none": [], "inputs": names[:1], "any": [*names, "readout"]}[claim.delays]
    return tuple((name, 3 + number) for number, name in enumerate(weights))


def _worst(case: Case, claim: ExactFor) -> float:
    """Return the largest relative error of a hidden layer's estimates where a rule claims that there is none."""
    recording = case.record()
    refuse_dead(recording, " in a case of exactness")
    worst = 0.0
    found = case.estimates(recording)
    for item in case.setup.network.all_projections:
        layer, name = item.target, item.name
        if layer == "readout":
            continue
        exact = reference(case.setup).gradients(
            ForwardPass(case.state.weights, case.state.feedback, case.trials, recording),
            reset=claim.reset,
            per_trial=True,
            loss=f"{layer}_readout" if claim.loss == "local_readout" else "readout",
        )
        worst = max(worst, error_of(found[name], exact.trials[name], name))
        if relative_error(found[name][::-1], exact.trials[name]).value < EXACT:
            raise FailedError("The gradients of different trials are alike, so nothing was compared.")
    return worst
