"""Answers to the exercises of lab 01."""

from __future__ import annotations

import numpy as np
import torch

from bank import Answers

# --- encode -------------------------------------------------------------------------------------


def encode_blank(a, b, width):
    raise NotImplementedError


def encode_shifts_in_place(a, b, width):
    x, y = np.zeros((len(a), width + 1, 2)), np.zeros((len(a), width + 1, 1))
    total = a + b
    for t in range(width + 1):
        x[:, t, 0], x[:, t, 1], y[:, t, 0] = a & 1, b & 1, total & 1
        a >>= 1
        b >>= 1
        total >>= 1
    return x, y


def encode_no_axis(a, b, width):
    t = np.arange(width + 1)
    x = np.stack([(a >> t) & 1, (b >> t) & 1], axis=-1)
    return x.astype(float), (((a + b) >> t) & 1)[..., None].astype(float)


def encode_loops(a, b, width):
    x, y = np.zeros((len(a), width + 1, 2)), np.zeros((len(a), width + 1, 1))
    for i in range(len(a)):
        for t in range(width + 1):
            x[i, t] = a[i] // 2**t % 2, b[i] // 2**t % 2
            y[i, t] = (a[i] + b[i]) // 2**t % 2
    return x, y


def encode_strings(p, q, k):
    def bits(n):
        return [float(c) for c in reversed(format(int(n), f"0{k + 1}b"))]

    x = [
        [list(pair) for pair in zip(bits(i), bits(j), strict=True)]
        for i, j in zip(p, q, strict=True)
    ]
    y = [[[bit] for bit in bits(i + j)] for i, j in zip(p, q, strict=True)]
    return np.array(x), np.array(y, dtype=np.float32)


def encode_carrying(a, b, width):
    x, carry = encode_loops(a, b, width)[0], 0
    y = np.zeros((len(a), width + 1, 1))
    for t in range(width + 1):
        total = x[:, t].sum(axis=1) + carry
        y[:, t, 0], carry = total % 2, total // 2
    return x, y


ENCODE = Answers(
    wrong={
        "shifts its arguments": encode_shifts_in_place,
        "no axis for the numbers": encode_no_axis,
    },
    right={
        "loops": encode_loops,
        "strings, float32, other names": encode_strings,
        "adding with carry": encode_carrying,
    },
    blank=encode_blank,
)

# --- step ---------------------------------------------------------------------------------------


def step_blank(x_t, s, W_x, W_h, b):
    raise NotImplementedError


def step_columns(x_t, s, W_x, W_h, b):
    return np.tanh(W_x @ x_t + W_h @ s + b)


def step_mutates(x_t, s, W_x, W_h, b):
    s[:] = np.tanh(x_t @ W_x.T + s @ W_h.T + b)
    return s


def step_einsum(x_t, s, W_x, W_h, b):
    return np.tanh(np.einsum("bn,mn->bm", x_t, W_x) + np.einsum("bk,mk->bm", s, W_h) + b)


def step_concatenated(u, h, U, V, c):
    return np.tanh(np.hstack([u, h]) @ np.hstack([U, V]).T + c).astype(np.float32)


def step_rows(x_t, s, W_x, W_h, b):
    return np.array([np.tanh(W_x @ x + W_h @ h + b) for x, h in zip(x_t, s, strict=True)])


def step_torch(x_t, s, W_x, W_h, b):
    x_t, s, W_x, W_h, b = map(torch.tensor, (x_t, s, W_x, W_h, b))
    return torch.tanh(torch.nn.functional.linear(x_t, W_x, b) + s @ W_h.T)


STEP = Answers(
    wrong={
        "columns": step_columns,
        "writes into s": step_mutates,
    },
    right={
        "einsum": step_einsum,
        "concatenation, float32, other names": step_concatenated,
        "row by row": step_rows,
        "PyTorch": step_torch,
    },
    blank=step_blank,
)

# --- forward ------------------------------------------------------------------------------------


def forward_blank(x, y, W_x, W_h, b, W_y, b_y):
    raise NotImplementedError


