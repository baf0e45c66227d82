"""Commands about what a study file may name: one function each, which imports what it needs when it runs."""

import json
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
