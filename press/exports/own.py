"""Slides of one's own: ``lectures/local/03_gates.pl.md``, put into a lecture where they say.

The folder is nobody else's: `make notebooks` and `git pull` never touch it, and what is in it needs
one language only. Its cells are merged into decks, PDFs and the live view, not into the committed
notebooks.
"""

from __future__ import annotations

import copy
from pathlib import Path

from jupytext.myst import myst_to_notebook
from nbformat import NotebookNode

from press import HOUSE
from press.exports.slides import ExportError

FOLDER = Path("lectures") / "local"


def file_of(notebook: NotebookNode, root: Path = HOUSE) -> Path | None:
    """Return the file with one's own slides for a notebook, if there is one."""
    ours = notebook.metadata.get("unrolled", {})
    number, slug = ours.get("number"), ours.get("slug")
    if ours.get("kind") != "lecture" or not number or not slug:
        return None
    path = root / FOLDER / f"{number}_{slug}.{notebook.metadata.get('language', 'en')}.md"
    return path if path.is_file() else None


def merged(notebook: NotebookNode, root: Path = HOUSE) -> NotebookNode:
    """Return a notebook with the slides of one's own in their places.

    A cell's metadata say where it comes: ``"after": "the-hadamard-product"``, the id of a cell of
    the lecture; a cell without it follows the one above it. The notebook is not changed.

    Raises:
        ExportError: the file cannot be read, or names a cell that the lecture does not have.
    """
    path = file_of(notebook, root)
    if path is None:
        return notebook
    shown = path.relative_to(root).as_posix()
    try:
        mine = myst_to_notebook(path.read_text(encoding="utf-8-sig")).cells
    except Exception as error:  # of YAML, of jupytext, of an encoding
        raise ExportError(f"{shown} cannot be read as a MyST notebook: {error}") from error
    out = copy.deepcopy(notebook)
    places: dict[str, list[NotebookNode]] = {}
    known = [cell.id for cell in out.cells]
    after = ""
    for number, cell in enumerate(mine, 1):
        after = str(cell.metadata.pop("after", after))
        if after not in known:
            near = ", ".join(known[2:8])
            raise ExportError(
                f"{shown}, cell {number}: say where it comes, with the id of a cell of the lecture "
                f'({near}, …): +++ {{"after": "{known[2] if len(known) > 2 else "…"}", '
                '"slideshow": {"slide_type": "slide"}}'
            )
        cell["id"] = f"own-{number}"
        places.setdefault(after, []).append(cell)
    out.cells = [one for cell in out.cells for one in (cell, *places.get(cell.id, []))]
    return out
