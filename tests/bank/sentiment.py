"""Answers to the exercises of lab 06."""

from __future__ import annotations

import numpy as np
import torch

from bank import Answers

# --- encode -------------------------------------------------------------------------------------


def encode_blank(words, ranks, size):
    raise NotImplementedError


def encode_loop(words, ranks, size):
    out = [1]
    for word in words:
        number = ranks.get(word, size) + 3
        out.append(number if number < size else 2)
    return np.array(out)


def encode_where(words, ranks, size):
    n = np.array([ranks.get(w, -1) for w in words]) + 3
    return np.r_[1, np.where((n > 3) & (n < size), n, 2)]


def encode_tensor(words, ranks, size):
    kept = {w: r + 3 for w, r in ranks.items() if r + 3 < size}
    return torch.tensor([1] + [kept.get(w, 2) for w in words])


def encode_int32(words, ranks, size):
    numbers = np.full(len(words) + 1, 2, dtype=np.int32)
    numbers[0] = 1
    for i, word in enumerate(words, start=1):
        if word in ranks and ranks[word] <= size - 4:
            numbers[i] = ranks[word] + 3
    return numbers


def encode_cut_first(words, ranks, size):
    out = [1]
    for word in words:
        rank = ranks.get(word, size)
        out.append(rank + 3 if rank < size else 2)
    return np.array(out)


def encode_no_start(words, ranks, size):
    return encode_loop(words, ranks, size)[1:]


ENCODE = Answers(
    wrong={"cut before the shift": encode_cut_first, "no start": encode_no_start},
    right={
        "a loop": encode_loop,
        "np.where": encode_where,
        "a dictionary, a tensor": encode_tensor,
        "filled, int32": encode_int32,
    },
    blank=encode_blank,
)

# --- tfidf --------------------------------------------------------------------------------------


def tfidf_blank(train, counts):
    raise NotImplementedError


def tfidf_sklearn(train, counts):
    from sklearn.feature_extraction.text import TfidfTransformer

    return TfidfTransformer().fit(train).transform(counts).toarray()


def tfidf_loops(train, counts):
    n, v = train.shape
    out = np.zeros(counts.shape)
    for j in range(v):
        df = sum(1 for i in range(n) if train[i, j])
        out[:, j] = counts[:, j] * (1 + np.log((n + 1) / (df + 1)))
    for row in out:
        if row.any():
            row /= np.linalg.norm(row)
    return out


def tfidf_tensors(train, counts):
    df = (torch.tensor(train) > 0).sum(0)
    idf = torch.log((1 + len(train)) / (1 + df)) + 1
    return torch.nn.functional.normalize(torch.tensor(counts) * idf.float(), dim=1)


def tfidf_diagonal(train, counts):
    df = np.count_nonzero(train, axis=0)
    x = counts @ np.diag(1 + np.log1p(len(train)) - np.log1p(df))
    norm = np.linalg.norm(x, axis=1)
    norm[norm == 0] = 1
    return (x.T / norm).T


def tfidf_leak(train, counts):
    return tfidf_loops(counts, counts)


def tfidf_columns(train, counts):
    x = counts * (np.log((1 + len(train)) / (1 + (train > 0).sum(0))) + 1)
    norms = np.linalg.norm(x, axis=0)
    return x / np.where(norms > 0, norms, 1)


TFIDF = Answers(
    wrong={"weights from the test": tfidf_leak, "columns of norm 1": tfidf_columns},
    right={
        "scikit-learn's": tfidf_sklearn,
        "loops": tfidf_loops,
        "tensors, float32": tfidf_tensors,
        "a diagonal matrix": tfidf_diagonal,
    },
    blank=tfidf_blank,
)

# --- pairs --------------------------------------------------------------------------------------


def pairs_blank(right, pair):
    raise NotImplementedError


def pairs_loop(right, pair):
    shares = []
    for row in right:
        found = {}
        for ok, number in zip(row, pair, strict=True):
            if number:
                found[number] = found.get(number, 0) + ok
        shares.append(sum(n == 2 for n in found.values()) / len(found))
    return np.array(shares)


def pairs_sorted(right, pair):
    order = np.argsort(pair, kind="stable")
    order = order[pair[order] > 0]
    both = right[:, order].reshape(len(right), -1, 2)
    return both.all(axis=2).mean(axis=1)


def pairs_membership(right, pair):
    member = np.unique(pair)[:, None] == pair  # (pairs, reviews)
    member = member[np.unique(pair) > 0]
    return np.float32((right.astype(int) @ member.T == 2).mean(axis=1))


def pairs_sets(right, pair):
    every = set(pair.tolist()) - {0}
    failed = [set(pair[~row].tolist()) - {0} for row in right]
    return torch.tensor([1 - len(some) / len(every) for some in failed])


def pairs_next_to_each_other(right, pair):
    kept = right[:, pair > 0]
    return (kept[:, ::2] & kept[:, 1::2]).mean(axis=1)


PAIRS = Answers(
    wrong={"neighbours taken for a pair": pairs_next_to_each_other},
    right={
        "counted in a dictionary": pairs_loop,
        "sorted, reshaped": pairs_sorted,
        "a matrix of members, float32": pairs_membership,
        "sets, a tensor": pairs_sets,
    },
    blank=pairs_blank,
)

