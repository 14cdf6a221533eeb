"""The files that students hand in, loose or in archives, read within limits.

Every limit is one student's, and so is every fault: what is too much, damaged or in a format that
nothing here reads costs that file, and is said with it. Nothing is ever written where an archive
says.
"""

from __future__ import annotations

import gzip
import io
import stat
import struct
import sys
import tarfile
import time
import unicodedata
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from itertools import product
from pathlib import Path, PurePosixPath
from typing import IO, Any, cast

from press.grading.reading import LARGEST_FILE
from unrolled.messages import Message

#: Most bytes that are unpacked for one student, archives in archives included, and most files.
MOST_BYTES, MOST_FILES = 200 << 20, 5000
#: Most archives in one another.
DEEPEST = 3
#: What tells whether a file is a notebook that is not called one: its first bytes.
FIRST = 1 << 20
#: Most files that are left out by name.
NAMED = 5

NOTEBOOKS = (".ipynb", ".ipynb.txt", ".ipynb.json", ".json")
ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz")
FOREIGN = (".rar", ".7z", ".gz", ".bz2", ".tbz2", ".xz", ".txz", ".zst")

_POLISH = set("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ–’")
_LETTERS = _POLISH | set("äöüßÄÖÜéèáíčřšžýúůěňťďľĺŕôâêîûëïàçñőű")
#: Control characters, halves of characters, ends of lines; and what turns the direction of text.
_NO_LETTERS = {"Cc", "Cs", "Zl", "Zp"}
_TURNS = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNWANTED = {
    ".ipynb_checkpoints",
    "__macosx",
    ".git",
    "__pycache__",
    ".venv",
    ".ds_store",
    "thumbs.db",
    "desktop.ini",
}


@dataclass
class Found:
    """A file that somebody handed in.

    Attributes:
        path: its path with slashes; once its student is known, below the student's part.
        content: its bytes, if it may be a notebook; None if they could not be read.
        time: when it was last changed (seconds since 1970); 0 if the archive does not know.
        problem: why there is no content.
        archive: the archive of all submissions that it came in, if it lay in the folder.
    """

    path: str
    content: bytes | None
    time: float = 0.0
    problem: Message | None = None
    archive: str = ""


@dataclass
class Allowance:
    """How much more is read of one student's files.

    Attributes:
        room: bytes.
        files: their number.
        refused: how many were left out.
    """

    room: int = field(default_factory=lambda: MOST_BYTES)
    files: int = field(default_factory=lambda: MOST_FILES)
    refused: int = 0

    def take(self, size: int) -> bool:
        """Take a file's bytes off, or say that there is no room for it."""
        if self.files < 1 or size > self.room:
            return False
        self.files -= 1
        self.room -= size
        return True

    def refuse(self, path: PurePosixPath, changed: float) -> Iterator[Found]:
        """Say that a file is left out; after a few, that there are more."""
        self.refused += 1
        if self.refused > NAMED + 1:
            return
        name = clean(path.name)
        most = f"{MOST_BYTES >> 20} MB, {MOST_FILES}"
        problem = Message(
            pl=f"pominięto {name}: za dużo (najwyżej {most} plików od jednej osoby)",
            en=f"left out {name}: too much (at most {most} files from one person)",
        )
        if self.refused > NAMED:
            problem = Message(pl="pominięto też dalsze pliki", en="more files were left out, too")
        yield Found(str(path), None, changed, problem)


#: Says from whose allowance a path takes.
Whose = Callable[[PurePosixPath], Allowance]


@dataclass
class _Member:
    """A file in an archive: its name, size and time, why it is closed, and how to open it."""

    name: str
    size: int
    time: float
    problem: Message | None
    open: Callable[[], IO[bytes] | None]


def clean(name: str) -> str:
    """Return a name as it is kept and shown: composed, and what is no letter as U+FFFD.

    Bytes that are not UTF-8 could not be written, and control characters would steer a terminal.
    """
    composed = unicodedata.normalize("NFC", name)
    return "".join(
        "\ufffd" if unicodedata.category(c) in _NO_LETTERS or c in _TURNS else c for c in composed
    )


def unwanted(name: str) -> bool:
    """Whether a file or folder is something that computers leave, and nobody hands in."""
    return name.casefold() in _UNWANTED or name.startswith("._")


def is_folder(path: Path) -> bool:
    """Whether a path is a folder, and no link to one."""
    try:
        return stat.S_ISDIR(path.lstat().st_mode)
    except OSError:
        return False


def is_archive(name: str) -> bool:
    """Whether a file is called like an archive that can be read."""
    return name.lower().endswith(ARCHIVES)


def is_foreign(name: str) -> bool:
    """Whether a file is called like an archive that cannot be read."""
    return name.lower().endswith(FOREIGN) and not is_archive(name)


def is_notebook(file: Found) -> bool:
    """Whether a file is meant to be a notebook: by its name, or by what it holds."""
    return file.path.lower().endswith(NOTEBOOKS) or _begins_one(file.content or b"")


def _begins_one(content: bytes) -> bool:
    return content.lstrip()[:1] == b"{" and b'"cells"' in content[:FIRST]


