"""The pictures that a text or an output names, wherever they are: files, attachments, addresses.

What a picture is, its first bytes say, not its name: a PNG may be called ``.jpg``.
"""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, unquote_to_bytes, urlparse

from press.exports.losses import Losses
from press.exports.slides import Place
from press.sources.reading import Node

#: The kinds that a browser and Typst show: the ending of each, and its MIME type.
KINDS = {
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}


@dataclass(frozen=True)
class Picture:
    """A picture's bytes and what they are.

    Attributes:
        data: the file.
        suffix: one of `KINDS`.
    """

    data: bytes
    suffix: str

    @property
    def mime(self) -> str:
        """The picture's MIME type."""
        return KINDS[self.suffix]


def kind(data: bytes) -> str:
    """Return the ending that fits a picture's bytes; empty if it is of no kind of `KINDS`."""
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ".png"
    if data.startswith(b"\xff\xd8\xff"):
        return ".jpg"
    if data.startswith((b"GIF87a", b"GIF89a")):
        return ".gif"
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    start = data[:2000].lstrip(b"\xef\xbb\xbf \t\r\n")
    return ".svg" if start.startswith(b"<") and b"<svg" in start else ""


def of(image: Node, folder: Path, place: Place, losses: Losses) -> Picture | None:
    """Return the picture that an image of a text names; None when it cannot be shown.

    Args:
        image: the node.
        folder: where the notebook lies.
        place: the cell, with its attachments.
        losses: takes a picture without alt text, and one that cannot be shown, with the reason.

    Raises:
        ExportError: `losses` is strict.
    """
    url = image.text
    short = url if len(url) < 80 else f"{url[:60]}…"
    if not image.words.strip():
        losses.say(place, f"the picture {short} has no alt text: write ![what it shows](…)")
    data = _bytes(url, short, folder, place, losses)
    if data is None:
        return None
    suffix = kind(data)
    if not suffix:
        known = ", ".join(KINDS)
        losses.say(place, f"the picture {short} must be one of {known}, by its content")
        return None
    return Picture(data, suffix)


def instead(image: Node) -> str:
    """Return the words that stand for a picture that cannot be shown."""
    return f"[{image.words.strip() or Path(urlparse(image.text).path).name[:60] or 'picture'}]"


def _bytes(url: str, short: str, folder: Path, place: Place, losses: Losses) -> bytes | None:
    scheme = urlparse(url).scheme if not Path(unquote(url)).drive else ""
    if scheme == "data":
        head, _, body = url.partition(",")
        try:
            packed = unquote_to_bytes(body)
            return base64.b64decode(packed) if head.endswith(";base64") else packed
        except binascii.Error as error:
            losses.say(place, f"the picture {short} is not base64: {error}")
            return None
    if scheme == "attachment":
        name = unquote(url.partition(":")[2])
        for data in place.cell.get("attachments", {}).get(name, {}).values():
            return base64.b64decode("".join(data))
        losses.say(place, f"the cell has no attachment {name!r}: paste the picture again")
        return None
    if scheme or url.startswith("//"):
        losses.say(place, f"the picture {short} is on another host; put it into img/")
        return None
    names = [unquote(url), unquote(url.partition("#")[0].partition("?")[0])]
    for name in names:
        path = (folder / name).resolve()
        if name and path.is_file():
            return path.read_bytes()
    losses.say(
        place,
        f"there is no picture {short} (looked for {(folder / names[-1]).resolve()}); "
        "draw it, or mend the path, which is relative to the notebook",
    )
    return None
