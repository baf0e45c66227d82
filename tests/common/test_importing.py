"""Brian2 is imported from any thread, and the process stays as it was."""

import subprocess
import sys
from pathlib import Path

IMPORTED = """
import logging, signal, sys, tempfile, threading, warnings
from pathlib import Path
def state():
    files = sorted(path.name for path in Path(tempfile.gettempdir()).glob("brian_*"))
    hooks = (sys.excepthook, signal.signal, signal.getsignal(signal.SIGINT), warnings.showwarning)
    return *hooks, list(logging.getLogger("py.warnings").handlers), files
before = state()
thread = threading.Thread(target=lambda: __import__("{module}"))
thread.start()
thread.join()
print(threading.main_thread() is threading.current_thread(), "brian2.only" in sys.modules)
print([name for name, one, other in zip("error signal interrupt warning handler files".split(), before, state())
       if one != other])
"""


def run(module: str, folder: Path) -> subprocess.CompletedProcess[str]:
    environment = {"TMPDIR": str(folder), "HOME": str(folder), "PATH": "/usr/bin:/bin", "MPLCONFIGDIR": str(folder)}
    command = [sys.executable, "-c", IMPORTED.format(module=module)]
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)


def test_brian2_takes_nothing_over(tmp_path: Path) -> None:
    told = run("workbench.audit", tmp_path)
    assert (told.stdout.splitlines(), told.stderr) == (["True True", "[]"], "")


def test_the_look_sees_what_brian2_takes_over(tmp_path: Path) -> None:
    told = run("brian2", tmp_path)
    assert "only works in main thread" in told.stderr
    assert told.stdout.splitlines()[1] == "['error', 'warning', 'handler', 'files']"


def test_broken_preferences_are_told(tmp_path: Path) -> None:
    (tmp_path / "brian_preferences").write_text("core.network.default_schedule\n")
    assert "Brian2 cannot be imported: Parsing error in preference file" in run("workbench.audit", tmp_path).stderr
