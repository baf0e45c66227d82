"""Train DCLL with three hidden layers, and print what the readout of each layer gets right.

python -m studies.dcll_layers.measure --out results/dcll_layers
"""

from pathlib import Path
from typing import Annotated

import typer

from workbench import load_results, run_study
from workbench.tables.statistics import t_interval


def main(out: Annotated[Path, typer.Option(help="Where to write the results.")]) -> None:
    """Train, and print the validation accuracy of each layer's readout along training."""
    run_study(Path(__file__).with_name("study.toml"), out)
    curves = load_results(out).curves
    looks = curves[curves["measure"] == "local_accuracy"]
    for (layer, epoch), values in looks.groupby(["layer", "epoch"])["value"]:
        low, high = t_interval(100 * values)
        print(f"{layer}, epoch {epoch}: {100 * values.mean():.1f} ± {(high - low) / 2:.1f} %")


if __name__ == "__main__":
    typer.run(main)
