"""Answers to the exercises of lab 03."""

from __future__ import annotations

from functools import partial

import keras
import numpy as np
import torch

from bank import Answers

# --- scores -------------------------------------------------------------------------------------


def scores_blank(actual, forecast, history, season):
    raise NotImplementedError


def scores_signed(actual, forecast, history, season):
    e = forecast - actual
    return np.sqrt((e**2).mean()), e.mean(), e.mean() / np.diff(history).mean()


def scores_all_terms(actual, forecast, history, season):
    rmse, mae, _ = scores_loop(actual, forecast, history, season)
    return rmse, mae, mae / (np.abs(history[season:] - history[:-season]).sum() / len(history))


def scores_loop(actual, forecast, history, season):
    squares = absolutes = scale = 0.0
    for a, f in zip(actual, forecast, strict=True):
        squares += (f - a) ** 2
        absolutes += abs(f - a)
    for t in range(season, len(history)):
        scale += abs(history[t] - history[t - season])
    n = len(actual)
    mae = absolutes / n
    return (squares / n) ** 0.5, mae, mae / (scale / (len(history) - season))


def scores_list_of_float32(y, y_hat, x, s):
    y, y_hat, x = (v.astype(np.float32) for v in (y, y_hat, x))
    mae = np.mean(abs(y - y_hat))
    return [np.linalg.norm(y - y_hat) / np.sqrt(len(y)), mae, mae / abs(x[s:] - x[:-s]).mean()]


def scores_array(*args):
    return np.array(scores_loop(*args))


def scores_tensors(actual, forecast, history, season):
    a, f, h = map(torch.tensor, (actual, forecast, history))
    mae = torch.nn.functional.l1_loss(f, a)
    rmse = torch.nn.functional.mse_loss(f, a).sqrt()
    return rmse, mae, mae / (h[season:] - h[:-season]).abs().mean()


SCORES = Answers(
    wrong={
        "signed errors": scores_signed,
        "divided by m": scores_all_terms,
    },
    right={
        "loops": scores_loop,
        "list, float32, other names": scores_list_of_float32,
        "an array": scores_array,
        "tensors": scores_tensors,
    },
    blank=scores_blank,
)

# --- naive --------------------------------------------------------------------------------------


def naive_blank(series, n_test, season):
    raise NotImplementedError


def naive_swapped(series, n_test, season):
    last, ago, growth = naive_slices(series, n_test, season)
    return last, growth, ago


def naive_not_walking(series, n_test, season):
    train = series[:-n_test]
    last = np.full(n_test, train[-1])
    ago = np.resize(train[-season:], n_test)
    return last, ago, ago * train[-1] / train[-season - 1]


def naive_slices(series, n_test, season):
    last = series[-n_test - 1 : -1]
    ago = series[-n_test - season : -season]
    return last, ago, ago * last / series[-n_test - season - 1 : -season - 1]


def naive_loop(values, k, s):
    a, b, c = [], [], []
    for t in range(len(values) - k, len(values)):
        a.append(values[t - 1])
        b.append(values[t - s])
        c.append(values[t - s] / values[t - s - 1] * values[t - 1])
    return [np.array(a), np.array(b), np.array(c)]


def naive_logs(series, n_test, season):
    log = np.log(series)
    last, ago = np.roll(log, 1), np.roll(log, season)
    ratio = ago + last - np.roll(log, season + 1)
    return tuple(np.exp(part[-n_test:]).astype(np.float32) for part in (last, ago, ratio))


NAIVE = Answers(
    wrong={
        "second and third exchanged": naive_swapped,
        "does not walk forward": naive_not_walking,
    },
    right={"slices": naive_slices, "a loop": naive_loop, "logarithms, float32": naive_logs},
    blank=naive_blank,
)

# --- scaler -------------------------------------------------------------------------------------


def scaler_half_leak(series, n_train):
    return series[:n_train].min(), series.max()


def scaler_sorts(series, n_train):
    train = series[:n_train]
    train.sort()  # a view: the series itself is sorted
    return train[0], train[-1]


def scaler_printed(series, n_train):
    print(min(series[:n_train]), max(series[:n_train]))


def scaler_builtin(series, n_train):
    return min(series[:n_train]), max(series[:n_train])


def scaler_sorted(values, n):
    ordered = sorted(values[:n])
    return [ordered[0], ordered[-1]]


def scaler_tensor(series, n_train):
    return torch.aminmax(torch.tensor(series[:n_train], dtype=torch.float32))


def scaler_keras(series, n_train):
    train = keras.ops.convert_to_tensor(series[:n_train])
    return keras.ops.min(train), keras.ops.max(train)


