"""What an estimate depends on, inferred from equations and confirmed by perturbation."""
