"""Phases of a rule: what its texts become, and what is refused."""

from dataclasses import replace
from typing import Any

import pytest

from tests.networks import RULES
from workbench import Network, OnStep, Parameter, Phase, Rule
from workbench.common.errors import RuleError
from workbench.model.checks.setup import check
from workbench.model.setup import Setup

EARLY, LATE, SOME = Phase(name="early", ends=0.5), Phase(name="late", begins=0.5), Phase(name="some", begins="quiet")


def rule(*phases: Phase, **fields: Any) -> Rule:
    given: dict[str, Any] = {
        "on_step": OnStep(state=("kept",), code="kept += late * spiked + some", sums=(("all_late", "late * spiked"),)),
        "synapse": "dg/dt = kept_post * early_post * spiked_pre : second",
    }
    numbers: dict[str, str | float] = {"quiet": 0.2, "tau": "5 ms"}
    parameters = tuple(Parameter(name=name, default=value, doc="A number.") for name, value in numbers.items())
    return Rule(name="phased", title="Phased", phases=phases, parameters=parameters, **given | fields)


def test_texts_have_them_written_out() -> None:
    found = rule(EARLY, LATE, SOME).written_out()
    assert found.phases == ()
    assert found.on_step == OnStep(
        # What synapses read, neurons keep.
        state=("early", "kept"),
        code="early = (int(elapsed < 0.5))\nkept += int(elapsed > 0.5) * spiked + int(elapsed > quiet)",
        sums=(("all_late", "int(elapsed > 0.5) * spiked"),),
    )
    assert found.written_out() == found
    assert Phase(name="middle", begins=0.2, ends=0.8).text == "(int(elapsed > 0.2) * int(elapsed < 0.8))"
    assert Phase(name="always").text == "(1)"


def test_synapses_alone_may_read_them() -> None:
    found = rule(EARLY, on_step=None, synapse="dg/dt = early_post * spiked_pre : second").written_out()
    assert found.on_step == OnStep(state=("early",), code="early = (int(elapsed < 0.5))")
    assert found.output_step is None


def test_outputs_keep_what_is_read_of_them_where_the_rule_trains_their_weights() -> None:
    text = "dg/dt = early_post * spiked_pre : second"
    step = OnStep(state=("other",), code="other = early")
    for trains, state in ((True, ("early", "other")), (False, ("other",))):
        found = rule(EARLY, on_step=None, synapse=text, output_step=step, trains_readout=trains).written_out()
        assert found.output_step is not None
        assert found.output_step.state == state


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "no name": ({"name": "Early"}, "Phase 'Early': the name must be lower-case letters, digits and underscores."),
    "no share": ({"begins": 1.5}, "Phase 'early': `begins` must be a share of the trial, from 0 to 1, not 1.5."),
    "never": ({"begins": 0.5}, "Phase 'early' must end after it begins, and is from 0.5 to 0.5."),
    "unknown": ({"ends": "quite"}, "phase 'early': 'quite' is none of the rule's numbers .*Did you mean 'quiet'?"),
    "a time": ({"ends": "tau"}, "phase 'early': 'tau' is none of the rule's numbers without a unit."),
    "a state": ({"name": "kept"}, "phase 'kept': the rule has something else of this name. Rename one of the two."),
    "twice": ({"name": "late"}, "`phases` has 'late' twice. Drop one of the two."),
    "unread": ({"name": "other"}, "phase 'other': no statement of a step reads it, and no synapse. Drop it."),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_no_phase_is_refused(case: str) -> None:
    changes, message = REFUSED[case]
    with pytest.raises(RuleError, match=message):
        rule(LATE, SOME, replace(EARLY, **changes))


@pytest.mark.parametrize(("name", "words"), [("psi", "'psi' is taken"), ("v", "'v' is taken by neuron 'lif'")])
def test_what_neurons_have_is_no_name(name: str, words: str) -> None:
    network = Network(n_inputs=2, hidden=(3,), n_outputs=2)
    step = OnStep(state=("kept",), code=f"kept += {name}")
    phased = rule(Phase(name=name), on_step=step, synapse="dg/dt = kept_post : second")
    with pytest.raises(RuleError, match=f"`phases`: {words}. Choose another name."):
        check(Setup(network=network, rule=phased, feedback="none"))


def test_rules_in_phases_say_so() -> None:
    assert {name: [phase.name for phase in item.phases] for name, item in RULES.items() if item.phases} == {
        "erbp": ["counted"],
        "segregated_dendrites": ["early", "late", "pushed"],
        "stdp_backprop": ["counted", "taught"],
    }
