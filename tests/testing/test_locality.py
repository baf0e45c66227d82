"""What estimates depend on is looked at with nothing switched off."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.networks import RULES
from workbench.declare.claims import Claims
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.parameter import Parameter
from workbench.testing import examine

#: A decay of weights, off by default, and one that is never there.
DECAYING = replace(
    RULES["dcll"],
    name="decaying",
    synapse="dg/dt = error_post * psi_post * p_pre + {decay} * w : second",
    regularizer=None,
    parameters=(Parameter(name="decay", default=0.0, doc="Of weights."),),
    claims=Claims(),
)


@pytest.mark.parametrize(
    ("decay", "result", "words"),
    [
        ("decay", "passed", "as the equations say, where decay = 0.1"),
        ("0 * decay", "failed", "estimates depend on 'w' of 'w_hidden1', and they do not move with it, where decay ="),
    ],
)
def test_what_a_number_switches_off_is_looked_at_with_it_on(
    decay: str, result: str, words: str, only: Callable[..., None]
) -> None:
    only("depends on what it seems to")
    rule = replace(DECAYING, synapse=DECAYING.synapse.format(decay=decay))
    (outcome,) = examine(rule, LIF, LEAKY_INTEGRATOR)
    assert outcome.result == result, outcome.detail
    assert words in outcome.detail
