"""The example trial of a rule: which run it is of, simulated again with the run's own configuration and weights."""

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from workbench.audit.example_trial import example_trial
from workbench.catalogue.registry import Registry
from workbench.common.errors import StudyError, WorkbenchError, reason_of
from workbench.declare.condition import told
from workbench.declare.configuration import configuration_label, words
from workbench.declare.example_trial import ExampleTrial
from workbench.declare.rule import Rule
from workbench.engine.state import State
from workbench.figures.example_trial import network_trial, synapse_trial
from workbench.figures.inline import inline_svg
from workbench.model.setup import Setup
from workbench.report.content import Picture
from workbench.report.page import Trial
from workbench.study.file.run_config import RunConfig
from workbench.study.results.identity import checksum, identify
from workbench.study.results.stored_config import stored_config
from workbench.study.results.tables import Results
from workbench.study.run.assemble import Assembled, assemble

#: Values of synapses in a trial, beyond which Brian2's NumPy code takes minutes.
_MOST = 2 * 10**9


@dataclass(frozen=True)
class Trials:
    """What is needed to simulate trials of a study's runs.

    Attributes
    ----------
    results : Results
        Of the study, with their folder.
    registry : Registry
        What is installed.
    """

    results: Results
    registry: Registry
    _assembled: dict[str, tuple[RunConfig, Assembled, bool]] = field(default_factory=dict)

    def same_code(self) -> bool | None:
        """Return whether what is installed gives all runs that can be looked up their names; None where none can."""
        found = [self._is_same(str(run_id)) for run_id in self._examples(self.results.runs)]
        known = [one for one in found if one is not None]
        return all(known) if known else None

    def _is_same(self, run_id: str) -> bool | None:
        try:
            return self._looked_up(run_id)[2]
        except WorkbenchError:
            return None

    def _examples(self, runs: pd.DataFrame) -> list[str]:
        """Return a run of each rule."""
        return [str(_example(own)["run_id"]) for _, own in runs.groupby("rule", sort=False)]

    def _looked_up(self, run_id: str) -> tuple[RunConfig, Assembled, bool]:
        """Return a run's configuration, what it is made of, and whether what is installed would make that very run."""
        # Once for each run: the data of some tasks take their time.
        if run_id not in self._assembled:
            config = stored_config(self.results.folder or Path(), run_id)
            parts = assemble(config, self.registry)
            same = identify(config, self.registry, checksum(parts.loaded)) == run_id
            self._assembled[run_id] = config, parts, same
        return self._assembled[run_id]

    def of(self, rows: pd.DataFrame) -> Trial:
        """Return an example trial of a rule.

        Parameters
        ----------
        rows : DataFrame
            The runs of the rule, as in `runs.parquet`; the first that is done is taken, or else the first.
        """
        row = _example(rows)
        if row["status"] == "skipped":
            return Trial(missing=[f"No trial: the rule was skipped. {row['reason']}"])
        try:
            config, parts, same = self._looked_up(str(row["run_id"]))
            _refuse_large(parts.setup)
            state, weights = self._state(row, config, parts)
            found = example_trial(parts.setup, state, parts.data.validation.take(np.array([0])))
        except WorkbenchError as error:
            return Trial(missing=[f"No trial: {reason_of(error)}"])
        missing = _missing(parts.setup.rule, found)
        if not same:
            missing.append("The rule, its task or the workbench was changed since this run, and so may this trial be.")
        return Trial(_told(row, config, parts, weights, found), _pictures(row, found), missing)

    def _state(self, row: pd.Series, config: RunConfig, parts: Assembled) -> tuple[State, str]:
        """Return the state with which a trial begins, and which weights it has."""
        setup = parts.setup
        if row["status"] != "done":
            return parts.state, "initial weights, since the run was not trained to its end"
        if config.train.epochs == 0:
            return parts.state, "initial weights, since the study trains nothing"
        if setup.learned_feedback:
            return parts.state, "initial weights, since feedback that was learnt is not stored with the trained ones"
        return parts.state.with_weights(self.results.weights(str(row["run_id"]))), "trained weights"


def _example(rows: pd.DataFrame) -> pd.Series:
    """Return the run whose trial is shown: the first that is done, or trained at all, of the lowest seed."""
    for wanted in ({"done"}, {"diverged", "failed"}):
        own = rows[rows["status"].isin(wanted)]
        if len(own):
            rows = own[own["seed"] == own["seed"].min()]
            break
    found: pd.Series = rows.iloc[0]
    return found


def _refuse_large(setup: Setup) -> None:
    network = setup.network
    values = network.n_steps * sum(item.n_synapses for item in network.all_projections)
    if values > _MOST:
        raise StudyError(
            f"the network has {values / network.n_steps:.2g} synapses and {network.n_steps} steps, which would take "
            "minutes in Brian2's NumPy code."
        )


def _missing(rule: Rule, found: ExampleTrial) -> list[str]:
    """Return which panels are left out, and why."""
    if not found.courses:
        nothing = "No trace, learning signal, eligibility or g:"
        if rule.engine == "none":
            return [f"{nothing} hidden layers never learn, and no synapse has any."]
        if not rule.has_equations:
            after = "the estimate is computed after the trial from what was recorded, and no variable of the network"
            return [f"{nothing} {after} holds it while time runs."]
        return [f"{nothing} the estimate of every synapse is 0 in this trial."]
    there = {course.part for course in found.courses}
    reasons = {
        "trace": "No trace: the rule keeps none of its presynaptic neurons.",
        "signal": "No learning signal: the rule takes none.",
        "eligibility": "No eligibility: the rule keeps nothing in its synapses but g.",
    }
    return [reason for part, reason in reasons.items() if part not in there]


def _told(row: pd.Series, config: RunConfig, parts: Assembled, weights: str, found: ExampleTrial) -> str:
    condition = f" ({told(dict(config.condition))})" if config.condition else ""
    trial = parts.data.validation
    wanted = f", of class {int(trial.label[0])}" if trial.classified else ""
    label = configuration_label(str(row["title"]), config.feedback)
    text = (
        f"{row['task_title']}{condition}, {label}: the first trial of the validation split{wanted}; "
        f"seed {config.seed}, {weights}. Simulated again by Brian2 step by step, with the rule running and no weight "
        "changing; every curve is a variable of that network at the end of a step."
    )
    if not found.courses:
        return f"{text} Shown is the neuron of {words(found.target)} that spikes most, {found.post}."
    ends = f"neuron {found.pre} of {words(found.source)} to neuron {found.post} of {words(found.target)}"
    return f"{text} Shown is the synapse with the largest estimate when the trial is over, from {ends}."


def _pictures(row: pd.Series, found: ExampleTrial) -> list[Picture]:
    label = f"{row['title']}, {row['task_title']}"
    shown = "Membrane potential and the variables of one synapse" if found.courses else "Membrane potential"
    captions = (f"Spikes in one trial: {label}. n = 1 trial.", f"{shown} in the same trial: {label}. n = 1 trial.")
    drawn = zip(("network", "synapse"), (network_trial(found), synapse_trial(found)), captions, strict=True)
    return [
        Picture(inline_svg(figure, f"trial {name} {row['rule']}", caption), caption, wide=False)
        for name, figure, caption in drawn
    ]
