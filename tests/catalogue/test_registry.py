"""Plugins are found with their owners, and no broken one goes missing silently."""

import importlib.metadata
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import workbench
from workbench import NeuronModel, Rule
from workbench.catalogue import hookspecs, slow_plugins
from workbench.catalogue.loading import HOOKS
from workbench.catalogue.registry import KINDS, load_registry, make_manager
from workbench.common.errors import PluginError, nearest

Install = Callable[..., Path]


def test_first_party_plugins_come_through_entry_points() -> None:
    registry = load_registry()
    assert {"eprop", "dcll", "bptt", "frozen"} <= set(registry.rules)
    assert {"digits", "yin_yang"} <= set(registry.tasks)
    assert {"lif", "leaky_integrator"} <= set(registry.all(NeuronModel))
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


def test_two_files_may_share_a_name_and_are_told_apart(tmp_path: Path) -> None:
    paths = [tmp_path / folder / "mine.py" for folder in "ab"]
    for path, name in zip(paths, ["one", "other"], strict=True):
        path.parent.mkdir()
        path.write_text(workbench_rule(name))
    assert {"one", "other"} <= set(load_registry(paths).rules)
    paths[1].write_text(workbench_rule("one"))
    told = rf"Rule 'one' is offered twice: by plugin 'mine.py' \({paths[0]}\) and by plugin 'mine.py' \({paths[1]}\)\."
    with pytest.raises(PluginError, match=told):
        load_registry(paths)


def test_name_that_a_plugin_offers_twice_is_refused(plugin_file: Install) -> None:
    path = plugin_file(workbench_rule("one") + "    yield Rule(name='one', title='', engine='none')\n")
    with pytest.raises(PluginError, match=rf"Rule 'one' is offered twice by plugin 'mine.py' \({path}\)\. Rename one"):
        load_registry([path])


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
    offered = [
        kind
        for kind in KINDS.values()
        if any(offer.source.plugin == "mine.py" for offer in registry.all(kind).values())
    ]
    assert offered == [KINDS[hook]]


def test_every_hook_offers_something_of_its_own() -> None:
    assert set(KINDS) == set(HOOKS)
    assert len(set(KINDS.values())) == len(KINDS)
    for kind in KINDS.values():
        offers = load_registry().all(kind)
        assert offers, f"nothing built in is a {kind.__name__}"
        assert all(type(offer.item) is kind and offer.item.name == name for name, offer in offers.items())
        assert list(offers) == sorted(offers)
        assert kind.__name__ in workbench.__all__


def test_every_hook_is_a_specification() -> None:
    assert set(HOOKS) == {name for name in vars(make_manager().hook) if name.startswith("workbench_")}


