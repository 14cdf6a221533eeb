"""The cells equal PyTorch's and Keras': outputs, states, every gradient, padded sequences."""

from __future__ import annotations

import os
import warnings
from dataclasses import replace
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from cells_cases import TOLERANCES, agree, make, random_sizes

from unrolled.cells import GRU, Bidirectional, Stack, padding_mask, zero_padding
from unrolled.cells.weights import keras_arrays, pytorch_arrays, to_keras, to_pytorch

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside TensorFlow's own import
    tf = pytest.importorskip("tensorflow")
    pytest.importorskip("keras")

pytestmark = pytest.mark.usefixtures("one_thread")

IN_PYTORCH = ["rnn-tanh", "rnn-relu", "lstm", "gru-after-keeps", "gru-after-takes"]
IN_KERAS = [*IN_PYTORCH, "gru-before-keeps", "gru-before-takes"]
SIZES = random_sizes(4, seed=1)
LENGTHS = [5, 1, 3, 5]


def case(layer: Any, sizes: tuple, dtype: str) -> tuple[Any, list, Any, list]:
    """Inputs, initial states, and the loss's weights on outputs and last states."""
    batch, time = sizes[:2]
    rng = np.random.default_rng([7, *sizes])
    x = rng.normal(size=(batch, time, layer.inputs)).astype(dtype)
    trace = layer.forward(x)
    weights = rng.normal(size=trace.states.shape).astype(dtype)
    initial = [rng.normal(size=s.shape).astype(dtype) for s in trace.last]
    return x, initial, weights, [rng.normal(size=s.shape).astype(dtype) for s in initial]


def as_cell(cell: Any, d: Any) -> Any:
    """The gradients in the cell's place, so that the conversion packs them as it packs weights."""
    return replace(cell, **{name: getattr(d, name) for name in cell.parameters})


def both_biases(cell: Any, d: Any) -> Any:
    """The gradient by the second bias, unpacked: that by the first, but for a GRU's candidate."""
    second = d.b.copy()
    if isinstance(cell, GRU):
        if cell.update == "takes":
            second[: cell.size] *= -1
        second[2 * cell.size :] = d.b_h
    return second


def cells_of(layer: Any, gradients: Any) -> list[list[tuple[Any, Any]]]:
    """Cells with their gradients: for each layer those of its directions."""
    if isinstance(layer, Stack):
        pairs = zip(layer.layers, gradients.layers, strict=True)
        return [cells for one, d in pairs for cells in cells_of(one, d)]
    if isinstance(layer, Bidirectional):
        return [list(zip(layer.layers, gradients.layers, strict=True))]
    return [[(layer, gradients)]]


def states_for_pytorch(layer: Any, states: list) -> Any:
    """Flat states as PyTorch stacks them: h alone, or (h, c)."""
    by_name = {
        name: torch.tensor(
            np.stack([s for s, n in zip(states, layer.state_names, strict=True) if n == name])
        )
        for name in dict.fromkeys(layer.state_names)
    }
    return list(by_name.values())


def check_pytorch(layer: Any, sizes: tuple, dtype: str, lengths: list[int] | None = None) -> None:
    x, initial, weights, last_weights = case(layer, sizes, dtype)
    mask = None if lengths is None else padding_mask(lengths, sizes[1])
    if mask is not None:
        weights *= mask[..., None]
    trace = layer.forward(x, *initial, mask=mask)
    d = layer.backward(trace, weights, *last_weights)

    module = to_pytorch(layer)
    tx = torch.tensor(x, requires_grad=True)
    states = [s.requires_grad_() for s in states_for_pytorch(layer, initial)]
    given: Any = tx
    if lengths is not None:
        given = torch.nn.utils.rnn.pack_padded_sequence(
            tx, torch.tensor(lengths), batch_first=True, enforce_sorted=False
        )
    outputs, last = module(given, tuple(states) if len(states) > 1 else states[0])
    if lengths is not None:
        outputs, _ = torch.nn.utils.rnn.pad_packed_sequence(
            outputs, batch_first=True, total_length=sizes[1]
        )
    lasts = list(last) if isinstance(last, tuple) else [last]
    loss = (outputs * torch.tensor(weights)).sum()
    for s, w in zip(lasts, states_for_pytorch(layer, last_weights), strict=True):
        loss = loss + (s * w).sum()
    loss.backward()

    tolerance = TOLERANCES[dtype]
    ours = trace.states if mask is None else zero_padding(trace.states, mask)
    agree(ours, outputs.detach().numpy(), tolerance)
    agree(d.x, tx.grad.numpy(), tolerance)
    for s, theirs in zip(states_for_pytorch(layer, list(trace.last)), lasts, strict=True):
        agree(s.numpy(), theirs.detach().numpy(), tolerance)
    for s, theirs in zip(states_for_pytorch(layer, list(d.initial)), states, strict=True):
        agree(s.numpy(), theirs.grad.numpy(), tolerance)
    theirs = {name: p.grad.numpy() for name, p in module.named_parameters()}
    for k, cells in enumerate(cells_of(layer, d)):
        for suffix, (cell, own) in zip(("", "_reverse"), cells, strict=False):
            packed = pytorch_arrays(as_cell(cell, own))
            second = replace(as_cell(cell, own), b=both_biases(cell, own))
            if isinstance(cell, GRU):
                second = replace(second, update="keeps")  # both_biases has turned the sign
            packed["bias_hh"] = pytorch_arrays(second)["bias_ih"]
            for name, gradient in packed.items():
                agree(gradient, theirs.pop(f"{name}_l{k}{suffix}"), tolerance)
    assert not theirs


