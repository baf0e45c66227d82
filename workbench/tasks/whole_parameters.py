"""Parameters of tasks that are whole numbers; study files give them as any number."""

import math

from workbench import WorkbenchError


def whole_parameter(name: str, value: float, least: int, most: float = math.inf) -> int:
    """Return a parameter as a whole number.

    Parameters
    ----------
    name : str
        Of the task and the parameter, such as ``iris.fold``.
    value : float
        What was given.
    least, most : int
        What it may be.

    Raises
    ------
    WorkbenchError
        Where it is something else.
    """
    if not least <= value <= most or value != int(value):
        bounds = f"from {least}" if most == math.inf else f"from {least} to {most}"
        raise WorkbenchError(f"{name}: must be a whole number {bounds}, not {value:g}.")
    return int(value)
