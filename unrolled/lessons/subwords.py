"""Subwords of lecture 01: merges learned on the course's prose, Polish and English."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

from unrolled.data import course_text
from unrolled.data.bundled import FOLDER
from unrolled.data.download import DataError
from unrolled.messages import Language

#: The sign that ends a word; no word holds it, since a word is letters alone.
END = "·"
Pair = tuple[str, str]


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


def merge(tokens: Sequence[str], pair: Pair) -> list[str]:
    """Join each occurrence of a pair of neighbours, from the left."""
    out: list[str] = []
    for token in tokens:
        if out and (out[-1], token) == pair:
            out[-1] += token
        else:
            out.append(token)
    return out


def learn(words: Iterable[str], times: int) -> list[Pair]:
    """Learn byte-pair merges: each time the most frequent pair of neighbours is joined.

    Args:
        words: the training text; a pair counts as often as the words that hold it.
        times: how many merges; fewer if each word has become one token.

    Returns:
        The pairs in the order in which they were joined. On a tie the pair met earlier wins.
    """
    counts = Counter(words)
    pieces = {word: [*word, END] for word in counts}
    merges: list[Pair] = []
    for _ in range(times):
        pairs: Counter[Pair] = Counter()
        for word, count in counts.items():
            for pair in pairwise(pieces[word]):
                pairs[pair] += count
        if not pairs:
            break
        best = max(pairs, key=pairs.__getitem__)
        merges.append(best)
        for word, tokens in pieces.items():
            if best[0] in tokens:
                pieces[word] = merge(tokens, best)
    return merges


def cut(word: str, merges: Iterable[Pair]) -> list[str]:
    """Cut a word into tokens: the merges are applied in the order in which they were learned."""
    tokens = [*word, END]
    for pair in merges:
        tokens = merge(tokens, pair)
    return tokens
