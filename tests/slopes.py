"""The slope of the loss, where a smooth function stands in the place of the threshold: what gradients are held to."""

import numpy as np
import pytest

from workbench.reference.bptt import reference
from workbench.reference.oracles import smooth_gradients, smooth_loss
from workbench.testing.case import Case


def assert_gradient_is_the_slope(case: Case) -> None:
    """See that the exact gradient of the smooth loss is its slope, along a direction in the weights of each name."""
    model = reference(case.setup)
    slopes = smooth_gradients(model, case.state.weights, case.trials)
    for name, weights in case.state.weights.items():
        direction = np.random.default_rng(3).standard_normal(weights.shape)
        step = 1e-6 * np.abs(weights).mean()
        ends = [
            smooth_loss(
                model, case.state.weights | {name: weights + sign * step * direction}, case.trials, "differentiated"
            )
            for sign in (1, -1)
        ]
        measured = (ends[0] - ends[1]).mean() / (2 * step)
        wanted = (slopes[name] * direction).sum()
        assert wanted, name
        assert measured == pytest.approx(wanted, rel=1e-6), name
