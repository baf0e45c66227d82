"""The colours of rules and of feedback pathways: each follows from its name alone, whichever others are shown."""

import hashlib
from collections.abc import Iterable

#: Of rules of this package: Okabe and Ito's palette and what is told apart from it, as far as that goes; the
#: others share colours with those of others. Grey is a control.
COLOURS = {
    "bptt": "#000000", "eprop": "#D55E00", "dcll": "#0072B2", "superspike": "#009E73", "stdp_backprop": "#E69F00",
    "erbp": "#CC79A7", "frozen": "#5E5E5E", "rtrl": "#2D0069", "eprop_adaptive": "#4B001E", "bp_stdp": "#0000FF",
    "stdp": "#5A1E00", "reward_stdp": "#D22D3C", "oja": "#A596FF", "oja_spikes": "#5A004B",
    "bounded_stdp": "#A5E14B", "triplet_stdp": "#E1874B", "inhibitory_stdp": "#4B2D78", "bcm": "#3C783C",
    "competitive_stdp": "#875A87", "ottt": "#69D2A5", "etlp": "#0FD2FF", "clopath": "#783C00",
    "synaptic_scaling": "#693CFF", "node_perturbation": "#692D2D", "reward_baseline": "#B4D278",
    "eventprop": "#9600C3", "ostl": "#050ACD", "snap": "#91EBA5", "slayer": "#050028", "st_rsbp": "#370500",
}  # fmt: skip
#: Of feedback pathways, where one rule is shown with many of them.
PATHWAY_COLOURS = {
    "symmetric": "#D55E00", "sign_symmetric": "#A5E14B", "uniform": "#A596FF", "random_direct": "#0072B2",
    "random_chained": "#E69F00", "local_readout": "#875A87", "learned": "#CC79A7", "weight_mirror": "#009E73",
    "information_alignment": "#0000FF", "symmetric_alignment": "#5A1E00", "activation_alignment": "#0FD2FF",
    "global_scalar": "#3C783C",
}  # fmt: skip
#: For the rules of others. All colours are apart from each other also without red or green cones.
OTHER_COLOURS = ("#87D2D2", "#0F0096", "#1E78F0", "#D200B4", "#96B478", "#D287D2")


def stable_number(name: str, n: int) -> int:
    """Return a number below `n` that depends on the name alone (Python's own hash differs between processes)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % n


def rule_colour(rule: str) -> str:
    """Return the colour of a rule: fixed for the rules of this package, by a hash of the name for others."""
    return COLOURS.get(rule) or OTHER_COLOURS[stable_number(rule, len(OTHER_COLOURS))]


def pathway_colour(feedback: str) -> str:
    """Return the colour of a feedback pathway, as `rule_colour` does."""
    return PATHWAY_COLOURS.get(feedback) or OTHER_COLOURS[stable_number(feedback, len(OTHER_COLOURS))]


def rule_colours(rules: Iterable[str]) -> dict[str, str]:
    """Return the colours of rules that are shown together, each its own as far as there are enough."""
    found: dict[str, str] = {}
    for rule in sorted(set(rules)):
        first = OTHER_COLOURS.index(rule_colour(rule)) if rule not in COLOURS else 0
        free = [colour for colour in OTHER_COLOURS[first:] + OTHER_COLOURS[:first] if colour not in found.values()]
        found[rule] = COLOURS.get(rule) or (free or [rule_colour(rule)])[0]
    return found
