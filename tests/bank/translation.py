"""Answers to the exercises of lab 13."""

from __future__ import annotations

import heapq
import math
from itertools import pairwise

import numpy as np
import torch

from bank import Answers
from unrolled.language.attention import dot_product_attention, key_mask
from unrolled.lessons.number_words import HUNDREDS, TEENS, TENS, UNITS

# --- value --------------------------------------------------------------------------------------

VALUES = {word: n for n, word in enumerate(UNITS, start=1)}
VALUES |= {word: n for n, word in enumerate(TEENS, start=10)}
VALUES |= {word: 10 * n for n, word in enumerate(TENS, start=2)}
VALUES |= {word: 100 * n for n, word in enumerate(HUNDREDS, start=1)}


def value_blank(words):
    raise NotImplementedError


def value_split(words):
    for name in ("tysiące", "tysięcy", "tysiąc"):
        if name in words:
            at = words.index(name)
            head = sum(VALUES[w] for w in words[:at]) or 1
            return head * 1000 + sum(VALUES[w] for w in words[at + 1 :])
    return sum(VALUES[w] for w in words)


def value_backwards(words):
    total, unit = 0, 1
    parts = words[::-1]
    for i, word in enumerate(parts):
        if word.startswith("tysi"):
            unit = 1000
            if i == len(parts) - 1:
                total += 1000
        else:
            total += unit * VALUES[word]
    return np.int64(total)


def value_running(words):
    total = 0
    for word in words:
        if word[:4] == "tysi":
            total = 1000 if total == 0 else total * 1000
        else:
            total += VALUES[word]
    return np.int32(total)


def value_glued(words):
    return int("".join(str(VALUES[w]) for w in words if w in VALUES))


def value_hundred_thousands(words):
    table = VALUES | {"tysiąc": 1000, "tysiące": 1000, "tysięcy": 1000}
    return sum(table[w] for w in words)


VALUE = Answers(
    wrong={
        "digits glued": value_glued,
        "everything added": value_hundred_thousands,
    },
    right={
        "index": value_split,
        "backwards": value_backwards,
        "one running total, int32": value_running,
    },
    blank=value_blank,
)

# --- shifted ------------------------------------------------------------------------------------


def shifted_blank(rows):
    raise NotImplementedError


def shifted_lists(rows):
    T = max(len(row) for row in rows) + 1
    inputs, targets = [], []
    for row in rows:
        fill = [0] * (T - len(row) - 1)
        inputs.append([2, *row, *fill])
        targets.append([*row, 3, *fill])
    return np.array(inputs), np.array(targets)


def shifted_tensors(rows):
    from torch.nn.utils.rnn import pad_sequence

    whole = pad_sequence([torch.tensor([2, *row, 3]) for row in rows], batch_first=True)
    inputs = whole[:, :-1].clone()
    inputs[inputs == 3] = 0
    return inputs, whole[:, 1:]


def shifted_long(rows):
    whole = np.zeros((len(rows), max(map(len, rows)) + 2), dtype=np.int32)
    for b, row in enumerate(rows):
        whole[b, 0] = 2
        whole[b, 1 : 1 + len(row)] = row
    inputs = whole[:, :-1].copy()
    for b, row in enumerate(rows):
        whole[b, 1 + len(row)] = 3
    return [inputs, whole[:, 1:]]


def shifted_stop_is_fed(rows):
    whole = np.zeros((len(rows), max(map(len, rows)) + 2), dtype=int)
    for b, row in enumerate(rows):
        whole[b, : len(row) + 2] = [2, *row, 3]
    return whole[:, :-1], whole[:, 1:]


def shifted_not(rows):
    inputs, _ = shifted_long(rows)
    return inputs, inputs.copy()


SHIFTED = Answers(
    wrong={
        "STOP among the inputs": shifted_stop_is_fed,
        "not shifted": shifted_not,
    },
    right={
        "lists": shifted_lists,
        "pad_sequence": shifted_tensors,
        "one array, two views": shifted_long,
    },
    blank=shifted_blank,
)

# --- attend -------------------------------------------------------------------------------------


def attend_blank(q, k, v, mask):
    raise NotImplementedError


