"""The exercises of lab 07, "Polish diacritics": references, cases, hints."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from unrolled.exercises import Arguments, Exercise, Mistake
from unrolled.messages import Message

#: Letter with a mark → the letter without it, and its label: 1 for a mark, 2 for the dot of ż.
MARKED: dict[str, tuple[str, int]] = {
    **{marked: (plain, 1) for marked, plain in zip("ąćęłńóśź", "acelnosz", strict=True)},
    **{marked: (plain, 1) for marked, plain in zip("ĄĆĘŁŃÓŚŹ", "ACELNOSZ", strict=True)},
    "ż": ("z", 2),
    "Ż": ("Z", 2),
}
#: The letters that can carry a mark.
OPEN = frozenset(plain for plain, _ in MARKED.values())

# --------------------------------------------------------------------------- strip


def strip(text: str) -> tuple[str, np.ndarray]:
    """Return a text without its diacritics, and for each of its letters which mark it had.

    Args:
        text: n characters.

    Returns:
        The plain text, n characters, and its labels, int64 of shape (n,): 0 no mark, 1 the mark
        (ą ć ę ł ń ó ś ź), 2 the dot of ż.
    """
    pairs = [MARKED.get(c, (c, 0)) for c in text]
    labels = np.array([label for _, label in pairs], dtype=np.int64)  # (n,)
    return "".join(plain for plain, _ in pairs), labels


_LETTERS = list("abcćdeęfłńóśźżĄĆĘŁŃÓŚŹŻCZ .,7")


def _random_text(rng: np.random.Generator, length: int) -> str:
    return "".join(rng.choice(_LETTERS, size=length))


#: Short texts to begin with: each has ż, ź, a capital that has a mark and one that has none.
_BEGINNINGS = ["Żółw śpi", "Łoś też śpi", "Ślimak jeszcze śpi", "Ćma lata", "Źrebię się boi"]
_ENDS = ["a Ola już wie, że źle.", "a Ula źle widzi: aż żal!", "bo Adam też zna źródło."]


def _strip_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    yield (f"{rng.choice(_BEGINNINGS)}, {rng.choice(_ENDS)}",)
    yield (_random_text(rng, 41) + "ŻżŹźŁłÓó",)
    yield (_random_text(rng, 17),)
    yield (str(rng.choice(list("ŻżŹźąćęłńóśĄĆĘŁŃÓŚ"))),)


def _strip_with(change: Callable[[str, str], tuple[str, int]]) -> Callable[[str], Any]:
    """Return ``strip`` with another pair for some characters (of the character, its own text)."""

    def wrong(text: str) -> tuple[str, np.ndarray]:
        pairs = [change(c, text) for c in text]
        return "".join(p for p, _ in pairs), np.array([k for _, k in pairs], dtype=np.int64)

    return wrong


def _case_lost(c: str, _: str) -> tuple[str, int]:
    return MARKED.get(c.lower(), (c.lower(), 0))


def _one_label(c: str, _: str) -> tuple[str, int]:
    plain, label = MARKED.get(c, (c, 0))
    return plain, min(label, 1)


def _capitals_kept(c: str, _: str) -> tuple[str, int]:
    return (c, 0) if c.isupper() else MARKED.get(c, (c, 0))


def _capitals_unlabelled(c: str, _: str) -> tuple[str, int]:
    plain, label = MARKED.get(c, (c, 0))
    return plain, 0 if c.isupper() else label


def _strip_bools(text: str) -> tuple[str, np.ndarray]:
    plain, labels = strip(text)
    return plain, labels > 0


def _strip_floats(text: str) -> tuple[str, np.ndarray]:
    plain, labels = strip(text)
    return plain, labels.astype(np.float64)


def _strip_marked_only(text: str) -> tuple[str, np.ndarray]:
    plain, labels = strip(text)
    return plain, labels[labels > 0]


def _strip_key_error(text: str) -> tuple[str, list[int]]:
    pairs = [MARKED[c] for c in text]
    return "".join(p for p, _ in pairs), [k for _, k in pairs]


def _strip_nfd(text: str) -> tuple[str, np.ndarray]:
    labels = strip(text)[1]
    pairs = [(c if c in "łŁ" else MARKED.get(c, (c, 0))[0]) for c in text]
    return "".join(pairs), labels


def _dot_and_acute(c: str, _: str) -> tuple[str, int]:
    plain, label = MARKED.get(c, (c, 0))
    return plain, {0: 0, 1: 1, 2: 2}[label] if c.lower() not in "źż" else 3 - label


STRIP = Exercise(
    "diacritics/strip",
    strip,
    _strip_cases,
    (
        Mistake(
            _strip_with(_one_label),
            Message(
                pl="ż ma etykietę 2: z samej jedynki nie dałoby się poznać, czy z ma być ź, czy ż.",
                en="ż has the label 2: from a mere 1 nobody could tell whether z becomes ź or ż.",
            ),
        ),
        Mistake(
            _strip_with(_dot_and_acute),
            Message(pl="1 to ź, 2 to ż.", en="1 is ź, 2 is ż."),
        ),
        Mistake(
            _strip_with(_case_lost),
            Message(
                pl="wielka litera zostaje wielka: Ż to Z z etykietą 2.",
                en="a capital stays a capital: Ż is Z with the label 2.",
            ),
        ),
        Mistake(
            _strip_with(_capitals_kept),
            Message(
                pl="wielkie litery też mają znaki: Ł to L z etykietą 1.",
                en="capitals have marks too: Ł is L with the label 1.",
            ),
        ),
        Mistake(
            _strip_with(_capitals_unlabelled),
            Message(
                pl="wielkie litery też mają etykiety: Ł to L z etykietą 1.",
                en="capitals have labels too: Ł is L with the label 1.",
            ),
        ),
        Mistake(
            _strip_key_error,
            Message(
                pl="w MARKED są tylko litery ze znakami; inna zostaje sobą: MARKED.get(c, (c, 0)).",
                en="MARKED holds only letters with marks; any other stays itself: "
                "MARKED.get(c, (c, 0)).",
            ),
        ),
        Mistake(
            _strip_marked_only,
            Message(
                pl="etykietę ma każdy znak tekstu, także odstęp i litera bez znaku: to 0.",
                en="every character has a label, blanks and letters without marks as well: it "
                "is 0.",
            ),
        ),
        Mistake(
            _strip_nfd,
            Message(
                pl="ł nie rozkłada się w Unicode na l i znak; weź literę bez znaku z MARKED.",
                en="ł does not decompose into l and a mark in Unicode; take the plain letter from "
                "MARKED.",
            ),
        ),
        Mistake(
            _strip_bools,
            Message(
                pl="etykiety to liczby 0, 1, 2, a nie tylko „był znak” i „nie było”.",
                en="the labels are the numbers 0, 1, 2, not just “a mark” and “no mark”.",
            ),
        ),
        Mistake(
            _strip_floats,
            Message(
                pl="np.zeros daje float; etykiety mają być całkowite: dtype=int.",
                en="np.zeros gives floats; labels are integers: dtype=int.",
            ),
        ),
    ),
    seeds=(11, 23, 50),
)

# --------------------------------------------------------------------------- frequent


def frequent(train: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    """Return each plain word in the form that is most frequent in the training set.

    Args:
        train: words with their marks.
        words: words without marks.

    Returns:
        For each of ``words``: the most frequent of the training words that look like it without
        marks; of equally frequent ones the first in ``train``; the word itself if there is none.
    """
    forms: dict[str, Counter[str]] = {}
    for word in train:
        forms.setdefault(strip(word)[0], Counter())[word] += 1
    # max and Counter keep the order of insertion: the first of equals wins.
    return tuple(max(f, key=f.__getitem__) if (f := forms.get(w)) else w for w in words)


def _frequent_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    stock = [
        "laska",
        "łaska",
        "sad",
        "sąd",
        "los",
        "łoś",
        "że",
        "ze",
        "Że",
        "kot",
        "robią",
        "robia",
    ]
    # Ties, and forms that come first and last often enough to lose.
    endings = [str(w) for w in rng.choice(["lek", "zab", "mysz", "rak", "bak", "Las"], size=3)]
    yield ["sąd", "sad", "łoś", "los", "los"], ["sad", "los", "sad", *endings]
    yield ["sad", "sąd", "sąd", "Że", "ze", "ze"], ["Ze", "sad", *endings, "ze"]
    yield ["los", "łoś", "łoś", "los", "z", "ż", "ż", "z"], ["los", *endings, "z"]
    for n, k in ((31, 9), (5, 6), (80, 12)):
        train = [str(w) for w in rng.choice(stock, size=n)]
        words = [strip(str(w))[0] for w in rng.choice([*stock, "mysz", "zab"], size=k)]
        yield train, words
    single = str(rng.choice(["łoś", "sąd", "źle", "ćma", "oś", "ząb", "żar", "łąka", "ślad"]))
    yield [single], [strip(single)[0]]


def _frequent_of(
    pick: Callable[[list[str]], str], unseen: Callable[[str], str] = str
) -> Callable[..., Any]:
    """Return ``frequent`` with another choice among the forms (a list, in order, repeated)."""

    def wrong(train: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
        forms: dict[str, list[str]] = {}
        for word in train:
            forms.setdefault(strip(word)[0], []).append(word)
        return tuple(pick(forms[w]) if w in forms else unseen(w) for w in words)

    return wrong


def _most_frequent(forms: list[str]) -> str:
    return max(dict.fromkeys(forms), key=forms.count)


def _frequent_lower(train: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    return frequent([w.lower() for w in train], [w.lower() for w in words])


def _frequent_marked(train: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    return frequent([w for w in train if strip(w)[0] != w], words)


def _frequent_dropped(train: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    known = {strip(w)[0] for w in train}
    return frequent(train, [w for w in words if w in known])


def _frequent_key_error(train: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    table = {strip(w)[0]: w for w in train}
    return tuple(table[w] for w in words)


def _frequent_by_itself(train: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    return tuple(words)


FREQUENT = Exercise(
    "diacritics/frequent",
    frequent,
    _frequent_cases,
    (
        Mistake(
            _frequent_by_itself,
            Message(
                pl="słowa wracają bez zmian: szukaj w zbiorze uczącym słów, które bez znaków "
                "wyglądają "
                "tak samo, czyli porównuj strip(słowo)[0].",
                en="the words come back unchanged: look in the training set for words that "
                "look the "
                "same without marks, that is, compare strip(word)[0].",
            ),
        ),
        Mistake(
            _frequent_of(lambda forms: forms[0]),
            Message(
                pl="to forma, która przyszła pierwsza, a ma być najczęstsza.",
                en="this is the form that came first; wanted is the most frequent one.",
            ),
        ),
        Mistake(
            _frequent_of(lambda forms: forms[-1]),
            Message(
                pl="to forma, która przyszła ostatnia (każda następna nadpisuje słownik), a ma być "
                "najczęstsza.",
                en="this is the form that came last (each one overwrites the dictionary); "
                "wanted is "
                "the most frequent one.",
            ),
        ),
        Mistake(
            _frequent_of(lambda forms: max(reversed(dict.fromkeys(forms)), key=forms.count)),
            Message(
                pl="przy remisie wygrywa forma, która w zbiorze uczącym była pierwsza.",
                en="in a tie the form that came first in the training set wins.",
            ),
        ),
        Mistake(
            _frequent_of(_most_frequent, lambda w: ""),
            Message(
                pl="słowo, którego nie było, zostaje takie, jakie jest.",
                en="a word that was never seen stays as it is.",
            ),
        ),
        Mistake(
            _frequent_marked,
            Message(
                pl="licz też formy bez znaków: i taka bywa najczęstsza.",
                en="count the forms without marks as well: one of them may be most frequent.",
            ),
        ),
        Mistake(
            _frequent_dropped,
            Message(
                pl="słowo, którego nie było, zostaje takie, jakie jest; nie może zniknąć.",
                en="a word that was never seen stays as it is; it must not vanish.",
            ),
        ),
        Mistake(
            _frequent_key_error,
            Message(
                pl="tego słowa nie ma w zbiorze uczącym; wtedy zostaje takie, jakie jest.",
                en="this word is not in the training set; then it stays as it is.",
            ),
        ),
        Mistake(
            _frequent_lower,
            Message(
                pl="nie zmieniaj wielkości liter: „Że” i „że” to tu dwa różne słowa.",
                en="do not change the case: “Że” and “że” are two different words here.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- pad


def pad(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Return rows of different lengths as one batch, padded with zeros, and its mask.

    Args:
        rows: B arrays of integers, each of shape (its length,), at least one of them not empty.

    Returns:
        The batch, int64 of shape (B, T) with T the longest length, and the mask, bool of shape
        (B, T): True where there is a real number, False on the padding.
    """
    longest = max(len(row) for row in rows)
    batch = np.zeros((len(rows), longest), dtype=np.int64)  # (B, T)
    mask = np.zeros((len(rows), longest), dtype=bool)  # (B, T)
    for i, row in enumerate(rows):
        batch[i, : len(row)] = row
        mask[i, : len(row)] = True
    return batch, mask


