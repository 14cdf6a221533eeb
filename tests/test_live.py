"""Scratch copies: what a lecturer is given, what is kept, and that the course is not touched."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from base64 import b64encode
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from press import __main__ as command
from press.exports import lab, live
from press.exports.busy import BusyError
from press.exports.deck import motif
from press.exports.live import (
    LIVE,
    Scratch,
    cleared,
    edits,
    edits_path,
    held,
    keep,
    lecture_path,
    prepare,
    presented,
)

SLIDE = {"slideshow": {"slide_type": "slide"}}
HIDDEN = {"jupyter": {"source_hidden": True}}


def printed(text: str) -> NotebookNode:
    return new_output("stream", name="stdout", text=text)


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A repository with one lecture: a title, a cell to run, a figure whose code is hidden."""
    monkeypatch.setenv("JUPYTER_DATA_DIR", str(tmp_path / "data"))
    cells = [
        new_markdown_cell("# Bramki", id="title", metadata=SLIDE),
        new_markdown_cell("## Ile?\n\nw\u00a0pamięci", id="question", metadata=SLIDE),
        new_code_cell("6 * 7", id="seen", outputs=[printed("42")], execution_count=3),
        new_code_cell("draw()", id="figure", metadata=HIDDEN, outputs=[printed("~~")]),
        new_markdown_cell("notes", id="n", metadata={"slideshow": {"slide_type": "notes"}}),
    ]
    metadata = {
        "language": "pl",
        "title": "Bramki",
        "rise": {"theme": "white"},
        "unrolled": {"kind": "lecture", "number": "03", "source": "lectures/03_gates.md"},
    }
    root = tmp_path / "course"
    (root / "lectures" / "pl").mkdir(parents=True)
    (root / "img" / "pl").mkdir(parents=True)
    (root / "img" / "pl" / "valve.svg").write_text("<svg/>", encoding="utf-8")
    (root / "press" / "static").mkdir(parents=True)
    (root / "press" / "static" / "rise.css").write_text("body{}", encoding="utf-8")
    notebook = new_notebook(cells=cells, metadata=metadata)
    nbformat.write(notebook, root / "lectures" / "pl" / "03_gates.ipynb")
    return root


LECTURE = "lectures/pl/03_gates.ipynb"


def ready(root: Path, **options: int) -> Scratch:
    scratch = presented(root, LECTURE)
    prepare(scratch, [LECTURE], **options)
    return scratch


def change(scratch: Scratch, cell_id: str, text: str) -> None:
    path = scratch.folder / LECTURE
    notebook = nbformat.read(path, as_version=4)
    next(cell for cell in notebook.cells if cell.id == cell_id).source = text
    nbformat.write(notebook, path)


def test_a_scratch_copy_lies_as_the_original_does(course: Path) -> None:
    scratch = ready(course)
    assert scratch.folder == course / "build" / "present" / "03_gates.pl"
    assert (scratch.folder / LECTURE).is_file()
    assert (scratch.folder / "lectures" / "pl" / "rise.css").is_file()
    assert ((scratch.folder / LECTURE).parent / "../../img/pl/valve.svg").resolve().is_file()


def test_code_that_is_shown_has_not_been_run_and_a_figure_is_there(course: Path) -> None:
    notebook = nbformat.read(ready(course).folder / LECTURE, as_version=4)
    cells = {cell.id: cell for cell in notebook.cells}
    assert cells["seen"].outputs == []
    assert cells["seen"].execution_count is None
    assert cells["figure"].outputs[0].text == "~~"
    assert {**notebook.metadata["rise"], **LIVE} == notebook.metadata["rise"]
    assert notebook.metadata["rise"]["theme"] == "white"


def test_the_committed_lectures_are_cleared_by_that_rule(root: Path) -> None:
    for path in sorted((root / "lectures").glob("*/*.ipynb")):
        notebook = nbformat.read(path, as_version=4)
        hidden = [c for c in notebook.cells if c.metadata.get("jupyter", {}).get("source_hidden")]
        before = sum(len(cell.outputs) for cell in hidden)
        cleared(notebook, path.name)
        assert before, path
        assert sum(len(cell.outputs) for cell in hidden) == before, path
        others = [c for c in notebook.cells if c.cell_type == "code" and c not in hidden]
        assert others, path
        assert not any(cell.outputs for cell in others), path


