"""The diagrams of lecture 10, Neural machine translation."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from unrolled.diagrams.canvas import BODY, Canvas, diagram
from unrolled.lessons.made_up import TREE, probability
from unrolled.palette import (
    CANDIDATE,
    FORGET,
    INK,
    INPUT,
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
BOTH = r"\langle \overrightarrow{{h}}_{}, \overleftarrow{{h}}_{} \rangle"


def _word(
    c: Canvas,
    x: float,
    y: float,
    text: str,
    *,
    width: float = 128,
    edge: str = NAVY,
    fill: str = PANEL,
    dim: bool = False,
) -> None:
    """Draw a word in a box."""
    if dim:
        edge, fill = MUTED, PAPER
    c.box(x, y, width, 54, edge=edge, fill=fill, dashed=dim)
    c.text(x, y, text, size=26, weight=400 if dim else 600, colour=MUTED if dim else INK)


def _state(c: Canvas, x: float, y: float, text: str, *, width: float = 84) -> None:
    c.box(x, y, width, 62, edge=STATE, fill=STATE_FILL)
    c.symbol(x, y, text, size=34, colour=STATE)


# --- word order ---------------------------------------------------------------------------------


@diagram("nmt-orders", height=380, quotes="Anna Annę Piotr likes lubi")
def orders(c: Canvas) -> None:
    """Two Polish orders of one meaning, and the lines to the English words."""
    for left, polish, places in (
        (150, ("Piotr", "lubi", "Annę"), (0, 1, 2)),
        (720, ("Annę", "lubi", "Piotr"), (2, 1, 0)),
    ):
        xs = [left + 150 * i for i in range(3)]
        for x, word in zip(xs, polish, strict=True):
            _word(c, x, 320, word)
        for x, word in zip(xs, ("Piotr", "likes", "Anna"), strict=True):
            _word(c, x, 120, word, edge=OUTPUT, fill=OUTPUT_FILL)
        for x, place in zip(xs, places, strict=True):
            c.line([(x, 293), (xs[place], 147)], colour=CANDIDATE, width=4)
    c.line([(580, 60), (580, 360)], colour=RULE)
    for x, text in (
        (300, c.say(pl="podmiot z przodu", en="subject first")),
        (870, c.say(pl="dopełnienie z przodu", en="object first")),
    ):
        c.text(x, 40, text, size=28, colour=MUTED)


# --- encoder and decoder ------------------------------------------------------------------------

SOURCE = ("Annę", "lubi", "Piotr", "</s>")
TARGET = ("Piotr", "likes", "Anna", "</s>")
ENCODER_X = (105, 245, 385, 525)
DECODER_X = (700, 830, 960, 1090)
ROW = 235


def _encoder(c: Canvas) -> None:
    """Draw the encoder, its words and its states from both ends."""
    for x, word in zip(ENCODER_X, SOURCE, strict=True):
        _word(c, x, 60, word, width=116)
        c.arrow((x, 88), (x, ROW - 34), colour=NAVY)
    for i, x in enumerate(ENCODER_X):
        _state(c, x, ROW, f"$h_{i + 1}$")
    for a, b in itertools.pairwise(ENCODER_X):
        c.arrow((a + 42, ROW + 13), (b - 42, ROW + 13), colour=STATE, width=3)
        c.arrow((b - 42, ROW - 13), (a + 42, ROW - 13), colour=STATE, width=3)


def _decoder(c: Canvas) -> None:
    """Draw the decoder with what it reads and what it writes."""
    for i, (x, word) in enumerate(zip(DECODER_X, TARGET, strict=True)):
        before = "<s>" if i == 0 else TARGET[i - 1]
        _word(c, x, 60, before, width=112, edge=OUTPUT, fill=PAPER)
        c.arrow((x, 88), (x, ROW - 34), colour=OUTPUT)
        c.box(x, ROW, 76, 62, edge=OUTPUT, fill=OUTPUT_FILL)
        c.symbol(x, ROW, f"$s_{i + 1}$", size=34, colour=OUTPUT)
        c.arrow((x, ROW + 32), (x, ROW + 96), colour=OUTPUT)
        _word(c, x, ROW + 124, word, width=112, edge=OUTPUT, fill=OUTPUT_FILL)
    for a, b in itertools.pairwise(DECODER_X):
        c.arrow((a + 38, ROW), (b - 38, ROW), colour=OUTPUT, width=3)


def _names(c: Canvas, y: float, *, writer: bool = True) -> None:
    middle = sum(ENCODER_X) / 4
    c.text(middle, y, c.say(pl="koder czyta", en="the encoder reads"), size=30, colour=STATE)
    if writer:
        middle = sum(DECODER_X) / 4
        c.text(middle, y, c.say(pl="dekoder pisze", en="the decoder writes"), size=30,
               colour=OUTPUT)  # fmt: skip


@diagram("nmt-encoder", height=400, quotes="Annę Piotr lubi")
def encoder(c: Canvas) -> None:
    """The encoder alone: states from both ends, and one vector at the end."""
    _encoder(c)
    _names(c, ROW + 92, writer=False)
    c.formula(
        660, ROW + 40,
        [("h_t", STATE), EQUALS, (BOTH.format("t", "t"), STATE)],
        size=42, align="left",
    )  # fmt: skip
    c.formula(
        660, ROW - 40,
        [("v", CANDIDATE), EQUALS, (BOTH.format("T", "1"), CANDIDATE)],
        size=42, align="left",
    )  # fmt: skip
    c.text(660, 60, r"$h_t, v \in \mathbb{R}^{2m}$", size=34, colour=MUTED, align="left")


@diagram("nmt-bottleneck", height=440, quotes="Anna Annę Piotr likes lubi")
def bottleneck(c: Canvas) -> None:
    """Encoder, one vector, decoder."""
    _encoder(c)
    _decoder(c)
    c.text(sum(ENCODER_X) / 4, 415, c.say(pl="koder czyta", en="the encoder reads"), size=30,
           colour=STATE)  # fmt: skip
    c.text(sum(DECODER_X) / 4, 415, c.say(pl="dekoder pisze", en="the decoder writes"), size=30,
           colour=OUTPUT)  # fmt: skip
    c.pipe((570, ROW), (660, ROW), role="candidate", width=24, chevrons=False)
    c.symbol(610, ROW + 40, "$v$", size=40, colour=CANDIDATE)


@diagram("nmt-attention-1", height=470, quotes="Annę Piotr lubi")
def attention_1(c: Canvas) -> None:
    """A state of the decoder asks, every state of the encoder answers with a score."""
    _attention(c, 1)


@diagram("nmt-attention-2", height=470, quotes="Annę Piotr lubi")
def attention_2(c: Canvas) -> None:
    """Scores become weights, and the weights a context."""
    _attention(c, 2)


def _attention(c: Canvas, build: int) -> None:
    """Draw one step of attention: scores, and in the second build weights and the context."""
    xs = (130, 330, 530, 730)
    weights = (0.05, 0.05, 0.85, 0.05)
    low, score = 150, 290
    for i, (x, word, weight) in enumerate(zip(xs, SOURCE, weights, strict=True)):
        _word(c, x, 50, word, width=116)
        c.arrow((x, 78), (x, low - 34), colour=NAVY)
        _state(c, x, low, f"$h_{i + 1}$")
        c.arrow((x, low + 32), (x, score - 30), colour=STATE)
        c.cell(x, score, c.number((0.2, 0.1, 3.0, 0.2)[i], 1), "input", width=90)
        if build == 2:
            c.arrow((x, score + 28), (x, 396 - 26), colour=INPUT)
            c.gauge(x, 396, weight, width=110, height=36)
            c.text(x, 442, c.number(weight, 2), size=BODY, colour=INPUT, weight=600)
    c.box(960, score, 90, 66, edge=OUTPUT, fill=OUTPUT_FILL)
    c.symbol(960, score, "$s_1$", size=36, colour=OUTPUT)
    c.arrow((914, score), (xs[-1] + 47, score), colour=OUTPUT, width=3)
    for a, b in itertools.pairwise(xs):
        c.line([(a + 45, score), (b - 45, score)], colour=OUTPUT, width=3)
    if build == 1:
        c.text(960, score + 70, c.say(pl="pyta", en="asks"), size=30, colour=OUTPUT)
        c.text(sum(xs) / 4, score + 70, c.say(pl="wyniki $e_{1t}$", en="scores $e_{1t}$"), size=30,
               colour=INPUT)  # fmt: skip
        c.text(890, low, c.say(pl="odpowiadają", en="answer"), size=30, colour=STATE, align="left")
        return
    c.text(830, 396, c.say(pl=r"wagi $\alpha_{1t}$, suma 1", en=r"weights $\alpha_{1t}$, sum 1"),
           size=28, colour=INPUT, align="left")  # fmt: skip
    c.formula(
        830, low + 6,
        [("c_1", CANDIDATE), EQUALS, (r"\sum_t", INK), (r"\alpha_{1t}", INPUT), (r"\,h_t", STATE)],
        size=42, align="left",
    )  # fmt: skip


# --- batches and masks --------------------------------------------------------------------------


@diagram("nmt-padding", height=380, quotes="<pad> Annę Ewa Piotr Piotra lubi mała nie")
def padding(c: Canvas) -> None:
    """Two sentences in one batch: the reading from the right begins with padding."""
    xs = [172 + 136 * i for i in range(7)]
    rows = (
        (290, ("Piotra", "nie", "lubi", "mała", "Ewa", "i", "…")),
        (120, ("Annę", "lubi", "Piotr", "</s>", "<pad>", "<pad>", "<pad>")),
    )
    for y, words in rows:
        for x, word in zip(xs, words, strict=True):
            _word(c, x, y, word, width=122, dim=word == "<pad>")
    c.arrow((xs[-1] + 62, 200), (xs[4] - 40, 200), colour=FORGET, width=3)
    c.text(xs[5], 226, c.say(pl="czyta dopełnienie", en="reads padding"), colour=FORGET)
    c.arrow((xs[3] + 30, 200), (xs[0] - 60, 200), colour=STATE, width=3)
    c.text((xs[0] + xs[3]) / 2, 226, c.say(pl="dopiero teraz zdanie", en="only now the sentence"),
           colour=STATE)  # fmt: skip
    c.text(xs[0] - 61, 350, c.say(pl="porcja dwóch zdań", en="a batch of two sentences"), size=28,
           colour=MUTED, align="left")  # fmt: skip
    c.text(xs[-1] + 61, 44,
           c.say(pl="koder czyta od prawej", en="the encoder reads from the right"), size=28,
           colour=MUTED, align="right")  # fmt: skip


@diagram("nmt-forcing", height=430, quotes="Anna Marek Piotr likes")
def forcing(c: Canvas) -> None:
    """While training the decoder reads the right word, later its own."""
    right = ("Piotr", "likes", "Anna")
    own = ("Marek", "likes", "Anna")
    for left, answers, title in (
        (190, right, c.say(pl="uczenie: czyta wzorzec", en="training: reads the reference")),
        (770, own, c.say(pl="później: czyta własne słowa", en="later: reads its own words")),
    ):
        xs = [left + 150 * i for i in range(3)]
        c.text(xs[1], 405, title, size=28, weight=600, colour=NAVY)
        reads = ("<s>", *answers[:2])
        for i, x in enumerate(xs):
            wrong = left > 500 and i == 1
            edge = FORGET if wrong else (NAVY if left < 500 else OUTPUT)
            _word(c, x, 60, reads[i], width=122, edge=edge, fill=PAPER)
            c.arrow((x, 88), (x, 166), colour=edge)
            c.box(x, 200, 76, 62, edge=OUTPUT, fill=OUTPUT_FILL)
            c.symbol(x, 200, f"$s_{i + 1}$", size=34, colour=OUTPUT)
            c.arrow((x, 232), (x, 293), colour=OUTPUT)
        for i, x in enumerate(xs):
            bad = i == 0
            word = ("Marek", "likes", "Anna" if left < 500 else "?")[i]
            edge = FORGET if bad or word == "?" else OUTPUT
            _word(
                c, x, 322, word, width=122, edge=edge, fill=PAPER if edge == FORGET else OUTPUT_FILL
            )
        for a, b in itertools.pairwise(xs):
            c.arrow((a + 38, 200), (b - 38, 200), colour=OUTPUT, width=3)
        if left > 500:
            for a, b in itertools.pairwise(xs):
                c.arrow((a + 63, 310), (a + 75, 310), (a + 75, 60), (b - 63, 60), colour=FORGET,
                        dashed=True)  # fmt: skip
    c.line([(630, 30), (630, 400)], colour=RULE)


# --- search -------------------------------------------------------------------------------------


def _tree(c: Canvas, kept: Sequence[tuple[str, ...]], lost: Sequence[tuple[str, ...]] = ()) -> None:
    """Draw the tree; kept paths are lit, lost ones red, the rest grey.

    A word's box holds the probability of the whole path below the word.
    """
    columns = (80, 370, 680, 990)
    places = {
        (): 265.0,
        ("Anna",): 390.0,
        ("Piotr",): 140.0,
        ("Anna", "likes"): 455.0,
        ("Anna", "is"): 355.0,
        ("Anna", "and"): 265.0,
        ("Piotr", "likes"): 165.0,
        ("Piotr", "is"): 60.0,
        ("Anna", "likes", "Piotr"): 455.0,
        ("Piotr", "likes", "Anna"): 165.0,
    }
    half = 76
    for path, y in places.items():
        x = columns[len(path)]
        lit = any(k[: len(path)] == path for k in kept)
        edge = OUTPUT if lit else (FORGET if path in lost else MUTED)
        fill = OUTPUT_FILL if lit else PAPER
        c.box(x, y, 2 * half, 76 if path else 54, edge=edge, fill=fill, dashed=not lit)
        colour = INK if lit else MUTED
        if not path:
            c.text(x, y, "<s>", size=26, weight=600, colour=colour)
            continue
        c.text(x, y + 16, path[-1], size=26, weight=600 if lit else 400, colour=colour)
        c.text(x, y - 17, c.number(probability(path), 3), size=24, colour=edge, weight=600)
        before, start = places[path[:-1]], columns[len(path) - 1] + half
        c.line([(start, before), (x - half, y)], colour=edge, width=4 if lit else 2)
        middle = (start + x - half) / 2, (before + y) / 2
        c.box(*middle, 66, 34, edge=PAPER, fill=PAPER, line=0)
        c.text(*middle, c.number(TREE[path[:-1]][path[-1]], 2), size=24, colour=edge)


@diagram("nmt-greedy", height=510, quotes="Anna Piotr and is likes")
def greedy(c: Canvas) -> None:
    """The greedy path through the tree."""
    _tree(c, [("Anna", "likes", "Piotr")])


@diagram("nmt-beam", height=510, quotes="Anna Piotr and is likes")
def beam(c: Canvas) -> None:
    """The beam of width two finds the better sentence."""
    _tree(c, [("Anna", "likes", "Piotr"), ("Piotr", "likes", "Anna")], [("Anna", "is")])


# --- history ------------------------------------------------------------------------------------


@diagram("nmt-history", height=440, quotes="Bahdanau Cho Luong Sennrich Sutskever Vaswani Wu")
def history(c: Canvas) -> None:
    """Four years in which translation changed."""
    left, right, y = 60, 1110, 220
    c.arrow((left, y), (right + 30, y), colour=INK, width=3)
    events = (
        (0.00, 1, "06.2014", "Cho", c.say(pl="koder–dekoder", en="encoder–decoder")),
        (0.13, -1, "09.2014", "Bahdanau", c.say(pl="mechanizm uwagi", en="attention")),
        (0.25, 1, "09.2014", "Sutskever", c.say(pl="LSTM na LSTM", en="LSTM to LSTM")),
        (0.45, -1, "08.2015", "Luong", c.say(pl="iloczyn skalarny", en="dot product")),
        (0.57, 1, "08.2015", "Sennrich", c.say(pl="podsłowa", en="subwords")),
        (0.78, -1, "09.2016", "Wu", c.say(pl="GNMT w Google", en="GNMT at Google")),
        (0.92, 1, "06.2017", "Vaswani", c.say(pl="sama uwaga", en="attention alone")),
    )
    for share, side, date, name, what in events:
        x = left + 90 + share * (right - left - 170)
        c.line([(x, y), (x, y + side * 50)], colour=MUTED)
        c.disc(x, y, "", radius=10, colour=OUTPUT, fill=OUTPUT_FILL)
        rows = ((date, 24, 400, MUTED), (name, 30, 600, NAVY), (what, 25, 400, INK))
        for k, (text, size, weight, colour) in enumerate(rows):
            at = y + 150 - 38 * k if side > 0 else y - 74 - 38 * ((k + 2) % 3)
            c.text(x, at, text, size=size, weight=weight, colour=colour)
