"""Write reviews.csv from the clauses in clauses.toml: ``python data/reviews/compose.py``.

A contrast pair is one sentence with two slots, ``A`` decides and ``B`` is denied. Its two reviews
swap what stands in the slots, so that they have the same words and opposite labels.
"""

from __future__ import annotations

import csv
import random
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

HERE = Path(__file__).resolve().parent
SEED = 1997
SPLITS = {"train": 0.6, "valid": 0.15, "test": 0.25}
ADJECTIVE_PAIRS, CLAUSE_PAIRS = 110, 28  # of each topic
TIMES = 6  # plain reviews for each sentence of opinion
ALIKE = 0.5  # Jaccard of character 4-grams from which two reviews are near-duplicates

VERBS = {
    "m": {"was": "był", "had": "miał", "turned": "okazał się"},
    "f": {"was": "była", "had": "miała", "turned": "okazała się"},
    "n": {"was": "było", "had": "miało", "turned": "okazało się"},
}


class Text(NamedTuple):
    """The same words in both languages."""

    pl: str
    en: str


class Draft(NamedTuple):
    """One or two reviews that stay together; the label of each."""

    kind: str
    topic: str
    texts: list[tuple[Text, int]]


def inflect(adjective: str, gender: str) -> str:
    """Return a Polish adjective in the nominative: mądry, mądra, mądre; głupi, głupia, głupie."""
    if gender == "m":
        return adjective
    hard = adjective.endswith(("y", "ki", "gi"))
    stem = adjective[:-1] if hard else adjective
    if gender == "f":
        return stem + "a"
    return (adjective if adjective.endswith("i") else stem) + "e"


def capital(text: str) -> str:
    """Return a text with a capital at the start of it and of each sentence."""
    return re.sub(r"(^|[.] )(\w)", lambda match: match[1] + match[2].upper(), text)


def fill(frame: dict[str, str], noun: list[str], **adjectives: list[str]) -> Text:
    """Put a noun and adjectives into a sentence."""
    pl, gender, en, group = noun
    polish = {slot: inflect(a, gender) for slot, (a, _) in adjectives.items()}
    english = {slot: a for slot, (_, a) in adjectives.items()}
    it = {"m": "he", "f": "she"}[gender] if group == "person" else "it"
    return Text(
        capital(frame["pl"].format(n=pl, N=pl, **VERBS[gender], **polish)),
        capital(frame["en"].format(n=en, N=en, it=it, **english)),
    )


def negated(clause: list[str], negation: bool) -> Text:
    """Return a clause with a negation where its star is, or without one."""
    pl, en = clause
    return Text(
        pl.replace("*", "nie " if negation else ""),
        en.replace("* ", "not " if negation else ""),
    )


def beside(text: Text, neutral: list[str], place: int) -> Text:
    """Return a text with a neutral sentence before it (0), after it (1) or without one."""
    if place == 0:
        return Text(f"{neutral[0]} {text.pl}", f"{neutral[1]} {text.en}")
    if place == 1:
        return Text(f"{text.pl} {neutral[0]}", f"{text.en} {neutral[1]}")
    return text


def contrast(rng: random.Random, topic: str, material: dict[str, Any]) -> Iterator[Draft]:
    """Yield pairs that swap two adjectives, each with its own noun, frame and neighbours."""
    here, adjectives = material["topics"][topic], material["adjectives"]
    while True:
        noun = rng.choice(here["nouns"])
        words = adjectives[noun[3]]
        good, bad = rng.choice(words["good"]), rng.choice(words["bad"])
        fitting = [frame for frame in material["frames"] if noun[3] in frame["nouns"]]
        kind = rng.choice(["order", "negation"])
        frame = rng.choice([frame for frame in fitting if frame["kind"] == kind])
        neutral, place = rng.choice(here["neutral"]), rng.randrange(3)
        both = [
            (beside(fill(frame, noun, A=good, B=bad), neutral, place), 1),
            (beside(fill(frame, noun, A=bad, B=good), neutral, place), 0),
        ]
        yield Draft(kind, topic, both)


def clauses(rng: random.Random, topic: str, material: dict[str, Any]) -> Iterator[Draft]:
    """Yield pairs that move the negation from one clause to the other."""
    here = material["topics"][topic]
    while True:
        frame, turned = rng.choice(material["clause_frames"]), rng.random() < 0.5
        yes, no = rng.choice(here["yes"]), rng.choice(here["no"])
        neutral, place = rng.choice(here["neutral"]), rng.randrange(3)
        both = []
        for label in (1, 0):
            one, two = negated(yes, label == 0), negated(no, label == 1)
            if turned:
                one, two = two, one
            pl, en = (
                capital(form.format(one=a, two=b))
                for form, a, b in zip((frame["pl"], frame["en"]), one, two, strict=True)
            )
            both.append((beside(Text(pl, en), neutral, place), label))
        yield Draft("negation", topic, both)


