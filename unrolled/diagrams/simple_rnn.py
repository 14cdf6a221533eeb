"""The diagrams of lecture 02, The simple recurrent network.

:func:`unroll` draws any recurrent network unrolled in time: one row of cells, inputs below, outputs
above. Another lecture sets its own network beside it by giving its own ``cell`` and ``tracks``.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Rectangle

from unrolled.diagrams.canvas import LINE, Canvas, diagram
from unrolled.palette import (
    FILLS,
    FORGET,
    INK,
    MUTED,
    NAVY,
    OUTPUT,
    PANEL,
    PAPER,
    ROLES,
    RULE,
    STATE,
)

BACK = FORGET  #: the colour of gradients, which run against the arrows

EQUALS = (r"\;=\;", INK)
PLUS = (r"\;+\;", INK)


@dataclass(frozen=True)
class Track:
    """What a network carries from step to step.

    Attributes:
        role: a key of :data:`unrolled.palette.ROLES`.
        shift: how far above the middle of the cells it runs.
        label: written above the arrows, a formula.
    """

    role: str = "state"
    shift: float = 0
    label: str = ""


def state_cell(c: Canvas, x: float, y: float, text: str, width: float, height: float) -> None:
    """Draw a simple network's step: a box in the state's colours."""
    c.box(x, y, width, height, edge=STATE, fill=FILLS["state"])
    c.symbol(x, y, text, size=min(44, 0.46 * height), colour=STATE)


def unroll(
    c: Canvas,
    xs: Sequence[float],
    y: float,
    *,
    states: Sequence[str],
    inputs: Sequence[str] | None = None,
    outputs: Sequence[str] | None = None,
    width: float = 104,
    height: float = 84,
    below: float = 136,
    above: float = 136,
    box: float = 76,
    into: str = "",
    out: str = "",
    tracks: Sequence[Track] = (Track(),),
    tail: float = 0,
    lead: float = 0,
    backwards: bool = False,
    cell: Callable[[Canvas, float, float, str, float, float], None] = state_cell,
) -> None:
    """Draw a recurrent network unrolled in time.

    Args:
        c: the sheet.
        xs: the steps' places.
        y: the height of the cells.
        states: the symbol in each cell.
        inputs: symbols below, from which arrows run up; none by default.
        outputs: symbols above.
        width: of a cell.
        height: of a cell.
        below: distance from the cells to the inputs.
        above: distance from the cells to the outputs.
        box: width of the inputs' and outputs' boxes.
        into: label of the arrows from the inputs.
        out: label of the arrows to the outputs.
        tracks: what runs from cell to cell.
        tail: length of arrows out of the last cell.
        lead: length of arrows into the first cell.
        backwards: whether the state runs from right to left.
        cell: draws one cell, given its centre, symbol, width and height.
    """
    for track in tracks:
        level, colour = y + track.shift, ROLES[track.role]
        ends = [(a + width / 2, b - width / 2) for a, b in itertools.pairwise(xs)]
        if lead:
            ends.insert(0, (xs[0] - width / 2 - lead, xs[0] - width / 2))
        if tail:
            ends.append((xs[-1] + width / 2, xs[-1] + width / 2 + tail))
        for a, b in ends:
            start, end = (b, a) if backwards else (a, b)
            c.arrow((start, level), (end, level), colour=colour, width=3.5)
            if track.label:
                c.text((a + b) / 2 - 4, level + 24, track.label, size=30, colour=colour)
    for x, state in zip(xs, states, strict=True):
        cell(c, x, y, state, width, height)
    if inputs:
        for x, symbol in zip(xs, inputs, strict=True):
            if symbol:
                c.arrow((x, y - below + 30), (x, y - height / 2), colour=NAVY)
                c.box(x, y - below, box, 60, edge=NAVY, fill=PANEL)
                c.symbol(x, y - below, symbol, size=36, colour=NAVY)
                if into:
                    middle = (y - below + 30 + y - height / 2) / 2
                    c.text(x + 14, middle - 4, into, size=30, colour=NAVY, align="left")
    if outputs:
        for x, symbol in zip(xs, outputs, strict=True):
            if symbol:
                c.arrow((x, y + height / 2), (x, y + above - 30), colour=OUTPUT)
                c.box(x, y + above, box, 60, edge=OUTPUT, fill=FILLS["output"])
                c.symbol(x, y + above, symbol, size=36, colour=OUTPUT)
                if out:
                    middle = (y + height / 2 + y + above - 30) / 2
                    c.text(x + 14, middle - 4, out, size=30, colour=OUTPUT, align="left")


def fade(colour: str, share: float) -> str:
    """Return the colour mixed with the paper: all of it at 1, a fifth of it at 0."""
    share = 0.2 + 0.8 * min(1.0, max(0.0, share))
    r, g, b = (
        share * a + (1 - share) * p for a, p in zip(to_rgb(colour), to_rgb(PAPER), strict=True)
    )
    return str(to_hex((r, g, b)))


def grid(
    c: Canvas,
    x: float,
    y: float,
    rows: int,
    columns: int,
    role: str | None,
    *,
    side: float = 34,
    text: str = "",
    size: float = 44,
) -> None:
    """Draw a matrix to scale, one square for each number, centred on the point."""
    edge = ROLES[role] if role else NAVY
    fill = FILLS[role] if role else PANEL
    wide, tall = columns * side, rows * side
    c.axes.add_patch(
        Rectangle(
            (x - wide / 2, y - tall / 2), wide, tall, facecolor=fill, edgecolor="none", zorder=3
        )
    )
    thin = fade(edge, 0.3)
    for i in range(1, columns):
        at = x - wide / 2 + i * side
        c.line([(at, y - tall / 2), (at, y + tall / 2)], colour=thin, width=1.5, z=4)
    for i in range(1, rows):
        at = y - tall / 2 + i * side
        c.line([(x - wide / 2, at), (x + wide / 2, at)], colour=thin, width=1.5, z=4)
    w, h = wide / 2, tall / 2
    corners = [(x - w, y - h), (x + w, y - h), (x + w, y + h), (x - w, y + h), (x - w, y - h)]
    c.line([*corners, corners[1]], colour=edge, width=LINE, z=5)
    if text:
        c.symbol(x, y, text, size=size, colour=edge)


def _neuron(c: Canvas) -> None:
    """Draw one neuron with the loop that brings its output back."""
    y, x_in, x_sum, x_tanh, x_out, top = 205, 150, 460, 640, 930, 352
    c.arrow((x_in + 58, y), (x_sum - 32, y), colour=NAVY)
    c.role_box(x_in, y, "$x_t$")
    c.text((x_in + 58 + x_sum - 32) / 2 - 4, y + 26, "$w_x$", size=38, colour=NAVY)
    c.text(x_in, y - 66, c.say(pl="wejście teraz", en="input now"), colour=NAVY)
    c.arrow((x_sum + 32, y), (x_tanh - 52, y), colour=INK)
    c.arrow((x_tanh + 52, y), (x_out - 58, y), colour=STATE, width=3.5)
    c.disc(x_sum, y, "$+$", radius=32, size=44)
    c.box(x_tanh, y, 104, 72, edge=INK)
    c.symbol(x_tanh, y, r"$\tanh$", size=34)
    c.role_box(x_out, y, "$h_t$", "state")
    c.arrow((x_sum, y - 110), (x_sum, y - 32), colour=MUTED)
    c.text(x_sum + 20, y - 92, "$b$", size=38, colour=MUTED, align="left")
    c.arrow((x_out, y + 40), (x_out, top), (x_tanh + 130, top), colour=STATE, width=3.5)
    c.arrow((x_tanh - 130, top), (x_sum, top), (x_sum, y + 32), colour=STATE, width=3.5)
    c.box(x_tanh, top, 260, 68, edge=STATE, fill=FILLS["state"], dashed=True)
    words = c.say(pl="czeka jeden krok", en="waits one step")
    c.text(x_tanh, top, words, colour=STATE, weight=600)
    c.text(x_sum - 20, (top + y) / 2 + 14, "$w_h$", size=38, colour=STATE, align="right")
    c.text(x_sum - 20, top + 4, "$h_{t-1}$", size=38, colour=STATE, align="right")
    output = c.say(pl="stan, czyli wyjście", en="state, also output")
    c.text(x_out, y - 66, output, colour=STATE)
    pieces = [("h_t", STATE), EQUALS, (r"\tanh(", INK), (r"w_x\,x_t", NAVY), PLUS]
    pieces += [(r"w_h\,h_{t-1}", STATE), PLUS, ("b", MUTED), (")", INK)]
    c.formula(c.width / 2, 40, pieces)


@diagram("running-sums", height=290)
def running_sums(c: Canvas) -> None:
    """Two sequences in opposite orders, and the sum that ends with the same number for both."""
    for y, numbers in ((214, (1, 0, 0)), (64, (0, 0, 1))):
        total, before = 0, 70.0
        c.cell(before, y, "0", "state", width=76, height=64, size=32)
        for k, number in enumerate(numbers, start=1):
            plus, x = 300 * k - 80, 300 * k + 70
            c.arrow((before + 40, y), (plus - 26, y), colour=STATE, width=3.5)
            c.disc(plus, y, "$+$", radius=24, size=34)
            c.arrow((plus, y + 64), (plus, y + 26), colour=NAVY, width=3)
            c.text(plus + 16, y + 52, f"{number}", size=34, weight=600, colour=NAVY, align="left")
            total += number
            c.arrow((plus + 26, y), (x - 40, y), colour=STATE, width=3.5)
            c.cell(x, y, f"{total}", "state", width=76, height=64, size=32)
            before = x
    c.line([(1018, 64), (1040, 64), (1040, 214), (1018, 214)], colour=MUTED, width=3)
    c.text(1052, 139, c.say(pl="to samo", en="the same"), size=27, colour=MUTED, align="left")


@diagram("used-twice", height=280)
def used_twice(c: Canvas) -> None:
    """One weight that multiplies at two steps: there are two ways from it to the result."""
    y, top = 72, 222
    places = (110, 420, 730, 1040)
    for x, symbol in ((places[0], "$x$"), (places[3], "$f(w)$")):
        c.box(x, y, 132, 76, edge=NAVY, fill=PANEL)
        c.symbol(x, y, symbol, size=38, colour=NAVY)
    for a, b in itertools.pairwise(places):
        start = a + (66 if a == places[0] else 30)
        c.arrow((start, y), (b - (66 if b == places[3] else 30), y), colour=NAVY, width=3)
    c.text((places[1] + places[2]) / 2 - 4, y + 26, r"$w \cdot x$", size=32, colour=NAVY)
    middle = (places[1] + places[2]) / 2
    c.role_box(middle, top, "$w$", "state", width=100, height=72)
    for x in places[1:3]:
        side = -1 if x < middle else 1
        c.arrow((middle + 50 * side, top), (x, top), (x, y + 30), colour=STATE, width=3.5)
        c.disc(x, y, r"$\times$", radius=30, size=40)


@diagram("long-distance", height=250)
def long_distance(c: Canvas) -> None:
    """A sentence, word by word, one step each; an arc joins two words that must agree."""
    sentence, ends = c.say(
        pl="Książki, które leżały na półce pod oknem w pokoju brata, zniknęły.|0 10",
        en="The books that lay on the shelf under the window of my brother's room were gone.|1 14",
    ).split("|")
    words, (first, last) = sentence.replace("'", "’").split(), map(int, ends.split())
    size, level = c.say(pl="30", en="26.5"), 78
    wide = [
        c.measure(word, float(size), 600 if k in (first, last) else 400)
        for k, word in enumerate(words)
    ]
    gap = (c.width - 20 - sum(wide)) / (len(words) - 1)
    x, middles = 10.0, []
    for k, (word, width) in enumerate(zip(words, wide, strict=True)):
        key = k in (first, last)
        middles.append(x + width / 2)
        c.text(x, level, word, size=float(size), weight=600 if key else 400,
               colour=STATE if key else INK, align="left")  # fmt: skip
        x += width + gap
    for k, x in enumerate(middles):
        if k:
            c.arrow((middles[k - 1] + 13, 26), (x - 13, 26), colour=STATE, width=2)
        key = k in (first, last)
        c.disc(x, 26, "", radius=12, colour=STATE, fill=STATE if key else FILLS["state"])
    start, end = middles[first], middles[last]
    c.line([(start, 104), (start, 178), (end, 178), (end, 104)], colour=STATE, width=3.5)
    c.text((start + end) / 2, 206, c.say(pl="liczba mnoga", en="plural"), size=30, weight=600,
           colour=STATE)  # fmt: skip


@diagram("neuron-loop", height=430)
def neuron_loop(c: Canvas) -> None:
    """One neuron whose output comes back to it one step later."""
    _neuron(c)


@diagram("rnn-unrolled", height=440)
def rnn_unrolled(c: Canvas) -> None:
    """The same network folded, with its loop, and unrolled in time."""
    y = 220
    unroll(
        c,
        [120],
        y,
        states=["$h_t$"],
        inputs=["$x_t$"],
        outputs=["$y_t$"],
        into="$W_x$",
        out="$W_y$",
    )
    right = 120 + 52
    c.arrow(
        (right, y + 18), (right + 62, y + 18), (right + 62, y - 18), (right, y - 18),
        colour=STATE, width=3.5,
    )  # fmt: skip
    c.text(right + 70, y, "$W_h$", size=30, colour=STATE, align="left")
    c.text(320, y, "$=$", size=54)
    xs = [514, 700, 886, 1072]
    unroll(
        c,
        xs,
        y,
        states=["$h_1$", "$h_2$", "$h_3$", "$h_4$"],
        inputs=["$x_1$", "$x_2$", "$x_3$", "$x_4$"],
        outputs=["$y_1$", "$y_2$", "$y_3$", "$y_4$"],
        into="$W_x$",
        out="$W_y$",
        tracks=[Track(label="$W_h$")],
        lead=70,
    )
    c.symbol(368, y, "$h_0$", size=36, colour=STATE)
    c.text(120, 416, c.say(pl="zwinięta", en="folded"), size=28, weight=600, colour=NAVY)
    c.text(
        785, 416, c.say(pl="rozwinięta w czasie", en="unrolled in time"),
        size=28, weight=600, colour=NAVY,
    )  # fmt: skip
    c.arrow((500, 24), (1108, 24), colour=MUTED)
    c.text(460, 24, c.say(pl="czas", en="time"), colour=MUTED)


@diagram("rnn-layer", height=470)
def rnn_layer(c: Canvas) -> None:
    """A layer: each neuron sees the whole input and all neurons' old states."""
    left, middle, right = 300, 640, 900
    inputs = [430, 372, 314]
    olds = [226, 164, 102, 40]
    nodes = [385, 285, 185, 85]
    for targets in nodes:
        for source in inputs:
            c.line([(left + 24, source), (middle - 34, targets)], colour=NAVY, width=1.8, z=2)
        for source in olds:
            c.line([(left + 24, source), (middle - 34, targets)], colour=STATE, width=1.8, z=2)
        c.arrow((middle + 34, targets), (right - 26, targets), colour=STATE, width=3.5)
        c.disc(middle, targets, "", radius=34)
        c.symbol(middle, targets, r"$\tanh$", size=24)
        c.disc(right, targets, "", radius=25, colour=STATE, fill=FILLS["state"])
    for source in inputs:
        c.disc(left, source, "", radius=24, colour=NAVY, fill=PANEL)
    for source in olds:
        c.disc(left, source, "", radius=24, colour=STATE, fill=FILLS["state"])
    c.text(left - 48, 386, "$x_t$", size=40, colour=NAVY, align="right")
    c.text(left - 48, 346, "$(n) = (3)$", size=28, colour=MUTED, align="right")
    c.text(left - 48, 150, "$h_{t-1}$", size=40, colour=STATE, align="right")
    c.text(left - 48, 110, "$(m) = (4)$", size=28, colour=MUTED, align="right")
    c.text(right + 48, 254, "$h_t$", size=40, colour=STATE, align="left")
    c.text(right + 48, 214, "$(m) = (4)$", size=28, colour=MUTED, align="left")
    for y, latex, colour in (
        (446, r"$W_x:\,(m, n) = (4, 3)$", NAVY),
        (24, r"$W_h:\,(m, m) = (4, 4)$", STATE),
    ):
        c.text(middle - 60, y, latex, size=30, colour=colour, align="left")
    c.text(right + 48, 398, c.say(pl="każdy neuron", en="every neuron"), colour=INK, align="left")
    c.text(right + 48, 366, c.say(pl="widzi wszystko", en="sees everything"), align="left")


