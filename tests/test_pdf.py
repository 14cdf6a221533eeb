"""Slide PDFs and handouts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader
from test_deck import code, lecture, prose, save

from press.exports import katex, typeset
from press.exports.export import export
from press.exports.pdf import fits
from press.exports.slides import ExportError, count

BOTH = pytest.mark.parametrize("to", ["slides-pdf", "handout-pdf"])


@pytest.fixture
def notebook(tmp_path: Path) -> Path:
    return save(lecture(), tmp_path)


def font_names(reader: PdfReader) -> dict[str, bool]:
    """Return the names of a PDF's fonts and whether each is embedded."""
    found: dict[str, bool] = {}

    def look(resources: Any) -> None:
        for font in (resources.get("/Font") or {}).values():
            base = font.get_object()
            for child in base.get("/DescendantFonts", [base]):
                descriptor = child.get_object()["/FontDescriptor"].get_object()
                embedded = any(f"/FontFile{end}" in descriptor for end in ("", "2", "3"))
                found[str(base["/BaseFont"])] = embedded
        for item in (resources.get("/XObject") or {}).values():
            if "/Resources" in item.get_object():
                look(item.get_object()["/Resources"].get_object())

    for page in reader.pages:
        look(page["/Resources"].get_object())
    return found


def words(reader: PdfReader) -> str:
    return " ".join(" ".join(page.extract_text() for page in reader.pages).split())


def test_a_slide_is_a_page_of_16_to_9(notebook: Path, tmp_path: Path) -> None:
    reader = PdfReader(export(notebook, tmp_path, "slides-pdf"))
    assert len(reader.pages) == count(lecture()) == 4
    assert {(float(p.mediabox.width), float(p.mediabox.height)) for p in reader.pages} == {
        (960.0, 540.0)
    }


def test_slides_leave_out_notes_and_skipped_cells(notebook: Path, tmp_path: Path) -> None:
    text = words(PdfReader(export(notebook, tmp_path, "slides-pdf")))
    assert "Pytanie?" in text  # a fragment
    assert "Niżej" in text  # a subslide
    assert "Co powie" not in text
    assert "ukryte" not in text
    assert "plot()" not in text
    assert "2/4" in text


def test_handout_has_notes_and_title(notebook: Path, tmp_path: Path) -> None:
    reader = PdfReader(export(notebook, tmp_path, "handout-pdf"))
    text = words(reader)
    assert "Komentarz" in text
    assert "Co powie" in text
    assert text.count("Pamięć, która wybiera") == 1
    assert "ukryte" not in text
    assert float(reader.pages[0].mediabox.width) == pytest.approx(595.28, abs=0.1)


@BOTH
def test_documents_say_their_title_and_language_and_are_tagged(
    to: str, notebook: Path, tmp_path: Path
) -> None:
    reader = PdfReader(export(notebook, tmp_path, to))
    assert reader.metadata
    assert reader.metadata.title == "Bramki"
    root: Any = reader.trailer["/Root"]
    assert root["/Lang"] == "pl"
    assert root["/MarkInfo"]["/Marked"]


@BOTH
def test_fonts_are_the_courses_and_embedded(to: str, notebook: Path, tmp_path: Path) -> None:
    names = font_names(PdfReader(export(notebook, tmp_path, to)))
    assert names
    assert all(names.values()), names
    families = {name.split("+")[-1].split("-")[0] for name in names}
    assert families <= {"SourceSans3", "SourceSerif4", "SourceCodePro", "NewCMMath"}, names


@BOTH
def test_the_same_notebook_gives_the_same_bytes(to: str, notebook: Path, tmp_path: Path) -> None:
    first = export(notebook, tmp_path / "a", to).read_bytes()
    assert export(notebook, tmp_path / "b", to).read_bytes() == first


@BOTH
def test_a_bad_formula_names_cell_and_formula(to: str, tmp_path: Path) -> None:
    bad = lecture()
    bad.cells[1].source = "Wzór $x + \\textcolor{red}{y}$."
    with pytest.raises(katex.FormulaError, match=r"cell 2 \(cell-1\).*textcolor"):
        export(save(bad, tmp_path), tmp_path, to)


