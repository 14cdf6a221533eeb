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
    """Return an address without the language of a Wikipedia, or of a heading."""
    if url.startswith("#"):
        return "#"
    return re.sub(r"//(pl|en)\.wikipedia", "//*.wikipedia", url)


_MONTHS = {
    "pl": "stycznia lutego marca kwietnia maja czerwca lipca sierpnia września października "
    "listopada grudnia",
    "en": "January February March April May June July August September October November December",
}
#: Polish words after which a point is no decimal point: “rozdział 2.3”, “wersja 3.11”.
_LABEL = re.compile(
    r"(rozdz|podrozdz|sekcj|wersj|sal[aię]|pok[oó]j|zadani|tabel|rysun|rys$|wz[oó]r|punk|paragraf"
    r"|ćwicze)\w*",
    re.IGNORECASE,
)
#: Polish words after which 10.15 is an hour.
_HOUR = re.compile(r"(o|od|do|po|przed|godz|godzin\w*)", re.IGNORECASE)
_DATE = re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?![\d.]*\d)")
_ISO = re.compile(r"(?<!\d)(\d{4})-(\d{2})-(\d{2})(?!\d)")


def numbers(prose: str, language: str, names: frozenset[str] = frozenset()) -> Counter[str]:
    """Count the numbers written as digits, in one notation for both languages.

    Polish writes 2,5 and 16 384 where English writes 2.5 and 16,384. What is no decimal number is
    the same in both: versions (3.10.0), dates, rooms and sections, hours (10.15, 10:15).

    Args:
        prose: the text.
        language: ``pl`` or ``en``.
        names: words after which a point is no decimal point (“Python 3.11”).
    """
    return _numbers(prose, language, names, lists=False)


def numbers_differ(pl: str, en: str) -> list[str]:
    """Return what is said of two texts whose numbers are not the same; nothing if they are.

    In brackets, (8,16) and (100,200,300) may be lists as well as a decimal number and thousands.
    """
    names = frozenset(re.findall(r"[^\W\d_]{2,}", en))
    ours, theirs = numbers(pl, "pl", names), numbers(en, "en")
    if ours == theirs or any(
        _numbers(pl, "pl", names, lists=a) == _numbers(en, "en", frozenset(), lists=b)
        for a in (False, True)
        for b in (False, True)
    ):
        return []

    def listed(left: Counter[str]) -> str:
        return ", ".join(f"{item!r}" for item in left) if left else "nothing"

    return [
        f"the numbers differ: only in Polish {listed(ours - theirs)}, "
        f"only in English {listed(theirs - ours)}"
    ]


def _numbers(prose: str, language: str, names: frozenset[str], *, lists: bool) -> Counter[str]:
    kept: list[str] = []

    def keep(number: str) -> str:
        kept.append(number)
        return " ; "

    def date(day: str, month: str, year: str) -> str:
        return keep(f"{int(day)}.{int(month)}.{year}")

    months = {name: str(number) for number, name in enumerate(_MONTHS[language].split(), 1)}
    either = "|".join(months)
    prose = re.sub(
        rf"\b(\d{{1,2}})\s+({either})\s+(\d{{4}})\b",
        lambda m: date(m[1], months[m[2]], m[3]),
        prose,
    )
    prose = re.sub(
        rf"\b({either})\s+(\d{{1,2}}),?\s+(\d{{4}})\b",
        lambda m: date(m[2], months[m[1]], m[3]),
        prose,
    )
    prose = _DATE.sub(lambda m: date(m[1], m[2], m[3]), prose)
    prose = _ISO.sub(lambda m: date(m[3], m[2], m[1]), prose)
    prose = re.sub(r"\b(\d{1,2}):(\d\d)\b", lambda m: keep(f"{m[1]}.{m[2]}"), prose)
    if lists:
        prose = re.sub(r"[(\[{]\d+(?:,\d+)+[)\]}]", lambda m: m[0].replace(",", " ; "), prose)
    prose = re.sub(_THOUSANDS[language], lambda m: re.sub(r"\D", "", m[0]), prose)
    prose = re.sub(r"\d+(?:,\d+){2,}", lambda m: m[0].replace(",", " ; "), prose)
    # Several points make a version; so does one after a name, in the language of the comma.
    prose = re.sub(r"(?<![\d.,])\d+(?:\.\d+){2,}(?!\.?\d)", lambda m: keep(m[0]), prose)
    if language == "pl":
        prose = re.sub(
            r"(?<![^\W\d_])([^\W\d_]+)(\.?[\s\u00a0]+|-)(\d+\.\d+)(?![.,]?\d)",
            lambda m: keep(m[3]) if _pointed(m[1], m[3], names) else m[0],
            prose,
        )
    decimal = "," if language == "pl" else "."
    found = re.findall(rf"\d+(?:{re.escape(decimal)}\d+)?", prose)
    return Counter(n.replace(decimal, ".") for n in found) + Counter(kept)


def _pointed(word: str, number: str, names: frozenset[str]) -> bool:
    """Whether a Polish number with a point stands rightly after a word."""
    hour = _HOUR.fullmatch(word) and re.fullmatch(r"([01]?\d|2[0-3])\.[0-5]\d", number)
    return bool(hour) or word in names or bool(_LABEL.fullmatch(word))


_SHORT = re.compile(
    r"(?<![^\s(„\u00a0*_\[])([aiouwzAIOUWZ])(?:[ ]+|[ ]*\n[ ]*(?=[^\W\d]|[\ue000*_„($]))(?![|\s])"
)


def apostrophes(text: str) -> str:
    """Return a piece of prose with the printer's apostrophes for the typewriter's.

    Between letters, before a genitive's s that follows other mark-up, and after a plural's s, where
    no single quote is open.
    """
    text = re.sub(r"(?<=[^\W\d_])'(?=[^\W\d_])|^'(?=s\b)", "’", text)
    if not re.search(r"(?:^|[\s(])'", text):
        text = re.sub(r"(?<=s)'(?=[\s.,;:!?)]|$)", "’", text)
    return text


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
