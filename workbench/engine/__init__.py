"""Compile networks, run them, and return what they did."""
