"""Pictures that follow one another: an animation that stops, and the same pictures standing still.

``Animation(frames, pl="…", en="…")`` as the last line of a cell shows its frames one after another.
A switch below stops and starts them; it needs no script. Who has asked their system for less motion
sees the frames side by side instead, and so does paper. Nothing is loaded from anywhere.

The cell's alt text (`alt` in a source) describes it, as it does a figure.
"""

from __future__ import annotations

import base64
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from html import escape, unescape
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from unrolled import style
from unrolled.messages import LANGUAGES, Language, building, fail_cell, language, variants
from unrolled.words import MissingWordError

#: What the switch is called.
SWITCH: dict[Language, str] = {"pl": "odtwarzanie", "en": "playing"}

#: An array is shown with pixels large enough for this width.
_WIDE = 480
#: White room between the frames that stand side by side, in pixels.
_GAP = 24

#: A frame: a figure, grey values from 0 to 1 (H, W), or colours (H, W, 3) in uint8 or from 0 to 1.
Frame = Figure | NDArray[Any]


@dataclass(frozen=True)
class Player:
    """One animation in one language, as HTML.

    Attributes:
        reel: all frames, one below another, as PNG in base64.
        still: some of them side by side, as PNG in base64.
        count: how many frames there are.
        width: of a frame, in pixels.
        height: of a frame, in pixels.
        pause: seconds from a frame to the next.
        caption: what it is, in few words.
        switch: the name of the switch that stops and starts it.
        alt: what one sees, for those who cannot see it.
    """

    reel: str
    still: str
    count: int
    width: int
    height: int
    pause: float
    caption: str
    switch: str
    alt: str = ""

    def parts(self) -> str:
        """Return the moving pictures, the still ones and the switch; ``RULES`` are their style."""
        alt = escape(self.alt or self.caption)
        seconds = f"{self.count * self.pause:g}"
        return (
            f'<svg class="reel" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-label="{alt}"><image href="data:image/png;base64,{self.reel}" '
            f'width="{self.width}" height="{self.count * self.height}" '
            f'style="animation:unrolled-reel {seconds}s steps({self.count}) infinite"/></svg>\n'
            f'<img class="still" src="data:image/png;base64,{self.still}" alt="{alt}">\n'
            f'<div class="told"><label><input type="checkbox" checked> {escape(self.switch)}'
            f"</label> <span>{escape(self.caption)}</span></div>"
        )

    def html(self) -> str:
        """Return what a notebook shows; ``read`` reads it."""
        return f'<div class="unrolled-animation">\n<style>{RULES}</style>\n{self.parts()}\n</div>'


#: How an animation moves, stops and stands still, wherever it is shown.
RULES = (
    "@keyframes unrolled-reel{to{transform:translateY(-100%)}}"
    ".unrolled-animation .reel{display:block;max-width:100%;max-height:420px;overflow:hidden}"
    ".unrolled-animation .reel image{transform-box:fill-box}"
    ".unrolled-animation:has(input:not(:checked)) .reel image"
    "{animation-play-state:paused!important}"
    ".unrolled-animation .still{display:none;max-width:100%}"
    "@media print,(prefers-reduced-motion:reduce){"
    ".unrolled-animation .reel,.unrolled-animation label{display:none}"
    ".unrolled-animation .still{display:block}}"
)

_READ = re.compile(
    r'<div class="unrolled-animation">\n<style>[^<]*</style>\n'
    r'<svg class="reel" viewBox="0 0 (?P<width>\d+) (?P<height>\d+)" role="img" '
    r'aria-label="(?P<alt>[^"<]*)"><image href="data:image/png;base64,(?P<reel>[\w+/=]+)" '
    r'width="\d+" height="\d+" '
    r'style="animation:unrolled-reel (?P<seconds>[\d.]+)s steps\((?P<count>\d+)\) infinite"/>'
    r'</svg>\n<img class="still" src="data:image/png;base64,(?P<still>[\w+/=]+)" alt="[^"<]*">\n'
    r'<div class="told"><label><input type="checkbox" checked> (?P<switch>[^<]*)</label> '
    r"<span>(?P<caption>[^<]*)</span></div>\n</div>"
)


def read(html: str) -> Player | None:
    """Return the animation that a text of HTML is, or None if it is anything else.

    Whatever the text holds beside what ``Player.html`` writes, it is no animation: an export that
    writes what is read here again cannot carry a stranger's script.
    """
    found = _READ.fullmatch(html.strip())
    if found is None:
        return None
    count = int(found["count"])
    player = Player(
        reel=found["reel"],
        still=found["still"],
        count=count,
        width=int(found["width"]),
        height=int(found["height"]),
        pause=float(found["seconds"]) / max(count, 1),
        caption=unescape(found["caption"]),
        switch=unescape(found["switch"]),
        alt=unescape(found["alt"]),
    )
    return player if player.html() == html.strip() else None


