"""Figures and tables of a study: the two tables of its results in, files fit for a paper out."""

from workbench.figures.accuracy import accuracy_dots
from workbench.figures.all_figures import make_figures
from workbench.figures.curves import alignment_curves, learning_curves
from workbench.figures.depth import alignment_by_depth
from workbench.figures.drawing import Results
from workbench.figures.matrix import alignment_matrix
from workbench.figures.saving import save
from workbench.figures.trade_off import trade_off
from workbench.tables.alignment import depth_data, matrix_data, trade_off_data
from workbench.tables.colours import rule_colour
from workbench.tables.data import accuracy_data, alignment_data, learning_data
from workbench.tables.printed import latex_table, rich_table
from workbench.tables.statistics import t_interval
from workbench.tables.summary import summary_table

__all__ = [
    "Results",
    "accuracy_data",
    "accuracy_dots",
    "alignment_by_depth",
    "alignment_curves",
    "alignment_data",
    "alignment_matrix",
    "depth_data",
    "latex_table",
    "learning_curves",
    "learning_data",
    "make_figures",
    "matrix_data",
    "rich_table",
    "rule_colour",
    "save",
    "summary_table",
    "t_interval",
    "trade_off",
    "trade_off_data",
]
