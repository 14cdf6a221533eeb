"""The sign of a check is coloured on pages, and only where it begins a line of an output."""

from __future__ import annotations

from pathlib import Path

from nbformat.v4 import new_code_cell, new_output

from press.exports.prose import Writer
from press.exports.slides import Place


def test_a_sign_that_begins_a_line_is_marked_and_no_other(tmp_path: Path) -> None:
    cell = new_code_cell(
        "check()",
        outputs=[
            new_output("stream", name="stdout", text="✓ a: ✗ <b>\n○ c\n✗ d\n"),
            new_output("stream", name="stderr", text="✗ not a check\n"),
        ],
    )
    found = Writer(tmp_path).outputs(Place("trial", 0, cell))
    assert '<b class="right">✓</b> a: ✗ &lt;b&gt;\n<b class="undone">○</b> c\n' in found
    assert '<b class="wrong">✗</b> d' in found
    assert "<samp>✗ not a check" in found
