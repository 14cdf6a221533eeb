"""Hidden cases: what goes into the sandbox, and what is made of what comes out.

The cases come from the exercise's own generator with seeds made from the course's secret; the
expected values are computed here and never leave. What a submission sends is data: forging a right
answer means computing it.
"""

from __future__ import annotations

import base64
import binascii
import copy
import hashlib
import inspect
import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import cloudpickle
import numpy as np

from press.grading.inside.wire import decode, encode, identifier, legible
from unrolled import hints
from unrolled.check import describe
from unrolled.compare import Attempt, Verdict, compare, is_blank, to_array
from unrolled.exercises import Arguments, Choice, Exercise
from unrolled.messages import Message

#: How many hidden seeds an exercise's cases are made from.
SEEDS = 3

#: Modules that a sandbox does not have: the exercises, and the tests' bank of answers.
_NOT_INSIDE = ("unrolled.exercises", "bank.")

RIGHT = Message(pl="dobrze", en="right")
UNDONE = Message(pl="jeszcze nie zrobione", en="not done yet")
#: Why a case has no answer, by how the request for it ended.
ENDINGS = {
    "time": Message(
        pl="przerwano: wywołanie trwało dłużej niż {limit:g} s",
        en="stopped: the call took longer than {limit:g} s",
    ),
    "memory": Message(
        pl="przerwano: program zajął ponad {memory} MB pamięci",
        en="stopped: the program took more than {memory} MB of memory",
    ),
    "died": Message(pl="program zakończył działanie jądra", en="the program ended its kernel"),
    "files": Message(pl="przerwano: program zapisał za dużo", en="stopped: it wrote too much"),
    "processes": Message(
        pl="przerwano: program uruchomił za dużo procesów",
        en="stopped: the program started too many processes",
    ),
    "error": Message(
        pl="jądro nie potrafiło wywołać funkcji", en="the kernel could not call the function"
    ),
    "not run": Message(
        pl="nie sprawdzano po poprzednim przypadku", en="not tried after the case before"
    ),
    "budget": Message(
        pl="nie sprawdzano: rozwiązanie zużyło cały swój czas ({submission:g} s)",
        en="not tried: the submission used up all its time ({submission:g} s)",
    ),
    "forged": Message(
        pl="odpowiedź funkcji jest nieczytelna", en="the function's answer cannot be read"
    ),
    "undefined": Message(pl="funkcji {target} nie ma", en="there is no function {target}"),
}


@dataclass(frozen=True)
class Outcome:
    """What came of one hidden case.

    Attributes:
        ok: whether it went right.
        text: how it went, for the student; without the expected value.
        call: the arguments' names and sizes.
        undone: whether the function said that it had not been written.
        arguments: the case's arguments.
        made: what the function did with them; None when it was not called or gave no answer.
    """

    ok: bool
    text: Message
    call: str = ""
    undone: bool = False
    arguments: Arguments = ()
    made: Attempt | None = None


def hidden_cases(exercise: Exercise, secret: str) -> list[Arguments]:
    """Return the arguments of the exercise's hidden cases, the same ones for the same secret."""
    seeds = []
    for number in range(SEEDS):
        digest = hashlib.sha256(f"{secret} {exercise.name} {number}".encode()).digest()
        seed = int.from_bytes(digest[:4], "big")
        seeds.append(seed + 2**32 if seed in exercise.seeds else seed)
    return exercise.all_cases(seeds)


def packed(value: Any) -> str:
    """Return a value as it travels into the sandbox, where no exercise's module is.

    Functions of the exercises' modules go by value, with what they use and nothing else.
    """
    modules = [
        sys.modules[name] for name in _by_value(len(sys.modules), next(reversed(sys.modules)))
    ]
    for module in modules:
        cloudpickle.register_pickle_by_value(module)
    try:
        return base64.b64encode(cloudpickle.dumps(value, protocol=5)).decode()
    finally:
        for module in modules:
            cloudpickle.unregister_pickle_by_value(module)


