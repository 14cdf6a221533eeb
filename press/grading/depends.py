"""What the marks of a lab depend on, beside the notebooks: so much is graded again, and no more.

The grader's own code, from the process that grades a submission on; the exercises of the lab, with
their hints, which are on the students' pages; what all these and the cells of the lab's notebook
import of the course, as far as that goes on; the weights of the lab's cases. What another lab has,
and pages and tables, which are written at every run, do not belong to it.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import nbformat

from press import HOUSE
from press.grading import weights
from press.grading.assignment import Assignment
from press.grading.examiner import Setting
from press.grading.needs import parse

#: The packages whose modules are followed, and the module that grades.
_FOLLOWED = ("unrolled", "press.grading")
_GRADER = "press.grading.shards"
_INSIDE = "press.grading.inside"


def files(lab: Assignment, root: Path) -> list[Path]:
    """Return the files on which the marks of a lab depend, sorted.

    Args:
        lab: the lab.
        root: the repository, for the course's modules; the grader's are those of this package.
    """
    slugs = {task.name.partition("/")[0] for task in lab.tasks if task.kind != "question"}
    inside = (HOUSE / "press" / "grading" / "inside").glob("*.py")
    names = [_GRADER, *(f"{_INSIDE}.{path.stem}" for path in inside)]
    names += [f"unrolled.exercises.{slug}" for slug in slugs]
    for notebook in lab.notebooks.values():
        for cell in notebook.cells:
            if cell.cell_type == "code" and (tree := parse(cell.source)) is not None:
                names += _imported(tree)
    found = _closure(names, root)
    found |= {root / "unrolled" / "exercises" / f"{slug}.md" for slug in slugs}
    return sorted(path for path in found if path.is_file())


def version(lab: Assignment, root: Path, setting: Setting) -> str:
    """Return a digest of what every result of a lab depends on.

    Args:
        lab: the lab.
        root: the repository.
        setting: what all submissions have in common; where its ``course`` lies counts for nothing.
    """
    digest = hashlib.sha256(f"{setting.secret} {setting.limits} {setting.sandboxed}".encode())
    for notebook in lab.notebooks.values():
        digest.update(nbformat.writes(notebook).encode())
    for task in lab.tasks:
        digest.update(f"{task.name} {task.points} {weights.written(task.name)}".encode())
    for path in files(lab, root):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _closure(names: Iterable[str], root: Path) -> set[Path]:
    """Return the files of modules, and of all that they import of the packages that are followed.

    An import inside of a function counts as any other.
    """
    todo, found = list(names), set[Path]()
    while todo:
        parts = todo.pop().split(".")
        for length in range(1, len(parts) + 1):  # a module's packages are imported with it
            name = ".".join(parts[:length])
            path = _path(name, root)
            if path is not None and path not in found:
                found.add(path)
                todo += _imports(path.read_text(encoding="utf-8"))
    return found


def _path(name: str, root: Path) -> Path | None:
    """Return the file of a module that is followed; None for all else, a class, say."""
    if not any(name == package or name.startswith(f"{package}.") for package in _FOLLOWED):
        return None
    place = (HOUSE if name.startswith("press.") else root) / Path(*name.split("."))
    candidates = (place.with_suffix(".py"), place / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


@cache
def _imports(text: str) -> tuple[str, ...]:
    return tuple(_imported(ast.parse(text)))  # most labs share most modules


def _imported(tree: ast.AST) -> Iterator[str]:
    """Yield the names that may be modules in what is imported anywhere in a piece of code."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)
