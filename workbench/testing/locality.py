"""Whether a rule's estimates move with what its equations say, and with nothing else."""

from dataclasses import replace

import numpy as np

from workbench.audit.locality.moved import Moved
from workbench.audit.locality.perturbation import perturbed
from workbench.audit.locality.provenance import provenance
from workbench.declare.rule import Rule
from workbench.testing.case import Case
from workbench.testing.subject import FORCED_CAPACITY, DoesNotApplyError, FailedError, Subject

#: What a number that is 0 is set to, by its unit, so that what it multiplies is there.
_INSTEAD_OF_ZERO: dict[str, str | float] = {"1": 0.1, "second": "5 ms", "Hz": "20 Hz"}


def keeps_to_its_neurons(subject: Subject) -> str:
    """See that, at given spikes, the potential of a neuron at neither end does not move a synapse's estimate."""
    case = subject.alive()
    subject.refuse_without_spikes()
    if any(step is not None and step.sums for step in (subject.rule.on_step, subject.rule.output_step)):
        raise DoesNotApplyError("it reads sums over the neurons of a layer")
    spikes = case.record().spikes
    case = case.with_setup(forced_capacity=FORCED_CAPACITY)
    before = case.record(forced=spikes).gradient
    moved = []
    dense = {item.name for item in case.setup.network.all_projections if item.dense and item.target in spikes}
    for layer in sorted(before.keys() & dense):
        weights = case.state.weights[layer].copy()
        weights[:, 0] *= 1.5
        after = case.with_weights(**{layer: weights}).record(forced=spikes).gradient
        if not np.array_equal(before[layer][:, :, 1:], after[layer][:, :, 1:]):
            raise FailedError(f"Other weights onto one neuron of '{layer}' move the estimates of synapses onto others.")
        moved += [layer] if not np.array_equal(before[layer], after[layer]) else []
    own = f"; those onto the neuron itself do move ({', '.join(moved)})" if moved else ""
    return f"synapses onto other neurons, bit for bit{own}"


def depends_on_what_it_seems_to(subject: Subject) -> str:
    """See that estimates move with what the equations say that they depend on, and with nothing else."""
    case = subject.alive()
    subject.refuse_without_spikes()
    found, told = _moved(case), ""
    if any(item.expected and not item.moved for item in found):
        # A number of the rule may switch off what it multiplies.
        changed = other_numbers(subject.rule)
        if changed:
            found = _moved(case.with_setup(rule=subject.rule.with_parameters(changed)))
            told = ", where " + ", ".join(f"{name} = {value}" for name, value in changed.items())
    if any(item.expected and not item.moved for item in found):
        # Weights that are read when the window ends, and then alone, cannot be changed where spikes read them, too.
        others = _moved(case, quiet_end=True)
        found = [_either(*pair) for pair in zip(found, others, strict=True)]
    for item in found:
        if item.beyond:
            raise FailedError(f"'{item.variable}' of one neuron of '{item.owner}' moves synapses of others.")
        if not item.agrees:
            said = "depend" if item.expected else "do not depend"
            raise FailedError(
                f"By the equations, estimates {said} on '{item.variable}' of '{item.owner}', "
                f"and they {'move' if item.moved else 'do not move'} with it{told}."
            )
    moved = sum(item.moved for item in found)
    if not moved:
        raise FailedError("Estimates move with nothing, so nothing was compared.")
    return f"estimates move with {moved} of {len(found)} variables, as the equations say{told}"


def _either(one: Moved, other: Moved) -> Moved:
    return replace(one, moved=one.moved or other.moved, beyond=one.beyond or other.beyond)


def _moved(case: Case, quiet_end: bool = False) -> list[Moved]:
    return perturbed(case.setup, provenance(case.setup, "hidden1"), case.state, case.trials, quiet_end)


def other_numbers(rule: Rule) -> dict[str, str | float]:
    """Return numbers of a rule at which no term is switched off: none is 0, and none is what it is by default."""
    units = rule.units()
    found: dict[str, str | float] = {}
    for name, value in rule.values().items():
        unit = "Hz" if units[name] == "hertz" else units[name]
        other: str | float = 0.8 * value if unit == "1" else f"{0.8 * value!r} {unit}"
        found[name] = other if value else _INSTEAD_OF_ZERO.get(unit, f"1 {unit}")
    return found
