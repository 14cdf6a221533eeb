"""Convolution, pooling and what is said of windows: formulas, finite differences, refusals."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

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
    conv_parameters,
    convolve,
    correlate,
    dense_channels_first,
    dense_channels_last,
    output_size,
    receptive_field,
)

# --- the formulas, term by term ------------------------------------------------------------------


def by_the_formula(layer: Any, x: Any) -> Any:
    """y[b,o,i,j] by loops over every letter of the formula."""
    vertical, horizontal = layer.axes
    pads = [a.pads(n) for a, n in zip(layer.axes, x.shape[2:], strict=True)]
    padded = np.pad(x, [(0, 0), (0, 0), *pads])
    rows, columns = (a.outputs(n) for a, n in zip(layer.axes, x.shape[2:], strict=True))
    y = np.zeros((len(x), layer.outputs, rows, columns))
    per_group = layer.K.shape[1]
    for b, o, i, j in np.ndindex(*y.shape):
        y[b, o, i, j] = layer.b[o]
        group = o // (layer.outputs // layer.groups)
        for c, u, v in np.ndindex(*layer.K.shape[1:]):
            row = vertical.stride * i + vertical.dilation * u
            column = horizontal.stride * j + horizontal.dilation * v
            y[b, o, i, j] += layer.K[o, c, u, v] * padded[b, group * per_group + c, row, column]
    return y


@pytest.mark.parametrize("groups", [1, 2])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"stride": (2, 3), "padding": "same"},
        {"dilation": (2, 1), "padding": [(0, 2), 1]},
        {"stride": 2, "dilation": 2, "padding": 3},
    ],
)
def test_the_layer_is_the_formula(groups: int, options: dict) -> None:
    rng = np.random.default_rng(0)
    layer = Conv2D.random(4, 2, (3, 2), rng, groups=groups, **options)
    layer.b[:] = rng.normal(size=2)
    x = rng.normal(size=(2, 4, 6, 7))
    np.testing.assert_allclose(layer.forward(x).y, by_the_formula(layer, x), atol=1e-12)


def test_a_line_is_a_picture_of_one_row() -> None:
    rng = np.random.default_rng(1)
    line = Conv1D.random(4, 6, 3, rng, groups=2, stride=2, dilation=2, padding=[(3, 1)])
    picture = Conv2D(line.K[:, :, None], line.b, (1, 2), (1, 2), [0, (3, 1)], groups=2)
    x = rng.normal(size=(2, 4, 9))
    trace, flat = line.forward(x), picture.forward(x[:, :, None])
    np.testing.assert_allclose(trace.y, flat.y[:, :, 0], atol=1e-14)
    d = rng.normal(size=trace.y.shape)
    one, other = line.backward(trace, d), picture.backward(flat, d[:, :, None])
    np.testing.assert_allclose(one.K, other.K[:, :, 0], atol=1e-14)
    np.testing.assert_allclose(one.x, other.x[:, :, 0], atol=1e-14)
    np.testing.assert_allclose(one.b, other.b, atol=1e-14)


def test_numbers_that_can_be_checked_by_hand() -> None:
    x = np.arange(1.0, 10).reshape(1, 1, 3, 3)
    K = np.array([[1.0, 0], [0, -2]])[None, None]
    assert Conv2D(K).forward(x).y[0, 0].tolist() == [[-9, -10], [-12, -13]]  # 1 - 2·5, 2 - 2·6, …
    assert Conv2D(K, [100]).forward(x).y[0, 0].tolist() == [[91, 90], [88, 87]]
    assert MaxPool2D(2, 1).forward(x).y[0, 0].tolist() == [[5, 6], [8, 9]]
    assert AveragePool2D(2, 1).forward(x).y[0, 0].tolist() == [[3, 4], [6, 7]]
    assert MaxPool2D(2).forward(x).y[0, 0].tolist() == [[5]]  # the rest does not fill a window
    assert GlobalAveragePool().forward(x).y.tolist() == [[5]]
    assert GlobalMaxPool().forward(x).y.tolist() == [[9]]


def test_a_one_by_one_convolution_is_a_dense_layer_at_every_place() -> None:
    rng = np.random.default_rng(2)
    layer, x = Conv2D.random(3, 5, 1, rng), rng.normal(size=(2, 3, 4, 4))
    dense = x.transpose(0, 2, 3, 1) @ layer.K[:, :, 0, 0].T
    np.testing.assert_allclose(layer.forward(x).y, dense.transpose(0, 3, 1, 2), atol=1e-12)


def test_shifting_the_input_shifts_the_map_and_a_stride_needs_shifts_of_whole_strides() -> None:
    rng = np.random.default_rng(3)
    layer, x = Conv1D.random(2, 3, 3, rng), rng.normal(size=(1, 2, 12))
    moved = np.roll(x, 1, axis=-1)
    y, y_moved = layer.forward(x).y, layer.forward(moved).y
    assert np.array_equal(y_moved[..., 1:], y[..., :-1])
    strided = Conv1D(layer.K, stride=2)
    y, y_moved = strided.forward(x).y, strided.forward(moved).y
    assert np.abs(y_moved[..., 1:] - y[..., :-1]).max() > 0.1
    twice = strided.forward(np.roll(x, 2, axis=-1)).y
    assert np.array_equal(twice[..., 1:], y[..., :-1])


def test_causal_padding_sees_nothing_of_what_comes_after() -> None:
    rng = np.random.default_rng(4)
    layer = Conv1D.random(2, 2, 3, rng, dilation=2, padding="causal")
    x = rng.normal(size=(1, 2, 9))
    later = x.copy()
    later[..., 5:] += 1
    y, changed = layer.forward(x).y, layer.forward(later).y
    assert y.shape == (1, 2, 9)
    assert np.array_equal(y[..., :5], changed[..., :5])
    assert (y[..., 5:] != changed[..., 5:]).all()
    pairs = Conv1D(layer.K, layer.b, dilation=2, padding=[(4, 0)])
    assert np.array_equal(y, pairs.forward(x).y)


def test_a_layer_counts_its_parameters_and_multiplications() -> None:
    layer = Conv2D.random(6, 4, (3, 5), np.random.default_rng(0), groups=2, padding="same")
    assert layer.count() == 4 * 3 * 15 + 4 == conv_parameters(6, 4, (3, 5), groups=2)
    assert layer.count() == sum(p.size for p in layer.parameters.values())
    assert layer.output_shape(8, 9) == (4, 8, 9)
    assert layer.multiplications(8, 9) == 8 * 9 * 4 * 3 * 15
    assert (layer.inputs, layer.outputs) == (6, 4)


def test_kernels_can_be_trained_in_place_and_keep_their_type() -> None:
    K = np.ones((2, 1, 2), dtype=np.float32)
    layer, x = Conv1D(K), np.arange(4)[None, None]
    assert layer.K is K
    trace = layer.forward(x)
    assert trace.y.dtype == np.float32
    assert layer.backward(trace, np.ones((1, 2, 3))).x.dtype == np.float32
    layer.K *= 2
    assert np.array_equal(layer.forward(x).y, 2 * trace.y)
    assert MaxPool1D(2).forward(x).y.dtype == np.float64


def test_input_and_its_type_are_left_alone() -> None:
    x = np.random.default_rng(5).normal(size=(2, 2, 5, 5)).astype(np.float32)
    before = x.copy()
    for layer in (MaxPool2D(2, padding="same"), AveragePool2D(2), GlobalMaxPool()):
        trace = layer.forward(x)
        d_x = layer.backward(trace, np.ones(trace.y.shape))
        assert trace.y.dtype == d_x.dtype == np.float32
        assert d_x.shape == x.shape
    assert np.array_equal(x, before)


# --- finite differences --------------------------------------------------------------------------


def slope(loss: Callable[[], float], a: Any, h: float = 1e-6) -> Any:
    """Central differences of the loss by every number of an array, changed in place."""
    d = np.zeros_like(a)
    for place in np.ndindex(*a.shape):
        kept = a[place]
        a[place] = kept + h
        above = loss()
        a[place] = kept - h
        d[place] = (above - loss()) / (2 * h)
        a[place] = kept
    return d


@pytest.mark.parametrize(
    ("kind", "window", "options"),
    [
        (Conv1D, 3, {"stride": 2, "padding": "same"}),
        (Conv1D, 2, {"dilation": 3, "padding": "causal", "groups": 2}),
        (Conv2D, (3, 2), {"stride": (1, 2), "dilation": (1, 2), "padding": [(0, 1), 2]}),
        (Conv2D, 2, {"stride": 3, "groups": 2}),  # a stride that passes some places over
    ],
)
def test_convolution_s_gradients_are_finite_differences(
    kind: Any, window: Any, options: dict
) -> None:
    rng = np.random.default_rng(6)
    layer = kind.random(2, 4, window, rng, **options)
    layer.b[:] = rng.normal(size=4)
    x = rng.normal(size=(2, 2, 6, 5)[: 2 + kind.dimensions])
    weights = rng.normal(size=layer.forward(x).y.shape)

    def loss() -> float:
        return float((weights * layer.forward(x).y ** 2).sum())

    trace = layer.forward(x)
    d = layer.backward(trace, 2 * weights * trace.y)
    for ours, array in ((d.K, layer.K), (d.b, layer.b), (d.x, x)):
        np.testing.assert_allclose(ours, slope(loss, array), atol=1e-6)


@pytest.mark.parametrize(
    "layer",
    [
        MaxPool1D(3, 2, "same"),
        MaxPool2D((2, 3), (1, 2), 1),
        AveragePool1D(3, 2, [(0, 2)]),
        AveragePool2D((3, 2), 1, "same"),
        AveragePool2D(3, 2, 1, count_padding=True),
        GlobalMaxPool(),
        GlobalAveragePool(),
    ],
    ids=repr,
)
def test_pooling_s_gradients_are_finite_differences(layer: Any) -> None:
    rng = np.random.default_rng(7)
    x = rng.normal(size=(2, 2, 5, 6)[: 2 + getattr(layer, "dimensions", 2)])
    weights = rng.normal(size=layer.forward(x).y.shape)
    trace = layer.forward(x)
    ours = layer.backward(trace, 2 * weights * trace.y)
    theirs = slope(lambda: float((weights * layer.forward(x).y ** 2).sum()), x)
    np.testing.assert_allclose(ours, theirs, atol=1e-6)


# --- windows -------------------------------------------------------------------------------------


def test_output_sizes_are_the_number_of_windows_that_fit() -> None:
    for n, k, s, d, before, after in itertools.product(
        range(1, 9), (1, 2, 3), (1, 2, 3), (1, 2), (0, 1, 2), (0, 1, 3)
    ):
        padded, span = n + before + after, d * (k - 1) + 1
        fitting = len([i for i in range(0, padded, s) if i + span <= padded])
        if fitting:
            assert output_size(n, k, stride=s, dilation=d, padding=(before, after)) == fitting
        else:
            with pytest.raises(ValueError, match="does not fit"):
                output_size(n, k, stride=s, dilation=d, padding=(before, after))


def test_same_gives_one_output_for_each_stride_and_its_odd_place_is_after() -> None:
    for n, k, s, d in itertools.product(range(1, 12), (1, 2, 3, 4, 5), (1, 2, 3), (1, 2)):
        axis = Axis(k, s, d, "same")
        before, after = axis.pads(n)
        assert axis.outputs(n) == -(-n // s)
        assert after - before in (0, 1)
        if before + after:  # no more padding than it takes: one place less is one output less
            assert Axis(k, s, d, (before, after - 1)).pads(n) == (before, after - 1)
            assert n + before + after - 1 < axis.span + (axis.outputs(n) - 1) * s
    assert Axis(2, padding="same").pads(5) == (0, 1)
    assert Axis(3, 2, 1, "same").pads(4) == (0, 1)
    assert Axis(3, 2, 1, "same").pads(5) == (1, 1)


def test_same_with_a_stride_is_not_padding_on_both_sides() -> None:
    x, K = np.array([[[1.0, 2, 3, 4]]]), np.ones((1, 1, 3))
    assert Conv1D(K, stride=2, padding="same").forward(x).y.tolist() == [[[6, 7]]]  # 123, 34·
    assert Conv1D(K, stride=2, padding=1).forward(x).y.tolist() == [[[3, 9]]]  # ·12, 234


@pytest.mark.parametrize("n", [9, 10, 12])
@pytest.mark.parametrize(
    "settings",
    [
        [(3, 1, 1, 0)],
        [(3, 1, 1, 1), (3, 1, 1, 1)],
        [(3, 2, 1, "same"), (2, 2, 1, "valid"), (3, 1, 1, "same")],
        [(3, 2, 1, "same"), (3, 2, 1, "same")],  # the second's padding depends on the first's
        [(2, 1, 1, "causal"), (2, 1, 2, "causal"), (2, 1, 4, "causal")],
        [(1, 2, 1, 0), (3, 1, 2, (1, 2))],
    ],
)
def test_the_receptive_field_is_where_the_gradient_arrives(settings: list, n: int) -> None:
    layers = [
        Conv1D(np.ones((1, 1, k)), stride=s, dilation=d, padding=p if isinstance(p, str) else [p])
        for k, s, d, p in settings
    ]
    field = receptive_field((layer.axes[0] for layer in layers), n)
    traces: list[Any] = []
    y: Any = np.ones((1, 1, n))
    for layer in layers:
        traces.append(layer.forward(y))
        y = traces[-1].y
    for i in range(y.shape[-1]):
        d = np.zeros_like(y)
        d[..., i] = 1
        for layer, trace in zip(reversed(layers), reversed(traces), strict=True):
            d = layer.backward(trace, d).x
        reached = np.flatnonzero(d)
        seen = field.seen(i, n)
        assert set(reached) <= set(seen)
        if field.start + i * field.jump >= 0 and field.start + i * field.jump + field.size <= n:
            assert (reached[0], reached[-1]) == (seen[0], seen[-1])
            assert len(seen) == field.size


def test_receptive_fields_known_from_elsewhere() -> None:
    assert receptive_field([Axis(3)] * 2).size == 5
    assert receptive_field([Axis(3)] * 3).size == 7
    assert receptive_field([Axis(2, dilation=2**i) for i in range(10)]).size == 1024  # WaveNet
    two = receptive_field([Axis(5), Axis(2, 2), Axis(5), Axis(2, 2)])
    assert (two.size, two.jump, two.start) == (16, 4, 0)
    assert receptive_field([Axis(3, padding="same")] * 2).start == -2
    with pytest.raises(ValueError, match="give n"):
        receptive_field([Axis(3, 2, padding="same")])


# --- correlation and convolution -----------------------------------------------------------------

SHAPES = [((7,), (3,)), ((7,), (4,)), ((6, 5), (3, 2)), ((5, 6), (1, 4)), ((3, 3), (3, 3))]


@pytest.mark.parametrize("mode", ["full", "valid", "same"])
@pytest.mark.parametrize(("x_shape", "K_shape"), SHAPES)
def test_convolution_is_scipy_s_and_correlation_its_kernel_turned(
    x_shape: tuple, K_shape: tuple, mode: str
) -> None:
    signal = pytest.importorskip("scipy.signal")
    rng = np.random.default_rng(8)
    x, K = rng.normal(size=x_shape), rng.normal(size=K_shape)
    expected = signal.convolve(x, K, mode, method="direct")
    np.testing.assert_allclose(convolve(x, K, mode), expected, atol=1e-13)
    if mode != "same":  # whose odd place of padding is on the other side
        np.testing.assert_allclose(correlate(x, np.flip(K), mode), expected, atol=1e-13)
    theirs = signal.correlate(x, K, "valid", method="direct")
    np.testing.assert_allclose(correlate(x, K), theirs, atol=1e-13)


def test_convolution_commutes_and_correlation_does_not() -> None:
    x, K = np.array([1.0, 2, 3]), np.array([1.0, 0, -1])
    assert convolve(x, K).tolist() == convolve(K, x).tolist() == [1, 2, 2, -2, -3]
    assert correlate(x, K, "full").tolist() == [-1, -2, -2, 2, 3]
    assert correlate(K, x, "full").tolist() == [3, 2, -2, -2, -1]


@pytest.mark.parametrize("k", [2, 3, 4])
def test_the_layers_correlate(k: int) -> None:
    rng = np.random.default_rng(k)
    x, K = rng.normal(size=(6, 7)), rng.normal(size=(k, k))
    for mode in ("valid", "same"):
        y = Conv2D(K[None, None], padding=mode).forward(x[None, None]).y[0, 0]
        np.testing.assert_allclose(correlate(x, K, mode), y, atol=1e-13)
        assert y.shape == convolve(x, K, mode).shape
        assert np.abs(y - convolve(x, K, mode)).max() > 0.1


# --- layouts -------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(2, 3, 4), (2, 3, 4, 5)])
def test_moving_channels_keeps_every_number_in_its_place_and_reshaping_does_not(
    shape: tuple,
) -> None:
    x = np.arange(np.prod(shape)).reshape(shape)
    last = channels_last(x)
    assert last.shape == (*shape[:1], *shape[2:], shape[1])
    for b, c, *place in np.ndindex(*shape):
        assert last[(b, *place, c)] == x[(b, c, *place)]
    assert np.array_equal(channels_first(last), x)
    assert not np.array_equal(x.reshape(last.shape), last)


@pytest.mark.parametrize("maps", [(3, 4), (3, 2, 4)])
def test_a_dense_layer_after_flattening_follows_the_layout(maps: tuple) -> None:
    rng = np.random.default_rng(9)
    x, W = rng.normal(size=(2, *maps)), rng.normal(size=(5, int(np.prod(maps))))
    theirs = dense_channels_last(W, maps)
    y = x.reshape(2, -1) @ W.T
    np.testing.assert_allclose(channels_last(x).reshape(2, -1) @ theirs.T, y, atol=1e-13)
    assert np.abs(channels_last(x).reshape(2, -1) @ W.T - y).max() > 0.1
    assert np.array_equal(dense_channels_first(theirs, maps), W)


# --- pooling -------------------------------------------------------------------------------------


def test_padding_never_wins_a_maximum() -> None:
    x = -np.ones((1, 1, 3, 3))
    assert (MaxPool2D(2, padding="same").forward(x).y == -1).all()
    assert (MaxPool2D(3, 1, 1).forward(x).y == -1).all()


def test_padding_counts_in_an_average_only_if_asked() -> None:
    x = np.full((1, 1, 3), 6.0)
    assert AveragePool1D(3, 1, 1).forward(x).y.tolist() == [[[6, 6, 6]]]
    assert AveragePool1D(3, 1, 1, count_padding=True).forward(x).y.tolist() == [[[4, 6, 4]]]


def test_of_equal_maxima_the_first_gets_the_gradient() -> None:
    x = np.zeros((1, 1, 4, 4))
    layer = MaxPool2D(2)
    d = layer.backward(layer.forward(x), np.ones((1, 1, 2, 2)))
    assert np.argwhere(d[0, 0]).tolist() == [[0, 0], [0, 2], [2, 0], [2, 2]]
    whole = GlobalMaxPool()
    assert np.argwhere(whole.backward(whole.forward(x), [[1]])[0, 0]).tolist() == [[0, 0]]


# --- refusals ------------------------------------------------------------------------------------

K1, K2 = np.ones((2, 3, 3)), np.ones((2, 3, 3, 3))


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Conv2D(K1), r"K must be \(outputs, channels / groups, height, width\)"),
        (lambda: Conv1D(np.ones((2, 0, 3))), "none of them 0"),
        (lambda: Conv1D(K1, [0.0]), r"b must be \(2,\), not \(1,\)"),
        (lambda: Conv1D(K1, groups=3), "groups=3 does not divide the 2 output"),
        (lambda: Conv1D(K1, groups=0), "groups=0 does not divide"),
        (
            lambda: Conv1D.random(3, 4, 3, np.random.default_rng(), groups=2),
            "must divide both the 3 input and the 4 output",
        ),
        (lambda: Conv1D(K1, stride=0), "stride along time must be at least 1"),
        (lambda: Conv2D(K2, dilation=(1, 0)), "dilation along width must be at least 1"),
        (lambda: Conv2D(K2, stride=(1, 2, 3)), "stride must be one number or one for each of 2"),
        (lambda: Conv1D(K1, padding="full"), "padding is 'valid', 'same', 'causal', a number"),
        (lambda: Conv1D(K1, padding=-1), "is negative, -1; cut the input"),
        (lambda: Conv1D(K1, padding=(2, 0)), r"written \[\(before, after\)\]"),
        (lambda: Conv2D(K2, padding=[1, (1, 2, 3)]), r"a number or \(before, after\)"),
        (lambda: Conv2D(K2, padding="causal"), "causal' is for time"),
        (lambda: Conv2D(K2).forward(np.ones((3, 5, 5))), r"x\[None\] adds the batch"),
        (lambda: Conv2D(K2).forward(np.ones((1, 5, 5, 3))), r"channels_first\(x\) moves them"),
        (lambda: Conv2D(K2).forward(np.ones((1, 4, 5, 5))), r"\(batch, 3, height, width\), not"),
        (lambda: Conv1D(K1).forward(np.ones((1, 3, 2))), "into 2 places of padded time: add 1"),
        (
            lambda: Conv2D(K2, dilation=(1, 3), padding=1).forward(np.ones((1, 3, 5, 4))),
            "window of 3, 7 places with its dilation does not fit into 6 .* width: add 1",
        ),
        (lambda: Conv1D(K1, padding=2).forward(np.ones((1, 3, 0))), "time of the input is empty"),
        (lambda: Conv1D(K1).output_shape(5, 5), "give time"),
        (
            lambda: Conv1D(K1).backward(Conv1D(K1).forward(np.ones((1, 3, 5))), np.ones((1, 2, 5))),
            r"shape of the outputs, \(1, 2, 3\), not \(1, 2, 5\)",
        ),
        (lambda: MaxPool2D(2, padding=2), "less than the window, 2"),
        (lambda: MaxPool1D(2, padding="causal"), "is for convolutions"),
        (lambda: MaxPool2D((2, 2, 2)), "window must be one number"),
        (lambda: MaxPool2D(3).forward(np.ones((1, 1, 2, 3))), "does not fit into 2 .* height"),
        (lambda: AveragePool1D(2).forward(np.ones((1, 1, 4, 4))), r"\(batch, channels, time\)"),
        (
            lambda: MaxPool1D(2).backward(MaxPool1D(2).forward(np.ones((1, 1, 4))), [[1.0, 1.0]]),
            r"d_y must have the shape of the outputs, \(1, 1, 2\)",
        ),
        (lambda: GlobalMaxPool().forward(np.ones((2, 3))), "with a place at least"),
        (lambda: GlobalAveragePool().forward(np.ones((2, 3, 0))), "with a place at least"),
        (lambda: correlate(np.ones(3), np.ones((2, 2))), "both be lines or both be pictures"),
        (lambda: correlate(np.ones(3), np.ones(4)), "take mode='full' or a smaller kernel"),
        (lambda: convolve(np.ones(3), np.ones(2), "causal"), "mode must be"),
        (lambda: channels_last(np.ones((3, 3))), r"x\[None\] adds the batch"),
        (lambda: dense_channels_last(np.ones((12, 5)), (3, 2, 2)), "give its transpose"),
    ],
)
def test_what_does_not_fit_is_refused_with_a_word_on_what_to_do(
    call: Callable[[], Any], message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        call()


def test_half_a_place_is_refused() -> None:
    with pytest.raises(TypeError):
        Conv1D(K1, stride=1.5)  # type: ignore[arg-type]
