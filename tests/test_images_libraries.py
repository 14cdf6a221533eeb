"""Convolution and pooling equal PyTorch's and Keras', and kernels survive every journey."""

from __future__ import annotations

import itertools
import os
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

os.environ.setdefault("KERAS_BACKEND", "tensorflow")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

import numpy as np
import pytest
from cells_cases import TOLERANCES, agree

from unrolled.images import (
    AveragePool1D,
    AveragePool2D,
    Axis,
    Conv1D,
    Conv2D,
    GlobalAveragePool,
    GlobalMaxPool,
    MaxPool1D,
    MaxPool2D,
    channels_first,
    channels_last,
    dense_channels_last,
)
from unrolled.images.weights import (
    from_keras,
    from_keras_arrays,
    from_pytorch,
    from_pytorch_arrays,
    keras_arrays,
    keras_to_pytorch,
    kernel_from_keras,
    kernel_to_keras,
    pytorch_arrays,
    pytorch_to_keras,
    to_keras,
    to_pytorch,
)

torch = pytest.importorskip("torch")
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # deprecations inside TensorFlow's own import
    tf = pytest.importorskip("tensorflow")
    keras = pytest.importorskip("keras")

pytestmark = pytest.mark.usefixtures("one_thread")

# Batch, places along the axes: odd and even, one example, no larger than a dilated window.
LINES = [(2, 9), (1, 10)]
PICTURES = [(2, 9, 8), (1, 7, 11)]
KINDS = {1: (Conv1D, LINES), 2: (Conv2D, PICTURES)}
IGNORED = "ignore:Using padding='same' with even kernel:UserWarning"  # PyTorch's: a copy more


def case(
    dimensions: int, window: Any, sizes: tuple, dtype: str, **options: Any
) -> tuple[Any, Any, Any]:
    """A layer of 4 channels in and 4 out, a batch, and the loss's weights on the outputs."""
    rng = np.random.default_rng([dimensions, *sizes])
    layer = KINDS[dimensions][0].random(4, 4, window, rng, dtype=dtype, **options)
    layer.b[:] = rng.normal(size=4)
    x = rng.normal(size=(sizes[0], 4, *sizes[1:])).astype(dtype)
    return layer, x, rng.normal(size=layer.forward(x).y.shape).astype(dtype)


def check_pytorch(layer: Any, x: Any, weights: Any, module: Any) -> None:
    """Outputs and gradients equal those of a PyTorch module with the layer's weights."""
    trace = layer.forward(x)
    d = layer.backward(trace, weights)
    tx = torch.tensor(x, requires_grad=True)
    y = module(tx)
    (y * torch.tensor(weights)).sum().backward()
    tolerance = TOLERANCES[str(x.dtype)]
    agree(trace.y, y.detach().numpy(), tolerance)
    if not hasattr(d, "x"):  # of pooling, the gradient is dL/dx alone
        agree(d, tx.grad.numpy(), tolerance)
        return
    agree(d.x, tx.grad.numpy(), tolerance)
    packed = pytorch_arrays(replace(layer, K=d.K, b=d.b))
    theirs = {name: p.grad.numpy() for name, p in module.named_parameters()}
    assert packed.keys() == theirs.keys()
    for name, gradient in packed.items():
        agree(gradient, theirs[name], tolerance)


def check_keras(layer: Any, x: Any, weights: Any, theirs: Any) -> None:
    """Outputs and gradients equal those of a Keras layer with the layer's weights."""
    trace = layer.forward(x)
    d = layer.backward(trace, weights)
    kx = tf.Variable(channels_last(x))
    flat = trace.y.ndim == 2  # a global layer's outputs have no places
    with tf.GradientTape() as tape:
        y = theirs(kx)
        loss = tf.reduce_sum(y * (weights if flat else channels_last(weights)))
    variables = [w.value for w in theirs.trainable_weights]
    d_x, *others = (g.numpy() for g in tape.gradient(loss, [kx, *variables]))
    tolerance = TOLERANCES[str(x.dtype)]
    agree(trace.y, y.numpy() if flat else channels_first(y.numpy()), tolerance)
    agree(d.x if hasattr(d, "x") else d, channels_first(d_x), tolerance)
    if variables:
        packed = keras_arrays(replace(layer, K=d.K, b=d.b))
        for gradient, other in zip(packed, others, strict=True):
            agree(gradient, other, tolerance)


