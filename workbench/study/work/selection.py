"""What of a study is made now: some of its runs, those that failed once more, or no more than so many."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from workbench.common.errors import StudyError, nearest
from workbench.declare.condition import Label
from workbench.declare.configuration import configuration_name
from workbench.study.file.run_config import RunConfig
from workbench.study.work.run_list import Run
from workbench.tables.selection import choices

#: Kinds of stored runs that may be made again, and their statuses. Those that failed are tried again in any case.
RETRIED = {"failed": frozenset({"failed", "diverged"})}


@dataclass(frozen=True)
class Selection:
    """What of a study is made now.

    Attributes
    ----------
    only : tuple of str
        What identifies runs, with a label of it, such as ``rule=eprop``; all runs where there is nothing.
    retry : str, optional
        A kind of stored runs that are made again, of `RETRIED`.
    limit : int, optional
        How many runs are made at most.
    shard : str, optional
        A part of the runs, such as ``2/4``.

    Raises
    ------
    StudyError
        Where one is not what it must be.
    """

    only: tuple[str, ...] = ()
    retry: str | None = None
    limit: int | None = None
    shard: str | None = None

    def __post_init__(self) -> None:
        if self.retry is not None and self.retry not in RETRIED:
            raise StudyError(f"--retry: '{self.retry}' is no kind of stored runs. {nearest(self.retry, RETRIED)}")
        if self.limit is not None and self.limit < 1:
            raise StudyError(f"--limit must be at least 1 run, not {self.limit}.")

    def chosen(self, runs: Sequence[Run]) -> Callable[[Run], bool]:
        """Return what says whether a run of a study, of all of which are given, is asked for.

        Raises
        ------
        StudyError
            Where nothing is, or there is no such axis or label.
        """
        known: dict[str, dict[Label, None]] = {}
        for run in runs:
            for axis, labels in _identity(run.config).items():
                known.setdefault(axis, {}).update(dict.fromkeys(labels))
        asked = choices(self.only, known, "--only")

        def is_asked(run: Run) -> bool:
            own = _identity(run.config)
            # What an axis changes nothing of stands at each of its values.
            return all(axis not in own or labels.intersection(own[axis]) for axis, labels in asked.items())

        if not any(map(is_asked, runs)):
            raise StudyError(f"--only: no run of the study has {' and '.join(self.only)} at once. Drop one of them.")
        return is_asked

    def done(self, status: object) -> bool:
        """Return whether a stored run of a status need not be made again."""
        return status != "failed" and (self.retry is None or status not in RETRIED[self.retry])


class Limit:
    """How many runs may still be made.

    Parameters
    ----------
    count : int, optional
        At first; any number where it is not given.
    """

    def __init__(self, count: int | None) -> None:
        self._left = count

    def within(self, runs: Iterable[Run]) -> list[Run]:
        """Return as many runs as may be made, which then are, and all that are skipped."""
        found = []
        for run in runs:
            if run.skip or self._left is None or self._left > 0:
                found.append(run)
                self._left = self._left if run.skip or self._left is None else self._left - 1
        return found


class LimitReachedError(StudyError):
    """A search of which no more draws are made now."""


def _identity(config: RunConfig) -> dict[str, tuple[Label, ...]]:
    """Return what identifies a run within its study, each with what it may be called."""
    names = (config.rule, configuration_name(config.rule, config.feedback))
    found: dict[str, tuple[Label, ...]] = {
        "task": (config.task,),
        "rule": names,
        "feedback": (config.feedback,),
        "seed": (config.seed,),
    }
    return found | {axis: (label,) for axis, label in config.condition}
