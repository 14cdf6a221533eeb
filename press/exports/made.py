"""An output folder: which of its files a build of ours made, and which are somebody's own.

A build writes down what it makes, by name and digest, in the folder ``.made`` of the output. What
is not written down there is somebody's own: no build removes it, none writes over it. So is a file
that was changed after it was made: a copy of it goes to the folder ``.yours`` first, and that is
said.
"""

from __future__ import annotations

import hashlib
import secrets
import sys
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from press.files import TakenError, alone, aside, numbered, write_whole
from unrolled.messages import LANGUAGES

#: The folders of the output for what was made of what, and for copies of what was changed in it.
KEYS, YOURS = ".made", ".yours"
#: The archive of the labs, and the pages that lead to everything else.
PARCEL = Path("unrolled-labs.zip")
PAGES = (
    Path("index.html"),
    *(Path(lang) / name for lang in LANGUAGES for name in ("index.html", "start.html")),
)
#: What systems put into folders that somebody looked at.
_SYSTEM = {".DS_Store", "Thumbs.db", "desktop.ini"}


def record(out: Path, target: Path) -> Path:
    """Return where it is written down what a file of the output was made of.

    Args:
        out: the output folder.
        target: the file, below it.
    """
    return out / KEYS / target.with_name(f"{target.name}.key")


def ours(out: Path) -> set[Path]:
    """Return the files, below an output folder, that builds of ours made and that are there."""
    keys = out / KEYS
    if not keys.is_dir():
        return set()
    written = {key.relative_to(keys).with_suffix("") for key in keys.rglob("*.key")}
    return {target for target in {*written, PARCEL, *PAGES} if (out / target).is_file()}


def strange(out: Path) -> list[Path]:
    """Return the files, below an output folder, that no build of ours made."""
    made = ours(out)
    below = (path.relative_to(out) for path in sorted(out.rglob("*")) if not path.is_dir())
    return [
        path
        for path in below
        if path.parts[0] not in {KEYS, YOURS} and path not in made and path.name not in _SYSTEM
    ]


def claim(out: Path, targets: Iterable[Path] | None = None) -> None:
    """Make sure that an output folder is ours to fill, before anything is made.

    Args:
        out: the output folder; it may be missing.
        targets: the files to be made, below it; None: the folder is to hold nothing else.

    Raises:
        TakenError: there are files in it, and no build of ours made any.
    """
    if out.exists() and not out.is_dir():
        raise TakenError(f"{out} is a file: name a folder with --out")
    if not out.is_dir() or (out / KEYS).is_dir():
        return  # what is ours is known there
    taken = strange(out) if targets is None else [t for t in targets if (out / t).exists()]
    if taken:
        raise TakenError(
            f"{out} holds files that no build of the course made ({named(taken)}): nothing was "
            "touched; name an empty folder, or one that an earlier build filled, with --out"
        )


def named(paths: list[Path]) -> str:
    """Return the first names of some files, and how many others there are."""
    names = ", ".join(path.as_posix() for path in paths[:3])
    return names if len(paths) <= 3 else f"{names} and {len(paths) - 3} more"


def spare(out: Path, target: Path) -> None:
    """Copy a file of the output to ``.yours`` if it is not as a build of ours made it.

    Args:
        out: the output folder.
        target: the file, below it, which is going to be written anew or removed.
    """
    if _as_made(out, target):
        return
    with _alone(out, target):
        if _as_made(out, target):
            return  # another process has just made it
        data = (out / target).read_bytes()
        places = numbered((out / YOURS / target).parent, target.stem, target.suffix)
        kept = aside(data, places)
    print(f"{out / target} had been changed by hand: your version is {kept}", file=sys.stderr)


def _as_made(out: Path, target: Path) -> bool:
    """Whether a file of the output is as a build of ours made it, or not there."""
    try:
        data = (out / target).read_bytes()
    except FileNotFoundError:
        return True
    try:
        _, digest = record(out, target).read_text(encoding="ascii").split()
    except (FileNotFoundError, ValueError):
        return target in {PARCEL, *PAGES}  # made before their digests were written down
    return digest == hashlib.sha256(data).hexdigest()


def _alone(out: Path, target: Path) -> AbstractContextManager[None]:
    """Hold the lock under which a file and what is written down of it change."""
    key = record(out, target)
    return alone(key.with_name(f"{key.name}.lock"))


def put(out: Path, target: Path, text: str) -> Path:
    """Write a page of the output, and write down that it is ours; return its path."""
    spare(out, target)
    with _alone(out, target):
        write_whole(out / target, text)
        written(out, target)
    return out / target


def written(out: Path, target: Path) -> None:
    """Write down that a file of the output, which is there, is ours."""
    digest = hashlib.sha256((out / target).read_bytes()).hexdigest()
    write_whole(record(out, target), f"- {digest}\n")


def remove(out: Path, target: Path) -> None:
    """Remove a file of the output that was ours, and what is written down of it."""
    spare(out, target)
    with _alone(out, target):
        (out / target).unlink(missing_ok=True)
        record(out, target).unlink(missing_ok=True)


@contextmanager
def archive(target: Path) -> Iterator[zipfile.ZipFile]:
    """Write an archive that appears whole or not at all."""
    target.parent.mkdir(parents=True, exist_ok=True)
    fresh = target.with_name(f".{target.name}.{secrets.token_hex(4)}.new")
    try:
        with zipfile.ZipFile(fresh, "x", zipfile.ZIP_DEFLATED) as opened:
            yield opened
        fresh.replace(target)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise
