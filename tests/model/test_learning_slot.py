"""The equations of the learning slot: order does not matter, nothing is lost, neurons may do what synapses do."""

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.networks import RULES, SETUPS, error_of
from workbench.declare.claims import Claims
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.options import Target
from workbench.declare.parameter import Parameter
from workbench.declare.rule import Rule
from workbench.engine.presentation import Plan
from workbench.model.structure import structure_of
from workbench.testing.case import Case, random_case

#: The error as it is now, the error filtered by each synapse, the same by each postsynaptic neuron.
NOW = replace(
    RULES["dcll"],
    name="now",
    signal=LearningSignal(feedback="symmetric"),
    regularizer=None,
    parameters=(),
    claims=Claims(),
)
IN_SYNAPSES = replace(
    NOW,
    name="in_synapses",
    synapse="""df/dt = (error_post - f) / tau_mem_post : 1
               dg/dt = f * psi_post * p_pre : second""",
)
IN_NEURONS = replace(
    NOW,
    name="in_neurons",
    post="df/dt = (error - f) / tau_mem : 1",
    synapse="dg/dt = f_post * psi_post * p_pre : second",
)


def case_of(rule: Rule, **setup: object) -> Case:
    """Return two hidden layers, whose weights and trials are the same for every rule."""
    case = random_case(replace(SETUPS["eprop_2"], rule=NOW), count=3)
    return replace(case, setup=replace(case.setup, rule=rule, **setup))  # type: ignore[arg-type]


def estimates(case: Case, target: Target = "numpy", chunk: int = 256) -> NDArray[np.float64]:
    """Return what the rule estimates for the lower hidden layer, (n_trials, n_pre, n_post)."""
    plan = Plan(learning=True, record_gradient=True, chunk=chunk)
    recording, _ = case.simulator(target).run(case.state, case.trials, plan)
    estimate = recording.gradient["hidden1"]
    assert np.abs(estimate).max(axis=(1, 2)).astype(bool).sum() >= 2
    return estimate


def test_neuron_filters_its_signal_as_a_synapse_would() -> None:
    in_synapses = estimates(case_of(IN_SYNAPSES))
    assert error_of(estimates(case_of(IN_NEURONS)), in_synapses) < 1e-12
    assert error_of(estimates(case_of(NOW)), in_synapses) > 0.1


def test_variables_of_the_postsynaptic_neuron_do_not_depend_on_chunks() -> None:
    case = case_of(IN_NEURONS)
    together = estimates(case, "cpp")
    assert np.array_equal(together, estimates(case, "cpp", chunk=1))
    assert error_of(estimates(case), together) < 1e-9


def test_variable_that_only_adds_up_reaches_those_that_read_it() -> None:
    """A sum over all steps so far is what a very slow filter gives."""
    summed = replace(
        NOW,
        synapse="""da/dt = psi_post * p_pre : second
                   dh/dt = (a / tau_syn_post - h) / tau_mem_post : 1
                   dg/dt = error_post * h : second""",
    )
    found = estimates(case_of(summed))
    slower = replace(summed, synapse=summed.synapse.replace("da/dt = ", "da/dt = -a / tau_slow + "),
                     parameters=(Parameter(name="tau_slow", default="1e6 second", doc="Of the sum."),))  # fmt: skip
    assert error_of(estimates(case_of(slower)), found) < 1e-6
    faster = slower.with_parameters({"tau_slow": "10 ms"})
    assert error_of(estimates(case_of(faster)), found) > 0.1


@pytest.mark.parametrize("field", ["synapse", "post"])
def test_order_of_equations_changes_nothing(field: Literal["synapse", "post"]) -> None:
    lines = {
        "synapse": ["df/dt = -f / tau_mem_post + h * error_post / dt : 1",
                    "dh/dt = -h / tau_syn_post + f * psi_post / dt + p_pre / dt : 1",
                    "dg/dt = f * h * p_pre : second"],
        "post": ["df/dt = -f / tau_mem + h * error / dt : 1", "dh/dt = -h / tau_syn + f * psi / dt + psi / dt : 1"],
    }[field]  # fmt: skip
    base = NOW if field == "synapse" else replace(NOW, synapse="dg/dt = f_post * h_post * p_pre : second")
    first = estimates(case_of(replace(base, **{field: "\n".join(lines)})))  # type: ignore[arg-type]
    second = estimates(case_of(replace(base, **{field: "\n".join(lines[::-1])})))  # type: ignore[arg-type]
    np.testing.assert_allclose(first, second, rtol=1e-12, atol=0)


#: The rule as it was, with one of its constants a number of its own: in which text, in place of what.
SCALE = Parameter(name="scale", default=1.0, doc="A factor.")
TAU = Parameter(name="tau", default="20 ms", doc="Of the membrane's trace.")
WITH_NUMBERS: dict[str, tuple[Rule, dict[str, str | float]]] = {
    "pre": (replace(NOW, pre=NOW.pre.replace("tau_mem_post", "tau"), parameters=(TAU,)), {"tau": "40 ms"}),
    "pre_on_spike": (replace(NOW, pre_on_spike="q += scale", parameters=(SCALE,)), {"scale": 3.0}),
    "post": (
        replace(IN_NEURONS, post=IN_NEURONS.post.replace("tau_mem", "tau"), parameters=(TAU,)),
        {"tau": "40 ms"},
    ),
    "synapse": (
        replace(NOW, synapse=NOW.synapse.replace("error_post", "scale * error_post"), parameters=(SCALE,)),
        {"scale": 3.0},
    ),
    "relay": (
        replace(NOW, signal=LearningSignal(relay="scale * error * psi"), parameters=(SCALE,)),
        {"scale": 3.0},
    ),
}


@pytest.mark.parametrize("field", WITH_NUMBERS)
def test_equations_read_the_numbers_of_the_rule(field: str) -> None:
    rule, values = WITH_NUMBERS[field]
    plain = estimates(case_of(IN_NEURONS if field == "post" else NOW))
    assert error_of(estimates(case_of(rule)), plain) < 1e-12
    other = rule.with_parameters(values)
    changed = estimates(case_of(other))
    if "scale" in values:
        assert error_of(changed, 3 * plain) < 1e-12
    else:
        assert error_of(changed, plain) > 0.1
    # A number is no text: nothing is compiled for another.
    assert structure_of(case_of(other).setup) == structure_of(case_of(rule).setup)
    assert structure_of(case_of(replace(rule, parameters=())).setup) != structure_of(case_of(rule).setup)
