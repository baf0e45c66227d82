"""Passive comparison: one rule trains, and others say what they would have done at the same weights and trials."""

from dataclasses import replace

from workbench.errors import WorkbenchError
from workbench.feedback import FEEDBACK
from workbench.registry import Registry
from workbench.study.assemble import initial_state, make_setup, reason_to_skip
from workbench.study.seeds import stream
from workbench.study.spec import Other, RunConfig
from workbench.study.under_way import Others, UnderWay
from workbench.task import TaskData, Trials


def others(config: RunConfig, data: TaskData, registry: Registry) -> Others:
    """Return the rules that a run asks, each with the fixed feedback that it has in its own run of the same seed."""
    found = Others()
    for other in config.others:
        own = config.model_copy(update=other.model_dump())
        reason = _refusal(other, own, registry)
        if reason:
            found.skipped[other.name] = reason
            continue
        setup = make_setup(own, data, registry)
        found.setups[other.name] = setup
        found.feedback[other.name] = initial_state(setup, setup.rule, config.network, config.seed).feedback
    return found


def _refusal(other: Other, config: RunConfig, registry: Registry) -> str:
    """Return why a rule cannot be asked; empty where it can."""
    if registry.rule(other.rule).intervenes:
        return "It changes what the network does while it learns, so that no other rule sees the same spikes."
    if FEEDBACK[other.feedback].weights == "learned":
        return "Its feedback weights come of its own training."
    return reason_to_skip(config, registry)


def look_at_others(run: UnderWay, trials: Trials) -> None:
    """Note the cosines of all pairs of estimates, among them the exact gradients and a random update."""
    for name, reason in run.others.skipped.items():
        run.note("network", "cosine", "bptt_differentiated", float("nan"), reason, estimate=name)
    if not run.others.setups:
        return
    from workbench.audit.compare import compare

    states = {name: replace(run.state, feedback=feedback, memory={}) for name, feedback in run.others.feedback.items()}
    generator = stream("controls", "passive", run.config.seed, run.epoch)
    try:
        found = compare(run.others.setups, states, trials, generator, run.config.target)
    except WorkbenchError as error:
        for name in run.others.setups:
            run.note("network", "cosine", "bptt_differentiated", float("nan"), str(error), estimate=name)
        return
    for layer in found.layers:
        for index, name in enumerate(found.names):
            for other in found.names[:index]:
                value = found.cosine[layer, name, other]
                run.note(layer, "cosine", other, value.value, value.reason, estimate=name)
