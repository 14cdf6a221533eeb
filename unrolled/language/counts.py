"""Vectors from counts: which words stand together, how much more often than chance, and an SVD.

::

    X_ij   = how often j stands at most k places from i        co-occurrence, (V, V)
    PMI_ij = log( X_ij X_.. / (X_i. X_.j) )                    log p(i, j) / (p(i) p(j))
    PPMI   = max(PMI - log s, 0)                               s = 1, or a shift s > 1
    PPMI ≈ U_m Σ_m V_m^T,   W = U_m Σ_m^p                      the words' vectors, (V, m)

X_i. and X_.j are sums of a row and of a column, X_.. of all.

Sources: K. W. Church, P. Hanks (1990), Word association norms, mutual information, and
lexicography, Computational Linguistics 16(1), 22–29; O. Levy, Y. Goldberg (2014), Neural word
embedding as implicit matrix factorization, NeurIPS (the shift s is the number of negative samples,
the power p is ½).

Letters for sizes: V words in the vocabulary, m places in a vector.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import ArrayLike

from unrolled.gates import Array
from unrolled.language.embedding import read_tokens


def co_occurrence(
    sentences: Iterable[Sequence[int]], vocabulary: int, window: int, *, by_distance: bool = False
) -> Array:
    """Count which words stand near one another; no window reaches into another sentence.

    Args:
        sentences: each a sequence of words' numbers.
        vocabulary: V.
        window: k, how many places on either side are near.
        by_distance: a pair d places apart counts 1/d, as in GloVe; 1 by default.

    Returns:
        X, (V, V), symmetric: ``X[i, j]`` counts j around i.

    Raises:
        ValueError: the window is not positive, or a word is not in the vocabulary.
    """
    if window < 1:
        raise ValueError(f"the window must be at least 1, not {window}")
    X = np.zeros((vocabulary, vocabulary))
    for sentence in sentences:
        words = read_tokens(sentence, vocabulary, "words")
        for d in range(1, min(window, len(words) - 1) + 1):
            weight = 1 / d if by_distance else 1.0
            np.add.at(X, (words[:-d], words[d:]), weight)
            np.add.at(X, (words[d:], words[:-d]), weight)
    return X


def pmi(X: ArrayLike) -> Array:
    """Return the pointwise mutual information of counts, (V, C); -∞ where a count is zero.

    Args:
        X: counts of words (rows) with contexts (columns), (V, C).

    Raises:
        ValueError: X is no matrix, a count is negative, or all are zero.
    """
    X = np.asarray(X, dtype=np.float64)
    if X.ndim != 2 or X.min(initial=0) < 0 or not X.sum():
        raise ValueError("X must be a matrix of counts: none negative, not all zero")
    # Logarithms are subtracted, not products divided: large counts do not overflow, and a row
    # of zeros gives -∞ - (-∞) nowhere, since only pairs that occur are computed.
    out = np.full(X.shape, -np.inf)
    i, j = np.nonzero(X)
    rows, columns = X.sum(axis=1), X.sum(axis=0)
    out[i, j] = np.log(X[i, j]) + np.log(X.sum()) - np.log(rows[i]) - np.log(columns[j])
    return out


def ppmi(X: ArrayLike, *, shift: float = 1.0) -> Array:
    """Return the positive part of the pointwise mutual information: max(PMI - log s, 0).

    Args:
        X: counts, (V, C).
        shift: s; word2vec with s negative samples factorises PMI - log s.

    Raises:
        ValueError: X holds no counts, or the shift is not positive.
    """
    if shift <= 0:
        raise ValueError(f"the shift must be positive, not {shift}: its logarithm is subtracted")
    return np.maximum(pmi(X) - np.log(shift), 0)


def svd_vectors(M: ArrayLike, size: int, *, power: float = 0.5) -> Array:
    """Return the words' vectors from the m largest singular values of a matrix: U_m Σ_m^p.

    Args:
        M: a row per word, (V, C).
        size: m, at most the smaller side of M.
        power: p; 1 keeps the distances of the rows of M as well as m places can, ½ shares the
            singular values with the contexts' vectors.

    Returns:
        (V, m). A singular vector has no sign of its own: in each column the entry of the largest
        magnitude is made positive, so that the same matrix gives the same vectors everywhere.

    Raises:
        ValueError: m does not fit.
    """
    M = np.asarray(M, dtype=np.float64)
    if M.ndim != 2 or not 1 <= size <= min(M.shape):
        raise ValueError(
            f"size must lie between 1 and the smaller side of a matrix of shape {M.shape}, "
            f"not be {size}"
        )
    U, s, _ = np.linalg.svd(M, full_matrices=False)
    U = U[:, :size]
    largest = U[np.abs(U).argmax(axis=0), np.arange(size)]
    return U * np.where(largest < 0, -1.0, 1.0) * s[:size] ** power
