"""Grading on a Dask cluster: the same marks as here, whatever becomes of its workers."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import hostile
import pytest

from bench import grading as bench
from press.__main__ import main
from press.cluster import ClusterError, Done
from press.grading import depends, remote, sandbox
from press.grading.assignment import Assignment, assignments
from press.grading.examiner import Handed, Setting, failed
from press.grading.places import Places
from press.grading.remote import Parcel, Returned, serve
from press.grading.run import grade
from press.grading.sandbox import Limits, NoSandboxError
from unrolled.messages import Message

LAB = "03_airline"
SHORT = Limits(cell=10, case=2, submission=60, memory=1 << 30)
Spread = Callable[..., Iterator[Done[Returned]]]


@pytest.fixture(scope="module")
def lab(root: Path) -> Assignment:
    """Lab 03, as it is given out."""
    return next(item for item in assignments(root) if item.lab == LAB)


@pytest.fixture
def places(root: Path, tmp_path: Path, lab: Assignment) -> Places:
    """Three students' folders, as they would be graded."""
    for student in ("anna", "ewa", "jan"):
        folder = tmp_path / "sub" / student
        folder.mkdir(parents=True)
        hostile.save(folder, hostile.blank(lab), f"{LAB}.ipynb")
    return Places(root, tmp_path / "work", tmp_path / "build")


def spread_as(answer: Callable[[str, Parcel], Done[Returned]], asked: list[list[str]]) -> Spread:
    """Return a stand-in for a cluster; it notes who was sent out together."""

    def spread(work: object, items: Mapping[str, Parcel], address: str) -> Iterator[Done[Returned]]:
        assert work is serve
        asked.append([parcel.handed.student for parcel in items.values()])
        for name, parcel in items.items():
            yield answer(name, parcel)

    return spread


def returned(parcel: Parcel, lab: Assignment, *, late: bool = False) -> Returned:
    """Return what a worker would that gave no points."""
    said = Message(pl="z daleka", en="from afar")
    result = replace(failed(parcel.handed, lab, parcel.digest, said), late=late)
    return Returned(asdict(result), "{}")


def test_what_workers_return_is_kept_here_and_what_was_late_is_tried_again_alone(
    places: Places, lab: Assignment, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []

    def answer(name: str, parcel: Parcel) -> Done[Returned]:
        assert parcel.handed.path is None
        assert parcel.content is not None
        late = parcel.handed.student != "jan" and not name.endswith("-alone")
        return Done(name, returned(parcel, lab, late=late))

    monkeypatch.setattr(remote, "spread", spread_as(answer, asked))
    summary = grade(places.work.parent / "sub", places, bar=False, dask="tcp://there:1")
    assert asked == [["anna", "ewa", "jan"], ["anna"], ["ewa"]]
    assert [result.late for result in summary.results] == [False] * 3
    assert {result.remarks[-1]["en"] for result in summary.results} == {"from afar"}
    for student in ("anna", "ewa", "jan"):
        assert (places.autograded / student / LAB / f"{LAB}.ipynb").read_text() == "{}"
        assert (places.feedback / student / f"{LAB}.html").is_file()
    again = grade(places.work.parent / "sub", places, bar=False, dask="tcp://there:1")
    assert again.graded == 0


def test_what_kills_its_workers_is_told_and_what_a_lost_cluster_graded_is_kept(
    places: Places,
    lab: Assignment,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    lost = True

    def answer(name: str, parcel: Parcel) -> Done[Returned]:
        if parcel.handed.student == "anna":
            return Done(name, problem="KilledWorker: 3 times", killed=True)
        if parcel.handed.student == "jan" and lost:
            return Done(name, problem="the scheduler at tcp://there:1 is gone")
        return Done(name, returned(parcel, lab))

    monkeypatch.setattr(remote, "spread", spread_as(answer, []))
    command = ["grade", "--work", str(places.work), "--dask", "tcp://there:1"]
    command.append(str(places.work.parent / "sub"))
    assert main(command) == 1
    said = capsys.readouterr().err
    assert "the scheduler at tcp://there:1 is gone" in said
    assert "What was graded is kept" in said
    lost = False
    assert main(command) == 0
    said = capsys.readouterr().out
    assert "anna: grading broke off at this submission each time" in said
    assert "3 submission(s), 2 graded now" in said  # who was told to be looked at is tried again


def test_a_worker_refuses_what_it_would_grade_otherwise(
    lab: Assignment, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    setting = Setting(Path(), "a secret", SHORT)
    right = depends.version(lab, root, setting)
    handed = Handed("s", "s", LAB, None)
    parcel = Parcel(handed, None, "d", right, "a secret", SHORT, True, {})
    assert "another version of 03_airline" in serve(replace(parcel, secret="another")).refusal
    monkeypatch.setattr(remote, "_SINCE", 0.0)
    assert "start it again" in serve(parcel).refusal
    monkeypatch.undo()

    def none(*hidden: Path) -> None:
        raise NoSandboxError("grading: bubblewrap (bwrap) is not installed.")

    monkeypatch.setattr(sandbox, "ensure", none)
    remote._course.cache_clear()
    assert "has no sandbox. grading: bubblewrap" in serve(parcel).refusal


def test_a_cluster_that_is_not_there_is_told(places: Places) -> None:
    with pytest.raises(ClusterError, match=r"DASK needs dask|no Dask scheduler answers"):
        grade(places.work.parent / "sub", places, bar=False, dask="no address")


def test_a_cluster_gives_the_marks_that_this_machine_gives_though_a_worker_is_killed(
    lab: Assignment, root: Path, tmp_path: Path, dask_cluster: Any
) -> None:
    try:
        sandbox.ensure()
    except NoSandboxError as error:
        pytest.skip(str(error).splitlines()[0])
    places = Places(root, tmp_path / "work", tmp_path / "build")
    kinds = {kind.name: kind for kind in hostile.kinds(places.work)}
    chosen = [kinds[name] for name in ("right, Polish", "one wrong", "blank", "kernel killed")]
    made = hostile.write(tmp_path / "sub", lab, root, chosen)
    ended, killed = threading.Event(), threading.Event()

    def kill() -> None:
        """Kill a worker as soon as it works."""
        while not ended.is_set() and not killed.is_set():
            busy = {
                w.address for w in list(dask_cluster.scheduler.workers.values()) if w.processing
            }
            for nanny in list(dask_cluster.workers.values()):
                if nanny.worker_address in busy:
                    os.kill(nanny.pid, signal.SIGKILL)
                    killed.set()
                    break
            time.sleep(0.05)

    killer = threading.Thread(target=kill)
    killer.start()
    try:
        there = grade(tmp_path / "sub", places, bar=False, dask=dask_cluster.scheduler_address)
    finally:
        ended.set()
        killer.join()
    assert killed.is_set()
    assert there.graded == len(made)
    results = {result.student: result for result in there.results}
    problems = {kind.name: bench.fits(kind, results.get(student)) for student, kind in made}
    assert not {name: problem for name, problem in problems.items() if problem}
    here = grade(tmp_path / "sub", places, bar=False)
    assert here.graded == 0, "one version of the course, the same results: nothing is graded anew"
