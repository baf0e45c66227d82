"""How a study stands: whether its runs ended, its networks live, and its controls hold."""

import pandas as pd

from workbench.declare.references import BY_DEFAULT, SHUFFLED
from workbench.report.content import Sign, State
from workbench.report.training import counted
from workbench.tables.controls import TITLES, controls


def signs(runs: pd.DataFrame, curves: pd.DataFrame, missing: int) -> list[Sign]:
    """Return what keeps the tables of a study from being taken as they are, or does not.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.
    missing : int
        How many runs of the study are not stored.
    """
    found = [_ended(runs, missing), _liveness(runs)]
    for control in controls(runs, curves):
        state: State = "none" if control.count == 0 else "good" if control.holds else "bad"
        title = TITLES[control.name]
        found.append(Sign(state, title, str(control).removeprefix(f"{title}: ").capitalize()))
    return [*found, *_shuffled(curves)]


def verdict(found: list[Sign]) -> Sign:
    """Return how the study stands as a whole."""
    states = {sign.state for sign in found}
    if "bad" in states:
        return Sign("bad", "Verdict", "A control does not hold, so that the alignments of this study mean nothing.")
    if "look" in states:
        return Sign("look", "Verdict", "Controls hold as far as there are any; look at what is marked below.")
    return Sign("good", "Verdict", "All runs ended well, and every control of this study holds.")


def _ended(runs: pd.DataFrame, missing: int) -> Sign:
    counts = runs["status"].value_counts()
    told = [f"{count} {status}" for status, count in counts.items()] + [f"{missing} missing"] * (missing > 0)
    whole = counts.get("done", 0) == len(runs) and not missing
    text = f"Of {counted(len(runs) + missing, 'run')}: {', '.join(told)}."
    return Sign("good" if whole else "look", "Runs", text, "all done" if whole else "not all done")


def _liveness(runs: pd.DataFrame) -> Sign:
    """Return whether the networks spike: one whose hidden layers do not at the start is refused, and ends as failed."""
    spikes = runs.loc[runs["status"] == "done", "spikes_per_trial"].dropna()
    title = "Liveness"
    if spikes.empty:
        return Sign("none", title, "No run is done whose hidden spikes were counted.")
    least, most = (_count(float(value)) for value in (spikes.min(), spikes.max()))
    told = f"The quietest finished run has {least} hidden spikes per trial, the busiest {most}."
    return Sign("good" if spikes.min() > 0 else "look", title, told)


def _count(spikes: float) -> str:
    return f"{spikes:.0f}" if spikes >= 100 else f"{spikes:.3g}"


def _shuffled(curves: pd.DataFrame) -> list[Sign]:
    """Return what is left of the estimates' cosine when each trial is told what another wants: no fixed number."""
    key = ["run_id", "epoch", "layer"]
    own = curves[(curves["estimate"] == "") & (curves["measure"] == "cosine")]
    own = own[own["layer"].str.startswith("hidden")]
    values = own[own["reference"] == SHUFFLED].dropna(subset="value")
    if values.empty:
        return []
    told = own[own["reference"] == BY_DEFAULT].merge(values[key], on=key)
    text = (
        f"Mean cosine with BPTT of hidden layers {values['value'].mean():.3f} where each trial is told the target of "
        f"another, {told['value'].mean():.3f} where it is told its own."
    )
    return [Sign("none", "Shuffled targets", text, "no fixed number")]
