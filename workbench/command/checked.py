"""Which rules and pathways a command checks, and what comes of it."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from workbench import testing
from workbench.catalogue.registry import Offer, Registry
from workbench.common.errors import PluginError
from workbench.declare.feedback import Pathway
from workbench.declare.rule import Rule


def checked(names: Sequence[str], registry: Registry) -> Iterator[tuple[Rule | Pathway, list[testing.Outcome]]]:
    """Yield what is checked with the outcomes of its checks, one after the other.

    Parameters
    ----------
    names : sequence of str
        Of rules, of pathways whose weights learn by a rule, and of plugin files, of which all that can be checked is;
        all that is installed where there are none.
    registry : Registry
        With what the files offer.

    Raises
    ------
    PluginError
        Where there is nothing of a name, or nothing to check in a file.
    """
    ways = registry.all(Pathway)
    offers: list[Offer[Rule] | Offer[Pathway]] = [*registry.rules.values(), *ways.values()]
    chosen: list[Rule | Pathway] = []
    for name in names:
        if not name.endswith(".py"):
            # What is neither is told as a rule that is not there.
            way = ways[name].item if name in ways and name not in registry.rules else None
            chosen.append(registry.rule(name) if way is None else way)
            continue
        source = str(Path(name).resolve())
        can = [offer.item for offer in offers if offer.source.file == source and _can_be_checked(offer.item)]
        if not can:
            raise PluginError(f"{name}: the plugin offers no rule to check.")
        chosen += can
    if not names:
        chosen = [offer.item for offer in offers if _can_be_checked(offer.item)]
    for item in chosen:
        if isinstance(item, Pathway):
            yield item, list(testing.examine_pathway(item))
        else:
            yield item, list(testing.examine(item, *registry.models_for(item)))


def _can_be_checked(item: Rule | Pathway) -> bool:
    return isinstance(item, Rule) or item.rule is not None
