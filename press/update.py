"""Bringing the committed notebooks up to date with their sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from tqdm import tqdm

from press.editions import Edition, dress, editions, render, serialise, write
from press.execute import code_hash, kept, run
from press.source import Source, read

#: The style sheet of the live view; jupyterlab-rise reads it from the notebook's own folder.
RISE_CSS = Path(__file__).parent / "static" / "rise.css"


@dataclass
class Report:
    """What was done for one source."""

    source: Source
    written: list[Path] = field(default_factory=list)
    seconds: float | None = None  # of the run; None if its outputs were still good


def update(path: Path, root: Path, *, force: bool = False, bar: bool = True) -> Report:
    """Read a source, execute it if its code changed, and write all its editions.

    Args:
        path: the source.
        root: the root of the repository.
        force: execute even if nothing changed.
        bar: show a progress bar while executing.

    Raises:
        SourceError: the source is malformed, or a cell fails.
    """
    source = read(path)
    report = Report(source)
    notebooks = _rendered(source, root)
    reused = None if force else _kept(source, notebooks, root)
    if reused is None:
        lead = next(e for e in notebooks if e.audience != "student")
        total = len(source.code_cells)
        with tqdm(total=total, desc=source.name, unit="cell", disable=not bar) as progress:
            outputs, report.seconds = run(
                source, notebooks[lead], root, lead, lambda: progress.update() and None
            )
        reused = {edition: outputs for edition in notebooks}
    for edition, notebook in notebooks.items():
        if edition.audience != "student":
            dress(notebook, reused[edition], source)
        target = edition.path(source, root)
        if write(notebook, target):
            report.written.append(target)
    report.written += _styles(source, root)
    return report


def stale(path: Path, root: Path) -> list[str]:
    """Return what in the committed notebooks of a source is not up to date with it.

    Nothing is executed: outputs count as good when they were made by the same code.
    """
    source = read(path)
    notebooks = _rendered(source, root)
    reused = _kept(source, notebooks, root)
    if reused is None:
        return [f"{source.path.name}: its code, or unrolled's, changed since it was executed"]
    late = []
    for edition, notebook in notebooks.items():
        if edition.audience != "student":
            dress(notebook, reused[edition], source)
        target = edition.path(source, root)
        if not target.is_file() or target.read_text(encoding="utf-8") != serialise(notebook):
            late.append(f"{target.relative_to(root)} differs from its source")
    if source.kind == "lecture":
        for target in _style_targets(source, root):
            if not target.is_file() or target.read_bytes() != RISE_CSS.read_bytes():
                late.append(f"{target.relative_to(root)} differs from press/static/rise.css")
    return late


def _rendered(source: Source, root: Path) -> dict[Edition, NotebookNode]:
    digest = code_hash(source, root)
    return {edition: render(source, edition, digest) for edition in editions(source)}


def _kept(
    source: Source, notebooks: dict[Edition, NotebookNode], root: Path
) -> dict[Edition, dict] | None:
    found = {}
    for edition, notebook in notebooks.items():
        if edition.audience != "student":
            outputs = kept(edition.path(source, root), notebook)
            if outputs is None:
                return None
            found[edition] = outputs
    return found


def _style_targets(source: Source, root: Path) -> list[Path]:
    return sorted({e.path(source, root).parent / "rise.css" for e in editions(source)})


def _styles(source: Source, root: Path) -> list[Path]:
    if source.kind != "lecture":
        return []
    content = RISE_CSS.read_bytes()
    changed = []
    for target in _style_targets(source, root):
        if not target.is_file() or target.read_bytes() != content:
            target.write_bytes(content)
            changed.append(target)
    return changed
