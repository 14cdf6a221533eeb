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


def scores_mse(actual, forecast, history, season):
    e = forecast - actual
    mae = np.abs(e).mean()
    return (e**2).mean(), mae, mae / np.abs(history[season:] - history[:-season]).mean()


def scores_signed(actual, forecast, history, season):
    e = forecast - actual
    return np.sqrt((e**2).mean()), e.mean(), e.mean() / np.diff(history).mean()


def scores_one_step_scale(actual, forecast, history, season):
    e = forecast - actual
    mae = np.abs(e).mean()
    return np.sqrt((e**2).mean()), mae, mae / np.abs(np.diff(history)).mean()


def scores_twelve(actual, forecast, history, season):
    e = forecast - actual
    mae = np.abs(e).mean()
    return np.sqrt((e**2).mean()), mae, mae / np.abs(history[12:] - history[:-12]).mean()


def scores_np_diff_n(actual, forecast, history, season):
    e = forecast - actual
    mae = np.abs(e).mean()  # the n-th difference is not the difference n steps apart
    return np.sqrt((e**2).mean()), mae, mae / np.abs(np.diff(history, n=season)).mean()


def scores_scaled_by_test(actual, forecast, history, season):
    e = forecast - actual
    mae = np.abs(e).mean()
    return np.sqrt((e**2).mean()), mae, mae / np.abs(actual - actual.mean()).mean()


def scores_seasonal_of_test(actual, forecast, history, season):
    rmse, mae, _ = scores_loop(actual, forecast, history, season)
    return rmse, mae, mae / np.abs(actual[season:] - actual[:-season]).mean()


def scores_all_terms(actual, forecast, history, season):
    rmse, mae, _ = scores_loop(actual, forecast, history, season)
    return rmse, mae, mae / (np.abs(history[season:] - history[:-season]).sum() / len(history))


def scores_roll(actual, forecast, history, season):
    rmse, mae, _ = scores_loop(actual, forecast, history, season)
    return rmse, mae, mae / np.abs(history - np.roll(history, season)).mean()


def scores_hard_coded(actual, forecast, history, season):
    return 49.0131, 41.3043, 1.4196


def scores_dictionary(actual, forecast, history, season):
    rmse, mae, mase = scores_loop(actual, forecast, history, season)
    return {"RMSE": rmse, "MAE": mae, "MASE": mase}


def scores_mutates(actual, forecast, history, season):
    result = scores_loop(actual, forecast, history, season)
    forecast -= actual
    return result


def scores_two(actual, forecast, history, season):
    return scores_loop(actual, forecast, history, season)[:2]


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
        "MSE instead of RMSE": scores_mse,
        "signed errors": scores_signed,
        "scale of one step": scores_one_step_scale,
        "season written as 12": scores_twelve,
        "np.diff(n=season)": scores_np_diff_n,
        "scaled by the test": scores_scaled_by_test,
        "seasonal differences of the test": scores_seasonal_of_test,
        "divided by m": scores_all_terms,
        "np.roll": scores_roll,
        "hard-coded": scores_hard_coded,
        "a dictionary": scores_dictionary,
        "changes forecast": scores_mutates,
        "two of three": scores_two,
        "its result, not itself": (1.0, 2.0, 3.0),
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


def naive_off_by_one(series, n_test, season):
    n = len(series)
    t = np.arange(n - n_test, n) - 1
    return (
        series[t - 1],
        series[t - season],
        series[t - season] * series[t - 1] / series[t - season - 1],
    )


def naive_actual_values(series, n_test, season):
    last = series[-n_test:]
    year_ago = series[-n_test - season : len(series) - season]
    return last, year_ago, year_ago


def naive_actual_persistence(series, n_test, season):
    _, ago, growth = naive_slices(series, n_test, season)
    return series[-n_test:], ago, growth


def naive_swapped(series, n_test, season):
    last, ago, growth = naive_slices(series, n_test, season)
    return last, growth, ago


def naive_same_denominator(series, n_test, season):
    last = series[-n_test - 1 : -1]
    ago = series[-n_test - season : -season]
    return last, ago, ago * (last / ago)


