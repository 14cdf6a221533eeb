"""Lecture 09's worlds: grammars that say which words are neighbours, and the texts they make.

A class of nouns is a list of words that the grammar treats alike; its members differ only in how
often they occur. So the right neighbours of a noun are the other members of its class. No text of
this module was written by people.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

Rows = list[list[int]]

#: The small world: twelve nouns in three classes, and what is said of them.
NOUNS = {
    "animal": ("cat", "dog", "horse", "cow"),
    "food": ("bread", "soup", "cheese", "apple"),
    "vehicle": ("car", "bus", "train", "bike"),
}
#: Sentences with their shares; a class stands for one of its members.
PATTERNS = {
    "the animal sleeps": 3,
    "the animal eats the food": 3,
    "we buy the food": 2,
    "we cook the food": 3,
    "the vehicle stops": 3,
    "we drive the vehicle": 3,
    "we buy the vehicle": 1,
}
#: How often the members of a class occur, relative to one another.
SHARES = (8, 4, 2, 1)


@dataclass(frozen=True)
class World:
    """A grammar with its vocabulary.

    Attributes:
        words: the vocabulary, in the order of the words' numbers.
        classes: each a list of nouns' numbers, from the frequent to the rare.
        patterns: sentences as lists of words' numbers; -1 - k stands for a noun of class k.
        shares: how often each pattern is said, adding up to 1.
        weights: how often each member of each class is meant, adding up to 1 in a class.
    """

    words: tuple[str, ...]
    classes: tuple[tuple[int, ...], ...]
    patterns: tuple[tuple[int, ...], ...]
    shares: np.ndarray
    weights: tuple[np.ndarray, ...]

    @property
    def nouns(self) -> list[int]:
        """The numbers of all nouns, class by class."""
        return [noun for members in self.classes for noun in members]

    def class_of(self) -> np.ndarray:
        """Return the class of each word, (V,); -1 for a word that is no noun."""
        out = np.full(len(self.words), -1)
        for k, members in enumerate(self.classes):
            out[list(members)] = k
        return out

    def say(self, rng: np.random.Generator, sentences: int) -> Rows:
        """Draw sentences.

        Args:
            rng: where they are drawn from.
            sentences: how many.

        Returns:
            Sentences as lists of words' numbers.
        """
        out = []
        for which in rng.choice(len(self.patterns), sentences, p=self.shares):
            row = list(self.patterns[which])
            for place, word in enumerate(row):
                if word < 0:
                    members = self.classes[-1 - word]
                    row[place] = int(rng.choice(members, p=self.weights[-1 - word]))
            out.append(row)
        return out


def small() -> World:
    """Return the small world of :data:`NOUNS` and :data:`PATTERNS`: 20 words."""
    kinds = list(NOUNS)
    nouns = [noun for members in NOUNS.values() for noun in members]
    said = dict.fromkeys(word for pattern in PATTERNS for word in pattern.split())
    words = (*nouns, *(word for word in said if word not in NOUNS))
    number = {word: i for i, word in enumerate(words)}
    number |= {kind: -1 - k for k, kind in enumerate(kinds)}
    shares = np.array(list(PATTERNS.values()), dtype=float)
    weights = np.array(SHARES) / sum(SHARES)
    return World(
        words,
        tuple(tuple(number[noun] for noun in NOUNS[kind]) for kind in kinds),
        tuple(tuple(number[word] for word in pattern.split()) for pattern in PATTERNS),
        shares / shares.sum(),
        (weights,) * len(kinds),
    )


def large(
    kinds: int = 6, members: int = 8, *, verbs: int = 3, strays: float = 0.2, zipf: bool = True
) -> World:
    """Return a larger world: classes of numbered nouns, each with verbs of its own.

    A noun stands by one verb: "the noun verb" or "we verb the noun".

    Args:
        kinds: how many classes.
        members: nouns in a class.
        verbs: verbs of a class, as many after the noun and as many before it.
        strays: the share of sentences in which a noun stands by another class's verb; with 0 a
            class differs from another one only in what is never said.
        zipf: whether the members of a class occur as 1, 1/2, 1/3, …, or all alike.
    """
    nouns = kinds * members
    words = [f"noun {i}" for i in range(nouns)] + ["the", "we"]
    the, we = nouns, nouns + 1
    patterns, shares = [], []
    for k in range(kinds):
        for i in range(verbs):
            words += [f"verb {k}.{i}", f"we verb {k}.{i}"]
            after, before = len(words) - 2, len(words) - 1
            for noun in range(kinds):
                patterns += [(the, -1 - noun, after), (we, before, the, -1 - noun)]
                shares += [1 - strays if noun == k else strays / (kinds - 1)] * 2
    used = [i for i, share in enumerate(shares) if share]
    weights = 1 / np.arange(1.0, members + 1) if zipf else np.ones(members)
    return World(
        tuple(words),
        tuple(tuple(range(k * members, (k + 1) * members)) for k in range(kinds)),
        tuple(patterns[i] for i in used),
        np.array([shares[i] for i in used]) / sum(shares),
        (weights / weights.sum(),) * kinds,
    )


def right_neighbours(vectors: np.ndarray, world: World) -> np.ndarray:
    """Return, for each noun, the share of its class among its nearest nouns.

    As many nearest nouns are looked at as the class has other members, so that 1 is perfect.

    Args:
        vectors: of all words, (V, m).
        world: the grammar.

    Returns:
        Shares in the order of ``world.nouns``.
    """
    nouns = world.nouns
    kind = world.class_of()[nouns]
    near = order(vectors[nouns])
    return np.array(
        [
            np.mean(kind[near[i, : np.sum(kind == kind[i]) - 1]] == kind[i])
            for i in range(len(nouns))
        ]
    )


def by_chance(world: World) -> float:
    """Return what :func:`right_neighbours` is on average for an order drawn at random."""
    sizes = np.array([len(members) for members in world.classes])
    return float(np.average((sizes - 1) / (sizes.sum() - 1), weights=sizes))


def order(vectors: np.ndarray) -> np.ndarray:
    """Return, for each row, the other rows from the nearest to the farthest by cosine.

    Args:
        vectors: (N, m).

    Returns:
        Numbers of rows, (N, N - 1).
    """
    likeness = cosines(vectors)
    np.fill_diagonal(likeness, -np.inf)
    return np.argsort(-likeness, axis=1, kind="stable")[:, :-1]


def cosines(vectors: np.ndarray, others: np.ndarray | None = None) -> np.ndarray:
    """Return the cosines of rows with rows; a row of zeros has the cosine 0 with any other.

    Args:
        vectors: (N, m).
        others: (M, m); the same by default.
    """
    a = unit(vectors)
    return a @ (a if others is None else unit(others)).T


def unit(vectors: np.ndarray) -> np.ndarray:
    """Return rows of the length 1; a row of zeros stays."""
    length = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return vectors / np.where(length > 0, length, 1)
