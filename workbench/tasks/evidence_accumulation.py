"""Evidence accumulation: cues to the left and to the right, a delay, and the question which were more.

Inputs are four groups of equal size: the cues to either side, a signal to decide, and noise that never ends. Of each
trial one side is drawn, and each cue is of that side with a probability; what is wanted is the side that most cues were
of. Cues are part of a trial, and the spikes by which they are told are drawn anew in each epoch.

Bellec, Scherr, Subramoney, Hajek, Salaj, Legenstein and Maass (2020), doi:10.1038/s41467-020-17236-y, whose experiment
with mice is Morcos and Harvey (2016). Sizes and rates by default are those of the authors' program.
"""

from collections.abc import Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from workbench import Parameter, Task, TaskData, Trials, WorkbenchError, hookimpl, poisson_coded, whole_parameter

_DT, _GROUPS = 1e-3, 4

#: Seed of each split, which is part of the task.
_SEEDS = {"train": 0, "validation": 1, "test": 2}

#: The least that each whole number may be.
_LEAST = {
    "cues": 1, "cue": 1, "spacing": 0, "delay": 0, "recall": 1, "inputs": 4, "train": 4, "validation": 4, "test": 4,
}  # fmt: skip


def load(**values: float) -> TaskData:
    """Return the trials: inputs in four groups, two classes, and a loss that counts while the decision is asked for.

    Parameters
    ----------
    **values
        The parameters of the task by name, all of them.

    Raises
    ------
    WorkbenchError
        Where a number is not one, too small or too large.
    """
    whole = {
        name: whole_parameter(f"evidence_accumulation.{name}", values[name], least) for name, least in _LEAST.items()
    }
    if whole["cues"] % 2 == 0:
        raise WorkbenchError(
            f"evidence_accumulation.cues: must be odd, so that one side has more of them, not {whole['cues']}."
        )
    if whole["inputs"] % _GROUPS:
        raise WorkbenchError(
            f"evidence_accumulation.inputs: must be a multiple of {_GROUPS}, for groups of equal size, "
            f"not {whole['inputs']}."
        )
    for name, least, most in (("rate", 0, 1 / _DT), ("noise", 0, 1 / _DT), ("share", 0.5, 1)):
        if not least < values[name] <= most:
            raise WorkbenchError(
                f"evidence_accumulation.{name}: must lie above {least:g} and not above {most:g}, not {values[name]:g}."
            )
    if values["noise"] > values["rate"]:
        raise WorkbenchError(
            f"evidence_accumulation.noise: must not be above `rate`, {values['rate']:g} Hz, not {values['noise']:g}."
        )
    lengths = [*(whole["spacing"], whole["cue"]) * whole["cues"], whole["delay"], whole["recall"]]
    kept = [length > 0 for length in lengths]
    first, second, third = (_trials(name, whole, values, lengths, kept) for name in _SEEDS)
    n_steps = sum(lengths)
    window = (n_steps - whole["recall"], n_steps)
    return TaskData(whole["inputs"], 2, n_steps, _DT, first, second, third, window=window)


def _trials(
    name: str, whole: Mapping[str, int], values: Mapping[str, float], lengths: list[int], kept: list[bool]
) -> Trials:
    """Return a split: of each trial the cues, and by which chance inputs spike in each interval."""
    generator = np.random.default_rng([_SEEDS[name], whole["cues"]])
    count, n_cues, group = whole[name], whole["cues"], whole["inputs"] // _GROUPS
    # Both sides are drawn as often.
    side = generator.permutation(np.arange(count) % 2)
    told = generator.random((count, n_cues)) < values["share"]
    cues: NDArray[np.int64] = np.where(told, side[:, None], 1 - side[:, None])
    shares = np.zeros((count, len(lengths), _GROUPS))
    shares[np.arange(count)[:, None], 1 + 2 * np.arange(n_cues), cues] = 1
    shares[:, -1, 2] = 1
    shares[:, :, 3] = values["noise"] / values["rate"]
    label = (cues.sum(axis=1) > n_cues // 2).astype(np.int64)
    each = np.repeat(shares[:, kept], group, axis=2)
    steps = [length for length in lengths if length]
    return poisson_coded(each, label, 2, steps, values["rate"] * _DT, bias=False, seed=_SEEDS[name])


EVIDENCE_ACCUMULATION = Task(
    name="evidence_accumulation",
    title="Evidence accumulation",
    load=load,
    parameters=(
        Parameter(name="cues", default=7, doc="Cues of a trial, an odd number."),
        Parameter(name="cue", default=100, doc="Steps of 1 ms that a cue lasts."),
        Parameter(name="spacing", default=50, doc="Steps before each cue."),
        Parameter(name="delay", default=1050, doc="Steps between the last cue and the decision."),
        Parameter(name="recall", default=150, doc="Steps in which the decision is asked for."),
        Parameter(name="inputs", default=40, doc="Input neurons, a quarter in each group."),
        Parameter(name="rate", default=40, doc="Of inputs that tell something [Hz]."),
        Parameter(name="noise", default=10, doc="Of those that tell nothing [Hz]."),
        Parameter(name="share", default=0.7, doc="Probability of a cue to be of the side that is drawn."),
        Parameter(name="train", default=640, doc="Trials of the training split."),
        Parameter(name="validation", default=200, doc="Trials of the validation split."),
        Parameter(name="test", default=500, doc="Trials of the test split."),
    ),
    doi="10.1038/s41467-020-17236-y",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield EVIDENCE_ACCUMULATION
