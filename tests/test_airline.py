"""Lab 03: its solutions, its student edition, and the claims that can be tested in seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest
import torch

from press.notebooks.editions import solved, unsolved
from press.sources.source import Source, read
from unrolled.check import check
from unrolled.data import airline
from unrolled.exercises import Exercise
from unrolled.exercises.airline import (
    EXERCISES,
    fit_scaler,
    make_windows,
    naive_forecasts,
    recursive_forecast,
    scores,
)

N_TEST, N_TRAIN = 46, 98
FUNCTIONS = {
    "scores": "airline/scores",
    "naive_forecasts": "airline/naive",
    "fit_scaler": "airline/scaler",
    "make_windows": "airline/windows",
    "recursive_forecast": "airline/recursive",
}


@pytest.fixture(scope="module")
def source() -> Source:
    return read(Path(__file__).resolve().parent.parent / "labs" / "03_airline.md")


@pytest.fixture(scope="module")
def y() -> np.ndarray:
    return airline().passengers


def cells(source: Source, *ids: str) -> str:
    """Return the solved code of the cells with these ids."""
    code = {cell.id: cell.code for cell in source.code_cells}
    return "\n".join(solved(code[one]) for one in ids)


def rmse(y: np.ndarray, forecast: np.ndarray) -> float:
    return float(np.sqrt(np.mean((forecast - y[-N_TEST:]) ** 2)))


# --- the references -----------------------------------------------------------------------------


def test_scores_by_hand() -> None:
    actual, forecast = np.array([3.0, 5.0]), np.array([6.0, 1.0])  # errors 3 and -4
    history = np.array([1.0, 2.0, 4.0, 7.0])  # two steps apart: 3 and 5
    assert scores(actual, forecast, history, 2) == pytest.approx((12.5**0.5, 3.5, 3.5 / 4))


def test_mase_of_the_seasonal_naive_forecast_on_its_own_scale_is_1(y: np.ndarray) -> None:
    train = y[:N_TRAIN]
    assert scores(train[12:], train[:-12], train, 12)[2] == pytest.approx(1)


def test_naive_forecasts_by_hand() -> None:
    series = np.array([1.0, 2.0, 4.0, 5.0, 8.0, 20.0])
    last, year_ago, ratio = naive_forecasts(series, 2, 3)  # months 4 and 5
    assert last.tolist() == [5.0, 8.0]
    assert year_ago.tolist() == [2.0, 4.0]
    assert ratio.tolist() == [2.0 * 5 / 1, 4.0 * 8 / 2]


def test_naive_forecasts_never_see_what_they_forecast() -> None:
    rng = np.random.default_rng(0)
    series = rng.uniform(1, 2, 40)
    for t in range(30, 40):
        changed = series.copy()
        changed[t:] = 99.0
        for one, other in zip(
            naive_forecasts(series, 10, 12), naive_forecasts(changed, 10, 12), strict=True
        ):
            assert one[t - 30] == other[t - 30]


def test_windows_by_hand() -> None:
    x, target = make_windows(np.array([1.0, 2.0, 3.0, 4.0]), 2)
    assert x[:, :, 0].tolist() == [[1.0, 2.0], [2.0, 3.0]]
    assert target.tolist() == [3.0, 4.0]


def test_windows_of_the_training_part_do_not_hold_test_values(y: np.ndarray) -> None:
    x, target = make_windows(y, 12)
    assert len(x) - N_TEST == N_TRAIN - 12
    assert np.array_equal(target[-N_TEST:], y[N_TRAIN:])
    assert x[: N_TRAIN - 12].max() <= y[:N_TRAIN].max()


def test_the_scale_knows_the_training_part_only(y: np.ndarray) -> None:
    assert fit_scaler(y, N_TRAIN) == (104.0, 413.0)
    assert fit_scaler(y, len(y)) == (104.0, 622.0)


def test_recursive_forecast_of_fibonacci_numbers() -> None:
    history = np.array([[1.0, 1.0], [2.0, 1.0]])
    forecast = recursive_forecast(lambda known: known[:, -1] + known[:, -2], history, 4)
    assert forecast.tolist() == [[2.0, 3.0, 5.0, 8.0], [3.0, 4.0, 7.0, 11.0]]


# --- the source ---------------------------------------------------------------------------------


def test_every_exercise_is_in_the_lab_and_every_check_is_known(source: Source) -> None:
    code = "\n".join(cell.code for cell in source.code_cells)
    assert all(f'check("{name}", ' in code for name in EXERCISES)
    assert code.count("check(") == len(EXERCISES)


@pytest.mark.parametrize("function", FUNCTIONS)
def test_the_labs_solutions_pass_and_its_stubs_are_not_done_yet(
    function: str, source: Source, capsys: pytest.CaptureFixture[str]
) -> None:
    cell = next(cell for cell in source.code_cells if f"def {function}(" in cell.code)
    for edit, mark in ((solved, "✓"), (unsolved, "○")):
        names: dict[str, Any] = {"np": np}
        exec(edit(cell.code), names)
        returned = check(FUNCTIONS[function], names[function])
        assert capsys.readouterr().out.startswith(mark)
        exercise = EXERCISES[FUNCTIONS[function]]
        assert isinstance(exercise, Exercise)
        assert returned is (names[function] if mark == "✓" else exercise.reference)


def test_training_cells_are_not_compared(source: Source) -> None:
    for cell in source.code_cells:
        trains = ("= train(", "train_in_keras(in_keras", ".fit(disp", ".fit(x", "verdict(")
        if any(word in cell.code for word in trains):
            assert "nbval-ignore-output" in cell.tags, cell.id


# --- the claims ---------------------------------------------------------------------------------


def test_the_naive_forecasts_errors(y: np.ndarray) -> None:
    errors = [rmse(y, forecast) for forecast in naive_forecasts(y, N_TEST, 12)]
    assert errors == pytest.approx([49.01, 42.36, 15.93], abs=0.01)


@pytest.fixture(scope="module")
def names(source: Source, y: np.ndarray) -> dict[str, Any]:
    """The lab's own definitions: its networks, its training, what it prepares."""
    names: dict[str, Any] = {
        "np": np,
        "torch": torch,
        "nn": torch.nn,
        "y": y,
        "N_TEST": N_TEST,
        "NAIVE": ("persistence", "seasonal naive", "last year × growth"),
        "naive_forecasts": naive_forecasts,
        "make_windows": make_windows,
    }
    famous = cells(source, "famous").split("\nlow, high =")[0]  # definitions, no training
    residuals = cells(source, "residuals").split("\nlearned =")[0]
    torch.set_num_threads(1)
    exec(famous + "\n" + residuals, names)
    return names


