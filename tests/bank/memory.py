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


def adding_broadcast(values, first, second):
    markers = np.zeros_like(values)
    markers[:, [0, -1]] = -1
    markers[:, first] = 1
    markers[:, second] = 1
    return np.stack([values, markers], axis=-1), adding_loop(values, first, second)[1]


def adding_no_ends(values, first, second):
    x, y = adding_loop(values, first, second)
    x[:, [0, -1], 1] = 0
    return x, y


def adding_ends_positive(values, first, second):
    x, y = adding_loop(values, first, second)
    return np.stack([x[..., 0], abs(x[..., 1])], axis=-1), y


def adding_no_last(values, first, second):
    x, y = adding_loop(values, first, second)
    x[:, -1, 1] = 0
    return x, y


def adding_plain_sum(values, first, second):
    x, y = adding_loop(values, first, second)
    return x, 4 * (y - 0.5)


def adding_mean(values, first, second):
    x, y = adding_loop(values, first, second)
    return x, 2 * (y - 0.5) + 0.5


def adding_unshifted(values, first, second):
    x, y = adding_loop(values, first, second)
    return x, y - 0.5


def adding_product(values, first, second):
    rows = np.arange(len(values))
    x, _ = adding_loop(values, first, second)
    return x, 0.5 + values[rows, first] * values[rows, second] / 4


def adding_channels_first(values, first, second):
    x, y = adding_loop(values, first, second)
    return x.transpose(0, 2, 1), y


def adding_swapped(values, first, second):
    x, y = adding_loop(values, first, second)
    return np.flip(x, axis=2), y


def adding_column(values, first, second):
    x, y = adding_loop(values, first, second)
    return x, y.reshape(-1, 1)


def adding_every_pair(values, first, second):
    x, _ = adding_loop(values, first, second)
    return x, 0.5 + (values[:, first] + values[:, second]) / 4


def adding_wipes(values, first, second):
    x, y = adding_loop(values, first, second)
    values[:, 0] = 0
    return x, y


def adding_lists(values, first, second):
    x, y = adding_loop(values, first, second)
    return x.tolist(), y.tolist()


def adding_no_brackets(values, first, second):
    rows = np.arange(len(values))
    x, _ = adding_loop(values, first, second)
    return x, 0.5 + values[rows, first] + values[rows, second] / 4


def adding_by_markers(values, first, second):
    x, _ = adding_loop(values, first, second)
    return x, 0.5 + (x[:, :, 0] * x[:, :, 1]).sum(1) / 4


def adding_from_one(values, first, second):
    return adding_loop(values, first - 1, second - 1)


def adding_side_by_side(values, first, second):
    x, y = adding_loop(values, first, second)
    return np.concatenate([x[..., 0], x[..., 1]], axis=-1), y


def adding_stack(values, first, second):
    x, y = adding_loop(values, first, second)
    return np.stack([x[..., 0], x[..., 1]]), y


def adding_minus_elsewhere(values, first, second):
    x, y = adding_loop(values, first, second)
    x[..., 1][x[..., 1] == 0] = -1
    return x, y


def adding_masked(values, first, second):
    x, y = adding_loop(values, first, second)
    x[..., 0] *= x[..., 1] == 1
    return x, y


def adding_ends_last(values, first, second):
    markers, rows = np.zeros_like(values), np.arange(len(values))
    markers[rows, first] = markers[rows, second] = 1
    markers[:, [0, -1]] = -1
    y = 0.5 + np.diag(values[:, first] + values[:, second]) / 4
    return np.stack((values, markers), 2), y


