"""Offers figures through the hook by which anybody may; what draws them is imported when they are drawn."""

from collections.abc import Iterator
from typing import Any

from workbench.catalogue.hookspecs import hookimpl
from workbench.declare.study_figure import StudyFigure


def _alignment_and_accuracy(results: Any) -> Any:
    from workbench.figures.alignment_and_accuracy import alignment_and_accuracy
    from workbench.tables.alignment import alignment_and_accuracy_data

    data = alignment_and_accuracy_data(results.runs, results.curves)
    return None if data.empty else (alignment_and_accuracy(results.runs, results.curves), data)


@hookimpl
def workbench_figures() -> Iterator[StudyFigure]:
    """Yield the figure of alignment and accuracy."""
    yield StudyFigure(
        name="alignment_and_accuracy",
        caption="Test accuracy over the cosine with BPTT after training, mean over hidden layers and seeds.",
        function=_alignment_and_accuracy,
    )
