"""What a rule needs to know, and which of six complaints against backpropagation hold of it: inferred, not declared."""

import json
from math import isnan

import pandas as pd

from workbench.audit.locality.dependency_graph import Provenance
from workbench.audit.locality.requirements import Locality
from workbench.model.renaming import ARRIVING


def row_of(found: Locality) -> dict[str, object]:
    """Return a rule's row of the scorecard; see `workbench.tables.locality.scorecard_table`."""
    scores: dict[str, object] = {name: score.value for name, score in found.scores.items()}
    told: dict[str, object] = {
        "rule": found.rule,
        "title": found.title,
        "feedback": found.feedback,
        "layer": found.layer,
    }
    return told | scores | {"total": found.total, "signal": _received(found), "sentence": found.sentence()}


def described(found: Locality) -> dict[str, object]:
    """Return all that is known of a rule's locality, as JSON can hold it; numbers that are not there are None."""
    return {
        "rule": found.rule,
        "feedback": found.feedback,
        "layer": found.layer,
        "reads": {"pre": found.pre, "post": found.post, "synapse": found.synapse},
        "signals": [vars(signal) | {"bits": None if isnan(signal.bits) else signal.bits} for signal in found.signals],
        "scores": {name: vars(score) for name, score in found.scores.items()},
        "total": None if isnan(found.total) else found.total,
        "sentence": found.sentence(),
        "graph": [] if found.graph is None else json.loads(edges_of(found.graph).to_json(orient="records")),
    }


def _received(found: Locality) -> str:
    """Return in a few words what a neuron gets from others."""
    if found.graph is None:
        return "all states and weights" if found.scores else ""
    if not found.signals:
        return "nothing"
    return ", ".join(
        f"{'analog' if isnan(signal.bits) else 'spikes'}, from {signal.origin.replace('_', ' ')}"
        for signal in found.signals
    )


def edges_of(graph: Provenance) -> pd.DataFrame:
    """Return a provenance graph as a table, an edge a row.

    Returns
    -------
    DataFrame
        Columns reader_place, reader, read_place, read (variables and where they are), kind and weights (what weighs
        what is read), acted_on (whether it is by the neuron's own dynamics) and levels (how many values are read; NaN
        where these are many).
    """
    return pd.DataFrame(
        [
            {
                "reader_place": edge.reader.place,
                "reader": _told(edge.reader.variable),
                "read_place": edge.read.place,
                "read": _told(edge.read.variable),
                "kind": edge.kind,
                "weights": edge.weights,
                "acted_on": edge.acted_on,
                "levels": float("nan") if edge.levels is None else len(edge.levels),
            }
            for edge in graph.edges
        ]
    )


def _told(variable: str) -> str:
    """Return how a variable is called where that is not its author's name."""
    return f"by {variable.removeprefix(ARRIVING)}" if variable.startswith(ARRIVING) else variable
