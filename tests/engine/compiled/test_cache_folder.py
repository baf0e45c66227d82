"""Where compiled networks are kept: a folder of one's own, from which programs can be loaded, written to or not."""

import errno
import os
import pwd
import stat
import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from workbench.common.errors import BuildError
from workbench.engine.compiled import cache, cache_folder
from workbench.engine.compiled.cache_entry import LIBRARY, SEAL


def fill(place: Path) -> None:
    (place / "static_arrays").mkdir()
    for name in (LIBRARY, "manifest.json", "static_arrays/first"):
        (place / name).write_text("whole")


def fail(_: Path) -> None:
    raise BuildError("It is built again.")


@pytest.fixture
def folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Return the folder of a cache with one network."""
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    return cache.cached({"name": "one"}, fill).parent


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"WORKBENCH_CACHE": "/named", "XDG_CACHE_HOME": "/xdg", "HOME": "/home/me"}, "/named"),
        ({"WORKBENCH_CACHE": "/named"}, "/named"),
        ({"WORKBENCH_CACHE": "", "XDG_CACHE_HOME": "/xdg"}, "/xdg/learning-rule-workbench"),
        ({"XDG_CACHE_HOME": "/xdg"}, "/xdg/learning-rule-workbench"),
        ({"XDG_CACHE_HOME": "", "HOME": "/home/me"}, "/home/me/.cache/learning-rule-workbench"),
        ({"XDG_CACHE_HOME": "xdg", "HOME": "/home/me"}, "/home/me/.cache/learning-rule-workbench"),
        ({"XDG_CACHE_HOME": "~/xdg", "HOME": "/home/me"}, "/home/me/.cache/learning-rule-workbench"),
        ({"HOME": "/home/me"}, "/home/me/.cache/learning-rule-workbench"),
        ({}, "/home/told/.cache/learning-rule-workbench"),
        ({"HOME": ""}, "/home/told/.cache/learning-rule-workbench"),
    ],
)
def test_folder_follows_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], expected: str
) -> None:
    for name in ("WORKBENCH_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(pwd, "getpwuid", lambda _: SimpleNamespace(pw_dir="/home/told"))
    assert cache_folder.cache_folder() == Path(expected)


@pytest.mark.parametrize("home", [None, "", "relative"])
def test_no_home_is_told_with_a_remedy(monkeypatch: pytest.MonkeyPatch, home: str | None) -> None:
    def unknown(_: int) -> object:
        raise KeyError("getpwuid(): uid not found")

    for name in ("WORKBENCH_CACHE", "XDG_CACHE_HOME", "HOME"):
        monkeypatch.delenv(name, raising=False)
    if home is not None:
        monkeypatch.setenv("HOME", home)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(BuildError, match=r"There is no home folder to keep .* Set WORKBENCH_CACHE to a folder of your"):
        cache.cached({"name": "one"}, fill)


@pytest.mark.parametrize("named", ["cache", "./cache", "~/cache", " /cache"])
def test_relative_folder_is_refused(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("WORKBENCH_CACHE", named)
    with pytest.raises(
        BuildError, match=rf"WORKBENCH_CACHE must be an absolute path, but is '{named}'. Write it from '/' on"
    ):
        cache.cached({"name": "one"}, fill)
    assert list(tmp_path.iterdir()) == []


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_folder_is_made_for_the_user_alone(folder: Path) -> None:
    assert mode(folder) == 0o700


@pytest.mark.parametrize("given", [0o700, 0o750, 0o755, 0o500])
def test_folder_that_nobody_else_can_write_stays_as_it_is(folder: Path, given: int) -> None:
    folder.chmod(given)
    cache.cached({"name": "one"}, fail)
    assert mode(folder) == given


@pytest.mark.parametrize("given", [0o770, 0o777, 0o702])
def test_own_folder_is_closed_to_others(folder: Path, given: int) -> None:
    cache.rehearsed({"name": "one"}, lambda: None)
    (folder / f"building-{'0' * 32}-abc").mkdir()
    (folder / f"{'0' * 32}.lock").touch()
    folder.chmod(given)
    cache.cached({"name": "one"}, fail)
    assert mode(folder) == given & ~0o022


@pytest.mark.parametrize("given", [0o770, 0o777, 0o702])
def test_folder_that_is_shared_for_another_reason_is_refused_and_left(folder: Path, given: int) -> None:
    (folder / "notes.txt").touch()
    folder.chmod(given)
    for use in (lambda: cache.cached({"name": "one"}, fill), cache_folder.refuse_unwritable):
        with pytest.raises(
            BuildError,
            match=r"others can write to the build cache, .* Enter: chmod go-w '.*/cache', or set WORKBENCH",
        ):
            use()
    assert mode(folder) == given
    folder.chmod(given & ~0o022)
    cache.cached({"name": "one"}, fail)


def test_folder_for_everybody_is_refused_and_left(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "tmp").mkdir()
    (tmp_path / "tmp").chmod(0o1777)
    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "tmp"))
    with pytest.raises(BuildError, match="others can write to the build cache"):
        cache.cached({"name": "one"}, fill)
    assert mode(tmp_path / "tmp") == 0o1777


def test_folder_of_somebody_else_is_refused(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    user = os.geteuid()
    name = "12345" if user == 0 else pwd.getpwuid(user).pw_name
    # Either the folder is given away, or the user is taken for another one.
    if user == 0:
        os.chown(folder, 12345, -1)
    else:
        monkeypatch.setattr(os, "geteuid", lambda: 12345)
    for use in (lambda: cache.cached({"name": "one"}, fail), cache_folder.refuse_unwritable):
        with pytest.raises(
            BuildError, match=f"the build cache belongs to '{name}', whose programs would run as you. Set WORKBENCH_CAC"
        ):
            use()


@pytest.mark.skipif(os.geteuid() != 0, reason="Only the system's own user can become another one.")
def test_folder_of_the_system_is_used_by_others(folder: Path, tmp_path: Path) -> None:
    for path in (folder, *folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    for parent in tmp_path.parents:
        if parent.stat().st_mode & 0o011 != 0o011:
            parent.chmod(parent.stat().st_mode | 0o011)
    tmp_path.chmod(0o755)
    os.seteuid(12345)
    try:
        made = cache.cached({"name": "one"}, fail)
        with pytest.raises(BuildError, match=r"cache cannot be written .*Permission denied.* Set WORKBENCH_CACHE."):
            cache.cached({"name": "two"}, fill)
    finally:
        os.seteuid(0)
    assert made.parent == folder


def read_only(*_: object, **__: object) -> None:
    raise OSError(errno.EROFS, os.strerror(errno.EROFS))


@pytest.fixture
def mounted_read_only(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of a cache with one network, in which every way to write is refused."""
    opened = os.open

    def only_read(path: str | Path, flags: int, *rest: int, **further: int) -> int:
        if flags & (os.O_CREAT | os.O_WRONLY | os.O_RDWR) and str(path).startswith(str(folder)):
            read_only()
        return opened(path, flags, *rest, **further)

    monkeypatch.setattr(os, "open", only_read)
    for name in ("mkdir", "rename", "unlink", "utime", "chmod"):
        monkeypatch.setattr(os, name, read_only)
    return folder


