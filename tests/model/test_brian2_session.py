"""A user's own work with Brian2 changes nothing of ours, and ours nothing of theirs."""

import os
import random
import signal
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import brian2
import jax
import matplotlib as mpl
import matplotlib.pyplot as plt
import mpmath
import numpy as np
import pandas as pd
import pytest
from brian2.core.magic import magic_network
from brian2.core.network import Network as BrianNetwork

from tests.networks import RULES, SETUPS
from tests.users import PREFERENCES, USERS, User, a_user, network_of_a_user, snapshot
from workbench import Network, Trials, estimate, exact_gradient
from workbench.common.errors import WorkbenchError
from workbench.engine.compiled.generate import generate
from workbench.engine.interpreted import stepwise
from workbench.engine.presentation import Plan
from workbench.engine.state import State
from workbench.model.brian2_session import PREFERENCES as OURS
from workbench.model.brian2_session import numpy_code, preferences, standalone_code
from workbench.model.read_program import read_program

JAX: Any = jax.config

TINY = Network(n_inputs=3, hidden=(2,), n_outputs=2, n_steps=12)
TRIALS = Trials(
    np.array([0, 4, 7]),
    np.array([0, 1, 2, 3, 0, 2, 3], dtype=np.int32),
    np.array([0, 1, 2, 0, 1, 2, 1], dtype=np.int32),
    np.eye(2),
)
WEIGHTS = {name: 2.0 + np.random.default_rng(1).standard_normal(shape) for name, shape in TINY.weight_shapes().items()}


def estimated() -> dict[str, np.ndarray]:
    return estimate(RULES["eprop"], TINY, WEIGHTS, TRIALS, target="numpy")


def stepped() -> None:
    setup = replace(SETUPS["eprop_1"], network=TINY)
    with stepwise.stepwise(setup, State(WEIGHTS, {}, {}), TRIALS, Plan()) as network:
        network.step(3)
        network.go_back(network.keep())


def refused() -> None:
    rule = replace(RULES["eprop"], synapse="dg/dt = nothing * p_pre : second")
    with pytest.raises(WorkbenchError, match="nothing"):
        estimate(rule, TINY, WEIGHTS, TRIALS, target="numpy")


def broken_in_the_middle() -> None:
    """Let Brian2 fail while it runs, in both ways in which it is used."""

    def fail(*_: object, **__: object) -> None:
        np.random.random()  # noqa: NPY002
        raise KeyboardInterrupt

    state = np.random.get_state()  # noqa: NPY002
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BrianNetwork, "before_run", fail)
        for use in (estimated, lambda: generate(SETUPS["eprop_1"], Path())):
            with pytest.raises(KeyboardInterrupt):
                use()
    np.random.set_state(state)  # noqa: NPY002


def generated() -> None:
    sources(Path("generated"))


CALLS: dict[str, Callable[[], object]] = {
    "estimate": estimated,
    "exact gradient": lambda: exact_gradient(TINY, WEIGHTS, TRIALS, target="numpy"),
    "generate": generated,
    "step by step": stepped,
    "read": lambda: read_program(replace(SETUPS["eprop_1"], network=TINY)),
    "refused": refused,
    "broken": broken_in_the_middle,
}


def sources(folder: Path) -> str:
    """Return the program of a network with synapses that learn, a delay and a table."""
    folder.mkdir(exist_ok=True)
    generate(SETUPS["delayed_1"], folder)
    return (folder / "merged.cpp").read_text() + (folder / "manifest.json").read_text()


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, dict[str, np.ndarray]]:
    """Return the sources and an estimate where nobody else uses Brian2."""
    return sources(tmp_path_factory.mktemp("undisturbed")), estimated()


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("name", USERS)
def test_a_call_leaves_no_trace(name: str, call: str, tmp_path: Path) -> None:
    with a_user(name, tmp_path / "theirs"):
        before = snapshot()
        CALLS[call]()
        after = snapshot()
        assert [key for key in before if before[key] != after[key]] == []


@pytest.mark.parametrize("name", USERS)
def test_a_user_changes_no_number(name: str, tmp_path: Path, undisturbed: tuple[str, dict[str, np.ndarray]]) -> None:
    with a_user(name, tmp_path / "theirs"):
        assert sources(tmp_path / "ours") == undisturbed[0]
        found = estimated()
    assert all(np.array_equal(found[layer], array) for layer, array in undisturbed[1].items())
    assert all(np.abs(array).max() > 0 for array in found.values())


@pytest.mark.parametrize("name", PREFERENCES)
def test_each_preference_is_ours(name: str) -> None:
    expected = preferences()
    with a_user("clock", Path()):
        brian2.prefs[name] = PREFERENCES[name]
        for code in (numpy_code, standalone_code):
            with code():
                assert dict(brian2.prefs) == expected
                # The negative control: the user's value is another.
                assert brian2.prefs[name] != PREFERENCES[name]
        assert brian2.prefs[name] == PREFERENCES[name]


def test_a_default_that_a_user_changes_in_place_is_still_ours(
    tmp_path: Path, undisturbed: tuple[str, dict[str, np.ndarray]]
) -> None:
    default = brian2.prefs.pref_register["codegen.cpp"][0]["headers"].default
    try:
        default.append('"theirs.h"')
        assert sources(tmp_path / "ours") == undisturbed[0]
    finally:
        default.clear()


def test_every_default_that_can_be_changed_in_place_is_set() -> None:
    changeable = {
        f"{category}.{name}"
        for category, (registered, _) in brian2.prefs.pref_register.items()
        for name, preference in registered.items()
        if isinstance(preference.default, list | dict | set)
    }
    assert changeable <= OURS.keys() <= preferences().keys()
    assert preferences()["core.network.default_schedule"] is not preferences()["core.network.default_schedule"]


