"""Answers to the exercises of lab 12."""

from __future__ import annotations

import numpy as np
import torch

from bank import Answers

# --- pairs --------------------------------------------------------------------------------------


def pairs_blank(sentence, window):
    raise NotImplementedError


def pairs_slices(sentence, window):
    out = []
    for t, word in enumerate(sentence):
        near = [*sentence[max(0, t - window) : t], *sentence[t + 1 : t + 1 + window]]
        out += [[word, other] for other in near]
    return np.array(out, dtype=int).reshape(len(out), 2)


def pairs_loops(sentence, window):
    first, second = [], []
    for t in range(len(sentence)):
        for s in range(t - window, t + window + 1):
            if s != t and 0 <= s < len(sentence):
                first.append(sentence[t])
                second.append(sentence[s])
    return np.stack([np.array(first, dtype=int), np.array(second, dtype=int)], axis=1)


def pairs_grid(sentence, window):
    words = np.array(sentence)
    distance = np.abs(np.subtract.outer(np.arange(len(words)), np.arange(len(words))))
    t, s = np.nonzero((distance > 0) & (distance <= window))
    return words[np.column_stack([t, s])]


def pairs_without_clipping(sentence, window):
    out = []
    for t in range(len(sentence)):
        for d in range(-window, window + 1):
            if d and t + d < len(sentence):
                out.append((sentence[t], sentence[t + d]))  # counts from the end
    return np.array(out)


# --- keep ---------------------------------------------------------------------------------------


def keep_blank(counts, threshold):
    raise NotImplementedError


def keep_clip(counts, threshold):
    return np.clip((counts / np.sum(counts) / threshold) ** -0.5, 0, 1)


def keep_loop(counts, threshold):
    return np.array([min(1.0, (threshold * sum(counts) / n) ** 0.5) for n in counts])


def keep_where(counts, threshold):
    f = torch.as_tensor(counts).double()
    f = f / f.sum()
    return torch.where(f > threshold, (threshold / f).sqrt(), 1.0)


def keep_as_in_the_code(counts, threshold):
    f = counts / counts.sum()
    return np.minimum(1, np.sqrt(threshold / f) + threshold / f)  # word2vec.c has this


# --- loss ---------------------------------------------------------------------------------------


def loss_blank(h, c):
    raise NotImplementedError


def loss_einsum(h, c):
    a = np.einsum("bkm,bm->bk", c, h)
    return np.mean(np.logaddexp(0, -a[:, 0]) + np.logaddexp(0, a[:, 1:]).sum(axis=1))


def loss_torch(h, c):
    a = torch.as_tensor((c * h[:, None]).sum(axis=2))
    label = torch.zeros_like(a)
    label[:, 0] = 1
    loss = torch.nn.functional.binary_cross_entropy_with_logits(a, label, reduction="sum")
    return loss / len(h)


def loss_loop(h, c):
    total = 0.0
    for own, candidates in zip(h, c, strict=True):
        for k, candidate in enumerate(candidates):
            a = own @ candidate if k else -(own @ candidate)
            total += max(a, 0) + np.log1p(np.exp(-abs(a)))
    return total / len(h)


def loss_softmax(h, c):
    a = np.einsum("bkm,bm->bk", c, h)
    top = a.max(axis=1, keepdims=True)
    return np.mean(np.log(np.exp(a - top).sum(axis=1)) + top[:, 0] - a[:, 0])


# --- step ---------------------------------------------------------------------------------------


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def step_blank(W, C, words, rows, rate):
    raise NotImplementedError


def step_loop(W, C, words, rows, rate):
    new_W, new_C = W.copy(), C.copy()
    for word, candidates in zip(words, rows, strict=True):
        for k, other in enumerate(candidates):
            d = (sigmoid(W[word] @ C[other]) - (k == 0)) / len(words)
            new_W[word] -= rate * d * C[other]
            new_C[other] -= rate * d * W[word]
    return new_W, new_C


def step_one_hot(W, C, words, rows, rate):
    hot_w, hot_c = np.eye(len(W))[words], np.eye(len(C))[rows]
    h, c = hot_w @ W, hot_c @ C
    d = sigmoid((c * h[:, None]).sum(axis=2))
    d[:, 0] -= 1
    d_W = hot_w.T @ np.einsum("bk,bkm->bm", d, c) / len(words)
    d_C = np.einsum("bkv,bk,bm->vm", hot_c, d, h) / len(words)
    return W - rate * d_W, C - rate * d_C


