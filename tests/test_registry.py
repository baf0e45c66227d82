"""Plugins are found with their owners, and no broken one goes missing silently."""

import importlib.metadata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import workbench
from workbench import Rule, hookspecs
from workbench.errors import PluginError, nearest
from workbench.loading import HOOKS
from workbench.registry import load_registry, make_manager

Install = Callable[..., Path]


def test_first_party_plugins_come_through_entry_points() -> None:
    registry = load_registry()
    assert {"eprop", "dcll", "bptt", "frozen"} <= set(registry.rules)
    assert {"digits", "yin_yang"} <= set(registry.tasks)
    assert {"lif", "leaky_integrator"} <= set(registry.neurons)
    assert registry.rules["eprop"].source.distribution == "learning-rule-workbench"
    assert registry.rules["eprop"].source.version == importlib.metadata.version("learning-rule-workbench")
    assert Path(registry.rules["eprop"].source.file).name == "eprop.py"


def test_public_list_is_the_registry() -> None:
    assert [rule.name for rule in workbench.rules()] == sorted(load_registry().rules)


def test_strangers_plugin_is_found_with_its_owner(install_plugin: Install) -> None:
    path = install_plugin()
    offer = load_registry().rules["mine"]
    assert offer.item.title == "Mine"
    assert (offer.source.plugin, offer.source.distribution, offer.source.version) == (
        "stranger",
        "strangers-rules",
        "1.5",
    )
    assert offer.source.file == str(path)


def test_two_distributions_may_use_one_entry_point_name(install_plugin: Install) -> None:
    install_plugin(module="first", distribution="first-rules", entry="[workbench]\nrule = first\n")
    second = workbench_rule("other")
    install_plugin(second, module="second", distribution="second-rules", entry="[workbench]\nrule = second\n")
    assert {"mine", "other"} <= set(load_registry().rules)


def test_file_is_loaded_beside_the_installed(plugin_file: Install) -> None:
    path = plugin_file()
    registry = load_registry([path])
    assert registry.rules["mine"].source.file == str(path)
    assert registry.rules["mine"].source.distribution == ""
    assert "mine" not in load_registry().rules


def test_installed_file_is_not_loaded_twice() -> None:
    installed = load_registry()
    path = Path(installed.rules["dcll"].source.file)
    assert load_registry([path]).rules == installed.rules


def test_no_state_is_left_between_registries(plugin_file: Install) -> None:
    assert make_manager().get_plugins() == set()
    path = plugin_file()
    assert load_registry([path]).rules["mine"].item == load_registry([path]).rules["mine"].item


@pytest.mark.parametrize("hook", HOOKS)
def test_hook_documentation_is_a_plugin_that_works(hook: str, plugin_file: Install) -> None:
    documentation = getattr(hookspecs, hook).__doc__
    example = documentation.split("::\n", 1)[1]
    registry = load_registry([plugin_file(example)])
    sources = {
        "workbench_rules": [offer.source.plugin for offer in registry.rules.values()],
        "workbench_tasks": [offer.source.plugin for offer in registry.tasks.values()],
        "workbench_neurons": [offer.source.plugin for offer in registry.neurons.values()],
    }
    assert [offered for offered, plugins in sources.items() if "mine.py" in plugins] == [hook]


def test_every_hook_is_a_specification() -> None:
    assert set(HOOKS) == {name for name in vars(make_manager().hook) if name.startswith("workbench_")}


@pytest.mark.parametrize(("kind", "near"), [("rule", "eprop"), ("task", "digits"), ("neuron", "lif")])
def test_unknown_name_is_answered_with_the_nearest(kind: str, near: str) -> None:
    registry = load_registry()
    assert getattr(registry, kind)(near).name == near
    with pytest.raises(PluginError, match=rf"No installed plugin offers a {kind}.* '{near}x'. Did you mean '{near}'\?"):
        getattr(registry, kind)(f"{near}x")


def workbench_rule(name: str) -> str:
    return f"""\
from workbench import Rule, hookimpl


@hookimpl
def workbench_rules():
    yield Rule(name="{name}", title="{name}", engine="none")
"""


IMPORT = "from workbench import Rule, hookimpl\n\n"
PLUGGY = "from pluggy import HookimplMarker\n\n"

