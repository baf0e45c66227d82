"""The figure of the study of layers that learn by Oja's rule."""

from collections.abc import Mapping
from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
from numpy.typing import NDArray

from workbench.figures.style import DOUBLE, MM, style

#: Neurons of each row, the first of the layer, and pixels of a side.
SHOWN, SIDE = 10, 8


def drawn(layers: Mapping[str, NDArray[np.float64]], path: Path) -> None:
    """Draw the weights from the image to the first neurons, a row for each layer, with a scale of its own.

    Parameters
    ----------
    layers : mapping of str to ndarray of shape (n_pixels, n_neurons)
        By what is written beside the row.
    path : Path
        Without its ending: a PDF and a PNG are written.
    """
    with style():
        figure, axes = plt.subplots(
            len(layers), SHOWN, figsize=(DOUBLE * MM, 16 * MM * len(layers)), layout="constrained", squeeze=False
        )
        for row, (name, weights) in zip(axes, layers.items(), strict=True):
            shown = weights[:, :SHOWN]
            limit = float(np.abs(shown).max())
            for axis, field in zip(row, shown.T, strict=True):
                image = axis.imshow(field.reshape(SIDE, SIDE), cmap="RdBu_r", vmin=-limit, vmax=limit)
                axis.set(xticks=[], yticks=[])
            row[0].set_ylabel(name, rotation="horizontal", ha="right", va="center", labelpad=6)
            bar = figure.colorbar(image, ax=row, aspect=10, pad=0.01, label="weight")
            bar.outline.set_linewidth(0.4)
        for ending in ("pdf", "png"):
            figure.savefig(path.with_suffix(f".{ending}"))
        plt.close(figure)
