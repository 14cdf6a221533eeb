"""The course's notation: which symbols its formulas may use, by ``lectures/notation.yml``.

Held to the table are symbols with an index of time, ``x_t`` and ``h_{t-1}``, and the matrices and
biases that have an index, ``W_h`` and ``b_f``: what a reader meets again three lectures later.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from press.sources import reading, tint
from press.sources.source import Problem, Source, SourceError

FILE = Path("lectures") / "notation.yml"
#: Ways to write what the course writes in another one.
RIVALS = {
    r"\\circ(?![A-Za-z])": r"the product element by element is \odot",
    r"\\ast(?![A-Za-z])": r"the product element by element is \odot",
    r"[A-Z](?:_\w|_\{[^{}]*\})?\^\{?(?:T|\\intercal|\\mathsf\{T\})(?![\w-])": (
        r"a transpose is ^\top"
    ),
    r"\^\{\(t": "the step is a lower index: x_t",
    r"\\mathbf\{[xhscW]\}": "vectors and matrices are not bold: x_t, W_h",
    r"\\[Bb]igg?[lr]?\s*\\(?:[lr]?Vert|\|)": (
        r"the PDFs would show the word “parallel”: \left\lVert … \right\rVert"
    ),
    r"\\(?:mathrm|text|operatorname)\{(?:sigmoid|sigm|tanh)\}": r"write \sigma and \tanh",
}
_SYMBOL = re.compile(
    r"(\\(?:tilde|hat|bar)\s*(?:\{\w\}|\w)|\\[A-Za-z]+|(?<![\\A-Za-z])[A-Za-z])_(\{[^{}]*\}|\w)"
)
_TIME = re.compile(r"(?<![A-Za-z])[tT](?![A-Za-z])")
_OPERATORS = {r"\sum", r"\prod", r"\max", r"\min", r"\lim", r"\log", r"\int"}


def table(root: Path) -> dict[str, dict[str, Any]]:
    """Return the table by symbol: ``pl``, ``en``, and where given ``only`` and ``elsewhere``.

    Raises:
        SourceError: the file is not YAML, or not a list of symbols; a symbol stands twice, or lacks
            a meaning in one of the languages.
    """
    found: dict[str, dict[str, Any]] = {}
    path = root / FILE

    def refuse(text: str, line: int = 1) -> SourceError:
        return SourceError.single(path, text, line)

    try:
        entries = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        mark = getattr(error, "problem_mark", None)
        raise refuse(f"this is not YAML: {error}", mark.line + 1 if mark else 1) from error
    for entry in entries if isinstance(entries, list) else [None]:
        if not isinstance(entry, dict) or not isinstance(entry.get("symbol"), str):
            raise refuse("this is a list of entries that begin with `- symbol:`")
        symbol = entry["symbol"]
        if symbol in found:
            raise refuse(f"{symbol} stands twice; use `elsewhere` for another meaning")
        meanings = [entry, *entry.get("elsewhere", {}).values()]
        if not all(meaning.get(language) for meaning in meanings for language in ("pl", "en")):
            raise refuse(f"{symbol} needs its meaning in both languages")
        found[symbol] = entry
    return found


def symbols(formula: str) -> list[str]:
    r"""Return the symbols of a formula that the table must hold, as the table writes them.

    Example:
        >>> symbols(r"h_t = \tanh(W_x x_t + W_{h} h_{t-1} + b)")
        ['h', 'W_x', 'x', 'W_h', 'h']
    """
    found = []
    for base, index in _SYMBOL.findall(tint.bare(formula)):
        inside = index.strip("{}")
        if base in _OPERATORS:
            continue
        if base in {"W", "b"} and not _TIME.search(inside):
            found.append(f"{base}_{inside}" if len(inside) == 1 else f"{base}_{{{inside}}}")
        elif _TIME.search(inside):
            found.append(re.sub(r"^(\\(?:tilde|hat|bar))\s*\{?(\w)\}?$", r"\1{\2}", base))
    return found


def problems(source: Source, known: dict[str, dict[str, Any]]) -> list[Problem]:
    """Return the symbols of a source that are not in the table, and other ways to write."""
    found = []
    for cell in source.cells:
        said = set()
        for text in cell.text.values():
            for node in reading.read(text).formulas:
                said |= _wrong(node.text, source.name, known)
        found += [
            Problem(source.path, cell.line, f"cell {cell.id}: {text}") for text in sorted(said)
        ]
    return found


def _wrong(formula: str, document: str, known: dict[str, dict[str, Any]]) -> set[str]:
    said = set()
    for symbol in symbols(formula):
        entry = known.get(symbol)
        if entry is None:
            said.add(f"{FILE} does not say what {symbol} is: use the course's symbol, or add it")
        elif document not in entry.get("only", [document]):
            where = ", ".join(entry["only"])
            said.add(f"{symbol} means “{entry['en']}” in {where} alone ({FILE}): choose another")
    for pattern, instead in RIVALS.items():
        if re.search(pattern, formula):
            said.add(f"{formula.strip()!r}: {instead}")
    return said
