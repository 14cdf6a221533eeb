"""Subwords of lecture 01: merges learned on the course's prose, Polish and English."""

from __future__ import annotations

import re
from collections.abc import Iterable

from unrolled.data import course_text
from unrolled.data.bundled import FOLDER
from unrolled.data.download import DataError
from unrolled.language import subwords
from unrolled.language.subwords import Pair, merge
from unrolled.messages import Language

__all__ = ["END", "Pair", "course_words", "cut", "learn", "merge"]

#: The sign that ends a word, one that a slide can show; a word, of letters alone, never holds it.
END = "·"


def course_words(language: Language, count: int) -> list[str]:
    """Return the first words of the course's prose in a language, in small letters.

    A word is letters alone: no digit, no sign.

    Raises:
        DataError: the file is missing or too short.
    """
    text = course_text() if language == "pl" else _english()
    words = re.findall(r"[^\W\d_]+", text.lower())[:count]
    if len(words) < count:
        raise DataError(f"the course's prose has {len(words)} words in all: ask for no more")
    return words


def _english() -> str:
    path = FOLDER / "course_en.txt"
    if not path.is_file():
        raise DataError(
            f"{path}: the file is missing. Restore it: git checkout -- data/course_en.txt"
        )
    return path.read_text(encoding="utf-8")


def learn(words: Iterable[str], times: int) -> list[Pair]:
    """Learn byte-pair merges, as ``unrolled.language.subwords.learn``, with this lesson's sign."""
    return subwords.learn(words, times, end=END)


def cut(word: str, merges: Iterable[Pair]) -> list[str]:
    """Cut a word into tokens, as ``unrolled.language.subwords.cut``, with this lesson's sign."""
    return subwords.cut(word, merges, end=END)
