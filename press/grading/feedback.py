"""A page for each student and lab, in the notebook's language, without the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from press.grading.book import Mark
from press.grading.deadlines import Late
from press.grading.places import Places
from press.grading.results import Result, TaskMark, spans, way, write_whole
from press.grading.words import WORDS
from unrolled.messages import Language

TEMPLATE = "feedback.html.j2"


def write(
    places: Places, result: Result, marks: dict[str, Mark], title: str, late: Late | None = None
) -> Path:
    """Write the page of a submission and return where it is.

    Args:
        places: where feedback lies.
        result: what the hidden cases said.
        marks: points and comments from the gradebook, by the tasks' names.
        title: the lab's title in the notebook's language.
        late: how late it came, and what that costs.
    """
    path = places.feedback / result.student / f"{result.lab}.html"
    write_whole(path, page(result, marks, title, late))
    return path


def page(result: Result, marks: dict[str, Mark], title: str, late: Late | None = None) -> str:
    """Return the page; every text in it that a student wrote is escaped."""
    words = WORDS[result.language]
    tasks = [_task(task, marks[task.name], result.language) for task in result.tasks]
    late = late or Late()
    total = sum(mark.points or 0.0 for mark in marks.values())
    maximum = sum(task.maximum for task in result.tasks)
    remark = late.remark(total, maximum)
    remarks = [remark.texts[result.language]] if remark else []
    return render(
        TEMPLATE,
        words=words,
        language=result.language,
        name=result.name,
        lab=result.lab,
        title=title,
        tasks=tasks,
        remarks=[*remarks, *(one[result.language] for one in result.remarks)],
        total=number(total - late.deducted(total, maximum), result.language),
        maximum=number(maximum, result.language),
    )


def render(template: str, **values: object) -> str:
    """Return a page of grading: a template of this folder with the style of all of them."""
    folder = Path(__file__).parent
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
    )
    css = (folder / "page.css").read_text(encoding="utf-8")
    return environment.get_template(template).render(css=css, **values)


def number(value: float, language: Language) -> str:
    """Return a number as a language writes it."""
    text = f"{value:g}"
    return text.replace(".", ",") if language == "pl" else text


def _task(task: TaskMark, mark: Mark, lang: Language) -> dict[str, Any]:
    words = WORDS[lang]
    right = sum(case.ok for case in task.cases)
    told = words["cases right"].format(right=right, all=len(task.cases))
    if right < len(task.cases):
        weights = number(task.right, lang), number(task.weight, lang)
        told += words["weight right"].format(right=weights[0], all=weights[1])
    return {
        "title": task.title.get(lang, task.name),
        "name": "" if task.kind == "question" else task.name,
        "points": words["not marked"] if mark.points is None else number(mark.points, lang),
        "maximum": number(task.maximum, lang),
        "note": task.note[lang] if task.note else "",
        "count": told if task.kind == "exercise" and task.cases else "",
        "cases": _cases(task, lang),
        "comment": mark.comment,
    }


def _cases(task: TaskMark, lang: Language) -> list[dict[str, Any]]:
    """Return what there is to say of the cases: of a choice its remark, else of the wrong ones.

    Cases that went wrong in the same way are told together.
    """
    words = WORDS[lang]
    if task.kind == "choice":
        return [
            {"ok": case.ok, "label": "", "text": case.text[lang], "calls": []}
            for case in task.cases
        ]
    groups: dict[str, list[int]] = {}
    for number, case in enumerate(task.cases, start=1):
        if not case.ok:
            groups.setdefault(way(case.text[lang]), []).append(number)
    told = []
    for numbers in groups.values():
        word = words["case"] if len(numbers) == 1 else words["cases"]
        calls = dict.fromkeys(task.cases[number - 1].call for number in numbers)
        texts = dict.fromkeys(task.cases[number - 1].text[lang] for number in numbers)
        text = next(iter(texts))
        label = f"{word} {spans(numbers)}{words['first'] if len(texts) > 1 else ''}: "
        told.append({"ok": False, "label": label, "text": text, "calls": list(calls)[:3]})
    return told
