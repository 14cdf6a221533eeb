"""Citations: ``[@hochreiter1997]`` in a source, and the list of works at its end.

The works stand in ``lectures/references.bib``; pandoc reads them.
"""

from __future__ import annotations

import functools
import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pypandoc

from press import HOUSE
from press.sources import text as words
from unrolled.messages import Language

FILE = HOUSE / "lectures" / "references.bib"
#: The most works on one slide of the list.
ON_A_SLIDE = 4
_KEY = r"[a-z][a-z-]*\d{4}[a-z]?"
_GROUP = re.compile(rf"\[@({_KEY}(?:;\s*@{_KEY})*)\]")
_BARE = re.compile(rf"(?<![\w@./`])@({_KEY})\b")
_ANY = re.compile(rf"{_GROUP.pattern}|{_BARE.pattern}")
_AND: dict[Language, str] = {"pl": "i", "en": "and"}
_OTHERS: dict[Language, str] = {"pl": "i in.", "en": "et al."}


class BibliographyError(ValueError):
    """The list of works cannot be used; the message says why."""


@functools.lru_cache
def works(file: Path = FILE) -> dict[str, dict[str, Any]]:
    """Return the works of a BibTeX file by their keys, as CSL data.

    Raises:
        BibliographyError: the file is not there or cannot be read, or a work lacks its author, its
            year or its title.
    """
    try:
        text = file.read_text(encoding="utf-8")
        # Double braces keep a conference's name as it is written.
        text = re.sub(r"(booktitle\s*=\s*)\{(.*?)\},?$", r"\1{{\2}},", text, flags=re.M | re.S)
        found = json.loads(pypandoc.convert_text(text, "csljson", format="bibtex"))
    except (RuntimeError, OSError, UnicodeDecodeError) as error:
        raise BibliographyError(f"{file} cannot be read as BibTeX: {error}") from error
    bad = [w["id"] for w in found if not (w.get("author") and w.get("title") and _dated(w))]
    if bad:
        raise BibliographyError(f"{file}: these works lack author, title or year: {', '.join(bad)}")
    return {work["id"]: work for work in found}


def cited(text: str) -> list[str]:
    """Return the keys that a text cites, in order, each once; code and formulas are passed over."""
    plain = words.spans(text, lambda m: " ")
    keys = [key for m in _ANY.finditer(plain) for key in re.findall(_KEY, m[0])]
    return list(dict.fromkeys(keys))


def unknown(text: str) -> list[str]:
    """Return the keys that a text cites and the bibliography does not have."""
    keys = cited(text)
    return [key for key in keys if key not in works()] if keys else []


def put_citations(text: str, language: Language) -> str:
    """Return a text with each citation written out: names and year.

    ``[@key; @other]`` becomes names and years in brackets, ``@key`` names with the year in
    brackets.
    """
    if "@" not in text:
        return text
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\ue000{len(kept) - 1}\ue001"

    hidden = words.spans(text, keep)
    hidden = _GROUP.sub(
        lambda m: "(" + "; ".join(_short(key, language) for key in re.findall(_KEY, m[1])) + ")",
        hidden,
    )
    hidden = _BARE.sub(lambda m: f"{_names(m[1], language)} ({_dated(works()[m[1]])})", hidden)
    return re.sub("\ue000(\\d+)\ue001", lambda m: kept[int(m[1])], hidden)


def references(keys: Iterable[str], language: Language) -> list[str]:
    """Return the works, each as one line of Markdown, sorted by their first author and year."""
    chosen = sorted(set(keys), key=lambda k: (_family(works()[k]["author"][0]).lower(), k[-5:], k))
    return [_entry(works()[key], language) for key in chosen]


def _entry(work: dict[str, Any], language: Language) -> str:
    authors = [_family(a) + _initials(a) for a in work["author"]]
    listed = f"{authors[0]} {_OTHERS[language]}" if len(authors) > 3 else ", ".join(authors)
    title = work["title"].replace("[", "(").replace("]", ")")
    address = f"https://doi.org/{work['DOI']}" if "DOI" in work else work.get("URL")
    shown = f"[{title}]({address})" if address else title
    where = work.get("container-title") or work.get("note") or work.get("publisher") or ""
    if where:
        where = f"*{where}*"
        if "volume" in work and work.get("type") == "article-journal":
            where += f" {work['volume']}"
            where += f"({work['issue']})" if "issue" in work else ""
        if "page" in work:
            where += ", " + re.sub(r"-+", "–", str(work["page"]))
    end = f" {where}." if where else ""
    return f"{listed} ({_dated(work)}). {shown}{'' if title.endswith('?') else '.'}{end}"


def _short(key: str, language: Language) -> str:
    return f"{_names(key, language)}, {_dated(works()[key])}"


def _names(key: str, language: Language) -> str:
    authors = [_family(a) for a in works()[key]["author"]]
    if len(authors) > 2:
        return f"{authors[0]} {_OTHERS[language]}"
    return f" {_AND[language]} ".join(authors)


def _family(author: dict[str, str]) -> str:
    particle = author.get("non-dropping-particle") or author.get("dropping-particle") or ""
    family = author.get("family") or author["literal"]
    return f"{particle} {family}".strip()


def _initials(author: dict[str, str]) -> str:
    given = re.findall(r"[^\W\d_]+", author.get("given", ""))
    return " " + "\u00a0".join(f"{name[0]}." for name in given) if given else ""


def _dated(work: dict[str, Any]) -> int | None:
    parts = work.get("issued", {}).get("date-parts", [[None]])
    return parts[0][0] if parts and parts[0] else None
