"""Measures as data: what they say of themselves is so, and what a stranger's returns is looked at."""

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any, get_args

import numpy as np
import pytest

from workbench.common.errors import PluginError
from workbench.declare.measure import EstimatedGradient, ExactGradient, Measure, Of
from workbench.declare.measured import Measured, undefined
from workbench.measures.evaluated import evaluated
from workbench.measures.records import MEASURES, PERFORMANCE


def found(estimate: np.ndarray, gradients: np.ndarray) -> EstimatedGradient:
    """Return an estimate, the same for all trials, beside gradients of shape (n_trials, n_pre, n_post)."""
    mean = gradients.mean(axis=0)
    errors = float(((estimate - gradients) ** 2).sum())
    return EstimatedGradient(
        "hidden1", "bptt_constant", mean, len(gradients), gradients[::2].sum(axis=0), gradients[1::2].sum(axis=0),
        float((gradients**2).sum()), estimate, estimate, [Measured(0.5)], len(gradients) * float((estimate**2).sum()),
        errors,
    )  # fmt: skip


ESTIMATES = [measure for measure in MEASURES.values() if measure.of == "estimate" and measure.function]
GRADIENTS = [measure for measure in MEASURES.values() if measure.of == "gradient"]
#: Those of them that hang on the mean estimate alone.
OF_THE_MEAN = [
    each for each in ESTIMATES if each.better != "neither" and each.name not in ("cosine_per_trial", "variance")
]
DRAWS = [np.random.default_rng(seed).standard_normal((9, 4, 3)) for seed in range(4)]


@pytest.mark.parametrize("measure", [*ESTIMATES, *GRADIENTS], ids=lambda measure: measure.name)
def test_values_lie_within_what_a_measure_says_it_can_be(measure: Measure) -> None:
    for draws in DRAWS:
        (value,) = evaluated(measure, found(draws[0], 0.3 + draws[1:])).values()
        assert measure.least <= value.value <= measure.most
        assert math.isfinite(value.value)


@pytest.mark.parametrize("measure", OF_THE_MEAN, ids=lambda measure: measure.name)
def test_better_is_nearer_to_the_gradient(measure: Measure) -> None:
    """An estimate that is the gradient is the best there is, and half of it is nearer than its opposite."""
    gradients = 5 + DRAWS[0]
    mean = gradients.mean(axis=0)
    best, worse = (
        evaluated(measure, found(estimate, gradients))["hidden1"].value for estimate in (mean + 1e-6, -0.5 * mean)
    )
    assert (best > worse) is (measure.better == "higher")


def test_norm_of_the_gradient_is_that_of_all_its_numbers() -> None:
    gradients = DRAWS[0]
    value = evaluated(MEASURES["gradient_norm"], found(gradients[0], gradients))["hidden1"].value
    assert value == pytest.approx(math.sqrt(float((gradients.mean(axis=0) ** 2).sum())), rel=1e-12)
    infinite = replace(found(gradients[0], gradients), gradient=np.full((4, 3), np.inf))
    assert evaluated(MEASURES["gradient_norm"], infinite)["hidden1"].reason


def test_every_kind_has_measures_and_no_name_is_there_twice() -> None:
    assert {measure.of for measure in MEASURES.values()} == set(get_args(Of))
    assert [measure.name for measure in PERFORMANCE] == ["accuracy", "loss", "reward", "spikes_per_trial"]


def of_kind(function: Callable[[Any], Any], of: Of = "gradient") -> Measure:
    return Measure(name="mine", title="mine", doc="what it is", of=of, function=function)


def test_measure_that_does_not_apply_says_nothing() -> None:
    exact = found(DRAWS[0][0], DRAWS[0])
    assert evaluated(of_kind(lambda _: None), exact) == {}
    assert evaluated(Measure(name="mine", title="mine", doc="what it is", of="layer"), exact) == {}
    assert evaluated(of_kind(lambda _: undefined("why")), exact)["hidden1"].reason == "why"


def fails(_: ExactGradient) -> Measured:
    raise ZeroDivisionError("by nothing")


@pytest.mark.parametrize(
    ("function", "of", "message"),
    [
        (fails, "gradient", r"Measure 'mine' cannot be computed: ZeroDivisionError: by nothing \(.*test_records.py, l"),
        (lambda _: 1.0, "gradient", "'mine' must return `Measured`, not 1.0"),
        (lambda _: Measured(1.0), "layer", "'mine' must return a mapping of layers, not Measured"),
        (lambda _: {"hidden1": 2}, "layer", "'mine' must return `Measured`, not 2"),
        (lambda _: Measured(math.nan), "gradient", "NaN, and NaN alone, has a reason"),
        (lambda _: Measured(1.0, "why"), "gradient", "NaN, and NaN alone, has a reason"),
    ],
)
def test_what_is_no_measure_is_refused(function: Callable[[Any], Any], of: Of, message: str) -> None:
    with pytest.raises(PluginError, match=message):
        evaluated(of_kind(function, of), found(DRAWS[0][0], DRAWS[0]))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"name": "two words"}, "`name` must be letters"),
        ({"title": ""}, "`title` and `doc` say what it is"),
        ({"of": "synapse"}, "`of`"),
        ({"scale": "cubic"}, "`scale`"),
    ],
)
def test_measure_that_is_none_is_refused(given: dict[str, Any], message: str) -> None:
    with pytest.raises(PluginError, match=message):
        Measure(**{"name": "mine", "title": "mine", "doc": "what it is", "of": "layer", **given})
