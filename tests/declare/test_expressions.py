"""Losses, optimizers and surrogates whose texts cannot be read, or read what is not there, are refused."""

from typing import Any

import pytest

from workbench import Loss, Optimizer, Surrogate, WorkbenchError

#: One of each as it should be.
RIGHT: dict[Any, dict[str, Any]] = {
    Loss: {"name": "mine", "value": "abs(y - target)", "error": "sign(y - target)"},
    Optimizer: {
        "name": "mine",
        "code": "m = decay * m + gradient\nstep = m",
        "state": ("m",),
        "parameters": (("decay", 0.9),),
    },
    Surrogate: {
        "name": "mine",
        "derivative": "slope * exp(-slope * abs(drive))",
        "primitive": "0",
        "parameters": (("slope", 2.0),),
    },
}

#: What is wrong -> what is made, what it is given in place of that, and what is said.
WRONG: dict[str, tuple[Any, dict[str, Any], str]] = {
    "a name in a loss": (Loss, {"value": "abs(x - target)"}, "Loss 'mine', `value` reads 'x', which nothing defines"),
    "a total without shares": (Loss, {"error": "y / total"}, "Loss 'mine', `error` reads 'total', which nothing def"),
    "a target in a share": (Loss, {"share": "target"}, "Loss 'mine', `share` reads 'target', which nothing defines"),
    "a function": (Loss, {"value": "logg(y)"}, "`value` calls 'logg', which is no function here. Did you mean 'log'"),
    "no expression": (Loss, {"error": "y -"}, "Loss 'mine', `error`: 'y -'"),
    "nothing": (Loss, {"error": ""}, "Loss 'mine', `error`: ''"),
    "a number for an expression": (Loss, {"error": 1.0}, "Loss 'mine': `error` must be a text, not 1.0"),
    "no step": (Optimizer, {"code": "m = gradient"}, "Optimizer 'mine': `code` never sets 'step'. Add 'step = ...'."),
    "a state that is never set": (
        Optimizer,
        {"code": "step = gradient + m"},
        "Optimizer 'mine': `code` never sets 'm'. Add 'm = ...'.",
    ),
    "a name in statements": (
        Optimizer,
        {"code": "m = decoy * m\nstep = m"},
        "Optimizer 'mine', `code` reads 'decoy', which nothing defines. Did you mean 'decay'?",
    ),
    "a name before it is set": (
        Optimizer,
        {"code": "step = n\nn = gradient\nm = n"},
        "Optimizer 'mine', `code` reads 'n', which nothing defines",
    ),
    "a number that is set": (
        Optimizer,
        {"code": "m = gradient\nstep = m\ndecay = 0"},
        "Optimizer 'mine': `code` sets 'decay', which it may only read.",
    ),
    "no statement": (Optimizer, {"code": "step"}, "Optimizer 'mine', `code`: 'step' is not a statement of the form"),
    "a name in a derivative": (
        Surrogate,
        {"derivative": "alpha * drive"},
        "Surrogate 'mine', `derivative` reads 'alpha', which nothing defines",
    ),
    "a drive of its own": (
        Surrogate,
        {"parameters": (("slope", 1.0), ("drive", 1.0))},
        "Surrogate 'mine': 'drive' is what",
    ),
    "a height that is not there": (
        Surrogate,
        {"height": "slop"},
        "Surrogate 'mine': `height` is 'slop', which is no parameter. Did you mean 'slope'?",
    ),
    "a name in a primitive": (Surrogate, {"primitive": "v"}, "Surrogate 'mine', `primitive` reads 'v', which nothing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_texts_that_read_what_is_not_there_are_refused(case: str) -> None:
    kind, given, message = WRONG[case]
    assert kind(**RIGHT[kind]).name == "mine"
    with pytest.raises(WorkbenchError) as refused:
        kind(**RIGHT[kind] | given)
    assert message in str(refused.value)
    assert str(refused.value).isprintable()


def test_field_that_is_missing_is_named() -> None:
    with pytest.raises(WorkbenchError, match=r"^Loss 'mine': `error` is missing; it must be a text\.$"):
        Loss(name="mine", value="y")  # type: ignore[call-arg]
