"""The exercises of lab 04, "Long memory": references, cases, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise

# --------------------------------------------------------------------------- adding


def adding_problem(
    values: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets of the adding problem.

    Hochreiter and Schmidhuber (1997), experiment 4: a step is a pair (value, marker); the target
    is the sum of the two marked values, scaled to the range from 0 to 1.

    Args:
        values: numbers between -1 and 1, of shape (batch, time).
        first: position of one marked value in each sequence, of shape (batch,).
        second: position of the other one, of shape (batch,).

    Returns:
        Inputs of shape (batch, time, 2) and targets of shape (batch,).
    """
    rows = np.arange(len(values))  # (batch,)
    markers = np.zeros_like(values)  # (batch, time)
    markers[:, [0, -1]] = -1
    markers[rows, first] = 1
    markers[rows, second] = 1
    total = values[rows, first] + values[rows, second]  # (batch,)
    return np.stack([values, markers], axis=-1), 0.5 + total / 4


def _adding_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time in ((5, 14), (1, 7), (3, 22)):
        places = np.stack([rng.permutation(np.arange(1, time // 2))[:2] for _ in range(batch)])
        yield rng.uniform(-1, 1, (batch, time)), places[:, 0], places[:, 1]


# --------------------------------------------------------------------------- temporal order


def temporal_order(
    distractors: np.ndarray,
    t1: np.ndarray,
    t2: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and classes of the temporal-order problem.

    Hochreiter and Schmidhuber (1997), experiment 6a. The symbols a, b, c, d, X, Y, E, B have the
    numbers 0 to 7.

    Args:
        distractors: symbols 0 to 3, of shape (batch, time).
        t1: position of the first relevant symbol in each sequence, of shape (batch,).
        t2: position of the second one, of shape (batch,).
        first: the symbol at t1, 0 for X and 1 for Y, of shape (batch,).
        second: the symbol at t2, 0 for X and 1 for Y, of shape (batch,).

    Returns:
        One-hot inputs of shape (batch, time, 8) and classes of shape (batch,): XX is 0, XY is 1,
        YX is 2, YY is 3.
    """
    rows = np.arange(len(distractors))  # (batch,)
    symbols = distractors.copy()  # (batch, time)
    symbols[rows, t1] = 4 + first
    symbols[rows, t2] = 4 + second
    symbols[:, 0], symbols[:, -1] = 6, 7
    return np.eye(8)[symbols], 2 * first + second


def _order_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time in ((6, 13), (1, 10), (4, 21)):
        symbols = rng.integers(0, 4, (batch, time))
        t1 = rng.integers(1, time // 3, batch)
        t2 = rng.integers(time // 2, time - 1, batch)
        first, second = rng.integers(0, 2, (2, batch))
        if batch > 1:  # every class occurs; the mixed orders could not be told apart otherwise
            first[:4], second[:4] = (0, 1, 0, 1), (1, 0, 0, 1)
        else:
            first[0], second[0] = 0, 1
        yield symbols, t1, t2, first, second


# --------------------------------------------------------------------------- copy baseline


def copy_baseline(length: int, symbols: int, lag: int) -> tuple[float, float]:
    """Return how well the copy task goes without memory.

    The best such answer: a blank with certainty at every step but the last ``length`` ones, and
    there each of the symbols with the same probability.

    Args:
        length: symbols to remember.
        symbols: how many different ones there are.
        lag: steps between the last of them and the first answer.

    Returns:
        The mean cross-entropy over all lag + 2 · length steps, in nats, and the probability
        that all symbols are guessed.
    """
    steps = lag + 2 * length
    return float(length * np.log(symbols) / steps), float(symbols) ** -length


def _copy_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    yield 3, int(rng.integers(4, 12)), int(rng.integers(5, 40))
    yield 1, int(rng.integers(12, 40)), int(rng.integers(5, 40))
    yield int(rng.integers(5, 11)), int(rng.integers(2, 9)), int(rng.integers(1, 300))


# --------------------------------------------------------------------------- forget bias


def with_forget_bias(
    bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return an LSTM's packed biases with the forget gate's set to ``value``, in both libraries.

    Args:
        bias_ih: PyTorch's first vector, blocks i, f, g, o, of shape (4m,).
        bias_hh: PyTorch's second vector, which is added to the first, of shape (4m,).
        bias: Keras' only vector, blocks i, f, c, o, of shape (4m,).
        value: what the forget gate's bias is to be.

    Returns:
        Three new vectors: in PyTorch's first and in Keras' the forget block is ``value``, in
        PyTorch's second it is zero; everything else is as it was.
    """
    m = len(bias) // 4
    forget = slice(m, 2 * m)
    new_ih, new_hh, new = bias_ih.copy(), bias_hh.copy(), bias.copy()
    new_ih[forget], new_hh[forget], new[forget] = value, 0, value
    return new_ih, new_hh, new


def _bias_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for m, value in ((3, rng.uniform(1, 5)), (1, 1), (6, rng.uniform(-2, -1))):
        yield *rng.normal(0, 0.5, (3, 4 * m)), value


# --------------------------------------------------------------------------- gradient by lag


def gradient_by_lag(network: Callable[[Any], Any], x: np.ndarray) -> Any:
    """Return how strongly a network's answer depends on the inputs, by lag.

    Args:
        network: turns inputs, a tensor of shape (batch, time, n), into answers, (batch,).
        x: the inputs, a NumPy array of shape (batch, time, n).

    Returns:
        The mean over the sequences of the norm of an answer's gradient by the input ``lag``
        steps before the last, of shape (time,); lag 0, the last step, comes first.
    """
    import torch

    inputs = torch.tensor(x, requires_grad=True)  # (batch, time, n)
    (gradient,) = torch.autograd.grad(network(inputs).sum(), inputs)  # the same shape
    norms = gradient.norm(dim=2).mean(dim=0)  # (time,): oldest first
    return norms.flip(0)


def _small_network(rng: np.random.Generator, n: int, m: int) -> Callable[[Any], Any]:
    """Return a simple recurrent network with random weights, as a function of tensors."""
    import torch

    w_x, w_h, w_y = (
        torch.tensor(rng.normal(0, 0.6, shape), dtype=torch.float32)
        for shape in ((n, m), (m, m), (m,))
    )

    def network(x: Any) -> Any:
        s = x.new_zeros(len(x), m)
        for t in range(x.shape[1]):
            s = torch.tanh(x[:, t] @ w_x + s @ w_h)  # (batch, m)
        return 3 * (s @ w_y)  # (batch,)

    return network


def _lag_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time, n, m in ((4, 7, 2, 5), (1, 5, 3, 4), (6, 9, 1, 3)):
        yield _small_network(rng, n, m), rng.normal(0, 1, (batch, time, n)).astype(np.float32)


# --------------------------------------------------------------------------- clipping


def clip_by_norm(gradients: tuple[np.ndarray, ...], limit: float) -> tuple[np.ndarray, ...]:
    """Return the gradients, all shortened by one factor when their common norm exceeds a limit.

    Args:
        gradients: arrays of any shapes; together they are one long vector.
        limit: the largest norm that this vector may have.
    """
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    factor = min(1.0, limit / norm)
    return tuple(g * factor for g in gradients)


class _Arrays(tuple[np.ndarray, ...]):
    """A tuple of arrays that shows their shapes and not hundreds of numbers, as in a message."""

    def __repr__(self) -> str:
        return f"<{', '.join(str(array.shape) for array in self)}>"


def _clip_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    shapes: tuple[tuple[int, ...], ...] = ((5, 3), (5, 5), (5,))
    yield _Arrays(rng.normal(0, 2, shape) for shape in shapes), 3
    yield _Arrays(rng.normal(0, 0.01, shape) for shape in shapes), 1.5  # short already
    # Short enough already, though the square of the norm is above the limit.
    short = [rng.normal(0, 1, shape) for shape in shapes]
    norm = np.linalg.norm([np.linalg.norm(g) for g in short])
    yield _Arrays(1.9 * g / norm for g in short), 2.5
    yield _Arrays((rng.normal(4, 1, (1,)), rng.normal(0, 0.1, (2, 4)))), 2.0
    # Each is below the limit, and both together are not.
    pair = rng.normal(0, 1, (6,)), rng.normal(0, 1, (2, 3))
    yield _Arrays(1.8 * g / np.linalg.norm(g) for g in pair), 2.0


EXERCISES = with_mistakes(
    __file__,
    Exercise("memory/adding", adding_problem, _adding_cases),
    Exercise("memory/order", temporal_order, _order_cases),
    Exercise("memory/copy", copy_baseline, _copy_cases),
    Exercise("memory/bias", with_forget_bias, _bias_cases),
    Exercise("memory/lag", gradient_by_lag, _lag_cases),
    Exercise("memory/clip", clip_by_norm, _clip_cases),
)
