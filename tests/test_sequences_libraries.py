"""Scans, attention, norms and the ConvLSTM equal PyTorch's and Keras': outputs and gradients."""

from __future__ import annotations

import os
import warnings
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from cells_cases import TOLERANCES, agree

from unrolled.sequences import (
    Block,
    ConvLSTM,
    LayerNorm,
    LearnedPositions,
    MinGRU,
    MinLSTM,
    SelfAttention,
    StreamingConvolution,
    attend,
    attend_back,
    causal_mask,
    linear_recurrence,
    linear_recurrence_back,
    rotate,
)
from unrolled.sequences.weights import (
    from_keras_attention,
    from_keras_conv_lstm,
    from_pytorch_attention,
    keras_attention,
    keras_conv_lstm,
    pytorch_attention,
)

torch = pytest.importorskip("torch")
functional = torch.nn.functional
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside TensorFlow's own import
    tf = pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")

pytestmark = pytest.mark.usefixtures("one_thread")

DTYPES = pytest.mark.parametrize("dtype", ["float64", "float32"])
CAUSAL = pytest.mark.parametrize("causal", [True, False])


def tensors(*arrays: Any) -> list[Any]:
    """Arrays as PyTorch's leaves, whose gradients are kept."""
    return [torch.tensor(np.asarray(a), requires_grad=True) for a in arrays]


def pulled(y: Any, own: Any, leaves: Any) -> list[Any]:
    """PyTorch's derivatives of Σ own * y by the leaves."""
    found = torch.autograd.grad((y * torch.tensor(own)).sum(), leaves)
    return [d.numpy() for d in found]


def filled(layer: Any, rng: np.random.Generator) -> Any:
    """The layer with biases, shifts and scales that are not what they start as."""
    for array in layer.parameters.values():
        if array.ndim == 1:
            array[:] = rng.normal(0.5, 0.5, array.shape)
    return layer


# --- recurrences ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["loop", "doubling", "tree"])
def test_the_way_back_through_a_scan_is_autograds(method: Any) -> None:
    rng = np.random.default_rng(0)
    a, b, own = rng.normal(size=(3, 2, 11, 4))
    h0 = rng.normal(size=(2, 4))
    ta, tb, th = leaves = tensors(a, b, h0)
    states = []
    for t in range(11):
        th = ta[:, t] * th + tb[:, t]
        states.append(th)
    h = linear_recurrence(a, b, h0, method=method)
    agree(h, torch.stack(states, dim=1).detach(), 1e-10)
    back = linear_recurrence_back(a, h, own, h0, method=method)
    for ours, theirs in zip(
        (back.a, back.b, back.h0), pulled(torch.stack(states, dim=1), own, leaves), strict=True
    ):
        agree(ours, theirs, 1e-10)


@DTYPES
@pytest.mark.parametrize("kind", [MinGRU, MinLSTM])
def test_minimal_layers_train_as_in_pytorch(kind: Any, dtype: str) -> None:
    rng = np.random.default_rng(1)
    layer = filled(kind.random(3, 4, rng, scale=0.8, dtype=dtype), rng)
    x, own = (rng.normal(size=(2, 9, s)).astype(dtype) for s in (3, 4))
    h0 = rng.normal(size=(2, 4)).astype(dtype)
    W, b, tx, th = leaves = tensors(layer.W, layer.b, x, h0)
    states = []
    for t in range(9):
        *gates, candidate = functional.linear(tx[:, t], W, b).chunk(len(layer.order), dim=1)
        gates = [torch.sigmoid(gate) for gate in gates]
        keep, write = (
            (1 - gates[0], gates[0]) if kind is MinGRU else (s / sum(gates) for s in gates)
        )
        th = keep * th + write * candidate
        states.append(th)
    y = torch.stack(states, dim=1)
    trace = layer.forward(x, h0)
    agree(trace.states, y.detach(), TOLERANCES[dtype])
    back = layer.backward(trace, own)
    for ours, theirs in zip((back.W, back.b, back.x, back.h0), pulled(y, own, leaves), strict=True):
        agree(ours, theirs, TOLERANCES[dtype])


