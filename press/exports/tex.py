r"""Formulas on their way to Typst: LaTeX that pandoc takes, and Typst that means the same.

All formulas of a document go through pandoc at once. What pandoc loses (``\;``, the room between
columns, bars) is put right before, or marked and put right after.
"""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterable
from functools import lru_cache

import pypandoc

from press.exports.katex import FormulaError
from press.sources import tint

#: Spaces that pandoc does not know or makes nothing of, in em.
_SPACES = {
    r"\;": 5 / 18,
    r"\>": 4 / 18,
    r"\:": 4 / 18,
    r"\enspace": 0.5,
    r"\thinspace": 3 / 18,
    r"\medspace": 4 / 18,
    r"\thickspace": 5 / 18,
    r"\enskip": 0.5,
}
_LENGTH = re.compile(
    r"\\(?:hspace\*?|hskip|mspace|mskip|kern|mkern)\s*\{?\s*(-?[\d.]+)\s*(em|ex|mu|pt|cm|mm|in)\s*\}?"
)
_EM = {"em": 1, "ex": 0.43, "mu": 1 / 18, "pt": 0.1, "cm": 2.845, "mm": 0.2845, "in": 7.227}
_GAP = "⟬h"
_FONTS = {"rm": "mathrm", "bf": "mathbf", "it": "mathit", "sf": "mathsf", "tt": "mathtt"}
_PAIRS = {"aligned", "align", "align*", "alignedat", "alignat", "alignat*", "split", "eqnarray"}
_COLUMNS = {"cases", "rcases", "dcases", "array", "matrix", "smallmatrix"}
#: Commands after which a bar opens: what they make is no ordinary symbol.
_OPENING = frozenset(
    re.findall(
        r"\S+",
        """
        le leq ge geq lt gt ne neq approx equiv sim simeq cong propto in notin to mapsto gets cdot
        times odot otimes oplus pm mp sum prod int max min log exp ln lim sup inf quad qquad left
        big bigl Big Bigl bigg biggl Rightarrow rightarrow Leftrightarrow iff implies coloneqq cup
        cap subset subseteq setminus ll gg div circ star ast mid , ; : ! > {
        """,
    )
)
_TOKEN = re.compile(r"\\(?:[a-zA-Z]+|.)|\s+|.", re.DOTALL)
_NORM = re.compile(r"\\(left|right)\s*\\(?:\||[lr]?Vert(?![a-zA-Z]))")


def formula(tex: str) -> str:
    r"""Return a formula as pandoc and Typst set it right.

    - pandoc makes a whole em of ``\!``, which is a sixth of one: it is left out.
    - pandoc makes nothing of ``\;`` and refuses others: they are marked, see :func:`typst`.
    - pandoc drops the braces of a decimal comma, ``0{,}5``: the number becomes a text.
    - Typst takes the bars of ``|a|`` for relations: they become a pair of delimiters.
    - pandoc makes a relation of ``\|``: it becomes ``\Vert``.
    - pandoc makes parallels of ``\left\lVert``, over which Typst sets an exponent: the bars grow
      by themselves as ``\lVert … \rVert``.
    - pandoc knows no colours: marks stand for them (see :mod:`press.sources.tint`).
    - pandoc refuses ``\rm``, which stands for the rest of its group.
    - Typst puts no room between the columns of ``cases`` or ``aligned``: it is put in.
    """
    if not re.search(r"\\textcolor\s*\{(?!#[0-9a-fA-F]{6}\})", tex):  # or pandoc refuses it
        tex = tint.marked(tex)
    tex = re.sub(r"(?<!\\)\\!", "", tex)
    tex = re.sub(r"\d+\{,\}\d+", lambda number: rf"\text{{{number[0].replace('{,}', ',')}}}", tex)
    sides = [norm[1] for norm in _NORM.finditer(tex)]
    if sides.count("left") == sides.count("right"):
        tex = _NORM.sub(lambda m: rf"\{m[1][0]}Vert ", tex)
    tex = _fonts(tex)
    tex = _LENGTH.sub(lambda m: _gap(float(m[1]) * _EM[m[2]]), tex)
    return _columns(_bars(_spaces(tex)))


