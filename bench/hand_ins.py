"""A whole course hands in at once: generated submissions of all labs, each with its known mark.

``python -m bench.hand_ins`` writes them as a teaching assistant gets them (Moodle's archives, their
unpacked folders, files by mail), grades them in one go, compares every mark and every row with what
must come, and writes ``bench/hand_ins.json`` and a table in ``bench/RESULTS.md``. What is handed in
follows from the seed. Marks of wrong answers are those of the hidden cases without the pipeline
(`bench.grading.core`).
"""

from __future__ import annotations

import argparse
import ast
import csv
import importlib
import inspect
import io
import json
import os
import platform
import random
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bench import grading as bank
from bench.hand_in_kinds import (
    DAMAGED,
    DUE,
    MESSY,
    NAMES,
    PROGRAMS,
    Notebook,
    code_of,
    forgeries,
    place_of,
)
from press.arguments import natural, positive
from press.grading import judge, sandbox, weights
from press.grading.assignment import Assignment, Task, assignments
from press.grading.examiner import Handed, Setting, examine
from press.grading.places import Places
from press.grading.results import Result
from press.grading.run import Summary, grade
from press.notebooks.readme import put
from unrolled.exercises import Exercise

RESULTS = Path(__file__).with_name("hand_ins.json")

#: How many of 200 are of each group, and what the group is.
GROUPS = {
    "honest": (60, "right answers of the bank, each exercise another one"),
    "messy": (56, "right answers in a notebook that was worked in"),
    "partial": (28, "right, wrong and untouched exercises"),
    "hostile": (24, "loops, crashes, bombs, forged checks"),
    "damaged": (16, "broken files and archives, other formats, nothing at all"),
    "named": (8, "names that file systems and archives spoil"),
    "late": (8, "after the deadline, some with more time"),
}
PERCENT, MOST = 10, 50

FIRST = (
    *("Żaneta", "Łukasz", "Świętosława", "Błażej", "Grażyna", "Józef", "Paweł", "Anna", "Zofia"),
    *("Jan", "Michał", "Ewa", "Ćmikła", "Ola", "Wawrzyniec", "Bożydar", "Hanna", "Ignacy"),
)
LAST = (
    *("Gżegżółka", "Źdźbło", "Ścisławska", "O'Neill-Kość", "Dąb", "Święch", "Łoś", "Nowak"),
    *("Brzęczyszczykiewicz", "Żółć-Wójcik", "Kowalska", "Wiśniewski"),
)


