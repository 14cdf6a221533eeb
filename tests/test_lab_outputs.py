"""The outputs that are compared on every machine hold nothing that a processor decides."""

from __future__ import annotations

import re
from pathlib import Path

import nbformat
import pytest
from nbformat import NotebookNode

#: What another processor, or another minute, prints otherwise.
DECIDED = {
    "a measured difference": re.compile(r"(largest difference|największa różnica):? *\d", re.I),
    "a duration": re.compile(r"\d *(ms|µs|s|seconds?|sekund[ay]?)\b"),
    "a float to its last digits": re.compile(r"\d[.,]\d{7,}"),
}
#: A cell's code that measures time shows it, sooner or later.
CLOCK = re.compile(r"\b(perf_counter|process_time|monotonic)\b|\btime\.time\b")
#: An assertion about seconds: how many there are is the machine's, and whatever else runs on it.
TIMED = re.compile(r"^ *assert\b.*(seconds|\bCPU\b|\.cpu\b)", re.MULTILINE | re.IGNORECASE)


def compared(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the code cells whose outputs nbval compares."""
    return [
        cell
        for cell in notebook.cells
        if cell.cell_type == "code" and "nbval-ignore-output" not in cell.metadata.get("tags", [])
    ]


def shown(cell: NotebookNode) -> str:
    """Return what a cell shows in words."""
    texts = [out.get("text") or out.get("data", {}).get("text/plain", "") for out in cell.outputs]
    return "\n".join(texts)


def decided(text: str) -> list[str]:
    """Return the kinds of :data:`DECIDED` that a text holds."""
    return [kind for kind, pattern in DECIDED.items() if pattern.search(text)]


@pytest.mark.parametrize("language", ["pl", "en"])
def test_no_compared_output_of_a_lab_is_decided_by_the_processor(root: Path, language: str) -> None:
    notebooks = sorted((root / "labs" / language / "solutions").glob("*.ipynb"))
    assert notebooks, "no solved labs"
    words = 0
    for path in notebooks:
        for cell in compared(nbformat.read(path, as_version=4)):
            text = shown(cell)
            words += len(text.split())
            assert not decided(text), f"{path.name}, cell {cell.id!r} shows {decided(text)}: {text}"
            assert not (cell.outputs and CLOCK.search(cell.source)), (
                f"{path.name}, cell {cell.id!r} shows something and reads a clock"
            )
    assert words > 300, "hardly any output is compared"


@pytest.mark.parametrize("room", ["labs", "lectures"])
def test_no_time_is_asserted(root: Path, room: str) -> None:
    sources = sorted((root / room).glob("*.md"))
    assert sources, f"no {room}"
    for path in sources:
        found = TIMED.search(path.read_text(encoding="utf-8"))
        assert found is None, f"{path.name}: {found and found.group()}"


def test_what_would_be_found() -> None:
    assert TIMED.search('x = 1\n    assert rows[0]["CPU seconds"] > 1.5 * rows[1]["CPU seconds"]')
    assert TIMED.search("assert costs[name, 0].cpu < 60")
    assert not TIMED.search('rows = {"CPU seconds": 3}\nassert steps < 5')
    found = {
        "✓ NumPy = Keras: largest difference 2e-08 (tolerance 1e-05)": "a measured difference",
        "✓ NumPy = Keras: największa różnica 2e-08": "a measured difference",
        "updates  seconds\n300  0.11 s": "a duration",
        "0.30000000000000004": "a float to its last digits",
    }
    for text, kind in found.items():
        assert decided(text) == [kind]
    for text in (
        "✓ NumPy = Keras: equal within 1e-05",
        "8.9e−16",
        "0.5515",
        "<Figure size 1602x7>",
    ):
        assert decided(text) == []
