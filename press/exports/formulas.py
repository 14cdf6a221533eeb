"""Every formula of a notebook, and whether both of the engines that set it accept it.

Decks and pages have KaTeX; PDFs have pandoc and Typst.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import nbformat
from nbformat import NotebookNode

from press.exports import katex, tex, typeset
from press.exports.katex import FormulaError
from press.exports.slides import ExportError, Place, places
from press.sources import reading

__all__ = ["Formula", "FormulaError", "check", "formulas", "refused", "through_katex"]
__all__ += ["through_typst"]


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


def formulas(notebook: NotebookNode, name: str) -> list[Formula]:
    """Return the formulas of a notebook's prose and of its outputs, in order.

    Args:
        notebook: an edition.
        name: how errors call it.
    """
    return [
        Formula(node.text, bool(node.attrs["display"]), place)
        for place in places(notebook, name)
        for text in _texts(place)
        for node in reading.read(text).formulas
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
    (written,) = tex.to_typst([(formula.tex, formula.display)])
    errors = [written] if isinstance(written, FormulaError) else _uncompiled([formula], [written])
    if errors:
        raise errors[0].at(str(formula.place))
    return str(written)


def refused(found: list[Formula]) -> list[FormulaError]:
    """Return what is wrong with formulas; each error names its cell.

    All go through pandoc at once, and through Typst at once.
    """
    errors: list[FormulaError] = []
    fine: list[Formula] = []
    written: list[str] = []
    everything = tex.to_typst([(formula.tex, formula.display) for formula in found])
    for formula, result in zip(found, everything, strict=True):
        try:
            through_katex(formula)
        except FormulaError as error:
            errors.append(error)
        if isinstance(result, FormulaError):
            errors.append(result.at(str(formula.place)))
        else:
            fine.append(formula)
            written.append(result)
    return errors + _uncompiled(fine, written)


def _uncompiled(found: list[Formula], written: list[str]) -> list[FormulaError]:
    """Return the formulas that Typst refuses, found by the line that it names."""
    errors: list[FormulaError] = []
    left = {pair[1]: pair[0] for pair in zip(found, written, strict=True)}
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        typeset.prepare(build)
        head = typeset.template("common.typ") + "\n\n#show: look\n"
        while left:
            document, lines = head, {}
            for text in left:
                first = document.count("\n") + 1
                document += f"{text}\n\n"
                lines.update(dict.fromkeys(range(first, document.count("\n") + 1), text))
            try:
                typeset.compile_pdf(document, build)
                break
            except ExportError as error:
                at = re.search(r"main\.typ:(\d+)", str(error))
                said = str(error).split("\n")[0]
                culprit = lines.get(int(at[1])) if at else None
                if culprit is None:
                    raise
                formula = left.pop(culprit)
                errors.append(FormulaError(formula.tex, said, str(formula.place)))
    return errors


def check(notebook_path: Path) -> list[FormulaError]:
    """Return what is wrong with a notebook's formulas: nothing, when both engines set them all.

    A space inside the dollars is wrong, too: not every Markdown takes that for a formula.
    """
    notebook = nbformat.read(notebook_path, as_version=4)
    errors = refused(formulas(notebook, notebook_path.name))
    for place in places(notebook, notebook_path.name):
        for text in _texts(place):
            for node in reading.read(text).formulas:
                if node.attrs["form"] == "loose":
                    reason = "not in both: a space is inside its dollars, look at them"
                    errors.append(FormulaError(node.text, reason, str(place)))
    return errors
