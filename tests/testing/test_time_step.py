"""Shorter steps leave a trial what it is."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from tests.networks import RULES
from workbench.declare.claims import Claims
from workbench.declare.neuron_models import LEAKY_INTEGRATOR, LIF
from workbench.declare.rule_parts import WrittenFor
from workbench.testing import examine
from workbench.testing.case import random_case
from workbench.testing.subject import Subject
from workbench.testing.time_step import _finer

EPROP = RULES["eprop"]


def test_targets_in_each_step_stay_where_steps_are_shorter(only: Callable[..., None]) -> None:
    only("converges with the step")
    rule = replace(EPROP, name="each_step", written_for=WrittenFor(targets="step"), claims=Claims())
    (outcome,) = examine(rule, LIF, LEAKY_INTEGRATOR)
    assert outcome.result == "passed", outcome.detail
    trials = random_case(Subject(rule, LIF, LEAKY_INTEGRATOR).setup()).trials
    finer = _finer(trials, 4, "step").target
    assert np.array_equal(finer[:, 3::4], trials.target)
    assert np.array_equal(finer[:, ::4], trials.target)
    assert not _finer(trials, 4, "spikes").target[:, 3::4].any()
