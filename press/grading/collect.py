"""From a folder (or archive) of files to one submission for each student and lab.

Understands what teaching assistants have: Moodle's archive of all submissions or its unpacked
folder (``Anna Żak_1234567_assignsubmission_file_…``), nbgrader's ``student/lab/file``, plain files
``anna_03_airline.ipynb``; archives inside of folders; names with Polish letters however the
archive encodes them.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import re
import stat
import unicodedata
import zipfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from press.grading.assignment import Assignment
from press.grading.examiner import Handed
from press.grading.places import Places
from press.grading.reading import LARGEST_FILE, UnreadableError, parse_notebook
from unrolled.messages import Message

#: Most bytes and files that are taken out of one archive.
LARGEST_ARCHIVE, MOST_MEMBERS = 500 << 20, 5000

_MOODLE = re.compile(
    r"(?P<name>[^/]+?)_(?P<number>\d+)_assignsubmission_(?:file|onlinetext)(?:_(?P<rest>[^/]*))?"
)
_LETTERS = set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻäöüßÄÖÜéèáíčřšžýúůěňťďľĺŕôâêîûëïàçñőű–’")
_UNWANTED = (".ipynb_checkpoints", "__MACOSX", ".git", "__pycache__")


class CollectError(Exception):
    """There is nothing to grade; the message says what was looked for."""


@dataclass
class Found:
    """A file that somebody handed in.

    Attributes:
        path: its path below the student's part, with slashes.
        content: its bytes; None if they could not be read.
        time: when it was last changed, as far as the archive knows.
        problem: why there is no content.
    """

    path: str
    content: bytes | None
    time: tuple[int, ...] = ()
    problem: Message | None = None


@dataclass
class Student:
    """Whoever handed something in."""

    name: str
    number: str = ""
    files: list[Found] = field(default_factory=list)
    remarks: list[Message] = field(default_factory=list)

    @property
    def id(self) -> str:
        """The id in the gradebook: the name and Moodle's number, letters and digits only."""
        plain = re.sub(r"[^\w.-]+", "_", f"{self.name} {self.number}".strip()).strip("_.-")
        return plain[:80] or "unknown"


def collect(submitted: Path, labs: list[Assignment], places: Places, lab: str = "") -> list[Handed]:
    """Copy submissions to their places.

    Args:
        submitted: a folder or an archive.
        labs: the assignments that there are.
        places: where to.
        lab: the lab that all submissions are for; guessed file by file without it.

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
    students = _students(submitted, labs)
    if not students:
        raise CollectError(f"{submitted} is empty: it should hold a folder or file per student")
    _name_apart(students)
    guesses = {id(s): _by_lab(s, labs, chosen) for s in students}
    common = Counter(name for guess in guesses.values() for name in guess if name)
    usual = chosen or (common.most_common(1)[0][0] if common else labs[0].lab)
    handed = []
    for student in students:
        guess = guesses[id(student)]
        lost = guess.pop("", [])
        if lost or not guess:
            guess.setdefault(usual, []).extend(lost)
        for name, files in sorted(guess.items()):
            handed.append(_keep(student, name, files, places))
    return sorted(handed, key=lambda h: (h.lab, h.student))


# --------------------------------------------------------------------------- who


def _students(submitted: Path, labs: list[Assignment]) -> list[Student]:
    """Return everybody who handed something in, with their files."""
    people: dict[str, Student] = {}

    def person(label: str) -> Student:
        label = unicodedata.normalize("NFC", label)
        moodle = _MOODLE.fullmatch(label)
        if moodle:
            key = f"{moodle['name']} {moodle['number']}"
            return people.setdefault(key, Student(moodle["name"].strip(), moodle["number"]))
        return people.setdefault(label, Student(label))

    def add(path: PurePosixPath, found: Found) -> None:
        """Give a file to whom its path names: a folder, or the file's own name."""
        parts = [unicodedata.normalize("NFC", part) for part in path.parts]
        moodle = next((m for m in map(_MOODLE.fullmatch, parts) if m), None)
        if moodle:
            who = person(moodle[0])
            rest = parts[parts.index(moodle[0]) + 1 :]
            found.path = "/".join(rest) or moodle["rest"] or parts[-1]
        elif len(parts) > 1:
            who = person(parts[0])
            found.path = "/".join(parts[1:])
        else:
            who = person(_name_in(parts[0], labs))
            found.path = parts[0]
        who.files.append(found)

    if submitted.is_file():
        for path, found in _archive(submitted.read_bytes(), submitted.name):
            add(path, found)
    else:
        for entry in sorted(submitted.iterdir()):
            if entry.name.startswith(".") or entry.name in _UNWANTED:
                continue
            kind = entry.lstat().st_mode
            if stat.S_ISDIR(kind):
                person(entry.name)  # whoever has a folder has a row, even if it is empty
                for path, found in _folder(entry):
                    add(PurePosixPath(entry.name) / path, found)
            elif (
                stat.S_ISREG(kind)
                and entry.suffix.lower() == ".zip"
                and not (_MOODLE.fullmatch(unicodedata.normalize("NFC", entry.name)))
                and _holds_people(entry)
            ):
                for path, found in _archive(_bytes(entry), entry.name):
                    add(path, found)
            else:
                for path, found in _file(entry):
                    add(path, found)
    return list(people.values())


