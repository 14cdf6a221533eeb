"""The exercises of lab 01, "An RNN in NumPy: binary addition": references, cases, hints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from unrolled.exercises import Arguments, Exercise, Mistake
from unrolled.gates import sigmoid
from unrolled.messages import Message

Arrays = tuple[np.ndarray, ...]

# --------------------------------------------------------------------------- encode


def encode(a: np.ndarray, b: np.ndarray, width: int) -> tuple[np.ndarray, np.ndarray]:
    """Write sums as sequences of bits, the least significant bit first.

    Args:
        a: whole numbers from 0 to 2**width - 1, of shape (N,).
        b: as many others.
        width: how many bits a number has, at most 61.

    Returns:
        The columns x, floats of shape (N, width + 1, 2), and the bits of a + b, floats of shape
        (N, width + 1, 1).
    """
    place = np.arange(width + 1)  # (T,)

    def bits(numbers: np.ndarray) -> np.ndarray:
        return ((numbers[:, None] >> place) & 1).astype(float)  # (N, T)

    return np.stack([bits(a), bits(b)], axis=2), bits(a + b)[:, :, None]


def _encode_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for n, width in ((5, 7), (1, 9), (6, 1), (4, 12)):
        a, b = rng.integers(0, 2**width, (2, n))
        yield a, b, width
    # More bits than fit into a small integer type, and a carry that goes through all of them.
    a, b = rng.integers(0, 2**47, (2, 3))
    a[0], b[0] = 2**47 - 1, 1
    yield a, b, 47


def _encoded(change: Callable[[np.ndarray, np.ndarray], Arrays]) -> Callable[..., Arrays]:
    """Return an ``encode`` whose results go through ``change``."""

    def wrong(a: np.ndarray, b: np.ndarray, width: int) -> Arrays:
        return change(*encode(a, b, width))

    return wrong


def _encode_without_carry(a: np.ndarray, b: np.ndarray, width: int) -> Arrays:
    return encode(a, b, width)[0], encode(a ^ b, 0 * b, width)[1]


def _encode_wraps(a: np.ndarray, b: np.ndarray, width: int) -> Arrays:
    return encode(a, b, width)[0], encode((a + b) % 2**width, 0 * b, width)[1]


def _encode_fractions(a: np.ndarray, b: np.ndarray, width: int) -> Arrays:
    place = 2.0 ** np.arange(width + 1)
    bits = [numbers[:, None] / place % 2 for numbers in (a, b, a + b)]
    return np.stack(bits[:2], axis=2), bits[2][:, :, None]


ENCODE = Exercise(
    "addition/encode",
    encode,
    _encode_cases,
    (
        Mistake(
            _encoded(lambda x, y: (x[:, ::-1], y[:, ::-1])),
            Message(
                pl="bity są od najstarszego; przeniesienie idzie od najmłodszego, więc on ma być "
                "w kroku 0.",
                en="the most significant bit comes first; the carry travels from the least "
                "significant one, so that one belongs in step 0.",
            ),
        ),
        Mistake(
            _encoded(lambda x, y: (x[:, :-1], y[:, :-1])),
            Message(
                pl="suma może mieć o jeden bit więcej niż liczby: kroków jest width + 1.",
                en="a sum may have one bit more than the numbers: there are width + 1 steps.",
            ),
        ),
        Mistake(
            _encoded(lambda x, y: (x, y[:, :, 0])),
            Message(
                pl="w y brakuje ostatniej osi; dodasz ją przez [:, :, None].",
                en="y lacks its last axis; [:, :, None] adds it.",
            ),
        ),
        Mistake(
            _encoded(lambda x, y: (x.transpose(0, 2, 1), y)),
            Message(
                pl="osie to (liczby, czas, 2): w każdym kroku jest jeden bit a i jeden bit b.",
                en="the axes are (numbers, time, 2): every step has one bit of a and one of b.",
            ),
        ),
        Mistake(
            _encoded(lambda x, y: (x.transpose(1, 0, 2), y.transpose(1, 0, 2))),
            Message(
                pl="pierwszą osią są przykłady, czas jest drugą.",
                en="the first axis is the examples, time is the second.",
            ),
        ),
        Mistake(
            _encoded(lambda x, y: (x.astype(int), y.astype(int))),
            Message(
                pl="sieć liczy na liczbach zmiennoprzecinkowych: dodaj astype(float).",
                en="a network computes with floating-point numbers: add astype(float).",
            ),
        ),
        Mistake(
            _encode_without_carry,
            Message(
                pl="w y nie ma przeniesień: weź bity liczby a + b.",
                en="y has no carries: take the bits of the number a + b.",
            ),
        ),
        Mistake(
            _encoded(lambda x, y: (x, x.sum(axis=2, keepdims=True))),
            Message(
                pl="to sumy kolumn (0, 1 albo 2), bez przeniesień: weź bity liczby a + b.",
                en="those are the columns' sums (0, 1 or 2), with no carries: take the bits of the "
                "number a + b.",
            ),
        ),
        Mistake(
            _encode_wraps,
            Message(
                pl="w ostatnim kroku sumy zostało zero: też może w nim być jedynka, ostatnie "
                "przeniesienie.",
                en="the sum's last step is still zero: it may hold a one as well, the last carry.",
            ),
        ),
        Mistake(
            _encoded(lambda x, y: (x[:, :, ::-1], y)),
            Message(
                pl="w każdym kroku najpierw bit a, potem bit b.",
                en="in every step first the bit of a, then the bit of b.",
            ),
        ),
        Mistake(
            lambda a, b, width: encode(a, b, 7),
            Message(
                pl="szerokość jest argumentem: użyj width, nie 7.",
                en="the width is an argument: use width, not 7.",
            ),
        ),
        Mistake(
            _encode_fractions,
            Message(
                pl="dzielenie ma być całkowite, a // 2**t (albo przesunięcie a >> t).",
                en="divide whole numbers, a // 2**t (or shift, a >> t).",
            ),
        ),
        Mistake(
            lambda a, b, width: (a >> np.arange(width + 1)) & 1,
            Message(
                pl="liczby potrzebują własnej osi: a[:, None] >> np.arange(width + 1) ma kształt "
                "(N, T).",
                en="the numbers need an axis of their own: a[:, None] >> np.arange(width + 1) has "
                "shape (N, T).",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- step


def step(
    x_t: np.ndarray, s: np.ndarray, W_x: np.ndarray, W_h: np.ndarray, b: np.ndarray
) -> np.ndarray:
    """Return the new states of a batch, tanh(W_x x_t + W_h s + b), of shape (B, m).

    Args:
        x_t: inputs of one step, of shape (B, n).
        s: the states before it, of shape (B, m).
        W_x: weights from the input, of shape (m, n).
        W_h: weights from the state, of shape (m, m).
        b: biases, of shape (m,).
    """
    out: np.ndarray = np.tanh(x_t @ W_x.T + s @ W_h.T + b)
    return out


def _step_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, n, m in ((4, 2, 6), (1, 3, 2), (5, 3, 1)):
        x_t, s = rng.normal(0, 1, (batch, n)), np.tanh(rng.normal(0, 1, (batch, m)))
        yield x_t, s, rng.normal(0, 1, (m, n)), rng.normal(0, 1, (m, m)), rng.normal(0, 1, m)


_COLUMNS = Message(
    pl="tu przykłady są kolumnami, a mają być wierszami: zamiast W_x @ x_t.T jest x_t @ W_x.T.",
    en="here examples are columns, but they should be rows: x_t @ W_x.T instead of W_x @ x_t.T.",
)

STEP = Exercise(
    "addition/step",
    step,
    _step_cases,
    (
        Mistake(
            lambda x_t, s, W_x, W_h, b: np.tanh(x_t @ W_x.T + s @ W_h + b),
            Message(
                pl="wiersze to przykłady, więc mnożymy przez transpozycję: s @ W_h.T. Macierz "
                "W_h jest kwadratowa i pomyłka nie zgłasza błędu.",
                en="rows are examples, so we multiply by the transpose: s @ W_h.T. W_h is square, "
                "so the slip raises no error.",
            ),
        ),
        Mistake(
            lambda x_t, s, W_x, W_h, b: np.tanh(W_x @ x_t + W_h @ s + b),
            Message(
                pl="przykłady są wierszami: zamiast W_x @ x_t jest x_t @ W_x.T.",
                en="examples are rows: x_t @ W_x.T instead of W_x @ x_t.",
            ),
        ),
        Mistake(
            lambda x_t, s, W_x, W_h, b: np.tanh(W_x @ x_t.T + W_h @ s.T + b[:, None]), _COLUMNS
        ),
        Mistake(lambda x_t, s, W_x, W_h, b: np.tanh(W_x @ x_t.T + W_h @ s.T + b), _COLUMNS),
        Mistake(
            lambda x_t, s, W_x, W_h, b: np.tanh(x_t @ W_x + s @ W_h + b),
            Message(
                pl="x_t ma kształt (B, n), a W_x (m, n): pasuje dopiero transpozycja, x_t @ W_x.T.",
                en="x_t has shape (B, n) and W_x (m, n): only the transpose fits, x_t @ W_x.T.",
            ),
        ),
        Mistake(
            lambda x_t, s, W_x, W_h, b: np.tanh(x_t @ W_x.T + s @ W_h.T),
            Message(pl="brakuje obciążenia b.", en="the bias b is missing."),
        ),
        Mistake(
            lambda x_t, s, W_x, W_h, b: x_t @ W_x.T + s @ W_h.T + b,
            Message(
                pl="to preaktywacja; stan to jej tangens hiperboliczny.",
                en="that is the pre-activation; the state is its hyperbolic tangent.",
            ),
        ),
        Mistake(
            lambda x_t, s, W_x, W_h, b: sigmoid(x_t @ W_x.T + s @ W_h.T + b),
            Message(
                pl="ta sieć używa tanh, nie sigmoidy.", en="this network uses tanh, not a sigmoid."
            ),
        ),
        Mistake(
            lambda x_t, s, W_x, W_h, b: np.tanh(x_t @ W_x.T + b),
            Message(
                pl="nowy stan nie zależy od starego: brakuje s @ W_h.T.",
                en="the new state does not depend on the old one: s @ W_h.T is missing.",
            ),
        ),
        Mistake(
            lambda x_t, s, W_x, W_h, b: np.tanh(x_t @ W_x.T + b) + s @ W_h.T,
            Message(
                pl="tanh obejmuje całą sumę, także s @ W_h.T.",
                en="tanh is taken of the whole sum, s @ W_h.T included.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- forward


def forward(
    x: np.ndarray,
    y: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    W_y: np.ndarray,
    b_y: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, float]:
    """Run the network along a batch of sequences and return states, logits, loss.

    Args:
        x: inputs, of shape (B, T, n).
        y: the right bits, of shape (B, T, 1).
        W_x: weights from the input, of shape (m, n).
        W_h: weights from the state, of shape (m, m).
        b: biases, of shape (m,).
        W_y: weights of the output, of shape (1, m).
        b_y: its bias, of shape (1,).

    Returns:
        The states, of shape (B, T + 1, m), the zero state first; the logits, of shape (B, T, 1);
        the mean over all bits of the cross-entropy, log(1 + exp(z)) - y z.
    """
    batch, time, _ = x.shape
    states = np.zeros((batch, time + 1, len(b)))
    for t in range(time):
        states[:, t + 1] = step(x[:, t], states[:, t], W_x, W_h, b)
    z = states[:, 1:] @ W_y.T + b_y  # (B, T, 1)
    return states, z, float(np.mean(np.logaddexp(0, z) - y * z))


def _forward_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time, n, m, size in ((4, 6, 2, 5, 1.0), (1, 3, 2, 4, 1.0), (3, 5, 2, 1, 5000.0)):
        x = rng.integers(0, 2, (batch, time, n)).astype(float)
        y = rng.integers(0, 2, (batch, time, 1)).astype(float)
        W_x, W_h, b = rng.normal(0, 1, (m, n)), rng.normal(0, 1, (m, m)), rng.normal(0, 1, m)
        # Large output weights overflow exp.
        W_y = size * (1 + rng.random((1, m))) * rng.choice([-1, 1], (1, m))
        b_y = rng.normal(0, 1, 1)
        yield x, y, W_x, W_h, b, W_y, b_y
        if size > 1:  # exp(z) overflows in one of the two, exp(-z) in the other
            yield x, y, W_x, W_h, b, -W_y, b_y


Forward = tuple[np.ndarray, np.ndarray, float]


def _forwarded(
    change: Callable[[np.ndarray, np.ndarray, np.ndarray, float], tuple[Any, ...]],
) -> Callable[..., tuple[Any, ...]]:
    """Return a ``forward`` whose results (and y) go through ``change(y, states, z, loss)``."""

    def wrong(x: np.ndarray, y: np.ndarray, *parameters: np.ndarray) -> tuple[Any, ...]:
        states, z, loss = forward(x, y, *parameters)  # type: ignore[call-arg]
        return change(y, states, z, loss)

    return wrong


def _forward_forgets(
    x: np.ndarray,
    y: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    W_y: np.ndarray,
    b_y: np.ndarray,
) -> Forward:
    states = np.zeros((len(x), x.shape[1] + 1, len(b)))
    states[:, 1:] = np.tanh(x @ W_x.T + b)
    z = states[:, 1:] @ W_y.T + b_y
    return states, z, float(np.mean(np.logaddexp(0, z) - y * z))


def _forward_reads_old(
    x: np.ndarray,
    y: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    W_y: np.ndarray,
    b_y: np.ndarray,
) -> Forward:
    states, _, _ = forward(x, y, W_x, W_h, b, W_y, b_y)
    z = states[:, :-1] @ W_y.T + b_y
    return states, z, float(np.mean(np.logaddexp(0, z) - y * z))


def _forward_time_for_batch(
    x: np.ndarray,
    y: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    W_y: np.ndarray,
    b_y: np.ndarray,
) -> np.ndarray:
    return step(x[0], np.zeros((len(x), len(b))), W_x, W_h, b)  # x[t] for x[:, t]


def _forward_no_output_bias(
    x: np.ndarray,
    y: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    W_y: np.ndarray,
    b_y: np.ndarray,
) -> Forward:
    return forward(x, y, W_x, W_h, b, W_y, 0 * b_y)


def _forward_untransposed(
    x: np.ndarray,
    y: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    W_y: np.ndarray,
    b_y: np.ndarray,
) -> np.ndarray:
    return forward(x, y, W_x, W_h, b, W_y, b_y)[0][:, 1:] @ W_y


def _forward_reads_every_state(
    x: np.ndarray,
    y: np.ndarray,
    W_x: np.ndarray,
    W_h: np.ndarray,
    b: np.ndarray,
    W_y: np.ndarray,
    b_y: np.ndarray,
) -> np.ndarray:
    return y * (forward(x, y, W_x, W_h, b, W_y, b_y)[0] @ W_y.T + b_y)


_FLAT = Message(
    pl="logity mają kształt (B, T, 1), jak y; bez ostatniej osi y * z zgłasza błąd albo, gdy "
    "B = T, po cichu rozszerza się do większej tablicy.",
    en="the logits have shape (B, T, 1), as y has; without the last axis y * z raises an error "
    "or, if B = T, silently broadcasts to a larger array.",
)

FORWARD = Exercise(
    "addition/forward",
    forward,
    _forward_cases,
    (
        Mistake(
            _forwarded(lambda y, states, z, loss: (states[:, 1:], z, loss)),
            Message(
                pl="brakuje stanu początkowego: states ma T + 1 stanów, a pierwszy to zera.",
                en="the initial state is missing: states has T + 1 states, the first is zeros.",
            ),
        ),
        Mistake(
            _forwarded(lambda y, states, z, loss: (states.swapaxes(0, 1), z, loss)),
            Message(
                pl="pierwszą osią jest porcja, czas jest drugą.",
                en="the first axis is the batch, time is the second.",
            ),
        ),
        Mistake(
            _forward_forgets,
            Message(
                pl="każdy krok zaczyna od zer: przekaż mu states[:, t].",
                en="every step starts from zeros: hand it states[:, t].",
            ),
        ),
        Mistake(
            _forward_reads_old,
            Message(
                pl="wyjście kroku t czyta nowy stan, states[:, t + 1], a nie stary.",
                en="the output of step t reads the new state, states[:, t + 1], not the old one.",
            ),
        ),
        Mistake(
            _forwarded(lambda y, states, z, loss: (states, sigmoid(z), loss)),
            Message(
                pl="zwróć logity, bez sigmoidy: jest już we wzorze straty.",
                en="return the logits, with no sigmoid: the formula of the loss contains it.",
            ),
        ),
        Mistake(
            _forwarded(lambda y, states, z, loss: (np.roll(states, -1, axis=1), z, loss)),
            Message(
                pl="stan początkowy jest na końcu, a ma być pierwszy: krok t czyta states[:, t], "
                "a zapisuje states[:, t + 1].",
                en="the initial state is last and should be first: step t reads states[:, t] and "
                "writes states[:, t + 1].",
            ),
        ),
        Mistake(
            _forwarded(lambda y, states, z, loss: (z, states, loss)),
            Message(
                pl="kolejność: stany, logity, strata.", en="the order: states, logits, the loss."
            ),
        ),
        Mistake(
            _forward_time_for_batch,
            Message(
                pl="pierwszą osią jest porcja: krok t to x[:, t], nie x[t].",
                en="the first axis is the batch: step t is x[:, t], not x[t].",
            ),
        ),
        Mistake(
            _forward_reads_every_state,
            Message(
                pl="stan początkowy nie ma wyjścia: logity czyta się ze states[:, 1:].",
                en="the initial state has no output: read the logits from states[:, 1:].",
            ),
        ),
        Mistake(
            _forward_untransposed,
            Message(
                pl="W_y ma kształt (1, m), a stany są wierszami: states[:, 1:] @ W_y.T.",
                en="W_y has shape (1, m) and the states are rows: states[:, 1:] @ W_y.T.",
            ),
        ),
        Mistake(
            _forward_no_output_bias,
            Message(
                pl="brakuje obciążenia wyjścia, b_y.", en="the bias of the output, b_y, is missing."
            ),
        ),
        Mistake(_forwarded(lambda y, states, z, loss: (states, z[:, :, 0], loss)), _FLAT),
        Mistake(_forwarded(lambda y, states, z, loss: (y * z[:, :, 0],)), _FLAT),
        Mistake(
            _forwarded(lambda y, states, z, loss: (states, z, loss * y.size)),
            Message(
                pl="strata to średnia ze wszystkich bitów, nie suma.",
                en="the loss is the mean over all bits, not the sum.",
            ),
        ),
        Mistake(
            _forwarded(lambda y, states, z, loss: (states, z, loss * y.shape[1])),
            Message(
                pl="uśredniamy po porcji i po czasie, nie tylko po porcji.",
                en="the mean is over the batch and over time, not over the batch alone.",
            ),
        ),
        Mistake(
            _forwarded(lambda y, states, z, loss: (states, z, loss * len(y))),
            Message(
                pl="uśredniamy po porcji i po czasie, nie tylko po czasie.",
                en="the mean is over the batch and over time, not over time alone.",
            ),
        ),
        Mistake(
            _forwarded(lambda y, states, z, loss: (states, z, np.logaddexp(0, z) - y * z)),
            Message(
                pl="to straty pojedynczych bitów: weź ich średnią, np.mean.",
                en="those are the losses of single bits: take their mean, np.mean.",
            ),
        ),
        Mistake(
            _forwarded(lambda y, states, z, loss: (states, z, np.mean((sigmoid(z) - y) ** 2))),
            Message(
                pl="to błąd kwadratowy; stratą jest entropia krzyżowa.",
                en="that is the squared error; the loss is the cross-entropy.",
            ),
        ),
        Mistake(
            _forwarded(
                lambda y, states, z, loss: (
                    states,
                    z,
                    float(np.mean(np.logaddexp(0, z) - y * sigmoid(z))),
                )
            ),
            Message(
                pl="w drugim składniku straty jest logit z, bez sigmoidy.",
                en="the second term of the loss has the logit z, without a sigmoid.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- backward step


def backward_step(d_s: np.ndarray, s: np.ndarray, W_h: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Go one step back: from dL/ds_t to dL/da_t and what it hands on to s_{t-1}.

    Args:
        d_s: the loss's derivative by s_t, all roads included, of shape (B, m).
        s: the state s_t = tanh(a_t), of shape (B, m).
        W_h: weights from the state, of shape (m, m).

    Returns:
        dL/da_t and the part of dL/ds_{t-1} that comes through a_t, both of shape (B, m).
    """
    d_a = d_s * (1 - s**2)
    return d_a, d_a @ W_h


