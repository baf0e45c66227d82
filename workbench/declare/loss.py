"""Losses of a readout, as expressions: evaluated by Brian2 at each step and differentiated by the reference."""

from dataclasses import dataclass

from workbench.common.errors import ModelError
from workbench.declare.expressions import refuse_misread
from workbench.declare.field_types import declared
from workbench.declare.options import Targets


@declared(ModelError, "Loss")
@dataclass(frozen=True, kw_only=True)
class Loss:
    """A loss `l(y, target)` of one step, summed over the outputs.

    The loss of a trial is its mean over the window, that of a batch the mean over trials; it has no dimension. With
    y_k(n) the output k at step n, K trials and W steps in the window,

        L = 1 / (K W) sum over trials, steps n of the window and outputs k of value(y_k(n), target_k(n)).

    Attributes
    ----------
    name : str
        What study files call it.
    doc : str
        What it is, in a sentence.
    value : str
        The contribution of one output, in `y`, `target`, `share`, `total` and `greatest`.
    error : str
        Its derivative by `y`; a test holds it to the gradient of `value`.
    share : str
        An expression in `y` that is read as `share`, and whose sum over the outputs as `total`; empty where not needed.
        It may read `greatest`, the largest `y` of all outputs, on which neither the loss nor its derivative depends.
    cancels : bool
        Whether the errors of all outputs always add up to 0, for targets that add up to 1.
    of_classes : bool
        Whether `error` is the derivative of `value` for targets alone that add up to 1, as those of classes do.
    doi : str
        Of the paper that it is from; empty of what is common property.
    """

    name: str
    doc: str = ""
    value: str
    error: str
    share: str = ""
    cancels: bool = False
    of_classes: bool = False
    doi: str = ""

    def __post_init__(self) -> None:
        where = f"Loss '{self.name}'"
        totals = ("share", "total", "greatest") if self.share else ()
        for field in ("value", "error"):
            refuse_misread(getattr(self, field), ("y", "target", *totals), f"{where}, `{field}`", ModelError)
        if self.share:
            refuse_misread(self.share, ("y", "greatest"), f"{where}, `share`", ModelError)

    def refuses(self, targets: Targets) -> str:
        """Return why the loss cannot be that of a task.

        Parameters
        ----------
        targets : {"trial", "step", "spikes"}
            What the task wants of the outputs.

        Returns
        -------
        str
            What to do instead; empty where it can.
        """
        if not self.of_classes or targets == "trial":
            return ""
        return f"Loss '{self.name}' is of classes, and the task has none. Set network.loss = \"squared_error\"."


CROSS_ENTROPY = Loss(
    name="cross_entropy",
    doc="The negative logarithm of the share that a softmax gives the wanted class, in each step.",
    # The exponential of large outputs is no finite number; that of their distances from the largest is.
    share="exp(y - greatest)",
    value="target * (log(total) + greatest - y)",
    error="share / total - target",
    cancels=True,
    of_classes=True,
)

#: As Wunderlich and Pehle 2021 have it for Yin-Yang, where the output is the time of a
#: first spike, negative and in units of their 0.5 ms: their 6.4 ms are 12.8 of these.
FIRST_SPIKE_CROSS_ENTROPY = Loss(
    name="first_spike_cross_entropy",
    doc="Cross-entropy of the times of first spikes, with a term that draws the wanted one to be early.",
    share="exp(y - greatest)",
    value="target * (log(total) + greatest - y + 0.003 * (exp(-y / 12.8) - 1))",
    error="share / total - target - target * 0.003 / 12.8 * exp(-y / 12.8)",
    of_classes=True,
    doi="10.1038/s41598-021-91786-z",
)

#: As Mostafa 2018 has it, whose softmax is of exp(time), negative.
EXPONENTIAL_TIME_CROSS_ENTROPY = Loss(
    name="exponential_time_cross_entropy",
    doc="Cross-entropy of the exponentials of the times of first spikes, negative.",
    share="exp(exp(-greatest) - exp(-y))",
    value="target * (log(total) + exp(-y) - exp(-greatest))",
    error="(share / total - target) * exp(-y)",
    of_classes=True,
    doi="10.1109/TNNLS.2017.2726060",
)

SQUARED_ERROR = Loss(
    name="squared_error",
    doc="Half the square of the distance between output and target.",
    value="0.5 * (y - target)**2",
    error="y - target",
)
