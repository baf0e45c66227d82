"""A Dask scheduler and its workers as processes of this machine, which tests may kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from tests.patience import HANGS

ROOT = Path(__file__).parents[2]
DASK = str(Path(sys.executable).with_name("dask"))

#: Mounts an empty folder over one, for the command that follows alone.
_HIDING = ("sh", "-c", 'mount -t tmpfs none "$0" && exec "$@"')


def hiding(folder: Path) -> tuple[str, ...]:
    """Return what starts a command that does not see what is in a folder; nothing where this machine has no such."""
    for privileges in ((), ("--map-root-user",)):
        command = ("unshare", "--mount", *privileges, *_HIDING, str(folder))
        with suppress(OSError):
            if subprocess.run([*command, "true"], capture_output=True, check=False).returncode == 0:
                return command
    return ()


@dataclass
class DaskCluster:
    """A scheduler, two workers with one thread each, and what they say, in a folder."""

    folder: Path
    command: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    processes: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def file(self) -> Path:
        """The scheduler file."""
        return self.folder / "scheduler.json"

    @property
    def address(self) -> str:
        """The address of the scheduler."""
        return str(json.loads(self.file.read_text())["address"])

    def start_scheduler(self) -> None:
        """Start the scheduler, and wait until it can be reached."""
        self.file.unlink(missing_ok=True)
        self._start("scheduler", "--host", "127.0.0.1", "--port", "0", "--scheduler-file", str(self.file))
        deadline = time.monotonic() + HANGS
        while not (self.file.exists() and self.file.read_text().endswith("}")):
            assert time.monotonic() < deadline, (self.folder / "scheduler.log").read_text()
            time.sleep(0.05)

    def start_worker(self, name: str) -> None:
        """Start a worker, and do not wait for it."""
        place = ("--host", "127.0.0.1", "--local-directory", str(self.folder / name))
        self._start("worker", "--scheduler-file", str(self.file), "--nthreads", "1", "--name", name, *place, log=name)

    def restart(self) -> None:
        """Kill all that is left, and start anew."""
        self.stop()
        self.start_scheduler()
        for name in ("worker1", "worker2"):
            self.start_worker(name)

    def kill(self, name: str) -> None:
        """Kill one of them, and what it has started."""
        with suppress(ProcessLookupError):
            os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes.pop(name).wait(HANGS)

    def stop(self) -> None:
        """Kill all."""
        for name in list(self.processes):
            self.kill(name)

    def _start(self, what: str, *arguments: str, log: str = "") -> None:
        command = [*(self.command if what == "worker" else ()), DASK, what, *arguments, "--no-dashboard"]
        where = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "", **self.env}
        with (self.folder / f"{log or what}.log").open("ab") as said:
            # A group of its own, of which all are killed together.
            self.processes[log or what] = subprocess.Popen(
                command, stdout=said, stderr=subprocess.STDOUT, start_new_session=True, env=where
            )


@contextmanager
def dask_cluster(
    folder: Path, command: tuple[str, ...] = (), env: Mapping[str, str] | None = None
) -> Iterator[DaskCluster]:
    """Start a scheduler and two workers, and kill them afterwards.

    Parameters
    ----------
    folder : Path
        Is made, for what they write.
    command : tuple of str
        What workers are started by.
    env : mapping of str to str, optional
        Variables of theirs.
    """
    folder.mkdir(parents=True, exist_ok=True)
    cluster = DaskCluster(folder, command, env or {})
    try:
        cluster.restart()
        yield cluster
    finally:
        cluster.stop()
