"""Answers to the exercises of lab 04."""

from __future__ import annotations

import math

import numpy as np
import torch

from bank import Answers

# --- adding -------------------------------------------------------------------------------------


def adding_blank(values, first, second):
    raise NotImplementedError


def adding_loop(values, first, second):
    x, y = [], []
    for row, i, j in zip(values, first, second, strict=True):
        markers = [0.0] * len(row)
        markers[0] = markers[-1] = -1.0
        markers[i] = markers[j] = 1.0
        x.append(list(zip(row, markers, strict=True)))
        y.append(0.5 + (row[i] + row[j]) / 4)
    return np.array(x), np.array(y)


def adding_float32(v, i, j):
    batch, time = v.shape
    x = np.zeros((batch, time, 2), dtype=np.float32)
    x[:, :, 0] = v
    x[:, 0, 1] = x[:, -1, 1] = -1
    x[np.arange(batch), i, 1] = x[np.arange(batch), j, 1] = 1
    marked = x[:, :, 0] * (x[:, :, 1] > 0)
    return [x, 0.5 + marked.sum(axis=1) / 4]


def adding_tensors(values, first, second):
    values = torch.tensor(values, dtype=torch.float32)
    i, j = torch.tensor(first)[:, None], torch.tensor(second)[:, None]
    markers = torch.zeros_like(values)
    markers[:, 0] = markers[:, -1] = -1
    markers.scatter_(1, i, 1.0).scatter_(1, j, 1.0)
    y = 0.5 + (values.gather(1, i) + values.gather(1, j))[:, 0] / 4
    return torch.stack([values, markers], dim=2), y


def adding_put_along(values, first, second):
    markers = np.zeros(values.shape)
    markers[:, [0, -1]] = -1
    both = np.stack([first, second], axis=1)
    np.put_along_axis(markers, both, 1, axis=1)
    y = np.take_along_axis(values, both, axis=1).sum(axis=1)
    return np.dstack([values, markers]), (y + 2) / 4


def adding_wipes(values, first, second):
    x, y = adding_loop(values, first, second)
    values[:, 0] = 0
    return x, y


def adding_by_markers(values, first, second):
    x, _ = adding_loop(values, first, second)
    return x, 0.5 + (x[:, :, 0] * x[:, :, 1]).sum(1) / 4


def adding_ends_last(values, first, second):
    markers, rows = np.zeros_like(values), np.arange(len(values))
    markers[rows, first] = markers[rows, second] = 1
    markers[:, [0, -1]] = -1
    y = 0.5 + np.diag(values[:, first] + values[:, second]) / 4
    return np.stack((values, markers), 2), y


ADDING = Answers(
    wrong={
        "changes the values": adding_wipes,
        "sum with the ends": adding_by_markers,
    },
    right={
        "loops": adding_loop,
        "float32, a list": adding_float32,
        "tensors, scatter and gather": adding_tensors,
        "put_along_axis": adding_put_along,
        "ends last, a diagonal": adding_ends_last,
    },
    blank=adding_blank,
)

# --- order --------------------------------------------------------------------------------------


def order_blank(distractors, t1, t2, first, second):
    raise NotImplementedError


def order_loop(distractors, t1, t2, first, second):
    batch, time = distractors.shape
    x = np.zeros((batch, time, 8))
    y = np.zeros(batch, dtype=int)
    names = {"XX": 0, "XY": 1, "YX": 2, "YY": 3}
    for b in range(batch):
        symbols = ["abcd"[s] for s in distractors[b]]
        symbols[t1[b]], symbols[t2[b]] = "XY"[first[b]], "XY"[second[b]]
        symbols[0], symbols[-1] = "E", "B"
        for t, symbol in enumerate(symbols):
            x[b, t, "abcdXYEB".index(symbol)] = 1
        y[b] = names["XY"[first[b]] + "XY"[second[b]]]
    return x, y


def order_tensors(distractors, t1, t2, first, second):
    s = torch.tensor(distractors)
    s.scatter_(1, torch.tensor(t1)[:, None], torch.tensor(4 + first)[:, None])
    s.scatter_(1, torch.tensor(t2)[:, None], torch.tensor(4 + second)[:, None])
    s[:, 0], s[:, -1] = 6, 7
    return torch.nn.functional.one_hot(s, 8).float(), torch.tensor(first * 2 + second)


def order_where(d, t1, t2, first, second):
    t = np.arange(d.shape[1])
    s = np.where(t == t1[:, None], 4 + first[:, None], d)
    s = np.where(t == t2[:, None], 4 + second[:, None], s)
    s = np.where(t == 0, 6, np.where(t == len(t) - 1, 7, s))
    return (s[..., None] == np.arange(8)).astype(np.float32), (first << 1) | second


def order_xor(distractors, t1, t2, first, second):
    x, _ = order_loop(distractors, t1, t2, first, second)
    return x, first ^ second


def order_two_ones(distractors, t1, t2, first, second):
    x, rows = np.eye(8)[distractors], np.arange(len(distractors))
    x[rows, t1, 4 + first] = x[rows, t2, 4 + second] = 1
    x[:, 0, 6] = x[:, -1, 7] = 1
    return x, 2 * first + second