def naive_thirteen(series, n_test, season):
    t = np.arange(len(series) - n_test, len(series))
    last, ago = series[t - 1], series[t - season]
    return last, ago, ago * last / series[t - 13]


def naive_negative_slice(series, n_test, season):
    last = series[-n_test - 1 : -1]
    ago = series[-n_test - season : -season]
    before = series[-n_test - season - 1 : -season - 1]
    return ago, last, ago * last / before  # the first two exchanged


def naive_twelve(series, n_test, season):
    last = series[-n_test - 1 : -1]
    ago = series[-n_test - 12 : -12]
    return last, ago, ago * last / series[-n_test - 13 : -13]


def naive_not_walking(series, n_test, season):
    train = series[:-n_test]
    last = np.full(n_test, train[-1])
    ago = np.resize(train[-season:], n_test)
    return last, ago, ago * train[-1] / train[-season - 1]


def naive_difference(series, n_test, season):
    last = series[-n_test - 1 : -1]
    ago = series[-n_test - season : -season]
    return last, ago, ago + last - series[-n_test - season - 1 : -season - 1]


def naive_too_long(series, n_test, season):
    return series[:-1], series[:-season], series[:-season]


def naive_lists(series, n_test, season):
    return tuple(part.tolist() for part in naive_slices(series, n_test, season))


def naive_mutates(series, n_test, season):
    result = naive_slices(series.copy(), n_test, season)
    series[-n_test:] = result[2]
    return result


def naive_own_growth(series, n_test, season):
    t = np.arange(len(series) - n_test, len(series))
    return (
        series[t - 1],
        series[t - season],
        series[t - season] * series[t] / series[t - 1],
    )


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
        "off by one": naive_off_by_one,
        "the actual values": naive_actual_values,
        "persistence of the month itself": naive_actual_persistence,
        "second and third exchanged": naive_swapped,
        "divided by the value a year ago": naive_same_denominator,
        "season + 1 written as 13": naive_thirteen,
        "exchanged": naive_negative_slice,
        "season written as 12": naive_twelve,
        "does not walk forward": naive_not_walking,
        "difference, not ratio": naive_difference,
        "all months": naive_too_long,
        "lists": naive_lists,
        "changes the series": naive_mutates,
        "growth of the month itself": naive_own_growth,
    },
    right={"slices": naive_slices, "a loop": naive_loop, "logarithms, float32": naive_logs},
    blank=naive_blank,
)

# --- scaler -------------------------------------------------------------------------------------


def scaler_blank(series, n_train):
    raise NotImplementedError


def scaler_whole(series, n_train):
    return series.min(), series.max()


def scaler_98(series, n_train):
    return series[:98].min(), series[:98].max()


def scaler_last(series, n_train):
    return series[-n_train:].min(), series[-n_train:].max()


def scaler_half_leak(series, n_train):
    return series[:n_train].min(), series.max()


def scaler_one_less(series, n_train):
    train = series[: max(n_train - 1, 1)]
    return train.min(), train.max()


def scaler_one_less_low(series, n_train):
    return series[: max(n_train - 1, 1)].min(), series[:n_train].max()


def scaler_one_more(series, n_train):
    return series[: n_train + 1].min(), series[: n_train + 1].max()


def scaler_ends(series, n_train):
    return series[0], series[n_train - 1]


def scaler_exchanged(series, n_train):
    return series[:n_train].max(), series[:n_train].min()


def scaler_standard(series, n_train):
    return series[:n_train].mean(), series[:n_train].std()


def scaler_rounded(series, n_train):
    return int(series[:n_train].min()), int(series[:n_train].max())


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
        "the whole series": scaler_whole,
        "n_train written as 98": scaler_98,
        "the last values": scaler_last,
        "largest of the whole series": scaler_half_leak,
        "one value too many": scaler_one_more,
        "one value too few": scaler_one_less,
        "one value too few for the smallest": scaler_one_less_low,
        "first and last": scaler_ends,
        "exchanged": scaler_exchanged,
        "mean and deviation": scaler_standard,
        "rounded": scaler_rounded,
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


