"""Run every test of the course, or those of one document, and say what each one took.

One queue: a job is a notebook, a long file of tests, or a bundle of files, which import PyTorch,
Keras and the press once for all of them. The longest start first, as many at a time as there are
cores, and beside them one that mostly waits; how long each takes is remembered in ``build/tests/``.
A job that fails or dies is told and the others go on; the files of a bundle that died are run
again, each alone.

Every cell of every notebook is executed by nbval. What runs where:

- a lecture in Polish as this processor computes, and in English as another one would (`OTHER`);
  the outputs of both are compared with the committed ones, and in the Polish one's kernel all cells
  run a second time (again.py);
- a lab's solutions (English) as another processor would, outputs compared; the student's edition
  (Polish) as this one computes, where every cell, check and tolerance must hold.

So the compared outputs of all documents are compared under a setting that is not the one under
which they were made, which is what finds digits that a processor decides, and every document also
runs natively. The code of both languages is the same (tests/test_editions.py), so no edition runs
in both of them, and a lab, which costs most, runs twice and not three times. Where a document is
executed by edition, each language's data are read in one of its runs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from other_processor import VARIABLES, environment
from selecting import documents, owners, words

from press.arguments import positive

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "build" / "tests"
MEMORY = FOLDER / "seconds.json"

#: What makes PyTorch, NumPy, its BLAS and TensorFlow compute as another processor would.
OTHER = {name: value for name, value in environment("narrow").items() if name in VARIABLES}
#: How the name of a job says so.
ELSEWHERE = " (as another processor)"
#: CPU seconds that executing a document may take: a lecture, a lab's small mode.
BUDGETS = {"lectures": 30.0, "labs": 60.0}
#: CPU seconds of `calibration` where the budgets were set: a quiet core of a server of 2023.
QUIET = 0.20
#: What is forgiven: the CPU time of one and the same work differs by so much from run to run.
SPREAD = 1.25
#: Files of tests that share more than libraries: the course's sources, which are read once, or the
#: cases of exercises, which are packed once. By the names of their jobs.
TOGETHER = {
    "tests of answers": (
        "test_bank.py",
        "test_cases_kill_mutants.py",
        "test_grading_core.py",
        "test_hints.py",
    ),
    "tests of grading": (
        "test_grading_deadlines.py",
        "test_grading_files.py",
        "test_grading_moodle.py",
        "test_grading_remote.py",
        "test_grading_statistics.py",
    ),
    "tests of the course's files": (
        "test_bibliography.py",
        "test_course_exports.py",
        "test_editions.py",
        "test_key.py",
        "test_notation.py",
        "test_project.py",
        "test_site.py",
        "test_slides.py",
        "test_source.py",
        "test_subwords.py",
    ),
    "tests of decks": (
        "test_deck_keys.py",
        "test_decks_in_browser.py",
        "test_hub.py",
        "test_played.py",
    ),
}
#: Long files that have a process of their own; all that are neither here nor above are short.
ALONE = (
    "test_diagrams.py",
    "test_grading_run.py",
    "test_kept_exports.py",
    "test_live_cells.py",
    "test_rise.py",
)
#: How many bundles there are of the short files.
BUNDLES = 3
#: They start kernels or a browser and wait for them: one of them runs beside all others.
WAITING = ("tests of decks", "tests/test_grading_run.py", "tests/test_rise.py")
#: CPU seconds of what has not been measured on this machine yet: of a lecture, a lab, tests.
GUESSED = {"lectures": 25.0, "labs": 60.0, "tests": 90.0}
GUESSED_TESTS = {
    "tests of answers": 250.0,
    "tests of decks": 150.0,
    "tests of the course's files": 250.0,
    "tests/test_grading_run.py": 300.0,
    "tests/test_live_cells.py": 200.0,
    "tests/test_rise.py": 300.0,
}
COMPARED = "notebooks, outputs compared"
QUIETLY = ["-q", "-p", "no:cacheprovider"]


@dataclass
class Job:
    """One process of tests.

    Attributes:
        name: what is printed.
        phase: what kind of tests.
        arguments: for Python.
        document: the document that is executed; empty for files of tests.
        budget: CPU seconds that it may take; 0 for no limit.
        env: settings beside the common ones.
        bundled: the files of a bundle.
        waits: whether it may run beside as many others as there are cores.
    """

    name: str
    phase: str
    arguments: list[str]
    document: str = ""
    budget: float = 0.0
    env: dict[str, str] = field(default_factory=dict)
    bundled: tuple[str, ...] = ()
    waits: bool = False

    @property
    def slug(self) -> str:
        """The name as part of a file's."""
        return re.sub(r"[^\w.-]+", "-", self.name)


