"""How each configuration is named and drawn, the same in every figure and table, whichever rules it shows.

A colour stands for a rule and a stroke (dashes, marker) for a feedback pathway. Both follow from the name alone, but
for rules of others that would share a colour: the later by name then takes the next one that is free. Where but one
rule is compared, with more pathways than strokes keep apart, colours stand for pathways too.
"""

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from workbench.declare.configuration import configuration_label
from workbench.tables.colours import pathway_colour, rule_colours, stable_number
from workbench.tables.text import plain


@dataclass(frozen=True)
class Stroke:
    """How a feedback pathway is drawn: dashes in units of the line width, a marker and its size beside a circle."""

    dashes: tuple[float, ...]
    marker: str
    size: float = 1.0


STROKES = {
    "none": Stroke((), "D", 0.84),
    "symmetric": Stroke((), "o"),
    "sign_symmetric": Stroke((2, 1), "p", 1.05),
    "uniform": Stroke((1, 3), "*", 1.4),
    "random_direct": Stroke((4, 1.6), "s", 0.9),
    "random_chained": Stroke((1, 1.4), "^", 1.12),
    "local_readout": Stroke((6, 1.5, 1, 1.5), "v", 1.12),
    "learned": Stroke((8, 2), "P", 1.12),
    "weight_mirror": Stroke((6, 2, 2, 2), "H", 1.12),
    "information_alignment": Stroke((2, 2, 4, 2), "8", 1.05),
    "symmetric_alignment": Stroke((10, 1.5), ">", 1.05),
    "activation_alignment": Stroke((5, 1, 1, 1, 1, 1), "<", 1.05),
    "global_scalar": Stroke((3, 1, 1, 1, 1, 1), "X", 1.12),
}
OTHER_STROKES = (Stroke((2, 3), "h"), Stroke((5, 1, 2, 1), "<"), Stroke((7, 1), ">"), Stroke((4, 1, 1, 3), "d"))
#: So many pathways of one rule are told apart by strokes alone.
FEW_PATHWAYS = 3
#: What other rules are compared with.
CONTROLS = ("bptt", "frozen")
#: Letters of what tells two sets of parameters apart.
DETAIL = 120


@dataclass(frozen=True)
class Look:
    """How one configuration (a rule with a feedback pathway and parameters) is named and drawn."""

    rule: str
    feedback: str
    colour: str
    stroke: Stroke
    rule_label: str
    label: str

    @property
    def linestyle(self) -> tuple[float, Sequence[float]] | Literal["-"]:
        """The dashes as matplotlib takes them."""
        return (0.0, self.stroke.dashes) if self.stroke.dashes else "-"


def feedback_stroke(feedback: str) -> Stroke:
    """Return the stroke of a feedback pathway: fixed for known ones, by a hash of the name for others."""
    return STROKES.get(feedback) or OTHER_STROKES[stable_number(feedback, len(OTHER_STROKES))]


def _rank(key: tuple[str, str, str]) -> tuple[int, str, int, str, int, str]:
    order = list(STROKES)
    rule, feedback, parameters = key
    known = order.index(feedback) if feedback in order else len(order)
    return ({"bptt": 0, "frozen": 2}.get(rule, 1), rule, len(parameters), parameters, known, feedback)


def _differences(texts: Sequence[str]) -> list[str]:
    """Return, for JSON texts of parameters, what tells them apart; empty where nothing does."""
    try:
        sets = [dict(json.loads(text or "{}")) for text in texts]
    except (TypeError, ValueError):
        return list(texts) if len(set(texts)) > 1 else [""] * len(texts)
    names = sorted({name for values in sets for name in values})
    varied = [name for name in names if len({json.dumps(values.get(name)) for values in sets}) > 1]
    # 'network.weights.hidden_std' goes by its last name where no other has it.
    last = [name.rpartition(".")[2] for name in varied]
    short = {name: own if last.count(own) == 1 else name for name, own in zip(varied, last, strict=True)}
    return [
        ", ".join(f"{short[n]} = {values[n]}" if n in values else f"default {short[n]}" for n in varied)
        for values in sets
    ]


def _titles(titles: Mapping[str, str]) -> dict[str, str]:
    """Return the titles of rules by name; where two share one, with the name."""
    shared = {title for title, count in Counter(titles.values()).items() if count > 1}
    return {rule: f"{title} ({plain(rule)})" if title in shared else title for rule, title in titles.items()}


def _of_many_pathways(keys: Iterable[tuple[str, str, str]]) -> str:
    """Return the rule that is compared with itself alone, by more pathways than strokes keep apart, or nothing."""
    pathways: dict[str, set[str]] = {}
    for rule, feedback, _ in keys:
        if rule not in CONTROLS:
            pathways.setdefault(rule, set()).add(feedback)
    return next((rule for rule, own in pathways.items() if len(pathways) == 1 and len(own) > FEW_PATHWAYS), "")


def looks(runs: pd.DataFrame, colours: Mapping[str, str] | None = None) -> dict[str, Look]:
    """Return how each configuration is drawn, in the order of all figures and tables: BPTT first, frozen last.

    Parameters
    ----------
    runs : DataFrame
        With the column `configuration` (see `workbench.tables.data.prepared`).
    colours : mapping of str to str, optional
        Colours by rule name that replace the standard ones.

    Returns
    -------
    dict of str to Look
        By configuration. Where a rule runs with several sets of parameters, the later sets are paler.
    """
    rows = {
        (str(row.rule), str(row.feedback), str(row.parameters)): (str(row.title), str(row.configuration))
        for row in runs.drop_duplicates("configuration").itertuples()
    }
    result: dict[str, Look] = {}
    own = rule_colours(rule for rule, _, _ in rows) | dict(colours or {})
    by_pathway = "" if colours else _of_many_pathways(rows)
    titles = _titles({rule: title for (rule, _, _), (title, _) in rows.items()})
    # By rule and parameters: which of the rule's sets they are, and what tells them from the others.
    places: dict[tuple[str, str], tuple[int, str]] = {}
    for rule in titles:
        sets = sorted({other[2] for other in rows if other[0] == rule}, key=lambda text: (len(text), text))
        for index, (parameters, detail) in enumerate(zip(sets, _differences(sets), strict=True)):
            places[rule, parameters] = index, plain(detail, DETAIL)
    for key in sorted(rows, key=_rank):
        rule, feedback, parameters = key
        index, detail = places[rule, parameters]
        white = min(0.35 * index, 0.7)
        base = pathway_colour(feedback) if rule == by_pathway else own[rule]
        parts = (int(base[place : place + 2], 16) for place in (1, 3, 5))
        red, green, blue = (round((1 - white) * part + white * 255) for part in parts)
        title, configuration = titles[rule], rows[key][1]
        title += f" ({detail})" if detail else ""
        label = configuration_label(title, feedback)
        colour = f"#{red:02x}{green:02x}{blue:02x}"
        result[configuration] = Look(rule, feedback, colour, feedback_stroke(feedback), title, label)
    return result
