"""What lab 11 uses of its own: the digits, distances, and pictures that are no digits."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

from unrolled.lessons import digit_codes


def test_the_small_digits_are_divided_once_for_all() -> None:
    digits, again = digit_codes.load("small"), digit_codes.load("small")
    assert digits.train.shape == (1200, 64)
    assert digits.test.shape == (597, 64)
    assert digits.side == 8
    assert (digits.train.min(), digits.train.max()) == (0, 1)
    assert set(digits.test_labels) == set(digits.train_labels) == set(range(10))
    assert np.array_equal(digits.test, again.test)
    with pytest.raises(ValueError, match="SCALE must be"):
        digit_codes.load("middling")


def test_distances_are_those_of_pairs() -> None:
    rng = np.random.default_rng(0)
    one, other = rng.normal(size=(5, 7)), rng.normal(size=(3, 7))
    other[1] = one[4]
    pairs = np.sum((one[:, None] - other) ** 2, axis=2)
    found = digit_codes.squared_distances(one, other)
    assert found.shape == (5, 3)
    assert np.allclose(found, pairs)
    assert found.min() >= 0


def test_what_is_no_digit_is_made_of_digits() -> None:
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], 6)
    images = np.float32(labels[:, None] * np.ones((12, 4)))
    blends, mixed = digit_codes.not_digits(images, labels, rng)
    assert 0 < len(blends) <= 12
    assert np.all(blends == 0.5), "only of different digits"
    assert mixed.shape == images.shape
    assert np.array_equal(np.sort(mixed, axis=0), images), "each pixel keeps its values"
    assert not np.array_equal(mixed, images)


def test_rows_of_images_stand_apart() -> None:
    fig, axes = plt.subplots(2, 1)
    digit_codes.draw_rows(axes, [np.zeros((3, 4)), np.ones((3, 4))], 2)
    strip = axes[1].get_images()[0].get_array()
    plt.close(fig)
    assert strip.shape == (2, 8)
    assert np.ma.getmaskarray(np.ma.masked_invalid(strip))[:, [2, 5]].all()
