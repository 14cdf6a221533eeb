"""The exercises of lab 02, "A noisy sine": references, cases, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from unrolled.exercises import Arguments, Choice, Exercise, Mistake
from unrolled.messages import Message

Step = Callable[[np.ndarray], np.ndarray]


def _several(functions: Iterable[Callable[..., Any]], hint: Message) -> tuple[Mistake, ...]:
    """Return one mistake in several versions, all with the same hint."""
    return tuple(Mistake(function, hint) for function in functions)


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


def _windows_changed(
    change: Callable[[np.ndarray, np.ndarray], Any],
) -> Callable[[np.ndarray, int, int], Any]:
    """Return what comes of a change to the right windows and targets."""

    def wrong(series: np.ndarray, width: int, ahead: int) -> Any:
        return change(*make_windows(series, width, ahead))

    return wrong


def _windows_too_few(series: np.ndarray, width: int, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    x, future = make_windows(series, width, ahead)
    return x[:-1], future[:-1]


def _windows_one_ahead(series: np.ndarray, width: int, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    return make_windows(series, width, 1)


def _windows_last_ahead(
    series: np.ndarray, width: int, ahead: int
) -> tuple[np.ndarray, np.ndarray]:
    return make_windows(series, width, ahead)[0], series[width + ahead - 1 :]


def _windows_last_column(
    series: np.ndarray, width: int, ahead: int
) -> tuple[np.ndarray, np.ndarray]:
    x, future = make_windows(series, width, ahead)
    return x, future[:, -1:]


def _windows_from_ahead(
    series: np.ndarray, width: int, ahead: int
) -> tuple[np.ndarray, np.ndarray]:
    x, _ = make_windows(series, width, ahead)
    return x, series[np.arange(len(x))[:, None] + ahead + np.arange(ahead)]


def _windows_from(first: int) -> Callable[[np.ndarray, int, int], tuple[np.ndarray, np.ndarray]]:
    """Return the windows with targets that begin ``first`` steps too late (or too early)."""

    def wrong(series: np.ndarray, width: int, ahead: int) -> tuple[np.ndarray, np.ndarray]:
        x, _ = make_windows(series, width, ahead)
        begin = np.arange(len(x))[:, None] + width + first
        return x, series[np.minimum(begin + np.arange(ahead), len(series) - 1)]

    return wrong


def _windows_disjoint(series: np.ndarray, width: int, ahead: int) -> tuple[np.ndarray, np.ndarray]:
    x, future = make_windows(series, width, ahead)
    return x[::width], future[::width]


WINDOWS = Exercise(
    "sine/windows",
    make_windows,
    _windows_cases,
    (
        Mistake(
            _windows_changed(lambda x, future: (x.transpose(0, 2, 1), future)),
            Message(
                pl="osie to (okna, czas, cechy): sieć ma przeczytać width kroków po jednej "
                "liczbie, a nie jeden krok z width liczbami.",
                en="the axes are (windows, time, features): the network is to read width steps of "
                "one number, not one step of width numbers.",
            ),
        ),
        Mistake(
            _windows_changed(lambda x, future: (x[:, :, 0], future)),
            Message(
                pl="brakuje ostatniej osi (cechy); dodasz ją przez [:, :, None].",
                en="the last axis (features) is missing; [:, :, None] adds it.",
            ),
        ),
        Mistake(
            _windows_changed(lambda x, future: (x, future[:, :, None])),
            Message(
                pl="wartości następne nie mają osi cech: ich kształt to (okna, ahead).",
                en="the values that follow have no axis of features: their shape is "
                "(windows, ahead).",
            ),
        ),
        *_several(
            (
                _windows_changed(lambda x, future: (x, future[:, 0])),
                _windows_one_ahead,
                _windows_last_ahead,
                _windows_last_column,
            ),
            Message(
                pl="każdemu oknu odpowiada ahead następnych wartości, także gdy ahead to 1: "
                "kształt (okna, ahead).",
                en="to every window belong the ahead values that follow, even if ahead is 1: "
                "shape (windows, ahead).",
            ),
        ),
        Mistake(
            _windows_too_few,
            Message(
                pl="brakuje ostatniego okna: jest ich len(series) - width - ahead + 1.",
                en="the last window is missing: there are len(series) - width - ahead + 1.",
            ),
        ),
        Mistake(
            _windows_from(-1),
            Message(
                pl="pierwszy cel leży w samym oknie: za oknem series[i : i + width] następuje "
                "series[i + width].",
                en="the first target lies inside the window: series[i + width] follows the window "
                "series[i : i + width].",
            ),
        ),
        Mistake(
            _windows_from(1),
            Message(
                pl="między oknem a celem jest luka: za oknem series[i : i + width] następuje "
                "series[i + width].",
                en="there is a gap between window and target: series[i + width] follows the window "
                "series[i : i + width].",
            ),
        ),
        Mistake(
            _windows_from_ahead,
            Message(
                pl="wartości następne zaczynają się zaraz za oknem, od series[i + width], "
                "niezależnie od ahead; ahead mówi tylko, ile ich jest.",
                en="the values that follow begin right after the window, at series[i + width], "
                "whatever ahead is; ahead only says how many there are.",
            ),
        ),
        Mistake(
            _windows_changed(lambda x, future: x),
            Message(
                pl="zwróć dwie tablice: okna i wartości, które po nich następują.",
                en="return two arrays: the windows and the values that follow them.",
            ),
        ),
        Mistake(
            _windows_changed(lambda x, future: (x[:, ::-1], future)),
            Message(
                pl="okna są odwrócone: najstarsza wartość ma być na początku.",
                en="the windows are reversed: the oldest value comes first.",
            ),
        ),
        Mistake(
            _windows_disjoint,
            Message(
                pl="okna zachodzą na siebie: następne zaczyna się o jeden krok dalej.",
                en="the windows overlap: the next one starts one step further.",
            ),
        ),
        Mistake(
            _windows_changed(lambda x, future: (future, x)),
            Message(
                pl="najpierw okna, potem wartości, które po nich następują.",
                en="the windows first, then the values that follow them.",
            ),
        ),
    ),
)

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


def _floor_with(
    formula: Callable[[np.ndarray, np.ndarray, float], Any], later: int = 0
) -> Callable[[int, int, float, float], Any]:
    """Return another formula in known (width, 2), u (2,) and σ, u moved ``later`` steps."""
    return _floor_at(lambda width, ahead: width - 1 + ahead + later, formula)


def _floor_at(
    moment: Callable[[int, int], int],
    formula: Callable[[np.ndarray, np.ndarray, float], Any] = lambda known, u, sigma: (
        sigma * np.sqrt(1 + _excess(known, u))
    ),
) -> Callable[[int, int, float, float], Any]:
    """Return the right formula (or another) with u at another moment of width and ahead."""

    def wrong(width: int, ahead: int, omega: float, sigma: float) -> Any:
        t = np.arange(width)
        known = np.column_stack([np.sin(omega * t), np.cos(omega * t)])
        angle = omega * moment(width, ahead)
        return formula(known, np.array([np.sin(angle), np.cos(angle)]), sigma)

    return wrong


def _excess(known: np.ndarray, u: np.ndarray) -> float:
    return float(u @ np.linalg.solve(known.T @ known, u))


def _floor_without_ahead(width: int, ahead: int, omega: float, sigma: float) -> float:
    return window_floor(width, 1, omega, sigma)


FLOOR = Exercise(
    "sine/floor",
    window_floor,
    _floor_cases,
    (
        *_several(
            (
                _floor_with(lambda known, u, sigma: sigma * np.sqrt(_excess(known, u))),
                _floor_with(lambda known, u, sigma: sigma**2 * _excess(known, u)),
            ),
            Message(
                pl="to sam błąd dopasowania; prognozowana wartość ma jeszcze własny szum: pod "
                "pierwiastkiem jest 1 + …",
                en="that is the error of the fit alone; the forecast value has noise of its own: "
                "under the root stands 1 + …",
            ),
        ),
        Mistake(
            _floor_with(lambda known, u, sigma: sigma**2 * (1 + _excess(known, u))),
            Message(
                pl="to wariancja; RMSE jest jej pierwiastkiem.",
                en="that is the variance; the RMSE is its square root.",
            ),
        ),
        Mistake(
            _floor_with(lambda known, u, sigma: sigma * (1 + _excess(known, u))),
            Message(
                pl="brakuje pierwiastka z nawiasu 1 + …",
                en="the square root of the bracket 1 + … is missing.",
            ),
        ),
        Mistake(
            _floor_with(
                lambda known, u, sigma: np.full((1, 1), sigma * np.sqrt(1 + _excess(known, u)))
            ),
            Message(
                pl="liczba jest dobra, ale zamknięta w macierzy: wyjmij ją przez [0, 0] albo weź "
                "u jako wektor (2,).",
                en="the number is right, but wrapped in a matrix: take it out with [0, 0], or let "
                "u be a vector (2,).",
            ),
        ),
        Mistake(
            _floor_with(lambda known, u, sigma: np.sqrt(1 + sigma**2 * _excess(known, u))),
            Message(
                pl="σ² mnoży cały nawias, także jedynkę.",
                en="σ² multiplies the whole bracket, the 1 as well.",
            ),
        ),
        Mistake(
            _floor_with(lambda known, u, sigma: np.sqrt(1 + _excess(known, u))),
            Message(pl="brakuje mnożnika sigma.", en="the factor sigma is missing."),
        ),
        Mistake(
            _floor_with(lambda known, u, sigma: sigma * np.sqrt(1 + 2 / len(known))),
            Message(
                pl="2/w jest dokładne tylko wtedy, gdy okno to całe okresy; dla dowolnego okna "
                "policz u (ΦᵀΦ)⁻¹ uᵀ.",
                en="2/w is exact only if the window is whole periods; for any window compute "
                "u (ΦᵀΦ)⁻¹ uᵀ.",
            ),
        ),
        *_several(
            (
                _floor_with(lambda known, u, sigma: sigma * np.sqrt(1 + _excess(known, u)), 1),
                _floor_with(lambda known, u, sigma: sigma * np.sqrt(1 + _excess(known, u)), -1),
            ),
            Message(
                pl="chwila prognozy jest przesunięta o krok: ostatnia wartość okna ma czas "
                "width - 1, więc prognozowana width - 1 + ahead.",
                en="the moment of the forecast is one step off: the window's last value has the "
                "time width - 1, so the forecast one has width - 1 + ahead.",
            ),
        ),
        *_several(
            (
                _floor_at(lambda width, ahead: ahead),
                _floor_at(lambda width, ahead: ahead - 1),
                _floor_at(lambda width, ahead: width - 1),
            ),
            Message(
                pl="wiersz u należy do prognozowanej chwili, a czas liczymy od początku okna: "
                "t = width - 1 + ahead.",
                en="the row u belongs to the moment of the forecast, and time is counted from the "
                "beginning of the window: t = width - 1 + ahead.",
            ),
        ),
        Mistake(
            _floor_without_ahead,
            Message(
                pl="użyj ahead: prognozowana wartość leży ahead kroków za ostatnią z okna.",
                en="use ahead: the forecast value lies ahead steps after the window's last.",
            ),
        ),
        *_several(
            (
                _floor_with(
                    lambda known, u, sigma: sigma * np.sqrt(1 + float(u @ known.T @ known @ u))
                ),
            ),
            Message(
                pl="w środku stoi odwrotność macierzy ΦᵀΦ: np.linalg.inv albo np.linalg.solve.",
                en="in the middle stands the inverse of ΦᵀΦ: np.linalg.inv or np.linalg.solve.",
            ),
        ),
        Mistake(
            _floor_with(
                lambda known, u, sigma: (
                    sigma * np.sqrt(1 + u[0] ** 2 / float(known[:, 0] @ known[:, 0]))
                )
            ),
            Message(
                pl="sam sinus zakłada znaną fazę; Φ ma dwie kolumny, sinusa i cosinusa.",
                en="the sine alone assumes a known phase; Φ has two columns, sine and cosine.",
            ),
        ),
        Mistake(
            _floor_with(lambda known, u, sigma: sigma),
            Message(
                pl="σ wystarczyłaby temu, kto zna fazę; tu trzeba ją oszacować z okna.",
                en="σ would do for somebody who knows the phase; here it must be estimated from "
                "the window.",
            ),
        ),
    ),
)

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


def _free_frozen(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    return np.repeat(step(windows)[:, None], horizon, axis=1)


def _free_growing(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    known = windows
    for _ in range(horizon):
        known = np.concatenate([known, step(known)[:, None]], axis=1)
    return known[:, windows.shape[1] :]


def _free_with_windows(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    return np.concatenate([windows, free_run(step, windows, horizon)], axis=1)


def _free_transposed(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    return free_run(step, windows, horizon).T


def _free_late(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    return free_run(step, windows, horizon + 1)[:, 1:]


def _free_last_only(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    return free_run(step, windows, horizon)[:, -1]


def _free_prepended(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    out, window = [], windows
    for _ in range(horizon):
        out.append(step(window))
        window = np.concatenate([out[-1][:, None], window[:, :-1]], axis=1)
    return np.stack(out, axis=1)


def _free_drops_newest(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    out, window = [], windows
    for _ in range(horizon):
        out.append(step(window))
        window = np.concatenate([window[:, :-1], out[-1][:, None]], axis=1)
    return np.stack(out, axis=1)


def _free_rolled(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    out, window = [], windows
    for _ in range(horizon):
        out.append(step(window))
        window = np.roll(window, 1, axis=1)
        window[:, -1] = out[-1]
    return np.stack(out, axis=1)


def _free_too_few(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    return free_run(step, windows, horizon)[:, :-1]


def _free_one_row(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    return step(windows[0])  # raises an error


def _free_features(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    return step(windows[:, :, None])  # raises an error


def _free_no_column(step: Step, windows: np.ndarray, horizon: int) -> np.ndarray:
    return np.concatenate([windows[:, 1:], step(windows)], axis=1)  # raises an error


FREE = Exercise(
    "sine/free_run",
    free_run,
    _free_cases,
    (
        Mistake(
            _free_frozen,
            Message(
                pl="każdy krok widzi to samo okno: dopisuj kolejne prognozy na jego końcu.",
                en="every step sees the same window: append each forecast at its end.",
            ),
        ),
        Mistake(
            _free_growing,
            Message(
                pl="okno rośnie; po dopisaniu prognozy odrzuć najstarszą wartość, window[:, 1:].",
                en="the window grows; when a forecast is appended, drop the oldest value, "
                "window[:, 1:].",
            ),
        ),
        Mistake(
            _free_drops_newest,
            Message(
                pl="odrzucasz najnowszą wartość okna; odrzuć najstarszą, window[:, 1:].",
                en="you drop the window's newest value; drop the oldest, window[:, 1:].",
            ),
        ),
        Mistake(
            _free_prepended,
            Message(
                pl="wstawiasz prognozę na początek, a najnowsza należy na koniec.",
                en="you put the forecast at the front; the newest belongs at the end.",
            ),
        ),
        Mistake(
            _free_rolled,
            Message(
                pl="np.roll(…, 1) przesuwa w prawo; okno ma się przesunąć w lewo, o -1.",
                en="np.roll(…, 1) shifts to the right; the window is to shift to the left, by -1.",
            ),
        ),
        Mistake(
            _free_too_few,
            Message(
                pl="brakuje ostatniej prognozy: kroków ma być horizon.",
                en="the last forecast is missing: there are to be horizon steps.",
            ),
        ),
        Mistake(
            _free_one_row,
            Message(
                pl="step dostaje wszystkie ścieżki naraz, tablicę (paths, width), a nie jedno "
                "okno.",
                en="step is given all paths at once, an array (paths, width), not a single window.",
            ),
        ),
        Mistake(
            _free_features,
            Message(
                pl="step chce okien bez osi cech: (paths, width).",
                en="step wants windows without an axis of features: (paths, width).",
            ),
        ),
        Mistake(
            _free_with_windows,
            Message(
                pl="wynik zawiera okno: zwróć same prognozy, (paths, horizon).",
                en="the result contains the window: return the forecasts alone, (paths, horizon).",
            ),
        ),
        Mistake(
            _free_transposed,
            Message(
                pl="osie są zamienione: wiersz to ścieżka, kolumna to krok (np.stack(…, axis=1)).",
                en="the axes are exchanged: a row is a path, a column is a step "
                "(np.stack(…, axis=1)).",
            ),
        ),
        Mistake(
            _free_late,
            Message(
                pl="brakuje pierwszej prognozy: zaczynasz o krok za późno.",
                en="the first forecast is missing: you start one step too late.",
            ),
        ),
        Mistake(
            _free_last_only,
            Message(
                pl="zwróć prognozy wszystkich kroków, a nie tylko ostatniego.",
                en="return the forecasts of all steps, not of the last one only.",
            ),
        ),
        Mistake(
            _free_no_column,
            Message(
                pl="`step(…)[:, None]` robi kolumnę.",
                en="`step(…)[:, None]` makes a column.",
            ),
        ),
    ),
)

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


def _amplitude_with(
    pair: Callable[[np.ndarray, np.ndarray], Any], first: int = 0
) -> Callable[[np.ndarray, float], Any]:
    """Return another pair of a and b, each (paths,), the first column at the time ``first``."""

    def wrong(values: np.ndarray, omega: float) -> Any:
        t = np.arange(values.shape[1]) + first
        waves = np.column_stack([np.sin(omega * t), np.cos(omega * t)])
        a, b = np.linalg.lstsq(waves, values.T, rcond=None)[0]
        return pair(a, b)

    return wrong


def _amplitude_projected(values: np.ndarray, omega: float) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(values.shape[1])
    a = 2 * np.mean(values * np.sin(omega * t), axis=1)
    b = 2 * np.mean(values * np.cos(omega * t), axis=1)
    return np.hypot(a, b), np.arctan2(b, a)


def _amplitude_largest(values: np.ndarray, omega: float) -> tuple[np.ndarray, np.ndarray]:
    return np.abs(values).max(axis=1), amplitude_and_phase(values, omega)[1]


def _amplitude_range(values: np.ndarray, omega: float) -> tuple[np.ndarray, np.ndarray]:
    return np.ptp(values, axis=1) / 2, amplitude_and_phase(values, omega)[1]


def _amplitude_deviation(values: np.ndarray, omega: float) -> tuple[np.ndarray, np.ndarray]:
    return np.sqrt(2) * values.std(axis=1), amplitude_and_phase(values, omega)[1]


def _amplitude_sine_only(values: np.ndarray, omega: float) -> tuple[np.ndarray, np.ndarray]:
    wave = np.sin(omega * np.arange(values.shape[1]))
    return values @ wave / (wave @ wave), np.zeros(len(values))


def _amplitude_constant(values: np.ndarray, omega: float) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(values.shape[1])
    waves = np.column_stack([np.sin(omega * t), np.cos(omega * t), np.ones(len(t))])
    a, b, _ = np.linalg.lstsq(waves, values.T, rcond=None)[0]
    return np.hypot(a, b), np.arctan2(b, a)


def _amplitude_rows(values: np.ndarray, omega: float) -> tuple[np.ndarray, np.ndarray]:
    t = np.arange(values.shape[1])
    waves = np.column_stack([np.sin(omega * t), np.cos(omega * t)])
    a, b = np.linalg.lstsq(waves, values, rcond=None)[0]  # raises an error
    return np.hypot(a, b), np.arctan2(b, a)


AMPLITUDE = Exercise(
    "sine/amplitude",
    amplitude_and_phase,
    _amplitude_cases,
    (
        Mistake(
            _amplitude_with(lambda a, b: (np.hypot(a, b), np.arctan2(a, b))),
            Message(
                pl="argumenty arctan2 są zamienione: najpierw współczynnik cosinusa, potem sinusa.",
                en="the arguments of arctan2 are exchanged: first the cosine's coefficient, then "
                "the sine's.",
            ),
        ),
        Mistake(
            _amplitude_with(lambda a, b: (np.hypot(a, b), np.arctan(b / a))),
            Message(
                pl="arctan(b / a) nie odróżnia ćwiartek; użyj np.arctan2(b, a).",
                en="arctan(b / a) cannot tell the quadrants apart; use np.arctan2(b, a).",
            ),
        ),
        Mistake(
            _amplitude_with(lambda a, b: (np.hypot(a, b), np.degrees(np.arctan2(b, a)))),
            Message(pl="faza ma być w radianach.", en="the phase is to be in radians."),
        ),
        Mistake(
            _amplitude_with(lambda a, b: (np.hypot(a, b), np.arctan2(b, a) % (2 * np.pi))),
            Message(
                pl="faza ma być od −π do π, jak zwraca ją np.arctan2.",
                en="the phase is to be from −π to π, as np.arctan2 returns it.",
            ),
        ),
        Mistake(
            _amplitude_with(lambda a, b: (a**2 + b**2, np.arctan2(b, a))),
            Message(
                pl="to kwadrat amplitudy; brakuje pierwiastka.",
                en="that is the square of the amplitude; the root is missing.",
            ),
        ),
        *_several(
            (
                _amplitude_with(lambda a, b: (np.abs(a) + np.abs(b), np.arctan2(b, a))),
                _amplitude_with(lambda a, b: (a + b, np.arctan2(b, a))),
            ),
            Message(
                pl="amplituda to √(a² + b²), a nie suma współczynników.",
                en="the amplitude is √(a² + b²), not the sum of the coefficients.",
            ),
        ),
        Mistake(
            _amplitude_with(lambda a, b: np.array([np.hypot(a, b), np.arctan2(b, a)])),
            Message(
                pl="zwróć dwie tablice, return A, phi, a nie jedną złożoną z obu.",
                en="return two arrays, return A, phi, not one made of both.",
            ),
        ),
        Mistake(
            _amplitude_constant,
            Message(
                pl="dopasuj tylko sinus i cosinus, bez stałej.",
                en="fit only sine and cosine, without a constant.",
            ),
        ),
        Mistake(
            _amplitude_rows,
            Message(
                pl="np.linalg.lstsq chce ścieżki w każdej kolumnie, (time, paths): values.T.",
                en="np.linalg.lstsq wants one path in each column, (time, paths): values.T.",
            ),
        ),
        Mistake(
            _amplitude_with(lambda a, b: (np.arctan2(b, a), np.hypot(a, b))),
            Message(
                pl="najpierw amplitudy, potem fazy.",
                en="the amplitudes first, then the phases.",
            ),
        ),
        Mistake(
            _amplitude_with(lambda a, b: (np.hypot(a, b), np.arctan2(b, a)), 1),
            Message(
                pl="pierwsza kolumna to t = 0, a nie t = 1.",
                en="the first column is t = 0, not t = 1.",
            ),
        ),
        Mistake(
            _amplitude_with(lambda a, b: (a, b)),
            Message(
                pl="to współczynniki sinusa i cosinusa; amplituda to √(a² + b²), faza "
                "np.arctan2(b, a).",
                en="these are the coefficients of sine and cosine; the amplitude is √(a² + b²), "
                "the phase np.arctan2(b, a).",
            ),
        ),
        Mistake(
            _amplitude_projected,
            Message(
                pl="średnia iloczynów daje współczynniki tylko na całych okresach; w ogólności "
                "rozwiąż najmniejsze kwadraty (np.linalg.lstsq).",
                en="the mean of products gives the coefficients on whole periods only; in general "
                "solve the least squares (np.linalg.lstsq).",
            ),
        ),
        *_several(
            (_amplitude_largest, _amplitude_range, _amplitude_deviation),
            Message(
                pl="amplitudę daje dopasowanie, a nie największa wartość czy odchylenie: w "
                "odcinku może nie być szczytu, jest za to szum.",
                en="the amplitude comes from the fit, not from the largest value or the deviation: "
                "a stretch may have no peak, and it has noise.",
            ),
        ),
        Mistake(
            _amplitude_sine_only,
            Message(
                pl="sam sinus ma fazę 0; dopasuj też cosinus.",
                en="the sine alone has the phase 0; fit the cosine as well.",
            ),
        ),
    ),
)

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


def _pole_of(
    polynomial: Callable[[np.ndarray], np.ndarray],
    choose: Callable[[np.ndarray], Any] = np.argmax,
    tell: Callable[[complex], Any] = lambda z: (float(abs(z)), float(abs(np.angle(z)))),
) -> Callable[[np.ndarray], Any]:
    """Return what another polynomial, choice of root or result gives."""

    def wrong(weights: np.ndarray) -> Any:
        roots = np.roots(polynomial(weights))
        return tell(complex(roots[choose(np.abs(roots))]))

    return wrong


def _pole_from(
    choose: Callable[[np.ndarray], Any],
    tell: Callable[[complex], Any] = lambda z: (float(abs(z)), float(abs(np.angle(z)))),
) -> Callable[[np.ndarray], Any]:
    """Return what another choice among the right roots gives."""

    def wrong(weights: np.ndarray) -> Any:
        return tell(complex(choose(np.roots(_right_polynomial(weights)))))

    return wrong


def _pole_arctan(weights: np.ndarray) -> tuple[float, float]:
    roots = np.roots(_right_polynomial(weights))
    z = roots[np.argmax(np.abs(roots))]
    return float(np.abs(z)), float(np.abs(np.arctan(z.imag / z.real)))


def _pole_apart(weights: np.ndarray) -> tuple[float, float]:
    roots = np.roots(_right_polynomial(weights))
    return float(np.abs(roots).max()), float(np.abs(np.angle(roots)).max())


def _right_polynomial(weights: np.ndarray) -> np.ndarray:
    return np.concatenate([[1.0], -weights[::-1]])


POLE = Exercise(
    "sine/pole",
    slowest_pole,
    _pole_cases,
    (
        *_several(
            (
                _pole_of(lambda weights: np.concatenate([[1.0], -weights])),
                _pole_of(lambda weights: np.concatenate([-weights, [1.0]])),
            ),
            Message(
                pl="kolejność: np.roots chce współczynników od najwyższej potęgi, a weights[0] "
                "stoi przy z^0. Odwróć weights.",
                en="the order: np.roots wants the coefficients from the highest power down, and "
                "weights[0] belongs to z^0. Reverse weights.",
            ),
        ),
        Mistake(
            _pole_of(lambda weights: np.concatenate([[1.0], weights[::-1]])),
            Message(
                pl="znak: z^w − Σ weights[i] z^i = 0, więc wagi wchodzą z minusem.",
                en="the sign: z^w − Σ weights[i] z^i = 0, so the weights enter with a minus.",
            ),
        ),
        *_several(
            (_pole_of(lambda weights: weights[::-1]), _pole_of(lambda weights: weights)),
            Message(
                pl="brakuje z^w: przenieś wszystko na jedną stronę, z^w − Σ weights[i] z^i = 0; "
                "pierwszym współczynnikiem jest 1.",
                en="z^w is missing: bring everything to one side, z^w − Σ weights[i] z^i = 0; the "
                "first coefficient is 1.",
            ),
        ),
        Mistake(
            _pole_of(_right_polynomial, np.argmin),
            Message(
                pl="to pierwiastek, który gaśnie najszybciej; na końcu zostaje ten o największym "
                "module.",
                en="this is the root that dies first; in the end the one with the largest "
                "modulus is left.",
            ),
        ),
        Mistake(
            _pole_from(lambda roots: roots[0]),
            Message(
                pl="np.roots nie sortuje pierwiastków: poszukaj największego modułu.",
                en="np.roots does not sort the roots: look for the largest modulus.",
            ),
        ),
        Mistake(
            _pole_from(lambda roots: roots[np.argmin(np.abs(np.abs(roots) - 1))]),
            Message(
                pl="liczy się największy moduł, a nie najbliższy jedynce: biegun o module 1,2 "
                "rośnie i na końcu zostaje sam.",
                en="it is the largest modulus that counts, not the one nearest to 1: a pole of "
                "modulus 1.2 grows and is left alone in the end.",
            ),
        ),
        Mistake(
            _pole_from(lambda roots: roots[np.argmax(roots.real)]),
            Message(
                pl="szukaj największego modułu, np.abs(roots), a nie największej części "
                "rzeczywistej.",
                en="look for the largest modulus, np.abs(roots), not the largest real part.",
            ),
        ),
        Mistake(
            _pole_apart,
            Message(
                pl="moduł i kąt mają należeć do tego samego bieguna.",
                en="modulus and angle are to belong to the same pole.",
            ),
        ),
        Mistake(
            _pole_arctan,
            Message(
                pl="arctan(Im / Re) nie odróżnia ćwiartek; użyj np.angle.",
                en="arctan(Im / Re) cannot tell the quadrants apart; use np.angle.",
            ),
        ),
        *_several(
            (
                _pole_of(_right_polynomial, tell=lambda z: (z.real, abs(z.imag))),
                _pole_of(_right_polynomial, tell=lambda z: (z.real, abs(float(np.angle(z))))),
            ),
            Message(
                pl="to część rzeczywista i urojona; podaj moduł i kąt.",
                en="these are the real and the imaginary part; return modulus and angle.",
            ),
        ),
        Mistake(
            _pole_of(_right_polynomial, tell=lambda z: (abs(z), -abs(float(np.angle(z))))),
            Message(
                pl="z pary sprzężonej podaj kąt dodatni: wartość bezwzględną kąta.",
                en="of the conjugate pair return the positive angle: its absolute value.",
            ),
        ),
        Mistake(
            _pole_of(_right_polynomial, tell=lambda z: (abs(float(np.angle(z))), abs(z))),
            Message(pl="najpierw moduł, potem kąt.", en="the modulus first, then the angle."),
        ),
        Mistake(
            _pole_of(_right_polynomial, tell=lambda z: (abs(z), np.degrees(abs(np.angle(z))))),
            Message(pl="kąt ma być w radianach.", en="the angle is to be in radians."),
        ),
        Mistake(
            _pole_of(
                _right_polynomial,
                tell=lambda z: (abs(z), float(2 * np.pi / max(abs(np.angle(z)), 1e-300))),
            ),
            Message(
                pl="to okres w krokach; podaj sam kąt.",
                en="that is the period in steps; return the angle itself.",
            ),
        ),
    ),
)

EXERCISES: dict[str, Exercise | Choice] = {
    exercise.name: exercise for exercise in (WINDOWS, FLOOR, BELOW, FREE, AMPLITUDE, POLE)
}
