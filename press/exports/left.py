"""What somebody put into a scratch copy of their own, and where it is kept.

A file of a copy that was not given (a notebook saved under another name, a new one, a picture from
the desk), or that is no longer as it was given, is moved beside the copy before the copy is made
anew. What Jupyter and Python make by the way stays and goes with it.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path

from press.files import numbered, write_whole

#: Folder, inside a scratch copy, of the notebooks as they were given, and of a list of all files.
GIVEN = ".given"
_LIST = f"{GIVEN}/files.json"
#: Folders that Jupyter and Python make by the way.
BY_THE_WAY = {GIVEN, ".ipynb_checkpoints", ".virtual_documents", "__pycache__"}


def note(folder: Path) -> None:
    """Write down which files are given, in a scratch copy that has just been made."""
    given = {path.as_posix(): _digest(folder / path) for path in _files(folder)}
    write_whole(folder / _LIST, json.dumps(given))


def sweep(folder: Path, edited: set[Path]) -> list[Path]:
    """Move what was not given out of a scratch copy; return where it is now.

    Args:
        folder: the scratch copy; nothing may be at work in it.
        edited: notebooks, below it, whose edits are kept in another way.

    Returns:
        The files, in a new folder beside the copy (``03_gates.pl.left``, ``03_gates.pl.left-2`` …)
        as they lay in it; empty if there was none.
    """
    try:
        given = json.loads((folder / _LIST).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        given = {}  # nobody knows what was given: all of it is kept
    own = [
        path
        for path in _files(folder)
        if path not in edited and given.get(path.as_posix()) != _digest(folder / path)
    ]
    if not own:
        return []
    kept = _new(numbered(folder.parent, f"{folder.name}.left", ""))
    for path in own:
        (kept / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).rename(kept / path)
    return [kept / path for path in own]


def _files(folder: Path) -> list[Path]:
    """Return the files of a scratch copy, below it; a link is one, wherever it leads."""
    found = []
    for place, folders, names in os.walk(folder):
        here = Path(place)
        links = [name for name in folders if (here / name).is_symlink()]
        folders[:] = [name for name in folders if name not in {*BY_THE_WAY, *links}]
        found += [(here / name).relative_to(folder) for name in (*names, *links)]
    return sorted(found)


def _digest(path: Path) -> str:
    """Return what tells a file from another one; nothing if it is none that can be read."""
    if path.is_symlink() or not path.is_file():
        return ""
    try:
        return hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError:
        return ""


def _new(places: Iterator[Path]) -> Path:
    """Make the first of some folders that is not there yet."""
    while True:
        path = next(places)
        try:
            path.mkdir(parents=True)
        except FileExistsError:
            continue
        return path
