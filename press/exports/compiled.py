"""A source as each output would set it: its formulas, its prose and its characters, cell by cell.

``python -m press check`` asks for it, without executing anything.
"""

from __future__ import annotations

import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from nbformat.v4 import new_code_cell, new_markdown_cell

from press.exports import formulas, glyphs, prose, typeset
from press.exports.katex import FormulaError
from press.exports.slides import ExportError, Place
from press.sources import reading, tint
from press.sources.source import Problem, Source
from unrolled.messages import LANGUAGES


@dataclass(frozen=True)
class _Spot(Place):
    """A cell of a source, which errors call by its line."""

    line: int = 0

    def __str__(self) -> str:
        return f"{self.notebook}:{self.line}"


def problems(source: Source) -> list[Problem]:
    """Return what of a well-formed source KaTeX, pandoc or Typst would refuse, or not show."""
    spots = _spots(source)
    found: dict[str, Problem] = {}
    cells = {str(spot): spot for spot in spots}

    def say(where: str, text: str) -> None:
        spot = cells[where]
        said = f"cell {spot.cell.id}: {text}"
        found[where + text] = Problem(source.path, spot.line, said)

    refused = formulas.refused(
        [
            formulas.Formula(node.text, bool(node.attrs["display"]), spot)
            for spot in spots
            if spot.cell.cell_type == "markdown"
            for node in reading.read(spot.cell.source).formulas
        ]
    )
    for error in refused:
        say(error.where, f"the formula {error.formula.strip()!r} cannot be set: {error.reason}")
    for spot in spots:
        missing = glyphs.without(spot.cell.source)
        if missing:
            what = glyphs.named(missing)
            say(str(spot), f"no font of the PDFs has a glyph for {what}")
    if not refused:
        for where, text in _unset(source, [s for s in spots if s.cell.cell_type == "markdown"]):
            say(where, text)
    return sorted(found.values(), key=lambda problem: problem.line)


def _spots(source: Source) -> list[_Spot]:
    name = source.path.name
    spots = []
    for index, cell in enumerate(source.cells):
        if cell.kind == "code":
            node = new_code_cell(cell.code)
            node["id"] = cell.id
            spots.append(_Spot(name, index, node, cell.line))
            continue
        for language in LANGUAGES:
            node = new_markdown_cell(tint.coloured(cell.text[language]))
            node["id"] = cell.id
            spots.append(_Spot(name, index, node, cell.line))
    return spots


def _unset(source: Source, spots: list[_Spot]) -> list[tuple[str, str]]:
    """Return the prose that cannot be written as HTML, or that Typst does not compile."""
    found: list[tuple[str, str]] = []
    html = prose.Writer(source.path.parent)
    with tempfile.TemporaryDirectory() as folder:
        build = Path(folder)
        typeset.prepare(build)
        writer = typeset.Writer(source.path.parent, build)
        kept: list[_Spot] = []
        for spot in spots:
            try:
                html.markdown(spot.cell.source, spot)
                writer.later(spot.cell.source, spot)
            except (ExportError, FormulaError) as error:
                found.append((str(spot), _bare(str(error), spot)))
            else:
                kept.append(spot)
        if found:
            return found
        head = typeset.template("common.typ", "handout.typ") + "\n\n#show: look\n"
        left = list(zip(kept, writer.typeset(), strict=True))
        while left:
            document, lines = head, []
            for _, text in left:
                lines.append(document.count("\n") + 1)
                document += f"{text}\n\n"
            try:
                typeset.compile_pdf(document, build)
                break
            except ExportError as error:
                at = re.search(r"main\.typ:(\d+)", str(error))
                if not at:
                    raise
                index = max(i for i, first in enumerate(lines) if first <= int(at[1]))
                spot, _ = left.pop(index)
                found.append((str(spot), str(error).split("\n")[0]))
    return found


def _bare(said: str, spot: _Spot) -> str:
    return said.removeprefix(f"{spot}: ")
