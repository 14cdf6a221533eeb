"""Lecture 09's training loops: skip-gram, CBOW and GloVe on texts of numbers, in PyTorch.

The losses are those of :mod:`unrolled.language.word2vec` and :mod:`unrolled.language.glove`; here
they are trained, several texts or seeds side by side: table s holds the rows from s V to (s + 1) V
of one large table, so that one look-up serves all of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch

from unrolled.language import word2vec
from unrolled.progress import progress

Sentences = Sequence[Sequence[int]]


def pairs(sentences: Sentences, window: int = 2) -> np.ndarray:
    """Return every word with each of its neighbours: (N, 2).

    Args:
        sentences: lists of words' numbers; no window reaches into another sentence.
        window: places on either side that are near.
    """
    out = []
    for row in sentences:
        for d in range(1, window + 1):
            for a, b in zip(row[:-d], row[d:], strict=True):
                out += [(a, b), (b, a)]
    return np.array(out)


def windows(sentences: Sentences, window: int = 2) -> tuple[np.ndarray, np.ndarray]:
    """Return every word, (N,), and its neighbours, (N, 2 k), -1 where there is none."""
    words, around = [], []
    for row in sentences:
        padded = [-1] * window + list(row) + [-1] * window
        for t, word in enumerate(row):
            near = padded[t : t + window] + padded[t + window + 1 : t + 2 * window + 1]
            if max(near) >= 0:
                words.append(word)
                around.append(near)
    return np.array(words), np.array(around)


def train(
    texts: Sequence[Sentences],
    vocabulary: int,
    *,
    m: int = 16,
    window: int = 2,
    negative: int = 5,
    updates: int = 1000,
    batch: int = 1024,
    rate: float = 0.03,
    power: float = 0.75,
    seed: int = 0,
    cbow: bool = False,
    parts: np.ndarray | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Train skip-gram or CBOW with negative sampling, one pair of tables for each text.

    The vocabulary is small, so a batch is a table of counts: how often each word was the true one
    of an input, and how often noise. The loss and its gradient are those of the single pairs,
    added up. Adam, its rate falling to zero in a straight line.

    Args:
        texts: S texts, each a list of sentences of words' numbers.
        vocabulary: V.
        m: places in a vector.
        window: places on either side that are near.
        negative: K, noise words for a pair.
        updates: how many.
        batch: pairs (skip-gram) or windows (CBOW) in an update, from each text.
        rate: Adam's first rate.
        power: of the noise's frequencies.
        seed: of the vectors, of the order and of the noise.
        cbow: predict the word from the mean of its neighbours.
        parts: (V, P), which parts a word's vector is the mean of (fastText); by default each word
            is one part of its own.

    Returns:
        The words' vectors and the contexts', (S, V, m) each; with parts, the first is the vectors
        of the parts, (S, P, m).
    """
    many, rng = len(texts), np.random.default_rng(seed)
    made = torch.eye(vocabulary) if parts is None else torch.tensor(parts, dtype=torch.float32)
    made = made / made.sum(dim=1, keepdim=True).clamp(min=1)  # (V, P)
    start = torch.Generator().manual_seed(seed)
    Z = (torch.rand(many, made.shape[1], m, generator=start) - 0.5) / m
    C = torch.zeros(many, vocabulary, m)  # zero, as word2vec starts
    data = [_Data(text, vocabulary, window, power, cbow=cbow) for text in texts]
    adam = torch.optim.Adam([Z, C], lr=rate)
    falling = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 1 - step / updates)
    for _ in progress(range(updates), "training the word vectors"):
        drawn = [d.draw(rng, batch, negative) for d in data]
        true, noise = (torch.tensor(np.stack(k)) for k in list(zip(*drawn, strict=True))[:2])
        inputs = torch.tensor(np.stack([d[2] for d in drawn])) @ made if cbow else made
        h = inputs @ Z  # (S, B, m); skip-gram: (S, V, m), a row per word
        d_a = ((true + noise) * torch.sigmoid(h @ C.mT) - true) / batch
        Z.grad, C.grad = inputs.mT @ (d_a @ C), d_a.mT @ h
        adam.step()
        falling.step()
    return Z.numpy(), C.numpy()


