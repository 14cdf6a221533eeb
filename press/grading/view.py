"""The notebook that a marker sees in formgrader: the student's cells, disarmed, with the marks.

A submission may hold scripts. Formgrader shows notebooks in a page that may change marks, so
that nothing of a submission may run there: prose is kept from being HTML, and of outputs only text
and PNG pictures are left.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

import nh3
from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from press.grading.assignment import Assignment, Task
from press.grading.reading import Submission
from press.grading.results import Result, TaskMark
from press.grading.words import WORDS
from unrolled.messages import Language

#: Most outputs of a cell, characters of a text, bytes of a picture, bytes of all pictures.
MOST_OUTPUTS, LONGEST_TEXT, LARGEST_PICTURE, ALL_PICTURES = 20, 4000, 1 << 20, 6 << 20

#: What Markdown makes, and nothing else.
_TAGS = {
    *("a", "blockquote", "br", "code", "del", "div", "em", "h1", "h2", "h3", "h4", "h5", "h6"),
    *("hr", "img", "li", "ol", "p", "pre", "span", "strong", "sub", "sup"),
    *("table", "tbody", "td", "th", "thead", "tr", "ul"),
}


def view(
    result: Result,
    submission: Submission | None,
    assignment: Assignment,
    rubrics: Mapping[str, Mapping[Language, str]] | None = None,
) -> NotebookNode:
    """Return the notebook for formgrader.

    Below an open question stands its rubric, if it has one (``rubrics``, as Markdown). It has
    every graded cell of the release exactly once, whatever the submission has.
    """
    lang = result.language
    marks = {mark.cell: mark for mark in result.tasks}
    tasks = {task.cell: task for task in assignment.tasks}
    points = {task.grade for task in assignment.tasks if task.kind != "question"}
    cells: list[NotebookNode] = []
    if result.remarks:
        rows = "\n".join(f"- {disarmed(remark[lang])}" for remark in result.remarks)
        cells.append(new_markdown_cell(f"**{WORDS[lang]['program remarks']}**\n\n{rows}"))
    answers: dict[int, list[Task]] = {}
    if submission is not None:
        for cell_id, place in submission.place.items():
            answers.setdefault(place, []).append(tasks[cell_id])
    shown: set[str] = set()
    pictures = [ALL_PICTURES]
    for index, cell in enumerate(submission.cells if submission else []):
        if cell.grade_id in points or cell.id in points:
            continue
        if cell.kind == "code":
            node = new_code_cell(cell.source[:100_000], outputs=_outputs(cell.outputs, pictures))
        else:
            node = new_markdown_cell(disarmed(cell.source[:100_000]))
            _attach(node, cell.attachments, pictures)
        mine = answers.get(index, [])
        cells.append(node)
        for number, task in enumerate(mine):
            holder = node
            if number:  # one cell that answers two tasks
                holder = new_code_cell("")
                cells.append(holder)
            cells += _graded(holder, task, marks[task.cell], lang)
            cells += _rubric(task, rubrics, lang)
            shown.add(task.cell)
    for task in assignment.tasks:
        if task.cell not in shown:
            if task.kind == "question":
                node = new_markdown_cell(WORDS[lang]["missing cell"])
            else:
                node = new_code_cell("")
            cells.append(node)
            cells += _graded(node, task, marks[task.cell], lang)
            cells += _rubric(task, rubrics, lang)
    for number, node in enumerate(cells):
        node.id = f"cell-{number}"
    released = assignment.notebooks[lang].metadata
    metadata = {key: released[key] for key in ("kernelspec", "language_info") if key in released}
    return new_notebook(cells=cells, metadata=metadata)


def _graded(node: NotebookNode, task: Task, mark: TaskMark, lang: Language) -> list[NotebookNode]:
    """Give a cell nbgrader's metadata; return the cell that holds its points, if another one."""
    own = task.kind == "question"
    node.metadata["nbgrader"] = {
        "cell_type": node.cell_type,
        "grade": own,
        "grade_id": task.cell,
        "locked": False,
        "schema_version": 3,
        "solution": True,
        "task": False,
    }
    if own:
        node.metadata["nbgrader"]["points"] = task.points
        return []
    holder = new_code_cell(f"# {task.name}", outputs=[new_output("stream", text=told(mark, lang))])
    holder.metadata["nbgrader"] = {
        "cell_type": "code",
        "grade": True,
        "grade_id": task.grade,
        "locked": True,
        "points": task.points,
        "schema_version": 3,
        "solution": False,
        "task": False,
    }
    return [holder]


