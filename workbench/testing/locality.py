"""Whether a rule's estimates move with what its equations say, and with nothing else."""

from workbench.audit.locality.perturbation import Moved, perturbed
from workbench.audit.locality.provenance import provenance
from workbench.declare.rule import Rule
from workbench.testing.case import Case
from workbench.testing.subject import FailedError, Subject

#: What a number that is 0 is set to, by its unit, so that what it multiplies is there.
_INSTEAD_OF_ZERO: dict[str, str | float] = {"1": 0.1, "second": "5 ms", "Hz": "20 Hz"}


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


def _moved(case: Case) -> list[Moved]:
    return perturbed(case.setup, provenance(case.setup, "hidden1"), case.state, case.trials)


def other_numbers(rule: Rule) -> dict[str, str | float]:
    """Return numbers of a rule at which no term is switched off: none is 0, and none is what it is by default."""
    units = rule.units()
    found: dict[str, str | float] = {}
    for name, value in rule.values().items():
        unit = "Hz" if units[name] == "hertz" else units[name]
        other: str | float = 0.8 * value if unit == "1" else f"{0.8 * value!r} {unit}"
        found[name] = other if value else _INSTEAD_OF_ZERO.get(unit, f"1 {unit}")
    return found
