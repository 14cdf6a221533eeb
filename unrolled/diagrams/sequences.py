"""The diagrams of lecture 01, Sequences and state."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from unrolled.data import airline
from unrolled.diagrams.canvas import BODY, Canvas, Point, diagram
from unrolled.palette import (
    CANDIDATE,
    FORGET,
    INK,
    LINK,
    MUTED,
    NAVY,
    OUTPUT,
    OUTPUT_FILL,
    PANEL,
    PAPER,
    RULE,
    STATE,
    STATE_FILL,
)

EQUALS = (r"\;=\;", INK)


def _tag(
    c: Canvas,
    x: float,
    y: float,
    text: str,
    *,
    width: float = 130,
    height: float = 60,
    edge: str = NAVY,
    fill: str = PANEL,
    size: float = 27,
) -> None:
    """Draw a box with a word or a symbol in it."""
    c.box(x, y, width, height, edge=edge, fill=fill)
    if text.startswith("$"):
        c.symbol(x, y, text, size=36, colour=edge)
    elif text:
        c.text(x, y, text, size=size, colour=INK, weight=600)


def _output(c: Canvas, x: float, y: float, text: str, *, width: float = 130) -> None:
    _tag(c, x, y, text, width=width, edge=OUTPUT, fill=OUTPUT_FILL)


def _state(c: Canvas, x: float, y: float, text: str = "", *, width: float = 104) -> None:
    _tag(c, x, y, text, width=width, height=76, edge=STATE, fill=STATE_FILL)


def _words(c: Canvas, *, pl: str, en: str) -> list[str]:
    """Return the words of the canvas' language; ``|`` divides them, ``-`` is an empty place."""
    return ["" if word == "-" else word for word in c.say(pl=pl, en=en).split("|")]


# --- data with order ----------------------------------------------------------------------------


@diagram("ordered-data", height=490)
def ordered_data(c: Canvas) -> None:
    """A series, a text and a sound along one axis of time."""
    left, right = 230, 1110
    rows = {"series": 400, "text": 245, "sound": 105}
    for row, name, unit in (
        ("series", c.say(pl="szereg", en="a series"), c.say(pl="liczba na miesiąc", en="monthly")),
        ("text", c.say(pl="tekst", en="a text"), c.say(pl="słowo po słowie", en="word by word")),
        ("sound", c.say(pl="dźwięk", en="a sound"), c.say(pl="próbka po próbce", en="by samples")),
    ):
        c.text(20, rows[row] + 18, name, size=32, weight=600, colour=NAVY, align="left")
        c.text(20, rows[row] - 20, unit, size=24, colour=MUTED, align="left")
    passengers = airline().passengers[-60:]
    low, high = passengers.min(), passengers.max()
    xs = np.linspace(left, right, len(passengers))
    ys = rows["series"] - 58 + 120 * (passengers - low) / (high - low)
    c.line(_points(xs, ys), colour=OUTPUT, width=4)
    words = _words(c, pl="nie|nudny|tylko|zabawny", en="not|boring|but|funny")
    for i, word in enumerate(words):
        x = left + 95 + 230 * i
        _tag(c, x, rows["text"], word, width=190, height=66, size=30)
        if i < len(words) - 1:
            c.arrow((x + 95, rows["text"]), (x + 135, rows["text"]), colour=MUTED)
    t = np.linspace(0, 1, 420)
    wave = np.sin(90 * t) * np.exp(-((t - 0.3) ** 2) / 0.02)
    wave += 0.7 * np.sin(140 * t) * np.exp(-((t - 0.72) ** 2) / 0.015)
    c.line(
        _points(left + t * (right - left), rows["sound"] + 52 * wave), colour=CANDIDATE, width=2.5
    )
    c.arrow((left, 26), (right + 20, 26), colour=INK)
    c.text(left - 16, 26, c.say(pl="czas", en="time"), colour=INK, align="right")


def _points(xs: np.ndarray, ys: np.ndarray) -> list[Point]:
    return [(float(x), float(y)) for x, y in zip(xs, ys, strict=True)]


