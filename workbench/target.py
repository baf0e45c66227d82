"""What runs a network."""

from typing import Literal

#: A compiled program, or Brian2's NumPy code: slow, for tiny networks and machines without a compiler.
Target = Literal["cpp", "numpy"]
