"""Answers to the exercises of lab 01."""

from __future__ import annotations

import numpy as np
import torch

from bank import Answers

# --- encode -------------------------------------------------------------------------------------


def encode_blank(a, b, width):
    raise NotImplementedError


def encode_most_significant_first(a, b, width):
    x, y = encode_loops(a, b, width)
    return x[:, ::-1], y[:, ::-1]


def encode_reversed_inputs_only(a, b, width):
    x, y = encode_loops(a, b, width)
    return x[:, ::-1], y


def encode_too_short(a, b, width):
    t = np.arange(width)
    x = np.stack([a[:, None] >> t & 1, b[:, None] >> t & 1], axis=-1)
    return x.astype(float), ((a + b)[:, None] >> t & 1)[..., None].astype(float)


def encode_flat_sum(a, b, width):
    x, y = encode_loops(a, b, width)
    return x, y[..., 0]


def encode_features_before_time(a, b, width):
    x, y = encode_loops(a, b, width)
    return np.stack([x[:, :, 0], x[:, :, 1]], axis=1), y


def encode_time_major(a, b, width):
    x, y = encode_loops(a, b, width)
    return x.swapaxes(0, 1), y.swapaxes(0, 1)


def encode_no_carry(a, b, width):
    x, _ = encode_loops(a, b, width)
    return x, (x[:, :, :1] + x[:, :, 1:]) % 2


def encode_or(a, b, width):
    x, _ = encode_loops(a, b, width)
    return x, np.maximum(x[:, :, :1], x[:, :, 1:])


def encode_wraps(a, b, width):
    return encode_loops(a, b, width)[0], encode_loops((a + b) % 2**width, b, width)[0][:, :, :1]


def encode_integers(a, b, width):
    x, y = encode_loops(a, b, width)
    return x.astype(int), y.astype(int)


def encode_seven(a, b, width):
    return encode_loops(a, b, 7)


def encode_concatenated(a, b, width):
    x, y = encode_loops(a, b, width)
    return np.concatenate([x[:, :, :1], x[:, :, 1:]], axis=1), y


def encode_lists(a, b, width):
    x, y = encode_loops(a, b, width)
    return x.tolist(), y.tolist()


def encode_shifts_in_place(a, b, width):
    x, y = np.zeros((len(a), width + 1, 2)), np.zeros((len(a), width + 1, 1))
    total = a + b
    for t in range(width + 1):
        x[:, t, 0], x[:, t, 1], y[:, t, 0] = a & 1, b & 1, total & 1
        a >>= 1
        b >>= 1
        total >>= 1
    return x, y


def encode_column_sums(a, b, width):
    x, _ = encode_loops(a, b, width)
    return x, x.sum(axis=2)[..., None]


def encode_b_first(a, b, width):
    return encode_loops(b, a, width)


def encode_true_division(a, b, width):
    t = np.arange(width + 1)
    a, b, total = (n[:, None] / 2**t % 2 for n in (a, b, a + b))
    return np.stack([a, b], axis=-1), total[..., None]


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
        "most significant first": encode_most_significant_first,
        "inputs reversed, sum not": encode_reversed_inputs_only,
        "no step for the last carry": encode_too_short,
        "the sum without its last axis": encode_flat_sum,
        "features before time": encode_features_before_time,
        "time first": encode_time_major,
        "no carry": encode_no_carry,
        "or": encode_or,
        "wraps around": encode_wraps,
        "integers": encode_integers,
        "seven bits": encode_seven,
        "one number after the other": encode_concatenated,
        "nested lists": encode_lists,
        "shifts its arguments": encode_shifts_in_place,
        "sums of columns": encode_column_sums,
        "b before a": encode_b_first,
        "/ for //": encode_true_division,
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


def step_transposed(x_t, s, W_x, W_h, b):
    return np.tanh(x_t @ W_x.T + s @ W_h + b)


def step_columns(x_t, s, W_x, W_h, b):
    return np.tanh(W_x @ x_t + W_h @ s + b)


