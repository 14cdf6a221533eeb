"""From a folder (or archive) of files to one submission for each student and lab.

Understands what teaching assistants have: Moodle's archive of all submissions or its unpacked
folder (``Anna Żak_1234567_assignsubmission_file_…``), nbgrader's ``student/lab/file``, plain files
``anna_03_airline.ipynb``; archives inside of folders; names with Polish letters however the
archive encodes them.

Nothing that was handed in is ever deleted: each notebook is kept with its time, and what counts
changes only when another notebook of the same student and lab comes. Which lab something is for is
said by the notebook, by its name, or by the name of a folder around it; it is never guessed.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import re
import time
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from press.grading.assignment import Assignment
from press.grading.examiner import Handed
from press.grading.files import (
    Allowance,
    Found,
    clean,
    folders_in,
    holds_notebook,
    is_folder,
    is_foreign,
    is_notebook,
    name_of,
    read_archive,
    read_file,
    read_folder,
    unwanted,
    zip_of,
)
from press.grading.people import People
from press.grading.places import Places
from press.grading.reading import UnreadableError, parse_notebook
from press.grading.results import write_whole
from unrolled.messages import Message

#: Most letters of a student's id.
LONGEST_ID = 80

_MOODLE = re.compile(
    r"(?P<name>[^/]+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<rest>[^/]*))?"
)


class CollectError(Exception):
    """There is nothing to grade; the message says what was looked for."""


@dataclass
class Student:
    """Whoever handed something in.

    Attributes:
        name: as the folder or file has it, cleaned.
        key: as the folder or file has it, to the byte: no two students have the same.
        number: Moodle's, where there is one.
        files: what was handed in.
        folders: the names of the folders right in the student's own, also of empty ones.
        remarks: what collecting found.
        allowance: how much more is read of the files.
        apart: whether another student's id would be the same.
        listed: what the list of participants calls the student, who then has no other id.
    """

    name: str
    key: str
    number: str = ""
    files: list[Found] = field(default_factory=list)
    folders: list[str] = field(default_factory=list)
    remarks: list[Message] = field(default_factory=list)
    allowance: Allowance = field(default_factory=Allowance)
    apart: bool = False
    listed: str = ""

    @property
    def id(self) -> str:
        """The id in the gradebook: the name and Moodle's number, letters and digits only.

        Whoever stands in the list of participants is called as there, in every lab. Where names do
        not tell students apart, or not all of them can be kept, a digest ends the id.
        """
        full = self.listed or f"{self.name} {self.number}".strip()
        plain = re.sub(r"[^\w.-]+", "_", full).strip("_.-")
        plain = plain or "unknown"
        if self.apart or len(plain) > LONGEST_ID or ("\ufffd" in self.name and not self.listed):
            key = self.listed or self.key
            digest = hashlib.sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:6]
            plain = f"{plain[: LONGEST_ID - 7]}_{digest}"
        return plain


def collect(
    submitted: Path,
    labs: list[Assignment],
    places: Places,
    lab: str = "",
    participants: People | None = None,
) -> list[Handed]:
    """Copy submissions to their places.

    Args:
        submitted: a folder or an archive.
        labs: the assignments that there are.
        places: where to.
        lab: the lab that all submissions are for; guessed file by file without it.
        participants: who takes the course: what makes one person of a student in all labs.

    Raises:
        CollectError: nothing was handed in, or there is no such lab.
    """
    if not labs:
        raise CollectError("there are no labs: labs/NN_slug.md")
    known = {assignment.lab: assignment for assignment in labs}
    chosen = next((n for n in known if lab and lab in (n, known[n].number, known[n].slug)), "")
    if lab and not chosen:
        raise CollectError(f"there is no lab {lab!r}; there are: {', '.join(known)}")
    if not submitted.exists():
        raise CollectError(f"{submitted} does not exist: make grade SUBMITTED=folder-or-zip")
    if not (submitted.is_dir() or submitted.is_file()):
        raise CollectError(f"{submitted} is no folder and no archive: make grade SUBMITTED=…")
    if not os.access(submitted, os.R_OK):
        raise CollectError(f"{submitted} may not be read by you")
    students = _students(submitted, labs)
    if not students:
        raise CollectError(f"{submitted} is empty: it should hold a folder or file per student")
    if participants is not None:
        students = _join(students, participants)
    _name_apart(students)
    lots = {id(student): _by_lab(student, labs, chosen, submitted) for student in students}
    agreed = {name for lot in lots.values() for name in lot if name}
    usual = next(iter(agreed)) if len(agreed) == 1 else ""
    unknown = [s for s in students if "" in lots[id(s)] or not lots[id(s)]]
    if unknown and not usual:
        raise CollectError(_which(unknown, labs))
    usually = _due(list(lots.values()))
    came: dict[tuple[str, str], list[_Lot]] = {}
    for student in students:
        lot = lots[id(student)]
        if "" in lot or not lot:
            lot.setdefault(usual, []).extend(lot.pop("", []))
        due = chosen or _assignment(student, labs, submitted) or usually
        others = {name for name in lot if due and name != due}
        if others:
            lot.setdefault(due, [])
        for name, files in lot.items():
            said = [_other(name, due, places, student)] if name in others else []
            if name == due and not files and others:
                said = [_instead(others)]
            came.setdefault((student.id, name), []).append(_Lot(student, files, said, name == due))
    handed = [_keep(_merged(some), name, places) for (_, name), some in came.items()]
    return sorted(handed, key=lambda h: (h.lab, h.student))


@dataclass
class _Lot:
    """What one student handed in for one lab, in one assignment.

    Attributes:
        student: the student, with the number of that assignment.
        files: the notebooks.
        said: remarks on the lab.
        due: whether the assignment is for this lab.
    """

    student: Student
    files: list[Found]
    said: list[Message]
    due: bool


def _merged(some: list[_Lot]) -> _Lot:
    """Return what one person handed in for one lab in several assignments."""
    first = max(some, key=lambda lot: (lot.due, bool(lot.files)))
    others = [lot for lot in some if lot is not first]
    student = replace(
        first.student,
        files=[file for lot in some for file in lot.student.files],
        remarks=[r for lot in (first, *others) for r in lot.student.remarks],
    )
    files = [file for lot in some for file in lot.files]
    return _Lot(student, files, [m for lot in (first, *others) for m in lot.said], first.due)


def _assignment(student: Student, labs: list[Assignment], submitted: Path) -> str:
    """Return the lab of the assignment that a submission came in, if its archive says it."""
    if around := said_by(submitted.resolve().name, labs):
        return around
    said = {said_by(file.archive, labs) for file in student.files} - {""}
    return said.pop() if len(said) == 1 else ""


def _due(lots: list[dict[str, list[Found]]]) -> str:
    """Return the lab that a run is for: what more than four fifths of all that came are of."""
    counts = Counter(name for lot in lots for name in lot if name)
    if not counts:
        return ""
    name, most = counts.most_common(1)[0]
    return name if most > 4 * (counts.total() - most) else ""


def _other(lab: str, due: str, places: Places, student: Student) -> Message:
    """Say that a notebook of another lab came than that which is due."""
    before = (places.results / student.id / f"{lab}.json").is_file()
    return Message(
        pl=f"to notatnik innego laboratorium niż {due}; zaliczono go do {lab}"
        + (", które było już ocenione: liczy się ten" if before else ""),
        en=f"a notebook of another lab than {due}; it was counted for {lab}"
        + (", which had been graded before: this one counts" if before else ""),
    )


def _instead(others: set[str]) -> Message:
    names = ", ".join(sorted(others))
    return Message(
        pl=f"oddano tylko notatnik innego laboratorium: {names}",
        en=f"only a notebook of another lab came: {names}",
    )


def _which(unknown: list[Student], labs: list[Assignment]) -> str:
    """Say that nothing says which lab these are for, and what to do."""
    lines = [
        f"  {student.name}: {', '.join(f.path for f in student.files[:3]) or 'an empty folder'}"
        for student in unknown[:10]
    ]
    more = [f"  and {len(unknown) - 10} more"] if len(unknown) > 10 else []
    return "\n".join(
        [
            "nothing says which lab these are for, so nothing was graded:",
            *lines,
            *more,
            "Say it with --lab if all are for one lab (python -m press grade FOLDER "
            f"--lab {labs[0].number}), or put them into folders that do: "
            f"student/{labs[0].lab}/file",
        ]
    )


# --------------------------------------------------------------------------- who


def _students(submitted: Path, labs: list[Assignment]) -> list[Student]:
    """Return everybody who handed something in, with their files."""
    people: dict[str, Student] = {}

    def person(label: str) -> Student:
        label = unicodedata.normalize("NFC", label)
        moodle = _MOODLE.fullmatch(label)
        if moodle:
            key = f"{moodle['name']} {moodle['number']}"
            name = clean(moodle["name"]).strip()
            return people.setdefault(key, Student(name, key, moodle["number"]))
        return people.setdefault(label, Student(clean(label), label))

    def owner(path: PurePosixPath) -> tuple[Student, str]:
        """Return whose a file is by its path, its folder or its own name, and the path below."""
        parts = [unicodedata.normalize("NFC", part) for part in path.parts]
        moodle = next((m for m in map(_MOODLE.fullmatch, parts) if m), None)
        if moodle:
            rest = parts[parts.index(moodle[0]) + 1 :]
            return person(moodle[0]), "/".join(rest) or moodle["rest"] or parts[-1]
        if len(parts) > 1:
            return person(parts[0]), "/".join(parts[1:])
        return person(_name_in(parts[0], labs)), parts[0]

    def whose(path: PurePosixPath) -> Allowance:
        return owner(path)[0].allowance

    def add(files: Iterable[Found], archive: str = "") -> None:
        """Give each file to whom its path names."""
        for found in files:
            if found.path == ".":  # the archive as a whole
                raise CollectError(_damaged(submitted, found))
            who, path = owner(PurePosixPath(found.path))
            found.path, found.archive = clean(path), archive
            who.files.append(found)

    if submitted.is_file() and is_foreign(submitted.name):
        raise CollectError(
            f"{submitted}: this format cannot be read. Unpack it, and give the folder: "
            "make grade SUBMITTED=folder"
        )
    if submitted.is_file() and submitted.suffix.lower() == ".ipynb":
        add(read_file(submitted, PurePosixPath(submitted.name), whose))
    elif submitted.is_file():
        with submitted.open("rb") as opened:
            add(read_archive(opened, PurePosixPath(), whose))
    else:
        for entry in sorted(submitted.iterdir()):
            at = PurePosixPath(entry.name)
            if unwanted(entry.name):
                continue
            if entry.name.startswith(".") and not (is_folder(entry) and holds_notebook(entry)):
                continue
            if is_folder(entry):
                who = person(entry.name)  # whoever has a folder has a row, even if it is empty
                who.folders += folders_in(entry)
                add(read_folder(entry, at, whose))
            elif (
                entry.suffix.lower() == ".zip"
                and entry.is_file()
                and not entry.is_symlink()
                and not _MOODLE.fullmatch(unicodedata.normalize("NFC", entry.name))
                and _holds_people(entry)
            ):
                with entry.open("rb") as opened:
                    add(read_archive(opened, PurePosixPath(), whose), clean(entry.name))
            else:
                add(read_file(entry, at, whose))
    return list(people.values())


def _damaged(archive: Path, found: Found) -> str:
    """Say that the archive of all submissions cannot be read, and what to do."""
    why = found.problem.texts["en"] if found.problem else ""
    return f"{archive}: {' '.join(why.split())}. Download it again, or give the unpacked folder"


def _holds_people(archive: Path) -> bool:
    """Whether an archive is Moodle's of all submissions."""
    try:
        with archive.open("rb") as file, zip_of(file) as opened:
            names = [name_of(info) for info in opened.infolist()]
    except Exception:  # a damaged archive: `read_archive` says how
        return False
    return any(_MOODLE.fullmatch(part) for name in names for part in PurePosixPath(name).parts)


