"""How a trial is run in JAX: whose spikes, what gradients see of a reset, and which way they are taken."""

from dataclasses import dataclass
from typing import Literal

from workbench.declare.options import Precision
from workbench.declare.references import Reset

Spike = Literal["given", "own", "smooth"]
Direction = Literal["reverse", "forward"]

#: How close to threshold a decision may differ from the recorded one, by floating-point type.
TOLERANCE: dict[Precision, float] = {"float64": 1e-9, "float32": 1e-4}


@dataclass(frozen=True)
class Mode:
    """How spikes and resets are treated.

    Attributes
    ----------
    spike : {"given", "own", "smooth"}
        Spikes as recorded, as decided here, or a smooth function in their place (to test gradients).
    reset : {"constant", "differentiated"}
        Whether gradients see the reset's displacement as a constant or go through it.
    block : int
        Steps from one state that is kept for the gradient to the next; see `scan_in_blocks`.
    tolerance : float
        How close to threshold a decision may differ from the recorded one.
    direction : {"reverse", "forward"}
        Whether gradients are taken back through the trial, or carried along with the state.
    """

    spike: Spike = "given"
    reset: Reset = "differentiated"
    block: int = 0
    tolerance: float = TOLERANCE["float64"]
    direction: Direction = "reverse"
