"""The bundled reviews: what their README says of them is so."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from pathlib import Path

import pytest

from unrolled import data
from unrolled.data import DataError, Review, bundled

FOLDER = Path(__file__).resolve().parent.parent / "data" / "reviews"
REVIEWS = data.reviews()


def bag(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text.lower()))


def pairs() -> list[tuple[Review, Review]]:
    members: dict[int, list[Review]] = {}
    for review in REVIEWS:
        if review.pair:
            members.setdefault(review.pair, []).append(review)
    assert {len(pair) for pair in members.values()} == {2}
    return [(one, other) for one, other in members.values()]


def test_counts_and_balance() -> None:
    assert len(REVIEWS) == 2100
    assert len(pairs()) == 690
    for split, number in {"train": 1250, "valid": 320, "test": 530}.items():
        for kind in ("plain", "order", "negation"):
            labels = [r.label for r in REVIEWS if r.split == split and r.kind == kind]
            assert sum(labels) * 2 == len(labels) > 60, (split, kind)
        assert sum(r.split == split for r in REVIEWS) == number
    for language in ("pl", "en"):
        assert len({getattr(r, language) for r in REVIEWS}) == len(REVIEWS), "all different"
    assert all((r.kind == "plain") == (r.pair == 0) for r in REVIEWS)


def test_a_contrast_pair_has_the_same_words_and_opposite_labels() -> None:
    for one, other in pairs():
        assert one.label != other.label
        assert one[:4] == other[:4], "split, kind, number, topic"
        for language in ("pl", "en"):
            texts = getattr(one, language), getattr(other, language)
            assert bag(texts[0]) == bag(texts[1]), texts
            assert texts[0] != texts[1]


def test_a_pair_of_negation_has_a_negation() -> None:
    negated = {"en": {"not", "nobody"}, "pl": {"nie", "nikt"}}
    for one, _ in pairs():
        for language, words in negated.items():
            if one.kind == "negation":
                assert words & set(bag(getattr(one, language))), one


def test_no_pair_and_no_near_duplicate_crosses_the_split() -> None:
    assert all(one.split == other.split for one, other in pairs())

    def grams(text: str) -> frozenset[str]:
        return frozenset(text[i : i + 4] for i in range(len(text) - 3))

    for language in ("pl", "en"):
        of: dict[str, list[frozenset[str]]] = {}
        for review in REVIEWS:
            of.setdefault(review.split, []).append(grams(getattr(review, language)))
        for one, other in (("train", "valid"), ("train", "test"), ("valid", "test")):
            for a in of[one]:
                for b in of[other]:
                    shared = len(a & b)
                    assert shared < 0.5 * (len(a) + len(b) - shared)


def test_a_sentence_of_opinion_stands_in_one_split() -> None:
    material = tomllib.loads((FOLDER / "clauses.toml").read_text(encoding="utf-8"))
    written = [pair for here in material["topics"].values() for pair in here["good"] + here["bad"]]
    assert len(written) == 120
    for polish, english in written:
        for language, sentence in (("pl", polish), ("en", english)):
            splits = {r.split for r in REVIEWS if sentence in getattr(r, language)}
            assert len(splits) == 1, sentence


def test_inflection_follows_the_rules() -> None:
    forms = {word for r in REVIEWS for word in bag(r.pl)}
    for form in ("mądra", "mądre", "głupia", "głupie", "lekka", "lekkie", "kiepska", "wciągające"):
        assert form in forms
    assert not [f for f in forms if f.endswith(("kia", "gia", "cya", "iy"))]


def test_a_speaker_keeps_one_gender() -> None:
    for review in REVIEWS:
        he = re.search(r"\w+łem\b", review.pl)
        she = re.search(r"\w+łam\b", review.pl)
        assert not (he and she), review.pl


def test_an_altered_or_lost_copy_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(bundled, "FOLDER", tmp_path)
    with pytest.raises(DataError, match=r"missing.*git checkout -- data/reviews/reviews\.csv"):
        data.reviews()
    (tmp_path / "reviews").mkdir()
    (tmp_path / "reviews" / "reviews.csv").write_text("split,kind\n", encoding="utf-8")
    with pytest.raises(DataError, match="sha256 is"):
        data.reviews()
