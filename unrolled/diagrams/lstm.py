"""The diagrams of lecture 04, LSTM."""

from __future__ import annotations

import math
from typing import Any

from unrolled.diagrams.canvas import LINE, Canvas, diagram
from unrolled.diagrams.simple_rnn import fade
from unrolled.palette import (
    CANDIDATE,
    CANDIDATE_FILL,
    FILLS,
    FORGET,
    FORGET_FILL,
    INK,
    INPUT,
    INPUT_FILL,
    MUTED,
    NAVY,
    OUTPUT,
    OUTPUT_FILL,
    PAPER,
    ROLES,
    RULE,
    STATE,
)

ODOT = (r"\,\odot\,", INK)
PLUS = (r"\;+\;", INK)
EQUALS = (r"\;=\;", INK)
KEEP = [("f_t", FORGET), ODOT, ("c_{t-1}", STATE)]
WRITE = [("i_t", INPUT), ODOT, (r"\tilde{c}_t", CANDIDATE)]
SQUASHED = [(r"\tanh(", INK), ("c_t", STATE), (")", INK)]
SHOW = [("h_t", OUTPUT), EQUALS, ("o_t", OUTPUT), ODOT, *SQUASHED]

# Where things stand in every build of the cell.
TRACK, LEFT, RIGHT = 396, 72, 1088
FORGET_X, INPUT_X, SUM_X, OUT_X = 262, 408, 520, 900
WHEEL = 290  # the height of the wheels of f and i
OUT_WHEEL = (OUT_X - 100, 232)
NETS = 140  # the height of the four small networks
BUS = 44


def _track(c: Canvas, *, valves: int) -> None:
    """Draw the memory track with its boxes, and the first two valves if wanted."""
    clear = [(FORGET_X, TRACK)] if valves else []
    end = SUM_X - 30 if valves > 1 else RIGHT - 54
    c.pipe((LEFT, TRACK), (end, TRACK), role="state", width=28, clear=clear)
    if valves > 1:
        c.pipe((SUM_X, TRACK), (RIGHT - 54, TRACK), role="state", width=28,
               clear=[(OUT_X, TRACK)] if valves > 2 else [])  # fmt: skip
        c.disc(SUM_X, TRACK, "$+$", size=42)
    c.role_box(LEFT, TRACK, "$c_{t-1}$", "state", width=108)
    c.role_box(RIGHT, TRACK, "$c_t$", "state", width=108)
    if valves:
        c.valve(FORGET_X, TRACK, "$f_t$", "forget", wheel=(FORGET_X, WHEEL))


def _output(c: Canvas) -> None:
    """Draw the way out: tanh, the output valve and h_t."""
    c.pipe((OUT_X, TRACK - 12), (OUT_X, BUS + 24), (RIGHT - 54, BUS + 24), role="output", width=24,
           chevrons=False)  # fmt: skip
    c.disc(OUT_X, 322, r"$\tanh$", radius=38, size=27, colour=OUTPUT, fill=OUTPUT_FILL)
    c.valve(OUT_X, OUT_WHEEL[1], "$o_t$", "output", vertical=True, wheel=OUT_WHEEL, length=58)
    c.role_box(RIGHT, BUS + 24, "$h_t$", "output", width=108)


