"""What the class did not understand: a page for each lab, from the results that there are.

It names nobody: counts and shares alone, so that it can be shown to the class.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from press.grading.book import Mark
from press.grading.feedback import number, render
from press.grading.places import Places
from press.grading.results import Result, TaskMark, way, write_whole
from press.grading.words import WORDS
from unrolled.messages import Language

TEMPLATE = "statistics.html.j2"
#: How many columns the distribution of totals has.
COLUMNS = 10
#: Shares below it are marked.
LOW = 0.5


@dataclass(frozen=True)
class CaseCount:
    """How a hidden case went, among those who tried the exercise.

    Attributes:
        right: how many had it right.
        tried: how many tried.
        call: what the case is.
        often: what went wrong most often, and how often; an empty text where nothing did.
    """

    right: int
    tried: int
    call: str
    often: tuple[str, int]


@dataclass(frozen=True)
class TaskCount:
    """How a task went.

    Attributes:
        task: the task, as one of the submissions has it.
        tried: how many submissions have an answer.
        waiting: how many wait for a mark.
        share: mean share of its points, over all submissions that have a mark; None if none has.
        full: how many have all its points.
        cases: the hidden cases, in order.
    """

    task: TaskMark
    tried: int
    waiting: int
    share: float | None
    full: int
    cases: list[CaseCount]


def count(
    results: list[Result], marks: Mapping[str, Mapping[str, Mark]], lang: Language
) -> list[TaskCount]:
    """Return how each task of a lab went, in the notebook's order.

    Args:
        results: of all submissions of one lab.
        marks: of each student, by task.
        lang: of the mistakes' texts.
    """
    tasks = {task.name: task for result in reversed(results) for task in result.tasks}
    order = [task.name for task in max(results, key=lambda r: len(r.tasks)).tasks]
    return [_count(tasks[name], results, marks, lang) for name in order]


def _count(
    task: TaskMark,
    results: list[Result],
    marks: Mapping[str, Mapping[str, Mark]],
    lang: Language,
) -> TaskCount:
    found = [(r, t) for r in results for t in r.tasks if t.name == task.name]
    own = [marks[result.student][task.name] for result, _ in found]
    points = [mark.points for mark in own if mark.points is not None]
    answered = [t for _, t in found if t.cases or t.points is None]
    with_cases = [t for t in answered if t.cases]
    length = max((len(t.cases) for t in with_cases), default=0)
    cases = []
    for n in range(length):
        here = [t.cases[n] for t in with_cases if n < len(t.cases)]
        texts = [case.text[lang] for case in here if not case.ok]
        ways = Counter(way(text) for text in texts)
        most, times = ways.most_common(1)[0] if ways else ("", 0)
        same = {text for text in texts if way(text) == most}
        often = (same.pop() if len(same) == 1 else most, times)
        right = sum(case.ok for case in here)
        cases.append(CaseCount(right, len(here), here[0].call, often))
    return TaskCount(
        task,
        tried=len(answered),
        waiting=sum(mark.points is None or mark.waiting for mark in own),
        share=fmean(points) / task.maximum if points and task.maximum else None,
        full=sum(p >= task.maximum for p in points),
        cases=cases,
    )


def columns(totals: list[float], maximum: float) -> list[int]:
    """Return how many totals lie in each tenth of the maximum; full ones are in the last."""
    counts = [0] * COLUMNS
    for total in totals:
        counts[min(COLUMNS - 1, int(COLUMNS * total / maximum)) if maximum else 0] += 1
    return counts


def page(
    results: list[Result], marks: Mapping[str, Mapping[str, Mark]], title: str, lang: Language
) -> str:
    """Return the page of one lab; texts that come from submissions are escaped.

    Args:
        results: of all submissions of the lab; at least one.
        marks: of each student, by task.
        title: the lab's title.
        lang: the page's language.
    """
    words = WORDS[lang]
    maximum = max(sum(task.maximum for task in result.tasks) for result in results)
    totals = [sum(m.points or 0.0 for m in marks[result.student].values()) for result in results]
    counts = columns(totals, maximum)
    return render(
        TEMPLATE,
        words=words,
        language=lang,
        lab=results[0].lab,
        title=title,
        count=words["class"].format(
            count=len(results),
            median=number(round(median(totals), 2), lang),
            maximum=number(maximum, lang),
        ),
        columns=[(n, round(100 * n / max(counts))) for n in counts],
        told=", ".join(
            f"{100 * k // COLUMNS}–{100 * (k + 1) // COLUMNS}%: {n}" for k, n in enumerate(counts)
        ),
        tasks=[_shown(task, lang) for task in count(results, marks, lang)],
    )


def _shown(counted: TaskCount, lang: Language) -> dict[str, object]:
    words = WORDS[lang]
    return {
        "title": counted.task.title.get(lang, counted.task.name),
        "name": "" if counted.task.kind == "question" else counted.task.name,
        "percent": None if counted.share is None else round(100 * counted.share),
        "low": counted.share is not None and counted.share < LOW,
        "tried": counted.tried,
        "full": counted.full,
        "waiting": words["waiting"].format(count=counted.waiting) if counted.waiting else "",
        "cases": [
            {
                "call": case.call,
                "right": f"{case.right} / {case.tried}",
                "percent": round(100 * case.right / case.tried),
                "low": case.right < LOW * case.tried,
                "often": case.often[0],
                "times": words["times"].format(count=case.often[1]) if case.often[1] else "",
            }
            for case in counted.cases
        ],
    }


def write(
    places: Places,
    results: list[Result],
    marks: Mapping[str, Mapping[str, Mark]],
    titles: Mapping[Language, str],
) -> list[Path]:
    """Write the pages of one lab, in both languages; return where they are."""
    written = []
    for lang, title in titles.items():
        path = places.statistics / lang / f"{results[0].lab}.html"
        write_whole(path, page(results, marks, title, lang))
        written.append(path)
    return written
