"""Instant checks of the exercises: ``make_windows = check("airline/windows", make_windows)``.

Three parts that know nothing of one another: :func:`attempt` calls a function on copies of a
case's arguments, :func:`compare` compares two results, and the rest finds the words for it.
"""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import linecache
import textwrap
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from unrolled.exercises import Arguments, Choice, Exercise, Mistake, find
from unrolled.messages import Language, Message

# --------------------------------------------------------------------------- comparing

Problem = Literal["type", "length", "shape", "dtype", "finite", "value"]


@dataclass(frozen=True)
class Verdict:
    """Whether two results agree, and if not, where they part.

    Attributes:
        problem: what is wrong, or None when the results agree.
        expected: the expected type, length, shape, kind of number or value (as ``problem`` says).
        actual: the same of the other result.
        element: which element of a tuple it is about; None outside a tuple.
        index: index of the largest difference in an array, for the problem "value"; of the first
            number that is not finite, for the problem "finite".
        difference: the largest difference, for the problem "value".
        first: index of the first wrong number in an array (the last axis runs fastest), for the
            problem "value".
        first_values: the expected and the actual number there.
    """

    problem: Problem | None = None
    expected: Any = None
    actual: Any = None
    element: int | None = None
    index: tuple[int, ...] = ()
    difference: float = 0.0
    first: tuple[int, ...] = ()
    first_values: tuple[Any, Any] = (None, None)

    @property
    def ok(self) -> bool:
        """Whether the results agree."""
        return self.problem is None


def to_array(value: Any) -> np.ndarray | None:
    """Return a number, an array or a tensor (PyTorch, Keras) as an array; None for all else."""
    if isinstance(value, (str, bytes, list, tuple, dict, set)) or value is None:
        return None
    if hasattr(value, "detach"):  # a PyTorch tensor, perhaps with a gradient
        value = value.detach().cpu()
        if "bfloat16" in str(value.dtype):  # NumPy has no such type
            value = value.float()
    try:
        array = np.asarray(value)
    except Exception:  # a symbolic tensor, or an object whose conversion fails in its own way
        return None
    return None if array.dtype == object else array


def kind(array: np.ndarray) -> str:
    """Return which numbers an array holds: float, int, bool, or its dtype's name."""
    return {"f": "float", "i": "int", "u": "int", "b": "bool"}.get(
        array.dtype.kind, str(array.dtype)
    )


def compare(expected: Any, actual: Any, tolerance: float) -> Verdict:
    """Compare a result with the expected one.

    A list may stand for a tuple, and a tensor for an array; a list may not stand for an array.
    Numbers may have any precision: they agree when they differ by less than ``tolerance`` times
    the larger of 1 and the largest expected number.

    Args:
        expected: a number, an array, a string, or a tuple of these.
        actual: what is to be judged.
        tolerance: see above; has no effect on integers and strings, which must be equal.
    """
    if isinstance(expected, tuple):
        return _compare_tuples(expected, actual, tolerance)
    if isinstance(expected, str):
        if not isinstance(actual, str):
            return Verdict("type", "str", type(actual).__name__)
        return Verdict() if expected == actual else Verdict("value", expected, actual)
    right, given = to_array(expected), to_array(actual)
    if right is None:
        raise TypeError(f"cannot compare with a {type(expected).__name__}: give a number or array")
    if given is None:
        name = "ndarray" if right.shape else kind(right)
        return Verdict("type", name, type(actual).__name__)
    if given.shape != right.shape:
        return Verdict("shape", right.shape, given.shape)
    if kind(given) != kind(right):
        return Verdict("dtype", kind(right), kind(given))
    if kind(right) != "float":
        differs = given != right
        limit = 0.0
    else:
        right, given = right.astype(np.float64), given.astype(np.float64)
        unwanted = ~np.isfinite(given) & np.isfinite(right)
        if unwanted.any():
            first = tuple(int(i) for i in np.argwhere(unwanted)[0])
            return Verdict("finite", float(right[first]), float(given[first]), index=first)
        limit = tolerance * max(1.0, float(np.abs(right).max(initial=0.0)))
        differs = ~(np.abs(given - right) < limit)
    if not differs.any():
        return Verdict()
    gap = np.abs(given.astype(np.float64) - right.astype(np.float64))
    worst = tuple(int(i) for i in np.unravel_index(int(gap.argmax()), gap.shape))
    first = tuple(int(i) for i in np.argwhere(differs)[0])
    return Verdict(
        "value",
        right[worst].item(),
        given[worst].item(),
        index=worst,
        difference=float(gap[worst]),
        first=first,
        first_values=(right[first].item(), given[first].item()),
    )


