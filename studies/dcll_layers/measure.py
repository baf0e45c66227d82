"""Train DCLL with three hidden layers; print what the readout of each layer gets right, and what the layers follow.

python -m studies.dcll_layers.measure --out results/dcll_layers
"""

from pathlib import Path
from typing import Annotated

import typer

from workbench import run_study
from workbench.declare.references import OWN_LOSS
from workbench.tables.statistics import t_interval


def main(out: Annotated[Path, typer.Option(help="Where to write the results.")]) -> None:
    """Train; print accuracies of readouts along training, and cosines with the gradients of two losses at its end."""
    results = run_study(Path(__file__).with_name("study.toml"), out)
    curves = results.curves.merge(results.runs[["run_id", "rule"]], on="run_id")
    looks = curves[curves["measure"] == "local_accuracy"]
    for (layer, epoch), values in looks.groupby(["layer", "epoch"])["value"]:
        low, high = t_interval(100 * values)
        print(f"{layer}, epoch {epoch}: {100 * values.mean():.1f} ± {(high - low) / 2:.1f} %")
    at_end = curves[(curves["measure"] == "cosine") & (curves["epoch"] == curves["epoch"].max())]
    of_dcll = at_end[(at_end["rule"] == "dcll") & (at_end["layer"] != "readout")]
    for loss, reference in (("the network's", "bptt_constant"), ("its own", OWN_LOSS)):
        for layer, values in of_dcll[of_dcll["reference"] == reference].groupby("layer")["value"]:
            print(f"{layer}, cosine with the gradient of {loss} loss: {values.mean():.2f}")
    accuracies = 100 * results.runs.pivot_table(index="seed", columns="rule", values="accuracy")
    for rule, values in accuracies.items():
        low, high = t_interval(values)
        print(f"{rule}, test accuracy: {values.mean():.1f} ± {(high - low) / 2:.1f} %")


if __name__ == "__main__":
    typer.run(main)