ADDING = Answers(
    wrong={
        "markers broadcast": adding_broadcast,
        "no markers at the ends": adding_no_ends,
        "markers at the ends positive": adding_ends_positive,
        "no marker at the end": adding_no_last,
        "the plain sum": adding_plain_sum,
        "divided by two": adding_mean,
        "not shifted": adding_unshifted,
        "a product": adding_product,
        "axes exchanged": adding_channels_first,
        "marker first": adding_swapped,
        "targets as a column": adding_column,
        "every pair of rows": adding_every_pair,
        "changes the values": adding_wipes,
        "lists": adding_lists,
        "brackets missing": adding_no_brackets,
        "sum with the ends": adding_by_markers,
        "positions from one": adding_from_one,
        "side by side": adding_side_by_side,
        "stacked in front": adding_stack,
        "minus one everywhere else": adding_minus_elsewhere,
        "other values wiped": adding_masked,
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


def order_broadcast(distractors, t1, t2, first, second):
    s = distractors.copy()
    s[:, t1] = 4 + first
    s[:, t2] = 4 + second
    s[:, 0], s[:, -1] = 6, 7
    return np.eye(8)[s], 2 * first + second


def order_no_four(distractors, t1, t2, first, second):
    s, rows = distractors.copy(), np.arange(len(distractors))
    s[rows, t1], s[rows, t2] = first, second
    s[:, 0], s[:, -1] = 6, 7
    return np.eye(8)[s], 2 * first + second


def order_no_ends(distractors, t1, t2, first, second):
    s, rows = distractors.copy(), np.arange(len(distractors))
    s[rows, t1], s[rows, t2] = 4 + first, 4 + second
    return np.eye(8)[s], 2 * first + second


def order_begins_with_b(distractors, t1, t2, first, second):
    x, y = order_loop(distractors, t1, t2, first, second)
    return x[..., [0, 1, 2, 3, 4, 5, 7, 6]], y


def order_exchanged(distractors, t1, t2, first, second):
    x, _ = order_loop(distractors, t1, t2, second, first)
    return x, 2 * first + second


def order_other_digit(distractors, t1, t2, first, second):
    x, _ = order_loop(distractors, t1, t2, first, second)
    return x, first + 2 * second


def order_sum(distractors, t1, t2, first, second):
    x, _ = order_loop(distractors, t1, t2, first, second)
    return x, first + second


def order_not_one_hot(distractors, t1, t2, first, second):
    x, y = order_loop(distractors, t1, t2, first, second)
    return x.argmax(-1), y


def order_classes_one_hot(distractors, t1, t2, first, second):
    x, y = order_loop(distractors, t1, t2, first, second)
    return x, np.eye(4)[y]


def order_float_classes(distractors, t1, t2, first, second):
    x, y = order_loop(distractors, t1, t2, first, second)
    return x, y.astype(float)


def order_in_place(distractors, t1, t2, first, second):
    rows = np.arange(len(distractors))
    distractors[rows, t1] = 4 + first
    distractors[rows, t2] = 4 + second
    distractors[:, 0], distractors[:, -1] = 6, 7
    return np.eye(8)[distractors], 2 * first + second


def order_xor(distractors, t1, t2, first, second):
    x, _ = order_loop(distractors, t1, t2, first, second)
    return x, first ^ second


def order_time_first(distractors, t1, t2, first, second):
    x, y = order_loop(distractors, t1, t2, first, second)
    return x.swapaxes(0, 1), y


def order_of_seven(distractors, t1, t2, first, second):
    x, y = order_loop(distractors, t1, t2, first, second)
    return x[..., :7], y


def order_letters_swapped(distractors, t1, t2, first, second):
    x, y = order_loop(distractors, t1, t2, first, second)
    return x[..., [0, 1, 2, 3, 5, 4, 6, 7]], y


def order_longer(distractors, t1, t2, first, second):
    s, rows = distractors.copy(), np.arange(len(distractors))
    s[rows, t1], s[rows, t2] = 4 + first, 4 + second
    ends = np.full((len(s), 1), 6), np.full((len(s), 1), 7)
    return np.eye(8)[np.hstack([ends[0], s, ends[1]])], 2 * first + second


def order_two_ones(distractors, t1, t2, first, second):
    x, rows = np.eye(8)[distractors], np.arange(len(distractors))
    x[rows, t1, 4 + first] = x[rows, t2, 4 + second] = 1
    x[:, 0, 6] = x[:, -1, 7] = 1
    return x, 2 * first + second


def order_from_one(distractors, t1, t2, first, second):
    x, y = order_loop(distractors, t1, t2, first, second)
    return x, y + 1


def order_whole_numbers(distractors, t1, t2, first, second):
    x, y = order_loop(distractors, t1, t2, first, second)
    return x.astype(int), y


def order_keras(distractors, t1, t2, first, second):
    from keras.utils import to_categorical

    s = order_not_one_hot(distractors, t1, t2, first, second)[0]
    y = np.where(first == 1, np.where(second == 1, 3, 2), second)
    return [to_categorical(s, 8), y.astype(np.uint8)]


ORDER = Answers(
    wrong={
        "symbols broadcast": order_broadcast,
        "X and Y as 0 and 1": order_no_four,
        "no E and B": order_no_ends,
        "E and B exchanged": order_begins_with_b,
        "first and second exchanged": order_exchanged,
        "classes by the second digit": order_other_digit,
        "classes as a sum": order_sum,
        "symbols not one-hot": order_not_one_hot,
        "classes one-hot": order_classes_one_hot,
        "classes as floats": order_float_classes,
        "changes the distractors": order_in_place,
        "only whether they differ": order_xor,
        "time first": order_time_first,
        "seven symbols": order_of_seven,
        "X and Y exchanged": order_letters_swapped,
        "E and B in addition": order_longer,
        "the old letter still there": order_two_ones,
        "classes from one": order_from_one,
        "inputs whole numbers": order_whole_numbers,
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


def copy_sum(length, symbols, lag):
    return length * math.log(symbols), symbols**-length


def copy_one_step(length, symbols, lag):
    return math.log(symbols), symbols**-length


def copy_too_short(length, symbols, lag):
    return length * math.log(symbols) / (length + lag), symbols**-length


def copy_of_lag(length, symbols, lag):
    return length * math.log(symbols) / lag, symbols**-length


def copy_bits(length, symbols, lag):
    return length * math.log2(symbols) / (lag + 2 * length), symbols**-length


def copy_with_blank(length, symbols, lag):
    return length * math.log(symbols + 1) / (lag + 2 * length), symbols**-length


def copy_one_symbol(length, symbols, lag):
    return math.log(symbols) / (lag + 2 * length), symbols**-length


def copy_chance_of_one(length, symbols, lag):
    return length * math.log(symbols) / (lag + 2 * length), 1 / symbols


def copy_chances_added(length, symbols, lag):
    return length * math.log(symbols) / (lag + 2 * length), 1 / symbols / length


def copy_exchanged(length, symbols, lag):
    return copy_mean_of_steps(length, symbols, lag)[::-1]


def copy_ten_and_eight(length, symbols, lag):
    return 10 * math.log(8) / (lag + 20), 8.0**-10


def copy_only_loss(length, symbols, lag):
    return copy_mean_of_steps(length, symbols, lag)[0]


def copy_negative(length, symbols, lag):
    return length * math.log(1 / symbols) / (lag + 2 * length), symbols**-length


def copy_log10(length, symbols, lag):
    return length * math.log10(symbols) / (lag + 2 * length), symbols**-length


def copy_brackets(length, symbols, lag):
    return length * np.log(symbols) / lag + 2 * length, symbols**-length


def copy_weighted(length, symbols, lag):
    p = 1 / symbols
    return -length * p * np.log(p) / (lag + 2 * length), p**length


def copy_signal_extra(length, symbols, lag):
    return length * np.log(symbols) / (lag + 2 * length + 1), symbols**-length


def copy_chances_summed(length, symbols, lag):
    return length * np.log(symbols) / (lag + 2 * length), length / symbols


def copy_rounded(length, symbols, lag):
    loss, chance = copy_mean_of_steps(length, symbols, lag)
    return round(loss, 3), round(chance, 3)


def copy_tensors(length, symbols, lag):
    p = torch.tensor(1 / symbols)
    return -length * p.log() / (lag + 2 * length), p**length


COPY = Answers(
    wrong={
        "not a mean": copy_sum,
        "one step": copy_one_step,
        "steps forgotten": copy_too_short,
        "divided by the lag": copy_of_lag,
        "bits": copy_bits,
        "a blank possible": copy_with_blank,
        "one symbol only": copy_one_symbol,
        "chance of one symbol": copy_chance_of_one,
        "chances added": copy_chances_added,
        "exchanged": copy_exchanged,
        "ten symbols of eight": copy_ten_and_eight,
        "one of two": copy_only_loss,
        "sign": copy_negative,
        "logarithm to base ten": copy_log10,
        "brackets missing": copy_brackets,
        "weighted by the chance": copy_weighted,
        "a step for the signal": copy_signal_extra,
        "chances summed": copy_chances_summed,
        "rounded": copy_rounded,
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


def _bias_wrong_slice(begin, end):
    def wrong(bias_ih, bias_hh, bias, value):
        m = len(bias) // 4
        new_ih, new_hh, new = bias_ih.copy(), bias_hh.copy(), bias.copy()
        where = slice(begin * m, end * m)
        new_ih[where], new_hh[where], new[where] = value, 0, value
        return new_ih, new_hh, new

    return wrong


def bias_one_number(bias_ih, bias_hh, bias, value):
    out = bias_ih.copy(), bias_hh.copy(), bias.copy()
    out[0][1], out[1][1], out[2][1] = value, 0, value
    return out


def bias_twice(bias_ih, bias_hh, bias, value):
    m = len(bias) // 4
    out = bias_ih.copy(), bias_hh.copy(), bias.copy()
    for vector in out:
        vector[m : 2 * m] = value
    return out


def bias_second_left(bias_ih, bias_hh, bias, value):
    new_ih, _, new = bias_split(bias_ih, bias_hh, bias, value)
    return new_ih, bias_hh, new


def bias_halves(bias_ih, bias_hh, bias, value):
    new_ih, new_hh, new = bias_split(bias_ih, bias_hh, bias, value)
    m = len(bias) // 4
    new_ih[m : 2 * m] = new_hh[m : 2 * m] = value / 2
    return new_ih, new_hh, new


def bias_grown(bias_ih, bias_hh, bias, value):
    m = len(bias) // 4
    new_ih, new_hh, new = bias_split(bias_ih, bias_hh, bias, value)
    new_ih[m : 2 * m] = bias_ih[m : 2 * m] + value
    new[m : 2 * m] = bias[m : 2 * m] + value
    return new_ih, new_hh, new


def bias_from_zeros(bias_ih, bias_hh, bias, value):
    zeros = np.zeros(len(bias))
    return bias_split(zeros, zeros, zeros, value)


def bias_in_place(bias_ih, bias_hh, bias, value):
    m = len(bias) // 4
    bias_ih[m : 2 * m], bias_hh[m : 2 * m], bias[m : 2 * m] = value, 0, value
    return bias_ih, bias_hh, bias


def bias_thirty_two(bias_ih, bias_hh, bias, value):
    new_ih, new_hh, new = bias_ih.copy(), bias_hh.copy(), bias.copy()
    new_ih[32:64], new_hh[32:64], new[32:64] = value, 0, value
    return new_ih, new_hh, new


def bias_by_fours(bias_ih, bias_hh, bias, value):
    out = bias_ih.copy(), bias_hh.copy(), bias.copy()
    out[0][1::4], out[1][1::4], out[2][1::4] = value, 0, value
    return out


def bias_second_all_zero(bias_ih, bias_hh, bias, value):
    new_ih, _, new = bias_split(bias_ih, bias_hh, bias, value)
    return new_ih, 0 * bias_hh, new


def bias_keras_third(bias_ih, bias_hh, bias, value):
    new_ih, new_hh, _ = bias_split(bias_ih, bias_hh, bias, value)
    i, f, c, o = np.split(bias, 4)
    return new_ih, new_hh, np.r_[i, f, np.full_like(c, value), o]


def bias_one_too_many(bias_ih, bias_hh, bias, value):
    out, m = (bias_ih.copy(), bias_hh.copy(), bias.copy()), len(bias) // 4
    for vector, number in zip(out, (value, 0, value), strict=True):
        vector[m : 2 * m + 1] = number
    return out


BIAS = Answers(
    wrong={
        "the input gate": _bias_wrong_slice(0, 1),
        "the candidate": _bias_wrong_slice(2, 3),
        "the output gate": _bias_wrong_slice(3, 4),
        "everything": _bias_wrong_slice(0, 4),
        "to the end": _bias_wrong_slice(1, 4),
        "one number": bias_one_number,
        "twice in PyTorch": bias_twice,
        "second vector left": bias_second_left,
        "half and half": bias_halves,
        "added": bias_grown,
        "the others zero": bias_from_zeros,
        "changes its arguments": bias_in_place,
        "32 places": bias_thirty_two,
        "every fourth place": bias_by_fours,
        "second vector all zero": bias_second_all_zero,
        "Keras' third block": bias_keras_third,
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


def _gradient(network, x, of=torch.sum):
    x = torch.tensor(x, requires_grad=True)
    of(network(x)).backward()
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


def lag_forwards(network, x):
    return _gradient(network, x).norm(dim=2).mean(dim=0)


def lag_of_mean(network, x):
    return _gradient(network, x, torch.mean).norm(dim=2).mean(dim=0).flip(0)


def lag_sum(network, x):
    return _gradient(network, x).norm(dim=2).sum(dim=0).flip(0)


def lag_mean_first(network, x):
    return _gradient(network, x).mean(dim=0).norm(dim=-1).flip(0)


def lag_frobenius(network, x):
    return torch.stack([_gradient(network, x)[:, t].norm() for t in range(x.shape[1])]).flip(0)


def lag_squared(network, x):
    return _gradient(network, x).square().sum(dim=2).mean(dim=0).flip(0)


def lag_root_last(network, x):
    return _gradient(network, x).square().sum(dim=2).mean(dim=0).sqrt().flip(0)


def lag_absolute(network, x):
    return _gradient(network, x).abs().sum(dim=2).mean(dim=0).flip(0)


def lag_no_mean(network, x):
    return _gradient(network, x).norm(dim=2).flip(1)


def lag_of_square(network, x):
    return _gradient(network, x, lambda y: y.square().sum()).norm(dim=2).mean(dim=0).flip(0)


def lag_first_sequence(network, x):
    return _gradient(network, x)[0].norm(dim=1).flip(0)


def lag_list(network, x):
    return lag_backward(network, x).tolist()


def lag_of_inputs(network, x):
    return np.linalg.norm(x, axis=2).mean(axis=0)[::-1]


def lag_norm_over_batch(network, x):
    return np.linalg.norm(_gradient(network, x).numpy(), axis=(0, 2))[::-1] / len(x)


def lag_signed(network, x):
    return _gradient(network, x).sum(dim=-1).mean(dim=0).flip(0)


def lag_signed_mean(network, x):
    return _gradient(network, x).mean(dim=(0, 2)).flip(0)


def lag_value_only(network, x):
    return _gradient(network, x)[..., 0].abs().mean(dim=0).flip(0)


def lag_off_by_one(network, x):
    norms = _gradient(network, x).norm(dim=2).mean(dim=0)
    return torch.stack([norms[-lag] for lag in range(len(norms))])


def lag_tuple(network, x):
    inputs = torch.tensor(x, requires_grad=True)
    total = network(inputs).sum()
    gradient = torch.autograd.grad(total, inputs)
    return gradient.norm(dim=2).mean(0).flip(0)


def lag_vector(network, x):
    x = torch.tensor(x, requires_grad=True)
    network(x).backward()
    return x.grad.norm(dim=2).mean(0).flip(0)


def lag_not_required(network, x):
    x = torch.from_numpy(x)
    return torch.autograd.grad(network(x).sum(), x)[0].norm(dim=2).mean(0).flip(0)


def lag_double(network, x):
    x = torch.tensor(x, dtype=torch.float64, requires_grad=True)
    network(x).sum().backward()
    return x.grad.norm(dim=2).mean(0).flip(0)


def lag_array(network, x):
    return network(x).sum()


def lag_sliced(network, x):
    return _gradient(network, x).norm(dim=2).mean(dim=0)[::-1]


def lag_answer_by_answer(network, x):
    inputs = torch.tensor(x, requires_grad=True)
    own = [
        torch.autograd.grad(answer, inputs, retain_graph=True)[0][b]
        for b, answer in enumerate(network(inputs))
    ]
    norms = np.linalg.norm(np.stack(own), axis=2)  # (batch, time)
    return np.array([norms[:, -1 - lag].mean() for lag in range(x.shape[1])])


LAG = Answers(
    wrong={
        "in the order of time": lag_forwards,
        "of the mean answer": lag_of_mean,
        "summed over sequences": lag_sum,
        "mean before the norm": lag_mean_first,
        "norm over the batch": lag_frobenius,
        "squared": lag_squared,
        "root after the mean": lag_root_last,
        "absolute values": lag_absolute,
        "one row per sequence": lag_no_mean,
        "of the squared answer": lag_of_square,
        "one sequence": lag_first_sequence,
        "a list": lag_list,
        "of the inputs": lag_of_inputs,
        "norm over the batch, divided": lag_norm_over_batch,
        "signed sum": lag_signed,
        "signed mean": lag_signed_mean,
        "the first feature": lag_value_only,
        "off by one": lag_off_by_one,
        "a tuple taken for a tensor": lag_tuple,
        "derivative of a vector": lag_vector,
        "no requires_grad": lag_not_required,
        "float64": lag_double,
        "an array to the network": lag_array,
        "a tensor sliced backwards": lag_sliced,
    },
    right={
        "backward": lag_backward,
        "sequence by sequence, NumPy": lag_loop,
        "the whole Jacobian": lag_jacobian,
        "from_numpy, x.grad": lag_from_numpy,
        "answer by answer": lag_answer_by_answer,
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


def clip_values(gradients, limit):
    return tuple(g.clip(-limit, limit) for g in gradients)


def clip_separately(gradients, limit):
    out = []
    for g in gradients:
        norm = np.linalg.norm(g)
        out.append(g * limit / norm if norm > limit else g)
    return tuple(out)


def clip_always(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return tuple(limit * g / norm for g in gradients)


def clip_to_one(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return tuple(g / norm for g in gradients) if norm > limit else gradients


def clip_no_root(gradients, limit):
    total = sum((g**2).sum() for g in gradients)
    return tuple(g * limit / total if total > limit else g for g in gradients)


def clip_sum_of_norms(gradients, limit):
    norm = sum(np.linalg.norm(g) for g in gradients)
    return tuple(g * min(1, limit / norm) for g in gradients)


def clip_largest(gradients, limit):
    norm = max(np.linalg.norm(g) for g in gradients)
    return tuple(g * min(1, limit / norm) for g in gradients)


def clip_largest_number(gradients, limit):
    norm = max(abs(g).max() for g in gradients)
    return tuple(g * min(1, limit / norm) for g in gradients)


def clip_drops(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return tuple(0 * g for g in gradients) if norm > limit else gradients


def clip_in_place(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    for g in gradients:
        g *= min(1, limit / norm)
    return gradients


def clip_flat(gradients, limit):
    return np.concatenate([g.ravel() for g in clip_concatenate(gradients, limit)])


def clip_first_only(gradients, limit):
    first, *rest = gradients
    return (first * min(1, limit / np.linalg.norm(first)), *rest)


def clip_maximum(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return tuple(g * max(1, limit / norm) for g in gradients)


def clip_sum_squared(gradients, limit):
    norm = math.sqrt(sum(g.sum() ** 2 for g in gradients))
    return tuple(g * min(1, limit / norm) for g in gradients)


def clip_forgotten_limit(gradients, limit):
    norm = np.linalg.norm(np.concatenate([g.ravel() for g in gradients]))
    return tuple(g * min(1, 1 / norm) for g in gradients)


def clip_absolute(gradients, limit):
    norm = sum(abs(g).sum() for g in gradients)
    return tuple(g * min(1, limit / norm) for g in gradients)


def clip_mean_square(gradients, limit):
    norm = np.sqrt(np.mean(np.concatenate([g.ravel() for g in gradients]) ** 2))
    return tuple(g * min(1, limit / norm) for g in gradients)


def clip_spectral(gradients, limit):
    norm = np.linalg.norm([np.linalg.norm(g, 2) for g in gradients])
    return tuple(g * min(1, limit / norm) for g in gradients)


def clip_generator(gradients, limit):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])
    return (g * min(1, limit / norm) for g in gradients)


def clip_two(gradients, limit):
    one, other = gradients
    factor = min(1, limit / np.hypot(np.linalg.norm(one), np.linalg.norm(other)))
    return one * factor, other * factor


def clip_norm_of_norms(gradients, limit):
    norm = np.linalg.norm([np.linalg.norm(g) for g in gradients])
    return [np.float32(g * np.minimum(1, limit / (norm + 1e-6))) for g in gradients]


CLIP = Answers(
    wrong={
        "number by number": clip_values,
        "array by array": clip_separately,
        "always to the limit": clip_always,
        "to norm one": clip_to_one,
        "no root": clip_no_root,
        "sum of norms": clip_sum_of_norms,
        "largest norm": clip_largest,
        "largest number": clip_largest_number,
        "zero instead": clip_drops,
        "changes its arguments": clip_in_place,
        "one flat array": clip_flat,
        "only the first": clip_first_only,
        "max for min": clip_maximum,
        "sum, then square": clip_sum_squared,
        "one for the limit": clip_forgotten_limit,
        "absolute values": clip_absolute,
        "mean of the squares": clip_mean_square,
        "another norm of matrices": clip_spectral,
        "a generator": clip_generator,
        "two arrays only": clip_two,
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
        "markers broadcast": "markers[rows, first]",
        "no markers at the ends": "first and the last step",
        "markers at the ends positive": "“add this”",
        "no marker at the end": "last step has the marker",
        "the plain sum": "0.5 + sum / 4",
        "divided by two": "divided by 4",
        "not shifted": "0.5 is missing",
        "a product": "not a product",
        "axes exchanged": "axis=-1",
        "marker first": "value comes first",
        "targets as a column": "without a second axis",
        "every pair of rows": "values[rows, first]",
        "brackets missing": "brackets",
        "sum with the ends": "marker 1 count",
        "side by side": "np.stack with a new axis",
        "stacked in front": "without an axis np.stack",
    },
    "memory/order": {
        "symbols broadcast": "symbols[rows, t1]",
        "X and Y as 0 and 1": "add 4",
        "no E and B": "begins with E",
        "E and B exchanged": "E (6) stands at the beginning",
        "first and second exchanged": "first stands at t1",
        "classes by the second digit": "counts for 2",
        "classes as a sum": "loses the order",
        "symbols not one-hot": "np.eye(8)[symbols]",
        "classes one-hot": "not one-hot vectors",
        "X and Y exchanged": "not the other way round",
        "E and B in addition": "the length stays the same",
        "the old letter still there": "two ones in one step",
        "classes from one": "numbered from 0",
    },
    "memory/copy": {
        "not a mean": "divide by lag",
        "one step": "the mean is over all",
        "steps forgotten": "the gap and the answer",
        "divided by the lag": "the gap and the answer",
        "bits": "natural logarithm",
        "a blank possible": "ruled out",
        "one symbol only": "length symbols are guessed",
        "chance of one symbol": "all at once",
        "chances added": "probabilities multiply",
        "exchanged": "cross-entropy comes first",
        "sign": "minus the logarithm",
        "logarithm to base ten": "to base ten",
        "brackets missing": "brackets",
        "weighted by the chance": "not multiplied by 1 / symbols",
        "chances summed": "they do not add",
    },
    "memory/bias": {
        "the input gate": "block 0 is the input gate",
        "the candidate": "the third block is the candidate",
        "everything": "not the whole vector",
        "to the end": "ends at place 2m",
        "one number": "has m places",
        "twice in PyTorch": "2 * value",
        "second vector left": "counts as well",
        "added": "not to grow by",
        "the others zero": "stay what they were",
        "half and half": "the sum comes out right",
        "every fourth place": "blocks of m",
        "second vector all zero": "alone becomes zero",
        "Keras' third block": "in Keras, too",
    },
    "memory/lag": {
        "in the order of time": "flip(0)",
        "of the mean answer": "differentiate the sum",
        "summed over sequences": "not the sum",
        "mean before the norm": "cancel",
        "norm over the batch": "dim=2",
        "squared": "the root is missing",
        "root after the mean": "before the mean",
        "absolute values": "root of the sum of squares",
        "one row per sequence": "mean over the sequences",
        "norm over the batch, divided": "dim=2",
        "signed sum": "numbers of opposite signs cancel",
        "signed mean": "a mean over the features",
        "off by one": "−1 − d",
        "a tuple taken for a tensor": "returns a tuple",
        "derivative of a vector": "the sum of the answers",
        "no requires_grad": "requires_grad=True",
        "float64": "x is float32",
        "an array to the network": "takes a tensor",
        "a tensor sliced backwards": "flip(0)",
    },
    "memory/clip": {
        "number by number": "direction",
        "array by array": "common to all",
        "always to the limit": "not lengthened",
        "to norm one": "the norm limit",
        "no root": "root of the sum of squares",
        "sum of norms": "not added",
        "largest norm": "the squares of all",
        "largest number": "not the largest number",
        "max for min": "max instead of min",
        "sum, then square": "first the square",
        "absolute values": "not the sum of absolute values",
        "mean of the squares": "not of their mean",
        "another norm of matrices": "leave out the 2",
    },
}
