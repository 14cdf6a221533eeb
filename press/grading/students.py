"""Grading a student again, and taking a student out of the table."""

from __future__ import annotations

import contextlib
import difflib
import json
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path

from nbgrader.api import Gradebook, MissingEntry

from press.grading import book
from press.grading.assignment import Assignment
from press.grading.book import Mark
from press.grading.examiner import Handed
from press.grading.places import Places
from press.grading.results import Result, load_all, write_whole
from press.grading.shards import path_of


class UnknownStudentError(Exception):
    """Nobody is called so; the message says who is called nearly so."""


def find(places: Places, student: str) -> list[Result]:
    """Return what there is of a student, known by the id of the table or by name.

    Raises:
        UnknownStudentError: there is no such student, or more than one.
    """
    results = _named(places, load_all(places.results))
    if found := [result for result in results if result.student == student]:
        return found
    found = [result for result in results if result.name.casefold() == student.casefold()]
    ids = sorted({result.student for result in found})
    if len(ids) == 1:
        return found
    if ids:
        raise UnknownStudentError(f"{student!r} may be any of {', '.join(ids)}: say which")
    folded = {result.student.casefold(): result.student for result in results}
    wanted = student.casefold().replace(" ", "_")
    near = [folded[name] for name in folded if wanted and wanted in name]
    near += [folded[name] for name in difflib.get_close_matches(wanted, folded, 5, 0.5)]
    hint = ", ".join(list(dict.fromkeys(near))[:5])
    raise UnknownStudentError(
        f"no student {student!r}. "
        + (f"Close to it: {hint}" if hint else f"The first column of {places.table} has them all")
    )


def _named(places: Places, results: list[Result]) -> list[Result]:
    """Return results, those that cannot be read with the names that the gradebook has."""
    if not any(result.unreadable for result in results):
        return results
    with book.open_book(places) as opened:
        return [
            replace(result, name=book.name(opened, result)) if result.unreadable else result
            for result in results
        ]


def again(places: Places, student: str, labs: list[Assignment]) -> list[Handed]:
    """Let a student be graded again, whatever is kept; return what came in earlier.

    Marks by hand stay.

    Raises:
        UnknownStudentError: there is no such student.
    """
    handed = []
    names = {lab.lab for lab in labs}
    for result in find(places, student):
        if result.lab not in names:
            continue
        if not result.unreadable:  # or else it is graded again in any case
            replace(result, digest="").save(path_of(places, result.student, result.lab))
        file = places.submitted / result.student / result.lab / f"{result.lab}.ipynb"
        path = file if file.is_file() else None
        handed.append(Handed(result.student, result.name, result.lab, path, number=result.number))
    return handed


def remove(places: Places, student: str) -> Path:
    """Take a student out of the gradebook, and so out of the table; delete nothing.

    Returns:
        Where all that was the student's is kept: submissions, results, marks and comments.

    Raises:
        UnknownStudentError: there is no such student.
    """
    results = find(places, student)
    name = results[0].student
    aside = places.work / "removed" / f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%fZ}" / name
    with book.open_book(places) as opened:
        marks = {
            result.lab: {task: asdict(mark) for task, mark in _marks(opened, result).items()}
            for result in results
        }
        write_whole(aside / "marks.json", json.dumps(marks, ensure_ascii=False, indent=1) + "\n")
        _forget(opened, name)
    # The results last: without them nobody knows the student, should this be interrupted.
    trees = (places.submitted, places.attempts, places.autograded, places.feedback, places.results)
    for tree in trees:
        if (tree / name).is_dir():
            (tree / name).rename(aside / tree.name)
    return aside


def _marks(opened: Gradebook, result: Result) -> dict[str, Mark]:
    return book.cells(opened, result) if result.unreadable else book.marks(opened, result)


def _forget(opened: Gradebook, student: str) -> None:
    with contextlib.suppress(MissingEntry):
        opened.remove_student(student)
