"""How near the spikes of outputs are to those that are wanted, and on which side of its threshold a potential stays."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workbench.declare.measure import Looked
from workbench.declare.measured import Measured, undefined

Array = NDArray[np.float64]

#: By how much a spike may miss the time at which it is wanted, and the time constant of van Rossum's kernel [second].
NEAR, KERNEL = 2e-3, 10e-3


def wanted_spikes_hit(look: Looked) -> Measured | None:
    """Return the share of wanted spikes that have a spike of the output's within 2 ms, each another one."""
    pairs = [(_matched(*trains), len(trains[0])) for trains in _trains(look)]
    return _share(pairs, "No spike is wanted.") if pairs else None


def spikes_as_wanted(look: Looked) -> Measured | None:
    """Return the share of the outputs' spikes that have a wanted spike within 2 ms, each another one."""
    pairs = [(_matched(*trains), len(trains[1])) for trains in _trains(look)]
    return _share(pairs, "The outputs have no spikes.") if pairs else None


def van_rossum(look: Looked) -> Measured | None:
    """Return the squared distance of van Rossum (2001) with a kernel of 10 ms, mean over trials and outputs.

    Of two trains as sums of exp(-t / tau) it is the integral of their squared difference over time, divided by tau, so
    that a spike too many or too few makes 1/2.
    """
    found = []
    for wanted, spiked in _trains(look):
        times, signs = np.concatenate([wanted, spiked]), np.repeat([1.0, -1.0], [len(wanted), len(spiked)])
        square = 0.5 * signs @ np.exp(-np.abs(times[:, None] - times) / KERNEL) @ signs
        # Equal trains are 0 but for rounding.
        found.append(max(square, 0.0))
    return Measured(float(np.mean(found))) if found else None


def threshold_errors(look: Looked) -> Measured | None:
    """Return the share of trials and outputs whose potential gets to 1 and should not, or should and does not."""
    score, network = look.recording.score, look.network
    if score is None or network.decision.name != "peak" or network.readout.spiking or not look.trials.classified:
        return None
    return Measured(float(np.mean((score >= 1) != (look.trials.target > 0.5))))


def _trains(look: Looked) -> Iterator[tuple[Array, Array]]:
    """Yield, for each trial and output, the times of wanted spikes and of its own [second]; none of other targets."""
    form, network = look.trials.format, look.network
    if form is None or form.targets != "spikes":
        return
    wanted = look.trials.target > 0.5
    spiked = look.recording.spikes["readout"].raster(len(look.trials), network.n_steps, network.n_outputs)
    for trial, output in np.ndindex(len(wanted), network.n_outputs):
        trains = (np.flatnonzero(each[trial, :, output]) for each in (wanted, spiked))
        first, second = (np.asarray(steps * network.dt, dtype=np.float64) for steps in trains)
        yield first, second


def _matched(wanted: Array, spiked: Array) -> int:
    """Return how many spikes of two trains are a pair within 2 ms, the earliest with the earliest."""
    first = second = count = 0
    while first < len(wanted) and second < len(spiked):
        apart = wanted[first] - spiked[second]
        # Half a picosecond is less than any step, and more than rounding.
        near = abs(apart) <= NEAR + 5e-13
        count += near
        first, second = first + (near or apart < 0), second + (near or apart > 0)
    return count


def _share(pairs: list[tuple[int, int]], reason: str) -> Measured:
    of = sum(count for _, count in pairs)
    return Measured(sum(count for count, _ in pairs) / of) if of else undefined(reason)
