"""The forward dynamics that are read off a network: all of them, nothing of what only learns, and without a compiler."""

from typing import Any

import pytest
from brian2.codegen.runtime.cython_rt.cython_rt import CythonCodeObject
from brian2.devices.device import reset_device

from tests.networks import RATE, RULES, SETUPS, setup_for
from workbench.losses import CROSS_ENTROPY
from workbench.model.build import build_model
from workbench.model.parts import Setup
from workbench.model.program import Operation, Program, read_program


def written(program: Program, owner: str) -> set[str]:
    return {
        operation.names[target].variable
        for operation in program.operations
        for target, _ in operation.statements
        if operation.names[target].owner == owner and operation.names[target].side != "temporary"
    }


def core(operation: Operation) -> tuple[Any, ...]:
    return operation.kind, operation.owner, operation.source, operation.statements


@pytest.mark.parametrize("setup", [*SETUPS.values(), RATE], ids=[*SETUPS, "rate"])
def test_every_layer_is_integrated_decided_and_reset(setup: Setup) -> None:
    program = read_program(setup)
    for layer in setup.network.layers[:-1]:
        kinds = [operation.kind for operation in program.operations if operation.owner == layer]
        if setup.network.neuron.spiking:
            assert [kind for kind in kinds if kind != "assign"] == ["threshold", "reset"]
        assert {"v", "I"} <= written(program, layer)
    assert written(program, "readout") >= {"v", "I", "loss", "output_sum"}
    arrivals = [item.owner for item in program.operations if item.kind in {"transmit", "sum"} and "w_" in item.owner]
    assert arrivals == [f"w_{layer}" for layer in setup.network.layers]


@pytest.mark.parametrize("setup", [*SETUPS.values(), RATE], ids=[*SETUPS, "rate"])
def test_nothing_that_only_learns_is_kept(setup: Setup) -> None:
    program = read_program(setup)
    every = {name for owner in program.sizes for name in written(program, owner)}
    assert every & {"psi", "g", "h", "k", "p", "q", "error", "relay", "trace_v", "trace_I", "w"} == set()


def test_dynamics_do_not_depend_on_the_rule() -> None:
    programs = [
        read_program(setup_for(RULES[rule], RULES[rule].default_feedback, 1, CROSS_ENTROPY))
        for rule in ("eprop", "frozen", "bptt")
    ]
    first, *others = [[core(operation) for operation in program.operations] for program in programs]
    assert len(first) > 6
    assert all(other == first for other in others)
    local = read_program(SETUPS["dcll_1"])
    assert written(local, "hidden1_readout") == {"y", "loss"}


def test_reading_calls_no_compiler(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("Cython was asked to compile")

    monkeypatch.setattr(CythonCodeObject, "__init__", refuse)
    read_program(SETUPS["eprop_1"])
    # The negative control: Brian2 left to itself would compile the code that connects synapses.
    import brian2

    monkeypatch.setattr(brian2.prefs.codegen, "target", "cython", raising=False)
    with pytest.raises(AssertionError, match="Cython was asked"):
        build_model(SETUPS["eprop_1"])
    reset_device()
