"""Random latencies with random labels: each input spikes once in a pattern, and all patterns are to be known by heart.

How many a neuron can tell apart is measured by its load, patterns / inputs.

Gütig and Sompolinsky (2006), doi:10.1038/nn1643.
"""

from collections.abc import Iterator

import numpy as np

from workbench import Parameter, Task, TaskData, Trials, hookimpl, whole_parameter

_DT = 1e-3


def load(inputs: float = 20, patterns: float = 30, steps: float = 500, draw: float = 0) -> TaskData:
    """Return the patterns, the same in all splits.

    Parameters
    ----------
    inputs, patterns : int
        Their numbers.
    steps : int
        Of a trial, of 1 ms, within which each input spikes once.
    draw : int
        The number of the draw of latencies and labels.

    Raises
    ------
    WorkbenchError
        Where a number is not one.
    """
    given = {"inputs": (inputs, 1), "patterns": (patterns, 2), "steps": (steps, 1), "draw": (draw, 0)}
    n_inputs, n_patterns, n_steps, number = (
        whole_parameter(f"random_latencies.{name}", value, least) for name, (value, least) in given.items()
    )
    generator = np.random.default_rng([number, n_inputs, n_patterns, n_steps])
    raster = np.zeros((n_patterns, n_steps, n_inputs))
    latency = generator.integers(n_steps, size=(n_patterns, n_inputs))
    raster[np.arange(n_patterns)[:, None], latency, np.arange(n_inputs)] = 1.0
    trials = Trials.from_raster(raster, np.eye(2)[generator.integers(2, size=n_patterns)])
    return TaskData(n_inputs, 2, n_steps, _DT, trials, trials, trials, by_heart=True)


RANDOM_LATENCIES = Task(
    name="random_latencies",
    title="Random latencies",
    load=load,
    parameters=(
        Parameter(name="inputs", default=20, doc="Input neurons, each with a spike in each pattern."),
        Parameter(name="patterns", default=30, doc="Patterns, each of one of two classes at random."),
        Parameter(name="steps", default=500, doc="Of a trial, of 1 ms."),
        Parameter(name="draw", default=0, doc="Number of the draw of latencies and labels."),
    ),
    drawn=True,
    doi="10.1038/nn1643",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield RANDOM_LATENCIES
