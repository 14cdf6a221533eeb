"""word2vec: skip-gram and CBOW (Continuous Bag of Words), both with negative sampling.

Skip-gram predicts each neighbour from the word, CBOW the word from all its neighbours::

    skip-gram   h = W[i]                     i the word,                 o one of its neighbours
    CBOW        h = mean of W[j]             j over the neighbours,      o the word

A softmax over the vocabulary would cost V products for each pair. Instead a logistic regression
tells the true word o from K words drawn as noise, n_1 … n_K::

    L = - log σ(C[o]·h) - Σ_k log σ(-C[n_k]·h)

    dL/da_o = σ(a_o) - 1      a_o = C[o]·h              its label is 1
    dL/da_k = σ(a_k)          a_k = C[n_k]·h            its label is 0
    dL/dC[r] = dL/da_r h      for r each of o, n_1 … n_K
    dL/dh    = Σ_r dL/da_r C[r]

and dL/dh goes back to the rows of W it was made from, by a scatter-add.

Sources: T. Mikolov, K. Chen, G. Corrado, J. Dean (2013), Efficient estimation of word
representations in vector space, https://arxiv.org/abs/1301.3781; T. Mikolov, I. Sutskever, K. Chen,
G. Corrado, J. Dean (2013), Distributed representations of words and phrases and their
compositionality, NeurIPS, https://arxiv.org/abs/1310.4546.

Letters for sizes: V words, m places in a vector, B examples in the batch, K negative samples.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from unrolled.gates import Array, sigmoid
from unrolled.language.embedding import look_up, look_up_gradient, read_tokens


@dataclass(frozen=True)
class Loss:
    """A loss, the mean over the batch, and its derivatives by both tables.

    Attributes:
        value: L.
        W: dL/dW, by the vectors of the words that predict, (V, m).
        C: dL/dC, by the vectors of the words that are predicted, (V, m).
    """

    value: float
    W: Array
    C: Array


def skip_gram(
    W: ArrayLike, C: ArrayLike, words: ArrayLike, neighbours: ArrayLike, noise: ArrayLike
) -> Loss:
    """Return skip-gram's loss on a batch of pairs, and its gradients.

    Args:
        W: the words' vectors, (V, m).
        C: the neighbours' vectors, (V, m).
        words: i, (B,).
        neighbours: o, (B,).
        noise: n_1 … n_K of each pair, (B, K).

    Raises:
        ValueError: a shape does not fit, or a number is not in the vocabulary.
    """
    W, C = _tables(W, C)
    words = read_tokens(words, len(W), "words")
    value, d_h, d_C = _negative_sampling(look_up(W, words), C, neighbours, noise)
    return Loss(value, look_up_gradient(words, d_h, len(W)), d_C)


def cbow(
    W: ArrayLike,
    C: ArrayLike,
    neighbours: ArrayLike,
    words: ArrayLike,
    noise: ArrayLike,
    *,
    mask: ArrayLike | None = None,
) -> Loss:
    """Return CBOW's loss on a batch of windows, and its gradients.

    Args:
        W: the neighbours' vectors, (V, m).
        C: the words' vectors, (V, m).
        neighbours: the N places of each window, (B, N).
        words: o, the word in the middle, (B,).
        noise: n_1 … n_K of each window, (B, K).
        mask: (B, N), True where a neighbour is real: at the edge of a sentence there are fewer.

    Raises:
        ValueError: a shape does not fit, a number is not in the vocabulary, or a window is empty.
    """
    W, C = _tables(W, C)
    neighbours = read_tokens(neighbours, len(W), "neighbours")
    if neighbours.ndim != 2:
        raise ValueError(f"neighbours must be (B, N), not {neighbours.shape}")
    real = np.ones(neighbours.shape, bool) if mask is None else np.asarray(mask, dtype=bool)
    if real.shape != neighbours.shape:
        raise ValueError(f"mask must be {neighbours.shape}, as the neighbours, not {real.shape}")
    if not real.any(axis=1).all():
        raise ValueError("a window has no neighbour: leave the word out, nothing predicts it")
    share = (real / real.sum(axis=1, keepdims=True))[..., None]  # (B, N, 1): 1/N, or 0
    share = share.astype(W.dtype)

    h = (share * look_up(W, neighbours)).sum(axis=1)
    value, d_h, d_C = _negative_sampling(h, C, words, noise)
    return Loss(value, look_up_gradient(neighbours, share * d_h[:, None], len(W)), d_C)


def noise_distribution(counts: ArrayLike, *, power: float = 0.75) -> Array:
    """Return the probabilities with which words are drawn as noise: p(w) ~ count(w)^¾.

    The power lies between each word alike (0) and each as often as in the text (1): rare words are
    drawn more often than they occur.

    Args:
        counts: how often each word occurs, (V,).
        power: ¾ in the paper.

    Raises:
        ValueError: a count is negative, or all are zero.
    """
    counts = np.asarray(counts, dtype=np.float64)
    if counts.ndim != 1 or counts.min(initial=0) < 0 or not counts.sum():
        raise ValueError("counts must be a vector, none negative, not all zero")
    p = np.where(counts > 0, counts**power, 0)  # 0^0 is 1, but a word never seen is never drawn
    return p / p.sum()


def _negative_sampling(
    h: Array, C: Array, true: ArrayLike, noise: ArrayLike
) -> tuple[float, Array, Array]:
    """Return the mean loss, its derivative by h (B, m) and by C (V, m)."""
    true, noise = read_tokens(true, len(C), "words"), read_tokens(noise, len(C), "noise")
    batch = len(h)
    if not batch or h.ndim != 2 or true.shape != (batch,):
        raise ValueError(
            f"words and neighbours must be one vector (B,) each, of one length and not empty, "
            f"not {h.shape[:-1]} and {true.shape}"
        )
    if noise.ndim != 2 or len(noise) != batch:
        raise ValueError(f"noise must be ({batch}, K), K words per example, not {noise.shape}")
    rows = np.column_stack([true, noise])  # (B, 1 + K): the true word first
    c = C[rows]  # (B, 1 + K, m)
    a = np.einsum("brm,bm->br", c, h)
    label = np.zeros_like(a)
    label[:, 0] = 1
    # -log σ(z) = log(1 + exp(-z)), with z = a for the true word and -a for noise.
    losses = np.logaddexp(0, np.where(label == 1, -a, a))
    d_a = (sigmoid(a) - label) / batch
    d_C = look_up_gradient(rows, d_a[..., None] * h[:, None], len(C))
    return float(losses.sum() / batch), np.einsum("br,brm->bm", d_a, c), d_C


def _tables(W: ArrayLike, C: ArrayLike) -> tuple[Array, Array]:
    W, C = np.asarray(W), np.asarray(C)
    if W.ndim != 2 or W.shape != C.shape:
        raise ValueError(f"W and C must be matrices (V, m) alike, not {W.shape} and {C.shape}")
    return W, C
