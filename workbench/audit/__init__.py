"""Experiments on rules: what a rule estimates, beside the exact gradient of the same trials."""
