"""minGRU and minLSTM: a GRU and an LSTM whose gates do not see the state, so that a scan works.

minGRU::

    z_t  = σ(W_z x_t + b_z)                         update gate: 1 takes the new content
    ~h_t = W_h x_t + b_h                            candidate
    h_t  = (1 - z_t) * h_{t-1} + z_t * ~h_t

minLSTM, whose two gates are scaled to sum to 1, so that the state stays an average::

    f_t  = σ(W_f x_t + b_f)     i_t = σ(W_i x_t + b_i)     ~h_t = W_h x_t + b_h
    f'_t = f_t / (f_t + i_t)    i'_t = i_t / (f_t + i_t)
    h_t  = f'_t * h_{t-1} + i'_t * ~h_t

Each W is (m, n), the rest (m,). Both are h_t = a_t * h_{t-1} + b_t, with a_t = 1 - z_t or f'_t,
and b_t = z_t * ~h_t or i'_t * ~h_t: see ``scan``. All gates and candidates of a sequence are one
product before the scan begins. The blocks are kept one below another: z, h of minGRU, f, i, h of
minLSTM.

Source: L. Feng et al. (2024), Were RNNs all we needed?, https://arxiv.org/abs/2410.01201 (sections
3.1 and 3.2; their appendix makes the candidate positive to scan in logarithms, which is not needed
here).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import ClassVar, Self

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from unrolled.gates import Array, sigmoid, sigmoid_slope
from unrolled.sequences.scan import Method, linear_recurrence, linear_recurrence_back
from unrolled.sequences.shapes import read, read_or_zeros


@dataclass(frozen=True)
class MinimalTrace:
    """What a minimal layer did on a batch of sequences, kept for the way back.

    Attributes:
        x: inputs, (B, T, n).
        h0: state before the first step, (B, m).
        blocks: gates and candidate, by letter, each (B, T, m).
        decay: a_t, (B, T, m).
        write: the share of the candidate, z_t or i'_t, (B, T, m).
        states: h_t, (B, T, m).
    """

    x: Array
    h0: Array
    blocks: dict[str, Array]
    decay: Array
    write: Array
    states: Array


@dataclass(frozen=True)
class MinimalGradients:
    """Derivatives of a loss, each of the shape of what it is a derivative by; x is (B, T, n)."""

    W: Array
    b: Array
    x: Array
    h0: Array


@dataclass
class _Minimal(ABC):
    """What minGRU and minLSTM share: k blocks of m rows, k - 1 gates and the candidate.

    Attributes:
        W: weights from the input, (km, n).
        b: biases, (km,).
    """

    W: Array
    b: Array

    order: ClassVar[str]

    def __post_init__(self) -> None:
        k = len(self.order)
        self.W = read("W", self.W, f"{k}m", "n")
        if not len(self.W) or len(self.W) % k:
            raise ValueError(f"W must have {k}m rows, m for each of {', '.join(self.order)}")
        self.b = read("b", self.b, len(self.W), dtype=self.W.dtype)

    @classmethod
    def random(
        cls,
        inputs: int,
        size: int,
        rng: np.random.Generator,
        *,
        scale: float = 0.1,
        dtype: DTypeLike = np.float64,
    ) -> Self:
        """Return a layer with small random weights and no biases.

        Args:
            inputs: n.
            size: m.
            rng: the source of the weights.
            scale: standard deviation of the weights.
            dtype: float64 or float32.
        """
        rows = len(cls.order) * size
        return cls(rng.normal(0, scale, (rows, inputs)).astype(dtype), np.zeros(rows, dtype=dtype))

    @property
    def inputs(self) -> int:
        """The number of inputs, n."""
        return self.W.shape[1]

    @property
    def size(self) -> int:
        """The number of places in the state, m."""
        return len(self.W) // len(self.order)

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name."""
        return {"W": self.W, "b": self.b}

    def count(self) -> int:
        """Return the number of parameters: km(n + 1)."""
        return self.W.size + self.b.size

    def _blocks(self, x: Array) -> dict[str, Array]:
        """Return the gates and the candidate for inputs (…, n), each (…, m)."""
        blocks = np.split(x @ self.W.T + self.b, len(self.order), axis=-1)
        named = dict(zip(self.order, blocks, strict=True))
        return {name: a if name == "h" else sigmoid(a) for name, a in named.items()}

    @abstractmethod
    def _shares(self, blocks: dict[str, Array]) -> tuple[Array, Array]:
        """Return the shares of the old state and of the candidate, which sum to 1."""

    @abstractmethod
    def _shares_back(self, blocks: dict[str, Array], d_decay: Array) -> dict[str, Array]:
        """Return dL/d(gate) from dL/d(decay), the write being 1 - decay."""

    def step(self, x: ArrayLike, h: ArrayLike) -> Array:
        """Return the state after one step.

        Args:
            x: input, (B, n).
            h: state before it, (B, m).

        Returns:
            (B, m).

        Raises:
            ValueError: a shape does not fit.
        """
        x = read("x", x, "batch", self.inputs, dtype=self.W.dtype)
        h = read("h", h, len(x), self.size, dtype=self.W.dtype)
        blocks = self._blocks(x)
        decay, write = self._shares(blocks)
        return decay * h + write * blocks["h"]

    def forward(
        self, x: ArrayLike, h0: ArrayLike | None = None, *, method: Method = "tree"
    ) -> MinimalTrace:
        """Run the layer along a batch of sequences, in the dtype of its weights.

        Args:
            x: inputs, (B, T, n).
            h0: state before the first step, (B, m); zeros by default.
            method: "loop", or a scan: "doubling", "tree".

        Raises:
            ValueError: a shape does not fit, or there is no such method.
        """
        x = read("x", x, "batch", "time", self.inputs, dtype=self.W.dtype)
        h0 = read_or_zeros("h0", h0, len(x), self.size, dtype=self.W.dtype)
        blocks = self._blocks(x)
        decay, write = self._shares(blocks)
        states = linear_recurrence(decay, write * blocks["h"], h0, method=method)
        return MinimalTrace(x, h0, blocks, decay, write, states)

    def backward(
        self, trace: MinimalTrace, d_states: ArrayLike, *, method: Method = "tree"
    ) -> MinimalGradients:
        """Backpropagate through time, by a scan from the end.

        Args:
            trace: what ``forward`` returned.
            d_states: the loss's own derivative by each state, (B, T, m).
            method: "loop", or a scan: "doubling", "tree".

        Raises:
            ValueError: a shape does not fit, or there is no such method.
        """
        d_states = read("d_states", d_states, *trace.states.shape, dtype=self.W.dtype)
        back = linear_recurrence_back(trace.decay, trace.states, d_states, trace.h0, method=method)
        candidate = trace.blocks["h"]
        d = self._shares_back(trace.blocks, back.a - back.b * candidate)
        d_a = {name: d[name] * sigmoid_slope(trace.blocks[name]) for name in d}
        d_a["h"] = back.b * trace.write
        packed = np.concatenate([d_a[name] for name in self.order], axis=-1)  # (B, T, km)
        return MinimalGradients(
            W=np.tensordot(packed, trace.x, axes=((0, 1), (0, 1))),
            b=packed.sum(axis=(0, 1)),
            x=packed @ self.W,
            h0=back.h0,
        )


@dataclass
class MinGRU(_Minimal):
    """A layer of m minimal gated recurrent units: W (2m, n), b (2m,), the blocks z, h."""

    order: ClassVar[str] = "zh"

    def _shares(self, blocks: dict[str, Array]) -> tuple[Array, Array]:
        return 1 - blocks["z"], blocks["z"]

    def _shares_back(self, blocks: dict[str, Array], d_decay: Array) -> dict[str, Array]:
        return {"z": -d_decay}


@dataclass
class MinLSTM(_Minimal):
    """A layer of m minimal LSTM cells: W (3m, n), b (3m,), the blocks f, i, h."""

    order: ClassVar[str] = "fih"

    def _shares(self, blocks: dict[str, Array]) -> tuple[Array, Array]:
        f, i = blocks["f"], blocks["i"]
        return f / (f + i), i / (f + i)

    def _shares_back(self, blocks: dict[str, Array], d_decay: Array) -> dict[str, Array]:
        f, i = blocks["f"], blocks["i"]
        return {"f": d_decay * i / (f + i) ** 2, "i": -d_decay * f / (f + i) ** 2}