def _name_in(file: str, labs: list[Assignment]) -> str:
    """Return whose a file is that lies in no folder: its name without the lab's."""
    stem = PurePosixPath(file).stem
    for lab in labs:
        stem = re.sub(rf"{lab.number}?[_\- ]*{re.escape(lab.slug)}", "", stem, flags=re.I)
    stem = re.sub(r"\(\d+\)|\bcopy\d*\b|kopia", "", stem, flags=re.I).strip(" _-.")
    return stem or file


def _join(students: list[Student], participants: People) -> list[Student]:
    """Call everybody as the list of participants does; say who does not stand in it.

    What came of one person in several assignments stays apart: Moodle's numbers are other ones.
    """
    joined: dict[tuple[str, str], Student] = {}
    found = [(student, participants.find(student.name, student.number)) for student in students]
    for student, person in sorted(found, key=lambda pair: not pair[0].number):
        if person is None:
            student.remarks.append(
                Message(
                    pl="nie ma tej osoby na liście uczestników",
                    en="not in the list of participants",
                )
            )
            joined["", student.key] = student
            continue
        student.name = person.name
        student.listed = participants.label(person)
        number = student.number
        known = [key for key in joined if key[0] == student.listed]
        if not number and len(known) == 1:  # the same person twice: a folder and a file beside it
            number = known[0][1]
        other = joined.setdefault((student.listed, number), student)
        if other is not student:
            other.files += student.files
            other.folders += student.folders
            other.remarks += student.remarks
    return list(joined.values())