def _pad_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for lengths in ((4, 7, 2, 5, 3), (1,), (3, 1), (6, 6)):
        # A real 0 may stand anywhere: a mask made by comparing with 0 is wrong.
        yield ([rng.integers(0, 5, size=n) for n in lengths],)


def _pad_on_the_left(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    batch, mask = pad([row[::-1] for row in rows])
    return batch[:, ::-1].copy(), mask[:, ::-1].copy()


def _pad_mask_by_zero(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    batch, _ = pad(rows)
    return batch, batch != 0


def _pad_mask_turned(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    batch, mask = pad(rows)
    return batch, ~mask


def _pad_int_mask(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    batch, mask = pad(rows)
    return batch, mask.astype(np.int64)


def _pad_cut(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    return pad([row[: min(len(r) for r in rows)] for row in rows])


def _pad_time_first(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    batch, mask = pad(rows)
    return batch.T.copy(), mask.T.copy()


def _pad_floats(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    batch, mask = pad(rows)
    return batch.astype(np.float64), mask


def _pad_mask_one_more(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    batch, mask = pad(rows)
    lengths = mask.sum(axis=1, keepdims=True)
    return batch, np.arange(mask.shape[1]) <= lengths


def _pad_minus_one(rows: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    batch, mask = pad(rows)
    return np.where(mask, batch, -1), mask


PAD = Exercise(
    "diacritics/pad",
    pad,
    _pad_cases,
    (
        Mistake(
            _pad_mask_by_zero,
            Message(
                pl="maskę robi długość, a nie porównanie z zerem: zero bywa też prawdziwą liczbą.",
                en="the mask comes from the length, not from comparing with zero: a zero can "
                "be real.",
            ),
        ),
        Mistake(
            _pad_mask_turned,
            Message(
                pl="maska ma True na prawdziwych liczbach, a False na dopełnieniu.",
                en="the mask is True on real numbers and False on the padding.",
            ),
        ),
        Mistake(
            _pad_int_mask,
            Message(
                pl="maska ma mieć typ bool, żeby dało się nią wybierać: logits[mask].",
                en="the mask should be of type bool, so that it can select: logits[mask].",
            ),
        ),
        Mistake(
            _pad_on_the_left,
            Message(
                pl="dopełnienie stoi na końcu wiersza, a nie na początku.",
                en="the padding stands at the end of a row, not at its beginning.",
            ),
        ),
        Mistake(
            _pad_cut,
            Message(
                pl="dopełniamy do najdłuższego wiersza; nic nie może zostać ucięte.",
                en="rows are padded to the longest one; nothing may be cut off.",
            ),
        ),
        Mistake(
            _pad_floats,
            Message(
                pl="np.zeros daje float; numery znaków są całkowite: dtype=int.",
                en="np.zeros gives floats; the characters' numbers are integers: dtype=int.",
            ),
        ),
        Mistake(
            _pad_mask_one_more,
            Message(
                pl="maska sięga o jedno miejsce za daleko: liczymy od zera, więc t < długość.",
                en="the mask reaches one place too far: we count from zero, so t < length.",
            ),
        ),
        Mistake(
            _pad_minus_one,
            Message(pl="dopełniamy zerami.", en="the padding is zeros."),
        ),
        Mistake(
            _pad_time_first,
            Message(
                pl="pierwsza oś to wiersze, (B, T), a nie czas.",
                en="the first axis is rows, (B, T), not time.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- loss


def masked_loss(logits: np.ndarray, labels: np.ndarray, mask: np.ndarray) -> float:
    """Return the mean cross-entropy in nats over the characters that are not padding.

    Args:
        logits: any real numbers, of shape (B, T, K); softmax of the last axis gives probabilities.
        labels: right classes, int of shape (B, T); on the padding they mean nothing.
        mask: bool of shape (B, T), True on real characters; at least one of them.
    """
    top = logits.max(axis=-1, keepdims=True)  # (B, T, 1), against overflow
    log_sum = np.log(np.exp(logits - top).sum(axis=-1)) + top[..., 0]  # (B, T)
    right = np.take_along_axis(logits, labels[..., None], axis=-1)[..., 0]  # (B, T)
    return float((log_sum - right)[mask].mean())


def _loss_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time, classes, size in ((3, 5, 4, 2.0), (1, 1, 3, 1.0), (4, 7, 2, 1000.0)):
        lengths = rng.integers(1, time + 1, size=batch)
        lengths[0] = time
        if batch > 1:
            lengths[-1] = max(1, time - 2)
        mask = np.arange(time) < lengths[:, None]  # (B, T)
        logits = rng.normal(0, size, (batch, time, classes))
        yield logits, rng.integers(0, classes, (batch, time)), mask


def _each(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Return the loss of every place, of shape (B, T)."""
    return np.array(
        [
            [
                masked_loss(logits[i : i + 1, t : t + 1], labels[i : i + 1, t : t + 1], _ONE)
                for t in range(labels.shape[1])
            ]
            for i in range(labels.shape[0])
        ]
    )


_ONE = np.ones((1, 1), dtype=bool)


def _loss_of(
    reduce: Callable[[np.ndarray, np.ndarray], Any],
) -> Callable[[np.ndarray, np.ndarray, np.ndarray], float]:
    """Return the loss with another mean (of each place's loss and the mask)."""

    def wrong(logits: np.ndarray, labels: np.ndarray, mask: np.ndarray) -> float:
        return float(reduce(_each(logits, labels), mask))

    return wrong


def _loss_log_of_logits(logits: np.ndarray, labels: np.ndarray, mask: np.ndarray) -> float:
    right = np.take_along_axis(logits, labels[..., None], axis=-1)[..., 0]
    return float(-right[mask].mean())


def _loss_over_time(logits: np.ndarray, labels: np.ndarray, mask: np.ndarray) -> float:
    log_p = logits - np.logaddexp.reduce(logits, axis=1, keepdims=True)
    return float(-np.take_along_axis(log_p, labels[..., None], axis=-1)[..., 0][mask].mean())


def _loss_of_masked_logits(logits: np.ndarray, labels: np.ndarray, mask: np.ndarray) -> float:
    return float(_each(logits * mask[..., None], labels).mean())


def _loss_all_pairs(logits: np.ndarray, labels: np.ndarray, mask: np.ndarray) -> float:
    chosen = logits[mask]  # (n, K)
    log_p = chosen - np.logaddexp.reduce(chosen, axis=1, keepdims=True)
    return float(-log_p[:, labels[mask]].mean())


LOSS = Exercise(
    "diacritics/loss",
    masked_loss,
    _loss_cases,
    (
        Mistake(
            _loss_of(lambda each, mask: each.mean()),
            Message(
                pl="średnia bierze też dopełnienie; wybierz tylko miejsca z maską True.",
                en="the mean takes the padding too; choose only the places where the mask is True.",
            ),
        ),
        Mistake(
            _loss_of(lambda each, mask: (each * mask).mean()),
            Message(
                pl="suma jest dobra, ale dzielisz przez wszystkie miejsca; podziel przez liczbę "
                "prawdziwych znaków.",
                en="the sum is right, but it is divided by all places; divide by the number of "
                "real "
                "characters.",
            ),
        ),
        Mistake(
            _loss_of(lambda each, mask: ((each * mask).sum(axis=1) / mask.sum(axis=1)).mean()),
            Message(
                pl="to średnia ze średnich wierszy: znak z krótkiego wiersza waży w niej "
                "więcej. Weź "
                "jedną średnią ze wszystkich znaków.",
                en="this is a mean of the rows' means: a character of a short row counts for "
                "more in "
                "it. Take one mean of all characters.",
            ),
        ),
        Mistake(
            _loss_of(lambda each, mask: each[mask].sum()),
            Message(pl="to suma, a ma być średnia.", en="this is the sum; wanted is the mean."),
        ),
        Mistake(
            _loss_of(lambda each, mask: -each[mask].mean()),
            Message(
                pl="znak jest odwrócony: strata to minus logarytm prawdopodobieństwa.",
                en="the sign is turned: the loss is minus the logarithm of the probability.",
            ),
        ),
        Mistake(
            _loss_of(lambda each, mask: each[mask].mean() / np.log(2)),
            Message(
                pl="to bity; w natach logarytm jest naturalny.",
                en="these are bits; in nats the logarithm is the natural one.",
            ),
        ),
        Mistake(
            _loss_log_of_logits,
            Message(
                pl="logit to jeszcze nie logarytm prawdopodobieństwa: odejmij logarytm sumy exp.",
                en="a logit is not yet the logarithm of a probability: subtract the log of the "
                "sum of exp.",
            ),
        ),
        Mistake(
            _loss_over_time,
            Message(
                pl="softmax jest po czasie, a ma być po klasach, czyli po ostatniej osi.",
                en="the softmax is over time; it should be over the classes, the last axis.",
            ),
        ),
        Mistake(
            _loss_of_masked_logits,
            Message(
                pl="logity pomnożone przez 0 też coś kosztują (log K): wybierz miejsca maską.",
                en="logits multiplied by 0 still cost something (log K): select with the mask.",
            ),
        ),
        Mistake(
            _loss_all_pairs,
            Message(
                pl="log_p[:, etykiety] bierze każdą etykietę dla każdego znaku; do pary służy "
                "log_p[np.arange(n), etykiety] albo np.take_along_axis.",
                en="log_p[:, labels] takes every label for every character; pairs are "
                "log_p[np.arange(n), labels] or np.take_along_axis.",
            ),
        ),
        Mistake(
            lambda logits, labels, mask: (
                masked_loss(logits, labels, labels != 0) if labels.any() else 0.0
            ),
            Message(
                pl="etykieta 0 to prawdziwa odpowiedź („bez znaku”), a nie dopełnienie: użyj mask.",
                en="the label 0 is a real answer (“no mark”), not padding: use mask.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- words


def word_accuracy(guess: str, truth: str) -> float:
    """Return the share of words restored without an error.

    Only words count in which some letter could carry a mark (a c e l n o s z and capitals).

    Args:
        guess: the text as restored.
        truth: the text as it was, of the same length; words are what stands between blanks.
    """
    pairs = zip(guess.split(), truth.split(), strict=True)
    right = [g == t for g, t in pairs if OPEN & set(strip(t)[0])]
    return sum(right) / len(right)


def _long(share: float) -> bool:
    """Whether a share has more than two decimals: a message about it does not give it away."""
    return abs(100 * share - round(100 * share)) > 1e-6


def _words_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    stock = [
        "zażółć",
        "Żółw",
        "by",
        "kot",
        "125",
        "my",
        "Łódź",
        "jaźń",
        "i",
        "ten",
        "SĄ",
        "w",
        "śpi,",
        "biało-czarny",
        "E",
    ]
    for n, keep in ((9, 0.7), (43, 0.8), (79, 0.93), (109, 0.6)):
        guess = truth = "kot"
        while not _long(word_accuracy(guess, truth)):
            words = [str(w) for w in rng.choice(stock, size=n)]
            words[:3] = "kot", "żółty", "by"
            kept = [w if rng.random() < keep else strip(w)[0] for w in words]
            # A mark too many is an error as well, in a word that had none.
            kept = [w.replace("o", "ó") if rng.random() < 0.15 else w for w in kept]
            blanks = [str(b) for b in rng.choice([" ", " ", " ", "\n"], size=n)]
            guess, truth = (
                "".join(w + b for w, b in zip(text, blanks, strict=True)).strip()
                for text in (kept, words)
            )
        yield guess, truth


def _words_of(
    wanted: Callable[[str, str], bool], right: Callable[[str, str], float]
) -> Callable[[str, str], float]:
    """Return the accuracy with other words counted, or counted in another way (guess, truth)."""

    def wrong(guess: str, truth: str) -> float:
        pairs = list(zip(guess.split(), truth.split(), strict=True))
        scores = [right(g, t) for g, t in pairs if wanted(g, t)]
        return float(sum(scores) / len(scores)) if scores else 0.0

    return wrong


def _equal(g: str, t: str) -> float:
    return float(g == t)


def _letters(guess: str, truth: str) -> float:
    places = [g == t for g, t in zip(guess, truth, strict=True) if strip(t)[0] in OPEN]
    return float(sum(places) / len(places))


def _all_letters(guess: str, truth: str) -> float:
    return float(np.mean([g == t for g, t in zip(guess, truth, strict=True)]))


def _words_at_spaces(guess: str, truth: str) -> float:
    pairs = zip(guess.split(" "), truth.split(" "), strict=True)
    right = [g == t for g, t in pairs if OPEN & set(strip(t)[0])]
    return float(sum(right) / len(right))


def _words_of_letters(guess: str, truth: str) -> float:
    pairs = zip(re.findall(r"\w+", guess), re.findall(r"\w+", truth), strict=True)
    right = [g == t for g, t in pairs if OPEN & set(strip(t)[0])]
    return float(sum(right) / len(right))


def _words_over_all(guess: str, truth: str) -> float:
    pairs = list(zip(guess.split(), truth.split(), strict=True))
    return sum(g == t for g, t in pairs if OPEN & set(strip(t)[0])) / len(pairs)


WORDS = Exercise(
    "diacritics/words",
    word_accuracy,
    _words_cases,
    (
        Mistake(
            _words_of(lambda g, t: True, _equal),
            Message(
                pl="licz tylko słowa, w których jakaś litera może mieć znak: „by” i „125” są "
                "zawsze "
                "dobrze.",
                en="count only words in which a letter can carry a mark: “by” and “125” are always "
                "right.",
            ),
        ),
        Mistake(
            _words_of(lambda g, t: strip(t)[0] != t, _equal),
            Message(
                pl="licz też słowa bez znaków, jak „kot”: sieć może im znak dorobić.",
                en="count words without marks as well, such as “kot”: the network may add one.",
            ),
        ),
        Mistake(
            _words_of(lambda g, t: bool(OPEN & set(t)), _equal),
            Message(
                pl="słowo „żółty” też się liczy: szukaj liter z OPEN w strip(słowo)[0], a nie w "
                "słowie ze znakami.",
                en="the word “żółty” counts as well: look for letters of OPEN in strip(word)[0], "
                "not in the word with its marks.",
            ),
        ),
        Mistake(
            _words_at_spaces,
            Message(
                pl="słowa dzieli też koniec wiersza: split() bez argumentu tnie na każdym "
                "odstępie.",
                en="a line's end parts words too: split() without an argument cuts at every blank.",
            ),
        ),
        Mistake(
            _words_of_letters,
            Message(
                pl="słowo to wszystko między odstępami: „biało-czarny” jest jedno.",
                en="a word is all that stands between blanks: “biało-czarny” is one.",
            ),
        ),
        Mistake(
            _words_over_all,
            Message(
                pl="dzielisz przez wszystkie słowa; podziel przez liczbę tych, które się liczą.",
                en="this divides by all words; divide by the number of those that count.",
            ),
        ),
        Mistake(
            lambda guess, truth: 100 * word_accuracy(guess, truth),
            Message(pl="to procent, a ma być udział.", en="this is per cent; wanted is the share."),
        ),
        Mistake(
            _words_of(lambda g, t: bool(set("acelnosz") & set(strip(t)[0])), _equal),
            Message(
                pl="wielkie litery też mogą mieć znak.", en="capitals can carry a mark as well."
            ),
        ),
        Mistake(
            _letters,
            Message(
                pl="to trafność liter; słowo jest dobre dopiero wtedy, gdy dobre są wszystkie.",
                en="this is the accuracy of letters; a word is right only when all of them are.",
            ),
        ),
        Mistake(
            _all_letters,
            Message(
                pl="to trafność znaków; słowo jest dobre dopiero wtedy, gdy dobre są wszystkie "
                "jego "
                "litery.",
                en="this is the accuracy of characters; a word is right only when all its "
                "letters are.",
            ),
        ),
        Mistake(
            _words_of(lambda g, t: bool(OPEN & set(strip(t)[0])), lambda g, t: 1.0 - float(g == t)),
            Message(
                pl="to udział słów złych, a ma być dobrych.",
                en="this is the share of wrong words; wanted is that of right ones.",
            ),
        ),
    ),
    seeds=(23, 29, 5),
    corners=(("E", "Ę"),),
)

# --------------------------------------------------------------------------- letters


def letter_scores(guess: str, truth: str, letter: str) -> tuple[float, float]:
    """Return the recall and the precision of one letter.

    Args:
        guess: the text as restored.
        truth: the text as it was, of the same length.
        letter: one character.

    Returns:
        Of the places where ``truth`` has the letter, the share where ``guess`` has it too; and of
        those where ``guess`` has it, the share where ``truth`` does. 0 where there are no places.
    """
    hit = sum(g == t == letter for g, t in zip(guess, truth, strict=True))
    needed, put = truth.count(letter), guess.count(letter)
    return hit / needed if needed else 0.0, hit / put if put else 0.0


def _letters_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, letter in ((19, "ż"), (53, "ą"), (97, "ź"), (151, "ó")):
        plain = strip(letter)[0]
        near = [letter, "ź" if letter == "ż" else "ż", plain] if plain == "z" else [letter, plain]
        guess = truth = letter
        shares = small = letter_scores(guess, truth, letter)
        while not all(map(_long, shares)) or shares[0] == shares[1] or shares == small:
            right = rng.choice([*near, letter, "b", " ", letter.upper()], size=n)
            change = (rng.random(n) < 0.3) & np.isin(right, near)
            given = np.where(change, rng.choice(near, size=n), right)
            # One place of each kind, and one more mark than was needed.
            right[:4] = [letter, letter, plain, plain]
            given[:4] = [letter, plain, letter, letter]
            guess, truth = "".join(given), "".join(right)
            shares = letter_scores(guess, truth, letter)
            # The capital is another letter: whoever counts it as well gets other shares.
            small = letter_scores(guess.lower(), truth.lower(), letter)
        yield guess, truth, letter


#: Places that there are none of: the letter was not needed; it was not put; neither.
_NO_PLACES = (("żeby", "zeby", "ż"), ("e", "ę", "ę"), ("osa", "osa", "ó"))


def _letters_of(
    recall: Callable[[int, int, int, int], float], precision: Callable[[int, int, int, int], float]
) -> Callable[[str, str, str], tuple[float, float]]:
    """Return the two measures from other formulas (of hit, needed, put and the length)."""

    def wrong(guess: str, truth: str, letter: str) -> tuple[float, float]:
        hit = sum(g == t == letter for g, t in zip(guess, truth, strict=True))
        numbers = hit, truth.count(letter), guess.count(letter), len(truth)
        return float(recall(*numbers)), float(precision(*numbers))

    return wrong


def _ratio(a: float, b: float) -> float:
    return a / b if b else 0.0


def _recall(hit: int, needed: int, put: int, length: int) -> float:
    return _ratio(hit, needed)


def _precision(hit: int, needed: int, put: int, length: int) -> float:
    return _ratio(hit, put)


LETTERS = Exercise(
    "diacritics/letters",
    letter_scores,
    _letters_cases,
    (
        Mistake(
            _letters_of(_precision, _recall),
            Message(
                pl="pierwsza jest czułość (z potrzebnych), druga precyzja (z postawionych).",
                en="recall (of those needed) comes first, precision (of those put) second.",
            ),
        ),
        Mistake(
            _letters_of(_recall, _recall),
            Message(
                pl="precyzja dzieli przez liczbę liter postawionych, a nie potrzebnych.",
                en="precision divides by the number of letters put, not of those needed.",
            ),
        ),
        Mistake(
            _letters_of(lambda h, n, p, t: h / n, lambda h, n, p, t: h / p),
            Message(
                pl="sieć mogła tej litery ani razu nie postawić; wtedy wynikiem jest 0.",
                en="the network may never have put this letter; then the result is 0.",
            ),
        ),
        Mistake(
            _letters_of(lambda h, n, p, t: h / t, lambda h, n, p, t: h / t),
            Message(
                pl="nie dziel przez długość tekstu: czułość liczy się z potrzebnych liter, a "
                "precyzja z postawionych.",
                en="do not divide by the length of the text: recall is out of the letters needed, "
                "precision out of those put.",
            ),
        ),
        Mistake(
            _letters_of(
                lambda h, n, p, t: _ratio(min(n, p), n), lambda h, n, p, t: _ratio(min(n, p), p)
            ),
            Message(
                pl="same liczby liter nie wystarczą: trafienie jest wtedy, gdy litera stoi w obu "
                "tekstach w tym samym miejscu.",
                en="counting letters is not enough: it is a hit when both texts have the letter in "
                "the same place.",
            ),
        ),
        Mistake(
            _letters_of(
                lambda h, n, p, t: (t - n - p + 2 * h) / t, lambda h, n, p, t: _ratio(h, p)
            ),
            Message(
                pl="to trafność we wszystkich miejscach; czułość patrzy tylko tam, gdzie litera "
                "była potrzebna.",
                en="this is the accuracy over all places; recall looks only where the letter was "
                "needed.",
            ),
        ),
    ),
    corners=_NO_PLACES,
)

EXERCISES = {e.name: e for e in (STRIP, WORDS, FREQUENT, PAD, LOSS, LETTERS)}
