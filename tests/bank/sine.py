"""Answers to the exercises of lab 02."""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import curve_fit

from bank import Answers

# --- windows ------------------------------------------------------------------------------------


def windows_blank(series, width, ahead):
    raise NotImplementedError


def windows_features(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return x.transpose(0, 2, 1), future


def windows_flat(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return x[:, :, 0], future


def windows_first_target_only(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return x, future[:, 0]


def windows_last_target_only(series, width, ahead):
    count = len(series) - width - ahead + 1
    x = np.stack([series[i : i + width] for i in range(count)])
    return x[:, :, None], np.stack([series[i + width + ahead - 1] for i in range(count)])


def windows_ignores_ahead(series, width, ahead):
    count = len(series) - width
    x = np.stack([series[i : i + width] for i in range(count)])
    return x[:, :, None], series[width:][:, None]


def windows_one_too_few(series, width, ahead):
    count = len(series) - width - ahead
    x = np.stack([series[i : i + width] for i in range(count)])
    future = np.stack([series[i + width : i + width + ahead] for i in range(count)])
    return x[:, :, None], future


def windows_one_too_many(series, width, ahead):
    count = len(series) - width - ahead + 2
    x = np.stack([series[i : i + width] for i in range(count)])
    future = np.stack([series[i + width : i + width + ahead] for i in range(count)])
    return x[:, :, None], future


def windows_target_inside(series, width, ahead):
    count = len(series) - width - ahead + 1
    x = np.stack([series[i : i + width] for i in range(count)])
    future = np.stack([series[i + width - 1 : i + width - 1 + ahead] for i in range(count)])
    return x[:, :, None], future


def windows_target_axis(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return x, future[:, :, None]


def windows_last_column(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return x, future[:, ahead - 1 : ahead]


def windows_from_ahead(series, width, ahead):
    count = len(series) - width - ahead + 1
    x = np.stack([series[i : i + width] for i in range(count)])
    future = np.stack([series[i + ahead : i + 2 * ahead] for i in range(count)])
    return x[:, :, None], future


def windows_alone(series, width, ahead):
    return windows_loop(series, width, ahead)[0]


def windows_reversed(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return np.flip(x, axis=1), future


def windows_disjoint(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return x[::width], future[::width]


def windows_exchanged(series, width, ahead):
    return windows_loop(series, width, ahead)[::-1]


def windows_lists(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return x.tolist(), future.tolist()


def windows_integers(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return x.astype(int), future.astype(int)


def windows_mutates(series, width, ahead):
    out = windows_loop(series, width, ahead)
    series -= series.mean()
    return out


def windows_hard_coded(series, width, ahead):
    x, future = windows_loop(series, 25, 1)
    return x, future


def windows_loop(series, width, ahead):
    x, future = [], []
    i = 0
    while i + width + ahead <= len(series):
        x.append([[value] for value in series[i : i + width]])
        future.append(series[i + width : i + width + ahead])
        i += 1
    return np.array(x, dtype=np.float32), np.array(future)


def windows_index(series, width, ahead):
    starts = np.arange(len(series) - width - ahead + 1)[:, None]
    x = series[starts + np.arange(width)]
    return x[..., np.newaxis], series[starts + width + np.arange(ahead)]


def windows_unfold(series, width, ahead):
    both = torch.as_tensor(series).unfold(0, width + ahead, 1)
    return both[:, :width].unsqueeze(-1), both[:, width:]


def windows_view(series, width, ahead):
    both = np.lib.stride_tricks.sliding_window_view(series, width + ahead)
    x, future = np.split(both, [width], axis=1)
    return np.expand_dims(x, 2), future


WINDOWS = Answers(
    wrong={
        "one step of many features": windows_features,
        "no axis of features": windows_flat,
        "the first target only": windows_first_target_only,
        "the last target only": windows_last_target_only,
        "ignores ahead": windows_ignores_ahead,
        "one window too few": windows_one_too_few,
        "one window too many": windows_one_too_many,
        "the first target inside the window": windows_target_inside,
        "an axis of features on the targets": windows_target_axis,
        "the last target as a column": windows_last_column,
        "targets from ahead": windows_from_ahead,
        "the windows alone": windows_alone,
        "newest first": windows_reversed,
        "disjoint windows": windows_disjoint,
        "exchanged": windows_exchanged,
        "lists": windows_lists,
        "integers": windows_integers,
        "changes the series": windows_mutates,
        "hard-coded": windows_hard_coded,
    },
    right={
        "loops, float32": windows_loop,
        "index arithmetic": windows_index,
        "unfold, tensors": windows_unfold,
        "views, split": windows_view,
    },
    blank=windows_blank,
)

# --- floor --------------------------------------------------------------------------------------


def floor_blank(width, ahead, omega, sigma):
    raise NotImplementedError


def _design(times, omega):
    return np.stack([np.sin(omega * times), np.cos(omega * times)], axis=-1)


def floor_fit_only(width, ahead, omega, sigma):
    known, u = _design(np.arange(width), omega), _design(width - 1 + ahead, omega)
    return sigma * np.sqrt(u @ np.linalg.inv(known.T @ known) @ u)


def floor_variance(width, ahead, omega, sigma):
    return floor_inverse(width, ahead, omega, sigma) ** 2


def floor_one_outside(width, ahead, omega, sigma):
    return np.sqrt(1 + floor_fit_only(width, ahead, omega, sigma) ** 2)


def floor_no_sigma(width, ahead, omega, sigma):
    return floor_inverse(width, ahead, omega, 1.0)


def floor_whole_periods(width, ahead, omega, sigma):
    return sigma * np.sqrt(1 + 2 / width)


def floor_late(width, ahead, omega, sigma):
    return floor_inverse(width, ahead + 1, omega, sigma)


def floor_early(width, ahead, omega, sigma):
    return floor_inverse(width, ahead - 1, omega, sigma)


def floor_one_step(width, ahead, omega, sigma):
    return floor_inverse(width, 1, omega, sigma)


def floor_no_inverse(width, ahead, omega, sigma):
    known, u = _design(np.arange(width), omega), _design(width - 1 + ahead, omega)
    return sigma * np.sqrt(1 + u @ (known.T @ known) @ u)


def floor_sine_only(width, ahead, omega, sigma):
    known = np.sin(omega * np.arange(width))
    u = np.sin(omega * (width - 1 + ahead))
    return sigma * np.sqrt(1 + u * u / (known @ known))


def floor_sigma(width, ahead, omega, sigma):
    return sigma


def floor_no_root(width, ahead, omega, sigma):
    return floor_inverse(width, ahead, omega, sigma) ** 2 / sigma


def floor_from_ahead(width, ahead, omega, sigma):
    known, u = _design(np.arange(width), omega), _design(ahead, omega)
    return sigma * np.sqrt(1 + u @ np.linalg.inv(known.T @ known) @ u)


def floor_last_of_window(width, ahead, omega, sigma):
    return floor_inverse(width, 0, omega, sigma)


def floor_elementwise(width, ahead, omega, sigma):
    known, u = _design(np.arange(width), omega), _design(width - 1 + ahead, omega)
    return sigma * np.sqrt(1 + u * np.linalg.inv(known.T @ known) * u)  # (2, 2)


def floor_root_of_sum(width, ahead, omega, sigma):
    known, u = _design(np.arange(width), omega), _design(width - 1 + ahead, omega)
    return np.sqrt(sigma**2 + u @ np.linalg.inv(known.T @ known) @ u)


def floor_simulated(width, ahead, omega, sigma):
    rng = np.random.default_rng(0)
    t = np.arange(width + ahead)
    noisy = np.sin(omega * t + rng.uniform(0, 2 * np.pi, (20_000, 1)))
    noisy = noisy + sigma * rng.normal(size=noisy.shape)
    weights = _design(t[-1], omega) @ np.linalg.pinv(_design(t[:width], omega))
    return np.sqrt(np.mean((noisy[:, :width] @ weights - noisy[:, -1]) ** 2))


def floor_matrix(width, ahead, omega, sigma):
    known, u = _design(np.arange(width), omega), _design(np.array([width - 1 + ahead]), omega)
    return sigma * np.sqrt(1 + u @ np.linalg.inv(known.T @ known) @ u.T)  # (1, 1)


def floor_known_phase(width, ahead, omega, sigma):
    return sigma * np.sqrt(1 + 1 / width)


def floor_three_columns(width, ahead, omega, sigma):
    def row(t):
        return np.stack([np.sin(omega * t), np.cos(omega * t), np.ones_like(t, dtype=float)], -1)

    known, u = row(np.arange(width)), row(np.array(width - 1 + ahead))
    return sigma * np.sqrt(1 + u @ np.linalg.pinv(known.T @ known) @ u)


def floor_inverse(width, ahead, omega, sigma):
    known, u = _design(np.arange(width), omega), _design(width - 1 + ahead, omega)
    return sigma * np.sqrt(1 + u @ np.linalg.inv(known.T @ known) @ u)


def floor_filter(width, ahead, omega, sigma):
    known, u = _design(np.arange(width), omega), _design(width - 1 + ahead, omega)
    weights = u @ np.linalg.pinv(known)  # the forecast is a weighted sum of the window
    return float(np.hypot(sigma, sigma * np.linalg.norm(weights)))


def floor_from_the_moment(width, ahead, omega, sigma):
    t = np.arange(-(width - 1) - ahead, 1 - ahead)  # the moment of the forecast is 0
    inverse = np.linalg.inv(_design(t, omega).T @ _design(t, omega))
    return sigma * (1 + inverse[1, 1]) ** 0.5


def floor_by_hand(width, ahead, omega, sigma):
    ss = sc = cc = 0.0
    for t in range(width):
        s, c = np.sin(omega * t), np.cos(omega * t)
        ss, sc, cc = ss + s * s, sc + s * c, cc + c * c
    p, q = np.sin(omega * (width - 1 + ahead)), np.cos(omega * (width - 1 + ahead))
    return np.float32(
        sigma * np.sqrt(1 + (p * p * cc - 2 * p * q * sc + q * q * ss) / (ss * cc - sc**2))
    )


FLOOR = Answers(
    wrong={
        "the error of the fit alone": floor_fit_only,
        "the variance": floor_variance,
        "the one outside the bracket": floor_one_outside,
        "no sigma": floor_no_sigma,
        "whole periods": floor_whole_periods,
        "a step late": floor_late,
        "a step early": floor_early,
        "ignores ahead": floor_one_step,
        "no inverse": floor_no_inverse,
        "the sine alone": floor_sine_only,
        "sigma": floor_sigma,
        "no root": floor_no_root,
        "time from the end of the window": floor_from_ahead,
        "the window's last value": floor_last_of_window,
        "products element by element": floor_elementwise,
        "no sigma before the excess": floor_root_of_sum,
        "a simulation": floor_simulated,
        "a matrix": floor_matrix,
        "half the excess": floor_known_phase,
        "a constant beside the wave": floor_three_columns,
    },
    right={
        "the inverse": floor_inverse,
        "the weights of the forecast": floor_filter,
        "time from the forecast's moment": floor_from_the_moment,
        "two by two by hand, float32": floor_by_hand,
    },
    blank=floor_blank,
)

# --- below --------------------------------------------------------------------------------------

BELOW = Answers(
    wrong={
        "A": "A",
        "C": "C",
        "D": "D",
        "a number": 2,
        "no such letter": "E",
        "two letters": "BC",
        "an empty text": "",
    },
    right={"B": "B", "lower case": "b", "with a space": " B ", "with a full stop": "B."},
    blank=...,
)

# --- free run -----------------------------------------------------------------------------------


def free_blank(step, windows, horizon):
    raise NotImplementedError


def free_frozen(step, windows, horizon):
    return np.stack([step(windows) for _ in range(horizon)], axis=1)


def free_growing(step, windows, horizon):
    known = windows
    for _ in range(horizon):
        known = np.column_stack([known, step(known)])
    return known[:, -horizon:]


def free_drops_newest(step, windows, horizon):
    out, window = [], windows.copy()
    for _ in range(horizon):
        out.append(step(window))
        window[:, -1] = out[-1]
    return np.stack(out, axis=1)


def free_prepended(step, windows, horizon):
    out, window = [], windows
    for _ in range(horizon):
        out.append(step(window))
        window = np.column_stack([out[-1], window[:, :-1]])
    return np.stack(out, axis=1)


def free_rolled_wrong(step, windows, horizon):
    out, window = [], windows.copy()
    for _ in range(horizon):
        out.append(step(window))
        window = np.roll(window, 1, axis=1)
        window[:, -1] = out[-1]
    return np.stack(out, axis=1)


def free_with_windows(step, windows, horizon):
    return np.column_stack([windows, free_list(step, windows, horizon)])


def free_transposed(step, windows, horizon):
    return free_list(step, windows, horizon).T


def free_late(step, windows, horizon):
    return free_list(step, windows, horizon + 1)[:, 1:]


def free_last(step, windows, horizon):
    return free_list(step, windows, horizon)[:, -1]


def free_one_too_few(step, windows, horizon):
    return free_list(step, windows, max(horizon - 1, 1))


def free_no_column(step, windows, horizon):
    window, out = windows, []
    for _ in range(horizon):
        out.append(step(window))
        window = np.concatenate([window[:, 1:], out[-1]], axis=1)
    return np.stack(out, axis=1)


def free_in_place(step, windows, horizon):
    out = []
    for _ in range(horizon):
        following = step(windows)
        windows[:, :-1] = windows[:, 1:]
        windows[:, -1] = following
        out.append(following)
    return np.stack(out, axis=1)


def free_list_of_arrays(step, windows, horizon):
    return list(free_list(step, windows, horizon))


def free_mean_path(step, windows, horizon):
    mean = windows.mean(axis=0, keepdims=True)
    return free_list(step, mean, horizon).repeat(len(windows), axis=0)


def free_row_by_row(step, windows, horizon):
    out = []
    for row in windows:
        window = list(row)
        for _ in range(horizon):
            window.append(step(np.array(window[-len(row) :])))
        out.append(window[len(row) :])
    return np.array(out)


def free_features(step, windows, horizon):
    window, out = windows[:, :, None], []
    for _ in range(horizon):
        out.append(step(window))
        window = np.concatenate([window[:, 1:], out[-1][:, None, None]], axis=1)
    return np.stack(out, axis=1)


def free_zeros(step, windows, horizon):
    window, out = windows, []
    for _ in range(horizon):
        out.append(step(window))
        window = np.column_stack([window[:, 1:], np.zeros(len(window))])
    return np.stack(out, axis=1)


def free_list(step, windows, horizon):
    values = [windows[:, i] for i in range(windows.shape[1])]
    for _ in range(horizon):
        values.append(step(np.stack(values[-windows.shape[1] :], axis=1)))
    return np.stack(values[windows.shape[1] :], axis=1)


def free_roll(step, windows, horizon):
    window, out = windows.copy(), np.empty((len(windows), horizon), dtype=np.float32)
    for i in range(horizon):
        out[:, i] = step(window)
        window = np.roll(window, -1, axis=1)
        window[:, -1] = out[:, i]
    return out


def free_of_itself(step, windows, horizon):
    if horizon == 0:
        return np.empty((len(windows), 0))
    first = step(windows)[:, None]
    rest = free_of_itself(step, np.hstack([windows[:, 1:], first]), horizon - 1)
    return np.hstack([first, rest])


def free_preallocated(step, windows, horizon):
    width = windows.shape[1]
    known = np.pad(windows, ((0, 0), (0, horizon)))
    for i in range(horizon):
        known[:, width + i] = step(known[:, i : width + i])
    return known[:, width:]


FREE = Answers(
    wrong={
        "the same window every time": free_frozen,
        "a window that grows": free_growing,
        "drops the newest value": free_drops_newest,
        "the forecast in front": free_prepended,
        "rolled the wrong way": free_rolled_wrong,
        "the windows included": free_with_windows,
        "axes exchanged": free_transposed,
        "one step late": free_late,
        "the last step only": free_last,
        "one step too few": free_one_too_few,
        "a row where a column belongs": free_no_column,
        "changes the windows": free_in_place,
        "a list of arrays": free_list_of_arrays,
        "one path for all": free_mean_path,
        "row by row": free_row_by_row,
        "an axis of features": free_features,
        "zeros instead of forecasts": free_zeros,
    },
    right={
        "a list of columns": free_list,
        "np.roll, float32": free_roll,
        "recursion": free_of_itself,
        "preallocated": free_preallocated,
    },
    blank=free_blank,
)

# --- amplitude and phase ------------------------------------------------------------------------


def amplitude_blank(values, omega):
    raise NotImplementedError


def _coefficients(values, omega, first=0):
    t = np.arange(first, first + values.shape[1])
    return np.linalg.lstsq(_design(t, omega), values.T, rcond=None)[0]


def amplitude_swapped_arguments(values, omega):
    a, b = _coefficients(values, omega)
    return np.sqrt(a**2 + b**2), np.arctan2(a, b)


def amplitude_arctan(values, omega):
    a, b = _coefficients(values, omega)
    return np.sqrt(a**2 + b**2), np.arctan(b / a)


def amplitude_degrees(values, omega):
    a, phase = amplitude_normal(values, omega)
    return a, np.rad2deg(phase)


def amplitude_positive_phase(values, omega):
    a, phase = amplitude_normal(values, omega)
    return a, np.mod(phase, 2 * np.pi)


def amplitude_square(values, omega):
    a, b = _coefficients(values, omega)
    return a**2 + b**2, np.arctan2(b, a)


def amplitude_sum(values, omega):
    a, b = _coefficients(values, omega)
    return np.abs(a) + np.abs(b), np.arctan2(b, a)


def amplitude_exchanged(values, omega):
    return amplitude_normal(values, omega)[::-1]


def amplitude_time_from_one(values, omega):
    a, b = _coefficients(values, omega, first=1)
    return np.hypot(a, b), np.arctan2(b, a)


def amplitude_coefficients(values, omega):
    return tuple(_coefficients(values, omega))


def amplitude_correlation(values, omega):
    t = np.arange(values.shape[1])
    a = values @ np.sin(omega * t) * 2 / len(t)
    b = values @ np.cos(omega * t) * 2 / len(t)
    return np.hypot(a, b), np.arctan2(b, a)


def amplitude_peak(values, omega):
    return values.max(axis=1), amplitude_normal(values, omega)[1]


def amplitude_half_range(values, omega):
    return (values.max(axis=1) - values.min(axis=1)) / 2, amplitude_normal(values, omega)[1]


def amplitude_first_path(values, omega):
    a, phase = amplitude_normal(values[:1], omega)
    return np.repeat(a, len(values)), np.repeat(phase, len(values))


def amplitude_fourier(values, omega):
    spectrum = np.fft.rfft(values, axis=1)
    peak = np.abs(spectrum[:, 1:]).argmax(axis=1) + 1
    at = spectrum[np.arange(len(values)), peak]
    return 2 * np.abs(at) / values.shape[1], np.angle(1j * at)


def amplitude_plain_sum(values, omega):
    a, b = _coefficients(values, omega)
    return a + b, np.arctan2(b, a)


def amplitude_stacked(values, omega):
    return np.stack(amplitude_normal(values, omega))


def amplitude_constant(values, omega):
    waves = _design(np.arange(values.shape[1]), omega)
    waves = np.c_[waves, np.ones(len(waves))]
    a, b, _ = np.linalg.pinv(waves) @ values.T
    return np.hypot(a, b), np.arctan2(b, a)


def amplitude_rows(values, omega):
    waves = _design(np.arange(values.shape[1]), omega)
    a, b = np.linalg.lstsq(waves, values, rcond=None)[0]
    return np.hypot(a, b), np.arctan2(b, a)


def amplitude_columns(values, omega):
    a, phase = amplitude_normal(values, omega)
    return a[:, None], phase[:, None]


def amplitude_normal(values, omega):
    waves = _design(np.arange(values.shape[1]), omega)
    a, b = np.linalg.solve(waves.T @ waves, waves.T @ values.T)
    return np.sqrt(a * a + b * b), np.arctan2(b, a)


def amplitude_complex(values, omega):
    z = np.linalg.pinv(_design(np.arange(values.shape[1]), omega)).T @ np.array([1, 1j])  # (time,)
    z = values @ z
    return np.abs(z), np.angle(z)


def amplitude_loop(values, omega):
    waves = _design(np.arange(values.shape[1]), omega)
    fits = [np.linalg.lstsq(waves, path, rcond=None)[0] for path in values]
    amplitude = [float(np.linalg.norm(fit)) for fit in fits]
    return np.array(amplitude, dtype=np.float32), np.array([np.arctan2(b, a) for a, b in fits])


def amplitude_curve_fit(values, omega):
    t, fits = np.arange(values.shape[1]), []
    for path in values:

        def wave(t, a, b):
            return a * np.sin(omega * t) + b * np.cos(omega * t)

        fits.append(curve_fit(wave, t, path, p0=[1.0, 0.0], method="trf")[0])
    a, b = np.array(fits).T
    return np.hypot(a, b), np.arctan2(b, a)


AMPLITUDE = Answers(
    wrong={
        "arctan2 with exchanged arguments": amplitude_swapped_arguments,
        "arctan": amplitude_arctan,
        "degrees": amplitude_degrees,
        "phases from 0 to 2π": amplitude_positive_phase,
        "the square": amplitude_square,
        "the sum": amplitude_sum,
        "exchanged": amplitude_exchanged,
        "time from one": amplitude_time_from_one,
        "the coefficients": amplitude_coefficients,
        "whole periods": amplitude_correlation,
        "the largest value": amplitude_peak,
        "half the range": amplitude_half_range,
        "the first path for all": amplitude_first_path,
        "the peak of the spectrum": amplitude_fourier,
        "the sum without absolute values": amplitude_plain_sum,
        "one array": amplitude_stacked,
        "a constant beside the wave": amplitude_constant,
        "paths in rows": amplitude_rows,
        "columns": amplitude_columns,
    },
    right={
        "normal equations": amplitude_normal,
        "complex numbers": amplitude_complex,
        "path by path, float32": amplitude_loop,
        "curve_fit": amplitude_curve_fit,
    },
    blank=amplitude_blank,
)

# --- slowest pole -------------------------------------------------------------------------------


def pole_blank(weights):
    raise NotImplementedError


def _tell(roots):
    z = roots[np.abs(roots).argmax()]
    return abs(z), abs(np.angle(z))


def pole_not_reversed(weights):
    return _tell(np.roots(np.r_[1, -weights]))


def pole_lowest_power_first(weights):
    return _tell(np.roots(np.r_[-weights, 1]))


def pole_sign(weights):
    return _tell(np.roots(np.r_[1, weights[::-1]]))


def pole_no_leading_one(weights):
    return _tell(np.roots(weights[::-1]))


def pole_smallest(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    z = roots[np.abs(roots).argmin()]
    return abs(z), abs(np.angle(z))


def pole_parts(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    z = roots[np.abs(roots).argmax()]
    return z.real, abs(z.imag)


def pole_negative_angle(weights):
    radius, angle = pole_companion(weights)
    return radius, -angle


def pole_exchanged(weights):
    return pole_companion(weights)[::-1]


def pole_degrees(weights):
    radius, angle = pole_companion(weights)
    return radius, np.degrees(angle)


def pole_period(weights):
    radius, angle = pole_companion(weights)
    return radius, 2 * np.pi / angle


def pole_radius_only(weights):
    return pole_companion(weights)[0]


def pole_all_radii(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    return np.abs(roots), np.abs(np.angle(roots))


def pole_largest_real(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    z = max(roots, key=lambda root: root.real)
    return abs(z), abs(np.angle(z))


def pole_first(weights):
    z = np.roots(np.r_[1, -weights[::-1]])[0]
    return abs(z), abs(np.angle(z))


def pole_nearest_to_circle(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    z = roots[np.abs(np.abs(roots) - 1).argmin()]
    return abs(z), abs(np.angle(z))


def pole_weights_alone(weights):
    return _tell(np.roots(weights))


def pole_arctan(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    z = roots[np.abs(roots).argmax()]
    return abs(z), abs(np.arctan(z.imag / z.real))


def pole_apart(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    return np.abs(roots).max(), np.abs(np.angle(roots)).max()


def pole_real_and_angle(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    z = roots[np.abs(roots).argmax()]
    return z.real, abs(np.angle(z))


def pole_complex(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    return roots[np.abs(roots).argmax()]


def pole_sum(weights):
    return np.abs(weights).sum(), 0.0


def pole_companion(weights):
    matrix = np.eye(len(weights), k=1)
    matrix[-1] = weights  # the last row makes the next value, the others shift
    return _tell(np.linalg.eigvals(matrix))


def pole_roots(weights):
    z = sorted(np.roots(np.r_[1, -np.flip(weights)]), key=abs)[-1]
    return np.float32(abs(z)), np.float32(abs(np.arctan2(z.imag, z.real)))


def pole_polynomial(weights):
    return _tell(np.polynomial.Polynomial(np.append(-weights, 1.0)).roots().astype(complex))


def pole_torch(weights):
    n = len(weights)
    matrix = torch.zeros(n, n, dtype=torch.float64)
    matrix[:-1, 1:] = torch.eye(n - 1, dtype=torch.float64)
    matrix[-1] = torch.tensor(weights)
    values = torch.linalg.eigvals(matrix)
    z = values[values.abs().argmax()]
    return z.abs(), z.angle().abs()


POLE = Answers(
    wrong={
        "not reversed": pole_not_reversed,
        "the lowest power first": pole_lowest_power_first,
        "the sign": pole_sign,
        "no leading one": pole_no_leading_one,
        "the fastest pole": pole_smallest,
        "real and imaginary part": pole_parts,
        "the negative angle": pole_negative_angle,
        "exchanged": pole_exchanged,
        "degrees": pole_degrees,
        "the period": pole_period,
        "the radius only": pole_radius_only,
        "all poles": pole_all_radii,
        "the largest real part": pole_largest_real,
        "the first root": pole_first,
        "the nearest to the circle": pole_nearest_to_circle,
        "the weights alone": pole_weights_alone,
        "arctan": pole_arctan,
        "modulus and angle of different poles": pole_apart,
        "the real part for the modulus": pole_real_and_angle,
        "the complex number": pole_complex,
        "the sum of the weights": pole_sum,
    },
    right={
        "eigenvalues of the companion matrix": pole_companion,
        "np.roots, sorted, float32": pole_roots,
        "np.polynomial": pole_polynomial,
        "PyTorch": pole_torch,
    },
    blank=pole_blank,
)

#: What the hint to a wrong answer says, in English.
HINTS = {
    "sine/windows": {
        "one step of many features": "read width steps",
        "no axis of features": "[:, :, None] adds it",
        "the first target only": "even if ahead is 1",
        "the last target only": "even if ahead is 1",
        "ignores ahead": "even if ahead is 1",
        "the last target as a column": "even if ahead is 1",
        "targets from ahead": "whatever ahead is",
        "the windows alone": "return two arrays",
        "one window too few": "the last window is missing",
        "the first target inside the window": "lies inside the window",
        "an axis of features on the targets": "no axis of features",
        "disjoint windows": "one step further",
        "exchanged": "the windows first",
    },
    "sine/floor": {
        "the error of the fit alone": "noise of its own",
        "the variance": "the RMSE is its square root",
        "the one outside the bracket": "the whole bracket",
        "no sigma": "the factor sigma",
        "whole periods": "whole periods",
        "a step late": "one step off",
        "a step early": "one step off",
        "ignores ahead": "use ahead",
        "no inverse": "the inverse of",
        "no root": "the square root",
        "a matrix": "[0, 0]",
        "time from the end of the window": "beginning of the window",
        "the window's last value": "beginning of the window",
        "the sine alone": "two columns",
    },
    "sine/free_run": {
        "the same window every time": "append each forecast",
        "a window that grows": "drop the oldest",
        "drops the newest value": "drop the oldest",
        "the forecast in front": "belongs at the end",
        "a row where a column belongs": "makes a column",
        "the windows included": "the forecasts alone",
        "one step late": "the first forecast is missing",
        "rolled the wrong way": "to the left",
        "one step too few": "the last forecast is missing",
        "row by row": "all paths at once",
        "an axis of features": "without an axis of features",
    },
    "sine/amplitude": {
        "arctan2 with exchanged arguments": "exchanged",
        "arctan": "quadrants",
        "degrees": "in radians",
        "phases from 0 to 2π": "from −π to π",
        "the square": "the root is missing",
        "time from one": "t = 0",
        "the coefficients": "coefficients of sine and cosine",
        "whole periods": "whole periods only",
        "half the range": "comes from the fit",
        "the sum": "not the sum",
        "the sum without absolute values": "not the sum",
        "one array": "return two arrays",
        "a constant beside the wave": "without a constant",
        "paths in rows": "values.T",
    },
    "sine/pole": {
        "not reversed": "Reverse weights",
        "the lowest power first": "Reverse weights",
        "the sign": "with a minus",
        "no leading one": "z^w is missing",
        "the fastest pole": "dies first",
        "real and imaginary part": "modulus and angle",
        "the negative angle": "the positive angle",
        "exchanged": "modulus first",
        "degrees": "in radians",
        "the period": "the period in steps",
        "the first root": "does not sort",
        "the nearest to the circle": "nearest to 1",
        "the largest real part": "not the largest real part",
        "the weights alone": "z^w is missing",
        "arctan": "quadrants",
        "modulus and angle of different poles": "the same pole",
        "the real part for the modulus": "modulus and angle",
    },
}

BANK = {
    "sine/windows": WINDOWS,
    "sine/floor": FLOOR,
    "sine/below": BELOW,
    "sine/free_run": FREE,
    "sine/amplitude": AMPLITUDE,
    "sine/pole": POLE,
}
