"""The course's own PDFs and formulas: nothing is clipped, shrunk, missing or refused."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import nbformat
import pytest
from course import ROOT, exports, name, sources
from pypdf import PdfReader

from press.exports.formulas import check, formulas
from press.exports.pdf import fits
from press.exports.site import Export
from press.exports.slides import count
from press.notebooks.editions import editions

PDFS = [export for export in exports() if export.exporter.endswith("-pdf")]
SLIDES = [export for export in PDFS if export.exporter == "unrolled-slides-pdf"]
NOTEBOOKS = [
    edition.path(source, ROOT)
    for source in sources()
    for edition in editions(source)
    if edition.audience != "student"
]
Made = Callable[[Export], Path]


def extracted(pdf: Path, switch: str) -> str:
    """Return a PDF's text as poppler's pdftotext writes it with a switch."""
    tool = shutil.which("pdftotext")
    if not tool:
        text = "pdftotext is missing: install poppler-utils"
        pytest.fail(text) if os.environ.get("CI") else pytest.skip(text)
    command = [str(tool), switch, str(pdf), "-"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def outside(pdf: Path) -> list[str]:
    """Return the words that stand outside their page, by poppler's boxes."""
    found, words = [], 0
    for page in extracted(pdf, "-bbox").split("<page ")[1:]:
        size = re.match(r'width="([\d.]+)" height="([\d.]+)"', page)
        assert size, "a page without a size"
        width, height = map(float, size.groups())
        for box in re.findall(
            r'xMin="([-\d.]+)" yMin="([-\d.]+)" xMax="([-\d.]+)" yMax="([-\d.]+)">([^<]*)', page
        ):
            left, top, right, bottom = map(float, box[:4])
            words += 1
            if left < 0 or top < -1 or right > width or bottom > height + 1:
                found.append(box[4])
    assert words > 100, "the PDF holds hardly any text"
    return found


@pytest.mark.parametrize("export", PDFS, ids=name)
def test_fonts_are_embedded_and_no_line_is_clipped(export: Export, made: Made) -> None:
    path = made(export)
    for page in PdfReader(path).pages:
        for font in page.get("/Resources", {}).get("/Font", {}).values():
            inner = font.get_object()
            parts = [d.get_object() for d in inner.get("/DescendantFonts", [inner])]
            for part in parts:
                descriptor = part.get("/FontDescriptor", {})
                assert any(key.startswith("/FontFile") for key in descriptor), part
    assert not outside(path)


@pytest.mark.parametrize("export", PDFS, ids=name)
def test_every_line_of_code_is_there_to_its_end(export: Export, made: Made) -> None:
    letters = re.sub(r"\W", "", extracted(made(export), "-raw"))
    lost = []
    for cell in nbformat.read(export.notebook, as_version=4).cells:
        hidden = cell.metadata.get("jupyter", {}).get("source_hidden")
        hidden = hidden or cell.metadata.get("slideshow", {}).get("slide_type") == "skip"
        if cell.cell_type == "code" and not hidden:
            for row in cell.source.splitlines():
                end = re.sub(r"\W", "", row)[-12:]
                if len(end) > 5 and end not in letters:
                    lost.append(row)
    assert not lost, "\n".join(lost)


@pytest.mark.parametrize("export", SLIDES, ids=name)
def test_a_slide_pdf_has_a_page_for_each_slide_and_none_is_shrunk(
    export: Export, made: Made
) -> None:
    notebook = nbformat.read(export.notebook, as_version=4)
    assert len(PdfReader(made(export)).pages) == count(notebook)
    shrunk = [fit for fit in fits(export.notebook) if fit.scale < 0.999]
    assert not shrunk, f"too full for a page: {shrunk}"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_every_formula_goes_through_both_engines(path: Path) -> None:
    notebook = nbformat.read(path, as_version=4)
    assert formulas(notebook, path.name), "no formula was found"
    errors = check(path)
    assert not errors, "\n".join(map(str, errors))
