"""Bringing the committed notebooks up to date with their sources."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from nbformat import NotebookNode
from tqdm import tqdm

from press import STATIC
from press.files import write_whole
from press.notebooks.editions import Edition, dress, editions, render
from press.notebooks.execute import Run, run
from press.notebooks.kept import cells_digest, holding, serialise, stamp, write
from press.notebooks.key import unlike_pins
from press.sources.source import Source, SourceError, read

#: The style sheet of the live view; jupyterlab-rise reads it from the notebook's own folder.
RISE_CSS = STATIC / "rise.css"


@dataclass
class Report:
    """What was done for one source."""

    source: Source
    written: list[Path] = field(default_factory=list)
    seconds: float | None = None  # of CPU in all runs; None if the outputs were still good


def update(path: Path, root: Path, *, force: bool = False, bar: bool = True) -> Report:
    """Read a source, execute it if something that its run used changed, and write its editions.

    One run serves all editions, unless the source is executed by edition: then each edition whose
    run used something that changed has a run of its own.

    Args:
        path: the source.
        root: the root of the repository.
        force: execute even if nothing changed.
        bar: show a progress bar while executing.

    Raises:
        SourceError: the source is malformed, a cell fails, or it would be executed by other
            versions of the libraries than the pinned ones.
    """
    source = read(path)
    report = Report(source)
    notebooks = {edition: render(source, edition) for edition in editions(source)}
    executed = [edition for edition in notebooks if edition.executed]
    runs = {} if force else _holding(source, notebooks, root)
    if len(runs) < len(executed):
        if wrong := unlike_pins(root):
            text = f"cannot be executed: {'; '.join(wrong)}; run: make setup"
            raise SourceError.single(path, text)
        if source.by_edition:
            leads = {edition: [edition] for edition in executed if edition not in runs}
        else:
            leads = {executed[0]: executed}
        report.seconds = 0.0
        total = len(source.code_cells) * len(leads)
        with tqdm(total=total, desc=source.name, unit="cell", disable=not bar) as progress:
            for lead, served in leads.items():
                ran = run(source, notebooks[lead], root, lead, lambda: _step(progress))
                report.seconds += ran.seconds
                runs |= dict.fromkeys(served, ran)
    _finish(source, notebooks, runs, root)
    for edition, notebook in notebooks.items():
        target = edition.path(source, root)
        if write(notebook, target, root / "build" / "edited"):
            report.written.append(target)
    report.written += _styles(source, root)
    return report


def stale(path: Path, root: Path) -> list[str]:
    """Return what in the committed notebooks of a source is not up to date with it.

    Nothing is executed: outputs count as good while all that their run used is the same.
    """
    source = read(path)
    notebooks = {edition: render(source, edition) for edition in editions(source)}
    runs = _holding(source, notebooks, root)
    if missing := [e for e in notebooks if e.executed and e not in runs]:
        which = f" ({', '.join(e.language for e in missing)})" if source.by_edition else ""
        return [f"{path.name}{which}: its code, or something that it used, is not as executed"]
    _finish(source, notebooks, runs, root)
    late = []
    for edition, notebook in notebooks.items():
        target = edition.path(source, root)
        if not target.is_file() or target.read_text(encoding="utf-8") != serialise(notebook):
            late.append(f"{target.relative_to(root)} differs from its source")
    if source.kind == "lecture":
        for target in _style_targets(source, root):
            if not target.is_file() or target.read_bytes() != RISE_CSS.read_bytes():
                late.append(f"{target.relative_to(root)} differs from press/static/rise.css")
    return late


def _step(progress: tqdm) -> None:
    progress.update()


def _holding(
    source: Source, notebooks: dict[Edition, NotebookNode], root: Path
) -> dict[Edition, Run]:
    """Return the runs that executed editions hold; none for those that hold none."""
    found = {}
    for edition, notebook in notebooks.items():
        if edition.executed:
            held = holding(edition.path(source, root), notebook, root)
            if held is not None:
                found[edition] = held
    return found


def _finish(
    source: Source, notebooks: dict[Edition, NotebookNode], runs: dict[Edition, Run], root: Path
) -> None:
    """Put outputs, and what made them, into the executed editions."""
    for edition, ran in runs.items():
        dress(notebooks[edition], ran.outputs, source)
        stamp(notebooks[edition], ran.used, root)
    for notebook in notebooks.values():
        notebook.metadata["unrolled"]["cells"] = cells_digest(notebook)


def _style_targets(source: Source, root: Path) -> list[Path]:
    return sorted({e.path(source, root).parent / "rise.css" for e in editions(source)})


def _styles(source: Source, root: Path) -> list[Path]:
    if source.kind != "lecture":
        return []
    content = RISE_CSS.read_bytes()
    changed = []
    for target in _style_targets(source, root):
        if not target.is_file() or target.read_bytes() != content:
            write_whole(target, content)
            changed.append(target)
    return changed
