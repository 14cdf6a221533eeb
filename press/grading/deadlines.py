"""When labs are due, who has more time, and what a day costs: ``deadlines.toml``.

The file is the teacher's and may be missing. A submission has the time of its file, as the archive
or the folder had it::

    percent_a_day = 10           # of the lab's points, for each day begun; 0: only a remark
    most_percent = 50            # not more than this in all; 100 if it is left out

    [due]
    03_airline = 2026-11-20T23:59:00

    [extensions."Anna Żak"]      # the name or the id in the table
    03_airline = 2026-11-27T23:59:00
"""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from datetime import time as clock
from pathlib import Path
from typing import Any

from press.grading import people
from press.grading.places import Places
from press.grading.results import Result
from unrolled.messages import Message

_EXAMPLE = "03_airline = 2026-11-20T23:59:00"


class DeadlineError(Exception):
    """The file of deadlines cannot be used; the message says why, and what to write."""


@dataclass(frozen=True)
class Late:
    """How late a submission is.

    Attributes:
        handed: when it came; None if nobody knows.
        days: days begun after the deadline; 0 in time, or where there is no deadline.
        share: which share of the lab's points that costs.
    """

    handed: datetime | None = None
    days: int = 0
    share: float = 0.0

    def deducted(self, points: float, maximum: float) -> float:
        """Return how many points it costs; nobody falls below zero."""
        return min(points, self.share * maximum) if points > 0 else 0.0

    def remark(self, points: float, maximum: float) -> Message | None:
        """Return what there is to say, or None in time."""
        if not self.days:
            return None
        lost = f"{self.deducted(points, maximum):.4g}"
        days = f"{self.days} {'dzień' if self.days == 1 else 'dni'}"
        return Message(
            pl=f"po terminie: {days}"
            + (f", odjęto punktów: {lost.replace('.', ',')}" if self.share else ""),
            en=f"late: {self.days} {'day' if self.days == 1 else 'days'}"
            + (f", points taken off: {lost}" if self.share else ""),
        )


@dataclass(frozen=True)
class Deadlines:
    """When labs are due.

    Attributes:
        due: by lab, with a time zone.
        extensions: by student (as the file has it) and lab.
        share: what a day costs, as a share of the lab's points.
        most: what all days together cost at most.
    """

    due: dict[str, datetime] = field(default_factory=dict)
    extensions: dict[str, dict[str, datetime]] = field(default_factory=dict)
    share: float = 0.0
    most: float = 1.0

    def late(self, result: Result, handed: datetime | None) -> Late:
        """Return how late a submission is that came at a time; an extension can only help."""
        limits = [self.due[result.lab]] if result.lab in self.due else []
        for student, labs in self.extensions.items():
            if _is(student, result) and result.lab in labs:
                limits.append(labs[result.lab])
        if handed is None or not limits or handed <= max(limits):
            return Late(handed)
        days = -(-(handed - max(limits)) // timedelta(days=1))
        return Late(handed, days, min(self.most, days * self.share))

    def unknown(self, results: Collection[Result]) -> list[str]:
        """Return who has an extension, and has handed in nothing: perhaps a misspelt name."""
        return sorted(
            student
            for student in self.extensions
            if not any(_is(student, result) for result in results)
        )


def _is(student: str, result: Result) -> bool:
    return student == result.student or people.folded(student) == people.folded(result.name)


def handed_in(places: Places, student: str, lab: str) -> datetime | None:
    """Return when the notebook that counts came; None if there is none, or nobody knows.

    Attempts are kept under their times, so the one with the same content says it.
    """
    counts = places.submitted / student / lab / f"{lab}.ipynb"
    if not counts.is_file():
        return None
    digest = hashlib.sha256(counts.read_bytes()).hexdigest()[:12]
    attempts = sorted((places.attempts / student / lab).glob(f"*_{digest}.ipynb"))
    if not attempts:
        return None
    try:
        moment = datetime.strptime(attempts[0].name.partition("_")[0], "%Y-%m-%dT%H-%M-%SZ")
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC)


def read(path: Path, labs: Collection[str]) -> Deadlines:
    """Read the file of deadlines; without one nothing is ever late.

    Args:
        path: the file.
        labs: the labs that there are.

    Raises:
        DeadlineError: it is not TOML, or has something that is not understood.
    """
    if not path.is_file():
        return Deadlines()
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise DeadlineError(f"{path}: {error}; a line looks like this: {_EXAMPLE}") from None
    known = {"percent_a_day", "most_percent", "due", "extensions"}
    for name in data:
        if name not in known:
            raise DeadlineError(f"{path}: {name!r} is none of {', '.join(sorted(known))}")
    extensions = _table(path, data, "extensions")
    return Deadlines(
        _moments(path, "due", _table(path, data, "due"), labs),
        {
            student: _moments(
                path, f"extensions of {student}", _table(path, extensions, student), labs
            )
            for student in extensions
        },
        _percent(path, data, "percent_a_day", 0.0),
        _percent(path, data, "most_percent", 100.0),
    )


def _table(path: Path, data: dict[str, Any], name: str) -> dict[str, Any]:
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise DeadlineError(f"{path}: {name!r} is a section with a line for each lab: {_EXAMPLE}")
    return found


def _moments(
    path: Path, where: str, data: dict[str, Any], labs: Collection[str]
) -> dict[str, datetime]:
    """Return the deadlines of a section; a day without an hour ends at midnight, local time."""
    moments = {}
    for lab, moment in data.items():
        if lab not in labs:
            raise DeadlineError(f"{path}, {where}: no lab {lab!r}; there are: {', '.join(labs)}")
        if isinstance(moment, datetime):
            moments[lab] = moment.astimezone()
        elif isinstance(moment, date):
            moments[lab] = datetime.combine(moment, clock(23, 59, 59)).astimezone()
        else:
            raise DeadlineError(
                f"{path}, {where}: {moment!r} is no date; write it without quotes: {_EXAMPLE}"
            )
    return moments


def _percent(path: Path, data: dict[str, Any], name: str, default: float) -> float:
    value = data.get(name, default)
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not 0 <= value <= 100:
        raise DeadlineError(f"{path}: {name} is a number from 0 to 100, not {value!r}")
    return value / 100
