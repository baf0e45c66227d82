"""The controls of a study's alignments: what must come out 0, and what must come out 1."""

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workbench.declare.references import RANDOM

#: How far the mean of random updates may lie from 0, in its standard errors: once in 16,000 studies it does by chance.
FARTHEST = 4.0
#: How far an exact gradient may be from itself.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Control:
    """A control of a study.

    Attributes
    ----------
    name : str
        Which.
    value : float
        The mean cosine of random updates, or the cosine of an exact rule that is farthest from 1; NaN where there is
        none.
    margin : float
        How far it may be from what it must be.
    count : int
        Independent numbers behind it.
    """

    name: str
    value: float
    margin: float
    count: int

    @property
    def holds(self) -> bool:
        """Whether it is what it must be; a control that is not there says nothing."""
        target = 0.0 if self.name == RANDOM else 1.0
        return self.count == 0 or abs(self.value - target) <= self.margin

    def __str__(self) -> str:
        if self.count == 0:
            return f"{TITLES[self.name]}: none in this study."
        if self.name == RANDOM:
            return f"{TITLES[self.name]}: {self.value:.4f}; it may be up to {self.margin:.4f} from 0 by chance."
        return f"{TITLES[self.name]}: 1 {self.value - 1:+.1e}; it may be up to {self.margin:g} from 1."


#: Measures that must be 1, whatever is learnt.
ONES = ("exact_rule", "exact_readout", "exact_claim")
#: What each control is of.
TITLES = {
    RANDOM: "Cosine of a random update with BPTT",
    "exact_rule": "Cosine of BPTT with itself",
    "exact_readout": "Cosine of the readout's gradient in Brian2 with BPTT",
    "exact_claim": "Cosine with BPTT of rules that claim to be the gradient in these networks",
}


def controls(runs: pd.DataFrame, curves: pd.DataFrame) -> list[Control]:
    """Return the controls of all alignments that were measured.

    Parameters
    ----------
    runs, curves : DataFrame
        As in `runs.parquet` and `curves.parquet`.

    Returns
    -------
    list of Control
        ``random``: the cosine of random updates with BPTT. The cosine of a random direction with any other has mean 0
        and variance 1 / (number of weights), whatever the network; each is taken in units of its own deviation, and
        those of one seed, epoch and layer, which rules share, count as one. ``exact_rule``: the rules that are trained
        on BPTT or RTRL, against that very gradient. ``exact_readout``: what Brian2's own equations say of the readout
        under the rules that leave it to the network, against BPTT with the reset constant, which it is.
        ``exact_claim``: the estimates of rules for hidden layers where the rule claims to be exact, such as e-prop with
        symmetric feedback and one hidden layer.
    """
    own = curves[(curves["estimate"] == "") & curves["value"].notna()]
    random = own[(own["measure"] == "cosine") & (own["reference"] == RANDOM)]
    random = random.merge(runs[["run_id", "task", "network", "seed"]], on="run_id")
    # Of networks whose weights do not follow from the sizes of their layers, they are noted.
    noted = own[own["measure"] == "n_weights"].set_index(["run_id", "epoch", "layer"])["value"]
    places = pd.MultiIndex.from_frame(random[["run_id", "epoch", "layer"]])
    random = random.assign(weights=noted.reindex(places).to_numpy())
    return [
        _random(random),
        *(farthest(name, own.loc[own["measure"] == name, "value"].to_numpy(dtype=float)) for name in ONES),
    ]


def _random(data: pd.DataFrame) -> Control:
    if data.empty:
        return Control(RANDOM, math.nan, math.nan, 0)
    known = zip(data["network"], data["layer"], data["weights"], strict=True)
    weights = [_weights(network, layer) if np.isnan(noted) else noted for network, layer, noted in known]
    draws = data.assign(weights=weights).groupby(["task", "network", "seed", "epoch", "layer"])[["value", "weights"]]
    means = draws.mean()
    # Weighed by their number, so that the sum has a known deviation.
    root = means["weights"] ** 0.5
    error = len(means) ** 0.5 / root.sum()
    return Control(RANDOM, float((means["value"] * root).sum() / root.sum()), FARTHEST * error, len(means))


def _weights(network: str, layer: str) -> int:
    """Return the number of weights of a layer, from a network such as '64-100r-10'."""
    sizes = [int(size.rstrip("r")) for size in network.partition(" ")[0].split("-")]
    name, _, recurrent = layer.partition("_")
    index = len(sizes) - 1 if name == "readout" else int(name.removeprefix("hidden"))
    return int(sizes[index] * sizes[index if recurrent else index - 1])


def farthest(name: str, values: NDArray[np.float64]) -> Control:
    """Return the control that cosines which must be 1 are: that of them which is farthest from it.

    Parameters
    ----------
    name : str
        One of `ONES`.
    values : ndarray of shape (n,)
        The cosines.
    """
    if not len(values):
        return Control(name, math.nan, math.nan, 0)
    return Control(name, float(values[np.abs(values - 1).argmax()]), ROUNDING, len(values))
