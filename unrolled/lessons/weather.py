"""Lab 10's service: a series to forecast, and one training loop for both libraries.

Windows are (B, T, n), float32 and scaled; targets are (B,), in the same units. Both loops take
their batches from :func:`batches`, so that PyTorch and Keras see the same windows in the same
order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from unrolled.gates import Array
from unrolled.lessons.digits import Cost, Stopwatch


@dataclass(frozen=True)
class Plan:
    """How a net is trained: Adam, mean absolute error, one cycle of the learning rate.

    Attributes:
        epochs: passes over the training windows.
        batch: windows in a step; what does not fill a batch is left out of an epoch.
        rate: the peak of the learning rate, reached after the first fifth of the steps.
        clip: the largest norm of a gradient.
    """

    epochs: int
    batch: int
    rate: float
    clip: float = 1.0

    def steps(self, windows: int) -> int:
        """Return the number of steps of the whole training."""
        return self.epochs * (windows // self.batch)

    def share(self, step: int, steps: int) -> float:
        """Return the share of the rate in a step, counted from 0: up a line, and down a line."""
        return min((step + 1) / (0.2 * steps), (steps - step) / (0.8 * steps), 1.0)


def batches(windows: int, plan: Plan, seed: int) -> Iterator[np.ndarray]:
    """Yield the places (batch,) of each step's windows; every epoch has a new order.

    Args:
        windows: how many there are.
        plan: epochs and batch size.
        seed: of the orders.
    """
    rng = np.random.default_rng(seed)
    for _ in range(plan.epochs):
        order = rng.permutation(windows)
        for i in range(0, windows - plan.batch + 1, plan.batch):
            yield order[i : i + plan.batch]


def train(
    net: Any,
    x: Array,
    y: Array,
    plan: Plan,
    seed: int,
    advance: Callable[[], object] = lambda: None,
) -> Cost:
    """Train a PyTorch net that turns windows (B, T, n) into forecasts (B,).

    Args:
        net: the net; it is left in the mode of evaluation.
        x: windows, (N, T, n), float32.
        y: targets, (N,), float32.
        plan: how.
        seed: of the batches and of dropout.
        advance: called after every step.

    Returns:
        What it took.
    """
    import torch

    torch.manual_seed(seed)
    optimizer = torch.optim.Adam(net.parameters(), plan.rate, eps=1e-7)
    steps = plan.steps(len(x))
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda t: plan.share(t, steps))
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)
    watch = Stopwatch()
    net.train()
    watch.start()
    for places in batches(len(x), plan, seed):
        chosen = torch.from_numpy(places)
        loss = (net(inputs[chosen]) - targets[chosen]).abs().mean()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), plan.clip)
        optimizer.step()
        schedule.step()
        advance()
    cost = watch.stop()
    net.eval()
    return cost


def predict(net: Any, x: Array) -> Array:
    """Return a PyTorch net's forecasts (B,) for windows (B, T, n)."""
    import torch

    with torch.inference_mode():
        parts = [net(torch.from_numpy(x[i : i + 1000])) for i in range(0, len(x), 1000)]
    forecasts: Array = torch.cat(parts).numpy()
    return forecasts


def train_in_keras(model: Any, x: Array, y: Array, plan: Plan, seed: int) -> Cost:
    """Train a Keras model as :func:`train` does, on the same batches.

    Args:
        model: turns windows (B, T, n) into forecasts (B, 1); it is compiled here.
        x: windows.
        y: targets, (N,).
        plan: how.
        seed: of the batches.

    Returns:
        What it took.
    """
    import keras

    steps = plan.steps(len(x))

    class Share(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
        """``Plan.share`` on tensors."""

        def __call__(self, step: Any) -> Any:
            t = keras.ops.cast(step, "float32")
            rising, falling = (t + 1) / (0.2 * steps), (steps - t) / (0.8 * steps)
            return plan.rate * keras.ops.minimum(keras.ops.minimum(rising, falling), 1.0)

    optimizer = keras.optimizers.Adam(Share(), epsilon=1e-7, global_clipnorm=plan.clip)
    model.compile(optimizer=optimizer, loss="mean_absolute_error", jit_compile=False)
    watch = Stopwatch()
    watch.start()
    order = np.concatenate(list(batches(len(x), plan, seed)))
    each = len(order) // plan.epochs
    for i in range(0, len(order), each):  # an epoch at a time: a window stands in memory twice
        chosen = order[i : i + each]
        model.fit(x[chosen], y[chosen], batch_size=plan.batch, shuffle=False, verbose=0)
    return watch.stop()
