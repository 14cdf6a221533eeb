"""Which answers of a lab are alike: a page for the teacher, as a hint and no verdict.

Code is compared by its runs of `RUN` tokens, once with names, comments and texts left out (so that
renaming hides nothing) and once as it is written. What the notebook gave out does not count, nor
what many in the class have: there are few ways to write a short function. Beside the other
submissions stand the published solutions. Answers in words are compared by `press.grading.wording`.

The page names students. It is for whoever grades, and lies beside the marks.
"""

from __future__ import annotations

import builtins
import io
import keyword
import re
import tokenize
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from itertools import combinations
from pathlib import Path
from typing import Any

from press.grading import marking, wording
from press.grading.assignment import Assignment, Task
from press.grading.feedback import render
from press.grading.places import Places
from press.grading.results import Result, TaskMark, write_whole
from press.grading.words import WORDS
from press.notebooks.editions import solved
from press.sources import source as src
from unrolled import edits
from unrolled.exercises import Exercise
from unrolled.messages import LANGUAGES, Language

TEMPLATE = "similarity.html.j2"
#: Tokens of a run.
RUN = 5
#: Runs that both must have in all their answers to be compared at all.
FEWEST = 40
#: A run that more answers have than this (and than a share of them) says nothing.
COMMON, COMMON_SHARE = 5, 0.3
#: From which likeness on a pair is shown, and how many pairs.
LIKE, MOST = 0.6, 30
#: Names that stay in code without names: modules as everybody calls them.
_MODULES = {"np", "torch", "keras", "tf", "plt", "math"}
_KEPT = {*_MODULES, *keyword.kwlist, *dir(builtins)}
_LAYOUT = (tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER)

Runs = frozenset[tuple[str, ...]]


@dataclass(frozen=True)
class Prints:
    """What is compared of one answer.

    Attributes:
        code: its runs of tokens without names.
        written: those as it stands.
    """

    code: Runs
    written: Runs


@dataclass(frozen=True)
class Pair:
    """Two submissions that are alike.

    Attributes:
        one: the first student's id.
        other: the other's; nothing for the published solution.
        code: how much of their code without names is the same, from 0 to 1.
        written: the same of it as it stands.
    """

    one: str
    other: str
    code: float
    written: float


# --------------------------------------------------------------------------- tokens


@cache
def tokens(code: str) -> tuple[tuple[int, str, str], ...]:
    """Return line, text, and text without names of each token; code that is no Python has words.

    Comments, and texts that stand alone, have nothing in place of the latter.
    """
    found: list[tuple[int, str, str]] = []
    before, alone = "", True
    try:
        for token in tokenize.generate_tokens(io.StringIO(code).readline):
            if token.type in _LAYOUT:
                alone = alone or token.type != tokenize.NL
                continue
            text, plain = token.string, token.string
            if token.type == tokenize.COMMENT or (token.type == tokenize.STRING and alone):
                plain = ""
            elif token.type == tokenize.NAME and before != "." and text not in _KEPT:
                plain = "name"
            found.append((token.start[0], text, plain))
            before, alone = text, alone and token.type == tokenize.COMMENT
    except (tokenize.TokenError, SyntaxError):
        return tuple(
            (number, word, word)
            for number, line in enumerate(code.splitlines(), 1)
            for word in re.findall(r"\w+|[^\w\s]", line)
        )
    return tuple(found)


@cache
def prints(code: str) -> Prints:
    """Return what is compared of some code."""
    every = tokens(code)
    return Prints(
        _runs([plain for _, _, plain in every if plain]), _runs([text for _, text, _ in every])
    )


def _runs(words: list[str]) -> Runs:
    return frozenset(tuple(words[n : n + RUN]) for n in range(len(words) - RUN + 1))


def _without(of: Prints, code: Runs, written: Runs) -> Prints:
    return Prints(of.code - code, of.written - written)


def _union(some: list[Prints]) -> tuple[Runs, Runs]:
    code = frozenset().union(*(one.code for one in some))
    return code, frozenset().union(*(one.written for one in some))


# --------------------------------------------------------------------------- comparing


