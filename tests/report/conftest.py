"""One study, run and reported once: with a planned comparison, runs that did not end well, and names meant to harm."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.end_to_end.command import Ended, workbench

STUDY = """plugins = ["wild.py"]
question = "Does <script>alert('question')</script> & co. come through?"
seeds = [0, 1]
[network]
hidden = [8, 6]
neuron_parameters = { tau_syn = "5 ms" }
weights = { hidden_mean = 14.0, hidden_std = 5.0 }
[train]
epochs = 1
batch = 8
learning_rate = 0.02
[measure]
probe = 8
[[task]]
name = "yin_yang"
parameters = { train = 48, validation = 24, test = 24 }
[[rule]]
name = "eprop"
[[rule]]
name = "eprop"
feedback = "random_direct"
[[rule]]
name = "wild"
train = { learning_rate = 1e300, optimizer = "sgd" }
[[rule]]
name = "eprop_adaptive"
[[rule]]
name = "bptt"
[[rule]]
name = "frozen"
[[contrast]]
of = "eprop:symmetric"
minus = "frozen"
measure = "loss"
"""

TITLE = 'Wild <img src="x" onerror="alert(1)">'

PLUGIN = f"""'''Grows without end: </pre><script>alert('words')</script>.'''

from workbench import LearningSignal, Parameter, Rule, hookimpl

WILD = Rule(
    name="wild", title={TITLE!r}, pre="dq/dt = -q / tau_syn_post : 1", pre_on_spike="q += 1",
    synapse="dg/dt = strength * error_post * q_pre : second", signal=LearningSignal(feedback="random_direct"),
    parameters=(Parameter(name="strength", default=1e9, doc="<b>Bold</b>."),),
)


@hookimpl
def workbench_rules():
    yield WILD
"""


@dataclass(frozen=True)
class Reported:
    """A study, its results, the page about it, and how the command that wrote it ended."""

    study: Path
    out: Path
    page: Path
    ended: Ended

    @property
    def text(self) -> str:
        """The page."""
        return self.page.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Reported:
    """Return the study, run and reported by the command line."""
    folder = tmp_path_factory.mktemp("reported") / "tiny"
    folder.mkdir()
    (folder / "wild.py").write_text(PLUGIN)
    study = folder / "study.toml"
    study.write_text(STUDY)
    run = workbench("run", study, "--out", folder / "out")
    # The wild rule's runs diverge, as they are meant to.
    assert run.code == 1
    assert "diverged" in run.err
    ended = workbench("report", folder / "out", "--plugin", folder / "wild.py")
    return Reported(study, folder / "out", folder / "out" / "report.html", ended)