def order_keras(distractors, t1, t2, first, second):
    from keras.utils import to_categorical

    s = order_loop(distractors, t1, t2, first, second)[0].argmax(-1)
    y = np.where(first == 1, np.where(second == 1, 3, 2), second)
    return [to_categorical(s, 8), y.astype(np.uint8)]


ORDER = Answers(
    wrong={
        "only whether they differ": order_xor,
        "the old letter still there": order_two_ones,
    },
    right={
        "loops and letters": order_loop,
        "tensors, scatter": order_tensors,
        "np.where, float32": order_where,
        "to_categorical, a list": order_keras,
    },
    blank=order_blank,
)

# --- copy ---------------------------------------------------------------------------------------


def copy_blank(length, symbols, lag):
    raise NotImplementedError


def copy_mean_of_steps(length, symbols, lag):
    losses = [0.0] * (length + lag) + [math.log(symbols)] * length
    return sum(losses) / len(losses), math.prod([1 / symbols] * length)


def copy_simulated(length, symbols, lag):
    p = np.zeros((2 * length + lag, symbols + 1))  # a distribution for every step
    p[:-length, -1] = 1
    p[-length:, :-1] = 1 / symbols
    right = np.r_[np.full(length + lag, symbols), np.zeros(length, dtype=int)]
    chosen = p[np.arange(len(p)), right]
    return np.float32(-np.log(chosen).mean()), np.float32(chosen.prod())


def copy_array(k, s, d):
    return np.array([k * np.log(s) / (d + k + k), np.exp(-k * np.log(s))])


def copy_brackets(length, symbols, lag):
    return length * np.log(symbols) / lag + 2 * length, symbols**-length


def copy_weighted(length, symbols, lag):
    p = 1 / symbols
    return -length * p * np.log(p) / (lag + 2 * length), p**length


def copy_tensors(length, symbols, lag):
    p = torch.tensor(1 / symbols)
    return -length * p.log() / (lag + 2 * length), p**length


COPY = Answers(
    wrong={
        "brackets missing": copy_brackets,
        "weighted by the chance": copy_weighted,
    },
    right={
        "a mean of the steps": copy_mean_of_steps,
        "distributions, float32": copy_simulated,
        "an array": copy_array,
        "tensors": copy_tensors,
    },
    blank=copy_blank,
)

# --- bias ---------------------------------------------------------------------------------------


def bias_blank(bias_ih, bias_hh, bias, value):
    raise NotImplementedError


def bias_split(bias_ih, bias_hh, bias, value):
    i, _, g, o = np.split(bias_ih, 4)
    i2, f2, g2, o2 = np.split(bias_hh, 4)
    i3, _, c3, o3 = np.split(bias, 4)
    f = np.full_like(i, value)
    return np.r_[i, f, g, o], np.r_[i2, 0 * f2, g2, o2], np.r_[i3, f, c3, o3]


def bias_reshape(b1, b2, b3, v):
    out = [np.array(b, dtype=np.float32).reshape(4, -1) for b in (b1, b2, b3)]
    for block, number in zip(out, (v, 0, v), strict=True):
        block[1] = number
    return [block.ravel() for block in out]


def bias_tensors(bias_ih, bias_hh, bias, value):
    m = len(bias) // 4
    out = [torch.tensor(b) for b in (bias_ih, bias_hh, bias)]
    out[0][m : 2 * m].fill_(value)
    out[1][m : 2 * m].zero_()
    out[2][m : 2 * m].fill_(value)
    return tuple(out)


def bias_where(bias_ih, bias_hh, bias, value):
    forget = np.arange(len(bias)) * 4 // len(bias) == 1
    return (
        np.where(forget, value, bias_ih),
        np.where(forget, 0, bias_hh),
        np.where(forget, value, bias),
    )


def bias_halves(bias_ih, bias_hh, bias, value):
    new_ih, new_hh, new = bias_split(bias_ih, bias_hh, bias, value)
    m = len(bias) // 4
    new_ih[m : 2 * m] = new_hh[m : 2 * m] = value / 2
    return new_ih, new_hh, new


def bias_one_too_many(bias_ih, bias_hh, bias, value):
    out, m = (bias_ih.copy(), bias_hh.copy(), bias.copy()), len(bias) // 4
    for vector, number in zip(out, (value, 0, value), strict=True):
        vector[m : 2 * m + 1] = number
    return out


BIAS = Answers(
    wrong={
        "half and half": bias_halves,
        "one place too many": bias_one_too_many,
    },
    right={
        "np.split": bias_split,
        "reshape, float32": bias_reshape,
        "tensors": bias_tensors,
        "np.where": bias_where,
    },
    blank=bias_blank,
)

# --- lag ----------------------------------------------------------------------------------------


def lag_blank(network, x):
    raise NotImplementedError


def _gradient(network, x):
    x = torch.tensor(x, requires_grad=True)
    network(x).sum().backward()
    return x.grad


def lag_backward(network, x):
    return _gradient(network, x).square().sum(-1).sqrt().mean(0).flip(0)


