"""What happens in a step, and in which order: frozen here, since a wrong slot costs anything from 1 % to the sign."""

from typing import Any

import pytest

from tests.networks import RULES, SETUPS
from workbench.model import schedule
from workbench.model.build import build_model, numpy_code
from workbench.model.parts import Setup
from workbench.network import Network

#: (object, when, order) of e-prop with two hidden layers and symmetric feedback, in the order in which they run.
TWO_LAYERS = [
    ("clock tick", "start", 0),
    ("hidden1 clear", "start", 1),
    ("hidden2 clear", "start", 1),
    ("inputs clear", "start", 1),
    ("readout clear", "start", 1),
    ("readout present", "start", 1),
    ("w_hidden1 clear", "start", 1),
    ("w_hidden2 clear", "start", 1),
    ("hidden1 stateupdater", "groups", 0),
    ("hidden2 stateupdater", "groups", 0),
    ("inputs stateupdater", "groups", 0),
    ("readout stateupdater", "groups", 0),
    ("readout_total stateupdater", "groups", 0),
    ("clock stateupdater", "groups", 0),
    ("hidden1 spike_thresholder", "thresholds", 0),
    ("hidden2 spike_thresholder", "thresholds", 0),
    ("inputs given", "thresholds", 0),
    ("hidden1_spikes", "thresholds", 1),
    ("hidden2_spikes", "thresholds", 1),
    ("hidden1 surrogate", "after_thresholds", 0),
    ("hidden2 surrogate", "after_thresholds", 0),
    ("w_hidden1 pre", "synapses", 0),
    ("w_hidden2 pre", "synapses", 0),
    ("w_readout pre", "synapses", 0),
    ("hidden1 trace", "synapses", 2),
    ("hidden2 trace", "synapses", 2),
    ("inputs trace", "synapses", 2),
    ("readout share", "after_synapses", 0),
    ("readout_adder summed_variable_total_post", "after_synapses", 1),
    ("readout error", "after_synapses", 2),
    ("w_readout summed_variable_error_pre", "after_synapses", 13),
    ("hidden2 relay", "after_synapses", 15),
    ("w_hidden2 summed_variable_error_pre", "after_synapses", 16),
    ("w_hidden1 learn", "after_synapses", 1000),
    ("w_hidden2 learn", "after_synapses", 1000),
    ("w_readout learn", "after_synapses", 1000),
    ("hidden1 spike_resetter", "resets", 0),
    ("hidden2 spike_resetter", "resets", 0),
    ("inputs spike_resetter", "resets", 0),
    ("g_hidden1", "end", 0),
    ("g_hidden2", "end", 0),
    ("g_readout", "end", 0),
    ("readout_record", "end", 0),
    ("w_hidden1 update", "end", 1),
    ("w_hidden2 update", "end", 1),
    ("w_readout update", "end", 1),
    ("clock tock", "end", 2),
]


def timetable(setup: Setup) -> list[tuple[str, str, int]]:
    """Return what a network does in a step, without the numbers that Brian2 appends to names."""
    with numpy_code():
        model = build_model(setup)
    owner: dict[str, str] = {}
    groups: dict[str, Any] = model.parts.groups
    for name, group in groups.items():
        for item in group.contained_objects:
            owner[item.name] = f"{name} {item.name.removeprefix(group.name).lstrip('_')}"
    monitors = {group.name: name for name, group in groups.items() if hasattr(group, "record_variables")}
    monitors |= {group.name: name for name, group in groups.items() if name.endswith("_spikes")}
    names = owner | monitors
    return [(names[item.name], item.when, item.order) for item in model.network.sorted_objects if item.name in names]


def test_order_of_a_step() -> None:
    network = Network(n_inputs=4, hidden=(3, 2), n_outputs=2)
    assert timetable(Setup(network=network, rule=RULES["eprop"], feedback="symmetric")) == TWO_LAYERS


@pytest.mark.parametrize("name", SETUPS)
def test_learning_lies_between_synapses_and_resets(name: str) -> None:
    order = timetable(SETUPS[name])
    kinds = [item.split()[-1] for item, _, _ in order]
    last = {kind: len(kinds) - 1 - kinds[::-1].index(kind) for kind in kinds}
    first = {kind: kinds.index(kind) for kind in reversed(kinds)}
    assert last["stateupdater"] < first["spike_thresholder"]
    assert last["given"] < first["pre"]
    # A local readout adds up spikes before the synapses; all else learns from what has arrived.
    assert last["pre"] < first["learn"]
    assert last["trace"] < first["error"]
    assert last["error"] < first["learn"]
    assert last["learn"] < first["spike_resetter"]
    assert last["spike_resetter"] < first["update"] < first["tock"]


@pytest.mark.parametrize("name", [name for name, setup in SETUPS.items() if setup.rule.engine == "brian2"])
def test_a_layer_gets_its_signal_before_the_one_below(name: str) -> None:
    setup = SETUPS[name]
    order = [item for item, _, _ in timetable(setup)]
    signals = [index for index, item in enumerate(order) if "summed_variable_error" in item]
    assert len(signals) == len(setup.network.hidden)
    relays = [index for index, item in enumerate(order) if item.endswith("relay")]
    chained = setup.feedback in {"symmetric", "random_chained"}
    assert len(relays) == (len(setup.network.hidden) - 1 if chained else 0)
    for index, relay in enumerate(relays):
        assert signals[index] < relay < signals[index + 1]


def test_slots_of_deep_networks_stay_before_learning() -> None:
    depth = 100
    slots = [slot for distance in range(1, depth) for slot in (schedule.feedback(distance), schedule.relay(distance))]
    assert slots == sorted(slots, key=lambda slot: slot.order)
    assert {slot.when for slot in slots} == {schedule.LEARN.when}
    assert schedule.ERROR.order < slots[0].order
    assert slots[-1].order < schedule.LEARN.order
