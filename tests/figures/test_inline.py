"""Figures in a page: the same bytes each time, no name that two of them share, and what they show in words."""

import re
from xml.etree import ElementTree

import numpy as np
import pytest
from matplotlib.figure import Figure

from workbench.figures.inline import inline_svg, width_of
from workbench.figures.style import MM, style


def drawn(title: str = "A title") -> Figure:
    """Return a figure with what matplotlib names: glyphs, marks, an image, clips by a box and by a path."""
    with style():
        figure = Figure(figsize=(89 * MM, 60 * MM), layout="constrained")
        left, right = figure.subplots(1, 2, subplot_kw={"projection": "polar"})
        left.plot(np.linspace(0, 6, 20), np.linspace(0, 1, 20), "o-")
        left.set_title(title)
        right.fill_between(np.linspace(0, 6, 20), 0.2, 0.4)
        figure.add_axes((0.4, 0.1, 0.2, 0.2)).imshow(np.eye(3))
    return figure


def names(svg: str) -> set[str]:
    return set(re.findall(r' id="([^"]+)"', svg))


def test_same_figure_gives_the_same_bytes() -> None:
    # Both at once, so that nothing of the second is where something of the first was in memory.
    first, second = drawn(), drawn()
    svg = inline_svg(first, "one", "What it shows")
    assert inline_svg(second, "one", "What it shows") == svg
    assert inline_svg(drawn("Another title"), "one", "What it shows") != svg


def test_names_are_the_figures_own_and_lead_somewhere() -> None:
    one, other = inline_svg(drawn(), "one", "x"), inline_svg(drawn(), "another one", "x")
    assert names(one)
    assert not names(one) & names(other)
    assert {name.split("--")[0] for name in names(other)} == {"another-one"}
    for svg in (one, other):
        asked = set(re.findall(r'href="#([^"]+)"|url\(#([^)]+)\)', svg))
        assert {"".join(pair) for pair in asked} == names(svg)


def test_figure_stands_in_a_page() -> None:
    svg = inline_svg(drawn(), "one", "x")
    root = ElementTree.fromstring(svg)
    assert root.tag == "svg"
    assert root.get("role") == "img"
    assert "width" not in root.attrib
    width, height = map(float, str(root.get("viewBox")).split()[2:])
    assert (width, height) == pytest.approx((89 / 25.4 * 72, 60 / 25.4 * 72))
    # No style for everything in the page, no date, and no address.
    assert not {"style", "metadata", "script"} & {item.tag for item in root.iter()}
    assert "http" not in svg
    assert "<text" not in svg
    assert "data:image/png;base64," in svg


def test_text_of_others_does_no_harm() -> None:
    harm = '"><script>alert(1)</script>--&'
    root = ElementTree.fromstring(inline_svg(drawn(harm), "one", harm))
    assert root.get("aria-label") == harm
    assert "script" not in {item.tag for item in root.iter()}


def test_width_is_in_millimetres() -> None:
    assert width_of(drawn()) == pytest.approx(89)
