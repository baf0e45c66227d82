"""Figures as SVG that stands in a page beside others: the same bytes each time, and no name that two of them share."""

import io
import re

import matplotlib as mpl
from matplotlib.figure import Figure

from workbench.figures import style

#: What a page says once for all figures in it, in place of matplotlib's own rule for everything in the page.
STYLE = "svg * { stroke-linejoin: round; stroke-linecap: butt; }"

_HEAD = re.compile(r'<svg [^>]*?viewBox="(?P<box>[\d. -]+)"[^>]*>')
_OWN_STYLE = re.compile(r"\s*<defs>\s*<style type=\"text/css\">[^<]*</style>\s*</defs>")
_METADATA = re.compile(r"\s*<metadata>.*?</metadata>", re.DOTALL)
_COMMENT = re.compile(r"\s*<!--.*?-->", re.DOTALL)
_REFERENCE = re.compile(r"(?P<before>\bid=\"|\bhref=\"#|url\(#)(?P<name>[^\")]+)")
_ID = re.compile(r' id="(?P<name>[^"]*)"')
_PATH = re.compile(r'\bd="[^"]*"')
_DIGITS = re.compile(r"(\.\d\d)\d+")
_SPACE = re.compile(r"\s*\n\s*")


def inline_svg(figure: Figure, name: str, label: str) -> str:
    """Return a figure as an SVG element.

    Parameters
    ----------
    figure : Figure
        As one of the functions of this package returns it.
    name : str
        Of the figure, among the others of its page: what begins its ids.
    label : str
        What it shows, for those who cannot see it.

    Returns
    -------
    str
        As wide as what it stands in. Letters are outlines, which are the same wherever it is shown.
    """
    stream = io.StringIO()
    nothing = dict.fromkeys(("Date", "Creator", "Format", "Type"))
    with style.style(), mpl.rc_context({"svg.fonttype": "path", "svg.hashsalt": "workbench", "svg.image_inline": True}):
        figure.savefig(stream, format="svg", metadata=nothing)
    text = stream.getvalue()
    head = _HEAD.search(text)
    if head is None:
        raise ValueError("matplotlib has written no SVG element with a view box.")
    body = text[head.end() :]
    for pattern in (_OWN_STYLE, _METADATA, _COMMENT):
        body = pattern.sub("", body)
    # An element of a page has its name space from the page.
    body = body.replace("xlink:href=", "href=")
    used = {found["name"] for found in _REFERENCE.finditer(body) if not found["before"].startswith("id")}
    body = _ID.sub(lambda found: found[0] if found["name"] in used else "", body)
    # Some of matplotlib's names follow from where an object happens to be in memory; numbers do not.
    names = dict.fromkeys(found["name"] for found in _REFERENCE.finditer(body))
    numbered = {each: f"{_prefix(name)}{number}" for number, each in enumerate(names)}
    body = _REFERENCE.sub(lambda found: f"{found['before']}{numbered[found['name']]}", body)
    # A hundredth of a point is less than anybody sees.
    body = _PATH.sub(lambda found: _SPACE.sub(" ", _DIGITS.sub(r"\1", found[0])), body)
    opening = f'<svg viewBox="{head["box"]}" role="img" aria-label="{_attribute(label)}">'
    return opening + _SPACE.sub("\n", body).strip()


def width_of(figure: Figure) -> float:
    """Return the width of a figure [mm]."""
    return float(figure.get_size_inches()[0] / style.MM)


def _prefix(name: str) -> str:
    return re.sub(r"[^A-Za-z0-9]+", "-", name).strip("-") + "--"


def _attribute(text: str) -> str:
    for letter, written in (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"), ('"', "&quot;")):
        text = text.replace(letter, written)
    return text
