"""The key of execution: what executes a source again, and what does not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from functools import cache
from pathlib import Path

import course
import nbformat
import pytest
from conftest import LECTURE, ROOT

from press.notebooks.editions import Edition
from press.notebooks.key import FETCHING, Used, key, pins, unlike_pins
from press.notebooks.update import stale, update
from press.sources.source import SourceError
from unrolled.words import NEUTRAL, WORDS, has_letters, template

CODE = """\
from pathlib import Path

import matplotlib.pyplot as plt

from unrolled import style
from unrolled.check import check
from unrolled.data import course_text

style.use()


def twice(x):
    return 2 * x


twice = check("trial/twice", twice)
figure, ax = plt.subplots()
ax.plot([0, len(course_text())])
ax.set(xlabel="step 3", ylabel="tanh")
plt.show()"""
EXERCISE = '''\
"""One exercise, whose mistakes stand beside it."""

from pathlib import Path

import numpy as np

from unrolled.exercises import Exercise

MISTAKES = Path(__file__).with_suffix(".md").read_text(encoding="utf-8")


def twice(x):
    """Return twice the number."""
    return 2 * x


def cases(rng):
    """Yield numbers."""
    for size in (1, 2, 3):
        yield (rng.normal(size=size),)


EXERCISES = {"trial/twice": Exercise("trial/twice", twice, cases)}
'''


def planted(root: Path, code: str = CODE) -> Path:
    """Lay a small repository with a copy of `unrolled` in it; return its one source."""
    shutil.copytree(
        ROOT / "unrolled", root / "unrolled", ignore=shutil.ignore_patterns("__pycache__")
    )
    shutil.copytree(ROOT / "data", root / "data")
    shutil.copy(ROOT / "constraints.txt", root)
    exercises = root / "unrolled" / "exercises"
    (exercises / "trial.py").write_text(EXERCISE, encoding="utf-8")
    (exercises / "trial.md").write_text("2 * x => 3 * x\n  en Not thrice.\n", encoding="utf-8")
    figure = "alt: {pl: Prosta, en: A line}\nslideshow: {slide_type: fragment}"
    text = LECTURE.replace("slideshow: {slide_type: fragment}", figure)
    source = root / "lectures" / "07_trial.md"
    source.parent.mkdir()
    source.write_text(text.replace("total = 1 + 1\nprint(total)", code), encoding="utf-8")
    return source


@pytest.fixture(scope="module")
def executed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small repository whose source was executed; it is copied, not changed."""
    root = tmp_path_factory.mktemp("executed")
    source = planted(root)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", str(root))
        temporary = root / "tmp"
        temporary.mkdir()
        patch.setattr("tempfile.tempdir", str(temporary))
        assert update(source, root, bar=False).seconds is not None
        assert not list(temporary.iterdir()), "a run leaves nothing behind"
    assert not stale(source, root)
    return root


@pytest.fixture
def copy(executed: Path, tmp_path: Path) -> Path:
    """A copy of the executed repository, to be changed."""
    return Path(shutil.copytree(executed, tmp_path / "copy"))


def replaced(old: str, new: str, path: str) -> Callable[[Path], None]:
    """Return a change of a file: one piece of text becomes another."""

    def change(root: Path) -> None:
        file = root / path
        text = file.read_text(encoding="utf-8")
        assert old in text, f"{path} has no {old!r}"
        file.write_text(text.replace(old, new, 1), encoding="utf-8")

    return change


def ended(line: str, path: str) -> Callable[[Path], None]:
    """Return a change of a file: one more line at its end."""

    def change(root: Path) -> None:
        with (root / path).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    return change


def removed(path: str) -> Callable[[Path], None]:
    """Return a change: a file is gone."""
    return lambda root: (root / path).unlink()


def lengthened(path: str) -> Callable[[Path], None]:
    """Return a change of a file that is no text: one more byte."""

    def change(root: Path) -> None:
        file = root / path
        file.write_bytes(file.read_bytes() + b"\0")

    return change


