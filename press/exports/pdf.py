"""Exporters to PDF: slides for a screen, and a handout to read and print.

Notebook → Typst; pandoc translates the formulas. They are registered with nbconvert:
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
from nbformat import NotebookNode

from press.exports import glyphs, house, own, pictures, played, typeset
from press.exports.deck import COURSE, LENGTH, _Edition, motif
from press.exports.losses import Careful, Losses
from press.exports.prose import CLAIM
from press.exports.slides import Place, on_paper, places, shown, slide_type, stacks
from press.exports.terminal import plain
from press.sources.reading import Node, Text, demoted, read
from press.words import WORDS


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

    def __init__(self, edition: _Edition, build: Path, height: str, losses: Losses) -> None:
        self.writer = typeset.Writer(edition.folder, build, height, losses)
        self.language = edition.language
        self._prose: list[str] | None = None

    def pieces(self, place: Place, text: Text | None = None) -> list[str | int]:
        """Return a cell's pieces: Typst, or the number of a prose text."""
        cell = place.cell
        self.glyphs(place, cell.source if place.shows_code or cell.cell_type == "markdown" else "")
        if cell.cell_type == "markdown":
            return [self.writer.later(cell.source if text is None else text, place)]
        found: list[str | int] = []
        if place.shows_code:
            found.append(f"#incode({_raw(cell.source)})")
        for output in cell.get("outputs", []):
            found += self._output(output, place)
        return found

    def _output(self, output: dict[str, Any], place: Place) -> list[str | int]:
        if heard := played.sound(output, place, self.writer.losses):
            return [self.writer.later(heard.told(self.language), place)]
        mime, data, extra = shown(output, place, self.writer.losses.say)
        if mime == "text/markdown" and data.startswith(CLAIM):
            said = self.writer.later(data.removeprefix(CLAIM), place)
            return ["#claim[", said, "]"]
        if mime in {"text/markdown", "text/latex"}:
            return [self.writer.later(data, place)]
        if mime.startswith("image/"):
            drawn = mime == "image/svg+xml"
            picture = data.encode() if drawn else base64.b64decode(data)
            suffix = pictures.kind(picture)
            if not suffix:
                self.writer.losses.say(place, f"an output is called {mime} and is none")
                return []
            return [self.writer.picture(self.writer.file(picture, suffix), extra["alt"])]
        text = plain(data)
        self.glyphs(place, text)
        error = ", error: true" if mime == "text/stderr" else ""
        return [f"#outtext({_raw(text)}{error})"] if text else []

    def glyphs(self, place: Place, text: str) -> None:
        """Name the characters of a cell's text that no font has."""
        missing = glyphs.without(text)
        if missing:
            what = glyphs.named(missing)
            self.writer.losses.say(place, f"no font has a glyph for {what}: a box stands there")

    def written(self, pieces: list[str | int]) -> str:
        """Return pieces as Typst."""
        if self._prose is None:
            self._prose = self.writer.typeset()
        return "\n\n".join(
            self._prose[piece] if isinstance(piece, int) else piece for piece in pieces
        )


@dataclass(frozen=True)
class _Front:
    """A title cell taken apart: title, subtitle, the line above the title, what is left."""

    title: Node | None
    subtitle: Node | None
    kicker: Node | None
    rest: Text


def _front(text: Text, *, own: bool) -> _Front:
    """Take a title cell apart.

    Args:
        text: the cell, as read.
        own: whether the course has made it: its last paragraph stands above the title then.
    """
    blocks = list(text.blocks)
    first = blocks[0] if blocks else None
    if first is None or first.kind != "heading" or first.attrs["level"] != 1:
        return _Front(None, None, None, text)
    del blocks[0]

    def words(block: Node) -> bool:
        return block.kind == "paragraph" and all(n.kind != "image" for n in block.walk())

    kicker = blocks.pop() if own and len(blocks) > 1 and words(blocks[-1]) else None
    subtitle = blocks.pop(0) if blocks and words(blocks[0]) else None
    return _Front(first, subtitle, kicker, Text(tuple(blocks), text.remarks))