@pytest.mark.parametrize(
    ("kind", "near"),
    [
        ("rule", "eprop"),
        ("task", "digits"),
        ("neuron", "lif"),
        ("loss", "cross_entropy"),
        ("optimizer", "adam"),
        ("surrogate", "boxcar"),
        ("pathway", "learned"),
    ],
)
def test_unknown_name_is_answered_with_the_nearest(kind: str, near: str) -> None:
    registry = load_registry()
    assert getattr(registry, kind)(near).name == near
    with pytest.raises(
        PluginError, match=rf"No installed plugin offers an? {kind}.* '{near}x'. Did you mean '{near}'\?"
    ):
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
    "exit in a hook": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    raise SystemExit(0)\n    yield\n",
        r"line 3\) failed: SystemExit: 0 .*line 5\)",
    ),
    "exit in a hook, returned": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    exit()\n",
        r"line 3\) failed: SystemExit: None .*line 5\)",
    ),
    "exit at import": ("raise SystemExit\n", r"cannot be imported: SystemExit .*line 1\)"),
    "generator exit": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    raise GeneratorExit\n    yield\n",
        r"line 3\) failed: GeneratorExit .*line 5\)",
    ),
    "stop": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    raise StopIteration\n",
        r"failed: StopIteration .*line 5",
    ),
    "base exception": (
        "class Odd(BaseException):\n    def __str__(self):\n        raise Odd\nraise Odd\n",
        r"cannot be imported: Odd.* an error without a readable message .*line 4\)",
    ),
    "recursion": ("def f():\n    f()\nf()\n", r"RecursionError: maximum .*line 2\)"),
    "many lines": ("raise ValueError('a\\n\\x1b[31m' + 'b' * 5000)\n", r"ValueError: a \\x1b\[31mb+ \("),
    "never ends": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    while True:\n        yield RULE\n"
        "RULE = Rule(name='mine', title='Mine', engine='none')\n",
        r"line 3\) yielded more than 10000 objects. Let it end",
    ),
    "never ends, of another type": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    while True:\n        yield 1\n",
        r"line 3\) yielded 1 of type 'int'\. Yield a Rule",
    ),
    "a file": (
        "import io\n" + IMPORT + "@hookimpl\ndef workbench_rules():\n    return io.BytesIO(b'mine')\n",
        r"gave 'BytesIO', but must yield",
    ),
    "something like a file": (
        IMPORT + "class Lines:\n    read = print\n    def __iter__(self): raise MemoryError\n"
        "@hookimpl\ndef workbench_rules():\n    return Lines()\n",
        r"gave 'Lines', but must yield",
    ),
    "bytes": (IMPORT + "@hookimpl\ndef workbench_rules():\n    return bytearray(9)\n", r"gave 'bytearray', but must"),
    "a mapping": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    return {Rule(name='a', title='', engine='none'): 1}\n",
        r"gave 'dict', but must yield",
    ),
    "a number": (IMPORT + "@hookimpl\ndef workbench_rules():\n    return 3\n", r"gave 'int', but must yield"),
    "a text": (IMPORT + "@hookimpl\ndef workbench_rules():\n    return 'eprop'\n", r"gave 'str', but must yield"),
    "a class": (IMPORT + "@hookimpl\ndef workbench_rules():\n    return Rule\n", r"gave 'type', but must yield"),
    "asynchronous": (
        IMPORT + "@hookimpl\nasync def workbench_rules():\n    return []\n",
        r"line 3\): a hook may not be asynchronous",
    ),
    "asynchronous generator": (
        IMPORT + "@hookimpl\nasync def workbench_rules():\n    yield 1\n",
        r"line 3\): a hook may not be asynchronous",
    ),
    "an object without a text": (
        IMPORT + "class Odd:\n    def __repr__(self): raise SystemError\n    __eq__ = __hash__ = __repr__\n"
        "@hookimpl\ndef workbench_rules():\n    yield Odd()\n",
        r"yielded an object of type 'Odd'. Yield a Rule",
    ),
    "a subclass": (
        IMPORT + "class Mine(Rule):\n    @property\n    def intervenes(self): raise SystemExit\n"
        "@hookimpl\ndef workbench_rules():\n    yield Mine(name='mine', title='Mine', engine='none')\n",
        r"yielded .* of type 'Mine'. Yield a Rule",
    ),
    "not looked through": (
        IMPORT + "class Odd:\n    @property\n    def __class__(self): raise ValueError('who asks?')\nodd = Odd()\n"
        "@hookimpl\ndef workbench_rules():\n    yield Rule(name='mine', title='Mine', engine='none')\n",
        r"cannot be looked through: ValueError: who asks\? .*line 5\)",
    ),
    "hook fails": (
        IMPORT + "@hookimpl\ndef workbench_rules():\n    yield 1 / 0\n",
        r"line 3\) failed: ZeroDivisionError: division by zero .*line 5\)",
    ),
}


