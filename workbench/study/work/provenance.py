"""With what a study is run: the versions of what has a part in its numbers, and the commit of its folder."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import workbench

_PACKAGES = ("brian2", "jax", "jaxlib", "joblib", "numpy", "pandas", "scikit-learn", "scipy")


def versions() -> dict[str, str]:
    """Return the versions of the workbench, of Python and of the packages beneath, by name."""
    found = {"workbench": workbench.__version__, "python": platform.python_version()}
    for package in _PACKAGES:
        with suppress(importlib.metadata.PackageNotFoundError):
            found[package] = importlib.metadata.version(package)
    return found


def commit_of(folder: Path) -> str:
    """Return the git commit of a folder, or an empty text where it is in no repository."""
    git = shutil.which("git")
    if git is None:
        return ""
    found = subprocess.run([git, "-C", folder, "rev-parse", "HEAD"], capture_output=True, text=True, check=False)
    return found.stdout.strip() if found.returncode == 0 else ""


def machine() -> str:
    """Return the kind of machine that this is: system, processor, and how many of these a process may use."""
    model = platform.processor() or platform.machine()
    with suppress(OSError):
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        model = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), model)
    count = len(os.sched_getaffinity(0))
    return f"{platform.system()} {platform.machine()}, {model}, {count} processor{'s' * (count > 1)}"
