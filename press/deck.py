"""Exporters to HTML: a deck of slides, and a page to read; each is one file that asks no host.

They are registered with nbconvert: ``jupyter nbconvert --to unrolled-deck 03_gates.ipynb``.
"""

from __future__ import annotations

import math
import re
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import Any

import jinja2
from nbconvert.exporters import Exporter
from nbformat import NotebookNode

from press import fonts, katex, lean
from press.prose import WORDS, Writer
from press.slides import Slide, places, slide_type, stacks

COURSE = "Unrolled"
#: How many lectures and labs the course has: the chain on the title slide has a link for each.
LENGTH = {"lecture": 11, "lab": 13}
_HERE = Path(__file__).resolve().parent


@lru_cache
def static(name: str) -> str:
    """Return the text of a file of ``press/static``."""
    return (_HERE / "static" / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        keep_trailing_newline=True,
    )


def minified(css: str) -> str:
    """Return a style sheet of ours on fewer lines (comments and indentation go)."""
    lines = (line.strip() for line in css.splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("/*"))


def motif(kind: str, number: str) -> str:
    """Return the course's ornament as SVG: a network unrolled in time, this document's step lit.

    Args:
        kind: ``lecture`` or ``lab``; the chain has as many steps as the course has of them.
        number: the document's number, as ``03``.
    """
    steps = LENGTH[kind]
    side, gap, top = 44, 1088 / steps, 30
    height = side + 2 * top
    middle = height / 2
    pieces = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1088 {height}">',
        '<g fill="none" stroke="#ccd0d5" stroke-width="2.5" stroke-linecap="round">',
    ]
    for step in range(steps):
        x = step * gap + (gap - side) / 2
        end = x + gap - 7
        pieces.append(f'<path d="M{x + side / 2:g} {height - 4:g}v{8 - top:g}"/>')
        pieces.append(f'<path d="M{x + side / 2:g} {top - 4:g}v{8 - top:g}"/>')
        if step < steps - 1:
            pieces.append(f'<path d="M{x + side + 7:.2f} {middle:g}H{end:.2f}"/>')
            pieces.append(
                f'<path d="M{end - 6:.2f} {middle - 6:g}L{end:.2f} {middle:g}L{end - 6:.2f} '
                f'{middle + 6:g}"/>'
            )
    pieces.append("</g>")
    for step in range(steps):
        x = step * gap + (gap - side) / 2
        lit = f"{step + 1:02d}" == number
        look = 'fill="#16324f"' if lit else 'fill="#fff" stroke="#ccd0d5" stroke-width="2.5"'
        pieces.append(f'<rect x="{x:.2f}" y="{top}" width="{side}" height="{side}" rx="8" {look}/>')
        if lit:
            pieces.append(
                f'<text x="{x + side / 2:.2f}" y="{middle + 7.5:g}" text-anchor="middle" '
                'font-family="Source Serif 4" font-weight="600" font-size="22" '
                f'fill="#fff">{number}</text>'
            )
    pieces.append("</svg>")
    return "".join(pieces)


class _Edition:
    """What the exporters need to know of an edition beside its cells."""

    def __init__(self, notebook: NotebookNode, resources: dict[str, Any]) -> None:
        known = resources.get("metadata", {})
        self.folder = Path(known.get("path") or ".")
        self.name = f"{known.get('name', 'notebook')}.ipynb"
        metadata = notebook.metadata
        language = str(metadata.get("language", "en"))
        self.language = language if language in WORDS else "en"
        self.title = str(metadata.get("title", known.get("name", "notebook")))
        unrolled = metadata.get("unrolled", {})
        self.kind = str(unrolled.get("kind", "lecture"))
        self.number = str(unrolled.get("number", ""))
        self.subtitle = str(unrolled.get("subtitle", ""))
        self.audience = str(unrolled.get("edition", ""))
        self.rise = dict(metadata.get("rise", {}))


