"""Cells as Typst, by way of pandoc: what the PDF exporters are made of."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pypandoc
import typst

from press import tint
from press.fonts import FONTS
from press.katex import FormulaError
from press.prose import picture_file
from press.slides import ExportError, Place

_READER = "commonmark+tex_math_dollars+pipe_tables+strikeout+autolink_bare_uris+task_lists-raw_html"
_MARK = "unrolledcellboundary"
_FAMILY = re.compile(rb"font-family=([\"'])(Source [^\"',;]+?)\1")
_HERE = Path(__file__).resolve().parent


def string(text: str) -> str:
    """Return a text as a string literal of Typst."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    escaped = escaped.replace("\n", "\\n").replace("\t", "\\t").replace("\r", "")
    return f'"{escaped}"'


def breakable(text: str) -> str:
    """Return code or printed text in which very long words can be broken."""
    return re.sub(r"(\S{50})(?=\S)", "\\1\u200b", text)


def formula(tex: str) -> str:
    r"""Return a formula as pandoc and Typst set it right.

    - pandoc makes a whole em of ``\!``, which is a sixth of one: it is left out.
    - pandoc drops the braces of a decimal comma, ``0{,}5``: the number becomes a text.
    - Typst takes the bars of ``|a|`` for relations: they become a pair of delimiters.
    - pandoc knows no colours: marks stand for them (see :mod:`press.tint`).
    - Typst puts no room between the columns of ``cases``: it is put in.
    """
    tex = re.sub(r"(?<!\\)\\!", "", tint.marked(tex))
    tex = re.sub(r"\d+\{,\}\d+", lambda number: rf"\text{{{number[0].replace('{,}', ',')}}}", tex)
    tex = re.sub(r"(?<![\\\w])\|([^|]+?)(?<!\\)\|", _bars, tex)
    return re.sub(
        r"\\begin\{cases\}.*?\\end\{cases\}",
        lambda cases: re.sub(r"(?<!\\)&", r"& \\quad ", cases[0]),
        tex,
        flags=re.DOTALL,
    )


def _bars(pair: re.Match[str]) -> str:
    inside = pair[1]
    paired = all(inside.count(a) == inside.count(b) for a, b in ("()", "{}", "[]"))
    fixed = re.search(r"\\(left|right|middle|[bB]igg?[lrm]?)\s*$", inside) or "&" in inside
    return pair[0] if fixed or not paired else rf"\left|{inside}\right|"


def pandoc(text: str, source: str, target: str) -> str:
    """Run pandoc and return what it writes.

    Raises:
        FormulaError: a formula that pandoc cannot read.
        RuntimeError: anything else that pandoc complains about.
    """
    command = [pypandoc.get_pandoc_path(), "-f", source, "-t", target, "--wrap=none"]
    command += ["--columns=100000"]  # or wide tables get columns of relative widths
    ran = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    said = ran.stderr.decode()
    refused = re.search(r"Could not convert TeX math (.*?), rendering as TeX:\n(.*)", said, re.S)
    if refused:
        reason = re.search(r"^\s*(unexpected .*)$", refused[2], re.MULTILINE)
        raise FormulaError(refused[1], f"pandoc: {reason[1] if reason else refused[2].strip()}")
    if ran.returncode or said.strip():
        raise RuntimeError(f"pandoc: {said.strip()}")
    return ran.stdout.decode()


def formulas(text: str) -> list[str]:
    """Return the formulas that pandoc sees in a Markdown text."""
    found: list[str] = []

    def walk(node: Any) -> None:
        if isinstance(node, dict):
            if node.get("t") == "Math":
                found.append(node["c"][1])
            for value in node.values():
                walk(value)
        elif isinstance(node, list):
            for value in node:
                walk(value)

    walk(json.loads(pandoc(text, _READER, "json"))["blocks"])
    return found


