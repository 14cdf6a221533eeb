"""The diagrams of lecture 03, Gates."""

from __future__ import annotations

import numpy as np

from unrolled.diagrams.canvas import BODY, Canvas, diagram
from unrolled.gates import gated_update, sigmoid
from unrolled.palette import (
    CANDIDATE,
    FORGET,
    FORGET_FILL,
    INK,
    INPUT,
    INPUT_FILL,
    MUTED,
    NAVY,
    OUTPUT,
    OUTPUT_FILL,
    PANEL,
    ROLES,
    RULE,
    STATE,
    STATE_FILL,
)

ODOT = (r"\,\odot\,", INK)
PLUS = (r"\;+\;", INK)
GETS = (r"\;\leftarrow\;", INK)
KEEP = [("(1-g)", FORGET), ODOT, ("s", STATE)]
WRITE = [("s", STATE), GETS, ("g", INPUT), ODOT, ("x", CANDIDATE), PLUS, *KEEP]


@diagram("one-number", height=350)
def one_number(c: Canvas) -> None:
    """A porter says a code, twenty other numbers follow, and a door asks for the code."""
    digits = (7, 4, 9, 0, 2, 8, 5, 1, 3, 6, 8, 2, 0, 9, 4, 1, 6, 3, 5, 2, 8)
    y, first, step = 176, 152, 41.5
    # The porter, and what is said.
    c.disc(52, y + 46, "", radius=24, colour=NAVY, fill=NAVY)
    c.box(52, y - 24, 64, 84, fill=NAVY, edge=NAVY, radius=20)
    c.text(52, y - 92, c.say(pl="portier", en="porter"), colour=NAVY)
    c.lines(
        first + 8,
        y + 118,
        c.say(pl="„Kod: 7.|Zapamiętaj!”", en="“The code is 7.|Remember it!”").split("|"),
        colour=CANDIDATE,
        weight=600,
    )
    c.arrow((first, y + 82), (first, y + 44), colour=CANDIDATE, width=3.5)
    # The row: the code in violet, the other numbers pale.
    for i, digit in enumerate(digits):
        x = first + (34 if i else 0) + step * i
        if i == 0:
            c.cell(x, y, c.number(digit), "candidate", width=64, height=76, size=46)
        else:
            c.cell(x, y, c.number(digit), width=38, height=56, size=28, dim=True)
    start, end = first + 34 + step * 1 - 19, first + 34 + step * 20 + 19
    bracket = y - 46
    c.line([(start, bracket), (start, bracket - 12), (end, bracket - 12), (end, bracket)],
           colour=MUTED)  # fmt: skip
    others = c.say(pl="dwadzieścia innych liczb", en="twenty other numbers")
    c.text((start + end) / 2, bracket - 38, others, colour=MUTED)
    c.arrow((start, bracket - 76), (end, bracket - 76), colour=MUTED)
    c.text((start + end) / 2, bracket - 100, c.say(pl="czas", en="time"), colour=MUTED)
    # The door with its keypad.
    door = 1104
    c.box(door, y + 8, 92, 236, fill=STATE_FILL, edge=STATE, line=4, radius=6)
    c.box(door, y + 52, 56, 56, fill=PANEL, edge=STATE, radius=6, z=6)
    c.text(door, y + 52, "?", size=42, weight=600, colour=STATE)
    c.disc(door + 28, y - 10, "", radius=6, colour=STATE, fill=STATE)
    c.text(door, y + 152, c.say(pl="kod?", en="code?"), colour=STATE, weight=600)


