"""Decoding: the greedy search and the beam search for a probable sequence of tokens.

A model gives the probability of the next token. The probability of a sequence Y is the product::

    log P(Y) = Σ_t log p(y_t | y_1 … y_{t-1})

Greedy search takes the most probable token at every step. Beam search keeps the w most probable
beginnings. Every factor is at most 1, so that longer sequences lose; a length penalty undoes that::

    score(Y) = log P(Y) / lp(Y)        lp(Y) = ((5 + |Y|) / 6)^α        α = 0: no penalty

Source: Y. Wu et al. (2016), Google's neural machine translation system,
https://arxiv.org/abs/1609.08144, equation 14 (without its coverage penalty).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from unrolled.gates import Array

#: From a state and the last token to log-probabilities of the next token, (V,), and the new state.
#: A state must not be changed in place: several hypotheses may go on from the same one.
Step = Callable[[Any, int], tuple[ArrayLike, Any]]


@dataclass(frozen=True)
class Hypothesis:
    """A sequence that a search found.

    Attributes:
        tokens: without the start token; the end token is the last one if it is finished.
        log_probability: log P(Y), natural.
        finished: whether it ends with the end token; if not, it was cut at the greatest length.
    """

    tokens: tuple[int, ...]
    log_probability: float
    finished: bool

    def score(self, alpha: float = 0.0) -> float:
        """Return log P(Y) / lp(Y)."""
        return self.log_probability / length_penalty(len(self.tokens), alpha)


def length_penalty(length: int, alpha: float) -> float:
    """Return ((5 + length) / 6)^α; the end token counts."""
    return ((5 + length) / 6) ** alpha


def greedy(step: Step, state: Any, start: int, end: int, *, longest: int) -> Hypothesis:
    """Take the most probable token at every step; on a tie that of the smaller number.

    Args:
        step: the model.
        state: its state before the first token.
        start: the token that begins a sequence.
        end: the token that ends one.
        longest: the most tokens a sequence may have, the end token counted.

    Raises:
        ValueError: ``longest`` is not positive, or the model gives no possible token.
    """
    _check_longest(longest)
    tokens: list[int] = []
    total, last = 0.0, start
    while len(tokens) < longest and (not tokens or last != end):
        log_p, state = step(state, last)
        log_p = _read(log_p)
        last = int(log_p.argmax())
        if log_p[last] == -np.inf:
            raise ValueError("every next token has the probability zero: the search cannot go on")
        tokens.append(last)
        total += float(log_p[last])
    return Hypothesis(tuple(tokens), total, last == end)


def beam(
    step: Step,
    state: Any,
    start: int,
    end: int,
    *,
    width: int,
    longest: int,
    alpha: float = 0.0,
) -> list[Hypothesis]:
    """Keep the w most probable beginnings at every step.

    A hypothesis that ends keeps its place in the beam: the others share the places that are left,
    and the search stops when none is left or the greatest length is reached. Of candidates equally
    probable, that of the better beginning comes first, then that of the smaller token. A token of
    probability zero is never taken. With w = 1 this is the greedy search.

    Args:
        step: the model.
        state: its state before the first token.
        start: the token that begins a sequence.
        end: the token that ends one.
        width: w.
        longest: the most tokens a sequence may have, the end token counted.
        alpha: α of the length penalty, by which finished hypotheses are ranked. Beginnings in the
            beam are of one length: a penalty would not change their order.

    Returns:
        At most w hypotheses: finished ones, the best score first; after them those cut at the
        greatest length, ranked in the same way.

    Raises:
        ValueError: ``width`` or ``longest`` is not positive, or the model gives no possible token.
    """
    _check_longest(longest)
    if width < 1:
        raise ValueError(f"the beam's width must be at least 1, not {width}")
    live = [(Hypothesis((), 0.0, False), state, start)]
    done: list[Hypothesis] = []
    for _ in range(longest):
        places = width - len(done)
        if not live or not places:
            break
        steps = [step(s, last) for _, s, last in live]
        rows = np.stack([_read(log_p) for log_p, _ in steps])  # (beginnings, V)
        totals = rows + np.array([[h.log_probability] for h, _, _ in live])
        # A stable sort of the rows in a line: on a tie the earlier row, then the smaller token.
        order = np.argsort(-totals, axis=None, kind="stable")[:places]
        following = []
        for row, token in zip(*np.unravel_index(order, totals.shape), strict=True):
            if totals[row, token] == -np.inf:
                continue
            before = live[row][0]
            tokens = (*before.tokens, int(token))
            h = Hypothesis(tokens, float(totals[row, token]), int(token) == end)
            if h.finished:
                done.append(h)
            else:
                following.append((h, steps[row][1], int(token)))
        live = following
    found = done + [h for h, _, _ in live]
    if not found:
        raise ValueError("every next token has the probability zero: the search cannot go on")
    return sorted(found, key=lambda h: (not h.finished, -h.score(alpha)))


def _check_longest(longest: int) -> None:
    if longest < 1:
        raise ValueError(f"longest must be at least 1 token, not {longest}")


def _read(log_p: ArrayLike) -> Array:
    log_p = np.asarray(log_p, dtype=np.float64)
    if log_p.ndim != 1 or not log_p.size or np.isnan(log_p).any():
        raise ValueError(
            "step must return log-probabilities, a vector (V,) without NaN, and the new state; "
            f"got the shape {log_p.shape}"
        )
    return log_p
