"""Studies: a file that says what to compare, its runs, and their results."""
