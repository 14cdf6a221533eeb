"""Answers to the exercises of lab 07."""

from __future__ import annotations

import re
from collections import Counter, defaultdict

import numpy as np
import torch

from bank import Answers

PLAIN = dict(zip("ąćęłńóśźżĄĆĘŁŃÓŚŹŻ", "acelnoszzACELNOSZZ", strict=True))
TABLE = str.maketrans(PLAIN)


def bare(text):
    return text.translate(TABLE)


# --- strip --------------------------------------------------------------------------------------


def strip_blank(text):
    raise NotImplementedError


def strip_forgets_z(text):
    return bare(text), np.array(
        [2 if c in "żŻ" else int(c in PLAIN and c not in "źŹ") for c in text]
    )


def strip_forgets_one_letter(text):
    plain, labels = strip_loop(text)
    kept = "".join("ą" if c == "ą" else p for c, p in zip(text, plain, strict=True))
    return kept, np.where(np.array(list(text)) == "ą", 0, labels)


def strip_nfd(text):
    import unicodedata  # ł and Ł do not decompose

    plain = "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c))
    return plain, np.array([2 if c in "żŻ" else int(c in PLAIN) for c in text])


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
        "ź forgotten": strip_forgets_z,
        "ą forgotten": strip_forgets_one_letter,
        "Unicode decomposition": strip_nfd,
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


def frequent_sorted_ties(train, words):
    counts = Counter(train)
    best = {}
    for w in sorted(counts):
        if bare(w) not in best or counts[w] > counts[best[bare(w)]]:
            best[bare(w)] = w
    return tuple(best.get(w, w) for w in words)


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
        "ties by the alphabet": frequent_sorted_ties,
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


def pad_left(rows):
    T = max(len(r) for r in rows)
    batch = np.stack([np.concatenate([np.zeros(T - len(r), dtype=int), r]) for r in rows])
    mask = np.stack([np.arange(T) >= T - len(r) for r in rows])
    return batch, mask


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
        "padded on the left": pad_left,
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


def loss_by_rows(logits, labels, mask):
    return np.mean([loss_each(logits, labels)[i, m].mean() for i, m in enumerate(mask)])


def loss_overflow(logits, labels, mask):
    p = np.exp(logits) / np.exp(logits).sum(axis=-1, keepdims=True)
    return -np.log(np.take_along_axis(p, labels[..., None], -1)[..., 0])[mask].mean()


def loss_torch(logits, labels, mask):
    z, y = torch.tensor(logits), torch.tensor(labels)
    return torch.nn.functional.cross_entropy(z[torch.tensor(mask)], y[torch.tensor(mask)])


def loss_weights(logits, labels, mask):
    return (loss_each(logits, labels) * mask).sum() / mask.sum()


def loss_masked_array(logits, labels, mask):
    return np.ma.array(loss_each(logits, labels), mask=~mask).mean()


def loss_float32(logits, labels, mask):
    return loss_weights(logits.astype(np.float32), labels, mask)


LOSS = Answers(
    wrong={
        "mean of the rows' means": loss_by_rows,
        "overflow": loss_overflow,
    },
    right={
        "selected first": loss_select_first,
        "torch": loss_torch,
        "mask as weights": loss_weights,
        "float32": loss_float32,
        "a masked array": loss_masked_array,
    },
    blank=loss_blank,
)

# --- words --------------------------------------------------------------------------------------


def words_blank(guess, truth):
    raise NotImplementedError


def can(word):
    return any(c in "acelnoszACELNOSZ" for c in bare(word))


def words_pairs(guess, truth):
    pairs = [(g, t) for g, t in zip(guess.split(), truth.split(), strict=True) if can(t)]
    return sum(g == t for g, t in pairs) / len(pairs)


def words_as_a_set(guess, truth):
    wanted = {t for t in truth.split() if can(t)}
    return len(wanted & set(guess.split())) / len(wanted)


def words_anywhere(guess, truth):
    wanted = set(truth.split())
    found = [g in wanted for g in guess.split() if can(g)]
    return sum(found) / len(found)


def words_of_letters(guess, truth):
    pairs = zip(re.findall(r"\w+", guess), re.findall(r"\w+", truth), strict=True)
    return np.mean([g == t for g, t in pairs if can(t)])


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
        "the set of words": words_as_a_set,
        "any word of the truth": words_anywhere,
        "words of letters": words_of_letters,
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


def letters_accuracy(guess, truth, letter):
    same = [(g == letter) == (t == letter) for g, t in zip(guess, truth, strict=True)]
    return np.mean(same), letters_loop(guess, truth, letter)[1]


def letters_any_right_letter(guess, truth, letter):
    hit = sum(g == t for g, t in zip(guess, truth, strict=True))
    return hit / max(truth.count(letter), 1), hit / max(guess.count(letter), 1)


LETTERS = Answers(
    wrong={
        "accuracy": letters_accuracy,
        "any right letter": letters_any_right_letter,
    },
    right={"loop": letters_loop, "NumPy": letters_numpy, "lists": letters_lists},
    blank=letters_blank,
)

HINTS = {
    "diacritics/strip": {
        "Unicode decomposition": "does not decompose",
    },
    "diacritics/frequent": {
        "ties to the first that led": "in a tie",
    },
    "diacritics/pad": {
        "padded on the left": "at the end of a row",
    },
    "diacritics/loss": {
        "mean of the rows' means": "one mean of all characters",
    },
    "diacritics/words": {
        "words of letters": "all that stands between blanks",
    },
    "diacritics/letters": {
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
