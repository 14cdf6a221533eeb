"""Scratch copies of lectures: what a lecturer shows live, and what is kept of it afterwards.

A lecture is never shown from the repository. ``build/present/03_gates.pl/`` holds a copy that lies
as the original does (``lectures/pl/03_gates.ipynb``, with ``img/`` where its pictures are looked
for), and JupyterLab sees nothing else. In the copy a cell whose code is shown has no outputs (the
room computes, then the cell runs); a cell whose code is hidden keeps its figure or table.

When the lecture is over, or when the next one starts after a crash, cells that differ from what was
given go to ``build/present/03_gates.pl.edits.md``, and files that were not given (a notebook under
another name, a new one) to ``build/present/03_gates.pl.left/``. Neither is ever written over.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import nbformat
from nbformat import NotebookNode
from nbformat.sign import NotebookNotary

from press.exports import left, own
from press.exports.busy import BusyError
from press.exports.deck import COURSE
from press.exports.left import GIVEN
from press.exports.rise import motif_rule
from press.exports.slides import count, places, stacks
from press.files import aside, numbered

#: What RISE is told beside what the lecture says (the `rise` key of its metadata).
LIVE = {"enable_chalkboard": True, "auto_select": "none", "transition": "fade"}
#: How long a copy may take to be let go of by a process that is just ending (seconds).
PATIENCE = 1.5
#: The byte of a lock's file that is locked where bytes are: far behind what is written in it.
_LOCKED = 1 << 20


def lecture_path(root: Path, name: str, edition: str) -> str:
    """Return a lecture's notebook below the root: ``lectures/pl/03_gates.ipynb``.

    Args:
        root: the root of the repository.
        name: its number (``3``, ``03``), its name (``gates``, ``03_gates``) or its source.
        edition: ``pl`` or ``en``.

    Raises:
        FileNotFoundError: there is no such lecture; the message lists those that there are.
    """
    known = sorted((root / "lectures" / edition).glob("[0-9][0-9]_*.ipynb"))
    stem = Path(name).stem
    for path in known:
        number, slug = path.stem.split("_", 1)
        if stem in {path.stem, slug} or stem.zfill(2) == number:
            return path.relative_to(root).as_posix()
    there = ", ".join(path.stem for path in known) or "none yet"
    raise FileNotFoundError(f"there is no lecture {name!r} in {edition!r}; there are: {there}")


@dataclass(frozen=True)
class Scratch:
    """A folder that JupyterLab serves instead of the repository.

    Attributes:
        folder: the scratch copy itself, below ``build/present/``.
        root: the root of the repository.
    """

    folder: Path
    root: Path

    @property
    def notebooks(self) -> list[Path]:
        """The notebooks that were given, relative to the folder."""
        given = self.folder / GIVEN
        return sorted(path.relative_to(given) for path in given.rglob("*.ipynb"))


def presented(root: Path, path: str) -> Scratch:
    """Return the place of a lecture's scratch copy: ``build/present/03_gates.pl``."""
    language = Path(path).parent.name
    return Scratch(root / "build" / "present" / f"{Path(path).stem}.{language}", root)


@contextmanager
def held(scratch: Scratch) -> Iterator[BinaryIO]:
    """Hold a scratch copy, so that nobody makes it anew while it is shown.

    The system lets go of it when the process ends, however it ends, and every process that got the
    lock's file from it: what serves the copy is given it, for it may live longer.

    Yields:
        The lock's file, for `serves` and for the process that serves the copy.

    Raises:
        BusyError: another process holds it, or is at work in it on a system that says so.
    """
    # Beside the copy, which is made anew: a lock on a file that is deleted keeps nobody out.
    scratch.folder.parent.mkdir(parents=True, exist_ok=True)
    with scratch.folder.with_name(f".{scratch.folder.name}.held").open("a+b") as file:
        give_up = time.monotonic() + PATIENCE
        while not _locked(file):
            if time.monotonic() > give_up:
                raise BusyError(
                    f"{scratch.folder.name} is being presented already: end that first (Alt+R in "
                    f"its window, or Ctrl+C in its terminal{_killed(file)})"
                )
            time.sleep(0.1)
        _check_unused(scratch.folder)
        serves(file, os.getpid())
        yield file


def _check_unused(folder: Path) -> None:
    """Make sure that no process is at work in a folder, on a system that says so: on Windows.

    There a child does not inherit a lock, but a folder in which a process works has no other name,
    not even its own. Elsewhere this does nothing.
    """
    if folder.exists():
        try:
            folder.rename(folder)
        except OSError as error:
            raise BusyError(
                f"a program is at work in {folder} ({error}): end what shows it, then start again"
            ) from error


def serves(file: BinaryIO, process: int) -> None:
    """Write into a lock's file which process is to be ended for a copy to be let go of."""
    file.seek(0)
    file.truncate()
    file.write(str(process).encode())
    file.flush()


