"""Lecture 08's variational autoencoders: many small ones trained at once, on binary digits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import torch
from torch.nn import functional

from unrolled.lessons.autoencoder import batches


class Terms(NamedTuple):
    """The two terms of the loss, in nats per example.

    Attributes:
        reconstruction: −log p(x | z), averaged over examples, (nets,).
        kl: KL(q(z | x) ‖ N(0, I)) of each number of the code, (nets, k).
    """

    reconstruction: np.ndarray
    kl: np.ndarray


class Vaes:
    """Variational autoencoders n → hidden → k → hidden → n with Bernoulli outputs, side by side.

    Each has weights of its own; all share the sizes of their layers.

    Args:
        betas: the weight of the KL term in each network's loss; None: no noise and no KL, a plain
            autoencoder.
        k: numbers in a code.
        n: numbers in an input.
        hidden: units of the two hidden layers.
        past: whether the decoder also sees the pixels before the one that it predicts.
        seed: of weights, batches and noise.
    """

    def __init__(
        self,
        betas: Sequence[float | None],
        *,
        k: int,
        n: int = 64,
        hidden: int = 64,
        past: bool = False,
        seed: int,
    ) -> None:
        self.nets, self.k = len(betas), k
        self.beta = torch.tensor([b or 0.0 for b in betas])
        self.noisy = torch.tensor([float(b is not None) for b in betas])[:, None, None]
        self.random = torch.Generator().manual_seed(seed)
        self.W, self.b = [], []
        for rows, columns in ((n, hidden), (hidden, 2 * k), (k, hidden), (hidden, n)):
            start = torch.rand(self.nets, rows, columns, generator=self.random) * 2 - 1
            self.W.append((start * (3 / rows) ** 0.5).requires_grad_())
            self.b.append(torch.zeros(self.nets, 1, columns).requires_grad_())
        self.before = torch.triu(torch.ones(n, n), diagonal=1) if past else None
        self.past = torch.zeros(self.nets, n, n).requires_grad_()

    def _layer(self, i: int, x: torch.Tensor) -> torch.Tensor:
        return torch.baddbmm(self.b[i], x, self.W[i])

    def encode(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return means and logarithms of variances, both (nets, batch, k)."""
        x = x.expand(self.nets, *x.shape) if x.dim() == 2 else x
        both = self._layer(1, functional.relu(self._layer(0, x)))
        return both[..., : self.k], both[..., self.k :]

    def decode(self, z: torch.Tensor) -> torch.Tensor:
        """Return logits (nets, batch, n) of codes (nets, batch, k)."""
        return self._layer(3, functional.relu(self._layer(2, z)))

    def _terms(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Return −log p(x | z) of a sampled z, (nets, batch), and the KL, (nets, batch, k)."""
        mean, logvar = self.encode(x)
        eps = torch.randn(mean.shape, generator=self.random)
        z = mean + self.noisy * (0.5 * logvar).exp() * eps
        logits = self.decode(z)
        if self.before is not None:
            logits = logits + x @ (self.past * self.before)
        reconstruction = functional.binary_cross_entropy_with_logits(
            logits, x, reduction="none"
        ).sum(dim=2)
        kl = 0.5 * (mean**2 + logvar.exp() - 1 - logvar) * self.noisy
        return reconstruction, kl

    def terms(self, x: np.ndarray) -> Terms:
        """Return both terms on data (examples, n)."""
        with torch.no_grad():
            tensor = torch.as_tensor(x).expand(self.nets, *x.shape)
            reconstruction, kl = self._terms(tensor)
        return Terms(reconstruction.mean(dim=1).numpy(), kl.mean(dim=1).numpy())

    def pictures(self, z: np.ndarray) -> np.ndarray:
        """Return probabilities of ink (nets, batch, n) of codes (batch, k) or (nets, batch, k)."""
        with torch.no_grad():
            tensor = torch.as_tensor(z, dtype=torch.float32)
            tensor = tensor.expand(self.nets, *tensor.shape) if tensor.dim() == 2 else tensor
            return torch.sigmoid(self.decode(tensor)).numpy()

    def means(self, x: np.ndarray) -> np.ndarray:
        """Return the means of the codes, (nets, batch, k)."""
        with torch.no_grad():
            return self.encode(torch.as_tensor(x))[0].numpy()

    def learn(
        self,
        data: np.ndarray,
        *,
        epochs: int,
        rate: float = 1e-2,
        batch: int = 100,
        warm: Sequence[float] = (),
    ) -> list[Terms]:
        """Train all networks with Adam, its rate falling along half a cosine.

        Args:
            data: (examples, n), zeros and ones.
            epochs: passes over the data.
            rate: of Adam, at the start.
            batch: examples in a batch.
            warm: for each network the share of the training in which the weight of its KL rises
                from 0 to beta; none rises by default.

        Returns:
            Both terms after each epoch, on that epoch's last batch.
        """
        rng = np.random.default_rng(int(self.random.initial_seed()))
        x, row = torch.as_tensor(data), torch.arange(self.nets)[:, None]
        parameters = [*self.W, *self.b, *([self.past] if self.before is not None else [])]
        adam = torch.optim.Adam(parameters, rate, fused=True)
        steps = epochs * (len(x) // batch)
        falling = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
        share = torch.tensor(warm or (0.0,) * self.nets)
        done, history = 0, []
        for _ in range(epochs):
            for rows in batches(rng, self.nets, len(x), batch):
                rising = (done / (share * steps).clamp(min=1)).clamp(max=1) if done else share == 0
                reconstruction, kl = self._terms(x.expand(self.nets, *x.shape)[row, rows])
                loss = reconstruction.mean(dim=1) + rising * self.beta * kl.sum(dim=2).mean(dim=1)
                adam.zero_grad()
                loss.sum().backward()
                adam.step()
                falling.step()
                done += 1
            with torch.no_grad():
                history.append(Terms(reconstruction.mean(dim=1).numpy(), kl.mean(dim=1).numpy()))
        return history