@diagram("block-matrix", height=430)
def block_matrix(c: Canvas) -> None:
    """Two products added up are one product with the concatenation."""
    side, y = 40, 236
    m, n = 4, 3
    u, x = 90, 190
    plus, v, s, equals = 262, 370, 492, 568
    w, column = 790, 992
    grid(c, u, y, m, n, None, side=side, text="$W_x$")
    grid(c, x, y, n, 1, None, side=side, text="$x$", size=36)
    c.text(plus, y, "$+$", size=46)
    grid(c, v + 10, y, m, m, "state", side=side, text="$W_h$")
    grid(c, s + 10, y, m, 1, "state", side=side, text="$h$", size=36)
    c.text(equals + 24, y, "$=$", size=46)
    grid(c, w - 80, y, m, n, None, side=side, text="$W_x$")
    grid(c, w + 60, y, m, m, "state", side=side, text="$W_h$")
    grid(c, column, y + 80, n, 1, None, side=side, text="$x$", size=36)
    grid(c, column, y - 60, m, 1, "state", side=side, text="$h$", size=36)
    low = 68
    for at, shape in ((u, "(m, n)"), (x, "(n)"), (v + 10, "(m, m)"), (s + 10, "(m)")):
        c.text(at, low + 48, f"${shape}$", size=28, colour=MUTED)
    c.text(w - 10, low + 48, r"$W:\,(m,\, n + m)$", size=28, colour=MUTED)
    c.text(column + 34, y + 12, r"$\langle x, h\rangle:$", size=30, colour=MUTED, align="left")
    c.text(column + 34, y - 28, r"$(n + m)$", size=28, colour=MUTED, align="left")
    c.formula(
        c.width / 2,
        36,
        [
            (r"W_x\,x", NAVY),
            PLUS,
            (r"W_h\,h", STATE),
            EQUALS,
            ("W", INK),
            (r"\,\langle x, h\rangle", INK),
        ],
    )


