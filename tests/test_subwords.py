"""Byte-pair merges of lecture 01."""

from __future__ import annotations

from pathlib import Path

import course
import pytest

from press.sources.corpus import corpus
from unrolled.data import DataError
from unrolled.lessons import subwords
from unrolled.lessons.subwords import END, course_words, cut, learn, merge
from unrolled.messages import LANGUAGES


def test_a_pair_is_joined_wherever_it_stands() -> None:
    assert merge(list("abcab"), ("a", "b")) == ["ab", "c", "ab"]
    assert merge(list("aaa"), ("a", "a")) == ["aa", "a"]
    assert merge([], ("a", "b")) == []


def test_the_most_frequent_pair_comes_first_and_the_earlier_one_on_a_tie() -> None:
    assert learn(["ab", "ab", "cd"], 2) == [("a", "b"), ("ab", END)]
    assert learn(["ab", "cd"], 1) == [("a", "b")]


def test_merges_end_when_every_word_is_one_token() -> None:
    assert learn(["ab"], 9) == [("a", "b"), ("ab", END)]


def test_tokens_join_to_the_word_and_its_end() -> None:
    merges = learn(["czytam", "czytasz", "czyta", "czytamy"], 6)
    assert cut("czytacie", merges) == ["czyta", *"cie", END]
    assert cut("czyta", []) == [*"czyta", END]


@pytest.mark.parametrize("language", ["pl", "en"])
def test_words_of_the_course_are_letters_alone(language: str) -> None:
    words = course_words(language, 6000)  # type: ignore[arg-type]
    assert len(words) == 6000
    assert all(word.isalpha() and word == word.lower() for word in words)
    assert not any(END in word for word in words)
    assert ("ciągi" if language == "pl" else "sequences") in words


def test_more_words_than_there_are_is_an_error() -> None:
    with pytest.raises(DataError, match="words in all"):
        course_words("en", 10**6)


def test_a_lost_file_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(subwords, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=r"git checkout -- data/course_en\.txt"):
        course_words("en", 10)


def test_the_corpus_has_both_languages(root: Path) -> None:
    polish, english = (corpus(root, lang, course.sources()) for lang in LANGUAGES)
    assert "Po tych zajęciach potrafisz" in polish
    assert "After this class you can" in english
    assert "Po tych zajęciach" not in english
    assert len(polish.splitlines()) > 500
    assert len(english.splitlines()) > 500