class DeckExporter(Exporter):
    """Exports an edition as a deck of slides (reveal.js) in one HTML file."""

    export_from_notebook = "Unrolled: deck"
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".slides.html"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the deck and nbconvert's resources.

        Raises:
            ExportError: a cell cannot be shown; the message names it.
            FormulaError: a formula cannot be set; the message names the cell.
        """
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        edition = _Edition(nb, resources)
        writer = Writer(edition.folder, edition.language)
        found = stacks(nb, edition.name)
        total = sum(map(len, found))
        sections = []
        number = 0
        for stack in found:
            drawn = []
            for slide in stack:
                number += 1
                drawn.append(_section(slide, writer, edition, number, total))
            both = "\n".join(drawn)
            sections.append(f"<section>\n{both}\n</section>" if len(drawn) > 1 else both)
        body = katex.named_headings("\n".join(sections))
        letters = writer.letters()
        foot = f"{COURSE} · {edition.title} 0123456789/"
        faces = fonts.faces_of(body, {fonts.SANS: foot, fonts.SERIF_BOLD: "?"})
        body, shared = lean.shared_styles(lean.bare(body))

        def page(styles: str) -> str:
            return (
                _templates()
                .get_template("deck.html.j2")
                .render(
                    language=edition.language,
                    title=escape(edition.title),
                    course=COURSE,
                    rise=edition.rise,
                    styles=styles,
                    body=body,
                    letters=letters,
                    reveal=_script(static("reveal/reveal.js")),
                    notes=_script(static("reveal/notes.js")),
                )
            )

        foreign = [static("reveal/reset.css"), static("reveal/reveal.css")]
        if "katex" in body:
            foreign.append(katex.style_sheet())
        unstyled = page("")
        styles = [lean.used_rules(css, unstyled) for css in foreign]
        styles += [minified(static("course.css")), minified(static("deck.css")), shared, faces]
        html = page("\n".join(styles))
        return html, resources


def _script(code: str) -> str:
    """Return a script that can stand inside a page."""
    return code.replace("</script", "<\\/script").strip()


def _room(content: str) -> str:
    """Return the class that sets a slide larger when it holds little, for the back row.

    A browser test walks every slide and fails if one is too full for its size.
    """
    if "<figure" in content:
        return ""
    if "<pre" not in content:
        lines = _lines(content)
        return " sparse" if lines <= 4.5 else " airy" if lines <= 8.5 else ""
    code = re.findall(r"<pre.*?</pre>", content, flags=re.DOTALL)
    rest = re.sub(r"<pre.*?</pre>", "", content, flags=re.DOTALL)
    lines = sum(block.count("\n") + 1.9 for block in code)  # a block's frame takes a line
    lines += 1.4 * rest.count("<tr") + 1.6 * rest.count("katex-display")
    lines += sum(len(re.sub("<[^>]+>", "", p)) / 80 + 1 for p in re.findall("<p>.*?</p>", rest))
    return " code-24" if lines <= 14 else " code-22" if lines <= 16 else ""


def _lines(content: str) -> float:
    """Return about how many lines of large type a slide without code and pictures takes."""
    formulas = "".join(re.findall("<annotation.*?</annotation>", content, flags=re.DOTALL))
    lines = 1.6 * content.count("katex-display") + 0.9 * content.count("<blockquote")
    lines += formulas.count("\\\\") + formulas.count("brace")  # what makes a formula higher
    lines += 0.5 * formulas.count("frac") + 0.4 * formulas.count("sum")
    shown = re.sub(r"<h2.*?</h2>|<math.*?</math>", "", content, flags=re.DOTALL)
    for block in re.split("</p>|</li>|</tr>", shown):
        letters = len("".join(re.sub("<[^>]+>", " ", block).split()))
        if "<tr" in block:
            lines += 1.3 * max(1, math.ceil(letters / 55))
        elif "katex-display" not in block:
            lines += math.ceil(letters / 50)
        elif letters / (1 + formulas.count("\\\\")) > 40:
            lines += 9  # too wide for large type
    return lines


def _section(slide: Slide, writer: Writer, edition: _Edition, number: int, total: int) -> str:
    parts = []
    for group in slide.groups:
        drawn = []
        for place in group.places:
            drawn += [writer.source(place), writer.outputs(place)]
        inner = "\n".join(filter(None, drawn))
        if not group.fragment:
            parts.append(inner)
        elif inner:
            grows = " grows" if '<figure class="picture">' in inner else ""
            parts.append(f'<div class="fragment{grows}">\n{inner}\n</div>')
    content = "\n".join(filter(None, parts))
    title = "<h1>" in content
    if title and edition.number and edition.kind in LENGTH:
        ornament = writer._svg(motif(edition.kind, edition.number), "")
        content += f'\n<div class="motif">{ornament}</div>'
    notes = "\n".join(writer.source(place, "mathml") for place in slide.notes)
    kind = "slide title-slide" if title else "slide"
    if not title:
        kind += _room(content)
    attributes = f'class="{kind}"'
    if not title:
        attributes += f' data-foot="{escape(f"{COURSE} · {edition.title}")}"'
        if edition.rise.get("slideNumber", "c/t"):
            attributes += f' data-number="{number}/{total}"'
    aside = f'\n<aside class="notes">\n{notes}\n</aside>' if notes else ""
    return f'<section {attributes}>\n<div class="content">\n{content}\n</div>{aside}\n</section>'


class PageExporter(Exporter):
    """Exports an edition as a page to read in one HTML file."""

    export_from_notebook = "Unrolled: page"
    output_mimetype = "text/html"

    def _file_extension_default(self) -> str:
        return ".html"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the page and nbconvert's resources.

        Raises:
            ExportError: a cell cannot be shown; the message names it.
            FormulaError: a formula cannot be set; the message names the cell.
        """
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        edition = _Edition(nb, resources)
        writer = Writer(edition.folder, edition.language, focusable=True, anchors=True)
        cells = []
        for place in places(nb, edition.name):
            if place.cell.cell_type == "raw" or slide_type(place) in {"skip", "notes"}:
                continue
            inner = "\n".join(filter(None, (writer.source(place), writer.outputs(place))))
            if not inner:
                continue
            kind = "cell has-code" if place.cell.cell_type == "code" else "cell"
            if "<h1" in inner:
                kind += " title"
            cells.append(f'<div class="{kind}">\n{inner}\n</div>')
        body = katex.named_headings("\n".join(cells))
        words = WORDS[edition.language]
        contents = "".join(html for _, html in writer.headings) + words["contents"]
        faces = fonts.faces_of(f"{body}<p>{contents}</p><p><b>{words['contents']}</b></p>")
        body, shared = lean.shared_styles(lean.bare(body))
        styles = [lean.used_rules(katex.style_sheet(), body)] if "katex" in body else []
        styles += [minified(static("course.css")), minified(static("page.css")), shared, faces]
        html = (
            _templates()
            .get_template("page.html.j2")
            .render(
                language=edition.language,
                title=escape(edition.title),
                course=COURSE,
                words=words,
                headings=writer.headings,
                styles="\n".join(styles),
                body=body,
                letters=writer.letters(),
            )
        )
        return html, resources
