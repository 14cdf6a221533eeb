"""Attention: every step looks at the others; with several heads, with a causal mask, with a cache.

One head, queries q (T, d_k), keys k (S, d_k), values v (S, d_v)::

    e_ts = q_t · k_s / sqrt(d_k)               scores
    w_t  = softmax(e_t)                        weights, a row of S numbers that sum to 1
    y_t  = Σ_s w_ts v_s                        an average of the values

A mask says where a query may look (True). The causal mask lets step t look at steps s ≤ t only.
Back, with dw_ts = dL/dy_t · v_s::

    dL/dv_s = Σ_t w_ts dL/dy_t
    dL/de_ts = w_ts (dw_ts - Σ_r w_tr dw_tr)                          softmax
    dL/dq_t = Σ_s dL/de_ts k_s / sqrt(d_k)        dL/dk_s = Σ_t dL/de_ts q_t / sqrt(d_k)

Self-attention of H heads makes all three of one input x_t (n), and mixes the heads' outputs::

    q_t = W_q x_t + b_q      k_t = W_k x_t + b_k      v_t = W_v x_t + b_v       (H d_k) each
    y_t = W_o ⟨y_t of head 1, …, y_t of head H⟩ + b_o                           (n)

Head h owns rows h d_k … (h + 1) d_k of W_q, W_k and W_v, and the same columns of W_o. See
``weights`` for how PyTorch and Keras pack them.

Source: A. Vaswani et al. (2017), Attention is all you need, NeurIPS,
https://arxiv.org/abs/1706.03762 (section 3.2).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from unrolled.gates import Array
from unrolled.sequences.positions import rotate
from unrolled.sequences.shapes import read

Mask = NDArray[np.bool_]


def causal_mask(time: int, past: int = 0) -> Mask:
    """Return where each of T steps may look, (T, past + T): at itself and all before it.

    Args:
        time: T, the number of queries.
        past: how many keys there are before the first query.
    """
    return np.tri(time, past + time, past, dtype=bool)


@dataclass(frozen=True)
class AttentionTrace:
    """What attention did, kept for the way back.

    Attributes:
        q: queries, (…, T, d_k).
        k: keys, (…, S, d_k).
        v: values, (…, S, d_v).
        weights: (…, T, S); every row sums to 1.
        y: outputs, (…, T, d_v).
    """

    q: Array
    k: Array
    v: Array
    weights: Array
    y: Array


def attend(
    q: ArrayLike, k: ArrayLike, v: ArrayLike, mask: ArrayLike | None = None
) -> AttentionTrace:
    """Compute scaled dot-product attention.

    Args:
        q: queries, (…, T, d_k).
        k: keys, (…, S, d_k), with the same axes before.
        v: values, (…, S, d_v), with the same axes before.
        mask: True where a query may look at a key, (T, S) or (…, T, S); everywhere by default.

    Raises:
        ValueError: a shape does not fit, or a query may look nowhere.
    """
    q, k, v = np.asarray(q), np.asarray(k), np.asarray(v)
    if min(q.ndim, k.ndim, v.ndim) < 2:
        raise ValueError(
            f"q, k and v must be (..., time, d), not of shapes {q.shape}, {k.shape} and {v.shape}"
        )
    k = read("k", k, *q.shape[:-2], "keys", q.shape[-1])
    v = read("v", v, *k.shape[:-1], "d_v")
    q = read("q", q, *q.shape)
    scores = q @ k.swapaxes(-1, -2) / np.sqrt(q.dtype.type(q.shape[-1]))
    if mask is not None:
        mask = np.asarray(mask)
        if mask.dtype != np.bool_:
            raise ValueError(f"mask must hold True where a query may look, not {mask.dtype}")
        if mask.shape != scores.shape[-mask.ndim :]:
            raise ValueError(
                f"mask must be {scores.shape[-2:]} or {scores.shape}, not {mask.shape}"
            )
        if not mask.any(axis=-1).all():
            raise ValueError("the mask has a query that may look nowhere: its weights cannot be 1")
        scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=-1, keepdims=True))
    weights /= weights.sum(axis=-1, keepdims=True)
    return AttentionTrace(q, k, v, weights, weights @ v)


def attend_back(trace: AttentionTrace, d_y: ArrayLike) -> tuple[Array, Array, Array]:
    """Return the loss's derivatives by queries, keys and values.

    Args:
        trace: what :func:`attend` returned.
        d_y: the loss's derivative by the outputs, (…, T, d_v).

    Raises:
        ValueError: ``d_y`` has not the shape of the outputs.
    """
    d_y = read("d_y", d_y, *trace.y.shape, dtype=trace.y.dtype)
    q, k, v, weights = trace.q, trace.k, trace.v, trace.weights
    d_weights = d_y @ v.swapaxes(-1, -2)
    d_scores = weights * (d_weights - (weights * d_weights).sum(axis=-1, keepdims=True))
    d_scores /= np.sqrt(q.dtype.type(q.shape[-1]))
    return d_scores @ k, d_scores.swapaxes(-1, -2) @ q, weights.swapaxes(-1, -2) @ d_y


@dataclass(frozen=True)
class SelfAttentionTrace:
    """What self-attention did on a batch of sequences, kept for the way back.

    Attributes:
        x: inputs, (B, T, n).
        heads: queries, keys, values, weights and outputs of each head, (B, H, T, …).
        joined: the heads' outputs beside one another, (B, T, H d_k).
        y: outputs, (B, T, n).
    """

    x: Array
    heads: AttentionTrace
    joined: Array
    y: Array


@dataclass(frozen=True)
class Cache:
    """The keys and values of the steps so far, (B, H, t, d_k) each: attention's growing state."""

    k: Array
    v: Array


