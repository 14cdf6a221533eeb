"""Lecture 10's translators: a GRU reads, a GRU writes, with one vector between them or attention.

The networks of several seeds, with attention and without, are trained side by side: every weight
has a first axis of G networks. They share nothing else: the loss is a sum over networks, gradients
are clipped for each network, and Adam works on every number by itself.

::

    h_t  = ⟨→h_t, ←h_t⟩                       encoder: two GRUs, one from each end, (2m,)
    v    = ⟨→h_T, ←h_1⟩                       the whole sentence as one vector, (2m,)
    s_0  = tanh(W_0 v + b_0)
    s_j  = GRU(⟨y_{j-1}, v⟩, s_{j-1})         decoder, (m,)
    e_jt = v_a · tanh(W_q s_j + W_k h_t)
    c_j  = Σ_t softmax_t(e_jt) h_t            attention; without it c_j = v at every step
    p_j  = softmax(W_y ⟨s_j, c_j⟩ + b_y)

The two kinds differ in c_j alone. The GRU is PyTorch's: blocks r, z, n; the reset after the
recurrent product. A state is handed on unchanged where the mask is False.

Sources: K. Cho et al. (2014), https://doi.org/10.3115/v1/D14-1179 (one vector, read at each step);
D. Bahdanau, K. Cho, Y. Bengio (2015), https://arxiv.org/abs/1409.0473 (the score, the encoder from
both ends); M.-T. Luong, H. Pham, C. D. Manning (2015), https://aclanthology.org/D15-1166 (the new
state s_j asks, and c_j goes to the output, so that all steps are computed at once).

Letters for sizes: G networks, B sentences, T Polish words, S English words, m places in a state,
E places in an embedding, p neurons of the attention, V words in a vocabulary.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch

from unrolled.lessons import two_languages
from unrolled.lessons.two_languages import END, PAD, START, Pair
from unrolled.progress import progress

Tensor = torch.Tensor

#: Places in a state, places in an embedding, neurons of the attention.
M, E, P = 32, 16, 16
#: The longest training sentence, in clauses.
CLAUSES = 4


class _GRU(torch.autograd.Function):
    """GRUs of G networks along time, and the way back, with one product of matrices a step."""

    @staticmethod
    def forward(ctx: Any, a: Tensor, h: Tensor, W_h: Tensor, b_h: Tensor, mask: Tensor) -> Tensor:
        """Return the states (T, G, B, m).

        Args:
            ctx: what the way back needs is kept here.
            a: the inputs' part W_x x + b_x, (T, G, B, 3m).
            h: the first state, (G, B, m).
            W_h: (G, m, 3m).
            b_h: (G, 1, 3m).
            mask: 1 where a state moves, 0 where it is handed on, (T, G, B, 1).
        """
        m = h.shape[-1]
        kept = []
        for a_x, move in zip(a, mask, strict=True):
            a_h = torch.baddbmm(b_h, h, W_h)  # (G, B, 3m)
            rz = torch.sigmoid(a_x[..., : 2 * m] + a_h[..., : 2 * m])
            n = torch.tanh(torch.addcmul(a_x[..., 2 * m :], rz[..., :m], a_h[..., 2 * m :]))
            takes = (1 - rz[..., m:]) * move
            kept.append((h, rz, n, a_h[..., 2 * m :], takes))
            h = torch.lerp(h, n, takes)
        states = torch.stack([*(k[0] for k in kept[1:]), h])
        ctx.save_for_backward(W_h, mask, *(torch.stack(k) for k in zip(*kept, strict=True)))
        return states

    @staticmethod
    def backward(ctx: Any, d_states: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor, None]:
        """Return the derivatives by a, h, W_h and b_h."""
        W_h, mask, h, rz, n, a_hn, takes = ctx.saved_tensors
        m = h.shape[-1]
        r, z = rz[..., :m], rz[..., m:]
        by_n = takes * (1 - n**2)  # factors from dL/dh_t to the pre-activations, (T, G, B, m)
        by_z = mask * (h - n) * z * (1 - z)
        by_r = by_n * a_hn * r * (1 - r)
        factors = torch.cat([by_r, by_z, by_n * r], -1).unflatten(-1, (3, m))
        W_back, stays = W_h.mT.contiguous(), 1 - takes
        dh, d_all = torch.zeros_like(h[0]), torch.empty_like(d_states)
        for t in range(len(h) - 1, -1, -1):
            dh = dh + d_states[t]
            d_all[t] = dh
            da = (dh[..., None, :] * factors[t]).flatten(-2)  # (G, B, 3m)
            dh = torch.baddbmm(dh * stays[t], da, W_back)
        da_h = (d_all[..., None, :] * factors).flatten(-2)  # (T, G, B, 3m)
        da_x = torch.cat([da_h[..., : 2 * m], d_all * by_n], -1)
        by_network = da_h.transpose(0, 1).flatten(1, 2)  # (G, TB, 3m)
        dW = h.transpose(0, 1).flatten(1, 2).mT @ by_network
        return da_x, dh, dW, by_network.sum(1, keepdim=True), None


def gru(a: Tensor, h: Tensor, W_h: Tensor, b_h: Tensor, mask: Tensor | None = None) -> Tensor:
    """Return the states of GRUs side by side, (T, G, B, m); without a mask every state moves."""
    if mask is None:
        mask = torch.ones(*a.shape[:-1], 1)
    return _GRU.apply(a, h, W_h, b_h, mask)


class Translators:
    """Networks side by side: those of the seeds with attention, then those with one vector.

    Args:
        seeds: of the weights and of the training sentences, each for a pair of networks that
            start from the same weights and read the same sentences.

    Attributes:
        weights: the matrices by name, each (G, from, to); the attention's (G/2, from, to).
    """

    def __init__(self, seeds: Sequence[int]) -> None:
        self.seeds = list(seeds)
        self.networks = 2 * len(self.seeds)
        polish, english = len(two_languages.POLISH), len(two_languages.ENGLISH)
        shapes = {
            "E_pl": (polish, E), "E_en": (english, E),
            "W_fx": (E, 3 * M), "W_bx": (E, 3 * M), "W_fh": (M, 3 * M), "W_bh": (M, 3 * M),
            "b_fx": (1, 3 * M), "b_bx": (1, 3 * M), "b_fh": (1, 3 * M), "b_bh": (1, 3 * M),
            "W_0": (2 * M, M), "b_0": (1, M),
            "W_x": (E, 3 * M), "W_v": (2 * M, 3 * M), "b_x": (1, 3 * M),
            "W_h": (M, 3 * M), "b_h": (1, 3 * M),
            "W_y": (3 * M, english), "b_y": (1, english),
            "W_q": (M, P), "W_k": (2 * M, P), "v_a": (P, 1),
        }  # fmt: skip
        self.weights: dict[str, Tensor] = {}
        for name, shape in shapes.items():
            draws = [torch.Generator().manual_seed(97 * s + len(self.weights)) for s in self.seeds]
            if name.startswith("E"):
                rows = [0.5 * torch.randn(shape, generator=draw) for draw in draws]
            else:
                limit = 0 if name.startswith("b") else shape[0] ** -0.5
                rows = [limit * (2 * torch.rand(shape, generator=draw) - 1) for draw in draws]
            twice = 1 if name in ("W_q", "W_k", "v_a") else 2
            self.weights[name] = torch.stack(twice * rows).requires_grad_()

    def encode(self, polish: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """Read sentences from both ends.

        Args:
            polish: numbers of words, (G, B, T).
            mask: True where a state moves, (G, B, T).

        Returns:
            All h_t, (G, B, T, 2m), and v, (G, B, 2m).
        """
        w = self.weights
        x = self._embed("E_pl", polish)  # (G, B, T, E)
        forward, backward = self._times(x, "W_fx", "b_fx"), self._times(x, "W_bx", "b_bx")
        a = torch.cat([forward, backward.flip(2)]).permute(2, 0, 1, 3)  # (T, 2G, B, 3m)
        moves = torch.cat([mask, mask.flip(2)]).permute(2, 0, 1)[..., None]
        W_h, b_h = torch.cat([w["W_fh"], w["W_bh"]]), torch.cat([w["b_fh"], w["b_bh"]])
        h = gru(a, torch.zeros(*a.shape[1:3], M), W_h, b_h, moves.to(a))  # (T, 2G, B, m)
        forward, backward = h.chunk(2, dim=1)
        v = torch.cat([forward[-1], backward[-1]], -1)
        return torch.cat([forward, backward.flip(0)], -1).permute(1, 2, 0, 3), v

    def begin(self, v: Tensor) -> Tensor:
        """Return s_0, (G, B, m)."""
        return torch.tanh(torch.baddbmm(self.weights["b_0"], v, self.weights["W_0"]))

    def write(self, before: Tensor, s: Tensor, v: Tensor) -> Tensor:
        """Return the decoder's states s_1 … s_S, (G, B, S, m), given the words before each.

        Args:
            before: numbers of English words, (G, B, S).
            s: the state before, (G, B, m).
            v: (G, B, 2m).
        """
        w = self.weights
        a = self._times(self._embed("E_en", before), "W_x", "b_x")  # (G, B, S, 3m)
        a = a + torch.bmm(v, w["W_v"])[:, :, None]
        return gru(a.permute(2, 0, 1, 3), s, w["W_h"], w["b_h"]).permute(1, 2, 0, 3)

    def attend(self, s: Tensor, h: Tensor, mask: Tensor) -> Tensor:
        """Return the weights of the networks with attention, (G/2, B, S, T).

        Args:
            s: all decoder states, (G, B, S, m).
            h: all encoder states, (G, B, T, 2m).
            mask: True where a weight may be, (G, B, T).
        """
        n = len(self.seeds)
        q, k = self._times(s[:n], "W_q"), self._times(h[:n], "W_k")
        z = torch.tanh(q[:, :, :, None] + k[:, :, None])  # (n, B, S, T, p)
        e = (z.flatten(1, 3) @ self.weights["v_a"]).view(z.shape[:-1])
        return torch.softmax(e.masked_fill(~mask[:n, :, None], -torch.inf), -1)

    def read_out(self, s: Tensor, alpha: Tensor, h: Tensor, v: Tensor) -> Tensor:
        """Return the logits, (G, B, S, V)."""
        n = len(self.seeds)
        one = v[n:, :, None].expand(-1, -1, s.shape[2], -1)
        c = torch.cat([alpha @ h[:n], one])  # (G, B, S, 2m)
        return self._times(torch.cat([s, c], -1), "W_y", "b_y")

    def logits(self, polish: Tensor, english: Tensor) -> Tensor:
        """Return the logits of every English word, given the right words before it: (G, B, S, V).

        Args:
            polish: (G, B, T).
            english: (G, B, S).
        """
        mask = polish != PAD
        h, v = self.encode(polish, mask)
        before = torch.cat([torch.full_like(english[..., :1], START), english[..., :-1]], -1)
        s = self.write(before, self.begin(v), v)
        return self.read_out(s, self.attend(s, h, mask), h, v)

    @torch.no_grad()
    def translate(
        self,
        polish: Tensor,
        longest: int,
        *,
        encoder_mask: bool = True,
        attention_mask: bool = True,
    ) -> tuple[np.ndarray, np.ndarray]:
        """Translate greedily.

        Args:
            polish: sentences, (B, T), the same for all networks.
            longest: words, the end sign counted.
            encoder_mask: False lets the encoder read the padding.
            attention_mask: False lets attention look at it.

        Returns:
            Numbers of English words (G, B, S) and the weights of attention (G/2, B, S, T).
        """
        polish = polish.expand(self.networks, -1, -1)
        real = polish != PAD
        h, v = self.encode(polish, real if encoder_mask else torch.ones_like(real))
        looks = real if attention_mask else torch.ones_like(real)
        s = self.begin(v)
        word = torch.full_like(polish[..., :1], START)
        words, weights = [], []  # type: list[Tensor], list[Tensor]
        over = torch.zeros_like(word, dtype=torch.bool)
        while len(words) < longest and not over.all():
            states = self.write(word, s, v)  # (G, B, 1, m)
            alpha = self.attend(states, h, looks)
            word = self.read_out(states, alpha, h, v).argmax(-1)  # (G, B, 1)
            s, over = states[:, :, 0], over | (word == END)
            words.append(word)
            weights.append(alpha)
        return torch.cat(words, -1).numpy(), torch.cat(weights, 2).numpy()

    def learn(self, updates: int = 300, batch: int = 16, rate: float = 0.02) -> np.ndarray:
        """Train with Adam and teacher forcing; the rate rises, then falls to nothing.

        Every batch has sentences of one number of clauses, one to CLAUSES in turn.

        Returns:
            The loss of every network in every update, nats a word, (updates, G).
        """
        rngs = [random.Random(seed) for seed in self.seeds]
        adam = torch.optim.Adam(self.weights.values(), lr=rate, fused=True)
        plan = torch.optim.lr_scheduler.OneCycleLR(adam, rate, updates, pct_start=0.1)
        losses = []
        for update in progress(range(updates), "training the translators"):
            drawn = [two_languages.sentences(rng, batch, 1 + update % CLAUSES) for rng in rngs]
            polish, english = (torch.cat([a, a]) for a in tensors(drawn))
            logits = self.logits(polish, english)
            loss = torch.nn.functional.cross_entropy(
                logits.flatten(0, 2), english.flatten(), ignore_index=PAD, reduction="none"
            )
            loss = loss.view(self.networks, -1).sum(1) / (english != PAD).flatten(1).sum(1)
            adam.zero_grad()
            loss.sum().backward()
            self._clip()
            adam.step()
            plan.step()
            losses.append(loss.detach().numpy())
        return np.stack(losses)

    def _embed(self, name: str, tokens: Tensor) -> Tensor:
        """Return rows of each network's own table, (G, B, T, E)."""
        table = self.weights[name]
        own = table.shape[1] * torch.arange(len(table))[:, None, None]
        return torch.nn.functional.embedding(tokens + own, table.flatten(0, 1))

    def _times(self, x: Tensor, name: str, bias: str = "") -> Tensor:
        """Return x W + b, (G, B, T, to), from x (G, B, T, from)."""
        flat = x.flatten(1, 2)
        W = self.weights[name]
        y = torch.baddbmm(self.weights[bias], flat, W) if bias else torch.bmm(flat, W)
        return y.view(*x.shape[:-1], -1)

    def _clip(self, limit: float = 1.0) -> None:
        """Shorten each network's gradient to the limit."""
        grads = [weight.grad for weight in self.weights.values() if weight.grad is not None]
        squares = torch.zeros(self.networks)
        for grad in grads:
            squares[: len(grad)] += grad.square().sum((1, 2))
        factor = (limit / squares.sqrt()).clamp(max=1)[:, None, None]
        for grad in grads:
            grad *= factor[: len(grad)]


def tensors(drawn: Sequence[Sequence[Pair]]) -> tuple[Tensor, Tensor]:
    """Return the arrays of several lists of as many sentences, (lists, B, T) and (lists, B, S)."""
    arrays = two_languages.arrays([pair for pairs in drawn for pair in pairs])
    polish, english = (torch.from_numpy(a).unflatten(0, (len(drawn), -1)) for a in arrays)
    return polish, english
