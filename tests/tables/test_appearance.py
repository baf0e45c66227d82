"""Colours and strokes: fixed by name, and told apart by everybody."""

import itertools
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from workbench.catalogue.registry import load_registry
from workbench.tables.appearance import OTHER_STROKES, STROKES, looks
from workbench.tables.colours import COLOURS, OTHER_COLOURS, PATHWAY_COLOURS, rule_colour, rule_colours

# Machado, Oliveira and Fernandes 2009 (10.1109/TVCG.2009.113), severity 1, on linear RGB.
SIGHT = {
    "full": np.eye(3),
    "no red cones": np.array([[0.152, 1.053, -0.205], [0.115, 0.786, 0.099], [-0.004, -0.048, 1.052]]),
    "no green cones": np.array([[0.367, 0.861, -0.228], [0.280, 0.673, 0.047], [-0.012, 0.043, 0.969]]),
}
TO_XYZ = np.array([[0.4125, 0.3576, 0.1804], [0.2127, 0.7152, 0.0722], [0.0193, 0.1192, 0.9503]])


def lab(colour: str, sight: str) -> NDArray[np.float64]:
    encoded = np.asarray(to_rgb(colour))
    linear = np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(TO_XYZ @ np.clip(SIGHT[sight] @ linear, 0, 1) / np.array([0.9505, 1.0, 1.0888]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def distance(first: str, second: str, sight: str) -> float:
    return float(np.linalg.norm(lab(first, sight) - lab(second, sight)))


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize(
    "palette", [(*COLOURS.values(), *OTHER_COLOURS), (*PATHWAY_COLOURS.values(), COLOURS["bptt"], COLOURS["frozen"])]
)
def test_colours_are_told_apart(palette: tuple[str, ...], sight: str) -> None:
    assert min(distance(a, b, sight) for a, b in itertools.combinations(palette, 2)) > 15


def test_colours_are_those_of_rules_that_come_with_the_workbench() -> None:
    """There are more rules than colours that everybody tells apart; those without share what `rule_colours` has."""
    rules = set(load_registry().rules)
    assert set(COLOURS) < rules
    assert set(rule_colours(rules - set(COLOURS)).values()) <= set(OTHER_COLOURS)
    assert len(set(COLOURS.values())) == len(COLOURS)
    # A control is grey, and nothing else is.
    greys = [rule for rule, colour in COLOURS.items() if len(set(to_rgb(colour))) == 1]
    assert greys == ["bptt", "frozen"]


def test_rules_of_others_are_told_apart_as_far_as_there_are_colours() -> None:
    names = [f"mine{number}" for number in range(len(OTHER_COLOURS))]
    # The control: by their names alone some would share one.
    assert len({rule_colour(name) for name in names}) < len(names)
    together = rule_colours(["frozen", "dcll", *names])
    assert len(set(together.values())) == len(together)
    assert together["dcll"] == COLOURS["dcll"]
    assert rule_colours(reversed(names)) == rule_colours(names)
    assert len(set(rule_colours([*names, "one_more"]).values())) == len(names)
    shown = looks(frame(*((name, "none", "{}") for name in ("frozen", "dcll", *names))))
    assert len({look.colour for look in shown.values()}) == len(shown)


def test_the_measure_of_colours_sees_a_clash() -> None:
    assert distance("#D62728", "#2CA02C", "full") > 100 > 50 > distance("#D62728", "#2CA02C", "no green cones")


def test_colour_follows_from_the_name_alone_in_any_process() -> None:
    code = "from workbench.tables.colours import rule_colour; print(rule_colour('my_rule'))"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {rule_colour("my_rule")}
    assert rule_colour("eprop") == COLOURS["eprop"]


def frame(*rows: tuple[str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["rule", "feedback", "parameters"])
    return table.assign(title=table["rule"], configuration=table["rule"] + table["feedback"] + table["parameters"])


def test_looks_do_not_depend_on_the_company() -> None:
    alone = looks(frame(("eprop", "symmetric", "{}")))
    many = looks(frame(("dcll", "symmetric", "{}"), ("eprop", "symmetric", "{}"), ("x", "new", "{}")))
    assert alone["epropsymmetric{}"] == many["epropsymmetric{}"]


def test_looks_begin_with_bptt_and_end_with_frozen() -> None:
    shown = looks(frame(("frozen", "none", ""), ("eprop", "symmetric", ""), ("bptt", "none", "")))
    assert [look.label for look in shown.values()] == ["bptt", "eprop, symmetric", "frozen"]


def test_parameter_sets_are_named_and_shaded() -> None:
    first, second = looks(frame(("eprop", "symmetric", "{}"), ("eprop", "symmetric", '{"gamma": 0.3}'))).values()
    assert (first.rule_label, second.rule_label) == ("eprop (default gamma)", "eprop (gamma = 0.3)")
    assert first.colour == COLOURS["eprop"].lower() != second.colour


def test_own_colours_replace_the_standard_ones() -> None:
    (look,) = looks(frame(("eprop", "symmetric", "")), {"eprop": "#123456"}).values()
    assert look.colour == "#123456"


def test_pathways_have_colours_where_many_of_one_rule_are_compared() -> None:
    controls = [("bptt", "none", ""), ("frozen", "none", "")]
    many = [("eprop", name, "") for name in PATHWAY_COLOURS]
    shown = looks(frame(*controls, *many))
    assert [look.colour for look in shown.values() if look.rule == "eprop"] == [
        PATHWAY_COLOURS[look.feedback].lower() for look in shown.values() if look.rule == "eprop"
    ]
    assert {look.colour for look in shown.values() if look.rule != "eprop"} == {"#000000", "#5e5e5e"}
    # The controls: few pathways, another rule beside it, a colour that was asked for.
    few = looks(frame(*controls, *many[:3])).values()
    beside = looks(frame(*many, ("dcll", "symmetric", ""))).values()
    asked = looks(frame(*many), {"eprop": "#123456"}).values()
    assert {look.colour for look in (*few, *beside) if look.rule == "eprop"} == {COLOURS["eprop"].lower()}
    assert {look.colour for look in asked} == {"#123456"}


def test_feedback_pathways_differ_in_dashes_or_marker() -> None:
    strokes = [*STROKES.values(), *OTHER_STROKES]
    assert len({(stroke.dashes, stroke.marker) for stroke in strokes}) == len(strokes)