def step_no_bias(x_t, s, W_x, W_h, b):
    return np.tanh(x_t @ W_x.T + s @ W_h.T)


def step_linear(x_t, s, W_x, W_h, b):
    return x_t @ W_x.T + s @ W_h.T + b


def step_sigmoid(x_t, s, W_x, W_h, b):
    return 1 / (1 + np.exp(-(x_t @ W_x.T + s @ W_h.T + b)))


def step_forgets(x_t, s, W_x, W_h, b):
    return np.tanh(x_t @ W_x.T + b)


def step_state_outside(x_t, s, W_x, W_h, b):
    return np.tanh(x_t @ W_x.T + b) + s @ W_h.T


def step_hadamard(x_t, s, W_x, W_h, b):
    return np.tanh(x_t @ W_x.T + s * np.diag(W_h) + b)


def step_double_bias(x_t, s, W_x, W_h, b):
    return np.tanh(x_t @ W_x.T + b + s @ W_h.T + b)


def step_subtracts(x_t, s, W_x, W_h, b):
    return np.tanh(x_t @ W_x.T - s @ W_h.T + b)


def step_first_example(x_t, s, W_x, W_h, b):
    return np.tanh(W_x @ x_t[0] + W_h @ s[0] + b)


def step_mutates(x_t, s, W_x, W_h, b):
    s[:] = np.tanh(x_t @ W_x.T + s @ W_h.T + b)
    return s


def step_list(x_t, s, W_x, W_h, b):
    return list(step_einsum(x_t, s, W_x, W_h, b))


def step_columns_out(x_t, s, W_x, W_h, b):
    return np.tanh(W_x @ x_t.T + W_h @ s.T + b[:, None])


def step_columns_bias(x_t, s, W_x, W_h, b):
    return np.tanh(W_x @ x_t.T + W_h @ s.T + b)


def step_no_transpose(x_t, s, W_x, W_h, b):
    return np.tanh(x_t @ W_x + s @ W_h + b)


def step_both(x_t, s, W_x, W_h, b):
    a_t = x_t @ W_x.T + s @ W_h.T + b
    return a_t, np.tanh(a_t)


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
        "W_h for its transpose": step_transposed,
        "columns": step_columns,
        "no bias": step_no_bias,
        "no tanh": step_linear,
        "sigmoid": step_sigmoid,
        "no old state": step_forgets,
        "the state outside of tanh": step_state_outside,
        "the diagonal": step_hadamard,
        "the bias twice": step_double_bias,
        "minus": step_subtracts,
        "the first example only": step_first_example,
        "writes into s": step_mutates,
        "a list": step_list,
        "columns returned": step_columns_out,
        "columns, bias along rows": step_columns_bias,
        "no transpose": step_no_transpose,
        "the pre-activation too": step_both,
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


def forward_no_initial(x, y, *p):
    states, z, loss = forward_list(x, y, *p)
    return states[:, 1:], z, loss


def forward_last_kept(x, y, *p):
    states, z, loss = forward_list(x, y, *p)
    return states[:, :-1], z, loss


def forward_time_major(x, y, *p):
    states, z, loss = forward_list(x, y, *p)
    return states.swapaxes(0, 1), z, loss


def forward_forgets(x, y, W_x, W_h, b, W_y, b_y):
    states = np.zeros((len(x), x.shape[1] + 1, len(b)))
    for t in range(x.shape[1]):
        states[:, t + 1] = np.tanh(x[:, t] @ W_x.T + states[:, 0] @ W_h.T + b)
    z = states[:, 1:] @ W_y.T + b_y
    return states, z, np.mean(np.logaddexp(0, z) - y * z)


def forward_reads_old(x, y, W_x, W_h, b, W_y, b_y):
    states = forward_list(x, y, W_x, W_h, b, W_y, b_y)[0]
    z = states[:, :-1] @ W_y.T + b_y
    return states, z, np.mean(np.logaddexp(0, z) - y * z)


def forward_probabilities(x, y, *p):
    states, z, loss = forward_list(x, y, *p)
    return states, 1 / (1 + np.exp(-z)), loss


