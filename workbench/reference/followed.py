"""The gradient that a rule follows where the reference computes it."""

from workbench.common.errors import GradientError
from workbench.declare.references import EXACT_GRADIENTS, EXACT_TIMES, SEPARATED, SPIKE_TRAINS
from workbench.reference.bptt import Reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.gradients import Gradients
from workbench.reference.lowered import swept


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
    if forward.recording is None:
        raise GradientError("A gradient is of what Brian2 did, and there is no recording. Record the trials first.")
    if rule.gradient == SPIKE_TRAINS:
        # It takes SciPy's filters, the import of which takes longer than a short run.
        from workbench.reference.spike_trains import spike_train_gradients

        return spike_train_gradients(reference, forward, per_trial)
    separated = rule.gradient == SEPARATED
    back, why = reference.adjoint_of_layers if separated else reference.adjoint_of_times
    if back is None:
        raise GradientError(f"There is no gradient for rule '{rule.name}' to follow: {why}.")
    return swept(reference, back, forward, "separated" if separated else "spike_times", per_trial)


def unable_to_follow(reference: Reference) -> str:
    """Return why a network has not the gradient that its rule follows; empty where it has.

    Parameters
    ----------
    reference : Reference
        Of a setup whose rule follows one that is none of BPTT's.
    """
    gradient = reference.setup.rule.gradient
    if gradient == EXACT_TIMES:
        return reference.exact_time[1]
    if gradient == SPIKE_TRAINS:
        from workbench.reference.spike_trains import unable_to_count

        return unable_to_count(reference)
    return (reference.adjoint_of_layers if gradient == SEPARATED else reference.adjoint_of_times)[1]
