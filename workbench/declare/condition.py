"""What the conditions of a study are called: the axes that it varies, with what was chosen on each."""

from collections.abc import Mapping

Label = str | int | float

#: The axis of the variants, whose values need no name before them.
VARIANT = "variant"

#: Ends the name of an axis whose values are repetitions, which tables take together as they do seeds; before it stand
#: the keys that it changes, joined by plus signs.
REPLICATE = "*"


def told(choice: Mapping[str, Label]) -> str:
    """Return a condition in words, such as ``adaptive, depth 2``."""
    return ", ".join(str(label) if axis == VARIANT else f"{_called(axis)} {label}" for axis, label in choice.items())


def _called(axis: str) -> str:
    return axis.removesuffix(REPLICATE).rpartition(".")[2] if axis.endswith(REPLICATE) else axis
