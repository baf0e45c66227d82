"""Surrogate derivatives of the spike by the drive (the membrane potential less the threshold), per time step."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from workbench.common.errors import ModelError, nearest
from workbench.common.plain_numbers import finite_number
from workbench.declare.expressions import refuse_misread
from workbench.declare.field_types import declared
from workbench.declare.parameter import replaced


@declared(ModelError, "Surrogate")
@dataclass(frozen=True, kw_only=True)
class Surrogate:
    """A bump around the threshold that stands for the derivative of the step function.

    Attributes
    ----------
    name : str
        What study files call it.
    doc : str
        What it is, in a sentence.
    derivative : str
        An expression in `drive` and the parameters.
    primitive : str
        A smooth function of the same names whose derivative it is; the tests put it in the place of the threshold.
    parameters : tuple of (str, float)
        Numbers above 0 that both read.
    height : str
        The parameter that the derivative is in proportion to, which a network with `scale_surrogate` multiplies; empty
        where there is none.
    doi : str
        Where it was used first for spiking networks.
    """

    name: str
    doc: str = ""
    derivative: str
    primitive: str
    parameters: tuple[tuple[str, float], ...] = ()
    height: str = ""
    doi: str = ""

    def __post_init__(self) -> None:
        owner = f"Surrogate '{self.name}'"
        known = dict(self.parameters)
        for name, value in self.parameters:
            if not finite_number(value, f"{owner}: '{name}'", ModelError) > 0:
                raise ModelError(f"{owner}: '{name}' must be above 0, not {value:g}.")
        if "drive" in known:
            raise ModelError(f"{owner}: 'drive' is what it is a derivative by. Give the parameter another name.")
        if self.height and self.height not in known:
            raise ModelError(
                f"{owner}: `height` is '{self.height}', which is no parameter. {nearest(self.height, known)}"
            )
        for field in ("derivative", "primitive"):
            refuse_misread(getattr(self, field), ("drive", *known), f"{owner}, `{field}`", ModelError)

    def refuse_scale(self, scaled: bool) -> None:
        """Refuse to be multiplied without a height.

        Parameters
        ----------
        scaled : bool
            Whether a network wants it to be.

        Raises
        ------
        ModelError
            Where that cannot be.
        """
        if scaled and not self.height:
            raise ModelError(f"Surrogate '{self.name}' has no `height` that `scale_surrogate` could multiply. Drop it.")

    def with_parameters(self, values: Mapping[str, float]) -> "Surrogate":
        """Return the same surrogate with some of its numbers replaced.

        Parameters
        ----------
        values : mapping of str to float
            By name; the other numbers stay as they are.

        Returns
        -------
        Surrogate
            With the same texts.

        Raises
        ------
        ModelError
            Where a name is not one of its parameters, or a value is not above 0.
        """
        return replace(self, parameters=replaced(self.parameters, values, f"Surrogate '{self.name}'", ModelError))


FAST_SIGMOID = Surrogate(
    name="fast_sigmoid",
    doc="The derivative of a fast sigmoid: a peak with long tails.",
    derivative="gamma / (1 + beta * abs(drive))**2",
    primitive="0.5 + gamma * drive / (1 + beta * abs(drive))",
    parameters=(("gamma", 1.0), ("beta", 5.0)),
    height="gamma",
    doi="10.1162/neco_a_01086",
)

BOXCAR = Surrogate(
    name="boxcar",
    doc="The same within a distance of the threshold, and 0 beyond.",
    derivative="gamma * int(abs(drive) < 0.5 / beta)",
    primitive="0.5 + gamma * clip(drive, -0.5 / beta, 0.5 / beta)",
    parameters=(("gamma", 1.0), ("beta", 1.0)),
    height="gamma",
    doi="10.3389/fnins.2017.00324",
)

PIECEWISE_LINEAR = Surrogate(
    name="piecewise_linear",
    doc="A triangle about the threshold, and 0 beyond.",
    derivative="gamma * clip(1 - beta * abs(drive), 0, 1)",
    primitive="0.5 + gamma * clip(drive, -1 / beta, 1 / beta) * (1 - clip(abs(beta * drive), 0, 1) / 2)",
    parameters=(("gamma", 0.3), ("beta", 1.0)),
    height="gamma",
    doi="10.1038/s41467-020-17236-y",
)

EXPONENTIAL = Surrogate(
    name="exponential",
    doc="Falls exponentially to both sides of the threshold.",
    derivative="gamma * exp(-beta * abs(drive))",
    primitive="0.5 + gamma / beta * sign(drive) * (1 - exp(-beta * abs(drive)))",
    parameters=(("gamma", 1.0), ("beta", 3.0)),
    height="gamma",
    doi="10.48550/arXiv.1810.08646",
)

ARCTAN = Surrogate(
    name="arctan",
    doc="The derivative of an arc tangent: a Lorentzian about the threshold.",
    derivative="gamma / (1 + (beta * drive)**2)",
    primitive="0.5 + gamma / beta * arctan(beta * drive)",
    parameters=(("gamma", 1.0), ("beta", 3.0)),
    height="gamma",
    doi="10.1109/ICCV48922.2021.00266",
)

SIGMOID = Surrogate(
    name="sigmoid",
    doc="The derivative of a sigmoid s, 4 s (1 - s): a peak with exponential tails.",
    derivative="4 * gamma * exp(-beta * abs(drive)) / (1 + exp(-beta * abs(drive)))**2",
    primitive="0.5 + 4 * gamma / beta * sign(drive) * (1 / (1 + exp(-beta * abs(drive))) - 0.5)",
    parameters=(("gamma", 1.0), ("beta", 5.0)),
    height="gamma",
    doi="10.1162/neco_a_01367",
)

TRUNCATED_QUADRATIC = Surrogate(
    name="truncated_quadratic",
    doc="Rises in proportion from a distance below the threshold on, and on above it: the slope of half a parabola.",
    derivative="gamma * (1 + beta * drive) * int(1 + beta * drive > 0)",
    primitive="gamma / (2 * beta) * (1 + beta * drive)**2 * int(1 + beta * drive > 0)",
    parameters=(("gamma", 1.0), ("beta", 1.0)),
    height="gamma",
    doi="10.1007/978-3-642-21735-7_8",
)

STRAIGHT_THROUGH = Surrogate(
    name="straight_through",
    doc="The same everywhere, as if a spike were the drive itself.",
    derivative="gamma",
    primitive="0.5 + gamma * drive",
    parameters=(("gamma", 1.0),),
    height="gamma",
    doi="10.48550/arXiv.1308.3432",
)
