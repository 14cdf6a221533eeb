"""A plugin of pytest: after a notebook's cells, in the same kernel, run them a second time.

`make present` runs the whole notebook in the kernel first, so what a lecturer runs on the slides
meets the names of all cells, and its own from later slides. nbval has just done the same: after the
last cell of a lecture this plugin adds two tests, the visible cells in order and then the hidden
ones. So no lecture is executed once more for it. `-p again` turns it on.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from jupyter_client.blocking import BlockingKernelClient
from nbformat import NotebookNode
from nbval.plugin import IPyNbFile

from press.exports.slides import stacks
from press.notebooks.execute import CELL_TIMEOUT


def code_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells of code that do something."""
    return [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]


def visible_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the cells whose code a slide shows, as the slides show them."""
    return [
        place.cell
        for stack in stacks(notebook, "lecture")
        for slide in stack
        for place in slide.places
        if place.shows_code
    ]


def hidden_cells(notebook: NotebookNode) -> list[NotebookNode]:
    """Return the other cells of code."""
    seen = {cell.id for cell in visible_cells(notebook)}
    return [cell for cell in code_cells(notebook) if cell.id not in seen]


def failures(client: BlockingKernelClient, cells: list[NotebookNode]) -> dict[str, str]:
    """Run cells one after another, whatever happens; return what each raised, by its id."""
    raised = {}
    for cell in cells:
        reply = client.execute_interactive(
            cell.source,
            timeout=CELL_TIMEOUT,
            output_hook=lambda message: None,
            stop_on_error=False,
            allow_stdin=False,
        )
        content = reply["content"]
        if content["status"] != "ok":
            raised[cell.id] = f"{content['ename']}: {content['evalue']}"
    return raised


class Again(pytest.Item):
    """The cells of one kind, a second time."""

    def __init__(self, *, hidden: bool, **kwargs: object) -> None:
        super().__init__(**kwargs)
        self.hidden = hidden

    def runtest(self) -> None:
        """Run them in the kernel of the notebook."""
        notebook = self.parent.nb
        cells = hidden_cells(notebook) if self.hidden else visible_cells(notebook)
        assert cells, f"the lecture has no {'hidden' if self.hidden else 'visible'} code"
        raised = failures(self.parent.kernel.kc, cells)
        assert not raised, "\n".join(f"{cell}: {what}" for cell, what in raised.items())

    def reportinfo(self) -> tuple[Path, int, str]:
        """Say where this test is from."""
        return self.path, 0, self.name


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Add the two tests after the last cell of each notebook."""
    last = {item.parent: item for item in items if isinstance(item.parent, IPyNbFile)}
    for notebook, item in last.items():
        place = items.index(item) + 1
        items[place:place] = [
            Again.from_parent(notebook, name=f"{kind} cells again", hidden=kind == "hidden")
            for kind in ("visible", "hidden")
        ]
