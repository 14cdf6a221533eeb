"""The exercises of lab 05, "A character language model": references, cases, hints."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Choice, Exercise
from unrolled.messages import Message


def _softmax(a: np.ndarray) -> np.ndarray:
    """Return the softmax over the last axis."""
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


# --------------------------------------------------------------------------- bits


def bits_per_character(log_p: np.ndarray, target: np.ndarray) -> float:
    """Return how many bits a character costs on average.

    Args:
        log_p: natural logarithms of the predicted probabilities, of shape (n, V).
        target: the numbers of the characters that came, integers of shape (n,).
    """
    chosen = log_p[np.arange(len(target)), target]  # (n,)
    return float(-np.mean(chosen) / math.log(2))


def _bits_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, v, scale in ((7, 5, 1.5), (1, 3, 1.5), (4, 4, 1.5), (6, 9, 15.0)):
        logits = rng.normal(0.0, scale, (n, v))  # the last: a character may be a great surprise
        yield np.log(_softmax(logits)), rng.integers(0, v, n)


# --------------------------------------------------------------------------- witten-bell


def witten_bell(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Return predictions that mix a context's counts with those of a shorter context.

    Witten & Bell 1991 (method C): a context that was followed N times, by T different characters,
    gives the weight N / (N + T) to its own frequencies and T / (N + T) to the shorter context.

    Args:
        counts: how often each character followed each context, integers of shape (m, V).
        lower: predictions from the shorter contexts, of shape (m, V).

    Returns:
        Probabilities of shape (m, V); for a context that was never seen, those of ``lower``.
    """
    seen = counts.sum(axis=1, keepdims=True)  # (m, 1): N
    kinds = (counts > 0).sum(axis=1, keepdims=True)  # (m, 1): T
    mixed = (counts + kinds * lower) / np.maximum(seen + kinds, 1)
    return np.asarray(np.where(seen > 0, mixed, lower))


def _witten_bell_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for m, v in ((4, 6), (1, 5), (3, 3), (7, 2)):
        counts = rng.poisson(1.6, (m, v))
        counts[0, 0] += 2
        if m > 1:
            unseen, *others = rng.permutation(np.arange(1, m))
            counts[unseen] = 0  # a context that was never seen
            if others:
                counts[others[0]] = np.eye(v, dtype=int)[rng.integers(v)]  # and one seen once
        yield counts, _softmax(rng.normal(0.0, 1.0, (m, v)))


# --------------------------------------------------------------------------- streams


