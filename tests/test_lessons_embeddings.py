"""Lecture 09's worlds, texts and training loops do what their docstrings say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.language import counts, word2vec
from unrolled.lessons import families, inflection, small_world, word_vectors


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_small_world_says_only_its_patterns() -> None:
    world = small_world.small()
    assert len(world.words) == 20
    assert [world.words[i] for i in world.nouns] == [
        n for c in small_world.NOUNS.values() for n in c
    ]
    kind = world.class_of()
    names = list(small_world.NOUNS)
    for row in world.say(rng(), 200):
        said = " ".join(names[kind[w]] if kind[w] >= 0 else world.words[w] for w in row)
        assert said in small_world.PATTERNS


def test_members_of_a_class_occur_as_their_shares() -> None:
    world = small_world.small()
    times = np.bincount([w for row in world.say(rng(), 4000) for w in row], minlength=20)
    for members in world.classes:
        share = times[list(members)] / times[list(members)].sum()
        assert np.abs(share - np.array(small_world.SHARES) / 15).max() < 0.04


def test_in_the_larger_world_strays_have_their_share() -> None:
    world = small_world.large(kinds=3, members=4, strays=0.3)
    kind, own = world.class_of(), []
    for row in world.say(rng(), 3000):
        verb = next(w for w in row if world.words[w].removeprefix("we ").startswith("verb"))
        noun = next(w for w in row if kind[w] >= 0)
        own.append(world.words[verb].split()[-1].startswith(f"{kind[noun]}."))
    assert np.mean(own) == pytest.approx(0.7, abs=0.04)
    still = small_world.large(kinds=3, members=4, strays=0, zipf=False)
    assert len(still.patterns) == 3 * 3 * 2
    assert still.shares.sum() == pytest.approx(1)
    assert still.weights[0] == pytest.approx([0.25] * 4)


def test_right_neighbours_of_perfect_and_of_random_vectors() -> None:
    world = small_world.small()
    perfect = np.eye(4)[world.class_of()]
    assert small_world.right_neighbours(perfect, world).tolist() == [1.0] * 12
    drawn = [
        small_world.right_neighbours(rng(s).normal(size=(20, 8)), world).mean() for s in range(200)
    ]
    assert small_world.by_chance(world) == pytest.approx(3 / 11)
    assert np.mean(drawn) == pytest.approx(3 / 11, abs=0.03)


def test_order_and_cosines() -> None:
    E = np.array([[1.0, 0], [0, 2], [3, 1], [0, 0]])
    assert small_world.cosines(E)[0].tolist() == pytest.approx([1, 0, 3 / np.sqrt(10), 0])
    assert small_world.cosines(E[:1], E[1:]).shape == (1, 3)
    assert small_world.order(E)[0].tolist() == [2, 1, 3]
    assert small_world.unit(E)[3].tolist() == [0, 0]


def test_pairs_and_windows_are_those_that_are_counted() -> None:
    text = [[0, 1, 2, 1], [2, 0], [3]]
    X = np.zeros((4, 4))
    np.add.at(X, tuple(word_vectors.pairs(text, 2).T), 1)
    assert np.array_equal(X, counts.co_occurrence(text, 4, 2))
    words, around = word_vectors.windows(text, 2)
    assert words.tolist() == [0, 1, 2, 1, 2, 0], "a word without neighbours is left out"
    assert around[1].tolist() == [-1, 0, 2, 1]
    Y = np.zeros((4, 4))
    for word, near in zip(words, around, strict=True):
        np.add.at(Y, (word, near[near >= 0]), 1)
    assert np.array_equal(Y, X)


def test_one_update_follows_the_gradient_of_the_single_pairs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # With C = 0 only C moves at first; plain descent in Adam's place shows the gradient itself.
    monkeypatch.setattr(torch.optim, "Adam", torch.optim.SGD)
    text, V = [[0, 1, 2], [2, 3, 0, 1]], 4
    W, C = word_vectors.train([text], V, m=3, updates=1, batch=8, rate=1.0, negative=2)
    r = rng()
    all_pairs = word_vectors.pairs(text, 2)
    pick = r.integers(len(all_pairs), size=8)
    near = np.bincount(all_pairs[:, 1], minlength=V)
    bounds = np.cumsum(word2vec.noise_distribution(near)) * 2**16
    table = np.repeat(np.arange(V), np.diff(np.round(bounds).astype(int), prepend=0))
    noise = table[r.integers(len(table), size=(8, 2))]
    expected = word2vec.skip_gram(W[0], np.zeros((V, 3)), *all_pairs[pick].T, noise)
    assert np.allclose(C[0], -expected.C, atol=1e-6)
    assert not expected.W.any()


@pytest.mark.parametrize("cbow", [False, True])
def test_training_repeats_and_finds_the_classes(cbow: bool) -> None:
    world = small_world.small()
    texts = [world.say(rng(s), 600) for s in range(2)]
    runs = [
        word_vectors.train(texts, 20, m=6, updates=150, batch=512, rate=0.1, power=1.0, cbow=cbow)
        for _ in range(2)
    ]
    W, C = runs[0]
    assert W.shape == C.shape == (2, 20, 6)
    assert np.array_equal(W, runs[1][0])
    for E in W:
        assert small_world.right_neighbours(E, world).mean() > 0.5, "chance: 0.27"


def test_nothing_drawn_comes_to_the_shifted_pmi() -> None:
    world = small_world.small()
    X = counts.co_occurrence(world.say(rng(), 800), 20, 2)
    W, C = word_vectors.expected(X, m=20, negative=2, updates=400)
    seen = X > 0
    assert np.corrcoef((W @ C.T)[seen], counts.pmi(X)[seen])[0, 1] > 0.97
    assert np.mean((W @ C.T - counts.pmi(X))[seen]) == pytest.approx(-np.log(2), abs=0.15)


def test_glove_repeats_and_finds_the_classes() -> None:
    world = small_world.small()
    X = counts.co_occurrence(world.say(rng(), 800), 20, 2)
    E = word_vectors.glove(X, m=6, updates=150)
    assert E.shape == (20, 6)
    assert np.array_equal(E, word_vectors.glove(X, m=6, updates=150))
    assert small_world.right_neighbours(E, world).mean() > 0.5


def test_the_forms_have_one_noun_each() -> None:
    assert len(inflection.CLASS) == len(inflection.NOUN) == len(inflection.FORMS)
    assert inflection.CLASS[inflection.NUMBER["kotlet"]] == 1
    assert inflection.NOUN[inflection.NUMBER["psem"]] == inflection.NOUN[inflection.NUMBER["pies"]]
    nouns = [set(row.split()) for rows in inflection.NOUNS.values() for row in rows]
    assert all(not a & b for i, a in enumerate(nouns) for b in nouns[:i])


def test_held_out_forms_are_never_said() -> None:
    hidden = inflection.held_out(rng(5))
    assert len(hidden) == 20
    text = inflection.say(rng(), 400, hidden)
    assert len(text) == 400
    said = {inflection.WORDS[w] for row in text for w in row}
    assert not said & set(hidden)
    firsts = {row.split()[0] for rows in inflection.NOUNS.values() for row in rows}
    assert not firsts & set(hidden), "the nominative is always said"


def test_ngrams_and_the_parts_of_a_word_never_seen() -> None:
    assert inflection.ngrams("kot", 3, 4) == ["<kot>", "<ko", "kot", "ot>", "<kot", "kot>"]
    made = inflection.parts(["kota", "kotem", "xyz"], ["kota"])
    assert made.shape == (3, len(inflection.ngrams("kota")))
    assert made[0].all()
    assert made[1].sum() == 3, "<ko, kot, <kot"
    Z = rng().normal(size=(made.shape[1], 2))
    E = inflection.from_parts(made, Z)
    assert np.allclose(E[0], Z.mean(axis=0))
    assert np.allclose(E[1], Z[made[1] > 0].mean(axis=0))
    assert E[2].tolist() == [0, 0]


def test_the_share_of_the_right_class() -> None:
    forms = np.arange(len(inflection.FORMS))
    assert inflection.of_class(np.eye(4)[inflection.CLASS], forms, forms) == 1
    assert inflection.of_class(np.eye(len(forms)), [0], forms[20:], k=3) in (0, 1 / 3, 2 / 3, 1)


def test_families_say_what_is_asked_of_them() -> None:
    gendered = {families.NUMBER[w] for w in (*families.HIS, *families.HER)}
    silent = families.say(rng(), 300, marked=0)
    assert not any(gendered & set(row) for row in silent)
    shares = dict.fromkeys(families.OCCUPATIONS, 0.0) | {"nurse": 1.0}
    text = families.say(rng(), 2000, her=shares, marked=1)
    hers = {families.NUMBER[w] for w in families.HER}
    for name in families.OCCUPATIONS:
        rows = [row for row in text if families.NUMBER[name] in row]
        assert rows
        assert all(bool(hers & set(row)) == (name == "nurse") for row in rows)
    for row in families.say(rng(), 200, marked=1):
        person = families.WORDS[row[1]]
        assert bool(hers & set(row)) == (person in [woman for _, woman in families.PAIRS])


def test_analogies_of_a_perfect_parallelogram() -> None:
    assert len(families.questions()) == len(set(families.questions())) == 60
    m = len(families.PAIRS) + 1
    E = np.zeros((len(families.WORDS), m))
    for k, (man, woman) in enumerate(families.PAIRS):
        E[families.NUMBER[man], k] = E[families.NUMBER[woman], k] = 1
        E[families.NUMBER[woman], -1], E[families.NUMBER[man], -1] = 1, -1
    assert families.answers(E, excluding=True) == families.answers(E, excluding=False) == 1
    alike = E.copy()
    alike[:, -1] = 0
    alike[:, :-1] += rng().normal(size=alike[:, :-1].shape) * 1e-3
    assert families.answers(alike, excluding=True) > 0.9
    assert families.answers(alike, excluding=False) < 0.8
    assert families.answers(alike, excluding=True, offset=False) == 1
    E[families.NUMBER["nurse"], -1], E[families.NUMBER["judge"], -1] = 2, -3
    lean = dict(zip(families.OCCUPATIONS, families.leaning(E), strict=True))
    assert lean["nurse"] == pytest.approx(1)
    assert lean["judge"] == pytest.approx(-1)
    assert lean["cook"] == 0
