"""The diagrams of lecture 08, autoencoders."""

from __future__ import annotations

from itertools import pairwise

from matplotlib.patches import Polygon

from unrolled.diagrams.canvas import LINE, Canvas, diagram
from unrolled.palette import (
    FILLS,
    FORGET,
    INK,
    MUTED,
    NAVY,
    OUTPUT,
    PANEL,
    ROLES,
    STATE,
)

#: A digit of 4×4 pixels (how dark each is), and the same blurred by a narrow code.
DIGIT = ((0.1, 0.9, 0.8, 0.1), (0.0, 0.2, 0.9, 0.0), (0.0, 0.9, 0.3, 0.0), (0.1, 0.9, 0.9, 0.8))
BLURRED = ((0.2, 0.8, 0.7, 0.2), (0.1, 0.3, 0.8, 0.1), (0.1, 0.7, 0.4, 0.1), (0.2, 0.8, 0.8, 0.6))
SPECKLED = ((0.5, 0.7, 1.0, 0.0), (0.3, 0.0, 0.7, 0.4), (0.0, 1.0, 0.0, 0.3), (0.0, 0.6, 1.0, 0.5))

Picture = tuple[tuple[float, ...], ...]


def _shade(ink: float) -> str:
    """Return a grey, from paper (0) to ink (1)."""
    level = round(255 - ink * (255 - 30))
    return f"#{level:02X}{level:02X}{level:02X}"


def _picture(c: Canvas, x: float, y: float, pixels: Picture, *, size: float = 34) -> None:
    """Draw a picture of 4×4 pixels around a point, with a frame."""
    for i, row in enumerate(pixels):
        for j, ink in enumerate(row):
            at = x + (j - 1.5) * size, y + (1.5 - i) * size
            c.box(*at, size, size, edge=_shade(ink), fill=_shade(ink), line=1, radius=0, z=4)
    c.line(
        [(x + a * 2 * size, y + b * 2 * size)
         for a, b in ((-1, -1), (-1, 1), (1, 1), (1, -1), (-1, -1))],
        colour=MUTED, width=1.5, z=5,
    )  # fmt: skip


def _vector(
    c: Canvas, x: float, y: float, count: int, role: str | None, *, step: float = 34
) -> None:
    """Draw a column of cells around a point."""
    edge, fill = (ROLES[role], FILLS[role]) if role else (MUTED, PANEL)
    for i in range(count):
        at = y + (i - (count - 1) / 2) * step
        c.box(x, at, 40, step - 4, edge=edge, fill=fill, radius=5)


def _funnel(
    c: Canvas,
    left: float,
    right: float,
    y: float,
    tall: tuple[float, float],
    words: str,
    symbol: str,
) -> None:
    """Draw a part of the network whose sides have different heights, its name and its symbol."""
    a, b = tall[0] / 2, tall[1] / 2
    c.axes.add_patch(
        Polygon(
            [(left, y - a), (left, y + a), (right, y + b), (right, y - b)],
            closed=True, facecolor=PANEL, edgecolor=NAVY, linewidth=LINE * 0.75,
            joinstyle="round", zorder=2,
        )
    )  # fmt: skip
    middle = (left + right) / 2
    c.symbol(middle, y + 4, symbol, size=42, colour=NAVY)
    c.text(middle, y - max(a, b) - 26, words, size=26, colour=NAVY, weight=600)


def _names(c: Canvas) -> tuple[str, str]:
    return c.say(pl="koder", en="encoder"), c.say(pl="dekoder", en="decoder")


@diagram("autoencoder-copy", height=330)
def autoencoder_copy(c: Canvas) -> None:
    """A network with as many hidden units as inputs: straight wires copy anything."""
    y = 190
    _picture(c, 90, y, SPECKLED)
    _picture(c, 1070, y, SPECKLED)
    for x, role in ((290, None), (580, "state"), (870, "output")):
        _vector(c, x, y, 6, role, step=42)
    for i in range(6):
        at = y + (i - 2.5) * 42
        for left in (290, 580):
            c.arrow((left + 24, at), (left + 290 - 22, at), colour=MUTED, width=2)
    c.arrow((166, y), (262, y), width=3)
    c.arrow((898, y), (994, y), width=3)
    for x, text in ((290, "$x$"), (580, "$z = x$"), (870, r"$\hat{x} = x$")):
        c.text(x, 30, text, size=34, colour=INK)
    c.text(90, 30, c.say(pl="byle co", en="anything"), size=26, colour=MUTED)
    c.text(1070, 30, c.say(pl="to samo", en="the same"), size=26, colour=MUTED)


