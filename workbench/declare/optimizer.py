"""Optimizers of the host, as statements that run in each plastic synapse after each batch.

They read `gradient` (the rule's estimate of the batch's mean gradient, no dimension) and `n_updates` (1 at the first
update), keep state per synapse and set `step`; the host then does ``w = w - learning_rate * step``.
"""

from dataclasses import dataclass, replace

from workbench.common.errors import StudyError
from workbench.common.plain_numbers import finite_number
from workbench.declare.expressions import refuse_misreading
from workbench.declare.field_types import declared
from workbench.declare.parameter import replaced


@declared(StudyError, "Optimizer")
@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """How a gradient estimate becomes a step of the weight.

    With g summed over the B trials of a batch, and a loss window that lasts D [second],

        gradient = g / (D B),    w <- w - learning_rate step(gradient).

    Attributes
    ----------
    name : str
        What study files call it.
    doc : str
        What it is, in a sentence.
    code : str
        Statements, one a line, the last of which sets `step`.
    state : tuple of str
        Variables kept per synapse, zero at the start.
    parameters : tuple of (str, float)
        Numbers read by `code`.
    doi : str
        Of the paper that defines it.
    """

    name: str
    doc: str = ""
    code: str
    state: tuple[str, ...] = ()
    parameters: tuple[tuple[str, float], ...] = ()
    doi: str = ""

    def __post_init__(self) -> None:
        for name, value in self.parameters:
            if not 0 <= finite_number(value, f"Optimizer '{self.name}': '{name}'", StudyError) < 1:
                raise StudyError(f"Optimizer '{self.name}': '{name}' must be from 0 to below 1, not {value:g}.")
        known = ("gradient", "n_updates", *self.state, *dict(self.parameters))
        written = refuse_misreading(self.code, known, f"Optimizer '{self.name}', `code`", StudyError)
        for name in ("step", *self.state):
            if name not in written:
                raise StudyError(f"Optimizer '{self.name}': `code` never sets '{name}'. Add '{name} = ...'.")
        for name in written & {"gradient", "n_updates", *dict(self.parameters)}:
            raise StudyError(f"Optimizer '{self.name}': `code` sets '{name}', which it may only read.")

    def with_parameters(self, values: dict[str, float]) -> "Optimizer":
        """Return the same optimizer with some of its numbers replaced.

        Parameters
        ----------
        values : dict of str to float
            By name.

        Returns
        -------
        Optimizer
            Whose other numbers are as they were.

        Raises
        ------
        StudyError
            Where a name is not one of its parameters, or a value is not from 0 to below 1.
        """
        return replace(self, parameters=replaced(self.parameters, values, f"Optimizer '{self.name}'", StudyError))


SGD = Optimizer(name="sgd", doc="The gradient itself.", code="step = gradient")

RMS = Optimizer(
    name="rms",
    doc="The gradient over the root of the running mean of its square.",
    code="""square = decay * square + (1 - decay) * gradient**2
step = gradient / (sqrt(square) + epsilon)""",
    state=("square",),
    parameters=(("decay", 0.99), ("epsilon", 1e-8)),
)

RMAXPROP = Optimizer(
    name="rmaxprop",
    doc="The gradient over the root of the largest of its squares, which fades.",
    code="""faded = decay * largest
largest = faded + int(gradient**2 > faded) * (gradient**2 - faded)
step = gradient / (sqrt(largest) + epsilon)""",
    state=("largest",),
    parameters=(("decay", 0.983), ("epsilon", 1e-8)),
    doi="10.1162/neco_a_01086",
)

ADAM = Optimizer(
    name="adam",
    doc="The running mean of the gradient over the root of that of its square, both freed of their start at 0.",
    code="""mean = beta1 * mean + (1 - beta1) * gradient
square = beta2 * square + (1 - beta2) * gradient**2
step = mean / (1 - beta1**n_updates) / (sqrt(square / (1 - beta2**n_updates)) + epsilon)""",
    state=("mean", "square"),
    parameters=(("beta1", 0.9), ("beta2", 0.999), ("epsilon", 1e-8)),
    doi="10.48550/arXiv.1412.6980",
)
