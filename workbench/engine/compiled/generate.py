"""Sources and manifest of a network's C++ program. The one place that uses a standalone device of Brian2's."""

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

import brian2
import numpy as np
from brian2.core.variables import ArrayVariable, DynamicArrayVariable
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice

from workbench.common.errors import BuildError
from workbench.engine.compiled.library_source import Array
from workbench.engine.compiled.merge import merge
from workbench.model.bindings import GIVEN
from workbench.model.brian2_session import floating_point, standalone_code
from workbench.model.build import Model, build_model
from workbench.model.setup import Setup
from workbench.text.equations import root_cause


def generate(setup: Setup, folder: Path) -> str:
    """Write the sources and the manifest of a setup's program.

    Parameters
    ----------
    setup : Setup
        What to build.
    folder : Path
        Where to.

    Returns
    -------
    str
        Name of the source file to compile.

    Raises
    ------
    WorkbenchError
        Where the setup's equations do not hold together.
    """
    with standalone_code() as device, floating_point(setup.precision):
        model = build_model(setup)
        # Any run time will do: the program is told its own.
        try:
            model.network.run(1 * brian2.second, namespace={})
        except brian2.BrianObjectException as error:
            raise BuildError(f"Brian2 could not build the network: {root_cause(error)}") from error
        device.build(compile=False, run=False, directory=str(folder), clean=False)
        gates = _gates(model, device)
        arrays, manifest = _manifest(model, device)
        (folder / "merged.cpp").write_text(merge(folder, gates, _dense(model), arrays))
        (folder / "manifest.json").write_text(json.dumps(manifest))
    return "merged.cpp"


def _clock(model: Model, name: str) -> ArrayVariable:
    return model.parts.groups["clock"].variables[name]


def _items(model: Model) -> dict[str, Any]:
    """Return every object of a network by its own name."""
    return {item.name: item for group in model.parts.objects for item in (group, *group.contained_objects)}


def _gates(model: Model, device: CPPStandaloneDevice) -> dict[str, str]:
    items = _items(model)
    gates = {}
    for name, flag in model.parts.gates.items():
        condition = f"{device.get_array_name(_clock(model, flag))}[0]"
        for code_object in items[name].code_objects:
            gates[code_object.name] = condition
    return gates


def _dense(model: Model) -> dict[str, tuple[int, int]]:
    """Return the code objects that visit each synapse of an all-to-all connection in each step."""
    visiting = {}
    sparse = {f"w_{item.name}" for item in model.parts.setup.network.all_projections if not item.dense}
    # Only where spikes come later has a signal that comes back along them synapses of its own.
    sparse |= {
        f"b_{item.source}" for item in model.parts.setup.network.all_projections if item.delay and not item.dense
    }
    for name, group in model.parts.groups.items():
        if isinstance(group, brian2.Synapses) and name.startswith(("w_", "b_")) and name not in sparse:
            for item in group.contained_objects:
                dense = item.name.removeprefix(group.name).startswith(("_learn", "_summed_variable"))
                if dense and item.template != "at_spikes":
                    visiting[item.code_objects[0].name] = (int(group.source.N), int(group.target.N))
    return visiting


def _manifest(model: Model, device: CPPStandaloneDevice) -> tuple[list[Array], dict[str, Any]]:
    """Return the arrays that can be set and read, and what is to be known of them and of the setup's numbers."""
    arrays: list[Array] = []
    variables: dict[str, dict[str, Any]] = {}

    def add(name: str, variable: ArrayVariable, *, given: bool = False) -> None:
        kind: Literal["fixed", "growing", "rows"] = "fixed"
        if isinstance(variable, DynamicArrayVariable):
            kind = "rows" if variable in device.dynamic_arrays_2d else "growing"
        variables[name] = {"number": len(arrays), "dtype": np.dtype(variable.dtype).name, "given": given}
        arrays.append(Array(device.get_array_name(variable, access_data=False), kind, given))

    for owner, group in model.parts.groups.items():
        for name, variable in group.variables.items():
            own = isinstance(variable, ArrayVariable) and variable.owner is not None
            if own and variable.owner.name == group.name and variable in device.arrays:
                add(f"{owner}.{name}", variable, given=name in GIVEN and set(GIVEN) <= group.variables.keys())
    add("time.dt", model.clock.variables["dt"])
    for name, values in model.tables.items():
        variables[f"table.{name}"] = {"number": len(arrays), "dtype": "float64", "given": False}
        arrays.append(Array(f"{values.name}_values", "fixed"))
    return arrays, {
        "variables": variables,
        "bindings": [asdict(item) for item in model.parts.bindings],
        "propagators": [asdict(item) for item in model.parts.propagators],
    }