def _holds_people(archive: Path) -> bool:
    """Whether an archive is Moodle's of all submissions."""
    try:
        with zipfile.ZipFile(archive) as opened:
            names = [_name(info) for info in opened.infolist()]
    except (OSError, zipfile.BadZipFile):
        return False
    return any(_MOODLE.fullmatch(part) for name in names for part in PurePosixPath(name).parts)


def _name_in(file: str, labs: list[Assignment]) -> str:
    """Return whose a file is that lies in no folder: its name without the lab's."""
    stem = PurePosixPath(file).stem
    for lab in labs:
        stem = re.sub(rf"{lab.number}?[_\- ]*{re.escape(lab.slug)}", "", stem, flags=re.I)
    stem = re.sub(r"\(\d+\)|\bcopy\d*\b|kopia", "", stem, flags=re.I).strip(" _-.")
    return stem or file


def _name_apart(students: list[Student]) -> None:
    """Give different students different ids."""
    seen: dict[str, int] = {}
    for student in students:
        key = student.id.casefold()
        seen[key] = seen.get(key, 0) + 1
        if seen[key] > 1:
            digest = hashlib.sha256(student.name.encode()).hexdigest()[:6]
            student.number = f"{student.number} {digest}".strip()


# --------------------------------------------------------------------------- files


def _folder(folder: Path) -> Iterator[tuple[PurePosixPath, Found]]:
    try:
        entries = sorted(folder.iterdir())
    except OSError as error:
        yield PurePosixPath("."), Found(".", None, (), _closed(folder.name, error))
        return
    for entry in entries:
        if entry.name in _UNWANTED or entry.name.startswith("._"):
            continue
        if stat.S_ISDIR(entry.lstat().st_mode):
            for path, found in _folder(entry):
                yield PurePosixPath(entry.name) / path, found
        else:
            for path, found in _file(entry):
                yield path, found


def _file(path: Path) -> Iterator[tuple[PurePosixPath, Found]]:
    name = unicodedata.normalize("NFC", path.name)
    status = path.lstat()
    time = (int(status.st_mtime),)
    if not stat.S_ISREG(status.st_mode):
        problem = Message(
            pl=f"{name} nie jest zwykłym plikiem", en=f"{name} is not an ordinary file"
        )
        yield PurePosixPath(name), Found(name, None, time, problem)
        return
    try:
        content = _bytes(path)
    except OSError as error:
        yield PurePosixPath(name), Found(name, None, time, _closed(name, error))
        return
    if path.suffix.lower() == ".zip":
        for inner, found in _archive(content, name):
            yield PurePosixPath(name) / inner, found
    else:
        yield PurePosixPath(name), Found(name, content, time)


def _bytes(path: Path) -> bytes:
    """Return a file's bytes, one more than are ever needed at most."""
    limit = LARGEST_ARCHIVE if path.suffix.lower() == ".zip" else LARGEST_FILE + 1
    with path.open("rb") as file:
        return file.read(limit)


def _closed(name: str, error: OSError) -> Message:
    why = error.strerror or type(error).__name__
    return Message(
        pl=f"{name} nie daje się otworzyć ({why})", en=f"{name} cannot be opened ({why})"
    )