@BOTH
def test_a_missing_picture_names_cell_and_path(to: str, tmp_path: Path) -> None:
    path = save(lecture(), tmp_path)
    (tmp_path / "img" / "pl" / "valve.svg").unlink()
    with pytest.raises(ExportError, match=r"cell 6 \(cell-5\): there is no picture"):
        export(path, tmp_path, to)


@BOTH
def test_an_open_fence_names_its_cell(to: str, tmp_path: Path) -> None:
    bad = lecture()
    bad.cells[1].source = "## Kod\n\n```python\nx = 1"
    with pytest.raises(ExportError, match=r"cell 2 \(cell-1\): a fenced code block"):
        export(save(bad, tmp_path), tmp_path, to)


def test_a_slide_that_fits_is_not_shrunk(notebook: Path) -> None:
    assert [fit.slide for fit in fits(notebook)] == [2, 3, 4]
    assert all(fit.scale >= 1.0 for fit in fits(notebook))


def test_a_heading_below_words_keeps_its_distance(tmp_path: Path) -> None:
    notebook = lecture()
    notebook.cells[1].source = "## Above\n\nWords.\n\n### Below\n\nEnd."
    path = export(save(notebook, tmp_path), tmp_path, "slides-pdf")
    heights: dict[str, float] = {}
    PdfReader(path).pages[1].extract_text(
        visitor_text=lambda text, at, *_: heights.setdefault(text.strip(), at[5])
    )
    assert heights["Words."] - heights["Below"] > 24


def test_a_slide_with_little_on_it_is_set_larger(tmp_path: Path) -> None:
    sparse = lecture()
    sparse.cells.append(prose("## Pytanie\n\n> Dlaczego?", "slide"))
    sparse.cells.append(prose("## Lista\n\n" + "- punkt\n" * 9, "slide"))
    path = save(sparse, tmp_path)
    assert len(PdfReader(export(path, tmp_path, "slides-pdf")).pages) == 6
    question, items = fits(path)[-2:]
    assert 1.3 < question.scale <= 1.45
    assert items.scale == 1.0


def test_a_slide_too_full_is_shrunk_onto_one_page_and_reported(tmp_path: Path) -> None:
    full = lecture()
    full.cells.append(prose("## Pełny", "slide"))
    full.cells.append(code("\n".join(f"x{n} = {n}" for n in range(30))))
    path = save(full, tmp_path)
    assert len(PdfReader(export(path, tmp_path, "slides-pdf")).pages) == 5
    last = fits(path)[-1]
    assert last.slide == 5
    assert 0.5 < last.scale < 1.0


def test_text_may_hold_what_typst_would_read_as_markup(tmp_path: Path) -> None:
    odd = lecture()
    odd.cells[1].source = '## $5 @home #1 \\* [x] // y `a"b\\`\n\n*k_j* <t@u.pl> "c" ~d'
    odd.cells[3].source = 's = "\\n" + \'"\'  # {"a": [1]} $x$ #let'
    for to in ("slides-pdf", "handout-pdf"):
        text = words(PdfReader(export(save(odd, tmp_path), tmp_path, to)))
        assert '{"a": [1]} $x$ #let' in text
        assert "#1" in text
        assert "// y" in text


def test_strings_reach_typst_as_they_are() -> None:
    assert typeset.string('a"b\\n\n\t') == '"a\\"b\\\\n\\n\\t"'


def test_nothing_of_a_formula_is_lost_on_the_way_to_pandoc() -> None:
    assert typeset.formula("\\sigma\\!(x)") == "\\sigma(x)"
    assert typeset.formula("a \\\\! b") == "a \\\\! b"
    changed = typeset.formula("\\begin{cases} 1 & x \\\\ 0 \\& & y \\end{cases} & z")
    assert changed == "\\begin{cases} 1 & \\quad  x \\\\ 0 \\& & \\quad  y \\end{cases} & z"
    assert typeset.formula("g = 0{,}01") == "g = \\text{0,01}"
    assert typeset.formula("e^{-|a|}") == "e^{-\\left|a\\right|}"
    assert typeset.formula("p(a|b)\\,p(c|d)") == "p(a|b)\\,p(c|d)"
