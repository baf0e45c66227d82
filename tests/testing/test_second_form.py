"""A gradient of the reference is held to a second form of it, and what is wrong with either is seen."""

from dataclasses import replace
from pkgutil import resolve_name

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import REGISTRY, RULES
from workbench.adjoint.lines import Displace, Layer
from workbench.adjoint.sweep_text import Back, backwards
from workbench.common.errors import GradientError
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF, REFRACTORY
from workbench.declare.references import Treatment
from workbench.exact_time.formulas import FORMULAS
from workbench.testing.second_form import agrees_with_second_form
from workbench.testing.subject import DoesNotApplyError, FailedError, Subject

#: Rule -> what is said where its gradient goes through resets with the other sign.
WITH_OTHER_RESETS = {
    "bptt": "compiled code and JAX differ: relative error",
    "rtrl": "carrying along and going back differ: relative error",
    "ostl": "In the last layers JAX differs: relative error",
    "eventprop": "With steps of a 64th the estimate of 'hidden1' is",
}


def subject(rule: str) -> Subject:
    return Subject(RULES[rule], *REGISTRY.models_for(RULES[rule]))


@pytest.mark.parametrize("rule", WITH_OTHER_RESETS)
def test_another_way_through_resets_is_seen(rule: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(layer: Layer, treatment: Treatment) -> tuple[Back, ...]:
        return tuple(
            replace(back, terms=tuple(replace(term, factor=f"-({term.factor})") for term in back.terms))
            if isinstance(back.line, Displace)
            else back
            for back in backwards(layer, treatment)
        )

    assert "relative error" in agrees_with_second_form(subject(rule))
    monkeypatch.setattr("workbench.adjoint.source.backwards", wrong)
    with pytest.raises(FailedError, match=WITH_OTHER_RESETS[rule]):
        agrees_with_second_form(subject(rule))


@pytest.mark.parametrize("rule", ["spikeprop", "mostafa"])
@pytest.mark.parametrize("number", range(len(FORMULAS)))
def test_each_formula_of_continuous_time_is_seen(rule: str, number: int, monkeypatch: pytest.MonkeyPatch) -> None:
    right = FORMULAS[number]
    wrong = replace(right, text=f"1.001 * ({right.text})")
    monkeypatch.setattr(
        "workbench.exact_time.exact_time.FORMULAS", (*FORMULAS[:number], wrong, *FORMULAS[number + 1 :])
    )
    with pytest.raises(FailedError, match="It is not the slope of the loss: relative error"):
        agrees_with_second_form(subject(rule))


@pytest.mark.parametrize("part", ["_share", "_Course.effects", "_Course.filtered"])
def test_each_part_of_spike_trains_is_seen(part: str, monkeypatch: pytest.MonkeyPatch) -> None:
    right = resolve_name(f"workbench.reference.spike_trains:{part}")

    def wrong(*given: object) -> NDArray[np.float64]:
        return np.asarray(1.001 * right(*given))

    assert "differences of its smooth form: relative error" in agrees_with_second_form(subject("st_rsbp"))
    monkeypatch.setattr(f"workbench.reference.spike_trains.{part}", wrong)
    # What the readout filters is what Brian2 recorded of it.
    of_readout = part == "_Course.filtered"
    seen = "loss deviates from Brian2's by" if of_readout else "It is not the slope of its smooth form: relative error"
    with pytest.raises(GradientError if of_readout else FailedError, match=seen):
        agrees_with_second_form(subject("st_rsbp"))


def test_neurons_that_are_not_counted_say_why() -> None:
    with pytest.raises(DoesNotApplyError, match=r"a network of its neurons has none: .*must be 'lif_zero_reset'"):
        agrees_with_second_form(Subject(RULES["st_rsbp"], LIF, LEAKY_INTEGRATOR))


def test_differences_across_a_spike_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[int] = []

    def more(_: object) -> dict[str, int]:
        counted.append(0)
        return {"hidden1": len(counted)}

    monkeypatch.setattr("workbench.testing.second_form._counts", more)
    with pytest.raises(FailedError, match="A spike comes or goes as a weight changes a little"):
        agrees_with_second_form(subject("spikeprop"))


def test_a_gradient_of_nothing_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = (*FORMULAS[:-1], replace(FORMULAS[-1], text="0 * slope"))
    monkeypatch.setattr("workbench.exact_time.exact_time.FORMULAS", wrong)
    with pytest.raises(FailedError, match=r"The estimate of 'hidden1' is zero\."):
        agrees_with_second_form(subject("spikeprop"))


@pytest.mark.parametrize(
    ("rule", "why"),
    [
        ("frozen", "its hidden layers never learn"),
        ("oja", "its own equations compute it, not the reference"),
    ],
)
def test_what_has_no_second_form_says_why(rule: str, why: str) -> None:
    with pytest.raises(DoesNotApplyError, match=why):
        agrees_with_second_form(subject(rule))


def test_neurons_that_have_no_such_gradient_say_why() -> None:
    with pytest.raises(DoesNotApplyError, match="a network of its neurons has none: a refractory period has a part in"):
        agrees_with_second_form(Subject(RULES["eventprop"], REFRACTORY, LEAKY_INTEGRATOR))


def test_a_network_without_compiled_code_says_why() -> None:
    odd = replace(LIF, name="odd", drive="v - v_th + 0 * (v % 1)")
    with pytest.raises(DoesNotApplyError, match=r"JAX alone computes it: .* has no derivative here"):
        agrees_with_second_form(Subject(RULES["bptt"], odd, LEAKY_INTEGRATOR))
