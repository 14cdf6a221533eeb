"""What the recurrent cells share: batches of sequences, masks, traces, gradients of weights.

Arrays come in and go out batch-first, (B, T, ...). Inside, a cell works time-major, (T, B, ...):
one step of the whole batch then lies together in memory, and the gradients of the weights, which
are sums over all steps, cost one large product after the loop back instead of T small ones in it.

A mask (B, T) tells real steps (True) from padding (False). A padded step holds the state,
s_t = s_{t-1}, whatever the input. So the last state is the state after the last *real* step, and
the output at a padded step repeats it, as in Keras' layers of one direction. ``zero_padding`` makes
those outputs zeros, as PyTorch's ``pad_packed_sequence`` and Keras' ``Bidirectional`` do. (One
corner differs: when a sequence *begins* with padding, Keras writes zeros there, and we the initial
state; by default that is zero too.)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from unrolled.gates import Array

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Trace:
    """What a cell did on a batch of sequences, kept for the way back.

    Attributes:
        x: inputs, time-major, (T, B, n).
        h: states, time-major, (T + 1, B, m): ``h[0]`` is the initial state and ``h[t]`` the state
            after t steps.
        pad: where a step is padding, time-major, (T, B, 1); None without a mask.
    """

    x: Array
    h: Array
    pad: Mask | None

    @property
    def states(self) -> Array:
        """The states h_1 … h_T, (B, T, m): the cell's outputs."""
        return self.h[1:].swapaxes(0, 1)

    @property
    def last(self) -> tuple[Array, ...]:
        """The state after the last step: (h_T,), or (h_T, c_T) of an LSTM, each (B, m)."""
        return (self.h[-1],)


def padding_mask(lengths: ArrayLike, time: int | None = None) -> Mask:
    """Return the mask of sequences padded at their ends.

    Args:
        lengths: how many real steps each sequence has, (B,).
        time: T; the longest length by default.

    Returns:
        (B, T), True at real steps.

    Raises:
        ValueError: a length is negative or exceeds ``time``.
    """
    lengths = np.asarray(lengths)
    if lengths.ndim != 1 or not np.issubdtype(lengths.dtype, np.integer):
        raise ValueError("lengths must be a one-dimensional array of integers, one per sequence")
    if time is None:
        time = int(lengths.max(initial=0))
    if lengths.min(initial=0) < 0 or lengths.max(initial=0) > time:
        raise ValueError(f"lengths must lie between 0 and {time}, the number of steps")
    return np.arange(time) < lengths[:, None]


def zero_padding(states: Array, mask: ArrayLike) -> Array:
    """Return the states with zeros at padded steps, as PyTorch and Keras' Bidirectional give them.

    Args:
        states: (B, T, m).
        mask: (B, T), True at real steps.
    """
    return np.where(np.asarray(mask, dtype=bool)[..., None], states, states.dtype.type(0))


def read_inputs(x: ArrayLike, inputs: int, dtype: DTypeLike) -> Array:
    """Return a batch of sequences (B, T, n) time-major, (T, B, n), in the cell's dtype.

    Raises:
        ValueError: ``x`` has not this shape.
    """
    x = np.asarray(x)
    if x.ndim != 3 or x.shape[2] != inputs:
        raise ValueError(f"x must be (batch, time, {inputs}), not {x.shape}")
    return np.ascontiguousarray(x.swapaxes(0, 1), dtype=dtype)


def read_state(name: str, s: ArrayLike | None, batch: int, size: int, dtype: DTypeLike) -> Array:
    """Return a copy of a state (B, m), or of its gradient, in the cell's dtype; None is zeros.

    Raises:
        ValueError: the state has not this shape.
    """
    if s is None:
        return np.zeros((batch, size), dtype=dtype)
    s = np.array(s, dtype=dtype)
    if s.shape != (batch, size):
        raise ValueError(f"{name} must be ({batch}, {size}), not {s.shape}")
    return s


def read_d_states(d_states: ArrayLike | None, trace: Trace) -> Array | None:
    """Return the loss's derivative by the states time-major, (T, B, m).

    Raises:
        ValueError: it has not the shape of the states.
    """
    if d_states is None:
        return None
    d_states = np.asarray(d_states, dtype=trace.h.dtype)
    if d_states.shape != trace.states.shape:
        raise ValueError(f"d_states must be {trace.states.shape}, not {d_states.shape}")
    return d_states.swapaxes(0, 1)


