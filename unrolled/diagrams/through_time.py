"""The diagrams of lecture 07, Convolution through time."""

from __future__ import annotations

import itertools

import numpy as np
from matplotlib.patches import Rectangle

from unrolled.diagrams.canvas import Canvas, diagram
from unrolled.palette import (
    CANDIDATE,
    CANDIDATE_FILL,
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
    RULE,
    STATE,
    STATE_FILL,
)

EQUALS = (r"\;=\;", INK)
PLUS = (r"\;+\;", INK)
ODOT = (r"\odot", INK)


def _rect(
    c: Canvas, x: float, y: float, w: float, h: float, edge: str, fill: str, *, line: float = 2,
    z: float = 4,
) -> None:  # fmt: skip
    """Draw a rectangle with its lower left corner at (x, y)."""
    c.axes.add_patch(
        Rectangle((x, y), w, h, facecolor=fill, edgecolor=edge, linewidth=line, zorder=z)
    )


def _maps(
    c: Canvas, x: float, y: float, symbol: str, edge: str, fill: str, *, count: int = 3,
    side: float = 84, shift: float = 12, size: float = 34,
) -> None:  # fmt: skip
    """Draw maps one behind another, the nearest around (x, y), with a symbol on it."""
    for k in reversed(range(count)):
        _rect(c, x - side / 2 + shift * k, y - side / 2 + shift * k, side, side, edge, fill,
              line=1.8, z=6 - 0.1 * k)  # fmt: skip
    c.symbol(x, y, symbol, size=size, colour=edge)


@diagram("time-waiting", height=400)
def time_waiting(c: Canvas) -> None:
    """A recurrent net waits for its own last step; a convolution does not."""
    step, count, low, mid, high = 90, 6, 64, 180, 300
    titles = (
        c.say(pl="rekurencja: jeden po drugim", en="recurrence: one after another"),
        c.say(pl="splot: wszystkie naraz", en="convolution: all at once"),
    )
    for panel, title in enumerate(titles):
        left = 60 + 590 * panel
        c.text(left + 2.5 * step, 376, title, size=30, weight=600, colour=NAVY)
        for k in range(count):
            x = left + step * k
            c.box(x, low, 62, 52, edge=MUTED, fill=PAPER, radius=8)
            c.symbol(x, low, f"$x_{k + 1}$", size=28)
            c.box(x, high, 62, 52, edge=OUTPUT, fill=OUTPUT_FILL, radius=8)
            c.symbol(x, high, f"$y_{k + 1}$", size=28, colour=OUTPUT)
            if panel:
                for back in range(min(k, 2) + 1):
                    c.line([(x - back * step, low + 27), (x, mid - 27)], colour=INPUT, width=2.5)
                c.box(x, mid, 62, 52, edge=INPUT, fill=INPUT_FILL, radius=8)
                c.symbol(x, mid, "$A$", size=30, colour=INPUT)
            else:
                c.arrow((x, low + 27), (x, mid - 27), colour=MUTED)
                if k < count - 1:
                    c.arrow((x + 31, mid), (x + step - 31, mid), colour=STATE, width=5)
                c.box(x, mid, 62, 52, edge=STATE, fill=STATE_FILL, radius=8)
                c.symbol(x, mid, f"$h_{k + 1}$", size=28, colour=STATE)
            c.arrow((x, mid + 27), (x, high - 27), colour=MUTED)