VERSION = "numpy==" + pins(ROOT)["numpy"]
WORDS_PY, LECTURE_MD = "unrolled/words.py", "lectures/07_trial.md"
NOTHING = {
    "a new label": replaced('"accuracy":', '"a new label": "nowa",\n    "accuracy":', WORDS_PY),
    "a label that is not shown": replaced('"accuracy": "', '"accuracy": "inna ', WORDS_PY),
    "a new neutral name": replaced('"kHz",', '"kHz",\n        "MHz",', WORDS_PY),
    "a module's docstring": replaced(
        '"""The look', '"""How it looks. The look', "unrolled/style.py"
    ),
    "a function's docstring": replaced('"""Set the style', '"""Set it', "unrolled/style.py"),
    "a comment": ended("# Nothing more.", "unrolled/style.py"),
    "a module that was not loaded": ended("LAST = 1", "unrolled/lessons/contest.py"),
    "a hint": replaced("Not thrice", "Twice is not thrice", "unrolled/exercises/trial.md"),
    "a mistake": ended("2 * x => x", "unrolled/exercises/trial.md"),
    "a library that was not loaded": replaced("statsmodels==", "statsmodels==9", "constraints.txt"),
    "a tool": replaced("ruff==", "ruff==9", "constraints.txt"),
    "data that were not read": ended("1961,1,450", "data/airline.csv"),
}
EVERYTHING = {
    "numpy": replaced(VERSION, "numpy==99.0", "constraints.txt"),
    "a line of the data": ended("Jeszcze jedno zdanie.", "data/course.txt"),
    "data that are gone": removed("data/course.txt"),
    "a label that is shown": replaced('"step #": "', '"step #": "kolejny ', WORDS_PY),
    "an entry for one number of it": replaced('"accuracy"', '"step 3": "3.", "accuracy"', WORDS_PY),
    "a neutral name that is shown": replaced('"tanh",\n', "", WORDS_PY),
    "code of the catalogue": replaced('"Jan": "sty"', '"Jan": "STY"', WORDS_PY),
    "code of a module": replaced('"font.size": 14', '"font.size": 15', "unrolled/style.py"),
    "the cases of an exercise": replaced("(1, 2, 3)", "(1, 2)", "unrolled/exercises/trial.py"),
    "a module that is gone": removed("unrolled/palette.py"),
    "a font": lengthened("unrolled/fonts/SourceSans3-Regular.ttf"),
    "a cell": replaced("ax.set(xlabel", "ax.set(title='', xlabel", LECTURE_MD),
}


@pytest.mark.parametrize("change", NOTHING.values(), ids=NOTHING)
def test_what_the_outputs_do_not_depend_on_executes_nothing(
    copy: Path, change: Callable[[Path], None]
) -> None:
    change(copy)
    assert not stale(copy / LECTURE_MD, copy)


@pytest.mark.parametrize("change", EVERYTHING.values(), ids=EVERYTHING)
def test_what_the_outputs_depend_on_executes_the_source(
    copy: Path, change: Callable[[Path], None]
) -> None:
    change(copy)
    (late,) = stale(copy / LECTURE_MD, copy)
    assert "is not as executed" in late


def test_prose_is_written_without_a_run(copy: Path) -> None:
    replaced("Ask.", "Ask them.", LECTURE_MD)(copy)
    assert stale(copy / LECTURE_MD, copy) == ["lectures/en/07_trial.ipynb differs from its source"]
    assert update(copy / LECTURE_MD, copy, bar=False).seconds is None


def test_outputs_under_code_that_was_edited_by_hand_do_not_hold(copy: Path) -> None:
    replaced("2 * x", "x + x", "lectures/en/07_trial.ipynb")(copy)
    (late,) = stale(copy / LECTURE_MD, copy)
    assert "is not as executed" in late


