"""Long short-term memory: a cell c that is added to, and gates that forget, write and read.

::

    f_t = σ(W_xf x_t + W_hf h_{t-1} + b_f)        forget gate: 1 keeps the cell
    i_t = σ(W_xi x_t + W_hi h_{t-1} + b_i)        input gate: 1 writes the candidate
    o_t = σ(W_xo x_t + W_ho h_{t-1} + b_o)        output gate: 1 shows the cell
    g_t = tanh(W_xg x_t + W_hg h_{t-1} + b_g)     candidate
    c_t = f_t * c_{t-1} + i_t * g_t               cell
    h_t = o_t * tanh(c_t)                         hidden state and output

All of these are (m,); each W_x is (m, n), each W_h (m, m), each b (m,); * is the Hadamard product.
The four blocks are kept one below another, in the order f, i, o, g: W_x (4m, n), W_h (4m, m),
b (4m,), so that one product serves all gates; with W = [W_x W_h], (4m, n + m), it is the product
W ⟨x_t, h_{t-1}⟩ with the concatenation of input and hidden state.

Two options:

* peepholes let the gates see the cell, each place its own: p_f * c_{t-1} is added in f_t's
  brackets, p_i * c_{t-1} in i_t's, p_o * c_t (the *new* cell) in o_t's;
* coupled gates write exactly where they forget: i_t = 1 - f_t; the blocks are then f, o, g.

Sources: S. Hochreiter, J. Schmidhuber (1997), Long short-term memory, Neural Computation 9(8),
https://doi.org/10.1162/neco.1997.9.8.1735 (without a forget gate); F. A. Gers, J. Schmidhuber,
F. Cummins (2000), Learning to forget, Neural Computation 12(10),
https://doi.org/10.1162/089976600300015015 (the forget gate); F. A. Gers, J. Schmidhuber (2000),
Recurrent nets that time and count, IJCNN, https://doi.org/10.1109/IJCNN.2000.861302 (peepholes);
K. Greff et al. (2017), LSTM: a search space odyssey, https://doi.org/10.1109/TNNLS.2016.2582924
(coupled gates, "CIFG").
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from unrolled.cells import sequence
from unrolled.cells.sequence import Trace
from unrolled.gates import Array, sigmoid_slope


def lstm_parameters(
    n: int, m: int, *, peepholes: bool = False, coupled: bool = False, biases: int = 1
) -> int:
    """Return the number of parameters: 4(m(n + m) + m).

    Args:
        n: inputs.
        m: places in the cell.
        peepholes: with one more weight for each gate (not the candidate) and place.
        coupled: without the input gate: three blocks instead of four.
        biases: 1 here and in Keras; 2 in PyTorch, which adds one to W_x x and another to W_h h.
    """
    blocks = 3 if coupled else 4
    return blocks * (m * (n + m) + biases * m) + peepholes * (blocks - 1) * m


@dataclass(frozen=True)
class LSTMTrace(Trace):
    """What an LSTM did on a batch of sequences, kept for the way back.

    Attributes:
        xh: ⟨x_t, h_{t-1}⟩, time-major, (T + 1, B, n + m); x and h are views of it.
        c: cells, time-major, (T + 1, B, m): ``c[0]`` is the initial cell.
        f: forget gates, time-major, (T, B, m), as are the next four.
        i: input gates.
        o: output gates.
        g: candidates.
        tanh_c: tanh of the cells.
    """

    xh: Array
    c: Array
    f: Array
    i: Array
    o: Array
    g: Array
    tanh_c: Array

    @property
    def cells(self) -> Array:
        """The cells c_1 … c_T, (B, T, m)."""
        return self.c[1:].swapaxes(0, 1)

    @property
    def last(self) -> tuple[Array, ...]:
        """The state after the last step: (h_T, c_T), each (B, m)."""
        return self.h[-1], self.c[-1]

    def gate(self, name: str) -> Array:
        """Return a gate ("f", "i", "o") or the candidate ("g") at every step, (B, T, m)."""
        return {"f": self.f, "i": self.i, "o": self.o, "g": self.g}[name].swapaxes(0, 1)


@dataclass(frozen=True)
class LSTMGradients:
    """Derivatives of a loss, each of the shape of what it is a derivative by; x is (B, T, n)."""

    W_x: Array
    W_h: Array
    b: Array
    P: Array | None
    x: Array
    h0: Array
    c0: Array

    @property
    def initial(self) -> tuple[Array, ...]:
        """The derivatives by the initial state: (h0, c0)."""
        return self.h0, self.c0


@dataclass
class LSTM:
    """A layer of m memory cells.

    Attributes:
        W_x: weights from the input, (4m, n): the blocks f, i, o, g; (3m, n), f, o, g, if coupled.
        W_h: weights from the hidden state, (4m, m) or (3m, m).
        b: biases, (4m,) or (3m,).
        P: peepholes, one row for each gate: p_f, p_i, p_o, (3, m), or p_f, p_o, (2, m), if coupled;
            None without peepholes.
        coupled: whether i_t = 1 - f_t.
    """

    W_x: Array
    W_h: Array
    b: Array
    P: Array | None = None
    coupled: bool = False

    state_names: ClassVar[tuple[str, ...]] = ("h", "c")

    def __post_init__(self) -> None:
        self.W_x, self.W_h, self.b, self.P = sequence.read_parameters(
            W_x=self.W_x, W_h=self.W_h, b=self.b, P=self.P
        )
        sequence.check_shapes(self.W_x, self.W_h, self.b, len(self.order))
        gates = len(self.order) - 1
        if self.P is not None and self.P.shape != (gates, self.size):
            raise ValueError(f"P must be ({gates}, {self.size}), not {self.P.shape}")

    @classmethod
    def random(
        cls,
        inputs: int,
        size: int,
        rng: np.random.Generator,
        *,
        peepholes: bool = False,
        coupled: bool = False,
        forget_bias: float = 0.0,
        scale: float = 0.1,
        dtype: DTypeLike = np.float64,
    ) -> LSTM:
        """Return a layer with small random weights.

        Args:
            inputs: n.
            size: m.
            rng: the source of the weights.
            peepholes: whether the gates see the cell.
            coupled: whether i_t = 1 - f_t.
            forget_bias: where the forget gate's bias starts; the other biases start at 0.
            scale: standard deviation of the weights.
            dtype: float64 or float32.
        """
        blocks = 3 if coupled else 4
        cell = cls(
            W_x=rng.normal(0, scale, (blocks * size, inputs)).astype(dtype),
            W_h=rng.normal(0, scale, (blocks * size, size)).astype(dtype),
            b=np.zeros(blocks * size, dtype=dtype),
            P=rng.normal(0, scale, (blocks - 1, size)).astype(dtype) if peepholes else None,
            coupled=coupled,
        )
        cell.part("f")[2][:] = forget_bias
        return cell

    @property
    def order(self) -> str:
        """The blocks in the order of their rows."""
        return "fog" if self.coupled else "fiog"

    @property
    def inputs(self) -> int:
        """The number of inputs, n."""
        return self.W_x.shape[1]

    @property
    def size(self) -> int:
        """The number of cells, m."""
        return len(self.W_x) // len(self.order)

    @property
    def parameters(self) -> dict[str, Array]:
        """The arrays that are learned, by name."""
        named = {"W_x": self.W_x, "W_h": self.W_h, "b": self.b, "P": self.P}
        return {name: array for name, array in named.items() if array is not None}

    def part(self, gate: str) -> tuple[Array, Array, Array]:
        """Return one block's W_x (m, n), W_h (m, m) and b (m,), as views that can be written to.

        Args:
            gate: "f", "i" (unless coupled), "o", or "g" for the candidate.

        Raises:
            ValueError: there is no such block.
        """
        if gate not in tuple(self.order):
            raise ValueError(f"gate must be one of {', '.join(self.order)}, not {gate!r}")
        k, m = self.order.index(gate), self.size
        rows = slice(k * m, (k + 1) * m)
        return self.W_x[rows], self.W_h[rows], self.b[rows]

    def count(self) -> int:
        """Return the number of parameters: 4(m(n + m) + m), and 3m peepholes; see the options."""
        return lstm_parameters(
            self.inputs, self.size, peepholes=self.P is not None, coupled=self.coupled
        )

    def uncoupled(self) -> LSTM:
        """Return an LSTM with an input gate of its own and the same outputs as this coupled one.

        As 1 - σ(a) = σ(-a), its input gate has the forget gate's parameters, negated. Training
        would move the two apart: the tie is gone, and m(n + m) + m parameters are added.
        """
        if not self.coupled:
            return self

        def untie(a: Array) -> Array:
            f, o, g = np.split(a, 3)
            return np.concatenate([f, -f, o, g])

        P = None if self.P is None else np.stack([self.P[0], -self.P[0], self.P[1]])
        return LSTM(untie(self.W_x), untie(self.W_h), untie(self.b), P)

    def _blocks(self, packed: Array) -> list[Any]:
        """Return views of the blocks f, i, o, g of (..., 4m); None for i if coupled."""
        blocks = dict(zip(self.order, sequence.split(packed, len(self.order)), strict=True))
        return [blocks.get(gate) for gate in "fiog"]

    def _peepholes(self) -> list[Array | None]:
        """Return p_f, p_i, p_o, each (m,); None for those that are not there."""
        gates = self.order[:-1]
        rows = {} if self.P is None else dict(zip(gates, self.P, strict=True))
        return [rows.get(gate) for gate in "fio"]

    def forward(
        self,
        x: ArrayLike,
        h0: ArrayLike | None = None,
        c0: ArrayLike | None = None,
        *,
        mask: ArrayLike | None = None,
    ) -> LSTMTrace:
        """Run the layer along a batch of sequences, in the dtype of its weights.

        Args:
            x: inputs, (B, T, n).
            h0: hidden state before the first step, (B, m); zeros by default.
            c0: cell before the first step, (B, m); zeros by default.
            mask: (B, T), True at real steps; a padded step holds h and c.

        Returns:
            The trace: ``states`` and ``cells`` (B, T, m), ``last`` (h, c), ``gate(name)``.

        Raises:
            ValueError: a shape does not fit.
        """
        x = sequence.read_inputs(x, self.inputs, self.W_x.dtype)
        time, batch, n = x.shape
        m = self.size
        pad = sequence.read_mask(mask, batch, time)
        p_f, p_i, p_o = self._peepholes()

        W = np.concatenate([self.W_x, self.W_h], axis=1)  # (4m, n + m), for ⟨x_t, h_{t-1}⟩
        xh = np.empty((time + 1, batch, n + m), dtype=W.dtype)
        xh[:-1, :, :n] = x
        h = xh[:, :, n:]
        f, i, o, g, tanh_c = np.empty((5, time, batch, m), dtype=W.dtype)
        c = np.empty((time + 1, batch, m), dtype=W.dtype)
        h[0] = sequence.read_state("h0", h0, batch, m, W.dtype)
        c[0] = sequence.read_state("c0", c0, batch, m, W.dtype)
        a = np.empty((batch, len(W)), dtype=W.dtype)  # pre-activations of one step, (B, 4m)
        a_f, a_i, a_o, a_g = self._blocks(a)
        for t in range(time):
            np.matmul(xh[t], W.T, out=a)
            a += self.b
            if p_f is not None:
                a_f += p_f * c[t]
            if p_i is not None:
                a_i += p_i * c[t]
            sequence.sigmoid(a_f, out=f[t])
            if self.coupled:
                np.subtract(1, f[t], out=i[t])
            else:
                sequence.sigmoid(a_i, out=i[t])
            np.tanh(a_g, out=g[t])
            c[t + 1] = f[t] * c[t] + i[t] * g[t]
            sequence.hold(c[t + 1], c[t], pad, t)

            if p_o is not None:
                a_o += p_o * c[t + 1]
            sequence.sigmoid(a_o, out=o[t])
            np.tanh(c[t + 1], out=tanh_c[t])
            np.multiply(o[t], tanh_c[t], out=h[t + 1])
            sequence.hold(h[t + 1], h[t], pad, t)
        return LSTMTrace(xh[:-1, :, :n], h, pad, xh, c, f, i, o, g, tanh_c)

    def backward(
        self,
        trace: LSTMTrace,
        d_states: ArrayLike | None = None,
        d_h: ArrayLike | None = None,
        d_c: ArrayLike | None = None,
    ) -> LSTMGradients:
        """Backpropagate through time.

        With d^h_t = dL/dh_t and d^c_t = dL/dc_t, all paths included, a^f_t the pre-activation of
        f_t and so on, one step of the chain rule is::

            dL/da^o_t = d^h_t * tanh(c_t) * o_t (1 - o_t)
            d^c_t    += d^h_t * o_t * (1 - tanh(c_t)²)         [+ p_o * dL/da^o_t]
            dL/da^f_t = d^c_t * c_{t-1} * f_t (1 - f_t)
            dL/da^i_t = d^c_t * g_t * i_t (1 - i_t)
            dL/da^g_t = d^c_t * i_t * (1 - g_t²)
            d^c_{t-1} = d^c_t * f_t                            [+ p_f * dL/da^f_t + p_i * dL/da^i_t]
            d^h_{t-1} = W_h^T dL/da_t, all four blocks         plus the loss's own derivative

        In brackets: with peepholes. Coupled, 1 - f_t writes, so that dL/da^i_t is gone and c_{t-1}
        in the third line becomes c_{t-1} - g_t. The cell's own track back, d^c_t * f_t, passes no
        weight and no squashing.

        Args:
            trace: what ``forward`` returned.
            d_states: the loss's own derivative by each hidden state, (B, T, m); zeros by default.
            d_h: its derivative by the last hidden state, (B, m), beside that; zeros by default.
            d_c: its derivative by the last cell, (B, m); zeros by default.

        Raises:
            ValueError: a shape does not fit.
        """
        h, c, pad = trace.h, trace.c, trace.pad
        f, i, o, g, tanh_c = trace.f, trace.i, trace.o, trace.g, trace.tanh_c
        time, batch, n = trace.x.shape
        p_f, p_i, p_o = self._peepholes()
        own = sequence.read_d_states(d_states, trace)
        dh = sequence.read_state("d_h", d_h, batch, self.size, h.dtype)  # dL/dh_T
        dc = sequence.read_state("d_c", d_c, batch, self.size, h.dtype)  # dL/dc_T

        W = np.concatenate([self.W_x, self.W_h], axis=1)  # (4m, n + m)
        d_a = np.empty((time, batch, len(W)), dtype=W.dtype)  # by pre-activations, (T, B, 4m)
        d_f, d_i, d_o, d_g = self._blocks(d_a)
        d_xh = np.empty_like(trace.xh[:-1])  # (T, B, n + m)
        for t in reversed(range(time)):
            if own is not None:
                dh = dh + own[t]
            h_aside = sequence.set_aside(dh, pad, t)
            c_aside = sequence.set_aside(dc, pad, t)

            d_o[t] = dh * tanh_c[t] * sigmoid_slope(o[t])
            dc += dh * o[t] * (1 - tanh_c[t] ** 2)
            if p_o is not None:
                dc += d_o[t] * p_o
            if self.coupled:
                d_f[t] = dc * (c[t] - g[t]) * sigmoid_slope(f[t])
            else:
                d_f[t] = dc * c[t] * sigmoid_slope(f[t])
                d_i[t] = dc * g[t] * sigmoid_slope(i[t])
            d_g[t] = dc * i[t] * (1 - g[t] ** 2)

            dc *= f[t]
            if p_f is not None:
                dc += d_f[t] * p_f
            if p_i is not None:
                dc += d_i[t] * p_i
            np.matmul(d_a[t], W, out=d_xh[t])
            dh = d_xh[t, :, n:]
            if pad is not None:
                dh = dh + h_aside
                dc += c_aside
        d_W = sequence.sum_of_products(d_a, trace.xh[:-1])  # (4m, n + m)
        return LSTMGradients(
            W_x=d_W[:, :n],
            W_h=d_W[:, n:],
            b=d_a.sum(axis=(0, 1)),
            P=self._peephole_gradients(d_f, d_i, d_o, c),
            x=d_xh[:, :, :n].swapaxes(0, 1),
            h0=dh,
            c0=dc,
        )

    def _peephole_gradients(
        self, d_f: Array, d_i: Array | None, d_o: Array, c: Array
    ) -> Array | None:
        """Return dL/dP: sums over steps and sequences of dL/da times the cell that was seen."""
        if self.P is None:
            return None
        seen = [(d_f, c[:-1]), (d_i, c[:-1]), (d_o, c[1:])]
        pairs = [(d_a, cell) for d_a, cell in seen if d_a is not None]
        return np.stack([(d_a * cell).sum(axis=(0, 1)) for d_a, cell in pairs])