def _cell(c: Canvas, build: int) -> None:
    """Draw the cell in one of four builds: track, forget, input, output."""
    _track(c, valves=build - 1)
    lines: list[list[tuple[str, str]]] = []
    if build == 1:
        y = BUS + 24
        c.role_box(LEFT, y, "$h_{t-1}$", "output", width=108)
        c.role_box(RIGHT, y, "$h_t$", "output", width=108)
        c.arrow((LEFT + 62, y), (RIGHT - 62, y), colour=OUTPUT, width=3.5, dashed=True)
        middle = (LEFT + RIGHT) / 2
        for at, symbol, words, colour in (
            (314, "c", c.say(pl="komórka pamięci: trzyma", en="the memory cell: it holds"), STATE),
            (
                y + 56,
                "h",
                c.say(
                    pl="stan ukryty: to, co widać na zewnątrz",
                    en="the hidden state: what shows outside",
                ),
                OUTPUT,
            ),
        ):
            wide = c.measure(words, 34, 600) + 60
            c.text(middle - wide / 2, at, f"${symbol}$", size=44, colour=colour, align="left")
            c.text(middle + 22, at, words, size=34, weight=600, colour=colour)
        c.formula(
            middle,
            218,
            [
                ("s_t", INK), EQUALS, (r"\langle\,", INK), ("c_t", STATE), (r",\;", INK),
                ("h_t", OUTPUT), (r"\,\rangle", INK),
            ],
        )  # fmt: skip
        return
    c.text(FORGET_X, WHEEL - 58, c.say(pl="bramka zapominania", en="forget gate"), colour=FORGET)
    pieces = [("c_t", STATE), EQUALS, *KEEP]
    if build > 2:
        c.pipe((SUM_X, 212), (SUM_X, TRACK - 30), role="candidate", width=28, chevrons=False)
        c.role_box(SUM_X, 180, r"$\tilde{c}_t$", "candidate", width=108, height=76)
        c.valve(SUM_X, WHEEL, "$i_t$", "input", vertical=True, wheel=(SUM_X + 104, WHEEL))
        c.lines(
            SUM_X + 152, WHEEL, c.say(pl="bramka|wejścia", en="input|gate").split("|"),
            colour=INPUT, align="left",
        )  # fmt: skip
        c.text(
            SUM_X + 70, 180, c.say(pl="kandydat", en="candidate"), colour=CANDIDATE, align="left"
        )
        pieces += [PLUS, *WRITE]
    lines = [pieces]
    if build > 3:
        _output(c)
        c.lines(
            OUT_X + 48, OUT_WHEEL[1], c.say(pl="bramka|wyjścia", en="output|gate").split("|"),
            colour=OUTPUT, align="left",
        )  # fmt: skip
        lines.append(SHOW)
    top = 100 if build > 3 else 72
    for i, line in enumerate(lines):
        c.formula(30, top - 64 * i, line, size=46, align="left")
    symbols = {2: "f_t, c_t", 3: r"f_t, i_t, \tilde{c}_t, c_t", 4: r"o_t, h_t"}[build]
    if build < 4:
        c.text(
            c.width - 30, 72, rf"${symbols} \in \mathbb{{R}}^m$", size=32, colour=MUTED,
            align="right",
        )  # fmt: skip


@diagram("lstm-rewritten", height=210)
def lstm_rewritten(c: Canvas) -> None:
    """A note that is rewritten at each step of a simple network, and fades."""
    weight, value, gap = 0.8, 0.9, 340
    first = 70
    for k in range(4):
        x = first + gap * k
        share = 0.4 + 0.6 * value / 0.9
        c.box(x, 92, 112, 76, edge=fade(STATE, share), fill=FILLS["state"] if k == 0 else PAPER)
        c.text(x, 92, c.number(value, 2), size=34, weight=600, colour=fade(STATE, share))
        c.text(x, 30, f"$s_{k}$", size=32, colour=MUTED)
        if k == 3:
            break
        middle = x + gap / 2
        c.arrow((x + 58, 92), (middle - 40, 92), colour=STATE, width=3)
        c.arrow((middle + 38, 92), (x + gap - 58, 92), colour=STATE, width=3)
        c.disc(middle, 92, r"$\tanh$", radius=38, size=26)
        c.text(middle, 156, f"$\\times\\,${c.number(weight, 1)}", size=28, colour=NAVY)
        value = math.tanh(weight * value)
    c.text(
        0, 190, c.say(pl="notatka: 0,9", en="the note: 0.9"), size=28, weight=600, colour=STATE,
        align="left",
    )  # fmt: skip


@diagram("lstm-1", height=460)
def lstm_1(c: Canvas) -> None:
    """The two halves of the state: the memory track c and what shows outside, h."""
    _cell(c, 1)


@diagram("lstm-2", height=460)
def lstm_2(c: Canvas) -> None:
    """The forget valve stands on the track."""
    _cell(c, 2)


@diagram("lstm-3", height=460)
def lstm_3(c: Canvas) -> None:
    """The candidate enters the track through the input valve."""
    _cell(c, 3)


