"""The course's own prose as one plain text: what labs 05 and 07 read in their small mode.

The texts in ``data/course.txt`` (Polish) and ``data/course_en.txt`` (English: lecture 01 cuts both
into subwords) are snapshots: they do not follow every edit of a lecture, so that the results stay
what they were. ``python -m press corpus`` takes new ones; with ``--edition`` one of the two.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from press.sources import bibliography, text
from press.sources.source import BEGIN_PROSE, END_PROSE, Cell, Source, find, read
from unrolled.messages import Language

#: The snapshots, in the folder ``data``.
FILES: dict[Language, str] = {"pl": "course.txt", "en": "course_en.txt"}
#: How an objective begins.
_ABLE: dict[Language, str] = {"pl": "Po tych zajęciach potrafisz", "en": "After this class you can"}
#: What may begin a sentence.
_CAPITALS: dict[Language, str] = {"pl": "A-ZĄĆĘŁŃÓŚŹŻ„", "en": "A-Z“"}

#: A formula that reads as a word when its marks are taken away: `$s_t$`, `$n = 10$`, `$0{,}5$`.
_READABLE = re.compile(r"\$[\w ,.=+()/<>^{}'-]+\$")


def corpus(root: Path, language: Language = "pl", sources: Sequence[Source] | None = None) -> str:
    """Return the prose of all lectures and labs in a language, a paragraph on each line.

    Formulas that cannot be read as text, and sentences around them, are left out, and so are
    code, tables and addresses. A line that has come already does not come again.

    Args:
        root: the root of the repository.
        language: the language.
        sources: the lectures and labs, if they have been read.
    """
    if sources is None:
        sources = [read(path) for path in find(root)]
    lines: dict[str, None] = {}
    for source in sorted(sources, key=lambda s: (s.number, s.kind != "lecture")):
        for paragraph in _paragraphs(source, language):
            lines.setdefault(paragraph)
    return "\n".join(lines) + "\n"


def _paragraphs(source: Source, language: Language) -> list[str]:
    found = [f"{source.title[language]}. {source.subtitle[language]}."]
    found += [f"{_ABLE[language]} {item[language]}." for item in source.objectives]
    for cell in source.cells:
        found += _cell(cell, language)
    return [line for line in (_plain(block, language) for block in found) if len(line) > 1]


def _cell(cell: Cell, language: Language) -> list[str]:
    if cell.kind == "code":
        return [cell.metadata["alt"][language]] if "alt" in cell.metadata else []
    if cell.text["pl"] == cell.text["en"]:
        return []  # a shared cell has no words
    prose = cell.text[language].replace(BEGIN_PROSE, "").replace(END_PROSE, "")

    def keep(match: re.Match[str]) -> str:
        if match["picture"]:
            return match["alt"]
        if match["code"]:
            return match["code"].strip("`")
        if match["inline"] and _READABLE.fullmatch(match[0]):
            return re.sub(r"[${}]", "", match[0])
        if match["url"] or match["comment"]:
            return ""
        return "\ue000"  # no way to read it

    prose = text.spans(bibliography.put_citations(prose, language), keep)
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*>#]|\d+\.)\s)|\n(?=\|)", prose)
    return [block for block in blocks if not block.lstrip().startswith("|")]


def _plain(paragraph: str, language: Language) -> str:
    line = re.sub(r"^\s*(?:#+|>|[-*]|\d+\.)\s+", "", paragraph)
    line = re.sub(
        r"\*\*|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|\[(?=[^\]]*\])|(?<=\w)\](?!\w)", "", line
    )
    line = re.sub(r"\s+", " ", line).strip()
    sentences = re.split(rf"(?<=[.!?])\s+(?=[{_CAPITALS[language]}])", line)
    return " ".join(s for s in sentences if "\ue000" not in s)