@diagram("padded-batch", height=262)
def padded_batch(c: Canvas) -> None:
    """Three sentences of different lengths as one array, filled up with zeros."""
    wide, high, left, top = 158, 52, 300, 184
    sentences = (
        _words(c, pl="nie|nudny|tylko|zabawny", en="not|boring|but|funny"),
        _words(c, pl="świetny|seans|-|-", en="great|film|-|-"),
        _words(c, pl="nuda|-|-|-", en="boring|-|-|-"),
    )
    for i, sentence in enumerate(sentences):
        y = top - 62 * i
        for j, word in enumerate(sentence):
            x = left + (wide + 10) * j
            if word:
                _tag(c, x, y, word, width=wide, height=high)
            else:
                c.cell(x, y, "0", width=wide, height=high, dim=True, size=25)
    start, end = left - wide / 2, left + 3 * (wide + 10) + wide / 2
    c.arrow((start, top + 44), (end, top + 44), colour=MUTED)
    c.code(start - 78, top + 44, "time")
    c.arrow((start - 26, top + 26), (start - 26, top - 124 - 26), colour=MUTED)
    c.code(start - 96, top - 62, "batch")
    vector = end + 120
    c.arrow((end, top), (vector - 54, top), colour=CANDIDATE)
    for j, value in enumerate((-0.6, 0.1, 0.8)):
        c.cell(vector, top - 46 * j, c.number(value, 1), "candidate", width=92, height=46, size=25)
    c.code(vector + 74, top - 46, "n")


# --- kinds of tasks -----------------------------------------------------------------------------


def _task(
    c: Canvas,
    xs: Sequence[float],
    inputs: Sequence[str],
    outputs: Sequence[str],
    *,
    width: float = 140,
    y: float = 215,
    gap: float = 140,
) -> None:
    """Draw a task: inputs below, states in a row, outputs above; an empty word is no box."""
    for a, b in itertools.pairwise(xs):
        c.arrow((a + 52, y), (b - 52, y), colour=STATE, width=3.5)
    for x, word, answer in zip(xs, inputs, outputs, strict=True):
        _state(c, x, y)
        if word:
            c.arrow((x, y - gap + 30), (x, y - 38), colour=NAVY)
            _tag(c, x, y - gap, word, width=width)
        if answer:
            c.arrow((x, y + 38), (x, y + gap - 30), colour=OUTPUT)
            _output(c, x, y + gap, answer, width=width)


def _rows(c: Canvas, y: float = 215, gap: float = 140) -> None:
    """Name the three rows at the left edge."""
    c.text(20, y + gap, c.say(pl="odpowiedź", en="answer"), colour=OUTPUT, align="left")
    c.text(20, y, c.say(pl="stan", en="state"), colour=STATE, align="left")
    c.text(20, y - gap, c.say(pl="dane", en="data"), colour=NAVY, align="left")


def _caption(c: Canvas, text: str, x: float | None = None) -> None:
    c.text(c.width / 2 + 60 if x is None else x, 22, text, size=28, colour=MUTED)


@diagram("task-one", height=460)
def task_one(c: Canvas) -> None:
    """One to one, and one to many."""
    _rows(c, y=235)
    photo = c.say(pl="zdjęcie", en="photo")
    _task(c, [290], [photo], [c.say(pl="pies", en="dog")], y=235)
    _caption(c, c.say(pl="jedno → jedno: bez ciągu", en="one → one: no sequence"), 290)
    caption = _words(c, pl="pies|na|śniegu", en="dog|in|snow")
    _task(c, [600, 800, 1000], [photo, "", ""], caption, y=235)
    _caption(c, c.say(pl="jedno → wiele: podpis zdjęcia", en="one → many: a caption"), 800)
    c.line([(450, 20), (450, 445)], colour=RULE)


@diagram("task-many-one", height=460)
def task_many_one(c: Canvas) -> None:
    """Many to one: an opinion about a whole review."""
    _rows(c, y=235)
    words = _words(c, pl="film|mnie|bardzo|porwał", en="I|really|loved|it")
    answers = _words(c, pl="-|-|-|pochwała", en="-|-|-|praise")
    _task(c, [300, 540, 780, 1020], words, answers, width=170, y=235)
    _caption(
        c,
        c.say(pl="wiele → jedno: czytamy tylko ostatni stan", en="many → one: read the last state"),
    )


@diagram("task-many-aligned", height=460)
def task_many_aligned(c: Canvas) -> None:
    """Many to many, one answer for each step: parts of speech."""
    _rows(c, y=235)
    words = _words(c, pl="mały|kot|głośno|mruczy", en="small|cats|purr|loudly")
    answers = _words(
        c,
        pl="przymiotnik|rzeczownik|przysłówek|czasownik",
        en="adjective|noun|verb|adverb",
    )
    _task(c, [300, 540, 780, 1020], words, answers, width=185, y=235)
    _caption(
        c,
        c.say(
            pl="wiele → wiele, krok w krok: jedna odpowiedź na słowo",
            en="many → many, aligned: one answer for each word",
        ),
    )


