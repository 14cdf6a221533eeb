"""Exports: a notebook as a deck, a page or a PDF, made once and kept while it holds.

A file that was made is kept with a key: a digest of everything that it was made of (the notebook
and its pictures, the modules of the press that export it, templates, style sheets and fonts, the
versions of the libraries). Whoever wants the file, the build or a test, gets the kept one while
its key is the same.
"""

from __future__ import annotations

import ast
import hashlib
import os
import re
import sys
from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from urllib.parse import unquote

from nbconvert.exporters import Exporter

from press import HOUSE
from press.exports.deck import DeckExporter, PageExporter, StudentDeckExporter
from press.exports.house import read as read_house
from press.exports.parcel import NotebookExporter
from press.exports.pdf import HandoutPDFExporter, SlidePDFExporter, StudentPDFExporter
from press.exports.twoup import TwoUpPDFExporter
from press.files import alone, write_whole

#: The formats by the names under which nbconvert knows them, without ``unrolled-``.
FORMATS: dict[str, type[Exporter]] = {
    "deck": DeckExporter,
    "student-deck": StudentDeckExporter,
    "page": PageExporter,
    "slides-pdf": SlidePDFExporter,
    "handout-pdf": HandoutPDFExporter,
    "student-pdf": StudentPDFExporter,
    "two-up-pdf": TwoUpPDFExporter,
    "notebook": NotebookExporter,
}
#: What the exporters read beside their own code, below the root.
MATERIAL = ("press/static", "press/templates", "unrolled/fonts")
#: The libraries that decide what a file looks like, by the names of their distributions.
LIBRARIES = (
    "brotli",
    "cycler",  # this one, IPython, Matplotlib and NumPy by way of unrolled.animation
    "fonttools",
    "ipython",
    "jinja2",
    "jupytext",
    "markdown-it-py",
    "matplotlib",
    "nbconvert",
    "nbformat",
    "numpy",
    "pillow",
    "pygments",
    "pypdf",
    "pypandoc-binary",
    "quickjs",
    "traitlets",
    "typst",
)
# A path of a picture has no long words: base64 has, and would be searched again from each letter.
_PICTURE = re.compile(r"(?<![^\s()<>\"'\\])[^\s()<>\"'\\]{1,200}\.(?:svg|png|jpg)\b")


def content(notebook_path: Path, to: str) -> bytes:
    """Return a notebook in one of the formats, as the bytes of a file.

    Args:
        notebook_path: an edition.
        to: one of `FORMATS`.

    Raises:
        ValueError: there is no such format.
        ExportError: a cell cannot be shown; the message names it.
        FormulaError: a formula cannot be set; the message names the cell.
    """
    body, _ = _exporter(to)().from_filename(str(notebook_path))
    return body if isinstance(body, bytes) else str(body).encode("utf-8")


def _exporter(to: str) -> type[Exporter]:
    if to not in FORMATS:
        raise ValueError(f"no format {to!r}: it is one of {', '.join(FORMATS)}")
    return FORMATS[to]


def export(notebook_path: Path, out_dir: Path, to: str) -> Path:
    """Export a notebook and return the file written.

    Args:
        notebook_path: an edition.
        out_dir: the folder for the file; made if missing.
        to: one of `FORMATS`.

    Raises:
        ValueError: there is no such format.
        ExportError: a cell cannot be shown; the message names it.
        FormulaError: a formula cannot be set; the message names the cell.
    """
    ending = _exporter(to)().file_extension
    path = out_dir / f"{notebook_path.stem}{ending}"
    write_whole(path, content(notebook_path, to))
    return path


# What a file is made of --------------------------------------------------------------------


