"""Who takes the course: a list of participants makes one person of a student in every lab.

Moodle numbers participants anew for each assignment, so its number cannot say that two
submissions are of one person. A name can, where it is one person's; the list says where.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from press.grading import spreadsheet
from press.grading.spreadsheet import SpreadsheetError


@dataclass(frozen=True)
class Person:
    """One participant.

    Attributes:
        name: first and last name.
        id: what parts namesakes: the number of the student's card, else the mail address.
        number: the number of the one assignment whose worksheet the list is, or nothing.
    """

    name: str
    id: str = ""
    number: str = ""


@dataclass(frozen=True)
class People:
    """The participants of a course."""

    persons: tuple[Person, ...] = ()

    def label(self, person: Person) -> str:
        """Return what a person is called in the table: the name, and the id of a namesake."""
        names = Counter(folded(one.name) for one in self.persons)
        return f"{person.name} {person.id}" if names[folded(person.name)] > 1 else person.name

    def find(self, name: str, number: str = "") -> Person | None:
        """Return whose submission this is, or None where nothing says it beyond doubt."""
        own = [one for one in self.persons if folded(one.name) == folded(name)]
        if len(own) > 1 and number:
            own = [one for one in own if one.number == number]
        return own[0] if len(own) == 1 else None


def folded(name: str) -> str:
    """Return a name so that spelling does not part it: order of its words, case, spaces."""
    plain = unicodedata.normalize("NFC", name).casefold()
    return " ".join(sorted(re.findall(r"[\w'’-]+", plain)))


def read(path: Path) -> People:
    """Read a list of participants as Moodle exports it, or a grading worksheet.

    Raises:
        SpreadsheetError: it has no names, or two persons whom it does not part.
    """
    table = spreadsheet.read(path)
    persons = []
    for row in table.rows:
        both = f"{table.value(row, 'first')} {table.value(row, 'last')}".strip()
        name = " ".join((table.value(row, "full") or both).split())
        if not name:
            continue
        number = re.search(r"\d+$", table.value(row, "identifier"))
        own = table.value(row, "id") or table.value(row, "email")
        persons.append(Person(name, own, number[0] if number else ""))
    if not persons:
        raise SpreadsheetError(
            f"{path} has no column of names ({', '.join(_names())}): export the list of "
            "participants from Moodle as CSV"
        )
    twins = [n for (n, _), k in Counter((folded(p.name), p.id) for p in persons).items() if k > 1]
    if twins:
        raise SpreadsheetError(
            f"{path} has two persons called {twins[0]!r} and nothing that parts them: "
            "give the list a column of ID numbers or of mail addresses"
        )
    return People(tuple(persons))


def _names() -> Iterable[str]:
    for what in ("full", "first", "last"):
        yield from spreadsheet.COLUMNS[what][:2]
