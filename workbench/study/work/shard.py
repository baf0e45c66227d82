"""A part of the runs of a study, for machines that know nothing of each other: one of as many as there are."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from workbench.common.errors import StudyError
from workbench.study.work.run_list import Run, all_but_the_seed

_WRITTEN = re.compile(r"([1-9]\d{0,5})/([1-9]\d{0,5})")


@dataclass(frozen=True)
class Shard:
    """One of several parts of a study.

    Attributes
    ----------
    number : int
        From 1.
    count : int
        Of all parts.
    """

    number: int
    count: int

    def __str__(self) -> str:
        return f"{self.number}/{self.count}"

    def places(self, runs: Sequence[Run], whole: bool) -> list[int]:
        """Return the places of its runs in a study's list: every so many of them.

        Parameters
        ----------
        runs : sequence of Run
            Of the study.
        whole : bool
            Whether the seeds of a rule in a task and condition stay together, as a search for its settings needs.
        """
        if not whole:
            return list(range(self.number - 1, len(runs), self.count))
        alike = groupby(range(len(runs)), key=lambda place: all_but_the_seed(runs[place].config))
        cells = [list(places) for _, places in alike]
        return [place for places in cells[self.number - 1 :: self.count] for place in places]


def read_shard(text: str) -> Shard:
    """Return the part that a text names, such as ``2/4``.

    Raises
    ------
    StudyError
        Where it names none.
    """
    found = _WRITTEN.fullmatch(text.strip())
    if found is None or int(found[1]) > int(found[2]):
        raise StudyError(f"--shard: '{text}' must be the number of a part and of all parts, such as 2/4.")
    return Shard(int(found[1]), int(found[2]))
