"""Exporters to PDF: slides for a screen, and a handout to read and print.

Notebook → pandoc → Typst. They are registered with nbconvert:
``jupyter nbconvert --to unrolled-handout-pdf 03_gates.ipynb``.
"""

from __future__ import annotations

import base64
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import Exporter
from nbformat import NotebookNode

from press import typeset
from press.deck import COURSE, LENGTH, _Edition, motif
from press.prose import CLAIM, plain
from press.slides import Place, on_paper, places, shown, slide_type, stacks

NOTES = {"pl": "Komentarz", "en": "Commentary"}
KINDS = {
    "lecture": {"pl": "wykład", "en": "lecture"},
    "lab": {"pl": "laboratorium", "en": "lab"},
}


@dataclass(frozen=True)
class Fit:
    """How much a slide of a PDF was shrunk to fit.

    Attributes:
        slide: its number, from 1.
        scale: 1.0 when it fitted as it was.
    """

    slide: int
    scale: float


def _raw(text: str) -> str:
    return typeset.string(typeset.breakable(text.strip("\n")))


class _Cells:
    """Cells as Typst; prose is converted all at once, when everything has been collected."""

    def __init__(self, edition: _Edition, build: Path, height: str) -> None:
        self.writer = typeset.Writer(edition.folder, build, height)
        self._prose: list[str] | None = None

    def pieces(self, place: Place, text: str | None = None) -> list[str | int]:
        """Return a cell's pieces: Typst, or the number of a prose text."""
        cell = place.cell
        if cell.cell_type == "markdown":
            return [self.writer.later(cell.source if text is None else text, place)]
        found: list[str | int] = []
        if place.shows_code:
            found.append(f"#incode({_raw(cell.source)})")
        for output in cell.get("outputs", []):
            found += self._output(output, place)
        return found

    def _output(self, output: dict[str, Any], place: Place) -> list[str | int]:
        mime, data, extra = shown(output, place)
        if mime == "text/markdown" and data.startswith(CLAIM):
            said = self.writer.later(data.removeprefix(CLAIM), place)
            return ["#claim[", said, "]"]
        if mime in {"text/markdown", "text/latex"}:
            return [self.writer.later(data, place)]
        if mime == "image/svg+xml":
            return [self.writer.picture(self.writer.file(data.encode(), ".svg"), extra["alt"])]
        if mime.startswith("image/"):
            suffix = ".png" if mime == "image/png" else ".jpg"
            name = self.writer.file(base64.b64decode(data), suffix)
            return [self.writer.picture(name, extra["alt"])]
        text = plain(data)
        error = ", error: true" if mime == "text/stderr" else ""
        return [f"#outtext({_raw(text)}{error})"] if text else []

    def written(self, pieces: list[str | int]) -> str:
        """Return pieces as Typst."""
        if self._prose is None:
            self._prose = self.writer.typeset()
        return "\n\n".join(
            self._prose[piece] if isinstance(piece, int) else piece for piece in pieces
        )


def _front(text: str) -> tuple[str | None, str | None, str | None, str]:
    """Take a title cell apart: title, subtitle, the line above the title, what is left."""
    match = re.match(r"\s*#[ \t]+(.+?)[ \t]*(?:\n|$)", text)
    if not match:
        return None, None, None, text
    paragraphs = [part.strip() for part in re.split(r"\n\s*\n", text[match.end() :])]
    paragraphs = [part for part in paragraphs if part]
    kicker = paragraphs.pop() if len(paragraphs) > 1 else None
    subtitle = paragraphs.pop(0) if paragraphs else None
    return match[1], subtitle, kicker, "\n\n".join(paragraphs)


