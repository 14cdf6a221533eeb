"""Which statements of a notebook the graded functions need.

A lab trains networks for minutes; a function that makes windows needs an import and perhaps a
helper. So the grader runs the cells of exercises whole, and of the other cells only what these
depend on, in the notebook's order: statements that bind or change a name that is needed, and
single calls all of whose names are there (a seed, a setting).
"""

from __future__ import annotations

import ast
import builtins
import symtable
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager


def parse(code: str) -> ast.Module | None:
    """Return a cell's syntax tree, magics included; None when it is not Python."""
    try:
        return ast.parse(TransformerManager().transform_cell(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


@dataclass
class Statement:
    """A statement at the margin of a cell.

    Attributes:
        cell: the index of its cell.
        code: its text.
        binds: names that it gives a value, or whose object it changes.
        reads: names that it uses, anywhere in it.
        star: whether it binds names that nobody knows (``from numpy import *``).
        bare: whether it is there for its effect alone.
    """

    cell: int
    code: str
    binds: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    star: bool = False
    bare: bool = False


def slice_cells(
    cells: list[tuple[int, str]], whole: set[int], skip: set[int]
) -> list[tuple[int, str]]:
    """Return what to run, as pairs of a cell's index and code.

    Args:
        cells: the code cells with their indices, in order.
        whole: indices of the exercises' cells, which run as they are.
        skip: indices of cells that never run.
    """
    if not whole:
        return []
    last = max(whole)
    statements: list[Statement] = []
    needed: set[str] = set()
    there = set(dir(builtins)) | {"get_ipython", "display"}
    for index, code in cells:
        if index in skip or index > last:
            continue
        seen = _statements(index, code)
        if index not in whole:
            statements += seen
            continue
        for statement in seen:
            needed |= statement.reads
            there |= statement.binds
    chosen: set[int] = set()
    grown = True
    while grown:
        grown = False
        for number, statement in enumerate(statements):
            if number not in chosen and (statement.star or statement.binds & needed):
                chosen.add(number)
                needed |= statement.reads
                grown = True
    for number in chosen:
        there |= statements[number].binds
    for number, statement in enumerate(statements):
        if statement.bare and statement.reads <= there | statement.binds:
            chosen.add(number)
    run: list[tuple[int, str]] = []
    sources = dict(cells)
    for index in sorted(whole | {statements[number].cell for number in chosen}):
        if index in whole:
            run.append((index, sources[index]))
        else:
            rows = [statements[n].code for n in sorted(chosen) if statements[n].cell == index]
            run.append((index, "\n".join(rows)))
    return run


def _statements(cell: int, code: str) -> list[Statement]:
    """Return a cell's statements; none when it is not Python."""
    tree = parse(code)
    try:
        return [_statement(cell, node) for node in tree.body] if tree is not None else []
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []


def _statement(cell: int, node: ast.stmt) -> Statement:
    code = ast.unparse(node)
    statement = Statement(cell, code)
    statement.bare = isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant)
    _names(symtable.symtable(code, "cell", "exec"), statement, margin=True)
    for part in ast.walk(node):
        if isinstance(part, ast.ImportFrom) and part.names[0].name == "*":
            statement.star = True
        if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
            root: ast.AST = part
            while isinstance(root, (ast.Attribute, ast.Subscript)):
                root = root.value
            if isinstance(root, ast.Name):
                statement.binds.add(root.id)  # np.mean = …, data[0] = …: what it holds changes
    return statement


def _names(table: symtable.SymbolTable, statement: Statement, *, margin: bool) -> None:
    """Collect the names of the notebook that a scope binds and reads; not a function's own."""
    for symbol in table.get_symbols():
        if not margin and not symbol.is_global():
            continue
        if symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace():
            statement.binds.add(symbol.get_name())
        if symbol.is_referenced():
            statement.reads.add(symbol.get_name())
    for child in table.get_children():
        _names(child, statement, margin=False)
