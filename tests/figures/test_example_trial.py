"""The figures of a trial: a panel for each population and each kind of variable, every value where it belongs."""

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from workbench.declare.example_trial import Course, ExampleTrial
from workbench.figures.example_trial import POST, PRE, network_trial, synapse_trial

N = 20


def a_trial(*courses: Course, window: tuple[int, int] = (0, N), threshold: float = 1.0) -> ExampleTrial:
    """Return a trial of 20 steps of 1 ms, in which neuron 1 of two inputs drives neuron 2 of three hidden ones."""
    inputs = np.array([1, 5]), np.array([1, 0])
    hidden = np.array([6, 7, 9]), np.array([2, 0, 2])
    return ExampleTrial(
        dt=1e-3, n_steps=N, window=window, spikes={"inputs": inputs, "hidden1": hidden},
        sizes={"inputs": 2, "hidden1": 3}, weights="hidden1", source="inputs", target="hidden1",
        pre=1 if courses else -1, post=2, potential="v", v=np.linspace(0, 0.9, N),
        threshold=np.full(N, threshold), courses=courses,
    )  # fmt: skip


def course(part: str, name: str, size: float, unit: str = "1") -> Course:
    """Return a variable that rises to some value."""
    return Course(part, name, unit, np.linspace(0, size, N))  # type: ignore[arg-type]


def drawn(panel: Axes, label: str) -> np.ndarray:
    """Return the values of a line of a panel."""
    (line,) = [line for line in panel.lines if line.get_label() == label]
    return np.asarray(line.get_ydata(), dtype=float)


def titles(figure: Figure) -> list[str]:
    return [panel.get_title(loc="left") for panel in figure.axes]


def test_spikes_are_at_the_ends_of_their_steps_and_the_synapse_is_marked() -> None:
    figure = network_trial(a_trial(course("estimate", "g", 1e-3, "second")))
    assert titles(figure) == ["inputs, 2 spikes", "hidden 1, 3 spikes"]
    for panel, colour, at in zip(figure.axes, (PRE, POST), ([2.0], [7.0, 10.0]), strict=True):
        (marked,) = [line for line in panel.lines if line.get_color() == colour and line.get_marker() == "|"]
        assert np.asarray(marked.get_xdata()).tolist() == pytest.approx(at)
    assert figure.axes[0].get_title(loc="right") == "presynaptic neuron 1"


def test_variables_share_a_panel_where_they_are_of_a_kind_and_size() -> None:
    trial = a_trial(
        course("trace", "q", 1.0), course("trace", "p", 0.2), course("neuron", "small", 0.01),
        course("neuron", "large", 3.0), course("neuron", "rate", 3.0, "hertz"), course("signal", "error", 2.0),
        course("estimate", "g", 2e-4, "second"),
    )  # fmt: skip
    figure = synapse_trial(trial)
    labels = [panel.get_ylabel() for panel in figure.axes]
    assert labels == ["v", "q, p", "small", "large", "rate (hertz)", "error", "g (\u00b5s)"]
    assert drawn(figure.axes[1], "p")[-1] == pytest.approx(0.2)
    # A millionth of a second is a microsecond.
    assert drawn(figure.axes[-1], "g")[-1] == pytest.approx(200.0)


@pytest.mark.parametrize(("size", "label"), [(3.0, "g (s)"), (0.3, "g (ms)"), (3e-3, "g (ms)"), (3e-7, "g (\u00b5s)")])
def test_times_are_in_a_unit_of_their_size(size: float, label: str) -> None:
    assert synapse_trial(a_trial(course("estimate", "g", size, "second"))).axes[-1].get_ylabel() == label


def test_what_is_zero_all_the_time_is_drawn_as_zero() -> None:
    panel = synapse_trial(a_trial(course("signal", "error", 1e-17))).axes[-1]
    assert panel.get_ylim() == (-1, 1)


def test_trial_without_a_synapse_has_the_potential_alone() -> None:
    figure = synapse_trial(a_trial())
    assert titles(figure) == ["membrane potential, after resets"]
    assert network_trial(a_trial()).axes[1].get_title(loc="right") == "neuron 2"


def test_threshold_is_drawn_where_it_is_known() -> None:
    known, unknown = (synapse_trial(a_trial(threshold=value)).axes[0] for value in (1.0, float("nan")))
    assert [text.get_text() for text in known.texts] == ["threshold"]
    assert len(unknown.texts) == 0


def test_steps_in_which_the_loss_counts_are_marked_where_not_all_do() -> None:
    some, every = (synapse_trial(a_trial(window=window)).axes[0] for window in ((5, 10), (0, N)))
    assert [patch.get_extents().width > 0 for patch in some.patches] == [True]
    assert len(every.patches) == 0
