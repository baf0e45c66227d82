"""Exact gradients of what Brian2 did: by the compiled adjoint, or the network as a JAX function and its derivative."""

from workbench.common.importing import import_brian2

import_brian2()
