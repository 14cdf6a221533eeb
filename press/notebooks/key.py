"""The key of execution: what the outputs of a source depend on, as one digest.

The outputs hold while everything is the same that the run used: the code of the cells, the modules
of `unrolled` that were loaded, the data that was read, the words that its figures and tables show,
and the versions of the libraries that computed them. `press.notebooks.trace` records
what that was; the record is kept in the notebook, so that the key can be asked for without a run.

What does not enter, and why:

- docstrings and comments of modules: they compute nothing. They are compared as syntax trees. (If
  a module's code was *read* in the run, to be shown, all of its text enters.)
- entries of the catalogue that nothing showed.
- hints and mistakes (`unrolled/exercises/*.md`): an executed edition says ✓ only, which
  `press.notebooks.execute.run` makes sure of.
- how the data sets of the full mode are fetched and read (`FETCHING`): an executed edition is of
  the small mode, which reads none of them.
- Python's version: the course promises to work on every Python from 3.11 on, whose outputs
  `make test` compares with those that are kept. With it in the key, the first command that a reader
  with another Python gives would say that all notebooks are out of date.
"""

from __future__ import annotations

import ast
import hashlib
import re
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any

from nbformat import NotebookNode

from press.notebooks.trace import LIBRARIES
from unrolled.words import template

#: The catalogue of labels; of its two tables only the entries that were shown count.
CATALOGUE = "unrolled/words.py"
_TABLES = ("WORDS", "NEUTRAL")

#: What fetches and reads the data sets of the full mode.
FETCHING = frozenset(
    f"unrolled/data/{name}.py" for name in ("datasets", "download", "transfer", "word_tests")
)

#: Distributions that are pinned for a library, where the names differ.
_DISTRIBUTIONS = {"tensorflow": ("tensorflow", "tensorflow-cpu")}


@dataclass(frozen=True)
class Used:
    """What a run used.

    Attributes:
        files: data files, as paths from the root.
        libraries: names in `press.notebooks.trace.LIBRARIES`.
        modules: modules of the course, as paths from the root.
        words: templates of the labels shown (`unrolled.words.template`).
    """

    files: tuple[str, ...] = ()
    libraries: tuple[str, ...] = ()
    modules: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @classmethod
    def of(cls, record: dict[str, Any]) -> Used:
        """Return what `press.notebooks.trace.stop` recorded, or what a notebook keeps of it."""
        names = {name: tuple(record.get(name, ())) for name in cls.__dataclass_fields__}
        names["files"] = tuple(name for name in names["files"] if not _for_a_check(name))
        names["modules"] = tuple(name for name in names["modules"] if name not in FETCHING)
        return cls(**names)

    def record(self) -> dict[str, list[str]]:
        """Return it as a notebook keeps it."""
        return {name: list(values) for name, values in asdict(self).items()}


def _for_a_check(path: str) -> bool:
    """Whether a file is read only to find out which mistake an answer makes."""
    return path.startswith("unrolled/exercises/")


def key(notebook: NotebookNode, used: Used, root: Path) -> str:
    """Return the key of a notebook's execution.

    Args:
        notebook: an executed edition; its outputs do not matter.
        used: what its run used.
        root: the root of the repository.

    Returns:
        16 hexadecimal digits. A file that is gone counts as a change.
    """
    digest = hashlib.sha256()

    def add(what: str, value: str | bytes) -> None:
        data = value.encode() if isinstance(value, str) else value
        digest.update(f"{what}\0{len(data)}\0".encode() + data)

    for cell in notebook.cells:
        if cell.cell_type == "code":
            add("cell", cell.source)
    for name in sorted(used.modules):
        add(f"module {name}", _module(root / name, name))
    for name in sorted(used.files):
        path = root / name
        add(f"file {name}", path.read_bytes() if path.is_file() else b"gone")
    if used.words:
        words, neutral = catalogue(root / CATALOGUE)
        for label in sorted(used.words):
            add(f"word {label}", _entries(label, words, neutral))
    versions = pins(root)
    for name in sorted(used.libraries):
        add(f"library {name}", versions.get(name, "any"))
    return digest.hexdigest()[:16]


# Modules -----------------------------------------------------------------------------------


def _module(path: Path, name: str) -> str:
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return "gone"
    return _tree(text, name == CATALOGUE)