@lru_cache(maxsize=1)
def _by_value(count: int, last: str) -> tuple[str, ...]:
    """Return the names of the imported modules that go by value.

    Looking through thousands of names takes longer than packing a case: it is done once for as long
    as nothing is imported.

    Args:
        count: how many modules have been imported.
        last: the last one's name.
    """
    # A list, because importing goes on while this is read.
    return tuple(name for name in list(sys.modules) if name.startswith(_NOT_INSIDE))


def parse(text: str | None) -> dict[str, Any] | None:
    """Return what a kernel answered, or None if it is not an answer."""
    try:
        said = json.loads(base64.b64decode(text or "", validate=True))
        said = json.loads(legible(json.dumps(said, ensure_ascii=False)))
    except (ValueError, binascii.Error, RecursionError):
        return None
    return said if isinstance(said, dict) else None


def ending(kind: str, **facts: Any) -> Message:
    """Say why a case has no answer."""
    texts = ENDINGS[kind].texts
    return Message(pl=texts["pl"].format(**facts), en=texts["en"].format(**facts))


def judge(exercise: Exercise, arguments: Arguments, said: dict[str, Any] | None) -> Outcome:
    """Compare a kernel's answer with the reference; :func:`hint` has a word for all cases.

    Args:
        exercise: the exercise.
        arguments: the case.
        said: what :func:`press.grading.inside.probe.call` returned.
    """
    call = call_line(exercise, arguments)
    if said is None:
        return Outcome(False, ending("forged"), call)
    if "error" in said:
        made = Attempt(error=_error(said["error"]))
        return replace(_raised(said["error"], call), arguments=arguments, made=made)
    try:
        value = decode(said.get("value"))
    except ValueError:
        return Outcome(False, ending("forged"), call)
    made = Attempt(value)
    if is_blank(value):
        return Outcome(False, UNDONE, call, undone=True, arguments=arguments, made=made)
    expected = exercise.reference(*copy.deepcopy(arguments))
    try:
        verdict = compare(expected, value, exercise.tolerance)
    except Exception:  # whatever is odd about it: it costs this case and nothing else
        return Outcome(False, ending("forged"), call)
    if not verdict.ok:
        text = _without_key(verdict)
        return Outcome(False, text, call, arguments=arguments, made=made)
    changed = _changed(arguments, said.get("after"))
    if changed is not None:
        name = list(inspect.signature(exercise.reference).parameters)[changed]
        text = Message(
            pl=f"funkcja zmienia swój argument {name}: pracuj na kopii",
            en=f"the function changes its argument {name}: work on a copy",
        )
        return Outcome(False, text, call, arguments=arguments, made=made)
    return Outcome(True, RIGHT, call, arguments=arguments, made=made)


def hint(exercise: Exercise, outcomes: Sequence[Outcome]) -> Message | None:
    """Return the one hint for what a function did in all its hidden cases, or None.

    It is found as the notebook's check finds it, by :func:`unrolled.hints.hint`.
    """
    tried = [(one.arguments, one.made) for one in outcomes if one.made is not None]
    found = hints.hint(exercise, [case for case, _ in tried], [made for _, made in tried])
    if found is None:
        return None
    return Message(pl=f"Wskazówka: {found.texts['pl']}", en=f"Hint: {found.texts['en']}")


def _error(said: Any) -> Exception:
    """Return an exception of the name and the text that a kernel told."""
    said = said if isinstance(said, dict) else {}
    kind = type(identifier(said.get("type")) or "Exception", (Exception,), {})
    error: Exception = kind(str(said.get("message") or ""))
    return error


