"""Surrogate derivatives of the spike by the drive (the membrane potential less the threshold), per time step."""

from dataclasses import dataclass

from workbench.common.errors import ModelError
from workbench.common.plain_numbers import finite_number
from workbench.declare.expressions import refuse_misread
from workbench.declare.field_types import declared


@declared(ModelError, "Surrogate")
@dataclass(frozen=True, kw_only=True)
class Surrogate:
    """A bump around the threshold that stands for the derivative of the step function.

    Attributes
    ----------
    name : str
        What study files call it.
    derivative : str
        In `drive`, `gamma` (height) and `beta` (steepness).
    primitive : str
        A smooth function of the same names whose derivative it is; the tests put it in the place of the threshold.
    gamma, beta : float
        Height at threshold; inverse width.
    doi : str
        Where it was used first for spiking networks.
    """

    name: str
    derivative: str
    primitive: str
    gamma: float = 1.0
    beta: float = 1.0
    doi: str = ""

    def __post_init__(self) -> None:
        for name in ("gamma", "beta"):
            value = finite_number(getattr(self, name), f"Surrogate '{self.name}': '{name}'", ModelError)
            if not value > 0:
                raise ModelError(f"Surrogate '{self.name}': '{name}' must be above 0, not {value:g}.")
        for field in ("derivative", "primitive"):
            where = f"Surrogate '{self.name}', `{field}`"
            refuse_misread(getattr(self, field), ("drive", "gamma", "beta"), where, ModelError)


FAST_SIGMOID = Surrogate(
    name="fast_sigmoid",
    derivative="gamma / (1 + beta * abs(drive))**2",
    primitive="0.5 + gamma * drive / (1 + beta * abs(drive))",
    gamma=1.0,
    beta=5.0,
    doi="10.1162/neco_a_01086",
)

BOXCAR = Surrogate(
    name="boxcar",
    derivative="gamma * int(abs(drive) < 0.5 / beta)",
    primitive="0.5 + gamma * clip(drive, -0.5 / beta, 0.5 / beta)",
    doi="10.3389/fnins.2017.00324",
)

PIECEWISE_LINEAR = Surrogate(
    name="piecewise_linear",
    derivative="gamma * clip(1 - beta * abs(drive), 0, 1)",
    primitive="0.5 + gamma * clip(drive, -1 / beta, 1 / beta) * (1 - clip(abs(beta * drive), 0, 1) / 2)",
    gamma=0.3,
    doi="10.1038/s41467-020-17236-y",
)

EXPONENTIAL = Surrogate(
    name="exponential",
    derivative="gamma * exp(-beta * abs(drive))",
    primitive="0.5 + gamma / beta * sign(drive) * (1 - exp(-beta * abs(drive)))",
    beta=3.0,
    doi="10.48550/arXiv.1810.08646",
)

ARCTAN = Surrogate(
    name="arctan",
    derivative="gamma / (1 + (beta * drive)**2)",
    primitive="0.5 + gamma / beta * arctan(beta * drive)",
    beta=3.0,
    doi="10.1109/ICCV48922.2021.00266",
)
