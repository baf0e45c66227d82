"""Figures and tables of a study: the two tables of its results in, files fit for a paper out."""

from workbench.figures.curves import alignment_curves, alignment_data, learning_curves, learning_data
from workbench.figures.save import Results, make_figures, save
from workbench.figures.style import rule_colour
from workbench.figures.summary import accuracy_data, accuracy_dots, t_interval
from workbench.figures.tables import latex_table, paired_differences, rich_table, summary_table

__all__ = [
    "Results",
    "accuracy_data",
    "accuracy_dots",
    "alignment_curves",
    "alignment_data",
    "latex_table",
    "learning_curves",
    "learning_data",
    "make_figures",
    "paired_differences",
    "rich_table",
    "rule_colour",
    "save",
    "summary_table",
    "t_interval",
]
