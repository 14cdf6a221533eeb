"""The exercises of lab 03, "Airline passengers": references, cases, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Choice, Exercise
from unrolled.messages import Message

# --------------------------------------------------------------------------- scores


def scores(
    actual: np.ndarray, forecast: np.ndarray, history: np.ndarray, season: int
) -> tuple[float, float, float]:
    """Return RMSE, MAE and MASE of a forecast.

    MASE (Hyndman & Koehler 2006): MAE divided by the mean absolute seasonal difference of the
    history, that is, by the MAE of the seasonal naive forecast on it.

    Args:
        actual: the values that came, of shape (n,).
        forecast: the values that were forecast, of shape (n,).
        history: the training part, of shape (m,), m > season.
        season: the length of a season.
    """
    error = forecast - actual  # (n,)
    scale = np.mean(np.abs(history[season:] - history[:-season]))
    mae = np.mean(np.abs(error))
    return float(np.sqrt(np.mean(error**2))), float(mae), float(mae / scale)


def _scores_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, m, season in ((7, 31, 4), (1, 9, 3), (12, 17, 1)):
        actual = rng.normal(3.0, 1.0, n)
        yield actual, actual + rng.normal(0.4, 1.0, n), rng.normal(3.0, 1.5, m), season


# --------------------------------------------------------------------------- naive forecasts


def naive_forecasts(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return three one-step forecasts of a series' last values that need no training.

    Args:
        series: the whole series, of shape (n,), n > n_test + season.
        n_test: how many of the last values to forecast.
        season: the length of a season.

    Returns:
        Persistence y[t-1], the seasonal naive forecast y[t-season], and last year's value times
        the growth seen last month, y[t-season] · y[t-1] / y[t-season-1]; each of shape (n_test,).
    """
    t = np.arange(len(series) - n_test, len(series))  # (n_test,)
    last, year_ago = series[t - 1], series[t - season]
    return last, year_ago, year_ago * last / series[t - season - 1]


def _naive_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, n_test, season in ((29, 8, 5), (10, 1, 3), (19, 6, 2)):
        yield np.exp(rng.normal(0.5, 0.4, n)), n_test, season


# --------------------------------------------------------------------------- scaler


def fit_scaler(series: np.ndarray, n_train: int) -> tuple[float, float]:
    """Return the smallest and the largest value of the training part.

    Args:
        series: the whole series, of shape (n,).
        n_train: how many of its first values are the training part.
    """
    train = series[:n_train]  # (n_train,)
    return float(train.min()), float(train.max())


def _scaler_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, n_train in ((23, 14), (5, 1), (17, 16)):
        series = rng.normal(1.0, 2.0, n)
        series[n_train:] += np.where(rng.random(n - n_train) < 0.5, 9.0, -9.0)  # beyond the range
        yield series, n_train
        if n_train > 1:  # the last or the first training value is the smallest or the largest
            low, high = series[:n_train].min(), series[:n_train].max()
            for last in (low - 1, high + 1):
                yield np.r_[series[: n_train - 1], last, series[n_train:]], n_train
            for first in (low - 2, high + 2):
                yield np.r_[first, series[1:]], n_train


# --------------------------------------------------------------------------- leak

LEAK = Choice(
    "airline/leak",
    "fe7e1edef21c938b",
    {
        "A": Message(
            pl="To jest dozwolone: stan modelu może poznawać kolejne wartości, byle po prognozie.",
            en="That is allowed: a model's state may learn each value once it has been forecast.",
        ),
        "B": Message(
            pl="Logarytm każdej wartości zależy tylko od niej samej, więc niczego nie zdradza.",
            en="The logarithm of a value depends on that value alone, so it gives nothing away.",
        ),
        "C": Message(
            pl="Liczba epok dobrana na teście to parametr nauczony na teście: jego wynik "
            "przestaje być próbą na nieznanych danych.",
            en="A number of epochs chosen on the test is a parameter learned from the test: its "
            "result is no longer a trial on unseen data.",
        ),
        "D": Message(
            pl="Mianownik MASE pochodzi z części uczącej, więc test niczego modelowi nie zdradza.",
            en="The denominator of MASE comes from the training part: the test tells the model "
            "nothing.",
        ),
    },
)

# --------------------------------------------------------------------------- windows


def make_windows(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Return every window of a series together with the value that follows it.

    Args:
        series: of shape (n,), n > width.
        width: the length of a window.

    Returns:
        Windows of shape (n - width, width, 1), oldest value first, and the values that follow
        them, of shape (n - width,).
    """
    windows = np.lib.stride_tricks.sliding_window_view(series[:-1], width)  # (n - width, width)
    return windows[:, :, None].copy(), series[width:].copy()


def _windows_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, width in ((17, 5), (4, 1), (8, 7), (11, 4)):
        yield rng.normal(0.0, 1.0, n), width


# --------------------------------------------------------------------------- recursive forecast

Step = Callable[[np.ndarray], np.ndarray]


def recursive_forecast(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    """Forecast several steps by feeding a one-step model its own forecasts.

    Args:
        step: the one-step model: from values of shape (paths, time), any number of steps, to the
            next values, of shape (paths,).
        history: the known values, of shape (paths, time).
        horizon: how many steps to forecast.

    Returns:
        The forecasts, of shape (paths, horizon).
    """
    known = history  # (paths, time)
    for _ in range(horizon):
        following = step(known)  # (paths,)
        known = np.concatenate([known, following[:, None]], axis=1)  # one step longer
    return known[:, history.shape[1] :]


def _whole_step(weights: np.ndarray) -> Step:
    """Return a model that uses all values: it weighs the last ones, the first, and the mean.

    So it notices when it does not get the whole history. The weights' first belongs to the oldest
    of the last values.
    """

    def step(values: np.ndarray) -> np.ndarray:
        if values.ndim != 2 or values.shape[1] < len(weights):
            raise ValueError(
                f"step needs values of shape (paths, time), time at least {len(weights)}, "
                f"got {values.shape}"
            )
        last = values[:, -len(weights) :] @ weights  # (paths,)
        return np.tanh(last + 0.5 * values[:, 0] + 0.4 * values.mean(axis=1)) + 0.5

    return step


def _recursive_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    sizes = ((4, 9, 6, 3), (1, 5, 2, 4), (6, 3, 1, 2), (3, 2, 8, 1), (5, 31, 7, 2), (2, 150, 3, 5))
    for paths, time, horizon, lags in sizes:
        step = _whole_step(rng.uniform(0.3, 0.9, lags) / lags)
        yield step, rng.normal(0.0, 1.0, (paths, time)), horizon


EXERCISES = with_mistakes(
    __file__,
    Exercise("airline/scores", scores, _scores_cases),
    Exercise("airline/naive", naive_forecasts, _naive_cases),
    Exercise("airline/scaler", fit_scaler, _scaler_cases),
    LEAK,
    Exercise("airline/windows", make_windows, _windows_cases),
    Exercise("airline/recursive", recursive_forecast, _recursive_cases),
)
