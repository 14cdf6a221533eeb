"""The exercises of lab 02, "A noisy sine": references, cases, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Choice, Exercise
from unrolled.messages import Message

Step = Callable[[np.ndarray], np.ndarray]


# --------------------------------------------------------------------------- windows


def make_windows(series: np.ndarray, width: int, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every window of a series together with the values that follow it.

    Args:
        series: of shape (n,), n >= width + ahead.
        width: the length of a window.
        ahead: how many of the values that follow belong to it.

    Returns:
        Windows of shape (count, width, 1), oldest value first, and the values that follow them, of
        shape (count, ahead), where count = n - width - ahead + 1.
    """
    both = np.lib.stride_tricks.sliding_window_view(series, width + ahead)
    return both[:, :width, None].copy(), both[:, width:].copy()


def _windows_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, width, ahead in ((23, 7, 4), (9, 1, 3), (14, 6, 1), (7, 2, 5), (19, 4, 6)):
        yield rng.normal(0.0, 1.0, n), width, ahead


# --------------------------------------------------------------------------- floor


def window_floor(width: int, ahead: int, omega: float, sigma: float) -> float:
    """Return the RMSE of the least-squares forecast of a sine of known frequency.

    The forecaster fits a·sin(ωt) + b·cos(ωt) to the noisy values y_0 … y_{width-1} and forecasts
    the noisy value ``ahead`` steps after the last of them. With the rows (sin ωt, cos ωt) in Φ and
    the row of the forecast moment in u, the error has the variance σ²(1 + u (ΦᵀΦ)⁻¹ uᵀ).

    Args:
        width: the number of values, at least 2.
        ahead: how many steps to look ahead.
        omega: the frequency, in radians per step.
        sigma: standard deviation of the noise.
    """
    t = np.arange(width)
    known = np.column_stack([np.sin(omega * t), np.cos(omega * t)])  # (width, 2)
    angle = omega * (width - 1 + ahead)
    u = np.array([np.sin(angle), np.cos(angle)])  # (2,)
    excess = u @ np.linalg.solve(known.T @ known, u)
    return float(sigma * np.sqrt(1 + excess))


def _floor_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for width, ahead in ((7, 3), (2, 1), (25, 4), (11, 1), (3, 5)):
        yield width, ahead, rng.uniform(0.5, 1.1), rng.uniform(0.2, 2.0)


# --------------------------------------------------------------------------- below the floor

BELOW = Choice(
    "sine/below",
    "3bc10964959f331e",
    {
        "A": Message(
            pl="Szum kolejnych chwil jest niezależny: nie ma w nim prawidłowości, którą można by "
            "znaleźć w przeszłości.",
            en="The noise of one moment is independent of the others: it has no regularity that "
            "could be found in the past.",
        ),
        "B": Message(
            pl="Poniżej σ nie zejdzie żadna prognoza, która zna tylko przeszłość. Ta zna więc coś "
            "więcej: przez przesunięty indeks, cel wewnątrz okna albo uczenie na teście.",
            en="No forecast that knows only the past gets below σ. So this one knows more: by a "
            "shifted index, a target inside the window or training on the test.",
        ),
        "C": Message(
            pl="Przypadkowy błąd RMSE z n wartości to około 1/√(2n), tutaj 0,2%. Trzy procent to "
            "kilkanaście razy więcej.",
            en="The random error of an RMSE from n values is about 1/√(2n), here 0.2%. Three per "
            "cent is more than ten times as much.",
        ),
        "D": Message(
            pl="Żadna liczba parametrów nie pozwala przewidzieć tego, czego nie ma w danych. Na "
            "zbiorze uczącym duża sieć może zejść poniżej σ, wykuwając szum na pamięć, ale nie na "
            "teście.",
            en="No number of parameters can forecast what is not in the data. On the training set "
            "a large network can get below σ by learning the noise by heart, but not on the test.",
        ),
    },
)

# --------------------------------------------------------------------------- free run


