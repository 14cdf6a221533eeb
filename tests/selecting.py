"""A plugin for pytest: the tests that belong to one document.

``tests/run.py`` loads it. ``--only 04_memory`` keeps the tests whose names speak of the document:
of its exercises (``memory/adding``), exports (``pl/labs/04_memory.html``), diagrams
(``lstm-1``) or cells (``lstm-coupled``).
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ALL = ("lectures", "labs")


def documents() -> dict[str, Path]:
    """Return the course's sources by their names (``04_memory``), lectures first."""
    found: dict[str, Path] = {}
    for folder in ALL:
        for path in sorted((ROOT / folder).glob("[0-9][0-9]_*.md")):
            found[path.stem] = path
    return found


def words(path: Path) -> frozenset[str]:
    """Return what a test of a document says in its name: the document's, or a diagram's."""
    text = path.read_text(encoding="utf-8")
    diagrams = re.findall(r"img/(?:pl|en)/([\w-]+)\.svg", text)
    return frozenset([path.stem.partition("_")[2], *diagrams])


def owners(nodeid: str, known: dict[str, frozenset[str]]) -> list[str]:
    """Return the documents that a test belongs to.

    Args:
        nodeid: the test's name: file, function and parameters.
        known: the words of each document.
    """
    return [
        name
        for name, said in known.items()
        if any(re.search(rf"(?<![^\W_]){re.escape(word)}(?![^\W_])", nodeid) for word in said)
    ]


def pytest_addoption(parser: pytest.Parser) -> None:
    group = parser.getgroup("course")
    group.addoption("--only", metavar="DOCUMENT", help="the tests of one document (04_memory)")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    kept = items[:]
    if only := config.getoption("--only"):
        known = {only: words(documents()[only])}
        kept = [item for item in kept if owners(item.nodeid, known)]
    if len(kept) < len(items):
        chosen = set(kept)
        config.hook.pytest_deselected(items=[item for item in items if item not in chosen])
        items[:] = kept