def _name_apart(students: list[Student]) -> None:
    """Give different students different ids."""
    seen: dict[str, str] = {}
    for student in students:
        own = student.listed or student.key
        student.apart = seen.get(student.id.casefold(), own) != own
        seen.setdefault(student.id.casefold(), own)


# --------------------------------------------------------------------------- which lab


def _by_lab(
    student: Student, labs: list[Assignment], chosen: str, submitted: Path
) -> dict[str, list[Found]]:
    """Return a student's notebooks by lab; those of which nothing says it under an empty name.

    A lab with an empty list is one for which something came, but no notebook.
    """
    around = said_by(submitted.resolve().name, labs)
    found: dict[str, list[Found]] = {}
    others: list[Found] = []
    for file in student.files:
        if file.problem is not None:
            student.remarks.append(file.problem)
            others.append(file)
        elif is_notebook(file):
            lab = chosen or lab_of(file, labs) or said_by(file.archive, labs)
            found.setdefault(lab, []).append(file)
        else:
            others.append(file)
    # What nothing says by itself is for the lab that the others of this student are for.
    if "" in found and len(found) == 2:
        unsaid = found.pop("")
        next(iter(found.values())).extend(unsaid)
    elif "" in found and around:
        found.setdefault(around, []).extend(found.pop(""))
    if chosen:
        found.setdefault(chosen, [])
    folders = {part for file in others for part in PurePosixPath(file.path).parts[:-1]}
    for folder in sorted({*folders, *student.folders}):
        lab = chosen or said_by(folder, labs)
        if lab:
            found.setdefault(lab, [])
    if not found and others:
        named = {said_by(PurePosixPath(f.path).name, labs) for f in others} - {""}
        named = named or {said_by(f.archive, labs) for f in others} - {""}
        found = {lab: [] for lab in named}
    if not found and around:
        found[around] = []
    only = [PurePosixPath(f.path).name for f in others if f.problem is None]
    if only and not any(found.values()):
        names = ", ".join(only[:5])
        student.remarks.append(Message(pl=f"oddano tylko: {names}", en=f"handed in only: {names}"))
    return found