@diagram("lstm-actions", height=360)
def lstm_actions(c: Canvas) -> None:
    """What the two valves do to a number in their four settings: hold, erase, add, replace."""
    names = (
        c.say(pl="trzymaj", en="hold"),
        c.say(pl="wymaż", en="erase"),
        c.say(pl="dopisz", en="add"),
        c.say(pl="zastąp", en="replace"),
    )
    track = 196
    settings = ((4.0, 1, 0), (-2.0, 0, 0), (1.0, 1, 1), (3.0, 0, 1))
    for k, (name, (old, f, i)) in enumerate(zip(names, settings, strict=True)):
        left = 294 * k
        if k:
            c.line([(left - 8, 10), (left - 8, 350)], colour=RULE)
        valve, plus, end = left + 104, left + 172, left + 240
        c.text(left + 139, 334, name, size=34, weight=600, colour=NAVY)
        c.text(left + 62, 262, "$f$", size=34, colour=FORGET)
        c.text(left + 238, 64, "$i$", size=34, colour=INPUT)
        c.pipe((left + 40, track), (valve, track), role="state", width=20, head=False,
               chevrons=False)  # fmt: skip
        if f:
            c.pipe((valve, track), (plus - 18, track), role="state", width=20, chevrons=False)
        else:
            c.line([(valve + 22, track), (plus - 24, track)], colour=MUTED, dashed=True, width=3)
        c.pipe((plus, track), (end - 34, track), role="state", width=20, chevrons=False)
        c.valve(valve, track, f"${f}$", "forget", wheel=(valve, track + 66), length=40,
                breadth=44, radius=26, size=32)  # fmt: skip
        if i:
            c.pipe((plus, 56), (plus, track - 20), role="candidate", width=20, chevrons=False)
        else:
            c.pipe((plus, 56), (plus, 112), role="candidate", width=20, head=False,
                   chevrons=False)  # fmt: skip
            c.line([(plus, 132), (plus, track - 24)], colour=MUTED, dashed=True, width=3)
        c.valve(plus, 112, f"${i}$", "input", vertical=True, wheel=(plus + 66, 112), length=40,
                breadth=44, radius=26, size=32)  # fmt: skip
        c.disc(plus, track, "$+$", radius=22, size=32)
        new = f * old + i * 0.5
        c.cell(left + 36, track, c.number(old), "state", width=60)
        c.cell(end, track, c.number(new, 1 if new % 1 else 0), "state", width=68)
        c.cell(plus, 34, c.number(0.5, 1), "candidate", width=72)


@diagram("lstm-4", height=460)
def lstm_4(c: Canvas) -> None:
    """The cell, squashed, leaves through the output valve."""
    _cell(c, 4)


def _networks(c: Canvas, *, coupled: bool = False, shapes: bool = True) -> None:
    """Draw the small networks that read ⟨x_t, h_{t-1}⟩ and turn the wheels."""
    y = BUS + 24
    join = 168
    c.role_box(LEFT, 172, "$x_t$", width=108, height=74)
    c.role_box(LEFT, y, "$h_{t-1}$", "output", width=108, height=74)
    c.line([(LEFT + 54, 172), (join, 172), (join, y)], colour=NAVY, width=4)
    end = OUT_WHEEL[0]
    c.line([(LEFT + 54, y), (end + 2, y)], colour=NAVY, width=4)
    nodes = [
        (FORGET_X, r"$\sigma$", "W_f", FORGET, FORGET_FILL),
        (INPUT_X, r"$\sigma$", "W_i", INPUT, INPUT_FILL),
        (SUM_X, r"$\tanh$", "W_c", CANDIDATE, CANDIDATE_FILL),
        (end, r"$\sigma$", "W_o", OUTPUT, OUTPUT_FILL),
    ]
    for x, squash, weight, colour, fill in nodes:
        if coupled and x == INPUT_X:
            continue
        wide = 36 if "tanh" in squash else 28
        c.arrow((x, y), (x, NETS - wide), colour=NAVY, width=3)
        c.text(x + 10, y + 23, f"${weight}$", size=28, colour=NAVY, align="left")
        c.disc(x, NETS, squash, radius=wide, colour=colour, fill=fill,
               size=25 if "tanh" in squash else 36)  # fmt: skip
        if x == SUM_X:
            continue
        wheel = OUT_WHEEL[1] if x == end else WHEEL
        c.arrow((x, NETS + wide), (x, wheel - 36), colour=colour, width=4)
    c.pipe((SUM_X, NETS + 36), (SUM_X, TRACK - 30), role="candidate", width=24, chevrons=False)
    c.valve(SUM_X, WHEEL, "$1-f_t$" if coupled else "$i_t$", "input", vertical=True,
            wheel=(INPUT_X, WHEEL), radius=46 if coupled else 36,
            size=27 if coupled else 36)  # fmt: skip
    c.text(SUM_X + 24, 214, r"$\tilde{c}_t$", size=36, colour=CANDIDATE, align="left")
    c.text(646, y - 28, r"$\langle x_t, h_{t-1} \rangle$", size=32, colour=NAVY)
    if shapes:
        c.text(646, y + 26, "$(n + m)$", size=28, colour=MUTED)
        c.text(LEFT, 228, "$(n)$", size=26, colour=MUTED)
        c.text(LEFT, TRACK - 58, "$(m)$", size=26, colour=MUTED)
        c.text(RIGHT, BUS + 82, "$(m)$", size=26, colour=MUTED)
        c.text(RIGHT, TRACK - 58, "$(m)$", size=26, colour=MUTED)
        c.text(SUM_X + 60, NETS + 4, "$(m)$", size=26, colour=MUTED, align="left")
        c.lines(
            706, 318, [c.say(pl="każda macierz:", en="each matrix:"), "$(m, n + m)$"],
            size=26, colour=NAVY,
        )  # fmt: skip