def _killed(file: BinaryIO) -> str:
    """Return how to end the process that a lock's file names."""
    file.seek(0)
    try:
        number = int(file.read(20))
    except (OSError, ValueError):
        return ""
    command = f"taskkill /F /PID {number}" if os.name == "nt" else f"kill {number}"
    return f"; if neither is there any more: {command}"


def _locked(file: BinaryIO) -> bool:
    """Lock a file unless another process has; return whether that went well."""
    try:
        if os.name == "nt":
            import msvcrt

            file.seek(_LOCKED)
            msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined]
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


def prepare(scratch: Scratch, paths: list[str], *, slide: int = 1) -> None:
    """Make a scratch copy anew; what was left in the last one must have been kept before.

    Args:
        scratch: where to.
        paths: notebooks of the course, relative to its root.
        slide: the slide to begin with, from 1, which exists (`check_slide`).
    """
    folder = scratch.folder.with_name(f".{scratch.folder.name}.new")
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(scratch.root / "img", folder / "img")
    style = scratch.root / "press" / "static" / "rise.css"
    notary = NotebookNotary()
    for path in paths:
        notebook = own.merged(nbformat.read(scratch.root / path, as_version=4), scratch.root)
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if "rise" in notebook.metadata:
            told = live(notebook, scratch.root / path, slide=slide)
            told["opened"] = secrets.token_hex(4)  # a page loaded again stays where it was
            told["edits"] = edits_path(scratch, Path(path)).relative_to(scratch.root).as_posix()
            target.with_suffix(".live.json").write_text(json.dumps(told), encoding="utf-8")
            number = str(notebook.metadata.get("unrolled", {}).get("number", ""))
            target.with_suffix(".css").write_text(motif_rule(number), encoding="utf-8")
            shutil.copyfile(style, target.parent / "rise.css")
            notebook.metadata["rise"] = {**notebook.metadata["rise"], **LIVE}
            cleared(notebook, path)
        nbformat.write(notebook, target)
        notary.sign(notebook)  # outputs were made by the course itself: show them without asking
        given = folder / GIVEN / path
        given.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, given)
    left.note(folder)
    _put(folder, scratch.folder)


def _put(fresh: Path, folder: Path) -> None:
    """Put a copy that is whole where the last one was, which goes."""
    old = folder.with_name(f".{folder.name}.old")
    shutil.rmtree(old, ignore_errors=True)
    if folder.exists():
        folder.rename(old)
    fresh.rename(folder)
    shutil.rmtree(old, ignore_errors=True)


def check_slide(root: Path, paths: list[str], slide: int) -> None:
    """Make sure that there is a slide to begin with, before anything of the last time is touched.

    Args:
        root: the root of the repository.
        paths: notebooks of the course, relative to it.
        slide: the slide to begin with, from 1.

    Raises:
        FileNotFoundError: a lecture has not so many slides.
    """
    if slide == 1:
        return
    for path in paths:
        notebook = own.merged(nbformat.read(root / path, as_version=4), root)
        if "rise" not in notebook.metadata:
            continue
        there = count(notebook)
        if not 1 <= slide <= there:
            language = notebook.metadata["language"]
            raise FileNotFoundError(
                f"there is no slide {slide} in {Path(path).stem} ({language}): it has {there}"
            )


def cleared(notebook: NotebookNode, name: str) -> None:
    """Take the outputs from the cells whose code is shown; the others keep theirs."""
    for place in places(notebook, name):
        if place.shows_code:
            place.cell.outputs = []
            place.cell.execution_count = None


def live(notebook: NotebookNode, path: Path, *, slide: int) -> dict[str, Any]:
    """Return what the live view wants to know of a lecture beside its cells.

    Returns:
        language, foot line, the first slide to show, for each slide its first cell and its
        class in the deck, and by cell id the outputs that cells had.
    """
    language = str(notebook.metadata["language"])
    slides = [slide for stack in stacks(notebook, path.name) for slide in stack]
    classes = ["section-slide" if shown.section else "" for shown in slides]
    if next(slides[0].places).cell.source.startswith("# "):
        classes[0] = "title-slide"
    return {
        "language": language,
        "foot": f"{COURSE} · {notebook.metadata['title']}",
        "start": slide,
        "slides": [
            {"cell": next(shown.places).cell.id, "class": kind}
            for shown, kind in zip(slides, classes, strict=True)
        ],
        "outputs": {
            place.cell.id: place.cell.outputs
            for place in places(notebook, path.name)
            if place.shows_code and place.cell.outputs
        },
    }


# What is kept --------------------------------------------------------------------------------


def edits_path(scratch: Scratch, notebook: Path) -> Path:
    """Return where the edits of a notebook of a scratch copy go next: a file not there yet."""
    return next(path for path in _places(scratch, notebook, ".md") if not path.exists())


