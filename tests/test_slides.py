"""Slides hold one idea: few words, short code, a heading; notes with minutes."""

from __future__ import annotations

import re
from pathlib import Path

import course
import nbformat
import pytest

from press.exports.slides import stacks
from press.sources import text
from press.sources.source import find
from unrolled.messages import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
LECTURES = [
    (lang, path) for path in find(ROOT) if path.parent.name == "lectures" for lang in LANGUAGES
]
MOST_WORDS, MOST_LINES, MOST_COLUMNS = 48, 14, 68


def slides(lang: str, path: Path) -> list[tuple[str, list[nbformat.NotebookNode]]]:
    """Return each slide's heading and its cells, notes left out."""
    notebook = nbformat.read(path.parent / lang / f"{path.stem}.ipynb", as_version=4)
    found = []
    for stack in stacks(notebook, path.stem):
        for slide in stack:
            cells = [place.cell for group in slide.groups for place in group.places]
            heading = next(
                (m[1] for c in cells if (m := re.search(r"^#+ (.+)$", c.source, re.M))), ""
            )
            found.append((heading, cells))
    return found


def words(source: str) -> int:
    """Count the words of a prose cell; formulas, code and tables' bars do not count."""
    return len(re.findall(r"[^\W\d_]+", text.spans(source, lambda m: " ")))


@pytest.mark.parametrize(("lang", "path"), LECTURES, ids=lambda v: getattr(v, "stem", v))
def test_the_core_of_a_lecture_can_be_taught_at_once(lang: str, path: Path) -> None:
    notebook = nbformat.read(path.parent / lang / f"{path.stem}.ipynb", as_version=4)
    core = 0
    for slide in (slide for stack in stacks(notebook, path.stem) for slide in stack):
        if slide.section == "appendix":
            break
        core += 1
    assert 40 <= core <= 48, "what is reference goes into the appendix"


@pytest.mark.parametrize(("lang", "path"), LECTURES, ids=lambda v: getattr(v, "stem", v))
def test_a_slide_holds_one_idea(lang: str, path: Path) -> None:
    crowded = []
    for heading, cells in slides(lang, path)[2:]:  # after the title and the objectives
        if cells[0].id.startswith("references"):  # the generated list of works
            continue
        prose = [c.source for c in cells if c.cell_type == "markdown"]
        count = sum(words(source) for source in prose)
        if count > MOST_WORDS:
            crowded.append(f"{heading!r} has {count} words")
        shown = [
            c.source
            for c in cells
            if c.cell_type == "code" and not c.metadata.get("jupyter", {}).get("source_hidden")
        ]
        lines = sum(len(source.strip().splitlines()) for source in shown)
        if lines > MOST_LINES:
            crowded.append(f"{heading!r} has {lines} lines of code")
        widest = max((len(row) for source in shown for row in source.splitlines()), default=0)
        if widest > MOST_COLUMNS:
            crowded.append(f"{heading!r} has code {widest} columns wide")
        if not heading:
            crowded.append(f"a slide without a heading: {prose[:1]}")
    assert not crowded, "\n".join(crowded)


@pytest.mark.parametrize(("lang", "path"), LECTURES, ids=lambda v: getattr(v, "stem", v))
def test_a_lecture_fills_a_class(lang: str, path: Path) -> None:
    shown = [cells for _, cells in slides(lang, path) if not cells[0].id.startswith("references")]
    assert 35 <= len(shown) <= 67  # with the appendix, which is not shown in class


#: Words a minute of somebody who reads aloud and points at the screen.
ALOUD = {"pl": 105, "en": 130}


@pytest.mark.parametrize(("lang", "path"), LECTURES, ids=lambda v: getattr(v, "stem", v))
def test_minutes_suffice_to_read_slides_and_notes_aloud(lang: str, path: Path) -> None:
    """A group of slides and its notes fit into its minutes, and all of it into 60% of them.

    The rest is for questions, for code that runs, for the board. A formula counts as two words, and
    of what a slide shows three fifths are read.
    """
    spoken, total, minutes, hurried = 0.0, 0.0, 0, []
    notebook = nbformat.read(path.parent / lang / f"{path.stem}.ipynb", as_version=4)
    for cell in notebook.cells:
        own = cell.metadata.get("unrolled", {})
        if own.get("section") == "appendix":
            break
        if cell.cell_type != "markdown":
            continue
        notes = cell.metadata.get("slideshow", {}).get("slide_type") == "notes"
        text = re.sub(r"\$\$.*?\$\$|\$[^$]*\$", " two words ", cell.source, flags=re.DOTALL)
        spoken += len(re.findall(r"\w+", text)) * (1 if notes else 0.6)
        if "minutes" in own:
            took = spoken / ALOUD[lang]
            if took > own["minutes"] + 0.5:
                hurried.append(
                    f"{took:.1f} minutes read, {own['minutes']} given: {cell.source[:60]}"
                )
            total, minutes, spoken = total + took, minutes + own["minutes"], 0.0
    assert not hurried, "\n".join(hurried)
    assert 0.25 * minutes < total < 0.6 * minutes


@pytest.mark.parametrize(("lang", "path"), LECTURES, ids=lambda v: getattr(v, "stem", v))
def test_every_group_of_slides_has_notes(lang: str, path: Path) -> None:
    source = course.source(path)
    silent, bare = 0, []
    for cell in source.cells:
        if source.sections and cell is source.sections[-1]:
            break  # the appendix is not taught, and has no minutes
        if cell.slide_type in ("slide", "subslide"):
            silent += 1
        if cell.slide_type == "notes" and "minutes" in cell.metadata:
            silent = 0
        if silent > 8:
            bare.append(
                f"line {cell.line}: more than eight slides without notes that carry minutes"
            )
    assert not bare, "\n".join(bare)
