"""A page about the results of a study: gathered as plain data, then written as one HTML file that needs no other."""
