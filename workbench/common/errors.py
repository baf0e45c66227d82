"""The errors that the workbench raises for a user's mistake."""

import difflib
from collections.abc import Iterable


class WorkbenchError(Exception):
    """Something the user can mend; the command line prints it without a traceback."""


class PluginError(WorkbenchError):
    """A plugin that cannot be loaded, or that offers something it may not."""


class RuleError(WorkbenchError):
    """A learning rule whose declaration does not hold together."""


class ModelError(WorkbenchError):
    """A network whose equations or numbers do not hold together."""


class SilentError(ModelError):
    """A network in which nothing happens, so that nothing can be learned."""


class StudyError(WorkbenchError):
    """A study file that cannot be run as written."""


class DataError(WorkbenchError):
    """Trials or task data that do not hold together, or do not fit what is to run them."""


class BuildError(WorkbenchError):
    """A network that could not be compiled."""


class SimulationError(WorkbenchError):
    """A compiled network that did not run as it was told."""


class GradientError(WorkbenchError):
    """A gradient that may not be shown, because it would not be exact."""


class StorageError(WorkbenchError):
    """A file that cannot be written."""


class DamageError(WorkbenchError):
    """A file whose content is not what was written."""


class DivergedError(WorkbenchError):
    """A run whose weights or loss are no longer finite."""


def root_of(error: BaseException) -> BaseException:
    """Return the error at the bottom of a chain of them."""
    passed = {id(error)}
    while cause := error.__cause__ or (None if error.__suppress_context__ else error.__context__):
        # One that is raised again while what it caused is handled ends in a circle.
        if id(cause) in passed:
            break
        passed.add(id(cause))
        error = cause
    return error


def reason_of(error: BaseException) -> str:
    """Return what went wrong, on one line: a message of the workbench, or the root cause of anything else."""
    if not isinstance(error, WorkbenchError):
        error = root_of(error)
    text = str(error) if isinstance(error, WorkbenchError) else f"{type(error).__name__}: {error}"
    return " ".join(text.split())


def shown(value: object, most: int = 80) -> str:
    """Return what was given as a message shows it: on one line, and cut where it is long.

    Parameters
    ----------
    value : object
        Anything.
    most : int
        Letters of it to be kept.
    """
    try:
        text = " ".join(repr(value).split())
    # The text of an object is anybody's code, and Python writes no number of thousands of digits.
    except Exception:
        text = f"an object of type '{type(value).__name__}'"
    return text if len(text) <= most else f"{text[:most]}..."


def nearest(name: str, legal: Iterable[str]) -> str:
    """Return a sentence that names the legal spelling closest to `name`.

    Parameters
    ----------
    name : str
        What the user wrote.
    legal : iterable of str
        What may be written.

    Returns
    -------
    str
        ``Did you mean 'x'?``, or the whole list where nothing is close.
    """
    options = sorted(legal)
    close = difflib.get_close_matches(name, options, n=1, cutoff=0.6)
    if close:
        return f"Did you mean '{close[0]}'?"
    if not options:
        return "There are none."
    return "There are: " + ", ".join(f"'{option}'" for option in options) + "."
