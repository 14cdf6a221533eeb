"""Holds the grader to its bank, and writes down what came of it.

``make bench-grading`` grades every answer of ``tests/bank`` and every mistake of
``unrolled/exercises/*.md`` through the whole pipeline, each wrong one in a notebook that is right
everywhere else. It writes ``bench/grading.json`` and the table in ``grading/README.md``.
"""

from __future__ import annotations

import argparse
import importlib
import json
import platform
import sys
import tempfile
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from press.grading import judge
from press.grading.assignment import Assignment, Task, assignments
from press.grading.inside import probe
from press.grading.judge import Outcome
from press.grading.places import Places
from press.grading.results import Result
from press.grading.run import grade
from press.notebooks.readme import put
from unrolled.check import examine
from unrolled.exercises import Choice, Exercise


@dataclass
class Row:
    """One exercise of the bank: how many wrong answers were caught, how many right ones kept.

    Attributes:
        exercise: its name.
        wrong: wrong answers in the bank.
        caught: those that lost points in this exercise and in no other.
        right: right answers in the bank.
        kept: those that kept all points.
        seen: wrong answers that the visible check rejects, too.
        accepted: right answers that the visible check accepts, too.
        blank: whether the blank answer brings nothing and costs nothing elsewhere.
        missed: names of the answers that were judged wrongly.
    """

    exercise: str
    wrong: int = 0
    caught: int = 0
    right: int = 0
    kept: int = 0
    seen: int = 0
    accepted: int = 0
    blank: bool = False
    missed: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether every answer was judged as it should be."""
        return (
            (self.caught, self.kept) == (self.wrong, self.right)
            and (self.seen, self.accepted) == (self.wrong, self.right)
            and self.blank
        )


def tests_on_path(root: Path) -> None:
    """Let the bank and the hostile submissions be imported, as pytest does."""
    folder = str(root / "tests")
    if folder not in sys.path:
        sys.path.insert(0, folder)


def bank(lab: Assignment) -> dict[str, Any]:
    """Return the answers to a lab's exercises by the exercises' names.

    Those of the bank, and among the wrong ones the mistakes that are edits of the reference.
    """
    answers = dict(importlib.import_module(f"bank.{lab.slug}").BANK)
    for name, found in answers.items():
        exercise = _exercise(lab, name)
        if isinstance(exercise, Exercise):
            functions = [*(mistake.function for mistake in exercise.mistakes), *exercise.unhinted]
            edits = {f"edit {number}": made for number, made in enumerate(functions, 1)}
            answers[name] = replace(found, wrong={**found.wrong, **edits})
    return answers


def core(exercise: Exercise | Choice, answer: Any, secret: str) -> list[Outcome]:
    """Judge an answer on the hidden cases without a sandbox: for answers that can be trusted.

    It goes the same way in and out as in the sandbox: packed, called by the probe, decoded.
    """
    probe.capture(exercise.name, answer)
    if isinstance(exercise, Choice):
        return [judge.judge_choice(exercise, judge.parse(probe.answer(exercise.name)))]
    cases = judge.hidden_cases(exercise, secret)
    return [
        judge.judge(exercise, case, judge.parse(probe.call(exercise.name, text)))
        for case, text in zip(cases, _packed(exercise, secret), strict=True)
    ]


#: By an exercise's place in memory and a secret: the exercise, so that it stays there, and texts.
_TEXTS: dict[tuple[int, str], tuple[Exercise, list[str]]] = {}


def _packed(exercise: Exercise, secret: str) -> list[str]:
    """Return an exercise's hidden cases as they travel: packing takes longer than judging."""
    key = id(exercise), secret
    if key not in _TEXTS:
        cases = judge.hidden_cases(exercise, secret)
        _TEXTS[key] = exercise, [judge.packed(case) for case in cases]
    return _TEXTS[key][1]


def visible(exercise: Exercise | Choice, answer: Any) -> bool:
    """Whether the check in the notebook accepts an answer."""
    if isinstance(exercise, Choice):
        return exercise.right(answer)
    return examine(exercise, answer).ok


def as_cell(task: Task, answer: Any) -> str:
    """Return an answer of the bank as a cell that a student might have handed in."""
    if isinstance(answer, str):
        return f"{task.target} = {answer!r}"
    text = judge.packed(answer)
    return f"import base64, pickle\n{task.target} = pickle.loads(base64.b64decode({text!r}))"


def write_bank(folder: Path, lab: Assignment, root: Path) -> dict[str, tuple[str, str, str]]:
    """Write the bank as submissions.

    Returns:
        By student: the exercise, "wrong", "right" or "blank", and the answer's name. Each wrong
        and each blank answer is alone in its notebook; right ones are handed in together.
    """
    import hostile

    made: dict[str, tuple[str, str, str]] = {}
    answers = bank(lab)
    tasks = {task.name: task for task in lab.tasks if task.name in answers}

    def hand_in(student: str, cells: dict[str, str]) -> None:
        notebook = hostile.right(lab, root)
        for cell_id, code in cells.items():
            hostile.cell_of(notebook, cell_id)["source"] = code
        place = folder / student / lab.lab
        place.mkdir(parents=True)
        hostile.save(place, notebook, f"{lab.lab}.ipynb")

    for name, task in tasks.items():
        for number, (what, answer) in enumerate(answers[name].wrong.items()):
            student = f"wrong-{task.cell}-{number:02}"
            hand_in(student, {task.cell: as_cell(task, answer)})
            made[student] = (name, "wrong", what)
        student = f"blank-{task.cell}"
        hand_in(student, {task.cell: task.stub["pl"]})
        made[student] = (name, "blank", "")
    for number in range(max(len(answers[name].right) for name in tasks)):
        chosen = {name: list(answers[name].right.items()) for name in tasks}
        cells = {
            tasks[name].cell: as_cell(tasks[name], rows[number % len(rows)][1])
            for name, rows in chosen.items()
        }
        hand_in(f"right-{number:02}", cells)
    return made


