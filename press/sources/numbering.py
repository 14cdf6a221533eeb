"""Whether each lecture and each lab has a number of its own."""

from __future__ import annotations

from pathlib import Path

from press.sources.source import Problem, find


def problems(root: Path) -> list[Problem]:
    """Return the sources whose number another one of their kind has."""
    first: dict[tuple[str, str], Path] = {}
    found = []
    for path in find(root):
        number = path.stem.partition("_")[0]
        other = first.setdefault((path.parent.name, number), path)
        if other is not path:
            text = f"{other.name} has the number {number} already: give one of them another"
            found.append(Problem(path, 1, text))
    return found
