"""Lecture 08's autoencoders: scikit-learn's digits, and many small networks trained at once."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

import numpy as np
import torch
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle
from sklearn.datasets import load_digits
from torch.nn import functional

from unrolled.palette import RULE

Loss = Literal["mse", "bce"]


class Digits(NamedTuple):
    """Digits of 8×8 pixels, each a row of 64 numbers from 0 (paper) to 1 (ink), float32.

    Attributes:
        train: (1200, 64).
        test: (597, 64).
        train_label: which digit it is, (1200,).
        test_label: (597,).
    """

    train: np.ndarray
    test: np.ndarray
    train_label: np.ndarray
    test_label: np.ndarray


def digits() -> Digits:
    """Return scikit-learn's 1797 digits, shuffled once and parted.

    The same 13 people wrote both parts, so the test is an easy one.
    """
    x, label = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(x))
    x, label = (x[order] / 16).astype(np.float32), label[order]
    return Digits(x[:1200], x[1200:], label[:1200], label[1200:])


def batches(rng: np.random.Generator, sets: int, size: int, batch: int) -> Iterator[np.ndarray]:
    """Yield the numbers of rows of one epoch's batches, (sets, batch), in random order."""
    order = np.stack([rng.permutation(size) for _ in range(sets)])
    for start in range(0, size - batch + 1, batch):
        yield order[:, start : start + batch]


def show_rows(
    ax: Axes,
    rows: Mapping[str, np.ndarray],
    *,
    cmap: str = "Greys",
    low: float = 0.0,
    high: float = 1.0,
) -> None:
    """Draw rows of pictures of 8×8 pixels on one pair of axes, each row's name to its left.

    Args:
        ax: where to.
        rows: name → pictures, (count, 64), the same count in each row.
        cmap: the colour map.
        low: the value of its first colour.
        high: the value of its last colour.
    """
    stack = np.stack(list(rows.values()))  # (rows, count, 64)
    framed = np.full((len(stack), stack.shape[1], 10, 10), np.nan)
    framed[..., 1:9, 1:9] = stack.reshape(*stack.shape[:2], 8, 8)
    sheet = framed.transpose(0, 2, 1, 3).reshape(10 * len(stack), -1)
    ax.imshow(sheet, cmap=cmap, vmin=low, vmax=high)
    for (i, j), _ in np.ndenumerate(stack[..., 0]):
        frame = Rectangle((10 * j + 0.5, 10 * i + 0.5), 8, 8, fill=False, ec=RULE, lw=1)
        ax.add_patch(frame)
    ax.set_yticks(10 * np.arange(len(stack)) + 4.5, list(rows))
    ax.set_xticks(())
    ax.tick_params(length=0)
    for spine in ax.spines.values():
        spine.set_visible(False)


class Nets:
    """Autoencoders n → hidden → k → hidden → n, several at once, each with weights of its own.

    They share the sizes of their layers, but not of their codes: a smaller code is a code whose
    last numbers are held at zero. Hidden layers are ReLU, codes linear, outputs logits (``bce``)
    or numbers (``mse``).

    Args:
        codes: k of each network.
        n: numbers in an input.
        hidden: units of the two hidden layers.
        loss: binary cross-entropy or the squared error.
        seed: of all starting weights.
    """

    def __init__(
        self, codes: Sequence[int], *, n: int = 64, hidden: int = 64, loss: Loss = "bce", seed: int
    ) -> None:
        self.nets, self.k, self.loss = len(codes), max(codes), loss
        self.kept = (torch.arange(self.k) < torch.tensor(codes)[:, None]).float()[:, None]
        self.random = torch.Generator().manual_seed(seed)
        sizes = (n, hidden, self.k, hidden, n)
        self.W, self.b = [], []
        for i, (rows, columns) in enumerate(pairwise(sizes)):
            # He's range; the layer after the code has as many inputs as the code keeps.
            fan = self.kept.sum(dim=2, keepdim=True) if i == 2 else torch.tensor(float(rows))
            start = torch.rand(self.nets, rows, columns, generator=self.random) * 2 - 1
            gain = 6 if i in (0, 2) else 3
            self.W.append((start * (gain / fan).sqrt()).requires_grad_())
            self.b.append(torch.zeros(self.nets, 1, columns).requires_grad_())

    def _layer(self, i: int, x: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(self.b[i], x, self.W[i])  # (nets, batch, columns)

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """Return the codes (nets, batch, k) of inputs (nets, batch, n) or (batch, n)."""
        if x.dim() == 2:
            x = x.expand(self.nets, *x.shape)
        return self._layer(1, functional.relu(self._layer(0, x))) * self.kept

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Return the outputs (nets, batch, n) of codes (nets, batch, k), before the sigmoid."""
        return self._layer(3, functional.relu(self._layer(2, z)))

    def rebuilt(self, x: np.ndarray) -> np.ndarray:
        """Return the reconstructions (nets, batch, n) of inputs, (batch, n) or (nets, batch, n)."""
        with torch.no_grad():
            out = self.decode(self.encode(torch.as_tensor(x, dtype=torch.float32)))
            return (torch.sigmoid(out) if self.loss == "bce" else out).numpy()

    def codes(self, x: np.ndarray) -> np.ndarray:
        """Return the codes (nets, batch, k) of inputs."""
        with torch.no_grad():
            return self.encode(torch.as_tensor(x, dtype=torch.float32)).numpy()

    def learn(
        self,
        data: np.ndarray,
        *,
        epochs: int,
        noise: float = 0.0,
        rate: float = 3e-3,
        batch: int = 100,
    ) -> None:
        """Train all networks with Adam, its rate falling to zero along half a cosine.

        Args:
            data: (examples, n), or (nets, examples, n) where each network has its own.
            epochs: passes over the data.
            noise: standard deviation of what is added to the inputs, but not to the targets.
            rate: of Adam, at the start.
            batch: examples in a batch.
        """
        rng = np.random.default_rng(int(self.random.initial_seed()))
        x = torch.as_tensor(data)
        x = x.expand(self.nets, *x.shape) if x.dim() == 2 else x
        size, row = x.shape[1], torch.arange(self.nets)[:, None]
        adam = torch.optim.Adam([*self.W, *self.b], rate, fused=True)
        steps = epochs * (size // batch)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
        for _ in range(epochs):
            for rows in batches(rng, self.nets, size, batch):
                clean = x[row, torch.from_numpy(rows)]  # (nets, batch, n)
                seen = clean
                if noise:
                    shape = clean.shape
                    seen = clean + noise * torch.randn(shape, generator=self.random)
                out = self.decode(self.encode(seen))
                if self.loss == "bce":
                    each = functional.binary_cross_entropy_with_logits(out, clean, reduction="none")
                else:
                    each = (out - clean) ** 2
                loss = each.sum(dim=2).mean(dim=1).sum()  # the networks do not share weights
                adam.zero_grad()
                loss.backward()
                adam.step()
                falling.step()
