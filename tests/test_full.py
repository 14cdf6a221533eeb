"""Full mode: labs run with SCALE = "full", and their rows reach the file of results."""

from __future__ import annotations

import contextlib
import json
import sys
import threading
import types
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nbformat
import pytest

from press import cluster
from press.files import TakenError
from press.notebooks import full
from press.notebooks.editions import Edition, render
from press.notebooks.full import run_full
from press.notebooks.job import Job, Outcome, run_remotely
from press.notebooks.kept import write
from press.notebooks.results import table
from press.sources.source import read

PARAMETERS = """\
```{code-cell} ipython3
---
tags: [parameters]
id: parameters
---
SCALE = "small"
SEEDS = range(4)
```

"""
RECORD = """
```{code-cell} ipython3
---
id: results
---
import os

from unrolled.results import record

rows = [{"model": SCALE, "kept": float(os.environ["MALLOC_TRIM_THRESHOLD_"])}]
record(rows)
```
"""


def written(lab: Path, ending: str, name: str = "07_trial") -> Path:
    """Put a parameters cell and an ending into the small lab, and write its solved edition."""
    original = lab.with_name("original.txt")
    if not original.exists():
        lab.rename(original)
    text = original.read_text(encoding="utf-8")
    for line in ("exercise: trial/twice\n", "    ### BEGIN SOLUTION\n", "    ### END SOLUTION\n"):
        text = text.replace(line, "")  # there is no such exercise to check
    text = text.replace("## Podwajanie", PARAMETERS + "## Podwajanie", 1)
    path = lab.with_name(f"{name}.md")
    path.write_text(text + ending, encoding="utf-8")
    source, edition = read(path), Edition("en", "solutions")
    write(render(source, edition), edition.path(source, lab.parent.parent))
    return path


def fake(rows: Callable[[str], list[dict[str, object]]]) -> Callable[..., Outcome]:
    """Return what stands in for executing a lab: rows by its name, or an error."""

    def run(job: Job, executed: Path, **_: object) -> Outcome:
        try:
            return Outcome(job.name, job.key, 2.4, rows(job.name))
        except ArithmeticError as error:
            return Outcome(job.name, job.key, 2.4, problem=str(error))

    return run


def test_full_mode_records_rows(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "12345")  # what the user sets stays
    root = lab.parent.parent
    out = root / "bench" / "rows.json"
    path = written(lab, RECORD)
    assert run_full([path], root, out) == 0
    result = json.loads(out.read_text())["07_trial"]
    assert result["rows"] == [{"model": "full", "kept": 12345.0}]
    assert result["seconds"] >= 0
    assert result["seeds"] == [0, 1, 2, 3]
    assert result["machine"]["cores"] >= 1
    assert result["versions"]["Python"] == ".".join(map(str, sys.version_info[:3]))
    executed = nbformat.read(root / "build" / "full" / "07_trial.ipynb", as_version=4)
    code = [cell for cell in executed.cells if cell.cell_type == "code"]
    assert all(cell.execution_count for cell in code)
    assert "UNROLLED_RESULTS" not in json.dumps(executed)  # what was put around it is gone


