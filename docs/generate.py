"""Write the parts of the pages that follow from declarations: ``python -m docs.generate``.

In a page such a part stands between ``<!-- generated: name -->`` and ``<!-- end -->``; a test fails where it is not
what the declarations say. What is around it is written by hand.
"""

import re
from collections.abc import Callable
from pathlib import Path

from docs import catalogue, interfaces, layers, tables

FOLDER = Path(__file__).parent

#: What there is to be written, by the name that pages give it.
PARTS: dict[str, Callable[[], str]] = {
    "study keys": interfaces.study_keys,
    "hooks": interfaces.hooks,
    "readable names": interfaces.readable_names,
    "names of brian2": interfaces.names_of_brian2,
    "reserved names": interfaces.reserved_names,
    "commands": interfaces.commands,
    "rules": catalogue.rules,
    "tasks": catalogue.tasks,
    "neurons": catalogue.neurons,
    "losses": catalogue.losses,
    "decisions": catalogue.decisions,
    "optimizers": catalogue.optimizers,
    "constraints": catalogue.constraints,
    "transmissions": catalogue.transmissions,
    "surrogates": catalogue.surrogates,
    "pathways": catalogue.pathways,
    "measures": catalogue.measures,
    "summary columns": tables.summary_columns,
    "layers": layers.layers,
}

_PART = re.compile(r"<!-- generated: (?P<name>[\w ]+) -->\n.*?<!-- end -->", re.DOTALL)


def written(text: str) -> str:
    """Return a page with its generated parts written anew."""
    return _PART.sub(
        lambda found: f"<!-- generated: {found['name']} -->\n\n{PARTS[found['name']]()}\n\n<!-- end -->", text
    )


def parts_of(text: str) -> list[str]:
    """Return the names of a page's generated parts."""
    return [found["name"] for found in _PART.finditer(text)]


if __name__ == "__main__":
    for page in FOLDER.glob("*.md"):
        page.write_text(written(page.read_text()))
