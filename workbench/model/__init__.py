"""Networks and rules as Brian2 objects."""