class Writer:
    """Collects the prose of a notebook, and turns all of it into Typst in one run of pandoc.

    Args:
        folder: where the notebook lies.
        build: where the pictures are copied to.
        height: what a picture's height is called in the template.
    """

    def __init__(self, folder: Path, build: Path, height: str = "none") -> None:
        self.folder, self.build, self.height = folder, build, height
        self._texts: list[tuple[str, Place]] = []
        self._files = 0

    def later(self, text: str, place: Place) -> int:
        """Remember Markdown to be converted; return its number in the list of `typeset`."""
        self._texts.append((text, place))
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
        if not self._texts:
            return []
        joined = f"\n\n{_MARK}\n\n".join(text for text, _ in self._texts)
        document = json.loads(pandoc(joined, _READER, "json"))
        mark = {"t": "Para", "c": [{"t": "Str", "c": _MARK}]}
        parts: list[list[Any]] = [[]]
        for block in document["blocks"]:
            if block == mark:
                parts.append([])
            else:
                parts[-1].append(block)
        if len(parts) != len(self._texts):  # a cell swallowed the next one: a fence is open
            for text, place in self._texts:
                if len(re.findall(r"^```", text, re.MULTILINE)) % 2:
                    raise ExportError(f"{place}: a fenced code block (```) is not closed")
            raise ExportError("some cell's Markdown runs on into the next one: is a block open?")
        blocks: list[Any] = []
        for part, (_, place) in zip(parts, self._texts, strict=True):
            blocks += self._blocks(part, place)
            blocks.append(_raw("RawBlock", f"// {_MARK}"))
        document["blocks"] = blocks
        try:
            written = pandoc(json.dumps(document), "json", "typst")
        except FormulaError as error:
            raise error.at(str(self._culprit(error.formula))) from None
        # pandoc writes an operator as words, which keep a space from the bracket after them.
        written = re.sub(r'(?<![\\\w(])"(\w+)" (?=\\\()', r'op("\1") ', tint.typst(written))
        return [part.strip() for part in written.split(f"// {_MARK}")[:-1]]

    def _culprit(self, tex: str) -> Place | str:
        bare = "".join(tex.split())
        for text, place in self._texts:
            if bare in "".join(formula(text).split()):
                return place
        return "a cell"

    def _blocks(self, blocks: list[Any], place: Place) -> list[Any]:
        found = []
        for block in blocks:
            if block["t"] in {"Para", "Plain"} and _lone_image(block["c"]):
                found.append(_raw("RawBlock", self._picture(_lone_image(block["c"]), place)))
            elif block["t"] == "Header":
                block["c"][1] = ["", [], []]
                found.append(self._walk(block, place))
            else:
                found.append(self._walk(block, place))
        return found

    def _walk(self, node: Any, place: Place) -> Any:
        if isinstance(node, list):
            if node and all(isinstance(item, dict) and "t" in item for item in node):
                return self._blocks(node, place)
            return [self._walk(item, place) for item in node]
        if not isinstance(node, dict):
            return node
        if node.get("t") == "Math":
            return {"t": "Math", "c": [node["c"][0], formula(node["c"][1])]}
        if node.get("t") == "Image":
            file, alt = self._copied(node, place)
            return _raw("RawInline", f"#inlinepicture({string(file)}, alt: {string(alt)})")
        return {key: self._walk(value, place) for key, value in node.items()}

    def _picture(self, image: Any, place: Place) -> str:
        file, alt = self._copied(image, place)
        return self.picture(file, alt)

    def picture(self, file: str, alt: str) -> str:
        """Return the call that sets a picture on its own."""
        return f"#picture({string(file)}, {self.height}, alt: {string(alt)})"

    def _copied(self, image: Any, place: Place) -> tuple[str, str]:
        _, alt, (url, _) = image["c"]
        path = picture_file(url, self.folder, place)
        return self.file(path.read_bytes(), path.suffix.lower()), _words(alt)


def _raw(kind: str, text: str) -> dict[str, Any]:
    return {"t": kind, "c": ["typst", text]}


def _lone_image(inlines: list[Any]) -> Any:
    solid = [item for item in inlines if item["t"] not in {"Space", "SoftBreak"}]
    return solid[0] if len(solid) == 1 and solid[0]["t"] == "Image" else None


def _words(inlines: Any) -> str:
    if isinstance(inlines, list):
        return "".join(map(_words, inlines))
    if not isinstance(inlines, dict):
        return ""
    kind = inlines.get("t")
    if kind in {"Space", "SoftBreak", "LineBreak"}:
        return " "
    if kind == "Str":
        return str(inlines["c"])
    if kind in {"Math", "Code"}:
        return str(inlines["c"][1])
    return _words(inlines.get("c", []))


def prepare(build: Path) -> None:
    """Copy what every document needs into the folder where it is built."""
    shutil.copyfile(_HERE / "static" / "code.tmTheme", build / "code.tmTheme")


def template(*names: str) -> str:
    """Return templates, one after another."""
    return "\n".join((_HERE / "templates" / name).read_text(encoding="utf-8") for name in names)


def _run(action: Callable[..., Any], document: str, build: Path, **options: Any) -> Any:
    main = build / "main.typ"
    main.write_text(document, encoding="utf-8")
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