def lag_loop(network, x):
    norms = []
    for sequence in x:
        one = torch.from_numpy(sequence[None].copy()).requires_grad_()
        (gradient,) = torch.autograd.grad(network(one)[0], one)
        norms.append(np.linalg.norm(gradient[0].numpy(), axis=1)[::-1])
    return np.mean(norms, axis=0)


def lag_jacobian(network, x):
    jacobian = torch.autograd.functional.jacobian(
        network, torch.tensor(x)
    )  # (batch, batch, time, n)
    own = jacobian.diagonal(dim1=0, dim2=1).permute(2, 0, 1)  # (batch, time, n)
    return torch.linalg.vector_norm(own, dim=2).mean(dim=0)[range(x.shape[1] - 1, -1, -1)]


def lag_from_numpy(network, x):
    x = torch.from_numpy(x)  # shares its memory with the array
    x.requires_grad_(True)
    network(x).backward(torch.ones(len(x)))
    return x.grad.norm(dim=2).mean(dim=0).flip(0)


def lag_norm_over_batch(network, x):
    return np.linalg.norm(_gradient(network, x).numpy(), axis=(0, 2))[::-1] / len(x)


def lag_not_required(network, x):
    x = torch.from_numpy(x)
    return torch.autograd.grad(network(x).sum(), x)[0].norm(dim=2).mean(0).flip(0)


def lag_answer_by_answer(network, x):
    inputs = torch.tensor(x, requires_grad=True)
    own = [
        torch.autograd.grad(answer, inputs, retain_graph=True)[0][b]
        for b, answer in enumerate(network(inputs))
    ]
    norms = np.linalg.norm(np.stack(own), axis=2)  # (batch, time)
    return np.array([norms[:, -1 - lag].mean() for lag in range(x.shape[1])])


def lag_of_one_sequence(network, x):
    def answer(sequence):
        return network(sequence[None])[0]

    norms = [torch.func.grad(answer)(torch.tensor(one)).norm(dim=1) for one in x]
    return torch.stack(norms).mean(dim=0).flip(0)


LAG = Answers(
    wrong={
        "norm over the batch, divided": lag_norm_over_batch,
        "no requires_grad": lag_not_required,
    },
    right={
        "backward": lag_backward,
        "sequence by sequence, NumPy": lag_loop,
        "the whole Jacobian": lag_jacobian,
        "from_numpy, x.grad": lag_from_numpy,
        "answer by answer": lag_answer_by_answer,
        "torch.func.grad": lag_of_one_sequence,
    },
    blank=lag_blank,
)

# --- clip ---------------------------------------------------------------------------------------


def clip_blank(gradients, limit):
    raise NotImplementedError


def clip_concatenate(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    if norm <= limit:
        return gradients
    return tuple(limit * g / norm for g in gradients)


def clip_max(gradients, limit):
    total = 0.0
    for g in gradients:
        total += float((g * g).sum())
    return [g / max(1, total**0.5 / limit) for g in gradients]


def clip_pytorch(gradients, limit):
    parameters = [torch.nn.Parameter(torch.zeros(g.shape)) for g in gradients]
    for parameter, g in zip(parameters, gradients, strict=True):
        parameter.grad = torch.tensor(g, dtype=torch.float32)
    torch.nn.utils.clip_grad_norm_(parameters, limit)
    return tuple(parameter.grad for parameter in parameters)


def clip_spectral(gradients, limit):
    norm = np.linalg.norm([np.linalg.norm(g, 2) for g in gradients])
    return tuple(g * min(1, limit / norm) for g in gradients)


def clip_generator(gradients, limit):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])
    return (g * min(1, limit / norm) for g in gradients)


def clip_norm_of_norms(gradients, limit):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])
    return [np.float32(g * np.minimum(1, limit / (norm + 1e-6))) for g in gradients]


CLIP = Answers(
    wrong={
        "another norm of matrices": clip_spectral,
        "a generator": clip_generator,
    },
    right={
        "concatenated": clip_concatenate,
        "max(1, …), a list": clip_max,
        "PyTorch's": clip_pytorch,
        "norm of the norms, float32": clip_norm_of_norms,
    },
    blank=clip_blank,
)

BANK = {
    "memory/adding": ADDING,
    "memory/order": ORDER,
    "memory/copy": COPY,
    "memory/bias": BIAS,
    "memory/lag": LAG,
    "memory/clip": CLIP,
}

#: Exercise → wrong answer → words of the hint that it must get.
HINTS = {
    "memory/adding": {
        "sum with the ends": "marker 1 count",
    },
    "memory/order": {
        "the old letter still there": "two ones in one step",
    },
    "memory/copy": {
        "brackets missing": "brackets",
        "weighted by the chance": "not multiplied by 1 / symbols",
    },
    "memory/bias": {
        "half and half": "the sum comes out right",
    },
    "memory/lag": {
        "norm over the batch, divided": "dim=2",
        "no requires_grad": "requires_grad=True",
    },
    "memory/clip": {
        "another norm of matrices": "leave out the 2",
    },
}
