"""What is found once for all setups of a structure."""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Generic, TypeVar

from workbench.common.thread_locks import lock
from workbench.model.checks.setup import check
from workbench.model.setup import Setup
from workbench.model.structure import structure_key

Found = TypeVar("Found")

#: Of how many structures a function remembers its result.
_AT_MOST = 64

#: All functions whose results are remembered.
REMEMBERED: list["ByStructure[Any]"] = []


class ByStructure(Generic[Found]):
    """A function of a clock-driven setup in whose result no number of the setup is; for use as a decorator.

    Parameters
    ----------
    function : callable
        Of a setup. What it returns must not be changed by whoever is given it.
    """

    def __init__(self, function: Callable[[Setup], Found]) -> None:
        self._function = function
        self._found: OrderedDict[str, Found] = OrderedDict()
        self._lock = lock()
        REMEMBERED.append(self)
        self.__doc__ = function.__doc__

    def __call__(self, setup: Setup) -> Found:
        """Return the function's result for a setup's structure, in its clock-driven form.

        Raises
        ------
        WorkbenchError
            Where the setup does not hold together; numbers are not of the structure, and may still be refused.
        """
        setup = replace(setup, form="clock")
        check(setup)
        key = structure_key(setup)
        with self._lock:
            if key not in self._found:
                self._found[key] = self._function(setup)
            self._found.move_to_end(key)
            while len(self._found) > _AT_MOST:
                self._found.popitem(last=False)
            return self._found[key]

    def forget(self) -> None:
        """Remember nothing."""
        with self._lock:
            self._found.clear()