def forward_forgets(x, y, W_x, W_h, b, W_y, b_y):
    states = np.zeros((len(x), x.shape[1] + 1, len(b)))
    for t in range(x.shape[1]):
        states[:, t + 1] = np.tanh(x[:, t] @ W_x.T + states[:, 0] @ W_h.T + b)
    z = states[:, 1:] @ W_y.T + b_y
    return states, z, np.mean(np.logaddexp(0, z) - y * z)


def forward_naive_log(x, y, *p):
    states, z, _ = forward_list(x, y, *p)
    q = 1 / (1 + np.exp(-z))
    return states, z, -np.mean(y * np.log(q) + (1 - y) * np.log(1 - q))


def forward_list(x, y, W_x, W_h, b, W_y, b_y):
    s = [np.zeros((len(x), len(b)))]
    for t in range(x.shape[1]):
        s.append(np.tanh(x[:, t] @ W_x.T + s[-1] @ W_h.T + b))
    s = np.stack(s, axis=1)
    z = s[:, 1:] @ W_y.T + b_y
    return s, z, np.mean(np.logaddexp(0, z) - y * z)


def forward_stable(x, y, W_x, W_h, b, W_y, b_y):
    s, z, _ = forward_list(x, y, W_x, W_h, b, W_y, b_y)
    terms = np.maximum(z, 0) - y * z + np.log1p(np.exp(-abs(z)))
    return [s.astype(np.float32), z.astype(np.float32), terms.sum() / terms.size]


def forward_torch(x, y, W_x, W_h, b, W_y, b_y):
    x, y, W_x, W_h, b, W_y, b_y = map(torch.tensor, (x, y, W_x, W_h, b, W_y, b_y))
    s = torch.zeros(len(x), x.shape[1] + 1, len(b), dtype=torch.float64)
    for t in range(x.shape[1]):
        s[:, t + 1] = torch.tanh(x[:, t] @ W_x.T + s[:, t] @ W_h.T + b)
    z = s[:, 1:] @ W_y.T + b_y
    return s, z, torch.nn.functional.binary_cross_entropy_with_logits(z, y)


FORWARD = Answers(
    wrong={
        "every step from zeros": forward_forgets,
        "log of a sigmoid": forward_naive_log,
    },
    right={
        "a list of states": forward_list,
        "another stable loss, float32": forward_stable,
        "PyTorch": forward_torch,
    },
    blank=forward_blank,
)

# --- backward step ------------------------------------------------------------------------------


def backward_blank(d_s, s, W_h):
    raise NotImplementedError


def backward_columns(d_s, s, W_h):
    d_a = d_s * (1 - s**2)
    return d_a, W_h.T @ d_a


def backward_mutates(d_s, s, W_h):
    d_s *= 1 - s**2
    return d_s, d_s @ W_h


def backward_einsum(d_s, s, W_h):
    d_a = np.einsum("bm,bm->bm", d_s, (1 - s) * (1 + s))
    return d_a, np.einsum("bm,mk->bk", d_a, W_h)


def backward_columns_right(delta, state, V):
    a = (delta * (1 - state * state)).astype(np.float32)
    return [a, (V.T @ a.T).T]


def backward_autograd(d_s, s, W_h):
    before = torch.zeros(s.shape, dtype=torch.float64, requires_grad=True)
    a = torch.tensor(np.arctanh(s)) + before @ torch.tensor(W_h).T
    a.retain_grad()
    torch.tanh(a).backward(torch.tensor(d_s))
    return a.grad, before.grad


BACKWARD = Answers(
    wrong={
        "columns": backward_columns,
        "changes d_s": backward_mutates,
    },
    right={
        "einsum": backward_einsum,
        "columns, float32, other names": backward_columns_right,
        "autograd": backward_autograd,
    },
    blank=backward_blank,
)

# --- BPTT ---------------------------------------------------------------------------------------


def bptt_blank(x, states, d_states, W_h):
    raise NotImplementedError


def bptt_last_loss(x, states, d_states, W_h):
    only = np.zeros_like(d_states)
    only[:, -1] = d_states[:, -1]
    return bptt_collected(x, states, only, W_h)


