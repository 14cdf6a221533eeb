"""The exercises of lab 13, "Translation": references, cases, hints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise
from unrolled.lessons.number_words import THOUSAND, in_words

# --------------------------------------------------------------------------- value

#: Words that stand for one number each, below a thousand.
_VALUES = {in_words(n): n for n in (*range(1, 20), *range(20, 100, 10), *range(100, 1000, 100))}


def value(words: Sequence[str]) -> int:
    """Return the number that Polish words name.

    Args:
        words: of a number from 1 to 999 999, for instance ["dwa", "tysiące", "pięć"].
    """
    thousands, rest = 0, 0
    for word in words:
        if word in THOUSAND:
            thousands, rest = max(rest, 1), 0
        else:
            rest += _VALUES[word]
    return 1000 * thousands + rest


def _value_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for number in (
        rng.integers(21, 1000),
        1000 + rng.integers(1, 1000),
        1000 * rng.integers(2, 10) + rng.integers(11, 20),
        rng.integers(21_000, 100_000),
        rng.integers(112, 1000) * 1000,
        rng.integers(100_000, 1_000_000),
    ):
        yield (in_words(int(number)).split(),)


# --------------------------------------------------------------------------- shifted targets


def shifted(rows: Sequence[Sequence[int]]) -> tuple[np.ndarray, np.ndarray]:
    """Return the decoder's inputs and targets of a batch.

    Args:
        rows: the tokens of B sentences, of different lengths.

    Returns:
        Two arrays of int, (B, T + 1) with T the longest row: the row after START, 2, and the row
        before STOP, 3; the rest is 0.
    """
    size = (len(rows), max(map(len, rows)) + 1)
    inputs, targets = np.zeros(size, dtype=int), np.zeros(size, dtype=int)
    for b, row in enumerate(rows):
        inputs[b, : len(row) + 1] = [2, *row]
        targets[b, : len(row) + 1] = [*row, 3]
    return inputs, targets


def _shifted_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for lengths in ((3, 1, 4), (2,), (1, 5)):
        yield ([rng.integers(4, 30, length).tolist() for length in lengths],)


# --------------------------------------------------------------------------- attention


def attend(
    q: np.ndarray, k: np.ndarray, v: np.ndarray, mask: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return what the queries find among the values, and their weights.

    Args:
        q: queries, (B, S, d).
        k: keys, (B, T, d).
        v: values, (B, T, n).
        mask: True at real keys, (B, T); each row has one.

    Returns:
        Outputs (B, S, n) and weights (B, S, T): the softmax over the keys of q·k/√d, exactly zero
        where the mask is False.
    """
    scores = q @ k.swapaxes(1, 2) / np.sqrt(q.shape[2])  # (B, S, T)
    scores = np.where(mask[:, None, :], scores, -np.inf)
    scores = scores - scores.max(axis=2, keepdims=True)
    weights = np.exp(scores)
    weights = weights / weights.sum(axis=2, keepdims=True)
    return weights @ v, weights


def _attend_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for (batch, queries, keys, d, n), size in (((2, 3, 5, 4, 6), 1), ((1, 2, 4, 3, 1), 60)):
        q, k = rng.normal(0, size, (batch, queries, d)), rng.normal(0, size, (batch, keys, d))
        mask = np.arange(keys) < rng.permutation(np.arange(2, keys))[:batch, None]
        yield q, k, rng.normal(1, 1, (batch, keys, n)), mask
    # A padded key that fits better than any other by far, and scores all far below zero.
    q = np.full((1, 2, 2), 30.0)
    k = -rng.uniform(50, 50.1, (1, 4, 2))
    k[0, 3] = 90
    yield q, k, rng.normal(0, 1, (1, 4, 3)), np.array([[True, True, True, False]])


# --------------------------------------------------------------------------- beam


