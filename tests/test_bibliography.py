"""Citations and the list of works: written out in both languages, complete, none unknown."""

from __future__ import annotations

from pathlib import Path

import course
import nbformat
import pytest

from press.sources import bibliography
from press.sources.source import SourceError, find, read
from unrolled.messages import LANGUAGES


def test_citations_are_written_out() -> None:
    text = "Pamięć [@hochreiter1997; @cho2014], `[@cho2014]`; @hochreiter1997 mierzą. a@b2014"
    assert bibliography.cited(text) == ["hochreiter1997", "cho2014"]
    assert bibliography.put_citations(text, "pl") == (
        "Pamięć (Hochreiter i Schmidhuber, 1997; Cho i in., 2014), `[@cho2014]`; "
        "Hochreiter i Schmidhuber (1997) mierzą. a@b2014"
    )
    assert bibliography.put_citations("[@cho2014]", "en") == "(Cho et al., 2014)"


def test_a_list_of_works_is_sorted_and_linked() -> None:
    lines = bibliography.references(["hochreiter1997", "cho2014", "chung2014"], "en")
    assert [line.split(" ")[0] for line in lines] == ["Cho", "Chung", "Hochreiter"]
    assert lines[2] == (
        "Hochreiter S., Schmidhuber J. (1997). "
        "[Long short-term memory](https://doi.org/10.1162/neco.1997.9.8.1735). "
        "*Neural Computation* 9(8), 1735–1780."
    )


def test_every_work_is_cited_and_dated(root: Path) -> None:
    works = bibliography.works()
    cited = {
        key
        for source in course.sources()
        for cell in source.cells
        for key in bibliography.cited(cell.text.get("en", ""))
    }
    assert set(works) == cited, "references.bib and the citations"
    for key, work in works.items():
        assert key.rstrip("abc").endswith(str(work["issued"]["date-parts"][0][0])), key
        assert work.keys() & {"DOI", "URL", "container-title", "publisher"}, key


def test_every_lecture_ends_with_its_works(root: Path) -> None:
    for source in course.sources():
        path = source.path
        if source.kind != "lecture":
            continue
        for lang in LANGUAGES:
            notebook = nbformat.read(path.parent / lang / f"{path.stem}.ipynb", as_version=4)
            cells = {c.id: c.source for c in notebook.cells}
            few, every = cells["references"], cells["all-references"]
            keys = {k for c in source.cells for k in bibliography.cited(c.text.get(lang, ""))}
            assert keys, f"{path.stem} cites nothing"
            assert every.count("\n- ") == len(keys), "on paper all of them"
            assert few.count("\n- ") == min(bibliography.ON_A_SLIDE, len(keys)), "on one slide few"
            assert set(few.splitlines()) & set(every.splitlines())
            assert "@" not in few + every


def test_an_unknown_work_is_named(tmp_path: Path, root: Path) -> None:
    folder = tmp_path / "lectures"
    folder.mkdir()
    source = next(p for p in find(root) if p.parent.name == "lectures")
    text = source.read_text(encoding="utf-8")
    text += (
        '\n+++ {"slideshow": {"slide_type": "-"}}\n\nTak [@nobody1999].\n\n<!-- en -->\n\nYes.\n'
    )
    path = folder / source.name
    path.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError) as raised:
        read(path)
    assert "lectures/references.bib has no work 'nobody1999'" in str(raised.value)
    assert "the citations differ" in str(raised.value)


def test_a_broken_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.bib"
    path.write_text("@article{x1999, title = {A}, year = 1999}", encoding="utf-8")
    with pytest.raises(bibliography.BibliographyError, match="lack author, title or year: x1999"):
        bibliography.works(path)
    path = tmp_path / "unclosed.bib"
    path.write_text("@article{x1999, title = {A", encoding="utf-8")
    with pytest.raises(bibliography.BibliographyError, match=r"unclosed\.bib cannot be read"):
        bibliography.works(path)
