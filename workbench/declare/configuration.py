"""A rule with a feedback pathway: the one spelling by which it is asked for, stored and shown."""

import re

#: The pathway of a rule that takes no learning signal.
NO_FEEDBACK = "none"

_SEPARATOR = ":"


def configuration_name(rule: str, feedback: str, detail: str = "") -> str:
    """Return what a rule with a pathway is called in commands, tables and curves: 'eprop:symmetric', 'frozen'.

    Parameters
    ----------
    rule, feedback : str
        Their names.
    detail : str
        What tells it from others of the same rule and pathway, such as its parameters.
    """
    name = rule if feedback == NO_FEEDBACK else f"{rule}{_SEPARATOR}{feedback}"
    return f"{name} {detail}".strip()


def split_configuration(name: str) -> tuple[str, str]:
    """Return the rule and the pathway that a name of the form RULE or RULE:FEEDBACK asks for, '' where it has none."""
    rule, _, feedback = name.strip().partition(_SEPARATOR)
    return rule, feedback


def configuration_label(title: str, feedback: str) -> str:
    """Return what it is called in figures: 'e-prop, random direct'."""
    return title if feedback == NO_FEEDBACK else f"{title}, {words(feedback)}"


def words(name: str) -> str:
    """Return a name as it is read: 'random_direct' as 'random direct', 'hidden1' as 'hidden 1'."""
    return re.sub(r"\b([A-Za-z]+)(\d+)\b", r"\1 \2", name.replace("_", " ").strip())
