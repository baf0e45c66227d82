"""The tables of a search: what was chosen for each rule, how sure that is, and what the search was like."""

import itertools
import json
import math
from collections.abc import Sequence
from contextlib import suppress

import pandas as pd
from rich import box
from rich.markup import escape
from rich.table import Table

from workbench.common.errors import WorkbenchError
from workbench.declare.condition import REPLICATE
from workbench.declare.configuration import configuration_label, configuration_name
from workbench.tables.conditions import PLACE, by_condition
from workbench.text.quantities import read_quantity

#: How much worse than the best a draw may be to count as near it: points of accuracy, and share of a loss or reward.
NEAR = 0.05
#: What draws may be judged by, with what makes of a score what is shown of it.
SHOWN = {"accuracy": 100, "loss": -1, "reward": 1}


def searched(draws: pd.DataFrame) -> pd.DataFrame:
    """Return the draws of a search with what figures and tables need.

    Parameters
    ----------
    draws : DataFrame
        As `Results.draws`.

    Returns
    -------
    DataFrame
        A task in each condition counts as a task of its own; with `configuration`, `label`, and `best`, the best score
        of the draws up to each.
    """
    # Each repetition was searched for itself, so that here they are conditions.
    plain = {text: text.replace(f'{REPLICATE}": ', '": ') for text in set(draws["condition"])}
    table = by_condition(draws.assign(condition=draws["condition"].map(plain)))
    table = table.sort_values([PLACE if PLACE in table else "task", "draw"], kind="stable", ignore_index=True)
    pairs = list(zip(table["rule"], table["feedback"], strict=True))
    table["configuration"] = [configuration_name(rule, feedback) for rule, feedback in pairs]
    labels = zip(table["title"], table["feedback"], strict=True)
    table["label"] = [configuration_label(title, feedback) for title, feedback in labels]
    # By cell: a rule may be there with several sets of parameters.
    table["best"] = table.groupby(["task", "cell"], sort=False)["score"].cummax()
    table["best"] = table.groupby(["task", "cell"], sort=False)["best"].ffill()
    return table


def judged_by(draws: pd.DataFrame) -> str:
    """Return what draws were judged by, as `SHOWN` names it."""
    return str(draws["by"].iloc[0])


def search_data(draws: pd.DataFrame) -> pd.DataFrame:
    """Return the data behind `search_map`: one row for each draw and setting, and one for the draw itself.

    Parameters
    ----------
    draws : DataFrame
        As `Results.draws`.

    Returns
    -------
    DataFrame
        Columns panel, task, task_title, configuration, cell, rule, feedback, draw, setting (empty for the draw itself),
        x (value of the setting, or the number of the draw, from 1), unit (of x, an SI unit), value (validation accuracy
        [%], loss or reward; of the draw itself, the best so far), chosen.
    """
    table = searched(draws)
    factor = SHOWN[judged_by(draws)]
    columns = ["task", "task_title", "configuration", "cell", "rule", "feedback", "title", "draw", "chosen"]
    rows = [table[columns].assign(setting="", x=table["draw"] + 1.0, unit="", value=factor * table["best"])]
    values = [json.loads(text) for text in table["values"]]
    for key in dict.fromkeys(key for own in values for key in own):
        found = [_number(own.get(key)) for own in values]
        numbers = pd.Series([number for number, _ in found], dtype="float64")
        unit = next((unit for _, unit in found if unit), "")
        rows.append(table[columns].assign(setting=key, x=numbers, unit=unit, value=factor * table["score"]))
    data = pd.concat(rows, ignore_index=True).dropna(subset=["x", "value"])
    names = data.drop_duplicates(["task", "setting"])[["task", "setting"]].reset_index(drop=True)
    names["panel"] = [str(place + 1) for place in names.index]
    return data.merge(names, on=["task", "setting"])