def forward_flat(x, y, *p):
    states, z, loss = forward_list(x, y, *p)
    return states, z[..., 0], loss


def forward_sum(x, y, *p):
    states, z, _ = forward_list(x, y, *p)
    return states, z, np.sum(np.logaddexp(0, z) - y * z)


def forward_batch_mean(x, y, *p):
    states, z, _ = forward_list(x, y, *p)
    return states, z, np.sum(np.logaddexp(0, z) - y * z) / len(x)


def forward_naive_log(x, y, *p):
    states, z, _ = forward_list(x, y, *p)
    q = 1 / (1 + np.exp(-z))
    return states, z, -np.mean(y * np.log(q) + (1 - y) * np.log(1 - q))


def forward_overflows(x, y, *p):
    states, z, _ = forward_list(x, y, *p)
    return states, z, np.mean(np.log(1 + np.exp(z)) - y * z)


def forward_squares(x, y, *p):
    states, z, _ = forward_list(x, y, *p)
    return states, z, np.mean((1 / (1 + np.exp(-z)) - y) ** 2)


def forward_wrong_sign(x, y, *p):
    states, z, loss = forward_list(x, y, *p)
    return states, z, -loss


def forward_broadcasts(x, y, *p):
    states, z, _ = forward_list(x, y, *p)
    return states, z, np.mean(np.logaddexp(0, z) - y * z[..., 0][:, None, :])


def forward_no_output_bias(x, y, W_x, W_h, b, W_y, b_y):
    return forward_list(x, y, W_x, W_h, b, W_y, 0 * b_y)


def forward_two(x, y, *p):
    return forward_list(x, y, *p)[:2]


def forward_time_mean(x, y, *p):
    states, z, _ = forward_list(x, y, *p)
    return states, z, np.sum(np.logaddexp(0, z) - y * z) / x.shape[1]


def forward_every_loss(x, y, *p):
    states, z, _ = forward_list(x, y, *p)
    return states, z, np.logaddexp(0, z) - y * z


def forward_exchanged(x, y, *p):
    states, z, loss = forward_list(x, y, *p)
    return z, states, loss


def forward_initial_last(x, y, W_x, W_h, b, W_y, b_y):
    s = np.zeros((len(x), x.shape[1] + 1, len(b)))
    for t in range(x.shape[1]):
        s[:, t] = np.tanh(x[:, t] @ W_x.T + s[:, t - 1] @ W_h.T + b)
    z = s[:, :-1] @ W_y.T + b_y
    return s, z, np.mean(np.logaddexp(0, z) - y * z)


def forward_x_of_t(x, y, W_x, W_h, b, W_y, b_y):
    s = np.zeros((len(x), x.shape[1] + 1, len(b)))
    for t in range(x.shape[1]):
        s[:, t + 1] = np.tanh(x[t] @ W_x.T + s[:, t] @ W_h.T + b)
    z = s[:, 1:] @ W_y.T + b_y
    return s, z, np.mean(np.logaddexp(0, z) - y * z)


def forward_reads_initial(x, y, W_x, W_h, b, W_y, b_y):
    s = forward_list(x, y, W_x, W_h, b, W_y, b_y)[0]
    z = s @ W_y.T + b_y
    return s, z, np.mean(np.logaddexp(0, z) - y * z)


def forward_output_untransposed(x, y, W_x, W_h, b, W_y, b_y):
    s = forward_list(x, y, W_x, W_h, b, W_y, b_y)[0]
    z = s[:, 1:] @ W_y + b_y
    return s, z, np.mean(np.logaddexp(0, z) - y * z)


def forward_flat_loss(x, y, W_x, W_h, b, W_y, b_y):
    s = forward_list(x, y, W_x, W_h, b, W_y, b_y)[0]
    z = (s[:, 1:] @ W_y.T + b_y)[:, :, 0]
    return s, z, np.mean(np.logaddexp(0, z) - y * z)


