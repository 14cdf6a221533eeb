"""Fetching data sets: official address, checksum, cache, and errors that say what to do."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pooch

#: The environment variable that names the cache directory.
CACHE_VARIABLE = "UNROLLED_DATA"

#: Seconds without an answer after which a server counts as unreachable.
TIMEOUT = 20


class DataError(Exception):
    """Data are missing or damaged; the message says which, and what to do."""


class OfflineError(DataError):
    """A file is not in the cache and no address could be reached."""


class ChecksumError(DataError):
    """A file is not the one that was expected."""


@dataclass(frozen=True)
class DataFile:
    """One file of a data set.

    Attributes:
        path: where it lies in the cache directory, with ``/``.
        urls: addresses, the official one first.
        sha256: checksum in hexadecimal; None where none can be had, and then ``check`` is needed.
        part: takes the part of the file's bytes that the checksum is for (a file whose footer
            changes); the whole file by default.
        check: raises ValueError for wrong contents; for files without a stable checksum.
        headers: HTTP headers that the server insists on.
        also: other places where a cache may have a copy: for contents that stand in more than one
            archive, where ``check`` looks at the contents.
    """

    path: str
    urls: tuple[str, ...]
    sha256: str | None
    part: Callable[[bytes], bytes] | None = None
    check: Callable[[Path], None] | None = None
    headers: dict[str, str] = field(default_factory=dict)
    also: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if not self.urls:
            raise ValueError(f"{self.path}: no address")
        if self.sha256 is None and self.check is None:
            raise ValueError(f"{self.path}: neither a checksum nor a check")

    def problem(self, path: Path) -> str | None:
        """Return what is wrong with a copy of the file, or None."""
        if self.sha256 is not None:
            try:
                actual = self._hash(path)
            except ValueError as error:
                return str(error)
            if actual != self.sha256:
                of = "sha256 of the text's body" if self.part else "sha256"
                return f"{of}: expected {self.sha256}, actual {actual}"
        if self.check is not None:
            try:
                self.check(path)
            except ValueError as error:
                return str(error)
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


def fetch(name: str, *, progress: bool = True) -> dict[str, Path]:
    """Return the files of a data set, fetching those that are not in the cache.

    Args:
        name: a key of :data:`unrolled.data.DATASETS`.
        progress: whether to show a progress bar while a file is fetched.

    Returns:
        Paths of checked files, by the short names of the entry.

    Raises:
        KeyError: there is no such data set.
        OfflineError: a file is not in the cache and no address answers.
        ChecksumError: a file is wrong; it is kept beside its place as ``….bad`` and is not used.
    """
    from unrolled.data.datasets import DATASETS

    if name not in DATASETS:
        raise KeyError(f"no data set {name!r}: there are {', '.join(sorted(DATASETS))}")
    return {key: _fetch(file, progress) for key, file in DATASETS[name].files.items()}


def _fetch(file: DataFile, progress: bool) -> Path:
    """Return a checked copy of one file."""
    folder = cache_directory()
    target = next((folder / p for p in (file.path, *file.also) if (folder / p).exists()), None)
    target = target or folder / file.path
    if target.exists():
        if problem := file.problem(target):
            raise ChecksumError(_wrong(file, target, target, problem))
        return target
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise DataError(
            f"cannot write to the cache directory {target.parent} ({error}); "
            f"name another one in the environment variable {CACHE_VARIABLE}"
        ) from error
    part = target.with_name(target.name + ".part")
    failures, wrong = [], None
    for url in file.urls:
        if progress:
            print(f"{target.name} ← {url}", file=sys.stderr)
        download = pooch.HTTPDownloader(
            progressbar=progress, timeout=TIMEOUT, headers=dict(file.headers) or None
        )
        try:
            download(url, str(part), None)
        except OSError as error:  # requests' errors are OSErrors too
            part.unlink(missing_ok=True)
            failures.append(f"  {url}\n    {_reason(error)}")
            continue
        if problem := file.problem(part):
            wrong = _wrong(file, target, part, f"{problem} (from {url})")
            continue
        part.replace(target)
        return target
    if wrong:
        raise ChecksumError(wrong)
    addresses = "\n".join(failures)
    raise OfflineError(
        f"{target.name} is not in the cache and could not be fetched:\n{addresses}\n"
        f"Connect to the network and run the cell again; or fetch the file in a browser and put "
        f"it at\n  {target}\nor name a directory that has {file.path} in the environment variable "
        f'{CACHE_VARIABLE} before Jupyter starts. Without the file, SCALE = "small" works.'
    )


def _reason(error: OSError) -> str:
    """Return the last sentence of an error, which is where a library says why."""
    return f"{type(error).__name__}: {error}"[:300]


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
