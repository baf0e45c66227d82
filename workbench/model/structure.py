"""What of a setup decides about the generated code, as canonical data: texts, sizes and capacities, but no number."""

import json
from dataclasses import asdict
from typing import Any

from workbench.declare.neuron import NeuronModel
from workbench.declare.projection import Projection
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep
from workbench.model.heard_reward import hears_reward
from workbench.model.noise_keys import noise_of_feedback
from workbench.model.setup import Setup


def structure_of(setup: Setup) -> dict[str, Any]:
    """Return the structure of a setup; setups with the same structure share a binary."""
    network = setup.network
    return {
        "sizes": network.sizes,
        "projections": [_projection(item) for item in network.all_projections],
        "populations": {name: [size, network.owner_of(name)] for name, size in network.layer_sizes.items()},
        "neurons": {name: _neuron(model) for name, model in network.models.items()},
        "surrogate": [network.surrogate.derivative, [name for name, _ in network.surrogate.parameters]],
        "loss": {key: getattr(network.loss, key) for key in ("value", "error", "share", "cancels", "of_classes")},
        "decision": [network.decision.code, network.decision.start] if network.decision.code else [],
        "rule": _rule(setup.rule.written_out()),
        **({"rules beside": _beside(setup)} if setup.network.rules_beside else {}),
        **({} if setup.teaches_readout else {"readout": "not taught"}),
        "feedback": _feedback(setup),
        "form": setup.resolved_form,
        "precision": setup.precision,
        "optimizer": [setup.optimizer.code, setup.optimizer.state, [name for name, _ in setup.optimizer.parameters]],
        "updates": _updates(setup),
        "targets": [setup.targets, setup.target_capacity],
        **({"rewarded": setup.rewarded} if hears_reward(setup) else {}),
        "capacity": [setup.trial_capacity, setup.event_capacity, setup.forced_capacity],
    }


def _beside(setup: Setup) -> list[Any]:
    """Return the rules that some weights have of their own, each with these weights and how often they change."""
    found = []
    for mark, rule in setup.rules.items():
        weights = [item.name for item in setup.network.projections if mark and setup.mark_of(item) == mark]
        if weights:
            steps = setup.steps_between_updates_of(mark)
            when = "in time" if steps > 1 else "step" if steps else setup.interval(mark)
            found.append([_rule(rule.written_out()), weights, when, rule.updates.per])
    return found


def _feedback(setup: Setup) -> list[Any]:
    pathway = setup.pathway
    told: list[Any] = [pathway.origin, pathway.weights, pathway.carries]
    if pathway.rule is not None:
        told += [pathway.rule.synapse, sorted(pathway.rule.units().items())]
        told += [pathway.rule.sums] if pathway.rule.sums else []
    return [*told, noise_of_feedback(setup)] if noise_of_feedback(setup) else told


def _updates(setup: Setup) -> dict[str, Any]:
    """Networks whose weights change between trials, and may be any, say nothing here."""
    keys = ("soften", "project", "total", "at", "state")
    found: dict[str, Any] = {
        item.name: [
            [*(getattr(one, key) for key in keys), [name for name, _ in one.parameters]]
            for one in setup.constraints_on(item.name)
        ]
        for item in setup.network.all_projections
        if setup.constraints_on(item.name)
    }
    # In each step, or after some.
    between = setup.steps_between_updates
    found |= {"per second": True} if setup.rule.updates.per == "second" else {}
    return found | ({"while time runs": between == 1} if between else {})


def _projection(item: Projection) -> dict[str, Any]:
    """Where not all neurons are connected, the program holds which are."""
    found: dict[str, Any] = {
        key: getattr(item, key)
        for key in ("name", "source", "target", "receptor", "delay", "plastic", "shape", "connected")
    }
    if item.transmits is not None:
        told = item.transmits
        initial = [name for name, _ in told.initial]
        found["transmits"] = [told.equations, told.on_spike, initial, sorted(told.units().items())]
    return found


def _neuron(model: NeuronModel) -> dict[str, Any]:
    texts = {
        key: getattr(model, key)
        for key in ("equations", "drive", "reset", "refractory", "pooled", "adapts", "output", "persistent", "method")
    }
    initial = [state for state, _ in model.initial]
    differing = sorted(model.differing), sorted(model.differing_first)
    told: dict[str, Any] = {} if model.is_uniform else {"differing": differing}
    told |= {"noise": model.noise} if model.noise else {}
    return texts | {"initial": initial, "parameters": sorted(model.units().items())} | told


def _rule(rule: Rule) -> dict[str, Any]:
    """Rules without equations of their own have the same network."""
    if not rule.has_equations:
        return {}
    signal = None if rule.signal is None else [rule.signal.name, rule.signal.source, rule.signal.relay]
    keys = ("pre", "pre_on_spike", "post", "synapse", "persistent", "trains_readout")
    steps = {key: None if step is None else asdict(step) for key, step in _steps(rule)}
    told = {key: getattr(rule, key) for key in keys} | steps
    told |= {"noise": rule.noise} if rule.noise else {}
    told |= {"sums": rule.sums} if rule.sums else {}
    told |= {} if rule.pairs is None else {"pairs": asdict(rule.pairs)}
    return told | {"signal": signal, "parameters": sorted(rule.units().items())}


def _steps(rule: Rule) -> tuple[tuple[str, OnStep | None], ...]:
    return (("on_step", rule.on_step), ("output_step", rule.output_step))


def structure_key(setup: Setup) -> str:
    """Return a structure as text."""
    return json.dumps(structure_of(setup), sort_keys=True)
