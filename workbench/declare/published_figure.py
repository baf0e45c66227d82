"""A figure that a source has published, which a study is held to."""

from dataclasses import dataclass

from workbench.common.errors import StudyError
from workbench.declare.field_types import declared


@declared(StudyError, "PublishedFigure")
@dataclass(frozen=True, kw_only=True)
class PublishedFigure:
    """A figure that a source has published for a rule, and of what here it is the counterpart.

    Attributes
    ----------
    of : str
        The rule with its feedback pathway, ``rule:feedback``.
    task : str
        The name of the task; empty for each of the study.
    at : tuple of str
        The condition, axes with a label such as ``depth=2``; each condition where there is none.
    measure : str
        ``accuracy``, ``loss``, ``reward`` or ``spikes_per_trial`` on the test split, or a measure along training,
        at its last epoch.
    layer : str
        Of that measure; empty where it is of one alone.
    better : {"higher", "lower", "neither"}
        What counts as better.
    value : float
        As published; of accuracies, and whatever is in percent, in percent.
    spread : float or None
        The standard deviation that is published with it.
    doi : str
        Of the source.
    place : str
        Where it stands there.
    setting : str
        What was other there than here.
    """

    of: str
    task: str = ""
    at: tuple[str, ...] = ()
    measure: str = "accuracy"
    layer: str = ""
    better: str = "higher"
    value: float
    spread: float | None = None
    doi: str
    place: str
    setting: str = ""
