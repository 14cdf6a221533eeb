"""Which answers in words are alike: to each other, and to a model answer.

Two answers are alike in the runs of `RUN` words that both have, whatever the endings of words,
their accents and the punctuation. Words of the question do not count, nor runs that many answers
have. It is a hint for whoever marks, and no verdict.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations

from press.grading.marking import plain

#: Words of a run.
RUN = 5
#: A run that more answers have than this (and than a share of them) says nothing.
COMMON, COMMON_SHARE = 5, 0.3
#: From how many words in common, and from which share of the shorter answer, a pair is shown.
FEWEST, LIKE = 12, 0.3
#: How many pairs are shown.
MOST = 30

Run = tuple[str, ...]


@dataclass(frozen=True)
class Alike:
    """Two answers that have words in common.

    Attributes:
        one: the first student.
        other: the other; nothing for the model answer.
        count: how many of the shorter answer's words the other has, too, in runs.
        share: which share of the shorter answer's own words that is.
        sides: both texts in pieces, each with whether it is in the other one, too.
    """

    one: str
    other: str
    count: int
    share: float
    sides: tuple[list[tuple[str, bool]], list[tuple[str, bool]]]


@cache
def words(text: str) -> tuple[tuple[int, int, str], ...]:
    """Return where each word of a text begins and ends, and its beginning without accents."""
    return tuple((*m.span(), plain(m[0])) for m in re.finditer(r"\w+", text))


@cache
def runs(text: str) -> tuple[Run, ...]:
    """Return the runs of words of a text, in order."""
    every = [word for _, _, word in words(text)]
    return tuple(tuple(every[n : n + RUN]) for n in range(len(every) - RUN + 1))


def covered(text: str, some: Iterable[Run]) -> set[int]:
    """Return the places of the words of a text that stand in some runs."""
    wanted = set(some)
    return {n + k for n, run in enumerate(runs(text)) if run in wanted for k in range(RUN)}


def pieces(text: str, marked: set[int]) -> list[tuple[str, bool]]:
    """Return a text in pieces, each with whether its words are marked."""
    found: list[tuple[str, bool]] = []
    at, before = 0, False
    for number, (start, end, _) in enumerate(words(text)):
        same = number in marked
        between = text[at:start]
        if same and before and found:
            found[-1] = (found[-1][0] + between + text[start:end], True)
        else:
            found += [(between, False)] if between else []
            found.append((text[start:end], same))
        at, before = end, same
    return [*found, (text[at:], False)] if text[at:] else found


def compare(
    answers: Mapping[str, str], given: Iterable[str], models: Iterable[str]
) -> tuple[list[Alike], list[Alike]]:
    """Return which answers to a question are alike, and which are like a model answer.

    Args:
        answers: by student.
        given: the question, in each language, and whatever else was given out.
        models: model answers; of several the nearest counts.

    Returns:
        Two lists, the most alike first.
    """
    asked = {run for text in given for run in runs(text)}
    own = {student: set(runs(text)) - asked for student, text in answers.items()}
    many = max(COMMON, COMMON_SHARE * len(own))
    usual = {
        run for run, n in Counter(r for some in own.values() for r in some).items() if n > many
    }
    alike = [
        _alike(one, other, answers[one], answers[other], (own[one] & own[other]) - usual, asked)
        for one, other in combinations(sorted(answers), 2)
    ]
    published = []
    for student, text in answers.items():
        near = [
            _alike(student, "", text, model, own[student] & set(runs(model)), asked)
            for model in models
        ]
        published += [max(near, key=lambda pair: pair.count)] if near else []
    return _first(alike), _first(published)


def _alike(
    one: str, other: str, text: str, theirs: str, common: set[Run], asked: set[Run]
) -> Alike:
    texts = (text, theirs)
    question = [covered(t, asked) for t in texts]
    same = [covered(t, common) - q for t, q in zip(texts, question, strict=True)]
    lengths = [len(words(t)) - len(q) for t, q in zip(texts, question, strict=True)]
    # A model answer is longer than most: what counts is how much of the student's own it makes.
    short = 0 if not other or lengths[0] <= lengths[1] else 1
    count = len(same[short])
    share = count / lengths[short] if lengths[short] else 0.0
    return Alike(one, other, count, share, (pieces(text, same[0]), pieces(theirs, same[1])))


def _first(pairs: list[Alike]) -> list[Alike]:
    shown = [pair for pair in pairs if pair.count >= FEWEST and pair.share >= LIKE]
    return sorted(shown, key=lambda p: (-p.share, -p.count, p.one, p.other))[:MOST]
