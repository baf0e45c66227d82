"""Whether the reference did what Brian2 did."""

from typing import Any

import numpy as np

from workbench.common.errors import GradientError
from workbench.declare.options import Precision
from workbench.declare.recording import Recording
from workbench.reference.mode import TOLERANCE

#: Relative deviation of loss and readout from Brian2's beyond which no gradient is shown.
AGREEMENT: dict[Precision, float] = {"float64": 1e-9, "float32": 1e-4}

#: What deviations are relative to at least. A loss near 0 is a difference of larger numbers: its last digits are
#: rounding.
SCALE: dict[Precision, float] = {"float64": 1e-6, "float32": 1e-2}


def refuse_disagreement(told: dict[str, Any], recording: Recording, loss: str, precision: Precision) -> None:
    """Refuse a gradient whose forward pass is not the one that Brian2 made.

    Parameters
    ----------
    told : dict
        What `Trial.run` returns, with a first axis of trials.
    recording : Recording
        Of as many trials or fewer; further ones are padding.
    loss : str
        Of which readout.
    precision : {"float64", "float32"}
        The coarser of Brian2's and the reference's.

    Raises
    ------
    GradientError
        Where a decision, loss or readout disagrees with the recording.
    """
    count = len(recording)
    wrong = told["wrong"][:count]
    if wrong.any():
        raise GradientError(
            f"In {int((wrong > 0).sum())} of {count} trials the reference decides otherwise than the recorded raster, "
            f"farther than {TOLERANCE[precision]:g} from threshold. The gradient would not be that of the network that "
            "ran."
        )
    recorded = recording.loss if loss == "readout" else recording.local_loss[loss.removesuffix("_readout")]
    for what, mine, theirs in (
        ("loss", told["loss"][loss][:count], recorded),
        ("readout", told["output"][:count], recording.output),
    ):
        scale = max(float(np.abs(theirs).max()), SCALE[precision])
        deviation = float(np.abs(mine - theirs).max()) / scale
        if not deviation < AGREEMENT[precision]:
            raise GradientError(
                f"The reference's {what} deviates from Brian2's by {deviation:.1e} (relative), "
                f"but {AGREEMENT[precision]:g} is allowed."
            )
