"""What the tests of conformance share."""

from collections.abc import Callable

import pytest

from workbench.testing.checks import CHECKS


@pytest.fixture
def only(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that leaves out all checks but some, which would take minutes."""

    def choose(*names: str) -> None:
        monkeypatch.setattr("workbench.testing.suite.CHECKS", {name: CHECKS[name] for name in names})

    return choose