def _valve(c: Canvas, build: int) -> None:
    """Draw the gate as a valve on the memory track, in one of three builds."""
    y, left, right, valve_x, sum_x, wheel_y = 190, 110, 1050, 400, 690, 306
    wheel_x = sum_x - 100
    c.pipe(
        (left, y),
        (sum_x - 30 if build > 1 else right - 58, y),
        role="state",
        width=28,
        clear=[(valve_x, y)] if build == 3 else [],
    )
    c.role_box(left, y, "$s$", "state")
    c.role_box(right, y, "$s$", "state")
    c.text(left, y - 64, c.say(pl="stara pamięć", en="old memory"), colour=STATE)
    c.text(right, y - 64, c.say(pl="nowa pamięć", en="new memory"), colour=STATE)
    pieces = [("s", STATE), GETS]
    symbols = {1: "s", 2: "s, x, g", 3: "s, x, g"}[build]
    if build == 1:
        c.text(
            (left + right) / 2,
            384,
            c.say(pl="tor pamięci", en="the memory track"),
            size=36,
            weight=600,
            colour=STATE,
        )
        c.text(
            (left + right) / 2,
            314,
            c.say(
                pl="sam z siebie niczego nie zmienia: co wpłynęło, to wypłynie",
                en="by itself it changes nothing: what flows in flows out",
            ),
            size=28,
            colour=STATE,
        )
        pieces += [("s", STATE)]
    else:
        c.pipe((sum_x, y), (right - 58, y), role="state", width=28)
        c.pipe((sum_x, 420), (sum_x, y + 30), role="candidate", width=28, chevrons=False)
        c.disc(sum_x, y, "$+$", size=42)
        c.role_box(sum_x, 434, "$x$", "candidate")
        c.text(
            sum_x + 76,
            434,
            c.say(pl="nowa treść", en="new content"),
            colour=CANDIDATE,
            align="left",
        )
        c.valve(sum_x, wheel_y, "$g$", "input", vertical=True, wheel=(wheel_x, wheel_y))
        c.text(
            sum_x + 48,
            wheel_y,
            c.say(pl="ile wpuszczamy", en="how much to let in"),
            colour=INPUT,
            align="left",
        )
        pieces += [("g", INPUT), ODOT, ("x", CANDIDATE), PLUS]
        if build == 2:
            c.text(
                (left + sum_x) / 2,
                y - 46,
                c.say(pl="przechodzi w całości", en="all of it passes"),
                colour=STATE,
            )
        else:
            c.line([(valve_x, wheel_y), (wheel_x, wheel_y)], dashed=True, colour=MUTED, z=3)
            c.valve(valve_x, y, "$1-g$", "forget", wheel=(valve_x, wheel_y), radius=52, size=32)
            c.text(
                valve_x - 66,
                wheel_y,
                c.say(pl="ile zostawiamy", en="how much to keep"),
                colour=FORGET,
                align="right",
            )
            pieces += [("(1-g)", FORGET), ODOT]
            # The valve g opens, and as it does 1 - g shuts.
            c.current((sum_x, 390), (sum_x, y + 34), colour=CANDIDATE, kind="flow-in")
            c.current((left + 60, y), (sum_x - 36, y), colour=STATE, kind="flow-out")
            c.current((sum_x + 36, y), (right - 64, y), colour=STATE)
        pieces += [("s", STATE)]
    c.formula(c.width / 2, 44, pieces)
    c.text(
        c.width - 20, 44, rf"${symbols} \in \mathbb{{R}}^m$", size=30, colour=MUTED, align="right"
    )


@diagram("valve-1", height=490)
def valve_1(c: Canvas) -> None:
    """The memory track alone."""
    _valve(c, 1)


@diagram("valve-2", height=490)
def valve_2(c: Canvas) -> None:
    """New content comes in through the valve g."""
    _valve(c, 2)


@diagram("valve-3", height=490)
def valve_3(c: Canvas) -> None:
    """The complementary valve 1 - g on the track, and the sum."""
    _valve(c, 3)


def _row_label(c: Canvas, y: float, words: str, symbol: str, colour: str, right: float) -> None:
    """Write a row's words and its symbol, ending at ``right``."""
    c.text(right, y, f"${symbol}$", size=38, colour=colour, align="right")
    c.text(
        right - c.measure(f"${symbol}$", 38) - 16, y, words, size=BODY, colour=colour, align="right"
    )


