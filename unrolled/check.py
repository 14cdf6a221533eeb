"""Instant checks of the exercises: ``make_windows = check("airline/windows", make_windows)``.

What a student is told. :mod:`unrolled.compare` judges, :mod:`unrolled.hints` finds out which
mistake a function makes, :mod:`unrolled.mold` lets what is handed on work in the cells below.
"""

from __future__ import annotations

import contextlib
import functools
import html
import inspect
import io
import linecache
import textwrap
import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from unrolled import palette
from unrolled.compare import Attempt, Verdict, attempt, compare, is_blank, to_array
from unrolled.exercises import Arguments, Choice, Exercise, find
from unrolled.hints import hint
from unrolled.messages import Language, Message
from unrolled.mold import Mold, fits, mold, molded
from unrolled.time_limit import TimeLimitError

#: How long one call may take (seconds of the processor); the cases take thousandths of one.
LONGEST_CALL = 20.0

# --------------------------------------------------------------------------- examining


@dataclass(frozen=True)
class Finding:
    """What an examination found.

    Attributes:
        total: the number of cases.
        case: the number of the first case that went wrong, counted from 1; 0 when none did.
        arguments: that case's arguments.
        attempt: what the function did with them.
        verdict: how its result compares; None when there is no result to compare.
        cast: the mold that results must be cast into so that the cells below can use them; None
            when they are what the reference returns.
    """

    total: int
    case: int = 0
    arguments: Arguments = ()
    attempt: Attempt = field(default_factory=Attempt)
    verdict: Verdict | None = None
    cast: Mold | None = None
    _explain: Callable[[], Message | None] = field(default=lambda: None, repr=False)

    @property
    def ok(self) -> bool:
        """Whether every case went right."""
        return self.case == 0

    @functools.cached_property
    def hint(self) -> Message | None:
        """What helps with a known mistake; found out when it is asked for."""
        return self._explain()


def examine(exercise: Exercise, function: Callable[..., Any]) -> Finding:
    """Try ``function`` on the exercise's cases, up to the first one that goes wrong."""
    cases = exercise.all_cases()
    tried: list[Attempt] = []
    cast = None

    def explain() -> Message | None:
        return hint(exercise, cases, _rest(function, cases, tried))

    for number, arguments in enumerate(cases, start=1):
        made = attempt(function, arguments, LONGEST_CALL)
        tried.append(made)
        if made.error is not None or made.undone:
            return Finding(len(cases), number, arguments, made, _explain=explain)
        expected = attempt(exercise.reference, arguments).value
        verdict = compare(expected, made.value, exercise.tolerance)
        if made.changed is not None or not verdict.ok:
            return Finding(len(cases), number, arguments, made, verdict, _explain=explain)
        form = mold(expected)
        if not fits(made.value, form):
            cast = form
    return Finding(len(cases), cast=cast)


def _rest(
    function: Callable[..., Any], cases: list[Arguments], tried: list[Attempt]
) -> list[Attempt]:
    """Return the attempts at all cases, in silence, up to one that takes too long."""
    made = list(tried)
    with contextlib.redirect_stdout(io.StringIO()):
        for arguments in cases[len(tried) :]:
            if isinstance(made[-1].error, TimeLimitError):
                break
            made.append(attempt(function, arguments, LONGEST_CALL))
    return made


# --------------------------------------------------------------------------- telling

