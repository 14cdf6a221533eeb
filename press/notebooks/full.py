"""Executing labs at full scale on the real data sets."""

from __future__ import annotations

import json
import os
import tempfile
import time
from pathlib import Path
from typing import Any

import nbformat
import papermill

from press.notebooks.allocation import environment
from press.notebooks.editions import Edition
from press.notebooks.readme import put
from press.sources.source import SourceError, read

#: A full lab may take long, but not for ever (seconds a cell).
CELL_TIMEOUT = 3600


def run_full(paths: list[Path], root: Path, out: Path) -> int:
    """Execute the solved labs with ``SCALE = "full"`` and write their results.

    A lab's results are the rows that it hands to ``unrolled.results.record``; they go into
    ``out`` (JSON), by lab. A lab that fails keeps its last good results in the file and is named.

    Args:
        paths: sources; lectures are passed over.
        root: the root of the repository.
        out: the file of results.

    Returns:
        0 if every lab ran, else 1.
    """
    os.environ.update(environment())  # the kernels inherit it
    results: dict[str, Any] = json.loads(out.read_text()) if out.is_file() else {}
    failed = 0
    for path in paths:
        source = read(path)
        if source.kind != "lab":
            continue
        notebook = Edition("en", "solutions").path(source, root)
        executed = root / "build" / "full" / notebook.name
        executed.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            rows = Path(folder) / "results.json"
            started = time.perf_counter()
            try:
                papermill.execute_notebook(
                    str(_recording(notebook, rows, Path(folder))),
                    str(executed),
                    parameters={"SCALE": "full"},
                    cwd=str(notebook.parent),
                    execution_timeout=CELL_TIMEOUT,
                    progress_bar=True,
                )
            except (papermill.PapermillExecutionError, TimeoutError, RuntimeError) as error:
                failed += 1
                print(f"{source.name}: failed; the run so far is in {executed}\n{error}")
                continue
            seconds = time.perf_counter() - started
            if not rows.is_file():
                text = "the lab records no results: call unrolled.results.record(rows)"
                raise SourceError.single(path, text)
            results[source.name] = {"seconds": round(seconds), "rows": json.loads(rows.read_text())}
        out.parent.mkdir(parents=True, exist_ok=True)
        text = json.dumps(dict(sorted(results.items())), indent=1, ensure_ascii=False)
        out.write_text(text + "\n", encoding="utf-8")
        if out == root / "bench" / "results.json":
            put(root / "bench" / "RESULTS.md", "results", table(results))
            put(root / "README.md", "results", few(results))
        print(f"{source.name}: {seconds:.0f} s, results in {out}")
    return 1 if failed else 0


#: The figures that a visitor wants: lab, what distinguishes the row, column, what it says.
FEW: tuple[tuple[str, dict[str, Any], str, str], ...] = (
    (
        "01_addition",
        {"model": "RNN in NumPy"},
        "sums right, 64 bits",
        "64-bit sums right, trained on 7",
    ),
    ("02_sine", {"model": "LSTM(8)"}, "multiple of the floor", "error over the noise floor"),
    (
        "02_sine",
        {"model": "best linear weights"},
        "multiple of the floor",
        "error over the noise floor",
    ),
    ("03_airline", {"model": "SARIMA"}, "RMSE", "RMSE, thousand passengers"),
    (
        "03_airline",
        {"model": "LSTM(8) corrects last year × growth"},
        "RMSE",
        "RMSE, thousand passengers",
    ),
    (
        "04_memory",
        {"task": "adding problem", "T": 400, "model": "LSTM, biases ±log T"},
        "most sequences",
        "sequences to solve adding, T = 400",
    ),
    (
        "05_characters",
        {"text": "Shakespeare", "model": "LSTM"},
        "nats per character",
        "nats a character, tiny-shakespeare",
    ),
    (
        "05_characters",
        {"text": "Pan Tadeusz", "model": "LSTM"},
        "nats per character",
        "Pan Tadeusz",
    ),
    ("07_diacritics", {"model": "most frequent form"}, "words right", "words right"),
    ("07_diacritics", {"model": "BiLSTM, PyTorch"}, "words right", "words right"),
)


def few(results: dict[str, Any]) -> str:
    """Return the README's table: a figure or two of each lab; the rest is in bench/RESULTS.md.

    Raises:
        KeyError: the results lack a row or a column that the table shows.
    """
    lines = ["| lab | model | what | at full scale |", "|---|---|---|---:|"]
    for lab, where, column, what in FEW:
        if lab not in results:
            continue
        rows = [r for r in results[lab]["rows"] if all(r.get(k) == v for k, v in where.items())]
        if not rows or column not in rows[0]:
            raise KeyError(f"{lab} has no {column!r} for {where}")
        shown = _shown([row[column] for row in rows])[0]
        lines.append(f"| {lab} | {where['model']} | {what} | {shown} |")
    return "\n".join(lines)


def table(results: dict[str, Any]) -> str:
    """Return the tables of bench/RESULTS.md, one for each lab."""
    parts = []
    for name, result in sorted(results.items()):
        rows = result["rows"]
        columns = {head: [row[head] for row in rows] for head in rows[0]}
        words = [any(isinstance(value, str) for value in c) for c in columns.values()]
        shown = [_shown(column) for column in columns.values()]
        lines = [
            f"**{name}** ({result['seconds']} s)",
            "",
            "| " + " | ".join(columns) + " |",
            "|" + "|".join("---" if word else "---:" for word in words) + "|",
            *("| " + " | ".join(cells) + " |" for cells in zip(*shown, strict=True)),
        ]
        parts.append("\n".join(lines))
    return "\n\n".join(parts)


def _shown(column: list[Any]) -> list[str]:
    """Return the values of one column as text: counts in full, measurements to four digits."""
    numbers = [value for value in column if isinstance(value, int | float)]
    counts = all(float(value).is_integer() for value in numbers)
    return [
        value
        if isinstance(value, str)
        else "–"
        if value is None
        else f"{value:,.0f}"
        if counts
        else f"{value:#.4g}"
        for value in column
    ]


def _recording(notebook: Path, rows: Path, folder: Path) -> Path:
    """Return a copy of a notebook whose first cell says where results are recorded."""
    copy = nbformat.read(notebook, as_version=4)
    copy.cells.insert(
        0,
        nbformat.v4.new_code_cell(
            f"import os\nos.environ['UNROLLED_RESULTS'] = {str(rows)!r}", id="results-file"
        ),
    )
    target = folder / notebook.name
    nbformat.write(copy, target)
    return target
