"""The page on what a class did not understand."""

from __future__ import annotations

import re

import pytest

from press.grading import statistics
from press.grading.book import Mark
from press.grading.results import CaseMark, Result, TaskMark

SIGN = {"pl": "zły znak <b>", "en": "wrong sign <b>"}
SHAPE = {"pl": "zły kształt", "en": "wrong shape"}
FINE = {"pl": "dobrze", "en": "right"}


def submission(student: str, *cases: dict[str, str], answered: bool = True) -> Result:
    """Return a submission with an exercise of three cases (or a blank one) and a question.

    An answered question waits for a mark, a blank one has got its 0.
    """
    marks = [CaseMark(text is FINE, text, f"x: ({n},)") for n, text in enumerate(cases)]
    points = 6.0 * sum(case.ok for case in marks) / 3
    tasks = [
        TaskMark("lab/clip", "exercise", "clip", "g", 6.0, points, marks, title={"pl": "Norma"}),
        TaskMark(
            "why", "question", "why", "w", 4.0, None if answered else 0.0, title={"pl": "Dlaczego?"}
        ),
    ]
    return Result(student, student, "03_airline", "pl", "d", tasks)


RESULTS = [
    submission("Anna", FINE, SIGN, FINE),
    submission("Jan", FINE, SIGN, FINE),
    submission("Ewa", FINE, SHAPE, FINE),
    submission("Ala", FINE, FINE, FINE),
    submission("Nikt", answered=False),
]
#: What the teacher gave for the question.
BY_HAND = {"Anna": 4.0, "Jan": 1.0, "Ala": 1.0}
MARKS = {
    result.student: {
        task.name: Mark(points, "", points is None)
        for task in result.tasks
        for points in [BY_HAND.get(result.student) if task.points is None else task.points]
    }
    for result in RESULTS
}


def test_shares_and_cases_are_counted_among_those_they_belong_to() -> None:
    clip, why = statistics.count(RESULTS, MARKS, "pl")
    assert (clip.tried, clip.full, clip.waiting) == (4, 1, 0)
    assert clip.share == pytest.approx((4 + 4 + 4 + 6 + 0) / 5 / 6)
    assert [(case.right, case.tried) for case in clip.cases] == [(4, 4), (1, 4), (4, 4)]
    assert clip.cases[1].often == (SIGN["pl"], 2)
    assert clip.cases[0].often == ("", 0)
    assert (why.tried, why.waiting, why.full) == (4, 1, 1)
    assert why.share == pytest.approx((4 + 1 + 1 + 0) / 4 / 4)


def test_totals_fall_into_tenths_and_full_marks_into_the_last() -> None:
    assert statistics.columns([0, 0.9, 1, 10, 9, 5], 10) == [2, 1, 0, 0, 0, 1, 0, 0, 0, 2]


def test_the_page_names_nobody_and_escapes_what_students_wrote() -> None:
    page = statistics.page(RESULTS, MARKS, "Tytuł", "pl")
    assert not re.search("Anna|Jan|Ewa|Ala|Nikt", page)
    assert "zły znak &lt;b&gt;" in page
    assert "prac: 5, mediana: 5 z 10 pkt" in page
    assert "1 / 4" in page
    assert 'class="low"' in page
    english = statistics.page(RESULTS, MARKS, "Title", "en")
    assert "wrong sign &lt;b&gt;" in english
    assert "most frequent mistake" in english


def test_a_lab_that_nobody_touched_has_a_page_too() -> None:
    nobody = [submission("Nikt", answered=False)]
    page = statistics.page(nobody, {"Nikt": MARKS["Nikt"]}, "Tytuł", "pl")
    assert "rozwiązywało: 0" in page