#: What a plugin offers -> what is wrong with its texts.
UNFIT = {
    "name of a task with a path": (
        "tasks", "Task(name='../mine', title='', load=print)", r"Task '\.\./mine': a name has letters, digits",
    ),
    "empty name": ("tasks", "Task(name='', title='', load=print)", "Task '': a name has letters"),
    "a number for a name": ("tasks", "Task(name=3, title='', load=print)", "Task: `name` must be a text, not 3"),
    "control characters": (
        "tasks", "Task(name='a\\x1b[31m', title='', load=print)", r"Task 'a\\x1b\[31m': a name has letters",
    ),
    "a long name": ("tasks", "Task(name='a' * 61, title='', load=print)", r"Task 'a{60}\.\.\.': a name has letters"),
    "a line end": ("tasks", "Task(name='a\\n', title='', load=print)", "Task 'a ': a name has letters"),
    "an object for a name": (
        "tasks", "Task(name=Odd(), title='', load=print)", "Task: `name` must be a text, not .*Odd",
    ),
    "title with control characters": (
        "tasks", "Task(name='a', title='A\\x1b[31m', load=print)",
        r"Task 'a': the title must be a text of one line, not 'A\\x1b\[31m'",
    ),
    "a number for a title": ("tasks", "Task(name='a', title=3, load=print)", "Task 'a': `title` must be a text, not 3"),
    "neuron": (
        "neurons", "NeuronModel(name='a/b', equations='', drive='v')", "NeuronModel 'a/b': a name has letters, digits",
    ),
    "default that is none": ("rules", "rule(Parameter(name='p', default=None, doc=''))", "must be a text or a number"),
    "default of numpy": (
        "rules", "rule(Parameter(name='p', default=np.zeros(3), doc=''))", "`default` must be a text or a number",
    ),
    "default that is no number": (
        "rules", "rule(Parameter(name='p', default=float('nan'), doc=''))", "the default must be finite, and is 'nan'",
    ),
    "infinite default": ("rules", "rule(Parameter(name='p', default=-np.inf, doc=''))", "must be finite, and is '-i"),
    "large default": (
        "rules", "rule(Parameter(name='p', default=2**63, doc=''))", "a whole number must fit into 64 bits, unlike",
    ),
    "name of a parameter": (
        "rules", "rule(Parameter(name='p q', default=1, doc=''))", "Rule 'mine', parameter 'p q': a name has letters",
    ),
    "no parameter": ("rules", "rule('tau')", "Rule 'mine': `parameters` must be a tuple, each of it a Parameter"),
}  # fmt: skip

OFFER = """\
import numpy as np
from workbench import NeuronModel, Parameter, Rule, Task, hookimpl


class Odd:
    def __str__(self):
        raise ValueError("no text")


def rule(parameter):
    return Rule(name="mine", title="Mine", engine="none", parameters=(parameter,))


@hookimpl
def workbench_{}():
    yield {}
"""


@pytest.mark.parametrize("case", UNFIT)
def test_texts_that_cannot_stand_anywhere_are_refused(case: str, plugin_file: Install) -> None:
    hook, offer, message = UNFIT[case]
    path = plugin_file(OFFER.format(hook, offer))
    with pytest.raises(PluginError, match=message) as caught:
        load_registry([path])
    assert str(path) in str(caught.value)
    assert str(caught.value).isprintable()


def test_title_may_be_any_text_of_one_line(plugin_file: Install) -> None:
    title = r"[/x] $\frac{ 100 % é " + "l" * 5000
    path = plugin_file(OFFER.format("rules", f"Rule(name='mine', title={title!r}, engine='none')"))
    assert load_registry([path]).rules["mine"].item.title == title


def test_ctrl_c_while_a_plugin_is_loaded_is_the_users(plugin_file: Install) -> None:
    with pytest.raises(KeyboardInterrupt):
        load_registry([plugin_file("raise KeyboardInterrupt\n")])


