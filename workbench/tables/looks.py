"""How each configuration is named and drawn, the same in every figure and table, whichever rules it shows.

A colour stands for a rule and a stroke (dashes, marker) for a feedback pathway. Both follow from the name alone.
"""

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd
from matplotlib.colors import to_hex, to_rgb

#: Okabe and Ito's palette, for rules of this package; the others have a colour by their name, as anybody's.
COLOURS = {
    "bptt": "#000000", "eprop": "#D55E00", "dcll": "#0072B2", "frozen": "#56B4E9", "superspike": "#009E73",
    "stdp_backprop": "#E69F00", "erbp": "#CC79A7",
}  # fmt: skip
#: For the rules of others, apart from Okabe and Ito's colours and from each other also without red or green cones.
OTHER_COLOURS = ("#781E00", "#78005A", "#1E3CB4", "#3C87FF", "#782D3C", "#78B45A", "#5A783C", "#690078")


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
    "global_scalar": Stroke((3, 1, 1, 1, 1, 1), "X", 1.12),
}
OTHER_STROKES = (Stroke((2, 3), "h"), Stroke((5, 1, 2, 1), "<"), Stroke((7, 1), ">"), Stroke((4, 1, 1, 3), "d"))


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


def _stable(name: str, n: int) -> int:
    """Return a number below `n` that depends on the name alone (Python's own hash differs between processes)."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") % n


def rule_colour(rule: str) -> str:
    """Return the colour of a rule: fixed for the rules of this package, by a hash of the name for others."""
    return COLOURS.get(rule) or OTHER_COLOURS[_stable(rule, len(OTHER_COLOURS))]


def feedback_stroke(feedback: str) -> Stroke:
    """Return the stroke of a feedback pathway: fixed for known ones, by a hash of the name for others."""
    return STROKES.get(feedback) or OTHER_STROKES[_stable(feedback, len(OTHER_STROKES))]


def words(name: str) -> str:
    """Return a name as it is read: 'random_direct' as 'random direct', 'hidden1' as 'hidden 1'."""
    return re.sub(r"\b([A-Za-z]+)(\d+)\b", r"\1 \2", name.replace("_", " ").strip())


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
    for key in sorted(rows, key=_rank):
        rule, feedback, parameters = key
        sets = sorted({other[2] for other in rows if other[0] == rule}, key=lambda text: (len(text), text))
        index = sets.index(parameters)
        detail = _differences(sets)[index]
        white = min(0.35 * index, 0.7)
        red, green, blue = ((1 - white) * part + white for part in to_rgb((colours or {}).get(rule, rule_colour(rule))))
        title, configuration = rows[key]
        title += f" ({detail})" if detail else ""
        label = title if feedback == "none" else f"{title}, {words(feedback)}"
        colour = to_hex((red, green, blue))
        result[configuration] = Look(rule, feedback, colour, feedback_stroke(feedback), title, label)
    return result
