"""nbgrader's gradebook: putting results in, taking marks out, the table of all marks."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache

from nbgrader import api
from nbgrader.api import Grade, Gradebook, MissingEntry

from press.grading.assignment import Assignment
from press.grading.deadlines import Late
from press.grading.places import Places
from press.grading.release import _tools
from press.grading.results import Result, TaskMark, write_whole

# Each new gradebook would start a program to ask for the version of its tables: one will do.
api.get_alembic_version = cache(api.get_alembic_version)


@dataclass(frozen=True)
class Mark:
    """What a task brought in the end.

    Attributes:
        points: the mark by hand if there is one, else the computed one; None if it is to come.
        comment: what the marker wrote.
        waiting: whether a marker should look at it.
    """

    points: float | None
    comment: str
    waiting: bool


def open_book(places: Places) -> Gradebook:
    """Open the gradebook; it is made if there is none. Only its owner may read it."""
    places.work.mkdir(parents=True, exist_ok=True)
    with _tools():
        opened = Gradebook(places.gradebook_url, "unrolled")
    places.gradebook.chmod(0o600)
    return opened


def store(book: Gradebook, result: Result) -> None:
    """Put a result into the gradebook; marks and comments by hand stay as they are."""
    book.update_or_create_student(result.student, first_name="", last_name=result.name)
    try:
        submission = book.find_submission(result.lab, result.student)
    except MissingEntry:
        now = datetime.now(UTC).replace(tzinfo=None)
        with book.db.no_autoflush:  # SQLAlchemy warns of what add_submission does half-way
            submission = book.add_submission(result.lab, result.student, timestamp=str(now))
    notebook = submission.notebooks[0]
    grades = {grade.name: grade for grade in notebook.grades}
    for mark in result.tasks:
        grade = grades.get(mark.grade)
        if grade is None:
            continue
        grade.auto_score = mark.points
        if grade.manual_score is None:
            grade.needs_manual_grade = mark.points is None
        elif mark.grade in result.reopened:
            grade.needs_manual_grade = True
    book.db.commit()


def stored(book: Gradebook, result: Result) -> bool:
    """Whether the gradebook has a result already."""
    if not result.stored:
        return False
    try:
        book.find_submission(result.lab, result.student)
    except MissingEntry:
        return False
    return True


def marks(book: Gradebook, result: Result) -> dict[str, Mark]:
    """Return the marks of a submission by the tasks' names."""
    try:
        notebook = book.find_submission(result.lab, result.student).notebooks[0]
    except (MissingEntry, IndexError):
        return {task.name: Mark(task.points, "", task.points is None) for task in result.tasks}
    grades = {grade.name: grade for grade in notebook.grades}
    comments = {comment.name: comment for comment in notebook.comments}
    found = {}
    for task in result.tasks:
        grade, comment = grades.get(task.grade), comments.get(task.cell)
        said = (comment.manual_comment or "") if comment is not None else ""
        found[task.name] = _mark(task.points, grade, said)
    return found


def name(book: Gradebook, result: Result) -> str:
    """Return what a student is called: as the gradebook has it, else as the result has it."""
    try:
        return book.find_student(result.student).last_name or result.name
    except MissingEntry:
        return result.name


def cells(book: Gradebook, result: Result) -> dict[str, Mark]:
    """Return the marks of a submission by the names that nbgrader has for the cells."""
    try:
        notebook = book.find_submission(result.lab, result.student).notebooks[0]
    except (MissingEntry, IndexError):
        return {}
    said = {comment.name: comment.manual_comment or "" for comment in notebook.comments}
    return {
        grade.name: _mark(grade.auto_score, grade, said.get(grade.name, ""))
        for grade in notebook.grades
    }


def stand_in(book: Gradebook, result: Result, lab: Assignment) -> Result:
    """Return a result that cannot be read with the name and the tasks that the gradebook has."""
    known = cells(book, result)
    tasks = [
        TaskMark(task.name, task.kind, task.cell, task.grade, task.points, None)
        for task in lab.tasks
        if task.grade in known
    ]
    return replace(result, name=name(book, result), tasks=tasks)


def _mark(computed: float | None, grade: Grade | None, comment: str) -> Mark:
    if grade is None:
        return Mark(computed, comment, computed is None)
    points = grade.manual_score if grade.manual_score is not None else grade.auto_score
    if points is not None and grade.extra_credit:
        points += grade.extra_credit
    return Mark(points, comment, bool(grade.needs_manual_grade))


def write_table(
    places: Places,
    book: Gradebook,
    results: Iterable[Result],
    labs: list[Assignment],
    decimal: str = ".",
    late: Mapping[tuple[str, str], Late] | None = None,
) -> None:
    """Write ``grades.csv``: a row for each submission, a column for each task of each lab.

    What coming late costs (``late``, by student and lab) is a column, and taken off the total. With
    a comma for ``decimal``, a semicolon parts the fields, as a Polish spreadsheet expects.
    """

    def number(value: float) -> str:
        return f"{value:g}".replace(".", decimal)

    late = late or {}
    columns = {(lab.lab, task.name): _column(lab, task.name) for lab in labs for task in lab.tasks}
    text = io.StringIO()
    writer = csv.writer(text, delimiter=";" if decimal == "," else ",", lineterminator="\n")
    first, last = ["student", "number", "lab", "handed in"], ["late", "total", "maximum", "remarks"]
    writer.writerow([*first, *columns.values(), *last])
    for result in results:
        found = marks(book, result)
        cells = []
        for lab, name in columns:
            mark = found.get(name) if lab == result.lab else None
            cells.append("" if mark is None or mark.points is None else number(mark.points))
        total = sum(mark.points or 0.0 for mark in found.values())
        maximum = sum(task.maximum for task in result.tasks)
        own = late.get((result.student, result.lab), Late())
        remark = own.remark(total, maximum)
        remarks = [remark["en"] for remark in result.remarks]
        waiting = [
            columns.get((result.lab, name), name) for name, mark in found.items() if mark.waiting
        ]
        if waiting:
            remarks.append(f"to be marked by hand: {', '.join(waiting)}")
        lost = own.deducted(total, maximum)
        handed = f"{own.handed.astimezone():%Y-%m-%d %H:%M}" if own.handed else ""
        row = [result.student, result.number, result.lab, handed, *cells]
        unknown = bool(result.unreadable) and not result.tasks
        row += [number(-lost) if lost else "", "" if unknown else number(total - lost)]
        row += ["" if unknown else number(maximum)]
        if remark:
            remarks.insert(0, remark.texts["en"])
        writer.writerow([*row, " | ".join(" ".join(r.split()) for r in remarks)])
    # With a byte order mark, or Excel spoils the Polish letters.
    write_whole(places.table, "\ufeff" + text.getvalue())


def _column(lab: Assignment, name: str) -> str:
    """Return a task's column: questions have the same names in all labs, so the lab's is added."""
    return name if "/" in name else f"{lab.slug}/{name}"