def _compare_tuples(expected: tuple[Any, ...], actual: Any, tolerance: float) -> Verdict:
    if not isinstance(actual, (tuple, list)):
        array = to_array(actual)  # np.array([a, b]) unpacks as well as (a, b)
        numbers = all(np.ndim(item) == 0 for item in expected)
        if array is None or array.ndim != 1 or not numbers:
            return Verdict("type", "tuple", type(actual).__name__)
        actual = tuple(array)
    if len(actual) != len(expected):
        return Verdict("length", len(expected), len(actual))
    for element, (one, other) in enumerate(zip(expected, actual, strict=True)):
        verdict = compare(one, other, tolerance)
        if not verdict.ok:
            return replace(verdict, element=element)
    return Verdict()


# --------------------------------------------------------------------------- calling


@dataclass(frozen=True)
class Attempt:
    """What came of calling a function once.

    Attributes:
        value: what it returned.
        error: the exception that it raised, or None.
        changed: the position of the first argument that it changed, or None.
    """

    value: Any = None
    error: Exception | None = None
    changed: int | None = None

    @property
    def undone(self) -> bool:
        """Whether the function has not been written yet."""
        return isinstance(self.error, NotImplementedError) or (
            self.error is None and _is_blank(self.value)
        )


def _is_blank(value: Any) -> bool:
    if isinstance(value, (tuple, list)) and len(value) > 0:
        return all(_is_blank(item) for item in value)
    return value is None or value is ...


def _same(one: Any, other: Any) -> bool:
    """Whether an argument is what it was (functions are taken to be)."""
    if callable(one):
        return True
    if isinstance(one, (tuple, list)):
        return (
            type(one) is type(other)
            and len(one) == len(other)
            and all(_same(a, b) for a, b in zip(one, other, strict=True))
        )
    first, second = to_array(one), to_array(other)
    if first is None or second is None:
        return bool(one == other)
    return (
        first.shape == second.shape
        and first.dtype == second.dtype
        and np.array_equal(first, second, equal_nan=first.dtype.kind == "f")
    )


def attempt(function: Callable[..., Any], arguments: Arguments) -> Attempt:
    """Call ``function`` on copies of ``arguments``, by position; its warnings are let pass."""
    given = copy.deepcopy(arguments)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            value = function(*given)
    except Exception as error:
        return Attempt(error=error)
    changed = next(
        (i for i, pair in enumerate(zip(arguments, given, strict=True)) if not _same(*pair)), None
    )
    return Attempt(value, changed=changed)


@dataclass(frozen=True)
class Finding:
    """What an examination found.

    Attributes:
        total: the number of cases.
        case: the number of the first case that went wrong, counted from 1; 0 when none did.
        arguments: that case's arguments.
        attempt: what the function did with them.
        verdict: how its result compares; None when there is no result to compare.
        hint: what helps with a known mistake.
    """

    total: int
    case: int = 0
    arguments: Arguments = ()
    attempt: Attempt = Attempt()
    verdict: Verdict | None = None
    hint: Message | None = None

    @property
    def ok(self) -> bool:
        """Whether every case went right."""
        return self.case == 0


def examine(exercise: Exercise, function: Callable[..., Any]) -> Finding:
    """Try ``function`` on the exercise's cases, up to the first one that goes wrong."""
    cases = exercise.all_cases()
    for number, arguments in enumerate(cases, start=1):
        made = attempt(function, arguments)
        if made.error is not None or made.undone:
            hint = None if made.undone else _hint(exercise, function, arguments)
            return Finding(len(cases), number, arguments, made, hint=hint)
        expected = exercise.reference(*copy.deepcopy(arguments))
        verdict = compare(expected, made.value, exercise.tolerance)
        if made.changed is not None or not verdict.ok:
            hint = None if verdict.ok else _hint(exercise, function, arguments)
            return Finding(len(cases), number, arguments, made, verdict, hint)
    return Finding(len(cases))


