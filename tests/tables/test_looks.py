"""Colours and strokes: fixed by name, told apart by everybody, and without traces in matplotlib's state."""

import itertools
import subprocess
import sys

import matplotlib as mpl
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_rgb
from numpy.typing import NDArray

from workbench.figures import style

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
def test_colours_are_told_apart(sight: str) -> None:
    palette = [*style.COLOURS.values(), *style.OTHER_COLOURS]
    assert min(distance(a, b, sight) for a, b in itertools.combinations(palette, 2)) > 15


def test_the_measure_of_colours_sees_a_clash() -> None:
    assert distance("#D62728", "#2CA02C", "full") > 100 > 50 > distance("#D62728", "#2CA02C", "no green cones")


def test_colour_follows_from_the_name_alone_in_any_process() -> None:
    code = "from workbench.figures.style import rule_colour; print(rule_colour('my_rule'))"
    seen = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        ).stdout.strip()
        for seed in ("1", "2")
    }
    assert seen == {style.rule_colour("my_rule")}
    assert style.rule_colour("eprop") == style.COLOURS["eprop"]


def frame(*rows: tuple[str, str, str]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["rule", "feedback", "parameters"])
    return table.assign(title=table["rule"], configuration=table["rule"] + table["feedback"] + table["parameters"])


def test_looks_do_not_depend_on_the_company() -> None:
    alone = style.looks(frame(("eprop", "symmetric", "{}")))
    many = style.looks(frame(("dcll", "symmetric", "{}"), ("eprop", "symmetric", "{}"), ("x", "new", "{}")))
    assert alone["epropsymmetric{}"] == many["epropsymmetric{}"]


def test_looks_begin_with_bptt_and_end_with_frozen() -> None:
    shown = style.looks(frame(("frozen", "none", ""), ("eprop", "symmetric", ""), ("bptt", "none", "")))
    assert [look.label for look in shown.values()] == ["bptt", "eprop, symmetric", "frozen"]


def test_parameter_sets_are_named_and_shaded() -> None:
    first, second = style.looks(frame(("eprop", "symmetric", "{}"), ("eprop", "symmetric", '{"gamma": 0.3}'))).values()
    assert (first.rule_label, second.rule_label) == ("eprop (default gamma)", "eprop (gamma = 0.3)")
    assert first.colour == style.COLOURS["eprop"].lower() != second.colour


def test_own_colours_replace_the_standard_ones() -> None:
    (look,) = style.looks(frame(("eprop", "symmetric", "")), {"eprop": "#123456"}).values()
    assert look.colour == "#123456"


def test_feedback_pathways_differ_in_dashes_or_marker() -> None:
    strokes = [*style.STROKES.values(), *style.OTHER_STROKES]
    assert len({(stroke.dashes, stroke.marker) for stroke in strokes}) == len(strokes)


def test_style_leaves_no_trace() -> None:
    before = dict(mpl.rcParams)
    with style.style():
        assert mpl.rcParams["pdf.fonttype"] == 42
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize(
    ("name", "read"), [("random_direct", "random direct"), ("hidden12", "hidden 12"), ("readout", "readout")]
)
def test_words(name: str, read: str) -> None:
    assert style.words(name) == read
