"""What is chosen of a study on the command line: axes with one of their labels, spelt alike wherever it is."""

from collections.abc import Collection, Iterable, Mapping

from workbench.common.errors import StudyError, nearest
from workbench.declare.condition import Label


def choices(texts: Iterable[str], known: Mapping[str, Collection[Label]], option: str) -> dict[str, set[Label]]:
    """Return the labels that are chosen, by axis; several of one axis are all chosen.

    Parameters
    ----------
    texts : iterable of str
        Such as ``depth=2``.
    known : mapping of str to collection of label
        The axes that there are, with their labels.
    option : str
        What messages call it.

    Raises
    ------
    StudyError
        Where there is no such axis or label.
    """
    found: dict[str, set[Label]] = {}
    for text in texts:
        axis, equals, label = text.partition("=")
        if not equals or axis not in known:
            raise StudyError(
                f"{option}: '{text}' must be an axis of the study and a label, axis=label. {nearest(axis, known)}"
            )
        labels = {str(each): each for each in known[axis]}
        if label not in labels:
            raise StudyError(f"{option}: axis '{axis}' has no label '{label}'. {nearest(label, labels)}")
        found.setdefault(axis, set()).add(labels[label])
    return found