def make_streams(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a text cut into parallel streams, and these into chunks that continue one another.

    Args:
        ids: the characters' numbers, of shape (n,).
        batch: the number of streams, B.
        length: characters in a chunk, T; n > B · T.

    Returns:
        Inputs and targets, each of shape (chunks, B, T) with chunks = (n − 1) // (B · T). Stream b
        reads chunks · T consecutive characters from place b · chunks · T on; a target is the
        character that follows its input.
    """
    chunks = (len(ids) - 1) // (batch * length)
    n = chunks * batch * length
    inputs = ids[:n].reshape(batch, chunks, length).swapaxes(0, 1)
    targets = ids[1 : n + 1].reshape(batch, chunks, length).swapaxes(0, 1)
    return inputs, targets


def _streams_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # In the last two the final chunk has its last target in the text's last character.
    for n, batch, length in (
        (53, 3, 4),
        (24, 2, 4),
        (17, 1, 5),
        (29, 6, 1),
        (25, 2, 4),
        (22, 3, 7),
    ):
        yield rng.integers(0, 90, n), batch, length


# --------------------------------------------------------------------------- what is fair

FAIR = Choice(
    "characters/fair",
    "0721b6cb4e179f1f",
    {
        "A": Message(
            pl="To jest dozwolone: te znaki stoją przed testem i w chwili przewidywania są znane "
            "każdemu, także n-gramowi.",
            en="That is allowed: these characters stand before the test and are known to everybody "
            "at prediction time, the n-gram too.",
        ),
        "B": Message(
            pl="To tylko zmiana jednostek: bit to log 2 nata.",
            en="That is only a change of units: a bit is log 2 nats.",
        ),
        "C": Message(
            pl="Kto mniej rozróżnia, ten łatwiej zgaduje. Sklejony alfabet to łatwiejsze zadanie, "
            "w skrajnym przypadku (jeden znak) zero bitów, a tekstu nie da się już odtworzyć.",
            en="Whoever tells fewer characters apart has an easier guess. A merged alphabet is an "
            "easier task, in the extreme case (one character) zero bits, and the text can no "
            "longer be restored.",
        ),
        "D": Message(
            pl="To jest dozwolone i tak działa każdy model w tym laboratorium: prognoza znaku nie "
            "zna jego samego, tylko wcześniejsze.",
            en="That is allowed, and every model of this lab does so: the prediction of a "
            "character does not know that character, only those before it.",
        ),
    },
)

# --------------------------------------------------------------------------- sampling


def sampling_probabilities(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    """Return the probabilities from which the next characters are drawn.

    Args:
        logits: outputs of the network, of shape (n, V).
        temperature: positive; logits are divided by it.
        k: how many of the likeliest characters of each row may be drawn, 1 ≤ k ≤ V.

    Returns:
        Probabilities of shape (n, V), zero outside of the k likeliest.
    """
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature  # (n, V), at most 0
    smallest = np.sort(scaled, axis=1)[:, -k][:, None]  # (n, 1)
    weights = np.where(scaled >= smallest, np.exp(scaled), 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _sampling_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, v, temperature, k, middle, scale in (
        (3, 7, 0.6, 4, 0.0, 2.0),
        (1, 5, 1.7, 2, 0.0, 2.0),
        (4, 4, 0.9, 4, 0.0, 2.0),
        (2, 6, 2.0, 3, 0.0, 3000.0),  # a plain exp would overflow
        (5, 8, 0.8, 3, -160.0, 2.0),  # 0 is a large logit here, and exp of the last row is 0
        (6, 9, 1.3, 1, 0.0, 2.0),  # only the likeliest one
    ):
        rows = middle * np.arange(1, n + 1)[:, None]  # (n, 1): each row has a level of its own
        yield rows + rng.normal(0.0, scale, (n, v)), temperature, k


# --------------------------------------------------------------------------- copied


def copied_lengths(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Return how long the pieces of a sample are that occur in a text.

    Args:
        sample: the characters' numbers, of shape (n,).
        text: the same of the text that was learned from, of shape (m,).

    Returns:
        For every place i of the sample the length of the longest piece that begins there and
        occurs somewhere in the text; integers of shape (n,).
    """
    lengths = np.zeros(len(sample), dtype=int)
    following = np.zeros(len(text) + 1, dtype=int)  # [j]: common length of sample[i+1:], text[j:]
    for i in reversed(range(len(sample))):
        common = np.where(text == sample[i], 1 + following[1:], 0)  # (m,)
        following[:-1] = common
        lengths[i] = common.max()
    return lengths


def _copied_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    few = np.arange(4)
    alike = np.array([1, 2, 11, 12, 21, 22])  # 1, 2 written without a gap looks like 12
    for n, m, letters, pieces, shortest in (
        (13, 40, few[:3], 2, 2),
        (7, 1, few[:2], 0, 0),
        (9, 5, few[:2], 1, 2),
        (22, 150, few, 2, 2),
        (48, 90, alike, 1, 21),
    ):
        text = rng.choice(letters, m)
        sample = rng.choice(letters, n)
        for _ in range(pieces):
            width = int(rng.integers(shortest, min(n, m) // 2 + 1))
            to, start = int(rng.integers(0, n - width + 1)), int(rng.integers(0, m - width + 1))
            sample[to : to + width] = text[start : start + width]
        sample[-1] = text[-1]  # something is copied in any case
        if m == 1:
            sample[0] = 1 - text[0]  # and something occurs nowhere
        yield sample, text


EXERCISES = with_mistakes(
    __file__,
    Exercise("characters/bits", bits_per_character, _bits_cases),
    Exercise("characters/witten-bell", witten_bell, _witten_bell_cases),
    Exercise("characters/streams", make_streams, _streams_cases),
    FAIR,
    Exercise("characters/sampling", sampling_probabilities, _sampling_cases),
    Exercise("characters/copied", copied_lengths, _copied_cases),
)
