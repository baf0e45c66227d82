"""Reasons of errors."""

from workbench.common.errors import reason_of, root_of


def test_root_of_errors_that_go_in_a_circle_is_found() -> None:
    """As Python has them where one is raised again while that which it caused is handled."""
    first, second = ValueError("first"), RuntimeError("second")
    second.__cause__, first.__context__ = first, second
    assert root_of(second) is first
    assert reason_of(second) == "ValueError: first"
    third = KeyError("third")
    third.__context__ = second
    assert root_of(third) is first
