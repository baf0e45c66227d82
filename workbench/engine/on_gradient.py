"""What a rule makes of a batch's mean gradient before the optimizer."""

import numpy as np

from workbench.engine.state import Weights
from workbench.engine.update import totals
from workbench.model.setup import Setup
from workbench.text.expressions import evaluate, execute


def as_trained(setup: Setup, weights: Weights, gradient: Weights) -> Weights:
    """Return what training makes of a gradient.

    Parameters
    ----------
    setup : Setup
        Of the rule.
    weights, gradient : dict of str to ndarray of shape (n_pre, n_post) or (n_synapses,)
        By name of the weights.

    Returns
    -------
    dict of str to ndarray
        As `gradient`, which it is where the rule says nothing.
    """
    rule = setup.rule
    if rule.on_gradient is None:
        return gradient
    found = {}
    for name, array in gradient.items():
        names = {"gradient": array, "w": weights[name], **rule.values()}
        for total, text in rule.on_gradient.sums:
            terms = np.broadcast_to(evaluate(text, names, np), array.shape)
            names[total] = totals(setup.network.projection(name), terms)
        found[name] = np.asarray(execute(rule.on_gradient.code, names, np)["gradient"])
    return found
