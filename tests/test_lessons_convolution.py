"""What lecture 06 takes from ``unrolled.lessons`` is what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from unrolled.images import correlate
from unrolled.lessons import handwriting, sliding, towers, voice

TONE = np.sin(np.arange(voice.LONG) / 3)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_a_voice_stands_where_it_is_said_to_and_loudness_tells_nothing() -> None:
    x, there, at = voice.recordings(rng(), TONE, 40, voice.SEEN, level=3)
    assert x.shape == (40, voice.LENGTH)
    assert x.dtype == there.dtype == torch.float32
    assert 8 < there.sum() < 32
    assert set(at) <= set(voice.SEEN)
    assert torch.allclose(x.std(dim=1, correction=0), torch.ones(40), atol=1e-4)
    for row, has, start in zip(x, there, at, strict=True):
        inside = row[start : start + voice.LONG]
        match = float((inside * torch.tensor(TONE).float()).mean())
        assert (match > 0.5) == bool(has)


def test_places_never_seen_are_those_of_the_second_half() -> None:
    assert voice.SEEN.max() + voice.LONG <= voice.LENGTH // 2
    assert voice.NEVER_SEEN.min() == voice.LENGTH // 2
    assert voice.NEVER_SEEN.max() + voice.LONG <= voice.LENGTH


def test_learning_the_voice_repeats() -> None:
    x, there, _ = voice.recordings(rng(), TONE, 80, [0], level=3)
    scores = []
    for _ in range(2):
        torch.manual_seed(1)
        net = nn.Sequential(nn.Linear(voice.LENGTH, 1), nn.Flatten(0))
        voice.learn(net, x, there, seed=2, updates=30)
        scores.append(voice.right(net, x, there))
    assert scores[0] == scores[1] > 0.9


def test_a_finer_signal_goes_through_the_same_points() -> None:
    x = rng().normal(size=50)
    fine = voice.finer(x, times=3)
    assert len(fine) == 150
    assert np.allclose(fine[::3], x)
    assert fine[1] == pytest.approx((2 * x[0] + x[1]) / 3)


def test_digits_are_divided_without_overlap() -> None:
    x, _y = handwriting.pictures()
    assert x.shape == (1797, 1, 8, 8)
    assert (float(x.min()), float(x.max())) == (0, 1)
    train, test = handwriting.shares(4)
    assert len(train) == handwriting.TRAINED_ON
    assert sorted([*train.tolist(), *test.tolist()]) == list(range(1797))
    assert not torch.equal(train, handwriting.shares(5)[0])


def test_a_linear_net_learns_digits_and_repeats() -> None:
    def make() -> nn.Module:
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 10))

    x, y = handwriting.pictures()
    (net, score), (_, again) = (handwriting.trained(make, x, y, seed=0) for _ in range(2))
    assert score == again > 0.9
    assert handwriting.right(net, x, y) > 0.9


@pytest.mark.parametrize("residual", [False, True])
def test_a_tower_without_weights_hands_on_its_track_or_nothing(residual: bool) -> None:
    x, y = handwriting.pictures()
    torch.manual_seed(0)
    tower = towers.Tower(5, residual=residual)
    with torch.no_grad():
        for layer in tower.layers:
            layer.weight.zero_()
            layer.bias.zero_()
    maps: list[torch.Tensor] = []
    tower(x[:3], maps)
    assert len(maps) == 5
    assert maps[0].shape == (3, 8, 4, 4)
    assert bool(maps[-1].any()) is residual
    if residual:
        norms = towers.gradient_norms(tower, x[:3], y[:3])
        assert np.allclose(norms, 1)


def test_weights_drawn_as_by_he_keep_the_size() -> None:
    torch.manual_seed(0)
    weights = torch.cat([w.weight.detach().flatten() for w in towers.Tower(20, he=True).layers])
    assert float(weights.std()) == pytest.approx((2 / 72) ** 0.5, rel=0.05)


def test_a_sliding_kernel_writes_its_map_row_by_row() -> None:
    picture = rng().uniform(size=(5, 6))
    K = np.array([[-1.0, 0, 1]] * 3)
    shown = list(sliding.frames(picture, K))
    assert len(shown) == 3 * 4
    high, wide = 5 * sliding.SIDE, (6 + 4) * sliding.SIDE + sliding.GAP
    assert {frame.shape for frame in shown} == {(high, wide, 3)}
    assert {frame.dtype for frame in shown} == {np.dtype(np.uint8)}
    y = correlate(picture, K)
    last = shown[-1]
    for i, j in ((0, 0), (1, 2), (2, 1)):
        row = sliding.SIDE * i + sliding.SIDE // 2 + sliding.SIDE  # centred between the edges
        column = 6 * sliding.SIDE + sliding.GAP + sliding.SIDE * j + sliding.SIDE // 2
        grey = 0.5 + 0.5 * y[i, j] / np.abs(y).max()
        assert last[row, column, 0] == pytest.approx(255 * grey, abs=1)
    assert (shown[0] != shown[1]).any()
