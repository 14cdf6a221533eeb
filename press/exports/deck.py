"""Exporters to HTML: a deck of slides, and a page to read; each is one file that asks no host.

They are registered with nbconvert: ``jupyter nbconvert --to unrolled-deck 03_gates.ipynb``.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from functools import lru_cache
from html import escape, unescape
from pathlib import Path
from typing import Any

import jinja2
from nbformat import NotebookNode

from press import STATIC, TEMPLATES
from press.exports import fonts, house, katex, lean, own, pictures
from press.exports.interface import spoken
from press.exports.losses import Careful
from press.exports.prose import Writer
from press.exports.slides import Group, Place, Slide, on_paper, places, slide_type, stacks
from press.sources.reading import Node
from press.words import WORDS

COURSE = "Unrolled"
#: How many lectures and labs the course has: the chain on the title slide has a link for each.
LENGTH = {"lecture": 11, "lab": 13}


@lru_cache
def static(name: str) -> str:
    """Return the text of a file of ``press/static``."""
    return (STATIC / name).read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def _templates() -> jinja2.Environment:
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES),
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
        pieces.append(
            f'<text x="{x + side / 2:.2f}" y="{middle + 7.5:g}" text-anchor="middle" '
            'font-family="\'Source Serif 4\'" font-weight="600" font-size="22" '
            f'fill="{"#fff" if lit else "#5b616b"}">{step + 1:02d}</text>'
        )
    pieces.append("</svg>")
    return house.ours().painted("".join(pieces))


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
        #: Whether a heading `#` begins a title slide wherever it stands, as in the course.
        self.own = "unrolled" in metadata


class DeckExporter(Careful):
    """Exports an edition as a deck of slides (reveal.js) in one HTML file."""

    export_from_notebook = "Unrolled: deck"
    output_mimetype = "text/html"
    notes = True

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
        nb, resources = super().from_notebook_node(own.merged(nb), resources, **kw)
        edition = _Edition(nb, resources)
        writer = Writer(edition.folder, edition.language, losses=self.losses(nb))
        found = stacks(nb, edition.name)
        if not self.notes:
            for slide in (slide for stack in found for slide in stack):
                slide.notes.clear()
        road = _Road(sum(map(len, found)))
        timings = iter(_timings([slide for stack in found for slide in stack]))
        sections = []
        for stack in found:
            drawn = [
                _section(slide, _said(stack[index:]), writer, edition, road, next(timings))
                for index, slide in enumerate(stack)
            ]
            both = "\n".join(drawn)
            sections.append(f"<section>\n{both}\n</section>" if len(drawn) > 1 else both)
        body = writer.linked(katex.named_headings("\n".join(sections)))
        letters = writer.letters()
        foot = f"{COURSE} · {edition.title} 0123456789/" + "".join(
            re.findall(r'data-foot="([^"]*)"', body)
        )
        digits = "0123456789"  # the style sheet counts an agenda's sections
        also = {fonts.SANS: foot, fonts.SERIF_BOLD: f"?{digits}"}
        if "section-slide" in body:
            also[fonts.SANS_BOLD] = digits
        faces = fonts.faces_of(body, also)
        body, shared = lean.shared_styles(lean.bare(body))

        reveal, notes = (
            spoken(static(f"reveal/{name}"), name, edition.language)
            for name in ("reveal.js", "notes.js")
        )

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
                    reveal=_script(reveal),
                    notes=_script(notes),
                    script=_script(static("deck.js")),
                    still=WORDS[edition.language]["without JavaScript"],
                    one_by_one=minified(static("still.css")) if styles else "",
                )
            )

        foreign = [static("reveal/reset.css"), static("reveal/reveal.css")]
        if "katex" in body:
            foreign.append(katex.style_sheet())
        unstyled = page("")
        styles = [lean.used_rules(css, unstyled) for css in foreign]
        styles += [minified(static("course.css")), minified(static("deck.css")), shared, faces]
        return house.ours().painted(page("\n".join(styles))), resources


def _script(code: str) -> str:
    """Return a script that can stand inside a page."""
    return code.replace("</script", "<\\/script").strip()


@dataclass
class _Road:
    """Where the deck is: what the slides' feet say, and how much time is planned for each.

    Attributes:
        total: how many slides there are.
        number: of the slide that was drawn last.
        section: the section that it is in, as HTML.
    """

    total: int
    number: int = 0
    section: str = ""


def _timings(slides: list[Slide]) -> list[int]:
    """Return the seconds planned for each slide: notes plan for the slides since the last ones."""
    seconds = [0] * len(slides)
    since = 0
    for index, slide in enumerate(slides):
        if slide.minutes:
            each = round(60 * slide.minutes / (index + 1 - since))
            seconds[since : index + 1] = [each] * (index + 1 - since)
            since = index + 1
    return seconds


def _step(group: Group, writer: Writer, *, demoted: bool) -> str:
    """Return what appears at one click."""
    drawn = []
    for place, part in group.shown:
        if part != "outputs":
            drawn.append(_walked(writer.source(place, demoted=demoted), place))
        if part != "source":
            drawn.append(writer.outputs(place))
    inner = "\n".join(filter(None, drawn))
    if not group.fragment or not inner:
        return inner
    grows = " grows" if '<figure class="picture' in inner else ""
    return f'<div class="fragment{grows}">\n{inner}\n</div>'


def _walked(html: str, place: Place) -> str:
    """Return code whose lines are lit one after another, click by click (``1-3|5|7-9``)."""
    steps = str(place.ours.get("steps", ""))
    if not steps or "<pre" not in html:
        return html
    start, end = html.index("<code>") + len("<code>"), html.rindex("</code>")
    lines = html[start:end].split("\n")  # no token of ours goes on over a line's end
    coded = "\n".join(f'<span class="line">{line}</span>' for line in lines)
    clicks = "".join(
        f'<span class="fragment step" data-lines="{step}"></span>' for step in steps.split("|")
    )
    return f'<div class="walked">{html[:start]}{coded}{html[end:]}{clicks}</div>'


def _said(slides: list[Slide]) -> list[Place]:
    """Return what is said on the first of a stack's slides: its notes, else the next ones there."""
    return next((slide.notes for slide in slides if slide.notes), [])


