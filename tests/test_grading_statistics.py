"""The pages for the teacher: what a class did not understand, and whose answers are alike."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

from press.grading import similarity, statistics
from press.grading.assignment import read
from press.grading.book import Mark
from press.grading.places import Places
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


# --------------------------------------------------------------------------- who writes alike

ROOT = Path(__file__).parent.parent
MEMORY = ("adding", "order", "copy", "bias", "lag", "clip")


def _classroom() -> dict[str, dict[str, str]]:
    """Return the right answers of lab 04's bank, one of each exercise for each of four students."""
    bank = importlib.import_module("bank.memory").BANK
    return {
        student: {
            f"memory/{name}": inspect.getsource(list(bank[f"memory/{name}"].right.values())[number])
            for name in MEMORY
        }
        for number, student in enumerate(["Anna", "Ewa", "Jan", "Ola"])
    }


def _disguised(code: str) -> str:
    """Return code with other names, other spaces, and comments."""
    names = dict.fromkeys(re.findall(r"\b[a-z_]{1,12}(?= = )", code))
    for number, name in enumerate(names):
        code = re.sub(rf"(?<![\w.]){name}\b", f"other_{number}", code)
    code = re.sub(r"^(def .*:)$", r"\1\n    # my own idea", code, flags=re.M)
    return code.replace(", ", ",").replace("\n    return", "\n\n    # done\n    return")


def test_an_answer_with_other_names_and_comments_is_found_and_honest_ones_are_not() -> None:
    answers = _classroom()
    assert similarity.compare(answers, {}, {}) == ([], [])
    answers["Zbigniew"] = {task: _disguised(code) for task, code in answers["Ewa"].items()}
    (pair,), _ = similarity.compare(answers, {}, {})
    assert (pair.one, pair.other) == ("Ewa", "Zbigniew")
    assert pair.code > 0.95 > pair.written + 0.2


def test_what_was_given_out_or_what_many_have_says_nothing() -> None:
    answers = _classroom()
    answers["Zbigniew"] = answers["Ewa"]
    (pair,), _ = similarity.compare(answers, {}, {})
    assert (pair.code, pair.written) == (1, 1)
    given = {task: [code] for task, code in answers["Ewa"].items()}
    assert similarity.compare(answers, given, {})[0] == []
    answers |= {f"student {n}": answers["Ewa"] for n in range(5)}
    assert similarity.compare(answers, {}, {})[0] == []


def test_the_published_solution_is_found_and_shown_beside_the_answer(tmp_path: Path) -> None:
    lab = read(ROOT / "labs" / "04_memory.md")
    published = similarity.published(lab, ROOT)
    answers = _classroom() | {"Zbigniew": {n: _disguised(c) for n, (c, _) in published.items()}}
    results = [
        Result(
            student, student, lab.lab, "pl", "d",
            [
                TaskMark(name, "exercise", name, "g", 4.0, 4.0, [CaseMark(True, FINE)],
                         text=code + "# </pre><b>")
                for name, code in code_of.items()
            ],
        )
        for student, code_of in answers.items()
    ]  # fmt: skip
    places = Places(ROOT, tmp_path, tmp_path)
    pages = similarity.write(places, results, lab)
    assert [path.parent.name for path in pages] == ["pl", "en"]
    text = pages[0].read_text(encoding="utf-8")
    others, solutions = text.split("<h2>")[1:]
    assert "Nic nie jest podobne" in others
    assert re.findall(r"<summary><b>(\w+)</b>", solutions)[0] == "Zbigniew"
    assert 'class="same"' in solutions
    assert "</pre><b>" not in text