def test_a_streaming_convolution_is_pytorchs_padded_on_the_left() -> None:
    rng = np.random.default_rng(0)
    layer = StreamingConvolution(rng.normal(size=(4, 3, 3)), rng.normal(size=4), dilation=2)
    x = rng.normal(size=(2, 9, 3))
    tx, W, b = (torch.tensor(s) for s in (x.swapaxes(1, 2), layer.W, layer.b))
    y = functional.conv1d(functional.pad(tx, (4, 0)), W, b, dilation=2)
    agree(layer.forward(x), y.transpose(1, 2), 1e-10)


# --- attention ------------------------------------------------------------------------------------


@DTYPES
@pytest.mark.parametrize("mask", ["none", "causal", "random"])
def test_attention_equals_pytorchs(mask: str, dtype: str) -> None:
    rng = np.random.default_rng(0)
    q, k, v, own = (
        rng.normal(size=shape).astype(dtype)
        for shape in ((2, 3, 5, 4), (2, 3, 5, 4), (2, 3, 5, 6), (2, 3, 5, 6))
    )
    random = rng.random((2, 3, 5, 5)) < 0.5
    random |= np.eye(5, dtype=bool)  # nobody may look nowhere
    shown = {"none": None, "causal": causal_mask(5), "random": random}[mask]
    leaves = tensors(q, k, v)
    y = functional.scaled_dot_product_attention(
        *leaves,
        attn_mask=torch.tensor(shown) if mask == "random" else None,
        is_causal=mask == "causal",
    )
    trace = attend(q, k, v, shown)
    agree(trace.y, y.detach(), TOLERANCES[dtype])
    for ours, theirs in zip(attend_back(trace, own), pulled(y, own, leaves), strict=True):
        agree(ours, theirs, TOLERANCES[dtype])


@DTYPES
@CAUSAL
def test_self_attention_equals_pytorchs(causal: bool, dtype: str) -> None:
    rng = np.random.default_rng(1)
    layer = filled(SelfAttention.random(6, 3, rng, causal=causal, scale=0.6, dtype=dtype), rng)
    x, own = rng.normal(size=(2, 2, 5, 6)).astype(dtype)
    theirs = torch.nn.MultiheadAttention(6, 3, batch_first=True, dtype=getattr(torch, dtype))
    theirs.load_state_dict({k: torch.tensor(a) for k, a in pytorch_attention(layer).items()})
    (tx,) = tensors(x)
    hidden = torch.tensor(~causal_mask(5)) if causal else None  # True hides
    y, attention = theirs(tx, tx, tx, attn_mask=hidden, average_attn_weights=False)

    trace = layer.forward(x)
    agree(trace.y, y.detach(), TOLERANCES[dtype])
    agree(trace.heads.weights, attention.detach(), TOLERANCES[dtype])
    d_x, d = layer.backward(trace, own)
    names, leaves = zip(*theirs.named_parameters(), strict=True)
    expected, *by_parameters = pulled(y, own, [tx, *leaves])
    agree(d_x, expected, TOLERANCES[dtype])
    packed = pytorch_attention(SelfAttention(**d, heads=3))  # gradients pack as weights do
    for name, expected in zip(names, by_parameters, strict=True):
        agree(packed[name], expected, TOLERANCES[dtype])

    state = {name: tensor.numpy() for name, tensor in theirs.state_dict().items()}
    again = from_pytorch_attention(state, 3, causal=causal)
    for name, array in layer.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], array)
    assert (again.heads, again.causal) == (3, causal)
    del state["in_proj_bias"], state["out_proj.bias"]
    assert not from_pytorch_attention(state, 3).b_q.any()


