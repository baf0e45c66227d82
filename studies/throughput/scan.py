"""Surrogate BPTT of the same network as a scan over time in JAX, in float32: training samples per second.

    python -m studies.throughput.scan --hidden 400 --seconds 20 --threads 2

Everything is compiled into one program: the scan, its gradient and the step of Adam. Inputs are dense, as they are in
libraries that are made of such scans; how fast it goes does not depend on what they mean.
"""

import itertools
import math
import os
from collections.abc import Callable
from typing import Any

import numpy as np

from studies.throughput import timed
from studies.throughput.timed import N_OUTPUTS


def _loss(hidden: list[int]) -> Callable[..., Any]:
    """Return the mean cross-entropy over steps, of weights, spikes (n_steps, n_trials, n_inputs) and labels."""
    import jax
    import jax.numpy as jnp

    alpha, beta = math.exp(-1 / 10), math.exp(-1 / 20)

    @jax.custom_jvp
    def spike(drive: Any) -> Any:
        return (drive > 0).astype(drive.dtype)

    @spike.defjvp
    def _slope(primals: Any, tangents: Any) -> Any:
        return spike(primals[0]), tangents[0] / (1 + 5 * jnp.abs(primals[0])) ** 2

    def loss(weights: Any, spikes: Any, labels: Any) -> Any:
        def step(carry: Any, first: Any) -> Any:
            currents, potentials, read_current, read_potential = carry
            reached: Any = first
            new: tuple[list[Any], list[Any]] = ([], [])
            for number in range(len(hidden)):
                emitted = spike(beta * potentials[number] + currents[number] - 1)
                new[1].append(beta * potentials[number] + currents[number] - emitted)
                new[0].append(alpha * currents[number] + (reached @ weights[number] if number else reached))
                reached = emitted
            read_potential = beta * read_potential + read_current
            read_current = alpha * read_current + reached @ weights[-1]
            return (*new, read_current, read_potential), read_potential

        zeros = [jnp.zeros((spikes.shape[1], size)) for size in hidden]
        outside = jnp.zeros((spikes.shape[1], N_OUTPUTS))
        _, outputs = jax.lax.scan(step, (zeros, zeros, outside, outside), spikes @ weights[0])
        told = jax.nn.log_softmax(outputs)
        return -jnp.take_along_axis(told, labels[None, :, None], axis=2).mean()

    return loss


def _training(hidden: list[int]) -> Callable[..., Any]:
    """Return a step of Adam, compiled with the gradient that it follows."""
    import jax
    import jax.numpy as jnp

    slope = jax.grad(_loss(hidden))

    @jax.jit
    def train(state: Any, spikes: Any, labels: Any) -> Any:
        weights, mean, square, count = state
        gradient = slope(weights, spikes, labels)
        mean = [0.9 * m + 0.1 * g for m, g in zip(mean, gradient, strict=True)]
        square = [0.999 * s + 0.001 * g**2 for s, g in zip(square, gradient, strict=True)]
        made = []
        for w, m, s in zip(weights, mean, square, strict=True):
            made.append(w - 1e-3 * m / (1 - 0.9**count) / (jnp.sqrt(s / (1 - 0.999**count)) + 1e-8))
        return made, mean, square, count + 1

    return train


def main() -> None:
    """Train random weights for some seconds, and print the speed."""
    asked = timed.arguments(__doc__)
    if asked.threads == 1:
        # Read when JAX is imported.
        os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    import jax.numpy as jnp

    step, generator = _training(asked.hidden), np.random.default_rng(0)
    pairs = itertools.pairwise([timed.N_INPUTS, *asked.hidden, N_OUTPUTS])
    weights = [jnp.asarray(3 * generator.normal(size=pair) / np.sqrt(pair[0]), dtype=jnp.float32) for pair in pairs]
    state: list[Any] = [(weights, [0 * w for w in weights], [0 * w for w in weights], 1.0)]
    data = [(jnp.asarray(spikes), jnp.asarray(labels)) for spikes, labels in timed.batches(asked.batch)]

    def train(number: int) -> None:
        state[0] = step(state[0], *data[number])
        state[0][0][0].block_until_ready()

    print(timed.told(asked, timed.samples_per_second(train, asked)))


if __name__ == "__main__":
    main()
