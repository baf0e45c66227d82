"""RTRL: real-time recurrent learning, the exact gradient carried along in time.

g is computed by the reference: the derivative of every neuron's state by every weight is taken along from step to step.

    reset    differentiated: the gradient flows through the reset as well; constant: the reset is a recorded constant

Cost: a number for each neuron and each weight, O(N^3), whatever the length of the trial. It is online, exact and the
opposite of local; it stands here so that its cost can be seen beside that of rules which leave parts of it out.

Williams and Zipser (1989), doi:10.1162/neco.1989.1.2.270.
"""

from collections.abc import Iterator

from workbench import Parameter, Rule, hookimpl

RTRL = Rule(
    name="rtrl",
    title="RTRL",
    doi="10.1162/neco.1989.1.2.270",
    engine="rtrl",
    parameters=(
        Parameter(
            name="reset",
            default="differentiated",
            choices=("differentiated", "constant"),
            doc="What the gradient does at a reset.",
        ),
    ),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield RTRL."""
    yield RTRL