@diagram("time-vectors", height=400)
def time_vectors(c: Canvas) -> None:
    """A window over vectors: a kernel has one column of weights for each place in the window."""
    cell, wide, n, m, count, left = 34, 96, 4, 3, 9, 110
    bottom, top = 40, 252
    for t in range(count):
        lit = t in (5, 6, 7)
        for j in range(n):
            _rect(c, left + wide * t, bottom + cell * j, 40, cell, STATE if lit else MUTED,
                  STATE_FILL if lit else PAPER, line=1.5)  # fmt: skip
        for j in range(m):
            one = t == 7
            _rect(c, left + wide * t, top + cell * j, 40, cell, OUTPUT if one else RULE,
                  OUTPUT_FILL if one else PAPER, line=1.5)  # fmt: skip
    x = left + wide * 7 + 20
    for t in (5, 6, 7):
        c.line([(left + wide * t + 20, bottom + n * cell + 2), (x, top - 4)], colour=INPUT, width=4)
    c.text(left - 16, bottom + 2 * cell, "$x$", size=34, align="right")
    c.text(left - 16, top + 1.5 * cell, "$y$", size=34, align="right", colour=OUTPUT)
    c.text(x, 376, "$y_t$", size=30, colour=OUTPUT)
    for t, weight, word in ((5, "W_2", "x_{t-2}"), (6, "W_1", "x_{t-1}"), (7, "W_0", "x_t")):
        c.formula(left + wide * t + (10, 20, 20)[t - 5], 18, [(weight, INPUT), (word, STATE)],
                  size=25)  # fmt: skip
    c.arrow((left + wide * 8, 18), (left + wide * count, 18), colour=MUTED)
    c.text(left + wide * count + 12, 18, c.say(pl="czas", en="time"), size=24, colour=MUTED,
           align="left")  # fmt: skip
    right = left + wide * count + 12
    c.text(right, bottom + 2 * cell, c.say(pl="n liczb", en="n numbers"), size=26, colour=STATE,
           align="left")  # fmt: skip
    c.text(right, top + 1.5 * cell, c.say(pl="m liczb", en="m numbers"), size=26, colour=OUTPUT,
           align="left")  # fmt: skip


@diagram("time-causal", height=400)
def time_causal(c: Canvas) -> None:
    """A centred window sees the next step; zeros on the left alone move it into the past."""
    step, count, low, high = 74, 7, 86, 270
    for panel in (0, 1):
        left = 66 + 590 * panel
        title = (
            c.say(pl="„same”: zero z obu stron", en="“same”: a zero on both sides"),
            c.say(pl="przyczynowo: zera z lewej", en="causal: zeros on the left"),
        )[panel]
        c.text(left + 3 * step, 376, title, size=30, weight=600, colour=NAVY)
        places = range(-1, 6) if panel == 0 else range(-2, 5)
        first = places[0]
        t = 2
        for k in range(count):
            at = first + k
            x = left + step * k
            zero = at < 0 or at > 4
            ahead = at == t + 1
            lit = (t - 1 <= at <= t + 1) if panel == 0 else (t - 2 <= at <= t)
            edge = FORGET if ahead and panel == 0 else STATE if lit else MUTED
            fill = FORGET_FILL if ahead and panel == 0 else STATE_FILL if lit else PAPER
            c.box(x, low, 62, 54, edge=edge, fill=fill, radius=8, dashed=zero)
            c.symbol(x, low, "$0$" if zero else f"$x_{at + 1}$", size=28,
                     colour=MUTED if zero else INK)  # fmt: skip
            if not zero:
                c.box(
                    x, high, 62, 54, edge=OUTPUT, fill=OUTPUT_FILL if at == t else PAPER, radius=8
                )
                c.symbol(x, high, f"$y_{at + 1}$", size=28, colour=OUTPUT)
            if lit:
                goal = left + step * (t - first)
                c.line([(x, low + 28), (goal, high - 28)],
                       colour=FORGET if ahead and panel == 0 else INPUT, width=4)  # fmt: skip
        words = (
            c.say(pl="widzi jutro", en="sees tomorrow"),
            c.say(pl="widzi dziś i dwa kroki wstecz", en="sees today and two steps back"),
        )[panel]
        c.text(left + 3 * step, 24, words, size=28, colour=FORGET if panel == 0 else INPUT,
               weight=600)  # fmt: skip
    c.line([(580, 10), (580, 390)], colour=RULE)


