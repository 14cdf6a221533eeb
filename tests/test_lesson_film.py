"""Lab 09's service: both libraries learn on the same batches, and movies are broken and shown."""

from __future__ import annotations

import keras
import numpy as np
import torch
from torch import nn

from unrolled.lessons import film
from unrolled.lessons.digits import Recipe

RECIPE = Recipe("AdamW", rate=0.1, epochs=2, batch=2, cycle=True, decay=0)


def rng(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


class PerPixel(nn.Module):
    """A line through the pixel: logits w x + b."""

    def __init__(self) -> None:
        super().__init__()
        self.line = nn.Conv2d(1, 1, 1)
        nn.init.ones_(self.line.weight)
        nn.init.zeros_(self.line.bias)  # type: ignore[arg-type]

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.line(x.flatten(0, 1)).unflatten(0, x.shape[:2])  # type: ignore[no-any-return]


def pairs() -> tuple[np.ndarray, np.ndarray]:
    x = rng().uniform(0, 1, (5, 3, 4, 4)).astype(np.float32)
    return x, (x < 0.3).astype(np.float32)


def test_batches_go_through_the_pieces_in_a_new_order_in_every_epoch() -> None:
    x, y = pairs()
    made = list(film.batches(x, y, RECIPE, seed=1))
    assert len(made) == RECIPE.steps(5) == 4
    assert all(a.shape == (2, 3, 4, 4) and np.array_equal(b, a < 0.3) for a, b in made)
    assert not np.array_equal(made[0][0], made[2][0])
    again = list(film.batches(x, y, RECIPE, seed=1))
    assert all(np.array_equal(a, b) for (a, _), (b, _) in zip(made, again, strict=True))


def test_pytorch_and_keras_learn_alike() -> None:
    x, y = pairs()
    for recipe in (RECIPE, Recipe("Adadelta", rate=1.0, epochs=2, batch=2)):
        net, told = PerPixel(), []
        cost = film.train(net, x, y, recipe, 3, lambda told=told: told.append(1))  # type: ignore[misc]
        assert len(told) == 4
        assert cost.cpu > 0
        frames = keras.Input((None, 4, 4, 1))
        model = keras.Model(frames, keras.layers.Conv3D(1, 1)(frames))
        model.layers[1].set_weights([np.ones((1, 1, 1, 1, 1)), np.zeros(1)])
        film.train_in_keras(model, x, y, recipe, 3, lambda told=told: told.append(1))  # type: ignore[misc]
        assert len(told) == 8
        weight, bias = (w.ravel()[0] for w in model.layers[1].get_weights())
        assert net.line.weight.item() < 1
        np.testing.assert_allclose(
            [net.line.weight.item(), net.line.bias.item()],  # type: ignore[union-attr]
            [weight, bias],
            atol=1e-4,
        )


def test_probabilities_do_not_depend_on_how_many_go_together() -> None:
    x, _ = pairs()
    p = film.probabilities(PerPixel(), x)
    assert p.shape == x.shape
    np.testing.assert_allclose(p, 1 / (1 + np.exp(-x)), atol=1e-6)
    np.testing.assert_allclose(film.probabilities(PerPixel(), x, at_once=2), p, atol=1e-6)


def test_blackouts_lose_whole_frames_but_not_the_first() -> None:
    x = rng().uniform(0.1, 1, (300, 6, 2, 3)).astype(np.float32)
    y = film.blackouts(rng(1), x, 0.3)
    black = (y == 0).all(axis=(2, 3))
    assert y.dtype == np.float32
    assert np.array_equal(y[~black], x[~black])
    assert not black[:, :2].any()
    assert abs(black[:, 2:].mean() - 0.3) < 0.05
    assert film.blackouts(rng(1), x, 1.0, whole=1)[:, 1:].max() == 0


def test_movies_stand_side_by_side_in_a_border_that_changes_colour() -> None:
    one, other = np.zeros((4, 3, 5)), np.ones((4, 3, 5))
    frames = film.side_by_side(one, other, given=2, gap=1)
    assert frames.shape == (4, 5, 13, 3)
    assert np.all(frames[:, 1:4, 1:6] == 0)
    assert np.all(frames[:, 1:4, 7:12] == 1)
    assert np.all(frames[:2, 0] == 0.5)
    assert len(np.unique(frames[2:, 0].reshape(-1, 3), axis=0)) == 1
    assert not np.all(frames[2:, 0] == 0.5)
