"""The exercises of lab 07, "Polish diacritics": references, cases, hints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

import numpy as np

from unrolled.edits import with_mistakes
from unrolled.exercises import Arguments, Exercise

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
    yield (_random_text(rng, 41) + "".join(rng.permutation(list(MARKED))),)
    # A blank or a line's end is a character like any other, at the ends as well.
    yield (f" {_random_text(rng, 9)}\n{_random_text(rng, 8)} ",)
    yield (str(rng.choice(list("ŻżŹźąćęłńóśĄĆĘŁŃÓŚ"))),)


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


EXERCISES = with_mistakes(
    __file__,
    Exercise("diacritics/strip", strip, _strip_cases, seeds=(11, 23, 50)),
    Exercise(
        "diacritics/words",
        word_accuracy,
        _words_cases,
        seeds=(23, 29, 5),
        # Where a word stands counts: in the last, each guess is a word of the truth.
        corners=(("E", "Ę"), ("sąd sad", "sad sąd")),
    ),
    Exercise("diacritics/frequent", frequent, _frequent_cases),
    Exercise("diacritics/pad", pad, _pad_cases),
    Exercise("diacritics/loss", masked_loss, _loss_cases),
    Exercise("diacritics/letters", letter_scores, _letters_cases, corners=_NO_PLACES),
)
