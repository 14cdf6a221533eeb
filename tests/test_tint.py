"""Formulas in the colours of their diagrams, in every output."""

from __future__ import annotations

import re

import nbformat
import pytest

from press.exports import katex
from press.exports.formulas import formulas, through_katex, through_typst
from press.sources import tint
from unrolled import palette

GATE = r"\tint{forget}{f_t} \odot c_{t-1}"


def test_a_role_becomes_its_colour() -> None:
    assert tint.coloured(GATE) == rf"\textcolor{{{palette.FORGET}}}{{f_t}} \odot c_{{t-1}}"
    assert tint.bare(tint.coloured(GATE)) == tint.bare(GATE) == r"{f_t} \odot c_{t-1}"


def test_colours_may_stand_in_one_another_and_hold_braces() -> None:
    nested = tint.coloured(r"\tint{state}{\frac{a}{\tint{input}{b}}}")
    assert nested.count("\\textcolor") == 2
    assert tint.bare(nested) == r"{\frac{a}{{b}}}"


@pytest.mark.parametrize(
    ("tex", "says"),
    [(r"\tint{forgot}{f}", "the roles are forget"), (r"\tint{forget}{f", "not closed")],
)
def test_what_is_wrong_is_said(tex: str, says: str) -> None:
    with pytest.raises(ValueError, match=re.escape(says)):
        tint.coloured(tex)


@pytest.mark.parametrize(
    "tex",
    [
        GATE,
        r"\sigma\left(\tint{state}{W_x x_t + \frac{a}{b}} + (x, y)\right)^{\tint{input}{i_t}}",
        r"\begin{aligned} \tint{candidate}{\tilde h_t} &= g(a, b) \\ s_{\tint{forget}{f}} &= 1 "
        r"\end{aligned}",
    ],
)
def test_both_engines_set_coloured_formulas(tex: str) -> None:
    cell = nbformat.v4.new_markdown_cell(f"$${tint.coloured(tex)}$$")
    (formula,) = formulas(nbformat.v4.new_notebook(cells=[cell]), "x")
    assert through_katex(formula).count("color:#") >= 1
    written = through_typst(formula)
    assert written.count('tint("') == tex.count(r"\tint")
    assert "⟦" not in written
    assert "⟧" not in written


def test_katex_needs_no_trust_for_colours() -> None:
    assert palette.FORGET in katex.render(tint.coloured(GATE))