#: What is wrong -> (plugin text, what the message says of it, with the line).
BROKEN = {
    "import": ("import a_module_that_is_not_there\n", r"ModuleNotFoundError: .*line 1\). Mend it"),
    "syntax": ("def f(:\n    pass\n", r"SyntaxError: .*line 1\)"),
    "exit": ("import sys\nsys.exit(2)\n", r"SystemExit: 2 .*line 2\)"),
    "rule": (IMPORT + 'Rule(name="A B", title="")\n', r"RuleError: Rule 'A B'.*line 3\)"),
    "no hook": ("x = 1\n", r"implements none of the hooks 'workbench_rules'"),
    "misspelt": (
        IMPORT + "@hookimpl\ndef workbench_rule():\n    yield 1\n",
        r"line 3\): 'workbench_rule' is not a hook. Did you mean 'workbench_rules'\?",
    ),
    "misspelt and optional": (
        PLUGGY + "@HookimplMarker('workbench')(optionalhook=True)\ndef workbench_task():\n    yield 1\n",
        r"line 3\): 'workbench_task' is not a hook. Did you mean 'workbench_tasks'\?",
    ),
    "misspelt, unmarked": (
        workbench_rule("mine") + "\n\ndef workbench_neuron():\n    yield 1\n",
        r"line 9\): 'workbench_neuron' is not a hook. Did you mean 'workbench_neurons'\?",
    ),
    "misspelt prefix": (
        workbench_rule("mine") + "\n\ndef workbnch_tasks():\n    yield 1\n",
        r"line 9\): 'workbnch_tasks' is not a hook. Did you mean 'workbench_tasks'\?",
    ),
    "unmarked": ("def workbench_rules():\n    yield 1\n", r"line 1\): the hook is not marked. Put @hookimpl"),
    "parameters": (IMPORT + "@hookimpl\ndef workbench_rules(x):\n    yield 1\n", r"line 3\): the hook takes no param"),
    "wrapper": (
        PLUGGY + "@HookimplMarker('workbench')(wrapper=True)\ndef workbench_rules():\n    return (yield)\n",
        r"line 3\): a hook may not be a wrapper",
    ),
    "wrong type": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    yield 'mine'\n",
        r"line 3\) yielded 'mine' of type 'str'. Yield a Rule",
    ),
    "not yielded": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    return Rule(name='a', title='', engine='none')\n",
        r"line 3\) gave 'Rule', but must yield at least one Rule",
    ),
    "forgotten": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    Rule(name='a', title='', engine='none')\n",
        r"line 3\) gave 'NoneType', but must yield at least one Rule",
    ),
    "empty": (IMPORT + "@hookimpl\ndef workbench_rules():\n    return []\n", r"line 3\) gave nothing, but must yield"),
    "hook fails": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    yield 1 / 0\n",
        r"line 3\) failed: ZeroDivisionError: division by zero .*line 5\)",
    ),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_file_is_refused(case: str, plugin_file: Install) -> None:
    text, message = BROKEN[case]
    path = plugin_file(text)
    with pytest.raises(PluginError, match=message) as caught:
        load_registry([path])
    assert "Plugin 'mine.py'" in str(caught.value)
    assert str(path) in str(caught.value)


@pytest.mark.parametrize("case", ["import", "misspelt", "wrong type"])
def test_broken_distribution_is_refused_by_name(case: str, install_plugin: Install) -> None:
    text, message = BROKEN[case]
    path = install_plugin(text)
    with pytest.raises(PluginError, match=message) as caught:
        load_registry()
    assert "Plugin 'stranger' of 'strangers-rules 1.5'" in str(caught.value)
    assert str(path) in str(caught.value)


def test_entry_point_without_module_is_refused(install_plugin: Install) -> None:
    install_plugin(entry="[workbench]\nmine = strange\n")
    message = (
        r"Plugin 'mine' of 'strangers-rules 1.5' cannot be imported: .*No module named 'strange'. Mend it, or unin"
    )
    with pytest.raises(PluginError, match=message):
        load_registry()


def test_entry_point_to_an_object_is_refused(install_plugin: Install) -> None:
    install_plugin(entry="[workbench]\nmine = stranger:Rule\n")
    with pytest.raises(PluginError, match=r"'stranger:Rule' must name a module. Write 'stranger'"):
        load_registry()


def test_module_with_two_entry_points_is_refused(install_plugin: Install) -> None:
    install_plugin(entry="[workbench]\na = stranger\nb = stranger\n")
    with pytest.raises(PluginError, match=r"Plugin 'b' of .* is the same module as plugin 'a' of"):
        load_registry()


def test_duplicate_name_is_refused_with_both_owners(install_plugin: Install) -> None:
    install_plugin(workbench_rule("eprop"))
    owners = r"'eprop' of 'learning-rule-workbench [\d.]+'.*'stranger' of 'strangers-rules 1.5'"
    with pytest.raises(PluginError, match=f"Rule 'eprop' is offered twice: by plugin {owners}. Rename one"):
        load_registry()


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"'.*nothing.py' is not a Python file"):
        load_registry([tmp_path / "nothing.py"])


def test_no_plugins_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.registry.entry_points", lambda group: [])
    with pytest.raises(PluginError, match="No plugin is installed, not even the workbench's own"):
        load_registry()


def test_pluggy_alone_would_lose_a_misspelt_hook() -> None:
    """The negative control: what `check_hooks` is there for."""

    class Misspelt:
        @staticmethod
        def workbench_rule() -> Iterator[Rule]:
            yield Rule(name="lost", title="Lost", engine="none")

    manager = make_manager()
    manager.register(Misspelt())
    manager.check_pending()
    assert manager.hook.workbench_rules() == []


def test_nearest_lists_all_where_nothing_is_close() -> None:
    assert nearest("zzz", ["b", "a"]) == "There are: 'a', 'b'."
    assert nearest("zzz", []) == "There are none."
    assert nearest("epropp", ["eprop", "dcll"]) == "Did you mean 'eprop'?"
