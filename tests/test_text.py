"""Polish typography, and what of a text must agree between languages."""

from __future__ import annotations

import pytest

from press.sources.text import apostrophes, glue, numbers, parts

NB = "\u00a0"


@pytest.mark.parametrize(
    ("text", "glued"),
    [
        ("w sieci i na wyjściu", f"w{NB}sieci i{NB}na wyjściu"),
        ("a i o nim", f"a{NB}i{NB}o{NB}nim"),
        ("Stan z\nwejścia", f"Stan z{NB}wejścia"),
        ("bramka z $g$ i `s`", f"bramka z{NB}$g$ i{NB}`s`"),
        ("(z pamięci)", f"(z{NB}pamięci)"),
        ("**W sieci**", f"**W{NB}sieci**"),
        ("„O bramkach”", f"„O{NB}bramkach”"),
        ("$a b$, `i w`", "$a b$, `i w`"),
        ("```\ni w z\n```", "```\ni w z\n```"),
        ("| a | b |", "| a | b |"),
        ("sieci. Bramka", "sieci. Bramka"),
        ("litera a\n- b", "litera a\n- b"),
    ],
)
def test_one_letter_words_are_glued(text: str, glued: str) -> None:
    assert glue(text) == glued


@pytest.mark.parametrize(
    ("typed", "set_"),
    [
        ("Today's tools, Keras's", "Today’s tools, Keras’s"),
        ("neighbours' vectors; the states' sum.", "neighbours’ vectors; the states’ sum."),
        ("'s own layer", "’s own layer"),  # behind a word in bold
        ("'yes' and 'its states'", "'yes' and 'its states'"),
        ("5'11, x' = 3, h_t'", "5'11, x' = 3, h_t'"),
    ],
)
def test_apostrophes_are_the_printers(typed: str, set_: str) -> None:
    assert apostrophes(typed) == set_


def test_gluing_twice_changes_nothing() -> None:
    once = glue("a w sieci z $x$ i z `y`, o czym")
    assert glue(once) == once


def test_numbers_are_the_same_in_both_notations() -> None:
    assert numbers("2,5 oraz 16 384 i 3", "pl") == numbers("2.5 and 16,384 and 3", "en")
    assert numbers("1,5", "pl") != numbers("15", "en")


def test_words_in_formulas_may_differ() -> None:
    pl = parts(r"$x_{\text{nowe}} = 0{,}5$", "pl")
    en = parts(r"$x_{\text{new}} = 0.5$", "en")
    assert pl.formulas == en.formulas


def test_pictures_are_compared_without_their_language() -> None:
    pl = parts("![Zawór na torze](../img/pl/valve.svg)", "pl")
    en = parts("![A valve on the track](../img/en/valve.svg)", "en")
    assert pl.pictures == en.pictures
    assert (pl.alts, en.alts) == (["Zawór na torze"], ["A valve on the track"])
