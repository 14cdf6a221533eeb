"""Many submissions, several at a time, each in a process that may fail alone."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import nbformat

from press.grading.assignment import Assignment, read
from press.grading.examiner import Handed, Setting, examine, failed
from press.grading.places import Places
from press.grading.results import Result, write_whole
from unrolled.messages import Message

#: How much longer than its submission's limit a shard may take (seconds).
GRACE = 120

#: What is said of a submission that ended every process that was to grade it.
BROKE_OFF = Message(
    pl="sprawdzanie za każdym razem przerywało się na tym rozwiązaniu: proszę zajrzeć do niego",
    en="grading broke off at this submission each time: please look at it",
)


@dataclass(frozen=True)
class Job:
    """A submission to grade.

    Attributes:
        handed: the submission.
        digest: of everything its result depends on.
        tries: how many shards have died of it.
        alone: whether it passed a limit of time beside others and is tried again without them.
    """

    handed: Handed
    digest: str
    tries: int = 0
    alone: bool = False


@dataclass
class _Shard:
    process: BaseProcess
    pipe: Connection
    job: Job | None = None
    since: float = 0.0


def grade_all(
    jobs: list[Job], labs: list[Assignment], places: Places, setting: Setting, shards: int = 2
) -> Iterator[Result]:
    """Grade submissions and yield each result as it comes; every job has one.

    A shard that dies or hangs is replaced; its submission is tried once more, then it gets a
    result that says so. What passes a limit of time is tried once more, alone, after all others.
    """
    known = {lab.lab: lab for lab in labs}
    todo, late = deque(jobs), deque[Job]()
    running = [_start(places, setting) for _ in range(min(shards, len(jobs)))]
    patience = setting.limits.clock + GRACE
    try:
        while todo or late or any(shard.job for shard in running):
            if not todo and late and not any(shard.job for shard in running):
                todo.append(late.popleft())
            for shard in running:
                if shard.job is None and todo:
                    shard.job, shard.since = todo.popleft(), time.monotonic()
                    shard.pipe.send((shard.job.handed, shard.job.digest))
            busy = [shard for shard in running if shard.job]
            ready = wait([shard.pipe for shard in busy], timeout=1.0)
            for shard in busy:
                job = shard.job
                assert job is not None
                hangs = time.monotonic() - shard.since > patience
                said: dict[str, Any] | None = None
                if shard.pipe in ready:
                    try:
                        said = shard.pipe.recv()
                    except (EOFError, OSError):
                        said = None
                elif not hangs and shard.process.is_alive():
                    continue
                shard.job = None
                if said is not None:
                    result = Result.of(said)
                    if result.late and not job.alone:
                        late.append(replace(job, alone=True))
                    else:
                        yield result
                    continue
                shard.process.kill()
                running[running.index(shard)] = _start(places, setting)
                if job.tries == 0:
                    todo.append(replace(job, tries=1))
                else:
                    yield failed(job.handed, known[job.handed.lab], job.digest, BROKE_OFF)
    finally:
        for shard in running:
            shard.pipe.close()
            shard.process.join(timeout=2)
            if shard.process.is_alive():
                shard.process.kill()


def _start(places: Places, setting: Setting) -> _Shard:
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_serve, args=(theirs, places, setting), daemon=True)
    process.start()
    theirs.close()
    return _Shard(process, ours)


def _serve(pipe: Connection, places: Places, setting: Setting) -> None:
    """Grade what comes through the pipe until it is closed."""
    threading.Thread(target=_follow, args=(os.getppid(),), daemon=True).start()
    while True:
        try:
            handed, digest = pipe.recv()
        except (EOFError, OSError, KeyboardInterrupt):
            return
        lab = read(places.root / "labs" / f"{handed.lab}.md")  # this one alone, and once
        result, notebook = examine_safely(handed, lab, setting, digest)
        if notebook is not None:
            path = places.autograded / handed.student / handed.lab / f"{handed.lab}.ipynb"
            write_whole(path, nbformat.writes(notebook))
        try:
            pipe.send(_data(result))
        except (BrokenPipeError, OSError):
            return


def examine_safely(
    handed: Handed, lab: Assignment, setting: Setting, digest: str
) -> tuple[Result, nbformat.NotebookNode | None]:
    """Grade a submission; an error of the grader itself becomes a remark, not an end."""
    try:
        return examine(handed, lab, setting, digest)
    except Exception as error:
        what = f"{type(error).__name__}: {str(error)[:200]}"
        why = Message(
            pl=f"nie udało się sprawdzić ({what}): proszę zajrzeć do tego rozwiązania",
            en=f"could not be graded ({what}): please look at this submission",
        )
        result = failed(handed, lab, digest, why)
        from press.grading.view import view

        return result, view(result, None, lab)


def _data(result: Result) -> dict[str, Any]:
    from dataclasses import asdict

    return asdict(result)


def _follow(parent: int) -> None:
    """End this shard when the process that started it has ended."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)


def path_of(places: Places, student: str, lab: str) -> Path:
    """Return where a result is kept."""
    return places.results / student / f"{lab}.json"
