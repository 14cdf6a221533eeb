"""Lecture 10's generated translation task: Polish names in cases, English names in an order.

A sentence is one to four clauses, each of a subject, a verb and an object::

    małą Ewę lubi stary Tomek   ale  Anna nie słyszy Piotra
    old Tomek likes little Ewa  but  Anna does not hear Piotr

In Polish the endings say who acts: either noun phrase may stand first, and a negated verb takes its
object in the genitive. In English the order says it. Because the sentences are generated, it is
known for every English word which Polish word it comes from.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

#: Name → its forms: nominative, accusative, genitive, and whether it is feminine.
NAMES: dict[str, tuple[str, str, str, bool]] = {
    "Tomek": ("Tomek", "Tomka", "Tomka", False),
    "Marek": ("Marek", "Marka", "Marka", False),
    "Piotr": ("Piotr", "Piotra", "Piotra", False),
    "Anna": ("Anna", "Annę", "Anny", True),
    "Ewa": ("Ewa", "Ewę", "Ewy", True),
    "Maria": ("Maria", "Marię", "Marii", True),
}
#: English adjective → its forms in the same order of cases, masculine and feminine.
ADJECTIVES: dict[str, tuple[tuple[str, str, str], tuple[str, str, str]]] = {
    "old": (("stary", "starego", "starego"), ("stara", "starą", "starej")),
    "little": (("mały", "małego", "małego"), ("mała", "małą", "małej")),
    "young": (("młody", "młodego", "młodego"), ("młoda", "młodą", "młodej")),
}
#: Polish verb → English verb, affirmed and negated.
VERBS: dict[str, tuple[str, str]] = {
    "lubi": ("likes", "like"),
    "widzi": ("sees", "see"),
    "słyszy": ("hears", "hear"),
    "woła": ("calls", "call"),
}
#: What joins clauses.
JOINTS = {"i": "and", "ale": "but"}
#: The share of noun phrases with an adjective, of negated verbs, of clauses with the object first.
ADJECTIVE, NEGATED, TURNED = 0.3, 0.25, 0.5
_NAMES, _ADJECTIVES, _VERBS, _JOINTS = (list(k) for k in (NAMES, ADJECTIVES, VERBS, JOINTS))

PAD, START, END = range(3)
SPECIAL = ("<pad>", "<s>", "</s>")


@dataclass(frozen=True)
class Pair:
    """A sentence in both languages.

    Attributes:
        polish: its words.
        english: the words of its translation.
        sources: for each English word the place of the Polish word that it comes from.
        clauses: how many there are.
    """

    polish: tuple[str, ...]
    english: tuple[str, ...]
    sources: tuple[int, ...]
    clauses: int


def _phrase(rng: random.Random, case: int, name: str) -> tuple[list[str], list[str]]:
    forms = NAMES[name]
    polish, english = [str(forms[case])], [name]
    if rng.random() < ADJECTIVE:
        adjective = rng.choice(_ADJECTIVES)
        polish.insert(0, ADJECTIVES[adjective][forms[3]][case])
        english.insert(0, adjective)
    return polish, english  # type: ignore[return-value]  # case < 3: no flag


def _clause(rng: random.Random) -> tuple[list[str], list[str], list[int]]:
    who, whom = rng.sample(_NAMES, 2)
    negated = rng.random() < NEGATED
    subject, in_english = _phrase(rng, 0, who)
    object_, object_english = _phrase(rng, 2 if negated else 1, whom)
    verb = rng.choice(_VERBS)
    verbs = ["nie", verb] if negated else [verb]
    turned = rng.random() < TURNED
    first, last = (object_, subject) if turned else (subject, object_)
    polish = [*first, *verbs, *last]
    at_subject, at_object = (len(first) + len(verbs), 0) if turned else (0, len(first + verbs))
    sources = list(range(at_subject, at_subject + len(subject)))
    if negated:  # does, not: from nie
        sources += [len(first), len(first), len(first) + 1]
        english = [*in_english, "does", "not", VERBS[verb][1], *object_english]
    else:
        sources += [len(first)]
        english = [*in_english, VERBS[verb][0], *object_english]
    return polish, english, [*sources, *range(at_object, at_object + len(object_))]


def sentence(rng: random.Random, clauses: int) -> Pair:
    """Draw a sentence of so many clauses."""
    polish: list[str] = []
    english: list[str] = []
    sources: list[int] = []
    for i in range(clauses):
        if i:
            joint = rng.choice(_JOINTS)
            sources.append(len(polish))
            polish.append(joint)
            english.append(JOINTS[joint])
        source, target, places = _clause(rng)
        sources += [len(polish) + place for place in places]
        polish += source
        english += target
    return Pair(tuple(polish), tuple(english), tuple(sources), clauses)


def sentences(rng: random.Random, count: int, clauses: int) -> list[Pair]:
    """Draw sentences of so many clauses each."""
    return [sentence(rng, clauses) for _ in range(count)]


def _vocabulary(words: Iterable[str]) -> tuple[str, ...]:
    return (*SPECIAL, *sorted(set(words)))


#: Every Polish word form and every English word, the special tokens first.
POLISH = _vocabulary(
    [
        *(form for forms in NAMES.values() for form in forms[:3]),
        *(form for both in ADJECTIVES.values() for forms in both for form in forms),
        *VERBS, *JOINTS, "nie",
    ]
)  # fmt: skip
ENGLISH = _vocabulary(
    [
        *NAMES, *ADJECTIVES, *(form for both in VERBS.values() for form in both),
        *JOINTS.values(), "does", "not",
    ]
)  # fmt: skip
_POLISH = {word: i for i, word in enumerate(POLISH)}
_ENGLISH = {word: i for i, word in enumerate(ENGLISH)}


def numbers(rows: Sequence[Sequence[str]], vocabulary: dict[str, int], width: int) -> np.ndarray:
    """Return the words' numbers, each row ended by END and filled up with PAD, (rows, width)."""
    out = np.full((len(rows), width), PAD)
    for i, row in enumerate(rows):
        out[i, : len(row)] = [vocabulary[word] for word in row]
        out[i, len(row)] = END
    return out


