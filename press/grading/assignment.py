"""What a lab asks for: its exercises and open questions, their cells, their points."""

from __future__ import annotations

import ast
import copy
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from nbformat import NotebookNode

from press.grading.needs import checks_in
from press.notebooks.editions import Edition, render
from press.sources import source as src
from press.sources.source import Cell, Problem, Source, SourceError
from unrolled.exercises import Choice, Exercise, find
from unrolled.messages import LANGUAGES, Language

Kind = Literal["exercise", "choice", "question"]

#: What things are worth whose cells do not say it (``points: 6``): a function, by its hidden
#: cases (`press.grading.weights`); a multiple-choice question; an open question, marked by hand.
POINTS: dict[Kind, float] = {"exercise": 4, "choice": 2, "question": 4}

#: What stands in the read-only cell that holds an exercise's points.
POINTS_CELL = "# {points:g} points: hidden cases of {name} are run when the lab is graded."


@dataclass(frozen=True)
class Task:
    """One thing to do, for points.

    Attributes:
        kind: a function to write, a letter to choose, or a text to write.
        name: the exercise's name; of an open question, the id of its cell.
        cell: the id of the cell to fill in; nbgrader's grade id of it, too.
        points: the most that it brings.
        target: the variable that the check cell checks.
        stub: the cell as students get it, in each language.
        title: the heading above it, in each language.
    """

    kind: Kind
    name: str
    cell: str
    points: float
    target: str
    stub: dict[Language, str]
    title: dict[Language, str]

    @property
    def grade(self) -> str:
        """Nbgrader's grade id of the cell that holds the points."""
        return self.cell if self.kind == "question" else f"{self.cell}-points"

    @property
    def exercise(self) -> Exercise | Choice:
        """The exercise itself.

        Raises:
            ValueError: the task is an open question.
        """
        return find(self.name)


@dataclass(frozen=True)
class Assignment:
    """A lab as it is given out.

    Attributes:
        lab: its name, for instance ``03_airline``.
        number: its number, ``03``.
        slug: its name without the number.
        tasks: in the notebook's order.
        notebooks: what students get, with nbgrader's metadata, in each language.
    """

    lab: str
    number: str
    slug: str
    tasks: tuple[Task, ...]
    notebooks: dict[Language, NotebookNode]

    def offered(self, cell: str) -> set[str]:
        """Return the names in the code spans of the text right above an exercise's cell."""
        notebook = self.notebooks["en"]
        found: set[str] = set()
        for one in notebook.cells:
            if one.id == cell:
                return found
            if one.cell_type == "code":
                found = set()
            else:
                spans = re.findall(r"`([^`]+)`", one.source)
                found |= {name for span in spans for name in re.findall(r"\w+", span)}
        return set()

    @property
    def maximum(self) -> float:
        """The sum of all points."""
        return sum(task.points for task in self.tasks)


def assignments(root: Path) -> list[Assignment]:
    """Return the assignments of all labs below ``root``."""
    return [read(path) for path in src.find(root) if path.parent.name == "labs"]


def read(path: Path) -> Assignment:
    """Return the assignment of a lab; a source that has not changed is read once in a process.

    Args:
        path: the lab's source.

    Raises:
        SourceError: there is no exercise of a name that a cell says.
    """
    found = _read(path, path.read_bytes())
    return replace(found, notebooks=copy.deepcopy(found.notebooks))


@lru_cache(maxsize=64)
def _read(path: Path, content: bytes) -> Assignment:
    source = src.read(path)
    tasks, problems = _tasks(source), []
    for task in tasks:
        if task.kind == "question":
            continue
        exercise = task.exercise
        if isinstance(exercise, Exercise):
            home = exercise.reference.__module__
            if home.startswith("unrolled") and not home.startswith("unrolled.exercises."):
                text = (
                    f"the reference of {task.name} lies in {home}, which submissions can import "
                    "while they are graded: define it in unrolled/exercises"
                )
                line = next(c.line for c in source.cells if c.id == task.cell)
                problems.append(Problem(path, line, text))
    if problems:
        raise SourceError(problems)
    notebooks = {lang: _release(source, lang, tasks) for lang in LANGUAGES}
    return Assignment(source.name, source.number, source.slug, tuple(tasks), notebooks)


