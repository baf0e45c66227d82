"""What happens in a step, and in which order: frozen here, since a wrong slot costs anything from 1 % to the sign."""

from dataclasses import replace
from typing import Any

import pytest

from tests.networks import RATE, RULES, SETUPS
from workbench.declare.network import Network
from workbench.declare.options import Form
from workbench.model import schedule
from workbench.model.brian2_session import numpy_code
from workbench.model.build import Model, build_model
from workbench.model.setup import Setup

FORMS: tuple[Form, ...] = ("clock", "replay", "causal")

#: A filter whose decay changes with the target has no way back in time, so no causal form.
EVENT_DRIVEN = [(name, form) for name in SETUPS for form in FORMS[1:] if (name, form) != ("adaptive_1", "causal")]

#: (object, when, order) of e-prop with two hidden layers and symmetric feedback, in the order in which they run.
CLOCK = [
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
    ("readout greatest", "after_synapses", -1),
    ("readout share", "after_synapses", 0),
    ("readout_adder summed_variable_total_post", "after_synapses", 1),
    ("readout error", "after_synapses", 2),
    ("w_readout summed_variable_error_pre", "after_synapses", 15),
    ("hidden2 relay", "after_synapses", 19),
    ("w_hidden2 summed_variable_error_pre", "after_synapses", 20),
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
    ("clock tock", "end", 1002),
]

#: The same where weights learn from their events at the end of a trial.
REPLAY = [
    ("clock tick", "start", 0),
    ("hidden1 clear", "start", 1),
    ("hidden2 clear", "start", 1),
    ("readout clear", "start", 1),
    ("readout present", "start", 1),
    ("w_hidden2 transpose", "start", 2),
    ("w_readout transpose", "start", 2),
    ("hidden1 stateupdater", "groups", 0),
    ("hidden2 stateupdater", "groups", 0),
    ("inputs stateupdater", "groups", 0),
    ("readout stateupdater", "groups", 0),
    ("sweep_hidden1 stateupdater", "groups", 0),
    ("sweep_hidden2 stateupdater", "groups", 0),
    ("sweep_readout stateupdater", "groups", 0),
    ("clock stateupdater", "groups", 0),
    ("w_hidden1 stateupdater", "groups", 0),
    ("w_hidden2 stateupdater", "groups", 0),
    ("w_readout stateupdater", "groups", 0),
    ("hidden1 spike_thresholder", "thresholds", 0),
    ("hidden2 spike_thresholder", "thresholds", 0),
    ("inputs given", "thresholds", 0),
    ("hidden1_spikes", "thresholds", 1),
    ("hidden2_spikes", "thresholds", 1),
    ("hidden1 surrogate", "after_thresholds", 0),
    ("hidden2 surrogate", "after_thresholds", 0),
    ("w_hidden1 propagate", "synapses", 0),
    ("w_hidden2 propagate", "synapses", 0),
    ("w_readout propagate", "synapses", 0),
    ("sweep_hidden1 remember", "synapses", 3),
    ("sweep_hidden2 remember", "synapses", 3),
    ("sweep_readout remember", "synapses", 3),
    ("readout greatest", "after_synapses", -1),
    ("readout share", "after_synapses", 0),
    ("readout sum", "after_synapses", 1),
    ("readout error", "after_synapses", 2),
    ("w_readout weigh", "after_synapses", 15),
    ("hidden2 relay", "after_synapses", 19),
    ("sweep_hidden1 keep", "after_synapses", 1000),
    ("sweep_hidden2 keep", "after_synapses", 1000),
    ("sweep_readout keep", "after_synapses", 1000),
    ("hidden1 spike_resetter", "resets", 0),
    ("hidden2 spike_resetter", "resets", 0),
    ("inputs spike_resetter", "resets", 0),
    ("sweep_hidden1 sweep", "end", -1),
    ("sweep_hidden2 sweep", "end", -1),
    ("sweep_readout sweep", "end", -1),
    ("g_hidden1", "end", 0),
    ("g_hidden2", "end", 0),
    ("g_readout", "end", 0),
    ("readout_record", "end", 0),
    ("w_hidden1 update", "end", 1),
    ("w_hidden2 update", "end", 1),
    ("w_readout update", "end", 1),
    ("clock tock", "end", 1002),
]