def windows_transposed(series, width):
    x, y = windows_index(series, width)
    return x.transpose(1, 0, 2), y


def windows_one_step(series, width):
    x, y = windows_index(series, width)
    return x.transpose(0, 2, 1), y


def windows_flat(series, width):
    x, y = windows_index(series, width)
    return x[:, :, 0], y


def windows_column(series, width):
    x, y = windows_index(series, width)
    return x, y[:, None]


def windows_tutorial(series, width):
    x, y = [], []
    for i in range(len(series) - width - 1):  # the famous off-by-one
        x.append(series[i : i + width])
        y.append(series[i + width])
    return np.array(x).reshape(-1, width, 1), np.array(y)


def windows_with_target(series, width):
    x = np.lib.stride_tricks.sliding_window_view(series, width)[1:]
    return x[:, :, None], series[width:]


def windows_reversed(series, width):
    x, y = windows_index(series, width)
    return x[:, ::-1], y


def windows_disjoint(series, width):
    n = (len(series) - 1) // width
    x = series[: n * width].reshape(n, width, 1)
    return x, series[width::width][:n]


def windows_target_inside(series, width):
    x, _ = windows_index(series, width)
    return x, series[width - 1 : -1]


def windows_one_too_many(series, width):
    x = [series[i : i + width] for i in range(len(series) - width + 1)]
    return np.array(x)[:, :, None], series[width:]


def windows_one_too_many_wrapped(series, width):
    x = np.lib.stride_tricks.sliding_window_view(series, width)[:, :, None]
    return x, np.roll(series, -width)[: len(x)]


def windows_reshape_accident(series, width):
    x, y = windows_index(series, width)
    return x[:, :, 0].T.reshape(-1, width, 1), y


def windows_lists(series, width):
    x, y = windows_index(series, width)
    return x.tolist(), y.tolist()


def windows_mutates(series, width):
    result = windows_index(series.copy(), width)
    series -= series.mean()
    return result


def windows_integers(series, width):
    x, y = windows_index(series, width)
    return x.astype(int), y.astype(int)


def windows_hard_coded(series, width):
    return np.zeros((119, 12, 1)), np.zeros(119)


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
        "axes exchanged": windows_transposed,
        "one step of width features": windows_one_step,
        "no feature axis": windows_flat,
        "targets in a column": windows_column,
        "the last window lost": windows_tutorial,
        "the window holds its target": windows_with_target,
        "newest first": windows_reversed,
        "disjoint windows": windows_disjoint,
        "the target is the window's last value": windows_target_inside,
        "one window too many": windows_one_too_many,
        "one window too many, its target from the front": windows_one_too_many_wrapped,
        "reshape instead of transpose": windows_reshape_accident,
        "lists": windows_lists,
        "changes the series": windows_mutates,
        "integers": windows_integers,
        "hard-coded": windows_hard_coded,
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


def recursive_frozen(step, history, horizon):
    return np.stack([step(history) for _ in range(horizon)], axis=1)


def recursive_transposed(step, history, horizon):
    return recursive_list(step, history, horizon).T


def recursive_off_by_one(step, history, horizon):
    return recursive_list(step, history, horizon + 1)[:, 1:]


def recursive_too_few(step, history, horizon):
    return recursive_list(step, history, max(horizon - 1, 1))


def recursive_whole(step, history, horizon):
    known = history
    for _ in range(horizon):
        known = np.column_stack([known, step(known)])
    return known


def recursive_last(step, history, horizon):
    return recursive_list(step, history, horizon)[:, -1]


def recursive_rolls_in_place(step, history, horizon):
    out = []
    for _ in range(horizon):
        following = step(history)
        history[:, :-1] = history[:, 1:]
        history[:, -1] = following
        out.append(following)
    return np.stack(out, axis=1)


def recursive_only_last_value(step, history, horizon):
    out, known = [], history[:, -1:]
    for _ in range(horizon):
        known = step(known)[:, None]
        out.append(known)
    return np.concatenate(out, axis=1)