def test_plugin_that_takes_its_time_is_named(
    plugin_file: Install, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    quick, slow = plugin_file(), plugin_file("import time\ntime.sleep(0.5)\n" + workbench_rule("slow"), "slow.py")
    slow_plugins._lookout.cache_clear()
    monkeypatch.setattr("workbench.catalogue.slow_plugins._BETWEEN", 0.01)
    load_registry([quick])
    assert capsys.readouterr().err == ""
    monkeypatch.setattr("workbench.catalogue.slow_plugins.PATIENCE", 0.2)
    load_registry([slow])
    told = f"Plugin 'slow.py' ({slow}) has been at work for 10 s, and goes on.\n"
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("name", ["a\0b.py", "loop.py", "folder.py", "x" * 300 + ".py", "pipe.py"])
def test_what_is_no_plugin_file_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "loop.py").symlink_to("loop.py")
    (tmp_path / "folder.py").mkdir()
    os.mkfifo(tmp_path / "pipe.py")
    with pytest.raises(PluginError, match="is not a Python file"):
        load_registry([tmp_path / name])


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


#: Hook -> what a stranger offers under a name that is taken.
TAKEN = {
    "workbench_losses": "Loss(name='squared_error', value='(y - target)**2', error='2 * (y - target)')",
    "workbench_optimizers": "Optimizer(name='adam', code='step = gradient')",
    "workbench_constraints": "Constraint(name='mask')",
    "workbench_decisions": "Decision(name='peak', code='score = y')",
    "workbench_pathways": "Pathway(name='learned', origin='output', weights='random', doc='')",
    "workbench_surrogates": "Surrogate(name='boxcar', derivative='1', primitive='drive')",
}


@pytest.mark.parametrize("hook", TAKEN)
def test_every_noun_has_one_owner_of_a_name(hook: str, plugin_file: Install) -> None:
    kind = KINDS[hook].__name__
    text = f"from workbench import {kind}, hookimpl\n\n\n@hookimpl\ndef {hook}():\n    yield {TAKEN[hook]}\n"
    path = plugin_file(text)
    owners = r"by plugin 'built_in' of 'learning-rule-workbench [\d.]+' and by plugin 'mine.py'"
    with pytest.raises(PluginError, match=rf"{kind} '\w+' is offered twice: {owners}\. Rename one"):
        load_registry([path])
    path.write_text(text.replace("name='", "name='my_"))
    assert [name for name, offer in load_registry([path]).all(KINDS[hook]).items() if offer.source.file == str(path)]


def test_further_name_of_a_pathway_has_one_owner_too(plugin_file: Install) -> None:
    text = "from workbench import Pathway, hookimpl\n\n\n@hookimpl\ndef workbench_pathways():\n    yield Pathway("
    path = plugin_file(text + "name='mine', origin='output', weights='random', doc='', known_as=('kolen_pollack',))\n")
    with pytest.raises(PluginError, match=r"Pathway 'kolen_pollack' is offered twice: by plugin 'built_in' of"):
        load_registry([path])
    path.write_text(text + "name='mine', origin='output', weights='random', doc='', known_as=('ours',))\n")
    registry = load_registry([path])
    rule = registry.rule("eprop")
    assert registry.pathway_for(rule, "ours") == registry.pathway("mine")
    assert "mine" in {way.name for way in registry.pathways_for(rule)}
    assert "mine" not in {way.name for way in registry.pathways_for(registry.rule("bptt"))}


def test_file_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match=r"'.*nothing.py' is not a Python file"):
        load_registry([tmp_path / "nothing.py"])


def test_no_plugins_at_all_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.catalogue.registry.entry_points", lambda group: [])
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


def test_the_gradient_with_the_reset_constant_has_a_name_of_its_own() -> None:
    """The rule is the other one with its other choice, and has no further."""
    registry = load_registry()
    own, known = registry.rule("bptt_reset_constant"), registry.rule("bptt").with_parameters({"reset": "constant"})
    assert own.gradient == known.gradient == "bptt_constant"
    assert (own.engine, own.doi, own.claims) == (known.engine, known.doi, known.claims)
    assert [item.choices for item in own.parameters] == [("constant",)]