@diagram("autoencoder-1", height=330)
def autoencoder_1(c: Canvas) -> None:
    """The target is the input itself."""
    y = 195
    _picture(c, 120, y, DIGIT)
    _picture(c, 1040, y, BLURRED)
    c.box(580, y, 330, 180, edge=NAVY, fill=PANEL)
    c.text(580, y + 4, c.say(pl="sieć", en="a network"), size=36, weight=600, colour=NAVY)
    c.arrow((200, y), (408, y), width=3.5)
    c.arrow((752, y), (958, y), width=3.5)
    c.text(306, y + 34, "$x$", size=38)
    c.text(852, y + 34, r"$\hat{x}$", size=38, colour=OUTPUT)
    c.line([(120, y - 76), (120, 44), (470, 44)], colour=FORGET, dashed=True, width=3)
    c.line([(1040, y - 76), (1040, 44), (690, 44)], colour=FORGET, dashed=True, width=3)
    c.text(580, 44, c.say(pl="cel: to samo", en="target: the same"), size=27, weight=600,
           colour=FORGET)  # fmt: skip


@diagram("autoencoder-2", height=424)
def autoencoder_2(c: Canvas) -> None:
    """From n numbers to k and back, with the formula of each part and its shapes."""
    y, (encoder, decoder) = 254, _names(c)
    _picture(c, 74, y, DIGIT)
    _picture(c, 1086, y, BLURRED)
    _vector(c, 216, y, 7, None)
    _vector(c, 580, y, 2, "state")
    _vector(c, 944, y, 7, "output")
    _funnel(c, 262, 536, y, (236, 84), encoder, "$f$")
    _funnel(c, 624, 898, y, (84, 236), decoder, "$g$")
    c.arrow((148, y), (190, y), width=3)
    c.arrow((970, y), (1014, y), width=3)
    c.text(216, y + 138, "$x$", size=34)
    c.text(580, y + 66, "$z$", size=38, colour=STATE)
    c.text(944, y + 138, r"$\hat{x}$", size=34, colour=OUTPUT)
    c.text(216, 106, r"$\mathbb{R}^n$", size=30, colour=MUTED)
    c.text(580, 180, r"$\mathbb{R}^k$", size=30, colour=MUTED)
    c.text(944, 106, r"$\mathbb{R}^n$", size=30, colour=MUTED)
    c.formula(300, 36, [("z", STATE), (r"\;=\;f(W x + b)", INK)], size=38)
    c.formula(
        858, 36,
        [(r"\hat{x}", OUTPUT), (r"\;=\;g(V\,", INK), ("z", STATE), (r"\,+\,c)", INK)],
        size=38,
    )  # fmt: skip


@diagram("autoencoder-deep", height=380)
def autoencoder_deep(c: Canvas) -> None:
    """Hidden layers on both sides of the code bend what one layer keeps straight."""
    y, (encoder, decoder) = 222, _names(c)
    columns = ((90, 8, None), (290, 6, "candidate"), (580, 1, "state"), (870, 6, "candidate"),
               (1070, 8, "output"))  # fmt: skip
    for x, count, role in columns:
        _vector(c, x, y, count, role, step=36)
    for (x, _, _), (x_next, _, _) in pairwise(columns):
        c.arrow((x + 30, y), (x_next - 28, y), width=3)
    for x, text in ((190, "ReLU"), (435, ""), (725, "ReLU"), (970, "")):
        c.text(x, y + 30, text, size=24, colour=MUTED)
    for x, text, colour in ((90, "$x$", INK), (290, "$h$", INK), (580, "$z$", STATE),
                            (870, "$h'$", INK), (1070, r"$\hat{x}$", OUTPUT)):  # fmt: skip
        c.text(x, 30, text, size=34, colour=colour)
    c.text(435, 92, encoder, size=26, weight=600, colour=NAVY)
    c.text(725, 92, decoder, size=26, weight=600, colour=NAVY)


@diagram("autoencoder-brakes", height=400)
def autoencoder_brakes(c: Canvas) -> None:
    """Four ways to keep a network from copying."""
    panels = (
        (c.say(pl="wąski kod", en="a narrow code"), "$k < n$"),
        (c.say(pl="kod rzadki", en="a sparse code"), r"$+\,\lambda\,\|z\|_1$"),
        (c.say(pl="uszkodzone wejście", en="a corrupted input"), r"$x + \varepsilon$"),
        (c.say(pl="kod rozmyty", en="a blurred code"), r"$z + \sigma\,\varepsilon$"),
    )
    for p, (name, formula) in enumerate(panels):
        left, y = 294 * p, 214
        if p:
            c.line([(left - 8, 14), (left - 8, 390)], colour=MUTED, width=1)
        x = left + 139
        c.text(x, 372, name, size=29, weight=600, colour=NAVY)
        c.text(x, 36, formula, size=34, colour=STATE if p != 2 else FORGET)
        _vector(c, x - 96, y, 6, None, step=38)
        _vector(c, x + 96, y, 6, "output", step=38)
        count = 2 if p == 0 else 8
        step = 38 if p == 0 else 30
        for i in range(count):
            at = y + (i - (count - 1) / 2) * step
            dim = p == 1 and i not in (1, 6)
            c.box(x, at, 40, step - 4, edge=MUTED if dim else STATE, dashed=dim, radius=5,
                  fill="#FFFFFF" if dim else FILLS["state"], line=1.5 if dim else LINE)  # fmt: skip
            if p == 3:
                c.line([(x - 34, at), (x + 34, at)], colour=FORGET, width=2, z=7)
                for side in (-34, 34):
                    c.line([(x + side, at - 6), (x + side, at + 6)], colour=FORGET, width=2, z=7)
        c.arrow((x - 72, y), (x - 38, y), width=2.5)
        c.arrow((x + 38, y), (x + 72, y), width=2.5)
        if p == 2:
            for i in (0, 2, 3, 5):
                c.cross(x - 96, y + (i - 2.5) * 38, size=8)


