"""The cells equal their formulas; their gradients, masks, counts and errors are right."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from cells_cases import CELLS, make, random_sizes

from unrolled.cells import (
    GRU,
    LSTM,
    Bidirectional,
    SimpleRNN,
    Stack,
    gru_parameters,
    lstm_parameters,
    padding_mask,
    rnn_parameters,
    zero_padding,
)

SIZES = random_sizes(3)


def sigma(a: Any) -> Any:
    return 1 / (1 + np.exp(-a))


def step(cell: Any, x: Any, h: Any, c: Any) -> tuple[Any, Any]:
    """One step for one sequence, written from the formulas of the docstrings."""

    def pre(gate: str) -> Any:
        W_x, W_h, b = cell.part(gate)
        return W_x @ x + W_h @ h + b

    if isinstance(cell, SimpleRNN):
        a = cell.W_x @ x + cell.W_h @ h + cell.b
        return (np.tanh(a) if cell.activation == "tanh" else a * (a > 0)), c
    if isinstance(cell, LSTM):
        no = np.zeros(cell.size)
        p = [no, no, no] if cell.P is None else list(cell.P)
        if cell.coupled and cell.P is not None:
            p.insert(1, no)
        f = sigma(pre("f") + p[0] * c)
        i = 1 - f if cell.coupled else sigma(pre("i") + p[1] * c)
        c = f * c + i * np.tanh(pre("g"))
        return sigma(pre("o") + p[2] * c) * np.tanh(c), c
    z, r = sigma(pre("z")), sigma(pre("r"))
    W_x, W_h, b = cell.part("g")
    if cell.reset == "before":
        g = np.tanh(W_x @ x + W_h @ (r * h) + b)
    else:
        g = np.tanh(W_x @ x + r * (W_h @ h + cell.b_h) + b)
    return (z * h + (1 - z) * g if cell.update == "keeps" else (1 - z) * h + z * g), c


def batch_for(layer: Any, sizes: tuple, rng: np.random.Generator) -> tuple[Any, list, Any, list]:
    """Inputs, initial states, and the loss's weights on the outputs and on the last states."""
    batch, time = sizes[:2]
    x = rng.normal(size=(batch, time, layer.inputs))
    trace = layer.forward(x)
    initial = [rng.normal(size=s.shape) for s in trace.last]
    return (
        x,
        initial,
        rng.normal(size=trace.states.shape),
        [rng.normal(size=s.shape) for s in initial],
    )


def flat(gradients: Any) -> dict[str, Any]:
    """Gradients by the names of the parameters, of a cell or a composition."""
    if not hasattr(gradients, "layers"):
        return {
            k: getattr(gradients, k)
            for k in ("W_x", "W_h", "b", "P", "b_h")
            if hasattr(gradients, k)
        }
    return {
        f"{k}.{name}": d
        for k, layer in enumerate(gradients.layers)
        for name, d in flat(layer).items()
    }


def check_gradients(layer: Any, sizes: tuple, seed: int, mask: Any = None) -> None:
    """All gradients against central differences of one loss on outputs and last states."""
    rng = np.random.default_rng([seed, *sizes])
    x, initial, weights, last_weights = batch_for(layer, sizes, rng)

    def loss() -> float:
        trace = layer.forward(x, *initial, mask=mask)
        parts = zip(last_weights, trace.last, strict=True)
        return float((weights * trace.states).sum() + sum((w * s).sum() for w, s in parts))

    d = layer.backward(layer.forward(x, *initial, mask=mask), weights, *last_weights)
    names = [n.replace("forwards", "0").replace("backwards", "1") for n in layer.parameters]
    arrays = dict(zip(names, layer.parameters.values(), strict=True))
    found = flat(d)
    assert {name for name, array in found.items() if array is not None} == set(arrays)
    pairs = [(name, array, found[name]) for name, array in arrays.items()]
    pairs += [("x", x, d.x), *(("s", s, e) for s, e in zip(initial, d.initial, strict=True))]
    step_size = 1e-6
    for name, array, gradient in pairs:
        numeric = np.empty_like(array)
        for i in np.ndindex(array.shape):
            kept = array[i]
            array[i] = kept + step_size
            above = loss()
            array[i] = kept - step_size
            below = loss()
            array[i] = kept
            numeric[i] = (above - below) / (2 * step_size)
        np.testing.assert_allclose(gradient, numeric, rtol=2e-6, atol=1e-7, err_msg=name)