def _bptt(c: Canvas, stage: int) -> None:
    """Draw the way back, one stage lit: 1 start, 2 tanh, 3 through W_h, 4 own loss, 5 the sums."""
    xs, y, names = (170, 440, 710, 1010), 190, ("t-1", "t", "t+1", "T")
    high, low, pale = y + 150, y - 142, fade(MUTED, 0.25)
    wide, tall, strip = 132, 124, y - 34

    def lit(*stages: int, colour: str) -> str:
        return colour if stage in stages else pale

    for k, (x, name) in enumerate(zip(xs, names, strict=True)):
        if k:
            before, after = xs[k - 1] + wide / 2, x - wide / 2
            forth = lit(5, colour=STATE) if k in (1, 2) else pale
            ends = [(before, after)] if k < 3 else [(before, before + 52), (after - 52, after)]
            for a, b in ends:
                c.arrow((a, y + 28), (b, y + 28), colour=forth, width=3.5)
                back = lit(3, colour=BACK) if k == 1 else pale
                c.arrow((b, strip), (a, strip), colour=back, width=5 if back != pale else 3)
        c.arrow((x, low + 30), (x, y - tall / 2), colour=lit(5, colour=NAVY))
        c.box(x, low, 104, 60, edge=lit(5, colour=NAVY), fill=PANEL)
        c.symbol(x, low, f"$x_{{{name}}}$", size=34, colour=lit(5, colour=NAVY))
        loss = lit(1, colour=OUTPUT) if name == "T" else pale
        if name == "t-1":
            loss = lit(4, colour=OUTPUT)
        blue = FILLS["output"] if loss != pale else PAPER
        c.arrow((x, high - 32), (x, y + tall / 2), colour=loss, width=5 if loss != pale else 3)
        c.box(x, high, 104, 62, edge=loss, fill=blue)
        c.symbol(x, high, f"$L_{{{name}}}$", size=36, colour=loss)
        c.box(x, y, wide, tall, edge=STATE, fill=FILLS["state"])
        c.symbol(x, y + 28, f"$h_{{{name}}}$", size=38, colour=STATE)
        inside = (stage == 2 and name == "t") or stage == 5
        c.box(
            x, strip, 104, 42, edge=ROLES["candidate"] if inside else pale,
            fill=FILLS["candidate"] if inside else PAPER, radius=8, z=6,
        )  # fmt: skip
        c.text(
            x, strip, f"$\\delta_{{{name}}}$" if inside else r"$\tanh$", size=30 if inside else 26,
            colour=ROLES["candidate"] if inside else MUTED,
        )  # fmt: skip
    dots = (xs[2] + xs[3]) / 2
    c.text(dots, y, "$\\cdots$", size=40, colour=MUTED)
    if stage == 3:
        c.text((xs[0] + xs[1]) / 2, strip - 34, "$W_h^{\\top} \\delta_t$", size=36, colour=BACK)
    if stage == 5:
        for a, b in ((0, 1), (1, 2)):
            c.text((xs[a] + xs[b]) / 2 - 4, y + 56, "$W_h$", size=32, colour=STATE)
        for x in xs:
            c.text(x + 14, (low + 30 + y - tall / 2) / 2, "$W_x$", size=30, colour=NAVY,
                   align="left")  # fmt: skip


