"""Lab 08's service: digits to learn from, and one training loop for both libraries.

Pictures are channels first, (B, 1, H, W), float32 from 0 to 1, until a Keras model needs them
otherwise. Both loops take their batches from :func:`batches`, so that PyTorch and Keras see the
same pictures in the same order.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from unrolled.gates import Array
from unrolled.images.layout import channels_last, dense_channels_last
from unrolled.images.weights import kernel_to_keras

#: Moves pictures (B, H, W) down by dy (B,) and right by dx (B,).
Shift = Callable[[Array, Array, Array], Any]


class Digits(NamedTuple):
    """Pictures and labels, to learn from and to test with.

    Attributes:
        x: pictures to learn from, (B, 1, H, W), float32 from 0 to 1.
        y: their digits, (B,), int64.
        x_test: pictures to test with.
        y_test: their digits.
    """

    x: Array
    y: Array
    x_test: Array
    y_test: Array


def small_digits(seed: int, training: int) -> Digits:
    """Return scikit-learn's 1797 digits of 8×8 places, split at random.

    Args:
        seed: of the split.
        training: how many are to learn from; all others are for the test.
    """
    from sklearn.datasets import load_digits

    pictures, labels = load_digits(return_X_y=True)
    x = (pictures / 16).astype(np.float32).reshape(-1, 1, 8, 8)
    y = labels.astype(np.int64)
    order = np.random.default_rng(seed).permutation(len(y))
    mine, rest = order[:training], order[training:]
    return Digits(x[mine], y[mine], x[rest], y[rest])


def mnist_digits() -> Digits:
    """Return MNIST in the same form; its split is the official one.

    Raises:
        DataError: the files cannot be had.
    """
    from unrolled.data import mnist

    data = mnist()
    x, x_test = (
        (images[:, None] / np.float32(255)).astype(np.float32)
        for images in (data.train_images, data.test_images)
    )
    return Digits(x, data.train_labels.astype(np.int64), x_test, data.test_labels.astype(np.int64))


@dataclass(frozen=True)
class Recipe:
    """How a net is trained.

    Attributes:
        optimizer: "Adadelta" or "AdamW".
        rate: the learning rate; with ``cycle``, its peak.
        epochs: passes over the training set; a part of one is allowed.
        batch: pictures in a step.
        cycle: whether the rate rises in the first fifth of the steps and falls to 0 in the rest.
        smoothing: ε, the share of the target that is spread over all ten digits.
        shift: the largest shift of a picture, in places; 0 leaves the pictures alone.
        decay: AdamW's weight decay.
        bf16: whether PyTorch multiplies in bfloat16; pays where the processor has units for it.
    """

    optimizer: str
    rate: float
    epochs: float
    batch: int
    cycle: bool = False
    smoothing: float = 0.0
    shift: int = 0
    decay: float = 0.01
    bf16: bool = False

    def steps(self, pictures: int) -> int:
        """Return the number of steps; what does not fill a batch is left out of an epoch."""
        return max(1, int(self.epochs * (pictures // self.batch)))

    def share(self, step: int, steps: int) -> float:
        """Return the share of the rate in a step, counted from 0: a triangle, or always 1."""
        if not self.cycle:
            return 1.0
        return min((step + 1) / (0.2 * steps), (steps - step) / (0.8 * steps), 1.0)


class Cost(NamedTuple):
    """What a training took.

    Attributes:
        seconds: by the clock on the wall, which other programs disturb.
        cpu: seconds of processor time, of all threads together.
    """

    seconds: float
    cpu: float


class Stopwatch:
    """Adds up time between ``start`` and ``stop``, so that evaluation need not count."""

    def __init__(self) -> None:
        self.seconds = self.cpu = 0.0

    def start(self) -> None:
        """Begin to count."""
        self._began = time.perf_counter(), time.process_time()

    def stop(self) -> Cost:
        """Cease to count; return what has been counted so far."""
        wall, cpu = self._began
        self.seconds += time.perf_counter() - wall
        self.cpu += time.process_time() - cpu
        return Cost(self.seconds, self.cpu)


def batches(
    x: Array, y: Array, recipe: Recipe, seed: int, shift: Shift
) -> Iterator[tuple[Array, Array]]:
    """Yield a recipe's batches: pictures (B, 1, H, W) and labels (B,).

    Every epoch has a new order and, if the recipe says so, new shifts.

    Args:
        x: pictures, (N, 1, H, W).
        y: labels, (N,).
        recipe: batch size, epochs and the largest shift.
        seed: of the orders and shifts.
        shift: moves pictures.
    """
    orders, moves = np.random.default_rng(seed).spawn(2)  # shifts leave the orders as they are
    left = recipe.steps(len(x))
    while left:
        order = orders.permutation(len(x))
        for i in range(0, len(x) - recipe.batch + 1, recipe.batch):
            chosen = order[i : i + recipe.batch]
            pictures = x[chosen]
            if recipe.shift:
                dy, dx = moves.integers(-recipe.shift, recipe.shift + 1, (2, recipe.batch))
                moved = np.asarray(shift(pictures[:, 0], dy, dx), dtype=np.float32)
                pictures = moved[:, None]
            yield pictures, y[chosen]
            left -= 1
            if not left:
                return


def train(
    net: Any,
    x: Array,
    y: Array,
    recipe: Recipe,
    seed: int,
    shift: Shift,
    advance: Callable[[], object] = lambda: None,
) -> Cost:
    """Train a PyTorch net that turns pictures (B, 1, H, W) into logits (B, 10).

    Args:
        net: the net; it is left in the mode of evaluation.
        x: pictures.
        y: labels.
        recipe: how.
        seed: of the batches and of dropout.
        shift: moves pictures.
        advance: called after every step.

    Returns:
        What it took.
    """
    import torch
    from torch.nn.functional import cross_entropy

    torch.manual_seed(seed)
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
    net.train()
    watch.start()
    for pictures, labels in batches(x, y, recipe, seed, shift):
        with torch.autocast("cpu", torch.bfloat16, enabled=recipe.bf16):
            logits = net(torch.from_numpy(pictures)).float()  # (B, 10)
        loss = cross_entropy(logits, torch.from_numpy(labels), label_smoothing=recipe.smoothing)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        schedule.step()
        advance()
    cost = watch.stop()
    net.eval()
    return cost


def probabilities(net: Any, x: Array) -> Array:
    """Return a PyTorch net's probabilities (B, 10) of the digits."""
    import torch

    with torch.inference_mode():
        parts = [net(torch.from_numpy(part)).softmax(1) for part in _parts(x)]
    result: Array = torch.cat(parts).numpy()
    return result


