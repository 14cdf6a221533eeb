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
            put(root / "README.md", "results", table(results))
        print(f"{source.name}: {seconds:.0f} s, results in {out}")
    return 1 if failed else 0


def table(results: dict[str, Any]) -> str:
    """Return the README's tables of the labs' results at full scale, one for each lab."""
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
