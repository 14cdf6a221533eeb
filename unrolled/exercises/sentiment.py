"""The exercises of lab 06, "Sentiment": references, cases, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise

#: Keras' numbers for IMDB: 0 is padding, and every rank is shifted by OFFSET.
START, UNKNOWN, OFFSET = 1, 2, 3

# --------------------------------------------------------------------------- encode


def encode(words: Sequence[str], ranks: Mapping[str, int], size: int) -> np.ndarray:
    """Return words as numbers, the way Keras numbers the words of IMDB.

    Args:
        words: the tokens of one text.
        ranks: word → rank, 1 for the most frequent.
        size: how many numbers there are: they run from 0 to size - 1.

    Returns:
        Numbers, int64 of shape (len(words) + 1,): START, then for each word its rank shifted by
        OFFSET, or UNKNOWN where the word has no rank or its number would not fit.
    """
    numbers = [ranks[w] + OFFSET if w in ranks else UNKNOWN for w in words]
    return np.array([START, *(n if n < size else UNKNOWN for n in numbers)])


_WORDS = ["film", "nie", "był", "nudny", "tylko", "mądry", "i", "piękny", "the", "was", "not"]


def _encode_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    ranks = {str(w): i + 1 for i, w in enumerate(rng.permutation(_WORDS))}
    known = list(ranks)
    # The last word that fits and the first that does not, in one text.
    size = int(rng.integers(6, 11))
    edge = [known[size - OFFSET - 2], known[size - OFFSET - 1], known[size - OFFSET]]
    for n, more in ((9, edge), (4, [*edge, "kot"]), (1, ["pies", known[0]])):
        yield [*(str(w) for w in rng.choice(known, size=n)), *more], ranks, size
    every = [str(w) for w in rng.permutation([*known, "kot"])]
    yield every, ranks, len(known) + OFFSET + 1
    yield [known[int(rng.integers(0, 10))]], ranks, OFFSET + len(known)


# --------------------------------------------------------------------------- tfidf


def tfidf(train: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Return the tf-idf of texts, with the weights of words taken from the training set alone.

    Args:
        train: counts of the words in the training texts, (N, V).
        counts: counts of the words in any texts, (M, V).

    Returns:
        ``counts`` times ``log((1 + N) / (1 + df)) + 1``, each row divided by its Euclidean norm;
        a row of zeros stays. Float, of shape (M, V).
    """
    seen = (train > 0).sum(axis=0)  # (V,): in how many training texts
    weights = np.log((1 + len(train)) / (1 + seen)) + 1  # (V,)
    x = counts * weights  # (M, V)
    norms = np.sqrt((x**2).sum(axis=1, keepdims=True))  # (M, 1)
    return x / np.where(norms > 0, norms, 1.0)


def _tfidf_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, m, v in ((7, 4, 5), (1, 3, 6), (9, 1, 3)):
        train, counts = rng.poisson(0.8, (n, v)), rng.poisson(1.2, (m, v)) + 0
        train[0, 0], train[:, -1] = 3, 0  # twice in one text; a word that training never saw
        counts[0, :3], counts[0, -1] = (1, 2, 1), 2
        if m == 4:
            counts[-1] = 0  # nothing but words that are not in the vocabulary
        yield train, counts


# --------------------------------------------------------------------------- pairs


def pairs_right(right: np.ndarray, pair: np.ndarray) -> np.ndarray:
    """Return the share of contrast pairs of which both reviews were answered rightly.

    Args:
        right: truth values, (models, reviews).
        pair: the number of the pair of each review, (reviews,); 0: in no pair.

    Returns:
        The share for each model, (models,).
    """
    numbers = np.unique(pair[pair > 0])
    both = [right[:, pair == number].all(axis=1) for number in numbers]
    return np.mean(both, axis=0)


_PRIMES = (7, 11, 13, 17, 19, 23, 29, 31, 37, 41, 43)


