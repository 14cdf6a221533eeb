"""Which statements of a notebook the graded functions need.

A lab trains networks for minutes; a function that makes windows needs an import and perhaps a
helper. So the grader runs the cells of exercises whole, and of the other cells only what these
depend on, in the notebook's order: statements that bind or change a name that is needed further
down, and single calls all of whose names are there (a seed, a setting). What is graded is what the
last check of an exercise was given, so its place is needed, too.
"""

from __future__ import annotations

import ast
import builtins
import re
import symtable
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from IPython.core.inputtransformer2 import TransformerManager

#: Packages that take seconds to import; they are there before a submission's time is counted.
HEAVY = {"keras", "matplotlib", "pandas", "scipy", "sklearn", "statsmodels", "tensorflow", "torch"}

#: Packages of the course that compute what labs are about.
_REFERENCES = {"cells", "images", "language", "sequences"}

_COMPREHENSIONS = ("listcomp", "setcomp", "dictcomp", "genexpr")
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)

#: Methods that change the object that they are called on.
_CHANGING = {
    "add", "append", "appendleft", "clear", "discard", "extend", "extendleft", "insert", "pop",
    "popitem", "popleft", "remove", "reverse", "setdefault", "sort", "update",
}  # fmt: skip

#: The first line of a cell whose other lines run as if it were not there.
_TRANSPARENT = re.compile(r"\s*%%(time|capture|prun)\b[^\n]*(\n|\Z)")
#: Magics that measure: nothing depends on what they run.
_MEASURING = ("time", "timeit", "prun")
_MAGICS = {"run_line_magic": "%", "run_cell_magic": "%%", "system": "!", "getoutput": "!"}


def parse(code: str) -> ast.Module | None:
    """Return a cell's syntax tree, magics included; None when it is not Python."""
    while found := _TRANSPARENT.match(code):
        code = code[found.end() :]
    try:
        return ast.parse(TransformerManager().transform_cell(code))
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def modules_of(codes: Iterable[str]) -> list[str]:
    """Return the modules of :data:`HEAVY` packages that code imports, also inside of functions."""
    found: dict[str, None] = {}
    for code in codes:
        for node in ast.walk(parse(code) or ast.Module([], [])):
            if isinstance(node, ast.Import):
                found |= dict.fromkeys(alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                found[node.module] = None
    return [name for name in found if name.partition(".")[0] in HEAVY]


def borrowed(code: str, cells: Iterable[str]) -> list[str]:
    """Return what an exercise's code takes from the course's own implementations.

    A lab about backpropagation is not done by calling ``unrolled.cells``; only a teacher can say
    whether it may be called here.

    Args:
        code: of the exercise's cell.
        cells: the code of all cells; their imports give the names.
    """
    names: dict[str, str] = {}
    own = _imported(code)
    for other in cells:
        names |= _imported(other)
    loaded = {
        node.id
        for node in ast.walk(parse(code) or ast.Module([], []))
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load)
    }
    used = (found for name, found in names.items() if name in loaded)
    return sorted({*own.values(), *used})