def forward_from_ones(x, y, W_x, W_h, b, W_y, b_y):
    s = [np.ones((len(x), len(b)))]
    for t in range(x.shape[1]):
        s.append(np.tanh(x[:, t] @ W_x.T + s[-1] @ W_h.T + b))
    s = np.stack(s, axis=1)
    z = s[:, 1:] @ W_y.T + b_y
    return s, z, np.mean(np.logaddexp(0, z) - y * z)


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
        "no initial state": forward_no_initial,
        "no last state": forward_last_kept,
        "time first": forward_time_major,
        "every step from zeros": forward_forgets,
        "reads the old state": forward_reads_old,
        "probabilities": forward_probabilities,
        "logits without their last axis": forward_flat,
        "the sum": forward_sum,
        "mean over the batch": forward_batch_mean,
        "log of a sigmoid": forward_naive_log,
        "exp overflows": forward_overflows,
        "squared error": forward_squares,
        "wrong sign": forward_wrong_sign,
        "a broadcasting accident": forward_broadcasts,
        "no output bias": forward_no_output_bias,
        "two of three": forward_two,
        "mean over time": forward_time_mean,
        "every bit's loss": forward_every_loss,
        "logits before states": forward_exchanged,
        "the initial state last": forward_initial_last,
        "x[t] for x[:, t]": forward_x_of_t,
        "reads the initial state too": forward_reads_initial,
        "W_y for its transpose": forward_output_untransposed,
        "flat logits in the loss": forward_flat_loss,
        "starts from ones": forward_from_ones,
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


def backward_transposed(d_s, s, W_h):
    d_a = d_s * (1 - s**2)
    return d_a, d_a @ W_h.T


def backward_skips_tanh(d_s, s, W_h):
    return d_s * (1 - s**2), d_s @ W_h


def backward_double_tanh(d_s, s, W_h):
    d_a = d_s * (1 - np.tanh(s) ** 2)
    return d_a, d_a @ W_h


def backward_sigmoid(d_s, s, W_h):
    d_a = d_s * s * (1 - s)
    return d_a, d_a @ W_h


def backward_no_slope(d_s, s, W_h):
    return d_s, d_s @ W_h


def backward_no_square(d_s, s, W_h):
    d_a = d_s * (1 - s)
    return d_a, d_a @ W_h


def backward_exchanged(d_s, s, W_h):
    d_a = d_s * (1 - s**2)
    return d_a @ W_h, d_a


def backward_only_one(d_s, s, W_h):
    return d_s * (1 - s**2)


def backward_matrix_product(d_s, s, W_h):
    d_a = d_s @ (1 - s**2).T
    return d_a, d_a @ W_h


def backward_adds(d_s, s, W_h):
    d_a = d_s * (1 - s**2)
    return d_a, d_s + d_a @ W_h


def backward_mean(d_s, s, W_h):
    d_a = d_s * (1 - s**2) / len(s)
    return d_a, d_a @ W_h


def backward_columns(d_s, s, W_h):
    d_a = d_s * (1 - s**2)
    return d_a, W_h.T @ d_a


def backward_mutates(d_s, s, W_h):
    d_s *= 1 - s**2
    return d_s, d_s @ W_h


def backward_no_upstream(d_s, s, W_h):
    d_a = 1 - s**2
    return d_a, d_a @ W_h


def backward_columns_out(d_s, s, W_h):
    d_a = d_s * (1 - s**2)
    return d_a, W_h.T @ d_a.T


def backward_at(d_s, s, W_h):
    d_a = d_s @ (1 - s**2)
    return d_a, d_a @ W_h


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
        "W_h transposed": backward_transposed,
        "skips tanh": backward_skips_tanh,
        "tanh of a tanh": backward_double_tanh,
        "slope of the sigmoid": backward_sigmoid,
        "no slope": backward_no_slope,
        "no square": backward_no_square,
        "exchanged": backward_exchanged,
        "one of two": backward_only_one,
        "a matrix product": backward_matrix_product,
        "adds d_s": backward_adds,
        "divided by the batch": backward_mean,
        "columns": backward_columns,
        "changes d_s": backward_mutates,
        "no d_s": backward_no_upstream,
        "columns returned": backward_columns_out,
        "@ for *": backward_at,
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


