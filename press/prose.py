"""Cells as HTML: prose with formulas and pictures, code with colours, outputs."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass, field
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlparse

from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name
from pygments.util import ClassNotFound

from press import katex, lean
from press.slides import ExportError, Place, shown

_SVG = "http://www.w3.org/2000/svg"
_XLINK = "http://www.w3.org/1999/xlink"
_KINDS = {".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg"}
#: The signs that begin a line of a check or a comparison, with their classes in ``course.css``.
SIGNS = {"✓": "right", "✗": "wrong", "○": "undone"}
SIGN = re.compile(f"^[{''.join(SIGNS)}]", re.MULTILINE)
#: Words of the interface, by language.
WORDS = {
    "pl": {
        "code": "Kod",
        "contents": "Spis treści",
        "formula": "Wzór",
        "output": "Wynik",
        "table": "Tabela",
    },
    "en": {
        "code": "Code",
        "contents": "Contents",
        "formula": "Formula",
        "output": "Output",
        "table": "Table",
    },
}
#: How an output begins that is a claim (`unrolled.claims`).
CLAIM = "✓ "
# Colours of terminals mean nothing here.
_ANSI = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
# Pygments' classes that no style sheet colours: their spans would only weigh.
_PLAIN = re.compile(r'<span class="(?:n|nn|p|w|o|nv|bp|ow0|err|x|g)">([^<]*)</span>')


def plain(text: str) -> str:
    """Return printed text without terminal colours and without empty lines at its end."""
    return _ANSI.sub("", text).rstrip("\n")


def picture_file(url: str, folder: Path, place: Place) -> Path:
    """Return the file that a picture's address names.

    Raises:
        ExportError: the picture is on another host, or the file is missing, or its kind
            is not known.
    """
    if urlparse(url).scheme or url.startswith("//"):
        raise ExportError(f"{place}: the picture {url} is on another host; put it into img/")
    path = (folder / unquote(url)).resolve()
    if not path.is_file():
        raise ExportError(
            f"{place}: there is no picture {url} (looked for {path}); "
            "draw it, or mend the path, which is relative to the notebook"
        )
    if path.suffix.lower() not in _KINDS:
        raise ExportError(f"{place}: the picture {url} must be one of {', '.join(_KINDS)}")
    return path


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
    """

    folder: Path
    language: str = "en"
    focusable: bool = False
    anchors: bool = False
    headings: list[tuple[str, str]] = field(default_factory=list)
    glyphs: dict[str, str] = field(default_factory=dict)
    _pictures: int = 0
    _ids: set[str] = field(default_factory=set)

    def markdown(self, text: str, place: Place, output: katex.Output = "htmlAndMathml") -> str:
        """Return Markdown as HTML; formulas are set by KaTeX.

        Raises:
            FormulaError: a formula cannot be set; the message names the cell.
            ExportError: a picture is missing.
        """
        renderer = _Renderer(self, place, output)
        return MarkdownWithMath(renderer=renderer).render(text).strip()

    def source(self, place: Place, output: katex.Output = "htmlAndMathml") -> str:
        """Return what a cell says itself: prose, or code unless it is hidden."""
        if place.cell.cell_type == "markdown":
            return self.markdown(place.cell.source, place, output)
        if not place.shows_code:
            return ""
        return self._block("code", code_html(place.cell.source, "ipython3"))

    def outputs(self, place: Place) -> str:
        """Return what a code cell shows."""
        shown_outputs = place.cell.get("outputs", []) if place.cell.cell_type == "code" else []
        return "\n".join(filter(None, (self._output(out, place) for out in shown_outputs)))

    def picture(self, path: Path, alt: str) -> str:
        """Return a picture file as an element; drawings with text use the page's fonts."""
        kind = _KINDS[path.suffix.lower()]
        if kind == "image/svg+xml":
            return self._svg(path.read_text(encoding="utf-8"), alt)
        return _image(kind, base64.b64encode(path.read_bytes()).decode("ascii"), alt)

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
        mime, data, extra = shown(output, place)
        if mime == "text/markdown" and data.startswith(CLAIM):
            said = self.markdown(data.removeprefix(CLAIM), place)
            tick = f'<span class="tick">{CLAIM.strip()}</span>'
            return f'<div class="result claim">{tick}{said}</div>'
        if mime == "text/markdown":
            return f'<div class="result">{self.markdown(data, place)}</div>'
        if mime == "text/latex":
            return f'<div class="result">{self.markdown(data, place)}</div>'
        if mime == "image/svg+xml":
            return f'<figure class="picture">{self._svg(data, extra["alt"])}</figure>'
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
        words = re.sub(r"<math.*?</math>|<[^>]+>", "", html, flags=re.DOTALL)
        base = re.sub(r"[^\w]+", "-", words.lower()).strip("-") or "section"
        name, number = base, 2
        while name in self._ids:
            name, number = f"{base}-{number}", number + 1
        self._ids.add(name)
        if level == 2:
            self.headings.append((name, html))
        return name