@diagram("bptt-1", height=400)
def bptt_start(c: Canvas) -> None:
    """The last loss starts the way back."""
    _bptt(c, 1)


@diagram("bptt-2", height=400)
def bptt_tanh(c: Canvas) -> None:
    """The derivative goes through tanh of one step."""
    _bptt(c, 2)


@diagram("bptt-3", height=400)
def bptt_back(c: Canvas) -> None:
    """It returns one step through the transposed weights."""
    _bptt(c, 3)


@diagram("bptt-4", height=400)
def bptt_own(c: Canvas) -> None:
    """The earlier step's own loss joins it."""
    _bptt(c, 4)


@diagram("bptt-5", height=400)
def bptt_sums(c: Canvas) -> None:
    """Every use of the shared weights adds its share."""
    _bptt(c, 5)


@diagram("gradient-fades", height=480)
def gradient_fades(c: Canvas) -> None:
    """The gradient of the last step on its way back: factors of 0.6 fade, of 1.4 grow."""
    xs = [300 + 158 * i for i in range(6)]
    for y, factor in ((368, 0.6), (140, 1.4)):
        powers = [factor ** (5 - i) for i in range(6)]
        for i, x in enumerate(xs):
            state_cell(c, x, y, f"$h_{i + 1}$", 84, 68)
            c.text(
                x, y - 62, c.number(powers[i], 2), size=28, weight=600,
                colour=BACK if powers[i] > 0.3 else MUTED,
            )  # fmt: skip
            if i:
                left = xs[i - 1]
                c.arrow((left + 42, y + 18), (x - 42, y + 18), colour=MUTED, width=2)
                wide = 9 * powers[i - 1] if factor < 1 else 2.2 * powers[i - 1]
                head = max(wide, 1.2)
                c.arrow(
                    (x - 42, y - 12), (left + 42, y - 12),
                    colour=fade(BACK, powers[i - 1] if factor < 1 else 1), width=head,
                )  # fmt: skip
        c.box(xs[-1], y + 78, 84, 52, edge=OUTPUT, fill=FILLS["output"])
        c.symbol(xs[-1], y + 78, "$L$", size=32, colour=OUTPUT)
        c.arrow((xs[-1], y + 52), (xs[-1], y + 34), colour=BACK, width=3)
        c.text(30, y + 20, "$w =$", size=36, colour=STATE, align="left")
        end = 30 + c.measure("$w =$", 36) + 12
        c.text(end, y + 20, c.number(factor, 1), size=34, colour=STATE, align="left")
        c.text(
            30,
            y - 20,
            c.say(pl="zanika", en="vanishes")
            if factor < 1
            else c.say(pl="eksploduje", en="explodes"),
            size=28,
            weight=600,
            colour=BACK,
            align="left",
        )
    c.text(30, 78, r"$\partial h_6\,/\,\partial h_t$", size=30, colour=MUTED, align="left")
    c.text(30, 306, r"$\partial h_6\,/\,\partial h_t$", size=30, colour=MUTED, align="left")
    c.line([(30, 254), (1130, 254)], colour=RULE)


