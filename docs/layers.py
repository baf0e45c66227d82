"""The parts of the package, and which of them may import which."""

import ast
from pathlib import Path

from docs.markdown import code, codes, described, table
from tests.test_layers import COMMON, MAY_IMPORT

_PACKAGE = Path(__file__).parents[1] / "workbench"


def layers() -> str:
    """Return what each part is, and what it may import besides what is common."""
    rows = []
    order = [*sorted(COMMON), *(part for part in MAY_IMPORT if part not in COMMON)]
    for part in order:
        alone = _PACKAGE / ("__init__.py" if part == "workbench" else f"{part}.py")
        text = ast.get_docstring(ast.parse((alone if alone.exists() else _PACKAGE / part / "__init__.py").read_text()))
        what = described((text or "").partition("\n\n")[0], f"Part '{part}'")
        rows.append([code(part), what, "" if part in COMMON else codes(sorted(MAY_IMPORT[part])) or "nothing"])
    return table(["part", "what it is", "may import"], rows)
