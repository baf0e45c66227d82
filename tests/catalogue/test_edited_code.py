"""Code that was edited is read anew, or refused: what this process imported before would run under its name."""

import importlib
import os
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench.catalogue.registry import load_registry, reload_registry
from workbench.common.errors import PluginError

RULE = """
    from workbench import Rule, hookimpl

    @hookimpl
    def workbench_rules():
        yield Rule(name="mine", title="Old", engine="none")
"""

#: The same, with the title in a module beside it.
WITH_HELPER = RULE.replace("from workbench", "from helper import TITLE\n    from workbench").replace('"Old"', "TITLE")

Write = Callable[..., Path]


def edit(path: Path) -> None:
    """Change a file in the second in which it was written, without changing its size."""
    before = path.stat()
    path.write_text(path.read_text().replace("Old", "New"))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert path.stat().st_size == before.st_size


@pytest.fixture(autouse=True)
def nothing_kept_by_python(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let Python keep no code of files, which would be as old by the second and the size."""
    monkeypatch.setattr(sys, "dont_write_bytecode", True)


@pytest.fixture
def helper(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a module that plugins may import."""
    path = tmp_path / "beside" / "helper.py"
    path.parent.mkdir()
    path.write_text('TITLE = "Old"\n')
    monkeypatch.syspath_prepend(str(path.parent))
    monkeypatch.setitem(sys.modules, "helper", sys)
    del sys.modules["helper"]
    return path


def test_plugin_file_is_read_as_it_is(plugin_file: Write) -> None:
    path = plugin_file(RULE)
    assert load_registry([path]).rule("mine").title == "Old"
    edit(path)
    assert load_registry([path]).rule("mine").title == "New"
    assert not (path.parent / "__pycache__").exists()


def test_installed_plugin_that_was_edited_is_refused_until_it_is_reloaded(install_plugin: Write) -> None:
    path = install_plugin(RULE)
    assert load_registry().rule("mine").title == load_registry().rule("mine").title == "Old"
    edit(path)
    told = rf"^'{path}' was edited since this process imported it\. Restart Python, or reload it by importlib\.reload\("
    for _ in range(2):
        with pytest.raises(PluginError, match=told):
            load_registry()
    # A process that makes runs goes on with what it has, which their names are of.
    assert reload_registry().rule("mine").title == "Old"
    path.touch()
    importlib.reload(sys.modules["stranger"])
    assert load_registry().rule("mine").title == "New"


@pytest.mark.parametrize("installed", [True, False])
def test_module_that_a_plugin_imports_is_held_to_the_same(
    helper: Path, installed: bool, plugin_file: Write, install_plugin: Write
) -> None:
    files = [] if installed else [plugin_file(WITH_HELPER)]
    if installed:
        install_plugin(WITH_HELPER)
    assert load_registry(files).rule("mine").title == "Old"
    edit(helper)
    with pytest.raises(PluginError, match=rf"^'{helper}' was edited since this process imported it\."):
        load_registry(files)
    helper.touch()
    importlib.reload(sys.modules["helper"])
    # What an installed plugin took from it when it was imported is as old as itself.
    assert load_registry(files).rule("mine").title == ("Old" if installed else "New")


def test_file_that_is_gone_or_only_touched_was_not_edited(install_plugin: Write) -> None:
    path = install_plugin(RULE)
    load_registry()
    path.touch()
    assert load_registry().rule("mine").title == "Old"
    path.unlink()
    assert load_registry().rule("mine").title == "Old"
