"""The weights that a run begins with, and the feedback that it keeps."""

import numpy as np

from workbench.declare.rule import Rule
from workbench.engine.state import State
from workbench.model.feedback.weights import draw_feedback, feedback_shapes
from workbench.model.setup import Setup
from workbench.study.file.sections import NetworkSection
from workbench.study.seeds import stream


def initial_state(setup: Setup, rule: Rule, section: NetworkSection, seed: int) -> State:
    """Return initial weights and fixed feedback, from streams named by what they are of and seed."""
    weights = {}
    for projection in setup.network.projections:
        kind = "recurrent" if projection.recurrent else "readout" if projection.target == "readout" else "hidden"
        root = np.sqrt(projection.shape[0])
        drawn = stream("weights", projection.name, seed).standard_normal(projection.shape)
        mean, std = (getattr(section.weights, f"{kind}_{name}") for name in ("mean", "std"))
        weights[projection.name] = mean / root**2 + std / root * drawn
    feedback = {}
    if rule.has_equations:
        for layer, shape in feedback_shapes(setup.network, setup.pathway).items():
            generator = stream("feedback", setup.pathway.name, layer, seed)
            feedback[layer] = draw_feedback(setup.pathway, shape, section.weights.feedback_std, generator)
    return State(weights, feedback, {})