class Animation:
    """Frames that a notebook shows one after another.

    Args:
        frames: figures or arrays, all of one size; a figure may be changed and given again, for it
            is drawn as soon as it comes. Labels in figures are English and appear in the notebook's
            language.
        pl: the caption in Polish.
        en: the caption in English.
        pause: seconds from a frame to the next.
        still: which frames stand side by side where nothing moves; by default five of them, evenly
            spread from the first to the last.

    Raises:
        ValueError: there are fewer than two frames, they differ in size, or an array is no picture.
        MissingWordError: a label has no Polish (while the course is being built).
    """

    def __init__(
        self,
        frames: Iterable[Frame],
        *,
        pl: str,
        en: str,
        pause: float = 0.5,
        still: Iterable[int] | None = None,
    ) -> None:
        self.captions: dict[Language, str] = {"pl": pl, "en": en}
        self.pause = pause
        self.languages = LANGUAGES if building() else (language(),)
        self.pictures: dict[Language, list[Image.Image]] = {lang: [] for lang in self.languages}
        for frame in frames:
            drawn = None if isinstance(frame, Figure) else _picture(frame)
            for lang in self.languages:
                one = drawn or _figure(frame, lang)  # type: ignore[arg-type]  # no array here
                self.pictures[lang].append(one)
        shown = self.pictures[self.languages[0]]
        if len(shown) < 2:
            raise ValueError(f"an animation has at least two frames, not {len(shown)}")
        if len({picture.size for picture in shown}) > 1:
            sizes = sorted({picture.size for picture in shown})
            raise ValueError(f"the frames must all have one size, not {sizes}")
        spread = np.linspace(0, len(shown) - 1, min(5, len(shown))).round().astype(int)
        self.still = [int(i) for i in (spread if still is None else still)]
        if not self.still or not all(-len(shown) <= i < len(shown) for i in self.still):
            raise ValueError(f"still must number some of the {len(shown)} frames, not {self.still}")

    def player(self, lang: Language) -> Player:
        """Return the animation in a language."""
        frames = self.pictures[lang]
        width, height = frames[0].size
        reel = Image.new("RGB", (width, height * len(frames)))
        for i, frame in enumerate(frames):
            reel.paste(frame, (0, i * height))
        beside = Image.new("RGB", ((width + _GAP) * len(self.still) - _GAP, height), "white")
        for i, number in enumerate(self.still):
            beside.paste(frames[number], (i * (width + _GAP), 0))
        return Player(
            _encoded(reel),
            _encoded(beside),
            len(frames),
            width,
            height,
            self.pause,
            self.captions[lang],
            SWITCH[lang],
        )

    def _repr_mimebundle_(
        self, include: Any = None, exclude: Any = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        bundles: dict[Language, dict[str, Any]] = {}
        for lang in self.languages:
            player = self.player(lang)
            bundles[lang] = {
                "text/html": player.html(),
                "image/png": player.still,
                "text/plain": player.caption,
            }
        return bundles[language()], variants(bundles)


def unveiled(figure: Figure, ends: Iterable[float], *, rest: int = 4) -> Iterator[Figure]:
    """Yield a finished figure as it grows to the right, the whole of it last.

    What lies beyond each end is covered in every one of its axes, so a state is seen to fade, or a
    gradient to flow, at the pace at which it happens.

    Args:
        figure: the figure; it is as it was when the last frame has been drawn.
        ends: how far it is seen in each frame, in units of its horizontal axes.
        rest: for how many frames the whole stands before it begins again.
    """
    for end in ends:
        covers = []
        for ax in figure.axes:
            left, right = ax.get_xlim()
            ground = ax.get_facecolor()
            covers.append(ax.axvspan(end, max(end, right), color=ground, lw=0, zorder=2.4))
            ax.set_xlim(left, right)
        yield figure
        for cover in covers:
            cover.remove()
    for _ in range(rest):
        yield figure


def _encoded(image: Image.Image) -> str:
    """Return a picture as PNG in base64, with 256 colours where that does not show."""
    return base64.b64encode(style.packed(image)).decode("ascii")


def _figure(figure: Figure, lang: Language) -> Image.Image:
    try:
        drawn = style.png(figure, lang, strict=building())
    except MissingWordError as error:
        fail_cell(error)
        raise
    return Image.open(io.BytesIO(drawn)).convert("RGB")


def _picture(frame: NDArray[Any]) -> Image.Image:
    """Return an array as a picture whose pixels one can see."""
    values = np.asarray(frame)
    if values.ndim not in (2, 3) or (values.ndim == 3 and values.shape[2] != 3) or not values.size:
        raise ValueError(
            f"an array must be (height, width) or (height, width, 3), not {values.shape}"
        )
    if values.dtype != np.uint8:
        values = np.round(255 * np.clip(values.astype(float), 0, 1)).astype(np.uint8)
    times = max(1, -(-_WIDE // values.shape[1]))
    large = values.repeat(times, axis=0).repeat(times, axis=1)
    return Image.fromarray(large).convert("RGB")