@diagram("lstm-cell", height=450)
def lstm_cell(c: Canvas) -> None:
    """The whole cell: four small networks read the input and the hidden state."""
    _track(c, valves=3)
    _output(c)
    _networks(c)


@diagram("lstm-peepholes", height=450)
def lstm_peepholes(c: Canvas) -> None:
    """Peepholes: each gate also sees its own place of the cell."""
    _track(c, valves=3)
    _output(c)
    _networks(c, shapes=False)
    left, middle = 182, 700
    low = TRACK - 14
    turn = NETS + 60
    for points in (
        [(left, low), (left, NETS), (FORGET_X - 28, NETS)],
        [(left, turn), (INPUT_X - 60, turn), (INPUT_X - 24, NETS + 18)],
        [(middle, low), (middle, NETS), (OUT_WHEEL[0] - 28, NETS)],
    ):
        c.arrow(*points, colour=STATE, width=4, z=4)
    c.text(left + 14, NETS - 26, "$p_f$", size=30, colour=STATE, align="left")
    c.text(INPUT_X - 76, turn + 24, "$p_i$", size=30, colour=STATE)
    c.text(middle + 6, NETS - 26, "$p_o$", size=30, colour=STATE, align="left")
    c.text(left - 14, 286, "$c_{t-1}$", size=30, colour=STATE, align="right")
    c.text(middle + 14, 286, "$c_t$", size=30, colour=STATE, align="left")


@diagram("lstm-coupled", height=450)
def lstm_coupled(c: Canvas) -> None:
    """Coupled gates: one decision turns both wheels, as in lecture 03."""
    _track(c, valves=3)
    _output(c)
    _networks(c, coupled=True, shapes=False)
    c.line([(FORGET_X + 36, WHEEL), (INPUT_X - 46, WHEEL)], colour=MUTED, dashed=True, width=3.5)
    c.lines(
        INPUT_X, 186,
        c.say(pl="bez własnej|sieci", en="no network|of its own").split("|"),
        colour=INPUT, size=24,
    )  # fmt: skip