@DTYPES
@CAUSAL
@pytest.mark.parametrize("key_size", [1, 4])
def test_self_attention_equals_keras(key_size: int, causal: bool, dtype: str) -> None:
    rng = np.random.default_rng(2)
    layer = filled(
        SelfAttention.random(6, 3, rng, key_size=key_size, causal=causal, scale=0.6, dtype=dtype),
        rng,
    )
    x, own = rng.normal(size=(2, 2, 5, 6)).astype(dtype)
    theirs = keras.layers.MultiHeadAttention(3, key_size, dtype=dtype)
    theirs.build((2, 5, 6), (2, 5, 6))
    theirs.set_weights(keras_attention(layer))
    tx = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tx)
        y = theirs(tx, tx, use_causal_mask=causal)
        loss = tf.reduce_sum(y * own)
    expected, *by_weights = tape.gradient(loss, [tx, *theirs.trainable_variables])

    trace = layer.forward(x)
    agree(trace.y, y, TOLERANCES[dtype])
    d_x, d = layer.backward(trace, own)
    agree(d_x, expected, TOLERANCES[dtype])
    for ours, expected in zip(
        keras_attention(SelfAttention(**d, heads=3)), by_weights, strict=True
    ):
        agree(ours, expected, TOLERANCES[dtype])

    again = from_keras_attention(theirs.get_weights(), causal=causal)
    for name, array in layer.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], array)
    assert (again.heads, again.causal) == (3, causal)


@pytest.mark.parametrize("key_size", [2, 5])
def test_keras_rounds_the_root_of_d_k_to_single_precision(key_size: int) -> None:
    rng = np.random.default_rng(2)
    layer = filled(SelfAttention.random(6, 3, rng, key_size=key_size, scale=0.6), rng)
    x = rng.normal(size=(2, 5, 6))
    theirs = keras.layers.MultiHeadAttention(3, key_size, dtype="float64")
    theirs.build(x.shape, x.shape)
    theirs.set_weights(keras_attention(layer))
    y = np.asarray(theirs(x, x, use_causal_mask=True))
    agree(layer.forward(x).y, y, 1e-7)
    assert np.abs(layer.forward(x).y - y).max() > 1e-10
    rounded = np.float64(np.float32(1 / np.sqrt(key_size))) * np.sqrt(key_size)
    layer.W_q *= rounded
    layer.b_q *= rounded
    agree(layer.forward(x).y, y, 1e-10)


def test_rotary_attention_is_a_product_of_complex_numbers_in_pytorch() -> None:
    rng = np.random.default_rng(3)
    layer = filled(SelfAttention.random(8, 2, rng, rotary=True, scale=0.6), rng)
    x, own = rng.normal(size=(2, 2, 5, 8))
    names = list(layer.parameters)
    tx, *leaves = tensors(x, *layer.parameters.values())
    p = dict(zip(names, leaves, strict=True))
    angle = torch.arange(5.0, dtype=torch.float64)[:, None] * torch.tensor(
        [1.0, 1e-2], dtype=torch.float64
    )
    turn = torch.polar(torch.ones_like(angle), angle)

    def heads(letter: str) -> Any:
        a = functional.linear(tx, p[f"W_{letter}"], p[f"b_{letter}"])
        return a.unflatten(-1, (2, 4)).transpose(1, 2)

    def turned(a: Any) -> Any:
        pairs = torch.view_as_complex(a.unflatten(-1, (2, 2)).contiguous())
        return torch.view_as_real(pairs * turn).flatten(-2)

    agree(rotate(x), torch.view_as_real(_turned_by_place(x)).flatten(-2), 1e-10)
    y = functional.scaled_dot_product_attention(
        turned(heads("q")), turned(heads("k")), heads("v"), is_causal=True
    )
    y = functional.linear(y.transpose(1, 2).flatten(-2), p["W_o"], p["b_o"])
    trace = layer.forward(x)
    agree(trace.y, y.detach(), 1e-10)
    d_x, d = layer.backward(trace, own)
    expected, *by_parameters = pulled(y, own, [tx, *leaves])
    agree(d_x, expected, 1e-10)
    for name, expected in zip(names, by_parameters, strict=True):
        agree(d[name], expected, 1e-10)


