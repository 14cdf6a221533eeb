"""Tables and verdicts in both languages."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.tables import Table
from unrolled.verdicts import verdict
from unrolled.words import MissingWordError

ROWS = [
    {"method": "persistence", "RMSE": 48.66, "parameters": 0},
    {"method": "LSTM", "RMSE": 16.0, "parameters": 12345},
    {"method": "naive", "RMSE": np.float32(16.04), "parameters": None},
]


def test_a_table_in_both_languages() -> None:
    table = Table(ROWS, formats={"RMSE": ".1f", "parameters": ",d"})
    assert table.markdown("en").splitlines() == [
        "| method | RMSE | parameters |",
        "| :-- | --: | --: |",
        "| persistence | 48.7 | 0 |",
        "| LSTM | 16.0 | 12,345 |",
        "| naive | 16.0 | – |",
    ]
    assert table.markdown("pl").splitlines()[2:] == [
        "| ostatnia wartość | 48,7 | 0 |",
        "| LSTM | 16,0 | 12\u00a0345 |",
        "| naiwna | 16,0 | – |",
    ]


def test_best_values_are_bold_ties_too() -> None:
    table = Table(ROWS, formats={"RMSE": ".1f"}, best={"RMSE": "min", "parameters": "max"})
    assert table.markdown("en").count("**16.0**") == 2
    assert "**12345**" in table.markdown("en")
    assert "**48.7**" not in table.markdown("en")


def test_plain_text_is_aligned() -> None:
    lines = Table(ROWS, formats={"RMSE": ".1f"}).plain("en").splitlines()
    assert lines[0] == "method       RMSE  parameters"
    assert lines[1] == "persistence  48.7           0"


def test_other_values() -> None:
    table = Table([{"x": -0.5, "exact": True, "y": np.int64(3), "z": float("nan"), "w": "a|b"}])
    assert table.markdown("pl").splitlines()[2] == "| −0,5 | ✓ | 3 | nan | a\\|b |"


def test_variants_travel_with_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_BUILD", "1")
    monkeypatch.setenv("UNROLLED_LANGUAGE", "en")
    data, metadata = Table(ROWS)._repr_mimebundle_()
    both = metadata["unrolled"]["variants"]
    assert both["en"] == data
    assert "ostatnia wartość" in both["pl"]["text/plain"]
    assert Table([{"x": 1}])._repr_mimebundle_()[1] == {}


def test_a_word_without_polish_stops_the_build(monkeypatch: pytest.MonkeyPatch) -> None:
    table = Table([{"method": "unheard of"}])
    monkeypatch.delenv("UNROLLED_BUILD", raising=False)
    assert "unheard of" in str(table)
    monkeypatch.setenv("UNROLLED_BUILD", "1")
    with pytest.raises(MissingWordError, match="'unheard of'"):
        table._repr_mimebundle_()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"rows": []}, "at least one row"),
        ({"rows": [{"x": 1}, {"y": 1}]}, "row 1 has the headings"),
        ({"rows": [{"x": 1}], "formats": {"y": ".1f"}}, "no column 'y'"),
        ({"rows": [{"x": 1}], "best": {"y": "min"}}, "no column 'y'"),
    ],
)
def test_a_wrong_table(arguments: dict, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        Table(**arguments)


# --- verdicts -----------------------------------------------------------------------------------


def test_exact(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "en")
    ours = np.arange(3.0)
    verdict("PyTorch", ours, torch.arange(3.0, requires_grad=True), tolerance=0)
    assert capsys.readouterr().out == "✓ NumPy = PyTorch: exact\n"
    with pytest.raises(AssertionError, match="tolerance 0"):
        verdict("PyTorch", ours, np.nextafter(ours, 9), tolerance=0)


@pytest.mark.parametrize("gap", [0.0, 2e-8, 3e-7])
def test_the_line_is_the_same_whatever_was_rounded(
    gap: float, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    a = np.ones((2, 3))
    b = a.copy()
    b[1, 2] += gap
    monkeypatch.setenv("UNROLLED_LANGUAGE", "pl")
    verdict("Keras", output=(a, a), gradient=(a, b), tolerance=1e-5)
    said = capsys.readouterr().out
    assert said == "✓ NumPy = Keras (output, gradient): równe z dokładnością do 1e-05\n"


@pytest.mark.parametrize("tolerance", [-1e-5, np.nan, np.inf])
def test_a_tolerance_that_checks_nothing(tolerance: float) -> None:
    with pytest.raises(ValueError, match="a tolerance is a number from 0 up"):
        verdict("Keras", np.zeros(2), np.ones(2), tolerance=tolerance)


def test_too_different() -> None:
    a, b = np.zeros((2, 3)), np.zeros((2, 3))
    b[1, 0] = 0.5
    with pytest.raises(AssertionError, match=r"NumPy ≠ Keras: largest difference 0.5 at \(1, 0\)"):
        verdict("Keras", a, b)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (np.zeros((2, 3)), np.zeros((3, 2)), r"shape \(2, 3\), Keras has shape \(3, 2\)"),
        (np.zeros((1, 3)), np.zeros(3), "shape"),
        (np.array([np.nan]), np.array([np.nan]), "not finite"),
        (np.array([1.0]), np.array([np.inf]), "Keras has values that are not finite"),
    ],
)
def test_not_comparable(a: np.ndarray, b: np.ndarray, message: str) -> None:
    with pytest.raises(AssertionError, match=message):
        verdict("Keras", a, b)


def test_nothing_to_compare() -> None:
    with pytest.raises(ValueError, match="nothing to compare"):
        verdict("Keras")
    with pytest.raises(ValueError, match="both arrays"):
        verdict("Keras", np.zeros(2))
