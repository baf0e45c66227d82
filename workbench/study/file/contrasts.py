"""The planned comparisons of a study, each between two rows that its tables will have."""

from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, nearest
from workbench.declare.condition import REPLICATE, Label
from workbench.declare.configuration import configuration_name, split_configuration
from workbench.study.file.contrast_section import ContrastSection
from workbench.study.file.reading import located, quoted
from workbench.study.file.run_config import RunConfig
from workbench.study.file.spec import StudySpec
from workbench.tables.selection import choices

if TYPE_CHECKING:
    import pandas as pd

_SIDES = ("of", "minus")


def planned_contrasts(
    spec: StudySpec, configs: Sequence[RunConfig], registry: Registry, rows: Iterable[Mapping[str, object]]
) -> list[dict[str, Any]]:
    """Return the comparisons of a study.

    Parameters
    ----------
    spec : StudySpec
        The study.
    configs : sequence of RunConfig
        Its runs.
    registry : Registry
        What the names of rules and pathways stand for.
    rows : iterable of mapping
        Their rows, as in `runs.parquet` as far as they are known before.

    Returns
    -------
    list of dict
        `of` and `minus`, each with its feedback pathway, and `measure`; where a rule has several rows in one task and
        condition, `of_places` or `minus_places`, of the runs that are meant among all; between conditions, `of_at` and
        `minus_at`, as written.

    Raises
    ------
    StudyError
        Where one names a row or condition that the study does not have, several rows at once, or two that no task and
        condition has both of.
    """
    if not spec.contrast:
        return []
    known = _Known(configs, registry, list(rows))
    return [
        _planned(section, known, f"{spec.path}, [[contrast]] {number}")
        for number, section in enumerate(spec.contrast, 1)
    ]


class _Known:
    """The runs of a study, by what comparisons call them; as tables have them, once that is asked."""

    def __init__(self, configs: Sequence[RunConfig], registry: Registry, rows: Sequence[Mapping[str, object]]) -> None:
        self.registry = registry
        self.axes = axes_of(configs)
        #: In which tasks and conditions each configuration has which seeds.
        self.runs: dict[str, list[tuple[object, ...]]] = {}
        for config in configs:
            name = configuration_name(config.rule, config.feedback)
            self.runs.setdefault(name, []).append((config.task, config.condition, config.seed))
        self._rows = rows
        self._table: pd.DataFrame | None = None

    @property
    def table(self) -> "pd.DataFrame":
        """The rows as tables have them, with their places as ids, and what each is called, `label` and `rule_label`."""
        if self._table is None:
            from workbench.tables.appearance import looks
            from workbench.tables.data import prepared

            table = prepared(self.frame)
            shown = looks(table)
            found = [shown[str(name)] for name in table["configuration"]]
            self._table = table.assign(
                label=[look.label for look in found], rule_label=[look.rule_label for look in found]
            )
        return self._table

    @property
    def frame(self) -> "pd.DataFrame":
        """The rows, each with its place as its id."""
        import pandas as pd

        return pd.DataFrame(self._rows).assign(run_id=range(len(self._rows)))

    def meant(self, name: str, where: str) -> tuple[str, list[int] | None]:
        """Return the configuration that a name stands for, and the places of its runs where not all are meant."""
        rule, _ = split_configuration(name)
        if rule not in {split_configuration(one)[0] for one in self.runs}:
            return self._labelled(name, where)
        own = configuration_meant(name, list(self.runs), self.registry, where)
        if len(set(self.runs[own])) < len(self.runs[own]):
            raise _unclear(name, self.table[_named(self.table) == own], where)
        return own, None

    def _labelled(self, name: str, where: str) -> tuple[str, list[int] | None]:
        table = self.table
        # Tables that have a column for the pathway call the row by the rest alone.
        own = table[(table["label"] == name) | (table["rule_label"] == name)]
        if own.empty:
            legal = {*self.runs, *map(str, table["label"])}
            raise StudyError(f"{where}: the study has no rule {quoted(name)}. {nearest(name, legal)}")
        if own["label"].nunique() > 1:
            raise _unclear(name, own, where)
        configuration = _named(own).iloc[0]
        every = table.loc[_named(table) == configuration, "run_id"]
        places = sorted({int(place) for place in own["run_id"]})
        return str(configuration), places if len(places) < every.nunique() else None

    def are_together(self, planned: Mapping[str, Any]) -> bool:
        """Return whether some task and condition has both sides of a comparison."""
        both = [{entry[:2] for entry in self.runs[planned[side]]} for side in _SIDES]
        if set(planned) == {*_SIDES, "measure"} and both[0] & both[1]:
            return True
        from workbench.tables.compared import by_runs, compared

        return bool(compared(self.frame, [by_runs(planned, dict(enumerate(range(len(self._rows)))))]))


