"""Collecting, reading and releasing: files of every kind, no sandbox."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shutil
import stat
import tarfile
import tomllib
import zipfile
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import Any

import hostile
import nbformat
import pytest
from nbgrader.api import Grade
from sqlalchemy import event

from bench import grading as bench
from bench import hand_ins
from press.__main__ import main
from press.grading import (
    assignment,
    book,
    depends,
    files,
    judge,
    marking,
    run,
    spreadsheet,
    students,
    weights,
)
from press.grading.assignment import Assignment, assignments
from press.grading.collect import CollectError, collect, said_by
from press.grading.examiner import Handed, Setting, _mark
from press.grading.places import Places
from press.grading.reading import UnreadableError, is_stub, read
from press.grading.release import ReleaseError, release
from press.grading.results import CaseMark, Result, TaskMark, spans, write_whole
from press.grading.run import report, without_notebook
from press.grading.shards import path_of
from press.grading.students import UnknownStudentError
from press.grading.view import disarmed, view
from press.notebooks.editions import Edition, render
from press.sources import source as src
from press.sources.source import SourceError
from unrolled.messages import LANGUAGES


@pytest.fixture(scope="module")
def lab() -> Assignment:
    """Lab 03, as it is given out."""
    found = assignments(Path(__file__).resolve().parent.parent)
    return next(item for item in found if item.lab == "03_airline")


@pytest.fixture
def places(root: Path, tmp_path: Path) -> Places:
    """Folders of grading of their own."""
    return Places(root, tmp_path / "work", tmp_path / "build")


def solved(lab: Assignment, root: Path) -> bytes:
    """Return the right notebook as bytes."""
    return json.dumps(hostile.right(lab, root)).encode()


# --- what is given out -------------------------------------------------------------------------


def test_a_lab_is_read_once_and_nobody_changes_anothers(root: Path) -> None:
    path = root / "labs" / "03_airline.md"
    assignment.read(path).notebooks["pl"].cells.clear()
    assert assignment.read(path).notebooks["pl"].cells
    assert assignment.read(path).tasks is assignment.read(path).tasks


def test_every_exercise_and_open_question_brings_points(lab: Assignment) -> None:
    kinds = [task.kind for task in lab.tasks]
    assert kinds.count("exercise") >= 3
    assert kinds.count("question") >= 1
    assert all(task.points > 0 for task in lab.tasks)
    assert lab.maximum == sum(task.points for task in lab.tasks)
    assert len({task.grade for task in lab.tasks}) == len(lab.tasks)
    assert "Ćwiczenie 1" in lab.tasks[0].title["pl"]


def test_the_release_is_the_student_edition_and_two_kinds_of_cells(
    lab: Assignment, root: Path
) -> None:
    for language in LANGUAGES:
        source = src.read(root / "labs" / f"{lab.lab}.md")
        student = render(source, Edition(language, "student"))
        points = {task.grade for task in lab.tasks if task.kind != "question"}
        released = lab.notebooks[language].cells
        assert [c.source for c in released if c.id not in points] == [
            c.source for c in student.cells
        ]
        for cell in released:
            graded = cell.metadata.get("nbgrader")
            if cell.id in points:
                assert graded["grade"]
                assert graded["locked"]
                assert graded["points"] > 0
                assert all(row.startswith("#") for row in cell.source.splitlines())
            elif graded is not None:
                assert not graded["locked"]
    ids = [
        [c.metadata.get("nbgrader", {}).get("grade_id") for c in lab.notebooks[lang].cells]
        for lang in LANGUAGES
    ]
    assert ids[0] == ids[1]


def test_nbgrader_takes_the_release_and_fills_the_gradebook(
    lab: Assignment, places: Places
) -> None:
    written = release(places, [lab])
    assert [path.parts[-3:] for path in written] == [
        (language, lab.lab, f"{lab.lab}.ipynb") for language in LANGUAGES
    ]
    for path, language in zip(written, LANGUAGES, strict=True):
        notebook = nbformat.read(path, as_version=4)
        nbformat.validate(notebook)
        assert notebook.metadata["language"] == language
        graded = [c for c in notebook.cells if "nbgrader" in c.metadata]
        assert all("checksum" in c.metadata.nbgrader for c in graded)
    with book.open_book(places) as opened:
        found = opened.find_assignment(lab.lab)
        assert found.max_score == lab.maximum
        assert {c.name for c in found.notebooks[0].grade_cells} == {t.grade for t in lab.tasks}
    own = written[0].with_name("hint.png")  # what a teacher puts there, or writes into it
    own.write_bytes(b"mine")
    whole = written[0].read_bytes()
    written[0].write_bytes(b"{}")
    assert release(places, [lab]) == written  # again: nothing in its way
    assert written[0].read_bytes() == whole
    assert own.read_bytes() == b"mine"
    below = written[0].relative_to(places.build)
    assert (places.build / ".yours" / below).read_bytes() == b"{}"


@pytest.mark.parametrize("name", ["kurs[1]", "kurs (1)", "kurs+{2}", "kurs$"])
def test_a_folder_may_be_called_what_nbgrader_takes_for_a_pattern(
    lab: Assignment, root: Path, tmp_path: Path, name: str
) -> None:
    places = Places(root, tmp_path / name / "work", tmp_path / name / "build")
    (path, _) = release(places, [lab])
    assert path.is_relative_to(tmp_path / name)
    assert nbformat.read(path, as_version=4).cells
    with book.open_book(places) as opened:
        assert opened.find_assignment(lab.lab).max_score == lab.maximum


@pytest.mark.parametrize("grown", [True, False], ids=["added", "taken away"])
def test_other_exercises_after_grading_are_refused_with_advice(
    lab: Assignment, places: Places, grown: bool
) -> None:
    less = Assignment(lab.lab, lab.number, lab.slug, lab.tasks[1:], {})
    for language in LANGUAGES:
        notebook = nbformat.from_dict(json.loads(nbformat.writes(lab.notebooks[language])))
        notebook.cells = [c for c in notebook.cells if c.id != lab.tasks[0].grade]
        less.notebooks[language] = notebook
    first, second = (less, lab) if grown else (lab, less)
    given = release(places, [first])
    with book.open_book(places) as opened:
        book.store(opened, result_of(first, "anna"))
    with pytest.raises(ReleaseError, match="--work NEW_FOLDER"):
        release(places, [second])
    assert all(path.is_file() for path in given)
    release(places, [first])


def test_an_exercise_that_is_not_there_is_an_error_of_the_source(tmp_path: Path) -> None:
    from conftest import LAB

    path = tmp_path / "labs" / "07_trial.md"
    path.parent.mkdir()
    path.write_text(LAB, encoding="utf-8")
    with pytest.raises(SourceError, match="no exercise 'trial/twice'"):
        assignment.read(path)


def test_points_stand_in_the_cell(root: Path, tmp_path: Path) -> None:
    source = (root / "labs" / "03_airline.md").read_text(encoding="utf-8")
    path = tmp_path / "labs" / "03_airline.md"
    path.parent.mkdir()
    path.write_text(
        source.replace("exercise: airline/scores\n", "exercise: airline/scores\npoints: 6\n"),
        encoding="utf-8",
    )
    points = {task.name: task.points for task in assignment.read(path).tasks}
    assert points["airline/scores"] == 6
    assert points["airline/naive"] == 4
    assert points["airline/leak"] == 2


# --- the bench ---------------------------------------------------------------------------------


def test_the_bench_hands_in_every_answer_to_every_exercise_of_every_lab(
    root: Path, tmp_path: Path
) -> None:
    for lab in assignments(root):
        answers = bench.bank(lab)
        assert set(answers) == {task.name for task in lab.tasks if task.kind != "question"}
        made = bench.write_bank(tmp_path / lab.lab, lab, root)
        wrong = [(name, what) for name, kind, what in made.values() if kind == "wrong"]
        assert sorted(wrong) == sorted((n, what) for n, a in answers.items() for what in a.wrong)
        assert sorted(n for n, kind, _ in made.values() if kind == "blank") == sorted(answers)
        rights = [student for student in (tmp_path / lab.lab).iterdir() if "right" in student.name]
        assert len(rights) == max(len(answer.right) for answer in answers.values())
        assert all(list(student.glob("*/*.ipynb")) for student in (tmp_path / lab.lab).iterdir())


def test_what_the_bench_wrote_last_stands_in_the_readme_and_names_the_labs_it_has_not(
    root: Path,
) -> None:
    report = json.loads((root / "bench" / "grading.json").read_text(encoding="utf-8"))
    rows = [row for of_lab in report.values() for row in of_lab["exercises"]]
    exercises = [row["exercise"] for row in rows]
    measured = set(report)
    labs = assignments(root)
    tasks = [task for lab in labs if lab.slug in measured for task in lab.tasks]
    graded = [task.name for task in tasks if task.kind != "question"]
    later = [name for name in graded if name not in exercises]
    assert exercises == [name for name in graded if name not in later]
    missing = ", ".join(f"`{lab.slug}`" for lab in labs if lab.slug not in measured)
    readme = (root / "grading" / "README.md").read_text(encoding="utf-8")
    told = f"The bench has not run since these labs came: {missing}"
    told += (
        f", nor since the exercise {', '.join(f'`{name}`' for name in later)}." if later else "."
    )
    assert (told in readme) == bool(missing)
    assert all(bench.Row(**row).ok for row in rows)
    assert bench.tables(report) in readme


def test_a_generated_class_is_the_same_for_the_same_seed_and_has_every_lab_and_group(
    root: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(hand_ins.Course, "share", lambda self, lab, name, what: 0.25)
    monkeypatch.setattr(hand_ins.Course, "brings", lambda self, name, answer: 0.0)
    course = hand_ins.Course(root, "a secret")
    made = hand_ins.make(course, 13, seed=3)
    assert made == hand_ins.make(course, 13, seed=3)
    assert {m.group for m in made} == set(hand_ins.GROUPS)
    assert {m.lab for m in made} == set(course.labs)
    assert len({m.number for m in made}) == 13
    hand_ins.write(tmp_path / "in", made, list(course.labs))
    assert len(list((tmp_path / "in").glob("*.zip"))) == 7
    told = tomllib.loads(hand_ins.deadlines(made, list(course.labs)))
    assert set(told["due"]) == set(course.labs)
    assert [m.lost for m in made if m.group == "late"] == [0.1]


def test_an_answer_of_the_bank_as_text_is_the_same_answer(root: Path) -> None:
    bench.tests_on_path(root)
    course = hand_ins.Course(root, "a secret")
    task = next(t for t in course.tasks("04_memory") if t.name == "memory/lag")
    for answer in course.bank("04_memory")[task.name].right.values():
        text = hand_ins.as_text(task, answer)
        space: dict[str, Any] = {}
        exec(compile(text, "answer", "exec"), space)
        assert all(outcome.ok for outcome in bench.core(task.exercise, space[task.target], "one"))


def test_what_came_of_the_generated_class_stands_in_the_results(root: Path) -> None:
    report = json.loads((root / "bench" / "hand_ins.json").read_text(encoding="utf-8"))
    assert hand_ins.table(report) in (root / "bench" / "RESULTS.md").read_text(encoding="utf-8")
    assert report["rows"] == report["submissions"] == 200
    assert (report["missing"], report["problems"]) == (0, [])


# --- collecting --------------------------------------------------------------------------------


def handed(places: Places, lab: Assignment, folder: Path, **options: str) -> dict[str, Handed]:
    """Collect a folder; return what was handed in by student."""
    found = collect(folder, [lab], places, **options)
    assert len({(h.student, h.lab) for h in found}) == len(found)
    return {h.student: h for h in found}


def test_moodles_folder_with_polish_names(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub"
    made = hostile.write(folder, lab, root, hostile.kinds(places.work)[:3] * 4)
    found = handed(places, lab, folder)
    assert set(found) == {student for student, _ in made}
    assert all(item.path is not None and item.path.is_file() for item in found.values())
    assert "Żaneta_Gżegżółka_2000000" in found


def test_moodles_archive_flat_files_and_nbgraders_folders(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    content = solved(lab, root)
    folder = tmp_path / "sub"
    (folder / "ewa" / "03_airline").mkdir(parents=True)
    (folder / "ewa" / "03_airline" / "03_airline.ipynb").write_bytes(content)
    (folder / "Łukasz Żak_17_assignsubmission_file_03_airline.ipynb").write_bytes(content)
    (folder / "kowalski_03_airline (1).ipynb").write_bytes(content)
    (folder / ".DS_Store").write_bytes(b"x")
    with zipfile.ZipFile(folder / "RNN-Lab 3-4711.zip", "w") as archive:
        archive.writestr("Ola Ćma_18_assignsubmission_file_/03_airline.ipynb", content)
        archive.writestr("Jan Dąb_19_assignsubmission_file_/mój lab.ipynb", content)
        archive.writestr("Jan Dąb_19_assignsubmission_file_/notatki.pdf", b"x")
    found = handed(places, lab, folder)
    assert set(found) == {"ewa", "Łukasz_Żak_17", "kowalski", "Ola_Ćma_18", "Jan_Dąb_19"}
    assert all(item.path is not None for item in found.values())
    alone = handed(places, lab, folder / "RNN-Lab 3-4711.zip")
    assert set(alone) == {"Ola_Ćma_18", "Jan_Dąb_19"}


@pytest.mark.parametrize("encoding", ["utf-8", "cp852", "cp1250"])
@pytest.mark.parametrize("who", ["Józef Żółć", "Ewa Kuś", "Gęś Ćma", "Jan Dvořák"])
def test_names_of_archives_that_do_not_say_their_encoding(
    lab: Assignment, root: Path, places: Places, tmp_path: Path, who: str, encoding: str
) -> None:
    path = tmp_path / "moodle.zip"
    name = f"{who}_5_assignsubmission_file_"
    stand_in = "@" * len(name.encode(encoding))
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(f"{stand_in}/03_airline.ipynb", solved(lab, root))
    raw = path.read_bytes().replace(stand_in.encode(), name.encode(encoding))
    path.write_bytes(raw)
    assert set(handed(places, lab, path)) == {f"{who.replace(' ', '_')}_5"}


def test_two_students_of_one_name_stay_two(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub"
    for name in ("a b", "a_b", "A b"):
        (folder / name).mkdir(parents=True)
        (folder / name / "03_airline.ipynb").write_bytes(solved(lab, root))
    assert len(handed(places, lab, folder)) == 3


def test_the_newest_notebook_counts_and_the_others_are_named(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub" / "ewa"
    folder.mkdir(parents=True)
    for age, name in enumerate(("first.ipynb", "last.ipynb", "older.ipynb")):
        (folder / name).write_bytes(solved(lab, root) + b" " * age)
    os.utime(folder / "first.ipynb", (1e9, 1e9))
    os.utime(folder / "older.ipynb", (1e9 + 5, 1e9 + 5))
    (folder / "empty.ipynb").write_bytes(b"")
    found = handed(places, lab, folder.parent)["ewa"]
    assert found.path is not None
    assert found.path.read_bytes() == (folder / "last.ipynb").read_bytes()
    text = found.remarks[0].texts["en"]
    assert "last.ipynb was graded" in text
    assert "older.ipynb" in text


def test_a_file_that_is_no_place_for_marks_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_text("x", encoding="utf-8")
    for work in (file, file / "below"):
        for command in (["grade", str(tmp_path)], ["feedback"], ["release"], ["formgrader"]):
            assert main([*command, "--work", str(work)]) == 1
            assert capsys.readouterr().err.startswith(f"{file} is a file: marks need a folder")
    monkeypatch.setenv("UNROLLED_GRADING", str(file))
    assert main(["feedback"]) == 1
    assert "marks need a folder" in capsys.readouterr().err
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    assert main(["feedback", "--work", str(tmp_path / "new")]) == 1
    assert f"may not write to {tmp_path}" in capsys.readouterr().err
    assert file.read_text(encoding="utf-8") == "x"


def test_what_is_no_folder_and_no_archive_is_told(
    lab: Assignment, places: Places, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo(tmp_path / "pipe")  # opened, it would wait for ever
    for path in (Path(os.devnull), tmp_path / "pipe"):
        with pytest.raises(CollectError, match="is no folder and no archive"):
            collect(path, [lab], places)
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(CollectError, match="may not be read"):
        collect(tmp_path, [lab], places)


def test_nothing_to_grade_says_what_to_do(lab: Assignment, places: Places, tmp_path: Path) -> None:
    with pytest.raises(CollectError, match="SUBMITTED"):
        collect(tmp_path / "nowhere", [lab], places)
    (tmp_path / "empty").mkdir()
    with pytest.raises(CollectError, match="empty"):
        collect(tmp_path / "empty", [lab], places)
    with pytest.raises(CollectError, match="no lab '99'"):
        collect(tmp_path, [lab], places, lab="99")


@pytest.fixture
def labs(lab: Assignment) -> list[Assignment]:
    """Lab 03, and one before it to which everything would go that is guessed carelessly."""
    return [replace(lab, lab="01_addition", number="01", slug="addition", tasks=()), lab]


def test_which_lab_a_notebook_is_for(
    lab: Assignment, labs: list[Assignment], root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub"
    notebook = hostile.right(lab, root)
    bare = {"cells": notebook["cells"], "metadata": {}}
    for student, name, content in (
        ("by_metadata", "zadanie.ipynb", json.dumps(notebook)),
        ("by_ids", "01.ipynb", json.dumps(bare)),
        ("by_name", "01_addition.ipynb", '{"cells": []}'),
        ("by_folder", "01_addition/x.ipynb", ""),
        ("by_folder_of_a_report", "01_addition/raport.pdf", ""),
        ("by_an_empty_folder", "01_addition/.git/x", ""),
        ("by_a_report", "Lab 1 raport.pdf", ""),
    ):
        (folder / student / name).parent.mkdir(parents=True)
        (folder / student / name).write_text(content, encoding="utf-8")
    found = {h.student: h.lab for h in collect(folder, labs, places)}
    assert found == {
        "by_metadata": "03_airline",
        "by_ids": "03_airline",
        "by_name": "01_addition",
        "by_folder": "01_addition",
        "by_folder_of_a_report": "01_addition",
        "by_an_empty_folder": "01_addition",
        "by_a_report": "01_addition",
    }


@pytest.mark.parametrize("name", ["x.ipynb", "raport.pdf", ""])
def test_where_nothing_says_the_lab_the_run_stops_and_asks(
    lab: Assignment, labs: list[Assignment], root: Path, places: Places, tmp_path: Path, name: str
) -> None:
    folder = tmp_path / "sub"
    (folder / "ewa").mkdir(parents=True)
    if name:
        (folder / "ewa" / name).write_bytes(b"")
    with pytest.raises(CollectError, match="--lab") as caught:
        collect(folder, labs, places)
    assert f"ewa: {name or 'an empty folder'}" in str(caught.value)
    assert not places.submitted.exists()
    assert [h.lab for h in collect(folder, labs, places, "03")] == ["03_airline"]
    # A folder around all, or the others when all of them agree, do say it.
    assert [h.lab for h in collect(folder.rename(tmp_path / "lab03"), labs, places)] == [lab.lab]
    folder = (tmp_path / "lab03").rename(folder)
    (folder / "jan").mkdir()
    (folder / "jan" / "a.ipynb").write_bytes(solved(lab, root))
    assert {h.lab for h in collect(folder, labs, places)} == {"03_airline"}
    (folder / "ola" / "01_addition").mkdir(parents=True)
    with pytest.raises(CollectError, match="ewa"):
        collect(folder, labs, places)


@pytest.mark.parametrize(
    ("name", "lab_said"),
    [
        ("03_airline", "03_airline"),
        ("03", "03_airline"),
        ("lab3", "03_airline"),
        ("Laboratorium 3", "03_airline"),
        ("RNN-Lab 3-4711.zip", "03_airline"),
        ("airline", "03_airline"),
        ("03-oddane", "03_airline"),
        ("lab 13", ""),
        ("lab1 i lab3", ""),
        ("slab3", ""),
        ("2026-11-03", ""),
        ("sub3", ""),
        ("airlines", ""),
        ("", ""),
    ],
)
def test_a_folders_name_says_a_lab_or_nothing(
    labs: list[Assignment], name: str, lab_said: str
) -> None:
    assert said_by(name, labs) == lab_said


def test_nothing_that_was_handed_in_is_deleted_and_every_attempt_has_its_time(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    file = tmp_path / "sub" / "ewa" / "03_airline" / "03_airline.ipynb"
    file.parent.mkdir(parents=True)
    kept = places.attempts / "ewa" / "03_airline"

    def hand_in(content: bytes, at: float) -> Handed:
        file.write_bytes(content)
        os.utime(file, (at, at))
        return handed(places, lab, tmp_path / "sub")["ewa"]

    first, second = solved(lab, root), solved(lab, root) + b" "
    hand_in(first, 1e9)
    hand_in(first, 1.5e9)  # the same again is no new attempt
    hand_in(second, 1.2e9)
    assert [path.name[:20] for path in sorted(kept.iterdir())] == [
        "2001-09-09T01-46-40Z",
        "2008-01-10T21-20-00Z",
    ]
    assert [path.read_bytes() for path in sorted(kept.iterdir())] == [first, second]
    # What cannot be read is kept, and does not take the place of what can.
    damaged = hand_in(first[:1000], 1.6e9)
    assert damaged.path is not None
    assert damaged.path.read_bytes() == second
    assert "earlier counts" in str([m.texts["en"] for m in damaged.remarks])
    assert len(list(kept.iterdir())) == 3
    # Nor does a report, or an empty folder.
    file.unlink()
    for name in ("raport.pdf", ""):
        if name:
            file.with_name(name).write_bytes(b"%PDF")
        else:
            (file.parent / "raport.pdf").unlink()
        later = handed(places, lab, tmp_path / "sub")["ewa"]
        assert later.path is not None
        assert later.path.read_bytes() == second
    assert len(list(kept.iterdir())) == 3


def test_a_submission_of_before_the_attempts_is_kept_when_another_comes(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    old = places.submitted / "ewa" / "03_airline" / "03_airline.ipynb"
    old.parent.mkdir(parents=True)
    old.write_bytes(b'{"cells": [], "old": 1}')
    (tmp_path / "sub" / "ewa").mkdir(parents=True)
    (tmp_path / "sub" / "ewa" / "03_airline.ipynb").write_bytes(solved(lab, root))
    handed(places, lab, tmp_path / "sub")
    assert old.read_bytes() == solved(lab, root)
    kept = {p.read_bytes() for p in (places.attempts / "ewa" / "03_airline").iterdir()}
    assert kept == {b'{"cells": [], "old": 1}', solved(lab, root)}


def test_a_zip_and_a_loose_file_are_compared_by_time(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub" / "ewa"
    folder.mkdir(parents=True)
    loose = folder / "03_airline.ipynb"
    loose.write_bytes(solved(lab, root))
    os.utime(loose, (1e9, 1e9))  # 2001
    with zipfile.ZipFile(folder / "correction.zip", "w") as archive:
        member = zipfile.ZipInfo("03_airline.ipynb", (2020, 5, 1, 12, 0, 0))
        archive.writestr(member, solved(lab, root) + b" ")
    found = handed(places, lab, folder.parent)["ewa"]
    assert found.path is not None
    assert found.path.read_bytes() == solved(lab, root) + b" "


def zipped(**files: bytes) -> bytes:
    """Return an archive of files; two underscores in a name are a dot."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name.replace("__", "."), content)
    return made.getvalue()


