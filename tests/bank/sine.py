"""Answers to the exercises of lab 02."""

from __future__ import annotations

import numpy as np
import torch
from scipy.optimize import curve_fit

from bank import Answers

# --- windows ------------------------------------------------------------------------------------


def windows_blank(series, width, ahead):
    raise NotImplementedError


def windows_disjoint(series, width, ahead):
    x, future = windows_loop(series, width, ahead)
    return x[::width], future[::width]


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
        "disjoint windows": windows_disjoint,
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


def floor_last_of_window(width, ahead, omega, sigma):
    return floor_inverse(width, 0, omega, sigma)


def floor_simulated(width, ahead, omega, sigma):
    rng = np.random.default_rng(0)
    t = np.arange(width + ahead)
    noisy = np.sin(omega * t + rng.uniform(0, 2 * np.pi, (20_000, 1)))
    noisy = noisy + sigma * rng.normal(size=noisy.shape)
    weights = _design(t[-1], omega) @ np.linalg.pinv(_design(t[:width], omega))
    return np.sqrt(np.mean((noisy[:, :width] @ weights - noisy[:, -1]) ** 2))


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
        "the window's last value": floor_last_of_window,
        "a simulation": floor_simulated,
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


def free_rolled_wrong(step, windows, horizon):
    out, window = [], windows.copy()
    for _ in range(horizon):
        out.append(step(window))
        window = np.roll(window, 1, axis=1)
        window[:, -1] = out[-1]
    return np.stack(out, axis=1)


def free_row_by_row(step, windows, horizon):
    out = []
    for row in windows:
        window = list(row)
        for _ in range(horizon):
            window.append(step(np.array(window[-len(row) :])))
        out.append(window[len(row) :])
    return np.array(out)


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
        "rolled the wrong way": free_rolled_wrong,
        "row by row": free_row_by_row,
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


def amplitude_fourier(values, omega):
    spectrum = np.fft.rfft(values, axis=1)
    peak = np.abs(spectrum[:, 1:]).argmax(axis=1) + 1
    at = spectrum[np.arange(len(values)), peak]
    return 2 * np.abs(at) / values.shape[1], np.angle(1j * at)


def amplitude_rows(values, omega):
    waves = _design(np.arange(values.shape[1]), omega)
    a, b = np.linalg.lstsq(waves, values, rcond=None)[0]
    return np.hypot(a, b), np.arctan2(b, a)


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
        "the peak of the spectrum": amplitude_fourier,
        "paths in rows": amplitude_rows,
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


def pole_nearest_to_circle(weights):
    roots = np.roots(np.r_[1, -weights[::-1]])
    z = roots[np.abs(np.abs(roots) - 1).argmin()]
    return abs(z), abs(np.angle(z))


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
        "the nearest to the circle": pole_nearest_to_circle,
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
        "disjoint windows": "one step further",
    },
    "sine/floor": {
        "the window's last value": "beginning of the window",
    },
    "sine/free_run": {
        "rolled the wrong way": "to the left",
        "row by row": "all paths at once",
    },
    "sine/amplitude": {
        "paths in rows": "values.T",
    },
    "sine/pole": {
        "the nearest to the circle": "nearest to 1",
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