def keras_logits(model: Any, x: Array) -> Array:
    """Return a Keras model's logits (B, 10) for pictures that stand channels first."""
    parts = [np.asarray(model(channels_last(part), training=False)) for part in _parts(x)]
    return np.concatenate(parts)


def _parts(x: Array) -> list[Array]:
    return [x[i : i + 1000] for i in range(0, len(x), 1000)]


def compile_in_keras(model: Any, recipe: Recipe, steps: int) -> None:
    """Give a Keras model the optimiser, the schedule and the loss that :func:`train` has.

    Args:
        model: turns pictures (B, H, W, 1) into logits (B, 10).
        recipe: how it will be trained.
        steps: of the whole training.
    """
    import keras

    class Share(keras.optimizers.schedules.LearningRateSchedule):  # type: ignore[misc]
        """``Recipe.share`` on tensors."""

        def __call__(self, step: Any) -> Any:
            t = keras.ops.cast(step, "float32")
            rising, falling = (t + 1) / (0.2 * steps), (steps - t) / (0.8 * steps)
            return recipe.rate * keras.ops.minimum(keras.ops.minimum(rising, falling), 1.0)

    rate = Share() if recipe.cycle else recipe.rate
    optimizer = (
        keras.optimizers.Adadelta(rate, rho=0.95, epsilon=1e-7)
        if recipe.optimizer == "Adadelta"
        else keras.optimizers.AdamW(rate, weight_decay=recipe.decay, epsilon=1e-7)
    )
    loss = keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing=recipe.smoothing)
    model.compile(optimizer=optimizer, loss=loss, jit_compile=False)


