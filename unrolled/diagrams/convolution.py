"""The diagrams of lecture 06, Convolutional networks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np
from matplotlib.patches import Rectangle

from unrolled.diagrams.canvas import Canvas, diagram
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
    PAPER,
    RULE,
    STATE,
)

EQUALS = (r"\;=\;", INK)
PLUS = (r"\;+\;", INK)

# A line of inputs with what is copied along it.
COUNT, STEP, FIRST = 9, 116, 116
INPUTS, COPIES, ANSWERS = 60, 204, 348


def _x(place: float) -> float:
    """Return where a place of the line stands."""
    return FIRST + STEP * place


def _inputs(c: Canvas, y: float = INPUTS, lit: Sequence[int] = ()) -> None:
    """Draw the line of inputs."""
    for k in range(COUNT):
        edge, fill = (STATE, "#F3E3C3") if k in lit else (MUTED, PAPER)
        c.box(_x(k), y, 76, 58, edge=edge, fill=fill, radius=8)
        c.symbol(_x(k), y, f"$x_{k}$", size=32)


def _net(c: Canvas, x: float, y: float, name: str, *, lit: bool = False) -> None:
    """Draw one copy of the small net."""
    c.box(x, y, 78, 62, edge=INPUT, fill=INPUT_FILL, line=4 if lit else 2.5)
    c.symbol(x, y, name, size=36, colour=INPUT)


def _copies(c: Canvas, window: int, *, lit: int = 3) -> None:
    """Draw copies of a net that sees a window, one of them in bold."""
    for k in range(COUNT - window + 1):
        x, bold = _x(k + (window - 1) / 2), k == lit
        for place in range(window):
            c.line(
                [(_x(k + place), INPUTS + 30), (x, COPIES - 31)],
                colour=INPUT if bold else RULE,
                width=4 if bold else 2.5,
                z=3.5 if bold else 3,
            )
        c.arrow((x, COPIES + 31), (x, ANSWERS - 32), colour=INPUT if bold else MUTED,
                width=3.5 if bold else 2.5)  # fmt: skip
        _net(c, x, COPIES, "$A$", lit=bold)
        c.box(x, ANSWERS, 70, 56, edge=OUTPUT, fill=OUTPUT_FILL, radius=8)
        c.symbol(x, ANSWERS, f"$y_{k}$", size=32, colour=OUTPUT)
    _inputs(c, lit=range(lit, lit + window))


@diagram("conv-dense", height=400)
def conv_dense(c: Canvas) -> None:
    """A dense net: each unit has a weight of its own for every place of the signal."""
    units = (2, 4, 6)
    for unit in units:
        for k in range(COUNT):
            c.line([(_x(k), INPUTS + 30), (_x(unit), COPIES - 31)], colour=MUTED, width=1.5)
        c.arrow((_x(unit), COPIES + 31), (_x(4) + 12 * (unit - 4), ANSWERS - 34), width=2.5,
                colour=MUTED)  # fmt: skip
        c.box(_x(unit), COPIES, 84, 62, edge=CANDIDATE, fill=CANDIDATE_FILL)
        c.symbol(_x(unit), COPIES, f"$F_{unit // 2}$", size=34, colour=CANDIDATE)
    _inputs(c)
    c.box(_x(4), ANSWERS, 220, 60, edge=OUTPUT, fill=OUTPUT_FILL, radius=8)
    c.text(_x(4), ANSWERS, c.say(pl="jest głos?", en="a voice?"), size=30, colour=OUTPUT,
           weight=600)  # fmt: skip
    c.text(_x(0) - 38, COPIES + 96, c.say(pl="27 wag, każda inna", en="27 weights, all different"),
           size=28, colour=CANDIDATE, align="left", weight=600)  # fmt: skip


@diagram("conv-window2", height=400)
def conv_window2(c: Canvas) -> None:
    """One small net with two inputs, copied along the signal."""
    _copies(c, 2)


@diagram("conv-window3", height=400)
def conv_window3(c: Canvas) -> None:
    """The same with three inputs."""
    _copies(c, 3)


@diagram("conv-two-layers", height=440)
def conv_two_layers(c: Canvas) -> None:
    """Two layers of windows of two: an output of the second sees three inputs."""
    low, mid, high = 50, 200, 350
    lit = 3
    for layer, (bottom, top, name, colour) in enumerate(
        ((low, mid, "$A$", INPUT), (mid, high, "$B$", OUTPUT))
    ):
        for k in range(COUNT - 1 - layer):
            x = _x(k + (layer + 1) / 2)
            bold = k in (lit, lit + 1) if layer == 0 else k == lit
            for place in (-0.5, 0.5):
                c.line([(x + place * STEP, bottom + 30), (x, top - 31)],
                       colour=colour if bold else RULE, width=4 if bold else 2.5,
                       z=3.5 if bold else 3)  # fmt: skip
            c.box(x, top, 78, 62, edge=colour, fill=INPUT_FILL if layer == 0 else OUTPUT_FILL,
                  line=4 if bold else 2.5)  # fmt: skip
            c.symbol(x, top, name, size=36, colour=colour)
    _inputs(c, low, lit=range(lit, lit + 3))
    c.text(_x(4), 418, c.say(pl="widzi 3 wejścia", en="sees 3 inputs"), size=28, colour=OUTPUT,
           weight=600)  # fmt: skip


def _grid(
    c: Canvas,
    left: float,
    top: float,
    rows: Sequence[Sequence[str]],
    *,
    side: float = 64,
    colour: str = INK,
    edge: str = MUTED,
    fills: dict[tuple[int, int], str] | None = None,
    size: float = 30,
    z: float = 4,
) -> None:
    """Draw a grid of cells with something written in each; (left, top) is its corner."""
    for i, row in enumerate(rows):
        for j, text in enumerate(row):
            x, y = left + side * j, top - side * (i + 1)
            c.axes.add_patch(
                Rectangle((x, y), side, side, facecolor=(fills or {}).get((i, j), PAPER),
                          edgecolor=edge, linewidth=1.5, zorder=z)
            )  # fmt: skip
            if text:
                c.symbol(x + side / 2, y + side / 2, text, size=size, colour=colour, z=z + 3)


def _frame(
    c: Canvas, left: float, top: float, wide: float, colour: str, *, high: float = 0
) -> None:
    """Draw a thick frame around a part of a grid."""
    high = high or wide
    c.line([(left, top), (left + wide, top), (left + wide, top - high), (left, top - high),
            (left, top), (left + 1, top)], colour=colour, width=6, z=8)  # fmt: skip


@diagram("conv-patch", height=360)
def conv_patch(c: Canvas) -> None:
    """The formula of a 3 × 3 window: nine products and their sum."""
    letters = [["", "", "", "", ""], ["", "$a$", "$b$", "$c$", ""], ["", "$d$", "$e$", "$f$", ""],
               ["", "$g$", "$h$", "$i$", ""], ["", "", "", "", ""]]  # fmt: skip
    side, top = 62, 340
    seen = {(i, j): "#F3E3C3" for i in (1, 2, 3) for j in (1, 2, 3)}
    _grid(c, 10, top, letters, side=side, fills=seen)
    _frame(c, 10 + side, top - side, 3 * side, STATE)
    c.text(10 + 2.5 * side, 16, c.say(pl="obraz", en="picture"), size=26, colour=MUTED)
    c.symbol(382, top - 2.5 * side, r"$\star$", size=44)
    kernel = [[f"${3 * i + j + 1}$" for j in range(3)] for i in range(3)]
    _grid(c, 440, top - side, kernel, side=side, edge=INPUT, colour=INPUT,
          fills=dict.fromkeys(seen, INPUT_FILL) | {(i, j): INPUT_FILL for i in range(3)
                                                   for j in range(3)})  # fmt: skip
    _frame(c, 440, top - side, 3 * side, INPUT)
    c.text(440 + 1.5 * side, 16, c.say(pl="jądro", en="kernel"), size=26, colour=MUTED)
    c.symbol(678, top - 2.5 * side, "$=$", size=44)
    lines = (("1a + 2b + 3c", 74), ("{} + 4d + 5e + 6f", 0), ("{} + 7g + 8h + 9i", -74))
    for formula, lift in lines:
        c.formula(724, top - 2.5 * side + lift, [(formula, INK)], size=44, align="left")
    c.text(930, 16, c.say(pl="jedna liczba mapy cech", en="one number of the feature map"), size=26,
           colour=MUTED)  # fmt: skip


@diagram("conv-flip", height=330)
def conv_flip(c: Canvas) -> None:
    """Cross-correlation lays the kernel down as it is; convolution turns it round first."""
    side, top = 62, 274
    kernel = [[str(3 * i + j + 1) for j in range(3)] for i in range(3)]
    turned = [row[::-1] for row in kernel[::-1]]
    fills = {(i, j): INPUT_FILL for i in range(3) for j in range(3)}
    titles = (
        c.say(pl="korelacja wzajemna", en="cross-correlation"),
        c.say(pl="splot", en="convolution"),
    )
    for left, rows, title in zip((190, 784), (kernel, turned), titles, strict=True):
        _grid(c, left, top, [[f"${t}$" for t in row] for row in rows], side=side, edge=INPUT,
              colour=INPUT, fills=fills)  # fmt: skip
        c.text(left + 1.5 * side, 312, title, size=32, weight=600, colour=NAVY)
    c.arrow((430, top - 1.5 * side), (730, top - 1.5 * side), colour=FORGET, width=4)
    c.text(580, top - 1.5 * side + 32, c.say(pl="obrót o 180°", en="turned by 180°"), size=28,
           colour=FORGET, weight=600)  # fmt: skip
    c.text(190 + 1.5 * side, 44, "PyTorch, Keras", size=28, colour=MUTED)
    c.text(784 + 1.5 * side, 44, c.say(pl="matematyka, numpy.convolve",
                                       en="mathematics, numpy.convolve"), size=28,
           colour=MUTED)  # fmt: skip


def _stack(
    c: Canvas,
    x: float,
    y: float,
    count: int,
    side: float,
    colour: str,
    fill: str,
    shift: float = 22,
) -> None:
    """Draw maps one behind another; (x, y) is the centre of the nearest."""
    for k in reversed(range(count)):
        c.axes.add_patch(
            Rectangle((x - side / 2 + shift * k, y - side / 2 + shift * k), side, side,
                      facecolor=fill, edgecolor=colour, linewidth=2, zorder=4 - 0.1 * k)
        )  # fmt: skip


@diagram("conv-channels", height=340)
def conv_channels(c: Canvas) -> None:
    """Channels: each output map has one kernel for each input channel, and sums over all."""
    y = 172
    _stack(c, 130, y, 3, 176, STATE, "#F3E3C3")
    c.text(
        150, 18, c.say(pl="C = 3 kanały", en="C = 3 channels"), size=28, colour=STATE, weight=600
    )
    for _k, lift in enumerate((66, -66)):
        _stack(c, 500, y + lift, 3, 74, INPUT, INPUT_FILL, shift=16)
        c.arrow((296, y), (440, y + lift), colour=MUTED, width=3)
        c.arrow((590, y + lift), (786, y + lift / 2), colour=MUTED, width=3)
    c.text(
        516, 18, c.say(pl="o = 2 jądra po 3 · 3 · 3", en="o = 2 kernels of 3 · 3 · 3"), size=28,
        colour=INPUT, weight=600,
    )  # fmt: skip
    _stack(c, 900, y, 2, 170, OUTPUT, OUTPUT_FILL)
    c.text(
        910, 18, c.say(pl="2 mapy cech", en="2 feature maps"), size=28, colour=OUTPUT, weight=600
    )
    c.text(720, 312, c.say(pl="suma po kanałach", en="sum over channels"), size=26, colour=MUTED)


@diagram("conv-pool", height=330)
def conv_pool(c: Canvas) -> None:
    """Max pooling of 2 × 2: from each square the largest number."""
    numbers = [[1, 0, 2, 3], [4, 6, 6, 8], [3, 1, 1, 0], [1, 2, 2, 4]]
    tints = ("#F3E3C3", OUTPUT_FILL, INPUT_FILL, CANDIDATE_FILL)
    side, top, left = 70, 306, 230
    fills = {(i, j): tints[2 * (i // 2) + j // 2] for i in range(4) for j in range(4)}
    _grid(
        c, left, top, [[f"${n}$" for n in row] for row in numbers], side=side, fills=fills, size=34
    )
    for i in range(2):
        for j in range(2):
            _frame(c, left + 2 * side * j, top - 2 * side * i, 2 * side, NAVY)
    best = np.array(numbers).reshape(2, 2, 2, 2).max(axis=(1, 3))
    start, y = left + 4 * side + 40, top - 2 * side
    c.arrow((start, y), (start + 200, y), width=4, colour=NAVY)
    c.text(left + 4 * side + 136, top - 2 * side + 36, "max", size=34, weight=600, colour=NAVY)
    _grid(c, 810, top - side, [[f"${n}$" for n in row] for row in best], side=side, size=34,
          fills={(i, j): tints[2 * i + j] for i in range(2) for j in range(2)})  # fmt: skip
    _frame(c, 810, top - side, 2 * side, NAVY)


@diagram("conv-interleave", height=330)
def conv_interleave(c: Canvas) -> None:
    """Convolution and pooling in turn: maps get smaller, and more of them."""
    y = 176
    stages: tuple[tuple[float, int, float, str, str, str], ...] = (
        (80, 1, 150, STATE, "#F3E3C3", "1 × 8 × 8"),
        (318, 4, 128, INPUT, INPUT_FILL, "16 × 8 × 8"),
        (566, 4, 76, CANDIDATE, CANDIDATE_FILL, "16 × 4 × 4"),
        (772, 7, 76, INPUT, INPUT_FILL, "32 × 4 × 4"),
        (976, 7, 20, CANDIDATE, CANDIDATE_FILL, "32"),
    )
    for x, count, side, colour, fill, shape in stages:
        _stack(c, x, y, count, side, colour, fill, shift=9)
        c.text(x + 4.5 * (count - 1), 58, shape, size=26, colour=colour, weight=600)
    joins = (
        (160, 246, c.say(pl="splot", en="conv")),
        (416, 524, "max 2×2"),
        (636, 730, c.say(pl="splot", en="conv")),
        (868, 962, c.say(pl="max globalny", en="global max")),
    )
    for start, end, name in joins:
        c.arrow((start, y), (end, y), colour=MUTED, width=3)
        c.text((start + end) / 2, 306, name, size=26, colour=NAVY, weight=600)
    c.arrow((1048, y), (1098, y), colour=MUTED, width=3)
    c.box(1126, y, 46, 150, edge=OUTPUT, fill=OUTPUT_FILL)
    c.text(1122, 58, "10", size=26, colour=OUTPUT, weight=600)
    c.text(1084, 306, c.say(pl="gęsta", en="dense"), size=26, colour=NAVY, weight=600)


@diagram("conv-receptive", height=400)
def conv_receptive(c: Canvas) -> None:
    """Three layers of windows of three: without and with dilation 1, 2, 4."""
    step, places, gap = 34, 15, 590
    titles = (
        c.say(pl="d = 1, 1, 1: widzi 7", en="d = 1, 1, 1: sees 7"),
        c.say(pl="d = 1, 2, 4: widzi 15", en="d = 1, 2, 4: sees 15"),
    )

    def row(left: float, y: float, lit: set[int], colour: str, fill: str) -> None:
        """Draw a layer: a disc at each place that counts, a dash at each other one."""
        for k in range(places):
            x = left + step * k
            if k in lit:
                c.disc(x, y, "", radius=12, colour=colour, fill=fill)
            else:
                c.line([(x - 6, y), (x + 6, y)], colour=RULE, width=4)

    for panel, dilations in enumerate(((1, 1, 1), (1, 2, 4))):
        left = 46 + gap * panel
        lit = {7}
        c.text(left + 7 * step, 378, titles[panel], size=28, weight=600, colour=NAVY)
        for layer in (2, 1, 0):
            top, bottom, d = 62 + 92 * (layer + 1), 62 + 92 * layer, dilations[layer]
            below = set()
            for k in sorted(lit):
                for to in (k - d, k, k + d):
                    c.line([(left + step * k, top), (left + step * to, bottom)], colour=INPUT,
                           width=2.5)  # fmt: skip
                    below.add(to)
            row(left, top, lit, INPUT, INPUT_FILL)
            lit = below
        row(left, 62, lit, STATE, "#F3E3C3")
    c.text(46 + 7 * step, 18, c.say(pl="wejście", en="input"), size=24, colour=MUTED)
    c.text(46 + gap + 7 * step, 18, c.say(pl="wejście", en="input"), size=24, colour=MUTED)


@diagram("conv-nin", height=370)
def conv_nin(c: Canvas) -> None:
    """The copied net may be one layer or more: a 1 × 1 convolution is its second layer."""
    titles = (
        c.say(pl="A: jedna warstwa", en="A: one layer"),
        c.say(pl="A: sieć w sieci", en="A: network in network"),
    )
    for panel, title in enumerate(titles):
        middle = 220 + 590 * panel
        c.text(middle, 350, title, size=30, weight=600, colour=NAVY)
        rows = [(60, 3, STATE, "#F3E3C3"), (165, 4, INPUT, INPUT_FILL)]
        if panel:
            rows.append((270, 3, OUTPUT, OUTPUT_FILL))
        for (low, m, _, _), (high, n, _, _) in itertools.pairwise(rows):
            for i in range(m):
                for j in range(n):
                    c.line([(middle + 90 * (i - (m - 1) / 2), low + 22),
                            (middle + 90 * (j - (n - 1) / 2), high - 22)],
                           colour=RULE, width=2.5)  # fmt: skip
        for y, n, colour, fill in rows:
            for j in range(n):
                c.disc(middle + 90 * (j - (n - 1) / 2), y, "", radius=24, colour=colour, fill=fill)
        c.text(middle + 208, 60, c.say(pl="okno", en="window"), size=24, colour=STATE, align="left")
        c.text(middle + 208, 165, c.say(pl="splot 3", en="conv 3"), size=24, colour=INPUT,
               align="left")  # fmt: skip
        if panel:
            c.text(middle + 208, 270, c.say(pl="splot 1×1", en="conv 1×1"), size=24, colour=OUTPUT,
                   align="left")  # fmt: skip


@diagram("conv-residual", height=420)
def conv_residual(c: Canvas) -> None:
    """A plain block beside a residual one: the track runs past the layers and is added to."""
    track = 300
    for panel in (0, 1):
        left = 40 + 590 * panel
        title = (
            c.say(pl="zwykły", en="plain"),
            c.say(pl="rezydualny", en="residual"),
        )[panel]
        c.text(left + 245, 398, title, size=32, weight=600, colour=NAVY)
        y = 130 if panel else track
        if panel:
            c.pipe((left + 20, track), (left + 360, track), role="state", width=26)
            c.pipe((left + 392, track), (left + 440, track), role="state", width=26, chevrons=False)
            c.arrow((left + 66, track), (left + 66, y), (left + 128, y), colour=MUTED, width=3)
            c.pipe((left + 300, y), (left + 376, y), (left + 376, track - 26), role="candidate",
                   width=24, chevrons=False)  # fmt: skip
            c.disc(left + 376, track, "$+$", size=40)
        else:
            c.arrow((left + 60, y), (left + 128, y), colour=MUTED, width=3)
            c.arrow((left + 310, y), (left + 422, y), colour=MUTED, width=3)
        c.box(left + 214, y, 180, 96, edge=CANDIDATE, fill=CANDIDATE_FILL)
        c.text(left + 214, y + 20, c.say(pl="splot 3×3", en="conv 3×3"), size=28, colour=CANDIDATE)
        c.text(left + 214, y - 20, "ReLU", size=28, colour=CANDIDATE)
        c.role_box(left + 18, track, "$h$", "state", width=84, height=70)
        c.role_box(left + 476, track, "$h'$", "state", width=84, height=70)
        pieces = [("h'", STATE), EQUALS]
        pieces += [("h", STATE), PLUS] if panel else []
        c.formula(left + 245, 36, [*pieces, ("F(h)", CANDIDATE)], size=44)
    c.line([(580, 20), (580, 400)], colour=RULE)


@diagram("conv-tracks", height=440)
def conv_tracks(c: Canvas) -> None:
    """The LSTM's memory track through time above a residual net's track through depth."""
    step, first = 320, 60
    for high, panel in ((340, "time"), (120, "depth")):
        title = (
            c.say(pl="LSTM: w czasie", en="LSTM: through time")
            if panel == "time"
            else c.say(pl="sieć rezydualna: w głąb", en="residual net: through depth")
        )
        c.text(0, high + 84, title, size=28, weight=600, colour=NAVY, align="left")
        for k in range(4):
            x = first + step * k
            symbol = f"$c_{k}$" if panel == "time" else f"$h_{k}$"
            if k < 3:
                plus = x + 214
                clear = [(x + 110, high)] if panel == "time" else []
                c.pipe((x, high), (plus - 26, high), role="state", width=24, clear=clear)
                c.pipe((plus, high), (x + step - 42, high), role="state", width=24, chevrons=False)
                c.pipe((plus, high - 96), (plus, high - 24), role="candidate", width=20,
                       chevrons=False)  # fmt: skip
                c.disc(plus, high, "$+$", radius=24, size=34)
                if panel == "time":
                    c.valve(x + 110, high, f"$f_{k + 1}$", "forget", wheel=(x + 110, high - 66),
                            length=44, breadth=46, radius=27, size=28)  # fmt: skip
                    words = rf"$i_{k + 1} \odot \tilde{{c}}_{k + 1}$"
                else:
                    words = rf"$F_{k + 1}(h_{k})$"
                c.text(plus + 22, high - 74, words, size=28, colour=CANDIDATE, align="left")
            c.role_box(x, high, symbol, "state", width=80, height=62)
