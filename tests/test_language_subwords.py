"""Byte-pair encoding: merges, text to numbers and back, what was never seen."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest

from unrolled.data import course_text
from unrolled.language.subwords import (
    END,
    LOST,
    PAD,
    SPECIAL,
    START,
    STOP,
    UNKNOWN,
    Pair,
    Subwords,
    cut,
    learn,
    merge,
)


def learn_plainly(words: Sequence[str], times: int) -> list[Pair]:
    """As the definition has it: after each merge all pairs of the text are counted again."""
    counts = Counter(words)
    pieces = {word: [*word, END] for word in counts}
    merges = []
    for _ in range(times):
        pairs: Counter[Pair] = Counter()
        for word, n in counts.items():
            for pair in pairwise(pieces[word]):
                pairs[pair] += n
        if not pairs:
            break
        merges.append(max(pairs, key=pairs.__getitem__))  # the first of the largest
        pieces = {word: merge(tokens, merges[-1]) for word, tokens in pieces.items()}
    return merges


@pytest.mark.parametrize("seed", range(10))
def test_counting_again_only_what_changed_learns_the_same(seed: int) -> None:
    rng = np.random.default_rng(seed)
    words = ["".join(rng.choice(list("abc"), size=rng.integers(1, 9))) for _ in range(30)]
    merges = learn(words, 60)
    assert merges == learn_plainly(words, 60)
    assert 30 < len(merges) <= 60


def test_the_same_on_polish_prose() -> None:
    words = course_text().split()[:600]
    assert learn(words, 40) == learn_plainly(words, 40)


def test_a_word_of_the_training_text_is_cut_as_it_was_then() -> None:
    words = course_text().split()[:100]
    merges = learn(words, 10**4)
    assert [cut(word, merges) for word in words] == [[word + END] for word in words]


def test_a_text_is_encoded_and_decoded() -> None:
    text = course_text()[:6000]
    bpe = Subwords.learn(text, 150)
    numbers = bpe.encode(text)
    assert bpe.decode(numbers) == " ".join(text.split())
    assert min(numbers) >= len(SPECIAL)
    assert max(numbers) < len(bpe) == len(set(bpe.tokens))
    assert len(numbers) < 0.6 * len(" ".join(text.split()))


def test_new_words_are_cut_into_what_is_known() -> None:
    bpe = Subwords.learn("kot kota kotem dom domem dom", 5)
    assert bpe.decode(bpe.encode("domkot  \n kotmod")) == "domkot kotmod"
    assert "kot" in [bpe.tokens[i] for i in bpe.encode("kotek")]


def test_no_sign_of_a_text_can_be_taken_for_the_end_of_a_word() -> None:
    text = "a·b </w> ▁x @@ ##y a·b <pad> \N{REPLACEMENT CHARACTER}"
    bpe = Subwords.learn(text, 99)
    assert bpe.decode(bpe.encode(text)) == text
    assert PAD not in bpe.encode("<pad>")
    spaces = "a\u00a0b\u2003x\ty\n"
    assert bpe.decode(bpe.encode(spaces)) == "a b x y"
    with pytest.raises(ValueError, match="the sign that ends a word"):
        learn(["a b"], 1)
    with pytest.raises(ValueError, match="the sign that ends a word"):
        cut("a·b", [], end="·")


def test_what_was_never_seen_is_shown_as_lost() -> None:
    bpe = Subwords.learn("abc", 0)
    numbers = bpe.encode("ażb")
    assert numbers.count(UNKNOWN) == 1
    assert bpe.decode([START, *numbers, STOP, PAD]) == f"a{LOST}b"
    assert bpe.decode([]) == bpe.decode(bpe.encode("")) == ""


def test_bad_input_is_refused() -> None:
    with pytest.raises(ValueError, match="no words"):
        Subwords.learn(" \n", 3)
    bpe = Subwords.learn("ab", 1)
    for bad in (-1, len(bpe)):
        with pytest.raises(ValueError, match="there is no token"):
            bpe.decode([bad])