# --- convolution ---------------------------------------------------------------------------------


@pytest.mark.filterwarnings(IGNORED)
@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("stride", [1, 2, 3])
@pytest.mark.parametrize("dimensions", [1, 2])
def test_convolution_equals_pytorch(dimensions: int, stride: int, dtype: str) -> None:
    windows = {1: [1, 2, 3], 2: [3, (2, 3)]}[dimensions]
    paddings = ["valid", 1, 2, *(["same"] if stride == 1 else [])]
    every = KINDS[dimensions][1] if dtype == "float64" else KINDS[dimensions][1][:1]
    for sizes, window, dilation, groups, padding in itertools.product(
        every, windows, (1, 2), (1, 2, 4), paddings
    ):
        layer, x, weights = case(
            dimensions,
            window,
            sizes,
            dtype,
            stride=stride,
            dilation=dilation,
            groups=groups,
            padding=padding,
        )
        check_pytorch(layer, x, weights, to_pytorch(layer))


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize(
    ("stride", "dilation", "window"),
    [(1, 1, 3), (1, 1, 2), (2, 1, 3), (2, 1, 4), (3, 1, 2), (1, 2, 3), (1, 3, 2)],
)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_convolution_equals_keras(
    dimensions: int, stride: int, dilation: int, window: int, dtype: str
) -> None:
    words = ["valid", "same", *(["causal"] if dimensions == 1 else [])]
    every = KINDS[dimensions][1] if dtype == "float64" else KINDS[dimensions][1][:1]
    for sizes, padding in itertools.product(every, words):
        options: dict[str, Any] = {"stride": stride, "dilation": dilation, "padding": padding}
        layer, x, weights = case(dimensions, window, sizes, dtype, **options)
        check_keras(layer, x, weights, to_keras(layer))


@pytest.mark.parametrize(
    ("dimensions", "groups", "options"),
    [
        (1, 4, {"padding": "causal"}),
        (2, 2, {"stride": 2, "padding": "same"}),
    ],
)
def test_groups_equal_keras(dimensions: int, groups: int, options: dict) -> None:
    sizes = KINDS[dimensions][1][0]
    layer, x, weights = case(dimensions, 3, sizes, "float64", groups=groups, **options)
    check_keras(layer, x, weights, to_keras(layer))


def test_each_axis_has_settings_of_its_own_in_both_libraries() -> None:
    options: dict[str, Any] = {"stride": (2, 1), "padding": [0, 2], "dilation": (1, 2)}
    layer, x, weights = case(2, (3, 2), PICTURES[0], "float64", **options)
    check_pytorch(layer, x, weights, to_pytorch(layer))
    options = {"stride": (3, 2), "padding": "same"}
    layer, x, weights = case(2, (2, 5), PICTURES[1], "float64", **options)
    check_keras(layer, x, weights, to_keras(layer))