def _tasks(source: Source) -> list[Task]:
    tasks, problems = [], []

    def worth(kind: Kind, cell: Cell) -> float:
        return float(cell.metadata.get("points", POINTS[kind]))

    student: dict[Language, dict[str, str]] = {
        lang: {c.id: c.source for c in render(source, Edition(lang, "student")).cells}
        for lang in LANGUAGES
    }
    title: dict[Language, str] = {"pl": source.title["pl"], "en": source.title["en"]}
    for cell in source.cells:
        title = _heading(cell) or title
        stub = {lang: student[lang].get(cell.id, "") for lang in LANGUAGES}
        if cell.kind == "markdown" and src.BEGIN_PROSE in cell.text["en"]:
            tasks.append(
                Task("question", cell.id, cell.id, worth("question", cell), "", stub, title)
            )
        elif cell.exercise:
            name, target = cell.exercise, src.answered(cell.code)
            assert target is not None  # the source has been checked
            try:
                kind: Kind = "choice" if isinstance(find(name), Choice) else "exercise"
            except ValueError as error:
                problems.append(Problem(source.path, cell.line, str(error)))
                continue
            variable = target.id if isinstance(target, ast.Name) else target.name
            tasks.append(Task(kind, name, cell.id, worth(kind, cell), variable, stub, title))
    if problems:
        raise SourceError(problems)
    return tasks


def _heading(cell: Cell) -> dict[Language, str] | None:
    """Return a prose cell's first heading in each language."""
    found = {lang: re.search(r"^#+ +(.+)$", cell.text.get(lang, ""), re.M) for lang in LANGUAGES}
    return {lang: match[1].strip() for lang, match in found.items() if match} or None


def find_check(code: str) -> tuple[str, str] | None:
    """Return name and variable of a call ``check("lab/exercise", variable)`` in ``code``."""
    try:
        found = checks_in(ast.parse(code))
    except SyntaxError:
        return None
    return next(((name, given) for name, given in found if given.isidentifier()), None)


def _release(source: Source, language: Language, tasks: list[Task]) -> NotebookNode:
    """Return the student edition with nbgrader's metadata and the cells that hold the points."""
    notebook = render(source, Edition(language, "student"))
    by_cell = {task.cell: task for task in tasks}
    checks = {task.name: task for task in tasks if task.kind != "question"}
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        task = by_cell.get(cell.id)
        if task is not None:
            own = task.kind == "question"
            cell.metadata["nbgrader"] = _metadata(
                task.cell, grade=own, solution=True, points=task.points if own else None
            )
        checked = find_check(cell.source) if cell.cell_type == "code" else None
        if checked and checked[0] in checks:
            task = checks.pop(checked[0])
            cells.append(_points_cell(task, cell))
    notebook.cells = cells
    return notebook


def _points_cell(task: Task, like: NotebookNode) -> NotebookNode:
    cell = copy.deepcopy(like)
    cell.id = task.grade
    cell.source = POINTS_CELL.format(points=task.points, name=task.name)
    cell.metadata.clear()
    cell.metadata.update(
        {
            "deletable": False,
            "editable": False,
            "nbgrader": _metadata(task.grade, grade=True, solution=False, points=task.points),
        }
    )
    return cell


def _metadata(
    grade_id: str, *, grade: bool, solution: bool, points: float | None
) -> dict[str, Any]:
    metadata: dict[str, Any] = {
        "grade": grade,
        "grade_id": grade_id,
        "locked": grade and not solution,
        "schema_version": 3,
        "solution": solution,
        "task": False,
    }
    if points is not None:
        metadata["points"] = points
    return metadata
