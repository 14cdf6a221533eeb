"""The look of the course's figures, and their words in the notebook's language.

``style.use()`` in a notebook's first cell sets the fonts, sizes and colours, and makes figures
appear in the notebook's language: labels are English in the code, and the Polish edition shows
them through the catalogue :mod:`unrolled.words`. When the course is built, a figure is drawn in
both languages and both pictures travel with the output.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np
from cycler import cycler
from matplotlib import font_manager
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import Formatter
from PIL import Image

from unrolled import palette
from unrolled.messages import LANGUAGES, Language, building, fail_cell, language, variants
from unrolled.words import MissingWordError, translate

FONTS = Path(__file__).parent / "fonts"

#: A figure's size in inches, and its resolution: 1602 px wide. Shown 1100 px wide on a slide, the
#: smallest text (12.5 pt) is 21 px high.
FIGURE_SIZE = (9.0, 4.2)
DPI = 178

RC: Any = {  # matplotlib's own type names every key it knows
    # Type: Source Sans 3 for words, Computer Modern for formulas (as KaTeX has it).
    "font.family": "sans-serif",
    "font.sans-serif": ["Source Sans 3", "DejaVu Sans"],
    "font.serif": ["Source Serif 4", "DejaVu Serif"],
    "font.monospace": ["Source Code Pro", "DejaVu Sans Mono"],
    "mathtext.fontset": "cm",
    "axes.formatter.use_mathtext": True,
    "font.size": 14,
    "axes.titlesize": 16,
    "axes.titleweight": 600,
    "axes.labelsize": 14,
    "xtick.labelsize": 12.5,
    "ytick.labelsize": 12.5,
    "legend.fontsize": 13,
    "legend.title_fontsize": 13,
    "figure.titlesize": 17,
    "figure.titleweight": 600,
    # Size.
    "figure.figsize": FIGURE_SIZE,
    "figure.dpi": DPI,
    "savefig.dpi": DPI,
    "figure.constrained_layout.use": True,
    "figure.constrained_layout.h_pad": 0.06,
    "figure.constrained_layout.w_pad": 0.06,
    # Colour.
    "figure.facecolor": palette.PAPER,
    "axes.facecolor": palette.PAPER,
    "text.color": palette.INK,
    "axes.labelcolor": palette.INK,
    "axes.titlecolor": palette.NAVY,
    "axes.edgecolor": palette.MUTED,
    "xtick.color": palette.MUTED,
    "ytick.color": palette.MUTED,
    "grid.color": palette.RULE,
    "axes.prop_cycle": cycler(color=palette.SERIES),
    "image.cmap": "cividis",
    # Lines.
    "lines.linewidth": 2.5,
    "lines.markersize": 7,
    "lines.solid_capstyle": "round",
    "patch.linewidth": 1.5,
    "axes.linewidth": 1.2,
    "grid.linewidth": 0.9,
    "xtick.major.width": 1.2,
    "ytick.major.width": 1.2,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.xmargin": 0.02,
    "axes.titlelocation": "left",
    "axes.titlepad": 10,
    "legend.frameon": False,
    # The same bytes on every run.
    "svg.hashsalt": "unrolled",
    "svg.fonttype": "path",
}

#: Largest error of one colour channel (of 255) that an image with 256 colours may have.
_QUANTIZATION = 24


def set_rc() -> None:
    """Set matplotlib's fonts, sizes and colours.

    Raises:
        FileNotFoundError: the fonts that come with the course are not there.
    """
    fonts = sorted(FONTS.glob("*.ttf"))
    if not fonts:
        raise FileNotFoundError(
            f"no fonts in {FONTS}: the clone is incomplete; restore it with "
            "'git checkout -- unrolled/fonts'"
        )
    known = {Path(entry.fname) for entry in font_manager.fontManager.ttflist}
    for font in fonts:
        if font not in known:
            font_manager.fontManager.addfont(font)
    mpl.rcParams.update(RC)


def use() -> None:
    """Set the style and show figures in the notebook's language."""
    shell = _shell()
    if shell is not None:
        import matplotlib.pyplot as plt

        plt.switch_backend(mpl.get_backend())  # now: later it would undo what is set below
    set_rc()
    if shell is None:
        return
    formatter = shell.display_formatter
    for mime in formatter.formatters.values():
        mime.pop(Figure, None)
    formatter.mimebundle_formatter.for_type(Figure, _display)


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()


def _display(figure: Figure) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a figure's MIME bundle; a label without Polish stops the build."""
    try:
        return bundle(figure)
    except MissingWordError as error:
        fail_cell(error)
        raise


