"""Options that several commands take."""

from pathlib import Path
from typing import Annotated

import typer

AsJson = Annotated[bool, typer.Option("--json", help="Print JSON, for programs.")]
Plugins = Annotated[
    list[Path] | None, typer.Option("--plugin", help="A plugin file that is not installed; may be given several times.")
]