def arrays(pairs: Sequence[Pair], more: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Return the numbers of both languages, padded to the longest sentence.

    Args:
        pairs: the sentences.
        more: columns of padding beyond that.

    Returns:
        Polish (sentences, T) and English (sentences, S); every sentence ends with END.
    """
    polish, english = [p.polish for p in pairs], [p.english for p in pairs]
    return (
        numbers(polish, _POLISH, max(map(len, polish)) + 1 + more),
        numbers(english, _ENGLISH, max(map(len, english)) + 1),
    )


def words(row: Iterable[int]) -> tuple[str, ...]:
    """Return the English words of a row of numbers, up to END."""
    out = []
    for number in row:
        if number == END:
            break
        out.append(ENGLISH[number])
    return tuple(out)


def split(english: Sequence[str]) -> list[tuple[str, ...]]:
    """Return the clauses of an English sentence, each after the first with its joint."""
    out: list[list[str]] = [[]]
    for word in english:
        if word in JOINTS.values():
            out.append([])
        out[-1].append(word)
    return [tuple(clause) for clause in out]


def clauses_right(translation: Sequence[str], pair: Pair) -> float:
    """Return the share of a sentence's clauses that are translated word for word, in their places.

    Unlike the share of whole sentences it does not fall with length by itself.
    """
    wanted, got = split(pair.english), split(translation)
    return sum(a == b for a, b in zip(wanted, got, strict=False)) / len(wanted)


def word_by_word(polish: Sequence[str]) -> tuple[str, ...]:
    """Translate with a dictionary alone: each word by itself, in its place."""
    return tuple(_DICTIONARY[word] for word in polish)


def without_endings(polish: Sequence[str]) -> tuple[str, ...]:
    """Return the words in their dictionary forms: no cases are left."""
    return tuple(_LEMMAS.get(word, word) for word in polish)


_DICTIONARY = {"nie": "not", **{verb: forms[0] for verb, forms in VERBS.items()}, **JOINTS}
_LEMMAS: dict[str, str] = {}
for _name, _forms in NAMES.items():
    for _form in _forms[:3]:
        _DICTIONARY[_form], _LEMMAS[_form] = _name, _forms[0]
for _adjective, _both in ADJECTIVES.items():
    for _form in {form for forms in _both for form in forms}:
        _DICTIONARY[_form], _LEMMAS[_form] = _adjective, _both[0][0]
