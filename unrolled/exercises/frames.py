"""The exercises of lab 09, "The next frame": references and cases."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import product

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise
from unrolled.gates import sigmoid
from unrolled.sequences.conv_lstm import convolve

# --------------------------------------------------------------------------- pairs


def next_frame_pairs(movies: np.ndarray, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Cut movies into pieces and pair each frame with the one that follows it.

    Args:
        movies: of shape (B, T, H, W).
        length: frames of a piece, at most T − 1.

    Returns:
        x and y, both of shape (B · ((T − 1) // length), length, H, W), the pieces of the first
        movie before those of the second. y[n, t] is the frame after x[n, t]. Pieces begin at the
        frames 0, length, 2 · length, …; what does not fill a piece is left out.
    """
    x, y = [], []
    for movie in movies:
        for start in range(0, len(movie) - length, length):
            x.append(movie[start : start + length])
            y.append(movie[start + 1 : start + 1 + length])
    return np.array(x), np.array(y)


def _pair_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for shape, length in (
        ((3, 7, 4, 5), 3),
        ((2, 9, 2, 3), 4),
        ((1, 5, 3, 2), 4),
        ((4, 6, 2, 2), 1),
    ):
        yield rng.uniform(0, 1, shape), length
    yield rng.uniform(0, 1, (2, 8, 3, 4)), 5


# --------------------------------------------------------------------------- loss


def cross_entropy(p: np.ndarray, y: np.ndarray, eps: float) -> float:
    """Return the binary cross-entropy in nats, the mean over all pixels.

    −(y ln p + (1 − y) ln(1 − p)), p first brought into [eps, 1 − eps] so that no logarithm is
    infinite.

    Args:
        p: probabilities that a pixel is white, of any shape.
        y: the pixels, from 0 to 1, of the same shape.
        eps: the least probability that is taken.
    """
    p = np.clip(p, eps, 1 - eps)
    return float(np.mean(-(y * np.log(p) + (1 - y) * np.log(1 - p))))


def _entropy_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for shape, low in (((2, 3, 4, 5), 1e-3), ((4, 6), 0.05), ((1, 9), 1e-2)):
        eps = low * float(rng.uniform(0.5, 1.5))
        p = rng.uniform(0.1, 0.9, shape)
        y = (rng.random(shape) < p).astype(float)
        yield p, y, eps
        p = np.where(rng.random(shape) < 0.5, y, p)  # half of them sure
        p.flat[:2], y.flat[:2] = (0.0, 1.0), (1.0, 0.0)  # and two sure and wrong
        yield p, y, eps
    yield rng.uniform(0.1, 0.9, (3, 4)), rng.uniform(0, 1, (3, 4)), 1e-6  # grey pixels


# --------------------------------------------------------------------------- soft copy


def soft_copy(x: np.ndarray, y: np.ndarray, new: np.ndarray) -> np.ndarray:
    """Return how probable it is that each pixel is white in the next frame, from itself alone.

    Two numbers are counted on the pairs (x, y): the share of pixels that are white in the next
    frame among those that are white now, and among those that are black now.

    Args:
        x: frames, 0 or 1, of any shape; some pixels are white and some black.
        y: the frames that follow them, of the same shape.
        new: frames to predict from, 0 or 1, of any shape.

    Returns:
        Probabilities, of the shape of ``new``.
    """
    stays, comes = y[x == 1].mean(), y[x == 0].mean()
    return np.where(new == 1, stays, comes)


def _copy_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for shape, new, white in (
        ((4, 3, 5, 6), (2, 5, 4), 0.3),
        ((2, 4, 3, 3), (2, 4, 3, 3), 0.6),
        ((60,), (1, 11), 0.5),
    ):
        x = (rng.random(shape) < white).astype(float)
        x.flat[:2] = 0, 1
        y = np.where(rng.random(shape) < rng.uniform(0.6, 0.9), x, 1 - x)
        fresh = (rng.random(new) < 0.5).astype(float)
        fresh.flat[:2] = 0, 1
        yield x, y, fresh


# --------------------------------------------------------------------------- velocity


def constant_velocity(before: np.ndarray, last: np.ndarray) -> np.ndarray:
    """Return the next frame of each movie if all of it goes on moving as it just did.

    Of the nine moves by −1, 0 or 1 row and column, the one is chosen, for each movie, that takes
    ``before`` closest to ``last`` in the sum of squared differences; ``last`` is then moved alike.
    Zeros come in from the edges.

    Args:
        before: the frames before the last ones, of shape (B, H, W).
        last: the last frames, of shape (B, H, W).

    Returns:
        Shape (B, H, W).
    """
    following = np.zeros_like(last)
    for n in range(len(last)):
        best = np.inf
        for dy, dx in product((-1, 0, 1), repeat=2):
            error = np.sum((_moved(before[n], dy, dx) - last[n]) ** 2)
            if error < best:
                best = error
                following[n] = _moved(last[n], dy, dx)
    return following


