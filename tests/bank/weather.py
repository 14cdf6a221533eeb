"""Answers to the exercises of lab 10."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import torch
from numpy.lib.stride_tricks import sliding_window_view
from torch.nn import functional

from bank import Answers

# --- prepare ------------------------------------------------------------------------------------


def prepare_blank(values, train, valid):
    raise NotImplementedError


def prepare_split_first(values, train, valid):
    parts = np.split(values, [train, train + valid])
    mean, deviation = np.mean(parts[0], axis=0), np.std(parts[0], axis=0)
    return [(part - mean) / deviation for part in parts]


def prepare_sklearn(values, train, valid):
    from sklearn.preprocessing import StandardScaler

    scaler = StandardScaler().fit(values[:train])
    ends = (0, train, train + valid, len(values))
    return tuple(scaler.transform(values[a:b]) for a, b in pairwise(ends))


def prepare_torch(values, train, valid):
    values = torch.tensor(values, dtype=torch.float32)
    first = values[:train]
    mean = first.sum(0) / train
    deviation = (((first - mean) ** 2).sum(0) / train).sqrt()
    return ((values - mean) / deviation).split([train, valid, len(values) - train - valid])


def prepare_columns(values, train, valid):
    out = np.empty(values.shape, dtype=np.float32)
    for i, column in enumerate(values.T):
        out[:, i] = (column - column[:train].mean()) / column[:train].std()
    return out[:train], out[train:][:valid], out[train:][valid:]


def prepare_sklearn_everything(values, train, valid):
    from sklearn.preprocessing import StandardScaler

    scaled = StandardScaler().fit_transform(values)
    return scaled[:train], scaled[train : train + valid], scaled[train + valid :]


def prepare_to_one(values, train, valid):
    low, high = values[:train].min(0), values[:train].max(0)
    return tuple(np.split((values - low) / (high - low), [train, train + valid]))


PREPARE = Answers(
    wrong={"fitted on everything": prepare_sklearn_everything, "from 0 to 1": prepare_to_one},
    right={
        "split first, a list": prepare_split_first,
        "scikit-learn's": prepare_sklearn,
        "PyTorch, float32": prepare_torch,
        "column by column": prepare_columns,
    },
    blank=prepare_blank,
)

# --- windows ------------------------------------------------------------------------------------


def windows_blank(values, width, delay, step):
    raise NotImplementedError


def windows_loop(values, width, delay, step):
    x, y, start = [], [], 0
    while start + width - 1 + delay < len(values):
        x.append(values[start : start + width])
        y.append(values[start + width - 1 + delay][0])
        start += step
    return np.array(x), np.array(y)


def windows_view(values, width, delay, step):
    x = sliding_window_view(values[:-delay], width, axis=0)[::step]
    y = values[width - 1 + delay :: step, 0]
    return x.transpose(0, 2, 1), y


def windows_torch(values, width, delay, step):
    values = torch.tensor(values, dtype=torch.float32)
    x = values[:-delay].unfold(0, width, step)
    return x.transpose(1, 2), values[width - 1 + delay :: step, 0]


def windows_keras(values, width, delay, step):
    import keras

    targets = values[width - 1 + delay :, 0]
    batches = keras.utils.timeseries_dataset_from_array(
        values[:-delay], targets, width, sequence_stride=step, batch_size=2
    )
    x, y = zip(*batches, strict=True)
    return np.concatenate(x), np.concatenate(y)


def windows_keras_early(values, width, delay, step):
    import keras

    batches = keras.utils.timeseries_dataset_from_array(
        values[:-delay], values[delay:, 0], width, sequence_stride=step, batch_size=2
    )
    x, y = zip(*batches, strict=True)
    return np.concatenate(x), np.concatenate(y)


def windows_disjoint(values, width, delay, step):
    starts = range(0, len(values) - width - delay + 1, max(step, width))
    x = [values[s : s + width] for s in starts]
    return np.array(x), np.array([values[s + width - 1 + delay, 0] for s in starts])


WINDOWS = Answers(
    wrong={"a target inside the window": windows_keras_early, "disjoint": windows_disjoint},
    right={
        "a loop": windows_loop,
        "a view": windows_view,
        "unfold, float32": windows_torch,
        "Keras'": windows_keras,
    },
    blank=windows_blank,
)

# --- naive --------------------------------------------------------------------------------------


def naive_blank(x, y, mean, deviation):
    raise NotImplementedError


def naive_degrees(x, y, mean, deviation):
    forecast, truth = (mean + deviation * scaled for scaled in (x[:, -1, 0], y))
    return np.mean(np.abs(truth - forecast))


def naive_sum(x, y, mean, deviation):
    return (
        sum(abs(float(a) - float(b)) for a, b in zip(x[:, -1, 0], y, strict=True))
        / len(y)
        * deviation
    )


def naive_torch(x, y, mean, deviation):
    x, y = (torch.tensor(a, dtype=torch.float32) for a in (x, y))
    return functional.l1_loss(x[:, -1, 0], y) * deviation


def naive_broadcast(x, y, mean, deviation):
    return deviation * np.abs(x[:, -1, :1] - y).mean()


def naive_day(x, y, mean, deviation):
    return deviation * np.abs(x[:, len(x[0]) // 2, 0] - y).mean()


NAIVE = Answers(
    wrong={"every window with every target": naive_broadcast, "the middle row": naive_day},
    right={"in degrees": naive_degrees, "a sum": naive_sum, "PyTorch's loss": naive_torch},
    blank=naive_blank,
)

# --- causal -------------------------------------------------------------------------------------


def causal_blank(x, K, dilation):
    raise NotImplementedError


def causal_steps(x, K, dilation):
    (T, _), (k, _, m) = x.shape, K.shape
    y = np.zeros((T, m))
    for t in range(T):
        for back in range(k):
            if t - back * dilation >= 0:
                y[t] += x[t - back * dilation] @ K[k - 1 - back]
    return y


def causal_torch(x, K, dilation):
    x, K = (torch.tensor(a, dtype=torch.float32) for a in (x, K))
    padded = functional.pad(x.T[None], ((len(K) - 1) * dilation, 0))
    return functional.conv1d(padded, K.permute(2, 1, 0), dilation=dilation)[0].T


def causal_keras(x, K, dilation):
    import keras

    layer = keras.layers.Conv1D(
        K.shape[2], len(K), padding="causal", dilation_rate=dilation, use_bias=False
    )
    layer.build((None, *x.shape))
    layer.set_weights([K])
    return layer(x[None].astype(np.float32))[0]


def causal_windows(x, K, dilation):
    k = len(K)
    padded = np.pad(x, (((k - 1) * dilation, 0), (0, 0)))
    seen = sliding_window_view(padded, (k - 1) * dilation + 1, axis=0)[..., ::dilation]
    return np.einsum("tnk,knm->tm", seen, K)


def causal_same(x, K, dilation):
    x, K = (torch.tensor(a, dtype=torch.float32) for a in (x, K))
    return functional.conv1d(x.T[None], K.permute(2, 1, 0), dilation=dilation, padding="same")[0].T


def causal_circular(x, K, dilation):
    back = [np.roll(x, (len(K) - 1 - j) * dilation, axis=0) for j in range(len(K))]
    return sum(past @ kernel for past, kernel in zip(back, K, strict=True))


CAUSAL = Answers(
    wrong={"padding same": causal_same, "circular": causal_circular},
    right={
        "step by step": causal_steps,
        "PyTorch's, padded": causal_torch,
        "Keras'": causal_keras,
        "windows, einsum": causal_windows,
    },
    blank=causal_blank,
)

# --- dropout ------------------------------------------------------------------------------------


def dropout_blank(a, W, u, rate):
    raise NotImplementedError


def dropout_columns(a, W, u, rate):
    """Scale the columns of W instead of the state: one matrix for each sequence."""
    B, T, m = a.shape
    matrices = W[None] * np.where(u < rate, 0, 1 / (1 - rate))[:, None]  # (B, m, m)
    states, h = [], np.zeros((B, m, 1))
    for t in range(T):
        h = np.tanh(a[:, t, :, None] + matrices @ h)
        states.append(h[..., 0])
    return np.stack(states, axis=1)


def dropout_torch(a, W, u, rate):
    a, W, u = (torch.tensor(s, dtype=torch.float32) for s in (a, W, u))
    mask = u.ge(rate).float().div(1 - rate)
    h, states = torch.zeros_like(u), []
    for at in a.unbind(1):
        h = torch.tanh(at + functional.linear(h * mask, W))
        states.append(h)
    return torch.stack(states, 1)


def dropout_each(a, W, u, rate):
    out = np.zeros(a.shape, dtype=np.float32)
    for b, (sequence, numbers) in enumerate(zip(a, u, strict=True)):
        kept = np.flatnonzero(numbers >= rate)
        h = np.zeros(len(W))
        for t, row in enumerate(sequence):
            h = np.tanh(row + W[:, kept] @ h[kept] / (1 - rate))
            out[b, t] = h
    return out


def dropout_on_states(a, W, u, rate):
    mask = (u >= rate) / (1 - rate)
    h, states = np.zeros_like(u), []
    for t in range(a.shape[1]):
        h = mask * np.tanh(a[:, t] + h @ W.T)
        states.append(h)
    return np.stack(states, axis=1)


def dropout_one_for_all(a, W, u, rate):
    return dropout_torch(a, W, np.repeat(u[:1], len(u), axis=0) if len(u) > 1 else 1 - u, rate)


DROPOUT = Answers(
    wrong={"the states dropped": dropout_on_states, "one mask for all": dropout_one_for_all},
    right={
        "columns of the matrix": dropout_columns,
        "PyTorch, float32": dropout_torch,
        "one sequence after another": dropout_each,
    },
    blank=dropout_blank,
)

# --- scan ---------------------------------------------------------------------------------------


def scan_blank(a, b, span):
    raise NotImplementedError


def scan_concatenated(a, b, span):
    A = np.concatenate([a[:span], a[span:] * a[:-span]])
    return A, np.concatenate([b[:span], b[span:] + a[span:] * b[:-span]])


def scan_padded(a, b, span):
    a, b = (torch.tensor(s, dtype=torch.float32) for s in (a, b))
    before_a = torch.cat([torch.ones_like(a[:span]), a[:-span]])  # nothing before: h ↦ h
    before_b = torch.cat([torch.zeros_like(b[:span]), b[:-span]])
    return a * before_a, a * before_b + b


def scan_backwards(a, b, span):
    a, b = a.astype(np.float32), b.astype(np.float32)
    for t in reversed(range(span, len(a))):  # from the end: what is read is still old
        b[t] = a[t] * b[t - span] + b[t]
        a[t] = a[t] * a[t - span]
    return [a, b]


def scan_cumulative(a, b, span):
    A, B, h = np.cumprod(a, axis=0), [], np.zeros(a.shape[1])
    for at, bt in zip(a, b, strict=True):
        h = at * h + bt
        B.append(h)
    return A, np.array(B)


def scan_in_place(a, b, span):
    A, B = a.copy(), b.copy()
    A[span:] *= A[:-span]
    B[span:] += A[span:] * B[:-span]
    return A, B


SCAN = Answers(
    wrong={"the whole recurrence": scan_cumulative, "the new factor": scan_in_place},
    right={
        "concatenated": scan_concatenated,
        "padded, tensors": scan_padded,
        "from the end, in place, a list": scan_backwards,
    },
    blank=scan_blank,
)

BANK = {
    "weather/prepare": PREPARE,
    "weather/windows": WINDOWS,
    "weather/naive": NAIVE,
    "weather/causal": CAUSAL,
    "weather/dropout": DROPOUT,
    "weather/scan": SCAN,
}

#: Exercise → wrong answer → words of the hint that it must get.
HINTS = {
    "weather/prepare": {"fitted on everything": "whole series"},
    "weather/windows": {"a target inside the window": "inside the window"},
    "weather/causal": {"padding same": "both sides"},
    "weather/dropout": {"the states dropped": "returned state"},
    "weather/scan": {"the whole recurrence": "one round", "the new factor": "old factor"},
}
