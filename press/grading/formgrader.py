"""Opens nbgrader's formgrader for the marks by hand."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from press.grading.places import Places

EXTENSIONS = {"nbgrader.server_extensions.formgrader": True, "nbgrader": False}


def command(places: Places, *, port: int, browser: bool) -> list[str]:
    """Return the command that serves formgrader on this machine alone."""
    made = [sys.executable, "-m", "jupyter", "server"]
    made += [f"--ServerApp.root_dir={places.work}", f"--ServerApp.port={port}"]
    made += ["--ServerApp.ip=127.0.0.1", "--ServerApp.default_url=/formgrader/gradebook"]
    made += [f"--ServerApp.jpserver_extensions={EXTENSIONS}"]
    if not browser:
        made.append("--ServerApp.open_browser=False")
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        made.append("--allow-root")
    return made


def environment(places: Places) -> dict[str, str]:
    """Return the environment of formgrader: its configuration is found through it."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ.get('PATH', '')}"
    return {**os.environ, "PATH": path, "UNROLLED_GRADING": str(places.work)}


def serve(places: Places, *, port: int, browser: bool) -> int:
    """Become formgrader's server, until it is interrupted; return 1 if there is nothing to mark."""
    if not places.gradebook.is_file():
        print("nothing has been graded yet: make grade SUBMITTED=folder", file=sys.stderr)
        return 1
    print("Gradebook → lab → notebook → student. Ctrl+C ends; then `make feedback`.", flush=True)
    program = command(places, port=port, browser=browser)
    os.chdir(places.root / "grading")  # nbgrader reads nbgrader_config.py from where it starts
    os.execve(program[0], program, environment(places))
