"""Marks by hand: what an answer should hold, which answers say the same, and who marked what.

``grading/rubrics/<lab>.toml`` says, for each open question, for what there are points. For each lab
a page shows them with the answers in groups: answers that use the same words stand together. Beside
it lies a table with a row for each group: points that are filled in there become those of everybody
in the group (:func:`enter`). Whoever marks, here or in formgrader, is written down in
``marked.csv``; several may mark in one gradebook.
"""

from __future__ import annotations

import csv
import getpass
import hashlib
import os
import re
import sys
import tomllib
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from nbgrader.api import Grade, Gradebook
from sqlalchemy import event, inspect

from press.grading import book, spreadsheet
from press.grading.assignment import Assignment, Task
from press.grading.book import Mark
from press.grading.feedback import number, render
from press.grading.places import Places
from press.grading.results import Result, TaskMark, write_whole
from press.grading.words import WORDS
from unrolled.messages import LANGUAGES, Language

TEMPLATE = "marking.html.j2"
#: Which share of their words two answers must have in common to stand in one group.
SAME = 0.5
#: Letters of a word that count: Polish words have many endings.
STEM = 5
HEADER = ("lab", "question", "group", "students", "answer", "now", "points", "comment", "key")
#: Columns without which a table says nothing; the others may be missing.
NEEDED = ("lab", "question", "students", "points", "key")
NOW, POINTS, COMMENT, KEY = (HEADER.index(name) for name in ("now", "points", "comment", "key"))


class RubricError(Exception):
    """A rubric, or a table of marks, that cannot be used; the message says where and why."""


@dataclass(frozen=True)
class Item:
    """What there are points for.

    Attributes:
        points: how many.
        text: what it is, in each language.
    """

    points: float
    text: dict[Language, str]


@dataclass(frozen=True)
class Entered:
    """What a table of marks did.

    Attributes:
        marked: how many answers have their points from it.
        refused: what was not entered, and why.
    """

    marked: int
    refused: list[str] = field(default_factory=list)


# --------------------------------------------------------------------------- rubrics


def rubric(root: Path, lab: Assignment) -> dict[str, list[Item]]:
    """Return the rubric of each open question of a lab; a lab without a file has none.

    Raises:
        RubricError: the file is not TOML, names no question of the lab, lacks a language, or its
            points are not those of the question.
    """
    path = root / "grading" / "rubrics" / f"{lab.lab}.toml"
    if not path.is_file():
        return {}
    try:
        said = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise RubricError(f"{path}: {error}") from error
    questions = {task.name: task for task in _questions(lab)}
    found: dict[str, list[Item]] = {}
    for name, items in said.items():
        if name not in questions:
            raise RubricError(f"{path}: {lab.lab} has no open question {name!r}")
        try:
            found[name] = [
                Item(float(item["points"]), {lang: str(item[lang]) for lang in LANGUAGES})
                for item in items
            ]
        except (KeyError, TypeError, ValueError) as error:
            raise RubricError(f"{path}: {name}: each item has points, pl and en") from error
        total, most = sum(item.points for item in found[name]), questions[name].points
        if total != most:
            raise RubricError(f"{path}: {name} has {most:g} points, not {total:g}")
    return found


def _questions(lab: Assignment) -> list[Task]:
    return [task for task in lab.tasks if task.kind == "question"]


def shown(items: list[Item], lang: Language) -> str:
    """Return a rubric as Markdown, for the notebook that a marker sees."""
    rows = [f"- {number(item.points, lang)}: {item.text[lang]}" for item in items]
    return "\n".join([f"**{WORDS[lang]['rubric']}**", "", *rows])


def texts(root: Path, lab: Assignment) -> dict[str, dict[Language, str]]:
    """Return the rubric of each open question of a lab as Markdown, in each language.

    Raises:
        RubricError: as `rubric` does.
    """
    return {
        name: {lang: shown(items, lang) for lang in LANGUAGES}
        for name, items in rubric(root, lab).items()
    }


