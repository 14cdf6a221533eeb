"""What goes back into Moodle: its grading worksheet filled in, and its archive of feedback files.

The worksheet is the one that Moodle gives for the assignment (*Download grading worksheet*); it
has each participant's number there. The archive is for *Upload multiple feedback files in a zip*,
which knows files as ``name_number_assignfeedback_file_…``.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from press.grading import people, spreadsheet
from press.grading.book import Mark
from press.grading.deadlines import Late
from press.grading.places import Places
from press.grading.results import Result, write_whole
from press.grading.spreadsheet import Spreadsheet, SpreadsheetError


@dataclass
class Filled:
    """What was filled in.

    Attributes:
        worksheet: the file to upload.
        archive: the archive of feedback files.
        graded: how many rows got a grade.
        waiting: students whose open answers have not been marked; their grade is left as it was.
        unreadable: students whose results cannot be read; their grade is left as it was.
        nobody: rows of the worksheet to which no submission belongs.
        unknown: students of the lab who have no row.
    """

    worksheet: Path
    archive: Path
    graded: int = 0
    waiting: list[str] = field(default_factory=list)
    unreadable: list[str] = field(default_factory=list)
    nobody: list[str] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)


def fill(
    worksheet: Path,
    results: list[Result],
    marks: Mapping[str, Mapping[str, Mark]],
    places: Places,
    decimal: str = ".",
    late: Mapping[str, Late] | None = None,
) -> Filled:
    """Fill in Moodle's grading worksheet of one lab, and pack the pages with feedback.

    Points are scaled if the assignment's maximum in Moodle is another one.

    Args:
        worksheet: as it was downloaded.
        results: of all submissions of the lab.
        marks: of each student, by task, with those by hand.
        places: where feedback lies, and where the two files go.
        decimal: the decimal sign of grades.
        late: how late each student is.

    Raises:
        SpreadsheetError: it is no grading worksheet.
    """
    table = spreadsheet.read(worksheet)
    grade = table.column("grade")
    if grade is None or table.column("identifier") is None:
        raise SpreadsheetError(
            f"{worksheet} is no grading worksheet: it has no columns Identifier and Grade. In "
            "Moodle: assignment, View all submissions, Download grading worksheet"
        )
    lab = results[0].lab if results else ""
    folder = places.work / "moodle"
    filled = Filled(folder / f"{lab}.csv", folder / f"{lab}-feedback.zip")
    pages: dict[str, bytes] = {}
    left = {result.student: result for result in results}
    for row in table.rows:
        number = re.search(r"\d+$", table.value(row, "identifier"))
        result = _whose(table, row, number[0] if number else "", left)
        name = table.value(row, "full") or table.value(row, "identifier")
        if result is None:
            filled.nobody.append(name)
            continue
        del left[result.student]
        if result.unreadable:
            filled.unreadable.append(result.student)
            continue
        own = marks[result.student]
        page = places.feedback / result.student / f"{lab}.html"
        if page.is_file() and number:
            safe = re.sub(r"[_/\\]+", " ", name).strip() or "participant"
            pages[f"{safe}_{number[0]}_assignfeedback_file_{lab}.html"] = page.read_bytes()
        if any(mark.waiting or mark.points is None for mark in own.values()):
            filled.waiting.append(result.student)
            continue
        total = sum(mark.points or 0.0 for mark in own.values())
        maximum = sum(task.maximum for task in result.tasks)
        total -= (late or {}).get(result.student, Late()).deducted(total, maximum)
        row[grade] = f"{_scaled(total, result, table, row):.2f}".replace(".", decimal)
        filled.graded += 1
    filled.unknown = sorted(left)
    write_whole(filled.worksheet, table.text())
    folder.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(filled.archive, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, content in sorted(pages.items()):
            archive.writestr(path, content)
    filled.archive.chmod(0o600)
    return filled


def _whose(
    table: Spreadsheet, row: list[str], number: str, left: Mapping[str, Result]
) -> Result | None:
    """Return the result that a row is for: by Moodle's number, else by a name that one has."""
    if number and (own := [r for r in left.values() if r.number == number]):
        return own[0]
    name = people.folded(table.value(row, "full"))
    own = [r for r in left.values() if name and not r.number and people.folded(r.name) == name]
    return own[0] if len(own) == 1 else None


def _scaled(total: float, result: Result, table: Spreadsheet, row: list[str]) -> float:
    maximum = sum(task.maximum for task in result.tasks)
    try:
        theirs = float(table.value(row, "maximum").replace(",", "."))
    except ValueError:
        return total
    return total * theirs / maximum if maximum and theirs > 0 else total