SCALER = Answers(
    wrong={
        "largest of the whole series": scaler_half_leak,
        "sorts the series in place": scaler_sorts,
    },
    right={
        "builtins": scaler_builtin,
        "sorted copy, list": scaler_sorted,
        "PyTorch tensors": scaler_tensor,
        "Keras tensors": scaler_keras,
    },
    blank=scaler_printed,
)

# --- leak ---------------------------------------------------------------------------------------

LEAK = Answers(
    wrong={
        "A": "A",
        "B": "B",
        "D": "D",
        "a number": 3,
        "no such letter": "E",
        "two letters": "CD",
        "an empty text": "",
    },
    right={"C": "C", "lower case": "c", "with a space": " C ", "with a full stop": "C."},
    blank=...,
)

# --- windows ------------------------------------------------------------------------------------


def windows_blank(series, width):
    raise NotImplementedError


def windows_tutorial(series, width):
    x, y = [], []
    for i in range(len(series) - width - 1):  # the famous off-by-one
        x.append(series[i : i + width])
        y.append(series[i + width])
    return np.array(x).reshape(-1, width, 1), np.array(y)


def windows_disjoint(series, width):
    n = (len(series) - 1) // width
    x = series[: n * width].reshape(n, width, 1)
    return x, series[width::width][:n]


def windows_index(series, width):
    i = np.arange(len(series) - width)[:, None] + np.arange(width)
    return series[i][:, :, None], series[width:]


def windows_loop(v, w):
    x = np.zeros((len(v) - w, w, 1), dtype=np.float32)
    y = np.zeros(len(v) - w, dtype=np.float32)
    for i in range(len(v) - w):
        for k in range(w):
            x[i, k, 0] = v[i + k]
        y[i] = v[i + w]
    return [x, y]


def windows_unfold(series, width):
    values = torch.tensor(series)
    return values[:-1].unfold(0, width, 1).unsqueeze(-1), values[width:]


def windows_strides(series, width):
    view = np.lib.stride_tricks.sliding_window_view(series, width + 1)
    return view[:, :-1, None], view[:, -1]


WINDOWS = Answers(
    wrong={
        "the last window lost": windows_tutorial,
        "disjoint windows": windows_disjoint,
    },
    right={
        "index arithmetic": windows_index,
        "loops, list, float32": windows_loop,
        "unfold, tensors": windows_unfold,
        "a view": windows_strides,
    },
    blank=windows_blank,
)

# --- recursive ----------------------------------------------------------------------------------


def recursive_blank(step, history, horizon):
    raise NotImplementedError


def recursive_sliding(step, history, horizon):
    out, known = [], history.copy()
    for _ in range(horizon):
        out.append(step(known))
        known = np.column_stack([known[:, 1:], out[-1]])
    return np.stack(out, axis=1)


def recursive_nan(step, history, horizon):
    known = np.full((len(history), history.shape[1] + horizon), np.nan)
    known[:, : history.shape[1]] = history
    for _ in range(horizon):
        known[:, -1] = step(known)
    return known[:, -horizon:]


def recursive_list(step, history, horizon):
    values = [history[:, i] for i in range(history.shape[1])]
    for _ in range(horizon):
        values.append(step(np.stack(values, axis=1)))
    return np.stack(values[history.shape[1] :], axis=1)


def recursive_preallocated(step, history, horizon):
    n = history.shape[1]
    known = np.empty((len(history), n + horizon))
    known[:, :n] = history
    for i in range(horizon):
        known[:, n + i] = step(known[:, : n + i])
    return known[:, n:].astype(np.float32)


def recursive_of_itself(step, values, k):
    if k == 0:
        return np.empty((len(values), 0))
    first = step(values)[:, None]
    rest = recursive_of_itself(step, np.hstack([values, first]), k - 1)
    return np.hstack([first, rest])


RECURSIVE = Answers(
    wrong={
        "a window that slides": recursive_sliding,
        "not a number": recursive_nan,
    },
    right={
        "a list of columns": recursive_list,
        "preallocated, float32": recursive_preallocated,
        "recursion": recursive_of_itself,
        "a partial function": partial(recursive_list),
    },
    blank=recursive_blank,
)

#: What the hint to a wrong answer says, in English.
HINTS = {
    "airline/scores": {
        "divided by m": "m − s terms",
        "signed errors": "opposite signs",
    },
    "airline/naive": {
        "does not walk forward": "once a month has been forecast",
        "second and third exchanged": "the order is persistence",
    },
    "airline/windows": {
        "disjoint windows": "one step apart",
    },
    "airline/recursive": {
        "a window that slides": "all the known values",
    },
}

BANK = {
    "airline/scores": SCORES,
    "airline/naive": NAIVE,
    "airline/scaler": SCALER,
    "airline/leak": LEAK,
    "airline/windows": WINDOWS,
    "airline/recursive": RECURSIVE,
}
