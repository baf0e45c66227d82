"""Whatever is damaged in a results folder, the study resumes to the same tables, or says why not."""

import os
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.study.stored import STUDY, a_folder, called, planned
from workbench.common.errors import StudyError, WorkbenchError
from workbench.common.files import write_atomically
from workbench.study.results.checkpoints import read_checkpoint, write_checkpoint
from workbench.study.results.hashed_content import sha256
from workbench.study.results.store import opened, survey
from workbench.study.results.tables import Results, compact, load_results

#: `WORKBENCH_TEST_DAMAGES` and `WORKBENCH_TEST_SEED` try others.
DAMAGES = int(os.environ.get("WORKBENCH_TEST_DAMAGES", "60"))
SEED = int(os.environ.get("WORKBENCH_TEST_SEED", "20261128"))
RUNS = "abc"
UNFINISHED = called("unfinished")


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the results of a study that is done, beside the checkpoint of a run that is not."""
    folder = a_folder(tmp_path_factory.mktemp("whole") / "out", RUNS)
    write_checkpoint(folder, UNFINISHED, {"w": np.arange(50.0)}, {"epoch": 3})
    (folder / "logs" / f"{UNFINISHED}.txt").write_text("What went wrong")
    (folder / "progress" / f"{UNFINISHED}.json").write_text('{"label": "a run", "done": 1, "total": 2, "doing": ""}')
    compact(folder)
    return folder


def rewritten(change: Callable[[bytes, np.random.Generator], bytes]) -> Callable[[Path, np.random.Generator], None]:
    def damage(file: Path, generator: np.random.Generator) -> None:
        file.write_bytes(change(file.read_bytes(), generator))

    return damage


def flip(data: bytes, generator: np.random.Generator) -> bytes:
    if not data:
        return b"\x01"
    place = int(generator.integers(len(data)))
    return data[:place] + bytes([data[place] ^ (1 << int(generator.integers(8)))]) + data[place + 1 :]


def another_digit(data: bytes, generator: np.random.Generator) -> bytes:
    digits = [place for place, byte in enumerate(data) if byte in b"0123456789"]
    if not digits:
        return b"7"
    place = int(generator.choice(digits))
    return data[:place] + b"%d" % ((data[place] - 48 + int(generator.integers(1, 10))) % 10) + data[place + 1 :]


def zeroed(data: bytes, generator: np.random.Generator) -> bytes:
    first = int(generator.integers(len(data) + 1))
    return data[:first] + bytes(min(512, len(data) - first)) + data[first + 512 :]


def deep(data: bytes, _: np.random.Generator) -> bytes:
    text = b"[" * 500 + b"]" * 500
    return b'{"sha256": "%s", "content": %s}\n' % (sha256(text).encode(), text)


def swap(file: Path, generator: np.random.Generator) -> None:
    others = sorted(path for path in file.parent.iterdir() if path != file and path.is_file())
    if others:
        shutil.copyfile(others[int(generator.integers(len(others)))], file)


def link(file: Path, _: np.random.Generator) -> None:
    aside = file.parents[1].parent / "aside"
    aside.unlink(missing_ok=True)
    file.rename(aside)
    file.symlink_to(aside)


def pipe(file: Path, _: np.random.Generator) -> None:
    file.unlink()
    os.mkfifo(file)


def folder_instead(file: Path, _: np.random.Generator) -> None:
    file.unlink()
    (file / "inside").mkdir(parents=True)


def without_its_folder(file: Path, _: np.random.Generator) -> None:
    if (file.parent / "workbench-results.json").exists():
        file.unlink()
    else:
        shutil.rmtree(file.parent)


WAYS: dict[str, Callable[[Path, np.random.Generator], None]] = {
    "flipped": rewritten(flip),
    "another digit": rewritten(another_digit),
    "truncated": rewritten(lambda data, generator: data[: int(generator.integers(len(data) + 1))]),
    "emptied": rewritten(lambda data, generator: b""),
    "zeroed": rewritten(zeroed),
    "extended": rewritten(lambda data, generator: data + generator.bytes(int(generator.integers(1, 100)))),
    "random": rewritten(lambda data, generator: generator.bytes(len(data))),
    "a byte left out": rewritten(lambda data, generator: data[: len(data) // 2] + data[len(data) // 2 + 1 :]),
    "nested": rewritten(deep),
    "deleted": lambda file, generator: file.unlink(),
    "swapped": swap,
    "a link": link,
    "a pipe": pipe,
    "a folder": folder_instead,
    "without its folder": without_its_folder,
}


def resumed(folder: Path, remake: Path) -> Results:
    """Resume a study as `run_study` does, and make the runs that are missing: they come to the same again."""
    with opened(folder, STUDY):
        planned(folder, *RUNS)
        stored = survey(folder, [called(name) for name in RUNS], weights=True)
        for run_id in {called(name) for name in RUNS} - set(stored.finished):
            for kind, suffix in (("weights", "npz"), ("runs", "json")):
                copy_whole(remake / kind / f"{run_id}.{suffix}", folder / kind / f"{run_id}.{suffix}")
        return compact(folder)


def copy_whole(source: Path, target: Path) -> None:
    write_atomically(target, source.read_bytes())


def same(results: Results, whole: Results) -> bool:
    """Return whether tables and weights are the same, bit for bit."""
    pairs = ((results.runs, whole.runs), (results.curves, whole.curves))
    if not all(one.equals(other) for one, other in pairs):
        return False
    return all(
        array.tobytes() == whole.weights(run_id, moment)[name].tobytes()
        for run_id in whole.runs["run_id"]
        for moment in ("initial", "trained")
        for name, array in results.weights(run_id, moment).items()
    )


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def test_damaged_results_are_mended_or_told_and_never_give_another_number(whole: Path, tmp_path: Path) -> None:
    expected = load_results(whole)
    ended: Counter[str] = Counter()
    told: list[str] = []
    for number in range(DAMAGES):
        generator = np.random.default_rng([SEED, number])
        folder = Path(shutil.copytree(whole, tmp_path / str(number) / "out"))
        files = files_of(folder)
        for _ in range(int(generator.integers(1, 3))):
            file = files[int(generator.integers(len(files)))]
            way = sorted(WAYS)[int(generator.integers(len(WAYS)))]
            if file.is_file() and not file.is_symlink():
                WAYS[way](file, generator)
        where = f"damage {number} of seed {SEED}: {file.relative_to(folder)} {way}"
        try:
            # A run that is missing is not made yet; all that is there is what was written.
            found = load_results(folder)
            kept = found.runs["run_id"].tolist()
            assert found.runs.equals(expected.runs[expected.runs["run_id"].isin(kept)].reset_index(drop=True)), where
            assert found.missing == len(RUNS) - len(kept), where
        except WorkbenchError as error:
            told.append(str(error))
            ended["told when loaded"] += 1
        checkpoint = read_checkpoint(folder, UNFINISHED)
        assert checkpoint is None or np.array_equal(checkpoint.arrays["w"], np.arange(50.0)), where
        try:
            results = resumed(folder, whole)
        except WorkbenchError as error:
            told.append(str(error))
            ended["told when resumed"] += 1
            continue
        assert same(results, expected), where
        assert same(load_results(folder), expected), where
        for table in ("runs.parquet", "curves.parquet"):
            assert (folder / table).read_bytes() == (whole / table).read_bytes(), where
        ended["resumed to the same"] += 1
        shutil.rmtree(tmp_path / str(number))
    print(dict(ended), *sorted(set(told)), sep="\n")
    assert all(text.endswith(".") and "\n" not in text for text in told)
    assert ended["resumed to the same"] > DAMAGES / 2
    assert ended["told when loaded"] > 0


def test_comparison_sees_the_last_bit_of_a_number(whole: Path) -> None:
    expected = load_results(whole)
    curves = expected.curves.copy()
    curves.loc[3, "value"] = np.nextafter(curves["value"][3], np.inf)
    assert same(Results(expected.runs, expected.curves, whole), expected)
    assert not same(Results(expected.runs, curves, whole), expected)
    pd.testing.assert_frame_equal(expected.runs, load_results(whole).runs)


@pytest.mark.parametrize("kind", ["runs", "weights"])
def test_run_is_made_again_where_its_file_or_its_weights_are_damaged(whole: Path, tmp_path: Path, kind: str) -> None:
    folder = Path(shutil.copytree(whole, tmp_path / "out"))
    (file,) = (folder / kind).glob(f"{called('b')}.*")
    file.write_bytes(flip(file.read_bytes(), np.random.default_rng(1)))
    stored = survey(folder, [called(name) for name in RUNS], weights=True)
    assert list(stored.results) == [called("a"), called("c")]
    assert str(stored.damaged[called("b")]) == f"{file} is damaged: its content does not fit its hash."
    told = rf"{file} is damaged: its content does not fit its hash\. Run the study again to mend it"
    with pytest.raises(StudyError, match=told):
        load_results(folder).weights(called("b"))
    assert same(resumed(folder, whole), load_results(whole))