@pytest.mark.parametrize(("hidden", "steps"), [(4, 1), (3, 7)])
def test_weights_copied_from_keras_give_the_same_network(
    hidden: int, steps: int, names: dict[str, Any]
) -> None:
    keras.utils.set_random_seed(1)
    network = keras.Sequential(
        [keras.Input((steps, 1)), keras.layers.LSTM(hidden), keras.layers.Dense(1)]
    )
    rng = np.random.default_rng(0)
    network.set_weights([rng.normal(0, 1, w.shape) for w in network.get_weights()])  # biases too
    copied = names["Forecaster"](hidden)
    names["copy_weights"](network, copied)
    x = rng.normal(0, 1, (5, steps, 1)).astype("float32")
    ours = copied(torch.tensor(x)).detach().numpy()
    assert np.abs(ours - network(x).numpy()[:, 0]).max() < 1e-5


def test_an_untrained_corrector_is_the_naive_forecast(y: np.ndarray, names: dict[str, Any]) -> None:
    network = names["Forecaster"](8)
    torch.nn.init.zeros_(network.head.weight)
    torch.nn.init.zeros_(network.head.bias)
    for base in names["bases"].values():
        x, _, to_passengers = names["prepare"](base, names["N_FIT"])
        with torch.no_grad():
            forecast = to_passengers(network(torch.tensor(x)).numpy())
        rest = np.log(names["after"] / base)[: 12 + names["N_FIT"]].mean()  # the mean correction
        assert np.allclose(forecast, base[12:] * np.exp(rest))


def test_the_preparation_does_not_see_the_test(y: np.ndarray, names: dict[str, Any]) -> None:
    n_fit = names["N_FIT"]
    for base in names["bases"].values():
        x, target, _ = names["prepare"](base, n_fit)
        changed = base.copy()
        changed[-N_TEST:] *= 3
        x_changed, target_changed, _ = names["prepare"](changed, n_fit)
        assert np.array_equal(x[:n_fit], x_changed[:n_fit])
        assert np.array_equal(target[:n_fit], target_changed[:n_fit])


def test_the_corrector_clears_the_bar_on_new_seeds(y: np.ndarray, names: dict[str, Any]) -> None:
    base = names["bases"]["last year × growth"]
    x, target, to_passengers = names["prepare"](base, names["N_FIT"])
    for n_updates in (15, 20, 25):  # what validation may choose elsewhere
        errors = []
        for seed in range(100, 105):
            _, outputs = names["train"](x, target, names["N_FIT"], n_updates, seed)
            errors.append(rmse(y, to_passengers(outputs[-1])[-N_TEST:]))
        assert np.median(errors) < 15.7, n_updates
        assert max(errors) < 17


@pytest.mark.parametrize("seed", [0, 1])
def test_the_famous_network_repeats_the_last_value(
    seed: int, y: np.ndarray, names: dict[str, Any]
) -> None:
    low, high = fit_scaler(y, N_TRAIN)
    z = torch.tensor((y - low) / (high - low), dtype=torch.float32)
    x, target = z[:-1, None, None], z[1:]
    torch.manual_seed(seed)
    network = names["Forecaster"](4)
    optimizer = torch.optim.Adam(network.parameters(), lr=0.01)
    for _ in range(1500):  # the whole batch: the same minimum, sooner
        optimizer.zero_grad()
        loss = (network(x[: N_TRAIN - 1]) - target[: N_TRAIN - 1]).square().mean()
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        forecast = low + (high - low) * network(x).numpy()[-N_TEST:]
    assert np.corrcoef(forecast, y[N_TRAIN - 1 : -1])[0, 1] > 0.97
    assert rmse(y, forecast) > rmse(y, y[N_TRAIN - 1 : -1])
