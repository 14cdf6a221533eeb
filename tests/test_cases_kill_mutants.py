"""The cases are strong: a reference with one thing changed is refused, by other seeds too.

A mutant that is accepted either computes the same, and then stands with the reason in
``equivalent/<lab>.toml``, or shows a hole in the exercise's cases.
"""

from __future__ import annotations

import copy
import importlib
import pkgutil
import time
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from mutants import OutOfTimeError, cpu_limit, edited, mutants

from press.grading import judge
from unrolled import exercises
from unrolled.compare import attempt, compare
from unrolled.exercises import Exercise

LABS = [module.name for module in pkgutil.iter_modules(exercises.__path__)]
EXERCISES = {
    name: exercise
    for lab in LABS
    for name, exercise in importlib.import_module(f"unrolled.exercises.{lab}").EXERCISES.items()
    if isinstance(exercise, Exercise)
}
LISTS = sorted((Path(__file__).parent / "equivalent").glob("*.toml"))
EQUIVALENT: dict[str, dict[str, str]] = {
    name: reasons
    for path in LISTS
    for name, reasons in tomllib.loads(path.read_text(encoding="utf-8")).items()
}
SECRETS = ("one course", "another course", "a third course")
#: Seconds of the processor for all cases of a set; a reference takes some thousandths.
LIMIT = 1.0


@dataclass(frozen=True)
class CaseSet:
    """Cases that are tried together, with what is expected of each."""

    name: str
    exercise: Exercise
    cases: Sequence[tuple[exercises.Arguments, Any]]

    def accepts(self, function: Callable[..., Any]) -> bool:
        """Whether ``function`` is right in every case, within the time limit."""
        try:
            with cpu_limit(LIMIT):
                return all(self._right(function, *case) for case in self.cases)
        except OutOfTimeError:
            return False

    def _right(
        self, function: Callable[..., Any], arguments: exercises.Arguments, expected: Any
    ) -> bool:
        made = attempt(function, arguments)
        if made.error is not None or made.undone or made.changed is not None:
            return False
        return compare(expected, made.value, self.exercise.tolerance).ok


def case_sets(exercise: Exercise) -> list[CaseSet]:
    """Return the notebook's cases and the hidden ones of several courses."""
    cases = {"visible": exercise.all_cases()} | {
        f"hidden ({secret})": judge.hidden_cases(exercise, secret) for secret in SECRETS
    }
    return [
        CaseSet(name, exercise, [(c, exercise.reference(*copy.deepcopy(c))) for c in some])
        for name, some in cases.items()
    ]


@pytest.mark.parametrize("name", EXERCISES)
def test_every_mutant_is_refused_or_equivalent(name: str) -> None:
    sets = case_sets(EXERCISES[name])
    assert all(some.accepts(some.exercise.reference) for some in sets)
    excused = EQUIVALENT.get(name, {})
    faults, changes = [], []
    for mutant in mutants(EXERCISES[name].reference):
        changes.append(mutant.change)
        accepting = [some.name for some in sets if some.accepts(mutant.function)]
        if accepting and mutant.change not in excused:
            faults.append(
                f"{mutant.change}\n    is accepted by: {', '.join(accepting)}. Add a case "
                "that refuses it, or say in tests/equivalent why it computes the same."
            )
        elif mutant.change in excused and len(accepting) < len(sets):
            faults.append(f"{mutant.change}\n    is not equivalent: take it off the list.")
    assert len(changes) == len(set(changes)) >= 10
    gone = [f"{change}\n    is no mutant: take it off the list." for change in excused]
    faults += [text for change, text in zip(excused, gone, strict=True) if change not in changes]
    assert not faults, "\n".join([f"{name}: {len(faults)}", *faults])


def test_lists_name_exercises_and_give_reasons() -> None:
    assert {path.stem for path in LISTS} <= set(LABS)
    for path in LISTS:
        for name, reasons in tomllib.loads(path.read_text(encoding="utf-8")).items():
            assert name in EXERCISES
            assert name.startswith(f"{path.stem}/"), path.name
            assert reasons, name
            assert all(len(reason.split()) >= 3 for reason in reasons.values()), name


