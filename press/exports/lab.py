"""Starting JupyterLab for a lecturer (or a student) with the settings that each needs."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import BinaryIO

import nbformat
from nbformat.sign import NotebookNotary

from press import STATIC
from press.exports.live import Scratch, check_slide, held, keep, prepare, presented, serves
from press.notebooks.allocation import environment

_QUIET = {"checkForUpdates": False, "doNotDisturbMode": True, "fetchNews": "false"}
#: What JupyterLab does differently while somebody presents: nothing pops up over the slides, and
#: what is typed is in the scratch copy within seconds, so that it survives a crash.
PRESENTING = {
    "@jupyterlab/docmanager-extension:plugin": {"autosave": True, "autosaveInterval": 5},
    "@jupyterlab/apputils-extension:notification": _QUIET,
}
STUDYING = {
    "@jupyterlab/apputils-extension:notification": {"checkForUpdates": False, "fetchNews": "false"},
}
#: Our extension of the live view: keys, lamp, notes (`static/labextensions/unrolled-live`).
EXTENSIONS = STATIC / "labextensions"
#: How long JupyterLab may take to end its kernels (seconds).
PATIENCE = 20


def settings_folder(root: Path, *, presenting: bool) -> Path:
    """Write JupyterLab's overrides below ``build/`` and return their folder."""
    folder = root / "build" / "jupyter" / ("presenting" if presenting else "studying")
    folder.mkdir(parents=True, exist_ok=True)
    overrides = PRESENTING if presenting else STUDYING
    (folder / "overrides.json").write_text(json.dumps(overrides, indent=2), encoding="utf-8")
    return folder


def present(
    root: Path, path: str, *, slide: int = 1, browser: bool = True, port: int = 8888
) -> int:
    """Show a scratch copy of a lecture as slides until JupyterLab ends; keep what was edited.

    Args:
        root: the root of the repository.
        path: the lecture, relative to the root (`press.exports.live.lecture_path` finds it).
        slide: the slide to begin with, from 1.
        browser: open a browser.
        port: the first port to try.

    Returns:
        JupyterLab's exit status.

    Raises:
        FileNotFoundError: the lecture has not so many slides.
        BusyError: the lecture is being presented already.
    """
    with _scratch(presented(root, path), [path], slide=slide) as copy:
        return _serve(copy, f"/rise/{path}", root, presenting=True, browser=browser, port=port)


def lab(root: Path, path: str = "", *, browser: bool = True, port: int = 8888) -> int:
    """Open JupyterLab on scratch copies of all notebooks; keep what was edited.

    Args:
        root: the root of the repository.
        path: a notebook to open at once, relative to the root.
        browser: open a browser.
        port: the first port to try.

    Returns:
        JupyterLab's exit status.

    Raises:
        FileNotFoundError: there is no such notebook.
        BusyError: it is open already.
    """
    found = sorted(p for kind in ("lectures", "labs") for p in root.glob(f"{kind}/*/**/*.ipynb"))
    paths = [p.relative_to(root).as_posix() for p in found if ".ipynb_checkpoints" not in p.parts]
    if path and not (root / path).exists():
        raise FileNotFoundError(f"there is no {path}")
    start = f"/lab/tree/{path}" if path else "/lab"
    everything = Scratch(root / "build" / "present" / "lab", root)
    with _scratch(everything, paths) as copy:
        return _serve(copy, start, root, presenting=True, browser=browser, port=port)


def study(root: Path, path: str = "", *, browser: bool = True, port: int = 8888) -> int:
    """Open JupyterLab on the repository itself: what a student types is saved as usual.

    Args:
        root: the root of the repository.
        path: a notebook or folder to open at once, relative to the root.
        browser: open a browser.
        port: the first port to try.

    Returns:
        JupyterLab's exit status.
    """
    notary = NotebookNotary()
    for kind in ("lectures", "labs"):
        for notebook in root.glob(f"{kind}/*/**/*.ipynb"):
            # Outputs were made by the course itself: show them without asking.
            notary.sign(nbformat.read(notebook, as_version=4))
    start = f"/lab/tree/{path}" if path else "/lab"
    return _serve(Copy(root), start, root, presenting=False, browser=browser, port=port)


@dataclass(frozen=True)
class Copy:
    """A folder to serve.

    Attributes:
        folder: the folder.
        lock: the file by which it is held (`press.exports.live.held`); None: it is not.
    """

    folder: Path
    lock: BinaryIO | None = None


@contextmanager
def _scratch(scratch: Scratch, paths: list[str], *, slide: int = 1) -> Iterator[Copy]:
    """Make a scratch copy and hold it; afterwards say what was edited in it."""
    check_slide(scratch.root, paths, slide)
    with held(scratch) as lock:
        _tell(keep(scratch), "left from the last time")  # after a crash nobody did
        prepare(scratch, paths, slide=slide)
        try:
            yield Copy(scratch.folder, lock)
        finally:
            _tell(keep(scratch), "edited while presenting")


#: How many files are told by name.
_NAMED = 12


def _tell(written: list[Path], what: str) -> None:
    for path in written[:_NAMED]:
        print(f"{what}: {path}", flush=True)
    if more := written[_NAMED:]:
        print(f"{what}: {len(more)} more, down to {more[-1]}", flush=True)


def _serve(
    copy: Copy, start: str, root: Path, *, presenting: bool, browser: bool, port: int
) -> int:
    """Start JupyterLab on a folder and wait until it ends, however it is asked to.

    It inherits the lock: if this process is killed, the folder is held as long as JupyterLab shows
    it. On Windows, where no lock is inherited, its folder tells (`press.exports.live.held`).
    """
    settings = settings_folder(root, presenting=presenting)
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        f"--ServerApp.root_dir={copy.folder}",
        "--ServerApp.answer_yes=True",
        f"--LabApp.default_url={start}",
        f"--LabServerApp.app_settings_dir={settings}",
        f"--LabApp.app_settings_dir={settings}",
        f"--LabServerApp.extra_labextensions_path={EXTENSIONS}",
        f"--ServerApp.port={port}",
    ]
    if not browser:
        command.append("--no-browser")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        command.append("--allow-root")
    locks = () if copy.lock is None or os.name == "nt" else (copy.lock.fileno(),)
    with (
        _interruptible(),
        subprocess.Popen(command, cwd=copy.folder, env=environment(), pass_fds=locks) as server,
    ):
        try:
            if copy.lock is not None:
                serves(copy.lock, server.pid)
            return server.wait()
        except KeyboardInterrupt:
            server.terminate()
            try:
                server.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                server.kill()
            return 0


@contextmanager
def _interruptible() -> Iterator[None]:
    """Make a closed terminal or a polite kill end us as Ctrl+C does: edits are kept first."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    names = [name for name in ("SIGTERM", "SIGHUP") if hasattr(signal, name)]
    before = {name: signal.signal(getattr(signal, name), interrupt) for name in names}
    try:
        yield
    finally:
        for name, handler in before.items():
            signal.signal(getattr(signal, name), handler)
