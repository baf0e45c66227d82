"""Whether an estimate points along the gradient where a rule says that it estimates it."""

import numpy as np

from workbench.declare.feedback import FEEDBACK
from workbench.engine.presentation import Plan
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.testing.case import random_case
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject, refuse_dead

#: By which nobody could doubt it, with any rule that the workbench has; and how many standard errors are no chance.
TRIALS, LEAST = 400, 4.0


def points_downhill(subject: Subject) -> str:
    """See that what claims to be like the gradient points along it, in one hidden layer by symmetric feedback."""
    rule = subject.rule
    subject.refuse_other_engines()
    if rule.claims.estimates != "gradient":
        raise DoesNotApplyError("it does not say that it estimates the gradient")
    if any(claim.covers(subject.neuron.name, subject.readout.name) for claim in rule.claims.exact_for):
        raise DoesNotApplyError("it says that it is the gradient, and is held to that")
    if FEEDBACK[rule.default_feedback].carries == "excess":
        raise DoesNotApplyError("what one scalar tells about many weights is seen in more trials than a check has")
    if "symmetric" not in rule.feedback_choices():
        raise DoesNotApplyError("it takes no symmetric feedback, and any other may point anywhere")
    case = random_case(subject.setup("symmetric", depth=1), count=TRIALS)
    recording = case.record()
    refuse_dead(recording)
    # A rule that changes what the network does is held to the gradient of what that would do by itself.
    seen = case.simulator().run(case.state, case.trials, Plan())[0] if rule.intervenes else recording
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, seen)
    exact = reference(case.setup).gradients(forward, reset="constant", per_trial=True)
    (layer,) = case.setup.network.layers[:-1]
    along = np.einsum("kij,kij->k", recording.gradient[layer], exact.trials[layer])
    sure = float(along.mean() / (along.std(ddof=1) / np.sqrt(len(along))))
    if not sure > LEAST:
        raise FailedError(
            f"Over {TRIALS} trials the estimate does not point along the gradient: its mean product with it is "
            f"{sure:.1f} standard errors above 0, where {LEAST:.0f} are needed."
        )
    return f"mean product with the gradient {sure:.0f} standard errors above 0 over {TRIALS} trials"