# --- formulas -----------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("name", CELLS)
def test_a_batch_equals_the_formula_sequence_by_sequence(name: str, sizes: tuple) -> None:
    batch, time, n, m = sizes
    rng = np.random.default_rng([1, *sizes])
    cell = make(name, n, m, rng)
    x, initial, _, _ = batch_for(cell, sizes, rng)
    trace = cell.forward(x, *initial)
    for k in range(batch):
        h, c = initial[0][k], initial[-1][k]
        for t in range(time):
            h, c = step(cell, x[k, t], h, c)
            np.testing.assert_allclose(trace.states[k, t], h, rtol=0, atol=1e-13)
            if isinstance(cell, LSTM):
                np.testing.assert_allclose(trace.cells[k, t], c, rtol=0, atol=1e-12)
    for last, name_of_state in zip(trace.last, cell.state_names, strict=True):
        ends = trace.states if name_of_state == "h" else trace.cells
        assert np.array_equal(last, ends[:, -1])


def test_gates_can_be_read_from_the_trace() -> None:
    rng = np.random.default_rng(0)
    x = rng.normal(size=(3, 5, 2))
    lstm = make("lstm", 2, 4, rng).forward(x)
    f, i, o, g = (lstm.gate(k) for k in "fiog")
    before = np.concatenate([np.zeros((3, 1, 4)), lstm.cells[:, :-1]], axis=1)
    np.testing.assert_allclose(lstm.cells, f * before + i * g, atol=1e-15)
    np.testing.assert_allclose(lstm.states, o * np.tanh(lstm.cells), atol=1e-15)
    gru = make("gru-after-takes", 2, 4, rng).forward(x)
    before = np.concatenate([np.zeros((3, 1, 4)), gru.states[:, :-1]], axis=1)
    z, g = gru.gate("z"), gru.gate("g")
    np.testing.assert_allclose(gru.states, z * g + (1 - z) * before, atol=1e-15)
    assert ((gru.gate("r") > 0) & (gru.gate("r") < 1)).all()
    coupled = make("lstm-coupled", 2, 4, rng).forward(x)
    assert np.array_equal(coupled.gate("i"), 1 - coupled.gate("f"))


def test_an_open_forget_gate_carries_the_cell_and_its_gradient_unchanged() -> None:
    rng = np.random.default_rng(0)
    cell = make("lstm", 2, 4, rng)
    cell.part("f")[2][:] = 1e4
    cell.part("i")[2][:] = -1e4
    x, c0 = rng.normal(size=(3, 80, 2)), rng.normal(size=(3, 4))
    trace = cell.forward(x, None, c0)
    assert (trace.cells == c0[:, None]).all()
    d = cell.backward(trace, d_c=np.ones((3, 4)))
    assert (d.c0 == 1).all()


@pytest.mark.parametrize("update", ["keeps", "takes"])
def test_the_update_gate_keeps_or_takes(update: str) -> None:
    rng = np.random.default_rng(0)
    cell = make(f"gru-after-{update}", 2, 4, rng)
    x, h0 = rng.normal(size=(3, 8, 2)), rng.normal(size=(3, 4))
    cell.part("z")[2][:] = 1e4 if update == "keeps" else -1e4
    assert (cell.forward(x, h0).states == h0[:, None]).all()
    cell.part("z")[2][:] *= -1
    trace = cell.forward(x, h0)
    assert np.array_equal(trace.states, trace.gate("g"))


@pytest.mark.parametrize("reset", ["before", "after"])
def test_both_readings_of_z_are_one_function(reset: str) -> None:
    rng = np.random.default_rng(0)
    keeps = make(f"gru-{reset}-keeps", 3, 5, rng)
    kept = [p.copy() for p in keeps.parameters.values()]
    takes = keeps.rewritten("takes")
    x = rng.normal(size=(2, 9, 3))
    assert takes.update == "takes"
    np.testing.assert_allclose(keeps.forward(x).states, takes.forward(x).states, atol=1e-14)
    back = takes.rewritten("keeps")
    for one, other, old in zip(
        keeps.parameters.values(), back.parameters.values(), kept, strict=True
    ):
        assert np.array_equal(one, other)
        assert np.array_equal(one, old)
        assert not np.shares_memory(one, other)


