"""The studies that come with the workbench hold what any comparison with a gradient needs."""

import re
from pathlib import Path

import pytest

from workbench import Pathway
from workbench.catalogue.registry import load_registry
from workbench.study.file.contrasts import planned_contrasts
from workbench.study.file.grid import expand
from workbench.study.file.published import published_figures
from workbench.study.file.reading import load_study, plugin_files

FILES = sorted((Path(__file__).parents[1] / "studies").glob("*/*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_measures_alignment_trains_on_the_gradient_too(path: Path) -> None:
    """So that there is a cosine that must be 1, and an accuracy that the others may be held to.

    Without training there is no accuracy, and e-prop's cosine is 1 where it is the gradient: with one hidden layer and
    symmetric feedback its training is that by the gradient, too. Where all rules are gradients that the reference
    computes, there is no estimate of Brian2's to hold to one.
    """
    spec = load_study(path)
    known = load_registry(plugin_files(spec)).rules
    one_layer = all(len(section.network.hidden) == 1 for section in spec.task)
    as_good = ("eprop", "symmetric") in {(rule.name, rule.feedback) for rule in spec.rule} and one_layer
    one = "bptt" if spec.train.epochs and not as_good else "eprop"
    gradients = all(known[rule.name].item.follows_reference for rule in spec.rule)
    assert spec.measure.probe == 0 or gradients or one in {rule.name for rule in spec.rule}


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_study_is_a_file_of_at_most_80_lines_with_a_page_beside_it(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 80
    assert (path.parent / "README.md").is_file()


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_a_study_names_is_there(path: Path) -> None:
    """Its rules and their parameters, the plugins beside it, the rules that it compares, and published figures."""
    spec = load_study(path)
    registry = load_registry(plugin_files(spec))
    configs = expand(spec, registry)
    assert {config.rule for config in configs} == {rule.name for rule in spec.rule}
    assert len(planned_contrasts(spec, configs, registry, [])) == len(spec.contrast)
    assert len(published_figures(spec, configs, registry)) == len(spec.published)


def test_each_supervised_rule_has_a_row_beside_all_others_or_the_page_says_why_not() -> None:
    """Those that are told something, or follow a gradient, and those of feedback weights; by name in a table if not."""
    registry = load_registry()
    rules = [offer.item for offer in registry.rules.values()]
    pathways = (offer.item for offer in registry.all(Pathway).values())
    needed = {rule.name for rule in rules if rule.signal is not None or rule.follows_reference or rule.trains_readout}
    needed |= {pathway.name for pathway in pathways if pathway.rule is not None}
    folder = FILES[0].parents[1] / "all_rules"
    rows = [rule for path in folder.glob("*.toml") for rule in load_study(path).rule]
    page = (folder / "README.md").read_text()
    named = set(re.findall(r"^\| `(\w+)` \|", page.partition("## Rules without a row")[2], flags=re.MULTILINE))
    assert named == needed - {rule.name for rule in rows} - {rule.feedback for rule in rows}
