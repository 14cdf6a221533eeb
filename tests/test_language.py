"""Vectors of words, attention and search equal their formulas; errors say what is wrong."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import numpy as np
import pytest

from unrolled.language import glove, word2vec
from unrolled.language.attention import (
    AdditiveAttention,
    causal_mask,
    dot_product_attention,
    dot_product_gradient,
    key_mask,
    masked_softmax,
)
from unrolled.language.counts import co_occurrence, pmi, ppmi, svd_vectors
from unrolled.language.embedding import look_up, look_up_gradient
from unrolled.language.search import Hypothesis, beam, greedy, length_penalty


def slope(loss: Callable[[], float], array: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """The derivative of a loss by each entry of an array, by central differences."""
    out = np.empty_like(array)
    for place in np.ndindex(array.shape):
        kept = array[place]
        array[place] = kept + step
        above = loss()
        array[place] = kept - step
        out[place] = (above - loss()) / (2 * step)
        array[place] = kept
    return out


# --- embedding ---


def test_a_look_up_is_a_product_with_one_hot_vectors() -> None:
    E = np.random.default_rng(0).normal(size=(5, 3))
    tokens = np.array([[4, 0, 4], [1, 1, 2]])
    np.testing.assert_array_equal(look_up(E, tokens), np.eye(5)[tokens] @ E)
    found = look_up(E, [0])
    found += 1
    assert not (found == E[0]).any(), "the table itself was changed"


def test_a_token_that_occurs_twice_receives_both_derivatives() -> None:
    d = np.array([[1.0, 2], [10, 20], [100, 200]])
    expected = [[0, 0], [101, 202], [10, 20], [0, 0]]
    np.testing.assert_array_equal(look_up_gradient([1, 2, 1], d, 4), expected)
    kept = look_up_gradient([1, 2, 1], d, 4, padding=1)
    np.testing.assert_array_equal(kept, [[0, 0], [0, 0], [10, 20], [0, 0]])


@pytest.mark.parametrize(
    ("tokens", "says"), [([5], "between 0 and 4"), ([-1], "between 0 and 4"), ([0.5], "integers")]
)
def test_a_token_that_is_not_in_the_table_is_refused(tokens: list, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        look_up(np.zeros((5, 2)), tokens)
    with pytest.raises(ValueError, match=says):
        look_up_gradient(tokens, np.zeros((1, 2)), 5)


def test_an_embeddings_shapes_are_checked() -> None:
    with pytest.raises(ValueError, match="must be a matrix"):
        look_up(np.zeros(5), [0])
    with pytest.raises(ValueError, match="a vector per token"):
        look_up_gradient([0, 1], np.zeros((3, 2)), 5)


# --- counts ---


@pytest.mark.parametrize("by_distance", [False, True])
def test_neighbours_are_counted_on_both_sides(by_distance: bool) -> None:
    rng = np.random.default_rng(1)
    sentences = [list(rng.integers(0, 6, size=n)) for n in (0, 1, 2, 9, 4)]
    expected = np.zeros((6, 6))
    for s in sentences:
        for i, j in product(range(len(s)), repeat=2):
            if 0 < abs(i - j) <= 3:
                expected[s[i], s[j]] += 1 / abs(i - j) if by_distance else 1
    X = co_occurrence(sentences, 6, 3, by_distance=by_distance)
    np.testing.assert_allclose(X, expected, rtol=1e-15)
    np.testing.assert_array_equal(X, X.T)


def test_pmi_compares_with_chance() -> None:
    p, q = np.array([0.2, 0.8]), np.array([0.5, 0.25, 0.25])
    np.testing.assert_allclose(pmi(40 * np.outer(p, q)), 0, atol=1e-15)
    # Of 8 pairs 4 are (0, 0): p = ½; its row and its column hold 5 and 4 of 8.
    X = [[4, 1, 0], [0, 3, 0]]
    assert pmi(X)[0, 0] == pytest.approx(np.log((4 / 8) / (5 / 8 * 4 / 8)), abs=1e-15)
    assert np.isneginf(pmi(X)[:, 2]).all()
    positive = ppmi(X)
    assert (positive >= 0).all()
    assert positive[0, 1] == 0 > pmi(X)[0, 1]
    np.testing.assert_array_equal(ppmi(X, shift=5), np.maximum(pmi(X) - np.log(5), 0))


def test_svd_vectors_give_the_matrix_back() -> None:
    M = np.random.default_rng(2).normal(size=(6, 4))
    W = svd_vectors(M, 4, power=1)
    np.testing.assert_allclose(W @ W.T, M @ M.T, atol=1e-12)
    half = svd_vectors(M, 2)
    np.testing.assert_allclose((half**2).sum(axis=0), np.linalg.svd(M)[1][:2], rtol=1e-12)
    assert (half.max(axis=0) == np.abs(half).max(axis=0)).all(), "signs are not fixed"
    np.testing.assert_allclose(svd_vectors(-M, 2), half, atol=1e-12)


def test_counts_are_checked() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        co_occurrence([[0, 1]], 2, 0)
    with pytest.raises(ValueError, match="between 0 and 1"):
        co_occurrence([[0, 2]], 2, 1)
    for bad in (np.zeros((2, 2)), [[1, -1]], [1, 2]):
        with pytest.raises(ValueError, match="matrix of counts"):
            pmi(bad)
    with pytest.raises(ValueError, match="must be positive"):
        ppmi([[1]], shift=0)
    with pytest.raises(ValueError, match="smaller side"):
        svd_vectors(np.ones((3, 2)), 3)


# --- word2vec and GloVe ---


def tables(seed: int, v: int = 6, m: int = 3) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    return rng.normal(size=(v, m)), rng.normal(size=(v, m))


def test_skip_gram_is_its_formula() -> None:
    W, C = tables(3)
    words, near, noise = [0, 2, 0], [1, 1, 5], [[3, 3], [1, 4], [0, 2]]
    found = word2vec.skip_gram(W, C, words, near, noise)
    expected = 0.0
    for i, o, ks in zip(words, near, noise, strict=True):
        for a in [C[o] @ W[i], *(-C[k] @ W[i] for k in ks)]:
            expected -= np.log(1 / (1 + np.exp(-a))) / 3
    assert found.value == pytest.approx(expected, abs=1e-13)
    by = lambda: word2vec.skip_gram(W, C, words, near, noise).value  # noqa: E731
    np.testing.assert_allclose(found.W, slope(by, W), atol=1e-8)
    np.testing.assert_allclose(found.C, slope(by, C), atol=1e-8)
    assert not found.W[[1, 3, 4, 5]].any(), "words that are not in the batch do not move"


def test_cbow_is_its_formula_and_padding_counts_for_nothing() -> None:
    W, C = tables(4)
    near, mask = [[1, 1, 0], [4, 5, 0]], [[1, 1, 1], [1, 1, 0]]
    words, noise = [2, 3], [[3, 3], [1, 4]]
    found = word2vec.cbow(W, C, near, words, noise, mask=mask)
    expected = 0.0
    for h, o, ks in zip([(2 * W[1] + W[0]) / 3, (W[4] + W[5]) / 2], words, noise, strict=True):
        for a in [C[o] @ h, *(-C[k] @ h for k in ks)]:
            expected -= np.log(1 / (1 + np.exp(-a))) / 2
    assert found.value == pytest.approx(expected, abs=1e-13)
    by = lambda: word2vec.cbow(W, C, near, words, noise, mask=mask).value  # noqa: E731
    np.testing.assert_allclose(found.W, slope(by, W), atol=1e-8)
    np.testing.assert_allclose(found.C, slope(by, C), atol=1e-8)


def test_with_one_neighbour_cbow_is_skip_gram_turned_round() -> None:
    W, C = tables(5)
    one = word2vec.cbow(W, C, [[1], [4]], [2, 3], [[0], [5]])
    other = word2vec.skip_gram(W, C, [1, 4], [2, 3], [[0], [5]])
    assert one.value == other.value
    np.testing.assert_array_equal(one.W, other.W)
    np.testing.assert_array_equal(one.C, other.C)


def test_word2vecs_loss_is_finite_where_a_sigmoid_is_zero() -> None:
    W, C = np.full((2, 1), 1e3), np.array([[-1.0], [1.0]])
    found = word2vec.skip_gram(W, C, [0], [0], [[1]])
    assert found.value == 2000
    np.testing.assert_array_equal(found.C, [[-1000], [1000]])


def test_word2vecs_arguments_are_checked() -> None:
    W, C = tables(6)
    with pytest.raises(ValueError, match="matrices"):
        word2vec.skip_gram(W, C[:5], [0], [1], [[2]])
    with pytest.raises(ValueError, match="one length"):
        word2vec.skip_gram(W, C, [0, 1], [1], [[2]])
    with pytest.raises(ValueError, match=r"noise must be \(1, K\)"):
        word2vec.skip_gram(W, C, [0], [1], [2])
    with pytest.raises(ValueError, match="noise must lie"):
        word2vec.skip_gram(W, C, [0], [1], [[6]])
    with pytest.raises(ValueError, match=r"\(B, N\)"):
        word2vec.cbow(W, C, [0], [1], [[2]])
    with pytest.raises(ValueError, match="mask must be"):
        word2vec.cbow(W, C, [[0]], [1], [[2]], mask=[1])
    with pytest.raises(ValueError, match="no neighbour"):
        word2vec.cbow(W, C, [[0]], [1], [[2]], mask=[[0]])


def test_noise_lies_between_alike_and_as_often_as_in_the_text() -> None:
    p = word2vec.noise_distribution([16, 1, 0])
    np.testing.assert_allclose(p, [8 / 9, 1 / 9, 0])
    np.testing.assert_allclose(word2vec.noise_distribution([16, 1, 0], power=0), [0.5, 0.5, 0])
    for bad in ([0, 0], [1, -1], [[1]]):
        with pytest.raises(ValueError, match="counts must"):
            word2vec.noise_distribution(bad)


def test_glove_is_its_formula() -> None:
    W, C = tables(7)
    rng = np.random.default_rng(8)
    b, d = rng.normal(size=6), rng.normal(size=6)
    X = rng.poisson(1.5, size=(6, 6)).astype(float)
    X[0, 0] = 7
    found = glove.loss(W, C, b, d, X, x_max=4)
    expected = sum(
        min((X[i, j] / 4) ** 0.75, 1) * (W[i] @ C[j] + b[i] + d[j] - np.log(X[i, j])) ** 2
        for i, j in zip(*np.nonzero(X), strict=True)
    )
    assert found.value == pytest.approx(expected, rel=1e-13)
    assert (X == 0).any()
    by = lambda: glove.loss(W, C, b, d, X, x_max=4).value  # noqa: E731
    for name, array in {"W": W, "C": C, "b": b, "d": d}.items():
        np.testing.assert_allclose(getattr(found, name), slope(by, array), atol=1e-6)


def test_gloves_arguments_are_checked() -> None:
    W, C = tables(9)
    zeros, X = np.zeros(6), np.ones((6, 6))
    np.testing.assert_allclose(glove.weight([0, 1, 100, 1000]), [0, 100**-0.75, 1, 1])
    with pytest.raises(ValueError, match="positive"):
        glove.weight([1], x_max=0)
    with pytest.raises(ValueError, match="b and d"):
        glove.loss(W, C, zeros[:5], zeros, X)
    with pytest.raises(ValueError, match="counts"):
        glove.loss(W, C, zeros, zeros, -X)


# --- attention ---


def attention_case(seed: int = 10) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    shapes = [(2, 3, 4), (2, 5, 4), (2, 5, 2), (2, 3, 2)]
    q, k, v, d_out = (rng.normal(size=shape) for shape in shapes)
    return q, k, v, d_out


PADDED = key_mask([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]])


def additive(rng: np.random.Generator, d: int = 4, p: int = 6) -> AdditiveAttention:
    return AdditiveAttention(rng.normal(size=(p, d)), rng.normal(size=(p, d)), rng.normal(size=p))


def test_dot_product_attention_is_its_formula() -> None:
    q, k, v, _ = attention_case()
    trace = dot_product_attention(q, k, v, mask=PADDED)
    for b, s in product(range(2), range(3)):
        e = np.exp([q[b, s] @ k[b, t] / 2 if PADDED[b, 0, t] else -np.inf for t in range(5)])
        np.testing.assert_allclose(trace.weights[b, s], e / e.sum(), atol=1e-14)
        np.testing.assert_allclose(trace.out[b, s], (e / e.sum()) @ v[b], atol=1e-14)


def test_additive_attention_is_its_formula() -> None:
    q, k, v, _ = attention_case()
    layer = additive(np.random.default_rng(11))
    trace = layer.forward(q, k, v, mask=PADDED)
    for b, s in product(range(2), range(3)):
        z = [np.tanh(layer.W_q @ q[b, s] + layer.W_k @ k[b, t]) for t in range(5)]
        e = np.exp(z @ layer.v_a) * PADDED[b, 0]
        np.testing.assert_allclose(trace.weights[b, s], e / e.sum(), atol=1e-14)
        np.testing.assert_allclose(trace.out[b, s], (e / e.sum()) @ v[b], atol=1e-14)
    np.testing.assert_array_equal(layer.forward(q, k).out, layer.forward(q, k, k).out)


@pytest.mark.parametrize("kind", ["dot", "additive"])
def test_attentions_gradients_are_those_of_differences(kind: str) -> None:
    q, k, v, d_out = attention_case(12)
    layer = additive(np.random.default_rng(13))
    forward: dict[str, Callable[[], Any]] = {
        "dot": lambda: dot_product_attention(q, k, v, mask=PADDED),
        "additive": lambda: layer.forward(q, k, v, mask=PADDED),
    }
    by = lambda: float((forward[kind]().out * d_out).sum())  # noqa: E731
    arrays = {"q": q, "k": k, "v": v}
    if kind == "dot":
        found: Any = dot_product_gradient(forward[kind](), d_out)
    else:
        found = layer.backward(forward[kind](), d_out)
        arrays |= {"W_q": layer.W_q, "W_k": layer.W_k, "v_a": layer.v_a}
    for name, array in arrays.items():
        np.testing.assert_allclose(getattr(found, name), slope(by, array), atol=1e-7, err_msg=name)


@pytest.mark.parametrize("kind", ["dot", "additive"])
def test_what_stands_in_the_padding_changes_nothing(kind: str) -> None:
    q, k, v, d_out = attention_case(14)
    layer = additive(np.random.default_rng(15))
    results = []
    for filling in (0.0, 1e6):
        k[0, 3:], v[0, 3:] = filling, filling
        if kind == "dot":
            trace = dot_product_attention(q, k, v, mask=PADDED)
            back: Any = dot_product_gradient(trace, d_out)
        else:
            trace = layer.forward(q, k, v, mask=PADDED)
            back = layer.backward(trace, d_out)
        assert not trace.weights[0, :, 3:].any()
        assert not back.k[0, 3:].any()
        assert not back.v[0, 3:].any()
        results.append((trace.out, back.q))
    np.testing.assert_array_equal(results[0][0], results[1][0])
    np.testing.assert_array_equal(results[0][1], results[1][1])


def test_a_causal_mask_hides_the_future() -> None:
    np.testing.assert_array_equal(causal_mask(3), [[1, 0, 0], [1, 1, 0], [1, 1, 1]])
    q, _, _, _ = attention_case()
    whole = dot_product_attention(q, q, q, mask=causal_mask(3)).out
    part = dot_product_attention(q[:, :2], q[:, :2], q[:, :2], mask=causal_mask(2)).out
    np.testing.assert_allclose(whole[:, :2], part, atol=1e-15)


def test_the_softmax_survives_large_scores_and_empty_rows() -> None:
    w = masked_softmax([[1e4, 1e4], [0, -1e4], [1, 2]], [[True, True], [True, True], [False] * 2])
    np.testing.assert_array_equal(w, [[0.5, 0.5], [1, 0], [0, 0]])


def test_attentions_arguments_are_checked() -> None:
    q, k, v, d_out = attention_case()
    layer = additive(np.random.default_rng(16))
    with pytest.raises(ValueError, match="key_mask makes one"):
        dot_product_attention(q, k, v, mask=np.ones((2, 5), bool))
    with pytest.raises(ValueError, match="of one size"):
        dot_product_attention(q[..., :3], k, v)
    with pytest.raises(ValueError, match="a value per key"):
        dot_product_attention(q, k, v[:, :4])
    with pytest.raises(ValueError, match="at least one"):
        dot_product_attention(q, k[:, :0], v[:, :0])
    with pytest.raises(ValueError, match=r"queries must be \(B, S, d\)"):
        dot_product_attention(q[0], k, v)
    with pytest.raises(ValueError, match="queries must have 4 places"):
        layer.forward(q[..., :3], k, v)
    with pytest.raises(ValueError, match="as the outputs"):
        layer.backward(layer.forward(q, k, v), d_out[:, :2])
    with pytest.raises(ValueError, match=r"\(B, T\)"):
        key_mask([1, 0])
    with pytest.raises(ValueError, match="one p"):
        AdditiveAttention(layer.W_q, layer.W_k, layer.v_a[:3])
    with pytest.raises(ValueError, match="matrices"):
        AdditiveAttention(layer.W_q, layer.v_a, layer.v_a)


# --- search ---

START, STOP, A, B = 0, 1, 2, 3


def tree(branches: dict[str, dict[str, float]]) -> Callable[[str, int], tuple[np.ndarray, str]]:
    """A model drawn as a tree: from a beginning, as letters, to the next tokens' probabilities."""
    letters = {START: "", STOP: "$", A: "a", B: "b"}

    def step(state: str, token: int) -> tuple[np.ndarray, str]:
        state += letters[token]
        p = np.array([branches[state].get(letter, 0) for letter in ("-", "$", "a", "b")])
        with np.errstate(divide="ignore"):
            return np.log(p), state

    return step


