"""What decides about a compiled network: its texts and sizes, and no number."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.networks import RULES, SETUPS, with_numbers
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.loss import SQUARED_ERROR
from workbench.declare.network import Network
from workbench.declare.neuron import NeuronModel
from workbench.declare.neuron_models import FIRST_SPIKE
from workbench.declare.optimizer import ADAM
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.declare.surrogate import ARCTAN
from workbench.engine.compiled import program as standalone
from workbench.engine.compiled.cache_key import key_of
from workbench.model.setup import Setup
from workbench.model.structure import structure_of

SETUP = SETUPS["eprop_1"]


def key(setup: Setup) -> str:
    return key_of(structure_of(setup))


def changed(
    network: dict[str, object] | None = None,
    neuron: dict[str, object] | None = None,
    readout: dict[str, object] | None = None,
    rule: dict[str, object] | None = None,
    optimizer: dict[str, object] | None = None,
    **setup: object,
) -> Setup:
    """Return the setup with fields of it, or of what it is made of, replaced."""
    base: Network = SETUP.network
    parts = {"neuron": replace(base.neuron, **neuron or {}), "readout": replace(base.readout, **readout or {})}  # type: ignore[arg-type]
    return replace(
        SETUP,
        network=replace(base, **parts, **network or {}),  # type: ignore[arg-type]
        rule=replace(SETUP.rule, **rule or {}),  # type: ignore[arg-type]
        optimizer=replace(SETUP.optimizer, **optimizer or {}),  # type: ignore[arg-type]
        **setup,  # type: ignore[arg-type]
    )


NEURON: NeuronModel = SETUP.network.neuron
RULE: Rule = SETUP.rule
LOSS = SETUP.network.loss

TEXTS = {
    "equations": changed(neuron={"equations": NEURON.equations.replace("(I - v)", "(2 * I - v)")}),
    "drive": changed(neuron={"drive": "v - 2 * v_th"}),
    "neuron's reset": changed(neuron={"reset": "v = 0"}),
    "method": changed(neuron={"method": "euler"}),
    "parameter": changed(neuron={"parameters": (*NEURON.parameters, ("extra", 1.0))}),
    "unit": changed(neuron={"parameters": (*NEURON.parameters[:2], ("v_th", "1 mV"))}),
    "readout's equations": changed(readout={"equations": NEURON.equations.replace("(I - v)", "(2 * I - v)")}),
    "readout's output": changed(readout={"output": "I"}),
    "surrogate": changed(network={"surrogate": ARCTAN}),
    "loss": changed(network={"loss": SQUARED_ERROR}),
    "loss's value": changed(network={"loss": replace(LOSS, value="target * (log(total) - y) + 0")}),
    "loss's error": changed(network={"loss": replace(LOSS, error="share / total - 2 * target")}),
    "loss's share": changed(network={"loss": replace(LOSS, share="exp(y) + 0")}),
    "pre": changed(rule={"pre": RULE.pre.replace("(q - p)", "(2 * q - p)")}),
    "pre_on_spike": changed(rule={"pre_on_spike": "q += 2"}),
    "post": changed(rule={"post": "dx/dt = -x / tau_mem : 1"}),
    "synapse": changed(rule={"synapse": RULE.synapse.replace("error_post * k", "2 * error_post * k")}),
    "signal": changed(rule={"signal": LearningSignal(relay="error")}),
    "source": changed(
        rule={"signal": LearningSignal(source="sent"), "output_step": OnStep(code="sent = error", state=("sent",))}
    ),
    "on_step": changed(rule={"on_step": OnStep(code="v = 0 * v", writes=("v",))}),
    "output_step": changed(rule={"output_step": OnStep(code="error = 2 * error")}),
    "readout learns by the rule": changed(rule={"trains_readout": True}),
    "refractory": changed(neuron={"refractory": "v < 0"}),
    "pooled": changed(neuron={"pooled": "v -= pooled"}),
    "recurrent": changed(network={"recurrent": True}),
    "delay": changed(network={"delays": (("readout", 2),)}),
    "targets": changed(targets="step"),
    "feedback": changed(feedback="random_direct"),
    "optimizer": changed(optimizer={"code": "step = 2 * gradient", "state": ()}),
    "another optimizer": replace(SETUP, optimizer=ADAM),
    "inputs": changed(network={"n_inputs": 9}),
    "layer": changed(network={"hidden": (10,)}),
    "depth": changed(network={"hidden": (9, 9)}),
    "outputs": changed(network={"n_outputs": 4}),
    "trial capacity": changed(trial_capacity=33),
    "event capacity": changed(event_capacity=4097),
    "forced capacity": changed(forced_capacity=1),
}

NUMBERS = {
    "all at once": with_numbers(SETUP, np.random.default_rng(0), n_steps=55),
    "dt": changed(network={"dt": 2e-4}),
    "steps": changed(network={"n_steps": 12}),
    "window": changed(network={"window": (2, 9)}),
    "surrogate's numbers": changed(
        network={"surrogate": SETUP.network.surrogate.with_parameters({"gamma": 0.1, "beta": 9.0})}
    ),
    "surrogate's scale": changed(network={"scale_surrogate": True}),
    "titles": changed(rule={"title": "Another", "doi": "10.1000/1"}, neuron={"name": "another", "doc": "Another."}),
    "what a loss says of itself": changed(network={"loss": replace(SETUP.network.loss, doc="Another.", doi="10.1/1")}),
}


@pytest.mark.parametrize("what", TEXTS)
def test_another_text_is_another_program(what: str) -> None:
    assert key(TEXTS[what]) != key(SETUP)


def test_all_texts_are_told_apart() -> None:
    assert len({key(setup) for setup in TEXTS.values()}) == len(TEXTS)


@pytest.mark.parametrize("what", NUMBERS)
def test_another_number_is_the_same_program(what: str) -> None:
    assert NUMBERS[what] != SETUP
    assert key(NUMBERS[what]) == key(SETUP)


def test_trials_of_similar_length_share_a_program_where_targets_change() -> None:
    keys = {steps: key(changed(targets="step", network={"n_steps": steps})) for steps in (12, 40, 64, 65, 128, 129)}
    assert keys[12] == keys[40] == keys[64]
    assert keys[65] == keys[128]
    assert len(set(keys.values())) == 3


def test_nothing_is_compiled_for_other_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    folder = standalone.program(SETUP).folder

    def refuse(setup: Setup, place: Path) -> None:
        raise AssertionError(f"{setup} would be compiled into {place}")

    monkeypatch.setattr(standalone, "make", refuse)
    for setup in NUMBERS.values():
        assert standalone.program(setup).folder == folder
    with pytest.raises(AssertionError, match="would be compiled"):
        standalone.program(changed(rule={"pre_on_spike": "q += 7"}))


def test_rules_without_equations_share_a_program() -> None:
    frozen = SETUPS["frozen_3"]
    assert key(frozen) == key(replace(frozen, rule=RULES["bptt"]))
    assert key(frozen) != key(replace(frozen, rule=RULES["eprop"]))


def test_a_readout_that_no_delta_rule_teaches_has_a_program_of_its_own() -> None:
    """So that a rule that needs the delta rule is refused, whatever was compiled before."""
    frozen = SETUPS["frozen_3"]
    frozen = replace(frozen, network=replace(frozen.network, readout=FIRST_SPIKE))
    assert key(frozen) != key(replace(frozen, rule=RULES["eventprop"]))


def test_numbers_of_an_optimizer_are_no_text() -> None:
    adam = replace(SETUP, optimizer=ADAM)
    slower = replace(adam, optimizer=ADAM.with_parameters({"beta1": 0.5}))
    assert slower != adam
    assert key(slower) == key(adam)


def test_key_does_not_depend_on_the_process() -> None:
    assert structure_of(SETUP) == structure_of(changed())
    assert key(SETUP) == key(changed())