def modules(start: str, house: Path = HOUSE) -> tuple[set[Path], set[str]]:
    """Return the files of our modules that one module reaches, and what else they import.

    Args:
        start: the module's name, as ``press.exports.deck``.
        house: the root of the repository.

    Returns:
        The files (absolute), and the names of the foreign top-level packages.
    """
    files: set[Path] = set()
    foreign: set[str] = set()
    todo = [start]
    while todo:
        name = todo.pop()
        path = _file(name, house)
        if path is None:  # a name inside a module, or not ours
            if name.split(".")[0] not in {"press", "unrolled"}:
                foreign.add(name.split(".")[0])
            continue
        if path in files:
            continue
        files.add(path)
        if "." in name:
            todo.append(name.rpartition(".")[0])
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                todo += [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.module:
                todo.append(node.module)
                if node.module.split(".")[0] in {"press", "unrolled"}:
                    todo += [f"{node.module}.{alias.name}" for alias in node.names]
    return files, foreign - set(sys.stdlib_module_names)


def _file(name: str, house: Path) -> Path | None:
    base = house.joinpath(*name.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


def _house(house: Path) -> set[Path]:
    """Return the file that says who teaches here, and the logo that it names."""
    toml = house / "course.toml"
    logo = read_house(toml).logo
    return {path for path in (toml, logo) if path is not None and path.is_file()}


@lru_cache
def workshop(to: str, house: Path = HOUSE) -> str:
    """Return a digest of what makes a format: code, templates, style sheets, fonts, libraries.

    It is taken once in a process: what Python has imported does not change either.
    """
    files, _ = modules(_exporter(to).__module__, house)
    files.add(house / "press" / "exports" / "export.py")
    files.update(_house(house))
    for folder in MATERIAL:
        files.update(path for path in (house / folder).rglob("*") if path.is_file())
    lines = [f"python {sys.version_info.major}.{sys.version_info.minor}", to]
    lines += [f"{name} {version(name)}" for name in LIBRARIES]
    lines += [
        f"{os.path.relpath(path, house)} {_digest(path.read_bytes())}"
        for path in sorted(files)
        if "__pycache__" not in path.parts
    ]
    return _digest("\n".join(lines).encode())


def key(notebook_path: Path, to: str, house: Path = HOUSE) -> str:
    """Return a digest of everything that an export is made of.

    Args:
        notebook_path: an edition.
        to: one of `FORMATS`, or an empty string for a copy of the notebook.
        house: the root of the repository whose press makes the file.
    """
    notebook = notebook_path.read_bytes()
    lines = [_digest(notebook)]
    if to:
        lines += [workshop(to, house), notebook_path.stem]
        for name in sorted(set(_PICTURE.findall(notebook.decode("utf-8")))):
            picture = notebook_path.parent / unquote(name)
            if picture.is_file():
                lines.append(f"{name} {_digest(picture.read_bytes())}")
        own = house / "lectures" / "local" / f"{notebook_path.stem}.{notebook_path.parent.name}.md"
        if own.is_file():
            lines.append(f"{own.name} {_digest(own.read_bytes())}")
    return _digest("\n".join(lines).encode())


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# Kept files --------------------------------------------------------------------------------


def holds(target: Path, record: Path, wanted: str) -> bool:
    """Whether a kept file is whole and has the key that is wanted.

    Args:
        target: the file.
        record: where its key and its digest were written down.
        wanted: the key that it should have.
    """
    try:
        return record.read_text(encoding="ascii").split() == [wanted, _digest(target.read_bytes())]
    except FileNotFoundError:
        return False


def keep(notebook_path: Path, to: str, target: Path, record: Path, house: Path = HOUSE) -> bool:
    """Make an export unless the one that is kept holds; return whether it was made.

    Several processes may ask for the same file: one makes it, the others wait and take it. The
    file appears whole or not at all, and it counts only when its own digest stands in the record.

    Args:
        notebook_path: an edition.
        to: one of `FORMATS`, or an empty string for a copy of the notebook.
        target: the file to have.
        record: where to keep its key.
        house: the root of the repository whose press makes the file.

    Raises:
        FileNotFoundError: the notebook is not there; the message says how to make it.
        ExportError: a cell cannot be shown; the message names it.
        FormulaError: a formula cannot be set; the message names the cell.
    """
    if not notebook_path.is_file():
        raise FileNotFoundError(f"there is no {notebook_path}; run: make notebooks")
    wanted = key(notebook_path, to, house)
    if holds(target, record, wanted):
        return False
    with alone(record.with_name(f"{record.name}.lock")):
        if holds(target, record, wanted):  # made while we waited
            return False
        data = content(notebook_path, to) if to else notebook_path.read_bytes()
        write_whole(target, data)
        write_whole(record, f"{wanted} {_digest(data)}\n".encode("ascii"))
    return True
