"""What the code of a plugin raised, and in which of its lines."""

import importlib
import traceback
from pathlib import Path

from workbench.common.output import printable

#: Letters of a message that are told.
_MOST = 300

#: The code that calls plugins, which is never to blame.
_MACHINERY = (
    importlib.__file__,
    "<frozen importlib",
    *(
        str(Path(__file__).parents[1] / name)
        for name in (
            "catalogue/loading.py",
            "catalogue/registry.py",
            "declare/task.py",
            "figures/of_plugins.py",
            "measures/evaluated.py",
            "study",
        )
    ),
)


def described(error: BaseException, file: str = "") -> str:
    """Return what a plugin's code raised, with the file and line of the plugin.

    Parameters
    ----------
    error : BaseException
        Anything.
    file : str
        Of the plugin; where it has no part in it, or none is given, the outermost file that is not the workbench's.
    """
    text = f"{type(error).__name__}: {_message(error)}".rstrip(".: ")
    if isinstance(error, SyntaxError) and error.filename:
        return f"{text} ({error.filename}, line {error.lineno})"
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_MACHINERY)]
    if not frames:
        return text
    own = [frame for frame in frames if frame.filename == (file or frames[0].filename)] or frames[:1]
    # Within the plugin, the line that is nearest to the mistake.
    return f"{text} ({own[-1].filename}, line {own[-1].lineno})"


def _message(error: BaseException) -> str:
    try:
        text = str(error.msg if isinstance(error, SyntaxError) else error)
        return printable(" ".join(text.split()), _MOST)
    # The text of an error is anybody's code, too.
    except BaseException:
        return "an error without a readable message"