@diagram("hadamard", height=470)
def hadamard(c: Canvas) -> None:
    """A 0/1 vector as a filter: zeros block, ones pass."""
    content = np.array([1, 2, 3, 4, 5])
    filters = np.array([1, 0, 1, 1, 0])
    rows = {"a": 405, "b": 240, "result": 70}
    _row_label(c, rows["a"], c.say(pl="treść", en="content"), "x", CANDIDATE, 250)
    _row_label(c, rows["b"], c.say(pl="filtr", en="filter"), "g", INPUT, 250)
    _row_label(c, rows["result"], c.say(pl="wynik", en="result"), r"g \odot x", INK, 250)
    notes = c.say(pl="1 przepuszcza,|0 zatrzymuje", en="1 lets through,|0 stops").split("|")
    c.lines(985, rows["b"], notes, colour=INPUT, align="left")
    tall, wide = 68, 104
    for i, (value, gate, product) in enumerate(
        zip(content, filters, content * filters, strict=True)
    ):
        x = 340 + 145 * i
        c.cell(x, rows["a"], c.number(value), "candidate", width=wide, height=tall)
        c.cell(x, rows["b"], c.number(gate), "input", width=wide, height=tall, dim=gate == 0)
        c.pipe(
            (x, rows["a"] - tall / 2),
            (x, rows["b"] + tall / 2),
            role="candidate",
            width=18,
            chevrons=False,
        )
        if gate:
            c.pipe(
                (x, rows["b"] - tall / 2),
                (x, rows["result"] + tall / 2),
                role="candidate",
                width=18,
                chevrons=False,
            )
        else:
            c.cross(x, (rows["b"] + rows["result"]) / 2, size=16)
        c.cell(
            x,
            rows["result"],
            c.number(product),
            "candidate",
            width=wide,
            height=tall,
            dim=gate == 0,
        )


@diagram("product-shapes", height=500)
def product_shapes(c: Canvas) -> None:
    """The same products, then a sum (one number) or no sum (a vector)."""
    a = np.array([-1, 0, 3])
    b = np.array([2, 5, -1])
    for centre, hadamard_product in ((262, False), (865, True)):
        name = (
            c.say(pl="iloczyn Hadamarda", en="Hadamard product")
            if hadamard_product
            else c.say(pl="iloczyn skalarny", en="dot product")
        )
        c.text(centre, 468, name, size=30, weight=600, colour=NAVY)
        label = centre - 200
        c.symbol(label, 398, "$u$", size=38)
        c.symbol(label, 312, "$v$", size=38)
        c.symbol(label, 215, r"$u \odot v$", size=38)
        for i, product in enumerate(a * b):
            x = centre - 60 + 120 * i - 20
            c.line([(x, 398), (x, 312)], colour=MUTED, z=3)
            c.disc(x, 355, r"$\times$", radius=15, colour=MUTED, size=26)
            c.cell(x, 398, c.number(a[i]), width=92, height=58)
            c.cell(x, 312, c.number(b[i]), width=92, height=58)
            c.arrow((x, 283), (x, 244), colour=MUTED)
            c.cell(
                x,
                215,
                c.number(product),
                "output" if hadamard_product else None,
                width=92,
                height=58,
            )
            if not hadamard_product:
                c.line([(x, 186), (x, 168), (centre + 40, 132)], colour=MUTED, z=3)
        middle = centre + 40
        if hadamard_product:
            c.text(
                middle, 130, c.say(pl="wektor", en="a vector"), size=28, weight=600, colour=OUTPUT
            )
            c.text(
                middle,
                88,
                c.say(pl="każda liczba na swoim miejscu", en="each number in its place"),
            )
            c.text(middle, 38, r"$(3) \,\odot\, (3) \;\to\; (3)$", size=30)
        else:
            c.disc(middle, 132, "$+$", radius=24, size=34)
            c.arrow((middle, 108), (middle, 82), colour=INK)
            c.cell(middle, 48, c.number(a @ b), "output", width=104, height=64, size=32)
            c.text(
                middle + 72,
                48,
                c.say(pl="jedna liczba", en="one number"),
                size=28,
                weight=600,
                colour=OUTPUT,
                align="left",
            )
            c.text(middle - 72, 48, r"$(3) \,@\, (3) \;\to\; (\,)$", size=30, align="right")
    c.line([(c.width / 2, 30), (c.width / 2, 480)], colour=RULE)


