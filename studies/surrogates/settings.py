"""What the study of surrogate derivatives compares, and on which networks."""

import math

from workbench.declare.references import Reset
from workbench.declare.surrogate import ARCTAN, BOXCAR, EXPONENTIAL, FAST_SIGMOID, PIECEWISE_LINEAR, Surrogate

#: Shapes, each with its `beta` times the distance from threshold at which it has fallen to half of its height.
SHAPES: dict[str, tuple[Surrogate, float]] = {
    "boxcar": (BOXCAR, 0.5),
    "piecewise_linear": (PIECEWISE_LINEAR, 0.5),
    "fast_sigmoid": (FAST_SIGMOID, math.sqrt(2) - 1),
    "exponential": (EXPONENTIAL, math.log(2)),
    "arctan": (ARCTAN, 1.0),
}

#: Those distances, in units of the threshold: the three values of `beta` of each shape.
WIDTHS = (0.5, 0.15, 0.05)
RESETS: tuple[Reset, ...] = ("constant", "differentiated")
DEPTHS = (1, 2, 3)

HIDDEN, TRAIN, EPOCHS, BATCH = 60, 2000, 10, 32
#: Learning rates that each configuration may try, judged on the validation split by a seed that is not in the table.
RATES = (3e-3, 1e-2, 3e-2)
SEARCH_SEED, SEEDS = 100, (0, 1, 2)

#: Of the cosines: seeds, trials, and steps in place of one of 1 ms.
COSINE_SEEDS, PROBE, FINER = (0, 1, 2, 3, 4), 256, 4

#: Share of steps in which a neuron spikes, on average over a layer: beyond these bounds nothing is compared.
ALIVE = (0.002, 0.4)


def surrogate(shape: str, width: float) -> Surrogate:
    """Return a surrogate derivative of height 1 that has fallen to half of it at a distance from threshold."""
    base, at_half = SHAPES[shape]
    return base.with_parameters({"gamma": 1.0, "beta": at_half / width})
