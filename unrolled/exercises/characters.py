"""The exercises of lab 05, "A character language model": references, cases, hints."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from unrolled.exercises import Arguments, Choice, Exercise, Mistake
from unrolled.messages import Message


def _several(functions: Iterable[Callable[..., Any]], hint: Message) -> tuple[Mistake, ...]:
    """Return one mistake in several versions, all with the same hint."""
    return tuple(Mistake(function, hint) for function in functions)


def _softmax(a: np.ndarray) -> np.ndarray:
    """Return the softmax over the last axis."""
    e = np.exp(a - a.max(axis=-1, keepdims=True))
    return np.asarray(e / e.sum(axis=-1, keepdims=True))


# --------------------------------------------------------------------------- bits


def bits_per_character(log_p: np.ndarray, target: np.ndarray) -> float:
    """Return how many bits a character costs on average.

    Args:
        log_p: natural logarithms of the predicted probabilities, of shape (n, V).
        target: the numbers of the characters that came, integers of shape (n,).
    """
    chosen = log_p[np.arange(len(target)), target]  # (n,)
    return float(-np.mean(chosen) / math.log(2))


def _bits_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, v, scale in ((7, 5, 1.5), (1, 3, 1.5), (4, 4, 1.5), (6, 9, 15.0)):
        logits = rng.normal(0.0, scale, (n, v))  # the last: a character may be a great surprise
        yield np.log(_softmax(logits)), rng.integers(0, v, n)


def _bits_nats(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(log_p, target) * math.log(2)


def _bits_multiplied(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(log_p, target) * math.log(2) ** 2


def _bits_sum(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(log_p, target) * len(target)


def _bits_digits(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(log_p, target) * math.log10(2)


def _bits_v_below(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(log_p, target) * len(target) / log_p.shape[1]


def _bits_all_below(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(log_p, target) / log_p.shape[1]


def _bits_early(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(log_p[:-1], target[1:])


def _bits_late(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(log_p[1:], target[:-1])


def _bits_rolled(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(np.roll(log_p, -1, axis=0), target)


def _bits_column_before(log_p: np.ndarray, target: np.ndarray) -> float:
    return bits_per_character(log_p, target - 1)


def _bits_sign(log_p: np.ndarray, target: np.ndarray) -> float:
    return -bits_per_character(log_p, target)


def _bits_entropy(log_p: np.ndarray, target: np.ndarray) -> float:
    return float(-(np.exp(log_p) * log_p).sum(axis=1).mean() / math.log(2))


def _bits_everything(log_p: np.ndarray, target: np.ndarray) -> float:
    return float(-log_p.mean() / math.log(2))


def _bits_all_pairs(log_p: np.ndarray, target: np.ndarray) -> float:
    return float(-log_p[:, target].mean() / math.log(2))


def _bits_best(log_p: np.ndarray, target: np.ndarray) -> float:
    return float(-log_p.max(axis=1).mean() / math.log(2))


def _bits_mean_first(log_p: np.ndarray, target: np.ndarray) -> float:
    chosen = np.exp(log_p[np.arange(len(target)), target])
    return float(-np.log2(chosen.mean()))


def _bits_perplexity(log_p: np.ndarray, target: np.ndarray) -> float:
    return float(2 ** bits_per_character(log_p, target))


BITS = Exercise(
    "characters/bits",
    bits_per_character,
    _bits_cases,
    (
        Mistake(
            _bits_nats,
            Message(
                pl="to są naty; bit to log 2 nata, więc podziel przez log 2.",
                en="these are nats; a bit is log 2 nats, so divide by log 2.",
            ),
        ),
        Mistake(
            _bits_multiplied,
            Message(
                pl="żeby z natów zrobić bity, dzielimy przez log 2, a nie mnożymy.",
                en="from nats to bits one divides by log 2 and does not multiply.",
            ),
        ),
        Mistake(
            _bits_sum,
            Message(
                pl="to są bity całego tekstu; podziel je przez liczbę znaków.",
                en="these are the bits of the whole text; divide by the number of characters.",
            ),
        ),
        *_several(
            (_bits_v_below, _bits_all_below),
            Message(
                pl="średnia jest po n znakach, które nadeszły; liczby V w mianowniku nie ma.",
                en="the mean is over the n characters that came; there is no V in the denominator.",
            ),
        ),
        Mistake(
            _bits_digits,
            Message(
                pl="to logarytm dziesiętny; bit to logarytm o podstawie 2: podziel przez log 2.",
                en="this is the logarithm to base 10; bits take base 2: divide by log 2.",
            ),
        ),
        *_several(
            (_bits_early, _bits_late, _bits_rolled),
            Message(
                pl="niczego nie przesuwaj: wiersz t jest już prognozą znaku target[t].",
                en="shift nothing: row t already is the prediction of the character target[t].",
            ),
        ),
        Mistake(
            _bits_column_before,
            Message(
                pl="numer znaku to numer kolumny, bez odejmowania 1.",
                en="a character's number is the column's number; do not subtract 1.",
            ),
        ),
        Mistake(
            _bits_sign,
            Message(
                pl="brakuje minusa: logarytmy prawdopodobieństw są ujemne.",
                en="a minus is missing: logarithms of probabilities are negative.",
            ),
        ),
        Mistake(
            _bits_entropy,
            Message(
                pl="to jest entropia samych prognoz; nie ma w niej znaków, które nadeszły.",
                en="this is the entropy of the predictions; the characters that came are not "
                "in it.",
            ),
        ),
        *_several(
            (_bits_everything, _bits_all_pairs),
            Message(
                pl="w i-tym wierszu liczy się jedno miejsce: log_p[i, target[i]].",
                en="in row i a single place counts: log_p[i, target[i]].",
            ),
        ),
        Mistake(
            _bits_best,
            Message(
                pl="bierzesz znak najbardziej prawdopodobny, a nie ten, który nadszedł.",
                en="you take the most probable character, not the one that came.",
            ),
        ),
        Mistake(
            _bits_mean_first,
            Message(
                pl="najpierw logarytm, potem średnia: uśredniamy bity, a nie prawdopodobieństwa.",
                en="first the logarithm, then the mean: bits are averaged, not probabilities.",
            ),
        ),
        Mistake(
            _bits_perplexity,
            Message(
                pl="to jest perplexity, 2 do potęgi liczby bitów; zwróć same bity.",
                en="this is the perplexity, 2 to the power of the bits; return the bits.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- witten-bell


def witten_bell(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    """Return predictions that mix a context's counts with those of a shorter context.

    Witten & Bell 1991 (method C): a context that was followed N times, by T different characters,
    gives the weight N / (N + T) to its own frequencies and T / (N + T) to the shorter context.

    Args:
        counts: how often each character followed each context, integers of shape (m, V).
        lower: predictions from the shorter contexts, of shape (m, V).

    Returns:
        Probabilities of shape (m, V); for a context that was never seen, those of ``lower``.
    """
    seen = counts.sum(axis=1, keepdims=True)  # (m, 1): N
    kinds = (counts > 0).sum(axis=1, keepdims=True)  # (m, 1): T
    mixed = (counts + kinds * lower) / np.maximum(seen + kinds, 1)
    return np.asarray(np.where(seen > 0, mixed, lower))


def _witten_bell_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for m, v in ((4, 6), (1, 5), (3, 3), (7, 2)):
        counts = rng.poisson(1.6, (m, v))
        counts[0, 0] += 2
        if m > 1:
            unseen, *others = rng.permutation(np.arange(1, m))
            counts[unseen] = 0  # a context that was never seen
            if others:
                counts[others[0]] = np.eye(v, dtype=int)[rng.integers(v)]  # and one seen once
        yield counts, _softmax(rng.normal(0.0, 1.0, (m, v)))


def _weighted(
    weight: Callable[[np.ndarray], np.ndarray],
) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Return the mixture with another T (from counts (m, V) to (m, 1))."""

    def wrong(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
        seen, kinds = counts.sum(axis=1, keepdims=True), weight(counts)
        mixed = (counts + kinds * lower) / np.maximum(seen + kinds, 1)
        return np.where(seen > 0, mixed, lower)

    return wrong


def _zero_for_unseen(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    return np.where(counts.sum(axis=1, keepdims=True) > 0, witten_bell(counts, lower), 0.0)


def _uniform_for_unseen(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    uniform = 1 / counts.shape[1]
    return np.where(counts.sum(axis=1, keepdims=True) > 0, witten_bell(counts, lower), uniform)


def _no_denominator(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    seen = counts.sum(axis=1, keepdims=True)
    kinds = (counts > 0).sum(axis=1, keepdims=True)
    return np.where(seen > 0, (counts + kinds * lower) / np.maximum(seen, 1), lower)


def _back_off(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    seen = counts.sum(axis=1, keepdims=True)
    return np.where(counts > 0, counts / np.maximum(seen, 1), lower)


def _frequencies(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    seen = counts.sum(axis=1, keepdims=True)
    return np.where(seen > 0, counts / np.maximum(seen, 1), lower)


def _above(numerator: Callable[..., np.ndarray]) -> Callable[..., np.ndarray]:
    """Return the mixture with another numerator, a function of counts, lower, N and T."""

    def wrong(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
        seen = counts.sum(axis=1, keepdims=True)
        kinds = (counts > 0).sum(axis=1, keepdims=True)
        mixed = numerator(counts, lower, seen, kinds) / np.maximum(seen + kinds, 1)
        return np.where(seen > 0, mixed, lower)

    return wrong


def _add_one(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    return np.asarray((counts + 1) / (counts.sum(axis=1, keepdims=True) + counts.shape[1]))


def _all_rows(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    kinds = (counts > 0).sum()
    return np.asarray((counts + kinds * lower) / (counts.sum() + kinds))


def _columns(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    seen, kinds = counts.sum(axis=0), (counts > 0).sum(axis=0)  # (V,): summed along contexts
    return np.where(seen > 0, (counts + kinds * lower) / np.maximum(seen + kinds, 1), lower)


def _rows_lost(counts: np.ndarray, lower: np.ndarray) -> np.ndarray:
    seen, kinds = counts.sum(axis=1), (counts > 0).sum(axis=1)  # (m,): no column
    mixed = (counts + kinds * lower) / np.maximum(seen + kinds, 1)
    return np.where(seen > 0, mixed, lower)


WITTEN_BELL = Exercise(
    "characters/witten-bell",
    witten_bell,
    _witten_bell_cases,
    (
        *_several(
            (_zero_for_unseen, _uniform_for_unseen),
            Message(
                pl="kontekst bez wystąpień ma dostać wiersz z lower.",
                en="a context that never occurred must get the row of lower.",
            ),
        ),
        Mistake(
            _weighted(lambda counts: np.full((len(counts), 1), counts.shape[1])),
            Message(
                pl="T to liczba różnych znaków, które wystąpiły po kontekście, a nie liczba "
                "wszystkich znaków V.",
                en="T is the number of different characters that followed the context, not the "
                "number V of all characters.",
            ),
        ),
        Mistake(
            _weighted(lambda counts: counts.sum(axis=1, keepdims=True)),
            Message(
                pl="T liczy różne znaki (każdy raz), a nie wystąpienia: (counts > 0).",
                en="T counts different characters (each once), not occurrences: (counts > 0).",
            ),
        ),
        Mistake(
            _weighted(lambda counts: np.ones((len(counts), 1))),
            Message(
                pl="waga krótszego kontekstu to T, a nie 1.",
                en="the weight of the shorter context is T, not 1.",
            ),
        ),
        *_several(
            (
                _weighted(lambda counts: np.full((len(counts), 1), (counts > 0).sum())),
                _weighted(lambda counts: (counts == 1).sum(axis=1, keepdims=True)),
                _weighted(lambda counts: (counts > 1).sum(axis=1, keepdims=True)),
                _weighted(lambda counts: (counts == 0).sum(axis=1, keepdims=True)),
            ),
            Message(
                pl="T liczymy w każdym wierszu osobno: ile miejsc ma counts > 0.",
                en="T is counted in each row by itself: how many places have counts > 0.",
            ),
        ),
        Mistake(
            _above(lambda c, lower, seen, kinds: kinds * c / np.maximum(seen, 1) + seen * lower),
            Message(
                pl="wagi są zamienione: N należy do częstości kontekstu, T do lower.",
                en="the weights are exchanged: N belongs to the context's frequencies, T to lower.",
            ),
        ),
        Mistake(
            _no_denominator,
            Message(
                pl="w mianowniku jest N + T; bez T prawdopodobieństwa nie sumują się do 1.",
                en="the denominator is N + T; without T the probabilities do not sum to 1.",
            ),
        ),
        *_several(
            (_back_off, _frequencies),
            Message(
                pl="mieszamy zawsze, także wtedy, gdy znak po tym kontekście wystąpił.",
                en="the mixing is done always, also for characters that did follow the context.",
            ),
        ),
        Mistake(
            _above(lambda c, lower, seen, kinds: seen * c + kinds * lower),
            Message(
                pl="N razy częstość to po prostu counts; pomnożone jeszcze raz przez N to za dużo.",
                en="N times the frequency is just counts; times N once more is too much.",
            ),
        ),
        *_several(
            (
                _above(lambda counts, lower, seen, kinds: counts + lower),
                _above(lambda counts, lower, seen, kinds: counts + (seen + kinds) * lower),
                _above(lambda counts, lower, seen, kinds: counts + seen * lower),
            ),
            Message(
                pl="w liczniku lower ma wagę T: T · lower.",
                en="in the numerator the weight of lower is T: T · lower.",
            ),
        ),
        Mistake(
            _above(lambda c, lower, seen, kinds: np.where(c > 0, c, kinds * lower)),
            Message(
                pl="T · lower dostaje każdy znak, także ten, który po kontekście już wystąpił.",
                en="every character gets T · lower, also one that has followed the context.",
            ),
        ),
        Mistake(
            _add_one,
            Message(
                pl="jedynka dodana do każdej liczby to inne wygładzanie; tu mieszamy z lower.",
                en="one added to every count is another smoothing; here you mix with lower.",
            ),
        ),
        *_several(
            (_columns, _rows_lost, _all_rows),
            Message(
                pl="konteksty to wiersze: sumuj po axis=1 i zachowaj kolumnę (keepdims=True).",
                en="contexts are rows: sum over axis=1 and keep the column (keepdims=True).",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- streams


def make_streams(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a text cut into parallel streams, and these into chunks that continue one another.

    Args:
        ids: the characters' numbers, of shape (n,).
        batch: the number of streams, B.
        length: characters in a chunk, T; n > B · T.

    Returns:
        Inputs and targets, each of shape (chunks, B, T) with chunks = (n − 1) // (B · T). Stream b
        reads chunks · T consecutive characters from place b · chunks · T on; a target is the
        character that follows its input.
    """
    chunks = (len(ids) - 1) // (batch * length)
    n = chunks * batch * length
    inputs = ids[:n].reshape(batch, chunks, length).swapaxes(0, 1)
    targets = ids[1 : n + 1].reshape(batch, chunks, length).swapaxes(0, 1)
    return inputs, targets


def _streams_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # In the last two the final chunk has its last target in the text's last character.
    for n, batch, length in (
        (53, 3, 4),
        (24, 2, 4),
        (17, 1, 5),
        (29, 6, 1),
        (25, 2, 4),
        (22, 3, 7),
    ):
        yield rng.integers(0, 90, n), batch, length


def _streams_of(
    cut: Callable[[np.ndarray, int, int, int], np.ndarray],
) -> Callable[[np.ndarray, int, int], tuple[np.ndarray, np.ndarray]]:
    """Return the function that cuts B·T·chunks characters in another way."""

    def wrong(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
        chunks = (len(ids) - 1) // (batch * length)
        n = chunks * batch * length
        return cut(ids[:n], chunks, batch, length), cut(ids[1 : n + 1], chunks, batch, length)

    return wrong


def _streams_reading_order(ids: np.ndarray, chunks: int, batch: int, length: int) -> np.ndarray:
    return ids.reshape(chunks, batch, length)


def _streams_not_swapped(ids: np.ndarray, chunks: int, batch: int, length: int) -> np.ndarray:
    return ids.reshape(batch, chunks, length)


def _streams_time_major(ids: np.ndarray, chunks: int, batch: int, length: int) -> np.ndarray:
    return ids.reshape(batch, chunks, length).transpose(1, 2, 0)


def _streams_interleaved(ids: np.ndarray, chunks: int, batch: int, length: int) -> np.ndarray:
    return ids.reshape(chunks, length, batch).swapaxes(1, 2)


def _streams_rolled(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    inputs, _ = make_streams(ids, batch, length)
    return inputs, np.roll(inputs, -1, axis=2)


def _streams_same(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    inputs, _ = make_streams(ids, batch, length)
    return inputs, inputs


def _streams_exchanged(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    inputs, targets = make_streams(ids, batch, length)
    return targets, inputs


def _streams_no_minus_one(
    ids: np.ndarray, batch: int, length: int
) -> tuple[np.ndarray, np.ndarray]:
    chunks = len(ids) // (batch * length)
    n = chunks * batch * length
    inputs = ids[:n].reshape(batch, chunks, length).swapaxes(0, 1)
    targets = ids[1 : n + 1].reshape(batch, chunks, length).swapaxes(0, 1)
    return inputs, targets


def _streams_text_rolled(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    chunks = len(ids) // (batch * length)
    n = chunks * batch * length
    inputs = ids[:n].reshape(batch, chunks, length).swapaxes(0, 1)
    targets = np.roll(ids, -1)[:n].reshape(batch, chunks, length).swapaxes(0, 1)
    return inputs, targets


def _streams_cut_then_rolled(
    ids: np.ndarray, batch: int, length: int
) -> tuple[np.ndarray, np.ndarray]:
    inputs, _ = make_streams(ids, batch, length)
    chunks = len(inputs)
    targets = np.roll(ids[: inputs.size], -1).reshape(batch, chunks, length).swapaxes(0, 1)
    return inputs, targets


def _streams_back(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    inputs, _ = make_streams(ids, batch, length)
    chunks = len(inputs)
    before = np.roll(ids, 1)[: inputs.size].reshape(batch, chunks, length).swapaxes(0, 1)
    return inputs, before


def _streams_far_apart(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    chunks = (len(ids) - 1) // (batch * length)
    apart = (len(ids) - 1) // batch  # more than chunks · length, when something is left over
    starts = np.arange(batch)[:, None] * apart + np.arange(chunks)[:, None, None] * length
    places = starts + np.arange(length)  # (chunks, batch, length)
    return ids[places], ids[places + 1]


def _streams_sliding(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    chunks = (len(ids) - 1) // (batch * length)
    starts = np.arange(chunks * batch).reshape(chunks, batch, 1)
    places = starts + np.arange(length)
    return ids[places], ids[places + 1]


def _streams_last_only(ids: np.ndarray, batch: int, length: int) -> tuple[np.ndarray, np.ndarray]:
    inputs, targets = make_streams(ids, batch, length)
    return inputs, targets[:, :, -1]


STREAMS = Exercise(
    "characters/streams",
    make_streams,
    _streams_cases,
    (
        Mistake(
            _streams_of(_streams_reading_order),
            Message(
                pl="wiersz następnego kawałka ma być dalszym ciągiem tego samego wiersza; tu "
                "dalszy ciąg jest w następnym wierszu tego samego kawałka. Najpierw strumienie: "
                "reshape(batch, chunks, length), potem zamiana osi.",
                en="a row of the next chunk must continue the same row; here the continuation is "
                "in the next row of the same chunk. First the streams: "
                "reshape(batch, chunks, length), then exchange the axes.",
            ),
        ),
        Mistake(
            _streams_of(_streams_not_swapped),
            Message(
                pl="pierwsza oś ma liczyć kawałki, druga strumienie: zamień je.",
                en="the first axis must count the chunks, the second the streams: exchange them.",
            ),
        ),
        Mistake(
            _streams_of(_streams_time_major),
            Message(
                pl="osie mają kolejność (kawałki, strumienie, czas).",
                en="the order of the axes is (chunks, streams, time).",
            ),
        ),
        Mistake(
            _streams_of(_streams_interleaved),
            Message(
                pl="strumień czyta kolejne znaki, a nie co B-ty znak.",
                en="a stream reads consecutive characters, not every B-th one.",
            ),
        ),
        Mistake(
            _streams_rolled,
            Message(
                pl="ostatni cel w kawałku to pierwszy znak następnego kawałka; np.roll wstawia tam "
                "początek tego samego. Przesuń ids przed cięciem: ids[1:].",
                en="the last target of a chunk is the first character of the next one; np.roll "
                "puts the start of the same chunk there. Shift ids before cutting: ids[1:].",
            ),
        ),
        Mistake(
            _streams_same,
            Message(
                pl="cele są równe wejściom, a mają być o jeden znak dalej.",
                en="the targets equal the inputs; they must be one character further on.",
            ),
        ),
        Mistake(
            _streams_exchanged,
            Message(
                pl="kolejność wyników to wejścia, cele.",
                en="the order of the results is inputs, targets.",
            ),
        ),
        *_several(
            (_streams_text_rolled, _streams_cut_then_rolled),
            Message(
                pl="np.roll wstawia na koniec pierwszy znak tekstu, a ma tam stać następny: cele "
                "to wycinek ids, który zaczyna się o jeden dalej.",
                en="np.roll puts the text's first character at the end, where the next one must "
                "stand: the targets are the slice of ids that begins one further on.",
            ),
        ),
        Mistake(
            _streams_back,
            Message(
                pl="cele są o jeden znak wcześniej, a mają być o jeden dalej.",
                en="the targets are one character earlier; they must be one further on.",
            ),
        ),
        Mistake(
            _streams_far_apart,
            Message(
                pl="strumień b zaczyna się w b · K · T: znaki, których nie starcza na pełne "
                "kawałki, zostają na końcu tekstu, a nie na końcu każdego strumienia.",
                en="stream b begins at b · K · T: the characters too few for whole chunks are left "
                "at the end of the text, not at the end of every stream.",
            ),
        ),
        Mistake(
            _streams_sliding,
            Message(
                pl="kawałki nie zachodzą na siebie: następny zaczyna się T znaków dalej.",
                en="chunks do not overlap: the next one begins T characters further on.",
            ),
        ),
        Mistake(
            _streams_no_minus_one,
            Message(
                pl="ostatni znak nie ma następnika: kawałków jest (n − 1) // (B · T).",
                en="the last character has no successor: there are (n − 1) // (B · T) chunks.",
            ),
        ),
        Mistake(
            _streams_last_only,
            Message(
                pl="sieć przewiduje po każdym znaku, więc cele mają ten sam kształt co wejścia.",
                en="the network predicts after every character, so the targets have the inputs' "
                "shape.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- what is fair

FAIR = Choice(
    "characters/fair",
    "0721b6cb4e179f1f",
    {
        "A": Message(
            pl="To jest dozwolone: te znaki stoją przed testem i w chwili przewidywania są znane "
            "każdemu, także n-gramowi.",
            en="That is allowed: these characters stand before the test and are known to everybody "
            "at prediction time, the n-gram too.",
        ),
        "B": Message(
            pl="To tylko zmiana jednostek: bit to log 2 nata.",
            en="That is only a change of units: a bit is log 2 nats.",
        ),
        "C": Message(
            pl="Kto mniej rozróżnia, ten łatwiej zgaduje. Sklejony alfabet to łatwiejsze zadanie, "
            "w skrajnym przypadku (jeden znak) zero bitów, a tekstu nie da się już odtworzyć.",
            en="Whoever tells fewer characters apart has an easier guess. A merged alphabet is an "
            "easier task, in the extreme case (one character) zero bits, and the text can no "
            "longer be restored.",
        ),
        "D": Message(
            pl="To jest dozwolone i tak działa każdy model w tym laboratorium: prognoza znaku nie "
            "zna jego samego, tylko wcześniejsze.",
            en="That is allowed, and every model of this lab does so: the prediction of a "
            "character does not know that character, only those before it.",
        ),
    },
)

# --------------------------------------------------------------------------- sampling


def sampling_probabilities(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    """Return the probabilities from which the next characters are drawn.

    Args:
        logits: outputs of the network, of shape (n, V).
        temperature: positive; logits are divided by it.
        k: how many of the likeliest characters of each row may be drawn, 1 ≤ k ≤ V.

    Returns:
        Probabilities of shape (n, V), zero outside of the k likeliest.
    """
    scaled = (logits - logits.max(axis=1, keepdims=True)) / temperature  # (n, V), at most 0
    smallest = np.sort(scaled, axis=1)[:, -k][:, None]  # (n, 1)
    weights = np.where(scaled >= smallest, np.exp(scaled), 0.0)
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _sampling_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, v, temperature, k, middle, scale in (
        (3, 7, 0.6, 4, 0.0, 2.0),
        (1, 5, 1.7, 2, 0.0, 2.0),
        (4, 4, 0.9, 4, 0.0, 2.0),
        (2, 6, 2.0, 3, 0.0, 3000.0),  # a plain exp would overflow
        (5, 8, 0.8, 3, -160.0, 2.0),  # 0 is a large logit here, and exp of the last row is 0
        (6, 9, 1.3, 1, 0.0, 2.0),  # only the likeliest one
    ):
        rows = middle * np.arange(1, n + 1)[:, None]  # (n, 1): each row has a level of its own
        yield rows + rng.normal(0.0, scale, (n, v)), temperature, k


def _keep(a: np.ndarray, k: int) -> np.ndarray:
    """Return where each row has its k largest numbers."""
    return a >= np.sort(a, axis=1)[:, -k][:, None]


def _sampling_multiplied(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    return sampling_probabilities(logits, 1 / temperature, k)


def _sampling_no_temperature(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    return sampling_probabilities(logits, 1.0, k)


def _sampling_no_top_k(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    return sampling_probabilities(logits, temperature, logits.shape[1])


def _sampling_not_normalised(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    p = _softmax(logits / temperature)
    return np.where(_keep(p, k), p, 0.0)


def _sampling_zero_logits(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    return _softmax(np.where(_keep(logits, k), logits, 0.0) / temperature)


def _sampling_one_more(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    return sampling_probabilities(logits, temperature, min(k + 1, logits.shape[1]))


def _sampling_one_less(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    return sampling_probabilities(logits, temperature, max(k - 1, 1))


def _sampling_smallest(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    keep = logits <= np.sort(logits, axis=1)[:, k - 1][:, None]
    return _softmax(np.where(keep, logits / temperature, -np.inf))


def _sampling_whole(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    a = np.where(_keep(logits, k), logits, -np.inf) / temperature
    e = np.exp(a - a.max())
    return np.asarray(e / e.sum())


def _sampling_columns(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    a = np.where(_keep(logits, k), logits, -np.inf) / temperature
    e = np.exp(a - a.max(axis=1, keepdims=True))
    return np.asarray(e / e.sum(axis=0))


def _sampling_sum_of_all(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    p = sampling_probabilities(logits, temperature, k)
    return np.asarray(p / p.sum())


def _sampling_row_maxima_whole_sum(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    weights = _sampling_weights(logits, temperature, k)
    return np.asarray(weights / weights.sum())


def _sampling_weights(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    p = sampling_probabilities(logits, temperature, k)
    return np.asarray(p / p.max(axis=1, keepdims=True))


def _sampling_p_divided(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    return sampling_probabilities(logits, 1.0, k) / temperature


def _sampling_twice(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    return sampling_probabilities(_softmax(logits), temperature, k)


def _sampling_one_limit(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    keep = logits >= np.sort(logits, axis=None)[-k]  # of all rows
    return _softmax(np.where(keep, logits / temperature, -1e9))


def _sampling_first_limit(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    keep = logits >= np.sort(logits[0])[-k]
    return _softmax(np.where(keep, logits / temperature, -1e9))


def _sampling_first_places(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    out = np.full(logits.shape, -np.inf)
    places = np.argsort(-logits[0])[:k]
    out[:, places] = logits[:, places] / temperature
    return _softmax(out)


def _sampling_powers(logits: np.ndarray, temperature: float, k: int) -> np.ndarray:
    return sampling_probabilities(logits, 1.0, k) ** (1 / temperature)


SAMPLING = Exercise(
    "characters/sampling",
    sampling_probabilities,
    _sampling_cases,
    (
        Mistake(
            _sampling_multiplied,
            Message(
                pl="logity dzielimy przez temperaturę, a nie mnożymy.",
                en="logits are divided by the temperature, not multiplied.",
            ),
        ),
        Mistake(
            _sampling_no_temperature,
            Message(
                pl="temperatura nie zmienia tu wyniku, a ma dzielić logity przed exp (odjęta od "
                "wszystkich logitów skraca się).",
                en="here the temperature does not change the result; it must divide the logits "
                "before exp (subtracted from all logits it cancels out).",
            ),
        ),
        Mistake(
            _sampling_no_top_k,
            Message(
                pl="poza k najbardziej prawdopodobnymi znakami mają być zera.",
                en="outside of the k likeliest characters there must be zeros.",
            ),
        ),
        Mistake(
            _sampling_p_divided,
            Message(
                pl="temperatura dzieli logity, jeszcze przed exp, a nie prawdopodobieństwa.",
                en="the temperature divides the logits, before exp, and not the probabilities.",
            ),
        ),
        Mistake(
            _sampling_twice,
            Message(
                pl="dostajesz logity: softmax liczymy raz, na końcu.",
                en="you are given logits: the softmax is computed once, at the end.",
            ),
        ),
        *_several(
            (_sampling_one_limit, _sampling_first_limit, _sampling_first_places),
            Message(
                pl="każdy wiersz ma swoich k największych: sortuj po axis=1.",
                en="every row has its own k largest: sort along axis=1.",
            ),
        ),
        *_several(
            (_sampling_not_normalised, _sampling_weights),
            Message(
                pl="po odrzuceniu reszty podziel przez sumę: wiersz ma się sumować do 1.",
                en="after the rest is dropped, divide by the sum: a row must sum to 1.",
            ),
        ),
        Mistake(
            _sampling_zero_logits,
            Message(
                pl="logit 0 to nie prawdopodobieństwo 0: exp(0) = 1. Wstaw −inf albo wyzeruj wagi "
                "po exp.",
                en="a logit of 0 is not a probability of 0: exp(0) = 1. Put −inf, or set the "
                "weights to zero after exp.",
            ),
        ),
        Mistake(
            _sampling_one_more,
            Message(
                pl="zostaje o jeden znak za dużo: po sortowaniu k-ty największy stoi na "
                "miejscu −k.",
                en="one character too many stays: after sorting, the k-th largest is at place −k.",
            ),
        ),
        Mistake(
            _sampling_one_less,
            Message(
                pl="zostaje o jeden znak za mało: k-ty największy też zostaje (>=).",
                en="one character too few stays: the k-th largest stays too (>=).",
            ),
        ),
        Mistake(
            _sampling_smallest,
            Message(
                pl="zostawiasz k najmniejszych logitów, a mają zostać największe.",
                en="you keep the k smallest logits; the largest must stay.",
            ),
        ),
        *_several(
            (
                _sampling_whole,
                _sampling_columns,
                _sampling_sum_of_all,
                _sampling_row_maxima_whole_sum,
            ),
            Message(
                pl="każdy wiersz to osobna prognoza: sumuj po axis=1 (keepdims=True).",
                en="every row is a prediction of its own: sum over axis=1 (keepdims=True).",
            ),
        ),
        Mistake(
            _sampling_powers,
            Message(
                pl="potęgi prawdopodobieństw trzeba jeszcze podzielić przez ich sumę.",
                en="powers of probabilities must still be divided by their sum.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- copied


def copied_lengths(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    """Return how long the pieces of a sample are that occur in a text.

    Args:
        sample: the characters' numbers, of shape (n,).
        text: the same of the text that was learned from, of shape (m,).

    Returns:
        For every place i of the sample the length of the longest piece that begins there and
        occurs somewhere in the text; integers of shape (n,).
    """
    lengths = np.zeros(len(sample), dtype=int)
    following = np.zeros(len(text) + 1, dtype=int)  # [j]: common length of sample[i+1:], text[j:]
    for i in reversed(range(len(sample))):
        common = np.where(text == sample[i], 1 + following[1:], 0)  # (m,)
        following[:-1] = common
        lengths[i] = common.max()
    return lengths


def _copied_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    few = np.arange(4)
    alike = np.array([1, 2, 11, 12, 21, 22])  # 1, 2 written without a gap looks like 12
    for n, m, letters, pieces, shortest in (
        (13, 40, few[:3], 2, 2),
        (7, 1, few[:2], 0, 0),
        (9, 5, few[:2], 1, 2),
        (22, 150, few, 2, 2),
        (48, 90, alike, 1, 21),
    ):
        text = rng.choice(letters, m)
        sample = rng.choice(letters, n)
        for _ in range(pieces):
            width = int(rng.integers(shortest, min(n, m) // 2 + 1))
            to, start = int(rng.integers(0, n - width + 1)), int(rng.integers(0, m - width + 1))
            sample[to : to + width] = text[start : start + width]
        sample[-1] = text[-1]  # something is copied in any case
        if m == 1:
            sample[0] = 1 - text[0]  # and something occurs nowhere
        yield sample, text


def _copied_ending_here(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    return copied_lengths(sample[::-1], text[::-1])[::-1]


def _copied_aligned(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    lengths = np.zeros(len(sample), dtype=int)
    for i in reversed(range(min(len(sample), len(text)))):
        if sample[i] == text[i]:
            lengths[i] = 1 + (lengths[i + 1] if i + 1 < len(sample) else 0)
    return lengths


def _copied_single(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    return np.isin(sample, text).astype(int)


def _copied_runs(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    lengths = np.zeros(len(sample) + 1, dtype=int)
    for i in reversed(range(len(sample))):
        lengths[i] = 1 + lengths[i + 1] if sample[i] in text else 0
    return lengths[:-1]


def _copied_first_place(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    lengths = np.zeros(len(sample), dtype=int)
    for i in range(len(sample)):
        places = np.flatnonzero(text == sample[i])
        if len(places):
            j = int(places[0])
            while (
                i + lengths[i] < len(sample)
                and j + lengths[i] < len(text)
                and sample[i + lengths[i]] == text[j + lengths[i]]
            ):
                lengths[i] += 1
    return lengths


def _copied_one_less(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    return np.maximum(copied_lengths(sample, text) - 1, 0)


def _copied_one_more(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    return copied_lengths(sample, text) + 1


def _copied_last_left_out(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    return np.append(copied_lengths(sample[:-1], text), 0)


def _copied_past_the_end(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    lengths = copied_lengths(sample, text)
    to_end = lengths == np.arange(len(sample), 0, -1)  # a slice past the end is just shorter
    return np.where(to_end, len(sample), lengths)


def _copied_disjoint(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    lengths, out, i = copied_lengths(sample, text), np.zeros(len(sample), dtype=int), 0
    while i < len(sample):
        out[i] = lengths[i]
        i += max(int(lengths[i]), 1)
    return out


def _copied_digits(gap: str) -> Callable[[np.ndarray, np.ndarray], np.ndarray]:
    """Return the function that compares numbers as digits with ``gap`` between them."""

    def wrong(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
        numbers, written = [str(int(i)) for i in sample], gap.join(str(int(i)) for i in text)
        lengths = np.zeros(len(sample), dtype=int)
        for i in range(len(sample)):
            while (
                i + lengths[i] < len(sample)
                and gap.join(numbers[i : i + lengths[i] + 1]) in written
            ):
                lengths[i] += 1
        return lengths

    return wrong


def _copied_longest(sample: np.ndarray, text: np.ndarray) -> int:
    return int(copied_lengths(sample, text).max())


def _copied_wraps(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    lengths = np.zeros(len(sample), dtype=int)
    following = np.zeros(len(text), dtype=int)
    for i in reversed(range(len(sample))):
        following = np.where(text == sample[i], 1 + np.roll(following, -1), 0)
        lengths[i] = following.max()
    return lengths


def _copied_subsequence(sample: np.ndarray, text: np.ndarray) -> np.ndarray:
    lengths = np.zeros(len(sample), dtype=int)
    for i in range(len(sample)):
        for letter in text:  # gaps in the text are allowed
            if i + lengths[i] < len(sample) and sample[i + lengths[i]] == letter:
                lengths[i] += 1
    return lengths


COPIED = Exercise(
    "characters/copied",
    copied_lengths,
    _copied_cases,
    (
        Mistake(
            _copied_ending_here,
            Message(
                pl="to długości fragmentów, które się w danym miejscu kończą; mają się tam "
                "zaczynać.",
                en="these are lengths of pieces that end at a place; they must begin there.",
            ),
        ),
        Mistake(
            _copied_aligned,
            Message(
                pl="fragment może stać w tekście gdziekolwiek, nie tylko pod tym samym numerem.",
                en="a piece may stand anywhere in the text, not only at the same number.",
            ),
        ),
        *_several(
            (_copied_single, _copied_runs),
            Message(
                pl="nie wystarczy, że każdy znak gdzieś w tekście jest; ma tam stać cały fragment, "
                "znak po znaku.",
                en="it is not enough that every character is somewhere in the text; the whole "
                "piece must stand there, character after character.",
            ),
        ),
        Mistake(
            _copied_first_place,
            Message(
                pl="sprawdzasz tylko pierwsze wystąpienie znaku; dłuższy wspólny fragment może się "
                "zaczynać dalej.",
                en="you try only the first place of the character; a longer common piece may begin "
                "further on.",
            ),
        ),
        Mistake(
            _copied_one_less,
            Message(
                pl="wszystkie długości są o 1 za małe.",
                en="all lengths are 1 too small.",
            ),
        ),
        Mistake(
            _copied_one_more,
            Message(
                pl="wszystkie długości są o 1 za duże.",
                en="all lengths are 1 too large.",
            ),
        ),
        Mistake(
            _copied_last_left_out,
            Message(
                pl="fragment może sięgać do ostatniego znaku próbki, włącznie z nim.",
                en="a piece may reach as far as the sample's last character, and include it.",
            ),
        ),
        Mistake(
            _copied_past_the_end,
            Message(
                pl="fragment kończy się najdalej razem z próbką; sample[i : i + L] za jej końcem "
                "jest po prostu krótsze, bez błędu.",
                en="a piece ends with the sample at the latest; sample[i : i + L] beyond its end "
                "is just shorter, without an error.",
            ),
        ),
        Mistake(
            _copied_disjoint,
            Message(
                pl="podaj długość dla każdego miejsca, także wewnątrz dłuższego fragmentu.",
                en="give the length at every place, inside a longer piece too.",
            ),
        ),
        *_several(
            map(_copied_digits, ("", " ", ", ")),
            Message(
                pl="sklejone cyfry mylą numery: 1 i 2 wyglądają jak 12. Z każdego numeru zrób "
                "jeden znak: chr(i).",
                en="joined digits mix up the numbers: 1 and 2 look like 12. Make one character of "
                "every number: chr(i).",
            ),
        ),
        Mistake(
            _copied_longest,
            Message(
                pl="zwróć długość dla każdego miejsca, tablicę o kształcie (n,), a nie samo "
                "maksimum.",
                en="return the length at every place, an array of shape (n,), not the maximum "
                "alone.",
            ),
        ),
        Mistake(
            _copied_wraps,
            Message(
                pl="za końcem tekstu nic nie ma: fragment nie może przejść z końca na początek "
                "(np.roll).",
                en="beyond the end of the text there is nothing: a piece cannot go on from its end "
                "to its start (np.roll).",
            ),
        ),
        Mistake(
            _copied_subsequence,
            Message(
                pl="fragment musi stać w tekście bez przerw.",
                en="the piece must stand in the text without gaps.",
            ),
        ),
    ),
)

EXERCISES: dict[str, Exercise | Choice] = {
    exercise.name: exercise for exercise in (BITS, WITTEN_BELL, STREAMS, FAIR, SAMPLING, COPIED)
}
