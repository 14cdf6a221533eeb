"""Whether two results agree and where they part, and what comes of calling a function.

Two parts that know nothing of one another: :func:`compare` compares two results, and
:func:`attempt` calls a function on copies of a case's arguments.
"""

from __future__ import annotations

import copy
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from unrolled.exercises import Arguments
from unrolled.time_limit import TimeLimitError, time_limit

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
    the larger of 1 and the largest expected finite number. An integer may stand for one float,
    but not an array of integers for one of floats. nan agrees with nan, an infinity with itself.

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
    one_number = right.shape == () and (kind(right), kind(given)) == ("float", "int")
    if kind(given) != kind(right) and not one_number:
        return Verdict("dtype", kind(right), kind(given))
    if kind(right) != "float":
        differs = given != right
    else:
        right, given = right.astype(np.float64), given.astype(np.float64)
        finite = np.isfinite(right)
        unwanted = ~np.isfinite(given) & finite
        if unwanted.any():
            first = tuple(int(i) for i in np.argwhere(unwanted)[0])
            return Verdict("finite", float(right[first]), float(given[first]), index=first)
        limit = tolerance * max(1.0, float(np.abs(right[finite]).max(initial=0.0)))
        differs = ~((_gap(right, given) < limit) | (np.isnan(right) & np.isnan(given)))
    if not differs.any():
        return Verdict()
    gap = np.where(differs, _gap(right, given), 0.0)
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


def _gap(right: np.ndarray, given: np.ndarray) -> np.ndarray:
    """Return how far numbers are apart; 0 where both are the same infinity."""
    one, other = right.astype(np.float64), given.astype(np.float64)
    with np.errstate(invalid="ignore"):
        return np.where(one == other, 0.0, np.abs(other - one))


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
class Warned:
    """A warning and where it arose.

    Attributes:
        text: what it says.
        file: the file of the line that caused it.
        line: the line's number, counted from 1.
    """

    text: str
    file: str
    line: int


@dataclass(frozen=True)
class Attempt:
    """What came of calling a function once.

    Attributes:
        value: what it returned.
        error: the exception that it raised, or None.
        changed: the position of the first argument that it changed, or None.
        warning: the first warning of NumPy about its numbers (such as 0 / 0), or None.
    """

    value: Any = None
    error: BaseException | None = None
    changed: int | None = None
    warning: Warned | None = None

    @property
    def undone(self) -> bool:
        """Whether the function has not been written yet."""
        return isinstance(self.error, NotImplementedError) or (
            self.error is None and is_blank(self.value)
        )


def is_blank(value: Any) -> bool:
    """Whether a value says that nothing has been written: None, ``...``, or a tuple of these."""
    if isinstance(value, (tuple, list)) and len(value) > 0:
        return all(is_blank(item) for item in value)
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


def attempt(
    function: Callable[..., Any], arguments: Arguments, seconds: float | None = None
) -> Attempt:
    """Call ``function`` on copies of ``arguments``, by position.

    Its warnings are not shown; the first one about numbers is kept.

    Args:
        function: what is called.
        arguments: of the call; they stay as they are.
        seconds: of the processor that the call may take; None for no limit. A call that takes
            longer ends with a :class:`TimeLimitError` as its error.
    """
    given = copy.deepcopy(arguments)
    warned: list[Warned] = []

    def note(
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        *_: Any,
        **__: Any,
    ) -> None:
        if not warned:
            warned.append(Warned(str(message), filename, lineno))

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            warnings.filterwarnings("always", category=RuntimeWarning)
            warnings.showwarning = note  # put back on leaving
            with time_limit(seconds):
                value = function(*given)
    except (Exception, SystemExit, TimeLimitError) as error:  # an answer may call sys.exit()
        return Attempt(error=error)
    changed = next(
        (i for i, pair in enumerate(zip(arguments, given, strict=True)) if not _same(*pair)), None
    )
    return Attempt(value, changed=changed, warning=warned[0] if warned else None)
