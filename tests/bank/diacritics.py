"""Answers to the exercises of lab 07."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import numpy as np
import torch

from bank import Answers

PLAIN = dict(zip("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "acelnoszzACELNOSZZ", strict=True))
TABLE = str.maketrans(PLAIN)
MARKED = {m: (p, 2 if m in "żŻ" else 1) for m, p in PLAIN.items()}


def bare(text):
    return text.translate(TABLE)


# --- strip --------------------------------------------------------------------------------------


def strip_blank(text):
    raise NotImplementedError


def strip_only_ones(text):
    return bare(text), np.array([int(c in PLAIN) for c in text])


def strip_turned(text):
    return bare(text), np.array(
        [1 if c in "żŻ" else 2 if c in "źŹ" else int(c in PLAIN) for c in text]
    )


def strip_lower(text):
    return bare(text.lower()), np.array([2 if c == "ż" else int(c in PLAIN) for c in text.lower()])


def strip_small_letters(text):
    plain = "".join(PLAIN[c] if c in PLAIN and c.islower() else c for c in text)
    return plain, np.array([2 if c == "ż" else int(c in PLAIN and c.islower()) for c in text])


def strip_no_capital_labels(text):
    small = "ąćęłńóśźż"
    return bare(text), np.array([2 if c == "ż" else int(c in small) for c in text])


def strip_forgets_z(text):
    return bare(text), np.array(
        [2 if c in "żŻ" else int(c in PLAIN and c not in "źŹ") for c in text]
    )


def strip_labels_as_list(text):
    return bare(text), [2 if c in "żŻ" else int(c in PLAIN) for c in text]


def strip_floats(text):
    return bare(text), np.array([2.0 if c in "żŻ" else float(c in PLAIN) for c in text])


def strip_text_only(text):
    return bare(text)


def strip_nfd(text):
    import unicodedata  # ł and Ł do not decompose

    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain, np.array([2 if c in "żŻ" else int(c in PLAIN) for c in text])


def strip_table_raises(text):
    plain, labels = "", []
    for c in text:
        letter, label = MARKED[c]
        plain += letter
        labels.append(label)
    return plain, np.array(labels)


def strip_marked_only(text):
    return bare(text), np.array([2 if c in "żŻ" else 1 for c in text if c in PLAIN])


def strip_truth_values(text):
    return bare(text), np.array([a != b for a, b in zip(text, bare(text), strict=True)])


def strip_loop(text):
    plain, labels = "", []
    for c in text:
        if c in "żŻ":
            labels.append(2)
        elif c in PLAIN:
            labels.append(1)
        else:
            labels.append(0)
        plain += PLAIN.get(c, c)
    return plain, np.array(labels)


def strip_compare(text):
    plain = bare(text)
    labels = [int(a != b) + int(b in ("ż", "Ż")) for a, b in zip(plain, text, strict=True)]
    return [plain, np.array(labels, dtype=np.int32)]


def strip_tensor(text):
    return bare(text), torch.tensor([2 if c.lower() == "ż" else int(c in PLAIN) for c in text])


STRIP = Answers(
    wrong={
        "only ones": strip_only_ones,
        "labels exchanged": strip_turned,
        "lower case": strip_lower,
        "only small letters": strip_small_letters,
        "capitals without labels": strip_no_capital_labels,
        "ź forgotten": strip_forgets_z,
        "labels as a list": strip_labels_as_list,
        "labels as floats": strip_floats,
        "only the text": strip_text_only,
        "Unicode decomposition": strip_nfd,
        "only letters in the table": strip_table_raises,
        "labels of marked letters only": strip_marked_only,
        "truth values": strip_truth_values,
    },
    right={
        "loop": strip_loop,
        "compared with the plain text": strip_compare,
        "tensor": strip_tensor,
    },
    blank=strip_blank,
)

# --- frequent -----------------------------------------------------------------------------------


def frequent_blank(train, words):
    raise NotImplementedError


def frequent_identity(train, words):
    return tuple(words)


def frequent_first(train, words):
    seen = {}
    for w in train:
        seen.setdefault(bare(w), w)
    return tuple(seen.get(w, w) for w in words)


def frequent_last(train, words):
    seen = {bare(w): w for w in train}
    return tuple(seen.get(w, w) for w in words)


def frequent_late_ties(train, words):
    counts = Counter(train)
    best = {}
    for w in counts:
        if counts[w] >= counts[best.get(bare(w), w)]:
            best[bare(w)] = w
    return tuple(best.get(w, w) for w in words)


def frequent_empty(train, words):
    counts = Counter(train)
    best = {}
    for w in counts:
        if bare(w) not in best or counts[w] > counts[best[bare(w)]]:
            best[bare(w)] = w
    return tuple(best.get(w, "") for w in words)


def frequent_lower(train, words):
    return frequent_counter([w.lower() for w in train], [w.lower() for w in words])


def frequent_marked_always(train, words):
    best = {}
    for w, _ in Counter(w for w in train if bare(w) != w).most_common():
        best.setdefault(bare(w), w)
    return tuple(best.get(w, w) for w in words)


def frequent_sorted_ties(train, words):
    counts = Counter(train)
    best = {}
    for w in sorted(counts):
        if bare(w) not in best or counts[w] > counts[best[bare(w)]]:
            best[bare(w)] = w
    return tuple(best.get(w, w) for w in words)


def frequent_key_error(train, words):
    counts = Counter(train)
    return tuple(max((f for f in counts if bare(f) == w), key=lambda f: counts[f]) for w in words)


def frequent_unseen_vanish(train, words):
    known = {bare(w) for w in train}
    return frequent_counter(train, [w for w in words if w in known])


def frequent_with_counts(train, words):
    table = defaultdict(Counter)
    for w in train:
        table[bare(w)][w] += 1
    return tuple(table[w].most_common(1)[0] if w in table else w for w in words)


def frequent_first_to_lead(train, words):
    counts, best = Counter(), {}
    for w in train:  # in a tie the form that got so far earlier, not the one that came first
        counts[w] += 1
        if counts[w] > counts[best.get(bare(w))]:
            best[bare(w)] = w
    return tuple(best.get(w, w) for w in words)


def frequent_counter(train, words):
    table = defaultdict(Counter)
    for w in train:
        table[bare(w)][w] += 1
    return tuple(table[w].most_common(1)[0][0] if w in table else w for w in words)


def frequent_as_list(train, words):
    answer = []
    for word in words:
        forms = [w for w in train if bare(w) == word]
        answer.append(max(forms, key=forms.count) if forms else word)
    return answer


def frequent_dictionary(train, words):
    counts, best = {}, {}
    for w in train:
        counts[w] = counts.get(w, 0) + 1
    for w in dict.fromkeys(train):
        p = bare(w)
        if p not in best or counts[w] > counts[best[p]]:
            best[p] = w
    return tuple(best.get(w, w) for w in words)


FREQUENT = Answers(
    wrong={
        "words returned": frequent_identity,
        "first form": frequent_first,
        "last form": frequent_last,
        "ties to the last": frequent_late_ties,
        "unseen words lost": frequent_empty,
        "lower case": frequent_lower,
        "marks wherever possible": frequent_marked_always,
        "ties by the alphabet": frequent_sorted_ties,
        "unseen words raise": frequent_key_error,
        "unseen words vanish": frequent_unseen_vanish,
        "forms with their counts": frequent_with_counts,
        "ties to the first that led": frequent_first_to_lead,
    },
    right={
        "most_common": frequent_counter,
        "loop, list returned": frequent_as_list,
        "plain dictionaries": frequent_dictionary,
    },
    blank=frequent_blank,
)

# --- pad ----------------------------------------------------------------------------------------


def pad_blank(rows):
    raise NotImplementedError


def pad_numpy(rows):
    lengths = np.array([len(r) for r in rows])
    mask = np.arange(lengths.max()) < lengths[:, None]
    batch = np.zeros(mask.shape, dtype=np.int64)
    batch[mask] = np.concatenate(rows)
    return batch, mask


def pad_mask_from_zero(rows):
    batch, _ = pad_numpy(rows)
    return batch, batch > 0


def pad_mask_inverted(rows):
    batch, mask = pad_numpy(rows)
    return batch, np.logical_not(mask)


def pad_mask_ints(rows):
    batch, mask = pad_numpy(rows)
    return batch, mask * 1


def pad_left(rows):
    T = max(len(r) for r in rows)
    batch = np.stack([np.concatenate([np.zeros(T - len(r), dtype=int), r]) for r in rows])
    mask = np.stack([np.arange(T) >= T - len(r) for r in rows])
    return batch, mask


def pad_shortest(rows):
    T = min(len(r) for r in rows)
    return np.stack([r[:T] for r in rows]), np.ones((len(rows), T), dtype=bool)


def pad_time_first(rows):
    batch, mask = pad_numpy(rows)
    return batch.T, mask.T


def pad_minus_one(rows):
    batch, mask = pad_numpy(rows)
    batch[~mask] = -1
    return batch, mask


def pad_floats(rows):
    batch, mask = pad_numpy(rows)
    return batch.astype(float), mask


def pad_only_batch(rows):
    return pad_numpy(rows)[0]


def pad_one_too_long(rows):
    batch, mask = pad_numpy(rows)
    return np.pad(batch, ((0, 0), (0, 1))), np.pad(mask, ((0, 0), (0, 1)))


def pad_mask_one_more(rows):
    batch, mask = pad_numpy(rows)
    lengths = np.array([len(r) for r in rows])
    return batch, np.arange(mask.shape[1]) <= lengths[:, None]


def pad_to_the_first(rows):
    batch = np.zeros((len(rows), len(rows[0])), dtype=int)
    for i, row in enumerate(rows):
        batch[i, : len(row)] = row
    return batch, batch == batch


def pad_torch(rows):
    tensors = [torch.as_tensor(r) for r in rows]
    batch = torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True)
    ones = [torch.ones(len(r), dtype=torch.bool) for r in rows]
    return batch, torch.nn.utils.rnn.pad_sequence(ones, batch_first=True)


def pad_lists(rows):
    T = max(map(len, rows))
    batch = [[*map(int, r), *[0] * (T - len(r))] for r in rows]
    mask = [[t < len(r) for t in range(T)] for r in rows]
    return np.array(batch), np.array(mask)


PAD = Answers(
    wrong={
        "mask from zeros": pad_mask_from_zero,
        "mask inverted": pad_mask_inverted,
        "mask of ints": pad_mask_ints,
        "padded on the left": pad_left,
        "cut to the shortest": pad_shortest,
        "time first": pad_time_first,
        "padded with -1": pad_minus_one,
        "floats": pad_floats,
        "no mask": pad_only_batch,
        "one too long": pad_one_too_long,
        "mask one too long": pad_mask_one_more,
        "as long as the first row": pad_to_the_first,
    },
    right={"mask by lengths": pad_numpy, "pad_sequence": pad_torch, "lists": pad_lists},
    blank=pad_blank,
)

# --- loss ---------------------------------------------------------------------------------------


def loss_blank(logits, labels, mask):
    raise NotImplementedError


def log_softmax(logits):
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def loss_select_first(logits, labels, mask):
    log_p = log_softmax(logits[mask])
    return -log_p[np.arange(len(log_p)), labels[mask]].mean()


def loss_each(logits, labels):
    return -np.take_along_axis(log_softmax(logits), labels[..., None], -1)[..., 0]


def loss_no_mask(logits, labels, mask):
    return loss_each(logits, labels).mean()


def loss_zeroed(logits, labels, mask):
    return (loss_each(logits, labels) * mask).mean()


def loss_by_rows(logits, labels, mask):
    return np.mean([loss_each(logits, labels)[i, m].mean() for i, m in enumerate(mask)])


def loss_sum(logits, labels, mask):
    return loss_each(logits, labels)[mask].sum()


def loss_sign(logits, labels, mask):
    return -loss_each(logits, labels)[mask].mean()


def loss_bits(logits, labels, mask):
    return loss_each(logits, labels)[mask].mean() / np.log(2)


def loss_overflow(logits, labels, mask):
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(p, labels[..., None], -1)[..., 0])[mask].mean()


def loss_epsilon(logits, labels, mask):
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = shifted / shifted.sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(p, labels[..., None], -1)[..., 0] + 1e-7)[mask].mean()


def loss_raw_logits(logits, labels, mask):
    return -np.take_along_axis(logits, labels[..., None], -1)[..., 0][mask].mean()


def loss_wrong_axis(logits, labels, mask):
    shifted = logits - logits.max(axis=1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
    return -np.take_along_axis(log_p, labels[..., None], -1)[..., 0][mask].mean()


def loss_padding_only(logits, labels, mask):
    each = loss_each(logits, labels)
    return each[~mask].mean() if (~mask).any() else 0.0


def loss_in_place(logits, labels, mask):
    logits -= logits.max(axis=-1, keepdims=True)
    return loss_select_first(logits, labels, mask)


def loss_log_of_softmax(logits, labels, mask):
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    p = shifted / shifted.sum(axis=-1, keepdims=True)  # stable, but small ones become 0
    return -np.log(np.take_along_axis(p, labels[..., None], -1)[..., 0])[mask].mean()


def loss_one_maximum(logits, labels, mask):
    shifted = logits - logits.max()
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    return -np.take_along_axis(log_p, labels[..., None], -1)[..., 0][mask].mean()


def loss_clipped(logits, labels, mask):
    p = np.exp(np.clip(logits, -50, 50))
    p /= p.sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(p, labels[..., None], -1)[..., 0])[mask].mean()


def loss_masked_logits(logits, labels, mask):
    return loss_each(logits * mask[:, :, None], labels).mean()


def loss_all_pairs(logits, labels, mask):
    return -log_softmax(logits[mask])[:, labels[mask]].mean()


def loss_mask_from_labels(logits, labels, mask):
    return loss_each(logits, labels)[labels > 0].mean()


def loss_not_averaged(logits, labels, mask):
    return loss_each(logits, labels)[mask]


def loss_torch(logits, labels, mask):
    z, y = torch.tensor(logits), torch.tensor(labels)
    return torch.nn.functional.cross_entropy(z[torch.tensor(mask)], y[torch.tensor(mask)])


def loss_weights(logits, labels, mask):
    return (loss_each(logits, labels) * mask).sum() / mask.sum()


def loss_float32(logits, labels, mask):
    return loss_weights(logits.astype(np.float32), labels, mask)


LOSS = Answers(
    wrong={
        "padding included": loss_no_mask,
        "divided by all places": loss_zeroed,
        "mean of the rows' means": loss_by_rows,
        "sum": loss_sum,
        "sign": loss_sign,
        "bits": loss_bits,
        "overflow": loss_overflow,
        "probabilities plus epsilon": loss_epsilon,
        "logits for probabilities": loss_raw_logits,
        "softmax over time": loss_wrong_axis,
        "only the padding": loss_padding_only,
        "argument changed in place": loss_in_place,
        "logarithm of the softmax": loss_log_of_softmax,
        "one maximum for all": loss_one_maximum,
        "logits clipped": loss_clipped,
        "logits times mask": loss_masked_logits,
        "all pairs": loss_all_pairs,
        "mask from labels": loss_mask_from_labels,
        "not averaged": loss_not_averaged,
    },
    right={
        "selected first": loss_select_first,
        "torch": loss_torch,
        "mask as weights": loss_weights,
        "float32": loss_float32,
    },
    blank=loss_blank,
)

# --- words --------------------------------------------------------------------------------------


def words_blank(guess, truth):
    raise NotImplementedError


def can(word):
    return any(c in "acelnoszACELNOSZ" for c in bare(word))


def words_pairs(guess, truth, counts=can):
    pairs = [(g, t) for g, t in zip(guess.split(), truth.split(), strict=True) if counts(t)]
    return sum(g == t for g, t in pairs) / len(pairs)


def words_all(guess, truth):
    return words_pairs(guess, truth, lambda t: True)


def words_marked(guess, truth):
    return words_pairs(guess, truth, lambda t: bare(t) != t)


def words_small(guess, truth):
    return words_pairs(guess, truth, lambda t: any(c in "acelnosz" for c in bare(t)))


def words_letters(guess, truth):
    pairs = [(g, t) for g, t in zip(guess, truth, strict=True) if can(t)]
    return sum(g == t for g, t in pairs) / len(pairs)


def words_characters(guess, truth):
    return np.mean(np.array(list(guess)) == np.array(list(truth)))


def words_errors(guess, truth):
    return 1 - words_pairs(guess, truth)


def words_percent(guess, truth):
    return 100 * words_pairs(guess, truth)


def words_whole_text(guess, truth):
    return float(guess == truth)


def words_as_a_set(guess, truth):
    wanted = {t for t in truth.split() if can(t)}
    return len(wanted & set(guess.split())) / len(wanted)


def words_plain_test(guess, truth):
    # Looks for the plain letters in the word with its marks: żyto is missed, jaźń is not.
    return words_pairs(guess, truth, lambda t: any(c in "acelnoszACELNOSZ" for c in t))


def words_at_spaces(guess, truth):
    pairs = zip(guess.split(" "), truth.split(" "), strict=True)
    return np.mean([g == t for g, t in pairs if can(t)])


def words_of_letters(guess, truth):
    pairs = zip(re.findall(r"\w+", guess), re.findall(r"\w+", truth), strict=True)
    return np.mean([g == t for g, t in pairs if can(t)])


def words_over_all(guess, truth):
    right = [g == t and can(t) for g, t in zip(guess.split(), truth.split(), strict=True)]
    return sum(right) / len(right)


def words_number(guess, truth):
    return sum(g == t for g, t in zip(guess.split(), truth.split(), strict=True) if can(t))


def words_in_the_guess(guess, truth):
    wanted = [t for t in truth.split() if can(t)]
    found = set(guess.split())
    return sum(t in found for t in wanted) / len(wanted)


def words_regex(guess, truth):
    right = total = 0
    for m in re.finditer(r"\S+", truth):
        if can(m[0]):
            total += 1
            right += guess[m.start() : m.end()] == m[0]
    return right / total


def words_mean(guess, truth):
    same = [g == t for g, t in zip(guess.split(), truth.split(), strict=True) if can(t)]
    return np.mean(same)


WORDS = Answers(
    wrong={
        "all words": words_all,
        "only words with marks": words_marked,
        "only small letters": words_small,
        "letters": words_letters,
        "characters": words_characters,
        "errors": words_errors,
        "percent": words_percent,
        "the whole text": words_whole_text,
        "the set of words": words_as_a_set,
        "tested with its marks": words_plain_test,
        "cut at spaces only": words_at_spaces,
        "words of letters": words_of_letters,
        "divided by all words": words_over_all,
        "a number of words": words_number,
        "anywhere in the guess": words_in_the_guess,
    },
    right={"pairs": words_pairs, "regular expression": words_regex, "NumPy mean": words_mean},
    blank=words_blank,
)

# --- letters ------------------------------------------------------------------------------------


def letters_blank(guess, truth, letter):
    raise NotImplementedError


def letters_counts(guess, truth, letter):
    hit = sum(1 for g, t in zip(guess, truth, strict=True) if g == letter and t == letter)
    return hit, truth.count(letter), guess.count(letter)


def letters_loop(guess, truth, letter):
    hit, needed, put = letters_counts(guess, truth, letter)
    return hit / max(needed, 1), hit / max(put, 1)


def letters_numpy(guess, truth, letter):
    needed = np.array(list(truth)) == letter
    put = np.array(list(guess)) == letter
    both = (needed & put).sum()
    return np.array([both / max(needed.sum(), 1), both / max(put.sum(), 1)])


def letters_lists(guess, truth, letter):
    found = [g == letter for g, t in zip(guess, truth, strict=True) if t == letter]
    sure = [t == letter for g, t in zip(guess, truth, strict=True) if g == letter]
    return sum(found) / len(found) if found else 0.0, sum(sure) / len(sure) if sure else 0.0


def letters_swapped(guess, truth, letter):
    return letters_loop(truth, guess, letter)


def letters_recall_twice(guess, truth, letter):
    return letters_loop(guess, truth, letter)[0], letters_loop(guess, truth, letter)[0]


def letters_of_all_places(guess, truth, letter):
    hit, _, _ = letters_counts(guess, truth, letter)
    return hit / len(truth), hit / len(truth)


def letters_by_counts(guess, truth, letter):
    needed, put = truth.count(letter), guess.count(letter)
    return min(needed, put) / max(needed, 1), min(needed, put) / max(put, 1)


def letters_accuracy(guess, truth, letter):
    same = [(g == letter) == (t == letter) for g, t in zip(guess, truth, strict=True)]
    return np.mean(same), letters_loop(guess, truth, letter)[1]


def letters_percent(guess, truth, letter):
    return tuple(100 * share for share in letters_loop(guess, truth, letter))


def letters_only_recall(guess, truth, letter):
    return letters_loop(guess, truth, letter)[0]


def letters_any_right_letter(guess, truth, letter):
    hit = sum(g == t for g, t in zip(guess, truth, strict=True))
    return hit / max(truth.count(letter), 1), hit / max(guess.count(letter), 1)


LETTERS = Answers(
    wrong={
        "swapped": letters_swapped,
        "recall twice": letters_recall_twice,
        "of all places": letters_of_all_places,
        "numbers of letters": letters_by_counts,
        "accuracy": letters_accuracy,
        "percent": letters_percent,
        "only recall": letters_only_recall,
        "any right letter": letters_any_right_letter,
    },
    right={"loop": letters_loop, "NumPy": letters_numpy, "lists": letters_lists},
    blank=letters_blank,
)

HINTS = {
    "diacritics/strip": {
        "only letters in the table": "any other stays itself",
        "labels of marked letters only": "every character has a label",
        "Unicode decomposition": "does not decompose",
        "truth values": "not just",
        "labels as floats": "labels are integers",
        "only ones": "has the label 2",
        "labels exchanged": "1 is ź, 2 is ż",
        "lower case": "a capital stays a capital",
        "only small letters": "capitals have marks",
        "capitals without labels": "capitals have labels",
    },
    "diacritics/frequent": {
        "words returned": "look the same without marks",
        "first form": "came first",
        "last form": "came last",
        "ties to the last": "in a tie",
        "unseen words lost": "never seen stays",
        "lower case": "do not change the case",
        "marks wherever possible": "without marks as well",
        "unseen words vanish": "must not vanish",
        "ties to the first that led": "in a tie",
    },
    "diacritics/pad": {
        "mask from zeros": "comes from the length",
        "mask inverted": "True on real numbers",
        "mask of ints": "of type bool",
        "padded on the left": "at the end of a row",
        "cut to the shortest": "nothing may be cut off",
        "time first": "the first axis is rows",
        "floats": "numbers are integers",
        "mask one too long": "one place too far",
        "padded with -1": "the padding is zeros",
    },
    "diacritics/loss": {
        "padding included": "takes the padding too",
        "divided by all places": "number of real characters",
        "mean of the rows' means": "one mean of all characters",
        "sum": "wanted is the mean",
        "sign": "minus the logarithm",
        "bits": "natural one",
        "logits for probabilities": "log of the sum of exp",
        "softmax over time": "the last axis",
        "logits times mask": "log K",
        "all pairs": "every label for every character",
        "mask from labels": "a real answer",
    },
    "diacritics/words": {
        "all words": "always right",
        "only words with marks": "may add one",
        "only small letters": "capitals can carry",
        "letters": "accuracy of letters",
        "characters": "accuracy of characters",
        "errors": "that of right ones",
        "percent": "per cent",
        "tested with its marks": "not in the word with its marks",
        "cut at spaces only": "parts words too",
        "words of letters": "all that stands between blanks",
        "divided by all words": "those that count",
    },
    "diacritics/letters": {
        "swapped": "comes first",
        "recall twice": "letters put",
        "of all places": "length of the text",
        "numbers of letters": "the same place",
        "accuracy": "only where the letter was needed",
    },
}

BANK = {
    "diacritics/strip": STRIP,
    "diacritics/frequent": FREQUENT,
    "diacritics/pad": PAD,
    "diacritics/loss": LOSS,
    "diacritics/words": WORDS,
    "diacritics/letters": LETTERS,
}
