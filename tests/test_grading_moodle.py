"""A student is one person in all labs, and marks go back into Moodle."""

from __future__ import annotations

import csv
import io
import json
import zipfile
from dataclasses import replace
from pathlib import Path

import hostile
import pytest
from test_grading_files import result_of

from press.__main__ import main
from press.grading import book, people, spreadsheet
from press.grading.assignment import Assignment, assignments
from press.grading.collect import collect
from press.grading.places import Places
from press.grading.release import release
from press.grading.run import report
from press.grading.shards import path_of
from press.grading.spreadsheet import SpreadsheetError

POLISH = "Imię;Nazwisko;Numer ID;Adres e-mail\nAnna;Żak;101;a@x\nJan;Kowalski;102;j@x\n"
ENGLISH = "First name,Last name,ID number,Email address\nAnna,Żak,101,a@x\nJan,Kowalski,102,j@x\n"
#: As Moodle writes it for one assignment.
WORKSHEET = (
    "Identifier,Full name,Email address,Status,Grade,Maximum grade,Grade can be changed,"
    "Last modified (submission),Last modified (grade),Feedback comments\n"
    "Participant 7,Anna Żak,a@x,Submitted for grading,,{most},Yes,-,-,\n"
    "Participant 8,Jan Kowalski,j@x,Submitted for grading,,{most},Yes,-,-,\n"
    "Participant 9,Jan Kowalski,j2@x,No submission,,{most},Yes,-,-,\n"
)


@pytest.fixture(scope="module")
def labs() -> list[Assignment]:
    """Labs 01 and 03, as they are given out."""
    found = assignments(Path(__file__).resolve().parent.parent)
    return [item for item in found if item.lab in ("01_addition", "03_airline")]


@pytest.fixture
def places(root: Path, tmp_path: Path) -> Places:
    """Folders of grading of their own."""
    return Places(root, tmp_path / "work", tmp_path / "build")


def hand_in(folder: Path, lab: Assignment, root: Path, *owners: str) -> Path:
    """Write Moodle's folder of a lab: the right notebook of each owner (``Anna Żak_7``)."""
    for owner in owners:
        path = folder / f"{owner}_assignsubmission_file_" / f"{lab.lab}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(hostile.right(lab, root)), encoding="utf-8")
    return folder


# --- the list of participants ------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1250", "utf-16"])
@pytest.mark.parametrize("text", [POLISH, ENGLISH], ids=["pl", "en"])
def test_a_list_of_participants_is_read(tmp_path: Path, text: str, encoding: str) -> None:
    path = tmp_path / "list.csv"
    path.write_text(text, encoding=encoding)
    found = people.read(path)
    assert [(p.name, p.id) for p in found.persons] == [("Anna Żak", "101"), ("Jan Kowalski", "102")]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (b"", "no table"),
        (b"PK\3\4 a workbook", "workbook"),
        (b"a,b\n1,2\n", "no column of names"),
        (b"First name,Last name\nJan,Kowalski\nJan,Kowalski\n", "nothing that parts them"),
    ],
)
def test_a_list_that_says_nothing_is_an_error(tmp_path: Path, content: bytes, told: str) -> None:
    path = tmp_path / "list.csv"
    path.write_bytes(content)
    with pytest.raises(SpreadsheetError, match=told):
        people.read(path)
    with pytest.raises(SpreadsheetError, match="cannot be read"):
        people.read(tmp_path / "nowhere.csv")


def test_a_person_is_one_person_in_every_lab(
    labs: list[Assignment], root: Path, places: Places, tmp_path: Path
) -> None:
    """Moodle's number is another one in each assignment, and the order of names may be, too."""
    listed = tmp_path / "list.csv"
    listed.write_text(POLISH, encoding="utf-8")
    participants = people.read(listed)
    first = hand_in(tmp_path / "lab01", labs[0], root, "Anna Żak_1001", "Ewa Obca_1002")
    third = hand_in(tmp_path / "lab03", labs[1], root, "Żak Anna_3001")
    one = {h.student: h for h in collect(first, labs, places, participants=participants)}
    two = {h.student: h for h in collect(third, labs, places, participants=participants)}
    assert set(one) == {"Anna_Żak", "Ewa_Obca_1002"}
    assert set(two) == {"Anna_Żak"}
    assert (one["Anna_Żak"].number, two["Anna_Żak"].number) == ("1001", "3001")
    assert not one["Anna_Żak"].remarks
    (remark,) = one["Ewa_Obca_1002"].remarks
    assert remark.texts["en"] == "not in the list of participants"


