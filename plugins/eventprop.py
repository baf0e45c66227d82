"""EventProp: the gradient by the times of spikes, which needs no surrogate derivative.

g is computed by the reference, back through the trial. Where the drive of a neuron is a little lower, its spike comes
later by that divided by the speed at which the drive rises, and so does all that it does. No spike comes or goes.

    times    recorded: of the spikes that Brian2 made, to the order of a step; exact: of the same network in continuous
             time, where thresholds are crossed, which is the true gradient of that network's loss

Cost: the state of all neurons at all steps, O(N T); in continuous time at all spikes.

Wunderlich and Pehle (2021), doi:10.1038/s41598-021-91786-z.
"""

from collections.abc import Iterator

from workbench import Parameter, Rule, hookimpl

EVENTPROP = Rule(
    name="eventprop",
    title="EventProp",
    doi="10.1038/s41598-021-91786-z",
    engine="eventprop",
    parameters=(
        Parameter(
            name="times",
            default="recorded",
            choices=("recorded", "exact"),
            doc="Of the spikes that Brian2 made, or of the crossings of thresholds in continuous time.",
        ),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield EventProp."""
    yield EVENTPROP
