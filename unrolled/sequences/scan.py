"""A linear recurrence, h_t = a_t * h_{t-1} + b_t, step by step and by a parallel scan.

Each step is a function of the state, h ↦ a_t * h + b_t, and the function is known before the state
is: neither a_t nor b_t depends on h_{t-1}. Two such functions, one after the other, are one more::

    h ↦ a h + b,  then  h ↦ a' h + b'     is     h ↦ (a' a) h + (a' b + b')

This composition is associative, so the T functions may be composed in any grouping, many pairs at
a time. With (A_t, B_t) the composition of the first t, h_t = A_t * h_0 + B_t.

==============  =========================  ==================================================
method          compositions               rounds, one after another
==============  =========================  ==================================================
``loop``        T - 1                      T - 1
``doubling``    about T log2 T             ⌈log2 T⌉; after r of them (A_t, B_t) spans 2^r steps
``tree``        less than 2T               about 2 log2 T: up the tree, and down again
==============  =========================  ==================================================

Were h_{t-1} inside a_t, as in the gates of an LSTM or a GRU, the functions would not be known
before the states, and nothing could be composed ahead of time.

The way back is a linear recurrence too, from the end: with d_t = dL/dh_t, all paths included::

    d_t = own_t + a_{t+1} * d_{t+1}
    dL/db_t = d_t        dL/da_t = d_t * h_{t-1}        dL/dh_0 = a_1 * d_1

Sources: W. D. Hillis, G. L. Steele (1986), Data parallel algorithms, Communications of the ACM,
https://doi.org/10.1145/7902.7903 (doubling); G. E. Blelloch (1990), Prefix sums and their
applications, Carnegie Mellon University, CMU-CS-90-190 (the tree, and recurrences by scans);
E. Martin, C. Cundy (2018), Parallelizing linear recurrent neural nets over sequence length, ICLR,
https://arxiv.org/abs/1709.04057 (the way back).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from unrolled.sequences.shapes import Numbers, read, read_or_zeros

Method = Literal["loop", "doubling", "tree"]
Pair = tuple[Numbers, Numbers]


def compose(first: Pair, then: Pair) -> Pair:
    """Return (a, b) of the function that does ``first``, and ``then`` what comes after it."""
    (a, b), (a_, b_) = first, then
    return a_ * a, a_ * b + b_


def _loop(a: Numbers, b: Numbers) -> Pair:
    """Compose from the left, one step after another."""
    a, b = a.copy(), b.copy()
    for t in range(1, len(a)):
        a[t], b[t] = compose((a[t - 1], b[t - 1]), (a[t], b[t]))
    return a, b


def _doubling(a: Numbers, b: Numbers) -> Pair:
    """Compose every span with the span that ends where it begins; spans double (Hillis–Steele)."""
    span = 1
    while span < len(a):
        longer = compose((a[:-span], b[:-span]), (a[span:], b[span:]))
        a, b = (np.concatenate([old[:span], new]) for old, new in zip((a, b), longer, strict=True))
        span *= 2
    return a, b


def _tree(a: Numbers, b: Numbers) -> Pair:
    """Compose neighbours in pairs, scan the half as many pairs, fill in between (Blelloch)."""
    time = len(a)
    if time < 2:
        return a, b
    pairs = compose((a[: time - 1 : 2], b[: time - 1 : 2]), (a[1::2], b[1::2]))  # up
    at_odd = _tree(*pairs)  # ends of pairs: steps 1, 3, 5, …, counted from 0
    A, B = np.empty_like(a), np.empty_like(b)
    A[0], B[0] = a[0], b[0]
    A[1::2], B[1::2] = at_odd
    before = len(a[2::2])
    A[2::2], B[2::2] = compose((at_odd[0][:before], at_odd[1][:before]), (a[2::2], b[2::2]))  # down
    return A, B


_SCANS: dict[str, Callable[[Numbers, Numbers], Pair]] = {
    "loop": _loop,
    "doubling": _doubling,
    "tree": _tree,
}


def cost(time: int, method: Method) -> tuple[int, int]:
    """Return how many compositions a scan of T steps makes, and in how many rounds.

    Args:
        time: T, at least 1.
        method: "loop", "doubling" or "tree".

    Raises:
        ValueError: there is no such method, or no step.
    """
    _check(method)
    if time < 1:
        raise ValueError(f"a sequence has at least one step, not {time}")
    if method == "loop":
        return time - 1, time - 1
    if method == "doubling":
        spans = [2**r for r in range((time - 1).bit_length())]
        return sum(time - span for span in spans), len(spans)
    if time == 1:
        return 0, 0
    work, rounds = cost(time // 2, "tree")
    down = (time - 1) // 2
    return work + time // 2 + down, rounds + 1 + (down > 0)


def linear_recurrence(
    a: ArrayLike, b: ArrayLike, h0: ArrayLike | None = None, *, method: Method = "loop"
) -> Numbers:
    """Return the states of h_t = a_t * h_{t-1} + b_t.

    Args:
        a: decays, (B, T, …), real or complex.
        b: what is written, of the same shape.
        h0: state before the first step, (B, …); zeros by default.
        method: "loop" goes step by step; "doubling" and "tree" scan in parallel.

    Returns:
        h_1 … h_T, (B, T, …).

    Raises:
        ValueError: a shape does not fit, or there is no such method.
    """
    _check(method)
    a = _read_sequences("a", a)
    b = read("b", b, *a.shape)
    dtype = np.result_type(a, b) if h0 is None else np.result_type(a, b, np.asarray(h0))
    batch, time, *rest = a.shape
    h0 = read_or_zeros("h0", h0, batch, *rest, dtype=dtype)
    a, b = (np.ascontiguousarray(s.swapaxes(0, 1), dtype=dtype) for s in (a, b))  # time-major
    if method == "loop":
        h = np.empty_like(b)
        state = h0
        for t in range(time):
            state = a[t] * state + b[t]
            h[t] = state
    else:
        A, B = _SCANS[method](a, b)
        h = A * h0 + B
    return h.swapaxes(0, 1)


@dataclass(frozen=True)
class RecurrenceGradients:
    """Derivatives of a loss by a and b, (B, T, …), and by h0, (B, …)."""

    a: Numbers
    b: Numbers
    h0: Numbers


def linear_recurrence_back(
    a: ArrayLike,
    h: ArrayLike,
    d_h: ArrayLike,
    h0: ArrayLike | None = None,
    *,
    method: Method = "loop",
) -> RecurrenceGradients:
    """Return the derivatives of a loss from its own derivatives by the states.

    Args:
        a: decays, (B, T, …), real.
        h: the states, as :func:`linear_recurrence` returned them.
        d_h: the loss's own derivative by each state, of the same shape.
        h0: state before the first step, (B, …); zeros by default.
        method: how the recurrence from the end is computed.

    Raises:
        ValueError: a shape does not fit, there is no such method, or numbers are complex.
    """
    h = _read_sequences("h", h)
    a, d_h = read("a", a, *h.shape), read("d_h", d_h, *h.shape)
    if any(np.iscomplexobj(s) for s in (a, h, d_h)):
        raise ValueError("the way back is for real numbers; give real a, h and d_h")
    h0 = read_or_zeros("h0", h0, len(h), *h.shape[2:], dtype=h.dtype)
    later = np.zeros_like(a)  # a_{t+1}
    later[:, :-1] = a[:, 1:]
    d = linear_recurrence(later[:, ::-1], d_h[:, ::-1], method=method)[:, ::-1]
    earlier = np.concatenate([h0[:, None], h[:, :-1]], axis=1)  # h_{t-1}
    return RecurrenceGradients(d * earlier, d, a[:, 0] * d[:, 0])


def _check(method: str) -> None:
    if method not in _SCANS:
        raise ValueError(f"method must be one of {', '.join(_SCANS)}, not {method!r}")


def _read_sequences(name: str, array: ArrayLike) -> Numbers:
    array = np.asarray(array)
    if array.ndim < 2 or not array.shape[1]:
        raise ValueError(
            f"{name} must be (batch, time, ...) with a step at least, not {array.shape}"
        )
    return read(name, array, *array.shape)