def bundle(figure: Figure) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return a figure's MIME bundle and metadata in the notebook's language.

    When the course is built, the metadata carries the pictures of both languages, if they differ.

    Raises:
        MissingWordError: a label has no Polish (only when the course is built).
    """
    if not figure.axes and not figure.lines and not figure.texts:
        return {"text/plain": repr(figure)}, {}
    languages = LANGUAGES if building() else (language(),)
    bundles: dict[Language, dict[str, Any]] = {
        lang: {
            "image/png": base64.b64encode(png(figure, lang, strict=building())).decode("ascii"),
            "text/plain": repr(figure),
        }
        for lang in languages
    }
    shown = bundles[language()]
    same = all(one == shown for one in bundles.values())
    return shown, {} if same else variants(bundles)


def png(figure: Figure, lang: Language, *, strict: bool = False) -> bytes:
    """Draw a figure as PNG with its labels in the given language.

    Args:
        figure: the figure, labelled in English.
        lang: the language of the picture.
        strict: whether a label without Polish is an error.

    Returns:
        The picture: with a palette of 256 colours (a third of the bytes) unless that would show.

    Raises:
        MissingWordError: a label has no Polish (only when strict).
    """
    buffer = io.BytesIO()
    with translated(figure, lang, strict=strict):
        figure.savefig(
            buffer,
            format="png",
            dpi=figure.dpi,
            facecolor=figure.get_facecolor(),
            metadata={"Software": None},
            pil_kwargs={"compress_level": 1},
        )
    return packed(Image.open(buffer).convert("RGB"))


def packed(image: Image.Image) -> bytes:
    """Return a picture (RGB) as PNG, with a palette of 256 colours unless that would show."""
    indexed = image.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    error = np.abs(np.asarray(indexed.convert("RGB"), int) - np.asarray(image, int)).max()
    best = indexed if error <= _QUANTIZATION else image
    out = io.BytesIO()
    best.save(out, format="png", optimize=True)
    return out.getvalue()


@contextmanager
def translated(figure: Figure, lang: Language, *, strict: bool = False) -> Iterator[None]:
    """Show a figure's labels in a language for a while.

    Args:
        figure: the figure, labelled in English.
        lang: the language to show.
        strict: whether a label without Polish is an error.

    Raises:
        MissingWordError: a label has no Polish (only when strict).
    """
    texts: list[tuple[Text, str]] = []
    formatters: list[tuple[Any, Formatter]] = []
    ticks: set[int] = set()
    try:
        for axis in figure.findobj(Axis):
            assert isinstance(axis, Axis)
            for tick in (*axis.majorTicks, *axis.minorTicks):
                ticks |= {id(tick.label1), id(tick.label2)}
            ticks.add(id(axis.offsetText))
            for ticker in (axis.major, axis.minor):
                assert ticker.formatter is not None
                if isinstance(ticker.formatter, _Translated):
                    continue  # axes with sharex or sharey have one ticker for all
                formatters.append((ticker, ticker.formatter))
                ticker.formatter = _Translated(ticker.formatter, lang, strict)
        for text in figure.findobj(Text):
            assert isinstance(text, Text)
            if id(text) not in ticks and text.get_text():
                texts.append((text, text.get_text()))
                text.set_text(translate(text.get_text(), lang, strict=strict))
        yield
    finally:
        for text, original in texts:
            text.set_text(original)
        for ticker, formatter in formatters:
            ticker.formatter = formatter


class _Translated(Formatter):
    """Tick labels of another formatter, in a language."""

    def __init__(self, inner: Formatter, lang: Language, strict: bool) -> None:
        self.inner, self.lang, self.strict = inner, lang, strict

    def _say(self, text: str) -> str:
        return translate(text, self.lang, strict=self.strict)

    def __call__(self, x: float, pos: int | None = None) -> str:
        return self._say(self.inner(x, pos))

    def format_ticks(self, values: Any) -> list[str]:
        return [self._say(text) for text in self.inner.format_ticks(values)]

    def get_offset(self) -> str:
        return self._say(self.inner.get_offset())

    def set_locs(self, locs: Any) -> None:
        self.inner.set_locs(locs)

    def set_axis(self, axis: Any) -> None:
        self.inner.set_axis(axis)


def label_lines(ax: Axes, *, gap: float = 1.35, pad: float = 8) -> list[Text]:
    """Write each line's label at its right end, in its colour, instead of a legend.

    Args:
        ax: axes whose limits are final; lines without a label are left alone.
        gap: smallest distance between two labels, in heights of the text.
        pad: distance from the end of a line to its label, in points.

    Returns:
        The labels, from the lowest to the highest.
    """
    size = float(mpl.rcParams["legend.fontsize"])
    figure = ax.get_figure()
    assert isinstance(figure, Figure), "label_lines needs axes of a figure, not of a subfigure"
    figure.draw_without_rendering()  # settles limits and layout
    lines = [line for line in ax.get_lines() if not str(line.get_label()).startswith("_")]
    ends = []  # (height of the end in points, x, y, line)
    for line in lines:
        x, y = (np.asarray(v, float) for v in line.get_data(orig=False))
        last = np.flatnonzero(np.isfinite(x) & np.isfinite(y))[-1]
        height = ax.transData.transform((x[last], y[last]))[1] * 72 / figure.dpi
        ends.append((height, x[last], y[last], line))
    ends.sort(key=lambda end: end[0])
    wanted = np.array([end[0] for end in ends])
    placed = _spread(wanted, gap * size)
    return [
        ax.annotate(
            str(line.get_label()),
            (x, y),
            xytext=(pad, shift),
            textcoords="offset points",
            color=line.get_color(),
            fontsize=size,
            fontweight=600,
            va="center",
            annotation_clip=False,
        )
        for (_, x, y, line), shift in zip(ends, placed - wanted, strict=True)
    ]


def _spread(wanted: np.ndarray, gap: float) -> np.ndarray:
    """Return heights at least ``gap`` apart, near the wanted ones (both ascending)."""
    groups: list[tuple[float, int]] = []  # (mean wanted height of the block, members)
    for height in wanted:
        groups.append((float(height), 1))
        while len(groups) > 1:
            (low, m), (high, n) = groups[-2:]
            if high - low >= gap * (m + n) / 2:
                break
            groups[-2:] = [((low * m + high * n) / (m + n), m + n)]
    return np.array(
        [centre + gap * (i - (n - 1) / 2) for centre, n in groups for i in range(n)], float
    )
