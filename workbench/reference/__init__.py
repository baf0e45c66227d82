"""Exact gradients: the Brian2 network as a JAX function, and its derivative."""