@diagram("lstm-formulas", height=430)
def lstm_formulas(c: Canvas) -> None:
    """The cell in small, and beside it its six formulas in the cell's colours."""
    track, bus, nets, wheels = 362, 66, 136, 246
    f_x, i_x, sum_x, o_x, out_x = 108, 190, 256, 366, 446
    c.pipe((12, track), (sum_x - 22, track), role="state", width=22, chevrons=False)
    c.pipe((sum_x, track), (546, track), role="state", width=22, chevrons=False)
    c.disc(sum_x, track, "$+$", radius=24, size=34)
    c.pipe((out_x, track - 11), (out_x, bus), (546, bus), role="output", width=18, chevrons=False)
    c.disc(out_x, 304, r"$\tanh$", radius=28, size=21, colour=OUTPUT, fill=OUTPUT_FILL)
    c.line([(20, bus), (o_x + 2, bus)], colour=NAVY, width=3.5)
    for x, squash, colour, fill, end in (
        (f_x, r"$\sigma$", FORGET, FORGET_FILL, wheels - 26),
        (i_x, r"$\sigma$", INPUT, INPUT_FILL, wheels - 26),
        (sum_x, r"$\tanh$", CANDIDATE, CANDIDATE_FILL, None),
        (o_x, r"$\sigma$", OUTPUT, OUTPUT_FILL, wheels - 46),
    ):
        radius = 28 if end is None else 23
        c.arrow((x, bus), (x, nets - radius), colour=NAVY, width=2.5)
        c.disc(x, nets, squash, radius=radius, size=21 if end is None else 30, colour=colour,
               fill=fill)  # fmt: skip
        if end is not None:
            c.arrow((x, nets + radius), (x, end), colour=colour, width=3)
    c.pipe((sum_x, nets + 28), (sum_x, track - 24), role="candidate", width=18, chevrons=False)
    shape: dict[str, Any] = {"length": 46.0, "breadth": 42.0, "radius": 26.0, "size": 28.0}
    c.valve(f_x, track, "$f_t$", "forget", wheel=(f_x, wheels), **shape)
    c.valve(sum_x, wheels, "$i_t$", "input", vertical=True, wheel=(i_x, wheels), **shape)
    c.valve(out_x, wheels - 20, "$o_t$", "output", vertical=True, wheel=(o_x, wheels - 20),
            **shape)  # fmt: skip
    c.text(34, track + 36, "$c_{t-1}$", size=28, colour=STATE)
    c.text(524, track + 36, "$c_t$", size=28, colour=STATE)
    c.text(524, bus + 34, "$h_t$", size=28, colour=OUTPUT)
    c.text(sum_x + 16, 194, r"$\tilde{c}_t$", size=28, colour=CANDIDATE, align="left")
    c.text(186, 26, r"$\langle x_t, h_{t-1} \rangle$", size=28, colour=NAVY)
    c.line([(588, 20), (588, 410)], colour=RULE)

    def network(symbol: str, squash: str, letter: str, colour: str) -> list[tuple[str, str]]:
        reads = rf"{squash}(W_{letter} \langle x_t, h_{{t-1}} \rangle + b_{letter})"
        return [(symbol, colour), EQUALS, (reads, INK)]

    for k, line in enumerate(
        (
            network("f_t", r"\sigma", "f", FORGET),
            network("i_t", r"\sigma", "i", INPUT),
            network("o_t", r"\sigma", "o", OUTPUT),
            network(r"\tilde{c}_t", r"\tanh", "c", CANDIDATE),
            [("c_t", STATE), EQUALS, *KEEP, PLUS, *WRITE],
            SHOW,
        )
    ):
        c.formula(624, 390 - 70 * k, line, size=38, align="left")


def _step(c: Canvas, cx: float, *, top: float, low: float) -> float:
    """Draw one step of the unrolled network around x = cx; return where h leaves the track."""
    f_x, sum_x, o_x, middle = cx - 108, cx, cx + 110, cx - 48
    small: dict[str, Any] = {"length": 44.0, "breadth": 40.0, "radius": 22.0, "size": 26.0}
    c.box(middle, low, 120, 68, edge=NAVY)
    c.lines(
        middle, low, [c.say(pl="cztery", en="four"), c.say(pl="sieci", en="nets")], size=23,
        colour=NAVY,
    )  # fmt: skip
    c.disc(sum_x, top, "$+$", radius=26, size=36)
    c.arrow((cx - 94, low + 34), (cx - 94, 174), (f_x, 174), (f_x, 218 - 22), colour=FORGET,
            width=3)  # fmt: skip
    c.valve(f_x, top, "$f$", "forget", wheel=(f_x, 218), **small)
    c.arrow((cx - 52, low + 34), (cx - 52, 212 - 22), colour=INPUT, width=3)
    c.pipe((sum_x, low + 34), (sum_x, top - 26), role="candidate", width=14, chevrons=False)
    c.valve(sum_x, 212, "$i$", "input", vertical=True, wheel=(cx - 52, 212), **small)
    c.disc(o_x, 248, r"$\tanh$", radius=26, size=20, colour=OUTPUT, fill=OUTPUT_FILL)
    c.arrow((cx + 12, low + 14), (o_x - 50, low + 14), (o_x - 50, 184 - 22), colour=OUTPUT,
            width=3)  # fmt: skip
    c.valve(o_x, 184, "$o$", "output", vertical=True, wheel=(o_x - 50, 184), **small)
    return o_x