@diagram("task-many-free", height=460)
def task_many_free(c: Canvas) -> None:
    """Many to many of another length: translation reads first and writes then."""
    _rows(c, y=235)
    words = _words(c, pl="kot|śpi|-|-|-", en="cats|sleep|-|-|-")
    answers = _words(c, pl="-|-|the|cat|sleeps", en="-|-|les|chats|dorment")
    _task(c, [250, 440, 660, 850, 1040], words, answers, width=140, y=235)
    c.line([(550, 60), (550, 445)], colour=RULE)
    c.text(345, 436, c.say(pl="najpierw czyta", en="reads first"), size=28, colour=NAVY)
    c.text(850, 436, c.say(pl="potem pisze", en="then writes"), size=28, colour=OUTPUT)
    _caption(
        c,
        c.say(
            pl="wiele → wiele, długości dowolne: tłumaczenie",
            en="many → many, any lengths: translation",
        ),
    )


@diagram("task-kinds", height=330)
def task_kinds(c: Canvas) -> None:
    """The five kinds side by side."""
    y, gap, step = 195, 92, 58
    kinds = (
        (80, "1", "1", "1 → 1"),
        (270, "100", "111", "1 → T"),
        (525, "111", "001", "T → 1"),
        (780, "111", "111", "T → T"),
        (1030, "11000", "00111", "T → T′"),
    )
    names = _words(
        c,
        pl="bez ciągu|jedno → wiele|wiele → jedno|krok w krok|dowolne długości",
        en="no sequence|one → many|many → one|aligned|any lengths",
    )
    for (centre, ins, outs, kind), name in zip(kinds, names, strict=True):
        pitch = step if len(ins) < 5 else 46
        xs = [centre + pitch * (i - (len(ins) - 1) / 2) for i in range(len(ins))]
        for a, b in itertools.pairwise(xs):
            c.line([(a, y), (b, y)], colour=STATE, width=3.5)
        for x, one, two in zip(xs, ins, outs, strict=True):
            if one == "1":
                c.arrow((x, y - gap + 20), (x, y - 22), colour=NAVY)
                c.box(x, y - gap, 38, 40, edge=NAVY, fill=PANEL, radius=7)
            if two == "1":
                c.arrow((x, y + 22), (x, y + gap - 20), colour=OUTPUT)
                c.box(x, y + gap, 38, 40, edge=OUTPUT, fill=OUTPUT_FILL, radius=7)
            c.box(x, y, 38, 44, edge=STATE, fill=STATE_FILL, radius=7)
        c.text(centre, 58, kind, size=28, weight=600, colour=INK)
        c.text(centre, 24, name, size=24, colour=MUTED)


# --- from text to numbers -----------------------------------------------------------------------


@diagram("text-to-vectors", height=490)
def text_to_vectors(c: Canvas) -> None:
    """Text, tokens, numbers, vectors."""
    rows = {"text": 445, "tokens": 335, "ids": 225, "vectors": 88}
    right = 270
    for row, label in (
        ("text", c.say(pl="tekst", en="text")),
        ("tokens", c.say(pl="tokeny", en="tokens")),
        ("ids", c.say(pl="numery w słowniku", en="numbers in a vocabulary")),
        ("vectors", c.say(pl="wektory", en="vectors")),
    ):
        c.text(right, rows[row], label, colour=NAVY, align="right")
    xs = [400, 610, 820, 1030]
    sentence = c.say(pl="„Nie nudny, tylko zabawny”", en="“Not boring, but funny”")
    c.text(sum(xs) / 4, rows["text"], sentence, size=34, weight=600)
    words = _words(c, pl="nie|nudny|tylko|zabawny", en="not|boring|but|funny")
    rng = np.random.default_rng(4)
    for x, word, number in zip(xs, words, (7, 41, 12, 3), strict=True):
        c.arrow((x, rows["text"] - 30), (x, rows["tokens"] + 32), colour=MUTED)
        _tag(c, x, rows["tokens"], word, width=170)
        c.arrow((x, rows["tokens"] - 30), (x, rows["ids"] + 32), colour=MUTED)
        c.cell(x, rows["ids"], c.number(number), width=90)
        c.arrow((x, rows["ids"] - 28), (x, rows["vectors"] + 72), colour=MUTED)
        for j, value in enumerate(rng.uniform(-1, 1, 3)):
            c.cell(
                x, rows["vectors"] + 44 - 44 * j, c.number(value, 1),
                "candidate", width=96, height=44, size=25,
            )  # fmt: skip