def free_run(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    """Forecast several steps by sliding a window over a one-step model's own forecasts.

    Args:
        step: the one-step model: from windows (paths, width) to the next values, (paths,).
        windows: the last known values, of shape (paths, width), oldest first.
        horizon: how many steps to forecast.

    Returns:
        The forecasts, of shape (paths, horizon).
    """
    width = windows.shape[1]
    known = windows  # (paths, time)
    for _ in range(horizon):
        following = step(known[:, -width:])  # (paths,)
        known = np.concatenate([known, following[:, None]], axis=1)  # one step longer
    return known[:, width:]


def _window_step(weights: np.ndarray) -> Step:
    """Return a model that reads windows as wide as its weights."""

    def step(windows: np.ndarray) -> np.ndarray:
        if windows.ndim != 2 or windows.shape[1] != len(weights):
            raise ValueError(
                f"step needs windows of shape (paths, {len(weights)}), got {windows.shape}"
            )
        return np.tanh(windows @ weights + 0.3 * windows[:, 0]) + 0.5

    return step


def _free_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for paths, width, horizon in ((4, 3, 7), (1, 5, 2), (6, 2, 3), (3, 8, 1), (5, 1, 4), (2, 4, 9)):
        step = _window_step(rng.uniform(0.3, 0.9, width) / width)
        yield step, rng.normal(0.0, 1.0, (paths, width)), horizon


# --------------------------------------------------------------------------- amplitude and phase


def amplitude_and_phase(values: np.ndarray, omega: float) -> tuple[np.ndarray, np.ndarray]:
    """Return amplitude and phase of the sine of known frequency that fits each path best.

    By least squares: values[:, t] ≈ a·sin(ωt) + b·cos(ωt) = A·sin(ωt + φ) with A = √(a² + b²) and
    φ = atan2(b, a).

    Args:
        values: of shape (paths, time); the first column is t = 0.
        omega: the frequency, in radians per step.

    Returns:
        A and φ, each of shape (paths,); φ in radians, from -π to π.
    """
    t = np.arange(values.shape[1])
    waves = np.column_stack([np.sin(omega * t), np.cos(omega * t)])  # (time, 2)
    a, b = np.linalg.lstsq(waves, values.T, rcond=None)[0]  # (paths,), (paths,)
    return np.hypot(a, b), np.arctan2(b, a)


def _amplitude_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for paths, time in ((4, 11), (1, 7), (5, 26), (3, 2)):
        omega = rng.uniform(0.4, 1.2)
        amplitude = rng.uniform(0.5, 2.5, (paths, 1))
        phase = rng.uniform(-2.6, 2.6, (paths, 1))
        phase[0] = rng.choice([-1, 1]) * rng.uniform(1.8, 2.6)  # beyond what arctan(b / a) reaches
        noise = (0.05 if time > 2 else 0.01) * rng.normal(size=(paths, time))
        yield amplitude * np.sin(omega * np.arange(time) + phase) + noise, omega


# --------------------------------------------------------------------------- slowest pole


def slowest_pole(weights: np.ndarray) -> tuple[float, float]:
    """Return radius and angle of a linear recursion's slowest pole.

    The recursion x_t = Σ_i weights[i] · x_{t-w+i} has solutions z^t for the w roots of
    z^w = Σ_i weights[i] · z^i. In the long run the one with the largest |z| is left.

    Args:
        weights: of shape (w,), the oldest value's first.

    Returns:
        |z| of that root, and the size of its angle in radians, from 0 to π.
    """
    roots = np.roots(np.concatenate([[1.0], -weights[::-1]]))  # (w,)
    slowest = roots[np.argmax(np.abs(roots))]
    return float(np.abs(slowest)), float(np.abs(np.angle(slowest)))


def _pole_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for width in (6, 1, 2, 9, 3):
        radius, angle = rng.uniform(0.7, 1.3), rng.uniform(0.3, 2.8)
        if width == 1:
            roots = np.array([radius * rng.choice([-1.0, 1.0])])
        else:
            pair = radius * np.exp(1j * angle * np.array([1, -1]))
            others = radius * rng.uniform(0.2, 0.7, width - 2)
            roots = np.concatenate([pair, others * rng.choice([-1.0, 1.0], width - 2)])
        yield (-np.poly(roots)[:0:-1].real.copy(),)
    for count in (4, 5):  # pairs of like size, the largest of which np.roots seldom puts first
        radii = rng.uniform(1.1, 1.3) * np.concatenate([[1.0], rng.uniform(0.85, 0.97, count - 1)])
        angles = (rng.permutation(count) + rng.uniform(0.2, 0.8, count)) * np.pi / count
        pairs = radii * np.exp(1j * angles)
        roots = np.concatenate([pairs, pairs.conj()])
        yield (-np.poly(roots)[:0:-1].real.copy(),)
    for sign in (1, -1):  # a real pole, slower than the pair beside it
        radius, angle = rng.uniform(0.7, 1.3), rng.uniform(0.3, 2.8)
        pair = rng.uniform(0.5, 0.9) * np.exp(1j * angle * np.array([1, -1]))
        roots = radius * np.concatenate([[sign], pair, [-sign * rng.uniform(0.2, 0.7)]])
        yield (-np.poly(roots)[:0:-1].real.copy(),)


EXERCISES = with_mistakes(
    __file__,
    Exercise("sine/windows", make_windows, _windows_cases),
    Exercise("sine/floor", window_floor, _floor_cases),
    BELOW,
    Exercise("sine/free_run", free_run, _free_cases),
    Exercise("sine/amplitude", amplitude_and_phase, _amplitude_cases),
    Exercise("sine/pole", slowest_pole, _pole_cases),
)
