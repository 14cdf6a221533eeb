"""Which typical mistake a function makes: one answer for the notebook and for the grader.

A mistake is recognised by what it computes in all cases together, never by one of them: in a small
case two mistakes often give the same number, or raise the same exception for different reasons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from unrolled.compare import Attempt, Verdict, attempt, compare, is_blank
from unrolled.exercises import Arguments, Exercise, Mistake
from unrolled.messages import Message
from unrolled.time_limit import TimeLimitError

#: In which share of the cases a mistake must do what the function does: of all, and of the wrong
#: ones. One that explains every wrong case may differ in more of the others. Measured with the
#: bank of wrong answers: with less, other cases (the grader's) lead to other hints.
SHARE = Fraction(2, 3)
OF_WRONG = Fraction(3, 5)
WITH_ALL_WRONG = Fraction(3, 5)
#: By which share of the cases it must lead another if it does not agree in all of them.
LEAD = Fraction(1, 10)
#: How much of an exception's text counts: as much as leaves the grader's sandbox.
LONGEST = 300

NOT_FINITE = Message(
    pl="w wyniku jest nan albo nieskończoność. nan bierze się z 0/0, ∞ − ∞, 0 · ∞ albo z logarytmu "
    "lub pierwiastka liczby ujemnej, nieskończoność z dzielenia przez 0, z log 0 albo z exp dużej "
    "liczby (od 710). Znajdź działanie, w którym powstaje.",
    en="the result holds nan or infinity. nan comes from 0/0, ∞ − ∞, 0 · ∞ or the logarithm or "
    "root of a negative number, infinity from a division by 0, from log 0 or from exp of a large "
    "number (710 and above). Find the operation that makes it.",
)


@dataclass(frozen=True)
class _Row:
    """One case: its arguments, what the function did, and how that compares with the reference."""

    arguments: Arguments
    made: Attempt
    verdict: Verdict | None

    @property
    def wrong(self) -> bool:
        """Whether the value is wrong or missing."""
        return self.verdict is None or not self.verdict.ok


def hint(exercise: Exercise, cases: Sequence[Arguments], made: Sequence[Attempt]) -> Message | None:
    """Return what helps with what a function did in an exercise's cases.

    The mistake that agrees with the function in all cases, or in most of them and clearly more
    than another. If there is none and tuples are returned, the one that does so up to the first
    element that is ever wrong. If there is none and the result is not
    finite, a word about that.

    Args:
        exercise: the exercise; its mistakes are tried on the same cases.
        cases: the arguments.
        made: what the function did with them; cases after the last one were not tried.
    """
    rows = [
        _Row(arguments, one, _verdict(exercise, arguments, one))
        for arguments, one in zip(cases, made, strict=False)
    ]
    # The wrong ones first: a mistake that explains none of them is out of question soon.
    rows.sort(key=lambda row: not row.wrong)
    if not rows or not rows[0].wrong:
        return None
    found = _best(exercise.mistakes, rows, lambda row, other: _agrees(exercise, row.made, other))
    if found is None:
        found = _best_so_far(exercise, rows)
    if found is not None:
        return found.hint
    not_finite = any(row.verdict is not None and row.verdict.problem == "finite" for row in rows)
    return NOT_FINITE if not_finite else None


def _verdict(exercise: Exercise, arguments: Arguments, made: Attempt) -> Verdict | None:
    if made.error is not None or is_blank(made.value):
        return None
    expected = attempt(exercise.reference, arguments).value
    return compare(expected, made.value, exercise.tolerance)


def _best(
    mistakes: Sequence[Mistake],
    rows: Sequence[_Row],
    agrees: Callable[[_Row, Attempt], bool],
) -> Mistake | None:
    """Return the mistake that agrees in most rows, a wrong one among them.

    The first that agrees in all of them; else one that agrees often enough and leads.
    """
    total, wrong = len(rows), sum(row.wrong for row in rows)
    counts: list[tuple[int, int, Mistake]] = []
    for mistake in mistakes:
        same, explained = _agreements(mistake, rows, agrees)
        if same == total and explained:
            return mistake
        counts.append((same, explained, mistake))
    counts.sort(key=lambda counted: -counted[0])
    if not counts:
        return None
    same, explained, found = counts[0]
    often = same >= SHARE * total and explained >= OF_WRONG * wrong
    if not explained or not (often or (explained == wrong and same >= WITH_ALL_WRONG * total)):
        return None
    if len(counts) > 1 and same - counts[1][0] < LEAD * total:
        return None
    return found


def _agreements(
    mistake: Mistake, rows: Sequence[_Row], agrees: Callable[[_Row, Attempt], bool]
) -> tuple[int, int]:
    """Return in how many rows a mistake agrees, and in how many of the wrong ones.

    The wrong ones come first: a mistake that explains none of them, or has missed so many rows
    that it can neither be chosen nor keep another from leading, is given up.
    """
    least = (min(SHARE, WITH_ALL_WRONG) - LEAD) * len(rows)
    same = explained = 0
    for number, row in enumerate(rows):
        if (not row.wrong and not explained) or same + len(rows) - number < least:
            return 0, 0
        if agrees(row, attempt(mistake.function, row.arguments)):
            same += 1
            explained += row.wrong
    return same, explained


def _agrees(exercise: Exercise, made: Attempt, other: Attempt) -> bool:
    """Whether a function and a mistake compute the same, or raise the same."""
    if made.error is not None or other.error is not None:
        return _same_error(made.error, other.error)
    return _same_value(other.value, made.value, exercise.tolerance)


def _same_error(one: BaseException | None, other: BaseException | None) -> bool:
    if one is None or other is None or isinstance(one, TimeLimitError):
        return False
    return (type(one).__name__, str(one)[:LONGEST]) == (type(other).__name__, str(other)[:LONGEST])


def _same_value(one: Any, other: Any, tolerance: float) -> bool:
    if is_blank(one) or is_blank(other):
        return False
    if isinstance(one, list) and isinstance(other, list):
        one = tuple(one)
    try:
        return compare(one, other, tolerance).ok
    except TypeError:  # a mistake may return what nothing is compared with
        return False


def _best_so_far(exercise: Exercise, rows: Sequence[_Row]) -> Mistake | None:
    """Return the mistake that agrees with tuples up to the first element that is ever wrong."""
    wrong = [
        row.verdict.element
        for row in rows
        if row.verdict is not None and row.verdict.element is not None
    ]
    if not wrong:
        return None
    until = min(wrong) + 1

    def agrees(row: _Row, other: Attempt) -> bool:
        if row.made.error is not None or not isinstance(other.value, tuple):
            return _same_error(row.made.error, other.error)
        value = row.made.value
        if not isinstance(value, (tuple, list)) or len(other.value) != len(value):
            return False
        return _same_value(other.value[:until], tuple(value)[:until], exercise.tolerance)

    def explained(row: _Row) -> bool:
        return row.verdict is not None and row.verdict.element == until - 1

    first = [row for row in rows if explained(row)]
    # What is wrong further on is none of this mistake's business.
    rest = [_Row(row.arguments, row.made, Verdict()) for row in rows if not explained(row)]
    return _best(exercise.mistakes, [*first, *rest], agrees)
