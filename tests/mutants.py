"""Systematic mutants: a function with one small thing in it changed, for each small thing.

Where the bank's wrong answers are what somebody thought of, these are what nobody has to think of:
an operator, a comparison, a constant, a keyword, a statement … changed or left out. A mutant that
an exercise's cases accept is either no different in what it computes, or shows a hole in the cases.

A mutation is written as an edit of the source, ``hit / put => hit * put``, like the exercises'
mistakes; its left side occurs once in the source as :func:`ast.unparse` writes it.
"""

from __future__ import annotations

import ast
import contextlib
import inspect
import signal
import textwrap
import types
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Mutant:
    """A changed function.

    Attributes:
        change: what was changed, ``old => new``; of no other mutant of the same function.
        function: the function after the change.
    """

    change: str
    function: Callable[..., Any]


class OutOfTimeError(BaseException):
    """A call took too long; not an Exception, so that nothing on its way catches it."""


@contextlib.contextmanager
def cpu_limit(seconds: float) -> Iterator[None]:
    """Raise :class:`OutOfTimeError` when what is inside has used up so much processor time.

    Time that other processes take does not count. Works in the main thread only.
    """

    def stop(*_: object) -> None:
        raise OutOfTimeError

    before = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)


def mutants(function: Callable[..., Any]) -> Iterator[Mutant]:
    """Yield every mutant of a function that stands at the top of its module.

    Raises:
        ValueError: the source is not a plain ``def``.
    """
    tree = _plain(function)
    name = function.__name__
    whole = _text(tree)
    scope = _scope(function)
    parameters = list(inspect.signature(function).parameters)
    seen = {ast.unparse(tree)}
    for road in _roads(tree):
        parent, place = road[-1]
        node = place.get(parent)
        for other in _alternatives(node, parameters, scope):
            before = _texts(road, node)
            place.put(parent, other)
            after = _texts(road, other)
            source, changed = ast.unparse(tree), _text(tree)
            place.put(parent, node)
            if source in seen:  # two ways to the same change
                continue
            seen.add(source)
            if isinstance(node, ast.Constant):  # by itself it says little: 0 => 1
                before, after = before[1:], after[1:]
            # The shortest part that occurs once, so that the text says where the change is.
            change = next(
                f"{old} => {new}"
                for old, new in zip(before, after, strict=True)
                if whole.count(old) == 1 and whole.replace(old, new) == changed
            )
            yield Mutant(change, _compiled(source, name, scope))


def edited(function: Callable[..., Any], old: str, new: str) -> Callable[..., Any]:
    """Return a function with one part of its source replaced, written as a mutation is.

    Raises:
        ValueError: ``old`` does not stand in the source exactly once.
    """
    source = ast.unparse(_plain(function))
    if source.count(old) != 1:
        raise ValueError(f"{function.__name__}: {old!r} must stand once in\n{source}")
    return _compiled(source.replace(old, new), function.__name__, _scope(function))


# --------------------------------------------------------------------------- trees


@dataclass(frozen=True)
class _Place:
    """Where a node hangs in its parent: in a field, or at an index of a field's list."""

    field: str
    index: int | None

    def get(self, parent: ast.AST) -> ast.AST:
        value = getattr(parent, self.field)
        return value if self.index is None else value[self.index]

    def put(self, parent: ast.AST, node: ast.AST) -> None:
        if self.index is None:
            setattr(parent, self.field, node)
        else:
            getattr(parent, self.field)[self.index] = node


#: The way from the root to a node: each parent with the place of the next.
_Road = tuple[tuple[ast.AST, _Place], ...]


def _plain(function: Callable[..., Any]) -> ast.Module:
    """Return a function's tree without what has no effect: docstrings and annotations."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    if len(tree.body) != 1 or not isinstance(tree.body[0], ast.FunctionDef):
        raise ValueError(f"{function.__name__}: mutants are made of a plain def only")
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef):
            node.returns = None
            if ast.get_docstring(node) is not None:
                del node.body[0]
        elif isinstance(node, ast.arg):
            node.annotation = None
        for field, value in ast.iter_fields(node):
            if field in ("body", "orelse") and isinstance(value, list):
                value[:] = [_unannotated(statement) for statement in value]
    return ast.fix_missing_locations(tree)


def _unannotated(statement: ast.stmt) -> ast.stmt:
    if isinstance(statement, ast.AnnAssign) and statement.value is not None:
        return ast.Assign([statement.target], statement.value)
    return statement


def _roads(parent: ast.AST, road: _Road = ()) -> Iterator[_Road]:
    """Yield the way to every node below ``parent``."""
    for field, value in ast.iter_fields(parent):
        several = isinstance(value, list)
        for i, child in enumerate(value if several else [value]):
            if isinstance(child, ast.AST):
                way = (*road, (parent, _Place(field, i if several else None)))
                yield way
                yield from _roads(child, way)


def _texts(road: _Road, node: ast.AST) -> list[str]:
    """Return the text of ``node`` at the end of ``road`` and of what is around it, outwards."""
    return [_text(part) for part in (node, *(parent for parent, _ in reversed(road)))]


def _text(node: ast.AST) -> str:
    """Return a node's source on one line."""
    return " / ".join(line.strip() for line in ast.unparse(node).splitlines())