def attend_loops(q, k, v, mask):
    (B, S, d), T = q.shape, k.shape[1]
    weights = np.zeros((B, S, T))
    for b in range(B):
        real = np.flatnonzero(mask[b])
        for s in range(S):
            e = np.array([q[b, s] @ k[b, t] / math.sqrt(d) for t in real])
            e = np.exp(e - e.max())
            weights[b, s, real] = e / e.sum()
    return np.einsum("bst,btn->bsn", weights, v), weights


def attend_pytorch(q, k, v, mask):
    q, k, v = (torch.tensor(a) for a in (q, k, v))
    e = (q @ k.mT / q.shape[-1] ** 0.5).masked_fill(~torch.tensor(mask)[:, None], -torch.inf)
    weights = e.softmax(dim=-1)
    return weights @ v, weights


def attend_library(q, k, v, mask):
    trace = dot_product_attention(q, k, v, mask=key_mask(mask))
    return [np.float32(trace.out), np.float32(trace.weights)]


def attend_big_minus(q, k, v, mask):
    e = np.einsum("bsd,btd->bst", q, k) * q.shape[2] ** -0.5 + np.where(mask, 0, -1e9)[:, None]
    w = np.exp(e - e.max(-1, keepdims=True))
    w /= w.sum(-1, keepdims=True)
    return w @ v, w


def attend_zeroed_keys(q, k, v, mask):
    return attend_big_minus(q, k * mask[:, :, None], v, np.ones_like(mask))


def attend_after(q, k, v, mask):
    _, w = attend_big_minus(q, k, v, np.ones_like(mask))
    w = w * mask[:, None]
    return w @ v, w


def attend_small_minus(q, k, v, mask):
    e = np.einsum("bsd,btd->bst", q, k) / np.sqrt(q.shape[2])
    e = np.where(mask[:, None], e, -1000)  # real scores may be lower
    w = np.exp(e - e.max(-1, keepdims=True))
    w /= w.sum(-1, keepdims=True)
    return w @ v, w


ATTEND = Answers(
    wrong={
        "keys made zero": attend_zeroed_keys,
        "minus a thousand": attend_small_minus,
        "masked after the softmax": attend_after,
    },
    right={
        "loops": attend_loops,
        "PyTorch": attend_pytorch,
        "the course's, float32": attend_library,
        "minus a billion": attend_big_minus,
    },
    blank=attend_blank,
)

# --- beam ---------------------------------------------------------------------------------------


def beam_blank(scores, log_p, width):
    raise NotImplementedError


def beam_sorted(scores, log_p, width):
    table = [
        (s + lp, parent, token)
        for parent, (s, row) in enumerate(zip(scores, log_p, strict=True))
        for token, lp in enumerate(row)
    ]
    table.sort(reverse=True)
    total, parents, tokens = zip(*table[:width], strict=True)
    return np.array(total), np.array(parents), np.array(tokens)


def beam_topk(scores, log_p, width):
    total = torch.tensor(scores)[:, None] + torch.tensor(log_p)
    best, place = total.flatten().topk(width)
    return best, place // log_p.shape[1], place % log_p.shape[1]


def beam_heap(scores, log_p, width):
    total = np.add.outer(scores, np.zeros(log_p.shape[1])) + log_p
    best = heapq.nlargest(width, np.ndindex(*total.shape), key=lambda place: total[place])
    parents, tokens = np.array(best).T
    return [np.float32(total[parents, tokens]), parents.astype(np.int32), tokens]


def beam_partition(scores, log_p, width):
    total = (scores.reshape(-1, 1) + log_p).ravel()
    best = np.argpartition(-total, width - 1)[:width]
    best = best[total[best].argsort()[::-1]]
    return total[best], *np.unravel_index(best, log_p.shape)


def beam_unsorted(scores, log_p, width):
    total = (scores[:, None] + log_p).ravel()
    best = np.sort(total.argsort()[-width:])
    return total[best], best // log_p.shape[1], best % log_p.shape[1]


def beam_probabilities(scores, log_p, width):
    total, parents, tokens = beam_sorted(scores, log_p, width)
    return np.exp(total), parents, tokens


BEAM = Answers(
    wrong={
        "not sorted": beam_unsorted,
        "probabilities": beam_probabilities,
    },
    right={
        "a sorted list": beam_sorted,
        "topk": beam_topk,
        "a heap, float32": beam_heap,
        "argpartition, unravel_index": beam_partition,
    },
    blank=beam_blank,
)

