"""What an exercise is, and where to find one by its name.

An exercise's name is ``lab/exercise``; ``unrolled/exercises/<lab>.py`` holds the lab's in the
dictionary ``EXERCISES``. They are data for two readers: :func:`unrolled.check.check` in the
notebook, and whoever grades with other seeds outside of it.
"""

from __future__ import annotations

import copy
import difflib
import hashlib
import importlib
import pkgutil
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from unrolled.messages import Message

Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Mistake:
    """A wrong answer that students give often, and what helps them.

    Attributes:
        function: computes what the mistake computes, or raises what it raises; what comes of the
            student's function is compared with that.
        hint: what to say then.
    """

    function: Callable[..., Any]
    hint: Message


@dataclass(frozen=True)
class Exercise:
    """A function to write.

    Attributes:
        name: ``lab/exercise``.
        reference: a right implementation; the notebook goes on with it when the student's is not.
        cases: makes argument tuples from a random generator, sizes pairwise different, the
            smallest size included. Called once for every seed.
        mistakes: typical wrong answers with their hints, the most specific first.
        unhinted: wrong answers that have no hint; the cases must refuse them all the same.
        seeds: the seeds of the cases in the notebook; a grader takes others.
        tolerance: largest allowed difference, relative to the larger of 1 and the largest
            expected number, so that float32 passes.
        corners: cases that are tried once whatever the seeds, after the others: what is agreed
            of an empty set, for instance, the answer to which no random numbers can change.
    """

    name: str
    reference: Callable[..., Any]
    cases: Callable[[np.random.Generator], Iterable[Arguments]]
    mistakes: tuple[Mistake, ...] = ()
    unhinted: tuple[Callable[..., Any], ...] = ()
    seeds: tuple[int, ...] = (11, 23, 47)
    tolerance: float = 1e-4
    corners: tuple[Arguments, ...] = ()

    def all_cases(self, seeds: Iterable[int] | None = None) -> list[Arguments]:
        """Return the argument tuples of every seed and the corners, the same at every call."""
        chosen = self.seeds if seeds is None else seeds
        seeded = [case for seed in chosen for case in self.cases(np.random.default_rng(seed))]
        return [*seeded, *copy.deepcopy(self.corners)]


@dataclass(frozen=True)
class Choice:
    """A multiple-choice question; the right letter is stored as a digest only.

    Attributes:
        name: ``lab/exercise``.
        digest: :func:`digest` of the name and the right letter.
        remarks: for every letter (the right one too) what to say when it is chosen.
    """

    name: str
    digest: str
    remarks: Mapping[str, Message]

    @staticmethod
    def letter(answer: Any) -> str:
        """Return the letter that an answer such as ``"c"``, ``" C "``, ``"C."`` or ``"C)"`` means.

        The answer in capitals, without what stands around it; empty when it is not text.
        """
        return answer.strip(" \t\r\n.()[]").upper() if isinstance(answer, str) else ""

    def right(self, answer: str) -> bool:
        """Whether ``answer`` means the right letter."""
        return digest(self.name, self.letter(answer)) == self.digest


def digest(name: str, letter: str) -> str:
    """Return the digest that a :class:`Choice` stores for its right letter."""
    return hashlib.sha256(f"{name} = {letter}".encode()).hexdigest()[:16]


def find(name: str) -> Exercise | Choice:
    """Return the exercise called ``name``, for instance ``"airline/windows"``.

    Raises:
        ValueError: there is no such exercise; the message lists those there are.
    """
    lab = name.partition("/")[0]
    labs = sorted(module.name for module in pkgutil.iter_modules(__path__))
    if lab not in labs:
        raise ValueError(f"no exercise {name!r}: the labs with exercises are {', '.join(labs)}")
    exercises: dict[str, Exercise | Choice] = importlib.import_module(f"{__name__}.{lab}").EXERCISES
    if name not in exercises:
        close = difflib.get_close_matches(name, exercises, n=1)
        meant = f" Did you mean {close[0]!r}?" if close else ""
        raise ValueError(f"no exercise {name!r}: there are {', '.join(exercises)}.{meant}")
    return exercises[name]
