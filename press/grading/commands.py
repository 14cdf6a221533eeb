"""The commands of grading: release, grade, feedback, moodle, formgrader."""

from __future__ import annotations

import argparse
import os
import shlex
import sys
from collections.abc import Callable
from pathlib import Path

from press.arguments import port, positive
from press.grading.places import PlaceError, Places

ROOT = Path(__file__).resolve().parent.parent.parent

#: Adds a command by its name and what it does; returns its parser.
Add = Callable[[str, str], argparse.ArgumentParser]


def add(command: Add) -> None:
    """Add the commands and their options."""

    def marking(name: str, text: str) -> argparse.ArgumentParser:
        added = command(name, text)
        added.add_argument("--work", type=Path, help="where marks are kept (default: grading/work)")
        return added

    marking("release", "write the assignments, in both languages")
    grade = marking("grade", "collect and grade submissions, write feedback")
    grade.add_argument(
        "submitted", type=Path, nargs="?", help="folder or Moodle archive of submissions"
    )
    grade.add_argument("--lab", default="", help="the lab that all are for (default: as they say)")
    grade.add_argument(
        "--again", metavar="STUDENT", default="", help="grade this student again, changed or not"
    )
    grade.add_argument(
        "--remove",
        metavar="STUDENT",
        default="",
        help="take this student out of table and gradebook; submissions and marks are moved aside",
    )
    grade.add_argument(
        "--participants",
        type=Path,
        metavar="CSV",
        help="Moodle's list of participants: one person in all labs; kept for later runs",
    )
    grade.add_argument("--shards", type=positive, default=2, help="how many are graded at a time")
    grade.add_argument(
        "--dask",
        default="",
        metavar="ADDRESS",
        help="a Dask scheduler's address: its workers grade, and what is kept is kept here",
    )
    grade.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run submissions with your own rights"
    )
    feedback = marking("feedback", "write pages and grades.csv again, after marking by hand")
    moodle = marking("moodle", "fill in Moodle's grading worksheet, pack its feedback files")
    moodle.add_argument("worksheet", type=Path, help="as Moodle gives it for the assignment")
    moodle.add_argument("--lab", required=True, help="the lab that the assignment is")
    for marked in (grade, feedback, moodle):
        marked.add_argument(
            "--decimal",
            choices=[".", ","],
            default=".",
            help="of marks; a comma (and ; between fields of grades.csv) is for Polish settings",
        )
    mark = marking("mark", "give whole groups of answers the points that a table has for them")
    mark.add_argument("table", type=Path, help="grading/work/marking/<lab>.csv, filled in")
    mark.add_argument("--by", default="", help="who marks (default: UNROLLED_MARKER, or the user)")
    formgrader = marking("formgrader", "mark open questions in the browser")
    formgrader.add_argument("--port", type=port, default=8889)
    formgrader.add_argument("--no-browser", action="store_true")


def run(args: argparse.Namespace) -> int:
    """Run one of the commands; return the exit status (0: fine, 1: not done)."""
    # Here, so that the other commands of `press` start without the gradebook's database.
    from press.cluster import ClusterError
    from press.grading.collect import CollectError
    from press.grading.deadlines import DeadlineError
    from press.grading.marking import RubricError
    from press.grading.release import ReleaseError
    from press.grading.run import BusyError
    from press.grading.sandbox import NoSandboxError
    from press.grading.spreadsheet import SpreadsheetError
    from press.grading.students import UnknownStudentError

    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    told = (
        *(BusyError, ClusterError, CollectError, DeadlineError, NoSandboxError, ReleaseError),
        *(PlaceError, RubricError, SpreadsheetError, UnknownStudentError),
    )
    try:
        places = Places.of(ROOT, args.work)
        places.check()
        status = COMMANDS[args.command](args, places)
        return max(status, _unreadable(places)) if args.command in REPORTING else status
    except told as error:
        print(error, file=sys.stderr)
        return 1


def _unreadable(places: Places) -> int:
    """Say which results cannot be read, and what to do; return the exit status."""
    from press.grading.assignment import assignments
    from press.grading.run import unreadable

    told = unreadable(places, assignments(ROOT))
    for line in told:
        print(line, file=sys.stderr)
    return int(bool(told))


