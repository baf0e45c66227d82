"""Whether a rule's estimates move with what its equations say, and with nothing else."""

from workbench.audit.perturbation import perturbed
from workbench.audit.provenance import provenance
from workbench.testing.subject import FailedError, Subject


def depends_on_what_it_seems_to(subject: Subject) -> str:
    """See that estimates move with what the equations say that they depend on, and with nothing else."""
    case = subject.alive()
    found = perturbed(case.setup, provenance(case.setup, "hidden1"), case.state, case.trials)
    for item in found:
        if item.beyond:
            raise FailedError(f"'{item.variable}' of one neuron of '{item.owner}' moves synapses of others.")
        if not item.agrees:
            said = "depend" if item.expected else "do not depend"
            raise FailedError(
                f"By the equations, estimates {said} on '{item.variable}' of '{item.owner}', "
                f"and they {'move' if item.moved else 'do not move'} with it."
            )
    moved = sum(item.moved for item in found)
    if not moved:
        raise FailedError("Estimates move with nothing, so nothing was compared.")
    return f"estimates move with {moved} of {len(found)} variables, as the equations say"
