"""Misuse of ``python -m press`` and files that are broken: a sentence, and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from press import __main__ as command
from press.exports import unmatched
from press.sources import hints, numbering, syntax
from press.sources.source import find, read


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Return the one line that a command says before it ends as misused."""
    assert command.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.count("\n") == 1, error
    return error


def test_code_that_is_no_python_is_named_and_magics_are_code(lecture: Path) -> None:
    text = lecture.read_text(encoding="utf-8")
    assert "total = " in text
    lecture.write_text(text.replace("total = ", "imprt keras\ntotal = ", 1), encoding="utf-8")
    (problem,) = syntax.problems(read(lecture))
    assert "this is not Python" in problem.text
    assert "imprt keras" in problem.text
    lecture.write_text(text.replace("total = ", "%precision 3\ntotal = ", 1), encoding="utf-8")
    assert syntax.problems(read(lecture)) == []


def test_a_number_is_one_sources_alone(lecture: Path) -> None:
    assert numbering.problems(lecture.parent.parent) == []
    (lecture.parent / "07_zebra.md").write_bytes(lecture.read_bytes())
    (problem,) = numbering.problems(lecture.parent.parent)
    assert problem.path.name == "07_zebra.md"
    assert "07_trial.md has the number 07 already" in problem.text


def test_a_folder_is_no_source(lecture: Path) -> None:
    (lecture.parent / "08_folder.md").mkdir()
    assert find(lecture.parent.parent) == [lecture]


def test_slides_of_ones_own_that_fit_no_lecture_are_named(lecture: Path) -> None:
    mine = lecture.parent / "local"
    mine.mkdir()
    for name in ("07_trial.pl.md", "7_trial.pl.md", "README.md"):
        (mine / name).write_text("x", encoding="utf-8")
    (problem,) = unmatched.problems(lecture.parent.parent)
    assert problem.path.name == "7_trial.pl.md"
    assert "call it 07_trial.pl.md" in problem.text


def test_the_hints_of_the_lab_that_is_named_are_read(tmp_path: Path) -> None:
    folder = tmp_path / "unrolled" / "exercises"
    folder.mkdir(parents=True)
    for name in ("memory", "sine"):
        (folder / f"{name}.md").write_text("# no edit\n\n=>\n", encoding="utf-8")
    every = hints.problems(tmp_path)
    assert {problem.path.stem for problem in every} == {"memory", "sine"}
    assert hints.problems(tmp_path, ["04_memory"]) == [p for p in every if p.path.stem == "memory"]


def test_full_scale_wants_labs(capsys: pytest.CaptureFixture[str]) -> None:
    assert "only labs are executed" in told(["full", "lectures/03_gates.md"], capsys)


def test_a_file_is_no_folder_of_data(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    place = tmp_path / "data.zip"
    place.write_bytes(b"")
    monkeypatch.setenv("UNROLLED_DATA", str(place))
    assert "data.zip is a file: UNROLLED_DATA names the folder" in told(["data", "--check"], capsys)


def test_a_broken_course_toml_is_told_in_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from press.exports import house

    path = tmp_path / "course.toml"
    path.write_text("[here\n", encoding="utf-8")
    monkeypatch.setattr(command, "_COMMANDS", {"deck": lambda _: house.read(path)})
    assert "course.toml" in told(["deck", "--lecture", "03"], capsys)