#: a is the better beginning, but b leads to the best whole.
GARDEN_PATH = tree(
    {
        "": {"a": 0.6, "b": 0.4},
        "a": {"$": 0.4, "a": 0.3, "b": 0.3},
        "b": {"$": 0.9, "a": 0.1},
        "aa": {"$": 1},
        "ab": {"$": 1},
        "ba": {"$": 1},
    }
)


def test_a_wider_beam_finds_what_the_greedy_search_misses() -> None:
    first = greedy(GARDEN_PATH, "", START, STOP, longest=9)
    assert first.tokens == (A, STOP)
    assert first.finished
    assert first.log_probability == pytest.approx(np.log(0.24))
    best, second = beam(GARDEN_PATH, "", START, STOP, width=2, longest=9)
    assert best.tokens == (B, STOP)
    assert best.log_probability == pytest.approx(np.log(0.36))
    assert second == first


def random_model(seed: int, v: int = 4) -> Callable[[tuple, int], tuple[np.ndarray, tuple]]:
    def step(state: tuple, token: int) -> tuple[np.ndarray, tuple]:
        state = (*state, token)
        p = np.random.default_rng([seed, *state]).dirichlet(np.ones(v))
        return np.log(p), state

    return step


@pytest.mark.parametrize("seed", range(12))
def test_a_beam_of_width_one_is_the_greedy_search(seed: int) -> None:
    step = random_model(seed)
    assert beam(step, (), START, STOP, width=1, longest=6) == [
        greedy(step, (), START, STOP, longest=6)
    ]


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("alpha", [0.0, 1.0])
def test_a_beam_wide_enough_finds_the_best_of_all(seed: int, alpha: float) -> None:
    step, longest = random_model(seed, v=3), 4
    all_of_them = []
    for length in range(1, longest + 1):
        for body in product((START, A), repeat=length - 1):
            state, last, total = (), START, 0.0
            for token in (*body, STOP):
                log_p, state = step(state, last)
                total, last = total + log_p[token], token
            all_of_them.append(Hypothesis((*body, STOP), total, True))
    found = beam(step, (), START, STOP, width=99, longest=longest, alpha=alpha)
    finished = [h for h in found if h.finished]
    assert len(finished) == len(all_of_them) == 2**longest - 1
    assert len(found) == len(finished) + 2**longest
    best = max(all_of_them, key=lambda h: h.score(alpha))
    assert found[0].tokens == best.tokens
    assert found[0].score(alpha) == pytest.approx(best.score(alpha))
    scores = [h.score(alpha) for h in finished]
    assert scores == sorted(scores, reverse=True)


