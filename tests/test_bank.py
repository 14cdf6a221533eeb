"""The bank: wrong answers are rejected, right ones accepted, blank ones forgiven."""

from __future__ import annotations

import copy
import importlib
import inspect
import pkgutil
from typing import Any

import numpy as np
import pytest

from unrolled import exercises
from unrolled.check import WIDTH, check, examine, report
from unrolled.compare import attempt, compare
from unrolled.exercises import Choice, Exercise
from unrolled.mold import fits, mold

LABS = [module.name for module in pkgutil.iter_modules(exercises.__path__)]
BANKS = {
    name: answers
    for lab in LABS
    for name, answers in importlib.import_module(f"bank.{lab}").BANK.items()
}
EXERCISES = {
    name: exercise
    for lab in LABS
    for name, exercise in importlib.import_module(f"unrolled.exercises.{lab}").EXERCISES.items()
}
WRONG = [(name, what) for name, answers in BANKS.items() for what in answers.wrong]
RIGHT = [(name, what) for name, answers in BANKS.items() for what in answers.right]
FUNCTIONS = [exercise for exercise in EXERCISES.values() if isinstance(exercise, Exercise)]
HINTS = [
    (name, what, hint)
    for lab in LABS
    for name, hints in importlib.import_module(f"bank.{lab}").HINTS.items()
    for what, hint in hints.items()
]
MISTAKES = [
    pytest.param(exercise, i, id=f"{exercise.name}-{i}")
    for exercise in FUNCTIONS
    for i in range(len(exercise.mistakes))
]


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """Return the mark of the last message: what the student's prints are is not looked at."""
    lines = [line for line in capsys.readouterr().out.splitlines() if line[:1] in "✓○✗"]
    return lines[-1][0]


def test_every_exercise_has_enough_answers() -> None:
    assert set(BANKS) == set(EXERCISES)
    for name, answers in BANKS.items():
        exercise = EXERCISES[name]
        edits = 0
        if isinstance(exercise, Exercise):
            edits = len(exercise.mistakes) + len(exercise.unhinted)
            assert len(answers.wrong) >= 1, f"{name}: one that is written without the reference"
        assert len(answers.wrong) + edits >= 6, name
        assert len(answers.right) >= 3, name