# --- pooling -------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_pooling_equals_pytorch(dimensions: int, dtype: str) -> None:
    largest = {1: MaxPool1D, 2: MaxPool2D}[dimensions]
    average = {1: AveragePool1D, 2: AveragePool2D}[dimensions]
    their_max = {1: torch.nn.MaxPool1d, 2: torch.nn.MaxPool2d}[dimensions]
    their_average = {1: torch.nn.AvgPool1d, 2: torch.nn.AvgPool2d}[dimensions]
    rng = np.random.default_rng(0)
    for sizes, window, stride, padding in itertools.product(
        KINDS[dimensions][1], (2, 3), (None, 1, 2, 3), (0, 1)
    ):
        x = rng.normal(size=(sizes[0], 3, *sizes[1:])).astype(dtype)
        layer = largest(window, stride, padding)
        weights = rng.normal(size=layer.forward(x).y.shape).astype(dtype)
        check_pytorch(layer, x, weights, their_max(window, stride, padding))
        for count in (True, False):
            layer = average(window, stride, padding, count_padding=count)
            module = their_average(window, stride, padding, count_include_pad=count)
            check_pytorch(layer, x, weights, module)


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_pooling_equals_keras(dimensions: int, dtype: str) -> None:
    ours = {1: (MaxPool1D, AveragePool1D), 2: (MaxPool2D, AveragePool2D)}[dimensions]
    theirs = {
        1: (keras.layers.MaxPooling1D, keras.layers.AveragePooling1D),
        2: (keras.layers.MaxPooling2D, keras.layers.AveragePooling2D),
    }[dimensions]
    rng = np.random.default_rng(1)
    for sizes, window, stride, padding, (kind, other) in itertools.product(
        KINDS[dimensions][1],
        (2, 3),
        (None, 1, 2),
        ("valid", "same"),
        zip(ours, theirs, strict=True),
    ):
        x = rng.normal(size=(sizes[0], 3, *sizes[1:])).astype(dtype)
        layer = kind(window, stride, padding)
        weights = rng.normal(size=layer.forward(x).y.shape).astype(dtype)
        check_keras(layer, x, weights, other(window, stride, padding, dtype=dtype))


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("dimensions", [1, 2])
def test_global_pooling_equals_both(dimensions: int, dtype: str) -> None:
    rng = np.random.default_rng(2)
    x = rng.normal(size=(2, 3, 5, 4)[: 2 + dimensions]).astype(dtype)
    weights = rng.normal(size=(2, 3)).astype(dtype)
    places = tuple(range(2, x.ndim))
    check_pytorch(GlobalMaxPool(), x, weights, lambda t: t.amax(places))
    check_pytorch(GlobalAveragePool(), x, weights, lambda t: t.mean(places))
    lines = dimensions == 1
    layers = keras.layers
    largest = layers.GlobalMaxPooling1D if lines else layers.GlobalMaxPooling2D
    average = layers.GlobalAveragePooling1D if lines else layers.GlobalAveragePooling2D
    check_keras(GlobalMaxPool(), x, weights, largest(dtype=dtype))
    check_keras(GlobalAveragePool(), x, weights, average(dtype=dtype))


def test_of_equal_maxima_both_libraries_windows_take_the_first() -> None:
    x, weights = np.zeros((1, 1, 4, 4)), np.arange(1.0, 5).reshape(1, 1, 2, 2)
    check_pytorch(MaxPool2D(2), x, weights, torch.nn.MaxPool2d(2))
    check_keras(MaxPool2D(2), x, weights, keras.layers.MaxPooling2D(2, dtype="float64"))


def test_of_equal_maxima_of_a_whole_map_keras_takes_all() -> None:
    x = np.zeros((1, 1, 2, 2))
    kx = tf.Variable(channels_last(x))
    with tf.GradientTape() as tape:
        y = keras.layers.GlobalMaxPooling2D(dtype="float64")(kx)
    assert tape.gradient(y, kx).numpy().ravel().tolist() == [0.25] * 4
    first = torch.nn.AdaptiveMaxPool2d(1)
    check_pytorch(GlobalMaxPool(), x, np.ones((1, 1)), lambda t: first(t).flatten(1))


# --- traps ---------------------------------------------------------------------------------------


def test_same_with_a_stride_in_both_libraries() -> None:
    x = np.array([[[1.0, 2, 3, 4]]])
    layer = Conv1D(np.ones((1, 1, 3)), stride=2, padding="same")
    assert to_keras(layer)(channels_last(x)).numpy().ravel().tolist() == [6, 7]  # 123, 34·
    with pytest.raises(ValueError, match="padding='same' is not supported for strided"):
        torch.nn.Conv1d(1, 1, 3, stride=2, padding="same")
    with pytest.raises(ValueError, match=r"no padding='same' with a stride.*functional.pad"):
        to_pytorch(layer)
    both_sides = to_pytorch(replace(layer, padding=1))
    assert both_sides(torch.tensor(x)).flatten().tolist() == [3, 9]  # ·12, 234
    padded = torch.nn.functional.pad(torch.tensor(x), layer.axes[0].pads(4))  # as the error says
    bare = to_pytorch(replace(layer, padding=0))
    assert bare(padded).flatten().tolist() == [6, 7]


