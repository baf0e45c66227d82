"""The weights that a run begins with, and the feedback that it keeps."""

import numpy as np
from numpy.typing import NDArray

from workbench.declare.circuit import number_of
from workbench.declare.completed import begun, brought
from workbench.declare.projection import Projection
from workbench.declare.rule import Rule
from workbench.engine.state import State
from workbench.model.feedback.weights import draw_feedback, feedback_shapes
from workbench.model.setup import Setup
from workbench.study.file.graph_sections import ProjectionSection
from workbench.study.file.sections import NetworkSection
from workbench.study.seeds import stream


def initial_state(setup: Setup, rule: Rule, section: NetworkSection, seed: int) -> State:
    """Return initial weights and fixed feedback, from streams named by what they are of and seed."""
    network = setup.network
    # What a rule brings along comes last.
    own = {item.name: said for item, said in zip(network.projections, section.projections, strict=False)}
    along = brought(network, setup.rule)
    weights = {}
    for projection in network.all_projections:
        if projection.name in along:
            item, _ = along[projection.name]
            weights[projection.name] = _drawn(projection, 0.0, number_of(item.std, setup.rule.values()), seed)
            continue
        said = own.get(projection.name)
        if said is not None:
            weights[projection.name] = _of_projection(projection, said, seed)
            continue
        kind = "recurrent" if projection.recurrent else "readout" if projection.target == "readout" else "hidden"
        mean, std = (getattr(section.weights, f"{kind}_{name}") for name in ("mean", "std"))
        weights[projection.name] = _drawn(projection, mean, std, seed)
    feedback = {}
    if rule.has_equations:
        for layer, shape in feedback_shapes(network, setup.pathway).items():
            generator = stream("feedback", setup.pathway.name, layer, seed)
            feedback[layer] = draw_feedback(setup.pathway, shape, section.weights.feedback_std, generator)
    return State(begun(network, setup.rule, weights), feedback, {})


def _drawn(projection: Projection, mean: float, std: float, seed: int) -> NDArray[np.float64]:
    """Return weights of a mean that is divided by the number of sources of a neuron, and a deviation by its root."""
    root = np.sqrt(projection.n_synapses / projection.ends[1])
    drawn = stream("weights", projection.name, seed).standard_normal(projection.shape)
    return np.asarray(mean / root**2 + std / root * drawn)


def _of_projection(projection: Projection, said: ProjectionSection, seed: int) -> NDArray[np.float64]:
    if said.weight is not None:
        return np.full(projection.shape, said.weight)
    weights = _drawn(projection, said.mean, said.std, seed)
    return weights if said.sign == "any" else np.abs(weights) * (1 if said.sign == "positive" else -1)