@diagram("selective-write", height=500)
def selective_write(c: Canvas) -> None:
    """Where the gate is 1 the new content passes; where it is 0 the old memory stays."""
    s = np.array([1, 2, 3, 4, 5])
    x = np.array([8, 7, 15, -3, -8])
    g = np.array([0, 1, 0, 0, 1])
    rows = {"x": 466, "g": 358, "new": 250, "1-g": 142, "s": 34}
    right, tall, wide = 300, 60, 104
    _row_label(c, rows["x"], c.say(pl="nowa treść", en="new content"), "x", CANDIDATE, right)
    _row_label(c, rows["g"], c.say(pl="bramka", en="gate"), "g", INPUT, right)
    _row_label(c, rows["new"], c.say(pl="nowa pamięć", en="new memory"), "s", STATE, right)
    _row_label(c, rows["1-g"], c.say(pl="reszta", en="the rest"), "1-g", FORGET, right)
    _row_label(c, rows["s"], c.say(pl="stara pamięć", en="old memory"), "s", STATE, right)
    for i, new in enumerate(gated_update(g, x, s)):
        at = 400 + 152 * i
        for source, gate_row, value, weight, role, gate_role in (
            ("x", "g", x[i], g[i], "candidate", "input"),
            ("s", "1-g", s[i], 1 - g[i], "state", "forget"),
        ):
            sign = 1 if source == "x" else -1
            c.cell(at, rows[source], c.number(value), role, width=wide, height=tall)
            c.pipe(
                (at, rows[source] - sign * tall / 2),
                (at, rows[gate_row] + sign * 24),
                role=role,
                width=16,
                chevrons=False,
            )
            c.cell(
                at,
                rows[gate_row],
                c.number(weight),
                gate_role,
                width=64,
                height=48,
                dim=weight == 0,
            )
            if weight:
                c.pipe(
                    (at, rows[gate_row] - sign * 24),
                    (at, rows["new"] + sign * tall / 2),
                    role=role,
                    width=16,
                    chevrons=False,
                )
            else:
                c.cross(at, (rows[gate_row] - sign * 24 + rows["new"] + sign * tall / 2) / 2)
        c.cell(
            at,
            rows["new"],
            c.number(new),
            "candidate" if g[i] else "state",
            width=wide,
            height=tall,
            size=32,
        )


@diagram("soft-gate", height=500)
def soft_gate(c: Canvas) -> None:
    """Sigmoid openings of five valves, and the mixtures that they make."""
    s = np.array([1.0, 2.0, 3.0, 4.0, 5.0])
    x = np.array([8.0, 7.0, 15.0, -3.0, -8.0])
    a = np.array([-2.5, 10.0, -1.2, -101.0, 1.3])
    g = sigmoid(a)
    rows = {"a": 456, "g": 348, "mix": 226, "new": 42}
    for row, words, symbol, colour in (
        ("a", c.say(pl="preaktywacja", en="pre-activation"), "a", INK),
        ("g", c.say(pl="otwarcie", en="opening"), r"g = \sigma(a)", INPUT),
        ("new", c.say(pl="nowa pamięć", en="new memory"), r"s", STATE),
    ):
        c.text(20, rows[row] + 20, words, colour=colour, align="left")
        c.text(20, rows[row] - 20, f"${symbol}$", size=34, colour=colour, align="left")
    new_words = c.say(pl="nowa treść", en="new content")
    old_words = c.say(pl="stara pamięć", en="old memory")
    c.text(20, rows["mix"] + 20, f"{new_words} $x$", colour=CANDIDATE, align="left")
    c.text(20, rows["mix"] - 20, f"{old_words} $s$", colour=STATE, align="left")
    for i, new in enumerate(gated_update(g, x, s)):
        at = 285 + 195 * i
        c.cell(at, rows["a"], c.number(a[i], 0 if a[i] == round(a[i]) else 1), width=150)
        c.arrow((at, rows["a"] - 28), (at, rows["g"] + 30), colour=INK)
        c.text(at + 16, (rows["a"] + rows["g"]) / 2 + 2, r"$\sigma$", size=32, align="left")
        c.gauge(at, rows["g"] + 10, float(g[i]), width=150, height=40)
        c.text(at, rows["g"] - 32, c.number(float(g[i]), 2), weight=600, colour=INPUT)
        for side, value, weight, role in (
            (-1, x[i], float(g[i]), "candidate"),
            (1, s[i], 1 - float(g[i]), "state"),
        ):
            top = (at + side * 43, rows["mix"] - 30)
            bottom = (at + side * 43, rows["new"] + 31)
            c.cell(top[0], rows["mix"], c.number(value), role, width=80, height=60)
            if weight > 1e-6:  # at 0.00005 still a hair: a soft gate never shuts quite
                if (width := max(40 * weight, 1.2)) > 8:
                    c.pipe(top, bottom, role=role, width=width, head=False, chevrons=False)
                else:
                    c.line([top, bottom], colour=ROLES[role], width=width, z=2)
            else:
                c.line([top, bottom], colour=MUTED, width=1.5, dashed=True, z=2)
                c.cross((top[0] + bottom[0]) / 2, (top[1] + bottom[1]) / 2)
        c.cell(at, rows["new"], c.number(new, 4), "state", width=160, height=62, size=30)


