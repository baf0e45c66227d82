"""A study file: what it may say."""

from pathlib import Path
from typing import Annotated

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    PrivateAttr,
)

from workbench.declare.options import Form, Precision, Target

Value = str | int | float
Values = tuple[tuple[str, Value], ...]


def _tuple(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value


def _pairs(value: object) -> object:
    return tuple(sorted(value.items())) if isinstance(value, dict) else _tuple(value)


def _different(values: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(values)) < len(values):
        raise ValueError("repeated")
    return values


def _enough(value: int) -> int:
    # The loss of few spiking trials changes in jumps.
    if 0 < value < 512:
        raise ValueError("too few")
    return value


#: Parameters by name: pairs, so that they can be hashed; a table in TOML and JSON.
Parameters = Annotated[Values, BeforeValidator(_pairs), PlainSerializer(dict, when_used="json")]
_TABLE = Field(default=(), description="a table of numbers and quantities such as '20 ms'")
_Size = Annotated[int, Field(ge=1, le=1_000_000)]
_Seed = Annotated[int, Field(ge=0, lt=2**63)]
_Name = Annotated[str, Field(max_length=200)]
#: Of epochs and trials: far beyond what is ever done, and within the numbers of a machine.
_MOST = 1_000_000_000
#: Of weights: beyond, float32 has no digit left for what is learned.
_HEAVIEST = 1e9


class Section(BaseModel):
    """A table of a study file. The description of each key says what it must be; the error messages repeat it."""

    model_config = ConfigDict(strict=True, extra="forbid", frozen=True, allow_inf_nan=False)


class WeightsSection(Section):
    """Initial weights and fixed feedback: each mean is divided by the fan-in, each deviation by its square root."""

    hidden_mean: float = Field(default=0.0, ge=-_HEAVIEST, le=_HEAVIEST, description="a number from -1e9 to 1e9")
    hidden_std: float = Field(default=9.0, ge=0, le=_HEAVIEST, description="a number from 0 to 1e9")
    recurrent_mean: float = Field(default=0.0, ge=-_HEAVIEST, le=_HEAVIEST, description="a number from -1e9 to 1e9")
    recurrent_std: float = Field(default=1.0, ge=0, le=_HEAVIEST, description="a number from 0 to 1e9")
    readout_mean: float = Field(default=0.0, ge=-_HEAVIEST, le=_HEAVIEST, description="a number from -1e9 to 1e9")
    readout_std: float = Field(default=1.0, ge=0, le=_HEAVIEST, description="a number from 0 to 1e9")
    feedback_std: float = Field(default=1.0, ge=0, le=_HEAVIEST, description="a number from 0 to 1e9")


class NetworkSection(Section):
    """The network between a task's inputs and outputs."""

    hidden: Annotated[tuple[_Size, ...], BeforeValidator(_tuple)] = Field(
        default=(60, 60),
        max_length=100,
        description="a list of at most 100 layer sizes, whole numbers from 1 to 10**6",
    )
    recurrent: bool = Field(default=False, description="true or false: whether each hidden layer reaches itself")
    delays: Parameters = Field(default=(), description="a table of weights and times such as '2 ms'")
    neuron: _Name = Field(default="lif", description="the name of a neuron model")
    neuron_parameters: Parameters = _TABLE
    readout: _Name = Field(default="leaky_integrator", description="the name of a neuron model")
    readout_parameters: Parameters = _TABLE
    surrogate: _Name = Field(default="fast_sigmoid", description="the name of a surrogate")
    surrogate_parameters: Parameters = _TABLE
    scale_surrogate: bool = Field(default=False, description="true or false: whether to multiply it by dt/(1 ms)")
    loss: _Name = Field(default="cross_entropy", description="the name of a loss")
    weights: WeightsSection = Field(default=WeightsSection(), description="a table")


class TrainSection(Section):
    """How the weights are updated."""

    epochs: int = Field(default=10, ge=1, le=_MOST, description="a whole number from 1 to 10**9")
    batch: int = Field(default=32, ge=1, le=_MOST, description="a whole number of trials from 1 to 10**9")
    optimizer: _Name = Field(default="adam", description="the name of an optimizer")
    optimizer_parameters: Parameters = _TABLE
    learning_rate: float = Field(default=0.005, gt=0, description="a number above 0")
    learning_rate_decay: float = Field(
        default=1.0, gt=0, le=10, description="a number above 0 and up to 10, the factor per epoch"
    )
    feedback_decay: float = Field(
        default=0.001, ge=0, lt=1, description="a number from 0 to below 1: what learned feedback loses at an update"
    )
    chunk: int = Field(default=1024, ge=1, le=_MOST, description="a whole number of trials from 1 to 10**9")


class MeasureSection(Section):
    """What is looked at along the way."""

    probe: int = Field(default=128, ge=0, le=_MOST, description="a whole number of trials from 0 to 10**9")
    passive: bool = Field(
        default=False,
        description="true or false: whether each run asks the study's other rules, too, what they would do",
    )
    descent: Annotated[int, AfterValidator(_enough)] = Field(
        default=0, ge=0, le=_MOST, description="0, or a whole number of training trials from 512 to 10**9"
    )
    evaluate_every: int = Field(default=1, ge=1, le=_MOST, description="a whole number of epochs from 1 to 10**9")


class TaskSection(Section):
    """A task of the grid, with what it changes in `[network]` and `[train]`."""

    name: _Name = Field(description="the name of a task")
    parameters: Parameters = _TABLE
    network: NetworkSection = Field(default=NetworkSection(), description="a table")
    train: TrainSection = Field(default=TrainSection(), description="a table")


class RuleSection(Section):
    """A rule of the grid, with what it changes in `[train]`."""

    name: _Name = Field(description="the name of a rule")
    feedback: _Name = Field(default="", description="the name of a feedback pathway")
    parameters: Parameters = _TABLE
    train: TrainSection = Field(default=TrainSection(), description="a table")


class StudySpec(Section):
    """A study file, as written."""

    question: str = Field(min_length=1, max_length=2000, description="a sentence, the question that the study answers")
    seeds: Annotated[tuple[_Seed, ...], BeforeValidator(_tuple), AfterValidator(_different)] = Field(
        min_length=1,
        max_length=100_000,
        description="a list of 1 to 100000 whole numbers from 0 to below 2**63, all different",
    )
    network: NetworkSection = Field(default=NetworkSection(), description="a table")
    train: TrainSection = Field(default=TrainSection(), description="a table")
    measure: MeasureSection = Field(default=MeasureSection(), description="a table")
    target: Target = Field(default="cpp", description="'cpp' (compiled) or 'numpy' (without a compiler, slow)")
    form: Form = Field(
        default="events", description="'events' (synapses cost their spikes) or 'clock' (each is visited in each step)"
    )
    precision: Precision = Field(default="float64", description="'float64' or 'float32'")
    task: Annotated[tuple[TaskSection, ...], BeforeValidator(_tuple)] = Field(
        min_length=1, description="one or more tables [[task]]"
    )
    rule: Annotated[tuple[RuleSection, ...], BeforeValidator(_tuple)] = Field(
        min_length=1, description="one or more tables [[rule]]"
    )
    _path: Path = PrivateAttr(default=Path("study.toml"))

    @property
    def path(self) -> Path:
        """Where the study file is."""
        return self._path

    @property
    def name(self) -> str:
        """What the study is called: its file, or the folder of a `study.toml`."""
        return self._path.resolve().parent.name if self._path.name == "study.toml" else self._path.stem


class Other(Section):
    """A rule that is asked what it would do while another one trains."""

    rule: str
    feedback: str
    parameters: Parameters


class RunConfig(Section):
    """One run with every override resolved and every parameter filled in: hashable, and the same again from JSON."""

    study: str
    task: str
    task_parameters: Parameters
    rule: str
    feedback: str
    parameters: Parameters
    seed: int
    network: NetworkSection
    train: TrainSection
    measure: MeasureSection
    target: Target
    form: Form
    precision: Precision
    others: Annotated[tuple[Other, ...], BeforeValidator(_tuple)] = ()
