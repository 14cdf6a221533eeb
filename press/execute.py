"""Running a source once, and knowing when that is needed."""

from __future__ import annotations

import ast
import hashlib
import os
import re
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from press.editions import Edition
from press.source import Cell, Problem, Source, SourceError

#: No cell of the course may run longer (seconds).
CELL_TIMEOUT = 300


def code_hash(source: Source, root: Path) -> str:
    """Return a hash of what the outputs of a source depend on.

    That is the source's code, the modules of `unrolled` that it imports (and those that they
    import), the exercises that it checks, and the bundled data.
    """
    digest = hashlib.sha256()
    for cell in source.code_cells:
        digest.update(cell.code.encode() + b"\0")
    for path in sorted(_modules(source, root)):
        digest.update(path.relative_to(root).as_posix().encode() + b"\0")
        digest.update(path.read_bytes())
    for path in sorted((root / "data").glob("*.[ct][sx][vt]")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _modules(source: Source, root: Path) -> set[Path]:
    """Return the files of `unrolled` that a source imports, directly or not."""
    found: set[Path] = set()
    todo = []
    for cell in source.code_cells:
        try:
            todo.append(ast.parse(_without_magics(cell.code)))
        except SyntaxError as error:
            line = cell.line + (error.lineno or 1) - 1
            raise SourceError([Problem(source.path, line, f"not Python: {error.msg}")]) from error
    checked = {m for cell in source.code_cells for m in re.findall(r'check\("(\w+)/', cell.code)}
    for name in checked:  # loaded by name, so no import tells of it
        path = root / "unrolled" / "exercises" / f"{name}.py"
        if path.is_file():
            found.add(path)
            todo.append(ast.parse(path.read_text(encoding="utf-8")))
    while todo:
        for name in _imports(todo.pop()):
            parts = name.split(".")
            for i in range(1, len(parts) + 1):
                base = root.joinpath(*parts[:i])
                for path in (base.with_suffix(".py"), base / "__init__.py"):
                    if path.is_file() and path not in found:
                        found.add(path)
                        todo.append(ast.parse(path.read_text(encoding="utf-8")))
    return found


def _without_magics(code: str) -> str:
    return "\n".join("pass" if row.startswith(("%", "!")) else row for row in code.splitlines())


def _imports(tree: ast.AST) -> list[str]:
    names = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names += [node.module, *(f"{node.module}.{alias.name}" for alias in node.names)]
    return [name for name in names if name.split(".")[0] == "unrolled"]


def run(
    source: Source,
    notebook: NotebookNode,
    root: Path,
    edition: Edition,
    tick: Callable[[], None] = lambda: None,
) -> tuple[dict[str, dict[str, Any]], float]:
    """Execute a notebook and return its outputs by cell id, and the seconds it took.

    Args:
        source: the source, named in errors.
        notebook: one of its executed editions; not changed.
        root: the root of the repository.
        edition: the edition that is run; its folder is the working directory.
        tick: called after each code cell.

    Raises:
        SourceError: a cell raises, writes to stderr (warnings are errors) or takes too long. What
            was executed so far is kept in ``build/failed/``.
    """
    notebook = nbformat.from_dict(notebook)
    folder = edition.path(source, root).parent
    folder.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "UNROLLED_BUILD": "1", "PYTHONHASHSEED": "0"}
    env.pop("UNROLLED_LANGUAGE", None)
    config = Config()
    sockets = tempfile.TemporaryDirectory(prefix="unrolled-", ignore_cleanup_errors=True)
    if os.name == "posix":  # a TCP port would be open to other users of the machine
        config.ConnectionFileMixin.transport = "ipc"
        config.ConnectionFileMixin.ip = str(Path(sockets.name) / "kernel")
    client = NotebookClient(
        notebook,
        config=config,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        coalesce_streams=True,
        record_timing=False,
        resources={"metadata": {"path": str(folder)}},
        on_cell_executed=lambda cell, cell_index, **_: tick(),
    )
    lines = {c.id: c for c in source.cells}
    started = time.perf_counter()
    try:
        with sockets:
            client.execute(env=env)
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        kept = root / "build" / "failed" / f"{source.name}.ipynb"
        kept.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, kept)
        cell = _failed(notebook, lines)
        told = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
        text = f"cell {cell.id!r} failed: {told}\n(the run so far: {kept})"
        raise SourceError([Problem(source.path, cell.line, text)]) from error
    seconds = time.perf_counter() - started
    problems = []
    outputs: dict[str, dict[str, Any]] = {}
    for node in notebook.cells:
        if node.cell_type != "code":
            continue
        for out in node.outputs:
            if out.get("name") == "stderr":
                text = f"cell {node.id!r} writes to stderr: {out.text.strip()[:400]}"
                problems.append(Problem(source.path, lines[node.id].line, text))
            if out.output_type == "error":  # raised while a result was being shown
                text = f"cell {node.id!r} cannot show its result: {out.ename}: {out.evalue[:400]}"
                problems.append(Problem(source.path, lines[node.id].line, text))
        outputs[node.id] = {"execution_count": node.execution_count, "outputs": node.outputs}
    if problems:
        raise SourceError(problems)
    return outputs, seconds


def _failed(notebook: NotebookNode, cells: dict[str, Cell]) -> Cell:
    code = [n for n in notebook.cells if n.cell_type == "code"]
    for node in code:
        if any(out.output_type == "error" for out in node.outputs):
            return cells[node.id]
    ran = [n for n in code if n.execution_count]
    return cells[(ran or code)[-1].id]


def kept(path: Path, expected: NotebookNode) -> dict[str, dict[str, Any]] | None:
    """Return the outputs of a committed edition if they still belong to its code, else None."""
    try:
        committed = nbformat.read(path, as_version=4)
    except (OSError, ValueError, nbformat.ValidationError):
        return None
    ours = committed.metadata.get("unrolled", {}).get("code")
    if ours != expected.metadata["unrolled"]["code"]:
        return None
    theirs = {n.id: n for n in committed.cells if n.cell_type == "code"}
    wanted = {n.id: n for n in expected.cells if n.cell_type == "code"}
    if theirs.keys() != wanted.keys():
        # A heading changed, and the ids made from it: the same code in the same order.
        if [n.source for n in theirs.values()] != [n.source for n in wanted.values()]:
            return None
        theirs = dict(zip(wanted, theirs.values(), strict=True))
    return {
        cell_id: {"execution_count": node.execution_count, "outputs": node.outputs}
        for cell_id, node in theirs.items()
    }