def _gap(em: float) -> str:
    return rf"\text{{{_GAP}{em:.4f}⟭}}"


def _spaces(tex: str) -> str:
    """Mark the spaces that pandoc does not know, outside of words."""
    found: list[str] = []
    words = depth = 0
    for token in _tokens(tex):
        depth += {"{": 1, "}": -1}.get(token, 0)
        if token in {r"\text", r"\mbox", r"\textrm", r"\textit", r"\textbf"} and not words:
            words = depth + 1
        elif token == "}" and depth < words:
            words = 0
        found.append(_gap(_SPACES[token]) if token in _SPACES and not words else token)
    return "".join(found)


def _tokens(tex: str) -> list[str]:
    return _TOKEN.findall(tex)


def _fonts(tex: str) -> str:
    r"""Return a formula in which ``{\rm x}`` is ``{\mathrm{x}}``."""
    while match := re.search(r"(?<!\\)\\(rm|bf|it|sf|tt)(?![a-zA-Z])\s*", tex):
        depth, end = 0, match.end()
        while end < len(tex) and depth >= 0:
            if tex[end - 1] != "\\":
                depth += {"{": 1, "}": -1}.get(tex[end], 0)
            if depth < 0 or (depth == 0 and (tex[end] == "&" or tex.startswith("\\\\", end))):
                break
            end += 1
        inside = tex[match.end() : end]
        tex = f"{tex[: match.start()]}\\{_FONTS[match[1]]}{{{inside}}}{tex[end:]}"
    return tex


def _bars(tex: str) -> str:
    r"""Pair bars as ``\left| … \right|``; a bar that parts (``P(a|b)``) stays alone.

    A bar opens where no ordinary symbol stands before it, and closes after one.
    """
    tokens = _tokens(tex)
    waiting: list[tuple[int, int]] = []  # depth and place of each bar that is open
    pairs: dict[int, str] = {}
    depth, before = 0, ""
    for place, token in enumerate(tokens):
        if token.isspace():
            continue
        if token in {"(", "[", "{", "\\{"}:
            depth += 1
        elif token in {")", "]", "}", "\\}"}:
            depth -= 1
            waiting = [bar for bar in waiting if bar[0] <= depth]
        elif token in {"&", "\\\\"}:
            waiting = [bar for bar in waiting if bar[0] < depth]
        kind = token
        if token == "|" and not re.fullmatch(r"\\(left|right|middle|[bB]igg?[lrm]?)", before):
            if _opens(before):
                waiting.append((depth, place))
                kind = "open"
            elif waiting and waiting[-1][0] == depth:
                pairs[waiting.pop()[1]], pairs[place] = r"\left|", r"\right|"
                kind = "closed"
        elif token == "\\|" and not re.fullmatch(r"\\(left|right|middle|[bB]igg?[lrm]?)", before):
            pairs[place] = r"\Vert "
        before = kind
    return "".join(pairs.get(place, token) for place, token in enumerate(tokens))


def _opens(before: str) -> bool:
    if before.startswith("\\"):
        return before[1:] in _OPENING
    return before in {"", "open"} or before in "+-*/=<>,;:([{&^_~"


def _columns(tex: str) -> str:
    """Put room between columns, where Typst would put none."""
    names = re.compile(r"\\(begin|end)\{([a-zA-Z]+\*?)\}")
    found: list[str] = []
    open_: list[tuple[str, int]] = []  # the environments, and the column in each
    place = 0
    while place < len(tex):
        match = names.match(tex, place)
        if match:
            if match[1] == "begin":
                open_.append((match[2], 0))
            elif open_:
                open_.pop()
            found.append(match[0])
            place = match.end()
            continue
        token = _TOKEN.match(tex, place)
        assert token
        found.append(token[0])
        place = token.end()
        if not open_:
            continue
        name, column = open_[-1]
        if token[0] == "\\\\":
            open_[-1] = (name, 0)
        elif token[0] == "&":
            open_[-1] = (name, column + 1)
            if name in _COLUMNS or (name in _PAIRS and (column + 1) % 2 == 0):
                found.append(r" \quad ")
    return "".join(found)


