"""The pages for the teacher: what a class did not understand, and whose answers are alike."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import browser
import pytest

from press.grading import feedback, marking, similarity, statistics, wording
from press.grading import results as results_of
from press.grading.assignment import read
from press.grading.book import Mark
from press.grading.places import Places
from press.grading.results import CaseMark, Result, TaskMark
from press.grading.words import WORDS

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
    others, solutions = text.split("<h2>")[1].split("<h3>")[1:]
    assert "Nic nie jest podobne" in others
    assert re.findall(r"<summary><b>(\w+)</b>", solutions)[0] == "Zbigniew"
    assert 'class="same"' in solutions
    assert "</pre><b>" not in text


# --- who writes alike in words --------------------------------------------------------------------

QUESTION = (
    "## Pytanie otwarte\n\nO co zapytasz koleżankę i co policzysz, zanim uwierzysz wykresowi?"
)
ANNA = (
    "Zapytałabym o błąd ostatniej wartości na tych samych dniach. Cena akcji zmienia się z dnia "
    "na dzień niewiele, więc samo jej powtarzanie daje R² bliskie jedności. Potem porównałabym "
    "przyrosty prognozy z prawdziwymi."
)
#: With other endings, accents, punctuation, and a beginning of its own.
JAN = (
    "Moim zdaniem to proste. Zapytałbym o błąd ostatnich wartości na tych samych dniach; cena "
    "akcji zmienia sie z dnia na dzień niewiele, więc samo jej powtarzanie daje R² bliskie "
    "jednosci! Potem porównałbym przyrosty prognozy z prawdziwymi"
)
EWA = (
    "Trzeba sprawdzić, skąd wzięto skalę i na czym wybrano liczbę epok, czyli czy coś nie "
    "przeciekło ze zbioru testowego. Ważny jest też rozrzut między ziarnami i różnymi okresami."
)


def _with_question(text: str) -> str:
    return f"{QUESTION}\n\n*Twoja odpowiedź:*\n\n{text}"


def test_answers_in_words_are_found_whatever_their_endings_and_the_question_is_not() -> None:
    answers = {s: _with_question(t) for s, t in (("Anna", ANNA), ("Ewa", EWA), ("Jan", JAN))}
    given = [_with_question("")]
    (pair,), none = wording.compare(answers, given, [])
    assert (pair.one, pair.other, none) == ("Anna", "Jan", [])
    assert pair.share > 0.8
    for text, side in ((answers["Anna"], pair.sides[0]), (answers["Jan"], pair.sides[1])):
        assert "".join(piece for piece, _ in side) == text
        marked = " ".join(piece for piece, same in side if same)
        assert "samo jej powtarzanie" in marked
        assert "Moim zdaniem" not in marked
        assert "O co zapytasz" not in marked, "the question's own text does not count"


def test_only_the_question_or_what_many_wrote_is_no_likeness_and_a_model_answer_is_one() -> None:
    asked = {s: f"{QUESTION} {QUESTION} {s}" for s in ("Anna", "Jan")}
    assert wording.compare(asked, [QUESTION], []) == ([], [])
    same = {f"student {n}": ANNA for n in range(6)}
    assert wording.compare(same, [QUESTION], [])[0] == []
    answers = {"Anna": f"{ANNA} {EWA}", "Ewa": EWA, "nobody": "Nie wiem."}
    model = f"{ANNA} Wreszcie przecieki: skąd jest skala i czy podział jest w czasie."
    others, published = wording.compare(answers, [QUESTION], ["Baseline first.", model])
    assert [(p.one, p.other) for p in others] == [("Anna", "Ewa")]
    assert [(p.one, p.other) for p in published] == [("Anna", "")]
    assert 0.4 < published[0].share < 0.7


def test_the_page_of_similarities_shows_answers_in_words_side_by_side(tmp_path: Path) -> None:
    lab = read(ROOT / "labs" / "03_airline.md")
    (question,) = (task for task in lab.tasks if task.kind == "question")
    (pl, en) = similarity.models(lab, ROOT)[question.name]
    texts = {"Anna <b>Ż": ANNA, "Jan": JAN, "Ewa": EWA, "Ola": pl, "Tom": en}
    results = [
        Result(
            name, name, lab.lab, "pl", "d",
            [TaskMark(question.name, "question", question.cell, question.grade, 4.0, None,
                      text=f"{question.stub['pl']}\n\n{text}</div><b>")],
        )
        for name, text in texts.items()
    ]  # fmt: skip
    for path in similarity.write(Places(ROOT, tmp_path, tmp_path), results, lab):
        text = path.read_text(encoding="utf-8")
        words = text.split("<h2>")[2]
        others, published = words.split("<h3>")[1:]
        assert "Anna &lt;b&gt;Ż" in others
        assert others.count("<details>") == 1
        assert published.count("<details>") == 2
        assert "samo jej powtarzanie" in others
        assert "</div><b>" not in text


def test_the_graders_words_are_the_same_in_both_languages_and_all_are_used() -> None:
    assert list(WORDS["pl"]) == sorted(WORDS["pl"])
    assert list(WORDS["pl"]) == list(WORDS["en"])
    folder = ROOT / "press" / "grading"
    code = "".join(p.read_text(encoding="utf-8") for p in sorted(folder.glob("*")) if p.is_file()
                   and p.name != "words.py")  # fmt: skip
    for key in WORDS["pl"]:
        used = rf"""words\.{re.escape(key)}\b|\[["']{re.escape(key)}["']\]"""
        assert re.search(used, code), key
        holes = [re.findall(r"{\w+}", WORDS[lang][key]) for lang in ("pl", "en")]
        assert sorted(holes[0]) == sorted(holes[1]), key


# --- the pages as they are seen -------------------------------------------------------------------

LONG = "Anna-Maria Brzęczyszczykiewicz-Chrząszczyżewoszycka-Wszechwiedząca z Łękołodów Wielkich"


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The pages of lab 03 for the assistant, and one for a student: two answers are alike."""
    work = tmp_path_factory.mktemp("pages")
    places = Places(ROOT, work, work)
    lab = read(ROOT / "labs" / "03_airline.md")
    solved = similarity.published(lab, ROOT)
    far = {lang: {"pl": "źle", "en": "wrong"}[lang] + " " + "x" * 90 for lang in ("pl", "en")}
    results = []
    for number, student in enumerate(["Żaneta Źdźbło", LONG, "Jan Łoś"]):
        tasks = []
        for task in lab.tasks:
            mark = TaskMark(task.name, task.kind, task.cell, task.grade, task.points, 2.0,
                            title=task.title)  # fmt: skip
            if task.kind == "question":
                mark.points, mark.text = None, f"{task.stub['pl']}\n\n{(ANNA, JAN, EWA)[number]}"
            elif task.kind == "exercise":
                mark.text = solved[task.name][number % 2]
                mark.cases = [CaseMark(False, far, f"x: ({n}, 7); width = 5") for n in range(6)]
            tasks.append(mark)
        remark = {lang: "import " + "b" * 120 for lang in ("pl", "en")}
        results.append(Result(student, student, lab.lab, "pl", "d", tasks, [remark]))
    marks = {
        r.student: {t.name: Mark(t.points, "Dobrze.", t.points is None) for t in r.tasks}
        for r in results
    }
    titles = {lang: nb.metadata["title"] for lang, nb in lab.notebooks.items()}
    return [
        *similarity.write(places, results, lab),
        *marking.write(places, results, marks, lab)[1:],
        *statistics.write(places, results, marks, titles),
        feedback.write(places, results[1], marks[LONG], titles["pl"]),
    ]


def test_pages_for_the_assistant_are_whole_on_any_screen_and_work_by_keyboard(
    pages: list[Path],
) -> None:
    with browser.chromium() as chromium:
        for path in pages:
            page = chromium.new_page()
            page.goto(path.as_uri())
            page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
            for width in (1280, 390):
                page.set_viewport_size({"width": width, "height": 800})
                wide = page.evaluate("document.documentElement.scrollWidth")
                assert wide <= width, f"{path}: {wide} pixels of {width}"
                assert browser.violations(page) == [], path
            # Every line of code has a row of its own.
            rows = page.evaluate(
                "[...document.querySelectorAll('.pair code')].map(c => [c.children.length, "
                "new Set([...c.children].map(l => l.getBoundingClientRect().top)).size])"
            )
            assert all(count == places for count, places in rows), path
            page.close()
        page = chromium.new_page()
        page.goto(pages[0].as_uri())
        page.keyboard.press("Tab")
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.closest('details').open")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.tagName") == "PRE", "code can be scrolled"


def test_cases_that_went_wrong_in_one_way_are_told_together(pages: list[Path]) -> None:
    far = [
        {"pl": f"wartości nie są te, co trzeba; najdalej od właściwej jest [{n}] (o 0,{n})",
         "en": f"the values are not the right ones; the farthest off is [{n}] (by 0.{n})"}
        for n in (1, 2)
    ]  # fmt: skip
    assert results_of.way(far[0]["pl"]) == "wartości nie są te, co trzeba"
    made = [submission("Anna", far[0], far[1], SHAPE), submission("Jan", far[1], FINE, FINE)]
    marks = {r.student: {t.name: Mark(t.points, "", False) for t in r.tasks} for r in made}
    counts = statistics.count(made, marks, "en")[0].cases
    assert counts[0].often == ("the values are not the right ones", 2)
    assert counts[1].often == (far[1]["en"], 1)
    told = feedback.page(made[0], marks["Anna"], "Title")
    assert "przypadki 1–2, tu pierwszy z nich: " in told
    assert "[1] (o 0,1)" in told
    assert "[2] (o 0,2)" not in told


def test_answers_are_grouped_and_shown_without_the_question(pages: list[Path]) -> None:
    asked = next(t for t in read(ROOT / "labs" / "03_airline.md").tasks if t.kind == "question")
    assert marking.reply(f"{asked.stub['pl']}\n\nNie wiem.", asked) == "Nie wiem."
    assert marking.reply("Nie wiem.\n\nAle szukam.", asked) == "Nie wiem.\n\nAle szukam."
    text = pages[2].read_text(encoding="utf-8")
    assert "Koleżanka pokazuje" not in text
    assert text.count("<summary>") == 2, "Anna and Jan say the same, Ewa does not"