def _moved(frame: np.ndarray, dy: int, dx: int) -> np.ndarray:
    """Return a frame (H, W) moved dy rows down and dx columns right, by at most 1."""
    H, W = frame.shape
    return np.pad(frame, 1)[1 - dy : 1 - dy + H, 1 - dx : 1 - dx + W]


def _velocity_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for B, H, W in ((9, 6, 7), (4, 5, 8), (1, 9, 4)):
        before = rng.uniform(0, 1, (B, H, W))
        moves = rng.permutation([(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)])[:B]
        last = np.array([_moved(f, dy, dx) for f, (dy, dx) in zip(before, moves, strict=True)])
        yield before, last + rng.normal(0, 0.02, last.shape)
    yield rng.uniform(0, 1, (3, 4, 4)), rng.uniform(0, 1, (3, 4, 4))  # no move fits
    bright = rng.uniform(0, 1, (2, 5, 5))
    yield bright, 0.4 * bright  # fades while it stands: no product but a difference finds it


# --------------------------------------------------------------------------- ConvLSTM


def conv_lstm_step(
    x: np.ndarray,
    h: np.ndarray,
    c: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return a ConvLSTM's hidden state and cell after one frame.

    a = W_x ⋆ x + W_h ⋆ h + b has the blocks f, i, o, g along the channels; f, i, o = σ(·) and
    g = tanh(·). c' = f c + i g, h' = o tanh(c') (Shi et al., 2015,
    https://arxiv.org/abs/1506.04214, equation 3, without peepholes).

    Args:
        x: frames, of shape (B, C, H, W).
        h: hidden states, of shape (B, m, H, W).
        c: cells, of shape (B, m, H, W).
        W_x: kernels of the frames, of shape (4m, C, k, k).
        W_h: kernels of the hidden states, of shape (4m, m, k, k).
        b: biases, of shape (4m,).

    Returns:
        The new h and c, each of shape (B, m, H, W).
    """
    a = convolve(x, W_x) + convolve(h, W_h) + b[:, None, None]
    m = h.shape[1]
    f, i, o = sigmoid(a[:, :m]), sigmoid(a[:, m : 2 * m]), sigmoid(a[:, 2 * m : 3 * m])
    g = np.tanh(a[:, 3 * m :])
    c = f * c + i * g
    h = o * np.tanh(c)
    return h, c


def _step_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for B, C, m, H, W, k in ((2, 1, 3, 5, 4, 3), (1, 2, 2, 4, 6, 3), (3, 3, 1, 6, 5, 5)):
        yield (
            rng.uniform(0, 1, (B, C, H, W)),
            rng.normal(0, 0.8, (B, m, H, W)),
            rng.normal(0, 1.5, (B, m, H, W)),
            rng.normal(0, 0.5, (4 * m, C, k, k)),
            rng.normal(0, 0.4, (4 * m, m, k, k)),
            rng.normal(0, 0.5, 4 * m),
        )


# --------------------------------------------------------------------------- free run

#: From frames (B, t, H, W), any t, to the frame that follows each of them, (B, t, H, W).
Predictor = Callable[[np.ndarray], np.ndarray]


def free_run(predict: Predictor, seen: np.ndarray, steps: int) -> np.ndarray:
    """Predict several frames by feeding a one-step model its own predictions.

    Args:
        predict: from frames (B, t, H, W) to the frame that follows each, (B, t, H, W).
        seen: true frames, of shape (B, t, H, W).
        steps: how many frames to predict, at least 1.

    Returns:
        The predicted frames alone, of shape (B, steps, H, W).
    """
    movie = seen
    for _ in range(steps):
        following = predict(movie)[:, -1:]
        movie = np.concatenate([movie, following], axis=1)
    return movie[:, -steps:]


def _drifting(a: float, b: float) -> Predictor:
    """Return a model that remembers: each pixel's mean so far, and its left neighbour now."""

    def predict(movie: np.ndarray) -> np.ndarray:
        if movie.ndim != 4:
            raise ValueError(f"the model takes frames (B, t, H, W), not {movie.shape}")
        so_far = np.cumsum(movie, axis=1) / np.arange(1, movie.shape[1] + 1)[:, None, None]
        return a * so_far + b * np.roll(movie, 1, axis=3) ** 2

    return predict


def _free_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for (B, t, H, W), steps in (((2, 3, 4, 3), 4), ((3, 5, 2, 4), 2), ((1, 1, 3, 5), 6)):
        a, b = rng.uniform(0.4, 0.6, 2)
        yield _drifting(a, b), rng.uniform(0, 1, (B, t, H, W)), steps
    yield _drifting(0.5, 0.4), rng.uniform(0, 1, (2, 4, 2, 3)), 1


EXERCISES = with_mistakes(
    __file__,
    Exercise("frames/pairs", next_frame_pairs, _pair_cases),
    Exercise("frames/entropy", cross_entropy, _entropy_cases),
    Exercise("frames/copy", soft_copy, _copy_cases),
    Exercise("frames/velocity", constant_velocity, _velocity_cases),
    Exercise("frames/step", conv_lstm_step, _step_cases),
    Exercise("frames/free", free_run, _free_cases),
)
