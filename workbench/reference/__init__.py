"""Exact gradients of what Brian2 did: by the compiled adjoint, or the network as a JAX function and its derivative."""