@pytest.mark.parametrize(("name", "what"), WRONG)
def test_wrong_answers_are_rejected(
    name: str, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = BANKS[name].wrong[what]
    returned = check(name, answer)
    assert said(capsys) == "✗"
    assert returned is not answer
    if isinstance(EXERCISES[name], Exercise):
        assert returned is EXERCISES[name].reference


@pytest.mark.parametrize(("name", "what"), RIGHT)
def test_right_answers_are_accepted(
    name: str, what: str, capsys: pytest.CaptureFixture[str]
) -> None:
    answer = BANKS[name].right[what]
    returned = check(name, answer)
    assert said(capsys) == "✓"
    exercise = EXERCISES[name]
    if not isinstance(exercise, Exercise):
        assert returned is None
        return
    assert inspect.unwrap(returned) is answer
    for case in exercise.all_cases()[:3]:  # what the cells below get
        assert fits(returned(*copy.deepcopy(case)), mold(exercise.reference(*case)))


@pytest.mark.parametrize("name", BANKS)
def test_blank_answers_are_not_done_yet(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    returned = check(name, BANKS[name].blank)
    assert said(capsys) == "○"
    if isinstance(EXERCISES[name], Exercise):
        assert returned is EXERCISES[name].reference


@pytest.mark.parametrize(("exercise", "i"), MISTAKES)
def test_a_typical_mistake_gets_its_own_hint(exercise: Exercise, i: int) -> None:
    mistake = exercise.mistakes[i]
    finding = examine(exercise, mistake.function)
    assert finding.hint is mistake.hint
    message = report(exercise, mistake.function, finding)
    for language in ("pl", "en"):
        assert mistake.hint.texts[language] in " ".join(message.texts[language].split())


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_wrong_edits_without_a_hint_are_refused(exercise: Exercise) -> None:
    for wrong in exercise.unhinted:
        assert not examine(exercise, wrong).ok, wrong.__code__.co_filename


@pytest.mark.parametrize(("name", "what", "hint"), HINTS)
def test_wrong_answers_get_the_hint_that_helps(name: str, what: str, hint: str) -> None:
    finding = examine(EXERCISES[name], BANKS[name].wrong[what])
    assert finding.hint is not None
    assert hint in finding.hint.texts["en"]


@pytest.mark.parametrize("name", [name for name in BANKS if name in EXERCISES])
@pytest.mark.parametrize("language", ["pl", "en"])
def test_messages_fit_the_page(
    name: str, language: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_LANGUAGE", language)
    for answer in BANKS[name].wrong.values():
        check(name, answer)
    assert max(map(len, capsys.readouterr().out.splitlines())) <= WIDTH


def _truncated(width: int) -> Any:
    def wrong(step: Any, history: np.ndarray, horizon: int) -> np.ndarray:
        known = history
        for _ in range(horizon):
            known = np.column_stack([known, step(known[:, -width:])])
        return known[:, history.shape[1] :]

    return wrong


@pytest.mark.parametrize("width", [*range(1, 40), 48, 60, 98, 100, 120, 149])
def test_no_shortened_history_passes(width: int) -> None:
    exercise = EXERCISES["airline/recursive"]
    assert isinstance(exercise, Exercise)
    assert not examine(exercise, _truncated(width)).ok


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_cases_are_many_reproducible_and_of_different_sizes(exercise: Exercise) -> None:
    cases = exercise.all_cases()
    assert len(cases) >= 6
    results = [exercise.reference(*case) for case in cases]
    again = [exercise.reference(*case) for case in exercise.all_cases()]
    for one, other in zip(results, again, strict=True):
        assert compare(one, other, 1e-12).ok
    seeded = len(cases) - len(exercise.corners)
    for i, one in enumerate(results):  # no constant answers two cases
        for other in results[: min(i, seeded)]:
            assert not compare(one, other, exercise.tolerance).ok
    assert len(exercise.corners) <= len(cases) / 4  # of which one constant may answer all
    assert any(1 in _sizes(case) for case in cases), "the smallest size"


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_a_grader_may_choose_other_seeds(exercise: Exercise) -> None:
    shown = exercise.reference(*exercise.all_cases()[0])
    hidden = exercise.all_cases(seeds=(20_001, 20_002))
    assert len(hidden) > len(exercise.corners)
    for case in hidden:
        assert not compare(shown, exercise.reference(*case), exercise.tolerance).ok
        parts = _parts(exercise.reference(*case))
        numbers = [part for part in parts if part.dtype.kind in "biuf"]
        assert all(np.isfinite(part).all() for part in numbers), "finite on every seed"


@pytest.mark.parametrize("exercise", FUNCTIONS, ids=lambda exercise: exercise.name)
def test_references_leave_their_arguments_alone(exercise: Exercise) -> None:
    for case in exercise.all_cases():
        assert attempt(exercise.reference, case).changed is None


def test_a_choice_remarks_on_every_letter_and_hides_the_right_one() -> None:
    for exercise in EXERCISES.values():
        if isinstance(exercise, Choice):
            right = [letter for letter in exercise.remarks if exercise.right(letter)]
            assert len(right) == 1
            assert len(exercise.digest) == 16


def _parts(result: Any) -> list[np.ndarray]:
    return [np.asarray(part) for part in (result if isinstance(result, tuple) else (result,))]


def _sizes(case: tuple[Any, ...]) -> set[int]:
    sizes: set[int] = set()
    for argument in case:
        if isinstance(argument, int):
            sizes.add(argument)
        elif isinstance(argument, np.ndarray):
            sizes |= set(argument.shape)
        elif isinstance(argument, str):
            sizes.add(len(argument))
        elif isinstance(argument, (list, tuple)):
            sizes |= {len(argument)} | _sizes(tuple(argument))
    return sizes
