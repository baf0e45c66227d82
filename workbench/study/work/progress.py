"""How far the runs are: written by the processes that train, shown by the one that waits."""

import json
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray
from rich.console import Console

from workbench.common.errors import DamageError, StorageError
from workbench.common.files import read_whole, write_atomically
from workbench.common.output import printable
from workbench.study.results.checkpoints import Checkpoint, read_checkpoint, write_checkpoint
from workbench.study.results.folder import file_of, ids_of

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import TaskID

_SECONDS_BETWEEN_REPORTS = 0.5


class Progress(Protocol):
    """What a run tells whoever waits for it, and where it keeps what it needs to go on after a kill."""

    @property
    def run_id(self) -> str:
        """The name of its result."""

    def __call__(self, done: int, total: int, doing: str = "") -> None:
        """Report trials behind us."""

    def save(self, arrays: dict[str, NDArray[Any]], meta: dict[str, Any]) -> None:
        """Store a state to resume from."""

    def restore(self) -> Checkpoint | None:
        """Return the state stored last."""


class RunProgress:
    """What the training of one run tells the study: how far it is, and the state to resume from.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    run_id : str
        Of the run.
    label : str
        What to call it.
    """

    def __init__(self, folder: Path, run_id: str, label: str) -> None:
        self.folder = folder
        self.run_id = run_id
        self.label = label
        self._file = file_of(folder, "progress", run_id)
        self._written = float("-inf")

    def __call__(self, done: int, total: int, doing: str = "") -> None:
        """Report that `done` of `total` trials are behind us, and in words what is being done, e.g. ``epoch 3/10``."""
        if time.monotonic() - self._written < _SECONDS_BETWEEN_REPORTS and done < total:
            return
        self._written = time.monotonic()
        report = {"label": self.label, "done": done, "total": total, "doing": doing}
        # Nobody's result may depend on whether a report could be written.
        with suppress(StorageError):
            write_atomically(self._file, json.dumps(report).encode(), lasting=False)

    def save(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        """Store a state to resume from, in the place of an earlier one; it goes when the run has its result."""
        write_checkpoint(self.folder, self.run_id, arrays, meta)

    def restore(self) -> Checkpoint | None:
        """Return the state stored last, or None where the run must begin at its beginning."""
        return read_checkpoint(self.folder, self.run_id)

    def close(self) -> None:
        """Take the report away."""
        with suppress(OSError):
            self._file.unlink(missing_ok=True)


class UnseenProgress(RunProgress):
    """The same of a run that does not see the folder of the results: it tells nobody, and begins at its beginning.

    Parameters
    ----------
    run_id, label : str
        Of the run, and what to call it.
    """

    def __init__(self, run_id: str, label: str) -> None:
        super().__init__(Path(), run_id, label)

    def __call__(self, done: int, total: int, doing: str = "") -> None:
        """Report nothing."""

    def save(self, arrays: Mapping[str, NDArray[Any]], meta: Mapping[str, Any]) -> None:
        """Store nothing."""

    def restore(self) -> Checkpoint | None:
        """Return that there is nothing."""
        return None

    def close(self) -> None:
        """Take nothing away."""


@contextmanager
def shown(folder: Path, total: int, console: Console) -> Iterator[Callable[[str, str], None]]:
    """Show how far a study is, and what is best so far: bars on a terminal, else one line as each run ends.

    Parameters
    ----------
    folder : Path
        Of the study's results.
    total : int
        Number of runs to do.
    console : rich.console.Console
        Where to show it.

    Yields
    ------
    callable
        To be called with a line of text as each run ends, and one about the best so far, which may be empty.
    """
    ended, best = 0, ""

    def end(text: str, best_so_far: str) -> None:
        nonlocal ended, best
        lines = [f"[{ended + 1}/{total}] {printable(text)}"]
        if best_so_far not in {"", best} and not console.is_terminal:
            lines.append(f"{printable(best_so_far)}.")
        ended, best = ended + 1, best_so_far or best
        console.print("\n".join(lines), markup=False, highlight=False, soft_wrap=True)

    if not (total and console.is_terminal):
        yield end
        return
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as Bars

    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[doing]}"))
    bars = Bars(*columns, TimeRemainingColumn(elapsed_when_finished=True), console=console, transient=True)
    over = threading.Event()
    overall = bars.add_task("runs", total=total, doing="")
    watcher = threading.Thread(target=_watch, args=(folder, bars, overall, lambda: (ended, best), over), daemon=True)
    with bars:
        watcher.start()
        try:
            yield end
        finally:
            over.set()
            watcher.join()


def _watch(
    folder: Path, bars: "Bars", overall: "TaskID", so_far: Callable[[], tuple[int, str]], over: threading.Event
) -> None:
    """Bring the bars in line with the reports, until it is over."""
    known: dict[Path, TaskID] = {}
    while not over.wait(_SECONDS_BETWEEN_REPORTS):
        reports = _reports(folder)
        for file in known.keys() - reports.keys():
            bars.remove_task(known.pop(file))
        for file, report in reports.items():
            if file not in known:
                known[file] = bars.add_task(report["label"], total=report["total"], doing="")
            bars.update(known[file], completed=report["done"], total=report["total"], doing=report["doing"])
        under_way = sum(report["done"] / max(report["total"], 1) for report in reports.values())
        ended, best = so_far()
        bars.update(overall, completed=ended + under_way, doing=printable(best))


def _reports(folder: Path) -> dict[Path, dict[str, Any]]:
    found = {}
    for file in (file_of(folder, "progress", run_id) for run_id in ids_of(folder, "progress")):
        # It may have ended since it was listed.
        with suppress(FileNotFoundError, DamageError, ValueError):
            found[file] = json.loads(read_whole(file))
    return found