@diagram("truncated-bptt", height=440)
def truncated_bptt(c: Canvas) -> None:
    """Windows of four steps: the state passes on, the gradient is cut."""
    xs = [96 + 138 * i for i in range(8)]
    y = 226
    cut = (xs[3] + xs[4]) / 2
    for k, (first, last) in enumerate(((0, 3), (4, 7))):
        middle, wide = (xs[first] + xs[last]) / 2, xs[last] - xs[first] + 112
        c.box(middle, y - 2, wide, 306, edge=RULE, fill=PANEL, radius=14, z=0)
        c.text(
            middle, y + 184, c.say(pl=f"okno {k + 1}", en=f"window {k + 1}"),
            size=28, weight=600, colour=NAVY,
        )  # fmt: skip
    unroll(
        c,
        xs,
        y,
        states=[f"$h_{i + 1}$" for i in range(8)],
        inputs=[f"$x_{i + 1}$" for i in range(8)],
        width=80,
        height=76,
        below=112,
        tracks=[Track(shift=20)],
    )
    for i in range(1, 8):
        start, end = (xs[i] - 40, y - 18), (xs[i - 1] + 40, y - 18)
        if i == 4:
            c.line([start, (cut + 6, y - 18)], colour=BACK, width=4)
            c.cross(cut, y - 18, size=11)
        else:
            c.arrow(start, end, colour=BACK, width=4)
    c.arrow((60, 26), (130, 26), colour=STATE, width=3.5)
    c.text(146, 26, c.say(pl="stan przechodzi dalej", en="the state passes on"), colour=STATE,
           align="left")  # fmt: skip
    c.arrow((690, 26), (620, 26), colour=BACK, width=4)
    c.text(
        706, 26, c.say(pl="gradient nie wychodzi z okna", en="the gradient stays in its window"),
        colour=BACK, align="left",
    )  # fmt: skip
    for i, x in enumerate(xs):
        c.arrow((x, y + 100), (x, y + 38), colour=BACK, width=3)
        c.symbol(x, y + 122, f"$L_{i + 1}$", size=32, colour=OUTPUT)