def test_the_live_view_is_told_slides_classes_outputs_and_the_lit_number(course: Path) -> None:
    scratch = ready(course, slide=2)
    file = (scratch.folder / LECTURE).with_suffix(".live.json")
    told = json.loads(file.read_text(encoding="utf-8"))
    assert told["start"] == 2
    assert told["language"] == "pl"
    assert told["foot"] == "Unrolled · Bramki"
    assert [slide["cell"] for slide in told["slides"]] == ["title", "question"]
    assert told["slides"][0]["class"] == "title-slide"
    assert list(told["outputs"]) == ["seen"]
    assert told["edits"] == "build/present/03_gates.pl.edits.md"
    lit = b64encode(motif("lecture", "03").encode()).decode()
    assert lit in (scratch.folder / LECTURE).with_suffix(".css").read_text(encoding="utf-8")


@pytest.mark.parametrize("slide", [0, 3])
def test_a_slide_that_there_is_not_is_refused(
    course: Path, slide: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lab, "_serve", lambda *_, **__: pytest.fail("JupyterLab was started"))
    scratch = ready(course)
    with pytest.raises(FileNotFoundError, match=rf"no slide {slide} in 03_gates \(pl\): it has 2"):
        lab.present(course, LECTURE, slide=slide)
    assert (scratch.folder / LECTURE).is_file(), "the last copy is gone"


def test_nothing_edited_nothing_kept_and_running_is_no_edit(course: Path) -> None:
    scratch = ready(course)
    path = scratch.folder / LECTURE
    notebook = nbformat.read(path, as_version=4)
    notebook.cells[2].outputs = [printed("42")]
    notebook.cells[2].execution_count = 1
    nbformat.write(notebook, path)
    assert keep(scratch) == []
    assert not list((course / "build" / "present").glob("*.md"))


def test_an_edit_is_kept_once_with_its_slide_and_no_file_is_written_over(course: Path) -> None:
    before = (course / LECTURE).read_bytes()
    scratch = ready(course)
    change(scratch, "seen", "6 * 8")
    (first,) = keep(scratch)
    text = first.read_text(encoding="utf-8")
    assert first.name == "03_gates.pl.edits.md"
    assert "## `seen`, slide 2" in text
    assert "```python\n6 * 8\n```" in text
    assert "-6 * 7\n+6 * 8" in text
    assert "`lectures/03_gates.md`" in text
    assert keep(scratch) == [], "kept twice"
    change(scratch, "question", "## Ile?\n\nw\u00a0głowie")
    (second,) = keep(scratch)
    assert second.name == "03_gates.pl.edits-2.md"
    assert "w głowie" in second.read_text(encoding="utf-8"), "the build's glue is not the source's"
    assert first.read_text(encoding="utf-8") == text
    assert (course / LECTURE).read_bytes() == before


def test_cells_added_and_removed_are_named_and_fences_hold_fences() -> None:
    old = [new_markdown_cell("a", id="a", metadata=SLIDE), new_code_cell("b", id="b")]
    new = [old[0], new_markdown_cell("```\nx\n```", id="c")]
    before = new_notebook(cells=old, metadata={"title": "T"})
    text = edits(before, new_notebook(cells=new))
    assert "## Added after `a`" in text
    assert "````markdown\n```\nx\n```\n````" in text
    assert "## Removed: `b`, slide 1" in text


def test_what_a_crash_left_is_kept_before_the_copy_is_made_anew(course: Path) -> None:
    scratch = ready(course)
    change(scratch, "seen", "lost = 1")  # and the process is gone
    with lab._scratch(scratch, [LECTURE]) as copy:
        assert "6 * 7" in (copy.folder / LECTURE).read_text(encoding="utf-8")
    (kept,) = (course / "build" / "present").glob("*.edits*")
    assert "lost = 1" in kept.read_text(encoding="utf-8")


def test_half_a_file_is_kept_as_it_is_each_time(course: Path) -> None:
    for text in ('{"cells": [', "{}", "[]"):
        scratch = ready(course)
        (scratch.folder / LECTURE).write_text(text, encoding="utf-8")
        (kept,) = keep(scratch)
        assert kept.read_text(encoding="utf-8") == text
    damaged = sorted((course / "build" / "present").glob("*.damaged"))
    assert [path.name for path in damaged] == [
        "03_gates.pl.edits-2.ipynb.damaged",
        "03_gates.pl.edits-3.ipynb.damaged",
        "03_gates.pl.edits.ipynb.damaged",
    ]
    assert damaged[-1].read_text(encoding="utf-8") == '{"cells": [', "the first one is lost"


