"""Wrong versions of a rule, made by a program, and whether anything notices."""
