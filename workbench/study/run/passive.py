"""Passive comparison: one rule trains, and others say what they would have done at the same weights and trials."""

from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.catalogue.registry import Registry
from workbench.declare.configuration import configuration_name
from workbench.declare.recording import join
from workbench.declare.references import BY_DEFAULT
from workbench.declare.rule import Rule
from workbench.declare.task import TaskData
from workbench.declare.trials import Trials
from workbench.measures import performance
from workbench.model.outlasting import of_neurons
from workbench.model.setup import Setup
from workbench.study.file.run_config import RunConfig
from workbench.study.run.assemble import event_capacity, make_setup, reason_to_skip
from workbench.study.run.initial_weights import initial_state
from workbench.study.run.state import Others, UnderWay
from workbench.study.seeds import stream

if TYPE_CHECKING:
    from workbench.audit.probe import Probe


def others(config: RunConfig, data: TaskData, registry: Registry) -> Others:
    """Return the rules that a run asks, each with the fixed feedback that it has in its own run of the same seed."""
    found = Others()
    for other in config.others:
        name = configuration_name(other.rule, other.feedback)
        if (other.rule, other.feedback) == (config.rule, config.feedback) and not registry.rule(other.rule).intervenes:
            # What the run's own rule says is known.
            continue
        own = config.model_copy(update=other.model_dump())
        reason = _of_another_network(config, registry) or _refusal(own, registry)
        if reason:
            found.skipped[name] = reason
            continue
        setup = make_setup(own, data.format, event_capacity(data), registry)
        reason = _without_times(setup)
        if reason:
            found.skipped[name] = reason
            continue
        found.setups[name] = setup
        found.feedback[name] = initial_state(setup, setup.rule, config.network, config.seed).feedback
    return found


def _without_times(setup: Setup) -> str:
    """Return why a network has not the gradient that its rule follows; empty where it has, or where that is BPTT's."""
    if not setup.rule.follows_reference or setup.rule.is_exact_gradient:
        return ""
    from workbench.reference.bptt import reference
    from workbench.reference.followed import unable_to_follow

    return unable_to_follow(reference(setup))


def _of_another_network(config: RunConfig, registry: Registry) -> str:
    """Return why no other rule can be asked in a run; empty where one can."""
    along = registry.rule(config.rule).circuit is not None
    return "The rule that trains brings neurons along, without which this one is." if along else ""


def unable_to_share(rule: Rule) -> str:
    """Return why a rule cannot be asked beside others on one network; empty where it can."""
    if rule.intervenes:
        return "It changes what the network does while it learns, so that no other rule sees the same spikes."
    return ""


def _refusal(config: RunConfig, registry: Registry) -> str:
    """Return why a rule cannot be asked while another one trains; empty where it can."""
    if registry.pathway(config.feedback).weights in ("learned", "by_rule"):
        return "Its feedback weights come of its own training."
    return unable_to_share(registry.rule(config.rule)) or reason_to_skip(config, registry)


def look_at_others(run: UnderWay, trials: Trials, probed: "Probe") -> None:
    """Note the cosines of all pairs of estimates, among them the exact gradients and a random update.

    Parameters
    ----------
    run : UnderWay
        At the weights of the probe.
    trials : Trials
        Of the probe.
    probed : Probe
        Whose exact gradients, and whose estimate of the run's own rule, are not computed again.
    """
    if not run.config.others:
        return
    for name, reason in run.others.skipped.items():
        run.note("network", "cosine", BY_DEFAULT, float("nan"), reason, estimate=name)
    rule = run.parts.setup.rule
    own = {} if rule.is_exact_gradient or rule.intervenes else {
        configuration_name(run.config.rule, run.config.feedback): probed.mean()
    }  # fmt: skip
    silent = performance.silent_layers(probed.recording)
    if silent:
        reason = f"No neuron of '{silent[0]}' spikes in these {len(trials)} trials, so there is nothing to compare."
        for name in (*own, *run.others.setups):
            run.note("network", "cosine", BY_DEFAULT, float("nan"), reason, estimate=name)
        return
    from workbench.audit.alignment.comparison import asked, compared

    # What the run's own rule remembers from trial to trial is nothing to others, whatever they call theirs.
    shared = {f"{layer}.{name}" for layer, names in of_neurons(run.parts.setup).items() for name in names}
    kept = {name: values for name, values in run.state.outlasting.items() if name in shared}
    states = {
        name: replace(run.state, feedback=feedback, memory={}, outlasting=kept)
        for name, feedback in run.others.feedback.items()
    }
    parts, estimates = asked(run.others.setups, states, trials, run.config.target)
    recordings = {"the run": probed.recording} | {name: join(each) for name, each in parts.items()}
    estimates = own | estimates
    shapes = run.parts.setup.network.weight_shapes()
    exact = {variant: {layer: probed.exact_mean(variant, layer) for layer in shapes} for variant in probed.reference}
    generator = stream("controls", "passive", run.config.seed, *run.moment)
    found = compared(recordings, exact, probed.refused, estimates, shapes, generator)
    for layer in found.layers:
        for index, name in enumerate(found.names):
            for other in found.names[:index]:
                value = found.cosine[layer, name, other]
                run.note(layer, "cosine", other, value.value, value.reason, estimate=name)
