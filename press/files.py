"""Files that appear whole or not at all, and locks that every system has."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from filelock import FileLock, Timeout


class HeldError(Exception):
    """Another process holds a lock."""


class TakenError(FileExistsError):
    """What lies where something is to be written is not ours; the message says what to do."""


def write_whole(path: Path, content: str | bytes) -> None:
    """Write a file beside its place and move it there at once.

    A reader finds the old file or the new one, never half of one; so does the next run after a
    kill. Text is written as UTF-8 with the line ends that it has. The file keeps its rights; a link
    stays a link.

    Args:
        path: the file; its folder is made if missing.
        content: all of it.

    Raises:
        OSError: it cannot be written; what was there is there still.
    """
    path = path.resolve()
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode("utf-8") if isinstance(content, str) else content
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}.new")
    try:
        with fresh.open("xb") as file:
            file.write(data)
        with suppress(FileNotFoundError):
            shutil.copymode(path, fresh)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def aside(data: bytes, places: Iterable[Path]) -> Path:
    """Write a file in the first of some places where nothing is yet, and return that place.

    Args:
        data: the file.
        places: where to, without end (`numbered`).

    Raises:
        OSError: it cannot be written.
    """
    for path in places:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            with path.open("xb") as file:
                file.write(data)
        except FileExistsError:
            continue
        return path
    raise FileExistsError("every place is taken")


def numbered(folder: Path, stem: str, ending: str) -> Iterator[Path]:
    """Yield ``stem.ending``, ``stem-2.ending``, ``stem-3.ending`` … in a folder, without end."""
    yield folder / f"{stem}{ending}"
    number = 2
    while True:
        yield folder / f"{stem}-{number}{ending}"
        number += 1


@contextmanager
def alone(lock: Path, *, wait: bool = True) -> Iterator[None]:
    """Hold a lock; the system lets go of it when the process ends, however it ends.

    Args:
        lock: the lock's file, which is nothing else; its folder is made if missing.
        wait: wait until no other process holds it.

    Raises:
        HeldError: another process holds it, and nobody waits.
    """
    lock.parent.mkdir(parents=True, exist_ok=True)
    held = FileLock(lock)
    try:
        held.acquire(blocking=wait)
    except Timeout as error:
        raise HeldError(str(lock)) from error
    try:
        yield
    finally:
        held.release()
