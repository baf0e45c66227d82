"""Equation text: quantities, names, syntax trees, and what equations say."""
