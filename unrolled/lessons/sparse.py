"""Lecture 08's overcomplete autoencoders: twice as many numbers in the code as in the input."""

from __future__ import annotations

import numpy as np
import torch
from torch.nn import functional

from unrolled.lessons.autoencoder import batches


class Sparse:
    """An autoencoder n → k → n with a ReLU code, a linear output, and a fine on the code's sum.

    The decoder's columns have length 1, or the fine could be dodged: a small code and large
    weights.

    Args:
        k: numbers in the code, more than n.
        fine: weight of the sum of the code (all its numbers are positive) in the loss.
        seed: of weights and batches.
    """

    def __init__(self, k: int, *, fine: float, seed: int) -> None:
        self.fine, self.seed = fine, seed
        random = torch.Generator().manual_seed(seed)
        V = torch.randn(64, k, generator=random)
        self.V = (V / V.norm(dim=0)).requires_grad_()
        self.W = V.T.detach().div(V.norm(dim=0)[:, None]).clone().requires_grad_()
        self.b, self.c = torch.zeros(k).requires_grad_(), torch.zeros(64).requires_grad_()

    def encode(self, x: torch.Tensor) -> torch.Tensor:
        """Return the codes (batch, k)."""
        return functional.relu(x @ self.W.T + self.b)

    def both(self, x: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return the codes (batch, k) and the reconstructions (batch, 64)."""
        with torch.no_grad():
            z = self.encode(torch.as_tensor(x, dtype=torch.float32))
            return z.numpy(), (z @ self.V.T + self.c).numpy()

    def learn(self, data: np.ndarray, *, epochs: int, rate: float = 5e-3, batch: int = 100) -> None:
        """Train with Adam; after each update the decoder's columns get length 1 again."""
        rng, x = np.random.default_rng(self.seed), torch.as_tensor(data)
        adam = torch.optim.Adam([self.W, self.b, self.V, self.c], rate, fused=True)
        for _ in range(epochs):
            for (rows,) in batches(rng, 1, len(x), batch):
                seen = x[torch.from_numpy(rows)]
                z = self.encode(seen)
                error = (z @ self.V.T + self.c - seen).square().sum(dim=1)
                loss = (error + self.fine * z.sum(dim=1)).mean()
                adam.zero_grad()
                loss.backward()
                adam.step()
                with torch.no_grad():
                    self.V /= self.V.norm(dim=0)
