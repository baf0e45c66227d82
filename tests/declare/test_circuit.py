"""What a rule brings along: names, sizes and beginnings in a network, and what is refused."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from workbench import Circuit, CircuitPopulation, CircuitProjection, Network, Parameter, Projection, Rule, WrittenFor
from workbench.common.errors import ModelError, RuleError
from workbench.declare.circuit import FORWARD
from workbench.declare.completed import begins_forward, begun, completed, without_circuit
from workbench.declare.connectivity import Connectivity
from workbench.declare.neuron_models import LIF
from workbench.declare.population import Population

INTER = CircuitPopulation(name="inter", neuron=LIF, size="above")
DOWN = CircuitProjection(name="down", source="above", target="layer", like="forward", factor=0.5)
LATERAL = CircuitProjection(name="lateral", source="inter", target="layer", like="down", factor=-1.0)
UP = CircuitProjection(
    name="up", source="layer", target="inter", std="spread", synapse="dg/dt = I_post : second", learning_rate="speed"
)
NUDGE = CircuitProjection(name="nudge", source="above", target="inter", pattern="one_to_one", weight="told")
NETWORK = Network(n_inputs=5, hidden=(4, 3), n_outputs=2)


def rule(*projections: CircuitProjection, **fields: Any) -> Rule:
    circuit = Circuit(populations=(INTER,), projections=projections or (DOWN, LATERAL, UP, NUDGE))
    given: dict[str, Any] = {"synapse": "dg/dt = I_post : second", "circuit": circuit} | fields
    numbers: dict[str, str | float] = {"spread": 2.0, "speed": 0.1, "told": 0.25, "tau": "5 ms"}
    parameters = tuple(Parameter(name=name, default=value, doc="A number.") for name, value in numbers.items())
    return Rule(name="circled", title="Circled", parameters=parameters, **given)


def test_each_hidden_layer_gets_the_circuit() -> None:
    network = completed(NETWORK, rule())
    assert network.layer_sizes == {"hidden1": 4, "hidden2": 3, "inter1": 3, "inter2": 2, "readout": 2}
    ends = {item.name: (item.source, item.target, item.plastic) for item in network.projections}
    assert ends == {
        "down1": ("hidden2", "hidden1", False), "lateral1": ("inter1", "hidden1", False),
        "up1": ("hidden1", "inter1", True), "nudge1": ("hidden2", "inter1", False),
        "down2": ("readout", "hidden2", False), "lateral2": ("inter2", "hidden2", False),
        "up2": ("hidden2", "inter2", True), "nudge2": ("readout", "inter2", False),
    }  # fmt: skip
    own = network.projection("up2")
    assert own.rule is not None
    assert (own.rule.name, own.learning_rate) == ("circled_up", 0.1)


def test_a_network_is_completed_once_and_can_be_taken_apart() -> None:
    network = completed(NETWORK, rule())
    assert completed(network, rule()) is network
    assert without_circuit(network, rule()) == NETWORK
    plain = replace(rule(), circuit=None)
    assert completed(NETWORK, plain) is NETWORK
    assert without_circuit(network, plain) is network
    flat = replace(NETWORK, hidden=())
    assert completed(flat, rule()) is flat


def test_weights_begin_as_the_circuit_says() -> None:
    network = completed(NETWORK, rule())
    generator = np.random.default_rng(0)
    drawn = {name: generator.normal(size=shape) for name, shape in network.weight_shapes().items()}
    found = begun(network, rule(), drawn)
    for at, above in ((1, "hidden2"), (2, "readout")):
        np.testing.assert_array_equal(found[f"down{at}"], 0.5 * drawn[above].T)
        np.testing.assert_array_equal(found[f"lateral{at}"], -found[f"down{at}"])
        np.testing.assert_array_equal(found[f"nudge{at}"], 0.25)
        np.testing.assert_array_equal(found[f"up{at}"], drawn[f"up{at}"])
        assert not np.array_equal(found[f"down{at}"], drawn[f"down{at}"])
    assert [begins_forward(network, rule(), f"{name}1") for name in ("down", "lateral", "up", "nudge")] == [
        True, True, False, False,
    ]  # fmt: skip


def test_pages_show_what_is_brought() -> None:
    circuit = rule().circuit
    assert circuit is not None
    assert circuit.lines == [
        "inter: lif, as many as above",
        "down: above -> layer.I, begins at 0.5 * forward",
        "lateral: inter -> layer.I, begins at -1 * down",
        "up: layer -> inter.I, begins at std spread",
        "up: dg/dt = I_post : second",
        "nudge: above -> inter.I, one_to_one, begins at told",
    ]


def test_what_goes_the_same_way_is_not_transposed() -> None:
    up = replace(UP, std=1.0, like=FORWARD)
    network = completed(NETWORK, rule(up))
    drawn = {name: np.random.default_rng(1).normal(size=shape) for name, shape in network.weight_shapes().items()}
    np.testing.assert_array_equal(begun(network, rule(up), drawn)["up1"], drawn["hidden2"])


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "twice": ({"name": "inter"}, "`circuit` has 'inter' twice. Rename"),
    "a digit": ({"name": "down1"}, "must be lower-case letters, with underscores between them, .* unlike 'down1'"),
    "taken": ({"name": "forward"}, "and mean nothing else, unlike 'forward'"),
    "no source": ({"source": "inner"}, "projection 'down': there is no 'inner'. Did you mean 'inter'?"),
    "inputs": ({"target": "below"}, "reaches 'below', which may be the inputs. Let it reach the layer or above."),
    "like later": ({"like": "lateral"}, "is to begin like 'lateral', which is none of the weights before it."),
    "both": ({"weight": 1.0}, "has both `like` and `weight`, which give what it begins with. Drop one."),
    "no number": ({"std": "tau"}, "begins with 'tau', none of the rule's numbers without a unit."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_does_not_hold_together_is_refused(case: str) -> None:
    changes, message = REFUSED[case]
    with pytest.raises(RuleError, match=message):
        rule(replace(DOWN, **changes))


def test_a_circuit_is_for_equations() -> None:
    with pytest.raises(RuleError, match="`circuit` is beside layers that learn by equations, and engine 'bptt' has"):
        rule(engine="bptt", synapse="")


def test_a_network_with_something_of_the_name_is_refused() -> None:
    beside = replace(NETWORK, populations=(Population(name="inter1", size=7),))
    with pytest.raises(ModelError, match="brings 'inter1' along, and the network has something of this name"):
        completed(beside, rule())


def test_weights_that_are_no_matrix_are_no_beginning() -> None:
    sparse = Projection(source="hidden1", target="hidden2", name="hidden2", connect=Connectivity(fan_in=2))
    with pytest.raises(ModelError, match="weights 'down1' begin like 'hidden2', and have the shape"):
        completed(replace(NETWORK, projections=(sparse,)), rule())


def test_a_rule_for_other_neurons_is_refused_before_it_brings_anything() -> None:
    of_pyramidal = rule(written_for=WrittenFor(neuron="pyramidal"))
    with pytest.raises(RuleError, match="It is written for neuron 'pyramidal', and the network has 'lif'"):
        completed(NETWORK, of_pyramidal)