def _pairs_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for models, n in zip((3, 1, 2), rng.permutation(_PRIMES)[:3], strict=True):
        numbers = rng.permutation(np.arange(1, 3 * n))[:n]  # not one after another
        plain = n // 2 + 1
        pair = np.concatenate([numbers, numbers, np.zeros(plain, dtype=int)])
        order = rng.permutation(len(pair))
        rows = []
        for good in rng.permutation(np.arange(1, n - 2))[:models]:
            kinds = np.array([3] * good + [0, 0] + [1, 2] * n)[:n]  # bit by bit: who was right
            rows.append([*(kinds & 1), *(kinds >> 1), *rng.integers(0, 2, plain)])
        yield np.array(rows)[:, order] > 0, pair[order]


#: One pair.
_ONE_PAIR = ((np.array([[True, False, True], [True, True, False]]), np.array([3, 0, 3])),)

# --------------------------------------------------------------------------- pad


def pad(rows: Sequence[np.ndarray], width: int, side: str) -> np.ndarray:
    """Return rows of different lengths as one batch, padded and cut on the same side.

    Args:
        rows: B arrays of integers, each of shape (its length,).
        width: T.
        side: ``"left"``: the zeros stand before a row, and of a long row the end is kept;
            ``"right"``: the zeros stand after it, and the beginning is kept.

    Returns:
        The batch, int64 of shape (B, T).
    """
    batch = np.zeros((len(rows), width), dtype=np.int64)  # (B, T)
    for i, row in enumerate(rows):
        n = min(len(row), width)
        if side == "left":
            batch[i, width - n :] = row[len(row) - n :]
        else:
            batch[i, :n] = row[:n]
    return batch


def _pad_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # In the fifth the batch is wider than its longest row: a notebook pads to one width for all.
    sizes = (((3, 7, 5, 4), 5), ((2, 6), 4), ((9, 1, 8), 7), ((4,), 1), ((2, 5, 3), 8))
    for lengths, width in sizes:
        rows = [rng.integers(1, 70_000, n) for n in lengths]  # as many numbers as IMDB has words
        for side in ("left", "right"):
            yield rows, width, side


# --------------------------------------------------------------------------- masked

Step = Callable[[np.ndarray, np.ndarray], np.ndarray]


def masked_run(step: Step, start: np.ndarray, x: np.ndarray, mask: np.ndarray) -> np.ndarray:
    """Return the states of a recurrent network that does not see the padding.

    Args:
        step: the state (B, m) and the inputs of one step (B, n) → the next state (B, m).
        start: the state before the first step, (B, m).
        x: inputs, (B, T, n).
        mask: truth values, (B, T): False on the padding.

    Returns:
        The states after every step, (B, T, m); where the mask is False, the state before it.
    """
    states, s = [], start
    for t in range(x.shape[1]):
        s = np.where(mask[:, t, None], step(s, x[:, t]), s)
        states.append(s)
    return np.stack(states, axis=1)


def _step(rng: np.random.Generator, n: int, m: int) -> Step:
    """Return the step of a simple recurrent network with random weights."""
    w_x, w_h, b = (rng.normal(0, 0.8, shape) for shape in ((n, m), (m, m), (m,)))
    return lambda s, x: np.tanh(x @ w_x + s @ w_h + b)


def _masked_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time, n, m in ((4, 6, 2, 3), (1, 5, 3, 4), (3, 7, 1, 2)):
        mask = rng.random((batch, time)) < 0.6
        mask[0, :3] = (False, True, False)  # padding on the left, and a gap
        mask[0, -2:] = (True, False)
        if batch > 1:
            mask[1] = False  # a text of which nothing is left
        yield (
            _step(rng, n, m),
            rng.normal(0, 1, (batch, m)),
            rng.normal(0, 1, (batch, time, n)),
            mask,
        )


EXERCISES = with_mistakes(
    __file__,
    Exercise("sentiment/encode", encode, _encode_cases),
    Exercise("sentiment/tfidf", tfidf, _tfidf_cases),
    Exercise("sentiment/pairs", pairs_right, _pairs_cases, corners=_ONE_PAIR),
    Exercise("sentiment/pad", pad, _pad_cases),
    Exercise("sentiment/masked", masked_run, _masked_cases),
)
