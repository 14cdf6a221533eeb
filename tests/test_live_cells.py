"""What a lecturer runs on the slides runs to its end, in whatever kernel it meets.

A kernel that was restarted meets the visible cells alone; here it does. One that ran the whole
notebook (`make present`) is what again.py goes on with, after nbval; here is its test.
Code is the same in both editions: one is run.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import nbformat
import pytest
from again import failures, visible_cells
from jupyter_client.blocking import BlockingKernelClient
from jupyter_client.manager import start_new_kernel
from nbformat.v4 import new_code_cell, new_notebook

from press.notebooks.allocation import environment

TESTS = Path(__file__).resolve().parent
LECTURES = sorted((TESTS.parent / "lectures" / "en").glob("*.ipynb"))

#: Visible cells that need a hidden cell above them, so that they fail in a kernel that has run the
#: visible ones alone. `make present` runs all cells first, and R R after a restart; still the list
#: may only become shorter.
NEEDS_HIDDEN: dict[str, set[str]] = {}


@pytest.fixture
def kernel(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[BlockingKernelClient]:
    folder = tmp_path / "en"  # what cells say to their reader depends on it
    folder.mkdir()
    manager, client = start_new_kernel(cwd=str(folder), env=environment())
    yield client
    client.stop_channels()
    manager.shutdown_kernel(now=True)


@pytest.mark.lectures
@pytest.mark.parametrize("path", LECTURES, ids=lambda path: path.stem)
def test_a_cold_kernel_runs_what_one_sees_but_for_the_cells_that_are_listed(
    path: Path, kernel: BlockingKernelClient
) -> None:
    seen = visible_cells(nbformat.read(path, as_version=4))
    assert seen, "the lecture shows no code"
    failed = failures(kernel, seen)
    assert set(failed) <= NEEDS_HIDDEN.get(path.stem, set()), failed


def run_twice(folder: Path, first: str, hidden: str, last: str) -> str:
    """Return what nbval and again.py say of a slide with three cells, the second one hidden."""
    sources = [(first, False), (hidden, True), (last, False)]
    cells = [
        new_code_cell(
            source,
            id=f"cell-{n}",
            metadata={
                "slideshow": {"slide_type": "-" if n else "slide"},
                "jupyter": {"source_hidden": dark},
            },
        )
        for n, (source, dark) in enumerate(sources)
    ]
    notebook = new_notebook(cells=cells)
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "", "language": "python"}
    nbformat.write(notebook, folder / "slide.ipynb")
    path = os.pathsep.join([str(TESTS), str(TESTS.parent), os.environ.get("PYTHONPATH", "")])
    ran = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "again", "--nbval", "slide.ipynb"],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
    )
    return ran.stdout


def test_cells_that_can_run_twice_pass(tmp_path: Path) -> None:
    assert "5 passed" in run_twice(tmp_path, "rate = 2", "assert rate == 2", "other = rate")


def test_a_name_that_a_later_cell_overwrites_is_found(tmp_path: Path) -> None:
    told = run_twice(tmp_path, "x = [1, 2]", "assert len(x) == 2", "x = 7")
    assert "1 failed, 4 passed" in told
    assert "hidden cells again" in told
    assert "cell-1: TypeError" in told


def test_a_visible_cell_that_runs_only_once_is_found(tmp_path: Path) -> None:
    told = run_twice(tmp_path, "n = globals().get('n', 0) + 1\nassert n == 1", "m = 1", "k = n")
    assert "visible cells again" in told
    assert "cell-0: AssertionError" in told
