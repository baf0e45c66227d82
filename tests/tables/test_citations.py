"""Entries of a bibliography have what BibTeX asks for, and nothing that it would misread."""

import re

import pytest

from workbench.catalogue.literature import PUBLICATIONS
from workbench.declare.publication import Publication
from workbench.tables.citations import Cited, as_text, bibtex

MINE = Publication(
    name="doe_2026", title="50 % of A_b & c", authors=("Doe, J.", "The #1 group"), venue="Here 1:2", year=2026,
    doi="10.1000/a_b",
)  # fmt: skip

#: What BibTeX's standard styles complain about where it is missing.
NEEDED = {
    "article": {"author", "title", "journal", "year"},
    "inproceedings": {"author", "title", "booktitle", "year"},
    "misc": {"author", "title"},
}


def test_entry_says_all_that_is_known() -> None:
    assert bibtex([Cited(MINE, ("rule mine", "task mine"), "1.0")]) == (
        "% rule mine, task mine\n"
        "@article{doe_2026,\n"
        "  author = {Doe, J. and {The \\#1 group}},\n"
        "  title = {{50 \\% of A\\_b \\& c}},\n"
        "  journal = {Here 1:2},\n"
        "  year = {2026},\n"
        "  note = {Version 1.0},\n"
        "  doi = {10.1000/a_b},\n"
        "}\n"
    )


def test_line_says_the_same() -> None:
    told = as_text([Cited(MINE, ("rule mine", "task mine"), "1.0"), Cited(PUBLICATIONS[0])]).splitlines()
    assert told[0] == (
        "Doe, J. and The #1 group (2026). 50 % of A_b & c. Here 1:2. Version 1.0. doi:10.1000/a_b "
        "[rule mine, task mine]"
    )
    assert told[1].startswith("The learning-rule workbench developers. Learning-rule workbench: ")


@pytest.mark.parametrize("source", PUBLICATIONS, ids=lambda source: source.name)
def test_entries_of_what_is_built_in_are_complete_and_balanced(source: Publication) -> None:
    text = bibtex([Cited(source)])
    kind, key = re.findall(r"^@(\w+)\{(\w+),$", text, re.MULTILINE)[0]
    fields = dict(re.findall(r"^  (\w+) = \{(.*)\},$", text, re.MULTILINE))
    assert (kind, key) == (source.kind, source.name)
    assert fields.keys() >= NEEDED[kind]
    assert text.count("{") == text.count("}")
    assert len(text.splitlines()) == len(fields) + 2
    assert fields["author"].count(" and ") == len(source.authors) - 1
    assert as_text([Cited(source)]).count("\n") == 1
