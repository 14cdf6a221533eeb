"""Attention: every query takes a weighted mean of the values, and the keys decide the weights.

::

    e_st = score(q_s, k_t)                        scores, (S, T)
    α_s  = softmax of e_s over the keys t         weights, ≥ 0, of sum 1
    o_s  = Σ_t α_st v_t                           output

    scaled dot product    e_st = q_s·k_t / √d
    additive (Bahdanau)   e_st = v_a · tanh(W_q q_s + W_k k_t)

A mask is True where a query may look; elsewhere the weight is exactly zero. So the padding of a
batch gets no weight, and no gradient. A query that may look nowhere gets the output zero.

Back through the mean and the softmax::

    dL/dv_t  = Σ_s α_st dL/do_s
    dL/dα_st = dL/do_s · v_t
    dL/de_st = α_st ( dL/dα_st - Σ_r α_sr dL/dα_sr )

Sources: D. Bahdanau, K. Cho, Y. Bengio (2015), Neural machine translation by jointly learning to
align and translate, ICLR, https://arxiv.org/abs/1409.0473 (there keys and values are the encoder's
states, the query is the decoder's); A. Vaswani et al. (2017), Attention is all you need, NeurIPS,
https://arxiv.org/abs/1706.03762.

Letters for sizes: B in the batch, S queries, T keys and values, d places in a query or key.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from unrolled.cells.sequence import read_parameters
from unrolled.gates import Array

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Trace:
    """What attention did, kept for the way back.

    Attributes:
        q: queries, (B, S, d_q).
        k: keys, (B, T, d_k).
        v: values, (B, T, n).
        weights: α, (B, S, T).
        out: outputs, (B, S, n).
    """

    q: Array
    k: Array
    v: Array
    weights: Array
    out: Array


@dataclass(frozen=True)
class Gradients:
    """Derivatives of a loss by queries, keys and values, each of their shapes."""

    q: Array
    k: Array
    v: Array


@dataclass(frozen=True)
class AdditiveGradients(Gradients):
    """Those, and the derivatives by the parameters of additive attention."""

    W_q: Array
    W_k: Array
    v_a: Array


def causal_mask(time: int) -> Mask:
    """Return the mask (T, T) by which step s sees the steps t ≤ s alone."""
    return np.tri(time, dtype=bool)


def key_mask(mask: ArrayLike) -> Mask:
    """Return the mask for attention, (B, 1, T), of keys padded as a mask (B, T) says.

    Raises:
        ValueError: the mask is not (B, T).
    """
    mask = np.asarray(mask, dtype=bool)
    if mask.ndim != 2:
        raise ValueError(f"the keys' mask must be (B, T), True at real steps, not {mask.shape}")
    return mask[:, None, :]


def masked_softmax(e: ArrayLike, mask: ArrayLike | None = None) -> Array:
    """Return the softmax over the last axis of what the mask leaves.

    Args:
        e: scores, (..., T).
        mask: True where a weight may be, of a shape that broadcasts to that of ``e``.

    Returns:
        Weights of the shape of ``e``; a row without one allowed place is all zeros.

    Raises:
        ValueError: the mask does not broadcast to the scores.
    """
    e = np.asarray(e)
    if mask is not None:
        try:
            allowed = np.broadcast_to(np.asarray(mask, dtype=bool), e.shape)
        except ValueError:
            raise ValueError(
                f"a mask of shape {np.shape(mask)} does not broadcast to the scores' {e.shape}; "
                "key_mask makes one from a mask (B, T) of the keys"
            ) from None
        e = np.where(allowed, e, -np.inf)
    top = e.max(axis=-1, keepdims=True)
    w = np.exp(e - np.where(np.isfinite(top), top, 0))  # exp of at most 0: no overflow
    total = w.sum(axis=-1, keepdims=True)
    return w / np.where(total == 0, 1, total)


def softmax_gradient(weights: Array, d_weights: Array) -> Array:
    """Return the derivative by the scores from that by the softmax's weights, both (..., T)."""
    return weights * (d_weights - (weights * d_weights).sum(axis=-1, keepdims=True))


def dot_product_attention(
    q: ArrayLike,
    k: ArrayLike,
    v: ArrayLike,
    *,
    mask: ArrayLike | None = None,
    scale: float | None = None,
) -> Trace:
    """Return what the queries find: softmax(q k^T · scale) v.

    Args:
        q: queries, (B, S, d).
        k: keys, (B, T, d).
        v: values, (B, T, n).
        mask: True where a query may look, broadcast to (B, S, T).
        scale: 1/√d by default: without it the scores of long vectors grow and the softmax
            saturates. Keras' Attention has 1.

    Raises:
        ValueError: a shape does not fit.
    """
    q, k, v = _read(q, k, v)
    if q.shape[2] != k.shape[2]:
        raise ValueError(f"queries and keys must be of one size, not {q.shape[2]} and {k.shape[2]}")
    weights = masked_softmax(q @ k.swapaxes(1, 2) * _scale(q, scale), mask)
    return Trace(q, k, v, weights, weights @ v)


def dot_product_gradient(
    trace: Trace, d_out: ArrayLike, *, scale: float | None = None
) -> Gradients:
    """Go back through ``dot_product_attention``.

    ::

        dL/dq_s = scale Σ_t dL/de_st k_t        dL/dk_t = scale Σ_s dL/de_st q_s

    Args:
        trace: what it returned.
        d_out: the loss's derivative by ``trace.out``, (B, S, n).
        scale: the same as on the way forward.

    Raises:
        ValueError: ``d_out`` has not the outputs' shape.
    """
    d_e, d_v = _back_to_scores(trace, d_out)
    d_e = d_e * _scale(trace.q, scale)
    return Gradients(q=d_e @ trace.k, k=d_e.swapaxes(1, 2) @ trace.q, v=d_v)


