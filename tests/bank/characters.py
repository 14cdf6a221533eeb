"""Answers to the exercises of lab 05."""

from __future__ import annotations

import math
from functools import partial

import keras
import numpy as np
import torch

from bank import Answers

# --- bits ---------------------------------------------------------------------------------------


def bits_blank(log_p, target):
    raise NotImplementedError


def bits_nats(log_p, target):
    return -log_p[range(len(target)), target].mean()


def bits_log2_of_logs(log_p, target):
    return -np.mean(np.log2(-log_p[range(len(target)), target]))


def bits_multiplied(log_p, target):
    return -log_p[range(len(target)), target].mean() * np.log(2)


def bits_sum(log_p, target):
    return -log_p[range(len(target)), target].sum() / np.log(2)


def bits_positive(log_p, target):
    return log_p[range(len(target)), target].mean() / np.log(2)


def bits_all(log_p, target):
    return -log_p.mean() / np.log(2)


def bits_square(log_p, target):
    return -np.mean(log_p[:, target]) / np.log(2)  # (n, n) instead of (n,)


def bits_best(log_p, target):
    return -log_p.max(axis=1).mean() / np.log(2)


def bits_entropy(log_p, target):
    return -np.sum(np.exp(log_p) * log_p, axis=1).mean() / np.log(2)


def bits_of_the_mean(log_p, target):
    return -np.log2(np.exp(log_p[range(len(target)), target]).mean())


def bits_perplexity(log_p, target):
    return np.exp(-log_p[range(len(target)), target].mean())


def bits_next_row(log_p, target):
    return -np.roll(log_p, -1, axis=0)[range(len(target)), target].mean() / np.log(2) + (
        len(target) == 1
    )


def bits_each(log_p, target):
    return -log_p[range(len(target)), target] / np.log(2)


def bits_divided_by_v(log_p, target):
    return -log_p[range(len(target)), target].sum() / log_p.shape[1] / np.log(2)


def bits_digits(log_p, target):
    return -log_p[range(len(target)), target].mean() / np.log(10)


def bits_clipped(log_p, target):
    chosen = np.exp(log_p[range(len(target)), target])
    return -np.log2(np.clip(chosen, 1e-7, 1)).mean()  # a great surprise costs too little


def bits_column_before(log_p, target):
    return -log_p[range(len(target)), target - 1].mean() / np.log(2)


def bits_shifted(log_p, target):
    return -log_p[range(len(target) - 1), target[1:]].mean() / np.log(2)


def bits_mean_of_everything(log_p, target):
    one_hot = np.eye(log_p.shape[1])[target]
    return -(one_hot * log_p).mean() / np.log(2)  # zeros are averaged in


def bits_mutates(log_p, target):
    value = bits_loop(log_p, target)
    log_p /= np.log(2)
    return value


def bits_loop(log_p, target):
    total = 0.0
    for row, c in zip(log_p, target, strict=True):
        total -= math.log2(math.exp(row[c]))
    return total / len(target)


def bits_one_hot(log_p, target):
    one_hot = np.eye(log_p.shape[1])[target]
    return -np.einsum("nv,nv->", one_hot, log_p) / len(target) / np.log(2)


def bits_torch(log_p, target):
    loss = torch.nn.functional.nll_loss(torch.tensor(log_p).float(), torch.tensor(target))
    return loss / math.log(2)


def bits_keras(log_p, target):
    loss = keras.losses.sparse_categorical_crossentropy(target, log_p, from_logits=True)
    return keras.ops.mean(loss) / math.log(2)


BITS = Answers(
    wrong={
        "nats": bits_nats,
        "logarithm of logarithms": bits_log2_of_logs,
        "multiplied by log 2": bits_multiplied,
        "the whole text's bits": bits_sum,
        "negative": bits_positive,
        "all characters": bits_all,
        "every pair": bits_square,
        "the likeliest character": bits_best,
        "entropy of the predictions": bits_entropy,
        "logarithm of the mean": bits_of_the_mean,
        "perplexity": bits_perplexity,
        "a row late": bits_next_row,
        "not averaged": bits_each,
        "divided by V": bits_divided_by_v,
        "decimal digits": bits_digits,
        "clipped probabilities": bits_clipped,
        "the column before": bits_column_before,
        "shifted": bits_shifted,
        "the mean of a one-hot product": bits_mean_of_everything,
        "changes the predictions": bits_mutates,
    },
    right={
        "a loop": bits_loop,
        "one-hot, einsum": bits_one_hot,
        "PyTorch's loss, float32": bits_torch,
        "Keras' loss": bits_keras,
    },
    blank=bits_blank,
)

