"""Compiled code of a network in continuous time, and how it is called."""

import ctypes
from functools import lru_cache
from pathlib import Path

from workbench.engine.compiled.single import library_of
from workbench.exact_time.formulas import Formula
from workbench.text.cpp import HELPERS

#: In the order in which each may use those before it.
_KERNELS = tuple(
    Path(__file__).parent / "kernels" / f"{name}.cpp"
    for name in ("network", "roots", "fading", "forward", "back", "calls")
)

_PLACE = ctypes.c_void_p


class Port(ctypes.Structure):
    """What reaches a layer by a projection, as of `network.cpp`."""

    _fields_ = [
        *((name, ctypes.c_long) for name in ("source", "n_pre")),
        ("delay", ctypes.c_double),
        ("arriving", _PLACE),
        ("weights", _PLACE),
        ("gradient", _PLACE),
        ("apart", ctypes.c_long),
    ]


class Layer(ctypes.Structure):
    """A layer, as of `network.cpp`."""

    _fields_ = [
        *(
            (name, ctypes.c_long)
            for name in ("size", "n_modes", "n_held", "spiking", "reaches_itself", "output", "n_ports")
        ),
        *((name, _PLACE) for name in ("rates", "vectors", "inverse", "growth", "slope", "first")),
        *((name, _PLACE) for name in ("drive_of_modes", "drive_of_held", "numbers")),
        ("drive_at_0", ctypes.c_double),
        *((name, _PLACE) for name in ("reset", "reset_back", "refractory", "ports")),
    ]


class Net(ctypes.Structure):
    """A network, as of `network.cpp`."""

    _fields_ = [
        *((name, ctypes.c_long) for name in ("n_layers", "n_read", "most_spikes")),
        ("duration", ctypes.c_double),
        ("layers", _PLACE),
        ("read", _PLACE),
    ]


class Inputs(ctypes.Structure):
    """Spikes of inputs, as of `network.cpp`."""

    _fields_ = [("n_trials", ctypes.c_long), *((name, _PLACE) for name in ("start", "times", "neurons"))]


@lru_cache(maxsize=64)
def library(resets: str, formulas: tuple[Formula, ...]) -> ctypes.CDLL:
    """Return the library of a network, from the cache or newly built.

    Parameters
    ----------
    resets : str
        The C++ of its layers' resets.
    formulas : tuple of Formula
        Those of the way back.

    Raises
    ------
    BuildError
        Where there is no compiler, the build fails, or the cache is none to load programs from.
    """
    whole = "\n".join([HELPERS, *(item.cpp() for item in formulas), *(path.read_text() for path in _KERNELS), resets])
    code = library_of("exact_time", whole)
    code.begin_run.restype = ctypes.c_void_p
    code.go_back.argtypes = [*[_PLACE] * 4, ctypes.c_double]
    for name, count in (("count_spikes", 2), ("tell_spikes", 5), ("end_run", 1)):
        # A place in memory is longer than a number of C.
        getattr(code, name).argtypes = [_PLACE, *[_PLACE] * (count - 1)]
    code.count_spikes.restype = ctypes.c_long
    return code