def test_several_assignments_in_one_run_keep_their_numbers_and_what_is_damaged_in_each(
    labs: list[Assignment], root: Path, places: Places, tmp_path: Path
) -> None:
    """One folder with Moodle's archives of two labs: of one person one is right, one is cut off."""
    listed = tmp_path / "list.csv"
    listed.write_text(POLISH, encoding="utf-8")
    participants = people.read(listed)
    folder = tmp_path / "all"
    folder.mkdir()
    right = [json.dumps(hostile.right(lab, root)).encode() for lab in labs[:2]]
    anna = "Anna Żak_{}_assignsubmission_file_/{}"
    for name, files in {
        "01_addition.zip": {
            anna.format(1001, "lab.rar"): b"Rar!",
            "Jan Kowalski_1002_assignsubmission_file_/x.ipynb": right[0],
        },
        "RNN-Lab 3-4711.zip": {
            anna.format(3001, "n.ipynb"): right[1],
            "Jan Kowalski_3002_assignsubmission_file_/x.ipynb": right[0],
        },
    }.items():
        with zipfile.ZipFile(folder / name, "w") as archive:
            for path, content in files.items():
                archive.writestr(path, content)
    found = {
        (h.student, h.lab): h for h in collect(folder, labs, places, participants=participants)
    }
    said = {who: " ".join(m.texts["en"] for m in h.remarks) for who, h in found.items()}
    assert {who: (h.number, h.path is not None) for who, h in found.items()} == {
        ("Anna_Żak", "01_addition"): ("1001", False),
        ("Anna_Żak", "03_airline"): ("3001", True),
        ("Jan_Kowalski", "01_addition"): ("1002", True),
        ("Jan_Kowalski", "03_airline"): ("3002", False),
    }
    assert ".rar cannot be read" in said["Anna_Żak", "01_addition"]
    assert ".rar" not in said["Anna_Żak", "03_airline"]
    assert "another lab than 03_airline" in said["Jan_Kowalski", "01_addition"]
    assert "only a notebook of another lab came" in said["Jan_Kowalski", "03_airline"]


def test_namesakes_stay_two_people(
    labs: list[Assignment], root: Path, places: Places, tmp_path: Path
) -> None:
    listed = tmp_path / "list.csv"
    listed.write_text(WORKSHEET.format(most=100), encoding="utf-8")
    participants = people.read(listed)
    folder = hand_in(tmp_path / "lab03", labs[1], root, "Jan Kowalski_8", "Jan Kowalski_9")
    found = {h.student: h.number for h in collect(folder, labs, places, participants=participants)}
    assert found == {"Jan_Kowalski_j_x": "8", "Jan_Kowalski_j2_x": "9"}
    # Numbers of another assignment do not say which of them it is: nobody is given to another.
    folder = hand_in(tmp_path / "lab01", labs[0], root, "Jan Kowalski_1", "Jan Kowalski_2")
    other = {h.student for h in collect(folder, labs, places, participants=participants)}
    assert other == {"Jan_Kowalski_1", "Jan_Kowalski_2"}


def test_a_notebook_of_another_lab_is_remarked_and_the_lab_that_is_due_has_a_row(
    labs: list[Assignment], root: Path, places: Places, tmp_path: Path
) -> None:
    third = hand_in(tmp_path / "lab03", labs[1], root, "Anna Żak_1", "Jan Nowak_2")
    wrong = third / "Ola Kot_3_assignsubmission_file_" / "zadanie.ipynb"
    wrong.parent.mkdir()
    wrong.write_text(json.dumps(hostile.right(labs[0], root)), encoding="utf-8")
    beside = third / "Anna Żak_1_assignsubmission_file_" / "stary.ipynb"
    beside.write_text(json.dumps(hostile.right(labs[0], root)), encoding="utf-8")
    (places.results / "Anna_Żak_1").mkdir(parents=True)
    (places.results / "Anna_Żak_1" / "01_addition.json").write_text("{}")
    found = {(h.student, h.lab): h for h in collect(third, labs, places)}
    said = {who: " ".join(m.texts["en"] for m in h.remarks) for who, h in found.items()}
    assert set(found) == {
        ("Anna_Żak_1", "01_addition"),
        ("Anna_Żak_1", "03_airline"),
        ("Jan_Nowak_2", "03_airline"),
        ("Ola_Kot_3", "01_addition"),
        ("Ola_Kot_3", "03_airline"),
    }
    assert "another lab than 03_airline" in said["Ola_Kot_3", "01_addition"]
    assert "only a notebook of another lab came: 01_addition" in said["Ola_Kot_3", "03_airline"]
    assert found["Ola_Kot_3", "03_airline"].path is None
    assert "graded before: this one counts" in said["Anna_Żak_1", "01_addition"]
    assert said["Anna_Żak_1", "03_airline"] == said["Jan_Nowak_2", "03_airline"] == ""


