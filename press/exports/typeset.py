"""Cells as Typst: what the PDF exporters are made of.

The text is what :mod:`press.sources.reading` has read; formulas come from :mod:`press.exports.tex`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typst

from press import STATIC, TEMPLATES
from press.exports import house, pictures, tex
from press.exports.fonts import FONTS
from press.exports.katex import FormulaError
from press.exports.losses import Losses
from press.exports.slides import ExportError, Place
from press.exports.tex import formula
from press.sources import reading
from press.sources.reading import Node, Text
from press.sources.text import apostrophes

__all__ = ["Writer", "compile_pdf", "escaped", "formula", "prepare", "query", "string", "template"]

_FAMILY = re.compile(rb"font-family=([\"'])(Source [^\"',;]+?)\1")
_CALLS = {"strong": "strong", "emph": "emph", "strike": "strike", "underline": "underline"}
_CALLS |= {"sub": "sub", "sup": "super"}

#: Rows of a table that is not broken between pages.
_SHORT = 12


def string(text: str) -> str:
    """Return a text as a string literal of Typst."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "")
    return f'"{escaped}"'


def escaped(text: str) -> str:
    """Return words as Typst shows them, whatever they mean in its markup."""
    text = re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
    return re.sub(r"^[ \n]+|[ \n]+$", " ", text)


def breakable(text: str) -> str:
    """Return code or printed text in which very long words can be broken."""
    return re.sub(r"(\S{50})(?=\S)", "\\1\u200b", text)