def _alike(pairs: list[tuple[Runs, Runs]]) -> float:
    """Return which share of the runs two people's answers have in common (Dice's coefficient)."""
    least = min(sum(len(pair[side]) for pair in pairs) for side in (0, 1)) if pairs else 0
    if least < FEWEST:
        return 0.0
    common = sum(len(one & other) for one, other in pairs)
    return 2 * common / sum(len(one) + len(other) for one, other in pairs)


def compare(
    answers: Mapping[str, Mapping[str, str]],
    given: Mapping[str, list[str]],
    solutions: Mapping[str, list[str]],
) -> tuple[list[Pair], list[Pair]]:
    """Return which submissions are alike, and which are like the published solutions.

    Args:
        answers: code by student and exercise.
        given: what the notebooks gave out, by exercise.
        solutions: published solutions, by exercise; of several the nearest counts.

    Returns:
        Two lists, the most alike first.
    """
    own: dict[str, dict[str, Prints]] = {student: {} for student in answers}
    rare: dict[str, dict[str, Prints]] = {student: {} for student in answers}
    for task in sorted({task for code in answers.values() for task in code}):
        starter = _union([prints(code) for code in given.get(task, [])])
        here = {
            student: _without(prints(code[task]), *starter)
            for student, code in answers.items()
            if task in code
        }
        many = max(COMMON, COMMON_SHARE * len(here))
        counts = [Counter(r for p in here.values() for r in getattr(p, k)) for k in _KINDS]
        usual = [frozenset(r for r, n in count.items() if n > many) for count in counts]
        for student, found in here.items():
            own[student][task] = found
            rare[student][task] = _without(found, *usual)
    alike = [
        _pair(one, other, [(rare[one][t], rare[other][t]) for t in rare[one] if t in rare[other]])
        for one, other in combinations(sorted(answers), 2)
    ]
    known = {
        task: [_without(prints(c), *_union([prints(g) for g in given.get(task, [])])) for c in some]
        for task, some in solutions.items()
    }
    published = [
        _pair(student, "", [(p, _nearest(p, known[t])) for t, p in mine.items() if t in known])
        for student, mine in own.items()
    ]
    return _first(alike), _first(published)


_KINDS = ("code", "written")


def _nearest(found: Prints, known: list[Prints]) -> Prints:
    return max(known, key=lambda one: len(one.written & found.written) + len(one.code & found.code))


def _pair(one: str, other: str, both: list[tuple[Prints, Prints]]) -> Pair:
    code, written = ([(getattr(a, k), getattr(b, k)) for a, b in both] for k in _KINDS)
    return Pair(one, other, _alike(code), _alike(written))


def _first(pairs: list[Pair]) -> list[Pair]:
    shown = [pair for pair in pairs if max(pair.code, pair.written) >= LIKE]
    return sorted(shown, key=lambda p: (-p.written - p.code, p.one, p.other))[:MOST]


# --------------------------------------------------------------------------- the page


def published(lab: Assignment, root: Path) -> dict[str, list[str]]:
    """Return the published solutions of each function: the lab's, and the reference."""
    cells = {cell.id: cell for cell in src.read(root / "labs" / f"{lab.lab}.md").cells}
    found: dict[str, list[str]] = {}
    for task in _functions(lab):
        exercise = task.exercise
        assert isinstance(exercise, Exercise)
        found[task.name] = [solved(cells[task.cell].code), edits.source(exercise.reference)]
    return found


def _functions(lab: Assignment) -> list[Task]:
    return [task for task in lab.tasks if task.kind == "exercise"]


def models(lab: Assignment, root: Path) -> dict[str, list[str]]:
    """Return the published answers to each open question, in both languages; none where none is."""
    cells = {cell.id: cell for cell in src.read(root / "labs" / f"{lab.lab}.md").cells}
    return {
        task.name: [
            found[1].strip()
            for text in cells[task.cell].text.values()
            if (found := re.search(f"{src.BEGIN_PROSE}(.*?){src.END_PROSE}", text, re.S))
        ]
        for task in _questions(lab)
    }


def _questions(lab: Assignment) -> list[Task]:
    return [task for task in lab.tasks if task.kind == "question"]