def check_keras(layer: Any, sizes: tuple, dtype: str, mask: Any = None) -> None:
    x, initial, weights, last_weights = case(layer, sizes, dtype)
    trace = layer.forward(x, *initial, mask=mask)
    d = layer.backward(trace, weights, *last_weights)

    layers = to_keras(layer, return_state=True)
    inputs = [tf.Variable(a) for a in (x, *initial)]
    kx, states = inputs[0], inputs[1:]
    with tf.GradientTape() as tape:
        outputs: Any = kx
        last: list[Any] = []
        rest = iter(states)
        for one, cells in zip(layers, cells_of(layer, d), strict=True):
            own = [next(rest) for cell, _ in cells for _ in cell.state_names]
            outputs, *after = one(outputs, initial_state=own, mask=mask)
            last += after
        loss = tf.reduce_sum(outputs * weights)
        for s, w in zip(last, last_weights, strict=True):
            loss += tf.reduce_sum(s * w)
    variables = [w.value for one in layers for w in one.trainable_weights]
    gradients = [
        tf.convert_to_tensor(g).numpy() for g in tape.gradient(loss, [*inputs, *variables])
    ]

    tolerance = TOLERANCES[dtype]
    agree(trace.states, outputs.numpy(), tolerance)
    for ours, theirs in zip((*trace.last, d.x, *d.initial), (*last, *gradients), strict=False):
        agree(ours, np.asarray(theirs), tolerance)
    rest = iter(gradients[len(inputs) :])
    for cells in cells_of(layer, d):
        for cell, own in cells:
            packed = keras_arrays(as_cell(cell, own))
            if packed[2].ndim == 2:  # a GRU's second row
                packed[2][1] = both_biases(cell, own)
            for gradient in packed:
                agree(gradient, next(rest), tolerance)
    assert next(rest, None) is None


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("name", IN_PYTORCH)
def test_equals_pytorch(name: str, sizes: tuple, dtype: str) -> None:
    check_pytorch(make(name, *sizes[2:], np.random.default_rng([*sizes]), dtype), sizes, dtype)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("name", IN_KERAS)
def test_equals_keras(name: str, sizes: tuple, dtype: str) -> None:
    check_keras(make(name, *sizes[2:], np.random.default_rng([*sizes]), dtype), sizes, dtype)


def compositions(name: str, dtype: str) -> dict[str, Any]:
    """Three layers; both directions; three layers in both directions: n = 3, m = 4."""
    rng = np.random.default_rng(2)

    def cell(n: int) -> Any:
        return make(name, n, 4, rng, dtype)

    def pair(n: int) -> Bidirectional:
        return Bidirectional(cell(n), cell(n))

    return {
        "stacked": Stack([cell(3), cell(4), cell(4)]),
        "both ways": pair(3),
        "stacked both ways": Stack([pair(3), pair(8), pair(8)]),
    }


@pytest.mark.parametrize("shape", ["stacked", "both ways", "stacked both ways"])
@pytest.mark.parametrize("name", IN_PYTORCH)
def test_compositions_equal_pytorch(name: str, shape: str) -> None:
    for dtype in TOLERANCES:
        check_pytorch(compositions(name, dtype)[shape], (2, 6), dtype)


@pytest.mark.parametrize("shape", ["stacked", "both ways", "stacked both ways"])
@pytest.mark.parametrize("name", IN_KERAS)
def test_compositions_equal_keras(name: str, shape: str) -> None:
    for dtype in TOLERANCES:
        check_keras(compositions(name, dtype)[shape], (2, 6), dtype)


@pytest.mark.parametrize("shape", ["one", "both ways", "stacked both ways"])
@pytest.mark.parametrize("name", IN_PYTORCH)
def test_padded_batches_equal_pytorch_s_packed_sequences(name: str, shape: str) -> None:
    layer = make(name, 3, 4, np.random.default_rng(3))
    if shape != "one":
        layer = compositions(name, "float64")[shape]
    check_pytorch(layer, (4, 6), "float64", LENGTHS)


@pytest.mark.parametrize("name", IN_KERAS)
def test_padded_batches_equal_keras_masks(name: str) -> None:
    gaps = padding_mask(LENGTHS, 6)
    gaps[3, 2] = False  # Keras' masks may have holes, and so may ours
    check_keras(make(name, 3, 4, np.random.default_rng(4)), (4, 6), "float64", gaps)


@pytest.mark.parametrize("name", ["rnn-tanh", "lstm", "gru-before-keeps", "gru-after-keeps"])
def test_padded_batches_in_both_directions_equal_keras_masks(name: str) -> None:
    layer = compositions(name, "float64")["both ways"]
    rng = np.random.default_rng(5)
    x, mask = rng.normal(size=(4, 6, 3)), padding_mask(LENGTHS, 6)
    trace = layer.forward(x, mask=mask)
    (theirs,) = to_keras(layer, return_state=True)
    outputs, *last = theirs(x, mask=mask)
    agree(zero_padding(trace.states, mask), outputs.numpy(), 1e-10)
    for s, their in zip(trace.last, last, strict=True):
        agree(s, their.numpy(), 1e-10)


def test_where_a_sequence_begins_with_padding_keras_writes_zeros() -> None:
    cell = make("rnn-tanh", 2, 3, np.random.default_rng(6))
    x, h0 = np.ones((1, 3, 2)), np.ones((1, 3))
    mask = np.array([[False, True, True]])
    (theirs,) = to_keras(cell)
    outputs = theirs(x, initial_state=[tf.constant(h0)], mask=mask).numpy()
    states = cell.forward(x, h0, mask=mask).states
    assert (outputs[0, 0] == 0).all()
    assert (states[0, 0] == 1).all()
    agree(states[:, 1:], outputs[:, 1:], 1e-10)