# --------------------------------------------------------------------------- groups


def plain(text: str) -> str:
    """Return a word without accents and case, cut where Polish endings begin."""
    bare = unicodedata.normalize("NFKD", text.casefold().replace("ł", "l"))
    return "".join(c for c in bare if not unicodedata.combining(c))[:STEM]


def stems(text: str) -> frozenset[str]:
    """Return the beginnings of the words of a text, without accents; formulas are words, too."""
    return frozenset(plain(word) for word in re.findall(r"\w+", text) if len(word) > 2)


def reply(text: str, task: Task) -> str:
    """Return an answer without the lines of the question, in either language, that begin it."""
    given = {line.strip() for stub in task.stub.values() for line in stub.splitlines()}
    lines = text.splitlines()
    while lines and lines[0].strip() in given | {""}:
        lines.pop(0)
    return "\n".join(lines).strip()


def groups(answers: Mapping[str, str]) -> list[list[str]]:
    """Return the students whose answers use the same words, the largest group first.

    Args:
        answers: the text of each student.
    """
    found: list[tuple[frozenset[str], list[str]]] = []
    for student, text in sorted(answers.items()):
        words = stems(text)
        for first, members in found:
            every = len(first | words)
            if (every and len(first & words) >= SAME * every) or first == words:
                members.append(student)
                break
        else:
            found.append((words, [student]))
    return sorted((members for _, members in found), key=lambda some: (-len(some), some[0]))


# --------------------------------------------------------------------------- the page, the table


def write(
    places: Places,
    results: list[Result],
    marks: Mapping[str, Mapping[str, Mark]],
    lab: Assignment,
    *,
    whole: bool = True,
) -> list[Path]:
    """Write a lab's page in both languages, and its table; return where they are.

    What somebody has filled in in the table stays there, or, where the answers have changed, in a
    copy of it; a table that cannot be read becomes such a copy. Columns that somebody has added
    stay, too.

    Args:
        places: where they go.
        results: of all submissions of the lab.
        marks: of each student, by task.
        lab: the lab.
        whole: whether these are all results. Otherwise groups lack somebody, and a table that is
            there is left as it is.

    Raises:
        RubricError: its rubric cannot be used.
    """
    rubrics = rubric(places.root, lab)
    by = markers(places)
    people = {result.student: result.name or result.student for result in results}
    table = places.marking / f"{lab.lab}.csv"
    rows: list[list[str]] = []
    said: dict[str, str] = {}
    parted: dict[str, list[list[tuple[str, TaskMark]]]] = {}
    for task in _questions(lab):
        given = {r.student: t for r in results for t in r.tasks if t.name == task.name}
        answered = {student: mark for student, mark in given.items() if mark.points is None}
        parted[task.name] = [
            [(student, answered[student]) for student in members]
            for members in groups({s: reply(mark.text, task) for s, mark in answered.items()})
        ]
        for place, group in enumerate(parted[task.name], 1):
            own = {marks[s][task.name].points for s, _ in group if not marks[s][task.name].waiting}
            done = all(not marks[s][task.name].waiting for s, _ in group) and len(own) == 1
            now = f"{own.pop() or 0:g}" if done else ""
            students = " ".join(student for student, _ in group)
            text = " ".join(reply(group[0][1].text, task).split())[:500]
            safe = f" {text}" if text[:1] in ("=", "+", "-", "@") else text
            key = _key(group)
            rows.append([lab.lab, task.name, str(place), students, safe, now, "", "", key])
            comments = {marks[s][task.name].comment.strip() for s, _ in group}
            said[key] = comments.pop() if len(comments) == 1 else ""
    if whole or not table.is_file():
        write_whole(table, _kept(table, rows, said).text())
    else:
        print(f"{table} is left as it is until all results can be read", file=sys.stderr)
    written = [table]
    for lang in LANGUAGES:
        words = WORDS[lang]
        page = render(
            TEMPLATE,
            words=words,
            intro=words["marking intro"].format(table=table.name),
            language=lang,
            lab=lab.lab,
            title=lab.notebooks[lang].metadata["title"],
            tasks=[
                {
                    "title": task.title[lang],
                    "rubric": [
                        (number(item.points, lang), item.text[lang])
                        for item in rubrics.get(task.name, [])
                    ],
                    "groups": [
                        [_answer(s, t, task, people, marks, by, lab, lang) for s, t in group]
                        for group in parted[task.name]
                    ],
                }
                for task in _questions(lab)
            ],
        )
        written.append(places.marking / lang / f"{lab.lab}.html")
        write_whole(written[-1], page)
    return written