#: What a text says in words and no systematic mutant tries: edits of the references that break it.
#: Some of them were accepted once, the others by the cases of some secrets.
BROKEN: dict[str, dict[str, tuple[str, str]]] = {
    "addition/encode": {
        "numbers of 16 bits": ("numbers[:, None]", "numbers[:, None].astype('u2')"),
        "numbers of 31 bits": ("numbers[:, None]", "numbers[:, None].astype('i4')"),
        "sums of 32 bits": ("bits(a + b)", "bits((a + b).astype('u4').astype(int))"),
        "numbers of single precision": ("bits(a + b)", "bits(np.float32(a + b).astype(int))"),
        "carries over three places": ("bits(a + b)", "bits(a ^ b ^ (a & b) * 2 & ~(a & b) * 16)"),
    },
    "addition/forward": {
        "exp(z) overflows": ("np.logaddexp(0, z)", "np.log1p(np.exp(z))"),
        "exp(-z) overflows": ("np.logaddexp(0, z)", "(z + np.log1p(np.exp(-z)))"),
    },
    "addition/bptt": {
        "windows of 8": ("d_s + d_states[:, t]", "d_s * (t % 8 != 7) + d_states[:, t]"),
    },
    "sine/amplitude": {
        "phases from 0 to 2 pi": ("np.arctan2(b, a)", "np.arctan2(b, a) % (2 * np.pi)"),
    },
    "sine/pole": {
        "complex poles": ("np.abs(roots)", "np.abs(roots) * (np.abs(roots.imag) > 1e-09)"),
        "real poles": ("np.abs(roots)", "np.abs(roots) * (np.abs(roots.imag) < 1e-09)"),
        "positive poles": ("np.abs(roots)", "np.abs(roots) * (roots.real > 0)"),
    },
    "airline/scaler": {
        "all but the first": ("series[:n_train]", "series[min(1, n_train - 1) : n_train]"),
    },
    "airline/recursive": {
        "the last 100 values": ("step(known)", "step(known[:, -100:])"),
    },
    "memory/order": {
        "XX like XY": ("2 * first + second", "np.maximum(2 * first + second, 1)"),
        "YY like YX": ("2 * first + second", "np.minimum(2 * first + second, 2)"),
    },
    "memory/clip": {
        "always": ("min(1.0, limit / norm)", "limit / norm"),
        "to 1": ("limit / norm)", "1 / norm)"),
        "never": ("min(1.0, limit / norm)", "1.0"),
    },
    "characters/witten-bell": {
        "uniform for a context never seen": ("mixed, lower)", "mixed, 1 / counts.shape[1])"),
    },
    "characters/sampling": {
        "exp overflows": ("logits - logits.max(axis=1, keepdims=True)", "logits"),
        "two at least": ("[:, -k]", "[:, -max(k, 2)]"),
        "not all": ("[:, -k]", "[:, -min(k, logits.shape[1] - 1)]"),
    },
    "characters/copied": {
        "one at least": ("common.max()", "max(common.max(), 1)"),
    },
    "diacritics/words": {
        "small letters can carry a mark": ("OPEN &", "set('acelnosz') &"),
        "words that carry a mark": (
            "strip(t)[0])",
            "t) - set(strip(t)[0]) or OPEN & set(t) - OPEN",
        ),
        "words between spaces": (
            "guess.split(), truth.split()",
            "guess.split(' '), truth.split(' ')",
        ),
    },
    "diacritics/frequent": {
        "the last of equals": ("max(f,", "max(reversed(f),"),
        "the first of equals in the alphabet": ("max(f,", "max(sorted(f),"),
        "the last of equals in the alphabet": ("max(f,", "max(sorted(f, reverse=True),"),
        "small letters": ("in train", "in map(str.lower, train)"),
        "unseen words are left out": ("for w in words", "for w in words if w in forms"),
    },
    "diacritics/loss": {
        "one maximum for all": ("logits.max(axis=-1, keepdims=True)", "logits.max(keepdims=True)"),
        "exp overflows": ("logits.max(axis=-1, keepdims=True)", "0 * logits[..., :1]"),
    },
    "diacritics/letters": {
        "capitals too": ("hit =", "guess, truth = (guess.lower(), truth.lower()); hit ="),
        "capitals of the truth too": ("hit =", "truth = truth.lower(); hit ="),
        "no letter, no answer": (
            "return",
            "return (0.0, 0.0) if needed == put == 0 else hit / put,",
        ),
    },
    "digits/conv": {
        "square kernels transposed": ("np.sum(K *", "np.sum((K.T if kh == kw else K) *"),
    },
    "digits/field": {
        "strides of 2 alone": ("jump *= stride", "jump *= min(stride, 2)"),
    },
    "digits/confusion": {
        "counts of 8 bits": ("dtype=int", "dtype='u1'"),
    },
}


@pytest.mark.parametrize(("name", "what"), [(n, w) for n, some in BROKEN.items() for w in some])
def test_every_set_of_cases_tests_what_the_text_says(name: str, what: str) -> None:
    broken = edited(EXERCISES[name].reference, *BROKEN[name][what])
    assert [some.name for some in case_sets(EXERCISES[name]) if some.accepts(broken)] == []


# --------------------------------------------------------------------------- the mutants themselves


def sample(values: np.ndarray, count: int) -> float:
    """Return something that has one thing of most kinds."""
    total = 0.0
    for value in values[1:count]:
        if value >= 0 and count > 2:
            total += np.abs(value) ** 2
    return float(np.sqrt(total, dtype=float))


def endless(count: int) -> int:
    """Return count, unless it never gets there."""
    i = 0
    while i < count:
        i += 1
    return i


def test_mutants_are_edits_of_the_source() -> None:
    made = {mutant.change: mutant.function for mutant in mutants(sample)}
    for change in (
        "value >= 0 => value > 0",
        "value >= 0 and count > 2 => value >= 0 or count > 2",
        "count > 2 => count > 3",
        "count > 2 => values > 2",
        "1:count => :count",
        "1:count => 1:count + 1",
        "values[1:count] => values",
        "np.abs(value) ** 2 => np.abs(value) * 2",
        "np.abs(value) => value",
        "total += np.abs(value) ** 2 => total = np.abs(value) ** 2",
        "total += np.abs(value) ** 2 => pass",
        "np.sqrt(total, dtype=float) => np.sqrt(total)",
    ):
        assert change in made
    values = np.array([5.0, 3.0, -4.0, 4.0])
    assert sample(values, 4) == 5
    assert made["1:count => :count"](values, 4) == pytest.approx(50**0.5)
    assert made["1:count => 1:count - 1"](values, 4) == 3


def test_an_endless_mutant_is_stopped_by_its_own_time_alone() -> None:
    made = {mutant.change: mutant.function for mutant in mutants(endless)}
    before = time.process_time()
    with pytest.raises(OutOfTimeError), cpu_limit(0.3):
        made["i += 1 => pass"](3)
    assert time.process_time() - before >= 0.1  # a timer ticks by hundredths, and not in step
    with cpu_limit(0.05):
        time.sleep(0.1)
    assert endless(3) == 3


def test_only_a_plain_function_has_mutants() -> None:
    with pytest.raises(ValueError, match="plain def"):
        next(mutants(lambda x: x))
    with pytest.raises(ValueError, match="once"):
        edited(endless, "count", "0")
