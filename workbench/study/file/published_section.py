"""The table of a study file about a figure that a source has published."""

from typing import Annotated

from pydantic import BeforeValidator, Field

from workbench.study.file.section import Name, Section, as_tuple


class PublishedSection(Section):
    """A figure that a source has published, which the study is held to: reached, or missed by how much.

    Attributes
    ----------
    of : str
        A rule, or a rule and its feedback pathway, ``rule:feedback``.
    value : float
        In percent where the measure is.
    spread : float or None
        Nothing is decided by it.
    doi, place : str
        The source, and where in it the figure stands.
    setting : str
        What was other there.
    measure, layer : str
        Which number of the study is its counterpart.
    task : str
        Of the study.
    at : tuple of str
        A condition of the study.
    """

    of: Name = Field(description="the name of a rule, or rule:feedback")
    value: float = Field(description="a number, the figure as published, accuracies in percent")
    spread: float | None = Field(default=None, ge=0, description="a number from 0, the standard deviation as published")
    doi: Name = Field(min_length=1, description="the DOI of the source")
    place: Name = Field(min_length=1, description="where in the source it stands, such as 'table 1'")
    setting: str = Field(default="", max_length=2000, description="what was other there than here, in words")
    measure: Name = Field(
        default="accuracy", description="'accuracy', 'loss', 'reward', 'spikes_per_trial' or the name of a measure"
    )
    layer: Name = Field(default="", description="the name of a layer, where the measure is of several")
    task: Name = Field(default="", description="the name of one of the study's tasks; all where none is given")
    at: Annotated[tuple[Name, ...], BeforeValidator(as_tuple)] = Field(
        default=(), max_length=100, description="a list of axes with one of their labels, such as ['depth=2']"
    )
