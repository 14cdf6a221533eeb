"""One function that exports a notebook to any of the course's formats."""

from __future__ import annotations

from pathlib import Path

from nbconvert.exporters import Exporter

from press.deck import DeckExporter, PageExporter
from press.pdf import HandoutPDFExporter, SlidePDFExporter

#: The formats by the names under which nbconvert knows them, without ``unrolled-``.
FORMATS: dict[str, type[Exporter]] = {
    "deck": DeckExporter,
    "page": PageExporter,
    "slides-pdf": SlidePDFExporter,
    "handout-pdf": HandoutPDFExporter,
}


def export(notebook_path: Path, out_dir: Path, to: str) -> Path:
    """Export a notebook and return the file written.

    Args:
        notebook_path: an edition.
        out_dir: the folder for the file; made if missing.
        to: one of `FORMATS`.

    Raises:
        ValueError: there is no such format.
        ExportError: a cell cannot be shown; the message names it.
        FormulaError: a formula cannot be set; the message names the cell.
    """
    if to not in FORMATS:
        raise ValueError(f"no format {to!r}: it is one of {', '.join(FORMATS)}")
    exporter = FORMATS[to]()
    content, _ = exporter.from_filename(str(notebook_path))
    path = out_dir / f"{notebook_path.stem}{exporter.file_extension}"
    out_dir.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8"))
    return path
