"""Many submissions graded on a Dask cluster: the same work as in a shard, on more machines.

Gradebook, marks and attempts stay where the run was started; a worker gets a submission's bytes,
what all submissions of its lab have in common, and the secret from which the hidden cases are made,
so scheduler and workers must be the department's own. Each worker puts up its own walls.
"""

from __future__ import annotations

import atexit
import os
import platform
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

import nbformat

from press import HOUSE
from press.cluster import ClusterError, Done, spread
from press.grading import depends, sandbox
from press.grading.assignment import Assignment, read
from press.grading.examiner import Handed, Setting, failed
from press.grading.places import Places
from press.grading.results import Result, write_whole
from press.grading.sandbox import Limits, NoSandboxError
from press.grading.shards import BROKE_OFF, Job, examine_safely
from unrolled.messages import Language

#: When this process read the grader's code.
_SINCE = time.time()


@dataclass(frozen=True)
class Parcel:
    """A submission, and what a worker needs to grade it.

    Attributes:
        handed: the submission, without its file.
        content: of its file; None if there is none.
        digest: of everything its result depends on.
        version: of what every result of its lab depends on; a worker with another one refuses.
        secret, limits, sandboxed, rubrics: as in :class:`press.grading.examiner.Setting`; the
            rubrics are its lab's.
    """

    handed: Handed
    content: bytes | None
    digest: str
    version: str
    secret: str
    limits: Limits
    sandboxed: bool
    rubrics: Mapping[str, Mapping[Language, str]]


@dataclass(frozen=True)
class Returned:
    """What a worker gives back.

    Attributes:
        result: the fields of the result; None if the worker refused.
        notebook: what a marker sees, as text; empty if there is none.
        refusal: why the worker did not grade.
    """

    result: dict[str, Any] | None = None
    notebook: str = ""
    refusal: str = ""


def grade_on(
    address: str,
    jobs: list[Job],
    labs: list[Assignment],
    places: Places,
    setting: Setting,
    versions: Mapping[str, str],
) -> Iterator[Result]:
    """Grade submissions on a cluster and yield each result as it comes.

    What passes a limit of time is tried once more, after all others, while the cluster does
    nothing else of ours. What kills three workers gets a result that says so.

    Args:
        address: the scheduler's.
        jobs: the submissions.
        labs: all labs.
        places: where the notebooks that a marker sees are written.
        setting: what all submissions have in common; its ``course`` is not used.
        versions: of each lab, what :func:`press.grading.depends.version` says here.

    Raises:
        ClusterError: there is no such cluster, or it cannot grade; what it has graded was yielded.
    """
    known = {lab.lab: lab for lab in labs}
    named = {f"grade-{number}-{job.digest[:12]}": job for number, job in enumerate(jobs)}
    late: dict[str, Job] = {}
    for done in spread(serve, {name: _parcel(named[name], setting, versions) for name in named},
                       address):  # fmt: skip
        job = named[done.name]
        result = _result(done, job, known, places)
        if result.late:
            late[f"{done.name}-alone"] = job
        else:
            yield result
    for name, job in late.items():
        for done in spread(serve, {name: _parcel(job, setting, versions)}, address):
            yield _result(done, job, known, places)


def serve(parcel: Parcel) -> Returned:
    """Grade a submission on a worker of the cluster.

    A worker that has another version of the course, or no sandbox, refuses.
    """
    lab = _lab(parcel.handed.lab)
    setting = Setting(Path(), parcel.secret, parcel.limits, parcel.sandboxed,
                      {lab.lab: parcel.rubrics})  # fmt: skip
    if why := _unfit(lab, parcel, setting):
        return Returned(refusal=f"the worker on {platform.node()} {why}")
    try:
        setting = replace(setting, course=_course(parcel.sandboxed))
    except NoSandboxError as error:
        return Returned(refusal=f"the worker on {platform.node()} has no sandbox. {error}")
    with tempfile.TemporaryDirectory(prefix=f"ug-{os.getpid()}-", dir="/tmp") as folder:
        handed = parcel.handed
        if parcel.content is not None:
            path = Path(folder) / f"{lab.lab}.ipynb"
            path.write_bytes(parcel.content)
            handed = replace(handed, path=path)
        result, notebook = examine_safely(handed, lab, setting, parcel.digest)
    return Returned(asdict(result), nbformat.writes(notebook) if notebook is not None else "")


def _parcel(job: Job, setting: Setting, versions: Mapping[str, str]) -> Parcel:
    handed = job.handed
    return Parcel(
        replace(handed, path=None),
        handed.path.read_bytes() if handed.path else None,
        job.digest,
        versions[handed.lab],
        setting.secret,
        setting.limits,
        setting.sandboxed,
        setting.rubrics.get(handed.lab, {}),
    )


def _result(
    done: Done[Returned], job: Job, known: Mapping[str, Assignment], places: Places
) -> Result:
    """Return the result of a submission, and write the notebook that belongs to it.

    Raises:
        ClusterError: it was not graded, for no fault of its own.
    """
    lab = known[job.handed.lab]
    if done.killed:
        return failed(job.handed, lab, job.digest, BROKE_OFF)
    returned = done.value
    if returned is None or returned.result is None:
        why = returned.refusal if returned is not None else done.problem
        raise ClusterError(f"{why}\nWhat was graded is kept: the next `make grade` goes on there.")
    if returned.notebook:
        path = places.autograded / job.handed.student / lab.lab / f"{lab.lab}.ipynb"
        write_whole(path, returned.notebook)
    return Result.of(returned.result)


def _unfit(lab: Assignment, parcel: Parcel, setting: Setting) -> str:
    """Return why this process must not grade a lab for the run that asks; empty if it may."""
    if depends.version(lab, HOUSE, setting) != parcel.version:
        return f"has another version of {lab.lab} or of the grader in {HOUSE}"
    if any(path.stat().st_mtime > _SINCE for path in depends.files(lab, HOUSE)):
        return f"is older than the course in {HOUSE}: start it again"
    return ""


@cache
def _lab(name: str) -> Assignment:
    return read(HOUSE / "labs" / f"{name}.md")


@cache
def _course(sandboxed: bool) -> Path:
    """Return what the sandbox shows of the course: made once, and gone with the worker.

    Raises:
        NoSandboxError: the sandbox does not work on this machine.
    """
    if sandboxed:
        sandbox.ensure(HOUSE)
    sandbox.sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"ug-{os.getpid()}-", dir="/tmp"))
    atexit.register(sandbox.remove, folder)
    return sandbox.furnish(HOUSE, folder / "course")