def _places(scratch: Scratch, notebook: Path, ending: str) -> Iterator[Path]:
    """Yield the places of what is kept of a notebook, without end."""
    stem = f"{notebook.stem}.{_language(notebook)}.edits"
    return numbered(scratch.root / "build" / "present", stem, ending)


def _language(notebook: Path) -> str:
    return next((part for part in notebook.parts if part in {"pl", "en"}), "en")


def keep(scratch: Scratch) -> list[Path]:
    """Write what was edited in a scratch copy beside it, and move there what was put into it.

    What has been kept is the state that the next comparison begins with: it is not kept twice.

    Returns:
        The files written or moved.
    """
    written = []
    edited = set()
    for name in scratch.notebooks:
        before_file, after_file = scratch.folder / GIVEN / name, scratch.folder / name
        if not after_file.is_file() or after_file.is_symlink():
            continue
        edited.add(name)
        try:
            before = nbformat.read(before_file, as_version=4)
            after = nbformat.read(after_file, as_version=4)
            text, whole = edits(before, after), untold(before, after)
        except Exception:
            # Half a file, left by a crash while it was written, or none of ours: keep it as it is.
            places = _places(scratch, name, ".ipynb.damaged")
            written.append(aside(after_file.read_bytes(), places))
            after_file.unlink()
            continue
        if text:
            written.append(aside(text.encode("utf-8"), _places(scratch, name, ".md")))
        if whole:
            written.append(aside(after_file.read_bytes(), _places(scratch, name, ".ipynb")))
        if text or whole:
            nbformat.write(after, before_file)
    return written + left.sweep(scratch.folder, edited)


def edits(before: NotebookNode, after: NotebookNode) -> str:
    """Return in Markdown which cells were changed, added or removed; empty if none was.

    Outputs do not count: running a cell is not an edit.
    """
    had = {cell.id: cell for cell in before.cells}
    has = {cell.id: cell for cell in after.cells}
    slide_of = _slides_of(before)
    parts = []
    previous = ""
    for cell in after.cells:
        old = had.get(cell.id)
        if old is None and cell.source.strip():
            told = f"## Added after `{previous}`" if previous else "## Added at the beginning"
            parts.append(f"{told}\n\n{_fenced(cell)}")
        elif old is not None and old.source != cell.source:
            rows = difflib.unified_diff(
                _plain(old).splitlines(), _plain(cell).splitlines(), lineterm="", n=2
            )
            diff = "\n".join(list(rows)[2:])
            parts.append(
                f"## `{cell.id}`{slide_of.get(cell.id, '')}\n\n{_fenced(cell)}\n\n"
                f"What changed:\n\n{_fence(diff, 'diff')}"
            )
        previous = cell.id
    for cell in before.cells:
        if cell.id not in has:
            place = slide_of.get(cell.id, "")
            parts.append(f"## Removed: `{cell.id}`{place}\n\n{_fenced(cell)}")
    if not parts:
        return ""
    source = before.metadata.get("unrolled", {}).get("source", "its source")
    title = before.metadata.get("title", "Lecture")
    head = (
        f"# Edited while presenting: {title}\n\nTo keep a change, put it into `{source}` and run "
        "`make notebooks`. This file is yours: nothing overwrites it."
    )
    return "\n\n".join([head, *parts]) + "\n"


def untold(before: NotebookNode, after: NotebookNode) -> bool:
    """Whether something was edited that `edits` does not tell: all of the notebook is kept then.

    That is the order of cells, their kind, the pictures in them, and where slides begin.
    """
    common = {cell.id for cell in before.cells} & {cell.id for cell in after.cells}

    def shape(notebook: NotebookNode) -> list[tuple[Any, ...]]:
        return [
            (
                *(cell.id, cell.cell_type, cell.get("attachments") or {}),
                cell.metadata.get("slideshow", {}).get("slide_type", "").strip("-"),
            )
            for cell in notebook.cells
            if cell.id in common
        ]

    added = (cell for cell in after.cells if cell.id not in common)
    return shape(before) != shape(after) or any(cell.get("attachments") for cell in added)


def _slides_of(notebook: NotebookNode) -> dict[str, str]:
    numbered = (slide for stack in stacks(notebook, "lecture") for slide in stack)
    return {
        place.cell.id: f", slide {number}"
        for number, slide in enumerate(numbered, 1)
        for place in [*slide.places, *slide.notes]
    }


def _plain(cell: NotebookNode) -> str:
    """Return a cell's text as its source has it: the build glues short words in Polish prose."""
    text = str(cell.source)
    return text if cell.cell_type == "code" else text.replace("\u00a0", " ")


def _fenced(cell: NotebookNode) -> str:
    return _fence(_plain(cell), "python" if cell.cell_type == "code" else "markdown")


def _fence(text: str, language: str) -> str:
    longest = max((len(run) for run in re.findall("`+", text)), default=0)
    ticks = "`" * max(3, longest + 1)
    return f"{ticks}{language}\n{text}\n{ticks}"
