"""Variables of two groups are two arrays, whatever their names are."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.networks import RULES
from workbench.declare.claims import Claims
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.network import Network
from workbench.declare.neuron_models import LIF
from workbench.declare.rule import Rule
from workbench.engine.compiled.generate import generate
from workbench.model.setup import Setup
from workbench.testing.case import random_case


def setup_of(rule: Rule, feedback: str, **network: Any) -> Setup:
    built = Network(n_inputs=4, hidden=(5,), n_outputs=2, n_steps=15, **network)
    return Setup(network=built, rule=rule, feedback=feedback, form="clock", trial_capacity=8, event_capacity=256)


def local_readout(signal: str) -> Setup:
    """Return a setup whose synapses read `error` of `hidden1_readout` and the learning signal of `hidden1`."""
    rule = Rule(
        name="local",
        title="Local",
        pre="dq/dt = -q / tau_syn_post : 1",
        pre_on_spike="q += 1",
        synapse=f"dg/dt = {signal}_post * psi_post * q_pre : second",
        signal=LearningSignal(name=signal, feedback="local_readout"),
    )
    return setup_of(rule, "local_readout")


def delayed(state: str) -> Setup:
    """Return a setup whose synapses read `q` of `hidden1_after_3` and a state of the neurons of `hidden1`."""
    rule = replace(
        RULES["eprop"],
        pre="dq/dt = -q / tau_syn_post : 1",
        pre_on_spike="q += 1",
        synapse=f"dg/dt = psi_post * {state}_post * q_pre : second",
        signal=None,
        regularizer=None,
        claims=Claims(),
    )
    neuron = replace(LIF, equations=f"{LIF.equations}\nd{state}/dt = (v - {state}) / tau_mem : 1")
    return setup_of(rule, "none", neuron=neuron, recurrent=True, delays=(("hidden1_recurrent", 3),))


#: A name that no other has, one with which two variables would be one array by Brian2's names, and of which group.
CASES = {"local": (local_readout, "third", "readout_error"), "delayed": (delayed, "slow", "after_3_q")}


@pytest.mark.parametrize("case", CASES)
def test_names_that_look_like_those_of_another_group_change_no_estimate(case: str) -> None:
    build, plain, alike = CASES[case]
    expected, found = (random_case(build(name), count=3).record("numpy").gradient for name in (plain, alike))
    assert found.keys() == expected.keys()
    for layer, gradient in expected.items():
        assert np.abs(gradient).max() > 0
        np.testing.assert_allclose(found[layer], gradient, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("case", CASES)
def test_program_has_an_array_of_its_own_for_each_variable(case: str, tmp_path: Path) -> None:
    build, _, alike = CASES[case]
    generate(build(alike), tmp_path)
    declared = re.findall(r"^\s*\w+ ?\* ?(_array_\w+);$", (tmp_path / "objects.cpp").read_text(), re.MULTILINE)
    assert len(declared) == len(set(declared)) > 50
    assert len([name for name in declared if name.startswith(f"_array_hidden1_{alike}")]) == 2
