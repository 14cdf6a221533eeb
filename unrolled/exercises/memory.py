"""The exercises of lab 04, "Long memory": references, cases, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from unrolled.exercises import Arguments, Exercise, Mistake
from unrolled.messages import Message

# --------------------------------------------------------------------------- adding


def adding_problem(
    values: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and targets of the adding problem.

    Hochreiter and Schmidhuber (1997), experiment 4: a step is a pair (value, marker); the target
    is the sum of the two marked values, scaled to the range from 0 to 1.

    Args:
        values: numbers between -1 and 1, of shape (batch, time).
        first: position of one marked value in each sequence, of shape (batch,).
        second: position of the other one, of shape (batch,).

    Returns:
        Inputs of shape (batch, time, 2) and targets of shape (batch,).
    """
    rows = np.arange(len(values))  # (batch,)
    markers = np.zeros_like(values)  # (batch, time)
    markers[:, [0, -1]] = -1
    markers[rows, first] = 1
    markers[rows, second] = 1
    total = values[rows, first] + values[rows, second]  # (batch,)
    return np.stack([values, markers], axis=-1), 0.5 + total / 4


def _adding_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time in ((5, 14), (1, 7), (3, 22)):
        places = np.stack([rng.permutation(np.arange(1, time // 2))[:2] for _ in range(batch)])
        yield rng.uniform(-1, 1, (batch, time)), places[:, 0], places[:, 1]


def _adding_of(
    markers: Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray] | None = None,
    target: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Return the generator with other markers (of values, first, second) or another target."""

    def wrong(
        values: np.ndarray, first: np.ndarray, second: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        x, y = adding_problem(values, first, second)
        if markers is not None:
            x = np.stack([values, markers(values, first, second)], axis=-1)
        if target is not None:
            rows = np.arange(len(values))
            y = target(values[rows, first], values[rows, second])
        return x, y

    return wrong


def _markers(
    values: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    ends: tuple[int, ...] = (0, -1),
    end: float = -1.0,
    rows: bool = True,
    cumulative: bool = False,
) -> np.ndarray:
    out = np.zeros_like(values)
    out[:, list(ends)] = end
    where: Any = np.arange(len(values)) if rows else slice(None)
    for place in (first, second):
        out[where, place] = out[where, place] + 1 if cumulative else 1
    return out


def _adding_axis(
    values: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x, y = adding_problem(values, first, second)
    return x.swapaxes(1, 2), y


def _adding_first_axis(
    values: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x, y = adding_problem(values, first, second)
    return np.moveaxis(x, -1, 0), y


def _adding_side_by_side(
    values: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x, y = adding_problem(values, first, second)
    return np.concatenate([x[..., 0], x[..., 1]], axis=1), y


def _adding_swapped(
    values: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x, y = adding_problem(values, first, second)
    return x[..., ::-1], y


def _adding_column(
    values: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x, y = adding_problem(values, first, second)
    return x, y[:, None]


def _adding_all_pairs(
    values: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x, _ = adding_problem(values, first, second)
    return x, 0.5 + (values[:, first] + values[:, second]) / 4


def _adding_with_ends(
    values: np.ndarray, first: np.ndarray, second: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    x, _ = adding_problem(values, first, second)
    return x, 0.5 + (x[..., 0] * x[..., 1]).sum(axis=1) / 4


ADDING = Exercise(
    "memory/adding",
    adding_problem,
    _adding_cases,
    (
        Mistake(
            _adding_of(lambda v, i, j: _markers(v, i, j, rows=False)),
            Message(
                pl="markers[:, first] = 1 stawia znaczniki wszystkich ciągów w każdym ciągu. "
                "Indeksuj parami: markers[rows, first], gdzie rows = np.arange(batch).",
                en="markers[:, first] = 1 puts the markers of all sequences into every sequence. "
                "Index in pairs: markers[rows, first], where rows = np.arange(batch).",
            ),
        ),
        Mistake(
            _adding_of(lambda v, i, j: _markers(v, i, j, ends=())),
            Message(
                pl="pierwszy i ostatni krok mają znacznik −1.",
                en="the first and the last step have the marker −1.",
            ),
        ),
        Mistake(
            _adding_of(lambda v, i, j: _markers(v, i, j, ends=(0,))),
            Message(
                pl="ostatni krok też ma znacznik −1.",
                en="the last step has the marker −1, too.",
            ),
        ),
        Mistake(
            _adding_of(lambda v, i, j: _markers(v, i, j, ends=(-1,))),
            Message(
                pl="pierwszy krok też ma znacznik −1.",
                en="the first step has the marker −1, too.",
            ),
        ),
        Mistake(
            _adding_of(lambda v, i, j: _markers(v, i, j, end=1.0)),
            Message(
                pl="znacznik na końcach to −1: 1 znaczy „dodaj”.",
                en="the marker at the ends is −1: 1 means “add this”.",
            ),
        ),
        Mistake(
            _adding_of(target=lambda a, b: a + b),
            Message(
                pl="suma leży między −2 a 2; cel to 0.5 + suma / 4, między 0 a 1.",
                en="the sum lies between −2 and 2; the target is 0.5 + sum / 4, between 0 and 1.",
            ),
        ),
        Mistake(
            _adding_of(target=lambda a, b: 0.5 + (a + b) / 2),
            Message(
                pl="sumę dzielimy przez 4, bo leży między −2 a 2.",
                en="the sum is divided by 4, because it lies between −2 and 2.",
            ),
        ),
        Mistake(
            _adding_of(target=lambda a, b: (a + b) / 4),
            Message(
                pl="do celu brakuje 0.5: ma leżeć między 0 a 1.",
                en="0.5 is missing from the target: it is to lie between 0 and 1.",
            ),
        ),
        Mistake(
            _adding_of(target=lambda a, b: 0.5 + a * b / 4),
            Message(
                pl="celem jest suma, a nie iloczyn.",
                en="the target is a sum, not a product.",
            ),
        ),
        Mistake(
            _adding_of(target=lambda a, b: (0.5 + a + b) / 4),
            Message(
                pl="przez 4 dzielimy samą sumę: 0.5 + suma / 4.",
                en="only the sum is divided by 4: 0.5 + sum / 4.",
            ),
        ),
        Mistake(
            _adding_of(target=lambda a, b: 0.5 + a + b / 4),
            Message(
                pl="przez 4 dzielimy całą sumę: brakuje nawiasów.",
                en="the whole sum is divided by 4: brackets are missing.",
            ),
        ),
        Mistake(
            _adding_with_ends,
            Message(
                pl="znacznik −1 na obu końcach odejmuje dwie wartości; do celu liczą się tylko "
                "wartości ze znacznikiem 1.",
                en="the marker −1 at both ends subtracts two values; only values with the marker "
                "1 count for the target.",
            ),
        ),
        Mistake(
            _adding_axis,
            Message(
                pl="para (wartość, znacznik) stoi na ostatniej osi: np.stack(…, axis=-1).",
                en="the pair (value, marker) is the last axis: np.stack(…, axis=-1).",
            ),
        ),
        Mistake(
            _adding_first_axis,
            Message(
                pl="np.stack bez axis stawia parę (wartość, znacznik) na pierwszej osi; ma być "
                "na ostatniej: axis=-1.",
                en="without an axis np.stack puts the pair (value, marker) on the first axis; it "
                "belongs on the last: axis=-1.",
            ),
        ),
        Mistake(
            _adding_side_by_side,
            Message(
                pl="wartości i znaczniki stoją jedne za drugimi, a krok ma być parą: np.stack z "
                "nową osią, nie np.concatenate.",
                en="values and markers stand one after the other, but a step is to be a pair: "
                "np.stack with a new axis, not np.concatenate.",
            ),
        ),
        Mistake(
            _adding_swapped,
            Message(
                pl="najpierw wartość, potem znacznik.",
                en="the value comes first, then the marker.",
            ),
        ),
        Mistake(
            _adding_column,
            Message(
                pl="cele mają kształt (batch,), bez drugiej osi.",
                en="the targets have shape (batch,), without a second axis.",
            ),
        ),
        Mistake(
            _adding_all_pairs,
            Message(
                pl="values[:, first] bierze pozycje wszystkich ciągów z każdego ciągu. "
                "Indeksuj parami: values[rows, first].",
                en="values[:, first] takes the positions of all sequences from every sequence. "
                "Index in pairs: values[rows, first].",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- temporal order


def temporal_order(
    distractors: np.ndarray,
    t1: np.ndarray,
    t2: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    """Return inputs and classes of the temporal-order problem.

    Hochreiter and Schmidhuber (1997), experiment 6a. The symbols a, b, c, d, X, Y, E, B have the
    numbers 0 to 7.

    Args:
        distractors: symbols 0 to 3, of shape (batch, time).
        t1: position of the first relevant symbol in each sequence, of shape (batch,).
        t2: position of the second one, of shape (batch,).
        first: the symbol at t1, 0 for X and 1 for Y, of shape (batch,).
        second: the symbol at t2, 0 for X and 1 for Y, of shape (batch,).

    Returns:
        One-hot inputs of shape (batch, time, 8) and classes of shape (batch,): XX is 0, XY is 1,
        YX is 2, YY is 3.
    """
    rows = np.arange(len(distractors))  # (batch,)
    symbols = distractors.copy()  # (batch, time)
    symbols[rows, t1] = 4 + first
    symbols[rows, t2] = 4 + second
    symbols[:, 0], symbols[:, -1] = 6, 7
    return np.eye(8)[symbols], 2 * first + second


def _order_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time in ((6, 13), (1, 10), (4, 21)):
        symbols = rng.integers(0, 4, (batch, time))
        t1 = rng.integers(1, time // 3, batch)
        t2 = rng.integers(time // 2, time - 1, batch)
        first, second = rng.integers(0, 2, (2, batch))
        if batch > 1:  # every class occurs; the mixed orders could not be told apart otherwise
            first[:4], second[:4] = (0, 1, 0, 1), (1, 0, 0, 1)
        else:
            first[0], second[0] = 0, 1
        yield symbols, t1, t2, first, second


def _order_with(
    symbols: Callable[..., np.ndarray] | None = None,
    classes: Callable[[np.ndarray, np.ndarray], np.ndarray] | None = None,
) -> Callable[..., tuple[np.ndarray, np.ndarray]]:
    """Return the generator with other symbols (of all arguments) or other classes."""

    def wrong(
        distractors: np.ndarray,
        t1: np.ndarray,
        t2: np.ndarray,
        first: np.ndarray,
        second: np.ndarray,
    ) -> tuple[np.ndarray, np.ndarray]:
        x, y = temporal_order(distractors, t1, t2, first, second)
        if symbols is not None:
            x = np.eye(8)[symbols(distractors.copy(), t1, t2, first, second)]
        if classes is not None:
            y = classes(first, second)
        return x, y

    return wrong


def _symbols(
    s: np.ndarray,
    t1: np.ndarray,
    t2: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
    *,
    base: int = 4,
    start: int | None = 6,
    end: int | None = 7,
    rows: bool = True,
) -> np.ndarray:
    where: Any = np.arange(len(s)) if rows else slice(None)
    s[where, t1] = base + first
    s[where, t2] = base + second
    if start is not None:
        s[:, 0] = start
    if end is not None:
        s[:, -1] = end
    return s


def _order_inserted(
    distractors: np.ndarray,
    t1: np.ndarray,
    t2: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    s = _symbols(distractors.copy(), t1, t2, first, second, start=None, end=None)
    s = np.pad(s, ((0, 0), (1, 1)), constant_values=((0, 0), (6, 7)))
    return np.eye(8)[s], 2 * first + second


def _order_still_lit(
    distractors: np.ndarray,
    t1: np.ndarray,
    t2: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    x, y = temporal_order(distractors, t1, t2, first, second)
    return np.maximum(x, np.eye(8)[distractors]), y


def _order_numbers(
    distractors: np.ndarray,
    t1: np.ndarray,
    t2: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    x, y = temporal_order(distractors, t1, t2, first, second)
    return x.argmax(axis=-1), y


def _order_one_hot_classes(
    distractors: np.ndarray,
    t1: np.ndarray,
    t2: np.ndarray,
    first: np.ndarray,
    second: np.ndarray,
) -> tuple[np.ndarray, np.ndarray]:
    x, y = temporal_order(distractors, t1, t2, first, second)
    return x, np.eye(4)[y]


ORDER = Exercise(
    "memory/order",
    temporal_order,
    _order_cases,
    (
        Mistake(
            _order_with(lambda *a: _symbols(*a, rows=False)),
            Message(
                pl="symbols[:, t1] = … zapisuje pozycje wszystkich ciągów w każdym ciągu. "
                "Indeksuj parami: symbols[rows, t1].",
                en="symbols[:, t1] = … writes the positions of all sequences into every sequence. "
                "Index in pairs: symbols[rows, t1].",
            ),
        ),
        Mistake(
            _order_with(lambda *a: _symbols(*a, base=0)),
            Message(
                pl="X ma numer 4, a Y numer 5: dodaj 4 do first i second.",
                en="X has the number 4 and Y the number 5: add 4 to first and second.",
            ),
        ),
        Mistake(
            _order_with(lambda *a: _symbols(*a, start=7, end=6)),
            Message(
                pl="E (6) stoi na początku, B (7) na końcu.",
                en="E (6) stands at the beginning, B (7) at the end.",
            ),
        ),
        Mistake(
            _order_with(lambda *a: _symbols(*a, start=None, end=None)),
            Message(
                pl="ciąg zaczyna się od E (6) i kończy na B (7).",
                en="a sequence begins with E (6) and ends with B (7).",
            ),
        ),
        Mistake(
            _order_with(lambda *a: _symbols(*a, end=None)),
            Message(pl="na końcu ciągu brakuje B (7).", en="the sequence lacks B (7) at its end."),
        ),
        Mistake(
            _order_with(lambda *a: _symbols(*a, start=None)),
            Message(
                pl="na początku ciągu brakuje E (6).",
                en="the sequence lacks E (6) at its beginning.",
            ),
        ),
        Mistake(
            _order_with(lambda s, t1, t2, i, j: _symbols(s, t1, t2, j, i)),
            Message(
                pl="first stoi na pozycji t1, a second na t2.",
                en="first stands at t1, and second at t2.",
            ),
        ),
        Mistake(
            _order_with(lambda s, t1, t2, i, j: _symbols(s, t1, t2, 1 - i, 1 - j)),
            Message(
                pl="0 oznacza X (numer 4), a 1 oznacza Y (numer 5), nie odwrotnie.",
                en="0 means X (number 4) and 1 means Y (number 5), not the other way round.",
            ),
        ),
        Mistake(
            _order_inserted,
            Message(
                pl="E i B zastępują pierwszą i ostatnią literę: długość ciągu się nie zmienia.",
                en="E and B replace the first and the last letter: the length stays the same.",
            ),
        ),
        Mistake(
            _order_still_lit,
            Message(
                pl="pod nowym symbolem została dawna litera: dwie jedynki w jednym kroku. Zmień "
                "najpierw numery, potem zrób z nich one-hot.",
                en="below the new symbol the old letter is still there: two ones in one step. "
                "Change the numbers first, then make them one-hot.",
            ),
        ),
        Mistake(
            _order_with(classes=lambda first, second: 2 * first + second + 1),
            Message(
                pl="klasy numerujemy od 0: XX to klasa 0.",
                en="the classes are numbered from 0: XX is class 0.",
            ),
        ),
        Mistake(
            _order_with(classes=lambda first, second: first + 2 * second),
            Message(
                pl="XY to klasa 1, a YX to 2: pierwszy symbol liczy się za 2.",
                en="XY is class 1, and YX is 2: the first symbol counts for 2.",
            ),
        ),
        Mistake(
            _order_with(classes=lambda first, second: first + second),
            Message(
                pl="w first + second kolejność ginie: XY i YX mają tę samą klasę.",
                en="first + second loses the order: XY and YX have the same class.",
            ),
        ),
        Mistake(
            _order_numbers,
            Message(
                pl="to numery symboli; wejściem są wektory one-hot: np.eye(8)[symbols].",
                en="these are the symbols' numbers; the inputs are one-hot: np.eye(8)[symbols].",
            ),
        ),
        Mistake(
            _order_one_hot_classes,
            Message(
                pl="klasy to liczby całkowite o kształcie (batch,), nie wektory one-hot.",
                en="the classes are integers of shape (batch,), not one-hot vectors.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- copy baseline


def copy_baseline(length: int, symbols: int, lag: int) -> tuple[float, float]:
    """Return how well the copy task goes without memory.

    The best such answer: a blank with certainty at every step but the last ``length`` ones, and
    there each of the symbols with the same probability.

    Args:
        length: symbols to remember.
        symbols: how many different ones there are.
        lag: steps between the last of them and the first answer.

    Returns:
        The mean cross-entropy over all lag + 2 · length steps, in nats, and the probability
        that all symbols are guessed.
    """
    steps = lag + 2 * length
    return float(length * np.log(symbols) / steps), float(symbols) ** -length


def _copy_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    yield 3, int(rng.integers(4, 12)), int(rng.integers(5, 40))
    yield 1, int(rng.integers(12, 40)), int(rng.integers(5, 40))
    yield int(rng.integers(5, 11)), int(rng.integers(2, 9)), int(rng.integers(1, 300))


def _copy_with(
    bits: Callable[[int, int, int], float] | None = None,
    guess: Callable[[int, int, int], float] | None = None,
) -> Callable[[int, int, int], tuple[float, float]]:
    def wrong(length: int, symbols: int, lag: int) -> tuple[float, float]:
        one, other = copy_baseline(length, symbols, lag)
        return (
            one if bits is None else float(bits(length, symbols, lag)),
            other if guess is None else float(guess(length, symbols, lag)),
        )

    return wrong


_STEPS = Message(
    pl="kroków jest lag + 2 * length: czytanie, przerwa i odpowiedź.",
    en="there are lag + 2 * length steps: reading, the gap and the answer.",
)

COPY = Exercise(
    "memory/copy",
    copy_baseline,
    _copy_cases,
    (
        Mistake(
            _copy_with(lambda k, s, d: k * np.log(s)),
            Message(
                pl="średnia po wszystkich krokach: podziel przez lag + 2 * length.",
                en="it is a mean over all steps: divide by lag + 2 * length.",
            ),
        ),
        Mistake(
            _copy_with(lambda k, s, d: np.log(s)),
            Message(
                pl="tyle wynosi strata w jednym z ostatnich kroków; w pozostałych jest zero, "
                "a średnia obejmuje wszystkie.",
                en="that is the loss in one of the last steps; in the others it is zero, and the "
                "mean is over all of them.",
            ),
        ),
        Mistake(
            _copy_with(lambda k, s, d: k * np.log(s) / (d + k)),
            _STEPS,
        ),
        Mistake(
            _copy_with(lambda k, s, d: k * np.log(s) / d),
            _STEPS,
        ),
        Mistake(
            _copy_with(lambda k, s, d: k * np.log(s) / d + 2 * k),
            Message(
                pl="przez lag + 2 * length dzielimy w całości: brakuje nawiasów.",
                en="divide by the whole of lag + 2 * length: brackets are missing.",
            ),
        ),
        Mistake(
            _copy_with(lambda k, s, d: k * np.log(s) / s / (d + 2 * k)),
            Message(
                pl="strata w kroku to minus logarytm prawdopodobieństwa dobrego symbolu, czyli "
                "log symbols, bez mnożenia przez 1 / symbols.",
                en="the loss of a step is minus the logarithm of the right symbol's probability, "
                "log symbols, not multiplied by 1 / symbols.",
            ),
        ),
        Mistake(
            _copy_with(lambda k, s, d: k * np.log10(s) / (d + 2 * k)),
            Message(
                pl="to logarytm dziesiętny; strata jest w natach: logarytm naturalny.",
                en="this is the logarithm to base ten; the loss is in nats: the natural logarithm.",
            ),
        ),
        Mistake(
            _copy_with(lambda k, s, d: k * np.log2(s) / (d + 2 * k)),
            Message(
                pl="to bity; strata jest w natach: logarytm naturalny.",
                en="these are bits; the loss is in nats: the natural logarithm.",
            ),
        ),
        Mistake(
            _copy_with(lambda k, s, d: k * np.log(s + 1) / (d + 2 * k)),
            Message(
                pl="w ostatnich krokach znak pusty jest wykluczony: zostaje symbols możliwości.",
                en="in the last steps a blank is ruled out: symbols possibilities remain.",
            ),
        ),
        Mistake(
            _copy_with(lambda k, s, d: np.log(s) / (d + 2 * k)),
            Message(
                pl="zgadujemy length symboli, nie jeden.",
                en="length symbols are guessed, not one.",
            ),
        ),
        Mistake(
            _copy_with(lambda k, s, d: -k * np.log(s) / (d + 2 * k)),
            Message(
                pl="entropia krzyżowa to minus logarytm prawdopodobieństwa: wychodzi dodatnia.",
                en="the cross-entropy is minus the logarithm of the probability: it is positive.",
            ),
        ),
        Mistake(
            _copy_with(guess=lambda k, s, d: 1 / s),
            Message(
                pl="1 / symbols to szansa na jeden symbol; pytamy o wszystkie naraz.",
                en="1 / symbols is the chance of one symbol; the question is about all at once.",
            ),
        ),
        Mistake(
            _copy_with(guess=lambda k, s, d: 1 / (s * k)),
            Message(
                pl="symbole są niezależne: prawdopodobieństwa się mnożą.",
                en="the symbols are independent: probabilities multiply.",
            ),
        ),
        Mistake(
            _copy_with(guess=lambda k, s, d: k / s),
            Message(
                pl="symbole są niezależne: prawdopodobieństwa się mnożą, a nie dodają.",
                en="the symbols are independent: probabilities multiply, they do not add.",
            ),
        ),
        Mistake(
            lambda length, symbols, lag: copy_baseline(length, symbols, lag)[::-1],
            Message(
                pl="najpierw entropia krzyżowa, potem prawdopodobieństwo.",
                en="the cross-entropy comes first, then the probability.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- forget bias


def with_forget_bias(
    bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return an LSTM's packed biases with the forget gate's set to ``value``, in both libraries.

    Args:
        bias_ih: PyTorch's first vector, blocks i, f, g, o, of shape (4m,).
        bias_hh: PyTorch's second vector, which is added to the first, of shape (4m,).
        bias: Keras' only vector, blocks i, f, c, o, of shape (4m,).
        value: what the forget gate's bias is to be.

    Returns:
        Three new vectors: in PyTorch's first and in Keras' the forget block is ``value``, in
        PyTorch's second it is zero; everything else is as it was.
    """
    m = len(bias) // 4
    forget = slice(m, 2 * m)
    new_ih, new_hh, new = bias_ih.copy(), bias_hh.copy(), bias.copy()
    new_ih[forget], new_hh[forget], new[forget] = value, 0, value
    return new_ih, new_hh, new


def _bias_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for m, value in ((3, rng.uniform(1, 5)), (1, 1), (6, rng.uniform(-2, -1))):
        yield *rng.normal(0, 0.5, (3, 4 * m)), value


def _bias_block(
    begin: Callable[[int], int], end: Callable[[int], int]
) -> Callable[..., tuple[np.ndarray, ...]]:
    """Return the biases with another block set."""

    def wrong(*arguments: Any) -> tuple[np.ndarray, ...]:
        *vectors, value = arguments
        m = len(vectors[0]) // 4
        out = [vector.copy() for vector in vectors]
        for vector, number in zip(out, (value, 0, value), strict=True):
            vector[begin(m) : end(m)] = number
        return tuple(out)

    return wrong


def _bias_values(second: Callable[[float], float] | None) -> Callable[..., tuple[np.ndarray, ...]]:
    """Return the biases with another forget block in PyTorch's second vector (None: untouched)."""

    def wrong(bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float) -> Any:
        first, other, keras = with_forget_bias(bias_ih, bias_hh, bias, value)
        m = len(bias) // 4
        other[m : 2 * m] = bias_hh[m : 2 * m] if second is None else second(value)
        return first, other, keras

    return wrong


def _bias_added(bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float) -> Any:
    out = with_forget_bias(bias_ih, bias_hh, bias, value)
    m = len(bias) // 4
    out[0][m : 2 * m] += bias_ih[m : 2 * m]
    out[2][m : 2 * m] += bias[m : 2 * m]
    return out


def _bias_zeroed(bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float) -> Any:
    zeros = np.zeros_like(bias)
    return with_forget_bias(zeros, zeros, zeros, value)


def _bias_one_place(
    bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float
) -> Any:
    out = bias_ih.copy(), bias_hh.copy(), bias.copy()
    for vector, number in zip(out, (value, 0, value), strict=True):
        vector[1] = number
    return out


def _bias_every_fourth(
    bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float
) -> Any:
    out = bias_ih.copy(), bias_hh.copy(), bias.copy()
    for vector, number in zip(out, (value, 0, value), strict=True):
        vector[1::4] = number
    return out


def _bias_halves(bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float) -> Any:
    first, other, keras = with_forget_bias(bias_ih, bias_hh, bias, value)
    m = len(bias) // 4
    first[m : 2 * m] = other[m : 2 * m] = value / 2
    return first, other, keras


def _bias_keras_third(
    bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float
) -> Any:
    first, other, _ = with_forget_bias(bias_ih, bias_hh, bias, value)
    keras, m = bias.copy(), len(bias) // 4
    keras[2 * m : 3 * m] = value
    return first, other, keras


def _bias_second_zero(
    bias_ih: np.ndarray, bias_hh: np.ndarray, bias: np.ndarray, value: float
) -> Any:
    first, other, keras = with_forget_bias(bias_ih, bias_hh, bias, value)
    return first, np.zeros_like(other), keras


BIAS = Exercise(
    "memory/bias",
    with_forget_bias,
    _bias_cases,
    (
        Mistake(
            _bias_block(lambda m: 0, lambda m: m),
            Message(
                pl="blok o numerze 0 to bramka wejścia; bramka zapominania ma numer 1: "
                "pozycje od m do 2m.",
                en="block 0 is the input gate; the forget gate is block 1: places m to 2m.",
            ),
        ),
        Mistake(
            _bias_block(lambda m: 2 * m, lambda m: 3 * m),
            Message(
                pl="trzeci blok to kandydat; bramka zapominania jest drugim.",
                en="the third block is the candidate; the forget gate is the second.",
            ),
        ),
        Mistake(
            _bias_block(lambda m: 0, lambda m: 4 * m),
            Message(
                pl="zmień tylko blok bramki zapominania, a nie cały wektor.",
                en="change the forget gate's block only, not the whole vector.",
            ),
        ),
        Mistake(
            _bias_block(lambda m: m, lambda m: 4 * m),
            Message(
                pl="blok kończy się na pozycji 2m.",
                en="the block ends at place 2m.",
            ),
        ),
        Mistake(
            _bias_one_place,
            Message(
                pl="blok bramki ma m pozycji, od m do 2m, a nie jedną.",
                en="a gate's block has m places, from m to 2m, not one.",
            ),
        ),
        Mistake(
            _bias_every_fourth,
            Message(
                pl="bramki stoją w blokach po m, a nie na przemian: pozycje od m do 2m.",
                en="the gates stand in blocks of m, they do not take turns: places m to 2m.",
            ),
        ),
        Mistake(
            _bias_halves,
            Message(
                pl="suma wyjdzie dobra, ale umawiamy się, że całe value stoi w pierwszym wektorze "
                "PyTorcha, a w drugim zera.",
                en="the sum comes out right, but here the whole of value stands in PyTorch's first "
                "vector, and zeros in its second.",
            ),
        ),
        Mistake(
            _bias_second_zero,
            Message(
                pl="w drugim wektorze PyTorcha zerujemy sam blok bramki zapominania; reszta "
                "zostaje.",
                en="in PyTorch's second vector the forget gate's block alone becomes zero; the "
                "rest stays.",
            ),
        ),
        Mistake(
            _bias_keras_third,
            Message(
                pl="w Kerasie bramka zapominania też jest drugim blokiem: i, f, c, o.",
                en="in Keras, too, the forget gate is the second block: i, f, c, o.",
            ),
        ),
        Mistake(
            _bias_values(lambda value: value),
            Message(
                pl="PyTorch dodaje oba wektory: razem byłoby 2 * value. W drugim wpisz zera.",
                en="PyTorch adds its two vectors: together that would be 2 * value. Write zeros "
                "into the second.",
            ),
        ),
        Mistake(
            _bias_values(None),
            Message(
                pl="PyTorch dodaje oba wektory: blok drugiego też się liczy, wpisz w nim zera.",
                en="PyTorch adds its two vectors: the second's block counts as well, write zeros "
                "there.",
            ),
        ),
        Mistake(
            _bias_added,
            Message(
                pl="blok ma być równy value, a nie większy o value.",
                en="the block is to be value, not to grow by value.",
            ),
        ),
        Mistake(
            _bias_zeroed,
            Message(
                pl="pozostałe bloki mają zostać takie, jakie były.",
                en="the other blocks are to stay what they were.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- gradient by lag


def gradient_by_lag(network: Callable[[Any], Any], x: np.ndarray) -> Any:
    """Return how strongly a network's answer depends on the inputs, by lag.

    Args:
        network: turns inputs, a tensor of shape (batch, time, n), into answers, (batch,).
        x: the inputs, a NumPy array of shape (batch, time, n).

    Returns:
        The mean over the sequences of the norm of an answer's gradient by the input ``lag``
        steps before the last, of shape (time,); lag 0, the last step, comes first.
    """
    import torch

    inputs = torch.tensor(x, requires_grad=True)  # (batch, time, n)
    (gradient,) = torch.autograd.grad(network(inputs).sum(), inputs)  # the same shape
    norms = gradient.norm(dim=2).mean(dim=0)  # (time,): oldest first
    return norms.flip(0)


def _small_network(rng: np.random.Generator, n: int, m: int) -> Callable[[Any], Any]:
    """Return a simple recurrent network with random weights, as a function of tensors."""
    import torch

    w_x, w_h, w_y = (
        torch.tensor(rng.normal(0, 0.6, shape), dtype=torch.float32)
        for shape in ((n, m), (m, m), (m,))
    )

    def network(x: Any) -> Any:
        s = x.new_zeros(len(x), m)
        for t in range(x.shape[1]):
            s = torch.tanh(x[:, t] @ w_x + s @ w_h)  # (batch, m)
        return 3 * (s @ w_y)  # (batch,)

    return network


def _lag_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time, n, m in ((4, 7, 2, 5), (1, 5, 3, 4), (6, 9, 1, 3)):
        yield _small_network(rng, n, m), rng.normal(0, 1, (batch, time, n)).astype(np.float32)


def _lag_of(reduce: Callable[[Any], Any], flip: bool = True) -> Callable[..., Any]:
    """Return the exercise with another summary of the gradient (batch, time, n)."""

    def wrong(network: Callable[[Any], Any], x: np.ndarray) -> Any:
        import torch

        inputs = torch.tensor(x, requires_grad=True)
        (gradient,) = torch.autograd.grad(network(inputs).sum(), inputs)
        result = reduce(gradient)
        return result.flip(0) if flip else result

    return wrong


def _lag_of_tuple(network: Callable[[Any], Any], x: np.ndarray) -> Any:
    import torch

    inputs = torch.tensor(x, requires_grad=True)
    gradient: Any = torch.autograd.grad(network(inputs).sum(), inputs)  # a tuple of one tensor
    return gradient.norm(dim=2).mean(dim=0).flip(0)


def _lag_without_sum(network: Callable[[Any], Any], x: np.ndarray) -> Any:
    import torch

    inputs = torch.tensor(x, requires_grad=True)
    return torch.autograd.grad(network(inputs), inputs)


def _lag_not_required(network: Callable[[Any], Any], x: np.ndarray) -> Any:
    import torch

    return network(torch.tensor(x)).sum().backward()


def _lag_float64(network: Callable[[Any], Any], x: np.ndarray) -> Any:
    import torch

    return network(torch.tensor(x, dtype=torch.float64))


_CANCEL = Message(
    pl="suma i średnia po cechach to nie norma: liczby o różnych znakach się znoszą.",
    en="a sum or a mean over the features is not the norm: numbers of opposite signs cancel.",
)
_OVER_FEATURES = Message(
    pl="norma tylko po cechach (dim=2), a potem średnia po ciągach (dim=0).",
    en="the norm over the features only (dim=2), then the mean over sequences (dim=0).",
)

LAG = Exercise(
    "memory/lag",
    gradient_by_lag,
    _lag_cases,
    (
        Mistake(
            _lag_of(lambda g: g.norm(dim=2).mean(dim=0), flip=False),
            Message(
                pl="to kolejność w czasie; opóźnienie 0 to ostatni krok, więc odwróć: flip(0).",
                en="this is the order of time; lag 0 is the last step, so reverse it: flip(0).",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.norm(dim=2).mean(dim=0) / len(g)),
            Message(
                pl="pochodna średniej odpowiedzi jest batch razy za mała: różniczkuj sumę, bo "
                "odpowiedź ciągu zależy tylko od jego wejść.",
                en="the derivative of the mean answer is batch times too small: differentiate the "
                "sum, for a sequence's answer depends on its own inputs only.",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.norm(dim=2).sum(dim=0)),
            Message(
                pl="policz średnią po ciągach, a nie sumę.",
                en="take the mean over the sequences, not the sum.",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.mean(dim=0).norm(dim=1)),
            Message(
                pl="najpierw norma dla każdego ciągu, potem średnia: gradienty różnych ciągów się "
                "znoszą.",
                en="the norm of every sequence first, then the mean: gradients of different "
                "sequences cancel.",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.norm(dim=(0, 2))),
            _OVER_FEATURES,
        ),
        Mistake(
            _lag_of(lambda g: g.norm(dim=(0, 2)) / len(g)),
            _OVER_FEATURES,
        ),
        Mistake(
            _lag_of(lambda g: g.sum(dim=2).mean(dim=0)),
            _CANCEL,
        ),
        Mistake(
            _lag_of(lambda g: g.mean(dim=(0, 2))),
            _CANCEL,
        ),
        Mistake(
            _lag_of(lambda g: g.norm(dim=2).mean(dim=0).roll(-1)),
            Message(
                pl="przesunięcie o jeden: opóźnienie d stoi pod indeksem −1 − d, nie −d.",
                en="off by one: lag d stands at index −1 − d, not −d.",
            ),
        ),
        Mistake(
            _lag_of_tuple,
            Message(
                pl="torch.autograd.grad zwraca krotkę: (gradient,) = torch.autograd.grad(…).",
                en="torch.autograd.grad returns a tuple: (gradient,) = torch.autograd.grad(…).",
            ),
        ),
        Mistake(
            _lag_without_sum,
            Message(
                pl="różniczkujemy jedną liczbę: sumę odpowiedzi.",
                en="a single number is differentiated: the sum of the answers.",
            ),
        ),
        Mistake(
            _lag_not_required,
            Message(
                pl="pochodnej po wejściach nie ma bez requires_grad=True (albo pod no_grad).",
                en="there is no derivative by the inputs without requires_grad=True (or under "
                "no_grad).",
            ),
        ),
        Mistake(
            _lag_float64,
            Message(
                pl="x jest typu float32, tak jak wagi sieci: nie zmieniaj go na float64.",
                en="x is float32, as the network's weights are: do not turn it into float64.",
            ),
        ),
        Mistake(
            lambda network, x: network(x),
            Message(
                pl="network bierze tensor, a x to tablica: torch.tensor(x, requires_grad=True).",
                en="network takes a tensor, x is an array: torch.tensor(x, requires_grad=True).",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.norm(dim=2).mean(dim=0)[::-1]),
            Message(
                pl="tensora nie odwróci [::-1], tylko flip(0).",
                en="a tensor is not reversed by [::-1] but by flip(0).",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.square().sum(dim=2).mean(dim=0)),
            Message(
                pl="to kwadrat normy: brakuje pierwiastka.",
                en="that is the square of the norm: the root is missing.",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.square().sum(dim=2).mean(dim=0).sqrt()),
            Message(
                pl="pierwiastek dla każdego ciągu z osobna, przed średnią.",
                en="the root for every sequence by itself, before the mean.",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.abs().sum(dim=2).mean(dim=0)),
            Message(
                pl="norma to pierwiastek sumy kwadratów, a nie suma wartości bezwzględnych.",
                en="the norm is the root of the sum of squares, not the sum of absolute values.",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.abs().mean(dim=(0, 2))),
            Message(
                pl="norma to pierwiastek sumy kwadratów, a nie średnia wartości bezwzględnych.",
                en="the norm is the root of the sum of squares, not the mean of absolute values.",
            ),
        ),
        Mistake(
            _lag_of(lambda g: g.norm(dim=2).flip(1), flip=False),
            Message(
                pl="zostało policzyć średnią po ciągach (dim=0).",
                en="it remains to take the mean over the sequences (dim=0).",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- clipping


def clip_by_norm(gradients: tuple[np.ndarray, ...], limit: float) -> tuple[np.ndarray, ...]:
    """Return the gradients, all shortened by one factor when their common norm exceeds a limit.

    Args:
        gradients: arrays of any shapes; together they are one long vector.
        limit: the largest norm that this vector may have.
    """
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    factor = min(1.0, limit / norm)
    return tuple(g * factor for g in gradients)


class _Arrays(tuple[np.ndarray, ...]):
    """A tuple of arrays that shows their shapes and not hundreds of numbers, as in a message."""

    def __repr__(self) -> str:
        return f"<{', '.join(str(array.shape) for array in self)}>"


def _clip_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    shapes: tuple[tuple[int, ...], ...] = ((5, 3), (5, 5), (5,))
    yield _Arrays(rng.normal(0, 2, shape) for shape in shapes), 1
    yield _Arrays(rng.normal(0, 0.01, shape) for shape in shapes), 1.5  # short already
    yield _Arrays((rng.normal(4, 1, (1,)), rng.normal(0, 0.1, (2, 4)))), 2.0
    # Each is below the limit, and both together are not.
    pair = rng.normal(0, 1, (6,)), rng.normal(0, 1, (2, 3))
    yield _Arrays(0.9 * g / np.linalg.norm(g) for g in pair), 1.0


def _clip_each(gradients: tuple[np.ndarray, ...], limit: float) -> tuple[np.ndarray, ...]:
    return tuple(g * min(1.0, limit / np.linalg.norm(g)) for g in gradients)


def _clip_always(gradients: tuple[np.ndarray, ...], limit: float) -> tuple[np.ndarray, ...]:
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return tuple(g * limit / norm for g in gradients)


def _clip_max(gradients: tuple[np.ndarray, ...], limit: float) -> tuple[np.ndarray, ...]:
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return tuple(g * max(1.0, limit / norm) for g in gradients)


def _clip_unit(gradients: tuple[np.ndarray, ...], limit: float) -> tuple[np.ndarray, ...]:
    norm = np.sqrt(sum(np.sum(g**2) for g in gradients))
    return tuple(g / norm if norm > limit else g * 1.0 for g in gradients)


def _clip_by(norm: Callable[[tuple[np.ndarray, ...]], float]) -> Callable[..., Any]:
    """Return the clipping by another measure of length."""

    def wrong(gradients: tuple[np.ndarray, ...], limit: float) -> tuple[np.ndarray, ...]:
        factor = min(1.0, limit / norm(gradients))
        return tuple(g * factor for g in gradients)

    return wrong


CLIP = Exercise(
    "memory/clip",
    clip_by_norm,
    _clip_cases,
    (
        Mistake(
            lambda gradients, limit: tuple(np.clip(g, -limit, limit) for g in gradients),
            Message(
                pl="przycinanie każdej liczby z osobna zmienia kierunek gradientu; skróć cały "
                "wektor.",
                en="clipping every number by itself changes the gradient's direction; shorten the "
                "whole vector.",
            ),
        ),
        Mistake(
            _clip_each,
            Message(
                pl="norma jest wspólna dla wszystkich tablic, i współczynnik też jest jeden.",
                en="the norm is common to all the arrays, and so is the factor.",
            ),
        ),
        Mistake(
            _clip_always,
            Message(
                pl="gradientu krótszego niż limit nie wydłużamy: współczynnik to najwyżej 1.",
                en="a gradient shorter than the limit is not lengthened: the factor is at most 1.",
            ),
        ),
        Mistake(
            _clip_max,
            Message(
                pl="to max zamiast min: krótkie gradienty rosną, a długie zostają długie.",
                en="this is max instead of min: short gradients grow, and long ones stay long.",
            ),
        ),
        Mistake(
            _clip_unit,
            Message(
                pl="skrócony gradient ma mieć normę limit, a nie 1.",
                en="the shortened gradient is to have the norm limit, not 1.",
            ),
        ),
        Mistake(
            _clip_by(lambda gs: float(sum(np.sum(g**2) for g in gs))),
            Message(
                pl="norma to pierwiastek sumy kwadratów.",
                en="the norm is the root of the sum of squares.",
            ),
        ),
        Mistake(
            _clip_by(lambda gs: float(sum(np.linalg.norm(g) for g in gs))),
            Message(
                pl="norm tablic się nie dodaje: dodaj ich kwadraty i wyciągnij pierwiastek.",
                en="the arrays' norms are not added: add their squares and take the root.",
            ),
        ),
        Mistake(
            _clip_by(lambda gs: float(max(np.linalg.norm(g) for g in gs))),
            Message(
                pl="norma całości jest większa niż norma najdłuższej tablicy: dodaj kwadraty "
                "wszystkich.",
                en="the norm of the whole is more than the longest array's: add the squares of "
                "all.",
            ),
        ),
        Mistake(
            _clip_by(lambda gs: float(sum(np.abs(g).sum() for g in gs))),
            Message(
                pl="norma to pierwiastek sumy kwadratów, a nie suma wartości bezwzględnych.",
                en="the norm is the root of the sum of squares, not the sum of absolute values.",
            ),
        ),
        Mistake(
            _clip_by(lambda gs: float(np.sqrt(sum(np.sum(g) ** 2 for g in gs)))),
            Message(
                pl="najpierw kwadrat każdej liczby, potem suma: np.sum(g**2).",
                en="first the square of every number, then the sum: np.sum(g**2).",
            ),
        ),
        Mistake(
            _clip_by(
                lambda gs: float(np.sqrt(np.mean(np.concatenate([g.ravel() for g in gs]) ** 2)))
            ),
            Message(
                pl="pod pierwiastkiem stoi suma kwadratów, a nie ich średnia.",
                en="the root is of the sum of squares, not of their mean.",
            ),
        ),
        Mistake(
            _clip_by(
                lambda gs: float(
                    np.sqrt(sum(np.linalg.norm(g, 2 if g.ndim < 3 else None) ** 2 for g in gs))
                )
            ),
            Message(
                pl="np.linalg.norm(g, 2) to dla macierzy inna norma (największa wartość osobliwa): "
                "opuść 2.",
                en="for a matrix np.linalg.norm(g, 2) is another norm (the largest singular "
                "value): leave out the 2.",
            ),
        ),
        Mistake(
            _clip_by(lambda gs: float(max(np.abs(g).max() for g in gs))),
            Message(
                pl="norma to pierwiastek sumy kwadratów, a nie największa liczba.",
                en="the norm is the root of the sum of squares, not the largest number.",
            ),
        ),
    ),
)

EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise for exercise in (ADDING, ORDER, COPY, BIAS, LAG, CLIP)
}