@diagram("lstm-unrolled", height=450)
def lstm_unrolled(c: Canvas) -> None:
    """Three steps of the cell: the straight memory track, and the track through the networks."""
    top, low = 310, 112
    centres = (205, 580, 955)
    for cx in centres:
        c.box(cx, 216, 312, 330, edge=RULE, radius=18, z=1)
    c.pipe((0, top), (centres[0] - 26, top), role="state", width=24, chevrons=False)
    for here, after in zip(centres, (*centres[1:], None), strict=True):
        end = c.width - 2 if after is None else after - 26
        c.pipe((here, top), (end, top), role="state", width=24, chevrons=False)
    for i, cx in enumerate(centres):
        step = ("t-1", "t", "t+1")[i]
        c.pipe((cx - 190 if i else 0, low), (cx - 108, low), role="output", width=18,
               chevrons=False)  # fmt: skip
        c.pipe((cx + 110, top - 10), (cx + 110, low), (min(cx + 200, c.width - 2), low),
               role="output", width=18, chevrons=False, head=i == 2)  # fmt: skip
        c.arrow((cx - 48, 34), (cx - 48, low - 34), colour=NAVY, width=3.5)
        c.text(cx - 48, 18, f"$x_{{{step}}}$", size=30, colour=NAVY)
        o_x = _step(c, cx, top=top, low=low)
        c.text(cx + 40, 354, f"$c_{{{step}}}$", size=30, colour=STATE)
        c.text(o_x - 10, low - 32, f"$h_{{{step}}}$", size=30, colour=OUTPUT)
    c.text(
        c.width / 2, 424,
        c.say(pl="tor pamięci: w każdym kroku tylko zawór i dodawanie",
              en="the memory track: at each step just a valve and an addition"),
        size=28, weight=600, colour=STATE,
    )  # fmt: skip


def _back(c: Canvas, stage: int) -> None:
    """Draw one step's formulas as a graph, and the derivative that runs back through it.

    Args:
        c: the canvas.
        stage: 1, from h; 2, from c; 3, through the matrix. Earlier stages stay, in grey.
    """
    track, gates, low = 246, 140, 34
    places = {"f": 300.0, "i": 450.0, "c": 600.0, "o": 930.0}
    roles = {"f": "forget", "i": "input", "c": "candidate", "o": "output"}
    c_old, c_new, h_new, xh = (90.0, track), (760.0, track), (1080.0, gates), (90.0, low)

    def back(at: int, colour: str, *points: tuple[float, float]) -> None:
        if at <= stage:
            lit = at == stage
            c.arrow(
                *points, colour=colour if lit else RULE, width=6 if lit else 4, z=4 if lit else 2
            )

    for x in places.values():  # the way forward, thin
        c.line([(x, low + 26), (x, gates)], colour=RULE, width=2, z=1)
    for name in "fic":
        c.line([(places[name], gates), (c_new[0], track)], colour=RULE, width=2, z=1)
    c.line([c_old, c_new], colour=RULE, width=2, z=1)
    c.line([c_new, (h_new[0], gates)], colour=RULE, width=2, z=1)
    c.line([(places["o"], gates), h_new], colour=RULE, width=2, z=1)
    c.line([xh, (250, low)], colour=RULE, width=2, z=1)

    back(1, OUTPUT, (h_new[0] - 58, gates), (places["o"] + 34, gates))
    back(1, STATE, (h_new[0] - 30, gates + 38), (h_new[0] - 30, track), (c_new[0] + 62, track))
    back(2, STATE, (c_new[0] - 60, track + 14), (c_old[0] + 62, track + 14))
    for name in "fic":
        x = places[name]
        back(2, ROLES[roles[name]], (x, track + 14), (x, gates + 34))
    for name, x in places.items():
        back(3, ROLES[roles[name]], (x, gates - 32), (x, low + 28))
    back(3, NAVY, (240, low), (xh[0] + 84, low))

    c.role_box(*c_old, "$c_{t-1}$", "state", width=112, height=72)
    c.role_box(*c_new, "$c_t$", "state", width=112, height=72)
    c.role_box(*h_new, "$h_t$", "output", width=112, height=72)
    for name, x in places.items():
        symbol = r"$\tilde{c}_t$" if name == "c" else f"${name}_t$"
        c.disc(x, gates, symbol, radius=33, size=32, colour=ROLES[roles[name]],
               fill=FILLS[roles[name]])  # fmt: skip
    c.box(610, low, 740, 54, edge=NAVY)
    c.symbol(610, low, "$W$", size=34, colour=NAVY)
    c.box(xh[0], low, 166, 54, edge=NAVY)
    c.symbol(xh[0], low, r"$\langle x_t, h_{t-1} \rangle$", size=28, colour=NAVY)
    c.text(h_new[0], gates - 66, c.say(pl="strata", en="loss"), size=26, colour=MUTED)