@diagram("sigmoid-tanh", height=420)
def sigmoid_tanh(c: Canvas) -> None:
    """The sigmoid stays between shut and open; tanh goes on to -1, which is neither."""
    x0, x1, zero, unit, reach = 90, 640, 205, 150, 5.0

    def place(a: np.ndarray, values: np.ndarray) -> list[tuple[float, float]]:
        xs = (x0 + x1) / 2 + a / reach * (x1 - x0) / 2
        return [(float(x), float(y)) for x, y in zip(xs, zero + unit * values, strict=True)]

    middle = (x0 + x1) / 2
    c.box(middle, zero + unit / 2, x1 - x0, unit, fill=INPUT_FILL, edge=INPUT_FILL, radius=1, z=0)
    c.box(middle, zero - unit / 2, x1 - x0, unit, fill=FORGET_FILL, edge=FORGET_FILL, radius=1, z=0)
    for level, colour in ((1, INPUT), (0, INPUT), (-1, FORGET)):
        y = zero + unit * level
        c.line([(x0, y), (x1 + 50, y)], colour=colour, dashed=level != 0, width=1.8, z=1)
        c.text(x0 - 18, y, c.number(level), colour=INK, size=28, align="right")
    c.line([(middle, zero - unit - 20), (middle, zero + unit + 22)], colour=MUTED, width=1.8, z=1)
    c.text(x1 + 8, zero - 22, "$a$", size=32, align="left")
    a = np.linspace(-reach, reach, 121)
    c.line(place(a, np.tanh(a)), colour=CANDIDATE, width=5, dashed=True, z=4)
    c.line(place(a, sigmoid(a)), colour=INPUT, width=6, z=4)
    c.text(x0 + 16, zero + 42, r"$\sigma(a)$", size=38, colour=INPUT, align="left")
    c.text(x0 + 16, zero - unit + 40, r"$\tanh(a)$", size=38, colour=CANDIDATE, align="left")
    for level, colour, words, formula in (
        (
            1,
            INPUT,
            c.say(pl="otwarty: wchodzi nowe", en="open: the new comes in"),
            [("s", STATE), GETS, ("x", CANDIDATE)],
        ),
        (
            0,
            INPUT,
            c.say(pl="zamknięty: zostaje stare", en="shut: the old stays"),
            [("s", STATE), GETS, ("s", STATE)],
        ),
        (
            -1,
            FORGET,
            c.say(
                pl="to nie zawór: stare × 2, nowe na minusie",
                en="no valve: the old × 2, the new negated",
            ),
            [("s", STATE), GETS, ("-x", CANDIDATE), (r"\,+\,2", FORGET), ("s", STATE)],
        ),
    ):
        y = zero + unit * level
        c.text(x1 + 64, y + 22, f"$g = {level}$", size=34, colour=colour, align="left")
        c.formula(x1 + 210, y + 22, formula, size=38, align="left")
        c.text(x1 + 64, y - 24, words, colour=colour, align="left")


