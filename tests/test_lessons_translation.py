"""What lab 13 builds on: number words, the small parallel text, a fair split, errors sorted."""

from __future__ import annotations

import numpy as np
import pytest

from unrolled.lessons import counted
from unrolled.lessons.number_words import LARGEST, form, in_words
from unrolled.lessons.translating import Words, related, same_length, sort_error, split, triangle

BY_HAND = {
    1: "jeden",
    5: "pięć",
    10: "dziesięć",
    11: "jedenaście",
    12: "dwanaście",
    13: "trzynaście",
    14: "czternaście",
    15: "piętnaście",
    16: "szesnaście",
    17: "siedemnaście",
    18: "osiemnaście",
    19: "dziewiętnaście",
    20: "dwadzieścia",
    21: "dwadzieścia jeden",
    22: "dwadzieścia dwa",
    23: "dwadzieścia trzy",
    24: "dwadzieścia cztery",
    40: "czterdzieści",
    56: "pięćdziesiąt sześć",
    99: "dziewięćdziesiąt dziewięć",
    100: "sto",
    101: "sto jeden",
    112: "sto dwanaście",
    200: "dwieście",
    347: "trzysta czterdzieści siedem",
    600: "sześćset",
    1000: "tysiąc",
    1001: "tysiąc jeden",
    1900: "tysiąc dziewięćset",
    2000: "dwa tysiące",
    4015: "cztery tysiące piętnaście",
    5000: "pięć tysięcy",
    10_010: "dziesięć tysięcy dziesięć",
    11_000: "jedenaście tysięcy",
    12_000: "dwanaście tysięcy",
    13_000: "trzynaście tysięcy",
    14_002: "czternaście tysięcy dwa",
    21_000: "dwadzieścia jeden tysięcy",
    22_000: "dwadzieścia dwa tysiące",
    24_100: "dwadzieścia cztery tysiące sto",
    25_000: "dwadzieścia pięć tysięcy",
    100_000: "sto tysięcy",
    101_000: "sto jeden tysięcy",
    102_000: "sto dwa tysiące",
    112_000: "sto dwanaście tysięcy",
    122_001: "sto dwadzieścia dwa tysiące jeden",
    999_999: "dziewięćset dziewięćdziesiąt dziewięć tysięcy dziewięćset dziewięćdziesiąt dziewięć",
}


@pytest.mark.parametrize(("n", "words"), BY_HAND.items())
def test_numbers_written_by_hand(n: int, words: str) -> None:
    assert in_words(n) == words


def test_numbers_have_words_of_their_own() -> None:
    numbers = [*range(1, 20_000), *range(20_000, LARGEST, 997)]
    assert len({in_words(n) for n in numbers}) == len(numbers)


@pytest.mark.parametrize("n", [0, -3, LARGEST + 1])
def test_numbers_without_words(n: int) -> None:
    with pytest.raises(ValueError, match="from 1 to 999999"):
        in_words(n)


def test_forms_of_a_counted_noun() -> None:
    koty = ("kot", "koty", "kotów")
    assert [koty[form(n)] for n in (0, 1, 2, 4, 5, 12, 14, 21, 22, 101, 112, 124)] == [
        *("kotów", "kot", "koty", "koty", "kotów", "kotów"),
        *("kotów", "kotów", "koty", "kotów", "kotów", "koty"),
    ]


def number(*places: int) -> int:
    """Return the number of a sentence from its places in the grammar's tables."""
    shape = (98, 12, 6, 6, 12, 3)
    return int(np.ravel_multi_index(places[::-1], shape[::-1]))


def test_sentences_agree() -> None:
    for places, pair in {
        (0, 0, 0, 2, 4, 0): ("We draw two cats.", "Rysujemy dwa koty."),
        (20, 7, 5, 3, 5, 0): (
            "They buy twenty-two white pears.",
            "Oni kupują dwadzieścia dwie białe gruszki.",
        ),
        (3, 9, 3, 0, 7, 1): (
            "Anna has five old windows today.",
            "Dzisiaj Anna ma pięć starych okien.",
        ),
        (12, 8, 1, 1, 0, 2): (
            "I see fourteen small fish now.",
            "Teraz widzę czternaście małych ryb.",
        ),
    }.items():
        assert counted.sentence(number(*places)) == pair
    some = range(0, counted.ALL, 301)
    assert len({counted.sentence(i)[0] for i in some}) == len(some)
    made = counted.draw(np.random.default_rng(0), 2000)
    assert len(set(made)) == 2000


def test_a_split_shares_no_sentence() -> None:
    pairs = [("Idź.", "Go."), ("idź.", "Go on."), ("Ruszaj.", "Go on."), ("Stój.", "Stop.")]
    pairs += [(f"Zdanie {i}.", f"Sentence {i}.") for i in range(20)]
    for seed in range(20):
        train, valid, test = split(pairs, np.random.default_rng(seed), test=4, valid=3)
        assert (len(valid), len(test)) == (3, 4)
        for one, other in ((train, valid), (train, test), (valid, test)):
            for side in (0, 1):
                assert not {p[side].casefold() for p in one} & {p[side].casefold() for p in other}
        first = [pair for pair in train if pair in pairs[:3]]
        assert len(first) in (0, 3), "what hangs together stays together"
    with pytest.raises(ValueError, match="22 groups are too few"):
        split(pairs, np.random.default_rng(0), test=20, valid=2)


def test_batches_of_one_length() -> None:
    rng = np.random.default_rng(0)
    sources = [[4] * int(n) for n in rng.integers(1, 5, 50)]
    batches = list(same_length(sources, rng, 7))
    assert sorted(i for batch in batches for i in batch) == list(range(50))
    assert all(len({len(sources[i]) for i in batch}) == 1 for batch in batches)
    assert max(map(len, batches)) == 7


def test_words_there_and_back() -> None:
    words = Words.learn(["dwa koty", "pięć kotów"])
    assert len(words) == 8
    assert words.encode("pięć koty psów") == [7, 5, 1]
    assert words.decode([2, 7, 6, 3, 0]) == "pięć kotów"


def test_the_rate_rises_and_falls() -> None:
    rates = [triangle(step, 100) for step in range(100)]
    assert rates[9] == max(rates) == 1
    assert rates[0] == 0.1
    assert 0 < rates[-1] < 0.02
    assert triangle(0, 1) == 1


@pytest.mark.parametrize(
    ("hypothesis", "kind"),
    [
        ("Dzisiaj Tom ma pięć małych kotów.", None),
        ("Dzisiaj Tom ma sześć małych kotów.", "number"),
        ("Dzisiaj Adam ma pięć małych kotów.", "name"),
        ("Dzisiaj Tom ma pięć małe kotów.", "inflection"),
        ("Tom Dzisiaj ma pięć małych kotów.", "order"),
        ("Dzisiaj Tom ma pięć małych psów.", "other word"),
        ("Dzisiaj Adam ma sześć małych psów.", "number"),
    ],
)
def test_errors_are_sorted(hypothesis: str, kind: str | None) -> None:
    numbers = [*in_words(56).split()[1:], "pięć"]
    assert sort_error(hypothesis, "Dzisiaj Tom ma pięć małych kotów.", numbers) == kind


def test_words_of_one_stem() -> None:
    assert related("małe", "małych")
    assert related("Koty", "kotów")
    assert not related("kot", "kot")
    assert not related("mam", "psy")
    assert not related("dom", "dokąd")