def _archive(content: bytes, name: str, depth: int = 0) -> Iterator[tuple[PurePosixPath, Found]]:
    """Yield an archive's files; nothing is ever written where an archive says."""

    def broken(why: str) -> tuple[PurePosixPath, Found]:
        problem = Message(
            pl=f"archiwum {name} nie daje się odczytać ({why})",
            en=f"archive {name} could not be read ({why})",
        )
        return PurePosixPath(name), Found(name, None, (), problem)

    left = LARGEST_ARCHIVE
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as opened:
            for info in opened.infolist()[:MOST_MEMBERS]:
                parts = [p for p in _name(info).split("/") if p not in ("", ".", "..")]
                if info.is_dir() or not parts or any(p in _UNWANTED for p in parts):
                    continue
                if parts[-1].startswith("._"):
                    continue
                path = PurePosixPath(*parts)
                if info.flag_bits & 1:
                    yield broken("hasło / password")
                    continue
                with opened.open(info) as file:
                    data = file.read(min(left, LARGEST_FILE) + 1)
                left -= len(data)
                if left < 0:
                    yield broken("za duże / too large")
                    return
                if path.suffix.lower() == ".zip" and depth < 2:
                    for inner, found in _archive(data, path.name, depth + 1):
                        yield path / inner, found
                else:
                    yield path, Found(path.name, data, tuple(info.date_time))
    except (zipfile.BadZipFile, OSError, ValueError, RuntimeError, NotImplementedError) as error:
        yield broken(str(error)[:80] or type(error).__name__)
    except Exception as error:  # zlib.error, struct.error, EOFError: a damaged archive
        yield broken(type(error).__name__)


def _name(info: zipfile.ZipInfo) -> str:
    """Return a member's name as it was meant: UTF-8 if it says so, else by its letters."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            raw = b""
        for encoding in ("utf-8", "cp852", "cp1250"):
            try:
                meant = raw.decode(encoding) if raw else name
            except UnicodeDecodeError:
                continue
            if all(c.isascii() or c in _LETTERS for c in unicodedata.normalize("NFC", meant)):
                name = meant
                break
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


# --------------------------------------------------------------------------- which lab


def _by_lab(student: Student, labs: list[Assignment], chosen: str) -> dict[str, list[Found]]:
    """Return a student's notebooks by lab; those of no known lab under an empty name."""
    found: dict[str, list[Found]] = {}
    others = []
    for file in student.files:
        if file.problem is not None:
            student.remarks.append(file.problem)
        elif _is_notebook(file):
            found.setdefault(chosen or lab_of(file, labs), []).append(file)
        else:
            others.append(PurePosixPath(file.path).name)
    if not found and others:
        names = ", ".join(others[:5])
        student.remarks.append(Message(pl=f"oddano tylko: {names}", en=f"handed in only: {names}"))
    return found


def _is_notebook(file: Found) -> bool:
    """Whether a file is meant to be a notebook: by its name, or by what it holds."""
    if file.path.lower().endswith((".ipynb", ".ipynb.txt", ".ipynb.json", ".json")):
        return True
    content = file.content or b""
    return content.lstrip()[:1] == b"{" and b'"cells"' in content[: 1 << 20]


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
    for lab in labs:
        if re.search(rf"(?<!\d){lab.number}(?!\d)|{re.escape(lab.slug)}", file.path, re.I):
            return lab.lab
    return ""


def _keep(student: Student, lab: str, files: list[Found], places: Places) -> Handed:
    """Copy the newest notebook to its place; say which others there were."""
    remarks = list(student.remarks)
    target = places.submitted / student.id / lab / f"{lab}.ipynb"
    if not files:
        target.unlink(missing_ok=True)
        if not student.files:
            remarks.append(Message(pl="niczego nie oddano", en="nothing was handed in"))
        return Handed(student.id, student.name, lab, None, tuple(remarks))
    # A file that cannot be read gives way to one that can.
    files = sorted(files, key=lambda f: (_readable(f), f.time, len(f.content or b"")))
    newest = files[-1]
    if len(files) > 1:
        names = ", ".join(PurePosixPath(f.path).name for f in files[:-1][:5])
        used = PurePosixPath(newest.path).name
        remarks.append(
            Message(
                pl=f"kilka notatników: oceniono {used}, pominięto {names}",
                en=f"several notebooks: {used} was graded, {names} left out",
            )
        )
    elif PurePosixPath(newest.path).name != f"{lab}.ipynb":
        used = PurePosixPath(newest.path).name
        remarks.append(Message(pl=f"plik nazywa się {used}", en=f"the file is called {used}"))
    target.parent.mkdir(parents=True, exist_ok=True)
    if not target.is_file() or target.read_bytes() != newest.content:
        target.write_bytes(newest.content or b"")
    return Handed(student.id, student.name, lab, target, tuple(remarks))


def _readable(file: Found) -> bool:
    try:
        document, _ = parse_notebook(file.content or b"")
    except UnreadableError:
        return False
    return bool(document.get("cells"))