def _turned_by_place(x: Any) -> Any:
    """Vectors (…, 5, 8) as complex numbers, turned by t / 10000^(2i/8)."""
    angle = np.arange(5)[:, None] * np.array([1.0, 1e-1, 1e-2, 1e-3])
    return torch.tensor((x[..., 0::2] + 1j * x[..., 1::2]) * np.exp(1j * angle))


def test_learned_positions_are_an_embedding_of_step_numbers() -> None:
    rng = np.random.default_rng(0)
    layer = LearnedPositions(rng.normal(size=(7, 3)))
    x, own = rng.normal(size=(2, 2, 5, 3))
    tx, P = tensors(x, layer.P)
    y = tx + functional.embedding(torch.arange(5), P)
    agree(layer.forward(x), y.detach(), 1e-10)
    for ours, theirs in zip(layer.backward(own), pulled(y, own, [tx, P]), strict=True):
        agree(ours, theirs, 1e-10)
    table = keras.layers.Embedding(7, 3, dtype="float64")
    table.build()
    table.set_weights([layer.P])
    with tf.GradientTape() as tape:
        y = x + table(tf.range(5))
        loss = tf.reduce_sum(y * own)
    agree(layer.forward(x), y, 1e-10)
    agree(
        layer.backward(own)[1], tf.convert_to_tensor(tape.gradient(loss, table.embeddings)), 1e-10
    )


@DTYPES
@pytest.mark.parametrize("epsilon", [1e-5, 1e-3])
def test_layer_norm_equals_both_libraries(epsilon: float, dtype: str) -> None:
    rng = np.random.default_rng(0)
    layer = filled(LayerNorm.plain(6, epsilon=epsilon, dtype=dtype), rng)
    x, own = rng.normal(size=(2, 2, 5, 6)).astype(dtype)
    trace = layer.forward(x)
    d_x, d = layer.backward(trace, own)

    leaves = tensors(x, layer.gamma, layer.beta)
    y = functional.layer_norm(leaves[0], (6,), *leaves[1:], eps=epsilon)
    agree(trace.y, y.detach(), TOLERANCES[dtype])
    for ours, theirs in zip((d_x, d["gamma"], d["beta"]), pulled(y, own, leaves), strict=True):
        agree(ours, theirs, TOLERANCES[dtype])

    theirs = keras.layers.LayerNormalization(epsilon=epsilon, dtype=dtype)
    theirs.build(x.shape)
    theirs.set_weights([layer.gamma, layer.beta])
    tx = tf.constant(x)
    with tf.GradientTape() as tape:
        tape.watch(tx)
        y = theirs(tx)
        loss = tf.reduce_sum(y * own)
    agree(trace.y, y, TOLERANCES[dtype])
    found = tape.gradient(loss, [tx, theirs.gamma, theirs.beta])
    for ours, expected in zip((d_x, d["gamma"], d["beta"]), found, strict=True):
        agree(ours, expected, TOLERANCES[dtype])


def a_block(dtype: str, epsilon: float) -> tuple[Block, Any, Any]:
    rng = np.random.default_rng(4)
    block = Block.random(8, 2, rng, wide=10, scale=0.6, epsilon=epsilon, dtype=dtype)
    x, own = rng.normal(size=(2, 2, 5, 8)).astype(dtype)
    return filled(block, rng), x, own


