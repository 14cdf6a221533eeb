"""A Transformer's block: self-attention, then a small network at every step, each beside a bypass.

::

    u_t = x_t + attention(norm_1(x))_t
    y_t = u_t + W_2 relu(W_1 norm_2(u)_t + b_1) + b_2        W_1 (p, n), W_2 (n, p), p often 4n

The norm comes before each part and the sum after it (pre-norm): the bypass carries x, and on the
way back the gradient, past both parts unchanged. Vaswani et al. put the norm after the sum.

Sources: A. Vaswani et al. (2017), Attention is all you need, https://arxiv.org/abs/1706.03762;
R. Xiong et al. (2020), On layer normalization in the Transformer architecture, ICML,
https://arxiv.org/abs/2002.04745 (pre-norm).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from unrolled.gates import Array
from unrolled.sequences.attention import SelfAttention, SelfAttentionTrace
from unrolled.sequences.norm import LayerNorm, NormTrace
from unrolled.sequences.shapes import read


@dataclass(frozen=True)
class BlockTrace:
    """What a block did, kept for the way back; ``hidden`` is relu(…), (B, T, p), y (B, T, n)."""

    norm_1: NormTrace
    attention: SelfAttentionTrace
    norm_2: NormTrace
    hidden: Array
    y: Array


@dataclass
class Block:
    """A pre-norm block on vectors of n places.

    Attributes:
        norm_1: before the attention.
        attention: self-attention, n to n.
        norm_2: before the network of two layers.
        W_1: (p, n).
        b_1: (p,).
        W_2: (n, p).
        b_2: (n,).
    """

    norm_1: LayerNorm
    attention: SelfAttention
    norm_2: LayerNorm
    W_1: Array
    b_1: Array
    W_2: Array
    b_2: Array

    def __post_init__(self) -> None:
        n, dtype = self.attention.size, self.attention.W_q.dtype
        self.W_1 = read("W_1", self.W_1, "p", n, dtype=dtype)
        self.b_1 = read("b_1", self.b_1, len(self.W_1), dtype=dtype)
        self.W_2 = read("W_2", self.W_2, n, len(self.W_1), dtype=dtype)
        self.b_2 = read("b_2", self.b_2, n, dtype=dtype)
        for name in ("norm_1", "norm_2"):
            read(f"{name}.gamma", getattr(self, name).gamma, n)

    @classmethod
    def random(
        cls,
        size: int,
        heads: int,
        rng: np.random.Generator,
        *,
        wide: int | None = None,
        causal: bool = True,
        rotary: bool = False,
        epsilon: float = 1e-5,
        scale: float = 0.1,
        dtype: DTypeLike = np.float64,
    ) -> Block:
        """Return a block with small random weights and no biases.

        Args:
            size: n.
            heads: H.
            rng: the source of the weights.
            wide: p; 4n by default.
            causal: whether a step may look at no later one.
            rotary: whether queries and keys are turned by their positions.
            epsilon: of both norms.
            scale: standard deviation of the weights.
            dtype: float64 or float32.
        """
        wide = 4 * size if wide is None else wide
        return cls(
            norm_1=LayerNorm.plain(size, epsilon=epsilon, dtype=dtype),
            attention=SelfAttention.random(
                size, heads, rng, causal=causal, rotary=rotary, scale=scale, dtype=dtype
            ),
            norm_2=LayerNorm.plain(size, epsilon=epsilon, dtype=dtype),
            W_1=rng.normal(0, scale, (wide, size)).astype(dtype),
            b_1=np.zeros(wide, dtype=dtype),
            W_2=rng.normal(0, scale, (size, wide)).astype(dtype),
            b_2=np.zeros(size, dtype=dtype),
        )

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name: those of a part with the part's name and a dot."""
        named = {name: getattr(self, name) for name in ("W_1", "b_1", "W_2", "b_2")}
        for part in ("norm_1", "attention", "norm_2"):
            inner = getattr(self, part).parameters
            named |= {f"{part}.{name}": array for name, array in inner.items()}
        return named

    def forward(self, x: ArrayLike) -> BlockTrace:
        """Run the block on whole sequences.

        Args:
            x: inputs, (B, T, n).

        Raises:
            ValueError: the shape does not fit.
        """
        dtype = self.W_1.dtype
        x = read("x", x, "batch", "time", self.attention.size, dtype=dtype)
        norm_1 = self.norm_1.forward(x)
        attention = self.attention.forward(norm_1.y)
        u = x + attention.y
        norm_2 = self.norm_2.forward(u)
        hidden = np.maximum(norm_2.y @ self.W_1.T + self.b_1, dtype.type(0))
        return BlockTrace(norm_1, attention, norm_2, hidden, u + hidden @ self.W_2.T + self.b_2)

    def backward(self, trace: BlockTrace, d_y: ArrayLike) -> tuple[Array, dict[str, Array]]:
        """Return dL/dx (B, T, n) and the derivatives by the parameters, named as they are.

        Args:
            trace: what ``forward`` returned.
            d_y: the loss's derivative by the outputs, (B, T, n).

        Raises:
            ValueError: ``d_y`` has not the shape of the outputs.
        """
        d_y = read("d_y", d_y, *trace.y.shape, dtype=trace.y.dtype)
        every = ((0, 1), (0, 1))
        d_hidden = (d_y @ self.W_2) * (trace.hidden > 0)
        grads = {
            "W_2": np.tensordot(d_y, trace.hidden, axes=every),
            "b_2": d_y.sum(axis=(0, 1)),
            "W_1": np.tensordot(d_hidden, trace.norm_2.y, axes=every),
            "b_1": d_hidden.sum(axis=(0, 1)),
        }
        d_u, inner = self.norm_2.backward(trace.norm_2, d_hidden @ self.W_1)
        grads |= {f"norm_2.{name}": d for name, d in inner.items()}
        d_u = d_u + d_y
        d_normed, inner = self.attention.backward(trace.attention, d_u)
        grads |= {f"attention.{name}": d for name, d in inner.items()}
        d_x, inner = self.norm_1.backward(trace.norm_1, d_normed)
        grads |= {f"norm_1.{name}": d for name, d in inner.items()}
        return d_x + d_u, grads
