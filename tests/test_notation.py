"""The notation table: what it refuses, and that the course keeps to it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import course
import pytest

from press.sources import notation, reading
from press.sources.source import Source, SourceError


@pytest.fixture(scope="module")
def known(root: Path) -> dict[str, dict]:
    return notation.table(root)


@pytest.fixture(scope="module")
def sources(root: Path) -> list[Source]:
    return list(course.sources())


def with_formula(sources: list[Source], formula: str, name: str = "02_simple_rnn") -> Source:
    """Return a lecture whose first prose cell says ``formula`` too."""
    source = next(s for s in sources if s.name == name)
    cell = next(c for c in source.cells if c.kind == "markdown")
    cell = replace(cell, text={"pl": f"${formula}$", "en": f"${formula}$"})
    return replace(source, cells=[cell])


def test_the_course_keeps_to_its_notation(sources: list[Source], known: dict) -> None:
    assert [p for source in sources for p in notation.problems(source, known)] == []


def test_the_table_holds_nothing_that_no_formula_uses(sources: list[Source], known: dict) -> None:
    texts = [text for s in sources for cell in s.cells for text in cell.text.values()]
    formulas = [node.text for text in texts for node in reading.read(text).formulas]
    assert set(known) == {symbol for formula in formulas for symbol in notation.symbols(formula)}


def test_the_table_names_documents_that_there_are(sources: list[Source], known: dict) -> None:
    names = {source.name for source in sources}
    for symbol, entry in known.items():
        where = {*entry.get("only", []), *entry.get("elsewhere", {})}
        assert where <= names, symbol


@pytest.mark.parametrize(
    ("formula", "says"),
    [
        ("p_t = x_t", "does not say what p is"),
        ("W_{xh} x_t", "does not say what W_{xh} is"),
        (r"\tint{state}{m_{t-1}}", "does not say what m is"),
        (r"\hat y_t", "in 03_airline alone"),
        (r"f_t \circ c_{t-1}", r"\odot"),
        ("W_h^T d_t", r"\top"),
        (r"W^{\mathsf{T}} d_t", r"\top"),
        (r"\Bigl\lVert d_t \Bigr\rVert", r"\left\lVert"),
        ("x^{(t)}", "lower index"),
        (r"\mathbf{x}_t", "not bold"),
        (r"\mathrm{tanh}(a_t)", r"\tanh"),
    ],
)
def test_another_notation_is_refused(
    sources: list[Source], known: dict, formula: str, says: str
) -> None:
    problems = notation.problems(with_formula(sources, formula), known)
    assert any(says in problem.text for problem in problems), problems


@pytest.mark.parametrize(
    "formula",
    [
        r"\sum_{t=1}^{T} x_t",
        r"\prod_{j=t+1}^T h_j",
        r"\sigma(b)^T = e^{-T}",
        r"f_t \odot c_{t-1}",
        r"W_h^\top d_t",
        r"J_{t+1}^\top J_T^\top",
        "x_1, x_2",
    ],
)
def test_the_course_s_own_is_not(sources: list[Source], known: dict, formula: str) -> None:
    assert notation.problems(with_formula(sources, formula), known) == []


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        (
            "- {symbol: x, pl: a, en: b}\n- {symbol: x, pl: c, en: d}\n",
            "x stands twice; use `elsewhere`",
        ),
        ("- {symbol: x, pl: a}\n", "x needs its meaning in both languages"),
        (
            "- {symbol: x, pl: a, en: b, elsewhere: {01_sequences: {pl: c}}}\n",
            "x needs its meaning in both languages",
        ),
        ("- symbol: x\n  pl: [a\n", r"notation.yml:3: this is not YAML"),
        ("x: a\n", "entries that begin with `- symbol:`"),
        ("- x\n", "entries that begin with `- symbol:`"),
    ],
)
def test_a_bad_table_says_what_is_wrong(tmp_path: Path, lines: str, says: str) -> None:
    (tmp_path / "lectures").mkdir()
    (tmp_path / notation.FILE).write_text(lines, encoding="utf-8")
    with pytest.raises(SourceError, match=says):
        notation.table(tmp_path)
