"""The way into the command line: little to import, so that Ctrl-C finds it ready while all else is imported."""

import gc
import signal
import sys
from contextlib import suppress

#: Exit code of a command that Ctrl-C ended, as shells have it.
INTERRUPTED = 130


def main() -> None:
    """Run the command that the arguments name.

    A user's mistake ends it with one line and exit code 1, Ctrl-C with one line and 130. Output that nobody takes costs
    no study: the command goes on to its end, and the exit code tells.
    """
    arrived = False
    # What is imported stays: to look among it for what can be dropped takes a tenth of a short command.
    gc.set_threshold(50_000)

    def interrupt(*_: object) -> None:
        nonlocal arrived
        arrived = True
        raise KeyboardInterrupt

    try:
        signal.signal(signal.SIGINT, interrupt)
        from workbench.common.output import kept_going

        code = kept_going(_command)
        # Nothing is left to be done, and what Python itself does at its end would be interrupted with a traceback.
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        arrived |= code == INTERRUPTED
    # An import that is interrupted may fail with an error of its own.
    except BaseException:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        if not arrived:
            raise
    if arrived:
        kept = " The results so far are kept; the same command goes on from there." if "run" in sys.argv[1:2] else ""
        with suppress(OSError, ValueError):
            print(f"Interrupted.{kept}", file=sys.stderr)
        code = INTERRUPTED
    # All that is left ends with the process, and Python would look through it once more.
    gc.freeze()
    sys.exit(code)


def _command() -> int:
    """Run the command, and return its exit code."""
    from workbench.common.errors import WorkbenchError

    try:
        from workbench.command.commands import run_command

        return run_command()
    except WorkbenchError as error:
        from workbench.common.output import printable

        print(f"error: {printable(str(error))}", file=sys.stderr)
        return 1
