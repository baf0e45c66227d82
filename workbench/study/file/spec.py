"""A study file: what it may say."""

from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr

from workbench.declare.options import Form, Precision, Target
from workbench.study.file.condition_sections import SweepSection, VariantSection
from workbench.study.file.contrast_section import ContrastSection
from workbench.study.file.published_section import PublishedSection
from workbench.study.file.search_section import RANGES, Ranges, SearchSection
from workbench.study.file.section import TABLE, Name, Parameters, Section, as_tuple
from workbench.study.file.sections import MeasureSection, NetworkSection, TrainSection

_Seed = Annotated[int, Field(ge=0, lt=2**63)]


def _different(values: tuple[int, ...]) -> tuple[int, ...]:
    if len(set(values)) < len(values):
        raise ValueError("repeated")
    return values


class TaskSection(Section):
    """A task of the grid, with what it changes in `[network]` and `[train]`.

    Attributes
    ----------
    name : str
        As the task's plugin calls it.
    parameters : pairs of str and value
        Parameters of the task that are other than by default.
    network : NetworkSection
        What is other than in the study's `[network]` for this task; tables of parameters are merged key by key.
    train : TrainSection
        What is other than in the study's `[train]` for this task.
    """

    name: Name = Field(description="the name of a task")
    parameters: Parameters = TABLE
    network: NetworkSection = Field(default=NetworkSection(), description="a table")
    train: TrainSection = Field(default=TrainSection(), description="a table")


class RuleSection(Section):
    """A rule of the grid, with what it changes in `[train]`.

    Attributes
    ----------
    name : str
        As the rule's plugin calls it.
    feedback : str
        How the learning signal reaches hidden layers; the rule's own pathway where it is not given.
    parameters : pairs of str and value
        Parameters of the rule, and of that of its feedback weights, that are other than by default.
    train : TrainSection
        What is other than in the study's and the task's `[train]` for this rule.
    variants : tuple of str
        The variants in which it is trained; all where none is given.
    search : table of ranges
        Parameters of the rule, and of that of its feedback weights, that the study's search draws too.
    """

    name: Name = Field(description="the name of a rule")
    feedback: Name = Field(default="", description="the name of a feedback pathway")
    parameters: Parameters = TABLE
    train: TrainSection = Field(default=TrainSection(), description="a table")
    variants: Annotated[tuple[Name, ...], BeforeValidator(as_tuple)] = Field(
        default=(), description="a list of names of variants"
    )
    search: Ranges = RANGES


class StageSection(Section):
    """A stage of each run, after that which [train] describes and those before it.

    Weights go on as they are; the optimizer begins anew, and the learning rate with the stage's own.

    Attributes
    ----------
    rule : str
        By which it trains; that of the run where it is not given.
    feedback : str
        Of that rule.
    parameters : pairs of str and value
        Of that rule.
    train : TrainSection
        What is other than in the run's training.
    """

    rule: Name = Field(default="", description="the name of a rule")
    feedback: Name = Field(default="", description="the name of a feedback pathway")
    parameters: Parameters = TABLE
    train: TrainSection = Field(default=TrainSection(), description="a table")


class StudySpec(Section):
    """A study file, as written.

    Attributes
    ----------
    question : str
        What the study is to find out.
    seeds : tuple of int
        Each task is trained with each rule from each of them.
    network : NetworkSection
        The network of all runs.
    train : TrainSection
        The training of all runs.
    measure : MeasureSection
        What is looked at along the way.
    target : {"cpp", "numpy"}
        What runs the network.
    form : {"events", "replay", "causal", "clock"}
        How synapses learn: from their events, at the end of a trial (``replay``) or at once (``causal``), whichever
        fits (``events``); or in each step, as rules are written (``clock``).
    precision : {"float64", "float32"}
        Of all variables.
    task : tuple of TaskSection
        The tasks of the grid.
    rule : tuple of RuleSection
        The rules of the grid; each is trained on each task.
    stage : tuple of StageSection
        What each run goes on with when it has been trained.
    variant : tuple of VariantSection
        Ways in which all of this is carried out.
    sweep : tuple of SweepSection
        Axes of keys that take one value after the other.
    contrast : tuple of ContrastSection
        The comparisons that the study is made for.
    published : tuple of PublishedSection
        Figures of the literature that the study is held to.
    search : SearchSection
        The search for settings before the study.
    plugins : tuple of str
        Files of plugins that are not installed, as seen from the study file.
    """

    question: str = Field(min_length=1, max_length=2000, description="a sentence, the question that the study answers")
    seeds: Annotated[tuple[_Seed, ...], BeforeValidator(as_tuple), AfterValidator(_different)] = Field(
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
    task: Annotated[tuple[TaskSection, ...], BeforeValidator(as_tuple)] = Field(
        min_length=1, description="one or more tables [[task]]"
    )
    rule: Annotated[tuple[RuleSection, ...], BeforeValidator(as_tuple)] = Field(
        min_length=1, description="one or more tables [[rule]]"
    )
    stage: Annotated[tuple[StageSection, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=100, description="tables [[stage]], at most 100"
    )
    variant: Annotated[tuple[VariantSection, ...], BeforeValidator(as_tuple)] = Field(
        default=(), description="tables [[variant]]"
    )
    sweep: Annotated[tuple[SweepSection, ...], BeforeValidator(as_tuple)] = Field(
        default=(), description="tables [[sweep]]"
    )
    contrast: Annotated[tuple[ContrastSection, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=1000, description="tables [[contrast]], at most 1000"
    )
    published: Annotated[tuple[PublishedSection, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=1000, description="tables [[published]], at most 1000"
    )
    search: SearchSection | None = Field(default=None, description="a table")
    plugins: Annotated[tuple[str, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=100, description="a list of at most 100 files such as 'my_rule.py'"
    )
    _path: Path = PrivateAttr(default=Path("study.toml"))
    _text: str = PrivateAttr(default="")

    @property
    def path(self) -> Path:
        """Where the study file is."""
        return self._path

    @property
    def text(self) -> str:
        """What stands in the study file; of tables, the same as JSON."""
        return self._text

    @property
    def name(self) -> str:
        """What the study is called: its file, or the folder of a `study.toml`."""
        return self._path.resolve().parent.name if self._path.name == "study.toml" else self._path.stem
