"""Lecture 10's made-up models for searching by hand: a tree of sentences, and an empty sentence."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

#: Beginning → the next words with their probabilities. A beginning not listed ends.
TREE: dict[tuple[str, ...], dict[str, float]] = {
    (): {"Anna": 0.55, "Piotr": 0.45},
    ("Anna",): {"likes": 0.4, "is": 0.35, "and": 0.25},
    ("Piotr",): {"likes": 0.9, "is": 0.1},
    ("Anna", "likes"): {"Piotr": 0.8, "Ewa": 0.2},
    ("Piotr", "likes"): {"Anna": 0.9, "Ewa": 0.1},
}
END = "</s>"
#: The tree's words; the first, the end sign, also begins a sentence.
VOCABULARY = (END, "Anna", "Piotr", "Ewa", "likes", "is", "and")


def next_words(words: Sequence[str]) -> dict[str, float]:
    """Return the next words after a beginning, with their probabilities."""
    return TREE.get(tuple(words), {END: 1.0})


def probability(words: Sequence[str]) -> float:
    """Return the probability of a beginning: the product along its path."""
    return float(np.prod([next_words(words[:i])[word] for i, word in enumerate(words)]))


def tree_step(words: tuple[str, ...], last: int) -> tuple[np.ndarray, tuple[str, ...]]:
    """Return the log-probabilities of VOCABULARY after a word; for ``unrolled.language.search``."""
    words = (*words, VOCABULARY[last]) if last else words
    shares = np.array([next_words(words).get(word, 0.0) for word in VOCABULARY])
    with np.errstate(divide="ignore"):
        return np.log(shares), words


def with_empty(length: int) -> Callable[[int, int], tuple[np.ndarray, int]]:
    """Return a model whose right sentence has so many words 1, each of probability 0.8.

    0 ends a sentence: at the very beginning with probability 0.08, after the last word surely.
    2 to 4 are wrong words.
    """

    def step(at: int, last: int) -> tuple[np.ndarray, int]:
        shares = [0.0, 0.8, 0.1, 0.06, 0.04]
        if at == 0:
            shares = [0.08, 0.8, 0.06, 0.03, 0.03]
        if at >= length:
            shares = [1.0, 0.0, 0.0, 0.0, 0.0]
        with np.errstate(divide="ignore"):
            return np.log(shares), at + 1

    return step