def _number(value: object) -> tuple[float | None, str]:
    """Return a setting as a number and its SI unit; no number for words and lists."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value), ""
    if isinstance(value, str):
        with suppress(WorkbenchError):
            return read_quantity(value, "")
    return None, ""


def choices_table(draws: pd.DataFrame) -> pd.DataFrame:
    """Return one row for each rule in each task and condition: what the search chose for it.

    Returns
    -------
    DataFrame
        Columns task, task_title, configuration, label, draws, trained (how many could be), fitting (how many of these
        have the hidden spikes that are wanted), spikes (per trial, of the chosen one), chosen (settings in words),
        score (on the validation split), near (share of the draws whose score is within `NEAR` of the best, which is
        that of the space where draws are independent), undefined (why it is not), edges (settings at an end of the
        space, beyond which a better value may lie).
    """
    table = searched(draws)
    rows = []
    for _, own in table.groupby(["task", "cell"], sort=False):
        best = own[own["chosen"]].iloc[0]
        values, edges = json.loads(best["values"]), json.loads(best["edges"])
        independent = (own["sampler"] == "random").all()
        rows.append(
            {
                **{name: best[name] for name in ("task", "task_title", "configuration", "label")},
                "draws": len(own),
                "trained": int((own["status"] == "done").sum()),
                "fitting": int(own["score"].notna().sum()),
                "spikes": best["spikes"],
                "chosen": ", ".join(f"{_last(key, values)} = {_written(value)}" for key, value in values.items()),
                "score": best["score"],
                "near": _near(own["score"], judged_by(draws)) if independent else math.nan,
                "undefined": "" if independent else "Draws that go by those before them do not tell of the space.",
                "edges": ", ".join(f"{_last(key, values)} ({end})" for key, end in edges.items()),
            }
        )
    return pd.DataFrame(rows)


def _near(scores: pd.Series, by: str) -> float:
    """Return the share of all draws, spent ones included, that are nearly as good as the best."""
    best = scores.max()
    if math.isnan(best):
        return math.nan
    # Losses and rewards may be of any size.
    return float((scores >= best - NEAR * (1.0 if by == "accuracy" else abs(best))).mean())


def _last(key: str, keys: Sequence[str] | dict[str, object]) -> str:
    """Return the last part of a key, or all of it where another one ends alike."""
    last = key.rpartition(".")[2]
    return last if [other.rpartition(".")[2] for other in keys].count(last) == 1 else key


def _written(value: object) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)


def stability(draws: pd.DataFrame) -> list[str]:
    """Return, for each task and condition, how alike the first half of the draws and all of them rank the rules."""
    from scipy.stats import kendalltau

    table = searched(draws)
    told = []
    for title, own in table.groupby("task_title", sort=False):
        count = int(own["draw"].max()) + 1
        half = own[own["draw"] == count // 2 - 1].set_index("cell")["best"]
        whole = own[own["draw"] == count - 1].set_index("cell")["best"].reindex(half.index)
        both = half.notna() & whole.notna()
        if both.sum() < 3:
            continue
        tau = float(kendalltau(half[both], whole[both]).statistic)
        told.append(
            f"{title}: ranks of {both.sum()} rules by {count // 2} and by {count} draws: Kendall's tau "
            + ("undefined, since all are alike." if math.isnan(tau) else f"{tau:.2f}.")
        )
    return told


def at_edges(draws: pd.DataFrame) -> list[str]:
    """Return a sentence for each rule whose best settings lie at an end of the space."""
    table = choices_table(draws)
    return [
        f"{row['task_title']}: the best settings of {row['label']} lie at an edge of the search, beyond which better "
        f"ones may lie: {row['edges']}."
        for _, row in table[table["edges"] != ""].iterrows()
    ]


def wanted_spikes(draws: pd.DataFrame) -> float:
    """Return how many hidden spikes per trial a draw was to have; 0 for any number."""
    return float(draws["wanted_spikes"].fillna(0.0).max()) if "wanted_spikes" in draws else 0.0


def at_other_spikes(draws: pd.DataFrame) -> list[str]:
    """Return a sentence for each rule of which no draw has the spikes that are wanted."""
    wanted, table = wanted_spikes(draws), choices_table(draws)
    return [
        f"{row['task_title']}: no draw of {row['label']} has the {wanted:g} hidden spikes per trial that are wanted; "
        f"the nearest, with {row['spikes']:.3g}, is taken, and what it achieves is not at as many."
        for _, row in table[table["fitting"] == 0].iterrows()
        if wanted and row["trained"]
    ]


def near_the_best(draws: pd.DataFrame) -> str:
    """Return within what of the best a draw is near it, in words."""
    by = judged_by(draws)
    return f"{100 * NEAR:.0f} {'points of the best' if by == 'accuracy' else f'% of the best {by}'}"


def choices_title(draws: pd.DataFrame) -> str:
    """Return what the table of choices shows."""
    title = "Settings that the search chose, on the validation split; near: share of the draws within "
    return title + f"{near_the_best(draws)}."


def choice_cells(draws: pd.DataFrame) -> tuple[list[str], list[list[str]], list[str]]:
    """Return the table of choices as text: what the columns are called, the cells, and the notes below them."""
    by, rows = judged_by(draws), []
    for row in choices_table(draws).to_dict("records"):
        score = SHOWN[by] * row["score"]
        near = "\u2013" if math.isnan(row["near"]) else f"{100 * row['near']:.0f}"
        told = ["\u2013" if math.isnan(score) else f"{score:.3g}", near, f"{row['trained']} of {row['draws']}"]
        told += [f"{row['fitting']}", f"{row['spikes']:.3g}"] if wanted_spikes(draws) else []
        rows.append([str(row["task_title"]), row["label"], row["chosen"], *told])
    head = ["task", "rule", "settings", "accuracy (%)" if by == "accuracy" else by, "near (%)", "trained"]
    head += ["at these spikes", "spikes"] if wanted_spikes(draws) else []
    return head, rows, choice_notes(draws)


def choice_notes(draws: pd.DataFrame) -> list[str]:
    """Return what is to be known of the choices of a search, in sentences."""
    undefined = [text for text in dict.fromkeys(choices_table(draws)["undefined"]) if text]
    return [*undefined, *at_other_spikes(draws), *at_edges(draws), *stability(draws)]


def rich_choices(draws: pd.DataFrame) -> Table:
    """Return the table of choices for printing with `rich`."""
    head, rows, notes = choice_cells(draws)
    printed = Table(title=choices_title(draws), title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False,
                    collapse_padding=True, caption=escape("\n".join(notes)), caption_justify="left")  # fmt: skip
    for place, name in enumerate(head):
        printed.add_column(name, justify="left" if place < 3 else "right")
    for title, own in itertools.groupby(rows, key=lambda row: row[0]):
        for place, row in enumerate(own):
            printed.add_row(*map(escape, [title if place == 0 else "", *row[1:]]))
        printed.add_section()
    return printed
