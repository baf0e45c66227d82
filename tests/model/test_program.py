"""The forward dynamics that are read off a network: all of them, nothing that only learns, without a compiler."""

import gc
from contextlib import nullcontext
from typing import Any

import pytest
from brian2 import prefs
from brian2.codegen.runtime.cython_rt.cython_rt import CythonCodeObject

from tests.networks import RATE, RULES, SETUPS, setup_for
from workbench.declare.loss import CROSS_ENTROPY
from workbench.model.operation import Operation
from workbench.model.program import Program
from workbench.model.read_program import read_program
from workbench.model.setup import Setup


def written(forward: Program, owner: str) -> set[str]:
    return {
        operation.names[target].variable
        for operation in forward.operations
        for target, _ in operation.statements
        if operation.names[target].owner == owner and operation.names[target].side != "temporary"
    }


def core(operation: Operation) -> tuple[Any, ...]:
    return operation.kind, operation.owner, operation.source, operation.statements


@pytest.mark.parametrize("setup", [*SETUPS.values(), RATE], ids=[*SETUPS, "rate"])
def test_every_layer_is_integrated_decided_and_reset(setup: Setup) -> None:
    forward = read_program(setup)
    for layer in setup.network.layers[:-1]:
        kinds = [operation.kind for operation in forward.operations if operation.owner == layer]
        if setup.network.neuron.spiking:
            assert [kind for kind in kinds if kind != "assign"] == ["threshold", "reset"]
        assert {"v", "I"} <= written(forward, layer)
    assert written(forward, "readout") >= {"v", "I", "loss", "output_sum"}
    arrivals = [item.owner for item in forward.operations if item.kind in {"transmit", "sum"} and "w_" in item.owner]
    assert arrivals == [f"w_{name}" for name in setup.network.weight_shapes()]


@pytest.mark.parametrize("setup", [*SETUPS.values(), RATE], ids=[*SETUPS, "rate"])
def test_nothing_that_only_learns_is_kept(setup: Setup) -> None:
    forward = read_program(setup)
    every = {name for owner in forward.sizes for name in written(forward, owner)}
    assert every & {"psi", "g", "h", "k", "p", "q", "error", "relay", "trace__v", "trace__I", "w"} == set()


def test_dynamics_do_not_depend_on_the_rule() -> None:
    programs = [
        read_program(setup_for(RULES[rule], RULES[rule].default_feedback, 1, CROSS_ENTROPY))
        for rule in ("eprop", "frozen", "bptt")
    ]
    first, *others = [[core(operation) for operation in forward.operations] for forward in programs]
    assert len(first) > 6
    assert all(other == first for other in others)
    local = read_program(SETUPS["dcll_1"])
    assert written(local, "hidden1_readout") == {"y", "loss", "output_sum"}


def test_reading_calls_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("Cython was asked to compile")

    monkeypatch.setattr(CythonCodeObject, "__init__", refuse)
    read_program(SETUPS["eprop_1"])
    # The negative control: left to itself, Brian2 would compile the code that connects synapses.
    monkeypatch.setattr("workbench.model.read_program.numpy_code", nullcontext)
    previous = prefs.codegen.target
    try:
        prefs.codegen.target = "cython"
        with pytest.raises(AssertionError, match="Cython was asked to compile"):
            read_program(SETUPS["dcll_1"])
    finally:
        prefs.codegen.target = previous
        gc.collect()
