"""Gates in NumPy: the sigmoid, the gated update and a memory whose gate can be learned.

The memory keeps a vector ``s`` and, at every step, mixes new content, the candidate, into it::

    a_t = W_x x_t + W_h s_{t-1} + b              pre-activation
    g_t = sigmoid(a_t)                           gate: 1 writes, 0 keeps
    s_t = g_t * ~s_t + (1 - g_t) * s_{t-1}       gated update, ~s_t the candidate

With the gate at 0 the memory passes on its content and its gradient unchanged, as in the constant
error carousel of Hochreiter and Schmidhuber (1997), https://doi.org/10.1162/neco.1997.9.8.1735.

Letters for sizes: B sequences in the batch, T steps, n inputs, m hidden units.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

Array = NDArray[np.floating[Any]]


def sigmoid(a: ArrayLike) -> Array:
    """Return 1 / (1 + exp(-a)), without overflow for any finite ``a``.

    Only exp(-|a|) is computed, which never exceeds 1. A floating dtype is kept; integers
    become float64.

    Args:
        a: pre-activations, any shape.

    Returns:
        Values from 0 to 1, of the same shape.
    """
    a = np.asarray(a)
    if not np.issubdtype(a.dtype, np.floating):
        a = a.astype(np.float64)
    e = np.exp(-np.abs(a))
    return np.where(a >= 0, a.dtype.type(1), e) / (1 + e)


def sigmoid_slope(g: ArrayLike) -> Array:
    """Return the sigmoid's derivative from its value: g (1 - g), at most 1/4.

    Args:
        g: the sigmoid's values, any shape.
    """
    g = np.asarray(g)
    return g * (1 - g)


def gated_update(g: ArrayLike, x: ArrayLike, s: ArrayLike) -> Array:
    """Write ``x`` into the memory ``s`` where the gate ``g`` is open: g * x + (1 - g) * s.

    Args:
        g: the gate, between 0 (keep) and 1 (write).
        x: the new content, of the same shape as ``g``.
        s: the memory, of the same shape as ``g``.

    Returns:
        The new memory, of the same shape.

    Raises:
        ValueError: the three shapes differ.
    """
    g, x, s = np.asarray(g), np.asarray(x), np.asarray(s)
    if not g.shape == x.shape == s.shape:
        raise ValueError(
            "the gate, the new content and the memory must have one shape, "
            f"not {g.shape}, {x.shape} and {s.shape}"
        )
    return g * x + (1 - g) * s


@dataclass(frozen=True)
class Trace:
    """What a memory did on a batch of sequences.

    Attributes:
        x: inputs of the gate, (B, T, n).
        candidate: new content, (B, T, m).
        s0: memory before the first step, (B, m).
        gates: g_t, (B, T, m).
        states: s_t, (B, T, m).
    """

    x: Array
    candidate: Array
    s0: Array
    gates: Array
    states: Array


@dataclass(frozen=True)
class Gradients:
    """Derivatives of a loss with respect to parameters and inputs, each of its shape."""

    W_x: Array
    W_h: Array
    b: Array
    x: Array
    candidate: Array
    s0: Array


@dataclass
class GatedMemory:
    """A memory with one learnable gate for each of its m hidden units.

    Attributes:
        W_x: weights from the input, (m, n).
        W_h: weights from the memory, (m, m).
        b: biases, (m,).
    """

    W_x: Array
    W_h: Array
    b: Array

    def __post_init__(self) -> None:
        self.W_x, self.W_h, self.b = map(np.asarray, (self.W_x, self.W_h, self.b))
        if self.W_x.ndim != 2:
            raise ValueError(f"W_x must be a matrix (m, n), not of shape {self.W_x.shape}")
        m = len(self.W_x)
        if self.W_h.shape != (m, m) or self.b.shape != (m,):
            raise ValueError(
                f"with W_x of shape {self.W_x.shape}, W_h must be ({m}, {m}) and b ({m},), "
                f"not {self.W_h.shape} and {self.b.shape}"
            )

    @classmethod
    def random(
        cls,
        inputs: int,
        size: int,
        rng: np.random.Generator,
        *,
        bias: float = 0.0,
        scale: float = 0.1,
        dtype: DTypeLike = np.float64,
    ) -> GatedMemory:
        """Return a memory with small random weights.

        Args:
            inputs: n, how many numbers the gate sees at each step.
            size: m, how many numbers the memory holds.
            rng: the source of the weights.
            bias: where every bias starts; sigmoid(bias) is about how open the gate starts.
            scale: standard deviation of the weights.
            dtype: float64 or float32.
        """
        return cls(
            W_x=rng.normal(0, scale, (size, inputs)).astype(dtype),
            W_h=rng.normal(0, scale, (size, size)).astype(dtype),
            b=np.full(size, bias, dtype=dtype),
        )

    @property
    def parameters(self) -> tuple[Array, Array, Array]:
        """The three arrays that are learned: W_x, W_h, b."""
        return self.W_x, self.W_h, self.b

    def count(self) -> int:
        """Return the number of parameters: m(n + m) + m."""
        return sum(p.size for p in self.parameters)

    def forward(self, x: Array, candidate: Array, s0: Array | None = None) -> Trace:
        """Run the memory along a batch of sequences.

        Args:
            x: inputs of the gate, (B, T, n).
            candidate: new content, (B, T, m).
            s0: memory before the first step, (B, m); zeros by default.

        Raises:
            ValueError: a shape does not fit.
        """
        m, n = self.W_x.shape
        if x.ndim != 3 or x.shape[2] != n:
            raise ValueError(f"x must be (batch, time, {n}), not {x.shape}")
        batch, time, _ = x.shape
        if candidate.shape != (batch, time, m):
            raise ValueError(
                f"candidate must be ({batch}, {time}, {m}), as x and b say, not {candidate.shape}"
            )
        kind = np.result_type(self.W_x, x, candidate)  # integers become floating
        if s0 is None:
            s0 = np.zeros((batch, m), dtype=kind)
        elif s0.shape != (batch, m):
            raise ValueError(f"s0 must be ({batch}, {m}), not {s0.shape}")

        gates, states = np.empty((2, *candidate.shape), dtype=kind)
        s = s0
        for t in range(time):
            a = x[:, t] @ self.W_x.T + s @ self.W_h.T + self.b  # (B, m)
            g = sigmoid(a)  # (B, m)
            s = gated_update(g, candidate[:, t], s)  # (B, m)
            gates[:, t], states[:, t] = g, s
        return Trace(x, candidate, s0, gates, states)

    def backward(self, trace: Trace, d_states: Array) -> Gradients:
        """Backpropagate through time.

        With d_t = dL/ds_t, all paths included, one step of the chain rule is::

            dL/da_t     = d_t * (~s_t - s_{t-1}) * g_t (1 - g_t)
            dL/d~s_t    = d_t * g_t
            dL/ds_{t-1} = d_t * (1 - g_t) + W_h^T dL/da_t

        Args:
            trace: what ``forward`` returned.
            d_states: the loss's own derivative with respect to each state, (B, T, m): zeros but
                at the last step when the loss reads only the last state.

        Raises:
            ValueError: ``d_states`` has not the shape of the states.
        """
        if d_states.shape != trace.states.shape:
            raise ValueError(f"d_states must be {trace.states.shape}, not {d_states.shape}")
        d_W_x, d_W_h, d_b = map(np.zeros_like, self.parameters)
        d_x, d_candidate = np.zeros_like(trace.x), np.zeros_like(trace.candidate)
        d = np.zeros_like(trace.s0)  # dL/ds_t from the later steps
        for t in reversed(range(d_states.shape[1])):
            before = trace.states[:, t - 1] if t else trace.s0  # s_{t-1}
            g = trace.gates[:, t]
            d = d + d_states[:, t]
            d_a = d * (trace.candidate[:, t] - before) * sigmoid_slope(g)  # (B, m)
            d_W_x += d_a.T @ trace.x[:, t]
            d_W_h += d_a.T @ before
            d_b += d_a.sum(axis=0)
            d_x[:, t] = d_a @ self.W_x
            d_candidate[:, t] = d * g
            d = d * (1 - g) + d_a @ self.W_h
        return Gradients(d_W_x, d_W_h, d_b, d_x, d_candidate, d)
