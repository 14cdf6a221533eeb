"""Freshly drawn cells as functions of their state: what the Jacobians of lecture 04 are of."""

from __future__ import annotations

from collections.abc import Callable

import torch

Step = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


def fresh(
    kind: str, seed: int, forget_bias: float | None = None, *, inputs: int = 8, size: int = 32
) -> tuple[Step, torch.Tensor]:
    """Return a cell of PyTorch as it starts: its step s_t = R(x_t, s_{t−1}), and a state of zeros.

    The state is h for ``RNN`` and ``GRU``, h and c one after the other for ``LSTM``.

    Args:
        kind: ``RNN``, ``GRU`` or ``LSTM``.
        seed: of the weights.
        forget_bias: where the LSTM's forget gate starts, instead of PyTorch's own draw.
        inputs: n.
        size: m.

    Raises:
        ValueError: a forget bias for a cell without a forget gate.
    """
    if forget_bias is not None and kind != "LSTM":
        raise ValueError(f"a cell of kind {kind} has no forget gate: leave `forget_bias` out")
    torch.manual_seed(seed)
    cell = getattr(torch.nn, f"{kind}Cell")(inputs, size).double()
    if forget_bias is not None:
        with torch.no_grad():
            cell.bias_ih[size : 2 * size] = forget_bias  # block f of i, f, g, o
            cell.bias_hh[size : 2 * size] = 0

    def step(x: torch.Tensor, s: torch.Tensor) -> torch.Tensor:
        if kind == "LSTM":
            return torch.cat(cell(x, s.chunk(2)))
        return cell(x, s)

    return step, torch.zeros(2 * size if kind == "LSTM" else size).double()