@dataclass
class SelfAttention:
    """Self-attention of H heads.

    Attributes:
        W_q: weights of queries, (H d_k, n).
        W_k: weights of keys, (H d_k, n).
        W_v: weights of values, (H d_k, n).
        W_o: weights of the output, (n, H d_k).
        b_q: biases of queries, (H d_k,).
        b_k: biases of keys, (H d_k,).
        b_v: biases of values, (H d_k,).
        b_o: biases of the output, (n,).
        heads: H.
        causal: whether a step may look at no later one.
        rotary: whether queries and keys are turned by their positions.
    """

    W_q: Array
    W_k: Array
    W_v: Array
    W_o: Array
    b_q: Array
    b_k: Array
    b_v: Array
    b_o: Array
    heads: int
    causal: bool = True
    rotary: bool = False

    def __post_init__(self) -> None:
        self.W_q = read("W_q", self.W_q, "H d_k", "n")
        rows, inputs = self.W_q.shape
        dtype = self.W_q.dtype
        self.W_k = read("W_k", self.W_k, rows, inputs, dtype=dtype)
        self.W_v = read("W_v", self.W_v, rows, inputs, dtype=dtype)
        self.W_o = read("W_o", self.W_o, inputs, rows, dtype=dtype)
        self.b_q = read("b_q", self.b_q, rows, dtype=dtype)
        self.b_k = read("b_k", self.b_k, rows, dtype=dtype)
        self.b_v = read("b_v", self.b_v, rows, dtype=dtype)
        self.b_o = read("b_o", self.b_o, inputs, dtype=dtype)
        if self.heads < 1 or rows % self.heads:
            raise ValueError(f"{rows} rows of W_q cannot be shared out among {self.heads} heads")
        if self.rotary and (rows // self.heads) % 2:
            raise ValueError(f"rotary positions want an even d_k, not {rows // self.heads}")

    @classmethod
    def random(
        cls,
        size: int,
        heads: int,
        rng: np.random.Generator,
        *,
        key_size: int | None = None,
        causal: bool = True,
        rotary: bool = False,
        scale: float = 0.1,
        dtype: DTypeLike = np.float64,
    ) -> SelfAttention:
        """Return a layer with small random weights and no biases.

        Args:
            size: n.
            heads: H.
            rng: the source of the weights.
            key_size: d_k; n / H by default.
            causal: whether a step may look at no later one.
            rotary: whether queries and keys are turned by their positions.
            scale: standard deviation of the weights.
            dtype: float64 or float32.

        Raises:
            ValueError: n cannot be shared out among the heads, and no ``key_size`` is given.
        """
        if key_size is None:
            if size % heads:
                raise ValueError(f"{size} places cannot be shared out among {heads} heads")
            key_size = size // heads
        rows = heads * key_size
        W_q, W_k, W_v, W_o = (
            rng.normal(0, scale, shape).astype(dtype)
            for shape in ((rows, size), (rows, size), (rows, size), (size, rows))
        )
        b_q, b_k, b_v, b_o = (np.zeros(k, dtype=dtype) for k in (rows, rows, rows, size))
        return cls(W_q, W_k, W_v, W_o, b_q, b_k, b_v, b_o, heads, causal, rotary)

    @property
    def size(self) -> int:
        """The number of places in an input and in an output, n."""
        return self.W_q.shape[1]

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name."""
        names = ("W_q", "W_k", "W_v", "W_o", "b_q", "b_k", "b_v", "b_o")
        return {name: getattr(self, name) for name in names}

    def count(self) -> int:
        """Return the number of parameters: 4 H d_k n + 3 H d_k + n."""
        return sum(array.size for array in self.parameters.values())

    def _split(self, a: Array) -> Array:
        """Return (B, T, H d_k) as (B, H, T, d_k)."""
        batch, time, rows = a.shape
        return a.reshape(batch, time, self.heads, rows // self.heads).swapaxes(1, 2)

    def _join(self, a: Array) -> Array:
        """Return (B, H, T, d_k) as (B, T, H d_k)."""
        batch, heads, time, size = a.shape
        return a.swapaxes(1, 2).reshape(batch, time, heads * size)

    def _project(self, x: Array, past: int) -> tuple[Array, Array, Array]:
        """Return queries, keys and values of steps past … past + T - 1, (B, H, T, d_k) each."""
        q = self._split(x @ self.W_q.T + self.b_q)
        k = self._split(x @ self.W_k.T + self.b_k)
        v = self._split(x @ self.W_v.T + self.b_v)
        if self.rotary:
            positions = past + np.arange(x.shape[1])
            q, k = rotate(q, positions), rotate(k, positions)
        return q, k, v

    def forward(self, x: ArrayLike) -> SelfAttentionTrace:
        """Run the layer on whole sequences, in the dtype of its weights.

        Args:
            x: inputs, (B, T, n).

        Raises:
            ValueError: the shape does not fit.
        """
        x = read("x", x, "batch", "time", self.size, dtype=self.W_q.dtype)
        mask = causal_mask(x.shape[1]) if self.causal else None
        heads = attend(*self._project(x, 0), mask)
        joined = self._join(heads.y)
        return SelfAttentionTrace(x, heads, joined, joined @ self.W_o.T + self.b_o)

    def step(self, x: ArrayLike, cache: Cache | None = None) -> tuple[Array, Cache]:
        """Return the output of one more step, and the cache with its key and value.

        Args:
            x: input, (B, n).
            cache: of the steps before; None before the first.

        Returns:
            y (B, n), cache.

        Raises:
            ValueError: the shape does not fit, or the layer is not causal.
        """
        if not self.causal:
            raise ValueError("only causal attention can go step by step: another sees what is next")
        x = read("x", x, "batch", self.size, dtype=self.W_q.dtype)
        past = 0 if cache is None else cache.k.shape[2]
        q, k, v = self._project(x[:, None], past)
        if cache is not None:
            for name, kept in (("cache.k", cache.k), ("cache.v", cache.v)):
                read(name, kept, len(x), self.heads, past, k.shape[-1])
            k, v = np.concatenate([cache.k, k], axis=2), np.concatenate([cache.v, v], axis=2)
        y = self._join(attend(q, k, v).y) @ self.W_o.T + self.b_o
        return y[:, 0], Cache(k, v)

    def backward(self, trace: SelfAttentionTrace, d_y: ArrayLike) -> tuple[Array, dict[str, Array]]:
        """Return dL/dx (B, T, n) and the derivatives by the parameters.

        Args:
            trace: what ``forward`` returned.
            d_y: the loss's derivative by the outputs, (B, T, n).

        Raises:
            ValueError: ``d_y`` has not the shape of the outputs.
        """
        d_y = read("d_y", d_y, *trace.y.shape, dtype=trace.y.dtype)
        d_q, d_k, d_v = attend_back(trace.heads, self._split(d_y @ self.W_o))
        if self.rotary:
            d_q, d_k = rotate(d_q, back=True), rotate(d_k, back=True)
        parameters = {"W_o": _products(d_y, trace.joined), "b_o": d_y.sum(axis=(0, 1))}
        d_x = np.zeros_like(trace.x)
        for letter, d_heads, W in (
            ("q", d_q, self.W_q),
            ("k", d_k, self.W_k),
            ("v", d_v, self.W_v),
        ):
            d = self._join(d_heads)  # (B, T, H d_k)
            parameters[f"W_{letter}"] = _products(d, trace.x)
            parameters[f"b_{letter}"] = d.sum(axis=(0, 1))
            d_x += d @ W
        return d_x, parameters


def _products(d: Array, s: Array) -> Array:
    """Return the sum over all steps and sequences of d s^T: a weight's gradient."""
    return np.tensordot(d, s, axes=((0, 1), (0, 1)))
