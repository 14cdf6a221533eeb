"""``make watch``: a source is saved, and its deck in the open browser is the new one.

A lecture's deck, or the page of a lab's solutions, is made again in both editions. Nothing is
executed unless code changed, or something that it used. What is wrong in a source is told by its
line as ``make check`` does, and the last good deck stays.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Protocol

from press.exports import compiled
from press.exports.katex import FormulaError
from press.exports.reloading import serving
from press.exports.site import exports, make
from press.exports.slides import ExportError
from press.notebooks.update import update
from press.sources.source import SourceError, find
from unrolled.messages import LANGUAGES

#: What is made again, by the labels of `press.exports.site.exports`.
SHOWN = ("slides", "solutions")
#: How often the sources are looked at (seconds).
PAUSE = 0.25

Seen = dict[Path, tuple[int, int]]


class Stop(Protocol):
    """What ends the watching: `threading.Event`, or a stand-in for it."""

    def wait(self, timeout: float) -> bool:
        """Wait; return whether it is over."""


def seen(root: Path) -> Seen:
    """Return time and size of every source, and of every file of one's own slides."""
    found = {}
    for path in [*find(root), *sorted((root / "lectures" / "local").glob("*.md"))]:
        try:
            status = path.stat()
        except OSError:  # an editor is just putting another file in its place
            continue
        found[path] = status.st_mtime_ns, status.st_size
    return found


def changed(before: Seen, now: Seen, root: Path) -> list[Path]:
    """Return the sources whose decks are to be made again, in order.

    One's own slides (``lectures/local/03_gates.pl.md``) belong to their lecture.
    """
    found = set()
    for path in before.keys() | now.keys():
        if before.get(path) == now.get(path):
            continue
        if path.parent.name == "local":
            path = root / "lectures" / f"{path.name.split('.')[0]}.md"
        if path in now:
            found.add(path)
    return sorted(found)


def rebuild(path: Path, root: Path, out: Path) -> tuple[list[Path], str]:
    """Bring a source's editions and its decks up to date.

    Returns:
        The files, and in words what was done.

    Raises:
        SourceError: anything that is wrong with it; the files that there are stay.
    """
    started = time.perf_counter()
    report = update(path, root, bar=False)
    try:
        made = [
            make(export, out)
            for lang in LANGUAGES
            for export in exports(report.source, root, lang)
            if export.label in SHOWN
        ]
    except (ExportError, FormulaError) as error:
        # The checker knows the line in the source, which a notebook does not.
        problems = compiled.problems(report.source)
        raise SourceError(problems) if problems else SourceError.single(path, str(error)) from error
    ran = "nothing executed" if report.seconds is None else f"executed, {report.seconds:.1f} CPU-s"
    return made, f"{time.perf_counter() - started:.1f} s, {ran}"


def watch(root: Path, out: Path, *, port: int = 8765, stop: Stop | None = None) -> int:
    """Make decks again as their sources are saved, and show them, until Ctrl+C.

    Args:
        root: the root of the repository.
        out: the folder of the exports.
        port: the first port to try.
        stop: ends it, too.

    Returns:
        The exit status.
    """
    stop = stop or threading.Event()
    with serving(out, port) as server:
        before = seen(root)
        print(f"watching {len(before)} sources; {server.address}/ shows build/; Ctrl+C ends")
        try:
            while not stop.wait(PAUSE):
                now = seen(root)
                for path in changed(before, now, root):
                    try:
                        made, how = rebuild(path, root, out)
                    except Exception as error:  # whatever it is, one goes on writing
                        kind = "" if isinstance(error, SourceError) else f"{type(error).__name__}: "
                        print(f"{kind}{error}\n{path.name}: the last deck stays", flush=True)
                        continue
                    print(f"{path.name}: {how}", *map(server.url, made), sep="\n  ", flush=True)
                    for file in made:
                        server.tell(file)
                before = now
        except KeyboardInterrupt:
            print("\nstopped")
    return 0