def write(places: Places, results: list[Result], lab: Assignment) -> list[Path]:
    """Write a lab's page in both languages; return where they are."""
    tasks = _functions(lab)
    names = {task.name for task in tasks}
    answers = {
        result.student: {t.name: t.text for t in result.tasks if t.name in names and t.cases}
        for result in results
    }
    given = {task.name: list(task.stub.values()) for task in tasks}
    solutions = published(lab, places.root)
    code = compare(answers, given, solutions)
    known = models(lab, places.root)
    worded = []
    for task in _questions(lab):
        own = {
            r.student: marking.reply(t.text, task)
            for r in results
            for t in r.tasks
            if _answered(t, task)
        }
        worded.append((task, wording.compare(own, task.stub.values(), known[task.name])))
    people = {result.student: result.name or result.student for result in results}
    written = []
    for lang in LANGUAGES:
        words = WORDS[lang]
        headings = (words["others"], words["solutions"])
        groups = [
            (
                heading,
                [_shown(pair, people, answers, solutions, given, tasks, lang) for pair in pairs],
            )
            for heading, pairs in zip(headings, code, strict=True)
        ]
        path = places.similarity / lang / f"{lab.lab}.html"
        page = render(
            TEMPLATE,
            words=words,
            language=lang,
            lab=lab.lab,
            title=lab.notebooks[lang].metadata["title"],
            code=groups,
            worded=[
                (task.title[lang], heading, [_worded(pair, people, lang) for pair in pairs])
                for task, found in worded
                for heading, pairs in zip(
                    (words["others"], words["model answers"]), found, strict=True
                )
            ],
            runs=words["copied words intro"].format(run=wording.RUN),
        )
        write_whole(path, page)
        written.append(path)
    return written


def _answered(mark: TaskMark, task: Task) -> bool:
    return mark.name == task.name and mark.points is None and bool(mark.text.strip())


def _worded(pair: wording.Alike, people: Mapping[str, str], lang: Language) -> dict[str, Any]:
    """Return two answers in words as the page shows them."""
    told = WORDS[lang]["words alike"].format(count=pair.count, percent=round(100 * pair.share))
    other = people.get(pair.other, WORDS[lang]["model answer"])
    return {"one": people[pair.one], "other": other, "told": told, "sides": pair.sides}


def _shown(
    pair: Pair,
    people: Mapping[str, str],
    answers: Mapping[str, Mapping[str, str]],
    solutions: Mapping[str, list[str]],
    given: Mapping[str, list[str]],
    tasks: list[Task],
    lang: Language,
) -> dict[str, Any]:
    """Return a pair as the page shows it, with the code of what both answered side by side."""
    code = []
    for task in tasks:
        one = answers[pair.one].get(task.name)
        other = answers.get(pair.other, {}).get(task.name)
        if not pair.other and one is not None:
            near = {prints(text): text for text in solutions[task.name]}
            other = near[_nearest(prints(one), list(near))]
        if one is not None and other is not None:
            starter = {line for text in given[task.name] for line in _lines(text).values()}
            sides = (_marked(one, other, starter), _marked(other, one, starter))
            code.append((task.title[lang], sides))
    return {
        "one": people[pair.one],
        "other": people.get(pair.other, WORDS[lang]["published"]),
        "code": round(100 * pair.code),
        "written": round(100 * pair.written),
        "tasks": code,
    }


def _lines(code: str) -> dict[int, tuple[str, ...]]:
    """Return the tokens without names of each line that has some."""
    found: dict[int, list[str]] = {}
    for number, _, plain in tokens(code):
        if plain:
            found.setdefault(number, []).append(plain)
    return {number: tuple(words) for number, words in found.items()}


def _marked(code: str, other: str, starter: set[tuple[str, ...]]) -> list[tuple[str, bool]]:
    """Return the lines of some code, and whether the other code has each, too."""
    theirs = set(_lines(other).values()) - starter
    mine = _lines(code)
    rows = code.strip("\n").splitlines()
    first = len(code) - len(code.lstrip("\n")) + 1
    return [(row, mine.get(number) in theirs) for number, row in enumerate(rows, first)]
