"""Linear attention and the delta rule: recurrent networks whose state is a matrix.

The state S (d_v, d_k) maps keys to values. A step writes a pair (k_t, v_t) and reads at q_t::

    linear attention   S_t = α_t S_{t-1} + v_t k_t^T                          y_t = S_t q_t
    delta rule         S_t = S_{t-1} + β_t (v_t - S_{t-1} k_t) k_t^T          y_t = S_t q_t
    gated delta rule   S_t = S'_t + β_t (v_t - S'_t k_t) k_t^T, S'_t = α_t S_{t-1}

α_t is a decay (1: nothing is forgotten), β_t a rate of writing, both numbers from 0 to 1. Linear
attention adds a value to whatever the key recalls already; the delta rule first looks up what the
key recalls and writes the difference only: with β_t = 1 and |k_t| = 1, S_t k_t = v_t exactly. It is
one step of gradient descent, at rate β_t, on ½ |S k_t - v_t|².

Linear attention is also one product over all pairs of steps, attention without the softmax::

    Y = ((Q K^T) * M) V,        M_ts = α_{s+1} ⋯ α_t for s ≤ t, and 0 for s > t

Normalised, it divides y_t by the sum of the weights, Σ_s M_ts q_t · k_s, which wants positive
features of keys and queries, such as elu(x) + 1.

Shapes: q and k (B, T, d_k), v (B, T, d_v), α and β (B, T), S (B, d_v, d_k).

Sources: A. Katharopoulos et al. (2020), Transformers are RNNs, ICML,
https://arxiv.org/abs/2006.16236 (linear attention, elu + 1, the normaliser); I. Schlag, K. Irie,
J. Schmidhuber (2021), Linear transformers are secretly fast weight programmers, ICML,
https://arxiv.org/abs/2102.11174 (the delta rule); S. Yang, J. Kautz, A. Hatamizadeh (2024), Gated
delta networks, https://arxiv.org/abs/2412.06464.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from unrolled.gates import Array
from unrolled.sequences.shapes import Numbers, read, read_or_zeros


@dataclass(frozen=True)
class Recalled:
    """What a memory read out along a batch of sequences.

    Attributes:
        y: what was read at every step, (B, T, d_v).
        S: the state after the last step, (B, d_v, d_k).
    """

    y: Array
    S: Array


def elu_plus_one(x: ArrayLike) -> Array:
    """Return x + 1 where x > 0 and e^x elsewhere: positive features, of the same shape."""
    x = np.asarray(x)
    return np.where(x > 0, x + 1, np.exp(np.minimum(x, 0)))


def linear_attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    *,
    alpha: ArrayLike | None = None,
    S0: ArrayLike | None = None,
    normalised: bool = False,
) -> Recalled:
    """Run linear attention step by step, as a recurrent network with a matrix state.

    Args:
        q: queries, (B, T, d_k).
        k: keys, (B, T, d_k).
        v: values, (B, T, d_v).
        alpha: decays, (B, T); ones by default.
        S0: state before the first step, (B, d_v, d_k); zeros by default.
        normalised: whether to divide by the sum of the weights.

    Raises:
        ValueError: a shape does not fit, or ``normalised`` is asked for with an ``S0``, whose
            weights nobody knows, or with weights that do not sum to a positive number.
    """
    q, k, v = _read(q, k, v)
    alpha = _rate("alpha", alpha, v)
    if normalised and S0 is not None:
        raise ValueError("a normalised sum starts from nothing: leave S0 out")
    S = _state(S0, k, v)
    z = np.zeros_like(k[:, 0])  # (B, d_k): the sum of keys
    y = np.empty_like(v)
    for t in range(v.shape[1]):
        S = alpha[:, t, None, None] * S + _outer(v[:, t], k[:, t])
        y[:, t] = _recall(S, q[:, t])
        if normalised:
            z = alpha[:, t, None] * z + k[:, t]
            y[:, t] /= _positive((z * q[:, t]).sum(axis=-1))[:, None]
    return Recalled(y, S)


def linear_attention_parallel(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    *,
    alpha: ArrayLike | None = None,
    normalised: bool = False,
) -> Array:
    """Compute linear attention from a state of zeros as one masked product, ((Q K^T) * M) V.

    Args:
        q: queries, (B, T, d_k).
        k: keys, (B, T, d_k).
        v: values, (B, T, d_v).
        alpha: decays, (B, T), greater than 0; ones by default.
        normalised: whether to divide by the sum of the weights.

    Returns:
        (B, T, d_v).

    Raises:
        ValueError: a shape does not fit, a decay is not positive, or the weights do not sum to a
            positive number.
    """
    q, k, v = _read(q, k, v)
    alpha = _rate("alpha", alpha, v)
    if (alpha <= 0).any():
        raise ValueError("the parallel form takes logarithms: every alpha must be greater than 0")
    log = np.log(alpha).cumsum(axis=1)  # (B, T)
    gap = np.tril(log[:, :, None] - log[:, None, :])  # zeros ahead of time, so that exp is tame
    weights = (q @ k.swapaxes(1, 2)) * np.tril(np.exp(gap))  # (B, T, T)
    y = weights @ v
    return y / _positive(weights.sum(axis=-1))[..., None] if normalised else y


def delta_step(
    S: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    beta: ArrayLike,
    alpha: ArrayLike | None = None,
) -> Array:
    """Return the state after one step of the delta rule, gated by ``alpha``.

    Args:
        S: state, (B, d_v, d_k).
        k: keys, (B, d_k).
        v: values, (B, d_v).
        beta: rates of writing, (B,).
        alpha: decays, (B,); ones by default.

    Raises:
        ValueError: a shape does not fit.
    """
    k, v = read("k", k, "batch", "d_k"), read("v", v, "batch", "d_v")
    S = read("S", S, len(k), v.shape[1], k.shape[1])
    v = read("v", v, len(k), v.shape[1])
    beta = read("beta", beta, len(k))
    if alpha is not None:
        S = read("alpha", alpha, len(k))[:, None, None] * S
    return S + _outer(beta[:, None] * (v - _recall(S, k)), k)


def delta_rule(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    beta: ArrayLike,
    *,
    alpha: ArrayLike | None = None,
    S0: ArrayLike | None = None,
) -> Recalled:
    """Run the delta rule step by step; with decays it is the gated delta rule.

    Args:
        q: queries, (B, T, d_k).
        k: keys, (B, T, d_k); of length 1 if a write with β_t = 1 is to be exact.
        v: values, (B, T, d_v).
        beta: rates of writing, (B, T).
        alpha: decays, (B, T); ones by default.
        S0: state before the first step, (B, d_v, d_k); zeros by default.

    Raises:
        ValueError: a shape does not fit.
    """
    q, k, v = _read(q, k, v)
    beta, alpha = _rate("beta", beta, v), _rate("alpha", alpha, v)
    S = _state(S0, k, v)
    y = np.empty_like(v)
    for t in range(v.shape[1]):
        S = delta_step(S, k[:, t], v[:, t], beta[:, t], alpha[:, t])
        y[:, t] = _recall(S, q[:, t])
    return Recalled(y, S)


def _read(q: ArrayLike, k: ArrayLike, v: ArrayLike) -> tuple[Numbers, Numbers, Numbers]:
    """Return queries, keys and values in one dtype after checking their shapes."""
    q = read("q", q, "batch", "time", "d_k")
    k = read("k", k, *q.shape)
    v = read("v", v, *q.shape[:2], "d_v")
    dtype = np.result_type(q, k, v)
    return q.astype(dtype, copy=False), k.astype(dtype, copy=False), v.astype(dtype, copy=False)


def _rate(name: str, rate: ArrayLike | None, v: Array) -> Numbers:
    """Return a number for every step, (B, T); ones for None."""
    if rate is None:
        return np.ones(v.shape[:2], dtype=v.dtype)
    return read(name, rate, *v.shape[:2], dtype=v.dtype)


def _state(S0: ArrayLike | None, k: Array, v: Array) -> Numbers:
    return read_or_zeros("S0", S0, len(k), v.shape[-1], k.shape[-1], dtype=v.dtype)


def _outer(v: Array, k: Array) -> Array:
    """Return v k^T of every sequence, (B, d_v, d_k)."""
    return v[:, :, None] * k[:, None, :]


def _recall(S: Array, q: Array) -> Array:
    """Return S q of every sequence, (B, d_v)."""
    return (S @ q[:, :, None])[:, :, 0]


def _positive(total: Array) -> Array:
    """Return sums of weights after checking that they can divide."""
    if (total <= 0).any():
        raise ValueError(
            "the weights of a step do not sum to a positive number: give positive features of the "
            "queries and the keys, such as elu_plus_one"
        )
    return total