def _release(args: argparse.Namespace, places: Places) -> int:
    from press.grading.assignment import assignments
    from press.grading.release import release

    for path in release(places, assignments(ROOT)):
        print(os.path.relpath(path))
    return 0


def _grade(args: argparse.Namespace, places: Places) -> int:
    from press.grading.run import grade, remove, without_notebook

    if args.remove:
        aside = remove(args.remove, places, args.decimal)
        print(f"removed:  {aside.name}; kept in {os.path.relpath(aside)}")
        if not (args.submitted or args.again):
            return 0
    unsafe = args.unsafe_no_sandbox or os.environ.get("UNROLLED_UNSAFE_NO_SANDBOX") == "1"
    summary = grade(
        args.submitted,
        places,
        lab=args.lab,
        again=args.again,
        shards=args.shards,
        sandboxed=not unsafe,
        decimal=args.decimal,
        participants=args.participants,
        dask=args.dask,
    )
    rows = [(r.student, "; ".join(m["en"] for m in r.remarks)) for r in summary.results]
    for student, remarks in rows:
        if remarks:
            print(f"  {student}: {remarks}")
    for student in without_notebook(summary.results, places):
        remove_it = f"make grade REMOVE={shlex.quote(student)}"
        print(f"  {student}: no notebook came. If this is no student: {remove_it}")
    waiting = sum(task.points is None for r in summary.results for task in r.tasks)
    print(
        f"{len(rows)} submission(s), {summary.graded} graded now, {summary.seconds:.0f} s\n"
        f"marks:    {os.path.relpath(places.table)}\n"
        f"feedback: {os.path.relpath(places.feedback)}\n"
        f"the class: {os.path.relpath(places.statistics)}\n"
        f"alike:    {os.path.relpath(places.similarity)}\n"
        f"by hand:  {waiting} open answer(s), in {os.path.relpath(places.marking)}; mark them with "
        "`make formgrader`, then `make feedback`"
    )
    return 0


def _feedback(args: argparse.Namespace, places: Places) -> int:
    from press.grading.assignment import assignments
    from press.grading.run import report

    results = report(places, assignments(ROOT), args.decimal)
    pages = sum(not result.unreadable for result in results)
    print(f"{pages} page(s) in {os.path.relpath(places.feedback)}")
    print(f"marks: {os.path.relpath(places.table)}")
    return 0


def _moodle(args: argparse.Namespace, places: Places) -> int:
    from press.grading.run import to_moodle

    filled = to_moodle(args.worksheet, args.lab, places, args.decimal)
    print(f"grades:   {filled.graded} in {os.path.relpath(filled.worksheet)}")
    print(f"feedback: {os.path.relpath(filled.archive)}")
    for what, names in (
        ("no grade yet, open answers wait for a mark", filled.waiting),
        ("no grade, the result cannot be read", filled.unreadable),
        ("in the worksheet, but nothing was graded", filled.nobody),
        ("graded, but not in the worksheet", filled.unknown),
    ):
        if names:
            print(f"{what}: {', '.join(names)}")
    return 0


def _mark(args: argparse.Namespace, places: Places) -> int:
    from press.grading.marking import marker
    from press.grading.run import enter

    entered = enter(args.table, places, args.by.strip() or marker())
    print(f"{entered.marked} answer(s) marked")
    for line in entered.refused:
        print(f"not entered: {line}", file=sys.stderr)
    return int(bool(entered.refused))


def _formgrader(args: argparse.Namespace, places: Places) -> int:
    from press.grading.formgrader import serve

    return serve(places, port=args.port, browser=not args.no_browser)


#: The commands that write pages and tables from all results.
REPORTING = ("grade", "feedback", "moodle", "mark")

COMMANDS: dict[str, Callable[[argparse.Namespace, Places], int]] = {
    "release": _release,
    "grade": _grade,
    "feedback": _feedback,
    "moodle": _moodle,
    "mark": _mark,
    "formgrader": _formgrader,
}