def bptt_overwrites(x, states, d_states, W_h):
    d_s = np.zeros_like(states[:, 0])
    for t in reversed(range(x.shape[1])):
        d_a = (d_s + d_states[:, t]) * (1 - states[:, t + 1] ** 2)
        d_W_x, d_W_h, d_b = d_a.T @ x[:, t], d_a.T @ states[:, t], d_a.sum(axis=0)
        d_s = d_a @ W_h
    return d_W_x, d_W_h, d_b


def sums(d_a, x, states):
    return (
        np.einsum("btm,btn->mn", d_a, x),
        np.einsum("btm,btk->mk", d_a, states[:, :-1]),
        d_a.sum(axis=(0, 1)),
    )


def bptt_collected(x, states, d_states, W_h):
    d_s, d_a = np.zeros_like(states[:, 0]), np.zeros_like(d_states)
    for t in range(x.shape[1] - 1, -1, -1):
        d_a[:, t] = (d_s + d_states[:, t]) * (1 - states[:, t + 1] ** 2)
        d_s = d_a[:, t] @ W_h
    return sums(d_a, x, states)


def bptt_examples(inputs, s, own, V):
    """One sequence at a time, float32."""
    gradients = [np.zeros((len(V), inputs.shape[2])), np.zeros_like(V), np.zeros(len(V))]
    for x_i, s_i, own_i in zip(inputs, s, own, strict=True):
        d = np.zeros(len(V))
        for t in reversed(range(len(x_i))):
            delta = (d + own_i[t]) * (1 - s_i[t + 1] ** 2)
            gradients[0] += np.outer(delta, x_i[t])
            gradients[1] += np.outer(delta, s_i[t])
            gradients[2] += delta
            d = V.T @ delta
    return [g.astype(np.float32) for g in gradients]


def bptt_recursive(x, states, d_states, W_h):
    def back(t):
        """Return the derivatives by pre-activations from step t on."""
        if t == x.shape[1]:
            return []
        later = back(t + 1)
        d_s = d_states[:, t] + (later[0] @ W_h if later else 0)
        return [d_s * (1 - states[:, t + 1] ** 2), *later]

    return sums(np.stack(back(0), axis=1), x, states)


BPTT = Answers(
    wrong={
        "the last loss only": bptt_last_loss,
        "overwrites": bptt_overwrites,
    },
    right={
        "d_a collected": bptt_collected,
        "example by example, float32, other names": bptt_examples,
        "recursion": bptt_recursive,
    },
    blank=bptt_blank,
)

# --- numerical gradient -------------------------------------------------------------------------


def numerical_blank(loss, w, eps):
    raise NotImplementedError


def numerical_not_restored(loss, w, eps):
    g, w = np.zeros_like(w), w.copy()
    for i in np.ndindex(w.shape):
        w[i] += eps
        up = loss(w)
        w[i] -= 2 * eps
        g[i] = (up - loss(w)) / (2 * eps)
    return g


def numerical_first_axis(loss, w, eps):
    g = np.zeros_like(w)
    for i in range(len(w)):
        up, down = w.copy(), w.copy()
        up[i] += eps
        down[i] -= eps
        g[i] = (loss(up) - loss(down)) / (2 * eps)
    return g


def numerical_copies(loss, w, eps):
    g = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        up, down = w.copy(), w.copy()
        up[i] += eps
        down[i] -= eps
        g[i] = (loss(up) - loss(down)) / (2 * eps)
    return g


def numerical_in_place(loss, w, eps):
    g = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        old = w[i]
        w[i] = old + eps
        up = loss(w)
        w[i] = old - eps
        g[i] = (up - loss(w)) / (2 * eps)
        w[i] = old
    return g


def numerical_there_and_back(loss, w, eps):
    """As lecture 02 does it: right up to rounding, which must not count as a change of w."""
    g = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        w[i] += eps
        up = loss(w)
        w[i] -= 2 * eps
        g[i] = (up - loss(w)) / (2 * eps)
        w[i] += eps
    return g


