"""What `scan.py` and `yardstick.py` share: random batches, the clock, and the command line. It needs NumPy alone."""

import argparse
import json
import os
import time
from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

N_INPUTS, N_OUTPUTS, N_STEPS, SPIKES = 784, 10, 100, 140
#: Different batches, which come in turn, and how many of them are run before the clock.
BATCHES, FIRST = 4, 2


def batches(size: int) -> Iterator[tuple[NDArray[np.float32], NDArray[np.int64]]]:
    """Yield random spikes (n_steps, n_trials, n_inputs), as many as an MNIST image has, and labels."""
    generator = np.random.default_rng(0)
    for _ in range(BATCHES):
        spikes = np.zeros((N_STEPS, size, N_INPUTS), dtype=np.float32)
        for trial in range(size):
            neurons = generator.choice(N_INPUTS, SPIKES, replace=False)
            spikes[generator.integers(1, 62, size=SPIKES), trial, neurons] = 1
        yield spikes, generator.integers(N_OUTPUTS, size=size)


def samples_per_second(train: Callable[[int], None], asked: argparse.Namespace) -> float:
    """Return how many samples are trained on, by a function that trains on the batch of a number; the first apart."""
    for number in range(FIRST):
        train(number)
    done, begun = 0, time.perf_counter()
    while time.perf_counter() - begun < asked.seconds:
        train(done % BATCHES)
        done += 1
    return float(done * asked.batch / (time.perf_counter() - begun))


def arguments(doc: str | None) -> argparse.Namespace:
    """Return hidden layers, trials of a batch, seconds and threads from the command line."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--hidden", type=int, nargs="+", default=[400])
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    return parser.parse_args()


def told(asked: argparse.Namespace, speed: float) -> str:
    """Return what is printed: the answer beside what was asked."""
    return json.dumps({**vars(asked), "samples_per_second": round(speed, 1)})
