"""The convolutional LSTM: an LSTM on frames, its matrix products replaced by convolutions.

::

    f_t = σ(W_xf ⋆ x_t + W_hf ⋆ h_{t-1} + b_f)        forget gate
    i_t = σ(W_xi ⋆ x_t + W_hi ⋆ h_{t-1} + b_i)        input gate
    o_t = σ(W_xo ⋆ x_t + W_ho ⋆ h_{t-1} + b_o)        output gate
    g_t = tanh(W_xg ⋆ x_t + W_hg ⋆ h_{t-1} + b_g)     candidate
    c_t = f_t * c_{t-1} + i_t * g_t                   cell
    h_t = o_t * tanh(c_t)                             hidden state and output

x_t is a frame (C, H, W); all of the rest are (m, H, W), m channels of state at every pixel. ⋆ is
the convolution of deep learning (the kernel is not turned around), with zeros past the edges, so
that a frame keeps its size: each W_x is (m, C, k, k), each W_h (m, m, k, k), k odd. b is (m,). The
blocks are kept one below another in the order f, i, o, g, as in ``unrolled.cells.lstm``. With k = 1
and one pixel it *is* that LSTM. After t steps a pixel has seen neighbours up to t (k - 1) / 2 away.

Shi et al. also let the gates see the cell, by peepholes (the option ``P``): P_f * c_{t-1} is added
in f_t's brackets, P_i * c_{t-1} in i_t's, P_o * c_t in o_t's, each P (m, H, W). That ties a model
to one size of frames; Keras' layer, and most of what is used, has no peepholes.

Sizes: B sequences, T frames, C channels, H rows and W columns of pixels, m channels of state.

Source: X. Shi et al. (2015), Convolutional LSTM network: a machine learning approach for
precipitation nowcasting, NeurIPS, https://arxiv.org/abs/1506.04214 (equation 3).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import ArrayLike, DTypeLike

from unrolled.gates import Array, sigmoid, sigmoid_slope
from unrolled.sequences.shapes import read, read_or_zeros


def convolve(x: Array, W: Array) -> Array:
    """Slide kernels over frames, with zeros past the edges.

    Args:
        x: frames, (B, C, H, W).
        W: kernels, (m, C, k, k), k odd.

    Returns:
        (B, m, H, W).
    """
    return np.tensordot(_patches(x, W.shape[-1]), W, axes=((1, 4, 5), (1, 2, 3))).transpose(
        0, 3, 1, 2
    )


def convolve_back(x: Array, W: Array, d_a: Array) -> tuple[Array, Array]:
    """Return the loss's derivatives by the frames and by the kernels.

    A pixel of x reaches the outputs around it, through the kernel seen from the other side: dL/dx
    is a convolution of dL/da with the kernels turned by half a turn, channels in and out exchanged.

    Args:
        x: frames, (B, C, H, W).
        W: kernels, (m, C, k, k).
        d_a: the loss's derivative by what ``convolve`` returned, (B, m, H, W).
    """
    d_x = convolve(d_a, W[:, :, ::-1, ::-1].swapaxes(0, 1))
    d_W = np.tensordot(d_a, _patches(x, W.shape[-1]), axes=((0, 2, 3), (0, 2, 3)))
    return d_x, d_W


def _patches(x: Array, k: int) -> Array:
    """Return the k × k neighbourhood of every pixel, (B, C, H, W, k, k), as a view."""
    edge = (k - 1) // 2
    padded = np.pad(x, ((0, 0), (0, 0), (edge, edge), (edge, edge)))
    return sliding_window_view(padded, (k, k), axis=(2, 3))


@dataclass(frozen=True)
class ConvLSTMTrace:
    """What a ConvLSTM did on a batch of sequences, kept for the way back.

    Attributes:
        x: inputs, (B, T, C, H, W).
        h: hidden states, (B, T + 1, m, H, W): ``h[:, 0]`` before the first frame.
        c: cells, likewise.
        gates: f, i, o and g beside one another, (B, T, 4m, H, W).
    """

    x: Array
    h: Array
    c: Array
    gates: Array

    @property
    def states(self) -> Array:
        """The hidden states h_1 … h_T, (B, T, m, H, W): the outputs."""
        return self.h[:, 1:]

    @property
    def last(self) -> tuple[Array, Array]:
        """The states after the last frame, (h_T, c_T), each (B, m, H, W)."""
        return self.h[:, -1], self.c[:, -1]


@dataclass(frozen=True)
class ConvLSTMGradients:
    """Derivatives of a loss, each of the shape of what it is a derivative by."""

    W_x: Array
    W_h: Array
    b: Array
    P: Array | None
    x: Array
    h0: Array
    c0: Array


@dataclass
class ConvLSTM:
    """A layer with m channels of state.

    Attributes:
        W_x: kernels of the frames, (4m, C, k, k): the blocks f, i, o, g.
        W_h: kernels of the hidden state, (4m, m, k, k).
        b: biases, (4m,).
        P: peepholes of f, i, o, (3, m, H, W); None without them.
    """

    W_x: Array
    W_h: Array
    b: Array
    P: Array | None = None

    order: ClassVar[str] = "fiog"

    def __post_init__(self) -> None:
        self.W_x = read("W_x", self.W_x, "4m", "C", "k", "k")
        rows, _, k, other = self.W_x.shape
        if not rows or rows % 4:
            raise ValueError(f"W_x must have 4m rows, m for each of f, i, o, g, not {rows}")
        if k != other or k % 2 == 0:
            raise ValueError(
                f"kernels must be square with an odd side, so that they have a middle, not "
                f"{k} × {other}"
            )
        m, dtype = rows // 4, self.W_x.dtype
        self.W_h = read("W_h", self.W_h, rows, m, k, k, dtype=dtype)
        self.b = read("b", self.b, rows, dtype=dtype)
        if self.P is not None:
            self.P = read("P", self.P, 3, m, "height", "width", dtype=dtype)

    @classmethod
    def random(
        cls,
        channels: int,
        size: int,
        kernel: int,
        rng: np.random.Generator,
        *,
        peepholes: tuple[int, int] | None = None,
        scale: float = 0.1,
        dtype: DTypeLike = np.float64,
    ) -> ConvLSTM:
        """Return a layer with small random kernels and no biases.

        Args:
            channels: C, of a frame.
            size: m, channels of state.
            kernel: k, odd.
            rng: the source of the kernels.
            peepholes: rows and columns of the frames, where there are to be peepholes.
            scale: standard deviation of the kernels.
            dtype: float64 or float32.
        """
        return cls(
            W_x=rng.normal(0, scale, (4 * size, channels, kernel, kernel)).astype(dtype),
            W_h=rng.normal(0, scale, (4 * size, size, kernel, kernel)).astype(dtype),
            b=np.zeros(4 * size, dtype=dtype),
            P=None if peepholes is None else rng.normal(0, scale, (3, size, *peepholes)),
        )

    @property
    def channels(self) -> int:
        """The number of channels of a frame, C."""
        return self.W_x.shape[1]

    @property
    def size(self) -> int:
        """The number of channels of state, m."""
        return len(self.W_x) // 4

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name."""
        named = {"W_x": self.W_x, "W_h": self.W_h, "b": self.b, "P": self.P}
        return {name: array for name, array in named.items() if array is not None}

    def count(self) -> int:
        """Return the number of parameters: 4m(k²(C + m) + 1), and 3mHW with peepholes."""
        return sum(array.size for array in self.parameters.values())

    def step(self, x: ArrayLike, h: ArrayLike, c: ArrayLike) -> tuple[Array, Array]:
        """Return the hidden state and the cell after one frame.

        Args:
            x: frames, (B, C, H, W).
            h: hidden states before, (B, m, H, W).
            c: cells before, (B, m, H, W).

        Raises:
            ValueError: a shape does not fit.
        """
        x = np.asarray(x)
        return self.forward(x[:, None], h, c).last

    def forward(
        self, x: ArrayLike, h0: ArrayLike | None = None, c0: ArrayLike | None = None
    ) -> ConvLSTMTrace:
        """Run the layer along a batch of sequences of frames, in the dtype of its kernels.

        Args:
            x: frames, (B, T, C, H, W).
            h0: hidden states before the first frame, (B, m, H, W); zeros by default.
            c0: cells before the first frame, (B, m, H, W); zeros by default.

        Returns:
            The trace: ``states`` (B, T, m, H, W), ``last`` (h, c).

        Raises:
            ValueError: a shape does not fit.
        """
        dtype, m = self.W_x.dtype, self.size
        x = read("x", x, "batch", "time", self.channels, "height", "width", dtype=dtype)
        batch, time, _, height, width = x.shape
        if self.P is not None and self.P.shape[2:] != (height, width):
            raise ValueError(
                f"the peepholes are for frames of {self.P.shape[2]} × {self.P.shape[3]} pixels, "
                f"not {height} × {width}"
            )
        frame = batch, m, height, width
        h = np.empty((batch, time + 1, m, height, width), dtype=dtype)
        c = np.empty_like(h)
        h[:, 0] = read_or_zeros("h0", h0, *frame, dtype=dtype)
        c[:, 0] = read_or_zeros("c0", c0, *frame, dtype=dtype)
        gates = np.empty((batch, time, 4 * m, height, width), dtype=dtype)
        for t in range(time):
            a = convolve(x[:, t], self.W_x) + convolve(h[:, t], self.W_h)
            a += self.b[:, None, None]
            a_f, a_i, a_o, a_g = np.split(a, 4, axis=1)
            if self.P is not None:
                a_f, a_i = a_f + self.P[0] * c[:, t], a_i + self.P[1] * c[:, t]
            f, i, g = sigmoid(a_f), sigmoid(a_i), np.tanh(a_g)
            c[:, t + 1] = f * c[:, t] + i * g
            if self.P is not None:
                a_o = a_o + self.P[2] * c[:, t + 1]
            o = sigmoid(a_o)
            h[:, t + 1] = o * np.tanh(c[:, t + 1])
            gates[:, t] = np.concatenate([f, i, o, g], axis=1)
        return ConvLSTMTrace(x, h, c, gates)

    def backward(
        self,
        trace: ConvLSTMTrace,
        d_states: ArrayLike | None = None,
        d_h: ArrayLike | None = None,
        d_c: ArrayLike | None = None,
    ) -> ConvLSTMGradients:
        """Backpropagate through time.

        As in an LSTM, pixel by pixel, with the products with W^T replaced by ``convolve_back``.

        Args:
            trace: what ``forward`` returned.
            d_states: the loss's own derivative by each hidden state, (B, T, m, H, W); zeros by
                default.
            d_h: its derivative by h_T, beside that, (B, m, H, W); zeros by default.
            d_c: its derivative by c_T, (B, m, H, W); zeros by default.

        Raises:
            ValueError: a shape does not fit.
        """
        x, h, c = trace.x, trace.h, trace.c
        dtype, frame = h.dtype, h[:, 0].shape
        own = read_or_zeros("d_states", d_states, *trace.states.shape, dtype=dtype)
        back_h = read_or_zeros("d_h", d_h, *frame, dtype=dtype)  # dL/dh_t, all paths included
        back_c = read_or_zeros("d_c", d_c, *frame, dtype=dtype)
        d_W_x, d_W_h, d_b = np.zeros_like(self.W_x), np.zeros_like(self.W_h), np.zeros_like(self.b)
        d_P = None if self.P is None else np.zeros_like(self.P)
        d_x = np.empty_like(x)
        for t in reversed(range(x.shape[1])):
            back_h = back_h + own[:, t]
            f, i, o, g = np.split(trace.gates[:, t], 4, axis=1)
            shown = np.tanh(c[:, t + 1])
            d_o = back_h * shown * sigmoid_slope(o)  # by pre-activations, as are the next three
            back_c = back_c + back_h * o * (1 - shown**2)
            if self.P is not None:
                back_c += d_o * self.P[2]
            d_f = back_c * c[:, t] * sigmoid_slope(f)
            d_i = back_c * g * sigmoid_slope(i)
            d_g = back_c * i * (1 - g**2)
            back_c = back_c * f
            if self.P is not None and d_P is not None:
                back_c += d_f * self.P[0] + d_i * self.P[1]
                d_P[0] += (d_f * c[:, t]).sum(axis=0)
                d_P[1] += (d_i * c[:, t]).sum(axis=0)
                d_P[2] += (d_o * c[:, t + 1]).sum(axis=0)
            d_a = np.concatenate([d_f, d_i, d_o, d_g], axis=1)
            d_x[:, t], by_x = convolve_back(x[:, t], self.W_x, d_a)
            back_h, by_h = convolve_back(h[:, t], self.W_h, d_a)
            d_W_x += by_x
            d_W_h += by_h
            d_b += d_a.sum(axis=(0, 2, 3))
        return ConvLSTMGradients(d_W_x, d_W_h, d_b, d_P, d_x, back_h, back_c)
