"""A figure of a study as data: what it shows, and how it is drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from workbench.common.errors import PluginError
from workbench.declare.field_types import declared


@declared(PluginError, "StudyFigure")
@dataclass(frozen=True, kw_only=True)
class StudyFigure:
    """A figure that is drawn of the results of a study, besides those that every study has.

    Attributes
    ----------
    name : str
        Of its files.
    caption : str
        What it shows, in sentences.
    function : callable
        Takes the results, with their `runs`, `curves` and `weights`, and returns a figure of Matplotlib and the data
        behind its panels, a DataFrame with the column `panel`; or None where these results have nothing to draw.
    """

    name: str
    caption: str
    function: Callable[[Any], Any]

    def __post_init__(self) -> None:
        if not self.name.isidentifier():
            raise PluginError(f"StudyFigure: `name` must be letters, digits and underscores, not '{self.name}'.")
        if not self.caption:
            raise PluginError(f"StudyFigure '{self.name}': `caption` says what it shows, and is empty.")