def test_no_library_turns_the_kernel_round() -> None:
    x, K = np.arange(1.0, 6)[None, None], np.array([[[1.0, 0, 0]]])
    layer = Conv1D(K)
    assert layer.forward(x).y.tolist() == [[[1, 2, 3]]]  # turned round it would be 3, 4, 5
    assert to_pytorch(layer)(torch.tensor(x)).tolist() == [[[1, 2, 3]]]
    assert to_keras(layer)(channels_last(x)).numpy().ravel().tolist() == [1, 2, 3]


def test_kernels_are_packed_as_each_library_has_them() -> None:
    K = np.random.default_rng(3).normal(size=(4, 3, 5, 7))
    assert torch.nn.Conv2d(6, 4, (5, 7), groups=2).weight.shape == K.shape
    theirs = keras.layers.Conv2D(4, (5, 7), groups=2)
    theirs.build((None, None, None, 6))
    packed = kernel_to_keras(K)
    assert tuple(theirs.kernel.shape) == packed.shape == (5, 7, 3, 4)
    for o, c, u, v in [(0, 0, 0, 0), (3, 1, 4, 2), (1, 2, 0, 6)]:
        assert packed[u, v, c, o] == K[o, c, u, v]
    assert np.array_equal(kernel_from_keras(packed), K)
    assert kernel_to_keras(K[..., 0]).shape == (5, 3, 4)
    assert np.array_equal(kernel_from_keras(kernel_to_keras(K[..., 0])), K[..., 0])


def test_a_whole_net_is_the_same_in_all_three() -> None:
    """Convolution, ReLU, pooling, flattening, a dense layer: the layout is followed to the end."""
    rng = np.random.default_rng(4)
    layer, W = Conv2D.random(1, 3, 3, rng, padding=1), rng.normal(size=(5, 3 * 3 * 4))
    x = rng.normal(size=(2, 1, 6, 8))
    maps = MaxPool2D(2).forward(np.maximum(layer.forward(x).y, 0)).y
    y = maps.reshape(2, -1) @ W.T

    dense = torch.nn.Linear(36, 5, bias=False, dtype=torch.float64)
    dense.load_state_dict({"weight": torch.tensor(W)})
    parts = [to_pytorch(layer), torch.nn.ReLU(), torch.nn.MaxPool2d(2), torch.nn.Flatten(), dense]
    agree(y, torch.nn.Sequential(*parts)(torch.tensor(x)).detach().numpy(), 1e-10)

    output = keras.layers.Dense(5, use_bias=False, dtype="float64")
    output.build((None, 36))
    output.set_weights([dense_channels_last(W, maps.shape[1:]).T])
    theirs: Any = channels_last(x)
    options = {"dtype": "float64"}
    for part in (
        to_keras(layer),
        keras.layers.ReLU(**options),
        keras.layers.MaxPooling2D(2, **options),
        keras.layers.Flatten(**options),
        output,
    ):
        theirs = part(theirs)
    agree(y, theirs.numpy(), 1e-10)


# --- journeys ------------------------------------------------------------------------------------


def same(one: Any, other: Any) -> None:
    """The same type, settings and numbers."""
    assert type(one) is type(other)
    for name in ("K", "b"):
        ours, theirs = getattr(one, name), getattr(other, name)
        assert ours.dtype == theirs.dtype
        assert np.array_equal(ours, theirs)
    assert one.groups == other.groups
    for a, b in zip(one.axes, other.axes, strict=True):
        assert (a.window, a.stride, a.dilation) == (b.window, b.stride, b.dilation)
        assert [a.pads(n) for n in range(1, 20)] == [b.pads(n) for n in range(1, 20)]


@pytest.mark.parametrize("dtype", TOLERANCES)
@pytest.mark.parametrize("padding", ["valid", "same", 1])
@pytest.mark.parametrize("dimensions", [1, 2])
def test_a_layer_survives_every_journey(dimensions: int, padding: Any, dtype: str) -> None:
    for options in ({"groups": 2}, {"dilation": 1 if padding == 1 else 2}):
        layer, _, _ = case(
            dimensions, 3, KINDS[dimensions][1][0], dtype, padding=padding, **options
        )
        same(from_pytorch(to_pytorch(layer)), layer)
        same(from_keras(to_keras(layer)), layer)
        same(from_pytorch(keras_to_pytorch(to_keras(layer))), layer)
        same(from_keras(pytorch_to_keras(to_pytorch(layer))), layer)
        plain = replace(layer, dilation=1, padding="valid", groups=1)
        same(from_pytorch_arrays(type(layer), pytorch_arrays(plain)), plain)
        same(from_keras_arrays(type(layer), keras_arrays(plain)), plain)