def folders_in(folder: Path) -> list[str]:
    """Return the names of the folders right in a folder."""
    try:
        return sorted(clean(entry.name) for entry in folder.iterdir() if is_folder(entry))
    except OSError:
        return []


def holds_notebook(folder: Path) -> bool:
    """Whether there is a notebook in a folder or below."""
    found = read_folder(folder, PurePosixPath(), lambda path: Allowance())
    return any(file.path.lower().endswith(".ipynb") for file in found)


def read_folder(folder: Path, at: PurePosixPath, whose: Whose) -> Iterator[Found]:
    """Yield the files in a folder and below, however deep."""
    waiting = [(folder, at)]
    while waiting:
        here, path = waiting.pop()
        try:
            entries = sorted(here.iterdir())
        except OSError as error:
            yield Found(str(path / here.name), None, 0.0, _closed(here.name, error))
            continue
        below = []
        for entry in entries:
            if unwanted(entry.name):
                continue
            if is_folder(entry):
                below.append((entry, path / entry.name))
            else:
                yield from read_file(entry, path / entry.name, whose)
        waiting += reversed(below)


def read_file(path: Path, at: PurePosixPath, whose: Whose) -> Iterator[Found]:
    """Yield a file, or what is in it if it is an archive."""
    name, changed = clean(path.name), 0.0
    try:
        status = path.lstat()
        changed = status.st_mtime
        if not stat.S_ISREG(status.st_mode):
            yield Found(str(at), None, changed, _no_file(name))
            return
        with path.open("rb") as opened:
            if is_archive(name):
                yield from read_archive(opened, at, whose)
            else:
                yield from _content(opened, at, status.st_size, changed, whose(at))
    except OSError as error:
        yield Found(str(at), None, changed, _closed(name, error))


def _content(
    opened: IO[bytes], at: PurePosixPath, size: int, changed: float, allowance: Allowance
) -> Iterator[Found]:
    """Yield a file with its bytes if it may be a notebook, and one more than is needed at most."""
    name = at.name.lower()
    if is_foreign(name):
        yield Found(str(at), None, changed, _foreign(clean(at.name)))
        return
    first = LARGEST_FILE + 1 if name.endswith(NOTEBOOKS) else FIRST
    if not allowance.take(min(size, first)):
        yield from allowance.refuse(at, changed)
        return
    content = opened.read(first)
    if not name.endswith(NOTEBOOKS):
        if not _begins_one(content):
            content = b""
        elif size > first:
            if not allowance.take(min(size, LARGEST_FILE + 1) - first):
                yield from allowance.refuse(at, changed)
                return
            content += opened.read(LARGEST_FILE + 1 - first)
    yield Found(str(at), content, changed)


# --------------------------------------------------------------------------- archives


def read_archive(
    opened: IO[bytes], at: PurePosixPath, whose: Whose, depth: int = 1
) -> Iterator[Found]:
    """Yield an archive's files; what is wrong with all of it under the path of the archive."""
    try:
        allowance = whose(at) if at.parts else None  # an archive of all submissions is nobody's
        for member in _tar(opened, allowance) if _is_tar(opened) else _zip(opened):
            parts = [p for p in member.name.split("/") if p not in ("", ".", "..")]
            if parts and not any(map(unwanted, parts)):
                yield from _unpack(member, at.joinpath(*parts), whose, depth)
    except Exception as error:  # zlib.error, struct.error, EOFError: a damaged archive
        name, why = clean(at.name), _why(error)
        problem = Message(
            pl=f"archiwum {name} nie daje się odczytać ({why})",
            en=f"archive {name} could not be read ({why})",
        )
        yield Found(str(at), None, 0.0, problem)


def _unpack(member: _Member, path: PurePosixPath, whose: Whose, depth: int) -> Iterator[Found]:
    """Yield one file of an archive; whatever is wrong with it costs no other."""
    name, allowance = clean(path.name), whose(path)
    if member.problem is not None:
        yield Found(str(path), None, member.time, member.problem)
        return
    try:
        with member.open() or io.BytesIO() as opened:
            if not is_archive(name):
                yield from _content(opened, path, member.size, member.time, allowance)
            elif depth >= DEEPEST:
                problem = Message(
                    pl=f"archiwum {name} leży w zbyt wielu innych",
                    en=f"archive {name} lies in too many others",
                )
                yield Found(str(path), None, member.time, problem)
            elif not allowance.take(member.size):
                yield from allowance.refuse(path, member.time)
            else:
                yield from read_archive(io.BytesIO(opened.read()), path, whose, depth + 1)
    except Exception as error:  # zipfile's, zlib's, tarfile's: there is no list of them
        why = _why(error)
        problem = Message(pl=f"uszkodzony plik {name} ({why})", en=f"damaged file {name} ({why})")
        yield Found(str(path), None, member.time, problem)


def zip_of(opened: IO[bytes]) -> zipfile.ZipFile:
    """Return an archive, also one with a name that says that it is UTF-8, and is not."""
    try:
        return zipfile.ZipFile(opened)
    except UnicodeDecodeError:
        opened.seek(0)
        return zipfile.ZipFile(io.BytesIO(_honest(opened.read())))


