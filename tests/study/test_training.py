"""Training refuses what it was not asked for."""

from pathlib import Path

import pytest

from workbench.errors import StudyError
from workbench.registry import load_registry
from workbench.study import training
from workbench.study.grid import expand
from workbench.study.identity import checksum, identify
from workbench.study.progress import RunProgress
from workbench.study.spec import load_study

STUDY = """question = "Is it what was planned?"
seeds = [0]
[[task]]
name = "yin_yang"
parameters = { train = 10, validation = 10, test = 10 }
[[rule]]
name = "eprop"
"""


class Started(Exception):
    """The training would begin."""


def test_rule_that_was_edited_since_the_study_began_is_not_trained(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A result would stand under the name of the rule as it was."""

    def started(*_: object) -> None:
        raise Started

    monkeypatch.setattr(training, "_start", started)
    (tmp_path / "study.toml").write_text(STUDY)
    registry = load_registry()
    (config,) = expand(load_study(tmp_path / "study.toml"), registry)
    data = registry.task("yin_yang").data(**dict(config.task_parameters))
    planned = identify(config, registry, checksum(data))
    with pytest.raises(Started):
        training.train(config, RunProgress(tmp_path, planned, ""), registry)
    other = config.model_copy(update={"seed": 1})
    with pytest.raises(
        StudyError, match=r"^Rule 'eprop', task 'yin_yang' or a neuron model was edited since the study"
    ):
        training.train(other, RunProgress(tmp_path, planned, ""), registry)
