"""The texts of what plugins offer: that they can stand in study files, file names and tables."""

import math
import re
from typing import Any

from workbench.common.errors import PluginError
from workbench.common.output import printable
from workbench.declare.parameter import Parameter
from workbench.declare.rule import Rule
from workbench.declare.task import Task

_NAME = re.compile("[A-Za-z][A-Za-z0-9_]{0,59}")


def check_texts(item: Any, where: str) -> None:
    """Refuse names that cannot stand in study files and file names, and texts and defaults that cannot be stored."""
    kind = type(item).__name__
    named: list[tuple[str, object]] = [(f"{kind} {quoted(item.name)}", item.name)]
    for entry in item.parameters if isinstance(item, Rule | Task) else ():
        if not isinstance(entry, Parameter):
            raise PluginError(f"{where}: {kind} {quoted(item.name)}: {quoted(entry)} is no Parameter.")
        owner = f"{kind} {quoted(item.name)}, parameter {quoted(entry.name)}"
        named.append((owner, entry.name))
        default = entry.default
        if isinstance(default, bool) or not isinstance(default, str | int | float):
            raise PluginError(f"{where}: {owner}: the default must be a text or a number, not {quoted(default)}.")
        if isinstance(default, float) and not math.isfinite(default):
            raise PluginError(f"{where}: {owner}: the default must be finite, and is {quoted(default)}.")
        if isinstance(default, int) and not -(2**63) <= default < 2**63:
            raise PluginError(f"{where}: {owner}: a whole number must fit into 64 bits, unlike {quoted(default)}.")
    for owner, name in named:
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise PluginError(
                f"{where}: {owner}: a name has letters, digits and underscores, at most 60, and starts with a letter."
            )
    title = item.title if isinstance(item, Rule | Task) else ""
    if not isinstance(title, str) or not title.isprintable():
        raise PluginError(f"{where}: {kind} '{item.name}': the title must be a text of one line, not {quoted(title)}.")


def quoted(value: object) -> str:
    """Return anything in quotes, on one line."""
    return f"'{printable(str(value), 60)}'"
