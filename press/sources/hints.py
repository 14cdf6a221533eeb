"""What is wrong with the exercises' hints, by file and line: they are bilingual prose, too."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from press.sources.source import Problem, differences
from unrolled import edits


def problems(root: Path, labs: Collection[str] | None = None) -> list[Problem]:
    """Return what is wrong with ``unrolled/exercises/*.md``.

    Args:
        root: the root of the repository.
        labs: stems of the labs that are asked for (``04_memory``); None for all of them.

    Hints are held to what a source's prose is held to: the same numbers, formulas and inline code
    in both languages, the right quotes. That every edit fits its reference is found when the
    module is imported (:func:`unrolled.edits.with_mistakes`).
    """
    found = []
    asked = None if labs is None else {stem.partition("_")[2] for stem in labs}
    for path in sorted((root / "unrolled" / "exercises").glob("*.md")):
        if asked is not None and path.stem not in asked:
            continue
        try:
            every = edits.read(path)
        except edits.EditError as error:
            where, _, text = str(error).removeprefix(f"{path}:").partition(": ")
            found.append(Problem(path, int(where), text))
            continue
        for edit in every:
            if edit.texts:
                said = differences(edit.texts["pl"], edit.texts["en"])
                found += [Problem(path, edit.lines["pl"], text) for text in said]
    return found
