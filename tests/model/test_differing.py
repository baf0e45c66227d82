"""Neurons that differ: all forms and targets, and the exact gradient, of parameters that are drawn or given."""

from dataclasses import replace

import numpy as np
import pytest

from tests.networks import CAPACITY, RULES, assert_alive, error_of
from tests.slopes import assert_gradient_is_the_slope
from workbench import Network, by_neuron
from workbench.audit.locality.provenance import provenance
from workbench.audit.locality.requirements import locality
from workbench.common.errors import ModelError, RuleError, WorkbenchError
from workbench.declare.neuron_models import ALIF, LEAKY_INTEGRATOR, LIF
from workbench.declare.options import Form
from workbench.declare.population import Population
from workbench.declare.projection import Projection
from workbench.model.setup import Setup
from workbench.reference.bptt import reference
from workbench.reference.forward_pass import ForwardPass
from workbench.reference.mode import Direction
from workbench.testing.case import Case, random_case

SPREAD: dict[str, str | float] = {
    "tau_mem": "lognormal(20 ms, 0.5)",
    "tau_syn": "uniform(4 ms, 12 ms)",
    "v_th": "normal(1, 0.2, 0.5, 1.5)",
}
LIFS = LIF.with_parameters(SPREAD)
ALIFS = ALIF.with_parameters(SPREAD | {"tau_a": "normal(100 ms, 40 ms, 20 ms, 400 ms)", "rise": "uniform(0.1, 0.3)"})
READOUTS = LEAKY_INTEGRATOR.with_parameters({"tau_mem": by_neuron(np.array([10.0, 20.0, 35.0]), "ms")})


def network_of(hidden: tuple[int, ...] = (9,), **chosen: object) -> Network:
    """Return a network whose neurons differ, unless others are given."""
    given = {"neuron": LIFS, "seed": 3} | chosen
    return Network(n_inputs=8, hidden=hidden, n_outputs=3, n_steps=40, **given)  # type: ignore[arg-type]


def case_of(network: Network, rule: str = "eprop", feedback: str = "symmetric", form: Form = "events") -> Case:
    """Return a network with weights by which its layers spike."""
    setup = Setup(network=network, rule=RULES[rule], feedback=feedback, form=form, **CAPACITY)
    return random_case(setup, gain=2.0)


def exact(case: Case, direction: Direction = "reverse") -> dict[str, np.ndarray]:
    """Return the gradients of single trials, with the reset held constant."""
    forward = ForwardPass(case.state.weights, case.state.feedback, case.trials, case.record())
    return reference(case.setup).gradients(forward, reset="constant", per_trial=True, direction=direction).trials


@pytest.mark.parametrize(("rule", "neuron"), [("eprop", LIFS), ("eprop_adaptive", ALIFS)], ids=["lif", "alif"])
def test_symmetric_eprop_is_bptt(rule: str, neuron: object) -> None:
    case = case_of(network_of(neuron=neuron), rule)
    recording = case.record()
    assert_alive(recording, case.setup)
    gradients = exact(case)
    for layer, array in recording.gradient.items():
        assert error_of(array, gradients[layer]) < 1e-9
    # The same spikes of neurons that are all alike have another gradient.
    alike = replace(case.setup.network, neuron=LIF if rule == "eprop" else ALIF)
    other = case.with_setup(network=alike)
    assert error_of(exact(other)["hidden1"], recording.gradient["hidden1"]) > 0.05


WAYS = (
    ("eprop", "random_chained", network_of((7, 6), recurrent=True, delays=(("hidden2", 2),))),
    ("dcll", "local_readout", network_of((7, 6))),
    ("stdp", "none", network_of((9,), readout=READOUTS)),
    (
        "eprop",
        "random_direct",
        network_of(
            (7,),
            neuron=LIF,
            populations=(Population(name="others", size=5, neuron=LIFS),),
            projections=(
                Projection(source="inputs", target="others"),
                Projection(source="others", target="readout"),
                Projection(source="others", target="hidden1", delay=1),
            ),
        ),
    ),
)


@pytest.mark.parametrize(("rule", "feedback", "network"), WAYS, ids=["eprop", "dcll", "stdp", "population"])
def test_all_forms_and_targets_agree(rule: str, feedback: str, network: Network) -> None:
    case = case_of(network, rule, feedback)
    compiled = case.record()
    assert_alive(compiled, case.setup)
    forms: tuple[Form, ...] = ("clock", "causal")
    others = {form: case.with_setup(form=form).record() for form in forms} | {"numpy": case.record("numpy")}
    for name, other in others.items():
        for layer, spikes in compiled.spikes.items():
            assert np.array_equal(other.spikes[layer].step, spikes.step)
        for layer, array in compiled.gradient.items():
            assert error_of(other.gradient[layer], array) < 1e-10, (name, layer)


def test_neuron_spikes_as_where_all_have_its_numbers() -> None:
    case = case_of(network_of())
    recording = case.record()
    numbers = case.setup.network.parameters_of("hidden1")
    for neuron in range(9):
        own = {name: f"{float(np.asarray(numbers[name])[neuron])!r} s" for name in ("tau_mem", "tau_syn")}
        alike = LIF.with_parameters({**own, "v_th": float(np.asarray(numbers["v_th"])[neuron])})
        other = case.with_setup(network=network_of(neuron=alike)).record()
        found, wanted = recording.spikes["hidden1"], other.spikes["hidden1"]
        assert np.array_equal(found.step[found.neuron == neuron], wanted.step[wanted.neuron == neuron])