@diagram("autoencoder-denoising", height=330)
def autoencoder_denoising(c: Canvas) -> None:
    """Noise is added on the way in; the target is the clean picture."""
    y = 200
    _picture(c, 90, y, DIGIT)
    _picture(c, 430, y, SPECKLED)
    _picture(c, 1070, y, BLURRED)
    c.arrow((166, y), (228, y), width=3)
    c.disc(260, y, "$+$", colour=FORGET, size=40)
    c.arrow((292, y), (354, y), width=3)
    c.text(260, y + 92, r"$\varepsilon \sim N(0, \sigma^2 I)$", size=30, colour=FORGET)
    c.arrow((260, y + 70), (260, y + 34), colour=FORGET, width=3)
    encoder, decoder = _names(c)
    _funnel(c, 560, 700, y, (150, 80), "", "$f$")
    _funnel(c, 780, 920, y, (80, 150), "", "$g$")
    c.box(740, y, 44, 70, edge=STATE, fill=FILLS["state"], radius=6)
    c.symbol(740, y, "$z$", size=34, colour=STATE)
    c.arrow((506, y), (556, y), width=3)
    c.arrow((924, y), (994, y), width=3)
    c.text(630, y + 98, encoder, size=24, colour=NAVY)
    c.text(850, y + 98, decoder, size=24, colour=NAVY)
    c.text(90, y + 98, "$x$", size=32)
    c.text(430, y + 98, r"$\tilde{x}$", size=32, colour=FORGET)
    c.text(1070, y + 98, r"$\hat{x}$", size=32, colour=OUTPUT)
    c.line([(90, y - 76), (90, 40), (450, 40)], colour=FORGET, dashed=True, width=3)
    c.line([(1070, y - 76), (1070, 40), (710, 40)], colour=FORGET, dashed=True, width=3)
    c.text(580, 40, c.say(pl="cel: bez szumu", en="target: clean"), size=27, weight=600,
           colour=FORGET)  # fmt: skip


@diagram("autoencoder-vae", height=400)
def autoencoder_vae(c: Canvas) -> None:
    """The encoder gives a place and a width; noise comes in from outside."""
    y, (encoder, decoder) = 236, _names(c)
    _picture(c, 74, y, DIGIT, size=30)
    _picture(c, 1086, y, BLURRED, size=30)
    _funnel(c, 170, 330, y, (190, 110), encoder, "$f$")
    _funnel(c, 830, 990, y, (110, 190), decoder, "$g$")
    c.arrow((138, y), (166, y), width=3)
    c.arrow((994, y), (1022, y), width=3)
    for at, symbol in ((y + 62, r"$\mu$"), (y - 62, r"$\sigma$")):
        c.box(420, at, 88, 68, edge=STATE, fill=FILLS["state"])
        c.symbol(420, at, symbol, size=38, colour=STATE)
        c.arrow((334, y + (at - y) * 0.5), (372, at), width=3)
    c.disc(560, y - 62, r"$\odot$", size=38)
    c.disc(660, y, "$+$", size=40)
    c.arrow((466, y - 62), (528, y - 62), width=3, colour=STATE)
    c.arrow((466, y + 62), (660, y + 62), (660, y + 32), width=3, colour=STATE)
    c.arrow((592, y - 62), (660, y - 62), (660, y - 32), width=3)
    c.disc(560, 56, r"$\varepsilon$", colour=FORGET, fill=FILLS["forget"], size=38)
    c.arrow((560, 88), (560, y - 94), width=3, colour=FORGET)
    c.text(606, 56, "$N(0, I)$", size=30, colour=FORGET, align="left")
    c.box(758, y, 72, 84, edge=STATE, fill=FILLS["state"])
    c.symbol(758, y, "$z$", size=42, colour=STATE)
    c.arrow((692, y), (718, y), width=3)
    c.arrow((798, y), (826, y), width=3)
    c.formula(
        540, 372,
        [("z", STATE), (r"\;=\;", INK), (r"\mu", STATE), (r"\,+\,", INK), (r"\sigma", STATE),
         (r"\,\odot\,", INK), (r"\varepsilon", FORGET)],
        size=44,
    )  # fmt: skip
