"""The weights of a stack of layers, each of which reaches the next."""

from collections.abc import Mapping
from functools import lru_cache

from workbench.declare.projection import Projection


def stacked(
    sizes: tuple[int, ...], layers: tuple[str, ...], recurrent: bool, delays: Mapping[str, int]
) -> tuple[Projection, ...]:
    """Return the weights, from the input up; those of a layer onto itself come after those from below.

    Parameters
    ----------
    sizes : tuple of int
        Of all layers, from the input to the readout.
    layers : tuple of str
        Their names without the inputs'.
    recurrent : bool
        Whether each hidden layer reaches itself too.
    delays : mapping of str to int
        Steps by which spikes arrive later, by the name of the weights.
    """
    return _stacked(sizes, layers, recurrent, tuple(delays.items()))


@lru_cache(maxsize=256)
def _stacked(
    sizes: tuple[int, ...], layers: tuple[str, ...], recurrent: bool, delays: tuple[tuple[str, int], ...]
) -> tuple[Projection, ...]:
    found = []
    later = dict(delays)
    for source, name, below, size in zip(("inputs", *layers), layers, sizes[:-1], sizes[1:], strict=False):
        found.append(Projection(source=source, target=name, name=name, delay=_steps(later, name), ends=(below, size)))
        if recurrent and name != "readout":
            itself = f"{name}_recurrent"
            found.append(
                Projection(source=name, target=name, name=itself, delay=_steps(later, itself), ends=(size, size))
            )
    return tuple(found)


def _steps(delays: Mapping[str, int], name: str) -> int:
    # What is none is refused where the network is declared.
    delay = delays.get(name, 0)
    return delay if isinstance(delay, int) and delay >= 0 else 0