def project(folder: Path) -> dict[str, bytes]:
    """Return the files of a standalone project."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("on_run", [False, True], ids=["later", "on run"])
def test_a_users_project_is_what_it_is_without_us(on_run: bool, tmp_path: Path) -> None:
    written = []
    for interrupted in (False, True):
        folder = tmp_path / f"theirs_{interrupted}"
        with a_user("clock", folder):
            brian2.set_device("cpp_standalone", build_on_run=on_run, directory=str(folder), compile=False, run=False)
            brian2.defaultclock.dt = 0.2 * brian2.ms
            network, _ = network_of_a_user()
            if interrupted:
                estimated()
                sources(tmp_path / "ours")
            network.run(10 * brian2.ms, namespace={})
            if not on_run:
                if interrupted:
                    estimated()
                    sources(tmp_path / "ours")
                brian2.device.build(directory=str(folder), compile=False, run=False)
            assert brian2.get_device() is brian2.all_devices["cpp_standalone"]
        written.append(project(folder))
    assert written[0] == written[1]
    assert any(b"hidden1" in text for text in written[0].values())


def test_a_users_project_runs_after_us(tmp_path: Path) -> None:
    with a_user("device", tmp_path / "theirs") as user:
        estimated()
        sources(tmp_path / "ours")
        brian2.device.build(directory=str(user.folder), compile=True, run=True, with_output=False)
        # The membrane takes 10 ms * log(1.2 / 0.2) from 0 to the threshold, 17.9 ms, twice in 50 ms.
        assert user.spikes.num_spikes == 2 * 2


def test_a_users_run_goes_on_where_it_was(tmp_path: Path) -> None:
    with a_user("clock", tmp_path) as user:
        estimated()
        user.network.run(48 * brian2.ms, namespace={})
        assert user.spikes.num_spikes == 2 * 2
        assert user.network.t == 50 * brian2.ms
        assert brian2.defaultclock.dt == 0.05 * brian2.ms


def test_a_users_run_may_ask_in_its_middle(tmp_path: Path, undisturbed: tuple[str, dict[str, np.ndarray]]) -> None:
    with a_user("clock", tmp_path) as user:
        found: list[dict[str, np.ndarray]] = []

        def ask() -> None:
            if not found:
                found.append(estimated())
                assert BrianNetwork._globally_running

        user.network.add(brian2.NetworkOperation(ask, dt=1 * brian2.ms))
        user.network.run(48 * brian2.ms, namespace={})
        assert user.spikes.num_spikes == 2 * 2
    assert all(np.array_equal(found[0][layer], array) for layer, array in undisturbed[1].items())


def _set_default_clock() -> None:
    brian2.defaultclock.dt = 0.3 * brian2.ms


def _set_in_place() -> None:
    brian2.prefs["codegen.cpp.headers"] = ['"other.h"']


CHANGES: dict[str, tuple[str, Callable[[], object]]] = {
    "a preference": ("preferences", _set_in_place),
    "the device": ("device", lambda: brian2.set_device("runtime")),
    "what is queued": ("state of the device", lambda: brian2.device.insert_code("main", "// ours")),
    "the clock": ("clock", _set_default_clock),
    "an object": ("names", lambda: KEPT.append(network_of_a_user())),
    "the scope": ("magic network", brian2.start_scope),
    "the magic network": ("magic network", magic_network.assign_id),
    "a stop": ("running", brian2.stop),
    "the log": ("loggers", brian2.BrianLogger.log_level_error),
    "arithmetic": ("arithmetic", lambda: np.seterr(all="raise")),
    "printing": ("printing", lambda: np.set_printoptions(precision=3)),
    "a random number": ("random numbers", np.random.random),
    "another random number": ("random numbers", random.random),
    "the folder": ("folder", lambda: os.chdir("/")),
    "the environment": ("environment", lambda: os.environ.update(OURS="1")),
    "a warning's filter": ("warnings", lambda: warnings.simplefilter("ignore")),
    "a figure's style": ("figures", lambda: mpl.rcParams.update({"lines.linewidth": 9})),
    "a figure's backend": ("figures", lambda: mpl.rcParams.update({"backend": "svg"})),
    "an open figure": ("open figures", plt.figure),
    "a table's style": ("tables", lambda: pd.set_option("display.precision", 3)),
    "the precision": ("precision of JAX", lambda: JAX.update("jax_enable_x64", not JAX.jax_enable_x64)),
    "a handler of a signal": ("signals", lambda: signal.signal(signal.SIGUSR1, signal.SIG_IGN)),
    "a blocked signal": ("blocked signals", lambda: signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})),
    "decimals": ("decimals", lambda: setattr(mpmath.mp, "dps", 30)),
}
KEPT: list[object] = []


@pytest.mark.parametrize("change", CHANGES)
def test_the_snapshot_sees_a_trace(change: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OURS", raising=False)
    key, make = CHANGES[change]
    handler = brian2.BrianLogger.console_handler
    level, precision = handler.level, JAX.jax_enable_x64
    with (
        pd.option_context("display.precision", 6),
        mpmath.workdps(15),
        np.errstate(),
        np.printoptions(),
        warnings.catch_warnings(),
        mpl.rc_context(),
        a_user("device", tmp_path / "theirs") as user,
    ):
        before = snapshot()
        make()
        after = snapshot()
        assert key in [name for name in before if before[name] != after[name]]
        assert isinstance(user, User)
    handler.setLevel(level)
    signal.signal(signal.SIGUSR1, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR1})
    JAX.update("jax_enable_x64", precision)
    brian2.BrianObject._scope_current_key = 0
    KEPT.clear()
    plt.close("all")
    os.environ.pop("OURS", None)
