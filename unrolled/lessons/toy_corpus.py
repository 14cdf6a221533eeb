"""A generated corpus about animals, whose right neighbours are known: lab 12's text.

Sixteen nouns have three traits each: the species, the home (two species share one) and the age::

    home    the house          the farm            the forest           the lake
    adult   cat     dog        cow     sheep       bear    wolf         swan     duck
    young   kitten  puppy      calf    lamb        cub     whelp        cygnet   duckling

A sentence is made around one noun of two words that fit it: an adjective goes with the age, a verb
with the species, a place with the home::

    the <adjective> <noun> <verb>
    the <noun> <verb> near the <place>
    the <adjective> <noun> is near the <place>

So a noun's right neighbours are the two nouns that share two of its three traits: the same species
at the other age, and the other species of the home at the same age.

A second text says little of the age: most of its adjectives go with any animal (``vague``).
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

#: (adult, young, home, verbs) of each species, the frequent ones of a home first.
SPECIES = (
    ("cat", "kitten", 0, ("purrs", "meows")),
    ("dog", "puppy", 0, ("barks", "fetches")),
    ("cow", "calf", 1, ("moos", "chews")),
    ("sheep", "lamb", 1, ("bleats", "grazes")),
    ("bear", "cub", 2, ("growls", "climbs")),
    ("wolf", "whelp", 2, ("howls", "prowls")),
    ("swan", "cygnet", 3, ("hisses", "glides")),
    ("duck", "duckling", 3, ("quacks", "dives")),
)
#: The places of each home.
PLACES = (("sofa", "stairs"), ("barn", "meadow"), ("cave", "spruce"), ("reeds", "shore"))
#: The adjectives of each age: adult, young.
ADJECTIVES = (("old", "large", "calm"), ("small", "playful", "clumsy"))
#: Adjectives that go with any animal.
ANY = ("hungry", "brown", "noisy")
#: Sentences, and how often each of the three is said; "is" and "the" go with any noun.
PATTERNS = (
    ("the {adjective} {noun} {verb}", 0.4),
    ("the {noun} {verb} near the {place}", 0.3),
    ("the {adjective} {noun} is near the {place}", 0.3),
)


class Animal(NamedTuple):
    """A noun and its traits.

    Attributes:
        noun: the word.
        species: 0 … 7.
        home: 0 … 3.
        age: 0 adult, 1 young.
    """

    noun: str
    species: int
    home: int
    age: int


ANIMALS = tuple(
    Animal(noun, species, home, age)
    for species, (adult, young, home, _) in enumerate(SPECIES)
    for age, noun in enumerate((adult, young))
)


def say(sentences: int, seed: int, *, vague: float = 0.1) -> list[list[str]]:
    """Draw sentences as lists of words; the second species of a home is half as frequent.

    Args:
        sentences: how many.
        seed: where they are drawn from.
        vague: the share of adjectives that go with any animal, and so tell nothing of the age.
    """
    rng = np.random.default_rng(seed)
    weights = np.array([2.0 - a.species % 2 for a in ANIMALS])
    patterns, shares = [pattern for pattern, _ in PATTERNS], [share for _, share in PATTERNS]
    out = []
    for _ in range(sentences):
        animal = ANIMALS[rng.choice(len(ANIMALS), p=weights / weights.sum())]
        words = {
            "noun": animal.noun,
            "adjective": rng.choice(ANY if rng.random() < vague else ADJECTIVES[animal.age]),
            "verb": rng.choice(SPECIES[animal.species][3]),
            "place": rng.choice(PLACES[animal.home]),
        }
        out.append(patterns[rng.choice(len(patterns), p=shares)].format(**words).split())
    return out


def shared_traits(one: Animal, other: Animal) -> int:
    """Return how many of the three traits two animals share.

    Whoever shares the species also shares the home, so two different animals share 0, 1 or 2.
    """
    return sum(a == b for a, b in zip(one[1:], other[1:], strict=True))


def questions() -> list[tuple[str, str, str, str]]:
    """Return the analogies with a known answer: a is to b as c is to d, all of different species.

    The age changes from a to b as it does from c to d: cat, kitten, dog, puppy. Both directions,
    every ordered pair of species: 2 · 8 · 7 = 112 questions.
    """
    out = []
    for adult, young, _, _ in SPECIES:
        for other, its_young, _, _ in SPECIES:
            if other != adult:
                out += [(adult, young, other, its_young), (young, adult, its_young, other)]
    return out
