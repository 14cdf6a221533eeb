"""Fetching data sets: official address, checksum, cache, and errors that say what to do."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pooch
from filelock import FileLock
from tqdm import tqdm

from unrolled.data.transfer import TransferError, forget, transfer

#: The environment variable that names the cache directory.
CACHE_VARIABLE = "UNROLLED_DATA"

#: Seconds without an answer after which a server counts as unreachable.
TIMEOUT = 20


class DataError(Exception):
    """Data are missing or damaged; the message says which, and what to do."""


class OfflineError(DataError):
    """A file is not in the cache and did not come from any address.

    Attributes:
        reasons: each address that was tried and why it did not help, a line each.
        kept: bytes that came and are kept.
    """

    def __init__(self, message: str, reasons: Sequence[str] = (), kept: int = 0) -> None:
        super().__init__(message)
        self.reasons = tuple(reasons)
        self.kept = kept


class ChecksumError(DataError):
    """A file is not the one that was expected."""


@dataclass(frozen=True)
class DataFile:
    """One file of a data set.

    Attributes:
        path: where it lies in the cache directory, with ``/``.
        urls: addresses, the official one first.
        sha256: checksum in hexadecimal; None where none can be had, and then ``check`` is needed.
        size: bytes of the whole file, where they never change.
        part: takes the part of the file's bytes that the checksum is for (a file whose footer
            changes); the whole file by default.
        check: raises ValueError for wrong contents; for files without a stable checksum.
        headers: HTTP headers that the server insists on.
        also: other places where a cache may have a copy: for contents that stand in more than one
            archive. Where there is a ``check``, it alone judges such a copy: it looks at the
            contents.
    """

    path: str
    urls: tuple[str, ...]
    sha256: str | None
    part: Callable[[bytes], bytes] | None = None
    check: Callable[[Path], None] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()
    size: int | None = None

    def __post_init__(self) -> None:
        if not self.urls:
            raise ValueError(f"{self.path}: no address")
        if self.sha256 is None and self.check is None:
            raise ValueError(f"{self.path}: neither a checksum nor a check")

    def copy(self) -> Path | None:
        """Return where the cache has the file, right or wrong; None if it has no copy."""
        places = (cache_directory() / place for place in (self.path, *self.also))
        return next((place for place in places if place.exists()), None)

    def problem(self, path: Path) -> str | None:
        """Return what is wrong with a copy of the file, or None.

        Raises:
            OSError: the copy cannot be read.
        """
        packed_again = any(path == cache_directory() / place for place in self.also)
        if self.check is not None and (self.sha256 is None or packed_again):
            try:
                self.check(path)
            except ValueError as error:
                return str(error)
            return None
        actual_size = path.stat().st_size
        if self.size is not None and actual_size != self.size:
            what = "truncated: " if actual_size < self.size else ""
            return f"{what}{actual_size:,} bytes, expected {self.size:,}"
        try:
            actual = self._hash(path)
        except ValueError as error:
            return str(error)
        if actual != self.sha256:
            of = "sha256 of the text's body" if self.part else "sha256"
            return f"{of}: expected {self.sha256}, actual {actual}"
        return None

    def _hash(self, path: Path) -> str:
        if self.part is None:
            return str(pooch.file_hash(str(path), alg="sha256"))
        return hashlib.sha256(self.part(path.read_bytes())).hexdigest()


@dataclass(frozen=True)
class Dataset:
    """A data set: its files, and what may be done with them.

    Attributes:
        title: its name for people.
        files: the files by short names.
        licence: licence or terms.
        source: whom to cite.
    """

    title: str
    files: dict[str, DataFile]
    licence: str
    source: str


def cache_directory() -> Path:
    """Return the directory of fetched data: ``$UNROLLED_DATA``, or the platform's cache."""
    chosen = os.environ.get(CACHE_VARIABLE)
    return Path(chosen).expanduser() if chosen else Path(pooch.os_cache("unrolled"))


