"""Symmetric alignment: feedback weights go towards the forward weights, which they read.

    g = integral of decay * b - gain * w

    w     weight of the other direction

These are the descents along B of two primitives of the layer: decay |B|^2 / 2, and self -tr(B W), which is not local,
since one synapse reads the weight of another. They tend to W^T gain / decay, whatever neurons do, so that no noise is
needed: the phase is time in which weights are estimated. The decay of forward weights that the paper adds to the loss
is left out, since alignment is to leave them alone, as in the authors' code by default.
Cost: no variable per feedback weight, in the phase of its own alone.

Kunin, Nayebi, Sagastuy-Brena, Ganguli, Bloom and Yamins (2020), doi:10.48550/arXiv.2003.01513.
"""

from collections.abc import Iterator

from workbench import FeedbackRule, Parameter, Pathway, hookimpl

SYMMETRIC_ALIGNMENT = Pathway(
    name="symmetric_alignment",
    origin="above",
    weights="by_rule",
    doc="through weights that go towards the forward weights, which they read, in a phase of their own",
    rule=FeedbackRule(
        name="symmetric_alignment",
        title="Symmetric alignment",
        doi="10.48550/arXiv.2003.01513",
        synapse="dg/dt = decay * b - gain * forward_w : second",
        parameters=(
            Parameter(name="gain", default=1.0, doc="How strongly weights go towards the forward weights."),
            Parameter(name="decay", default=1.0, doc="Of the weights."),
        ),
    ),
)


@hookimpl
def workbench_pathways() -> Iterator[Pathway]:
    """Yield symmetric alignment."""
    yield SYMMETRIC_ALIGNMENT
