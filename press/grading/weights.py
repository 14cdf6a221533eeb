"""What the hidden cases of a function bring together: the share of its points.

The cases that a generator makes from one seed are of as many kinds as it makes cases: the first of
every seed are of one kind, the second ones of another; each corner is a kind of its own. A kind
counts when all its cases went right, so that luck with one seed's numbers brings nothing. Kinds
weigh 1, or what ``weights.toml`` says: an easy case, which a wrong principle forgives, is not worth
as much as the point of the exercise. The share of the weight that went right is squared: half of it
brings a quarter of the points.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from unrolled.exercises import Exercise

#: Weights of kinds, of exercises whose kinds do not all weigh 1.
WEIGHTS = Path(__file__).with_name("weights.toml")


@cache
def _written() -> dict[str, list[float]]:
    with WEIGHTS.open("rb") as file:
        found: dict[str, list[float]] = tomllib.load(file)
    return found


def written(name: str) -> list[float] | None:
    """Return the weights that ``weights.toml`` has for an exercise, if it has any."""
    return _written().get(name)


def kinds(exercise: Exercise, count: int, seeds: int) -> list[int]:
    """Return the kind of each case, in the cases' order.

    Args:
        exercise: whose cases they are.
        count: how many cases there are, corners included.
        seeds: from how many seeds they were made.

    Raises:
        ValueError: the seeds do not all make as many cases.
    """
    corners = len(exercise.corners)
    each, rest = divmod(count - corners, seeds)
    if rest or each < 1:
        raise ValueError(f"{exercise.name}: {count} cases of {seeds} seeds have no kinds")
    return [*(case % each for case in range(each * seeds)), *range(each, each + corners)]


def weights(exercise: Exercise, count: int) -> list[float]:
    """Return the weight of each of ``count`` kinds.

    Raises:
        ValueError: ``weights.toml`` does not have as many, or one that is not positive.
    """
    found = _written().get(exercise.name, [1.0] * count)
    if len(found) != count or min(found) <= 0:
        raise ValueError(f"{exercise.name} has {count} kinds of cases, {WEIGHTS.name}: {found}")
    return [float(weight) for weight in found]


def weigh(exercise: Exercise, right: Sequence[bool], seeds: int) -> tuple[float, float]:
    """Return the weight of the kinds that went right, and that of all.

    Args:
        exercise: the exercise.
        right: whether each case went right, in order.
        seeds: from how many seeds the cases were made.
    """
    of_case = kinds(exercise, len(right), seeds)
    every = weights(exercise, max(of_case) + 1)
    failed = {kind for kind, ok in zip(of_case, right, strict=True) if not ok}
    return sum(w for kind, w in enumerate(every) if kind not in failed), sum(every)


def share(exercise: Exercise, right: Sequence[bool], seeds: int) -> float:
    """Return the share of the points that cases bring, from 0 to 1; arguments as of `weigh`."""
    good, every = weigh(exercise, right, seeds)
    return (good / every) ** 2
