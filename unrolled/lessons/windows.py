"""Lecture 02's echo: repeat the bit of some steps ago, trained window by window on a stream."""

from __future__ import annotations

import torch


def echo(
    seed: int,
    window: int,
    *,
    size: int = 16,
    orthogonal: bool = False,
    frozen: bool = False,
    lag: int = 6,
    updates: int = 300,
) -> float:
    """Train on a stream of random bits; return the share of right answers at the end.

    Args:
        seed: of weights and bits.
        window: steps between two cuts of the gradient; the state itself passes on.
        size: units.
        orthogonal: whether W_h begins as an orthogonal matrix; otherwise all weights begin as
            PyTorch draws them.
        frozen: whether only the head learns.
        lag: how long ago the bit was that the network must repeat.
        updates: number of windows, one update each.

    Returns:
        The accuracy on bits not yet learned from, over the last 30 windows.
    """
    torch.manual_seed(seed)
    net, head = torch.nn.RNN(1, size, batch_first=True), torch.nn.Linear(size, 1)
    if orthogonal:
        torch.nn.init.orthogonal_(net.get_parameter("weight_hh_l0"))
    net.requires_grad_(not frozen)
    learned = [p for p in (*net.parameters(), *head.parameters()) if p.requires_grad]
    adam = torch.optim.Adam(learned, 0.01)
    bits = torch.randint(2, (32, lag + updates * window)).float()
    new, old = bits[:, lag:], bits[:, :-lag]  # old: lag steps ago
    h, hits = None, []
    for start in range(0, updates * window, window):
        now, ago = new[:, start : start + window], old[:, start : start + window]
        states, h = net(2 * now[..., None] - 1, h)
        h = h.detach()  # the cut
        guess = head(states)[..., 0]  # (batch, window)
        loss = torch.nn.functional.binary_cross_entropy_with_logits(guess, ago)
        hits.append(((guess > 0) == (ago > 0.5)).float().mean())
        adam.zero_grad()
        loss.backward()
        adam.step()
    return torch.stack(hits[-30:]).mean().item()