class _Data:
    """A text as pairs or windows, and the words that noise is drawn from."""

    def __init__(
        self, text: Sentences, vocabulary: int, window: int, power: float, *, cbow: bool
    ) -> None:
        self.vocabulary, self.cbow = vocabulary, cbow
        if cbow:
            self.true, around = windows(text, window)
            real = around >= 0
            rows = np.repeat(np.arange(len(around)), real.sum(axis=1))
            self.given = np.zeros((len(around), vocabulary), dtype=np.float32)
            np.add.at(self.given, (rows, around[real]), 1)
            self.given /= self.given.sum(axis=1, keepdims=True)
        else:
            self.given, self.true = pairs(text, window).T
        near = pairs(text, window)[:, 1]  # as often as a word is a neighbour
        counts = np.bincount(near, minlength=vocabulary)
        bounds = np.cumsum(word2vec.noise_distribution(counts, power=power)) * 2**16
        self.noise = np.repeat(
            np.arange(vocabulary), np.diff(np.round(bounds).astype(int), prepend=0)
        )

    def draw(
        self, rng: np.random.Generator, batch: int, negative: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return counts of true words and of noise, (B or V, V), and the inputs (CBOW)."""
        pick = rng.integers(len(self.true), size=batch)
        drawn = self.noise[rng.integers(len(self.noise), size=(batch, negative))]
        row = np.arange(batch) if self.cbow else self.given[pick]
        rows, given = (batch, self.given[pick]) if self.cbow else (self.vocabulary, row)
        size = rows * self.vocabulary
        true = np.bincount(row * self.vocabulary + self.true[pick], minlength=size)
        noise = np.bincount((row[:, None] * self.vocabulary + drawn).ravel(), minlength=size)
        shape = rows, self.vocabulary
        return (
            true.astype(np.float32).reshape(shape),
            noise.astype(np.float32).reshape(shape),
            given,
        )


def expected(
    counts: np.ndarray,
    *,
    m: int,
    negative: float = 5,
    updates: int = 600,
    rate: float = 0.05,
    seed: int = 0,
) -> tuple[np.ndarray, np.ndarray]:
    """Minimise the mean of skip-gram's loss over all pairs and all noise, with nothing drawn.

    The noise is drawn as often as words occur as neighbours (the power 1).

    Args:
        counts: co-occurrence, (V, V).
        m: places in a vector.
        negative: K.
        updates: of Adam, its rate falling to zero.
        rate: Adam's first rate.
        seed: of the vectors.

    Returns:
        W and C, (V, m) each.
    """
    X = torch.tensor(counts / counts.sum(), dtype=torch.float32)
    noise = negative * torch.outer(X.sum(dim=1), X.sum(dim=0))
    start = torch.Generator().manual_seed(seed)
    W, C = (0.1 * torch.randn(len(X), m, generator=start) for _ in range(2))
    adam = torch.optim.Adam([W, C], lr=rate)
    falling = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 1 - step / updates)
    for _ in range(updates):
        d_a = (X + noise) * torch.sigmoid(W @ C.T) - X  # the loss by each pair's product
        W.grad, C.grad = d_a @ C, d_a.T @ W
        adam.step()
        falling.step()
    return W.numpy(), C.numpy()


def glove(
    counts: np.ndarray,
    *,
    m: int = 16,
    updates: int = 400,
    rate: float = 0.05,
    x_max: float = 100.0,
    seed: int = 0,
) -> np.ndarray:
    """Train GloVe on the whole matrix of counts; return W + C, (V, m), as its authors do.

    Args:
        counts: co-occurrence, (V, V).
        m: places in a vector.
        updates: of Adam, its rate falling to zero.
        rate: Adam's first rate.
        x_max: the count from which on a pair weighs 1.
        seed: of the vectors.
    """
    X = torch.tensor(counts, dtype=torch.float32)
    weight = (X / x_max).clamp(max=1) ** 0.75
    target = X.clamp(min=1e-9).log()
    start = torch.Generator().manual_seed(seed)
    W, C = (torch.rand(2, len(X), m, generator=start) - 0.5) / m
    learned = [t.clone().requires_grad_() for t in (W, C, torch.zeros(2, len(X)))]
    adam = torch.optim.Adam(learned, lr=rate)
    falling = torch.optim.lr_scheduler.LambdaLR(adam, lambda step: 1 - step / updates)
    for _ in range(updates):
        w, c, (b_w, b_c) = learned
        e = w @ c.T + b_w[:, None] + b_c - target
        adam.zero_grad()
        (weight * e**2).sum().backward()
        adam.step()
        falling.step()
    return (learned[0] + learned[1]).detach().numpy()
