"""The course's typefaces, cut down to the characters that a document shows, as WOFF2.

Source Serif 4 sets headings, Source Sans 3 text, Source Code Pro code; KaTeX brings its own
fonts for formulas.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

from press import HOUSE, STATIC

#: Where the course's typefaces lie (plots and typst read them from there too).
FONTS = HOUSE / "unrolled" / "fonts"
KATEX_FONTS = STATIC / "katex" / "fonts"

#: What any text may need, whatever it says: Latin with Polish letters, Greek, punctuation.
POLISH = "ąćęłńóśźżĄĆĘŁŃÓŚŹŻ"
GREEK = "αβγδεζηθικλμνξοπρσςτυφχψωΓΔΘΛΞΠΣΦΨΩ"
PUNCTUATION = "„”“’‘…–—×·•−±≤≥≠≈→←↓↑⇒°§′″½²³₀₁₂₃\u00a0\u2009\u202f«»€"
LATIN = "".join(chr(code) for code in (*range(0x20, 0x7F), *range(0xC0, 0x100)))
COMMON = LATIN + POLISH + GREEK + PUNCTUATION


@dataclass(frozen=True)
class Face:
    """One font file and how a style sheet names it."""

    family: str
    path: Path
    weight: int = 400
    italic: bool = False


SANS = Face("Source Sans 3", FONTS / "SourceSans3-Regular.ttf")
SANS_BOLD = Face("Source Sans 3", FONTS / "SourceSans3-Semibold.ttf", 600)
SANS_ITALIC = Face("Source Sans 3", FONTS / "SourceSans3-It.ttf", italic=True)
SERIF_BOLD = Face("Source Serif 4", FONTS / "SourceSerif4-Semibold.ttf", 600)
CODE = Face("Source Code Pro", FONTS / "SourceCodePro-Regular.ttf")
CODE_BOLD = Face("Source Code Pro", FONTS / "SourceCodePro-Semibold.ttf", 600)

_KATEX_WEIGHTS = {"Bold": (700, False), "BoldItalic": (700, True), "Italic": (400, True)}


@lru_cache
def katex_faces() -> dict[str, Face]:
    """Return KaTeX's faces by file name (``Main-Regular``, ``Math-Italic``, …)."""
    faces = {}
    for path in sorted(KATEX_FONTS.glob("KaTeX_*.woff2")):
        name = path.stem.removeprefix("KaTeX_")
        family, style = name.split("-")
        weight, italic = _KATEX_WEIGHTS.get(style, (400, False))
        faces[name] = Face(f"KaTeX_{family}", path, weight, italic)
    return faces


@lru_cache
def characters(path: Path) -> frozenset[str]:
    """Return the characters for which a font file has a glyph."""
    with TTFont(path, lazy=True) as font:
        return frozenset(map(chr, font.getBestCmap()))


@lru_cache(maxsize=256)
def cut(path: Path, text: frozenset[str]) -> bytes:
    """Return a font file, cut down to the characters of ``text``, as WOFF2.

    The same font and characters give the same bytes.

    Args:
        path: a TrueType or WOFF2 file.
        text: the characters to keep; those that the font does not have are left out.
    """
    options = subset.Options()
    options.flavor = "woff2"
    options.hinting = False
    options.layout_features = ["kern", "liga", "clig", "calt", "ccmp", "locl", "mark", "mkmk"]
    options.name_IDs = [0, 1, 2, 13, 14]  # copyright, names, licence
    options.notdef_outline = True
    options.recalc_timestamp = False
    font = subset.load_font(str(path), options)
    cutter = subset.Subsetter(options)
    cutter.populate(text="".join(sorted(text)))
    cutter.subset(font)
    buffer = BytesIO()
    subset.save_font(font, buffer, options)
    font.close()
    return buffer.getvalue()


def font_face(face: Face, text: Iterable[str]) -> str:
    """Return the ``@font-face`` rule of a face with its cut-down file inside.

    An empty string when the face has none of the characters.
    """
    kept = frozenset(text) & characters(face.path)
    if not kept - {" ", "\u00a0"}:
        return ""
    data = base64.b64encode(cut(face.path, kept)).decode("ascii")
    style = "italic" if face.italic else "normal"
    return (
        f'@font-face{{font-family:"{face.family}";font-style:{style};font-weight:{face.weight};'
        f'font-display:block;src:url(data:font/woff2;base64,{data}) format("woff2")}}'
    )


# Which characters a document shows in which face -------------------------------------------

