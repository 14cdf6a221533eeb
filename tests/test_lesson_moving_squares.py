"""The movies of ``unrolled.lessons.moving_squares`` are what its text says."""

from __future__ import annotations

import numpy as np
import pytest

from unrolled.lessons.moving_squares import (
    LARGE,
    SMALL,
    Setting,
    Squares,
    movies,
    moving_digits,
    squares,
)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def one(centre: tuple[int, int], velocity: tuple[int, int], half: int, **setting: int) -> Squares:
    chosen = Setting(**({"side": 8, "frames": 3} | setting), squares=(1, 1), halves=(1, 3))  # type: ignore[arg-type]
    return Squares(np.array([[centre]]), np.array([[velocity]]), np.array([[half]]), chosen)


@pytest.mark.parametrize("setting", [SMALL, LARGE])
def test_movies_have_their_shape_repeat_and_are_black_and_white(setting: Setting) -> None:
    x = movies(rng(3), 20, setting)
    assert x.shape == (20, setting.frames, setting.side, setting.side)
    assert x.dtype == np.float32
    assert set(np.unique(x)) == {0, 1}
    assert np.array_equal(x, movies(rng(3), 20, setting))
    assert not np.array_equal(x, movies(rng(4), 20, setting))


def test_a_square_covers_its_pixels_and_moves_by_its_velocity() -> None:
    x = one((3, 4), (1, -1), half=1).movies()[0]  # (T, H, W)
    for t in range(3):
        expected = np.zeros((8, 8))
        expected[2 + t : 4 + t, 3 - t : 5 - t] = 1
        assert np.array_equal(x[t], expected)


def test_a_square_leaves_and_another_comes_in() -> None:
    x = one((8, 4), (1, 0), half=2).movies()[0]
    assert x.sum(axis=(1, 2)).tolist() == [8, 4, 0]
    x = one((-2, 4), (1, 0), half=2).movies()[0]
    assert x.sum(axis=(1, 2)).tolist() == [0, 4, 8]


def test_squares_are_drawn_from_all_that_the_setting_allows() -> None:
    drawn = squares(rng(), 500, LARGE)
    number = (drawn.half > 0).sum(axis=1)
    assert (number.min(), number.max()) == (3, 7)
    assert set(np.unique(drawn.half)) == {0, 2, 3}
    assert set(np.unique(drawn.velocity)) == {-1, 0, 1}
    assert (drawn.centre.min(), drawn.centre.max()) == (0, 39)
    wider = squares(rng(), 500, Setting(10, 2, (1, 1), (1, 1), border=4))
    assert (wider.centre.min(), wider.centre.max()) == (-4, 13)


@pytest.mark.parametrize("setting", [SMALL, LARGE])
def test_without_a_border_every_square_is_there_from_the_start(setting: Setting) -> None:
    drawn = squares(rng(), 100, setting)
    for n, covered in enumerate(drawn.covers()):
        seen = covered.any(axis=(2, 3))  # (B, T)
        assert seen[drawn.half[:, n] > 0, 0].all()
        assert np.all(seen[:, 1:] <= seen[:, :-1]), "who has left does not come back"


def test_movies_are_the_union_of_their_squares() -> None:
    drawn = squares(rng(), 5, LARGE)
    expected = np.zeros((5, 15, 40, 40))
    for b, n in np.ndindex(*drawn.half.shape):
        h = drawn.half[b, n]
        for t in range(15):
            r, c = drawn.centre[b, n] + t * drawn.velocity[b, n]
            expected[b, t, max(r - h, 0) : max(r + h, 0), max(c - h, 0) : max(c + h, 0)] = 1
    assert np.array_equal(drawn.movies(), expected)


def test_noise_is_around_squares_alone_and_adds_no_white() -> None:
    drawn = squares(rng(), 50, LARGE)
    clean, seen = drawn.movies(), drawn.noisy(rng(1))
    assert seen.shape == clean.shape
    assert seen.max() == 1
    off = seen - clean
    assert (off != 0).any()
    assert np.all(off[~np.any(list(drawn.covers(grow=1)), axis=0)] == 0)
    single = one((4, 4), (0, 0), half=1, frames=1000)
    noisy = Squares(
        single.centre, single.velocity, single.half, Setting(8, 1000, (1, 1), (1, 1), noise=0.1)
    ).noisy(rng())
    corner = np.round(noisy[0, :, 2, 2], 3)  # one pixel outside the square
    levels, count = np.unique(corner, return_counts=True)
    assert levels.tolist() == pytest.approx([-0.1, 0, 0.1])
    assert count.tolist() == pytest.approx([250, 500, 250], abs=60)


def test_settings_refuse_nonsense() -> None:
    with pytest.raises(ValueError, match="rising"):
        Setting(8, 3, (2, 1), (1, 1))
    with pytest.raises(ValueError, match="rising"):
        Setting(8, 3, (1, 1), (0, 1))
    with pytest.raises(ValueError, match="at least"):
        Setting(0, 3, (1, 1), (1, 1))


def test_digits_stay_inside_move_at_their_speed_and_bounce() -> None:
    dot = np.ones((1, 1, 1))
    x = moving_digits(rng(), dot, 200, side=20, frames=30, digits=1, speed=2.5)
    assert x.shape == (200, 30, 20, 20)
    assert x.dtype == np.float32
    assert np.all(x.sum(axis=(2, 3)) == 1)  # never outside
    at = np.stack([x.any(axis=3).argmax(axis=2), x.any(axis=2).argmax(axis=2)], axis=-1)
    step = np.hypot(*np.moveaxis(np.diff(at, axis=1), -1, 0))  # (B, T - 1)
    assert step.max() <= 2.5 + 2**0.5
    assert 1.9 < step.mean() < 2.6
    turns = np.diff(np.sign(np.diff(at[:, :, 0], axis=1)), axis=1)
    assert (turns != 0).any()


def test_digits_overlap_by_the_brighter_pixel_and_repeat() -> None:
    pictures = rng().uniform(0.2, 1, (3, 6, 4))
    x = moving_digits(rng(1), pictures, 4, side=9, frames=5)
    assert x.max() <= np.float32(pictures.max())
    assert np.array_equal(x, moving_digits(rng(1), pictures, 4, side=9, frames=5))
    whole = moving_digits(rng(1), pictures[:1, :4], 2, side=4, frames=5)
    assert np.array_equal(whole, np.broadcast_to(np.float32(pictures[0, :4]), whole.shape))
    with pytest.raises(ValueError, match="fit"):
        moving_digits(rng(), pictures, 1, side=5)
