"""The simple recurrent network: the new state is a layer of neurons over input and old state.

::

    a_t = W_x x_t + W_h h_{t-1} + b        pre-activation, (m,)
    h_t = φ(a_t)                           state and output, (m,); φ is tanh or relu

with W_x (m, n), W_h (m, m), b (m,); the same weights at every step. One matrix W = [W_x W_h],
(m, n + m), on the concatenation ⟨x_t, h_{t-1}⟩ says the same.

Source: J. L. Elman (1990), Finding structure in time, Cognitive Science 14(2), 179–211,
https://doi.org/10.1207/s15516709cog1402_1 (there with a sigmoid for φ).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from unrolled.cells import sequence
from unrolled.cells.sequence import Trace
from unrolled.gates import Array

Activation = Literal["tanh", "relu"]


def rnn_parameters(n: int, m: int, *, biases: int = 1) -> int:
    """Return the number of parameters: m(n + m) weights and m biases.

    Args:
        n: inputs.
        m: places in the state.
        biases: 1 here and in Keras; 2 in PyTorch, which adds one to W_x x and another to W_h h.
    """
    return m * (n + m) + biases * m


@dataclass(frozen=True)
class RNNGradients:
    """Derivatives of a loss, each of the shape of what it is a derivative by; x is (B, T, n)."""

    W_x: Array
    W_h: Array
    b: Array
    x: Array
    h0: Array

    @property
    def initial(self) -> tuple[Array, ...]:
        """The derivatives by the initial state: (h0,)."""
        return (self.h0,)


@dataclass
class SimpleRNN:
    """A layer of m recurrent neurons.

    Attributes:
        W_x: weights from the input, (m, n).
        W_h: weights from the state, (m, m).
        b: biases, (m,).
        activation: φ, "tanh" or "relu".
    """

    W_x: Array
    W_h: Array
    b: Array
    activation: Activation = "tanh"

    state_names: ClassVar[tuple[str, ...]] = ("h",)

    def __post_init__(self) -> None:
        self.W_x, self.W_h, self.b = sequence.read_parameters(W_x=self.W_x, W_h=self.W_h, b=self.b)
        sequence.check_shapes(self.W_x, self.W_h, self.b, 1)
        if self.activation not in ("tanh", "relu"):
            raise ValueError(f"activation must be 'tanh' or 'relu', not {self.activation!r}")

    @classmethod
    def random(
        cls,
        inputs: int,
        size: int,
        rng: np.random.Generator,
        *,
        activation: Activation = "tanh",
        scale: float = 0.1,
        dtype: DTypeLike = np.float64,
    ) -> SimpleRNN:
        """Return a layer with small random weights and no biases.

        Args:
            inputs: n.
            size: m.
            rng: the source of the weights.
            activation: "tanh" or "relu".
            scale: standard deviation of the weights.
            dtype: float64 or float32.
        """
        return cls(
            W_x=rng.normal(0, scale, (size, inputs)).astype(dtype),
            W_h=rng.normal(0, scale, (size, size)).astype(dtype),
            b=np.zeros(size, dtype=dtype),
            activation=activation,
        )

    @property
    def inputs(self) -> int:
        """The number of inputs, n."""
        return self.W_x.shape[1]

    @property
    def size(self) -> int:
        """The number of places in the state, m."""
        return len(self.W_x)

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name."""
        return {"W_x": self.W_x, "W_h": self.W_h, "b": self.b}

    def count(self) -> int:
        """Return the number of parameters: m(n + m) + m."""
        return rnn_parameters(self.inputs, self.size)

    def forward(
        self, x: ArrayLike, h0: ArrayLike | None = None, *, mask: ArrayLike | None = None
    ) -> Trace:
        """Run the layer along a batch of sequences, in the dtype of its weights.

        Args:
            x: inputs, (B, T, n).
            h0: state before the first step, (B, m); zeros by default.
            mask: (B, T), True at real steps; a padded step holds the state.

        Returns:
            The trace: ``states`` (B, T, m) and ``last`` (h,).

        Raises:
            ValueError: a shape does not fit.
        """
        x = sequence.read_inputs(x, self.inputs, self.W_x.dtype)
        time, batch, _ = x.shape
        pad = sequence.read_mask(mask, batch, time)

        a = sequence.project(x, self.W_x, self.b)  # (T, B, m): W_x x_t + b for every t
        h = np.empty((time + 1, batch, self.size), dtype=a.dtype)
        h[0] = sequence.read_state("h0", h0, batch, self.size, a.dtype)
        for t in range(time):
            a_t = a[t] + h[t] @ self.W_h.T  # (B, m)
            if self.activation == "tanh":
                np.tanh(a_t, out=h[t + 1])
            else:
                np.maximum(a_t, 0, out=h[t + 1])
            sequence.hold(h[t + 1], h[t], pad, t)
        return Trace(x, h, pad)

    def backward(
        self, trace: Trace, d_states: ArrayLike | None = None, d_h: ArrayLike | None = None
    ) -> RNNGradients:
        """Backpropagate through time.

        With d_t = dL/dh_t, all paths included, one step of the chain rule is::

            dL/da_t     = d_t * φ'(a_t)            tanh' = 1 - h_t², relu' = 1 where h_t > 0
            dL/dh_{t-1} = W_h^T dL/da_t            plus the loss's own derivative by h_{t-1}

        and, as the weights are shared, their gradients are sums over the steps::

            dL/dW_x = Σ_t dL/da_t x_t^T    dL/dW_h = Σ_t dL/da_t h_{t-1}^T    dL/db = Σ_t dL/da_t

        Args:
            trace: what ``forward`` returned.
            d_states: the loss's own derivative by each state, (B, T, m); zeros by default.
            d_h: its derivative by ``trace.last``, (B, m), beside that; zeros by default.

        Raises:
            ValueError: a shape does not fit.
        """
        x, h, pad = trace.x, trace.h, trace.pad
        time, batch, _ = x.shape
        own = sequence.read_d_states(d_states, trace)
        d = sequence.read_state("d_h", d_h, batch, self.size, h.dtype)  # dL/dh_T

        d_a = np.empty_like(h[1:])  # (T, B, m)
        for t in reversed(range(time)):
            if own is not None:
                d += own[t]
            aside = sequence.set_aside(d, pad, t)
            slope = 1 - h[t + 1] ** 2 if self.activation == "tanh" else h[t + 1] > 0
            np.multiply(d, slope, out=d_a[t])
            d = d_a[t] @ self.W_h + aside
        return RNNGradients(
            W_x=sequence.sum_of_products(d_a, x),
            W_h=sequence.sum_of_products(d_a, h[:-1]),
            b=d_a.sum(axis=(0, 1)),
            x=(d_a @ self.W_x).swapaxes(0, 1),
            h0=d,
        )
