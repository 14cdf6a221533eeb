"""The exercises of lab 10, "Weather": references and cases."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise

# --------------------------------------------------------------------------- split and scale


def prepare(values: np.ndarray, train: int, valid: int) -> tuple[np.ndarray, ...]:
    """Return a series cut in the order of time, each part scaled as the training part is.

    Args:
        values: the series, of shape (time, n); no column of the training part is constant.
        train: rows of the training part, which come first.
        valid: rows of the validation part, which follow; all others are for the test.

    Returns:
        The three parts, (train, n), (valid, n) and (the others, n): of every column the mean of
        the training part is taken away, and the rest is divided by its standard deviation.
    """
    mean = values[:train].mean(axis=0)
    deviation = values[:train].std(axis=0)
    scaled = (values - mean) / deviation
    return scaled[:train], scaled[train : train + valid], scaled[train + valid :]


def _prepare_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for time, n, train, valid in ((11, 3, 5, 4), (19, 2, 13, 1), (9, 4, 3, 2), (6, 1, 2, 3)):
        drift = np.linspace(0, rng.uniform(2, 5), time)[:, None]
        level, spread = rng.uniform(5, 40, n), rng.uniform(0.5, 9, n)
        yield level + spread * (rng.normal(size=(time, n)) + drift), train, valid


# --------------------------------------------------------------------------- windows


def windows(values: np.ndarray, width: int, delay: int, step: int) -> tuple[np.ndarray, np.ndarray]:
    """Return windows of many variables, and what column 0 is ``delay`` rows after each.

    Window number b holds the rows from b · step to b · step + width - 1. There are as many as have
    a target in the series.

    Args:
        values: the series, of shape (time, n).
        width: rows of a window.
        delay: rows from a window's last row to its target, at least 1.
        step: rows from the beginning of a window to that of the next.

    Returns:
        Windows (B, width, n), and targets (B,).
    """
    starts = np.arange(0, len(values) - width - delay + 1, step)
    rows = starts[:, None] + np.arange(width)
    return values[rows], values[starts + width - 1 + delay, 0]


def _window_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    sizes = (
        (17, 3, 5, 4, 1),
        (23, 2, 4, 3, 2),
        (12, 4, 1, 2, 3),
        (14, 1, 6, 7, 5),
        (9, 2, 5, 4, 2),
    )
    for time, n, width, delay, step in sizes:
        yield rng.normal(0, 1, (time, n)), width, delay, step


# --------------------------------------------------------------------------- the naive forecast


def naive_error(x: np.ndarray, y: np.ndarray, mean: float, deviation: float) -> float:
    """Return the mean absolute error in °C of a forecast that repeats the last temperature.

    Windows and targets are scaled: (temperature - mean) / deviation. The mean falls out of the
    difference.

    Args:
        x: windows, of shape (B, T, n); column 0 is the temperature.
        y: what the temperature turned out to be, of shape (B,).
        mean: of the temperature in the training part, in °C.
        deviation: its standard deviation there.
    """
    last = x[:, -1, 0]
    return float(deviation * np.abs(last - y).mean())


def _naive_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for B, T, n in ((7, 5, 3), (4, 9, 2), (1, 6, 4), (11, 1, 2)):
        x, y = rng.normal(0, 1, (B, T, n)), rng.normal(0, 1, B)
        yield x, y, float(rng.uniform(3, 12)), float(rng.uniform(4, 11))


# --------------------------------------------------------------------------- causal convolution


def causal(x: np.ndarray, K: np.ndarray, dilation: int) -> np.ndarray:
    """Return a causal, dilated convolution: no output sees what comes after it.

    y_t = Σ_j x_{t - (k - 1 - j) · dilation} K[j], j = 0, …, k - 1; before the first step x is 0.

    Args:
        x: inputs, of shape (T, n).
        K: kernel as Keras keeps it, of shape (k, n, m); its last place meets the newest input.
        dilation: steps between the inputs that a kernel sees.

    Returns:
        Shape (T, m).
    """
    T, n = x.shape
    k, _, m = K.shape
    padded = np.concatenate([np.zeros(((k - 1) * dilation, n)), x])
    y = np.zeros((T, m))
    for j in range(k):
        begin = j * dilation
        y += padded[begin : begin + T] @ K[j]
    return y


def _causal_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    sizes = ((9, 3, 2, 4, 1), (11, 2, 3, 5, 2), (7, 4, 3, 2, 4), (13, 1, 4, 3, 3), (5, 2, 1, 3, 2))
    for T, n, k, m, dilation in sizes:
        yield rng.normal(0, 1, (T, n)), rng.normal(0, 1, (k, n, m)), dilation


# --------------------------------------------------------------------------- recurrent dropout


def dropped_states(a: np.ndarray, W: np.ndarray, u: np.ndarray, rate: float) -> np.ndarray:
    """Return the states of a simple network with recurrent dropout, one mask for all steps.

    h_t = tanh(a_t + W (mask ⊙ h_{t-1})), h_0 = 0; the mask of a sequence is 1 / (1 - rate) where
    its u is at least the rate, and 0 elsewhere.

    Args:
        a: what the inputs bring, of shape (B, T, m).
        W: weights of the states, of shape (m, m).
        u: random numbers from 0 to 1 that decide, of shape (B, m).
        rate: the share that is dropped, from 0 up, less than 1.

    Returns:
        h_1 … h_T, of shape (B, T, m).
    """
    mask = (u >= rate) / (1 - rate)
    h = np.zeros_like(u)
    states = np.empty_like(a)
    for t in range(a.shape[1]):
        h = np.tanh(a[:, t] + (mask * h) @ W.T)
        states[:, t] = h
    return states


def _dropped_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for B, T, m, rate in ((3, 6, 4, 0.3), (2, 5, 3, 0.5), (1, 7, 5, 0.2), (4, 2, 3, 0.0)):
        u = rng.uniform(0, 1, (B, m))
        u[:, 0], u[:, 1] = 0.99, rate / 2  # one stays, one goes (unless nothing does)
        yield rng.normal(0, 0.7, (B, T, m)), rng.normal(0, 0.8, (m, m)), u, rate


#: The random number equals the rate: the unit stays.
_AT_THE_RATE = (
    np.linspace(-1, 1, 8).reshape(1, 4, 2),
    np.array([[0.5, -1.0], [0.25, 0.75]]),
    np.array([[0.25, 0.9]]),
    0.25,
)

# --------------------------------------------------------------------------- a round of a scan


def scan_round(a: np.ndarray, b: np.ndarray, span: int) -> tuple[np.ndarray, np.ndarray]:
    """Return what one round of a parallel scan makes of a linear recurrence.

    a_t and b_t say what the last ``span`` steps up to t do to a state: h ↦ a_t h + b_t. After the
    round they say it of the last 2 · span steps: the span that ends at t - span comes first.

    Args:
        a: factors, of shape (T, m).
        b: what is added, of shape (T, m).
        span: steps that each pair covers now, at least 1, fewer than T.

    Returns:
        The new factors and what is added, (T, m) both; the first ``span`` rows stay as they are.
    """
    A, B = a.copy(), b.copy()
    A[span:] = a[span:] * a[:-span]
    B[span:] = a[span:] * b[:-span] + b[span:]
    return A, B


def _round_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for T, m, span in ((7, 3, 1), (9, 2, 2), (6, 4, 4), (11, 1, 8), (5, 2, 3)):
        yield rng.uniform(0.2, 1.1, (T, m)), rng.normal(0, 1, (T, m)), span


EXERCISES = with_mistakes(
    __file__,
    Exercise("weather/prepare", prepare, _prepare_cases),
    Exercise("weather/windows", windows, _window_cases),
    Exercise("weather/naive", naive_error, _naive_cases),
    Exercise("weather/causal", causal, _causal_cases),
    Exercise("weather/dropout", dropped_states, _dropped_cases, corners=(_AT_THE_RATE,)),
    Exercise("weather/scan", scan_round, _round_cases),
)
