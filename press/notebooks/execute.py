"""Running a notebook: from one without outputs to its outputs and what it used.

The repository's notebooks are neither read nor written here (see `press.notebooks.kept`).
"""

from __future__ import annotations

import ast
import json
import os
import re
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from jupyter_core.utils import run_sync
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from traitlets.config import Config

from press.notebooks.editions import Edition
from press.notebooks.key import Used
from press.sources.source import Cell, Problem, Source, SourceError

#: No cell of the course may run longer (seconds).
CELL_TIMEOUT = 300

#: By cell id: `execution_count` and `outputs`.
Outputs = dict[str, dict[str, Any]]


@dataclass(frozen=True)
class Run:
    """What came of running a notebook.

    Attributes:
        outputs: what each code cell showed, in both languages where they differ.
        used: what the outputs depend on beside the cells' code.
        seconds: the CPU time of the kernel's process.
    """

    outputs: Outputs
    used: Used
    seconds: float


def run(
    source: Source,
    notebook: NotebookNode,
    root: Path,
    edition: Edition,
    tick: Callable[[], None] = lambda: None,
) -> Run:
    """Execute a notebook.

    Args:
        source: the source, named in errors.
        notebook: one of its executed editions; not changed.
        root: the root of the repository.
        edition: the edition that is run; its folder is the working directory.
        tick: called after each code cell.

    Raises:
        SourceError: a cell does not parse, raises, writes to stderr (warnings are errors) or takes
            too long; or the check of an exercise refuses the course's own solution. What was
            executed so far is kept in ``build/failed/``.
    """
    notebook = nbformat.from_dict(notebook)
    lines = {c.id: c for c in source.cells}
    checks = _checks(source, notebook, lines)
    folder = edition.path(source, root).parent
    folder.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "UNROLLED_BUILD": "1", "PYTHONHASHSEED": "0"}
    env.pop("UNROLLED_LANGUAGE", None)
    with tempfile.TemporaryDirectory(prefix="unrolled-") as private:
        config = Config()
        if os.name == "posix":  # a TCP port would be open to other users of the machine
            config.ConnectionFileMixin.transport = "ipc"
            config.ConnectionFileMixin.ip = str(Path(private) / "kernel")
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
        try:
            with client.setup_kernel(env=env):
                _ask(client, f"trace.start({str(root.resolve())!r})")
                client.execute(cleanup_kc=False)
                record = json.loads(_ask(client, "trace.stop()"))
        except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
            cell = _failed(notebook, lines)
            told = re.sub(r"\x1b\[[0-9;]*m", "", str(error)).strip()
            where = _keep(notebook, source, root)
            text = f"cell {cell.id!r} failed: {told}\n(the run so far: {where})"
            raise SourceError([Problem(source.path, cell.line, text)]) from error
    problems = []
    outputs: Outputs = {}
    for node in notebook.cells:
        if node.cell_type != "code":
            continue
        for out in node.outputs:
            if text := _wrong(node, out, node.id in checks):
                problems.append(Problem(source.path, lines[node.id].line, text))
        outputs[node.id] = {"execution_count": node.execution_count, "outputs": node.outputs}
    if problems:
        _keep(notebook, source, root)
        raise SourceError(problems)
    return Run(outputs, Used.of(record), float(record["cpu"]))


def _ask(client: NotebookClient, call: str) -> str:
    """Call a function of `trace` in the kernel, unseen by the notebook; return its result."""
    expression = call.replace("trace.", "__import__('press.notebooks.trace').notebooks.trace.", 1)
    assert client.kc is not None
    reply = run_sync(client.kc.execute_interactive)(  # type: ignore[attr-defined]
        "",
        silent=True,
        store_history=False,
        user_expressions={"told": expression},
        allow_stdin=False,
        output_hook=lambda message: None,
        timeout=CELL_TIMEOUT,
    )
    told = reply["content"]["user_expressions"]["told"]
    if told["status"] != "ok":
        raise RuntimeError(f"{call} in the kernel: {told['ename']}: {told['evalue']}")
    return str(ast.literal_eval(told["data"]["text/plain"]))


def _checks(source: Source, notebook: NotebookNode, lines: dict[str, Cell]) -> set[str]:
    """Return the ids of the cells that check an exercise.

    Raises:
        SourceError: a cell is not Python.
    """
    found = set()
    for node in notebook.cells:
        if node.cell_type != "code":
            continue
        try:
            tree = ast.parse(_without_magics(node.source))
        except SyntaxError as error:
            line = lines[node.id].line + (error.lineno or 1) - 1
            raise SourceError([Problem(source.path, line, f"not Python: {error.msg}")]) from error
        if any(_is_check(part) for part in ast.walk(tree)):
            found.add(node.id)
    return found


def _without_magics(code: str) -> str:
    return "\n".join("pass" if row.startswith(("%", "!")) else row for row in code.splitlines())


def _is_check(node: ast.AST) -> bool:
    """Whether a piece of code is a call like ``check("memory/adding", adding)``."""
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "check"
        and bool(node.args)
        and isinstance(node.args[0], ast.Constant)
        and isinstance(node.args[0].value, str)
        and "/" in node.args[0].value
    )


def _wrong(node: NotebookNode, out: NotebookNode, checking: bool) -> str:
    """Return what must not be in an output of an executed edition; empty if all is well."""
    if out.get("name") == "stderr":
        return f"cell {node.id!r} writes to stderr: {out.text.strip()[:400]}"
    if out.output_type == "error":  # raised while a result was being shown
        return f"cell {node.id!r} cannot show its result: {out.ename}: {out.evalue[:400]}"
    if checking:
        # What is shown here is ✓ or a hint, and hints do not enter the key of execution.
        shown = out.get("text") or json.dumps(out.get("data", {}), ensure_ascii=False)
        if re.search("[✗○]", shown):
            return f"cell {node.id!r}: the check refuses the course's own solution: {shown[:400]}"
    return ""


def _keep(notebook: NotebookNode, source: Source, root: Path) -> Path:
    """Write what was executed so far where its author can look at it; return the path."""
    path = root / "build" / "failed" / f"{source.name}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(notebook, path)
    return path


def _failed(notebook: NotebookNode, cells: dict[str, Cell]) -> Cell:
    code = [n for n in notebook.cells if n.cell_type == "code"]
    for node in code:
        if any(out.output_type == "error" for out in node.outputs):
            return cells[node.id]
    ran = [n for n in code if n.execution_count]
    return cells[(ran or code)[-1].id]