@diagram("voicing-rules", height=430)
def voicing_rules(c: Canvas) -> None:
    """Two labellings of one word: by a cluster's first consonant, or by its last."""
    letters, first, last = "atdadttad", "attadddad", "addatttad"
    xs = [330 + 94 * i for i in range(len(letters))]
    rows = {"word": 372, "first": 222, "last": 72}
    roles = {"a": None, "t": "candidate", "d": "output"}
    clusters = [(1, 2), (4, 6)]
    for row, text in (("word", letters), ("first", first), ("last", last)):
        for x, letter in zip(xs, text, strict=True):
            c.cell(x, rows[row], letter, roles[letter], width=76, height=64, size=36)
    for a, b in clusters:
        for row, source in (("first", a), ("last", b)):
            y = rows[row] + 60
            c.line([(xs[a] - 30, y), (xs[b] + 30, y)], colour=MUTED, width=2)
            tip = xs[b] + 34 if source == a else xs[a] - 34
            start = xs[a] - 30 if source == a else xs[b] + 30
            c.arrow((start, y), (tip, y), colour=MUTED, width=3)
            c.disc(xs[source], y, "", radius=8, colour=MUTED, fill=MUTED)
    c.text(30, rows["word"], c.say(pl="wejście", en="input"), size=28, weight=600, align="left")
    for row, words in (
        ("first", c.say(pl="rządzi pierwsza|w zbitce", en="the first in the|cluster rules")),
        ("last", c.say(pl="rządzi ostatnia|w zbitce", en="the last in the|cluster rules")),
    ):
        c.lines(30, rows[row], words.split("|"), align="left")


