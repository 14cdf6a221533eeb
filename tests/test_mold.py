"""Results cast into what the reference returns, in the notebook and in the grader's sandbox."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from bench import grading as bench
from press.grading import judge, sandbox
from press.grading.inside import wire
from unrolled.exercises import Exercise, find
from unrolled.mold import cast, fits, mold, molded

ROOT = Path(__file__).resolve().parent.parent
X = np.array([[1.0, 2.0], [3.0, 4.0]])
N = np.array([1, 2, 3])


@pytest.mark.parametrize(
    ("right", "given"),
    [
        (X, X.astype(np.float32)),
        (X, torch.tensor(X, requires_grad=True)),
        (X, np.ma.array(X)),
        (N, N.astype(np.int32)),
        (N, N.astype(np.uint8)),
        (N > 1, torch.tensor(N > 1)),
        (1.5, np.float32(1.5)),
        (1.5, np.array(1.5)),
        (1.5, torch.tensor(1.5, requires_grad=True)),
        (2.0, 2),
        (3, np.int64(3)),
        ((1.0, X), [1.0, X.astype(np.float32)]),
        ((1.0, 2.0), np.array([1.0, 2.0])),
        (("a", "b"), np.array(["a", "b"])),
        (("a", "b", "c"), ["a", "b", "c"]),
        (torch.tensor(X), X),
        (torch.tensor(X), torch.tensor(X, requires_grad=True)),
    ],
)
def test_a_value_is_cast_into_what_the_reference_returns(right: Any, given: Any) -> None:
    form = mold(right)
    assert json.loads(json.dumps(form)) == form
    assert fits(right, form)
    made = cast(given, form)
    assert fits(made, form)
    assert type(made) is type(right) or not isinstance(right, (np.ndarray, tuple))
    np.testing.assert_array_equal(
        np.asarray(made[-1] if isinstance(made, tuple) else made),
        np.asarray(right[-1] if isinstance(right, tuple) else right),
    )


def test_what_fits_stays_the_same_object() -> None:
    assert cast(X, mold(X)) is X


def test_a_tuple_may_be_longer_than_the_one_that_made_the_mold() -> None:
    assert cast(["a", "b", "c"], mold(("a",))) == ("a", "b", "c")
    arrays = cast([X.astype(np.float32)] * 3, mold((X, N.astype(float))))
    assert [one.dtype.name for one in arrays] == ["float64"] * 3


def test_what_cannot_be_cast_passes() -> None:
    for value in (None, "text", [1, 2], {"a": 1}):
        assert cast(value, mold(X)) is value
    assert cast((1, 2, 3), mold((1.0, "a"))) == (1, 2, 3)


def test_a_result_as_precise_as_an_argument_stays_so() -> None:
    double = molded(lambda x: 2 * x, mold(X))
    assert double(X.astype(np.float32)).dtype == np.float32
    assert double(torch.tensor(X, dtype=torch.float32)).dtype == np.float32
    assert double(X).dtype == np.float64


def test_a_reference_that_nothing_is_compared_with_is_refused() -> None:
    with pytest.raises(TypeError, match="may not return a dict"):
        mold({})


def test_an_array_of_strings_is_right_for_the_grader_too() -> None:
    exercise = find("diacritics/frequent")
    assert isinstance(exercise, Exercise)

    def as_array(*arguments: Any) -> np.ndarray:
        return np.array(exercise.reference(*arguments))

    assert bench.visible(exercise, as_array)
    assert all(outcome.ok for outcome in bench.core(exercise, as_array, "one course"))
    assert wire.decode(wire.encode(np.array(["a", "b"]))) == ["a", "b"]


def test_a_tuple_of_dots_is_blank_for_the_grader_too() -> None:
    exercise = find("airline/scaler")
    assert isinstance(exercise, Exercise)
    assert bench.core(exercise, lambda series, n: (..., ...), "one course")[0].undone


def test_the_sandbox_has_a_check_of_its_own(tmp_path: Path) -> None:
    course = sandbox.furnish(ROOT, tmp_path / "course")
    assert not (course / "inside" / "check.py").exists()
    assert not list((course / "unrolled" / "exercises").glob("*.md"))
    code = """
import json
import numpy as np
from unrolled import check as module
from unrolled.check import check

def step(*args):
    return np.ones((2, 3), np.float32)

made = check("addition/step", step)
first = made(), made.__name__, check("airline/leak", "C"), check("no/such", step) is step
module.known["addition/step"] = len
print(json.dumps([first[0].dtype.name, *first[1:], check("addition/step", step) is len]))
"""
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(course)},
    )
    assert json.loads(done.stdout) == ["float64", "step", "C", True, True]


def test_a_hint_of_the_grader_is_in_both_languages_and_only_for_wrong_answers() -> None:
    exercise = find("airline/windows")
    assert isinstance(exercise, Exercise)
    mistake = exercise.mistakes[0]
    told = judge.hint(exercise, bench.core(exercise, mistake.function, "one course"))
    assert told is not None
    assert told.texts["pl"] == f"Wskazówka: {mistake.hint.texts['pl']}"
    assert told.texts["en"] == f"Hint: {mistake.hint.texts['en']}"
    assert judge.hint(exercise, bench.core(exercise, exercise.reference, "one course")) is None