def _imported(code: str) -> dict[str, str]:
    """Return the names that a cell imports from the packages of `_REFERENCES`: in full."""
    found = {}
    for node in ast.walk(parse(code) or ast.Module([], [])):
        if isinstance(node, ast.Import):
            pairs = [(alias.asname or alias.name, alias.name) for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            pairs = [(a.asname or a.name, f"{node.module}.{a.name}") for a in node.names]
        else:
            continue
        for name, full in pairs:
            parts = full.split(".")
            constant = parts[-1].isupper()
            if parts[0] == "unrolled" and parts[1:2] and parts[1] in _REFERENCES and not constant:
                found[name.partition(".")[0]] = full
    return found


@dataclass
class Statement:
    """A statement at the margin of a cell.

    Attributes:
        cell: the index of its cell.
        code: its text.
        binds: names that it may give a value, or whose object it changes.
        methods: names on which it calls what changes a list or a set (``data.sort()``); of a module
            that is a function, and changes nothing (``np.sort(data)``).
        kills: names that it surely gives a value, so that older ones do not matter.
        reads: names that it uses while it runs.
        defers: names that functions defined in it use when they are called.
        modules: names that it gives to modules.
        star: whether it binds names that nobody knows (``from numpy import *``).
        bare: whether it is there for its effect alone.
        checks: the checks in it: the exercise's name, and the expression that it is given.
        asks: for which exercise it is a place to grade at; it holds no code of the notebook then.
    """

    cell: int
    code: str
    binds: set[str] = field(default_factory=set)
    methods: set[str] = field(default_factory=set)
    kills: set[str] = field(default_factory=set)
    reads: set[str] = field(default_factory=set)
    defers: set[str] = field(default_factory=set)
    modules: set[str] = field(default_factory=set)
    star: bool = False
    bare: bool = False
    checks: list[tuple[str, str]] = field(default_factory=list)
    asks: str = ""


@dataclass(frozen=True)
class Piece:
    """What to do in one go.

    Attributes:
        cell: the index of the cell that it is from.
        code: what to run; where ``asks`` names an exercise, the expression to grade.
        asks: the exercise that is graded here, or an empty string.
    """

    cell: int
    code: str
    asks: str = ""


def slice_cells(
    cells: list[tuple[int, str]],
    whole: set[int],
    skip: set[int],
    places: Mapping[str, tuple[int, str]] | None = None,
) -> list[Piece]:
    """Return what to run, and where to grade, in order.

    An exercise's cell is one piece; of another cell each statement is one, so that what fails
    takes nothing with it. An exercise is graded just before the statement with its last check
    below its cell; where there is none, or it stands in an exercise's cell, right after that cell.

    Args:
        cells: the code cells with their indices, in order.
        whole: indices of the exercises' cells, which run as they are.
        skip: indices of cells that never run.
        places: of each exercise that is graded, the index of its cell and the name of its variable.
    """
    if not whole:
        return []
    statements = [
        statement
        for index, code in cells
        if index not in skip
        for statement in _statements(index, code)
    ]
    modules = {name for statement in statements for name in statement.modules}
    for statement in statements:
        statement.binds |= statement.methods - modules
    after: dict[int, list[Piece]] = {}
    for name, (place, variable) in (places or {}).items():
        found = [
            (number, given)
            for number, statement in enumerate(statements)
            for checked, given in statement.checks
            if checked == name and statement.cell >= place
        ]
        number, given = found[-1] if found else (-1, variable)
        cell = statements[number].cell if found else place
        if cell in whole:
            after.setdefault(cell, []).append(Piece(cell, given, name))
        else:
            asking = Statement(cell, given, reads=_names_in(given), asks=name)
            statements.insert(number, asking)
    last = max(whole | {statement.cell for statement in statements if statement.asks})
    statements = [statement for statement in statements if statement.cell <= last]
    chosen = {n for n, s in enumerate(statements) if s.cell in whole or s.asks}
    called: set[str] = set()  # what functions need when they are called, whenever that is
    while True:
        live: set[str] = set(called)
        before = len(chosen), len(called)
        for number in range(len(statements) - 1, -1, -1):
            statement = statements[number]
            if number not in chosen and not statement.star and not statement.binds & live:
                continue
            chosen.add(number)
            called |= statement.defers
            live = (live - statement.kills) | statement.reads | called
        if before == (len(chosen), len(called)):
            break
    there = set(dir(builtins)) | {"get_ipython", "display"}
    for number in chosen:
        there |= statements[number].binds
    for number, statement in enumerate(statements):
        if statement.bare and statement.reads | statement.defers <= there:
            chosen.add(number)
    sources = dict(cells)
    run: list[Piece] = []
    for index in sorted(whole | {statements[number].cell for number in chosen}):
        if index in whole:
            run += [Piece(index, sources[index]), *after.get(index, [])]
        else:
            here = (statements[n] for n in sorted(chosen) if statements[n].cell == index)
            run += [Piece(index, statement.code, statement.asks) for statement in here]
    return run


def checks_in(node: ast.AST) -> list[tuple[str, str]]:
    """Return the calls ``check("lab/exercise", something)`` in code: the name and the something."""
    return [
        (str(part.args[0].value), ast.unparse(part.args[1]))
        for part in ast.walk(node)
        if isinstance(part, ast.Call)
        and isinstance(part.func, ast.Name)
        and part.func.id == "check"
        and len(part.args) == 2
        and isinstance(part.args[0], ast.Constant)
    ]


def _names_in(expression: str) -> set[str]:
    tree = ast.parse(expression)
    return {part.id for part in ast.walk(tree) if isinstance(part, ast.Name)}


def first_line(code: str) -> str:
    """Return a statement's first line, with a magic as it is written in a notebook."""
    tree = parse(code)
    name, arguments = _magic(tree.body[0]) if tree is not None and tree.body else ("", [])
    if not name:
        return code.strip().partition("\n")[0]
    if _MAGICS[name] == "!":
        return f"!{' '.join(arguments)}"
    return _MAGICS[name] + " ".join(arguments[:2]).strip()


def _magic(node: ast.stmt) -> tuple[str, list[str]]:
    """Return the method of IPython that a magic has become, and what it is given; else nothing."""
    if not (isinstance(node, ast.Expr) and isinstance(node.value, ast.Call)):
        return "", []
    function = node.value.func
    if not (isinstance(function, ast.Attribute) and function.attr in _MAGICS):
        return "", []
    if ast.unparse(function.value) != "get_ipython()":
        return "", []
    return function.attr, [str(a.value) for a in node.value.args if isinstance(a, ast.Constant)]


def _statements(cell: int, code: str) -> list[Statement]:
    """Return a cell's statements; none when it is not Python."""
    tree = parse(code)
    made = []
    try:
        for node in _single(tree.body if tree is not None else []):
            statement = Statement(cell, ast.unparse(node))
            _, arguments = _magic(node)
            idle = arguments[:1] and arguments[0] in _MEASURING
            if isinstance(node, ast.Expr) and not isinstance(node.value, ast.Constant):
                statement.bare = not idle
            _scan(node, statement, statement.kills)
            statement.checks = checks_in(node)
            made.append(statement)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return []
    return made


def _single(nodes: list[ast.stmt]) -> Iterator[ast.stmt]:
    """Yield statements, with an import of several modules as several imports."""
    for node in nodes:
        if isinstance(node, ast.Import):
            yield from (ast.Import([alias]) for alias in node.names)
        else:
            yield node


def _scan(node: ast.stmt, statement: Statement, bound: set[str]) -> None:
    """Collect what a statement reads and binds.

    Args:
        node: the statement, or one inside of it.
        statement: where to collect.
        bound: names that surely have a value by now from within; gets those that have after it.
    """
    if isinstance(node, (ast.For, ast.AsyncFor)):
        _simple(ast.Expr(node.iter), statement, bound)
        inner = bound | _targets(node.target)
        statement.binds |= inner - bound
        _block(node.body, statement, inner)
        _block(node.orelse, statement, set(bound))
    elif isinstance(node, (ast.With, ast.AsyncWith)):
        for item in node.items:
            _simple(ast.Expr(item.context_expr), statement, bound)
            if item.optional_vars is not None:
                names = _targets(item.optional_vars)
                statement.binds |= names
                bound |= names
        _block(node.body, statement, bound)
    elif isinstance(node, (ast.If, ast.While)):
        _simple(ast.Expr(node.test), statement, bound)
        _block(node.body, statement, set(bound))
        _block(node.orelse, statement, set(bound))
    elif isinstance(node, ast.Try):
        _block(node.body, statement, set(bound))
        for handler in node.handlers:
            if handler.type is not None:
                _simple(ast.Expr(handler.type), statement, bound)
            _block(handler.body, statement, bound | ({handler.name} if handler.name else set()))
        _block(node.orelse, statement, set(bound))
        _block(node.finalbody, statement, set(bound))
    else:
        _simple(node, statement, bound)


def _block(nodes: list[ast.stmt], statement: Statement, bound: set[str]) -> None:
    for node in nodes:
        _scan(node, statement, bound)


def _targets(node: ast.expr) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _simple(node: ast.stmt, statement: Statement, bound: set[str]) -> None:
    """Collect the names of a statement without statements inside, functions and classes apart."""
    table = symtable.symtable(ast.unparse(node), "cell", "exec")
    binds: set[str] = set()
    reads: set[str] = set()
    _names(table, binds, reads, statement.defers)
    changed: set[str] = set()
    for part in _margin(node):
        if isinstance(part, ast.ImportFrom) and part.names[0].name == "*":
            statement.star = True
        if isinstance(part, ast.AugAssign) and isinstance(part.target, ast.Name):
            reads.add(part.target.id)
        # np.mean = …, data[0] = …, data.append(…): what the name holds changes.
        if isinstance(part, (ast.Attribute, ast.Subscript)) and not isinstance(part.ctx, ast.Load):
            changed |= _root(part)
        if isinstance(part, ast.Call) and isinstance(part.func, ast.Attribute):
            if part.func.attr not in _CHANGING:
                continue
            if isinstance(part.func.value, ast.Name):
                statement.methods.add(part.func.value.id)
            else:
                changed |= _root(part.func)
        if isinstance(part, ast.Import):
            names = (alias.asname or alias.name.partition(".")[0] for alias in part.names)
            statement.modules.update(names)
    statement.reads |= (reads | changed) - bound
    statement.binds |= binds | changed
    if not isinstance(node, (ast.Delete, ast.Match)):
        bound |= {s.get_name() for s in table.get_symbols() if _given(s)} - changed


def _margin(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in a statement, but for the insides of functions and classes."""
    yield node
    if not isinstance(node, _SCOPES):
        for part in ast.iter_child_nodes(node):
            yield from _margin(part)


def _root(node: ast.AST) -> set[str]:
    """Return the name that an attribute or an element is of."""
    while isinstance(node, (ast.Attribute, ast.Subscript)):
        node = node.value
    return {node.id} if isinstance(node, ast.Name) else set()


def _given(symbol: symtable.Symbol) -> bool:
    return symbol.is_assigned() or symbol.is_imported() or symbol.is_namespace()


def _names(table: symtable.SymbolTable, binds: set[str], reads: set[str], defers: set[str]) -> None:
    """Collect the notebook's names in a scope: those that it binds, uses now, and uses later."""
    margin = table.get_type() == "module"
    for symbol in table.get_symbols():
        if not margin and not symbol.is_global():
            continue
        if _given(symbol):
            binds.add(symbol.get_name())
        # A function that says “global total” may count on from the value that there is.
        if symbol.is_referenced() or (_given(symbol) and not margin):
            reads.add(symbol.get_name())
    for child in table.get_children():
        now = child.get_type() == "class" or child.get_name() in _COMPREHENSIONS
        _names(child, binds, reads if now else defers, defers)
