"""The machinery of the checks: comparing, calling, and what a student is told."""

from __future__ import annotations

import html
import inspect
import re
import sys
import warnings
from dataclasses import replace
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
        assert inspect.unwrap(returned) is (answer if text.startswith("✓") else double)
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
        (2.0, True, "dtype", "float", "bool"),
        (np.ones(1), np.ones(1, int), "dtype", "float", "int"),
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


def test_one_integer_stands_for_a_float() -> None:
    assert compare(2.0, 2, 1e-4).ok
    assert compare((0.0, 1.5), (0, 1.5), 1e-4).ok
    assert not compare(2.0, 3, 1e-4).ok


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_equal_places_that_are_not_finite_are_equal(odd: float) -> None:
    one = np.array([1.0, odd, 3.0])
    assert compare(one, one.copy(), 1e-4).ok
    assert compare(float(odd), float(odd), 1e-4).ok
    assert not compare(one, np.array([1.0, odd, 4.0]), 1e-4).ok
    assert not compare(one, np.array([1.0, 2.0, 3.0]), 1e-4).ok
    assert not compare(one, np.array([odd, 1.0, 3.0]), 1e-4).ok
    assert not compare(np.array([np.inf]), np.array([-np.inf]), 1e-4).ok


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


def test_an_answer_that_leaves_is_wrong_and_leaves_nothing(
    capsys: pytest.CaptureFixture[str],
) -> None:
    def leaves(x: np.ndarray, factor: float) -> np.ndarray:
        sys.exit("enough")

    assert isinstance(attempt(leaves, (X, 2.0)).error, SystemExit)
    text = told(leaves, capsys)
    assert text.startswith("✗ trial/double")
    assert "SystemExit: enough" in text


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