@diagram("bidirectional-rnn", height=490)
def bidirectional_rnn(c: Canvas) -> None:
    """One network reads to the right, the other to the left; both states make the output."""
    xs = [330, 560, 790, 1020]
    side = 50  # how far each of the two stands from the step's middle
    forward, backward, low, top = 170, 300, 44, 446
    for i, x in enumerate(xs):
        k = i + 1
        for shift, y in ((-side, forward), (side, backward)):
            c.arrow((x + shift, low + 30), (x + shift, y - 38), colour=NAVY, z=4)
            c.arrow((x + shift, y + 38), (x + shift, top - 30), colour=STATE, z=4)
        for shift, y in ((side, forward), (-side, backward)):  # a gap where lines cross
            c.line([(x + shift, y - 14), (x + shift, y + 14)], colour=PAPER, width=14, z=3.5)
        c.box(x, low, 180, 60, edge=NAVY, fill=PANEL)
        c.symbol(x, low, f"$x_{k}$", size=36, colour=NAVY)
        c.box(x, top, 180, 60, edge=OUTPUT, fill=FILLS["output"])
        c.symbol(x, top, f"$y_{k}$", size=36, colour=OUTPUT)
    unroll(
        c, [x - side for x in xs], forward, width=80, height=76,
        states=[rf"$\vec{{h}}_{i}$" for i in range(1, 5)],
    )  # fmt: skip
    unroll(
        c, [x + side for x in xs], backward, width=80, height=76, backwards=True,
        states=[rf"$\overleftarrow{{h}}_{i}$" for i in range(1, 5)],
    )  # fmt: skip
    c.text(30, top + 14, c.say(pl="wyjście", en="output"), colour=OUTPUT, align="left")
    c.text(30, top - 18, "$(2m)$", size=28, colour=MUTED, align="left")
    c.text(30, backward + 14, c.say(pl="w lewo", en="to the left"), colour=STATE, align="left")
    c.text(30, backward - 18, "$(m)$", size=28, colour=MUTED, align="left")
    c.text(30, forward + 14, c.say(pl="w prawo", en="to the right"), colour=STATE, align="left")
    c.text(30, forward - 18, "$(m)$", size=28, colour=MUTED, align="left")
    c.text(30, low + 14, c.say(pl="wejście", en="input"), colour=NAVY, align="left")
    c.text(30, low - 18, "$(n)$", size=28, colour=MUTED, align="left")


