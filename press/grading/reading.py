"""A submission's cells, however broken its file is, and which of them answers what."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from press.grading.assignment import Assignment, Task
from press.grading.needs import checks_in, parse
from unrolled.messages import LANGUAGES, Language, Message

#: No file may be larger (bytes); no notebook without its outputs, which are left out of a file that
#: is larger than that; none may have more cells.
LARGEST_FILE = 200 << 20
LARGEST_NOTEBOOK = 20 << 20
MOST_CELLS = 2000

#: What matters of JSON to whoever looks for outputs. A quotation mark alone never ends.
_TOKEN = re.compile(
    r"""(?P<outputs>"outputs"\s*+:\s*+\[)|"[^"\\]*+(?:\\.[^"\\]*+)*+"|(?P<sign>[\[\]{}"])""", re.S
)


class UnreadableError(Exception):
    """The file is not a notebook; the message says why, in both languages.

    Attributes:
        message: the reason, to be read after “notebook could not be read: ”.
    """

    def __init__(self, *, pl: str, en: str) -> None:
        super().__init__(en)
        self.message = Message(pl=pl, en=en)


@dataclass
class Written:
    """One cell of a submission.

    Attributes:
        kind: "code" or "markdown".
        source: its text.
        id: its id, or an empty string.
        grade_id: nbgrader's id in its metadata, or an empty string.
        outputs: as they stand in the file: anything.
        attachments: pictures pasted into it: anything.
    """

    kind: str
    source: str
    id: str = ""
    grade_id: str = ""
    outputs: Any = None
    attachments: Any = None


@dataclass
class Submission:
    """A notebook that was handed in.

    Attributes:
        cells: its cells, in order.
        language: the language of its edition.
        place: for each task (by cell id), the index of the cell that answers it.
        given: indices of the cells that were there when the notebook was given out.
        remarks: what a marker and the student should know.
    """

    cells: list[Written]
    language: Language
    place: dict[str, int] = field(default_factory=dict)
    given: set[int] = field(default_factory=set)
    remarks: list[Message] = field(default_factory=list)


def read(content: bytes, assignment: Assignment) -> Submission:
    """Read a submission.

    Raises:
        UnreadableError: it is not a notebook.
    """
    document, remarks = parse_notebook(content)
    cells = list(_cells(document))
    if not cells:
        raise UnreadableError(pl="nie ma w nim ani jednej komórki", en="it has no cells")
    submission = Submission(cells, _language(document, cells, assignment), remarks=remarks)
    submission.given = _given(cells, assignment)
    _place(submission, assignment)
    for task in assignment.tasks:
        if task.kind == "question":
            _place_elsewhere(submission, task, assignment)
    return submission


def _given(cells: list[Written], assignment: Assignment) -> set[int]:
    """Return the indices of the cells that the release has: by id, or by their text."""
    released = [cell for notebook in assignment.notebooks.values() for cell in notebook.cells]
    ids = {cell.id for cell in released}
    texts = {cell.source.strip() for cell in released}
    seen: set[str] = set()
    given = set()
    for index, cell in enumerate(cells):
        own = {cell.id, cell.grade_id} & ids
        if (own and not own & seen) or cell.source.strip() in texts:
            given.add(index)
            seen |= own
    return given


def parse_notebook(content: bytes) -> tuple[dict[str, Any], list[Message]]:
    """Return the JSON object in a file, and remarks on its encoding.

    Raises:
        UnreadableError: it holds no JSON object.
    """
    if not content.strip(b"\0 \t\r\n"):
        raise UnreadableError(pl="plik jest pusty", en="the file is empty")
    if len(content) > LARGEST_FILE:
        most = LARGEST_FILE >> 20
        raise UnreadableError(
            pl=f"plik ma ponad {most} MB; wyczyść wyniki komórek i oddaj go jeszcze raz",
            en=f"the file has more than {most} MB; clear the outputs and hand it in again",
        )
    text, encoding = _decoded(content)
    remarks = []
    if len(content) > LARGEST_NOTEBOOK:
        text, size = _without_outputs(text), len(content) >> 20
        if len(text) > LARGEST_NOTEBOOK:
            most = LARGEST_NOTEBOOK >> 20
            raise UnreadableError(
                pl=f"plik ma ponad {most} MB także bez wyników komórek",
                en=f"the file has more than {most} MB even without the outputs",
            )
        remarks.append(
            Message(
                pl=f"plik ma {size} MB; pominięto wyniki komórek",
                en=f"the file has {size} MB; the outputs were left out",
            )
        )
    if encoding != "UTF-8":
        remarks.append(
            Message(
                pl=f"plik jest zapisany w kodowaniu {encoding}, a nie UTF-8",
                en=f"the file is encoded as {encoding}, not UTF-8",
            )
        )
    try:
        document = json.loads(text, strict=False)
    except (ValueError, RecursionError) as error:
        why = str(error) or type(error).__name__
        if text.lstrip().startswith(("<!DOCTYPE", "<html", "<HTML")):
            why = "HTML"
        raise UnreadableError(
            pl=f"to nie jest poprawny JSON ({why[:120]})", en=f"it is not valid JSON ({why[:120]})"
        ) from error
    if not isinstance(document, dict):
        raise UnreadableError(
            pl="to JSON, ale nie notatnik", en="it is JSON, but not that of a notebook"
        )
    return document, remarks


def _without_outputs(text: str) -> str:
    """Return JSON with all lists of outputs empty; what they hold is never built in memory."""
    kept: list[str] = []
    start = depth = 0  # of what is kept next; of brackets inside of outputs
    for token in _TOKEN.finditer(text):
        sign = token["outputs"] or token["sign"]
        if sign == '"':
            break  # it is not JSON
        if depth == 0 and token["outputs"]:
            kept.append(text[start : token.end()])
            depth = 1
        elif depth and sign:
            depth += -1 if sign in "]}" else 1
            if depth == 0:
                start = token.start()
    if depth == 0:
        kept.append(text[start:])
    return "".join(kept)


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return content.decode("utf-16", errors="replace"), "UTF-16"
    try:
        return content.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        return content.decode("cp1250", errors="replace"), "Windows-1250"


def _cells(document: dict[str, Any]) -> Iterator[Written]:
    """Yield what can be taken for cells; version 3 keeps them in worksheets."""
    raw = document.get("cells")
    if not isinstance(raw, list):
        sheets = document.get("worksheets")
        sheets = sheets if isinstance(sheets, list) else []
        inner = [s.get("cells") for s in sheets if isinstance(s, dict)]
        raw = [cell for cells in inner if isinstance(cells, list) for cell in cells]
    for cell in raw[:MOST_CELLS]:
        if not isinstance(cell, dict):
            continue
        kind = cell.get("cell_type")
        text = cell.get("source", cell.get("input", ""))
        if isinstance(text, list):
            text = "".join(part for part in text if isinstance(part, str))
        if not isinstance(text, str):
            text = ""
        metadata = cell.get("metadata")
        metadata = metadata if isinstance(metadata, dict) else {}
        graded = metadata.get("nbgrader")
        graded = graded if isinstance(graded, dict) else {}
        yield Written(
            kind="code" if kind == "code" else "markdown",
            source=text.replace("\0", "").encode("utf-8", "replace").decode("utf-8"),
            id=str(cell.get("id") or ""),
            grade_id=str(graded.get("grade_id") or ""),
            outputs=cell.get("outputs"),
            attachments=cell.get("attachments"),
        )


def _language(document: dict[str, Any], cells: list[Written], assignment: Assignment) -> Language:
    """Return a notebook's language: as it says, or that of the edition it shares most text with."""
    metadata = document.get("metadata")
    said = metadata.get("language") if isinstance(metadata, dict) else None
    if said in LANGUAGES:
        return said
    texts = {cell.source.strip() for cell in cells if cell.kind == "markdown"}

    def shared(language: Language) -> int:
        prose = assignment.notebooks[language].cells
        return sum(c.source.strip() in texts for c in prose if c.cell_type == "markdown")

    return max(LANGUAGES, key=shared)


def same(one: str, other: str) -> bool:
    """Whether two cells hold the same text, white space at the ends of lines apart."""

    def plain(text: str) -> list[str]:
        return [row.rstrip() for row in text.strip().splitlines()]

    return plain(one) == plain(other)


def is_stub(task: Task, text: str) -> bool:
    """Whether a cell still is what was given out, or says no more than that.

    What was given out and has lost its docstring or its comments, or was typed again, is a
    definition that only raises `NotImplementedError`; below a solution it must not undo it.
    """
    return any(same(text, stub) for stub in task.stub.values()) or _unwritten(text)


def _unwritten(text: str) -> bool:
    """Whether code is nothing but functions that are not implemented."""
    if "NotImplementedError" not in text:
        return False
    try:
        tree = ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False
    return bool(tree.body) and all(
        isinstance(node, ast.FunctionDef) and _not_implemented(node.body) for node in tree.body
    )


def _not_implemented(body: list[ast.stmt]) -> bool:
    if isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]  # the docstring
    if len(body) != 1 or not isinstance(body[0], ast.Raise) or body[0].exc is None:
        return False
    raised = body[0].exc.func if isinstance(body[0].exc, ast.Call) else body[0].exc
    return isinstance(raised, ast.Name) and raised.id == "NotImplementedError"


def _place(submission: Submission, assignment: Assignment) -> None:
    """Find the cell that answers each task."""
    for task in assignment.tasks:
        kind = "markdown" if task.kind == "question" else "code"
        named = [
            i
            for i, cell in enumerate(submission.cells)
            if cell.kind == kind and task.cell in (cell.grade_id, cell.id)
        ]
        written = [i for i in named if not is_stub(task, submission.cells[i].source)]
        # Of several cells, one that still says “not implemented” gives way to one that does not.
        written.sort(
            key=lambda i: ("raise NotImplementedError" not in submission.cells[i].source, i)
        )
        if len(named) > 1:
            submission.remarks.append(
                Message(
                    pl=f"komórka {task.cell} występuje {len(named)} razy; "
                    "liczy się ostatnia wypełniona",
                    en=f"cell {task.cell} is there {len(named)} times; "
                    "the last one filled in counts",
                )
            )
        if task.kind == "question":
            found = written or named or _asking(submission, task)
            if not named and found:
                written = found
        else:
            # A cell that has lost its id is known by what it defines.
            found = written or _defining(submission, task, set(named)) or named
        if found:
            submission.place[task.cell] = found[-1]
        if not named:
            submission.remarks.append(_lost(task, bool(found)))


def _place_elsewhere(submission: Submission, task: Task, assignment: Assignment) -> None:
    """Where nothing was written in or below a question's cell, take prose found elsewhere for it.

    It may be no answer; but then a marker says so.
    """
    cells = submission.cells
    place = submission.place.get(task.cell)
    if place is None or not is_stub(task, cells[place].source):
        return

    def own(index: int) -> bool:
        return index not in submission.given and bool(cells[index].source.strip())

    below = place + 1
    while below < len(cells) and below not in submission.given:
        if own(below):
            return  # the examiner sees what follows the question
        below += 1
    released = [cell.source for book in assignment.notebooks.values() for cell in book.cells]
    prose = [i for i in range(len(cells)) if own(i) and _is_prose(cells[i])]
    above = cells[place - 1] if place else None
    if above and above.kind == "markdown" and not any(same(above.source, r) for r in released):
        prose.append(place - 1)  # also a cell that was given out and has been written into
    if not prose:
        return
    found = place - 1 if place - 1 in prose else prose[-1]
    submission.place[task.cell] = found
    submission.remarks.append(
        Message(
            pl=f"komórka {task.cell} jest pusta; za odpowiedź uznano tekst w komórce {found + 1}",
            en=f"cell {task.cell} is empty; the text in cell {found + 1} was taken for the answer",
        )
    )


def _is_prose(cell: Written) -> bool:
    """Whether a cell holds text: also one of code that is only remarks, or no Python at all."""
    if cell.kind == "markdown":
        return True
    tree = parse(cell.source)
    return tree is None or all(
        isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) for node in tree.body
    )


def _lost(task: Task, found: bool) -> Message:
    if found:
        return Message(
            pl=f"komórka {task.cell} nie ma swojego identyfikatora; poznano ją po treści",
            en=f"cell {task.cell} has lost its id; it was recognised by its content",
        )
    return Message(pl=f"brakuje komórki {task.cell}", en=f"cell {task.cell} is missing")


def _asking(submission: Submission, task: Task) -> list[int]:
    """Return the cells that hold the question's first line."""
    openings = [stub.strip().splitlines()[0].strip() for stub in task.stub.values() if stub]
    return [
        i
        for i, cell in enumerate(submission.cells)
        if cell.kind == "markdown" and any(opening in cell.source for opening in openings)
    ]


def _defining(submission: Submission, task: Task, besides: set[int]) -> list[int]:
    """Return the code cells that give the task's variable a value, checks and stubs apart.

    Where none does, those that give one to what the task's last check was given.
    """
    cells = [
        (i, cell.source)
        for i, cell in enumerate(submission.cells)
        if cell.kind == "code" and i not in besides and not is_stub(task, cell.source)
    ]
    checked = [
        given
        for cell in submission.cells
        if cell.kind == "code" and (tree := parse(cell.source)) is not None
        for name, given in checks_in(tree)
        if name == task.name and given.isidentifier()
    ]
    for name in (task.target, *checked[-1:]):
        if found := [i for i, source in cells if defines(source, name)]:
            return found
    return []


def defines(code: str, name: str) -> bool:
    """Whether a cell's own statements give ``name`` a value other than by a check."""
    tree = parse(code)
    if tree is None:
        # Even with a syntax error one sees which function it was to be.
        return bool(re.search(rf"^\s*(async\s+)?def\s+{re.escape(name)}\b", code, re.M))
    return _assigns(tree, name)


def _assigns(tree: ast.Module, name: str) -> bool:
    """Whether a module's own statements define ``name`` other than by a check."""
    for node in tree.body:
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)) and node.name == name:
            return True
        if isinstance(node, (ast.Assign, ast.AnnAssign)):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            named = any(isinstance(t, ast.Name) and t.id == name for t in targets)
            if named and not checks_in(node):
                return True
    return False