# --- clipped ------------------------------------------------------------------------------------


def clipped_blank(hypothesis, reference, n):
    raise NotImplementedError


def _grams(tokens, n):
    return list(zip(*(tokens[i:] for i in range(n)), strict=False))


def clipped_remove(hypothesis, reference, n):
    left, matched = _grams(reference, n), 0
    ours = _grams(hypothesis, n)
    for gram in ours:
        if gram in left:
            left.remove(gram)
            matched += 1
    return matched, len(ours)


def clipped_min(hypothesis, reference, n):
    ours, theirs = _grams(hypothesis, n), _grams(reference, n)
    matched = sum(min(ours.count(g), theirs.count(g)) for g in set(ours))
    return [matched, max(len(hypothesis) - n + 1, 0)]


def clipped_strings(hypothesis, reference, n):
    from collections import Counter

    a = Counter("\n".join(g) for g in _grams(hypothesis, n))
    b = Counter("\n".join(g) for g in _grams(reference, n))
    return np.int64(sum((a & b).values())), np.int64(sum(a.values()))


def clipped_negative(hypothesis, reference, n):
    matched, _ = clipped_remove(hypothesis, reference, n)
    return matched, len(hypothesis) - n + 1


def clipped_pairs(hypothesis, reference, n):
    ours, theirs = list(pairwise(hypothesis)), list(pairwise(reference))
    return sum(min(ours.count(g), theirs.count(g)) for g in set(ours)), len(ours)


def clipped_glued(hypothesis, reference, n):
    ours, theirs = (["".join(g) for g in _grams(t, n)] for t in (hypothesis, reference))
    return sum(min(ours.count(g), theirs.count(g)) for g in set(ours)), len(ours)


CLIPPED = Answers(
    wrong={
        "tokens glued together": clipped_glued,
        "a negative number of n-grams": clipped_negative,
        "pairs whatever n is": clipped_pairs,
    },
    right={
        "taken out of a list": clipped_remove,
        "the smaller count": clipped_min,
        "strings, int64": clipped_strings,
    },
    blank=clipped_blank,
)

# --- interval -----------------------------------------------------------------------------------


def interval_blank(counts, drawn, score):
    raise NotImplementedError


def interval_percentile(counts, drawn, score):
    sums = counts[drawn].sum(axis=1)  # (R, k)
    return np.percentile([score(row) for row in sums], (2.5, 97.5))


def interval_loop(counts, drawn, score):
    scores = []
    for rows in drawn:
        total = np.zeros(counts.shape[1])
        for i in rows:
            total += counts[i]
        scores.append(score(total))
    scores.sort()

    def quantile(q):
        place = q * (len(scores) - 1)
        below = math.floor(place)
        above = min(below + 1, len(scores) - 1)
        return scores[below] + (place - below) * (scores[above] - scores[below])

    return quantile(0.025), quantile(0.975)


def interval_weights(counts, drawn, score):
    times = np.stack([np.bincount(rows, minlength=len(counts)) for rows in drawn])  # (R, N)
    scores = torch.tensor([score(row) for row in times @ counts], dtype=torch.float64)
    return tuple(scores.quantile(torch.tensor([0.025, 0.975], dtype=torch.float64)))


def interval_deviation(counts, drawn, score):
    scores = [score(counts[rows].sum(axis=0)) for rows in drawn]
    return np.mean(scores) - 2 * np.std(scores), np.mean(scores) + 2 * np.std(scores)


def interval_of_sentences(counts, drawn, score):
    scores = np.array([score(row) for row in counts])
    return tuple(np.quantile(scores[drawn].mean(axis=1), [0.025, 0.975]))


INTERVAL = Answers(
    wrong={
        "two deviations": interval_deviation,
        "means of sentences' scores": interval_of_sentences,
    },
    right={
        "percentile, an array": interval_percentile,
        "loops": interval_loop,
        "weights, tensors": interval_weights,
    },
    blank=interval_blank,
)

BANK = {
    "translation/value": VALUE,
    "translation/shifted": SHIFTED,
    "translation/attend": ATTEND,
    "translation/beam": BEAM,
    "translation/clipped": CLIPPED,
    "translation/interval": INTERVAL,
}

#: Exercise → wrong answer → words of the hint that it must get.
HINTS = {
    "translation/attend": {"masked after the softmax": "before the softmax"},
}