def train_in_keras(
    model: Any,
    x: Array,
    y: Array,
    recipe: Recipe,
    seed: int,
    shift: Shift,
    advance: Callable[[], object] = lambda: None,
    after_epoch: Callable[[int, Cost], bool] = lambda epoch, cost: False,
) -> Cost:
    """Train a Keras model as :func:`train` does, on the same batches.

    Args:
        model: turns pictures (B, H, W, 1) into logits (B, 10); it is compiled here.
        x: pictures, channels first.
        y: labels.
        recipe: how.
        seed: of the batches.
        shift: moves pictures.
        advance: called after every epoch.
        after_epoch: is told how many epochs are done and what they took, and says whether to stop.

    Returns:
        What it took, without ``after_epoch``.
    """
    steps, each = recipe.steps(len(x)), len(x) // recipe.batch
    compile_in_keras(model, recipe, steps)
    stream, watch = batches(x, y, recipe, seed, shift), Stopwatch()
    cost, epoch = Cost(0.0, 0.0), 0
    while steps:
        watch.start()
        pairs = [next(stream) for _ in range(min(each, steps))]
        pictures = channels_last(np.concatenate([pair[0] for pair in pairs]))
        targets = np.eye(10, dtype=np.float32)[np.concatenate([pair[1] for pair in pairs])]
        model.fit(pictures, targets, batch_size=recipe.batch, shuffle=False, verbose=0)
        cost = watch.stop()
        steps, epoch = steps - len(pairs), epoch + 1
        advance()
        if after_epoch(epoch, cost):
            break
    return cost


def copy_to_keras(net: Any, model: Any, maps: tuple[int, int, int] | None = None) -> None:
    """Give a Keras model the weights of a PyTorch net with the same layers in the same order.

    Args:
        net: a PyTorch module; its convolutions, normalisations and dense layers are read in order.
        model: the Keras model.
        maps: shape (C, H, W) of the feature maps that the first dense layer takes flattened, None
            where it takes one number for each channel.

    Raises:
        ValueError: the models do not have equally many layers with weights.
    """
    from torch import nn

    kinds = (nn.Conv2d, nn.BatchNorm2d, nn.Linear)
    ours = [module for module in net.modules() if isinstance(module, kinds)]
    theirs = [layer for layer in model.layers if layer.weights]
    for module, layer in zip(ours, theirs, strict=True):
        weight, bias = (
            None if tensor is None else tensor.detach().numpy()
            for tensor in (module.weight, module.bias)
        )
        if isinstance(module, nn.BatchNorm2d):
            means, variances = module.running_mean, module.running_var
            assert means is not None
            assert variances is not None
            arrays = [weight, bias, means.numpy(), variances.numpy()]
        elif isinstance(module, nn.Conv2d):
            arrays = [kernel_to_keras(weight), bias]  # type: ignore[arg-type]
        else:
            if maps is not None:
                weight, maps = dense_channels_last(weight, maps), None  # type: ignore[arg-type]
            arrays = [weight.T, bias]  # type: ignore[union-attr]
        layer.set_weights([array for array in arrays if array is not None])


#: Student's t, the quantile 0.975, by degrees of freedom.
_T = {2: 4.303, 3: 3.182, 4: 2.776, 5: 2.571, 6: 2.447, 7: 2.365, 8: 2.306, 9: 2.262}


def interval(gains: Sequence[float]) -> tuple[float, float]:
    """Return the mean of paired differences and half the width of its 95% interval.

    The interval is Student's; it speaks of what changes from one seed to the next.

    Args:
        gains: one difference for each seed, three to ten of them.

    Raises:
        ValueError: there are fewer or more.
    """
    if len(gains) - 1 not in _T:
        raise ValueError(f"three to ten differences are wanted, not {len(gains)}")
    spread = float(np.std(gains, ddof=1))
    return float(np.mean(gains)), _T[len(gains) - 1] * spread / len(gains) ** 0.5
