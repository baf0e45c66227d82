"""The configuration of a run: what a study file says of it, with every override resolved."""

from typing import Annotated

from pydantic import BeforeValidator, PlainSerializer

from workbench.declare.options import Form, Precision, Target
from workbench.study.file.section import Parameters, Section, Values, as_tuple
from workbench.study.file.sections import MeasureSection, NetworkSection, TrainSection


def _in_order(value: object) -> object:
    return tuple(value.items()) if isinstance(value, dict) else as_tuple(value)


class Other(Section):
    """A rule that is asked what it would do while another one trains."""

    rule: str
    feedback: str
    parameters: Parameters


class Stage(Section):
    """A stage of a run after the first one."""

    rule: str
    feedback: str
    parameters: Parameters
    train: TrainSection


#: What was chosen on each axis, in their order; a table in JSON.
Condition = Annotated[Values, BeforeValidator(_in_order), PlainSerializer(dict, when_used="json")]


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
    others: Annotated[tuple[Other, ...], BeforeValidator(as_tuple)] = ()
    condition: Condition = ()
    stages: Annotated[tuple[Stage, ...], BeforeValidator(as_tuple)] = ()

    @property
    def epochs(self) -> int:
        """The epochs of all stages."""
        return self.train.epochs + sum(stage.train.epochs for stage in self.stages)

    def in_stages(self) -> "tuple[RunConfig, ...]":
        """Return what is done in each stage: the same with the stage's rule and training."""
        later = (
            self.model_copy(update={key: getattr(stage, key) for key in ("rule", "feedback", "parameters", "train")})
            for stage in self.stages
        )
        return (self, *later)
