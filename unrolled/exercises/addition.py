"""The exercises of lab 01, "An RNN in NumPy: binary addition": references, cases, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise

# --------------------------------------------------------------------------- encode


def encode(a: np.ndarray, b: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Write sums as sequences of bits, the least significant bit first.

    Args:
        a: whole numbers from 0 to 2**width - 1, of shape (N,).
        b: as many others.
        width: how many bits a number has, at most 61.

    Returns:
        The columns x, floats of shape (N, width + 1, 2), and the bits of a + b, floats of shape
        (N, width + 1, 1).
    """
    place = np.arange(width + 1)  # (T,)

    def bits(numbers: np.ndarray) -> np.ndarray:
        return ((numbers[:, None] >> place) & 1).astype(float)  # (N, T)

    return np.stack([bits(a), bits(b)], axis=2), bits(a + b)[:, :, None]


def _encode_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, width in ((5, 7), (1, 9), (6, 1), (4, 12)):
        a, b = rng.integers(0, 2**width, (2, n))
        yield a, b, width
    # More bits than fit into a small integer type, and a carry that goes through all of them.
    a, b = rng.integers(0, 2**47, (2, 3))
    a[0], b[0] = 2**47 - 1, 1
    yield a, b, 47


# --------------------------------------------------------------------------- step


