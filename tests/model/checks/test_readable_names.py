"""What the list of readable names says is what the checks of equations accept."""

import re
from dataclasses import replace

import pytest

from workbench.common.errors import RuleError
from workbench.declare.learning_signal import LearningSignal
from workbench.declare.network import Network
from workbench.declare.neuron_models import LIF, SPIKE_TRAIN
from workbench.declare.parameter import Parameter
from workbench.declare.rule import Rule
from workbench.declare.rule_parts import OnStep, Pairs
from workbench.model.checks.readable_names import READABLE, TEXTS, ReadableName
from workbench.model.checks.setup import check
from workbench.model.setup import Setup

#: What a name in angle brackets is of the rule below.
EXAMPLES = {
    "trace": "x",
    "variable": "v",
    "parameter": "tau_mem",
    "number": "half",
    "kept": "u",
    "of output": "o",
    "of synapse": "z",
    "sum": "all",
    "of pair": "m",
    "pair sum": "met",
    "signal": "third",
}

_NETWORK = Network(n_inputs=1, hidden=(1, 1), n_outputs=2, neuron=LIF, readout=SPIKE_TRAIN)


def reading(name: str, text: str) -> Rule:
    """Return a rule, one text of which reads a name, whatever its unit."""
    read = dict.fromkeys(TEXTS, "0") | {text: f"int({name} == {name})"}
    return Rule(
        name="mine",
        title="Mine",
        pre=f"dx/dt = -x / tau_syn_post + {read['pre']} * hertz : 1",
        pre_on_spike=f"x += 1 + {read['pre_on_spike']}",
        post=f"du/dt = -u / tau_mem + {read['post']} * hertz : 1",
        on_step=OnStep(state=("a",), code=f"a = {read['on_step']}"),
        output_step=OnStep(state=("o",), code=f"o = {read['output_step']}"),
        synapse=f"dz/dt = -z / tau_syn_post + {read['synapse']} * hertz : 1\ndg/dt = z : second",
        sums=(("all_post", "z"),),
        pairs=Pairs(equations=f"dm/dt = {read['pairs']} * hertz : 1", sums=(("met_post", "m"),)),
        signal=LearningSignal(name="third", relay=f"third * psi + {read['relay']}"),
        parameters=(Parameter(name="half", default=0.5, doc="A number."),),
    )


def accepted(name: str, text: str) -> bool:
    """Return whether a text may read a name."""
    setup = Setup(network=_NETWORK, rule=reading(name, text), feedback="symmetric")
    try:
        check(setup)
    except RuleError as error:
        if f"reads '{name}', which nothing defines" not in str(error):
            raise
        return False
    return True


@pytest.mark.parametrize("item", READABLE, ids=lambda item: item.name)
def test_texts_accept_the_names_that_are_listed_for_them_and_no_others(item: ReadableName) -> None:
    name = re.sub(r"<([^>]*)>", lambda match: EXAMPLES[match[1]], item.name)
    assert {text for text in TEXTS if accepted(name, text)} == set(item.texts)


def test_every_variable_of_the_rule_is_read_by_a_listed_name() -> None:
    assert accepted("a", "post")
    assert accepted("a_post", "synapse")
    assert not accepted("z_post", "synapse")
    assert not accepted("nothing", "synapse")


def test_no_name_is_listed_twice_or_reads_nowhere() -> None:
    names = [item.name for item in READABLE]
    assert len(names) == len(set(names))
    assert all(item.texts and set(item.texts) <= set(TEXTS) and item.doc for item in READABLE)
    with pytest.raises(RuleError, match="reads 'elapsed'"):
        check(Setup(network=_NETWORK, rule=replace(reading("elapsed", "post")), feedback="symmetric"))
