"""Lab 09's service: one training loop for both libraries, and what a movie needs besides.

Movies are (B, T, H, W), float32 from 0 to 1. Networks take frames with an axis for the channel,
(B, T, 1, H, W) in PyTorch and (B, T, H, W, 1) in Keras, and return logits of the same shape: of
the pixel being white in the frame that follows. Recipes, plans of the learning rate and clocks are
those of lab 08.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from unrolled import palette
from unrolled.lessons.digits import Cost, Recipe, Stopwatch, compile_in_keras

Array = NDArray[Any]


def batches(x: Array, y: Array, recipe: Recipe, seed: int) -> Iterator[tuple[Array, Array]]:
    """Yield a recipe's batches of pieces, in a new order in every epoch.

    Args:
        x: pieces, (N, t, H, W).
        y: the frames that follow, (N, t, H, W).
        recipe: batch size and epochs.
        seed: of the orders.
    """
    rng, left = np.random.default_rng(seed), recipe.steps(len(x))
    while left:
        order = rng.permutation(len(x))
        for i in range(0, len(x) - recipe.batch + 1, recipe.batch):
            chosen = order[i : i + recipe.batch]
            yield x[chosen], y[chosen]
            left -= 1
            if not left:
                return


def train(
    net: Any,
    x: Array,
    y: Array,
    recipe: Recipe,
    seed: int,
    advance: Callable[[], object] = lambda: None,
) -> Cost:
    """Train a PyTorch network by binary cross-entropy; return what it took.

    Args:
        net: turns frames (B, t, 1, H, W) into logits of the same shape.
        x: pieces, (N, t, H, W).
        y: the frames that follow, (N, t, H, W).
        recipe: "Adadelta" or "AdamW", and so on; ``shift``, ``smoothing`` and ``bf16`` are not
            used.
        seed: of the order of the batches.
        advance: called after every step.
    """
    import torch
    from torch.nn.functional import binary_cross_entropy_with_logits

    parameters = list(net.parameters())
    optimizer: torch.optim.Optimizer
    if recipe.optimizer == "Adadelta":  # ρ and ε as in Keras
        optimizer = torch.optim.Adadelta(parameters, lr=recipe.rate, rho=0.95, eps=1e-7)
    else:
        optimizer = torch.optim.AdamW(
            parameters, lr=recipe.rate, weight_decay=recipe.decay, eps=1e-7, fused=True
        )
    steps = recipe.steps(len(x))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: recipe.share(t, steps))
    watch = Stopwatch()
    watch.start()
    for seen, following in batches(x, y, recipe, seed):
        logits = net(torch.from_numpy(seen)[:, :, None])  # (B, t, 1, H, W)
        target = torch.from_numpy(following)[:, :, None]
        loss = binary_cross_entropy_with_logits(logits, target)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        advance()
    return watch.stop()


def train_in_keras(
    model: Any,
    x: Array,
    y: Array,
    recipe: Recipe,
    seed: int,
    advance: Callable[[], object] = lambda: None,
) -> Cost:
    """Train a Keras model as :func:`train` does, on the same batches.

    Args:
        model: turns frames (B, t, H, W, 1) into logits of the same shape; it is compiled here.
        x: pieces, (N, t, H, W).
        y: the frames that follow, (N, t, H, W).
        recipe: how; see :func:`train`.
        seed: of the order of the batches.
        advance: called after every step.
    """
    import keras

    steps = recipe.steps(len(x))
    compile_in_keras(model, recipe, steps)  # lab 08's optimiser and schedule; the loss is ours
    loss = keras.losses.BinaryCrossentropy(from_logits=True)
    model.compile(optimizer=model.optimizer, loss=loss, jit_compile=False)
    pairs = ((seen[..., None], after[..., None]) for seen, after in batches(x, y, recipe, seed))
    after_batch = keras.callbacks.LambdaCallback(
        on_train_batch_end=lambda batch, logs=None: advance()
    )
    watch = Stopwatch()
    watch.start()
    model.fit(pairs, steps_per_epoch=steps, shuffle=False, verbose=0, callbacks=[after_batch])
    return watch.stop()


def probabilities(net: Any, movies: Array, at_once: int = 25) -> Array:
    """Return a PyTorch network's probabilities of the next frames, (B, T, H, W).

    Args:
        net: turns frames (B, T, 1, H, W) into logits of the same shape.
        movies: (B, T, H, W).
        at_once: how many movies go through the network together.
    """
    import torch

    with torch.inference_mode():
        parts = [
            net(torch.from_numpy(np.asarray(movies[i : i + at_once], np.float32))[:, :, None])
            for i in range(0, len(movies), at_once)
        ]
    result: Array = torch.cat(parts)[:, :, 0].sigmoid().numpy()
    return result


def blackouts(rng: np.random.Generator, movies: Array, share: float, whole: int = 2) -> Array:
    """Return movies as seen through a connection that breaks: some frames are black.

    Args:
        rng: the source of chance.
        movies: (B, T, H, W).
        share: how probable it is that a frame is lost, each by itself.
        whole: how many frames at the start are never lost.
    """
    lost = rng.random(movies.shape[:2]) < share
    lost[:, :whole] = False
    return np.where(lost[:, :, None, None], np.float32(0), movies)


def side_by_side(*films: Array, given: int = 0, gap: int = 2) -> Array:
    """Return movies beside one another as frames in colour, (T, H', W', 3), numbers from 0 to 1.

    Args:
        films: movies (T, H, W), all of one size.
        given: in the first so many frames the gaps are grey, then green: what is shown after
            them was not given.
        gap: width of the gaps, in pixels.
    """
    steps, high, _ = films[0].shape
    lit = [int(palette.INPUT[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    colour = np.where(np.arange(steps)[:, None] < given, 0.5, lit)  # (T, 3)
    bar = np.broadcast_to(colour[:, None, None, :], (steps, high, gap, 3))
    parts = [bar]
    for film in films:
        parts += [np.repeat(film[..., None], 3, axis=3), bar]
    across = np.concatenate(parts, axis=2)
    edge = np.broadcast_to(colour[:, None, None, :], (steps, gap, across.shape[2], 3))
    frames: Array = np.concatenate([edge, across, edge], axis=1).clip(0, 1)
    return frames
