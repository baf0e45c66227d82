"""Commands about what a study file may name: one function each, which imports what it needs when it runs."""

import json
from pathlib import Path
from typing import Annotated

import typer

from workbench.command.options import AsJson, Plugins
from workbench.command.printing import console


def list(
    noun: Annotated[
        str | None, typer.Argument(metavar="[NOUN]", help="Such as rules, tasks or neurons; all nouns by default.")
    ] = None,
    plugin: Plugins = None,
    as_json: AsJson = False,
) -> None:
    """List what a study file may name: rules, tasks, neurons and all else that plugins offer."""
    from workbench.catalogue.nouns import nouns, offers_of
    from workbench.catalogue.registry import load_registry
    from workbench.command.offers import described, print_nouns, print_offers

    registry = load_registry(plugin or ())
    if noun is None:
        counts = {name: len(offers) for name, offers in nouns(registry).items()}
        if as_json:
            print(json.dumps(counts, indent=2))
        else:
            print_nouns(counts, console())
        return
    entries = [described(offer, registry) for offer in offers_of(registry, noun).values()]
    if as_json:
        print(json.dumps(entries, indent=2))
    else:
        print_offers(entries, console())


def new_rule(
    name: Annotated[str, typer.Argument(help="Of the rule, in lower case with underscores, such as my_rule.")],
    out: Annotated[Path | None, typer.Option(help="The plugin file; NAME.py by default.")] = None,
) -> None:
    """Write a plugin file of one rule that works, and its tests, to begin with."""
    from workbench.catalogue.registry import load_registry
    from workbench.command.rule_file import write_rule
    from workbench.common.errors import PluginError

    known = load_registry().rules
    if name in known:
        raise PluginError(f"There is a rule '{name}', of plugin {known[name].source}. Take another name.")
    file, test = write_rule(name, Path(f"{name}.py") if out is None else out)
    print(f"{file}\n{test}\n\nWrite what the rule is in place of what is there. Then:\n")
    for command in ("workbench check {0}", "pytest {1}", "workbench compare --plugin {0} --rules {2} --task yin_yang"):
        print("    " + command.format(file, test, f"{name},eprop:random_direct"))
    print(f'\nIn a study file: plugins = ["{file.name}"], and a [[rule]] with name = "{name}".')
