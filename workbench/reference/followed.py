"""The gradient that a rule follows where the reference computes it."""

from workbench.common.errors import GradientError
from workbench.declare.references import EXACT_GRADIENTS, EXACT_TIMES
from workbench.reference.bptt import Reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.gradients import Gradients


def followed(reference: Reference, forward: ForwardPass, per_trial: bool = False, pad: int = 0) -> Gradients:
    """Return the gradient that a setup's rule follows.

    Parameters
    ----------
    reference : Reference
        Of the setup.
    forward : ForwardPass
        With its recording.
    per_trial : bool
        Whether to return each trial's gradient too.
    pad : int
        As of `Reference.gradients`.

    Returns
    -------
    Gradients
        Of the rule's kind.

    Raises
    ------
    GradientError
        Where the network has no such gradient, or something disagrees with the recording.
    """
    rule = reference.setup.rule
    if rule.is_exact_gradient:
        reset = EXACT_GRADIENTS[rule.gradient]
        return reference.gradients(forward, reset, per_trial, pad=pad, direction=rule.direction)
    if rule.gradient == EXACT_TIMES:
        network, why = reference.exact_time
        if network is None:
            raise GradientError(why)
        made = network.run(
            forward.weights, forward.trials, gradient=True, per_trial=per_trial, least_rise=rule.least_rise
        )
        return Gradients(made.gradient, made.gradients, made.loss, 0)
    if not rule.follows_reference:
        raise GradientError(f"Rule '{rule.name}' follows no gradient of the reference.")
    return reference.spike_time_gradients(forward, per_trial)


def unable_to_follow(reference: Reference) -> str:
    """Return why a network has none of the gradients by the times of spikes that its rule follows; empty where it has.

    Parameters
    ----------
    reference : Reference
        Of a setup whose rule follows one.
    """
    return (reference.exact_time if reference.setup.rule.gradient == EXACT_TIMES else reference.adjoint_of_times)[1]