def _tree(c: Canvas, dilations: tuple[int, ...], kernel: int, *, left: float, step: float,
          places: int, low: float, rise: float) -> set[int]:  # fmt: skip
    """Draw layers of causal windows, what the last output sees in bold; return those inputs."""
    lit = [{places - 1}]
    for d in reversed(dilations):
        lit.append({k - j * d for k in lit[-1] for j in range(kernel)})
    lit.reverse()
    gap = (np.nan, np.nan)
    for layer, d in enumerate(dilations):
        bottom, top = low + rise * layer, low + rise * (layer + 1)
        faint = []
        for k, j in itertools.product(range(places), range(kernel)):
            if k - j * d < 0:
                continue
            link = (left + step * (k - j * d), bottom), (left + step * k, top)
            if k in lit[layer + 1]:
                c.line(link, colour=INPUT, width=3.5, z=3.5)
            else:
                faint += [*link, gap]
        c.line(faint, colour="#E6E9ED", width=1.5)
    for layer, seen in enumerate(lit):
        edge, fill = (
            (STATE, STATE_FILL) if layer == 0
            else (OUTPUT, OUTPUT_FILL) if layer == len(dilations)
            else (INPUT, INPUT_FILL)
        )  # fmt: skip
        y, dashes = low + rise * layer, []
        for k in range(places):
            x = left + step * k
            if k in seen:
                c.disc(x, y, "", radius=12, colour=edge, fill=fill)
            else:
                dashes += [(x - 7, y), (x + 7, y), gap]
        if dashes:
            c.line(dashes, colour=RULE, width=4, z=4)
    return lit[0]


@diagram("time-dilated", height=430)
def time_dilated(c: Canvas) -> None:
    """Windows of two with dilation 1, 2, 4, 8: four layers see sixteen steps."""
    left, step, low, rise = 150, 58, 46, 90
    _tree(c, (1, 2, 4, 8), 2, left=left, step=step, places=16, low=low, rise=rise)
    for layer, d in enumerate((1, 2, 4, 8)):
        c.text(70, low + rise * (layer + 0.5), f"$d = {d}$", size=30, colour=INPUT)
    c.text(left + 15 * step + 26, low + 4 * rise, "$y_t$", size=30, colour=OUTPUT, align="left")
    c.text(left + 15 * step + 26, low, "$x_t$", size=30, colour=STATE, align="left")
    c.text(left, 17, "$x_{t-15}$", size=26, colour=STATE)


@diagram("time-gaps", height=220)
def time_gaps(c: Canvas) -> None:
    """Dilations that grow too fast leave steps that nobody sees; slower ones see some often."""
    step, low, rise, places = 38, 30, 80, 10
    for panel, (dilations, kernel) in enumerate((((1, 4), 2), ((1, 3), 3))):
        words, left = 96 + 590 * panel, 200 + 590 * panel
        seen = _tree(c, dilations, kernel, left=left, step=step, places=places, low=low, rise=rise)
        c.text(words, 180, f"$k = {kernel}$", size=32, colour=NAVY)
        c.text(words, 130, f"$d = {dilations[0]}, {dilations[1]}$", size=32, colour=NAVY)
        for k in range(min(seen), places):
            if k not in seen:
                c.symbol(left + step * k, low, r"$\times$", size=32, colour=FORGET)
        c.text(words, 50, c.say(pl="dziury" if panel == 0 else "bez dziur",
                                en="gaps" if panel == 0 else "no gaps"), size=30, weight=600,
               colour=FORGET if panel == 0 else INPUT)  # fmt: skip