def slides_document(
    nb: NotebookNode, resources: dict[str, Any], build: Path, losses: Losses | None = None
) -> str:
    """Return the Typst document of a notebook's slides; pictures are written into ``build``."""
    edition = _Edition(nb, resources)
    typeset.prepare(build)
    cells = _Cells(edition, build, "picture-height", losses or Losses())
    slides = [slide for stack in stacks(nb, edition.name) for slide in stack]
    pending = []
    for number, slide in enumerate(slides, 1):
        kicker: list[str | int] = []
        pieces: list[str | int] = []
        titled = False
        for place in slide.places:
            if place.cell.cell_type != "markdown":
                pieces += cells.pieces(place)
                continue
            text = read(place.cell.source)
            if number > 1 and not edition.own:
                text = demoted(text)
            front = _front(text, own=edition.own)
            if front.title and number == 1 and not titled:
                titled = True
                if front.kicker:
                    kicker = [cells.writer.later(Text((front.kicker,)), place)]
                blocks = filter(None, (front.title, front.subtitle))
                text = Text((*blocks, *front.rest.blocks), text.remarks)
            pieces += cells.pieces(place, text)
        pending.append((number, "title" if titled else slide.section, kicker, pieces))
    numbered = "true" if edition.rise.get("slideNumber", "c/t") else "false"
    foot = typeset.string(f"{COURSE} · {edition.title}")
    pages = []
    section = ""
    for number, kind, kicker, pieces in pending:
        body = cells.written(pieces)
        count = body.count("#picture(")
        if kind and kind != "title":
            heading = re.search(r"^#heading\(level: 1\)\[(.*)\]$", body, re.MULTILINE)
            section = heading[1] if heading else ""
            pages.append(f"#section-slide({number}, {len(slides)}, {foot})[\n{body}\n]")
        elif kind == "title":
            arguments = []
            if kicker:
                arguments.append(f"kicker: [{cells.written(kicker)}]")
            if edition.kind in LENGTH and edition.number:
                name = cells.writer.file(motif(edition.kind, edition.number).encode(), ".svg")
                arguments.append(f"ornament: {typeset.string(name)}")
            if house.ours().line:
                arguments.append(f"house: {typeset.string(house.ours().line)}")
            high = f"#let picture-height = {150 / max(1, count):.4g}pt\n" if count else ""
            pages.append(f"#title-slide({', '.join(arguments)})[\n{high}{body}\n]")
        else:
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


def _name_overflow(document: str, build: Path, losses: Losses, name: str) -> None:
    """Name the slides that are much too full, and what is too wide."""
    for value in typeset.query(document, build, "fit"):
        number, scale = value["slide"], value["scale"]
        if scale == 0:
            losses.say(name, f"slide {number} is too long for a page: it goes on over more pages")
        elif scale < 0.6:
            losses.say(name, f"slide {number} is too full: it is shrunk to {scale:.0%}")
    _name_narrow(document, build, losses, name)


def _name_narrow(document: str, build: Path, losses: Losses, name: str) -> None:
    for ratio in typeset.query(document, build, "narrowed"):
        losses.say(name, f"a formula or table is too wide for its page: shrunk to {ratio:.0%}")


class _PDFExporter(Careful):
    """Exports an edition as a PDF: subclasses write its document, and name what does not fit."""

    output_mimetype = "application/pdf"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[bytes, dict[str, Any]]:
        """Return the PDF and nbconvert's resources.

        Raises:
            ExportError: a cell cannot be shown; the message names it.
            FormulaError: a formula cannot be set; the message names the cell.
        """
        nb, resources = super().from_notebook_node(own.merged(nb), resources, **kw)
        with tempfile.TemporaryDirectory() as folder:
            build = Path(folder)
            losses = self.losses(nb)
            document = self._document(nb, resources, build, losses)
            if not losses.strict:
                name = str(resources["metadata"].get("name", ""))
                self._name_misfits(document, build, losses, name)
            return typeset.compile_pdf(document, build), resources

    def _document(
        self, nb: NotebookNode, resources: dict[str, Any], build: Path, losses: Losses
    ) -> str:
        raise NotImplementedError

    def _name_misfits(self, document: str, build: Path, losses: Losses, name: str) -> None:
        raise NotImplementedError


class SlidePDFExporter(_PDFExporter):
    """Exports an edition's slides as a PDF with one page of 16:9 for each slide."""

    export_from_notebook = "Unrolled: slides (PDF)"

    def _file_extension_default(self) -> str:
        return ".slides.pdf"

    def _document(
        self, nb: NotebookNode, resources: dict[str, Any], build: Path, losses: Losses
    ) -> str:
        return slides_document(nb, resources, build, losses)

    def _name_misfits(self, document: str, build: Path, losses: Losses, name: str) -> None:
        _name_overflow(document, build, losses, name)


