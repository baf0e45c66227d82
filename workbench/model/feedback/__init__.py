"""The pathways of the learning signal: what makes each of them, and the weights that it has of its own."""
