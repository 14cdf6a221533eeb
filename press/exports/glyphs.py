"""Which characters a PDF cannot show, because no font has a glyph for them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

import typst

from press.exports.fonts import FONTS, characters

#: A character for private use, which no font of ours has: what stands for it stands for all.
_NOWHERE = "\uf8f0"
_UNSEEN = {"Mn", "Me", "Cf", "Cc", "Zs", "Zl", "Zp"}


def without(text: str) -> list[str]:
    """Return the characters of a text for which PDFs have no glyph, sorted."""
    wanted = set(unicodedata.normalize("NFC", text)) - _ours()
    odd = sorted(c for c in wanted if unicodedata.category(c) not in _UNSEEN)
    return sorted(_missing(tuple(odd))) if odd else []


def named(missing: Iterable[str]) -> str:
    """Return characters as a message shows them."""
    shown = list(missing)
    more = f" … ({len(shown)} in all)" if len(shown) > 12 else ""
    return " ".join(f"{c} (U+{ord(c):04X})" for c in shown[:12]) + more


@lru_cache(maxsize=1)
def _ours() -> frozenset[str]:
    return frozenset().union(*(characters(path) for path in FONTS.glob("*.ttf")))


@lru_cache(maxsize=64)
def _missing(odd: tuple[str, ...]) -> frozenset[str]:
    """Ask Typst itself: a character without a glyph gets the same box as `_NOWHERE`."""
    pages = "\n#pagebreak()\n".join(f'#"{character}"' for character in (_NOWHERE, *odd))
    head = '#set page(width: 90pt, height: 40pt)\n#set text(font: "Source Sans 3")\n'
    compiled: Any = typst.compile  # its type hints want folders of the document's own type
    drawn = compiled(
        (head + pages).encode(), format="svg", font_paths=[str(FONTS)], ignore_system_fonts=True
    )
    shapes = [
        tuple(re.findall(r'href="#(g\w+)"', page.decode()))
        for page in (drawn if isinstance(drawn, list) else [drawn])
    ]
    box = shapes[0]
    return frozenset(c for c, shape in zip(odd, shapes[1:], strict=True) if shape in {box, ()})
