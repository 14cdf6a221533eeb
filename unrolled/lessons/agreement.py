"""Text in which a distant word decides: the verb agrees with the first noun, whatever follows it.

A task of lecture 05's contest, word by word: in “the cat near the dogs behind the trees sleeps .”
the verb is in the singular because of the cat. Language models are tested on such sentences of real
English: Linzen, Dupoux, Goldberg (2016), https://doi.org/10.1162/tacl_a_00115. Here a tiny grammar
makes them, so that the fewest possible bits are known.
"""

from __future__ import annotations

import itertools
import math

import numpy as np
import torch

from unrolled.lessons.contest import NOUNS, PLURALS, VERBS, Data, Task, bits

PLACES = ("near", "behind")
#: Nouns between the first one and the verb: none up to this many, equally often.
MOST = 2
#: Words that a network sees in a row; it forecasts as many.
STEPS = 16
#: All words by number: nouns of both kinds, places, verbs of both kinds, the rest.
WORDS = (*NOUNS, *PLURALS, *PLACES, *(f"{verb}s" for verb in VERBS), *VERBS, "the", ".")
_NUMBER = {word: i for i, word in enumerate(WORDS)}
_SINGULAR = [_NUMBER[f"{verb}s"] for verb in VERBS]
_PLURAL = [_NUMBER[verb] for verb in VERBS]


def sentence(rng: np.random.Generator) -> tuple[list[str], list[float], int]:
    """Draw a sentence.

    Returns:
        Its words, for each word the bits that it costs whoever knows the grammar, and how many of
        the nouns between differ in number from the first.
    """
    many = bool(rng.integers(2))
    between, differing = int(rng.integers(MOST + 1)), 0
    words = ["the", str(rng.choice(PLURALS if many else NOUNS))]
    cost = [0.0, math.log2(len(NOUNS) + len(PLURALS))]
    for j in range(between):
        other = bool(rng.integers(2))
        differing += other != many
        words += [str(rng.choice(PLACES)), "the", str(rng.choice(PLURALS if other else NOUNS))]
        goes_on = (MOST - j) / (MOST + 1 - j)
        cost += [math.log2(len(PLACES) / goes_on), *cost[:2]]
    verb = str(rng.choice(VERBS))
    words += [verb if many else f"{verb}s", "."]
    cost += [math.log2(len(VERBS) * (MOST + 1 - between)), 0.0]
    return words, cost, differing


def rows(
    rng: np.random.Generator, count: int, steps: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw rows of sentences, each cut after ``steps`` words and one more.

    Returns:
        The words' numbers, their bits, and marks: 1 at a verb behind a noun of the other number,
        else 0; each (count, steps + 1).
    """
    drawn = []
    for _ in range(count):
        row: list[tuple[int, float, int]] = []
        while len(row) <= steps:
            words, cost, differing = sentence(rng)
            mark = [0] * (len(words) - 2) + [int(differing > 0), 0]
            row += zip((_NUMBER[word] for word in words), cost, mark, strict=True)
        drawn.append(row[: steps + 1])
    numbers, costs, marks = np.moveaxis(np.array(drawn), 2, 0)
    return numbers.astype(int), costs, marks.astype(int)


def _inputs(numbers: np.ndarray) -> torch.Tensor:
    return torch.nn.functional.one_hot(torch.from_numpy(numbers[:, :-1]), len(WORDS)).float()


def text(rng: np.random.Generator, count: int, steps: int = STEPS) -> Data:
    """Draw text word by word; the target is the next word.

    Returns:
        One-hot inputs (count, steps, words) and the numbers of the next words (count, steps).
    """
    numbers, _, _ = rows(rng, count, steps)
    return _inputs(numbers), torch.from_numpy(numbers[:, 1:])


def floor(rng: np.random.Generator, count: int, steps: int = STEPS) -> float:
    """Return the bits per word that the grammar itself needs on the text of the same draw."""
    return float(rows(rng, count, steps)[1][:, 1:].mean())


def misled_share(rng: np.random.Generator, count: int, steps: int = STEPS) -> float:
    """Return the share of targets that are a verb behind a noun of the other number."""
    return float(rows(rng, count, steps)[2][:, 1:].mean())


def agreement(network: torch.nn.Module, rng: np.random.Generator, count: int = 1000) -> float:
    """Return how often a network prefers the right number of a verb behind a noun of the other.

    It prefers the number whose six verbs together are more probable; ½ is guessing.
    """
    numbers, _, marks = rows(rng, count, STEPS)
    here = marks[:, 1:] == 1
    with torch.no_grad():
        chances = network(_inputs(numbers)).softmax(-1).numpy()[here]  # (verbs, words)
    plural = chances[:, _PLURAL].sum(axis=1) > chances[:, _SINGULAR].sum(axis=1)
    return float(np.mean(plural == np.isin(numbers[:, 1:][here], _PLURAL)))


def examples(rng: np.random.Generator, count: int) -> list[str]:
    """Return sentences in which a noun between differs in number from the first."""
    drawn = (sentence(rng) for _ in itertools.count())
    misleading = (words for words, _, differing in drawn if differing)
    return [" ".join(words) for words in itertools.islice(misleading, count)]


#: Six times through the training set.
TASK = Task("agreement", len(WORDS), len(WORDS), 6, text, bits)
