"""Which typical mistake a function makes: one answer for the notebook and for the grader.

A mistake is recognised by what it computes in all cases together, never by one of them: in a small
case two mistakes often give the same number, or raise the same exception for different reasons.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from unrolled.compare import Attempt, Verdict, attempt, compare, is_blank
from unrolled.exercises import Arguments, Exercise, Mistake
from unrolled.messages import Message
from unrolled.time_limit import TimeLimitError

#: The share of the cases in which a mistake must do what the function does, and by how much it must
#: lead if it does not so in all. Measured with the bank of wrong answers: with less, other cases
#: (the grader's) lead to other hints.
SHARE = 0.7
LEAD = 0.1
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
    unlimited = any(row.verdict is not None and row.verdict.problem == "finite" for row in rows)
    return NOT_FINITE if unlimited else None


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

    The first that agrees in all of them; else one that does in ``SHARE`` of them and leads.
    """
    counts: list[tuple[int, Mistake]] = []
    least = math.ceil((SHARE - LEAD) * len(rows))
    for mistake in mistakes:
        count = sum(_agreements(mistake, rows, agrees, least))
        if count == len(rows):
            return mistake
        counts.append((count, mistake))
    counts.sort(key=lambda counted: -counted[0])
    if not counts or counts[0][0] < SHARE * len(rows):
        return None
    if len(counts) > 1 and counts[0][0] - counts[1][0] < LEAD * len(rows):
        return None
    return counts[0][1]


def _agreements(
    mistake: Mistake, rows: Sequence[_Row], agrees: Callable[[_Row, Attempt], bool], least: int
) -> Iterator[int]:
    """Yield 1 for each row in which a mistake agrees; give up when ``least`` is out of reach."""
    missed, explains = 0, False
    for row in rows:
        if not row.wrong and not explains:
            yield -len(rows)
            return
        same = agrees(row, attempt(mistake.function, row.arguments))
        explains = explains or (same and row.wrong)
        missed += not same
        yield int(same)
        if missed > len(rows) - least:
            return


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
