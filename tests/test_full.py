"""Full mode: labs run with SCALE = "full", and their rows reach the file of results."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from press.notebooks.full import run_full, table
from press.notebooks.update import update
from press.sources.source import SourceError

PARAMETERS = """\
```{code-cell} ipython3
---
tags: [parameters]
id: parameters
---
SCALE = "small"
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


def written(lab: Path, ending: str) -> Path:
    """Put a parameters cell and an ending into the small lab, and generate its notebooks."""
    text = lab.read_text(encoding="utf-8")
    for line in ("exercise: trial/twice\n", "    ### BEGIN SOLUTION\n", "    ### END SOLUTION\n"):
        assert line in text
        text = text.replace(line, "")  # there is no such exercise to check
    text = text.replace("## Podwajanie", PARAMETERS + "## Podwajanie", 1) + ending
    lab.write_text(text, encoding="utf-8")
    update(lab, lab.parent.parent, bar=False)
    return lab


def test_full_mode_records_rows(lab: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MALLOC_TRIM_THRESHOLD_", "12345")  # what the user sets stays
    root = lab.parent.parent
    out = root / "bench" / "rows.json"
    assert run_full([written(lab, RECORD)], root, out) == 0
    result = json.loads(out.read_text())["07_trial"]
    assert result["rows"] == [{"model": "full", "kept": 12345.0}]
    assert result["seconds"] >= 0


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
    assert "07_trial: failed" in said
    assert "too big" in said
    assert str(root / "build" / "full" / "07_trial.ipynb") in said


def test_a_lab_without_results_is_named(lab: Path) -> None:
    root = lab.parent.parent
    with pytest.raises(SourceError, match=r"07_trial\.md.*records no results"):
        run_full([written(lab, "")], root, root / "rows.json")


def test_a_table_shows_counts_in_full_and_measurements_to_four_digits() -> None:
    rows = [
        {"model": "LSTM", "sequences": 16_000.0, "error": 0.04, "kept": None},
        {"model": "GRU", "sequences": None, "error": 12.34567, "kept": 1},
    ]
    assert table({"lab": {"seconds": 7, "rows": rows}}).splitlines() == [
        "**lab** (7 s)",
        "",
        "| model | sequences | error | kept |",
        "|---|---:|---:|---:|",
        "| LSTM | 16,000 | 0.04000 | – |",
        "| GRU | – | 12.35 | 1 |",
    ]