def test_the_length_penalty_prefers_longer_sentences() -> None:
    step = tree(
        {
            "": {"$": 0.5, "a": 0.5},
            "a": {"a": 0.9, "b": 0.1},
            "aa": {"$": 0.95, "b": 0.05},
        }
    )
    short, long = (STOP,), (A, A, STOP)
    kwargs: dict[str, Any] = {"width": 2, "longest": 5}
    assert beam(step, "", START, STOP, **kwargs)[0].tokens == short
    best = beam(step, "", START, STOP, alpha=1.0, **kwargs)[0]
    assert best.tokens == long
    assert best.score(1.0) == pytest.approx(np.log(0.5 * 0.9 * 0.95) / (8 / 6))
    assert length_penalty(1, 0.7) == 1
    assert length_penalty(7, 0) == 1
    assert length_penalty(7, 0.5) == pytest.approx(2**0.5)


def test_ties_go_to_the_better_beginning_and_the_smaller_token() -> None:
    even = tree({"": {"a": 0.5, "b": 0.5}, "a": {"$": 0.5, "a": 0.5}, "b": {"$": 1}})
    assert greedy(even, "", START, STOP, longest=1).tokens == (A,)
    assert [h.tokens for h in beam(even, "", START, STOP, width=2, longest=1)] == [(A,), (B,)]
    # After b $ (½), a $ and a a have ¼ each: the smaller token has the place that is left.
    found = beam(even, "", START, STOP, width=2, longest=2)
    assert [h.tokens for h in found] == [(B, STOP), (A, STOP)]
    # Where both beginnings are worth the same, that which came first.
    twins = tree({"": {"a": 0.5, "b": 0.5}, "a": {"a": 1}, "b": {"a": 1}})
    assert [h.tokens for h in beam(twins, "", START, STOP, width=2, longest=2)] == [(A, A), (B, A)]


