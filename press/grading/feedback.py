"""A page for each student and lab, in the notebook's language, without the key."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined

from press.grading.book import Mark
from press.grading.places import Places
from press.grading.results import Result, TaskMark, write_whole
from unrolled.messages import Language

TEMPLATE = Path(__file__).with_name("feedback.html.j2")

_WORDS: dict[Language, dict[str, str]] = {
    "pl": {
        "case": "przypadek",
        "cases": "przypadki dobre: {right} z {all}",
        "comment": "Komentarz",
        "feedback": "Wyniki",
        "intro": "Twoje funkcje zostały wywołane na danych, których nie ma w notatniku. "
        "Punkty liczą się za każdy przypadek osobno.",
        "maximum": "maks.",
        "open": "pytanie otwarte",
        "points": "pkt",
        "remarks": "Uwagi",
        "task": "zadanie",
        "total": "razem",
        "waiting": "czeka na ocenę",
    },
    "en": {
        "case": "case",
        "cases": "cases right: {right} of {all}",
        "comment": "Comment",
        "feedback": "Feedback",
        "intro": "Your functions were called on data that are not in the notebook. "
        "Each case brings its part of the points.",
        "maximum": "of",
        "open": "open question",
        "points": "points",
        "remarks": "Remarks",
        "task": "exercise",
        "total": "total",
        "waiting": "to be marked",
    },
}


def write(places: Places, result: Result, marks: dict[str, Mark], title: str) -> Path:
    """Write the page of a submission and return where it is.

    Args:
        places: where feedback lies.
        result: what the hidden cases said.
        marks: points and comments from the gradebook, by the tasks' names.
        title: the lab's title in the notebook's language.
    """
    path = places.feedback / result.student / f"{result.lab}.html"
    write_whole(path, page(result, marks, title))
    return path


def page(result: Result, marks: dict[str, Mark], title: str) -> str:
    """Return the page; every text in it that a student wrote is escaped."""
    words = _WORDS[result.language]
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    tasks = [_task(task, marks[task.name], result.language) for task in result.tasks]
    return template.render(
        words=words,
        language=result.language,
        name=result.name,
        lab=result.lab,
        title=title,
        tasks=tasks,
        remarks=[remark[result.language] for remark in result.remarks],
        total=_number(sum(mark.points or 0.0 for mark in marks.values()), result.language),
        maximum=_number(sum(task.maximum for task in result.tasks), result.language),
    )


def _number(value: float, language: Language) -> str:
    text = f"{value:g}"
    return text.replace(".", ",") if language == "pl" else text


def _task(task: TaskMark, mark: Mark, lang: Language) -> dict[str, Any]:
    words = _WORDS[lang]
    right = sum(case.ok for case in task.cases)
    return {
        "name": words["open"] if task.kind == "question" else task.name,
        "points": words["waiting"] if mark.points is None else _number(mark.points, lang),
        "maximum": _number(task.maximum, lang),
        "share": 0.0 if mark.points is None else min(1.0, mark.points / (task.maximum or 1.0)),
        "note": task.note[lang] if task.note else "",
        "count": words["cases"].format(right=right, all=len(task.cases))
        if task.kind == "exercise" and task.cases
        else "",
        "cases": [
            {"ok": case.ok, "call": case.call, "text": case.text[lang]} for case in task.cases
        ],
        "comment": mark.comment,
    }
