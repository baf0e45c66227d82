"""Receptors are variables of what they belong to, and signals find a way to each population that is to learn."""

from dataclasses import replace
from typing import Any

import pytest

from tests.networks import CAPACITY, RULES
from workbench import Connectivity, Network, Population, Projection
from workbench.common.errors import ModelError, RuleError
from workbench.declare.neuron_models import LIF
from workbench.model.checks.setup import check
from workbench.model.setup import Setup

IN_VOLTS = replace(
    LIF,
    name="in_volts",
    equations=f"{LIF.equations}\ndge/dt = -ge / tau_syn : volt",
)


def a_setup(*projections: Projection, feedback: str = "symmetric", **network: Any) -> Setup:
    made = Network(
        n_inputs=3, hidden=(4,), n_outputs=2, populations=(Population(name="beside", size=5),), projections=projections,
        **network,
    )  # fmt: skip
    return Setup(network=made, rule=RULES["eprop"], feedback=feedback, **CAPACITY)


INTO = Projection(source="inputs", target="beside")
OUT = Projection(source="beside", target="readout")


def test_receptors_are_variables_without_unit() -> None:
    check(a_setup(INTO, OUT))
    with pytest.raises(ModelError, match=r"receptor 'gi' is no variable of neuron 'lif'\. There are: 'I', 'v'"):
        check(a_setup(replace(INTO, receptor="gi"), OUT))
    with pytest.raises(ModelError, match="receptor 'ge' is in volt, and weights have no unit"):
        check(a_setup(replace(INTO, receptor="ge"), OUT, neuron=IN_VOLTS))
    with pytest.raises(ModelError, match="receptor 'v' of the readout takes no weights that learn"):
        check(a_setup(INTO, replace(OUT, receptor="v")))
    check(a_setup(INTO, replace(OUT, receptor="v", plastic=False)))


def test_signals_need_a_way_down() -> None:
    twice = Projection(source="beside", target="readout", name="again")
    for further in ((INTO,), (INTO, OUT, twice)):
        with pytest.raises(RuleError, match="onto the readout, and population 'beside' has none or several"):
            check(a_setup(*further))
        check(a_setup(*further, feedback="random_direct"))
        # Nothing needs to come to neurons whose weights stay as they are.
        check(a_setup(replace(INTO, plastic=False), *further[1:]))


@pytest.mark.parametrize("feedback", ["sign_symmetric", "learned"])
def test_signs_and_steps_need_all_weights(feedback: str) -> None:
    check(a_setup(INTO, OUT, feedback=feedback))
    with pytest.raises(RuleError, match="'beside_to_readout', which must connect all neurons for that"):
        check(a_setup(INTO, replace(OUT, connect=Connectivity(fan_in=2)), feedback=feedback))