@diagram("stacked-rnn", height=490)
def stacked_rnn(c: Canvas) -> None:
    """Layers on layers: the states of one layer are the inputs of the next."""
    xs = [430, 630, 830, 1030]
    rows = [148, 250, 352]
    low, top = 44, 446
    for layer, y in enumerate(rows, start=1):
        unroll(
            c, xs, y, width=104, height=66, tail=50, lead=50,
            states=[rf"$h_{i}^{{({layer})}}$" for i in range(1, 5)],
        )  # fmt: skip
        for x in xs:
            start = low + 30 if layer == 1 else rows[layer - 2] + 33
            c.arrow((x, start), (x, y - 33), colour=NAVY if layer == 1 else STATE)
        c.text(30, y + 14, c.say(pl=f"warstwa {layer}", en=f"layer {layer}"), colour=STATE,
               align="left")  # fmt: skip
        inputs = "n" if layer == 1 else f"m_{layer - 1}"
        shape = f"$m_{layer}({inputs} + m_{layer}) + m_{layer}$"
        c.text(30, y - 18, shape, size=26, colour=MUTED, align="left")
    for i, x in enumerate(xs, start=1):
        c.box(x, low, 76, 60, edge=NAVY, fill=PANEL)
        c.symbol(x, low, f"$x_{i}$", size=36, colour=NAVY)
        c.arrow((x, rows[-1] + 33), (x, top - 30), colour=OUTPUT)
        c.box(x, top, 76, 60, edge=OUTPUT, fill=FILLS["output"])
        c.symbol(x, top, f"$y_{i}$", size=36, colour=OUTPUT)
    c.text(30, top, c.say(pl="wyjście", en="output"), colour=OUTPUT, align="left")
    c.text(30, low, c.say(pl="wejście", en="input"), colour=NAVY, align="left")