def bptt_cut(x, states, d_states, W_h):
    d_a = d_states * (1 - states[:, 1:] ** 2)
    return sums(d_a, x, states)


def bptt_last_loss(x, states, d_states, W_h):
    only = np.zeros_like(d_states)
    only[:, -1] = d_states[:, -1]
    return bptt_collected(x, states, only, W_h)


def bptt_old_slope(x, states, d_states, W_h):
    d_s, d_a = np.zeros_like(states[:, 0]), np.zeros_like(d_states)
    for t in reversed(range(x.shape[1])):
        d_a[:, t] = (d_s + d_states[:, t]) * (1 - states[:, t] ** 2)
        d_s = d_a[:, t] @ W_h
    return sums(d_a, x, states)


def bptt_forward(x, states, d_states, W_h):
    d_s, d_a = np.zeros_like(states[:, 0]), np.zeros_like(d_states)
    for t in range(x.shape[1]):
        d_a[:, t] = (d_s + d_states[:, t]) * (1 - states[:, t + 1] ** 2)
        d_s = d_a[:, t] @ W_h
    return sums(d_a, x, states)


def bptt_transposed_road(x, states, d_states, W_h):
    return bptt_collected(x, states, d_states, W_h.T)


def bptt_new_states(x, states, d_states, W_h):
    d_W_x, _, d_b = bptt_collected(x, states, d_states, W_h)
    return d_W_x, bptt_collected(x, np.roll(states, -1, axis=1), d_states, W_h)[1], d_b


def bptt_states_shifted(x, states, d_states, W_h):
    d_W_x, d_W_h, d_b = np.zeros((len(W_h), x.shape[2])), np.zeros_like(W_h), np.zeros(len(W_h))
    d_s = np.zeros_like(states[:, 0])
    for t in reversed(range(x.shape[1])):
        d_a = (d_s + d_states[:, t]) * (1 - states[:, t + 1] ** 2)
        d_W_x += d_a.T @ x[:, t]
        d_W_h += d_a.T @ states[:, t + 1]
        d_b += d_a.sum(axis=0)
        d_s = d_a @ W_h
    return d_W_x, d_W_h, d_b


def bptt_overwrites(x, states, d_states, W_h):
    d_s = np.zeros_like(states[:, 0])
    for t in reversed(range(x.shape[1])):
        d_a = (d_s + d_states[:, t]) * (1 - states[:, t + 1] ** 2)
        d_W_x, d_W_h, d_b = d_a.T @ x[:, t], d_a.T @ states[:, t], d_a.sum(axis=0)
        d_s = d_a @ W_h
    return d_W_x, d_W_h, d_b


def bptt_mean(x, states, d_states, W_h):
    return tuple(g / len(x) for g in bptt_collected(x, states, d_states, W_h))


def bptt_transposed(x, states, d_states, W_h):
    d_W_x, d_W_h, d_b = bptt_collected(x, states, d_states, W_h)
    return d_W_x.T, d_W_h.T, d_b


def bptt_state_transposed(x, states, d_states, W_h):
    d_W_x, d_W_h, d_b = bptt_collected(x, states, d_states, W_h)
    return d_W_x, d_W_h.T, d_b


def bptt_skips_first(x, states, d_states, W_h):
    d_s, d_a = np.zeros_like(states[:, 0]), np.zeros_like(d_states)
    for t in range(x.shape[1] - 1, 0, -1):
        d_a[:, t] = (d_s + d_states[:, t]) * (1 - states[:, t + 1] ** 2)
        d_s = d_a[:, t] @ W_h
    return sums(d_a, x, states)


def bptt_bias_matrix(x, states, d_states, W_h):
    d_W_x, d_W_h, d_b = bptt_collected(x, states, d_states, W_h)
    return d_W_x, d_W_h, d_b[None]


