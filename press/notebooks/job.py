"""Executing one lab at full scale: a job that needs nothing but the installed course.

It runs in this process or on a worker of a cluster; the lab's kernel is a process of its own in
either case, so that a lab that dies takes nothing along.
"""

from __future__ import annotations

import json
import os
import platform
import re
import tempfile
import time
from dataclasses import asdict, dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any

import nbformat
import papermill
from nbformat import NotebookNode

from press.notebooks.allocation import environment
from press.notebooks.key import Used, key

#: A full lab may take long, but not for ever (seconds a cell).
CELL_TIMEOUT = 4 * 3600

#: Where this course is installed.
ROOT = Path(__file__).resolve().parents[2]

#: Ids of the cells that are put around a lab for the run, and taken out afterwards.
_FIRST, _LAST = "full-results", "full-seeds"


@dataclass(frozen=True)
class Job:
    """A lab to execute.

    Attributes:
        name: the source's name.
        notebook: the solved edition, as text.
        key: what the lab is made of (`press.notebooks.key`); the same key, the same results.
    """

    name: str
    notebook: str
    key: str


@dataclass(frozen=True)
class Outcome:
    """What came of a job.

    Attributes:
        name: the source's name.
        key: the job's key.
        seconds: how long it took.
        rows: the lab's table of results; None if it failed.
        seeds: the lab's ``SEEDS``, if it has a list of them.
        machine: where it ran, and the load there before it began.
        versions: of Python and of the libraries that the lab uses.
        problem: why it failed; empty if it did not.
        executed: the executed notebook as text, where it cannot be written in place.
    """

    name: str
    key: str
    seconds: float = 0.0
    rows: list[dict[str, Any]] | None = None
    seeds: list[int] | None = None
    machine: dict[str, Any] = field(default_factory=dict)
    versions: dict[str, str] = field(default_factory=dict)
    problem: str = ""
    executed: str = ""

    def entry(self) -> dict[str, Any]:
        """Return what bench/results.json keeps of it."""
        kept = asdict(self)
        del kept["name"], kept["problem"], kept["executed"]
        return {**kept, "seconds": round(self.seconds)}


def run(job: Job, executed: Path, *, cwd: Path | None = None, bar: bool = False) -> Outcome:
    """Execute a lab with ``SCALE = "full"``.

    Args:
        job: the lab.
        executed: where its notebook goes, as far as it gets; written after every cell.
        cwd: where its kernel runs; an empty folder by default.
        bar: show a progress bar.

    Returns:
        What came of it; a lab that fails says so in ``problem``.
    """
    os.environ.update(environment())  # the kernel inherits it
    executed.parent.mkdir(parents=True, exist_ok=True)
    where = machine()
    started = time.perf_counter()
    problem = ""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        notebook = nbformat.reads(job.notebook, as_version=4)
        used = Used.of(notebook.metadata.get("unrolled", {}).get("used", {}))
        try:
            papermill.execute_notebook(
                str(_recording(notebook, folder)),
                str(executed),
                parameters={"SCALE": "full"},
                cwd=str(cwd or folder),
                execution_timeout=CELL_TIMEOUT,
                progress_bar=bar,
            )
        except Exception as error:  # papermill's, nbclient's, zmq's: one lab, not the others
            problem = _told(error)
        seconds = time.perf_counter() - started
        rows, seeds = _read(folder / "rows.json"), _read(folder / "seeds.json")
    if "load before" in where:
        where["load after"] = machine()["load before"]
    if executed.is_file():
        _bare(executed)
    if not problem and not rows:
        problem = "the lab records no results: call unrolled.results.record(rows)"
    if problem:
        return Outcome(job.name, job.key, seconds, machine=where, problem=problem)
    return Outcome(job.name, job.key, seconds, rows, seeds, where, versions(used))


def run_remotely(job: Job) -> Outcome:
    """Execute a lab on a worker; the executed notebook travels back in the outcome.

    A worker with another version of the course refuses.
    """
    used = nbformat.reads(job.notebook, as_version=4).metadata.get("unrolled", {}).get("used", {})
    here = key(nbformat.reads(job.notebook, as_version=4), Used.of(used), ROOT)
    if here != job.key:
        problem = f"the worker on {platform.node()} has another version of the course in {ROOT}"
        return Outcome(job.name, job.key, problem=problem)
    with tempfile.TemporaryDirectory() as name:
        executed = Path(name) / "executed.ipynb"
        outcome = run(job, executed)
        text = executed.read_text(encoding="utf-8") if executed.is_file() else ""
    return Outcome(**{**vars(outcome), "executed": text})


def machine() -> dict[str, Any]:
    """Return what this machine is, and its load in the last minute."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    found: dict[str, Any] = {
        "system": f"{platform.system()} {platform.machine()}",
        "cores": cores,
        "processor": _processor(),
    }
    if hasattr(os, "getloadavg"):
        found["load before"] = round(os.getloadavg()[0], 1)
    return found


def versions(used: Used) -> dict[str, str]:
    """Return the versions of Python and of the libraries that a lab uses."""
    found = {"Python": platform.python_version()}
    for library in used.libraries:
        for name in (library, f"{library}-cpu"):
            try:
                found[library] = metadata.version(name)
                break
            except metadata.PackageNotFoundError:
                continue
    return found


def _processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    match = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return match[1].strip() if match else platform.processor()


def _recording(notebook: NotebookNode, folder: Path) -> Path:
    """Write a copy of a notebook whose first and last cell hand over its results and seeds."""
    rows, seeds = str(folder / "rows.json"), str(folder / "seeds.json")
    first = f"import os\nos.environ['UNROLLED_RESULTS'] = {rows!r}"
    last = (
        "import json as _json, pathlib as _pathlib\n"
        "_seeds = globals().get('SEEDS')\n"
        "if isinstance(_seeds, (range, list, tuple)):\n"
        f"    _pathlib.Path({seeds!r}).write_text(_json.dumps([int(s) for s in _seeds]))"
    )
    code = nbformat.v4.new_code_cell
    notebook.cells = [code(first, id=_FIRST), *notebook.cells, code(last, id=_LAST)]
    target = folder / "lab.ipynb"
    nbformat.write(notebook, target)
    return target


def _bare(executed: Path) -> None:
    """Take out of an executed notebook what was put around the lab."""
    notebook = nbformat.read(executed, as_version=4)
    notebook.cells = [cell for cell in notebook.cells if cell.id not in (_FIRST, _LAST)]
    nbformat.write(notebook, executed)


def _read(path: Path) -> Any:
    return json.loads(path.read_text(encoding="utf-8")) if path.is_file() else None


def _told(error: Exception) -> str:
    """Return an error as text without colours."""
    text = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
    return text or type(error).__name__
