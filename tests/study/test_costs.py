"""What rules cost is counted, and comes out as is known by hand."""

import math
from typing import Any

import numpy as np
import pytest

from tests.networks import REGISTRY, RULES
from workbench.common.errors import StudyError
from workbench.engine.presentation import Plan
from workbench.engine.simulate import simulator
from workbench.study.costs import Sizes, fitted_powers, rule_costs, setup_for, state_scaling, trials_for, weights_for

SIZES = Sizes(inputs=20, hidden=12, outputs=3, steps=40, trials=8)


@pytest.fixture(scope="module")
def costs() -> dict[str, dict[str, Any]]:
    names = ("eprop", "stdp", "oja", "frozen", "bptt", "eventprop")
    rows: list[Any] = rule_costs([RULES[name] for name in names], REGISTRY, SIZES).to_dict("records")
    return {row["rule"]: row for row in rows}


def test_state_and_operations_are_those_known_by_hand(costs: dict[str, dict[str, Any]]) -> None:
    setup = setup_for(RULES["eprop"], REGISTRY, SIZES)
    trials = trials_for(setup, 8)
    recording, _ = simulator(setup).run(weights_for(setup), trials, Plan(record_spikes=True))
    hidden = len(recording.spikes["hidden1"].step)
    assert hidden > 0
    eprop = costs["eprop"]
    # Two numbers a synapse and two a presynaptic neuron, of which there are 20 beside 12.
    assert (eprop["bytes_per_synapse"], eprop["bytes_per_neuron"]) == (16, 16 * 20 / 32)
    assert eprop["bytes"] == 16 * 20 * 12 + 16 * 20
    assert eprop["spikes"] == hidden / 8
    assert eprop["synaptic"] == (len(trials.step) * 12 + hidden * 3) / 8
    assert eprop["updates"] == len(trials.step) * 12 / 8
    assert eprop["sparsity"] == pytest.approx(1 - hidden / (8 * 40 * 12))
    assert eprop["updates_per_synapse_and_step"] == pytest.approx(eprop["updates"] / (20 * 12 * 40))
    assert eprop["traffic"] == 2 * (8 + 16) * eprop["updates"]
    assert (eprop["synapses_cost"], eprop["reason"]) == ("events", "")


def test_rule_that_visits_each_synapse_in_each_step_says_so(costs: dict[str, dict[str, Any]]) -> None:
    oja = costs["oja"]
    assert (oja["updates"], oja["updates_per_synapse_and_step"]) == (20 * 12 * 40, 1.0)
    assert oja["traffic"] == 2 * 8 * 20 * 12 * 40
    assert oja["synapses_cost"].startswith("every step: ")


def test_what_is_not_kept_or_done_is_0_and_what_is_not_known_has_a_reason(costs: dict[str, dict[str, Any]]) -> None:
    frozen = costs["frozen"]
    assert [frozen[name] for name in ("bytes", "updates", "traffic")] == [0, 0, 0]
    assert (costs["stdp"]["bytes_per_synapse"], costs["stdp"]["updates"]) == (0, costs["eprop"]["updates"])
    for name, told in (
        ("bptt", "nothing is kept or done at a synapse"),
        ("eventprop", "in arrays whose size is not known"),
    ):
        row = costs[name]
        assert told in row["reason"]
        assert all(math.isnan(row[key]) for key in ("bytes_per_synapse", "bytes_per_neuron", "updates", "traffic"))
        assert row["spikes"] == costs["eprop"]["spikes"]
    assert costs["bptt"]["bytes"] > 0
    assert math.isnan(costs["eventprop"]["bytes"])


def test_powers_are_found_where_they_are_known() -> None:
    table = state_scaling([RULES["eprop"], RULES["dcll"], RULES["frozen"], RULES["eventprop"]], REGISTRY)
    # What keeps nothing, or is computed elsewhere, has no power.
    assert set(table["rule"]) == {"eprop", "dcll"}
    fitted = fitted_powers(table).set_index(["rule", "over"])["exponent"]
    assert fitted.to_dict() == pytest.approx(
        {("eprop", "neurons"): 2, ("eprop", "steps"): 0, ("dcll", "neurons"): 1, ("dcll", "steps"): 0}, abs=1e-6
    )


def test_size_that_is_none_is_refused() -> None:
    with pytest.raises(StudyError, match="--hidden: at least 1 is needed, not 0"):
        Sizes(hidden=0)


def test_trials_fit_into_short_ones_too() -> None:
    trials = trials_for(setup_for(RULES["eprop"], REGISTRY, Sizes(20, 12, 3, 2)), 4)
    assert len(trials) == 4
    assert set(np.unique(trials.step)) <= {0, 1}