def fetch_file(file: DataFile, *, progress: bool = True) -> Path:
    """Return a checked copy of one file, fetched if it is not in the cache.

    A download goes on where an earlier one stopped; until it is whole and right it lies beside its
    place as ``….part`` and nothing reads it. Processes that want the same file wait for each other.

    Raises:
        OfflineError: the file is not in the cache and did not come from any address.
        ChecksumError: the file is wrong; it is kept beside its place as ``….bad`` and is not used.
        DataError: the cache cannot be read or written.
    """
    if found := file.copy():
        return _checked(file, found)
    target = cache_directory() / file.path
    lock = FileLock(target.with_name(f".{target.name}.lock"))
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with suppress(NotImplementedError):  # a network's file system without locks
            lock.acquire()
    except OSError as error:
        raise _unwritable(target.parent, error) from error
    try:
        if target.exists():  # another process was quicker
            return _checked(file, target)
        _download(file, target, progress)
        with suppress(OSError):  # whoever waits for it looks for the file first
            Path(lock.lock_file).unlink()
        return target
    finally:
        lock.release()


def _checked(file: DataFile, found: Path) -> Path:
    """Return the path of a copy if it is right.

    Raises:
        ChecksumError: it is not, and was set aside.
        DataError: it cannot be read.
    """
    try:
        problem = file.problem(found)
    except OSError as error:
        raise DataError(f"{found} cannot be read: {error}") from error
    if problem:
        raise ChecksumError(_wrong(file, cache_directory() / file.path, found, problem))
    return found


def _download(file: DataFile, target: Path, progress: bool) -> None:
    """Fetch a file from the first address that has the right one."""
    part = target.with_name(target.name + ".part")
    failures, wrong = [], None
    for url in file.urls:
        if progress:
            print(f"{target.name} ← {url}", file=sys.stderr)
        try:
            resumed = _transfer(url, file, part, progress)
            problem = file.problem(part)
            if problem and resumed:  # perhaps the two pieces do not belong together
                forget(part)
                _transfer(url, file, part, progress)
                problem = file.problem(part)
        except TransferError as error:
            failures.append(f"{url}: {error}")
            continue
        except OSError as error:
            raise _unwritable(target.parent, error) from error
        if problem:
            wrong = _wrong(file, target, part, f"{problem} (from {url})")
            forget(part)
            continue
        part.replace(target)
        forget(part)
        return
    if wrong:
        raise ChecksumError(wrong)
    kept = part.stat().st_size if part.exists() else 0
    begun = f"{kept:,} bytes came and are kept; the next attempt goes on from there.\n"
    addresses = "\n".join(f"  {line}" for line in failures)
    raise OfflineError(
        f"{target.name} is not in the cache and could not be fetched:\n{addresses}\n"
        f"{begun if kept else ''}"
        f"Connect to the network and run the cell again; or fetch the file in a browser and put "
        f"it at\n  {target}\nor name a directory that has {file.path} in the environment variable "
        f'{CACHE_VARIABLE} before Jupyter starts. Without the file, SCALE = "small" works.',
        failures,
        kept,
    )


def _transfer(url: str, file: DataFile, part: Path, progress: bool) -> bool:
    """Transfer one file with a progress bar; return what :func:`transfer` does."""
    bar = tqdm(unit="B", unit_scale=True, unit_divisor=1000, leave=False, disable=not progress)

    def watch(have: int, total: int | None) -> None:
        bar.total = total
        bar.update(have - bar.n)

    with bar:
        return transfer(url, part, headers=file.headers, timeout=TIMEOUT, watch=watch)


def _unwritable(folder: Path, error: OSError) -> DataError:
    return DataError(
        f"cannot write to the cache directory {folder} ({error}); "
        f"name another one in the environment variable {CACHE_VARIABLE}"
    )


def _wrong(file: DataFile, target: Path, found: Path, problem: str) -> str:
    """Set a wrong file aside and return the message that says so."""
    bad = target.with_name(target.name + ".bad")
    try:
        found.replace(bad)
        kept = f"It was kept as {bad} and is not used."
    except OSError as error:
        kept = f"It is not used; it could not be renamed to {bad.name} ({error})."
    return (
        f"{target} is not the expected file.\n  {problem}\n{kept}\n"
        f"Run the cell again to fetch it anew, or put a right copy from {file.urls[0]} there. "
        "If that fails too, the publisher's file has changed or something on the way alters it."
    )