def english(found: Handed) -> str:
    """Return a row's remarks."""
    return " | ".join(remark.texts["en"] for remark in found.remarks)


def test_limits_are_for_each_student_and_never_for_the_class(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    one = zipped(dane__csv=bytes(10 << 20), x__ipynb=solved(lab, root))
    too_much = zipped(**{f"{i}__ipynb": bytes(20 << 20) for i in range(12)})
    path = tmp_path / "RNN-Lab 3-4711.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for number in range(60):
            content = too_much if number == 30 else one
            archive.writestr(f"Jan Żak_{number}_assignsubmission_file_/oddane.zip", content)
    found = handed(places, lab, path)
    assert len(found) == 60
    left_out = [student for student, item in found.items() if "left out" in english(item)]
    assert [s for s in left_out if "too much" in english(found[s])] == ["Jan_Żak_30"]
    assert all(item.path is not None for item in found.values())
    assert found["Jan_Żak_7"].path.read_bytes() == solved(lab, root)  # type: ignore[union-attr]


def test_archives_in_archives_take_from_one_allowance_and_only_notebooks_are_kept(
    lab: Assignment, root: Path, tmp_path: Path
) -> None:
    bomb = zipped(**{f"{i}__ipynb": bytes(20 << 20) for i in range(4)})
    path = tmp_path / "ewa" / "all.zip"
    path.parent.mkdir()
    path.write_bytes(
        zipped(
            a__ipynb=solved(lab, root),
            film__mp4=bytes(60 << 20),
            zadanie=solved(lab, root),
            **{f"bomb{i}__zip": bomb for i in range(5)},
        )
    )
    allowance = files.Allowance()
    found = list(files.read_folder(path.parent, PurePosixPath("ewa"), lambda at: allowance))
    assert sum(len(file.content or b"") for file in found) < files.MOST_BYTES
    content = {PurePosixPath(file.path).name: file.content for file in found}
    assert content["a.ipynb"] == content["zadanie"] == solved(lab, root)
    assert content["film.mp4"] == b""
    said = [file.problem.texts["en"] for file in found if file.problem is not None]
    assert "left out" in said[0]
    assert "200 MB" in said[0]
    assert len(said) == files.NAMED + 1
    assert "more files" in said[-1]
    assert allowance.refused > len(said)


def test_a_damaged_member_costs_itself_only(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    path = tmp_path / "moodle.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name in "abc":
            content = solved(lab, root).replace(b"cells", b"CELLS" if name == "b" else b"cells")
            archive.writestr(f"{name}_5_assignsubmission_file_/03_airline.ipynb", content)
    path.write_bytes(path.read_bytes().replace(b"CELLS", b"cells"))
    found = handed(places, lab, path)
    assert set(found) == {"a_5", "b_5", "c_5"}
    assert [s for s, item in found.items() if item.path is None] == ["b_5"]
    assert "damaged file 03_airline.ipynb" in english(found["b_5"])
    assert not found["a_5"].remarks
    # The archive itself: a download that broke off is nobody's submission.
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(CollectError, match="Download it again"):
        collect(path, [lab], places)


def test_names_that_are_not_utf_8_cost_nobody_anything(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub"
    for name in (b"Jan \xafak", b"Jan \xbfak", b"Ewa", b"Ola \xa3oza_5_assignsubmission_file_"):
        student = folder / os.fsdecode(name)
        student.mkdir(parents=True)
        (student / "notebook.ipynb").write_bytes(solved(lab, root))
    (folder / "Ewa" / os.fsdecode(b"za\xbf.pdf\x1b[2J")).write_bytes(b"")
    (folder / "Ewa" / os.fsdecode(b"za\xbf.ipynb\x1b[2J")).write_bytes(solved(lab, root))
    (folder / "Ewa" / os.fsdecode(b"za\xbf")).mkdir()
    found = handed(places, lab, folder)
    assert len(found) == 4
    names = sorted(item.name for item in found.values())
    assert names == ["Ewa", "Jan \ufffdak", "Jan \ufffdak", "Ola \ufffdoza"]
    for item in found.values():
        assert item.path is not None
        said = f"{item.student} {item.name} {english(item)} {item.path}"
        assert said.encode().decode().isprintable()
    assert set(handed(places, lab, folder)) == set(found)  # the same ids again
    (folder / os.fsdecode(b"Jan \xafak") / "notebook.ipynb").unlink()
    (folder / os.fsdecode(b"Jan \xafak")).rmdir()
    assert set(handed(places, lab, folder)) < set(found)  # whoever else is there


def test_an_archives_name_that_is_not_the_utf_8_it_says_costs_nobody_anything(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub"
    folder.mkdir()
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name in ("Jan Żak_5", "Ola Nowak_6", "Ewa Róg_7"):
            archive.writestr(f"{name}_assignsubmission_file_/03_airline.ipynb", solved(lab, root))
    wrong = made.getvalue().replace("Żak".encode(), b"\xaf\xafak")
    (folder / "moodle.zip").write_bytes(b"before" + wrong)
    (folder / "jan.zip").write_bytes(wrong[:-40])  # a download that broke off
    for submitted in (folder / "moodle.zip", folder):
        found = handed(places, lab, submitted)
        whole = [item for item in found.values() if item.path is not None]
        assert {item.student.rpartition("_")[2] for item in whole} == {"5", "6", "7"}
        assert not any(item.remarks for item in whole)


def test_long_names_with_one_beginning_stay_two(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub"
    for name in ("Ż" * 90 + "a", "Ż" * 90 + "b"):
        (folder / name).mkdir(parents=True)
        (folder / name / "03_airline.ipynb").write_bytes(solved(lab, root))
    with zipfile.ZipFile(folder / "moodle.zip", "w") as archive:
        for number in (17, 18):
            path = f"{'Y' * 90}_{number}_assignsubmission_file_/03_airline.ipynb"
            archive.writestr(path, solved(lab, root))
    found = handed(places, lab, folder)
    assert len(found) == 4
    assert all(len(student) <= 80 for student in found)


@pytest.mark.parametrize("name", ["x.rar", "x.7z", "x.tar.xz"])
def test_formats_that_cannot_be_read_are_named_with_advice(
    lab: Assignment, places: Places, tmp_path: Path, name: str
) -> None:
    file = tmp_path / "sub" / "ewa" / "03_airline" / name
    file.parent.mkdir(parents=True)
    file.write_bytes(b"Rar!")
    said = english(handed(places, lab, tmp_path / "sub")["ewa"])
    assert f"{name}: the format" in said
    assert "unpack it" in said
    with pytest.raises(CollectError, match="Unpack it"):
        collect(file, [lab], places)


def tarred(path: Path, *members: tuple[str, bytes]) -> None:
    """Write a tar archive, with a link beside its files."""
    with tarfile.open(path, "w:gz" if path.suffix.endswith("gz") else "w") as archive:
        for name, content in members:
            info = tarfile.TarInfo(name)
            info.size, info.mtime = len(content), 1_600_000_000
            archive.addfile(info, io.BytesIO(content))
        link = tarfile.TarInfo(members[0][0].rpartition("/")[0] + "/secret.ipynb")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)


def test_tar_archives_are_read_and_lead_nowhere(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub"
    (folder / "jan").mkdir(parents=True)
    (folder / "ola").mkdir()
    content = solved(lab, root)
    tarred(folder / "jan" / "a.tar.gz", ("../../../03_airline.ipynb", content), ("/etc/x", b""))
    tarred(folder / "ola" / "a.tar", ("lab/a.ipynb", content))
    for student in handed(places, lab, folder).values():
        assert student.path is not None
        assert student.path.read_bytes() == content
        assert "secret.ipynb is not an ordinary file" in english(student)
    tarred(
        tmp_path / "all.tgz",
        ("Ola Ćma_18_assignsubmission_file_/03_airline.ipynb", content),
        ("Jan Dąb_19_assignsubmission_file_/03_airline.ipynb", content),
    )
    assert set(handed(places, lab, tmp_path / "all.tgz")) == {"Ola_Ćma_18", "Jan_Dąb_19"}


def test_a_tar_archive_takes_from_the_students_allowance_what_it_passes_over(
    lab: Assignment, root: Path, tmp_path: Path
) -> None:
    tarred(tmp_path / "a.tgz", ("a.ipynb", solved(lab, root)), ("film.mp4", bytes(210 << 20)))
    allowance = files.Allowance()
    found = list(files.read_folder(tmp_path, PurePosixPath("ewa"), lambda at: allowance))
    assert found[0].content == solved(lab, root)
    assert found[-1].problem is not None
    assert "more than 200 MB" in found[-1].problem.texts["en"]
    assert not allowance.take(1)


def test_what_computers_leave_is_nobody_and_a_hidden_folder_is_somebody(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    folder = tmp_path / "sub"
    for name in (".jan/03_airline.ipynb", "ewa/03_airline.ipynb", ".cache/x", "__MACOSX/ewa/._a"):
        (folder / name).parent.mkdir(parents=True)
        (folder / name).write_bytes(solved(lab, root))
    for name in ("Thumbs.db", "desktop.ini", ".DS_Store", "._ewa", ".hidden"):
        (folder / name).write_bytes(b"x")
        (folder / "ewa" / name).write_bytes(b"x")
    found = handed(places, lab, folder)
    assert set(found) == {"jan", "ewa"}
    assert not found["ewa"].remarks
    with zipfile.ZipFile(tmp_path / "all.zip", "w") as archive:
        for name in ("ewa/03_airline.ipynb", "__MACOSX/ewa/._03_airline.ipynb", "x/Thumbs.db"):
            archive.writestr(name, solved(lab, root))
    assert set(handed(places, lab, tmp_path / "all.zip")) == {"ewa"}


# --- reading -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "empty"),
        (b"\0\0", "empty"),
        (b"{", "not valid JSON"),
        (b"[" * 100_000, "not valid JSON"),
        (b"null", "not that of a notebook"),
        (b'{"cells": {}}', "no cells"),
        (b'{"cells": [1, null]}', "no cells"),
        (b"<!DOCTYPE html>", "HTML"),
        (b"x" * (21 << 20), "more than 20 MB even without the outputs"),
        (b'{"cells": [{"outputs": [' + b"[]," * (8 << 20), "not valid JSON"),
        (b'{"cells": "' + rb"\"" * (11 << 20), "more than 20 MB even without the outputs"),
        (b" x" * (100 << 20) + b"x", "more than 200 MB"),
    ],
)
def test_what_is_not_a_notebook_is_said_so(lab: Assignment, content: bytes, why: str) -> None:
    with pytest.raises(UnreadableError, match=why):
        read(content, lab)


def test_outputs_of_any_size_cost_nothing(
    lab: Assignment, root: Path, places: Places, tmp_path: Path
) -> None:
    notebook = hostile.right(lab, root)
    texts = [cell["source"] for cell in notebook["cells"]]
    data = {"image/png": "A" * (3 << 20), "text/plain": ['"outputs": [', '}\\"]']}
    shown = [{"output_type": "display_data", "metadata": {"outputs": [{}]}, "data": data}]
    for cell in [cell for cell in notebook["cells"] if cell["cell_type"] == "code"][:8]:
        cell["outputs"] = shown
    folder = tmp_path / "sub" / "ewa"
    folder.mkdir(parents=True)
    (folder / "03_airline.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
    assert (folder / "03_airline.ipynb").stat().st_size > 22 << 20
    found = handed(places, lab, folder.parent)["ewa"]
    assert found.path is not None
    submission = read(found.path.read_bytes(), lab)
    assert set(submission.place) == {task.cell for task in lab.tasks}
    assert [cell.source for cell in submission.cells] == ["".join(text) for text in texts]
    assert not any(cell.outputs for cell in submission.cells)
    assert [m.texts["en"] for m in submission.remarks] == [
        "the file has 24 MB; the outputs were left out"
    ]


def test_cells_are_found_by_id_then_by_content(lab: Assignment, root: Path) -> None:
    notebook = hostile.right(lab, root)
    whole = read(json.dumps(notebook).encode(), lab)
    assert set(whole.place) == {task.cell for task in lab.tasks}
    assert not whole.remarks
    hostile._strip(notebook)
    stripped = read(json.dumps(notebook).encode(), lab)
    assert stripped.place == whole.place
    assert len(stripped.remarks) == len(lab.tasks)


@pytest.mark.parametrize("kind", ["markdown", "code"])
@pytest.mark.parametrize("where", ["above", "end", "start"])
def test_an_answer_that_is_not_in_its_cell_waits_for_a_mark(
    lab: Assignment, root: Path, where: str, kind: str
) -> None:
    question = next(task for task in lab.tasks if task.kind == "question")
    notebook = hostile.right(lab, root)
    blank = hostile.cell_of(notebook, question.cell)
    blank["source"] = question.stub["pl"]
    untouched = read(json.dumps(notebook).encode(), lab)
    assert not untouched.remarks
    assert _mark(question, untouched, None).points == 0
    cells = notebook["cells"]
    at = {"above": cells.index(blank), "end": len(cells), "start": 1}[where]
    text = "Bo MASE." if kind == "markdown" else "# Bo MASE."
    mine = {"cell_type": kind, "id": "mine", "metadata": {}, "source": text, "outputs": []}
    notebook["cells"].insert(at, mine)
    submission = read(json.dumps(notebook).encode(), lab)
    mark = _mark(question, submission, None)
    assert mark.points is None
    assert (mark.note, submission.place[question.cell]) == (None, at)
    (remark,) = submission.remarks
    assert f"cell {at + 1} was taken for the answer" in remark.texts["en"]
    shown = view(result_of(lab, "anna"), submission, lab)
    (graded,) = [
        cell
        for cell in shown.cells
        if cell.metadata.get("nbgrader", {}).get("grade_id") == question.cell
    ]
    assert graded.source == text


def test_an_answer_written_into_the_cell_above_waits_for_a_mark(
    lab: Assignment, root: Path
) -> None:
    question = next(task for task in lab.tasks if task.kind == "question")
    notebook = hostile.right(lab, root)
    cells = notebook["cells"]
    blank = hostile.cell_of(notebook, question.cell)
    blank["source"] = question.stub["pl"]
    at = cells.index(blank)
    text = "Pytanie\n\nBo MASE."
    cells[at - 1].update(cell_type="markdown", source=text)
    submission = read(json.dumps(notebook).encode(), lab)
    assert submission.place[question.cell] == at - 1
    assert f"cell {at} was taken" in submission.remarks[-1].texts["en"]
    assert _mark(question, submission, None).points is None


def test_calculations_elsewhere_are_no_answer(lab: Assignment, root: Path) -> None:
    question = next(task for task in lab.tasks if task.kind == "question")
    notebook = hostile.right(lab, root)
    hostile.cell_of(notebook, question.cell)["source"] = question.stub["pl"]
    mine = {"cell_type": "code", "id": "mine", "metadata": {}, "source": "1 + 1", "outputs": []}
    notebook["cells"].insert(1, mine)
    submission = read(json.dumps(notebook).encode(), lab)
    assert not submission.remarks
    assert _mark(question, submission, None).points == 0


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_language_is_that_of_the_prose(lab: Assignment, language: str) -> None:
    notebook = hostile.blank(lab, language)  # type: ignore[arg-type]
    notebook["metadata"] = {}
    found = read(json.dumps(notebook).encode(), lab)
    assert found.language == language
    for task in lab.tasks:
        assert is_stub(task, found.cells[found.place[task.cell]].source)


# --- what is shown and kept --------------------------------------------------------------------


def result_of(lab: Assignment, student: str) -> Result:
    """Return a result with all points for exercises, and the open question to be marked."""
    tasks = [
        TaskMark(
            task.name,
            task.kind,
            task.cell,
            task.grade,
            task.points,
            None if task.kind == "question" else task.points,
            title=task.title,
        )
        for task in lab.tasks
    ]
    tasks[0].cases = [CaseMark(False, {"pl": "<b>źle</b>", "en": "<b>wrong</b>"}, "x: (3,)")]
    return Result(student, student, lab.lab, "pl", "d", tasks)


def test_marks_by_hand_survive_and_a_new_answer_is_looked_at_again(
    lab: Assignment, places: Places
) -> None:
    release(places, [lab])
    result = result_of(lab, "anna")
    question = next(task for task in lab.tasks if task.kind == "question")
    with book.open_book(places) as opened:
        book.store(opened, result)
        assert book.marks(opened, result)[question.name].waiting
        grade = opened.find_grade(question.grade, lab.lab, lab.lab, "anna")
        grade.manual_score, grade.needs_manual_grade = 3.0, False
        opened.db.commit()
        book.store(opened, result)
        mark = book.marks(opened, result)[question.name]
        assert (mark.points, mark.waiting) == (3.0, False)
        result.reopened = [question.grade]
        book.store(opened, result)
        mark = book.marks(opened, result)[question.name]
        assert (mark.points, mark.waiting) == (3.0, True)
        book.write_table(places, opened, [result], [lab])
    rows = places.table.read_text(encoding="utf-8-sig").splitlines()
    assert rows[0].startswith("student,number,lab,handed in,airline/")
    assert rows[0].endswith("late,total,maximum,remarks")
    assert f",,{lab.maximum - 1:g},{lab.maximum:g},to be marked by hand" in rows[1]


def test_every_lab_has_columns_of_its_own_and_a_row_fills_no_others(
    root: Path, places: Places
) -> None:
    labs = assignments(root)
    release(places, labs)
    with book.open_book(places) as opened:
        results = [result_of(lab, "anna") for lab in labs]
        for result in results:
            book.store(opened, result)
            for mark in result.tasks:
                grade = opened.find_grade(mark.grade, result.lab, result.lab, "anna")
                grade.manual_score, grade.needs_manual_grade = mark.maximum, False
        opened.db.commit()
        book.write_table(places, opened, results, labs)
    text = places.table.read_text(encoding="utf-8-sig")
    header = text.splitlines()[0].split(",")
    assert len(set(header)) == len(header)
    assert "airline/open-question" in header
    for lab, row in zip(labs, csv.DictReader(text.splitlines()), strict=True):
        filled = {name: row[name] for name in header[4:-4] if row[name]}
        assert {name.partition("/")[0] for name in filled} == {lab.slug}
        assert len(filled) == len(lab.tasks)
        assert sum(map(float, filled.values())) == float(row["total"]) == lab.maximum


@pytest.fixture
def graded(lab: Assignment, root: Path, tmp_path: Path) -> Places:
    """Three students whose results, gradebook and table are there: two have one name."""
    places = Places.of(root, tmp_path / "work")
    release(places, [lab])
    with book.open_book(places) as opened:
        for student, name in (("Anna_Żak_7", "Anna Żak"), ("Jan_1", "Jan"), ("Jan_2", "Jan")):
            write_whole(places.submitted / student / lab.lab / f"{lab.lab}.ipynb", b"{}")
            write_whole(places.attempts / student / lab.lab / "first.ipynb", b"{}")
            result = replace(result_of(lab, student), name=name)
            book.store(opened, result)
            replace(result, stored=True).save(path_of(places, student, lab.lab))
    report(places, [lab])
    return places


# --- rubrics, groups, and who marked what ---------------------------------------------------------


def test_every_open_question_has_a_rubric_with_its_points(root: Path, tmp_path: Path) -> None:
    labs = assignments(root)
    for lab in labs:
        assert set(marking.rubric(root, lab)) == {t.name for t in lab.tasks if t.kind == "question"}
    place = tmp_path / "grading" / "rubrics" / f"{lab.lab}.toml"
    place.parent.mkdir(parents=True)
    for text, why in (
        ("[", "rubrics"),
        ("[[why]]\npoints = 4\npl = 'a'\nen = 'b'", "no open question 'why'"),
        ("[[open-question]]\npoints = 4\npl = 'a'", "points, pl and en"),
        ("[[open-question]]\npoints = 3\npl = 'a'\nen = 'b'", "has 4 points, not 3"),
    ):
        place.write_text(text, encoding="utf-8")
        with pytest.raises(marking.RubricError, match=why):
            marking.rubric(tmp_path, lab)


def test_answers_of_the_same_words_stand_together() -> None:
    answers = {
        "anna": "Szum pomiaru trzeba zmierzyć drugim czujnikiem.",
        "ewa": "Trzeba zmierzyc szum pomiarów drugim **czujnikiem**!",
        "jan": "Nie wiem",
        "ola": "nie wiem.",
        "zofia": "Wystarczy porównać kilka modeli różnych rodzin.",
        "żaneta": "$x^2$",
    }
    assert marking.groups(answers) == [["anna", "ewa"], ["jan", "ola"], ["zofia"], ["żaneta"]]


def test_a_rubric_stands_below_its_question_for_the_marker(root: Path, lab: Assignment) -> None:
    result = result_of(lab, "anna")
    cells = view(result, None, lab, marking.texts(root, lab)).cells
    place = next(i for i, c in enumerate(cells) if "Za co są punkty" in c.source)
    assert cells[place - 1].metadata["nbgrader"]["grade_id"] == "open-question"
    assert "nbgrader" not in cells[place].metadata


def _filled(places: Places, lab: Assignment, points: str) -> Path:
    """Fill the first group's points into a copy of the table of marks."""
    sheet = spreadsheet.read(places.marking / f"{lab.lab}.csv")
    sheet.rows[0][sheet.header.index("points")] = points
    sheet.rows[0][sheet.header.index("comment")] = "Krótko."
    table = places.work / "mine.csv"
    table.write_text(sheet.text(), encoding="utf-8")
    return table


def _answers(places: Places, lab: Assignment, texts: dict[str, str]) -> None:
    for student, text in texts.items():
        path = path_of(places, student, lab.lab)
        result = Result.load(path)
        assert result is not None
        mark = next(task for task in result.tasks if task.kind == "question")
        mark.text = text
        result.save(path)


def test_a_group_is_marked_at_once_and_it_is_known_by_whom(
    lab: Assignment, graded: Places, root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    same = {"Jan_1": "<b>Nie</b> wiem.", "Jan_2": "nie wiem", "Anna_Żak_7": "Zmierzyć szum."}
    _answers(graded, lab, same)
    report(graded, [lab])
    page = (graded.marking / "pl" / f"{lab.lab}.html").read_text(encoding="utf-8")
    assert "Za co są punkty" in page
    assert "&lt;b&gt;Nie" in page
    assert "<b>Nie" not in page

    def enter(points: str, by: str) -> str:
        results = report(graded, [lab])
        sheet = marking.read_table(_filled(graded, lab, points))
        entered = marking.enter(graded, sheet, results, [lab], by)
        report(graded, [lab])
        return "; ".join(entered.refused) or f"{entered.marked} marked"

    assert enter("1,5", "Ola") == "2 marked"
    with book.open_book(graded) as opened:
        for student, points in (("Jan_1", 1.5), ("Jan_2", 1.5), ("Anna_Żak_7", None)):
            result = Result.load(path_of(graded, student, lab.lab))
            assert result is not None
            mark = book.marks(opened, result)["open-question"]
            assert (mark.points, mark.waiting) == (points, points is None)
    assert "Krótko." in (graded.feedback / "Jan_1" / f"{lab.lab}.html").read_text(encoding="utf-8")
    page = (graded.marking / "en" / f"{lab.lab}.html").read_text(encoding="utf-8")
    assert page.count("1.5 points, marked by Ola") == 2

    for points, by, why in (
        ("2", "Ewa", "Jan_1 has 1.5 by Ola"),
        ("9", "Ola", "'9' is not from 0 to 4"),
        ("all", "Ola", "'all' is not from 0 to 4"),
    ):
        assert why in enter(points, by)
    table = _filled(graded, lab, "2")
    _answers(graded, lab, {"Jan_2": "Zmieniłem zdanie."})
    work = ["--work", str(graded.work)]
    assert main(["mark", str(table), "--by", "Ola", *work]) == 1
    assert "answers have changed" in capsys.readouterr().err
    with pytest.raises(marking.RubricError, match="no table of marks"):
        marking.read_table(graded.table)

    # What is filled in in the table itself stays, or is kept beside it.
    own = graded.marking / f"{lab.lab}.csv"
    sheet = marking.read_table(own)
    last = sheet.rows[-1]
    assert last[5:8] == ["1.5", "", ""]
    last[6], last[7] = "3", "Dobrze."
    own.write_text(sheet.text(), encoding="utf-8")
    report(graded, [lab])
    assert last in marking.read_table(own).rows
    _answers(graded, lab, {last[3]: "Jeszcze inaczej."})
    report(graded, [lab])
    (aside,) = graded.marking.glob(f"{lab.lab}.2*.csv")
    assert last in marking.read_table(aside).rows


def test_a_mark_in_formgrader_is_written_down_with_its_marker(
    lab: Assignment, graded: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("UNROLLED_MARKER", "Ewa")
    listener = marking.watch(graded)
    try:
        with book.open_book(graded) as opened:
            grade = opened.find_grade("open-question", lab.lab, lab.lab, "Jan_1")
            grade.manual_score = 3.0
            opened.db.commit()
            grade.needs_manual_grade = False  # no mark
            opened.db.commit()
    finally:
        event.remove(Grade, "after_update", listener)
    assert marking.markers(graded) == {("Jan_1", lab.lab, "open-question"): "Ewa"}
    assert len(graded.marked.read_text(encoding="utf-8").splitlines()) == 2
    assert stat.S_IMODE(graded.marked.stat().st_mode) == 0o600


def _table(places: Places) -> str:
    return places.table.read_text(encoding="utf-8-sig")


def rows(places: Places) -> list[str]:
    """Return the students of the table."""
    return [row["student"] for row in csv.DictReader(_table(places).splitlines())]


def test_a_removed_student_leaves_table_and_gradebook_and_nothing_is_deleted(
    lab: Assignment, graded: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    with book.open_book(graded) as opened:
        grade = opened.find_grade("open-question", lab.lab, lab.lab, "Jan_2")
        grade.manual_score = 3.0
        opened.db.commit()
    assert rows(graded) == ["Anna_Żak_7", "Jan_1", "Jan_2"]
    assert main(["grade", "--work", str(graded.work), "--remove", "Jan_2"]) == 0
    assert "removed" in capsys.readouterr().out
    assert rows(graded) == ["Anna_Żak_7", "Jan_1"]
    with book.open_book(graded) as opened:
        assert [s.id for s in opened.students] == ["Anna_Żak_7", "Jan_1"]
    (aside,) = (graded.work / "removed").glob("*/Jan_2")
    assert (aside / "submitted" / lab.lab / f"{lab.lab}.ipynb").read_bytes() == b"{}"
    assert (aside / "attempts" / lab.lab / "first.ipynb").read_bytes() == b"{}"
    assert (aside / "feedback" / f"{lab.lab}.html").is_file()
    marks = json.loads((aside / "marks.json").read_text(encoding="utf-8"))
    assert marks[lab.lab]["open-question"]["points"] == 3
    for tree in (graded.submitted, graded.attempts, graded.feedback, graded.results):
        assert not (tree / "Jan_2").exists()
        assert (tree / "Jan_1").is_dir()


def test_a_full_disk_is_said_to_be_one(
    lab: Assignment, places: Places, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = shutil.disk_usage("/")._replace(free=1 << 20)
    monkeypatch.setattr(shutil, "disk_usage", lambda folder: full)
    with pytest.raises(ReleaseError, match="the disk is full"):
        release(places, [lab])


def test_a_result_that_cannot_be_read_loses_nobody_and_no_mark(
    lab: Assignment, graded: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    _answers(graded, lab, {"Jan_1": "Nie wiem.", "Jan_2": "Nie wiem.", "Anna_Żak_7": "Szum."})
    report(graded, [lab])
    own = graded.marking / f"{lab.lab}.csv"
    sheet = marking.read_table(own)
    sheet.rows[0][marking.POINTS] = "3"
    own.write_text(sheet.text(), encoding="utf-8")
    aside = own.with_name(f"{lab.lab}.2026-01-01T00-00-00.csv")
    aside.write_text(sheet.text(), encoding="utf-8")
    tables = {own: own.read_bytes(), aside: aside.read_bytes()}
    with book.open_book(graded) as opened:
        grade = opened.find_grade("open-question", lab.lab, lab.lab, "Jan_2")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        opened.db.commit()
    paths = {s: path_of(graded, s, lab.lab) for s in ("Anna_Żak_7", "Jan_1", "Jan_2")}
    text = paths["Jan_2"].read_text(encoding="utf-8")
    paths["Jan_2"].write_text(text[: len(text) // 2], encoding="utf-8")
    newer = json.loads(paths["Jan_1"].read_text(encoding="utf-8"))
    newer["mood"] = newer["tasks"][0]["mood"] = newer["tasks"][0]["cases"][0]["mood"] = "good"
    paths["Jan_1"].write_text(json.dumps(newer), encoding="utf-8")
    command = ["feedback", "--work", str(graded.work)]
    capsys.readouterr()
    assert main(command) == 1
    told = capsys.readouterr()
    assert told.out.startswith("2 page(s)")
    assert str(paths["Jan_2"]) in told.err
    assert "make grade AGAIN=Jan_2" in told.err
    assert "Jan_1" not in told.err
    assert {path: path.read_bytes() for path in tables} == tables
    table = {row["student"]: row for row in csv.DictReader(io.StringIO(_table(graded)))}
    assert list(table) == ["Anna_Żak_7", "Jan_1", "Jan_2"]
    assert table["Jan_2"]["airline/open-question"] == "3.5"
    assert float(table["Jan_2"]["total"]) == lab.maximum - 0.5
    assert (
        table["Jan_2"]["remarks"]
        == "the result of grading cannot be read: grade this student again"
    )
    assert "cannot be read" not in table["Jan_1"]["remarks"]
    assert [h.name for h in students.again(graded, "Jan_2", [lab])] == ["Jan"]

    # Everybody's: still nothing is taken away, and a result without a gradebook has its row.
    write_whole(graded.results / "Ewa" / f"{lab.lab}.json", "[]")
    for path in paths.values():
        path.write_text("{}", encoding="utf-8")
    assert main(command) == 1
    assert "it has no 'tasks'" in capsys.readouterr().err
    assert {path: path.read_bytes() for path in tables} == tables
    table = {row["student"]: row for row in csv.DictReader(io.StringIO(_table(graded)))}
    assert (table["Ewa"]["total"], table["Ewa"]["maximum"]) == ("", "")
    assert len(table) == 4

    # Nobody is left: what was typed, and marks of what could not be read, are kept all the same.
    for student in table:
        students.remove(graded, student)
    assert main(command) == 0
    assert str(own) in capsys.readouterr().err
    removed = graded.work / "removed"
    assert sorted(p.read_bytes() for p in removed.glob("*/marking/*.csv")) == sorted(
        tables.values()
    )
    assert not list(graded.marking.rglob("*.*"))
    (kept,) = removed.glob("*/Jan_2/marks.json")
    marks = json.loads(kept.read_text(encoding="utf-8"))
    assert marks[lab.lab]["open-question"]["points"] == 3.5


def test_a_result_of_a_lab_that_is_not_there_is_told(
    lab: Assignment, graded: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    other = path_of(graded, "Jan_1", "44_lost")
    replace(result_of(lab, "Jan_1"), lab="44_lost").save(other)
    assert main(["feedback", "--work", str(graded.work)]) == 1
    assert "no lab 44_lost: its results (1) are kept" in capsys.readouterr().err
    assert other.is_file()


def test_a_new_result_in_place_of_one_that_cannot_be_read_lets_marks_be_looked_at(
    lab: Assignment, graded: Places
) -> None:
    path = path_of(graded, "Jan_2", lab.lab)
    result = Result.read(path)
    path.write_text("", encoding="utf-8")
    with book.open_book(graded) as opened:
        grade = opened.find_grade("open-question", lab.lab, lab.lab, "Jan_2")
        grade.manual_score, grade.needs_manual_grade = 3.5, False
        opened.db.commit()
        run._store(opened, replace(result, digest="new", stored=False), graded)
        mark = book.marks(opened, Result.read(path))["open-question"]
    assert (mark.points, mark.waiting) == (3.5, True)


def test_what_a_spreadsheet_does_to_a_table_of_marks_costs_no_mark(
    lab: Assignment, graded: Places
) -> None:
    own = graded.marking / f"{lab.lab}.csv"
    sheet = marking.read_table(own)
    sheet.rows[0][marking.POINTS], sheet.rows[0][marking.COMMENT] = "3", "Dobrze."
    header, *rows = [sheet.header, *sheet.rows]
    for encoding, comma, saved in (
        ("utf-8-sig", ";", [[f" {name.title()} " for name in header], *rows]),
        ("utf-8", "\t", [row[::-1] for row in (header, *rows)]),
        ("utf-8", ",", [[*row[:2], row[3], *row[6:]] for row in (header, *rows)]),
        ("utf-16", ";", [[*header, "notes"], *([*row, "see mail", "beside"] for row in rows)]),
    ):
        out = io.StringIO()
        csv.writer(out, delimiter=comma).writerows(saved)
        own.write_text(out.getvalue(), encoding=encoding)
        results = report(graded, [lab])
        again = marking.read_table(own)
        assert again.comma == comma
        assert again.rows[0][: len(header)] == sheet.rows[0]
        assert not list(graded.marking.glob(f"{lab.lab}.2*.csv"))
    assert again.header[len(header) :] == ["notes", ""]
    assert again.rows[0][len(header) :] == ["see mail", "beside"]
    entered = marking.enter(graded, again, results, [lab], "Ola")
    assert (entered.marked, entered.refused) == (3, [])


def test_a_table_of_marks_that_cannot_be_read_is_kept_under_a_name_of_its_own(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "03_airline.csv"
    row = ["03_airline", "open-question", "1", "Jan", "Szum.", "", "", "", "k0123456789ab"]
    own.write_text(spreadsheet.Spreadsheet(list(marking.HEADER), [row], ",").text(), "utf-8")
    right = own.read_text(encoding="utf-8-sig")
    filled = [",".join([*row[: marking.POINTS], points, "", row[-1]]) for points in "34"]
    broken = [
        b"PK\x03\x04 a workbook",
        b"",
        right.replace("points", "marks").encode(),
        right.replace("answer", "points").encode(),
        right.encode() + b"03_airline,,,,,,4,a row of my own,\r\n",
        "\r\n".join([right.splitlines()[0], *filled]).encode(),
    ]
    for content in broken:
        own.write_bytes(content)
        sheet = marking._kept(own, [row], {row[-1]: ""})
        told = capsys.readouterr().err
        assert str(own) in told
        assert "kept as 03_airline.2" in told
        assert sheet.header == list(marking.HEADER)
    kept = [path.read_bytes() for path in tmp_path.glob("03_airline.2*.csv")]
    assert sorted(kept) == sorted(broken)
    own.write_text(right, encoding="utf-8")
    assert marking._kept(own, [row], {}).rows == [row]
    assert marking._kept(tmp_path / "none.csv", [row], {}).rows == [row]
    own.write_text(spreadsheet.Spreadsheet(list(marking.HEADER), [], ",").text(), "utf-8")
    assert marking._kept(own, [row], {}).rows == [row], "a lab of which nobody has answered"
    assert capsys.readouterr().err == ""


def test_a_comment_that_nobody_has_entered_stays_in_the_table(
    lab: Assignment, graded: Places
) -> None:
    own = graded.marking / f"{lab.lab}.csv"
    sheet = marking.read_table(own)
    sheet.rows[0][marking.POINTS], sheet.rows[0][marking.COMMENT] = "3", "Dobrze."
    own.write_text(sheet.text(), encoding="utf-8")
    with book.open_book(graded) as opened:  # the same points, by formgrader
        for student in sheet.rows[0][3].split():
            grade = opened.find_grade("open-question", lab.lab, lab.lab, student)
            grade.manual_score, grade.needs_manual_grade = 3.0, False
        opened.db.commit()
    results = report(graded, [lab])
    again = marking.read_table(own)
    assert again.rows[0][marking.NOW : marking.KEY] == ["3", "3", "Dobrze."]
    marking.enter(graded, again, results, [lab], "Ola")
    report(graded, [lab])
    assert marking.read_table(own).rows[0][marking.NOW : marking.KEY] == ["3", "", ""]


def test_who_marked_is_read_however_a_spreadsheet_saved_it(
    graded: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    marking.note(graded, "Ola", "Jan_1", "03_airline", "q", 3.0)
    text = graded.marked.read_text(encoding="utf-8")
    graded.marked.write_text(text.replace(",", ";"), encoding="utf-8-sig")
    marking.note(graded, "Ewa", "Jan_2", "03_airline", "q", 1.5)
    by = {("Jan_1", "03_airline", "q"): "Ola", ("Jan_2", "03_airline", "q"): "Ewa"}
    assert marking.markers(graded) == by
    graded.marked.write_bytes(b"PK")
    assert marking.markers(graded) == {}
    assert "marked.2" in capsys.readouterr().err
    assert [path.read_bytes() for path in graded.work.glob("marked.2*")] == [b"PK"]


def test_a_row_that_stands_on_no_notebook_is_named(lab: Assignment, graded: Places) -> None:
    results = report(graded, [lab])
    assert without_notebook(results, graded) == []
    shutil.rmtree(graded.submitted / "Jan_2")
    assert without_notebook(results, graded) == ["Jan_2"]


def test_marks_can_be_read_by_their_owner_alone(lab: Assignment, graded: Places) -> None:
    for path in (
        graded.gradebook,
        graded.table,
        graded.feedback / "Jan_1" / f"{lab.lab}.html",
        graded.results / "Jan_1" / f"{lab.lab}.json",
        graded.submitted / "Jan_1" / lab.lab / f"{lab.lab}.ipynb",
    ):
        assert oct(path.stat().st_mode)[-3:] == "600", path


def test_the_table_of_a_polish_spreadsheet(lab: Assignment, graded: Places) -> None:
    with book.open_book(graded) as opened:
        grade = opened.find_grade("open-question", lab.lab, lab.lab, "Jan_2")
        grade.manual_score = 3.5
        opened.db.commit()
    command = ["feedback", "--work", str(graded.work)]
    tables = []
    for options in ([], ["--decimal", ","]):
        assert main([*command, *options]) == 0
        tables.append(graded.table.read_text(encoding="utf-8-sig").splitlines())
    english = list(csv.DictReader(tables[0]))
    polish = list(csv.DictReader(tables[1], delimiter=";"))
    assert [row["airline/open-question"] for row in english] == ["", "", "3.5"]
    assert [row["airline/open-question"] for row in polish] == ["", "", "3,5"]
    assert polish[2]["total"] == english[2]["total"].replace(".", ",")
    assert polish[2]["total"].endswith(",5")
    assert [row["remarks"] for row in polish] == [row["remarks"] for row in english]


def test_a_student_who_is_not_there_is_an_error_with_close_names(
    graded: Places, capsys: pytest.CaptureFixture[str]
) -> None:
    for name, told in (
        ("żak", "Anna_Żak_7"),
        ("Jan", "Jan_1, Jan_2: say which"),
        ("xyz", "grades.csv"),
    ):
        with pytest.raises(UnknownStudentError, match=re.escape(told)):
            students.again(graded, name, [])
        with pytest.raises(UnknownStudentError, match=re.escape(told)):
            students.remove(graded, name)
    assert main(["grade", "--work", str(graded.work), "--remove", "Ana Zak"]) == 1
    assert "Close to it: Anna_Żak_7" in capsys.readouterr().err
    assert rows(graded) == ["Anna_Żak_7", "Jan_1", "Jan_2"]
    with pytest.raises(SystemExit):
        main(["grade", "--work", str(graded.work)])
    assert "--again or --remove" in capsys.readouterr().err


def test_feedback_escapes_what_students_write(lab: Assignment, places: Places) -> None:
    from press.grading import feedback

    result = result_of(lab, "<script>alert(1)</script>")
    result.remarks = [{"pl": "<img src=x>", "en": "<img src=x>"}]
    marks = {
        task.name: book.Mark(task.points, "<script>x</script>", task.points is None)
        for task in result.tasks
    }
    page = feedback.page(result, marks, "Tytuł")
    assert "<script" not in page
    assert "<img" not in page
    assert "<b>źle" not in page
    assert 'lang="pl"' in page
    assert "https://" not in page
    assert "czeka na ocenę" in page


def test_a_result_comes_back_from_its_file(lab: Assignment, tmp_path: Path) -> None:
    result = result_of(lab, "anna")
    result.save(tmp_path / "a" / "r.json")
    assert Result.load(tmp_path / "a" / "r.json") == result
    (tmp_path / "half.json").write_text('{"student": "a"', encoding="utf-8")
    assert Result.load(tmp_path / "half.json") is None
    assert Result.load(tmp_path / "none.json") is None
    (tmp_path / "half.json").write_text("[" * 100_000, encoding="utf-8")
    assert Result.load(tmp_path / "half.json") is None
    with pytest.raises(ValueError, match="stands in"):
        replace(result, unreadable="why").save(tmp_path / "no.json")


def test_a_marker_sees_every_graded_cell_once_and_no_script(lab: Assignment, root: Path) -> None:
    for change in (hostile._scripts, hostile._twice, hostile._odd_cells, hostile._strip):
        notebook = hostile.right(lab, root)
        change(notebook)
        submission = read(json.dumps(notebook).encode(), lab)
        shown = view(result_of(lab, "anna"), submission, lab)
        nbformat.validate(shown)
        ids = [c.metadata.nbgrader.grade_id for c in shown.cells if "nbgrader" in c.metadata]
        wanted = [t.cell for t in lab.tasks] + [t.grade for t in lab.tasks if t.kind != "question"]
        assert sorted(ids) == sorted(wanted)
        text = nbformat.writes(shown)
        assert "<script" not in text
        assert "<img" not in text
        assert '"text/html"' not in text
        assert "svg" not in text
    empty = view(result_of(lab, "anna"), None, lab)
    assert sum("nbgrader" in c.metadata for c in empty.cells) == len(wanted)


def test_prose_cannot_become_html() -> None:
    text = disarmed(r"a < b, x <y> <script> </p> <!-- --> $\href{x}{y}$ ![](attachment:a.png)")
    assert "a < b" in text
    for wrong in ("<y>", "<script", "</p", "<!--", r"\href", "attachment:"):
        assert wrong not in text


def test_spans_of_numbers() -> None:
    assert spans([1, 2, 3, 7, 9, 10]) == "1–3, 7, 9–10"
    assert spans([4]) == "4"


def test_a_lab_is_graded_again_for_what_its_own_marks_depend_on(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(root / "unrolled", tmp_path / "unrolled", ignore=lambda folder, names: [
        name for name in names if Path(name).suffix not in ("", ".py", ".md")])  # fmt: skip
    labs = {lab.slug: lab for lab in assignments(root) if lab.slug in ("airline", "frames")}
    frames = replace(labs["frames"], notebooks={})  # its exercises alone, without the cells
    setting = Setting(tmp_path, "a secret")
    places = Places(tmp_path, tmp_path / "work", tmp_path / "build")

    def versions() -> tuple[str, str]:
        return tuple(
            depends.version(lab, places.root, setting) for lab in (labs["airline"], frames)
        )

    before = versions()
    for name, airline, other in (
        ("unrolled/exercises/airline.md", True, False),
        ("unrolled/exercises/airline.py", True, False),
        ("unrolled/exercises/addition.py", False, False),
        ("unrolled/exercises/frames.md", False, True),
        ("unrolled/sequences/conv_lstm.py", False, True),  # the reference of frames/step imports it
        ("unrolled/sequences/shapes.py", False, True),  # and that imports this
        ("unrolled/lessons/forecasting.py", True, False),  # cells of the notebook do
        ("unrolled/compare.py", True, True),
    ):
        with (tmp_path / name).open("a", encoding="utf-8") as file:
            file.write("\n# another\n")
        after = versions()
        assert (after[0] != before[0], after[1] != before[1]) == (airline, other), name
        before = after
    monkeypatch.setattr(weights, "written", lambda name: [2.0] if "airline" in name else None)
    assert versions()[0] != before[0]
    grader = {path.name for path in depends.files(frames, tmp_path) if "grading" in path.parts}
    assert {"judge.py", "kernel.py", "probe.py", "view.py", "needs.py"} < grader
    assert not {"moodle.py", "statistics.py", "similarity.py", "feedback.py"} & grader


def test_the_secret_is_drawn_once(places: Places) -> None:
    first = places.secret()
    assert len(first) == 32
    assert places.secret() == first
    assert oct((places.work / "secret").stat().st_mode)[-3:] == "600"


def test_every_ending_has_words_in_both_languages() -> None:
    for kind in judge.ENDINGS:
        message = judge.ending(kind, limit=3, memory=100, submission=200, target="f")
        assert "{" not in message.texts["pl"] + message.texts["en"]


def test_what_an_exercise_offers_may_be_used_and_nothing_else(root: Path) -> None:
    labs = {lab.slug: lab for lab in assignments(root)}
    assert "convolve" in labs["frames"].offered("step")
    for slug, taken in (("addition", "SimpleRNN"), ("digits", "Conv2D")):
        for task in labs[slug].tasks:
            assert taken not in labs[slug].offered(task.cell)
    assert labs["frames"].offered("no such cell") == set()


def test_the_findings_name_tests_that_there_are(root: Path) -> None:
    text = (root / "bench" / "GRADING.md").read_text(encoding="utf-8")
    files = {name[0]: f"test_grading_{name}.py" for name in (
        "core", "files", "run", "moodle", "deadlines", "statistics")}  # fmt: skip
    kept = {key: (root / "tests" / name).read_text(encoding="utf-8") for key, name in files.items()}
    rows = [line for line in text.splitlines() if "`test_" in line and line.startswith("| ")]
    assert len(rows) > 40
    for row in rows:
        of = ""
        for key, name in re.findall(r"(?:\b([a-z]) )?`(test_\w+)`", row.rsplit("|", 2)[1]):
            of = key or of
            assert f"def {name}(" in kept[of], name
