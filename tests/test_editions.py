"""Editions: what each audience gets, and that building again changes nothing."""

from __future__ import annotations

import json
import re
from pathlib import Path

import course
import nbformat
import pytest
from test_lab_outputs import compared, shown

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
        if source.by_edition:  # one line differs, and only in what it says
            same = [c.replace('LANGUAGE = "pl"', 'LANGUAGE = "en"', 1) for c in code[0]]
            assert same != code[0], f"{source.name}: the Polish edition has no LANGUAGE"
            code[0] = same
        assert code[0] == code[1], f"{source.name}: code differs between languages"


def test_what_is_compared_is_the_same_in_editions_that_are_executed_each_on_its_own() -> None:
    # tests/run.py compares the English outputs of a lab: the Polish ones must say no more.
    sources = [source for source in map(read, find(ROOT)) if source.by_edition]
    assert sources
    for source in sources:
        executed = [edition for edition in editions(source) if edition.executed]
        pl, en = (nbformat.read(e.path(source, ROOT), as_version=4) for e in executed)
        found = 0
        for ours, theirs in zip(compared(pl), compared(en), strict=True):
            kinds = [[sorted(out.get("data", {})) for out in c.outputs] for c in (ours, theirs)]
            numbers = [re.findall(r"\d+", shown(c)) for c in (ours, theirs)]
            assert kinds[0] == kinds[1], f"{source.name}, cell {ours.id!r}"
            assert numbers[0] == numbers[1], f"{source.name}, cell {ours.id!r}"
            found += len(numbers[0])
        assert found, f"{source.name}: nothing is compared"


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


BY_EDITION = """\
```{code-cell} ipython3
---
tags: [parameters]
id: parameters
---
LANGUAGE = "en"
```

```{code-cell} ipython3
---
id: read
---
from pathlib import Path

root = Path().resolve().parents[1]
assert Path().resolve().name == LANGUAGE, "it runs where its edition lies"
print((root / "data" / f"{LANGUAGE}.txt").read_text())
```
"""


def test_by_edition_each_language_runs_with_its_own_data(lecture: Path) -> None:
    root = lecture.parent.parent
    text = lecture.read_text(encoding="utf-8")
    text = text.replace("  minutes: 3\n", "  minutes: 3\n  executed: by edition\n")
    lecture.write_text(text + "\n" + BY_EDITION, encoding="utf-8")
    data = root / "data"
    data.mkdir()
    for language, said in (("pl", "tekst"), ("en", "text")):
        (data / f"{language}.txt").write_text(said, encoding="utf-8")

    def editions_read() -> dict[str, tuple[str, str, list[str]]]:
        found = {}
        for language in ("pl", "en"):
            notebook = nbformat.read(root / "lectures" / language / "07_trial.ipynb", as_version=4)
            cells = {cell.id: cell for cell in notebook.cells}
            files = list(notebook.metadata["unrolled"]["used"]["files"])
            printed = cells["read"].outputs[0].text.strip()
            found[language] = (cells["parameters"].source, printed, files)
        return found

    assert update(lecture, root, bar=False).seconds is not None
    assert editions_read() == {
        "pl": ('LANGUAGE = "pl"', "tekst", ["data/pl.txt"]),
        "en": ('LANGUAGE = "en"', "text", ["data/en.txt"]),
    }
    assert not stale(lecture, root)
    # Only the edition whose data changed runs again.
    (data / "pl.txt").write_text("inny tekst", encoding="utf-8")
    (late,) = stale(lecture, root)
    assert late.startswith("07_trial.md (pl): ")
    english = (root / "lectures" / "en" / "07_trial.ipynb").read_bytes()
    report = update(lecture, root, bar=False)
    assert report.seconds is not None
    assert [path.parent.name for path in report.written] == ["pl"]
    assert editions_read()["pl"][1] == "inny tekst"
    assert (root / "lectures" / "en" / "07_trial.ipynb").read_bytes() == english
    assert update(lecture, root, bar=False).seconds is None


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
