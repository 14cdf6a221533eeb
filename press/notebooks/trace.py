"""What a run uses, recorded in the kernel that runs a source.

This module is imported there and nowhere else: before the first cell `start` begins to watch, after
the last one `stop` says which files of the repository were read, which of its modules and which
libraries were loaded, and which labels were shown. No cell sees it: nothing is left in its names.
"""

from __future__ import annotations

import json
import linecache
import os
import sys
import time
from pathlib import Path
from typing import Any

#: Libraries whose version decides what a run computes or draws.
LIBRARIES = ("keras", "matplotlib", "numpy", "statsmodels", "tensorflow", "torch")

#: Folders whose files may be used; others (build/, .venv, *.egg-info) do not belong to the course.
FOLDERS = ("data", "img", "labs", "lectures", "unrolled")

_WRITES = os.O_WRONLY | os.O_RDWR
_opened: set[str] = set()
_roots: list[str] = []


def start(root: str) -> None:
    """Begin to watch which files below ``root`` (absolute) are opened for reading."""
    if not _roots:
        sys.addaudithook(_watch)  # stays as long as the process: there is no way to take it out
    _roots.append(os.path.realpath(root) + os.sep)


def _watch(event: str, arguments: tuple[Any, ...]) -> None:
    if event != "open":
        return
    path, mode, flags = arguments
    if not isinstance(path, str | bytes | os.PathLike):
        return  # a file descriptor: opened before
    if set(mode or "") & set("wax+") or (flags or 0) & _WRITES:
        return
    _opened.add(os.path.abspath(os.fsdecode(path)))  # noqa: PTH100 (cheap, and it asks no disk)


def stop() -> str:
    """Return what was used since `start`, as JSON.

    ``files``, ``modules``: paths below the root; ``libraries``: names in `LIBRARIES`; ``words``:
    templates of labels (see `unrolled.words.shown`); ``cpu``: seconds of this process so far.
    A module whose code was looked at (a traceback shows it, `inspect` reads it) counts as a file.
    """
    root = _roots[-1]
    loaded = {
        str(module.__file__)
        for module in tuple(sys.modules.values())
        if getattr(module, "__file__", None)
    }
    looked_at = {
        path for path, entry in tuple(linecache.cache.items()) if len(entry) == 4 and entry[1]
    }
    data = {path for path in _opened if not path.endswith((".py", ".pyc"))}
    words = sys.modules.get("unrolled.words")
    used = {
        "cpu": time.process_time(),
        "files": _below(root, data | looked_at),
        "libraries": sorted(name for name in LIBRARIES if name in sys.modules),
        "modules": _below(root, loaded),
        "words": sorted(getattr(words, "shown", ())),
    }
    return json.dumps(used)


def _below(root: str, paths: set[str]) -> list[str]:
    """Return those of the paths that are files of the course, from the root."""
    found = set()
    for path in map(os.path.realpath, paths):
        if path.startswith(root):
            short = Path(path[len(root) :])
            if short.parts[0] in FOLDERS and Path(path).is_file():
                found.add(short.as_posix())
    return sorted(found)
