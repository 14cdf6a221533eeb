"""A small parallel text in which the number decides the form: "two small cats" = "dwa małe koty".

Made by a grammar, for exercises: English and Polish sentences about somebody who does something
with a number of things. In Polish the number decides the forms of the adjective and of the noun
(dwa małe koty, pięć małych kotów), the noun's gender that of two (dwa koty, dwie ryby), the person
that of the verb, and "today" moves to the front.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from unrolled.lessons.number_words import below_thousand, form

UNITS = (
    *("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"),
    *("eleven", "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen"),
    *("eighteen", "nineteen"),
)
TENS = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")


class Noun(NamedTuple):
    """A noun: English plural, Polish nominative and genitive plural, whether it is feminine."""

    english: str
    two: str
    five: str
    feminine: bool = False


NOUNS = (
    Noun("cats", "koty", "kotów"),
    Noun("dogs", "psy", "psów"),
    Noun("houses", "domy", "domów"),
    Noun("tables", "stoły", "stołów"),
    Noun("cars", "samochody", "samochodów"),
    Noun("books", "książki", "książek", feminine=True),
    Noun("lamps", "lampy", "lamp", feminine=True),
    Noun("pears", "gruszki", "gruszek", feminine=True),
    Noun("fish", "ryby", "ryb", feminine=True),
    Noun("windows", "okna", "okien"),
    Noun("eggs", "jajka", "jajek"),
    Noun("chairs", "krzesła", "krzeseł"),
)
ADJECTIVES = {
    "": ("", ""),
    "small": ("małe", "małych"),
    "big": ("duże", "dużych"),
    "old": ("stare", "starych"),
    "new": ("nowe", "nowych"),
    "white": ("białe", "białych"),
}
#: English, with -s in the third person; Polish for I, you, he or she, we, they.
VERBS = {
    ("have", "has"): ("mam", "masz", "ma", "mamy", "mają"),
    ("see", "sees"): ("widzę", "widzisz", "widzi", "widzimy", "widzą"),
    ("draw", "draws"): ("rysuję", "rysujesz", "rysuje", "rysujemy", "rysują"),
    ("buy", "buys"): ("kupuję", "kupujesz", "kupuje", "kupujemy", "kupują"),
    ("sell", "sells"): ("sprzedaję", "sprzedajesz", "sprzedaje", "sprzedajemy", "sprzedają"),
    ("count", "counts"): ("liczę", "liczysz", "liczy", "liczymy", "liczą"),
}
#: English, Polish (I, you and we are heard in the verb), the person's place among a verb's forms.
SUBJECTS = (
    ("I", "", 0),
    ("you", "", 1),
    ("he", "on", 2),
    ("she", "ona", 2),
    ("we", "", 3),
    ("they", "oni", 4),
    *((name, name, 2) for name in ("Tom", "Anna", "Marek", "Ewa", "Adam", "Zofia")),
)
TIMES = {"": "", "today": "dzisiaj", "now": "teraz"}
#: Numbers from 2 to 99.
NUMBERS = range(2, 100)
#: How many different sentences the grammar makes.
ALL = len(NUMBERS) * len(NOUNS) * len(ADJECTIVES) * len(VERBS) * len(SUBJECTS) * len(TIMES)


def in_english(n: int) -> str:
    """Return a number from 1 to 99 in English words."""
    if n < 20:
        return UNITS[n - 1]
    tens, unit = divmod(n, 10)
    return TENS[tens - 2] + (f"-{UNITS[unit - 1]}" if unit else "")


def sentence(number: int) -> tuple[str, str]:
    """Return the sentence of a number from 0 to ALL - 1, in English and in Polish."""
    number, n = divmod(number, len(NUMBERS))
    number, noun = divmod(number, len(NOUNS))
    number, adjective = divmod(number, len(ADJECTIVES))
    number, verb = divmod(number, len(VERBS))
    time, subject = divmod(number, len(SUBJECTS))
    name, polish_name, person = SUBJECTS[subject]
    adverb, polish_adverb = list(TIMES.items())[time]
    quality, qualities = list(ADJECTIVES.items())[adjective]
    does, forms = list(VERBS.items())[verb]
    thing = NOUNS[noun]

    plural = form(NUMBERS[n]) - 1  # 0: as with two, 1: as with five
    words = below_thousand(NUMBERS[n])
    if thing.feminine and words[-1] == "dwa":
        words[-1] = "dwie"
    english = [name, does[person == 2], in_english(NUMBERS[n]), quality, thing.english, adverb]
    polish = [polish_adverb, polish_name, forms[person], *words]
    polish += [qualities[plural], (thing.two, thing.five)[plural]]
    return _join(english), _join(polish)


def draw(rng: np.random.Generator, count: int) -> list[tuple[str, str]]:
    """Draw different sentences, in English and in Polish."""
    return [sentence(int(i)) for i in rng.choice(ALL, count, replace=False)]


def _join(words: list[str]) -> str:
    text = " ".join(filter(None, words))
    return f"{text[0].upper()}{text[1:]}."
