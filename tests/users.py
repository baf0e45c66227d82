"""Users of Brian2 who call the workbench in the middle of their own work, and all of their state that it may touch."""

import decimal
import gc
import locale
import logging
import os
import random
import resource
import signal
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

import brian2
import jax
import joblib
import matplotlib as mpl
import mpmath
import numpy as np
from brian2.core.functions import DEFAULT_FUNCTIONS
from brian2.core.magic import magic_network
from brian2.core.names import Nameable
from brian2.devices.cpp_standalone.device import cpp_standalone_device
from brian2.devices.device import get_device
from brian2.units.fundamentalunits import user_unit_register
from brian2.utils.logger import BrianLogger
from joblib.externals.loky import reusable_executor
from matplotlib._pylab_helpers import Gcf
from sympy.core.parameters import global_parameters

from workbench.model.brian2_session import numpy_code

OTHER_SCHEDULE = ["start", "synapses", "groups", "thresholds", "resets", "end"]

#: What Brian2 generates other code under, each by itself.
PREFERENCES: dict[str, Any] = {
    "core.network.default_schedule": OTHER_SCHEDULE,
    "core.default_float_dtype": np.float32,
    "core.default_integer_dtype": np.int64,
    "devices.cpp_standalone.openmp_threads": 2,
    "codegen.loop_invariant_optimisations": False,
    "codegen.generators.cpp.restrict_keyword": "__elsewhere",
    "codegen.generators.cpp.flush_denormals": True,
    "codegen.cpp.headers": ['"theirs.h"'],
    "codegen.cpp.extra_compile_args": ["-O0"],
    "codegen.target": "cython",
    "codegen.string_expression_target": "cython",
    "legacy.refractory_timing": True,
}


@dataclass
class User:
    """What a user has made: a network, and the folder of the standalone project, if it is one."""

    network: brian2.Network
    spikes: brian2.SpikeMonitor
    folder: Path


def network_of_a_user() -> tuple[brian2.Network, brian2.SpikeMonitor]:
    """Return a network whose objects have the names that the workbench gives its own."""
    group = brian2.NeuronGroup(
        2, "dv/dt = (1.2 - v) / (10*ms) : 1", threshold="v > 1", reset="v = 0", method="euler", name="hidden1"
    )
    spikes = brian2.SpikeMonitor(group, name="hidden1_spikes")
    return brian2.Network(group, spikes, name="network"), spikes


def prefers_otherwise(folder: Path) -> User:
    """Have every preference set otherwise."""
    for name, value in PREFERENCES.items():
        brian2.prefs[name] = value
    return User(*network_of_a_user(), folder)


def builds_standalone(folder: Path, **options: Any) -> User:
    """Have a standalone project under construction, with a run in it."""
    brian2.set_device("cpp_standalone", build_on_run=False, directory=str(folder), **options)
    brian2.prefs["codegen.cpp.extra_compile_args"] = ["-O0", "-w"]
    brian2.device.insert_code("main", "// theirs")
    user = User(*network_of_a_user(), folder)
    user.network.run(50 * brian2.ms, namespace={})
    return user


def has_a_clock(folder: Path) -> User:
    """Have run for a while with another time step."""
    brian2.prefs["codegen.target"] = "numpy"
    brian2.defaultclock.dt = 0.05 * brian2.ms
    user = User(*network_of_a_user(), folder)
    user.network.run(2 * brian2.ms, namespace={})
    return user


USERS: dict[str, Callable[[Path], User]] = {
    "preferences": prefers_otherwise,
    "device": builds_standalone,
    "clock": has_a_clock,
}


@contextmanager
def a_user(name: str, folder: Path) -> Iterator[User]:
    """Let Brian2 be as a user has left it, and afterwards as it was."""
    with numpy_code():
        try:
            user = USERS[name](folder)
            yield user
        finally:
            cpp_standalone_device.reinit()


def snapshot() -> dict[str, object]:
    """Return all state of a process that the workbench might touch, comparable to another."""
    return _of_brian2() | _of_the_process() | _of_libraries()


def _of_brian2() -> dict[str, object]:
    device = get_device()
    clock = device.defaultclock
    return {
        "preferences": {name: repr(value) for name, value in brian2.prefs.items()},
        "lists of preferences": {name: id(value) for name, value in brian2.prefs.items()},
        "device": (id(device), device.build_on_run, repr(device.build_options)),
        "state of the device": {key: _told(value) for key, value in vars(device).items()},
        "clock": (id(clock), *(clock.variables[name].get_value().item() for name in ("dt", "t", "timestep"))),
        "magic network": (magic_network.id, len(magic_network.objects), brian2.BrianObject._scope_current_key),
        "running": (brian2.Network._globally_running, brian2.Network._globally_stopped),
        "names": sorted(item.name for item in (ref() for ref in set(Nameable.__instances__())) if item is not None),
        "functions": sorted(DEFAULT_FUNCTIONS),
        "said": len(BrianLogger._log_messages),
        "units": len(user_unit_register.units),
    }


def _of_the_process() -> dict[str, object]:
    loggers = [logging.getLogger(name) for name in ("", "brian2", "py.warnings", "jax", "matplotlib")]
    return {
        "loggers": [(item.level, [(id(h), h.level, len(h.filters)) for h in item.handlers]) for item in loggers],
        "random numbers": (repr(np.random.get_state()), random.getstate()),  # noqa: NPY002
        "folder": Path.cwd(),
        "environment": dict(os.environ),
        "imports from": list(sys.path),
        "warnings": (list(warnings.filters), warnings.showwarning),
        "signals": {number: signal.getsignal(number) for number in signal.valid_signals()},
        "blocked signals": signal.pthread_sigmask(signal.SIG_BLOCK, ()),
        "timer": signal.getitimer(signal.ITIMER_REAL),
        "exceptions": (sys.excepthook, sys.unraisablehook, threading.excepthook),
        "output": (sys.stdout, sys.stderr, sys.displayhook),
        "limits": (sys.getrecursionlimit(), sys.getswitchinterval(), resource.getrlimit(resource.RLIMIT_STACK)),
        "processors": os.sched_getaffinity(0) if hasattr(os, "sched_getaffinity") else None,
        "collection of garbage": (gc.isenabled(), gc.get_threshold()),
        "temporary files": tempfile.tempdir,
        "language": locale.setlocale(locale.LC_ALL),
        "denormals": bool((np.array([5e-324]) * np.ones(1))[0] != 0),
    }


def _of_libraries() -> dict[str, object]:
    return {
        "arithmetic": np.geterr(),
        "printing": repr(np.get_printoptions()),
        "decimals": (mpmath.mp.prec, repr(decimal.getcontext())),
        "symbols": dict(vars(global_parameters)),
        # As it is, and not as it becomes when it is asked for: the backend is chosen then.
        "figures": {name: dict.__getitem__(mpl.rcParams, name) for name in mpl.rcParams},
        "open figures": list(Gcf.figs),
        "tables": repr(import_module("pandas._config.config")._global_config),
        "JAX": dict(jax.config.values),
        "precision of JAX": jax.dtypes.canonicalize_dtype(np.float64),
        "processes of joblib": (id(reusable_executor._executor), joblib.parallel.get_active_backend()[0].__class__),
    }


def _told(value: object) -> object:
    """Return what can be compared of a device's attribute: of a collection, which it is and what is in it."""
    if isinstance(value, dict | set | list):
        return id(value), len(value), sorted(map(str, value))
    return repr(value)
