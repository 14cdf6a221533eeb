"""Tables in the README that are made from measurements, between marks that nobody edits."""

from __future__ import annotations

from pathlib import Path

from press.files import write_whole


def put(readme: Path, name: str, table: str) -> bool:
    """Put a table between the marks of its name; return whether the README changed.

    Args:
        readme: the file.
        name: the marks are ``<!-- name: begin -->`` and ``<!-- name: end -->``.
        table: Markdown.

    Raises:
        ValueError: the README lacks the marks.
    """
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    text = readme.read_text(encoding="utf-8")
    if begin not in text or end not in text:
        raise ValueError(f"{readme.name} has no lines {begin} and {end}")
    head, rest = text.split(begin, 1)
    new = f"{head}{begin}\n{table}\n{end}{rest.split(end, 1)[1]}"
    if new != text:
        write_whole(readme, new)
    return new != text