@dataclass(frozen=True)
class Done:
    """How a job ended.

    Attributes:
        job: the job.
        status: of its process; negative for the signal that killed it.
        cpu: CPU seconds of it and its children.
        wall: seconds from beginning to end.
        output: what it printed.
    """

    job: Job
    status: int
    cpu: float
    wall: float
    output: str

    @property
    def ok(self) -> bool:
        """Whether all is well."""
        return self.status == 0


# What there is to do ---------------------------------------------------------------------------


def notebooks(name: str, path: Path) -> list[Job]:
    """Return the jobs that execute a document."""
    kind = path.parent.name
    if kind == "lectures":
        rows = [("pl", ["--nbval", "-p", "again"], {}), ("en", ["--nbval"], OTHER)]
    else:
        rows = [("en/solutions", ["--nbval"], OTHER), ("pl", ["--nbval-lax"], {})]
    jobs = []
    for folder, switches, env in rows:
        file = f"{kind}/{folder}/{name}.ipynb"
        arguments = ["-m", "pytest", *QUIETLY, *switches, "--nbval-cell-timeout=300", file]
        compared = "student notebooks" if "--nbval-lax" in switches else COMPARED
        told = file + (ELSEWHERE if env else "")
        budget = BUDGETS[kind]
        if "again" in switches:  # twice the work: the budget is held by the notebook's other run
            budget, env = 0.0, {**env, "PYTHONPATH": _path()}
        jobs.append(Job(told, compared, arguments, name, budget, dict(env)))
    return jobs


