"""Markdown seen as spans: formulas, code, links and pictures, and the plain words between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

_SPANS = re.compile(
    r"""
    (?P<fence>^```.*?^```[ \t]*$)
  | (?P<comment><!--.*?-->)
  | (?P<code>(?P<ticks>`+)(?!`).+?(?<!`)(?P=ticks)(?!`))
  | (?P<block>\$\$.+?\$\$)
  | (?P<inline>(?<![\\$\w])\$(?![\s$])[^$\n]*?(?<![\s\\$])\$(?![\d$]))
  | (?P<picture>!\[(?P<alt>[^\]]*)\]\((?P<file>[^)\s]+)\))
  | (?P<target>(?<=\])\((?P<url>[^)\s]+)\))
  | (?P<autolink><https?://[^>\s]+>)
  | (?P<bare>https?://[^\s)>]+)
    """,
    re.VERBOSE | re.MULTILINE | re.DOTALL,
)
_HEADING = re.compile(r"^(#{1,6})\s+\S", re.MULTILINE)
_THOUSANDS = {"pl": r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)", "en": r"\d{1,3}(?:,\d{3})+(?![\d,])"}


@dataclass
class Parts:
    """What must agree between the two languages of one cell.

    Each attribute counts its items, since both texts may name them in another order.
    """

    formulas: Counter[str] = field(default_factory=Counter)
    code: Counter[str] = field(default_factory=Counter)
    pictures: Counter[str] = field(default_factory=Counter)
    links: Counter[str] = field(default_factory=Counter)
    numbers: Counter[str] = field(default_factory=Counter)
    headings: list[str] = field(default_factory=list)
    alts: list[str] = field(default_factory=list)
    prose: str = ""


def spans(text: str, keep: Callable[[re.Match[str]], str]) -> str:
    """Return ``text`` with each formula, code, picture, link or comment given to ``keep``."""
    return _SPANS.sub(keep, text)


def parts(text: str, language: str) -> Parts:
    """Take one language's half of a cell apart."""
    found = Parts()

    def collect(match: re.Match[str]) -> str:
        kind = match.lastgroup if match.lastgroup not in {"ticks", "alt", "file", "url"} else None
        if match["fence"]:
            found.code[match["fence"]] += 1
        elif match["code"]:
            found.code[match["code"].strip("`")] += 1
        elif match["block"] or match["inline"]:
            found.formulas[same_formula(match[0])] += 1
        elif match["picture"]:
            found.pictures[re.sub(r"/(pl|en)/", "/*/", match["file"])] += 1
            found.alts.append(match["alt"])
        elif match["url"]:
            found.links[same_link(match["url"])] += 1
        elif kind in {"autolink", "bare"}:
            found.links[same_link(match[0].strip("<>"))] += 1
        return " "

    found.prose = spans(text, collect)
    found.headings = [m[1] for m in _HEADING.finditer(found.prose)]
    found.numbers = numbers(found.prose, language)
    return found


def same_formula(formula: str) -> str:
    """Return a formula without what may differ between languages: words, blanks, decimal comma."""
    formula = re.sub(r"\\text(?:rm|bf|it)?\{[^}]*\}", r"\\text{}", formula.replace("{,}", "."))
    return re.sub(r"\s+", "", formula)


def same_link(url: str) -> str:
    """Return an address without the language of a Wikipedia."""
    return re.sub(r"//(pl|en)\.wikipedia", "//*.wikipedia", url)


def numbers(prose: str, language: str) -> Counter[str]:
    """Count the numbers written as digits, in one notation for both languages.

    Polish writes 2,5 and 16 384 where English writes 2.5 and 16,384.
    """
    prose = re.sub(_THOUSANDS[language], lambda m: re.sub(r"\D", "", m[0]), prose)
    decimal = "," if language == "pl" else "."
    found = re.findall(rf"\d+(?:{re.escape(decimal)}\d+)?", prose)
    return Counter(n.replace(decimal, ".") for n in found)


_SHORT = re.compile(
    r"(?<![^\s(„\u00a0*_\[])([aiouwzAIOUWZ])(?:[ ]+|[ ]*\n[ ]*(?=[^\W\d]|[\ue000*_„($]))(?![|\s])"
)


def glue(text: str) -> str:
    """Glue one-letter words of a Polish text to the next word with a no-break space.

    Formulas, code, links and comments stay as they are.
    """
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match[0])
        return f"\ue000{len(kept) - 1}\ue001"

    hidden = spans(text, keep)
    glued = _SHORT.sub("\\1\u00a0", hidden)
    return re.sub("\ue000(\\d+)\ue001", lambda m: kept[int(m[1])], glued)
