"""Tables that Moodle writes: whatever they are parted with, in English or in Polish."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from pathlib import Path

#: What a column is called, in English and in Polish Moodle, folded.
COLUMNS: dict[str, tuple[str, ...]] = {
    "first": ("first name", "imię"),
    "last": ("last name", "surname", "nazwisko"),
    "full": ("full name", "imię i nazwisko", "imię / nazwisko", "nazwa pełna"),
    "email": ("email address", "e-mail address", "email", "adres e-mail", "adres email"),
    "id": ("id number", "student id", "numer id", "numer identyfikacyjny", "numer albumu"),
    "identifier": ("identifier", "identyfikator"),
    "grade": ("grade", "ocena"),
    "maximum": ("maximum grade", "maksymalna ocena", "ocena maksymalna"),
    "comment": ("feedback comments", "komentarz zwrotny", "komentarze zwrotne"),
}


class SpreadsheetError(Exception):
    """A table that cannot be read; the message says what is wrong and what to do."""


@dataclass
class Spreadsheet:
    """A table with a header.

    Attributes:
        header: the names of its columns, as they stand there.
        rows: the rows below, as long as the header (a column without a name has the name "").
        comma: what parts the fields.
    """

    header: list[str]
    rows: list[list[str]]
    comma: str

    def column(self, what: str) -> int | None:
        """Return the place of a column of :data:`COLUMNS`, or None."""
        names = [name.strip().casefold() for name in self.header]
        return next((names.index(name) for name in COLUMNS[what] if name in names), None)

    def value(self, row: list[str], what: str) -> str:
        """Return what a row has in a column of :data:`COLUMNS`; nothing where there is none."""
        place = self.column(what)
        return "" if place is None else row[place].strip()

    def text(self) -> str:
        """Return the table as it is written to a file, with a byte order mark for Excel."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=self.comma, lineterminator="\r\n")
        writer.writerows([self.header, *self.rows])
        return "\ufeff" + out.getvalue()


def read(path: Path, fewest: int = 1) -> Spreadsheet:
    """Read a table: commas, semicolons or tabs, UTF-8 or Windows-1250.

    Args:
        path: the file.
        fewest: how many rows below the header it must have.

    Raises:
        SpreadsheetError: there is no such file, or it is no such table.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise SpreadsheetError(f"{path} cannot be read: {error.strerror}") from error
    if content.startswith(b"PK"):
        raise SpreadsheetError(
            f"{path} is a workbook: save it as CSV, or download it from Moodle as CSV"
        )
    try:
        text = content.decode(
            "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        )
    except UnicodeDecodeError:
        text = content.decode("cp1250", errors="replace")
    first = text.lstrip().partition("\n")[0]
    comma = max(",;\t", key=first.count)
    try:
        rows = [row for row in csv.reader(io.StringIO(text), delimiter=comma) if any(row)]
    except csv.Error as error:
        raise SpreadsheetError(f"{path} is no table: {error}") from error
    if len(rows) < 1 + fewest or len(rows[0]) < 2:
        raise SpreadsheetError(f"{path} is no table with a header and rows")
    filled = [max(n for n, text in enumerate(row, 1) if text) for row in rows]
    width = max(len(rows[0]), *filled)  # a note beside the last column is no less than the others
    header, *below = ((row + [""] * width)[:width] for row in rows)
    return Spreadsheet(header, below, comma)
