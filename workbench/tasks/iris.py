"""Iris: 150 flowers of three kinds by four lengths, rate coded, in five folds."""

from collections.abc import Iterator

import numpy as np

from workbench import Parameter, Task, TaskData, hookimpl, rate_coded, whole_parameter

FOLDS = 5

#: Of the shuffle that makes the folds, which is part of the task.
_SHUFFLE = 0

_N_STEPS, _MOST, _N_VALIDATION = 100, 0.25, 15


def load(fold: float = 0) -> TaskData:
    """Return the trials: four inputs that spike the more the larger a length is among all flowers, and a bias.

    Parameters
    ----------
    fold : int
        Which fifth of the flowers is for the test. Of the others, a few are for validation.

    Raises
    ------
    WorkbenchError
        Where there is no such fold.
    """
    from sklearn.datasets import load_iris
    from sklearn.model_selection import StratifiedKFold, train_test_split

    number = whole_parameter("iris.fold", fold, 0, FOLDS - 1)
    flowers = load_iris()
    least, most = flowers.data.min(axis=0), flowers.data.max(axis=0)
    trials = rate_coded((flowers.data - least) / (most - least), flowers.target, 3, _N_STEPS, _MOST, bias=True)
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=_SHUFFLE).split(flowers.data, flowers.target)
    rest, test = list(folds)[number]
    train, validation = train_test_split(
        rest, test_size=_N_VALIDATION, stratify=flowers.target[rest], random_state=_SHUFFLE
    )
    parts = [trials.take(np.asarray(part)) for part in (train, validation, test)]
    return TaskData(5, 3, _N_STEPS, 1e-3, parts[0], parts[1], parts[2])


IRIS = Task(
    name="iris",
    title="Iris",
    load=load,
    parameters=(Parameter(name="fold", default=0, doc="Which fifth is for the test, from 0."),),
    doi="10.24432/C56C76",
)


@hookimpl
def workbench_tasks() -> Iterator[Task]:
    """Yield the task."""
    yield IRIS
