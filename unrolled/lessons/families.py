"""Lecture 09's text about people: pairs of words that differ in one thing, and occupations.

Six pairs (man, woman), (king, queen), … : what is said of a pair is said of both its words, and
"his" or "her" tells them apart. Occupations stand with "her" as often as one decides. The text is
drawn from this grammar; nothing in it was observed in the world.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from unrolled.lessons.small_world import unit

PAIRS = (
    ("man", "woman"),
    ("king", "queen"),
    ("boy", "girl"),
    ("uncle", "aunt"),
    ("waiter", "waitress"),
    ("monk", "nun"),
)
OCCUPATIONS = (
    "nurse", "teacher", "doctor", "driver", "baker", "cook", "judge", "tailor", "painter",
)  # fmt: skip
HIS, HER = ("his", "himself"), ("her", "herself")
THINGS = ("hat", "book", "friend")
_TOPICS = 4

_PEOPLE = [word for pair in PAIRS for word in pair]
WORDS = (
    *_PEOPLE, *OCCUPATIONS, *HIS, *HER, *THINGS, "the", "sees",
    *(f"topic {i}.{j}" for i in range(len(PAIRS) + 1) for j in range(_TOPICS)),
)  # fmt: skip
NUMBER = {word: i for i, word in enumerate(WORDS)}


def say(
    rng: np.random.Generator,
    sentences: int,
    *,
    her: Mapping[str, float] | None = None,
    marked: float = 0.5,
) -> list[list[int]]:
    """Draw sentences: "the king sees his hat" or "the king" with a word of the pair's topic.

    Args:
        rng: where they are drawn from.
        sentences: how many.
        her: how often an occupation stands with "her"; without it there are no occupations.
        marked: the share of sentences with "his" or "her".

    Returns:
        Sentences as lists of words' numbers.
    """
    out = []
    for _ in range(sentences):
        if her and rng.random() < 0.5:
            word = OCCUPATIONS[rng.integers(len(OCCUPATIONS))]
            topic, woman = len(PAIRS), rng.random() < her[word]
        else:
            topic = int(rng.integers(len(PAIRS)))
            woman = rng.random() < 0.5
            word = PAIRS[topic][int(woman)]
        if rng.random() < marked:
            owner = (HER if woman else HIS)[rng.integers(2)]
            row = ["the", word, "sees", owner, THINGS[rng.integers(len(THINGS))]]
        else:
            row = ["the", word, f"topic {topic}.{rng.integers(_TOPICS)}"]
        out.append([NUMBER[w] for w in row])
    return out


def questions() -> list[tuple[int, int, int, int]]:
    """Return the analogies a : b = c : d of all pairs with all others, both ways round."""
    out = []
    for p in PAIRS:
        for q in PAIRS:
            if p != q:
                for s in (1, -1):
                    (a, b), (c, d) = p[::s], q[::s]
                    out.append((NUMBER[a], NUMBER[b], NUMBER[c], NUMBER[d]))
    return out


def answers(vectors: np.ndarray, *, excluding: bool, offset: bool = True) -> float:
    """Return the share of analogies whose d is the nearest word to b - a + c.

    Args:
        vectors: of all words, (V, m).
        excluding: whether a, b and c may not be the answer.
        offset: with False the nearest word to c alone is the answer.
    """
    E = unit(vectors)
    right = []
    for a, b, c, d in questions():
        score = E @ (E[b] - E[a] + E[c] if offset else E[c])
        if excluding:
            score[[a, b, c]] = -np.inf
        right.append(score.argmax() == d)
    return float(np.mean(right))


def leaning(vectors: np.ndarray) -> np.ndarray:
    """Return the cosine of each occupation with the direction from the men's to the women's words.

    Args:
        vectors: of all words, (V, m).

    Returns:
        Cosines in the order of :data:`OCCUPATIONS`; above 0 is nearer to the women's words.
    """
    E = unit(vectors)
    direction = sum(E[NUMBER[w]] - E[NUMBER[m]] for m, w in PAIRS)
    return E[[NUMBER[o] for o in OCCUPATIONS]] @ unit(direction)