@diagram("time-blocks", height=470, quotes="TCN WaveNet")
def time_blocks(c: Canvas) -> None:
    """A TCN's block beside WaveNet's: both add to a track; WaveNet's has a gate and a way out."""
    c.line([(540, 14), (540, 456)], colour=RULE)
    for left, right, title in ((20, 520, "TCN"), (570, 1140, "WaveNet")):
        c.text((left + right) / 2, 446, title, size=32, weight=600, colour=NAVY)
        track = 372
        plus = right - 116
        c.pipe((left + 40, track), (plus - 24, track), role="state", width=24)
        c.pipe((plus, track), (right - 44, track), role="state", width=24, chevrons=False)
        c.role_box(left + 30, track, "$h$", "state", width=76, height=64)
        c.role_box(right - 26, track, "$h'$", "state", width=76, height=64)
        c.disc(plus, track, "$+$", radius=25, size=36)
    conv = c.say(pl="splot, d", en="conv, d")
    c.arrow((110, 360), (110, 190), (150, 190), colour=MUTED, width=3)
    c.box(238, 190, 172, 120, edge=CANDIDATE, fill=CANDIDATE_FILL)
    c.text(238, 216, conv, size=28, colour=CANDIDATE)
    c.text(238, 164, "ReLU", size=28, colour=CANDIDATE)
    c.pipe((324, 190), (404, 190), (404, 346), role="candidate", width=20, chevrons=False)
    c.formula(270, 70, [("h'", STATE), EQUALS, ("h", STATE), PLUS, ("F(h)", CANDIDATE)], size=40)
    # WaveNet
    c.arrow((640, 360), (640, 250), (676, 250), colour=MUTED, width=3)
    c.arrow((640, 260), (640, 130), (676, 130), colour=MUTED, width=3)
    for y, word, edge, fill in ((250, r"$\tanh$", CANDIDATE, CANDIDATE_FILL),
                                (130, r"$\sigma$", INPUT, INPUT_FILL)):  # fmt: skip
        c.box(740, y, 128, 92, edge=edge, fill=fill)
        c.text(740, y + 18, conv, size=26, colour=edge)
        c.symbol(740, y - 22, word, size=30, colour=edge)
    c.pipe((804, 250), (960, 250), role="candidate", width=20, chevrons=False, head=False)
    c.valve(868, 250, r"$\sigma$", "input", wheel=(868, 184), length=48, breadth=44, radius=24,
            size=30)  # fmt: skip
    c.line([(804, 130), (868, 130), (868, 162)], colour=INPUT, width=3)
    c.box(950, 250, 84, 70, edge=MUTED, fill=PAPER)
    c.text(950, 250, "1×1", size=30)
    c.pipe((992, 250), (1024, 250), (1024, 346), role="candidate", width=20, chevrons=False)
    c.arrow((950, 214), (950, 84), (1096, 84), colour=OUTPUT, width=4)
    c.text(990, 40, c.say(pl="skrót do wyjścia", en="skip to the output"), size=26, colour=OUTPUT)


@diagram("time-cache", height=430)
def time_cache(c: Canvas) -> None:
    """A step forward: each layer has a queue of the inputs that it will still need."""
    cell, gap = 60, 8
    rows = ((80, 1, 2), (210, 2, 4), (340, 4, 8))
    right = 830
    for y, d, count in rows:
        for k in range(count + 1):
            x = right - (cell + gap) * k
            now, used = k == 0, k % d == 0
            edge = OUTPUT if now else STATE if used else MUTED
            fill = OUTPUT_FILL if now else STATE_FILL if used else PAPER
            c.box(x, y, cell, 52, edge=edge, fill=fill, radius=8)
            c.symbol(x, y, "$t$" if now else f"$t-{k}$", size=22, colour=edge)
        c.text(28, y, f"$d = {d}$", size=30, colour=INPUT, align="left")
        c.text(right + 118, y, c.say(pl=f"pamięta {count}", en=f"remembers {count}"), size=28,
               colour=STATE, align="left")  # fmt: skip
    for (y, _, _), (above, _, _) in itertools.pairwise(rows):
        c.arrow((right, y + 28), (right, above - 28), colour=INPUT, width=5)
        c.text(right + 26, (y + above) / 2, c.say(pl="splot", en="conv"), size=24, colour=INPUT,
               align="left")  # fmt: skip
    c.arrow((right, 12), (right, 52), colour=MUTED, width=3)
    c.text(right + 26, 22, c.say(pl="nowe wejście", en="new input"), size=24, colour=MUTED,
           align="left")  # fmt: skip
    c.arrow((right, 368), (right, 410), colour=OUTPUT, width=5)
    c.symbol(right + 40, 404, "$y_t$", size=30, colour=OUTPUT)


