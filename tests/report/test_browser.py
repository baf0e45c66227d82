"""The page in a browser: it opens from the file system without an error, fits its window, and its tables sort."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.patience import HANGS
from tests.report.conftest import Reported

BROWSER = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chromium-browser"))), None)

pytestmark = pytest.mark.skipif(BROWSER is None, reason="neither chromium nor google-chrome is on the path")

#: Shows a page in a frame of some width, does something there, and writes down what it finds.
FRAME = """<!DOCTYPE html>
<meta charset="utf-8">
<iframe id="frame" src="{source}" style="width: {width}px; height: 900px; border: 0"></iframe>
<pre id="found"></pre>
<script>
document.getElementById("frame").addEventListener("load", (event) => {{
  const page = event.target.contentDocument;
  const view = event.target.contentWindow;
  document.getElementById("found").textContent = JSON.stringify((() => {{ {script} }})());
}});
</script>
"""

MEASURE = """
for (const item of page.querySelectorAll("details")) item.open = true;
const boxes = [...page.querySelectorAll("svg")].map((svg) => svg.getBoundingClientRect());
return {
  inner: view.innerWidth, document: page.documentElement.scrollWidth, body: page.body.scrollWidth,
  figures: boxes.length, empty: boxes.filter((box) => !(box.width > 0 && box.height > 0)).length,
  font: Number.parseFloat(view.getComputedStyle(page.body).fontSize),
};
"""

SORT = """
const table = page.querySelector("table[aria-label^='Means over']");
const heads = [...table.tHead.rows[0].cells];
const column = heads.findIndex((head) => head.textContent.startsWith("accuracy"));
const order = () => [...table.tBodies[0].rows].map((row) => row.cells[column].dataset.order);
const found = { before: order(), states: [] };
const button = heads[column].querySelector("button");
for (const name of ["first", "second"]) {
  button.focus();
  button.click();
  found[name] = order();
  found.states.push(heads.map((head) => head.getAttribute("aria-sort")));
}
const words = heads[1].querySelector("button");
words.click();
found.words = [...table.tBodies[0].rows].map((row) => row.cells[1].textContent);
found.column = column;
found.focused = page.activeElement === button;
return found;
"""

PRINTED = """
const closed = page.querySelectorAll("details:not([open])").length;
view.dispatchEvent(new Event("beforeprint"));
const left = page.querySelectorAll("details:not([open])").length;
view.dispatchEvent(new Event("afterprint"));
return { closed, left, after: page.querySelectorAll("details:not([open])").length };
"""


def found(page: Path, script: str, folder: Path, width: int = 1280) -> tuple[dict[str, Any], list[str]]:
    """Show a page, and return what a script finds there and what the console says."""
    frame = folder / "frame.html"
    frame.write_text(FRAME.format(source=page.as_uri(), width=width, script=script))
    command = [str(BROWSER), "--headless", "--no-sandbox", "--disable-gpu", "--allow-file-access-from-files",
               f"--user-data-dir={folder / 'profile'}", "--window-size=1400,1000", "--virtual-time-budget=10000",
               "--enable-logging=stderr", "--dump-dom", frame.as_uri()]  # fmt: skip
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=HANGS)
    told = re.search(r'<pre id="found">(.*?)</pre>', done.stdout, re.DOTALL)
    assert told, done.stderr
    assert told[1], done.stderr
    console = [line for line in done.stderr.splitlines() if "CONSOLE" in line]
    text = told[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    return json.loads(text), console


@pytest.mark.parametrize("width", [390, 1280])
def test_page_fits_its_window_and_shows_every_figure(width: int, reported: Reported, tmp_path: Path) -> None:
    seen, console = found(reported.page, MEASURE, tmp_path, width)
    assert console == []
    assert seen["inner"] == width
    # The bar to scroll by takes some of the width of a window, and nothing goes beyond what is left.
    assert width - 20 <= seen["document"] <= width
    assert seen["body"] <= seen["document"]
    assert seen["figures"] == reported.text.count("<svg ") > 10
    assert seen["empty"] == 0
    assert seen["font"] >= 15


def test_a_page_that_is_too_wide_or_fails_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "wide.html"
    page.write_text("<!DOCTYPE html><div style='width: 500px'>x</div><svg width='0'></svg><script>absent()</script>")
    seen, console = found(page, MEASURE, tmp_path, 390)
    assert seen["document"] > 390
    assert seen["empty"] == 1
    assert len(console) == 1
    assert "absent is not defined" in console[0]


def test_click_on_a_heading_sorts(reported: Reported, tmp_path: Path) -> None:
    seen, console = found(reported.page, SORT, tmp_path)
    assert console == []
    numbers = [float(value) for value in seen["before"] if value]
    undefined = seen["before"].count("")
    assert len(set(numbers)) > 1
    assert undefined > 0
    assert [float(value) for value in seen["first"] if value] == sorted(numbers, reverse=True)
    assert [float(value) for value in seen["second"] if value] == sorted(numbers)
    # What is undefined comes last either way.
    assert seen["first"][-undefined:] == seen["second"][-undefined:] == [""] * undefined
    for state, expected in zip(seen["states"], ("descending", "ascending"), strict=True):
        assert state[seen["column"]] == expected
        assert set(state) == {expected, "none"}
    assert seen["words"] == sorted(seen["words"], key=str.casefold)
    assert seen["focused"]


def test_what_is_closed_is_printed(reported: Reported, tmp_path: Path) -> None:
    seen, _ = found(reported.page, PRINTED, tmp_path)
    assert seen["closed"] > 0
    assert seen["left"] == 0
    assert seen["after"] == seen["closed"]
