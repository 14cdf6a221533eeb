"""Every formula of a notebook, and whether both of the engines that set it accept it.

Decks and pages have KaTeX; PDFs have pandoc and Typst.
"""

from __future__ import annotations

import json
import tempfile
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode

from press import katex, tint, typeset
from press.katex import FormulaError
from press.slides import ExportError, Place, places

__all__ = ["Formula", "FormulaError", "check", "formulas", "through_katex", "through_typst"]


@dataclass(frozen=True)
class Formula:
    """One formula of a notebook.

    Attributes:
        tex: its LaTeX, without the dollars.
        display: whether it stands on a line of its own.
        place: the cell that holds it.
    """

    tex: str
    display: bool
    place: Place


class _Recorder(IPythonRenderer):
    def __init__(self) -> None:
        super().__init__(exclude_anchor_links=True)
        self.found: list[tuple[str, bool]] = []

    def block_math(self, body: str) -> str:
        self.found.append((body, True))
        return ""

    def inline_math(self, body: str) -> str:
        self.found.append((body, False))
        return ""

    def latex_environment(self, name: str, body: str) -> str:
        return self.block_math(f"\\begin{{{name}}}{body}\\end{{{name}}}")


def _texts(place: Place) -> list[str]:
    """Return what a cell says in Markdown: its prose, or its outputs."""
    if place.cell.cell_type == "markdown":
        return [place.cell.source]
    outputs = place.cell.get("outputs", [])
    return [
        "".join(output["data"]["text/markdown"])
        for output in outputs
        if "text/markdown" in output.get("data", {})
    ]


def _in(text: str) -> list[tuple[str, bool]]:
    recorder = _Recorder()
    MarkdownWithMath(renderer=recorder).render(text)
    return recorder.found


def formulas(notebook: NotebookNode, name: str) -> list[Formula]:
    """Return the formulas of a notebook's prose and of its outputs, in order.

    Args:
        notebook: an edition.
        name: how errors call it.
    """
    return [
        Formula(tex, display, place)
        for place in places(notebook, name)
        for text in _texts(place)
        for tex, display in _in(text)
    ]


def through_katex(formula: Formula) -> str:
    """Return a formula as KaTeX sets it.

    Raises:
        FormulaError: KaTeX refuses it; the message names the cell and the formula.
    """
    try:
        return katex.render(formula.tex, display=formula.display)
    except FormulaError as error:
        raise error.at(str(formula.place)) from None


def through_typst(formula: Formula) -> str:
    """Return a formula as Typst, after Typst has set it.

    Raises:
        FormulaError: pandoc or Typst refuses it; the message names the cell and the formula.
    """
    try:
        written = _typst([formula])[0]
        _compile([written])
    except FormulaError as error:
        raise error.at(str(formula.place)) from None
    except ExportError as error:
        said = str(error).split("\n")[0]
        raise FormulaError(formula.tex, said, str(formula.place)) from None
    return written


def _typst(found: list[Formula]) -> list[str]:
    blocks: list[dict[str, Any]] = []
    for formula in found:
        kind = {"t": "DisplayMath" if formula.display else "InlineMath"}
        tex = typeset.formula(formula.tex.strip())
        blocks.append({"t": "Para", "c": [{"t": "Math", "c": [kind, tex]}]})
        blocks.append({"t": "RawBlock", "c": ["typst", "// next"]})
    version = json.loads(typeset.pandoc("", "commonmark", "json"))["pandoc-api-version"]
    document = {"pandoc-api-version": version, "meta": {}, "blocks": blocks}
    written = tint.typst(typeset.pandoc(json.dumps(document), "json", "typst"))
    return [part.strip() for part in written.split("// next")[:-1]]


def _compile(written: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        typeset.prepare(build)
        head = typeset.template("common.typ")
        typeset.compile_pdf("\n\n".join([head, "#show: look", *written]), build)


def check(notebook_path: Path) -> list[FormulaError]:
    """Return what is wrong with a notebook's formulas: nothing, when both engines set them all.

    A text that is a formula for one engine and words for the other (a space inside the
    dollars, say) is wrong too.
    """
    notebook = nbformat.read(notebook_path, as_version=4)
    found = formulas(notebook, notebook_path.name)
    errors = []
    for formula in found:
        try:
            through_katex(formula)
        except FormulaError as error:
            errors.append(error)
    try:
        _compile(_typst(found))
    except (FormulaError, ExportError):  # now one by one, to say which
        for formula in found:
            try:
                through_typst(formula)
            except FormulaError as error:
                errors.append(error)
    for place in places(notebook, notebook_path.name):
        for text in _texts(place):
            errors += _seen_by_one(text, place)
    return errors


def _seen_by_one(text: str, place: Place) -> list[FormulaError]:
    if "$" not in text:
        return []
    mistune = Counter("".join(tex.split()) for tex, _ in _in(text))
    pandoc = Counter("".join(tex.split()) for tex in typeset.formulas(text))
    odd = (mistune - pandoc) + (pandoc - mistune)
    reason = "it is a formula in decks or in PDFs, but not in both: look at its dollars"
    return [FormulaError(tex, reason, str(place)) for tex in odd]
