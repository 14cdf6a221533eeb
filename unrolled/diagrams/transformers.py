"""The diagrams of lecture 11, From recurrence to Transformers, and back."""

from __future__ import annotations

import itertools

from unrolled.diagrams.canvas import BODY, Canvas, diagram
from unrolled.palette import (
    CANDIDATE,
    CANDIDATE_FILL,
    FORGET,
    INK,
    INPUT,
    INPUT_FILL,
    MUTED,
    NAVY,
    OUTPUT,
    OUTPUT_FILL,
    PANEL,
    PAPER,
    RULE,
    STATE,
)

PLUS = (r"\;+\;", INK)
EQUALS = (r"\;=\;", INK)


# --- attention without recurrence -----------------------------------------------------------------


@diagram("att-self", height=450, quotes="Annę Piotr lubi stary")
def self_attention(c: Canvas) -> None:
    """The third of four words asks; all that it may see answer with keys and give values."""
    words = ("stary", "Piotr", "lubi", "Annę")
    xs = (150, 400, 650, 900)
    shares = (0.1, 0.6, 0.3, None)
    for i, (x, word, share) in enumerate(zip(xs, words, shares, strict=True), start=1):
        late = share is None
        colour = MUTED if late else NAVY
        c.box(x, 45, 130, 54, edge=colour, fill=PAPER if late else PANEL, dashed=late)
        c.text(x, 45, word, size=26, weight=400 if late else 600, colour=MUTED if late else INK)
        c.arrow((x, 73), (x, 118), colour=colour)
        c.cell(x - 42, 150, f"$k_{i}$", "state", width=72, dim=late)
        c.cell(x + 42, 150, f"$v_{i}$", "candidate", width=72, dim=late)
        if share is not None:
            c.arrow((x - 42, 178), (x - 42, 226), colour=STATE)
            c.gauge(x - 20, 250, share, width=110, height=36)
            c.text(x + 62, 250, c.number(share, 1), size=BODY, colour=INPUT, weight=600)
    c.box(650, 352, 84, 60, edge=OUTPUT, fill=OUTPUT_FILL)
    c.symbol(650, 352, "$q_3$", size=36, colour=OUTPUT)
    c.arrow((630, 322), (630, 270), colour=OUTPUT, width=3)
    for x in xs[:2]:
        c.arrow((608, 352), (x - 20, 352), (x - 20, 270), colour=OUTPUT, width=3)
    c.text(715, 352, c.say(pl="pyta: kto lubi?", en="asks: who likes?"), colour=OUTPUT,
           align="left")  # fmt: skip
    c.formula(
        650, 425,
        [("y_3", OUTPUT), EQUALS, ("w_{31}", INPUT), (r"\,v_1", CANDIDATE), PLUS, ("w_{32}", INPUT),
         (r"\,v_2", CANDIDATE), PLUS, ("w_{33}", INPUT), (r"\,v_3", CANDIDATE)],
        size=34,
    )  # fmt: skip
    c.text(900, 215, c.say(pl="jeszcze ukryte", en="still hidden"), size=26, colour=MUTED)


@diagram("att-heads", height=400, quotes="softmax")
def heads(c: Canvas) -> None:
    """One input, two heads with a softmax each, their outputs side by side, then W_o."""
    c.box(110, 200, 120, 80, edge=NAVY, fill=PANEL)
    c.symbol(110, 200, "$x_t$", size=44)
    for y, h in ((300, 1), (100, 2)):
        c.arrow((170, 200), (230, 200), (230, y), (282, y), colour=NAVY)
        for x, letter, role in ((330, "q", "output"), (430, "k", "state"), (530, "v", "candidate")):
            c.cell(x, y, f"${letter}$", role, width=84, height=64, size=34)
        c.arrow((574, y), (650, y), colour=INPUT)
        c.box(735, y, 170, 74, edge=INPUT, fill=INPUT_FILL)
        c.text(735, y, "softmax", size=30, colour=INPUT, weight=600)
        c.text(430, y + 60, c.say(pl=f"głowa {h}", en=f"head {h}"), size=28, colour=MUTED)
        c.arrow((820, y), (890, y), (890, 200 + (32 if h == 1 else -32)), colour=CANDIDATE)
    c.cell(890, 232, "", "candidate", width=84, height=62)
    c.cell(890, 168, "", "candidate", width=84, height=62)
    c.arrow((934, 200), (986, 200), colour=INK)
    c.box(1040, 200, 100, 84, edge=NAVY, fill=PANEL)
    c.symbol(1040, 200, "$W_o$", size=40)
    c.arrow((1090, 200), (1160, 200), colour=INK)