@diagram("gate-network", height=470)
def gate_network(c: Canvas) -> None:
    """A small network computes the gate from the input and the previous memory."""
    y, left, right, valve_x, sum_x, wheel_y = 60, 90, 1070, 640, 880, 190
    wheel_x = sum_x - 104
    # The memory track with its two valves.
    c.pipe((left, y), (sum_x - 30, y), role="state", width=26, clear=[(valve_x, y)])
    c.pipe((sum_x, y), (right - 58, y), role="state", width=26)
    c.pipe((sum_x, 300), (sum_x, y + 30), role="candidate", width=26, chevrons=False)
    c.disc(sum_x, y, "$+$", size=42)
    c.role_box(left, y, "$s_{t-1}$", "state", height=76)
    c.role_box(right, y, "$s_t$", "state", height=76)
    c.role_box(sum_x, 330, r"$\tilde{s}_t$", "candidate", height=76)
    c.text(
        sum_x + 76,
        344,
        c.say(pl="co zapisuje", en="what it writes"),
        colour=CANDIDATE,
        align="left",
    )
    c.text(sum_x + 76, 314, "$(m)$", size=26, colour=MUTED, align="left")
    c.line([(valve_x, wheel_y), (wheel_x, wheel_y)], dashed=True, colour=MUTED)
    c.valve(valve_x, y, "$1-g_t$", "forget", wheel=(valve_x, wheel_y), radius=50, size=30)
    c.valve(sum_x, wheel_y, "$g_t$", "input", vertical=True, wheel=(wheel_x, wheel_y))
    # The network that turns the wheel.
    top, low, node = 380, 210, 295
    c.role_box(left, top, "$x_t$", height=76)
    weights = 290
    for level, symbol, shape in ((top, "$W_x$", "(n)"), (low, "$W_h$", "(m)")):
        if level == low:
            c.arrow((left, y + 38), (left, low), (weights - 48, low), colour=STATE)
        else:
            c.arrow((left + 58, top), (weights - 48, top), colour=NAVY)
        c.role_box(weights, level, symbol, width=96, height=72)
        c.text((left + weights) / 2 + 6, level + 20, f"${shape}$", size=26, colour=MUTED)
    bias = 440
    c.arrow((weights + 48, top), (bias, top), (bias, node + 30), colour=NAVY)
    c.arrow((weights + 48, low), (bias, low), (bias, node - 30), colour=NAVY)
    c.text((weights + 48 + bias) / 2 + 4, top + 20, "$(m)$", size=26, colour=MUTED)
    c.text((weights + 48 + bias) / 2 + 4, low + 20, "$(m)$", size=26, colour=MUTED)
    c.disc(bias, node, "$+$", size=42)
    c.arrow((bias - 96, node), (bias - 30, node), colour=NAVY)
    c.text(bias - 104, node, "$b$", size=36, colour=NAVY, align="right")
    sigma = 640
    c.arrow((bias + 30, node), (sigma - 32, node), colour=NAVY)
    c.text((bias + sigma) / 2, node + 22, r"$a_t\;(m)$", size=28, colour=MUTED)
    c.disc(sigma, node, r"$\sigma$", radius=32, size=40, colour=INPUT, fill=INPUT_FILL)
    c.arrow((sigma + 32, node), (wheel_x, node), (wheel_x, wheel_y + 36), colour=INPUT, width=3.5)
    c.text((sigma + wheel_x) / 2 + 14, node + 22, r"$g_t\;(m)$", size=28, colour=MUTED)
    c.text(
        left - 52,
        top + 68,
        c.say(pl="na co bramka patrzy", en="what the gate looks at"),
        colour=NAVY,
        align="left",
    )


@diagram("if-else", height=480)
def if_else(c: Canvas) -> None:
    """A switch takes one of two; a gate mixes both, so a gradient can pass."""
    for x0, soft in ((40, False), (620, True)):
        top, low, out = 350, 170, 260
        source, meet, end = x0 + 55, x0 + 352, x0 + 470
        title = (
            c.say(pl="bramka: miesza", en="a gate: mixes")
            if soft
            else c.say(pl="if: wybiera", en="if: chooses")
        )
        c.text(x0 + 250, 450, title, size=30, weight=600, colour=NAVY)
        c.role_box(source, top, "$x$", "candidate", width=104)
        c.role_box(source, low, "$s$", "state", width=104)
        c.role_box(end, out, "$s$", "state", width=104)
        if soft:
            c.pipe(
                (source + 52, top),
                (meet, top),
                (meet, out + 30),
                role="candidate",
                width=24,
                chevrons=False,
            )
            c.pipe(
                (source + 52, low),
                (meet, low),
                (meet, out - 30),
                role="state",
                width=24,
                chevrons=False,
            )
            c.pipe((meet, out), (end - 52, out), role="state", width=24, chevrons=False)
            c.disc(meet, out, "$+$", size=42)
            one, two = source + 112, source + 212
            c.line([(one, out), (two, out)], colour=MUTED, dashed=True)
            c.valve(one, top, "$g$", "input", wheel=(one, out), radius=34)
            c.valve(two, low, "$1-g$", "forget", wheel=(two, out), radius=38, size=27)
            c.formula(
                x0 + 250,
                84,
                WRITE,
                size=40,
            )
        else:
            gap = x0 + 235
            c.pipe(
                (source + 52, top),
                (gap, top),
                role="candidate",
                width=24,
                head=False,
                chevrons=False,
            )
            c.pipe(
                (source + 52, low), (gap, low), role="state", width=24, head=False, chevrons=False
            )
            c.pipe((meet, out), (end - 52, out), role="state", width=24, chevrons=False)
            c.line([(meet, out), (gap + 8, top - 4)], colour=INK, width=9, z=6)
            c.line([(meet, out), (gap + 8, low + 4)], colour=RULE, width=4, dashed=True, z=5)
            for px, py, colour in ((gap, top, CANDIDATE), (gap, low, STATE), (meet, out, INK)):
                c.disc(px, py, "", radius=14, colour=colour)
            c.cross(gap + 52, low + 46, size=12)
            c.text(meet + 4, top - 6, "$g = 1$", size=34, colour=INPUT, align="left")
            c.text(meet + 4, low + 6, "$g = 0$", size=34, colour=MUTED, align="left")
            c.code(x0 + 250, 84, "s = x if g else s")
        c.text(
            x0 + 250,
            26,
            c.say(
                pl=r"nachylenie:  $\partial s\,/\,\partial g = x - s$",
                en=r"slope:  $\partial s\,/\,\partial g = x - s$",
            )
            if soft
            else c.say(
                pl="nachylenie: zero, a w miejscu skoku nie istnieje",
                en="slope: zero, undefined at the jump",
            ),
            size=28,
            colour=INPUT if soft else FORGET,
        )
    c.line([(c.width / 2, 20), (c.width / 2, 465)], colour=RULE)


