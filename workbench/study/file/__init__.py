"""A study file, and the grid of runs that it stands for."""
