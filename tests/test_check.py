"""The machinery of the checks: comparing, calling, and what a student is told."""

from __future__ import annotations

import warnings
from typing import Any

import keras
import numpy as np
import pytest
import torch

from unrolled import check as module
from unrolled.check import check, describe, examine, report
from unrolled.compare import attempt, compare, to_array
from unrolled.exercises import Choice, Exercise, Mistake, digest, find
from unrolled.messages import Message


def double(x: np.ndarray, factor: float = 2.0) -> np.ndarray:
    return factor * x


def _cases(rng: np.random.Generator):
    for n in (3, 1, 5):
        yield rng.normal(0.0, 1.0, n), float(rng.uniform(2.0, 3.0))


DOUBLE = Exercise(
    "trial/double",
    double,
    _cases,
    (Mistake(lambda x, factor: x / factor, Message(pl="to dzielenie", en="this divides")),),
)
CHOICE = Choice(
    "trial/choice",
    digest("trial/choice", "B"),
    {letter: Message(pl=f"o {letter}", en=f"about {letter}") for letter in "ABC"},
)


@pytest.fixture(autouse=True)
def trial(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the names trial/… be found, and speak English."""
    trials = {exercise.name: exercise for exercise in (DOUBLE, CHOICE)}
    monkeypatch.setattr(module, "find", lambda name: trials[name])
    monkeypatch.setenv("UNROLLED_LANGUAGE", "en")


def told(answer: Any, capsys: pytest.CaptureFixture[str], name: str = "trial/double") -> str:
    """Return what a student is told, having checked that the notebook goes on with the right."""
    returned = check(name, answer)
    text = capsys.readouterr().out
    if name == "trial/double":
        assert returned is (answer if text.startswith("✓") else double)
    return " ".join(text.split())  # however the lines are broken


# --- comparing ----------------------------------------------------------------------------------

X = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])


@pytest.mark.parametrize(
    "actual",
    [
        X,
        X.astype(np.float32),
        X.astype(np.float32).astype(np.longdouble),
        X + 1e-6,
        torch.tensor(X, requires_grad=True),
        torch.tensor(X).to(torch.float32),
        torch.tensor(X).to(torch.bfloat16),  # these numbers are exact in it
        keras.ops.convert_to_tensor(X),
        np.asfortranarray(X),
        X[:, ::-1][:, ::-1],
    ],
)
def test_equal_arrays_of_any_library_and_precision_agree(actual: Any) -> None:
    assert compare(X, actual, 1e-4).ok


@pytest.mark.parametrize(
    ("expected", "actual", "problem", "want", "got"),
    [
        (X, X.tolist(), "type", "ndarray", "list"),
        (X, None, "type", "ndarray", "NoneType"),
        (X, "text", "type", "ndarray", "str"),
        (X, (x for x in X), "type", "ndarray", "generator"),
        (X, X.T, "shape", (2, 3), (3, 2)),
        (X, X[None], "shape", (2, 3), (1, 2, 3)),
        (X, X.astype(int), "dtype", "float", "int"),
        (X, X > 2, "dtype", "float", "bool"),
        (X, X.astype(complex), "dtype", "float", "complex128"),
        (X, X - np.eye(2, 3), "value", 1.0, 0.0),
        (1.5, np.array([1.5]), "shape", (), (1,)),
        (1.5, None, "type", "float", "NoneType"),
        (2.0, 2, "dtype", "float", "int"),
        (2, 3, "value", 2, 3),
        (2, 2.0, "dtype", "int", "float"),
        ("a", "b", "value", "a", "b"),
        ("a", 1, "type", "str", "int"),
        ((1.0, 2.0), 1.0, "type", "tuple", "float"),
        ((1.0, 2.0), (1.0,), "length", 2, 1),
    ],
)
def test_what_differs_is_named(
    expected: Any, actual: Any, problem: str, want: Any, got: Any
) -> None:
    verdict = compare(expected, actual, 1e-4)
    assert not verdict.ok
    assert (verdict.problem, verdict.expected) == (problem, want)
    assert verdict.actual == pytest.approx(got) if problem == "value" else verdict.actual == got


def test_a_list_or_an_array_of_numbers_may_stand_for_a_tuple() -> None:
    assert compare((1.0, 2.0), [1.0, 2.0], 1e-4).ok
    assert compare((1.0, 2.0), np.array([1.0, 2.0]), 1e-4).ok
    assert not compare((X, X), np.stack([X, X]), 1e-4).ok


def test_the_wrong_element_of_a_tuple_and_the_worst_number_are_found() -> None:
    actual = X.copy()
    actual[1] += (0.0, 0.5, 0.1)
    verdict = compare((1.0, X), (1.0, actual), 1e-4)
    assert (verdict.element, verdict.index) == (1, (1, 1))
    assert verdict.difference == pytest.approx(0.5)


def test_the_first_wrong_number_is_found_beside_the_worst() -> None:
    actual = X.copy()
    actual[0, 2], actual[1, 0] = 3.25, 9.0
    verdict = compare(X, actual, 1e-4)
    assert (verdict.first, verdict.first_values) == ((0, 2), (3.0, 3.25))
    assert (verdict.index, verdict.difference) == ((1, 0), 5.0)
    assert describe(verdict).texts == {
        "pl": "pod indeksem [0, 2]: oczekiwano 3, jest 3.25 "
        "(największa różnica 5, pod indeksem [1, 0])",
        "en": "at index [0, 2]: expected 3, got 3.25 (largest difference 5, at index [1, 0])",
    }


def test_a_place_in_a_tuple_and_in_its_array_is_told() -> None:
    texts = describe(compare((1.0, np.ones(3)), (1.0, np.array([1.0, 0.5, 1.0])), 1e-4)).texts
    assert texts == {
        "pl": "zwrócona wartość nr 2, pod indeksem [1]: oczekiwano 1, jest 0.5 "
        "(największa różnica 0.5)",
        "en": "returned value 2, at index [1]: expected 1, got 0.5 (largest difference 0.5)",
    }
    texts = describe(compare((1.0, 2.0), (1.0, 2.5), 1e-4)).texts
    assert texts["en"] == "returned value 2: expected 2, got 2.5 (largest difference 0.5)"


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_found(bad: float) -> None:
    actual = X.copy()
    actual[1, 0] = bad
    verdict = compare(X, actual, 1e-4)
    assert (verdict.problem, verdict.index) == ("finite", (1, 0))


def test_the_tolerance_grows_with_large_numbers_only() -> None:
    assert compare(1000.0, 1000.05, 1e-4).ok
    assert not compare(1000.0, 1000.2, 1e-4).ok
    assert not compare(0.001, 0.0012, 1e-4).ok
    assert compare(0.001, 0.00105, 1e-4).ok


def test_empty_arrays_agree_and_symbolic_tensors_are_no_arrays() -> None:
    assert compare(np.empty((0, 3)), np.empty((0, 3)), 1e-4).ok
    assert to_array(keras.Input((3,))) is None


# --- calling ------------------------------------------------------------------------------------


def test_arguments_are_copied_and_a_change_is_seen() -> None:
    x = np.arange(3.0)

    def changes(values, factor):
        values *= factor
        return values

    made = attempt(changes, (x, 2.0))
    assert made.changed == 0
    assert x.tolist() == [0.0, 1.0, 2.0]
    assert attempt(double, (x, 2.0)).changed is None


def test_a_change_of_a_nested_argument_or_of_a_tensor_is_seen() -> None:
    def changes(pair):
        pair[1][0] = -1.0
        return 0.0

    assert attempt(changes, ((1, np.ones(2)),)).changed == 0
    assert attempt(lambda t: t.zero_(), (torch.ones(2),)).changed == 0


def test_nan_in_an_argument_is_not_a_change() -> None:
    assert attempt(lambda x: x, (np.array([np.nan, 1.0]),)).changed is None


# --- telling ------------------------------------------------------------------------------------


def test_right(capsys: pytest.CaptureFixture[str]) -> None:
    assert told(lambda a, b: b * a, capsys) == "✓ trial/double: right in all 9 cases."


def _dots(x, factor): ...


def _none(x, factor):
    x * factor


def _raises(x, factor):
    raise NotImplementedError


def _tuple_of_dots(x, factor):
    return ..., ...


@pytest.mark.parametrize("blank", [_dots, _none, _raises, _tuple_of_dots, None, ...])
def test_not_done_yet(blank: Any, capsys: pytest.CaptureFixture[str]) -> None:
    text = told(blank, capsys)
    assert text.startswith("○ trial/double: not done yet.")
    assert text.endswith("The cells below use the reference solution.")
    assert ("return is missing" in text) == (blank in (_none, _dots))


def test_a_return_that_is_missing_in_one_branch(capsys: pytest.CaptureFixture[str]) -> None:
    def some(x, factor):
        if len(x) > 1:
            return factor * x

    text = told(some, capsys)
    assert text.startswith("✗ trial/double: case 2 of 9 (x: (1,); factor = ")
    assert "None (is a return missing?)" in text


def test_a_wrong_shape_is_told_with_the_case(capsys: pytest.CaptureFixture[str]) -> None:
    text = told(lambda x, factor: factor * x[:, None], capsys)
    assert "case 1 of 9 (x: (3,); factor = " in text
    assert "expected shape (3,), got (3, 1)" in text


def test_a_known_mistake_gets_its_hint(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Hint: this divides" in told(lambda x, factor: x / factor, capsys)
    assert "Hint" not in told(lambda x, factor: x - factor, capsys)


PAIR = Exercise(
    "trial/pair",
    lambda x, factor: (x * factor, x + factor, x - factor),
    _cases,
    (
        Mistake(
            lambda x, factor: (x, x + factor, x - factor), Message(pl="pierwsza", en="the first")
        ),
        Mistake(
            lambda x, factor: (x * factor, x, x - factor), Message(pl="druga", en="the second")
        ),
        Mistake(lambda x, factor: x[:, :factor], Message(pl="wyjątek", en="the error")),
    ),
)


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        (lambda x, factor: (x, x + factor, x - factor), "the first"),
        (lambda x, factor: (x, x, x), "the first"),
        (lambda x, factor: [x * factor, x, x], "the second"),
        (lambda x, factor: (x * factor, x + factor, x), None),
        (lambda x, factor: (x, x), None),
        (lambda x, factor: (x * factor, x[:, factor:], x), "the error"),
        (lambda x, factor: x[:, :, factor], None),
        (lambda x, factor: 1 / 0, None),
    ],
)
def test_hints_for_part_of_a_tuple_and_for_errors(answer: Any, hint: str | None) -> None:
    found = examine(PAIR, answer).hint
    assert (found and found.texts["en"]) == hint


def test_an_exception_is_told_with_its_line(capsys: pytest.CaptureFixture[str]) -> None:
    def breaks(x, factor):
        total = x.sum()
        return total + missing_name  # noqa: F821

    text = told(breaks, capsys)
    assert "“return total + missing_name" in text
    assert "NameError: name 'missing_name' is not defined" in text
    assert f"line {breaks.__code__.co_firstlineno + 2} " in text


def test_an_exception_inside_a_library_is_told_with_the_students_line(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = told(lambda x, factor: np.concatenate([x, factor * np.ones((2, 2))]), capsys)
    assert "“text = told(lambda x, factor: np.concatenate" in text
    assert "ValueError" in text


def test_wrong_number_of_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert "TypeError" in told(lambda x: x, capsys)


def test_a_function_without_code_can_fail_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert "raised" in told(np.linalg.inv, capsys)


def test_a_changed_argument_is_told_even_if_the_result_is_right(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def changes(x, factor):
        result = factor * x
        x[:] = 0
        return result

    assert "changes its argument x: work on a copy" in told(changes, capsys)


def test_warnings_do_no_harm(capsys: pytest.CaptureFixture[str]) -> None:
    def warns(x, factor):
        warnings.warn("slow", UserWarning, stacklevel=1)
        np.log(np.zeros(1))  # divide by zero
        return factor * x

    assert told(warns, capsys).startswith("✓")


def test_what_is_no_function(capsys: pytest.CaptureFixture[str]) -> None:
    assert "give the function itself, without parentheses; got an array" in told(X, capsys)
    assert "got a list" in told([1], capsys)


def test_an_interrupt_is_not_swallowed() -> None:
    def interrupted(x, factor):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        check("trial/double", interrupted)


def test_a_constant_does_not_pass(capsys: pytest.CaptureFixture[str]) -> None:
    first = double(*DOUBLE.all_cases()[0])
    text = told(lambda x, factor: first.copy(), capsys)
    assert "case 2 of 9" in text


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        ("B", "✓ trial/choice: B. about B"),
        (" b", "✓ trial/choice: B. about B"),
        ("B.", "✓ trial/choice: B. about B"),
        ("b) ", "✓ trial/choice: B. about B"),
        (" (B) ", "✓ trial/choice: B. about B"),
        ("a.", "✗ trial/choice: A. about A"),
        ("BA", "✗ trial/choice: the answer is one of A, B, C, got 'BA'."),
        ("A", "✗ trial/choice: A. about A"),
        ("Z", "✗ trial/choice: the answer is one of A, B, C, got 'Z'."),
        (2, "✗ trial/choice: the answer is one of A, B, C, got 2."),
        (None, "○ trial/choice: no answer yet (one of A, B, C)."),
        (..., "○ trial/choice: no answer yet (one of A, B, C)."),
    ],
)
def test_a_choice(answer: Any, says: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert told(answer, capsys, "trial/choice") == says


def test_every_message_is_in_both_languages() -> None:
    wrong = {
        "shape": lambda x, factor: x[:, None],
        "type": lambda x, factor: x.tolist(),
        "dtype": lambda x, factor: x.astype(int),
        "value": lambda x, factor: x,
        "finite": lambda x, factor: x * np.nan,
        "error": lambda x, factor: 1 / 0,
        "blank": _none,
    }
    for what, function in wrong.items():
        finding = examine(DOUBLE, function)
        texts = report(DOUBLE, function, finding).texts
        assert texts["pl"] != texts["en"], what
        if what in ("shape", "type", "dtype", "value", "finite"):
            assert finding.verdict is not None
            told_pl = " ".join(texts["pl"].split())
            assert describe(finding.verdict).texts["pl"] in told_pl


def test_a_long_message_is_broken_into_lines(capsys: pytest.CaptureFixture[str]) -> None:
    def breaks(x, factor):
        raise RuntimeError("a long story about what went wrong, " * 9)

    check("trial/double", breaks)
    lines = capsys.readouterr().out.splitlines()
    assert max(map(len, lines)) <= module.WIDTH
    assert lines[1].startswith("  line ")
    assert lines[2].startswith("    ")
    assert lines[-1] == "  The cells below use the reference solution."


def test_polish_in_a_polish_notebook(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "pl")
    text = told(lambda x, factor: (factor * x)[None], capsys)
    assert "oczekiwano kształtu (3,), jest (1, 3)" in text
    assert "Dalsze komórki używają rozwiązania wzorcowego." in text


# --- finding ------------------------------------------------------------------------------------


def test_an_unknown_exercise_is_named_with_those_there_are() -> None:
    assert find("airline/windows").name == "airline/windows"
    with pytest.raises(ValueError, match=r"Did you mean 'airline/windows'\?"):
        find("airline/window")
    with pytest.raises(ValueError, match=r"the labs with exercises are .*airline"):
        find("airlines/windows")
