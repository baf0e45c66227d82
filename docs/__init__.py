"""The pages, and what writes the parts of them that follow from declarations."""
