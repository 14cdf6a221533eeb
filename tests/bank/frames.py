"""Answers to the exercises of lab 09."""

from __future__ import annotations

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch.nn import functional

from bank import Answers
from unrolled.sequences.conv_lstm import ConvLSTM, convolve

# --- pairs --------------------------------------------------------------------------------------


def pairs_blank(movies, length):
    raise NotImplementedError


def pairs_reshape(movies, length):
    B, T, H, W = movies.shape
    n = (T - 1) // length
    shape = B * n, length, H, W
    return movies[:, : n * length].reshape(shape), movies[:, 1 : n * length + 1].reshape(shape)


def pairs_stack(movies, length):
    starts = range(0, movies.shape[1] - length, length)
    whole = np.stack([movies[:, s : s + length + 1] for s in starts], axis=1)
    whole = whole.reshape(-1, *whole.shape[2:]).astype(np.float32)
    return whole[:, :-1], whole[:, 1:]


def pairs_torch(movies, length):
    parts = [
        torch.tensor(movie[s : s + length + 1], dtype=torch.float32)
        for movie in movies
        for s in range(0, (len(movie) - 1) // length * length, length)
    ]
    both = torch.stack(parts)
    return [both[:, :-1], both[:, 1:]]


def pairs_overlapping(movies, length):
    windows = sliding_window_view(movies, length, axis=1)  # (B, T - length + 1, H, W, length)
    windows = np.moveaxis(windows, -1, 2)
    shape = -1, *windows.shape[2:]
    return windows[:, :-1].reshape(shape), windows[:, 1:].reshape(shape)


def pairs_without_a_shared_frame(movies, length):
    parts = [
        movie[s : s + length + 1]
        for movie in movies
        for s in range(0, len(movie) - length, length + 1)
    ]
    both = np.array(parts)
    return both[:, :-1], both[:, 1:]


PAIRS = Answers(
    wrong={"overlapping": pairs_overlapping, "no shared frame": pairs_without_a_shared_frame},
    right={"reshaped": pairs_reshape, "stacked": pairs_stack, "tensors, a list": pairs_torch},
    blank=pairs_blank,
)

# --- entropy ------------------------------------------------------------------------------------


def entropy_blank(p, y, eps):
    raise NotImplementedError


def entropy_torch(p, y, eps):
    p, y = torch.tensor(p).clamp(eps, 1 - eps), torch.tensor(y)
    return functional.binary_cross_entropy(p, y)


def entropy_logits(p, y, eps):
    p = np.minimum(np.maximum(p, eps), 1 - eps)
    z = np.log(p / (1 - p))
    return np.mean(np.logaddexp(0, z) - y * z)


def entropy_loop(p, y, eps):
    total = 0.0
    for a, b in zip(np.ravel(p), np.ravel(y), strict=True):
        a = min(max(a, eps), 1 - eps)
        total -= b * np.log(a) + (1 - b) * np.log1p(-a)
    return total / p.size


def entropy_of_the_truth(p, y, eps):
    p = p.clip(eps, 1 - eps)
    return -np.log(np.where(y > 0.5, p, 1 - p)).mean()  # grey pixels are not rounded


def entropy_in_place(p, y, eps):
    np.clip(p, eps, 1 - eps, out=p)
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()


ENTROPY = Answers(
    wrong={"of the truth": entropy_of_the_truth, "in place": entropy_in_place},
    right={"PyTorch's": entropy_torch, "from logits": entropy_logits, "a loop": entropy_loop},
    blank=entropy_blank,
)

# --- copy ---------------------------------------------------------------------------------------


def copy_blank(x, y, new):
    raise NotImplementedError


def copy_sums(x, y, new):
    stays = (x * y).sum() / x.sum()
    comes = ((1 - x) * y).sum() / (1 - x).sum()
    return new * stays + (1 - new) * comes


def copy_indexed(x, y, new):
    now = x.ravel().astype(int)
    share = np.bincount(now, weights=y.ravel(), minlength=2) / np.bincount(now, minlength=2)
    return share[new.astype(int)].astype(np.float32)


def copy_torch(x, y, new):
    x, y, new = (torch.tensor(a) for a in (x, y, new))
    out = torch.empty_like(new)
    for value in (0, 1):
        out[new == value] = y[x == value].mean()
    return out


def copy_stays_or_not(x, y, new):
    same = (x == y).mean()
    return np.where(new == 1, same, 1 - same)


COPY = Answers(
    wrong={"one number": copy_stays_or_not},
    right={"sums": copy_sums, "bincount, float32": copy_indexed, "tensors": copy_torch},
    blank=copy_blank,
)

# --- velocity -----------------------------------------------------------------------------------

MOVES = [(dy, dx) for dy in (-1, 0, 1) for dx in (-1, 0, 1)]


def shifted(frames, dy, dx):
    out = np.zeros_like(frames)
    H, W = frames.shape[-2:]
    to_y, to_x = slice(max(dy, 0), H + min(dy, 0)), slice(max(dx, 0), W + min(dx, 0))
    of_y, of_x = slice(max(-dy, 0), H + min(-dy, 0)), slice(max(-dx, 0), W + min(-dx, 0))
    out[..., to_y, to_x] = frames[..., of_y, of_x]
    return out


def velocity_blank(before, last):
    raise NotImplementedError


def velocity_together(before, last):
    errors = [((shifted(before, *d) - last) ** 2).sum((1, 2)) for d in MOVES]  # 9 × (B,)
    after = np.array([shifted(last, *d) for d in MOVES])  # (9, B, H, W)
    return after[np.argmin(errors, axis=0), np.arange(len(last))]


def velocity_sorted(before, last):
    out = []
    for a, b in zip(before, last, strict=True):
        best = min(MOVES, key=lambda d: np.linalg.norm(shifted(a, *d) - b))
        out.append(shifted(b, *best).astype(np.float32))
    return np.stack(out)


def velocity_torch(before, last):
    a, b = (functional.pad(torch.tensor(x), (1, 1, 1, 1)) for x in (before, last))
    H, W = last.shape[1:]
    out = torch.zeros(last.shape, dtype=torch.float64)
    best = torch.full((len(last),), torch.inf, dtype=torch.float64)
    for i in range(3):
        for j in range(3):
            error = (a[:, i : i + H, j : j + W] - torch.tensor(last)).square().sum((1, 2))
            better = error < best
            best[better] = error[better]
            out[better] = b[better, i : i + H, j : j + W]
    return out


def velocity_of_all(before, last):
    best = min(MOVES, key=lambda d: ((shifted(before, *d) - last) ** 2).sum())
    return shifted(last, *best)


def velocity_extrapolated(before, last):
    return 2 * last - before


VELOCITY = Answers(
    wrong={"one move for all": velocity_of_all, "pixels extrapolated": velocity_extrapolated},
    right={
        "all together": velocity_together,
        "min with a key, float32": velocity_sorted,
        "tensors": velocity_torch,
    },
    blank=velocity_blank,
)

# --- step ---------------------------------------------------------------------------------------


def step_blank(x, h, c, W_x, W_h, b):
    raise NotImplementedError


def step_layer(x, h, c, W_x, W_h, b):
    return ConvLSTM(W_x, W_h, b).step(x, h, c)


def step_torch(x, h, c, W_x, W_h, b):
    x, h, c, W_x, W_h, b = (torch.tensor(a, dtype=torch.float32) for a in (x, h, c, W_x, W_h, b))
    a = functional.conv2d(x, W_x, b, padding="same") + functional.conv2d(h, W_h, padding="same")
    f, i, o, g = a.chunk(4, dim=1)
    c = f.sigmoid() * c + i.sigmoid() * g.tanh()
    return o.sigmoid() * c.tanh(), c


def step_together(x, h, c, W_x, W_h, b):
    both = np.concatenate([x, h], axis=1)
    a = convolve(both, np.concatenate([W_x, W_h], axis=1)) + b.reshape(1, -1, 1, 1)
    f, i, o, g = np.split(a, 4, axis=1)
    f, i, o = (1 / (1 + np.exp(-gate)) for gate in (f, i, o))
    new = f * c + i * np.tanh(g)
    return [o * np.tanh(new), new]


def step_interleaved(x, h, c, W_x, W_h, b):
    a = convolve(x, W_x) + convolve(h, W_h) + b[:, None, None]
    f, i, o, g = (a[:, n::4] for n in range(4))
    f, i, o = (1 / (1 + np.exp(-gate)) for gate in (f, i, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c


def step_bias_in_space(x, h, c, W_x, W_h, b):
    h, c = step_together(x, h, c, W_x, W_h, 0 * b)
    return h, c


STEP = Answers(
    wrong={"blocks interleaved": step_interleaved, "no bias": step_bias_in_space},
    right={"the course's layer": step_layer, "PyTorch's": step_torch, "one product": step_together},
    blank=step_blank,
)

# --- free ---------------------------------------------------------------------------------------


def free_blank(predict, seen, steps):
    raise NotImplementedError


def free_list(predict, seen, steps):
    frames = list(np.moveaxis(seen, 1, 0))
    for _ in range(steps):
        frames.append(predict(np.stack(frames, axis=1))[:, -1])
    return np.stack(frames[seen.shape[1] :], axis=1).astype(np.float32)


def free_filled(predict, seen, steps):
    B, t, H, W = seen.shape
    movie = np.zeros((B, t + steps, H, W))
    movie[:, :t] = seen
    for n in range(t, t + steps):
        movie[:, n] = predict(movie[:, :n])[:, n - 1]
    return movie[:, t:]


def free_recursive(predict, seen, steps):
    following = predict(seen)[:, -1:]
    if steps == 1:
        return torch.tensor(following)
    rest = free_recursive(predict, np.concatenate([seen, following], axis=1), steps - 1)
    return torch.cat([torch.tensor(following), rest], dim=1)


def free_from_the_last(predict, seen, steps):
    out, frame = [], seen[:, -1:]
    for _ in range(steps):
        frame = predict(frame)
        out.append(frame[:, 0])
    return np.stack(out, axis=1)


def free_whole_answer(predict, seen, steps):
    movie = seen
    for _ in range(steps):
        movie = np.concatenate([movie[:, :1], predict(movie)], axis=1)  # all is predicted anew
    return movie[:, seen.shape[1] :]


FREE = Answers(
    wrong={"from the last frame": free_from_the_last, "all anew": free_whole_answer},
    right={"a list, float32": free_list, "filled in": free_filled, "recursive": free_recursive},
    blank=free_blank,
)

BANK = {
    "frames/pairs": PAIRS,
    "frames/entropy": ENTROPY,
    "frames/copy": COPY,
    "frames/velocity": VELOCITY,
    "frames/step": STEP,
    "frames/free": FREE,
}

#: Exercise → wrong answer → words of the hint that it must get.
HINTS = {
    "frames/pairs": {"overlapping": "do not overlap"},
    "frames/free": {"from the last frame": "not only the last frame"},
}