def step_autograd(W, C, words, rows, rate):
    W, C = (torch.tensor(t, requires_grad=True) for t in (W, C))
    a = torch.einsum("bkm,bm->bk", C[torch.as_tensor(rows)], W[torch.as_tensor(words)])
    label = torch.zeros_like(a)
    label[:, 0] = 1
    loss = torch.nn.functional.binary_cross_entropy_with_logits(a, label, reduction="sum")
    (loss / len(words)).backward()
    return (W - rate * W.grad).detach().numpy(), (C - rate * C.grad).detach().numpy()


def step_one_after_another(W, C, words, rows, rate):
    W, C = W.copy(), C.copy()
    for word, candidates in zip(words, rows, strict=True):
        label = np.arange(len(candidates)) == 0
        d = (sigmoid(C[candidates] @ W[word]) - label) / len(words)
        own = W[word].copy()
        W[word] -= rate * d @ C[candidates]
        np.add.at(C, candidates, -rate * np.outer(d, own))
    return W, C  # later pairs see what earlier ones changed


def step_without_scatter(W, C, words, rows, rate):
    h, c = W[words], C[rows]
    d = sigmoid((c * h[:, None]).sum(axis=2))
    d[:, 0] -= 1
    W, C = W.copy(), C.copy()
    W[words] -= rate * (d[:, :, None] * c).sum(axis=1) / len(words)
    C[rows] -= rate * d[:, :, None] * h[:, None] / len(words)
    return W, C


# --- analogy ------------------------------------------------------------------------------------


def analogy_blank(E, a, b, c, k, exclude):
    raise NotImplementedError


def analogy_cosine(E, a, b, c, k, exclude):
    unit = E / np.sqrt((E**2).sum(axis=1))[:, None]
    target = unit[b] + unit[c] - unit[a]
    cosine = unit @ target / np.linalg.norm(target)
    return np.array([i for i in np.argsort(-cosine) if not exclude or i not in (a, b, c)])[:k]


def analogy_sorted(E, a, b, c, k, exclude):
    unit = [row / np.linalg.norm(row) for row in E]
    target = unit[b] - unit[a] + unit[c]
    candidates = [i for i in range(len(E)) if not (exclude and i in {a, b, c})]
    return np.array(sorted(candidates, key=lambda i: unit[i] @ target, reverse=True)[:k])


def analogy_torch(E, a, b, c, k, exclude):
    U = torch.nn.functional.normalize(torch.as_tensor(E), dim=1)
    s = U @ (U[b] - U[a] + U[c])
    if exclude:
        s[[a, b, c]] = -20
    return s.topk(k).indices


def analogy_of_long_vectors(E, a, b, c, k, exclude):
    target = E[b] - E[a] + E[c]
    s = E @ target / np.linalg.norm(E, axis=1)
    if exclude:
        s[[a, b, c]] = -np.inf
    return np.argsort(-s)[:k]


def analogy_by_distance(E, a, b, c, k, exclude):
    distance = np.linalg.norm(E - (E[b] - E[a] + E[c]), axis=1)
    if exclude:
        distance[[a, b, c]] = np.inf
    return np.argsort(distance)[:k]


def analogy_minus_one(E, a, b, c, k, exclude):
    U = E / np.linalg.norm(E, axis=1, keepdims=True)
    s = U @ (U[b] - U[a] + U[c])
    if exclude:
        s[[a, b, c]] = -1  # a cosine's least value, but these are products with a longer target
    return np.argsort(-s)[:k]


BANK = {
    "word2vec/pairs": Answers(
        right={"slices": pairs_slices, "two lists": pairs_loops, "grid": pairs_grid},
        blank=pairs_blank,
        wrong={"counts from the end": pairs_without_clipping},
    ),
    "word2vec/keep": Answers(
        right={"clip": keep_clip, "loop": keep_loop, "a tensor": keep_where},
        blank=keep_blank,
        wrong={"formula of word2vec.c": keep_as_in_the_code},
    ),
    "word2vec/loss": Answers(
        right={"einsum": loss_einsum, "PyTorch": loss_torch, "loop": loss_loop},
        blank=loss_blank,
        wrong={"softmax": loss_softmax},
    ),
    "word2vec/step": Answers(
        right={"loop": step_loop, "one-hot": step_one_hot, "autograd": step_autograd},
        blank=step_blank,
        wrong={
            "pair after pair": step_one_after_another,
            "no scatter-add": step_without_scatter,
        },
    ),
    "word2vec/analogy": Answers(
        right={"argsort": analogy_cosine, "sorted": analogy_sorted, "PyTorch": analogy_torch},
        blank=analogy_blank,
        wrong={
            "sum of long vectors": analogy_of_long_vectors,
            "distance": analogy_by_distance,
            "minus one for the question's words": analogy_minus_one,
        },
    ),
}

HINTS = {
    "word2vec/step": {"no scatter-add": "keeps the last change alone"},
}