@diagram("tokens", height=430)
def tokens(c: Canvas) -> None:
    """One word cut into characters, subwords and left whole."""
    left, right = 280, 1140
    word = c.say(pl="niezapomniany", en="unforgettable")
    cuts = (
        ("characters", 345, list(word)),
        ("subwords", 215, _words(c, pl="nie|za|pomni|any", en="un|for|get|table")),
        ("words", 85, [word + "."]),
    )
    names = _words(c, pl="znaki|podsłowa|słowa", en="characters|subwords|words")
    hints = _words(
        c,
        pl="słownik mały, ciąg długi|coś pośredniego|słownik ogromny, ciąg krótki",
        en="small vocabulary, long sequence|in between|huge vocabulary, short sequence",
    )
    for (_, y, pieces), name, hint in zip(cuts, names, hints, strict=True):
        c.text(20, y, name, size=32, weight=600, colour=NAVY, align="left")
        total, x = sum(map(len, pieces)), float(left)
        gap = 10
        unit = (right - left - gap * (len(pieces) - 1)) / total
        for piece in pieces:
            width = unit * len(piece)
            text = piece.rstrip(".")
            _tag(c, x + width / 2, y, text, width=width, height=66, size=34)
            x += width + gap
        c.text(left, y - 56, hint, size=25, colour=MUTED, align="left")


@diagram("one-hot-rows", height=480)
def one_hot_rows(c: Canvas) -> None:
    """A sentence as a matrix: one row for each token, with a single one in it."""
    _one_hots(c, total=False)


@diagram("one-hot-sum", height=480)
def one_hot_sum(c: Canvas) -> None:
    """The rows of the same matrix fall together into their sum: the bag of words."""
    _one_hots(c, total=True)


def _one_hots(c: Canvas, *, total: bool) -> None:
    left, top, wide, high, pitch = 440, 370, 130, 56, 66
    vocabulary = _words(c, pl="bardzo|dobry|film|jest|nie", en="very|good|movie|is|not")
    sentence = (0, 0, 1, 2)
    for j, word in enumerate(vocabulary):
        c.text(left + wide * j, top + 62, word, size=28, colour=NAVY)
    for t, chosen in enumerate(sentence, 1):
        y = top - pitch * (t - 1)
        c.symbol(90, y, f"$x_{t}$", size=36, colour=CANDIDATE)
        _tag(c, 240, y, vocabulary[chosen], width=170, height=high)
        for j in range(len(vocabulary)):
            on = j == chosen
            c.cell(
                left + wide * j, y, c.number(int(on)), "candidate" if on else None,
                width=wide - 14, height=high, dim=not on,
            )  # fmt: skip
    bottom = top - 3 * pitch - high / 2
    if not total:
        c.text(left + 2 * wide, bottom - 50, "$(T, |V|)$", size=36, colour=MUTED)
        c.text(left + 2 * wide, bottom - 100,
               c.say(pl="jeden wiersz na token, w każdym jedna jedynka",
                     en="one row for each token, a single one in each"), colour=INK)  # fmt: skip
        return
    y = 50
    for j in range(len(vocabulary)):
        count = sentence.count(j)
        x = left + wide * j
        c.arrow((x, bottom - 4), (x, y + high / 2 + 4), colour=STATE, width=3.5)
        c.cell(x, y, c.number(count), "state" if count else None, width=wide - 14, height=high,
               dim=not count)  # fmt: skip
    c.symbol(90, y, "$s_4$", size=40, colour=STATE)
    c.text(240, y, c.say(pl="suma wierszy", en="sum of the rows"), colour=STATE)


