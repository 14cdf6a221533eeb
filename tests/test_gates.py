"""The gated memory equals its formula, PyTorch and Keras; its gradient is right."""

from __future__ import annotations

import os
import warnings

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest

from unrolled.gates import GatedMemory, gated_update, sigmoid, sigmoid_slope

NAMES = ("W_x", "W_h", "b", "x", "candidate", "s0")
SIZES = [(1, 1, 1, 1), (1, 7, 3, 1), (4, 1, 1, 5), (3, 6, 2, 4), (2, 12, 5, 3)]  # B, T, n, m
TOLERANCES = {"float64": 1e-10, "float32": 1e-5}


def case(sizes: tuple[int, int, int, int], dtype: str, seed: int = 0) -> tuple:
    """A random memory, its inputs and the loss's weights on the states."""
    batch, time, n, m = sizes
    rng = np.random.default_rng([seed, *sizes])
    memory = GatedMemory.random(n, m, rng, bias=0.3, scale=0.8, dtype=dtype)
    x = rng.normal(size=(batch, time, n)).astype(dtype)
    v = rng.normal(size=(batch, time, m)).astype(dtype)
    s0 = rng.normal(size=(batch, m)).astype(dtype)
    weights = rng.normal(size=(batch, time, m)).astype(dtype)
    return memory, x, v, s0, weights


def agree(ours, theirs, tolerance: float) -> None:
    theirs = np.asarray(theirs)
    assert ours.shape == theirs.shape
    assert ours.dtype == theirs.dtype
    scale = max(1.0, float(np.abs(theirs).max()))
    assert np.abs(ours - theirs).max() <= tolerance * scale


# --- sigmoid ------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_sigmoid_is_right_and_keeps_its_dtype(dtype: str) -> None:
    a = np.linspace(-20, 20, 401).astype(dtype)
    g = sigmoid(a)
    assert g.dtype == dtype
    exact = (1 + np.tanh(a.astype(np.longdouble) / 2)) / 2
    np.testing.assert_allclose(g, exact, rtol=0, atol=4 * np.finfo(dtype).eps)


@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_sigmoid_never_overflows(dtype: str) -> None:
    a = np.array([-1e4, -101, -89, 0, 89, 101, 1e4]).astype(dtype)
    with warnings.catch_warnings(), np.errstate(over="raise", invalid="raise", divide="raise"):
        warnings.simplefilter("error")
        g = sigmoid(a)
    assert np.isfinite(g).all()
    assert g[0] == 0
    assert g[3] == 0.5
    assert g[-1] == 1
    assert (np.diff(g) >= 0).all()


def test_sigmoid_is_exact_in_its_lower_tail() -> None:
    assert sigmoid(-101.0) == pytest.approx(np.exp(-101.0), rel=1e-14)
    assert sigmoid(-700.0) > 0


def test_sigmoid_takes_numbers_lists_and_integers() -> None:
    assert sigmoid(0) == 0.5
    assert sigmoid([0, 0]).tolist() == [0.5, 0.5]
    assert sigmoid(np.arange(3)).dtype == np.float64
    assert sigmoid(np.float32(2)).dtype == np.float32
    assert sigmoid(np.zeros((0, 3))).shape == (0, 3)


def test_slope_is_the_derivative() -> None:
    a, h = np.linspace(-6, 6, 25), 1e-6
    numeric = (sigmoid(a + h) - sigmoid(a - h)) / (2 * h)
    np.testing.assert_allclose(sigmoid_slope(sigmoid(a)), numeric, atol=1e-9)
    assert sigmoid_slope(sigmoid(0.0)) == 0.25


# --- gated update -------------------------------------------------------------------------------


def test_gate_writes_keeps_and_mixes() -> None:
    s, x = np.array([1.0, 2, 3, 4, 5]), np.array([8.0, 7, 15, -3, -8])
    assert gated_update([0, 1, 0, 0, 1], x, s).tolist() == [1, 7, 3, 4, -8]
    assert gated_update(np.zeros(5), x, s).tolist() == s.tolist()
    assert gated_update(np.ones(5), x, s).tolist() == x.tolist()
    soft = gated_update(sigmoid([-2.5, 10.0, -1.2, -101.0, 1.3]), x, s)
    assert np.round(soft, 4).tolist() == [1.5310, 6.9998, 5.7777, 4.0, -5.2159]


@pytest.mark.parametrize("shapes", [((2,), (3,), (3,)), ((3,), (1, 3), (3,)), ((), (1,), (1,))])
def test_gated_update_refuses_different_shapes(shapes: tuple) -> None:
    with pytest.raises(ValueError, match="one shape"):
        gated_update(*(np.zeros(shape) for shape in shapes))


# --- gated memory -------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(1, 1), (2, 1), (3, 5), (10, 20)])
def test_count_of_parameters(n: int, m: int) -> None:
    memory = GatedMemory.random(n, m, np.random.default_rng(0))
    assert memory.count() == m * (n + m) + m


def test_a_shut_gate_keeps_and_an_open_one_writes() -> None:
    memory, x, v, s0, _ = case((3, 6, 2, 4), "float64")
    memory.b[:] = -1e4
    assert (memory.forward(x, v, s0).states == s0[:, None]).all()
    memory.b[:] = 1e4
    assert (memory.forward(x, v, s0).states == v).all()


def test_a_shut_gate_passes_the_gradient_unchanged() -> None:
    memory, x, v, s0, _ = case((2, 50, 2, 4), "float64")
    memory.b[:] = -1e4
    last = np.zeros_like(v)
    last[:, -1] = 1
    d = memory.backward(memory.forward(x, v, s0), last)
    assert (d.s0 == 1).all()
    assert (d.candidate == 0).all()


