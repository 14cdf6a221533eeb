"""Cells as HTML: prose with formulas and pictures, code with colours, outputs."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field, replace
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from press.exports import katex, lean, pictures, played
from press.exports.losses import Losses
from press.exports.pictures import Picture
from press.exports.slides import Place, shown
from press.exports.terminal import plain
from press.sources import reading
from press.sources.reading import Node, Text
from press.sources.text import apostrophes
from press.words import WORDS

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
#: The signs that begin a line of a check or a comparison, with their classes in ``course.css``.
SIGNS = {"✓": "right", "✗": "wrong", "○": "undone"}
SIGN = re.compile(f"^[{''.join(SIGNS)}]", re.MULTILINE)
#: How an output begins that is a claim (`unrolled.claims`).
CLAIM = "✓ "
_INSIDE = "\ue002"  # marks a link inside the notebook until its target is known
_TAGS = {"strong": "strong", "emph": "em", "strike": "del", "underline": "u"}
_TAGS |= {"sub": "sub", "sup": "sup"}
#: What is written together with the formula before it: "." or "-th", up to where a line may break.
_TOUCHING = re.compile(r"[^\s–—-]*-?")
#: LaTeX up to this length makes a formula that a phone's line can hold with what touches it.
_SHORT = 40
# Pygments' classes that no style sheet colours: their spans would only weigh.
_PLAIN = re.compile(r'<span class="(?:n|nn|p|w|o|nv|bp|ow0|err|x|g)">([^<]*)</span>')


def inline_svg(text: str, alt: str, prefix: str, glyphs: dict[str, str] | None = None) -> str:
    """Return an SVG document as an element for an HTML page.

    Args:
        text: the document.
        alt: what it shows, for those who cannot see it; empty for a mere ornament.
        prefix: put before every id, so that two pictures of one page cannot clash.
        glyphs: the letters that the page's pictures share, by outline; those of this picture
            move there. Without it they stay in the picture.
    """
    ET.register_namespace("", _SVG)
    ET.register_namespace("xlink", _XLINK)
    root = ET.fromstring(text)
    if glyphs is not None:
        _share(root, glyphs)
    ids = {element.attrib["id"] for element in root.iter() if "id" in element.attrib}

    def renamed(value: str) -> str:
        value = re.sub(
            r"url\(#([^)]+)\)",
            lambda m: f"url(#{prefix}-{m[1]})" if m[1] in ids else m[0],
            value,
        )
        return f"#{prefix}-{value[1:]}" if value[:1] == "#" and value[1:] in ids else value

    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag in {f"{{{_SVG}}}{name}" for name in ("metadata", "title", "desc")}:
                parent.remove(child)
        for key, value in list(parent.attrib.items()):
            if key == "id":
                parent.attrib[key] = f"{prefix}-{value}"
            elif key.startswith("aria-"):
                del parent.attrib[key]
            elif "#" in value:
                parent.attrib[key] = renamed(value)
        if parent.tag == f"{{{_SVG}}}style":  # must not reach beyond its picture
            parent.text = f"#{prefix}{{{parent.text or ''}}}"
    width, height = (re.match(r"[\d.]+", root.attrib.get(k, "")) for k in ("width", "height"))
    if "viewBox" not in root.attrib and width and height:
        root.attrib["viewBox"] = f"0 0 {width[0]} {height[0]}"
    for key in ("width", "height", "role"):
        root.attrib.pop(key, None)
    root.attrib["id"] = prefix
    if alt:
        root.attrib.update({"role": "img", "aria-label": alt})
    else:
        root.attrib["aria-hidden"] = "true"
    text = re.sub(r"\n\s*", "", ET.tostring(root, encoding="unicode")).replace(" />", "/>")
    while (bare := re.sub(r"<g>((?:<path[^<>]*/>|<use[^<>]*/>)*)</g>", r"\1", text)) != text:
        text = bare  # groups that say nothing
    return text


def _share(root: ET.Element, glyphs: dict[str, str]) -> None:
    """Move a picture's letters (paths with an id, in ``defs``) to those that the page shares."""
    renamed: dict[str, str] = {}
    for parent in list(root.iter()):
        for defs in [child for child in parent if child.tag == f"{{{_SVG}}}defs"]:
            for path in [child for child in defs if child.tag == f"{{{_SVG}}}path"]:
                name = path.attrib.pop("id", "")
                outline = ET.tostring(path, encoding="unicode").strip()
                renamed[f"#{name}"] = f"#{glyphs.setdefault(outline, f'g{len(glyphs)}')}"
                defs.remove(path)
            if not len(defs):
                parent.remove(defs)
    for use in root.iter(f"{{{_SVG}}}use"):
        # What a `use` is moved by at the end, its x and y say in fewer letters.
        shift = re.fullmatch(r"translate\((\S+) (\S+)\)", use.attrib.get("transform", ""))
        if shift and not {"x", "y"} & set(use.attrib):
            del use.attrib["transform"]
            use.attrib.update({k: v for k, v in zip("xy", shift.groups(), strict=True) if v != "0"})
        for key in ("href", f"{{{_XLINK}}}href"):
            if use.attrib.get(key) in renamed:
                use.attrib[key] = renamed[use.attrib[key]]


