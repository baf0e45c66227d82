"""Each DOI that comes with the workbench is that of a publication, and says the same wherever it is named."""

import ast
import re
import unicodedata
from pathlib import Path

import pytest

import workbench
from workbench.catalogue.literature import PUBLICATIONS, WORKBENCH
from workbench.catalogue.nouns import doi_of, nouns
from workbench.catalogue.registry import load_registry
from workbench.catalogue.sources import is_unknown, sources_of
from workbench.common.errors import PluginError
from workbench.declare.publication import Publication
from workbench.declare.rule import Rule

ROOT = Path(__file__).parents[2]
REGISTRY = load_registry()
BY_DOI = {each.doi: each for each in PUBLICATIONS if each.doi}
OFFERED = [offer.item for noun, offers in nouns(REGISTRY).items() if noun != "publications"
           for offer in offers.values()]  # fmt: skip

#: "Bellec, Scherr and Maass (2020), doi:10.1038/...", as docstrings have it.
_SENTENCE = re.compile(r"(?P<names>[^.:;]+?) \((?P<year>\d{4})\), doi:(?P<doi>10\.\d+/[^\s,;]+[^\s,;.])")

#: Every file that names its sources in a docstring.
FILES = [*sorted((ROOT / "plugins").glob("*.py")), *sorted((ROOT / "workbench" / "tasks").glob("*.py"))]


def plain(text: str) -> str:
    """Return a name as it is written without accents, in lower case."""
    text = text.replace("ü", "ue").replace("ö", "oe").replace("ø", "o")
    return "".join(letter for letter in unicodedata.normalize("NFD", text) if letter.isascii()).lower()


def families(names: str) -> list[str]:
    """Return the family names that a sentence begins with."""
    return [plain(name.strip()) for name in re.split(r",| and | as in ", names.rpartition("\n\n")[2]) if name.strip()]


@pytest.mark.parametrize("item", OFFERED, ids=lambda item: f"{type(item).__name__} {item.name}")
def test_every_doi_has_its_publication(item: object) -> None:
    if doi_of(item):
        assert doi_of(item) in BY_DOI


def test_dois_and_names_are_there_once() -> None:
    assert len(BY_DOI) == len(PUBLICATIONS) - 1
    assert len({each.name for each in PUBLICATIONS}) == len(PUBLICATIONS)
    used = {doi_of(item) for item in OFFERED}
    assert set(BY_DOI) - used == {"10.7554/eLife.47314"}, "these are cited by nothing"


def test_names_are_the_first_author_and_the_year() -> None:
    for each in PUBLICATIONS[1:]:
        family = plain(each.authors[0].partition(",")[0]).replace(" ", "_").replace("-", "_")
        name = plain(each.name)
        if name.endswith("b"):
            # The second of that author and year.
            name = name.removesuffix("b")
            assert name in {other.name for other in PUBLICATIONS}
        assert name in {f"{family}_{each.year}", f"{family.replace('oe', 'o')}_{each.year}"}


def test_docstrings_name_the_same_authors_and_years() -> None:
    found = []
    for path in FILES:
        text = ast.get_docstring(ast.parse(path.read_text())) or ""
        for sentence in _SENTENCE.finditer(text.replace("\n", " ") if "\n\n" not in text else joined(text)):
            source = BY_DOI.get(sentence["doi"])
            if source is None:
                continue
            known = [plain(name.partition(",")[0]) for name in source.authors]
            told = families(sentence["names"])
            if told[-1].endswith(" et al."):
                told, known = [told[0].removesuffix(" et al.")], known[:1]
            assert (told, int(sentence["year"])) == (known, source.year), path
            found.append(source.doi)
    assert len(set(found)) > 20


def joined(text: str) -> str:
    """Return a text with each paragraph on a line of its own."""
    return "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))


def test_workbench_is_cited_as_its_citation_file_says() -> None:
    written = (ROOT / "CITATION.cff").read_text()
    assert f'title: "{WORKBENCH.title}"\n' in written
    assert re.findall(r"^  - name: (.*)$", written, re.MULTILINE) == list(WORKBENCH.authors)
    assert f"version: {workbench.__version__}\n" in written


def test_sources_come_once_with_all_that_is_from_them() -> None:
    items = [REGISTRY.rule("erbp"), REGISTRY.surrogate("boxcar"), REGISTRY.rule("frozen"), REGISTRY.rule("erbp")]
    found = {source.name: told for source, told in sources_of(items, REGISTRY).items()}
    assert found == {
        "learning_rule_workbench": (),
        "stimberg_2019": ("simulator",),
        "neftci_2017": ("rule erbp", "surrogate boxcar"),
    }


def test_source_that_nobody_tells_of_has_its_doi() -> None:
    rule = Rule(name="mine", title="Mine", doi="10.1000/182", engine="none")
    (*_, source) = sources_of([rule], REGISTRY)
    assert (source.doi, source.title, is_unknown(source)) == ("10.1000/182", "doi:10.1000/182", True)
    assert not any(map(is_unknown, PUBLICATIONS))


RIGHT = {"name": "mine", "title": "Mine", "authors": ("Doe, J.",), "venue": "Here", "year": 2026, "doi": "10.1000/182"}


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"authors": ()}, "Publication 'mine': `authors` must name at least one."),
        ({"doi": "https://doi.org/10.1000/182"}, "`doi` must be such as '10.1038/s41467-020-17236-y', not 'https:"),
        ({"title": "A {brace}"}, "its texts must be of one line, without braces and backslashes"),
        ({"venue": "Two\nlines"}, "its texts must be of one line"),
        ({"authors": ("Doe, J.", "\\input")}, "without braces and backslashes"),
        ({"kind": "book"}, "`kind` must be one of 'article', 'inproceedings', 'misc'"),
    ],
)
def test_what_no_bibliography_could_have_is_refused(change: dict[str, object], told: str) -> None:
    fields: dict[str, object] = RIGHT | change
    with pytest.raises(PluginError, match=re.escape(told)):
        Publication(**fields)  # type: ignore[arg-type]