def test_what_is_done_is_not_done_again(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root, ran = lab.parent.parent, []
    monkeypatch.setattr(full, "run", fake(lambda name: ran.append(name) or [{"error": len(ran)}]))
    out = root / "rows.json"
    paths = [written(lab, RECORD, name) for name in ("07_trial", "08_other")]
    assert run_full(paths, root, out) == 0
    assert ran == ["07_trial", "08_other"]
    first = out.read_text()
    assert run_full(paths, root, out) == 0
    assert ran == ["07_trial", "08_other"]
    assert "07_trial: done before, 2 s" in capsys.readouterr().out
    out.unlink()  # what is done is known from build/full
    assert run_full(paths, root, out) == 0
    assert out.read_text() == first
    written(lab, RECORD.replace("rows =", "rows = []\nrows ="), "08_other")  # another lab now
    assert run_full(paths, root, out) == 0
    assert ran == ["07_trial", "08_other", "08_other"]
    assert run_full(paths, root, out, again=True) == 0
    assert len(ran) == 5


def test_a_lab_that_fails_keeps_its_last_results(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "1")
    root = lab.parent.parent
    out = root / "rows.json"
    last = {"07_trial": {"seconds": 1, "rows": [{"model": "LSTM", "error": 2.5}]}}
    out.write_text(json.dumps(last))
    failing = RECORD.replace("record(rows)", 'assert SCALE == "small", "too big"')
    assert run_full([written(lab, failing)], root, out) == 1
    assert json.loads(out.read_text()) == last
    said = capsys.readouterr().out
    assert "✗ [1/1] 07_trial: failed after" in said
    assert "too big" in said
    assert str(root / "build" / "full" / "07_trial.ipynb") in said
    kept = (root / "build" / "full" / "07_trial.ipynb").read_text(encoding="utf-8")
    assert "too big" in kept
    assert not (root / "build" / "full" / "07_trial.json").exists()  # so it runs again


def test_after_a_failure_it_goes_on(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    root = lab.parent.parent

    def rows(name: str) -> list[dict[str, object]]:
        return [{"error": 1 / (name != "07_trial")}]

    monkeypatch.setattr(full, "run", fake(rows))
    stale = written(lab, RECORD, "06_stale")
    paths = [stale, *(written(lab, RECORD, name) for name in ("07_trial", "08_other"))]
    stale.write_text(stale.read_text(encoding="utf-8").replace("kept", "left"), encoding="utf-8")
    assert run_full(paths, root, root / "rows.json") == 1
    assert list(json.loads((root / "rows.json").read_text())) == ["08_other"]
    said = capsys.readouterr().out
    assert "✗ 06_stale: labs/en/solutions/06_stale.ipynb differs from its source" in said
    assert "1 of 3 lab(s) have results" in said
    assert "failed: 06_stale, 07_trial" in said


def test_what_was_done_when_it_is_stopped_is_kept(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = lab.parent.parent

    def rows(name: str) -> list[dict[str, object]]:
        if name == "08_other":
            raise KeyboardInterrupt
        return [{"error": 1}]

    monkeypatch.setattr(full, "run", fake(rows))
    paths = [written(lab, RECORD, name) for name in ("07_trial", "08_other")]
    with pytest.raises(KeyboardInterrupt):
        run_full(paths, root, root / "rows.json")
    assert list(json.loads((root / "rows.json").read_text())) == ["07_trial"]


def test_several_labs_run_at_once(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root, together = lab.parent.parent, threading.Barrier(3)
    monkeypatch.setattr(full, "run", fake(lambda name: [{"third": together.wait(timeout=20)}]))
    paths = [written(lab, RECORD, f"0{number}_trial") for number in (7, 8, 9)]
    assert run_full(paths, root, root / "rows.json", at_once=3) == 0
    results = json.loads((root / "rows.json").read_text())
    assert list(results) == ["07_trial", "08_trial", "09_trial"]
    assert results["07_trial"]["at once"] == 3


def test_two_runs_at_once_lose_no_row(tmp_path: Path) -> None:
    """Each of two records its labs one by one, as two ``make full`` do."""
    out, together = tmp_path / "bench" / "results.json", threading.Barrier(2)

    def run(name: str) -> None:
        together.wait(timeout=20)
        for number in range(20):
            entry = {"rows": [{"error": number}] * 50}
            full._record(out, tmp_path / "elsewhere", f"{name}-{number}", entry)

    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(run, "ab")) == [None, None]
    assert len(json.loads(out.read_text(encoding="utf-8"))) == 40
    assert {path.name for path in out.parent.iterdir()} == {"results.json", ".results.json.lock"}


@pytest.mark.parametrize("text", ["[]", "Notes of mine"])
def test_a_file_of_something_else_is_refused_before_anything_is_computed(
    lab: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    monkeypatch.setattr(full, "run", lambda *_, **__: pytest.fail("a lab was run"))
    out = lab.parent.parent / "notes.txt"
    out.write_text(text, encoding="utf-8")
    with pytest.raises(TakenError, match="name another file with --out"):
        run_full([written(lab, RECORD)], lab.parent.parent, out)
    assert out.read_text(encoding="utf-8") == text


def test_a_lab_without_results_is_named(lab: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = lab.parent.parent
    assert run_full([written(lab, "")], root, root / "rows.json") == 1
    assert "the lab records no results" in capsys.readouterr().out


# --- a cluster ----------------------------------------------------------------------------------

#: Kills the worker that runs the lab, the first time.
DEADLY = """
```{code-cell} ipython3
---
id: deadly
---
import os, pathlib, signal, time

mark = pathlib.Path(MARK)
if not mark.exists():
    mark.touch()
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(60)
```
"""


def test_a_killed_workers_lab_runs_again(
    lab: Path, root: Path, tmp_path: Path, dask_cluster: Any
) -> None:
    house, mark = lab.parent.parent, tmp_path / "mark"
    (house / "constraints.txt").write_bytes((root / "constraints.txt").read_bytes())
    deadly = written(lab, DEADLY.replace("MARK", repr(str(mark))) + RECORD)
    paths = [deadly, written(lab, RECORD, "08_other")]
    out = house / "rows.json"
    assert run_full(paths, house, out, dask=dask_cluster.scheduler_address) == 0
    assert mark.exists()
    results = json.loads(out.read_text())
    assert [results[name]["rows"][0]["model"] for name in results] == ["full", "full"]
    assert (house / "build" / "full" / "07_trial.ipynb").is_file()  # came from the worker


def test_what_a_cluster_loses_is_named_and_the_rest_is_kept(
    lab: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """With a stand-in for dask.distributed: three jobs end in the three ways there are."""

    class Future:
        def __init__(self, job: Job) -> None:
            ends = {"07_done": "finished", "08_killed": "error", "09_lost": "cancelled"}
            self.job, self.status = job, ends[job.name]

        def result(self) -> Outcome:
            return Outcome(self.job.name, self.job.key, 1.0, [{"a": 1}], executed="{}")

        def exception(self) -> Exception:
            return RuntimeError("four workers died")

    class Client(contextlib.nullcontext):
        loop = None

        def submit(self, run: object, job: Job, **named: object) -> Future:
            assert run is run_remotely
            return Future(job)

    stand_in = types.ModuleType("distributed")
    stand_in.Client = lambda address, **named: Client(Client())
    stand_in.as_completed = lambda futures, loop: list(futures)
    monkeypatch.setitem(sys.modules, "distributed", stand_in)
    root = lab.parent.parent
    paths = [written(lab, RECORD, name) for name in ("07_done", "08_killed", "09_lost")]
    assert run_full(paths, root, root / "rows.json", dask="tcp://nowhere:1") == 1
    assert list(json.loads((root / "rows.json").read_text())) == ["07_done"]
    assert (root / "build" / "full" / "07_done.ipynb").read_text() == "{}"
    said = capsys.readouterr().out
    assert "RuntimeError: four workers died" in said
    assert "the scheduler at tcp://nowhere:1 is gone, or cancelled it (cancelled)" in said
    assert "failed: 08_killed, 09_lost" in said


def test_without_dask_or_a_scheduler_it_says_what_to_do(
    lab: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = lab.parent.parent
    paths = [written(lab, RECORD)]
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(cluster.ClusterError, match=r"needs dask.distributed: pip install"):
        run_full(paths, root, root / "rows.json", dask="tcp://127.0.0.1:9")
    monkeypatch.undo()
    pytest.importorskip("distributed", reason="the cluster extra is not installed")
    monkeypatch.setattr(cluster, "TIMEOUT", 0.3)
    with pytest.raises(cluster.ClusterError, match="no Dask scheduler answers at tcp://127"):
        run_full(paths, root, root / "rows.json", dask="tcp://127.0.0.1:9")


def test_a_worker_with_another_version_of_the_course_refuses(lab: Path) -> None:
    path = written(lab, RECORD)
    text = Edition("en", "solutions").path(read(path), lab.parent.parent).read_text("utf-8")
    outcome = run_remotely(Job("07_trial", text, "another key"))
    assert "has another version of the course" in outcome.problem
    assert outcome.rows is None


# --- tables -------------------------------------------------------------------------------------


def test_a_table_shows_counts_in_full_and_measurements_to_four_digits() -> None:
    rows = [
        {"model": "LSTM", "sequences": 16_000.0, "error": 0.04, "kept": None},
        {"model": "GRU", "sequences": None, "error": 12.34567, "kept": 1},
    ]
    assert table({"lab": {"seconds": 7, "rows": rows}}).splitlines() == [
        "**lab**: 7 s; versions not recorded",
        "",
        "| model | sequences | error | kept |",
        "|---|---:|---:|---:|",
        "| LSTM | 16,000 | 0.04000 | – |",
        "| GRU | – | 12.35 | 1 |",
    ]


def test_a_lab_that_measures_several_things_has_a_table_for_each() -> None:
    rows: list[dict[str, object]] = [
        {"model": "CBOW", "loss": 0.5},
        {"set": "wordsim", "model": "CBOW", "Spearman": 0.25},
        {"set": "wordsim", "model": "GloVe", "Spearman": 0.75},
    ]
    assert table({"lab": {"seconds": 7, "rows": rows}}).splitlines()[1:] == [
        "",
        "| model | loss |",
        "|---|---:|",
        "| CBOW | 0.5000 |",
        "",
        "| set | model | Spearman |",
        "|---|---|---:|",
        "| wordsim | CBOW | 0.2500 |",
        "| wordsim | GloVe | 0.7500 |",
    ]


def test_a_table_says_where_and_by_what_it_was_computed() -> None:
    result = {
        "seconds": 1200,
        "rows": [{"error": 1}],
        "seeds": [0, 1, 2, 3],
        "machine": {
            "system": "Linux x86_64",
            "cores": 2,
            "processor": "A",
            "load before": 0.1,
            "load after": 9.25,
        },
        "versions": {"Python": "3.12.1", "torch": "2.13.0"},
        "commit": "abc1234",
        "day": "2026-11-30",
        "at once": 2,
    }
    assert table({"lab": result}).splitlines()[0] == (
        "**lab**: 1,200 s on Linux x86_64, 2 cores (A); load 0.1 before it began, 9.25 when it "
        "ended; 2 labs at once; Python 3.12.1, torch 2.13.0; seeds 0–3; commit abc1234; 2026-11-30"
    )
