"""Slides on paper: two on a page of A4, with room to write beside them."""

from __future__ import annotations

import io
import tempfile
from pathlib import Path
from typing import Any

from nbformat import NotebookNode
from pypdf import PdfReader, PdfWriter, Transformation

from press.exports import typeset
from press.exports.pdf import SlidePDFExporter

#: Points: the sheet, the margin, the slides' width.
_WIDE, _HIGH, _MARGIN, _SLIDE = 595.28, 841.89, 40.0, 515.28
_SHEET = """
#set page(paper: "a4", margin: 40pt)
#let rule = block(above: 0pt, below: 19pt, line(length: 100%, stroke: .4pt + rgb("#ccd0d5")))
#for half in (0, 1) { place(top, dy: half * 390pt + 308pt, for n in range(4) { rule }) }
"""


class TwoUpPDFExporter(SlidePDFExporter):
    """Exports an edition's slides two on a page of A4, with lines to write on."""

    export_from_notebook = "Unrolled: two slides on a page (PDF)"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF and nbconvert's resources."""
        slides, resources = super().from_notebook_node(nb, resources, **kw)
        return two_up(slides), resources


def two_up(slides: bytes) -> bytes:
    """Return a PDF of slides as one of sheets with two of them each."""
    with tempfile.TemporaryDirectory() as folder:
        lined = typeset.compile_pdf(_SHEET, Path(folder))
    reader, writer = PdfReader(io.BytesIO(slides)), PdfWriter()
    for start in range(0, len(reader.pages), 2):
        sheet = writer.add_page(PdfReader(io.BytesIO(lined)).pages[0])
        for place, slide in enumerate(reader.pages[start : start + 2]):
            scale = _SLIDE / float(slide.mediabox.width)
            down = _MARGIN + place * 390 + scale * float(slide.mediabox.height)
            move = Transformation().scale(scale).translate(_MARGIN, _HIGH - down)
            sheet.merge_transformed_page(slide, move)
    title = reader.metadata.title if reader.metadata else None
    writer.add_metadata({"/Title": title or ""})
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()
