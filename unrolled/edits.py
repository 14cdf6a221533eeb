"""A mistake is an edit of the reference: what a student's editor would show as a diff.

``unrolled/exercises/<lab>.md`` holds the mistakes of a lab, exercise by exercise, each with what
helps (its format is described in ``press/FORMAT.md``). :func:`with_mistakes` gives them to the
exercises of ``<lab>.py``; :func:`edited` makes a function of each.
"""

from __future__ import annotations

import ast
import builtins
import dis
import inspect
import linecache
import re
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from types import CodeType
from typing import Any

from unrolled.exercises import Choice, Exercise, Mistake
from unrolled.messages import Language, Message

Pair = tuple[str, str]


class EditError(ValueError):
    """A file of mistakes cannot be used; the message names file and line."""


@dataclass(frozen=True)
class Edit:
    """One mistake as it stands in the file.

    Attributes:
        exercise: the exercise's name without its lab.
        line: where it begins.
        forms: edits that come to the same mistake, each with its line: pairs (old, new), made at
            one go.
        texts: what helps, in each language; empty for a wrong answer without a hint.
        lines: where the texts stand.
    """

    exercise: str
    line: int
    forms: tuple[tuple[int, tuple[Pair, ...]], ...]
    texts: dict[Language, str]
    lines: dict[Language, int]


# --------------------------------------------------------------------------- editing


@cache
def source(function: Callable[..., Any]) -> str:
    """Return a function's code without its docstring, from the margin."""
    code = textwrap.dedent(inspect.getsource(function))
    body = ast.parse(code).body[0]
    assert isinstance(body, ast.FunctionDef)
    first = body.body[0]
    rows = code.splitlines(keepends=True)
    if ast.get_docstring(body) is not None and len(body.body) > 1:
        del rows[first.lineno - 1 : first.end_lineno]
    return "".join(rows)


def edited(function: Callable[..., Any], *pairs: Pair) -> Callable[..., Any]:
    """Return ``function`` with pieces of its code replaced, everywhere each of them stands.

    The pieces are replaced at one go, so that two may be swapped. The docstring is left out.

    Args:
        function: a function whose code can be read.
        pairs: (old, new) pieces of code.

    Raises:
        ValueError: a piece does not stand in the code, or what comes out is not Python, or uses a
            name that the function's module does not have.
    """
    code = source(function)
    for old, _ in pairs:
        if old not in code:
            raise ValueError(f"{function.__name__} has no {old!r} to replace")
    new = dict(pairs)
    found: set[str] = set()

    def put(match: re.Match[str]) -> str:
        found.add(match[0])
        return new[match[0]]

    code = re.sub("|".join(re.escape(old) for old in new), put, code)
    if missing := set(new) - found:
        raise ValueError(f"the edits overlap: {', '.join(map(repr, sorted(missing)))} is never met")
    name = f"<{function.__name__}: {'; '.join(new.values())}>"
    try:
        compiled = compile(code, name, "exec")
    except SyntaxError as error:
        text = f"the edit of {function.__name__} is not Python: {error.msg}, in {error.text!r}"
        raise ValueError(text) from error
    linecache.cache[name] = (len(code), None, code.splitlines(keepends=True), name)
    scope = dict(function.__globals__)
    exec(compiled, scope)
    made: Callable[..., Any] = scope[function.__name__]
    for used in _globals(made.__code__):
        if used not in scope and not hasattr(builtins, used):
            raise ValueError(f"the edit uses {used!r}, which {function.__module__} does not have")
    return made


def _globals(code: CodeType) -> set[str]:
    """Return the names that a function, or one inside it, takes from its module."""
    found = {i.argval for i in dis.get_instructions(code) if i.opname == "LOAD_GLOBAL"}
    return found.union(*(_globals(c) for c in code.co_consts if isinstance(c, CodeType)))


# --------------------------------------------------------------------------- reading

_SPAN = r"`([^`]*)`"
_PAIR = re.compile(rf"{_SPAN} =>(?: {_SPAN})?")
_TEXT = re.compile(r"  (pl|en): (.+)")