def _named(table: "pd.DataFrame") -> "pd.Series":
    import pandas as pd

    return pd.Series(map(configuration_name, table["rule"], table["feedback"]), index=table.index, dtype=object)


def _unclear(name: str, rows: "pd.DataFrame", where: str) -> StudyError:
    several = " or ".join(quoted(str(label)) for label in rows["label"].unique())
    return StudyError(f"{where}: {quoted(name)} may be {several}. Name one of them.")


def _planned(section: ContrastSection, known: _Known, where: str) -> dict[str, Any]:
    planned: dict[str, Any] = {"measure": section.measure}
    asked = {}
    for side in _SIDES:
        planned[side], places = known.meant(getattr(section, side), where)
        if places is not None:
            planned[f"{side}_places"] = places
        at = getattr(section, f"{side}_at")
        with located(where):
            asked[side] = choices(at, known.axes, f"'{side}_at'")
        if at:
            planned[f"{side}_at"] = list(at)
        for axis, labels in asked[side].items():
            if len(labels) > 1:
                raise StudyError(f"{where}: '{side}_at' has several labels on axis {quoted(axis)}. Choose one of them.")
    alone = set(asked["of"]) ^ set(asked["minus"])
    if alone:
        raise StudyError(
            f"{where}: 'of_at' and 'minus_at' must have the same axes, and {quoted(min(alone))} is in one of them "
            "alone. Add it to the other."
        )
    sides = [(planned[side], planned.get(f"{side}_places"), asked[side]) for side in _SIDES]
    if sides[0] == sides[1]:
        raise StudyError(
            f"{where}: 'of' and 'minus' are both {quoted(section.of)}. Name two rules, or two conditions of one."
        )
    if not known.are_together(planned):
        raise StudyError(
            f"{where}: no task and condition has both {quoted(section.of)} and {quoted(section.minus)}. "
            "Say of which conditions they are, as 'of_at' and 'minus_at'."
        )
    return planned


def axes_of(configs: Iterable[RunConfig]) -> dict[str, dict[Label, None]]:
    """Return the labels on each axis of a study, but for repetitions."""
    axes: dict[str, dict[Label, None]] = {}
    for config in configs:
        for axis, label in config.condition:
            if not axis.endswith(REPLICATE):
                axes.setdefault(axis, {})[label] = None
    return axes


def configuration_meant(name: str, known: list[str], registry: Registry, where: str) -> str:
    """Return the one configuration of a study that a name stands for.

    Parameters
    ----------
    name : str
        A rule, or a rule and its feedback pathway.
    known : list of str
        The configurations of the study.
    registry : Registry
        What names stand for.
    where : str
        What messages begin with.

    Raises
    ------
    StudyError
        Where it stands for none, or for several.
    """
    rule, feedback = split_configuration(name)
    if feedback:
        with located(where):
            ways = {alias: way.name for way in registry.pathways_for(registry.rule(rule)) for alias in way.names}
        feedback = ways.get(feedback, feedback)
        meant = [one for one in known if one == configuration_name(rule, feedback)]
    else:
        meant = [one for one in known if split_configuration(one)[0] == rule]
    if not meant:
        raise StudyError(f"{where}: the study has no rule {quoted(name)}. {nearest(name, known)}")
    if len(meant) > 1:
        raise StudyError(f"{where}: {quoted(name)} may be {' or '.join(map(quoted, meant))}. Name one of them.")
    return meant[0]