def test_a_finished_hypothesis_keeps_its_place() -> None:
    calls: list[int] = []

    def step(state: None, token: int) -> tuple[np.ndarray, None]:
        calls.append(token)
        return np.log([0.1, 0.6, 0.2, 0.1]), None

    found = beam(step, None, START, STOP, width=2, longest=9)
    assert [h.tokens for h in found] == [(STOP,), (A, STOP)]
    assert calls == [START, A], "the search went on with the beam full"


def test_the_greatest_length_cuts_and_says_so() -> None:
    step = tree({"": {"a": 0.9, "$": 0.1}, "a": {"a": 1}, "aa": {"a": 1}, "aaa": {"$": 1}})
    cut = greedy(step, "", START, STOP, longest=3)
    assert (cut.tokens, cut.finished) == ((A, A, A), False)
    found = beam(step, "", START, STOP, width=2, longest=3)
    # The finished one first, though its probability is smaller.
    assert [(h.tokens, h.finished) for h in found] == [((STOP,), True), ((A, A, A), False)]
    assert found[0].log_probability < found[1].log_probability


def test_searchs_arguments_are_checked() -> None:
    dead = tree({"": {}})
    for search in (greedy, lambda *a, **k: beam(*a, width=2, **k)):
        with pytest.raises(ValueError, match="cannot go on"):
            search(dead, "", START, STOP, longest=2)
        with pytest.raises(ValueError, match="at least 1 token"):
            search(dead, "", START, STOP, longest=0)
        for bad in (np.zeros((1, 4)), np.full(4, np.nan)):
            with pytest.raises(ValueError, match=r"log-probabilities, a vector \(V,\)"):
                search(lambda s, t, bad=bad: (bad, s), "", START, STOP, longest=2)
    with pytest.raises(ValueError, match="width"):
        beam(dead, "", START, STOP, width=0, longest=2)