@diagram("time-products", height=400, quotes="LSTM ConvLSTM")
def time_products(c: Canvas) -> None:
    """The LSTM's matrix product joins everything; the ConvLSTM's convolution joins neighbours."""
    c.line([(540, 14), (540, 386)], colour=RULE)
    c.text(260, 376, "LSTM", size=32, weight=600, colour=NAVY)
    c.text(850, 376, "ConvLSTM", size=32, weight=600, colour=NAVY)
    # a vector, a matrix, a vector
    for k in range(9):
        _rect(c, 60, 60 + 30 * k, 40, 30, STATE, STATE_FILL, line=1.5)
    for k in range(6):
        _rect(c, 420, 105 + 30 * k, 40, 30, OUTPUT, OUTPUT_FILL, line=1.5)
    for i in range(9):
        for j in range(6):
            c.line([(102, 75 + 30 * i), (418, 120 + 30 * j)], colour="#B9DDD0", width=1.4, z=2)
    for i in range(9):
        c.line([(102, 75 + 30 * i), (418, 120 + 30 * 3)], colour=INPUT, width=2.6, z=3)
    c.text(80, 24, "$x_t$: $n$", size=28, colour=STATE)
    c.text(440, 24, "$m$", size=28, colour=OUTPUT)
    c.text(262, 24, r"$W_x x_t$", size=34, colour=INPUT)
    # a frame, a kernel, maps
    side = 34
    for i in range(7):
        for j in range(7):
            lit = 2 <= i <= 4 and 3 <= j <= 5
            _rect(c, 590 + side * j, 78 + side * i, side, side, STATE if lit else MUTED,
                  STATE_FILL if lit else PAPER, line=1.5)  # fmt: skip
    for back in (2, 1, 0):
        for i in range(7) if back == 0 else ():
            for j in range(7):
                one = (i, j) == (3, 4)
                _rect(c, 880 + side * j, 64 + side * i, side, side, OUTPUT if one else RULE,
                      OUTPUT_FILL if one else PAPER, line=1.5, z=6)  # fmt: skip
        if back:
            _rect(c, 880 + 16 * back, 64 + 16 * back, 7 * side, 7 * side, OUTPUT, PAPER, line=1.5,
                  z=5 - back)  # fmt: skip
    x, y = 880 + side * 4.5, 64 + side * 3.5
    for i, j in ((2, 3), (5, 3), (2, 6), (5, 6)):
        c.line([(590 + side * j, 78 + side * i), (x, y)], colour=INPUT, width=2.2, z=7)
    c.text(590 + 3 * side, 24, "$x_t$: $C, H, W$", size=28, colour=STATE)
    c.text(890 + 4.4 * side, 24, "$m, H, W$", size=28, colour=OUTPUT)
    c.text(852, 24, r"$W_x \star x_t$", size=34, colour=INPUT)