def numerical_units(f, at, h):
    units = np.eye(at.size).reshape(at.size, *at.shape)
    values = [(f(at + h * e) - f(at - h * e)) / (2 * h) for e in units]
    return np.array(values, dtype=np.float32).reshape(at.shape)


def numerical_halves(loss, w, eps):
    g = np.empty(w.size)
    for i in range(w.size):
        e = np.zeros(w.size)
        e[i] = eps
        e = e.reshape(w.shape)
        right, left = (loss(w + e) - loss(w)) / eps, (loss(w) - loss(w - e)) / eps
        g[i] = (right + left) / 2
    return g.reshape(w.shape)


NUMERICAL = Answers(
    wrong={
        "not put back": numerical_not_restored,
        "whole rows": numerical_first_axis,
    },
    right={
        "copies": numerical_copies,
        "in place and back": numerical_in_place,
        "there and back as in lecture 02": numerical_there_and_back,
        "unit vectors, float32, other names": numerical_units,
        "mean of both sides": numerical_halves,
    },
    blank=numerical_blank,
)

# --- probe --------------------------------------------------------------------------------------


def probe_blank(states, carries, others):
    raise NotImplementedError


def probe_mean_states(states, carries, others):
    """Between the means of the two groups, which is not least squares."""
    one, none = states[carries == 1].mean(axis=0), states[carries == 0].mean(axis=0)
    w = one - none
    return (others - (one + none) / 2) @ w / (w @ w) * 2


def probe_zeros_and_ones(states, carries, others):
    x = np.column_stack([states, np.ones(len(states))])
    w = np.linalg.solve(x.T @ x, x.T @ carries)
    return others @ w[:-1] + w[-1]


def probe_normal_equations(s, c, new):
    x = np.hstack([np.ones((len(s), 1)), s])
    w = np.linalg.solve(x.T @ x, x.T @ np.where(c > 0, 1.0, -1.0))
    return w[0] + new @ w[1:]


def probe_centred(states, carries, others):
    u = 2 * carries - 1
    w = np.linalg.pinv(states - states.mean(axis=0)) @ (u - u.mean())
    return u.mean() + (others - states.mean(axis=0)) @ w


def probe_rescaled_afterwards(states, carries, others):
    return 2 * probe_zeros_and_ones(states, carries, others) - 1


def probe_torch(states, carries, others):
    s, o = torch.tensor(states), torch.tensor(others)
    one = torch.ones(len(s), 1, dtype=s.dtype)
    u = (2 * torch.tensor(carries) - 1)[:, None]
    w = torch.linalg.lstsq(torch.cat([s, one], 1), u).solution[:, 0]
    return (o @ w[:-1] + w[-1]).float()


PROBE = Answers(
    wrong={
        "between the means": probe_mean_states,
        "zeros and ones": probe_zeros_and_ones,
    },
    right={
        "normal equations, ones first": probe_normal_equations,
        "centred": probe_centred,
        "fitted to zeros and ones, rescaled": probe_rescaled_afterwards,
        "torch, float32": probe_torch,
    },
    blank=probe_blank,
)

#: What the hint to a wrong answer says, in English.
HINTS = {
    "addition/encode": {
        "no axis for the numbers": "an axis of their own",
    },
    "addition/step": {
        "columns": "x_t @ W_x.T instead",
    },
    "addition/forward": {
        "every step from zeros": "every step starts from zeros",
    },
    "addition/backward_step": {
        "columns": "v @ W_h",
    },
    "addition/bptt": {
        "the last loss only": "every step has its own loss",
        "overwrites": "must be added",
    },
    "addition/numerical": {
        "not put back": "put each number back",
        "whole rows": "a whole row",
    },
    "addition/probe": {
        "zeros and ones": "into −1 and 1",
    },
}

BANK = {
    "addition/encode": ENCODE,
    "addition/step": STEP,
    "addition/forward": FORWARD,
    "addition/backward_step": BACKWARD,
    "addition/bptt": BPTT,
    "addition/numerical": NUMERICAL,
    "addition/probe": PROBE,
}