def test_exact_gradient_is_the_same_forward_and_in_reverse() -> None:
    case = case_of(network_of((7, 6), recurrent=True))
    forward, reverse = exact(case, direction="forward"), exact(case, direction="reverse")
    for layer, array in reverse.items():
        assert error_of(forward[layer], array) < 1e-10


def test_exact_gradient_is_the_slope_of_the_smooth_loss() -> None:
    assert_gradient_is_the_slope(case_of(network_of((7, 6))))


def test_first_values_differ() -> None:
    neuron = replace(
        LIF.with_parameters({"v_th": "uniform(0.9, 1.1)"}), initial=(("v", "uniform(-0.5, 0.5)"), ("I", "v_th"))
    )
    case = case_of(network_of(neuron=neuron))
    first = case.setup.network.first_values_of("hidden1")
    assert np.array_equal(first["I"], case.setup.network.parameters_of("hidden1")["v_th"])
    assert len(np.unique(first["v"])) == 9
    recording, other = case.record(), case.record("numpy")
    assert error_of(other.gradient["hidden1"], recording.gradient["hidden1"]) < 1e-10
    without = case.with_setup(network=network_of(neuron=replace(neuron, initial=()))).record()
    assert not np.array_equal(without.output, recording.output)


def test_locality_is_that_of_neurons_that_are_alike() -> None:
    found = provenance(case_of(network_of((7, 6))).setup, "hidden1")
    wanted = provenance(case_of(network_of((7, 6), neuron=LIF)).setup, "hidden1")
    assert {edge.read.place for edge in found.edges} == {edge.read.place for edge in wanted.edges}


def test_seed_and_layer_decide_what_is_drawn() -> None:
    network = network_of((7, 7))
    first, second = (network.parameters_of(layer)["tau_mem"] for layer in ("hidden1", "hidden2"))
    assert not np.array_equal(first, second)
    assert np.array_equal(first, network_of((7, 7)).parameters_of("hidden1")["tau_mem"])
    assert not np.array_equal(first, network_of((7, 7), seed=4).parameters_of("hidden1")["tau_mem"])


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"tau_mem": "values(10 ms, 20 ms)"}, "2 values for 9 neurons"),
        ({"tau_mem": "normal(5 ms, 10 ms)"}, "time constant 'tau_mem' must be positive"),
        ({"tau_mem": "norml(5 ms, 10 ms)"}, "Did you mean 'normal'"),
        ({"tau_mem": "normal(5 ms, 10 mV)"}, "mixes units"),
        ({"tau_mem": "normal(5 mV, 1 mV)"}, "but 'second' is needed"),
        ({"tau_mem": "uniform(5 ms)"}, "has 1 numbers"),
        ({"tau_mem": "uniform(9 ms, 5 ms)"}, "lower bound first"),
        ({"v_th": "normal(0, 1, 50, 51)"}, "Widen the bounds"),
        ({"v_th": "lognormal(1, 1000)"}, "makes no numbers"),
    ],
)
def test_what_cannot_be_drawn_is_refused(parameters: dict[str, str | float], message: str) -> None:
    with pytest.raises(WorkbenchError, match=message):
        network_of(neuron=LIF.with_parameters(parameters))


def test_neuron_that_spikes_at_start_is_found_among_others() -> None:
    neuron = replace(LIF, initial=(("v", "values(0, 0, 0, 0, 3, 0, 0, 0, 0)"),))
    with pytest.raises(ModelError, match="begins at v = 3"):
        case_of(network_of(neuron=neuron)).record("numpy")


def test_rule_that_reads_what_differs_between_outputs_is_refused() -> None:
    with pytest.raises(RuleError, match="'tau_mem_readout' is no one number"):
        case_of(network_of(readout=READOUTS)).record("numpy")


@pytest.mark.parametrize("name", ["eprop", "lasting"])
def test_traces_of_a_synapse_are_those_of_its_source(name: str) -> None:
    # With one value for all neurons both are the same, whether traces outlive a trial or not.
    rule = RULES["eprop"] if name == "eprop" else replace(RULES["eprop"], name=name, persistent=("q", "p"))
    told: dict[str, str | float] = {
        key: by_neuron(np.full(9, value), "ms") for key, value in (("tau_mem", 20.0), ("tau_syn", 10.0))
    }
    setup = Setup(network=network_of(neuron=LIF), rule=rule, feedback="symmetric", form="clock", **CAPACITY)
    case = random_case(setup, gain=2.0)
    each = case.with_setup(network=network_of(neuron=LIF.with_parameters(told)))
    found, wanted = each.record(), case.record()
    assert_alive(wanted, setup)
    for layer, array in wanted.gradient.items():
        assert error_of(found.gradient[layer], array) < 1e-12


def test_values_have_a_unit_that_there_is() -> None:
    with pytest.raises(WorkbenchError, match="'foo' is not a unit"):
        by_neuron(np.array([1.0]), "foo")


def test_rule_is_checked_and_located_with_neurons_that_are_alike() -> None:
    told = LIF.with_parameters({"tau_mem": "values(10 ms, 30 ms)"})
    assert told.alike().values() == LIF.values()
    assert (
        locality(RULES["stdp"], "none", told, LEAKY_INTEGRATOR).total
        == locality(RULES["stdp"], "none", LIF, LEAKY_INTEGRATOR).total
    )