@pytest.mark.parametrize("name", ["lstm-coupled", "lstm-coupled-peepholes"])
def test_a_coupled_lstm_can_be_written_with_two_gates(name: str) -> None:
    rng = np.random.default_rng(0)
    coupled = make(name, 3, 5, rng)
    x = rng.normal(size=(2, 9, 3))
    free = coupled.uncoupled()
    assert not free.coupled
    np.testing.assert_allclose(free.forward(x).states, coupled.forward(x).states, atol=1e-14)
    assert free.uncoupled() is free
    assert free.count() - coupled.count() == 5 * (3 + 5) + 5 + 5 * (coupled.P is not None)


def test_one_matrix_on_the_concatenation_says_the_same() -> None:
    rng = np.random.default_rng(0)
    cell = make("rnn-tanh", 3, 5, rng)
    x, h = rng.normal(size=3), rng.normal(size=5)
    joined = np.hstack([cell.W_x, cell.W_h]) @ np.concatenate([x, h]) + cell.b
    ours = cell.forward(x[None, None], h[None]).states[0, 0]
    np.testing.assert_allclose(np.tanh(joined), ours, atol=1e-15)


# --- gradients ----------------------------------------------------------------------------------


@pytest.mark.parametrize("sizes", [(1, 1, 1, 1), (2, 4, 3, 2), (1, 5, 1, 3), (3, 3, 2, 1)])
@pytest.mark.parametrize("name", CELLS)
def test_gradients_agree_with_finite_differences(name: str, sizes: tuple) -> None:
    cell = make(name, *sizes[2:], np.random.default_rng([2, *sizes]))
    check_gradients(cell, sizes, seed=3)


@pytest.mark.parametrize("name", CELLS)
def test_gradients_agree_with_finite_differences_where_steps_are_padded(name: str) -> None:
    cell = make(name, 2, 3, np.random.default_rng(4))
    mask = np.array([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0], [0, 1, 0, 1, 0], [0, 0, 0, 0, 0]], bool)
    check_gradients(cell, (4, 5, 2, 3), seed=5, mask=mask)


@pytest.mark.parametrize("masked", [False, True])
def test_gradients_of_compositions_agree_with_finite_differences(masked: bool) -> None:
    rng = np.random.default_rng(6)
    layer = Stack(
        [
            Bidirectional(make("lstm", 2, 2, rng), make("lstm-peepholes", 2, 2, rng)),
            make("gru-before-takes", 4, 3, rng),
            Bidirectional(make("rnn-tanh", 3, 1, rng), make("gru-after-keeps", 3, 2, rng)),
        ]
    )
    mask = padding_mask([4, 2, 0]) if masked else None
    check_gradients(layer, (3, 4, 2, 0), seed=7, mask=mask)


@pytest.mark.parametrize("name", CELLS)
def test_derivatives_left_out_are_zeros(name: str) -> None:
    rng = np.random.default_rng(8)
    cell = make(name, 2, 3, rng)
    x, initial, weights, _ = batch_for(cell, (2, 4), rng)
    trace = cell.forward(x, *initial)
    zeros = [np.zeros_like(s) for s in initial]
    whole, short = cell.backward(trace, weights, *zeros), cell.backward(trace, weights)
    assert np.array_equal(whole.x, short.x)
    last = np.zeros_like(weights)
    last[:, -1] = 1
    by_output, by_state = cell.backward(trace, last), cell.backward(trace, d_h=last[:, -1])
    assert np.array_equal(by_output.W_h, by_state.W_h)


@pytest.mark.parametrize("name", CELLS)
def test_the_arrays_that_come_in_are_left_as_they_are(name: str) -> None:
    rng = np.random.default_rng(9)
    cell = make(name, 2, 3, rng)
    x, initial, weights, last = batch_for(cell, (2, 4), rng)
    arrays = [x, *initial, weights, *last, *cell.parameters.values()]
    kept = [a.copy() for a in arrays]
    trace = cell.forward(x, *initial, mask=padding_mask([4, 2]))
    states = trace.states.copy()
    first = cell.backward(trace, weights, *last)
    again = cell.backward(trace, weights, *last)
    assert all(np.array_equal(a, k) for a, k in zip(arrays, kept, strict=True))
    assert np.array_equal(trace.states, states)
    assert np.array_equal(first.W_h, again.W_h)


# --- padding ------------------------------------------------------------------------------------


def layers_to_pad() -> dict[str, Any]:
    rng = np.random.default_rng(10)
    layers = {name: make(name, 2, 3, rng) for name in CELLS}
    layers["both ways"] = Bidirectional(make("lstm", 2, 3, rng), make("lstm", 2, 3, rng))
    layers["stack"] = Stack([layers["both ways"], make("gru-after-keeps", 6, 2, rng)])
    return layers


