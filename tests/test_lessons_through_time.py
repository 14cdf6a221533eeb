"""What lecture 07 takes from ``unrolled.lessons`` is what it says."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from unrolled.lessons import contest, films, through_time


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


@pytest.mark.parametrize(("kernel", "dilations"), [(2, (1, 2, 4)), (3, (1, 2, 4, 8)), (3, (5,))])
def test_a_tcn_sees_as_far_as_its_reach_says_and_no_step_ahead(
    kernel: int, dilations: tuple[int, ...]
) -> None:
    torch.manual_seed(0)
    net = through_time.TCN(2, 3, 1, kernel=kernel, dilations=dilations).double()
    for parameter in net.parameters():
        parameter.data.abs_()  # no ReLU is shut, no two paths cancel
    x = torch.rand(1, 50, 2, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(net(x)[0, 40, 0], x)
    seen = np.flatnonzero(slope[0].abs().sum(dim=1).numpy())
    assert seen.max() == 40
    assert 40 - seen.min() + 1 == through_time.receptive(kernel, dilations)


@pytest.mark.parametrize("kind", [*through_time.NETS, "RNN"])
def test_a_net_is_as_wide_as_its_budget_allows(kind: str) -> None:
    for budget in (400, 2000):
        net = through_time.network(kind, 2, 1, budget)
        assert 0.9 * budget < through_time.parameters(net) <= budget
        assert net(torch.zeros(4, 7, 2)).shape == (4, 7, 1)


def test_echo_answers_with_the_sign_before() -> None:
    x, y = through_time.echo(rng(), 5, steps=12, lag=3)
    assert x.shape == y.shape == (5, 12, 1)
    assert x.abs().eq(1).all()
    assert y[:, :3].eq(0).all()
    assert y[:, 3:].eq(x[:, :-3]).all()


def test_latch_holds_the_sign_at_the_last_marker() -> None:
    x, y = through_time.latch(rng(), 20, steps=40, marked=0.2)
    assert x[:, 0, 1].eq(1).all()
    assert 0.1 < float(x[:, 1:, 1].mean()) < 0.3
    for one, goal in zip(x.numpy(), y.numpy(), strict=True):
        held = 0.0
        for (sign, marker), answer in zip(one, goal[:, 0], strict=True):
            held = sign if marker else held
            assert answer == held


def test_since_counts_from_the_last_marker() -> None:
    x = torch.zeros(1, 6, 2)
    x[0, [0, 3], 1] = 1
    assert through_time.since(x).tolist() == [[0, 1, 2, 0, 1, 2]]


def test_echo_is_scored_where_there_is_something_to_echo() -> None:
    _, y = through_time.unseen("echo")
    out = y.clone()
    out[:, : through_time.LAG] = 5
    assert through_time.TASKS["echo"].loss(out, y) == 0


def test_the_best_rates_are_those_of_the_search() -> None:
    assert set(through_time.RATES) == set(through_time.TASKS)
    for name, rows in through_time.TRIED.items():
        assert set(rows) == set(through_time.NETS)
        for kind, tried in rows.items():
            assert tried[through_time.RATES[name][kind]] == min(tried.values())
            assert set(tried) <= set(contest.LADDER)


def test_the_search_can_be_repeated_on_one_of_its_nets() -> None:
    torch.set_num_threads(1)
    net = through_time.trained("echo", "TCN", 101, rate=0.1)
    assert through_time.score("echo", net, contest.VALIDATION) < 0.02
    assert through_time.trained("echo", "TCN", 101, rate=0.1) is net, "a cell run twice is quick"
    again = through_time.trained.__wrapped__("echo", "TCN", 101, rate=0.1)
    for one, other in zip(net.parameters(), again.parameters(), strict=True):
        assert torch.equal(one, other)


def test_longer_training_is_recorded_for_each_net() -> None:
    assert set(through_time.LONGER) == set(through_time.NETS)
    assert all(set(tried) == set(contest.FIRST) for tried in through_time.LONGER.values())


# --- films ----------------------------------------------------------------------------------------


def test_a_camera_that_fails_shows_black_but_never_in_the_first_two_frames() -> None:
    seen, true = films.draw(rng(), 30, dark=0.5)
    assert seen.shape == true.shape == (30, films.FRAMES, 1, 16, 16)
    assert seen[:, :2].equal(true[:, :2])
    black = (seen == 0).all(dim=-1).all(dim=-1)[..., 0]
    assert 0.35 < float(black[:, 2:].float().mean()) < 0.75
    assert seen[~black].equal(true[~black])


def test_a_camera_without_failures_shows_the_film() -> None:
    seen, true = films.draw(rng(), 3, frames=9)
    assert seen.equal(true)
    assert seen.shape[1] == 9


def test_a_layer_on_each_frame_is_that_layer() -> None:
    layer = torch.nn.Conv2d(2, 3, 3)
    film = torch.randn(4, 5, 2, 8, 8)
    out = films.EachFrame(layer)(film)
    assert out.shape == (4, 5, 3, 6, 6)
    assert torch.allclose(out[:, 2], layer(film[:, 2]), atol=1e-6)


@pytest.mark.parametrize("frames", [1, 2, 4])
def test_a_window_sees_its_frames_and_no_other(frames: int) -> None:
    torch.manual_seed(0)
    net = films.Window(frames).double()
    film = torch.randn(1, 8, 1, 6, 6, dtype=torch.float64, requires_grad=True)
    (slope,) = torch.autograd.grad(net(film)[0, 6].sum(), film)
    moved = [t for t in range(8) if slope[0, t].abs().max() > 0]
    assert moved == list(range(7 - frames, 7))


def test_pictures_stand_beside_one_another() -> None:
    one = np.array([[0.0, 1.0], [0.5, 2.0]])
    both = films.beside([one, one], ["#102030", "#405060"], side=3)
    assert both.shape == (30, 60, 3)
    assert both.dtype == np.uint8
    assert both[9, 9].tolist() == [16, 32, 48]
    assert both[9, 39].tolist() == [64, 80, 96]
    assert both[13, 13].tolist() == [0, 0, 0]
    assert both[13, 16].tolist() == [255, 255, 255]
    assert both[16, 13].tolist() == [128, 128, 128]


def test_learning_lowers_the_loss_and_repeats() -> None:
    losses = []
    for _ in range(2):
        torch.manual_seed(0)
        losses.append(films.learn(films.Window(), 3, updates=30, batch=4, frames=5))
    assert losses[0] == losses[1]
    assert np.mean(losses[0][-5:]) < 0.7 * losses[0][0]