def test_the_reference_handed_in_is_called_by_its_name(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = check("trial/double", lambda x, factor: x)
    assert capsys.readouterr().out.startswith("✗")
    for lang, says in (
        ("en", "this is the reference solution, not yours. The last check put it"),
        ("pl", "to jest rozwiązanie wzorcowe, nie twoje. Poprzednie sprawdzenie wstawiło"),
    ):
        monkeypatch.setenv("UNROLLED_LANGUAGE", lang)
        again = check("trial/double", wrong)
        text = " ".join(capsys.readouterr().out.split())
        assert text.startswith("○ trial/double: ")
        assert says in text
        assert again is double


def test_a_right_answer_may_be_checked_again(capsys: pytest.CaptureFixture[str]) -> None:
    for answer in (lambda x, factor: x * factor, lambda x, factor: np.float32(x * factor)):
        first = check("trial/double", answer)
        check("trial/double", first)
        assert capsys.readouterr().out.count("✓") == 2


def test_a_fresh_stub_is_not_taken_for_the_reference(capsys: pytest.CaptureFixture[str]) -> None:
    def double(x, factor):
        raise NotImplementedError

    assert told(double, capsys).startswith("○ trial/double: not done yet.")


def _float32(x, factor):
    """Double."""
    print("working")
    return (x * factor).astype(np.float32)


@pytest.mark.parametrize(
    "answer",
    [
        _float32,
        lambda x, factor: torch.tensor(x * factor, requires_grad=True),
        lambda x, factor: torch.tensor(x * factor),
        lambda x, factor: keras.ops.convert_to_tensor(x * factor),
        lambda x, factor: np.ma.array(x * factor),
        lambda x, factor: (x * factor).astype(">f8"),
    ],
)
def test_what_is_handed_on_returns_what_the_reference_returns(
    answer: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    go_on = check("trial/double", answer)
    assert "✓" in capsys.readouterr().out
    result = go_on(np.array([1.0, 2.5]), factor=2.0)  # a size that no case has
    assert type(result) is np.ndarray
    assert result.dtype == np.dtype("float64")
    assert result.dtype.isnative
    assert result.tolist() == [2.0, 5.0]


def test_what_is_handed_on_is_still_the_students(capsys: pytest.CaptureFixture[str]) -> None:
    go_on = check("trial/double", _float32)
    capsys.readouterr()
    assert (go_on.__name__, go_on.__doc__) == ("_float32", "Double.")
    assert list(inspect.signature(go_on).parameters) == ["x", "factor"]
    assert inspect.unwrap(go_on) is _float32
    go_on(np.ones(1), 2.0)
    assert capsys.readouterr().out == "working\n"
    with pytest.raises(AttributeError, match="astype"):
        go_on(1, 2)


def test_an_endless_loop_ends_with_its_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LONGEST_CALL", 0.05)

    def endless(x, factor):
        while True:
            x = x + 0

    text = told(endless, capsys)
    assert "stopped after 0.05 s in line " in text
    assert "while True:" in text or "x = x + 0" in text
    assert "does this loop end?" in text


def test_nan_is_told_with_its_line_and_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    def divides(x, factor):
        nothing = x - x
        return nothing / nothing

    text = told(divides, capsys)
    assert "got nan" in text
    assert f"line {divides.__code__.co_firstlineno + 2} “return nothing / nothing” warned" in text
    assert "Hint: the result holds nan or infinity" in text


def test_a_mistake_that_yields_nan_has_its_own_hint() -> None:
    of_its_own = Mistake(lambda x, factor: x * np.nan, Message(pl="to nan", en="this is nan"))
    found = examine(replace(DOUBLE, mistakes=(of_its_own,)), lambda x, factor: np.nan * x)
    assert found.hint is of_its_own.hint


def test_a_hint_is_looked_for_only_when_it_is_asked_for() -> None:
    def fails(x, factor):
        raise AssertionError("a mistake was tried")

    exercise = replace(DOUBLE, mistakes=(Mistake(fails, Message(pl="", en="")),))
    tried = []

    def wrong(x, factor):
        tried.append(x)
        return x

    finding = examine(exercise, wrong)
    assert not finding.ok
    assert len(tried) == 1
    assert finding.hint is None
    assert len(tried) == finding.total


def test_one_case_that_agrees_by_chance_is_no_mistake() -> None:
    small = Mistake(lambda x, factor: x if len(x) == 1 else -x, Message(pl="mała", en="small"))
    raised = Mistake(
        lambda x, factor: x.argmax() if len(x) > 1 else np.zeros(0).argmax(),
        Message(pl="wyjątek", en="error"),
    )
    exercise = replace(DOUBLE, mistakes=(small, raised))
    assert examine(exercise, lambda x, factor: x).hint is None
    empty = examine(exercise, lambda x, factor: np.zeros(0).argmax() if len(x) == 1 else factor * x)
    assert empty.case == 2
    assert isinstance(empty.attempt.error, ValueError)
    assert empty.hint is None


def test_a_notice_in_a_notebook_has_its_sign_in_colour() -> None:
    for function, sign in ((double, "✓"), (lambda x, factor: x, "✗"), (_raises, "○")):
        notice = report(DOUBLE, function, examine(DOUBLE, function))
        bundle = notice.bundle("pl")
        page = bundle["text/html"]
        assert bundle["text/plain"] == notice.texts["pl"]
        assert html.unescape(re.sub("<[^>]+>", "", page)) == notice.texts["pl"]
        ink, badge = module.BADGES[sign]
        assert f"color: {ink}; background: {badge}" in page


def test_what_a_student_wrote_is_no_html() -> None:
    def breaks(x, factor):
        raise ValueError("<script>alert(1)</script>")

    page = report(DOUBLE, breaks, examine(DOUBLE, breaks)).bundle("en")["text/html"]
    assert "<script" not in page


def test_badges_can_be_read_and_seen_on_light_and_dark() -> None:
    for ink, badge in module.BADGES.values():
        assert _contrast(ink, badge) >= 4.5
        assert _contrast(badge, "#FFFFFF") >= 3
        assert _contrast(badge, "#111111") >= 3


def _contrast(one: str, other: str) -> float:
    def light(colour: str) -> float:
        parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05

    low, high = sorted([light(one), light(other)])
    return high / low


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
    assert "  The cells below use the reference solution under this name." in lines[-2]
    assert lines[-1] == "    your own function, run its cell again."


def test_polish_in_a_polish_notebook(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", "pl")
    text = told(lambda x, factor: (factor * x)[None], capsys)
    assert "oczekiwano kształtu (3,), jest (1, 3)" in text
    assert "Dalsze komórki używają pod tą nazwą rozwiązania wzorcowego." in text


# --- finding ------------------------------------------------------------------------------------


def test_an_unknown_exercise_is_named_with_those_there_are() -> None:
    assert find("airline/windows").name == "airline/windows"
    with pytest.raises(ValueError, match=r"Did you mean 'airline/windows'\?"):
        find("airline/window")
    with pytest.raises(ValueError, match=r"the labs with exercises are .*airline"):
        find("airlines/windows")