@pytest.mark.parametrize("name", layers_to_pad())
@pytest.mark.parametrize("side", ["end", "beginning"])
def test_a_padded_batch_equals_its_sequences_alone(name: str, side: str) -> None:
    layer = layers_to_pad()[name]
    rng = np.random.default_rng(11)
    lengths, time = [5, 1, 3], 6
    x, initial, weights, last_weights = batch_for(layer, (3, time), rng)
    mask = padding_mask(lengths, time)
    if side == "beginning":
        mask = mask[:, ::-1]
    weights *= mask[..., None]
    trace = layer.forward(x, *initial, mask=mask)
    d = layer.backward(trace, weights, *last_weights)
    totals = {key: 0 for key in flat(d)}
    for k in range(len(lengths)):
        one, real = slice(k, k + 1), mask[k]
        alone = layer.forward(x[one, real], *(s[one] for s in initial))
        np.testing.assert_allclose(trace.states[one, real], alone.states, rtol=0, atol=1e-14)
        for whole, own in zip(trace.last, alone.last, strict=True):
            np.testing.assert_allclose(whole[one], own, rtol=0, atol=1e-14)
        d_alone = layer.backward(alone, weights[one, real], *(s[one] for s in last_weights))
        np.testing.assert_allclose(d.x[one, real], d_alone.x, rtol=0, atol=1e-13)
        assert (d.x[one, ~real] == 0).all()
        for whole, own in zip(d.initial, d_alone.initial, strict=True):
            np.testing.assert_allclose(whole[one], own, rtol=0, atol=1e-13)
        for key, own in flat(d_alone).items():
            totals[key] = totals[key] + own if own is not None else None
    for key, total in totals.items():
        if total is not None:
            np.testing.assert_allclose(flat(d)[key], total, rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", CELLS)
def test_padded_steps_hold_the_state_whatever_they_contain(name: str) -> None:
    rng = np.random.default_rng(12)
    cell = make(name, 2, 3, rng)
    x, mask = rng.normal(size=(2, 6, 2)), padding_mask([4, 6])
    other = np.where(mask[..., None], x, 1e3)
    states = cell.forward(x, mask=mask).states
    assert np.array_equal(states, cell.forward(other, mask=mask).states)
    assert (states[0, 4:] == states[0, 3]).all()
    assert (zero_padding(states, mask)[0, 4:] == 0).all()
    assert np.array_equal(zero_padding(states, mask)[mask], states[mask])


def test_masks_of_lengths() -> None:
    assert padding_mask([2, 0, 3]).tolist() == [[True, True, False], [False] * 3, [True] * 3]
    assert padding_mask([1], 2).tolist() == [[True, False]]
    with pytest.raises(ValueError, match="between 0 and 2"):
        padding_mask([3], 2)
    with pytest.raises(ValueError, match="between 0 and 3"):
        padding_mask([3, -1])
    with pytest.raises(ValueError, match="integers"):
        padding_mask([1.5])


# --- extremes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", CELLS)
def test_preactivations_of_ten_thousand_do_not_overflow(name: str, dtype: str) -> None:
    rng = np.random.default_rng(13)
    for trial in range(8):
        cell = make(name, 2, 16, rng, dtype)
        if name == "rnn-relu":
            cell.W_h[:] = 0  # relu squashes nothing; only the sum itself is of interest
        cell.b[:] = rng.choice([-1e4, 1e4], cell.b.shape)
        if getattr(cell, "b_h", None) is not None:
            cell.b_h[:] = rng.choice([-1e4, 1e4], cell.b_h.shape)
        if getattr(cell, "P", None) is not None:
            cell.P[:] = rng.choice([-1e4, 1e4], cell.P.shape)
        x = rng.normal(size=(3, 7, 2)).astype(dtype)
        with np.errstate(all="raise"):
            trace = cell.forward(x)
            d = cell.backward(trace, np.ones_like(trace.states))
        assert np.isfinite(trace.states).all(), trial
        for array in (*flat(d).values(), d.x, *d.initial):
            assert array is None or np.isfinite(array).all()


@pytest.mark.parametrize("name", CELLS)
def test_huge_inputs_saturate_the_gates_exactly(name: str) -> None:
    rng = np.random.default_rng(14)
    cell = make(name, 2, 8, rng, "float32")
    x = rng.choice([-1e4, 1e4], (3, 5, 2)).astype("float32")
    if name == "rnn-relu":
        cell.W_h[:] = 0
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        trace = cell.forward(x)
        d = cell.backward(trace, np.ones_like(trace.states))
    assert np.isfinite(trace.states).all()
    assert np.isfinite(d.x).all()
    if name.startswith("lstm"):
        assert np.isin(trace.gate("f"), [0, 1]).mean() > 0.9
    if name.startswith("gru"):
        assert np.isin(trace.gate("z"), [0, 1]).mean() > 0.9


@pytest.mark.parametrize("name", CELLS)
def test_no_steps_and_no_sequences_are_allowed(name: str) -> None:
    cell = make(name, 2, 3, np.random.default_rng(15))
    h0 = np.ones((4, 3))
    nothing = cell.forward(np.zeros((4, 0, 2)), h0)
    assert nothing.states.shape == (4, 0, 3)
    assert np.array_equal(nothing.last[0], h0)
    d = cell.backward(nothing, d_h=h0)
    assert np.array_equal(d.initial[0], h0)
    assert (d.W_x == 0).all()
    nobody = cell.forward(np.zeros((0, 5, 2)))
    assert cell.backward(nobody, nobody.states).x.shape == (0, 5, 2)


@pytest.mark.parametrize("name", CELLS)
def test_the_cell_s_dtype_rules_and_integers_become_floating(name: str) -> None:
    cell = make(name, 2, 3, np.random.default_rng(16), "float32")
    x = np.arange(12).reshape(2, 3, 2)
    trace = cell.forward(x)
    assert trace.states.dtype == np.float32
    assert np.array_equal(trace.states, cell.forward(x.astype("float32")).states)
    d = cell.backward(trace, np.ones((2, 3, 3)))
    assert {a.dtype for a in (*flat(d).values(), d.x, *d.initial) if a is not None} == {
        np.dtype("float32")
    }
    whole = SimpleRNN([[1, 2]], [[0]], [0])
    assert whole.W_x.dtype == np.float64


# --- counts -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("n", "m"), [(1, 1), (3, 1), (1, 4), (10, 20)])
@pytest.mark.parametrize("name", CELLS)
def test_counts_are_the_sizes_of_the_arrays(name: str, n: int, m: int) -> None:
    cell = make(name, n, m, np.random.default_rng(0))
    assert cell.count() == sum(p.size for p in cell.parameters.values())
    assert (cell.inputs, cell.size) == (n, m)


def test_counts_by_hand() -> None:
    assert rnn_parameters(10, 20) == 20 * 30 + 20
    assert lstm_parameters(10, 20) == 4 * (20 * 30 + 20)
    assert lstm_parameters(10, 20, peepholes=True) == 4 * (20 * 30 + 20) + 3 * 20
    assert lstm_parameters(10, 20, coupled=True) == 3 * (20 * 30 + 20)
    assert gru_parameters(10, 20, reset="before") == 3 * (20 * 30 + 20)
    assert 4 * gru_parameters(10, 20, reset="before") == 3 * lstm_parameters(10, 20)
    rng = np.random.default_rng(0)
    pair = Bidirectional(LSTM.random(10, 20, rng), LSTM.random(10, 20, rng))
    stack = Stack([pair, GRU.random(40, 5, rng)])
    assert pair.count() == 2 * lstm_parameters(10, 20)
    assert stack.count() == pair.count() + gru_parameters(40, 5)
    assert stack.count() == sum(p.size for p in stack.parameters.values())
    assert (stack.inputs, stack.size, pair.size) == (10, 5, 40)
    assert stack.state_names == ("h", "c", "h", "c", "h")


def test_random_weights() -> None:
    cell = LSTM.random(3, 4, np.random.default_rng(0), forget_bias=1.0)
    assert cell.b.tolist() == [1] * 4 + [0] * 12
    again = LSTM.random(3, 4, np.random.default_rng(0), forget_bias=1.0)
    assert np.array_equal(cell.W_h, again.W_h)
    cell.part("o")[0][:] = 7
    assert (cell.W_x[8:12] == 7).all()
    assert (cell.W_x != 7).sum() == 12 * 3


# --- errors -------------------------------------------------------------------------------------


def test_errors_of_weights_name_the_shape_that_is_wanted() -> None:
    z = np.zeros
    with pytest.raises(ValueError, match=r"matrix \(m, n\)"):
        SimpleRNN(z(3), z((3, 3)), z(3))
    with pytest.raises(ValueError, match=r"W_h must be \(3, 3\) and b \(3,\)"):
        SimpleRNN(z((3, 2)), z((3, 2)), z(3))
    with pytest.raises(ValueError, match="'tanh' or 'relu'"):
        SimpleRNN(z((3, 2)), z((3, 3)), z(3), activation="sigmoid")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"matrix \(4m, n\)"):
        LSTM(z((6, 2)), z((6, 2)), z(6))
    with pytest.raises(ValueError, match=r"W_h must be \(8, 2\) and b \(8,\)"):
        LSTM(z((8, 3)), z((8, 2)), z(2))
    with pytest.raises(ValueError, match=r"P must be \(3, 2\)"):
        LSTM(z((8, 3)), z((8, 2)), z(8), z((2, 2)))
    with pytest.raises(ValueError, match=r"P must be \(2, 2\)"):
        LSTM(z((6, 3)), z((6, 2)), z(6), z((3, 2)), coupled=True)
    with pytest.raises(ValueError, match=r"matrix \(3m, n\)"):
        GRU(z((4, 2)), z((4, 1)), z(4))
    with pytest.raises(ValueError, match="reset='after'"):
        GRU(z((6, 3)), z((6, 2)), z(6), z(2), reset="before")
    with pytest.raises(ValueError, match=r"b_h must be \(2,\)"):
        GRU(z((6, 3)), z((6, 2)), z(6), z(6))
    with pytest.raises(ValueError, match="'before' or 'after'"):
        GRU(z((6, 3)), z((6, 2)), z(6), reset="never")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="'keeps' or 'takes'"):
        GRU(z((6, 3)), z((6, 2)), z(6), update="adds")  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="f, o, g, not 'i'"):
        LSTM(z((6, 3)), z((6, 2)), z(6), coupled=True).part("i")
    with pytest.raises(ValueError, match="z, r, g, not 'zr'"):
        GRU(z((6, 3)), z((6, 2)), z(6)).part("zr")


