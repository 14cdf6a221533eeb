"""The queue of `make test`: nothing is left out, nothing is hidden, a document can be had alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import run
from run import OTHER, Done, Job, allowed, belonging, everything, named, over_budget
from selecting import documents, owners, words


def python(name: str, code: str) -> Job:
    return Job(name, "units", ["-c", code])


def ended(job: Job, cpu: float, status: int = 0) -> Done:
    return Done(job, status, cpu, cpu, "")


def test_no_jobs_at_a_time_is_refused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for number in ("0", "-1", "x"):
        monkeypatch.setattr(sys, "argv", ["run.py", "--jobs", number])
        with pytest.raises(SystemExit):
            run.main()
        assert f"'{number}' is no whole number from 1" in capsys.readouterr().err


# What is to be done --------------------------------------------------------------------------


def test_every_file_of_tests_runs_once(root: Path) -> None:
    ran = [name for job in everything() for name in job.arguments if name.startswith("tests/")]
    there = {p.relative_to(root).as_posix() for p in (root / "tests").glob("**/test_*.py")}
    assert sorted(ran) == sorted(there)


def test_every_document_is_compared_as_another_processor_and_runs_natively(root: Path) -> None:
    jobs = everything()
    for name, path in documents().items():
        kind = path.parent.name
        mine = {job.arguments[-1]: job for job in jobs if job.document == name}
        assert all((root / notebook).is_file() for notebook in mine)
        compared = [job for job in mine.values() if "--nbval" in job.arguments]
        assert any(job.env == OTHER for job in compared)
        native = [job for job in mine.values() if not OTHER.keys() & job.env.keys()]
        assert native or not OTHER
        twice = [job for job in mine.values() if "again" in job.arguments]
        assert [job.arguments[-1][9:11] for job in twice] == ["pl"] * (kind == "lectures")
        budgets = {job.budget for job in mine.values() if job not in twice}
        assert budgets == {run.BUDGETS[kind]}
        if kind == "labs":
            assert f"labs/pl/{name}.ipynb" in mine, "the student's edition"
        else:
            assert sorted(job.arguments[-1][9:11] for job in compared) == ["en", "pl"]


def test_the_other_processor_reaches_its_jobs_and_no_others(tmp_path: Path) -> None:
    code = f"import os, sys; sys.exit(not all(os.environ.get(k) == v for k, v in {OTHER}.items()))"
    other, native = python("other", code), python("native", code)
    other.env.update(OTHER)
    by_name = {d.job.name: d.ok for d in run.run([other, native], 1, folder=tmp_path)}
    assert by_name["other"]
    assert by_name["native"] is (not OTHER)


@pytest.mark.parametrize("text", ["04_memory", "memory", "labs/04_memory.md"])
def test_a_document_has_several_names(text: str) -> None:
    assert named(text) == "04_memory"


@pytest.mark.parametrize("text", ["04", "nothing", ""])
def test_an_unknown_document_is_told_with_those_there_are(text: str) -> None:
    with pytest.raises(SystemExit, match=r"04_lstm.*04_memory"):
        named(text)


def test_what_belongs_to_a_document() -> None:
    known = {name: words(path) for name, path in documents().items()}
    for test, name in {
        "tests/test_bank.py::test_wrong[memory/adding-ends]": "04_memory",
        "tests/test_decks_in_browser.py::test_a_deck[pl/lectures/04_lstm.html]": "04_lstm",
        "tests/test_diagrams.py::test_lettering[lstm-rewritten-pl]": "04_lstm",
        "tests/test_gates.py::test_a_valve": "03_gates",
        "tests.test_airline::test_months": "03_airline",
    }.items():
        assert owners(test, known) == [name]
    assert not owners("tests/test_text.py::test_memories_are_not_gated", known)


def test_one_document_takes_its_own_tests_alone(root: Path) -> None:
    (units,) = (job for job in belonging("04_memory") if job.name == "units")
    env = {**units.env, "PATH": "/usr/bin:/bin"}
    command = [sys.executable, "-m", "pytest", "-q", "--collect-only", "-p", "no:nbval"]
    command += ["-p", "selecting"]
    told = subprocess.run(
        [*command, "tests/test_edits.py", "tests/test_run.py", "--only", "04_memory"],
        cwd=root,
        env=env,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    tests = [line for line in told.splitlines() if "::" in line]
    assert tests
    assert all(re.search("memory", line) for line in tests)
    assert "deselected" in told


def test_bundles_have_their_kind_and_one_of_them_waits() -> None:
    jobs = {job.name: job for job in everything()}
    assert len([name for name in jobs if name.startswith("short tests")]) == run.BUNDLES
    assert all(len(jobs[name].bundled) > 1 for name in run.TOGETHER)
    assert all(not jobs[f"tests/{name}"].bundled for name in run.ALONE)
    assert {job.name for job in jobs.values() if job.waits} == set(run.WAITING)
    assert set(run.GUESSED_TESTS) <= set(jobs)
    browser = {job.name for job in jobs.values() if job.phase == "browser"}
    assert browser == {"tests of decks", "tests/test_rise.py"}


# Doing it ------------------------------------------------------------------------------------


def test_one_that_waits_runs_beside_as_many_as_there_are_cores() -> None:
    def started(count: int, *todo: str) -> list[str]:
        jobs = [Job(name, "units", [], waits=name.startswith("wait")) for name in todo]
        running: list[Job] = []
        while (job := run._next(jobs, running, count)) is not None:
            jobs.remove(job)
            running.append(job)
        return [job.name for job in running]

    assert started(2, "a", "b", "c", "wait 1", "wait 2") == ["a", "b", "wait 1"]
    assert started(2, "wait 1", "wait 2", "a", "b", "c") == ["wait 1", "a", "b"]
    assert started(2, "wait 1", "wait 2", "wait 3", "wait 4") == ["wait 1", "wait 2", "wait 3"]
    assert started(1, "a", "wait 1") == ["a"]
    assert started(1, "wait 1", "a") == ["wait 1"]


def test_the_files_of_a_bundle_that_died_run_again_each_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    dies = python("bundle", "import os; os.kill(os.getpid(), 9)")
    dies.bundled = ("tests/test_a.py", "tests/test_b.py")
    assert [job.arguments[-1] for job in run.apart(dies)] == list(dies.bundled)
    assert run.broken(ended(dies, 1, -9))
    assert run.broken(ended(dies, 1, 2)), "pytest could not read a file"
    assert not run.broken(ended(dies, 1, 1)), "a test failed"
    monkeypatch.setattr(run, "everything", lambda: [dies])
    monkeypatch.setattr(run, "apart", lambda job: [python(name, "") for name in job.bundled])
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    monkeypatch.setattr(run, "MEMORY", tmp_path / "seconds.json")
    monkeypatch.setattr(sys, "argv", ["run.py", "--jobs", "1"])
    assert run.main() == 1
    told = capsys.readouterr().out
    assert re.search(r"\[3/3\] ok .*tests/test_b.py", told)
    assert re.findall(r"^FAILED  (\S.*)$", told, re.M) == ["bundle"]


def test_what_fails_or_dies_hides_nothing(tmp_path: Path) -> None:
    jobs = [
        python("dies", "import os; print('before', flush=True); os.kill(os.getpid(), 9)"),
        python("fails", "raise SystemExit('why it failed')"),
        python("passes", "print('fine')"),
    ]
    told = []
    done = {d.job.name: d for d in run.run(jobs, 2, told.append, folder=tmp_path)}
    assert {name: d.ok for name, d in done.items()} == {
        "dies": False,
        "fails": False,
        "passes": True,
    }
    assert done["dies"].status == -9
    assert "before" in done["dies"].output
    assert "why it failed" in done["fails"].output
    assert len(told) == 3
    text = run.summary(list(done.values()), 1.0, 2, 3 * run.QUIET)
    assert "take 3.0 times as long here" in text
    assert re.search(r"FAILED +3 .*units", text)


@pytest.mark.parametrize("status", [0, 3])
def test_the_command_remembers_times_and_its_status_is_the_worst(
    status: int,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    jobs = [python("short", "print('a secret')"), python("long", f"raise SystemExit({status})")]
    monkeypatch.setattr(run, "everything", lambda: jobs)
    monkeypatch.setattr(run, "FOLDER", tmp_path)
    monkeypatch.setattr(run, "MEMORY", tmp_path / "seconds.json")
    (tmp_path / "seconds.json").write_text('{"short": 1, "long": 9}')
    monkeypatch.setattr(sys, "argv", ["run.py", "--jobs", "1"])
    assert run.main() == (1 if status else 0)
    told = capsys.readouterr().out
    assert told.index("long") < told.index("short"), "the longest first"
    assert "a secret" not in told, "what passes is not shown"
    assert ("FAILED  long" in told) == bool(status)
    remembered = json.loads((tmp_path / "seconds.json").read_text())
    assert remembered["short"] < 1
    assert (remembered["long"] == 9) == bool(status)


def test_seconds_are_told_by_document(tmp_path: Path) -> None:
    job = Job("tests/test_bank.py", "units", [])
    (tmp_path / f"{job.slug}.xml").write_text(
        '<testsuites><testsuite><testcase classname="tests.test_bank" name="test_it[memory/a]" '
        'time="2"/><testcase classname="tests.test_bank" name="test_any" time="1"/></testsuite>'
        "</testsuites>"
    )
    lab = Job("lab", "student notebooks", [], "04_memory")
    seconds = run.by_document([Done(job, 0, 5, 6, ""), ended(lab, 50)], tmp_path)
    assert seconds["04_memory"] == {"units": 2, "student notebooks": 50}
    assert seconds["all"] == {"units": 4}, "the other test, and three seconds of imports"
    assert run.by_document([Done(job, -9, 5, 6, "")], tmp_path / "none")["all"] == {"units": 6}


def test_jobs_start_in_order_and_as_many_as_asked(tmp_path: Path) -> None:
    log = tmp_path / "log"
    jobs = [python(f"job {i}", f"open({str(log)!r}, 'a').write('{i} ')") for i in range(4)]
    run.run(jobs, 1, folder=tmp_path)
    assert log.read_text() == "0 1 2 3 "


def test_cpu_time_is_that_of_the_job_and_its_children(tmp_path: Path) -> None:
    busy = "import time\nwhile time.process_time() < 0.4: pass"
    code = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {busy!r}])"
    idle, parent = run.run(
        [python("idle", "import time; time.sleep(0.5)"), python("parent", code)],
        1,
        folder=tmp_path,
    )
    assert parent.cpu >= 0.4
    assert idle.cpu < parent.cpu


def test_the_longest_is_expected_to_be_what_took_longest() -> None:
    jobs = everything()
    assert all(run.expected(job, {}) > 0 for job in jobs)
    assert run.expected(jobs[0], {jobs[0].name: 7.5}) == 7.5
    answers = next(job for job in jobs if job.name == "tests of answers")
    assert run.expected(answers, {}) == run.GUESSED_TESTS[answers.name]
    assert run.expected(answers, {}) > run.expected(jobs[0], {})


# Budgets -------------------------------------------------------------------------------------


def never(job: Job) -> Done:
    raise AssertionError("it was executed again")


def test_a_document_within_its_budget_is_not_measured_again() -> None:
    lab = Job("lab", "student notebooks", [], budget=60)
    tests = Job("tests", "units", [])
    assert over_budget([ended(lab, 59), ended(tests, 500), ended(lab, 900, 1)], never) == []


@pytest.mark.parametrize(
    ("speed", "second", "says"),
    [
        (1.0, 70, ""),  # other jobs were in the way
        (1.0, 100, "takes 100 CPU-s; its budget is 60"),
        (2.0, 100, ""),  # a machine half as fast
        (0.5, 100, "takes 100 CPU-s; its budget is 60"),
        (0.5, 70, ""),  # a faster machine is given no less
    ],
)
def test_a_budget_is_held_alone_and_against_the_machines_speed(
    speed: float, second: float, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(run, "calibration", lambda: run.QUIET * speed)
    lab = Job("lab", "student notebooks", [], budget=60)
    told = over_budget([ended(lab, 120)], lambda job: ended(job, second))
    assert [says in line for line in told] == ([True] if says else [])


def test_a_budget_is_held_natively(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "calibration", lambda: run.QUIET)
    lecture = Job("lecture (as another processor)", run.COMPARED, [], budget=30, env=dict(OTHER))
    settings = []

    def again(job: Job) -> Done:
        settings.append(job.env)
        return ended(job, 30 if job.env == {} else 45)

    assert over_budget([ended(lecture, 45)], again) == []
    assert settings == [{}]
    (line,) = over_budget([ended(lecture, 45)], lambda job: ended(job, 40))
    assert line.startswith("lecture takes 40 CPU-s; its budget is 30")


def test_a_slow_machine_does_not_execute_everything_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(run, "calibration", lambda: run.QUIET * 4)
    lab = Job("lab", "student notebooks", [], budget=60)
    assert over_budget([ended(lab, 290)], never) == []


def test_what_fails_when_it_is_measured_again_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(run, "calibration", lambda: run.QUIET)
    lab = Job("lab", "student notebooks", [], budget=60)
    (line,) = over_budget([ended(lab, 120)], lambda job: ended(job, 3, 1))
    assert "failed when it was executed again" in line


def test_a_slower_machine_is_allowed_more() -> None:
    assert allowed(60, run.QUIET) == 60 * run.SPREAD
    assert allowed(60, 2 * run.QUIET) == 120 * run.SPREAD
    assert allowed(60, run.QUIET / 3) == 60 * run.SPREAD
    assert run.calibration() > 0