@diagram("lstm-back-1", height=300)
def lstm_back_1(c: Canvas) -> None:
    """Backwards, first: h hands its derivative to the output gate and to the cell."""
    _back(c, 1)


@diagram("lstm-back-2", height=300)
def lstm_back_2(c: Canvas) -> None:
    """Backwards, second: the cell hands its derivative on."""
    _back(c, 2)


@diagram("lstm-back-3", height=300)
def lstm_back_3(c: Canvas) -> None:
    """Backwards, third: the four networks hand theirs to the matrix, the input, the old h."""
    _back(c, 3)


@diagram("lstm-gradient", height=460)
def lstm_gradient(c: Canvas) -> None:
    """The derivative on its way back: fading in a simple network, kept along the cell track."""
    places = [1080 - 250 * k for k in range(5)]
    for y, symbol, share, role, factor, title in (
        (
            330,
            "s",
            0.5,
            "output",
            r"\operatorname{diag}(1-s^2)\,W_h".replace(r"\operatorname{diag}", r"\mathrm{diag}"),
            c.say(pl="prosta sieć: co krok macierz i tanh", en="simple network: a matrix and tanh"),
        ),
        (
            100,
            "c",
            0.96,
            "state",
            r"\mathrm{diag}(f_t)",
            c.say(pl="tor pamięci: co krok tylko zawór, tu prawie otwarty",
                  en="memory track: only a valve, here almost open"),
        ),
    ):  # fmt: skip
        c.text(20, y + 98, title, size=29, weight=600, colour=NAVY, align="left")
        c.text(c.width - 20, y + 98, f"${factor}$", size=32, colour=ROLES[role], align="right")
        for k, x in enumerate(places):
            if k < 4:
                start, end = (x - 44, y), (places[k + 1] + 46, y)
                width = 46 * share**k
                c.pipe(start, end, role=role, width=width, chevrons=False) if width > 7 else (
                    c.arrow(start, end, colour=ROLES[role], width=width * 0.6)
                )
                if width > 7:
                    c.current(start, end, colour=ROLES[role], width=max(4, 0.3 * width))
            step = f"{symbol}_{{t-{k}}}" if k else f"{symbol}_t"
            c.box(x, y, 92, 68, edge=ROLES[role], fill=FILLS[role])
            c.symbol(x, y, f"${step}$", size=36, colour=ROLES[role])
            if k:
                text = c.number(share**k + 1e-9, 2)  # 0.125 is 0.13, as at school
                c.text(x, y - 58, text, size=26, weight=600, colour=ROLES[role])
        c.text(places[0], y - 58, c.say(pl="strata", en="loss"), size=26, colour=MUTED)
    c.line([(20, 222), (c.width - 20, 222)], colour=RULE)


def _blocks(c: Canvas, x: float, y: float, letters: str, *, wide: float, tall: float,
            across: bool) -> None:  # fmt: skip
    """Draw a packed matrix: four blocks one below another, or side by side."""
    role = {"f": "forget", "i": "input", "o": "output", "c": "candidate", "g": "candidate"}
    for k, letter in enumerate(letters):
        name = role[letter]
        bx = x + (k * wide if across else 0) + wide / 2
        by = y - (0 if across else k * tall) - tall / 2
        c.box(bx, by, wide - 3, tall - 3, edge=ROLES[name], fill=FILLS[name], radius=5, line=LINE)
        if wide > 40:
            c.symbol(bx, by, f"${letter}$", size=36, colour=ROLES[name])


