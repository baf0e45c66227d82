"""Let a layer learn without a teacher by Oja's rule, with competition and without, and a readout tell digits from it.

python -m studies.oja_layer.measure --out results/oja_layer
"""

from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Annotated

import numpy as np
import pandas as pd
import typer

from studies.oja_layer.figure import drawn
from studies.oja_layer.layer import Array, Settings, achieved, learnt
from workbench.catalogue.registry import Registry, load_registry
from workbench.common.errors import DivergedError
from workbench.common.files import write_atomically
from workbench.declare.task import TaskData
from workbench.tables.statistics import t_interval

SEEDS, TUNING_SEED = range(5), 100
RATES, READOUT_RATES = (0.03, 0.1, 0.3, 1.0, 3.0, 10.0, 30.0), (0.01, 0.03, 0.1)
#: As many, for layers that have no rate; the others begin with the second.
DEVIATIONS = (0.3, 0.6, 1.0, 2.0, 3.0, 6.0, 10.0)
#: The largest of the rates at which no layer diverges.
SAME_RATE = 1.0


@dataclass(frozen=True)
class Condition:
    """What is compared.

    Attributes
    ----------
    rule, neuron : str
        Of the hidden layer.
    chosen : {"nothing", "rate", "deviation"}
        What is chosen on the validation split, besides the readout's rate.
    rate : float
        Learning rate of the hidden layer, where it is not chosen.
    """

    rule: str
    neuron: str
    chosen: str
    rate: float = 0.0

    def choices(self) -> list[Settings]:
        """Return what may be chosen."""
        given = Settings(self.rule, self.neuron, self.rate, DEVIATIONS[1])
        if self.chosen == "rate":
            return [replace(given, rate=rate) for rate in RATES]
        if self.chosen == "deviation":
            return [replace(given, deviation=deviation) for deviation in DEVIATIONS]
        return [given]


CONDITIONS = (
    Condition("frozen", "lif", "nothing"),
    Condition("frozen", "lif", "deviation"),
    Condition("frozen", "lif_inhibited", "nothing"),
    Condition("frozen", "lif_inhibited", "deviation"),
    Condition("oja", "lif", "rate"),
    Condition("oja", "lif", "nothing", SAME_RATE),
    Condition("oja", "lif_inhibited", "rate"),
    Condition("oja", "lif_inhibited", "nothing", SAME_RATE),
    Condition("oja_spikes", "lif", "rate"),
    Condition("oja_spikes", "lif", "nothing", SAME_RATE),
    Condition("oja_spikes", "lif_inhibited", "rate"),
    Condition("oja_spikes", "lif_inhibited", "nothing", SAME_RATE),
)
#: Rows of the figure.
SHOWN = {
    Condition("frozen", "lif", "nothing"): "Before learning",
    Condition("oja_spikes", "lif", "nothing", SAME_RATE): "Oja, spikes,\nno competition",
    Condition("oja", "lif_inhibited", "nothing", SAME_RATE): "Oja, potentials,\ncompetition",
    Condition("oja_spikes", "lif_inhibited", "rate"): "Oja, spikes,\ncompetition",
}


def looked_at(
    data: TaskData, choices: list[Settings], registry: Registry
) -> Iterator[tuple[Settings, dict[str, float]]]:
    """Yield what each choice, with each rate of the readout, achieves on the validation split."""
    for choice in choices:
        try:
            weights = learnt(data, choice, registry, TUNING_SEED)
        except DivergedError:
            yield choice, {"accuracy": np.nan}
            continue
        for rate in READOUT_RATES:
            settings = replace(choice, readout_rate=rate)
            yield settings, achieved(data, data.validation, settings, registry, weights, TUNING_SEED)


def tested(condition: Condition, data: TaskData, registry: Registry) -> tuple[pd.DataFrame, pd.DataFrame, Array]:
    """Choose the settings of a condition, and look once at the test split with them.

    Returns
    -------
    runs, looks : DataFrame
        On the test split, by seed; on the validation split, by settings.
    weights : ndarray of shape (n_inputs, HIDDEN)
        From the input, of the first seed.
    """
    found = list(looked_at(data, condition.choices(), registry))
    settings = max(found, key=lambda pair: np.nan_to_num(pair[1]["accuracy"]))[0]
    layers = [learnt(data, settings, registry, seed) for seed in SEEDS]
    told = {"chosen": condition.chosen}
    runs = [
        told | asdict(settings) | {"seed": seed} | achieved(data, data.test, settings, registry, weights, seed)
        for seed, weights in zip(SEEDS, layers, strict=True)
    ]
    return pd.DataFrame(runs), pd.DataFrame([told | asdict(one) | look for one, look in found]), layers[0]


def summary(runs: pd.DataFrame) -> pd.DataFrame:
    """Return means over seeds, with half the 95 % t interval of the accuracy [%]."""
    rows = []
    for key, group in runs.groupby(["rule", "neuron", "chosen", "rate", "deviation", "readout_rate"], sort=False):
        low, high = t_interval(100 * group["accuracy"])
        means = group[["cosine", "norm", "spikes", "silent"]].mean()
        names = ("rule", "neuron", "chosen", "rate", "deviation", "readout_rate")
        rows.append(
            dict(zip(names, key, strict=True)) | {"accuracy": (low + high) / 2, "±": (high - low) / 2} | dict(means)
        )
    return pd.DataFrame(rows)


def main(out: Annotated[Path, typer.Option(help="Where to write the tables and the figure.")]) -> None:
    """Measure, print and write the tables, and draw what neurons have learnt."""
    out.mkdir(parents=True, exist_ok=True)
    registry = load_registry()
    data = registry.task("digits").data()
    found = {condition: tested(condition, data, registry) for condition in CONDITIONS}
    runs, looks, _ = zip(*found.values(), strict=True)
    tables = {"runs": pd.concat(runs), "choices": pd.concat(looks)}
    tables["summary"] = summary(tables["runs"])
    formats = {"rate": "{:g}", "deviation": "{:g}", "readout_rate": "{:g}", "accuracy": "{:.1f}", "±": "{:.1f}",
               "spikes": "{:.1f}"}  # fmt: skip
    own = {name: text.format for name, text in formats.items()}
    print(tables["summary"].to_string(index=False, formatters=own, float_format="{:.2f}".format))
    for name, table in tables.items():
        write_atomically(out / f"{name}.csv", table.to_csv(index=False).encode())
    drawn({name: found[condition][2] for condition, name in SHOWN.items()}, out / "fields")


if __name__ == "__main__":
    typer.run(main)
