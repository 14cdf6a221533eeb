"""Formulas rendered while the course is built, by KaTeX in an embedded JavaScript engine."""

from __future__ import annotations

import json
import re
from functools import lru_cache
from typing import Literal

import quickjs

from press import STATIC
from press.exports.fonts import POLISH

KATEX = STATIC / "katex"

Output = Literal["html", "mathml", "htmlAndMathml"]

# KaTeX would put ż together from z and a dot of its own font. As symbols of text mode Polish
# letters stay single characters, set in the font of the words around them; that KaTeX's fonts
# lack ó does not matter then. Anything else that LaTeX would not accept is an error.
_PREPARE = """
const polish = %s;
for (const letter of polish) katex.__defineSymbol("text", "main", "textord", letter, letter);
function set(formula, displayMode, output) {
  const strict = (code, message) =>
    code === "symbolNotInFont" && polish.some((letter) => message.includes("'" + letter + "'"))
      ? "ignore" : "error";
  return katex.renderToString(
    formula, {displayMode, output, strict, throwOnError: true, trust: false});
}
"""


class FormulaError(ValueError):
    """A formula that cannot be set.

    Attributes:
        formula: its LaTeX.
        reason: what the engine said.
        where: its place; empty while it is not known.
    """

    def __init__(self, formula: str, reason: str, where: str = "") -> None:
        self.formula, self.reason, self.where = formula, reason, where
        prefix = f"{where}: " if where else ""
        super().__init__(f"{prefix}the formula {formula.strip()!r} cannot be set: {reason}")

    def at(self, where: str) -> FormulaError:
        """Return the same error with the place of the formula in front."""
        return FormulaError(self.formula, self.reason, where)


@lru_cache(maxsize=1)
def _engine() -> quickjs.Context:
    context = quickjs.Context()
    context.eval("var console = {warn: function () {}, error: function () {}};")
    context.eval((KATEX / "katex.min.js").read_text(encoding="utf-8"))
    context.eval(_PREPARE % json.dumps(list(POLISH)))
    return context


@lru_cache(maxsize=4096)
def render(formula: str, *, display: bool = False, output: Output = "htmlAndMathml") -> str:
    """Return a formula as HTML.

    Args:
        formula: LaTeX without the dollars.
        display: whether it stands on a line of its own.
        output: ``html`` is for the eye, ``mathml`` for browsers and screen readers alone.

    Raises:
        FormulaError: KaTeX does not accept the formula.
    """
    arguments = ", ".join(map(json.dumps, (formula.strip(), display, output)))
    try:
        return str(_engine().eval(f"set({arguments})"))
    except quickjs.JSException as error:
        reason = str(error).split("\n")[0]
        reason = re.sub(r"[\u0332\u0331]", "", reason)  # KaTeX underlines the culprit
        reason = re.sub(r"^ParseError: KaTeX parse error: ", "", reason)
        raise FormulaError(formula, f"KaTeX: {reason}") from None


def named_headings(html: str) -> str:
    """Give the formulas that are a table's heading all by themselves a name to be read out.

    Without words around it a formula's MathML does not count as the heading's text. An empty
    corner of a table becomes a plain cell: it heads nothing.
    """

    def named(cell: re.Match[str]) -> str:
        words = re.sub('<span class="katex">.*</span>|<[^>]+>', "", cell[0], flags=re.DOTALL)
        if words.strip():
            return cell[0]
        return re.sub(
            "<math(?=[ >])(.*?<annotation[^>]*>)(.*?)(?=</annotation>)",
            lambda math: f'<math aria-label="{_spoken(math[2])}"{math[1]}{math[2]}',
            cell[0],
            flags=re.DOTALL,
        )

    html = re.sub(r"<th(?:\s[^>]*)?>\s*</th>", "<td></td>", html)
    return re.sub(r"<th(?=[ >]).*?</th>", named, html, flags=re.DOTALL)


def _spoken(formula: str) -> str:
    """Return LaTeX, escaped for HTML, as words: a logarithm of T is “log T”."""
    words = re.sub(r"\\(?:text|operatorname|mathrm)\b", "", formula)
    return " ".join(re.sub(r"[\\{}_^$]", " ", words).split()).replace('"', "")


@lru_cache(maxsize=1)
def style_sheet() -> str:
    """Return KaTeX's style sheet without its fonts, which each document embeds cut down."""
    css = (KATEX / "katex.min.css").read_text(encoding="utf-8")
    return re.sub(r"@font-face\{[^}]*\}", "", css)
