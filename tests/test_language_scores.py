"""BLEU and chrF equal sacreBLEU's to the last digit, and what they print to the last character."""

from __future__ import annotations

import re

import numpy as np
import pytest
from sacrebleu.metrics import BLEU, CHRF
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

from unrolled.language.bleu import (
    Smoothing,
    bleu,
    corpus_bleu,
    count,
    sentence_bleu,
    tokenize_13a,
)
from unrolled.language.chrf import chrf, corpus_chrf, sentence_chrf
from unrolled.language.chrf import count as count_characters

#: Hypothesis and reference.
REAL = [
    ("The cat sat on the mat.", "The cat is sitting on the mat."),
    ("I don't know where he lives.", "I don't know where he lives."),
    ("Tom isn't here; he's at school.", "Tom is not here, he is at school."),
    ("It costs $3.50, i.e. 3,500 cents (or so).", "It costs $3.50 - about 3,500 cents."),
    ("Pages 10-12, 20 -22 and A-1.", "Pages 10-12, 20-22, and A-1."),
    ("Nie wiem, gdzie on mieszka.", "Nie wiem, gdzie mieszka."),
    ("Kot siedzi na macie.", "Kotka siedziała na macie."),
    ("„Dzień dobry” – powiedział Tomek…", "„Dzień dobry!” — rzekł Tomek."),
    ("Żółta jaźń, gęślą jaźń", "Zażółć gęślą jaźń"),
    ("W 2024 r. kosztowało to 1 234,50 zł.", "W 2024 roku kosztowało to 1234,50 zł."),
    ("&quot;A &amp; B&quot; &lt;skipped&gt; <skipped> C", '"A & B" C'),
    ("&amp;lt;", "<"),
    ("a-\nb\nc ", "ab c"),
    ("a so-\n", "a so-"),
    ("tak", "nie"),
    ("tak", "tak"),
    ("Tak.", "Tak."),
    ("a a a a a a", "a a"),
    ("dwa słowa", "dwa słowa i jeszcze trzy"),
    ("", "Pusta hipoteza."),
    ("Puste odniesienie.", ""),
    ("", ""),
    (" \t ", "Same odstępy"),
    ("...", "?!"),
]


def random_pairs(size: int, seed: int) -> list[tuple[str, str]]:
    """Sentences of few words and signs, so that n-grams of every order match now and then."""
    rng = np.random.default_rng(seed)
    words = ["kot", "koty", "ma", "the", "cat", "3", "1,5", "a.b", ",", ".", "nie-", "„ł”", "x&y"]
    pairs = []
    for _ in range(size):
        reference = list(rng.choice(words, size=rng.integers(0, 12)))
        hypothesis = [w if rng.random() < 0.8 else str(rng.choice(words)) for w in reference]
        hypothesis = hypothesis[int(rng.integers(0, 2)) :] + ["kot"] * int(rng.integers(0, 3))
        glue = str(rng.choice(["", " ", " ", " ", "  "]))
        pairs.append((glue.join(hypothesis), glue.join(reference)))
    return pairs


PAIRS = REAL + random_pairs(100, 30)
SMOOTHINGS: tuple[Smoothing, ...] = ("exp", "none")


def test_tokens_are_those_of_13a() -> None:
    theirs = Tokenizer13a()
    signs = [chr(i) for i in range(32, 127)] + list("ąŻ„”–…\u00a0\n07")
    rng = np.random.default_rng(31)
    noise = ["".join(rng.choice(signs, size=30)) for _ in range(150)]
    for line in [*noise, *(line for pair in PAIRS for line in pair)]:
        assert tokenize_13a(line) == theirs(line.rstrip()).split(), line
    apart = "It's $ 3.50 , i . e . 10 - 12 ."
    assert " ".join(tokenize_13a("It's $3.50, i.e. 10-12.")) == apart


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
def test_sentence_bleu_is_sacrebleus(smoothing: Smoothing) -> None:
    effective = BLEU(smooth_method=smoothing, effective_order=True)
    plain = BLEU(smooth_method=smoothing)
    scores = set()
    for h, r in PAIRS:
        ours, theirs = sentence_bleu(h, r, smoothing=smoothing), effective.sentence_score(h, [r])
        assert str(ours) == str(theirs), (h, r)
        assert ours.score == theirs.score, (h, r)
        # A corpus of one sentence: all four orders, whatever its length.
        ours, theirs = corpus_bleu([h], [r], smoothing=smoothing), plain.corpus_score([h], [[r]])
        assert (str(ours), ours.score) == (str(theirs), theirs.score), (h, r)
        scores.add(round(ours.score))
    assert {0, 100} < scores, "the pairs are all alike: nothing was compared"