@diagram("embedding-row", height=500)
def embedding_row(c: Canvas) -> None:
    """A one-hot row times a matrix takes one row out of it."""
    rng = np.random.default_rng(1)
    matrix = rng.uniform(-1, 1, (5, 3))
    chosen, pitch, wide, high = 2, 60, 92, 54
    top, hot, left, out = 366, 42, 520, 876
    words = _words(c, pl="film|jest|dobry|nie|nudny", en="movie|is|good|not|boring")
    middle = top - pitch * chosen
    for i, word in enumerate(words):
        y = top - pitch * i
        on = i == chosen
        colour, weight = (INK, 600) if on else (MUTED, 400)
        c.cell(hot + 60 * i, middle, c.number(int(on)), "input" if on else None, width=56,
               height=high, dim=not on)  # fmt: skip
        c.text(left - 66, y, word, size=27, align="right", weight=weight, colour=colour)
        for j in range(3):
            c.cell(
                left + 96 * j, y, c.number(matrix[i, j], 1), "candidate" if on else None,
                width=wide, height=high, dim=not on,
            )  # fmt: skip
    c.symbol(hot + 306, middle, r"$\times$", size=44)
    c.symbol((left + 192 + out) / 2, middle, "$=$", size=44)
    for j in range(3):
        c.cell(out + 96 * j, middle, c.number(matrix[chosen, j], 1), "candidate",
               width=wide, height=high)  # fmt: skip
    places = (hot + 2 * 60, left + 96, out + 96)
    names = (
        (c.say(pl="one-hot tokenu", en="the token’s one-hot"), INK),
        (c.say(pl="macierz zanurzeń", en="embedding matrix"), INK),
        (c.say(pl="wektor tokenu", en="the token’s vector"), CANDIDATE),
    )
    symbols = ((r"$e_{w_t}$", INK), ("$E$", INK), ("$x_t$", CANDIDATE))
    shapes = ("(1, |V|)", "(|V|, n)", "(1, n)")
    for x, (name, colour), (symbol, tone), shape in zip(
        places, names, symbols, shapes, strict=True
    ):
        c.text(x, top + 100, name, colour=colour)
        c.text(x, top + 54, symbol, size=36, colour=tone)
        c.text(x, 46, f"${shape}$", size=34, colour=MUTED)


# --- the general recurrent model ----------------------------------------------------------------


def _model(c: Canvas, build: int) -> None:
    """Draw the general recurrent model in one of three builds."""
    y, v, s, out = 220, 150, 520, 900
    c.role_box(v, y, "$x_t$", "candidate", width=170)
    c.text(v, y - 70, c.say(pl="wektor tokenu", en="the token’s vector"), colour=CANDIDATE)
    c.text(v, y + 66, "$(n)$", size=30, colour=MUTED)
    c.pipe((v + 85, y), (s - 88, y), role="candidate", width=24)
    _tag(c, s, y + 20, "", width=170, height=150, edge=STATE, fill=STATE_FILL)
    c.symbol(s, y + 20, "$R$", size=54, colour=STATE)
    pieces = [("s_t", STATE), EQUALS, ("R(", STATE)]
    if build == 1:
        c.text(s, y - 84, c.say(pl="czyta jeden token", en="reads one token"), colour=STATE)
        pieces += [("x_t", CANDIDATE), (")", STATE)]
    else:
        top = y + 186
        c.pipe(
            (s + 85, y + 66), (s + 165, y + 66), (s + 165, top), (s - 165, top),
            (s - 165, y + 66), (s - 88, y + 66),
            role="state", width=24, chevrons=False,
        )  # fmt: skip
        c.role_box(s, top, "$s_{t-1}$", "state", width=150, height=72)
        c.text(s + 190, top, c.say(pl="stan wraca", en="the state returns"), colour=STATE,
               align="left")  # fmt: skip
        c.text(s + 190, top - 36, "$(m)$", size=30, colour=MUTED, align="left")
        c.text(s, y - 84, c.say(pl="nowe + pamięć", en="the new + memory"), colour=STATE)
        pieces += [("s_{t-1}", STATE), (r",\,", INK), ("x_t", CANDIDATE), (")", STATE)]
    if build == 3:
        c.pipe((s + 85, y - 20), (out - 78, y - 20), role="state", width=24)
        c.symbol((s + 85 + out - 78) / 2 + 45, y + 18, "$s_t$", size=36, colour=STATE)
        _tag(c, out, y - 20, "", width=150, height=96, edge=OUTPUT, fill=OUTPUT_FILL)
        c.symbol(out, y - 20, "$O$", size=50, colour=OUTPUT)
        c.arrow((out + 75, y - 20), (out + 140, y - 20), colour=OUTPUT, width=4)
        c.symbol(out + 172, y - 20, "$y_t$", size=44, colour=OUTPUT)
        c.text(out, y - 96, c.say(pl="odczyt", en="the readout"), colour=OUTPUT)
        pieces += [(r"\qquad", INK), ("y_t", OUTPUT), EQUALS, ("O(", OUTPUT), ("s_t", STATE),
                   (")", OUTPUT)]  # fmt: skip
    else:
        c.pipe((s + 85, y - 20), (out - 108, y - 20), role="state", width=24)
        c.symbol(out - 72, y - 20, "$s_t$", size=44, colour=STATE)
        c.text(out - 72, y - 72, "$(m)$", size=30, colour=MUTED)
        remark = (
            _words(
                c,
                pl="to samo słowo:|zawsze ten sam stan",
                en="the same word:|always the same state",
            )
            if build == 1
            else _words(
                c,
                pl="to samo słowo,|inna przeszłość:|inny stan",
                en="the same word,|another past:|another state",
            )
        )
        c.lines(out + 110, y + 70, remark, size=BODY + 1, colour=INK)
    c.formula(c.width / 2, 46, pieces)