def test_a_notebook_keeps_what_its_run_used(executed: Path) -> None:
    notebook = nbformat.read(executed / "lectures" / "pl" / "07_trial.ipynb", as_version=4)
    used = Used.of(notebook.metadata["unrolled"]["used"])
    assert used.words == ("step #", "tanh")
    assert "data/course.txt" in used.files
    assert "unrolled/exercises/trial.py" in used.modules  # loaded by its name, imported nowhere
    assert not [name for name in used.files if name.startswith("unrolled/exercises/")]
    assert {"matplotlib", "numpy"} <= set(used.libraries)
    assert json.dumps(notebook.metadata["unrolled"]["used"]) == json.dumps(used.record())


def test_a_solution_that_its_check_refuses_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = planted(tmp_path, CODE.replace("2 * x", "3 * x"))
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    with pytest.raises(SourceError, match="refuses the course's own solution"):
        update(source, tmp_path, bar=False)


def test_a_module_whose_code_is_shown_enters_with_all_its_text(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    code = (
        "import inspect\n\nfrom unrolled import palette\n\nprint(len(inspect.getsource(palette)))"
    )
    source = planted(tmp_path, code)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    update(source, tmp_path, bar=False)
    replaced('"""The course', '"""Our course', "unrolled/palette.py")(tmp_path)
    assert stale(source, tmp_path)


def test_other_libraries_than_the_pinned_ones_execute_nothing(lecture: Path) -> None:
    root = lecture.parent.parent
    (root / "constraints.txt").write_text("numpy==1.0\n", encoding="utf-8")
    assert "numpy" in unlike_pins(root)[0]
    with pytest.raises(SourceError, match=r"constraints.txt pins 1.0; run: make setup"):
        update(lecture, root, bar=False)


def test_labels_without_letters_have_no_entry() -> None:
    # What shows such a label does not record it.
    assert all(has_letters(template(label)) for label in [*WORDS, *NEUTRAL])


# The course ----------------------------------------------------------------------------------


@cache
def documents() -> dict[str, tuple[nbformat.NotebookNode, Used]]:
    """Return each document's executed Polish edition and what its run used."""
    found = {}
    for source in course.sources():
        edition = Edition("pl", "lecture" if source.kind == "lecture" else "solutions")
        notebook = nbformat.read(edition.path(source, ROOT), as_version=4)
        found[source.name] = notebook, Used.of(notebook.metadata["unrolled"]["used"])
    return found


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what the course's keys are made of."""
    root = tmp_path_factory.mktemp("house")
    for folder in ("unrolled", "data", "img"):
        shutil.copytree(ROOT / folder, root / folder, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "constraints.txt", root)
    return root


def executes(changes: list[Callable[[Path], None]], house: Path, root: Path) -> set[str]:
    """Return the documents of the course that changes would execute again."""
    shutil.copytree(house, root)
    for change in changes:
        change(root)
    return {
        name
        for name, (notebook, used) in documents().items()
        if key(notebook, used, root) != notebook.metadata["unrolled"]["code"]
    }


def test_a_label_a_hint_a_docstring_and_fetching_execute_nothing(
    house: Path, tmp_path: Path
) -> None:
    changes = [
        NOTHING["a new label"],
        NOTHING["a function's docstring"],
        *(removed(name) for name in FETCHING),
        lambda root: (root / "unrolled" / "exercises" / "memory.md").write_text("Another hint."),
    ]
    assert executes(changes, house, tmp_path / "root") == set()


def test_another_numpy_executes_the_whole_course(house: Path, tmp_path: Path) -> None:
    assert executes([EVERYTHING["numpy"]], house, tmp_path / "root") == set(documents())


def test_another_course_text_executes_what_reads_it(house: Path, tmp_path: Path) -> None:
    changed = executes([EVERYTHING["a line of the data"]], house, tmp_path / "root")
    assert changed == {"01_sequences", "05_characters", "07_diacritics", "09_embeddings"}
