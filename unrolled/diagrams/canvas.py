"""The drawing language of the diagrams: tracks, pipes, valves, cells, boxes, arrows, formulas.

Units are pixels of a slide; a diagram is 1160 wide, x grows to the right and y upwards. Lettering
is at least 20 high. What flows is a pipe in the colour of its role; a valve is a bow tie on a
pipe with a hand wheel that carries the gate's symbol; a vector is a row of cells.
"""

from __future__ import annotations

import io
import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import matplotlib as mpl
import numpy as np
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.patches import Circle, FancyBboxPatch, Polygon, Rectangle
from matplotlib.textpath import TextPath, text_to_path

from unrolled import palette, style
from unrolled.diagrams.slim import slim
from unrolled.messages import Language
from unrolled.words import number

Point = tuple[float, float]

WIDTH = 1160
HEIGHT = 500

#: Sizes of lettering, in pixels.
SMALL = 22
BODY = 25
CELL = 28
SYMBOL = 36
FORMULA = 48

#: Widths of lines, in pixels.
HAIR = 1.5
LINE = 2.5
PIPE = 22

_PER_INCH = 96
_POINTS = 72 / _PER_INCH  # of a pixel


@dataclass(frozen=True)
class Entry:
    """A diagram in the registry.

    Attributes:
        draw: draws it.
        height: in pixels.
        quotes: words that both languages show on purpose: names, and examples of a language.
    """

    draw: Callable[[Canvas], None]
    height: int
    quotes: frozenset[str] = frozenset()


#: The diagrams by name.
REGISTRY: dict[str, Entry] = {}


def diagram(
    name: str, *, height: int = HEIGHT, quotes: str = ""
) -> Callable[[Callable[[Canvas], None]], Callable[[Canvas], None]]:
    """Register a drawing function under the name of its file.

    Args:
        name: the file's name without its ending.
        height: the diagram's height in pixels.
        quotes: words that both languages show on purpose, parted by spaces.

    Raises:
        ValueError: the name is taken.
    """

    def register(draw: Callable[[Canvas], None]) -> Callable[[Canvas], None]:
        if name in REGISTRY:
            raise ValueError(f"there are two diagrams named {name!r}")
        REGISTRY[name] = Entry(draw, height, frozenset(quotes.split()))
        return draw

    return register