@diagram("lstm-packing", height=480)
def lstm_packing(c: Canvas) -> None:
    """One matrix of four blocks: in the course's order, PyTorch's, and Keras's, transposed."""
    top = 372
    for x, title in (
        (176, c.say(pl="w tym kursie", en="in this course")),
        (540, c.say(pl="w PyTorchu", en="in PyTorch")),
        (906, c.say(pl="w Kerasie", en="in Keras")),
    ):
        c.text(x, 456, title, size=31, weight=600, colour=NAVY)
    tall = 66
    _blocks(c, 76, top, "fioc", wide=130, tall=tall, across=False)
    _blocks(c, 236, top, "fioc", wide=24, tall=tall, across=False)
    c.text(141, top + 26, "$W$", size=32)
    c.text(248, top + 26, "$b$", size=32)
    c.text(141, top - 4 * tall - 26, "$(4m, n + m)$", size=27, colour=MUTED)
    _blocks(c, 376, top, "ifgo", wide=90, tall=tall, across=False)
    _blocks(c, 496, top, "ifgo", wide=110, tall=tall, across=False)
    _blocks(c, 634, top, "ifgo", wide=24, tall=tall, across=False)
    _blocks(c, 674, top, "ifgo", wide=24, tall=tall, across=False)
    for x, name in ((421, "W_{ih}"), (551, "W_{hh}"), (646, "b_{ih}"), (690, "b_{hh}")):
        c.text(x, top + 26, f"${name}$", size=27)
    c.text(421, top - 4 * tall - 26, "$(4m, n)$", size=27, colour=MUTED)
    c.text(558, top - 4 * tall - 26, "$(4m, m)$", size=27, colour=MUTED)
    c.text(678, top - 4 * tall - 26, "$(4m)$", size=27, colour=MUTED)
    left, wide = 756, 75
    for y, height, name, shape in (
        (top, 62, "kernel", "(n, 4m)"),
        (top - 118, 80, r"recurrent\_kernel", "(m, 4m)"),
        (top - 254, 24, "bias", "(4m)"),
    ):
        for k, letter in enumerate("ifco"):
            role = {"f": "forget", "i": "input", "o": "output", "c": "candidate"}[letter]
            bx = left + (k + 0.5) * wide
            c.box(bx, y - height / 2, wide - 3, height - 3, edge=ROLES[role], fill=FILLS[role],
                  radius=5)  # fmt: skip
            if height > 40:
                c.symbol(bx, y - height / 2, f"${letter}$", size=36, colour=ROLES[role])
        c.text(left, y + 24, rf"$\mathtt{{{name}}}$", size=27, align="left")
        c.text(left + 4 * wide + 8, y - height / 2, f"${shape}$", size=26, colour=MUTED,
               align="left")  # fmt: skip
    c.text(
        c.width / 2, 24,
        c.say(pl=r"$g$ i $c$ to dwie nazwy kandydata $\tilde{c}_t$",
              en=r"$g$ and $c$ are two names of the candidate $\tilde{c}_t$"),
        size=29, colour=CANDIDATE,
    )  # fmt: skip


@diagram("lstm-context", height=250)
def lstm_context(c: Canvas) -> None:
    """How far back an LSTM language model reads: in order, then only roughly, then not at all."""
    y, now, per_token = 120, 1100, 4.2
    marks = [(0, now)] + [(k, now - per_token * k) for k in (50, 200)]
    spans = (
        (marks[0][1], marks[1][1], STATE, FILLS["state"],
         c.say(pl="słowa i ich|kolejność", en="words and|their order")),
        (marks[1][1], marks[2][1], OUTPUT, FILLS["output"],
         c.say(pl="z grubsza temat;|kolejność bez znaczenia",
               en="roughly the topic;|order does not matter")),
        (marks[2][1], 10, MUTED, PAPER, c.say(pl="już nic", en="nothing|any more")),
    )  # fmt: skip
    for right, left, edge, fill, words in spans:
        c.box((left + right) / 2, y, right - left - 6, 92, edge=edge, fill=fill, radius=8,
              dashed=fill == PAPER)  # fmt: skip
        c.lines((left + right) / 2, y, words.split("|"), size=27, weight=600, colour=edge)
    for tokens, x in marks:
        c.line([(x, y - 46), (x, y - 66)], colour=INK)
        c.text(x, y - 88, c.say(pl="teraz", en="now") if tokens == 0 else f"{tokens}", size=28)
    c.text(
        10, y + 84, c.say(pl="ile tokenów temu", en="how many tokens ago"), size=28, colour=MUTED,
        align="left",
    )  # fmt: skip