def files() -> list[Job]:
    """Return the jobs that run all files of tests."""
    jobs, short = [], []
    there = {path.name: path for path in sorted((ROOT / "tests").glob("test_*.py"))}
    together = [name for names in TOGETHER.values() for name in names]
    for name, path in there.items():
        if name in ALONE:
            jobs.append(_tests_of(f"tests/{name}", [path]))
        elif name not in together:
            # Those that import the libraries stand together: few bundles have to import them.
            text = path.read_text(encoding="utf-8")
            short.append((bool(re.search(r"torch|keras|lessons", text)), path))
    for name, names in TOGETHER.items():
        jobs.append(_tests_of(name, [there[file] for file in names]))
    paths = [path for _, path in sorted(short)]
    for i in range(BUNDLES):
        mine = paths[i * len(paths) // BUNDLES : (i + 1) * len(paths) // BUNDLES]
        jobs.append(_tests_of(f"short tests {i + 1} of {BUNDLES}", mine))
    return jobs


def _tests_of(name: str, paths: list[Path]) -> Job:
    """Return the job that runs some files of tests."""
    files = tuple(f"tests/{path.name}" for path in paths)
    in_browser = any("mark.browser" in path.read_text(encoding="utf-8") for path in paths)
    job = _pytest(name, "browser" if in_browser else "units", list(files))
    job.bundled = files if len(files) > 1 else ()
    job.waits = name in WAITING
    return job


def apart(job: Job) -> list[Job]:
    """Return the files of a bundle as jobs of their own."""
    return [_pytest(name, job.phase, [name]) for name in job.bundled]


def broken(done: Done) -> bool:
    """Whether a bundle ended before its last test: it died, or a file could not be read."""
    return bool(done.job.bundled) and done.status not in (0, 1)


def _path() -> str:
    """Return where the plugins are: selecting and again."""
    return os.pathsep.join(filter(None, [str(ROOT / "tests"), os.environ.get("PYTHONPATH", "")]))


def _pytest(name: str, phase: str, arguments: list[str]) -> Job:
    job = Job(name, phase, [], env={"PYTHONPATH": _path()})
    report = f"--junitxml={FOLDER / job.slug}.xml"
    job.arguments = ["-m", "pytest", *QUIETLY, "-p", "selecting", report, *arguments]
    return job


def everything() -> list[Job]:
    """Return all jobs."""
    executed = [job for name, path in documents().items() for job in notebooks(name, path)]
    return executed + files()


def belonging(name: str) -> list[Job]:
    """Return the jobs of one document: its source, notebooks, exercises, diagrams and exports."""
    return [
        Job(f"check {name}", "source", ["-m", "press", "check", name]),
        Job(f"editions --check {name}", "source", ["-m", "press", "editions", "--check", name]),
        *notebooks(name, documents()[name]),
        _pytest("units", "units", ["tests", "-m", "not browser", "--only", name]),
        _pytest("browser", "browser", ["tests", "-m", "browser", "--only", name]),
    ]


def named(text: str) -> str:
    """Return the name of a document: ``04_memory`` for that, ``memory`` or ``labs/04_memory.md``.

    Raises:
        SystemExit: there is no such document; the message lists those there are.
    """
    known = documents()
    short = Path(text).stem
    found = [name for name in known if short in (name, name.partition("_")[2])]
    if len(found) != 1:
        raise SystemExit(f"there is no document {text!r}; there are: {', '.join(known)}")
    return found[0]


# Doing it --------------------------------------------------------------------------------------


def expected(job: Job, remembered: dict[str, float]) -> float:
    """Return the CPU seconds that a job will probably take."""
    if job.name in remembered:
        return remembered[job.name]
    if job.document:
        return GUESSED[documents()[job.document].parent.name]
    return GUESSED_TESTS.get(job.name, GUESSED["tests"])


def run(
    jobs: Iterable[Job],
    count: int,
    finished: Callable[[Done], None] = lambda done: None,
    *,
    folder: Path = FOLDER,
) -> list[Done]:
    """Run jobs in the order given, ``count`` at a time; return how each of them ended.

    Where several run at a time, one that waits runs beside them.

    Args:
        jobs: the jobs; their names are different.
        count: how many run at a time.
        finished: called after each job.
        folder: where their output goes while they run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    # Jobs share the cores: one thread each is faster than several that wait for each other.
    common = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    todo = list(jobs)
    running: dict[int, tuple[Job, float, subprocess.Popen[bytes]]] = {}
    done = []
    try:
        while todo or running:
            while (job := _next(todo, [job for job, _, _ in running.values()], count)) is not None:
                todo.remove(job)
                with (folder / f"{job.slug}.txt").open("wb") as out:
                    process = subprocess.Popen(
                        [sys.executable, *job.arguments],
                        cwd=ROOT,
                        env={**common, **job.env},
                        stdin=subprocess.DEVNULL,
                        stdout=out,
                        stderr=subprocess.STDOUT,
                        start_new_session=True,  # so that all of it can be ended
                    )
                running[process.pid] = (job, time.perf_counter(), process)
            time.sleep(0.05)
            for pid in list(running):  # each by its id: the caller may have children of its own
                found, status, usage = os.wait4(pid, os.WNOHANG)
                if not found:
                    continue
                job, started, process = running.pop(pid)
                process.returncode = os.waitstatus_to_exitcode(status)
                output = (folder / f"{job.slug}.txt").read_text(encoding="utf-8", errors="replace")
                cpu = usage.ru_utime + usage.ru_stime
                wall = time.perf_counter() - started
                ended = Done(job, process.returncode, cpu, wall, output)
                done.append(ended)
                finished(ended)
    finally:
        for pid in running:  # interrupted
            os.killpg(pid, signal.SIGTERM)
    return done


def _next(todo: list[Job], running: list[Job], count: int) -> Job | None:
    """Return the job that starts now beside those that run, or None."""
    busy = sum(not job.waits for job in running)
    waiting = len(running) - busy
    if busy + max(0, waiting - (count > 1)) < count:  # a core is free: the longest job
        beside = count == 1 or not waiting
        found = (job for job in todo if beside or not job.waits)
        return next(found, todo[0] if todo else None)
    if count > 1 and not waiting:
        return next((job for job in todo if job.waits), None)
    return None


# Budgets ---------------------------------------------------------------------------------------


def calibration() -> float:
    """Return the CPU seconds of a fixed piece of work like a notebook's: Python and NumPy."""
    import numpy as np

    numbers = np.random.default_rng(0).normal(size=(48, 48))
    started = time.process_time()
    state, total = numbers, 0.0
    for i in range(20_000):
        state = np.tanh(state @ numbers / 8)
        total += sum(j * 0.5 for j in range(20)) + i
    return time.process_time() - started


def allowed(budget: float, measured: float) -> float:
    """Return the CPU seconds that a document may take on this machine as it is now.

    Args:
        budget: CPU seconds on a quiet core.
        measured: what `calibration` takes now. A slower machine, or one that others use too, gets
            more in proportion; a faster one does not get less, for its limit is the promise.
    """
    return budget * max(1.0, measured / QUIET) * SPREAD


def over_budget(done: Iterable[Done], again: Callable[[Job], Done]) -> list[str]:
    """Return a line for each document that takes too long.

    A notebook that took more beside other jobs than its budget allows on this machine, now that it
    is quiet, is executed again, alone, with the calibration right before and after: CPU time on a
    busy core is not that of a quiet one. One that ran as another processor is executed again as
    this one computes: the budget is what its user's machine may take, not what a setting costs
    that keeps PyTorch from the instructions which the machine has.
    """
    lines = []
    budgeted = [one for one in done if one.job.budget and one.ok]
    quiet = calibration() if budgeted else QUIET
    for first in budgeted:
        job = first.job
        if first.cpu <= allowed(job.budget, quiet):
            continue
        before = calibration()
        job = replace(job, name=job.name.removesuffix(ELSEWHERE), env={})
        second = again(job)
        limit = allowed(job.budget, max(before, calibration()))
        if not second.ok:
            lines.append(f"{job.name} passed, and failed when it was executed again, alone")
        elif min(first.cpu, second.cpu) > limit:
            lines.append(
                f"{job.name} takes {second.cpu:.0f} CPU-s; its budget is {job.budget:.0f}, "
                f"(here and now {limit:.0f})"
            )
    return lines


# Telling ---------------------------------------------------------------------------------------


def by_document(done: Iterable[Done], folder: Path) -> dict[str, dict[str, float]]:
    """Return the seconds of each document, by phase; "all" is what belongs to none alone."""
    known = {name: words(path) for name, path in documents().items()}
    seconds: dict[str, dict[str, float]] = {name: defaultdict(float) for name in (*known, "all")}
    for one in done:
        if one.job.document:
            seconds[one.job.document][one.job.phase] += one.cpu
            continue
        told = 0.0
        for test, took in _tests(folder / f"{one.job.slug}.xml"):
            belongs = owners(test, known)
            for name in belongs or ["all"]:
                seconds[name][one.job.phase] += took / len(belongs or ["all"])
            told += took
        seconds["all"][one.job.phase] += max(0.0, one.wall - told)  # imports, collection
    return seconds


def _tests(report: Path) -> list[tuple[str, float]]:
    """Return the tests of a report and the seconds of each; none if the job wrote none."""
    try:
        cases = ElementTree.parse(report).iter("testcase")
    except (OSError, ElementTree.ParseError):
        return []
    return [(f"{c.get('classname')}::{c.get('name')}", float(c.get("time", 0))) for c in cases]


def summary(done: list[Done], wall: float, count: int, measured: float) -> str:
    """Return the tables of phases and documents, and how slow this machine is.

    Args:
        done: how the jobs ended.
        wall: seconds from the first one's beginning to the last one's end.
        count: how many ran at a time.
        measured: what `calibration` takes now.
    """
    rows = defaultdict(list)
    for one in done:
        rows[one.job.phase].append(one)
    lines = [f"{'':8}{'jobs':>5} {'CPU-s':>7}   phase"]
    for phase, ended in rows.items():
        mark = "ok" if all(one.ok for one in ended) else "FAILED"
        lines.append(f"{mark:8}{len(ended):5} {sum(one.cpu for one in ended):7.0f}   {phase}")
    phases = list(rows)
    lines += ["", "seconds by document: " + ", ".join(phases)]
    for name, took in by_document(done, FOLDER).items():
        if took:
            cells = "".join(f"{took.get(phase, 0):7.0f}" for phase in phases)
            lines.append(f"{cells}   {name}")
    total = sum(one.cpu for one in done)
    lines += ["", f"{wall:.0f} s with {count} at a time, {total:.0f} CPU-s"]
    lines.append(
        f"Python and NumPy take {measured / QUIET:.1f} times as long here, now, as on the machine "
        "for which the budgets were set"
    )
    return "\n".join(lines)


def cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _remembered() -> dict[str, float]:
    try:
        return {str(k): float(v) for k, v in json.loads(MEMORY.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        return {}


def main() -> int:
    """Run the tests; return 1 if one of them failed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--jobs", type=positive, default=cores(), help="how many at a time")
    parser.add_argument("--only", help="a document: 04_memory, or memory")
    args = parser.parse_args()
    jobs = belonging(named(args.only)) if args.only else everything()
    remembered = _remembered()
    jobs.sort(key=lambda job: -expected(job, remembered))
    count = 0

    def finished(done: Done) -> None:
        nonlocal count
        count += 1
        mark = "ok" if done.ok else "FAILED"
        print(f"[{count}/{len(jobs)}] {mark:6} {done.cpu:5.0f} CPU-s  {done.job.name}", flush=True)
        if not done.ok:
            end = f"killed by signal {-done.status}" if done.status < 0 else f"exit {done.status}"
            print(f"{done.output}\n({done.job.name}: {end})", flush=True)
        if not args.only and done.ok:
            remembered[done.job.name] = round(done.cpu, 1)
            MEMORY.write_text(json.dumps(remembered, indent=1, sort_keys=True) + "\n")

    started = time.perf_counter()
    done = run(jobs, args.jobs, finished, folder=FOLDER)
    again = [job for one in done if broken(one) for job in apart(one.job)]
    jobs += again
    done += run(again, args.jobs, finished, folder=FOLDER)
    wall = time.perf_counter() - started
    late = over_budget(done, lambda job: run([job], 1, folder=FOLDER)[0])
    print("\n" + summary(done, wall, args.jobs, calibration()))
    failed = [one.job.name for one in done if not one.ok]
    for name in failed:
        print(f"FAILED  {name}")
    for line in late:
        print(f"OVER BUDGET  {line}")
    return int(bool(failed or late))


if __name__ == "__main__":
    sys.exit(main())
