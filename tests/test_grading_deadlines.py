"""Deadlines: what is late, for whom, what it costs, and where that is told."""

from __future__ import annotations

import csv
import os
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from press.grading import deadlines, feedback
from press.grading.assignment import Assignment, assignments
from press.grading.book import Mark
from press.grading.collect import collect
from press.grading.deadlines import DeadlineError, Deadlines, Late
from press.grading.places import Places
from press.grading.release import release
from press.grading.results import Result, TaskMark
from press.grading.run import report
from press.grading.shards import path_of

LAB = "03_airline"
DUE = datetime(2026, 11, 20, 23, 59, tzinfo=UTC)
MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
TOML = """
percent_a_day = 10
most_percent = 35
[due]
03_airline = 2026-11-20T23:59:00Z
[extensions."Żak Anna"]
03_airline = 2026-11-27T23:59:00Z
"""


def result(student: str = "Jan", points: float = 8.0) -> Result:
    task = TaskMark("airline/scaler", "exercise", "scaler", "scaler-check", 10.0, points)
    return Result(student, student, LAB, "pl", "d", [task])


def read(tmp_path: Path, text: str) -> Deadlines:
    path = tmp_path / "deadlines.toml"
    path.write_text(text, encoding="utf-8")
    return deadlines.read(path, [LAB, "04_memory"])


@pytest.mark.parametrize(
    ("after", "days", "share"),
    [
        (-DAY, 0, 0.0),
        (0 * DAY, 0, 0.0),
        (MINUTE, 1, 0.1),
        (DAY, 1, 0.1),
        (DAY + MINUTE, 2, 0.2),
        (9 * DAY, 9, 0.35),
    ],
)
def test_each_day_begun_costs(tmp_path: Path, after: timedelta, days: int, share: float) -> None:
    late = read(tmp_path, TOML).late(result(), DUE + after)
    assert late.days == days
    assert late.share == pytest.approx(share)


def test_an_extension_is_one_students_and_helps_under_any_order_of_names(tmp_path: Path) -> None:
    due = read(tmp_path, TOML)
    assert due.late(result("Anna Żak"), DUE + 5 * DAY).days == 0
    assert due.late(result("Anna Żak"), DUE + 8 * DAY).days == 1
    assert due.late(result("Anna Żuk"), DUE + 5 * DAY).days == 5
    other = replace(result("Anna Żak"), lab="04_memory")
    assert due.late(other, DUE + 90 * DAY).days == 0, "no deadline"
    assert due.unknown([result("Jan")]) == ["Żak Anna"]
    assert due.unknown([result("Anna Żak")]) == []


def test_without_a_file_or_a_time_nothing_is_late(tmp_path: Path) -> None:
    nothing = deadlines.read(tmp_path / "none.toml", [LAB])
    assert nothing.late(result(), DUE + 99 * DAY).days == 0
    assert read(tmp_path, TOML).late(result(), None) == Late()


def test_nobody_falls_below_zero_and_no_percent_is_a_remark_only() -> None:
    assert Late(DUE, 4, 0.4).deducted(3.0, 10.0) == 3.0
    assert Late(DUE, 4, 0.4).deducted(0.0, 10.0) == 0.0
    told = Late(DUE, 1, 0.0).remark(3.0, 10.0)
    assert told is not None
    assert told.texts == {"pl": "po terminie: 1 dzień", "en": "late: 1 day"}
    told = Late(DUE, 2, 0.25).remark(8.0, 10.0)
    assert told is not None
    assert told.texts["pl"] == "po terminie: 2 dni, odjęto punktów: 2,5"
    assert told.texts["en"] == "late: 2 days, points taken off: 2.5"
    assert Late(DUE).remark(8.0, 10.0) is None


def test_a_day_without_an_hour_lasts_until_midnight(tmp_path: Path) -> None:
    due = read(tmp_path, "[due]\n03_airline = 2026-11-20\n").due[LAB]
    assert (due.day, due.hour, due.minute) == (20, 23, 59)
    assert due.tzinfo is not None


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[due]\n05_nothing = 2026-11-20", "no lab '05_nothing'; there are: 03_airline"),
        ('[due]\n03_airline = "20 listopada"', "is no date"),
        ("[due\n", "a line looks like this"),
        ("due = 3", "is a section"),
        ("percent_a_day = 110", "from 0 to 100"),
        ("percent_a_day = true", "from 0 to 100"),
        ("per_day = 10", "'per_day' is none of"),
        ('[extensions]\n"Anna Żak" = 2026-11-20', "is a section"),
    ],
)
def test_what_cannot_be_used_is_said_with_what_to_write(
    tmp_path: Path, text: str, says: str
) -> None:
    with pytest.raises(DeadlineError, match=says):
        read(tmp_path, text)


@pytest.fixture(scope="module")
def labs(root: Path) -> list[Assignment]:
    return assignments(root)


def test_table_and_page_say_how_late_and_what_it_costs(
    root: Path, labs: list[Assignment], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    places = Places.of(root, tmp_path / "work")
    release(places, labs)
    lab = next(one for one in labs if one.lab == LAB)
    folder = tmp_path / "in"
    notebook = (places.release("pl") / LAB / f"{LAB}.ipynb").read_bytes()
    came = {"Anna Żak": 3 * DAY, "Jan Nowak": 3 * DAY, "Ewa Lis": -DAY}
    for number, (name, after) in enumerate(came.items()):
        file = folder / f"{name}_{1000 + number}_assignsubmission_file_" / f"{LAB}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_bytes(notebook)
        moment = (DUE + after).timestamp()
        os.utime(file, (moment, moment))
    nobody = '[extensions."Ala Nikt"]\n03_airline = 2026-12-01'
    places.deadlines.write_text(TOML + nobody, encoding="utf-8")
    for handed in collect(folder, labs, places, LAB):
        marks = [
            TaskMark(t.name, t.kind, t.cell, t.grade, t.points, t.points / 2) for t in lab.tasks
        ]
        found = Result(handed.student, handed.name, LAB, "pl", "d", marks)
        found.save(path_of(places, handed.student, LAB))
    report(places, labs)
    assert "Ala Nikt has an extension, but handed in nothing" in capsys.readouterr().err
    text = places.table.read_text(encoding="utf-8-sig").splitlines()
    rows = {row["student"][:3]: row for row in csv.DictReader(text)}
    anna, jan, ewa = (rows[name[:3]] for name in came)
    assert float(anna["total"]) == float(ewa["total"]) == lab.maximum / 2
    assert anna["late"] == ewa["late"] == ""
    assert float(jan["late"]) == pytest.approx(-0.3 * lab.maximum, rel=1e-3)
    assert float(jan["total"]) == pytest.approx(0.2 * lab.maximum, rel=1e-3)
    assert jan["remarks"].startswith("late: 3 days, points taken off")
    assert jan["handed in"].startswith("2026-11-2")
    pages = {path.parent.name: path.read_text("utf-8") for path in places.feedback.glob("*/*.html")}
    assert sum("po terminie: 3 dni" in page for page in pages.values()) == 1


def test_a_page_shows_the_total_that_is_left() -> None:
    page = feedback.page(
        result(), {"airline/scaler": Mark(8.0, "", False)}, "Tytuł", Late(DUE, 2, 0.2)
    )
    assert "po terminie: 2 dni, odjęto punktów: 2" in page
    assert "razem: 6 <small>/ 10" in page