# --- back into Moodle --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def graded(labs: list[Assignment], root: Path, tmp_path_factory: pytest.TempPathFactory) -> Places:
    """Two students of lab 03: Anna's open answer has been marked, Jan's waits."""
    places = Places.of(root, tmp_path_factory.mktemp("graded") / "work")
    release(places, assignments(root))
    lab = labs[1]
    with book.open_book(places) as opened:
        for student, name, number in (("Anna_Żak", "Anna Żak", "7"), ("Jan", "Jan Nowy", "77")):
            result = replace(result_of(lab, student), name=name, number=number)
            book.store(opened, result)
            replace(result, stored=True).save(path_of(places, student, lab.lab))
        grade = opened.find_grade("open-question", lab.lab, lab.lab, "Anna_Żak")
        grade.manual_score, grade.needs_manual_grade = 1.0, False
        opened.db.commit()
    report(places, assignments(root))
    return places


@pytest.mark.parametrize("decimal", [".", ","])
def test_moodles_worksheet_comes_back_filled_in(
    labs: list[Assignment],
    graded: Places,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    decimal: str,
) -> None:
    lab = labs[1]
    worksheet = tmp_path / "Grades.csv"
    worksheet.write_text(WORKSHEET.format(most=f"{2 * lab.maximum:.2f}"), encoding="utf-8-sig")
    command = ["moodle", "--work", str(graded.work), str(worksheet), "--lab", "03"]
    assert main([*command, "--decimal", decimal]) == 0
    said = capsys.readouterr().out
    assert "not in the worksheet: Jan" in said
    assert "nothing was graded: Jan Kowalski, Jan Kowalski" in said
    text = (graded.work / "moodle" / f"{lab.lab}.csv").read_text(encoding="utf-8-sig")
    before = list(csv.DictReader(io.StringIO(worksheet.read_text(encoding="utf-8-sig"))))
    after = list(csv.DictReader(io.StringIO(text)))
    questions = sum(task.points for task in lab.tasks if task.kind == "question")
    points = lab.maximum - questions + 1
    assert after[0].pop("Grade") == f"{2 * points:.2f}".replace(".", decimal)
    assert after[1:] == before[1:]
    assert after[0].items() <= before[0].items()
    with zipfile.ZipFile(graded.work / "moodle" / f"{lab.lab}-feedback.zip") as archive:
        (name,) = archive.namelist()
        page = archive.read(name)
    assert page == (graded.feedback / "Anna_Żak" / f"{lab.lab}.html").read_bytes()
    # As Moodle takes a name apart: anything, the number, two words of the plugin, the file.
    _, number, *plugin, file = name.split("_", 4)
    assert (number, plugin, file) == ("7", ["assignfeedback", "file"], f"{lab.lab}.html")


def test_a_grade_waits_until_the_open_answer_is_marked(
    labs: list[Assignment], graded: Places, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    worksheet = tmp_path / "Grades.csv"
    text = WORKSHEET.format(most="100.00").replace("Participant 8", "Participant 77")
    worksheet.write_text(text, encoding="utf-8")
    command = ["moodle", "--work", str(graded.work), str(worksheet), "--lab", "airline"]
    assert main(command) == 0
    assert "open answers wait for a mark: Jan\n" in capsys.readouterr().out
    table = spreadsheet.read(graded.work / "moodle" / "03_airline.csv")
    assert [table.value(row, "grade") != "" for row in table.rows] == [True, False, False]


@pytest.mark.parametrize(
    ("text", "lab", "told"),
    [
        (ENGLISH, "03", "Download grading worksheet"),
        (WORKSHEET, "99", "there is no lab '99'"),
        (WORKSHEET, "01", "make grade first"),
    ],
)
def test_what_is_no_worksheet_or_no_lab_is_an_error(
    graded: Places,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    text: str,
    lab: str,
    told: str,
) -> None:
    path = tmp_path / "x.csv"
    path.write_text(text.format(most=100), encoding="utf-8")
    assert main(["moodle", "--work", str(graded.work), str(path), "--lab", lab]) == 1
    assert told in capsys.readouterr().err
