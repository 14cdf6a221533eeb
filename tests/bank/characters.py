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


def bits_of_the_mean(log_p, target):
    return -np.log2(np.exp(log_p[range(len(target)), target]).mean())


def bits_mean_of_everything(log_p, target):
    one_hot = np.eye(log_p.shape[1])[target]
    return -(one_hot * log_p).mean() / np.log(2)  # zeros are averaged in


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
        "logarithm of the mean": bits_of_the_mean,
        "the mean of a one-hot product": bits_mean_of_everything,
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


def wb_small_number(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    return (counts + t * lower) / (n + t + 1e-10)  # zeros where nothing was seen


def wb_changes_lower(counts, lower):
    n = counts.sum(1, keepdims=True)
    t = (counts > 0).sum(1, keepdims=True)
    lower *= np.where(n > 0, t, 1)
    lower += counts
    lower /= np.where(n > 0, n + t, 1)
    return lower


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
        "zeros by a small number": wb_small_number,
        "changes lower": wb_changes_lower,
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


def streams_rolled_text(ids, batch, length):
    chunks = len(ids) // (batch * length)
    n = chunks * batch * length
    cut = [a[:n].reshape(batch, chunks, length).swapaxes(0, 1) for a in (ids, np.roll(ids, -1))]
    return tuple(cut)


def streams_far_apart(ids, batch, length):
    n = (len(ids) - 1) // batch  # every stream drops its own remainder
    x, y = ids[: n * batch].reshape(batch, n), ids[1 : n * batch + 1].reshape(batch, n)
    places = range(0, n - length + 1, length)
    return tuple(np.stack([a[:, i : i + length] for i in places]) for a in (x, y))


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
        "the rolled text": streams_rolled_text,
        "every stream drops its own remainder": streams_far_apart,
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


def sampling_smallest(logits, temperature, k):
    order = logits.argsort(axis=1)[:, :k]
    out = np.full(logits.shape, -np.inf)
    np.put_along_axis(out, order, np.take_along_axis(logits, order, 1), 1)
    return _softmax(out / temperature)


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
        "the smallest": sampling_smallest,
        "a threshold instead of k": sampling_top_p,
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


def copied_printed_lists(sample, text):
    t, out = str(text.tolist()), []
    for i in range(len(sample)):
        lengths = range(1, len(sample) - i + 1)
        out.append(sum(str(sample[i : i + n].tolist())[1:-1] in t for n in lengths))
    return np.array(out)


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
        "printed lists": copied_printed_lists,
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
        "logarithm of the mean": "first the logarithm",
        "the mean of a one-hot product": "there is no V",
    },
    "characters/witten-bell": {
        "zeros by a small number": "must get the row of lower",
    },
    "characters/streams": {
        "the rolled text": "the text's first character",
        "every stream drops its own remainder": "at the end of the text",
    },
    "characters/sampling": {
        "the smallest": "the largest must stay",
    },
    "characters/copied": {
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
