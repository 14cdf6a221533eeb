"""Lab 12's full mode: skip-gram and PPMI–SVD on millions of words.

The losses are the lab's. Three things make them fast: pairs are made for a million words at a
time, all at one distance in one line; a batch shares its noise, so that the products with the noise
are one product of matrices; and Adam divides by the size of what each row usually receives, so that
a batch may be large.

Letters for sizes: V words in the vocabulary, m places in a vector, B pairs in a batch.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np
import torch
from scipy import sparse
from scipy.sparse.linalg import svds
from torch.nn.functional import logsigmoid

from unrolled.language.word2vec import noise_distribution
from unrolled.progress import progress

#: The number between two texts in a stream: no word.
STOP = -1


def stream(texts: Sequence[str], least: int) -> tuple[list[str], np.ndarray, np.ndarray]:
    """Return texts as one stream of words' numbers.

    Args:
        texts: any texts; words are runs of letters, with an apostrophe inside, in small letters.
        least: how often a word must occur to be in the vocabulary; others are left out.

    Returns:
        The vocabulary from the frequent to the rare, how often each word occurs, (V,), and the
        stream: int32, ``STOP`` between two texts.
    """
    pattern = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
    words = [pattern.findall(text.replace("<br />", " ").lower()) for text in texts]
    counts = Counter(word for text in words for word in text)
    vocabulary = [word for word, count in counts.most_common() if count >= least]
    number = {word: i for i, word in enumerate(vocabulary)}
    out = []
    for text in words:
        out += [number[word] for word in text if word in number]
        out.append(STOP)
    how_often = np.array([counts[word] for word in vocabulary])
    return vocabulary, how_often, np.array(out, dtype=np.int32)


def thin(words: np.ndarray, kept: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a stream in which each word is kept with its probability, and ``STOP`` always.

    Args:
        words: a stream.
        kept: the probability of each word, (V,).
        rng: where it is drawn from.
    """
    return words[(words == STOP) | (rng.random(len(words)) < kept[words])]


def nearby(
    words: np.ndarray, window: int, rng: np.random.Generator, size: int = 1_000_000
) -> Iterator[np.ndarray]:
    """Yield pairs of near words, piece of the stream by piece, (pairs, 2), in random order.

    Each word's window is drawn from 1 … window, as word2vec does: a pair at the distance d counts
    (window + 1 - d) / window times on average.

    Args:
        words: a stream.
        window: the largest.
        rng: where windows and orders are drawn from.
        size: words in a piece; pairs between two pieces are lost.
    """
    for start in range(0, len(words), size):
        piece = words[start : start + size]
        width = rng.integers(1, window + 1, size=len(piece))
        broken = np.cumsum(piece == STOP)  # two words of one text have the same number
        pairs = []
        for d in range(1, window + 1):
            left, right = piece[:-d], piece[d:]
            inside = (left != STOP) & (right != STOP) & (broken[:-d] == broken[d:])
            for a, b, own in ((left, right, width[:-d]), (right, left, width[d:])):
                chosen = inside & (own >= d)
                pairs.append(np.stack([a[chosen], b[chosen]], axis=1))
        yield rng.permutation(np.concatenate(pairs))


def skip_gram(
    words: np.ndarray,
    counts: np.ndarray,
    kept: np.ndarray,
    *,
    m: int = 100,
    window: int = 5,
    negative: int = 5,
    epochs: int = 3,
    batch: int = 4096,
    shared: int = 64,
    rate: float = 0.02,
    seed: int = 0,
) -> np.ndarray:
    """Train skip-gram with negative sampling; return the words' vectors, (V, m).

    Args:
        words: a stream.
        counts: how often each word occurs, (V,).
        kept: the probability with which a word is kept, (V,).
        m: places in a vector.
        window: the largest.
        negative: K. A pair's loss with K noise words is K times its mean loss with noise; the mean
            is taken over the batch's shared noise.
        epochs: passes over the stream, each thinned anew.
        batch: B.
        shared: noise words of a batch.
        rate: Adam's first rate, falling to zero in a straight line.
        seed: of everything drawn.
    """
    rng = np.random.default_rng(seed)
    V = len(counts)
    W = torch.tensor((rng.random((V, m)) - 0.5) / m, dtype=torch.float32, requires_grad=True)
    C = torch.zeros(V, m, requires_grad=True)
    adam = torch.optim.Adam([W, C], lr=rate)
    bounds = np.cumsum(noise_distribution(counts))
    for epoch in range(epochs):
        thinned = thin(words, kept, rng)
        pieces = -(-len(thinned) // 1_000_000)
        for at, pairs in enumerate(
            progress(nearby(thinned, window, rng), "skip-gram", total=pieces)
        ):
            done = (epoch + at / pieces) / epochs
            adam.param_groups[0]["lr"] = rate * (1 - done)
            for start in range(0, len(pairs) - batch + 1, batch):
                i, o = torch.tensor(pairs[start : start + batch]).long().T  # (B,) each
                drawn = np.searchsorted(bounds, rng.random(shared)).clip(max=V - 1)
                h, noise = W[i], C[torch.tensor(drawn)]  # (B, m), (shared, m)
                true = logsigmoid((h * C[o]).sum(dim=1)).mean()
                loss = -true - negative * logsigmoid(-h @ noise.T).mean()
                adam.zero_grad()
                loss.backward()
                adam.step()
    return W.detach().numpy()


def ppmi_svd(
    words: np.ndarray, V: int, *, m: int = 100, window: int = 5, shift: float = 1.0
) -> np.ndarray:
    """Return the vectors U_m Σ_m^½ of the PPMI of a stream, (V, m), without a dense matrix.

    Args:
        words: a stream, thinned as skip-gram's.
        V: words in the vocabulary.
        m: places in a vector.
        window: the largest.
        shift: its logarithm is taken off the PMI before the positive part.
    """
    X = sparse.csr_matrix((V, V))
    for pairs in nearby(words, window, np.random.default_rng(0)):
        one = np.ones(len(pairs), dtype=np.float32)
        X = X + sparse.csr_matrix((one, (pairs[:, 0], pairs[:, 1])), shape=(V, V))
    rows, columns = np.asarray(X.sum(axis=1)).ravel(), np.asarray(X.sum(axis=0)).ravel()
    X = X.tocoo()
    pmi = np.log(X.data * X.data.sum() / (rows[X.row] * columns[X.col])) - np.log(shift)
    positive = pmi > 0
    at = X.row[positive], X.col[positive]
    M = sparse.csr_matrix((pmi[positive], at), shape=(V, V))
    U, s, _ = svds(M, k=m, random_state=0)
    return np.asarray(U * np.sqrt(s))
