"""The table of a study file about a comparison that was planned before any number was seen."""

from typing import Literal

from pydantic import Field

from workbench.study.file.section import Name, Section


class ContrastSection(Section):
    """A difference between two rules that the study is made for, tested seed by seed in each task and condition.

    Attributes
    ----------
    of : str
        A rule, or a rule and its feedback pathway, ``rule:feedback``.
    minus : str
        The rule that it is held to.
    measure : {"accuracy", "loss", "reward", "spikes_per_trial"}
        On the test split.
    """

    of: Name = Field(description="the name of a rule, or rule:feedback")
    minus: Name = Field(description="the name of a rule, or rule:feedback")
    measure: Literal["accuracy", "loss", "reward", "spikes_per_trial"] = Field(
        default="accuracy", description="'accuracy', 'loss', 'reward' or 'spikes_per_trial'"
    )