def test_the_memory_starts_empty_by_default() -> None:
    memory, x, v, s0, _ = case((3, 6, 2, 4), "float64")
    assert (memory.forward(x, v).states == memory.forward(x, v, np.zeros_like(s0)).states).all()


@pytest.mark.parametrize("sizes", SIZES)
def test_gradient_agrees_with_finite_differences(sizes: tuple) -> None:
    memory, x, v, s0, weights = case(sizes, "float64")
    d = memory.backward(memory.forward(x, v, s0), weights)
    arrays = dict(zip(NAMES, (*memory.parameters, x, v, s0), strict=True))
    h = 1e-6
    for name, array in arrays.items():
        numeric = np.empty_like(array)
        for i in np.ndindex(array.shape):
            kept = array[i]
            array[i] = kept + h
            above = (weights * memory.forward(x, v, s0).states).sum()
            array[i] = kept - h
            below = (weights * memory.forward(x, v, s0).states).sum()
            array[i] = kept
            numeric[i] = (above - below) / (2 * h)
        np.testing.assert_allclose(getattr(d, name), numeric, rtol=1e-6, atol=1e-7)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("sizes", SIZES)
def test_equals_pytorch(sizes: tuple, dtype: str) -> None:
    torch = pytest.importorskip("torch")
    memory, x, v, s0, weights = case(sizes, dtype)
    trace = memory.forward(x, v, s0)
    d = memory.backward(trace, weights)

    arrays = (*memory.parameters, x, v, s0)
    tensors = [torch.tensor(array, requires_grad=True) for array in arrays]
    W_x, W_h, b, tx, tv, s = tensors
    states = []
    for t in range(x.shape[1]):
        g = torch.sigmoid(
            torch.nn.functional.linear(tx[:, t], W_x, b) + torch.nn.functional.linear(s, W_h)
        )
        s = g * tv[:, t] + (1 - g) * s
        states.append(s)
    theirs = torch.stack(states, dim=1)
    (theirs * torch.tensor(weights)).sum().backward()

    agree(trace.states, theirs.detach().numpy(), TOLERANCES[dtype])
    for name, tensor in zip(NAMES, tensors, strict=True):
        agree(getattr(d, name), tensor.grad.numpy(), TOLERANCES[dtype])


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("sizes", SIZES)
def test_equals_keras(sizes: tuple, dtype: str) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # deprecations inside TensorFlow's own import
        tf = pytest.importorskip("tensorflow")
        keras = pytest.importorskip("keras")
    memory, x, v, s0, weights = case(sizes, dtype)
    trace = memory.forward(x, v, s0)
    d = memory.backward(trace, weights)

    n, m = sizes[2:]
    gate_x = keras.layers.Dense(m, dtype=dtype)
    gate_s = keras.layers.Dense(m, use_bias=False, dtype=dtype)
    gate_x.build((None, n))
    gate_s.build((None, m))
    gate_x.set_weights([memory.W_x.T, memory.b])
    gate_s.set_weights([memory.W_h.T])

    inputs = [tf.Variable(array) for array in (x, v, s0)]
    tx, tv, s = inputs
    variables = [gate_x.kernel.value, gate_s.kernel.value, gate_x.bias.value, *inputs]
    with tf.GradientTape() as tape:
        states = []
        for t in range(x.shape[1]):
            g = keras.ops.sigmoid(gate_x(tx[:, t]) + gate_s(s))
            s = g * tv[:, t] + (1 - g) * s
            states.append(s)
        theirs = keras.ops.stack(states, axis=1)
        loss = keras.ops.sum(theirs * weights)
    gradients = [gradient.numpy() for gradient in tape.gradient(loss, variables)]
    gradients[0], gradients[1] = gradients[0].T, gradients[1].T  # Keras keeps (n, m)

    agree(trace.states, theirs.numpy(), TOLERANCES[dtype])
    for name, gradient in zip(NAMES, gradients, strict=True):
        agree(getattr(d, name), gradient, TOLERANCES[dtype])


def test_errors_name_the_shape_that_is_wanted() -> None:
    with pytest.raises(ValueError, match="must be a matrix"):
        GatedMemory(np.zeros(3), np.zeros((3, 3)), np.zeros(3))
    with pytest.raises(ValueError, match=r"W_h must be \(3, 3\) and b \(3,\)"):
        GatedMemory(np.zeros((3, 2)), np.zeros((2, 2)), np.zeros(3))
    memory, x, v, s0, weights = case((3, 6, 2, 4), "float64")
    with pytest.raises(ValueError, match=r"x must be \(batch, time, 2\)"):
        memory.forward(x[0], v, s0)
    with pytest.raises(ValueError, match=r"candidate must be \(3, 6, 4\)"):
        memory.forward(x, v[:, :5], s0)
    with pytest.raises(ValueError, match=r"s0 must be \(3, 4\)"):
        memory.forward(x, v, s0[0])
    with pytest.raises(ValueError, match=r"d_states must be \(3, 6, 4\)"):
        memory.backward(memory.forward(x, v, s0), weights[:, 0])


def test_integer_content_is_not_rounded_away() -> None:
    memory = GatedMemory.random(2, 1, np.random.default_rng(0), scale=1)
    x, v = np.ones((1, 3, 2), dtype=int), np.full((1, 3, 1), 7)
    trace = memory.forward(x, v)
    exact = memory.forward(x.astype(float), v.astype(float))
    assert np.array_equal(trace.gates, exact.gates)
    assert np.array_equal(trace.states, exact.states)
