"""A plugin file of one rule to begin with, and the file of its tests."""

import keyword
import re
from pathlib import Path
from string import Template

from workbench.common.errors import PluginError
from workbench.common.files import write_atomically
from workbench.declare.rule import Rule

_TEMPLATES = Path(__file__).parent / "templates"

_NAME = re.compile("[a-z][a-z0-9]*(_[a-z0-9]+)*")


def write_rule(name: str, file: Path) -> tuple[Path, Path]:
    """Write a rule that works, with what to fill in, and its tests beside it; return both files.

    Parameters
    ----------
    name : str
        Of the rule.
    file : Path
        Of the plugin; its folder is made where it does not exist.

    Raises
    ------
    PluginError
        Where the name or the file cannot be that of a rule's plugin, or one of the files is there.
    StorageError
        Where one cannot be written.
    """
    if len(name) > 60 or not _NAME.fullmatch(name) or keyword.iskeyword(name):
        raise PluginError(
            f"'{name}' cannot be a rule's name. Take at most 60 lower-case letters and digits, with single underscores "
            "between them, such as 'my_rule'."
        )
    title = name.replace("_", " ").capitalize()
    # Some names are those of what stands beside rules.
    Rule(name=name, title=title, engine="none")
    if file.suffix != ".py" or not file.stem.isidentifier() or keyword.iskeyword(file.stem):
        raise PluginError(f"'{file}' cannot be imported. Give a file such as '{name}.py'.")
    test = file.with_name(f"test_{file.name}")
    for path in (file, test):
        if path.exists() or path.is_symlink():
            raise PluginError(f"{path} is there already, and is not overwritten. Give another name or another --out.")
    words = {"name": name, "title": title, "constant": name.upper(), "module": file.stem}
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise PluginError(f"{file.parent} cannot be made ({error.strerror}). Give another --out.") from error
    for path, template in ((file, "rule.py_"), (test, "test_rule.py_")):
        text = (_TEMPLATES / template).read_text(encoding="utf-8")
        write_atomically(path, Template(text).substitute(words).encode())
    return file, test