# --------------------------------------------------------------------------- mutations

_OPERATORS: dict[type[ast.operator], tuple[type[ast.operator], ...]] = {
    ast.Add: (ast.Sub, ast.Mult),
    ast.Sub: (ast.Add,),
    ast.Mult: (ast.Div, ast.Add),
    ast.Div: (ast.Mult, ast.FloorDiv),
    ast.FloorDiv: (ast.Div, ast.Mult),
    ast.Mod: (ast.FloorDiv,),
    ast.Pow: (ast.Mult,),
    ast.MatMult: (ast.Mult,),
    ast.RShift: (ast.LShift,),
    ast.LShift: (ast.RShift,),
    ast.BitAnd: (ast.BitOr,),
    ast.BitOr: (ast.BitAnd,),
    ast.BitXor: (ast.BitOr,),
}
#: Operators whose sides may not be exchanged; @ and // are seldom taken for commutative, too.
_ORDERED = (ast.Sub, ast.Div, ast.FloorDiv, ast.Mod, ast.Pow, ast.MatMult, ast.RShift, ast.LShift)
_COMPARISONS: dict[type[ast.cmpop], tuple[type[ast.cmpop], ...]] = {
    ast.Lt: (ast.LtE, ast.GtE),
    ast.LtE: (ast.Lt, ast.Gt),
    ast.Gt: (ast.GtE, ast.LtE),
    ast.GtE: (ast.Gt, ast.Lt),
    ast.Eq: (ast.NotEq,),
    ast.NotEq: (ast.Eq,),
    ast.In: (ast.NotIn,),
    ast.NotIn: (ast.In,),
    ast.Is: (ast.IsNot,),
    ast.IsNot: (ast.Is,),
}
#: Functions and methods that are taken for one another.
_TWINS = dict(
    pair
    for one, other in (
        ("min", "max"),
        ("argmin", "argmax"),
        ("minimum", "maximum"),
        ("sum", "mean"),
        ("any", "all"),
        ("sin", "cos"),
        ("zeros", "ones"),
        ("zeros_like", "ones_like"),
        ("floor", "ceil"),
        ("log", "log2"),
        ("exp", "exp2"),
    )
    for pair in ((one, other), (other, one))
)
#: Calls that are not left out: conversions, which change the type alone, and ``len``, without which
#: np.zeros(len(x)) would be as large as the product of all numbers of x.
_KEPT = {"float", "int", "asarray", "tuple", "list", "len"}


