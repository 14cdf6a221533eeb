"""The diagrams of lecture 05, GRU and the choice of a cell."""

from __future__ import annotations

from unrolled.diagrams.canvas import Canvas, diagram
from unrolled.palette import (
    CANDIDATE,
    CANDIDATE_FILL,
    FILLS,
    FORGET,
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
NEW = (r"\tilde{h}_t", CANDIDATE)
OLD = ("h_{t-1}", STATE)
BOTH = r"$\langle x_t, h_{t-1} \rangle$"
UPDATE = [
    ("h_t", STATE),
    EQUALS,
    ("z_t", INPUT),
    ODOT,
    NEW,
    PLUS,
    ("(1-z_t)", FORGET),
    ODOT,
    OLD,
]


def _cell(c: Canvas, build: int) -> None:
    """Draw the cell in one of four builds: track, candidate, reset, the gates' networks."""
    y, row, top, low = 128, 336, 446, 232
    left, right, branch, reset_x, weight_x = 80, 1080, 205, 330, 520
    tanh_x, keep_x, sum_x = 668, 596, 880
    wheel_x = sum_x + 104
    # The memory track, the same as in lecture 03.
    c.pipe((left, y), (sum_x - 30, y), role="state", width=26, clear=[(keep_x, y), (branch, y)])
    c.pipe((sum_x, y), (right - 58, y), role="state", width=26)
    c.disc(sum_x, y, "$+$", size=42)
    c.role_box(left, y, "$h_{t-1}$", "state", height=74)
    c.role_box(right, y, "$h_t$", "state", height=74)
    c.line([(keep_x, low), (sum_x, low)], dashed=True, colour=MUTED)
    c.valve(keep_x, y, "$1-z_t$", "forget", wheel=(keep_x, low), radius=48, size=29)
    # New content.
    c.pipe((sum_x, row), (sum_x, y + 30), role="candidate", width=26, chevrons=False)
    c.role_box(sum_x, row, r"$\tilde{h}_t$", "candidate", height=74)
    c.valve(sum_x, low, "$z_t$", "input", vertical=True, wheel=(wheel_x, low))
    if build == 1:
        c.text(
            sum_x + 76, row, c.say(pl="nowa treść", en="new content"), colour=CANDIDATE,
            align="left",
        )  # fmt: skip
        c.text(
            sum_x - 44, low + 24, c.say(pl="ile wpuszczamy", en="share let in"),
            colour=INPUT, align="right",
        )  # fmt: skip
        c.text(
            keep_x - 62, low, c.say(pl="ile zostawiamy", en="share kept"), colour=FORGET,
            align="right",
        )  # fmt: skip
        c.text(left - 52, y + 66, c.say(pl="stan", en="state"), colour=STATE, align="left")
        c.formula(c.width / 2, 36, UPDATE)
        c.text(c.width - 20, 446, r"$z_t, \tilde{h}_t, h_t \in \mathbb{R}^m$", size=30,
               colour=MUTED, align="right")  # fmt: skip
        return
    # The candidate's network: the input and the old state.
    c.pipe((branch, y + 13), (branch, row), (weight_x - 44, row), role="state", width=20,
           chevrons=False)  # fmt: skip
    c.role_box(weight_x, row, "$W_h$", width=88, height=70)
    c.arrow((weight_x + 44, row), (tanh_x - 40, row), colour=NAVY)
    c.disc(tanh_x, row, r"$\tanh$", radius=40, size=28, colour=CANDIDATE, fill=CANDIDATE_FILL)
    c.pipe((tanh_x + 40, row), (sum_x - 58, row), role="candidate", width=20, chevrons=False)
    c.role_box(tanh_x - 190, top, "$x_t$", width=88, height=64)
    c.role_box(tanh_x, top, "$W_x$", width=88, height=64)
    c.arrow((tanh_x - 146, top), (tanh_x - 44, top), colour=NAVY)
    c.arrow((tanh_x, top - 32), (tanh_x, row + 40), colour=NAVY)
    pieces = [NEW, EQUALS, (r"\tanh(W_x x_t + W_h", INK)]
    if build == 2:
        c.lines(
            reset_x - 18, row + 62,
            c.say(pl="przeszłość zawsze|dochodzi do kandydata",
                  en="the past always|reaches the candidate").split("|"),
            colour=STATE,
        )  # fmt: skip
        c.formula(c.width / 2, 36, [*pieces, (r"\,", INK), OLD, (r"\:+\:b)", INK)])
        c.text(
            sum_x + 76, row, c.say(pl="kandydat", en="candidate"), colour=CANDIDATE, align="left"
        )
        return
    c.valve(reset_x, row, "$r_t$", "output", wheel=(reset_x, top - 22), radius=34)
    reset = [("(", INK), ("r_t", OUTPUT), ODOT, OLD, (")", INK)]
    if build == 3:
        c.lines(
            reset_x - 52, top - 20,
            c.say(pl="ile przeszłości|widzi kandydat",
                  en="how much past|the candidate sees").split("|"),
            colour=OUTPUT, align="right",
        )  # fmt: skip
        c.formula(c.width / 2, 36, [*pieces, (r"\,", INK), *reset, (r"\:+\:b)", INK)])
        c.text(
            sum_x + 76, row, c.say(pl="kandydat", en="candidate"), colour=CANDIDATE, align="left"
        )
        return
    # The gates' own networks.
    gate = 196
    c.text(16, top - 22, BOTH, size=29, colour=NAVY, align="left")
    c.arrow((142, top - 22), (gate + 10, top - 22), colour=NAVY)
    c.disc(gate + 40, top - 22, r"$\sigma$", size=36, colour=OUTPUT, fill=OUTPUT_FILL)
    c.arrow((gate + 70, top - 22), (reset_x - 34, top - 22), colour=OUTPUT, width=3.5)
    c.text((142 + gate) / 2, top + 8, "$W_r$", size=28, colour=NAVY)
    net = wheel_x + 102
    c.text(net, row + 16, BOTH, size=29, colour=NAVY)
    c.arrow((net, row - 6), (net, low + 30), colour=NAVY)
    c.text(net + 32, low + 60, "$W_z$", size=28, colour=NAVY)
    c.disc(net, low, r"$\sigma$", size=36, colour=INPUT, fill=INPUT_FILL)
    c.arrow((net - 30, low), (wheel_x + 36, low), colour=INPUT, width=3.5)
    c.text(sum_x, row + 60, c.say(pl="kandydat $(m)$", en="candidate $(m)$"), colour=CANDIDATE)
    for x, at, shape in (
        (tanh_x + 52, top, "$(m, n)$"),
        (weight_x, row + 54, "$(m, m)$"),
        (tanh_x - 262, top, "$(n)$"),
    ):
        c.text(x, at, shape, size=26, colour=MUTED, align="left" if x > tanh_x else "center")
    c.text(right, y - 58, "$(m)$", size=26, colour=MUTED)
    c.text(left, y - 58, "$(m)$", size=26, colour=MUTED)
    c.text(
        c.width / 2, 36,
        c.say(pl=r"trzy macierze $(m, n + m)$: $W_z$, $W_r$ oraz $W = [\,W_x\;W_h\,]$",
              en=r"three matrices $(m, n + m)$: $W_z$, $W_r$ and $W = [\,W_x\;W_h\,]$"),
        size=30,
    )  # fmt: skip


@diagram("gru-1", height=490)
def gru_1(c: Canvas) -> None:
    """Lecture 03's track and valve, with the letters of the GRU."""
    _cell(c, 1)


@diagram("gru-2", height=490)
def gru_2(c: Canvas) -> None:
    """The candidate is computed from the input and the old state."""
    _cell(c, 2)


@diagram("gru-3", height=490)
def gru_3(c: Canvas) -> None:
    """The reset gate: a valve between the old state and the candidate."""
    _cell(c, 3)


@diagram("gru-4", height=490)
def gru_4(c: Canvas) -> None:
    """The whole cell with the gates' networks and shapes."""
    _cell(c, 4)


@diagram("z-conventions", height=480)
def z_conventions(c: Canvas) -> None:
    """The same two valves; the letter z stands on the one or on the other."""
    for x0, takes in ((20, True), (610, False)):
        y, row, low = 150, 360, 252
        left, right, keep_x, sum_x = x0 + 56, x0 + 484, x0 + 188, x0 + 334
        title = (
            c.say(pl="z wpuszcza nowe", en="z takes the new")
            if takes
            else c.say(pl="z trzyma stare", en="z keeps the old")
        )
        c.text(x0 + 265, 450, title, size=30, weight=600, colour=NAVY)
        c.pipe((left, y), (sum_x - 30, y), role="state", width=24, chevrons=False)
        c.pipe((sum_x, y), (right - 46, y), role="state", width=24, chevrons=False)
        c.pipe((sum_x, row), (sum_x, y + 30), role="candidate", width=24, chevrons=False)
        c.disc(sum_x, y, "$+$", size=42)
        c.role_box(left, y, "$h_{t-1}$", "state", width=112, height=72)
        c.role_box(right, y, "$h_t$", "state", width=92, height=72)
        c.role_box(sum_x, row, r"$\tilde{h}_t$", "candidate", width=92, height=72)
        wheel = sum_x + 92
        c.valve(keep_x, y, "$1-z_t$" if takes else "$z_t$", "forget", wheel=(keep_x, low),
                radius=46, size=28 if takes else 36)  # fmt: skip
        c.valve(sum_x, low, "$z_t$" if takes else "$1-z_t$", "input", vertical=True,
                wheel=(wheel, low), radius=46, size=36 if takes else 28)  # fmt: skip
        write = [("z_t" if takes else "(1-z_t)", INPUT), ODOT, NEW]
        keep = [("(1-z_t)" if takes else "z_t", FORGET), ODOT, OLD]
        c.formula(
            x0 + 265, 74, [("h_t", STATE), (r"\;=\;", INK), *write, (r"\,+\,", INK), *keep], size=36
        )
        who = (
            c.say(pl="wykład 03, Chung i in. 2014", en="lecture 03, Chung et al. 2014")
            if takes
            else c.say(pl="Cho i in. 2014, PyTorch, Keras", en="Cho et al. 2014, PyTorch, Keras")
        )
        c.text(x0 + 265, 22, who, size=26, colour=MUTED)
    c.line([(c.width / 2, 10), (c.width / 2, 466)], colour=RULE)


@diagram("reset-before-after", height=480)
def reset_before_after(c: Canvas) -> None:
    """The reset valve before the recurrent product, or after it."""
    for y, before in ((382, True), (136, False)):
        title = (
            c.say(pl="reset przed iloczynem", en="reset before the product")
            if before
            else c.say(pl="reset po iloczynie", en="reset after the product")
        )
        who = (
            c.say(pl="Cho i in. 2014, Chung i in. 2014", en="Cho et al. 2014, Chung et al. 2014")
            if before
            else c.say(
                pl="PyTorch; Keras: reset_after=True", en="PyTorch; in Keras reset_after=True"
            )
        )
        c.text(20, y + 78, title, size=30, weight=600, colour=NAVY, align="left")
        c.text(c.width - 20, y + 78, who, size=25, colour=MUTED, align="right")
        left, first, second, plus, tanh, right = 80, 300, 500, 690, 850, 1060
        valve, weight = (first, second) if before else (second, first)
        if before:
            c.pipe((left, y), (weight - 44, y), role="state", width=22, clear=[(valve, y)],
                   chevrons=False)  # fmt: skip
            c.arrow((weight + 44, y), (plus - 30, y), colour=NAVY)
        else:
            c.pipe((left, y), (weight - 44, y), role="state", width=22, chevrons=False)
            c.pipe((weight + 44, y), (plus - 30, y), role="state", width=22, chevrons=False)
            c.text(weight + 62, y + 40, "$+\\,b_h$", size=32, colour=NAVY, align="left")
        c.role_box(left, y, "$h_{t-1}$", "state", height=72)
        c.role_box(weight, y, "$W_h$", width=88, height=70)
        c.valve(valve, y, "$r_t$", "output", wheel=(valve, y - 74), radius=32, length=58)
        c.disc(plus, y, "$+$", size=42)
        c.arrow((plus, y - 82), (plus, y - 30), colour=NAVY)
        c.text(plus, y - 104, "$W_x x_t + b$", size=32, colour=NAVY)
        c.arrow((plus + 30, y), (tanh - 40, y), colour=NAVY)
        c.disc(tanh, y, r"$\tanh$", radius=40, size=28, colour=CANDIDATE, fill=CANDIDATE_FILL)
        c.pipe((tanh + 40, y), (right - 58, y), role="candidate", width=22, chevrons=False)
        c.role_box(right, y, r"$\tilde{h}_t$", "candidate", height=72)
        piece = "W_h (r_t \\odot h_{t-1})" if before else "r_t \\odot (W_h h_{t-1} + b_h)"
        c.text(800, y - 92, f"${piece}$", size=34, align="left")
    c.line([(20, 246), (c.width - 20, 246)], colour=RULE)


@diagram("lstm-gru", height=500)
def lstm_gru(c: Canvas) -> None:
    """Both cells in one style: what each valve stands on."""
    y, row, low = 196, 414, 312
    for x0, lstm in ((4, True), (606, False)):
        left, right = x0 + 58, x0 + 502
        keep_x, sum_x = x0 + 184, x0 + 326
        c.pipe((left, y), (sum_x - 28, y), role="state", width=22, chevrons=False)
        c.pipe((sum_x, y), (right - 46, y), role="state", width=22, chevrons=False)
        c.pipe((sum_x, row), (sum_x, y + 28), role="candidate", width=22, chevrons=False)
        c.disc(sum_x, y, "$+$", radius=28, size=40)
        letter = "c" if lstm else "h"
        c.role_box(left, y, f"${letter}_{{t-1}}$", "state", width=112, height=70)
        c.role_box(right, y, f"${letter}_t$", "state", width=90, height=70)
        c.role_box(sum_x, row, rf"$\tilde{{{letter}}}_t$", "candidate", width=92, height=70)
        wheel = sum_x + 92
        if lstm:
            c.text(
                x0 + 545, 480, c.say(pl="komórka LSTM", en="LSTM cell"),
                size=28, weight=600, colour=NAVY, align="right",
            )  # fmt: skip
            out = x0 + 392
            c.pipe((out, y - 11), (out, 60), role="output", width=20, chevrons=False)
            c.disc(out, 158, r"$\tanh$", radius=25, size=21, colour=STATE, fill=PAPER)
            c.role_box(out, 31, "$h_t$", "output", width=92, height=52)
            c.valve(keep_x, y, "$f_t$", "forget", wheel=(keep_x, low), length=58)
            c.valve(sum_x, low, "$i_t$", "input", vertical=True, wheel=(wheel, low))
            c.valve(
                out, 98, "$o_t$", "output",
                vertical=True, wheel=(out + 92, 98), length=44, radius=34,
            )  # fmt: skip
            c.arrow((sum_x - 130, row), (sum_x - 46, row), colour=NAVY)
            c.text(sum_x - 138, row, r"$x_t, h_{t-1}$", size=31, colour=NAVY, align="right")
            words = c.say(
                pl="dwa stany, trzy bramki;|zapis i trzymanie osobno",
                en="two states, three gates;|writing and keeping apart",
            )
        else:
            c.text(
                x0 + 545, 480, c.say(pl="komórka GRU", en="GRU cell"),
                size=28, weight=600, colour=NAVY, align="right",
            )  # fmt: skip
            branch, reset_x = x0 + 130, x0 + 212
            c.pipe(
                (branch, y + 11), (branch, row), (sum_x - 46, row),
                role="state", width=18, chevrons=False,
            )  # fmt: skip
            c.line([(keep_x + 16, low), (wheel, low)], dashed=True, colour=MUTED)
            c.valve(
                keep_x + 16, y, "$1-z_t$", "forget",
                wheel=(keep_x + 16, low - 4), radius=43, size=26, length=58,
            )  # fmt: skip
            c.valve(sum_x, low, "$z_t$", "input", vertical=True, wheel=(wheel, low))
            c.valve(
                reset_x, row, "$r_t$", "output",
                wheel=(reset_x, row + 55), length=46, radius=27, breadth=42, size=30,
            )  # fmt: skip
            c.arrow((sum_x + 130, row), (sum_x + 46, row), colour=NAVY)
            c.text(sum_x + 140, row, "$x_t$", size=31, colour=NAVY, align="left")
            words = c.say(
                pl="jeden stan, dwie bramki;|zapis i trzymanie sprzężone",
                en="one state, two gates;|writing and keeping coupled",
            )
        c.lines(x0 + 4, 74, words.split("|"), colour=MUTED, size=25, align="left")
    c.line([(c.width / 2, 10), (c.width / 2, 490)], colour=RULE)


@diagram("gru-packing", height=480)
def gru_packing(c: Canvas) -> None:
    """PyTorch packs rows r, z, n; Keras packs columns z, r, h of the transposed matrices."""
    tall, wide, x, top = 104, 150, 230, 360
    rows = [("$r$", "output"), ("$z$", "input"), ("$n$", "candidate")]
    columns = [("$z$", "input"), ("$r$", "output"), ("$h$", "candidate")]
    c.text(
        x,
        top + 88,
        c.say(pl="PyTorch: macierz weight_ih", en="PyTorch: the matrix weight_ih"),
        size=28,
        weight=600,
        colour=NAVY,
    )
    c.text(
        845,
        top + 88,
        c.say(pl="Keras: macierz kernel", en="Keras: the matrix kernel"),
        size=28,
        weight=600,
        colour=NAVY,
    )
    for i, (symbol, role) in enumerate(rows):
        at = top - i * (tall + 6)
        c.role_box(x, at, symbol, role, width=wide, height=tall)
        c.text(x - wide / 2 - 20, at, "$m$", size=30, colour=MUTED, align="right")
    c.text(x, top - 2 * (tall + 6) - 82, "$n$", size=30, colour=MUTED)
    c.text(x + 130, top - 2 * (tall + 6) - 84, "$(3m, n)$", size=30, align="left")
    across, high, y, start = 150, 150, 300, 690
    places = {}
    for j, (symbol, role) in enumerate(columns):
        at = start + j * (across + 6)
        places[role] = at
        c.role_box(at, y, symbol, role, width=across, height=high)
        c.text(at, y - high / 2 - 24, "$m$", size=30, colour=MUTED)
    c.text(start - across / 2 - 20, y, "$n$", size=30, colour=MUTED, align="right")
    c.text(start + across + 6, y - high / 2 - 74, "$(n, 3m)$", size=30)
    c.arrow((x + 110, 250), (start - 130, 250), colour=INK, width=3)
    c.lines(
        (x + start) / 2 - 8, 318,
        c.say(pl="zamień bloki,|transponuj", en="swap blocks,|transpose").split("|"),
    )  # fmt: skip
    c.text(
        c.width - 20, 60,
        c.say(pl="bez zamiany r i z kształt też pasuje", en="without the swap the shapes fit too"),
        size=27, colour=FORGET, align="right",
    )  # fmt: skip


@diagram("gru-blocks", height=330)
def gru_blocks(c: Canvas) -> None:
    """The blocks of weights, each with its bias: four in an LSTM, three in a GRU."""
    wide, high, step, top = 250, 44, 50, 258
    for x, name, blocks in (
        (
            210,
            "LSTM",
            (("f", "forget"), ("i", "input"), ("o", "output"), (r"\tilde{c}", "candidate")),
        ),
        (790, "GRU", (("z", "input"), ("r", "output"), (r"\tilde{h}", "candidate"))),
    ):
        bias = x + wide / 2 + 44
        title = c.say(pl=f"komórka {name}", en=f"{name} cell")
        c.text(x - wide / 2, top + 50, title, size=28, weight=600, colour=NAVY, align="left")
        for i, (symbol, role) in enumerate(blocks):
            y = top - i * step
            c.box(x, y, wide, high, edge=ROLES[role], fill=FILLS[role])
            c.box(bias, y, 36, high, edge=ROLES[role], fill=FILLS[role])
            c.symbol(x, y, f"${symbol}$", size=32, colour=ROLES[role])
            c.text(x - wide / 2 - 14, y, "$m$", size=26, colour=MUTED, align="right")
        y = top - len(blocks) * step + 8
        c.text(x, y, "$n + m$", size=26, colour=MUTED)
        c.text(bias, y, "$1$", size=26, colour=MUTED)
        c.text(bias + 34, top, c.say(pl="obciążenia", en="biases"), colour=MUTED, align="left")
        c.text(x, 20, f"${len(blocks)}\\,(m(n + m) + m)$", size=34)
