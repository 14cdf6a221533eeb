"""Lecture 09's Polish text: twenty nouns in six cases, and the n-grams of their forms.

The text is drawn from a grammar: a verb that wants a case, a form of a noun, a place. Verbs and
places belong to a class of nouns (animals, food, vehicles, people), so that a form's right
neighbours are forms of the same class. Nothing else is said of a noun: all that two forms of one
noun share is their class and their letters.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from unrolled.lessons.small_world import cosines

CASES = ("nominative", "genitive", "dative", "accusative", "instrumental", "locative")
CLASSES = ("animal", "food", "vehicle", "person")
#: The forms of each noun in the order of :data:`CASES`.
NOUNS = {
    "animal": (
        "kot kota kotu kota kotem kocie",
        "pies psa psu psa psem psie",
        "lis lisa lisowi lisa lisem lisie",
        "wilk wilka wilkowi wilka wilkiem wilku",
        "koń konia koniowi konia koniem koniu",
    ),
    "food": (
        "kotlet kotleta kotletowi kotlet kotletem kotlecie",
        "chleb chleba chlebowi chleb chlebem chlebie",
        "ser sera serowi ser serem serze",
        "ogórek ogórka ogórkowi ogórek ogórkiem ogórku",
        "rosół rosołu rosołowi rosół rosołem rosole",
    ),
    "vehicle": (
        "tramwaj tramwaju tramwajowi tramwaj tramwajem tramwaju",
        "pociąg pociągu pociągowi pociąg pociągiem pociągu",
        "rower roweru rowerowi rower rowerem rowerze",
        "autobus autobusu autobusowi autobus autobusem autobusie",
        "samochód samochodu samochodowi samochód samochodem samochodzie",
    ),
    "person": (
        "brat brata bratu brata bratem bracie",
        "lekarz lekarza lekarzowi lekarza lekarzem lekarzu",
        "nauczyciel nauczyciela nauczycielowi nauczyciela nauczycielem nauczycielu",
        "sąsiad sąsiada sąsiadowi sąsiada sąsiadem sąsiedzie",
        "syn syna synowi syna synem synu",
    ),
}
#: What stands with a noun of a class in each case; * is the form.
VERBS = {
    "animal": (
        "* śpi|* biegnie", "szukam *|nie widzę *", "przyglądam się *|daję wodę *",
        "głaszczę *|karmię *", "bawię się z *|opiekuję się *", "mówię o *|czytam o *",
    ),
    "food": (
        "* stygnie|* smakuje", "szukam *|próbuję *", "przyglądam się *|zarzucam coś *",
        "jem *|kroję *", "częstuję *|najadam się *", "mówię o *|marzę o *",
    ),
    "vehicle": (
        "* hamuje|* odjeżdża", "szukam *|wysiadam z *", "przyglądam się *|macham *",
        "naprawiam *|myję *", "jadę *|wracam *", "mówię o *|siedzę w *",
    ),
    "person": (
        "* śpiewa|* pracuje", "szukam *|słucham *", "przyglądam się *|dziękuję *",
        "zapraszam *|pytam *", "rozmawiam z *|spotykam się z *", "mówię o *|myślę o *",
    ),
}  # fmt: skip
PLACES = {
    "animal": ("na łące", "w budzie"),
    "food": ("w kuchni", "na talerzu"),
    "vehicle": ("na ulicy", "w garażu"),
    "person": ("w domu", "w szkole"),
}
CASE_SHARES = (0.3, 0.2, 0.08, 0.22, 0.12, 0.08)

FORMS = tuple(dict.fromkeys(f for rows in NOUNS.values() for row in rows for f in row.split()))
_OTHERS = [phrase for k in CLASSES for phrase in (*"|".join(VERBS[k]).split("|"), *PLACES[k])]
WORDS = (
    *FORMS,
    *dict.fromkeys(w for phrase in _OTHERS for w in phrase.split() if w != "*"),
)
NUMBER = {word: i for i, word in enumerate(WORDS)}
#: The class of each form, and its noun's number.
CLASS = np.array(
    [next(k for k, c in enumerate(CLASSES) if f in " ".join(NOUNS[c]).split()) for f in FORMS]
)
_ROWS = [row.split() for c in CLASSES for row in NOUNS[c]]
NOUN = np.array([next(i for i, row in enumerate(_ROWS) if f in row) for f in FORMS])


def say(rng: np.random.Generator, sentences: int, without: Iterable[str] = ()) -> list[list[int]]:
    """Draw sentences; the nouns of a class occur as 1, 1/2, 1/3 and so on.

    Args:
        rng: where they are drawn from.
        sentences: how many.
        without: forms that must not occur; a sentence with one is drawn again.

    Returns:
        Sentences as lists of words' numbers.
    """
    banned = set(without)
    out: list[list[int]] = []
    weights = 1 / np.arange(1.0, 6)
    weights /= weights.sum()
    while len(out) < sentences:
        k = CLASSES[rng.integers(len(CLASSES))]
        case = int(rng.choice(len(CASES), p=CASE_SHARES))
        form = NOUNS[k][rng.choice(5, p=weights)].split()[case]
        verb = VERBS[k][case].split("|")[rng.integers(2)]
        place = PLACES[k][rng.integers(2)]
        if form not in banned:
            out.append([NUMBER[w] for w in f"{verb} {place}".replace("*", form).split()])
    return out


def ngrams(word: str, shortest: int = 3, longest: int = 5) -> list[str]:
    """Return the word between < and >, whole, and then its n-grams, each once.

    Args:
        word: letters.
        shortest: of the n-grams.
        longest: of the n-grams.
    """
    marked = f"<{word}>"
    cut = [marked]
    for n in range(shortest, longest + 1):
        cut += [marked[i : i + n] for i in range(len(marked) - n + 1)]
    return list(dict.fromkeys(cut))


def parts(words: Sequence[str], seen: Sequence[str]) -> np.ndarray:
    """Return which parts each word is made of, (words, P); P parts occur in the words seen.

    A word that was not seen has those of its n-grams that other words have.
    """
    known = dict.fromkeys(g for word in seen for g in ngrams(word))
    number = {g: i for i, g in enumerate(known)}
    out = np.zeros((len(words), len(number)), dtype=np.float32)
    for i, word in enumerate(words):
        out[i, [number[g] for g in ngrams(word) if g in number]] = 1
    return out


def from_parts(made: np.ndarray, Z: np.ndarray) -> np.ndarray:
    """Return words' vectors, (V, m), each the mean of its parts' vectors; zero without any part.

    Args:
        made: which parts a word is made of, (V, P).
        Z: the parts' vectors, (P, m).
    """
    return made / np.maximum(made.sum(axis=1, keepdims=True), 1) @ Z


def held_out(rng: np.random.Generator) -> list[str]:
    """Return one form of each noun, drawn; never the nominative, never one of two cases."""
    out = []
    for row in _ROWS:
        once = [f for f in row[1:] if row.count(f) == 1 and " ".join(FORMS).split().count(f) == 1]
        out.append(once[rng.integers(len(once))])
    return out


def of_class(vectors: np.ndarray, asked: Sequence[int], among: Sequence[int], k: int = 5) -> float:
    """Return the share of the asked forms' class among their k nearest forms.

    Args:
        vectors: of the words, (V, m) or (V, P).
        asked: numbers of forms.
        among: numbers of the forms that may be neighbours; a form is not its own.
        k: how many nearest forms.
    """
    chosen = np.asarray(among)
    likeness = cosines(vectors[np.asarray(asked)], vectors[chosen])
    likeness[np.asarray(asked)[:, None] == chosen] = -np.inf
    near = chosen[np.argsort(-likeness, axis=1, kind="stable")[:, :k]]
    return float(np.mean(CLASS[near] == CLASS[np.asarray(asked)][:, None]))
