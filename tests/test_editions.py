"""Editions: what each audience gets, and that building again changes nothing."""

from __future__ import annotations

import json
from pathlib import Path

import course
import nbformat
import pytest

from press.notebooks.editions import Edition, editions, render, solved, unsolved
from press.notebooks.kept import serialise
from press.notebooks.update import stale, update
from press.sources.source import SourceError, find, read

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [pytest.param(path, id=path.stem) for path in find(ROOT)]
LABS = [pytest.param(path, id=path.stem) for path in find(ROOT) if path.parent.name == "labs"]


@pytest.mark.parametrize("path", SOURCES)
def test_both_languages_have_the_same_cells_and_code(path: Path, root: Path) -> None:
    source = course.source(path)
    for audience in {e.audience for e in editions(source)}:
        pl, en = (
            nbformat.read(Edition(lang, audience).path(source, root), as_version=4)
            for lang in ("pl", "en")
        )
        assert [c.id for c in pl.cells] == [c.id for c in en.cells]
        assert [c.cell_type for c in pl.cells] == [c.cell_type for c in en.cells]
        code = [[c.source for c in nb.cells if c.cell_type == "code"] for nb in (pl, en)]
        assert code[0] == code[1], f"{source.name}: code differs between languages"


@pytest.mark.parametrize("path", SOURCES)
def test_committed_notebooks_are_up_to_date(path: Path, root: Path) -> None:
    late = stale(path, root)
    assert not late, "run `make notebooks`: " + "; ".join(late)


@pytest.mark.parametrize("path", LABS)
def test_a_student_edition_holds_no_solution_and_no_output(path: Path, root: Path) -> None:
    source = course.source(path)
    for edition in editions(source):
        if edition.executed:
            continue
        text = edition.path(source, root).read_text(encoding="utf-8")
        notebook = json.loads(text)
        assert "SOLUTION" not in text
        assert all(not c.get("outputs") for c in notebook["cells"])
        assert all(c.get("execution_count") is None for c in notebook["cells"])
        exercises = [c for c in notebook["cells"] if "exercise" in c["metadata"].get("tags", [])]
        assert exercises
        assert all("# your code here" in "".join(c["source"]) for c in exercises)


def test_a_stub_stands_where_the_solution_stood() -> None:
    code = "def f(x):\n    a = 1\n    ### BEGIN SOLUTION\n    return x\n    ### END SOLUTION"
    stub = "    # your code here\n    raise NotImplementedError"
    assert unsolved(code) == f"def f(x):\n    a = 1\n{stub}"
    assert solved(code) == "def f(x):\n    a = 1\n    return x"
    margin = "answer = None\n### BEGIN SOLUTION\nanswer = 'B'\n### END SOLUTION\nprint(answer)"
    assert unsolved(margin) == "answer = None\n# your code here\nprint(answer)"
    assert solved(margin) == "answer = None\nanswer = 'B'\nprint(answer)"


def test_hidden_cells_and_answers_stay_out(lab: Path) -> None:
    source = read(lab)
    for edition in editions(source):
        text = serialise(render(source, edition))
        assert "twice-hidden" not in text
        assert ("Just so" in text) == (edition.audience == "solutions" and edition.language == "en")
        assert ("return 2 * x" in text) == (edition.audience == "solutions")


def test_updating_twice_changes_no_byte_and_runs_once(lecture: Path) -> None:
    root = lecture.parent.parent
    first = update(lecture, root, bar=False)
    assert first.seconds is not None
    assert not stale(lecture, root)
    again = update(lecture, root, bar=False)
    assert again.seconds is None
    assert again.written == []
    notebook = nbformat.read(root / "lectures" / "pl" / "07_trial.ipynb", as_version=4)
    assert next(c for c in notebook.cells if c.cell_type == "code").outputs[0].text == "2\n"


def test_prose_changes_without_a_run_and_code_changes_with_one(lecture: Path) -> None:
    root = lecture.parent.parent
    update(lecture, root, bar=False)
    text = lecture.read_text(encoding="utf-8")
    lecture.write_text(text.replace("Ask.", "Ask them."), encoding="utf-8")
    assert stale(lecture, root) == ["lectures/en/07_trial.ipynb differs from its source"]
    assert update(lecture, root, bar=False).seconds is None
    lecture.write_text(text.replace("1 + 1", "1 + 2"), encoding="utf-8")
    assert "is not as executed" in stale(lecture, root)[0]
    assert update(lecture, root, bar=False).seconds is not None


def test_a_failing_cell_names_its_line_and_keeps_the_run(lecture: Path) -> None:
    root = lecture.parent.parent
    text = lecture.read_text(encoding="utf-8")
    lecture.write_text(text.replace("1 + 1", "1 / 0"), encoding="utf-8")
    with pytest.raises(SourceError, match="ZeroDivisionError") as caught:
        update(lecture, root, bar=False)
    line = caught.value.problems[0].line
    assert "total" in "".join(lecture.read_text(encoding="utf-8").splitlines()[line : line + 4])
    assert (root / "build" / "failed" / "07_trial.ipynb").is_file()
    assert not (root / "lectures" / "pl").joinpath("07_trial.ipynb").exists()


def test_a_warning_is_an_error(lecture: Path) -> None:
    text = lecture.read_text(encoding="utf-8")
    lecture.write_text(
        text.replace("total = 1 + 1", "import warnings\nwarnings.warn('old')\ntotal = 2")
    )
    with pytest.raises(SourceError, match="writes to stderr"):
        update(lecture, lecture.parent.parent, bar=False)


def test_a_figure_needs_alt_text_in_both_languages(lecture: Path) -> None:
    root = lecture.parent.parent
    draw = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
    text = lecture.read_text(encoding="utf-8").replace("total = 1 + 1\nprint(total)", draw)
    lecture.write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match="has no `alt`"):
        update(lecture, root, bar=False)
    alt = "alt: {pl: Prosta rosnąca, en: A rising line}\nslideshow: {slide_type: fragment}"
    lecture.write_text(text.replace("slideshow: {slide_type: fragment}", alt), encoding="utf-8")
    update(lecture, root, bar=False)
    for lang, words in (("pl", "Prosta rosnąca"), ("en", "A rising line")):
        notebook = nbformat.read(root / "lectures" / lang / "07_trial.ipynb", as_version=4)
        out = next(c for c in notebook.cells if c.cell_type == "code").outputs[0]
        assert out.metadata["image/png"]["alt"] == words


def test_a_message_comes_out_in_each_language(lecture: Path) -> None:
    root = lecture.parent.parent
    code = "from unrolled.messages import Message\nMessage(pl='dobrze', en='right')"
    text = lecture.read_text(encoding="utf-8").replace("total = 1 + 1\nprint(total)", code)
    lecture.write_text(text, encoding="utf-8")
    update(lecture, root, bar=False)
    for lang, word in (("pl", "dobrze"), ("en", "right")):
        notebook = nbformat.read(root / "lectures" / lang / "07_trial.ipynb", as_version=4)
        out = next(c for c in notebook.cells if c.cell_type == "code").outputs[0]
        assert out.data["text/plain"] == word
        assert out.metadata == {}
