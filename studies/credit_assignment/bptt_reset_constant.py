"""BPTT with the reset held constant, as a rule of a name of its own: so tables and contrasts tell it from the other."""

from collections.abc import Iterator

from workbench import Parameter, Rule, hookimpl

BPTT_RESET_CONSTANT = Rule(
    name="bptt_reset_constant",
    title="BPTT, reset constant",
    doi="10.1109/MSP.2019.2931595",
    engine="bptt",
    parameters=(Parameter(name="reset", default="constant", choices=("constant",), doc="What the gradient does."),),
)


@hookimpl
def workbench_rules() -> Iterator[Rule]:
    """Yield it."""
    yield BPTT_RESET_CONSTANT
