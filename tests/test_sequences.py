"""Linear recurrences, matrix states, state spaces, attention: each equal to its other forms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from unrolled.sequences import (
    Block,
    ConvLSTM,
    DiagonalStateSpace,
    LayerNorm,
    LearnedPositions,
    MinGRU,
    MinLSTM,
    SelfAttention,
    StreamingConvolution,
    attend,
    attend_back,
    causal_mask,
    delta_rule,
    delta_step,
    elu_plus_one,
    linear_attention,
    linear_attention_parallel,
    linear_recurrence,
    linear_recurrence_back,
    rotate,
    scan,
    sinusoidal,
    weights,
)
from unrolled.sequences.conv_lstm import convolve

METHODS = ["loop", "doubling", "tree"]
LENGTHS = [1, 2, 3, 4, 5, 7, 8, 9, 16, 31, 64, 100]


def close(ours: Any, theirs: Any) -> None:
    """Equal shapes, and values within 1e-10 of the largest."""
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    assert ours.shape == theirs.shape
    scale = max(1.0, float(np.abs(theirs).max(initial=0)))
    assert np.abs(ours - theirs).max(initial=0) <= 1e-10 * scale


# --- linear recurrences ---------------------------------------------------------------------------


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("time", LENGTHS)
def test_every_method_gives_the_sum_that_the_recurrence_is(method: Any, time: int) -> None:
    rng = np.random.default_rng(time)
    a, b = rng.uniform(-1, 1, (2, 3, time, 4))
    h0 = rng.normal(size=(3, 4))
    # h_t = Σ_s (a_{s+1} ⋯ a_t) b_s, with b_0 = h0: no step depends on another step's state.
    paths = np.zeros((time + 1, time + 1, 3, 4))
    for t in range(time + 1):
        for s in range(t + 1):
            paths[t, s] = a[:, s:t].prod(axis=1)
    written = np.concatenate([h0[:, None], b], axis=1)
    close(
        linear_recurrence(a, b, h0, method=method),
        np.einsum("tsbm,bsm->btm", paths, written)[:, 1:],
    )

    own = rng.normal(size=b.shape)
    h = linear_recurrence(a, b, h0)
    back = linear_recurrence_back(a, h, own, h0, method=method)
    close(back.b, np.einsum("tsbm,btm->bsm", paths[1:, 1:], own))
    close(back.h0, np.einsum("tbm,btm->bm", paths[1:, 0], own))
    close(back.a, back.b * np.concatenate([h0[:, None], h[:, :-1]], axis=1))


@pytest.mark.parametrize("method", ["doubling", "tree"])
def test_a_scan_equals_the_loop_on_long_complex_and_matrix_states(method: Any) -> None:
    rng = np.random.default_rng(0)
    a = rng.uniform(0.9, 1, (2, 1000, 3, 2)) * np.exp(1j * rng.normal(size=(2, 1000, 3, 2)))
    b = rng.normal(size=a.shape)
    kept = a.copy(), b.copy()
    close(linear_recurrence(a, b, method=method), linear_recurrence(a, b))
    np.testing.assert_array_equal((a, b), kept)  # what was given is not written to


def test_a_scan_keeps_single_precision() -> None:
    a, b = np.random.default_rng(0).uniform(0, 1, (2, 2, 50, 3)).astype(np.float32)
    for method in METHODS:
        h = linear_recurrence(a, b, method=method)
        assert h.dtype == np.float32
        np.testing.assert_allclose(h, linear_recurrence(a, b), rtol=1e-5)


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("time", LENGTHS)
def test_the_cost_of_a_scan_is_what_it_composes(
    method: Any, time: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[int] = []
    compose = scan.compose

    def counted(first: Any, then: Any) -> Any:
        made.append(len(first[0]))
        return compose(first, then)

    monkeypatch.setattr(scan, "compose", counted)
    a, b = np.random.default_rng(0).uniform(size=(2, time, 1, 1))
    scan._SCANS[method](a, b)
    made = [pairs for pairs in made if pairs]
    assert scan.cost(time, method) == (sum(made), len(made))


def test_the_tree_works_less_and_the_doubling_ends_sooner() -> None:
    assert scan.cost(1024, "loop") == (1023, 1023)
    assert scan.cost(1024, "doubling") == (1024 * 10 - 1023, 10)
    assert scan.cost(1024, "tree") == (2036, 19)


@pytest.mark.parametrize("kind", [MinGRU, MinLSTM])
@pytest.mark.parametrize("method", METHODS)
def test_minimal_layers_equal_their_steps(kind: Any, method: Any) -> None:
    rng = np.random.default_rng(1)
    layer = kind.random(3, 5, rng, scale=1.0)
    layer.b[:] = rng.normal(size=layer.b.shape)
    x, h = rng.normal(size=(2, 9, 3)), rng.normal(size=(2, 5))
    trace = layer.forward(x, h, method=method)
    for t in range(9):
        h = layer.step(x[:, t], h)
        close(trace.states[:, t], h)
    close(trace.decay + trace.write, np.ones_like(trace.decay))
    assert layer.count() == len(layer.order) * 5 * 4
    one, other = (layer.backward(trace, x @ np.ones((3, 5)), method=m) for m in ("loop", method))
    for name in ("W", "b", "x", "h0"):
        close(getattr(one, name), getattr(other, name))


def test_minimal_layers_are_their_formulas() -> None:
    rng = np.random.default_rng(2)
    x, h = rng.normal(size=(1, 2)), rng.normal(size=(1, 3))
    gru, lstm = MinGRU.random(2, 3, rng, scale=1.0), MinLSTM.random(2, 3, rng, scale=1.0)
    a = gru.W @ x[0]
    z = 1 / (1 + np.exp(-a[:3]))
    close(gru.step(x, h)[0], (1 - z) * h[0] + z * a[3:])
    a = lstm.W @ x[0]
    f, i = 1 / (1 + np.exp(-a[:3])), 1 / (1 + np.exp(-a[3:6]))
    close(lstm.step(x, h)[0], (f * h[0] + i * a[6:]) / (f + i))


# --- a matrix for a state -------------------------------------------------------------------------


def sequences(seed: int, batch: int = 2, time: int = 7, d_k: int = 3, d_v: int = 4) -> Any:
    rng = np.random.default_rng(seed)
    q, k = rng.normal(size=(2, batch, time, d_k))
    alpha, beta = rng.uniform(0.2, 1, (2, batch, time))
    return (
        q,
        k,
        rng.normal(size=(batch, time, d_v)),
        alpha,
        beta,
        rng.normal(size=(batch, d_v, d_k)),
    )


@pytest.mark.parametrize("decays", [False, True])
def test_linear_attention_is_a_network_with_a_matrix_state(decays: bool) -> None:
    q, k, v, alpha, _, _ = sequences(1)
    options = {"alpha": alpha} if decays else {}
    close(linear_attention(q, k, v, **options).y, linear_attention_parallel(q, k, v, **options))
    q, k = elu_plus_one(q), elu_plus_one(k)
    options["normalised"] = True
    y = linear_attention(q, k, v, **options).y
    close(y, linear_attention_parallel(q, k, v, **options))
    close(y[:, 0], v[:, 0])  # the average of one value is that value


def test_linear_attention_goes_on_from_a_state() -> None:
    q, k, v, alpha, _, S0 = sequences(2)
    whole = linear_attention(q, k, v, alpha=alpha, S0=S0)
    first = linear_attention(q[:, :4], k[:, :4], v[:, :4], alpha=alpha[:, :4], S0=S0)
    rest = linear_attention(q[:, 4:], k[:, 4:], v[:, 4:], alpha=alpha[:, 4:], S0=first.S)
    close(np.concatenate([first.y, rest.y], axis=1), whole.y)
    close(rest.S, whole.S)


def test_features_are_positive() -> None:
    x = np.array([-800.0, -1.0, 0.0, 2.0, 800.0])
    np.testing.assert_allclose(elu_plus_one(x), [0.0, np.exp(-1), 1.0, 3.0, 801.0])


@pytest.mark.parametrize("decays", [False, True])
def test_the_delta_rule_equals_its_matrix_form(decays: bool) -> None:
    q, k, v, alpha, beta, S0 = sequences(3)
    recalled = delta_rule(q, k, v, beta, alpha=alpha if decays else None, S0=S0)
    for b in range(len(q)):
        S = S0[b]
        for t in range(q.shape[1]):
            decay = alpha[b, t] if decays else 1.0
            erase = np.eye(3) - beta[b, t] * np.outer(k[b, t], k[b, t])
            S = decay * S @ erase + beta[b, t] * np.outer(v[b, t], k[b, t])
            close(recalled.y[b, t], S @ q[b, t])
        close(recalled.S[b], S)


def test_the_delta_rule_replaces_where_linear_attention_adds() -> None:
    _, _, v, _, _, _ = sequences(4, batch=1, time=3, d_k=2)
    k = np.array([[[1.0, 0.0], [0.0, 1.0], [1.0, 0.0]]])  # the first key comes again
    ones = np.ones((1, 3))
    close(delta_rule(k, k, v, ones).y, v)
    close(delta_rule(k, k, v, ones).S[0], v[0, [2, 1]].T)
    close(linear_attention(k, k, v).S[0], np.stack([v[0, 0] + v[0, 2], v[0, 1]], axis=1))


# --- state spaces ---------------------------------------------------------------------------------


@pytest.mark.parametrize("time", [1, 2, 5, 64, 257])
def test_a_state_space_is_a_convolution_and_a_recurrence(time: int) -> None:
    rng = np.random.default_rng(time)
    layer = DiagonalStateSpace.random(3, 4, rng, longest=0.5)
    layer.B = layer.B + 0.3j * rng.normal(size=layer.B.shape)
    u = rng.normal(size=(2, time, 3))
    y = layer.forward(u)
    for method in ("convolution", "doubling", "tree"):
        close(layer.forward(u, method=method), y)
    h = np.zeros((2, 3, 4), dtype=complex)
    for t in range(time):
        out, h = layer.step(u[:, t], h)
        close(out, y[:, t])
    kernel = layer.kernel(time)
    direct = [sum(kernel[:, lag] * u[:, t - lag] for lag in range(t + 1)) for t in range(time)]
    close(y, np.stack(direct, axis=1) + layer.D * u)


def test_a_held_input_moves_the_state_as_the_equation_says() -> None:
    layer = DiagonalStateSpace.random(2, 3, np.random.default_rng(0))
    A_bar, B_bar = layer.discretised()
    # dh/dt = A h + B u with u = 1, followed in 2000 steps of Runge and Kutta's method.
    parts = 2000
    step = layer.step_size[:, None] / parts
    state = start = np.full(layer.A.shape, 0.7 - 0.2j)

    def slope(h: Any) -> Any:
        return layer.A * h + layer.B

    for _ in range(parts):
        k1 = slope(state)
        k2 = slope(state + step / 2 * k1)
        k3 = slope(state + step / 2 * k2)
        state = state + step / 6 * (k1 + 2 * k2 + 2 * k3 + slope(state + step * k3))
    close(A_bar * start + B_bar, state)


# --- attention ------------------------------------------------------------------------------------


def test_attention_is_an_average_with_weights_of_a_softmax() -> None:
    rng = np.random.default_rng(0)
    q, k, v = rng.normal(size=(2, 3, 5)), rng.normal(size=(2, 4, 5)), rng.normal(size=(2, 4, 6))
    mask = np.array([[1, 0, 1, 1], [0, 0, 0, 1], [1, 1, 1, 1]], dtype=bool)
    trace = attend(q, k, v, mask)
    for b in range(2):
        for t in range(3):
            e = np.array([np.exp(q[b, t] @ key / np.sqrt(5)) for key in k[b]]) * mask[t]
            close(trace.weights[b, t], e / e.sum())
            close(trace.y[b, t], sum(w * value for w, value in zip(e / e.sum(), v[b], strict=True)))
    assert (trace.weights[:, ~mask] == 0).all()
    huge = attend(1e6 * q, k, v)
    assert np.isfinite(huge.y).all()


def test_the_causal_mask_shows_the_past_and_the_present() -> None:
    assert causal_mask(3).tolist() == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
    assert causal_mask(2, past=1).tolist() == [[True, True, False], [True, True, True]]


def layers(**options: Any) -> list[Any]:
    rng = np.random.default_rng(3)
    attention = SelfAttention.random(6, 3, rng, scale=0.7, **options)
    block = Block.random(6, 3, rng, scale=0.7, **options)
    for layer in (attention, block):
        for name, array in layer.parameters.items():
            if array.ndim == 1 and "gamma" not in name:
                array[:] = rng.normal(size=array.shape)
    return [attention, block]


@pytest.mark.parametrize("rotary", [False, True])
@pytest.mark.parametrize("which", [0, 1])
def test_nothing_comes_from_ahead_of_time(which: int, rotary: bool) -> None:
    layer = layers(rotary=rotary)[which]
    x = np.random.default_rng(0).normal(size=(2, 5, 6))
    trace = layer.forward(x)
    for t in range(5):
        own = np.zeros_like(trace.y)
        own[:, t] = 1.0
        d_x, _ = layer.backward(trace, own)
        assert (d_x[:, t + 1 :] == 0).all()
        assert (np.abs(d_x[:, : t + 1]).max(axis=(0, 2)) > 1e-6).all()
    free = layers(rotary=rotary, causal=False)[which]
    own = np.zeros_like(x)
    own[:, 0] = 1.0
    d_x, _ = free.backward(free.forward(x), own)
    assert (np.abs(d_x).max(axis=(0, 2)) > 1e-6).all()  # without the mask everything does


@pytest.mark.parametrize("which", [0, 1])
def test_without_positions_order_cannot_be_told(which: int) -> None:
    layer = layers(causal=False)[which]
    rng = np.random.default_rng(5)
    x, order = rng.normal(size=(2, 6, 6)), np.array([3, 0, 5, 1, 4, 2])
    y, permuted = layer.forward(x).y, layer.forward(x[:, order]).y
    close(permuted, y[:, order])

    def differs(make: Callable[[Any], Any]) -> bool:
        return bool(np.abs(make(x[:, order]) - make(x)[:, order]).max() > 0.01)

    learned = LearnedPositions(rng.normal(size=(8, 6)))
    rotary, causal = layers(causal=False, rotary=True)[which], layers()[which]
    assert differs(lambda x: layer.forward(x + sinusoidal(6, 6)).y)
    assert differs(lambda x: layer.forward(learned.forward(x)).y)
    assert differs(lambda x: rotary.forward(x).y)
    assert differs(lambda x: causal.forward(x).y)  # the mask alone tells some order


@pytest.mark.parametrize("rotary", [False, True])
def test_a_step_with_a_cache_equals_the_whole_pass(rotary: bool) -> None:
    layer = layers(rotary=rotary)[0]
    x = np.random.default_rng(0).normal(size=(2, 7, 6))
    y, cache = layer.forward(x).y, None
    for t in range(7):
        out, cache = layer.step(x[:, t], cache)
        close(out, y[:, t])
        assert cache.k.shape == cache.v.shape == (2, 3, t + 1, 2)


def test_attention_counts_its_parameters() -> None:
    layer = SelfAttention.random(6, 2, np.random.default_rng(0), key_size=5)
    assert layer.count() == 4 * 10 * 6 + 3 * 10 + 6


def test_sinusoidal_positions_are_their_formula() -> None:
    table = sinusoidal(50, 8)
    assert table.shape == (50, 8)
    for t, i in ((0, 0), (1, 0), (7, 1), (49, 3)):
        angle = t / 10_000 ** (2 * i / 8)
        close(table[t, [2 * i, 2 * i + 1]], [np.sin(angle), np.cos(angle)])


def test_rotary_positions_leave_lengths_and_see_distances() -> None:
    q, k = np.random.default_rng(0).normal(size=(2, 6))
    turned_q, turned_k = (rotate(np.tile(s, (20, 1))) for s in (q, k))
    close(np.linalg.norm(turned_q, axis=1), np.full(20, np.linalg.norm(q)))
    scores = turned_q @ turned_k.T
    for lag in range(-19, 20):
        along = np.diagonal(scores, lag)
        close(along, np.full(len(along), along[0]))
    assert len(np.unique(scores[0].round(6))) == 20  # and different distances differently
    close(rotate(turned_q, back=True), np.tile(q, (20, 1)))
    close(rotate(np.tile(q, (3, 1)), [7, 0, 19]), turned_q[[7, 0, 19]])


def test_layer_norm_makes_mean_0_and_variance_1() -> None:
    x = np.random.default_rng(0).normal(3, 5, (2, 4, 6))
    y = LayerNorm.plain(6, epsilon=0.0).forward(x).y
    close(y.mean(axis=-1), np.zeros((2, 4)))
    close(y.var(axis=-1), np.ones((2, 4)))


# --- convolutions ---------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "dilation"), [(1, 1), (2, 1), (3, 1), (2, 4), (3, 2)])
def test_a_cached_convolution_equals_the_whole_pass(k: int, dilation: int) -> None:
    rng = np.random.default_rng(0)
    layer = StreamingConvolution(rng.normal(size=(4, 3, k)), rng.normal(size=4), dilation)
    x = rng.normal(size=(2, 9, 3))
    y, cache = layer.forward(x), layer.start(2)
    for t in range(9):
        out, cache = layer.step(x[:, t], cache)
        close(out, y[:, t])
        seen = [j for j in range(k) if t - j * dilation >= 0]
        terms = [x[:, t - j * dilation] @ layer.W[:, :, k - 1 - j].T for j in seen]
        close(out, sum(terms) + layer.b)
    assert cache.shape == (2, (k - 1) * dilation, 3)


def test_a_convolution_sees_the_neighbourhood_of_every_pixel() -> None:
    rng = np.random.default_rng(0)
    x, W = rng.normal(size=(2, 3, 4, 5)), rng.normal(size=(2, 3, 3, 3))
    y = convolve(x, W)
    for i, j in ((0, 0), (1, 2), (3, 4)):
        expected = np.zeros((2, 2))
        for u in (-1, 0, 1):
            for v in (-1, 0, 1):
                if 0 <= i + u < 4 and 0 <= j + v < 5:
                    expected += x[:, :, i + u, j + v] @ W[:, :, u + 1, v + 1].T
        close(y[:, :, i, j], expected)


@pytest.mark.parametrize("peepholes", [False, True])
def test_on_one_pixel_a_conv_lstm_is_an_lstm(peepholes: bool) -> None:
    from unrolled.cells import LSTM

    rng = np.random.default_rng(0)
    cell = LSTM.random(3, 4, rng, peepholes=peepholes, scale=0.7)
    P = None if cell.P is None else cell.P[:, :, None, None]
    layer = ConvLSTM(cell.W_x[..., None, None], cell.W_h[..., None, None], cell.b, P)
    x = rng.normal(size=(2, 5, 3))
    trace, frames = cell.forward(x), layer.forward(x[..., None, None])
    close(frames.states[..., 0, 0], trace.states)
    close(frames.last[1][..., 0, 0], trace.last[1])
    assert layer.count() == cell.count()
    own = rng.normal(size=(2, 5, 4))
    d, d_frames = cell.backward(trace, own), layer.backward(frames, own[..., None, None])
    close(d_frames.x[..., 0, 0], d.x)
    close(d_frames.W_h[..., 0, 0], d.W_h)


def test_a_conv_lstm_goes_frame_by_frame() -> None:
    rng = np.random.default_rng(0)
    layer = ConvLSTM.random(2, 3, 3, rng, scale=0.5)
    x = rng.normal(size=(2, 4, 2, 5, 6))
    trace = layer.forward(x)
    h, c = np.zeros((2, 2, 3, 5, 6))
    for t in range(4):
        h, c = layer.step(x[:, t], h, c)
        close(trace.states[:, t], h)
    assert layer.count() == 4 * 3 * (9 * (2 + 3) + 1)


# --- errors ---------------------------------------------------------------------------------------

RNG = np.random.default_rng(0)
ONES = np.ones((2, 3, 4))
SQUARE = np.ones((4, 4))
FOUR = np.ones(4)
ATTENTION = SelfAttention.random(4, 2, RNG)
FRAMES = ConvLSTM.random(2, 3, 3, RNG, peepholes=(5, 6))
MODES = np.full((2, 3), -1 + 1j)

WRONG: list[tuple[Callable[[], Any], str]] = [
    (lambda: linear_recurrence(ONES, ONES[:, :2]), r"b must be of shape \(2, 3, 4\), not"),
    (lambda: linear_recurrence(ONES, ONES, np.ones((2, 3))), r"h0 must be of shape \(2, 4\)"),
    (lambda: linear_recurrence(FOUR, FOUR), r"a must be \(batch, time"),
    (lambda: linear_recurrence(ONES, ONES, method="fast"), "loop, doubling, tree, not 'fast'"),  # type: ignore[arg-type]
    (lambda: linear_recurrence(ONES[:, :0], ONES[:, :0]), r"a step at least, not \(2, 0, 4\)"),
    (lambda: linear_recurrence_back(FOUR, FOUR, FOUR), r"h must be \(batch, time"),
    (lambda: linear_recurrence_back(ONES, ONES, FOUR), r"d_h must be of shape \(2, 3, 4\)"),
    (lambda: linear_recurrence_back(ONES * 1j, ONES, ONES), "real numbers"),
    (lambda: scan.cost(0, "tree"), "at least one step"),
    (lambda: MinGRU(np.ones((3, 2)), np.ones(3)), "2m rows"),
    (lambda: MinLSTM(np.ones((3, 2)), FOUR), r"b must be of shape \(3,\)"),
    (lambda: MinGRU.random(3, 2, RNG).forward(ONES), r"x must be of shape \(batch, time, 3\)"),
    (lambda: MinGRU.random(4, 2, RNG).step(FOUR, FOUR), r"x must be of shape \(batch, 4\)"),
    (lambda: linear_attention(ONES, ONES[..., :3], ONES), r"k must be of shape \(2, 3, 4\)"),
    (lambda: linear_attention(ONES, ONES, ONES[:1]), r"v must be of shape \(2, 3, d_v\)"),
    (lambda: linear_attention(ONES, -ONES, ONES, normalised=True), "elu_plus_one"),
    (
        lambda: linear_attention(ONES, ONES, ONES, normalised=True, S0=np.ones((2, 4, 4))),
        "leave S0 out",
    ),
    (
        lambda: linear_attention_parallel(ONES, ONES, ONES, alpha=np.zeros((2, 3))),
        "greater than 0",
    ),
    (lambda: delta_rule(ONES, ONES, ONES, np.ones(3)), r"beta must be of shape \(2, 3\)"),
    (lambda: delta_step(SQUARE, SQUARE, SQUARE, FOUR), r"S must be of shape \(4, 4, 4\)"),
    (lambda: DiagonalStateSpace(-MODES, MODES, MODES, [1, 1], [1, 1]), "must be negative"),  # type: ignore[arg-type]
    (lambda: DiagonalStateSpace(MODES, MODES, MODES, [1, 1], [1, 0]), "must be positive"),  # type: ignore[arg-type]
    (lambda: DiagonalStateSpace(MODES, FOUR, MODES, [1, 1], [1, 1]), r"B must be of shape"),  # type: ignore[arg-type]
    (lambda: DiagonalStateSpace.random(3, 2, RNG).forward(ONES), r"\(batch, time, 3\)"),
    (lambda: attend(ONES, ONES[..., :2], ONES), r"k must be of shape \(2, keys, 4\)"),
    (lambda: attend(ONES, ONES, ONES[:, :2]), r"v must be of shape \(2, 3, d_v\)"),
    (lambda: attend(FOUR, ONES, ONES), r"must be \(\.\.\., time, d\)"),
    (lambda: attend(ONES, ONES, ONES, np.ones((3, 3))), "True where a query may look"),
    (lambda: attend(ONES, ONES, ONES, causal_mask(2)), r"mask must be \(3, 3\)"),
    (lambda: attend(ONES, ONES, ONES, np.zeros((3, 3), dtype=bool)), "look nowhere"),
    (lambda: attend_back(attend(ONES, ONES, ONES), FOUR), r"d_y must be of shape"),
    (lambda: SelfAttention.random(4, 3, RNG), "shared out among 3 heads"),
    (lambda: SelfAttention(*[SQUARE] * 4, *[FOUR] * 4, heads=3), "among 3 heads"),  # type: ignore[arg-type]
    (lambda: SelfAttention.random(3, 3, RNG, rotary=True), "even d_k"),
    (lambda: ATTENTION.forward(ONES[..., :3]), r"x must be of shape \(batch, time, 4\)"),
    (lambda: SelfAttention.random(4, 2, RNG, causal=False).step(SQUARE), "only causal"),
    (
        lambda: ATTENTION.step(SQUARE[:3], ATTENTION.step(SQUARE[:2])[1]),
        r"cache\.k must be of shape \(3, 2, 1, 2\)",
    ),
    (lambda: Block.random(4, 2, RNG).forward(SQUARE), r"x must be of shape \(batch, time, 4\)"),
    (lambda: sinusoidal(3, 5), "even, not 5"),
    (lambda: rotate(FOUR), r"x must be \(\.\.\., time, d\)"),
    (lambda: rotate(SQUARE, [1, 2]), r"positions must be of shape \(4,\)"),
    (lambda: LearnedPositions(SQUARE[:2]).forward(ONES), "2 positions and 3 steps"),
    (lambda: LayerNorm.plain(3).forward(ONES), r"x must be of shape \(batch, time, 3\)"),
    (lambda: StreamingConvolution(ONES, np.ones(2), 0), "at least 1"),
    (
        lambda: StreamingConvolution(ONES, np.ones(2)).step(np.ones((1, 3)), SQUARE),
        r"cache must be of shape \(1, 3, 3\)",
    ),
    (lambda: ConvLSTM.random(2, 3, 4, RNG), "odd side"),
    (lambda: ConvLSTM(np.ones((6, 2, 3, 3)), ONES, FOUR), "4m rows"),
    (lambda: FRAMES.forward(np.ones((1, 2, 2, 5, 5))), "5 × 6 pixels, not 5 × 5"),
    (lambda: FRAMES.forward(np.ones((1, 2, 5, 6, 2))), r"\(batch, time, 2, height, width\)"),
    (lambda: weights.keras_conv_lstm(FRAMES), "no peepholes"),
    (lambda: weights.from_keras_attention([FOUR] * 4), "use_bias=True"),
    (
        lambda: weights.pytorch_attention(SelfAttention.random(4, 2, RNG, key_size=3)),
        "H d_k = 6 and n = 4",
    ),
    (
        lambda: weights.keras_attention(SelfAttention.random(4, 2, RNG, rotary=True)),
        "turns queries and keys",
    ),
]


@pytest.mark.parametrize(("wrong", "says"), WRONG)
def test_bad_input_is_refused_with_what_was_wanted(wrong: Callable[[], Any], says: str) -> None:
    with pytest.raises(ValueError, match=says):
        wrong()