def test_network_is_read_from_a_cache_that_cannot_be_written(mounted_read_only: Path) -> None:
    cache_folder.refuse_unwritable()
    assert cache.cached({"name": "one"}, fail).parent == mounted_read_only
    cache.rehearsed({"name": "one"}, lambda: None)
    with pytest.raises(
        BuildError, match=r"/cache: the build cache cannot be written .*Read-only file system.* Set WORKBENCH_CACHE."
    ):
        cache.cached({"name": "two"}, fill)


def test_damaged_network_in_a_cache_that_cannot_be_written_is_refused(mounted_read_only: Path) -> None:
    (entry,) = (path for path in mounted_read_only.iterdir() if path.is_dir())
    data = bytearray((entry / LIBRARY).read_bytes())
    data[0] ^= 1
    with (entry / LIBRARY).open("r+b") as file:
        file.write(data)
    with pytest.raises(BuildError, match=r"/cache: the build cache cannot be written .*Read-only file system"):
        cache.cached({"name": "one"}, fill)


@pytest.mark.parametrize("error", [errno.EROFS, errno.ENOSPC, errno.EACCES, errno.EDQUOT])
def test_empty_cache_that_cannot_be_written_is_refused(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, error: int
) -> None:
    def refuse(**_: object) -> None:
        raise OSError(error, os.strerror(error))

    monkeypatch.setenv("WORKBENCH_CACHE", str(tmp_path / "cache"))
    cache_folder.refuse_unwritable()
    monkeypatch.setattr(tempfile, "TemporaryFile", refuse)
    with pytest.raises(BuildError, match=rf"the build cache cannot be written .*{os.strerror(error)}"):
        cache_folder.refuse_unwritable()
    cache.cached({"name": "one"}, fill)
    cache_folder.refuse_unwritable()


def test_cache_from_which_nothing_can_be_run_is_told(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    def without_programs(_: Path) -> object:
        return SimpleNamespace(f_flag=os.ST_NOEXEC | os.ST_NOSUID)

    monkeypatch.setattr(os, "statvfs", without_programs)
    for use in (lambda: cache.cached({"name": "one"}, fail), cache_folder.refuse_unwritable):
        with pytest.raises(
            BuildError, match=r"/cache: the build cache is on a file system that is mounted noexec, .* WORKBENCH_CACHE"
        ):
            use()


@pytest.mark.parametrize(
    ("filename", "told"),
    [
        ("/full/ccX.s", r"^/full/ccX.s: No space left on device, which kept a network from being built"),
        (
            None,
            r"/cache: the build cache cannot be written \(\[Errno 28\] No space left on device\). Set WORKBENCH_CAC",
        ),
    ],
)
def test_disk_that_is_full_is_named(folder: Path, filename: str | None, told: str) -> None:
    def fill_the_disk(place: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), filename)

    with pytest.raises(BuildError, match=told):
        cache.cached({"name": "two"}, fill_the_disk)

    def fill_the_cache(place: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(place / LIBRARY))

    with pytest.raises(BuildError, match=r"/cache: the build cache cannot be written .* Set WORKBENCH_CACHE."):
        cache.cached({"name": "two"}, fill_the_cache)
    assert [path.name for path in folder.iterdir() if path.is_dir()] == [cache.entry_of({"name": "one"}).name]
    assert (cache.cached({"name": "two"}, fill) / SEAL).exists()
