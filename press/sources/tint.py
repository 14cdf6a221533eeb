r"""Formulas in the colours of their diagrams: ``\tint{forget}{f_t}`` in a source.

Notebooks, decks and pages say ``\textcolor{#C44317}{f_t}``, which MathJax and KaTeX know; pandoc
does not, so a formula goes to Typst with marks around what is coloured.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from unrolled import palette

_BEGIN, _END = "⟦", "⟧"


def coloured(text: str) -> str:
    r"""Return Markdown or LaTeX with each ``\tint{role}{…}`` as ``\textcolor{#rrggbb}{…}``.

    Raises:
        ValueError: a role that the palette does not have, or a brace that is not closed.
    """

    def colour(role: str, body: str) -> str:
        if role not in palette.ROLES:
            raise ValueError(f"\\tint{{{role}}}: the roles are {', '.join(palette.ROLES)}")
        return rf"\textcolor{{{palette.ROLES[role]}}}{{{body}}}"

    return _replaced(text, "tint", colour)


def bare(text: str) -> str:
    r"""Return LaTeX without its colours: ``\tint{…}{x}`` and ``\textcolor{…}{x}`` as ``{x}``."""
    text = _replaced(text, "tint", lambda role, body: f"{{{body}}}")
    return _replaced(text, "textcolor", lambda colour, body: f"{{{body}}}")


def marked(tex: str) -> str:
    r"""Return a formula for pandoc: ``\textcolor`` becomes marks that :func:`typst` finds again."""
    return _replaced(
        tex,
        "textcolor",
        lambda colour, body: (
            rf"\text{{{_BEGIN}{colour.lstrip('#')}}} {marked(body)} \text{{{_END}}}"
        ),
    )


def typst(written: str) -> str:
    """Return Typst with the marks of :func:`marked` as calls of ``tint``, which templates have."""
    written = re.sub(rf'(?:upright\()?"{_BEGIN}(\w+)"\)?\s*', r'tint("\1", ', written)
    return re.sub(rf'\s*(?:upright\()?"{_END}"\)?', ")", written)


def _replaced(text: str, macro: str, put: Callable[[str, str], str]) -> str:
    r"""Replace each ``\macro{a}{b}`` by ``put(a, b)``, inner ones first."""
    start = re.compile(rf"\\{macro}\s*\{{([^{{}}]*)\}}\s*(?=\{{)")
    while match := max(start.finditer(text), key=lambda m: m.start(), default=None):
        end = _closing(text, match.end())
        body = text[match.end() + 1 : end]
        text = text[: match.start()] + put(match[1], body) + text[end + 1 :]
    return text


def _closing(text: str, start: int) -> int:
    """Return where the brace that opens at ``start`` closes."""
    depth = 0
    for place in range(start, len(text)):
        if text[place] in "{}" and text[place - 1] != "\\":
            depth += 1 if text[place] == "{" else -1
            if depth == 0:
                return place
    raise ValueError(f"a brace is not closed: {text[start : start + 30]!r}")
