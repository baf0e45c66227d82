"""How many values a variable can take, whatever the path by which they come, and without looking twice at any."""

from itertools import pairwise

import pytest

from tests.networks import RULES
from workbench.audit.locality.data_flow import Flow, bent
from workbench.audit.locality.precision import Levels, Precision
from workbench.audit.locality.requirements import locality
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import LEAKY_INTEGRATOR
from workbench.model.operation import Name, Operation
from workbench.model.setup import FIRST
from workbench.text.syntax import parsed

#: What is excited and inhibited by conductances, that filter what arrives or each other.
CONDUCTANCES = """dv/dt = (-v + ge * (E_e - v) + gi * (E_i - v)) / tau_mem : 1
dI/dt = -I / tau_syn : 1
dge/dt = (clip(I, 0, 10) - ge) / tau_syn : 1
dgi/dt = (clip(-I, 0, 10) {more} - gi) / tau_syn : 1"""

NESTED = CONDUCTANCES.format(more="+ ge * gi * (E_e - v * (1 + ge * (1 + gi)))")


def operation(kind: str, *pairs: tuple[str, str], temporary: str = "") -> Operation:
    names = {word: Name("a", word, "own") for word in "xyz"} | {
        word: Name("a", word, "temporary") for word in temporary.split()
    }
    names |= {"spikes": Name("a", "spikes", "own"), "many": Name("a", "many", "own")}
    return Operation(kind, "a", pairs, names)  # type: ignore[arg-type]


def values(variable: str, *operations: Operation, first: float = 0.0) -> Levels:
    found = Precision(Flow(operations), {f"a.{FIRST}x": first}, frozenset())
    return found.levels("a", variable, len(operations))


ASSIGN = "assign"


@pytest.mark.parametrize(
    ("variable", "operations", "expected"),
    [
        ("x", [operation(ASSIGN, ("x", "spikes"))], {0, 1}),
        ("x", [operation(ASSIGN, ("x", "2 * spikes - 1"))], {-1, 1}),
        ("x", [operation(ASSIGN, ("x", "many"))], None),
        ("x", [operation(ASSIGN, ("x", "x + 1"))], None),
        ("x", [operation(ASSIGN, ("x", "clip(x + spikes, 0, 1)"))], None),
        ("x", [operation(ASSIGN, ("x", "sign(x + many)"))], {-1, 0, 1}),
        # Each of the two is made of the other, and one of them is bounded.
        ("x", [operation(ASSIGN, ("y", "x - spikes")), operation(ASSIGN, ("x", "sign(y)"))], {-1, 0, 1}),
        ("y", [operation(ASSIGN, ("y", "x - spikes")), operation(ASSIGN, ("x", "sign(y)"))], {-2, -1, 0, 1}),
        # One more than the sign of something positive, from 0 on.
        ("y", [operation(ASSIGN, ("y", "x + 1")), operation(ASSIGN, ("x", "sign(y)"))], {1, 2}),
        # What only some neurons set has its first value in the others.
        ("x", [operation("reset", ("x", "1"))], {0, 1}),
        ("x", [operation(ASSIGN, ("x", "0")), operation("reset", ("x", "1"))], {0, 1}),
        ("x", [operation(ASSIGN, ("x", "0")), operation(ASSIGN, ("x", "x + spikes"))], {0, 1}),
        ("x", [operation(ASSIGN, ("t", "spikes"), ("x", "t + t"), temporary="t")], {0, 1, 2}),
        ("x", [operation(ASSIGN, ("y", "spikes"), ("x", "y + 3"))], {3, 4}),
        ("x", [operation(ASSIGN, ("x", "17 * spikes")), operation(ASSIGN, ("y", "x"))], {0, 17}),
        ("x", [operation(ASSIGN, ("x", "log(spikes - 2)"))], None),
        ("x", [operation(ASSIGN, ("x", "1 / spikes"))], None),
        ("x", [Operation("sum", "a", (("x", "spikes"),), operation(ASSIGN).names)], None),
    ],
)
def test_values_are_followed(variable: str, operations: list[Operation], expected: set[float] | None) -> None:
    found = values(variable, *operations)
    assert found == (None if expected is None else frozenset(expected))


def test_first_values_count() -> None:
    assert values("x", operation("reset", ("x", "1")), first=-7.0) == frozenset({-7.0, 1.0})


def test_what_is_read_often_is_looked_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each of sixty temporaries reads the one before twice, as stages of a method do: 2^60 ways lead to the first."""
    names = [f"t{number}" for number in range(60)]
    pairs = [("t0", "spikes"), *((name, f"{last} * {last}") for last, name in pairwise(names))]
    chain = operation(ASSIGN, *pairs, ("x", "t59"), temporary=" ".join(names))
    looked = 0

    def counted(expression: str) -> object:
        nonlocal looked
        looked += 1
        assert looked < 1000
        return parsed(expression)

    monkeypatch.setattr("workbench.audit.locality.precision.parsed", counted)
    monkeypatch.setattr("workbench.audit.locality.data_flow.parsed", counted)
    assert values("x", chain) == frozenset({0.0, 1.0})
    assert not bent(chain, "t59", "spikes")
    assert bent(operation(ASSIGN, *pairs[1:], ("t0", "exp(spikes)"), temporary=" ".join(names)), "t59", "spikes")


@pytest.mark.parametrize("equations", [CONDUCTANCES.format(more=""), NESTED], ids=["two", "nested"])
def test_methods_of_many_stages_are_read_as_those_of_one(equations: str) -> None:
    found = {}
    for method in ("euler", "rk4"):
        neuron = NeuronModel(
            name="conductances",
            equations=equations,
            drive="v - v_th",
            reset="v = 0",
            parameters=(("tau_mem", "20 ms"), ("tau_syn", "5 ms"), ("v_th", 1.0), ("E_e", 5.0), ("E_i", -2.0)),
            method=method,
        )
        one = locality(RULES["dcll"], "", neuron, LEAKY_INTEGRATOR, depth=1)
        found[method] = ({name: score.value for name, score in one.scores.items()}, one.pre, one.post, one.synapse)
    assert found["rk4"] == found["euler"]