@dataclass
class HandIn:
    """What one student hands in for one lab, and what must come of it.

    Attributes:
        group: one of `GROUPS`.
        kind: what it is.
        lab: for which lab.
        name: the student's.
        number: Moodle's, of the participant in this assignment; what the row is found by.
        files: what is handed in: paths and contents; a path that ends in "/" is an empty folder.
        shares: the share of its points that each exercise must bring; None may be anything.
        rest: the share of all other exercises.
        remark: what must stand among the remarks.
        waits: whether the open question must wait for a mark; None may be either.
        after: when it came, after the deadline.
        extended: whether this student has a week more.
        spoilt: whether its bytes are damaged in Moodle's archive.
        raw: the folder's name as bytes, where it is no UTF-8.
    """

    group: str
    kind: str
    lab: str
    name: str
    number: str
    files: dict[str, bytes] = field(default_factory=dict)
    shares: Mapping[str, float | None] = field(default_factory=dict)
    rest: float | None = 1.0
    remark: str = ""
    waits: bool | None = None
    after: timedelta = timedelta(hours=-20)
    extended: bool = False
    spoilt: bool = False
    raw: bytes = b""

    @property
    def folder(self) -> str:
        """What Moodle calls the student's folder."""
        return f"{self.name}_{self.number}_assignsubmission_file_"

    @property
    def lost(self) -> float:
        """Which share of the lab's points coming late costs."""
        late = self.after - timedelta(days=7 * self.extended)
        days = max(0, -(-late // timedelta(days=1)))
        return min(days * PERCENT, MOST) / 100


# --------------------------------------------------------------------------- answers as text


@cache
def _statements(module: Any) -> dict[str, list[str]]:
    """Return the statements of a module's top level that make or change each name, in order."""
    text = inspect.getsource(module)
    found: dict[str, list[str]] = {}
    for node in ast.parse(text).body:
        code = ast.get_source_segment(text, node) or ""
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            code = "".join(text.splitlines(keepends=True)[_first(node) - 1 : node.end_lineno])
            names = {node.name}
        elif isinstance(node, ast.Import | ast.ImportFrom):
            names = {alias.asname or alias.name.split(".")[0] for alias in node.names}
        else:
            names = {
                one.id for one in ast.walk(node) if isinstance(one, ast.Name) and _set(one, node)
            }
        for name in names:
            found.setdefault(name, []).append(code.rstrip())
    return found


def _first(node: ast.FunctionDef | ast.ClassDef) -> int:
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


def _set(name: ast.Name, node: ast.stmt) -> bool:
    """Whether a statement makes a name, or changes what it means (``x[0] = 1``, ``x.add(1)``)."""
    if isinstance(name.ctx, ast.Store):
        return True
    return any(
        isinstance(one, ast.Subscript | ast.Attribute)
        and one.value is name
        and (isinstance(one.ctx, ast.Store) or isinstance(node, ast.Expr | ast.For))
        for one in ast.walk(node)
    )


def as_text(task: Task, answer: Any) -> str:
    """Return an answer of the bank as a student would have typed it, where it is plain code.

    A function is written with the helpers that it uses, under its own name, and named as the task
    asks. Others (a partial function, an edit of the reference) are packed.
    """
    module = inspect.getmodule(answer) if inspect.isfunction(answer) else None
    name = getattr(answer, "__name__", "")
    if module is None or not module.__name__.startswith("bank.") or name == "<lambda>":
        return bank.as_cell(task, answer)
    known = _statements(module)
    if getattr(module, name, None) is not answer or name not in known:
        return bank.as_cell(task, answer)
    wanted, needed = [name], {name}
    while wanted:
        tree = ast.parse("\n".join(known[wanted.pop()]))
        names = {one.id for one in ast.walk(tree) if isinstance(one, ast.Name)}
        new = {one for one in names if one in known} - needed
        wanted, needed = [*wanted, *new], needed | new
    every = dict.fromkeys(code for some in known.values() for code in some)
    place = {code: inspect.getsource(module).index(code) for code in every}
    codes_of = {code for one in needed for code in known[one]}
    codes = sorted(codes_of, key=place.__getitem__)
    if any("from bank" in code or "unrolled.exercises" in code for code in codes):
        return bank.as_cell(task, answer)
    return "\n\n".join(codes) + (f"\n\n{task.target} = {name}" if name != task.target else "")


class Course:
    """All labs, their notebooks and banks."""

    def __init__(self, root: Path, secret: str) -> None:
        bank.tests_on_path(root)
        self.root, self.secret = root, secret
        self.labs = {lab.lab: lab for lab in assignments(root)}
        self.hostile: Any = importlib.import_module("hostile")

    @cache  # noqa: B019 (one course lives as long as the run)
    def bank(self, lab: str) -> dict[str, Any]:
        """Return the answers to a lab's exercises."""
        return bank.bank(self.labs[lab])

    @cache  # noqa: B019
    def share(self, lab: str, name: str, what: str) -> float:
        """Return the share of the points that a wrong answer of the bank brings."""
        return self.brings(name, self.bank(lab)[name].wrong[what])

    def brings(self, name: str, answer: Any) -> float:
        """Return the share of the points that an answer brings on the hidden cases."""
        from unrolled.exercises import find

        exercise = find(name)
        right = [outcome.ok for outcome in bank.core(exercise, answer, self.secret)]
        if not isinstance(exercise, Exercise):
            return float(all(right))
        return weights.share(exercise, right, judge.SEEDS)

    def tasks(self, lab: str, kind: str = "") -> list[Task]:
        """Return a lab's exercises, or those of a kind."""
        wanted = {kind} if kind else {"exercise", "choice"}
        return [task for task in self.labs[lab].tasks if task.kind in wanted]

    def right(self, lab: str, language: str) -> Notebook:
        """Return the notebook with the published solutions."""
        return self.hostile.right(self.labs[lab], self.root, language)

    def blank(self, lab: str, language: str) -> Notebook:
        """Return the notebook as it is given out."""
        return self.hostile.blank(self.labs[lab], language)


# --------------------------------------------------------------------------- making them


def make(course: Course, count: int, seed: int = 1) -> list[HandIn]:
    """Return ``count`` submissions of all labs; the same for the same seed."""
    rng = random.Random(seed)
    labs = list(course.labs)
    everybody = [f"{a} {b}" for a in FIRST for b in LAST]
    persons = rng.sample(everybody, k=40)
    groups = _groups(count)
    makers = {
        "honest": _honest, "messy": _messy, "partial": _partial, "hostile": _hostile,
        "damaged": _damaged, "named": _named, "late": _late,
    }  # fmt: skip
    made: list[HandIn] = []
    taken: dict[str, set[str]] = {lab: set() for lab in labs}
    turn = rng.randrange(len(labs))
    for group in groups:
        for number in range(groups[group]):
            lab = labs[turn % len(labs)]
            turn += 1
            name = rng.choice([p for p in persons if p not in taken[lab]])
            taken[lab].add(name)
            one = HandIn(group, "", lab, name, str(1_000_000 + len(made)))
            makers[group](course, one, number, rng)
            made.append(one)
    return made


def _groups(count: int) -> dict[str, int]:
    """Return how many of each group there are: as among 200, at least one."""
    whole = sum(share for share, _ in GROUPS.values())
    found = {name: max(1, round(count * share / whole)) for name, (share, _) in GROUPS.items()}
    found["honest"] += count - sum(found.values())
    return found


def _language(rng: random.Random) -> str:
    return rng.choice(["pl", "pl", "en"])


def _saved(one: HandIn, notebook: Notebook, name: str = "") -> None:
    text = json.dumps(notebook, ensure_ascii=False).encode("utf-8", "surrogatepass")
    one.files = {name or f"{one.lab}.ipynb": text}


def _honest(course: Course, one: HandIn, number: int, rng: random.Random) -> None:
    notebook = course.right(one.lab, _language(rng))
    one.kind = "answers of the bank"
    for task in course.tasks(one.lab):
        answers = list(course.bank(one.lab)[task.name].right.values())
        chosen = rng.randrange(len(answers) + 1)
        if chosen < len(answers):
            place_of(notebook, task.cell)["source"] = as_text(task, answers[chosen])
    _saved(one, notebook)


def _messy(course: Course, one: HandIn, number: int, rng: random.Random) -> None:
    one.kind = list(MESSY)[number % len(MESSY)]
    change, one.remark = MESSY[one.kind]
    notebook = course.right(one.lab, _language(rng))
    functions = [
        task
        for task in course.tasks(one.lab, "exercise")
        if f"def {task.target}(" in code_of(notebook, task.cell)
    ]
    change(notebook, rng.choice(functions))
    one.waits = True if one.kind.startswith("open answer") else None
    _saved(one, notebook)


def _partial(course: Course, one: HandIn, number: int, rng: random.Random) -> None:
    one.kind = "some right, some wrong, some untouched"
    notebook = course.right(one.lab, _language(rng))
    shares: dict[str, float | None] = {}
    for task in course.tasks(one.lab):
        what = rng.choice(["right", "wrong", "wrong", "untouched"])
        if what == "wrong":
            chosen = rng.choice(list(course.bank(one.lab)[task.name].wrong))
            answer = course.bank(one.lab)[task.name].wrong[chosen]
            place_of(notebook, task.cell)["source"] = as_text(task, answer)
            shares[task.name] = course.share(one.lab, task.name, chosen)
        elif what == "untouched":
            place_of(notebook, task.cell)["source"] = task.stub["pl"]
            shares[task.name] = 0.0
    one.shares = shares
    _saved(one, notebook)


def _hostile(course: Course, one: HandIn, number: int, rng: random.Random) -> None:
    programs = {**PROGRAMS, **forgeries(course.hostile.FORGERIES)}
    order = list(programs)
    random.Random(7).shuffle(order)
    one.kind = order[number % len(order)]
    code, share, one.rest = programs[one.kind]
    task = rng.choice(course.tasks(one.lab, "exercise"))
    text = code.format(f=task.target, e=task.name, s=course.labs[one.lab].slug)
    notebook = course.right(one.lab, "pl")
    place_of(notebook, task.cell)["source"] = text
    if isinstance(share, str):
        share = course.brings(task.name, lambda *args: (0.0, 1.0))
    one.shares = {task.name: share}
    _saved(one, notebook)


def _damaged(course: Course, one: HandIn, number: int, rng: random.Random) -> None:
    order = list(DAMAGED)
    random.Random(7).shuffle(order)
    one.kind = order[number % len(order)]
    change, graded, one.remark = DAMAGED[one.kind]
    _saved(one, course.right(one.lab, "pl"))
    ((name, text),) = one.files.items()
    one.files = change(name, text)
    one.rest = 1.0 if graded else 0.0
    one.spoilt = one.kind == "damaged in Moodle's archive"


def _named(course: Course, one: HandIn, number: int, rng: random.Random) -> None:
    one.kind = list(NAMES)[number % len(NAMES)]
    name = NAMES[one.kind]
    _saved(one, course.right(one.lab, "pl"), rng.choice(["", "Zażółć gęślą (1).ipynb"]))
    if isinstance(name, bytes):
        one.raw = name + f"_{one.number}_assignsubmission_file_".encode()
        one.name = name.decode("utf-8", "replace")
    else:
        one.name = name


def _late(course: Course, one: HandIn, number: int, rng: random.Random) -> None:
    days, one.extended = [(0.5, False), (2.5, False), (9.2, False), (3.0, True), (8.5, True)][
        number % 5
    ]
    one.kind = f"{days:g} days late" + (", a week more" if one.extended else "")
    one.after = timedelta(days=days)
    _saved(one, course.right(one.lab, "en"))


class _OldZip(zipfile.ZipInfo):
    """A member as an old Windows writes it: its name in code page 852, and no flag."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802
        return self.filename.encode("cp852", "replace"), self.flag_bits & ~0x800


def write(folder: Path, made: list[HandIn], labs: list[str]) -> None:
    """Write submissions as they come: every second lab in Moodle's archive, others unpacked.

    Names of archives are of several kinds, and one is an old Windows'. What an archive cannot hold
    (names that are no UTF-8, a line's end in a name, an empty folder) lies in a folder.
    """
    folder.mkdir(parents=True)
    called = ("{lab}.zip", "RNN-Lab {n}-4711.zip", "Laboratorium {n}.zip", "lab{n}.zip")
    for place, lab in enumerate(labs):
        own = [one for one in made if one.lab == lab]
        packed = place % 2 == 0
        loose = [
            one
            for one in own
            if not one.spoilt
            and (not packed or one.raw or "\n" in one.name or "puste/" in one.files)
        ]
        for one in loose:
            _unpacked(folder, one)
        rest = [one for one in own if one not in loose]
        if not rest:
            continue
        name = called[place // 2 % len(called)].format(lab=lab, n=int(lab[:2]))
        old = packed and place == 4 and all(_is_852(one.folder) for one in rest)
        with zipfile.ZipFile(folder / name, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in rest:
                moment = (DUE + one.after).timetuple()[:6]
                for path, content in one.files.items():
                    info = (_OldZip if old else zipfile.ZipInfo)(f"{one.folder}/{path}", moment)
                    if not one.spoilt:
                        info.compress_type = zipfile.ZIP_DEFLATED
                    archive.writestr(info, content)
        spoilt = [one for one in rest if one.spoilt]
        content = (folder / name).read_bytes()
        for one in spoilt:
            place_in = content.index(one.folder.encode())
            middle = content.index(b'"cells"', place_in) + 40
            content = content[:middle] + b"#####" + content[middle + 5 :]
        (folder / name).write_bytes(content)


def _is_852(name: str) -> bool:
    try:
        name.encode("cp852")
    except UnicodeEncodeError:
        return False
    return True


def _unpacked(folder: Path, one: HandIn) -> None:
    name = os.fsdecode(one.raw) if one.raw else one.folder.replace("/", "∕")
    place = folder / name / one.lab
    place.mkdir(parents=True)
    for path, content in one.files.items():
        if path.endswith("/"):
            (place / path).mkdir()
            continue
        (place / path).write_bytes(content)
        moment = (DUE + one.after).timestamp()
        os.utime(place / path, (moment, moment))


def deadlines(made: list[HandIn], labs: list[str]) -> str:
    """Return the file of deadlines for these submissions."""
    lines = [f"percent_a_day = {PERCENT}", f"most_percent = {MOST}", "", "[due]"]
    lines += [f"{lab} = {DUE:%Y-%m-%dT%H:%M:%SZ}" for lab in labs]
    extended: dict[str, list[str]] = {}
    for one in made:
        if one.extended:
            extended.setdefault(one.name, []).append(one.lab)
    week = f"{DUE + timedelta(days=7):%Y-%m-%dT%H:%M:%SZ}"
    for name, own in sorted(extended.items()):
        lines += ["", f"[extensions.{json.dumps(name, ensure_ascii=False)}]"]
        lines += [f"{lab} = {week}" for lab in own]
    return "\n".join(lines) + "\n"


def participants(made: list[HandIn]) -> str:
    """Return Moodle's list of participants: all but those whose names are spoilt."""
    names = sorted({one.name for one in made if one.group != "named"})
    rows = [f'"{n.split()[0]}","{" ".join(n.split()[1:])}","{i:06}"' for i, n in enumerate(names)]
    return "\n".join(["First name,Last name,ID number", *rows]) + "\n"


# --------------------------------------------------------------------------- comparing


def wrong_with(
    one: HandIn, result: Result | None, row: Mapping[str, str] | None, lab: Assignment
) -> str:
    """Return what is wrong with what came of a submission; nothing if all is well."""
    if result is None or row is None:
        return "no result" if result is None else "no row in the table"
    if result.lab != one.lab:
        return f"counted for {result.lab}, not {one.lab}"
    total = 0.0
    for mark in result.tasks:
        if mark.kind == "question":
            if one.waits and mark.points is not None:
                return "the open question does not wait for a mark"
            total += mark.points or 0.0
            continue
        wanted = one.shares.get(mark.name, one.rest)
        points = mark.points or 0.0
        if wanted is not None and points != round(mark.maximum * wanted, 2):
            return f"{mark.name}: {points:g} points, not {mark.maximum * wanted:.3g}"
        total += mark.points or 0.0
    remarks = " | ".join(remark["en"] for remark in result.remarks)
    if one.remark not in remarks:
        return f"no remark {one.remark!r} in {remarks!r}"
    for bad in ("could not be graded", "broke off"):
        if bad in remarks:
            return remarks
    lost = min(total, one.lost * lab.maximum)
    if abs(float(row["total"]) - (total - lost)) > 1e-4:
        return f"the table's total is {row['total']}, not {total - lost:g}"
    if bool(lost) != row["remarks"].startswith("late: "):
        return f"{lost:g} points for coming late, and the table says {row['remarks']!r}"
    return ""


def compare(
    made: list[HandIn], summary: Summary, places: Places, course: Course
) -> tuple[dict[str, Any], list[str]]:
    """Return a report on a run, and what is wrong."""
    by_number = {result.number: result for result in summary.results}
    text = places.table.read_text(encoding="utf-8-sig")
    rows = {row["number"]: row for row in csv.DictReader(io.StringIO(text))}
    problems, right = [], Counter[str]()
    for one in made:
        problem = wrong_with(
            one, by_number.get(one.number), rows.get(one.number), course.labs[one.lab]
        )
        right[one.group] += not problem
        if problem:
            problems.append(f"{one.group}, {one.kind} ({one.lab}, {one.number}): {problem}")
    missing = [one.number for one in made if one.number not in rows]
    extra = [
        row["student"] for number, row in rows.items() if number not in {m.number for m in made}
    ]
    problems += [f"a row for nobody: {student}" for student in extra]
    listed = [one for one in made if one.group != "named"]
    ids = {(one.name, by_number[one.number].student) for one in listed if one.number in by_number}
    if len(ids) != len({one.name for one in listed}):
        problems.append("a person is not one person in all labs")
    for one in made:
        page = places.feedback / by_number[one.number].student / f"{one.lab}.html" \
            if one.number in by_number else None  # fmt: skip
        if page is not None and not page.is_file():
            problems.append(f"no feedback: {one.kind}")
    seconds = sorted(result.seconds for result in summary.results)
    slowest = max(summary.results, key=lambda r: r.seconds)
    kinds = {one.number: one.kind for one in made}
    of_group = Counter(one.group for one in made)
    report = {
        "submissions": len(made),
        "labs": len({one.lab for one in made}),
        "persons": len({one.name for one in made}),
        "rows": len(rows),
        "missing": len(missing),
        "median seconds": round(seconds[len(seconds) // 2], 2),
        "slowest": {"kind": kinds.get(slowest.number, "?"), "seconds": round(slowest.seconds, 1)},
        "groups": {
            group: {
                "what": GROUPS[group][1],
                "kinds": len({one.kind for one in made if one.group == group}),
                "submissions": of_group[group],
                "as they must": right[group],
            }
            for group in GROUPS
        },
    }
    return report, problems


def _graded(
    course: Course, work: Path, made: list[HandIn]
) -> tuple[Summary, tuple[dict[str, Any], list[str]]]:
    """Write submissions and grade them; return also what `compare` finds."""
    places = Places(course.root, work / "marks", work / "build")
    places.work.mkdir(parents=True, exist_ok=True)
    shutil.rmtree(work / "handed in", ignore_errors=True)
    (places.work / "secret").write_text(course.secret, encoding="utf-8")
    labs = list(course.labs)
    write(work / "handed in", made, labs)
    places.deadlines.write_text(deadlines(made, labs), encoding="utf-8")
    listed = work / "participants.csv"
    listed.write_text(participants(made), encoding="utf-8")
    summary = grade(work / "handed in", places, participants=listed, bar=sys.stderr.isatty())
    return summary, compare(made, summary, places, course)


def run(
    root: Path,
    work: Path,
    count: int,
    seed: int = 1,
    *,
    chosen: Callable[[HandIn], bool] = lambda one: True,
) -> tuple[dict[str, Any], list[str]]:
    """Make submissions, grade them in one go, and return the report and what is wrong.

    Args:
        root: the repository.
        work: where the submissions and the marks go; what was graded there before and has not
            changed is not graded again.
        count: how many there are.
        seed: what they follow from.
        chosen: which of them are graded.
    """
    course = Course(root, f"hand-ins {seed}")
    made = [one for one in make(course, count, seed) if chosen(one)]
    summary, (report, problems) = _graded(course, work, made)
    runs = work / "runs.json"
    before = json.loads(runs.read_text(encoding="utf-8")) if runs.is_file() else []
    every = [*before, {"graded": summary.graded, "seconds": round(summary.seconds, 1)}]
    runs.write_text(json.dumps(every), encoding="utf-8")
    return {"seed": seed, **report, "runs": every}, problems


def under_load(root: Path, work: Path, seed: int, busy: int, count: int = 10) -> dict[str, Any]:
    """Grade a small class twice, the second time beside busy processes; return what differs.

    It is of the honest, messy and partial submissions of the labs that need no library to train
    with, examined one after the other, with the limits of every day.
    """
    small = ("01_addition", "02_sine", "03_airline")
    course = Course(root, f"hand-ins {seed}")
    groups = ("honest", "messy", "partial")
    made = [one for one in make(course, 80, seed) if one.lab in small and one.group in groups]
    made = made[:: max(1, len(made) // count)][:count]
    setting = Setting(sandbox.furnish(root, work / "course"), course.secret)
    runs: list[list[Result]] = []
    seconds, loads = [], []
    for beside in (0, busy):
        others = [
            subprocess.Popen([sys.executable, "-c", "while True:\n    pass"]) for _ in range(beside)
        ]
        started = time.monotonic()
        try:
            runs.append([_examined(one, course, setting, work) for one in made])
            loads.append(round(os.getloadavg()[0], 1))
        finally:
            for other in others:
                other.kill()
                other.wait()
        seconds.append(round(time.monotonic() - started))
    marks = [[t.points for result in run for t in result.tasks] for run in runs]
    remarks = [[result.remarks for result in run] for run in runs]
    return {
        "busy": busy,
        "submissions": len(made),
        "kinds": sorted({one.kind for one in made}),
        "marks": len(marks[0]),
        "differ": sum(a != b for a, b in zip(*marks, strict=True)),
        "remarks that differ": sum(a != b for a, b in zip(*remarks, strict=True)),
        "not final": sum(result.late for run in runs for result in run),
        "seconds": seconds,
        "load at the end": loads,
    }


def _examined(one: HandIn, course: Course, setting: Setting, work: Path) -> Result:
    """Examine one submission that is a notebook."""
    path = work / f"{one.number}.ipynb"
    path.write_bytes(next(iter(one.files.values())))
    handed = Handed(one.number, one.name, one.lab, path)
    return examine(handed, course.labs[one.lab], setting)[0]


def table(report: Mapping[str, Any]) -> str:
    """Return the report as Markdown."""
    lines = [
        "| hand-ins | what they are | kinds | submissions | every mark as it must be |",
        "|---|---|---:|---:|---:|",
    ]
    for group, row in report["groups"].items():
        counts = f"{row['kinds']} | {row['submissions']} | {row['as they must']}"
        lines.append(f"| {group} | {row['what']} | {counts} |")
    slow, runs = report["slowest"], report["runs"]
    again = f", {runs[1]['graded']} of them again in another run" if len(runs) > 1 else ""
    lines += [
        "",
        f"{report['submissions']} submissions of {report['labs']} labs by {report['persons']} "
        f"persons, graded in one go in {runs[0]['seconds'] / 60:.0f} minutes, two at once{again}: "
        f"{report['rows']} rows in the table, {report['missing'] or 'nobody'} missing. Half of "
        f"them took {report['median seconds']:.1f} s or less; the slowest ({slow['kind']}) "
        f"{slow['seconds']:.0f} s. ({report['machine']}, a machine that did other work as well.)",
    ]
    if load := report.get("load"):
        lines += [
            "",
            f"The same marks under load: {load['submissions']} of the honest, messy and partial "
            f"ones were graded twice, the second time beside {load['busy']} processes that did "
            f"nothing but compute ({load['seconds'][0]} s, then {load['seconds'][1]} s). Of "
            f"{load['marks']} marks {load['differ'] or 'none'} differed.",
        ]
    return "\n".join(lines)


def main() -> int:
    """Run the bench as the command line says; return 1 if anything was not as it must be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=positive, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", default="", help="kinds that hold this; nothing is written")
    parser.add_argument("--keep", type=Path, help="where submissions and marks stay")
    parser.add_argument("--small", type=positive, default=10, help="how many the small class is")
    parser.add_argument("--load", type=natural, default=0, help="the small class, beside so many")
    args = parser.parse_args()
    root = Path(__file__).resolve().parent.parent
    work = args.keep or Path(tempfile.mkdtemp(prefix="unrolled-hand-ins-"))
    known = json.loads(RESULTS.read_text(encoding="utf-8")) if RESULTS.is_file() else {}
    try:
        if args.load:
            found = under_load(root, work, args.seed, args.load, args.small)
            differ = ("differ", "remarks that differ", "not final")
            problems = [f"{found[what]} {what}" for what in differ if found[what]]
            report = {**known, "load": found}
            print(found)
        else:
            report, problems = run(
                root, work, args.count, args.seed, chosen=lambda one: args.only in one.kind
            )
            report["machine"] = f"{platform.machine()}, Python {platform.python_version()}"
            report |= {"problems": problems, **({"load": known["load"]} if "load" in known else {})}
            print(table(report))
    finally:
        if args.keep is None:
            shutil.rmtree(work, ignore_errors=True)
    for problem in problems:
        print(problem, file=sys.stderr)
    if "groups" in report and not args.only and args.count == 200:
        text = json.dumps(report, ensure_ascii=False, indent=1) + "\n"
        RESULTS.write_text(text, encoding="utf-8")
        put(RESULTS.parent / "RESULTS.md", "hand-ins", table(report))
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