class Writer:
    """Collects the prose of a notebook, and writes it as Typst when all its formulas are known.

    Args:
        folder: where the notebook lies.
        build: where the pictures are copied to.
        height: what a picture's height is called in the template.
        losses: takes what cannot be shown.
    """

    def __init__(
        self, folder: Path, build: Path, height: str = "none", losses: Losses | None = None
    ) -> None:
        self.folder, self.build, self.height = folder, build, height
        self.losses = losses or Losses()
        self._texts: list[tuple[Text, Place]] = []
        self._formulas: dict[tuple[str, bool], str] = {}
        self._files = 0

    def later(self, text: str | Text, place: Place) -> int:
        """Remember Markdown to be written; return its number in the list of `typeset`."""
        read = reading.read(text) if isinstance(text, str) else text
        for remark in read.remarks:
            if remark.lost:
                self.losses.say(place, remark.text)
        self._texts.append((read, place))
        return len(self._texts) - 1

    def file(self, data: bytes, suffix: str) -> str:
        """Write a picture beside the document; return its name."""
        self._files += 1
        if suffix == ".svg":  # Typst knows a family whose name has a digit only in quotes
            data = _FAMILY.sub(rb'''font-family="'\2'"''', data)
        name = f"picture{self._files}{suffix}"
        (self.build / name).write_bytes(data)
        return name

    def typeset(self) -> list[str]:
        """Return each remembered text as Typst.

        Raises:
            FormulaError: pandoc cannot read a formula; the message names the cell.
            ExportError: a picture is missing.
        """
        found = [(node, place) for text, place in self._texts for node in text.formulas]
        keys = [(node.text, bool(node.attrs["display"])) for node, _ in found]
        for key, (_, place), written in zip(keys, found, tex.to_typst(keys), strict=True):
            if isinstance(written, FormulaError):
                if self.losses.strict:
                    raise written.at(str(place))
                self.losses.say(place, str(written))
                written = f'#raw({string(key[0].strip())}, lang: "latex")'
            self._formulas[key] = written
        return [self._blocks(text.blocks, place) for text, place in self._texts]

    # Blocks ---------------------------------------------------------------------------------

    def _blocks(self, nodes: tuple[Node, ...], place: Place) -> str:
        return "\n\n".join(self._block(node, place) for node in nodes)

    def _block(self, node: Node, place: Place) -> str:
        kind, attrs = node.kind, node.attrs
        if kind == "paragraph":
            return self._paragraph(node, place)
        if kind == "heading":
            return f"#heading(level: {attrs['level']})[{self._line(node.children, place)}]"
        if kind == "quote":
            return f"#quote(block: true)[\n{self._blocks(node.children, place)}\n]"
        if kind == "list":
            return self._list(node, place)
        if kind == "item":
            return self._blocks(node.children, place)
        if kind == "code":
            language = f", lang: {string(attrs['info'])}" if attrs["info"] else ""
            return f"#raw({string(breakable(node.text.rstrip()))}{language}, block: true)"
        if kind == "table":
            return self._table(node, place)
        if kind == "rule":
            return "#line(length: 100%, stroke: .5pt + colour-rule)"
        return self._line((node,), place)

    def _paragraph(self, node: Node, place: Place) -> str:
        """Write a paragraph; each picture in it stands on its own."""
        parts: list[str] = []
        run: list[Node] = []
        for child in (*node.children, Node("end")):
            if child.kind not in {"image", "end"}:
                run.append(child)
                continue
            words = self._line(tuple(run), place).strip()
            if words and words != "\\":
                parts.append(words)
            run = []
            if child.kind == "image":
                parts.append(self._picture(child, place))
        return "\n\n".join(parts)

    def _list(self, node: Node, place: Place) -> str:
        items = "".join(f"[{self._blocks(item.children, place)}]" for item in node.children)
        tight = "true" if node.attrs["tight"] else "false"
        if node.attrs["ordered"]:
            return f"#enum(tight: {tight}, start: {node.attrs['start']}){items}"
        return f"#list(tight: {tight}){items}"

    def _table(self, node: Node, place: Place) -> str:
        rows = [row.children for row in node.children if row.kind == "row"]
        width = max(map(len, rows), default=1)
        aligned = ", ".join(cell.attrs["align"] or "auto" for cell in rows[0]) if rows else ""
        head, lines = "", []
        for number, row in enumerate(rows):
            cells = [f"[{self._line(cell.children, place)}]" for cell in row]
            cells += ["[]"] * (width - len(row))
            if number == 0:
                head = f"table.header({', '.join(cells)}), table.hline(),"
            else:
                lines.append(", ".join(cells) + ",")
        body = "\n".join(lines)
        arguments = f"columns: {width}, align: ({aligned},), {head}\n{body}"
        call = f"#figure(align(center)[#table({arguments})], kind: table)"
        if len(rows) <= _SHORT:
            call = f"#[#show figure.where(kind: table): set block(breakable: false)\n{call}]"
        return f"#fitted[{call}]" if width > 8 else call

    # Parts of lines -------------------------------------------------------------------------

    def _line(self, nodes: tuple[Node, ...], place: Place) -> str:
        return "".join(self._part(node, place) for node in nodes)

    def _part(self, node: Node, place: Place) -> str:
        kind = node.kind
        if kind == "text":
            return escaped(apostrophes(node.text))
        if kind == "soft":
            return "\n"
        if kind == "break":
            return "#linebreak()"
        if kind == "verbatim":
            return f"#raw({string(node.text)});"
        if kind == "formula":
            written = self._formulas[node.text, bool(node.attrs["display"])]
            glyphs = re.sub(r"\\[a-zA-Z]+|[{}^_\s]", "", node.text)
            if node.attrs["display"] and len(glyphs) > 130:
                return f"#fitted[{written}]"
            return written
        if kind == "image":
            return self._small(node, place)
        inside = self._line(node.children, place)
        if kind == "link":
            return self._link(node, inside)
        return f"#{_CALLS[kind]}[{inside}]" if kind in _CALLS else inside

    def _link(self, node: Node, inside: str) -> str:
        # An address inside the notebook has nowhere to go in a PDF: its words stay.
        if not re.match(r"[a-zA-Z][a-zA-Z0-9+.-]*:", node.text) or not inside.strip():
            return inside
        return f"#link({string(node.text)})[{inside}]"

    def _picture(self, image: Node, place: Place) -> str:
        found = pictures.of(image, self.folder, place, self.losses)
        if found is None:
            return self._missing(image)
        return self.picture(self.file(found.data, found.suffix), image.words.strip())

    def _small(self, image: Node, place: Place) -> str:
        found = pictures.of(image, self.folder, place, self.losses)
        if found is None:
            return self._missing(image)
        file = self.file(found.data, found.suffix)
        return f"#inlinepicture({string(file)}, alt: {string(image.words.strip())})"

    def _missing(self, image: Node) -> str:
        return f"#emph[{escaped(pictures.instead(image))}]"

    def picture(self, file: str, alt: str) -> str:
        """Return the call that sets a picture on its own."""
        return f"#picture({string(file)}, {self.height}, alt: {string(alt)})"


def prepare(build: Path) -> None:
    """Copy what every document needs into the folder where it is built."""
    theme = (STATIC / "code.tmTheme").read_text(encoding="utf-8")
    (build / "code.tmTheme").write_text(house.ours().painted(theme), encoding="utf-8")


def template(*names: str) -> str:
    """Return templates, one after another."""
    return "\n".join((TEMPLATES / name).read_text(encoding="utf-8") for name in names)


def _run(action: Callable[..., Any], document: str, build: Path, **options: Any) -> Any:
    main = build / "main.typ"
    main.write_text(house.ours().painted(document), encoding="utf-8")
    return action(
        str(main), root=str(build), font_paths=[str(FONTS)], ignore_system_fonts=True, **options
    )


def compile_pdf(document: str, build: Path) -> bytes:
    """Return a Typst document as PDF; the same document gives the same bytes.

    Args:
        document: its text.
        build: the folder with its pictures; the text is written there as ``main.typ``.

    Raises:
        ExportError: Typst does not accept it.
    """
    try:
        pdf = _run(typst.compile, document, build, format="pdf")
    except typst.TypstError as error:
        raise ExportError(f"typst: {error.diagnostic or error.message}") from None
    return bytes(pdf)


def query(document: str, build: Path, label: str) -> list[Any]:
    """Return the values of the metadata that carry a label in a document."""
    found = _run(typst.query, document, build, selector=f"<{label}>", field="value")
    values: list[Any] = json.loads(found)
    return values
