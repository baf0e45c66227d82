"""The table of a study file about a comparison that was planned before any number was seen."""

from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from workbench.study.file.section import Name, Section, as_tuple

_SIDE = "the name of a rule, rule:feedback, or what tables call a row, such as 'e-prop (gamma = 0.5), symmetric'"
_At = Annotated[tuple[Name, ...], BeforeValidator(as_tuple)]


class ContrastSection(Section):
    """A difference between two rules that the study is made for, tested seed by seed in each task and condition.

    Where a rule has several rows, of several sets of parameters, it is named as tables call the row.

    Attributes
    ----------
    of : str
        A rule, a rule and its feedback pathway, ``rule:feedback``, or what tables call a row.
    minus : str
        The rule that it is held to.
    measure : {"accuracy", "loss", "reward", "spikes_per_trial"}
        On the test split.
    of_at, minus_at : tuple of str
        The conditions of the two, where these are compared: variants, or values of axes.
    """

    of: str = Field(max_length=400, description=_SIDE)
    minus: str = Field(max_length=400, description=_SIDE)
    measure: Literal["accuracy", "loss", "reward", "spikes_per_trial"] = Field(
        default="accuracy", description="'accuracy', 'loss', 'reward' or 'spikes_per_trial'"
    )
    of_at: _At = Field(
        default=(), max_length=100, description="a list of axes with one of their labels, such as ['variant=adaptive']"
    )
    minus_at: _At = Field(
        default=(), max_length=100, description="a list of the same axes with one of their labels each"
    )