REFERENCE = Message(
    pl="Dalsze komórki używają rozwiązania wzorcowego.",
    en="The cells below use the reference solution.",
)
#: The same after a wrong answer, which a student will want to try by hand.
RENAMED = Message(
    pl="Dalsze komórki używają pod tą nazwą rozwiązania wzorcowego. Zanim wypróbujesz swoją "
    "funkcję, uruchom znowu komórkę z nią.",
    en="The cells below use the reference solution under this name. Before you try your own "
    "function, run its cell again.",
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


#: The colours of a sign and of the badge behind it. The sign is read on the badge alone, so that
#: it stands out in a light notebook and in a dark one.
BADGES = {
    "✓": ("#FFFFFF", palette.INPUT),
    "✗": ("#FFFFFF", palette.FORGET),
    "○": ("#FFFFFF", "#6B7280"),
}


class Notice(Message):
    """What a check says: text that begins with a sign, and in a notebook the sign in colour."""

    def bundle(self, lang: Language) -> dict[str, Any]:
        """Return the text, and the same text as HTML."""
        text = self.texts[lang]
        ink, badge = BADGES[text[0]]
        style = "margin: 0; padding: 0; white-space: pre-wrap; background: transparent"
        sign = f"color: {ink}; background: {badge}; padding: 0 0.35em; border-radius: 0.25em"
        first, _, rest = text[1:].partition("\n")
        told = f"<b>{html.escape(first)}</b>" + (f"\n{html.escape(rest)}" if rest else "")
        return {
            "text/html": f'<pre style="{style}"><b style="{sign}">{text[0]}</b>{told}</pre>',
            "text/plain": text,
        }


def _lines(*messages: Message) -> Notice:
    """Join messages, every one after the first on an indented line of its own."""

    def join(lang: Language) -> str:
        first, *rest = (message.texts[lang] for message in messages)
        lines = [_wrap(first, ""), *(_wrap(text, "  ") for text in rest)]
        return "\n".join(lines)

    return Notice(pl=join("pl"), en=join("en"))


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


def _line(function: Callable[..., Any], places: list[tuple[str, int]]) -> tuple[str, str] | None:
    """Return the last of these places that lies in the student's code, in Polish and English."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    own = [place for place in places if code is not None and place[0] == code.co_filename]
    if not own:
        return None
    file, number = own[-1]
    line = linecache.getline(file, number).strip()
    where, where_en = (f" „{line}”", f" “{line}”") if line else ("", "")
    return f"w wierszu {number}{where}", f"line {number}{where_en}"


def _raised(function: Callable[..., Any], error: BaseException) -> Message:
    """Say which exception the student's code raised, and in which of its lines."""
    places = [
        (frame.f_code.co_filename, line) for frame, line in traceback.walk_tb(error.__traceback__)
    ]
    place = _line(function, places)
    if isinstance(error, TimeLimitError):
        where, where_en = (f" {place[0]}", f" in {place[1]}") if place else ("", "")
        return Message(
            pl=f"przerwano po {LONGEST_CALL:g} s{where}: czy ta pętla się kończy?",
            en=f"stopped after {LONGEST_CALL:g} s{where_en}: does this loop end?",
        )
    what = f"{type(error).__name__}: {error}".strip().rstrip(":")
    if place is None:
        return Message(pl=f"wyjątek {what}", en=f"it raised {what}")
    return Message(pl=f"wyjątek {place[0]}: {what}", en=f"{place[1]} raised {what}")


def _warned(function: Callable[..., Any], made: Attempt) -> Message | None:
    """Say of which line NumPy warned, if that line is the student's."""
    warning = made.warning
    place = _line(function, [(warning.file, warning.line)]) if warning else None
    if warning is None or place is None:
        return None
    return Message(
        pl=f"ostrzeżenie {place[0]}: {warning.text}", en=f"{place[1]} warned: {warning.text}"
    )


def report(exercise: Exercise, function: Callable[..., Any], finding: Finding) -> Notice:
    """Return what the student is told about ``finding``."""
    name, made = exercise.name, finding.attempt
    if finding.ok:
        return Notice(
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
            warned = _warned(function, made) if finding.verdict.problem == "finite" else None
            lines += [warned] if warned else []
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
    return _lines(*lines, RENAMED)


def _check_choice(choice: Choice, answer: Any) -> Notice:
    letters = ", ".join(sorted(choice.remarks))
    if is_blank(answer):
        return Notice(
            pl=f"○ {choice.name}: jeszcze bez odpowiedzi (jedna z liter {letters}).",
            en=f"○ {choice.name}: no answer yet (one of {letters}).",
        )
    letter = choice.letter(answer)
    if letter not in choice.remarks:
        return Notice(
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
        the notebook runs on; None for a multiple-choice question. An answer that is right but
        returns other types (float32, a tensor, a list for a tuple) comes back with its results
        cast into those of the reference, for which the cells below were written.

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
    if inspect.unwrap(answer) is exercise.reference:
        _second_time(name).show()
        return exercise.reference
    finding = examine(exercise, answer)
    report(exercise, answer, finding).show()
    if not finding.ok:
        return exercise.reference
    return answer if finding.cast is None else molded(answer, finding.cast)


def _second_time(name: str) -> Notice:
    """Say that what was handed in is what an earlier check handed back."""
    first = Message(
        pl=f"○ {name}: to jest rozwiązanie wzorcowe, nie twoje.",
        en=f"○ {name}: this is the reference solution, not yours.",
    )
    second = Message(
        pl="Poprzednie sprawdzenie wstawiło je pod tę nazwę. Uruchom najpierw komórkę ze swoją "
        "funkcją, a potem tę.",
        en="The last check put it under this name. Run the cell with your function first, then "
        "this one.",
    )
    return _lines(first, second)
