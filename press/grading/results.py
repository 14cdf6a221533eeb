"""What grading a submission found, and keeping it so that a killed run loses nothing."""

from __future__ import annotations

import json
import os
import re
import shlex
from collections.abc import Collection
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from unrolled.messages import LANGUAGES, Language, Message

Texts = dict[Language, str]


def texts(message: Message) -> Texts:
    """Return a message as data."""
    return dict(message.texts)


@dataclass
class CaseMark:
    """One hidden case: whether it went right, how, and with which sizes."""

    ok: bool
    text: Texts
    call: str = ""


@dataclass
class TaskMark:
    """What one task brought.

    Attributes:
        name: the exercise's name, or the cell's id of an open question.
        kind: "exercise", "choice" or "question".
        cell: nbgrader's grade id of the cell that students fill in.
        grade: nbgrader's grade id of the cell that holds the points.
        maximum: the most that it brings.
        points: what it brought; None waits for a mark by hand.
        cases: the hidden cases, in order.
        right: the weight of the kinds of cases that went right, see `press.grading.weights`.
        weight: that of all kinds.
        note: what there is to say about all of them.
        answer: a digest of what was handed in for it.
        text: what was handed in for it: the code, or the prose; its beginning, if it is long.
        title: the heading above it.
    """

    name: str
    kind: str
    cell: str
    grade: str
    maximum: float
    points: float | None = 0.0
    cases: list[CaseMark] = field(default_factory=list)
    right: float = 0.0
    weight: float = 0.0
    note: Texts | None = None
    answer: str = ""
    text: str = ""
    title: Texts = field(default_factory=dict)


#: In what is said of a case: where the largest difference is, and how large it is.
_PLACE = re.compile(
    r"(; (najdalej od właściwej jest|the farthest off is)( \[[^\]]*\])?)?"
    r" \((o|by|różni się o|off by) [\d.,e+-]+\)"
)


def way(text: str) -> str:
    """Return how a case went wrong, without the place and the size of the difference."""
    return _PLACE.sub("", text)


def spans(numbers: list[int]) -> str:
    """Return ascending numbers as text: ``1–3, 7``."""
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(r[0]) if len(r) == 1 else f"{r[0]}–{r[-1]}" for r in runs)


@dataclass
class Result:
    """What grading one submission found.

    Attributes:
        student: the student's id.
        name: the student's name as the file or folder had it.
        lab: the lab's name.
        language: of the notebook.
        digest: of everything that the result depends on.
        tasks: in the notebook's order.
        remarks: on the whole notebook.
        seconds: how long it took.
        reopened: grade ids whose answers differ from those of an earlier submission, so that a
            mark by hand must be looked at again.
        stored: whether the gradebook has it.
        late: whether a limit of time was passed, so that it is not final.
        number: Moodle's number of the participant in this assignment, or nothing.
        unreadable: of a result that stands in for a file that cannot be read: which file, why, and
            what to do. It has no tasks of its own, and is never saved.
    """

    student: str
    name: str
    lab: str
    language: Language
    digest: str
    tasks: list[TaskMark]
    remarks: list[Texts] = field(default_factory=list)
    seconds: float = 0.0
    reopened: list[str] = field(default_factory=list)
    stored: bool = False
    late: bool = False
    number: str = ""
    unreadable: str = ""

    def save(self, path: Path) -> None:
        """Write the result; a reader finds the old file or the new one, never half of one."""
        data = asdict(self)
        if data.pop("unreadable"):
            raise ValueError(f"{self.student}, {self.lab}: only stands in for what cannot be read")
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(data, ensure_ascii=False, indent=1) + "\n")

    @classmethod
    def load(cls, path: Path) -> Result | None:
        """Return the saved result, or None if there is none that can be read."""
        try:
            return cls.read(path)
        except (OSError, ValueError):
            return None

    @classmethod
    def read(cls, path: Path) -> Result:
        """Return the saved result.

        Raises:
            OSError: there is none, or it may not be read.
            ValueError: it is no result.
        """
        try:
            return cls.of(json.loads(path.read_text(encoding="utf-8")))
        except KeyError as error:
            raise ValueError(f"it has no {error}") from error
        except (TypeError, AttributeError, RecursionError) as error:
            raise ValueError("it is no result") from error

    @classmethod
    def of(cls, data: dict[str, Any]) -> Result:
        """Return the result that ``data`` describe.

        Fields that this version of the course does not know are left out: another version, checked
        out for a while, may have written them.

        Raises:
            KeyError, TypeError, ValueError: something is missing, or is of another kind.
        """
        tasks = []
        for task in data["tasks"]:
            cases = [_made(CaseMark, case) for case in task["cases"]]
            tasks.append(_made(TaskMark, {**task, "cases": cases}))
        made = _made(cls, {**data, "tasks": tasks})
        for name in ("student", "name", "lab", "digest"):
            if not isinstance(getattr(made, name), str):
                raise ValueError(f"its {name} is no text")
        if made.language not in LANGUAGES:
            raise ValueError(f"its language is {made.language!r}")
        return made


def _made(kind: type[Any], data: dict[str, Any]) -> Any:
    """Return a dataclass with what is known of ``data``."""
    names = {known.name for known in fields(kind)}
    return kind(**{name: value for name, value in data.items() if name in names})


def load_all(folder: Path) -> list[Result]:
    """Return all results of a folder ``<student>/<lab>.json``, sorted by lab and student.

    For a file that cannot be read stands a result that says so (`Result.unreadable`): nobody is
    lost with it.
    """
    found = []
    for path in sorted(folder.glob("*/*.json")):
        try:
            found.append(Result.read(path))
        except (OSError, ValueError) as error:
            student, lab = path.parent.name, path.stem
            why = error.strerror if isinstance(error, OSError) else error
            told = (
                f"{path} cannot be read ({why}). The row of {student} has what the gradebook "
                f"knows. Grade it again: make grade AGAIN={shlex.quote(student)}"
            )
            remark: Texts = {
                "pl": "wyniku sprawdzania nie da się odczytać: trzeba sprawdzić jeszcze raz",
                "en": "the result of grading cannot be read: grade this student again",
            }
            stands = Result(student, student, lab, "pl", "", [], [remark], unreadable=told)
            found.append(stands)
    return sorted(found, key=lambda result: (result.lab, result.student))


def problems(results: list[Result], labs: Collection[str]) -> list[str]:
    """Return what keeps results out of the pages: files that cannot be read, labs that are not.

    Args:
        results: as `load_all` returns them.
        labs: the names of the labs that there are.
    """
    told = [result.unreadable for result in results if result.unreadable and result.lab in labs]
    for lab in sorted({result.lab for result in results} - set(labs)):
        rows = sum(result.lab == lab for result in results)
        told.append(
            f"the course has no lab {lab}: its results ({rows}) are kept, but are in no table. "
            "Is an older or another state of the repository checked out?"
        )
    return told


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is complete or not there; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_bytes(content.encode() if isinstance(content, str) else content)
    fresh.replace(path)
