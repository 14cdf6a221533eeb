"""Lecture 10's generated language, its networks side by side, and its made-up models."""

from __future__ import annotations

import random

import numpy as np
import pytest
import torch

from unrolled.language import search
from unrolled.lessons import made_up, translator, two_languages


def test_every_english_word_comes_from_the_polish_word_that_is_named() -> None:
    rng = random.Random(0)
    for clauses in (1, 2, 3, 4):
        for pair in two_languages.sentences(rng, 50, clauses):
            assert len(pair.sources) == len(pair.english)
            assert len(two_languages.split(pair.english)) == clauses
            in_place = two_languages.word_by_word(pair.polish)
            for word, place in zip(pair.english, pair.sources, strict=True):
                plain = in_place[place]
                negated = [two_languages.VERBS[v][1] for v in two_languages.VERBS]
                assert word == plain or (plain, word) == ("not", "does") or word in negated


def test_a_negated_verb_takes_the_genitive() -> None:
    rng = random.Random(1)
    for pair in two_languages.sentences(rng, 300, 1):
        accusatives = {forms[1] for forms in two_languages.NAMES.values() if forms[3]}
        genitives = {forms[2] for forms in two_languages.NAMES.values() if forms[3]}
        wrong = accusatives if "nie" in pair.polish else genitives
        assert not wrong & set(pair.polish)


def test_arrays_and_words_are_inverse_and_padding_is_added() -> None:
    pairs = two_languages.sentences(random.Random(2), 20, 2)
    polish, english = two_languages.arrays(pairs, 3)
    assert (polish[:, -3:] == two_languages.PAD).all()
    for row, pair in zip(english, pairs, strict=True):
        assert two_languages.words(row) == pair.english


@pytest.mark.parametrize(
    ("translation", "share"),
    [
        ("Anna sees Piotr and Ewa likes Marek", 1.0),
        ("Anna sees Piotr and Marek likes Ewa", 0.5),
        ("Anna sees Piotr", 0.5),
        ("Piotr sees Anna but Ewa likes Marek", 0.0),
    ],
)
def test_the_share_of_right_clauses(translation: str, share: float) -> None:
    english = tuple(["Anna", "sees", "Piotr", "and", "Ewa", "likes", "Marek"])
    pair = two_languages.Pair((), english, (), 2)
    assert two_languages.clauses_right(translation.split(), pair) == share


def test_the_gru_of_networks_side_by_side_is_pytorchs() -> None:
    torch.manual_seed(0)
    nets = [torch.nn.GRU(5, 4).double() for _ in range(3)]
    x = torch.randn(7, 3, 2, 5, dtype=torch.float64)  # (T, G, B, n)
    h0 = torch.randn(3, 2, 4, dtype=torch.float64, requires_grad=True)
    a = torch.stack([x[:, g] @ n.weight_ih_l0.T + n.bias_ih_l0 for g, n in enumerate(nets)], 1)
    W_h = torch.stack([n.weight_hh_l0.T for n in nets])
    b_h = torch.stack([n.bias_hh_l0[None] for n in nets])
    ours = translator.gru(a, h0, W_h, b_h, torch.ones(7, 3, 2, 1, dtype=torch.float64))
    theirs = torch.stack([n(x[:, g], h0[g : g + 1])[0] for g, n in enumerate(nets)], 1)
    assert torch.allclose(ours, theirs, atol=1e-12)
    parameters = [h0, *(p for n in nets for p in n.parameters())]
    weight = torch.randn_like(ours)
    for one, other in zip(
        torch.autograd.grad((ours * weight).sum(), parameters),
        torch.autograd.grad((theirs * weight).sum(), parameters),
        strict=True,
    ):
        assert torch.allclose(one, other, atol=1e-12)


def test_padding_changes_nothing_when_it_is_masked() -> None:
    nets = translator.Translators(range(2))
    pairs = two_languages.sentences(random.Random(3), 5, 2)
    polish, english = (torch.from_numpy(a) for a in two_languages.arrays(pairs))
    padded = torch.from_numpy(two_languages.arrays(pairs, 6)[0])
    with torch.no_grad():
        short, long = (
            nets.logits(p.expand(4, -1, -1), english.expand(4, -1, -1)) for p in (polish, padded)
        )
    assert torch.allclose(short, long, atol=1e-6)


def test_networks_side_by_side_do_not_share_anything() -> None:
    alone, together = translator.Translators([5]), translator.Translators([5, 6])
    alone.learn(updates=3, batch=4)
    together.learn(updates=3, batch=4)
    for name, weight in alone.weights.items():
        both = together.weights[name]
        same = both[[0]] if len(weight) == 1 else both[[0, 2]]
        assert torch.allclose(weight, same, atol=1e-4), name


def test_the_tree_and_the_empty_sentence() -> None:
    for shares in made_up.TREE.values():
        assert np.isclose(sum(shares.values()), 1)
    assert np.isclose(made_up.probability(("Piotr", "likes", "Anna")), 0.3645)
    for length, width, words in ((11, 4, 11), (12, 4, 0), (12, 1, 12)):
        step = made_up.with_empty(length)
        best = search.beam(step, 0, 0, 0, width=width, longest=25)[0]
        assert len(best.tokens) - 1 == words