def mine(folder: Path) -> dict[str, str]:
    """Put files into a scratch copy as a lecturer does; return them with what is in them."""
    lectures = folder / "lectures" / "pl"
    (folder / LECTURE).rename(lectures / "my_gates.ipynb")
    texts = {
        "Untitled.ipynb": "{}",
        "lectures/pl/notes/why.txt": "because",
        "img/pl/valve.svg": "<svg>mine</svg>",
    }
    for name, text in texts.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    for name in (".ipynb_checkpoints/my-checkpoint.ipynb", "__pycache__/helper.pyc"):
        (lectures / name).parent.mkdir()
        (lectures / name).write_text("by the way", encoding="utf-8")
    saved = (lectures / "my_gates.ipynb").read_text(encoding="utf-8")
    return {**texts, "lectures/pl/my_gates.ipynb": saved}


def found(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for path in folder.rglob("*")
        if path.is_file()
    }


def test_a_file_that_was_put_into_the_copy_is_kept_and_told(
    course: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    scratch, beside = presented(course, LECTURE), course / "build" / "present"
    with lab._scratch(scratch, [LECTURE]) as copy:
        first = mine(copy.folder)
    told = capsys.readouterr().out
    assert found(beside / "03_gates.pl.left") == first
    for name in first:
        assert f"edited while presenting: {beside / '03_gates.pl.left' / name}\n" in told
    ready(course)
    mine(scratch.folder)
    (scratch.folder / "Untitled.ipynb").write_text("after a crash", encoding="utf-8")
    with lab._scratch(scratch, [LECTURE]) as copy:
        assert not (copy.folder / "Untitled.ipynb").exists()
        assert (copy.folder / "img" / "pl" / "valve.svg").read_text() == "<svg/>", "given anew"
        kept = found(beside / "03_gates.pl.left-2")
    assert kept == {**first, "Untitled.ipynb": "after a crash"}
    assert "left from the last time: " in capsys.readouterr().out
    assert found(beside / "03_gates.pl.left") == first
    assert not (beside / "03_gates.pl.left-3").exists(), "nothing was put into the last copy"


def test_a_link_is_moved_and_not_what_it_leads_to(course: Path, tmp_path: Path) -> None:
    scratch = ready(course)
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / "thesis.txt").write_text("x", encoding="utf-8")
    (scratch.folder / "home").symlink_to(tmp_path / "home")
    (link,) = keep(scratch)
    assert link.is_symlink()
    ready(course)
    assert (tmp_path / "home" / "thesis.txt").read_text(encoding="utf-8") == "x"


@pytest.mark.parametrize("what", ["order", "kind", "picture", "slide"])
def test_what_cannot_be_told_in_words_is_kept_as_a_notebook(course: Path, what: str) -> None:
    scratch = ready(course)
    path = scratch.folder / LECTURE
    notebook = nbformat.read(path, as_version=4)
    if what == "order":
        notebook.cells[1:3] = notebook.cells[2:0:-1]
    elif what == "kind":
        notebook.cells[2] = new_markdown_cell("6 * 7", id="seen")
    elif what == "picture":
        notebook.cells[1]["attachments"] = {"a.png": {"image/png": "AAAA"}}
    else:
        notebook.cells[2].metadata["slideshow"] = {"slide_type": "slide"}
    nbformat.write(notebook, path)
    (kept,) = keep(scratch)
    assert kept.name == "03_gates.pl.edits.ipynb"
    assert nbformat.read(kept, as_version=4) == notebook
    assert keep(scratch) == [], "kept twice"