def _backward_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, m in ((5, 3), (1, 4), (2, 1), (4, 6)):
        s = np.tanh(rng.normal(0, 1, (batch, m)))
        yield rng.normal(0, 1, (batch, m)), s, rng.normal(0, 1, (m, m))


def _backward_with(
    slope: Callable[[np.ndarray], Any],
) -> Callable[[np.ndarray, np.ndarray, np.ndarray], Arrays]:
    """Return a backward step with another slope of the activation."""

    def wrong(d_s: np.ndarray, s: np.ndarray, W_h: np.ndarray) -> Arrays:
        d_a = d_s * slope(s)
        return d_a, d_a @ W_h

    return wrong


_ROWS_BACK = Message(
    pl="przykłady są wierszami: W_hᵀ v to dla wiersza v iloczyn v @ W_h.",
    en="examples are rows: for a row v, W_hᵀ v is the product v @ W_h.",
)

BACKWARD = Exercise(
    "addition/backward_step",
    backward_step,
    _backward_cases,
    (
        Mistake(
            lambda d_s, s, W_h: (d_s * (1 - s**2), (d_s * (1 - s**2)) @ W_h.T),
            Message(
                pl="w przód było s @ W_h.T, więc wstecz jest d_a @ W_h, bez transpozycji.",
                en="forward it was s @ W_h.T, so backward it is d_a @ W_h, with no transpose.",
            ),
        ),
        Mistake(
            lambda d_s, s, W_h: (d_s * (1 - s**2), d_s @ W_h),
            Message(
                pl="dalej wstecz idzie d_a, nie d_s: droga prowadzi przez tanh.",
                en="what travels on is d_a, not d_s: the road leads through tanh.",
            ),
        ),
        Mistake(
            _backward_with(lambda s: 1 - np.tanh(s) ** 2),
            Message(
                pl="s jest już tangensem: pochodna to 1 − s².",
                en="s is a tanh already: the derivative is 1 − s².",
            ),
        ),
        Mistake(
            _backward_with(lambda s: s * (1 - s)),
            Message(
                pl="s(1 − s) to pochodna sigmoidy; pochodna tanh to 1 − s².",
                en="s(1 − s) is the slope of the sigmoid; that of tanh is 1 − s².",
            ),
        ),
        Mistake(
            _backward_with(lambda s: 1.0),
            Message(
                pl="brakuje pochodnej tanh, 1 − s².",
                en="the derivative of tanh, 1 − s², is missing.",
            ),
        ),
        Mistake(
            _backward_with(lambda s: 1 - s),
            Message(
                pl="pochodna tanh to 1 − s², z kwadratem.",
                en="the derivative of tanh is 1 − s², with a square.",
            ),
        ),
        Mistake(
            lambda d_s, s, W_h: backward_step(1.0 + 0 * d_s, s, W_h),
            Message(
                pl="brakuje d_s: to, co przyszło, mnoży się przez pochodną tanh.",
                en="d_s is missing: what has come is multiplied by the slope of tanh.",
            ),
        ),
        Mistake(
            lambda d_s, s, W_h: (d_s * (1 - s**2), d_s + d_s * (1 - s**2) @ W_h),
            Message(
                pl="do s_{t−1} wraca tylko d_a @ W_h; d_s dotyczy s_t i tu się kończy.",
                en="only d_a @ W_h returns to s_{t−1}; d_s is about s_t and ends here.",
            ),
        ),
        Mistake(lambda d_s, s, W_h: (d_s * (1 - s**2), W_h.T @ (d_s * (1 - s**2)).T), _ROWS_BACK),
        Mistake(
            lambda d_s, s, W_h: W_h.T @ d_s,  # d_s @ (1 - s**2) raises the same
            Message(
                pl="przykłady są wierszami: W_hᵀ v to dla wiersza v iloczyn v @ W_h. A ⊙ mnoży "
                "element po elemencie: * zamiast @.",
                en="examples are rows: for a row v, W_hᵀ v is the product v @ W_h. And ⊙ "
                "multiplies element by element: * instead of @.",
            ),
        ),
        Mistake(
            lambda d_s, s, W_h: backward_step(d_s, s, W_h)[::-1],
            Message(
                pl="najpierw pochodna po a_t, potem to, co wraca do s_{t−1}.",
                en="first the derivative by a_t, then what returns to s_{t−1}.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- BPTT


def bptt(
    x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Backpropagate through time and return dL/dW_x, dL/dW_h, dL/db.

    Args:
        x: inputs, of shape (B, T, n).
        states: of shape (B, T + 1, m), the initial state first.
        d_states: the loss's own derivative by s_1 … s_T (the direct road), of shape (B, T, m).
        W_h: weights from the state, of shape (m, m).

    Returns:
        Gradients of shapes (m, n), (m, m) and (m,), summed over the batch and over time.
    """
    m = len(W_h)
    d_W_x, d_W_h, d_b = np.zeros((m, x.shape[2])), np.zeros((m, m)), np.zeros(m)
    d_s = np.zeros_like(states[:, 0])
    for t in reversed(range(x.shape[1])):
        d_a, d_s = backward_step(d_s + d_states[:, t], states[:, t + 1], W_h)
        d_W_x += d_a.T @ x[:, t]
        d_W_h += d_a.T @ states[:, t]
        d_b += d_a.sum(axis=0)
    return d_W_x, d_W_h, d_b


def _bptt_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    for batch, time, n, m in ((4, 6, 2, 5), (1, 4, 2, 3), (3, 5, 1, 2), (5, 3, 2, 1)):
        states = np.tanh(rng.normal(0, 1, (batch, time + 1, m)))
        x, d_states = rng.normal(0, 1, (batch, time, n)), rng.normal(0, 1, (batch, time, m))
        yield x, states, d_states, rng.normal(0, 0.8, (m, m))


def _bptt_with(
    road: Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], np.ndarray],
) -> Callable[..., Arrays]:
    """Return the sums over a road of d_a, (B, T, m), made in another way."""

    def wrong(x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray) -> Arrays:
        d_a = road(x, states, d_states, W_h)
        return (
            np.einsum("btm,btn->mn", d_a, x),
            np.einsum("btm,btk->mk", d_a, states[:, :-1]),
            d_a.sum(axis=(0, 1)),
        )

    return wrong


def _road(
    x: np.ndarray,
    states: np.ndarray,
    d_states: np.ndarray,
    W_h: np.ndarray,
    *,
    cut: bool = False,
    direct: bool = True,
    early: int = 0,
    first: int = 0,
    forward: bool = False,
    transposed: bool = False,
) -> np.ndarray:
    """Return d_a at every step, (B, T, m), right or with one mistake."""
    d_a = np.zeros_like(d_states)
    d_s = np.zeros_like(d_states[:, 0])
    steps = range(first, x.shape[1])
    for t in steps if forward else reversed(steps):
        own = d_states[:, t] if direct or t == x.shape[1] - 1 else 0.0
        d_a[:, t] = (d_s + own) * (1 - states[:, t + 1 - early] ** 2)
        d_s = 0 * d_s if cut else d_a[:, t] @ (W_h.T if transposed else W_h)
    return d_a


def _bptt_new_states(
    x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray
) -> Arrays:
    d_W_x, _, d_b = bptt(x, states, d_states, W_h)
    d_a = _road(x, states, d_states, W_h)
    return d_W_x, np.einsum("btm,btk->mk", d_a, states[:, 1:]), d_b


def _bptt_overwrites(
    x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray
) -> Arrays:
    d_a = _road(x, states, d_states, W_h)[:, 0]
    return d_a.T @ x[:, 0], d_a.T @ states[:, 0], d_a.sum(axis=0)


def _bptt_changed(
    change: Callable[[np.ndarray, np.ndarray, np.ndarray, np.ndarray], Arrays],
) -> Callable[..., Arrays]:
    """Return a ``bptt`` whose results (and x) go through ``change(x, d_W_x, d_W_h, d_b)``."""

    def wrong(x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray) -> Arrays:
        return change(x, *bptt(x, states, d_states, W_h))

    return wrong


def _bptt_bias_rows(
    x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray
) -> Arrays:
    d_W_x, d_W_h, _ = bptt(x, states, d_states, W_h)
    return d_W_x, d_W_h, _road(x, states, d_states, W_h).sum(axis=1)


def _bptt_transposed_sum(
    x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray
) -> np.ndarray:
    d_W_x = np.zeros((len(W_h), x.shape[2]))
    d_W_x += x[:, 0].T @ d_states[:, 0]
    return d_W_x


def _road_exchanged(
    x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray
) -> np.ndarray:
    road, d_s = np.zeros_like(d_states), np.zeros_like(d_states[:, 0])
    for t in reversed(range(x.shape[1])):
        d_s, road[:, t] = backward_step(d_s + d_states[:, t], states[:, t + 1], W_h)
    return road


def _road_piles_up(
    x: np.ndarray, states: np.ndarray, d_states: np.ndarray, W_h: np.ndarray
) -> np.ndarray:
    road, d_s = np.zeros_like(d_states), np.zeros_like(d_states[:, 0])
    for t in reversed(range(x.shape[1])):
        d_s += d_states[:, t]
        road[:, t], back = backward_step(d_s, states[:, t + 1], W_h)
        d_s += back
    return road


_NOT_MEAN = Message(
    pl="po porcji i po czasie sumujemy: dzielenie przez liczbę bitów jest już w d_states.",
    en="sum over the batch and over time: d_states already holds the division by the number of "
    "bits.",
)
_WEIGHT_SHAPE = Message(
    pl="gradient ma kształt swojej wagi: d_a.T @ x[:, t] daje (m, n).",
    en="a gradient has its weight's shape: d_a.T @ x[:, t] gives (m, n).",
)

BPTT = Exercise(
    "addition/bptt",
    bptt,
    _bptt_cases,
    (
        Mistake(
            _bptt_with(lambda *given: _road(*given, cut=True)),
            Message(
                pl="gradient nie wraca w czasie: do d_states[:, t] dodaj drugą tablicę, którą "
                "backward_step zwrócił w kroku t + 1.",
                en="the gradient does not travel back in time: add to d_states[:, t] the second "
                "array that backward_step returned at step t + 1.",
            ),
        ),
        Mistake(
            _bptt_with(lambda *given: _road(*given, direct=False)),
            Message(
                pl="każdy krok ma własną stratę: d_states[:, t] dochodzi w każdym t, nie tylko "
                "w ostatnim.",
                en="every step has its own loss: d_states[:, t] joins at every t, not only at the "
                "last.",
            ),
        ),
        Mistake(
            _bptt_with(lambda *given: _road(*given, early=1)),
            Message(
                pl="pochodna tanh jest w nowym stanie, states[:, t + 1]; states[:, 0] to stan "
                "początkowy.",
                en="the slope of tanh belongs to the new state, states[:, t + 1]; states[:, 0] is "
                "the initial state.",
            ),
        ),
        Mistake(
            _bptt_with(lambda *given: _road(*given, forward=True)),
            Message(
                pl="wstecz znaczy od ostatniego kroku: for t in reversed(range(T)).",
                en="backward means from the last step: for t in reversed(range(T)).",
            ),
        ),
        Mistake(
            _bptt_with(lambda *given: _road(*given, transposed=True)),
            Message(
                pl="wstecz wraca d_a @ W_h, bez transpozycji.",
                en="what returns is d_a @ W_h, with no transpose.",
            ),
        ),
        Mistake(
            _bptt_new_states,
            Message(
                pl="W_h mnożyło stary stan: d_a.T @ states[:, t], nie states[:, t + 1].",
                en="W_h multiplied the old state: d_a.T @ states[:, t], not states[:, t + 1].",
            ),
        ),
        Mistake(
            _bptt_overwrites,
            Message(
                pl="gradienty kroków trzeba dodawać (+=); tu został tylko krok 0.",
                en="the steps' gradients must be added (+=); here only step 0 is left.",
            ),
        ),
        Mistake(
            _bptt_changed(lambda x, *three: tuple(g / len(x) for g in three)),
            _NOT_MEAN,
        ),
        Mistake(
            _bptt_changed(lambda x, *three: tuple(g / x.shape[1] for g in three)),
            _NOT_MEAN,
        ),
        Mistake(
            _bptt_changed(lambda x, *three: tuple(g / x[:, :, 0].size for g in three)),
            _NOT_MEAN,
        ),
        Mistake(
            _bptt_changed(lambda x, d_W_x, d_W_h, d_b: (d_W_x, d_W_h, d_b / len(x))), _NOT_MEAN
        ),
        Mistake(_bptt_changed(lambda x, d_W_x, d_W_h, d_b: (d_W_x.T, d_W_h.T, d_b)), _WEIGHT_SHAPE),
        Mistake(_bptt_transposed_sum, _WEIGHT_SHAPE),
        Mistake(
            _bptt_changed(lambda x, d_W_x, d_W_h, d_b: (d_W_h, d_W_x, d_b)),
            Message(pl="kolejność: W_x, W_h, b.", en="the order: W_x, W_h, b."),
        ),
        Mistake(
            _bptt_bias_rows,
            Message(
                pl="b jest jedno dla całej porcji: d_a.sum(axis=0) ma kształt (m,).",
                en="there is one b for the whole batch: d_a.sum(axis=0) has shape (m,).",
            ),
        ),
        Mistake(
            _bptt_with(_road_exchanged),
            Message(
                pl="backward_step zwraca najpierw pochodną po a_t, potem to, co wraca.",
                en="backward_step returns the derivative by a_t first, then what goes back.",
            ),
        ),
        Mistake(
            _bptt_with(_road_piles_up),
            Message(
                pl="to, co wraca z kroku t, zastępuje poprzednie, a nie dodaje się do niego.",
                en="what returns from step t replaces the previous one, it is not added to it.",
            ),
        ),
        Mistake(
            _bptt_with(lambda *given: _road(*given, first=1)),
            Message(
                pl="pętla kończy się za wcześnie: krok 0 też wnosi swoją część.",
                en="the loop ends too early: step 0 contributes its share as well.",
            ),
        ),
        Mistake(
            _bptt_with(lambda x, states, d_states, W_h: 0 * d_states),
            Message(
                pl="wszystko wyszło zerem, bo d_states nie wchodzi do sumy: w kroku t dodaj "
                "d_states[:, t].",
                en="all came out as zero, because d_states is not in the sum: add d_states[:, t] "
                "at step t.",
            ),
        ),
        Mistake(
            _bptt_changed(lambda x, d_W_x, d_W_h, d_b: (d_W_x, d_W_h.T, d_b)),
            Message(
                pl="gradient W_h jest transponowany: wiersze to d_a, kolumny to stary stan.",
                en="the gradient of W_h is transposed: rows are d_a, columns the old state.",
            ),
        ),
    ),
)

# --------------------------------------------------------------------------- numerical gradient

Loss = Callable[[np.ndarray], float]


def numerical_gradient(loss: Loss, w: np.ndarray, eps: float) -> np.ndarray:
    """Return central differences of a loss by every number of w, of the shape of w.

    Args:
        loss: a function of an array of the shape of w.
        w: where to take the differences, of any shape; it is not changed.
        eps: how far to move each number to both sides.
    """
    out = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        moved = w.astype(float)  # a copy
        moved[i] = w[i] + eps
        above = loss(moved)
        moved[i] = w[i] - eps
        out[i] = (above - loss(moved)) / (2 * eps)
    return out


def _curved_loss(factors: np.ndarray, shape: tuple[int, ...]) -> Loss:
    """Return a loss with much curvature whose numbers act on one another."""

    def loss(w: np.ndarray) -> float:
        if np.shape(w) != shape:
            raise ValueError(f"loss needs an array of shape {shape}, got {np.shape(w)}")
        return float(np.sum(factors * w**3) + np.sum(factors * w) ** 2 + np.sum(w**2))

    return loss


def _numerical_cases(rng: np.random.Generator) -> Iterator[Arguments]:
    # Multiples of 1/64, so that w += eps, w -= 2 * eps, w += eps leaves w exactly as it was.
    for shape, eps in (((3, 4), 0.125), ((1,), 0.3125), ((2, 1, 3), 0.1875), ((5,), 0.15625)):
        factors = rng.choice([-1, 1], shape) * rng.uniform(1, 2, shape)
        yield _curved_loss(factors, shape), rng.integers(32, 65, shape) / 64, eps


def _one_sided(loss: Loss, w: np.ndarray, eps: float) -> np.ndarray:
    out = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        moved = w.copy()
        moved[i] += eps
        out[i] = (loss(moved) - loss(w)) / eps
    return out


def _never_restored(loss: Loss, w: np.ndarray, eps: float) -> np.ndarray:
    out, moved = np.zeros(w.shape), w.copy()
    for i in np.ndindex(w.shape):
        moved[i] += eps
        above = loss(moved)
        moved[i] -= 2 * eps
        out[i] = (above - loss(moved)) / (2 * eps)
    return out


def _returned_half_way(loss: Loss, w: np.ndarray, eps: float) -> np.ndarray:
    out = np.zeros(w.shape)
    for i in np.ndindex(w.shape):
        moved = w.copy()
        moved[i] += eps
        above = loss(moved)
        moved[i] -= eps
        out[i] = (above - loss(moved)) / (2 * eps)
    return out


def _whole_rows(loss: Loss, w: np.ndarray, eps: float) -> np.ndarray:
    out = np.zeros(w.shape)
    for i in range(len(w)):
        above, below = w.copy(), w.copy()
        above[i] += eps
        below[i] -= eps
        out[i] = (loss(above) - loss(below)) / (2 * eps)
    return out


_ONE_AT_A_TIME = Message(
    pl="ruszaj po jednej liczbie: przesunięcie wszystkich naraz daje sumę pochodnych.",
    en="move one number at a time: moving all at once gives the sum of derivatives.",
)


def _all_at_once(loss: Loss, w: np.ndarray, eps: float) -> np.ndarray:
    return np.full(w.shape, (loss(w + eps) - loss(w - eps)) / (2 * eps))


NUMERICAL = Exercise(
    "addition/numerical",
    numerical_gradient,
    _numerical_cases,
    (
        Mistake(
            _one_sided,
            Message(
                pl="to różnica jednostronna; centralna odejmuje loss(w − eps) i dzieli przez "
                "2·eps, a jej błąd maleje z kwadratem eps.",
                en="that is a one-sided difference; the central one subtracts loss(w − eps) and "
                "divides by 2·eps, and its error shrinks with the square of eps.",
            ),
        ),
        Mistake(
            _never_restored,
            Message(
                pl="po każdej liczbie przywróć jej starą wartość, inaczej następna różnica liczona "
                "jest w innym miejscu.",
                en="put each number back before the next one, or the next difference is taken "
                "somewhere else.",
            ),
        ),
        Mistake(
            _returned_half_way,
            Message(
                pl="z w + eps do w − eps jest 2·eps: po odjęciu jednego eps wracasz do w.",
                en="from w + eps to w − eps is 2·eps: subtracting one eps brings you back to w.",
            ),
        ),
        Mistake(
            lambda loss, w, eps: np.zeros(w.shape),
            Message(
                pl="same zera: obie straty policzono w tym samym miejscu. Samo up = w nie robi "
                "kopii; robi ją w.copy().",
                en="all zeros: both losses were taken in the same place. up = w alone makes no "
                "copy; w.copy() does.",
            ),
        ),
        Mistake(_all_at_once, _ONE_AT_A_TIME),
        Mistake(lambda loss, w, eps: (loss(w + eps) - loss(w - eps)) / (2 * eps), _ONE_AT_A_TIME),
        Mistake(
            _whole_rows,
            Message(
                pl="w[i] to cały wiersz; np.ndindex(w.shape) przechodzi po pojedynczych liczbach.",
                en="w[i] is a whole row; np.ndindex(w.shape) goes through single numbers.",
            ),
        ),
        Mistake(
            lambda loss, w, eps: numerical_gradient(loss, w, eps) * eps**2,
            Message(
                pl="a / 2 * eps to (a / 2) · eps: dzielnik 2 * eps weź w nawias.",
                en="a / 2 * eps is (a / 2) · eps: put the divisor 2 * eps into parentheses.",
            ),
        ),
        Mistake(
            lambda loss, w, eps: 2 * numerical_gradient(loss, w, eps),
            Message(
                pl="punkty dzieli 2·eps, więc przez tyle trzeba dzielić.",
                en="the two points are 2·eps apart, so divide by that.",
            ),
        ),
        Mistake(
            lambda loss, w, eps: numerical_gradient(loss, w, eps).ravel(),
            Message(
                pl="gradient ma mieć kształt w.",
                en="the gradient has the shape of w.",
            ),
        ),
        Mistake(
            lambda loss, w, eps: -numerical_gradient(loss, w, eps),
            Message(
                pl="znak jest odwrócony: loss(w + eps) − loss(w − eps).",
                en="the sign is wrong: loss(w + eps) − loss(w − eps).",
            ),
        ),
        Mistake(
            lambda loss, w, eps: numerical_gradient(loss, w, 1e-6),
            Message(
                pl="eps jest argumentem: użyj tego, który podano.",
                en="eps is an argument: use the one that is given.",
            ),
        ),
    ),
)

#: The lab's exercises by name, in its order.
EXERCISES: dict[str, Exercise] = {
    exercise.name: exercise for exercise in (ENCODE, STEP, FORWARD, BACKWARD, BPTT, NUMERICAL)
}