def _kept(table: Path, rows: list[list[str]], said: Mapping[str, str]) -> spreadsheet.Spreadsheet:
    """Return a table of rows, with what was filled in by hand in the one that is there.

    If something was filled in that has no place any more, or if the table cannot be read, it is
    kept under another name, and that is said.

    Args:
        table: where the table is.
        rows: what it is to have, with columns as in :data:`HEADER`.
        said: the comment that all of a row's group have, by key.
    """
    try:
        before = read_table(table) if table.is_file() else None
    except RubricError as error:
        print(f"{error}. It is kept as {_renamed(table).name}", file=sys.stderr)
        before = None
    if before is None:
        return spreadsheet.Spreadsheet(list(HEADER), rows, ",")
    filled = [row for row in before.rows if _typed(row)]
    keys = [row[KEY] for row in filled]
    if set(keys) - {row[KEY] for row in rows} or len(set(keys)) < len(keys):
        aside = _renamed(table)
        print(
            f"{table}: answers have changed for which something was filled in. It is kept as "
            f"{aside.name}",
            file=sys.stderr,
        )
    old = dict(zip(keys, filled, strict=True))
    more = [""] * (len(before.header) - len(HEADER))
    found = []
    for row in rows:
        own = old.get(row[KEY], [*row, *more])
        done = _number(own[POINTS]) == _number(row[NOW]) is not None
        if done and own[COMMENT].strip() in ("", said[row[KEY]]):
            own = [*row, *own[len(HEADER) :]]
        found.append([*row[:POINTS], *own[POINTS:KEY], row[KEY], *own[len(HEADER) :]])
    return spreadsheet.Spreadsheet(before.header, found, before.comma)


def _typed(row: list[str]) -> bool:
    """Whether somebody has filled in something in a row of :func:`read_table`."""
    return any(text.strip() for text in (row[POINTS], row[COMMENT], *row[len(HEADER) :]))


def _number(text: str) -> float | None:
    """Return the number that somebody has written, or None."""
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return None


def _renamed(table: Path) -> Path:
    """Give a table a name of its own, with today's time; return it."""
    when = datetime.now().strftime("%Y-%m-%dT%H-%M-%S")
    names = [f"{table.stem}.{when}{more}" for more in ("", *(f"-{n}" for n in range(2, 1000)))]
    aside = next(p for name in names if not (p := table.with_name(f"{name}.csv")).exists())
    return table.rename(aside)


def take_away(places: Places, lab: Assignment) -> None:
    """Take away the tables of a lab for which nobody is left.

    Those that hold something that somebody filled in, or that cannot be read, go to ``removed``,
    and that is said.
    """
    when = f"{datetime.now(UTC):%Y-%m-%dT%H-%M-%S.%fZ}"
    for table in sorted(places.marking.glob(f"{lab.lab}.*")):
        try:
            kept = any(map(_typed, read_table(table).rows))
        except RubricError:
            kept = True
        if not kept:
            table.unlink()
            continue
        aside = places.work / "removed" / when / "marking" / table.name
        aside.parent.mkdir(parents=True, exist_ok=True)
        table.rename(aside)
        print(
            f"nobody is left in {table}, but somebody filled it in: it is now {aside}",
            file=sys.stderr,
        )


