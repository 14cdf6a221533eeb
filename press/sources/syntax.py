"""Whether the code of a source is Python at all, before anything executes it."""

from __future__ import annotations

import ast

from IPython.core.inputtransformer2 import TransformerManager

from press.sources.source import Problem, Source


def problems(source: Source) -> list[Problem]:
    """Return the code cells that Python cannot parse, by the line at which it gives up.

    Magics (``%%time``) and commands of the shell are what IPython makes of them.
    """
    found = []
    for cell in source.cells:
        if cell.kind != "code":
            continue
        try:
            ast.parse(TransformerManager().transform_cell(cell.code))
        except SyntaxError as error:
            where = f"line {error.lineno} of the cell: {(error.text or '').strip()}"
            text = f"cell {cell.id}: this is not Python: {error.msg} ({where})"
            found.append(Problem(source.path, cell.line, text))
    return found
