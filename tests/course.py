"""The course's own sources and exports: each is read, or made, once for all tests."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from press.exports import site
from press.exports.site import Export
from press.sources.source import Source, find, read
from unrolled.messages import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent
#: Where `make` keeps what it made; a test takes the same files, and makes what is missing there.
BUILD = ROOT / "build"


@cache
def source(path: Path) -> Source:
    """Return a source of the course; it is read once in a process."""
    return read(path)


@cache
def sources() -> tuple[Source, ...]:
    """Return all sources of the course, in order."""
    return tuple(source(path) for path in find(ROOT))


@cache
def exports() -> tuple[Export, ...]:
    """Return everything that is exported of the course."""
    return tuple(
        export
        for one in sources()
        for lang in LANGUAGES
        for export in site.exports(one, ROOT, lang)
    )


def name(export: Export) -> str:
    """Return what a test of an export is called."""
    return export.target.as_posix()