def read_table(path: Path) -> spreadsheet.Spreadsheet:
    """Read a table as :func:`write` makes it, and as a spreadsheet may have saved it.

    Columns are known by their names, whatever their order, case and the spaces around them.

    Returns:
        The table with the columns of :data:`HEADER`, and after them those that somebody has added.

    Raises:
        RubricError: it is no such table.
    """
    try:
        sheet = spreadsheet.read(path, fewest=0)
    except spreadsheet.SpreadsheetError as error:
        raise RubricError(str(error)) from error
    names = [" ".join(name.replace("\ufeff", "").split()).casefold() for name in sheet.header]
    missing = [name for name in NEEDED if name not in names]
    if missing:
        raise RubricError(
            f"{path} is no table of marks: it has no column {', '.join(missing)} (its columns are "
            f"{', '.join(HEADER)})"
        )
    twice = [name for name in HEADER if names.count(name) > 1]
    if twice:
        raise RubricError(f"{path} has two columns {twice[0]}: rename or delete the wrong one")
    more = [n for n, name in enumerate(names) if name not in HEADER]
    order = [names.index(name) if name in names else None for name in HEADER] + more
    rows = [["" if n is None else row[n] for n in order] for row in sheet.rows]
    for row in rows:
        row[KEY] = row[KEY].strip()
        if re.fullmatch(r"[0-9a-f]{12}", row[KEY]):  # of a table from before keys had a letter
            row[KEY] = f"k{row[KEY]}"
    header = [*HEADER, *(sheet.header[n] for n in more)]
    return spreadsheet.Spreadsheet(header, rows, sheet.comma)


def _answer(
    student: str,
    task: TaskMark,
    asked: Task,
    people: Mapping[str, str],
    marks: Mapping[str, Mapping[str, Mark]],
    by: Mapping[tuple[str, str, str], str],
    lab: Assignment,
    lang: Language,
) -> dict[str, str]:
    words, mark = WORDS[lang], marks[student][task.name]
    told = words["not marked"]
    if mark.points is not None and not mark.waiting:
        told = f"{number(mark.points, lang)} {words['points']}"
    who = by.get((student, lab.lab, task.grade))
    told += f", {words['by'].format(by=who)}" if who and mark.points is not None else ""
    return {
        "name": people[student],
        "told": told,
        "text": reply(task.text, asked),
        "comment": mark.comment,
    }


def _key(group: list[tuple[str, TaskMark]]) -> str:
    """Return a digest of who is in a group and what they wrote.

    It begins with a letter, or a spreadsheet could take it for a number such as 1e234.
    """
    said = "|".join(f"{student} {mark.answer} {mark.text}" for student, mark in group)
    return f"k{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def enter(
    places: Places,
    sheet: spreadsheet.Spreadsheet,
    results: list[Result],
    labs: list[Assignment],
    by: str,
) -> Entered:
    """Give everybody in a group the points and the comment that a table has for it.

    A row is refused as a whole where it cannot be meant: a group whose answers have changed since
    the table was written, points that the question does not have, an answer that somebody else
    has given other points.

    Args:
        places: where the gradebook is.
        sheet: a table as :func:`write` makes it, with points filled in.
        results: of all submissions, as they are today.
        labs: all labs.
        by: who gives the points.
    """
    known = {(result.student, result.lab): result for result in results}
    grades = {(lab.lab, task.name): task for lab in labs for task in _questions(lab)}
    already = markers(places)
    marked, refused = 0, []
    with book.open_book(places) as opened:
        for row in sheet.rows:
            cells = (cell.strip() for cell in row[: len(HEADER)])
            lab, name, group, students, _, _, points, comment, key = cells
            if not points.strip():
                continue
            label = f"{lab} {name} {group}"
            members = [known.get((student, lab)) for student in students.split()]
            of = [(r.student, t) for r in members if r for t in r.tasks if t.name == name]
            task = grades.get((lab, name))
            number = _number(points)
            given = -1.0 if number is None else number
            if task is None or _key(of) != key:
                refused.append(f"{label}: its answers have changed; write the table again")
            elif not 0 <= given <= task.points:
                refused.append(f"{label}: {points!r} is not from 0 to {task.points:g}")
            elif others := _others(opened, of, lab, task, given, by, already):
                refused.append(f"{label}: {', '.join(others)}")
            else:
                for student, _ in of:
                    marked += _give(opened, places, student, lab, task, given, comment, by)
        opened.db.commit()
    return Entered(marked, refused)


