"""The gated recurrent unit: one state, a gate that updates it and a gate that resets it.

::

    z_t = σ(W_xz x_t + W_hz h_{t-1} + b_z)        update gate
    r_t = σ(W_xr x_t + W_hr h_{t-1} + b_r)        reset gate: 0 hides the past from the candidate

The candidate g_t resets the state before or after the recurrent product::

    before    g_t = tanh(W_xg x_t + W_hg (r_t * h_{t-1}) + b_g)
    after     g_t = tanh(W_xg x_t + r_t * (W_hg h_{t-1} + b_h) + b_g)

and the update gate is read in one of two ways::

    keeps     h_t = z_t * h_{t-1} + (1 - z_t) * g_t        1 keeps the old state
    takes     h_t = (1 - z_t) * h_{t-1} + z_t * g_t        1 takes the new content

All of these are (m,); each W_x is (m, n), each W_h (m, m), each b (m,); * is the Hadamard product.
The three blocks are kept one below another, in the order z, r, g: W_x (3m, n), W_h (3m, m),
b (3m,). b_h (m,) stands alone and is there only with the reset after: r_t scales it, but not b_g.

========================================  ======  =====
who                                       reset   z
========================================  ======  =====
Cho et al. (2014)                         before  keeps
Chung et al. (2014)                       before  takes
PyTorch; Keras, ``reset_after=True``      after   keeps
Keras, ``reset_after=False``              before  keeps
========================================  ======  =====

Sources: K. Cho et al. (2014), Learning phrase representations using RNN encoder–decoder for
statistical machine translation, EMNLP, https://doi.org/10.3115/v1/D14-1179; J. Chung et al. (2014),
Empirical evaluation of gated recurrent neural networks on sequence modeling,
https://arxiv.org/abs/1412.3555.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar, Literal

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from unrolled.cells import sequence
from unrolled.cells.sequence import Trace
from unrolled.gates import Array, sigmoid_slope

Reset = Literal["before", "after"]
Update = Literal["keeps", "takes"]


def gru_parameters(n: int, m: int, *, reset: Reset = "after", biases: int = 1) -> int:
    """Return the number of parameters: 3(m(n + m) + m), and m more where the reset comes after.

    Args:
        n: inputs.
        m: places in the state.
        reset: whether the state is reset "before" or "after" the recurrent product.
        biases: 1 here and in Keras with ``reset_after=False``; 2 in PyTorch and in Keras with
            ``reset_after=True``: 3(m(n + m) + 2m), of which b_h is one already.
    """
    extra = m if reset == "after" and biases == 1 else 0
    return 3 * (m * (n + m) + biases * m) + extra


@dataclass(frozen=True)
class GRUTrace(Trace):
    """What a GRU did on a batch of sequences, kept for the way back.

    Attributes:
        z: update gates, time-major, (T, B, m), as are the next three.
        r: reset gates.
        g: candidates.
        q: with the reset before: r_t * h_{t-1}; after: W_hg h_{t-1} + b_h.
    """

    z: Array
    r: Array
    g: Array
    q: Array

    def gate(self, name: str) -> Array:
        """Return a gate ("z", "r") or the candidate ("g") at every step, (B, T, m)."""
        return {"z": self.z, "r": self.r, "g": self.g}[name].swapaxes(0, 1)


@dataclass(frozen=True)
class GRUGradients:
    """Derivatives of a loss, each of the shape of what it is a derivative by; x is (B, T, n)."""

    W_x: Array
    W_h: Array
    b: Array
    b_h: Array | None
    x: Array
    h0: Array

    @property
    def initial(self) -> tuple[Array, ...]:
        """The derivatives by the initial state: (h0,)."""
        return (self.h0,)


@dataclass
class GRU:
    """A layer of m gated recurrent units.

    Attributes:
        W_x: weights from the input, (3m, n): the blocks z, r, g.
        W_h: weights from the state, (3m, m).
        b: biases, (3m,).
        b_h: the candidate's bias inside the reset, (m,), where the reset comes after; zeros if it
            is left out. None where the reset comes before.
        reset: whether the state is reset "before" or "after" the recurrent product.
        update: whether z_t = 1 "keeps" the old state or "takes" the new content.
    """

    W_x: Array
    W_h: Array
    b: Array
    b_h: Array | None = None
    reset: Reset = "after"
    update: Update = "keeps"

    order: ClassVar[str] = "zrg"
    state_names: ClassVar[tuple[str, ...]] = ("h",)

    def __post_init__(self) -> None:
        if self.reset not in ("before", "after"):
            raise ValueError(f"reset must be 'before' or 'after', not {self.reset!r}")
        if self.update not in ("keeps", "takes"):
            raise ValueError(f"update must be 'keeps' or 'takes', not {self.update!r}")
        self.W_x, self.W_h, self.b, self.b_h = sequence.read_parameters(
            W_x=self.W_x, W_h=self.W_h, b=self.b, b_h=self.b_h
        )
        sequence.check_shapes(self.W_x, self.W_h, self.b, 3)
        if self.reset == "after" and self.b_h is None:
            self.b_h = np.zeros(self.size, dtype=self.b.dtype)
        if self.reset == "before" and self.b_h is not None:
            raise ValueError("b_h is for reset='after'; with reset='before' b_g does its work")
        if self.b_h is not None and self.b_h.shape != (self.size,):
            raise ValueError(f"b_h must be ({self.size},), not {self.b_h.shape}")

    @classmethod
    def random(
        cls,
        inputs: int,
        size: int,
        rng: np.random.Generator,
        *,
        reset: Reset = "after",
        update: Update = "keeps",
        scale: float = 0.1,
        dtype: DTypeLike = np.float64,
    ) -> GRU:
        """Return a layer with small random weights and no biases.

        Args:
            inputs: n.
            size: m.
            rng: the source of the weights.
            reset: "before" or "after" the recurrent product.
            update: what z_t = 1 does: "keeps" or "takes".
            scale: standard deviation of the weights.
            dtype: float64 or float32.
        """
        return cls(
            W_x=rng.normal(0, scale, (3 * size, inputs)).astype(dtype),
            W_h=rng.normal(0, scale, (3 * size, size)).astype(dtype),
            b=np.zeros(3 * size, dtype=dtype),
            reset=reset,
            update=update,
        )

    @property
    def inputs(self) -> int:
        """The number of inputs, n."""
        return self.W_x.shape[1]

    @property
    def size(self) -> int:
        """The number of places in the state, m."""
        return len(self.W_x) // 3

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name."""
        named = {"W_x": self.W_x, "W_h": self.W_h, "b": self.b, "b_h": self.b_h}
        return {name: array for name, array in named.items() if array is not None}

    def part(self, gate: str) -> tuple[Array, Array, Array]:
        """Return one block's W_x (m, n), W_h (m, m) and b (m,), as views that can be written to.

        Args:
            gate: "z", "r", or "g" for the candidate.

        Raises:
            ValueError: there is no such block.
        """
        if gate not in tuple(self.order):
            raise ValueError(f"gate must be one of {', '.join(self.order)}, not {gate!r}")
        k, m = self.order.index(gate), self.size
        rows = slice(k * m, (k + 1) * m)
        return self.W_x[rows], self.W_h[rows], self.b[rows]

    def count(self) -> int:
        """Return the number of parameters: 3(m(n + m) + m), and m if the reset comes after."""
        return gru_parameters(self.inputs, self.size, reset=self.reset)

    def rewritten(self, update: Update) -> GRU:
        """Return a copy with the same outputs that reads its update gate in the given way.

        As 1 - σ(a) = σ(-a), the other reading needs the update gate's parameters negated.

        Args:
            update: "keeps" or "takes".
        """
        copies: dict[str, Any] = {name: p.copy() for name, p in self.parameters.items()}
        copy = replace(self, **copies, update=update)
        if update != self.update:
            for array in copy.part("z"):
                np.negative(array, out=array)
        return copy

    def forward(
        self, x: ArrayLike, h0: ArrayLike | None = None, *, mask: ArrayLike | None = None
    ) -> GRUTrace:
        """Run the layer along a batch of sequences, in the dtype of its weights.

        Args:
            x: inputs, (B, T, n).
            h0: state before the first step, (B, m); zeros by default.
            mask: (B, T), True at real steps; a padded step holds the state.

        Returns:
            The trace: ``states`` (B, T, m), ``last`` (h,), ``gate(name)``.

        Raises:
            ValueError: a shape does not fit.
        """
        x = sequence.read_inputs(x, self.inputs, self.W_x.dtype)
        time, batch, _ = x.shape
        m = self.size
        pad = sequence.read_mask(mask, batch, time)
        W_h, W_hg = self.W_h[: 2 * m], self.W_h[2 * m :]  # of z and r; of the candidate

        gates = sequence.project(x, self.W_x, self.b)  # (T, B, 3m): W_x x_t + b for every t
        z, r, g = sequence.split(gates, 3)  # each (T, B, m)
        zr = gates[:, :, : 2 * m]
        h = np.empty((time + 1, batch, m), dtype=gates.dtype)
        h[0] = sequence.read_state("h0", h0, batch, m, gates.dtype)
        q = np.empty_like(h[1:])
        for t in range(time):
            if self.reset == "after":
                recurrent = h[t] @ self.W_h.T  # (B, 3m), one product for z, r and the candidate
                np.add(zr[t], recurrent[:, : 2 * m], out=zr[t])
                q[t] = recurrent[:, 2 * m :] + self.b_h
                sequence.sigmoid(zr[t], out=zr[t])
                g[t] += r[t] * q[t]
            else:
                zr[t] += h[t] @ W_h.T  # (B, 2m)
                sequence.sigmoid(zr[t], out=zr[t])
                np.multiply(r[t], h[t], out=q[t])
                g[t] += q[t] @ W_hg.T
            np.tanh(g[t], out=g[t])
            if self.update == "keeps":
                h[t + 1] = z[t] * h[t] + (1 - z[t]) * g[t]
            else:
                h[t + 1] = (1 - z[t]) * h[t] + z[t] * g[t]
            sequence.hold(h[t + 1], h[t], pad, t)
        return GRUTrace(x, h, pad, z, r, g, q)

    def backward(
        self, trace: GRUTrace, d_states: ArrayLike | None = None, d_h: ArrayLike | None = None
    ) -> GRUGradients:
        """Backpropagate through time.

        With d_t = dL/dh_t, all paths included, a^z_t the pre-activation of z_t and so on, u_t what
        the candidate's share is (1 - z_t or z_t), one step of the chain rule is::

            dL/da^z_t = ± d_t * (g_t - h_{t-1}) * z_t (1 - z_t)      + takes, - keeps
            dL/da^g_t = d_t * u_t * (1 - g_t²)
            before:     dL/dq_t   = W_hg^T dL/da^g_t                 q_t = r_t * h_{t-1}
                        dL/da^r_t = dL/dq_t * h_{t-1} * r_t (1 - r_t)
            after:      dL/dq_t   = dL/da^g_t * r_t                  q_t = W_hg h_{t-1} + b_h
                        dL/da^r_t = dL/da^g_t * q_t * r_t (1 - r_t)
            dL/dh_{t-1} = d_t * (1 - u_t) + W_hz^T dL/da^z_t + W_hr^T dL/da^r_t
                          + (before: dL/dq_t * r_t, after: W_hg^T dL/dq_t)

        plus the loss's own derivative by h_{t-1}.

        Args:
            trace: what ``forward`` returned.
            d_states: the loss's own derivative by each state, (B, T, m); zeros by default.
            d_h: its derivative by ``trace.last``, (B, m), beside that; zeros by default.

        Raises:
            ValueError: a shape does not fit.
        """
        x, h, pad = trace.x, trace.h, trace.pad
        z, r, g, q = trace.z, trace.r, trace.g, trace.q
        time, batch, _ = x.shape
        m = self.size
        W_h, W_hg = self.W_h[: 2 * m], self.W_h[2 * m :]
        own = sequence.read_d_states(d_states, trace)
        d = sequence.read_state("d_h", d_h, batch, m, h.dtype)  # dL/dh_T

        d_a = np.empty((time, batch, 3 * m), dtype=h.dtype)  # by pre-activations
        d_z, d_r, d_g = sequence.split(d_a, 3)
        d_zr = d_a[:, :, : 2 * m]
        d_q = np.empty_like(q)
        for t in reversed(range(time)):
            if own is not None:
                d += own[t]
            aside = sequence.set_aside(d, pad, t)

            new = z[t] if self.update == "takes" else 1 - z[t]  # u_t
            d_new = d * (g[t] - h[t])
            slope = sigmoid_slope(z[t])
            d_z[t] = d_new * (slope if self.update == "takes" else -slope)
            d_g[t] = d * new * (1 - g[t] ** 2)
            d = d * (1 - new) + aside
            if self.reset == "after":
                np.multiply(d_g[t], r[t], out=d_q[t])
                d_r[t] = d_g[t] * q[t] * sigmoid_slope(r[t])
                d += d_q[t] @ W_hg
            else:
                np.matmul(d_g[t], W_hg, out=d_q[t])
                d_r[t] = d_q[t] * h[t] * sigmoid_slope(r[t])
                d += d_q[t] * r[t]
            d += d_zr[t] @ W_h

        if self.reset == "after":
            d_W_hg, d_b_h = sequence.sum_of_products(d_q, h[:-1]), d_q.sum(axis=(0, 1))
        else:
            d_W_hg, d_b_h = sequence.sum_of_products(d_g, q), None
        return GRUGradients(
            W_x=sequence.sum_of_products(d_a, x),
            W_h=np.concatenate([sequence.sum_of_products(d_zr, h[:-1]), d_W_hg]),
            b=d_a.sum(axis=(0, 1)),
            b_h=d_b_h,
            x=(d_a @ self.W_x).swapaxes(0, 1),
            h0=d,
        )
