"""What counts as an answer: how a readout's outputs over a trial become the score of each class."""

from dataclasses import dataclass

from workbench.common.errors import ModelError
from workbench.common.plain_numbers import finite_number
from workbench.declare.expressions import refuse_misreading
from workbench.declare.field_types import declared
from workbench.declare.neuron import NeuronModel
from workbench.text.syntax import identifiers, statements


@declared(ModelError, "Decision")
@dataclass(frozen=True, kw_only=True)
class Decision:
    """How the outputs of a trial are decided on: the class of the output with the greatest score.

    Attributes
    ----------
    name : str
        What study files call it.
    doc : str
        What it is, in a sentence.
    code : str
        Statements that set `score`, an output's, in each step of the loss's window. They read `y`, the output, and of
        outputs that spike `spiked`, 1 in the step of a spike; and `elapsed`, the share of the trial that is over. Empty
        where the score is the mean of the output over the window.
    start : float
        The score at the start of a trial.
    assigns : bool
        Whether the readout is not asked: neurons of the last layer below it stand each for the class to whose training
        trials it responds most, and the class is that whose neurons respond most.
    doi : str
        Of the paper that it is from; empty of what is common property.
    """

    name: str
    doc: str = ""
    code: str = ""
    start: float = 0.0
    assigns: bool = False
    doi: str = ""

    def __post_init__(self) -> None:
        where = f"Decision '{self.name}'"
        finite_number(self.start, f"{where}: `start`", ModelError)
        written = refuse_misreading(self.code, ("y", "spiked", "elapsed", "score"), f"{where}, `code`", ModelError)
        if self.code and self.assigns:
            raise ModelError(f"{where}: where neurons stand for classes, `code` of the readout is not asked. Drop one.")
        if self.code and "score" not in written:
            raise ModelError(f"{where}: `code` never sets 'score'. Add 'score = ...'.")
        for name in written & {"y", "spiked", "elapsed"}:
            raise ModelError(f"{where}: `code` sets '{name}', which it may only read.")

    def reads(self, name: str) -> bool:
        """Return whether its statements read a name.

        Parameters
        ----------
        name : str
            Such as ``spiked``.

        Returns
        -------
        bool
            Whether any of them does.
        """
        return any(name in identifiers(text) for _, text in statements(self.code))

    def refuses(self, readout: NeuronModel) -> str:
        """Return why it cannot be that of a readout.

        Parameters
        ----------
        readout : NeuronModel
            Whose outputs are decided on.

        Returns
        -------
        str
            What it needs, and what to do; empty where it can.
        """
        if readout.spiking or not self.reads("spiked"):
            return ""
        return f"Decision '{self.name}' reads spikes, and readout '{readout.name}' has none. Name another."


MEAN = Decision(name="mean", doc="The output that is largest on average over the window.")

PEAK = Decision(
    name="peak",
    doc="The output that is largest at any step of the window.",
    code="score = int(y > score) * y + int(y <= score) * score",
    start=-1e30,
)

LAST = Decision(name="last", doc="The output that is largest in the last step of the window.", code="score = y")

MOST_SPIKES = Decision(
    name="most_spikes",
    doc="The output that spikes most often in the window; of several the first in order.",
    code="score = score + spiked",
)

#: As Diehl and Cook 2015 have it.
LABEL_ASSIGNMENT = Decision(
    name="label_assignment",
    doc="The class whose neurons below the readout respond most; each stands for that to which it responds most.",
    assigns=True,
    doi="10.3389/fncom.2015.00099",
)

FIRST_SPIKE = Decision(
    name="first_spike",
    doc="The output that spikes first in the window; of several the first in order, as where none spikes.",
    code="score = score + spiked * int(score == 0) * (2 - elapsed)",
)