def bptt_three_steps(x, states, d_states, W_h):
    """Truncated: every derivative travels three steps back at most."""
    total = [0.0, 0.0, 0.0]
    for t in range(x.shape[1]):
        first = max(0, t - 2)
        own = np.zeros_like(d_states[:, first : t + 1])
        own[:, -1] = d_states[:, t]
        part = bptt_collected(x[:, first : t + 1], states[:, first : t + 2], own, W_h)
        total = [a + b for a, b in zip(total, part, strict=True)]
    return tuple(total)


def bptt_mutates(x, states, d_states, W_h):
    for t in reversed(range(x.shape[1])):
        d_states[:, t] *= 1 - states[:, t + 1] ** 2
        if t:
            d_states[:, t - 1] += d_states[:, t] @ W_h
    return sums(d_states, x, states)


def bptt_time_mean(x, states, d_states, W_h):
    return tuple(g / x.shape[1] for g in bptt_collected(x, states, d_states, W_h))


def bptt_all_mean(x, states, d_states, W_h):
    return tuple(g / (len(x) * x.shape[1]) for g in bptt_collected(x, states, d_states, W_h))


def bptt_bias_mean(x, states, d_states, W_h):
    d_W_x, d_W_h, d_b = bptt_collected(x, states, d_states, W_h)
    return d_W_x, d_W_h, d_b / len(x)


def bptt_bias_rows(x, states, d_states, W_h):
    d_W_x, d_W_h, d_b = np.zeros((len(W_h), x.shape[2])), np.zeros_like(W_h), 0
    d_s = np.zeros_like(states[:, 0])
    for t in reversed(range(x.shape[1])):
        d_a = (d_s + d_states[:, t]) * (1 - states[:, t + 1] ** 2)
        d_W_x += d_a.T @ x[:, t]
        d_W_h += d_a.T @ states[:, t]
        d_b = d_b + d_a
        d_s = d_a @ W_h
    return d_W_x, d_W_h, d_b


def bptt_exchanged(x, states, d_states, W_h):
    d_W_x, d_W_h, d_b = bptt_collected(x, states, d_states, W_h)
    return d_W_h, d_W_x, d_b


def bptt_untransposed(x, states, d_states, W_h):
    d_W_x = np.zeros((len(W_h), x.shape[2]))
    for t in range(x.shape[1]):
        d_W_x += x[:, t].T @ d_states[:, t]
    return d_W_x, W_h, d_W_x[:, 0]


def bptt_piles_up(x, states, d_states, W_h):
    d_s, d_a = np.zeros_like(states[:, 0]), np.zeros_like(d_states)
    for t in reversed(range(x.shape[1])):
        d_s = d_s + d_states[:, t]
        d_a[:, t] = d_s * (1 - states[:, t + 1] ** 2)
        d_s = d_s + d_a[:, t] @ W_h
    return sums(d_a, x, states)


def bptt_unpacks_backwards(x, states, d_states, W_h):
    d_s, d_a = np.zeros_like(states[:, 0]), np.zeros_like(d_states)
    for t in reversed(range(x.shape[1])):
        d_s = (d_s + d_states[:, t]) * (1 - states[:, t + 1] ** 2)
        d_a[:, t] = d_s @ W_h
    return sums(d_a, x, states)


def bptt_no_loss(x, states, d_states, W_h):
    return bptt_collected(x, states, 0 * d_states, W_h)