def step(
    x_t: np.ndarray, s: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Return the new states of a batch, tanh(W_x x_t + W_h s + b), of shape (B, m).

    Args:
        x_t: inputs of one step, of shape (B, n).
        s: the states before it, of shape (B, m).
        W_x: weights from the input, of shape (m, n).
        W_h: weights from the state, of shape (m, m).
        b: biases, of shape (m,).
    """
    out: np.ndarray = np.tanh(x_t @ W_x.T + s @ W_h.T + b)
    return out


def _step_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, n, m in ((4, 2, 6), (1, 3, 2), (5, 3, 1)):
        x_t, s = rng.normal(0, 1, (batch, n)), np.tanh(rng.normal(0, 1, (batch, m)))
        yield x_t, s, rng.normal(0, 1, (m, n)), rng.normal(0, 1, (m, m)), rng.normal(0, 1, m)


# --------------------------------------------------------------------------- forward


def forward(
    x: np.ndarray,
    y: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    W_y: np.ndarray,
    b_y: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Run the network along a batch of sequences and return states, logits, loss.

    Args:
        x: inputs, of shape (B, T, n).
        y: the right bits, of shape (B, T, 1).
        W_x: weights from the input, of shape (m, n).
        W_h: weights from the state, of shape (m, m).
        b: biases, of shape (m,).
        W_y: weights of the output, of shape (1, m).
        b_y: its bias, of shape (1,).

    Returns:
        The states, of shape (B, T + 1, m), the zero state first; the logits, of shape (B, T, 1);
        the mean over all bits of the cross-entropy, log(1 + exp(z)) - y z.
    """
    batch, time, _ = x.shape
    states = np.zeros((batch, time + 1, len(b)))
    for t in range(time):
        states[:, t + 1] = step(x[:, t], states[:, t], W_x, W_h, b)
    z = states[:, 1:] @ W_y.T + b_y  # (B, T, 1)
    return states, z, float(np.mean(np.logaddexp(0, z) - y * z))


def _forward_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time, n, m, size in ((4, 6, 2, 5, 1.0), (1, 3, 2, 4, 1.0), (3, 5, 2, 1, 5000.0)):
        x = rng.integers(0, 2, (batch, time, n)).astype(float)
        y = rng.integers(0, 2, (batch, time, 1)).astype(float)
        W_x, W_h, b = rng.normal(0, 1, (m, n)), rng.normal(0, 1, (m, m)), rng.normal(0, 1, m)
        # Large output weights overflow exp.
        W_y = size * (1 + rng.random((1, m))) * rng.choice([-1, 1], (1, m))
        b_y = rng.normal(0, 1, 1)
        if size > 1:  # both exp(z) and exp(-z) overflow: a state near 1, and one near -1
            x[:2, 0], W_x = np.eye(2), rng.uniform(4, 5, (m, 1)) * [1, -1]
        yield x, y, W_x, W_h, b, W_y, b_y
        if size > 1:
            yield x, y, W_x, W_h, b, -W_y, b_y


# --------------------------------------------------------------------------- backward step


def backward_step(d_s: np.ndarray, s: np.ndarray, W_h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Go one step back: from dL/ds_t to dL/da_t and what it hands on to s_{t-1}.

    Args:
        d_s: the loss's derivative by s_t, all paths included, of shape (B, m).
        s: the state s_t = tanh(a_t), of shape (B, m).
        W_h: weights from the state, of shape (m, m).

    Returns:
        dL/da_t and the part of dL/ds_{t-1} that comes through a_t, both of shape (B, m).
    """
    d_a = d_s * (1 - s**2)
    return d_a, d_a @ W_h


def _backward_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, m in ((5, 3), (1, 4), (2, 1), (4, 6)):
        s = np.tanh(rng.normal(0, 1, (batch, m)))
        yield rng.normal(0, 1, (batch, m)), s, rng.normal(0, 1, (m, m))


# --------------------------------------------------------------------------- BPTT


def bptt(
    x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Backpropagate through time and return dL/dW_x, dL/dW_h, dL/db.

    Args:
        x: inputs, of shape (B, T, n).
        states: of shape (B, T + 1, m), the initial state first.
        d_states: the loss's own derivative by s_1 … s_T (the direct path), of shape (B, T, m).
        W_h: weights from the state, of shape (m, m).

    Returns:
        Gradients of shapes (m, n), (m, m) and (m,), summed over the batch and over time.
    """
    m = len(W_h)
    d_W_x, d_W_h, d_b = np.zeros((m, x.shape[2])), np.zeros((m, m)), np.zeros(m)
    d_s = np.zeros_like(states[:, 0])
    for t in reversed(range(x.shape[1])):
        d_a, d_s = backward_step(d_s + d_states[:, t], states[:, t + 1], W_h)
        d_W_x += d_a.T @ x[:, t]
        d_W_h += d_a.T @ states[:, t]
        d_b += d_a.sum(axis=0)
    return d_W_x, d_W_h, d_b


def _bptt_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    sizes = ((4, 6, 2, 5), (1, 4, 2, 3), (3, 5, 1, 2), (5, 3, 2, 1), (2, 19, 1, 2))  # one is long
    for batch, time, n, m in sizes:
        states = np.tanh(rng.normal(0, 1, (batch, time + 1, m)))
        x, d_states = rng.normal(0, 1, (batch, time, n)), rng.normal(0, 1, (batch, time, m))
        yield x, states, d_states, rng.normal(0, 0.8, (m, m))


# --------------------------------------------------------------------------- numerical gradient

Loss = Callable[[np.ndarray], float]


def numerical_gradient(loss: Loss, w: np.ndarray, eps: float) -> np.ndarray:
    """Return central differences of a loss by every number of w, of the shape of w.

    Args:
        loss: a function of an array of the shape of w.
        w: where to take the differences, of any shape; it is not changed.
        eps: how far to move each number to both sides.
    """
    out = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        moved = w.astype(float)  # a copy
        moved[i] = w[i] + eps
        above = loss(moved)
        moved[i] = w[i] - eps
        out[i] = (above - loss(moved)) / (2 * eps)
    return out


def _curved_loss(factors: np.ndarray, shape: tuple[int, ...]) -> Loss:
    """Return a loss with much curvature whose numbers act on one another."""

    def loss(w: np.ndarray) -> float:
        if np.shape(w) != shape:
            raise ValueError(f"loss needs an array of shape {shape}, got {np.shape(w)}")
        return float(np.sum(factors * w**3) + np.sum(factors * w) ** 2 + np.sum(w**2))

    return loss


def _numerical_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # Multiples of 1/64, so that w += eps, w -= 2 * eps, w += eps leaves w exactly as it was.
    for shape, eps in (((3, 4), 0.125), ((1,), 0.3125), ((2, 1, 3), 0.1875), ((5,), 0.15625)):
        factors = rng.choice([-1, 1], shape) * rng.uniform(1, 2, shape)
        yield _curved_loss(factors, shape), rng.integers(32, 65, shape) / 64, eps


# --------------------------------------------------------------------------- linear probe


def linear_probe(states: np.ndarray, carries: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Read the carry from states by the hyperplane that fits other states best.

    By least squares: w·s + c ≈ 1 for the states with a carry and -1 for those without.

    Args:
        states: what the hyperplane is fitted to, of shape (N, m), N > m.
        carries: zeros and ones, of shape (N,).
        others: states to read, of shape (K, m).

    Returns:
        The readings w·s + c of the other states, of shape (K,).
    """

    def with_one(rows: np.ndarray) -> np.ndarray:
        return np.concatenate([rows, np.ones((len(rows), 1))], axis=1)  # (rows, m + 1)

    plane = np.linalg.lstsq(with_one(states), 2.0 * carries - 1, rcond=None)[0]  # (m + 1,)
    return with_one(others) @ plane


def _probe_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, k, m in ((14, 4, 3), (9, 1, 2), (6, 5, 1), (25, 3, 5)):
        states = np.tanh(rng.normal(0.6, 1.0, (n, m)))
        carries = (states[:, 0] + rng.normal(0, 0.5, n) > 0.5).astype(float)
        carries[:2] = 0.0, 1.0
        yield states, carries, np.tanh(rng.normal(0.6, 1.0, (k, m)))


#: The lab's exercises by name, in its order.

EXERCISES = with_mistakes(
    __file__,
    Exercise("addition/encode", encode, _encode_cases),
    Exercise("addition/step", step, _step_cases),
    Exercise("addition/forward", forward, _forward_cases),
    Exercise("addition/backward_step", backward_step, _backward_cases),
    Exercise("addition/bptt", bptt, _bptt_cases),
    Exercise("addition/numerical", numerical_gradient, _numerical_cases),
    Exercise("addition/probe", linear_probe, _probe_cases),
)
