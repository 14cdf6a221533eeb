"""A notebook to hand out: one file that shows its pictures wherever it is opened."""

from __future__ import annotations

import base64
import copy
import re
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from nbconvert.exporters import Exporter
from nbformat import NotebookNode, writes

_PICTURE = re.compile(r"(!\[[^\]]*\]\()([^)\s]+\.(svg|png|jpe?g))(\))")
_KINDS = {"svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg"}
_INSTALL = {
    "pl": "> **Aby uruchomić ten notatnik**, zainstaluj pakiet kursu: strona *Jak zacząć* "
    "(`start.html`) mówi jak. Czytać można bez tego.",
    "en": "> **To run this notebook** install the course's package: the page *Getting started* "
    "(`start.html`) says how. To read it you need nothing.",
}


class NotebookExporter(Exporter):
    """Exports an edition as a notebook whose pictures are inside, and that says what it needs."""

    export_from_notebook = "Unrolled: notebook to hand out"
    output_mimetype = "application/x-ipynb+json"

    def _file_extension_default(self) -> str:
        return ".ipynb"

    def from_notebook_node(  # type: ignore[override]
        self, nb: NotebookNode, resources: Any = None, **kw: Any
    ) -> tuple[str, dict[str, Any]]:
        """Return the notebook and nbconvert's resources."""
        nb, resources = super().from_notebook_node(nb, resources, **kw)
        folder = Path(resources.get("metadata", {}).get("path") or ".")
        parcel = copy.deepcopy(nb)
        for cell in parcel.cells:
            if cell.cell_type == "markdown":
                attach(cell, folder)
        front = next((c for c in parcel.cells if c.cell_type == "markdown"), None)
        if front is not None:
            front.source += "\n\n" + _INSTALL.get(str(nb.metadata.get("language")), _INSTALL["en"])
        return writes(parcel, version=4) + "\n", resources


def attach(cell: NotebookNode, folder: Path) -> None:
    """Put the picture files that a cell shows into the cell; one that is missing stays a link."""

    def put(match: re.Match[str]) -> str:
        path = folder / unquote(match[2])
        if "://" in match[2] or not path.is_file():
            return match[0]
        data = base64.b64encode(path.read_bytes()).decode("ascii")
        cell.setdefault("attachments", {})[path.name] = {_KINDS[match[3].lower()]: data}
        return f"{match[1]}attachment:{path.name}{match[4]}"

    cell.source = _PICTURE.sub(put, cell.source)