def slides_document(nb: NotebookNode, resources: dict[str, Any], build: Path) -> str:
    """Return the Typst document of a notebook's slides; pictures are written into ``build``."""
    edition = _Edition(nb, resources)
    typeset.prepare(build)
    cells = _Cells(edition, build, "picture-height")
    slides = [slide for stack in stacks(nb, edition.name) for slide in stack]
    pending = []
    for number, slide in enumerate(slides, 1):
        kicker: list[str | int] = []
        pieces: list[str | int] = []
        titled = False
        for place in slide.places:
            title, subtitle, above, rest = _front(place.cell.source)
            first = number == 1 and not titled
            if place.cell.cell_type == "markdown" and title and first:
                titled = True
                if above:
                    kicker = [cells.writer.later(above, place)]
                text = "\n\n".join(filter(None, (f"# {title}", subtitle, rest)))
                pieces += cells.pieces(place, text)
            else:
                pieces += cells.pieces(place)
        pending.append((number, "title" if titled else slide.section, kicker, pieces))
    numbered = "true" if edition.rise.get("slideNumber", "c/t") else "false"
    foot = typeset.string(f"{COURSE} · {edition.title}")
    pages = []
    section = ""
    for number, kind, kicker, pieces in pending:
        body = cells.written(pieces)
        if kind and kind != "title":
            section = re.sub(r"(?s)^=\s*(.*?)(\n.*)?$", r"\1", body)
            pages.append(f"#section-slide({number}, {len(slides)}, {foot})[\n{body}\n]")
        elif kind == "title":
            arguments = []
            if kicker:
                arguments.append(f"kicker: [{cells.written(kicker)}]")
            if edition.kind in LENGTH and edition.number:
                name = cells.writer.file(motif(edition.kind, edition.number).encode(), ".svg")
                arguments.append(f"ornament: {typeset.string(name)}")
            body = body.replace("#picture(", "#let picture-height = 150pt\n#picture(", 1)
            pages.append(f"#title-slide({', '.join(arguments)})[\n{body}\n]")
        else:
            count = len(re.findall(r"^\s*#picture\(", body, re.MULTILINE))
            where = f"[#{foot} · {section}]" if section else foot
            pages.append(
                f"#slide({number}, {len(slides)}, {where}, {count}, "
                f"picture-height => [\n{body}\n], numbered: {numbered})"
            )
    head = typeset.template("common.typ", "slides.typ")
    start = (
        f"#show: deck.with(title: {typeset.string(edition.title)}, "
        f"author: {typeset.string(COURSE)}, lang: {typeset.string(edition.language)})"
    )
    return "\n\n".join([head, start, *pages]) + "\n"


def fits(notebook_path: Path) -> list[Fit]:
    """Return how much each slide of a notebook is shrunk in its slide PDF.

    The title slide is not measured.
    """
    notebook = nbformat.read(notebook_path, as_version=4)
    resources = {"metadata": {"path": str(notebook_path.parent), "name": notebook_path.stem}}
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        document = slides_document(notebook, resources, build)
        values = typeset.query(document, build, "fit")
    return [Fit(int(value["slide"]), float(value["scale"])) for value in values]


class SlidePDFExporter(Exporter):
    """Exports an edition's slides as a PDF with one page of 16:9 for each slide."""

    export_from_notebook = "Unrolled: slides (PDF)"
    output_mimetype = "application/pdf"

    def _file_extension_default(self) -> str:
        return ".slides.pdf"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF and nbconvert's resources.

        Raises:
            ExportError: a cell cannot be shown; the message names it.
            FormulaError: a formula cannot be set; the message names the cell.
        """
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        with tempfile.TemporaryDirectory() as folder:
            build = Path(folder)
            return typeset.compile_pdf(slides_document(nb, resources, build), build), resources


def handout_document(nb: NotebookNode, resources: dict[str, Any], build: Path) -> str:
    """Return the Typst document of a notebook's handout; pictures go into ``build``."""
    edition = _Edition(nb, resources)
    typeset.prepare(build)
    cells = _Cells(edition, build, "none")
    title, subtitle, kicker = edition.title, edition.subtitle, ""
    if edition.kind in KINDS and edition.number:
        kicker = f"{COURSE} · {KINDS[edition.kind][edition.language]} {edition.number}"
    pending: list[tuple[bool, list[str | int]]] = []
    for place in places(nb, edition.name):
        kind = slide_type(place)
        if not on_paper(place) or place.cell.cell_type == "raw" or not place.cell.source.strip():
            continue
        text = place.cell.source
        if not pending and place.cell.cell_type == "markdown":
            given, below, above, text = _front(text)
            title, subtitle, kicker = given or title, below or subtitle, above or kicker
            if not text.strip():
                pending.append((False, []))
                continue
        pending.append((kind == "notes", cells.pieces(place, text)))
    label = typeset.string(NOTES[edition.language])
    body = []
    for is_note, pieces in pending:
        written = cells.written(pieces)
        body.append(f"#note({label})[\n{written}\n]" if is_note else written)
    named = {
        "title": title,
        "subtitle": subtitle,
        "kicker": kicker,
        "author": COURSE,
        "lang": edition.language,
    }
    if edition.kind in LENGTH and edition.number:
        ornament = motif(edition.kind, edition.number)
        named["ornament"] = cells.writer.file(ornament.encode(), ".svg")
    arguments = ", ".join(
        f"{key}: {typeset.string(value)}" for key, value in named.items() if value
    )
    head = typeset.template("common.typ", "handout.typ")
    return "\n\n".join([head, f"#show: handout.with({arguments})", *body]) + "\n"


class HandoutPDFExporter(Exporter):
    """Exports an edition as a handout: A4, all of its text, code, outputs and notes."""

    export_from_notebook = "Unrolled: handout (PDF)"
    output_mimetype = "application/pdf"

    def _file_extension_default(self) -> str:
        return ".handout.pdf"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF and nbconvert's resources.

        Raises:
            ExportError: a cell cannot be shown; the message names it.
            FormulaError: a formula cannot be set; the message names the cell.
        """
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        with tempfile.TemporaryDirectory() as folder:
            build = Path(folder)
            return typeset.compile_pdf(handout_document(nb, resources, build), build), resources
