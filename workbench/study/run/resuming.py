"""What a run needs to go on after a kill: written after each epoch, and read again."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from workbench.engine.state import State
from workbench.study.results.checkpoints import Checkpoint
from workbench.study.run.state import UnderWay


def stored_state(run: UnderWay) -> tuple[dict[str, NDArray[Any]], dict[str, Any]]:
    """Return the arrays of a checkpoint, and what else it says."""
    arrays = {f"weights/{layer}": array for layer, array in run.state.weights.items()}
    arrays |= {f"feedback/{layer}": array for layer, array in run.state.feedback.items()}
    arrays |= {f"memory/{name}": array for name, array in run.state.memory.items()}
    arrays |= {f"outlasting/{name}": array for name, array in run.state.outlasting.items()}
    counts = {"n_updates": run.state.n_updates, "updates_beside": run.state.updates_beside}
    meta = {"epoch": run.epoch, **counts, "curves": run.curves}
    return arrays, meta | spent(run)


def spent(run: UnderWay) -> dict[str, float]:
    """Return what a run has taken so far [second]."""
    return {"seconds": run.seconds, "compile_seconds": run.compile_seconds}


def resume(run: UnderWay, stored: Checkpoint) -> None:
    """Bring a run to where the process was that stored its state."""

    def under(folder: str) -> dict[str, NDArray[np.float64]]:
        return {
            name.removeprefix(f"{folder}/"): array
            for name, array in stored.arrays.items()
            if name.startswith(f"{folder}/")
        }

    run.epoch = stored.meta["epoch"]
    run.curves = list(stored.meta["curves"])
    run.seconds_before = stored.meta["seconds"]
    run.compiled_before += stored.meta["compile_seconds"]
    made = (under("weights"), under("feedback"), under("memory"))
    run.state = State(*made, stored.meta["n_updates"], under("outlasting"), stored.meta["updates_beside"])