@diagram("att-block", height=370)
def block(c: Canvas) -> None:
    """A pre-norm block: the track of x, with attention and a network beside it."""
    y, low = 270, 100
    c.pipe((20, y), (1140, y), role="state", width=26)
    c.symbol(60, y + 52, "$x_t$", size=40, colour=STATE)
    c.symbol(600, y + 52, "$u_t$", size=40, colour=STATE)
    c.symbol(1100, y + 52, "$y_t$", size=40, colour=STATE)
    for left, role, name, between in (
        (130, "output", c.say(pl="uwaga", en="attention"), True),
        (680, "candidate", c.say(pl="sieć ReLU", en="ReLU network"), False),
    ):
        edge, fill = (OUTPUT, OUTPUT_FILL) if role == "output" else (CANDIDATE, CANDIDATE_FILL)
        c.arrow((left, y - 13), (left, low + 42), colour=STATE, width=3)
        c.box(left, low, 110, 76, edge=MUTED, fill=PANEL)
        c.text(left, low, c.say(pl="norma", en="norm"), size=28)
        c.arrow((left + 56, low), (left + 98, low), colour=INK)
        c.box(left + 205, low, 210, 76, edge=edge, fill=fill)
        c.text(left + 205, low, name, size=30, colour=edge, weight=600)
        c.arrow((left + 312, low), (left + 390, low), (left + 390, y - 34), colour=edge)
        c.disc(left + 390, y, "$+$", radius=28)
        note = (
            c.say(pl="miesza kroki", en="mixes steps")
            if between
            else c.say(pl="każdy krok osobno", en="each step by itself")
        )
        c.text(left + 205, low - 66, note, size=26, colour=MUTED)


# --- what is kept ---------------------------------------------------------------------------------


@diagram("three-memories", height=430)
def three_memories(c: Canvas) -> None:
    """A vector that is rewritten, a matrix that is added to, a cache that grows."""
    for x, name in (
        (190, c.say(pl="wektor", en="a vector")),
        (560, c.say(pl="macierz", en="a matrix")),
        (940, c.say(pl="rosnący schowek", en="a growing cache")),
    ):
        c.text(x, 395, name, size=32, weight=600)
    for i in range(4):
        c.cell(190, 320 - 54 * i, "", "state", width=70, height=50)
    for i, j in itertools.product(range(4), range(4)):
        c.cell(560 + 56 * (i - 1.5), 320 - 54 * j, "", "state", width=52, height=50)
    for i in range(6):
        dim = i == 5
        c.cell(780 + 64 * i, 293, "" if dim else f"$k_{i + 1}$", "state", width=60, height=78,
               dim=dim, size=26)  # fmt: skip
        c.cell(780 + 64 * i, 205, "" if dim else f"$v_{i + 1}$", "candidate", width=60, height=78,
               dim=dim, size=26)  # fmt: skip
    c.symbol(190, 105, "$h_t$", size=40, colour=STATE)
    c.symbol(560, 105, "$S_t$", size=40, colour=STATE)
    c.symbol(940, 105, "$k_1 \\ldots k_t, v_1 \\ldots v_t$", size=36, colour=STATE)
    for x, text in (
        (190, c.say(pl="nadpisywany", en="overwritten")),
        (560, c.say(pl="dopisuje się do niej", en="added to")),
        (940, c.say(pl="nic nie ginie", en="nothing is lost")),
    ):
        c.text(x, 40, text, size=28, colour=MUTED)


@diagram("own-gate", height=400)
def own_gate(c: Canvas) -> None:
    """Above: each step waits for the state. Below: functions known ahead, composed in pairs."""
    top, low = 310, 110
    c.text(30, top + 70, c.say(pl="bramka widzi stan", en="the gate sees the state"), size=28,
           colour=FORGET, align="left")  # fmt: skip
    xs = (260, 500, 740, 980)
    for i, x in enumerate(xs, start=1):
        c.box(x, top, 110, 70, edge=FORGET, fill=PAPER)
        c.symbol(x, top, f"$z_{i}(h_{i - 1})$", size=25, colour=FORGET)
        if i < 4:
            c.arrow((x + 56, top), (x + 184, top), colour=STATE)
            c.symbol(x + 112, top + 28, f"$h_{i}$", size=28, colour=STATE)
    c.arrow((110, top), (204, top), colour=STATE)
    c.symbol(80, top, "$h_0$", size=30, colour=STATE)
    c.line([(30, 222), (1130, 222)], colour=RULE)
    c.text(30, 190, c.say(pl="bramka widzi tylko wejście", en="the gate sees the input alone"),
           size=28, colour=INPUT, align="left")  # fmt: skip
    for i, x in enumerate(xs, start=1):
        c.box(x, low, 150, 66, edge=INPUT, fill=INPUT_FILL)
        c.symbol(x, low, f"$a_{i} h + b_{i}$", size=25, colour=INPUT)
    for left, right, text in (
        (260, 500, "$a_2 a_1 h + \\ldots$"),
        (740, 980, "$a_4 a_3 h + \\ldots$"),
    ):
        middle = (left + right) / 2
        c.arrow((left, low - 33), (middle - 30, 52), colour=INPUT)
        c.arrow((right, low - 33), (middle + 30, 52), colour=INPUT)
        c.symbol(middle, 26, text, size=28, colour=INPUT)


