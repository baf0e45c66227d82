"""Pictures of few dots, which are drawn several times as fast."""

from importlib import import_module
from types import ModuleType

import pytest

#: The module, whose name is that of its function too.
SAVE: ModuleType = import_module("workbench.figures.saving")

#: Dots per inch; what is tested of a picture is not its dots.
FEW = 60


@pytest.fixture(autouse=True)
def few_dots(monkeypatch: pytest.MonkeyPatch) -> int:
    """Draw with few dots, and return how many these are where they were full."""
    full: int = SAVE.RESOLUTION
    monkeypatch.setattr(SAVE, "RESOLUTION", FEW)
    return full