#: The same where weights learn from their events at once.
CAUSAL = [
    ("clock tick", "start", 0),
    ("hidden1 clear", "start", 1),
    ("hidden2 clear", "start", 1),
    ("readout clear", "start", 1),
    ("readout present", "start", 1),
    ("w_hidden2 transpose", "start", 2),
    ("w_readout transpose", "start", 2),
    ("hidden1 stateupdater", "groups", 0),
    ("hidden2 stateupdater", "groups", 0),
    ("inputs stateupdater", "groups", 0),
    ("readout stateupdater", "groups", 0),
    ("sweep_hidden1 stateupdater", "groups", 0),
    ("sweep_hidden2 stateupdater", "groups", 0),
    ("sweep_readout stateupdater", "groups", 0),
    ("clock stateupdater", "groups", 0),
    ("w_hidden1 stateupdater", "groups", 0),
    ("w_hidden2 stateupdater", "groups", 0),
    ("w_readout stateupdater", "groups", 0),
    ("hidden1 spike_thresholder", "thresholds", 0),
    ("hidden2 spike_thresholder", "thresholds", 0),
    ("inputs given", "thresholds", 0),
    ("hidden1_spikes", "thresholds", 1),
    ("hidden2_spikes", "thresholds", 1),
    ("hidden1 surrogate", "after_thresholds", 0),
    ("hidden2 surrogate", "after_thresholds", 0),
    ("w_hidden1 propagate", "synapses", 0),
    ("w_hidden2 propagate", "synapses", 0),
    ("w_readout propagate", "synapses", 0),
    ("readout greatest", "after_synapses", -1),
    ("readout share", "after_synapses", 0),
    ("readout sum", "after_synapses", 1),
    ("readout error", "after_synapses", 2),
    ("w_readout weigh", "after_synapses", 15),
    ("hidden2 relay", "after_synapses", 19),
    ("w_hidden2 weigh", "after_synapses", 20),
    ("sweep_hidden1 advance", "after_synapses", 997),
    ("sweep_hidden2 advance", "after_synapses", 997),
    ("sweep_readout advance", "after_synapses", 997),
    ("sweep_hidden1 give", "after_synapses", 998),
    ("sweep_hidden2 give", "after_synapses", 998),
    ("sweep_readout give", "after_synapses", 998),
    ("sweep_hidden1 rows", "after_synapses", 999),
    ("sweep_hidden2 rows", "after_synapses", 999),
    ("sweep_readout rows", "after_synapses", 999),
    ("sweep_hidden1 accumulate", "after_synapses", 1000),
    ("sweep_hidden2 accumulate", "after_synapses", 1000),
    ("sweep_readout accumulate", "after_synapses", 1000),
    ("hidden1 spike_resetter", "resets", 0),
    ("hidden2 spike_resetter", "resets", 0),
    ("inputs spike_resetter", "resets", 0),
    ("sweep_hidden1 flush", "end", -1),
    ("sweep_hidden2 flush", "end", -1),
    ("sweep_readout flush", "end", -1),
    ("g_hidden1", "end", 0),
    ("g_hidden2", "end", 0),
    ("g_readout", "end", 0),
    ("readout_record", "end", 0),
    ("w_hidden1 update", "end", 1),
    ("w_hidden2 update", "end", 1),
    ("w_readout update", "end", 1),
    ("clock tock", "end", 1002),
]

#: The condition in the clock that code waits for, by its purpose; all other code runs in each step.
GATES: dict[Form, dict[str, str]] = {
    "clock": {
        "clear": "trial_start",
        "present": "trial_start",
        "hidden1_spikes": "watching",
        "hidden2_spikes": "watching",
        "surrogate": "learning",
        "relay": "learning",
        "summed_variable_error_pre": "learning",
        "learn": "learning",
        "readout_record": "trial_end",
        "g_hidden1": "record",
        "g_hidden2": "record",
        "g_readout": "record",
        "update": "update",
    },
    "replay": {
        "clear": "trial_start",
        "present": "trial_start",
        "hidden1_spikes": "watching",
        "hidden2_spikes": "watching",
        "transpose": "refresh",
        "surrogate": "learning",
        "relay": "learning",
        "weigh": "learning",
        "remember": "learning",
        "keep": "learning",
        "sweep": "sweep",
        "readout_record": "trial_end",
        "g_hidden1": "record",
        "g_hidden2": "record",
        "g_readout": "record",
        "update": "update",
    },
    "causal": {
        "clear": "trial_start",
        "present": "trial_start",
        "hidden1_spikes": "watching",
        "hidden2_spikes": "watching",
        "transpose": "refresh",
        "surrogate": "learning",
        "relay": "learning",
        "weigh": "learning",
        "advance": "learning",
        "give": "learning",
        "rows": "learning",
        "accumulate": "learning",
        "flush": "flush",
        "readout_record": "trial_end",
        "g_hidden1": "record",
        "g_hidden2": "record",
        "g_readout": "record",
        "update": "update",
    },
}

