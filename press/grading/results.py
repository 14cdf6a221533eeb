"""What grading a submission found, and keeping it so that a killed run loses nothing."""

from __future__ import annotations

import json
import os
import re
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from unrolled.messages import Language, Message

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

    def save(self, path: Path) -> None:
        """Write the result; a reader finds the old file or the new one, never half of one."""
        path.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(asdict(self), ensure_ascii=False, indent=1)
        write_whole(path, text + "\n")

    @classmethod
    def load(cls, path: Path) -> Result | None:
        """Return the saved result, or None if there is none that can be read."""
        try:
            return cls.of(json.loads(path.read_text(encoding="utf-8")))
        except (OSError, ValueError, TypeError, KeyError):
            return None

    @classmethod
    def of(cls, data: dict[str, Any]) -> Result:
        """Return the result that ``data`` describe."""
        tasks = []
        for task in data["tasks"]:
            cases = [CaseMark(**case) for case in task["cases"]]
            tasks.append(TaskMark(**{**task, "cases": cases}))
        return cls(**{**data, "tasks": tasks})


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file so that it is complete or not there; only its owner may read it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600)
    fresh.write_bytes(content.encode() if isinstance(content, str) else content)
    fresh.replace(path)
