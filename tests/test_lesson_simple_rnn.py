"""What lecture 02 alone needs: its tasks and measurements do what their docstrings say."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
import torch

from unrolled.lessons import clipping, clusters, digits_stack, jacobians, recalling, windows


@pytest.mark.parametrize("squash", [False, True])
def test_chain_is_bounded_and_of_the_wanted_radius(squash: bool) -> None:
    one = jacobians.chain(1.2, 3, squash=squash, m=8, steps=20)
    assert len(one.norms) == len(one.bounds) == 20
    assert (one.norms <= one.bounds * (1 + 1e-9)).all()
    if squash:
        assert one.factor < 1.1
    else:
        far = jacobians.chain(1.2, 3, squash=False, m=8, steps=400)
        assert far.factor == pytest.approx(1.2, rel=0.01)


def test_a_first_jacobian_is_the_slopes_times_the_weights() -> None:
    one = jacobians.chain(0.9, 5, squash=False, m=4, steps=11)
    W_h = np.random.default_rng(5).normal(size=(4, 4))
    W_h *= 0.9 / np.abs(np.linalg.eigvals(W_h)).max()
    assert one.norms[0] == pytest.approx(np.linalg.norm(W_h, 2))
    assert one.norms[10] == pytest.approx(np.linalg.norm(np.linalg.matrix_power(W_h, 11), 2))


def test_held_grows_by_0_9_c_with_tanh_and_ends_without() -> None:
    grown = jacobians.held(1.2, squash=True)
    assert grown[-1] / grown[-2] == pytest.approx(0.9 * 1.2)
    linear = jacobians.held(1.2, squash=False)
    assert linear[0] == pytest.approx(2 * 1.2)
    assert np.allclose(linear[1:], 0)


def test_clip_keeps_the_direction_and_short_gradients() -> None:
    grads = [np.array([3.0, 0.0]), np.array([[4.0]])]
    cut, norm = clipping.clip(grads, 1.0)
    assert norm == 5
    assert [g.tolist() for g in cut] == [[0.6000000000000001, 0.0], [[0.8]]]
    same, _ = clipping.clip(grads, 5.0)
    assert [g.tolist() for g in same] == [[3.0, 0.0], [[4.0]]]


def test_training_without_a_limit_can_overflow_and_says_so() -> None:
    with np.errstate(all="ignore"):
        run = clipping.train(0, 3.0, np.inf, m=8, updates=40)
    assert run.losses[-1] == clipping.CEILING
    calm = clipping.train(0, 1e-4, 100.0, m=4, updates=5)
    assert np.isfinite(calm.norms).all()
    assert calm.losses[0] == pytest.approx(6.67, abs=4)


@pytest.mark.parametrize("rule", ["first", "last"])
def test_labels_of_a_cluster_are_its_first_or_last_letter(rule: clusters.Rule) -> None:
    x, y = clusters.words(np.random.default_rng(0), 50, rule)
    for letters, labels in zip(x.tolist(), y.tolist(), strict=True):
        start = 0
        while start < 12:
            end = start
            while end < 11 and letters[end] > 0 and letters[end + 1] > 0:
                end += 1
            ruler = letters[start] if rule == "first" else letters[end]
            assert labels[start : end + 1] == [ruler] * (end + 1 - start)
            start = end + 1


def test_a_short_training_labels_better_than_chance() -> None:
    assert clusters.label(0, "first", updates=40) > 0.6


def test_exact_fractions_remember_and_floats_forget() -> None:
    assert digits_stack.remembered(Fraction, 7) == 60
    assert 5 <= digits_stack.remembered(np.float32, 7) <= 20
    assert 18 <= digits_stack.remembered(np.float64, 7) <= 26
    assert digits_stack.remembered(np.float64, 7, depth=10) == 10


def test_recall_starts_at_the_variance_and_leaves_one_error_an_update() -> None:
    errors = recalling.recall(0, orthogonal=True, steps=3, updates=6)
    assert errors.shape == (6,)
    assert errors[0] == pytest.approx(1 / 3, abs=0.3)


def test_a_reservoir_answers_with_a_window_of_one() -> None:
    torch.set_num_threads(1)
    assert windows.echo(0, 1, size=64, orthogonal=True, frozen=True, lag=2, updates=150) > 0.95
    assert windows.echo(0, 1, lag=6, updates=150) < 0.75
    for how in ({"orthogonal": True}, {"frozen": True}):
        assert windows.echo(0, 1, size=64, **how) < 0.8, how