TWO_LAYERS = Setup(network=Network(n_inputs=4, hidden=(3, 2), n_outputs=2), rule=RULES["eprop"], feedback="symmetric")


def model_of(setup: Setup, form: Form) -> tuple[Model, dict[str, str]]:
    """Return a network, and its objects' names without the numbers that Brian2 appends to them."""
    with numpy_code():
        model = build_model(replace(setup, form=form))
    owner: dict[str, str] = {}
    groups: dict[str, Any] = model.parts.groups
    for name, group in groups.items():
        for item in group.contained_objects:
            owner[item.name] = f"{name} {item.name.removeprefix(group.name).lstrip('_')}"
    monitors = {group.name: name for name, group in groups.items() if hasattr(group, "record_variables")}
    monitors |= {group.name: name for name, group in groups.items() if name.endswith("_spikes")}
    return model, owner | monitors


def timetable(setup: Setup, form: Form) -> list[tuple[str, str, int]]:
    """Return what a network does in a step."""
    model, names = model_of(setup, form)
    return [(names[item.name], item.when, item.order) for item in model.network.sorted_objects if item.name in names]


def ends(order: list[tuple[str, str, int]]) -> tuple[dict[str, int], dict[str, int]]:
    """Return the first and the last place of each kind of object."""
    kinds = [item.split()[-1] for item, _, _ in order]
    first = {kind: kinds.index(kind) for kind in reversed(kinds)}
    last = {kind: len(kinds) - 1 - kinds[::-1].index(kind) for kind in kinds}
    return first, last


@pytest.mark.parametrize(("form", "expected"), [("clock", CLOCK), ("replay", REPLAY), ("causal", CAUSAL)])
def test_order_of_a_step(form: Form, expected: list[tuple[str, str, int]]) -> None:
    assert timetable(TWO_LAYERS, form) == expected


@pytest.mark.parametrize("form", FORMS)
def test_what_waits_for_what(form: Form) -> None:
    model, names = model_of(TWO_LAYERS, form)
    found: dict[str, set[str]] = {}
    for item in model.network.sorted_objects:
        if item.name in names:
            found.setdefault(names[item.name].split()[-1], set()).add(model.parts.gates.get(item.name, ""))
    waiting = {kind: conditions for kind, conditions in found.items() if conditions != {""}}
    assert waiting == {kind: {condition} for kind, condition in GATES[form].items()}
    assert len(found) > len(waiting)


@pytest.mark.parametrize("name", SETUPS)
def test_learning_lies_between_synapses_and_resets(name: str) -> None:
    first, last = ends(timetable(SETUPS[name], "clock"))
    assert last["stateupdater"] < first["spike_thresholder"]
    assert last["given"] < first["pre"]
    # A local readout adds up spikes before the synapses; all else learns from what has arrived.
    assert last["pre"] < first["learn"]
    assert last["trace"] < first["error"]
    assert last["error"] < first["learn"]
    assert last["learn"] < first["spike_resetter"]
    assert last["spike_resetter"] < first["update"] < first["tock"]


@pytest.mark.parametrize(("name", "form"), EVENT_DRIVEN)
def test_events_teach_between_synapses_and_resets(name: str, form: Form) -> None:
    first, last = ends(timetable(SETUPS[name], form))
    # No synapse is left that is visited in each step, nor a trace that only it would read.
    assert not {"pre", "learn", "trace"} & set(first)
    # Weights change at the end of a step only, and the clock says at the start whether they did.
    if "transpose" in first:
        assert last["tick"] < first["transpose"] <= last["transpose"] < first["stateupdater"]
    assert last["stateupdater"] < first["spike_thresholder"]
    assert last["given"] < first["propagate"]
    # A local readout adds up spikes before the synapses; all else learns from what has arrived.
    assert last["propagate"] < first["error"]
    reader = {"replay": "keep", "causal": "advance"}[form]
    assert last["error"] < first[reader]
    if SETUPS[name].rule.has_equations:
        assert last["surrogate"] < first[reader]
    if form == "replay":
        assert max(last["spike_thresholder"], last["given"]) < first["remember"] < first["spike_resetter"]
        assert last["keep"] < first["spike_resetter"]
    else:
        # A spike does not yet know what its own step adds to the sums.
        assert last["advance"] < first["give"] <= last["give"] < first["rows"]
        assert last["rows"] < first["accumulate"] <= last["accumulate"] < first["spike_resetter"]


