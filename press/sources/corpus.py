"""The course's own Polish prose as one plain text: what labs 05 and 07 read in their small mode.

The text in ``data/course.txt`` is a snapshot: it does not follow every edit of a lecture, so that
the labs' results stay what they were. ``python -m press corpus`` takes a new one.
"""

from __future__ import annotations

import re
from pathlib import Path

from press.sources import bibliography, text
from press.sources.source import BEGIN_PROSE, END_PROSE, Cell, Source, find, read

#: A formula that reads as a word when its marks are taken away: `$s_t$`, `$n = 10$`, `$0{,}5$`.
_READABLE = re.compile(r"\$[\w ,.=+()/<>^{}'-]+\$")


def corpus(root: Path) -> str:
    """Return the Polish prose of all lectures and labs, a paragraph on each line.

    Formulas that cannot be read as text, and sentences around them, are left out, and so are
    code, tables and addresses. A line that has come already does not come again.
    """
    lines: dict[str, None] = {}
    for path in sorted(find(root), key=lambda p: (p.stem[:2], p.parent.name != "lectures")):
        for paragraph in _paragraphs(read(path)):
            lines.setdefault(paragraph)
    return "\n".join(lines) + "\n"


def _paragraphs(source: Source) -> list[str]:
    found = [f"{source.title['pl']}. {source.subtitle['pl']}."]
    found += [f"Po tych zajęciach potrafisz {item['pl']}." for item in source.objectives]
    for cell in source.cells:
        found += _cell(cell)
    return [line for line in map(_plain, found) if len(line) > 1]


def _cell(cell: Cell) -> list[str]:
    if cell.kind == "code":
        return [cell.metadata["alt"]["pl"]] if "alt" in cell.metadata else []
    prose = cell.text["pl"].replace(BEGIN_PROSE, "").replace(END_PROSE, "")
    if prose == cell.text.get("en"):
        return []  # a shared cell has no words

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

    prose = text.spans(bibliography.put_citations(prose, "pl"), keep)
    blocks = re.split(r"\n\s*\n|\n(?=\s*(?:[-*>#]|\d+\.)\s)|\n(?=\|)", prose)
    return [block for block in blocks if not block.lstrip().startswith("|")]


def _plain(paragraph: str) -> str:
    line = re.sub(r"^\s*(?:#+|>|[-*]|\d+\.)\s+", "", paragraph)
    line = re.sub(
        r"\*\*|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)|\[(?=[^\]]*\])|(?<=\w)\](?!\w)", "", line
    )
    line = re.sub(r"\s+", " ", line).strip()
    sentences = re.split(r"(?<=[.!?])\s+(?=[A-ZĄĆĘŁŃÓŚŹŻ„])", line)
    return " ".join(s for s in sentences if "\ue000" not in s)