def _section(
    slide: Slide,
    said: list[Place],
    writer: Writer,
    edition: _Edition,
    road: _Road,
    seconds: int,
) -> str:
    road.number += 1
    demoted = road.number > 1 and not edition.own
    steps = (_step(group, writer, demoted=demoted) for group in slide.groups)
    content = "\n".join(filter(None, steps))
    notes = "\n".join(writer.source(place, "mathml") for place in said)
    aside = f'\n<aside class="notes">\n{notes}\n</aside>' if notes else ""
    title = road.number == 1 and "<h1>" in content
    attributes = 'class="slide"'
    if title:
        attributes = 'class="slide title-slide"'
        content = _titled(content, slide, writer, edition)
    elif slide.section:
        attributes = 'class="slide section-slide"'
        heading = re.search(r"<h1>(.*?)</h1>", content, re.DOTALL)
        road.section = heading[1] if heading else ""
    if not edition.own:
        attributes = attributes[:-1] + ' foreign"'
        if (lines := _height(content)) > _ROOM:
            what = f"is about {lines:.0f} lines high, a slide has {_ROOM}: one scrolls there"
            writer.losses.say(next(slide.places), f"slide {road.number} {what}")
        if (columns := _width(content)) > _COLUMNS:
            what = f"has a line of {columns} characters, a slide has {_COLUMNS}: it is broken"
            writer.losses.say(next(slide.places), f"slide {road.number} {what}")
    if not title:
        foot = " · ".join(filter(None, (COURSE, escape(edition.title), _plain(road.section))))
        attributes += f' data-foot="{foot}"'
        if edition.rise.get("slideNumber", "c/t"):
            attributes += f' data-number="{road.number}/{road.total}"'
    if seconds:
        attributes += f' data-timing="{seconds}"'
    return f'<section {attributes}>\n<div class="content">\n{content}\n</div>{aside}\n</section>'


