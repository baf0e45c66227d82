"""A rule with a pathway has one name in commands, tables and curves, and one label in figures."""

import pytest

from workbench.declare.configuration import configuration_label, configuration_name, split_configuration, words


@pytest.mark.parametrize(
    ("rule", "feedback", "name", "label"),
    [
        ("eprop", "random_direct", "eprop:random_direct", "e-prop, random direct"),
        ("frozen", "none", "frozen", "e-prop"),
    ],
)
def test_name_is_what_is_asked_for(rule: str, feedback: str, name: str, label: str) -> None:
    assert configuration_name(rule, feedback) == name
    asked = split_configuration(f" {name} ")
    assert asked == (rule, feedback if feedback != "none" else "")
    assert configuration_label("e-prop", feedback) == label


def test_detail_tells_two_of_one_rule_apart() -> None:
    names = {configuration_name("eprop", "symmetric", detail) for detail in ("", '{"tau": 1}', '{"tau": 2}')}
    assert len(names) == 3


@pytest.mark.parametrize(
    ("name", "read"),
    [
        ("random_direct", "random direct"),
        ("hidden12", "hidden 12"),
        ("hidden1_recurrent", "hidden 1 recurrent"),
        ("readout", "readout"),
    ],
)
def test_words(name: str, read: str) -> None:
    assert words(name) == read