@diagram("model-1", height=480)
def model_1(c: Canvas) -> None:
    """R reads one token’s vector."""
    _model(c, 1)


@diagram("model-2", height=480)
def model_2(c: Canvas) -> None:
    """The state comes back as the second input of R."""
    _model(c, 2)


@diagram("model-3", height=480)
def model_3(c: Canvas) -> None:
    """O reads an output from the state."""
    _model(c, 3)


@diagram("model-unrolled", height=480)
def model_unrolled(c: Canvas) -> None:
    """The same R and O at each step."""
    y, xs = 240, [270, 530, 790, 1050]
    words = _words(c, pl="nie|nudny|tylko|zabawny", en="not|boring|but|funny")
    c.role_box(70, y, "$s_0$", "state", width=100, height=76)
    start = 120.0
    for t, (x, word) in enumerate(zip(xs, words, strict=True), 1):
        c.pipe((start, y), (x - 56, y), role="state", width=20, chevrons=False)
        c.text((start + x - 50) / 2 - 6, y + 32, f"$s_{t - 1}$" if t > 1 else "", size=32,
               colour=STATE)  # fmt: skip
        _tag(c, x, y, "$R$", width=104, height=80, edge=STATE, fill=STATE_FILL)
        _tag(c, x, 66, word, width=160)
        c.arrow((x, 96), (x, y - 40), colour=CANDIDATE, width=3.5)
        c.text(x + 14, 148, f"$x_{t}$", size=30, colour=CANDIDATE, align="left")
        c.arrow((x, y + 40), (x, 334), colour=STATE, width=3.5)
        _tag(c, x, 362, "$O$", width=84, height=58, edge=OUTPUT, fill=OUTPUT_FILL)
        c.arrow((x, 391), (x, 424), colour=OUTPUT, width=3.5)
        c.text(x, 448, f"$y_{t}$", size=36, colour=OUTPUT)
        start = x + 52
    c.text(20, 448, c.say(pl="te same R i O", en="the same R and O"), colour=INK, align="left")
    c.text(20, 414, c.say(pl="w każdym kroku", en="at each step"), colour=INK, align="left")


@diagram("recurrent-recursive", height=470)
def recurrent_recursive(c: Canvas) -> None:
    """A chain along time against a tree."""
    words = _words(c, pl="nie|nudny|tylko|zabawny", en="not|boring|but|funny")
    for x0, tree in ((20, False), (600, True)):
        xs = [x0 + 75 + 132 * i for i in range(4)]
        title = (
            c.say(pl="rekursja po drzewie (recursive)", en="recursive: along a tree")
            if tree
            else c.say(pl="rekurencja w czasie (recurrent)", en="recurrent: along time")
        )
        c.text(x0 + 275, 442, title, size=30, weight=600, colour=MUTED if tree else NAVY)
        for x, word in zip(xs, words, strict=True):
            _tag(c, x, 40, word, width=122, height=56, size=26)
        if tree:
            one, two = (xs[0] + xs[1]) / 2, (xs[2] + xs[3]) / 2
            for middle, pair in ((one, xs[:2]), (two, xs[2:])):
                for x in pair:
                    c.arrow((x, 68), (middle, 156), colour=MUTED)
                c.arrow((middle, 212), ((one + two) / 2, 306), colour=MUTED)
                c.box(middle, 184, 76, 56, edge=MUTED, fill=PAPER)
            c.box((one + two) / 2, 334, 76, 56, edge=MUTED, fill=PAPER)
        else:
            for x in xs:
                c.arrow((x, 68), (x, 206), colour=NAVY)
            for a, b in itertools.pairwise(xs):
                c.arrow((a + 40, 240), (b - 40, 240), colour=STATE, width=3.5)
            for x in xs:
                _tag(c, x, 240, "$R$", width=80, height=68, edge=STATE, fill=STATE_FILL)
        c.text(
            x0 + 275,
            392,
            c.say(pl="stan idzie przez drzewo zdania", en="the state climbs the sentence’s tree")
            if tree
            else c.say(pl="stan idzie od słowa do słowa", en="the state goes from word to word"),
            colour=MUTED,
        )
    c.line([(c.width / 2, 15), (c.width / 2, 455)], colour=RULE)