def bptt_late_loss(x, states, d_states, W_h):
    d_s, d_a = d_states[:, -1], np.zeros_like(d_states)
    for t in reversed(range(x.shape[1])):
        d_a[:, t] = d_s * (1 - states[:, t + 1] ** 2)
        d_s = d_a[:, t] @ W_h + d_states[:, t]  # t - 1 it should be
    return sums(d_a, x, states)


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
        "no way back in time": bptt_cut,
        "the last loss only": bptt_last_loss,
        "slope at the old state": bptt_old_slope,
        "forward": bptt_forward,
        "W_h transposed on the way": bptt_transposed_road,
        "states rolled": bptt_new_states,
        "new states for old": bptt_states_shifted,
        "overwrites": bptt_overwrites,
        "divided by the batch": bptt_mean,
        "gradients transposed": bptt_transposed,
        "d_W_h transposed": bptt_state_transposed,
        "step 0 skipped": bptt_skips_first,
        "a bias with two axes": bptt_bias_matrix,
        "truncated to three steps": bptt_three_steps,
        "changes d_states": bptt_mutates,
        "divided by time": bptt_time_mean,
        "divided by all": bptt_all_mean,
        "the bias divided by the batch": bptt_bias_mean,
        "the bias not summed over the batch": bptt_bias_rows,
        "W_h before W_x": bptt_exchanged,
        "x.T @ d_a": bptt_untransposed,
        "what returns is added up": bptt_piles_up,
        "unpacked the wrong way round": bptt_unpacks_backwards,
        "no loss at all": bptt_no_loss,
        "the loss of step t one step late": bptt_late_loss,
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


def numerical_one_sided(loss, w, eps):
    g = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        moved = w.copy()
        moved[i] += eps
        g[i] = (loss(moved) - loss(w)) / eps
    return g


def numerical_not_restored(loss, w, eps):
    g, w = np.zeros_like(w), w.copy()
    for i in np.ndindex(w.shape):
        w[i] += eps
        up = loss(w)
        w[i] -= 2 * eps
        g[i] = (up - loss(w)) / (2 * eps)
    return g


def numerical_half_way(loss, w, eps):
    g, w = np.zeros_like(w), w.copy()
    for i in np.ndindex(w.shape):
        w[i] += eps
        up = loss(w)
        w[i] -= eps
        g[i] = (up - loss(w)) / (2 * eps)
    return g


def numerical_all(loss, w, eps):
    return np.full_like(w, (loss(w + eps) - loss(w - eps)) / (2 * eps))


def numerical_no_two(loss, w, eps):
    return 2 * numerical_copies(loss, w, eps)


def numerical_precedence(loss, w, eps):
    return numerical_copies(loss, w, eps) * eps * eps  # / 2 * eps for / (2 * eps)


def numerical_flat(loss, w, eps):
    return numerical_copies(loss, w, eps).reshape(-1)


def numerical_sign(loss, w, eps):
    return -numerical_copies(loss, w, eps)


def numerical_own_eps(loss, w, eps):
    return numerical_copies(loss, w, 1e-5)


def numerical_first_axis(loss, w, eps):
    g = np.zeros_like(w)
    for i in range(len(w)):
        up, down = w.copy(), w.copy()
        up[i] += eps
        down[i] -= eps
        g[i] = (loss(up) - loss(down)) / (2 * eps)
    return g


def numerical_view(loss, w, eps):
    g = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        up = w  # not a copy
        up[i] += eps
        down = w
        down[i] -= eps
        g[i] = (loss(up) - loss(down)) / (2 * eps)
    return g


def numerical_leaves_traces(loss, w, eps):
    g = np.zeros_like(w)
    for i in np.ndindex(w.shape):
        old = w[i]
        w[i] = old + eps
        up = loss(w)
        w[i] = old - eps
        g[i] = (up - loss(w)) / (2 * eps)
        w[i] = old
    w += 0.001
    return g


def numerical_sum(loss, w, eps):
    return float(numerical_copies(loss, w, eps).sum())


def numerical_scalar(loss, w, eps):
    return (loss(w + eps) - loss(w - eps)) / (2 * eps)


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
        "one-sided": numerical_one_sided,
        "not put back": numerical_not_restored,
        "half way": numerical_half_way,
        "all at once": numerical_all,
        "divided by eps": numerical_no_two,
        "/ 2 * eps": numerical_precedence,
        "flat": numerical_flat,
        "sign": numerical_sign,
        "its own eps": numerical_own_eps,
        "whole rows": numerical_first_axis,
        "a view for a copy": numerical_view,
        "changes w": numerical_leaves_traces,
        "a sum": numerical_sum,
        "all at once, one number": numerical_scalar,
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

