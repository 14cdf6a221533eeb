"""Lab 10's generated weather, its oracle, and the training loop."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.lessons import generated_weather, weather
from unrolled.lessons.weather import Plan


def test_the_same_seed_is_the_same_weather() -> None:
    one, two, other = (generated_weather.generate(50, seed) for seed in (1, 1, 2))
    assert (one.values == two.values).all()
    assert not np.allclose(one.values, other.values)
    assert one.values.shape == (50, len(generated_weather.COLUMNS))
    assert one.hours[[0, 49]].astype(str).tolist() == ["2001-01-01T00", "2001-01-03T01"]


def test_no_weather_without_hours() -> None:
    with pytest.raises(ValueError, match="at least one hour, not 0"):
        generated_weather.generate(0, 0)


def test_the_recipe_step_by_step() -> None:
    """The hidden air follows its formula: what is left of it is the noise, 0.2 °C."""
    series = generated_weather.generate(20_000, 3)
    s = generated_weather.season(np.arange(20_000))
    brought = 5 * series.wave.imag - 9 * s * series.wave.real
    noise = series.air[1:] - (series.air[:-1] + (brought[1:] - series.air[:-1]) / 24)
    assert abs(noise.std() - 0.2) < 0.005
    decay = np.exp(-1 / 100 + 2j * np.pi / 160)
    kicks = series.wave[1:] - decay * series.wave[:-1]
    assert abs(np.abs(series.wave).std()) > 0.3
    assert abs((np.abs(kicks) ** 2).mean() - (1 - abs(decay) ** 2)) < 0.001


def test_the_weather_is_plausible() -> None:
    values = dict(
        zip(generated_weather.COLUMNS, generated_weather.generate(70_000, 0).values.T, strict=True)
    )
    assert 8 < values["T (degC)"].mean() < 11
    assert 950 < values["p (mbar)"].min() < values["p (mbar)"].max() < 1030
    assert values["rh (%)"].max() <= 100 + 1e-9
    assert values["wv (m/s)"].min() >= 0
    assert (values["Tdew (degC)"] <= values["T (degC)"]).all()
    assert generated_weather.pressure_of_vapour(np.array(0.0)) == pytest.approx(6.112)


def test_a_low_is_mild_in_winter_and_cool_in_summer() -> None:
    series = generated_weather.generate(70_000, 1)
    s = generated_weather.season(np.arange(70_000))
    low = series.wave.real < -0.5
    assert series.air[low & (s > 0.7)].mean() > 1
    assert series.air[low & (s < -0.7)].mean() < -1


def test_the_oracle_is_hard_to_beat() -> None:
    series = generated_weather.generate(9000, 4)
    places = np.arange(100, 8900, 7)
    truth = series.values[places + 24, 0]
    known = generated_weather.oracle(series, places, 24, 100, 0)
    assert known.shape == places.shape
    error = np.abs(known - truth).mean()
    naive = np.abs(series.values[places, 0] - truth).mean()
    assert error < 0.6 * naive
    hidden_swapped = generated_weather.oracle(series, places[::-1], 24, 20, 0)
    assert np.abs(hidden_swapped - truth).mean() > naive
    soon = generated_weather.oracle(series, places, 1, 100, 0)
    assert np.abs(soon - series.values[places + 1, 0]).mean() < 0.4 * error


def test_plan() -> None:
    plan = Plan(epochs=3, batch=10, rate=0.1)
    assert plan.steps(25) == 6
    shares = [plan.share(t, 20) for t in range(20)]
    assert max(shares) == 1
    assert 0 < shares[0] < shares[3]
    assert shares[-1] < 0.1
    seen = list(weather.batches(25, plan, 0))
    assert [len(places) for places in seen] == [10] * 6
    assert len(set(np.concatenate(seen[:2]).tolist())) == 20
    again = list(weather.batches(25, plan, 0))
    assert all((a == b).all() for a, b in zip(seen, again, strict=True))


class Sum(torch.nn.Module):
    """One weight on the sum of the last row."""

    def __init__(self) -> None:
        super().__init__()
        self.w = torch.nn.Parameter(torch.zeros(()))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.w * x[:, -1].sum(-1)


def test_both_libraries_learn_alike() -> None:
    import keras

    rng = np.random.default_rng(0)
    x = rng.normal(size=(64, 5, 2)).astype(np.float32)
    y = 0.7 * x[:, -1].sum(1)
    plan, net, counted = Plan(epochs=4, batch=16, rate=0.1), Sum(), []
    cost = weather.train(net, x, y, plan, 0, lambda: counted.append(1))
    assert len(counted) == 16
    assert cost.cpu >= 0
    assert not net.training
    assert abs(net.w.item() - 0.7) < 0.1
    assert np.allclose(weather.predict(net, x), net.w.item() * x[:, -1].sum(1), atol=1e-6)

    inputs = keras.Input((5, 2))
    last = keras.layers.Lambda(lambda s: keras.ops.sum(s[:, -1], -1, keepdims=True))(inputs)
    dense = keras.layers.Dense(1, use_bias=False, kernel_initializer="zeros")
    model = keras.Model(inputs, dense(last))
    weather.train_in_keras(model, x, y, plan, 0)
    assert abs(float(dense.kernel[0, 0]) - net.w.item()) < 1e-3