def _short(place: Place) -> bool:
    """Whether a cell is a few lines of prose that no page should tear apart."""
    text = place.cell.source
    return place.cell.cell_type == "markdown" and len(text) < 900 and "![" not in text


def handout_document(
    nb: NotebookNode,
    resources: dict[str, Any],
    build: Path,
    losses: Losses | None = None,
    *,
    notes: bool = True,
) -> str:
    """Return the Typst document of a notebook's handout; pictures go into ``build``.

    Args:
        nb: an edition.
        resources: nbconvert's.
        build: the folder for pictures.
        losses: takes what cannot be shown.
        notes: whether the lecturer's commentary is in it; the answers to recall questions are.
    """
    edition = _Edition(nb, resources)
    typeset.prepare(build)
    cells = _Cells(edition, build, "none", losses or Losses())
    title, kicker = edition.title, ""
    shown: dict[str, list[str | int]] = {}  # title and subtitle with their formulas and emphasis
    if edition.kind in ("lecture", "lab") and edition.number:
        kicker = f"{COURSE} · {WORDS[edition.language][edition.kind]} {edition.number}"
    pending: list[tuple[Place, list[str | int], bool]] = []
    for place in places(nb, edition.name):
        kind = slide_type(place)
        empty = not place.cell.source.strip() and not place.cell.get("outputs")
        if not on_paper(place) or place.cell.cell_type == "raw" or empty:
            continue
        if kind == "notes" and not notes:
            continue
        text = None
        if place.cell.cell_type == "markdown":
            text = read(place.cell.source)
            if place.ours.get("section"):  # the agenda is for a room, not for a reader
                text = Text(text.blocks[:1], text.remarks)
        if not pending and text:
            front = _front(text, own=edition.own)
            text = front.rest
            cells.glyphs(place, place.cell.source)
            if front.title:
                title = front.title.words.strip()
                whole = Node("paragraph", front.title.children)
                shown["shown"] = [cells.writer.later(Text((whole,)), place)]
            if front.subtitle:
                shown["subtitle"] = [cells.writer.later(Text((front.subtitle,)), place)]
            kicker = front.kicker.words if front.kicker else kicker
            if not text.blocks:
                pending.append((place, [], False))
                continue
        pending.append((place, cells.pieces(place, text), _short(place)))
    label = typeset.string(WORDS[edition.language]["commentary"])
    body = []
    for index, (place, pieces, short) in enumerate(pending):
        written = cells.written(pieces)
        if slide_type(place) == "notes":
            body.append(f"#note({label})[\n{written}\n]")
        elif short and not place.ours.get("section"):
            following = pending[index + 1 : index + 2]
            goes_on = bool(following) and slide_type(following[0][0]) in {"-", "fragment"}
            room = "1.9em" if written.startswith("#heading") else "1em"
            sticky = "true" if goes_on else "false"
            body.append(f"#together({sticky}, {room})[\n{written}\n]")
        else:
            body.append(written)
    named = {
        "title": title,
        "kicker": kicker,
        "house": house.ours().line,
        "author": COURSE,
        "lang": edition.language,
    }
    if edition.kind in LENGTH and edition.number:
        ornament = motif(edition.kind, edition.number)
        named["ornament"] = cells.writer.file(ornament.encode(), ".svg")
    if edition.subtitle and "subtitle" not in shown:
        named["subtitle"] = edition.subtitle
    arguments = ", ".join(
        [
            *(f"{key}: {typeset.string(value)}" for key, value in named.items() if value),
            *(f"{key}: [{cells.written(pieces)}]" for key, pieces in shown.items()),
        ]
    )
    head = typeset.template("common.typ", "handout.typ")
    return "\n\n".join([head, f"#show: handout.with({arguments})", *body]) + "\n"


class HandoutPDFExporter(_PDFExporter):
    """Exports an edition as a handout: A4, all of its text, code, outputs and notes."""

    export_from_notebook = "Unrolled: handout (PDF)"
    notes = True

    def _file_extension_default(self) -> str:
        return ".handout.pdf"

    def _document(
        self, nb: NotebookNode, resources: dict[str, Any], build: Path, losses: Losses
    ) -> str:
        return handout_document(nb, resources, build, losses, notes=self.notes)

    def _name_misfits(self, document: str, build: Path, losses: Losses, name: str) -> None:
        _name_narrow(document, build, losses, name)


class StudentPDFExporter(HandoutPDFExporter):
    """Exports a handout for students: without the lecturer's commentary and the answers in it."""

    export_from_notebook = "Unrolled: handout for students (PDF)"
    notes = False