def _honest(archive: bytes) -> bytes:
    """Return a zip archive whose names say that they are UTF-8 only if they are.

    Its last record says how long the directory before it is. There, and before each file, bit 11
    of the flags stands for UTF-8.
    """
    changed = bytearray(archive)
    end = changed.rfind(b"PK\x05\x06")
    size, start = struct.unpack_from("<LL", changed, end + 12)
    here = end - size
    before = here - start  # bytes before the archive itself
    while here < end:
        lengths = struct.unpack_from("<HHH", changed, here + 28)
        (file,) = struct.unpack_from("<L", changed, here + 42)
        try:
            changed[here + 46 : here + 46 + lengths[0]].decode()
        except UnicodeDecodeError:
            changed[here + 9] &= 0xF7
            changed[before + file + 7] &= 0xF7
        here += 46 + sum(lengths)
    return bytes(changed)


def _zip(opened: IO[bytes]) -> Iterator[_Member]:
    with zip_of(opened) as archive:
        for info in archive.infolist():
            if info.is_dir():
                continue
            name = name_of(info)
            problem = None
            if info.flag_bits & 1:
                last = clean(name.rpartition("/")[2])
                problem = Message(
                    pl=f"{last} leży w archiwum z hasłem",
                    en=f"{last} lies in an archive with a password",
                )
            how: Callable[[], Any] = partial(archive.open, info)
            yield _Member(name, info.file_size, _moment(info), problem, how)


def _is_tar(opened: IO[bytes]) -> bool:
    begins = opened.read(512)
    opened.seek(0)
    return begins[:2] == b"\x1f\x8b" or begins[257:262] == b"ustar"


def _tar(opened: IO[bytes], allowance: Allowance | None) -> Iterator[_Member]:
    """Yield what is in a tar archive; passing over a file reads it, and takes from the room."""
    packed = opened.read(2) == b"\x1f\x8b"
    opened.seek(0)
    file: Any = gzip.GzipFile(fileobj=opened) if packed else opened
    stream = _Stream(file, allowance.room if allowance else sys.maxsize)
    try:
        with tarfile.open(fileobj=cast(Any, stream), mode="r|") as archive:
            for info in archive:
                if not info.isdir():
                    name = clean(info.name.rpartition("/")[2])
                    problem = None if info.isfile() else _no_file(name)
                    how = partial(archive.extractfile, info)
                    yield _Member(info.name, info.size, float(info.mtime), problem, how)
    finally:
        if allowance:
            allowance.room = min(allowance.room, stream.room)


class _Stream:
    """A stream of bytes that ends in an error when there are more than one student may have."""

    def __init__(self, file: IO[bytes], room: int) -> None:
        self.file, self.room = file, room

    def read(self, size: int) -> bytes:
        """Return the next bytes."""
        content = self.file.read(min(size, self.room + 1))
        self.room -= len(content)
        if self.room < 0:
            raise tarfile.ReadError(f"more than {MOST_BYTES >> 20} MB")
        return content


def _why(error: Exception) -> str:
    return clean(str(error))[:80] or type(error).__name__


def _no_file(name: str) -> Message:
    return Message(pl=f"{name} nie jest zwykłym plikiem", en=f"{name} is not an ordinary file")


def _foreign(name: str) -> Message:
    kind = name.rpartition(".")[2].lower()
    return Message(
        pl=f"{name}: formatu .{kind} nie da się odczytać; rozpakuj go do folderu tej osoby "
        "albo poproś o .ipynb lub .zip",
        en=f"{name}: the format .{kind} cannot be read; unpack it into this student's folder, "
        "or ask for .ipynb or .zip",
    )


def _closed(name: str, error: OSError) -> Message:
    name, why = clean(name), error.strerror or type(error).__name__
    return Message(
        pl=f"{name} nie daje się otworzyć ({why})", en=f"{name} cannot be opened ({why})"
    )


def _moment(info: zipfile.ZipInfo) -> float:
    """Return when a member was last changed; archives hold the local time."""
    try:
        return time.mktime((*info.date_time, 0, 0, -1))
    except (ValueError, OverflowError):
        return 0.0


def name_of(info: zipfile.ZipInfo) -> str:
    """Return a member's name as it was meant: UTF-8 if it says so, else by its letters."""
    name = info.filename
    if not info.flag_bits & 0x800 and not name.isascii():
        try:
            raw = name.encode("cp437")
        except UnicodeEncodeError:
            raw = b""
        # Code pages 852 and 1250 can both read most names, but only one of them in Polish.
        for letters, encoding in product((_POLISH, _LETTERS), ("utf-8", "cp852", "cp1250")):
            try:
                meant = raw.decode(encoding) if raw else name
            except UnicodeDecodeError:
                continue
            if all(c.isascii() or c in letters for c in unicodedata.normalize("NFC", meant)):
                name = meant
                break
    return unicodedata.normalize("NFC", name.replace("\\", "/"))