def read_mask(mask: ArrayLike | None, batch: int, time: int) -> Mask | None:
    """Return where a mask (B, T) has padding, time-major, (T, B, 1); None stays None.

    Raises:
        ValueError: the mask has not this shape.
    """
    if mask is None:
        return None
    mask = np.asarray(mask, dtype=bool)
    if mask.shape != (batch, time):
        raise ValueError(
            f"mask must be ({batch}, {time}), True at real steps, not {mask.shape}; "
            "padding_mask makes one from the sequences' lengths"
        )
    return ~mask.T[:, :, None]


def read_parameters(**parameters: ArrayLike | None) -> list[Any]:
    """Return the parameters as arrays of one floating dtype; None stays None.

    An array that has this dtype already is kept, not copied, so that it can be trained in place.
    """
    arrays = [None if p is None else np.asarray(p) for p in parameters.values()]
    dtype = np.result_type(*(a for a in arrays if a is not None))
    if not np.issubdtype(dtype, np.floating):
        dtype = np.dtype(np.float64)
    return [None if a is None else a.astype(dtype, copy=False) for a in arrays]


def check_shapes(W_x: Array, W_h: Array, b: Array, blocks: int) -> None:
    """Check that the weights of ``blocks`` gates of m rows each fit together.

    Raises:
        ValueError: they do not.
    """
    if W_x.ndim != 2 or not len(W_x) or len(W_x) % blocks:
        rows = f"{blocks}m" if blocks > 1 else "m"
        raise ValueError(f"W_x must be a matrix ({rows}, n), not of shape {W_x.shape}")
    k, m = len(W_x), len(W_x) // blocks
    if W_h.shape != (k, m) or b.shape != (k,):
        raise ValueError(
            f"with W_x of shape {W_x.shape}, W_h must be ({k}, {m}) and b ({k},), "
            f"not {W_h.shape} and {b.shape}"
        )


def project(x: Array, W_x: Array, b: Array) -> Array:
    """Return W_x x_t + b for all steps in one product, (T, B, k).

    Args:
        x: inputs, time-major, (T, B, n).
        W_x: weights, (k, n).
        b: biases, (k,).
    """
    time, batch, n = x.shape
    a = x.reshape(time * batch, n) @ W_x.T
    a += b
    return a.reshape(time, batch, len(W_x))


def sum_of_products(d_a: Array, s: Array) -> Array:
    """Return the sum over all steps and sequences of d_a s^T in one product: a weight's gradient.

    Args:
        d_a: the loss's derivative by pre-activations, time-major, (T, B, k).
        s: what the weight multiplied, time-major, (T, B, m).

    Returns:
        (k, m).
    """
    steps = d_a.shape[0] * d_a.shape[1]
    return d_a.reshape(steps, d_a.shape[2]).T @ s.reshape(steps, s.shape[2])


def split(a: Array, blocks: int) -> list[Array]:
    """Return views of the equal blocks that lie beside one another in the last axis."""
    m = a.shape[-1] // blocks
    return [a[..., k * m : (k + 1) * m] for k in range(blocks)]


def sigmoid(a: Array, out: Array) -> None:
    """Write (1 + tanh(a / 2)) / 2, the sigmoid, into ``out``; both may be the same array.

    tanh cannot overflow and NumPy computes it fast. The error is at most that of rounding 1;
    ``unrolled.gates.sigmoid`` also keeps the tiny values of the lower tail exact, but is slower.
    """
    np.multiply(a, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1
    out *= 0.5


def hold(new: Array, old: Array, pad: Mask | None, t: int) -> None:
    """Put the old state back into ``new`` where step ``t`` is padding."""
    if pad is not None:
        np.copyto(new, old, where=pad[t])


def set_aside(d: Array, pad: Mask | None, t: int) -> Array | float:
    """Take the gradients of padded sequences out of ``d`` and return them.

    A held state passes its gradient on unchanged, past the cell: the cell's step back sees zeros
    for these sequences, and what was set aside is added after it.
    """
    if pad is None:
        return 0.0
    aside = np.where(pad[t], d, d.dtype.type(0))
    np.copyto(d, 0, where=pad[t])
    return aside