# --- reading, and what the sum forgets ----------------------------------------------------------


@diagram("reading", height=470)
def reading(c: Canvas) -> None:
    """Reading the last output, or every output."""
    for x0, every in ((30, False), (610, True)):
        xs = [x0 + 60 + 140 * i for i in range(4)]
        title = (
            c.say(pl="każde wyjście", en="every output")
            if every
            else c.say(pl="tylko ostatnie", en="only the last one")
        )
        c.text(x0 + 270, 442, title, size=32, weight=600, colour=OUTPUT)
        for a, b in itertools.pairwise(xs):
            c.arrow((a + 44, 200), (b - 44, 200), colour=STATE, width=3.5)
        for t, x in enumerate(xs, 1):
            name = str(t) if t < 4 else "T"
            c.arrow((x, 96), (x, 166), colour=NAVY)
            _tag(c, x, 66, f"$x_{name}$", width=88)
            _tag(c, x, 200, f"$s_{name}$", width=88, height=68, edge=STATE, fill=STATE_FILL)
            if every or t == 4:
                c.arrow((x, 234), (x, 304), colour=OUTPUT)
                _output(c, x, 334, f"$y_{name}$", width=88)
        c.text(
            x0 + 270,
            392,
            c.say(pl="etykiety, ocena na bieżąco", en="labels, a score as you type")
            if every
            else c.say(pl="jedna odpowiedź na cały ciąg", en="one answer for the whole sequence"),
            colour=MUTED,
        )
        if every:
            c.text(x0 + 270, 14, c.say(pl="strata w każdym kroku", en="a loss at each step"),
                   colour=FORGET)  # fmt: skip
        else:
            c.text(x0 + 270, 14, c.say(pl="strata na końcu", en="a loss at the end"),
                   colour=FORGET)  # fmt: skip
    c.line([(c.width / 2, 15), (c.width / 2, 455)], colour=RULE)


@diagram("next-token", height=470)
def next_token(c: Canvas) -> None:
    """A language model: each state answers with the next word, which is the next input."""
    y, xs = 225, [300, 530, 760, 990]
    words = _words(c, pl="nie|nudny|tylko|zabawny", en="not|boring|but|funny")
    answers = [*words[1:], c.say(pl="koniec", en="end")]
    _rows(c, y=y, gap=150)
    _task(c, xs, words, answers, width=160, y=y, gap=150)
    for left, right in itertools.pairwise(xs):
        c.arrow((left + 80, y + 122), (right - 76, y - 118), colour=FORGET, dashed=True)