@dataclass
class AdditiveAttention:
    """Bahdanau's attention: a layer of p neurons on query and key, and one vector that sums them.

    Attributes:
        W_q: weights of the queries, (p, d_q).
        W_k: weights of the keys, (p, d_k).
        v_a: weights of the p neurons, (p,).
    """

    W_q: Array
    W_k: Array
    v_a: Array

    def __post_init__(self) -> None:
        self.W_q, self.W_k, self.v_a = read_parameters(W_q=self.W_q, W_k=self.W_k, v_a=self.v_a)
        if self.W_q.ndim != 2 or self.W_k.ndim != 2 or self.v_a.ndim != 1:
            raise ValueError("W_q and W_k must be matrices (p, d), v_a a vector (p,)")
        if not len(self.W_q) == len(self.W_k) == len(self.v_a):
            raise ValueError(
                "W_q, W_k and v_a must have one p, "
                f"not {len(self.W_q)}, {len(self.W_k)} and {len(self.v_a)}"
            )

    def forward(
        self,
        q: ArrayLike,
        k: ArrayLike,
        v: ArrayLike | None = None,
        *,
        mask: ArrayLike | None = None,
    ) -> Trace:
        """Return what the queries find.

        Args:
            q: queries, (B, S, d_q).
            k: keys, (B, T, d_k).
            v: values, (B, T, n); the keys by default, as in the paper.
            mask: True where a query may look, broadcast to (B, S, T).

        Raises:
            ValueError: a shape does not fit.
        """
        q, k, v = _read(q, k, k if v is None else v)
        if (q.shape[2], k.shape[2]) != (self.W_q.shape[1], self.W_k.shape[1]):
            raise ValueError(
                f"queries must have {self.W_q.shape[1]} places and keys {self.W_k.shape[1]}, "
                f"not {q.shape[2]} and {k.shape[2]}"
            )
        weights = masked_softmax(self._neurons(q, k) @ self.v_a, mask)
        return Trace(q, k, v, weights, weights @ v)

    def backward(self, trace: Trace, d_out: ArrayLike) -> AdditiveGradients:
        """Go back through ``forward``.

        With the neurons z_st = tanh(W_q q_s + W_k k_t)::

            dL/dv_a  = Σ_st dL/de_st z_st
            dL/da_st = dL/de_st v_a * (1 - z_st²)
            dL/dq_s  = W_q^T Σ_t dL/da_st        dL/dW_q = Σ_s (Σ_t dL/da_st) q_s^T
            dL/dk_t  = W_k^T Σ_s dL/da_st        dL/dW_k = Σ_t (Σ_s dL/da_st) k_t^T

        Where the values are the keys, the derivative by them is the sum ``k + v``.

        Args:
            trace: what ``forward`` returned.
            d_out: the loss's derivative by ``trace.out``, (B, S, n).

        Raises:
            ValueError: ``d_out`` has not the outputs' shape.
        """
        d_e, d_v = _back_to_scores(trace, d_out)
        z = self._neurons(trace.q, trace.k)  # computed again: B·S·T·p numbers are much to keep
        d_a = d_e[..., None] * self.v_a * (1 - z**2)  # (B, S, T, p)
        of_query, of_key = d_a.sum(axis=2), d_a.sum(axis=1)  # (B, S, p), (B, T, p)
        return AdditiveGradients(
            q=of_query @ self.W_q,
            k=of_key @ self.W_k,
            v=d_v,
            W_q=np.einsum("bsp,bsd->pd", of_query, trace.q),
            W_k=np.einsum("btp,btd->pd", of_key, trace.k),
            v_a=np.einsum("bst,bstp->p", d_e, z),
        )

    def _neurons(self, q: Array, k: Array) -> Array:
        """Return tanh(W_q q_s + W_k k_t) of every pair, (B, S, T, p)."""
        return np.tanh((q @ self.W_q.T)[:, :, None] + (k @ self.W_k.T)[:, None])


def _read(q: ArrayLike, k: ArrayLike, v: ArrayLike) -> tuple[Array, Array, Array]:
    queries, keys, values = read_parameters(q=q, k=k, v=v)
    if not queries.ndim == keys.ndim == values.ndim == 3 or not (
        len(queries) == len(keys) == len(values)
    ):
        raise ValueError(
            "queries must be (B, S, d), keys (B, T, d) and values (B, T, n), "
            f"not {queries.shape}, {keys.shape} and {values.shape}"
        )
    if not 0 < keys.shape[1] == values.shape[1]:
        raise ValueError(
            "there must be a value per key and at least one of them, "
            f"not {values.shape[1]} for {keys.shape[1]}"
        )
    return queries, keys, values


def _scale(q: Array, scale: float | None) -> float:
    return float(q.shape[2] ** -0.5) if scale is None else scale


def _back_to_scores(trace: Trace, d_out: ArrayLike) -> tuple[Array, Array]:
    """Return the derivatives by the scores, (B, S, T), and by the values, (B, T, n)."""
    d_out = np.asarray(d_out, dtype=trace.out.dtype)
    if d_out.shape != trace.out.shape:
        raise ValueError(f"d_out must be {trace.out.shape}, as the outputs, not {d_out.shape}")
    d_weights = d_out @ trace.v.swapaxes(1, 2)
    return softmax_gradient(trace.weights, d_weights), trace.weights.swapaxes(1, 2) @ d_out
