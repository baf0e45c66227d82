"""Compiled code of a network's layers, and how it is called."""

import ctypes
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.compiled.single import library_of
from workbench.text.cpp import HELPERS

_KERNELS = Path(__file__).parent / "kernels.cpp"

_DOUBLES = ctypes.POINTER(ctypes.c_void_p)


class Call(ctypes.Structure):
    """What a function of a layer is told, as of `kernels.cpp`."""

    _fields_ = [
        *((name, ctypes.c_long) for name in ("n_trials", "n_steps", "size", "first", "last")),
        ("tolerance", ctypes.c_double),
        ("constants", _DOUBLES),
        ("given", _DOUBLES),
        ("strides", ctypes.c_void_p),
        ("ports", _DOUBLES),
        ("spikes", ctypes.c_void_p),
        ("outside", ctypes.c_void_p),
        ("sent", ctypes.c_void_p),
        *((name, _DOUBLES) for name in ("states", "across", "history")),
        ("scratch", ctypes.c_void_p),
        ("off", ctypes.c_void_p),
        ("events", _DOUBLES),
        ("weights", _DOUBLES),
    ]


class Events(ctypes.Structure):
    """Spikes, as of `kernels.cpp`.

    Attributes
    ----------
    begin : int
        Where the start of the first of all trials is kept.
    arrays : tuple of ndarray
        Its memory, which is there as long as this is.
    """

    begin: int
    arrays: tuple[NDArray[np.int64], ...]

    _fields_ = [
        *((name, ctypes.c_long) for name in ("n_trials", "n_steps", "n_post", "delay")),
        *((name, ctypes.c_void_p) for name in ("start", "steps", "neurons", "first", "column")),
    ]


def address(array: NDArray[Any] | None) -> int | None:
    """Return where an array is, which must be one block of memory."""
    if array is None:
        return None
    assert array.flags.c_contiguous
    return int(array.ctypes.data)


def addresses(arrays: Sequence[NDArray[np.float64]]) -> Any:
    """Return where several arrays are, as C reads it."""
    return pointers(list(map(address, arrays)))


def pointers(places: Sequence[int | None]) -> Any:
    """Return several places in memory as C reads them; None stands for none."""
    return (ctypes.c_void_p * max(1, len(places)))(*places)


@dataclass(frozen=True, eq=False)
class Library:
    """The code of a network's layers.

    Attributes
    ----------
    code : ctypes.CDLL
        Whose functions keep nothing from call to call.
    """

    code: ctypes.CDLL

    def run(self, function: str, call: Call) -> None:
        """Call a function of a layer."""
        getattr(self.code, function)(ctypes.byref(call))

    def arrive(self, events: Events, weights: NDArray[np.float64], added: NDArray[np.float64]) -> None:
        """Add what spikes bring to neurons: `added` has the shape (n_trials, n_steps, n_post)."""
        self.code.arrive(ctypes.byref(events), ctypes.c_void_p(address(weights)), ctypes.c_void_p(address(added)))

    def learn(
        self,
        events: Events,
        slopes: NDArray[np.float64],
        shares: NDArray[np.float64],
        gradient: NDArray[np.float64],
        apart: int,
    ) -> None:
        """Add what the slopes of what arrives make of the gradient of the weights by which it came.

        Parameters
        ----------
        events : Events
            The spikes that came.
        slopes : ndarray of shape (n_trials, n_steps, n_post)
            Of the loss by what arrives.
        shares : ndarray of shape (n_trials,)
            By which each trial's is multiplied.
        gradient : ndarray
            To which it is added.
        apart : int
            Numbers from one trial's gradient to the next; 0 where there is one for all.
        """
        self.code.learn(
            ctypes.byref(events),
            ctypes.c_void_p(address(slopes)),
            ctypes.c_void_p(address(shares)),
            ctypes.c_void_p(address(gradient)),
            ctypes.c_long(apart),
        )

    def mark(self, events: Events, raster: NDArray[np.uint8], mark: bool) -> None:
        """Set 1, or 0, where there is a spike: `raster` has the shape (n_trials, n_steps, n_post)."""
        self.code.mark(ctypes.byref(events), ctypes.c_void_p(address(raster)), ctypes.c_ubyte(mark))


@lru_cache(maxsize=64)
def library(source: str) -> Library:
    """Return the library of a source, from the cache or newly built.

    Raises
    ------
    BuildError
        Where there is no compiler, the build fails, or the cache is none to load programs from.
    """
    return Library(library_of("adjoint", HELPERS + _KERNELS.read_text() + source))
