"""When everything happens within a step: the one place that says so.

integrate -> threshold -> instantaneous readouts -> synapses -> learning -> resets. A spike of step n is in `I` after
the synapses of step n, and acts on `v` at n + 1; errors, surrogate derivatives and traces are read between the two.
"""

from typing import NamedTuple


class Slot(NamedTuple):
    """A place within a step.

    Attributes
    ----------
    when : str
        Brian2's scheduling slot.
    order : int
        Order within the slot.
    """

    when: str
    order: int


TICK = Slot("start", 0)
TRIAL_START = Slot("start", 1)
TARGET = Slot("start", 3)
TRANSPOSE = Slot("start", 2)
DRAW = Slot("start", 4)
INTEGRATE = Slot("groups", 0)
THRESHOLD = Slot("thresholds", 0)
DELAY = Slot("thresholds", 1)
SURROGATE = Slot("after_thresholds", 0)
NOT_SPIKED = Slot("after_thresholds", 1)
SPIKED = Slot("after_thresholds", 2)
CLEAR_POOL = Slot("before_synapses", 0)
CLEAR_LOCAL_READOUT = Slot("before_synapses", 0)
LOCAL_READOUT = Slot("before_synapses", 1)
TRANSMIT = Slot("synapses", -1)
PROPAGATE = Slot("synapses", 0)
ARRIVE = Slot("synapses", 1)
TRACE = Slot("synapses", 2)
REMEMBER = Slot("synapses", 3)
#: The learning slot is `after_synapses`, in this order.
GREATEST = Slot("after_synapses", -1)
SHARE = Slot("after_synapses", 0)
TOTAL = Slot("after_synapses", 1)
ERROR = Slot("after_synapses", 2)
ANSWER = Slot("after_synapses", 3)
REWARD = Slot("after_synapses", 4)
OUTPUT_STEP = Slot("after_synapses", 5)
_FEEDBACK = 10
_PAIR_SUM = 900
SUM = Slot("after_synapses", 996)
ADVANCE = Slot("after_synapses", 997)
GIVE = Slot("after_synapses", 998)
ROWS = Slot("after_synapses", 999)
LEARN = Slot("after_synapses", 1000)
#: What feedback weights that learn by a rule sum up, once their own variables have changed, and what they make of it.
FEEDBACK_SUM = Slot("after_synapses", 1001)
FEEDBACK_LEARN = Slot("after_synapses", 1002)
RESET = Slot("resets", 0)
SWEEP = Slot("end", -1)
RECORD = Slot("end", 0)
UPDATE = Slot("end", 1)
_PROJECT = 2
FOLLOW = Slot("end", 1000)
KEEP = Slot("end", 1001)
TOCK = Slot("end", 1002)


def total_weight(number: int) -> Slot:
    """Return the slot in which a constraint adds up weights; `number` counts the constraints on them."""
    return Slot("end", _PROJECT + 2 * number)


def project(number: int) -> Slot:
    """Return the slot in which a constraint changes weights."""
    return Slot("end", _PROJECT + 2 * number + 1)


def feedback(distance: int) -> Slot:
    """Return the slot in which a layer gets its learning signal; `distance` counts layers down from the readout."""
    return Slot("after_synapses", _FEEDBACK + 5 * distance)


def layer_sum(distance: int, added: bool) -> Slot:
    """Return the slot in which a layer's neurons have what is summed over them, or that in which it is added up."""
    return Slot("after_synapses", _FEEDBACK + 5 * distance + (2 if added else 1))


def pair_sum(number: int) -> Slot:
    """Return the slot of a sum over pairs of presynaptic neurons; `number` counts those that it may read."""
    return Slot("after_synapses", _PAIR_SUM + number)


def post(distance: int) -> Slot:
    """Return the slot in which a layer's neurons learn from their signal."""
    return Slot("after_synapses", _FEEDBACK + 5 * distance + 3)


def relay(distance: int) -> Slot:
    """Return the slot in which a layer makes what it hands down."""
    return Slot("after_synapses", _FEEDBACK + 5 * distance + 4)
