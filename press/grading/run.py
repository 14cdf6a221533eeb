"""A whole run: collect, grade what is new, store, write pages and the table."""

from __future__ import annotations

import hashlib
import os
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from tqdm import tqdm

from press.files import HeldError, alone
from press.grading import (
    book,
    deadlines,
    depends,
    feedback,
    marking,
    moodle,
    people,
    remote,
    sandbox,
    similarity,
    statistics,
    students,
)
from press.grading.assignment import Assignment, assignments
from press.grading.collect import CollectError, collect
from press.grading.deadlines import Late
from press.grading.examiner import Handed, Setting
from press.grading.places import Places
from press.grading.release import release, room
from press.grading.results import Result, load_all, problems, write_whole
from press.grading.sandbox import Limits
from press.grading.shards import Job, grade_all, path_of


class BusyError(Exception):
    """Another run is at work in the same folder."""


@dataclass(frozen=True)
class Summary:
    """What a run did.

    Attributes:
        results: of this run's submissions, old and new.
        graded: how many of them were graded now.
        seconds: how long that took.
    """

    results: list[Result]
    graded: int
    seconds: float


def grade(
    submitted: Path | None,
    places: Places,
    *,
    lab: str = "",
    again: str = "",
    shards: int = 2,
    sandboxed: bool = True,
    limits: Limits | None = None,
    bar: bool = True,
    decimal: str = ".",
    participants: Path | None = None,
    dask: str = "",
) -> Summary:
    """Grade a folder or archive of submissions; without one, what came in from ``again``.

    What was graded before and has not changed is not graded again, so that a run that was killed
    goes on where it stopped. What passed a limit of time is not final, and is graded again; so is
    the student ``again``, in any case. A list of ``participants`` is kept for all later runs.
    With ``dask``, the address of a scheduler, the workers of that cluster grade, each behind its
    own walls; everything else is done and kept here.

    Raises:
        ClusterError: there is no such cluster, or it cannot grade; what it graded is kept.
        NoSandboxError: bubblewrap is missing, and ``sandboxed`` is true.
        CollectError: there is nothing to grade.
        UnknownStudentError: nobody has been graded who is called ``again``.
        SpreadsheetError: the list of participants cannot be read.
        DeadlineError: the file of deadlines cannot be used.
        BusyError: another run is at work.
    """
    started = time.monotonic()
    listed = people.read(participants) if participants else None
    if sandboxed and not dask:  # else where submissions run: on the workers
        sandbox.ensure(places.work, places.root, *([submitted] if submitted else []))
    if not sandboxed:
        print(sandbox.UNSAFE, file=sys.stderr)
    with (
        _alone(places),
        tempfile.TemporaryDirectory(prefix=f"ug-{os.getpid()}-", dir="/tmp") as folder,
    ):
        sandbox.sweep()
        labs = assignments(places.root)
        deadlines.read(places.deadlines, [item.lab for item in labs])  # before hours of grading
        room(places)
        if participants:
            write_whole(places.participants, participants.read_bytes())
        elif places.participants.is_file():
            listed = people.read(places.participants)
        earlier = students.again(places, again, labs) if again else []
        handed = collect(submitted, labs, places, lab, listed) if submitted else []
        came = {(item.student, item.lab) for item in handed}
        handed += [item for item in earlier if (item.student, item.lab) not in came]
        due = {item.lab for item in handed}
        release(places, [item for item in labs if item.lab in due])  # the others wait for theirs
        limits = limits or Limits()
        course = Path(folder) / "course"
        if not dask:
            sandbox.furnish(places.root, course)
        rubrics = {item.lab: marking.texts(places.root, item) for item in labs}
        setting = Setting(course, places.secret(), limits, sandboxed, rubrics)
        versions = {
            item.lab: depends.version(item, places.root, setting)
            for item in labs
            if item.lab in due
        }
        jobs, kept = [], {}
        for item in handed:
            digest = _digest(item, versions[item.lab])
            old = Result.load(path_of(places, item.student, item.lab))
            shown = places.autograded / item.student / item.lab / f"{item.lab}.ipynb"
            if old is not None and old.digest == digest and not old.late and shown.is_file():
                kept[item.student, item.lab] = old
            else:
                jobs.append(Job(item, digest))
        with (
            book.open_book(places) as opened,
            tqdm(total=len(jobs), unit=" submission", disable=not bar, leave=True) as progress,
        ):
            graded = (
                remote.grade_on(dask, jobs, labs, places, setting, versions)
                if dask
                else grade_all(jobs, labs, places, setting, shards)
            )
            for result in graded:
                _store(opened, result, places)
                kept[result.student, result.lab] = result
                progress.set_postfix_str(f"{result.student[:24]} {result.seconds:.1f} s")
                progress.update()
            for result in kept.values():
                if not book.stored(opened, result):
                    _store(opened, result, places)
        report(places, labs, decimal)
    ordered = [kept[item.student, item.lab] for item in handed]
    return Summary(ordered, len(jobs), time.monotonic() - started)


