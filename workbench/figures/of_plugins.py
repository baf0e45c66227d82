"""Figures that plugins offer, drawn of the results of a study."""

from collections.abc import Iterable, Iterator

import matplotlib as mpl
import pandas as pd
from matplotlib.figure import Figure

from workbench.common.blame import described
from workbench.common.errors import PluginError, WorkbenchError
from workbench.declare.study_figure import StudyFigure
from workbench.figures import style
from workbench.figures.drawing import Drawing, Results


def of_plugins(results: Results, figures: Iterable[StudyFigure]) -> Iterator[Drawing]:
    """Yield the figures of plugins that have something to show of these results.

    Parameters
    ----------
    results : Results
        Of a study.
    figures : iterable of StudyFigure
        As plugins offer them.

    Raises
    ------
    PluginError
        Where a function raises something, or returns what is no figure with its data.
    """
    for item in figures:
        try:
            # Figures of others may have powers of ten, and formulas.
            with style.style(), mpl.rc_context({"text.parse_math": True}):
                found = item.function(results)
                if isinstance(found, tuple) and isinstance(found[0], Figure):
                    # So that marks of axes are written now, and not in the style of the workbench's own.
                    found[0].draw_without_rendering()
        except WorkbenchError:
            raise
        except Exception as error:
            raise PluginError(f"Figure '{item.name}' cannot be drawn: {described(error)}.") from error
        if found is None:
            continue
        figure, data = found if isinstance(found, tuple) and len(found) == 2 else (None, None)
        if not isinstance(figure, Figure) or not isinstance(data, pd.DataFrame) or "panel" not in data:
            raise PluginError(
                f"Figure '{item.name}' must return a figure of Matplotlib, and its data as a DataFrame with the column "
                "'panel'."
            )
        yield Drawing(item.name, figure, data, item.caption)
