"""What is measured of a run along the way."""

from typing import TYPE_CHECKING

from workbench.declare.measure import Looked
from workbench.declare.measured import Measured
from workbench.declare.recording import Recording
from workbench.declare.trials import Trials
from workbench.engine.presentation import Plan
from workbench.measures import performance
from workbench.measures.evaluated import evaluated
from workbench.measures.feedback_alignment import feedback_cosines
from workbench.study.run.decided import decided
from workbench.study.run.passive import look_at_others
from workbench.study.run.probe import balanced
from workbench.study.run.state import UnderWay
from workbench.study.seeds import stream
from workbench.text.quantities import canonical

if TYPE_CHECKING:
    from workbench.reference.bptt import Reference


def look(run: UnderWay) -> Recording:
    """Note what measures of the network and of its layers say on the validation split."""
    trials = run.parts.data.validation
    recording = decided(run, run.simulator.run(run.state, trials, Plan())[0], trials)
    seen = Looked(run.parts.setup.network, trials, recording, run.state.weights, run.state.feedback)
    for item in run.measures:
        for layer, value in evaluated(item, seen).items() if item.of in ("network", "layer") else ():
            run.note(layer, item.name, "validation", value.value, value.reason)
    return recording


def achieved(recording: Recording, trials: Trials) -> dict[str, Measured]:
    """Return what a network achieves on some trials, by measure; accuracy and reward where there are any."""
    classified = {"accuracy": performance.accuracy(recording, trials)} if trials.classified else {}
    reward = performance.reward(recording, trials)
    rewarded = {} if reward is None else {"reward": reward}
    return (
        classified
        | rewarded
        | {
            "loss": Measured(performance.loss(recording)),
            "spikes_per_trial": Measured(performance.spikes_per_trial(recording)),
        }
    )


def look_at_gradients(run: UnderWay) -> None:
    """Note how the rule's estimates align with the exact gradients, at the present weights."""
    count = min(run.config.measure.probe, len(run.parts.data.validation))
    if count == 0 or run.reference is None:
        return
    # Brings Brian2 and JAX along, which a run without a probe does not need.
    from workbench.audit.alignment.against_exact import measure
    from workbench.audit.alignment.controls import shuffled_control
    from workbench.audit.alignment.local_loss import own_loss
    from workbench.audit.probe import probe

    # The same for all rules and seeds of a study.
    trials = balanced(run.parts.data.validation, count, stream("probe", run.config.task))
    found = probe(run.simulator, run.reference, run.state, trials)
    network = run.parts.setup.network
    if network.projections or network.populations:
        for item in network.all_projections:
            run.note(item.name, "n_weights", item.target, item.n_synapses)
    way = run.parts.setup.pathway
    for layer, value in feedback_cosines(network, way, run.state.weights, run.state.feedback).items():
        run.note(layer, "feedback_cosine", "forward", value.value, value.reason)
    for variant, gradients in found.reference.items():
        run.note("network", "differing_decisions", variant, gradients.differing)
    generator = stream("controls", run.config.seed, *run.moment)
    rows = measure(found, run.simulator, run.state, generator, run.measures)
    shuffling = stream("controls", "shuffled", run.config.seed, *run.moment)
    rows += shuffled_control(found, run.simulator, run.reference, run.state, trials, shuffling)
    rows += own_loss(found, run.simulator, run.reference, run.state, trials)
    for layer, name, against, value in rows:
        run.note(layer, name, against, value.value, value.reason)
        control = _control(run, layer, against) if name == "cosine" else ""
        if control:
            run.note(layer, control, against, value.value, value.reason)
    look_at_others(run, trials, found)
    _look_at_descent(run, run.reference)


def _control(run: UnderWay, layer: str, against: str) -> str:
    """Return as which control a cosine stands that must be 1 whatever is learnt; empty for all others."""
    rule = run.parts.setup.rule
    if run.config.precision != "float64":
        return ""
    if rule.follows_reference:
        return "exact_rule" if against == rule.gradient else ""
    # Brian2 itself computes the gradient of the readout.
    own = rule.trains_readout or rule.intervenes
    projections = run.parts.setup.network.all_projections
    # Spikes of outputs that reach other neurons act on the loss by way of these, too.
    own |= any(item.source == "readout" for item in projections)
    onto = {item.name for item in projections if item.target == "readout"}
    if layer in onto:
        return "exact_readout" if against == "bptt_constant" and not own else ""
    return "exact_claim" if _claims(run, against) else ""


def _claims(run: UnderWay, against: str) -> bool:
    """Return whether a rule says that in this network it estimates the gradient itself: such a word is held to."""
    setup = run.parts.setup
    rule, network = setup.rule, setup.network
    plain = not (network.projections or network.populations or network.delays)
    # Claims are those of the rule as it comes, and of the loss without what is added to it.
    as_declared = all(dict(run.config.parameters)[item.name] == canonical(item.default) for item in rule.parameters)
    added = rule.regularizer is not None and rule.values()[rule.regularizer.strength] != 0
    return any(
        claim.loss == "network"
        and claim.depth in (None, len(network.hidden))
        and (claim.feedback, f"bptt_{claim.reset}") == (setup.pathway.name, against)
        and claim.covers(network.neuron.name, network.readout.name)
        and (claim.recurrent or not network.recurrent)
        for claim in rule.claims.exact_for
        if plain and as_declared and not added
    )


def _look_at_descent(run: UnderWay, reference: "Reference") -> None:
    """Note at the start and at the end how far a step along the estimate of training trials lowers their loss."""
    count = run.config.measure.descent
    if count == 0 or run.trial or run.epoch not in {0, run.epochs}:
        return
    from workbench.audit.alignment.descent import descent

    trials = balanced(run.parts.data.train, count, stream("probe", "descent", run.config.task))
    generator = stream("controls", "descent", run.config.seed, *run.moment)
    for layer, name, against, value in descent(run.simulator, reference, run.state, trials, generator):
        run.note(layer, name, against, value.value, value.reason)
