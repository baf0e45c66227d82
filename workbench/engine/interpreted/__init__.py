"""Networks run by Brian2's NumPy code."""
