"""Executing labs at full scale on the real data sets: every lab, whatever becomes of the others."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nbformat

from press.cluster import spread
from press.files import TakenError, alone, write_whole
from press.notebooks.editions import Edition, render
from press.notebooks.job import Job, Outcome, run, run_remotely
from press.notebooks.kept import cells_digest
from press.notebooks.key import Used, key
from press.notebooks.readme import put
from press.notebooks.results import few, table
from press.sources.source import Source, read


def run_full(
    paths: list[Path],
    root: Path,
    out: Path,
    *,
    at_once: int = 1,
    dask: str = "",
    again: bool = False,
) -> int:
    """Execute the solved labs with ``SCALE = "full"`` and write their results.

    A lab's results are the rows that it hands to ``unrolled.results.record``; they go into
    ``out`` (JSON), by lab, as soon as the lab is done. A lab that fails keeps its last good results
    there and is named. The executed notebooks, and a record of what is done, are in ``build/full``:
    a lab that was done there in its present version is not executed again.

    Args:
        paths: sources; lectures are passed over.
        root: the root of the repository.
        out: the file of results.
        at_once: how many labs run at once on this machine; times are comparable with 1.
        dask: the address of a Dask cluster's scheduler; its workers run the labs then.
        again: execute also what is done.

    Returns:
        0 if every lab has results, else 1.

    Raises:
        ClusterError: there is no such cluster.
        TakenError: `out` is a file of something else.
    """
    _read(out)  # before hours of computing
    folder = root / "build" / "full"
    labs = [source for source in map(read, paths) if source.kind == "lab"]
    print(f"{len(labs)} lab(s) at full scale, on {dask or 'this machine'}; notebooks in {folder}")
    failed: list[str] = []
    todo: list[Job] = []
    for source in labs:
        job, problem = _job(source, root)
        done = None if again or job is None else _done(folder, job)
        if job is None:
            failed.append(source.name)
            print(f"✗ {source.name}: {problem}")
        elif done:
            print(f"✓ {source.name}: done before, {done['seconds']} s")
            _record(out, root, source.name, done)
        else:
            todo.append(job)
    commit = _commit(root)
    for number, outcome in enumerate(_outcomes(todo, root, folder, at_once, dask), 1):
        where = f"[{number}/{len(todo)}] {outcome.name}"
        executed = folder / f"{outcome.name}.ipynb"
        if outcome.executed:
            write_whole(executed, outcome.executed)
        if outcome.problem:
            failed.append(outcome.name)
            so_far = f"; the run so far is in {executed}" if executed.is_file() else ""
            print(f"✗ {where}: failed after {outcome.seconds:.0f} s{so_far}\n{outcome.problem}")
            continue
        entry = {
            **outcome.entry(),
            "commit": commit,
            "day": datetime.now(UTC).date().isoformat(),
            "at once": 1 if dask else at_once,
        }
        _write(folder / f"{outcome.name}.json", entry)
        _record(out, root, outcome.name, entry)
        print(f"✓ {where}: {outcome.seconds:.0f} s, {len(entry['rows'])} rows")
    print(f"{len(labs) - len(failed)} of {len(labs)} lab(s) have results in {out}")
    if failed:
        print(f"failed: {', '.join(failed)}; make full goes on with what is missing")
    return 1 if failed else 0


def write_tables(results: dict[str, Any], root: Path) -> None:
    """Write the tables of bench/RESULTS.md and of the README.

    Raises:
        KeyError: the results lack a row that the README shows.
    """
    put(root / "bench" / "RESULTS.md", "results", table(results))
    put(root / "README.md", "results", few(results))


def _outcomes(
    jobs: list[Job], root: Path, folder: Path, at_once: int, dask: str
) -> Iterator[Outcome]:
    """Run jobs here or on a cluster; yield what came of each when it is there."""
    if dask:
        work = {f"{job.name}-{job.key}": job for job in jobs}
        for back in spread(run_remotely, work, dask):
            job = work[back.name]
            yield back.value or Outcome(job.name, job.key, problem=back.problem)
        return
    bar = at_once == 1 and sys.stderr.isatty()
    place = root / "labs" / "en" / "solutions"

    def begin(number: int, job: Job) -> Outcome:
        print(f"  [{number}/{len(jobs)}] {job.name} …", flush=True)
        return run(job, folder / f"{job.name}.ipynb", cwd=place, bar=bar)

    if at_once == 1:
        for number, job in enumerate(jobs, 1):
            yield begin(number, job)
        return
    # The labs' kernels are processes; a thread only waits for one.
    with ThreadPoolExecutor(at_once) as pool:
        running = [pool.submit(begin, number, job) for number, job in enumerate(jobs, 1)]
        try:
            for done in as_completed(running):
                yield done.result()
        finally:
            pool.shutdown(cancel_futures=True)


def _job(source: Source, root: Path) -> tuple[Job | None, str]:
    """Return a lab as a job; without one, what keeps it from running."""
    edition = Edition("en", "solutions")
    path = edition.path(source, root)
    try:
        text = path.read_text(encoding="utf-8")
        notebook = nbformat.reads(text, as_version=4)
    except (OSError, ValueError) as error:
        return None, f"{path.name} cannot be read ({error}); run: make notebooks"
    if cells_digest(notebook) != cells_digest(render(source, edition)):
        return None, f"{path.relative_to(root)} differs from its source; run: make notebooks"
    used = Used.of(notebook.metadata["unrolled"].get("used", {}))
    return Job(source.name, text, key(notebook, used, root)), ""


def _done(folder: Path, job: Job) -> dict[str, Any] | None:
    """Return the results of a lab that was executed in its present version."""
    try:
        entry = json.loads((folder / f"{job.name}.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return entry if entry.get("key") == job.key else None


def _record(out: Path, root: Path, name: str, entry: dict[str, Any]) -> None:
    """Put a lab's results into the file of results, and into the tables made from it.

    Another run may do so at the same time: one waits for the other, and neither loses a row.
    """
    with _alone(out):
        results = _read(out)
        if results.get(name) != entry:
            results = dict(sorted({**results, name: entry}.items()))
            _write(out, results)
        if out == root / "bench" / "results.json":
            try:
                write_tables(results, root)
            except (KeyError, ValueError, OSError) as error:
                print(f"the tables were not written: {error}", file=sys.stderr)


def rewrite_tables(out: Path, root: Path) -> None:
    """Write the tables again from a file of results, while no run puts anything into it.

    Raises:
        FileNotFoundError: there are no results.
        KeyError: the results lack a row that the README shows.
        TakenError: it is a file of something else.
    """
    if not out.is_file():
        raise FileNotFoundError(f"there is no {out}; run: make full")
    with _alone(out):
        write_tables(_read(out), root)


def _alone(out: Path) -> AbstractContextManager[None]:
    return alone(out.with_name(f".{out.name}.lock"))


def _read(out: Path) -> dict[str, Any]:
    """Return the results that there are."""
    if not out.is_file():
        return {}
    try:
        results = json.loads(out.read_text(encoding="utf-8"))
    except ValueError:
        results = None
    if not isinstance(results, dict):
        raise TakenError(f"{out} holds no results of labs: name another file with --out")
    return results


def _write(path: Path, value: Any) -> None:
    write_whole(path, json.dumps(value, indent=1, ensure_ascii=False) + "\n")


def _commit(root: Path) -> str:
    """Return the commit that is checked out, with a + if files differ from it; or nothing."""
    git = ["git", "-C", str(root)]
    try:
        told = subprocess.run(
            [*git, "rev-parse", "--short", "HEAD"], capture_output=True, text=True, check=True
        )
        changed = subprocess.run(
            [*git, "status", "--porcelain", "--", "labs", "unrolled", "data"],
            capture_output=True,
            text=True,
            check=True,
        )
    except (OSError, subprocess.CalledProcessError):
        return ""
    return told.stdout.strip() + ("+" if changed.stdout.strip() else "")