@cache
def _tree(text: str, is_catalogue: bool) -> str:
    """Return what a module's text computes, in a form that is the same in every Python.

    `ast.dump` and `ast.unparse` are not: each version adds fields or sets quotes differently.
    """
    try:
        tree = ast.parse(text)
    except SyntaxError:
        return text
    if is_catalogue:
        tree.body = [node for node in tree.body if _table(node) is None]
    return repr(_plain(tree))


def _plain(node: Any) -> Any:
    if isinstance(node, list):
        return [_plain(item) for item in node]
    if not isinstance(node, ast.AST):
        return node
    body = getattr(node, "body", None)
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bare = isinstance(node, documented) and body and _is_text(body[0])
    fields = []
    for field in node._fields:
        value: Any = getattr(node, field, None)
        if field == "body" and bare:
            value = value[1:]
        if field == "values" and isinstance(node, ast.JoinedStr):  # how a text is cut varies
            value = [v for v in value if not (isinstance(v, ast.Constant) and v.value == "")]
        if value not in (None, []) or isinstance(node, ast.Constant):
            fields.append((field, _plain(value)))
    return (type(node).__name__, *fields)


def _is_text(node: ast.stmt) -> bool:
    """Whether a statement is a text alone: a docstring."""
    return (
        isinstance(node, ast.Expr)
        and isinstance(node.value, ast.Constant)
        and isinstance(node.value.value, str)
    )


# Words -------------------------------------------------------------------------------------


def _table(node: ast.stmt) -> tuple[str, ast.expr] | None:
    """Return the name and the value of one of the catalogue's tables, if a statement sets it."""
    target: ast.expr
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        target, value = node.target, node.value
    elif isinstance(node, ast.Assign) and len(node.targets) == 1:
        target, value = node.targets[0], node.value
    else:
        return None
    if isinstance(target, ast.Name) and target.id in _TABLES:
        return target.id, value
    return None


def catalogue(path: Path) -> tuple[dict[str, str], frozenset[str]]:
    """Return the catalogue's labels with their Polish, and its neutral names, as a file has them.

    Raises:
        ValueError: the file does not set both tables.
    """
    return _catalogue(path.read_text(encoding="utf-8"))


@cache
def _catalogue(text: str) -> tuple[dict[str, str], frozenset[str]]:
    found: dict[str, Any] = {}
    for node in ast.parse(text).body:
        if table := _table(node):
            name, value = table
            if isinstance(value, ast.Call):  # frozenset([…])
                value = value.args[0]
            found[name] = ast.literal_eval(value)
    if missing := [name for name in _TABLES if name not in found]:
        raise ValueError(f"{CATALOGUE} sets no {' and no '.join(missing)}")
    return found["WORDS"], frozenset(found["NEUTRAL"])


@cache
def _template(text: str) -> str:
    return template(text)  # a thousand entries, asked for each label that was shown


def _entries(label: str, words: dict[str, str], neutral: Iterable[str]) -> str:
    """Return all that the catalogue says of a label: its entries for single numbers too."""
    said = sorted(item for item in words.items() if _template(item[0]) == label)
    names = sorted(set(re.findall(r"[^\W\d_]{2,}", label)) & set(neutral))
    return repr((said, names))


# Libraries ---------------------------------------------------------------------------------


def pins(root: Path) -> dict[str, str]:
    """Return the version of each library in `trace.LIBRARIES` that constraints.txt pins."""
    path = root / "constraints.txt"
    if not path.is_file():
        return {}
    pinned = {}
    for row in path.read_text(encoding="utf-8").splitlines():
        name, equals, version = row.partition("==")
        if equals:
            pinned[re.sub(r"[-_.]+", "-", name.strip().lower())] = version.split()[0]
    found = {}
    for library in LIBRARIES:
        for name in _DISTRIBUTIONS.get(library, (library,)):
            if name in pinned:
                found[library] = pinned[name]
    return found


def unlike_pins(root: Path) -> list[str]:
    """Return the libraries that are installed in another version than the one that is pinned.

    What they compute would be kept under the pinned version's key.
    """
    wrong = []
    for library, wanted in pins(root).items():
        for name in _DISTRIBUTIONS.get(library, (library,)):
            try:
                installed = metadata.version(name).partition("+")[0]  # 2.13.0+cpu
            except metadata.PackageNotFoundError:
                continue
            if installed != wanted:
                wrong.append(f"{name} {installed} is installed, constraints.txt pins {wanted}")
    return wrong
