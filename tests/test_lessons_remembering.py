"""The contest of lecture 11: its memories are the course's own, its tasks are what they say."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled import sequences
from unrolled.exercises import memory as lab
from unrolled.lessons import remembering
from unrolled.lessons.remembering import KINDS, MORE, TASKS, Memory

pytestmark = pytest.mark.usefixtures("one_thread")


def tensors(*arrays: np.ndarray) -> list[torch.Tensor]:
    return [torch.tensor(a).float() for a in arrays]


def test_the_scan_is_the_courses() -> None:
    rng = np.random.default_rng(0)
    for steps in (1, 2, 7, 16):
        a, b = rng.uniform(0, 1, (2, 3, steps, 4))
        found = remembering.scan(*tensors(a, b)).numpy()
        assert np.abs(found - sequences.linear_recurrence(a, b)).max() < 1e-5


def test_the_delta_rule_without_a_loop_is_the_courses() -> None:
    rng = np.random.default_rng(1)
    q, k, v = rng.normal(size=(3, 2, 9, 4))
    k /= np.linalg.norm(k, axis=-1, keepdims=True)
    beta = rng.uniform(0, 1, (2, 9))
    found = remembering.delta(*tensors(q, k, v, beta)).numpy()
    assert np.abs(found - sequences.delta_rule(q, k, v, beta).y).max() < 1e-5


@pytest.mark.parametrize("kind", ["minGRU", "linear attention", "linear attention + decay"])
def test_layers_are_the_courses(kind: str) -> None:
    torch.manual_seed(0)
    net = Memory(kind, 5, 3, state=16)
    x = torch.randn(2, 9, 5)
    with torch.no_grad():
        found = net.read(x).numpy()
    seen = x.numpy().astype(np.float64)
    W, b = (p.detach().numpy().astype(np.float64) for p in net.maps.parameters())
    if kind == "minGRU":
        wanted = sequences.MinGRU(W, b).forward(seen).states
    else:
        q, k, v = np.split(seen @ W.T + b, 3, axis=-1)
        fade = None
        if kind.endswith("decay"):
            with torch.no_grad():
                fade = torch.sigmoid(net.rate(x)[..., 0]).numpy().astype(np.float64)
        wanted = sequences.linear_attention(q, k, v, alpha=fade).y
    assert np.abs(found - wanted).max() < 1e-4


@pytest.mark.parametrize("kind", [*KINDS, *MORE])
def test_only_some_kinds_can_tell_order(kind: str) -> None:
    torch.manual_seed(0)
    net = Memory(kind, 5, 3)
    x = torch.randn(1, 8, 5)
    moved = x[:, [3, 1, 6, 0, 2, 5, 4, 7]]
    with torch.no_grad():
        gap = float((net(x)[:, -1] - net(moved)[:, -1]).abs().max())
    if kind in remembering.BLIND:
        assert gap < 1e-5
    else:
        assert gap > 1e-5


@pytest.mark.parametrize("kind", [*KINDS, *MORE])
def test_no_kind_sees_what_comes_later(kind: str) -> None:
    torch.manual_seed(0)
    net = Memory(kind, 5, 3)
    x = torch.randn(1, 8, 5)
    later = x.clone()
    later[:, 5:] += 1
    with torch.no_grad():
        assert float((net(x)[:, :5] - net(later)[:, :5]).abs().max()) < 1e-5


def test_pairs_have_different_keys_and_questions_have_answers() -> None:
    x, y = remembering.pairs(np.random.default_rng(0), 50, 7, asked=5)
    keys, values = x[..., : remembering.KEYS], x[..., remembering.KEYS :]
    assert x.shape == (50, 12, remembering.KEYS + remembering.VALUES)
    assert (keys.sum(dim=-1) == 1).all()
    assert (values[:, :7].sum(dim=-1) == 1).all()
    assert not values[:, 7:].any()
    assert (keys[:, :7].sum(dim=1) <= 1).all()
    for row in range(50):
        shown = keys[row, :7].argmax(-1).tolist(), values[row, :7].argmax(-1).tolist()
        known = dict(zip(*shown, strict=True))
        assert [known[k] for k in keys[row, 7:].argmax(-1).tolist()] == y[row].tolist()


def test_the_order_task_is_lab_04s() -> None:
    x, classes = remembering.order(np.random.default_rng(0), 40, 30)
    symbols = x.argmax(dim=-1).numpy()
    t1, t2 = np.nonzero((symbols == 4) | (symbols == 5))[1].reshape(40, 2).T
    rows = np.arange(40)
    letters = np.where(symbols < 4, symbols, 0)
    wanted_x, wanted = lab.temporal_order(
        letters, t1, t2, symbols[rows, t1] - 4, symbols[rows, t2] - 4
    )
    assert (x.numpy() == wanted_x).all()
    assert (classes.numpy() == wanted).all()


def test_a_copy_is_the_text_at_the_same_places() -> None:
    x, text = remembering.copy(np.random.default_rng(0), 6, 5)
    assert x.shape == (6, 10, 17)
    assert (x[:, :5, :8].argmax(dim=-1) == text).all()
    assert (x[:, :5, :8].sum(dim=-1) == 1).all()
    assert not x[:, 5:, :8].any(), "nothing of the text is shown a second time"
    assert (x[..., 8] == torch.arange(10).ge(5)).all()
    assert (x[:, :5, 9:] == x[:, 5:, 9:]).all()
    assert len({tuple(place) for place in x[0, :5, 9:].tolist()}) == 5
    right = torch.zeros(6, 10, 8)
    right[:, 5:] = torch.nn.functional.one_hot(text, 8)
    assert TASKS["copy"].right(right, text) == 1
    assert TASKS["copy"].right(right.roll(1, dims=1), text) < 0.6


@pytest.mark.parametrize("kind", KINDS)
def test_parameters_are_those_of_the_layer(kind: str) -> None:
    n = remembering.KEYS + remembering.VALUES
    side = 8
    wanted = {
        "LSTM": 4 * 32 * (n + 32 + 2),
        "minGRU": 2 * 64 * (n + 1),
        "linear attention": 3 * side * (n + 1),
        "delta rule": 3 * side * (n + 1) + n + 1,
        "attention": 3 * side * (n + 1),
    }
    assert remembering.parameters(kind) == wanted[kind]


def test_every_entry_has_its_rates_and_runs() -> None:
    wanted = {(name, kind) for name in ("pairs", "copy") for kind in KINDS}
    wanted |= {("order", kind) for kind in (*KINDS, *MORE)}
    assert set(remembering.TRIED) == set(remembering.FOUND) == wanted
    for (name, kind), runs in remembering.FOUND.items():
        assert len(runs) == len(remembering.SEEDS)
        assert all(len(run) == len(TASKS[name].settings) for run in runs)
        assert all(0 <= score <= 1 for run in runs for score in run)
        assert set(remembering.TRIED[name, kind]) <= set(remembering.LADDER)


def test_a_run_can_be_repeated() -> None:
    first, second = (
        remembering.scores("pairs", remembering.train("pairs", "attention", 0.01, 0, updates=20))
        for _ in range(2)
    )
    assert first == second
