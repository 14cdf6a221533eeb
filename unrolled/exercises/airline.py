"""The exercises of lab 03, "Airline passengers": references, cases, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from unrolled.exercises import Arguments, Choice, Exercise, Mistake
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


def _scores_with(
    scale: Callable[[np.ndarray, np.ndarray, int], float],
) -> Callable[..., tuple[float, float, float]]:
    """Return the scores with another MASE denominator (of history, actual, season)."""

    def wrong(
        actual: np.ndarray, forecast: np.ndarray, history: np.ndarray, season: int
    ) -> tuple[float, float, float]:
        rmse, mae, _ = scores(actual, forecast, history, season)
        return rmse, mae, mae / scale(history, actual, season)

    return wrong


def _seasonal_mae(values: np.ndarray, season: int) -> float:
    return float(np.mean(np.abs(values[season:] - values[:-season])))


def _several(functions: Iterable[Callable[..., Any]], hint: Message) -> tuple[Mistake, ...]:
    """Return one mistake in several versions, all with the same hint."""
    return tuple(Mistake(function, hint) for function in functions)


def _scores_no_root(
    actual: np.ndarray, forecast: np.ndarray, history: np.ndarray, season: int
) -> tuple[float, float, float]:
    _, mae, mase = scores(actual, forecast, history, season)
    return float(np.mean((forecast - actual) ** 2)), mae, mase


def _scores_signed(
    actual: np.ndarray, forecast: np.ndarray, history: np.ndarray, season: int
) -> tuple[float, float, float]:
    rmse, _, _ = scores(actual, forecast, history, season)
    bias = float(np.mean(forecast - actual))
    return rmse, bias, bias / _seasonal_mae(history, season)


def _scores_exchanged(
    actual: np.ndarray, forecast: np.ndarray, history: np.ndarray, season: int
) -> tuple[float, float, float]:
    rmse, mae, mase = scores(actual, forecast, history, season)
    return mae, rmse, mase


SCORES = Exercise(
    "airline/scores",
    scores,
    _scores_cases,
    (
        Mistake(
            _scores_no_root,
            Message(
                pl="pierwsza liczba to MSE; RMSE jest jej pierwiastkiem.",
                en="the first number is the MSE; the RMSE is its square root.",
            ),
        ),
        Mistake(
            _scores_signed,
            Message(
                pl="w MAE błędy różnych znaków nie mogą się znosić: najpierw wartość bezwzględna, "
                "potem średnia.",
                en="in the MAE errors of opposite signs must not cancel: first the absolute value, "
                "then the mean.",
            ),
        ),
        Mistake(
            _scores_exchanged,
            Message(
                pl="kolejność wyników to RMSE, MAE, MASE.",
                en="the order of the results is RMSE, MAE, MASE.",
            ),
        ),
        Mistake(
            _scores_with(lambda history, actual, season: _seasonal_mae(history, 1)),
            Message(
                pl="mianownik MASE porównuje z wartością sprzed sezonu (season kroków), a nie "
                "sprzed jednego kroku.",
                en="the denominator of MASE compares with the value one season (season steps) "
                "before, not one step before.",
            ),
        ),
        Mistake(
            _scores_with(
                lambda history, actual, season: (
                    float(np.mean((history[season:] - history[:-season]) ** 2)) ** 0.5
                )
            ),
            Message(
                pl="mianownik MASE to średni błąd bezwzględny, a nie pierwiastek średniego "
                "kwadratu.",
                en="the denominator of MASE is a mean absolute error, not a root mean square.",
            ),
        ),
        Mistake(
            _scores_with(lambda history, actual, season: float(np.mean(np.abs(history)))),
            Message(
                pl="mianownik MASE to średnia bezwzględna różnica sezonowa, a nie średnia wartość.",
                en="the denominator of MASE is the mean absolute seasonal difference, not the mean "
                "value.",
            ),
        ),
        Mistake(
            _scores_with(
                lambda history, actual, season: _seasonal_mae(
                    np.concatenate([history, actual]), season
                )
            ),
            Message(
                pl="w mianowniku MASE jest część testowa; należy do niego tylko history.",
                en="the denominator of MASE contains the test part; only history belongs there.",
            ),
        ),
        *_several(
            map(
                _scores_with,
                (
                    lambda history, actual, season: _seasonal_mae(actual, season),
                    lambda history, actual, season: _seasonal_mae(actual, 1),
                    lambda history, actual, season: float(np.mean(np.abs(actual))),
                    lambda history, actual, season: float(
                        np.mean(np.abs(actual - np.mean(actual)))
                    ),
                ),
            ),
            Message(
                pl="mianownik liczymy z history, nie z actual.",
                en="the denominator comes from history, not from actual.",
            ),
        ),
        Mistake(
            _scores_with(lambda history, actual, season: _seasonal_mae(history, 12)),
            Message(pl="użyj season.", en="use season."),
        ),
        *_several(
            map(
                _scores_with,
                (
                    lambda history, actual, season: (
                        _seasonal_mae(history, season) * (1 - season / len(history))
                    ),
                    lambda history, actual, season: float(
                        np.mean(np.abs(history - np.roll(history, season)))
                    ),
                ),
            ),
            Message(
                pl="średnia ma m − s składników.",
                en="the mean has m − s terms.",
            ),
        ),
    ),
)

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


def _naive_shifted(by: int) -> Callable[..., tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Return the forecasts for months that lie ``by`` steps later (a typical off-by-one)."""

    def wrong(
        series: np.ndarray, n_test: int, season: int
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        t = np.clip(np.arange(len(series) - n_test, len(series)) + by, 0, len(series))
        last, year_ago = series[t - 1], series[t - season]
        return last, year_ago, year_ago * last / series[t - season - 1]

    return wrong


def _naive_frozen(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    _, year_ago, ratio = naive_forecasts(series, n_test, season)
    return np.full(n_test, series[-n_test - 1]), year_ago, ratio


def _naive_inverted(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    last, year_ago, _ = naive_forecasts(series, n_test, season)
    t = np.arange(len(series) - n_test, len(series))
    return last, year_ago, year_ago * series[t - season - 1] / last


def _naive_own_growth(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    last, year_ago, _ = naive_forecasts(series, n_test, season)
    t = np.arange(len(series) - n_test, len(series))
    return last, year_ago, year_ago * series[t] / last


def _naive_actual(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    _, year_ago, ratio = naive_forecasts(series, n_test, season)
    return series[-n_test:], year_ago, ratio


def _naive_actual_everywhere(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    last, year_ago, ratio = naive_forecasts(series, n_test, season)
    return series[-n_test:], year_ago, ratio / last * series[-n_test:]


def _naive_one_origin(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    train = series[:-n_test]
    year_ago = np.resize(train[-season:], n_test)
    growth = train[-1] / train[-season - 1]
    return np.full(n_test, train[-1]), year_ago, year_ago * growth


def _naive_one_growth(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    last, year_ago, _ = naive_forecasts(series, n_test, season)
    train = series[:-n_test]
    return last, year_ago, year_ago * train[-1] / train[-season - 1]


def _naive_twelve(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return naive_forecasts(series, n_test, 12)


def _naive_thirteen(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    last, year_ago, _ = naive_forecasts(series, n_test, season)
    t = np.arange(len(series) - n_test, len(series))
    return last, year_ago, year_ago * last / series[t - 13]


def _naive_reordered(*order: int) -> Callable[..., tuple[np.ndarray, ...]]:
    """Return the right forecasts in another order."""

    def wrong(series: np.ndarray, n_test: int, season: int) -> tuple[np.ndarray, ...]:
        right = naive_forecasts(series, n_test, season)
        return tuple(right[i] for i in order)

    return wrong


def _naive_growth_of_month_itself(
    series: np.ndarray, n_test: int, season: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    last, year_ago, _ = naive_forecasts(series, n_test, season)
    return last, year_ago, year_ago * last / year_ago


NAIVE = Exercise(
    "airline/naive",
    naive_forecasts,
    _naive_cases,
    (
        *_several(
            (_naive_actual, _naive_actual_everywhere),
            Message(
                pl="prognoza miesiąca t używa samego y_t: ostatnia wartość to miesiąc t − 1.",
                en="the forecast of month t uses y_t itself: persistence reads month t − 1.",
            ),
        ),
        Mistake(
            _naive_shifted(1),
            Message(
                pl="prognoza zna wartość, którą ma przewidzieć: przesuń indeksy o 1 wstecz.",
                en="the forecast knows the value that it is to forecast: move the indices back "
                "by 1.",
            ),
        ),
        Mistake(
            _naive_shifted(-1),
            Message(
                pl="indeksy są o 1 za wcześnie: ostatnią znaną wartością jest series[t - 1].",
                en="the indices are 1 too early: the last known value is series[t - 1].",
            ),
        ),
        Mistake(
            _naive_frozen,
            Message(
                pl="ostatnia wartość zmienia się z miesiąca na miesiąc: prognozujemy o jeden krok, "
                "za każdym razem znając cały dotychczasowy szereg.",
                en="the last value changes from month to month: we forecast one step ahead, each "
                "time knowing the whole series so far.",
            ),
        ),
        Mistake(
            _naive_inverted,
            Message(
                pl="w trzeciej prognozie iloraz jest odwrócony: wzrost to series[t - 1] / "
                "series[t - season - 1].",
                en="in the third forecast the ratio is upside down: growth is series[t - 1] / "
                "series[t - season - 1].",
            ),
        ),
        Mistake(
            _naive_own_growth,
            Message(
                pl="trzecia prognoza korzysta z series[t], a tej wartości jeszcze nie znamy.",
                en="the third forecast uses series[t], which is not known yet.",
            ),
        ),
        *_several(
            (_naive_one_origin, _naive_one_growth),
            Message(
                pl="po prognozie miesiąca jego prawdziwa wartość jest znana: użyj jej w następnym.",
                en="once a month has been forecast, its true value is known: use it for the next.",
            ),
        ),
        *_several(
            (_naive_twelve, _naive_thirteen),
            Message(
                pl="season to argument; 12 i 13 to season i season + 1.",
                en="season is an argument; 12 and 13 are season and season + 1.",
            ),
        ),
        *_several(
            (_naive_reordered(0, 2, 1), _naive_reordered(1, 0, 2)),
            Message(
                pl="kolejność: ostatnia wartość, naiwna sezonowa, rok temu × wzrost.",
                en="the order is persistence, seasonal naive, last year × growth.",
            ),
        ),
        Mistake(
            _naive_growth_of_month_itself,
            Message(
                pl="wzrost to y[t−1] / y[t−1−season].",
                en="the growth is y[t−1] / y[t−1−season].",
            ),
        ),
    ),
)

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
        if n_train > 1:  # the last training value is the smallest, then the largest
            for last in (series[:n_train].min() - 1, series[:n_train].max() + 1):
                yield np.r_[series[: n_train - 1], last, series[n_train:]], n_train


SCALER = Exercise(
    "airline/scaler",
    fit_scaler,
    _scaler_cases,
    (
        Mistake(
            lambda series, n_train: (float(series.min()), float(series.max())),
            Message(
                pl="skala zna część testową: licz ją tylko z pierwszych n_train wartości.",
                en="you used the test part for the scale: take the first n_train values only.",
            ),
        ),
        Mistake(
            lambda series, n_train: (float(series[n_train:].min()), float(series[n_train:].max())),
            Message(
                pl="skala jest policzona z części testowej; ucząca to pierwsze n_train wartości.",
                en="the scale comes from the test part; the training part is the first n_train "
                "values.",
            ),
        ),
        Mistake(
            lambda series, n_train: (
                float(series[: max(n_train - 1, 1)].min()),
                float(series[: max(n_train - 1, 1)].max()),
            ),
            Message(
                pl="o jedną wartość za mało: pierwsze n_train wartości to series[:n_train].",
                en="one value too few: the first n_train values are series[:n_train].",
            ),
        ),
        Mistake(
            lambda series, n_train: (
                float(series[: n_train + 1].min()),
                float(series[: n_train + 1].max()),
            ),
            Message(
                pl="o jedną wartość za dużo: series[n_train] należy już do części testowej.",
                en="one value too many: series[n_train] belongs to the test part already.",
            ),
        ),
        Mistake(
            lambda series, n_train: (
                fit_scaler(series, n_train)[1],
                fit_scaler(series, n_train)[0],
            ),
            Message(
                pl="najpierw najmniejsza, potem największa wartość.",
                en="the smallest value first, then the largest.",
            ),
        ),
        Mistake(
            lambda series, n_train: (
                float(series[:n_train].mean()),
                float(series[:n_train].std()),
            ),
            Message(
                pl="to średnia i odchylenie; tu skalą są najmniejsza i największa wartość.",
                en="these are the mean and the deviation; here the scale is the smallest and the "
                "largest value.",
            ),
        ),
    ),
)

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


def _windows_gap(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = make_windows(series, width)
    return x[:-1], y[1:]


def _windows_see_target(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.lib.stride_tricks.sliding_window_view(series, width)[1:]
    return x[:, :, None], series[width:]


def _windows_reversed(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = make_windows(series, width)
    return x[:, ::-1], y


def _windows_lost(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = make_windows(series, width)
    return x[:-1], y[:-1]


def _windows_flat(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = make_windows(series, width)
    return x[:, :, 0], y


def _windows_column(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = make_windows(series, width)
    return x, y[:, None]


def _windows_features(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = make_windows(series, width)
    return x.transpose(0, 2, 1), y


def _windows_target_inside(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    return make_windows(series, width)[0], series[width - 1 : -1]


def _windows_one_more(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    x = np.lib.stride_tricks.sliding_window_view(series, width)  # (n - width + 1, width)
    return x[:, :, None], series[width:]


def _windows_disjoint(series: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    x, y = make_windows(series, width)
    return x[::width], y[::width]


WINDOWS = Exercise(
    "airline/windows",
    make_windows,
    _windows_cases,
    (
        Mistake(
            _windows_features,
            Message(
                pl="osie to (okna, czas, cechy): sieć ma przeczytać width kroków po jednej "
                "liczbie, a nie jeden krok z width liczbami.",
                en="the axes are (windows, time, features): the network is to read width steps of "
                "one number, not one step of width numbers.",
            ),
        ),
        Mistake(
            _windows_flat,
            Message(
                pl="brakuje ostatniej osi (cechy); dodasz ją przez [:, :, None].",
                en="the last axis (features) is missing; [:, :, None] adds it.",
            ),
        ),
        Mistake(
            _windows_column,
            Message(
                pl="następne wartości mają mieć kształt (n - width,); z (n - width, 1) różnica "
                "prognozy i celu rozszerzyłaby się do macierzy.",
                en="the values that follow have shape (n - width,); with (n - width, 1) forecast "
                "minus target would broadcast to a matrix.",
            ),
        ),
        Mistake(
            _windows_lost,
            Message(
                pl="brakuje ostatniego okna: jest ich len(series) - width.",
                en="the last window is missing: there are len(series) - width of them.",
            ),
        ),
        Mistake(
            _windows_gap,
            Message(
                pl="między oknem a celem jest luka: za oknem series[i : i + width] następuje "
                "series[i + width].",
                en="there is a gap between window and target: series[i + width] follows the window "
                "series[i : i + width].",
            ),
        ),
        Mistake(
            _windows_see_target,
            Message(
                pl="okno zawiera swój cel: kończy się na series[i + width - 1].",
                en="the window contains its own target: it ends with series[i + width - 1].",
            ),
        ),
        Mistake(
            _windows_reversed,
            Message(
                pl="okno jest odwrócone: najstarsza wartość ma stać na początku.",
                en="the window is reversed: the oldest value comes first.",
            ),
        ),
        Mistake(
            _windows_target_inside,
            Message(
                pl="wartość docelowa leży w oknie: okno i kończy się na i + width − 1, a jego "
                "celem jest series[i + width].",
                en="the value that follows lies inside the window: window i ends at "
                "i + width − 1, its target is series[i + width].",
            ),
        ),
        Mistake(
            _windows_one_more,
            Message(
                pl="po ostatnim oknie nie ma już wartości.",
                en="the last window has no value after it.",
            ),
        ),
        Mistake(
            _windows_disjoint,
            Message(
                pl="kolejne okna zaczynają się co jeden krok.",
                en="consecutive windows start one step apart.",
            ),
        ),
    ),
)

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


def _recursive_frozen(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return np.repeat(step(history)[:, None], horizon, axis=1)


def _recursive_longer(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return np.concatenate([history, recursive_forecast(step, history, horizon)], axis=1)


def _recursive_reversed(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return recursive_forecast(step, history, horizon)[:, ::-1]


def _recursive_transposed(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return recursive_forecast(step, history, horizon).T


def _recursive_late(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return recursive_forecast(step, history, horizon + 1)[:, 1:]


def _recursive_last_only(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return recursive_forecast(step, history, horizon)[:, -1]


def _recursive_truncated(width: int) -> Callable[[Step, np.ndarray, int], np.ndarray]:
    """Return the forecast whose step gets the last ``width`` known values only."""

    def wrong(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
        return recursive_forecast(lambda known: step(known[:, -width:]), history, horizon)

    return wrong


def _recursive_sliding(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    time = history.shape[1]
    return recursive_forecast(lambda known: step(known[:, -time:]), history, horizon)


def _prepended(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    """Return the history behind its forecasts, of shape (paths, horizon + time)."""
    known = history
    for _ in range(horizon):
        known = np.concatenate([step(known)[:, None], known], axis=1)
    return known


def _recursive_prepended(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return _prepended(step, history, horizon)[:, :horizon]


def _recursive_prepended_reversed(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return _prepended(step, history, horizon)[:, :horizon][:, ::-1]


def _recursive_prepended_cut(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return _prepended(step, history, horizon)[:, history.shape[1] :]


def _recursive_no_column(step: Step, history: np.ndarray, horizon: int) -> np.ndarray:
    return np.concatenate([history, step(history)], axis=1)  # raises an error


RECURSIVE = Exercise(
    "airline/recursive",
    recursive_forecast,
    _recursive_cases,
    (
        Mistake(
            _recursive_frozen,
            Message(
                pl="każdy krok widzi te same ostatnie wartości: dopisuj kolejne prognozy na końcu "
                "historii.",
                en="every step sees the same last values: append each forecast at the end of the "
                "history.",
            ),
        ),
        Mistake(
            _recursive_longer,
            Message(
                pl="wynik zawiera historię: zwróć same prognozy, czyli ostatnie horizon kolumn.",
                en="the result contains the history: return the forecasts alone, the last horizon "
                "columns.",
            ),
        ),
        Mistake(
            _recursive_reversed,
            Message(
                pl="prognozy są w odwrotnej kolejności: najbliższa ma być pierwsza.",
                en="the forecasts are in reverse order: the nearest comes first.",
            ),
        ),
        Mistake(
            _recursive_transposed,
            Message(
                pl="osie są zamienione: wiersz to ścieżka, kolumna to krok (np.stack(…, axis=1)).",
                en="the axes are exchanged: a row is a path, a column is a step "
                "(np.stack(…, axis=1)).",
            ),
        ),
        Mistake(
            _recursive_late,
            Message(
                pl="brakuje pierwszej prognozy: zaczynasz o krok za późno.",
                en="the first forecast is missing: you start one step too late.",
            ),
        ),
        Mistake(
            _recursive_last_only,
            Message(
                pl="zwróć prognozy wszystkich kroków, a nie tylko ostatniego.",
                en="return the forecasts of all steps, not of the last one only.",
            ),
        ),
        *_several(
            (_recursive_prepended, _recursive_prepended_reversed, _recursive_prepended_cut),
            Message(
                pl="wstawiasz prognozę na początek, a najnowsza należy na koniec.",
                en="you put the forecast at the front; the newest belongs at the end.",
            ),
        ),
        *_several(
            (_recursive_sliding, *map(_recursive_truncated, (1, 2, 12, 13, 24, 25, 36))),
            Message(
                pl="step ma dostać wszystkie znane wartości, nie tylko kilka ostatnich: sama "
                "decyduje, ilu potrzebuje.",
                en="step must get all the known values, not only the last few: the step decides "
                "itself how many it needs.",
            ),
        ),
        Mistake(
            _recursive_no_column,
            Message(
                pl="`step(…)[:, None]` robi kolumnę.",
                en="`step(…)[:, None]` makes a column.",
            ),
        ),
    ),
)

EXERCISES: dict[str, Exercise | Choice] = {
    exercise.name: exercise for exercise in (SCORES, NAIVE, SCALER, LEAK, WINDOWS, RECURSIVE)
}