#: About how many lines of code a slide has room for, and how many characters a line.
_ROOM, _COLUMNS = 24, 98


def _height(content: str) -> float:
    """Return about how many lines of code a slide's content is as high as."""
    blocks = re.findall(r"<pre.*?</pre>", content, flags=re.DOTALL)
    rest = re.sub(r"<pre.*?</pre>|<math.*?</math>|<svg.*?</svg>", "", content, flags=re.DOTALL)
    lines = 0.0
    for block in blocks:
        rows = unescape(re.sub("<[^>]+>", "", block)).split("\n")
        lines += 1.5 + sum(max(1, math.ceil(len(row) / _COLUMNS)) for row in rows)
    for part in re.split(r"</p>|</li>|</tr>|</h\d>|</figure>", rest):
        letters = len(unescape(re.sub("<[^>]+>", "", part)).strip())
        high = 6 if "<figure" in part else 0
        lines += high + (1.6 * max(1, math.ceil(letters / 75)) if letters else 0)
    return lines


def _width(content: str) -> int:
    """Return the length of the longest line of code or output of a slide."""
    blocks = re.findall(r"<pre.*?</pre>", content, flags=re.DOTALL)
    rows = unescape(re.sub("<[^>]+>", "", "\n".join(blocks))).split("\n")
    return max(map(len, rows))


def _titled(content: str, slide: Slide, writer: Writer, edition: _Edition) -> str:
    """Return the title slide: the lecture's own drawing, and the course's chain below."""
    drawing = next((d for p in slide.places if (d := p.ours.get("drawing"))), "")
    if drawing:
        place = next(slide.places)
        image = Node("image", (Node("text", text="drawing"),), str(drawing))
        found = pictures.of(image, edition.folder, place, writer.losses)
        if found:
            content = (
                f'<div class="words">\n{content}\n</div>\n'
                f'<div class="drawing">{writer.ornament(found.data.decode("utf-8"))}</div>'
            )
    said = house.ours()
    if said.line or said.logo:
        mark = ""
        if said.logo:
            data = said.logo.read_bytes()
            logo = pictures.Picture(data, pictures.kind(data) or said.logo.suffix.lower())
            mark = writer.picture(logo, said.university or said.author, next(slide.places))
        content += f'\n<div class="house"><span>{escape(said.line)}</span>{mark}</div>'
    if edition.number and edition.kind in LENGTH:
        chain = writer.ornament(motif(edition.kind, edition.number))
        content += f'\n<div class="motif">{chain}</div>'
    return content


def _plain(html: str) -> str:
    return re.sub(r"<math.*?</math>|<[^>]+>", "", html, flags=re.DOTALL)


class StudentDeckExporter(DeckExporter):
    """Exports a deck for students: without the lecturer's notes, and the answers in them."""

    export_from_notebook = "Unrolled: deck for students"
    notes = False


class PageExporter(Careful):
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
        writer = Writer(
            edition.folder, edition.language, focusable=True, anchors=True, losses=self.losses(nb)
        )
        cells = []
        for place in places(nb, edition.name):
            if place.cell.cell_type == "raw" or not on_paper(place) or slide_type(place) == "notes":
                continue
            inner = "\n".join(filter(None, (writer.source(place), writer.outputs(place))))
            if not inner:
                continue
            kind = "cell has-code" if place.cell.cell_type == "code" else "cell"
            if place.ours.get("section"):  # the agenda is for a room, not for a reader
                inner = "\n".join(re.findall("<h1.*?</h1>", inner, re.DOTALL))
                kind += " section"
            elif "<h1" in inner:
                kind += " title"
            cells.append(f'<div class="{kind}">\n{inner}\n</div>')
        body = writer.linked(katex.named_headings("\n".join(cells)))
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
        return house.ours().painted(html), resources