#: What the hint to a wrong answer says, in English.
HINTS = {
    "addition/encode": {
        "most significant first": "most significant bit comes first",
        "no step for the last carry": "width + 1 steps",
        "the sum without its last axis": "lacks its last axis",
        "features before time": "(numbers, time, 2)",
        "no carry": "y has no carries",
        "integers": "astype(float)",
        "sums of columns": "the columns' sums",
        "wraps around": "last step is still zero",
        "seven bits": "the width is an argument",
        "b before a": "first the bit of a",
        "/ for //": "divide whole numbers",
        "no axis for the numbers": "an axis of their own",
    },
    "addition/step": {
        "W_h for its transpose": "s @ W_h.T",
        "columns": "x_t @ W_x.T instead",
        "no bias": "the bias b is missing",
        "no tanh": "the pre-activation",
        "sigmoid": "not a sigmoid",
        "no old state": "does not depend on the old one",
        "the state outside of tanh": "of the whole sum",
        "columns returned": "here examples are columns",
        "columns, bias along rows": "here examples are columns",
        "no transpose": "only the transpose fits",
    },
    "addition/forward": {
        "no initial state": "T + 1 states",
        "every step from zeros": "every step starts from zeros",
        "reads the old state": "reads the new state",
        "probabilities": "return the logits",
        "the sum": "not the sum",
        "mean over the batch": "not over the batch alone",
        "mean over time": "not over time alone",
        "logits without their last axis": "as y has",
        "flat logits in the loss": "as y has",
        "squared error": "squared error",
        "no output bias": "b_y, is missing",
        "every bit's loss": "take their mean",
        "logits before states": "states, logits, the loss",
        "the initial state last": "should be first",
        "x[t] for x[:, t]": "not x[t]",
        "reads the initial state too": "has no output",
        "W_y for its transpose": "@ W_y.T",
    },
    "addition/backward_step": {
        "W_h transposed": "no transpose",
        "skips tanh": "what travels on is d_a",
        "tanh of a tanh": "a tanh already",
        "slope of the sigmoid": "slope of the sigmoid",
        "no slope": "is missing",
        "exchanged": "first the derivative by a_t",
        "no square": "with a square",
        "adds d_s": "ends here",
        "no d_s": "d_s is missing",
        "columns": "v @ W_h",
        "columns returned": "v @ W_h",
        "@ for *": "* instead of @",
    },
    "addition/bptt": {
        "no way back in time": "does not travel back in time",
        "the last loss only": "every step has its own loss",
        "slope at the old state": "the new state, states[:, t + 1]",
        "forward": "from the last step",
        "new states for old": "W_h multiplied the old state",
        "overwrites": "must be added",
        "divided by the batch": "sum over the batch",
        "gradients transposed": "weight's shape",
        "x.T @ d_a": "weight's shape",
        "divided by time": "sum over the batch and over time",
        "divided by all": "sum over the batch and over time",
        "the bias divided by the batch": "sum over the batch and over time",
        "the bias not summed over the batch": "d_a.sum(axis=0)",
        "W_h before W_x": "the order",
        "d_W_h transposed": "columns the old state",
        "step 0 skipped": "ends too early",
        "what returns is added up": "replaces the previous one",
        "unpacked the wrong way round": "returns the derivative by a_t first",
        "no loss at all": "all came out as zero",
    },
    "addition/numerical": {
        "one-sided": "one-sided",
        "not put back": "put each number back",
        "half way": "2·eps",
        "all at once": "one number at a time",
        "divided by eps": "2·eps apart",
        "/ 2 * eps": "parentheses",
        "whole rows": "a whole row",
        "all at once, one number": "one number at a time",
        "a view for a copy": "makes no copy",
        "flat": "the shape of w",
        "sign": "sign",
        "its own eps": "eps is an argument",
    },
}

BANK = {
    "addition/encode": ENCODE,
    "addition/step": STEP,
    "addition/forward": FORWARD,
    "addition/backward_step": BACKWARD,
    "addition/bptt": BPTT,
    "addition/numerical": NUMERICAL,
}
