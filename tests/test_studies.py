"""The studies that come with the workbench hold what any comparison with a gradient needs."""

from pathlib import Path

import pytest

from studies.all_rules.families import FAMILIES
from studies.credit_assignment.settings import RULES
from workbench.study.file.reading import load_study

FILES = sorted((Path(__file__).parents[1] / "studies").glob("*/*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_what_measures_alignment_trains_on_the_gradient_too(path: Path) -> None:
    """So that there is a cosine that must be 1, and an accuracy that the others may be held to.

    Without training there is no accuracy, and e-prop's cosine is 1 where it is the gradient: with one hidden layer and
    symmetric feedback its training is that by the gradient, too.
    """
    spec = load_study(path)
    one_layer = all(len(section.network.hidden) == 1 for section in spec.task)
    as_good = ("eprop", "symmetric") in {(rule.name, rule.feedback) for rule in spec.rule} and one_layer
    one = "bptt" if spec.train.epochs and not as_good else "eprop"
    assert spec.measure.probe == 0 or one in {rule.name for rule in spec.rule}


def test_so_do_the_studies_that_are_written_by_a_program() -> None:
    assert ("bptt", "") in RULES
    assert all(("bptt", "") in family.rules for family in FAMILIES)