def judge_choice(choice: Choice, said: dict[str, Any] | None) -> Outcome:
    """Judge the answer to a multiple-choice question."""
    try:
        value = decode((said or {}).get("value"))
    except ValueError:
        value = None
    letter = choice.letter(value)
    if not isinstance(value, str) or not value.strip():
        return Outcome(False, UNDONE, undone=True)
    if letter not in choice.remarks:
        letters = ", ".join(sorted(choice.remarks))
        text = Message(
            pl=f"odpowiedź to jedna z liter {letters}", en=f"the answer is one of {letters}"
        )
        return Outcome(False, text)
    remark = choice.remarks[letter].texts
    return Outcome(
        choice.right(letter),
        Message(pl=f"{letter}. {remark['pl']}", en=f"{letter}. {remark['en']}"),
    )


def _raised(error: Any, call: str) -> Outcome:
    error = error if isinstance(error, dict) else {}
    name = str(error.get("type"))[:60]
    if name == "NotImplementedError":
        return Outcome(False, UNDONE, call, undone=True)
    message, code = str(error.get("message") or "")[:300], str(error.get("code") or "")[:120]
    what = f"{name}: {message}".strip().rstrip(":")
    number = error.get("line")
    if not isinstance(number, int) or number <= 0:
        return Outcome(False, Message(pl=f"wyjątek {what}", en=f"it raised {what}"), call)
    where, where_en = (f" „{code}”", f" “{code}”") if code else ("", "")
    text = Message(
        pl=f"wyjątek w wierszu {number}{where}: {what}",
        en=f"line {number}{where_en} raised {what}",
    )
    return Outcome(False, text, call)


def _without_key(verdict: Verdict) -> Message:
    if verdict.problem not in ("value", "finite"):
        return describe(verdict)
    place = ""
    if verdict.index:
        place = f" [{', '.join(map(str, verdict.index))}]"
    if verdict.problem == "finite":
        message = Message(
            pl=f"w wyniku{place} jest nan albo nieskończoność",
            en=f"the result{place} is nan or infinite",
        )
    elif verdict.difference > 0:
        gap = f"{verdict.difference:.1g}"
        comma = gap.replace(".", ",")
        message = Message(
            pl=f"wartości nie są te, co trzeba; najdalej od właściwej jest{place} (o {comma})",
            en=f"the values are not the right ones; the farthest off is{place} (by {gap})",
        )
        if not place:
            message = Message(
                pl=f"wartość nie jest ta, co trzeba (różni się o {comma})",
                en=f"the value is not the right one (off by {gap})",
            )
    else:
        message = Message(
            pl=f"wartość{place} nie jest ta, co trzeba", en=f"the value{place} is not the right one"
        )
    if verdict.element is None:
        return message
    number = verdict.element + 1
    return Message(
        pl=f"zwrócona wartość nr {number}: {message.texts['pl']}",
        en=f"returned value {number}: {message.texts['en']}",
    )


def _changed(arguments: Arguments, after: Any) -> int | None:
    """Return the position of the first argument that is no longer what it was."""
    if not isinstance(after, list) or len(after) != len(arguments):
        return 0
    for index, (before, now) in enumerate(zip(arguments, after, strict=True)):
        if not callable(before) and encode(before) != now:
            return index
    return None


def call_line(exercise: Exercise, arguments: Arguments) -> str:
    """Describe a case by its arguments' names and sizes, in words of no language."""
    names = list(inspect.signature(exercise.reference).parameters)
    said = []
    for name, value in zip(names, arguments, strict=False):
        array = to_array(value)
        if callable(value):
            said.append(f"{name}: {getattr(value, '__name__', type(value).__name__)}")
        elif array is not None and array.shape:
            said.append(f"{name}: {array.shape}")
        elif array is not None:
            said.append(f"{name} = {array.item():.6g}")
        elif isinstance(value, tuple) and all(isinstance(part, np.ndarray) for part in value):
            said.append(f"{name}: ({', '.join(str(part.shape) for part in value)})")
        else:
            said.append(f"{name}: {type(value).__name__}")
    return "; ".join(said)