def _alternatives(node: ast.AST, parameters: list[str], scope: dict[str, Any]) -> Iterator[ast.AST]:
    """Yield what may stand in the place of ``node``; ``scope`` tells modules from values."""
    match node:
        case ast.Return() | ast.FunctionDef() | ast.Import() | ast.ImportFrom() | ast.Pass():
            pass
        case ast.stmt():
            yield ast.Pass()
    match node:
        case ast.AugAssign(target, operator, value):
            yield ast.Assign([target], value, lineno=0)
            for kind in _OPERATORS[type(operator)]:
                yield ast.AugAssign(target, kind(), value)
        case ast.BinOp(left, operator, right):
            for kind in _OPERATORS[type(operator)]:
                yield ast.BinOp(left, kind(), right)
            if isinstance(operator, _ORDERED):
                yield ast.BinOp(right, operator, left)
            yield left
            yield right
        case ast.UnaryOp(_, operand):
            yield operand
        case ast.BoolOp(operator, values):
            yield ast.BoolOp(ast.Or() if isinstance(operator, ast.And) else ast.And(), values)
            yield from values
        case ast.Compare(left, operators, others):
            for i, operator in enumerate(operators):
                for other in _COMPARISONS[type(operator)]:
                    yield ast.Compare(left, _put(operators, i, other()), others)
            if len(others) > 1:  # a == b == c: without each of them
                yield ast.Compare(others[0], operators[1:], others[1:])
                for i in range(len(others)):
                    yield ast.Compare(left, _without(operators, i), _without(others, i))
        case ast.IfExp(test, body, orelse):
            yield body
            yield orelse
            yield ast.IfExp(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.If(test, body, orelse):
            yield ast.If(ast.UnaryOp(ast.Not(), test), body, orelse)
        case ast.Name(name, ast.Load()) if name in parameters:
            for other_name in parameters:
                if other_name != name:
                    yield ast.Name(other_name, ast.Load())
        case ast.Constant(bool() as value):
            yield ast.Constant(not value)
        case ast.Constant(int() | float() as value):
            yield ast.Constant(value + 1)
            yield ast.Constant(value - 1)
        case ast.Constant(str() as value):
            yield ast.Constant("" if value else " ")
        case ast.Tuple(elements, context) | ast.List(elements, context):
            for i in range(len(elements) - 1):
                yield type(node)(_swapped(elements, i), context)
        case ast.Subscript(value, _, ast.Load()):
            yield value
        case ast.Slice(lower, upper, step):
            yield from _slices(lower, upper, step)
        case ast.comprehension(target, source, ifs, is_async):
            for i in range(len(ifs)):
                yield ast.comprehension(target, source, _without(ifs, i), is_async)
        case ast.Call():
            yield from _calls(node, scope)


def _slices(
    lower: ast.expr | None, upper: ast.expr | None, step: ast.expr | None
) -> Iterator[ast.AST]:
    """Yield slices without each of the bounds, and with each of them one off."""
    if lower is not None:
        yield ast.Slice(None, upper, step)
        for moved in _one_off(lower):
            yield ast.Slice(moved, upper, step)
    if upper is not None:
        yield ast.Slice(lower, None, step)
        for moved in _one_off(upper):
            yield ast.Slice(lower, moved, step)
    if step is not None:
        yield ast.Slice(lower, upper, None)


def _calls(call: ast.Call, scope: dict[str, Any]) -> Iterator[ast.AST]:
    """Yield calls with other arguments, of other functions, and what was to be called with."""
    function, arguments, keywords = call.func, call.args, call.keywords
    for i in range(len(keywords)):
        yield ast.Call(function, arguments, _without(keywords, i))
    for i in range(len(arguments) - 1):
        yield ast.Call(function, _swapped(arguments, i), keywords)
    if len(arguments) > 1:
        yield ast.Call(function, arguments[:-1], keywords)
    name = function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")
    if name in ("range", "arange", "slice"):  # its bounds are like those of a[:n]
        for i, argument in enumerate(arguments):
            for moved in _one_off(argument):
                yield ast.Call(function, _put(arguments, i, moved), keywords)
    if name in _TWINS:
        if isinstance(function, ast.Attribute):
            twin: ast.expr = ast.Attribute(function.value, _TWINS[name], ast.Load())
        else:
            twin = ast.Name(_TWINS[name], ast.Load())
        yield ast.Call(twin, arguments, keywords)
    if name in _KEPT:
        return
    if isinstance(function, ast.Attribute) and not _is_module(function.value, scope):
        yield function.value  # x.copy() → x
    elif arguments and not isinstance(arguments[0], ast.Starred):
        yield arguments[0]  # np.sqrt(x) → x


def _is_module(node: ast.AST, scope: dict[str, Any]) -> bool:
    """Whether ``node`` is a module such as np, np.linalg, or one imported in the function."""
    while isinstance(node, ast.Attribute):
        node = node.value
    return isinstance(node, ast.Name) and (
        isinstance(scope.get(node.id), types.ModuleType) or node.id == "torch"
    )


def _one_off(bound: ast.expr) -> Iterator[ast.expr]:
    """Yield a bound plus and minus one; numbers are changed as constants already."""
    if isinstance(bound, ast.Constant):
        return
    yield ast.BinOp(bound, ast.Add(), ast.Constant(1))
    yield ast.BinOp(bound, ast.Sub(), ast.Constant(1))


def _put(items: list[Any], i: int, item: Any) -> list[Any]:
    return [*items[:i], item, *items[i + 1 :]]


def _without(items: list[Any], i: int) -> list[Any]:
    return [*items[:i], *items[i + 1 :]]


def _swapped(items: list[Any], i: int) -> list[Any]:
    return [*items[:i], items[i + 1], items[i], *items[i + 2 :]]


def _scope(function: Callable[..., Any]) -> dict[str, Any]:
    """Return the names of the function's module, its own among them."""
    return function.__globals__


def _compiled(source: str, name: str, scope: dict[str, Any]) -> Callable[..., Any]:
    own = dict(scope)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of SyntaxWarning: a mutant may call a number
        exec(compile(source, f"<mutant of {name}>", "exec"), own)
    mutant: Callable[..., Any] = own[name]
    return mutant