@DTYPES
def test_a_block_equals_pytorchs_encoder_layer(dtype: str) -> None:
    block, x, own = a_block(dtype, 1e-5)
    theirs = torch.nn.TransformerEncoderLayer(
        8, 2, 10, dropout=0.0, batch_first=True, norm_first=True, dtype=getattr(torch, dtype)
    )

    def named(p: Any, attention: SelfAttention) -> dict[str, Any]:
        own_names = {"linear1": "1", "linear2": "2"}
        arrays = {f"{name}.weight": p[f"W_{i}"] for name, i in own_names.items()}
        arrays |= {f"{name}.bias": p[f"b_{i}"] for name, i in own_names.items()}
        for i in "12":
            arrays[f"norm{i}.weight"] = p[f"norm_{i}.gamma"]
            arrays[f"norm{i}.bias"] = p[f"norm_{i}.beta"]
        return arrays | {f"self_attn.{k}": a for k, a in pytorch_attention(attention).items()}

    arrays = named(block.parameters, block.attention)
    theirs.load_state_dict({name: torch.tensor(a) for name, a in arrays.items()})
    (tx,) = tensors(x)
    y = theirs(tx, src_mask=torch.tensor(~causal_mask(5)))
    trace = block.forward(x)
    agree(trace.y, y.detach(), TOLERANCES[dtype])
    d_x, d = block.backward(trace, own)
    names, leaves = zip(*theirs.named_parameters(), strict=True)
    expected, *by_parameters = pulled(y, own, [tx, *leaves])
    agree(d_x, expected, TOLERANCES[dtype])
    inner = {k.removeprefix("attention."): a for k, a in d.items() if k.startswith("attention.")}
    packed = named(d, SelfAttention(**inner, heads=2))
    assert sorted(packed) == sorted(names)
    for name, expected in zip(names, by_parameters, strict=True):
        agree(packed[name], expected, TOLERANCES[dtype])


def test_a_block_equals_keras_layers() -> None:
    block, x, own = a_block("float64", 1e-3)
    make = keras.layers
    norm_1, norm_2 = (make.LayerNormalization(dtype="float64") for _ in range(2))
    attention = make.MultiHeadAttention(2, 4, dtype="float64")
    wide, narrow = make.Dense(10, "relu", dtype="float64"), make.Dense(8, dtype="float64")
    tx = tf.constant(x)

    def run() -> Any:
        normed = norm_1(tx)
        u = tx + attention(normed, normed, use_causal_mask=True)
        return u + narrow(wide(norm_2(u)))

    run()  # builds the layers
    p = block.parameters
    norm_1.set_weights([p["norm_1.gamma"], p["norm_1.beta"]])
    norm_2.set_weights([p["norm_2.gamma"], p["norm_2.beta"]])
    attention.set_weights(keras_attention(block.attention))
    wide.set_weights([p["W_1"].T, p["b_1"]])
    narrow.set_weights([p["W_2"].T, p["b_2"]])
    with tf.GradientTape() as tape:
        tape.watch(tx)
        y = run()
        loss = tf.reduce_sum(y * own)
    trace = block.forward(x)
    agree(trace.y, y, 1e-10)
    d_x, d = block.backward(trace, own)
    found = tape.gradient(loss, [tx, wide.kernel, norm_1.gamma, *attention.trainable_variables])
    inner = {k.removeprefix("attention."): a for k, a in d.items() if k.startswith("attention.")}
    expected = keras_attention(SelfAttention(**inner, heads=2))
    for ours, theirs in zip([d_x, d["W_1"].T, d["norm_1.gamma"], *expected], found, strict=True):
        agree(ours, theirs, 1e-10)


# --- frames ---------------------------------------------------------------------------------------


class ShortConvLSTM(torch.nn.Module):
    """The equations of Shi et al. in PyTorch, blocks f, i, o, g."""

    def __init__(self, layer: ConvLSTM) -> None:
        super().__init__()
        self.W_x, self.W_h, self.b = map(
            torch.nn.Parameter, map(torch.tensor, (layer.W_x, layer.W_h, layer.b))
        )
        P = np.zeros((3, 1, 1, 1), layer.b.dtype) if layer.P is None else layer.P
        self.P = torch.nn.Parameter(torch.tensor(P), requires_grad=layer.P is not None)

    def forward(self, x: Any, h: Any, c: Any) -> tuple[Any, Any]:
        states = []
        for frame in x.unbind(1):
            a = functional.conv2d(frame, self.W_x, self.b, padding="same")
            f, i, o, g = (a + functional.conv2d(h, self.W_h, padding="same")).chunk(4, 1)
            f, i = torch.sigmoid(f + self.P[0] * c), torch.sigmoid(i + self.P[1] * c)
            c = f * c + i * torch.tanh(g)
            h = torch.sigmoid(o + self.P[2] * c) * torch.tanh(c)
            states.append(h)
        return torch.stack(states, 1), c


