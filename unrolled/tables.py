"""Tables in the notebook's language."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from numbers import Integral, Real
from typing import Any, Literal

from unrolled.messages import LANGUAGES, Language, building, fail_cell, language, variants
from unrolled.words import MissingWordError, number, translate

Format = str | Callable[[Any], str]


class Table:
    """Rows that display themselves as a table.

    Headings and cells with words are English in the code and are shown in the notebook's
    language, through the catalogue :mod:`unrolled.words`. Columns of numbers are aligned to the
    right; in Polish they have a decimal comma.

    Args:
        rows: one mapping per row, heading → value. A number, a text, a truth value or None.
        formats: heading → format specification (``".1f"``) or a function; whole numbers are
            shown in full and others with four significant digits by default.
        best: heading → ``"min"`` or ``"max"``: the best values of that column are set in bold.

    Raises:
        ValueError: there are no rows, or rows have different headings, or ``formats`` or ``best``
            names a heading that does not exist.
    """

    def __init__(
        self,
        rows: Sequence[Mapping[str, Any]],
        *,
        formats: Mapping[str, Format] | None = None,
        best: Mapping[str, Literal["min", "max"]] | None = None,
    ) -> None:
        self.rows = [dict(row) for row in rows]
        self.formats = dict(formats or {})
        self.best = dict(best or {})
        if not self.rows:
            raise ValueError("a table needs at least one row")
        self.headings = list(self.rows[0])
        for i, row in enumerate(self.rows):
            if list(row) != self.headings:
                raise ValueError(
                    f"row {i} has the headings {list(row)}, the first row has {self.headings}"
                )
        for heading in (*self.formats, *self.best):
            if heading not in self.headings:
                raise ValueError(f"no column {heading!r}: the columns are {self.headings}")

    def _is_numeric(self, heading: str) -> bool:
        values = [row[heading] for row in self.rows if row[heading] is not None]
        return bool(values) and all(
            isinstance(value, Real) and not isinstance(value, bool) for value in values
        )

    def _best_text(self, heading: str) -> str | None:
        """Return how the best value of a column is written, so that ties are all best."""
        if heading not in self.best:
            return None
        values = [row[heading] for row in self.rows if row[heading] is not None]
        values = [value for value in values if not math.isnan(value)]
        if not values:
            return None
        return self._plain(heading, (min if self.best[heading] == "min" else max)(values))

    def _plain(self, heading: str, value: Any) -> str:
        """Return a value as English text."""
        if value is None:
            return "–"
        if isinstance(value, bool) or type(value).__name__ == "bool":  # numpy's too
            return "✓" if value else "✗"
        form = self.formats.get(heading)
        if callable(form):
            return form(value)
        if isinstance(value, Real):
            return format(value, form or ("d" if isinstance(value, Integral) else ".4g"))
        return str(value)

    def cells(self, lang: Language, *, strict: bool = False) -> list[list[str]]:
        """Return the headings and the rows as texts in a language.

        Raises:
            MissingWordError: a word has no Polish (only when strict).
        """
        out = [[translate(heading, lang, strict=strict) for heading in self.headings]]
        for row in self.rows:
            cells = []
            for heading, value in row.items():
                text = self._plain(heading, value)
                if isinstance(value, Real) and not callable(self.formats.get(heading)):
                    text = number(text, lang).replace("-", "−")
                else:
                    text = translate(text, lang, strict=strict)
                cells.append(text)
            out.append(cells)
        return out

    def markdown(self, lang: Language, *, strict: bool = False) -> str:
        """Return the table as Markdown in a language."""
        head, *body = self.cells(lang, strict=strict)
        numeric = [self._is_numeric(heading) for heading in self.headings]
        bests = [self._best_text(heading) for heading in self.headings]
        lines = [head, ["--:" if right else ":--" for right in numeric]]
        for row, cells in zip(self.rows, body, strict=True):
            lines.append(
                [
                    f"**{cell}**"
                    if best is not None and self._plain(heading, row[heading]) == best
                    else cell
                    for heading, cell, best in zip(self.headings, cells, bests, strict=True)
                ]
            )
        return "\n".join(
            "| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines
        )

    def plain(self, lang: Language) -> str:
        """Return the table as aligned text in a language."""
        lines = self.cells(lang)
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        numeric = [self._is_numeric(heading) for heading in self.headings]
        return "\n".join(
            "  ".join(
                cell.rjust(width) if right else cell.ljust(width)
                for cell, width, right in zip(line, widths, numeric, strict=True)
            ).rstrip()
            for line in lines
        )

    def __str__(self) -> str:
        return self.plain(language())

    __repr__ = __str__

    def _bundle(self, lang: Language) -> dict[str, Any]:
        return {
            "text/markdown": self.markdown(lang, strict=building()),
            "text/plain": self.plain(lang),
        }

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        try:
            bundles: dict[Language, dict[str, Any]] = {
                lang: self._bundle(lang) for lang in LANGUAGES
            }
        except MissingWordError as error:
            fail_cell(error)
            raise
        shown = bundles[language()]
        return shown, {} if bundles["pl"] == bundles["en"] else variants(bundles)

    def show(self) -> None:
        """Display the table below the running cell (print it outside a notebook)."""
        from IPython import get_ipython

        if get_ipython() is None:
            print(self)
            return
        from IPython.display import display

        display(self)
