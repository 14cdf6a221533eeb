"""Lab 10's small mode: a generated series of hourly weather, and an oracle that knows its recipe.

Nothing here was measured. Two hidden processes drive all six columns::

    w_t = ρ e^{iω} w_{t-1} + noise              lows and highs: a wave that turns and fades
    a_t = a_{t-1} + κ (F Im w_t - G s_t Re w_t - a_{t-1}) + noise      how warm the air is
    T_t = year(s_t) + swing(s_t, cloud) cos(2π (hour - 15) / 24) + a_t

s_t is the season, 1 in deep winter and -1 in high summer. Re w is the pressure. Im w is above 0
while the pressure falls and below 0 while it rises; no instrument shows it directly, which is why
the past helps. In winter a low brings mild air and in summer cool air (the sign of s_t): no
linear forecast can say that. A high has a clear sky, and a clear sky has warmer days and colder
nights.

The noise of tomorrow is not known to anybody. :func:`oracle` knows everything else: the recipe and
the hidden processes up to now. The error that remains is a lower bound for every forecast.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unrolled.gates import Array, sigmoid
from unrolled.sequences import linear_recurrence

#: The columns, named as in the Jena series.
COLUMNS = ("T (degC)", "p (mbar)", "rh (%)", "VPmax (mbar)", "wv (m/s)", "Tdew (degC)")

#: Pressure in mbar when Re w is 1 higher.
MBAR = 8.0

_YEAR = 24 * 365.25  # hours
_COLDEST = 20 * 24  # the hour of the year
_FADE = 100.0  # hours in which the wave falls to 1/e
_TURN = 160.0  # hours of one turn
_MIXING = 24.0  # hours in which the air takes on what the wave brings
_FRONT, _SEASONAL = 5.0, 9.0  # F and G, °C
_AIR_NOISE = 0.2  # °C
_TOGETHER = 100  # places that go on at a time, for memory's sake


class Generated(NamedTuple):
    """A generated series, with what drives it.

    Attributes:
        values: the six columns, (hours, 6), as :data:`COLUMNS` names them.
        wave: w_t, complex, (hours,).
        air: a_t in °C, (hours,).
    """

    values: Array
    wave: np.ndarray
    air: Array

    @property
    def hours(self) -> np.ndarray:
        """When each row is, datetime64[h], from New Year's midnight of 2001 on."""
        return np.datetime64("2001-01-01T00", "h") + np.arange(len(self.values))


def season(hour: np.ndarray) -> Array:
    """Return s_t: 1 in deep winter, -1 in high summer, for hours since New Year."""
    return np.asarray(np.cos(2 * np.pi * (np.asarray(hour) - _COLDEST) / _YEAR))


def temperature(wave: np.ndarray, air: Array, hour: np.ndarray) -> Array:
    """Return T_t without the thermometer's error, in °C; all arguments have one shape."""
    s = season(hour)
    swing = (4.2 - 2.2 * s) * (1 - 0.75 * _cloud(wave))
    return np.asarray(9.5 - 9.5 * s + swing * np.cos(2 * np.pi * (hour % 24 - 15) / 24) + air)


def pressure_of_vapour(t: Array) -> Array:
    """Return the saturation pressure over water in mbar at t °C, by Magnus' formula."""
    return np.asarray(6.112 * np.exp(17.62 * t / (243.12 + t)))


def generate(hours: int, seed: int) -> Generated:
    """Return a series.

    Args:
        hours: how many rows.
        seed: of all noise.

    Raises:
        ValueError: there is no hour.
    """
    if hours < 1:
        raise ValueError(f"a series has at least one hour, not {hours}")
    rng = np.random.default_rng(seed)
    hour = np.arange(hours)
    wave, air = _hidden(rng, hour[None], np.zeros((1, 2)))
    wave, air = wave[0], air[0]
    t = temperature(wave, air, hour)
    dew = 9.5 - 9.5 * season(hour) + air - 2 - 5 * (1 - _cloud(wave))
    error = rng.normal(size=(4, hours))  # of the instruments
    t_seen = t + 0.2 * error[0]
    dew_seen = np.minimum(dew + 0.3 * error[1], t_seen)
    most = pressure_of_vapour(t_seen)
    values = [
        t_seen,
        989 + MBAR * wave.real + 0.3 * error[2],
        100 * pressure_of_vapour(dew_seen) / most,
        most,
        np.abs(1.2 + 1.3 * np.abs(wave) + 0.5 * error[3]),
        dew_seen,
    ]
    return Generated(np.stack(values, axis=1), wave, air)


def oracle(series: Generated, places: np.ndarray, delay: int, futures: int, seed: int) -> Array:
    """Return the forecast of one who knows the recipe and the hidden state, but not the noise.

    The true recipe goes on from the true state several times; the forecast is the median of the
    temperatures reached, because the median has the smallest mean absolute error.

    Args:
        series: what was generated.
        places: the rows at which the forecasts are made, (N,).
        delay: hours ahead.
        futures: how many times the weather goes on from each place.
        seed: of the futures.

    Returns:
        Temperatures in °C at ``places + delay``, (N,).
    """
    places = np.asarray(places)
    rng = np.random.default_rng(seed)
    forecasts = np.empty(len(places))
    for i in range(0, len(places), _TOGETHER):
        now = np.repeat(places[i : i + _TOGETHER], futures)
        hour = now[:, None] + 1 + np.arange(delay)
        start = np.stack([series.wave[now], series.air[now]], axis=1)
        wave, air = _hidden(rng, hour, start)
        reached = temperature(wave[:, -1], air[:, -1], hour[:, -1])
        forecasts[i : i + _TOGETHER] = np.median(reached.reshape(-1, futures), axis=1)
    return forecasts


def _cloud(wave: np.ndarray) -> Array:
    """Return how much of the sky is covered: a low is cloudy, a high is clear."""
    return np.asarray(sigmoid(-1.5 * wave.real))


def _hidden(rng: np.random.Generator, hour: np.ndarray, start: Array) -> tuple[np.ndarray, Array]:
    """Return w and a at hours (B, T), from the states (w, a) before the first of them, (B, 2)."""
    shape = hour.shape
    decay = np.exp(-1 / _FADE + 2j * np.pi / _TURN)
    noise = np.sqrt((1 - np.abs(decay) ** 2) / 2)
    kicks = noise * (rng.normal(size=shape) + 1j * rng.normal(size=shape))
    wave = linear_recurrence(np.full(shape, decay), kicks, start[:, 0], method="doubling")
    brought = _FRONT * wave.imag - _SEASONAL * season(hour) * wave.real
    kicks = brought / _MIXING + _AIR_NOISE * rng.normal(size=shape)
    keep = np.full(shape, 1 - 1 / _MIXING)
    air = linear_recurrence(keep, kicks, start[:, 1].real, method="doubling")
    return wave, air