@diagram("same-bag", height=330)
def same_bag(c: Canvas) -> None:
    """Two orders of the same words run into one state."""
    xs = [115, 300, 485, 670]
    meet = 910
    bag = _words(c, pl="nie 1|nudny 1|tylko 1|zabawny 1", en="not 1|boring 1|but 1|funny 1")
    for y, words, verdict in (
        (
            286,
            _words(c, pl="nie|nudny|tylko|zabawny", en="not|boring|but|funny"),
            c.say(pl="pochwała", en="praise"),
        ),
        (
            44,
            _words(c, pl="nie|zabawny|tylko|nudny", en="not|funny|but|boring"),
            c.say(pl="nagana", en="complaint"),
        ),
    ):
        for x, word in zip(xs, words, strict=True):
            _tag(c, x, y, word, width=160, height=62, size=29)
        for a, b in itertools.pairwise(xs):
            c.symbol((a + b) / 2, y, "$+$", size=30)
        c.text(xs[0] - 80, y + (-54 if y > 200 else 54), verdict, size=28, align="left",
               weight=600, colour=LINK if y > 200 else FORGET)  # fmt: skip
        sign = 1 if y > 165 else -1
        c.pipe((xs[-1] + 80, y), (meet, y), (meet, 165 + sign * 72), role="state", width=24,
               chevrons=False)  # fmt: skip
    c.text(meet - 260, 165, "$s_T$", size=44, colour=STATE, align="right")
    for i, entry in enumerate(bag):
        x, y = meet - 128 + 170 * (i % 2), 198 - 66 * (i // 2)
        _tag(c, x + 40, y, entry, width=160, height=60, edge=STATE, fill=STATE_FILL, size=27)
    c.text(meet - 226, 165, "$=$", size=40, align="left")


@diagram("order-task", height=380)
def order_task(c: Canvas) -> None:
    """A sequence of the task of order and its mirror."""
    pitch, left, high = 63, 176, 60
    ends = _words(c, pl="najpierw A|najpierw B", en="A first|B first")
    names = _words(c, pl="ciąg|lustro", en="sequence|mirror")
    for y, letters, name, end in zip(
        (310, 70), ("GGCGAFBDHCDE", "GGCGBFADHCDE"), names, ends, strict=True
    ):
        c.text(10, y, name, size=28, colour=NAVY, align="left", weight=600)
        for j, letter in enumerate(letters):
            x = left + pitch * j
            if letter in "AB":
                colour = {"A": OUTPUT, "B": FORGET}[letter]
                c.box(x, y, 56, high, edge=colour, fill=PAPER, radius=8, line=4)
                c.text(x, y, letter, size=32, weight=600, colour=colour)
            else:
                c.cell(x, y, letter, width=56, height=high, dim=True)
        c.arrow((left + 11.5 * pitch, y), (left + 11.5 * pitch + 50, y), colour=OUTPUT)
        _output(c, 1054, y, end, width=190)
    for one, two in ((4, 6), (6, 4)):
        c.arrow((left + pitch * one, 272), (left + pitch * two, 108), colour=MUTED)
    text = c.say(pl="te same litery: ten sam worek", en="the same letters: the same bag")
    c.text(left + 9.2 * pitch, 190, text, size=28, colour=INK)
    hint = c.say(pl="A i B zamienione", en="A and B exchanged")
    c.text(left + 1.6 * pitch, 190, hint, size=28, colour=MUTED)


# --- history ------------------------------------------------------------------------------------


@diagram("history", height=470)
def history(c: Canvas) -> None:
    """Nine dates on a line."""
    y, left, right = 235, 60, 1110
    first, last = 1984.5, 2025.5

    def at(year: float) -> float:
        return left + (year - first) / (last - first) * (right - left)

    c.arrow((left - 30, y), (right + 30, y), colour=INK, width=3)
    events = (
        (1986, 1, 0, _words(c, pl="gradient przez|rozwinięcie", en="backprop by|unrolling")),
        (1990, -1, 0, _words(c, pl="sieć|Elmana", en="Elman’s|network")),
        (1997, 1, 0, _words(c, pl="LSTM,|dwie bramki", en="LSTM with|two gates")),
        (2009, -1, 0, _words(c, pl="pismo|odręczne", en="hand-|writing")),
        (
            2014,
            1,
            -105,
            _words(c, pl="GRU, uwaga,|koder–dekoder", en="GRU, attention,|encoder–decoder"),
        ),
        (2016, -1, -30, _words(c, pl="tłumacz|w Google", en="Google’s|translator")),
        (2017, 1, 15, _words(c, pl="sama uwaga:|transformer", en="attention alone:|Transformer")),
        (2020, -1, 45, _words(c, pl="GPT-3:|175 mld wag", en="GPT-3 with|175 bn weights")),
        (2023, 1, 20, _words(c, pl="stan wraca:|Mamba", en="Mamba: the|state is back")),
    )
    for year, side, shift, words in events:
        without = year in (2017, 2020)
        colour = MUTED if without else NAVY
        x = at(year) + shift
        c.disc(at(year), y, "", radius=10, colour=colour, fill=PAPER if without else NAVY)
        end = y + side * 88
        c.line([(at(year), y + side * 12), (at(year), y + side * 36), (x, end)], colour=RULE,
               z=2)  # fmt: skip
        c.text(x, y + side * 112, str(year), size=34, weight=600, colour=colour)
        c.lines(x, y + side * 174, words, size=BODY, colour=MUTED if without else INK)