@diagram("gates-preview", height=530)
def gates_preview(c: Canvas) -> None:
    """The LSTM's track with a forget, an input and an output valve, and its second tanh."""
    y, left, right, forget_x, sum_x, out_x = 278, 90, 1070, 320, 560, 810
    c.pipe((left, y), (sum_x - 30, y), role="state", width=28, clear=[(forget_x, y)])
    c.pipe((sum_x, y), (right - 58, y), role="state", width=28)
    c.pipe((sum_x, 470), (sum_x, y + 30), role="candidate", width=28, chevrons=False)
    c.pipe((out_x, y - 12), (out_x, 82), role="output", width=24, chevrons=False)
    c.disc(out_x, y - 68, r"$\tanh$", radius=38, size=27, colour=OUTPUT, fill=OUTPUT_FILL)
    c.disc(sum_x, y, "$+$", size=42)
    c.role_box(left, y, "$c_{t-1}$", "state")
    c.role_box(right, y, "$c_t$", "state")
    c.role_box(sum_x, 486, r"$\tilde{c}_t$", "candidate")
    c.role_box(out_x, 42, "$h_t$", "output")
    c.valve(forget_x, y, "$f_t$", "forget", wheel=(forget_x, y + 84))
    c.valve(sum_x, 388, "$i_t$", "input", vertical=True, wheel=(sum_x + 96, 388))
    c.valve(out_x, 136, "$o_t$", "output", vertical=True, wheel=(out_x + 96, 136), length=52)
    c.text(left, y - 62, c.say(pl="pamięć", en="memory"), colour=STATE)
    c.text(forget_x, y + 144, c.say(pl="zapominania", en="forget gate"), colour=FORGET)
    if c.language == "pl":
        c.text(forget_x, y + 174, "bramka", colour=FORGET)
    c.lines(
        sum_x + 146,
        388,
        c.say(pl="bramka|wejścia", en="input|gate").split("|"),
        colour=INPUT,
        align="left",
    )
    c.lines(
        out_x + 146,
        136,
        c.say(pl="bramka|wyjścia", en="output|gate").split("|"),
        colour=OUTPUT,
        align="left",
    )
    c.text(
        sum_x + 76,
        486,
        c.say(pl="kandydat: nowa treść", en="candidate: new content"),
        colour=CANDIDATE,
        align="left",
    )
    c.text(
        out_x + 76,
        42,
        c.say(pl="co widać na zewnątrz", en="what is shown outside"),
        colour=OUTPUT,
        align="left",
    )
    c.formula(
        40,
        106,
        [
            ("c_t", STATE),
            (r"\,=\,", INK),
            ("f_t", FORGET),
            ODOT,
            ("c_{t-1}", STATE),
            (r"\,+\,", INK),
            ("i_t", INPUT),
            ODOT,
            (r"\tilde{c}_t", CANDIDATE),
        ],
        size=44,
        align="left",
    )
    c.formula(
        40,
        44,
        [
            ("h_t", OUTPUT),
            (r"\,=\,", INK),
            ("o_t", OUTPUT),
            ODOT,
            (r"\tanh(", INK),
            ("c_t", STATE),
            (")", INK),
        ],
        size=44,
        align="left",
    )
