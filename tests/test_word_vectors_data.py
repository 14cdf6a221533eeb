"""What lab 12 reads and makes: the generated corpus, streams of words, judgements and analogies."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from bench import words as bench
from unrolled import data
from unrolled.data import word_tests
from unrolled.lessons import large_text, toy_corpus

# --- the generated corpus -----------------------------------------------------------------------


def test_each_noun_has_two_right_neighbours() -> None:
    for animal in toy_corpus.ANIMALS:
        shared = [toy_corpus.shared_traits(animal, other) for other in toy_corpus.ANIMALS]
        assert (shared.count(3), shared.count(2)) == (1, 2)


def test_sentences_have_one_noun_and_words_that_fit_it() -> None:
    animals = {animal.noun: animal for animal in toy_corpus.ANIMALS}
    for sentence in toy_corpus.say(300, seed=1, vague=0.0):
        (animal,) = (animals[word] for word in sentence if word in animals)
        fitting = {
            *toy_corpus.ADJECTIVES[animal.age],
            *toy_corpus.SPECIES[animal.species][3],
            *toy_corpus.PLACES[animal.home],
            *("the", "is", "near", animal.noun),
        }
        assert set(sentence) <= fitting
    assert toy_corpus.say(20, seed=2) == toy_corpus.say(20, seed=2)


def test_a_vague_text_says_nothing_of_the_age() -> None:
    words = {word for sentence in toy_corpus.say(300, seed=1, vague=1.0) for word in sentence}
    assert not words & {word for age in toy_corpus.ADJECTIVES for word in age}
    assert set(toy_corpus.ANY) <= words


def test_questions_change_the_age_alone() -> None:
    animals = {animal.noun: animal for animal in toy_corpus.ANIMALS}
    questions = toy_corpus.questions()
    assert len(set(questions)) == 112
    for question in questions:
        a, b, c, d = (animals[noun] for noun in question)
        assert a.species == b.species != c.species == d.species
        assert a.age == c.age != b.age == d.age


# --- streams of words ---------------------------------------------------------------------------


def test_a_stream_of_two_texts() -> None:
    words, counts, stream = large_text.stream(["A b a.<br />Don't", "b, a c"], least=2)
    assert (words, counts.tolist()) == (["a", "b"], [3, 2])
    assert stream.tolist() == [0, 1, 0, -1, 1, 0, -1]
    rng = np.random.default_rng(0)
    assert large_text.thin(stream, np.array([0.0, 1.0]), rng).tolist() == [1, -1, 1, -1]


def test_near_words_stay_in_their_text() -> None:
    stream = np.array([0, 1, -1, 2, 3, 4, -1])
    (pairs,) = large_text.nearby(stream, 1, np.random.default_rng(0))
    expected = [[0, 1], [1, 0], [2, 3], [3, 2], [3, 4], [4, 3]]
    assert sorted(pairs.tolist()) == expected
    (pairs,) = large_text.nearby(np.tile(stream, 3000), 2, np.random.default_rng(0))
    far = (np.abs(pairs[:, 0] - pairs[:, 1]) == 2).sum()
    assert abs(far / 6000 - 0.5) < 0.05  # a pair two places apart counts half


# --- judgements and analogies -------------------------------------------------------------------


def test_judgements_and_analogies(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    path = tmp_path / "file.txt"
    monkeypatch.setattr(word_tests, "fetch", lambda name: {"wordsim": path, "questions": path})
    path.write_text("Tiger\tcat\t7.35\n", encoding="utf-8")
    assert data.word_similarity("wordsim") == [("tiger", "cat", 7.35)]
    with pytest.raises(data.DataError, match="expected four words"):
        data.analogies("en")
    path.write_text(": capitals\nAthens Greece Oslo Norway\n", encoding="utf-8")
    assert data.analogies("en") == {"capitals": [("athens", "greece", "oslo", "norway")]}
    with pytest.raises(data.DataError, match="two words and a number"):
        data.word_similarity("wordsim")


def test_real_judgements_and_analogies(full_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if not (full_data / "word-vectors").exists():
        pytest.skip(f"no word-vectors in {full_data}")
    monkeypatch.setenv("UNROLLED_DATA", str(full_data))
    assert len(data.word_similarity("wordsim")) == 353
    assert len(data.word_similarity("simlex")) == 999
    assert sum(map(len, data.analogies("en").values())) == 19_544
    assert sum(map(len, data.analogies("pl").values())) == 24_570


# --- the peer of the bench ----------------------------------------------------------------------


def test_the_bench_compares_two_methods_on_the_same_pairs() -> None:
    rng = np.random.default_rng(0)
    E = rng.normal(size=(40, 6))
    E[7] = 0  # a word without neighbours has no direction, and no warning
    pairs = rng.integers(40, size=(80, 2))
    judged = pairs, bench.cosines(E, pairs)
    low, high = bench.difference([E], [rng.normal(size=E.shape)], judged, rounds=50)
    assert 0 < low < high, "judgements that are our cosines: we are ahead"
    assert bench.difference([E], [E], judged, rounds=50) == (0, 0)
