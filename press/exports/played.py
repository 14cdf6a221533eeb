"""Outputs that play: sounds (``IPython.display.Audio``) and animations (`unrolled.animation`).

Both are HTML, and HTML of a notebook may hold anything. So they are read into what they consist of
and written anew; what cannot be read to the last letter is no sound and no animation.
"""

from __future__ import annotations

import base64
import binascii
import io
import wave
from dataclasses import dataclass
from html import escape
from typing import Any

from press.exports import lean
from press.exports.losses import Losses
from press.exports.slides import Place, named
from press.sources.sounds import wav
from unrolled import animation

#: How tall a picture may be as WebP.
_TALLEST = 16383

_SECONDS = {
    "pl": "Dźwięk ({} s): {}",
    "en": "A sound ({} s): {}",
}


@dataclass(frozen=True)
class Sound:
    """A sound.

    Attributes:
        data: the WAV file in base64.
        seconds: how long it lasts.
        alt: what one hears.
    """

    data: str
    seconds: float
    alt: str

    def html(self) -> str:
        """Return a player that needs no network."""
        return (
            f'<figure class="sound"><audio controls preload="metadata" '
            f'aria-label="{escape(self.alt)}" src="data:audio/wav;base64,{self.data}"></audio>'
            "</figure>"
        )

    def told(self, lang: str) -> str:
        """Return what stands on paper instead, as Markdown."""
        seconds = f"{self.seconds:.1f}"
        shown = seconds.replace(".", ",") if lang == "pl" else seconds
        return "*" + _SECONDS[lang].format(shown, self.alt) + "*"


def sound(output: dict[str, Any], place: Place, losses: Losses) -> Sound | None:
    """Return the sound that an output is, if it is one.

    Raises:
        ExportError: nothing says what one hears (only when strict).
    """
    html = "".join(output.get("data", {}).get("text/html", ""))
    data = wav(html)
    if data is None:
        return None
    try:
        with wave.open(io.BytesIO(base64.b64decode(data, validate=True))) as file:
            seconds = file.getnframes() / file.getframerate()
    except (binascii.Error, wave.Error, EOFError, ZeroDivisionError):
        return None
    alt = named(output, "text/html", place, losses.say)
    return Sound(data, seconds, alt)


def moving(output: dict[str, Any], place: Place, losses: Losses) -> str:
    """Return an animation as HTML, or nothing if the output is none.

    Raises:
        ExportError: the animation has no alt text (only when strict).
    """
    player = animation.read("".join(output.get("data", {}).get("text/html", "")))
    if player is None:
        return ""
    alt = escape(named(output, "image/png", place, losses.say))
    reel, still = _source(player.reel, player.count * player.height), _source(player.still, 0)
    return (
        '<figure class="picture unrolled-animation">'
        f'<svg class="reel" viewBox="0 0 {player.width} {player.height}" role="img" '
        f'aria-label="{alt}"><image href="{reel}" width="{player.width}" '
        f'height="{player.count * player.height}" style="animation:unrolled-reel '
        f'{player.count * player.pause:g}s steps({player.count}) infinite"/></svg>'
        f'<img class="still" src="{still}" alt="{alt}">'
        f'<figcaption><label><input type="checkbox" checked> {escape(player.switch)}</label> '
        f"<span>{escape(player.caption)}</span></figcaption></figure>"
    )


def _source(png: str, height: int) -> str:
    """Return a picture's address, in fewer bytes if WebP can."""
    smaller = lean.webp(png) if height <= _TALLEST else None
    return f"data:image/webp;base64,{smaller}" if smaller else f"data:image/png;base64,{png}"