def report(places: Places, labs: list[Assignment], decimal: str = ".") -> list[Result]:
    """Write the pages and the table for all results that there are, with the marks of today.

    Who has a result that cannot be read keeps a row with what the gradebook knows, and the page
    that was written before; the others' pages are written without it.

    Raises:
        DeadlineError: the file of deadlines cannot be used.
    """
    known = {lab.lab: lab for lab in labs}
    with book.open_book(places) as opened:
        results = [
            book.stand_in(opened, result, known[result.lab]) if result.unreadable else result
            for result in load_all(places.results)
            if result.lab in known
        ]
        late = lateness(places, results, labs)
        for result in results:
            if result.unreadable:
                continue
            title = known[result.lab].notebooks[result.language].metadata["title"]
            own = late[result.student, result.lab]
            feedback.write(places, result, book.marks(opened, result), title, own)
        book.write_table(places, opened, results, labs, decimal, late)
        for lab in labs:
            everybody = [result for result in results if result.lab == lab.lab]
            of_lab = [result for result in everybody if not result.unreadable]
            if of_lab:
                marks = {result.student: book.marks(opened, result) for result in of_lab}
                named = {lang: nb.metadata["title"] for lang, nb in lab.notebooks.items()}
                statistics.write(places, of_lab, marks, named)
                similarity.write(places, of_lab, lab)
                marking.write(places, of_lab, marks, lab, whole=of_lab == everybody)
            elif not everybody:  # nobody is left whom these pages may name
                for folder in (places.similarity, places.marking):
                    for page in folder.glob(f"*/{lab.lab}.html"):
                        page.unlink()
                marking.take_away(places, lab)
    return results


def unreadable(places: Places, labs: list[Assignment]) -> list[str]:
    """Return what is wrong with the files of results, and what to do about each."""
    return problems(load_all(places.results), [lab.lab for lab in labs])


def without_notebook(results: list[Result], places: Places) -> list[str]:
    """Return whose rows stand on no notebook at all: there may be no such student."""
    return sorted(
        {
            result.student
            for result in results
            if not (places.submitted / result.student / result.lab).is_dir()
        }
    )


def lateness(
    places: Places, results: list[Result], labs: list[Assignment]
) -> dict[tuple[str, str], Late]:
    """Return how late each submission is, by student and lab.

    Raises:
        DeadlineError: the file of deadlines cannot be used.
    """
    due = deadlines.read(places.deadlines, [lab.lab for lab in labs])
    for student in due.unknown(results):
        print(f"{student} has an extension, but handed in nothing under this name", file=sys.stderr)
    return {
        (result.student, result.lab): due.late(
            result, deadlines.handed_in(places, result.student, result.lab)
        )
        for result in results
    }


def remove(student: str, places: Places, decimal: str = ".") -> Path:
    """Take a student out of gradebook and table; return where all of it is kept.

    Raises:
        UnknownStudentError: there is no such student.
        BusyError: another run is at work.
    """
    with _alone(places):
        aside = students.remove(places, student)
        report(places, assignments(places.root), decimal)
    return aside


def enter(table: Path, places: Places, by: str, decimal: str = ".") -> marking.Entered:
    """Enter the points of a table of marks, and write pages and the table of all marks again.

    Raises:
        RubricError: it is no table of marks.
        BusyError: another run is at work.
    """
    with _alone(places):
        labs = assignments(places.root)
        sheet = marking.read_table(table)  # before the tables are written again
        entered = marking.enter(places, sheet, report(places, labs, decimal), labs, by)
        report(places, labs, decimal)
    return entered


def to_moodle(worksheet: Path, lab: str, places: Places, decimal: str = ".") -> moodle.Filled:
    """Fill in Moodle's grading worksheet of a lab, and pack its feedback files.

    Raises:
        CollectError: there is no such lab, or nothing of it has been graded.
        SpreadsheetError: it is no grading worksheet.
        BusyError: another run is at work.
    """
    with _alone(places):
        labs = assignments(places.root)
        chosen = [one for one in labs if lab in (one.lab, one.number, one.slug)]
        if not chosen:
            names = ", ".join(one.lab for one in labs)
            raise CollectError(f"there is no lab {lab!r}; there are: {names}")
        results = [r for r in report(places, labs, decimal) if r.lab == chosen[0].lab]
        if not results:
            raise CollectError(f"nothing of {chosen[0].lab} has been graded: make grade first")
        with book.open_book(places) as opened:
            marks = {result.student: book.marks(opened, result) for result in results}
        late = {s: own for (s, _), own in lateness(places, results, labs).items()}
        return moodle.fill(worksheet, results, marks, places, decimal, late)


def _digest(handed: Handed, of_lab: str) -> str:
    digest = hashlib.sha256(of_lab.encode())
    digest.update(handed.path.read_bytes() if handed.path else b"")
    digest.update("|".join(str(remark.texts) for remark in handed.remarks).encode())
    return digest.hexdigest()


def _store(opened: book.Gradebook, result: Result, places: Places) -> None:
    """Keep a result, first in its file, then in the gradebook."""
    path = path_of(places, result.student, result.lab)
    old = Result.load(path)
    if old is None and path.is_file():  # nobody knows to which answers marks by hand were given
        result.reopened = [task.grade for task in result.tasks]
    elif old is not None and not result.stored and old.digest != result.digest:
        before = {task.grade: task.answer for task in old.tasks}
        changed = [t.grade for t in result.tasks if before.get(t.grade, t.answer) != t.answer]
        result.reopened = sorted({*old.reopened, *changed} if not old.stored else changed)
    result.save(path)
    book.store(opened, result)
    replace(result, stored=True).save(path)
    result.stored = True


@contextmanager
def _alone(places: Places) -> Iterator[None]:
    """Keep a second run out of the same folder."""
    try:
        with alone(places.work / ".lock", wait=False):
            yield
    except HeldError:
        raise BusyError(f"another run is grading in {places.work}: wait for it") from None
