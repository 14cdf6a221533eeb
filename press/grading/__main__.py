"""``python -m press.grading release|grade|feedback|formgrader`` (the Makefile calls it)."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from press.grading.collect import CollectError
from press.grading.places import Places
from press.grading.release import ReleaseError
from press.grading.run import BusyError
from press.grading.sandbox import NoSandboxError
from press.grading.students import UnknownStudentError
from press.sources.source import SourceError

ROOT = Path(__file__).resolve().parent.parent.parent
#: What went wrong in a way that its message tells.
_TOLD = (
    *(BusyError, CollectError, NoSandboxError, ReleaseError, SourceError),
    UnknownStudentError,
)


def main(argv: list[str] | None = None) -> int:
    """Run one command; return the exit status (0: fine, 1: not done, 2: misuse)."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    parser = argparse.ArgumentParser(prog="python -m press.grading", description=__doc__)
    parser.add_argument("--work", type=Path, help="where marks are kept (default: grading/work)")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("release", help="write the assignments, in both languages")
    grade = commands.add_parser("grade", help="collect and grade submissions, write feedback")
    grade.add_argument(
        "submitted", type=Path, nargs="?", help="folder or Moodle archive of submissions"
    )
    grade.add_argument("--lab", default="", help="the lab that all are for (default: guessed)")
    grade.add_argument(
        "--again", metavar="STUDENT", default="", help="grade this student again, changed or not"
    )
    grade.add_argument(
        "--remove",
        metavar="STUDENT",
        default="",
        help="take this student out of table and gradebook; submissions and marks are moved aside",
    )
    grade.add_argument("--shards", type=int, default=2, help="how many are graded at a time")
    grade.add_argument(
        "--unsafe-no-sandbox", action="store_true", help="run submissions with your own rights"
    )
    feedback = commands.add_parser(
        "feedback", help="write pages and grades.csv again, after manual marking"
    )
    for command in (grade, feedback):
        command.add_argument(
            "--decimal",
            choices=[".", ","],
            default=".",
            help="of grades.csv; a comma (with ; between fields) is for a Polish spreadsheet",
        )
    formgrader = commands.add_parser("formgrader", help="mark open questions in the browser")
    formgrader.add_argument("--port", type=int, default=8889)
    formgrader.add_argument("--no-browser", action="store_true")
    args = parser.parse_args(argv)
    if args.command == "grade" and not (args.submitted or args.again or args.remove):
        grade.error("say what to grade (a folder or archive), or --again or --remove STUDENT")
    places = Places.of(ROOT, args.work)
    try:
        return _COMMANDS[args.command](args, places)
    except _TOLD as error:
        print(error, file=sys.stderr)
        return 1


def _release(args: argparse.Namespace, places: Places) -> int:
    from press.grading.assignment import assignments
    from press.grading.release import release

    for path in release(places, assignments(ROOT)):
        print(os.path.relpath(path))
    return 0


def _grade(args: argparse.Namespace, places: Places) -> int:
    from press.grading.run import grade, remove

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
    )
    rows = [(r.student, "; ".join(m["en"] for m in r.remarks)) for r in summary.results]
    for student, remarks in rows:
        if remarks:
            print(f"  {student}: {remarks}")
    waiting = sum(task.points is None for r in summary.results for task in r.tasks)
    print(
        f"{len(rows)} submission(s), {summary.graded} graded now, {summary.seconds:.0f} s\n"
        f"marks:    {os.path.relpath(places.table)}\n"
        f"feedback: {os.path.relpath(places.feedback)}\n"
        f"by hand:  {waiting} open answer(s); mark them with `make formgrader`, "
        "then `make feedback`"
    )
    return 0


def _feedback(args: argparse.Namespace, places: Places) -> int:
    from press.grading.assignment import assignments
    from press.grading.run import report

    results = report(places, assignments(ROOT), args.decimal)
    print(f"{len(results)} page(s) in {os.path.relpath(places.feedback)}")
    print(f"marks: {os.path.relpath(places.table)}")
    return 0


def _formgrader(args: argparse.Namespace, places: Places) -> int:
    from press.grading.formgrader import serve

    return serve(places, port=args.port, browser=not args.no_browser)


_COMMANDS = {
    "release": _release,
    "grade": _grade,
    "feedback": _feedback,
    "formgrader": _formgrader,
}

if __name__ == "__main__":
    sys.exit(main())
