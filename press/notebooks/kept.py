"""What is on disk: a source's committed notebooks, and whether their outputs still hold."""

from __future__ import annotations

import hashlib
import json
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import nbformat
from nbformat import NotebookNode

from press.files import aside, numbered, write_whole
from press.notebooks.execute import Outputs, Run
from press.notebooks.key import Used, key
from unrolled.messages import LANGUAGES

#: What reading a file raises that is no notebook.
UNREADABLE = (
    *(OSError, ValueError, nbformat.ValidationError),
    *(AttributeError, LookupError, TypeError),
)


def stamp(notebook: NotebookNode, used: Used, root: Path) -> None:
    """Write into an executed edition what its run used and the key that this makes."""
    notebook.metadata["unrolled"]["used"] = used.record()
    notebook.metadata["unrolled"]["code"] = key(notebook, used, root)


def holding(path: Path, expected: NotebookNode, root: Path) -> Run | None:
    """Return the run whose outputs a committed edition holds, if they would come out again.

    Args:
        path: the committed notebook.
        expected: the same edition, made from the source as it is now.
        root: the root of the repository.

    Returns:
        The outputs by the cell ids of `expected`, what made them, and no seconds; None if there is
        no such notebook, if it cannot be read, or if something that its run used is another now.
    """
    try:
        committed = nbformat.read(path, as_version=4)
    except UNREADABLE:
        return None
    kept = committed.metadata.get("unrolled", {})
    if "used" not in kept:
        return None
    used = Used.of(kept["used"])
    if kept.get("code") != key(expected, used, root):
        return None
    # The code is the same, cell by cell; an id may be another, for it comes from a heading.
    theirs = [node for node in committed.cells if node.cell_type == "code"]
    ours = [node for node in expected.cells if node.cell_type == "code"]
    if [node.source for node in theirs] != [node.source for node in ours]:
        return None  # edited by hand
    outputs: Outputs = {
        node.id: {"execution_count": old.execution_count, "outputs": old.outputs}
        for node, old in zip(ours, theirs, strict=True)
    }
    return Run(outputs, used, 0.0)


def write(notebook: NotebookNode, path: Path, backups: Path | None = None) -> bool:
    """Write a notebook in one canonical form, whole; return whether the file changed.

    Args:
        notebook: what to write.
        path: where to.
        backups: a notebook that was edited there by hand is copied to this folder first, and
            that is said; None lets it be overwritten.
    """
    content = serialise(notebook)
    if path.is_file() and path.read_text(encoding="utf-8") == content:
        return False
    if backups is not None and edited(path):
        moment = datetime.fromtimestamp(path.stat().st_mtime).strftime("%Y-%m-%d-%H-%M-%S")
        stem = f"{path.stem}.{'.'.join(_edition(path))}.{moment}"
        kept = aside(path.read_bytes(), numbered(backups, stem, ".ipynb"))
        name = "/".join((*_edition(path), path.name))
        print(
            f"{name} had been edited by hand: your version is {kept}. "
            "Changes belong into the source, or into lectures/local (press/FORMAT.md).",
            file=sys.stderr,
        )
    write_whole(path, content)
    return True


def _edition(path: Path) -> tuple[str, ...]:
    """Return the folders of an edition below its kind: ``("pl", "solutions")``."""
    folders = path.parent.parts
    first = [number for number, folder in enumerate(folders) if folder in LANGUAGES]
    return folders[first[-1] :] if first else folders[-1:]


def cells_digest(notebook: NotebookNode) -> str:
    """Return a digest of what a notebook's cells say and how they are shown, without outputs.

    Of the metadata only what an editor's panel sets and an export reads counts: the kind of slide,
    tags, hidden code. An empty value is none, for JupyterLab writes such where nothing was chosen.
    """
    said = json.dumps([[cell.cell_type, cell.source, *_shown(cell)] for cell in notebook.cells])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _shown(cell: NotebookNode) -> list[Any]:
    """Return what a cell has of these: its kind of slide, its tags, that its code is hidden."""
    slide = cell.metadata.get("slideshow", {}).get("slide_type")
    hidden = cell.metadata.get("jupyter", {}).get("source_hidden")
    return [one for one in (slide, sorted(cell.metadata.get("tags", [])), hidden) if one]


def edited(path: Path) -> bool:
    """Whether a committed notebook's cells are not those that were written there, as it says.

    One that does not say is somebody's own: it counts as edited.
    """
    try:
        notebook = nbformat.read(path, as_version=4)
        return notebook.metadata.get("unrolled", {}).get("cells") != cells_digest(notebook)
    except UNREADABLE:
        return path.is_file()


def serialise(notebook: NotebookNode) -> str:
    """Return a notebook as text in one canonical form: sorted keys, one final newline."""
    nbformat.validate(notebook)
    return nbformat.writes(notebook, version=4) + "\n"