def beam_step(
    scores: np.ndarray, log_p: np.ndarray, width: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the most probable continuations of the beginnings in the beam.

    Args:
        scores: log-probabilities of w beginnings, (w,).
        log_p: log-probabilities of the next token after each of them, (w, V).
        width: how many to keep, at most w · V.

    Returns:
        The best first: their log-probabilities, which beginning each continues, and with which
        token, all (width,).
    """
    total = scores[:, None] + log_p  # (w, V)
    best = np.argsort(-total, axis=None)[:width]  # places in the flattened table
    parents, tokens = np.divmod(best, log_p.shape[1])
    return total[parents, tokens], parents, tokens


def _beam_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for w, vocabulary, width in ((3, 7, 4), (1, 5, 2), (4, 6, 1), (2, 3, 6)):
        p = rng.dirichlet(np.ones(vocabulary), w)
        scores = np.log(rng.uniform(0.05, 1, w))
        if w > 1:  # the best place is not in the first row, nor are all good ones in one row
            scores[0] = scores.min() - 0.3
        yield scores, np.log(p), width


# --------------------------------------------------------------------------- clipped n-grams


def clipped(hypothesis: Sequence[str], reference: Sequence[str], n: int) -> tuple[int, int]:
    """Return how many n-grams of a translation its reference has, and how many there are.

    Args:
        hypothesis: the translation's tokens.
        reference: the reference's tokens.
        n: how many tokens an n-gram has.

    Returns:
        The matched n-grams, each counted at most as often as it stands in the reference, and all
        n-grams of the hypothesis.
    """

    def grams(tokens: Sequence[str]) -> Counter[tuple[str, ...]]:
        return Counter(tuple(tokens[i : i + n]) for i in range(len(tokens) - n + 1))

    ours = grams(hypothesis)
    return (ours & grams(reference)).total(), ours.total()


def _clipped_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # Words that repeat more often than in the reference, and the other way round.
    few, many = int(rng.integers(2, 12)), int(rng.integers(20, 60))
    yield ["to"] * many + ["nie"], ["to"] * few + ["kot"] + ["nie"] * 3, 1
    for low, n in ((60, 2), (120, 1), (200, 3)):
        length, other = rng.integers(low, low + 50, 2)
        # Glued together, "ma mama" and "mama ma" are one string; they are two n-grams.
        words = rng.choice(["ma", "mama", "to", "kot"], length + other).tolist()
        yield words[:length], words[length:], n
    start = rng.choice(["a", "i", "to"], rng.integers(260, 400)).tolist()
    yield [*start, "tu"], [*start, "tam"], 2  # alike but for the last token


# --------------------------------------------------------------------------- bootstrap


def interval(
    counts: np.ndarray, drawn: np.ndarray, score: Callable[[np.ndarray], float]
) -> tuple[float, float]:
    """Return the 95% percentile bootstrap interval of a corpus score.

    Args:
        counts: what each sentence counts, (N, k).
        drawn: the sentences of each resample, numbers from 0 to N - 1, (R, N).
        score: from the sums over a corpus, (k,), to its score.

    Returns:
        The quantiles 0.025 and 0.975 of the R scores.
    """
    scores = [score(counts[rows].sum(axis=0)) for rows in drawn]
    low, high = np.quantile(scores, [0.025, 0.975])
    return float(low), float(high)


def ratio(sums: np.ndarray) -> float:
    """Return 100 times the first sum, divided by the second."""
    return float(100 * sums[0] / sums[1])


def squared(sums: np.ndarray) -> float:
    """Return a score that is no ratio: the first sum squared, less the last."""
    return float(sums[0] ** 2 - sums[-1])


def _interval_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    sizes = ((12, 50, 2, ratio), (5, 30, 3, squared), (8, 41, 2, ratio), (6, 20, 1, squared))
    for sentences, resamples, k, score in sizes:
        total = rng.integers(3, 15, (sentences, 1))
        counts = np.hstack([rng.integers(0, total + 1), np.repeat(total, k - 1, axis=1)])
        counts[:, -1] += rng.integers(0, 3, sentences)
        yield counts, rng.integers(0, sentences, (resamples, sentences)), score


EXERCISES = with_mistakes(
    __file__,
    Exercise(
        "translation/value",
        value,
        _value_cases,
        tolerance=1e-9,
        corners=((["tysiąc"],), (["jeden"],)),
    ),
    Exercise("translation/shifted", shifted, _shifted_cases, tolerance=1e-9),
    Exercise("translation/attend", attend, _attend_cases),
    Exercise("translation/beam", beam_step, _beam_cases),
    Exercise(
        "translation/clipped",
        clipped,
        _clipped_cases,
        tolerance=1e-9,
        corners=((["kot"], ["to", "kot"], 2), (["a", "i", "to"], ["i", "to", "a"], 5)),
    ),
    Exercise("translation/interval", interval, _interval_cases),
)