def said_by(name: str, labs: list[Assignment]) -> str:
    """Return the lab that a folder's or archive's name says, or nothing.

    ``03_airline``, ``03``, ``lab03``, ``Laboratorium 3``, ``RNN-Lab 3-4711.zip``, ``airline``.
    """
    folded = unicodedata.normalize("NFC", name).casefold()
    said = set()
    for lab in labs:
        number = rf"0*{int(lab.number)}(?!\d)"
        patterns = (
            rf"(?<![^\W_]){re.escape(lab.slug.casefold())}(?![^\W_])",
            rf"0*{int(lab.number)}",
            rf"{lab.number}[_\- .].*",
            rf".*(?<![^\W_])lab[^\W\d_]*[\W_]*{number}.*",
        )
        if re.search(patterns[0], folded) or any(re.fullmatch(p, folded) for p in patterns[1:]):
            said.add(lab.lab)
    return said.pop() if len(said) == 1 else ""


def lab_of(file: Found, labs: list[Assignment]) -> str:
    """Return the lab that a notebook is for, by its content, then by its name; or nothing."""
    content: dict[str, object] = {}
    with contextlib.suppress(UnreadableError):
        content, _ = parse_notebook(file.content or b"")
    metadata = content.get("metadata")
    own = metadata.get("unrolled") if isinstance(metadata, dict) else None
    said = own.get("source") if isinstance(own, dict) else None
    for lab in labs:
        if said == f"labs/{lab.lab}.md":
            return lab.lab
    text = (file.content or b"").decode("utf-8", "replace")
    counts = {
        lab.lab: sum(text.count(f'"{task.cell}"') for task in lab.tasks)
        + sum(text.count(f"def {task.target}(") for task in lab.tasks if task.target)
        for lab in labs
    }
    best = max(counts, key=lambda name: counts[name])
    if counts[best]:
        return best
    path = PurePosixPath(file.path)
    for name in (path.name, *reversed(path.parts[:-1])):
        if lab_said := said_by(name, labs):
            return lab_said
    numbered = [a.lab for a in labs if re.search(rf"(?<!\d){a.number}(?!\d)", path.name)]
    return numbered[0] if len(numbered) == 1 else ""


