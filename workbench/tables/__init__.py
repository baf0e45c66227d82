"""The tables of a study: its two results joined, named and summed up, without anything drawn."""
