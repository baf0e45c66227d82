"""What a setup must be, checked before anything is built and told in the words of whoever wrote its texts."""

from dataclasses import replace

from workbench.common.errors import ModelError, RuleError, nearest
from workbench.declare.feedback import FEEDBACK, Pathway, refusal
from workbench.declare.network_checks import no_way_down
from workbench.model.checks.feedback_rule import check_feedback_rule
from workbench.model.checks.graph import refuse_misconnected
from workbench.model.checks.neuron import check_neuron
from workbench.model.checks.pairs import refuse_unpaired
from workbench.model.checks.reserved_names import refuse_phases_taken, refuse_taken
from workbench.model.checks.rule import check_rule
from workbench.model.heard_reward import refuse_unanswered
from workbench.model.lone_neuron import refuse_spikes_at_start
from workbench.model.setup import Setup


def check(setup: Setup) -> None:
    """Refuse a setup whose neuron models or rule have names or units that do not fit together.

    Parameters
    ----------
    setup : Setup
        Of which only the texts are looked at.

    Raises
    ------
    ModelError
        With the line of the neuron model.
    RuleError
        With the line of the rule.
    """
    network = setup.network
    refuse_phases_taken(setup)
    setup = replace(setup, rule=setup.rule.written_out(whole=True))
    # What names are taken depends on the pathway.
    known = setup.feedback if isinstance(setup.feedback, Pathway) else FEEDBACK.get(setup.feedback)
    if setup.rule.has_equations and (known is None or not known.suits(setup.rule.signal)):
        named = known.name if known is not None else setup.feedback
        raise RuleError(
            f"Rule '{setup.rule.name}': feedback '{named}' is none of its pathways. "
            f"{nearest(str(named), setup.rule.feedback_choices())}"
        )
    refuse_taken(setup)
    for model in network.models.values():
        check_neuron(model)
    refuse_misconnected(network)
    refuse_spikes_at_start(network)
    _check_targets(setup)
    refuse_unanswered(setup)
    _check_feedback(setup)
    _check_rules_beside(setup)
    if setup.rule.has_equations:
        for model in dict.fromkeys(network.model_of(layer) for layer in network.learning_layers):
            # First, since what a rule reads of other neurons is not defined here, and the rule is in order.
            own = setup.rule.written_for.refuses(model.name, network.readout.name, setup.targets)
            if own:
                raise RuleError(f"Rule '{setup.rule.name}': {own}")
            check_rule(setup.rule, model, network.readout)
            reason = refusal(setup.pathway, model, network.loss, setup.targets, setup.rule.signal)
            if reason:
                raise RuleError(f"Rule '{setup.rule.name}': {reason}")
        lost = no_way_down(network, setup.pathway) if setup.rule.signal is not None else ""
        if lost:
            raise RuleError(f"Rule '{setup.rule.name}': {lost}")
    refuse_unpaired(setup)


def _check_targets(setup: Setup) -> None:
    """Refuse a readout or loss that has no use for what the task wants."""
    network = setup.network
    if setup.targets == "spikes" and not network.readout.spiking:
        raise ModelError(
            f"The task wants spikes, and readout '{network.readout.name}' has none. Set network.readout = "
            '"lif_train".'
        )
    if network.loss.refuses(setup.targets):
        raise ModelError(network.loss.refuses(setup.targets))


def _check_rules_beside(setup: Setup) -> None:
    """Refuse rules of some weights that do not fit the neurons which these reach, or the rule of the others."""
    network = setup.network
    for item in network.projections:
        if item.rule is None:
            continue
        where = f"Projection '{item.name}': rule '{item.rule.name}'"
        if setup.rule.follows_reference:
            raise RuleError(
                f"{where} runs in the network, and '{setup.rule.name}' takes its gradient outside of it. Leave it out, "
                "or train by a rule that has equations."
            )
        model = network.model_of(item.target)
        reason = item.rule.written_for.refuses(model.name, network.readout.name, setup.targets)
        if reason:
            raise RuleError(f"{where}: {reason}")
        check_rule(item.rule.written_out(whole=True), model, network.readout)


def _check_feedback(setup: Setup) -> None:
    """Refuse a rule for feedback weights that does not fit the neurons at their ends."""
    if not setup.mirrors or setup.pathway.rule is None:
        return
    network = setup.network
    for layer in network.learning_layers:
        way = network.way_up(layer)
        if way is not None:
            check_feedback_rule(setup.pathway.rule, network.model_of(way.target), network.model_of(layer))