@diagram("time-convlstm", height=500)
def time_convlstm(c: Canvas) -> None:
    """The LSTM's cell with maps for numbers: the same track, the same valves, two convolutions."""
    track, left, right, low = 396, 70, 1080, 76
    forget, wrote, shown = 330, 520, 880
    c.pipe((left + 20, track), (wrote - 28, track), role="state", width=28, clear=[(forget, track)])
    c.pipe((wrote, track), (right - 56, track), role="state", width=28, clear=[(shown, track)])
    _maps(c, left, track, "$c_{t-1}$", STATE, STATE_FILL, size=28)
    _maps(c, right, track, "$c_t$", STATE, STATE_FILL)
    c.disc(wrote, track, "$+$", size=42)
    c.valve(forget, track, "$f_t$", "forget", wheel=(forget, 306))
    c.pipe((wrote, 236), (wrote, track - 30), role="candidate", width=26, chevrons=False)
    c.valve(wrote, 306, "$i_t$", "input", vertical=True, wheel=(wrote + 96, 306))
    _maps(c, wrote, 206, r"$\tilde{c}_t$", CANDIDATE, CANDIDATE_FILL, side=62, shift=9, size=28)
    c.pipe((shown, track - 12), (shown, low), (right - 56, low), role="output", width=24,
           chevrons=False)  # fmt: skip
    c.disc(shown, 322, r"$\tanh$", radius=38, size=27, colour=OUTPUT, fill=OUTPUT_FILL)
    c.valve(shown, 226, "$o_t$", "output", vertical=True, wheel=(shown - 96, 226), length=58)
    _maps(c, right, low, "$h_t$", OUTPUT, OUTPUT_FILL)
    # what the valves and the candidate are made of
    _maps(c, left, low, "$h_{t-1}$", OUTPUT, OUTPUT_FILL, size=28)
    _maps(c, 196, low, "$x_t$", MUTED, PAPER, count=1)
    c.arrow((250, low), (322, low), colour=MUTED, width=4)
    c.box(500, low, 350, 88, edge=NAVY, fill="#F5F5F2")
    c.formula(500, low, [(r"W_x \star x_t + W_h \star h_{t-1} + b", INK)], size=30)
    for x, top, colour in ((350, 268, FORGET), (wrote, 172, CANDIDATE), (616, 268, INPUT),
                           (660, 206, OUTPUT)):  # fmt: skip
        if colour == OUTPUT:
            c.arrow((x, low + 44), (x, 226), (shown - 134, 226), colour=colour, width=3)
        elif colour == FORGET:
            c.arrow((forget, low + 44), (forget, 268), colour=colour, width=3)
        else:
            c.arrow((x, low + 44), (x, top), colour=colour, width=3)


@diagram("time-feedback", height=330)
def time_feedback(c: Canvas) -> None:
    """Seven true frames go in; then each forecast goes in as if it were a frame."""
    side, high, low, middle = 66, 280, 50, 166
    first, step = 52, 94
    for k, word in enumerate(("x_1", "x_2", r"\cdots", "x_6", "x_7")):
        x = first + step * k
        if word == r"\cdots":
            c.symbol(x, low, f"${word}$", size=34)
            continue
        _rect(c, x - side / 2, low - side / 2, side, side, STATE, STATE_FILL)
        c.symbol(x, low, f"${word}$", size=28, colour=STATE)
        c.arrow((x, low + side / 2), (x, middle - 28), colour=MUTED, width=3)
    for k in range(4):
        x = first + step * 4 + 156 * k + (8 if k else 0)
        word = f"$y_{{{k + 7}}}$"
        c.arrow((x, middle + 28), (x, high - side / 2), colour=MUTED, width=3)
        _rect(c, x - side / 2, high - side / 2, side, side, FORGET, FORGET_FILL)
        c.symbol(x, high, word, size=28, colour=FORGET)
        if k < 3:
            to = first + step * 4 + 156 * (k + 1) + 8
            _rect(c, to - side / 2, low - side / 2, side, side, FORGET, FORGET_FILL)
            c.symbol(to, low, word, size=28, colour=FORGET)
            c.arrow((to, low + side / 2), (to, middle - 28), colour=MUTED, width=3)
            c.arrow((x + side / 2, high), (to - 78, high), (to - 78, low), (to - side / 2, low),
                    colour=FORGET, width=3, z=2)  # fmt: skip
    c.box(560, middle, 1110, 56, edge=NAVY, fill="#F5F5F2")
    c.text(290, middle, c.say(pl="ta sama sieć, stan idzie w prawo",
                              en="the same net, its state moves right"), size=26)  # fmt: skip
    c.symbol(1010, low, r"$\cdots$", size=34, colour=FORGET)