def plain(
    rng: random.Random, topic: str, material: dict[str, Any], sentence: list[str], label: int
) -> Iterator[Draft]:
    """Yield reviews with one sentence of opinion written by hand, and two with adjectives."""
    here = material["topics"][topic]
    while True:
        opinions = []
        nouns, frames = rng.sample(here["nouns"], 2), rng.sample(material["plain"], 2)
        for noun, frame in zip(nouns, frames, strict=True):
            adjectives = material["adjectives"][noun[3]]["good" if label else "bad"]
            one, two = rng.sample(adjectives, 2)
            opinions.append(fill(frame, noun, A=one, A2=two))
        pl, en = (" ".join(parts) for parts in zip(*opinions, strict=True))
        text = beside(Text(pl, en), sentence, rng.randrange(2))
        text = beside(text, rng.choice(here["neutral"]), rng.choice([0, 1, 2, 2]))
        yield Draft("plain", topic, [(text, label)])


def grams(text: str) -> frozenset[str]:
    """Return a text's character 4-grams."""
    return frozenset(text[i : i + 4] for i in range(len(text) - 3))


def speakers(text: str) -> int:
    """Return how many of the two genders the speaker has in a Polish text: at most 1 is right."""
    he = re.search(r"\w+łem\b|zadowolony\b|oszukany\b", text)
    she = re.search(r"\w+łam\b|zadowolona\b|oszukana\b|głodna\b|narodzona\b", text)
    return bool(he) + bool(she)


class Shelf:
    """The reviews taken so far, so that no near-duplicate comes into another split."""

    def __init__(self) -> None:
        self.grams: dict[str, list[list[frozenset[str]]]] = {split: [] for split in SPLITS}
        self.drafts: dict[str, list[Draft]] = {split: [] for split in SPLITS}
        self.texts: set[str] = set()

    def take(self, drafts: Iterator[Draft], split: str, number: int) -> None:
        """Put ``number`` of the drafts into a split: the first that are new enough."""
        missing = number
        for draft in drafts:
            if not missing:
                return
            made = [[grams(text.pl), grams(text.en)] for text, _ in draft.texts]
            if any(text.pl in self.texts or text.en in self.texts for text, _ in draft.texts):
                continue
            if any(speakers(text.pl) > 1 for text, _ in draft.texts):
                continue
            if self.crosses(made, split):
                continue
            self.texts |= {words for text, _ in draft.texts for words in text}
            self.grams[split] += made
            self.drafts[split].append(draft)
            missing -= 1

    def crosses(self, made: list[list[frozenset[str]]], split: str) -> bool:
        """Whether one of the texts is a near-duplicate of one in another split."""
        return any(
            len(one & other) * (1 + ALIKE) >= ALIKE * (len(one) + len(other))
            for name, every in self.grams.items()
            if name != split
            for old in every
            for new in made
            for one, other in zip(new, old, strict=True)
        )


def portions(whole: int) -> dict[str, int]:
    """Return how many of ``whole`` go into each split; the rest is for training."""
    parts = {split: round(share * whole) for split, share in SPLITS.items()}
    parts["train"] += whole - sum(parts.values())
    return parts


def compose() -> list[list[str | int]]:
    """Return the rows of reviews.csv, without the headings."""
    material = tomllib.loads((HERE / "clauses.toml").read_text(encoding="utf-8"))
    rng, shelf = random.Random(SEED), Shelf()
    for topic, here in material["topics"].items():
        for split, number in portions(ADJECTIVE_PAIRS).items():
            shelf.take(contrast(rng, topic, material), split, number)
        for split, number in portions(CLAUSE_PAIRS).items():
            shelf.take(clauses(rng, topic, material), split, number)
        for label, sentences in enumerate((here["bad"], here["good"])):
            left = rng.sample(sentences, len(sentences))
            for split, number in portions(len(sentences)).items():
                for sentence in left[:number]:
                    shelf.take(plain(rng, topic, material, sentence, label), split, TIMES)
                del left[:number]
    rows: list[list[str | int]] = []
    pair = 0
    for split, drafts in shelf.drafts.items():
        for draft in rng.sample(drafts, len(drafts)):
            pair += draft.kind != "plain"
            name = pair if draft.kind != "plain" else ""
            for text, label in rng.sample(draft.texts, len(draft.texts)):
                rows.append([split, draft.kind, name, draft.topic, label, text.pl, text.en])
    return rows


def main() -> None:
    """Write the file."""
    with (HERE / "reviews.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["split", "kind", "pair", "topic", "label", "pl", "en"])
        writer.writerows(compose())


if __name__ == "__main__":
    main()
