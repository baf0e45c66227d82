"""Brian2 as the workbench uses it: preferences, device, clock and names of its own, and the user's as they were after.

All of Brian2's state is global, and a user may have changed any of it: by a file of preferences in the working folder
or in the home folder, in a script, or by a network of their own under construction. None of that may change a result,
and nothing of ours may stay.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any

import numpy as np
from brian2 import Network, prefs
from brian2.codegen import translation
from brian2.codegen.generators import base
from brian2.codegen.runtime.numpy_rt import NumpyCodeObject
from brian2.core.tracking import InstanceFollower, InstanceTrackerSet
from brian2.core.variables import DynamicArrayVariable
from brian2.devices.cpp_standalone.codeobject import CPPStandaloneCodeObject
from brian2.devices.cpp_standalone.device import CPPStandaloneDevice
from brian2.devices.device import Device, RuntimeDevice
from brian2.utils.logger import BrianLogger

from workbench.common.thread_locks import lock
from workbench.declare.options import Precision

#: The slots of a step, in their order.
SCHEDULE = ["start", "groups", "thresholds", "synapses", "resets", "end"]

#: Preferences other than Brian2's defaults, and all whose default is a list: an idiom of Brian2, ``prefs.x += [...]``,
#: changes the default itself. What is for its makefile is empty, since the workbench compiles by itself.
PREFERENCES: dict[str, Any] = {
    # Connecting synapses would call a compiler otherwise.
    "codegen.target": "numpy",
    # An interrupted run would end without a word, and its numbers pass for those of the whole.
    "core.stop_on_keyboard_interrupt": False,
    "core.network.default_schedule": SCHEDULE,
    "codegen.cpp.compiler": "unix",
    "codegen.cpp.extra_compile_args": [],
    "codegen.cpp.extra_compile_args_gcc": [],
    "codegen.cpp.extra_compile_args_msvc": [],
    "codegen.cpp.extra_link_args": [],
    "codegen.cpp.include_dirs": [],
    "codegen.cpp.library_dirs": [],
    "codegen.cpp.runtime_library_dirs": [],
    "codegen.cpp.libraries": [],
    "codegen.cpp.headers": [],
    "codegen.cpp.define_macros": [],
    "devices.cpp_standalone.extra_make_args_unix": [],
    "devices.cpp_standalone.extra_make_args_windows": [],
    "devices.cpp_standalone.run_environment_variables": {},
}

#: Whoever uses Brian2 holds it.
_LOCK = lock()

_NUMPY_TEMPLATES = NumpyCodeObject.templater.derive("workbench.model")
_CPP_TEMPLATES = CPPStandaloneCodeObject.templater.derive("workbench.model")

# Its package gives the same name to something else.
_DEVICES = import_module("brian2.devices.device")

#: Without its memory: to know a text again takes Brian2 longer than to translate it, and it forgets the preferences.
_TRANSLATE = translation.make_statements.__wrapped__


def _array_name(variable: Any, access_data: bool = True) -> str:
    """Return what NumPy code calls an array, as `RuntimeDevice.get_array_name` does, for one variable alone.

    By Brian2's own name `readout_y` of a group `hidden1` and `y` of a group `hidden1_readout` are one array.
    """
    owner = getattr(variable.owner, "name", "temporary")
    kind = "array" if access_data or not isinstance(variable, DynamicArrayVariable) else "dynamic_array"
    return f"_{kind}_{len(owner)}_{owner}_{variable.name}"


def preferences() -> dict[str, Any]:
    """Return every preference of Brian2's, as it is while the workbench uses it."""
    defaults = {
        f"{category}.{name}": preference.default
        for category, (registered, _) in prefs.pref_register.items()
        for name, preference in registered.items()
    }
    return defaults | {name: value.copy() if hasattr(value, "copy") else value for name, value in PREFERENCES.items()}


def _ours(device: Device) -> list[tuple[Any, str, Any]]:
    """Return what is replaced of Brian2's state: the object, its attribute, and what it is meanwhile."""
    return [
        (prefs, "prefs", preferences()),
        (prefs, "prefs_unvalidated", {}),
        (_DEVICES, "active_device", device),
        (_DEVICES, "previous_devices", []),
        # Names are made unique among all objects that there are, and objects of a slot run in the order of their names.
        (InstanceFollower, "instance_sets", defaultdict(InstanceTrackerSet)),
        (Network, "_globally_running", False),
        (Network, "_globally_stopped", False),
        (BrianLogger, "_log_messages", set()),
        (NumpyCodeObject, "templater", _NUMPY_TEMPLATES),
        (CPPStandaloneCodeObject, "templater", _CPP_TEMPLATES),
        (translation, "make_statements", _TRANSLATE),
        (base, "make_statements", _TRANSLATE),
    ]


@contextmanager
def floating_point(precision: Precision) -> Iterator[None]:
    """Let all variables that are made meanwhile have a precision, and what code keeps between them.

    Parameters
    ----------
    precision : {"float64", "float32"}
        Of whatever has no type of its own.
    """
    previous = prefs["core.default_float_dtype"]
    prefs["core.default_float_dtype"] = np.dtype(precision).type
    try:
        yield
    finally:
        prefs["core.default_float_dtype"] = previous


@contextmanager
def _using(device: Device) -> Iterator[Device]:
    """Use Brian2 with a device of ours, in one thread at a time."""
    with _LOCK:
        ours = _ours(device)
        users = [(owner, name, getattr(owner, name)) for owner, name, _ in ours]
        level = logging.getLogger("brian2").level
        try:
            for owner, name, value in ours:
                setattr(owner, name, value)
            device.activate(build_on_run=False)
            yield device
        finally:
            logging.getLogger("brian2").setLevel(level)
            for owner, name, value in users:
                setattr(owner, name, value)


@contextmanager
def numpy_code() -> Iterator[RuntimeDevice]:
    """Let Brian2 run its NumPy code for a while, with nothing of the user's.

    Yields
    ------
    RuntimeDevice
        Empty, with a clock of its own; what is built on it can be read and run step by step afterwards too.
    """
    device = RuntimeDevice()
    device.get_array_name = _array_name
    with _using(device):
        yield device


@contextmanager
def standalone_code() -> Iterator[CPPStandaloneDevice]:
    """Let Brian2 write a C++ program for a while, with nothing of the user's.

    Yields
    ------
    CPPStandaloneDevice
        Empty, with a clock of its own; it is no more after.
    """
    with _using(CPPStandaloneDevice()) as device:
        yield device