@pytest.mark.parametrize("smoothing", SMOOTHINGS)
@pytest.mark.parametrize("seed", range(6))
def test_corpus_bleu_is_sacrebleus(smoothing: Smoothing, seed: int) -> None:
    rng = np.random.default_rng([32, seed])
    chosen = [PAIRS[i] for i in rng.choice(len(PAIRS), size=[1, 2, 4, 20, 60, 124][seed])]
    h, r = map(list, zip(*chosen, strict=True))
    ours, theirs = (
        corpus_bleu(h, r, smoothing=smoothing),
        BLEU(smooth_method=smoothing).corpus_score(h, [r]),
    )
    assert str(ours) == str(theirs)
    assert ours.score == theirs.score
    assert ours.brevity_penalty == theirs.bp


def test_chrf_is_sacrebleus() -> None:
    metric = CHRF()
    for h, r in PAIRS:
        theirs = metric.sentence_score(h, [r])
        assert sentence_chrf(h, r) == theirs.score, (h, r)
    for size in (1, 3, 30, len(PAIRS)):
        for chosen in (PAIRS[:size], PAIRS[-size:]):
            h, r = map(list, zip(*chosen, strict=True))
            theirs = metric.corpus_score(h, [r])
            assert corpus_chrf(h, r) == theirs.score
            assert f"chrF2 = {corpus_chrf(h, r):.2f}" == str(theirs)


def test_bleu_by_hand() -> None:
    # Of 6 words 5 match, of 5 pairs 3, of 4 triples 2, of 3 fours 1; c = 6 < r = 7.
    found = corpus_bleu(["a b c d x y"], ["a b c d y z z"])
    assert found.counts.matched == (5, 3, 2, 1)
    assert found.counts.total == (6, 5, 4, 3)
    assert found.brevity_penalty == pytest.approx(np.exp(1 - 7 / 6))
    product = 5 / 6 * 3 / 5 * 2 / 4 * 1 / 3
    assert found.score == pytest.approx(100 * np.exp(-1 / 6) * product**0.25)


def test_a_word_said_again_and_again_matches_once() -> None:
    assert count("the the the the", "the cat").matched == (1, 0, 0, 0)
    found = corpus_bleu(["the the the the"], ["the cat"])
    assert found.precisions == (25, 100 / 6, 100 / 8, 100 / 8)  # 1/4; ½ of 3, ¼ of 2, ⅛ of 1


def test_chrf_by_hand() -> None:
    # ab c against abd: of 3 letters 2 match, of 2 pairs 1, of 1 triple none; P = R.
    assert sentence_chrf("ab c", "abd") == pytest.approx(100 * (2 / 3 + 1 / 2 + 0) / 3)
    # P = 1, R = (½ + ⅓) / 2 over the two orders that the hypothesis has.
    recall = (2 / 4 + 1 / 3) / 2
    assert sentence_chrf("ab", "abcd") == pytest.approx(100 * 5 * recall / (4 + recall))


def test_counts_of_sentences_add_up_to_the_corpus() -> None:
    h, r = map(list, zip(*REAL, strict=True))
    words = [count(*pair) for pair in REAL]
    assert bleu(sum(words[1:], start=words[0])) == corpus_bleu(h, r)
    letters = [count_characters(*pair) for pair in REAL]
    assert chrf(sum(letters[1:], start=letters[0])) == corpus_chrf(h, r)


def test_bad_input_is_refused() -> None:
    for score in (corpus_bleu, corpus_chrf):
        with pytest.raises(ValueError, match="0 for 1"):
            score(["a"], [])
        with pytest.raises(ValueError, match="at least one"):
            score([], [])
        with pytest.raises(ValueError, match="not one string"):
            score("a", ["a"])
    with pytest.raises(ValueError, match="'exp' or 'none'"):
        bleu(count("a", "a"), smoothing="floor")  # type: ignore[arg-type]


def test_the_signatures_in_the_docstrings_are_sacrebleus() -> None:
    from unrolled.language import bleu as of_bleu
    from unrolled.language import chrf as of_chrf

    for module, metric in ((of_bleu, BLEU()), (of_chrf, CHRF())):
        metric.corpus_score(["a"], [["a"]])
        signature = re.sub(r"\|version:.*", "", str(metric.get_signature()))
        assert signature in (module.__doc__ or "")
