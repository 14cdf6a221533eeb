"""Slides of one's own under a name that no lecture has: nobody would see them.

Not beside `press.exports.own`, for that is a part of every exporter, and this reads the sources.
"""

from __future__ import annotations

import difflib
from pathlib import Path

from press import HOUSE
from press.exports.own import FOLDER
from press.sources.source import Problem, find
from unrolled.messages import LANGUAGES


def problems(root: Path = HOUSE) -> list[Problem]:
    """Return the files of one's own slides that fit no lecture, so that nobody would see them."""
    known = {path.stem for path in find(root) if path.parent.name == "lectures"}
    names = {f"{stem}.{language}.md" for stem in known for language in LANGUAGES}
    found = []
    for path in sorted((root / FOLDER).glob("*.md")):
        if path.name not in names and path.name.lower() != "readme.md":
            near = difflib.get_close_matches(path.name, names, 1, 0) or ["03_gates.pl.md"]
            text = f"no lecture is called so: its slides are shown nowhere; call it {near[0]}"
            found.append(Problem(path, 1, text))
    return found
