"""Programs as users compile them: the tests' own are optimised less, see `tests/compiler`."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from workbench.engine.compiled import cache_key


@contextmanager
def as_shipped() -> Iterator[None]:
    """Let programs that are built meanwhile, here or in processes that begin meanwhile, be optimised in full."""
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("CXX", raising=False)
        _look_anew()
        try:
            yield
        finally:
            _look_anew()


def _look_anew() -> None:
    cache_key.compiler.cache_clear()
    cache_key._environment.cache_clear()