def code_html(code: str, language: str = "python") -> str:
    """Return code as a coloured ``<code>`` element."""
    try:
        lexer = get_lexer_by_name(language, stripall=False, stripnl=True, ensurenl=False)
    except ClassNotFound:
        return f"<code>{escape(code, quote=False)}</code>"
    coloured = highlight(code.rstrip("\n"), lexer, HtmlFormatter(nowrap=True))
    lean = _PLAIN.sub(r"\1", coloured).rstrip()
    return f"<code>{lean}</code>"


@dataclass
class Writer:
    """Writes the cells of one notebook as HTML.

    Attributes:
        folder: where the notebook lies (its pictures' paths are relative to it).
        language: ``pl`` or ``en``.
        focusable: whether wide code and tables scroll, and so must be reachable by keyboard.
        anchors: whether headings get ids; `headings` lists those of level 2.
        glyphs: the letters of the pictures so far, by outline; `letters` writes them.
        losses: takes what cannot be shown.
        targets: the ids of headings by their bare words.
    """

    folder: Path
    language: str = "en"
    focusable: bool = False
    anchors: bool = False
    headings: list[tuple[str, str]] = field(default_factory=list)
    glyphs: dict[str, str] = field(default_factory=dict)
    losses: Losses = field(default_factory=Losses)
    targets: dict[str, str] = field(default_factory=dict)
    _pictures: int = 0
    _ids: set[str] = field(default_factory=set)

    def markdown(
        self, text: str | Text, place: Place, output: katex.Output = "htmlAndMathml"
    ) -> str:
        """Return Markdown as HTML; formulas are set by KaTeX.

        Raises:
            FormulaError: a formula cannot be set; the message names the cell.
            ExportError: a picture is missing.
        """
        read = reading.read(text) if isinstance(text, str) else text
        for remark in read.remarks:
            if remark.lost:
                self.losses.say(place, remark.text)
        return _Prose(self, place, output).blocks(read.blocks).strip()

    def source(
        self, place: Place, output: katex.Output = "htmlAndMathml", *, demoted: bool = False
    ) -> str:
        """Return what a cell says itself: prose, or code unless it is hidden.

        Args:
            place: the cell.
            output: what KaTeX writes.
            demoted: whether headings of level 1 become those of a slide.
        """
        if place.cell.cell_type == "markdown":
            text = reading.read(place.cell.source)
            return self.markdown(reading.demoted(text) if demoted else text, place, output)
        if not place.shows_code:
            return ""
        return self._block("code", code_html(place.cell.source, "ipython3"))

    def outputs(self, place: Place) -> str:
        """Return what a code cell shows."""
        shown_outputs = place.cell.get("outputs", []) if place.cell.cell_type == "code" else []
        return "\n".join(filter(None, (self._output(out, place) for out in shown_outputs)))

    def picture(self, picture: Picture, alt: str, place: Place) -> str:
        """Return a picture as an element; drawings with text use the page's fonts."""
        if picture.suffix == ".svg":
            return self._drawing(picture.data.decode("utf-8", "replace"), alt, place)
        return _image(picture.mime, base64.b64encode(picture.data).decode("ascii"), alt)

    def _drawing(self, text: str, alt: str, place: Place) -> str:
        try:
            return self._svg(text, alt)
        except ET.ParseError as error:
            self.losses.say(place, f"a drawing is not well-formed SVG: {error}")
            return f"<em>[{escape(alt)}]</em>"

    def _svg(self, text: str, alt: str) -> str:
        self._pictures += 1
        return inline_svg(text, alt, f"pic{self._pictures}", self.glyphs)

    def ornament(self, svg: str) -> str:
        """Return a drawing that only decorates: who cannot see it misses nothing."""
        return self._svg(svg, "")

    def letters(self) -> str:
        """Return the letters that the pictures so far share, to stand once on the page."""
        if not self.glyphs:
            return ""
        paths = (
            re.sub(r' xmlns(:\w+)?="[^"]*"', "", outline).replace("<path", f'<path id="{name}"', 1)
            for outline, name in self.glyphs.items()
        )
        hidden = 'width="0" height="0" style="position:absolute" aria-hidden="true"'
        return f"<svg {hidden}><defs>\n" + "\n".join(paths) + "\n</defs></svg>"

    def reach(self, what: str) -> str:
        """Return the attributes of an element that may scroll, so that keys reach it."""
        if not self.focusable:
            return ""
        return f' tabindex="0" role="group" aria-label="{WORDS[self.language][what]}"'

    def _block(self, kind: str, inner: str) -> str:
        reach = self.reach("code" if kind == "code" else "output")
        return f'<pre class="{kind}"{reach}>{inner}</pre>'

    def _output(self, output: dict[str, Any], place: Place) -> str:
        if heard := played.sound(output, place, self.losses):
            return heard.html()
        if moving := played.moving(output, place, self.losses):
            return moving
        mime, data, extra = shown(output, place, self.losses.say)
        if mime == "text/markdown" and data.startswith(CLAIM):
            said = self.markdown(data.removeprefix(CLAIM), place)
            tick = f'<span class="tick">{CLAIM.strip()}</span>'
            return f'<div class="result claim">{tick}{said}</div>'
        if mime == "text/markdown":
            return f'<div class="result">{self.markdown(data, place)}</div>'
        if mime == "text/latex":
            return f'<div class="result">{self.markdown(data, place)}</div>'
        if mime == "image/svg+xml":
            return f'<figure class="picture">{self._drawing(data, extra["alt"], place)}</figure>'
        if mime.startswith("image/"):
            image = _image(mime, data.replace("\n", ""), extra["alt"])
            return f'<figure class="picture">{image}</figure>'
        text = plain(data)
        if not text:
            return ""
        kind = "output error" if mime == "text/stderr" else "output"
        told = escape(text, quote=False)
        if mime != "text/stderr":
            told = SIGN.sub(lambda sign: f'<b class="{SIGNS[sign[0]]}">{sign[0]}</b>', told)
        return self._block(kind, f"<samp>{told}</samp>")

    def anchor(self, html: str, level: int) -> str:
        """Return a fresh id for a heading, and remember it for the table of contents."""
        words = unescape(re.sub(r"<math.*?</math>|<[^>]+>", "", html, flags=re.DOTALL))
        base = re.sub(r"[^\w]+", "-", words.lower()).strip("-") or "section"
        name, number = base, 2
        while name in self._ids:
            name, number = f"{base}-{number}", number + 1
        self._ids.add(name)
        self.targets.setdefault(_bare(words), name)
        if level == 2:
            self.headings.append((name, html))
        return name

    def linked(self, html: str) -> str:
        """Return a finished page whose links to its own headings find them.

        A link to a heading that is not there, or has no id (as in a deck), becomes plain words.
        """

        def found(link: re.Match[str]) -> str:
            target = self.targets.get(link[1])
            return f'<a href="#{target}">{link[2]}</a>' if target else link[2]

        return re.sub(f'<a href="#{_INSIDE}([^"]*)">(.*?)</a>', found, html, flags=re.DOTALL)