def _hint(exercise: Exercise, function: Callable[..., Any], case: Arguments) -> Message | None:
    """Return the hint of the mistake that computes (or raises) what ``function`` does in ``case``.

    When several do, the one that agrees with it in the most cases. When none does and several
    values are returned, a mistake that agrees up to the first wrong one.
    """

    def agrees(mistake: Mistake, arguments: Arguments, given: Attempt) -> bool:
        made = attempt(mistake.function, arguments)
        if made.error is not None or given.error is not None:
            return type(made.error) is type(given.error) and str(made.error) == str(given.error)
        return compare(made.value, given.value, exercise.tolerance).ok

    with contextlib.redirect_stdout(io.StringIO()):
        given = attempt(function, case)
        alike = [mistake for mistake in exercise.mistakes if agrees(mistake, case, given)]
        if len(alike) > 1:
            tried = [(one, attempt(function, one)) for one in exercise.all_cases()]
            alike.sort(key=lambda mistake: -sum(agrees(mistake, *one) for one in tried))
        if not alike and given.error is None:
            alike = _alike_so_far(exercise, case, given.value)
    return alike[0].hint if alike else None


def _alike_so_far(exercise: Exercise, case: Arguments, value: Any) -> list[Mistake]:
    """Return the mistakes that agree with a tuple up to its first wrong element, in ``case``."""
    expected = exercise.reference(*copy.deepcopy(case))
    wrong = compare(expected, value, exercise.tolerance).element
    if wrong is None:
        return []
    alike = []
    for mistake in exercise.mistakes:
        made = attempt(mistake.function, case)
        if isinstance(made.value, tuple) and len(made.value) == len(value):
            until = made.value[: wrong + 1]
            if compare(until, tuple(value)[: wrong + 1], exercise.tolerance).ok:
                alike.append(mistake)
    return alike


# --------------------------------------------------------------------------- telling

REFERENCE = Message(
    pl="Dalsze komórki używają rozwiązania wzorcowego.",
    en="The cells below use the reference solution.",
)

#: Types as a message names them.
TYPES = {
    "ndarray": Message(pl="tablica (ndarray)", en="an array (ndarray)"),
    "list": Message(pl="lista", en="a list"),
    "tuple": Message(pl="krotka", en="a tuple"),
    "float": Message(pl="liczba (float)", en="a number (float)"),
    "int": Message(pl="liczba całkowita (int)", en="an integer (int)"),
    "str": Message(pl="napis", en="a string"),
    "function": Message(pl="funkcja", en="a function"),
    "generator": Message(
        pl="generator (yield zamiast return?)", en="a generator (yield instead of return?)"
    ),
    "NoneType": Message(pl="None (brak return?)", en="None (is a return missing?)"),
    "ellipsis": Message(pl="...", en="..."),
}


def _type(name: str) -> Message:
    return TYPES.get(name) or Message(pl=name, en=name)


#: Longest line of a message, so that a page need not scroll.
WIDTH = 76


def _lines(*messages: Message) -> Message:
    """Join messages, every one after the first on an indented line of its own."""

    def join(lang: Language) -> str:
        first, *rest = (message.texts[lang] for message in messages)
        lines = [_wrap(first, ""), *(_wrap(text, "  ") for text in rest)]
        return "\n".join(lines)

    return Message(pl=join("pl"), en=join("en"))