# --- pad ----------------------------------------------------------------------------------------


def pad_blank(rows, width, side):
    raise NotImplementedError


def pad_lists(rows, width, side):
    out = []
    for row in rows:
        row = list(row)[-width:] if side == "left" else list(row)[:width]
        zeros = [0] * (width - len(row))
        out.append(zeros + row if side == "left" else row + zeros)
    return np.array(out)


def pad_keras(rows, width, side):
    from keras.utils import pad_sequences

    where = {"left": "pre", "right": "post"}[side]
    return pad_sequences(rows, maxlen=width, padding=where, truncating=where)


def pad_flipped(rows, width, side):
    turn = slice(None, None, -1) if side == "left" else slice(None)
    batch = np.zeros((len(rows), width), dtype=int)
    for line, row in zip(batch, rows, strict=True):
        kept = row[turn][:width]
        line[: len(kept)] = kept
    return batch[:, turn]


def pad_tensors(rows, width, side):
    out = torch.zeros(len(rows), width, dtype=torch.long)
    for i, row in enumerate(rows):
        kept = torch.as_tensor(row[-width:] if side == "left" else row[:width])
        places = slice(width - len(kept), width) if side == "left" else slice(len(kept))
        out[i, places] = kept
    return out


def pad_cuts_the_other_end(rows, width, side):
    from keras.utils import pad_sequences

    where, other = ("pre", "post") if side == "left" else ("post", "pre")
    return pad_sequences(rows, maxlen=width, padding=where, truncating=other)


def pad_to_the_longest(rows, width, side):
    longest = max(map(len, rows))
    out = np.zeros((len(rows), longest), dtype=int)
    for line, row in zip(out, rows, strict=True):
        places = slice(longest - len(row), None) if side == "left" else slice(len(row))
        line[places] = row
    return out[:, -width:] if side == "left" else out[:, :width]  # narrower than asked for


PAD = Answers(
    wrong={
        "cuts the other end": pad_cuts_the_other_end,
        "as wide as the longest row": pad_to_the_longest,
    },
    right={
        "lists": pad_lists,
        "Keras'": pad_keras,
        "flipped": pad_flipped,
        "tensors": pad_tensors,
    },
    blank=pad_blank,
)

# --- masked -------------------------------------------------------------------------------------


def masked_blank(step, start, x, mask):
    raise NotImplementedError


def masked_product(step, start, x, mask):
    batch, time, _ = x.shape
    states = np.zeros((batch, time, start.shape[1]))
    s = start
    for t in range(time):
        m = mask[:, t : t + 1].astype(float)
        s = m * step(s, x[:, t]) + (1 - m) * s
        states[:, t] = s
    return states


def masked_rows(step, start, x, mask):
    s, states = start.copy(), []
    for t in range(x.shape[1]):
        here = mask[:, t]
        s[here] = step(s, x[:, t])[here]
        states.append(s.copy())
    return np.stack(states, 1)


def masked_one_by_one(step, start, x, mask):
    out = np.zeros((*mask.shape, start.shape[1]), dtype=np.float32)
    for b in range(len(x)):
        s = start[b : b + 1]
        for t in range(x.shape[1]):
            if mask[b, t]:
                s = step(s, x[b : b + 1, t])
            out[b, t] = s[0]
    return out


def masked_swapped(step, start, x, mask):
    out = [start]
    for x_t, m_t in zip(x.swapaxes(0, 1), mask.T, strict=True):
        out.append(np.where(m_t[:, np.newaxis], step(out[-1], x_t), out[-1]))
    return torch.tensor(np.array(out[1:])).transpose(0, 1)


def masked_zeros(step, start, x, mask):
    s, out = start, []
    for t in range(x.shape[1]):
        s = step(s, x[:, t]) * mask[:, t : t + 1]
        out.append(s)
    return np.stack(out, 1)


def masked_same_memory(step, start, x, mask):
    s, states = start, []
    for t in range(x.shape[1]):
        s[mask[:, t]] = step(s, x[:, t])[mask[:, t]]
        states.append(s)
    return np.stack(states, 1)


MASKED = Answers(
    wrong={"zeros on the padding": masked_zeros, "one array for all steps": masked_same_memory},
    right={
        "a product with the mask": masked_product,
        "rows chosen": masked_rows,
        "one by one, float32": masked_one_by_one,
        "time first, a tensor": masked_swapped,
    },
    blank=masked_blank,
)

BANK = {
    "sentiment/encode": ENCODE,
    "sentiment/tfidf": TFIDF,
    "sentiment/pairs": PAIRS,
    "sentiment/pad": PAD,
    "sentiment/masked": MASKED,
}

#: Exercise → wrong answer → words of the hint that it must get.
HINTS = {
    "sentiment/encode": {
        "cut before the shift": "shifted number",
        "no start": "begins with",
    },
    "sentiment/tfidf": {"weights from the test": "leaks into training"},
    "sentiment/masked": {"zeros on the padding": "not zero"},
}
