"""What an export cannot show: refused for the course, named for a foreign notebook."""

from __future__ import annotations

import logging
from typing import Any

from nbconvert.exporters import Exporter
from nbformat import NotebookNode
from traitlets import Bool

from press.exports.slides import ExportError, Place

LOG = logging.getLogger("press")


class Losses:
    """Takes what cannot be shown.

    Attributes:
        strict: whether the first loss ends the export with an `ExportError`; otherwise each is
            logged as a warning, once, and the rest is shown.
        said: the losses so far, each with its cell.
    """

    def __init__(self, *, strict: bool = True) -> None:
        self.strict = strict
        self.said: list[str] = []

    def say(self, place: Place | str, text: str) -> None:
        """Name a loss and the cell where it is.

        Raises:
            ExportError: the export is strict.
        """
        message = f"{place}: {text}"
        if self.strict:
            raise ExportError(message)
        if message not in self.said:
            self.said.append(message)
            LOG.warning("%s", message)


class Careful(Exporter):
    """An exporter that loses nothing in silence."""

    strict = Bool(
        None,
        allow_none=True,
        help="refuse a notebook of which something cannot be shown (true), or name what it is and "
        "show the rest (false); by default the course's own notebooks are refused",
    ).tag(config=True)

    def losses(self, notebook: NotebookNode, _resources: Any = None) -> Losses:
        """Return what takes this notebook's losses."""
        own = "unrolled" in notebook.metadata
        return Losses(strict=own if self.strict is None else bool(self.strict))