def typst(written: str) -> str:
    """Return what pandoc has written, with what :func:`formula` has marked."""
    written = tint.typst(written)
    written = re.sub(
        rf'(?:upright\()?"{_GAP}(-?[\d.]+)⟭"\)?', lambda m: f"#h({float(m[1]):.4g}em)", written
    )
    # pandoc writes a large bar as a piece of text, `#scale(…)[\|]`, which stays one.
    written = re.sub(r"(?<!\[)\\\|(?!\])", 'class("normal", bar.v)', written)
    written = re.sub(r"(?<!lr\()\bbar\.v\.double(?! ?\))", 'class("normal", bar.v.double)', written)
    # pandoc writes an operator as words, which keep a space from the bracket after them.
    return re.sub(r'(?<![\\\w(])"(\w+)" (?=\\\()', r'op("\1") ', written)


def pandoc(text: str, source: str, target: str) -> tuple[str, str]:
    """Run pandoc; return what it writes and what it complains about.

    Raises:
        RuntimeError: it stops.
    """
    command = [pypandoc.get_pandoc_path(), "-f", source, "-t", target, "--wrap=none"]
    ran = subprocess.run(command, input=text.encode(), capture_output=True, check=False)
    said = ran.stderr.decode()
    if ran.returncode:
        raise RuntimeError(f"pandoc: {said.strip()}")
    return ran.stdout.decode(), said


@lru_cache(maxsize=1)
def _version() -> list[int]:
    version: list[int] = json.loads(pandoc("", "commonmark", "json")[0])["pandoc-api-version"]
    return version


_KNOWN: dict[tuple[str, bool], str | FormulaError] = {}


def to_typst(formulas: Iterable[tuple[str, bool]]) -> list[str | FormulaError]:
    r"""Return formulas as Typst, or why pandoc refuses them: all in one run of pandoc.

    Args:
        formulas: the LaTeX of each, and whether it stands on a line of its own.
    """
    wanted = [(tex.strip(), display) for tex, display in formulas]
    new = list(dict.fromkeys(key for key in wanted if key not in _KNOWN))
    if new:
        blocks = []
        for tex, display in new:
            kind = {"t": "DisplayMath" if display else "InlineMath"}
            blocks.append({"t": "Para", "c": [{"t": "Math", "c": [kind, _prepared(tex)]}]})
            blocks.append({"t": "RawBlock", "c": ["typst", "// next"]})
        document = {"pandoc-api-version": _version(), "meta": {}, "blocks": blocks}
        written, said = pandoc(json.dumps(document), "json", "typst")
        refused = dict(
            re.findall(
                r"Could not convert TeX math (.*?), rendering as TeX:\n(.*?)(?=\n\[WARNING\]|\Z)",
                said,
                re.DOTALL,
            )
        )
        parts = written.split("// next")[:-1]
        for (tex, display), part in zip(new, parts, strict=True):
            reason = refused.get(_prepared(tex))
            _KNOWN[tex, display] = (
                typst(part.strip()) if reason is None else FormulaError(tex, _short(reason))
            )
    return [_KNOWN[key] for key in wanted]


def _prepared(tex: str) -> str:
    try:
        return formula(tex)
    except ValueError:  # a brace is not closed: pandoc says so, too
        return tex


def _short(said: str) -> str:
    reason = re.search(r"^\s*(unexpected .*)$", said, re.MULTILINE)
    return f"pandoc: {reason[1] if reason else said.strip()}"
