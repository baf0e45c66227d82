"""BPTT: backpropagation through time, the exact gradient for the network's surrogate derivative.

g is computed by the reference, in reverse through all steps of the spikes that Brian2 recorded; it is neither local
nor online, and stands here as what the other rules are compared with.

    reset    differentiated: the gradient flows through the reset as well; constant: the reset is a recorded constant,
             which a rule of a name of its own has alone, so that tables and contrasts tell the two apart

Cost: the state of all neurons at all steps, O(N T).

For spiking networks: Neftci, Mostafa and Zenke (2019), doi:10.1109/MSP.2019.2931595.
"""

from collections.abc import Iterator
from dataclasses import replace

from workbench import Parameter, Rule, hookimpl

BPTT = Rule(
    name="bptt",
    title="BPTT",
    doi="10.1109/MSP.2019.2931595",
    engine="bptt",
    parameters=(
        Parameter(
            name="reset",
            default="differentiated",
            choices=("differentiated", "constant"),
            doc="What the gradient does at a reset.",
        ),
    ),
)

BPTT_RESET_CONSTANT = replace(
    BPTT,
    name="bptt_reset_constant",
    title="BPTT, reset constant",
    parameters=(replace(BPTT.parameters[0], default="constant", choices=("constant",)),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield both."""
    yield BPTT
    yield BPTT_RESET_CONSTANT