def _rubric(
    task: Task, rubrics: Mapping[str, Mapping[Language, str]] | None, lang: Language
) -> list[NotebookNode]:
    text = (rubrics or {}).get(task.name, {}).get(lang)
    return [new_markdown_cell(text)] if text else []


def told(mark: TaskMark, lang: Language) -> str:
    """Return what the hidden cases said, line by line."""
    points = WORDS[lang]["not marked"] if mark.points is None else f"{mark.points:g}"
    rows = [f"{points} / {mark.maximum:g} {WORDS[lang]['points']}"]
    if mark.note:
        rows.append(mark.note[lang])
    for number, case in enumerate(mark.cases, start=1):
        call = f" ({case.call})" if case.call else ""
        sign = "✓" if case.ok else "✗"
        rows.append(f"{sign} {WORDS[lang]['case']} {number}{call}: {case.text[lang]}")
    return "\n".join(rows) + "\n"


def disarmed(text: str) -> str:
    r"""Return Markdown that cannot become HTML, nor a link of MathJax's ``\href``."""
    text = re.sub(r"<(?=[A-Za-z/!?])", "<\u200b", text)
    text = text.replace("attachment:", "attachment\u200b:")
    return re.sub(r"\\(?=(href|style|class|cssId|unicode|require)\b)", r"\\ ", text)


@pass_context
def markdown_to_html(context: Context, source: str) -> str:
    """Return a cell's Markdown as HTML without scripts: formgrader's filter for prose."""
    cell = context.get("cell") or {}
    renderer = IPythonRenderer(
        escape=True, allow_harmful_protocols=False, attachments=cell.get("attachments", {})
    )
    html = MarkdownWithMath(renderer=renderer).render(source)
    return nh3.clean(
        html,
        tags=_TAGS,
        attributes={"*": {"class", "id", "alt", "title"}, "img": {"src"}, "a": {"href"}},
        attribute_filter=_allowed,
        url_schemes={"http", "https", "mailto", "data"},
        strip_comments=True,
        link_rel=None,
    )


def _allowed(tag: str, name: str, value: str) -> str | None:
    """Return an attribute's value if it may stay; data are for pictures only."""
    if tag == "img" and name == "src":
        may = value.startswith(("data:image/png", "data:image/jpeg", "../", "./"))
        return value if may else None
    if tag == "a" and name == "href" and value.strip().lower().startswith("data:"):
        return None
    return value


def _attach(node: NotebookNode, attachments: Any, pictures: list[int]) -> None:
    """Put a cell's pasted PNG and JPEG pictures back, where the text names them."""
    if not isinstance(attachments, dict):
        return
    kept = {}
    for name, bundle in list(attachments.items())[:MOST_OUTPUTS]:
        if not isinstance(bundle, dict):
            continue
        data = {k: v for k, v in bundle.items() if _picture(k, v, pictures)}
        if data:
            kept[str(name)] = data
            node.source = node.source.replace(f"attachment\u200b:{name}", f"attachment:{name}")
    if kept:
        node.attachments = kept


def _picture(kind: str, data: Any, pictures: list[int]) -> bool:
    """Whether something is a picture that may be shown; counts it."""
    if kind not in ("image/png", "image/jpeg") or not isinstance(data, str):
        return False
    if len(data) > 2 * LARGEST_PICTURE:
        return False
    try:
        raw = base64.b64decode("".join(data.split()), validate=True)
    except (ValueError, binascii.Error):
        return False
    magic = b"\x89PNG" if kind == "image/png" else b"\xff\xd8"
    if not raw.startswith(magic) or len(raw) > min(LARGEST_PICTURE, pictures[0]):
        return False
    pictures[0] -= len(raw)
    return True


def _outputs(outputs: Any, pictures: list[int]) -> list[NotebookNode]:
    """Return what may be shown of a cell's outputs."""
    kept = []
    for output in (outputs if isinstance(outputs, list) else [])[:MOST_OUTPUTS]:
        if not isinstance(output, dict):
            continue
        data = output.get("data")
        data = data if isinstance(data, dict) else {}
        picture = data.get("image/png")
        if isinstance(picture, list):
            picture = "".join(part for part in picture if isinstance(part, str))
        if _picture("image/png", picture, pictures):
            kept.append(new_output("display_data", data={"image/png": picture}))
            continue
        text = output.get("text", data.get("text/plain"))
        if output.get("output_type") == "error":
            text = f"{output.get('ename')}: {output.get('evalue')}"
        if isinstance(text, list):
            text = "".join(part for part in text if isinstance(part, str))
        if isinstance(text, str) and text:
            plain = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", text[:LONGEST_TEXT])
            plain = "".join(c for c in plain if c in "\n\t" or c.isprintable())
            kept.append(new_output("stream", text=plain))
    return kept
