"""Make wrong versions of a rule: one mistake each, of those that people make when they write a rule down."""

from collections.abc import Callable, Iterator

from workbench.declare.rule import Rule
from workbench.testing.mutants.in_adjoint import wrong_terms
from workbench.testing.mutants.in_circuits import wrong_circuits
from workbench.testing.mutants.in_equations import (
    dropped_factors,
    flipped_terms,
    missing_filters,
    wrong_sizes,
    wrong_times,
)
from workbench.testing.mutants.in_formulas import wrong_formulas
from workbench.testing.mutants.in_functions import wrong_functions
from workbench.testing.mutants.in_phases import wrong_phases
from workbench.testing.mutants.in_signal import wrong_relays
from workbench.testing.mutants.in_statements import flipped_comparisons, flipped_steps
from workbench.testing.mutants.in_sums import wrong_pairs, wrong_sums
from workbench.testing.mutants.in_time import exchanged_ends, forgotten_state, late_by_a_step
from workbench.testing.mutants.mutant import Mutant

#: Each yields the wrong versions of one kind, of a rule with equations.
OF_EQUATIONS: tuple[Callable[[Rule], Iterator[Mutant]], ...] = (
    wrong_sizes,
    flipped_terms,
    missing_filters,
    wrong_times,
    dropped_factors,
    late_by_a_step,
    exchanged_ends,
    forgotten_state,
    flipped_steps,
    flipped_comparisons,
    wrong_sums,
    wrong_pairs,
    wrong_phases,
    wrong_circuits,
    wrong_relays,
)

#: The same of a rule whose gradient the reference computes, by what computes it.
OF_GRADIENTS: tuple[Callable[[Rule], Iterator[Mutant]], ...] = (
    wrong_terms,
    wrong_formulas,
    wrong_functions,
    flipped_steps,
    flipped_comparisons,
    wrong_sums,
)


def mutants_of(rule: Rule) -> tuple[Mutant, ...]:
    """Return wrong versions of a rule, each of which is a rule by its form.

    A sign, a term with the other sign, a filter that is missing, a time constant that is doubled, a factor that is
    missing, a value of the step before, presynaptic and postsynaptic neuron exchanged, state that is forgotten from
    trial to trial, a statement or a comparison the other way round; a sum or a pair of neurons with one of these, a
    phase that lasts too long or not long enough, weights brought along that learn, begin or end otherwise; something
    else that is handed down from layer to layer. What is written for a regularizer stays. Where the reference computes
    the gradient, the mistakes are in that: in the terms by which it goes back, in its formulas, or in its functions.

    Parameters
    ----------
    rule : Rule
        Of one whose hidden layers never learn there is nothing here that could be wrong, and none is returned.

    Returns
    -------
    tuple of Mutant
        In the order of the kinds.

    Raises
    ------
    RuleError
        Where a version is no rule by its form.
    """
    if rule.engine == "none":
        return ()
    kinds = OF_EQUATIONS if rule.has_equations else OF_GRADIENTS
    return tuple(mutant for kind in kinds for mutant in kind(rule) if mutant.replaced or mutant.rule != rule)