@pytest.mark.parametrize("name", CELLS)
def test_errors_of_batches_name_the_shape_that_is_wanted(name: str) -> None:
    cell = make(name, 2, 4, np.random.default_rng(0))
    x = np.zeros((3, 6, 2))
    with pytest.raises(ValueError, match=r"x must be \(batch, time, 2\)"):
        cell.forward(x[0])
    with pytest.raises(ValueError, match=r"x must be \(batch, time, 2\)"):
        cell.forward(np.zeros((3, 6, 3)))
    with pytest.raises(ValueError, match=r"h0 must be \(3, 4\)"):
        cell.forward(x, np.zeros(4))
    with pytest.raises(ValueError, match=r"mask must be \(3, 6\).*padding_mask"):
        cell.forward(x, mask=[6, 6, 2])
    trace = cell.forward(x)
    with pytest.raises(ValueError, match=r"d_states must be \(3, 6, 4\)"):
        cell.backward(trace, np.zeros((3, 4)))
    with pytest.raises(ValueError, match=r"d_h must be \(3, 4\)"):
        cell.backward(trace, d_h=np.zeros(4))
    if name.startswith("lstm"):
        with pytest.raises(ValueError, match=r"c0 must be \(3, 4\)"):
            cell.forward(x, None, np.zeros((4, 3)))
        with pytest.raises(ValueError, match=r"d_c must be \(3, 4\)"):
            cell.backward(trace, d_c=np.zeros((4, 3)))


def test_errors_of_compositions_say_what_does_not_fit() -> None:
    rng = np.random.default_rng(0)
    one, other = SimpleRNN.random(2, 3, rng), LSTM.random(4, 3, rng)
    with pytest.raises(ValueError, match="layer 1 takes 4 inputs, but layer 0 below it gives 3"):
        Stack([one, other])
    with pytest.raises(ValueError, match="at least one layer"):
        Stack([])
    with pytest.raises(ValueError, match="the same inputs, not 2 and 4"):
        Bidirectional(one, other)
    stack = Stack([one, LSTM.random(3, 3, rng)])
    x = np.zeros((1, 2, 2))
    with pytest.raises(ValueError, match=r"3 states \(h, h, c\), not 1"):
        stack.forward(x, None)
    with pytest.raises(ValueError, match="of 1 layers, not of 2"):
        stack.backward(Stack([one]).forward(x))
    pair = Bidirectional(one, one)
    with pytest.raises(ValueError, match=r"d_states must be \(1, 2, 6\)"):
        pair.backward(pair.forward(x), np.zeros((1, 2, 3)))