def _keep(lot: _Lot, lab: str, places: Places) -> Handed:
    """Copy the newest notebook to its place; say which others there were, after what is said.

    What was there before stays: as an attempt, and as what counts if nothing readable came.
    """
    student, files = lot.student, lot.files
    remarks = [*student.remarks, *lot.said]
    target = places.submitted / student.id / lab / f"{lab}.ipynb"
    attempts = places.attempts / student.id / lab
    earlier = target.read_bytes() if target.is_file() else None
    if earlier is not None:
        _attempt(attempts, earlier, target.stat().st_mtime)
    # A file that cannot be read gives way to one that can.
    files = sorted(files, key=lambda f: (_readable(f), f.time, len(f.content or b"")))
    for file in files:
        _attempt(attempts, file.content or b"", file.time)
    newest = files[-1] if files else None
    if newest is None and not student.files:
        remarks.append(Message(pl="niczego nie oddano", en="nothing was handed in"))
    if earlier is not None and (newest is None or not _readable(newest)):
        old = Found(target.name, earlier)
        if newest is None or (_readable(old) and newest.content != earlier):
            remarks.append(
                Message(
                    pl="liczy się notatnik oddany wcześniej",
                    en="the notebook handed in earlier counts",
                )
            )
            return Handed(student.id, student.name, lab, target, tuple(remarks), student.number)
    if newest is None:
        return Handed(student.id, student.name, lab, None, tuple(remarks), student.number)
    used = PurePosixPath(newest.path).name
    if len(files) > 1:
        names = ", ".join(PurePosixPath(f.path).name for f in files[:-1][:5])
        remarks.append(
            Message(
                pl=f"kilka notatników: oceniono {used}, pominięto {names}",
                en=f"several notebooks: {used} was graded, {names} left out",
            )
        )
    elif used != f"{lab}.ipynb":
        remarks.append(Message(pl=f"plik nazywa się {used}", en=f"the file is called {used}"))
    if newest.content != earlier:
        write_whole(target, newest.content or b"")
    return Handed(student.id, student.name, lab, target, tuple(remarks), student.number)


def _attempt(folder: Path, content: bytes, changed: float) -> None:
    """Keep what was handed in, once, under its time: the file's own, or that of now."""
    digest = hashlib.sha256(content).hexdigest()[:12]
    if folder.is_dir() and any(folder.glob(f"*_{digest}.ipynb")):
        return
    moment = datetime.fromtimestamp(changed or time.time(), UTC)
    write_whole(folder / f"{moment:%Y-%m-%dT%H-%M-%SZ}_{digest}.ipynb", content)


def _readable(file: Found) -> bool:
    try:
        document, _ = parse_notebook(file.content or b"")
    except UnreadableError:
        return False
    return bool(document.get("cells"))