def test_a_lecture_is_presented_by_one_process_at_a_time(course: Path) -> None:
    scratch = ready(course)
    code = (
        "from pathlib import Path; import sys\n"
        "from press.exports.live import Scratch, held\n"
        "with held(Scratch(Path(sys.argv[1]), Path(sys.argv[2]))):\n"
        "    print('held', flush=True); sys.stdin.read()"
    )
    with subprocess.Popen(
        [sys.executable, "-c", code, str(scratch.folder), str(course)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout
        assert other.stdin
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match="being presented already"), held(scratch):
            pass
        other.stdin.close()
        other.wait()
    with held(scratch):
        assert (scratch.folder / LECTURE).is_file(), "holding it does not change it"


def test_a_copy_that_is_shown_is_not_touched_by_whoever_would_show_it_too(course: Path) -> None:
    """A kernel computes in it: its folder must not be made anew beneath it."""
    scratch = presented(course, LECTURE)
    with lab._scratch(scratch, [LECTURE]) as copy:
        folder = copy.folder
        place = folder.stat().st_ino
        code = (
            "from pathlib import Path; import sys\n"
            "from press.exports import lab\n"
            "lab._serve = lambda *_, **__: sys.exit('JupyterLab was started')\n"
            "try:\n    lab.present(Path(sys.argv[1]), sys.argv[2], slide=int(sys.argv[3]))\n"
            "except Exception as error:\n    print(type(error).__name__)"
        )
        for slide, told in (("1", "BusyError"), ("500", "FileNotFoundError")):
            ran = subprocess.run(
                [sys.executable, "-c", code, str(course), LECTURE, slide],
                capture_output=True,
                text=True,
                check=False,
            )
            assert ran.stdout.strip() == told, ran.stderr
        assert folder.stat().st_ino == place
        assert (folder / LECTURE).is_file()


@pytest.mark.skipif(os.name == "nt", reason="a lock is nothing to inherit there")
def test_a_copy_is_held_as_long_as_anything_serves_it(
    course: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """``kill -9`` ends `press present` and not JupyterLab, which goes on serving the copy."""
    server = tmp_path / "server" / "jupyterlab.py"
    server.parent.mkdir()
    server.write_text("import os, time; print(os.getpid(), flush=True); time.sleep(300)")
    monkeypatch.setattr(live, "PATIENCE", 0)
    monkeypatch.setattr(lab, "_serve", lambda *_, **__: pytest.fail("JupyterLab was started"))
    code = (
        "from pathlib import Path; import sys; from press.exports import lab\n"
        "lab.present(Path(sys.argv[1]), sys.argv[2], browser=False)"
    )
    path = os.pathsep.join([str(server.parent), *sys.path])
    with subprocess.Popen(
        [sys.executable, "-c", code, str(course), LECTURE],
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path},
    ) as press:
        assert press.stdout
        serving = int(press.stdout.readline())
        try:
            scratch = presented(course, LECTURE)
            change(scratch, "seen", "typed = 1")
            lock = scratch.folder.with_name(".03_gates.pl.held")
            while lock.read_text(encoding="utf-8") != str(serving):
                time.sleep(0.05)
            press.kill()
            press.wait()
            with pytest.raises(BusyError, match=rf"neither is there any more: kill {serving}\)$"):
                lab.present(course, LECTURE)
            assert "typed = 1" in (scratch.folder / LECTURE).read_text(encoding="utf-8")
        finally:
            os.kill(serving, signal.SIGKILL)
    monkeypatch.setattr(live, "PATIENCE", 30)
    with held(scratch):
        (kept,) = keep(scratch)
    assert "typed = 1" in kept.read_text(encoding="utf-8")


def test_a_folder_that_the_system_keeps_is_not_touched(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So it is on Windows while JupyterLab works in it: the folder has no other name."""
    scratch = ready(course)
    before = mine(scratch.folder)

    def kept(folder: Path, target: Path) -> None:
        raise PermissionError(13, "used by another process")

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", kept)
        with pytest.raises(BusyError, match=r"at work in .* end what shows it"):
            lab.present(course, LECTURE)
    assert before.items() <= found(scratch.folder).items()
    assert len(list(scratch.folder.parent.iterdir())) == 2, "the copy and its lock"


def test_where_edits_go_is_a_file_that_is_not_there_yet(course: Path) -> None:
    scratch = ready(course)
    first = edits_path(scratch, Path(LECTURE))
    first.write_text("mine", encoding="utf-8")
    assert edits_path(scratch, Path(LECTURE)).name == "03_gates.pl.edits-2.md"


@pytest.mark.parametrize("name", ["3", "03", "gates", "03_gates", "lectures/03_gates.md"])
def test_a_lecture_is_found_by_number_and_by_name(root: Path, name: str) -> None:
    assert lecture_path(root, name, "pl") == LECTURE


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--lecture", "99"], "there is no lecture '99' in 'pl'; there are: 01_sequences"),
        (["--lecture", "gate"], "there is no lecture 'gate'"),
        (["--lecture", "03", "--slide", "500"], "there is no slide 500 in 03_gates (pl)"),
    ],
)
def test_misuse_is_told_in_one_line(
    arguments: list[str],
    told: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(lab, "_serve", lambda *_, **__: pytest.fail("JupyterLab was started"))
    assert command.main(["present", *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error
    assert error.count("\n") == 1
