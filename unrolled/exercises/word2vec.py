"""The exercises of lab 12, "word2vec": references, cases, hints."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise

# --------------------------------------------------------------------------- pairs


def pairs(sentence: Sequence[int], window: int) -> np.ndarray:
    """Return each word of a sentence with each of its neighbours.

    Args:
        sentence: T words' numbers.
        window: how many places before a word and after it are near.

    Returns:
        int of shape (pairs, 2): the word, its neighbour; by the word's place, then by the
        neighbour's.
    """
    T = len(sentence)
    places = [(t, s) for t in range(T) for s in range(T) if 0 < abs(t - s) <= window]
    return np.array([(sentence[t], sentence[s]) for t, s in places], dtype=int).reshape(-1, 2)


def _pairs_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # A word that occurs twice: two places may hold the same number.
    for length, window in ((7, 2), (6, 1), (9, 3), (3, 5)):
        words = rng.permutation(40)[:length]
        words[-1] = words[-2]
        yield words.tolist(), window


# --------------------------------------------------------------------------- keep


def keep(counts: np.ndarray, threshold: float) -> np.ndarray:
    """Return the probability with which each word is kept when a text is thinned.

    Args:
        counts: how often each word occurs in the text, (V,), all positive.
        threshold: t.

    Returns:
        (V,): the square root of t / f, at most 1, with f a word's share of the text.
    """
    shares = counts / counts.sum()  # (V,)
    return np.minimum(np.sqrt(threshold / shares), 1)


def _keep_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for V, threshold in ((5, 0.02), (9, 0.11), (3, 0.3)):
        counts = rng.integers(1, 30, size=V)
        counts[0], counts[1] = 200 + rng.integers(100), 1
        yield counts, threshold
    yield rng.integers(1, 30, size=1), float(rng.uniform(0.1, 0.9))


# --------------------------------------------------------------------------- loss


def negative_loss(h: np.ndarray, c: np.ndarray) -> float:
    """Return the loss of negative sampling, the mean over a batch.

    Args:
        h: a vector of each example, (B, m).
        c: vectors of its 1 + K candidates, (B, 1 + K, m): the true neighbour, then the noise.
    """
    a = (c @ h[:, :, None])[:, :, 0]  # (B, 1 + K)
    a[:, 0] = -a[:, 0]
    return float(np.logaddexp(0, a).sum() / len(h))


def _loss_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for B, K, m, size in ((4, 5, 3, 1.0), (1, 2, 3, 0.7), (7, 2, 5, 30.0)):
        yield rng.normal(0, size, (B, m)), rng.normal(0, size, (B, 1 + K, m))


# --------------------------------------------------------------------------- step


def step(
    W: np.ndarray, C: np.ndarray, words: np.ndarray, rows: np.ndarray, rate: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return both tables after one step of gradient descent on skip-gram's loss.

    Args:
        W: the words' vectors, (V, m).
        C: the neighbours' vectors, (V, m).
        words: (B,).
        rows: (B, 1 + K): the true neighbour, then the noise.
        rate: the learning rate.
    """
    h, c = W[words], C[rows]  # (B, m), (B, 1 + K, m)
    d_a = 1 / (1 + np.exp(-np.einsum("bkm,bm->bk", c, h)))  # (B, 1 + K)
    d_a[:, 0] -= 1
    d_a /= len(words)
    new_W, new_C = W.copy(), C.copy()
    np.subtract.at(new_W, words, rate * np.einsum("bk,bkm->bm", d_a, c))
    np.subtract.at(new_C, rows, rate * d_a[:, :, None] * h[:, None, :])
    return new_W, new_C


def _step_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for V, m, B, K in ((6, 3, 8, 4), (7, 4, 5, 3), (4, 2, 1, 6)):
        W, C = rng.normal(size=(2, V, m))
        words, rows = rng.integers(V, size=B), rng.integers(V, size=(B, 1 + K))
        rows[0, 1] = rows[0, 2]  # the same noise twice in one example
        if B > 1:
            words[0] = words[1]  # the same word twice in a batch
        yield W, C, words, rows, float(rng.uniform(0.4, 2))


# --------------------------------------------------------------------------- analogy


def analogy(E: np.ndarray, a: int, b: int, c: int, k: int, exclude: bool) -> np.ndarray:
    """Return the k words that are best at being to c what b is to a, the best first.

    Args:
        E: the words' vectors, (V, m), none of them zero.
        a: the number of a word.
        b: the number of another.
        c: the number of a third.
        k: how many, at most V - 3.
        exclude: whether the three words of the question are no candidates.

    Returns:
        int, (k,): the rows whose cosines with b - a + c are largest, of vectors that were given
        the length 1.
    """
    U = E / np.linalg.norm(E, axis=1, keepdims=True)  # (V, m)
    likeness = U @ (U[b] - U[a] + U[c])  # (V,): the target's length divides all of them alike
    if exclude:
        likeness[[a, b, c]] = -np.inf
    return np.argsort(-likeness)[:k]


def _analogy_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # Of the question's words, a would win where it lies between b and c, b where c is like a,
    # and c where b is like a. The lengths differ: whoever leaves a norm out finds another word.
    for V, m in ((43, 3), (61, 4), (52, 5)):
        U = rng.normal(size=(V, m))
        U /= np.linalg.norm(U, axis=1, keepdims=True)
        lengths = np.exp(rng.normal(0, 1, size=(V, 1)))
        a, b, c = (int(i) for i in rng.permutation(V)[:3])
        near_a = U[a] + 0.1 * rng.normal(size=m) / np.sqrt(m)
        near_b = U[b] + 0.4 * U[c]
        for changed in ({c: near_b, a: U[a]}, {b: near_a}, {c: near_a}):
            E = U.copy()
            for word, vector in changed.items():
                E[word] = vector / np.linalg.norm(vector)
            if a in changed:
                E[a] = 1.2 * E[b] + E[c]  # no tie of b and c
                E[a] /= np.linalg.norm(E[a])
            for exclude in (True, False):
                yield E * lengths, a, b, c, 4, exclude
        yield U * lengths, a, b, c, 7, True


#: The best word alone, among four: one word is left, and its product with the target is below -1.
_ONE = (np.array([[3.0, 0.0], [2.0, 1.0], [0.0, 1.0], [0.0, -1.5]]), 0, 1, 2, 1, True)


EXERCISES = with_mistakes(
    __file__,
    Exercise("word2vec/pairs", pairs, _pairs_cases, corners=(([3], 2),)),
    Exercise("word2vec/keep", keep, _keep_cases),
    Exercise("word2vec/loss", negative_loss, _loss_cases),
    Exercise("word2vec/step", step, _step_cases),
    Exercise("word2vec/analogy", analogy, _analogy_cases, corners=(_ONE,)),
)