def _image(kind: str, data: str, alt: str) -> str:
    smaller = lean.webp(data) if kind == "image/png" else None
    if smaller:
        kind, data = "image/webp", smaller
    return f'<img src="data:{kind};base64,{data}" alt="{escape(alt)}">'


class _Renderer(IPythonRenderer):
    """Mistune's renderer with the course's formulas, pictures, code and headings."""

    def __init__(self, writer: Writer, place: Place, output: katex.Output) -> None:
        super().__init__(escape=True, exclude_anchor_links=True)
        self.writer, self.place, self.output = writer, place, output

    def _formula(self, body: str, display: bool) -> str:
        try:
            return katex.render(body, display=display, output=self.output)
        except katex.FormulaError as error:
            raise error.at(str(self.place)) from None

    def block_math(self, body: str) -> str:
        return self._formula(body, display=True)

    def inline_math(self, body: str) -> str:
        return self._formula(body, display=False)

    def latex_environment(self, name: str, body: str) -> str:
        return self._formula(f"\\begin{{{name}}}{body}\\end{{{name}}}", display=True)

    def image(self, text: str, url: str, title: str | None = None) -> str:
        alt = re.sub(r"<[^>]+>", "", text).strip()
        if not alt:
            raise ExportError(f"{self.place}: the picture {url} has no alt text")
        path = picture_file(url, self.writer.folder, self.place)
        return f"<figure>{self.writer.picture(path, alt)}</figure>"

    def paragraph(self, text: str) -> str:
        # Pictures and formulas of their own are no paragraphs.
        parts = re.split(r"(<figure>.*?</figure>)", text.strip(), flags=re.DOTALL)
        html = []
        for part in filter(None, (part.strip() for part in parts)):
            if part.startswith("<figure>"):
                html.append(part.replace("<figure>", '<figure class="picture">', 1))
            elif _display_alone(part):
                html.append(f'<div class="formula"{self.writer.reach("formula")}>{part}</div>')
            else:
                html.append(f"<p>{part}</p>")
        return "\n".join(html) + "\n"

    def block_code(self, code: str, info: str | None = None) -> str:
        language = (info or "text").split()[0]
        return self.writer._block("code", code_html(code, language)) + "\n"

    def block_quote(self, text: str) -> str:
        return f'<blockquote class="question">{text}</blockquote>\n'

    def heading(self, text: str, level: int, **attrs: Any) -> str:
        if not self.writer.anchors:
            return f"<h{level}>{text}</h{level}>\n"
        return f'<h{level} id="{self.writer.anchor(text, level)}">{text}</h{level}>\n'

    def table(self, text: str) -> str:
        return f'<div class="table"{self.writer.reach("table")}><table>\n{text}</table></div>\n'


def _display_alone(html: str) -> bool:
    if not (html.startswith('<span class="katex-display">') and html.endswith("</span>")):
        return False
    return html.count('<span class="katex-display">') == 1 and _closes(html)


def _closes(html: str) -> bool:
    """Whether the first ``<span>`` closes only at the very end."""
    depth = 0
    for match in re.finditer(r"<(/?)span\b", html):
        depth += -1 if match[1] else 1
        if depth == 0:
            return html.find(">", match.start()) == len(html) - 1
    return False