def recursive_last_twelve(step, history, horizon):
    known = history
    for _ in range(horizon):
        known = np.column_stack([known, step(known[:, -12:])])
    return known[:, -horizon:]


def recursive_last_25(step, history, horizon):
    known = history
    for _ in range(horizon):
        known = np.column_stack([known, step(known[:, -25:])])
    return known[:, -horizon:]


def recursive_last_100(step, history, horizon):
    known = history
    for _ in range(horizon):
        known = np.column_stack([known, step(known[:, -100:])])
    return known[:, -horizon:]


def recursive_sliding(step, history, horizon):
    out, known = [], history.copy()
    for _ in range(horizon):
        out.append(step(known))
        known = np.column_stack([known[:, 1:], out[-1]])
    return np.stack(out, axis=1)


def recursive_prepended(step, history, horizon):
    known = history
    for _ in range(horizon):
        known = np.column_stack([step(known), known])
    return known[:, :horizon]


def recursive_prepended_reversed(step, history, horizon):
    return recursive_prepended(step, history, horizon)[:, ::-1]


def recursive_no_column(step, history, horizon):
    known = history
    for _ in range(horizon):
        known = np.concatenate([known, step(known)], axis=1)
    return known[:, -horizon:]


def recursive_mean_path(step, history, horizon):
    mean = history.mean(axis=0, keepdims=True)
    return recursive_list(step, mean, horizon).repeat(len(history), axis=0)


def recursive_wrong_axis(step, history, horizon):
    known = history
    for _ in range(horizon):
        known = np.concatenate([known, step(known)[None, :]], axis=0)
    return known[-horizon:]


def recursive_nan(step, history, horizon):
    known = np.full((len(history), history.shape[1] + horizon), np.nan)
    known[:, : history.shape[1]] = history
    for _ in range(horizon):
        known[:, -1] = step(known)
    return known[:, -horizon:]


def recursive_list_of_arrays(step, history, horizon):
    return list(recursive_list(step, history, horizon))


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
        "the same history every time": recursive_frozen,
        "axes exchanged": recursive_transposed,
        "one step late": recursive_off_by_one,
        "one step too few": recursive_too_few,
        "history included": recursive_whole,
        "the last step only": recursive_last,
        "changes the history": recursive_rolls_in_place,
        "only the last value": recursive_only_last_value,
        "the last twelve values": recursive_last_twelve,
        "the last 25 values": recursive_last_25,
        "the last 100 values": recursive_last_100,
        "a window that slides": recursive_sliding,
        "the forecast in front": recursive_prepended,
        "the forecast in front, then reversed": recursive_prepended_reversed,
        "a row where a column belongs": recursive_no_column,
        "one path for all": recursive_mean_path,
        "wrong axis": recursive_wrong_axis,
        "not a number": recursive_nan,
        "a list of arrays": recursive_list_of_arrays,
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
        "scaled by the test": "from history, not from actual",
        "seasonal differences of the test": "from history, not from actual",
        "season written as 12": "use season.",
        "divided by m": "m − s terms",
        "np.roll": "m − s terms",
        "signed errors": "opposite signs",
    },
    "airline/naive": {
        "the actual values": "uses y_t itself",
        "persistence of the month itself": "uses y_t itself",
        "does not walk forward": "once a month has been forecast",
        "season written as 12": "season is an argument",
        "season + 1 written as 13": "season is an argument",
        "exchanged": "the order is persistence",
        "second and third exchanged": "the order is persistence",
        "divided by the value a year ago": "the growth is",
        "off by one": "1 too early",
    },
    "airline/windows": {
        "the target is the window's last value": "lies inside the window",
        "one window too many": "no value after it",
        "one window too many, its target from the front": "no value after it",
        "disjoint windows": "one step apart",
        "the window holds its target": "contains its own target",
    },
    "airline/recursive": {
        "the last twelve values": "all the known values",
        "the last 25 values": "all the known values",
        "only the last value": "all the known values",
        "a window that slides": "all the known values",
        "the forecast in front": "belongs at the end",
        "the forecast in front, then reversed": "belongs at the end",
        "a row where a column belongs": "makes a column",
        "the same history every time": "append each forecast",
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
