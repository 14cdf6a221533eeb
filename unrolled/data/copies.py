"""All full data sets at once: fetching what is missing, and saying what is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from unrolled.data.datasets import DATASETS
from unrolled.data.download import (
    CACHE_VARIABLE,
    ChecksumError,
    DataError,
    DataFile,
    Dataset,
    OfflineError,
    cache_directory,
    fetch_file,
)

#: Takes a line for people.
Say = Callable[[str], None]


class State(NamedTuple):
    """What the cache has of a file.

    Attributes:
        found: the copy, right or wrong; None if there is none.
        problem: what is wrong with the copy; empty if nothing is.
        begun: bytes of a download that broke off.
    """

    found: Path | None
    problem: str
    begun: int


def state(file: DataFile) -> State:
    """Return what the cache has of a file; nothing is fetched, moved or removed."""
    part = cache_directory() / f"{file.path}.part"
    begun = part.stat().st_size if part.exists() else 0
    found = file.copy()
    if found is None:
        return State(None, "", begun)
    try:
        return State(found, file.problem(found) or "", begun)
    except OSError as error:
        return State(found, f"cannot be read: {error}", begun)


def chosen(names: Sequence[str]) -> dict[str, Dataset]:
    """Return data sets by name; all of them where no name is given.

    Raises:
        KeyError: there is no such data set.
    """
    for name in names:
        if name not in DATASETS:
            raise KeyError(f"no data set {name!r}: there are {', '.join(sorted(DATASETS))}")
    return {name: DATASETS[name] for name in names or sorted(DATASETS)}


def fetch_all(names: Sequence[str] = (), *, say: Say = print, progress: bool = True) -> int:
    """Fetch every file that the cache does not have, and say under which terms it may be used.

    A file that does not come, or is wrong, does not keep the others from coming. A wrong copy is
    set aside and fetched anew.

    Args:
        names: data sets; all by default.
        say: takes what is said.
        progress: whether to show progress bars.

    Returns:
        How many files are missing at the end.
    """
    say(f"data sets of the full mode, kept in {cache_directory()}")
    fetched, failed = 0, []
    files = 0
    for name, entry in chosen(names).items():
        say(f"{name}: {entry.title}")
        say(f"  licence: {entry.licence}")
        say(f"  source: {entry.source}")
        for file in entry.files.values():
            files += 1
            there = file.copy() is not None
            try:
                path = _fetched(file, say, progress)
            except OfflineError as error:
                failed.append(file.path)
                began = f" ({error.kept:,} bytes came and are kept)" if error.kept else ""
                say(f"  ✗ {file.path} did not come{began}:")
                say(_indented("\n".join(error.reasons)))
                continue
            except DataError as error:
                failed.append(file.path)
                say(f"  ✗ {file.path}\n{_indented(str(error))}")
                continue
            fetched += not there
            say(f"  ✓ {_short(path)} ({_bytes(path)}{', was there' if there else ''})")
    say(f"{files} files: {files - len(failed)} there, {fetched} of them fetched now")
    if failed:
        say(f"missing: {', '.join(failed)}")
        say(
            "make data tries again, and goes on with what has begun; or copy the files from a "
            f"machine that has them, and name the folder in {CACHE_VARIABLE}"
        )
    return len(failed)


def check_all(names: Sequence[str] = (), *, say: Say = print) -> int:
    """Say what of the data sets is there, missing, begun or broken, and what to do about it.

    Nothing is fetched, moved or removed.

    Args:
        names: data sets; all by default.
        say: takes what is said.

    Returns:
        How many files are not there as they should be.
    """
    say(f"data sets of the full mode in {cache_directory()}")
    files = missing = broken = 0
    for name, entry in chosen(names).items():
        for file in entry.files.values():
            files += 1
            found, problem, begun = state(file)
            if found is None:
                missing += 1
                came = f", {begun:,} bytes of it came" if begun else ""
                say(f"  ○ {name}: {file.path} is missing{came}")
            elif problem:
                broken += 1
                say(f"  ✗ {name}: {_short(found)} is broken: {problem}")
            else:
                say(f"  ✓ {name}: {_short(found)} ({_bytes(found)})")
    say(f"{files} files: {files - missing - broken} right, {missing} missing, {broken} broken")
    if broken:
        say("broken files: make data sets them aside as ….bad and fetches them anew")
    if missing:
        say(
            "missing files: make data fetches them; without a network, copy them from a machine "
            f"that has them, and name the folder in {CACHE_VARIABLE}"
        )
    return missing + broken


def _fetched(file: DataFile, say: Say, progress: bool) -> Path:
    """Return the path of a right copy; a wrong one in the cache is set aside first."""
    if file.copy() is not None:
        try:
            return fetch_file(file, progress=progress)
        except ChecksumError as error:
            if file.copy() is not None:  # it could not be moved: the folder is somebody else's
                raise
            say(f"  {str(error).splitlines()[0]}{str(error).splitlines()[1]}; fetching it anew")
    return fetch_file(file, progress=progress)


def _short(path: Path) -> str:
    return path.relative_to(cache_directory()).as_posix()


def _bytes(path: Path) -> str:
    size = path.stat().st_size
    return f"{size / 1e6:.1f} MB" if size >= 100_000 else f"{size / 1e3:.0f} kB"


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
