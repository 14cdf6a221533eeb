"""One hint for a wrong function, the same in the notebook and from the grader."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable
from typing import Any

import pytest

from bench import grading as bench
from press.grading import judge
from unrolled import exercises
from unrolled.check import examine
from unrolled.exercises import Exercise

LABS = [module.name for module in pkgutil.iter_modules(exercises.__path__)]
FUNCTIONS = {
    name: exercise
    for lab in LABS
    for name, exercise in importlib.import_module(f"unrolled.exercises.{lab}").EXERCISES.items()
    if isinstance(exercise, Exercise)
}
SECRET = "one course"


def wrong_answers(name: str) -> dict[str, Callable[..., Any]]:
    """Return the wrong answers of the bank to an exercise, and those that are edits."""
    exercise = FUNCTIONS[name]
    bank = importlib.import_module(f"bank.{name.partition('/')[0]}").BANK[name]
    edits = [*(mistake.function for mistake in exercise.mistakes), *exercise.unhinted]
    return {**bank.wrong, **{f"edit {number}": edit for number, edit in enumerate(edits)}}


def test_there_are_wrong_answers_to_every_exercise() -> None:
    assert all(len(wrong_answers(name)) >= 6 for name in FUNCTIONS)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_notebook_and_grader_give_the_same_hint(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    exercise = FUNCTIONS[name]
    different = {}
    for what, function in wrong_answers(name).items():
        shown = examine(exercise, function).hint
        outcomes = bench.core(exercise, function, SECRET)
        if all(outcome.ok for outcome in outcomes):
            continue  # no hint to give; that it loses points is tested in test_grading_core
        graded = judge.hint(exercise, outcomes)
        expected = f"Hint: {shown.texts['en']}" if shown else None
        if (graded.texts["en"] if graded else None) != expected:
            different[what] = (shown, graded)
    assert not different