@diagram("scan-tree", height=470)
def scan_tree(c: Canvas) -> None:
    """Eight functions, three rounds of doubling: after round r a node spans 2^r steps."""
    xs = [150 + 135 * i for i in range(8)]
    ys = [60, 180, 300, 420]
    for r, y in enumerate(ys):
        if r:
            c.text(40, y - 60, c.say(pl=f"runda {r}", en=f"round {r}"), size=24, colour=MUTED,
                   align="left")  # fmt: skip
        for t, x in enumerate(xs):
            first = max(0, t + 1 - 2**r)
            done = first == 0
            text = f"{t + 1}" if first == t else f"{first + 1}–{t + 1}"
            c.box(x, y, 92, 54, edge=INPUT if done else NAVY, fill=INPUT_FILL if done else PANEL)
            c.text(x, y, text, size=26, weight=600, colour=INPUT if done else INK)
            if r:
                span = 2 ** (r - 1)
                colour = MUTED if t < span else NAVY
                c.arrow((x, ys[r - 1] + 27), (x, y - 27), colour=colour, width=2)
                if t >= span:
                    c.arrow((xs[t - span] + 12, ys[r - 1] + 27), (x - 14, y - 27), colour=CANDIDATE,
                            width=2)  # fmt: skip


# --- fast weights and the task --------------------------------------------------------------------


@diagram("fast-weights", height=400)
def fast_weights(c: Canvas) -> None:
    """A matrix between keys and values: writing an outer product, reading with a query."""
    for left, mode in ((90, "write"), (690, "read")):
        for i, j in itertools.product(range(4), range(4)):
            c.cell(left + 150 + 62 * i, 290 - 58 * j, "", "state", width=58, height=54)
        ins, colour, letter = (
            ("state", STATE, "k_t") if mode == "write" else ("output", OUTPUT, "q_t")
        )
        for i in range(4):
            c.cell(left + 150 + 62 * i, 40, "", ins, width=58, height=44)
            c.arrow((left + 150 + 62 * i, 63), (left + 150 + 62 * i, 87), colour=colour, width=2)
            c.cell(left + 20, 290 - 58 * i, "", "candidate", width=58, height=54)
            start, end = (left + 51, left + 119) if mode == "write" else (left + 119, left + 51)
            c.arrow((start, 290 - 58 * i), (end, 290 - 58 * i), colour=CANDIDATE, width=2)
        c.symbol(left + 425, 40, f"${letter}$", size=36, colour=colour)
        c.symbol(left + 20, 348, "$v_t$" if mode == "write" else "$y_t$", size=36, colour=CANDIDATE)
        say = (
            c.say(pl="zapis: dodaj $v_t k_t^\\top$", en="write: add $v_t k_t^\\top$")
            if mode == "write"
            else c.say(pl="odczyt: $S_t q_t$", en="read: $S_t q_t$")
        )
        c.text(left + 243, 362, say, size=30)
    c.line([(600, 30), (600, 380)], colour=RULE)


@diagram("recall-task", height=310)
def recall_task(c: Canvas) -> None:
    """Pairs of a key and a value, one a step, then a key alone."""
    pairs = (("k", 7), ("b", 2), ("r", 5), ("m", 2))
    xs = [150 + 190 * i for i in range(4)]
    for t, (x, (key, value)) in enumerate(zip(xs, pairs, strict=True), start=1):
        c.cell(x - 38, 200, key, "state", width=72, height=66, size=34)
        c.cell(x + 38, 200, str(value), "candidate", width=72, height=66, size=34)
        c.symbol(x, 120, f"$x_{t}$", size=32, colour=MUTED)
    c.cell(930, 200, "b", "output", width=72, height=66, size=34)
    c.cell(1006, 200, "", width=72, height=66, dim=True)
    c.symbol(968, 120, "$x_5$", size=32, colour=MUTED)
    c.arrow((1048, 200), (1100, 200), colour=INK)
    c.text(1130, 200, "?", size=48, weight=600, colour=CANDIDATE)
    c.line([(825, 90), (825, 280)], colour=RULE)
    c.text(xs[1] + 95, 270, c.say(pl="cztery pary", en="four pairs"), size=30, colour=STATE)
    c.text(968, 270, c.say(pl="pytanie", en="a question"), size=30, colour=OUTPUT)
    c.text(600, 50, c.say(pl="klucze są różne, wartości mogą się powtarzać",
                          en="the keys differ, values may repeat"), size=28,
           colour=MUTED)  # fmt: skip