def judge_bank(lab: Assignment, root: Path, work: Path) -> tuple[list[Row], int, float]:
    """Grade the bank through the whole pipeline; return rows, submissions and seconds."""
    folder = work / "bank"
    made = write_bank(folder, lab, root)
    started = time.monotonic()
    results = {
        r.student: r for r in grade(folder, Places(root, work / "marks", work / "build")).results
    }
    seconds = time.monotonic() - started
    answers = bank(lab)
    rows = {task.name: Row(task.name) for task in lab.tasks if task.name in answers}
    for student, (name, kind, what) in made.items():
        row, points = rows[name], _points(results.get(student))
        others = all(share == 1.0 for other, share in points.items() if other != name)
        share = points.get(name, 1.0)
        if kind == "blank":
            row.blank = share == 0.0 and others
            continue
        row.wrong += 1
        good = share < 1.0 and others
        row.caught += good
        rejected = not visible(_exercise(lab, name), answers[name].wrong[what])
        row.seen += rejected
        if not (good and rejected):
            row.missed.append(what)
    for name, row in rows.items():
        for number, (what, answer) in enumerate(answers[name].right.items()):
            row.right += 1
            good = _points(results.get(f"right-{number:02}")).get(name) == 1.0
            accepted = visible(_exercise(lab, name), answer)
            row.kept += good
            row.accepted += accepted
            if not (good and accepted):
                row.missed.append(what)
    return list(rows.values()), len(results), seconds


def _exercise(lab: Assignment, name: str) -> Exercise | Choice:
    return next(task.exercise for task in lab.tasks if task.name == name)


def _points(result: Result | None) -> dict[str, float]:
    """Return the share of its points that each exercise brought."""
    tasks = result.tasks if result else []
    return {t.name: (t.points or 0.0) / t.maximum for t in tasks if t.kind != "question"}


def fits(kind: Any, result: Result | None) -> str:
    """Return what is wrong with the result of a hostile submission; nothing if all is well."""
    if result is None:
        return "lost"
    for name, share in _points(result).items():
        wanted = kind.points.get(name, kind.rest)
        if share != wanted and not (kind.harms_itself and name not in kind.points):
            return f"{name}: {share:g} of the points, not {wanted:g}"
    remarks = " | ".join(remark["en"] for remark in result.remarks)
    return "" if kind.remark in remarks else f"no remark {kind.remark!r}"


def bench(root: Path, chosen: str = "") -> int:
    """Grade the bank, write down what came of it, return 1 if anything was not as it should be.

    What there is of a lab is written as soon as the lab is through, so that a run that is ended
    loses no more than one.

    Args:
        root: the repository.
        chosen: the labs' slugs with commas between; nothing for all. What the last run found about
            others is kept.
    """
    tests_on_path(root)
    path = root / "bench" / "grading.json"
    report = json.loads(path.read_text(encoding="utf-8"))
    labs = assignments(root)
    machine = f"{platform.machine()}, Python {platform.python_version()}"
    problems: list[str] = []
    for lab in labs:
        if chosen and lab.slug not in chosen.split(","):
            continue
        with tempfile.TemporaryDirectory(prefix="unrolled-bench-") as name:
            rows, graded, seconds = judge_bank(lab, root, Path(name))
        of_lab = {"submissions": graded, "seconds": round(seconds, 1), "machine": machine}
        report[lab.slug] = {**of_lab, "exercises": [asdict(row) for row in rows]}
        problems += [f"{r.exercise}: {r.missed or 'the blank one'}" for r in rows if not r.ok]
        report = {one.slug: report[one.slug] for one in labs if one.slug in report}
        text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
        path.write_text(text, encoding="utf-8")
        put(root / "grading" / "README.md", "bench", tables(report))
        print(f"{lab.slug}: {graded} notebooks, {seconds:.0f} s", flush=True)
    for problem in problems:
        print(problem, file=sys.stderr)
    return int(bool(problems))


def tables(report: dict[str, Any]) -> str:
    """Return the report as Markdown."""
    lines = [
        "| exercise | wrong: lose points there and nowhere else | right: keep all "
        "| check in the notebook: wrong rejected, right accepted | blank |",
        "|---|---|---|---|---|",
    ]
    for row in [row for lab in report.values() for row in lab["exercises"]]:
        lines.append(
            f"| `{row['exercise']}` | {row['caught']} of {row['wrong']} "
            f"| {row['kept']} of {row['right']} "
            f"| {row['seen']} of {row['wrong']}, {row['accepted']} of {row['right']} "
            f"| {'0 points' if row['blank'] else 'WRONG'} |"
        )
    notebooks = sum(lab["submissions"] for lab in report.values())
    seconds = sum(lab["seconds"] for lab in report.values())
    machines = ", ".join(sorted({lab["machine"] for lab in report.values()}))
    lines += [
        "",
        f"{notebooks:,} notebooks of {len(report)} labs in {seconds / 60:.0f} minutes, "
        f"two at a time ({machines}).",
    ]
    return "\n".join(lines)


def main() -> int:
    """Run the bench as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--labs", default="", help="slugs with commas between; else all")
    args = parser.parse_args()
    return bench(Path(__file__).resolve().parent.parent, args.labs)


if __name__ == "__main__":
    sys.exit(main())