def frames(dtype: str, kernel: int, **options: Any) -> tuple[ConvLSTM, list[Any], Any]:
    """A layer, [x, h0, c0], and the loss's own derivatives by states and the last cell."""
    rng = np.random.default_rng(5)
    layer = ConvLSTM.random(2, 3, kernel, rng, scale=0.3, dtype=dtype, **options)
    state = 2, 3, 5, 6
    shapes = [(2, 4, 2, 5, 6), state, state, (2, 4, 3, 5, 6), state]
    arrays = [rng.normal(size=shape).astype(dtype) for shape in shapes]
    return filled(layer, rng), arrays[:3], arrays[3:]


@DTYPES
@pytest.mark.parametrize("kernel", [1, 3, 5])
@pytest.mark.parametrize("peepholes", [None, (5, 6)])
def test_a_conv_lstm_equals_a_short_module(peepholes: Any, kernel: int, dtype: str) -> None:
    layer, inputs, (own, own_c) = frames(dtype, kernel, peepholes=peepholes)
    module = ShortConvLSTM(layer)
    leaves = tensors(*inputs)
    y, c = module(*leaves)
    trace = layer.forward(*inputs)
    agree(trace.states, y.detach(), TOLERANCES[dtype])
    agree(trace.last[1], c.detach(), TOLERANCES[dtype])
    loss = (y * torch.tensor(own)).sum() + (c * torch.tensor(own_c)).sum()
    learned = [module.W_x, module.W_h, module.b] + ([module.P] if peepholes else [])
    found = [d.numpy() for d in torch.autograd.grad(loss, [*leaves, *learned])]
    d = layer.backward(trace, own, d_c=own_c)
    ours = [d.x, d.h0, d.c0, d.W_x, d.W_h, d.b] + ([d.P] if peepholes else [])
    for one, theirs in zip(ours, found, strict=True):
        agree(one, theirs, TOLERANCES[dtype])
    last = layer.backward(trace, d_h=own[:, -1])
    only = np.zeros_like(own)
    only[:, -1] = own[:, -1]
    agree(last.x, layer.backward(trace, only).x, TOLERANCES[dtype])


@DTYPES
@pytest.mark.parametrize("kernel", [1, 3])
def test_a_conv_lstm_equals_keras(kernel: int, dtype: str) -> None:
    layer, (x, h0, c0), (own, own_c) = frames(dtype, kernel)

    def last(a: Any) -> Any:
        """Channels last, as Keras has them."""
        return np.moveaxis(a, -3, -1)

    theirs = keras.layers.ConvLSTM2D(
        3, kernel, padding="same", return_sequences=True, return_state=True, dtype=dtype
    )
    tx, th, tc = inputs = [tf.constant(last(a)) for a in (x, h0, c0)]
    theirs.build(tx.shape)
    theirs.set_weights(keras_conv_lstm(layer))
    with tf.GradientTape() as tape:
        for tensor in inputs:
            tape.watch(tensor)
        y, h, c = theirs(tx, initial_state=[th, tc])
        loss = tf.reduce_sum(y * last(own)) + tf.reduce_sum(c * last(own_c))
    found = tape.gradient(loss, [*inputs, *theirs.trainable_variables])

    trace = layer.forward(x, h0, c0)
    agree(last(trace.states), y, TOLERANCES[dtype])
    for ours, theirs_last in zip(trace.last, (h, c), strict=True):
        agree(last(ours), theirs_last, TOLERANCES[dtype])
    d = layer.backward(trace, own, d_c=own_c)
    packed = keras_conv_lstm(ConvLSTM(d.W_x, d.W_h, d.b))  # gradients pack as weights do
    for one, expected in zip([*map(last, (d.x, d.h0, d.c0)), *packed], found, strict=True):
        agree(one, expected, TOLERANCES[dtype])

    again = from_keras_conv_lstm(theirs.get_weights())
    for name, array in layer.parameters.items():
        np.testing.assert_array_equal(again.parameters[name], array)
    assert not from_keras_conv_lstm(theirs.get_weights()[:2]).b.any()