def _others(
    opened: Gradebook,
    of: list[tuple[str, TaskMark]],
    lab: str,
    task: Task,
    points: float,
    by: str,
    already: Mapping[tuple[str, str, str], str],
) -> list[str]:
    """Return who of a group has other points by somebody else."""
    found = []
    for student, _ in of:
        score = opened.find_grade(task.grade, lab, lab, student).manual_score
        who = already.get((student, lab, task.grade), "somebody")
        if score is not None and score != points and who != by:
            found.append(f"{student} has {score:g} by {who}")
    return found


def _give(
    opened: Gradebook,
    places: Places,
    student: str,
    lab: str,
    task: Task,
    points: float,
    comment: str,
    by: str,
) -> int:
    grade = opened.find_grade(task.grade, lab, lab, student)
    new = grade.manual_score != points or grade.needs_manual_grade
    grade.manual_score, grade.needs_manual_grade = points, False
    if comment.strip():
        opened.find_comment(task.cell, lab, lab, student).manual_comment = comment.strip()
    if new:
        note(places, by, student, lab, task.grade, points)
    return int(new)


# --------------------------------------------------------------------------- who marked what


def note(places: Places, by: str, student: str, lab: str, task: str, points: float | None) -> None:
    """Write down who gave an answer its points."""
    new = not places.marked.is_file() or not places.marked.stat().st_size
    if new:
        write_whole(places.marked, "")
        comma = ","
    else:  # a spreadsheet may have saved it with others
        with places.marked.open(encoding="utf-8", errors="replace") as file:
            first = file.readline()
        comma = max(",;\t", key=first.count)
    with places.marked.open("a", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=comma, lineterminator="\n")
        if new:
            writer.writerow(["when", "by", "student", "lab", "task", "points"])
        when = datetime.now().astimezone().isoformat(timespec="seconds")
        writer.writerow([when, by, student, lab, task, "" if points is None else f"{points:g}"])


def markers(places: Places) -> dict[tuple[str, str, str], str]:
    """Return who marked last, by student, lab and grade id."""
    if not places.marked.is_file() or not places.marked.stat().st_size:
        return {}
    try:
        sheet = spreadsheet.read(places.marked, fewest=0)
        order = [sheet.header.index(name) for name in ("student", "lab", "task", "by")]
    except (spreadsheet.SpreadsheetError, ValueError):
        aside = _renamed(places.marked)
        print(f"{places.marked} cannot be read: it is now {aside.name}", file=sys.stderr)
        return {}
    picked = ([row[n] for n in order] for row in sheet.rows)
    return {(student, lab, task): by for student, lab, task, by in picked}


def marker() -> str:
    """Return who marks: the variable ``UNROLLED_MARKER``, or else the user of this machine."""
    return os.environ.get("UNROLLED_MARKER", "").strip() or getpass.getuser()


def watch(places: Places) -> Callable[[Any, Any, Grade], None]:
    """Write down from now on, in this process, whoever changes a mark by hand: for formgrader.

    Returns:
        What was put among the listeners to changes of grades.
    """

    def changed(mapper: Any, connection: Any, grade: Grade) -> None:
        if inspect(grade).attrs.manual_score.history.has_changes():
            lab, student = grade.notebook.assignment.name, grade.notebook.student.id
            note(places, marker(), student, lab, grade.name, grade.manual_score)

    event.listen(Grade, "after_update", changed)
    return changed