def _bare(words: str) -> str:
    """Return what of a heading, or of an address to it, Jupyter and we have in common."""
    return re.sub(r"[\W_]+", "", unquote(words).lower())


def _image(kind: str, data: str, alt: str) -> str:
    smaller = lean.webp(data) if kind == "image/png" else None
    if smaller:
        kind, data = "image/webp", smaller
    return f'<img src="data:{kind};base64,{data}" alt="{escape(alt)}">'


class _Prose:
    """Writes the nodes of a text as HTML."""

    def __init__(self, writer: Writer, place: Place, output: katex.Output) -> None:
        self.writer, self.place, self.output = writer, place, output

    def blocks(self, nodes: tuple[Node, ...]) -> str:
        return "".join(self.block(node) + "\n" for node in nodes)

    def block(self, node: Node) -> str:
        kind, attrs, writer = node.kind, node.attrs, self.writer
        if kind == "paragraph":
            return self.paragraph(node)
        if kind == "heading":
            level, html = attrs["level"], self.line(node.children)
            if not writer.anchors:
                return f"<h{level}>{html}</h{level}>"
            return f'<h{level} id="{writer.anchor(html, level)}">{html}</h{level}>'
        if kind == "quote":
            return f'<blockquote class="question">{self.blocks(node.children)}</blockquote>'
        if kind == "list":
            return self.list(node)
        if kind == "code":
            return writer._block("code", code_html(node.text, attrs["info"] or "text"))
        if kind == "table":
            return self.table(node)
        if kind == "rule":
            return "<hr>"
        return self.line((node,)) if kind != "item" else self.blocks(node.children)

    def paragraph(self, node: Node) -> str:
        """Write a paragraph; pictures, and a formula alone, are no paragraphs."""
        html: list[str] = []
        run: list[Node] = []
        for child in (*node.children, Node("end")):
            if child.kind not in {"image", "end"}:
                run.append(child)
                continue
            while run and (run[0].kind in {"soft", "break"} or not run[0].words.strip()):
                del run[0]
            while run and (run[-1].kind in {"soft", "break"} or not run[-1].words.strip()):
                del run[-1]
            if len(run) == 1 and run[0].kind == "formula" and run[0].attrs["display"]:
                formula = self.part(run[0])
                html.append(f'<div class="formula"{self.writer.reach("formula")}>{formula}</div>')
            elif run:
                words = self.line(tuple(run)).strip()
                html.append(words if node.attrs.get("tight") else f"<p>{words}</p>")
            run = []
            if child.kind == "image":
                html.append(f'<figure class="picture">{self.picture(child)}</figure>')
        return "\n".join(html)

    def list(self, node: Node) -> str:
        items = []
        for item in node.children:
            items.append(f"<li>{self.blocks(item.children).strip()}</li>")
        tag = "ol" if node.attrs["ordered"] else "ul"
        start = node.attrs["start"]
        begin = f' start="{start}"' if tag == "ol" and start != 1 else ""
        return f"<{tag}{begin}>\n" + "\n".join(items) + f"\n</{tag}>"

    def table(self, node: Node) -> str:
        head = ""
        body: list[str] = []
        for row in node.children:
            cells = "".join(self.cell(cell) for cell in row.children)
            if row.children and row.children[0].attrs.get("head") and not head and not body:
                head = f"<thead>\n<tr>\n{cells}</tr>\n</thead>\n"
            else:
                body.append(f"<tr>\n{cells}</tr>\n")
        rows = f"<tbody>\n{''.join(body)}</tbody>\n" if body else ""
        reach = self.writer.reach("table")
        return f'<div class="table"{reach}><table>\n{head}{rows}</table></div>'

    def cell(self, node: Node) -> str:
        tag = "th" if node.attrs["head"] else "td"
        align = node.attrs["align"]
        style = f' style="text-align:{align}"' if align else ""
        return f"<{tag}{style}>{self.line(node.children)}</{tag}>\n"

    # Parts of lines -------------------------------------------------------------------------

    def line(self, nodes: tuple[Node, ...]) -> str:
        """Write the parts of a line; what touches a short formula stays on its line.

        A browser may break a line between a formula, which is a box, and the full stop after it,
        and no joining character stops it. A long formula may have to break, so it stays as it is.
        """
        parts = []
        nodes = tuple(nodes)
        touching = ""  # the beginning of a text that was written with the formula before it
        for node, after in zip(nodes, (*nodes, Node("end"))[1:], strict=True):
            html = self.part(replace(node, text=node.text.removeprefix(touching)))
            touching = ""
            if node.kind == "formula" and not node.attrs["display"] and after.kind == "text":
                if len(node.text) <= _SHORT and (found := _TOUCHING.match(after.text)):
                    touching = found[0]
                if touching:
                    end = escape(apostrophes(touching))
                    html = f"<no-br>{html}{end}</no-br>"
            parts.append(html)
        return "".join(parts)

    def part(self, node: Node) -> str:
        kind = node.kind
        if kind == "text":
            return escape(apostrophes(node.text))
        if kind == "soft":
            return "\n"
        if kind == "break":
            return "<br>\n"
        if kind == "verbatim":
            return f"<code>{escape(node.text)}</code>"
        if kind == "formula":
            return self.formula(node)
        if kind == "image":
            return f"<figure>{self.picture(node)}</figure>"
        inside = self.line(node.children)
        if kind == "link":
            return self.link(node, inside)
        return f"<{_TAGS[kind]}>{inside}</{_TAGS[kind]}>" if kind in _TAGS else inside

    def link(self, node: Node, inside: str) -> str:
        if not inside.strip():
            return ""
        if node.text.startswith("#"):
            return f'<a href="#{_INSIDE}{_bare(node.text)}">{inside}</a>'
        if re.match(r"(?i)\s*(javascript|vbscript|data):", node.text):
            return inside
        return f'<a href="{escape(node.text)}">{inside}</a>'

    def formula(self, node: Node) -> str:
        try:
            return katex.render(node.text, display=node.attrs["display"], output=self.output)
        except katex.FormulaError as error:
            if self.writer.losses.strict:
                raise error.at(str(self.place)) from None
            self.writer.losses.say(self.place, str(error))
            return f"<code>{escape(node.text.strip())}</code>"

    def picture(self, image: Node) -> str:
        writer = self.writer
        found = pictures.of(image, writer.folder, self.place, writer.losses)
        if found is None:
            return f"<em>{escape(pictures.instead(image))}</em>"
        return writer.picture(found, image.words.strip(), self.place)