def read(path: Path) -> list[Edit]:
    """Return the mistakes of a file, in their order.

    Args:
        path: ``unrolled/exercises/<lab>.md``.

    Raises:
        EditError: a line is none of those that the format has, or a hint lacks a language.
    """
    rows = path.read_text(encoding="utf-8").splitlines()
    edits: list[Edit] = []
    exercise = ""
    number = 0

    def fail(text: str, line: int) -> EditError:
        return EditError(f"{path}:{line}: {text}")

    while number < len(rows):
        row, line = rows[number], number + 1
        number += 1
        said = _TEXT.match(row)
        if row.startswith("## "):
            exercise = row[3:].strip()
        elif row.startswith(("- `", "  or `", "- ```diff", "  or ```diff")):
            if not exercise:
                raise fail("a mistake stands below the heading of its exercise: ## name", line)
            if row.endswith("```diff"):
                block = []
                while number < len(rows) and rows[number] != "  ```":
                    block.append(rows[number])
                    number += 1
                if number == len(rows):
                    raise fail("this diff is never closed with ``` below its beginning", line)
                number += 1
                pairs = _diff(block)
            else:
                pairs = tuple((old, new) for old, new in _PAIR.findall(row))
                left = _PAIR.sub("", row.removeprefix("- ").removeprefix("  or "))
                if left.strip(", "):
                    raise fail(f"an edit is `old` => `new`, not {row!r}", line)
            if not pairs or any(not old for old, _ in pairs):
                raise fail("the edit does not say what is replaced", line)
            if row.startswith("- "):
                edits.append(Edit(exercise, line, ((line, pairs),), {}, {}))
            elif edits and edits[-1].exercise == exercise and not edits[-1].texts:
                last = edits[-1]
                edits[-1] = replace(last, forms=(*last.forms, (line, pairs)))
            else:
                raise fail("`or` goes on with an edit above it that has no hint yet", line)
        elif said:
            if not edits:
                raise fail("a hint stands below its edit", line)
            language: Language = "pl" if said[1] == "pl" else "en"
            if language in edits[-1].texts:
                raise fail(f"a second hint in the language {language}", line)
            edits[-1].texts[language] = said[2].strip()
            edits[-1].lines[language] = line
        elif row.strip() and not row.startswith(("# ", "> ")):
            raise fail(f"neither a heading, nor an edit, nor a hint: {row!r}", line)
    for edit in edits:
        if len(edit.texts) == 1:
            raise fail(f"the hint is in one language only: {next(iter(edit.texts))}", edit.line)
    return edits


def _diff(block: list[str]) -> tuple[Pair, ...]:
    """Return the pairs of a diff: each run of ``-`` lines with the ``+`` lines below it."""
    pairs: list[tuple[list[str], list[str]]] = []
    for row in block:
        sign, text = row[2:3], row[3:]
        if sign == "-":
            if not pairs or pairs[-1][1]:
                pairs.append(([], []))
            pairs[-1][0].append(text)
        elif sign == "+" and pairs:
            pairs[-1][1].append(text)
        else:
            return ()
    return tuple(("\n".join(old), "\n".join(new)) for old, new in pairs)


def with_mistakes(module: str, *exercises: Exercise | Choice) -> dict[str, Exercise | Choice]:
    """Return exercises by name, with the mistakes that stand in the file beside their module.

    Args:
        module: the ``__file__`` of ``unrolled/exercises/<lab>.py``; the mistakes are in
            ``<lab>.md``.
        exercises: of that lab, in their order.

    Raises:
        EditError: an edit's old text does not stand in the reference, or the file names an
            exercise that is not here; the message names file and line.
    """
    path = Path(module).with_suffix(".md")
    found = {exercise.name: exercise for exercise in exercises}
    hinted: dict[str, list[Mistake]] = {name: [] for name in found}
    others: dict[str, list[Callable[..., Any]]] = {name: [] for name in found}
    for edit in read(path):
        name = f"{path.stem}/{edit.exercise}"
        exercise = found.get(name)
        if not isinstance(exercise, Exercise):
            raise EditError(f"{path}:{edit.line}: {path.stem}.py has no function {name!r} to write")
        texts = {lang: plain(text) for lang, text in edit.texts.items()}
        hint = Message(pl=texts["pl"], en=texts["en"]) if texts else None
        for line, pairs in edit.forms:
            try:
                function = edited(exercise.reference, *pairs)
            except ValueError as error:
                raise EditError(f"{path}:{line}: {error}") from error
            if hint is not None:
                hinted[name].append(Mistake(function, hint))
            else:
                others[name].append(function)
    return {
        name: replace(exercise, mistakes=tuple(hinted[name]), unhinted=tuple(others[name]))
        if isinstance(exercise, Exercise)
        else exercise
        for name, exercise in found.items()
    }


def plain(text: str) -> str:
    """Return a hint as a line of output shows it: code without its backticks."""
    return re.sub(_SPAN, r"\1", text)
