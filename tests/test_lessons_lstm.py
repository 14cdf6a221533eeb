"""What lecture 04 takes from ``unrolled.lessons`` is what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.lessons import commands, first_sign, reach, warped


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_the_sign_comes_first_and_only_once() -> None:
    x, sign = first_sign.batch(rng(), 50, 7)
    assert x.shape == (50, 7, 2)
    assert torch.equal(x[:, 0, 0], sign)
    assert set(sign.tolist()) == {-1.0, 1.0}
    assert not x[:, 1:, 0].any()
    assert 0.9 < x[..., 1].abs().max() <= 1


def test_learning_changes_the_network_and_repeats() -> None:
    runs = []
    for _ in range(2):
        torch.manual_seed(3)
        net = torch.nn.RNN(2, 5, batch_first=True)
        before = net.weight_hh_l0.detach().clone()
        runs.append(first_sign.learn(net, rng(1), steps=3, updates=60))
        assert not torch.equal(net.weight_hh_l0, before)
    assert runs[0].shape == (60,)
    assert np.array_equal(runs[0], runs[1])
    assert abs(runs[0][0] - first_sign.GUESSING) < 0.3
    assert runs[0][-5:].max() < 0.3, "three steps are easy"


def test_answers_are_those_of_the_commands() -> None:
    x = np.zeros((1, 7, 4))
    x[0, :, 0] = (0.5, 0.1, -0.7, 0.2, 0.3, 0.4, 0.6)
    for step, command in enumerate((1, 2, 1, 2, 2, 3, 2)):  # save, ask, save, ask, ask, clear, ask
        x[0, step, command] = 1
    assert commands.answers(x)[0, :, 0].tolist() == [0, 0.5, 0, -0.7, -0.7, 0, 0]


def test_a_stream_has_at_most_one_command_a_step() -> None:
    x, y = commands.stream(rng(), 200)
    assert x.shape == (200, 24, 4)
    assert y.shape == (200, 24, 1)
    assert set(x[..., 1:].sum(axis=-1).ravel()) == {0.0, 1.0}
    assert np.array_equal(y, commands.answers(x))
    shares = x[..., 1:].mean(axis=(0, 1))
    assert np.abs(shares - (0.1, 0.2, 0.1)).max() < 0.02


def test_each_cell_is_a_network_of_its_own() -> None:
    cells = commands.Cells(1)
    cells.learn(rng(2), updates=5)
    h = cells.net(torch.randn(3, 24, 4))[0]
    assert h.shape == (3, 24, 16)
    recurrent = cells.net.weight_hh_l0.reshape(4, 16, 16)
    assert not (recurrent * (1 - torch.eye(16))).any(), "no cell hears another"
    assert recurrent.diagonal(dim1=1, dim2=2)[:, :4].abs().min() > 0, "each hears itself"


@pytest.mark.parametrize(("group", "block"), [(1, 1), (2, 0), (3, 3)])
def test_a_weld_stays_open_through_training(group: int, block: int) -> None:
    cells = commands.Cells(0)
    cells.learn(rng(0), updates=5)
    rows = slice(16 * block + 4 * group, 16 * block + 4 * group + 4)
    assert not cells.net.weight_ih_l0[rows].any()
    assert not cells.net.weight_hh_l0[rows].any()
    total = (cells.net.bias_ih_l0 + cells.net.bias_hh_l0)[rows]
    assert torch.sigmoid(total).min() == 1
    free = torch.ones(64, dtype=torch.bool)
    for other, its_block in ((1, 1), (2, 0), (3, 3)):
        free[16 * its_block + 4 * other : 16 * its_block + 4 * other + 4] = False
    assert cells.net.weight_ih_l0[free].abs().min() > 0, "all the rest has weights"
    assert not cells.net.bias_hh_l0[free].any()


@pytest.mark.parametrize(("kind", "size"), [("RNN", 32), ("GRU", 32), ("LSTM", 64)])
def test_a_fresh_cell_is_a_function_of_its_state(kind: str, size: int) -> None:
    step, s = reach.fresh(kind, 5)
    assert s.shape == (size,)
    x = torch.randn(8).double()
    assert step(x, s).shape == (size,)
    again, _ = reach.fresh(kind, 5)
    assert torch.equal(step(x, s), again(x, s))
    other, _ = reach.fresh(kind, 6)
    assert not torch.equal(step(x, s), other(x, s))


def test_a_forget_bias_holds_the_cell() -> None:
    zero = torch.zeros(8).double()
    for bias in (-40.0, 40.0):
        step, s = reach.fresh("LSTM", 0, bias)
        c = s.clone()
        c[32:] = 1.0
        difference = step(zero, c)[32:] - step(zero, s)[32:]
        assert torch.allclose(difference, torch.full((32,), float(bias > 0)).double())


def test_only_an_lstm_has_a_forget_bias() -> None:
    with pytest.raises(ValueError, match="a cell of kind GRU has no forget gate"):
        reach.fresh("GRU", 0, 1.0)


def test_paces_come_in_stretches() -> None:
    paces = warped.paces(rng(), 110)
    assert paces.shape == (110,)
    assert 0.02 <= paces.min() < paces.max() <= 0.3
    changes = np.flatnonzero(np.diff(paces)) + 1
    assert changes.tolist() == [25, 50, 75, 100]


def test_a_steady_gate_follows_a_steady_tape() -> None:
    net = warped.Network(rng(4), size=3)
    times = np.arange(1, 401) * 0.02
    states = net.run(warped.recording(times), np.full(400, 1 - np.exp(-0.02)))
    assert states.shape == (400, 3)
    assert np.abs(states - net.exact(times)).max() < 0.02


def test_shut_gates_hold_and_open_ones_replace() -> None:
    net = warped.Network(rng(1), size=2)
    x = np.zeros((3, 2))
    first, held, replaced = net.run(x, np.array([1.0, 0.0, 1.0]))
    assert np.allclose(first, np.tanh(net.b))
    assert np.array_equal(first, held)
    assert np.allclose(replaced, np.tanh(net.W_h @ held + net.b))