class Canvas:
    """A sheet to draw on, in one language.

    Args:
        language: the language of the labels.
        width: in pixels.
        height: in pixels.
    """

    def __init__(self, language: Language, *, width: int = WIDTH, height: int = HEIGHT) -> None:
        self.language = language
        self.width, self.height = width, height
        with mpl.rc_context():
            style.set_rc()
            self.figure = Figure(
                figsize=(width / _PER_INCH, height / _PER_INCH),
                dpi=_PER_INCH,
                facecolor=palette.PAPER,
            )
            self.figure.set_layout_engine("none")
            FigureCanvasSVG(self.figure)
            self.axes = self.figure.add_axes((0, 0, 1, 1))
            self.axes.set(xlim=(0, width), ylim=(0, height))
            self.axes.axis("off")

    # --- words and numbers ----------------------------------------------------------------------

    def say(self, *, pl: str, en: str) -> str:
        """Return the text in the canvas' language."""
        return pl if self.language == "pl" else en

    def number(self, value: float, digits: int = 0) -> str:
        """Return a number with a true minus, and with a comma in Polish."""
        text = f"{value:.{digits}f}"
        if float(text) == 0:
            text = text.lstrip("-")
        return number(text, self.language).replace("-", "−")

    # --- lettering ------------------------------------------------------------------------------

    def _font(self, size: float, weight: int = 400) -> FontProperties:
        with mpl.rc_context(style.RC):
            return FontProperties(
                family="Source Sans 3", weight=weight, size=size * _POINTS, math_fontfamily="cm"
            )

    def measure(self, text: str, size: float = BODY, weight: int = 400) -> float:
        """Return the width of a text in pixels."""
        with mpl.rc_context(style.RC):
            width, _, _ = text_to_path.get_text_width_height_descent(
                text, self._font(size, weight), ismath="$" in text
            )
        return float(width) / _POINTS

    def text(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = BODY,
        colour: str = palette.INK,
        weight: int = 400,
        align: Literal["left", "center", "right"] = "center",
        z: float = 8,
    ) -> None:
        """Write a line of text whose capitals are centred on ``y``."""
        with mpl.rc_context(style.RC):
            self.axes.text(
                x,
                y - 0.33 * size,
                text,
                fontproperties=self._font(size, weight),
                color=colour,
                ha=align,
                va="baseline",
                zorder=z,
            )

    def lines(
        self, x: float, y: float, lines: Sequence[str], *, size: float = BODY, **kwargs: object
    ) -> None:
        """Write lines of text, centred together on ``y``."""
        step = 1.25 * size
        top = y + step * (len(lines) - 1) / 2
        for i, line in enumerate(lines):
            self.text(x, top - i * step, line, size=size, **kwargs)  # type: ignore[arg-type]

    def code(self, x: float, y: float, text: str, *, size: float = BODY) -> None:
        """Write a line of code, centred on the point, on the colour of code."""
        font = FontProperties(family="Source Code Pro", size=size * _POINTS)
        wide = 0.6 * size * len(text)  # a letter of Source Code Pro is 0.6 em wide
        self.box(x, y, wide + 36, 1.9 * size, edge=palette.RULE, fill=palette.PANEL, line=HAIR)
        with mpl.rc_context(style.RC):
            self.axes.text(
                x - wide / 2,
                y - 0.3 * size,
                text,
                fontproperties=font,
                color=palette.INK,
                ha="left",
                va="baseline",
                zorder=8,
            )

    def symbol(
        self,
        x: float,
        y: float,
        text: str,
        *,
        size: float = SYMBOL,
        colour: str = palette.INK,
        weight: int = 600,
        z: float = 8,
    ) -> None:
        """Write a symbol whose ink is centred on the point."""
        if not text:
            return
        with mpl.rc_context(style.RC):
            ink = TextPath((0, 0), text, prop=self._font(size, weight)).get_extents()
            # TextPath is in points of the font's size.
            dx, dy = (ink.x0 + ink.x1) / 2 / _POINTS, (ink.y0 + ink.y1) / 2 / _POINTS
            self.axes.text(
                x - dx,
                y - dy,
                text,
                fontproperties=self._font(size, weight),
                color=colour,
                ha="left",
                va="baseline",
                zorder=z,
            )

    def formula(
        self,
        x: float,
        y: float,
        pieces: Sequence[tuple[str, str]],
        *,
        size: float = FORMULA,
        align: Literal["left", "center"] = "center",
    ) -> None:
        r"""Write a formula from pieces (LaTeX without dollars, colour) on one base line.

        A gap between pieces is LaTeX too (``\;``).
        """
        widths = [self.measure(f"${latex}$", size) for latex, _ in pieces]
        if align == "center":
            x -= sum(widths) / 2
        with mpl.rc_context(style.RC):
            for (latex, colour), width in zip(pieces, widths, strict=True):
                self.axes.text(
                    x,
                    y - 0.25 * size,
                    f"${latex}$",
                    fontproperties=self._font(size),
                    color=colour,
                    ha="left",
                    va="baseline",
                    zorder=8,
                )
                x += width

    # --- lines ----------------------------------------------------------------------------------

    def line(
        self,
        points: Sequence[Point],
        *,
        colour: str = palette.INK,
        width: float = LINE,
        dashed: bool = False,
        z: float = 3,
    ) -> None:
        """Draw a line along the points."""
        xs, ys = zip(*points, strict=True)
        self.axes.plot(
            xs,
            ys,
            color=colour,
            linewidth=width * _POINTS,
            linestyle=(0, (2.2, 2.2)) if dashed else "-",
            solid_capstyle="butt",
            dash_capstyle="butt",
            solid_joinstyle="round",
            zorder=z,
        )

    def arrow(
        self,
        *points: Point,
        colour: str = palette.INK,
        width: float = LINE,
        dashed: bool = False,
        z: float = 3,
    ) -> None:
        """Draw a line along the points with a head whose tip is the last point."""
        length, half = 7 + 3.4 * width, 2.5 + 2.0 * width
        base = self._head(points[-2], points[-1], length, half, colour, z)
        self.line([*points[:-1], base], colour=colour, width=width, dashed=dashed, z=z)

    def current(
        self,
        *points: Point,
        colour: str,
        width: float = 7,
        kind: Literal["flow", "flow-in", "flow-out"] = "flow",
        z: float = 2.9,
    ) -> None:
        """Let dots run along the points for five seconds when a deck's slide comes up.

        Everywhere else (in print, on pages, in RISE, where less motion is asked for) there is
        nothing to see of it.

        Args:
            points: corners from the source to the target.
            colour: of the dots.
            width: their diameter.
            kind: ``flow`` runs all the time, ``flow-in`` begins and ``flow-out`` ends meanwhile, as
                when a valve is opened and its counterpart shut.
            z: order of drawing.
        """
        xs, ys = zip(*points, strict=True)
        (drawn,) = self.axes.plot(
            xs, ys, color=colour, linewidth=width * _POINTS, solid_capstyle="round", zorder=z
        )
        drawn.set_gid(kind)

    def _head(
        self, start: Point, tip: Point, length: float, half: float, colour: str, z: float
    ) -> Point:
        """Draw an arrow's head; return the middle of its base."""
        along = np.subtract(tip, start) / np.hypot(*np.subtract(tip, start))
        across = np.array([-along[1], along[0]])
        base = np.array(tip) - length * along
        self.axes.add_patch(
            Polygon(
                [tip, base + half * across, base - half * across],
                closed=True,
                facecolor=colour,
                edgecolor="none",
                zorder=z + 0.1,
            )
        )
        x, y = base + 0.5 * along  # a hair of overlap
        return float(x), float(y)

    def pipe(
        self,
        *points: Point,
        role: str,
        width: float = PIPE,
        head: bool = True,
        chevrons: bool = True,
        clear: Sequence[Point] = (),
        z: float = 2,
    ) -> None:
        """Draw a pipe along the points: what flows in it has the role's colour.

        Args:
            points: corners from the source to the target; the head's tip is the last one.
            role: a key of :data:`unrolled.palette.ROLES`.
            width: outer width.
            head: whether the pipe ends with a head.
            chevrons: whether marks inside show the direction.
            clear: places (valves, operations) that the marks keep away from.
            z: order of drawing.
        """
        edge, fill = palette.ROLES[role], palette.FILLS[role]
        shaft = list(points)
        if head:
            shaft[-1] = self._head(points[-2], points[-1], 1.35 * width, 0.98 * width, edge, z)
        self.line(shaft, colour=edge, width=width, z=z)
        self.line(shaft, colour=fill, width=width - 2 * LINE, z=z + 0.2)
        if chevrons:
            for start, end in itertools.pairwise(shaft):
                self._chevrons(start, end, edge, 0.2 * width, [points[0], *clear], z + 0.3)

    def _chevrons(
        self,
        start: Point,
        end: Point,
        colour: str,
        size: float,
        clear: Sequence[Point],
        z: float,
    ) -> None:
        """Mark the direction from start to end, away from the places to keep clear."""
        vector = np.subtract(end, start)
        length = float(np.hypot(*vector))
        along = vector / length
        across = np.array([-along[1], along[0]])
        count = int(length // 56)
        for i in range(count):
            tip = np.array(start) + along * (length * (i + 0.5) / count + size / 2)
            if any(np.hypot(*np.subtract(tip, place)) < 54 for place in clear):
                continue
            corners = [tip - size * (along - across), tip, tip - size * (along + across)]
            self.line([(float(x), float(y)) for x, y in corners], colour=colour, width=2, z=z)

    # --- shapes ---------------------------------------------------------------------------------

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        edge: str = palette.INK,
        fill: str = palette.PAPER,
        line: float = LINE,
        radius: float = 10,
        dashed: bool = False,
        z: float = 5,
    ) -> None:
        """Draw a rounded box around the centre (x, y); its size includes its edge."""
        w, h = width - line, height - line
        self.axes.add_patch(
            FancyBboxPatch(
                (x - w / 2, y - h / 2),
                w,
                h,
                boxstyle=f"round,pad=0,rounding_size={min(radius, w / 2, h / 2)}",
                facecolor=fill,
                edgecolor=edge,
                linewidth=line * _POINTS,
                linestyle=(0, (3.5, 3)) if dashed else "-",
                zorder=z,
            )
        )

    def role_box(
        self,
        x: float,
        y: float,
        text: str,
        role: str | None = None,
        *,
        width: float = 116,
        height: float = 80,
    ) -> None:
        """Draw a box in a role's colours with a symbol in it; without a role it is neutral."""
        edge = palette.ROLES[role] if role else palette.NAVY
        fill = palette.FILLS[role] if role else palette.PANEL
        self.box(x, y, width, height, edge=edge, fill=fill)
        self.symbol(x, y, text, size=44, colour=edge)

    def disc(
        self,
        x: float,
        y: float,
        text: str,
        *,
        radius: float = 30,
        colour: str = palette.INK,
        fill: str = palette.PAPER,
        size: float = SYMBOL,
        z: float = 6,
    ) -> None:
        """Draw an operation: a circle with a symbol in it."""
        self.axes.add_patch(
            Circle(
                (x, y),
                radius - LINE / 2,
                facecolor=fill,
                edgecolor=colour,
                linewidth=LINE * _POINTS,
                zorder=z,
            )
        )
        self.symbol(x, y, text, colour=colour, size=size)

    def valve(
        self,
        x: float,
        y: float,
        text: str,
        role: str,
        *,
        vertical: bool = False,
        wheel: Point,
        length: float = 66,
        breadth: float = 54,
        radius: float = 36,
        size: float = SYMBOL,
    ) -> None:
        """Draw a valve on a pipe, with the wheel that turns it.

        Args:
            x: the valve's place on the pipe.
            y: the valve's place on the pipe.
            text: the gate's symbol, written on the wheel.
            role: the gate's role.
            vertical: whether the pipe is vertical.
            wheel: the wheel's centre; a stem joins it to the valve.
            length: of the bow tie, along the pipe.
            breadth: of the bow tie, across the pipe.
            radius: of the wheel.
            size: of the symbol.
        """
        a, b = length / 2, breadth / 2
        gap = [(-a, -b), (a, -b), (a, b), (-a, b)]
        tie = [(-a, -b), (-a, b), (a, -b), (a, b)]

        def place(corners: list[Point]) -> list[Point]:
            return [(x + v, y + u) if vertical else (x + u, y + v) for u, v in corners]

        self.axes.add_patch(
            Polygon(place(gap), facecolor=palette.PAPER, edgecolor="none", zorder=3)
        )
        self.line([(x, y), wheel], colour=palette.ROLES[role], width=5, z=3.5)
        self.axes.add_patch(
            Polygon(
                place(tie),
                closed=True,
                facecolor=palette.ROLES[role],
                edgecolor=palette.ROLES[role],
                linewidth=LINE * _POINTS,
                joinstyle="round",
                zorder=4,
            )
        )
        self.disc(
            *wheel,
            text,
            radius=radius,
            colour=palette.ROLES[role],
            fill=palette.FILLS[role],
            size=size,
        )

    def cell(
        self,
        x: float,
        y: float,
        text: str,
        role: str | None = None,
        *,
        width: float = 72,
        height: float = 56,
        dim: bool = False,
        size: float = CELL,
    ) -> None:
        """Draw one number of a vector; a dimmed one has a dashed edge and grey lettering."""
        if dim:
            edge, fill, colour = palette.MUTED, palette.PAPER, palette.MUTED
        elif role is None:
            edge, fill, colour = palette.MUTED, palette.PAPER, palette.INK
        else:
            edge, fill, colour = palette.ROLES[role], palette.FILLS[role], palette.INK
        self.box(
            x, y, width, height,
            edge=edge, fill=fill, radius=8, line=HAIR if dim else LINE, dashed=dim,
        )  # fmt: skip
        self.text(x, y, text, size=size, colour=colour, weight=400 if dim else 600)

    def cross(
        self, x: float, y: float, *, size: float = 10, colour: str = palette.FORGET, z: float = 7
    ) -> None:
        """Draw the mark of what is blocked: a cross."""
        for slope in (1, -1):
            self.line(
                [(x - size, y - slope * size), (x + size, y + slope * size)],
                colour=colour,
                width=4,
                z=z,
            )

    def gauge(
        self, x: float, y: float, share: float, *, width: float = 120, height: float = 40
    ) -> None:
        """Draw how far a gate is open: the share of a bar that is filled.

        Args:
            x: the bar's centre.
            y: the bar's centre.
            share: from 0 (closed) to 1 (open).
            width: of the bar.
            height: of the bar.
        """
        self.box(x, y, width, height, edge=palette.INPUT, radius=6, z=4)
        inner, tall = width - 4 * LINE, height - 4 * LINE
        self.axes.add_patch(
            Rectangle(
                (x - inner / 2, y - tall / 2),
                inner * share,
                tall,
                facecolor=palette.INPUT,
                edgecolor="none",
                zorder=5,
            )
        )

    # --- results --------------------------------------------------------------------------------

    def svg(self) -> str:
        """Return the diagram as SVG with its text as outlines: the same bytes on every run."""
        for artist in self.axes.get_children():
            artist.set_clip_on(False)
        buffer = io.StringIO()
        with mpl.rc_context():
            style.set_rc()
            self.figure.savefig(
                buffer,
                format="svg",
                facecolor=palette.PAPER,
                metadata={"Date": None, "Creator": None, "Format": None, "Type": None},
            )
        return slim(buffer.getvalue())

    def png(self, scale: float = 1.0) -> bytes:
        """Return the diagram as PNG, for looking at it."""
        buffer = io.BytesIO()
        with mpl.rc_context():
            style.set_rc()
            self.figure.savefig(
                buffer, format="png", dpi=_PER_INCH * scale, facecolor=palette.PAPER
            )
        return buffer.getvalue()
