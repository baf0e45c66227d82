"""The tables of a study file about what is varied: sweeps over keys, and variants that change several at once."""

from collections.abc import Iterator, Mapping
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator, Field

from workbench.study.file.section import TABLE, Name, Parameters, Section, Value, as_tuple
from workbench.study.file.sections import MeasureSection, NetworkSection, TrainSection


class ChangesSection(Section):
    """What is other than in the rest of the study, and goes before what that says.

    Attributes
    ----------
    network : NetworkSection
        Keys of ``[network]``.
    train : TrainSection
        Keys of ``[train]``.
    measure : MeasureSection
        Keys of ``[measure]``.
    task : pairs of str and value
        Parameters of tasks, of those that have one of that name.
    rule : pairs of str and value
        Parameters of rules, of those that have one of that name.
    """

    network: NetworkSection = Field(default=NetworkSection(), description="a table")
    train: TrainSection = Field(default=TrainSection(), description="a table")
    measure: MeasureSection = Field(default=MeasureSection(), description="a table")
    task: Parameters = TABLE
    rule: Parameters = TABLE


class VariantSection(ChangesSection):
    """One way in which the study is carried out; all else of it is crossed with the variants.

    Attributes
    ----------
    name : str
        What tables and figures call it.
    network : NetworkSection
        Keys of ``[network]`` that are other than there and in the task.
    train : TrainSection
        Keys of ``[train]`` that are other than there and in the task.
    measure : MeasureSection
        Keys of ``[measure]`` that are other than there.
    task : pairs of str and value
        Parameters of tasks, of those that have one of that name.
    rule : pairs of str and value
        Parameters of rules, of those that have one of that name.
    """

    name: Name = Field(min_length=1, description="a name")


def leaves(table: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Yield what tables within a table hold, by dotted keys."""
    for key, value in table.items():
        if isinstance(value, Mapping):
            yield from leaves(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _lists(table: dict[str, Any]) -> dict[str, Any]:
    for key, values in leaves(table):
        if not isinstance(values, list) or not values:
            raise ValueError(f"{key} has no list")
    return table


_Lists = Annotated[dict[str, Any], AfterValidator(_lists)]
_LISTS: Any = Field(default={}, description="a table of keys, each with a list of the values that it takes in turn")


class SweepSection(Section):
    """An axis of the study: keys that take one value after the other, together; several axes are crossed.

    Attributes
    ----------
    name : str
        What tables and figures call it; the last part of its first key where it is not given.
    labels : tuple of str or number
        What its values are called; the values of its first key where they are not given.
    replicate : bool
        Whether its values are repetitions, such as folds, that tables take together as they do seeds.
    network : table of lists
        Keys of ``[network]``, each with its values.
    train : table of lists
        Keys of ``[train]``, each with its values.
    measure : table of lists
        Keys of ``[measure]``, each with its values.
    task : table of lists
        Parameters of tasks, of those that have one of that name, each with its values.
    rule : table of lists
        Parameters of rules, of those that have one of that name, each with its values.
    """

    name: Name = Field(default="", description="a name")
    labels: Annotated[tuple[Value, ...], BeforeValidator(as_tuple)] = Field(
        default=(), description="a list of words and numbers, as many as there are values, all different"
    )
    replicate: bool = Field(default=False, description="true or false")
    network: _Lists = _LISTS
    train: _Lists = _LISTS
    measure: _Lists = _LISTS
    task: _Lists = _LISTS
    rule: _Lists = _LISTS