def _wrap(text: str, indent: str) -> str:
    return textwrap.fill(
        " ".join(text.split()),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=indent + "  ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _shape(shape: tuple[int, ...]) -> Message:
    if shape == ():
        return Message(pl="() – jednej liczby", en="() – a single number")
    return Message(pl=str(shape), en=str(shape))


def _number(value: Any) -> str:
    return f"{value:.6g}" if isinstance(value, float) else str(value)


def describe(verdict: Verdict) -> Message:
    """Say what a verdict found wrong."""
    expected, actual = verdict.expected, verdict.actual
    place = Message(pl="", en="")
    if verdict.problem == "type":
        want, got = _type(expected).texts, _type(actual).texts
        message = Message(
            pl=f"oczekiwany wynik to {want['pl']}, a jest {got['pl']}",
            en=f"expected {want['en']}, got {got['en']}",
        )
    elif verdict.problem == "length":
        message = Message(
            pl=f"oczekiwana liczba zwróconych wartości to {expected}, a jest {actual}",
            en=f"expected {expected} returned values, got {actual}",
        )
    elif verdict.problem == "shape":
        want = _shape(expected).texts
        message = Message(
            pl=f"oczekiwano kształtu {want['pl']}, jest {actual}",
            en=f"expected shape {want['en']}, got {actual}",
        )
    elif verdict.problem == "dtype":
        message = Message(
            pl=f"oczekiwano liczb typu {expected}, są {actual}",
            en=f"expected numbers of type {expected}, got {actual}",
        )
    else:
        index = verdict.first or verdict.index
        if verdict.first:
            expected, actual = verdict.first_values
        if index:
            place = Message(pl=f"pod indeksem {_index(index)}", en=f"at index {_index(index)}")
        right, given = _number(expected), _number(actual)
        gap, gap_en = _largest(verdict)
        message = Message(
            pl=f"oczekiwano {right}, jest {given}{gap}", en=f"expected {right}, got {given}{gap_en}"
        )
    where, where_en = place.texts["pl"], place.texts["en"]
    if verdict.element is not None:
        number = verdict.element + 1
        where = f"zwrócona wartość nr {number}" + (f", {where}" if where else "")
        where_en = f"returned value {number}" + (f", {where_en}" if where_en else "")
    if not where:
        return message
    return Message(pl=f"{where}: {message.texts['pl']}", en=f"{where_en}: {message.texts['en']}")


def _index(index: tuple[int, ...]) -> str:
    return f"[{', '.join(map(str, index))}]"


def _largest(verdict: Verdict) -> tuple[str, str]:
    """Return what to say of the largest difference, in Polish and in English."""
    if not verdict.difference > 0:
        return "", ""
    gap = f"{verdict.difference:.2g}"
    if verdict.index == verdict.first:
        return f" (największa różnica {gap})", f" (largest difference {gap})"
    at = _index(verdict.index)
    return (
        f" (największa różnica {gap}, pod indeksem {at})",
        f" (largest difference {gap}, at index {at})",
    )


def _argument(name: str, value: Any) -> str:
    """Describe an argument without words, so that the text serves both languages."""
    if callable(value):
        return f"{name}: {getattr(value, '__name__', type(value).__name__)}"
    array = to_array(value)
    if array is not None and array.shape:
        return f"{name}: {array.shape}"
    return f"{name} = {value!r}" if array is None else f"{name} = {_number(array.item())}"


def _call_line(exercise: Exercise, arguments: Arguments) -> str:
    names = list(inspect.signature(exercise.reference).parameters)
    pairs = zip(names, arguments, strict=False)
    return "; ".join(_argument(name, value) for name, value in pairs)


def _raised(function: Callable[..., Any], error: Exception) -> Message:
    """Say which exception the student's code raised, and in which of its lines."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    frames = []
    trace = error.__traceback__
    while trace is not None:
        frames.append((trace.tb_frame.f_code.co_filename, trace.tb_lineno))
        trace = trace.tb_next
    own = [frame for frame in frames if code is not None and frame[0] == code.co_filename]
    what = f"{type(error).__name__}: {error}".strip().rstrip(":")
    if not own:
        return Message(pl=f"wyjątek {what}", en=f"it raised {what}")
    file, number = own[-1]
    line = linecache.getline(file, number).strip()
    where = f" „{line}”" if line else ""
    where_en = f" “{line}”" if line else ""
    return Message(
        pl=f"wyjątek w wierszu {number}{where}: {what}",
        en=f"line {number}{where_en} raised {what}",
    )


def report(exercise: Exercise, function: Callable[..., Any], finding: Finding) -> Message:
    """Return what the student is told about ``finding``."""
    name, made = exercise.name, finding.attempt
    if finding.ok:
        return Message(
            pl=f"✓ {name}: dobrze we wszystkich przypadkach ({finding.total}).",
            en=f"✓ {name}: right in all {finding.total} cases.",
        )
    if made.undone and finding.case == 1:
        lines = [Message(pl=f"○ {name}: jeszcze nie zrobione.", en=f"○ {name}: not done yet.")]
        if made.error is None and made.value is None:
            lines.append(
                Message(
                    pl="(Funkcja zwraca None. Jeśli jest gotowa, brakuje w niej return.)",
                    en="(The function returns None. If it is finished, a return is missing.)",
                )
            )
        return _lines(*lines, REFERENCE)
    call = _call_line(exercise, finding.arguments)
    lines = [
        Message(
            pl=f"✗ {name}: przypadek {finding.case} z {finding.total} ({call})",
            en=f"✗ {name}: case {finding.case} of {finding.total} ({call})",
        )
    ]
    if made.error is not None:
        lines.append(_raised(function, made.error))
    elif finding.verdict is None:
        got = _type(type(made.value).__name__).texts
        lines.append(Message(pl=f"zwrócono {got['pl']}", en=f"it returned {got['en']}"))
    else:
        if not finding.verdict.ok:
            lines.append(describe(finding.verdict))
        if made.changed is not None:
            argument = list(inspect.signature(exercise.reference).parameters)[made.changed]
            lines.append(
                Message(
                    pl=f"funkcja zmienia swój argument {argument}: pracuj na kopii",
                    en=f"the function changes its argument {argument}: work on a copy",
                )
            )
    if finding.hint is not None:
        lines.append(
            Message(
                pl=f"Wskazówka: {finding.hint.texts['pl']}",
                en=f"Hint: {finding.hint.texts['en']}",
            )
        )
    return _lines(*lines, REFERENCE)


def _check_choice(choice: Choice, answer: Any) -> Message:
    letters = ", ".join(sorted(choice.remarks))
    if _is_blank(answer):
        return Message(
            pl=f"○ {choice.name}: jeszcze bez odpowiedzi (jedna z liter {letters}).",
            en=f"○ {choice.name}: no answer yet (one of {letters}).",
        )
    letter = choice.letter(answer)
    if letter not in choice.remarks:
        return Message(
            pl=f"✗ {choice.name}: odpowiedź to jedna z liter {letters}, a jest {answer!r}.",
            en=f"✗ {choice.name}: the answer is one of {letters}, got {answer!r}.",
        )
    mark = "✓" if choice.right(letter) else "✗"
    first = f"{mark} {choice.name}: {letter}."
    return _lines(Message(pl=first, en=first), choice.remarks[letter])


def check(name: str, answer: Any) -> Any:
    """Check an answer to an exercise, say how it went, and return what to go on with.

    Args:
        name: the exercise, for instance ``"airline/windows"``.
        answer: the function that was to be written; a letter for a multiple-choice question.

    Returns:
        ``answer`` when it is right in every case, otherwise the reference implementation, so that
        the notebook runs on; None for a multiple-choice question.

    Raises:
        ValueError: there is no exercise of that name.
    """
    exercise = find(name)
    if isinstance(exercise, Choice):
        _check_choice(exercise, answer).show()
        return None
    if answer is None or answer is ...:
        report(exercise, exercise.reference, Finding(0, 1, attempt=Attempt(...))).show()
        return exercise.reference
    if not callable(answer):
        kind_of = _type(type(answer).__name__).texts
        first = Message(
            pl=f"✗ {name}: potrzebna jest sama funkcja, bez nawiasów, a jest {kind_of['pl']}.",
            en=f"✗ {name}: give the function itself, without parentheses; got {kind_of['en']}.",
        )
        _lines(first, REFERENCE).show()
        return exercise.reference
    finding = examine(exercise, answer)
    report(exercise, answer, finding).show()
    return answer if finding.ok else exercise.reference