_HEADINGS = {"h1", "h2", "h3", "h4", "h5", "h6"}
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "wbr"}
_SILENT = {"script", "style", "title", "annotation", "math"}
#: KaTeX's classes and the faces that they may choose; the first two are always possible.
_KATEX_ALWAYS = ("Main-Regular", "Math-Italic")
_KATEX_CLASSES = {
    "amsrm": ("AMS-Regular",),
    "mathbb": ("AMS-Regular",),
    "textbb": ("AMS-Regular",),
    "mathbf": ("Main-Bold",),
    "textbf": ("Main-Bold", "Main-BoldItalic"),
    "mathit": ("Main-Italic",),
    "textit": ("Main-Italic",),
    "boldsymbol": ("Math-BoldItalic",),
    "mathcal": ("Caligraphic-Regular", "Caligraphic-Bold"),
    "mathfrak": ("Fraktur-Regular",),
    "textfrak": ("Fraktur-Regular",),
    "mathboldfrak": ("Fraktur-Bold",),
    "textboldfrak": ("Fraktur-Bold",),
    "mathtt": ("Typewriter-Regular",),
    "texttt": ("Typewriter-Regular",),
    "mathscr": ("Script-Regular",),
    "textscr": ("Script-Regular",),
    "mathsf": ("SansSerif-Regular", "SansSerif-Bold"),
    "textsf": ("SansSerif-Regular", "SansSerif-Bold"),
    "mathboldsf": ("SansSerif-Bold",),
    "textboldsf": ("SansSerif-Bold",),
    "mathitsf": ("SansSerif-Italic",),
    "mathsfit": ("SansSerif-Italic",),
    "textitsf": ("SansSerif-Italic",),
    "size1": ("Size1-Regular",),
    "size2": ("Size2-Regular",),
    "size3": ("Size3-Regular",),
    "size4": ("Size4-Regular",),
    "mult": ("Size1-Regular", "Size4-Regular"),
    "small-op": ("Size1-Regular",),
    "large-op": ("Size2-Regular",),
}


class _Reader(HTMLParser):
    """Sorts the characters of a page by the faces that they may be shown in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[tuple[str, frozenset[str]]] = []
        self.used: dict[Face, set[str]] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _VOID:
            return
        named = {key: value or "" for key, value in attrs}
        marks = set(named.get("class", "").split())
        style = f"{named.get('style', '')};{named.get('font-weight', '')}".lower()
        weight = re.search(r"\b(bold|[6-9]00)\b", style)
        if weight:
            marks.add("*bold")
        if "italic" in style + named.get("font-style", ""):
            marks.add("*italic")
        if "serif 4" in (style + named.get("font-family", "").lower()):
            marks.add("*serif")
        if "code pro" in (style + named.get("font-family", "").lower()):
            marks.add("*code")
        self.open.append((tag, frozenset(marks)))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        for index in range(len(self.open) - 1, -1, -1):
            if self.open[index][0] == tag:
                del self.open[index:]
                return

    def handle_data(self, data: str) -> None:
        text = set(data) - {"\n", "\t", "\r"}
        if not text:
            return
        tags = {tag for tag, _ in self.open}
        marks = frozenset().union(*(classes for _, classes in self.open))
        if tags & _SILENT:
            return
        for face in self._faces(tags, marks):
            self.used.setdefault(face, set()).update(text)

    def _faces(self, tags: set[str], marks: frozenset[str]) -> set[Face]:
        if "katex" in marks and "text" not in marks:
            faces = katex_faces()
            names = set(_KATEX_ALWAYS)
            for mark in marks:
                names.update(_KATEX_CLASSES.get(mark, ()))
            return {faces[name] for name in names}
        if tags & {"pre", "code", "samp", "kbd"} or "*code" in marks:
            return {CODE, CODE_BOLD}
        if tags & _HEADINGS or "*serif" in marks:
            return {SERIF_BOLD, SANS}
        found = {SANS}
        if tags & {"strong", "b", "th"} or "*bold" in marks:
            found.add(SANS_BOLD)
        if tags & {"em", "i"} or "*italic" in marks:
            found.add(SANS_ITALIC)
        return found


def faces_of(html: str, also: dict[Face, str] | None = None) -> str:
    """Return the ``@font-face`` rules that an HTML page needs, fonts inside.

    Args:
        html: the page's body.
        also: characters that style sheets or scripts add, by face.
    """
    reader = _Reader()
    reader.feed(html)
    reader.close()
    for face, text in (also or {}).items():
        reader.used.setdefault(face, set()).update(text)
    ordered = sorted(reader.used, key=lambda face: (face.family, face.weight, face.italic))
    return "\n".join(filter(None, (font_face(face, reader.used[face]) for face in ordered)))
