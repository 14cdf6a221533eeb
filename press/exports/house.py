"""Who teaches the course here, and in which colours: what ``course.toml`` says."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from press import HOUSE

#: The file of this house, and of every exporter that nobody told another.
FILE = HOUSE / "course.toml"
#: The colours that the templates are written in.
HEADINGS, LINKS = "#16324f", "#0b57a4"
_KEYS = {"here": {"university", "author", "term", "logo"}, "colours": {"headings", "links"}}


class HouseError(ValueError):
    """``course.toml`` cannot be used; the message says what to write instead."""


@dataclass(frozen=True)
class House:
    """What ``course.toml`` says.

    Attributes:
        university: its name, or nothing.
        author: the lecturer, or nothing.
        term: such as ``zima 2026/27``, or nothing.
        logo: a picture, or None.
        headings: the colour of headings, ``#rrggbb``.
        links: the colour of links and of emphasis.
    """

    university: str = ""
    author: str = ""
    term: str = ""
    logo: Path | None = None
    headings: str = HEADINGS
    links: str = LINKS

    @property
    def line(self) -> str:
        """Return author, university and term on one line; empty if nothing is said."""
        return " · ".join(filter(None, (self.author, self.university, self.term)))

    def painted(self, text: str) -> str:
        """Return a style sheet, a template or a drawing in the colours of this house."""
        text = re.sub(HEADINGS, self.headings, text, flags=re.IGNORECASE)
        return re.sub(LINKS, self.links, text, flags=re.IGNORECASE)


def read(path: Path = FILE) -> House:
    """Return what a ``course.toml`` says; a file that is not there says nothing.

    Raises:
        HouseError: it is not TOML, has an unknown key, a colour that is none, or no such logo.
    """
    if not path.is_file():
        return House()
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise HouseError(f"{path.name}: {error}") from error
    for part, values in said.items():
        known = _KEYS.get(part)
        if known is None or not isinstance(values, dict):
            raise HouseError(f"{path.name}: [{part}] is unknown; there are [here] and [colours]")
        for key, value in values.items():
            if key not in known:
                names = ", ".join(sorted(known))
                raise HouseError(f"{path.name}: [{part}] has no {key!r}; it has {names}")
            if not isinstance(value, str):
                raise HouseError(f'{path.name}: {key} is a text in quotes: {key} = "…"')
    here, colours = said.get("here", {}), said.get("colours", {})
    for key, value in colours.items():
        if not re.fullmatch(r"#[0-9a-fA-F]{6}", value):
            raise HouseError(f"{path.name}: {key} is a colour such as {LINKS}, not {value!r}")
    logo = path.parent / here["logo"] if here.get("logo") else None
    if logo is not None and not (logo.is_file() and logo.suffix.lower() in {".svg", ".png"}):
        raise HouseError(f"{path.name}: there is no logo {here['logo']} (an SVG or a PNG)")
    return House(
        here.get("university", ""),
        here.get("author", ""),
        here.get("term", ""),
        logo,
        colours.get("headings", HEADINGS),
        colours.get("links", LINKS),
    )


@lru_cache(maxsize=1)
def ours() -> House:
    """Return what this repository's own ``course.toml`` says."""
    return read()