def test_strides_and_causal_padding_survive_where_they_exist() -> None:
    rng = np.random.default_rng(5)
    layer = Conv2D.random(2, 3, 3, rng, stride=(2, 3), padding="same")
    same(from_keras(to_keras(layer)), layer)
    layer = Conv1D.random(2, 3, 3, rng, dilation=2, padding="causal")
    same(from_keras(to_keras(layer)), layer)
    same(from_keras(to_keras(replace(layer, padding=[(4, 0)]))), layer)
    layer = Conv2D.random(2, 3, 3, rng, stride=2, dilation=3, padding=(1, 2))
    same(from_pytorch(to_pytorch(layer)), layer)


def test_layers_without_biases_become_layers_with_zeros() -> None:
    module = torch.nn.Conv2d(2, 3, 3, bias=False)
    layer = from_pytorch(module)
    assert np.array_equal(layer.b, np.zeros(3))
    assert layer.b.dtype == np.float32
    theirs = keras.layers.Conv1D(3, 2, use_bias=False)
    theirs.build((None, None, 4))
    assert np.array_equal(from_keras(theirs).b, np.zeros(3))


def test_what_trains_in_a_library_leaves_the_layer_here_alone() -> None:
    layer = Conv1D(np.ones((1, 1, 2)))
    module, theirs = to_pytorch(layer), to_keras(layer)
    with torch.no_grad():
        module.weight.zero_()
    theirs.set_weights([w * 0 for w in theirs.get_weights()])
    assert (layer.K == 1).all()


K1, K2 = np.ones((2, 2, 3)), np.ones((2, 2, 3, 3))


def built(**options: Any) -> Any:
    """A built layer of Keras."""
    layer = keras.layers.Conv2D(2, 3, **options)
    layer.build((None, None, None, 2))
    return layer


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: to_pytorch(Conv1D(K1, padding="causal")), "by 2 before and 0 after"),
        (lambda: to_pytorch(Conv2D(K2, padding=[1, (0, 1)])), "both sides of width alike"),
        (lambda: to_keras(Conv2D(K2, padding=2)), "put a ZeroPadding layer before"),
        (lambda: to_keras(Conv2D(K2, stride=2, padding=1)), "put a ZeroPadding layer before"),
        (lambda: to_keras(Conv2D(K2, padding=[(2, 0), (2, 0)])), "put a ZeroPadding layer"),
        (lambda: to_keras(Conv1D(K1, stride=2, dilation=2)), "keep every s-th output"),
        (lambda: from_pytorch(torch.nn.Linear(2, 2)), "Conv1d or torch.nn.Conv2d is wanted"),
        (
            lambda: from_pytorch(torch.nn.Conv1d(2, 2, 3, padding=1, padding_mode="circular")),
            "not 'circular': pad by yourself",
        ),
        (lambda: from_keras(keras.layers.Dense(2)), "Conv1D or Conv2D is wanted"),
        (lambda: from_keras(keras.layers.Conv2D(2, 3)), "has no weights yet"),
        (lambda: from_keras(built(activation="relu")), "'relu': make it a layer of its own"),
        (lambda: kernel_to_keras(np.ones((2, 3))), "three axes in one dimension"),
        (lambda: kernel_from_keras(np.ones((2, 3))), "three axes in one dimension"),
    ],
)
def test_what_has_no_place_is_refused(call: Callable[[], Any], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_every_s_th_output_is_the_stride_that_keras_refuses() -> None:
    with pytest.raises(ValueError, match="dilation_rate"):
        keras.layers.Conv1D(2, 3, strides=2, dilation_rate=2)
    rng = np.random.default_rng(6)
    layer, x = Conv1D.random(2, 2, 3, rng, stride=2, dilation=2), rng.normal(size=(1, 2, 11))
    whole = to_keras(replace(layer, stride=1))(channels_last(x)).numpy()
    agree(layer.forward(x).y, channels_first(whole[:, :: layer.axes[0].stride]), 1e-10)
    assert layer.axes == [Axis(3, 2, 2, name="time")]