@pytest.mark.parametrize(("name", "form"), EVENT_DRIVEN)
def test_events_have_taught_before_gradients_are_recorded_and_used(name: str, form: Form) -> None:
    order = timetable(SETUPS[name], form)
    first, last = ends(order)
    final = {"replay": "sweep", "causal": "flush"}[form]
    sweeps = [item.split()[0].removeprefix("sweep_") for item, _, _ in order if item.endswith(f" {final}")]
    learning = [item.split()[0].removeprefix("w_") for item, _, _ in order if item.endswith(" update")]
    # All weights into a layer learn from one sweep.
    targets = {item.name: item.target for item in SETUPS[name].network.all_projections}
    reached = [targets[item] for item in learning]
    assert list(dict.fromkeys(sweeps)) == list(dict.fromkeys(reached))
    assert "readout" in learning
    if form == "replay":
        assert max(last["keep"], last["remember"], last["spike_resetter"]) < first["sweep"]
    else:
        assert max(last["accumulate"], last["spike_resetter"]) < first["flush"]
    recorded = [first[f"g_{layer}"] for layer in learning]
    assert last[final] < min(recorded)
    # All of the trial teaches with the weights with which it ran.
    assert max(recorded) < first["update"]
    assert last["update"] < first["tock"]


def made(order: list[str], setup: Setup, layer: str, above: str) -> int:
    """Return the place at which a layer's learning signal is made."""
    carrier = f"w_{above}" if setup.feedback == "symmetric" else f"b_{layer}"
    # Synapses that begin at terminals carry nothing back.
    carrier = f"b_{layer}" if f"b_{layer} summed_variable_error_post" in order else carrier
    ways = [f"{carrier} weigh", f"{carrier} summed_variable_error_pre", f"{carrier} summed_variable_error_post"]
    # What only the sweep reads is weighed by the sweep.
    (place,) = [order.index(way) for way in ways if way in order] or [order.index(f"sweep_{layer} sweep")]
    return place


def learns(order: list[str], layer: str) -> str:
    """Return what is the first to read a layer's learning signal in order to learn."""
    (way,) = {f"sweep_{layer} keep", f"sweep_{layer} accumulate", f"w_{layer} learn"} & set(order)
    return way


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", [*(name for name, setup in SETUPS.items() if setup.rule.has_equations), "rate"])
def test_a_layer_gets_its_signal_before_the_one_below(name: str, form: Form) -> None:
    setup = SETUPS.get(name, RATE)
    above, *hidden = setup.network.layers[::-1]
    order = [item for item, _, _ in timetable(setup, form)]
    chained = setup.pathway.origin == "above"
    relays = [item for item in order if item.endswith(" relay")]
    assert relays == [f"{layer} relay" for layer in hidden[:-1] if chained]
    in_step = [item for item in order if item.endswith(" weigh") or "summed_variable_error" in item]
    swept = form == "replay" and setup.network.neuron.spiking
    # A signal that is relayed, and one that synapses carry, cannot wait for the end of the trial.
    assert len(in_step) == (len(relays) if swept else len(hidden))
    for layer in hidden:
        origin = f"{above} relay" if chained and above != "readout" else "readout error"
        origin = f"{layer}_readout error" if setup.feedback == "local_readout" else origin
        learnt = learns(order, layer)
        signal = made(order, setup, layer, above)
        if swept and f"{layer} relay" not in relays:
            assert order.index(origin) < order.index(learnt) < signal
        else:
            assert order.index(origin) < signal < order.index(learnt)
        if f"{layer} relay" in relays:
            assert signal < order.index(f"{layer} relay")
        above = layer


@pytest.mark.parametrize("form", FORMS)
def test_neurons_learn_from_the_signal_of_the_same_step(form: Form) -> None:
    rule = replace(RULES["eprop"], post="dx/dt = (error - x) / tau_mem : 1")
    rule = replace(rule, synapse=rule.synapse.replace("error_post", "x_post"))
    setup = replace(SETUPS["direct_2"], rule=rule)
    order = [item for item, _, _ in timetable(setup, form)]
    for layer in ("hidden2", "hidden1"):
        signal = made(order, setup, layer, "")
        assert order.index("readout error") < signal < order.index(f"{layer} learn") < order.index(learns(order, layer))


def test_slots_of_deep_networks_stay_before_learning() -> None:
    depth = 100
    slots = [slot for distance in range(1, depth) for slot in (schedule.feedback(distance), schedule.relay(distance))]
    assert slots == sorted(slots, key=lambda slot: slot.order)
    assert {slot.when for slot in slots} == {schedule.LEARN.when}
    assert schedule.ERROR.order < slots[0].order
    assert slots[-1].order < schedule.LEARN.order
