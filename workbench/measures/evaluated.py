"""What a measure says of something, whoever wrote its function."""

import math
from collections.abc import Mapping

from workbench.common.blame import described
from workbench.common.errors import PluginError, WorkbenchError, shown
from workbench.declare.measure import ExactGradient, Looked, Measure
from workbench.declare.measured import Measured

#: The layer of what is of the network as a whole.
NETWORK = "network"


def evaluated(measure: Measure, seen: Looked | ExactGradient) -> dict[str, Measured]:
    """Return what a measure says, by layer.

    Parameters
    ----------
    measure : Measure
        With a function.
    seen : Looked or ExactGradient
        What that is handed.

    Returns
    -------
    dict of str to Measured
        Nothing where it does not apply.

    Raises
    ------
    PluginError
        Where its function raises something, or returns something else.
    """
    if measure.function is None:
        return {}
    try:
        found = measure.function(seen)
    except WorkbenchError:
        raise
    except Exception as error:
        raise PluginError(f"Measure '{measure.name}' cannot be computed: {described(error)}.") from error
    if found is None:
        return {}
    if measure.of != "layer":
        found = {seen.layer if isinstance(seen, ExactGradient) else NETWORK: found}
    if not isinstance(found, Mapping) or not all(isinstance(layer, str) for layer in found):
        raise PluginError(f"Measure '{measure.name}' must return a mapping of layers, not {shown(found)}.")
    for value in found.values():
        if not isinstance(value, Measured):
            raise PluginError(f"Measure '{measure.name}' must return `Measured`, not {shown(value)}.")
        if math.isnan(value.value) != bool(value.reason):
            raise PluginError(
                f"Measure '{measure.name}': NaN, and NaN alone, has a reason, unlike {value.value} ('{value.reason}')."
            )
    return dict(found)
