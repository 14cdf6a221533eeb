"""Embeddings, losses and attention equal PyTorch's and Keras', with every gradient."""

from __future__ import annotations

import os
import warnings
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from unrolled.language import glove, word2vec
from unrolled.language.attention import (
    AdditiveAttention,
    causal_mask,
    dot_product_attention,
    dot_product_gradient,
    key_mask,
)
from unrolled.language.embedding import look_up, look_up_gradient

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside TensorFlow's own import
    tf = pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")

pytestmark = pytest.mark.usefixtures("one_thread")

F = torch.nn.functional
RNG = np.random.default_rng(20)
TOKENS = RNG.integers(0, 7, size=(3, 8))  # some of the 7 occur more than once
MASKS = {
    "none": None,
    "keys": np.array([[1, 1, 1, 0, 0], [1, 1, 1, 1, 1]], dtype=bool),
    "causal": None,
}


@pytest.fixture(autouse=True)
def same_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test draws the same numbers, whichever ran before it."""
    monkeypatch.setitem(globals(), "RNG", np.random.default_rng(21))


def close(ours: Any, theirs: Any) -> None:
    np.testing.assert_allclose(ours, np.asarray(theirs), rtol=0, atol=1e-10)


def leaves(*arrays: np.ndarray) -> list[Any]:
    return [torch.tensor(a, requires_grad=True) for a in arrays]


@pytest.mark.parametrize("padding", [None, 2])
def test_embedding_in_pytorch(padding: int | None) -> None:
    (E,) = leaves(RNG.normal(size=(7, 3)))
    d = RNG.normal(size=(*TOKENS.shape, 3))
    out = F.embedding(torch.tensor(TOKENS), E, padding_idx=padding)
    out.backward(torch.tensor(d))
    close(look_up(E.detach().numpy(), TOKENS), out.detach())
    close(look_up_gradient(TOKENS, d, 7, padding=padding), E.grad)


def test_embedding_in_keras() -> None:
    layer = keras.layers.Embedding(7, 3, dtype="float64")
    layer.build()
    d = RNG.normal(size=(*TOKENS.shape, 3))
    with tf.GradientTape() as tape:
        out = layer(TOKENS)
    close(look_up(layer.get_weights()[0], TOKENS), out)
    gradient = tf.convert_to_tensor(
        tape.gradient(out, layer.trainable_variables[0].value, output_gradients=d)
    )
    close(look_up_gradient(TOKENS, d, 7), gradient)


def test_skip_gram_and_cbow_in_pytorch() -> None:
    W, C = leaves(RNG.normal(size=(7, 3)), RNG.normal(size=(7, 3)))
    near, mask = RNG.integers(0, 7, size=(9, 4)), RNG.random((9, 4)) < 0.6
    mask[:, 0] = True
    words, noise = RNG.integers(0, 7, size=9), RNG.integers(0, 7, size=(9, 5))

    def loss(h: Any, true: np.ndarray) -> Any:
        hits = (C[true] * h).sum(-1)
        misses = (C[noise] @ h[..., None]).squeeze(-1)
        return -(F.logsigmoid(hits) + F.logsigmoid(-misses).sum(-1)).mean()

    tables = W.detach().numpy(), C.detach().numpy()
    real = torch.tensor(mask)[..., None]
    for theirs, ours in (
        (loss(W[words], near[:, 0]), word2vec.skip_gram(*tables, words, near[:, 0], noise)),
        (
            loss((W[near] * real).sum(1) / real.sum(1), words),
            word2vec.cbow(*tables, near, words, noise, mask=mask),
        ),
    ):
        W.grad = C.grad = None
        theirs.backward()
        close(ours.value, theirs.detach())
        close(ours.W, W.grad)
        close(ours.C, C.grad)


def test_glove_in_pytorch() -> None:
    leaf = leaves(*(RNG.normal(size=s) for s in ((7, 3), (7, 3), 7, 7)))
    W, C, b, d = leaf
    X = RNG.poisson(1.0, size=(7, 7)).astype(float)
    i, j = np.nonzero(X)
    x = torch.tensor(X[i, j])
    e = (W[i] * C[j]).sum(-1) + b[i] + d[j] - x.log()
    theirs = ((x / 2).pow(0.75).clamp(max=1) * e**2).sum()
    theirs.backward()
    ours = glove.loss(*(a.detach().numpy() for a in leaf), X, x_max=2)
    close(ours.value, theirs.detach())
    for name, a in zip("WCbd", leaf, strict=True):
        close(getattr(ours, name), a.grad)


def case(mask: str, queries: int = 3) -> tuple[list[np.ndarray], Any, np.ndarray]:
    """Queries, keys and values; the mask for ours and PyTorch's; the outputs' derivative."""
    s = 5 if mask == "causal" else queries
    arrays = [RNG.normal(size=shape) for shape in ((2, s, 4), (2, 5, 4), (2, 5, 3))]
    keys = MASKS[mask]
    whole = causal_mask(5) if mask == "causal" else None if keys is None else key_mask(keys)
    return arrays, whole, RNG.normal(size=(2, s, 3))


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("scale", [None, 0.3])
def test_dot_product_attention_in_pytorch(mask: str, scale: float | None) -> None:
    arrays, whole, d = case(mask)
    leaf = leaves(*arrays)
    attn_mask = None if whole is None else torch.tensor(whole)
    out = F.scaled_dot_product_attention(*leaf, attn_mask=attn_mask, scale=scale)
    out.backward(torch.tensor(d))
    trace = dot_product_attention(*arrays, mask=whole, scale=scale)
    close(trace.out, out.detach())
    back = dot_product_gradient(trace, d, scale=scale)
    for name, a in zip("qkv", leaf, strict=True):
        close(getattr(back, name), a.grad)


def test_a_query_that_may_look_nowhere_in_pytorch() -> None:
    arrays, _, d = case("none")
    nowhere = np.ones((2, 3, 5), bool)
    nowhere[0, 1] = False
    leaf = leaves(*arrays)
    out = F.scaled_dot_product_attention(*leaf, attn_mask=torch.tensor(nowhere))
    out.backward(torch.tensor(d))
    trace = dot_product_attention(*arrays, mask=nowhere)
    assert not trace.out[0, 1].any()
    close(trace.out, out.detach())
    back = dot_product_gradient(trace, d)
    for name, a in zip("qkv", leaf, strict=True):
        close(getattr(back, name), a.grad)


@pytest.mark.parametrize("mask", MASKS)
def test_additive_attention_in_pytorch(mask: str) -> None:
    """PyTorch has no such layer: its operations and its derivatives on the formula."""
    arrays, whole, d = case(mask)
    weights = [RNG.normal(size=shape) for shape in ((6, 4), (6, 4), 6)]
    q, k, v, W_q, W_k, v_a = leaf = leaves(*arrays, *weights)
    e = torch.tanh(F.linear(q, W_q)[:, :, None] + F.linear(k, W_k)[:, None]) @ v_a
    if whole is not None:
        e = e.masked_fill(~torch.tensor(whole), -torch.inf)
    out = e.softmax(-1) @ v
    out.backward(torch.tensor(d))
    layer = AdditiveAttention(*weights)
    trace = layer.forward(*arrays, mask=whole)
    close(trace.out, out.detach())
    back = layer.backward(trace, d)
    for name, a in zip(("q", "k", "v", "W_q", "W_k", "v_a"), leaf, strict=True):
        close(getattr(back, name), a.grad)


@pytest.mark.parametrize("mask", MASKS)
@pytest.mark.parametrize("kind", ["dot", "additive"])
def test_attention_in_keras(kind: str, mask: str) -> None:
    """Keras' layers neither divide by √d nor multiply query and key by matrices: the identity."""
    arrays, whole, d = case(mask)
    classes = {"dot": keras.layers.Attention, "additive": keras.layers.AdditiveAttention}
    theirs = classes[kind](dtype="float64")
    inputs = [tf.constant(a) for a in (arrays[0], arrays[2], arrays[1])]  # query, value, key
    theirs.build([a.shape for a in inputs])
    if kind == "additive":
        theirs.set_weights([RNG.normal(size=4)])
    options: dict[str, Any] = {"use_causal_mask": mask == "causal"}
    if MASKS[mask] is not None:
        options["mask"] = [None, tf.constant(MASKS[mask])]
    with tf.GradientTape() as tape:
        tape.watch(inputs)
        out, scores = theirs(inputs, return_attention_scores=True, **options)
    variables = [v.value for v in theirs.trainable_variables]
    d_q, d_v, d_k, *d_scale = tape.gradient(out, [*inputs, *variables], output_gradients=d)

    back: Any
    if kind == "dot":
        trace = dot_product_attention(*arrays, mask=whole, scale=1.0)
        back = dot_product_gradient(trace, d, scale=1.0)
    else:
        layer = AdditiveAttention(np.eye(4), np.eye(4), theirs.get_weights()[0])
        trace = layer.forward(*arrays, mask=whole)
        back = layer.backward(trace, d)
        close(back.v_a, d_scale[0])
    close(trace.out, out)
    close(trace.weights, scores)
    close(back.q, d_q)
    close(back.k, d_k)
    close(back.v, d_v)