# --- witten-bell --------------------------------------------------------------------------------


def wb_blank(counts, lower):
    raise NotImplementedError


def wb_divides_by_zero(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    return (counts + t * lower) / (n + t)


def wb_nan_to_zero(counts, lower):
    return np.nan_to_num(wb_divides_by_zero(counts, lower))


def wb_small_number(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    return (counts + t * lower) / (n + t + 1e-10)  # zeros where nothing was seen


def wb_t_is_v(counts, lower):
    n, v = counts.sum(1, keepdims=True), counts.shape[1]
    return (counts + v * lower) / (n + v)


def wb_t_is_n(counts, lower):
    n = counts.sum(1, keepdims=True)
    return np.where(n > 0, (counts + n * lower) / np.maximum(2 * n, 1), lower)


def wb_t_is_one(counts, lower):
    n = counts.sum(1, keepdims=True)
    return (counts + lower) / (n + 1)


def wb_add_one(counts, lower):
    return (counts + 1) / (counts.sum(1, keepdims=True) + counts.shape[1])


def wb_back_off(counts, lower):
    n = np.maximum(counts.sum(1, keepdims=True), 1)
    return np.where(counts > 0, counts / n, lower)


def wb_half(counts, lower):
    n = counts.sum(1, keepdims=True)
    return np.where(n > 0, 0.5 * counts / np.maximum(n, 1) + 0.5 * lower, lower)


def wb_swapped(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    weight = n / np.maximum(n + t, 1)
    own = counts / np.maximum(n, 1)
    return np.where(n > 0, (1 - weight) * own + weight * lower, lower)


def wb_no_t_below(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    return np.where(n > 0, (counts + t * lower) / np.maximum(n, 1), lower)


def wb_axis_0(counts, lower):
    n, t = counts.sum(0), (counts > 0).sum(0)
    return np.where(n > 0, (counts + t * lower) / np.maximum(n + t, 1), lower)


def wb_no_keepdims(counts, lower):
    n, t = counts.sum(1), (counts > 0).sum(1)
    return np.where(n > 0, (counts + t * lower) / np.maximum(n + t, 1), lower)


def wb_lower_unweighted(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    return np.where(n > 0, counts / np.maximum(n + t, 1) + lower, lower)


def wb_lower_unweighted_above(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    return np.where(n > 0, (counts + lower) / np.maximum(n + t, 1), lower)


def wb_lower_times_n(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    return np.where(n > 0, (counts + n * lower) / np.maximum(n + t, 1), lower)


def wb_no_axis(counts, lower):
    n, t = counts.sum(), np.count_nonzero(counts)
    return (counts + t * lower) / (n + t)


def wb_t_counts_zeros(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts == 0).sum(1, keepdims=True)
    return np.where(n > 0, (counts + t * lower) / (n + t), lower)


def wb_changes_lower(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    lower *= np.where(n > 0, t, 1)
    lower += counts
    lower /= np.where(n > 0, n + t, 1)
    return lower


def wb_only_unseen(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    rest = np.where(counts > 0, 0, t * lower)
    return np.where(n > 0, (counts + rest) / np.maximum(n + t, 1), lower)


def wb_mutates(counts, lower):
    result = wb_weights(counts, lower)
    counts += 1
    return result


def wb_lists(counts, lower):
    return wb_weights(counts, lower).tolist()


def wb_integers(counts, lower):
    out = np.zeros_like(counts)  # integers: fractions are cut off
    out[:] = wb_weights(counts, lower)
    return out


def wb_weights(counts, lower):
    n = counts.sum(axis=1)[:, None]
    t = np.count_nonzero(counts, axis=1)[:, None]
    weight = np.divide(n, n + t, out=np.zeros((len(counts), 1)), where=n > 0)
    own = counts / np.maximum(n, 1)
    return weight * own + (1 - weight) * lower


def wb_loop(c, q):
    p = []
    for row, shorter in zip(c, q, strict=True):
        total, kinds = int(row.sum()), sum(1 for value in row if value)
        if total == 0:
            p.append(list(shorter))
        else:
            pairs = zip(row, shorter, strict=True)
            p.append([(a + kinds * b) / (total + kinds) for a, b in pairs])
    return np.array(p, dtype=np.float32)


def wb_torch(counts, lower):
    c, q = torch.tensor(counts).float(), torch.tensor(lower).float()
    n, t = c.sum(1, keepdim=True), (c > 0).sum(1, keepdim=True)
    return torch.where(n > 0, (c + t * q) / (n + t), q)


def wb_at_least_one(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = np.maximum((counts > 0).sum(1, keepdims=True), 1)  # new: (0 + 1 · lower) / (0 + 1)
    return (counts + t * lower) / (n + t)


def wb_mask(counts, lower):
    p = lower.copy()
    known = counts.any(axis=1)
    c = counts[known]
    n, t = c.sum(1, keepdims=True), (c != 0).sum(1, keepdims=True)
    p[known] = (c + t * p[known]) / (n + t)
    return p


WITTEN_BELL = Answers(
    wrong={
        "0/0": wb_divides_by_zero,
        "zeros for an unseen context": wb_nan_to_zero,
        "zeros by a small number": wb_small_number,
        "T is V": wb_t_is_v,
        "T is N": wb_t_is_n,
        "T is 1": wb_t_is_one,
        "add one": wb_add_one,
        "back-off": wb_back_off,
        "half and half": wb_half,
        "weights exchanged": wb_swapped,
        "no T in the denominator": wb_no_t_below,
        "along the contexts": wb_axis_0,
        "no column": wb_no_keepdims,
        "lower without weight": wb_lower_unweighted,
        "lower for unseen characters only": wb_only_unseen,
        "lower without weight, above": wb_lower_unweighted_above,
        "lower times N": wb_lower_times_n,
        "no axis": wb_no_axis,
        "T counts zeros": wb_t_counts_zeros,
        "changes lower": wb_changes_lower,
        "changes the counts": wb_mutates,
        "lists": wb_lists,
        "integers": wb_integers,
    },
    right={
        "weights": wb_weights,
        "loops, float32": wb_loop,
        "PyTorch": wb_torch,
        "a mask of known contexts": wb_mask,
        "T is at least 1": wb_at_least_one,
    },
    blank=wb_blank,
)

# --- streams ------------------------------------------------------------------------------------


def streams_blank(ids, batch, length):
    raise NotImplementedError


def _cut(ids, batch, length):
    chunks = (len(ids) - 1) // (batch * length)
    return chunks, ids[: chunks * batch * length], ids[1 : chunks * batch * length + 1]


def streams_in_reading_order(ids, batch, length):
    chunks, x, y = _cut(ids, batch, length)
    return x.reshape(chunks, batch, length), y.reshape(chunks, batch, length)


def streams_not_swapped(ids, batch, length):
    chunks, x, y = _cut(ids, batch, length)
    return x.reshape(batch, chunks, length), y.reshape(batch, chunks, length)


def streams_time_major(ids, batch, length):
    x, y = streams_loop(ids, batch, length)
    return x.swapaxes(1, 2), y.swapaxes(1, 2)


def streams_interleaved(ids, batch, length):
    chunks, x, y = _cut(ids, batch, length)
    return tuple(a.reshape(chunks, length, batch).swapaxes(1, 2) for a in (x, y))


def streams_rolled(ids, batch, length):
    x, _ = streams_loop(ids, batch, length)
    return x, np.roll(x, -1, axis=-1)


def streams_rolled_text(ids, batch, length):
    chunks = len(ids) // (batch * length)
    n = chunks * batch * length
    cut = [a[:n].reshape(batch, chunks, length).swapaxes(0, 1) for a in (ids, np.roll(ids, -1))]
    return tuple(cut)


def streams_target_is_input(ids, batch, length):
    x, _ = streams_loop(ids, batch, length)
    return x, x.copy()


def streams_exchanged(ids, batch, length):
    return streams_loop(ids, batch, length)[::-1]


def streams_backwards(ids, batch, length):
    x, _ = streams_loop(ids, batch, length)
    chunks, _, _ = _cut(ids, batch, length)
    before = np.roll(ids, 1)[: chunks * batch * length]
    return x, before.reshape(batch, chunks, length).swapaxes(0, 1)


def streams_too_long(ids, batch, length):
    chunks = len(ids) // (batch * length)
    n = chunks * batch * length
    return tuple(a.reshape(batch, chunks, length).swapaxes(0, 1) for a in (ids[:n], ids[1 : n + 1]))


def streams_last_target(ids, batch, length):
    x, y = streams_loop(ids, batch, length)
    return x, y[:, :, -1]


def streams_one_hot(ids, batch, length):
    x, y = streams_loop(ids, batch, length)
    return np.eye(100)[x], y


def streams_floats(ids, batch, length):
    x, y = streams_loop(ids, batch, length)
    return x.astype(float), y.astype(float)


def streams_lists(ids, batch, length):
    x, y = streams_loop(ids, batch, length)
    return x.tolist(), y.tolist()


def streams_inputs_alone(ids, batch, length):
    return streams_loop(ids, batch, length)[0]


def streams_far_apart(ids, batch, length):
    n = (len(ids) - 1) // batch  # every stream drops its own remainder
    x, y = ids[: n * batch].reshape(batch, n), ids[1 : n * batch + 1].reshape(batch, n)
    places = range(0, n - length + 1, length)
    return tuple(np.stack([a[:, i : i + length] for i in places]) for a in (x, y))


def streams_cut_then_rolled(ids, batch, length):
    chunks, x, _ = _cut(ids, batch, length)
    cut = [a.reshape(batch, chunks, length).swapaxes(0, 1) for a in (x, np.roll(x, -1))]
    return tuple(cut)


def streams_two_ahead(ids, batch, length):
    x, _ = streams_loop(ids, batch, length)
    return x, streams_loop(np.roll(ids, -1), batch, length)[1]


def streams_sliding(ids, batch, length):
    chunks, _, _ = _cut(ids, batch, length)
    places = np.arange(chunks * batch).reshape(chunks, batch, 1) + np.arange(length)
    return ids[places], ids[places + 1]  # windows that overlap


def streams_loop(ids, batch, length):
    chunks = (len(ids) - 1) // (batch * length)
    x = np.zeros((chunks, batch, length), dtype=int)
    y = np.zeros((chunks, batch, length), dtype=int)
    for k in range(chunks):
        for b in range(batch):
            start = (b * chunks + k) * length
            x[k, b] = ids[start : start + length]
            y[k, b] = ids[start + 1 : start + length + 1]
    return x, y


def streams_index(ids, batch, length):
    chunks = (len(ids) - 1) // (batch * length)
    k, b, t = np.ogrid[:chunks, :batch, :length]
    i = (b * chunks + k) * length + t
    return [ids[i], ids[i + 1]]


def streams_torch(ids, batch, length):
    chunks, x, y = _cut(torch.tensor(ids), batch, length)
    return tuple(a.view(batch, chunks, length).transpose(0, 1) for a in (x, y))


def streams_split(ids, batch, length):
    chunks, x, y = _cut(ids, batch, length)
    return tuple(
        np.stack(np.split(a.reshape(batch, -1), chunks, axis=1)).astype(np.int32) for a in (x, y)
    )


STREAMS = Answers(
    wrong={
        "in reading order": streams_in_reading_order,
        "axes not exchanged": streams_not_swapped,
        "time in the middle": streams_time_major,
        "every B-th character": streams_interleaved,
        "rolled within chunks": streams_rolled,
        "the rolled text": streams_rolled_text,
        "targets equal inputs": streams_target_is_input,
        "targets and inputs exchanged": streams_exchanged,
        "targets a character back": streams_backwards,
        "one chunk too many": streams_too_long,
        "the last target only": streams_last_target,
        "one-hot": streams_one_hot,
        "floats": streams_floats,
        "lists": streams_lists,
        "no targets": streams_inputs_alone,
        "sliding windows": streams_sliding,
        "every stream drops its own remainder": streams_far_apart,
        "cut, then rolled": streams_cut_then_rolled,
        "targets two characters on": streams_two_ahead,
    },
    right={
        "loops": streams_loop,
        "index arithmetic, list": streams_index,
        "PyTorch": streams_torch,
        "split, int32": streams_split,
        "a partial function": partial(streams_loop),
    },
    blank=streams_blank,
)

# --- fair ---------------------------------------------------------------------------------------

FAIR = Answers(
    wrong={
        "A": "A",
        "B": "B",
        "D": "D",
        "a number": 3,
        "no such letter": "E",
        "two letters": "BC",
        "an empty text": "",
    },
    right={"C": "C", "lower case": "c", "with a space": " C ", "with a bracket": "C)"},
    blank=...,
)

# --- sampling -----------------------------------------------------------------------------------


def sampling_blank(logits, temperature, k):
    raise NotImplementedError


def _softmax(a):
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sampling_multiplied(logits, temperature, k):
    return sampling_sorted(logits * temperature, 1.0, k)


def sampling_no_temperature(logits, temperature, k):
    return sampling_sorted(logits, 1.0, k)


def sampling_no_k(logits, temperature, k):
    return _softmax(logits / temperature)


def sampling_unnormalised(logits, temperature, k):
    p = _softmax(logits / temperature)
    p[p < np.sort(p, axis=1)[:, [-k]]] = 0
    return p


def sampling_zero_logits(logits, temperature, k):
    a = logits / temperature
    return _softmax(np.where(a < np.sort(a, axis=1)[:, [-k]], 0, a))


def sampling_off_by_one(logits, temperature, k):
    return sampling_sorted(logits, temperature, min(k + 1, logits.shape[1]))


def sampling_strict(logits, temperature, k):
    a = logits / temperature
    limit = np.sort(a, axis=1)[:, [-k]]
    return _softmax(np.where(a > limit, a, -np.inf))


def sampling_overflows(logits, temperature, k):
    e = np.exp(logits / temperature)
    e[logits < np.sort(logits, axis=1)[:, [-k]]] = 0
    return e / e.sum(axis=1, keepdims=True)


def sampling_whole_array(logits, temperature, k):
    limit = np.sort(logits, axis=None)[-k]  # the k largest of all rows together
    return _softmax(np.where(logits >= limit, logits, -1e9) / temperature)


def sampling_sum_of_everything(logits, temperature, k):
    p = sampling_sorted(logits, temperature, k)
    return p / p.sum() + 0 * (len(p) == 1)


def sampling_axis_0(logits, temperature, k):
    limit = np.sort(logits, axis=1)[:, [-k]]
    e = np.exp((np.where(logits >= limit, logits, -np.inf) - logits.max()) / temperature)
    return e / np.maximum(e.sum(axis=0), 1e-300)


def sampling_logits(logits, temperature, k):
    a = logits / temperature
    return np.where(a >= np.sort(a, axis=1)[:, [-k]], a, 0.0)


def sampling_logs(logits, temperature, k):
    return np.log(sampling_sorted(logits, temperature, k) + 1e-300)


def sampling_greedy(logits, temperature, k):
    return np.eye(logits.shape[1])[logits.argmax(axis=1)]


def sampling_smallest(logits, temperature, k):
    order = logits.argsort(axis=1)[:, :k]
    out = np.full(logits.shape, -np.inf)
    np.put_along_axis(out, order, np.take_along_axis(logits, order, 1), 1)
    return _softmax(out / temperature)


def sampling_flat_within_k(logits, temperature, k):
    keep = logits >= np.sort(logits, axis=1)[:, [-k]]
    return keep / k


def sampling_mutates(logits, temperature, k):
    result = sampling_sorted(logits, temperature, k)
    logits /= temperature
    return result


def sampling_lists(logits, temperature, k):
    return sampling_sorted(logits, temperature, k).tolist()


def sampling_powers_unnormalised(logits, temperature, k):
    return sampling_sorted(logits, 1.0, k) ** (1 / temperature)


def sampling_softmax_twice(logits, temperature, k):
    return sampling_sorted(_softmax(logits), temperature, k)


def sampling_small_logit(logits, temperature, k):
    a = logits / temperature
    return _softmax(np.where(a < np.sort(a, axis=1)[:, [-k]], -10, a))  # −10 may be a large one


def sampling_p_divided(logits, temperature, k):
    return sampling_sorted(logits, 1.0, k) / temperature


def sampling_temperature_subtracted(logits, temperature, k):
    return sampling_sorted(logits - temperature, 1.0, k)


def sampling_first_row_decides(logits, temperature, k):
    order = np.argsort(-logits[0])[:k]
    out = np.full(logits.shape, -np.inf)
    out[:, order] = logits[:, order] / temperature
    return _softmax(out)


def sampling_weights(logits, temperature, k):
    a = (logits - logits.max(axis=1, keepdims=True)) / temperature
    return np.where(a < np.sort(a, axis=1)[:, [-k]], 0, np.exp(a))


def sampling_weights_over_everything(logits, temperature, k):
    weights = sampling_weights(logits, temperature, k)
    return weights / weights.sum()


def sampling_one_maximum(logits, temperature, k):
    e = np.exp((logits - logits.max()) / temperature)  # a row far below has only zeros
    e[logits < np.sort(logits, axis=1)[:, [-k]]] = 0
    return e / e.sum(axis=1, keepdims=True)


def sampling_top_p(logits, temperature, k):
    p = sampling_sorted(logits, temperature, logits.shape[1])
    p[p < 1 / (k + 1)] = 0  # a threshold of probability instead of a count
    return p / np.maximum(p.sum(axis=1, keepdims=True), 1e-300)


def sampling_sorted(logits, temperature, k):
    order = np.argsort(-logits, axis=1)[:, :k]
    best = np.take_along_axis(logits, order, axis=1)
    p = np.zeros(logits.shape)
    np.put_along_axis(p, order, _softmax(best / temperature), axis=1)
    return p


def sampling_loop(z, tau, k):
    rows = []
    for row in z:
        limit = sorted(row)[-k]
        top = max(row)
        weights = [math.exp((v - top) / tau) if v >= limit else 0.0 for v in row]
        rows.append([w / sum(weights) for w in weights])
    return np.array(rows, dtype=np.float32)


def sampling_torch(logits, temperature, k):
    a = torch.tensor(logits) / temperature
    values, places = torch.topk(a, k, dim=1)
    out = torch.full_like(a, -torch.inf).scatter(1, places, values)
    return torch.softmax(out, dim=1)


def sampling_large_negative(logits, temperature, k):
    a = logits.copy()
    for row in a:
        row[row.argsort()[: len(row) - k]] = -1e9
    return _softmax(a / temperature)


def sampling_partition(logits, temperature, k):
    v = logits.shape[1]
    limit = np.partition(logits, v - k, axis=1)[:, v - k, None]
    p = _softmax(logits / temperature) * (logits >= limit)
    return p / p.sum(axis=1, keepdims=True)


SAMPLING = Answers(
    wrong={
        "multiplied by the temperature": sampling_multiplied,
        "no temperature": sampling_no_temperature,
        "no top-k": sampling_no_k,
        "not normalised after top-k": sampling_unnormalised,
        "zero as a logit": sampling_zero_logits,
        "one too many": sampling_off_by_one,
        "one too few": sampling_strict,
        "overflow": sampling_overflows,
        "the largest of all rows": sampling_whole_array,
        "the sum of everything": sampling_sum_of_everything,
        "normalised along the batch": sampling_axis_0,
        "logits": sampling_logits,
        "logarithms": sampling_logs,
        "greedy": sampling_greedy,
        "the smallest": sampling_smallest,
        "uniform within the k": sampling_flat_within_k,
        "changes the logits": sampling_mutates,
        "lists": sampling_lists,
        "powers, not normalised": sampling_powers_unnormalised,
        "softmax twice": sampling_softmax_twice,
        "a threshold instead of k": sampling_top_p,
        "−10 as a logit": sampling_small_logit,
        "probabilities divided by the temperature": sampling_p_divided,
        "temperature subtracted": sampling_temperature_subtracted,
        "the first row's k largest": sampling_first_row_decides,
        "weights, not divided": sampling_weights,
        "weights divided by the sum of everything": sampling_weights_over_everything,
        "the maximum of everything": sampling_one_maximum,
    },
    right={
        "put back where they were": sampling_sorted,
        "loops, float32": sampling_loop,
        "PyTorch": sampling_torch,
        "partition": sampling_partition,
        "−1e9 as a logit": sampling_large_negative,
    },
    blank=sampling_blank,
)

# --- copied -------------------------------------------------------------------------------------


def copied_blank(sample, text):
    raise NotImplementedError


def _as_text(ids):
    return "".join(chr(0x4E00 + int(i)) for i in ids)


def copied_ending_here(sample, text):
    return copied_in(sample[::-1], text[::-1])[::-1].copy()


def copied_same_place(sample, text):
    n = min(len(sample), len(text))
    out = np.zeros(len(sample), dtype=int)
    for i in range(n):
        while i + out[i] < n and sample[i + out[i]] == text[i + out[i]]:
            out[i] += 1
    return out


def copied_single_characters(sample, text):
    return np.array([int(c in text) for c in sample])


def copied_first_match(sample, text):
    s, t = _as_text(sample), _as_text(text)
    out = []
    for i in range(len(s)):
        j, length = t.find(s[i]), 0
        if j >= 0:
            while i + length < len(s) and j + length < len(t) and s[i + length] == t[j + length]:
                length += 1
        out.append(length)
    return np.array(out)


def copied_one_less(sample, text):
    return np.maximum(copied_in(sample, text) - 1, 0)


def copied_one_more(sample, text):
    return copied_in(sample, text) + 1


def copied_longest(sample, text):
    return copied_in(sample, text).max()


def copied_sample_end(sample, text):
    s, t = _as_text(sample), _as_text(text)
    out = []
    for i in range(len(s)):
        length = 0
        while i + length < len(s) - 1 and s[i : i + length + 1] in t:
            length += 1
        out.append(length)
    return np.array(out)


def copied_wraps(sample, text):
    return copied_in(sample, np.concatenate([text, text]))


def copied_within_itself(sample, text):
    return copied_in(sample, np.concatenate([text, sample]))


def copied_subsequences(sample, text):
    out = []
    for i in range(len(sample)):
        length = 0
        for c in text:
            if i + length < len(sample) and c == sample[i + length]:
                length += 1
        out.append(length)
    return np.array(out)


def copied_share(sample, text):
    return copied_in(sample, text) / len(sample)


def copied_floats(sample, text):
    return copied_in(sample, text).astype(float)


def copied_list(sample, text):
    return copied_in(sample, text).tolist()


def copied_disjoint(sample, text):
    lengths, out, i = copied_in(sample, text), np.zeros(len(sample), dtype=int), 0
    while i < len(sample):  # a piece counts only where it begins
        out[i] = lengths[i]
        i += max(int(lengths[i]), 1)
    return out


def copied_exchanged(sample, text):
    return copied_in(text, sample)


def copied_only_long(sample, text):
    lengths = copied_in(sample, text)
    return np.where(lengths >= 2, lengths, 0)


def _copied_digits(gap):
    """Return an answer that compares the numbers written with a gap between them."""

    def answer(sample, text):
        s, t = [str(i) for i in sample], gap.join(str(i) for i in text)
        out = np.zeros(len(s), dtype=int)
        for i in range(len(s)):
            while i + out[i] < len(s) and gap.join(s[i : i + out[i] + 1]) in t:
                out[i] += 1
        return out

    return answer


def copied_printed_lists(sample, text):
    t, out = str(text.tolist()), []
    for i in range(len(sample)):
        lengths = range(1, len(sample) - i + 1)
        out.append(sum(str(sample[i : i + n].tolist())[1:-1] in t for n in lengths))
    return np.array(out)


def copied_past_the_end(sample, text):
    s, t = _as_text(sample), _as_text(text)
    return np.array(
        [
            max((n for n in range(1, len(s) + 1) if s[i : i + n] in t), default=0)
            for i in range(len(s))
        ]
    )


def copied_at_most_20(sample, text):
    return np.minimum(copied_in(sample, text), 20)


def copied_only_counted_down(sample, text):
    s, t = _as_text(sample), _as_text(text)
    out, length = [], 0
    for i in range(len(s)):
        length = max(length - 1, 0)
        if length == 0:  # a piece that begins here may be longer than what is left
            while i + length < len(s) and s[i : i + length + 1] in t:
                length += 1
        out.append(length)
    return np.array(out)


def copied_at_least_one(sample, text):
    return np.maximum(copied_in(sample, text), 1)


def copied_in(sample, text):
    s, t = _as_text(sample), _as_text(text)
    lengths, length = [], 0
    for i in range(len(s)):
        length = max(length - 1, 0)
        while i + length < len(s) and s[i : i + length + 1] in t:
            length += 1
        lengths.append(length)
    return np.array(lengths)


def copied_table(sample, text):
    table = np.zeros((len(sample) + 1, len(text) + 1), dtype=int)
    for i in range(len(sample) - 1, -1, -1):
        for j in range(len(text) - 1, -1, -1):
            if sample[i] == text[j]:
                table[i, j] = table[i + 1, j + 1] + 1
    return table[:-1].max(axis=1)


def copied_places(sample, text):
    out = np.zeros(len(sample), dtype=np.int32)
    for i in range(len(sample)):
        places = np.arange(len(text))
        while len(places) and i + out[i] < len(sample):
            places = places[places + out[i] < len(text)]
            places = places[text[places + out[i]] == sample[i + out[i]]]
            out[i] += len(places) > 0
    return out


def copied_fenced_digits(sample, text):
    t = " " + " ".join(map(str, text)) + " "
    out = np.zeros(len(sample), dtype=int)
    for i in range(len(sample)):
        while (
            i + out[i] < len(sample)
            and " " + " ".join(map(str, sample[i : i + out[i] + 1])) + " " in t
        ):
            out[i] += 1
    return out


def copied_bytes(sample, text):
    s, t = bytes(sample.tolist()), bytes(text.tolist())
    lengths, length = [], 0
    for i in range(len(s)):
        while i + length < len(s) and t.find(s[i : i + length + 1]) >= 0:
            length += 1
        lengths.append(length)
        length = max(length - 1, 0)
    return np.array(lengths)


def copied_torch(sample, text):
    return torch.tensor(copied_table(sample, text))


COPIED = Answers(
    wrong={
        "pieces that end here": copied_ending_here,
        "at the same place only": copied_same_place,
        "single characters": copied_single_characters,
        "the first place only": copied_first_match,
        "one too short": copied_one_less,
        "one too long": copied_one_more,
        "the longest alone": copied_longest,
        "the last character left out": copied_sample_end,
        "around the end of the text": copied_wraps,
        "found in itself": copied_within_itself,
        "with gaps": copied_subsequences,
        "shares": copied_share,
        "floats": copied_floats,
        "a list": copied_list,
        "only where a piece begins": copied_disjoint,
        "sample and text exchanged": copied_exchanged,
        "single characters not counted": copied_only_long,
        "at least one": copied_at_least_one,
        "joined digits": _copied_digits(""),  # 1, 2 looks like 12
        "digits with spaces": _copied_digits(" "),  # 1 2 is within 11 22
        "printed lists": copied_printed_lists,
        "slices past the end": copied_past_the_end,
        "at most 20": copied_at_most_20,
        "only counted down": copied_only_counted_down,
    },
    right={
        "strings": copied_in,
        "a table": copied_table,
        "places that still agree": copied_places,
        "a tensor": copied_torch,
        "digits between spaces": copied_fenced_digits,
        "bytes": copied_bytes,
    },
    blank=copied_blank,
)

#: What the hint to a wrong answer says, in English.
HINTS = {
    "characters/bits": {
        "nats": "these are nats",
        "multiplied by log 2": "one divides by log 2",
        "the whole text's bits": "the bits of the whole text",
        "negative": "a minus is missing",
        "entropy of the predictions": "entropy of the predictions",
        "all characters": "a single place counts",
        "every pair": "a single place counts",
        "the likeliest character": "most probable character",
        "logarithm of the mean": "first the logarithm",
        "perplexity": "this is the perplexity",
        "a row late": "shift nothing",
        "shifted": "shift nothing",
        "divided by V": "there is no V",
        "the mean of a one-hot product": "there is no V",
        "decimal digits": "to base 10",
        "the column before": "do not subtract 1",
    },
    "characters/witten-bell": {
        "zeros for an unseen context": "must get the row of lower",
        "zeros by a small number": "must get the row of lower",
        "T is V": "not the number V",
        "T is N": "not occurrences",
        "T is 1": "is T, not 1",
        "back-off": "the mixing is done always",
        "weights exchanged": "the weights are exchanged",
        "no T in the denominator": "the denominator is N + T",
        "along the contexts": "contexts are rows",
        "no axis": "contexts are rows",
        "add one": "another smoothing",
        "lower without weight": "the weight of lower is T",
        "lower without weight, above": "the weight of lower is T",
        "lower times N": "the weight of lower is T",
        "lower for unseen characters only": "every character gets",
        "T counts zeros": "have counts > 0",
    },
    "characters/streams": {
        "in reading order": "must continue the same row",
        "axes not exchanged": "the first axis must count the chunks",
        "time in the middle": "the order of the axes",
        "every B-th character": "a stream reads consecutive characters",
        "rolled within chunks": "np.roll",
        "targets equal inputs": "the targets equal the inputs",
        "targets and inputs exchanged": "the order of the results",
        "one chunk too many": "has no successor",
        "the last target only": "after every character",
        "the rolled text": "the text's first character",
        "cut, then rolled": "the text's first character",
        "targets a character back": "one character earlier",
        "every stream drops its own remainder": "at the end of the text",
        "sliding windows": "do not overlap",
    },
    "characters/sampling": {
        "multiplied by the temperature": "are divided by the temperature",
        "no temperature": "does not change the result",
        "temperature subtracted": "does not change the result",
        "probabilities divided by the temperature": "and not the probabilities",
        "softmax twice": "computed once",
        "the largest of all rows": "its own k largest",
        "the first row's k largest": "its own k largest",
        "the sum of everything": "a prediction of its own",
        "weights divided by the sum of everything": "a prediction of its own",
        "weights, not divided": "a row must sum to 1",
        "no top-k": "there must be zeros",
        "not normalised after top-k": "a row must sum to 1",
        "zero as a logit": "exp(0) = 1",
        "one too many": "one character too many",
        "the smallest": "the largest must stay",
        "powers, not normalised": "divided by their sum",
    },
    "characters/copied": {
        "pieces that end here": "they must begin there",
        "at the same place only": "anywhere in the text",
        "single characters": "character after character",
        "the first place only": "only the first place",
        "one too short": "1 too small",
        "the longest alone": "not the maximum alone",
        "with gaps": "without gaps",
        "one too long": "1 too large",
        "the last character left out": "the sample's last character",
        "only where a piece begins": "inside a longer piece too",
        "slices past the end": "just shorter",
        "joined digits": "mix up the numbers",
        "digits with spaces": "mix up the numbers",
        "printed lists": "mix up the numbers",
    },
}

BANK = {
    "characters/bits": BITS,
    "characters/witten-bell": WITTEN_BELL,
    "characters/streams": STREAMS,
    "characters/fair": FAIR,
    "characters/sampling": SAMPLING,
    "characters/copied": COPIED,
}
